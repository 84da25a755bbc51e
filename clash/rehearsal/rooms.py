"""Rooms in plan: outlines of the bodies of spaces, and which room a point is in."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from bimcore.arrays import F64, I64, Mask, ragged_take
from bimcore.mesh import MeshSet
from bimcore.model import Scene

#: Metres over the floor at which rooms and walls are cut; half the height of low rooms.
CUT = 1.0
#: Lower bodies of spaces are no rooms.
_LOWEST = 1.2
#: Share of the smaller plan from which two bodies of spaces are one room told twice.
_SAME = 0.3
#: Metres below a floor and above a ceiling that still belong to a room.
BEYOND = 0.3
#: Metres between points that stand for the plan of a room.
_STEP = 0.4
#: Of these at most, and points times edges looked at together.
_MOST, _BATCH = 2_000, 2_000_000


@dataclass(frozen=True, eq=False, kw_only=True)
class Room:
    """One body of a space.

    Attributes
    ----------
    element : int
        The space in the scene.
    loops : tuple of (N, 2) float64
        Outlines in plan at the height of the cut, straight parts as one edge; the first is
        the largest.
    low, high : float
        Heights of floor and ceiling.

    """

    element: int
    loops: tuple[F64, ...]
    low: float
    high: float

    @property
    def cut(self) -> float:
        """Height at which the room is cut."""
        return self.low + min(CUT, (self.high - self.low) / 2)

    @cached_property
    def edges(self) -> F64:
        """Edges (S, 2, 2) of all outlines."""
        return np.concatenate([np.stack([p, np.roll(p, -1, axis=0)], axis=1) for p in self.loops])

    @cached_property
    def box(self) -> F64:
        """Corners (2, 2) of the plan."""
        points = self.edges.reshape(-1, 2)
        return np.stack([points.min(axis=0), points.max(axis=0)])

    @cached_property
    def grid(self) -> F64:
        """Points (P, 2) that stand for the plan."""
        return self.spread(max(_STEP, float(np.sqrt(np.ptp(self.box, axis=0).prod() / _MOST))))

    def spread(self, step: float) -> F64:
        """Points (P, 2) of the plan, `step` metres from each other."""
        axes = [np.arange(low + step / 2, high, step) for low, high in zip(*self.box, strict=True)]
        points = np.stack(np.meshgrid(*axes, indexing="ij"), axis=-1).reshape(-1, 2)
        found: F64 = points[self.holds(points)]
        return found

    def holds(self, points: F64) -> Mask:
        """Plan points (P, 2) inside the outlines."""
        found = np.zeros(len(points), dtype=np.bool_)
        near = np.flatnonzero(((points >= self.box[0]) & (points <= self.box[1])).all(axis=1))
        a, b = self.edges[:, 0], self.edges[:, 1]
        rise = np.where(b[:, 1] == a[:, 1], 1.0, b[:, 1] - a[:, 1])
        size = max(1, _BATCH // len(a))
        for first in range(0, len(near), size):
            some = near[first : first + size]
            x, y = points[some, 0][:, None], points[some, 1][:, None]
            crosses = (a[:, 1] > y) != (b[:, 1] > y)
            at = a[:, 0] + (y - a[:, 1]) / rise * (b[:, 0] - a[:, 0])
            found[some] = (crosses & (x < at)).sum(axis=1) % 2 == 1
        return found

    def at_height(self, z: float) -> bool:
        """Whether a height is within the room."""
        return self.low - BEYOND <= z <= self.high + BEYOND


@dataclass(frozen=True, eq=False, kw_only=True)
class Rooms:
    """All rooms; bodies that share their plan are one room.

    Attributes
    ----------
    rooms : tuple of Room
    node : (R,) int64
        Number of the room that each body belongs to.

    """

    rooms: tuple[Room, ...]
    node: I64

    def __len__(self) -> int:
        return len(self.rooms)

    def bodies(self, node: int) -> list[int]:
        """The bodies of one room."""
        return np.flatnonzero(self.node == node).tolist()

    @cached_property
    def boxes(self) -> F64:
        """Boxes (R, 2, 3) of all bodies."""
        return boxes_of(self.rooms)

    def near(self, low: F64, high: F64) -> list[int]:
        """Bodies whose boxes reach into a box; of points in plan alone where it has no height."""
        size = len(low)
        meets = (self.boxes[:, 0, :size] <= high) & (self.boxes[:, 1, :size] >= low)
        return np.flatnonzero(meets.all(axis=1)).tolist()

    def at(self, point: Sequence[float] | F64) -> int:
        """The body that a point (3,) is in; -1 for none."""
        where = np.asarray(point, dtype=np.float64)
        for number in self.near(where - [0.0, 0.0, BEYOND], where + [0.0, 0.0, BEYOND]):
            if bool(self.rooms[number].holds(where[None, :2])[0]):
                return number
        return -1

    def first_along(self, points: F64) -> int:
        """The body that the first of some points (P, 3) in any room is in; -1 for none."""
        return next((r for r in map(self.at, points) if r >= 0), -1)


def rooms_of(scene: Scene) -> Rooms:
    """The rooms of all models of a scene; spaces without a body are none."""
    parts = [np.zeros(0, dtype=np.bool_), *(m.elements.is_a("IfcSpace") for m in scene.models)]
    rows = np.flatnonzero(np.concatenate(parts) & scene.meshes.has_body)
    found = [r for r in (_room(scene, int(e)) for e in rows) if r is not None]
    return Rooms(rooms=tuple(found), node=_nodes(found))


def _room(scene: Scene, element: int) -> Room | None:
    low, high = (float(v) for v in scene.bounds[element, :, 2])
    if not high - low >= _LOWEST:
        return None
    lines, _ = cut(scene.meshes, np.array([element]), low + min(CUT, (high - low) / 2))
    loops = sorted(_loops(lines), key=lambda p: -abs(_area(p)))
    loops = [p for p in loops if len(p) > 2 and abs(_area(p)) > 0.25]
    return Room(element=element, loops=tuple(loops), low=low, high=high) if loops else None


def cut(meshes: MeshSet, rows: I64, height: float) -> tuple[F64, I64]:
    """Where a level plane cuts bodies.

    Parameters
    ----------
    meshes : MeshSet
    rows : (N,) int64
    height : float

    Returns
    -------
    lines : (S, 2, 2) float64
        In plan.
    owner : (S,) int64
        Place in `rows` of the body of each line.

    """
    faces, starts = ragged_take(meshes.face_start, rows)
    owner = np.repeat(np.arange(len(rows)), np.diff(starts))
    index = meshes.faces[faces].astype(np.int64) + meshes.vertex_start[rows[owner]][:, None]
    corners = meshes.vertices[index]
    # a plane through vertices would cut faces in points
    over = corners[:, :, 2] > height + 1.3e-5
    crossed = np.flatnonzero(over.any(axis=1) & ~over.all(axis=1))
    corners, over = corners[crossed], over[crossed]
    alone = np.where(over.sum(axis=1) == 1, np.argmax(over, axis=1), np.argmin(over, axis=1))
    each = np.arange(len(crossed))
    tip = corners[each, alone]
    lines = []
    for k in (1, 2):
        foot = corners[each, (alone + k) % 3]
        share = (height + 1.3e-5 - tip[:, 2]) / (foot[:, 2] - tip[:, 2])
        lines.append(tip[:, :2] + share[:, None] * (foot - tip)[:, :2])
    return np.stack(lines, axis=1), owner[crossed]


def _loops(lines: F64) -> list[F64]:
    """Closed outlines of lines (S, 2, 2) that meet at their ends; open ones are left out."""
    keys = np.round(lines * 1000).astype(np.int64)
    at: dict[tuple[int, int], list[int]] = defaultdict(list)
    for number, (a, b) in enumerate(keys.tolist()):
        if a != b:
            at[tuple(a)].append(number)
            at[tuple(b)].append(number)
    used = (keys[:, 0] == keys[:, 1]).all(axis=1).tolist()
    found = []
    for first in range(len(lines)):
        if used[first]:
            continue
        used[first] = True
        chain, goal = [lines[first, 0]], tuple(keys[first, 0].tolist())
        end, point = tuple(keys[first, 1].tolist()), lines[first, 1]
        while end != goal:
            following = next((n for n in at[end] if not used[n]), -1)
            if following < 0:
                break
            used[following] = True
            chain.append(point)
            other = 0 if tuple(keys[following, 1].tolist()) == end else 1
            end, point = tuple(keys[following, other].tolist()), lines[following, other]
        if end == goal:
            found.append(_straight(np.array(chain)))
    return found


def _straight(points: F64) -> F64:
    """An outline without points that lie on a straight line between their neighbours."""
    before, after = points - np.roll(points, 1, axis=0), np.roll(points, -1, axis=0) - points
    turn = before[:, 0] * after[:, 1] - before[:, 1] * after[:, 0]
    size = np.linalg.norm(before, axis=1) * np.linalg.norm(after, axis=1)
    kept = np.abs(turn) > 1e-4 * np.maximum(size, 1e-9)
    found: F64 = points[kept]
    return found


def _area(points: F64) -> float:
    x, y = points[:, 0], points[:, 1]
    return float(np.dot(x, np.roll(y, -1)) - np.dot(y, np.roll(x, -1))) / 2


def boxes_of(rooms: Sequence[Room]) -> F64:
    """Boxes (R, 2, 3) of bodies of rooms."""
    found = [np.column_stack([r.box, [r.low, r.high]]) for r in rooms]
    return np.stack(found) if found else np.zeros((0, 2, 3))


def _nodes(rooms: Sequence[Room]) -> I64:
    """Numbers of rooms, equal for bodies that share their plan at one height."""
    node = np.arange(len(rooms))
    boxes = boxes_of(rooms)
    for i, a in enumerate(rooms):
        both = np.minimum(boxes[:i, 1], boxes[i, 1]) - np.maximum(boxes[:i, 0], boxes[i, 0])
        tall = np.minimum(np.ptp(boxes[:i, :, 2], axis=1), a.high - a.low)
        meets = (both[:, :2] > 0).all(axis=1) & (both[:, 2] >= 0.5 * tall)
        for j in np.flatnonzero(meets).tolist():
            if max(_share(a, rooms[j]), _share(rooms[j], a)) >= _SAME:
                old, new = max(node[i], node[j]), min(node[i], node[j])
                node[node == old] = new
    return node


def _share(one: Room, other: Room) -> float:
    """Share of the plan of one room that lies in the other."""
    return float(other.holds(one.grid).mean()) if len(one.grid) else 0.0


__all__ = ["BEYOND", "CUT", "Room", "Rooms", "cut", "rooms_of"]
