"""How deep the hulls of two bodies overlap, by separating planes."""

import numpy as np
from numba import njit

from bimcore.arrays import F64


@njit(cache=True, nogil=True)
def span(v: F64, x: float, y: float, z: float) -> tuple[float, float]:
    """Least and greatest height of vertices `v` along a direction."""
    lo = np.inf
    hi = -np.inf
    for k in range(len(v)):
        h = v[k, 0] * x + v[k, 1] * y + v[k, 2] * z
        lo = min(lo, h)
        hi = max(hi, h)
    return lo, hi


@njit(cache=True, nogil=True)
def _try(
    va: F64, vb: F64, shift: F64, x: float, y: float, z: float, best: float, out: F64
) -> float:
    """Lower `best` to the overlap along a direction, with the way for b in `out`."""
    alo, ahi = span(va, x, y, z)
    blo, bhi = span(vb, x, y, z)
    s = shift[0] * x + shift[1] * y + shift[2] * z
    up = ahi - (blo + s)
    down = (bhi + s) - alo
    if up < best:
        best = up
        out[0] = x
        out[1] = y
        out[2] = z
    if down < best:
        best = down
        out[0] = -x
        out[1] = -y
        out[2] = -z
    return best


@njit(cache=True, nogil=True)
def by_faces(
    va: F64, vb: F64, shift: F64, directions: F64, best: float, out: F64, enough: float
) -> float:
    """Least overlap of the hulls along `directions`; negative when they are apart.

    Parameters
    ----------
    va, vb : (n, 3) float64
        Vertices, each local to its body.
    shift : (3,) float64
        From the origin of a to the origin of b.
    directions : (k, 3) float64
        Unit vectors.
    best, out
        The least overlap known and its direction, moving b.
    enough : float
        Stop once the overlap is no more than this.

    """
    for k in range(len(directions)):
        best = _try(
            va, vb, shift, directions[k, 0], directions[k, 1], directions[k, 2], best, out
        )
        if best <= enough:
            break
    return best


@njit(cache=True, nogil=True)
def by_edges(
    va: F64, vb: F64, shift: F64, ea: F64, eb: F64, best: float, out: F64, enough: float
) -> float:
    """Least overlap along the cross products of edge directions."""
    for i in range(len(ea)):
        for j in range(len(eb)):
            x = ea[i, 1] * eb[j, 2] - ea[i, 2] * eb[j, 1]
            y = ea[i, 2] * eb[j, 0] - ea[i, 0] * eb[j, 2]
            z = ea[i, 0] * eb[j, 1] - ea[i, 1] * eb[j, 0]
            size = np.sqrt(x * x + y * y + z * z)
            if size < 1e-7:
                continue
            best = _try(va, vb, shift, x / size, y / size, z / size, best, out)
            if best <= enough:
                return best
    return best
