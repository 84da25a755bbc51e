# mypy: disable-error-code="no-any-return"
# (to mypy an item of an array is Any)
"""Which shadows of two bodies overlap, by boxes round neighbours and boxes round those."""

import numpy as np

from bimcore.arrays import F64, I64
from clash.kernels.compiled import allocating, inner

#: Shadows under one box, and boxes under one of the next level.
TOGETHER = 8


@inner
def boxes(rows: F64, first: int, out: F64) -> None:
    """Boxes (m, 2 k) round every ``TOGETHER`` rows with least and greatest values in turn.

    They stand in the rows from column `first` on: ``xlo xhi ylo yhi`` and maybe more.
    """
    for g in range(len(out)):
        for c in range(0, out.shape[1], 2):
            out[g, c] = np.inf
            out[g, c + 1] = -np.inf
        for i in range(g * TOGETHER, min(g * TOGETHER + TOGETHER, len(rows))):
            for c in range(0, out.shape[1], 2):
                out[g, c] = min(out[g, c], rows[i, first + c])
                out[g, c + 1] = max(out[g, c + 1], rows[i, first + c + 1])


@inner
def _beside(a: F64, first: int, b: F64, second: int) -> bool:
    """Whether two boxes, from columns `first` and `second` of their rows, do not overlap."""
    return (
        b[second] >= a[first + 1]
        or b[second + 1] <= a[first]
        or b[second + 2] >= a[first + 3]
        or b[second + 3] <= a[first + 2]
    )


@inner
def _between(a: F64, b: F64, g: int, two: F64, h: int, found: I64, k: int) -> int:
    """Add the pairs of one group of shadows each; `two` is the box of the second group."""
    for i in range(g * TOGETHER, min(g * TOGETHER + TOGETHER, len(a))):
        if _beside(a[i], 7, two, 0):
            continue
        for j in range(h * TOGETHER, min(h * TOGETHER + TOGETHER, len(b))):
            if not _beside(a[i], 7, b[j], 7):
                if k < len(found):
                    found[k, 0] = i
                    found[k, 1] = j
                k += 1
    return k


@inner
def _meeting(a: F64, b: F64, a1: F64, b1: F64, a2: F64, b2: F64, found: I64) -> int:
    """Fill `found` (n, 2) as far as it reaches; returns how many pairs there are."""
    k = 0
    for s in range(len(a2)):
        for u in range(len(b2)):
            if _beside(a2[s], 0, b2[u], 0):
                continue
            for g in range(s * TOGETHER, min(s * TOGETHER + TOGETHER, len(a1))):
                if _beside(a1[g], 0, b2[u], 0):
                    continue
                for h in range(u * TOGETHER, min(u * TOGETHER + TOGETHER, len(b1))):
                    if not _beside(a1[g], 0, b1[h], 0):
                        k = _between(a, b, g, b1[h], h, found, k)
    return k


@allocating
def _levels(rows: F64) -> tuple[F64, F64]:
    one = np.zeros((-(-len(rows) // TOGETHER), 4))
    two = np.zeros((-(-len(one) // TOGETHER), 4))
    boxes(rows, 7, one)
    boxes(one, 0, two)
    return one, two


@allocating
def meeting(a: F64, b: F64) -> I64:
    """Pairs (k, 2) of shadows, rows of :func:`clash.kernels.prisms.shadows`, whose boxes overlap.

    Neighbours in the rows had better be neighbours in space.
    """
    a1, a2 = _levels(a)
    b1, b2 = _levels(b)
    found = np.zeros((4 * (len(a) + len(b)) + 16, 2), dtype=np.int64)
    count = _meeting(a, b, a1, b1, a2, b2, found)
    if count > len(found):
        found = np.zeros((count, 2), dtype=np.int64)
        _meeting(a, b, a1, b1, a2, b2, found)
    return found[:count]
