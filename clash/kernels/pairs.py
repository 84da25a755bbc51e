"""The stand of two bodies: apart, in contact or sharing space, and by how much."""

import numpy as np
from numba import njit

from bimcore.arrays import F64, I32, I64, U8, Mask
from clash.kernels.bodies import inward
from clash.kernels.distance import nearest, pierces
from clash.kernels.hulls import by_edges, by_faces
from clash.kernels.prisms import shadows, shared, slide

#: Overlaps no deeper than a micrometre are rounding, not geometry.
SLACK = 1e-6

#: Columns of the numbers measured for each pair.
DEPTH, DISTANCE, VOLUME, DEVIATION = 0, 1, 2, 3
POINT, DIRECTION, POINT_A, POINT_B = 4, 7, 10, 13
WIDTH = 16

#: Stands of a pair.
FAR, APART, OVERLAP, A_IN_B, B_IN_A, UNDECIDED = 0, 1, 2, 3, 4, 5


@njit(cache=True, nogil=True)
def _gather(v: F64, f: I32, shift: F64) -> F64:
    """Triangles (n, 3, 3) of one body, moved by `shift`."""
    out = np.zeros((len(f), 3, 3))
    for k in range(len(f)):
        for e in range(3):
            for c in range(3):
                out[k, e, c] = v[f[k, e], c] + shift[c]
    return out


@njit(cache=True, nogil=True)
def _within(t: F64, lo: F64, hi: F64, margin: float) -> F64:
    """The triangles whose boxes come within `margin` of a box."""
    keep = np.zeros(len(t), dtype=np.bool_)
    for i in range(len(t)):
        near = True
        for c in range(3):
            a = min(t[i, 0, c], t[i, 1, c], t[i, 2, c])
            b = max(t[i, 0, c], t[i, 1, c], t[i, 2, c])
            if a > hi[c] + margin or b < lo[c] - margin:
                near = False
                break
        keep[i] = near
    return t[keep]


@njit(cache=True, nogil=True)
def _turned(t: F64, d: F64) -> F64:
    """Triangles in a frame whose third axis is `d`."""
    k = 0
    for c in range(1, 3):
        if abs(d[c]) < abs(d[k]):
            k = c
    e = np.zeros(3)
    e[k] = 1.0
    u = np.cross(d, e)
    u /= np.sqrt((u * u).sum())
    w = np.cross(d, u)
    out = np.zeros_like(t)
    for i in range(len(t)):
        for j in range(3):
            p = t[i, j]
            out[i, j, 0] = p[0] * u[0] + p[1] * u[1] + p[2] * u[2]
            out[i, j, 1] = p[0] * w[0] + p[1] * w[1] + p[2] * w[2]
            out[i, j, 2] = p[0] * d[0] + p[1] * d[1] + p[2] * d[2]
    return out


@njit(cache=True, nogil=True)
def winding(p: F64, t: F64) -> float:
    """How often triangles wind round a point: 1 inside a closed body, 0 outside.

    Solid angles after van Oosterom and Strackee (1983).
    """
    total = 0.0
    for i in range(len(t)):
        ax = t[i, 0, 0] - p[0]
        ay = t[i, 0, 1] - p[1]
        az = t[i, 0, 2] - p[2]
        bx = t[i, 1, 0] - p[0]
        by = t[i, 1, 1] - p[1]
        bz = t[i, 1, 2] - p[2]
        cx = t[i, 2, 0] - p[0]
        cy = t[i, 2, 1] - p[1]
        cz = t[i, 2, 2] - p[2]
        a = np.sqrt(ax * ax + ay * ay + az * az)
        b = np.sqrt(bx * bx + by * by + bz * bz)
        c = np.sqrt(cx * cx + cy * cy + cz * cz)
        det = (
            ax * (by * cz - bz * cy) + ay * (bz * cx - bx * cz) + az * (bx * cy - by * cx)
        )
        den = (
            a * b * c
            + (ax * bx + ay * by + az * bz) * c
            + (bx * cx + by * cy + bz * cz) * a
            + (cx * ax + cy * ay + cz * az) * b
        )
        total += np.arctan2(det, den)
    return total / (2 * np.pi)


@njit(cache=True, nogil=True)
def _crossing(a: F64, b: F64, out: F64) -> bool:
    """Whether two surfaces pass through each other; a point of the crossing in `out`."""
    for i in range(len(a)):
        for j in range(len(b)):
            clear = False
            for c in range(3):
                if max(a[i, 0, c], a[i, 1, c], a[i, 2, c]) < min(
                    b[j, 0, c], b[j, 1, c], b[j, 2, c]
                ) or max(b[j, 0, c], b[j, 1, c], b[j, 2, c]) < min(
                    a[i, 0, c], a[i, 1, c], a[i, 2, c]
                ):
                    clear = True
                    break
            if clear:
                continue
            for e in range(3):
                if pierces(a[i, e], a[i, (e + 1) % 3], b[j], SLACK, out) or pierces(
                    b[j, e], b[j, (e + 1) % 3], a[i], SLACK, out
                ):
                    return True
    return False


@njit(cache=True, nogil=True)
def _deepen(
    a: F64, b: F64, directions: F64, best: float, out: F64, lost: float, solid: bool
) -> float:
    """Lower the depth by sliding b along `directions`, either way, out of a."""
    for k in range(len(directions)):
        for sign in (1.0, -1.0):
            d = directions[k] * sign
            t = slide(shadows(_turned(a, d)), shadows(_turned(b, d)), best - lost, solid) + lost
            if t < best:
                best = t
                out[:] = d
    return best


@njit(cache=True, nogil=True)
def _column(s: F64, x: float, y: float) -> F64:
    """Heights and signs (n, 2) of the triangles over a place."""
    out = np.zeros((len(s), 2))
    m = 0
    for i in range(len(s)):
        r = s[i]
        if x < r[7] or x > r[8] or y < r[9] or y > r[10]:
            continue
        inside = True
        for e in range(3):
            f = (e + 1) % 3
            if (r[2 * f] - r[2 * e]) * (y - r[2 * e + 1]) - (r[2 * f + 1] - r[2 * e + 1]) * (
                x - r[2 * e]
            ) < 0:
                inside = False
                break
        if inside:
            out[m, 0] = r[11] + r[12] * (x - r[0]) + r[13] * (y - r[1])
            out[m, 1] = r[6]
            m += 1
    return out[:m]


@njit(cache=True, nogil=True)
def _inside_at(a: F64, b: F64, x: float, y: float, out: F64) -> float:
    """Longest stretch of a column that lies in both solids; its middle in `out`."""
    ca = _column(a, x, y)
    cb = _column(b, x, y)
    heights = np.concatenate((ca[:, 0], cb[:, 0]))
    order = np.argsort(-heights)
    wa = 0.0
    wb = 0.0
    longest = 0.0
    for k in range(len(order) - 1):
        i = order[k]
        if i < len(ca):
            wa += ca[i, 1]
        else:
            wb += cb[i - len(ca), 1]
        size = heights[i] - heights[order[k + 1]]
        if wa > 0.5 and wb > 0.5 and size > longest:
            longest = size
            out[0] = x
            out[1] = y
            out[2] = heights[i] - size / 2
    return longest


@njit(cache=True, nogil=True)
def _point_inside(a: F64, b: F64, out: F64) -> float:
    """A point well inside both solids, near the one given in `out` when that is not."""
    x = out[0] + 1.3e-7
    y = out[1] + 0.7e-7
    longest = _inside_at(a, b, x, y, out)
    if longest > SLACK:
        return longest
    for i in range(len(a)):
        for j in range(len(b)):
            x0 = max(a[i, 7], b[j, 7])
            x1 = min(a[i, 8], b[j, 8])
            y0 = max(a[i, 9], b[j, 9])
            y1 = min(a[i, 10], b[j, 10])
            if x1 > x0 and y1 > y0:
                at = _inside_at(a, b, x0 + 0.4871 * (x1 - x0), y0 + 0.5137 * (y1 - y0), out)
                if at > SLACK:
                    return at
    return 0.0


@njit(cache=True, nogil=True)
def _volume(t: F64) -> float:
    total = 0.0
    for i in range(len(t)):
        total += (t[i, 0] * np.cross(t[i, 1], t[i, 2])).sum() / 6
    return total


@njit(cache=True, nogil=True)
def _deviation(a: F64, b: F64, limit: float) -> float:
    """Greatest distance of a vertex of one body from the surface of the other."""
    worst = 0.0
    work = np.zeros((2, 3))
    point = np.zeros((1, 3, 3))
    for turn in range(2):
        s = a if turn == 0 else b
        t = b if turn == 0 else a
        for i in range(len(s)):
            for e in range(3):
                point[0, 0] = s[i, e]
                point[0, 1] = s[i, e]
                point[0, 2] = s[i, e]
                d = nearest(point, t, limit, work)
                worst = max(worst, d)
                if worst > limit:
                    return np.inf
    return worst


@njit(cache=True, nogil=True)
def _box_stand(ba: F64, bb: F64, row: F64) -> tuple[float, float]:
    """Least overlap of two boxes with its direction in `row`, and their squared gap."""
    best = np.inf
    gap = 0.0
    for k in range(3):
        up = ba[1, k] - bb[0, k]
        down = bb[1, k] - ba[0, k]
        if up < best:
            best = up
            row[DIRECTION : DIRECTION + 3] = 0.0
            row[DIRECTION + k] = 1.0
        if down < best:
            best = down
            row[DIRECTION : DIRECTION + 3] = 0.0
            row[DIRECTION + k] = -1.0
        g = max(-up, -down, 0.0)
        gap += g * g
    return best, gap


@njit(cache=True, nogil=True)
def _apart(ta: F64, tb: F64, ba: F64, bb: F64, reach: float, row: F64) -> int:
    """Distance and witness points of two bodies that share no space."""
    near_a = _within(ta, bb[0], bb[1], reach)
    near_b = _within(tb, ba[0], ba[1], reach)
    points = np.zeros((2, 3))
    d = nearest(near_a, near_b, reach, points)
    if d == np.inf:
        return FAR
    row[DISTANCE] = d
    row[POINT_A : POINT_A + 3] = points[0]
    row[POINT_B : POINT_B + 3] = points[1]
    row[POINT : POINT + 3] = (points[0] + points[1]) / 2
    if d > SLACK:
        row[DIRECTION : DIRECTION + 3] = (points[1] - points[0]) / d
    return APART


@njit(cache=True, nogil=True)
def _share(ta: F64, tb: F64, row: F64) -> float:
    """Fill volume and point of two solids that overlap; returns the volume."""
    sa = shadows(ta)
    sb = shadows(tb)
    out = shared(sa, sb, 0.0)
    row[VOLUME] = max(out[0], 0.0)
    if out[0] > 0:
        row[POINT : POINT + 3] = out[1:4] / out[0]
    _point_inside(sa, sb, row[POINT : POINT + 3])
    return out[0]


@njit(cache=True, nogil=True)
def _holds(outer: F64, inner: F64) -> bool:
    """Whether solid `inner`, already shrunk, lies inside solid `outer`."""
    out = shared(shadows(outer), shadows(inner), 0.0)
    own = _volume(inner)
    return own > 0 and own - out[0] <= 1e-9 * own + 1e-14 * out[4]


@njit(cache=True, nogil=True)
def _box_in(inner: F64, outer: F64) -> bool:
    for k in range(3):
        if inner[0, k] < outer[0, k] - SLACK or inner[1, k] > outer[1, k] + SLACK:
            return False
    return True


@njit(cache=True, nogil=True)
def _pair(
    va: F64, fa: I32, vb: F64, fb: F64, shift: F64, ba: F64, bb: F64,
    na: F64, nb: F64, ea: F64, eb: F64, solid: int, convex: bool,
    reach: float, same: float, row: F64,
) -> tuple[int, bool]:  # fmt: skip
    """Measure one pair in the frame of a; returns its stand and whether depth is exact."""
    best, gap = _box_stand(ba, bb, row)
    if gap > reach * reach:
        return FAR, True
    way = row[DIRECTION : DIRECTION + 3]
    if best > SLACK:
        best = by_faces(va, vb, shift, na, best, way, SLACK)
    if best > SLACK:
        best = by_faces(va, vb, shift, nb, best, way, SLACK)
    if best > SLACK and convex:
        best = by_edges(va, vb, shift, ea, eb, best, way, SLACK)
    if best < -reach:
        return FAR, True
    centre = (np.maximum(ba[0], bb[0]) + np.minimum(ba[1], bb[1])) / 2
    ta = _gather(va, fa, -centre)
    tb = _gather(vb, fb, shift - centre)
    ba = ba - centre
    bb = bb - centre
    stand = APART
    exact = True
    if best > SLACK:
        if convex:
            stand = OVERLAP
        elif solid == 2:
            exact = False
            inner = _gather(inward(vb, fb, SLACK), fb, shift - centre)
            out = shared(shadows(ta), shadows(inner), 0.0)
            if out[0] > 1e-14 * out[4] + 1e-15:
                stand = OVERLAP
                best = _deepen(ta, inner, na, best, way, SLACK, True)
                best = _deepen(ta, inner, nb, best, way, SLACK, True)
                best = _deepen(ta, inner, np.eye(3), best, way, SLACK, True)
        else:
            exact = False
            near_a = _within(ta, bb[0], bb[1], SLACK)
            near_b = _within(tb, ba[0], ba[1], SLACK)
            point = np.zeros(3)
            if _crossing(near_a, near_b, point):
                stand = OVERLAP
                row[POINT : POINT + 3] = point
                best = _deepen(ta, tb, na, best, way, 0.0, False)
                best = _deepen(ta, tb, nb, best, way, 0.0, False)
                best = _deepen(ta, tb, np.eye(3), best, way, 0.0, False)
            elif _box_in(bb, ba) and winding(tb[0, 0], ta) > 0.9:
                stand = B_IN_A
                row[POINT : POINT + 3] = tb[0, 0]
            elif _box_in(ba, bb) and winding(ta[0, 0], tb) > 0.9:
                stand = A_IN_B
                row[POINT : POINT + 3] = ta[0, 0]
    row[VOLUME] = np.nan
    row[DEVIATION] = np.inf
    if stand == APART:
        row[VOLUME] = 0.0 if solid == 2 else np.nan
        if best > SLACK:
            best = 0.0
        row[DEPTH] = max(best, 0.0)
        stand = _apart(ta, tb, ba, bb, max(reach, SLACK), row)
    else:
        row[DEPTH] = best
        if solid == 2:
            got = _share(ta, tb, row)
            if _box_in(bb, ba) and _holds(ta, _gather(inward(vb, fb, SLACK), fb, shift - centre)):
                stand = B_IN_A
            elif _box_in(ba, bb) and _holds(tb, _gather(inward(va, fa, SLACK), fa, -centre)):
                stand = A_IN_B
    if np.abs(ba - bb).max() <= same:
        if solid != 2 or row[VOLUME] > 0.5 * max(_volume(ta), _volume(tb)):
            row[DEVIATION] = _deviation(ta, tb, same)
            if row[DEVIATION] <= same and solid != 2 and stand == APART:
                row[POINT : POINT + 3] = 0.0
    for start in (POINT, POINT_A, POINT_B):
        row[start : start + 3] += centre
    return stand, exact


@njit(cache=True, nogil=True)
def measure(
    pairs: I32, reach: F64, same: F64,
    vertices: F64, faces: I32, vertex_start: I64, face_start: I64,
    origin: F64, boxes: F64, solid: Mask, slot_start: I64,
    normals: F64, normal_count: I64, edges: F64, edge_count: I64, convex: Mask,
    numbers: F64, stands: U8, exact: Mask,
) -> None:  # fmt: skip
    """Measure `pairs` (P, 2) into `numbers` (P, WIDTH), `stands` and `exact` (P,).

    Parameters
    ----------
    reach, same : (P,) float64
        Distances matter up to `reach`; bodies are compared for equality up to `same`.
    vertices : (V, 3) float64
        Local to the `origin` (E, 3) of each body; `boxes` (E, 2, 3) likewise.

    """
    for p in range(len(pairs)):
        a = pairs[p, 0]
        b = pairs[p, 1]
        shift = origin[b] - origin[a]
        row = numbers[p]
        sa = slot_start[a]
        sb = slot_start[b]
        stands[p], exact[p] = _pair(
            vertices[vertex_start[a] : vertex_start[a + 1]],
            faces[face_start[a] : face_start[a + 1]],
            vertices[vertex_start[b] : vertex_start[b + 1]],
            faces[face_start[b] : face_start[b + 1]],
            shift,
            boxes[a],
            boxes[b] + shift,
            normals[sa : sa + normal_count[a]],
            normals[sb : sb + normal_count[b]],
            edges[sa : sa + max(edge_count[a], 0)],
            edges[sb : sb + max(edge_count[b], 0)],
            int(solid[a]) + int(solid[b]),
            convex[a] and convex[b] and edge_count[a] >= 0 and edge_count[b] >= 0,
            reach[p],
            same[p],
            row,
        )
        for k in range(3):
            row[POINT + k] += origin[a, k]
            row[POINT_A + k] += origin[a, k]
            row[POINT_B + k] += origin[a, k]
