# mypy: disable-error-code="no-any-return"
# (to mypy an item of an array is Any)
"""Digests by which a shape is known again wherever it stands, and which of many are alike."""

import numpy as np

from bimcore.arrays import F64, I32, I64, U64, readonly
from bimcore.mesh import MeshSet
from clash.kernels.compiled import entry, inner
from clash.kernels.hands import hands, threads
from clash.kernels.stand import GRID

#: Odd factors of the two halves: the golden ratio (Knuth) and that of SplitMix64 (Steele 2014).
FIRST, SECOND = 0x9E3779B97F4A7C15, 0xBF58476D1CE4E5B9
#: Triangles that one core digests alone.
FEW = 50_000


@inner
def _mix(h: np.uint64, word: np.uint64, factor: np.uint64) -> np.uint64:
    h = (h ^ word) * factor
    return h ^ (h >> np.uint64(29))


@inner
def _grid(metres: float) -> np.uint64:
    return np.uint64(np.int64(np.floor(metres * GRID + 0.5)))


@entry
def digests(
    rows: I64,
    vertices: F64,
    faces: I32,
    vertex_start: I64,
    face_start: I64,
    corner: F64,
    out: U64,
) -> None:
    """Fill 128 bits (E, 2) of the bodies `rows`.

    From their faces and their vertices (V, 3), as these lie on the grid from the `corner`
    (E, 3) of each body.
    """
    one = np.uint64(FIRST)
    two = np.uint64(SECOND)
    for e in rows:
        # a number of its own for each coordinate and half: six chains that need not wait
        # for each other
        ax = ay = az = np.uint64(vertex_start[e + 1] - vertex_start[e])
        bx = by = bz = np.uint64(face_start[e + 1] - face_start[e])
        for i in range(vertex_start[e], vertex_start[e + 1]):
            x = _grid(vertices[i, 0] - corner[e, 0])
            y = _grid(vertices[i, 1] - corner[e, 1])
            z = _grid(vertices[i, 2] - corner[e, 2])
            ax = _mix(ax, x, one)
            ay = _mix(ay, y, one)
            az = _mix(az, z, one)
            bx = _mix(bx, x, two)
            by = _mix(by, y, two)
            bz = _mix(bz, z, two)
        for i in range(face_start[e], face_start[e + 1]):
            x = np.uint64(faces[i, 0])
            y = np.uint64(faces[i, 1])
            z = np.uint64(faces[i, 2])
            ax = _mix(ax, x, one)
            ay = _mix(ay, y, one)
            az = _mix(az, z, one)
            bx = _mix(bx, x, two)
            by = _mix(by, y, two)
            bz = _mix(bz, z, two)
        out[e, 0] = _mix(_mix(ax, ay, one), az, one)
        out[e, 1] = _mix(_mix(bx, by, two), bz, two)


@entry
def alike(keys: U64, table: I64, first: I64, which: I64) -> int:
    """Number the different rows of `keys` (P, W) in the order in which they come.

    Parameters
    ----------
    keys : (P, W) uint64
    table : (T,) int64
        Room, all -1: a power of two and at least twice as many as P.
    first : (P,) int64
        Receives where each different row occurs first.
    which : (P,) int64
        Receives the number of each row.

    Returns
    -------
    int
        How many different rows there are.

    """
    last = np.uint64(len(table) - 1)
    count = 0
    for p in range(len(keys)):
        h = np.uint64(FIRST)
        for c in range(keys.shape[1]):
            h = _mix(h, keys[p, c], np.uint64(FIRST))
        at = np.int64(h & last)
        while table[at] >= 0 and not _equal(keys, first[table[at]], p):
            at = np.int64(np.uint64(at + 1) & last)
        if table[at] < 0:
            table[at] = count
            first[count] = p
            count += 1
        which[p] = table[at]
    return count


@inner
def _equal(keys: U64, one: int, two: int) -> bool:
    same = True
    for c in range(keys.shape[1]):
        same = same and keys[one, c] == keys[two, c]
    return same


def distinct(keys: U64) -> tuple[I64, I64]:
    """Where each key (P, W) occurs first (K,), ascending, and which of them each one is (P,)."""
    count = len(keys)
    table = np.full(2 ** (2 * count + 1).bit_length(), -1, dtype=np.int64)
    first = np.zeros(count, dtype=np.int64)
    which = np.zeros(count, dtype=np.int64)
    found = alike(readonly(keys, np.uint64, ndim=2), table, first, which)
    return first[:found].copy(), which


def shape_digests(meshes: MeshSet, corner: F64) -> U64:
    """128 bits (E, 2) of the shape of each body, 0 of those without a finite `corner` (E, 3)."""
    out = np.zeros((len(meshes), 2), dtype=np.uint64)
    # one kind of array, whoever made the meshes: kernels are compiled for each kind
    vertices = readonly(meshes.vertices, np.float64, ndim=2)
    faces = readonly(meshes.faces, np.int32, ndim=2)
    starts = [readonly(s, np.int64, ndim=1) for s in (meshes.vertex_start, meshes.face_start)]
    corner = readonly(corner, np.float64, ndim=2)
    sound = np.flatnonzero(np.isfinite(corner).all(axis=1))
    parts = np.array_split(sound, 4 * hands() if len(faces) > FEW else 1)
    for _ in threads(
        lambda rows: digests(rows, vertices, faces, starts[0], starts[1], corner, out), parts
    ):
        pass
    out[sound, 0] ^= meshes.closed[sound].astype(np.uint64)
    return out
