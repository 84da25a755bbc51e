"""Elements of a scene by what they are to a plan: kinds, facets, levels."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from bimcore.arrays import F64, I32, I64, Mask, ragged_take, starts_of
from bimcore.elements import ElementTable
from bimcore.model import Model, Scene
from bimcore.relations import RelationKind
from clash.bearing import bearing_of
from clash.rehearsal.linking_storeys import Levels, scene_levels
from clash.rehearsal.words import Dictionary, Kind, fold
from clash.roles import roles_of, scene_pairs

#: Classes that say nothing: an element of them is what its name says.
#: What holds a pit: no walls, columns and beams of the building.
_PIT = frozenset({"shoring", "king_post"})
_GENERIC = frozenset(
    {
        "IfcBuildingElementProxy",
        "IfcBuildingElement",
        "IfcBuiltElement",
        "IfcElementAssembly",
        "IfcDiscreteAccessory",
        "IfcGeographicElement",
        "IfcCivilElement",
        "IfcDistributionElement",
        "IfcDistributionFlowElement",
    }
)
#: Parts of lines whose class does not say of which.
_FLOW = frozenset({"IfcFlowSegment", "IfcFlowFitting"})
#: What the words of a plan can ask of an element besides its kind.
FACETS = (
    "structural",
    "light",
    "concrete",
    "steel",
    "timber",
    "masonry",
    "stud",
    "precast",
    "external",
    "internal",
    "outdoor",
    "services",
    "existing",
    "pitched",
)
_PAST = ("existing", "demolish", "demolition", "既有", "拆除", "现状", "原有", "bestand", "abbruch")
_CODE = re.compile(r"[a-z]+(?:[-_.]?\d+[a-z]?)+|[a-z]{4,}")
_NO_DIGITS = str.maketrans("", "", "0123456789")
#: Share of services elements above which a model is one of services.
_SERVICES_MODEL = 0.5
#: Metres above a floor at which a beam no longer belongs to it.
_OVER_FLOOR = 0.3
#: Metres that no flat slab is thick.
_STEEP = 1.2
#: Parts of a whole that have a task of their own.
_OWN_TASK = frozenset({"railing", "door", "mep"})


@dataclass(frozen=True, eq=False, kw_only=True)
class Elements:
    """The physical elements of a scene in cells: same kinds and facets, same level.

    Attributes
    ----------
    kinds : tuple of str
        Columns of `is_a`.
    is_a : (C, K) bool
        Whether the elements of each of C cells are of a kind.
    has : (C, F) bool
        Facets of each cell, in the order of ``FACETS``.
    level : (C,) int32
        Of each cell; -1 where none is known.
    cell : (E,) int32
        Cell of each element; -1 for what is no physical body.
    levels : Levels
    volume : (E,) float64
        Cubic metres of the box round each element, at least a litre.
    floors_over : int
        1 where models keep floors with the storey below them, 0 with the one above.

    """

    kinds: tuple[str, ...]
    is_a: Mask
    has: Mask
    level: I32
    cell: I32
    levels: Levels
    volume: F64
    floors_over: int
    _order: I64
    _start: I64

    def __len__(self) -> int:
        return len(self.level)

    def column(self, kind: str) -> Mask:
        """Cells (C,) of a kind."""
        found: Mask = self.is_a[:, self.kinds.index(kind)]
        return found

    def any_of(self, kinds: Iterable[str]) -> Mask:
        """Cells (C,) of one of `kinds`."""
        columns = [self.kinds.index(k) for k in kinds]
        found: Mask = np.logical_or.reduce(self.is_a[:, columns], axis=1)
        return found

    def facet(self, name: str) -> Mask:
        """Cells (C,) with a facet."""
        found: Mask = self.has[:, FACETS.index(name)]
        return found

    def members(self, cells: I64) -> I64:
        """Elements of `cells`, cell by cell."""
        found: I64 = self._order[ragged_take(self._start, cells)[0]]
        return found

    def counts(self) -> I64:
        """Elements (C,) of each cell."""
        found: I64 = np.diff(self._start)
        return found


def elements_of(scene: Scene, words: Dictionary) -> Elements:
    """What the elements of `scene` are.

    Elements that are no physical body are left out, unless they are a whole with such parts.
    Parts are also what their whole is.
    """
    levels, level = scene_levels(scene)
    physical = _physical(scene)
    codes, rows = _signatures(scene, words)
    floors_over, level = _floors_over(scene, levels, level)
    level = _inherited_levels(scene, level)
    if not floors_over:
        level = _lifted(scene, levels, level, ring=_of_kind(codes, rows, "secondary"))
    keys = np.stack([codes, level.astype(np.int64)], axis=1)
    some = np.flatnonzero(physical)
    unique, inverse = np.unique(keys[some], axis=0, return_inverse=True)
    cell = np.full(len(scene), -1, dtype=np.int32)
    cell[some] = inverse.reshape(-1)
    kinds = tuple(words.kinds)
    is_a = np.zeros((len(unique), len(kinds)), dtype=np.bool_)
    has = np.zeros((len(unique), len(FACETS)), dtype=np.bool_)
    place = {k: i for i, k in enumerate(kinds)}
    for row, (code, _) in enumerate(unique.tolist()):
        found, facets = rows[code]
        is_a[row, [place[k] for k in found]] = True
        has[row, [FACETS.index(f) for f in facets]] = True
    order = some[np.argsort(cell[some], kind="stable")]
    size = np.maximum(np.nan_to_num(scene.bounds[:, 1] - scene.bounds[:, 0], nan=0.0), 0.0)
    return Elements(
        kinds=kinds,
        is_a=is_a,
        has=has,
        level=unique[:, 1].astype(np.int32) if len(unique) else np.zeros(0, np.int32),
        cell=cell,
        levels=levels,
        volume=np.maximum(np.prod(size, axis=1), 1e-3),
        floors_over=floors_over,
        _order=order,
        _start=starts_of(np.bincount(cell[some], minlength=len(unique))),
    )


def _physical(scene: Scene) -> Mask:
    """Elements (E,) that are built: bodies, and wholes that have bodies as their parts."""
    flags = [m.elements.clash_body for m in scene.models]
    body: Mask = np.concatenate([np.zeros(0, bool), *flags]).astype(np.bool_)
    spatial = np.concatenate(
        [np.zeros(0, bool), *(m.elements.is_a("IfcSpatialElement", "IfcSpatialStructureElement")
                              for m in scene.models)]
    ).astype(np.bool_)  # fmt: skip
    return body & ~spatial


def _floors_over(scene: Scene, levels: Levels, level: I32) -> tuple[int, I32]:
    """1 where models keep floors with the storey below them, else 0; levels (E,) that agree.

    The floors of a model that keeps them otherwise than most go to where most have theirs.
    """
    over = [_over_share(scene, levels, level, number) for number in range(len(scene.models))]
    counts = [(share, count) for share, count in over if count]
    total = sum(count for _, count in counts)
    kept = int(sum(share * count for share, count in counts) > 0.5 * total)
    found = level.copy()
    for number, (share, count) in enumerate(over):
        if count and int(share > 0.5) != kept:
            _shift_floors(scene, levels, found, number, over=not kept)
    return kept, found


def _over_share(scene: Scene, levels: Levels, level: I32, number: int) -> tuple[float, int]:
    """Share of the floors of a model that end at the height of the next level; their number.

    Beams tell where there are no slabs: struts, capping beams and beams of pits are no floors.
    """
    for is_a in ("IfcSlab", "IfcBeam"):
        rows, over = _over(scene, levels, level, number, is_a)
        if len(rows):
            return float(over.mean()), len(rows)
    return 0.0, 0


def _over(scene: Scene, levels: Levels, level: I32, number: int, *classes: str) -> tuple[I64, Mask]:
    """Elements of a model below other levels, and whether each ends at the next of these."""
    start = int(scene.element_start[number])
    flat = scene.models[number].elements.is_a(*classes)
    rows = np.flatnonzero(flat) + start
    below = (level[rows] >= 0) & ~np.append(levels.topmost, True)[level[rows]]
    rows = rows[below & np.isfinite(scene.bounds[rows, 1, 2])]
    top = scene.bounds[rows, 1, 2]
    own, following = levels.heights[level[rows]], levels.heights[level[rows] + 1]
    found: Mask = np.abs(top - following) < np.abs(top - own)
    return rows, found


def _shift_floors(scene: Scene, levels: Levels, level: I32, number: int, *, over: bool) -> None:
    """Move floors that end at the next level up to it, or those that do not down from theirs."""
    rows, ends_over = _over(scene, levels, level, number, "IfcSlab", "IfcBeam")
    if over:
        level[rows[ends_over]] += 1
        return
    lowest = np.zeros(len(levels) + 1, dtype=np.bool_)
    lowest[[r.start for r in levels.stacks if len(r)]] = True
    rows = rows[~ends_over & ~lowest[level[rows]]]
    level[rows] -= 1


def _of_kind(codes: I64, rows: Sequence[tuple[frozenset[str], frozenset[str]]], kind: str) -> Mask:
    """Elements (E,) of a kind, by the codes of their signatures."""
    known = np.array([kind in kinds for kinds, _ in rows], dtype=np.bool_)
    found: Mask = known[codes] if len(known) else np.zeros(len(codes), dtype=np.bool_)
    return found


def _lifted(scene: Scene, levels: Levels, level: I32, *, ring: Mask) -> I32:
    """Levels (E,) where beams that begin above their floor, as at landings, go with the next.

    For models that keep a floor with the storey above it. Ring beams and lintels (`ring`)
    belong to the walls they lie on.
    """
    beams = [m.elements.is_a("IfcBeam") for m in scene.models]
    beam: Mask = np.concatenate([np.zeros(0, bool), *beams]).astype(np.bool_)
    beam &= ~ring
    rows = np.flatnonzero(beam & (level >= 0) & ~np.append(levels.topmost, True)[level])
    bottom = scene.bounds[rows, 0, 2]
    found = level.copy()
    found[rows[bottom > levels.heights[level[rows]] + _OVER_FLOOR]] += 1
    return found


def _inherited_levels(scene: Scene, level: I32) -> I32:
    """Levels (E,) where parts without a storey of their own have that of their whole."""
    found = level.copy()
    pairs = scene_pairs(scene, RelationKind.AGGREGATES)
    for _ in range(3):
        open_ = pairs[(found[pairs[:, 1]] < 0) & (found[pairs[:, 0]] >= 0)]
        if not len(open_):
            break
        found[open_[:, 1]] = found[open_[:, 0]]
    return found


def _signatures(
    scene: Scene, words: Dictionary
) -> tuple[I64, list[tuple[frozenset[str], frozenset[str]]]]:
    """For each element (E,) a code, and for each code the kinds and facets it stands for."""
    reader = _Reader(words)
    roles = roles_of(scene)
    bearing = bearing_of(scene, roles).any
    wholes = scene_pairs(scene, RelationKind.AGGREGATES)
    codes = np.zeros(len(scene), dtype=np.int64)
    known: dict[tuple[frozenset[str], frozenset[str]], int] = {}
    rows: list[tuple[frozenset[str], frozenset[str]]] = []

    def code_of(row: tuple[frozenset[str], frozenset[str]]) -> int:
        place = known.setdefault(row, len(rows))
        if place == len(rows):
            rows.append(row)
        return place

    for model, start in zip(scene.models, scene.element_start.tolist(), strict=False):
        keys = _keys(model, bearing[start : start + len(model)])
        _, first, inverse = np.unique(keys, axis=0, return_index=True, return_inverse=True)
        general = _general_facets(model)
        found = [
            code_of(reader.row(model.elements, int(i), keys[int(i), -4:].tolist(), general))
            for i in first
        ]
        codes[start : start + len(model)] = np.array(found, dtype=np.int64)[inverse.reshape(-1)]
    for whole, part in wholes.tolist():
        above, own = rows[codes[whole]], rows[codes[part]]
        mixed = (above[0] | own[0]) & reader.temporary or own[0] & _OWN_TASK
        if not above[0] <= own[0] and not mixed:
            joined = reader.narrowed(own[0] | above[0])
            codes[part] = code_of((joined, own[1] | (above[1] - {"light"})))
    return codes, rows


def _keys(model: Model, bearing: Mask) -> I64:
    """Columns whose equality makes elements alike; the last three are facts about each."""
    table = model.elements
    names: dict[str, int] = {}
    name = [names.setdefault(_bare(n), len(names)) for n in table.name]
    columns = [
        table.ifc_class.codes,
        table.predefined.codes,
        table.object_type.codes,
        table.material.codes,
        table.classification.codes,
        table.layer.codes,
        table.discipline.codes,
        table.systems.codes,
        name,
        bearing,
        _told(model, ["IsExternal"], ["TRUE", "FALSE"]),
        _past(model),
        _pitched(model),
    ]
    return np.stack([np.asarray(c, dtype=np.int64) for c in columns], axis=1).reshape(-1, 13)


def _bare(name: str) -> str:
    """A name without its numbers."""
    return name.translate(_NO_DIGITS)


def _told(model: Model, names: Sequence[str], values: Sequence[str]) -> I64:
    """1, 2 ... for elements (E,) of which a property has the first, second ... value; else 0."""
    table = model.properties
    found = np.zeros(len(model), dtype=np.int64)
    named = table.name.mask(names)
    if not named.any():
        return found
    for number, value in enumerate(values, 1):
        entries = named & table.value.mask([w for w in table.value.words if w.upper() == value])
        if entries.any():
            found[table.having(entries)] = number
    return found


def _past(model: Model) -> I64:
    """1 for elements (E,) that a status or phase calls existing or to be demolished."""
    table = model.properties
    names = [
        w for w in table.name.words if any(k in w.casefold() for k in ("status", "phase", "状态", "阶段"))
    ]  # fmt: skip
    values = [w for w in table.value.words if any(k in w.casefold() for k in _PAST)]
    entries = table.name.mask(names) & table.value.mask(values)
    blank = np.zeros(len(model), dtype=np.int64)
    return table.having(entries).astype(np.int64) if entries.any() else blank


def _pitched(model: Model) -> Mask:
    """Slabs and roofs (E,) that rise by more than a step: no floor to walk on."""
    bounds = model.meshes.bounds()
    rise = np.nan_to_num(bounds[:, 1, 2] - bounds[:, 0, 2], nan=0.0)
    found: Mask = model.elements.is_a("IfcSlab", "IfcRoof") & (rise > _STEEP)
    return found


def _general_facets(model: Model) -> frozenset[str]:
    """Facets that all elements of a model have."""
    table = model.elements
    found = set()
    services = table.is_a("IfcDistributionElement", "IfcElectricalElement")
    if len(table) and services.mean() > _SERVICES_MODEL:
        found.add("services")
    if not len(table.storey.words):
        found.add("outdoor")
    return frozenset(found)


class _Reader:
    """Reads the kinds and facets of one element after another."""

    def __init__(self, words: Dictionary) -> None:
        self._words = words
        self._above = {k: words.above(k) for k in words.kinds}
        self.temporary = frozenset(k.id for k in words.kinds.values() if k.temporary)
        spoken = {m for senses in words.words.values() for m in senses}
        # a kind that needs a word, and has none, goes by the words of the kind it is of
        self._silent_words = [
            (k.id, up)
            for k in words.kinds.values()
            if k.needs_word and f"kinds:{k.id}" not in spoken
            for up in k.of
        ]

    def row(
        self, table: ElementTable, row: int, facts: Sequence[int], general: frozenset[str]
    ) -> tuple[frozenset[str], frozenset[str]]:
        """Kinds and facets of element `row` of `table`."""
        texts = (table.name[row], table.object_type[row], table.predefined[row])
        own = [s for t in texts if t for s in self._words.of_element(t)]
        layer = self._words.of_element(table.layer[row]) if table.layer[row] else ()
        spoken = [*own, *layer]
        wider = (table.material[row], table.systems[row], table.classification[row])
        around = [s for t in wider if t for s in self._words.of_element(t)]
        facets = {f for s in spoken for f in s.of("facets") if f in FACETS}
        made = {f for s in around for f in s.of("facets") if f in FACETS}
        # the lining among the layers of a brick wall makes it no stud wall
        facets |= made - {"stud"} if "masonry" in facets else made
        facets |= general
        bearing, external, past, pitched = facts
        facets |= {"structural"} if bearing else {"light"}
        if external:
            facets -= {"external", "internal"}
            facets.add("external" if external == 1 else "internal")
        facets |= {f for f, holds in (("existing", past), ("pitched", pitched)) if holds}
        said = {k for s in own for k in s.of("kinds")}
        put = {k for s in layer for k in s.of("kinds")}
        # a stove on the layer of the furniture is no furniture
        served = "IfcDistributionElement" in table.lineage[int(table.ifc_class.codes[row])]
        said |= {k for k in put if "mep" in self._above[k]} if served else put
        told = table.systems[row] and table.ifc_class[row] not in _GENERIC
        system = self._words.of_element(table.systems[row]) if told else ()
        said |= {k for s in system for k in s.of("kinds") if "mep" in self._above[k]}
        return self.kinds(table, row, said, facets), frozenset(facets)

    def kinds(
        self, table: ElementTable, row: int, said: set[str], facets: set[str]
    ) -> frozenset[str]:
        """Kinds by class, predefined type, discipline, words and facets."""
        lineage = set(table.lineage[int(table.ifc_class.codes[row])])
        generic = table.ifc_class[row] in _GENERIC
        flow = table.ifc_class[row] in _FLOW
        predefined, discipline = table.predefined[row], table.discipline[row]
        found: set[str] = set()
        said |= {k for k, up in self._silent_words if up in said}
        for kind in self._words.kinds.values():
            by_class = bool(kind.classes & lineage)
            named = kind.id in said
            below = bool(kind.of) and all(self._rooted(up, found, flow=flow) for up in kind.of)
            told = bool(kind.predefined | kind.predefined_only) and predefined in (
                kind.predefined | kind.predefined_only
            )
            if kind.classes:
                held = _by_class(kind, by_class=by_class, told=told, named=named)
                held |= named and (below or generic)
                held |= told and below and bool(kind.predefined_only)
            else:
                fits = told or discipline in kind.disciplines
                fits |= any(some <= facets for some in kind.facets)
                held = (below and (named or fits)) or (generic and named)
            if held:
                found |= self._above[kind.id]
        if "pitched" in facets and "roof" in found:
            found.discard("slab")
        return self.narrowed(found)

    def _rooted(self, kind: str, found: set[str], *, flow: bool) -> bool:
        """Whether an element is of a kind, or of the kinds with classes that it comes from.

        Flow elements without a narrower class ("IfcFlowSegment") are pipes by their name.
        """
        if kind in found:
            return True
        row = self._words.kinds[kind]
        if row.classes:
            return flow and bool(row.of) and found.issuperset(row.of)
        return bool(row.of) and all(self._rooted(up, found, flow=flow) for up in row.of)

    def narrowed(self, found: set[str] | frozenset[str]) -> frozenset[str]:
        """Kinds without those that others rule out; temporary works are nothing else."""
        if found & self.temporary:
            return frozenset(found & self.temporary)
        out = {k for k in found if self._words.kinds[k].excludes & found}
        # a diaphragm wall is no wall of the building, and so no shear wall either
        pit = {k for k in out if self._words.kinds[k].excludes & found & _PIT}
        while more := {k for k in found - out if set(self._words.kinds[k].of) & pit}:
            out, pit = out | more, pit | more
        return frozenset(found - out)


def _by_class(kind: Kind, *, by_class: bool, told: bool, named: bool) -> bool:
    if kind.needs_word:
        return by_class and named
    if kind.predefined:
        return by_class and (told or named)
    return by_class


def text_tokens(scene: Scene, wanted: frozenset[str]) -> dict[str, set[int]]:
    """Elements by those of the `wanted` folded words that stand in their texts."""
    found: dict[str, set[int]] = {}
    han = tuple(w for w in wanted if not w.isascii())
    cache: dict[str, tuple[str, ...]] = {}

    def said(text: str) -> tuple[str, ...]:
        if text not in cache:
            plain = fold(text)
            cache[text] = tuple(
                {*(t for t in codes_in(plain) if t in wanted), *(w for w in han if w in plain)}
            )
        return cache[text]

    for model, start in zip(scene.models, scene.element_start.tolist(), strict=False):
        table = model.elements
        for row in np.flatnonzero(table.clash_body).tolist():
            for text in (table.name[row], table.object_type[row], table.tag[row],
                         table.layer[row], table.system[row]):  # fmt: skip
                for word in said(text) if text else ():
                    found.setdefault(word, set()).add(start + row)
    return found


def codes_in(text: str) -> list[str]:
    """Words and marks of a folded text: ``"kl-1"``, ``"ahu-01"``, ``"sparren"``."""
    return _CODE.findall(text)
