"""R19: cranes."""

from dataclasses import replace

import numpy as np
import pytest

from clash.rehearsal import r19_crane as r19
from clash.rehearsal.base import Polygon, SiteFacts
from tests.rehearsing import evening, part, stage, work


def crane(name="塔吊 1", x=0.0, **columns):
    return {
        "kind": "tower_crane", "name": name, "base": [x, 0.0, 0.0], "radius_m": 50.0,
        "jib_height_m": 40.0, "from": "2026-06-01", "to": "2026-09-30", **columns,
    }  # fmt: skip


def overhead(x, *, kilovolts=50.0, z=11.0):
    line = {
        "layer": "架空线", "name": "示例线", "voltage_kv": kilovolts,
        "points": np.array([[x, -90.0, z], [x, 90.0, z]]),
    }  # fmt: skip
    return SiteFacts(utilities=np.zeros(0, np.int32), lines=(line,), located=True)


def look(*cranes, site=None, things=(), works=(), **given):
    things = [part("IfcSlab", (0, 0, 0), (1, 1, 0.2), name="slab"), *things]
    works = [work("slab", "06-01", "06-02", on=["slab"]), *works]
    made = stage(things, works, site=site, equipment=tuple(cranes), rules=[r19], given=given)
    return r19.find(made)


@pytest.mark.parametrize(("x", "count"), [(49.9, 1), (53.0, 1), (53.1, 0)])
def test_circle_of_fifty_metres_beside_a_line_of_fifty_kilovolts(x, count):
    found = look(crane(), site=overhead(x))

    assert len(found.risks) == count
    windows = [(np.datetime64("2026-06-01T00:00"), np.datetime64("2026-10-01T00:00"))]
    assert [r.window for r in found.risks] == windows * count


def test_line_inside_the_sweep_is_the_worst_and_one_near_it_less():
    inside, near = (look(crane(), site=overhead(x)).risks[0] for x in (49.9, 52.0))

    assert inside.severity == 100
    assert near.magnitude == pytest.approx(1 - 2 / 3.05)
    assert near.data["distance_m"] == 2.0


def test_higher_voltage_asks_for_more():
    assert len(look(crane(), site=overhead(54.0, kilovolts=110.0)).risks) == 1
    assert len(look(crane(), site=overhead(55.0, kilovolts=110.0)).risks) == 0


def test_line_above_the_jib_is_none():
    assert look(crane(), site=overhead(30.0, z=50.0)).risks == ()


def test_limiter_that_keeps_the_jib_from_the_east_clears_the_line():
    assert look(crane(blocked_deg=[[10, 170]]), site=overhead(45.0)).risks == ()
    assert len(look(crane(blocked_deg=[[80, 100]]), site=overhead(45.0)).risks) == 1


def test_crane_moved_away_is_none():
    assert look(crane(x=-10.0), site=overhead(49.9)).risks == ()


def house(top, x0=40.0):
    ring = np.array([(x0, -5), (x0 + 9, -5), (x0 + 9, 5), (x0, 5)], dtype=float)
    facts = {"base_m": 0.0, "height_m": top}
    polygon = Polygon(rings=(ring,), layer="邻居", name="B2", facts=facts)
    return SiteFacts(utilities=np.zeros(0, np.int32), neighbours=(polygon,), located=True)


def test_house_as_high_as_the_jib_can_be_struck_and_a_low_one_is_swept():
    (struck,), (swept,) = look(crane(), site=house(39)).risks, look(crane(), site=house(20)).risks

    assert (struck.severity, struck.data["neighbour"]) == (100, "B2")
    assert swept.data["over_m"] == 10.0
    assert swept.severity < 50


def test_house_beyond_the_jib_is_none():
    assert look(crane(), site=house(20, x0=51)).risks == ()


def test_limiter_does_not_help_against_the_jib_in_the_wind():
    free = crane(blocked_deg=[[10, 170]], weathervane=True)

    assert len(look(free, site=house(39)).risks) == 1
    assert look(free, site=house(20)).risks == ()


def test_two_jibs_at_near_heights_over_one_place():
    other = crane("塔吊 2", 80.0, jib_height_m=43.0, **{"from": "2026-07-01"})

    (risk,) = look(crane(), other).risks

    assert risk.window == (np.datetime64("2026-07-01T00:00"), np.datetime64("2026-10-01T00:00"))
    assert risk.magnitude == pytest.approx(1 - 3 / 5)


@pytest.mark.parametrize(
    "other",
    [
        crane("塔吊 2", 80.0, jib_height_m=45.0),
        crane("塔吊 2", 101.0),
        crane("塔吊 2", 80.0, **{"from": "2026-10-01", "to": "2026-12-01"}),
    ],
)
def test_staggered_apart_or_later_cranes_are_none(other):
    assert look(crane(), other).risks == ()


def test_jib_that_reaches_the_mast_of_a_higher_crane():
    assert len(look(crane(), crane("塔吊 2", 51.0, jib_height_m=60.0)).risks) == 1
    assert look(crane(), crane("塔吊 2", 52.5, jib_height_m=60.0)).risks == ()


#: 1.6 t of concrete.
SIZE = (1.0, 0.64, 1.0)


def piece(name, x=20.0):
    low = (x - 0.5, -0.32, 0.0)
    return part("IfcWall", low, tuple(a + b for a, b in zip(low, SIZE, strict=True)), name=name)


def lift(allowed, *, name="预制墙板 PC-1", x=20.0):
    placed = work("吊装预制墙", "06-10", "06-11", on=[name])
    row = crane(chart=[[10.0, 6.0], [20.0, allowed], [50.0, 1.0]])
    return look(row, things=[piece(name, x)], works=[placed])


def test_load_with_rigging_over_the_chart():
    (risk,) = lift(1.7).risks

    assert (risk.data["load_t"], risk.data["allowed_t"]) == (1.76, 1.7)
    assert risk.window[1] == evening("06-11")
    assert "吊不动" in risk.titles["zh-CN"]


def test_load_within_the_chart_and_cast_concrete_are_none():
    assert lift(1.8).risks == ()
    assert lift(1.0, name="现浇墙").risks == ()


def test_piece_out_of_reach():
    (risk,) = lift(6.0, x=55.0).risks

    assert "够不到" in risk.titles["zh-CN"]


def test_crane_without_a_place_is_not_assessed():
    row = crane()
    del row["base"]

    assert len(look(row).not_assessed) == 1


def test_base_may_be_an_element():
    made = stage(
        [part("IfcFooting", (4, 4, -1), (6, 6, 0), name="base")],
        [work("x", "06-01", "06-02", on=["base"])],
        rules=[r19],
    )
    guid = made.scene.models[0].elements.guid[0]
    row = crane()
    row["base"] = guid

    near = replace(made, equipment=(row,), site=overhead(54.9))

    assert len(r19.find(near).risks) == 1


@pytest.mark.parametrize(
    "wrong",
    [
        {"chart": [[20.0]]},
        {"chart": "20 m: 3 t"},
        {"blocked_deg": [10, 20]},
        {"from": "spring"},
        {"base": [1.0, 2.0]},
        {"base_map": [1.0, 2.0, float("nan")]},
        {"radius_m": float("inf")},
    ],
)
def test_crane_whose_numbers_cannot_be_read_is_not_assessed(wrong):
    found = look(crane(**wrong), site=overhead(49.9))

    assert (found.risks, len(found.not_assessed)) == ((), 1)
