"""Plans small enough to compute by hand."""

from datetime import date, datetime

import numpy as np
import pytest

from bimcore.calendars import WorkTime
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
    Schedule,
    Task,
    TaskKind,
)

DAY = ((480, 720), (780, 1020))
FIVE = Calendar(id="5", name="", week=((DAY,) * 5 + ((), ())))
#: 2 March 2026 is a Monday.
START = datetime(2026, 3, 2, 8)


def task(name, days=None, **columns):
    duration = None if days is None else 480.0 * days
    return Task(id=name, name=name, duration=columns.pop("duration", duration), **columns)


def link(before, after, type_="FS", days=0.0, **columns):
    lag = Lag(value=columns.pop("value", 480.0 * days), **columns)
    return Link(predecessor=before, successor=after, type=LinkType(type_), lag=lag)


def plan(tasks, links=(), **columns):
    held = {"calendars": (FIVE,), "calendar": "5", "start": START, **columns}
    return Schedule(
        name="plan", source="", format="mspdi", tasks=tuple(tasks), links=tuple(links), **held
    )


def spans(path):
    """Dates in force as ``"0302T08 0303T17"``."""
    return [
        None if np.isnat(a) else f"{a.item():%m%dT%H} {b.item():%m%dT%H}"
        for a, b in zip(path.start, path.finish, strict=True)
    ]


def test_textbook_network_has_the_floats_of_the_textbook():
    # Dig 3, form 2, order steel 6, fix 2, pour 1: the steel is critical.
    path = compute(
        plan(
            [task("dig", 3), task("form", 2), task("steel", 6), task("fix", 2), task("pour", 1)],
            [link(0, 1), link(1, 3), link(2, 3), link(3, 4)],
        )
    )

    assert spans(path) == [
        "0302T08 0304T17",
        "0305T08 0306T17",
        "0302T08 0309T17",
        "0310T08 0311T17",
        "0312T08 0312T17",
    ]
    assert (path.total_float / 480).tolist() == [1, 1, 0, 0, 0]
    assert (path.free_float / 480).tolist() == [0, 1, 0, 0, 0]
    assert path.critical.tolist() == [False, False, True, True, True]


@pytest.mark.parametrize(
    ("type_", "days", "expected"),
    [
        ("FS", 0, "0304T08 0306T17"),
        ("FS", 2, "0306T08 0310T17"),
        ("FS", -1, "0303T08 0305T17"),
        ("SS", 1, "0303T08 0305T17"),
        ("FF", 0, "0302T08 0303T17"),
        ("FF", 3, "0304T08 0306T17"),
        ("SF", 4, "0303T08 0305T17"),
    ],
)
def test_each_type_of_link_holds_its_end(type_, days, expected):
    second = 3 if type_ != "FF" or days else 2
    path = compute(plan([task("a", 2), task("b", second)], [link(0, 1, type_, days)]))

    assert spans(path)[1] == expected


def test_lags_count_in_their_own_time():
    lags = {
        "over a weekend, working": {"value": 480.0},
        "over a weekend, elapsed": {"value": 1440.0 * 3, "unit": LagUnit.ELAPSED},
        "half the predecessor": {"value": 50.0, "unit": LagUnit.PERCENT},
        "half of it, elapsed": {"value": 50.0, "unit": LagUnit.ELAPSED_PERCENT},
        "round the clock": {"value": 1440.0, "calendar": LagCalendar.ALWAYS},
    }
    friday = datetime(2026, 3, 6, 8)

    found = {
        name: spans(compute(plan([task("a", 1), task("b", 1)], [link(0, 1, **lag)], start=friday)))[
            1
        ][:7]
        for name, lag in lags.items()
    }

    assert found == {
        "over a weekend, working": "0310T08",
        "over a weekend, elapsed": "0310T08",
        "half the predecessor": "0309T13",
        "half of it, elapsed": "0309T08",
        "round the clock": "0309T08",
    }


@pytest.mark.parametrize(
    ("constraint", "day", "expected"),
    [
        (Constraint.START_NO_EARLIER, 5, "0305T08 0306T17"),
        (Constraint.START_NO_EARLIER, 2, "0303T08 0304T17"),
        (Constraint.FINISH_NO_EARLIER, 9, "0305T17 0309T08"),
        (Constraint.MUST_START, 2, "0302T08 0303T17"),
        (Constraint.START_NO_LATER, 2, "0302T08 0303T17"),
        (Constraint.START_NO_LATER, 9, "0303T08 0304T17"),
        (Constraint.ASAP, 9, "0303T08 0304T17"),
    ],
)
def test_constraints_hold_as_their_authors_mean_them(constraint, day, expected):
    held = datetime(2026, 3, day, 8)
    second = task("b", 2, constraint=constraint, constraint_date=held)
    path = compute(plan([task("a", 1), second], [link(0, 1)]))

    if constraint is Constraint.FINISH_NO_EARLIER:
        expected = "0305T08 0306T17"  # the morning of the 9th is the evening of the 6th
    assert spans(path)[1] == expected


def test_finish_constraints_and_deadlines_take_float_away():
    limits = {
        "constraint_date": datetime(2026, 3, 3, 17),
        "constraint": Constraint.FINISH_NO_LATER,
    }
    tasks = [task("a", 3), task("late", 2, **limits), task("due", 1, deadline=START), task("d", 9)]

    path = compute(plan(tasks, [link(0, 1)]))

    assert (path.total_float / 480).tolist() == [-3, 0, -1, 0]
    assert spans(path)[1] == "0302T08 0303T17"


def test_as_late_as_possible_stands_just_before_what_needs_it():
    tasks = [task("a", 5), task("scaffold", 1, constraint=Constraint.ALAP), task("b", 1)]

    path = compute(plan(tasks, [link(0, 2), link(1, 2)]))

    assert spans(path) == ["0302T08 0306T17", "0306T08 0306T17", "0309T08 0309T17"]


def test_actual_dates_stand_and_drive_what_follows():
    begun = task("a", 2, actual_start=datetime(2026, 3, 4, 8))
    done = task("b", 1, actual_start=START, actual_finish=datetime(2026, 3, 10, 17))

    path = compute(plan([begun, done, task("c", 1), task("d", 1)], [link(0, 2), link(1, 3)]))

    assert spans(path) == [
        "0304T08 0305T17",
        "0302T08 0310T17",
        "0306T08 0306T17",
        "0311T08 0311T17",
    ]
    assert np.isnan(path.total_float[1])


def test_groups_span_their_rows_and_their_links_hold_all_of_them():
    tasks = [
        task("storey 1", kind=TaskKind.SUMMARY),
        task("walls", 2, parent=0),
        task("slab", 3, parent=0),
        task("storey 2", kind=TaskKind.SUMMARY),
        task("walls 2", 1, parent=3),
        task("slab 2", 2, parent=3),
    ]

    path = compute(plan(tasks, [link(1, 2), link(0, 3), link(4, 5)]))

    assert spans(path) == [
        "0302T08 0306T17",
        "0302T08 0303T17",
        "0304T08 0306T17",
        "0309T08 0311T17",
        "0309T08 0309T17",
        "0310T08 0311T17",
    ]
    assert path.early_finish[0] == np.datetime64("2026-03-06T17:00")
    assert path.total_float.tolist() == [0] * 6


def test_milestones_and_headings_take_no_time():
    tasks = [task("4F", kind=TaskKind.HEADING), task("a", 1), task("done", 0)]
    tasks[2] = task("done", 0, kind=TaskKind.MILESTONE)

    path = compute(plan(tasks, [link(1, 2)]))

    assert spans(path) == [None, "0302T08 0302T17", "0302T17 0302T17"]
    assert np.isnat(path.early_start[0])


def test_effort_spans_what_it_is_linked_to_and_drives_nothing():
    tasks = [task("a", 2), task("b", 3), task("watch", 1, kind=TaskKind.EFFORT), task("c", 1)]

    path = compute(plan(tasks, [link(0, 1), link(0, 2, "SS"), link(1, 2, "FF"), link(2, 3)]))

    assert spans(path) == [
        "0302T08 0303T17",
        "0304T08 0306T17",
        "0302T08 0306T17",
        "0302T08 0302T17",
    ]


def test_dates_of_the_author_stand_beside_computed_ones():
    late = task("b", 1, start=datetime(2026, 3, 9, 8), finish=datetime(2026, 3, 9, 17))

    path = compute(plan([task("a", 1), late, task("c", 1)], [link(0, 1), link(1, 2)]))

    assert spans(path) == ["0302T08 0302T17", "0309T08 0309T17", "0310T08 0310T17"]
    assert path.early_start[1] == np.datetime64("2026-03-03T08:00")
    assert path.authored.tolist() == [False, True, False]


def test_duration_follows_from_dates_where_it_is_missing():
    dated = task("a", start=START, finish=datetime(2026, 3, 4, 17))
    weekend = task("w", start=datetime(2026, 3, 7, 8), finish=datetime(2026, 3, 7, 17))

    path = compute(plan([dated, weekend, task("b", 1)], [link(0, 2)]))

    assert spans(path) == ["0302T08 0304T17", "0307T08 0307T17", "0305T08 0305T17"]
    assert path.early_finish[1] == np.datetime64("2026-03-07T17:00")


def test_elapsed_work_goes_on_at_night_and_at_weekends():
    cure = task("cure", duration=3 * 1440.0, elapsed=True)

    path = compute(plan([task("pour", 5), cure, task("strike", 1)], [link(0, 1), link(1, 2)]))

    assert spans(path)[1:] == ["0306T17 0309T17", "0310T08 0310T17"]


def test_every_circle_is_named_and_the_rest_is_computed():
    tasks = [task(n, 1) for n in "abcdefg"]
    links = [link(0, 1), link(1, 2), link(2, 0), link(2, 3), link(4, 4), link(5, 6)]

    path = compute(plan(tasks, links))

    assert path.cycles == ((0, 1, 2), (4,))
    assert spans(path) == [None, None, None, "0302T08 0302T17", None, "0302T08 0302T17",
                           "0303T08 0303T17"]  # fmt: skip


def test_a_knot_is_told_by_its_shortest_circle():
    tasks = [task(n, 1) for n in "abcd"]

    path = compute(plan(tasks, [link(0, 1), link(1, 2), link(2, 3), link(3, 0), link(2, 1)]))

    assert path.cycles == ((1, 2),)


def test_a_group_linked_to_a_row_below_it_is_a_circle():
    tasks = [task("group", kind=TaskKind.SUMMARY), task("a", 1, parent=0), task("b", 1)]

    path = compute(plan(tasks, [link(0, 1), link(1, 2)]))

    assert path.cycles == ((0, 1),)


def test_a_plan_without_any_date_has_none():
    path = compute(plan([task("a", 1), task("b", 1)], [link(0, 1)], start=None))

    assert spans(path) == [None, None]
    assert compute(plan([])).start.shape == (0,)


def test_make_up_days_are_worked_and_holidays_of_one_year_only_there():
    made_up = CalendarException(first=date(2026, 3, 7), last=date(2026, 3, 7), shifts=DAY)
    shutdown = CalendarException(first=date(2026, 12, 20), last=date(2027, 1, 10))
    work = WorkTime.of(Calendar(id="1", name="", week=FIVE.week, exceptions=(made_up, shutdown)))

    assert work.is_working_day(date(2026, 3, 7))
    assert not work.is_working_day(date(2026, 3, 14))
    assert not work.is_working_day(date(2026, 12, 31))
    assert work.is_working_day(date(2025, 12, 31))
    assert work.add(datetime(2026, 12, 18, 8), 960) == datetime(2027, 1, 11, 17)


def test_night_shifts_are_worked_across_midnight():
    night = Calendar(id="n", name="", week=(((0, 360), (1320, 1440)),) * 7)

    work = WorkTime.of(night)

    assert work.add(datetime(2026, 3, 2, 22), 300) == datetime(2026, 3, 3, 3)
    assert work.next_working(datetime(2026, 3, 2, 12)) == datetime(2026, 3, 2, 22)


def test_a_calendar_without_work_is_the_standard_one():
    work = WorkTime.of(Calendar(id="0", name="", week=((),) * 7))

    assert work.add(START, 480) == datetime(2026, 3, 2, 17)


def test_a_summary_beside_its_rows_spans_them_and_drives_nothing():
    tasks = [
        task("part", 0, kind=TaskKind.SUMMARY),
        task("all of it", 1, kind=TaskKind.SUMMARY, parent=0),
        task("a", 2, parent=0),
        task("b", 3, parent=0),
    ]

    path = compute(plan(tasks, [link(2, 3)]))

    assert spans(path)[:2] == ["0302T08 0306T17"] * 2
    assert np.isnan(path.total_float[1])


def test_durations_without_measure_end_within_the_calendar():
    chain = [task(str(k), duration=9e8) for k in range(9)]

    path = compute(plan(chain, [link(k, k + 1) for k in range(8)]))

    assert path.early_finish[-1].item() == datetime(9000, 1, 1)
    assert isinstance(path.late_start.min().item(), datetime)
