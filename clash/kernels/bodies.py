# mypy: disable-error-code="no-any-return"
# (to mypy an item of an array is Any)
"""What is worth knowing of one body before it meets others."""

from typing import NamedTuple

import numpy as np

from bimcore.arrays import F32, F64, I32, I64, Mask
from clash.kernels.compiled import allocating, entry, inner
from clash.kernels.scratch import line
from clash.kernels.sorting import argsort, order_of
from clash.kernels.triangles import normal_of

#: Most face normals kept of one body, and most edge directions of a convex one.
MOST = 256
#: Face normals kept of a body with more distinct ones than `MOST`.
MAIN = 64
#: Faces that share one box in the index of a body.
RUN = 16
#: Bodies of more faces have them put in an order in which neighbours are near.
ORDERED = 4 * RUN
#: A float32 box is grown by this part of the body's size, so that rounding loses nothing.
ROUNDING = 4e-7
#: A body whose vertices stay within this of every face plane counts as convex (metres).
FLAT = 1e-6


class Bodies(NamedTuple):
    """Everything about E bodies that does not depend on where they stand and whom they meet.

    Attributes
    ----------
    vertices, faces, vertex_start, face_start
        As in :class:`bimcore.mesh.MeshSet`, vertices from the lower corner of the body; the faces of large
        bodies are in another order.
    hulls : (F, 6) float32
        Boxes of the faces, lower and upper corner, rounded outwards.
    runs : (R, 6) float32
        Boxes of ``RUN`` consecutive faces each.
    run_start : (E + 1,) int64
    boxes : (E, 2, 3) float64
        Local boxes; NaN where there is no body.
    solid, convex : (E,) bool
        The body encloses space; it is its own hull and has few enough edges to try all.
    slot_start : (E + 1,) int64
        Room of each body in `normals`, `spans` and `edges`.
    normals : (N, 3) float64
        Distinct face normals, up to sign, other than the axes.
    spans : (N, 2) float64
        Least and greatest height of the body along each normal.
    edges : (N, 3) float64
        Distinct edge directions of convex bodies.
    normal_count, edge_count : (E,) int64
        How many there are.
    volume : (E,) float64
    shrunk : (V, 3) float64
        Vertices of solids that are not convex, moved inwards by ``SLACK``.
    leads : (V,) bool
        One vertex of each part of a solid: parts have no vertex in common.

    """

    vertices: F64
    faces: I32
    vertex_start: I64
    face_start: I64
    hulls: F32
    runs: F32
    run_start: I64
    boxes: F64
    solid: Mask
    convex: Mask
    slot_start: I64
    normals: F64
    spans: F64
    edges: F64
    normal_count: I64
    edge_count: I64
    volume: F64
    shrunk: F64
    leads: Mask


@inner
def _parallel(n: F64, x: float, y: float, z: float) -> bool:
    """Whether two unit vectors agree, up to sign."""
    cx = n[1] * z - n[2] * y
    cy = n[2] * x - n[0] * z
    cz = n[0] * y - n[1] * x
    return cx * cx + cy * cy + cz * cz < 1e-18


@inner
def _known(found: F64, count: int, likely: int, x: float, y: float, z: float) -> int:
    """Row of a direction parallel to (x, y, z), or -1; the `likely` row is looked at first."""
    if likely >= 0 and _parallel(found[likely], x, y, z):
        return likely
    for k in range(count):
        if _parallel(found[k], x, y, z):
            return k
    return -1


@inner
def _normals(v: F64, f: I32, found: F64, row: I64) -> int:
    """Distinct face normals, up to sign; -1 where there are too many.

    `row` receives that of each face, -1 for slivers.
    """
    count = 0
    n = line(3)
    for k in range(len(f)):
        row[k] = -1
        if normal_of(v[f[k, 0]], v[f[k, 1]], v[f[k, 2]], n) == 0.0:
            continue
        # two triangles of one face mostly follow each other
        row[k] = _known(found, count, row[k - 1] if k else -1, n[0], n[1], n[2])
        if row[k] < 0:
            if count == len(found):
                return -1
            for c in range(3):
                found[count, c] = n[c]
            row[k] = count
            count += 1
    return count


@inner
def _sizes(v: F64, f: I32, sizes: F64) -> None:
    """Areas of faces as ``sizes`` (n, 1), largest least."""
    n = line(3)
    for k in range(len(f)):
        sizes[k, 0] = -normal_of(v[f[k, 0]], v[f[k, 1]], v[f[k, 2]], n)


@inner
def _largest(v: F64, f: I32, sizes: F64, order: I64, found: F64) -> int:
    """Normals of the first faces of an order, at least a degree apart."""
    n = line(3)
    count = 0
    for k in order:
        if sizes[k, 0] == 0.0 or count == MAIN:
            break
        normal_of(v[f[k, 0]], v[f[k, 1]], v[f[k, 2]], n)
        known = False
        for r in range(count):
            if abs(found[r, 0] * n[0] + found[r, 1] * n[1] + found[r, 2] * n[2]) > 0.99985:
                known = True
                break
        if not known:
            for c in range(3):
                found[count, c] = n[c]
            count += 1
    return count


@allocating
def _main_normals(v: F64, f: I32, found: F64) -> int:
    """Normals of the largest faces, at least a degree apart."""
    sizes = np.zeros((len(f), 1))
    _sizes(v, f, sizes)
    return _largest(v, f, sizes, argsort(sizes, 0), found)


@inner
def _spans(v: F64, found: F64, count: int, spans: F64) -> None:
    """Heights of the body along each normal."""
    for r in range(count):
        lo = np.inf
        hi = -np.inf
        for k in range(len(v)):
            h = found[r, 0] * v[k, 0] + found[r, 1] * v[k, 1] + found[r, 2] * v[k, 2]
            lo = min(lo, h)
            hi = max(hi, h)
        spans[r, 0] = lo
        spans[r, 1] = hi


@inner
def _convex(v: F64, f: I32, found: F64, row: I64, spans: F64) -> bool:
    """Whether every face lies on the hull: no vertex stands before its plane."""
    n = line(3)
    for k in range(len(f)):
        p = v[f[k, 0]]
        r = row[k]
        if r < 0:
            continue
        normal_of(p, v[f[k, 1]], v[f[k, 2]], n)
        h = found[r, 0] * p[0] + found[r, 1] * p[1] + found[r, 2] * p[2]
        if found[r, 0] * n[0] + found[r, 1] * n[1] + found[r, 2] * n[2] > 0:
            if h < spans[r, 1] - FLAT:
                return False
        elif h > spans[r, 0] + FLAT:
            return False
    return True


@inner
def _edges(v: F64, f: I32, found: F64) -> int:
    """Distinct edge directions; -1 where there are too many.

    Diagonals inside a flat face add directions that are not needed but do no harm.
    """
    count = 0
    for k in range(len(f)):
        for e in range(3):
            p = v[f[k, e]]
            q = v[f[k, (e + 1) % 3]]
            if f[k, e] > f[k, (e + 1) % 3] or _inside_face(v, f, k, e):
                continue
            x = q[0] - p[0]
            y = q[1] - p[1]
            z = q[2] - p[2]
            size = np.sqrt(x * x + y * y + z * z)
            if size < 1e-9:
                continue
            if _known(found, count, count - 1, x / size, y / size, z / size) < 0:
                if count == len(found):
                    return -1
                found[count, 0] = x / size
                found[count, 1] = y / size
                found[count, 2] = z / size
                count += 1
    return count


@inner
def _inside_face(v: F64, f: I32, k: int, e: int) -> bool:
    """Whether the triangles on both sides of an edge lie in one plane."""
    p = f[k, e]
    q = f[k, (e + 1) % 3]
    n = line(3)
    m = line(3)
    normal_of(v[f[k, 0]], v[f[k, 1]], v[f[k, 2]], n)
    # exporters write the faces of a convex body in order: the neighbour is mostly near
    for step in range(1, min(len(f), 4 * MOST)):
        i = (k + step) % len(f)
        for c in range(3):
            if f[i, c] == q and f[i, (c + 1) % 3] == p:
                normal_of(v[f[i, 0]], v[f[i, 1]], v[f[i, 2]], m)
                return m[0] * n[0] + m[1] * n[1] + m[2] * n[2] > 1 - 1e-14
    return False


@inner
def _without_axes(found: F64, count: int, spans: F64) -> int:
    """Drop the normals along the axes: boxes answer for them."""
    kept = 0
    for r in range(count):
        if max(abs(found[r, 0]), abs(found[r, 1]), abs(found[r, 2])) < 1 - 1e-15:
            for c in range(3):
                found[kept, c] = found[r, c]
            spans[kept, 0] = spans[r, 0]
            spans[kept, 1] = spans[r, 1]
            kept += 1
    return kept


@inner
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


@inner
def _shrink(v: F64, f: I32, depth: float, moved: F64, least: F64) -> None:
    """Vertices moved so that each face retreats into the solid by at least `depth`.

    `least` (len(v),) is room. Contacts thinner than `depth` vanish: what still overlaps is no rounding noise. The way
    of a vertex is the mean of its face normals weighted by angle (Thuermer and Wuethrich).
    """
    n = line(3)
    for k in range(len(f)):
        if normal_of(v[f[k, 0]], v[f[k, 1]], v[f[k, 2]], n) > 0.0:
            for e in range(3):
                w = _angle(v[f[k, e]], v[f[k, (e + 1) % 3]], v[f[k, (e + 2) % 3]])
                for c in range(3):
                    moved[f[k, e], c] += w * n[c]
    for i in range(len(v)):
        least[i] = 1.0
        size = np.sqrt(moved[i, 0] ** 2 + moved[i, 1] ** 2 + moved[i, 2] ** 2)
        if size > 0:
            for c in range(3):
                moved[i, c] /= size
    for k in range(len(f)):
        if normal_of(v[f[k, 0]], v[f[k, 1]], v[f[k, 2]], n) > 0.0:
            for e in range(3):
                m = moved[f[k, e]]
                least[f[k, e]] = min(
                    least[f[k, e]], max(m[0] * n[0] + m[1] * n[1] + m[2] * n[2], 0.05)
                )
    for i in range(len(v)):
        for c in range(3):
            moved[i, c] = v[i, c] - depth / least[i] * moved[i, c]


@inner
def _volume(v: F64, f: I32) -> float:
    total = 0.0
    for k in range(len(f)):
        p = v[f[k, 0]]
        q = v[f[k, 1]]
        r = v[f[k, 2]]
        total += (
            p[0] * (q[1] * r[2] - q[2] * r[1])
            + p[1] * (q[2] * r[0] - q[0] * r[2])
            + p[2] * (q[0] * r[1] - q[1] * r[0])
        ) / 6
    return total


@inner
def _spread(x: int) -> int:
    """Bits of a 10-bit number with two zeros between each."""
    x = (x | (x << 16)) & 0x030000FF
    x = (x | (x << 8)) & 0x0300F00F
    x = (x | (x << 4)) & 0x030C30C3
    return (x | (x << 2)) & 0x09249249


@inner
def _codes(v: F64, f: I32, size: float, codes: I64) -> None:
    """Places of faces on a space-filling curve (Morton) through their corners' sum."""
    scale = 1023.999 / (3.0 * size) if size > 0 else 0.0
    for k in range(len(f)):
        code = 0
        for c in range(3):
            at = (v[f[k, 0], c] + v[f[k, 1], c] + v[f[k, 2], c]) * scale
            code |= _spread(int(min(max(at, 0.0), 1023.0))) << c
        codes[k] = code


@inner
def _arrange(old: I32, order: I64, f: I32) -> None:
    for k in range(len(f)):
        for c in range(3):
            f[k, c] = old[order[k], c]


@allocating
def _order(v: F64, f: I32, size: float) -> None:
    """Put faces in the order of a space-filling curve."""
    codes = np.zeros(len(f), dtype=np.int64)
    _codes(v, f, size, codes)
    _arrange(f.copy(), order_of(codes), f)


@inner
def _boxes(v: F64, f: I32, hulls: F32, runs: F32, grow: float) -> None:
    """Boxes of faces and of runs of them, grown on all sides."""
    for r in range(len(runs)):
        for c in range(3):
            runs[r, c] = np.inf
            runs[r, 3 + c] = -np.inf
    for k in range(len(f)):
        run = runs[k // RUN]
        for c in range(3):
            x = v[f[k, 0], c]
            y = v[f[k, 1], c]
            z = v[f[k, 2], c]
            lo = np.float32(min(x, y, z) - grow)
            hi = np.float32(max(x, y, z) + grow)
            hulls[k, c] = lo
            hulls[k, 3 + c] = hi
            run[c] = min(run[c], lo)
            run[3 + c] = max(run[3 + c], hi)


@inner
def _root(parent: I64, i: int) -> int:
    """The vertex that stands for the part of vertex `i`; ways there are halved."""
    while parent[i] != i:
        parent[i] = parent[parent[i]]
        i = parent[i]
    return i


@inner
def _lead(f: I32, parent: I64, leads: Mask) -> None:
    """Mark the first vertex of each part; `parent` is room for a number for each vertex."""
    for i in range(len(leads)):
        parent[i] = i
    for k in range(len(f)):
        one = _root(parent, f[k, 0])
        for c in range(1, 3):
            two = _root(parent, f[k, c])
            if two < one:
                parent[one] = two
                one = two
            elif one < two:
                parent[two] = one
    for k in range(len(f)):
        leads[_root(parent, f[k, 0])] = True


@entry
def describe(rows: I64, b: Bodies, slack: float, room: F64, parent: I64, row: I64) -> None:
    """Fill index, directions, convexity and shrunk vertices of the bodies `rows` in place.

    `room` and `parent` are as long as the most vertices that one of them has, `row` as the
    most faces.
    """
    for e in rows:
        v = b.vertices[b.vertex_start[e] : b.vertex_start[e + 1]]
        f = b.faces[b.face_start[e] : b.face_start[e + 1]]
        size = max(b.boxes[e, 1, 0], b.boxes[e, 1, 1], b.boxes[e, 1, 2])
        if len(f) > ORDERED:
            _order(v, f, size)
        _boxes(
            v,
            f,
            b.hulls[b.face_start[e] : b.face_start[e + 1]],
            b.runs[b.run_start[e] : b.run_start[e + 1]],
            ROUNDING * size,
        )
        found = b.normals[b.slot_start[e] : b.slot_start[e + 1]]
        spans = b.spans[b.slot_start[e] : b.slot_start[e + 1]]
        b.volume[e] = _volume(v, f)
        count = _normals(v, f, found, row)
        full = count >= 0
        if not full:
            count = _main_normals(v, f, found)
        _spans(v, found, count, spans)
        if full and b.solid[e] and _convex(v, f, found, row, spans):
            b.edge_count[e] = _edges(v, f, b.edges[b.slot_start[e] : b.slot_start[e + 1]])
            b.convex[e] = b.edge_count[e] >= 0
        if b.solid[e]:
            _lead(f, parent, b.leads[b.vertex_start[e] : b.vertex_start[e + 1]])
        if b.solid[e] and not b.convex[e]:
            moved = b.shrunk[b.vertex_start[e] : b.vertex_start[e + 1]]
            _shrink(v, f, slack, moved, room)
        b.normal_count[e] = _without_axes(found, count, spans)
