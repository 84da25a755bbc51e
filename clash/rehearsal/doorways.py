"""Openings, doors, windows and stairs between rooms, with their widths and heights at any time."""

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from bimcore.arrays import F64, I64
from bimcore.model import Scene
from bimcore.relations import RelationKind
from clash.rehearsal.base import Stage
from clash.rehearsal.rooms import Rooms
from clash.rehearsal.surrounds import ALWAYS, NEVER, OUTSIDE, closing
from clash.roles import scene_pairs
from clash.shapes import Shapes, shapes_of

#: Metres beyond an opening at which the room on a side is looked for.
_BESIDE = (0.05, 0.15, 0.3, 0.5, 0.8)
#: The same below and over an opening in a floor.
_OVER = (0.2, 0.4, 0.8, 1.3, 1.8)
#: Share of the thickness of its wall that an opening must span; less is a niche.
_SPANS = 0.6
#: Windows that stand on the floor and are this high are walked through.
_SILL, _WALKED = 0.35, 1.85
_FIXED = re.compile(r"fixed|固定|fest ?(verglas|stehend)|picture|vast glas|fixe\b", re.IGNORECASE)
#: Share of the width of a door frame that its head takes.
_HEAD = 0.5
#: Height over a flight of stairs.
_HEADROOM = 2.1
#: Metres between a floor and the foot or head of a stair there, and the share of its plan in a room.
_RISE, _IN = 0.6, 0.1
#: Own axes with less of the vertical in them are level.
_LEVEL = 0.3


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Moment:
    """A minute, and what is reckoned with then.

    With `dated` 1 only what has a date stands; without `framed` doors leave their whole opening.
    """

    minute: int
    dated: int = 0
    framed: bool = True


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Doorway:
    """A way between rooms that has measures of its own.

    Attributes
    ----------
    element : int
        What people call it: the door or window, else the opening, or the stair.
    kind : str
        ``"door"``, ``"window"``, ``"opening"``, ``"floor"`` (an opening in a floor) or
        ``"stair"``.
    nodes : tuple of int
        Rooms that it joins; ``OUTSIDE`` is one.
    bodies : tuple of int
        Of a doorway in a wall, the body of the room on each side; -1 for none.
    size, clear : (2,) float64
        Metres of width and height, before and after the door or window is set.
    since, filled : (2,) int64
        Minutes from which its wall stands, and from which the door or window is set.
    centre : (3,) float64
    normal : (3,) float64
        Unit vector through the doorway.
    sill : float
        Height of its lower edge.

    """

    element: int
    kind: str
    nodes: tuple[int, ...]
    bodies: tuple[int, ...]
    size: F64
    clear: F64
    since: I64
    filled: I64
    centre: F64
    normal: F64
    sill: float

    @property
    def upright(self) -> bool:
        """Whether it is a doorway in a wall."""
        return self.kind in {"door", "window", "opening"}

    def section(self, moment: Moment) -> tuple[float, float]:
        """Width and height that are free at a moment; infinite where its wall is not built."""
        if self.kind == "stair":
            closed = self.since[moment.dated] > moment.minute
            return (0.0, 0.0) if closed else (float(self.size[0]), float(self.size[1]))
        if self.since[moment.dated] > moment.minute:
            return float("inf"), float("inf")
        free = self.clear if self.filled[moment.dated] <= moment.minute else self.size
        if not moment.framed and free.min() > 0.0:
            free = self.size
        return float(free[0]), float(free[1])


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class _Made:
    """What doorways are made from."""

    scene: Scene
    rooms: Rooms
    frame: float
    closes: I64
    set_: I64


def doorways_of(stage: Stage, rooms: Rooms, *, frame: float) -> tuple[Doorway, ...]:
    """Openings in walls and floors, doors without an opening, and stairs, that join rooms.

    Parameters
    ----------
    stage : Stage
    rooms : Rooms
    frame : float
        Metres that the frame and leaf of a door take of its width, in all.

    """
    scene = stage.scene
    complete = stage.lifetimes.complete
    minutes = complete.astype("datetime64[m]").astype(np.int64)
    undated = np.isnat(complete)
    set_ = np.stack([np.where(undated, v, minutes) for v in (ALWAYS, NEVER)], axis=1)
    made = _Made(scene=scene, rooms=rooms, frame=frame, closes=closing(stage), set_=set_)
    found = [*_openings(made), *_lone_doors(made), *_stairs(made)]
    return tuple(d for d in found if len(set(d.nodes)) > 1)


def _openings(made: _Made) -> list[Doorway]:
    scene = made.scene
    pairs = scene_pairs(scene, RelationKind.VOIDS)
    body = scene.meshes.has_body
    pairs = pairs[body[pairs].all(axis=1)] if len(pairs) else pairs
    fillers: dict[int, list[int]] = defaultdict(list)
    for filler, hole in scene_pairs(scene, RelationKind.OPENING_FILLER).tolist():
        fillers[hole].append(filler)
    if not len(pairs):
        return []
    hosts = np.unique(pairs[:, 1])
    own = shapes_of(scene.meshes.take(pairs[:, 0]))
    walls = shapes_of(scene.meshes.take(hosts))
    found = []
    for row, (hole, host) in enumerate(pairs.tolist()):
        wall = int(np.searchsorted(hosts, host))
        normal = _through(own, row, walls, wall)
        one = _opening(made, (hole, host), normal, fillers[hole])
        if one is not None and _spans(scene, hole, normal, walls, wall):
            found.append(one)
    return found


def _through(own: Shapes, row: int, walls: Shapes, wall: int) -> F64:
    """Direction through an opening: across its wall, along an own axis where one agrees."""
    across = walls.axes[wall, 2]
    cosine = np.abs(own.axes[row] @ across)
    best = int(cosine.argmax())
    normal: F64 = own.axes[row, best] if cosine[best] >= 0.9 else across
    return normal


def _spans(scene: Scene, hole: int, normal: F64, walls: Shapes, wall: int) -> bool:
    along = scene.meshes.body(hole)[0] @ normal
    return bool(np.ptp(along) >= _SPANS * walls.size[wall, 2])


def _opening(
    made: _Made, pair: tuple[int, int], normal: F64, fillers: Sequence[int]
) -> Doorway | None:
    hole, host = pair
    since = made.closes[host]
    if since[0] >= NEVER:
        return None  # a hole in what closes nothing: a worktop, a cabinet
    if abs(normal[2]) > 1 - _LEVEL:
        return _in_floor(made, hole, since)
    if abs(normal[2]) > _LEVEL:
        return None  # a skylight in a slope: the rays up see it
    doors = [f for f in fillers if _is(made.scene, f, "IfcDoor")]
    filler = (doors or list(fillers) or [hole])[0]
    kind = "door" if doors else "window" if fillers else "opening"
    return _in_wall(made, hole, filler, normal, kind, since)


def _in_wall(
    made: _Made, body: int, filler: int, normal: F64, kind: str, since: I64
) -> Doorway | None:
    """A doorway of the size of a body, across a level direction."""
    across = np.array([normal[0], normal[1], 0.0])
    across /= np.linalg.norm(across)
    aside = np.array([-across[1], across[0], 0.0])
    points = made.scene.meshes.body(body)[0]
    spans = np.stack([points @ v for v in (across, aside, np.array([0.0, 0.0, 1.0]))])
    low, high = spans.min(axis=1), spans.max(axis=1)
    middle = (low + high) / 2
    centre = middle[0] * across + middle[1] * aside + np.array([0.0, 0.0, middle[2]])
    bodies = _sides(made, centre, across, half=(high - low)[0] / 2, low=float(low[2]))
    size = (high - low)[1:]
    walked = size[1] >= _WALKED and _stands_on_floor(made.rooms, bodies, float(low[2]))
    passable = kind != "window" or (walked and not _FIXED.search(_words(made.scene, filler)))
    frame = np.array([made.frame, _HEAD * made.frame])
    clear = np.maximum(size - frame, 0.0) if passable else np.zeros(2)
    always = np.full(2, NEVER, dtype=np.int64)
    return Doorway(
        element=filler,
        kind=kind,
        nodes=tuple(_node(made.rooms, b) for b in bodies),
        bodies=bodies,
        size=size,
        clear=clear,
        since=since,
        filled=always if kind == "opening" else made.set_[filler],
        centre=centre,
        normal=across,
        sill=float(low[2]),
    )


def _sides(made: _Made, centre: F64, across: F64, *, half: float, low: float) -> tuple[int, int]:
    """The bodies of the rooms before and behind a doorway."""
    at = np.array([centre[0], centre[1], min(low + 1.0, float(centre[2]))])
    before, behind = (
        made.rooms.first_along(at + sign * (half + np.array(_BESIDE))[:, None] * across)
        for sign in (-1.0, 1.0)
    )
    return before, behind


def _stands_on_floor(rooms: Rooms, bodies: Sequence[int], sill: float) -> bool:
    return any(b >= 0 and abs(sill - rooms.rooms[b].low) <= _SILL for b in bodies)


def _node(rooms: Rooms, body: int) -> int:
    return int(rooms.node[body]) if body >= 0 else OUTSIDE


def _in_floor(made: _Made, hole: int, since: I64) -> Doorway:
    """An opening in a floor or roof, between the room below and the one above."""
    low, high = made.scene.bounds[hole]
    centre = (low + high) / 2
    down = np.array([0.0, 0.0, -1.0])
    below = made.rooms.first_along(
        np.array([*centre[:2], low[2]]) + np.array(_OVER)[:, None] * down
    )
    above = made.rooms.first_along(
        np.array([*centre[:2], high[2]]) - np.array(_OVER)[:, None] * down
    )
    own = shapes_of(made.scene.meshes.take(np.array([hole])))
    size = np.sort(np.delete(own.size[0], int(np.abs(own.axes[0, :, 2]).argmax())))
    return Doorway(
        element=hole,
        kind="floor",
        nodes=(_node(made.rooms, below), _node(made.rooms, above)),
        bodies=(below, above),
        size=size,
        clear=size,
        since=since,
        filled=np.full(2, NEVER, dtype=np.int64),
        centre=centre,
        normal=-down,
        sill=float(low[2]),
    )


def _lone_doors(made: _Made) -> list[Doorway]:
    """Doors that fill no opening: in curtain walls, or where nobody cut the wall."""
    scene = made.scene
    filled = set(scene_pairs(scene, RelationKind.OPENING_FILLER)[:, 0].tolist())
    rows = [e for e in _rows(scene, "IfcDoor") if e not in filled]
    if not rows:
        return []
    shapes = shapes_of(scene.meshes.take(np.array(rows)))
    found = []
    for place, door in enumerate(rows):
        level = np.abs(shapes.axes[place, :, 2]) < _LEVEL
        if not level.any():
            continue
        thin = np.where(level, shapes.size[place], np.inf)
        normal = shapes.axes[place, int(thin.argmin())]
        since = np.full(2, ALWAYS, dtype=np.int64)
        one = _in_wall(made, door, door, normal, "door", since)
        if one is not None:
            found.append(one)
    return found


def _stairs(made: _Made) -> list[Doorway]:
    """Flights, ramps and stairs without parts, between the rooms they reach."""
    scene = made.scene
    wholes = set(scene_pairs(scene, RelationKind.AGGREGATES)[:, 0].tolist())
    rows = _rows(scene, "IfcStairFlight", "IfcRampFlight")
    rows += [e for e in _rows(scene, "IfcStair", "IfcRamp") if e not in wholes]
    found = []
    for stair in sorted(set(rows)):
        low, high = scene.bounds[stair]
        bodies = _landings(made.rooms, low, high)
        nodes = tuple(sorted({int(made.rooms.node[n]) for n in bodies}))
        width = float(np.sort((high - low)[:2])[0])
        size = np.array([width, _HEADROOM])
        found.append(
            Doorway(
                element=stair, kind="stair", nodes=nodes, bodies=tuple(bodies), size=size,
                clear=size, since=made.set_[stair], filled=np.full(2, NEVER, dtype=np.int64),
                centre=(low + high) / 2, normal=np.array([0.0, 0.0, 1.0]), sill=float(low[2]),
            )
        )  # fmt: skip
    return found


def _landings(rooms: Rooms, low: F64, high: F64) -> list[int]:
    """Bodies of rooms at the foot and at the head of a stair, by its box in plan.

    Those the box lies in; where there are none those a step further.
    """
    found: list[int] = []
    for height in (float(low[2]), float(high[2])):
        level = [n for n, r in enumerate(rooms.rooms) if abs(r.low - height) <= _RISE]
        for grown in (0.0, 0.4):
            sides = np.linspace(low[:2] - grown, high[:2] + grown, 8)
            points = np.stack(np.meshgrid(sides[:, 0], sides[:, 1], indexing="ij"), axis=-1)
            held = [n for n in level if rooms.rooms[n].holds(points.reshape(-1, 2)).mean() > _IN]
            if held:
                found += held
                break
    return found


def _rows(scene: Scene, *classes: str) -> list[int]:
    parts = [np.zeros(0, dtype=np.bool_), *(m.elements.is_a(*classes) for m in scene.models)]
    return np.flatnonzero(np.concatenate(parts) & scene.meshes.has_body).tolist()


def _words(scene: Scene, element: int) -> str:
    model, row = scene.locate(element)
    return f"{model.elements.name[row]} {model.elements.object_type[row]}"


def _is(scene: Scene, element: int, is_a: str) -> bool:
    model, row = scene.locate(element)
    code = int(model.elements.ifc_class.codes[row])
    return code >= 0 and is_a in model.elements.lineage[code]


__all__ = ["Doorway", "Moment", "doorways_of"]
