"""Microsoft Project XML in all its corners."""

from datetime import date, datetime

import numpy as np
import pytest

from bimcore.calendars import WorkTime
from bimcore.critical_path import compute
from bimcore.formats.schedules.document import from_json, to_json
from bimcore.formats.schedules.mspdi import read
from bimcore.formats.schedules.reading import read_schedule
from bimcore.schedule import Action, Constraint, LagCalendar, LagUnit, LinkType, TaskKind
from sample_models.authoring import schedule as sample

HOURS = (
    "<WorkingTimes><WorkingTime><FromTime>08:00:00</FromTime><ToTime>12:00:00</ToTime></WorkingTime>"
    "<WorkingTime><FromTime>13:00:00</FromTime><ToTime>17:00:00</ToTime></WorkingTime></WorkingTimes>"
)


def fields(**values):
    return "".join(f"<{k}>{v}</{k}>" for k, v in values.items())


def task(uid, name, inner="", **values):
    held = {"UID": uid, "ID": uid, "Name": name, "OutlineLevel": 1, **values}
    held.setdefault("Start", "2026-03-02T08:00:00")
    held.setdefault("Finish", "2026-03-02T17:00:00")
    held.setdefault("Duration", "PT8H0M0S")
    held.setdefault("DurationFormat", 7)
    held = {k: v for k, v in held.items() if v is not None}
    return f"<Task>{fields(**held)}{inner}</Task>"


def after(uid, type_=1, lag=0, fmt=7, **more):
    inner = fields(PredecessorUID=uid, Type=type_, LinkLag=lag, LagFormat=fmt, **more)
    return f"<PredecessorLink>{inner}</PredecessorLink>"


def week(*working, base="-1", uid=1, inner="", name="标准", more=""):
    days = "".join(
        f"<WeekDay><DayType>{d}</DayType><DayWorking>{int(d in working)}</DayWorking>"
        f"{HOURS if d in working else ''}</WeekDay>"
        for d in range(1, 8)
    )
    head = fields(UID=uid, Name=name, IsBaseCalendar=1, BaseCalendarUID=base)
    body = f"<WeekDays>{days}{inner}</WeekDays>" if working or inner else ""
    return f"<Calendar>{head}{body}{more}</Calendar>"


def exception(first, last, work="", **values):
    held = {"EnteredByOccurrences": 0, "Occurrences": 0, "Type": 1, **values}
    period = f"<TimePeriod><FromDate>{first}T00:00:00</FromDate><ToDate>{last}T23:59:00</ToDate></TimePeriod>"
    return f"<Exception>{period}{fields(**held)}<DayWorking>{int(bool(work))}</DayWorking>{work}</Exception>"


@pytest.fixture
def plan(tmp_path):
    def made(tasks, *, calendars=None, rest="", encoding="utf-8", **project):
        held = {
            "StartDate": "2026-03-02T08:00:00",
            "MinutesPerDay": 480,
            "CalendarUID": 1,
            **project,
        }
        calendars = week(2, 3, 4, 5, 6) if calendars is None else calendars
        text = (
            f'<?xml version="1.0" encoding="{encoding}" standalone="yes"?>'
            f'<Project xmlns="http://schemas.microsoft.com/project">{fields(**held)}'
            f"<Calendars>{calendars}</Calendars><Tasks>{''.join(tasks)}</Tasks>{rest}</Project>"
        )
        path = tmp_path / "plan.xml"
        path.write_bytes(text.encode(encoding))
        return read(path, name="plan.xml")

    return made


def test_the_sample_project_reads_without_findings(tmp_path):
    sample.write(tmp_path / "plan.xml")

    found = read_schedule(tmp_path / "plan.xml", name="plan.xml")

    assert found.findings == ()
    assert found.format == "mspdi"
    assert [t.name for t in found.tasks] == [t.name for t in sample.tasks()]
    assert [t.kind is TaskKind.SUMMARY for t in found.tasks] == [t.summary for t in sample.tasks()]
    assert from_json(to_json(found)) == found


def test_the_sample_project_computes_to_its_own_dates_but_for_the_seeded_faults(tmp_path):
    sample.write(tmp_path / "plan.xml")
    found = read(tmp_path / "plan.xml", name="plan.xml")

    path = compute(found)
    early = {
        t.name
        for row, t in enumerate(found.tasks)
        if t.works and path.start[row] < path.early_start[row]
    }

    assert early >= {"3F 吊顶封板", "5F 柱、墙钢筋模板及混凝土浇筑", "墙后回填"}
    assert len(early) <= 6


@pytest.mark.parametrize(
    ("lag", "fmt", "expected"),
    [
        (4800, 7, (480, LagUnit.WORKING, False)),
        (-4800, 7, (-480, LagUnit.WORKING, False)),
        (14400, 8, (1440, LagUnit.ELAPSED, False)),
        (1200, 5, (120, LagUnit.WORKING, False)),
        (1200, 6, (120, LagUnit.ELAPSED, False)),
        (300, 3, (30, LagUnit.WORKING, False)),
        (24000, 9, (2400, LagUnit.WORKING, False)),
        (50, 19, (50, LagUnit.PERCENT, False)),
        (25, 20, (25, LagUnit.ELAPSED_PERCENT, False)),
        (4800, 39, (480, LagUnit.WORKING, True)),
        (14400, 40, (1440, LagUnit.ELAPSED, True)),
        (30, 51, (30, LagUnit.PERCENT, True)),
        (30, 52, (30, LagUnit.ELAPSED_PERCENT, True)),
    ],
)
def test_lags_of_every_format(plan, lag, fmt, expected):
    found = plan([task(1, "a"), task(2, "b", after(1, lag=lag, fmt=fmt))])

    (link,) = found.links
    assert (link.lag.value, link.lag.unit, link.lag.estimated) == expected
    assert link.lag.calendar is LagCalendar.SUCCESSOR


def test_types_of_links_by_number(plan):
    rows = [task(1, "a"), *(task(k + 2, str(k), after(1, type_=k)) for k in range(4))]

    assert [k.type for k in plan(rows).links] == [
        LinkType.FF,
        LinkType.FS,
        LinkType.SF,
        LinkType.SS,
    ]


def test_links_that_lead_nowhere_are_named(plan):
    link = after(77) + after(9, CrossProject=1, CrossProjectName="D:\\b.mpp\\12")

    found = plan([task(1, "a"), task(2, "b", link)])

    assert found.links == ()
    assert [f.message("en") for f in found.findings] == [
        'PredecessorLink (line 1): the link "UID 77" was not read: there is no such task.',
        (
            'PredecessorLink (line 1): the link "D:\\b.mpp\\12" was not read: '
            "the predecessor is in another project file."
        ),
    ]


def test_outline_blank_inactive_and_project_rows(plan):
    rows = [
        task(0, "项目", OutlineLevel=0, Summary=1),
        task(1, "主体", Summary=1),
        task(2, "4F", OutlineLevel=2, Summary=1),
        task(3, "柱", OutlineLevel=3),
        "<Task><UID>4</UID><IsNull>1</IsNull></Task>",
        task(5, "停用", OutlineLevel=3, Active=0),
        task(6, "梁", after(5), OutlineLevel=3),
        task(7, "竣工", OutlineLevel=1, Duration="PT0H0M0S", Milestone=1,
             inner=after(6), Finish="2026-03-09T17:00:00"),
    ]  # fmt: skip

    found = plan(rows)

    assert [(t.name, t.parent, t.kind) for t in found.tasks] == [
        ("主体", -1, TaskKind.SUMMARY),
        ("4F", 0, TaskKind.SUMMARY),
        ("柱", 1, TaskKind.TASK),
        ("梁", 1, TaskKind.TASK),
        ("竣工", -1, TaskKind.MILESTONE),
    ]
    assert [f.code.code for f in found.findings] == ["SCH612"]
    assert [(k.predecessor, k.successor) for k in found.links] == [(3, 4)]


def test_header_rows_are_headings_and_dated_milestones_are_not(plan):
    head = {"Duration": "PT0H0M0S", "Milestone": 1, "Finish": "2026-03-02T08:00:00"}
    rows = [
        task(1, "4F", **head),
        task(2, "柱"),
        task(3, "梁", after(2)),
        task(4, "5F", **head),
        task(5, "柱"),
        task(
            6, "取证", **{**head, "Start": "2026-04-01T08:00:00", "Finish": "2026-04-01T08:00:00"}
        ),
    ]

    found = plan(rows)

    assert [(t.name, t.kind, t.parent) for t in found.tasks] == [
        ("4F", TaskKind.HEADING, -1),
        ("柱", TaskKind.TASK, 0),
        ("梁", TaskKind.TASK, 0),
        ("5F", TaskKind.HEADING, -1),
        ("柱", TaskKind.TASK, 3),
        ("取证", TaskKind.MILESTONE, 3),
    ]


def test_constraints_deadlines_actuals_and_work_planned_by_hand(plan):
    rows = [
        task(1, "a", ConstraintType=7, ConstraintDate="2026-03-20T17:00:00",
             Deadline="2026-04-01T17:00:00", ActualStart="2026-03-03T08:00:00",
             PercentComplete=40, RemainingDuration="PT4H0M0S"),
        task(2, "b", Manual=1),
        task(3, "c", ConstraintType=42),
    ]  # fmt: skip

    found = plan(rows)

    a, b, c = found.tasks
    assert (a.constraint, a.constraint_date) == (
        Constraint.FINISH_NO_LATER,
        datetime(2026, 3, 20, 17),
    )
    assert (a.deadline, a.actual_start) == (datetime(2026, 4, 1, 17), datetime(2026, 3, 3, 8))
    assert (a.complete, a.remaining) == (0.4, 240)
    assert (b.constraint, b.constraint_date) == (
        Constraint.START_NO_EARLIER,
        datetime(2026, 3, 2, 8),
    )
    assert (c.constraint, [f.data["field"] for f in found.findings]) == (
        Constraint.ASAP,
        ["ConstraintType"],
    )


def days_off(calendar, year, month):
    work = WorkTime.of(calendar)
    return [d for d in range(1, 29) if not work.is_working_day(date(year, month, d))]


def test_old_and_new_exceptions_and_make_up_days(plan):
    old = (
        "<WeekDay><DayType>0</DayType><DayWorking>0</DayWorking><TimePeriod>"
        "<FromDate>2026-04-06T00:00:00</FromDate><ToDate>2026-04-06T23:59:00</ToDate>"
        "</TimePeriod></WeekDay>"
    )
    new = (
        "<Exceptions>"
        + exception("2026-04-20", "2026-04-21", Name="停工")
        + exception("2026-04-12", "2026-04-12", work=HOURS, Name="调休")
        + "</Exceptions>"
    )

    found = plan([task(1, "a")], calendars=week(2, 3, 4, 5, 6, inner=old, more=new))

    assert days_off(found.calendars[0], 2026, 4) == [4, 5, 6, 11, 18, 19, 20, 21, 25, 26]


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({"Type": 1, "Period": 3}, [2, 5, 8, 11, 14, 17, 20, 23, 26]),
        ({"Type": 6, "Period": 2, "DaysOfWeek": 0b0000010}, [2, 16]),
        ({"Type": 6, "Period": 1, "DaysOfWeek": 0b0001000}, [4, 11, 18, 25]),
        ({"Type": 4, "Period": 1, "MonthDay": 17}, [17]),
        ({"Type": 5, "Period": 1, "MonthItem": 4, "MonthPosition": 1}, [9]),
        ({"Type": 5, "Period": 1, "MonthItem": 8, "MonthPosition": 4}, [27]),
        ({"Type": 2, "Month": 2, "MonthDay": 18}, [18]),
        ({"Type": 3, "Month": 2, "MonthItem": 5, "MonthPosition": 0}, [3]),
        ({"Type": 1, "Period": 1, "EnteredByOccurrences": 1, "Occurrences": 2}, [2, 3]),
    ],
)
def test_recurring_exceptions_fall_on_their_days(plan, values, expected):
    more = f"<Exceptions>{exception('2026-03-02', '2027-03-31', **values)}</Exceptions>"

    found = plan([task(1, "a")], calendars=week(*range(1, 8), more=more))

    march = days_off(found.calendars[0], 2026, 3)
    assert march == expected


def test_calendars_inherit_from_their_base_and_tell_a_circle(plan):
    holiday = f"<Exceptions>{exception('2026-03-04', '2026-03-04')}</Exceptions>"
    saturday = f"<WeekDay><DayType>7</DayType><DayWorking>1</DayWorking>{HOURS}</WeekDay>"
    calendars = (
        week(2, 3, 4, 5, 6, more=holiday)
        + week(uid=2, base=1, inner=saturday, name="六天").replace(
            "<WeekDays>" + "".join(
                f"<WeekDay><DayType>{d}</DayType><DayWorking>0</DayWorking></WeekDay>"
                for d in range(1, 8)
            ), "<WeekDays>")
        + week(2, uid=3, base=3, name="自身")
    )  # fmt: skip

    found = plan([task(1, "a", CalendarUID=2), task(2, "b", CalendarUID=9)], calendars=calendars)

    six = next(c for c in found.calendars if c.id == "2")
    assert days_off(six, 2026, 3) == [1, 4, 8, 15, 22]
    assert [t.calendar for t in found.tasks] == ["2", ""]
    assert [f.code.code for f in found.findings] == ["SCH618", "SCH609"]


def test_night_shifts_and_alternative_weeks(plan):
    night = (
        "<WeekDay><DayType>2</DayType><DayWorking>1</DayWorking><WorkingTimes><WorkingTime>"
        "<FromTime>22:00:00</FromTime><ToTime>06:00:00</ToTime></WorkingTime></WorkingTimes></WeekDay>"
    )
    weeks = (
        "<WorkWeeks><WorkWeek><TimePeriod><FromDate>2026-03-09T00:00:00</FromDate>"
        "<ToDate>2026-03-15T00:00:00</ToDate></TimePeriod><WeekDays><WeekDay><DayType>2</DayType>"
        "<DayWorking>0</DayWorking></WeekDay></WeekDays></WorkWeek></WorkWeeks>"
    )

    found = plan([task(1, "a")], calendars=week(inner=night, more=weeks))

    (calendar,) = found.calendars
    assert calendar.week[0] == ((1320, 1440),)
    assert calendar.week[1] == ((0, 360),)
    assert 9 in days_off(calendar, 2026, 3)


def test_custom_fields_elements_people_and_actions(plan):
    rest = (
        "<Resources>"
        + "".join(
            f"<Resource>{fields(UID=u, Name=n, Type=t)}</Resource>"
            for u, n, t in ((1, "钢筋工", 1), (2, "塔吊", 1), (3, "混凝土", 0))
        )
        + "</Resources><Assignments>"
        + "".join(
            f"<Assignment>{fields(TaskUID=1, ResourceUID=u, Units=n)}</Assignment>"
            for u, n in ((1, 12), (2, 1), (3, 80))
        )
        + "</Assignments>"
    )
    named = "".join(
        f"<ExtendedAttribute>{fields(FieldID=n, FieldName=f'Text{n}', Alias=a)}</ExtendedAttribute>"
        for n, a in ((1, "楼层"), (2, "构件GUID"), (3, "任务类型"))
    )
    values = "".join(
        f"<ExtendedAttribute>{fields(FieldID=n, Value=v)}</ExtendedAttribute>"
        for n, v in ((1, "4F"), (2, "3vB2YO$MX4xv5uCqZZG0Xw; 0aB2YO$MX4xv5uCqZZG0Xx"), (3, "拆除"))
    )
    xml = f"<ExtendedAttributes>{named}</ExtendedAttributes>"

    found = plan(
        [task(1, "a", values)], calendars=week(2) + f"</Calendars>{xml}<Calendars>", rest=rest
    )

    (a,) = found.tasks
    assert a.codes["楼层"] == "4F"
    assert a.elements == ("3vB2YO$MX4xv5uCqZZG0Xw", "0aB2YO$MX4xv5uCqZZG0Xx")
    assert a.action is Action.REMOVE
    assert (a.resources, a.crew) == (("钢筋工", "塔吊", "混凝土"), 12)


def test_elapsed_durations_and_bad_values(plan):
    rows = [
        task(1, "a", Duration="PT72H0M0S", DurationFormat=8),
        task(1, "b", Duration="soon", Start="2026-13-01T08:00:00"),
        task(3, "c", Start="2026-03-09T08:00:00", Finish="2026-03-02T17:00:00"),
    ]

    found = plan(rows)

    assert (found.tasks[0].duration, found.tasks[0].elapsed) == (4320, True)
    assert found.tasks[1].id == "1#2"
    assert sorted(f.code.code for f in found.findings) == ["SCH609", "SCH609", "SCH611", "SCH616"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "gb18030"])
def test_any_encoding_gives_the_same_names(plan, encoding):
    found = plan([task(1, "四层梁板浇筑")], encoding=encoding)

    assert [t.name for t in found.tasks] == ["四层梁板浇筑"]
    assert found.findings == ()


def test_digits_of_other_scripts_are_no_reason_to_give_up(plan):
    found = plan([task(1, "a", OutlineLevel="²"), task(2, "b", after(1, 1, 4800, "²"))])

    assert [t.parent for t in found.tasks] == [-1, -1]
    assert (found.links[0].lag.value, found.links[0].lag.unit) == (480, LagUnit.WORKING)


def test_begun_work_goes_on_where_project_resumes_it(plan):
    begun = task(
        1,
        "a",
        Duration="PT40H0M0S",
        Start="2026-03-09T08:00:00",
        Finish="2026-03-13T17:00:00",
        ActualStart="2026-03-09T08:00:00",
        RemainingDuration="PT20H0M0S",
        PercentComplete=50,
        Stop="2026-03-11T12:00:00",
        Resume="2026-03-11T13:00:00",
    )
    found = plan([begun, task(2, "b", after(1))], StatusDate="2026-03-10T17:00:00")

    assert found.tasks[0].resumes == datetime(2026, 3, 11, 13)
    assert compute(found).early_finish.tolist() == [
        datetime(2026, 3, 13, 17),
        datetime(2026, 3, 16, 17),
    ]


@pytest.mark.parametrize(("honoured", "expected"), [(1, 5), (0, 9)])
def test_constraints_give_way_to_links_where_the_project_says_so(plan, honoured, expected):
    held = {"ConstraintType": 5, "ConstraintDate": "2026-03-05T08:00:00"}
    tasks = [task(1, "a", Duration="PT40H0M0S"), task(2, "b", after(1), **held)]
    path = compute(plan(tasks, HonorConstraints=honoured))

    assert path.early_start[1] == np.datetime64(datetime(2026, 3, expected, 8), "m")


def test_a_task_that_waits_for_itself_is_told_and_keeps_its_dates(plan):
    found = plan([task(1, "a", after(1), Start=None, Finish=None)])

    assert found.links == ()
    assert [f.message("en") for f in found.findings] == [
        'PredecessorLink (line 1): the link "UID 1" was not read: the task refers to itself.'
    ]
    assert compute(found).start.tolist() == [datetime(2026, 3, 2, 8)]


def test_dates_without_times_are_whole_working_days(plan):
    found = plan(
        task(1, "A", Start="2026-03-02", Finish="2026-03-06", Duration="PT40H0M0S")
        + task(
            2,
            "B",
            after(1),
            Start="2026-03-09T00:00:00",
            Finish="2026-03-09T00:00:00",
            Deadline="2026-03-09T00:00:00",
        )
        + task(
            3, "C", after(2), Start="2026-03-09", Finish="2026-03-09", Duration="PT0S", Milestone=1
        ),
        calendars=week(2, 3, 4, 5, 6),
    )

    assert [(f"{t.start:%d %H}", f"{t.finish:%d %H}") for t in found.tasks] == [
        ("02 08", "06 17"),
        ("09 08", "09 17"),
        ("09 17", "09 17"),
    ]
    assert found.tasks[1].deadline == datetime(2026, 3, 9, 17)


def test_ends_at_the_midnight_after_stay_where_durations_say_so(plan):
    found = plan(
        task(1, "A", Start="2026-03-02", Finish="2026-03-07", Duration="PT40H0M0S"),
        calendars=week(2, 3, 4, 5, 6),
    )

    assert found.tasks[0].finish == datetime(2026, 3, 7)


def test_the_rest_between_parts_of_a_split_task_is_no_work(plan):
    def figures(first, last, value):
        held = fields(Type=1, Start=first, Finish=last, Unit=2, Value=value)
        return f"<TimephasedData>{held}</TimephasedData>"

    parts = (
        figures("2026-03-02T08:00:00", "2026-03-03T17:00:00", "PT16H0M0S")
        + figures("2026-03-03T17:00:00", "2026-03-06T08:00:00", "PT0H0M0S")
        + figures("2026-03-06T08:00:00", "2026-03-06T17:00:00", "PT8H0M0S")
    )
    rest = f"<Assignments><Assignment>{fields(TaskUID=1, ResourceUID=-65535)}{parts}</Assignment></Assignments>"
    found = plan(
        task(1, "A", Finish="2026-03-06T17:00:00", Duration="PT24H0M0S"),
        calendars=week(2, 3, 4, 5, 6),
        rest=rest,
    )

    assert (found.tasks[0].duration, found.tasks[0].rests) == (1440, 960)
    assert from_json(to_json(found)) == found
    assert compute(found).early_finish[0] == np.datetime64("2026-03-06T17:00")


def test_work_without_a_name_is_kept(plan):
    found = plan(task(7, None) + task(8, "B", after(7)))

    assert [(t.id, t.name) for t in found.tasks] == [("7", "UID 7"), ("8", "B")]
    assert [f.code.code for f in found.findings] == ["SCH609"]
    assert len(found.links) == 1
