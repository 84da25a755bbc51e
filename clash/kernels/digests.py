# mypy: disable-error-code="no-any-return"
# (to mypy an item of an array is Any)
"""Digests by which a shape is known again, wherever it stands."""

from concurrent.futures import ThreadPoolExecutor
from os import sched_getaffinity

import numpy as np

from bimcore.arrays import F64, I32, I64, U64, readonly
from bimcore.mesh import MeshSet
from clash.kernels.compiled import entry, inner
from clash.kernels.stand import GRID

#: Odd factors of the two halves: the golden ratio (Knuth) and that of SplitMix64 (Steele 2014).
FIRST, SECOND = 0x9E3779B97F4A7C15, 0xBF58476D1CE4E5B9


@inner
def _mix(h: np.uint64, word: np.uint64, factor: np.uint64) -> np.uint64:
    h = (h ^ word) * factor
    return h ^ (h >> np.uint64(29))


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
        a = np.uint64(vertex_start[e + 1] - vertex_start[e])
        b = np.uint64(face_start[e + 1] - face_start[e])
        for i in range(vertex_start[e], vertex_start[e + 1]):
            for c in range(3):
                word = np.uint64(np.int64(np.floor((vertices[i, c] - corner[e, c]) * GRID + 0.5)))
                a = _mix(a, word, one)
                b = _mix(b, word, two)
        for i in range(face_start[e], face_start[e + 1]):
            # corner numbers have 31 bits: three fill one and a half words
            x = np.uint64(faces[i, 0]) | (np.uint64(faces[i, 1]) << np.uint64(32))
            y = np.uint64(faces[i, 2])
            a = _mix(_mix(a, x, one), y, one)
            b = _mix(_mix(b, x, two), y, two)
        out[e, 0] = a
        out[e, 1] = b


def shape_digests(meshes: MeshSet, corner: F64) -> U64:
    """128 bits (E, 2) of the shape of each body, 0 of those without a finite `corner` (E, 3)."""
    out = np.zeros((len(meshes), 2), dtype=np.uint64)
    # one kind of array, whoever made the meshes: kernels are compiled for each kind
    vertices = readonly(meshes.vertices, np.float64, ndim=2)
    faces = readonly(meshes.faces, np.int32, ndim=2)
    starts = [readonly(s, np.int64, ndim=1) for s in (meshes.vertex_start, meshes.face_start)]
    corner = readonly(corner, np.float64, ndim=2)
    sound = np.flatnonzero(np.isfinite(corner).all(axis=1))
    hands = len(sched_getaffinity(0))
    with ThreadPoolExecutor(hands) as pool:
        parts = np.array_split(sound, 4 * hands)
        for _ in pool.map(
            lambda rows: digests(rows, vertices, faces, starts[0], starts[1], corner, out), parts
        ):
            pass
    out[sound, 0] ^= meshes.closed[sound].astype(np.uint64)
    return out
