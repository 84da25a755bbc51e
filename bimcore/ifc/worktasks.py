"""Plans inside IFC files: tasks, their times, links and calendars."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import ifcopenshell

from bimcore.formats.schedules.codes import (
    BAD_LINK,
    BAD_VALUE,
    BROKEN,
    NO_TASKS,
    NOT_READ,
    REPEATED_ID,
    REVERSED,
)
from bimcore.formats.schedules.errors import ScheduleError
from bimcore.formats.schedules.ids import Ids
from bimcore.formats.schedules.remarks import Remarks
from bimcore.formats.schedules.source_codes import DURATION_DAYS
from bimcore.ifc.access import Reader, as_number, is_a, of_class
from bimcore.ifc.workcalendars import Calendars
from bimcore.ifc.workdurations import (
    Days,
    Span,
    elapsed_minutes,
    iso_span,
    moment,
    seconds_span,
    time_unit,
    weekdays,
)
from bimcore.ifc.workobjects import Objects
from bimcore.ifc.worktree import Row, Tree, tree_of
from bimcore.schedule import (
    Action,
    Calendar,
    Lag,
    LagUnit,
    Link,
    LinkType,
    Schedule,
    Task,
    TaskKind,
)

_LINKS = {
    "FINISH_START": LinkType.FS,
    "START_START": LinkType.SS,
    "FINISH_FINISH": LinkType.FF,
    "START_FINISH": LinkType.SF,
}
_ACTIONS = {
    **dict.fromkeys(("CONSTRUCTION", "INSTALLATION"), Action.INSTALL),
    **dict.fromkeys(("DEMOLITION", "DISMANTLE", "REMOVAL", "DISPOSAL"), Action.REMOVE),
    **dict.fromkeys(("MAINTENANCE", "RENOVATION", "ADJUSTMENT", "CALIBRATION"), Action.MAINTAIN),
    **dict.fromkeys(("ATTENDANCE", "EMERGENCY", "INSPECTION", "LOGISTIC"), Action.NEUTRAL),
    **dict.fromkeys(("MOVE", "OPERATION", "SAFETY", "SHUTDOWN", "STARTUP"), Action.NEUTRAL),
    **dict.fromkeys(("TESTING", "TROUBLESHOOTING"), Action.NEUTRAL),
}
_DAY_BEGINS, _DAY_ENDS = time(8), time(17)


def read(path: Path, *, name: str) -> Schedule:
    """The plan in the IFC file at `path`; see :mod:`bimcore.formats.schedules.readers`."""
    try:
        file = ifcopenshell.open(str(path))
    except (RuntimeError, OSError, ValueError, KeyError, TypeError, ifcopenshell.Error) as err:
        why = str(err)[:200]
        told = {"why_zh": f"不是有效的 STEP 文件（{why}）", "why_en": why}
        raise ScheduleError.of(BROKEN, name=name, place="STEP", **told) from err
    reader, remarks = Reader(), Remarks(name)
    tree = tree_of(file, reader, name=name, remarks=remarks)
    if not tree.tasks:
        raise ScheduleError.of(NO_TASKS, name=name)
    clock = _Clock(file, reader, remarks, tree)
    calendars, main = clock.calendars, clock.main
    links = tuple(_links(file, reader, remarks, tree, clock))
    tasks = tuple(_tasks(tree, clock, Objects(file, reader), remarks))
    return Schedule(
        name=name,
        source="",
        format="ifc",
        tasks=tasks,
        links=links,
        calendars=tuple(calendars.values()),
        calendar=main,
        start=clock.begin,
        status_date=clock.status,
        minutes_per_day=clock.days.minutes_per_day,
        findings=remarks.findings(),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Times:
    """What the file says of the time of a task."""

    span: Span | None = None
    elapsed: float | None = None
    start: datetime | None = None
    finish: datetime | None = None
    actual_start: datetime | None = None
    actual_finish: datetime | None = None
    status: datetime | None = None
    remaining: Span | None = None
    complete: float = 0.0


class _Clock:
    """Times of the tasks, their calendars, and what a day of a duration is."""

    def __init__(self, file: Any, reader: Reader, remarks: Remarks, tree: Tree) -> None:
        self._reader, self._remarks = reader, remarks
        self.second = time_unit(file, reader)
        self.times = {t.id(): self._read(t, tree.time_of.get(t.id())) for t in tree.tasks}
        self.begin = self._begin(tree)
        stated = (t.start or t.finish for t in self.times.values())
        first = min((d for d in (self.begin, *stated) if d is not None), default=None)
        self.calendars, self.of_task, self.main = self._calendars(tree, first)
        self.days = Days(_day_length(self.calendars.get(self.main)))
        for each in self.times.values():
            if each.span is not None:
                self.days.hear(each.span, each.start, each.finish)
        self._say_days()
        self.status = max((t.status for t in self.times.values() if t.status), default=None)

    def _read(self, task: Any, held: Any) -> _Times:
        """Times of `task` from its IfcTaskTime or, before IFC4, IfcScheduleTimeControl."""
        reader = self._reader
        if held is None:
            return _Times()
        place = f"#{task.id()} IfcTask"
        start = self._moment(held, "ScheduleStart", "EarlyStart", place=place)
        finish = self._moment(held, "ScheduleFinish", "EarlyFinish", place=place)
        span, elapsed = self._span(held, "ScheduleDuration", place)
        if reader.get(held, "DurationType") != "ELAPSEDTIME":
            elapsed = None
        start, finish = _whole_days(start, finish, span)
        if start and finish and finish < start:
            told = {"start": f"{start:%Y-%m-%d %H:%M}", "finish": f"{finish:%Y-%m-%d %H:%M}"}
            self._remarks.note(REVERSED, place=place, **told)
            finish = None
        if is_a(held, "IfcTaskTimeRecurring"):
            zh, en = "任务的重复安排未读取", "the recurrence of the task is left out"
            self._remarks.note(NOT_READ, place=place, alike="recur", what_zh=zh, what_en=en)
        return _Times(
            span=span,
            elapsed=elapsed,
            start=start,
            finish=finish,
            actual_start=self._moment(held, "ActualStart", place=place),
            actual_finish=self._moment(held, "ActualFinish", place=place),
            status=self._moment(held, "StatusTime", place=place),
            remaining=self._span(held, "RemainingTime", place)[0],
            complete=_share(reader.number(held, "Completion")),
        )

    def _moment(self, held: Any, *names: str, place: str) -> datetime | None:
        for name in names:
            found, bad = moment(self._reader, held, name)
            if bad:
                self._remarks.note(BAD_VALUE, place=place, field=name, value=bad)
            if found is not None:
                return found
        return None

    def _span(self, held: Any, name: str, place: str) -> tuple[Span | None, float | None]:
        """A duration as written and, should it be one on the clock, its minutes."""
        value = self._reader.get(held, name)
        if value is None:
            return None, None
        number = as_number(value)
        if number is not None:
            span = seconds_span(number * self.second)
            clock: float | None = number * self.second / 60.0
        else:
            span = iso_span(value) if isinstance(value, str) else None
            clock = elapsed_minutes(value) if isinstance(value, str) else None
        if span is None or span.days < 0 or span.minutes < 0:
            self._remarks.note(BAD_VALUE, place=place, field=name, value=str(value)[:60])
            return None, None
        return span, clock

    def _begin(self, tree: Tree) -> datetime | None:
        """When the work schedule starts, else the first task that has a date."""
        found = [
            start
            for plan in tree.plans
            if (start := self._moment(plan, "StartTime", place=f"#{plan.id()} {plan.is_a()}"))
        ]
        stated = [t.start for t in self.times.values() if t.start is not None]
        return min(found or stated, default=None)

    def _calendars(
        self, tree: Tree, first: datetime | None
    ) -> tuple[dict[str, Calendar], dict[int, str], str]:
        """Calendars by id, that of each task where it is not the main one, the main one."""
        maker = Calendars(self._reader, self._remarks, begin=first.date() if first else None)
        keys: dict[int, str] = {}
        made: dict[str, Calendar] = {}
        for entity in tree.calendars:
            key = self._reader.text(entity, "GlobalId") or f"#{entity.id()}"
            keys[entity.id()] = key
            made[key] = maker.read(entity, key=key)
        own = {
            row.entity.id(): keys.get(tree.calendar_of.get(row.entity.id(), 0), "")
            for row in tree.rows
        }
        main = next((own[p.id()] for p in tree.plans if own.get(p.id())), "")
        main = main or next((keys[c] for c in tree.plan_calendars if c in keys), "")
        of_task: dict[int, str] = {}
        for row in tree.rows:
            above = of_task.get(tree.rows[row.parent].entity.id(), "") if row.parent >= 0 else ""
            of_task[row.entity.id()] = own[row.entity.id()] or above
        if not main:
            count = Counter(v for v in of_task.values() if v)
            main = count.most_common(1)[0][0] if count else next(iter(made), "")
        return made, of_task, main

    def _say_days(self) -> None:
        days = self.days
        if not days.counted or (days.working and not days.doubtful):
            return
        hours = round(days.minutes_per_day / 60.0, 2)
        working = (f"一个工作日（{hours:g} 小时）", f"one working day of {hours:g} hours")
        whole = ("24 小时工作时间（三个 8 小时工作日）", "24 hours of work, three days of eight")
        zh, en = working if days.working else whole
        sure = ("与任务的日期和工期相符", "as dates and durations of the tasks show")
        doubt = ("文件中没有一致的依据", "nothing in the file decides it")
        why = doubt if days.doubtful else sure
        self._remarks.note(
            DURATION_DAYS, place="IfcTaskTime", day_zh=zh, day_en=en, why_zh=why[0], why_en=why[1]
        )


def _share(value: float | None) -> float:
    """Completion as a share; some write percent."""
    if value is None:
        return 0.0
    return min(max(value / 100.0 if value > 1.0 else value, 0.0), 1.0)


def _day_length(calendar: Calendar | None) -> float:
    """Minutes of the usual working day."""
    lengths = [sum(b - a for a, b in day) for day in calendar.week] if calendar else []
    usual = Counter(n for n in lengths if n)
    return float(usual.most_common(1)[0][0]) if usual else 480.0


def _whole_days(
    start: datetime | None, finish: datetime | None, span: Span | None
) -> tuple[datetime | None, datetime | None]:
    """Dates without a time of day as the begin and the end of working days.

    A finish at midnight means the whole of that day, unless the duration says that the day
    itself is not worked any more.
    """
    if start is None or finish is None or start == finish:
        return start, finish
    midnight = time(0)
    if start.time() != midnight or finish.time() != midnight:
        return start, finish
    if span is not None and not span.minutes and span.days:
        through = weekdays(start, finish + timedelta(days=1))
        if weekdays(start, finish) == span.days != through:
            finish -= timedelta(days=1)
    return _at(start, _DAY_BEGINS), _at(finish, _DAY_ENDS)


def _at(day: datetime | date, clock: time) -> datetime:
    return datetime.combine(day, clock)


def _tasks(tree: Tree, clock: _Clock, objects: Objects, remarks: Remarks) -> Iterator[Task]:
    ids = Ids()
    for row in tree.rows:
        place = f"#{row.entity.id()} {row.entity.is_a()}"
        wanted = tree.text(row.entity, "GlobalId") or f"#{row.entity.id()}"
        given = ids.give(wanted)
        if given != wanted:
            remarks.note(REPEATED_ID, place=place, value=wanted, given=given)
        yield _task(row, given, tree, clock, objects, place)


def _task(row: Row, given: str, tree: Tree, clock: _Clock, objects: Objects, place: str) -> Task:
    entity = row.entity
    name = tree.text(entity, "Name") or tree.text(entity, "LongDescription")
    if not is_a(entity, "IfcTask"):
        return Task(id=given, name=name, parent=row.parent, kind=TaskKind.SUMMARY, place=place)
    times = clock.times[entity.id()]
    kind = TaskKind.TASK
    if row.group:
        kind = TaskKind.SUMMARY
    elif tree.flag(entity, "IsMilestone"):
        kind = TaskKind.MILESTONE
    action = _ACTIONS.get(tree.text(entity, "PredefinedType"))
    codes = objects.codes(entity)
    resources, crew = objects.resources(entity)
    elapsed = times.elapsed is not None
    duration = clock.days.minutes(times.span) if times.span is not None else None
    calendar = clock.of_task.get(entity.id(), "")
    return Task(
        id=given,
        name=name or codes.get("Identification", "") or given,
        wbs=codes.get("Identification", "") or codes.get("TaskId", ""),
        parent=row.parent,
        kind=kind,
        start=times.start,
        finish=times.finish,
        duration=times.elapsed if elapsed else duration,
        elapsed=elapsed,
        remaining=clock.days.minutes(times.remaining) if times.remaining else None,
        calendar="" if calendar == clock.main else calendar,
        actual_start=times.actual_start,
        actual_finish=times.actual_finish,
        complete=1.0 if times.actual_finish else times.complete,
        action=action,
        elements=objects.elements(entity, action),
        codes=codes,
        resources=resources,
        crew=crew,
        place=place,
    )


def _links(
    file: Any, reader: Reader, remarks: Remarks, tree: Tree, clock: _Clock
) -> Iterator[Link]:
    rows: Mapping[int, int] = {row.entity.id(): i for i, row in enumerate(tree.rows)}
    seen: set[tuple[int, int, LinkType]] = set()
    for rel in of_class(file, "IfcRelSequence"):
        ends = [reader.get(rel, n) for n in ("RelatingProcess", "RelatedProcess")]
        place = f"#{rel.id()} IfcRelSequence"
        if any(e is not None and e.id() in tree.left_out for e in ends):
            continue
        a, b = (None if e is None else rows.get(e.id()) for e in ends)
        if a is None or b is None or a == b:
            told = " > ".join("$" if e is None else f"#{e.id()} {e.is_a()}" for e in ends)
            zh, en = ("任务指向自己", "the task refers to itself")
            if a is None or b is None:
                zh, en = ("两端不都是任务", "it does not join two tasks")
            remarks.note(BAD_LINK, place=place, alike=zh, value=told, why_zh=zh, why_en=en)
            continue
        word = str(reader.get(rel, "SequenceType") or "NOTDEFINED")
        kind = _LINKS.get(word, LinkType.FS)
        if word == "USERDEFINED":
            told = tree.text(rel, "UserDefinedSequenceType") or word
            remarks.note(BAD_VALUE, place=place, field="SequenceType", value=told)
        if (a, b, kind) not in seen:
            seen.add((a, b, kind))
            lag = _lag(reader, rel, clock, remarks)
            yield Link(predecessor=a, successor=b, type=kind, lag=lag)


def _lag(reader: Reader, rel: Any, clock: _Clock, remarks: Remarks) -> Lag:
    """The time lag: a number of seconds before IFC4, then a duration or a ratio."""
    held = reader.get(rel, "TimeLag")
    if held is None:
        return Lag()
    number = as_number(held)
    if number is not None:
        span = seconds_span(number * clock.second)
        return Lag() if span is None else Lag(value=clock.days.minutes(span))
    elapsed = reader.get(held, "DurationType") == "ELAPSEDTIME"
    value = reader.get(held, "LagValue")
    ratio = as_number(value)
    if ratio is not None:
        unit = LagUnit.ELAPSED_PERCENT if elapsed else LagUnit.PERCENT
        return Lag(value=100.0 * ratio, unit=unit)
    text = getattr(value, "wrappedValue", value)
    span = iso_span(text) if isinstance(text, str) else None
    if span is None:
        place = f"#{rel.id()} IfcRelSequence"
        remarks.note(BAD_VALUE, place=place, field="TimeLag", value=str(text)[:60])
        return Lag()
    if elapsed:
        return Lag(value=elapsed_minutes(text) or 0.0, unit=LagUnit.ELAPSED)
    return Lag(value=clock.days.minutes(span))
