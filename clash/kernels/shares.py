# mypy: disable-error-code="no-any-return"
# (to mypy an item of an array is Any)
"""What two solids share: a point well inside, volume, and whether one holds the other."""

import numpy as np

from bimcore.arrays import F64, I32, I64, U8
from clash.kernels.bodies import Bodies
from clash.kernels.columns import cast, columns, long_axis
from clash.kernels.compiled import allocating, entry, inner
from clash.kernels.frames import frame_of, to_first
from clash.kernels.inscribed import in_both
from clash.kernels.near import Pack, gathered
from clash.kernels.prisms import height_at, overlap, shadows_of, shared
from clash.kernels.scratch import cube, grid, line
from clash.kernels.stand import A_IN_B, B_IN_A, LEAST, POINT, SLACK, VOLUME
from clash.kernels.stretches import stretch
from clash.kernels.triangles import everywhere, volume


@inner
def _point_inside(a: F64, b: F64, z: F64, sign: F64, out: F64) -> None:
    """Move `out` to a point well inside both solids, in its own column where possible."""
    # a column through a vertex or an edge is counted wrongly: step off the round numbers
    if stretch(a, b, out[0] + 1.3e-7, out[1] + 0.7e-7, z, sign, 0.5, out) > 2 * SLACK:
        return
    longest = 0.0
    best = line(3)
    for i in range(len(a)):
        for j in range(len(b)):
            x0 = max(a[i, 7], b[j, 7])
            x1 = min(a[i, 8], b[j, 8])
            y0 = max(a[i, 9], b[j, 9])
            y1 = min(a[i, 10], b[j, 10])
            if x1 > x0 and y1 > y0:
                x = x0 + 0.4871 * (x1 - x0)
                y = y0 + 0.5137 * (y1 - y0)
                at = stretch(a, b, x, y, z, sign, 0.5, out)
                if at > longest:
                    longest = at
                    for k in range(3):
                        best[k] = out[k]
                    if at > 2 * SLACK:
                        return
    if longest == 0.0:
        longest = _look_between(a, b, z, sign, out, best)
    if longest > 0.0:
        for k in range(3):
            out[k] = best[k]


@inner
def _middle_above(u: F64, v: F64, w: F64, out: F64) -> bool:
    """The middle of a part of a triangle over which its third numbers are above 0, if any.

    `u` is the corner with the greatest one.
    """
    if u[2] <= 0.0:
        return False
    f = 1.0 if v[2] >= 0.0 else u[2] / (u[2] - v[2])
    g = 1.0 if w[2] >= 0.0 else u[2] / (u[2] - w[2])
    for c in range(2):
        out[c] = u[c] + (f * (v[c] - u[c]) + g * (w[c] - u[c])) / 3
    return True


@inner
def _look_between(a: F64, b: F64, z: F64, sign: F64, out: F64, best: F64) -> float:
    """The longest stretch in both solids over the middles of where two shadows overlap.

    Each overlap is cut into triangles, and these where the two faces change order. The
    middle of the stretch is left in `best` (3,), its length returned.
    """
    p = grid(10, 2)
    q = grid(10, 2)
    h = grid(3, 3)
    at = line(2)
    longest = 0.0
    for i in range(len(a)):
        for j in range(len(b)):
            n = overlap(a[i], b[j], p, q)
            for k in range(2, n):
                for turn in (1.0, -1.0):
                    top = 0
                    for c in range(3):
                        corner = 0 if c == 0 else k + c - 2
                        h[c, 0] = p[corner, 0]
                        h[c, 1] = p[corner, 1]
                        height = height_at(b[j], h[c, 0], h[c, 1])
                        h[c, 2] = turn * (height - height_at(a[i], h[c, 0], h[c, 1]))
                        if h[c, 2] > h[top, 2]:
                            top = c
                    if _middle_above(h[top], h[(top + 1) % 3], h[(top + 2) % 3], at):
                        size = stretch(a, b, at[0], at[1], z, sign, 0.5, out)
                        if size > longest:
                            longest = size
                            for c in range(3):
                                best[c] = out[c]
    return longest


@allocating
def _find_point(b: Bodies, one: int, two: int, frame: F64, out: F64) -> None:
    """Move `out`, in the pair's frame, to a point well inside both solids."""
    sa = shadows_of(gathered(b, one, b.vertices, frame[2, 0]), frame[1])
    sb = shadows_of(gathered(b, two, b.vertices, frame[2, 1]), frame[0])
    room = np.zeros((2, len(sa) + len(sb)))
    _point_inside(sa, sb, room[0], room[1], out)


@allocating
def _holds(outer: F64, hull: F64, inside: F64) -> bool:
    """Whether a shrunk solid lies inside another, given by shadows and their box."""
    out = np.zeros(5)
    shared(outer, shadows_of(inside, hull), 0.0, out)
    own = volume(inside)
    return own > 0 and own - out[0] <= 1e-9 * own + 1e-14 * out[4]


@inner
def _hull_holds(b: Bodies, outer: int, other: int, shift: F64) -> bool:
    """Whether convex body `outer` holds all vertices of the other."""
    for k in range(b.slot_start[outer], b.slot_start[outer] + b.normal_count[outer]):
        for i in range(b.vertex_start[other], b.vertex_start[other + 1]):
            h = 0.0
            for c in range(3):
                h += b.normals[k, c] * (b.vertices[i, c] + shift[c])
            if h < b.spans[k, 0] - SLACK or h > b.spans[k, 1] + SLACK:
                return False
    return True


@inner
def _retreat(inside: F64, box: F64) -> None:
    """Scale the triangles (n, 3, 3) of a convex body about its middle, so that they retreat."""
    middle = line(3)
    least = np.inf
    for k in range(3):
        middle[k] = (box[0, k] + box[1, k]) / 2
        least = min(least, box[1, k] - box[0, k])
    factor = 1 - 4 * SLACK / max(least, 8 * SLACK)
    for i in range(len(inside)):
        for e in range(3):
            for k in range(3):
                inside[i, e, k] = middle[k] + (inside[i, e, k] - middle[k]) * factor


@allocating
def _solid_holds(b: Bodies, outer: int, other: int, frame: F64, turn: int) -> bool:
    """Whether body `other`, shrunk, lies inside `outer` by the volume they share."""
    everything = np.zeros((2, 3))
    everywhere(everything)
    v = b.vertices if b.convex[other] else b.shrunk
    inside = gathered(b, other, v, frame[2, 1 - turn])
    if b.convex[other]:
        _retreat(inside, frame[1 - turn])
    own = gathered(b, outer, b.vertices, frame[2, turn])
    return _holds(shadows_of(own, everything), everything, inside)


@inner
def _inside(b: Bodies, outer: int, other: int, frame: F64, turn: int) -> bool:
    """Whether body `other` lies inside `outer`; `turn` is 0 when the outer one comes first."""
    one = frame[0] if turn == 0 else frame[1]
    two = frame[1] if turn == 0 else frame[0]
    for k in range(3):
        if two[0, k] < one[0, k] - SLACK or two[1, k] > one[1, k] + SLACK:
            return False
    move = line(3)
    for k in range(3):
        move[k] = frame[2, 1 - turn, k] - frame[2, turn, k]
    if b.convex[outer]:
        return _hull_holds(b, outer, other, move)
    return _solid_holds(b, outer, other, frame, turn)


@entry
def holdings(rows: I64, pairs: I32, shifts: F64, b: Bodies, stands: U8) -> None:
    """Tell which of the `rows` of `pairs`, overlapping solids, hold one another."""
    frame = cube(4, 2, 3)
    for p in rows:
        one = pairs[p, 0]
        two = pairs[p, 1]
        frame_of(b, one, two, shifts[p], frame)
        if _inside(b, one, two, frame, 0):
            stands[p] = B_IN_A
        elif _inside(b, two, one, frame, 1):
            stands[p] = A_IN_B


@entry
def shares(
    rows: I64, pairs: I32, shifts: F64, b: Bodies, numbers: F64, pack: Pack,
    shade: tuple[F64, F64],
) -> None:  # fmt: skip
    """Fill the volume of the `rows` of `pairs`, all solids, and a point where none is known."""
    out = line(5)
    room_p = grid(10, 2)
    room_q = grid(10, 2)
    point = line(3)
    frame = cube(4, 2, 3)
    for p in rows:
        one = pairs[p, 0]
        two = pairs[p, 1]
        row = numbers[p]
        frame_of(b, one, two, shifts[p], frame)
        axis = long_axis(frame)
        na = cast(b, one, b.vertices, frame, 0, axis, pack.faces, shade[0])
        nb = cast(b, two, b.vertices, frame, 1, axis, pack.faces, shade[1])
        columns(shade[0][:na], shade[1][:nb], out, room_p, room_q)
        row[VOLUME] = max(out[0], 0.0)
        if row[LEAST] > 0:
            continue
        for k in range(3):
            point[(axis + 1 + k) % 3] = out[1 + k] / out[0] if out[0] > 0 else 0.0
        if not (out[0] > 0 and in_both(b, one, two, frame, point)):
            _find_point(b, one, two, frame, point)
        for k in range(3):
            row[POINT + k] = point[k]
        to_first(row, POINT, frame)
