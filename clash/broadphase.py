"""Which boxes of a scene come near each other."""

import numpy as np

from bimcore.arrays import F64, I32, readonly
from clash.kernels.boxes import sweep


def candidate_pairs(bounds: F64, *, margin: float, other: F64 | None = None) -> I32:
    """Pairs of boxes that overlap once each is grown by half a margin.

    Parameters
    ----------
    bounds : (E, 2, 3) float64
        Lower and upper corners in metres; NaN rows never pair.
    margin : float
        Metres, >= 0. Boxes that only touch do pair.
    other : (E,) float64, optional
        Further metres by which each single box is grown on all sides.

    Returns
    -------
    (P, 2) int32
        Element indices, ``a < b``, sorted.

    """
    boxes = np.array(bounds, dtype=np.float64).reshape(-1, 2, 3)
    grown = np.full(len(boxes), margin / 2) if other is None else other + margin / 2
    boxes[:, 0] -= grown[:, None]
    boxes[:, 1] += grown[:, None]
    usable = np.flatnonzero(np.isfinite(boxes).all(axis=(1, 2)))
    if len(usable) < 2:
        return np.zeros((0, 2), dtype=np.int32)
    axis = _widest_axis(boxes[usable])
    order = usable[np.argsort(boxes[usable, 0, axis], kind="stable")]
    first, second = sweep(readonly(boxes[order], np.float64, ndim=3), axis)
    found = np.stack([order[first], order[second]], axis=1)
    found.sort(axis=1)
    return found[np.lexsort((found[:, 1], found[:, 0]))].astype(np.int32)


def _widest_axis(boxes: F64) -> int:
    """The axis along which boxes are spread most, measured in box sizes."""
    centre = boxes.mean(axis=1)
    size = (boxes[:, 1] - boxes[:, 0]).mean(axis=0) + 1e-9
    return int(np.argmax(centre.std(axis=0) / size))
