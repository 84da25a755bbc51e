"""Overlap of axis-aligned boxes."""

import numpy as np

from bimcore.arrays import F64, I64
from clash.kernels.compiled import allocating_entry, inner


@inner
def _overlap(boxes: F64, i: int, j: int, axis: int) -> bool:
    for k in range(3):
        if k != axis and (boxes[i, 0, k] > boxes[j, 1, k] or boxes[j, 0, k] > boxes[i, 1, k]):
            return False
    return True


@inner
def _sweep(boxes: F64, axis: int, start: int, end: int, first: I64, second: I64) -> int:
    """Fill the pairs as far as there is room for them; returns how many there are."""
    found = 0
    for i in range(start, end):
        last = boxes[i, 1, axis]
        for j in range(i + 1, len(boxes)):
            if boxes[j, 0, axis] > last:
                break
            if _overlap(boxes, i, j, axis):
                if found < len(first):
                    first[found] = i
                    second[found] = j
                found += 1
    return found


@allocating_entry
def sweep(boxes: F64, axis: int, start: int, end: int) -> tuple[I64, I64]:
    """Overlapping pairs of `boxes` (N, 2, 3) sorted by lower corner along `axis`.

    Those whose first box is one from `start` to `end`.
    """
    room = 4 * (end - start) + 16
    first = np.zeros(room, dtype=np.int64)
    second = np.zeros(room, dtype=np.int64)
    found = _sweep(boxes, axis, start, end, first, second)
    if found > room:
        first = np.zeros(found, dtype=np.int64)
        second = np.zeros(found, dtype=np.int64)
        _sweep(boxes, axis, start, end, first, second)
    return first[:found], second[:found]
