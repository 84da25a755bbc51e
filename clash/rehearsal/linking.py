"""Which task of a plan works on which elements of a scene."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from bimcore.arrays import F64, I32, I64, Mask
from bimcore.model import Scene
from bimcore.schedule import Action, Schedule
from clash.rehearsal.base import ElementLinks
from clash.rehearsal.confirmed import Choice as Person, Confirmed, pattern_of
from clash.rehearsal.coverage import UNSURE, coverage_of
from clash.rehearsal.gaps import Coverage
from clash.rehearsal.linking_choice import (
    ABOVE,
    Choice,
    Chooser,
    adopt,
    contest,
    repeated,
)
from clash.rehearsal.linking_codes import Exact, exact_links
from clash.rehearsal.linking_draft import WAYS, Draft, Matched, with_parts
from clash.rehearsal.linking_elements import Elements, elements_of, text_tokens
from clash.rehearsal.linking_floors import british_plan, floor_shifts
from clash.rehearsal.linking_lifts import from_floor_to_floor
from clash.rehearsal.linking_wishes import Reader, Wish
from clash.rehearsal.linking_zones import Zones
from clash.rehearsal.spoken import spoken
from clash.rehearsal.words import Dictionary, dictionary

#: A mark such as "KL-1" that only some elements have.
_MARKED = 0.75
#: Tasks that are alike in name and place, of which each may be the one meant.
_ALIKE = 0.6
#: Metres between a slab and a beam that is cast with it.
_AT_SLAB = 0.1
#: Metres that the underside of a beam may be above the floor it carries, where that is stepped.
_ON_FLOOR = 0.05
#: Share of all elements above which a mark tells nothing.
_COMMON = 0.3


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Linked:
    """Links, and what they leave open.

    Attributes
    ----------
    links : ElementLinks
    coverage : Coverage
    patterns : tuple of str
        Name pattern (T,) of each task, by which a person confirms.
    wishes : tuple of Wish
        What each task (T,) was read as.
    unclear : mapping
        Reasons by task row: ``"storey"``, ``"zone"``, ``"repeat"``, ``"existing"``,
        ``"not_modelled"``, ``"no_kind"``, ``"taken"``, ``"same"``, ``"unknown_guid"``.
    confirmed : mapping
        The person's choice by task row.

    """

    links: ElementLinks
    coverage: Coverage
    patterns: tuple[str, ...] = ()
    wishes: tuple[Wish, ...] = ()
    unclear: Mapping[int, tuple[str, ...]] = field(default_factory=dict)
    confirmed: Mapping[int, Person] = field(default_factory=dict)


def link(
    scene: Scene,
    schedule: Schedule,
    *,
    confirmed: Confirmed = Confirmed(),  # noqa: B008  (frozen and empty)
    words: Dictionary | None = None,
) -> Linked:
    """Link the tasks of a plan to the elements of a scene.

    GlobalIds of the source come first, then what a person confirmed, then codes that a
    property of the elements repeats, then the words of names and headings. A task that has
    links of one way gets none of a later one.

    Parameters
    ----------
    scene : Scene
    schedule : Schedule
    confirmed : Confirmed
    words : Dictionary, optional
        In place of the one that ships.

    Returns
    -------
    Linked
        Links sorted by (task, element). Tasks without work in a place (inspection, delivery)
        link to nothing.

    """
    book = words or dictionary()
    elements = elements_of(scene, book)
    exact = exact_links(scene, schedule, book)
    return _Linker(scene, schedule, book, elements, exact, confirmed).linked()


class _Linker:
    """One plan against one scene."""

    def __init__(
        self,
        scene: Scene,
        schedule: Schedule,
        words: Dictionary,
        elements: Elements,
        exact: Exact,
        confirmed: Confirmed,
    ) -> None:
        self._scene, self._schedule, self._words = scene, schedule, words
        self._elements, self._exact = elements, exact
        tasks = schedule.tasks
        reader = Reader(words, schedule, storey_words=tuple(elements.levels.words))
        wishes = [reader.wish(row) for row in range(len(tasks))]
        self._wishes = from_floor_to_floor(wishes, words)
        self._patterns = [pattern_of(t.name) for t in tasks]
        self._begun = [np.nan if t.start is None else t.start.timestamp() for t in tasks]
        self._person = {
            row: choice
            for row, t in enumerate(tasks)
            if t.works and (choice := confirmed.of(t.name)) is not None
        }
        self._unclear: dict[int, list[str]] = defaultdict(list)
        self._action = [w.action for w in self._wishes]
        self._trade = [w.trade for w in self._wishes]
        for row, choice in self._person.items():
            self._trade[row] = choice.trade or self._trade[row]
        british = british_plan(self._wishes)
        shifts = floor_shifts(elements, words, self._wishes, self._begun)
        beams = floor_shifts(elements, words, self._wishes, self._begun, of="beam")
        self._chooser = Chooser(words, elements, shifts, british, beams)
        self._chooser.overhead_step = 1 - elements.floors_over

    def linked(self) -> Linked:
        draft = Draft()
        by_rule = self._exactly(draft)
        self._confirm(draft, by_rule)
        self._by_words(draft, by_rule)
        known = self._elements.cell >= 0
        links = self._links(*with_parts(self._scene, draft.columns(), known=known))
        unclear = {row: tuple(dict.fromkeys(r)) for row, r in sorted(self._unclear.items())}
        return Linked(
            links=links,
            coverage=coverage_of(
                self._scene,
                self._schedule,
                self._elements,
                links,
                told=self._told(unclear),
                unclear=_either(unclear),
            ),
            patterns=tuple(self._patterns),
            wishes=tuple(self._wishes),
            unclear=unclear,
            confirmed=dict(self._person),
        )

    def _told(self, unclear: Mapping[int, tuple[str, ...]]) -> dict[int, str]:
        """Why tasks without elements have none, by row; those that need none are ``""``."""
        found = {}
        for row, task in enumerate(self._schedule.tasks):
            choice = self._person.get(row)
            settled = choice is not None and choice.decision != "link"
            wish = self._wishes[row]
            # scaffolds, cranes and props are seldom modelled, and no fault when they are not
            if not task.works or wish.idle or settled or wish.trade == "temporary":
                found[row] = ""
            else:
                found[row] = (unclear.get(row) or ("no_kind",))[0]
        return found

    # --- the source itself -----------------------------------------------------------------

    def _exactly(self, draft: Draft) -> dict[int, Wish]:
        """Add what the source names; the wishes of the tasks that are left."""
        left: dict[int, Wish] = {}
        for row, task in enumerate(self._schedule.tasks):
            if row in self._exact.unknown:
                self._unclear[row].append("unknown_guid")
            found = self._exact.elements.get(row)
            person = self._person.get(row)
            if found is not None and (found[1] != "code" or person is None):
                elements, way, sure = found
                draft.add(row, elements, sure, way)
                self._action[row] = self._acts_on(row, elements, task.action)
            elif task.works:
                left[row] = self._wishes[row]
        return left

    def _acts_on(self, row: int, elements: I64, stated: Action | None) -> Action:
        """What a task does to elements that are not of a kind it speaks of.

        Striking props, or painting, is stated of the slab or wall that it is done to.
        """
        wish = self._wishes[row]
        if stated is not None and stated is not Action.REMOVE:
            return stated
        if wish.idle:
            return Action.NEUTRAL
        cells = self._elements.cell[elements]
        cells = cells[cells >= 0]
        own = self._elements.any_of(wish.kinds)[cells].any() if wish.kinds else False
        hosts = wish.hosts or tuple(h for k in wish.kinds for h in self._words.kinds[k].on)
        if hosts and not own and self._elements.any_of(hosts)[cells].any():
            return Action.MAINTAIN
        if wish.action is Action.TEMPORARY and not own:
            return Action.MAINTAIN if hosts else wish.action
        return stated or wish.action

    # --- a person -----------------------------------------------------------------------------

    def _confirm(self, draft: Draft, left: dict[int, Wish]) -> None:
        """Add what a person said of the names, or change the wish by it."""
        for row, choice in self._person.items():
            if row not in left:
                continue
            if choice.action:
                self._action[row] = Action(choice.action)
            if choice.decision != "link":
                del left[row]
                self._action[row] = Action(choice.action) if choice.action else Action.NEUTRAL
                continue
            wish = self._corrected(left[row], choice)
            left[row], self._action[row] = wish, wish.action
            if choice.classes or choice.types:
                self._by_class(draft, row, wish, choice)
                del left[row]

    def _corrected(self, wish: Wish, choice: Person) -> Wish:
        """The wish as a person has it."""
        action = Action(choice.action) if choice.action else wish.action
        if wish.idle and not choice.action:
            action = Action.INSTALL
        if choice.kinds or choice.classes or choice.types:
            wish = replace(wish, kinds=choice.kinds, facets=(), idle="", general=False)
        if choice.storeys:
            keys = tuple(f"={s.casefold().strip()}" for s in choice.storeys)
            known = tuple(k for k in keys if k[1:] in self._elements.levels.words)
            said = tuple(k for s in choice.storeys for k in spoken(s).storeys)
            wish = replace(wish, storeys=known or said, near=True)
        if choice.storey == "all":
            wish = replace(wish, storeys=())
        return replace(wish, action=action)

    def _by_class(self, draft: Draft, row: int, wish: Wish, choice: Person) -> None:
        """Elements by class, type and kind that a person chose."""
        wanted = [np.zeros(0, bool)]
        for model in self._scene.models:
            table = model.elements
            mask = table.is_a(*choice.classes) | table.object_type.mask(choice.types)
            wanted.append(mask)
        found = np.concatenate(wanted) & (self._elements.cell >= 0)
        if choice.kinds:
            cells = np.flatnonzero(self._elements.any_of(choice.kinds))
            found[self._elements.members(cells)] = True
        if wish.storeys:
            levels = self._moved(wish, choice)
            level = self._elements.level[self._elements.cell]
            found &= np.isin(level, sorted(levels))
        draft.add(row, np.flatnonzero(found), 1.0, "confirmed")

    def _moved(self, wish: Wish, choice: Person) -> frozenset[int]:
        levels, _ = self._elements.levels.of(wish.storeys, british=self._chooser.british)
        step = {"above": 1, "below": -1}.get(choice.storey, 0)
        return self._elements.levels.moved(levels, step)

    # --- words --------------------------------------------------------------------------------

    def _by_words(self, draft: Draft, left: dict[int, Wish]) -> None:
        """Add what names and headings tell."""
        rows = sorted(left)
        ordered = repeated(
            [left[r] for r in rows],
            [self._patterns[r] for r in rows],
            [self._begun[r] for r in rows],
            self._chooser,
        )
        by_order = {rows[k]: v for k, v in ordered.items()}
        marks = self._marks(left)
        asked: dict[Wish, int] = {}
        of_row = {}
        for row in rows:
            held = tuple(m for m in left[row].marks if m in marks and _is_code(m))
            wish = replace(left[row], zones=(), marks=held)
            of_row[row] = asked.setdefault(wish, len(asked))
        wishes = list(asked)
        choices = contest([self._chooser.choose(w) for w in wishes], wishes)
        choices = adopt(self._chooser, choices, wishes, taken=self._taken(draft, choices))
        zones = Zones(self._scene, [left[r] for r in rows], self._words)
        same = Counter((self._schedule.tasks[r].name, of_row[r], left[r].zones) for r in rows)
        spread: dict[int, Matched] = {}
        for row in rows:
            wish, choice = left[row], choices[of_row[row]]
            self._unclear[row] += choice.reasons
            if not len(choice.cells):
                self._marked(draft, row, wish, marks)
                continue
            if of_row[row] not in spread:
                spread[of_row[row]] = self._spread(choice)
            found = spread[of_row[row]]
            if row in by_order:
                found = self._in_order(row, found, *by_order[row])
            elif same[self._schedule.tasks[row].name, of_row[row], wish.zones] > 1:
                self._unclear[row].append("same")
                found = Matched(found.elements, found.sure * _ALIKE, found.how)
            found = self._narrowed(row, wish, found, zones, marks)
            self._settle(row, choice)
            draft.add(row, found.elements, found.sure, found.how)

    def _narrowed(
        self, row: int, wish: Wish, found: Matched, zones: Zones, marks: Mapping[str, set[int]]
    ) -> Matched:
        """What of a choice is in the zones, has the marks and lies on the floor of the task."""
        inside = zones.within(wish.zones, found.elements)
        self._unclear[row] += [inside.reason] if inside.reason else []
        found = Matched(found.elements, found.sure * inside.factor, found.how).only(inside.mask)
        found = found.only(self._with_marks(wish, found.elements, marks))
        found = found.only(self._under_its_floor(wish, found.elements))
        if row not in self._person:
            return found
        size = len(found.elements)
        return Matched(found.elements, np.ones(size), np.full(size, WAYS.index("confirmed")))

    def _in_order(
        self, row: int, found: Matched, levels: frozenset[int], certainty: float
    ) -> Matched:
        """What of a choice is on the levels that the order of repeated tasks gives."""
        on = np.isin(self._elements.level[self._elements.cell[found.elements]], sorted(levels))
        found = found.only(on)
        if certainty < UNSURE:
            self._unclear[row].append("repeat")
        how = np.where(found.how == WAYS.index("name"), WAYS.index("order"), found.how)
        return Matched(found.elements, np.minimum(found.sure, certainty), how)

    def _settle(self, row: int, choice: Choice) -> None:
        """Work done to its hosts builds nothing."""
        if choice.hosted and not (row in self._person and self._person[row].action):
            self._action[row] = Action.MAINTAIN

    def _spread(self, choice: Choice) -> Matched:
        """Elements of a choice with confidence and way."""
        counts = self._elements.counts()[choice.cells]
        elements = self._elements.members(choice.cells)
        way = np.full(len(choice.cells), WAYS.index("place" if choice.hosted else "name"))
        if choice.adopted:
            way[np.isin(choice.cells, sorted(choice.adopted))] = WAYS.index("adopted")
        found = Matched(elements, np.repeat(choice.sure, counts), np.repeat(way, counts))
        return found.only(self._at_its_slab(found)) if choice.adopted else found

    def _at_its_slab(self, found: Matched) -> Mask:
        """Of beams that a task of slabs takes along those that reach the height of its slabs."""
        extra = found.how == WAYS.index("adopted")
        beams = extra & self._elements.column("beam")[self._elements.cell[found.elements]]
        heights = self._scene.bounds[found.elements][:, :, 2]
        if not beams.any() or extra.all():
            return np.ones(len(extra), dtype=np.bool_)
        low, high = heights[~extra, 0].min(), heights[~extra, 1].max()
        reach = (heights[:, 1] >= low - _AT_SLAB) & (heights[:, 0] <= high + _AT_SLAB)
        kept: Mask = ~beams | reach
        return kept

    def _under_its_floor(self, wish: Wish, elements: I64) -> Mask | None:
        """Of beams named by the storey below their floor those that do not stand on that floor.

        Rafters over the attic are no beams of the storey under it. None when all are meant.
        """
        if "beam" not in wish.kinds or wish.general or not wish.storeys:
            return None
        named, _ = self._elements.levels.of(wish.storeys, british=self._chooser.british)
        above, _ = self._chooser.levels(wish, "beam")
        cells = self._elements.cell[elements]
        level = self._elements.level[cells]
        beams = self._elements.column("beam")[cells] & np.isin(level, sorted(above - named))
        if not beams.any():
            return None
        floor = self._elements.levels.heights[np.maximum(level, 0)]
        kept: Mask = ~beams | (self._scene.bounds[elements][:, 0, 2] <= floor + _ON_FLOOR)
        return kept if kept.any() else None

    def _taken(self, draft: Draft, choices: Sequence[Choice]) -> Mask:
        """Cells (C,) that some task builds."""
        found = np.zeros(len(self._elements), dtype=np.bool_)
        for choice in choices:
            if not choice.hosted:
                found[choice.cells] = True
        for elements in draft.element:
            cells = self._elements.cell[elements]
            found[cells[cells >= 0]] = True
        return found

    def _marks(self, left: Mapping[int, Wish]) -> dict[str, set[int]]:
        """Elements by marks of tasks, without marks that too many share."""
        coded = {m for w in left.values() for m in w.marks if _is_code(m)}
        bare = {m for w in left.values() if not w.kinds and not w.idle for m in w.marks}
        wanted = frozenset(coded | bare)
        if not wanted:
            return {}
        most = _COMMON * max(int((self._elements.cell >= 0).sum()), 1)
        found = text_tokens(self._scene, wanted)
        return {w: rows for w, rows in found.items() if len(rows) <= max(most, 3)}

    def _marked(self, draft: Draft, row: int, wish: Wish, marks: Mapping[str, set[int]]) -> None:
        """Link a task without known kinds by marks that elements have too."""
        if wish.idle or wish.kinds or not wish.marks:
            return
        held = [marks[m] for m in wish.marks if m in marks]
        if not held:
            return
        both = set.intersection(*held)
        rows = np.array(sorted(both or set.union(*held)), dtype=np.int64)
        cells = self._elements.cell[rows]
        rows, cells = rows[cells >= 0], cells[cells >= 0]
        if wish.storeys:
            levels, _ = self._elements.levels.of(wish.storeys, british=self._chooser.british)
            on = np.isin(self._elements.level[cells], sorted(levels))
            rows = rows[on] if on.any() else rows[:0]
        if len(rows):
            self._unclear[row] = []
            draft.add(row, rows, _MARKED * (1.0 if wish.near else ABOVE), "mark")

    def _with_marks(self, wish: Wish, elements: I64, marks: Mapping[str, set[int]]) -> Mask | None:
        """Of the elements found, those with the marks of the task; None when all are meant."""
        held = [marks[m] for m in wish.marks if m in marks and _is_code(m)]
        if not held:
            return None
        wanted = np.array(sorted(set.union(*held)), dtype=np.int64)
        found: Mask = np.isin(elements, wanted)
        return found if found.any() else None

    # --- the result ---------------------------------------------------------------------------

    def _links(self, task: I64, element: I64, sure: F64, how: I64) -> ElementLinks:
        order = np.lexsort((how, -sure, element, task))
        task, element, sure, how = task[order], element[order], sure[order], how[order]
        fresh = np.ones(len(task), dtype=np.bool_)
        fresh[1:] = (task[1:] != task[:-1]) | (element[1:] != element[:-1])
        ints: list[I32] = [c[fresh].astype(np.int32) for c in (task, element, how)]
        return ElementLinks(
            task=ints[0],
            element=ints[1],
            confidence=np.round(sure[fresh], 3),
            how=ints[2],
            ways=WAYS,
            action=tuple(a.value for a in self._action),
            trade=tuple(self._trade),
        )


def _is_code(mark: str) -> bool:
    return any(c.isdigit() for c in mark)


def _either(unclear: Mapping[int, tuple[str, ...]]) -> dict[int, str]:
    """Tasks that match several groups alike, and what would tell them apart."""
    found = {}
    for row, reasons in unclear.items():
        if several := [r for r in reasons if r in ("zone", "repeat", "same")]:
            found[row] = several[0]
    return found
