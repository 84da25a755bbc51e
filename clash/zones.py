"""Zones of a building (flats, fire compartments, construction sections) by its spaces."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from bimcore.arrays import F64, I64, Mask
from bimcore.model import Scene
from clash.shapes import shapes_of

#: Metres from a space within which a place still belongs to it: half a wall, ceiling voids.
BESIDE = 0.6


@dataclass(frozen=True, eq=False)
class _Space:
    zone: str
    axes: F64
    low: F64
    high: F64
    corners: F64


def zones_at(scene: Scene, points: F64) -> list[str]:
    """The zone that each place is in.

    A place is in the zone of the space that holds it, else of the nearest one within
    ``BESIDE``. Spaces that no ``IfcZone`` groups make no zone: rooms divide no problem.

    Parameters
    ----------
    scene : Scene
    points : (C, 3) float64

    Returns
    -------
    list of str
        Name of the zone; empty where there is none.

    """
    spaces = _spaces(scene)
    words = [*(s.zone for s in spaces), ""]
    return [words[i] for i in _nearest(spaces, points).tolist()]


def rooms_at(scene: Scene, boxes: F64) -> list[str]:
    """The room that each thing stands in, by the bodies of all spaces.

    Parameters
    ----------
    scene : Scene
    boxes : (C, 2, 3) float64
        Lower and upper corners of the things; NaN rows are in no room.

    Returns
    -------
    list of str
        Name of the space; empty where there is none, and for what covers more than the room.

    """
    spaces = _spaces(scene, zoned=False)
    known = np.flatnonzero(np.isfinite(boxes).all(axis=(1, 2)))
    found = np.full(len(boxes), -1, dtype=np.int64)
    found[known] = _nearest(spaces, boxes[known].mean(axis=1))
    if spaces:
        flat = np.array([np.ptp(s.corners[..., :2], axis=(0, 1)).prod() for s in spaces])
        size = boxes[:, 1] - boxes[:, 0]
        found[size[:, 0] * size[:, 1] > 1.5 * flat[found]] = -1
    words = [*(s.zone for s in spaces), ""]
    return [words[i] for i in found.tolist()]


def _nearest(spaces: Sequence[_Space], points: F64) -> I64:
    """The space (C,) that holds each point, else the nearest within ``BESIDE``; -1 none."""
    best = np.full(len(points), np.inf)
    found = np.full(len(points), -1, dtype=np.int64)
    order = np.argsort(points[:, 0], kind="stable")
    sorted_x = points[order, 0]
    for number, space in enumerate(spaces):
        low, high = space.corners.min(axis=(0, 1)) - BESIDE, space.corners.max(axis=(0, 1)) + BESIDE
        some = order[slice(*np.searchsorted(sorted_x, [low[0], high[0]]))]
        some = some[((points[some] >= low) & (points[some] <= high)).all(axis=1)]
        gap = _gap(space, points[some])
        nearer = (gap <= BESIDE) & (gap < best[some] - 1e-6)
        best[some[nearer]], found[some[nearer]] = gap[nearer], number
    return found


def _spaces(scene: Scene, *, zoned: bool = True) -> Sequence[_Space]:
    """The bodies of spaces that belong to a zone, and zones with bodies of their own.

    Without `zoned` those of all spaces, by their own names.
    """
    found = []
    for model in scene.models:
        table = model.elements
        if zoned:
            lone = table.is_a("IfcSpatialZone")
            wanted = lone | ((table.system.codes >= 0) & table.is_a("IfcSpace"))
        else:
            wanted = lone = table.is_a("IfcSpace")
        rows = np.flatnonzero(wanted & model.meshes.has_body)
        if not len(rows):
            continue
        meshes = model.meshes.take(rows)
        shapes = shapes_of(meshes)
        for place, row in enumerate(rows.tolist()):
            vertices, faces = meshes.body(place)
            found.append(
                _Space(
                    zone=table.name[row] if lone[row] else table.system[row],
                    axes=shapes.axes[place],
                    low=shapes.low[place],
                    high=shapes.high[place],
                    corners=vertices[faces],
                )
            )
    return sorted(found, key=lambda s: (s.zone, s.low.tolist()))


def _gap(space: _Space, points: F64) -> F64:
    """Metres (C,) from each place to a space; negative inside it.

    Measured to its own box; within the box of a bent room, but outside the room, next to it.
    """
    along = points @ space.axes.T
    beyond = np.maximum(np.maximum(space.low - along, along - space.high), 0.0)
    gap: F64 = np.linalg.norm(beyond, axis=1)
    boxed = np.flatnonzero(gap == 0)
    if len(boxed):
        inside = _inside(space.corners, points[boxed])
        gap[boxed] = np.where(inside, -1.0, BESIDE / 2)
    return gap


def _inside(corners: F64, points: F64) -> Mask:
    """Whether (P,) each point lies in a body, by what it sees of the surface all round."""
    turns = np.zeros(len(points))
    for one in _batches(len(points), len(corners)):
        a, b, c = (corners[None, :, k] - points[one, None] for k in range(3))
        la, lb, lc = (np.linalg.norm(v, axis=2) for v in (a, b, c))
        ab, bc, ca = (np.einsum("pfi,pfi->pf", u, v) for u, v in ((a, b), (b, c), (c, a)))
        volume = np.einsum("pfi,pfi->pf", a, np.cross(b, c))
        turns[one] = np.arctan2(volume, la * lb * lc + ab * lc + bc * la + ca * lb).sum(axis=1)
    found: Mask = np.abs(turns) > np.pi
    return found


def _batches(points: int, faces: int) -> list[I64]:
    size = max(1, 200_000 // max(faces, 1))
    return [np.arange(k, min(k + size, points)) for k in range(0, points, size)]
