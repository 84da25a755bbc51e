"""Which boxes of a scene come near each other."""

import numpy as np

from bimcore.arrays import F64, I32, I64, readonly
from clash.kernels.boxes import sweep
from clash.kernels.hands import hands, threads

#: Boxes that one core sweeps alone.
FEW = 2000


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
    first, second = _swept(readonly(boxes[order], np.float64, ndim=3), axis)
    one, two = order[first], order[second]
    codes = np.minimum(one, two) * len(boxes) + np.maximum(one, two)
    codes.sort()
    return np.stack(np.divmod(codes, len(boxes)), axis=1).astype(np.int32)


def _swept(boxes: F64, axis: int) -> tuple[I64, I64]:
    """All pairs of sorted boxes, a share of the boxes by each core."""
    shares = hands() if len(boxes) > FEW else 1
    ends = np.linspace(0, len(boxes), shares + 1).astype(np.int64).tolist()
    parts = list(threads(lambda k: sweep(boxes, axis, ends[k], ends[k + 1]), range(shares)))
    return np.concatenate([p[0] for p in parts]), np.concatenate([p[1] for p in parts])


def _widest_axis(boxes: F64) -> int:
    """The axis along which boxes are spread most, measured in box sizes."""
    low, high = (np.ascontiguousarray(corner.T) for corner in (boxes[:, 0], boxes[:, 1]))
    size = (high - low).mean(axis=1) + 1e-9
    return int(np.argmax(((low + high) / 2).std(axis=1) / size))
