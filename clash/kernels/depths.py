"""Shortest slides that free bodies which are not convex."""

import numpy as np

from bimcore.arrays import F64, I32, I64
from clash.kernels.bodies import Bodies
from clash.kernels.compiled import entry, inner
from clash.kernels.frames import frame_of
from clash.kernels.prisms import shadows, slide
from clash.kernels.stand import DEPTH, DIRECTION, HULL, SLACK
from clash.kernels.triangles import gather, turned

#: Corners are left along the sum of two face normals; tried for bodies with few of them.
FEW = 12
#: Pairs of triangles times directions that are worth a better bound.
WORK = 4e8


@inner
def candidates(b: Bodies, one: int, two: int) -> F64:
    """Directions (k, 3) tried both ways: axes, face normals of both, sums of two of them."""
    na = b.normal_count[one]
    nb = b.normal_count[two]
    count = 3 + na + nb
    pairs = count * (count - 1) if count <= FEW else 0
    out = np.zeros((count + pairs, 3))
    for k in range(3):
        out[k, k] = 1.0
    for k in range(na):
        for c in range(3):
            out[3 + k, c] = b.normals[b.slot_start[one] + k, c]
    for k in range(nb):
        for c in range(3):
            out[3 + na + k, c] = b.normals[b.slot_start[two] + k, c]
    m = count
    if pairs:
        for i in range(count):
            for j in range(i):
                for sign in (1.0, -1.0):
                    x = out[i, 0] + sign * out[j, 0]
                    y = out[i, 1] + sign * out[j, 1]
                    z = out[i, 2] + sign * out[j, 2]
                    size = np.sqrt(x * x + y * y + z * z)
                    if size > 0.1:
                        out[m, 0] = x / size
                        out[m, 1] = y / size
                        out[m, 2] = z / size
                        m += 1
    return out[:m]


@inner
def _tilt(d):
    """Turn a direction a little, so that faces parallel to it still cast a shadow.

    Of solids such faces can be left out; open surfaces have nothing else to meet with.
    """
    d[0] += 0.71e-3
    d[1] += 0.93e-3
    d[2] += 0.57e-3
    size = np.sqrt(d[0] * d[0] + d[1] * d[1] + d[2] * d[2])
    for c in range(3):
        d[c] /= size


@entry
def depths(rows: I64, pairs: I32, b: Bodies, numbers: F64) -> None:
    """Lower the depth of the `rows` of `pairs` below the overlap of their hulls.

    Along each candidate direction the second body slides out of the first; the slide is
    kept when the two then share nothing.
    """
    box = np.zeros((2, 3))
    d = np.zeros(3)
    for k in range(3):
        box[0, k] = -np.inf
        box[1, k] = np.inf
    for p in rows:
        one = pairs[p, 0]
        two = pairs[p, 1]
        frame = frame_of(b, one, two)
        solid = b.solid[one] and b.solid[two]
        lost = SLACK if solid else 0.0
        first = b.shrunk if solid and not b.convex[one] else b.vertices
        second = b.shrunk if solid and b.convex[one] else b.vertices
        fa = b.faces[b.face_start[one] : b.face_start[one + 1]]
        fb = b.faces[b.face_start[two] : b.face_start[two + 1]]
        ta = gather(first[b.vertex_start[one] : b.vertex_start[one + 1]], fa, frame[2, 0])
        tb = gather(second[b.vertex_start[two] : b.vertex_start[two + 1]], fb, frame[2, 1])
        best = numbers[p, HULL]
        ways = candidates(b, one, two)
        if len(fa) * len(fb) * len(ways) <= WORK:
            for k in range(2 * len(ways)):
                sign = 1.0 if k % 2 == 0 else -1.0
                for c in range(3):
                    d[c] = sign * ways[k // 2, c]
                if not solid:
                    _tilt(d)
                t = (
                    slide(
                        shadows(turned(ta, d), box), shadows(turned(tb, d), box), best - lost, solid
                    )
                    + lost
                )
                if t < best:
                    best = t
                    for c in range(3):
                        numbers[p, DIRECTION + c] = d[c]
        numbers[p, DEPTH] = best
