"""Work begun and done, and constraints that give way to links, as Primavera and Project compute."""

from dataclasses import replace
from datetime import datetime

import numpy as np
import pytest

from bimcore.critical_path import compute
from bimcore.formats.schedules.document import from_json, to_json
from bimcore.schedule import Constraint, Link, LinkType, Progress, Schedule, Task

START = datetime(2026, 6, 1, 8)
STATUS = datetime(2026, 6, 15, 8)  # a Monday


def task(name, days, **values):
    return Task(id=name, name=name, duration=480.0 * days, **values)


def begun(name, days, left, **values):
    return task(name, days, actual_start=datetime(2026, 6, 8, 8), remaining=480.0 * left, **values)


DONE = task("done", 5, actual_start=datetime(2026, 6, 2, 8), actual_finish=datetime(2026, 6, 8, 17))


def plan(tasks, pairs=(), progress=Progress.RETAINED, types=()):
    kinds = [*types, *[LinkType.FS] * len(pairs)]
    return Schedule(
        name="",
        source="",
        format="xer",
        tasks=tuple(tasks),
        links=tuple(
            Link(predecessor=a, successor=b, type=k)
            for (a, b), k in zip(pairs, kinds, strict=False)
        ),
        start=START,
        status_date=STATUS,
        progress=progress,
    )


def spans(dates):
    return [f"{a:%m%dT%H} {b:%m%dT%H}" for a, b in zip(*(d.tolist() for d in dates), strict=True)]


def early(schedule):
    path = compute(schedule)
    return spans((path.early_start, path.early_finish))


def test_work_not_begun_waits_for_the_status_date():
    tasks = [DONE, task("next", 2), task("free", 1)]

    assert early(plan(tasks, [(0, 1)])) == ["0602T08 0608T17", "0615T08 0616T17", "0615T08 0615T17"]
    assert early(plan(tasks, [(0, 1)], Progress.PLANNED))[1:] == [
        "0609T08 0610T17",
        "0601T08 0601T17",
    ]


@pytest.mark.parametrize(
    ("progress", "expected"),
    [
        (Progress.RETAINED, "0608T08 0618T17"),
        (Progress.OVERRIDDEN, "0608T08 0615T17"),
        (Progress.PLANNED, "0608T08 0615T17"),
    ],
)
def test_the_rest_of_work_begun_too_early_waits_where_the_logic_is_retained(progress, expected):
    tasks = [DONE, begun("before", 5, 3), begun("after", 5, 1)]

    assert early(plan(tasks, [(0, 1), (1, 2)], progress))[2] == expected


def test_the_end_of_work_begun_too_early_waits_for_another_end():
    tasks = [begun("before", 5, 3), begun("after", 5, 1)]

    assert early(plan(tasks, [(0, 1)], types=[LinkType.FF]))[1] == "0608T08 0617T17"


def test_what_remains_goes_on_where_the_source_says():
    halted = begun("halted", 5, 2, resumes=datetime(2026, 6, 22, 8))

    assert early(plan([halted], progress=Progress.PLANNED)) == ["0608T08 0623T17"]


def test_late_dates_of_begun_work_are_those_of_its_rest_and_of_done_work_its_own():
    tasks = [DONE, begun("rest", 5, 1), task("other", 4)]
    path = compute(plan(tasks, [(0, 1)]))

    assert spans((path.late_start, path.late_finish)) == [
        "0602T08 0608T17",
        "0618T08 0618T17",
        "0615T08 0618T17",
    ]
    assert path.total_float.tolist()[1:] == [3 * 480, 0]


def test_what_is_done_holds_its_predecessors_to_nothing():
    path = compute(plan([task("open", 1), DONE, task("last", 3)], [(0, 1)]))

    assert (path.total_float[0], path.free_float[0]) == (960, 960)
    assert np.isnan(path.total_float[1])


@pytest.mark.parametrize(
    ("constraint", "hour", "firm", "soft"),
    [
        (Constraint.MUST_START, 8, ("0604T08 0604T17", 0), ("0608T08 0608T17", -2)),
        (Constraint.MUST_FINISH, 17, ("0604T08 0604T17", 0), ("0608T08 0608T17", -2)),
        (Constraint.START_NO_LATER, 8, ("0604T08 0604T17", 0), ("0608T08 0608T17", -2)),
        (Constraint.FINISH_NO_LATER, 17, ("0604T08 0604T17", 0), ("0608T08 0608T17", -2)),
        (Constraint.START_NO_EARLIER, 8, ("0608T08 0608T17", 0), ("0608T08 0608T17", 0)),
        (Constraint.FINISH_NO_EARLIER, 17, ("0608T08 0608T17", 0), ("0608T08 0608T17", 0)),
    ],
)
def test_a_constraint_that_is_not_firm_takes_float_and_leaves_links_alone(
    constraint, hour, firm, soft
):
    held = task("b", 1, constraint=constraint, constraint_date=datetime(2026, 6, 4, hour))
    for firmly, expected in ((True, firm), (False, soft)):
        tasks = [task("a", 5), replace(held, firm=firmly)]
        path = compute(plan(tasks, [(0, 1)], Progress.PLANNED))
        found = spans((path.early_start, path.early_finish))[1]

        assert (found, path.total_float[1] / 480) == expected


def test_constraints_that_are_not_firm_still_hold_back():
    held = datetime(2026, 6, 10, 17)
    tasks = [
        task("start", 1, constraint=Constraint.MUST_START, constraint_date=held, firm=False),
        task("finish", 1, constraint=Constraint.MUST_FINISH, constraint_date=held, firm=False),
    ]

    found = early(plan(tasks, progress=Progress.PLANNED))

    assert found == ["0611T08 0611T17", "0610T08 0610T17"]


def test_progress_crosses_as_a_document():
    schedule = plan([begun("a", 5, 2, resumes=STATUS, firm=False)])

    assert from_json(to_json(schedule)) == schedule
