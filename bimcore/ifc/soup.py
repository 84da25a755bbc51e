"""Triangles of many bodies as one set of arrays, with their edges."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from bimcore.arrays import F64, I32, I64, Mask, starts_of

#: Vertices closer than this are one; kernels round to float32 (1 um at 10 m).
WELD_M = 1e-6
#: Float32 keeps 24 bits: what one rounding can move a coordinate, relative to its size.
_ROUNDING = 2.0**-23


@dataclass(frozen=True, slots=True, eq=False)
class Soup:
    """Faces of many bodies.

    Attributes
    ----------
    vertices : (V, 3) float64
    faces : (F, 3) int64
        Vertex numbers over the batch.
    owner : (F,) int64
        Body of each face.
    bodies : int
    root : (V, 2) int64
        The vertices of the input that each vertex is the middle of (twice the same one for
        an input vertex); -1 for the middle of a middle.

    """

    vertices: F64
    faces: I64
    owner: I64
    bodies: int
    root: I64

    @classmethod
    def of(cls, bodies: Sequence[tuple[F64, I32]]) -> "Soup":
        """Join bodies of (vertices, faces)."""
        start = starts_of([len(v) for v, _ in bodies])
        count = [len(f) for _, f in bodies]
        faces = np.concatenate([np.zeros((0, 3), np.int32), *(f for _, f in bodies)])
        number = np.arange(start[-1])
        return cls(
            vertices=np.concatenate([np.zeros((0, 3)), *(v for v, _ in bodies)]),
            faces=faces + np.repeat(start[:-1], count)[:, None],
            owner=np.repeat(np.arange(len(bodies)), count),
            bodies=len(bodies),
            root=np.column_stack([number, number]),
        )

    def with_faces(self, faces: I64, owner: I64 | None = None) -> "Soup":
        """The same vertices with other faces."""
        return replace(self, faces=faces, owner=self.owner if owner is None else owner)

    def keep(self, rows: Mask) -> "Soup":
        """The faces where `rows` (F,) is true."""
        return self.with_faces(self.faces[rows], self.owner[rows])

    def compact(self) -> "Soup":
        """Only the vertices that faces use, in the same order."""
        used = np.zeros(len(self.vertices), dtype=bool)
        used[self.faces.ravel()] = True
        faces = (np.cumsum(used) - 1)[self.faces]
        return Soup(self.vertices[used], faces, self.owner, self.bodies, self.root[used])

    def split(self) -> list[tuple[F64, I32, I64]]:
        """Bodies of (vertices, faces, roots), vertices in order of their number."""
        used = np.zeros(len(self.vertices), dtype=bool)
        used[self.faces.ravel()] = True
        owner = np.full(len(self.vertices), -1, dtype=np.int64)
        owner[self.faces.ravel()] = np.repeat(self.owner, 3)
        order = np.flatnonzero(used)
        order = order[np.argsort(owner[order], kind="stable")]
        start = starts_of(np.bincount(owner[order], minlength=self.bodies))
        place = np.zeros(len(self.vertices), dtype=np.int64)
        place[order] = np.arange(len(order))
        rows = np.argsort(self.owner, kind="stable")
        local = (place[self.faces] - start[self.owner][:, None]).astype(np.int32)[rows]
        first = starts_of(np.bincount(self.owner, minlength=self.bodies))
        vertices, root = self.vertices[order], self.root[order]
        s, f = start.tolist(), first.tolist()
        return [
            (vertices[s[i] : s[i + 1]], local[f[i] : f[i + 1]], root[s[i] : s[i + 1]])
            for i in range(self.bodies)
        ]


@dataclass(frozen=True, slots=True, eq=False)
class Edges:
    """Half-edges grouped by the undirected edge they lie on.

    Half-edge ``3 f + k`` runs from corner `k` of face `f` to the next corner.

    Attributes
    ----------
    order : (3F,) int64
        Half-edges, those of one edge side by side.
    start : (N,) int64
        First place in `order` of each edge.
    count : (N,) int64
        Faces at each edge.
    forward : (3F,) bool
        Whether the half-edge runs from the lower to the higher vertex number.

    """

    order: I64
    start: I64
    count: I64
    forward: Mask

    @classmethod
    def of(cls, faces: I64, vertices: int) -> "Edges":
        """Group the half-edges of `faces` (F, 3)."""
        a, b = faces.ravel(), np.roll(faces, -1, axis=1).ravel()
        key = np.minimum(a, b) * np.int64(max(1, vertices)) + np.maximum(a, b)
        order = np.argsort(key, kind="stable")
        ordered = key[order]
        new = np.ones(len(ordered), dtype=bool)
        new[1:] = ordered[1:] != ordered[:-1]
        start = np.flatnonzero(new)
        return cls(order, start, np.diff(np.append(start, len(order))), a < b)

    def excess(self) -> I64:
        """Forward minus backward half-edges of each edge (N,)."""
        sign = np.where(self.forward[self.order], 1, -1)
        total: I64 = np.add.reduceat(sign, self.start) if len(self.start) else self.start
        return total

    def bodies_with(self, wrong: Mask, owner: I64, bodies: int) -> Mask:
        """Bodies (B,) that have one of the edges where `wrong` (N,) is true."""
        found = np.zeros(bodies, dtype=bool)
        found[owner[self.order[self.start[wrong]] // 3]] = True
        return found


def strictly_closed(soup: Soup) -> Mask:
    """Bodies (B,) each edge of which has one face on either side, in opposite directions."""
    edges = Edges.of(soup.faces, len(soup.vertices))
    wrong = (edges.count != 2) | (edges.excess() != 0)
    full = np.bincount(soup.owner, minlength=soup.bodies) >= 4
    found: Mask = full & ~edges.bodies_with(wrong, soup.owner, soup.bodies)
    return found


def drop_degenerate(soup: Soup) -> Soup:
    """Without faces that use a vertex twice."""
    a, b, c = soup.faces.T
    return soup.keep((a != b) & (b != c) & (c != a))


def weld(soup: Soup, tolerance: F64) -> Soup:
    """Merge vertices of one body that fall into one cell of `tolerance` (B,) metres."""
    owner = np.zeros(len(soup.vertices), dtype=np.int64)
    owner[soup.faces.ravel()] = np.repeat(soup.owner, 3)
    cells = np.round(soup.vertices / tolerance[owner][:, None]).astype(np.int64)
    order = np.lexsort((cells[:, 2], cells[:, 1], cells[:, 0], owner))
    rows = np.column_stack([owner, cells])[order]
    new = np.ones(len(order), dtype=bool)
    new[1:] = (rows[1:] != rows[:-1]).any(axis=1)
    first = order[np.flatnonzero(new)]
    merged = np.zeros(len(order), dtype=np.int64)
    merged[order] = first[np.cumsum(new) - 1]
    return drop_degenerate(soup.with_faces(merged[soup.faces]))


def weld_tolerance(soup: Soup) -> F64:
    """Metres (B,) by which kernels may separate what is one vertex."""
    largest = np.zeros(soup.bodies)
    if len(soup.faces):
        size = np.abs(soup.vertices[soup.faces]).max(axis=(1, 2))
        np.maximum.at(largest, soup.owner, size)
    return np.maximum(WELD_M, np.minimum(4 * _ROUNDING * largest, 1e-4))


def components(count: int, a: I64, b: I64) -> I64:
    """Lowest member (count,) of the connected set of each node, for links `a` to `b`."""
    label = np.arange(count, dtype=np.int64)
    while True:
        low, high = np.minimum(label[a], label[b]), np.maximum(label[a], label[b])
        if np.array_equal(low, high):
            return label
        np.minimum.at(label, high, low)
        while not np.array_equal(label, label[label]):
            label = label[label]
