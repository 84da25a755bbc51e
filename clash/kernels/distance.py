# mypy: disable-error-code="no-any-return"
# (to mypy an item of an array is Any)
"""Least distance of two sets of triangles, with the points where it is taken."""

import numpy as np

from bimcore.arrays import F64
from clash.kernels.compiled import allocating, inner
from clash.kernels.near import GROUP, WALK, Pack, box_gap, next_groups, start_walk, top_of
from clash.kernels.scratch import numbers
from clash.kernels.slabs import MOST, grouped, heights, parted, slanting

#: Pairs of triangles for which it is worth to look along slanting directions.
MANY = 20_000


@inner
def _point_triangle(px: float, py: float, pz: float, t: F64, out: F64) -> float:
    """Squared distance of a point to triangle `t` (3, 3); the nearest point in `out` (3,).

    Voronoi regions of the triangle after Ericson, Real-Time Collision Detection, 5.1.5.
    """
    abx = t[1, 0] - t[0, 0]
    aby = t[1, 1] - t[0, 1]
    abz = t[1, 2] - t[0, 2]
    acx = t[2, 0] - t[0, 0]
    acy = t[2, 1] - t[0, 1]
    acz = t[2, 2] - t[0, 2]
    apx = px - t[0, 0]
    apy = py - t[0, 1]
    apz = pz - t[0, 2]
    d1 = abx * apx + aby * apy + abz * apz
    d2 = acx * apx + acy * apy + acz * apz
    v = 0.0
    w = 0.0
    if d1 <= 0 and d2 <= 0:
        v = 0.0
    else:
        bpx = px - t[1, 0]
        bpy = py - t[1, 1]
        bpz = pz - t[1, 2]
        d3 = abx * bpx + aby * bpy + abz * bpz
        d4 = acx * bpx + acy * bpy + acz * bpz
        cpx = px - t[2, 0]
        cpy = py - t[2, 1]
        cpz = pz - t[2, 2]
        d5 = abx * cpx + aby * cpy + abz * cpz
        d6 = acx * cpx + acy * cpy + acz * cpz
        vc = d1 * d4 - d3 * d2
        vb = d5 * d2 - d1 * d6
        va = d3 * d6 - d5 * d4
        if d3 >= 0 and d4 <= d3:
            v = 1.0
        elif vc <= 0 and d1 >= 0 and d3 <= 0 and d1 - d3 > 0:
            v = d1 / (d1 - d3)
        elif d6 >= 0 and d5 <= d6:
            w = 1.0
        elif vb <= 0 and d2 >= 0 and d6 <= 0 and d2 - d6 > 0:
            w = d2 / (d2 - d6)
        elif va <= 0 and d4 - d3 >= 0 and d5 - d6 >= 0 and (d4 - d3) + (d5 - d6) > 0:
            w = (d4 - d3) / ((d4 - d3) + (d5 - d6))
            v = 1.0 - w
        elif va + vb + vc > 0:
            v = vb / (va + vb + vc)
            w = vc / (va + vb + vc)
    out[0] = t[0, 0] + v * abx + w * acx
    out[1] = t[0, 1] + v * aby + w * acy
    out[2] = t[0, 2] + v * abz + w * acz
    return (px - out[0]) ** 2 + (py - out[1]) ** 2 + (pz - out[2]) ** 2


@inner
def _segments(p: F64, q: F64, r: F64, s: F64, out: F64) -> float:
    """Squared distance of segments pq and rs; the nearest points in `out` (2, 3)."""
    ux = q[0] - p[0]
    uy = q[1] - p[1]
    uz = q[2] - p[2]
    vx = s[0] - r[0]
    vy = s[1] - r[1]
    vz = s[2] - r[2]
    wx = p[0] - r[0]
    wy = p[1] - r[1]
    wz = p[2] - r[2]
    a = ux * ux + uy * uy + uz * uz
    e = vx * vx + vy * vy + vz * vz
    b = ux * vx + uy * vy + uz * vz
    c = ux * wx + uy * wy + uz * wz
    f = vx * wx + vy * wy + vz * wz
    den = a * e - b * b
    x = 0.0
    if den > 1e-14 * a * e:
        x = min(max((b * f - c * e) / den, 0.0), 1.0)
    y = (b * x + f) / e if e > 0 else 0.0
    if y < 0:
        y = 0.0
        x = min(max(-c / a, 0.0), 1.0) if a > 0 else 0.0
    elif y > 1:
        y = 1.0
        x = min(max((b - c) / a, 0.0), 1.0) if a > 0 else 0.0
    out[0, 0] = p[0] + x * ux
    out[0, 1] = p[1] + x * uy
    out[0, 2] = p[2] + x * uz
    out[1, 0] = r[0] + y * vx
    out[1, 1] = r[1] + y * vy
    out[1, 2] = r[2] + y * vz
    return (
        (out[0, 0] - out[1, 0]) ** 2 + (out[0, 1] - out[1, 1]) ** 2 + (out[0, 2] - out[1, 2]) ** 2
    )


@inner
def pierces(p: F64, q: F64, t: F64, slack: float, margin: float, out: F64) -> bool:
    """Whether segment pq passes through triangle `t`, at the point left in `out`.

    Both ends lie beyond `slack` of its plane and the point `margin` inside its edges.
    """
    abx = t[1, 0] - t[0, 0]
    aby = t[1, 1] - t[0, 1]
    abz = t[1, 2] - t[0, 2]
    acx = t[2, 0] - t[0, 0]
    acy = t[2, 1] - t[0, 1]
    acz = t[2, 2] - t[0, 2]
    nx = aby * acz - abz * acy
    ny = abz * acx - abx * acz
    nz = abx * acy - aby * acx
    norm = np.sqrt(nx * nx + ny * ny + nz * nz)
    if norm < 1e-14:
        return False
    dp = ((p[0] - t[0, 0]) * nx + (p[1] - t[0, 1]) * ny + (p[2] - t[0, 2]) * nz) / norm
    dq = ((q[0] - t[0, 0]) * nx + (q[1] - t[0, 1]) * ny + (q[2] - t[0, 2]) * nz) / norm
    if not ((dp > slack and dq < -slack) or (dp < -slack and dq > slack)):
        return False
    f = dp / (dp - dq)
    for k in range(3):
        out[k] = p[k] + f * (q[k] - p[k])
    # inside by more than the slack: distance to each edge line, in the plane
    for k in range(3):
        u = t[k]
        v = t[(k + 1) % 3]
        ex = v[0] - u[0]
        ey = v[1] - u[1]
        ez = v[2] - u[2]
        mx = ny * ez - nz * ey
        my = nz * ex - nx * ez
        mz = nx * ey - ny * ex
        size = np.sqrt(mx * mx + my * my + mz * mz)
        s = (out[0] - u[0]) * mx + (out[1] - u[1]) * my + (out[2] - u[2]) * mz
        if s <= margin * size:
            return False
    return True


@inner
def triangle_distance(s: F64, t: F64, best: float, out: F64, work: F64) -> float:
    """Squared distance of triangles where below `best`, with points in `out` (2, 3)."""
    for k in range(3):
        d = _point_triangle(s[k, 0], s[k, 1], s[k, 2], t, work[0])
        if d < best:
            best = d
            for c in range(3):
                out[0, c] = s[k, c]
                out[1, c] = work[0, c]
        d = _point_triangle(t[k, 0], t[k, 1], t[k, 2], s, work[0])
        if d < best:
            best = d
            for c in range(3):
                out[0, c] = work[0, c]
                out[1, c] = t[k, c]
    for i in range(3):
        for j in range(3):
            d = _segments(s[i], s[(i + 1) % 3], t[j], t[(j + 1) % 3], work)
            if d < best:
                best = d
                for c in range(3):
                    out[0, c] = work[0, c]
                    out[1, c] = work[1, c]
    if best > 0.0:
        for k in range(3):
            if pierces(s[k], s[(k + 1) % 3], t, 0.0, 0.0, work[0]) or pierces(
                t[k], t[(k + 1) % 3], s, 0.0, 0.0, work[0]
            ):
                for c in range(3):
                    out[0, c] = work[0, c]
                    out[1, c] = work[0, c]
                return 0.0
    return best


@inner
def _plane_gap(s: F64, plane: F64) -> float:
    """Squared distance of a triangle from a plane; 0 when it crosses it."""
    lo = np.inf
    hi = -np.inf
    for k in range(3):
        h = s[k, 0] * plane[0] + s[k, 1] * plane[1] + s[k, 2] * plane[2] - plane[3]
        lo = min(lo, h)
        hi = max(hi, h)
    d = max(lo, -hi, 0.0)
    # a hair less, so that rounding never hides the nearest pair
    return d * d * (1 - 1e-9)


@inner
def _closer(a: Pack, i: int, b: Pack, j: int, best: float, out: F64, work: F64) -> float:
    """`best`, or the squared distance of two triangles where that is less."""
    if (
        box_gap(a.boxes[i], b.boxes[j]) < best
        and _plane_gap(a.corners[i], b.planes[j]) < best
        and _plane_gap(b.corners[j], a.planes[i]) < best
    ):
        return min(best, triangle_distance(a.corners[i], b.corners[j], best, out, work))
    return best


@inner
def _next_to(a: Pack, na: int, box: F64) -> int:
    """The triangle whose box is nearest to `box` (6,)."""
    best = np.inf
    found = 0
    for i in range(na):
        gap = box_gap(a.boxes[i], box)
        if gap < best:
            best = gap
            found = i
            if gap == 0.0:
                break
    return found


@inner
def _of_groups(
    a: Pack, na: int, b: Pack, nb: int, g: int, h: int, best: float, enough: float, out: F64,
    work: F64,
) -> float:  # fmt: skip
    """`best`, or the least squared distance of triangles of two groups where that is less."""
    if box_gap(a.nodes[g], b.nodes[h]) >= best:
        return best
    for i in range(g * GROUP, min(g * GROUP + GROUP, na)):
        if box_gap(a.boxes[i], b.nodes[h]) < best:
            for j in range(h * GROUP, min(h * GROUP + GROUP, nb)):
                best = _closer(a, i, b, j, best, out, work)
                if best <= enough:
                    return best
    return best


@inner
def _through(
    a: Pack, na: int, b: Pack, nb: int, best: float, enough: float, out: F64, work: F64,
    one: F64, two: F64, groups_one: F64, groups_two: F64,
) -> float:  # fmt: skip
    """As over all groups, but slanting directions are looked along before triangles are."""
    walk = numbers(WALK, 4)
    top = start_walk(a, b, walk)
    while True:
        top = next_groups(a, b, best, walk, top)
        if top < 0:
            return best
        g = walk[top, 1]
        h = walk[top, 3]
        far = np.sqrt(best) * (1 + 1e-9)
        if box_gap(a.nodes[g], b.nodes[h]) >= best or parted(groups_one[g], groups_two[h], far):
            continue
        for i in range(g * GROUP, min(g * GROUP + GROUP, na)):
            if box_gap(a.boxes[i], b.nodes[h]) >= best or parted(one[i], groups_two[h], far):
                continue
            for j in range(h * GROUP, min(h * GROUP + GROUP, nb)):
                if not parted(one[i], two[j], far):
                    best = _closer(a, i, b, j, best, out, work)
                    if best <= enough:
                        return best


@allocating
def _searched(
    a: Pack, na: int, b: Pack, nb: int, best: float, enough: float, out: F64, work: F64
) -> float:  # fmt: skip
    """The least squared distance of many triangles where below `best`."""
    room = np.zeros((MOST, 3))
    ways = room[: slanting(a, na, b, nb, room)]
    one = np.zeros((na, 2 * len(ways)))
    two = np.zeros((nb, 2 * len(ways)))
    groups_one = np.zeros(((na + GROUP - 1) // GROUP, 2 * len(ways)))
    groups_two = np.zeros(((nb + GROUP - 1) // GROUP, 2 * len(ways)))
    heights(a, na, ways, one)
    heights(b, nb, ways, two)
    grouped(one, groups_one)
    grouped(two, groups_two)
    return _through(a, na, b, nb, best, enough, out, work, one, two, groups_one, groups_two)


@inner
def _over_groups(
    a: Pack, na: int, b: Pack, nb: int, best: float, enough: float, out: F64, work: F64
) -> float:  # fmt: skip
    """`best`, or the least squared distance of triangles of two packs where that is less."""
    walk = numbers(WALK, 4)
    top = start_walk(a, b, walk)
    while best > enough:
        top = next_groups(a, b, best, walk, top)
        if top < 0:
            break
        best = _of_groups(a, na, b, nb, walk[top, 1], walk[top, 3], best, enough, out, work)
    return best


@inner
def nearest(
    a: Pack, na: int, b: Pack, nb: int, reach: float, least: float, out: F64, work: F64
) -> float:  # fmt: skip
    """Distance of the triangles of two packs where at most `reach`, else infinity.

    The search ends at a distance known to be the `least` possible. The points are left in
    `out` (2, 3); `work` (2, 3) is room.
    """
    start = reach * reach * (1 + 1e-12) + 1e-24
    enough = least * least * (1 + 1e-12) + 1e-18
    if na == 0 or nb == 0:
        return np.inf
    # a guess that is mostly near the truth leaves few triangles to look at
    i = _next_to(a, na, b.nodes[b.levels[top_of(b)]])
    j = _next_to(b, nb, a.boxes[i])
    i = _next_to(a, na, b.boxes[j])
    best = _closer(a, i, b, j, start, out, work)
    if best <= enough:
        return np.sqrt(best)
    if na * nb > MANY:
        best = _searched(a, na, b, nb, best, enough, out, work)
    else:
        best = _over_groups(a, na, b, nb, best, enough, out, work)
    return np.sqrt(best) if best < start else np.inf
