"""Tasks linked by what source and models agree on: GlobalIds, and codes of a 4D kind."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from bimcore.arrays import I32, I64, Mask, ragged_take, starts_of
from bimcore.model import Scene
from bimcore.properties import PropertyTable
from bimcore.schedule import Schedule, Task
from clash.rehearsal.words import Dictionary, fold

#: How sure a link is where a 4D property says the task, and where a column equals a property.
PROPERTY, COLUMN = 0.95, 0.9
_GUID = re.compile(r"(?<![0-9A-Za-z_$])[0-3][0-9A-Za-z_$]{21}(?![0-9A-Za-z_$])")
_SPLIT = re.compile(r"[,;|\s，；、]+")
#: A code has a digit beside letters or a separator: "A1010", "3F-KZ", "12.3"; no plain number.
_CODE = re.compile(r"(?=.*\d)(?=.*[^\d\s])\S{3,80}")
#: Share of a column's values that must be found in one property for the column to be its key.
_AGREES = 0.5


@dataclass(frozen=True, eq=False, kw_only=True)
class Exact:
    """Elements that the source itself names.

    Attributes
    ----------
    elements : mapping
        (element, way) pairs by task row; way ``"ifc"``, ``"guid"`` or ``"code"``.
    unknown : mapping
        GlobalIds that no model has, by task row.
    property : str
        The property or column whose values are the codes of tasks; empty for none.

    """

    elements: Mapping[int, tuple[np.ndarray, str, float]]
    unknown: Mapping[int, tuple[str, ...]]
    property: str = ""


def exact_links(scene: Scene, schedule: Schedule, words: Dictionary) -> Exact:
    """What the source of the plan and the models themselves link."""
    known = _guids(scene)
    found: dict[int, tuple[np.ndarray, str, float]] = {}
    unknown: dict[int, tuple[str, ...]] = {}
    way = "ifc" if schedule.format.startswith("ifc") else "guid"
    for row, task in enumerate(schedule.tasks):
        named = list(dict.fromkeys((*task.elements, *_in_columns(task))))
        if not named:
            continue
        rows = sorted({e for g in named for e in known.get(g, ())})
        if rows:
            found[row] = (np.array(rows, dtype=np.int64), way, 1.0)
        missing = tuple(g for g in named if g not in known)
        if missing:
            unknown[row] = missing
    coded, name = _by_codes(scene, schedule, words)
    for row, (elements, sure) in coded.items():
        if row not in found and schedule.tasks[row].works:
            found[row] = (elements, "code", sure)
    return Exact(elements=found, unknown=unknown, property=name)


def _guids(scene: Scene) -> dict[str, list[int]]:
    known: dict[str, list[int]] = defaultdict(list)
    for model, start in zip(scene.models, scene.element_start.tolist(), strict=False):
        for row, guid in enumerate(model.elements.guid):
            known[guid].append(start + row)
    return known


def _in_columns(task: Task) -> Iterable[str]:
    """GlobalIds in the columns of a task; a name never holds one by chance."""
    for value in task.codes.values():
        yield from _GUID.findall(str(value))


def _by_codes(
    scene: Scene, schedule: Schedule, words: Dictionary
) -> tuple[dict[int, tuple[np.ndarray, float]], str]:
    """Elements by task row where a property of elements holds a code of the task."""
    columns = _task_columns(schedule)
    values = {v.casefold() for rows in columns.values() for v in rows.values()}
    if not values:
        return {}, ""
    best: tuple[int, float, str, Mapping[int, np.ndarray]] = (0, 0.0, "", {})
    for place, (name, index) in enumerate(_element_columns(scene, values)):
        meant = _means_task(name, words)
        for column, rows in columns.items():
            hits = {r: index[v.casefold()] for r, v in rows.items() if v.casefold() in index}
            codes = {rows[r] for r in hits}
            coded = sum(bool(_CODE.fullmatch(c)) for c in codes)
            if not _is_key(
                meant=meant, hits=len(hits), rows=len(rows), codes=len(codes), coded=coded
            ):
                continue
            sure = PROPERTY if meant else COLUMN
            rank = (len(hits), sure, f"{column} = {name}", hits)
            if rank[:2] > best[:2] or (rank[:2] == best[:2] and place == 0):
                best = rank
    return {r: (e, best[1]) for r, e in best[3].items()}, best[2]


def _means_task(name: str, words: Dictionary) -> bool:
    """Whether the name of a property says that it holds codes of tasks."""
    whole = words.words.get(fold(name).replace(" ", ""), frozenset())
    told = any("properties" in s.of("codes") for s in words.read(name))
    return told or "codes:properties" in whole


def _is_key(*, meant: bool, hits: int, rows: int, codes: int, coded: int) -> bool:
    """Whether a column and a property that share `hits` values are the same key."""
    if not hits:
        return False
    if meant:
        return coded > 0 or codes > 1
    return hits >= _AGREES * rows and codes >= 2 and coded >= 2 and coded >= 0.8 * codes


def _task_columns(schedule: Schedule) -> dict[str, dict[int, str]]:
    """Values by column and task row: ids, WBS, codes, and codes that begin a name."""
    columns: dict[str, dict[int, str]] = defaultdict(dict)
    for row, task in enumerate(schedule.tasks):
        if not task.works:
            continue
        for name, value in (("id", task.id), ("wbs", task.wbs), ("name", task.name)):
            if value:
                columns[name][row] = value.strip()
        for name, value in task.codes.items():
            text = str(value).strip()
            if text and len(text) <= 120:
                columns[name][row] = text
    return dict(columns)


def _element_columns(scene: Scene, values: set[str]) -> list[tuple[str, dict[str, np.ndarray]]]:
    """Columns and properties of elements that hold some of `values`, with their elements."""
    found: dict[str, dict[str, list[I64]]] = defaultdict(lambda: defaultdict(list))
    cache: dict[str, tuple[str, ...]] = {}

    def said(text: str) -> tuple[str, ...]:
        if text not in cache:
            cache[text] = tuple(p for p in {text.casefold(), *_parts(text)} if p in values)
        return cache[text]

    for model, start in zip(scene.models, scene.element_start.tolist(), strict=False):
        body = model.elements.clash_body
        for name, texts in (
            ("Tag", model.elements.tag),
            ("Name", model.elements.name),
            ("Classification", model.elements.classification.texts()),
            ("ObjectType", model.elements.object_type.texts()),
        ):
            rows: dict[str, list[int]] = defaultdict(list)
            for row, text in enumerate(texts):
                for part in said(text) if text and body[row] else ():
                    rows[part].append(start + row)
            for part, some in rows.items():
                found[name][part].append(np.array(some, dtype=np.int64))
        for name, value, elements in _property_hits(model.properties, values):
            held = elements[body[elements]]
            if len(held):
                found[name][value].append(held + start)
    return [
        (name, {v: p[0] if len(p) == 1 else np.unique(np.concatenate(p)) for v, p in index.items()})
        for name, index in sorted(found.items())
    ]


def _parts(text: str) -> Sequence[str]:
    """Several codes in one cell."""
    if not _SPLIT.search(text):
        return ()
    parts = _SPLIT.split(text.casefold())
    return parts if 1 < len(parts) <= 40 else ()


def _property_hits(table: PropertyTable, values: set[str]) -> Iterator[tuple[str, str, I64]]:
    """(name, value, elements) of properties that hold one of `values`."""
    held = [[p for p in {w.casefold(), *_parts(w)} if p in values] for w in table.value.words]
    wanted = np.array([bool(parts) for parts in held], dtype=np.bool_)
    entries = np.flatnonzero((table.value.codes >= 0) & np.append(wanted, False)[table.value.codes])
    pairs, elements, starts = holders(table, entries)
    for row, (name, value) in enumerate(pairs.tolist()):
        for text in held[value]:
            yield table.name.words[name], text, elements[starts[row] : starts[row + 1]]


def holders(table: PropertyTable, entries: I64) -> tuple[I64, I64, I64]:
    """Elements by what they say, as :meth:`bimcore.properties.PropertyTable.having` for each.

    Returns
    -------
    pairs : (N, 2) int64
        Code of name and value of what `entries` say, without repeats.
    elements : (K,) int64
    starts : (N + 1,) int64
        Where the elements of each pair begin.

    """
    said = np.stack([table.name.codes[entries], table.value.codes[entries]], axis=1)
    pairs, label = np.unique(said.astype(np.int64), axis=0, return_inverse=True)
    sets = np.repeat(np.arange(len(table.set_name)), np.diff(table.set_start))[entries]
    bags_of = _inverse(table.bag_set, len(table.set_name))
    of_bag = np.repeat(np.arange(len(table.bag_start) - 1), np.diff(table.bag_start))
    entry, at = _followed(sets, *bags_of)
    bag = of_bag[at]
    own_row, own = _followed(bag, *_inverse(table.own, len(table.bag_start) - 1))
    row, heir = _followed(bag, *_inverse(table.inherited, len(table.bag_start) - 1))
    seen = ~_hidden(table, heir, entries[entry[row]], sets[entry[row]])
    label = np.ravel(label)
    count = max(len(table), 1)
    keys = np.unique(
        np.concatenate([
            label[entry[own_row]] * count + own,
            label[entry[row[seen]]] * count + heir[seen],
        ])
    )  # fmt: skip
    starts = np.searchsorted(keys, np.arange(len(pairs) + 1) * count).astype(np.int64)
    return pairs, keys % count, starts


def _hidden(table: PropertyTable, elements: I64, entries: I64, sets: I64) -> Mask:
    """Whether an element (K,) has an entry of its own in place of that of its type."""
    bags = table.own[elements].astype(np.int64)
    asked = np.unique(bags[bags >= 0])
    at, starts = ragged_take(table.bag_start, asked)
    held = table.bag_set[at].astype(np.int64)
    bag = np.repeat(asked, np.diff(starts))
    inner, starts = ragged_take(table.set_start, held)
    names = max(len(table.name.words), 1)
    wide = max(len(table.set_name.words), 1) * names

    def key(bag: I64, set_: I64, entry: I64) -> I64:
        code = table.set_name.codes[set_].astype(np.int64) * names + table.name.codes[entry]
        found: I64 = bag * wide + code
        return found

    repeat = np.diff(starts)
    known = key(np.repeat(bag, repeat), np.repeat(held, repeat), inner)
    found: Mask = np.isin(key(bags, sets, entries), known)
    return found


def _inverse(codes: I32, count: int) -> tuple[I64, I64]:
    """Rows that hold each of `count` codes: offsets (count + 1,), and the rows."""
    rows = np.flatnonzero(codes >= 0)
    order = rows[np.argsort(codes[rows], kind="stable")].astype(np.int64)
    return starts_of(np.bincount(codes[rows], minlength=count)), order


def _followed(codes: I64, starts: I64, rows: I64) -> tuple[I64, I64]:
    """Each of `codes` (N,) by its place with the rows that hold it."""
    at, offsets = ragged_take(starts, codes)
    return np.repeat(np.arange(len(codes)), np.diff(offsets)), rows[at]
