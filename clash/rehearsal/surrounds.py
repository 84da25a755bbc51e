"""What lies round and over each room, and since when it is closed there.

Rays go out through the outline of a room and up from its plan; each is closed from the moment
at which the first of what it meets stands. Openings and doors have their own measures: here
they count as closed with the wall they are in.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from bimcore.arrays import F64, I64, Mask
from bimcore.relations import RelationKind
from clash.rehearsal.base import Stage
from clash.rehearsal.bodies import over
from clash.rehearsal.bulky import blocking
from clash.rehearsal.rooms import BEYOND, Room, Rooms, cut
from clash.roles import scene_pairs

#: Minutes of the epoch for what always stands, and for what never closes.
ALWAYS, NEVER = -(1 << 40), 1 << 40
#: The place that is in no room.
OUTSIDE = -1
#: Metres beyond its outline within which the neighbour of a room begins, and between rays.
REACH, STEP = 0.8, 0.1
_DEPTHS = (0.08, 0.15, 0.25, 0.35, 0.45, 0.6, 0.8)
#: Metres between points of a plan that are looked up from.
_UP = 0.25
#: Rays along an outline that are looked at together.
_TOGETHER = 48
#: Rays of one room at most; they stand further apart in larger ones.
_MOST = 20_000
#: Metres over a ceiling within which the floor of the next room lies.
FLOOR = 1.5


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Rays:
    """Rays of one room: through its outline, or up from its plan.

    Attributes
    ----------
    target : (N,) int64
        Number of the room they lead to, or ``OUTSIDE``.
    since : (2, N) int64
        Minute from which each is closed: by all that stands in its way, and by what has a date.
    closer : (N,) int64
        The element that closes it first; -1 for none.
    passes : (N,) bool
        Whether it goes through an opening or a door.
    start : (N, 2) float64
        Where it leaves the room, in plan.
    pace : (N,) float64
        Metres of the outline that it stands for; of rays up those between two.

    """

    target: I64
    since: I64
    closer: I64
    passes: Mask
    start: F64
    pace: F64


@dataclass(eq=False, kw_only=True)
class Surrounds:
    """Rays of all rooms, made when they are asked for."""

    stage: Stage
    rooms: Rooms
    rows: I64
    since: I64
    passes: Mask
    upright: Mask
    _sides: dict[int, Rays] = field(default_factory=dict)
    _tops: dict[int, tuple[Rays, Rays]] = field(default_factory=dict)

    @classmethod
    def of(cls, stage: Stage, rooms: Rooms) -> "Surrounds":
        """What may close a way: walls, floors, windows; openings and lone doors in them."""
        scene = stage.scene
        when = closing(stage)
        body = scene.meshes.has_body
        holes = scene_pairs(scene, RelationKind.VOIDS)
        holes = holes[body[holes[:, 0]] & (when[holes[:, 1], 0] < NEVER)]
        filled = np.zeros(len(scene), dtype=np.bool_)
        filled[scene_pairs(scene, RelationKind.OPENING_FILLER)[:, 0]] = True
        lone = np.flatnonzero(stage.roles["opener"] & _doors(stage) & ~filled & body)
        solid = np.flatnonzero(when[:, 0] < NEVER)
        wall = stage.roles["wall"]
        since = np.concatenate(
            [when[solid], when[holes[:, 1]], np.full((len(lone), 2), ALWAYS, dtype=np.int64)]
        )
        return cls(
            stage=stage,
            rooms=rooms,
            rows=np.concatenate([solid, holes[:, 0], lone]),
            since=since.T.copy(),
            passes=np.arange(len(since)) >= len(solid),
            upright=np.concatenate([wall[solid], wall[holes[:, 1]], np.ones(len(lone), bool)]),
        )

    def sides(self, number: int) -> Rays:
        """Rays through the outline of a body of a room."""
        if number not in self._sides:
            self._sides[number] = self._around(number)
        return self._sides[number]

    def tops(self, number: int) -> tuple[Rays, Rays]:
        """Rays up to the sky, and to the room above."""
        if number not in self._tops:
            self._tops[number] = self._over(number)
        return self._tops[number]

    def _around(self, number: int) -> Rays:
        room, node = self.rooms.rooms[number], int(self.rooms.node[number])
        start, out, pace = _outward(room)
        target, reach = self._beyond(room, start, out, number)
        near = self._near(np.concatenate([room.box - REACH, room.box + REACH]), room.cut)
        lines, owner = cut(self.stage.scene.meshes, self.rows[near], room.cut)
        met = _met(start - 0.05 * out, out, reach + 0.05, lines)
        ray = np.concatenate([np.zeros(0, dtype=np.int64), *(r for r, _ in met)])
        row = np.concatenate([np.zeros(0, dtype=np.int64), *(near[owner[k]] for _, k in met)])
        rays = self._rays(len(start), _by_row(row, ray))
        keep = target != node
        return Rays(
            target=target[keep],
            since=rays[0][:, keep],
            closer=rays[1][keep],
            passes=rays[2][keep],
            start=start[keep],
            pace=pace[keep],
        )

    def _near(self, corners: F64, height: float) -> I64:
        """Places in `rows` of what is at a height within a plan box."""
        boxes = self.stage.scene.bounds[self.rows]
        low, high = corners.min(axis=0), corners.max(axis=0)
        meets = (boxes[:, 0, :2] <= high).all(axis=1) & (boxes[:, 1, :2] >= low).all(axis=1)
        found: I64 = np.flatnonzero(meets & (boxes[:, 0, 2] <= height) & (boxes[:, 1, 2] >= height))
        return found

    def _beyond(self, room: Room, start: F64, out: F64, number: int) -> tuple[I64, F64]:
        """The room that each ray leads to, and how far it is."""
        target = np.full(len(start), OUTSIDE, dtype=np.int64)
        reach = np.full(len(start), REACH)
        for other in self.rooms.near(room.box[0] - REACH, room.box[1] + REACH):
            beside = self.rooms.rooms[other]
            if other == number or not beside.at_height(room.cut):
                continue
            for depth in _DEPTHS:
                open_ = (depth < reach) & beside.holds(start + depth * out)
                target[open_], reach[open_] = self.rooms.node[other], depth
        return target, reach

    def _rays(self, count: int, hits: Iterable[tuple[int, I64]]) -> tuple[I64, I64, Mask]:
        """When rays close by what they meet, and the first to close them.

        `hits` are places in `rows` with the rays that meet what stands there.
        """
        first = np.full((2, count), NEVER, dtype=np.int64)
        closer = np.full(count, -1, dtype=np.int64)
        passes = np.zeros(count, dtype=np.bool_)
        for row, rays in hits:
            earlier = rays[self.since[0, row] < first[0, rays]]
            closer[earlier] = self.rows[row]
            first[:, rays] = np.minimum(first[:, rays], self.since[:, row, None])
            passes[rays] |= self.passes[row]
        return first, closer, passes

    def _over(self, number: int) -> tuple[Rays, Rays]:
        room = self.rooms.rooms[number]
        points = _spread(room)
        hits = list(self._covering(room, points))
        target, ceiling = self._above(number, points)
        low = self.stage.scene.bounds[self.rows, 0, 2]
        below = [(row, rays[low[row] < ceiling[rays] - 0.02]) for row, rays in hits]
        sky = np.full(len(points), OUTSIDE, dtype=np.int64)
        first, second = (
            _up(points, where, self._rays(len(points), what), step_up(room))
            for where, what in ((sky, hits), (target, below))
        )
        return first, second

    def _above(self, number: int, points: F64) -> tuple[I64, F64]:
        """The room above each plan point of a room, and the height of its floor."""
        room = self.rooms.rooms[number]
        target = np.full(len(points), OUTSIDE, dtype=np.int64)
        ceiling = np.full(len(points), np.inf)
        for other in self.rooms.near(room.box[0], room.box[1]):
            above = self.rooms.rooms[other]
            if other != number and room.high - BEYOND <= above.low <= room.high + FLOOR:
                held = above.holds(points) & (above.low < ceiling)
                target[held], ceiling[held] = self.rooms.node[other], above.low
        return target, ceiling

    def _covering(self, room: Room, points: F64) -> Iterator[tuple[int, I64]]:
        """What lies over the plan points of a room; walls over it stand on floors that do."""
        boxes = self.stage.scene.bounds[self.rows]
        meets = (boxes[:, 0, :2] <= room.box[1]) & (boxes[:, 1, :2] >= room.box[0])
        near = meets.all(axis=1) & (boxes[:, 1, 2] > room.cut) & ~self.upright
        for row in np.flatnonzero(near).tolist():
            hit = np.flatnonzero(over(self.stage.scene, int(self.rows[row]), points))
            if len(hit):
                yield row, hit


def _up(points: F64, target: I64, met: tuple[I64, I64, Mask], step: float) -> Rays:
    return Rays(
        target=target,
        since=met[0],
        closer=met[1],
        passes=met[2],
        start=points,
        pace=np.full(len(points), step),
    )


def closing(stage: Stage) -> NDArray[np.int64]:
    """Minutes (E, 2) from which each element closes a way: as it is, and by its date alone.

    ``ALWAYS`` for what has no date, which by dates alone never closes (``NEVER``); ``NEVER``
    for what closes nothing.
    """
    complete = stage.lifetimes.complete
    dated = ~np.isnat(complete)
    minutes = np.where(dated, complete.astype("datetime64[m]").astype(np.int64), ALWAYS)
    walls = blocking(stage)
    found = np.full((len(stage.scene), 2), NEVER, dtype=np.int64)
    found[walls, 0] = minutes[walls]
    found[walls & dated, 1] = minutes[walls & dated]
    return found


def _doors(stage: Stage) -> Mask:
    parts = [np.zeros(0, dtype=np.bool_)]
    parts += [m.elements.is_a("IfcDoor") for m in stage.scene.models]
    return np.concatenate(parts)


def _outward(room: Room) -> tuple[F64, F64, F64]:
    """Points along the outlines (N, 2), directions out of the room (N, 2), and their paces."""
    start, out, pace = [], [], []
    step = max(
        STEP, float(np.linalg.norm(room.edges[:, 1] - room.edges[:, 0], axis=1).sum()) / _MOST
    )
    for loop in room.loops:
        ends = np.roll(loop, -1, axis=0)
        for a, b in zip(loop, ends, strict=True):
            length = float(np.linalg.norm(b - a))
            count = max(1, round(length / step))
            share = (np.arange(count) + 0.5)[:, None] / count
            normal = np.array([b[1] - a[1], a[0] - b[0]]) / max(length, 1e-9)
            middle = (a + b) / 2
            if room.holds((middle + 0.01 * normal)[None])[0]:
                normal = -normal
            start.append(a + share * (b - a))
            out.append(np.repeat(normal[None], count, axis=0))
            pace.append(np.full(count, length / count))
    return np.concatenate(start), np.concatenate(out), np.concatenate(pace)


def _met(start: F64, out: F64, reach: F64, lines: F64) -> list[tuple[I64, I64]]:
    """Pairs of rays and lines (S, 2, 2) that cross; rays beside each other look together."""
    found = []
    low, high = lines.min(axis=1), lines.max(axis=1)
    for first in range(0, len(start), _TOGETHER):
        rays = slice(first, first + _TOGETHER)
        ends = np.concatenate([start[rays], start[rays] + reach[rays, None] * out[rays]])
        near = np.flatnonzero(((low <= ends.max(axis=0)) & (high >= ends.min(axis=0))).all(axis=1))
        way = lines[near, 1] - lines[near, 0]
        d = out[rays, None]
        between = lines[None, near, 0] - start[rays, None]
        turn = d[..., 0] * way[..., 1] - d[..., 1] * way[..., 0]
        safe = np.where(np.abs(turn) < 1e-12, 1.0, turn)
        far = (between[..., 0] * way[..., 1] - between[..., 1] * way[..., 0]) / safe
        share = (between[..., 0] * d[..., 1] - between[..., 1] * d[..., 0]) / safe
        hit = (np.abs(turn) >= 1e-12) & (far >= 0) & (far <= reach[rays, None])
        ray, line = np.nonzero(hit & (share >= -1e-6) & (share <= 1 + 1e-6))
        found.append((ray + first, near[line]))
    return found


def _by_row(rows: I64, rays: I64) -> Iterator[tuple[int, I64]]:
    """Rays of each row; each once."""
    order = np.argsort(rows, kind="stable")
    rows, rays = rows[order], rays[order]
    for part in np.split(np.arange(len(rows)), np.flatnonzero(np.diff(rows)) + 1):
        if len(part):
            yield int(rows[part[0]]), np.unique(rays[part])


def step_up(room: Room) -> float:
    """Metres between the points of a room's plan that are looked up from."""
    return max(_UP, float(np.sqrt(np.ptp(room.box, axis=0).prod() / _MOST)))


def _spread(room: Room) -> F64:
    """Points (P, 2) of the plan that are looked up from."""
    return room.spread(step_up(room))


__all__ = ["ALWAYS", "FLOOR", "NEVER", "OUTSIDE", "STEP", "Rays", "Surrounds", "closing"]
