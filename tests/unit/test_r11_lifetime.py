"""R11: bodies that meet for a while, and what is demolished under load."""

from clash.rehearsal import r11_lifetime as r11
from tests.rehearsing import at, evening, part, stage, told, work

BASE = part("IfcSlab", (-5, -5, -0.3), (15, 15, 0), name="base", storey="1F")
HOIST = part("IfcTransportElement", (4, -1, 0), (6, 1, 12), name="hoist", storey="1F")
WALL = part("IfcWall", (0, 0, 0), (10, 0.2, 3), name="wall", storey="1F")
HOLIDAYLESS = {"rules": [r11]}


def site(hoist=("06-01", "06-19"), wall=("06-15", "06-30")):
    tasks = [
        work("hoist", *hoist, on=["hoist"], action="temporary"),
        work("wall", *wall, on=["wall"]),
    ]
    return stage([BASE, HOIST, WALL], tasks, **HOLIDAYLESS)


def test_a_hoist_in_the_way_of_a_wall_is_one_risk_while_both_are_there():
    place = site()

    found = r11.find(place)

    assert told(place, found) == [("R11", ("wall", "hoist"), ("wall",))]
    (risk,) = found.risks
    assert risk.window == (at("06-15"), evening("06-19"))
    assert risk.severity == 70
    assert risk.certain


def test_a_wall_after_the_hoist_has_gone_is_no_risk():
    assert r11.find(site(wall=("06-20", "06-30"))).risks == ()


def test_an_old_wall_that_is_still_there_is_in_the_way_of_a_new_one():
    old = part("IfcWall", (5, -2, 0), (5.2, 2, 3), name="old", storey="1F")
    tasks = [
        work("demolition", "06-10", "06-12", on=["old"], action="remove"),
        work("wall", "06-08", "06-20", on=["wall"]),
    ]
    place = stage([BASE, old, WALL], tasks, **HOLIDAYLESS)

    found = r11.find(place)

    assert told(place, found) == [("R11", ("wall", "demolition"), ("wall",))]
    assert found.risks[0].window == (at("06-08"), evening("06-12"))


def test_two_bodies_that_stay_are_left_to_the_static_list():
    cross = part("IfcWall", (5, -2, 0), (5.2, 2, 3), name="cross", storey="1F")
    tasks = [
        work("cross", "06-01", "06-12", on=["cross"]),
        work("wall", "06-08", "06-20", on=["wall"]),
    ]

    assert r11.find(stage([BASE, cross, WALL], tasks, **HOLIDAYLESS)).risks == ()


def test_a_prop_let_into_its_slab_is_no_risk():
    prop = part("IfcColumn", (2, 5, 0), (2.1, 5.1, 3.05), name="prop", storey="1F")
    deck = part("IfcSlab", (0, 0, 3), (10, 10, 3.2), name="deck", storey="2F")
    tasks = [
        work("props", "06-01", "06-30", on=["prop"], action="temporary"),
        work("deck", "06-05", "06-08", on=["deck"]),
    ]

    assert r11.find(stage([BASE, WALL, prop, deck], tasks, **HOLIDAYLESS)).risks == ()


DECK = part("IfcSlab", (0, 0, 3), (10, 10, 3.2), name="deck", storey="2F")


def test_a_wall_demolished_under_its_deck_is_one_risk_from_the_first_day():
    tasks = [
        work("walls out", "06-10", "06-12", on=["wall"], action="remove"),
        work("deck out", "06-20", "06-22", on=["deck"], action="remove"),
    ]
    place = stage([BASE, WALL, DECK], tasks, **HOLIDAYLESS)

    found = r11.find(place)

    assert told(place, found) == [("R11", ("walls out", "deck out"), ("deck",))]
    (risk,) = found.risks
    assert risk.window == (at("06-10"), evening("06-22"))
    assert (risk.weight, risk.certain) == (1.0, True)


def test_demolition_from_the_top_down_is_no_risk():
    tasks = [
        work("deck out", "06-10", "06-12", on=["deck"], action="remove"),
        work("walls out", "06-13", "06-15", on=["wall"], action="remove"),
    ]

    assert r11.find(stage([BASE, WALL, DECK], tasks, **HOLIDAYLESS)).risks == ()


def test_a_temporary_support_lets_a_wall_go():
    prop = part("IfcBuildingElementProxy", (5, 5, 0), (5.2, 5.2, 3), name="prop", storey="1F")
    tasks = [
        work("prop", "06-05", "06-30", on=["prop"], action="temporary"),
        work("walls out", "06-10", "06-12", on=["wall"], action="remove"),
    ]

    assert r11.find(stage([BASE, WALL, DECK, prop], tasks, **HOLIDAYLESS)).risks == ()


def propped(bricks, *, y=4.0, strike="07-01", links=(), props=False):
    """A partition under a cast floor whose props go on a day."""
    things = [
        part("IfcSlab", (0, 0, -0.3), (8, 8, 0), name="S0", storey="1F"),
        part("IfcWall", (0, 0, 0), (0.2, 8, 3), name="W1", storey="1F"),
        part("IfcWall", (7.8, 0, 0), (8, 8, 3), name="W2", storey="1F"),
        part("IfcSlab", (0, 0, 3), (8, 8, 3.2), name="S1", storey="2F"),
        part("IfcWall", (2, y, 0), (6, y + 0.1, 2.8), name="bricks", storey="1F"),
    ]
    tasks = [
        work("base", "05-01", "05-02", on=["S0"]),
        work("walls", "05-04", "05-06", trade="structure", on=["W1", "W2"]),
        work("2F 梁板浇筑", "06-01", "06-02", trade="structure", on=["S1"]),
        work("2F 梁板拆模", strike, strike, action="maintain", on=["S1"]),
        work("1F 砌体", *bricks, trade="envelope", on=["bricks"]),
    ]
    if props:
        things.append(part("IfcMember", (3, 2, 0), (3.1, 2.1, 3), name="prop", storey="1F"))
        tasks[3] = work("搭支撑", "05-20", "05-21", action="temporary", on=["prop"])
        tasks.append(work("take props", strike, strike, action="remove", on=["prop"]))
    return stage(things, tasks, links, rules=[r11])


def test_masonry_under_a_floor_on_props_waits_until_they_go():
    place = propped(("06-20", "06-29"))

    found = r11.find(place)

    assert told(place, found) == [("R11", ("1F 砌体", "2F 梁板拆模"), ("bricks",))]
    (risk,) = found.risks
    assert (risk.window, risk.certain) == ((at("06-20"), at("07-01")), True)
    assert risk.severity == 42
    assert risk.titles["zh-CN"] == "1F 墙 1 个在上层楼板支撑拆除前砌筑：7月1日才开始拆"
    assert "推迟 12 天" in risk.suggestion["zh-CN"]


def test_modelled_props_are_told_as_those_of_the_plan():
    place = propped(("06-20", "06-29"), props=True)

    assert told(place, r11.find(place)) == [("R11", ("1F 砌体", "take props"), ("bricks",))]


def test_masonry_after_the_props_at_the_edge_or_side_by_side_is_none():
    along = [("2F 梁板拆模", "1F 砌体", "SS", -2)]

    assert r11.find(propped(("07-01", "07-05"))).risks == ()
    assert r11.find(propped(("06-20", "06-29"), y=0.4)).risks == ()
    assert r11.find(propped(("06-29", "07-05"), links=along)).risks == ()
