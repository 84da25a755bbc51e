"""The bodies of a scene as the kernels want them: local coordinates, faces, directions."""

from dataclasses import dataclass, fields

import numpy as np

from bimcore.arrays import F64, I32, I64, Mask, readonly, starts_of
from bimcore.mesh import MeshSet
from clash.kernels import bodies as kernels


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Bodies:
    """Everything about E bodies that does not depend on whom they meet.

    Attributes
    ----------
    origin : (E, 3) float64
        Lower corner of each body in the scene; all else is local to it.
    vertices, faces, vertex_start, face_start
        As in :class:`bimcore.mesh.MeshSet`, vertices local to the body.
    boxes : (E, 2, 3) float64
        Local boxes; NaN where there is no body.
    solid : (E,) bool
        The body encloses space.
    slot_start : (E + 1,) int64
        Room of each body in `normals` and `edges`.
    normals, edges : (N, 3) float64
        Distinct face normals and, for convex bodies, edge directions.
    normal_count, edge_count : (E,) int64
        How many there are; -1 edges when there are too many to try them all.
    convex : (E,) bool
    sizes : (E, 2) float64
        Volume and surface area.

    """

    origin: F64
    vertices: F64
    faces: I32
    vertex_start: I64
    face_start: I64
    boxes: F64
    solid: Mask
    slot_start: I64
    normals: F64
    normal_count: I64
    edges: F64
    edge_count: I64
    convex: Mask
    sizes: F64

    def __post_init__(self) -> None:
        """Freeze the arrays, so that the kernels see one type only."""
        for f in fields(self):
            array = getattr(self, f.name)
            object.__setattr__(self, f.name, readonly(array, array.dtype, ndim=array.ndim))

    @classmethod
    def of(cls, meshes: MeshSet, *, wanted: Mask) -> "Bodies":
        """Describe the bodies where `wanted` (E,) is true; the others stay blank."""
        count = len(meshes)
        boxes = meshes.bounds()
        origin = np.where(np.isfinite(boxes[:, 0]), boxes[:, 0], 0.0)
        local = meshes.vertices - np.repeat(origin, np.diff(meshes.vertex_start), axis=0)
        slots = np.where(wanted, np.minimum(np.diff(meshes.face_start), kernels.MOST), 0)
        slot_start = starts_of(np.maximum(slots, 0))
        normals = np.zeros((slot_start[-1], 3))
        edges = np.zeros((slot_start[-1], 3))
        normal_count = np.zeros(count, dtype=np.int64)
        edge_count = np.full(count, -1, dtype=np.int64)
        convex = np.zeros(count, dtype=bool)
        sizes = np.zeros((count, 2))
        kernels.describe(
            readonly(np.flatnonzero(wanted), np.int64, ndim=1),
            readonly(local, np.float64, ndim=2),
            meshes.faces,
            meshes.vertex_start,
            meshes.face_start,
            meshes.closed,
            slot_start,
            normals,
            normal_count,
            edges,
            edge_count,
            convex,
            sizes,
        )
        return cls(
            origin=origin,
            vertices=local,
            faces=meshes.faces,
            vertex_start=meshes.vertex_start,
            face_start=meshes.face_start,
            boxes=boxes - origin[:, None],
            solid=meshes.closed,
            slot_start=slot_start,
            normals=normals,
            normal_count=normal_count,
            edges=edges,
            edge_count=edge_count,
            convex=convex,
            sizes=sizes,
        )
