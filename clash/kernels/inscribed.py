# mypy: disable-error-code="no-any-return"
# (to mypy an item of an array is Any)
"""Boxes inside solids: they prove that two solids share space, and how deep at least.

A convex body inside each solid cannot be freed by a shorter way than the solids can: the
least translation that parts two inscribed boxes bounds the depth from below. Where it
reaches the overlap of the hulls, which bounds the depth from above, the depth is exact.
"""

import numpy as np

from bimcore.arrays import F64
from clash.kernels.bodies import RUN, Bodies
from clash.kernels.compiled import inner
from clash.kernels.near import Pack, find, load_corners
from clash.kernels.scratch import grid, line
from clash.kernels.stand import DIRECTION, HULL, SLACK
from clash.kernels.triangles import normal_of

#: Where in a box its solid is asked whether it holds it: off all round fractions.
AT = (0.48713, 0.51371, 0.47917)
#: Distance from an edge, by its length, at which a ray counts as hitting it.
EDGE = 1e-9
#: More turns than any body makes: the rays cannot say.
UNKNOWN = 99


@inner
def turn_boxes(pack: Pack, count: int, axes: F64, out: F64) -> None:
    """Boxes (count, 6) of a pack's triangles along three orthonormal `axes` (3, 3)."""
    for i in range(count):
        t = pack.corners[i]
        for c in range(3):
            lo = np.inf
            hi = -np.inf
            for k in range(3):
                h = axes[c, 0] * t[k, 0] + axes[c, 1] * t[k, 1] + axes[c, 2] * t[k, 2]
                lo = min(lo, h)
                hi = max(hi, h)
            out[i, c] = lo
            out[i, 3 + c] = hi


#: A box that is cut on several sides must be that much larger than one cut on one side.
LARGER = 2.0


@inner
def _plane(t: F64, axes: F64, p: F64, way: F64) -> float:
    """Distance of a triangle's plane from `p`; 0 for a sliver or where the plane holds `p`.

    `t` (3, 3) is in the pair's frame, `p` along `axes`; `way` (3,) receives the direction
    from `p` to the plane along the axes.
    """
    n = line(3)
    if normal_of(t[0], t[1], t[2], n) == 0.0:
        return 0.0
    h = n[0] * t[0, 0] + n[1] * t[0, 1] + n[2] * t[0, 2]
    for c in range(3):
        way[c] = axes[c, 0] * n[0] + axes[c, 1] * n[1] + axes[c, 2] * n[2]
        h -= way[c] * p[c]
    if h < 0:
        for c in range(3):
            way[c] = -way[c]
    return abs(h)


@inner
def _cut_by_plane(way: F64, far: float, p: F64, box: F64, most: float) -> bool:
    """Cut a box (6,) by the plane at distance `far` from `p`, where that leaves more than `most`.

    On one side where possible, else to a cube round `p`. Returns whether it was cut.
    """
    room = line(3)
    taken = 0.0
    size = 0.0
    for c in range(3):
        room[c] = box[3 + c] - p[c] if way[c] > 0 else p[c] - box[c]
        taken += abs(way[c]) * room[c]
        size += abs(way[c])
    best = most
    side = -1
    for c in range(3):
        left = (far - taken + abs(way[c]) * room[c]) / abs(way[c]) if way[c] != 0 else 0.0
        if left > best:
            best = left
            side = c
    size = far / size
    if size > LARGER * best:
        for c in range(3):
            if way[c] > 0:
                box[3 + c] = min(box[3 + c], p[c] + size)
            elif way[c] < 0:
                box[c] = max(box[c], p[c] - size)
        return True
    if side < 0:
        return False
    if way[side] > 0:
        box[3 + side] = min(box[3 + side], p[side] + best)
    else:
        box[side] = max(box[side], p[side] - best)
    return True


@inner
def clear_box(boxes: F64, pack: Pack, count: int, axes: F64, p: F64, box: F64) -> bool:
    """Shrink `box` (6,), which holds `p` (3,), until no triangle reaches into it.

    Each triangle in the way is cut off on the side that leaves the most room from `p`: of
    its box, or of its plane. False where nothing is left.
    """
    way = line(3)
    for i in range(count):
        t = boxes[i]
        if (
            t[0] >= box[3]
            or t[3] <= box[0]
            or t[1] >= box[4]
            or t[4] <= box[1]
            or t[2] >= box[5]
            or t[5] <= box[2]
        ):
            continue
        most = 0.0
        side = -1
        for c in range(3):
            if t[c] - p[c] > most:
                most = t[c] - p[c]
                side = 3 + c
            if p[c] - t[3 + c] > most:
                most = p[c] - t[3 + c]
                side = c
        flat = t[0] == t[3] or t[1] == t[4] or t[2] == t[5]
        far = 0.0 if flat and side >= 0 else _plane(pack.corners[i], axes, p, way)
        if far > most and _cut_by_plane(way, far, p, box, most):
            continue
        if side < 0:
            return False
        if side >= 3:
            box[side] = t[side - 3]
        else:
            box[side] = t[side + 3]
    return True


@inner
def needed(a: F64, b: F64, need: F64) -> float:
    """How far the second of two boxes (6,) must move each way to be free of the first.

    Left in `need` (6,): along the axes downwards, then upwards; returns the least.
    """
    least = np.inf
    for c in range(3):
        need[c] = b[3 + c] - a[c]
        need[3 + c] = a[3 + c] - b[c]
        least = min(least, need[c], need[3 + c])
    return least


@inner
def _hit(b: Bodies, base: int, f: int, p: F64, axis: int) -> tuple[int, float]:
    """How a line along `axis` through local point `p` meets face `f`: sign and height.

    The sign is 0 for a miss and 2 where the line comes too near to an edge to say.
    """
    u = (axis + 1) % 3
    w = (axis + 2) % 3
    v0 = b.vertices[base + b.faces[f, 0]]
    v1 = b.vertices[base + b.faces[f, 1]]
    v2 = b.vertices[base + b.faces[f, 2]]
    ax = v0[u] - p[u]
    ay = v0[w] - p[w]
    bx = v1[u] - p[u]
    by = v1[w] - p[w]
    cx = v2[u] - p[u]
    cy = v2[w] - p[w]
    e0 = ax * by - ay * bx
    e1 = bx * cy - by * cx
    e2 = cx * ay - cy * ax
    size = abs(ax) + abs(ay) + abs(bx) + abs(by) + abs(cx) + abs(cy)
    noise = EDGE * size * size
    if (e0 > noise or e1 > noise or e2 > noise) and (e0 < -noise or e1 < -noise or e2 < -noise):
        return 0, 0.0
    if abs(e0) <= noise or abs(e1) <= noise or abs(e2) <= noise:
        return 2, 0.0
    total = e0 + e1 + e2
    height = (e1 * v0[axis] + e2 * v1[axis] + e0 * v2[axis]) / total
    return (1 if total > 0 else -1), height


@inner
def _ray(b: Bodies, e: int, p: F64, axis: int) -> int:
    """How often body `e` winds round local point `p`, by a ray; ``UNKNOWN`` where it cannot say."""
    u = (axis + 1) % 3
    w = (axis + 2) % 3
    x = np.float32(p[u])
    y = np.float32(p[w])
    z = np.float32(p[axis])
    base = b.vertex_start[e]
    last = b.face_start[e + 1]
    run = b.run_start[e]
    wound = 0
    for start in range(b.face_start[e], last, RUN):
        r = b.runs[run]
        run += 1
        if r[u] > x or r[3 + u] < x or r[w] > y or r[3 + w] < y or r[3 + axis] < z:
            continue
        for f in range(start, min(start + RUN, last)):
            h = b.hulls[f]
            if h[u] > x or h[3 + u] < x or h[w] > y or h[3 + w] < y or h[3 + axis] < z:
                continue
            sign, height = _hit(b, base, f, p, axis)
            if sign == 2:
                return UNKNOWN
            if sign != 0 and height > p[axis]:
                wound += sign
    return wound


@inner
def winds(b: Bodies, e: int, p: F64) -> int:
    """How often body `e` winds round local point `p`: 1 inside, 0 outside, or ``UNKNOWN``."""
    wound = UNKNOWN
    for axis in (2, 0, 1):
        wound = _ray(b, e, p, axis)
        if wound != UNKNOWN:
            return wound
    return wound


@inner
def in_both(b: Bodies, one: int, two: int, frame: F64, point: F64) -> bool:
    """Whether a point of the pair's frame lies in both solids."""
    local = line(3)
    for side in range(2):
        for k in range(3):
            local[k] = point[k] - frame[2, side, k]
        if winds(b, one if side == 0 else two, local) != 1:
            return False
    return True


@inner
def holds_box(b: Bodies, e: int, box: F64, axes: F64, shift: F64) -> bool:
    """Whether a box (6,) along `axes` that no face of solid `e` reaches into lies inside."""
    p = line(3)
    for c in range(3):
        at = box[c] + AT[c] * (box[3 + c] - box[c])
        for k in range(3):
            p[k] += at * axes[c, k]
    for k in range(3):
        p[k] -= shift[k]
    return winds(b, e, p) == 1


@inner
def frame_along(way: F64, axes: F64) -> bool:
    """Three orthonormal axes (3, 3), the last one `way`; whether they are x, y and z."""
    for k in range(3):
        if abs(way[k]) > 1 - 1e-12:
            for i in range(3):
                for j in range(3):
                    axes[i, j] = 1.0 if i == j else 0.0
            return True
    # buildings stand upright: the vertical, else the axis farthest from the way
    k = 2
    if abs(way[2]) > 0.1:
        for c in range(3):
            if abs(way[c]) < abs(way[k]):
                k = c
    dot = way[k]
    size = np.sqrt(1 - dot * dot)
    for c in range(3):
        axes[0, c] = ((1.0 if c == k else 0.0) - dot * way[c]) / size
        axes[2, c] = way[c]
    for c in range(3):
        d = (c + 1) % 3
        e = (c + 2) % 3
        axes[1, c] = axes[2, d] * axes[0, e] - axes[2, e] * axes[0, d]
    return False


@inner
def _shared_box(frame: F64, axes: F64, straight: int, box: F64) -> None:
    """The box (6,) along `axes` round where the boxes of a pair overlap."""
    for c in range(3):
        if straight:
            box[c] = max(frame[0, 0, c], frame[1, 0, c])
            box[3 + c] = min(frame[0, 1, c], frame[1, 1, c])
        else:
            middle = 0.0
            reach = 0.0
            for k in range(3):
                lo = max(frame[0, 0, k], frame[1, 0, k])
                hi = min(frame[0, 1, k], frame[1, 1, k])
                middle += axes[c, k] * (lo + hi) / 2
                reach += abs(axes[c, k]) * (hi - lo) / 2
            box[c] = middle - reach
            box[3 + c] = middle + reach


@inner
def _round_of(box: F64, axes: F64, out: F64) -> None:
    """The upright box (2, 3) round a box (6,) along `axes`."""
    for k in range(3):
        middle = 0.0
        half = 0.0
        for c in range(3):
            middle += axes[c, k] * (box[c] + box[3 + c]) / 2
            half += abs(axes[c, k]) * (box[3 + c] - box[c]) / 2
        out[0, k] = middle - half
        out[1, k] = middle + half


@inner
def _heights(b: Bodies, e: int, way: F64, shift: F64) -> tuple[float, float]:
    """Least and greatest height of a body along a way, in the pair's frame."""
    lo = np.inf
    hi = -np.inf
    for i in range(b.vertex_start[e], b.vertex_start[e + 1]):
        h = 0.0
        for c in range(3):
            h += way[c] * (b.vertices[i, c] + shift[c])
        lo = min(lo, h)
        hi = max(hi, h)
    return lo, hi


@inner
def _onto_layer(b: Bodies, one: int, two: int, frame: F64, way: F64, region: F64, p: F64) -> None:
    """Move `p` and the region along the last axis into the layer in which the hulls overlap."""
    alo, ahi = _heights(b, one, way, frame[2, 0])
    blo, bhi = _heights(b, two, way, frame[2, 1])
    lo = max(alo, blo, region[2])
    hi = min(ahi, bhi, region[5])
    if hi > lo:
        region[2] = lo
        region[5] = hi
        p[2] = (lo + hi) / 2


@inner
def _cleared(
    b: Bodies, e: int, region: F64, around: F64, frame: F64, side: int, axes: F64,
    straight: int, p: F64, pack: Pack, turned: F64, box: F64,
) -> bool:  # fmt: skip
    """Largest box found round `p` in `region` that no face of body `e` reaches into."""
    count = find(b, e, around, frame[2, side], 0.0, pack.faces)
    load_corners(b, e, b.vertices, frame[2, side], count, pack)
    for c in range(6):
        box[c] = region[c]
    if straight:
        return clear_box(pack.boxes, pack, count, axes, p, box)
    turn_boxes(pack, count, axes, turned)
    return clear_box(turned, pack, count, axes, p, box)


@inner
def _thick(a: F64, b: F64) -> bool:
    """Whether two boxes (6,) that hold one point share more than the slack in every direction.

    A box round a point on a face may have no thickness: its middle is as much out as in.
    """
    least = np.inf
    for c in range(3):
        least = min(least, min(a[3 + c], b[3 + c]) - max(a[c], b[c]))
    return least > 2 * SLACK


@inner
def prove(
    b: Bodies, one: int, two: int, frame: F64, row: F64, start: F64, fixed: int,
    pack: Pack, turned: F64, axes: F64, need: F64,
) -> float:  # fmt: skip
    """Bound the depth of a pair of solids from below; 0 where nothing is proved.

    Boxes are inscribed round `start` (3,), a point of the pair's frame; unless it is
    `fixed`, it may be moved into the layer in which the hulls overlap. Where something is
    proved, a point well inside both solids is left in `start`, and what frees the boxes
    in `axes` (3, 3) and `need` (6,), see :func:`needed`.
    """
    region = line(6)
    around = grid(2, 3)
    p = line(3)
    box_a = line(6)
    box_b = line(6)
    way = row[DIRECTION : DIRECTION + 3]
    straight = frame_along(way, axes)
    _shared_box(frame, axes, straight, region)
    for c in range(3):
        for k in range(3):
            p[c] += axes[c, k] * start[k]
    if not straight and not fixed:
        _onto_layer(b, one, two, frame, way, region, p)
    for c in range(3):
        if not region[c] + SLACK < p[c] < region[3 + c] - SLACK:
            return 0.0
        region[c] -= row[HULL]
        region[3 + c] += row[HULL]
    _round_of(region, axes, around)
    if not _cleared(b, one, region, around, frame, 0, axes, straight, p, pack, turned, box_a):
        return 0.0
    if not _cleared(b, two, region, around, frame, 1, axes, straight, p, pack, turned, box_b):
        return 0.0
    least = needed(box_a, box_b, need)
    if (
        least <= 2 * SLACK
        or not _thick(box_a, box_b)
        or not holds_box(b, one, box_a, axes, frame[2, 0])
        or not holds_box(b, two, box_b, axes, frame[2, 1])
    ):
        return 0.0
    for k in range(3):
        start[k] = 0.0
        for c in range(3):
            middle = (max(box_a[c], box_b[c]) + min(box_a[3 + c], box_b[3 + c])) / 2
            start[k] += axes[c, k] * middle
    return least
