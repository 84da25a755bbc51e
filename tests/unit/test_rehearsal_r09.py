"""R09: units that find no way to their place any more."""

import numpy as np
import pytest

from clash.rehearsal import closely, r09_access, waysin
from clash.rehearsal.freespace import Surfaces, grid_of
from clash.rehearsal.parts import parts_of
from clash.rehearsal.spreading import spread
from tests.builders import about_z, box, joined, scene_of, turned
from tests.rehearsing import at, evening, part, solid, stage, work

UNIT = "IfcUnitaryEquipment"


def room(door: float):
    """A room of 6 x 5 x 3 m; its west wall has a door of some width and 2.1 m height."""
    west = joined(
        box((0.2, 2, 3), (-0.2, 0, 0)),
        box((0.2, 3 - door, 3), (-0.2, 2 + door, 0)),
        box((0.2, door, 0.9), (-0.2, 2, 2.1)),
    )
    return [
        part("IfcSlab", (-0.2, -0.2, -0.2), (6.2, 5.2, 0), name="floor", storey="1F"),
        part("IfcSlab", (-0.2, -0.2, 3), (6.2, 5.2, 3.2), name="roof", storey="1F"),
        part("IfcWall", (-0.2, -0.2, 0), (6.2, 0, 3), name="south", storey="1F"),
        part("IfcWall", (-0.2, 5, 0), (6.2, 5.2, 3), name="north", storey="1F"),
        part("IfcWall", (6, 0, 0), (6.2, 5, 3), name="east", storey="1F"),
        solid("IfcWall", west, name="west", storey="1F"),
    ]


SHELL = ("floor", "roof", "south", "north", "east")


def plan(day: str, *, name="Install AHU", **columns):
    return [
        work("Shell", "06-01", "06-05", trade="structure", on=SHELL),
        work("West wall", "06-08", "06-09", trade="envelope", on=("west",)),
        work(name, day, day, trade="mep_first", on=("unit",), **columns),
    ]


def unit(size=1.0, *, is_a=UNIT, name="unit", height=1.0, **columns):
    low = (3, 2, 0.02)
    high = (3 + size, 2 + size, 0.02 + height)
    return part(is_a, low, high, name=name, storey="1F", **columns)


def found(door, day, *, body=None, rooms=None, **columns):
    things = [*(rooms or room(door)), body or unit()]
    return r09_access.find(stage(things, plan(day, **columns), rules=(r09_access,)))


def test_before_the_wall_stands_the_unit_gets_in():
    assert found(0.9, "06-09").risks == ()


def test_after_the_wall_only_a_door_that_is_too_narrow_is_left():
    risks = found(0.9, "06-11").risks

    assert [(r.rule, r.elements, r.others, r.place) for r in risks] == [("R09", (6,), (5,), "1F")]
    assert risks[0].window == (at("06-11"), evening("06-11"))
    assert risks[0].tasks == (2, 1)
    assert risks[0].certain
    assert risks[0].data["closed"] == "2026-06-09T17:00"
    assert risks[0].data["way_left_m"] == pytest.approx(0.9, abs=0.06)
    assert risks[0].titles["zh-CN"] == (
        "1F “unit”6月11日安装时运不进去：“West wall”6月9日完成后通道已封"
    )


def test_a_door_wide_enough_leaves_a_way():
    assert found(1.1, "06-11").risks == ()


def test_a_unit_goes_through_on_its_narrow_side():
    flat = part(UNIT, (3, 1, 0.02), (3.6, 3, 1.9), name="unit", storey="1F")

    assert found(0.9, "06-11", body=flat).risks == ()


def test_a_unit_too_high_for_the_door_lies_down():
    tall = part(UNIT, (3, 1, 0.02), (3.7, 1.7, 2.6), name="unit", storey="1F")

    assert found(0.9, "06-11", body=tall).risks == ()


def test_what_was_built_less_than_five_days_before_counts_half():
    assert [r.magnitude for r in found(0.9, "06-11").risks] == [0.5]
    assert [r.magnitude for r in found(0.9, "06-20").risks] == [1.0]


def test_what_is_cast_in_place_is_never_trapped():
    cast = part("IfcSlab", (3, 2, 0.02), (4, 3, 1), name="unit", storey="1F")

    assert found(0.9, "06-11", body=cast).risks == ()


def test_a_unit_that_comes_in_parts_is_never_trapped():
    assert found(0.9, "06-11", name="水箱现场拼装").risks == ()


def test_an_open_roof_lets_the_crane_in_and_a_plan_without_crane_does_not():
    things = [t for t in room(0.9) if t.name != "roof"] + [unit()]
    tasks = plan("06-11")
    tasks[0] = work("Shell", "06-01", "06-05", on=[n for n in SHELL if n != "roof"])

    sky = r09_access.find(stage(things, tasks, rules=(r09_access,)))
    ground = r09_access.find(stage(things, tasks, rules=(r09_access,), given={"R09.sky": False}))

    assert (len(sky.risks), len(ground.risks)) == (0, 1)


def test_walls_without_dates_make_it_possible_not_certain():
    tasks = [plan("06-11")[2]]

    risks = r09_access.find(stage([*room(0.9), unit()], tasks, rules=(r09_access,))).risks

    assert [(r.certain, r.tasks) for r in risks] == [(False, (0,))]


def test_two_units_of_one_task_in_one_room_are_one_risk():
    second = part(UNIT, (4.5, 2, 0.02), (5.5, 3, 1.0), name="second", storey="1F")
    tasks = [*plan("06-11")[:2], work("AHUs", "06-11", "06-12", on=("unit", "second"))]

    risks = r09_access.find(stage([*room(0.9), unit(), second], tasks, rules=(r09_access,))).risks

    assert [r.elements for r in risks] == [(6, 7)]


def hall(count, *, grows=0.0):
    """Units in a hall with a long narrow corridor: its end is closed before its begin."""
    units = [
        part(
            UNIT,
            (x, y, 0.02),
            (x + 1, y + 1 + grows * k, 1.02 + grows * k),
            name=f"unit {k}",
            storey="1F",
        )
        for k, (x, y) in enumerate((1 + 1.4 * (k // 2), 1 + 2 * (k % 2)) for k in range(count))
    ]
    long = 11.0
    walls = {
        "south": ((0, -0.2, 0), (long + 25, 0, 3)),
        "north": ((0, 5, 0), (long + 25, 5.2, 3)),
        "west": ((-0.2, -0.2, 0), (0, 5.2, 3)),
        "side": ((long, 1.6, 0), (long + 25, 5, 3)),
        "near": ((long, 0, 0), (long + 0.2, 1.6, 3)),
        "far": ((long + 25, -0.2, 0), (long + 25.2, 5.2, 3)),
    }
    slabs = [
        part("IfcSlab", (-0.2, -0.2, z), (long + 25.2, 5.2, z + 0.2), name=name, storey="1F")
        for name, z in (("floor", -0.2), ("roof", 3))
    ]
    tasks = [
        work("Shell", "06-01", "06-05", on=("floor", "roof", "south", "north", "west", "side")),
        work("Far wall", "06-08", "06-09", on=("far",)),
        work("Near wall", "06-15", "06-16", on=("near",)),
        work("Units", "06-22", "06-23", on=[u.name for u in units]),
    ]
    made = [part("IfcWall", *ends, name=name, storey="1F") for name, ends in walls.items()]
    return stage([*slabs, *made, *units], tasks, rules=(r09_access,))


def test_of_many_units_shut_in_far_from_outside_each_is_told_the_true_day(monkeypatch):
    # so few cells of the whole building that they do not tell the day
    monkeypatch.setattr(waysin, "_CELLS", 2000)

    risks = r09_access.find(hall(13)).risks

    assert [(r.tasks, len(r.elements), r.data["closed"]) for r in risks] == [
        ((3, 1), 13, "2026-06-09T17:00")
    ]
    assert not risks[0].data["closed_at_latest"]


def test_units_tried_as_the_smallest_of_them_are_told_their_own_day(monkeypatch):
    monkeypatch.setattr(waysin, "_CELLS", 2000)
    monkeypatch.setattr(closely, "_WIDTH_CELLS", 0)

    (risk,) = r09_access.find(hall(4, grows=0.1)).risks

    assert (len(risk.elements), risk.data["closed"]) == (4, "2026-06-09T17:00")
    assert not risk.data["closed_at_latest"]


def test_a_day_that_is_not_followed_to_its_end_is_told_as_the_latest(monkeypatch):
    monkeypatch.setattr(waysin, "_CELLS", 2000)
    monkeypatch.setattr(waysin, "_DAYS_EFFORT", 0)

    (risk,) = r09_access.find(hall(1)).risks

    assert (risk.data["closed"], risk.data["closed_at_latest"]) == ("2026-06-16T17:00", True)
    assert risk.titles == {
        "zh-CN": "1F “unit 0”6月22日安装时运不进去：最迟“Near wall”6月16日完成后通道已封",
        "en": '"unit 0" on 1F cannot be brought in 22 Jun: "Near wall" closes the way after 16 Jun '
        "at the latest",
    }
    assert "别处可能更早封住了通道" in risk.descriptions["zh-CN"]
    assert "at least 7 days earlier" in risk.suggestion["en"]


def test_a_site_of_several_buildings_is_searched_building_by_building():
    far = part("IfcWall", (900, 700, 0), (910, 700.2, 3), name="far", storey="1F")
    things = [*room(0.9), unit(), far]

    told = r09_access.find(stage(things, plan("06-11"), rules=(r09_access,)))

    assert [r.elements for r in told.risks] == [(6,)]
    assert told.not_assessed == ()


def test_buildings_stand_apart_where_nothing_bridges_the_gap():
    def slab(x, y):
        return [[x, y, 0.0], [x + 10, y + 10, 1.0]]

    boxes = np.array([slab(0, 0), slab(13, 0), slab(40, 0), slab(40, 13), slab(0, 60)])
    others = np.array([slab(14, 1), slab(41, 8), slab(500, 500), slab(20, 30)])

    of_box, of_other = parts_of(boxes, others)

    assert [of_box.tolist().index(k) for k in of_box] == [0, 0, 2, 2, 4]
    assert of_other.tolist() == [of_box[0], of_box[2], -1, -1]


@pytest.mark.parametrize("degrees", [0, 17, 45, 90])
@pytest.mark.parametrize(("door", "passes"), [(0.92, False), (1.12, True)])
def test_a_door_is_as_wide_in_a_turned_building(degrees, door, passes):
    turn = about_z(degrees)
    bodies = [turned(t.body, turn) for t in room(door)]
    scene = scene_of(*bodies)
    boxes = scene.bounds
    bounds = np.stack([boxes[:, 0].min(axis=0) - 1.5, boxes[:, 1].max(axis=0) + 1.5])
    surfaces = Surfaces.of(scene.meshes, np.arange(6), np.zeros(6, dtype=np.int64), always=-1)
    grid = grid_of(surfaces, bounds, cell=0.06)

    until = grid.open_until(width=1.05, height=1.05)
    joined = spread(until, np.array([until.size - 1]), grid.never + 1)

    middle = tuple(grid.index(np.array([[3.0, 2.5, 1.0]]) @ turn.T)[0])
    assert until[middle] == grid.never
    assert bool(joined[middle] == grid.never) is passes
