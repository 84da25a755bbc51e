"""The common frame of a pair: the middle of where their boxes overlap."""

from bimcore.arrays import F64
from clash.kernels.bodies import Bodies
from clash.kernels.compiled import inner


@inner
def frame_of(b: Bodies, one: int, two: int, shift: F64, out: F64) -> None:
    """Where a pair is measured, so that no product sees a large number.

    Parameters
    ----------
    b, one, two
        The bodies.
    shift : (3,) float64
        From the corner of the first to the corner of the second.
    out : (4, 2, 3) float64
        Receives 0, 1: boxes of both in the pair's frame; 2: what to add to local vertices
        of each; 3: the frame's origin from the corner of the first, and nothing.

    """
    for k in range(3):
        lo = max(b.boxes[one, 0, k], b.boxes[two, 0, k] + shift[k])
        hi = min(b.boxes[one, 1, k], b.boxes[two, 1, k] + shift[k])
        centre = (lo + hi) / 2
        for c in range(2):
            out[0, c, k] = b.boxes[one, c, k] - centre
            out[1, c, k] = b.boxes[two, c, k] + shift[k] - centre
        out[2, 0, k] = -centre
        out[2, 1, k] = shift[k] - centre
        out[3, 0, k] = centre
        out[3, 1, k] = 0.0


@inner
def moved(frame: F64, by: F64, out: F64) -> bool:
    """The frame with the second body moved by `by` (3,); whether the boxes overlap then."""
    together = True
    for c in range(3):
        for i in range(4):
            for side in range(2):
                out[i, side, c] = frame[i, side, c]
        out[1, 0, c] += by[c]
        out[1, 1, c] += by[c]
        out[2, 1, c] += by[c]
        together = together and out[0, 0, c] < out[1, 1, c] and out[1, 0, c] < out[0, 1, c]
    return together


@inner
def to_first(row: F64, start: int, frame: F64) -> None:
    """Turn a point of the pair's frame into one from the first's corner, in place."""
    for k in range(3):
        row[start + k] += frame[3, 0, k]
