"""Room to turn in front of doorways and round the corner of a bent room, at any time."""

from dataclasses import dataclass, field

import numpy as np

from bimcore.arrays import F64
from clash.rehearsal.corners import round_corner, through_doorway
from clash.rehearsal.doorways import Doorway, Moment
from clash.rehearsal.rooms import Room
from clash.rehearsal.surrounds import NEVER, Surrounds

#: Metres from where a ray meets an outline to the ray of the surrounds that tells of it.
_NEAR = 0.15
#: Parts of the width of a doorway at which the depth behind it is measured.
_ACROSS = (-0.45, -0.2, 0.0, 0.2, 0.45)
#: Answers that are kept.
_HELD = 100_000
#: Cosines: doorways opposite each other, and edges at a right angle.
_FACING, _SQUARE = 0.97, 0.05


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class _Sight:
    """Metres to the outline of a room along one line, and when that is closed."""

    far: float
    since: tuple[int, int]

    def at(self, moment: Moment) -> float:
        """Metres that are free at a moment: no end while what ends it is not there."""
        return float("inf") if self.since[moment.dated] > moment.minute else self.far


@dataclass(eq=False, kw_only=True)
class Turns:
    """Whether pieces can turn from one doorway of a room to another."""

    surrounds: Surrounds
    doorways: tuple[Doorway, ...]
    _depths: dict[tuple[int, int], list[_Sight]] = field(default_factory=dict)
    _found: dict[object, tuple[tuple[bool, bool], ...]] = field(default_factory=dict)
    _legs: dict[int, tuple[F64, _Sight, _Sight] | None] = field(default_factory=dict)

    def admits(self, sides: F64, body: int, way: tuple[int, int], moment: Moment) -> bool:
        """Whether a piece gets through a doorway from a room, coming by another or from there.

        Parameters
        ----------
        sides : (3,) float64
            Of the piece, in metres.
        body : int
            Body of the room.
        way : (int, int)
            Doorway it came by (-1 for none that counts), and that it goes through.
        moment : Moment

        """
        ways = [k for k in way if k >= 0]
        piece = (float(sides[0]), float(sides[1]), float(sides[2]))
        alone = [self._alone(k, body, piece, moment) for k in ways]
        legs = self._corner(body, way, moment)
        for side, (short, long, _) in enumerate(_ways_up(piece)):
            if not all(one[side][0] for one in alone):
                continue
            if len(ways) == 2 and self._straight(ways, short, moment):
                return True
            if all(one[side][1] for one in alone) and (
                legs is None or round_corner(long, short, legs=legs)
            ):
                return True
        return False

    def _straight(self, ways: list[int], short: float, moment: Moment) -> bool:
        one, other = (self.doorways[k] for k in ways)
        width = one.section(moment)[0] + other.section(moment)[0]
        return _opposite(one, other, width, short)

    def _alone(
        self, k: int, body: int, piece: tuple[float, float, float], moment: Moment
    ) -> tuple[tuple[bool, bool], ...]:
        """On each of its sides, whether a piece passes a doorway, and whether it turns into it."""
        key = k, body, piece, moment
        if key not in self._found:
            if len(self._found) > _HELD:
                self._found.clear()
            width, height = self.doorways[k].section(moment)
            depth = max((s.at(moment) for s in self.depths(k, body)), default=float("inf"))
            self._found[key] = tuple(
                (
                    short <= width + 1e-9 and tall <= height + 1e-9,
                    not np.isfinite(width) or through_doorway(long, short, depth=depth, door=width),
                )
                for short, long, tall in _ways_up(piece)
            )
        return self._found[key]

    def depths(self, doorway: int, body: int) -> list[_Sight]:
        """Sights from a doorway across the room; none where the doorway is not in its side."""
        key = doorway, body
        if key not in self._depths:
            one = self.doorways[doorway]
            found: list[_Sight] = []
            if one.upright and body in one.bodies:
                into = one.normal[:2] * (1.0 if one.bodies[1] == body else -1.0)
                aside = np.array([-into[1], into[0]])
                for share in _ACROSS:
                    start = one.centre[:2] + share * one.size[0] * aside
                    sight = self._sight(body, start, into)
                    found += [sight] if sight is not None else []
            self._depths[key] = found
        return self._depths[key]

    def _sight(self, body: int, start: F64, into: F64) -> _Sight | None:
        """The line from a point, in or before a room, through the room to its outline."""
        room = self.surrounds.rooms.rooms[body]
        far = _crossings(room, start, into)
        inside = bool(room.holds(start[None])[0])
        entry, exit_ = (0.0, far[:1]) if inside else (float(far[0]) if len(far) else 0.0, far[1:2])
        if not len(exit_):
            return None
        end = float(exit_[0])
        return _Sight(far=end - entry, since=self._since(body, start + end * into))

    def _since(self, body: int, point: F64) -> tuple[int, int]:
        """When the outline of a room is closed at a point; never at a doorway or another part."""
        rays = self.surrounds.sides(body)
        if len(rays.target):
            gap = np.linalg.norm(rays.start - point, axis=1)
            nearest = int(gap.argmin())
            if gap[nearest] <= _NEAR and not rays.passes[nearest]:
                return int(rays.since[0, nearest]), int(rays.since[1, nearest])
        return NEVER, NEVER

    def _corner(
        self, body: int, way: tuple[int, int], moment: Moment
    ) -> tuple[float, float] | None:
        """Widths of the two legs of a bent room that lie between two doorways."""
        if min(way) < 0:
            return None
        if body not in self._legs:
            self._legs[body] = self._bend(body)
        bend = self._legs[body]
        if bend is None or self._seen(body, way):
            return None
        return bend[1].at(moment), bend[2].at(moment)

    def _bend(self, body: int) -> tuple[F64, _Sight, _Sight] | None:
        """The inner corner of a room of one bend, and the sights along its two edges."""
        room = self.surrounds.rooms.rooms[body]
        if len(room.loops) != 1:
            return None
        loop = room.loops[0]
        before, after = loop - np.roll(loop, 1, axis=0), np.roll(loop, -1, axis=0) - loop
        turn = before[:, 0] * after[:, 1] - before[:, 1] * after[:, 0]
        inner = np.flatnonzero(turn * np.sign(turn.sum()) < 0)
        if len(inner) != 1:
            return None
        corner = loop[inner[0]]
        ways = [before[inner[0]], -after[inner[0]]]
        one, other = (v / np.linalg.norm(v) for v in ways)
        if abs(float(one @ other)) > _SQUARE:
            return None
        sights = [self._sight(body, corner + 1e-3 * v, v) for v in (one, other)]
        if sights[0] is None or sights[1] is None:
            return None
        return corner, sights[0], sights[1]

    def _seen(self, body: int, way: tuple[int, int]) -> bool:
        """Whether one doorway is seen from the other through the room."""
        room = self.surrounds.rooms.rooms[body]
        ends = []
        for k in way:
            one = self.doorways[k]
            if not one.upright or body not in one.bodies:
                return True
            into = one.normal[:2] * (1.0 if one.bodies[1] == body else -1.0)
            far = _crossings(room, one.centre[:2], into)
            entry = 0.0 if room.holds(one.centre[None, :2])[0] or not len(far) else float(far[0])
            ends.append(one.centre[:2] + (entry + 0.05) * into)
        way_ = ends[1] - ends[0]
        length = float(np.linalg.norm(way_))
        if length < 1e-6:
            return True
        far = _crossings(room, ends[0], way_ / length)
        return not bool((far < length).any())


def _ways_up(sides: tuple[float, float, float]) -> list[tuple[float, float, float]]:
    """Width, length and height of a piece on each of its sides; sides ascend."""
    a, b, c = sides
    return [(b, c, a), (a, c, b), (a, b, c)]


def _opposite(one: Doorway, other: Doorway, width: float, short: float) -> bool:
    """Whether a piece goes straight on from one doorway through the other.

    `width` is what both are wide, together.
    """
    if abs(float(one.normal @ other.normal)) < _FACING:
        return False
    aside = np.array([-one.normal[1], one.normal[0]])
    offset = abs(float((other.centre - one.centre)[:2] @ aside))
    return short <= width / 2 - offset + 1e-9


def _crossings(room: Room, start: F64, into: F64) -> F64:
    """Metres at which a line from `start` crosses the outlines of a room, ascending."""
    a, way = room.edges[:, 0], room.edges[:, 1] - room.edges[:, 0]
    between = a - start
    turn = into[0] * way[:, 1] - into[1] * way[:, 0]
    safe = np.where(np.abs(turn) < 1e-12, 1.0, turn)
    far = (between[:, 0] * way[:, 1] - between[:, 1] * way[:, 0]) / safe
    share = (between[:, 0] * into[1] - between[:, 1] * into[0]) / safe
    hit = (np.abs(turn) >= 1e-12) & (far > 0) & (share >= 0) & (share < 1)
    found: F64 = np.sort(far[hit])
    return found


__all__ = ["Turns"]
