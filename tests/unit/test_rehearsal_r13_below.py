"""R13: work under work."""

import pytest

from clash.rehearsal import r13_below
from tests.builders import box, joined
from tests.rehearsing import at, evening, part, solid, stage, told, work

FLOORS = {"1F": 0.0, "2F": 3.6, "3F": 7.2}

ROOF = part("IfcMember", (0, 0, 6.9), (10, 10, 7.2), name="trusses", storey="2F")
PIPES = part("IfcPipeSegment", (1, 1, 0.5), (9, 9, 0.7), name="pipes", storey="1F")
SLAB = part("IfcSlab", (0, 0, 3.4), (10, 10, 3.6), name="slab", storey="2F")


def found(things, tasks, links=(), **columns):
    made = stage(things, tasks, links, elevations=FLOORS, rules=[r13_below], **columns)
    return made, r13_below.find(made).risks


def roof(start="06-01", finish="06-05", **columns):
    columns = {"on": ["trusses"], "trade": "roof", **columns}
    return work("roof", start, finish, **columns)


def pipes(start="06-04", finish="06-08", **columns):
    columns = {"on": ["pipes"], "trade": "mep_first", **columns}
    return work("services", start, finish, **columns)


def slab(finish, **columns):
    return work("cast", "05-20", finish, on=["slab"], trade="structure", **columns)


def test_a_trade_below_a_roof_that_is_built_is_one_risk_with_the_shared_days():
    made, risks = found([ROOF, PIPES], [roof(), pipes()])

    assert told(made, risks) == [("R13", ("services", "roof"), ("pipes",))]
    (risk,) = risks
    assert risk.window == (at("06-04"), evening("06-05"))
    assert risk.weight == 1.0
    assert risk.magnitude == pytest.approx(2 / 5)
    assert risk.place == "1F"
    assert risk.titles["zh-CN"] == ("1F：「services」在「roof」下方施工，6月4日至6月5日无楼板隔离")


def test_a_finished_floor_between_them_is_a_near_miss():
    tasks = [roof(), pipes()]

    assert [r.tasks for r in found([ROOF, PIPES, SLAB], [*tasks, slab("05-30")])[1]] == []
    assert [r.tasks for r in found([ROOF, PIPES, SLAB], [*tasks, slab("06-20")])[1]
            if r.tasks == (1, 0)] == [(1, 0)]  # fmt: skip


def test_a_floor_finished_meanwhile_ends_the_window():
    tasks = [roof("06-01", "06-10"), pipes("06-01", "06-10"), slab("06-03")]

    (risk,) = [r for r in found([ROOF, PIPES, SLAB], tasks)[1] if r.tasks == (1, 0)]

    assert risk.window == (at("06-01"), evening("06-03"))
    assert risk.magnitude == pytest.approx(0.3)


def test_floor_finishes_do_not_take_the_floor_away():
    screed = work("screed", "06-10", "06-20", on=["slab"], trade="finish")
    tasks = [roof(), pipes(), slab("05-30"), screed]

    assert [r for r in found([ROOF, PIPES, SLAB], tasks)[1] if 1 in r.tasks] == []


def test_the_day_after_is_a_near_miss():
    assert found([ROOF, PIPES], [roof(), pipes("06-06", "06-09")])[1] == ()


def test_the_drop_zone_reaches_a_third_of_the_height_and_six_metres_at_most():
    def beside(gap):
        trench = part("IfcPipeSegment", (10 + gap, 0, -0.2), (14 + gap, 9, 0), name="pipes")
        return len(found([ROOF, trench], [roof(), pipes()])[1])

    # feet at 6.9 m and -0.2 m: a third is 2.37 m
    assert beside(1.8) == 1
    assert beside(2.4) == 0


def test_a_high_roof_reaches_no_farther_than_six_metres():
    high = part("IfcMember", (0, 0, 60), (10, 10, 60.3), name="trusses", storey="3F")

    def beside(gap):
        trench = part("IfcPipeSegment", (10 + gap, 0, -0.2), (14 + gap, 9, 0), name="pipes")
        return len(found([high, trench], [roof(), pipes()])[1])

    assert beside(5.0) == 1
    assert beside(6.1) == 0


def ring(edge):
    """A floor of ten metres with a square opening that leaves `edge` metres all round."""
    inner = 10 - 2 * edge
    body = joined(
        box((10, edge, 0.2), at=(0, 0, 3.4)),
        box((10, edge, 0.2), at=(0, 10 - edge, 3.4)),
        box((edge, inner, 0.2), at=(0, edge, 3.4)),
        box((edge, inner, 0.2), at=(10 - edge, edge, 3.4)),
    )
    return solid("IfcSlab", body, name="slab", storey="2F")


def test_a_large_opening_in_the_floor_lets_things_through():
    (risk,) = found([ROOF, PIPES, ring(2)], [roof(), pipes(), slab("05-30")])[1]

    assert risk.data["open_area_m2"] == pytest.approx(5.5 * 5.5)  # a cell under each edge
    assert risk.magnitude == pytest.approx(5.5 * 5.5 / 64 * 2 / 5)


def test_a_small_opening_is_covered_by_rule():
    things = [ROOF, PIPES, ring(3)]  # 16 m2

    assert found(things, [roof(), pipes(), slab("05-30")])[1] == ()
    given = {"R13.hole_m2": 10}
    assert len(found(things, [roof(), pipes(), slab("05-30")], given=given)[1]) == 1


def test_indoor_work_over_finished_floors_harms_nobody_beside():
    upper = part("IfcDuctSegment", (0, 0, 6.2), (10, 10, 6.5), name="ducts", storey="2F")
    trench = part("IfcPipeSegment", (10.5, 0, -0.2), (14, 9, 0), name="pipes")
    tasks = [work("ducts", "06-01", "06-05", on=["ducts"], trade="mep_first"),
             pipes(trade="external"), slab("05-30")]  # fmt: skip

    assert found([upper, trench, SLAB], tasks)[1] == ()


def test_floors_that_nobody_modelled_tell_nothing_of_indoor_work():
    upper = part("IfcDuctSegment", (0, 0, 6.2), (10, 10, 6.5), name="ducts", storey="2F")
    tasks = [work("ducts", "06-01", "06-05", on=["ducts"], trade="lining"), pipes()]

    assert found([upper, PIPES], tasks)[1] == ()


def test_one_gang_and_linked_tasks_of_one_trade_are_no_risk():
    people = {"resources": ("Li's gang",)}
    assert found([ROOF, PIPES], [roof(**people), pipes(**people)])[1] == ()
    same = [roof(trade="structure"), pipes(trade="structure"), work("x", "06-01", "06-02")]
    links = [("roof", "x"), ("x", "services")]
    assert found([ROOF, PIPES], same, links)[1] == ()
    assert len(found([ROOF, PIPES], same)[1]) == 1


def test_a_protection_deck_keeps_the_place_safe():
    deck = part("IfcBuildingElementProxy", (-1, -1, 4.0), (11, 11, 4.1), name="protection deck")

    def stands(until):
        return work("fan", "05-20", until, on=["protection deck"], trade="temporary",
                    action="temporary")  # fmt: skip

    assert found([ROOF, PIPES, deck], [roof(), pipes(), stands("06-30")])[1] == ()
    (risk,) = found([ROOF, PIPES, deck], [roof(), pipes(), stands("06-04")])[1]
    assert risk.window == (evening("06-04"), evening("06-05"))
    assert risk.data["open_days"] == 1


def test_protection_without_a_place_leaves_a_possible_risk():
    net = work("搭设防护棚", "05-20", "05-25")

    (risk,) = found([ROOF, PIPES], [roof(), pipes(), net])[1]

    assert not risk.certain
    assert "防护" in risk.descriptions["zh-CN"]


def test_a_flight_is_made_with_the_floor_it_leads_to():
    flight = part("IfcStairFlight", (1, 1, 0), (4, 2, 3.4), name="flight", storey="1F")
    bench = part("IfcMember", (1, 1, 0), (4, 2, 3.4), name="flight", storey="1F")
    floor = part("IfcSlab", (0, 0, 3.4), (9, 9, 3.6), name="slab", storey="2F")
    tasks = [
        work("flight", "06-01", "06-03", on=["flight"], trade="structure"),
        work("cast", "06-01", "06-10", on=["slab"], trade="structure"),
    ]

    assert found([flight, floor], tasks)[1] == ()
    assert [r.tasks for r in found([bench, floor], tasks)[1]] == [(0, 1)]
