"""Pairs of solids whose overlap, and mostly whose depth, inscribed boxes prove at once."""

from bimcore.arrays import F64, I32, I64, U8, Mask
from clash.kernels.bodies import Bodies
from clash.kernels.compiled import entry
from clash.kernels.frames import frame_of, to_first
from clash.kernels.inscribed import prove
from clash.kernels.near import Pack
from clash.kernels.scratch import cube, grid, line
from clash.kernels.stand import DEPTH, HULL, LEAST, OVERLAP, POINT, SLACK

#: The start of a proof may be moved.
FREE = 0


@entry
def proofs(
    rows: I64, pairs: I32, shifts: F64, b: Bodies, numbers: F64, stands: U8, exact: Mask,
    pack: Pack, turned: F64,
) -> None:  # fmt: skip
    """Look for a proof that the solids of the `rows` of `pairs` share space.

    Where there is one the pair is an overlap with a point and a least depth; where that
    reaches the overlap of the hulls, the depth is exact.
    """
    start = line(3)
    axes = grid(3, 3)
    need = line(6)
    frame = cube(4, 2, 3)
    for p in rows:
        row = numbers[p]
        frame_of(b, pairs[p, 0], pairs[p, 1], shifts[p], frame)
        for k in range(3):
            start[k] = 0.0
        one, two = pairs[p, 0], pairs[p, 1]
        least = prove(b, one, two, frame, row, start, FREE, pack, turned, axes, need)
        if least > 0.0:
            stands[p] = OVERLAP
            row[LEAST] = least
            row[DEPTH] = row[HULL]
            exact[p] = exact[p] or least >= row[HULL] - SLACK
            for k in range(3):
                row[POINT + k] = start[k]
            to_first(row, POINT, frame)
