"""Properties and quantities of a model's elements, stored once however many share them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from bimcore.arrays import I32, I64, Mask, readonly, starts_of
from bimcore.elements import Coded

#: A property set: its name, and (name, value) of each entry; the value may be empty.
PropertySet: TypeAlias = tuple[str, tuple[tuple[str, str], ...]]


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class PropertyTable:
    """Property sets of E elements: bags of sets, sets of entries.

    An element has a bag of its own and inherits the bag of its type. Sets and bags with the
    same content are stored once, so the table never outgrows the file it was read from.

    Attributes
    ----------
    own, inherited : (E,) int32
        Bag of the element and of its type; -1 for none.
    bag_start : (B + 1,) int64
        Offsets of the bags in `bag_set`.
    bag_set : (..,) int32
        Sets of each bag.
    set_name : Coded
        Name of each of S sets.
    set_start : (S + 1,) int64
        Offsets of the sets in the entries.
    name, value : Coded
        Name and value (as text) of each of P entries; several values of one property, as
        enumerations have, are joined by ``" | "``.

    """

    own: I32
    inherited: I32
    bag_start: I64
    bag_set: I32
    set_name: Coded
    set_start: I64
    name: Coded
    value: Coded

    def __post_init__(self) -> None:
        """Freeze and check that the parts fit together."""
        set_ = object.__setattr__
        for field in ("own", "inherited", "bag_set"):
            set_(self, field, readonly(getattr(self, field), np.int32, ndim=1))
        for field in ("bag_start", "set_start"):
            set_(self, field, readonly(getattr(self, field), np.int64, ndim=1))
        fits = (
            len(self.own) == len(self.inherited)
            and len(self.name) == len(self.value)
            and _covers(self.bag_start, len(self.bag_set))
            and _covers(self.set_start, len(self.name))
            and len(self.set_start) == len(self.set_name) + 1
            and _within(self.bag_set, 0, len(self.set_name))
            and _within(self.own, -1, len(self.bag_start) - 1)
            and _within(self.inherited, -1, len(self.bag_start) - 1)
        )
        if not fits:
            message = "the parts of a PropertyTable do not fit together"
            raise ValueError(message)

    @classmethod
    def none(cls, count: int) -> "PropertyTable":
        """A table of `count` elements without properties."""
        return cls.of([()] * count)

    @classmethod
    def of(
        cls,
        own: Sequence[Sequence[PropertySet]],
        inherited: Sequence[Sequence[PropertySet]] | None = None,
    ) -> "PropertyTable":
        """Encode the sets of each element and, as long, those of its type."""
        codes = _Codes()
        rows = [codes.bag(r) for r in own]
        kinds = [-1] * len(rows) if inherited is None else [codes.bag(r) for r in inherited]
        entries = [e for _, content in codes.sets for e in content]
        return cls(
            own=np.array(rows, dtype=np.int32),
            inherited=np.array(kinds, dtype=np.int32),
            bag_start=starts_of([len(b) for b in codes.bags]),
            bag_set=np.array([s for b in codes.bags for s in b], dtype=np.int32),
            set_name=Coded.of([name for name, _ in codes.sets]),
            set_start=starts_of([len(content) for _, content in codes.sets]),
            name=Coded.of([name for name, _ in entries]),
            value=Coded.of([value for _, value in entries]),
        )

    def __len__(self) -> int:
        return len(self.own)

    def take(self, rows: I64) -> "PropertyTable":
        """The rows wanted, in the order wanted; sets and vocabularies are kept."""
        return PropertyTable(
            own=self.own[rows],
            inherited=self.inherited[rows],
            bag_start=self.bag_start,
            bag_set=self.bag_set,
            set_name=self.set_name,
            set_start=self.set_start,
            name=self.name,
            value=self.value,
        )

    def entries(self, row: int) -> dict[tuple[str, str], str]:
        """Values by (set, name) that hold for element `row`; its own win over the type's."""
        return {
            (self.set_name[s], self.name[e]): self.value[e]
            for bag in (int(self.inherited[row]), int(self.own[row]))
            for s in self._sets(bag)
            for e in range(int(self.set_start[s]), int(self.set_start[s + 1]))
        }

    def _sets(self, bag: int) -> list[int]:
        if bag < 0:
            return []
        found: list[int] = self.bag_set[self.bag_start[bag] : self.bag_start[bag + 1]].tolist()
        return found

    def having(self, wanted: Mask) -> Mask:
        """Elements that have one of some entries.

        Parameters
        ----------
        wanted : (P,) bool
            The entries looked for.

        Returns
        -------
        (E,) bool
            An entry of the type counts unless the element itself has one of the same set
            and name.

        """
        keys: dict[int, frozenset[tuple[int, int]]] = {}

        def hits(bag: int) -> frozenset[tuple[int, int]]:
            if bag not in keys:
                keys[bag] = self._keys(bag, wanted)
            return keys[bag]

        holds = self._bags_with(wanted)
        own = holds[self.own]
        found: Mask = own.copy()
        asked = np.flatnonzero(~own & holds[self.inherited])
        pairs: dict[tuple[int, int], bool] = {}
        everything = np.ones_like(wanted)
        for row in asked.tolist():
            pair = int(self.own[row]), int(self.inherited[row])
            if pair not in pairs:
                hidden = self._keys(pair[0], everything, only=hits(pair[1]))
                pairs[pair] = bool(hits(pair[1]) - hidden)
            found[row] = pairs[pair]
        return found

    def _bags_with(self, wanted: Mask) -> Mask:
        """Whether (B + 1,) each bag holds a wanted entry; the last stands for no bag."""
        of_set = np.repeat(np.arange(len(self.set_name)), np.diff(self.set_start))
        sets = np.zeros(len(self.set_name), dtype=np.bool_)
        sets[of_set[wanted]] = True
        of_bag = np.repeat(np.arange(len(self.bag_start) - 1), np.diff(self.bag_start))
        bags = np.zeros(len(self.bag_start), dtype=np.bool_)
        bags[of_bag[sets[self.bag_set]]] = True
        return bags

    def _keys(
        self, bag: int, wanted: Mask, *, only: frozenset[tuple[int, int]] | None = None
    ) -> frozenset[tuple[int, int]]:
        """Codes of set and name of the wanted entries of a bag."""
        found = set()
        sets = {s for s, _ in only} if only is not None else None
        for s in self._sets(bag):
            code = int(self.set_name.codes[s])
            if sets is not None and code not in sets:
                continue
            span = slice(int(self.set_start[s]), int(self.set_start[s + 1]))
            names = self.name.codes[span][wanted[span]].tolist()
            found |= {(code, n) for n in names}
        return frozenset(found)


class _Codes:
    """Numbers of sets and bags by content, in the order they are first seen.

    What is given as one object again is known by it: elements of one type give its bag over
    and over, and to compare contents each time would cost elements times properties.
    """

    def __init__(self) -> None:
        self.sets: list[PropertySet] = []
        self.bags: list[tuple[int, ...]] = []
        self._set_of: dict[PropertySet, int] = {}
        self._bag_of: dict[tuple[int, ...], int] = {}
        self._known: dict[int, tuple[object, int]] = {}

    def bag(self, content: Sequence[PropertySet]) -> int:
        """The number of a bag; -1 for the empty one."""
        if not content:
            return -1
        if id(content) not in self._known:
            key = tuple(self._number(s) for s in content)
            place = self._bag_of.setdefault(key, len(self.bags))
            if place == len(self.bags):
                self.bags.append(key)
            # the object is kept, so that its id stays its own
            self._known[id(content)] = (content, place)
        return self._known[id(content)][1]

    def _number(self, one: PropertySet) -> int:
        if id(one) not in self._known:
            place = self._set_of.setdefault(one, len(self.sets))
            if place == len(self.sets):
                self.sets.append(one)
            self._known[id(one)] = (one, place)
        return self._known[id(one)][1]


def _covers(starts: I64, count: int) -> bool:
    ordered = len(starts) > 0 and int(starts[0]) == 0 and int(starts[-1]) == count
    return ordered and bool((np.diff(starts) >= 0).all())


def _within(indices: I32, lowest: int, end: int) -> bool:
    return len(indices) == 0 or (int(indices.min()) >= lowest and int(indices.max()) < end)
