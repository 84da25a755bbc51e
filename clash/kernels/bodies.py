"""What is worth knowing of one body before it meets others."""

import numpy as np
from numba import njit

from bimcore.arrays import F64, I32, I64, Mask

#: Most face normals kept of one body, and most edge directions of a convex one.
MOST = 256
#: A body whose vertices stay within this of every face plane counts as convex (metres).
FLAT = 1e-6


@njit(cache=True, nogil=True)
def _known(found: F64, count: int, x: float, y: float, z: float) -> int:
    """Row of a direction parallel to (x, y, z), or -1."""
    for k in range(count):
        cx = found[k, 1] * z - found[k, 2] * y
        cy = found[k, 2] * x - found[k, 0] * z
        cz = found[k, 0] * y - found[k, 1] * x
        if cx * cx + cy * cy + cz * cz < 1e-16:
            return k
    return -1


@njit(cache=True, nogil=True)
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
    longest = np.sqrt(
        max(ux * ux + uy * uy + uz * uz, vx * vx + vy * vy + vz * vz, wx * wx + wy * wy + wz * wz)
    )
    if size <= 1e-7 * longest:
        out[:] = 0.0
        return 0.0
    out[0] = nx / size
    out[1] = ny / size
    out[2] = nz / size
    return size / 2


@njit(cache=True, nogil=True)
def _normals(v: F64, f: I32, found: F64, areas: F64) -> int:
    """Distinct face normals, up to sign, with their areas; -1 where there are too many."""
    count = 0
    n = np.zeros(3)
    for k in range(len(f)):
        area = normal_of(v[f[k, 0]], v[f[k, 1]], v[f[k, 2]], n)
        if area == 0.0:
            continue
        row = _known(found, count, n[0], n[1], n[2])
        if row < 0:
            if count == len(found):
                return -1
            row = count
            found[row] = n
            count += 1
        areas[row] += area
    return count


@njit(cache=True, nogil=True)
def _main_normals(v: F64, f: I32, found: F64, areas: F64) -> int:
    """Normals of the faces of largest area, for bodies with too many directions."""
    sizes = np.zeros(len(f))
    n = np.zeros(3)
    for k in range(len(f)):
        sizes[k] = normal_of(v[f[k, 0]], v[f[k, 1]], v[f[k, 2]], n)
    count = 0
    room = min(64, len(found))
    areas[:] = 0.0
    for k in np.argsort(-sizes, kind="mergesort"):
        if sizes[k] == 0.0:
            break
        normal_of(v[f[k, 0]], v[f[k, 1]], v[f[k, 2]], n)
        row = -1
        for r in range(count):
            if abs(found[r, 0] * n[0] + found[r, 1] * n[1] + found[r, 2] * n[2]) > 0.9998:
                row = r
                break
        if row < 0:
            if count == room:
                break
            row = count
            found[row] = n
            count += 1
        areas[row] += sizes[k]
    return count


@njit(cache=True, nogil=True)
def _edges(v: F64, f: I32, found: F64) -> int:
    """Distinct directions of the real edges of a convex body; -1 where there are too many."""
    count = 0
    n = np.zeros(3)
    # an edge between coplanar triangles is no edge of the body; it only costs time
    for k in range(len(f)):
        if normal_of(v[f[k, 0]], v[f[k, 1]], v[f[k, 2]], n) == 0.0:
            continue
        for e in range(3):
            p = v[f[k, e]]
            q = v[f[k, (e + 1) % 3]]
            if _flat(v, f, f[k, (e + 1) % 3], f[k, e], n):
                continue
            x = q[0] - p[0]
            y = q[1] - p[1]
            z = q[2] - p[2]
            size = np.sqrt(x * x + y * y + z * z)
            if size < 1e-9:
                continue
            if _known(found, count, x / size, y / size, z / size) < 0:
                if count == len(found):
                    return -1
                found[count, 0] = x / size
                found[count, 1] = y / size
                found[count, 2] = z / size
                count += 1
    return count


@njit(cache=True, nogil=True)
def _flat(v: F64, f: I32, p: int, q: int, n: F64) -> bool:
    """Whether the triangle across the edge p-q lies in the plane with normal `n`."""
    m = np.zeros(3)
    for k in range(len(f)):
        for e in range(3):
            if f[k, e] == p and f[k, (e + 1) % 3] == q:
                normal_of(v[f[k, 0]], v[f[k, 1]], v[f[k, 2]], m)
                return m[0] * n[0] + m[1] * n[1] + m[2] * n[2] > 1 - 1e-14
    return False


@njit(cache=True, nogil=True)
def _convex(v: F64, f: I32, found: F64, count: int) -> bool:
    """Whether every face lies on the hull: no vertex stands before its plane."""
    highest = np.full(count, -np.inf)
    lowest = np.full(count, np.inf)
    for r in range(count):
        for k in range(len(v)):
            h = found[r, 0] * v[k, 0] + found[r, 1] * v[k, 1] + found[r, 2] * v[k, 2]
            highest[r] = max(highest[r], h)
            lowest[r] = min(lowest[r], h)
    n = np.zeros(3)
    for k in range(len(f)):
        p = v[f[k, 0]]
        if normal_of(p, v[f[k, 1]], v[f[k, 2]], n) == 0.0:
            continue
        r = _known(found, count, n[0], n[1], n[2])
        h = found[r, 0] * p[0] + found[r, 1] * p[1] + found[r, 2] * p[2]
        if found[r, 0] * n[0] + found[r, 1] * n[1] + found[r, 2] * n[2] > 0:
            if h < highest[r] - FLAT:
                return False
        elif h > lowest[r] + FLAT:
            return False
    return True


@njit(cache=True, nogil=True)
def volume_and_area(v: F64, f: I32) -> tuple[float, float]:
    """Enclosed volume, signed, and surface area of one body."""
    volume = 0.0
    area = 0.0
    for k in range(len(f)):
        a = v[f[k, 0]]
        b = v[f[k, 1]]
        c = v[f[k, 2]]
        ux = b[0] - a[0]
        uy = b[1] - a[1]
        uz = b[2] - a[2]
        wx = c[0] - a[0]
        wy = c[1] - a[1]
        wz = c[2] - a[2]
        nx = uy * wz - uz * wy
        ny = uz * wx - ux * wz
        nz = ux * wy - uy * wx
        volume += (a[0] * nx + a[1] * ny + a[2] * nz) / 6
        area += np.sqrt(nx * nx + ny * ny + nz * nz) / 2
    return volume, area


@njit(cache=True, nogil=True)
def inward(v: F64, f: I32, depth: float) -> F64:
    """Vertices moved so that each face retreats into the solid by about `depth`.

    Contacts thinner than `depth` vanish: what still overlaps is no rounding noise.
    """
    total = np.zeros((len(v), 3))
    n = np.zeros(3)
    for k in range(len(f)):
        if normal_of(v[f[k, 0]], v[f[k, 1]], v[f[k, 2]], n) == 0.0:
            continue
        for e in range(3):
            total[f[k, e]] += _angle(v[f[k, e]], v[f[k, (e + 1) % 3]], v[f[k, (e + 2) % 3]]) * n
    least = np.ones(len(v))
    for i in range(len(v)):
        size = np.sqrt((total[i] ** 2).sum())
        if size > 0:
            total[i] /= size
    for k in range(len(f)):
        if normal_of(v[f[k, 0]], v[f[k, 1]], v[f[k, 2]], n) == 0.0:
            continue
        for e in range(3):
            i = f[k, e]
            d = total[i, 0] * n[0] + total[i, 1] * n[1] + total[i, 2] * n[2]
            least[i] = min(least[i], max(d, 0.05))
    moved = np.zeros((len(v), 3))
    for i in range(len(v)):
        for k in range(3):
            moved[i, k] = v[i, k] - depth / least[i] * total[i, k]
    return moved


@njit(cache=True, nogil=True)
def _angle(p: F64, q: F64, r: F64) -> float:
    ux = q[0] - p[0]
    uy = q[1] - p[1]
    uz = q[2] - p[2]
    vx = r[0] - p[0]
    vy = r[1] - p[1]
    vz = r[2] - p[2]
    cx = uy * vz - uz * vy
    cy = uz * vx - ux * vz
    cz = ux * vy - uy * vx
    return np.arctan2(np.sqrt(cx * cx + cy * cy + cz * cz), ux * vx + uy * vy + uz * vz)


@njit(cache=True, nogil=True)
def describe(
    rows: I64,
    vertices: F64,
    faces: I32,
    vertex_start: I64,
    face_start: I64,
    solid: Mask,
    slot_start: I64,
    normals: F64,
    normal_count: I64,
    edges: F64,
    edge_count: I64,
    convex: Mask,
    sizes: F64,
) -> None:
    """Fill normals, edge directions, convexity, volume and area of the bodies `rows`."""
    for e in rows:
        v = vertices[vertex_start[e] : vertex_start[e + 1]]
        f = faces[face_start[e] : face_start[e + 1]]
        found = normals[slot_start[e] : slot_start[e + 1]]
        areas = np.zeros(len(found))
        sizes[e, 0], sizes[e, 1] = volume_and_area(v, f)
        count = _normals(v, f, found, areas)
        full = count >= 0
        if not full:
            count = _main_normals(v, f, found, areas)
        normal_count[e] = count
        if full and solid[e] and _convex(v, f, found, count):
            convex[e] = True
            edge_count[e] = _edges(v, f, edges[slot_start[e] : slot_start[e + 1]])
