"""Pairs of a clash run seen as a guest in a host, with how the guest stands in it."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from bimcore.arrays import F64, I32, I64, U8, Mask
from bimcore.model import Scene
from bimcore.relations import RelationKind
from clash.result import ClashSet, Relation
from clash.roles import Roles, related, roles_of, scene_pairs
from clash.shapes import Shapes, project, shapes_of

#: Metres that a body may stand proud of another and still count as flush.
FLUSH = 0.010


@dataclass(frozen=True, eq=False)
class Facts:
    """What is known of the elements that take part in a clash run.

    Attributes
    ----------
    scene : Scene
    clashes : ClashSet
        The rows in question.
    roles : Roles
    shapes : Shapes
        Of the involved elements only.
    place : (E,) int64
        Row in `shapes`; -1 where an element takes no part.

    """

    scene: Scene
    clashes: ClashSet
    roles: Roles
    shapes: Shapes
    place: I64

    @classmethod
    def of(cls, scene: Scene, clashes: ClashSet) -> "Facts":
        """Measure the elements of `clashes` once."""
        used = np.unique(np.concatenate([clashes.a, clashes.b])).astype(np.int64)
        place = np.full(len(scene), -1, dtype=np.int64)
        place[used] = np.arange(len(used))
        shapes = shapes_of(scene.meshes.take(used))
        return cls(scene, clashes, roles_of(scene), shapes, place)

    @cached_property
    def views(self) -> tuple["View", "View"]:
        """Each row with a as guest in b, then with b as guest in a."""
        c = self.clashes
        return self._view(c.a, c.b), self._view(c.b, c.a)

    def _view(self, guest: I32, host: I32) -> "View":
        g, h = guest.astype(np.int64), host.astype(np.int64)
        low, high = project(self.scene.meshes, g, self.shapes.axes[self.place[h]])
        return View(self, g, h, low, high)

    def related(self, a: I64, b: I64, *kinds: RelationKind) -> Mask:
        """Whether the file relates each pair by one of `kinds`, either way round."""
        return related(scene_pairs(self.scene, *kinds), a, b, count=len(self.scene))

    @cached_property
    def top(self) -> I64:
        """The outermost element (E,) that each element is a part of; itself when of none."""
        pairs = scene_pairs(self.scene, RelationKind.AGGREGATES)
        pairs = pairs[self.roles["whole"][pairs].all(axis=1)]
        top = np.arange(len(self.scene), dtype=np.int64)
        top[pairs[:, 1]] = pairs[:, 0]
        for _ in range(8):  # nesting in real files is 2 to 3 deep; a loop must end
            top = top[top]
        return top


@dataclass(frozen=True, eq=False)
class View:
    """Rows as a guest in a host.

    Attributes
    ----------
    guest, host : (C,) int64
        Scene elements.
    low, high : (C, 3) float64
        Extents of the guest along the host's own axes (longest first, thickness last).

    """

    facts: Facts
    guest: I64
    host: I64
    low: F64
    high: F64

    def is_guest(self, *roles: str) -> Mask:
        """Rows (C,) whose guest has one of `roles`."""
        return self.facts.roles.any_of(*roles)[self.guest]

    def is_host(self, *roles: str) -> Mask:
        """Rows (C,) whose host has one of `roles`."""
        return self.facts.roles.any_of(*roles)[self.host]

    def guest_in(self, *disciplines: str) -> Mask:
        """Rows (C,) whose guest is of one of `disciplines`."""
        return self.facts.roles.of_discipline(*disciplines)[self.guest]

    def host_in(self, *disciplines: str) -> Mask:
        """Rows (C,) whose host is of one of `disciplines`."""
        return self.facts.roles.of_discipline(*disciplines)[self.host]

    @property
    def relation(self) -> U8:
        """The relation (C,) of each row."""
        return self.facts.clashes.relation

    @cached_property
    def shares_space(self) -> Mask:
        """Rows (C,) that share space without being the same body twice."""
        found: Mask = np.isin(self.relation, (Relation.CROSSING, Relation.CONTAINMENT))
        return found

    @property
    def depth(self) -> F64:
        """The depth (C,) of each row."""
        return self.facts.clashes.depth

    @cached_property
    def guest_row(self) -> I64:
        """Rows (C,) of the guests in the shapes."""
        found: I64 = self.facts.place[self.guest]
        return found

    @cached_property
    def host_row(self) -> I64:
        """Rows (C,) of the hosts in the shapes."""
        found: I64 = self.facts.place[self.host]
        return found

    @cached_property
    def below(self) -> F64:
        """How far (C, 3) the guest sticks out at the low end of each host axis."""
        found: F64 = self.facts.shapes.low[self.host_row] - self.low
        return found

    @cached_property
    def above(self) -> F64:
        """How far (C, 3) the guest sticks out at the high end of each host axis."""
        found: F64 = self.high - self.facts.shapes.high[self.host_row]
        return found

    @cached_property
    def inside(self) -> F64:
        """Length (C, 3) of the guest's extent that lies within the host's."""
        shapes = self.facts.shapes
        top = np.minimum(self.high, shapes.high[self.host_row])
        found: F64 = np.maximum(top - np.maximum(self.low, shapes.low[self.host_row]), 0.0)
        return found

    @cached_property
    def guest_size(self) -> F64:
        """Own extents (C, 3) of the guest, longest first."""
        return self.facts.shapes.size[self.guest_row]

    @cached_property
    def host_size(self) -> F64:
        """Own extents (C, 3) of the host, longest first."""
        return self.facts.shapes.size[self.host_row]

    @cached_property
    def through(self) -> Mask:
        """Whether (C, 3) the guest sticks out at both ends of each host axis."""
        found: Mask = (self.below > FLUSH) & (self.above > FLUSH)
        return found

    @cached_property
    def one_sided(self) -> Mask:
        """Whether (C, 3) the guest enters the host from one side only, along each axis."""
        found: Mask = (self.below > FLUSH) ^ (self.above > FLUSH)
        return found

    @cached_property
    def within(self) -> Mask:
        """Whether (C, 3) the guest stays inside the host along each axis."""
        found: Mask = (self.below <= FLUSH) & (self.above <= FLUSH)
        return found

    @cached_property
    def share(self) -> F64:
        """Share (C,) of the guest's volume that lies in the host; NaN when unknown."""
        volume = self.facts.shapes.volume[self.guest_row]
        found: F64 = self.facts.clashes.volume / np.where(volume > 0, volume, np.nan)
        return found

    def aligned(self, guest_axis: int, host_axis: int) -> F64:
        """Cosine (C,) of the angle between two own axes, 0 to 1."""
        axes = self.facts.shapes.axes
        cos = np.einsum(
            "ci,ci->c", axes[self.guest_row, guest_axis], axes[self.host_row, host_axis]
        )
        found: F64 = np.abs(cos)
        return found

    def host_upright(self) -> F64:
        """Cosine (C,) between the host's thickness and the vertical: 1 for a floor."""
        found: F64 = np.abs(self.facts.shapes.axes[self.host_row, 2, 2])
        return found
