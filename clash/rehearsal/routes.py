"""The widest route from a room to the outside at any time, and what narrows it."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from scipy import ndimage

from bimcore.arrays import F64, I64, Mask
from clash.rehearsal.base import Stage
from clash.rehearsal.doorways import Doorway, Moment, doorways_of
from clash.rehearsal.rooms import BEYOND, Rooms, rooms_of
from clash.rehearsal.surrounds import ALWAYS, FLOOR, OUTSIDE, Rays, Surrounds
from clash.rehearsal.turns import Turns
from clash.rehearsal.widest import widest

#: A room, and the doorway it was entered by (-1 for the start and for gaps).
State = tuple[int, int]
#: Metres over the ground up to which a unit is lifted without a crane.
_LIFT = 1.5
#: What a person passes: a room that no person gets into is not modelled with its ways.
PERSON = np.array([0.3, 0.5, 0.5])
#: Steps by which the size of what still passes is narrowed down.
_HALVINGS = 9
#: Distance of two rays, by what they stand for, from which they are not beside each other.
_APART = 3.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """The widest route of a piece.

    Attributes
    ----------
    share : float
        Size of the largest piece of the same form that gets out, by its own; at most 1.
    doorway : int
        The narrowest one of the route; -1 where it is a gap, or where there is no route.
    turn : bool
        Whether it would pass there straight on, but has no room to turn.

    """

    share: float
    doorway: int = -1
    turn: bool = False


@dataclass(eq=False, kw_only=True)
class Routes:
    """Routes through rooms, doorways, missing walls and open roofs."""

    stage: Stage
    rooms: Rooms
    surrounds: Surrounds
    doorways: tuple[Doorway, ...]
    sky: bool
    ground: float
    _gaps: dict[tuple[int, Moment], list[tuple[int, float]]] = field(default_factory=dict)

    @classmethod
    def of(cls, stage: Stage, *, frame: float, sky: bool, ground: float) -> "Routes | None":
        """Routes of all models; None where no room has a body."""
        rooms = rooms_of(stage.scene)
        if not len(rooms):
            return None
        return cls(
            stage=stage,
            rooms=rooms,
            surrounds=Surrounds.of(stage, rooms),
            doorways=doorways_of(stage, rooms, frame=frame),
            sky=sky,
            ground=ground,
        )

    @cached_property
    def _turns(self) -> Turns:
        return Turns(surrounds=self.surrounds, doorways=self.doorways)

    @cached_property
    def _of_node(self) -> dict[int, list[int]]:
        """Doorways of each room."""
        found: dict[int, list[int]] = defaultdict(list)
        for k, doorway in enumerate(self.doorways):
            for node in set(doorway.nodes):
                found[node].append(k)
        return found

    def route(self, node: int, sides: F64, moment: Moment) -> Route:
        """The widest route of a piece of ascending `sides` (3,) from a room to the outside."""
        share, way = widest(
            (node, -1),
            goal=lambda state: state[0] == OUTSIDE,
            steps=lambda state: self._steps(state, sides, moment),
        )
        if not way:
            return Route(share=min(share, 1.0))
        (_, doorway), width = min(way, key=lambda step: step[1])
        if doorway < 0:
            return Route(share=share)
        straight = _straight(self.doorways[doorway].section(moment), sides)
        return Route(share=share, doorway=doorway, turn=straight >= 1.0 > width)

    def fits(self, node: int, sides: F64, moment: Moment) -> bool:
        """Whether a piece gets from a room to the outside, or the other way."""
        return OUTSIDE in self.reached(node, sides, moment)

    def reached(self, node: int, sides: F64, moment: Moment) -> set[int]:
        """Rooms that a piece can be moved to from a room; no more once it is outside."""
        found, left = {node}, [(node, -1)]
        seen = set(left)
        while left and OUTSIDE not in found:
            for state, share in self._steps(left.pop(), sides, moment, whole=True):
                if share >= 1.0 and state not in seen:
                    seen.add(state)
                    found.add(state[0])
                    left.append(state)
        return found

    def closed(self, node: int, sides: F64, minute: int) -> int | None:
        """The minute at which the last route of a piece closed; None where none ever was open."""
        times = np.concatenate([self.surrounds.since[1], *(d.filled for d in self.doorways)])
        events = np.unique(times[(times > ALWAYS) & (times <= minute)])
        low, high = -1, len(events) - 1
        if high < 0 or not self.fits(node, sides, Moment(minute=int(events[0]) - 1)):
            return None
        while high - low > 1:
            middle = (low + high) // 2
            if self.fits(node, sides, Moment(minute=int(events[middle]))):
                low = middle
            else:
                high = middle
        return int(events[high])

    def closers(self, nodes: set[int], minute: int) -> tuple[int, ...]:
        """What was completed at a minute and bounds some rooms."""
        found: set[int] = set()
        for number in np.flatnonzero(np.isin(self.rooms.node, list(nodes))).tolist():
            for rays in (self.surrounds.sides(number), *self.surrounds.tops(number)):
                found |= set(rays.closer[rays.since[0] == minute].tolist())
        for doorway in self.doorways:
            if nodes & set(doorway.nodes) and doorway.filled[0] == minute:
                found.add(doorway.element)
        lives = self.stage.lifetimes
        return tuple(sorted(e for e in found if e >= 0 and not np.isnat(lives.complete[e])))

    def _steps(
        self, state: State, sides: F64, moment: Moment, *, whole: bool = False
    ) -> Iterator[tuple[State, float]]:
        """Rooms next to one, each with the share of the piece that gets there.

        With `whole` nothing is said of what is too narrow for the piece as it is.
        """
        node, came = state
        for k in self._of_node[node]:
            doorway = self.doorways[k]
            free = doorway.section(moment)
            if k == came or min(free) <= 0.0:
                continue
            share = _straight(free, sides)
            if whole and share < 1.0:
                continue
            if doorway.upright and np.isfinite(free[0]):
                share = self._turned(
                    share, sides, (node, came, k), moment, 0 if whole else _HALVINGS
                )
            for other in doorway.nodes:
                if other != node and (other != OUTSIDE or self._enters(doorway)):
                    yield (other, k), share
        for other, width in self._open(node, moment):
            yield (other, -1), min(1.0, width / float(sides[0]))

    def _enters(self, doorway: Doorway) -> bool:
        """Whether units come in from outside through a doorway."""
        return self.sky or (doorway.kind != "floor" and self._low(doorway.sill))

    def _low(self, height: float) -> bool:
        return self.sky or height <= self.ground + _LIFT

    def _turned(
        self, share: float, sides: F64, way: tuple[int, int, int], moment: Moment, halvings: int
    ) -> float:
        """The share of a piece that gets from one doorway of a room through another."""
        node, came, goes = way
        bodies = [b for b in self.doorways[goes].bodies if b >= 0 and self.rooms.node[b] == node]
        if not bodies or share <= 0.0:
            return share
        last = came if came >= 0 and self._shows(came, bodies[0], moment) else -1
        pair = last, goes
        if last >= 0:  # what does not fit the last doorway is told there
            share = min(share, _straight(self.doorways[last].section(moment), sides))
        if self._turns.admits(share * sides, bodies[0], pair, moment):
            return share
        low, high = 0.0, share
        for _ in range(halvings):
            middle = (low + high) / 2
            if self._turns.admits(middle * sides, bodies[0], pair, moment):
                low = middle
            else:
                high = middle
        return low

    def _shows(self, doorway: int, body: int, moment: Moment) -> bool:
        """Whether a doorway is one in a wall of a body of a room that stands by then."""
        one = self.doorways[doorway]
        return one.upright and body in one.bodies and bool(np.isfinite(one.section(moment)[0]))

    def _open(self, node: int, moment: Moment) -> list[tuple[int, float]]:
        """Rooms beside, over and under a room without anything between, and the widths."""
        key = node, moment
        if key not in self._gaps:
            widths: dict[int, float] = defaultdict(float)
            for number in self.rooms.bodies(node):
                for other, width in self._gaps_of(number, moment):
                    widths[other] = max(widths[other], width)
            self._gaps[key] = sorted(widths.items())
        return self._gaps[key]

    def _gaps_of(self, number: int, moment: Moment) -> Iterator[tuple[int, float]]:
        room = self.rooms.rooms[number]
        for other, width in _beside(self.surrounds.sides(number), moment):
            if other != OUTSIDE or self._low(room.low):
                yield other, width
        sky, above = self.surrounds.tops(number)
        if self.sky:
            yield OUTSIDE, _hole(sky, sky.target == OUTSIDE, moment)
        for other in np.unique(above.target[above.target != OUTSIDE]).tolist():
            yield other, _hole(above, above.target == other, moment)
        yield from self._under(number, moment)

    def _under(self, number: int, moment: Moment) -> Iterator[tuple[int, float]]:
        """Rooms below a room, through what is open between them."""
        room, node = self.rooms.rooms[number], int(self.rooms.node[number])
        for other in self.rooms.near(room.box[0], room.box[1]):
            below = self.rooms.rooms[other]
            if below.high - BEYOND <= room.low <= below.high + FLOOR:
                rays = self.surrounds.tops(other)[1]
                yield int(self.rooms.node[other]), _hole(rays, rays.target == node, moment)


def _straight(free: tuple[float, float], sides: F64) -> float:
    """The share of a piece whose smaller cross-section goes straight through."""
    low, high = sorted(free)
    return min(1.0, low / float(sides[0]), high / float(sides[1]))


def _beside(rays: Rays, moment: Moment) -> Iterator[tuple[int, float]]:
    """Rooms beside, and the width of each gap towards them."""
    open_ = rays.since[moment.dated] > moment.minute
    rows = np.flatnonzero(open_)
    if not len(rows):
        return
    way = np.linalg.norm(np.diff(rays.start[rows], axis=0), axis=1)
    ends = (
        (np.diff(rows) > 1)
        | (np.diff(rays.target[rows]) != 0)
        | (way > _APART * rays.pace[rows[1:]])
    )
    for run in np.split(rows, np.flatnonzero(ends) + 1):
        # what lies between the last open ray and the first closed one may be open, too
        yield int(rays.target[run[0]]), float(rays.pace[run].sum() + rays.pace[run].max())


def _hole(rays: Rays, wanted: Mask, moment: Moment) -> float:
    """Diameter of the largest circle of rays up that are open."""
    open_ = wanted & (rays.since[moment.dated] > moment.minute)
    if not open_.any():
        return 0.0
    step = float(rays.pace[0])
    cells: I64 = np.round((rays.start - rays.start.min(axis=0)) / step).astype(np.int64) + 1
    plan = np.zeros(tuple((cells.max(axis=0) + 2).tolist()), dtype=np.bool_)
    plan[tuple(cells[open_].T)] = True
    return float(2 * step * ndimage.distance_transform_edt(plan).max())


__all__ = ["PERSON", "Route", "Routes"]
