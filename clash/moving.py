"""What of a design can still give way, and what has to come along when it does."""

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from bimcore.arrays import F64, I64, Mask
from bimcore.model import Scene
from bimcore.relations import RelationKind
from clash.relevance import REASONS, Suppressions
from clash.result import ClashSet, Relation
from clash.roles import ENVELOPE, Roles, related, roles_of, scene_pairs
from clash.runs import links_of
from clash.services import FIXTURE
from clash.shapes import Shapes, shapes_of

#: Plant larger than this many metres stands on a base that is built for it.
SMALL = 2.0
#: More elements than this to come along are no local change but another design.
MANY = 30
#: Cosine above which a line lies along a direction (about 8 degrees).
ALONG = 0.99
#: Metres of a line that must be left when it is shortened.
STUB = 0.020

_SEATED = ("fixture.recessed", "fixture.drop", "stands.on")
_GRAVITY = re.compile(
    r"污水|废水|雨水|排水|重力流|sewer|sewage|waste|drain|soil|storm|schmutzwasser|abwasser",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Joint:
    """Something that stays, joined to something that moves.

    `how` is ``"lengthen"`` or ``"shorten"`` for a line along the move, else ``"offset"``.
    """

    element: int
    how: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Carried:
    """What moves together in one direction.

    Attributes
    ----------
    moved : tuple of int
        Scene elements, the ones asked for first.
    joints : tuple of Joint
    limit : float
        Metres beyond which a line that is shortened would be used up.

    """

    moved: tuple[int, ...]
    joints: tuple[Joint, ...]
    limit: float


class Stuck(Exception):
    """The elements cannot move in this direction by themselves."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


class _Measured:
    """Own boxes of elements, each measured once and many at a time."""

    def __init__(self, scene: Scene) -> None:
        count = len(scene)
        self.meshes = scene.meshes
        self.known = np.zeros(count, dtype=bool)
        self.axes, self.low = np.zeros((count, 3, 3)), np.zeros((count, 3))
        self.high, self.volume, self.area = np.zeros((count, 3)), np.zeros(count), np.zeros(count)

    def of(self, rows: I64) -> Shapes:
        """The shapes of `rows`, in their order."""
        new = np.unique(rows[~self.known[rows]])
        if len(new):
            found = shapes_of(self.meshes.take(new))
            for name in ("axes", "low", "high", "volume", "area"):
                getattr(self, name)[new] = getattr(found, name)
            self.known[new] = True
        return Shapes(
            axes=self.axes[rows],
            low=self.low[rows],
            high=self.high[rows],
            volume=self.volume[rows],
            area=self.area[rows],
        )


@dataclass(frozen=True, eq=False)
class Moving:
    """A scene with what can move in it.

    Attributes
    ----------
    scene : Scene
    clashes : ClashSet
    suppressions : Suppressions
    roles : Roles

    """

    scene: Scene
    clashes: ClashSet
    suppressions: Suppressions
    roles: Roles

    @classmethod
    def of(cls, scene: Scene, clashes: ClashSet, suppressions: Suppressions) -> "Moving":
        """Look at a run of the core."""
        return cls(scene, clashes, suppressions, roles_of(scene))

    @cached_property
    def _measured(self) -> _Measured:
        return _Measured(self.scene)

    def shapes(self, rows: Iterable[int]) -> Shapes:
        """Own boxes of the elements `rows`; dear the first time, so ask for many at once."""
        return self._measured.of(np.array(list(rows), dtype=np.int64))

    @cached_property
    def movable(self) -> Mask:
        """Elements (E,) that give way: services but large plant and buried lines; furniture."""
        roles, bounds = self.roles, self.scene.bounds
        size = np.nan_to_num(bounds[:, 1] - bounds[:, 0], nan=np.inf).max(axis=1)
        light = self.line | (size <= SMALL)
        carries = roles.any_of(*ENVELOPE, "opener", "covering", "railing", "bar")
        buried = roles.of_discipline("utility", "site")
        found: Mask = (roles["services"] & light & ~buried) | roles["furniture"]
        # a sleeve moved away from its hole clears nothing
        return found & ~carries & ~roles["marker"]

    @cached_property
    def body(self) -> Mask:
        """Elements (E,) with triangles."""
        return self.scene.meshes.has_body

    @cached_property
    def line(self) -> Mask:
        """Elements (E,) that are pieces of lines."""
        return self.roles.any_of("segment", "fitting")

    @cached_property
    def rigid(self) -> Mask:
        """Elements (E,) that come along with what they are joined to."""
        return self.roles.any_of("fitting", "controller", "small_part", "covering")

    @cached_property
    def seat(self) -> Mask:
        """Elements (E,) that fixtures sit in and on."""
        return self.roles.any_of(*ENVELOPE, "covering", "furniture")

    @cached_property
    def divides(self) -> Mask:
        """Elements (E,) that separate one room from another."""
        return self.roles.any_of("wall", "slab", "curtain", "covering") & self.body

    @cached_property
    def links(self) -> I64:
        """Joined pairs (K, 2), each both ways round, sorted."""
        count = len(self.scene)
        parts = [
            links_of(self.scene, self.clashes, self.suppressions, self.roles),
            scene_pairs(self.scene, RelationKind.FLOW_CONTROL, RelationKind.AGGREGATES),
            self._hung(),
        ]
        pairs = np.concatenate(parts)
        keys = np.unique(np.concatenate([pairs, pairs[:, ::-1]]) @ np.array([count, 1]))
        found: I64 = np.stack([keys // max(count, 1), keys % max(count, 1)], axis=1)
        return found

    def _hung(self) -> I64:
        """Hangers and clamps (K, 2) with the line that they touch."""
        c, small, line = self.clashes, self.roles["small_part"], self.roles["services"]
        hung = (small[c.a] & line[c.b]) | (small[c.b] & line[c.a])
        rows = np.asarray((c.relation == Relation.TOUCH) & hung)
        found: I64 = np.stack([c.a[rows], c.b[rows]], axis=1).astype(np.int64)
        return found

    def joined(self, element: int) -> list[int]:
        """Elements joined to `element`."""
        low, high = np.searchsorted(self.links[:, 0], [element, element + 1])
        found: list[int] = self.links[low:high, 1].tolist()
        return found

    def are_joined(self, a: I64, b: I64) -> Mask:
        """Whether each pair is joined."""
        return related(self.links, a, b, count=len(self.scene))

    def reach(self, roots: Sequence[int]) -> list[int]:
        """Elements joined to `roots`, directly or over others; the nearest few hundred."""
        found = list(dict.fromkeys(roots))
        known = set(found)
        for element in found:  # grows while it is read: breadth first
            if len(found) > len(roots) + 10 * MANY:
                break
            new = [n for n in self.joined(element) if n not in known]
            found += new
            known.update(new)
        return found

    @cached_property
    def _seated(self) -> dict[int, list[tuple[int, int]]]:
        """Rows, each with the host, in which a fixture sits in or on something."""
        c = self.clashes
        words = [i for i, r in enumerate(REASONS) if r.id in _SEATED]
        sits = np.isin(self.suppressions.reason, words) | (c.relation == Relation.TOUCH)
        guest = self.movable & ~self.line
        found: dict[int, list[tuple[int, int]]] = defaultdict(list)
        for one, other in ((c.a, c.b), (c.b, c.a)):
            for row in np.flatnonzero(sits & guest[one] & self.seat[other]).tolist():
                found[int(one[row])].append((row, int(other[row])))
        return dict(found)

    def seats(self, roots: Sequence[int]) -> list[F64]:
        """Normals (3,) of the faces that fixtures and furniture among `roots` sit on."""
        stands = any(self.roles["furniture"][r] for r in roots)
        normals = [np.array([0.0, 0.0, 1.0])] if stands else []
        for root in roots:
            normals += [self._normal(row, host) for row, host in self._seated.get(root, ())]
        return normals

    def sits(self, element: int) -> bool:
        """Whether `element` sits in or on something else."""
        return element in self._seated

    def _normal(self, row: int, host: int) -> F64:
        """Across a plate; else the direction in which the two come apart."""
        shape = self.shapes([host])
        found: F64 = shape.axes[0, 2] if shape.thin[0] else self.clashes.direction[row]
        return found

    def gives_way(self, roots: Sequence[int]) -> tuple[int, float, int]:
        """A key by which the easier side comes first.

        Furniture before fixtures before lines before plant; lines that need their fall
        last; of two lines the smaller.
        """
        lines, terminal = self.line | self.roles["controller"], self.roles["terminal"]
        rank = 0
        for r in roots:
            kind = 2 if lines[r] else 1 if terminal[r] else 3
            rank = max(rank, 0 if self.roles["furniture"][r] else kind)
            rank = max(rank, 4 if lines[r] and self._falls(r) else 0)
        shapes = self.shapes(roots)
        section = float(np.sort(shapes.size, axis=1)[:, :2].prod(axis=1).max())
        return rank, round(section, 6), min(roots)

    def _falls(self, element: int) -> bool:
        model, row = self.scene.locate(element)
        table = model.elements
        words = f"{table.system[row]} {table.predefined[row]} {table.name[row]}"
        return bool(_GRAVITY.search(words))


@dataclass(frozen=True, eq=False)
class Pool:
    """The elements that roots might carry along, measured once.

    Attributes
    ----------
    moving : Moving
    roots : tuple of int
        Elements that must move.
    fixed : frozenset of int
        The other side of the conflict.
    place : mapping of int to int
        Row in `shapes` of each element.
    shapes : Shapes

    """

    moving: Moving
    roots: tuple[int, ...]
    fixed: frozenset[int]
    place: dict[int, int]
    shapes: Shapes

    @classmethod
    def of(cls, moving: Moving, roots: Sequence[int], fixed: Iterable[int]) -> "Pool":
        """Measure what is joined to `roots`."""
        near = [e for e in moving.reach(roots) if moving.body[e] or e in roots]
        shapes = moving.shapes(near)
        place = {e: i for i, e in enumerate(near)}
        return cls(moving, tuple(roots), frozenset(fixed), place, shapes)

    def carried(self, direction: F64) -> Carried:
        """What moves when the roots move along a unit vector `direction` (3,).

        Fittings, valves, hangers, insulation and loose fixtures move along, and so does a
        line across the direction; a line along it stays and is cut longer or shorter;
        plant and fixtures that sit in something else stay and their joint is made anew.

        Raises
        ------
        Stuck
            ``"joined"`` when the other side would move too, ``"many"`` when more than
            ``MANY`` elements would.

        """
        moved = list(self.roots)
        known, joints = set(moved), dict[int, Joint]()
        limit = np.inf
        for element in moved:  # grows while it is read
            for other in self.moving.joined(element):
                if other in known or not self.moving.body[other]:
                    continue
                if other not in self.place:
                    raise Stuck("many")
                how = self._follows(element, other, direction)
                if how == "move":
                    if len(moved) >= len(self.roots) + MANY:
                        raise Stuck("many")
                    known.add(other)
                    moved.append(other)
                elif how:
                    joints.setdefault(other, Joint(element=other, how=how))
                if how == "shorten":
                    limit = min(limit, self._length(other) - STUB)
        if known & self.fixed:
            raise Stuck("joined")
        kept = tuple(j for e, j in sorted(joints.items()) if e not in known)
        return Carried(moved=tuple(moved), joints=kept, limit=float(limit))

    def _length(self, element: int) -> float:
        return float(self.shapes.size[self.place[element], 0])

    def _follows(self, element: int, other: int, direction: F64) -> str:
        """What `other` does when `element` moves: move, a kind of joint, or nothing ("")."""
        roles = self.moving.roles
        if roles["segment"][other]:
            return self._line(element, other, direction)
        if self.moving.rigid[other]:
            return "move"
        if not (roles["services"][other] or self.moving.movable[other]):
            return ""
        loose = self.moving.movable[other] and self._length(other) <= FIXTURE
        return "move" if loose and not self.moving.sits(other) else "offset"

    def _line(self, element: int, other: int, direction: F64) -> str:
        """A line along the move follows in its length, any other comes along."""
        row = self.place[other]
        axis = self.shapes.axes[row, 0]
        if not self.shapes.slender[row] or abs(float(axis @ direction)) < ALONG:
            return "move"
        centre = self.shapes.centre
        away = float((centre[self.place[element]] - centre[row]) @ direction)
        if abs(away) < 0.4 * self._length(other):
            return "offset"
        return "lengthen" if away > 0 else "shorten"
