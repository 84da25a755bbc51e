"""The building as its crews stand in it: boxes along its walls, floors under the feet."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from bimcore.arrays import F64, I32, I64, Mask, ragged_take
from bimcore.model import Scene
from clash.rehearsal.base import Places
from clash.rehearsal.places import buildings_of, level_within
from clash.roles import Roles, roles_of

#: Metres above the floor up to which people work from it (on ladders and mobile towers), and
#: below what they reach from a deck.
_FROM_FLOOR, _FROM_DECK = 6.0, 2.0
#: Height of a storey in metres where none is known.
_STOREY = 3.5
#: Metres that the top of a floor or beam may lie off its level.
_FLUSH = 0.35
#: Thickest wall in metres, and how much of a box a diagonal wall leaves empty.
_THICK = 0.8
#: Turn of the building in radians below which its walls follow the axes.
_STRAIGHT = 0.005


@dataclass(frozen=True, eq=False, kw_only=True)
class Ground:
    """Elements (E,) in the frame of the building, and where people work on them.

    Attributes
    ----------
    axes : (2, 2) float64
        Rows are the directions of the building's walls in plan.
    boxes : (E, 2, 3) float64
        Boxes along these; NaN without a body.
    foot, head : (E,) float64
        Heights of where people stand to work on it, and of its top.
    level : (E,) int64
        Number of that working level; several within a tall storey.
    walls : (W,) int64
        Walls that close rooms, by their elements.
    planned : (E,) bool
        Elements of buildings that the plan works on, and those of none.
    wall_line : (W, 6) float64
        Middle, direction, half length and half thickness of each in plan.

    """

    scene: Scene
    roles: Roles
    axes: F64
    boxes: F64
    foot: F64
    head: F64
    level: I64
    walls: I64
    wall_line: F64
    planned: Mask

    @cached_property
    def known(self) -> Mask:
        """Elements (E,) with a body."""
        found: Mask = np.all(np.isfinite(self.boxes), axis=(1, 2))
        return found

    def back(self, low: F64, high: F64) -> F64:
        """The box (2, 3) in the project frame round one of the building's frame."""
        corners = np.array([[x, y] for x in (low[0], high[0]) for y in (low[1], high[1])])
        plan = corners @ self.axes
        return np.array([[*plan.min(axis=0), float(low[2])], [*plan.max(axis=0), float(high[2])]])


def ground_of(
    scene: Scene,
    places: Places,
    *,
    reach: float,
    linked: I32 | None = None,
    roles: Roles | None = None,
) -> Ground:
    """Where people stand for each element.

    Floors, roofs and beams are worked on from their top, what is within reach of a floor from
    the floor, what is higher from a deck `reach` below it.

    Parameters
    ----------
    scene : Scene
    places : Places
        Heights of the floors.
    reach : float
        Height of a working space in metres.
    linked : (N,) int32, optional
        Elements that tasks work on: buildings without any have no say in directions and floors.
    roles : Roles, optional
        Of the scene, where they are known.

    """
    roles = roles or roles_of(scene)
    buildings = buildings_of(scene, roles)
    planned = np.ones(len(scene), dtype=np.bool_)
    if linked is not None and len(linked):
        planned = np.isin(buildings, buildings[linked]) | (buildings < 0)
    axes = _axes(scene, roles, planned)
    boxes = _turned(scene, axes)
    foot, level = _footing(boxes, roles, places, buildings)
    with np.errstate(invalid="ignore"):
        head = np.fmax(boxes[:, 1, 2], foot + reach)
    walls, line = _walls(scene, roles, boxes, axes)
    return Ground(
        scene=scene,
        roles=roles,
        axes=axes,
        boxes=boxes,
        foot=foot,
        head=head,
        level=level,
        walls=walls,
        wall_line=line,
        planned=planned,
    )


def _axes(scene: Scene, roles: Roles, planned: Mask) -> F64:
    """Main directions (2, 2) of the upright faces of walls, else of all bodies."""
    meshes = scene.meshes
    body = scene.clash_body & planned
    rows = np.flatnonzero(roles.any_of("wall", "curtain") & body)
    if not len(rows):
        rows = np.flatnonzero(body)
    if not len(rows):
        return np.eye(2)
    some = meshes.take(rows)
    owner = np.repeat(np.arange(len(rows)), np.diff(some.face_start))
    corners = some.vertices[some.faces.astype(np.int64) + some.vertex_start[owner][:, None]]
    normal = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    size = np.linalg.norm(normal, axis=1)
    upright = (np.abs(normal[:, 2]) < 0.1 * size) & (size > 0)
    if not upright.any():
        return np.eye(2)
    angle = np.mod(np.arctan2(normal[upright, 1], normal[upright, 0]), np.pi / 2)
    weight = size[upright]
    tally, edges = np.histogram(angle, bins=90, range=(0, np.pi / 2), weights=weight)
    # what leans a degree to either side of the right angle falls into the first and last bin
    peak = edges[int(np.argmax(tally + np.roll(tally, 1) + np.roll(tally, -1)))] + np.pi / 360
    apart = np.mod(angle - peak + np.pi / 4, np.pi / 2) - np.pi / 4
    near = np.abs(apart) < np.radians(2)
    turn = peak + float(np.average(apart[near], weights=weight[near])) if near.any() else 0.0
    turn = (turn + np.pi / 4) % (np.pi / 2) - np.pi / 4
    if abs(turn) < _STRAIGHT:
        return np.eye(2)
    c, s = np.cos(turn), np.sin(turn)
    return np.array([[c, s], [-s, c]])


def _turned(scene: Scene, axes: F64) -> F64:
    if np.array_equal(axes, np.eye(2)):
        return scene.bounds
    boxes = scene.bounds.copy()
    meshes = scene.meshes
    rows = np.flatnonzero(np.diff(meshes.vertex_start) > 0)
    if len(rows):
        plan = meshes.vertices[:, :2] @ axes.T
        first = meshes.vertex_start[:-1][rows]
        boxes[rows, 0, :2] = np.minimum.reduceat(plan, first, axis=0)
        boxes[rows, 1, :2] = np.maximum.reduceat(plan, first, axis=0)
    return boxes


def _footing(boxes: F64, roles: Roles, places: Places, buildings: I64) -> tuple[F64, I64]:
    """Height (E,) of the feet of who works on an element, and the working level."""
    heights = places.heights
    bottom, top = np.nan_to_num(boxes[:, 0, 2]), np.nan_to_num(boxes[:, 1, 2])
    flat = (roles["slab"] & (top - bottom < 1.0)) | (roles["beam"] & (top - bottom < 2.0))
    if not len(heights):
        lowest = float(bottom.min(initial=0.0))
        foot = np.where(flat, top, bottom)
        return foot, np.floor((foot - lowest + 0.5) / _STOREY).astype(np.int64) * 100
    over, floor = np.zeros(len(top)), np.zeros(len(top), dtype=np.int64)
    under = floor.copy()
    for number in np.unique(buildings).tolist():
        rows = np.flatnonzero(buildings == number)
        own = np.unique(places.level[rows][places.level[rows] >= 0])
        own = own if len(own) and number >= 0 else np.arange(len(heights))
        over[rows] = heights[level_within(heights, own, top[rows])]
        flat[rows] &= (np.abs(top[rows] - over[rows]) < _FLUSH) | roles["slab"][rows]
        floor[rows] = level_within(heights, own, np.where(flat, top, bottom)[rows])
        under[rows] = own[np.maximum(np.searchsorted(own, floor[rows]) - 1, 0)]
    # what hangs close under the next floor belongs to the storey that it is told in
    hung = ~flat & (places.level == under) & (bottom < heights[floor])
    floor = np.where(hung, under, floor)
    # what lies under its floor (foundations, buried lines) is worked on from its own bottom
    stand = np.where(flat, top, np.minimum(heights[floor], bottom))
    high = ~flat & (bottom - heights[floor] > _FROM_FLOOR)
    stand = np.where(high, bottom - _FROM_DECK, stand)
    deck = np.where(high, np.floor((stand - heights[floor]) / _FROM_FLOOR) + 1, 0)
    return stand, (floor * 100 + deck).astype(np.int64)


def _walls(scene: Scene, roles: Roles, boxes: F64, axes: F64) -> tuple[I64, F64]:
    """Walls, and the line (W, 6) of each in plan along `axes`."""
    body = scene.clash_body & np.isfinite(boxes).all(axis=(1, 2))
    rows = np.flatnonzero(roles.any_of("wall", "curtain") & body)
    size = boxes[rows, 1] - boxes[rows, 0]
    line = np.zeros((len(rows), 6))
    line[:, :2] = boxes[rows, :, :2].mean(axis=1)
    along = np.where(size[:, 0] >= size[:, 1], 0, 1)
    line[np.arange(len(rows)), 2 + along] = 1.0
    line[:, 4] = size[:, :2].max(axis=1, initial=0.0) / 2
    line[:, 5] = size[:, :2].min(axis=1, initial=np.inf) / 2 if len(rows) else 0.0
    for place in np.flatnonzero(line[:, 5] > _THICK / 2).tolist():
        line[place] = _leaning(scene, int(rows[place]), axes)
    thin = line[:, 5] <= _THICK / 2
    return rows[thin], line[thin]


def _leaning(scene: Scene, row: int, axes: F64) -> F64:
    """Line of one wall that follows no main direction."""
    points, _ = ragged_take(scene.meshes.vertex_start, np.array([row]))
    plan = scene.meshes.vertices[points][:, :2] @ axes.T
    middle = plan.mean(axis=0)
    _, _, vectors = np.linalg.svd(plan - middle, full_matrices=False)
    along, across = (plan @ vectors[0], plan @ vectors[-1]) if len(vectors) > 1 else (plan, plan)
    centre = vectors[0] * (along.min() + along.max()) / 2
    centre = centre + vectors[-1] * (across.min() + across.max()) / 2
    half = (np.ptp(along) / 2, np.ptp(across) / 2)
    return np.array([*centre, *vectors[0], *half])
