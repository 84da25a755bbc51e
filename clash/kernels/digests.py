# mypy: disable-error-code="no-any-return"
# (to mypy an item of an array is Any)
"""Digests by which a body is known again when nothing of it has changed."""

from concurrent.futures import ThreadPoolExecutor
from os import sched_getaffinity

import numpy as np

from bimcore.arrays import I32, I64, U64, readonly
from bimcore.mesh import MeshSet
from clash.kernels.compiled import entry, inner

#: Odd factors of the two halves: the golden ratio (Knuth) and that of SplitMix64 (Steele 2014).
FIRST, SECOND = 0x9E3779B97F4A7C15, 0xBF58476D1CE4E5B9


@inner
def _mix(h: np.uint64, word: np.uint64, factor: np.uint64) -> np.uint64:
    h = (h ^ word) * factor
    return h ^ (h >> np.uint64(29))


@entry
def digests(
    rows: I64, vertices: U64, faces: I32, vertex_start: I64, face_start: I64, out: U64
) -> None:
    """Fill 128 bits (E, 2) of the bodies `rows` from the bits of vertices (V, 3) and faces."""
    one = np.uint64(FIRST)
    two = np.uint64(SECOND)
    for e in rows:
        a = np.uint64(vertex_start[e + 1] - vertex_start[e])
        b = np.uint64(face_start[e + 1] - face_start[e])
        for i in range(vertex_start[e], vertex_start[e + 1]):
            for c in range(3):
                a = _mix(a, vertices[i, c], one)
                b = _mix(b, vertices[i, c], two)
        for i in range(face_start[e], face_start[e + 1]):
            # corner numbers have 31 bits: three fill one and a half words
            x = np.uint64(faces[i, 0]) | (np.uint64(faces[i, 1]) << np.uint64(32))
            y = np.uint64(faces[i, 2])
            a = _mix(_mix(a, x, one), y, one)
            b = _mix(_mix(b, x, two), y, two)
        out[e, 0] = a
        out[e, 1] = b


def body_digests(meshes: MeshSet) -> U64:
    """128 bits (E, 2) of each body as it stands: any change of shape or place changes them."""
    out = np.zeros((len(meshes), 2), dtype=np.uint64)
    # one kind of array, whoever made the meshes: kernels are compiled for each kind
    bits = readonly(meshes.vertices, np.float64, ndim=2).view(np.uint64)
    faces = readonly(meshes.faces, np.int32, ndim=2)
    starts = [readonly(s, np.int64, ndim=1) for s in (meshes.vertex_start, meshes.face_start)]
    hands = len(sched_getaffinity(0))
    with ThreadPoolExecutor(hands) as pool:
        parts = np.array_split(np.arange(len(out)), 4 * hands)
        for _ in pool.map(
            lambda rows: digests(rows, bits, faces, starts[0], starts[1], out), parts
        ):
            pass
    out[:, 0] ^= meshes.closed.astype(np.uint64)
    return out
