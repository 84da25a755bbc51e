"""Plain bodies that pictures show beside the models: lines of the map, cranes of the plan."""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from bimcore.arrays import F64, I32
from bimcore.elements import Coded, ElementTable
from bimcore.frame import Frame
from bimcore.mesh import Kernel, MeshSet
from bimcore.model import Model
from bimcore.relations import RelationTable

Body = tuple[F64, I32]

#: Sides of a ring; enough that it looks round from where all of it is seen.
_SIDES = 48
_FACES = np.array(
    [[0, 1, 2], [0, 2, 3], [4, 6, 5], [4, 7, 6], [0, 5, 1], [0, 4, 5]]
    + [[1, 6, 2], [1, 5, 6], [2, 7, 3], [2, 6, 7], [3, 4, 0], [3, 7, 4]],
    dtype=np.int32,
)
_LINEAGE = ("IfcBuildingElementProxy", "IfcBuildingElement", "IfcElement", "IfcProduct")


def bar(start: F64, end: F64, *, thick: float) -> Body:
    """A square bar between two points (3,), `thick` metres on each side."""
    way = (end - start) / max(float(np.linalg.norm(end - start)), 1e-9)
    side = np.cross(way, [0.0, 0.0, 1.0] if abs(way[2]) < 0.9 else [1.0, 0.0, 0.0])
    side /= np.linalg.norm(side)
    up = np.cross(side, way)
    corners = np.array([[-1, -1], [1, -1], [1, 1], [-1, 1]]) * thick / 2
    ring = corners[:, :1] * side + corners[:, 1:] * up
    return np.concatenate([start + ring, end + ring]), _FACES


def ring(centre: F64, radius: float, *, thick: float) -> Body:
    """A level ring of bars round `centre` (3,)."""
    angle = 2 * np.pi * np.arange(_SIDES + 1) / _SIDES
    points = centre + radius * np.column_stack([np.cos(angle), np.sin(angle), 0.0 * angle])
    return joined([bar(a, b, thick=thick) for a, b in pairwise(points)])


def joined(bodies: Sequence[Body]) -> Body:
    """Several bodies as one."""
    starts = np.cumsum([0, *(len(v) for v, _ in bodies)])
    faces = [f + start for (_, f), start in zip(bodies, starts.tolist(), strict=False)]
    return np.concatenate([v for v, _ in bodies]), np.concatenate(faces).astype(np.int32)


def sketch_model(
    name: str, called: Sequence[str], bodies: Sequence[Body], *, frame: Frame
) -> Model:
    """A model of `bodies` with their names that takes no part in any check."""
    count = len(bodies)
    blank = Coded.of([None] * count)
    return Model(
        elements=ElementTable(
            guid=tuple(f"{k:022d}" for k in range(count)),
            name=tuple(called),
            tag=("",) * count,
            step_id=np.zeros(count, dtype=np.int64),
            ifc_class=Coded.of(["IfcBuildingElementProxy"] * count),
            lineage=(_LINEAGE,) if count else (),
            predefined=blank,
            object_type=blank,
            storey=blank,
            system=blank,
            material=blank,
            classification=blank,
            layer=blank,
            discipline=Coded.of(["other"] * count),
            storey_elevation=np.zeros(0),
            clash_body=np.zeros(count, dtype=bool),
        ),
        relations=RelationTable.of([]),
        meshes=MeshSet.of(list(bodies), closed=[True] * count, kernel=Kernel.OWN),
        frame=frame,
        source="",
        name=name,
        schema="",
    )
