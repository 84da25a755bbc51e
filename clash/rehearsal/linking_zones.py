"""Which elements are in the zones that the tasks of a plan name."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from bimcore.arrays import I64, Mask
from bimcore.model import Model, Scene
from clash.rehearsal.axes import between_axes
from clash.rehearsal.linking_choice import NO_ZONE, ONE_ZONE
from clash.rehearsal.linking_wishes import Wish
from clash.rehearsal.spoken import spoken
from clash.rehearsal.words import Dictionary
from clash.rehearsal.zone_names import (
    AREA,
    AXES,
    BUILDING,
    TIER,
    Zone,
    bare_key,
    kind_of_field,
    led_by_tower,
    shorter,
    towers_in,
    written,
    zone_of,
    zoned,
)

#: Kind of a zone that a field gives without a word for what it is.
_ANY = ""


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Inside:
    """What of the elements of a task is in its zones.

    Attributes
    ----------
    mask : (N,) bool or None
        None where the models tell nothing.
    factor : float
        For the confidence.
    reason : str
        What is unclear: ``"zone"`` where the models do not know it, ``"not_modelled"`` where
        they know others of its kind and all elements lie in those.

    """

    mask: Mask | None = None
    factor: float = 1.0
    reason: str = ""


class Zones:
    """Which elements are in the zones that tasks name."""

    def __init__(self, scene: Scene, wishes: Sequence[Wish], words: Dictionary) -> None:
        self._scene = scene
        named: dict[str, set[tuple[Zone, ...]]] = defaultdict(set)
        self._parsed: dict[tuple[str, ...], dict[str, tuple[Zone, ...]]] = {}
        for zones in {w.zones for w in wishes if w.zones}:
            self._parsed[zones] = _by_kind(zones)
            for kind, some in self._parsed[zones].items():
                named[kind].add(some)
        self._several = {k: len(some) > 1 for k, some in named.items()}
        wanted = {k for some in named.values() for z in some for one in z for k in _all_keys(one)}
        self._told = _told(scene, words, wanted) if named else _Told(count=len(scene))
        self._kinds = {k: self._standing_for(k, some) for k, some in named.items() if k != AXES}
        self._axes: dict[tuple[Zone, ...], Mask | None] = {}

    def within(self, zones: tuple[str, ...], elements: I64) -> Inside:
        """Which of `elements` are in all of `zones`, and how sure that is."""
        found = Inside()
        for kind, some in self._parsed.get(zones, {}).items():
            one = self._one(kind, some, elements)
            if one.mask is not None:
                mask = one.mask if found.mask is None else found.mask & one.mask
                found = Inside(mask=mask, factor=found.factor, reason=found.reason)
            factor = min(found.factor, one.factor)
            found = Inside(mask=found.mask, factor=factor, reason=found.reason or one.reason)
        if found.mask is not None and not found.mask.any() and found.reason != "not_modelled":
            # each is known, but not together: a slip of the plan or of the model
            return Inside(factor=NO_ZONE, reason="zone")
        return found

    def _one(self, kind: str, some: tuple[Zone, ...], elements: I64) -> Inside:
        if kind == AXES:
            return self._between(some, elements)
        known = self._kinds[kind]
        masks = [self._told.of(known, key) for zone in some for key in self._keys(known, zone)]
        inside = np.logical_or.reduce([m[elements] for m in masks]) if masks else None
        silent = ~self._told.says(known)[elements]
        if inside is not None and inside.any():
            # the capping beam beside the first struts is in no layer of them
            return Inside(mask=inside | silent if kind == TIER else inside)
        if self._told.keys(known) and not silent.any():
            # the models know zones of this kind by the names of the plan, and these are others
            return Inside(mask=silent, reason="not_modelled")
        unknown = self._unknown(kind)
        if self._told.keys(known) and not silent.all():
            return Inside(mask=silent, factor=unknown.factor, reason=unknown.reason)
        return unknown

    def _between(self, some: tuple[Zone, ...], elements: I64) -> Inside:
        if some not in self._axes:
            masks = [between_axes(self._scene, zone.spans) for zone in some]
            known = [m for m in masks if m is not None]
            self._axes[some] = np.logical_or.reduce(known) if known else None
        mask = self._axes[some]
        if mask is None or not mask[elements].any():
            return self._unknown(AXES)
        return Inside(mask=mask[elements])

    def _unknown(self, kind: str) -> Inside:
        if self._several.get(kind):
            return Inside(factor=NO_ZONE, reason="zone")
        return Inside(factor=ONE_ZONE)

    def _keys(self, kind: str, zone: Zone) -> Iterable[str]:
        """Keys of a zone: its whole name where the models have it, else those of the range."""
        known = self._told.keys(kind)
        if zone.whole in known:
            return (zone.whole,)
        keys = zone.keys if zone.keys & known else {shorter(zone.kind, k) for k in zone.keys}
        return sorted(keys)

    def _standing_for(self, kind: str, named: Iterable[tuple[Zone, ...]]) -> str:
        """The kind by which the models tell zones that the plan tells by another.

        "A区" of the plan may be "A栋" of the models, where the plan has no buildings itself.
        """
        keys = {k for some in named for z in some for k in _all_keys(z)}
        others = [_ANY, *(k for k in sorted(self._told.kinds()) if k not in self._several)]
        for other in (kind, *others):
            if keys & self._told.keys(other):
                return other
        return kind


def _by_kind(zones: tuple[str, ...]) -> dict[str, tuple[Zone, ...]]:
    found: dict[str, list[Zone]] = defaultdict(list)
    for said in zones:
        zone = zone_of(said)
        if zone is not None:
            found[zone.kind].append(zone)
    return {kind: tuple(some) for kind, some in sorted(found.items())}


def _all_keys(zone: Zone) -> frozenset[str]:
    keys = zone.keys | {zone.whole}
    return keys | {shorter(zone.kind, k) for k in keys}


@dataclass(eq=False, slots=True)
class _Told:
    """Zones (E,) by kind and key, and which elements say any of a kind."""

    count: int
    members: dict[tuple[str, str], Mask] = field(default_factory=dict)
    said: dict[str, Mask] = field(default_factory=dict)

    def kinds(self) -> frozenset[str]:
        return frozenset(k for k, _ in self.members)

    def keys(self, kind: str) -> frozenset[str]:
        return frozenset(key for k, key in self.members if k == kind)

    def of(self, kind: str, key: str) -> Mask:
        return self.members.get((kind, key), np.zeros(self.count, dtype=np.bool_))

    def says(self, kind: str) -> Mask:
        return self.said.get(kind, np.zeros(self.count, dtype=np.bool_))

    def add(self, rows: "_Rows", wanted: set[str]) -> None:
        """Add what one source tells of elements of which no earlier one told anything."""
        fresh: dict[str, Mask] = {}
        for (kind, key), some in rows.items():
            if kind not in fresh:
                fresh[kind] = ~self.says(kind)
            if key in wanted:
                mask = self.members.setdefault((kind, key), np.zeros(self.count, dtype=np.bool_))
                chosen = np.array(some, dtype=np.int64)
                mask[chosen[fresh[kind][chosen]]] = True
        for (kind, _), some in rows.items():
            self.said.setdefault(kind, np.zeros(self.count, dtype=np.bool_))[some] = True


#: Elements by kind and key of their zone, as one source tells of all models, and of one.
_Rows = dict[tuple[str, str], list[int]]
_Named = Mapping[tuple[str, str], Sequence[int]]


def _told(scene: Scene, words: Dictionary, wanted: set[str]) -> _Told:
    """What the models tell, the closest first: properties, own texts, buildings, names of models."""
    found = _Told(count=len(scene))
    readers = (_by_properties(words), _by_texts, _by_buildings, _by_names)
    for reader in readers:
        rows: _Rows = defaultdict(list)
        for model, start in zip(scene.models, scene.element_start.tolist(), strict=False):
            for key, some in reader(model).items():
                rows[key] += (np.asarray(some, dtype=np.int64) + start).tolist()
        found.add(rows, wanted)
    return found


def _zones_in(text: str) -> frozenset[tuple[str, str]]:
    """Kinds and keys of the zones that a text of an element names."""
    said = spoken(text).zones if zoned(written(text)) else ()
    zones = [z for z in map(zone_of, said) if z is not None and z.kind != AXES]
    # "1-2段" of an element is one zone, the second in the first
    return frozenset(
        (z.kind, key) for z in zones for key in {z.whole, *(z.keys if len(z.keys) < 2 else ())}
    )


def _tower_of(storey: str) -> frozenset[tuple[str, str]]:
    """The tower that the name of a storey begins with: "T1-L3"."""
    key = led_by_tower(storey)
    return frozenset({(BUILDING, key)}) if key and spoken(storey).storeys else frozenset()


def _towers(name: str) -> frozenset[tuple[str, str]]:
    """Towers in the name of a building or a model: "T1", "STR-T2"."""
    return frozenset((BUILDING, key) for key in towers_in(name))


def _by_properties(words: Dictionary) -> Callable[[Model], _Named]:
    """A reader of the fields that name a zone: "施工段" = "Ⅱ", "Zone" = "A"."""

    def read(model: Model) -> _Named:
        table = model.properties
        kinds = {
            name: kind_of_field(name)
            for name in table.name.words
            if any("zones" in s.of("codes") for s in words.read(name))
        }
        found: dict[tuple[str, str], list[int]] = {}
        for name, kind in kinds.items():
            named = table.name.mask([name])
            for code in np.unique(table.value.codes[named]).tolist():
                value = table.value.words[code] if code >= 0 else ""
                # an "Area" of 12 is its size, in thousands of values
                keys = () if kind == AREA and _is_size(name, value) else _field_zones(value, kind)
                if keys:
                    rows = np.flatnonzero(table.having(named & (table.value.codes == code)))
                for key in keys:
                    found.setdefault(key, []).extend(rows.tolist())
        return found

    return read


def _is_size(name: str, value: str) -> bool:
    """Whether a field called an area gives square metres."""
    return "area" in name.casefold() and not any(c.isalpha() for c in value)


def _field_zones(value: str, kind: str) -> frozenset[tuple[str, str]]:
    """Zones that the value of a field names; a bare "2" is of the kind of the field."""
    if found := _zones_in(value):
        return found
    key = bare_key(value)
    return frozenset((kind, k) for k in {key, shorter(kind, key)} if k)


def _by_texts(model: Model) -> _Named:
    """Names and tags, layers, storeys and systems."""
    table = model.elements
    found: dict[tuple[str, str], set[int]] = defaultdict(set)
    for column in (table.storey, table.layer, table.systems):
        for code, word in enumerate(column.words):
            for key in _zones_in(word) | (_tower_of(word) if column is table.storey else set()):
                found[key] |= set(np.flatnonzero(column.codes == code).tolist())
    for texts in (table.name, table.tag):
        for row, text in enumerate(texts):
            for key in _zones_in(text) if text else ():
                found[key].add(row)
    return {k: sorted(rows) for k, rows in found.items()}


def _by_buildings(model: Model) -> _Named:
    """Names of the buildings that the storeys are in."""
    found: dict[tuple[str, str], list[int]] = defaultdict(list)
    for code, name in enumerate(model.spatial.buildings):
        for key in _zones_in(name) | _towers(name) if name else ():
            found[key] += np.flatnonzero(model.elements.storey.codes == code).tolist()
    return found


def _by_names(model: Model) -> _Named:
    """The name of the model, of all that is in it."""
    everything = range(len(model))
    return dict.fromkeys(_zones_in(model.name) | _towers(model.name), everything)
