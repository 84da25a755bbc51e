# mypy: disable-error-code="no-any-return"
# (to mypy an item of an array is Any)
"""Triangles of a pair in one frame: gathered, culled, turned, wound round a point."""

import numpy as np

from bimcore.arrays import F64, I32
from clash.kernels.compiled import allocating, inner
from clash.kernels.scratch import line


@inner
def normal_of(a: F64, b: F64, c: F64, out: F64) -> float:
    """Unit normal of a triangle into `out` (3,); returns its area, 0 for a sliver."""
    ux = b[0] - a[0]
    uy = b[1] - a[1]
    uz = b[2] - a[2]
    vx = c[0] - a[0]
    vy = c[1] - a[1]
    vz = c[2] - a[2]
    wx = c[0] - b[0]
    wy = c[1] - b[1]
    wz = c[2] - b[2]
    nx = uy * vz - uz * vy
    ny = uz * vx - ux * vz
    nz = ux * vy - uy * vx
    size = np.sqrt(nx * nx + ny * ny + nz * nz)
    longest = max(
        ux * ux + uy * uy + uz * uz, vx * vx + vy * vy + vz * vz, wx * wx + wy * wy + wz * wz
    )
    # a height under a ten-millionth of the length has no direction worth the name
    if size <= 1e-7 * longest:
        out[0] = 0.0
        out[1] = 0.0
        out[2] = 0.0
        return 0.0
    out[0] = nx / size
    out[1] = ny / size
    out[2] = nz / size
    return size / 2


@inner
def _gather(v: F64, f: I32, shift: F64, out: F64) -> None:
    for k in range(len(f)):
        for e in range(3):
            for c in range(3):
                out[k, e, c] = v[f[k, e], c] + shift[c]


@allocating
def gather(v: F64, f: I32, shift: F64) -> F64:
    """Triangles (n, 3, 3) of one body, moved by `shift`."""
    out = np.zeros((len(f), 3, 3))
    _gather(v, f, shift, out)
    return out


@inner
def everywhere(box: F64) -> None:
    """Leave a box without limits in `box` (2, 3)."""
    for k in range(3):
        box[0, k] = -np.inf
        box[1, k] = np.inf


@inner
def turn(t: F64, d: F64, out: F64) -> None:
    """Triangles `t` (n, 3, 3) in a frame whose third axis is `d`, into `out`."""
    k = 0
    for c in range(1, 3):
        if abs(d[c]) < abs(d[k]):
            k = c
    # u = d x e_k, w = d x u
    u = line(3)
    u[(k + 1) % 3] = d[(k + 2) % 3]
    u[(k + 2) % 3] = -d[(k + 1) % 3]
    size = np.sqrt(u[0] * u[0] + u[1] * u[1] + u[2] * u[2])
    for c in range(3):
        u[c] /= size
    w0 = d[1] * u[2] - d[2] * u[1]
    w1 = d[2] * u[0] - d[0] * u[2]
    w2 = d[0] * u[1] - d[1] * u[0]
    for i in range(len(t)):
        for j in range(3):
            x = t[i, j, 0]
            y = t[i, j, 1]
            z = t[i, j, 2]
            out[i, j, 0] = x * u[0] + y * u[1] + z * u[2]
            out[i, j, 1] = x * w0 + y * w1 + z * w2
            out[i, j, 2] = x * d[0] + y * d[1] + z * d[2]


@inner
def winding(p: F64, v: F64, f: I32, shift: F64) -> float:
    """How often a body, moved by `shift`, winds round a point: 1 inside, 0 outside.

    Solid angles after van Oosterom and Strackee (1983).
    """
    total = 0.0
    for i in range(len(f)):
        ax = v[f[i, 0], 0] + shift[0] - p[0]
        ay = v[f[i, 0], 1] + shift[1] - p[1]
        az = v[f[i, 0], 2] + shift[2] - p[2]
        bx = v[f[i, 1], 0] + shift[0] - p[0]
        by = v[f[i, 1], 1] + shift[1] - p[1]
        bz = v[f[i, 1], 2] + shift[2] - p[2]
        cx = v[f[i, 2], 0] + shift[0] - p[0]
        cy = v[f[i, 2], 1] + shift[1] - p[1]
        cz = v[f[i, 2], 2] + shift[2] - p[2]
        a = np.sqrt(ax * ax + ay * ay + az * az)
        b = np.sqrt(bx * bx + by * by + bz * bz)
        c = np.sqrt(cx * cx + cy * cy + cz * cz)
        det = ax * (by * cz - bz * cy) + ay * (bz * cx - bx * cz) + az * (bx * cy - by * cx)
        den = (
            a * b * c
            + (ax * bx + ay * by + az * bz) * c
            + (bx * cx + by * cy + bz * cz) * a
            + (cx * ax + cy * ay + cz * az) * b
        )
        total += np.arctan2(det, den)
    return total / (2 * np.pi)


@inner
def volume(t: F64) -> float:
    """Signed volume enclosed by triangles."""
    total = 0.0
    for i in range(len(t)):
        p = t[i, 0]
        q = t[i, 1]
        r = t[i, 2]
        total += (
            p[0] * (q[1] * r[2] - q[2] * r[1])
            + p[1] * (q[2] * r[0] - q[0] * r[2])
            + p[2] * (q[0] * r[1] - q[1] * r[0])
        ) / 6
    return total
