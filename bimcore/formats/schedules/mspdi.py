"""Microsoft Project XML (MSPDI)."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

from bimcore.formats.schedules.bounded import refuse_beyond
from bimcore.formats.schedules.codes import (
    BAD_VALUE,
    NO_TASKS,
    NOT_READ,
    REPEATED_ID,
    REVERSED,
)
from bimcore.formats.schedules.columns import action_of, field_of, guids_of
from bimcore.formats.schedules.errors import ScheduleError
from bimcore.formats.schedules.levels import by_levels
from bimcore.formats.schedules.mspdi_calendars import (
    Patience,
    RawCalendar,
    read_calendar,
    resolved,
)
from bimcore.formats.schedules.mspdi_dates import Clocks, Splits, with_times
from bimcore.formats.schedules.mspdi_fields import FieldNames
from bimcore.formats.schedules.mspdi_links import ELAPSED, WHOLE, link_of, unit_format
from bimcore.formats.schedules.outline import with_headings
from bimcore.formats.schedules.periods import minutes_of_period, moment
from bimcore.formats.schedules.places import at_line
from bimcore.formats.schedules.remarks import Remarks
from bimcore.formats.schedules.staff import Staff
from bimcore.formats.schedules.xmlrecords import Node, records
from bimcore.schedule import (
    Calendar,
    Constraint,
    Link,
    Schedule,
    Task,
    TaskKind,
)

_CONSTRAINTS = {
    "": Constraint.ASAP,
    "0": Constraint.ASAP,
    "1": Constraint.ALAP,
    "2": Constraint.MUST_START,
    "3": Constraint.MUST_FINISH,
    "4": Constraint.START_NO_EARLIER,
    "5": Constraint.START_NO_LATER,
    "6": Constraint.FINISH_NO_EARLIER,
    "7": Constraint.FINISH_NO_LATER,
}
_PROJECT = (
    "StartDate",
    "StatusDate",
    "CalendarUID",
    "MinutesPerDay",
    "CurrentDate",
    "HonorConstraints",
)
_WANTED = frozenset(
    {
        *(f"Project/{tag}" for tag in _PROJECT),
        "ExtendedAttributes/ExtendedAttribute",
        "OutlineCodes/OutlineCode",
        "Calendars/Calendar",
        "Tasks/Task",
        "Resources/Resource",
        "Assignments/Assignment",
    }
)


@dataclass(slots=True)
class _Row:
    """A task as read, with what is settled only once all of the file is known."""

    task: Task
    level: int
    links: list[Node]
    calendar: str
    ignores_resources: bool
    left_out: bool = False


@dataclass(slots=True)
class _File:
    """Everything of the file, in its order."""

    remarks: Remarks
    project: dict[str, str] = field(default_factory=dict)
    calendars: list[RawCalendar] = field(default_factory=list)
    rows: list[_Row] = field(default_factory=list)
    ids: dict[str, int] = field(default_factory=dict)
    names: FieldNames = field(default_factory=FieldNames)
    staff: Staff = field(default_factory=Staff)
    splits: Splits = field(default_factory=Splits)
    patience: Patience = field(default_factory=Patience)


def read(path: Path, *, name: str) -> Schedule:
    """The plan in the MSPDI file at `path`.

    Inactive tasks, blank rows and the summary of the project are left out; tasks planned by
    hand begin no earlier than where their author put them. A task without calendar is worked on that of its
    people where they share one.

    Raises
    ------
    ScheduleError
        When it is no XML or holds no task.

    """
    file = _File(Remarks(name))
    for where, node in records(path, _WANTED, name=name, remarks=file.remarks):
        _take(file, where, node)
    if not file.rows:
        raise ScheduleError.of(NO_TASKS, name=name)
    calendars = resolved(file.calendars, file.remarks)
    tasks, links = _linked(file, calendars)
    if not tasks:
        raise ScheduleError.of(NO_TASKS, name=name)
    used = {t.calendar for t in tasks} | {file.project.get("CalendarUID", "")}
    bases = {c.id for c in file.calendars if c.is_base}
    return Schedule(
        name=name,
        source="",
        format="mspdi",
        tasks=with_headings(tasks, links, start=_project_date(file, "StartDate")),
        links=links,
        calendars=tuple(c for i, c in calendars.items() if i in used or i in bases),
        calendar=file.project.get("CalendarUID", ""),
        start=_project_date(file, "StartDate"),
        status_date=_project_date(file, "StatusDate"),
        minutes_per_day=_minutes_per_day(file),
        findings=file.remarks.findings(),
    )


def _take(file: _File, where: str, node: Node) -> None:
    """Put one record where it belongs."""
    match where:
        case "Tasks/Task":
            _task(file, node)
        case "Calendars/Calendar":
            file.calendars.append(read_calendar(node, file.remarks, file.patience))
        case "ExtendedAttributes/ExtendedAttribute":
            file.names.add_attribute(node)
        case "OutlineCodes/OutlineCode":
            file.names.add_outline(node)
        case "Resources/Resource":
            file.staff.add_resource(
                node.get("UID"),
                node.get("Name"),
                people=node.get("Type") in ("1", ""),
                calendar=node.get("CalendarUID"),
            )
        case "Assignments/Assignment":
            units = node.get("Units")
            file.staff.assign(node.get("TaskUID"), node.get("ResourceUID"), _number(units, 1.0))
            file.splits.add(node.get("TaskUID"), node)
        case _:
            file.project[node.tag] = node.text


def _number(text: str, default: float) -> float:
    try:
        found = float(text)
    except ValueError:
        return default
    return found if 0 <= found < 1e6 else default


def _minutes_per_day(file: _File) -> float:
    found = _number(file.project.get("MinutesPerDay", ""), 480.0)
    return found if 0 < found <= 1440 else 480.0


def _project_date(file: _File, tag: str) -> datetime | None:
    text = file.project.get(tag, "")
    try:
        return moment(text) if text else None
    except ValueError:
        return None


def _task(file: _File, node: Node) -> None:
    """Read one ``Task`` element."""
    if node.get("IsNull") == "1":
        return
    uid, level = node.get("UID"), _level(node)
    if level == 0 and uid in ("0", "") and not file.rows:
        return  # the summary of the whole project
    links = node.all("PredecessorLink")
    dated = node.get("Start") and node.get("Finish")
    if not node.get("Name") and not links and not dated and node.get("Summary") != "1":
        return
    row = len(file.rows)
    refuse_beyond(row, name=file.remarks.name)
    place = at_line(node.line, f"Task UID {uid}")
    if uid in file.ids:
        given = f"{uid}#{row + 1}"
        file.remarks.note(REPEATED_ID, place=place, value=uid, given=given)
        uid = given
    uid = uid or f"#{row + 1}"
    file.ids[uid] = row
    read_row = _Row(
        task=_fields(file, node, uid, place),
        level=max(level, 1),
        links=links,
        calendar=node.get("CalendarUID"),
        ignores_resources=node.get("IgnoreResourceCalendar") == "1",
    )
    if node.get("Active") == "0":
        read_row.left_out = True
        named = f"“{read_row.task.name}”"
        file.remarks.note(
            NOT_READ,
            place=place,
            alike="inactive",
            what_zh=f"任务{named}为非活动状态，不参与计划，未读取",
            what_en=f"task {named} is inactive, takes no part in the plan, and was not read",
        )
    file.rows.append(read_row)


def _level(node: Node) -> int:
    text = node.get("OutlineLevel")
    if WHOLE.fullmatch(text):
        return int(text)
    number = node.get("OutlineNumber")
    return number.count(".") + 1 if number else 1


def _fields(file: _File, node: Node, uid: str, place: str) -> Task:
    """The task of a ``Task`` element, without parent, calendar and people."""
    reader = _Fields(node, place, file.remarks)
    duration = reader.minutes("Duration")
    begun = reader.date("ActualStart")
    start, finish = reader.date("Start"), reader.date("Finish")
    if start is not None and finish is not None and finish < start:
        file.remarks.note(
            REVERSED, place=place, start=_short(start), finish=_short(finish), alike="reversed"
        )
        finish = None
    constraint = _CONSTRAINTS.get(node.get("ConstraintType"))
    if constraint is None:
        file.remarks.note(
            BAD_VALUE, place=place, field="ConstraintType", value=node.get("ConstraintType")
        )
        constraint = Constraint.ASAP
    held = reader.date("ConstraintDate") if _has_date(constraint) else None
    if node.get("Manual") == "1" and node.get("Summary") != "1" and start is not None:
        # Planned by hand: it begins no earlier, and has the float its followers leave it.
        constraint, held = Constraint.START_NO_EARLIER, start
    codes = file.names.codes(node)
    if not node.get("Name"):
        file.remarks.note(BAD_VALUE, place=place, field="Name", value="")
    task = Task(
        id=uid,
        name=node.get("Name") or f"UID {uid}",
        wbs=node.get("WBS") or node.get("OutlineNumber"),
        kind=_kind(node, duration),
        start=start,
        finish=finish,
        duration=duration,
        elapsed=unit_format(node.get("DurationFormat"))[0] in ELAPSED,
        remaining=None if begun is None else reader.minutes("RemainingDuration"),
        constraint=constraint,
        constraint_date=held,
        resumes=None if begun is None else reader.date("Resume"),
        deadline=reader.date("Deadline"),
        actual_start=begun,
        actual_finish=reader.date("ActualFinish"),
        complete=min(_number(node.get("PercentComplete"), 0.0) / 100, 1.0),
        codes=codes,
        place=place,
    )
    return _by_codes(task)


def _has_date(constraint: Constraint) -> bool:
    return constraint not in (Constraint.ASAP, Constraint.ALAP)


def _by_codes(task: Task) -> Task:
    """What columns of the author's own say: elements, action, people."""
    for header, text in task.codes.items():
        known = field_of(header)
        if known is None:
            continue
        if known[0] == "elements":
            task = replace(task, elements=(*task.elements, *guids_of(text)))
        elif known[0] == "action":
            task = replace(task, action=action_of(text) or task.action)
        elif known[0] == "crew" and _number(text, -1.0) > 0:
            task = replace(task, crew=_number(text, 0.0))
    return task


def _kind(node: Node, duration: float | None) -> TaskKind:
    if node.get("Summary") == "1":
        return TaskKind.SUMMARY
    # A mark on something that takes time is a wish for a diamond, not a date.
    if not duration and (node.get("Milestone") == "1" or duration == 0):
        return TaskKind.MILESTONE
    return TaskKind.TASK


def _short(date: datetime) -> str:
    return date.isoformat(sep=" ", timespec="minutes")


@dataclass(slots=True)
class _Fields:
    """Reads the fields of one element and notes those that are no such values."""

    node: Node
    place: str
    remarks: Remarks

    def date(self, tag: str) -> datetime | None:
        text = self.node.get(tag)
        if not text or text.upper() == "NA":
            return None
        try:
            return moment(text)
        except ValueError:
            self.remarks.note(BAD_VALUE, place=self.place, field=tag, value=text)
            return None

    def minutes(self, tag: str) -> float | None:
        text = self.node.get(tag)
        if not text:
            return None
        try:
            found = minutes_of_period(text)
        except ValueError:
            found = -1.0
        if found < 0 or found > 1e9:
            self.remarks.note(BAD_VALUE, place=self.place, field=tag, value=text)
            return None
        return found


def _linked(
    file: _File, calendars: Mapping[str, Calendar]
) -> tuple[tuple[Task, ...], tuple[Link, ...]]:
    """Tasks with parents, calendars and people, and the links between them."""
    kept = [row for row in file.rows if not row.left_out]
    known = {row.task.id: number for number, row in enumerate(kept)}
    absent = {row.task.id for row in file.rows if row.left_out}
    parents = by_levels([row.level for row in kept])
    tasks = []
    clocks = Clocks(calendars, file.project.get("CalendarUID", ""))
    for row, parent in zip(kept, parents, strict=True):
        people = file.staff.of(row.task.id)
        calendar = _calendar(file, row, calendars)
        task = replace(
            row.task,
            firm=file.project.get("HonorConstraints") != "0",
            parent=parent,
            calendar=calendar,
            rests=file.splits.minutes(row.task.id, clocks.of(calendar)),
            resources=people.names,
            crew=row.task.crew if people.crew is None else people.crew,
        )
        tasks.append(task)
    # A summary says so itself; one that does not but has rows below it is one as well.
    for parent in set(parents) - {-1}:
        tasks[parent] = replace(tasks[parent], kind=TaskKind.SUMMARY)
    links = [
        link
        for number, row in enumerate(kept)
        for node in row.links
        for link in link_of(node, number, known, absent, file.remarks)
    ]
    waits = {link.successor for link in links}
    return with_times(tasks, clocks, waits=waits), tuple(links)


def _calendar(file: _File, row: _Row, calendars: Mapping[str, Calendar]) -> str:
    """Id of the calendar that the task is worked on; empty for that of the plan."""
    if row.calendar in calendars:
        return row.calendar
    if row.calendar not in ("", "-1"):
        file.remarks.note(BAD_VALUE, place=row.task.place, field="CalendarUID", value=row.calendar)
    if row.ignores_resources or row.task.kind is TaskKind.SUMMARY:
        return ""
    shared = {c for c in file.staff.calendars(row.task.id) if c in calendars}
    told = {(calendars[c].week, calendars[c].exceptions) for c in shared}
    plan = calendars.get(file.project.get("CalendarUID", ""))
    if len(told) != 1 or (plan is not None and told == {(plan.week, plan.exceptions)}):
        return ""
    return min(shared)
