"""Plans in Primavera's XML, of any version of its schema."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path

from bimcore.formats.schedules.based import Stated, hours_of_day, inherited
from bimcore.formats.schedules.bounded import refuse_beyond
from bimcore.formats.schedules.codes import BAD_VALUE, CALENDAR_FAULT
from bimcore.formats.schedules.p6 import (
    Activity,
    Columns,
    Dates,
    Plan,
    Project,
    Relation,
    Wbs,
    constrained,
    elements_of,
    schedule_of,
    task_of,
)
from bimcore.formats.schedules.p6fields import (
    FULL_DAY,
    Fields,
    as_clock,
    joined_shifts,
    shift_of,
)
from bimcore.formats.schedules.places import at_line
from bimcore.formats.schedules.remarks import Remarks
from bimcore.formats.schedules.source_codes import BROKEN_ROW, DANGLING
from bimcore.formats.schedules.xmlrecords import Node, records
from bimcore.schedule import (
    Constraint,
    LagCalendar,
    LinkType,
    Progress,
    Schedule,
    Shift,
    Task,
)

_ROOT = "APIBusinessObjects"
#: Read wherever they stand: in their project or, as services write them, beside it.
_ROWS = (
    *("Calendar", "WBS", "Activity", "Relationship", "ActivityCodeType", "ActivityCode"),
    *("UDFType", "UDFValue", "Resource", "ResourceAssignment", "ScheduleOptions"),
    "ActivityCodeAssignment",
)
_PROJECT = (
    *("ObjectId", "Id", "Name", "DataDate", "PlannedStartDate"),
    *("ActivityDefaultCalendarObjectId", "RelationshipLagCalendar"),
)
_WANTED = frozenset(
    {
        *(f"{above}/{row}" for above in (_ROOT, "Project") for row in _ROWS),
        *(f"Project/{row}" for row in _PROJECT),
    }
)
_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_KINDS = {
    "task dependent": "task",
    "resource dependent": "task",
    "level of effort": "effort",
    "start milestone": "start",
    "finish milestone": "finish",
    "wbs summary": "summary",
}
_CONSTRAINTS = {
    "as late as possible": Constraint.ALAP,
    "start on": Constraint.MUST_START,
    "start on or after": Constraint.START_NO_EARLIER,
    "start on or before": Constraint.START_NO_LATER,
    "finish on": Constraint.MUST_FINISH,
    "finish on or after": Constraint.FINISH_NO_EARLIER,
    "finish on or before": Constraint.FINISH_NO_LATER,
    "mandatory start": Constraint.MUST_START,
    "mandatory finish": Constraint.MUST_FINISH,
}
_DATES = Columns(
    started="ActualStartDate",
    ended="ActualFinishDate",
    starts=("StartDate", "RemainingEarlyStartDate", "PlannedStartDate"),
    finishes=("FinishDate", "RemainingEarlyFinishDate", "PlannedFinishDate"),
    duration="PlannedDuration",
    remaining="RemainingDuration",
)
_LINKS = {
    "finish to start": LinkType.FS,
    "start to start": LinkType.SS,
    "finish to finish": LinkType.FF,
    "start to finish": LinkType.SF,
}
_LAGS = {
    "predecessor activity calendar": LagCalendar.PREDECESSOR,
    "successor activity calendar": LagCalendar.SUCCESSOR,
    "project default calendar": LagCalendar.PROJECT,
    "24 hour calendar": LagCalendar.ALWAYS,
}


@dataclass(slots=True)
class _File:
    name: str
    remarks: Remarks
    #: Records by their names, each with the place of its project in the file (-1: beside them).
    rows: dict[str, list[tuple[Node, int]]] = field(default_factory=dict)
    projects: list[dict[str, Node]] = field(default_factory=list)
    keys: list[str] = field(default_factory=list)

    def each(self, kind: str, *need: str) -> Iterable[tuple[Node, Fields, str]]:
        """Records that have what they cannot do without, their fields, key of their project."""
        for node, at in self.rows.get(kind, ()):
            place = at_line(node.line, f"{kind} {node.get('Id') or node.get('ObjectId')}")
            missing = [n for n in need if not node.get(n)]
            if missing:
                names = ", ".join(missing)
                self.remarks.note(
                    BROKEN_ROW,
                    place=place,
                    alike=names,
                    what_zh=f"缺少 {names}，未读取",
                    what_en=f"{names} is missing; left out",
                )
                continue
            stated = node.get("ProjectObjectId")
            yield node, Fields(node.get, place, self.remarks), stated or self._key(at)

    def _key(self, at: int) -> str:
        if at < 0:
            return self.keys[0] if len(self.keys) == 1 else ""
        return self.keys[at]


def read(path: Path, *, name: str) -> Schedule:
    """The plan in the P6 XML at `path`; see :mod:`bimcore.formats.schedules.readers`."""
    remarks = Remarks(name)
    file = _loaded(path, name, remarks)
    plan = Plan()
    _projects(file, plan)
    _calendars(file, plan)
    for node, fields, project in file.each("WBS", "ObjectId"):
        plan.nodes.append(
            Wbs(
                key=node.get("ObjectId"),
                project=project,
                parent=node.get("ParentObjectId"),
                code=node.get("Code"),
                name=node.get("Name"),
                order=fields.number("SequenceNumber") or 0.0,
                place=fields.place,
            )
        )
    _activities(file, plan)
    _relations(file, plan)
    return schedule_of(plan, name=name, kind="p6xml", remarks=remarks)


def _loaded(path: Path, name: str, remarks: Remarks) -> _File:
    file = _File(name, remarks)
    here: dict[str, Node] = {}
    for where, node in records(path, _WANTED, name=name, remarks=remarks):
        above, _, tag = where.partition("/")
        if above == "Project" and tag in _PROJECT:
            # the fields of a project come in the order of the alphabet, so that one that
            # is there already begins the next project
            if tag in here:
                here = {}
            if not here:
                file.projects.append(here)
            here[tag] = node
            continue
        at = len(file.projects) - 1 if above == "Project" else -1
        rows = file.rows.setdefault(tag, [])
        rows.append((node, at))
        if tag == "Activity":
            refuse_beyond(len(rows), name=name)
    file.keys = [
        p["ObjectId"].text if "ObjectId" in p else f"#{i}" for i, p in enumerate(file.projects)
    ]
    return file


def _projects(file: _File, plan: Plan) -> None:
    options = {
        project: fields.choice("RelationshipLagCalendar", _LAGS, LagCalendar.PREDECESSOR)
        for _, fields, project in file.each("ScheduleOptions")
    }
    ways = {
        project: node.get("OutOfSequenceScheduleType").lower()
        for node, _, project in file.each("ScheduleOptions")
    }
    for key, nodes in zip(file.keys, file.projects, strict=True):
        texts = {tag: node.text for tag, node in nodes.items()}
        code = texts.get("Id", "")
        place = f"Project {code or key}"
        fields = Fields(lambda n, held=texts: held.get(n, ""), place, file.remarks)  # type: ignore[misc]
        own = fields.choice("RelationshipLagCalendar", _LAGS, None)
        plan.projects.append(
            Project(
                key=key,
                code=code,
                name=texts.get("Name", "") or code,
                calendar=texts.get("ActivityDefaultCalendarObjectId", ""),
                start=fields.moment("PlannedStartDate"),
                status_date=fields.moment("DataDate"),
                lag_calendar=own or options.get(key, LagCalendar.PREDECESSOR),
                progress=(
                    Progress.OVERRIDDEN
                    if ways.get(key, "") == "progress override"
                    else Progress.RETAINED
                ),
            )
        )


def _calendars(file: _File, plan: Plan) -> None:
    stated: dict[str, Stated] = {}
    hours_per_day: dict[str, float] = {}
    for node, fields, _ in file.each("Calendar", "ObjectId"):
        key, title = node.get("ObjectId"), node.get("Name")
        if key in stated:
            told = {
                "what_zh": "标识重复，只取第一个",
                "what_en": "repeats an id; the first one holds",
            }
            file.remarks.note(CALENDAR_FAULT, place=fields.place, calendar=title, **told)
            continue
        stated[key] = Stated(
            title=title,
            base=node.get("BaseCalendarObjectId"),
            week=_week(node, fields),
            days=_exceptions(node, fields),
        )
        hours_per_day[key] = hours_of_day(fields.number("HoursPerDay"))
        if node.get("IsDefault").lower() in {"1", "true"}:
            plan.calendar = plan.calendar or key
    for key, one in stated.items():
        plan.calendars[key], has_week = inherited(key, stated)
        if not has_week:
            told = {
                "what_zh": "没有每周工作时间，按周一至周五 8 小时",
                "what_en": "states no week; Monday to Friday is assumed",
            }
            file.remarks.note(CALENDAR_FAULT, place=f"Calendar {key}", calendar=one.title, **told)
    plan.hours_per_day = hours_per_day


def _week(node: Node, fields: Fields) -> dict[int, tuple[Shift, ...]] | None:
    stated = node.first("StandardWorkWeek")
    if stated is None or not stated.children:
        return None
    week: dict[int, tuple[Shift, ...]] = dict.fromkeys(range(7), ())
    for day in stated.all("StandardWorkHours"):
        name = day.get("DayOfWeek").lower()
        if name in _DAYS:
            week[_DAYS.index(name)] = _shifts(day, fields)
        else:
            _bad(fields, day, "DayOfWeek", name)
    return week


def _exceptions(node: Node, fields: Fields) -> dict[date, tuple[Shift, ...]]:
    found: dict[date, tuple[Shift, ...]] = {}
    stated = node.first("HolidayOrExceptions")
    for day in [] if stated is None else stated.all("HolidayOrException"):
        place = f"{fields.place}, line {day.line}"
        when = Fields(day.get, place, fields.remarks).moment("Date")
        if when is not None:
            found[when.date()] = _shifts(day, fields)
        elif not day.get("Date"):
            _bad(fields, day, "Date", "")
    return found


def _shifts(day: Node, fields: Fields) -> tuple[Shift, ...]:
    found: list[Shift] = []
    for work in day.all("WorkTime"):
        if not work.children:
            continue
        start, end = as_clock(work.get("Start")), _end(work.get("Finish"))
        shift = shift_of(start, end)
        if shift is None:
            _bad(fields, work, "WorkTime", f"{work.get('Start')}-{work.get('Finish')}")
        else:
            found.append(shift)
    return joined_shifts(found)


def _end(text: str) -> int | None:
    """Where a shift ends: Primavera names its last minute, 11:59 for noon; others name noon."""
    value = as_clock(text)
    if value is None:
        return None
    if value % 5 == 4:
        value += 1
    return value or FULL_DAY


def _bad(fields: Fields, node: Node, name: str, value: str) -> None:
    place = f"{fields.place}, line {node.line}"
    fields.remarks.note(BAD_VALUE, place=place, field=name, value=value)


def _activities(file: _File, plan: Plan) -> None:
    labels = _labels(file)
    resources, crews = _resources(file)
    beside = _codes_beside(file)
    for node, fields, project in file.each("Activity", "ObjectId"):
        key, calendar = node.get("ObjectId"), node.get("CalendarObjectId")
        if calendar and calendar not in plan.calendars:
            file.remarks.note(
                DANGLING, place=fields.place, field="CalendarObjectId", value=calendar
            )
            calendar = ""
        codes = {**_codes(node, labels), **beside.get(key, {})}
        task = replace(
            _task(node, fields),
            calendar=calendar,
            codes=codes,
            elements=elements_of(codes),
            resources=tuple(resources.get(key, ())),
            crew=crews.get(key),
        )
        first, second = (
            (
                fields.choice(f"{which}ConstraintType", _CONSTRAINTS, None),
                fields.moment(f"{which}ConstraintDate"),
            )
            for which in ("Primary", "Secondary")
        )
        mandatory = node.get("PrimaryConstraintType").lower().startswith("mandatory")
        task = constrained(task, first, second, file.remarks, mandatory=mandatory)
        plan.activities.append(
            Activity(key=key, project=project, wbs=node.get("WBSObjectId"), task=task)
        )


def _task(node: Node, fields: Fields) -> Task:
    kind = fields.choice("Type", _KINDS, "task")
    dates = Dates.of(fields, _DATES)
    return task_of(
        dates,
        kind,
        names=(node.get("Id") or node.get("ObjectId"), node.get("Name") or node.get("Id")),
        complete=_complete(node, fields, dates),
        place=fields.place,
    )


def _complete(node: Node, fields: Fields, dates: Dates) -> float:
    status = node.get("Status").lower()
    if status == "completed":
        return 1.0
    if status == "not started":
        return 0.0
    for name in ("PercentComplete", "PhysicalPercentComplete", "DurationPercentComplete"):
        share = fields.number(name)
        if share is not None:
            # a share of 1 in the XML, whatever the screen of the tool shows
            return min(max(share if share <= 1.0 else share / 100.0, 0.0), 1.0)
    return dates.done


@dataclass(frozen=True, slots=True)
class _Labels:
    """Names of code types and user fields, and the values of codes, by object id."""

    types: Mapping[str, str]
    values: Mapping[str, tuple[str, str, str]]
    fields: Mapping[str, str]


def _labels(file: _File) -> _Labels:
    return _Labels(
        types={n.get("ObjectId"): n.get("Name") for n, _, _ in file.each("ActivityCodeType")},
        values={
            n.get("ObjectId"): (
                n.get("CodeTypeObjectId"),
                n.get("CodeValue"),
                n.get("Description"),
            )
            for n, _, _ in file.each("ActivityCode")
        },
        fields={n.get("ObjectId"): n.get("Title") for n, _, _ in file.each("UDFType")},
    )


def _codes(node: Node, labels: _Labels) -> dict[str, str]:
    found: dict[str, str] = {}
    for code in node.all("Code"):
        _code(found, code.get("TypeObjectId"), code.get("ValueObjectId"), labels)
    for own in node.all("UDF"):
        kind = own.get("TypeObjectId")
        text = next((c.text for c in own.children if c.tag != "TypeObjectId" and c.text), "")
        if text:
            found[labels.fields.get(kind) or f"field {kind}"] = text
    return found


def _code(found: dict[str, str], kind: str, value: str, labels: _Labels) -> None:
    own, short, long = labels.values.get(value, ("", "", ""))
    if not (short or long):
        return
    kind = kind or own
    label = labels.types.get(kind) or f"code {kind}"
    found[label] = short or long
    if short and long and long != short:
        found[f"{label} name"] = long


def _codes_beside(file: _File) -> dict[str, dict[str, str]]:
    """Codes and user fields that stand in records of their own."""
    labels = _labels(file)
    found: dict[str, dict[str, str]] = {}
    for node, _, _ in file.each("ActivityCodeAssignment", "ActivityObjectId"):
        held = found.setdefault(node.get("ActivityObjectId"), {})
        kind, value = node.get("ActivityCodeTypeObjectId"), node.get("ActivityCodeObjectId")
        _code(held, kind, value, labels)
    for node, _, _ in file.each("UDFValue", "ForeignObjectId"):
        label = labels.fields.get(node.get("UDFTypeObjectId")) or node.get("UDFTypeTitle")
        values = ("Text", "Double", "Integer", "Cost", "StartDate", "FinishDate", "Indicator")
        text = next((t for v in values if (t := node.get(v))), "")
        if label and text:
            found.setdefault(node.get("ForeignObjectId"), {})[label] = text
    return found


def _resources(file: _File) -> tuple[dict[str, list[str]], dict[str, float]]:
    known = {n.get("ObjectId"): n for n, _, _ in file.each("Resource", "ObjectId")}
    names: dict[str, list[str]] = {}
    crews: dict[str, float] = {}
    for node, fields, _ in file.each("ResourceAssignment", "ActivityObjectId"):
        resource, key = known.get(node.get("ResourceObjectId")), node.get("ActivityObjectId")
        if resource is None:
            continue
        title = resource.get("Name") or resource.get("Id")
        if title and title not in names.setdefault(key, []):
            names[key].append(title)
        if (node.get("ResourceType") or resource.get("ResourceType")).lower() == "labor":
            people = fields.number("PlannedUnitsPerTime")
            if people is not None and people > 0:
                crews[key] = crews.get(key, 0.0) + people
    return names, crews


def _relations(file: _File, plan: Plan) -> None:
    for node, fields, _ in file.each(
        "Relationship", "PredecessorActivityObjectId", "SuccessorActivityObjectId"
    ):
        plan.relations.append(
            Relation(
                predecessor=node.get("PredecessorActivityObjectId"),
                successor=node.get("SuccessorActivityObjectId"),
                type=fields.choice("Type", _LINKS, LinkType.FS),
                lag=fields.hours("Lag") or 0.0,
                place=fields.place,
            )
        )
