# mypy: disable-error-code="no-any-return"
# (to mypy an item of an array is Any)
"""Distance of bodies that share no space, and how far equal bodies deviate."""

import numpy as np

from bimcore.arrays import F64, I32, I64, U8
from clash.kernels.bodies import Bodies
from clash.kernels.compiled import entry, inner
from clash.kernels.distance import nearest
from clash.kernels.frames import frame_of, to_first
from clash.kernels.near import Pack, load_planes, pack_near, plant
from clash.kernels.scratch import cube, grid
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


@entry
def distances(
    rows: I64, pairs: I32, shifts: F64, reach: F64, b: Bodies, numbers: F64, stands: U8,
    packs: tuple[Pack, Pack],
) -> None:  # fmt: skip
    """Fill distance and witness points of the `rows` of `pairs`; FAR beyond their reach."""
    points = grid(2, 3)
    work = grid(2, 3)
    frame = cube(4, 2, 3)
    for p in rows:
        one = pairs[p, 0]
        two = pairs[p, 1]
        row = numbers[p]
        limit = max(reach[p], SLACK)
        frame_of(b, one, two, shifts[p], frame)
        na = pack_near(b, one, b.vertices, frame[1], frame[2, 0], limit, packs[0])
        nb = pack_near(b, two, b.vertices, frame[0], frame[2, 1], limit, packs[1])
        d = nearest(packs[0], na, packs[1], nb, limit, max(-row[HULL], 0.0), points, work)
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
        to_first(row, POINT_A, frame)
        to_first(row, POINT_B, frame)
        to_first(row, POINT, frame)


@inner
def _worst(
    b: Bodies, e: int, other: int, frame: F64, side: int, limit: float, packs: tuple[Pack, Pack]
) -> float:
    """Greatest distance of the vertices of `e` from the other body; infinity above `limit`."""
    point, faces = packs
    worst = 0.0
    around = grid(2, 3)
    points = grid(2, 3)
    work = grid(2, 3)
    for i in range(b.vertex_start[e], b.vertex_start[e + 1]):
        for c in range(3):
            x = b.vertices[i, c] + frame[2, side, c]
            around[0, c] = x
            around[1, c] = x
            point.boxes[0, c] = x
            point.boxes[0, 3 + c] = x
            for k in range(3):
                point.corners[0, k, c] = x
        load_planes(1, point)
        plant(1, point)
        count = pack_near(b, other, b.vertices, around, frame[2, 1 - side], limit, faces)
        worst = max(worst, nearest(point, 1, faces, count, limit, 0.0, points, work))
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
def deviations(
    rows: I64, pairs: I32, shifts: F64, same: F64, b: Bodies, numbers: F64,
    packs: tuple[Pack, Pack],
) -> None:  # fmt: skip
    """Fill how far the surfaces of equal bodies deviate, vertices of each against the other."""
    frame = cube(4, 2, 3)
    for p in rows:
        one = pairs[p, 0]
        two = pairs[p, 1]
        frame_of(b, one, two, shifts[p], frame)
        va = b.vertices[b.vertex_start[one] : b.vertex_start[one + 1]]
        vb = b.vertices[b.vertex_start[two] : b.vertex_start[two + 1]]
        count = b.face_start[one + 1] - b.face_start[one]
        if len(va) == len(vb) and count == b.face_start[two + 1] - b.face_start[two]:
            d = _one_by_one(va, vb, frame[2, 0], frame[2, 1])
            if d <= same[p]:
                numbers[p, DEVIATION] = d
                continue
        d = _worst(b, one, two, frame, 0, same[p], packs)
        if d <= same[p]:
            d = max(d, _worst(b, two, one, frame, 1, same[p], packs))
        numbers[p, DEVIATION] = d
