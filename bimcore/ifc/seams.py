"""Faces that close hairline gaps between triangles: missed vertices on edges and slits."""

import numpy as np

from bimcore.arrays import F64, I64

#: A gap no wider than this is a rounding of the kernel, not an opening: metres.
WIDTH_M = 2e-4
#: Longer borders are openings of a surface; walking them finds nothing.
_LONGEST = 64


def fill_seams(vertices: F64, missing: I64, owner: I64) -> I64:
    """Triangles for border loops that enclose next to nothing.

    Parameters
    ----------
    vertices : (V, 3) float64
        Metres.
    missing : (K, 2) int64
        Half-edges that would close the border, from and to vertex.
    owner : (K,) int64
        Body of each half-edge.

    Returns
    -------
    (T, 4) int64
        Three vertices and the body of each triangle.

    """
    found: list[tuple[int, int, int, int]] = []
    for loop, body in _loops(missing, owner):
        if _is_slit(vertices[loop]):
            found += [(*triangle, body) for triangle in _fan(vertices, loop)]
    return np.array(found, dtype=np.int64).reshape(-1, 4)


def _loops(missing: I64, owner: I64) -> list[tuple[list[int], int]]:
    """Simple loops of half-edges; vertices where several borders meet end a loop."""
    after: dict[int, int] = {}
    several: set[int] = set()
    for start, end in missing.tolist():
        if start in after:
            several.add(start)
        after[start] = end
    body = dict(zip(missing[:, 0].tolist(), owner.tolist(), strict=True))
    seen: set[int] = set()
    loops = []
    for first in after:
        loop: list[int] = []
        vertex = first
        while vertex in after and vertex not in seen and vertex not in several:
            seen.add(vertex)
            loop.append(vertex)
            vertex = after[vertex]
        if len(loop) >= 3 and vertex == first and len(loop) <= _LONGEST:
            loops.append((loop, body[first]))
    return loops


def _is_slit(ring: F64) -> bool:
    """Whether the ring (N, 3) is nowhere wider than the allowed gap."""
    nexts = np.roll(ring, -1, axis=0)
    perimeter = float(np.linalg.norm(nexts - ring, axis=1).sum())
    area = float(np.linalg.norm(np.cross(ring - ring[0], nexts - ring[0]).sum(axis=0))) / 2
    far = np.linalg.norm(ring[:, None] - ring[None, :], axis=2)
    i, j = np.unravel_index(int(np.argmax(far)), far.shape)
    if far[i, j] == 0.0:
        return True
    along = (ring[j] - ring[i]) / far[i, j]
    off = (ring - ring[i]) - np.outer((ring - ring[i]) @ along, along)
    width = float(np.linalg.norm(off, axis=1).max())
    return width <= WIDTH_M or (len(ring) == 3 and 2 * area <= WIDTH_M * perimeter)


def _fan(vertices: F64, loop: list[int]) -> list[tuple[int, int, int]]:
    """Triangles of a loop, cutting the narrowest ear each time."""
    rest = list(loop)
    triangles = []
    while len(rest) > 3:
        points = vertices[rest]
        before, after = np.roll(points, 1, axis=0), np.roll(points, -1, axis=0)
        ear = int(np.argmin(np.linalg.norm(after - before, axis=1)))
        n = len(rest)
        triangles.append((rest[(ear - 1) % n], rest[ear], rest[(ear + 1) % n]))
        del rest[ear]
    return [*triangles, (rest[0], rest[1], rest[2])]
