# mypy: disable-error-code="no-any-return"
# (to mypy an item of an array is Any)
"""Shortest slides that free bodies which are not convex."""

import numpy as np

from bimcore.arrays import F64, I32, I64, Mask
from clash.kernels.bodies import Bodies
from clash.kernels.columns import OUTSIDE, shares_space
from clash.kernels.compiled import allocating, entry, inner
from clash.kernels.frames import frame_of, moved
from clash.kernels.inscribed import prove
from clash.kernels.meeting import TOGETHER
from clash.kernels.near import Pack, find
from clash.kernels.parts import nested
from clash.kernels.prisms import bounds_of, shadows_of, slide
from clash.kernels.raising import PAIRS, along, least_along, raise_least, shortest
from clash.kernels.scratch import cube, grid, line
from clash.kernels.sorting import argsort
from clash.kernels.stand import DEPTH, DIRECTION, HULL, LEAST, SLACK
from clash.kernels.triangles import everywhere, normal_of, turn

#: Face normals tried of the part of each body that is in reach, largest faces first.
MOST = 12
#: The same for open bodies, whose depth says little.
MOST_OPEN = 3
#: Corners are left along the sum of two face normals; tried where there are few normals.
FEW = 8
#: Bodies of no more triangles have all their normals tried.
SMALL = 200
#: Cosines above which two directions are one: of small bodies all but rounding, else a degree.
SAME, ALIKE = 1 - 2e-10, 0.99985
#: Solids whose hulls overlap no deeper are not looked at more closely: the noise of exporters,
#: of which the hulls tell more than enough (metres).
SHALLOW = 5e-6
#: Pairs of triangles times directions that a better bound is worth; largest faces go first.
WORK, WORK_OPEN = 3e8, 1e8


@inner
def _load(b: Bodies, e: int, v: F64, shift: F64, index: I64, t: F64, keys: F64) -> None:
    """Fill triangles (n, 3, 3), and their areas as ``keys`` (n, 1), largest least."""
    base = b.vertex_start[e]
    n = line(3)
    for i in range(len(t)):
        for k in range(3):
            at = base + b.faces[index[i], k]
            for c in range(3):
                t[i, k, c] = v[at, c] + shift[c]
        keys[i, 0] = -normal_of(t[i, 0], t[i, 1], t[i, 2], n)


@inner
def _copy(t: F64, out: F64) -> None:
    for k in range(3):
        for c in range(3):
            out[k, c] = t[k, c]


@inner
def _in_order(t: F64, keys: F64, order: I64, first: int, out: F64) -> None:
    """Put the `first` triangles of an order before the others, which keep theirs."""
    m = min(first, len(order))
    for i in range(m):
        _copy(t[order[i]], out[i])
        keys[order[i], 0] = 1.0
    for i in range(len(order)):
        if keys[i, 0] <= 0.0:
            _copy(t[i], out[m])
            m += 1


@allocating
def _gather(
    b: Bodies, e: int, v: F64, box: F64, shift: F64, margin: float, index: I64, first: int
) -> F64:
    """Triangles of a body near a box, from the vertices `v`, the `first` largest in front.

    Long spans are met early then, and the first normals are those of the main faces. The
    others stay in the order of the index, in which neighbours are near.
    """
    count = find(b, e, box, shift, margin, index)
    t = np.zeros((count, 3, 3))
    keys = np.zeros((count, 1))
    _load(b, e, v, shift, index, t, keys)
    out = np.zeros((count, 3, 3))
    _in_order(t, keys, argsort(keys, 0), first, out)
    return out


@inner
def _known(ways: F64, count: int, x: float, y: float, z: float, same: float) -> bool:
    """Whether a unit direction is among the first `count` up to sign, to a cosine of `same`."""
    known = False
    for k in range(count):
        known = known or abs(ways[k, 0] * x + ways[k, 1] * y + ways[k, 2] * z) > same
    return known


@inner
def _add(ways: F64, count: int, x: float, y: float, z: float, same: float) -> int:
    """Append a unit direction unless it is known; returns how many there are then."""
    if _known(ways, count, x, y, z, same):
        return count
    ways[count, 0] = x
    ways[count, 1] = y
    ways[count, 2] = z
    return count + 1


@inner
def _add_normals(ways: F64, count: int, t: F64, most: int, same: float) -> int:
    """Append up to `most` normals of triangles, largest faces first."""
    n = line(3)
    room = min(count + most, len(ways))
    for i in range(len(t)):
        if count >= room:
            break
        if normal_of(t[i, 0], t[i, 1], t[i, 2], n) > 0.0:
            count = _add(ways, count, n[0], n[1], n[2], same)
    return count


@inner
def _add_sums(ways: F64, plain: int) -> int:
    """Append the sums and differences of the first `plain` directions, where they are few."""
    count = plain
    if plain <= FEW:
        for i in range(plain):
            for j in range(i):
                for sign in (1.0, -1.0):
                    x = ways[i, 0] + sign * ways[j, 0]
                    y = ways[i, 1] + sign * ways[j, 1]
                    z = ways[i, 2] + sign * ways[j, 2]
                    size = np.sqrt(x * x + y * y + z * z)
                    count = _add(ways, count, x / size, y / size, z / size, ALIKE)
    return count


@allocating
def _candidates(
    b: Bodies, one: int, two: int, frame: F64, row: F64, most: int, axes: F64,
    needs: F64, pack: Pack,
) -> F64:  # fmt: skip
    """Directions (k, 3) tried both ways, the likely ones first.

    The shortest way out of the inscribed boxes; face normals of both where they overlap;
    the way that parts the hulls; face normals within reach, or all of a small body; the
    axes; the sums of two of these where they are few.
    """
    both = np.zeros((1 + 1 + 4 * MOST + 3 + FEW * FEW, 3))
    by = line(3)
    size = shortest(needs, len(needs), row[HULL], by)
    proved = 0.0 < size < row[HULL]
    if proved:
        along(axes, by, both[0])
        for c in range(3):
            both[0, c] /= size
    # one that is nearly, but not quite, the best way must not stand for it
    ways = both[1:]
    count = 0
    for wide in range(2):
        margin = row[HULL] if wide else SLACK
        for side in range(2):
            e = one if side == 0 else two
            small = b.face_start[e + 1] - b.face_start[e] <= SMALL
            reach = np.inf if small and wide else margin
            first = len(pack.faces)
            t = _gather(b, e, b.vertices, frame[1 - side], frame[2, side], reach, pack.faces, first)
            count = _add_normals(ways, count, t, most, SAME if small else ALIKE)
        if not wide:
            count = _add(ways, count, row[DIRECTION], row[DIRECTION + 1], row[DIRECTION + 2], SAME)
    count = _add(ways, count, 1.0, 0.0, 0.0, SAME)
    count = _add(ways, count, 0.0, 1.0, 0.0, SAME)
    count = _add(ways, count, 0.0, 0.0, 1.0, SAME)
    count = _add_sums(ways, count)
    return both[: 1 + count] if proved else ways[:count]


@inner
def _tilt(d: F64) -> None:
    """Turn a direction a little, so that faces parallel to it still cast a shadow.

    Of solids such faces can be left out; open surfaces have nothing else to meet with.
    """
    d[0] += 0.71e-3
    d[1] += 0.93e-3
    d[2] += 0.57e-3
    size = np.sqrt(d[0] * d[0] + d[1] * d[1] + d[2] * d[2])
    for c in range(3):
        d[c] /= size


@allocating
def _cast(t: F64, d: F64) -> F64:
    """Shadows (n, 18) of triangles along `d`."""
    everything = np.zeros((2, 3))
    everywhere(everything)
    along = np.zeros(t.shape)
    turn(t, d, along)
    return shadows_of(along, everything)


@allocating
def _bounds(shadows: F64) -> F64:
    out = np.zeros(((len(shadows) + TOGETHER - 1) // TOGETHER, 6))
    bounds_of(shadows, out)
    return out


@inner
def _shares(
    b: Bodies, one: int, two: int, frame: F64, d: F64, shift: float, pack: Pack,
    shade: tuple[F64, F64],
) -> bool:  # fmt: skip
    """Whether two solids share space once the second is moved by `shift` along `d`."""
    by = line(3)
    there = cube(4, 2, 3)
    for c in range(3):
        by[c] = shift * d[c]
    if not moved(frame, by, there):
        return False
    return shares_space(b, one, two, there, pack, shade, line(5))[1] >= 0


@allocating
def _free(
    b: Bodies, one: int, two: int, sa: F64, sb: F64, ba: F64, bb: F64, frame: F64, d: F64,
    held: float, limit: float, solid: int, sign: float, pack: Pack, shade: tuple[F64, F64],
) -> float:  # fmt: skip
    """Least shift up (`sign` 1) or down (-1) that frees the second body from the first.

    Parameters
    ----------
    b, one, two
        The bodies.
    sa, sb : (n, 18) float64
        Shadows along `d` of the triangles in reach.
    ba, bb : (m, 6) float64
        Their bounds.
    frame : (4, 2, 3) float64
        Of the pair.
    d : (3,) float64
        The direction that is up.
    held : float
        A shift up to which they are known to share space.
    limit : float
        Returned where nothing less is found.
    solid : bool
        Whether both are; what surfaces do not touch any more is free.
    sign : float
    pack, shade
        Room for faces and shadows.

    """
    gap = np.zeros(2)
    at = held
    while True:
        # to move the second body down is to move the first one up
        if sign > 0:
            found = slide(sa, sb, ba, bb, limit, at, gap)
        else:
            found = slide(sb, sa, bb, ba, limit, at, gap)
        if not found:
            return limit
        at = (gap[0] + gap[1]) / 2
        if not solid:
            return gap[0]
        # between stretches in which surfaces meet, one body may lie within the other: mostly
        # told by a single ray, and nothing counts as free that still shares volume
        move = sign * at
        if not (
            nested(b, one, two, frame, d, move) == 1
            or _shares(b, one, two, frame, d, move, pack, shade)
        ):
            return gap[0]


@allocating
def _slides(
    b: Bodies, one: int, two: int, frame: F64, row: F64, axes: F64, needs: F64, pack: Pack,
    shade: tuple[F64, F64],
) -> None:  # fmt: skip
    """Lower the depth of one pair by sliding along the candidate directions."""
    solid = b.solid[one] and b.solid[two]
    lost = SLACK if solid else 0.0
    va = b.shrunk if solid and b.convex[two] else b.vertices
    vb = b.shrunk if solid and not b.convex[two] else b.vertices
    d = np.zeros(3)
    most = MOST if solid else MOST_OPEN
    ways = _candidates(b, one, two, frame, row, most, axes, needs, pack)
    work = WORK if solid else WORK_OPEN
    margin = -1.0
    near_a = np.zeros((0, 3, 3))
    near_b = np.zeros((0, 3, 3))
    for k in range(len(ways)):
        best = row[DEPTH]
        if best <= row[LEAST] + 2 * SLACK or work < 0:
            return
        for c in range(3):
            d[c] = ways[k, c]
        up = least_along(d, 1.0, axes, needs, SLACK)
        down = least_along(d, -1.0, axes, needs, SLACK)
        again = k > 0 and _known(ways, 1, d[0], d[1], d[2], SAME)
        if min(up, down) >= best - SLACK or again:
            continue
        if margin < 0 or best < margin / 2:
            margin = best
            reach = margin + OUTSIDE
            near_a = _gather(b, one, va, frame[1], frame[2, 0], reach, pack.faces, TOGETHER)
            near_b = _gather(b, two, vb, frame[0], frame[2, 1], reach, pack.faces, TOGETHER)
        if not solid:
            _tilt(d)
        sa = _cast(near_a, d)
        sb = _cast(near_b, d)
        ba = _bounds(sa)
        bb = _bounds(sb)
        work -= len(sa) * len(sb)
        for sign in (1.0, -1.0):
            best = row[DEPTH]
            if (up if sign > 0 else down) < best - SLACK:
                # shrunk, solids are free a little sooner
                held = least_along(d, sign, axes, needs, 2 * OUTSIDE)
                t = _free(
                    b, one, two, sa, sb, ba, bb, frame, d, held, best - lost, solid, sign, pack,
                    shade,
                ) + lost  # fmt: skip
                if t < best:
                    row[DEPTH] = t
                    for c in range(3):
                        row[DIRECTION + c] = sign * d[c]


@entry
def depths(
    rows: I64, pairs: I32, shifts: F64, deep: F64, b: Bodies, numbers: F64, exact: Mask,
    pack: Pack, boxes: F64, shade: tuple[F64, F64],
) -> None:  # fmt: skip
    """Lower the depth of the `rows` of `pairs` below the overlap of their hulls.

    Along each candidate direction the second body slides out of the first; the slide is
    kept when the two then share nothing. Solids slide with one of them shrunk by
    ``SLACK``, so that faces in contact do not hold them, and the depth is that much more.
    Directions along which inscribed boxes prove that no shorter slide can free the bodies
    are passed over. A depth beyond `deep` (P,) stays that of the hulls, and so does one of
    solids whose hulls are ``SHALLOW``. A depth that reaches what the boxes prove is exact.
    """
    axes = grid(3, 3)
    needs = grid(PAIRS, 6)
    start = line(3)
    frame = cube(4, 2, 3)
    for p in rows:
        row = numbers[p]
        row[DEPTH] = row[HULL]
        one = pairs[p, 0]
        two = pairs[p, 1]
        solid = b.solid[one] and b.solid[two]
        # solids that overlap do so by more than the slack
        if row[HULL] <= 0.0 or row[LEAST] > deep[p] or (solid and deep[p] <= SLACK):
            continue
        if solid and row[HULL] <= SHALLOW:
            continue
        frame_of(b, one, two, shifts[p], frame)
        for c in range(3):
            for k in range(3):
                axes[c, k] = 1.0 if c == k else 0.0
        row[DEPTH] = min(row[HULL], deep[p] + SLACK)
        count = 0
        if solid:
            if row[LEAST] > 0.0:
                # what was proved from the middle is proved again for its boxes
                for c in range(3):
                    start[c] = 0.0
                if prove(b, one, two, frame, row, start, 0, pack, boxes, axes, needs[0]) > 0.0:
                    count = 1
            count = raise_least(
                b, one, two, frame, row, pack, boxes, shade, axes, needs, count, deep[p]
            )
        if row[DEPTH] > row[LEAST] + 2 * SLACK:
            _slides(b, one, two, frame, row, axes, needs[:count], pack, shade)
        if row[DEPTH] > deep[p]:
            row[DEPTH] = row[HULL]
        exact[p] = solid and row[DEPTH] <= row[LEAST] + 2 * SLACK
