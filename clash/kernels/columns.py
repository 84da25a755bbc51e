# mypy: disable-error-code="no-any-return"
# (to mypy an item of an array is Any)
"""Volume that two solids share, with its middle, by columns over the triangles' shadows.

A line along the third axis is inside solid A at height z where the signs of the triangles
of A below z sum to -1, and inside B where those of B above z sum to 1 (upward triangles
count 1, downward ones -1). The shared volume is therefore minus the signed sum, over the
pairs of triangles of A and B, of the integral of how far b lies above a, where it does.
Nothing has to be decided about coincident faces: the sum changes continuously with the
vertices. Triangles of A above all of B, and of B below all of A, add nothing; so do those
beside the other's shadow. The axis is chosen along the longest edge of where the boxes
overlap, which leaves the smallest shadow.
"""

import numpy as np

from bimcore.arrays import F64, I64
from clash.kernels.bodies import Bodies
from clash.kernels.compiled import allocating, inner
from clash.kernels.meeting import meeting
from clash.kernels.near import Pack, find
from clash.kernels.prisms import THIN, height_at, nothing, overlap
from clash.kernels.scratch import grid

#: Shrunk vertices may stand this far outside the boxes of their faces (metres).
OUTSIDE = 3e-5
#: Pairs of shadows compared one by one; more are found by their boxes.
FEW = 4096


@inner
def long_axis(frame: F64) -> int:
    """The axis along which the boxes of a pair overlap most."""
    axis = 2
    most = -1.0
    for k in range(3):
        size = min(frame[0, 1, k], frame[1, 1, k]) - max(frame[0, 0, k], frame[1, 0, k])
        if size > most * (1 + 1e-9):
            most = size
            axis = k
    return axis


@inner
def cast(b: Bodies, e: int, v: F64, frame: F64, side: int, axis: int, index: I64, rows: F64) -> int:
    """Shadows along `axis` of the faces of one body that matter to the shared volume.

    `v` are the vertices of all bodies to take; `side` tells which body of the pair it is.
    The `rows` are as in :func:`clash.kernels.prisms.shadows`, with the axes turned so that
    `axis` is the third; returns how many.
    """
    around = grid(2, 3)
    for k in range(3):
        around[0, k] = max(frame[0, 0, k], frame[1, 0, k])
        around[1, k] = min(frame[0, 1, k], frame[1, 1, k])
    # of the first body all that is not above the second, of the second all not below
    around[side, axis] = -np.inf if side == 0 else np.inf
    count = find(b, e, around, frame[2, side], OUTSIDE, index)
    base = b.vertex_start[e]
    shift = frame[2, side]
    x = (axis + 1) % 3
    y = (axis + 2) % 3
    m = 0
    for i in range(count):
        p = v[base + b.faces[index[i], 0]]
        q = v[base + b.faces[index[i], 1]]
        r = v[base + b.faces[index[i], 2]]
        ux = q[x] - p[x]
        uy = q[y] - p[y]
        vx = r[x] - p[x]
        vy = r[y] - p[y]
        area = ux * vy - uy * vx
        if abs(area) < THIN:
            continue
        s = rows[m]
        m += 1
        up = area > 0
        s[0] = p[x] + shift[x]
        s[1] = p[y] + shift[y]
        s[2] = (q[x] if up else r[x]) + shift[x]
        s[3] = (q[y] if up else r[y]) + shift[y]
        s[4] = (r[x] if up else q[x]) + shift[x]
        s[5] = (r[y] if up else q[y]) + shift[y]
        s[6] = 1.0 if up else -1.0
        s[7] = min(s[0], s[2], s[4])
        s[8] = max(s[0], s[2], s[4])
        s[9] = min(s[1], s[3], s[5])
        s[10] = max(s[1], s[3], s[5])
        z = shift[axis]
        uz = q[axis] - p[axis]
        vz = r[axis] - p[axis]
        s[11] = p[axis] + z
        s[12] = (uz * vy - vz * uy) / area
        s[13] = (ux * vz - vx * uz) / area
        s[15] = min(p[axis], q[axis], r[axis]) + z
        s[16] = max(p[axis], q[axis], r[axis]) + z
        s[17] = abs(area) / 2
    return m


@inner
def _add(
    x0: float, y0: float, a0: float, b0: float,
    x1: float, y1: float, a1: float, b1: float,
    x2: float, y2: float, a2: float, b2: float,
    out: F64, sign: float,
) -> None:  # fmt: skip
    """Add volume and first moments between two heights over a triangle."""
    area = ((x1 - x0) * (y2 - y0) - (x2 - x0) * (y1 - y0)) / 2
    f0 = b0 - a0
    f1 = b1 - a1
    f2 = b2 - a2
    f = f0 + f1 + f2
    out[0] += sign * area * f / 3
    out[1] += sign * area / 12 * ((x0 + x1 + x2) * f + x0 * f0 + x1 * f1 + x2 * f2)
    out[2] += sign * area / 12 * ((y0 + y1 + y2) * f + y0 * f0 + y1 * f1 + y2 * f2)
    upper = b0 * b0 + b1 * b1 + b2 * b2 + b0 * b1 + b1 * b2 + b2 * b0
    lower = a0 * a0 + a1 * a1 + a2 * a2 + a0 * a1 + a1 * a2 + a2 * a0
    out[3] += sign * area / 12 * (upper - lower)
    out[4] += abs(area) * (abs(a0) + abs(b0) + abs(a1) + abs(b1) + abs(a2) + abs(b2))


@inner
def _between(a: F64, b: F64, p: F64, n: int, out: F64) -> None:
    """Add what lies above `a` and below `b` over polygon `p`."""
    sign = -a[6] * b[6]
    h = grid(3, 5)
    for k in range(1, n - 1):
        above = 0
        for c in range(3):
            at = 0 if c == 0 else k + c - 1
            x = p[at, 0]
            y = p[at, 1]
            h[c, 0] = x
            h[c, 1] = y
            h[c, 2] = height_at(a, x, y)
            h[c, 3] = height_at(b, x, y)
            h[c, 4] = h[c, 3] - h[c, 2]
            if h[c, 4] > 0:
                above += 1
        if above == 3:
            _add(
                h[0, 0], h[0, 1], h[0, 2], h[0, 3],
                h[1, 0], h[1, 1], h[1, 2], h[1, 3],
                h[2, 0], h[2, 1], h[2, 2], h[2, 3],
                out, sign,
            )  # fmt: skip
        elif above > 0:
            _part(h, above, out, sign)


@inner
def _part(h: F64, above: int, out: F64, sign: float) -> None:
    """Add the part of a triangle over which b lies above a: one corner of it, or two."""
    one = 0
    for c in range(1, 3):
        if (above == 1 and h[c, 4] > h[one, 4]) or (above == 2 and h[c, 4] < h[one, 4]):
            one = c
    u = h[one]
    v = h[(one + 1) % 3]
    w = h[(one + 2) % 3]
    f = u[4] / (u[4] - v[4])
    g = u[4] / (u[4] - w[4])
    px = u[0] + f * (v[0] - u[0])
    py = u[1] + f * (v[1] - u[1])
    pz = u[2] + f * (v[2] - u[2])
    qx = u[0] + g * (w[0] - u[0])
    qy = u[1] + g * (w[1] - u[1])
    qz = u[2] + g * (w[2] - u[2])
    if above == 1:
        _add(u[0], u[1], u[2], u[3], px, py, pz, pz, qx, qy, qz, qz, out, sign)
    else:
        _add(px, py, pz, pz, v[0], v[1], v[2], v[3], w[0], w[1], w[2], w[3], out, sign)
        _add(px, py, pz, pz, w[0], w[1], w[2], w[3], qx, qy, qz, qz, out, sign)


@inner
def _apart(a: F64, b: F64) -> bool:
    """Whether two shadows lie beside each other, or the first wholly above the second."""
    return b[16] <= a[15] or b[7] >= a[8] or b[8] <= a[7] or b[9] >= a[10] or b[10] <= a[9]


@inner
def _columns_of(a: F64, b: F64, pairs: I64, out: F64, p: F64, q: F64) -> None:
    for k in range(len(pairs)):
        i = pairs[k, 0]
        j = pairs[k, 1]
        if b[j, 16] > a[i, 15]:
            n = overlap(a[i], b[j], p, q)
            if n >= 3:
                _between(a[i], b[j], p, n, out)


@allocating
def _columns_of_many(a: F64, b: F64, out: F64, p: F64, q: F64) -> None:
    _columns_of(a, b, meeting(a, b), out, p, q)


@inner
def columns(a: F64, b: F64, out: F64, p: F64, q: F64) -> None:
    """Volume and first moments shared by two solids given by their shadows.

    Left in `out` (5,): volume, first moments along the turned axes, and the sum of absolute
    terms, of which the volume carries an error of a few parts in 1e16. `p` and `q` (10, 2)
    are room for polygons.
    """
    for k in range(5):
        out[k] = 0.0
    if len(a) * len(b) <= FEW:
        for i in range(len(a)):
            for j in range(len(b)):
                if not _apart(a[i], b[j]):
                    n = overlap(a[i], b[j], p, q)
                    if n >= 3:
                        _between(a[i], b[j], p, n, out)
    else:
        _columns_of_many(a, b, out, p, q)


@inner
def shares_space(
    b: Bodies, one: int, two: int, frame: F64, pack: Pack, shade: tuple[F64, F64], found: F64
) -> tuple[int, int, int]:  # fmt: skip
    """Whether two solids, one of them shrunk by the slack, share space.

    Returns
    -------
    tuple of int
        The axis of the columns; how many shadows of each are left in `shade`, the number of
        the first negative where nothing is shared. `found` (5,) receives what is.

    """
    # the shrunk one must not be convex: only others keep their shrunk vertices
    va = b.shrunk if b.convex[two] else b.vertices
    vb = b.vertices if b.convex[two] else b.shrunk
    axis = long_axis(frame)
    na = cast(b, one, va, frame, 0, axis, pack.faces, shade[0])
    nb = cast(b, two, vb, frame, 1, axis, pack.faces, shade[1])
    columns(shade[0][:na], shade[1][:nb], found, grid(10, 2), grid(10, 2))
    return axis, -1 if nothing(found) else na, nb
