"""The bodies of a scene as the kernels want them."""

import numpy as np

from bimcore.arrays import Mask, readonly, starts_of
from bimcore.mesh import MeshSet
from clash.kernels.bodies import MOST, Bodies, describe
from clash.kernels.stand import SLACK


def bodies_of(meshes: MeshSet, *, wanted: Mask) -> Bodies:
    """Describe the bodies where `wanted` (E,) is true; the others stay blank."""
    count = len(meshes)
    boxes = meshes.bounds()
    origin = np.where(np.isfinite(boxes[:, 0]), boxes[:, 0], 0.0)
    local = meshes.vertices - np.repeat(origin, np.diff(meshes.vertex_start), axis=0)
    slot_start = starts_of(np.where(wanted, np.minimum(np.diff(meshes.face_start), MOST), 0))
    slots = int(slot_start[-1])
    bodies = Bodies(
        origin=origin,
        vertices=readonly(local, np.float64, ndim=2),
        faces=meshes.faces,
        vertex_start=meshes.vertex_start,
        face_start=meshes.face_start,
        boxes=boxes - origin[:, None],
        solid=meshes.closed,
        convex=np.zeros(count, dtype=bool),
        slot_start=slot_start,
        normals=np.zeros((slots, 3)),
        spans=np.zeros((slots, 2)),
        edges=np.zeros((slots, 3)),
        normal_count=np.zeros(count, dtype=np.int64),
        edge_count=np.full(count, -1, dtype=np.int64),
        volume=np.zeros(count),
        shrunk=np.zeros(local.shape),
    )
    describe(np.flatnonzero(wanted), bodies, SLACK)
    return bodies
