"""Plans that can be changed: rows with dates, links between them, and the stage they make."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from functools import cached_property

import numpy as np

from bimcore.calendars import WorkTime
from bimcore.critical_path import compute
from bimcore.model import Scene
from bimcore.schedule import Calendar, CalendarException, Link, Schedule, Task, TaskKind
from clash.rehearsal.base import Contacts, ElementLinks, Places, Risk, Stage
from clash.rehearsal.contacts import contacts_of
from clash.rehearsal.lifetimes import lifetimes_of
from clash.rehearsal.places import places_of
from clash.rehearsal.precedence import without_repeats
from clash.rehearsal.profile import profile
from clash.rehearsal.rules import RULES, cards
from tests.rehearsing import no_clashes

SHIFTS = ((480, 720), (780, 1020))
NEW_YEAR = CalendarException(first=date(2027, 1, 1), last=date(2027, 1, 3), name="new year")
HARVEST = CalendarException(first=date(2026, 9, 25), last=date(2026, 9, 27), name="harvest")
#: Trades work by their own calendars.
CALENDARS = (
    Calendar(id="six", name="six days", week=(SHIFTS,) * 6 + ((),), exceptions=(HARVEST, NEW_YEAR)),
    Calendar(id="five", name="five", week=(SHIFTS,) * 5 + ((),) * 2, exceptions=(NEW_YEAR,)),
)
TIMES = {c.id: WorkTime.of(c) for c in CALENDARS}
#: The rules that a plan without conflict leaves silent.
SILENT = ("R02", "R03", "R04", "R05", "R06", "R10", "R11", "R13")


@dataclass(frozen=True, kw_only=True)
class Row:
    """One task: what it works on, as whom, and when."""

    name: str
    elements: tuple[int, ...]
    start: datetime
    finish: datetime
    trade: str = "structure"
    action: str = "install"
    calendar: str = "six"

    @property
    def first(self) -> date:
        return self.start.date()

    @property
    def last(self) -> date:
        return self.finish.date()

    def on(self, first: date, last: date | None = None) -> "Row":
        """The same work on other days."""
        return replace(
            self,
            start=datetime.combine(first, time(8)),
            finish=datetime.combine(last or first, time(17)),
        )


@dataclass(frozen=True, kw_only=True)
class Building:
    """A scene with what does not change with the plan.

    Attributes
    ----------
    name : str
    scene : Scene
    order : tuple of (str, tuple of int)
        Packages of elements in the order of a planner, each with its trade: element by
        element where they have one each.
    needs : frozenset of (int, int)
        What must be there before what, by construction or by the support graph.
    sole : tuple of (int, int)
        Of these, carriers that carry alone.
    hosts : tuple of (int, int)
        A wall and the window or door in it.
    leaning : tuple of int
        Elements of the structure that only touch others sideways.
    obstacles : tuple of (int, int)
        Something temporary, and what is built where it stands.

    """

    name: str
    scene: Scene
    order: tuple[tuple[str, tuple[int, ...]], ...]
    needs: frozenset[tuple[int, int]]
    sole: tuple[tuple[int, int], ...]
    hosts: tuple[tuple[int, int], ...] = ()
    leaning: tuple[int, ...] = ()
    obstacles: tuple[tuple[int, int], ...] = ()
    temporary: frozenset[int] = frozenset()

    @cached_property
    def contacts(self) -> Contacts:
        return contacts_of(self.scene)

    @cached_property
    def places(self) -> Places:
        return places_of(self.scene)


@dataclass(frozen=True, kw_only=True)
class Draft:
    """A plan of a building; operators return changed ones."""

    building: Building
    rows: tuple[Row, ...]
    links: frozenset[tuple[int, int]]
    calendars: tuple[Calendar, ...] = CALENDARS
    others: tuple[Schedule, ...] = ()

    def row_of(self, element: int) -> int:
        """The row that builds an element."""
        return self._rows[element]

    @cached_property
    def _rows(self) -> Mapping[int, int]:
        return {e: k for k, r in enumerate(self.rows) for e in r.elements if r.action != "remove"}

    def with_row(self, number: int, row: Row) -> "Draft":
        rows = list(self.rows)
        rows[number] = row
        return replace(self, rows=tuple(rows))

    def without_link(self, *links: tuple[int, int]) -> "Draft":
        return replace(self, links=self.links - set(links))

    def schedule(self) -> Schedule:
        """The plan as a source has it, between a first and a last milestone."""
        count = len(self.rows)
        tasks = [_task(k, r) for k, r in enumerate(self.rows)]
        begin = min(r.start for r in self.rows)
        end = max(r.finish for r in self.rows)
        tasks += [_milestone("begin", begin), _milestone("end", end)]
        before, after = {b for _, b in self.links}, {a for a, _ in self.links}
        arcs = sorted(self.links)
        first = min(range(count), key=lambda k: self.rows[k].start)
        arcs += [(count, k) for k in range(count) if k == first or k not in before]
        arcs += [(k, count + 1) for k in range(count) if k not in after]
        return Schedule(
            name="plan",
            source="2" * 64,
            format="csv",
            tasks=tuple(tasks),
            links=tuple(Link(predecessor=a, successor=b) for a, b in arcs),
            calendars=self.calendars,
            calendar="six",
            start=begin,
        )

    def stage(self) -> Stage:
        """What the rules look at."""
        scene, schedule = self.building.scene, self.schedule()
        path, links = compute(schedule), self._links()
        return Stage(
            scene=scene,
            schedule=schedule,
            path=path,
            links=links,
            lifetimes=lifetimes_of(scene, schedule, path, links),
            contacts=self.building.contacts,
            places=self.building.places,
            clashes=no_clashes(),
            profile=profile(cards()),
            others=self.others,
        )

    def _links(self) -> ElementLinks:
        pairs = [(t, e) for t, r in enumerate(self.rows) for e in sorted(r.elements)]
        return ElementLinks(
            task=np.array([t for t, _ in pairs], dtype=np.int32),
            element=np.array([e for _, e in pairs], dtype=np.int32),
            confidence=np.ones(len(pairs)),
            how=np.zeros(len(pairs), dtype=np.int32),
            ways=("guid",),
            action=(*(r.action for r in self.rows), "neutral", "neutral"),
            trade=(*(r.trade for r in self.rows), "", ""),
        )

    def risks(self, rules: Iterable[str] = SILENT) -> tuple[Risk, ...]:
        """What the rules named find, each fault once."""
        wanted, stage = set(rules), self.stage()
        found = [r for rule in RULES if rule.CARD.id in wanted for r in rule.find(stage).risks]
        return without_repeats(stage, found)


def _task(number: int, row: Row) -> Task:
    minutes = TIMES[row.calendar].minutes_between(row.start, row.finish)
    return Task(
        id=f"T{number}",
        name=row.name,
        start=row.start,
        finish=row.finish,
        duration=float(minutes),
        calendar=row.calendar,
    )


def _milestone(name: str, moment: datetime) -> Task:
    return Task(
        id=name, name=name, kind=TaskKind.MILESTONE, start=moment, finish=moment, duration=0.0
    )


def conflict_free(building: Building, *, start: date = date(2026, 6, 1)) -> Draft:
    """A day of each package, one after the other, by the calendars of their trades."""
    rows: list[Row] = []
    day = start
    for trade, elements in building.order:
        calendar = "six" if trade == "structure" else "five"
        day = next_day(calendar, day)
        named = f"{trade} {len(rows)}"
        row = Row(
            name=named,
            elements=elements,
            start=datetime.combine(day, time(8)),
            finish=datetime.combine(day, time(17)),
            trade=trade,
            calendar=calendar,
            action="temporary" if trade == "temporary" else "install",
        )
        rows.append(row)
        day += timedelta(days=1)
    draft = Draft(building=building, rows=tuple(rows), links=frozenset())
    return replace(draft, links=reduced_links(draft))


def next_day(calendar: str, day: date) -> date:
    """`day`, or the next one that is worked."""
    while not TIMES[calendar].is_working_day(day):
        day += timedelta(days=1)
    return day


def reduced_links(draft: Draft) -> frozenset[tuple[int, int]]:
    """Links of what must be there before what, without those that follow from others."""
    arcs = {(draft.row_of(s), draft.row_of(e)) for s, e in draft.building.needs
            if s in draft._rows and e in draft._rows}  # fmt: skip
    arcs = {(a, b) for a, b in arcs if a != b}
    nexts: dict[int, set[int]] = {}
    for a, b in arcs:
        nexts.setdefault(a, set()).add(b)
    reach: dict[int, set[int]] = {}
    for a in range(len(draft.rows) - 1, -1, -1):
        beyond = set().union(*(reach.get(b, set()) for b in nexts.get(a, ())))
        reach[a] = beyond | nexts.get(a, set())
        nexts[a] = nexts.get(a, set()) - beyond
    return frozenset((a, b) for a, after in nexts.items() for b in after)


def contradictions(draft: Draft) -> list[tuple[int, int]]:
    """Needed orders that the order of the planner does not keep."""
    return sorted(
        (s, e)
        for s, e in draft.building.needs
        if s in draft._rows and e in draft._rows and draft.row_of(s) > draft.row_of(e)
    )


__all__ = ["Building", "Draft", "Row", "conflict_free", "contradictions", "field"]
