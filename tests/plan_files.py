"""Small writers of the formats that carry plans."""

import csv
import io
from datetime import date, datetime, timedelta
from pathlib import Path
from xml.sax.saxutils import escape

from bimcore.schedule import (
    Calendar,
    Constraint,
    LagUnit,
    Link,
    LinkType,
    Schedule,
    Task,
    TaskKind,
)

EPOCH = date(1899, 12, 30)


def level(plan: Schedule, row: int) -> int:
    """How deep a row stands, 1 at the top."""
    deep = 1
    while plan.tasks[row].parent >= 0:
        row, deep = plan.tasks[row].parent, deep + 1
    return deep


# --- Primavera XER ---------------------------------------------------------------------------

XER_CONSTRAINTS = {
    Constraint.MUST_START: "CS_MSO",
    Constraint.MUST_FINISH: "CS_MEO",
    Constraint.START_NO_EARLIER: "CS_MSOA",
    Constraint.START_NO_LATER: "CS_MSOB",
    Constraint.FINISH_NO_EARLIER: "CS_MEOA",
    Constraint.FINISH_NO_LATER: "CS_MEOB",
}


def _clock(minutes: int) -> str:
    return f"{minutes // 60 % 24:02d}:{minutes % 60:02d}"


def _stamp(moment: datetime | None) -> str:
    return f"{moment:%Y-%m-%d %H:%M}" if moment else ""


def clndr_data(calendar: Calendar) -> str:
    """The text of a calendar as Primavera nests it."""

    def shifts(day):
        return "".join(f"(0||{i}(s|{_clock(a)}|f|{_clock(b)})())" for i, (a, b) in enumerate(day))

    week = "".join(f"(0||{d + 1}()({shifts(calendar.week[(d - 1) % 7])}))" for d in range(7))
    days = [
        (held.first + timedelta(days=i), held.shifts)
        for held in calendar.exceptions
        for i in range((held.last - held.first).days + 1)
    ]
    special = "".join(
        f"(0||{i}(d|{(day - EPOCH).days})({shifts(s)}))" for i, (day, s) in enumerate(days)
    )
    return (
        f"(0||CalendarData()(\x7f\x7f (0||DaysOfWeek()({week}))"
        f"(0||VIEW(ShowTotal|N)())(0||Exceptions()({special}))))"
    )


def _table(name: str, fields: str, rows) -> list[str]:
    told = ["%T\t" + name, "%F\t" + "\t".join(fields.split())]
    return told + ["%R\t" + "\t".join(str(c) for c in row) for row in rows]


def xer(plan: Schedule, *, encoding: str = "utf-8", wbs: bool = True) -> bytes:
    """The plan as XER."""
    groups = [(i, t) for i, t in enumerate(plan.tasks) if t.kind is TaskKind.SUMMARY]
    work = [(i, t) for i, t in enumerate(plan.tasks) if t.kind is not TaskKind.SUMMARY]
    lines = ["ERMHDR\t19.12\t2025-01-01\tProject\tadmin\tx\tdb\tProject Management\tUSD"]
    lines += _table(
        "PROJECT",
        "proj_id proj_short_name clndr_id last_recalc_date plan_start_date",
        [(1, "PLAN", plan.calendar, _stamp(plan.status_date), _stamp(plan.start))],
    )
    lines += _table(
        "CALENDAR",
        "clndr_id default_flag clndr_name base_clndr_id day_hr_cnt clndr_data",
        [(c.id, "N", c.name, "", 8, clndr_data(c)) for c in plan.calendars],
    )
    if wbs:
        above = [(500, 1, "", 0, "Y", "PLAN", "Plan")]
        rows = [
            (600 + i, 1, 600 + t.parent if t.parent >= 0 else 500, i, "N", t.id, t.name)
            for i, t in groups
        ]
        fields = "wbs_id proj_id parent_wbs_id seq_num proj_node_flag wbs_short_name wbs_name"
        lines += _table("PROJWBS", fields, above + rows)
    lines += _table(
        "TASK",
        "task_id proj_id wbs_id clndr_id task_type status_code task_code task_name "
        "target_drtn_hr_cnt remain_drtn_hr_cnt early_start_date early_end_date "
        "target_start_date target_end_date cstr_type cstr_date",
        [
            (
                9000 + i,
                1,
                600 + t.parent,
                t.calendar,
                "TT_Mile" if t.kind is TaskKind.MILESTONE else "TT_Task",
                "TK_NotStart",
                t.id,
                t.name,
                f"{t.duration / 60:g}",
                f"{t.duration / 60:g}",
                _stamp(t.start),
                _stamp(t.finish),
                _stamp(t.start),
                _stamp(t.finish),
                XER_CONSTRAINTS.get(t.constraint, ""),
                _stamp(t.constraint_date),
            )
            for i, t in work
        ],
    )
    lines += _table(
        "TASKPRED",
        "task_pred_id task_id pred_task_id proj_id pred_proj_id pred_type lag_hr_cnt",
        [
            (
                n,
                9000 + k.successor,
                9000 + k.predecessor,
                1,
                1,
                f"PR_{k.type}",
                f"{k.lag.value / 60:g}",
            )
            for n, k in enumerate(plan.links)
        ],
    )
    return ("\r\n".join([*lines, "%E", ""])).encode(encoding, "replace")


# --- Primavera XML ---------------------------------------------------------------------------

P6_CONSTRAINTS = {
    Constraint.MUST_START: "Start On",
    Constraint.MUST_FINISH: "Finish On",
    Constraint.START_NO_EARLIER: "Start On or After",
    Constraint.START_NO_LATER: "Start On or Before",
    Constraint.FINISH_NO_EARLIER: "Finish On or After",
    Constraint.FINISH_NO_LATER: "Finish On or Before",
}
P6_LINKS = {
    LinkType.FS: "Finish to Start",
    LinkType.SS: "Start to Start",
    LinkType.FF: "Finish to Finish",
    LinkType.SF: "Start to Finish",
}
_WEEK = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def _xml(tag: str, **values: object) -> str:
    inner = "".join(
        f"<{k}>{escape(str(v))}</{k}>" if v not in (None, "") else f'<{k} xsi:nil="true"/>'
        for k, v in values.items()
    )
    return f"<{tag}>{inner}</{tag}>"


def _iso(moment: datetime | None) -> str:
    return "" if moment is None else f"{moment:%Y-%m-%dT%H:%M:%S}"


def _p6_times(shifts) -> str:
    if not shifts:
        return '<WorkTime xsi:nil="true"/>'
    return "".join(
        f"<WorkTime><Start>{_clock(a)}:00</Start><Finish>{_clock(b - 1)}:00</Finish></WorkTime>"
        for a, b in shifts
    )


def _p6_calendar(calendar: Calendar) -> str:
    week = "".join(
        f"<StandardWorkHours><DayOfWeek>{_WEEK[d]}</DayOfWeek>{_p6_times(calendar.week[d])}"
        "</StandardWorkHours>"
        for d in (6, 0, 1, 2, 3, 4, 5)
    )
    days = "".join(
        f"<HolidayOrException><Date>{held.first + timedelta(days=i)}T00:00:00</Date>"
        f"{_p6_times(held.shifts)}</HolidayOrException>"
        for held in calendar.exceptions
        for i in range((held.last - held.first).days + 1)
    )
    return (
        f"<Calendar><HoursPerDay>8</HoursPerDay><Name>{escape(calendar.name)}</Name>"
        f"<ObjectId>{calendar.id}</ObjectId><StandardWorkWeek>{week}</StandardWorkWeek>"
        f"<HolidayOrExceptions>{days}</HolidayOrExceptions></Calendar>"
    )


def p6xml(plan: Schedule, *, version: str = "P6/V8.4") -> bytes:
    """The plan as P6 XML."""
    parts = [_p6_calendar(c) for c in plan.calendars]
    parts.append(
        f"<Project><ActivityDefaultCalendarObjectId>{plan.calendar}"
        f"</ActivityDefaultCalendarObjectId><DataDate>{_iso(plan.status_date)}</DataDate>"
        f"<Id>PLAN</Id><Name>Plan</Name><ObjectId>1</ObjectId>"
        f"<PlannedStartDate>{_iso(plan.start)}</PlannedStartDate>"
    )
    for i, t in enumerate(plan.tasks):
        if t.kind is TaskKind.SUMMARY:
            above = 600 + t.parent if t.parent >= 0 else ""
            parts.append(
                _xml("WBS", Code=t.id, Name=t.name, ObjectId=600 + i, ParentObjectId=above,
                     SequenceNumber=i)
            )  # fmt: skip
    for i, t in enumerate(plan.tasks):
        if t.kind is TaskKind.SUMMARY:
            continue
        parts.append(
            _xml(
                "Activity",
                CalendarObjectId=t.calendar,
                FinishDate=_iso(t.finish),
                Id=t.id,
                Name=t.name,
                ObjectId=9000 + i,
                PlannedDuration=f"{t.duration / 60:g}",
                PrimaryConstraintDate=_iso(t.constraint_date),
                PrimaryConstraintType=P6_CONSTRAINTS.get(t.constraint, ""),
                StartDate=_iso(t.start),
                Status="Not Started",
                Type="Start Milestone" if t.kind is TaskKind.MILESTONE else "Task Dependent",
                WBSObjectId=600 + t.parent if t.parent >= 0 else "",
            )
        )
    for n, k in enumerate(plan.links):
        parts.append(
            _xml("Relationship", Lag=f"{k.lag.value / 60:g}", ObjectId=n,
                 PredecessorActivityObjectId=9000 + k.predecessor,
                 SuccessorActivityObjectId=9000 + k.successor, Type=P6_LINKS[k.type])
        )  # fmt: skip
    spaces = (
        f'xmlns="http://xmlns.oracle.com/Primavera/{version}/API/BusinessObjects" '
        'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
    )
    body = "".join(parts)
    text = f'<?xml version="1.0" encoding="UTF-8"?><APIBusinessObjects {spaces}>{body}</Project></APIBusinessObjects>'
    return text.encode()


# --- MS Project XML --------------------------------------------------------------------------

_MSPDI_LINKS = {LinkType.FF: 0, LinkType.FS: 1, LinkType.SF: 2, LinkType.SS: 3}
_MSPDI_CONSTRAINTS = {c: i for i, c in enumerate(Constraint)}


def _mspdi_times(shifts) -> str:
    if not shifts:
        return "<DayWorking>0</DayWorking>"
    inner = "".join(
        f"<WorkingTime><FromTime>{_clock(a)}:00</FromTime><ToTime>{_clock(b)}:00</ToTime></WorkingTime>"
        for a, b in shifts
    )
    return f"<DayWorking>1</DayWorking><WorkingTimes>{inner}</WorkingTimes>"


def _mspdi_calendar(calendar: Calendar) -> str:
    week = "".join(
        f"<WeekDay><DayType>{d + 1}</DayType>{_mspdi_times(calendar.week[(d - 1) % 7])}</WeekDay>"
        for d in range(7)
    )
    days = "".join(
        "<WeekDay><DayType>0</DayType>"
        f"<TimePeriod><FromDate>{held.first}T00:00:00</FromDate><ToDate>{held.last}T23:59:00</ToDate>"
        f"</TimePeriod>{_mspdi_times(held.shifts)}</WeekDay>"
        for held in calendar.exceptions
    )
    return (
        f"<Calendar><UID>{calendar.id}</UID><Name>{escape(calendar.name)}</Name>"
        f"<IsBaseCalendar>1</IsBaseCalendar><BaseCalendarUID>-1</BaseCalendarUID>"
        f"<WeekDays>{week}{days}</WeekDays></Calendar>"
    )


def mspdi(plan: Schedule) -> bytes:
    """The plan as MS Project XML."""
    parts = [
        '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>',
        '<Project xmlns="http://schemas.microsoft.com/project"><Name>plan</Name>',
        f"<StartDate>{_iso(plan.start)}</StartDate><CalendarUID>{plan.calendar}</CalendarUID>",
        f"<MinutesPerDay>480</MinutesPerDay><StatusDate>{_iso(plan.status_date)}</StatusDate>",
        "<Calendars>",
        *(_mspdi_calendar(c) for c in plan.calendars),
        "</Calendars><Tasks>",
    ]
    links: dict[int, list[Link]] = {}
    for link in plan.links:
        links.setdefault(link.successor, []).append(link)
    for i, t in enumerate(plan.tasks):
        summary, milestone = t.kind is TaskKind.SUMMARY, t.kind is TaskKind.MILESTONE
        before = "".join(
            f"<PredecessorLink><PredecessorUID>{k.predecessor + 1}</PredecessorUID>"
            f"<Type>{_MSPDI_LINKS[k.type]}</Type><CrossProject>0</CrossProject>"
            f"<LinkLag>{round(10 * k.lag.value)}</LinkLag>"
            f"<LagFormat>{8 if k.lag.unit is LagUnit.ELAPSED else 7}</LagFormat></PredecessorLink>"
            for k in links.get(i, ())
        )
        hours, minutes = divmod(int(t.duration or 0), 60)
        dates = (
            f"<Start>{_iso(t.start)}</Start><Finish>{_iso(t.finish)}</Finish>"
            f"<Duration>PT{hours}H{minutes}M0S</Duration>"
            if t.start
            else ""
        )
        own = "" if summary else f"<CalendarUID>{t.calendar}</CalendarUID>"
        date_ = (
            f"<ConstraintDate>{_iso(t.constraint_date)}</ConstraintDate>"
            if t.constraint_date
            else ""
        )
        parts.append(
            f"<Task><UID>{i + 1}</UID><ID>{i + 1}</ID><Name>{escape(t.name)}</Name>"
            f"<OutlineLevel>{level(plan, i)}</OutlineLevel>{dates}"
            f"<Milestone>{int(milestone)}</Milestone><Summary>{int(summary)}</Summary>"
            f"<ConstraintType>{_MSPDI_CONSTRAINTS[t.constraint]}</ConstraintType>{date_}{own}"
            f"{before}</Task>"
        )
    parts.append("</Tasks></Project>")
    return "".join(parts).encode()


# --- tables ----------------------------------------------------------------------------------

HEADER = ("序号", "任务名称", "大纲级别", "开始时间", "完成时间", "工期", "前置任务", "里程碑")


def table(plan: Schedule) -> list[list[object]]:
    """Rows of a sheet, with a header."""
    rows: list[list[object]] = [list(HEADER)]
    for i, t in enumerate(plan.tasks):
        before = ",".join(
            f"{k.predecessor + 1}{k.type}{k.lag.value / 60:+g}h"
            for k in plan.links
            if k.successor == i
        )
        length = "" if t.duration is None else f"{t.duration / 60:g}h"
        flag = "是" if t.kind is TaskKind.MILESTONE else "否"
        rows.append(
            [i + 1, t.name, level(plan, i), _stamp(t.start), _stamp(t.finish), length, before, flag]
        )
    return rows


def csv_text(plan: Schedule) -> bytes:
    """The plan as CSV."""
    out = io.StringIO()
    csv.writer(out).writerows(table(plan))
    return out.getvalue().encode("utf-8-sig")


def xlsx(plan: Schedule, path: Path) -> None:
    """The plan as a workbook at `path`."""
    import openpyxl

    book = openpyxl.Workbook()
    for row in table(plan):
        book.active.append(row)
    book.save(path)


# --- IFC -------------------------------------------------------------------------------------

_IFC_LINKS = {
    LinkType.FS: "FINISH_START",
    LinkType.SS: "START_START",
    LinkType.FF: "FINISH_FINISH",
    LinkType.SF: "START_FINISH",
}


def ifc(plan: Schedule, path: Path, *, schema: str = "IFC4") -> None:
    """The plan as tasks of an IFC file at `path`."""
    import ifcopenshell
    import ifcopenshell.guid

    file = ifcopenshell.file(schema=schema)

    def make(kind, **values):
        return file.create_entity(kind, **values)

    def rooted(kind, **values):
        return make(kind, GlobalId=ifcopenshell.guid.new(), **values)

    rooted("IfcProject", Name="plan")
    head = rooted(
        "IfcWorkSchedule",
        Name="plan",
        CreationDate="2025-01-01T00:00:00",
        StartTime=_iso(plan.start),
        PredefinedType="PLANNED",
    )
    calendars = {c.id: _ifc_calendar(c, make, rooted, schema) for c in plan.calendars}
    tasks = [_ifc_task(t, make, rooted) for t in plan.tasks]
    for i, task in enumerate(tasks):
        below = [tasks[j] for j, t in enumerate(plan.tasks) if t.parent == i]
        if below:
            rooted("IfcRelNests", RelatingObject=task, RelatedObjects=below)
    tops = [tasks[i] for i, t in enumerate(plan.tasks) if t.parent < 0]
    rooted("IfcRelAssignsToControl", RelatingControl=head, RelatedObjects=tops)
    for key, entity in calendars.items():
        using = [tasks[i] for i, t in enumerate(plan.tasks) if t.calendar == key]
        if key == plan.calendar:
            using.append(head)
        if using:
            rooted("IfcRelAssignsToControl", RelatingControl=entity, RelatedObjects=using)
    for k in plan.links:
        lag = None
        if k.lag.value:
            sign = "-" if k.lag.value < 0 else ""
            span = file.create_entity("IfcDuration", f"{sign}PT{abs(k.lag.value) / 60:g}H")
            kind = "ELAPSEDTIME" if k.lag.unit is LagUnit.ELAPSED else "WORKTIME"
            lag = make("IfcLagTime", LagValue=span, DurationType=kind)
        rooted(
            "IfcRelSequence",
            RelatingProcess=tasks[k.predecessor],
            RelatedProcess=tasks[k.successor],
            TimeLag=lag,
            SequenceType=_IFC_LINKS[k.type],
        )
    file.write(str(path))


def _ifc_task(task: Task, make, rooted):
    time_ = None
    if task.start:
        time_ = make(
            "IfcTaskTime",
            DurationType="WORKTIME",
            ScheduleDuration=f"PT{task.duration / 60:g}H",
            ScheduleStart=_iso(task.start),
            ScheduleFinish=_iso(task.finish),
        )
    return rooted(
        "IfcTask",
        Name=task.name,
        IsMilestone=task.kind is TaskKind.MILESTONE,
        TaskTime=time_,
        PredefinedType="CONSTRUCTION",
    )


def _ifc_calendar(calendar: Calendar, make, rooted, schema: str):
    first, last = ("Start", "Finish") if schema == "IFC4" else ("StartDate", "FinishDate")

    def periods(shifts):
        return [
            make("IfcTimePeriod", StartTime=f"{_clock(a)}:00", EndTime=f"{_clock(b)}:00")
            for a, b in shifts
        ]

    working: dict[tuple, list[int]] = {}
    for d, shifts in enumerate(calendar.week):
        if shifts:
            working.setdefault(shifts, []).append(d + 1)
    times = [
        make(
            "IfcWorkTime",
            RecurrencePattern=make(
                "IfcRecurrencePattern",
                RecurrenceType="WEEKLY",
                WeekdayComponent=days,
                TimePeriods=periods(shifts),
            ),
        )
        for shifts, days in working.items()
    ]
    exceptions = []
    for held in calendar.exceptions:
        pattern = None
        if held.shifts:
            pattern = make(
                "IfcRecurrencePattern", RecurrenceType="DAILY", TimePeriods=periods(held.shifts)
            )
        bounds = {first: str(held.first), last: str(held.last)}
        exceptions.append(make("IfcWorkTime", RecurrencePattern=pattern, **bounds))
    return rooted(
        "IfcWorkCalendar", Name=calendar.name, WorkingTimes=times, ExceptionTimes=exceptions
    )
