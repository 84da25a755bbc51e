"""Plans inside IFC files: tasks, times, links, calendars, elements, in all schemas."""

from datetime import date, datetime

import ifcopenshell
import ifcopenshell.guid
import pytest

from bimcore.formats.schedules.errors import ScheduleError
from bimcore.ifc import worktasks
from bimcore.schedule import Action, LagUnit, LinkType, TaskKind


class Author:
    """Writes an IFC file instance by instance."""

    def __init__(self, schema="IFC4"):
        self.schema = schema
        self.file = ifcopenshell.file(schema=schema)
        self.root("IfcProject", Name="p")

    def make(self, kind, **values):
        return self.file.create_entity(kind, **values)

    def root(self, kind, **values):
        return self.make(kind, GlobalId=ifcopenshell.guid.new(), **values)

    def task(self, name, *, predefined=None, milestone=False, **time):
        held = self.make("IfcTaskTime", **time) if time else None
        more = {} if predefined is None else {"PredefinedType": predefined}
        return self.root("IfcTask", Name=name, IsMilestone=milestone, TaskTime=held, **more)

    def nest(self, parent, *children):
        return self.root("IfcRelNests", RelatingObject=parent, RelatedObjects=children)

    def follow(self, before, after, *, kind="FINISH_START", lag=None, **time):
        if lag is not None:
            lag = self.make("IfcLagTime", LagValue=lag, **time)
        return self.root(
            "IfcRelSequence",
            RelatingProcess=before,
            RelatedProcess=after,
            SequenceType=kind,
            TimeLag=lag,
        )

    def output(self, task, product):
        self.root("IfcRelAssignsToProduct", RelatedObjects=[task], RelatingProduct=product)

    def input(self, task, *things):
        self.root("IfcRelAssignsToProcess", RelatedObjects=things, RelatingProcess=task)

    def control(self, control, *things, **more):
        self.root("IfcRelAssignsToControl", RelatingControl=control, RelatedObjects=things, **more)

    def read(self, tmp_path):
        path = tmp_path / "plan.ifc"
        self.file.write(str(path))
        return worktasks.read(path, name="plan.ifc")


@pytest.fixture(params=["IFC4", "IFC4X3"])
def author(request):
    return Author(request.param)


def codes(schedule):
    return [f.code.code for f in schedule.findings]


def test_nested_tasks_stand_below_their_group_in_order(author, tmp_path):
    group, one, two, done = (author.task(n) for n in ("Group", "One", "Two", "Alone"))
    author.nest(group, two, one)
    done.IsMilestone = True

    plan = author.read(tmp_path)

    assert [(t.name, t.parent, t.kind) for t in plan.tasks] == [
        ("Group", -1, TaskKind.SUMMARY),
        ("Two", 0, TaskKind.TASK),
        ("One", 0, TaskKind.TASK),
        ("Alone", -1, TaskKind.MILESTONE),
    ]
    assert [t.id for t in plan.tasks] == [e.GlobalId for e in (group, two, one, done)]


def test_a_task_with_a_duration_alone_keeps_its_dates_open(author, tmp_path):
    author.task("A", DurationType="WORKTIME", ScheduleDuration="PT8H")

    task = author.read(tmp_path).tasks[0]

    assert (task.start, task.finish, task.duration, task.elapsed) == (None, None, 480.0, False)


def test_early_dates_stand_in_for_those_of_the_schedule(author, tmp_path):
    author.task("A", EarlyStart="2010-09-20T08:00:00", EarlyFinish="2010-09-20T16:00:00")

    plan = author.read(tmp_path)

    assert (plan.tasks[0].start, plan.tasks[0].finish) == (
        datetime(2010, 9, 20, 8),
        datetime(2010, 9, 20, 16),
    )
    assert plan.start == datetime(2010, 9, 20, 8)


def test_days_without_a_time_are_whole_working_days(author, tmp_path):
    author.task("A", ScheduleStart="2026-03-02", ScheduleFinish="2026-03-06")
    # the duration tells that the finish is not worked any more
    author.task(
        "B",
        ScheduleDuration="P4D",
        ScheduleStart="2026-03-02T00:00:00",
        ScheduleFinish="2026-03-06T00:00:00",
    )

    tasks = author.read(tmp_path).tasks

    assert [(t.start, t.finish) for t in tasks] == [
        (datetime(2026, 3, 2, 8), datetime(2026, 3, 6, 17)),
        (datetime(2026, 3, 2, 8), datetime(2026, 3, 5, 17)),
    ]


def test_five_days_are_five_working_days_where_the_dates_say_so(author, tmp_path):
    author.task(
        "A",
        DurationType="WORKTIME",
        ScheduleDuration="P5D",
        ScheduleStart="2026-03-02T08:00:00",
        ScheduleFinish="2026-03-06T17:00:00",
    )
    author.task("B", DurationType="WORKTIME", ScheduleDuration="P2D")

    plan = author.read(tmp_path)

    assert [t.duration for t in plan.tasks] == [2400.0, 960.0]
    assert codes(plan) == []


def test_a_day_is_24_hours_of_work_where_the_dates_say_so(author, tmp_path):
    author.task(
        "A",
        DurationType="WORKTIME",
        ScheduleDuration="P1DT16H",
        ScheduleStart="2026-03-02T08:00:00",
        ScheduleFinish="2026-03-06T17:00:00",
    )

    plan = author.read(tmp_path)

    assert plan.tasks[0].duration == 2400.0
    assert codes(plan) == ["SCH626"]


def test_elapsed_durations_run_on_the_clock(author, tmp_path):
    author.task("Cure", DurationType="ELAPSEDTIME", ScheduleDuration="P1W")

    task = author.read(tmp_path).tasks[0]

    assert (task.duration, task.elapsed) == (10080.0, True)


@pytest.mark.parametrize(
    ("kind", "value", "duration_type", "expected"),
    [
        ("IfcDuration", "P3D", "ELAPSEDTIME", (4320.0, LagUnit.ELAPSED)),
        ("IfcDuration", "P3D", "WORKTIME", (1440.0, LagUnit.WORKING)),
        ("IfcDuration", "-PT2H", "WORKTIME", (-120.0, LagUnit.WORKING)),
        ("IfcRatioMeasure", 0.5, "WORKTIME", (50.0, LagUnit.PERCENT)),
        ("IfcRatioMeasure", 0.5, "ELAPSEDTIME", (50.0, LagUnit.ELAPSED_PERCENT)),
    ],
)
def test_every_lag_is_read(author, tmp_path, kind, value, duration_type, expected):
    a, b = author.task("A"), author.task("B")
    lag = author.file.create_entity(kind, value)
    author.follow(a, b, kind="START_START", lag=lag, DurationType=duration_type)

    link = author.read(tmp_path).links[0]

    assert (link.type, link.lag.value, link.lag.unit) == (LinkType.SS, *expected)


def test_links_that_join_no_two_tasks_are_told(author, tmp_path):
    a = author.task("A")
    event = author.root("IfcEvent", Name="Gate")
    author.follow(a, event)
    author.follow(a, a)

    plan = author.read(tmp_path)

    assert plan.links == ()
    assert codes(plan) == ["SCH610", "SCH610"]


@pytest.mark.parametrize(
    ("predefined", "action"),
    [
        ("CONSTRUCTION", Action.INSTALL),
        ("INSTALLATION", Action.INSTALL),
        ("DEMOLITION", Action.REMOVE),
        ("REMOVAL", Action.REMOVE),
        ("MAINTENANCE", Action.MAINTAIN),
        ("LOGISTIC", Action.NEUTRAL),
        ("NOTDEFINED", None),
    ],
)
def test_the_kind_of_a_task_says_what_it_does(author, tmp_path, predefined, action):
    author.task("A", predefined=predefined)

    assert author.read(tmp_path).tasks[0].action is action


def test_elements_are_read_in_both_directions(author, tmp_path):
    made, used = (author.root("IfcWall", Name=n) for n in ("made", "used"))
    build, strip, paint = (
        author.task(n, predefined=p)
        for n, p in (("Build", "CONSTRUCTION"), ("Strip", "DEMOLITION"), ("Paint", None))
    )
    author.output(build, made)
    author.input(strip, used)
    author.input(paint, made)

    plan = author.read(tmp_path)

    # the wall that is only painted is needed, not made
    assert [t.elements for t in plan.tasks] == [(made.GlobalId,), (used.GlobalId,), ()]


def test_parts_groups_and_types_stand_for_their_elements(author, tmp_path):
    whole, part, member, typed = (
        author.root(c) for c in ("IfcElementAssembly", "IfcBeam", "IfcColumn", "IfcSlab")
    )
    author.root("IfcRelAggregates", RelatingObject=whole, RelatedObjects=[part])
    group = author.root("IfcGroup")
    author.root("IfcRelAssignsToGroup", RelatedObjects=[member], RelatingGroup=group)
    kind = author.root("IfcSlabType", PredefinedType="FLOOR")
    author.root("IfcRelDefinesByType", RelatedObjects=[typed], RelatingType=kind)
    task = author.task("A")
    author.output(task, whole)
    author.output(task, kind)
    author.input(task, group)

    found = author.read(tmp_path).tasks[0].elements

    assert found == tuple(e.GlobalId for e in (whole, part, typed, member))


def test_a_storey_is_a_place_and_no_element(author, tmp_path):
    storey = author.root("IfcBuildingStorey", Name="2F")
    author.output(author.task("A"), storey)

    task = author.read(tmp_path).tasks[0]

    assert (task.elements, task.codes) == ((), {"IfcBuildingStorey": "2F"})


def test_resources_give_names_and_people(author, tmp_path):
    usage = author.make("IfcResourceTime", ScheduleUsage=4.0)
    labour = author.root("IfcLaborResource", Name="Bricklayers", Usage=usage)
    crew = author.root("IfcCrewResource", Name="Crew 1")
    author.root("IfcRelNests", RelatingObject=crew, RelatedObjects=[labour])
    author.input(author.task("A"), crew)

    task = author.read(tmp_path).tasks[0]

    assert (task.resources, task.crew) == (("Crew 1", "Bricklayers"), 4.0)


def work_time(author, *, recurrence=None, first=None, last=None, periods=(), **pattern):
    names = ("Start", "Finish") if author.schema == "IFC4" else ("StartDate", "FinishDate")
    held = None
    if recurrence:
        times = [author.make("IfcTimePeriod", StartTime=a, EndTime=b) for a, b in periods]
        held = author.make(
            "IfcRecurrencePattern", RecurrenceType=recurrence, TimePeriods=times or None, **pattern
        )
    return author.make(
        "IfcWorkTime", RecurrencePattern=held, **dict(zip(names, (first, last), strict=True))
    )


DAY = (("08:00:00", "12:00:00"), ("13:00:00", "17:00:00"))


def test_a_calendar_has_a_week_and_exceptions_in_their_own_year(author, tmp_path):
    week = work_time(author, recurrence="WEEKLY", WeekdayComponent=[1, 2, 3, 4, 5], periods=DAY)
    holiday = work_time(author, first="2026-01-05", last="2026-01-05")
    shutdown = work_time(author, first="2026-12-21", last="2027-01-03")
    short = work_time(
        author, recurrence="DAILY", first="2026-06-05", last="2026-06-05", periods=DAY[:1]
    )
    calendar = author.root(
        "IfcWorkCalendar",
        Name="Site",
        WorkingTimes=[week],
        ExceptionTimes=[holiday, shutdown, short],
    )
    author.control(calendar, author.task("A"))

    plan = author.read(tmp_path)

    assert plan.calendars[0].week == (((480, 720), (780, 1020)),) * 5 + ((), ())
    assert [(e.first, e.last, e.shifts) for e in plan.calendars[0].exceptions] == [
        (date(2026, 1, 5), date(2026, 1, 5), ()),
        (date(2026, 6, 5), date(2026, 6, 5), ((480, 720),)),
        (date(2026, 12, 21), date(2027, 1, 3), ()),
    ]
    assert (plan.calendar, plan.tasks[0].calendar) == (calendar.GlobalId, "")


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ({"recurrence": "DAILY", "Interval": 7}, ["2026-01-01", "2026-01-08", "2026-01-15"]),
        (
            {"recurrence": "WEEKLY", "WeekdayComponent": [6], "Interval": 2},
            ["2026-01-03", "2026-01-17", "2026-01-31"],
        ),
        (
            {"recurrence": "MONTHLY_BY_DAY_OF_MONTH", "DayComponent": [15]},
            ["2026-01-15", "2026-02-15", "2026-03-15"],
        ),
        (
            {"recurrence": "MONTHLY_BY_POSITION", "WeekdayComponent": [1], "Position": 1},
            ["2026-01-05", "2026-02-02", "2026-03-02"],
        ),
        (
            {"recurrence": "MONTHLY_BY_POSITION", "WeekdayComponent": [5], "Position": -1},
            ["2026-01-30", "2026-02-27", "2026-03-27"],
        ),
        (
            {
                "recurrence": "YEARLY_BY_DAY_OF_MONTH",
                "DayComponent": [1],
                "MonthComponent": [5],
            },
            ["2026-05-01", "2027-05-01", "2028-05-01"],
        ),
    ],
    ids=["daily", "weekly", "day of month", "first Monday", "last Friday", "yearly"],
)
def test_recurring_exceptions_fall_on_their_days(author, tmp_path, pattern, expected):
    every = work_time(author, first="2026-01-01", Occurrences=3, **pattern)
    week = work_time(author, recurrence="WEEKLY", WeekdayComponent=[1, 2], periods=DAY)
    calendar = author.root(
        "IfcWorkCalendar", Name="Site", WorkingTimes=[week], ExceptionTimes=[every]
    )
    author.control(calendar, author.task("A"))

    found = author.read(tmp_path).calendars[0].exceptions

    assert [str(e.first) for e in found] == expected
    assert all(e.first == e.last for e in found)


def test_night_shifts_end_on_the_day_after(author, tmp_path):
    night = [("22:00:00", "06:00:00")]
    week = work_time(author, recurrence="WEEKLY", WeekdayComponent=[5, 7], periods=night)
    author.control(author.root("IfcWorkCalendar", WorkingTimes=[week]), author.task("A"))

    late, early = (1320, 1440), (0, 360)
    plan = author.read(tmp_path)

    assert plan.findings == ()
    assert plan.calendars[0].week == ((early,), (), (), (), (late,), (early,), (late,))


def test_exceptions_without_end_are_cut_and_told(author, tmp_path, monkeypatch):
    monkeypatch.setattr("bimcore.ifc.workcalendars._PATIENCE", 20)
    week = work_time(author, recurrence="WEEKLY", WeekdayComponent=[1], periods=DAY)
    days = [work_time(author, first="2026-01-01", last="2026-01-14") for _ in range(2)]
    calendar = author.root("IfcWorkCalendar", WorkingTimes=[week], ExceptionTimes=days)
    author.control(calendar, author.task("A"))

    plan = author.read(tmp_path)

    assert codes(plan) == ["SCH618"]
    assert "has too many exceptions" in plan.findings[0].message("en")
    assert [(e.first.day, e.last.day) for e in plan.calendars[0].exceptions] == [(1, 14)]


def test_tasks_inherit_the_calendar_of_their_group_and_schedule(author, tmp_path):
    week = work_time(author, recurrence="WEEKLY", WeekdayComponent=[1, 2, 3], periods=DAY)
    main, own = (
        author.root("IfcWorkCalendar", Name=n, WorkingTimes=[week]) for n in ("Main", "Own")
    )
    head = author.root(
        "IfcWorkSchedule",
        Name="s",
        CreationDate="2026-01-01T00:00:00",
        StartTime="2026-03-02T08:00:00",
    )
    group, inside, beside = (author.task(n) for n in ("Group", "Inside", "Beside"))
    author.nest(group, inside)
    author.control(head, group, beside)
    author.control(main, head)
    author.control(own, group)

    plan = author.read(tmp_path)

    assert plan.calendar == main.GlobalId
    assert [t.calendar for t in plan.tasks] == [own.GlobalId, own.GlobalId, ""]
    assert plan.start == datetime(2026, 3, 2, 8)


def test_a_baseline_schedule_is_left_out_and_two_plans_are_told(author, tmp_path):
    plans = {}
    for name, kind in (("Plan", "PLANNED"), ("Base", "BASELINE"), ("Phase 2", "PLANNED")):
        head = author.root(
            "IfcWorkSchedule",
            Name=name,
            CreationDate="2026-01-01T00:00:00",
            StartTime="2026-03-02T08:00:00",
            PredefinedType=kind,
        )
        plans[name] = author.task(f"{name} task")
        author.control(head, plans[name])
    author.follow(plans["Base"], plans["Plan"])

    plan = author.read(tmp_path)

    assert [(t.name, t.parent) for t in plan.tasks] == [
        ("Plan", -1),
        ("Plan task", 0),
        ("Phase 2", -1),
        ("Phase 2 task", 2),
    ]
    assert sorted(codes(plan)) == ["SCH612", "SCH620"]


def test_a_ring_of_nested_tasks_is_named_and_cut(author, tmp_path):
    a, b, c = (author.task(n) for n in "ABC")
    author.nest(a, b)
    author.nest(b, c)
    author.nest(c, a)

    plan = author.read(tmp_path)

    assert [(t.name, t.parent) for t in plan.tasks] == [("A", -1), ("B", 0), ("C", 1)]
    assert [f.data["loop"] for f in plan.findings] == ["A > C > B > A"]


def test_bad_times_are_told_and_left_out(author, tmp_path):
    author.task(
        "A",
        ScheduleDuration="five days",
        ScheduleStart="2026-99-99T08:00:00",
        ScheduleFinish="20 March",
        Completion=40.0,
    )
    author.task("B", ScheduleStart="2026-03-06T08:00:00", ScheduleFinish="2026-03-02T08:00:00")

    plan = author.read(tmp_path)

    assert [(t.start, t.finish, t.duration) for t in plan.tasks] == [
        (None, None, None),
        (datetime(2026, 3, 6, 8), None, None),
    ]
    assert plan.tasks[0].complete == pytest.approx(0.4)
    assert codes(plan) == ["SCH609"] * 3 + ["SCH616"]


def test_a_repeated_globalid_gets_a_name_of_its_own(author, tmp_path):
    first, second = author.task("A"), author.task("B")
    second.GlobalId = first.GlobalId

    plan = author.read(tmp_path)

    assert [t.id for t in plan.tasks] == [first.GlobalId, f"{first.GlobalId}#2"]
    assert codes(plan) == ["SCH611"]


def test_a_file_without_tasks_and_one_that_is_none_are_refused(author, tmp_path):
    with pytest.raises(ScheduleError) as none:
        author.read(tmp_path)
    path = tmp_path / "junk.ifc"
    path.write_text("ISO-10303-21;\nHEADER;\nrubbish")
    with pytest.raises(ScheduleError) as junk:
        worktasks.read(path, name="junk.ifc")

    assert none.value.code == "SCH608"
    assert junk.value.code in {"SCH605", "SCH608"}


# --- IFC2X3 ----------------------------------------------------------------------------------


def moment_2x3(author, year, month, day, hour):
    return author.make(
        "IfcDateAndTime",
        DateComponent=author.make(
            "IfcCalendarDate", DayComponent=day, MonthComponent=month, YearComponent=year
        ),
        TimeComponent=author.make("IfcLocalTime", HourComponent=hour, MinuteComponent=30),
    )


def test_schedule_controls_of_ifc2x3_date_their_tasks(tmp_path):
    author = Author("IFC2X3")
    head = author.root(
        "IfcWorkSchedule",
        Identifier="s",
        CreationDate=moment_2x3(author, 2012, 1, 1, 0),
        StartTime=moment_2x3(author, 2012, 5, 7, 7),
    )
    wall = author.root("IfcWall")
    one, two = (author.root("IfcTask", Name=n, TaskId=n, IsMilestone=False) for n in ("T1", "T2"))
    control = author.root(
        "IfcScheduleTimeControl",
        ScheduleStart=moment_2x3(author, 2012, 5, 7, 7),
        ScheduleFinish=moment_2x3(author, 2012, 5, 9, 15),
        ScheduleDuration=3 * 8 * 3600.0,
        Completion=0.5,
    )
    author.root(
        "IfcRelAssignsTasks", RelatedObjects=[one], RelatingControl=head, TimeForTask=control
    )
    author.root("IfcRelAssignsTasks", RelatedObjects=[two], RelatingControl=head)
    author.root(
        "IfcRelSequence",
        RelatingProcess=one,
        RelatedProcess=two,
        TimeLag=4 * 3600.0,
        SequenceType="FINISH_START",
    )
    author.input(one, wall)

    plan = author.read(tmp_path)

    first, second = plan.tasks
    assert (first.start, first.finish) == (
        datetime(2012, 5, 7, 7, 30),
        datetime(2012, 5, 9, 15, 30),
    )
    assert (first.duration, first.complete, first.elements) == (1440.0, 0.5, (wall.GlobalId,))
    assert (second.start, second.duration) == (None, None)
    assert [(k.type, k.lag.value) for k in plan.links] == [(LinkType.FS, 240.0)]
    assert plan.start == datetime(2012, 5, 7, 7, 30)
