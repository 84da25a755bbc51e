"""Known faults put into a plan without conflict, each with what has to be found."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

import numpy as np

from bimcore.schedule import TaskKind
from clash.rehearsal.base import Risk
from clash.rehearsal.rules import RULES
from tests.mutation.drafts import CALENDARS, NEW_YEAR, Building, Draft, Row, conflict_free, next_day
from tests.mutation.people import PEOPLE


@dataclass(frozen=True, kw_only=True)
class Fault:
    """A plan with one fault.

    Attributes
    ----------
    draft : Draft
    rules : tuple of str
        Any of these may tell it.
    rows : frozenset of int
        Tasks, all of which the risk names.
    first, last : date or None
        Days of the window, both included; None where the rule gives none.

    """

    draft: Draft
    rules: tuple[str, ...]
    rows: frozenset[int]
    first: date | None = None
    last: date | None = None

    def found(self, risks: tuple[Risk, ...]) -> Risk | None:
        """The risk that tells the fault, days included."""
        return next((r for r in risks if self._tells(r)), None)

    def _tells(self, risk: Risk) -> bool:
        if risk.rule not in self.rules or not self.rows <= set(risk.tasks):
            return False
        if self.first is None:
            return True
        if risk.window is None:
            return False
        days = (_day(risk.window[0]), _day(risk.window[1] - np.timedelta64(1, "m")))
        return days == (self.first, self.last)


Operator = Callable[[Building, np.random.Generator], Fault | None]


def _day(moment: np.datetime64) -> date:
    found: date = moment.astype("datetime64[D]").astype(date)
    return found


def _needing(draft: Draft) -> dict[int, list[int]]:
    """Rows that need each row."""
    found: dict[int, list[int]] = {}
    for s, e in draft.building.needs:
        if s in draft._rows and e in draft._rows:
            found.setdefault(draft.row_of(s), []).append(draft.row_of(e))
    return found


def _sole_rows(draft: Draft) -> list[tuple[int, int]]:
    """Linked rows of which the one carries all of the other alone."""
    count: dict[tuple[int, int], int] = {}
    for s, e in draft.building.sole:
        if s in draft._rows and e in draft._rows:
            key = (draft.row_of(s), draft.row_of(e))
            count[key] = count.get(key, 0) + 1
    return sorted(k for k, n in count.items() if k in draft.links and k[0] < k[1])


def _choose(rng: np.random.Generator, rows: list) -> object | None:
    return rows[int(rng.integers(len(rows)))] if rows else None


def _adjacent(draft: Draft) -> list[tuple[int, int]]:
    """Carrier and carried with nothing between that needs the one or that the other needs."""
    needing = _needing(draft)
    needed: dict[int, list[int]] = {}
    for s, after in needing.items():
        for e in after:
            needed.setdefault(e, []).append(s)
    return [
        (s, e)
        for s, e in _sole_rows(draft)
        if min(n for n in needing[s] if n != s) == e and max(n for n in needed[e] if n != e) == s
    ]


def swap(building: Building, rng: np.random.Generator) -> Fault | None:
    """A carrier and what stands on it change days."""
    draft = conflict_free(building)
    pair = _choose(rng, [p for p in _adjacent(draft) if _same_calendar(draft, *p)])
    if pair is None:
        return None
    s, e = pair
    first, second = draft.rows[s], draft.rows[e]
    draft = draft.without_link(pair).with_row(s, first.on(second.first))
    draft = draft.with_row(e, second.on(first.first))
    return Fault(
        draft=draft,
        rules=("R04",),
        rows=frozenset(pair),
        first=first.first,
        last=second.first,
    )


def _same_calendar(draft: Draft, s: int, e: int) -> bool:
    return draft.rows[s].calendar == draft.rows[e].calendar


def early_load(building: Building, rng: np.random.Generator) -> Fault | None:
    """What stands on a carrier is moved before it."""
    draft = conflict_free(building)
    needed = {(s, e) for s, after in _needing(draft).items() for e in after}
    pairs = []
    for s, e in _sole_rows(draft):
        day = draft.rows[s].first - timedelta(days=1)
        others = [draft.rows[p].last for p, q in needed if q == e and p not in (s, e)]
        if next_day(draft.rows[e].calendar, day) == day and all(d < day for d in others):
            pairs.append((s, e, day))
    chosen = _choose(rng, pairs)
    if chosen is None:
        return None
    s, e, day = chosen
    moved = draft.without_link((s, e)).with_row(e, draft.rows[e].on(day))
    return Fault(
        draft=moved,
        rules=("R04",),
        rows=frozenset((s, e)),
        first=day,
        last=draft.rows[s].last,
    )


def late_support(building: Building, rng: np.random.Generator) -> Fault | None:
    """A carrier slips to the day on which the first of its load is put up."""
    draft = conflict_free(building)
    needing = _needing(draft)
    pairs = []
    for s, e in _sole_rows(draft):
        day = draft.rows[e].first
        others = [draft.rows[n].first for n in needing[s] if n not in (s, e)]
        works = next_day(draft.rows[s].calendar, day) == day
        if works and all(d > day for d in others):
            pairs.append((s, e, day))
    chosen = _choose(rng, pairs)
    if chosen is None:
        return None
    s, e, day = chosen
    moved = draft.without_link((s, e)).with_row(s, draft.rows[s].on(day))
    return Fault(
        draft=moved, rules=("R04",), rows=frozenset((s, e)), first=draft.rows[e].first, last=day
    )


def _orders(draft: Draft) -> list[tuple[int, int]]:
    """Links that the load path asks for; what only leans on others asks for any of them."""
    leaning = {draft.row_of(e) for e in draft.building.leaning}
    return sorted(pair for pair in draft.links if pair[1] not in leaning)


def delete_link(building: Building, rng: np.random.Generator) -> Fault | None:
    """A link that nothing replaces is forgotten; the dates stay."""
    draft = conflict_free(building)
    pair = _choose(rng, _orders(draft))
    if pair is None:
        return None
    after = draft.rows[pair[1]]
    return Fault(
        draft=draft.without_link(pair),
        rules=("R03",),
        rows=frozenset(pair),
        first=after.first,
        last=after.last,
    )


def reverse_link(building: Building, rng: np.random.Generator) -> Fault | None:
    """A link is drawn from the end to the beginning; the dates stay."""
    draft = conflict_free(building)
    pair = _choose(rng, _orders(draft))
    if pair is None:
        return None
    after = draft.rows[pair[1]]
    turned = replace(draft, links=(draft.links - {pair}) | {pair[::-1]})
    return Fault(
        draft=turned,
        rules=("R03",),
        rows=frozenset(pair),
        first=after.first,
        last=after.last,
    )


def early_filling(building: Building, rng: np.random.Generator) -> Fault | None:
    """A window is set before its wall is there."""
    draft = conflict_free(building)
    pairs = [(draft.row_of(w), draft.row_of(g)) for w, g in building.hosts if g in draft._rows]
    needed = {(s, e) for s, after in _needing(draft).items() for e in after}
    pairs = [
        p
        for p in pairs
        if p in draft.links
        and len(draft.rows[p[1]].elements) == 1
        and all(s < p[0] - 3 for s, e in needed if e == p[1] and s not in p)
    ]
    chosen = _choose(rng, sorted(set(pairs)))
    if chosen is None:
        return None
    wall, window = chosen
    day = draft.rows[wall].first - timedelta(days=1)
    while next_day(draft.rows[window].calendar, day) != day:
        day -= timedelta(days=1)
    moved = draft.without_link(chosen).with_row(window, draft.rows[window].on(day))
    return Fault(
        draft=moved,
        rules=("R04",),
        rows=frozenset(chosen),
        first=day,
        last=draft.rows[wall].last,
    )


def early_leaning(building: Building, rng: np.random.Generator) -> Fault | None:
    """A wall that is only fixed sideways is put up before anything that holds it."""
    draft = conflict_free(building)
    holds: dict[int, list[int]] = {}
    for s, e in building.needs:
        holds.setdefault(e, []).append(s)
    chosen = _choose(rng, [e for e in building.leaning if e in holds])
    if chosen is None:
        return None
    row = draft.row_of(chosen)
    first = min(draft.row_of(s) for s in holds[chosen])
    day = draft.rows[first].first - timedelta(days=1)
    while next_day(draft.rows[row].calendar, day) != day:
        day -= timedelta(days=1)
    moved = draft.without_link(*((draft.row_of(s), row) for s in holds[chosen]))
    moved = moved.with_row(row, draft.rows[row].on(day))
    return Fault(
        draft=moved,
        rules=("R05",),
        rows=frozenset({row}),
        first=day,
        last=draft.rows[first].first - timedelta(days=1),
    )


def demolition(building: Building, rng: np.random.Generator) -> Fault | None:
    """A carrier is taken away though what stands on it stays."""
    draft = conflict_free(building)
    sole = [p for p in building.sole if p[0] in draft._rows and p[1] in draft._rows]
    chosen = _choose(rng, sorted(sole))
    if chosen is None:
        return None
    s, e = chosen
    end = max(r.finish for r in draft.rows).date()
    day = next_day("six", end + timedelta(days=3))
    blank = draft.rows[draft.row_of(s)]
    row = replace(blank.on(day), name="taken away", elements=(s,), action="remove", trade="")
    number = len(draft.rows)
    links = draft.links | {(draft.row_of(s), number), (draft.row_of(e), number)}
    return Fault(
        draft=replace(draft, rows=(*draft.rows, row), links=links),
        rules=("R11",),
        rows=frozenset({number}),
        first=day,
        last=day,
    )


def long_hoist(building: Building, rng: np.random.Generator) -> Fault | None:
    """Something temporary stays until after the wall in its place is begun."""
    draft = conflict_free(building)
    found = [(t, e) for t, e in building.obstacles if e in draft._rows]
    chosen = _choose(rng, found)
    if chosen is None:
        return None
    hoist, wall = chosen
    built = draft.rows[draft.row_of(wall)]
    start = built.first - timedelta(days=1)
    last = next_day("six", built.first + timedelta(days=2))
    blank = draft.rows[0]
    row = replace(
        blank.on(start, last),
        name="hoist",
        elements=(hoist,),
        action="temporary",
        trade="temporary",
    )
    number = len(draft.rows)
    return Fault(
        draft=replace(draft, rows=(*draft.rows, row)),
        rules=("R11",),
        rows=frozenset({number, draft.row_of(wall)}),
        first=built.first,
        last=last,
    )


def drop_holiday(building: Building, rng: np.random.Generator) -> Fault | None:
    """A second export of the plan was made without the holiday."""
    draft = conflict_free(
        building, start=date(2026, 9, 21) if rng.random() < 0.5 else date(2026, 12, 28)
    )
    bare = tuple(replace(c, exceptions=()) for c in CALENDARS)
    other = _without_holidays(draft, bare)
    if other is None:
        return None
    return Fault(draft=replace(draft, others=(other.schedule(),)), rules=("R02",), rows=frozenset())


def _without_holidays(draft: Draft, calendars: tuple) -> Draft | None:
    rows: list[Row] = []
    day = draft.rows[0].first
    for row in draft.rows:
        while day.weekday() > (5 if row.calendar == "six" else 4):
            day += timedelta(days=1)
        rows.append(row.on(day))
        day += timedelta(days=1)
    if tuple(rows) == draft.rows:
        return None
    return replace(draft, rows=tuple(rows), calendars=calendars)


def long_bar(building: Building, rng: np.random.Generator) -> Fault | None:
    """A duration says more days than lie between the dates: a typing error."""
    draft = conflict_free(building)
    row = int(rng.integers(len(draft.rows)))

    return Fault(
        draft=Stretched.of(draft, row=row, minutes=480.0 * 9),
        rules=("R02",),
        rows=frozenset({row}),
    )


@dataclass(frozen=True, kw_only=True)
class Stretched(Draft):
    """A plan in which one task claims another duration than its dates have."""

    row: int = -1
    minutes: float = 0.0

    @classmethod
    def of(cls, draft: Draft, *, row: int, minutes: float) -> "Stretched":
        return cls(
            building=draft.building, rows=draft.rows, links=draft.links, row=row, minutes=minutes
        )

    def schedule(self):
        made = super().schedule()
        tasks = list(made.tasks)
        tasks[self.row] = replace(tasks[self.row], duration=self.minutes)
        return replace(made, tasks=tuple(tasks))


def cycle(building: Building, rng: np.random.Generator) -> Fault | None:
    """A link leads back, so that the plan runs in a circle."""
    draft = conflict_free(building)
    pair = _choose(rng, sorted(draft.links))
    if pair is None:
        return None
    return Fault(
        draft=replace(draft, links=draft.links | {pair[::-1]}),
        rules=("R02",),
        rows=frozenset(pair),
    )


def _beside(make: Callable) -> Operator:
    """A fault of people at work: in an annex, told by one rule."""

    def operator(building: Building, rng: np.random.Generator) -> Fault:
        draft, rule, rows, first, last = make(building, rng)
        return Fault(draft=draft, rules=(rule,), rows=rows, first=first, last=last)

    return operator


#: Faults by name; rules that come later add theirs here.
OPERATORS: Mapping[str, Operator] = {
    "swap": swap,
    "early load": early_load,
    "late support": late_support,
    "delete link": delete_link,
    "reverse link": reverse_link,
    "early filling": early_filling,
    "early leaning": early_leaning,
    "demolition": demolition,
    "long hoist": long_hoist,
    "drop holiday": drop_holiday,
    "long bar": long_bar,
    "cycle": cycle,
    **{name: _beside(make) for name, make in PEOPLE.items()},
}


def active(fault: Fault) -> bool:
    """Whether a rule that has to tell the fault is on."""
    return bool({r.CARD.id for r in RULES} & set(fault.rules))


__all__ = ["NEW_YEAR", "OPERATORS", "Fault", "TaskKind", "active", "datetime"]
