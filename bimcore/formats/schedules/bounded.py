"""Plans kept within what can be computed with."""

from dataclasses import replace

from bimcore.formats.schedules.codes import CALENDAR_FAULT, TOO_LARGE
from bimcore.formats.schedules.errors import ScheduleError
from bimcore.formats.schedules.remarks import Remarks
from bimcore.schedule import Schedule

#: Different calendars in use; each is a table of days while dates are computed.
MOST_CALENDARS = 400
#: Tasks of one plan.
MOST_TASKS = 200_000


def refuse_beyond(count: int, *, name: str) -> None:
    """Refuse the file `name` once it has shown more tasks than any plan holds.

    Raises
    ------
    ScheduleError
        SCH604.

    """
    if count > MOST_TASKS:
        why = {"why_zh": f"超过 {MOST_TASKS} 个任务", "why_en": f"more than {MOST_TASKS} tasks"}
        raise ScheduleError.of(TOO_LARGE, name=name, **why)


def bounded(schedule: Schedule) -> Schedule:
    """`schedule` with tasks beyond the first ``MOST_CALENDARS`` calendars on that of the plan."""
    known = {c.id: c for c in schedule.calendars}
    kept: set[object] = set()
    over: dict[str, int] = {}
    for task in schedule.tasks:
        calendar = known.get(task.calendar)
        if calendar is None or task.calendar in over:
            continue
        hours = calendar.week, calendar.exceptions
        if hours in kept or len(kept) < MOST_CALENDARS:
            kept.add(hours)
        else:
            over[task.calendar] = len(over)
    if not over:
        return schedule
    remarks = Remarks(schedule.name)
    first = known[next(iter(over))]
    remarks.note(
        CALENDAR_FAULT,
        place=schedule.name,
        calendar=first.name,
        what_zh=f"等 {len(over)} 个日历超出可用数量 {MOST_CALENDARS}，其任务按项目日历计算",
        what_en=f"and others, {len(over)} in all, are beyond the {MOST_CALENDARS} that are used; "
        "their tasks take the calendar of the plan",
    )
    tasks = tuple(replace(t, calendar="") if t.calendar in over else t for t in schedule.tasks)
    return replace(schedule, tasks=tasks, findings=(*schedule.findings, *remarks.findings()))
