# mypy: disable-error-code="no-any-return"
# (to mypy an item of an array is Any)
"""Shortest slides that free bodies which are not convex."""

import numpy as np

from bimcore.arrays import F64, I32, I64
from clash.kernels.bodies import Bodies
from clash.kernels.compiled import entry, inner
from clash.kernels.frames import frame_of
from clash.kernels.prisms import nothing, shadows, shared, slide
from clash.kernels.sorting import argsort
from clash.kernels.stand import DEPTH, DIRECTION, HULL, SLACK
from clash.kernels.triangles import everywhere, gather, gather_near, normal_of, turned

#: Face normals tried of the part of each body that is in reach, largest faces first.
MOST = 12
#: The same for open bodies, whose depth says little.
MOST_OPEN = 3
#: Corners are left along the sum of two face normals; tried where there are few normals.
FEW = 7
#: Bodies of no more triangles have all their normals tried.
SMALL = 200
SURFACE, SOLID = 0, 1
#: Pairs of triangles times directions that a better bound is worth; largest faces go first.
WORK, WORK_OPEN = 3e6, 1e6


@inner
def _largest_first(t: F64) -> F64:
    """Triangles in order of size, so that long spans are met early."""
    keys = np.zeros((len(t), 1))
    n = np.zeros(3)
    for i in range(len(t)):
        keys[i, 0] = -normal_of(t[i, 0], t[i, 1], t[i, 2], n)
    order = argsort(keys, 0)
    out = np.zeros(t.shape)
    for i in range(len(t)):
        for e in range(3):
            for c in range(3):
                out[i, e, c] = t[order[i], e, c]
    return out


@inner
def _add(ways: F64, count: int, x: float, y: float, z: float) -> int:
    """Append a unit direction unless it is known up to sign, to within a degree."""
    for k in range(count):
        if abs(ways[k, 0] * x + ways[k, 1] * y + ways[k, 2] * z) > 0.99985:
            return count
    ways[count, 0] = x
    ways[count, 1] = y
    ways[count, 2] = z
    return count + 1


@inner
def candidates(a: F64, b: F64, most: int) -> F64:
    """Directions (k, 3) tried both ways: face normals of both, axes, sums of two of them."""
    ways = np.zeros((2 * MOST + 3 + FEW * FEW, 3))
    n = np.zeros(3)
    count = 0
    for side in range(2):
        t = a if side == 0 else b
        room = count + most
        for i in range(len(t)):
            if count < room and normal_of(t[i, 0], t[i, 1], t[i, 2], n) > 0.0:
                count = _add(ways, count, n[0], n[1], n[2])
    count = _add(ways, count, 1.0, 0.0, 0.0)
    count = _add(ways, count, 0.0, 1.0, 0.0)
    count = _add(ways, count, 0.0, 0.0, 1.0)
    plain = count
    if plain <= FEW:
        for i in range(plain):
            for j in range(i):
                for sign in (1.0, -1.0):
                    x = ways[i, 0] + sign * ways[j, 0]
                    y = ways[i, 1] + sign * ways[j, 1]
                    z = ways[i, 2] + sign * ways[j, 2]
                    size = np.sqrt(x * x + y * y + z * z)
                    count = _add(ways, count, x / size, y / size, z / size)
    return ways[:count]


@inner
def _telling(b: Bodies, e: int, shift: F64, box: F64, reach: float) -> F64:
    """Triangles whose normals are worth trying: all of a small body, else those in reach."""
    v = b.vertices[b.vertex_start[e] : b.vertex_start[e + 1]]
    f = b.faces[b.face_start[e] : b.face_start[e + 1]]
    if len(f) <= SMALL:
        return _largest_first(gather(v, f, shift))
    return _largest_first(gather_near(v, f, shift, box, reach))


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


@inner
def _free(
    sa: F64, sb: F64, ta: F64, tb: F64, d: F64, limit: float, kind: int, sign: float
) -> float:
    """Least shift up (`sign` 1) or down (-1) that frees the second body from the first.

    Parameters
    ----------
    sa, sb : (n, 18) float64
        Shadows of the triangles in reach.
    ta, tb : (n, 3, 3) float64
        All triangles of both bodies.
    d : (3,) float64
        The direction that is up.
    limit : float
        Returned where nothing less is found.
    kind : int
        ``SOLID`` or ``SURFACE``.
    sign : float

    """
    gap = np.zeros(2)
    at = 0.0
    while True:
        # to move the second body down is to move the first one up
        found = slide(sa, sb, limit, at, gap) if sign > 0 else slide(sb, sa, limit, at, gap)
        if not found:
            return limit
        at = (gap[0] + gap[1]) / 2
        if kind != SOLID:
            return gap[0]
        box = everywhere()
        if nothing(shared(shadows(turned(ta, d), box), shadows(turned(tb, d), box), sign * at)):
            return gap[0]


@entry
def depths(rows: I64, pairs: I32, enough: F64, b: Bodies, numbers: F64) -> None:
    """Lower the depth of the `rows` of `pairs` below the overlap of their hulls.

    Along each candidate direction the second body slides out of the first; the slide is
    kept when the two then share nothing. Solids slide with one of them shrunk by
    ``SLACK``, so that faces in contact do not hold them, and the depth is that much more.
    A depth of ``enough`` (P,) or less is not lowered further.
    """
    d = np.zeros(3)
    box = everywhere()
    for p in rows:
        one = pairs[p, 0]
        two = pairs[p, 1]
        frame = frame_of(b, one, two)
        solid = b.solid[one] and b.solid[two]
        kind = SOLID if solid else SURFACE
        lost = SLACK if solid else 0.0
        first = b.shrunk if solid and not b.convex[one] else b.vertices
        second = b.shrunk if solid and b.convex[one] else b.vertices
        va = first[b.vertex_start[one] : b.vertex_start[one + 1]]
        vb = second[b.vertex_start[two] : b.vertex_start[two + 1]]
        fa = b.faces[b.face_start[one] : b.face_start[one + 1]]
        fb = b.faces[b.face_start[two] : b.face_start[two + 1]]
        best = numbers[p, HULL]
        numbers[p, DEPTH] = best
        if best <= enough[p]:
            continue
        near_a = _largest_first(gather_near(va, fa, frame[2, 0], frame[1], best))
        near_b = _largest_first(gather_near(vb, fb, frame[2, 1], frame[0], best))
        ways = candidates(
            _telling(b, one, frame[2, 0], frame[1], best),
            _telling(b, two, frame[2, 1], frame[0], best),
            MOST if solid else MOST_OPEN,
        )
        work = WORK if solid else WORK_OPEN
        tries = int(min(work / max(len(near_a) * len(near_b), 1), len(ways)))
        ta = gather(va, fa, frame[2, 0]) if tries else near_a
        tb = gather(vb, fb, frame[2, 1]) if tries else near_b
        for k in range(tries):
            if best <= enough[p]:
                break
            for c in range(3):
                d[c] = ways[k, c]
            if not solid:
                _tilt(d)
            sa = shadows(turned(near_a, d), box)
            sb = shadows(turned(near_b, d), box)
            for sign in (1.0, -1.0):
                t = _free(sa, sb, ta, tb, d, best - lost, kind, sign) + lost
                if t < best:
                    best = t
                    for c in range(3):
                        numbers[p, DIRECTION + c] = sign * d[c]
        numbers[p, DEPTH] = best
