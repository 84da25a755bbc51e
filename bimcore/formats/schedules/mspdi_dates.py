"""What the dates of MSPDI leave open: days without times, and parts of split tasks."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, time, timedelta

from bimcore.calendars import STANDARD, WorkTime
from bimcore.formats.schedules.periods import minutes_of_period, moment
from bimcore.formats.schedules.xmlrecords import Node
from bimcore.schedule import Calendar, Constraint, Task, TaskKind

#: Work still to do and work done, among the kinds of figures over time.
_WORK = frozenset({"1", "2"})
_FINISHES = frozenset(
    {Constraint.MUST_FINISH, Constraint.FINISH_NO_EARLIER, Constraint.FINISH_NO_LATER}
)


class Clocks:
    """Working time by the id of a calendar; that of the plan for all others."""

    def __init__(self, calendars: Mapping[str, Calendar], plan: str) -> None:
        self._calendars, self._plan = calendars, calendars.get(plan, STANDARD)
        self._made: dict[str, WorkTime] = {}

    def of(self, key: str) -> WorkTime:
        """Working time of one calendar."""
        if key not in self._made:
            self._made[key] = WorkTime(self._calendars.get(key, self._plan))
        return self._made[key]


@dataclass(slots=True)
class Splits:
    """Times in which each assignment of a task rests between two parts."""

    _of: dict[str, list[list[tuple[datetime, datetime]]]] = field(default_factory=dict)

    def add(self, task: str, assignment: Node) -> None:
        """Take the figures over time of an assignment; what is illegible tells no split."""
        try:
            parts = sorted(
                (moment(n.get("Start")), moment(n.get("Finish")), minutes_of_period(n.get("Value")))
                for n in assignment.all("TimephasedData")
                if n.get("Type") in _WORK
            )
        except ValueError:
            parts = []
        worked = [k for k, part in enumerate(parts) if part[2] > 0]
        within = parts[worked[0] : worked[-1]] if worked else []
        self._of.setdefault(task, []).append([(a, b) for a, b, work in within if work == 0])

    def minutes(self, task: str, work: WorkTime) -> float:
        """Working minutes between the parts of `task`, where none of its people works."""
        told = [
            sum(work.minutes_between(*rest) for rest in rests) for rests in self._of.get(task, ())
        ]
        return float(min(told, default=0))


def with_times(
    tasks: Sequence[Task], clocks: Clocks, *, waits: Collection[int]
) -> tuple[Task, ...]:
    """The same tasks with the working hours of their days, where the file knows days alone.

    That is where all dates are at midnight. An end at midnight is then the end of that day,
    unless more durations say that it is the end of the day before. `waits` are rows with
    predecessors: milestones among them are at the end of their day.
    """
    dates = [d for t in tasks for d in (t.start, t.finish) if d is not None]
    if not dates or any(d.time() != time() for d in dates):
        return tuple(tasks)
    timed = tuple(
        _whole(t, clocks.of(t.calendar), waits=row in waits) for row, t in enumerate(tasks)
    )
    return tuple(tasks) if _fitting(timed, clocks) < _fitting(tasks, clocks) else timed


def _fitting(tasks: Iterable[Task], clocks: Clocks) -> int:
    """How many tasks last as long as is worked between their dates, and end on a day of work."""
    count = 0
    for task in tasks:
        if task.start is None or task.finish is None or not task.duration or task.elapsed:
            continue
        work, last = clocks.of(task.calendar), (task.finish - timedelta(minutes=1)).date()
        fits = work.minutes_between(task.start, task.finish) == task.duration
        count += fits and work.is_working_day(last)
    return count


def _whole(task: Task, work: WorkTime, *, waits: bool) -> Task:
    if task.elapsed:
        return task

    def first(when: datetime | None) -> datetime | None:
        bare = when is not None and when.time() == time()
        return work.day_start(when.date()) if bare and when is not None else when

    def last(when: datetime | None) -> datetime | None:
        if when is None or when.time() != time() or work.previous_working(when) == when:
            return when  # a night shift may well end at midnight
        return work.day_end(when.date())

    mark, finishes = task.kind is TaskKind.MILESTONE, task.constraint in _FINISHES
    return replace(
        task,
        start=(last if mark and waits else first)(task.start),
        finish=(first if mark and not waits else last)(task.finish),
        actual_start=first(task.actual_start),
        actual_finish=last(task.actual_finish),
        constraint_date=(last if finishes else first)(task.constraint_date),
        deadline=last(task.deadline),
    )
