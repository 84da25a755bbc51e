"""Overlap of axis-aligned boxes."""

import numpy as np

from bimcore.arrays import F64, I64
from clash.kernels.compiled import allocating, allocating_entry, inner


@inner
def _overlap(boxes: F64, i: int, j: int, axis: int) -> bool:
    for k in range(3):
        if k != axis and (boxes[i, 0, k] > boxes[j, 1, k] or boxes[j, 0, k] > boxes[i, 1, k]):
            return False
    return True


@allocating
def _longer(items: I64, room: int) -> I64:
    out = np.zeros(room, dtype=np.int64)
    for k in range(len(items)):
        out[k] = items[k]
    return out


@allocating_entry
def sweep(boxes: F64, axis: int) -> tuple[I64, I64]:
    """All overlapping pairs of `boxes` (N, 2, 3) sorted by lower corner along `axis`."""
    count = len(boxes)
    room = 4 * count + 16
    first = np.zeros(room, dtype=np.int64)
    second = np.zeros(room, dtype=np.int64)
    found = 0
    for i in range(count):
        end = boxes[i, 1, axis]
        for j in range(i + 1, count):
            if boxes[j, 0, axis] > end:
                break
            if _overlap(boxes, i, j, axis):
                if found == room:
                    room *= 2
                    first = _longer(first, room)
                    second = _longer(second, room)
                first[found] = i
                second[found] = j
                found += 1
    return first[:found], second[:found]
