# mypy: disable-error-code="no-any-return"
# (to mypy an item of an array is Any)
"""Heights of triangles along slanting directions, where upright boxes hold too much.

Stair rails and braces fill their boxes badly. Along a few normals of their own faces the
heights of single triangles, and of groups of them, tell far ones from near ones.
"""

import numpy as np

from bimcore.arrays import F64
from clash.kernels.compiled import inner
from clash.kernels.near import GROUP, Pack

#: Directions looked along.
MOST = 6
#: Cosine above which two directions are the same for this purpose.
ALIKE = 0.95


@inner
def slanting(a: Pack, na: int, b: Pack, nb: int, ways: F64) -> int:
    """Fill `ways` (``MOST``, 3) with normals of faces of two packs that lie along no axis.

    Returns how many there are.
    """
    k = 0
    for side in range(2):
        pack = a if side == 0 else b
        count = na if side == 0 else nb
        step = max(count // 64, 1)
        for i in range(0, count, step):
            if k == MOST:
                return k
            n = pack.planes[i]
            size = max(abs(n[0]), abs(n[1]), abs(n[2]))
            if size < 0.1 or size > ALIKE:
                continue
            known = False
            for m in range(k):
                dot = ways[m, 0] * n[0] + ways[m, 1] * n[1] + ways[m, 2] * n[2]
                known = known or abs(dot) > ALIKE
            if not known:
                for c in range(3):
                    ways[k, c] = n[c]
                k += 1
    return k


@inner
def heights(pack: Pack, count: int, ways: F64, out: F64) -> None:
    """Least and greatest height of the triangles along each way, into `out` (count, 2 k)."""
    for i in range(count):
        for w in range(len(ways)):
            lo = np.inf
            hi = -np.inf
            for k in range(3):
                t = pack.corners[i, k]
                h = ways[w, 0] * t[0] + ways[w, 1] * t[1] + ways[w, 2] * t[2]
                lo = min(lo, h)
                hi = max(hi, h)
            out[i, 2 * w] = lo
            out[i, 2 * w + 1] = hi


@inner
def grouped(single: F64, out: F64) -> None:
    """The same of groups of ``GROUP`` triangles, into `out` (groups, 2 k)."""
    for g in range(len(out)):
        for w in range(0, single.shape[1], 2):
            lo = np.inf
            hi = -np.inf
            for i in range(g * GROUP, min(g * GROUP + GROUP, len(single))):
                lo = min(lo, single[i, w])
                hi = max(hi, single[i, w + 1])
            out[g, w] = lo
            out[g, w + 1] = hi


@inner
def parted(a: F64, b: F64, far: float) -> bool:
    """Whether two rows of heights are `far` apart along one of the ways."""
    far_off = False
    for w in range(0, len(a), 2):
        far_off = far_off or a[w] - b[w + 1] >= far or b[w] - a[w + 1] >= far
    return far_off
