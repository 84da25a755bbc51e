"""Crews: days that calendars share, gangs, and room to slip."""

import numpy as np

from bimcore.schedule import Calendar, TaskKind
from clash.rehearsal import r12_workspace
from clash.rehearsal.crews import Crews
from clash.rehearsal.trades import trades
from tests.rehearsing import WEEKDAYS, at, evening, holiday, part, stage, work

WALL = part("IfcWall", (0, 0, 0), (5, 0.2, 3), name="wall", storey="1F")


def crews(tasks, links=(), **columns):
    return Crews.of(stage([WALL], tasks, links, rules=[r12_workspace], **columns), trades())


def minutes(moment):
    return int(moment.astype("datetime64[m]").astype(np.int64))


def test_days_of_a_span_count_where_work_falls_into_them():
    made = crews([work("a", "06-01", "06-30")], calendar=WEEKDAYS)
    span = lambda first, last: made.worked.between(0, minutes(first), minutes(last))  # noqa: E731

    assert span(at("06-01"), evening("06-05")) == 5
    assert span(at("06-05"), at("06-08")) == 1  # Friday to Monday morning
    assert span(evening("06-05"), evening("06-08")) == 1
    assert span(at("06-06"), evening("06-07")) == 0
    assert span(at("06-08"), at("06-08")) == 0


def test_single_spans_and_many_are_counted_alike():
    made = crews([work("a", "06-01", "06-30")], calendar=Calendar(
        id="x", name="x", week=WEEKDAYS.week, exceptions=(holiday("06-10", "06-12"),)))  # fmt: skip
    rng = np.random.default_rng(1)
    low = minutes(at("05-25")) + rng.integers(0, 30 * 1440, 400)
    high = low + rng.integers(-600, 15 * 1440, 400)
    row = np.zeros(400, dtype=np.int64)

    many = made.worked.count(row, row, low, high)

    assert many.tolist() == [
        made.worked.between(0, a, b) for a, b in zip(low.tolist(), high.tolist(), strict=True)
    ]


def test_shared_days_are_those_that_both_calendars_work():
    made = crews(
        [work("a", "06-04", "06-10"), work("b", "06-04", "06-12", calendar="5")],
        calendars=[WEEKDAYS],
    )

    begin, end, days = made.shared(np.array([0]), np.array([1]))

    assert (begin.tolist(), end.tolist()) == ([minutes(at("06-04"))], [minutes(evening("06-10"))])
    assert days.tolist() == [5]


def test_done_work_groups_of_rows_and_undated_rows_are_no_crew():
    made = crews(
        [
            work("heading", "06-01", "06-05", kind=TaskKind.SUMMARY),
            work("done", "06-01", "06-05", complete=1.0),
            work("inspection", "06-01", "06-05", action="neutral"),
            work("at work", "06-01", "06-05"),
        ]
    )

    assert made.at_work.tolist() == [False, False, False, True]


def test_links_of_a_summary_hold_for_its_rows():
    tasks = [
        work("first", "06-01", "06-10", kind=TaskKind.SUMMARY),
        work("a", "06-01", "06-05", parent=0),
        work("b", "06-08", "06-12"),
        work("c", "06-08", "06-12"),
    ]
    gangs = crews(tasks, [("first", "b")]).gangs

    assert gangs.after(1, 2)
    assert not gangs.after(1, 3)
    assert not gangs.along(1, 2)
    assert not gangs.one(1, 2)


def test_room_to_slip_ends_where_the_next_task_begins():
    made = crews(
        [work("a", "06-01", "06-05"), work("b", "06-10", "06-12"), work("c", "06-01", "06-12")],
        [("a", "b")],
    )

    assert made.float_days(0) == 4
    assert made.float_days(1) == 0
