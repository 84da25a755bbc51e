"""Tasks as crews at work: when, how many days together, and which of them are one gang."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy import sparse
from scipy.sparse import csgraph

from bimcore.arrays import F64, I64, Mask
from bimcore.calendars import worktimes
from bimcore.schedule import Action, LagUnit, Link, LinkType, Schedule, Shift
from clash.rehearsal.base import Stage
from clash.rehearsal.trades import Trades, trades_of

DAY = 1440
#: Days from the middle of a plan beyond which nothing is counted.
_LONGEST = 20_000
_IN_MINUTES = (LagUnit.WORKING, LagUnit.ELAPSED)
#: Share of elements in common above which two tasks are steps of one gang.
_SAME = 0.5


@dataclass(frozen=True, eq=False, kw_only=True)
class Crews:
    """All T tasks of a plan as work that a crew does.

    Attributes
    ----------
    start, finish : (T,) int64
        Minutes since 1970, half-open; equal where the dates are not known.
    at_work : (T,) bool
        Tasks of a crew: dated work, no group of rows, not yet done.
    trade : tuple of str
    days : (T,) float64
        Working days.

    """

    stage: Stage
    start: I64
    finish: I64
    at_work: Mask
    trade: tuple[str, ...]
    days: F64
    calendar: I64
    worked: "Workdays"

    @classmethod
    def of(cls, stage: Stage, table: Trades) -> "Crews":
        """The crews of a stage."""
        tasks, path = stage.schedule.tasks, stage.path
        known = ~(np.isnat(path.start) | np.isnat(path.finish))
        start = np.where(known, path.start.astype("datetime64[m]").astype(np.int64), 0)
        finish = np.where(known, path.finish.astype("datetime64[m]").astype(np.int64), 0)
        trade = trades_of(stage, table)
        at_work = known & (finish > start)
        at_work &= np.array([t.works and t.complete < 1 for t in tasks], dtype=np.bool_)
        at_work &= np.array([a != Action.NEUTRAL for a in stage.links.action], dtype=np.bool_)
        at_work &= np.array([word not in table.no_crew for word in trade], dtype=np.bool_)
        worked = Workdays.of(stage.schedule, start[known], finish[known])
        calendar = worked.rows(stage.schedule)
        return cls(
            stage=stage,
            start=start,
            finish=finish,
            at_work=at_work,
            trade=trade,
            calendar=calendar,
            worked=worked,
            days=np.maximum(worked.count(calendar, calendar, start, finish), 1.0),
        )

    def shared(self, a: I64, b: I64) -> tuple[I64, I64, F64]:
        """Begin, end and common working days (P,) of the time that tasks `a` and `b` share."""
        begin = np.maximum(self.start[a], self.start[b])
        end = np.minimum(self.finish[a], self.finish[b])
        days = self.worked.count(self.calendar[a], self.calendar[b], begin, end)
        return begin, end, days

    @cached_property
    def gangs(self) -> "Gangs":
        """Who belongs together."""
        return Gangs.of(self.stage)

    def float_days(self, task: int) -> float:
        """Working days that a task may slip: to its late finish, or to what follows by date."""
        late, until = self.stage.path.late_finish[task], self._until(task)
        if not np.isnat(late):
            until = max(until, int(late.astype("datetime64[m]").astype(np.int64)))
        return self.worked.between(int(self.calendar[task]), int(self.finish[task]), until)

    def _until(self, task: int) -> int:
        """The moment by which a task has to end for the dates of what follows to stand."""
        finish, length = int(self.finish[task]), int(self.finish[task] - self.start[task])
        ends = [int(self.finish.max())]
        for link in self._following.get(task, ()):
            lag = round(link.lag.value) if link.lag.unit in _IN_MINUTES else 0
            begins = link.type in (LinkType.FS, LinkType.SS)
            date = int((self.start if begins else self.finish)[link.successor]) - lag
            if date > 0:
                from_end = link.type in (LinkType.FS, LinkType.FF)
                ends.append(date if from_end else date + length)
        return max(finish, min(ends))

    @cached_property
    def _following(self) -> dict[int, list[Link]]:
        found: dict[int, list[Link]] = {}
        for link in self.stage.schedule.links:
            found.setdefault(link.predecessor, []).append(link)
        return found

    def confidence(self, task: int, elements: I64) -> float:
        """Of the links of a task to some of its elements: the median."""
        links = self.stage.links
        low, high = np.searchsorted(links.task, [task, task + 1])
        some = np.isin(links.element[low:high], elements)
        values = links.confidence[low:high][some]
        return float(np.median(values)) if len(values) else 1.0


@dataclass(frozen=True, eq=False, kw_only=True)
class Workdays:
    """Which days each calendar works, as running counts from the first day of the plan.

    Attributes
    ----------
    first : int
        Day since 1970 of column 0.
    both : (C, C, D + 1) int64
        Days before each column on which two calendars work, in shifts that meet.
    hours : (C, D, 2) int64
        Minute at which the work of a day begins and ends.
    ids : mapping
        Row of each calendar; ``""`` is the one of the schedule.

    """

    first: int
    both: I64
    hours: I64
    ids: Mapping[str, int]

    @classmethod
    def of(cls, schedule: Schedule, start: I64, finish: I64) -> "Workdays":
        """Of all calendars that tasks use, over the time of the plan."""
        first, last = 0, 1
        if len(start):
            # a mistyped year must not make a calendar of millennia
            middle = int(np.median(start)) // DAY
            first = max(int(start.min()) // DAY, middle - _LONGEST)
            last = min(int(finish.max()) // DAY, middle + _LONGEST) + 1
        used = sorted({"", *(t.calendar for t in schedule.tasks)})
        times = worktimes(schedule)
        days = np.arange(first, last + 1).astype("datetime64[D]").tolist()
        patterns: dict[tuple[Shift, ...], int] = {(): 0}
        codes = np.array(
            [
                [
                    patterns.setdefault(times.get(n, times[""]).shifts(d), len(patterns))
                    for d in days
                ]
                for n in used
            ]
        )
        # plans have many calendars that work the same days
        codes, row = np.unique(codes, axis=0, return_inverse=True)
        meet = np.array([[_meet(a, b) for b in patterns] for a in patterns])
        flags = meet[codes[:, None], codes[None]]
        both = np.zeros((len(codes), len(codes), len(days) + 1), dtype=np.int64)
        np.cumsum(flags, axis=2, out=both[:, :, 1:])
        hours = np.array([[p[0][0], p[-1][1]] if p else [0, 0] for p in patterns])[codes]
        ids = dict(zip(used, np.ravel(row).tolist(), strict=True))
        return cls(first=first, both=both, hours=hours, ids=ids)

    def rows(self, schedule: Schedule) -> I64:
        """Calendar (T,) of each task."""
        return np.array([self.ids[t.calendar] for t in schedule.tasks], dtype=np.int64)

    def count(self, a: I64, b: I64, begin: I64, end: I64) -> F64:
        """Days (P,) on which both calendars work within half-open times; 0 where empty."""
        most = self.both.shape[2] - 1
        low, high = begin // DAY - self.first, (end - 1) // DAY - self.first
        # what begins after work or ends before it has no part in that day
        day = np.clip(low, 0, most - 1)
        closes = np.minimum(self.hours[a, day, 1], self.hours[b, day, 1])
        low = low + (begin % DAY >= closes)
        day = np.clip(high, 0, most - 1)
        opens = np.maximum(self.hours[a, day, 0], self.hours[b, day, 0])
        high = high + ((end - 1) % DAY >= opens)
        low, high = np.clip(low, 0, most), np.clip(high, 0, most)
        found = self.both[a, b, np.maximum(low, high)] - self.both[a, b, low]
        days: F64 = np.where(end > begin, found, 0).astype(np.float64)
        return days

    def between(self, calendar: int, begin: int, end: int) -> float:
        """Days that one calendar works from `begin` to `end`: :meth:`count` for a single time."""
        if end <= begin:
            return 0.0
        days, hours = self.both[calendar, calendar], self.hours[calendar]
        most = len(days) - 1
        low, high = begin // DAY - self.first, (end - 1) // DAY - self.first
        low += begin % DAY >= int(hours[min(max(low, 0), most - 1), 1])
        high += (end - 1) % DAY >= int(hours[min(max(high, 0), most - 1), 0])
        low, high = min(max(low, 0), most), min(max(high, 0), most)
        return float(days[max(low, high)] - days[low])

    def uncovered(self, calendar: int, spans: list[tuple[int, int]]) -> float:
        """Working days of one calendar within disjoint spans of minutes."""
        if not spans:
            return 0.0
        begin, end = np.array(spans, dtype=np.int64).T
        row = np.full(len(begin), calendar)
        return float(self.count(row, row, begin, end).sum())


def _meet(a: tuple[Shift, ...], b: tuple[Shift, ...]) -> bool:
    """Whether the shifts of two days share any time."""
    return any(max(x[0], y[0]) < min(x[1], y[1]) for x in a for y in b)


@dataclass(frozen=True, eq=False, kw_only=True)
class Gangs:
    """Which tasks are steps of one gang, or are planned to go along with each other.

    Attributes
    ----------
    direct : frozenset of (int, int)
        Tasks with a link between them, smaller row first.
    any_way, strictly : sparse (N, N)
        Networks of all links, and of those that let no successor begin before its
        predecessor is done; summaries stand for all their tasks.

    """

    direct: frozenset[tuple[int, int]]
    any_way: sparse.csr_matrix
    strictly: sparse.csr_matrix
    resources: tuple[frozenset[str], ...]
    elements: tuple[frozenset[int], ...]

    @classmethod
    def of(cls, stage: Stage) -> "Gangs":
        """From the links, resources and elements of a stage."""
        tasks = stage.schedule.tasks
        rows, strict = _edges(stage.schedule)
        elements: list[set[int]] = [set() for _ in tasks]
        for task, element in zip(
            stage.links.task.tolist(), stage.links.element.tolist(), strict=True
        ):
            elements[task].add(element)
        direct = {(min(k.predecessor, k.successor), max(k.predecessor, k.successor))
                  for k in stage.schedule.links}  # fmt: skip
        return cls(
            direct=frozenset(direct),
            any_way=_network(rows, 2 * len(tasks)),
            strictly=_network([r for r, s in zip(rows, strict, strict=True) if s], 2 * len(tasks)),
            resources=tuple(frozenset(t.resources) for t in tasks),
            elements=tuple(frozenset(e) for e in elements),
        )

    def one(self, a: int, b: int) -> bool:
        """Whether two tasks are one gang: linked, the same people, or the same elements."""
        if (min(a, b), max(a, b)) in self.direct:
            return True
        if self.resources[a] and self.resources[a] == self.resources[b]:
            return True
        return self.same_elements(a, b)

    def same_elements(self, a: int, b: int) -> bool:
        """Whether two tasks work on the same elements, mostly."""
        few = min(len(self.elements[a]), len(self.elements[b]))
        return few > 0 and len(self.elements[a] & self.elements[b]) >= _SAME * few

    def along(self, a: int, b: int) -> bool:
        """Whether the links between two tasks plan them to go side by side.

        A chain with start-to-start links or leads does; a chain where each waits for the one
        before it to end does not: dates that overlap then are against the links.
        """
        return self._reach(self.any_way, a, b) and not self._reach(self.strictly, a, b)

    def after(self, a: int, b: int) -> bool:
        """Whether links put either of two tasks after the other."""
        return self._reach(self.any_way, a, b)

    def _reach(self, network: sparse.csr_matrix, a: int, b: int) -> bool:
        for source, target in ((a, b), (b, a)):
            found = csgraph.breadth_first_order(network, source, return_predecessors=False)
            if (found == target).any():
                return True
        return False


def _edges(schedule: Schedule) -> tuple[list[tuple[int, int]], list[bool]]:
    """Arrows between tasks, groups of rows taken apart, and whether each is strict."""
    count = len(schedule.tasks)
    rows, strict = [], []
    for row, task in enumerate(schedule.tasks):
        if not task.works:
            rows.append((row, row + count))
            strict.append(True)
        if 0 <= task.parent < count:
            # the begin of a group comes before its tasks, its end (row + count) after them
            rows += [(task.parent, row), (_end(schedule, row), task.parent + count)]
            strict += [True, True]
    for link in schedule.links:
        rows.append((_end(schedule, link.predecessor), link.successor))
        strict.append(link.type is LinkType.FS and link.lag.value >= 0)
    return rows, strict


def _end(schedule: Schedule, row: int) -> int:
    """The node that stands for the end of a row."""
    return row if schedule.tasks[row].works else row + len(schedule.tasks)


def _network(rows: list[tuple[int, int]], count: int) -> sparse.csr_matrix:
    a, b = np.array(rows, dtype=np.int64).reshape(-1, 2).T
    return sparse.csr_matrix((np.ones(len(a)), (a, b)), shape=(count, count))
