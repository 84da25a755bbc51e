"""R14: hot work beside what burns."""

import numpy as np
import pytest

from clash.rehearsal import r14_hot_work
from tests.rehearsing import at, part, stage, told, work

FLOORS = {"1F": 0.0, "2F": 3.6}
STEEL = part("IfcBeam", (0, 0, 2.5), (1, 0.3, 2.8), name="steel", storey="1F")


def found(gap, *, things=(), tasks=(), paint=("06-01", "06-05"), **columns):
    timber = part("IfcCovering", (1 + gap, 0, 2.5), (3 + gap, 0.3, 2.8), name="panel", storey="1F")
    plan = [
        work("steel welding", "06-03", "06-08", trade="structure", on=["steel"]),
        work("painting", *paint, trade="finish", on=["panel"]),
        *tasks,
    ]
    made = stage([STEEL, timber, *things], plan, elevations=FLOORS, rules=[r14_hot_work],
                 **columns)  # fmt: skip
    return made, r14_hot_work.find(made).risks


def test_within_the_distance_is_a_risk_and_beyond_it_none():
    made, risks = found(10.9)

    assert told(made, risks) == [("R14", ("steel welding", "painting"), ("steel",))]
    assert risks[0].magnitude == pytest.approx(1 - 10.9 / 11)
    assert risks[0].window == (at("06-03"), np.datetime64("2026-06-05T17:00"))
    assert found(11.1)[1] == ()


def test_the_watch_after_the_work_counts():
    hours = {"paint": ("06-08T17:30", "06-09")}

    (risk,) = found(3.0, **hours)[1]

    assert risk.window == (np.datetime64("2026-06-08T17:30"), np.datetime64("2026-06-08T18:00"))
    assert found(3.0, paint=("06-09", "06-10"))[1] == ()


def test_a_wall_that_stands_between_keeps_sparks_off():
    wall = part("IfcWall", (3, -5, 0), (3.2, 5, 3.4), name="wall", storey="1F")

    def built(day):
        return [work("wall", day, day, trade="envelope", on=["wall"])]

    assert found(5.0, things=[wall], tasks=built("05-20"))[1] == ()
    assert len(found(5.0, things=[wall], tasks=built("06-20"))[1]) == 1


def test_a_store_of_fuel_is_told_without_a_task():
    store = part("IfcBuildingElementProxy", (6, 0, 0), (8, 2, 2), name="paint store", storey="1F")

    made, risks = found(20.0, things=[store])

    assert told(made, risks) == [("R14", ("steel welding",), ("steel",))]
    assert risks[0].others == (2,)


def test_mineral_wool_does_not_burn_and_procurement_is_no_hot_work():
    plan = [work("岩棉保温板安装", "06-01", "06-09", trade="lining", on=["panel"])]

    assert found(3.0, paint=("07-01", "07-02"), tasks=plan)[1] == ()
