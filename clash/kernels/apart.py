# mypy: disable-error-code="no-any-return"
# (to mypy an item of an array is Any)
"""Distance of bodies that share no space, and how far equal bodies deviate."""

import numpy as np

from bimcore.arrays import F64, I32, I64, U8
from clash.kernels.bodies import Bodies
from clash.kernels.compiled import entry, inner
from clash.kernels.distance import nearest
from clash.kernels.frames import frame_of, to_scene
from clash.kernels.stand import (
    APART,
    DEPTH,
    DEVIATION,
    DIRECTION,
    DISTANCE,
    FAR,
    HULL,
    POINT,
    POINT_A,
    POINT_B,
    SLACK,
    VOLUME,
)
from clash.kernels.triangles import gather, gather_near


@entry
def distances(rows: I64, pairs: I32, reach: F64, b: Bodies, numbers: F64, stands: U8) -> None:
    """Fill distance and witness points of the `rows` of `pairs`; FAR beyond their reach."""
    points = np.zeros((2, 3))
    for p in rows:
        one = pairs[p, 0]
        two = pairs[p, 1]
        row = numbers[p]
        limit = max(reach[p], SLACK)
        frame = frame_of(b, one, two)
        ta = gather_near(
            b.vertices[b.vertex_start[one] : b.vertex_start[one + 1]],
            b.faces[b.face_start[one] : b.face_start[one + 1]],
            frame[2, 0],
            frame[1],
            limit,
        )
        tb = gather_near(
            b.vertices[b.vertex_start[two] : b.vertex_start[two + 1]],
            b.faces[b.face_start[two] : b.face_start[two + 1]],
            frame[2, 1],
            frame[0],
            limit,
        )
        d = nearest(ta, tb, limit, max(-row[HULL], 0.0), points)
        if d == np.inf:
            stands[p] = FAR
            continue
        stands[p] = APART
        row[DISTANCE] = d
        row[DEPTH] = 0.0
        row[VOLUME] = 0.0 if b.solid[one] and b.solid[two] else np.nan
        for k in range(3):
            row[POINT_A + k] = points[0, k]
            row[POINT_B + k] = points[1, k]
            row[POINT + k] = (points[0, k] + points[1, k]) / 2
            if d > SLACK:
                row[DIRECTION + k] = (points[1, k] - points[0, k]) / d
        to_scene(row, POINT_A, frame)
        to_scene(row, POINT_B, frame)
        to_scene(row, POINT, frame)


@inner
def _worst(v: F64, t: F64, limit: float) -> float:
    """Greatest distance of the points `v` from triangles `t`; infinity above `limit`."""
    worst = 0.0
    points = np.zeros((2, 3))
    single = np.zeros((1, 3, 3))
    for i in range(len(v)):
        for e in range(3):
            for c in range(3):
                single[0, e, c] = v[i, c]
        worst = max(worst, nearest(single, t, limit, 0.0, points))
        if worst > limit:
            return np.inf
    return worst


@inner
def _one_by_one(va: F64, vb: F64, shift_a: F64, shift_b: F64) -> float:
    """Greatest distance of vertices of the same number."""
    worst = 0.0
    for i in range(len(va)):
        d = 0.0
        for c in range(3):
            d += (va[i, c] + shift_a[c] - vb[i, c] - shift_b[c]) ** 2
        worst = max(worst, d)
    return np.sqrt(worst)


@entry
def deviations(rows: I64, pairs: I32, same: F64, b: Bodies, numbers: F64) -> None:
    """Fill how far the surfaces of equal bodies deviate, vertices of each against the other."""
    for p in rows:
        one = pairs[p, 0]
        two = pairs[p, 1]
        frame = frame_of(b, one, two)
        va = b.vertices[b.vertex_start[one] : b.vertex_start[one + 1]]
        vb = b.vertices[b.vertex_start[two] : b.vertex_start[two + 1]]
        fa = b.faces[b.face_start[one] : b.face_start[one + 1]]
        fb = b.faces[b.face_start[two] : b.face_start[two + 1]]
        if len(va) == len(vb) and len(fa) == len(fb):
            d = _one_by_one(va, vb, frame[2, 0], frame[2, 1])
            if d <= same[p]:
                numbers[p, DEVIATION] = d
                continue
        ta = gather(va, fa, frame[2, 0])
        tb = gather(vb, fb, frame[2, 1])
        d = _worst(ta.reshape(-1, 3), tb, same[p])
        if d <= same[p]:
            d = max(d, _worst(tb.reshape(-1, 3), ta, same[p]))
        numbers[p, DEVIATION] = d
