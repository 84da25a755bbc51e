"""Buildings that stand apart: what is searched by itself."""

import numpy as np
from scipy import ndimage

from bimcore.arrays import F64, I64

#: Metres between two buildings from which each is looked at by itself.
APART = 4.0
#: Cells along the longer side of the plan that are told apart; a larger site has larger cells.
_MOST = 4000


def parts_of(boxes: F64, others: F64, *, apart: float = APART) -> tuple[I64, I64]:
    """Number of the building of each box, and of each of some others by its middle.

    Boxes closer in plan than about `apart`, directly or by others between them, are one
    building.

    Parameters
    ----------
    boxes : (N, 2, 3) float64
        Finite boxes, N at least 1.
    others : (M, 2, 3) float64

    Returns
    -------
    (N,) int64, (M,) int64
        Numbers from 0; -1 for others outside of all buildings.

    """
    low, high = boxes[:, 0, :2].min(axis=0) - apart, boxes[:, 1, :2].max(axis=0) + apart
    cell = max(1.0, float((high - low).max()) / _MOST)
    nx, ny = (np.ceil((high - low) / cell).astype(int) + 1).tolist()
    first = np.floor((boxes[:, 0, :2] - apart / 2 - low) / cell).astype(np.int64)
    last = np.floor((boxes[:, 1, :2] + apart / 2 - low) / cell).astype(np.int64) + 1
    steps: I64 = np.zeros((nx + 1, ny + 1), dtype=np.int64)
    for x, y, sign in ((first, first, 1), (first, last, -1), (last, first, -1), (last, last, 1)):
        np.add.at(steps, (x[:, 0], y[:, 1]), sign)
    filled = steps.cumsum(axis=0).cumsum(axis=1) > 0
    labels, _ = ndimage.label(filled, structure=np.ones((3, 3)))
    at = np.floor((others[:, :, :2].mean(axis=1) - low) / cell).astype(np.int64)
    inside = ((at >= 0) & (at <= [nx, ny])).all(axis=1)
    at = np.clip(at, 0, [nx, ny])
    own = labels[first[:, 0], first[:, 1]].astype(np.int64) - 1
    their = np.where(inside, labels[at[:, 0], at[:, 1]].astype(np.int64) - 1, -1)
    return own, their
