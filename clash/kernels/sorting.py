"""Stable sorts that compile in a moment."""

import numpy as np

from bimcore.arrays import F64, I64
from clash.kernels.compiled import allocating, inner


@inner
def _merge(rows: F64, column: int, width: int, order: I64, spare: I64) -> None:
    """Merge neighbouring runs of one width from `order` into `spare`."""
    n = len(order)
    for lo in range(0, n, 2 * width):
        mid = min(lo + width, n)
        hi = min(lo + 2 * width, n)
        i = lo
        j = mid
        for k in range(lo, hi):
            if i < mid and (j >= hi or rows[order[i], column] <= rows[order[j], column]):
                spare[k] = order[i]
                i += 1
            else:
                spare[k] = order[j]
                j += 1


@allocating
def argsort(rows: F64, column: int) -> I64:
    """Order of `rows` (n, k) by one column, stable, by merging runs."""
    n = len(rows)
    order = np.zeros(n, dtype=np.int64)
    spare = np.zeros(n, dtype=np.int64)
    for i in range(n):
        order[i] = i
    width = 1
    while width < n:
        _merge(rows, column, width, order, spare)
        order, spare = spare, order
        width *= 2
    return order


@inner
def _deal(codes: I64, shift: int, order: I64, count: I64, out: I64) -> None:
    """Order by the ten bits above `shift`, those that agree as they come in `order`."""
    for k in range(len(count)):
        count[k] = 0
    for i in order:
        count[(codes[i] >> shift) & 1023] += 1
    total = 0
    for k in range(len(count)):
        total, count[k] = total + count[k], total
    for i in order:
        at = (codes[i] >> shift) & 1023
        out[count[at]] = i
        count[at] += 1


@allocating
def order_of(codes: I64) -> I64:
    """Order of numbers (n,) of up to 30 bits, stable, ten bits at a time."""
    n = len(codes)
    order = np.zeros(n, dtype=np.int64)
    spare = np.zeros(n, dtype=np.int64)
    count = np.zeros(1024, dtype=np.int64)
    for i in range(n):
        order[i] = i
    for shift in range(0, 30, 10):
        _deal(codes, shift, order, count, spare)
        order, spare = spare, order
    return order
