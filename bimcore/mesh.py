"""Triangles of many elements in one ragged set."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum

import numpy as np

from bimcore.arrays import F64, I32, I64, U8, Mask, ragged_take, readonly, starts_of
from bimcore.frame import apply


class Kernel(IntEnum):
    """Who made a body."""

    NONE = 0
    IFCLITE = 1
    OPENCASCADE = 2
    OWN = 3  #: made by yuyan itself (pipes and parcels from GIS layers, generated bodies)


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class MeshSet:
    """Triangle meshes of E elements.

    Attributes
    ----------
    vertices : (V, 3) float64
        Metres, in the frame of the model.
    faces : (F, 3) int32
        Indices of vertices *within the element* (the first vertex of an element is 0),
        counter-clockwise seen from outside.
    vertex_start, face_start : (E + 1,) int64
        Offsets; an element without geometry has equal starts.
    closed : (E,) bool
        Every edge is shared by exactly two triangles, in opposite directions, and the
        enclosed volume is positive.
    kernel : (E,) uint8
        A :class:`Kernel`.

    """

    vertices: F64
    faces: I32
    vertex_start: I64
    face_start: I64
    closed: Mask
    kernel: U8

    def __post_init__(self) -> None:
        """Freeze and check the offsets."""
        set_ = object.__setattr__
        set_(self, "vertices", readonly(self.vertices, np.float64, ndim=2))
        set_(self, "faces", readonly(self.faces, np.int32, ndim=2))
        set_(self, "vertex_start", readonly(self.vertex_start, np.int64, ndim=1))
        set_(self, "face_start", readonly(self.face_start, np.int64, ndim=1))
        set_(self, "closed", readonly(self.closed, np.bool_, ndim=1))
        set_(self, "kernel", readonly(self.kernel, np.uint8, ndim=1))
        count = len(self.closed) + 1
        if not len(self.vertex_start) == len(self.face_start) == len(self.kernel) + 1 == count:
            message = "offsets of a MeshSet must have one entry more than elements"
            raise ValueError(message)

    @classmethod
    def of(
        cls,
        bodies: Sequence[tuple[F64, I32]],
        *,
        closed: Sequence[bool] | None = None,
        kernel: Kernel = Kernel.OWN,
    ) -> "MeshSet":
        """Join `bodies` of (vertices, faces); `closed` is computed where not given."""
        vertices = [np.asarray(v, dtype=np.float64).reshape(-1, 3) for v, _ in bodies]
        faces = [np.asarray(f, dtype=np.int32).reshape(-1, 3) for _, f in bodies]
        if closed is None:
            closed = [is_closed(v, f) for v, f in zip(vertices, faces, strict=True)]
        has_body = np.array([len(f) > 0 for f in faces], dtype=bool)
        return cls(
            vertices=np.concatenate(vertices) if vertices else np.zeros((0, 3)),
            faces=np.concatenate(faces) if faces else np.zeros((0, 3), dtype=np.int32),
            vertex_start=starts_of([len(v) for v in vertices]),
            face_start=starts_of([len(f) for f in faces]),
            closed=np.asarray(closed, dtype=bool) & has_body,
            kernel=np.where(has_body, int(kernel), 0).astype(np.uint8),
        )

    def __len__(self) -> int:
        return len(self.closed)

    @property
    def has_body(self) -> Mask:
        """Elements (E,) with at least one triangle."""
        found: Mask = np.diff(self.face_start) > 0
        return found

    def body(self, element: int) -> tuple[F64, I32]:
        """Vertices (v, 3) and faces (f, 3) of one element."""
        v = slice(self.vertex_start[element], self.vertex_start[element + 1])
        f = slice(self.face_start[element], self.face_start[element + 1])
        return self.vertices[v], self.faces[f]

    def bounds(self) -> F64:
        """Boxes (E, 2, 3): lower and upper corner; NaN where there is no body."""
        boxes = np.full((len(self), 2, 3), np.nan)
        rows = np.flatnonzero(np.diff(self.vertex_start) > 0)
        if len(rows):
            first = self.vertex_start[:-1][rows]
            boxes[rows, 0] = np.minimum.reduceat(self.vertices, first, axis=0)
            boxes[rows, 1] = np.maximum.reduceat(self.vertices, first, axis=0)
        return boxes

    def moved(self, transform: F64) -> "MeshSet":
        """The same bodies moved by an affine `transform` (4, 4)."""
        faces = self.faces
        if np.linalg.det(transform[:3, :3]) < 0:
            faces = faces[:, ::-1]
        return MeshSet(
            vertices=apply(transform, self.vertices),
            faces=faces,
            vertex_start=self.vertex_start,
            face_start=self.face_start,
            closed=self.closed,
            kernel=self.kernel,
        )

    def take(self, rows: I64) -> "MeshSet":
        """The bodies of the elements wanted, in the order wanted."""
        v, vertex_start = ragged_take(self.vertex_start, rows)
        f, face_start = ragged_take(self.face_start, rows)
        return MeshSet(
            vertices=self.vertices[v],
            faces=self.faces[f],
            vertex_start=vertex_start,
            face_start=face_start,
            closed=self.closed[rows],
            kernel=self.kernel[rows],
        )

    @classmethod
    def join(cls, sets: "Sequence[MeshSet]") -> "MeshSet":
        """All elements of `sets`, one set after the other."""
        if len(sets) == 1:
            return sets[0]
        counts_v = [np.diff(s.vertex_start) for s in sets]
        counts_f = [np.diff(s.face_start) for s in sets]
        empty = np.zeros(0, dtype=np.int64)
        return cls(
            vertices=np.concatenate([np.zeros((0, 3)), *(s.vertices for s in sets)]),
            faces=np.concatenate([np.zeros((0, 3), np.int32), *(s.faces for s in sets)]),
            vertex_start=starts_of(np.concatenate([empty, *counts_v])),
            face_start=starts_of(np.concatenate([empty, *counts_f])),
            closed=np.concatenate([np.zeros(0, bool), *(s.closed for s in sets)]),
            kernel=np.concatenate([np.zeros(0, np.uint8), *(s.kernel for s in sets)]),
        )


def is_closed(vertices: F64, faces: I32) -> bool:
    """Whether each edge of the mesh is used once in each direction and volume is positive."""
    if len(faces) < 4:
        return False
    edges = np.concatenate([faces[:, [0, 1]], faces[:, [1, 2]], faces[:, [2, 0]]]).astype(np.int64)
    count = len(vertices)
    forward = np.sort(edges[:, 0] * count + edges[:, 1])
    backward = np.sort(edges[:, 1] * count + edges[:, 0])
    if (forward[1:] == forward[:-1]).any() or not np.array_equal(forward, backward):
        return False
    return signed_volume(vertices, faces) > 0.0


def signed_volume(vertices: F64, faces: I32) -> float:
    """Enclosed volume in cubic metres; negative when the faces look inwards."""
    centred = vertices - vertices.mean(axis=0)
    a, b, c = (centred[faces[:, k]] for k in range(3))
    return float(np.einsum("ij,ij->", a, np.cross(b, c)) / 6.0)
