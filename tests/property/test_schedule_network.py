"""The passes over a network against a slow search for the earliest dates."""

from dataclasses import replace
from datetime import date, datetime, timedelta

import numpy as np
from hypothesis import given, settings, strategies as st

from bimcore.calendars import WorkTime, moment_of
from bimcore.critical_path import compute
from bimcore.schedule import (
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
    Task,
)

START = datetime(2026, 3, 2, 8)
DAY = ((480, 720), (780, 1020))
HOLIDAY = CalendarException(first=date(2026, 3, 12), last=date(2026, 3, 16))
EXTRA = CalendarException(first=date(2026, 3, 21), last=date(2026, 3, 21), shifts=DAY)
FIVE = Calendar(id="5", name="", week=((DAY,) * 5 + ((), ())), exceptions=(HOLIDAY, EXTRA))
SEVEN = Calendar(id="7", name="", week=(((420, 1080),),) * 7)

FEW = settings(deadline=None, max_examples=25)

hours = st.integers(0, 30).map(lambda h: 60.0 * h)
lags = st.builds(
    Lag,
    value=st.integers(-10, 20).map(lambda h: 60.0 * h),
    unit=st.sampled_from([LagUnit.WORKING, LagUnit.WORKING, LagUnit.ELAPSED, LagUnit.PERCENT]),
    calendar=st.sampled_from(list(LagCalendar)),
)


#: Lags within one calendar: others end between shifts, where a delay may cost nothing.
working_lags = st.builds(Lag, value=st.integers(-10, 20).map(lambda h: 60.0 * h))


@st.composite
def plans(draw, calendars=("5", "7"), least=0.0, lags=lags):
    count = draw(st.integers(2, 7))
    tasks = tuple(
        Task(
            id=str(k),
            name=str(k),
            duration=max(draw(hours), least),
            elapsed=not least and draw(st.booleans()) and draw(st.booleans()),
            calendar=draw(st.sampled_from(calendars)),
        )
        for k in range(count)
    )
    links = []
    for after in range(1, count):
        for before in draw(st.lists(st.integers(0, after - 1), max_size=3, unique=True)):
            kind = draw(st.sampled_from(list(LinkType)))
            links.append(Link(predecessor=before, successor=after, type=kind, lag=draw(lags)))
    return Schedule(
        name="",
        source="",
        format="csv",
        tasks=tasks,
        links=tuple(links),
        calendars=(FIVE, SEVEN),
        calendar="5",
        start=START,
    )


def ahead(work, task, moment, minutes):
    if task.elapsed:
        return moment + timedelta(minutes=minutes)
    return work[task.calendar].add(moment, minutes)


def lagged(plan, work, link, moment):
    before, after = plan.tasks[link.predecessor], plan.tasks[link.successor]
    minutes, lag = link.lag.value, link.lag
    if lag.unit is LagUnit.PERCENT:
        return ahead(work, before, moment, round(before.duration * minutes / 100))
    if lag.unit is LagUnit.ELAPSED or lag.calendar is LagCalendar.ALWAYS:
        return moment + timedelta(minutes=minutes)
    owner = {LagCalendar.PREDECESSOR: before.calendar, LagCalendar.SUCCESSOR: after.calendar}
    return work[owner.get(lag.calendar, plan.calendar)].add(moment, minutes)


def begun(work, task, moment):
    at_work = task.duration and not task.elapsed
    return work[task.calendar].next_working(moment) if at_work else moment


def slow_dates(plan: Schedule, delayed: int = -1, delay: int = 0):
    """Earliest dates by moving tasks on until nothing has to move any more."""
    work = {c.id: WorkTime.of(c) for c in plan.calendars}

    dates = [(START, START)] * len(plan.tasks)
    for _ in range(len(plan.tasks) + 1):
        for row, task in enumerate(plan.tasks):
            bounds = []
            for link in plan.links:
                if link.successor == row:
                    end = dates[link.predecessor][link.type in (LinkType.FS, LinkType.FF)]
                    bound = lagged(plan, work, link, end)
                    holds_end = link.type in (LinkType.FF, LinkType.SF)
                    bounds.append(ahead(work, task, bound, -task.duration) if holds_end else bound)
            start = begun(work, task, max(bounds, default=START))
            if row == delayed:
                start = begun(work, task, ahead(work, task, start, delay))
            dates[row] = start, ahead(work, task, start, task.duration)
    return dates


@FEW
@given(plans())
def test_early_dates_are_those_of_the_slow_search(plan):
    path = compute(plan)

    found = list(zip(path.early_start.tolist(), path.early_finish.tolist(), strict=True))
    assert found == slow_dates(plan)
    assert path.start.tolist() == path.early_start.tolist()


@FEW
@given(plans(calendars=("5",), least=60.0, lags=working_lags))
def test_total_float_is_the_delay_that_just_leaves_the_end_alone(plan):
    path = compute(plan)
    end = max(b for _, b in slow_dates(plan))

    for row, spare in enumerate(path.total_float.tolist()):
        assert spare >= 0
        assert max(b for _, b in slow_dates(plan, row, int(spare))) == end
        assert max(b for _, b in slow_dates(plan, row, int(spare) + 60)) > end


@FEW
@given(plans(calendars=("5",), least=60.0, lags=working_lags))
def test_free_float_is_the_delay_that_moves_no_other_task(plan):
    path = compute(plan)
    dates = slow_dates(plan)

    for row, spare in enumerate(path.free_float.tolist()):
        assert 0 <= spare <= path.total_float[row]
        moved = slow_dates(plan, row, int(spare))
        assert [d for k, d in enumerate(moved) if k != row] == [
            d for k, d in enumerate(dates) if k != row
        ]


@FEW
@given(plans(), st.integers(0, 2))
def test_dates_move_with_the_plan_over_whole_weeks_without_holidays(plan, weeks):
    plan = replace(plan, calendars=(replace(FIVE, exceptions=()), SEVEN))
    moved = replace(plan, start=START + timedelta(weeks=weeks))

    gap = np.timedelta64(weeks * 7 * 1440, "m")
    assert (compute(moved).start - compute(plan).start).tolist() == [gap.item()] * len(plan.tasks)


@FEW
@given(plans(), st.sampled_from(list(Constraint)), st.integers(0, 30), st.data())
def test_late_dates_keep_a_constraint(plan, constraint, days, data):
    row = data.draw(st.integers(0, len(plan.tasks) - 1))
    held = moment_of(0) + (START - moment_of(0)) + timedelta(days=days)
    tasks = list(plan.tasks)
    tasks[row] = replace(tasks[row], constraint=constraint, constraint_date=held, elapsed=False)
    path = compute(replace(plan, tasks=tuple(tasks)))

    start, late = path.early_start[row], path.late_finish[row]
    date_ = np.datetime64(held, "m")
    match constraint:
        case Constraint.START_NO_EARLIER:
            assert start >= date_
        case Constraint.FINISH_NO_LATER | Constraint.MUST_FINISH:
            assert late <= date_
        case Constraint.START_NO_LATER:
            # a day off means the first work after it, as scheduling programs take it
            work = {c.id: WorkTime.of(c) for c in plan.calendars}[tasks[row].calendar]
            assert path.late_start[row] <= np.datetime64(work.next_working(held), "m")


STATUS = START + timedelta(days=9, hours=3)


@st.composite
def under_way(draw):
    """A plan with work done and begun, in and out of order."""
    plan = draw(plans())
    tasks = []
    for task in plan.tasks:
        state = draw(st.sampled_from(["open", "begun", "done"]))
        first = START + timedelta(hours=draw(st.integers(0, 90)))
        spent = timedelta(hours=draw(st.integers(0, 90)))
        if state == "done":
            task = replace(task, actual_start=first, actual_finish=first + spent)
        elif state == "begun":
            task = replace(task, actual_start=first, remaining=draw(hours))
        tasks.append(task)
    way = draw(st.sampled_from([Progress.RETAINED, Progress.OVERRIDDEN]))
    return replace(plan, tasks=tuple(tasks), status_date=STATUS, progress=way)


def slow_progress(plan: Schedule):
    """Dates of work in the order of its rows, by the rules of Primavera one after the other."""
    work = {c.id: WorkTime.of(c) for c in plan.calendars}
    dates = []
    for row, task in enumerate(plan.tasks):
        left = task.duration if task.actual_start is None else task.remaining
        if task.actual_finish is not None:
            dates.append((task.actual_start, task.actual_finish))
            continue
        bounds = [STATUS if task.actual_start is None else max(STATUS, task.actual_start)]
        for link in plan.links:
            waits = task.actual_start is None or plan.progress is Progress.RETAINED
            if link.successor == row and waits:
                end = dates[link.predecessor][link.type in (LinkType.FS, LinkType.FF)]
                bound = lagged(plan, work, link, end)
                holds_end = link.type in (LinkType.FF, LinkType.SF)
                bounds.append(ahead(work, task, bound, -left) if holds_end else bound)
        start = max(bounds)
        start = begun(work, task, start) if task.actual_start is None else start
        dates.append((task.actual_start or start, ahead(work, task, start, left)))
    return dates


@FEW
@given(under_way())
def test_work_under_way_goes_on_by_the_rules_of_primavera(plan):
    path = compute(plan)

    found = list(zip(path.early_start.tolist(), path.early_finish.tolist(), strict=True))
    assert found == slow_progress(plan)
