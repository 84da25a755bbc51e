"""R15: too many people in a place."""

import pytest

from clash.rehearsal import r15_congestion
from tests.rehearsing import at, evening, part, stage, work

FLOORS = {"1F": 0.0, "2F": 3.6}


def found(tasks, *, floor=20.0, **columns):
    things = [
        part("IfcSlab", (0, 0, -0.2), (floor, 10, 0), name="floor", storey="1F"),
        *(part("IfcWall", (1 + k, 1, 0), (1.2 + k, 9, 3), name=f"w{k}", storey="1F")
          for k in range(3)),
        part("IfcWall", (1, 1, 3.6), (1.2, 9, 6), name="up", storey="2F"),
    ]  # fmt: skip
    made = stage(things, tasks, elevations=FLOORS, rules=[r15_congestion], **columns)
    return r15_congestion.find(made).risks


def crew(number, start="06-01", finish="06-05", people=4.0, **columns):
    columns = {"on": [f"w{number}"], **columns}
    return work(f"crew {number}", start, finish, trade="lining", crew=people, **columns)


def test_three_crews_of_four_on_200_square_metres_are_too_many_by_a_fifth():
    (risk,) = found([crew(0), crew(1, "06-03", "06-08"), crew(2, "06-04", "06-09")])

    assert risk.magnitude == pytest.approx(0.2)
    assert (risk.weight, risk.severity, risk.place) == (0.4, 8, "1F")
    assert risk.window == (at("06-04"), evening("06-05"))
    assert risk.data["area_per_person_m2"] == pytest.approx(16.67)
    assert risk.tasks == (0, 1, 2)


def test_two_crews_or_a_larger_floor_are_a_near_miss():
    assert found([crew(0), crew(1)]) == ()
    assert found([crew(0), crew(1), crew(2)], floor=24.0) == ()


def test_without_crew_sizes_the_rule_is_silent():
    assert found([crew(k, people=None) for k in range(3)]) == ()


def test_people_on_two_floors_count_by_their_work_on_each():
    both = crew(2, on=["w2", "up"])

    assert found([crew(0), crew(1), both]) == ()


def test_nights_between_the_days_end_nothing():
    days = [crew(k, "06-01", "06-02") for k in range(3)]
    more = [work(f"more {k}", "06-03", "06-04", trade="lining", crew=4.0, on=[f"w{k}"])
            for k in range(3)]  # fmt: skip

    (risk,) = found([*days, *more])

    assert risk.window == (at("06-01"), evening("06-04"))
    assert risk.data["days"] == 4
