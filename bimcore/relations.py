"""Relations between the elements of one model, as pairs of row indices."""

from dataclasses import dataclass
from enum import IntEnum

import numpy as np

from bimcore.arrays import I32, I64, U8, readonly


class RelationKind(IntEnum):
    """What `a` is to `b`."""

    AGGREGATES = 1  #: a whole, b part (IfcRelAggregates, IfcRelNests)
    FILLS = 2  #: a door or window, b the wall it stands in (opening resolved)
    VOIDS = 3  #: a opening, b the element it cuts
    CONNECTS = 4  #: a and b are joined (IfcRelConnectsElements and its subtypes)
    PORT = 5  #: a and b meet at connected ports
    COVERS = 6  #: a covering, b what it covers (IfcRelCoversBldgElements)
    PROJECTS = 7  #: a projection, b the element it adds to
    SAME_SYSTEM = 8  #: a and b belong to one system (only where it is not the column's)
    REINFORCES = 9  #: a embedded part (rebar, anchor, sleeve), b its host
    FLOW_CONTROL = 10  #: a control, b the flow element it sits on
    OPENING_FILLER = 11  #: a filler, b the opening it fills


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class RelationTable:
    """Columns of R relations, sorted by (kind, a, b), without repeats.

    Attributes
    ----------
    kind : (R,) uint8
        A :class:`RelationKind`.
    a, b : (R,) int32
        Rows of the element table.

    """

    kind: U8
    a: I32
    b: I32

    def __post_init__(self) -> None:
        """Freeze and check."""
        set_ = object.__setattr__
        set_(self, "kind", readonly(self.kind, np.uint8, ndim=1))
        set_(self, "a", readonly(self.a, np.int32, ndim=1))
        set_(self, "b", readonly(self.b, np.int32, ndim=1))

    @classmethod
    def of(cls, rows: "list[tuple[int, int, int]] | set[tuple[int, int, int]]") -> "RelationTable":
        """A table from (kind, a, b) triples in any order, repeats allowed."""
        table = np.array(sorted(set(rows)), dtype=np.int64).reshape(-1, 3)
        return cls(
            kind=table[:, 0].astype(np.uint8),
            a=table[:, 1].astype(np.int32),
            b=table[:, 2].astype(np.int32),
        )

    def __len__(self) -> int:
        return len(self.kind)

    def pairs(self, *kinds: RelationKind) -> I32:
        """Pairs (K, 2) of the given kinds."""
        keep = np.isin(self.kind, [int(k) for k in kinds])
        found: I32 = np.stack([self.a[keep], self.b[keep]], axis=1)
        return found

    def take(self, rows: I64, *, count: int) -> "RelationTable":
        """Relations among `rows` only, renumbered; `count` is the old number of elements."""
        place = np.full(count, -1, dtype=np.int64)
        place[rows] = np.arange(len(rows))
        a, b = place[self.a], place[self.b]
        keep = (a >= 0) & (b >= 0)
        return RelationTable(
            kind=self.kind[keep], a=a[keep].astype(np.int32), b=b[keep].astype(np.int32)
        )
