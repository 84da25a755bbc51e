"""Faults of a plan in itself: links, durations, calendars and dates that disagree."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import cached_property

import numpy as np

from bimcore.calendars import minutes_of, moment_of
from bimcore.clocks import Clocks
from bimcore.critical_path import CriticalPath
from bimcore.network import FROM_FINISH, TO_START
from bimcore.schedule import Constraint, LagUnit, Link, LinkType, Schedule, Task, TaskKind
from clash.rehearsal.dates import Datebook, day_of, last_day

#: Constraints that may hold a task against its links.
_AGAINST_LINKS = frozenset(
    {
        Constraint.MUST_START,
        Constraint.MUST_FINISH,
        Constraint.START_NO_LATER,
        Constraint.FINISH_NO_LATER,
    }
)
#: Month and day of holidays that plans know and tables without a calendar do not say.
_HOLIDAYS = frozenset({(1, 1), (4, 5), (5, 1), (10, 1), (10, 3), (12, 25)})
#: Days of a task that are looked at; longer ones are no single work.
_LONGEST = 1000
_LINKS = {
    LinkType.FS: ("完成后才能开始", "must begin after it ends"),
    LinkType.SS: ("开始后才能开始", "must begin after it begins"),
    LinkType.FF: ("完成后才能完成", "must end after it ends"),
    LinkType.SF: ("开始后才能完成", "must end after it begins"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One fault.

    Attributes
    ----------
    kind : str
        ``"link"``, ``"duration"``, ``"idle_day"``, ``"no_dates"``, ``"span"``, ...
    tasks : tuple of int
        Rows; the one at fault first.
    days : float
        Working days it is out.
    explained : bool
        Whether a constraint or progress of the author accounts for it.
    zh, en : str
        One sentence.
    move_zh, move_en : str
        What to do.

    """

    kind: str
    tasks: tuple[int, ...]
    days: float
    zh: str
    en: str
    explained: bool = False
    move_zh: str = ""
    move_en: str = ""
    window: tuple[np.datetime64, np.datetime64] | None = None
    data: dict[str, object] = field(default_factory=dict)


class Plan:
    """A schedule with its dates in force, and words about its rows."""

    def __init__(self, schedule: Schedule, path: CriticalPath) -> None:
        self.schedule, self.path = schedule, path
        self.clocks = Clocks(schedule)
        self.groups = {t.parent for t in schedule.tasks if t.parent >= 0}
        self.day = schedule.minutes_per_day or 480.0
        self.calendar_assumed = any(f.code.code == "SCH615" for f in schedule.findings)

    @cached_property
    def dates(self) -> Datebook:
        """How texts name days."""
        return Datebook.of(self.path.start, self.path.finish)

    def name(self, row: int) -> str:
        """Name of a task, else its id."""
        task = self.schedule.tasks[row]
        return task.name.strip() or task.id

    def span(self, row: int) -> tuple[np.datetime64, np.datetime64] | None:
        """Dates in force."""
        start, finish = self.path.start[row], self.path.finish[row]
        return None if np.isnat(start) or np.isnat(finish) else (start, finish)

    def leaves(self) -> Iterator[tuple[int, Task]]:
        """Rows that are work or dates, not groups."""
        for row, task in enumerate(self.schedule.tasks):
            if row not in self.groups and task.kind in (TaskKind.TASK, TaskKind.MILESTONE):
                yield row, task

    def days_between(self, row: int, first: np.datetime64, last: np.datetime64) -> float:
        """Days of the author worked on the calendar of a row; elapsed ones of 24 hours."""
        if self.clocks.elapsed[row]:
            return (minutes_of(last) - minutes_of(first)) / 1440
        return self.clocks.work[row].worked(minutes_of(first), minutes_of(last)) / self.day


def counted(days: float) -> str:
    """Days to one place, without an empty one."""
    return f"{round(abs(days), 1):g}"


def against_links(plan: Plan, *, least: float) -> Iterator[Fault]:
    """Tasks that begin or end before a link lets them, by `least` working days or more."""
    for link in plan.schedule.links:
        before, after = plan.span(link.predecessor), plan.span(link.successor)
        if before is None or after is None or link.predecessor == link.successor:
            continue
        if link.successor in plan.groups and link.type not in TO_START:
            continue
        known = before[1] if link.type in FROM_FINISH else before[0]
        bound = plan.clocks.after_lag(link, minutes_of(known))
        held = after[0] if link.type in TO_START else after[1]
        needed = np.datetime64(bound, "m")
        if needed <= held:
            continue
        days = plan.days_between(link.successor, held, needed)
        if days >= max(least, 1e-9):
            yield _against(plan, link, known=known, held=held, needed=needed, days=days)


def _against(
    plan: Plan,
    link: Link,
    *,
    known: np.datetime64,
    held: np.datetime64,
    needed: np.datetime64,
    days: float,
) -> Fault:
    task = plan.schedule.tasks[link.successor]
    ends = link.type in FROM_FINISH
    begins = link.type in TO_START
    first = plan.dates.said_last(known) if ends else plan.dates.said(known)
    second = plan.dates.said(held) if begins else plan.dates.said_last(held)
    first_verb = ("完成", "ends") if ends else ("开始", "begins")
    second_verb = ("开始", "begins") if begins else ("完成", "ends")
    lag_zh, lag_en = _lag_words(plan, link)
    a, b = plan.name(link.predecessor), plan.name(link.successor)
    rule_zh, rule_en = _LINKS[link.type]
    zh = (
        f"“{a}”{first[0]}{first_verb[0]}，“{b}”应在其{rule_zh}{lag_zh}，"
        f"计划却在{second[0]}{second_verb[0]}，早了 {counted(days)} 个工作日。"
    )
    en = (
        f'"{a}" {first_verb[1]} {first[1]}; "{b}" {rule_en}{lag_en}, '
        f"but is planned for {second[1]}, {counted(days)} working days too early."
    )
    held_by_author = task.constraint in _AGAINST_LINKS and task.firm
    explained = held_by_author or task.actual_start is not None
    low, high = sorted((held, needed))
    return Fault(
        kind="link",
        tasks=(link.successor, link.predecessor),
        days=days,
        zh=zh + ("（有日期限制或实际进度，请确认）" if explained else ""),
        en=en + (" (a constraint or progress accounts for it; confirm)" if explained else ""),
        explained=explained,
        move_zh=f"把“{b}”顺延 {counted(days)} 个工作日，或改正这条逻辑关系。",
        move_en=f'Move "{b}" back by {counted(days)} working days, or correct the link.',
        window=(low, high),
        data={
            "link": link.type.value,
            "early_days": round(days, 2),
            "needed": str(needed),
            "planned": str(held),
        },
    )


def _lag_words(plan: Plan, link: Link) -> tuple[str, str]:
    lag = link.lag
    if not lag.value:
        return "", ""
    turn_zh, turn_en = ("再等", "plus") if lag.value > 0 else ("提前", "minus")
    if lag.unit in (LagUnit.PERCENT, LagUnit.ELAPSED_PERCENT):
        return f"（{turn_zh} {abs(lag.value):g}% 工期）", f" {turn_en} {abs(lag.value):g} %"
    elapsed = lag.unit is LagUnit.ELAPSED
    count = counted(lag.value / (1440 if elapsed else plan.day))
    kind_zh, kind_en = ("天", "calendar days") if elapsed else ("个工作日", "working days")
    return f"（{turn_zh} {count} {kind_zh}）", f" {turn_en} {count} {kind_en}"


def against_durations(plan: Plan, *, least: float) -> Iterator[Fault]:
    """Work whose duration is not the working time between its dates."""
    found = list(_out_of_duration(plan, least=least))
    if not plan.calendar_assumed:
        return iter(found)
    off = holidays_kept(plan, found)
    return (f for f in found if f.tasks[0] not in off)


def _out_of_duration(plan: Plan, *, least: float) -> Iterator[Fault]:
    for row, task in plan.leaves():
        if task.duration is None or task.start is None or task.finish is None:
            continue
        if task.kind is not TaskKind.TASK or task.finish < task.start:
            continue
        if task.actual_start is not None and task.actual_start == task.start:
            continue  # what is done took as long as it took
        first, last = np.datetime64(task.start, "m"), np.datetime64(task.finish, "m")
        between = plan.days_between(row, first, last)
        stated = (task.duration + task.rests) / (1440 if task.elapsed else plan.day)
        if abs(between - stated) < max(least, 1e-9):
            continue
        name, span = plan.name(row), plan.dates.between((first, last))
        yield Fault(
            kind="duration",
            tasks=(row,),
            days=between - stated,
            zh=(
                f"“{name}”工期写 {counted(stated)} 天，"
                f"{span[0]}按日历是 {counted(between)} 个工作日。"
            ),
            en=(
                f'"{name}" is given {counted(stated)} days, but {span[1]} is {counted(between)} '
                "working days on its calendar."
            ),
            move_zh="改正工期、日期或所用日历（节假日）。",
            move_en="Correct the duration, the dates, or the calendar with its holidays.",
            window=(first, last),
            data={"stated_days": round(stated, 2), "between_days": round(between, 2)},
        )


def holidays_kept(plan: Plan, faults: Sequence[Fault]) -> frozenset[int]:
    """Rows that are too long only for days off that the author knew and a table cannot hold.

    Days off are those on which no task begins or ends and which no task of a full duration
    spans. They are believed where two tasks leave out the same number of them, or where one
    does that spans a holiday of the law.
    """
    long = {f.tasks[0]: round(f.days) for f in faults if f.days >= 1}
    if not long:
        return frozenset()
    wrong = {f.tasks[0] for f in faults}
    worked: set[int] = set()
    spans: dict[int, set[int]] = {}
    for row, task in plan.leaves():
        if task.start is None or task.finish is None or task.kind is not TaskKind.TASK:
            continue
        first = task.start.toordinal()
        last = (task.finish - timedelta(minutes=1)).toordinal()
        worked |= {first, last} if row in wrong else set(range(first, last + 1))
        spans[row] = set(range(first, min(last, first + _LONGEST) + 1))
    free = {row: _working_days(plan, row, spans[row] - worked) for row in long}
    held = {row for row, days in long.items() if len(free[row]) >= days}
    return frozenset(
        row
        for row in held
        if _by_law(free[row])
        or any(o != row and len(free[o] & free[row]) >= min(long[o], long[row]) for o in held)
    )


def _working_days(plan: Plan, row: int, days: Iterable[int]) -> set[int]:
    work = plan.clocks.work[row]
    return {d for d in days if work.is_working_day(date.fromordinal(d))}


def _by_law(days: Iterable[int]) -> bool:
    """Whether some of `days` are holidays in most plans of the countries we read."""
    return any((d.month, d.day) in _HOLIDAYS for d in map(date.fromordinal, days))


def on_idle_days(plan: Plan) -> Iterator[Fault]:
    """Work that begins or ends on a day without work."""
    for row, task in plan.leaves():
        if task.kind is not TaskKind.TASK or plan.clocks.elapsed[row] or task.actual_start:
            continue
        work = plan.clocks.work[row]
        ends = () if task.finish is None else (task.finish - timedelta(minutes=1),)
        starts = () if task.start is None else (task.start,)
        for moments, verb in ((starts, ("开始", "begins")), (ends, ("完成", "ends"))):
            for moment in moments:
                if not work.is_working_day(moment.date()):
                    yield _idle(plan, row, moment, verb)


def _idle(plan: Plan, row: int, moment: datetime, verb: tuple[str, str]) -> Fault:
    at = np.datetime64(moment, "m")
    day = at.astype("datetime64[D]").astype("datetime64[m]")
    near = moment_of(plan.clocks.work[row].forward(minutes_of(moment)))
    on = plan.dates.said(at)
    weekday_zh = "一二三四五六日"[moment.weekday()]
    after = plan.dates.said(np.datetime64(near, "m"))
    name = plan.name(row)
    return Fault(
        kind="idle_day",
        tasks=(row,),
        days=1.0,
        zh=f"“{name}”在{on[0]}（周{weekday_zh}）{verb[0]}，按日历这天不上班。",
        en=f'"{name}" {verb[1]} on {moment:%a} {on[1]}, a day without work on its calendar.',
        move_zh=f"改到{after[0]}，或在日历中把这天设为上班。",
        move_en=f"Move it to {after[1]}, or make the day a working day.",
        window=(day, day + np.timedelta64(1440, "m")),
        data={"date": moment.date().isoformat(), "end": verb[1]},
    )


def without_dates(plan: Plan) -> Iterator[Fault]:
    """Work whose end nobody can tell: neither dates nor duration."""
    for row, task in plan.leaves():
        if task.kind is not TaskKind.TASK or task.duration is not None:
            continue
        if task.start is not None and task.finish is not None:
            continue
        lacks = ("开始和完成时间", "start or finish")
        if task.start is not None:
            lacks = ("完成时间", "finish")
        elif task.finish is not None:
            lacks = ("开始时间", "start")
        name = plan.name(row)
        yield Fault(
            kind="no_dates",
            tasks=(row,),
            days=2.5,
            zh=f"“{name}”没有{lacks[0]}，也没有工期。",
            en=f'"{name}" has no {lacks[1]} and no duration.',
            move_zh="补上日期或工期。",
            move_en="Add the dates or a duration.",
            window=plan.span(row),
        )


def beside_their_rows(plan: Plan, *, least: float) -> Iterator[Fault]:
    """Groups whose own dates are not those of what is below them."""
    for row in sorted(plan.groups):
        task, span = plan.schedule.tasks[row], plan.span(row)
        if span is None or task.start is None or task.finish is None:
            continue
        first, last = np.datetime64(task.start, "m"), np.datetime64(task.finish, "m")
        days = max(
            abs(plan.days_between(row, first, span[0])), abs(plan.days_between(row, last, span[1]))
        )
        # dates without a time: the day is all that the author said
        told = (day_of(first), last_day(last)) != (day_of(span[0]), last_day(span[1]))
        if days < max(least, 1e-9) or not told:
            continue
        name = plan.name(row)
        summed, true = plan.dates.between((first, last)), plan.dates.between(span)
        yield Fault(
            kind="span",
            tasks=(row,),
            days=days,
            zh=(f"“{name}”汇总写的是{summed[0]}，下级任务实为{true[0]}。"),
            en=(f'"{name}" sums up to {summed[1]}, but the tasks below run from {true[1]}.'),
            move_zh="改正汇总行的日期，或检查下级任务是否漏改。",
            move_en="Correct the dates of the group, or see whether a task below was forgotten.",
            window=span,
            data={"out_days": round(days, 2)},
        )


def open_ends(plan: Plan) -> tuple[list[int], list[int]]:
    """Rows that wait for nothing, and rows that nothing waits for, but for those at the ends.

    A link of a group counts for all below it. What is done or has begun needs nothing.
    """
    tasks, links = plan.schedule.tasks, plan.schedule.links
    waits, waited = {k.successor for k in links}, {k.predecessor for k in links}
    spans = [plan.span(row) for row, _ in plan.leaves()]
    known = [s for s in spans if s is not None]
    first = min((s[0] for s in known), default=None)
    last = max((s[1] for s in known), default=None)
    loose: list[int] = []
    unneeded: list[int] = []
    for row, task in plan.leaves():
        span, line = plan.span(row), _line(tasks, row)
        if span is None or task.actual_finish is not None:
            continue
        if not line & waits and span[0] != first and task.actual_start is None:
            loose.append(row)
        if not line & waited and span[1] != last:
            unneeded.append(row)
    return loose, unneeded


def _line(tasks: tuple[Task, ...], row: int) -> set[int]:
    """A row and the groups above it."""
    line: set[int] = set()
    while row >= 0 and row not in line:
        line.add(row)
        row = tasks[row].parent
    return line
