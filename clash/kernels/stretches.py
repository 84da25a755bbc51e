# mypy: disable-error-code="no-any-return"
# (to mypy an item of an array is Any)
"""Where single columns lie in two solids that are given by their shadows."""

from bimcore.arrays import F64
from clash.kernels.compiled import inner


@inner
def _heights(s: F64, x: float, y: float, z: F64, sign: F64, start: int) -> int:
    """Heights and signs of the triangles over a place, from `start` on.

    Returns the end, or -1 where there is no room for them.
    """
    m = start
    for i in range(len(s)):
        r = s[i]
        if x < r[7] or x > r[8] or y < r[9] or y > r[10]:
            continue
        inside = True
        for e in range(3):
            f = (e + 1) % 3
            if (r[2 * f] - r[2 * e]) * (y - r[2 * e + 1]) - (r[2 * f + 1] - r[2 * e + 1]) * (
                x - r[2 * e]
            ) < 0:
                inside = False
                break
        if inside:
            if m == len(z):
                return -1
            z[m] = r[11] + r[12] * (x - r[0]) + r[13] * (y - r[1])
            sign[m] = r[6]
            m += 1
    return m


@inner
def _highest_first(z: F64, sign: F64, count: int) -> None:
    for k in range(1, count):
        h = z[k]
        s = sign[k]
        i = k - 1
        while i >= 0 and z[i] < h:
            z[i + 1] = z[i]
            sign[i + 1] = sign[i]
            i -= 1
        z[i + 1] = h
        sign[i + 1] = s


@inner
def stretch(
    a: F64, b: F64, x: float, y: float, z: F64, sign: F64, at: float, out: F64
) -> float:  # fmt: skip
    """Longest stretch of a column that lies in both solids.

    Parameters
    ----------
    a, b : (n, 18) float64
        Shadows of two solids; those of the first above all of the second, and of the second
        below all of the first, may be left out.
    x, y : float
        Where the column stands.
    z, sign : (N,) float64
        Room; 0 is returned where it is too small.
    at : float
        From where in the stretch the point is taken: 0 at its top, 1 at its foot.
    out : (3,) float64
        Receives a point of it, where there is one.

    """
    m = _heights(a, x, y, z, sign, 0)
    if m <= 0:
        return 0.0
    n = _heights(b, x, y, z, sign, m)
    if n <= m:
        return 0.0
    # the signs of the first below a place sum to -1 where it is inside, whatever lies above
    below = 0.0
    for k in range(m):
        below += sign[k]
    for k in range(m, n):
        sign[k] *= 4.0
    _highest_first(z, sign, n)
    above = 0.0
    longest = 0.0
    for k in range(n - 1):
        if abs(sign[k]) > 2.0:
            above += sign[k]
        else:
            below -= sign[k]
        size = z[k] - z[k + 1]
        if below < -0.5 and above > 2.0 and size > longest:
            longest = size
            out[0] = x
            out[1] = y
            out[2] = z[k] - at * size
    return longest
