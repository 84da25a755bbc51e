"""The columns of a clash run and their order."""

from dataclasses import dataclass
from enum import IntEnum

import numpy as np

from bimcore.arrays import F64, I32, I64, U8, U16, Mask, readonly


class Relation(IntEnum):
    """How two bodies stand to each other; one word per pair and rule."""

    NONE = 0
    CROSSING = 1  #: the bodies share space, deeper than the tolerance
    CONTAINMENT = 2  #: one solid lies inside the other
    DUPLICATE = 3  #: the same body twice
    TOUCH = 4  #: contact within the tolerance
    CLEARANCE = 5  #: apart, nearer than the rule asks


HARD = (Relation.CROSSING, Relation.CONTAINMENT, Relation.DUPLICATE)


class Measured(IntEnum):
    """How much a number can be trusted."""

    EXACT = 1
    BOUNDED = 2  #: depth is an upper bound


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class NotAssessed:
    """A pair that could not be decided, with the reason."""

    a: int
    b: int
    rule: int
    why: str


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class ClashSet:
    """C pairs, sorted by (a, b, rule).

    Attributes
    ----------
    a, b : (C,) int32
        Scene elements, ``a < b``.
    rule : (C,) uint16
        Index into the rule set.
    relation : (C,) uint8
        A :class:`Relation`.
    depth : (C,) float64
        Metres of the shortest translation that separates the pair; 0 when apart.
    distance : (C,) float64
        Least distance in metres; 0 when they meet.
    volume : (C,) float64
        Shared volume in cubic metres; NaN where it was not computed or a body is open.
    measured : (C,) uint8
        A :class:`Measured`, about the depth.
    point : (C, 3) float64
        A point inside the shared region, or midway between the nearest points.
    direction : (C, 3) float64
        Unit vector: moving b by ``depth * direction`` separates the pair; for clearance
        from a's nearest point to b's.
    point_a, point_b : (C, 3) float64
        Witness points of the distance, on a and on b.
    candidates : int
        Pairs that were looked at, so that "none found" is a statement.
    not_assessed : tuple of NotAssessed

    """

    a: I32
    b: I32
    rule: U16
    relation: U8
    depth: F64
    distance: F64
    volume: F64
    measured: U8
    point: F64
    direction: F64
    point_a: F64
    point_b: F64
    candidates: int = 0
    not_assessed: tuple[NotAssessed, ...] = ()

    def __post_init__(self) -> None:
        """Freeze the columns."""
        set_ = object.__setattr__
        for name, dtype, ndim in COLUMNS:
            set_(self, name, readonly(getattr(self, name), dtype, ndim=ndim))

    def __len__(self) -> int:
        return len(self.a)

    def take(self, rows: I64 | Mask) -> "ClashSet":
        """The rows wanted; candidates and not assessed pairs stay."""
        columns = {name: getattr(self, name)[rows] for name, _, _ in COLUMNS}
        return ClashSet(candidates=self.candidates, not_assessed=self.not_assessed, **columns)

    def sorted(self) -> "ClashSet":
        """The same rows in the order (a, b, rule)."""
        return self.take(np.lexsort((self.rule, self.b, self.a)))


COLUMNS = (
    ("a", np.int32, 1),
    ("b", np.int32, 1),
    ("rule", np.uint16, 1),
    ("relation", np.uint8, 1),
    ("depth", np.float64, 1),
    ("distance", np.float64, 1),
    ("volume", np.float64, 1),
    ("measured", np.uint8, 1),
    ("point", np.float64, 2),
    ("direction", np.float64, 2),
    ("point_a", np.float64, 2),
    ("point_b", np.float64, 2),
)
