"""A plan as JSON and back, checked on the way in."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from typing import Any, TypeVar

from bimcore.errors import FormatError
from bimcore.findings import Finding, catalogue
from bimcore.formats.schedules.codes import CODES
from bimcore.schedule import (
    Action,
    Calendar,
    CalendarException,
    Constraint,
    Lag,
    LagCalendar,
    LagUnit,
    Link,
    LinkType,
    Progress,
    Schedule,
    Shift,
    Task,
    TaskKind,
)

VERSION = 1
_MINUTES = 1440
_Value = TypeVar("_Value")


def to_json(schedule: Schedule) -> dict[str, Any]:
    """Everything of `schedule` as plain JSON values."""
    return {
        "version": VERSION,
        "name": schedule.name,
        "source": schedule.source,
        "format": schedule.format,
        "calendar": schedule.calendar,
        "start": _written(schedule.start),
        "status_date": _written(schedule.status_date),
        "progress": schedule.progress.value,
        "minutes_per_day": schedule.minutes_per_day,
        "tasks": [_task_json(task) for task in schedule.tasks],
        "links": [_link_json(link) for link in schedule.links],
        "calendars": [_calendar_json(calendar) for calendar in schedule.calendars],
        "findings": [_finding_json(finding) for finding in schedule.findings],
    }


def from_json(document: Mapping[str, Any]) -> Schedule:
    """The plan of `document`.

    Raises
    ------
    FormatError
        When a field is missing, of another kind, or refers to a row that is not there.

    """
    try:
        return _schedule(document)
    except (KeyError, TypeError, ValueError, AttributeError, IndexError) as err:
        message = f"the document is no schedule: {type(err).__name__} {err} 不是有效的进度计划文档"
        raise FormatError(message) from err


def _schedule(document: Mapping[str, Any]) -> Schedule:
    if document["version"] != VERSION:
        raise ValueError(document["version"])
    count = len(document["tasks"])
    known = catalogue(CODES)
    return Schedule(
        name=_text(document["name"]),
        source=_text(document["source"]),
        format=_text(document["format"]),
        tasks=tuple(_task(row, count) for row in document["tasks"]),
        links=tuple(_link(row, count) for row in document["links"]),
        calendars=tuple(_calendar(row) for row in document["calendars"]),
        calendar=_text(document["calendar"]),
        start=_moment(document["start"]),
        status_date=_moment(document["status_date"]),
        progress=Progress(document.get("progress", Progress.PLANNED)),
        minutes_per_day=_number(document["minutes_per_day"]),
        findings=tuple(
            Finding(
                code=known[row["code"]],
                severity=int(row["severity"]),
                model=_text(row["model"]),
                elements=_texts(row["elements"]),
                data=dict(row["data"]),
            )
            for row in document["findings"]
        ),
    )


def _task_json(task: Task) -> dict[str, Any]:
    """Fields that hold what they hold by default are left out: most do, of most tasks."""
    told: dict[str, Any] = {"id": task.id, "name": task.name}
    for key in _PLAIN:
        value = getattr(task, key)
        if value not in (None, "", 0.0, False) or key == "duration":
            told[key] = value
    for key in _DATES:
        if getattr(task, key) is not None:
            told[key] = _written(getattr(task, key))
    told["parent"], told["kind"] = task.parent, task.kind.value
    told["constraint"] = task.constraint.value
    if not task.firm:
        told["firm"] = False
    if task.action is not None:
        told["action"] = task.action.value
    for key in ("elements", "resources"):
        if getattr(task, key):
            told[key] = list(getattr(task, key))
    if task.codes:
        told["codes"] = dict(task.codes)
    return told


_PLAIN = (
    "wbs",
    "place",
    "calendar",
    "duration",
    "elapsed",
    "rests",
    "remaining",
    "complete",
    "crew",
)
_DATES = (
    *("start", "finish", "constraint_date", "deadline"),
    *("actual_start", "actual_finish", "resumes"),
)


def _task(row: Mapping[str, Any], count: int) -> Task:
    parent = int(row["parent"])
    if not -1 <= parent < count:
        raise ValueError(parent)
    return Task(
        id=_text(row["id"]),
        name=_text(row["name"]),
        wbs=_text(row.get("wbs", "")),
        parent=parent,
        kind=TaskKind(row["kind"]),
        start=_moment(row.get("start")),
        finish=_moment(row.get("finish")),
        duration=_maybe(_number, row.get("duration")),
        elapsed=bool(row.get("elapsed", False)),
        rests=_number(row.get("rests", 0.0)),
        remaining=_maybe(_number, row.get("remaining")),
        calendar=_text(row.get("calendar", "")),
        constraint=Constraint(row["constraint"]),
        constraint_date=_moment(row.get("constraint_date")),
        firm=bool(row.get("firm", True)),
        resumes=_moment(row.get("resumes")),
        deadline=_moment(row.get("deadline")),
        actual_start=_moment(row.get("actual_start")),
        actual_finish=_moment(row.get("actual_finish")),
        complete=_number(row.get("complete", 0.0)),
        action=_maybe(Action, row.get("action")),
        elements=_texts(row.get("elements", ())),
        codes={_text(k): _text(v) for k, v in row.get("codes", {}).items()},
        resources=_texts(row.get("resources", ())),
        crew=_maybe(_number, row.get("crew")),
        place=_text(row.get("place", "")),
    )


def _link_json(link: Link) -> list[Any]:
    lag = link.lag
    ends = [link.predecessor, link.successor, link.type.value]
    return [*ends, lag.value, lag.unit.value, lag.calendar.value, lag.estimated]


def _link(row: Sequence[Any], count: int) -> Link:
    before, after, kind, value, unit, calendar, estimated = row
    if not (0 <= int(before) < count and 0 <= int(after) < count):
        raise IndexError(before, after)
    lag = Lag(
        value=_number(value),
        unit=LagUnit(unit),
        calendar=LagCalendar(calendar),
        estimated=bool(estimated),
    )
    return Link(predecessor=int(before), successor=int(after), type=LinkType(kind), lag=lag)


def _calendar_json(calendar: Calendar) -> dict[str, Any]:
    return {
        "id": calendar.id,
        "name": calendar.name,
        "week": [[list(s) for s in day] for day in calendar.week],
        "exceptions": [
            [e.first.isoformat(), e.last.isoformat(), [list(s) for s in e.shifts], e.name]
            for e in calendar.exceptions
        ],
    }


def _calendar(row: Mapping[str, Any]) -> Calendar:
    week = tuple(_shifts(day) for day in row["week"])
    if len(week) != 7:
        raise ValueError(len(week))
    return Calendar(
        id=_text(row["id"]),
        name=_text(row["name"]),
        week=week,
        exceptions=tuple(
            CalendarException(
                first=date.fromisoformat(first),
                last=date.fromisoformat(last),
                shifts=_shifts(shifts),
                name=_text(name),
            )
            for first, last, shifts, name in row["exceptions"]
        ),
    )


def _shifts(rows: Sequence[Sequence[int]]) -> tuple[Shift, ...]:
    told = tuple((int(begin), int(end)) for begin, end in rows)
    if not all(0 <= begin <= end <= _MINUTES for begin, end in told):
        raise ValueError(told)
    return told


def _finding_json(finding: Finding) -> dict[str, Any]:
    return {
        "code": finding.code.code,
        "severity": finding.severity,
        "model": finding.model,
        "elements": list(finding.elements),
        "data": dict(finding.data),
    }


def _written(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat(timespec="minutes")


def _moment(text: str | None) -> datetime | None:
    if text is None:
        return None
    found = datetime.fromisoformat(text)
    if found.tzinfo is not None:
        raise ValueError(text)
    return found


def _maybe(kind: Callable[[Any], _Value], value: Any) -> _Value | None:
    return None if value is None else kind(value)


def _number(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TypeError(value)
    if not abs(value) < float("inf"):
        raise ValueError(value)
    return float(value)


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError(value)
    return value


def _texts(values: Sequence[Any]) -> tuple[str, ...]:
    return tuple(_text(v) for v in values)
