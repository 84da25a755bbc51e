"""R04: what starts before its support, and what only looks like it."""

from dataclasses import replace

import pytest

from bimcore.relations import RelationKind
from clash.rehearsal import r04_support as r04
from tests.rehearsing import at, evening, linked, part, scene_of_parts, stage, told, work

SLAB0 = part("IfcSlab", (0, 0, -0.3), (6, 6, 0), name="S0", storey="1F")
WALLS = [
    part("IfcWall", (0, 0, 0), (6, 0.2, 3), name="W1", storey="1F"),
    part("IfcWall", (0, 5.8, 0), (6, 6, 3), name="W2", storey="1F"),
]
SLAB1 = part("IfcSlab", (0, 0, 3), (6, 6, 3.2), name="S1", storey="2F")
UPPER = part("IfcWall", (0, 0, 3.2), (6, 0.2, 6.2), name="W3", storey="2F")
HOUSE = [SLAB0, *WALLS, SLAB1, UPPER]


def house(*, walls=("06-03", "06-05"), slab=("06-08", "06-10"), upper=("06-11", "06-12"), **more):
    tasks = [
        work("base", "06-01", "06-02", on=["S0"]),
        work("walls", *walls, on=["W1", "W2"]),
        work("slab", *slab, on=["S1"]),
        work("upper", *upper, on=["W3"]),
    ]
    return stage(HOUSE, tasks, **more, rules=[r04])


def test_a_building_from_the_ground_up_has_no_risk():
    assert r04.find(house()).risks == ()


def test_walls_before_their_slab_are_one_risk_until_the_slab_is_done():
    place = house(upper=("06-04", "06-05"))

    found = r04.find(place)

    assert told(place, found) == [("R04", ("upper", "slab"), ("W3",))]
    risk = found.risks[0]
    assert risk.window == (at("06-04"), evening("06-10"))
    assert risk.certain
    assert risk.confidence == 1.0
    assert risk.data["gap_working_days"] == 7.0
    assert risk.severity == 85
    assert risk.place == "2F"
    assert "差 7 个工作日" in risk.descriptions["zh-CN"]


def pour_at_once(*, bars=("06-03", "06-04"), forms=("06-05", "06-07"), pour="混凝土"):
    tasks = [
        work("底板", "06-01", "06-02", on=["S0"]),
        work("墙钢筋", *bars, on=["W1", "W2"]),
        work("梁板模板", *forms, on=["S1"]),
        work(pour, "06-08", "06-08", on=["W1", "W2", "S1"]),
    ]
    return stage(HOUSE[:-1], tasks, rules=[r04])


def test_walls_and_slab_that_one_pour_casts_are_formed_one_after_the_other():
    assert r04.find(pour_at_once()).risks == ()


def test_one_pour_excuses_no_slab_that_is_formed_before_its_walls():
    found = r04.find(pour_at_once(bars=("06-05", "06-06"), forms=("06-03", "06-04")))

    assert [r.elements for r in found.risks] == [(3,)]


def test_a_last_task_that_pours_nothing_excuses_nothing():
    assert len(r04.find(pour_at_once(pour="清理")).risks) == 1


def test_a_supporter_that_ends_the_evening_before_is_in_time():
    assert r04.find(house(upper=("06-11", "06-11"))).risks == ()


def test_overlapping_dates_are_possible_only():
    place = house(upper=("06-10", "06-12"))

    (risk,) = r04.find(place).risks

    assert not risk.certain
    assert risk.confidence == 0.5
    assert risk.window == (at("06-10"), evening("06-10"))


def test_a_slab_that_misses_a_minor_part_of_its_bearing_is_no_risk():
    extra = part("IfcWall", (0, 2, 0), (6, 2.2, 3), name="W4", storey="1F")
    more = [*HOUSE, extra]
    tasks = [
        work("walls", "06-03", "06-05", on=["W1", "W2"]),
        work("late", "06-20", "06-21", on=["W4"]),
        work("slab", "06-08", "06-10", on=["S1"]),
    ]

    assert r04.find(stage(more, tasks, rules=[r04])).risks == ()


def test_nothing_is_said_where_a_carrier_has_no_date():
    tasks = [
        work("one wall", "06-20", "06-21", on=["W1"]),
        work("slab", "06-08", "06-10", on=["S1"]),
    ]

    assert r04.find(stage(HOUSE, tasks, rules=[r04])).risks == ()


def test_a_temporary_support_counts_while_it_stands():
    prop = part("IfcBuildingElementProxy", (2, 2, 0), (2.2, 2.2, 3), name="prop", storey="1F")
    tasks = [
        work("walls", "06-20", "06-22", on=["W1", "W2"]),
        work("slab", "06-08", "06-10", on=["S1"]),
        work("props", "06-05", "06-25", on=["prop"], action="temporary"),
    ]

    assert r04.find(stage([*HOUSE, prop], tasks, rules=[r04])).risks == ()


def test_one_task_has_no_order_within():
    tasks = [work("all", "06-01", "06-30", on=["S0", "W1", "W2", "S1", "W3"])]

    assert r04.find(stage(HOUSE, tasks, rules=[r04])).risks == ()


def test_a_painter_does_not_make_a_wall_bear_later():
    tasks = [
        work("walls", "06-03", "06-05", on=["W1", "W2"], trade="structure"),
        work("slab", "06-08", "06-10", on=["S1"], trade="structure"),
        work("paint", "07-01", "07-05", on=["W1", "W2"], trade="finish"),
    ]

    assert r04.find(stage(HOUSE, tasks, rules=[r04])).risks == ()


def test_a_window_before_its_wall_weighs_less_than_a_wall_before_its_floor():
    window = part("IfcWindow", (2, 0, 1), (3, 0.2, 2), name="window", storey="1F")
    tasks = [
        work("walls", "06-08", "06-10", on=["W1"]),
        work("windows", "06-04", "06-05", on=["window"]),
    ]
    place = stage(
        [*HOUSE, window],
        tasks,
        relations=[(RelationKind.FILLS, "window", "W1")],
        rules=[r04],
    )

    (risk,) = r04.find(place).risks

    assert told(place, [risk]) == [("R04", ("windows", "walls"), ("window",))]
    assert risk.weight == pytest.approx(0.7)
    assert risk.window == (at("06-04"), evening("06-10"))


def test_what_stands_on_a_demolished_carrier_has_no_end():
    tasks = [
        work("demolition", "06-01", "06-03", on=["W1", "W2"], action="remove"),
        work("slab", "06-08", "06-10", on=["S1"]),
    ]
    place = stage(HOUSE, tasks, rules=[r04])

    (risk,) = r04.find(place).risks

    assert told(place, [risk]) == [("R04", ("slab", "demolition"), ("S1",))]
    assert risk.certain
    assert "拆除" in risk.descriptions["zh-CN"]


def claimed(*, columns=("06-12", "06-14")):
    """A deck that the slab tasks of two storeys claim by their words, and columns on it."""
    post = part("IfcColumn", (3, 3, 3.2), (3.4, 3.4, 6), name="post", storey="2F")
    tasks = [
        work("1F slab", "06-08", "06-10", on=["S1"]),
        work("2F columns", *columns, on=["post"]),
        work("2F slab", "06-16", "06-18", on=["S1"]),
    ]
    scene = scene_of_parts([*HOUSE, post])
    links = replace(linked(scene, tasks), ways=("name",))
    return stage(scene, tasks, links_of_elements=links, rules=[r04])


def test_of_tasks_repeated_over_storeys_only_one_can_build_a_deck():
    assert r04.find(claimed()).risks == ()


def test_what_is_wrong_whichever_task_builds_the_deck_is_told_but_not_as_certain():
    place = claimed(columns=("06-05", "06-09"))

    (risk,) = r04.find(place).risks

    assert told(place, [risk]) == [("R04", ("2F columns", "1F slab"), ("post",))]
    assert risk.window == (at("06-05"), evening("06-10"))
    assert not risk.certain


@pytest.mark.parametrize(
    ("is_a", "expected"),
    [("IfcPipeSegment", ()), ("IfcCovering", ()), ("IfcPlate", ("panel",))],
)
def test_services_and_linings_that_only_touch_a_wall_do_not_need_it(is_a, expected):
    panel = part(is_a, (1, 0.2, 1), (3, 0.25, 2), name="panel", storey="1F")
    tasks = [
        work("walls", "06-08", "06-10", on=["W1"]),
        work("panels", "06-04", "06-05", on=["panel"]),
    ]
    place = stage([*HOUSE, panel], tasks, rules=[r04])

    assert [row[2] for row in told(place, r04.find(place))] == [e for e in [expected] if e]


def test_what_is_already_built_is_no_risk_any_more():
    tasks = [
        work("slab", "06-08", "06-10", on=["S1"], complete=1.0),
        work("upper", "06-04", "06-05", on=["W3"], complete=1.0),
    ]

    assert r04.find(stage(HOUSE, tasks, rules=[r04])).risks == ()


def test_beams_and_slab_of_one_pour_wait_for_nothing_of_each_other():
    beam = part("IfcBeam", (0, 0, 2.6), (6, 0.3, 3), name="B", storey="2F")
    post = part("IfcColumn", (0, 0, 0), (0.3, 0.3, 2.6), name="C", storey="1F")
    deck = part("IfcSlab", (0, 0, 3), (6, 3, 3.2), name="D", storey="2F")

    def risks(**slab):
        tasks = [
            work("post", "06-01", "06-02", on=["C"]),
            work("rebar", "06-03", "06-05", on=["D"], trade="structure"),
            work("pour", "06-08", "06-09", on=["B", "D"], trade="structure", **slab),
        ]
        if slab:
            tasks[2] = work("beams", "06-08", "06-09", on=["B"], trade="structure")
        made = stage([post, beam, deck], tasks, rules=[r04])
        return told(made, r04.find(made))

    assert risks() == []
    assert risks(confidence=0.9) == [("R04", ("rebar", "beams"), ("D",))]


def test_the_few_walls_of_a_task_that_hang_are_no_risk_of_all_walls():
    hung = part("IfcWall", (1, 1, 2.7), (4, 1.05, 3), name="H", storey="1F")

    def risks(*names):
        tasks = [
            work("base", "06-01", "06-02", on=["S0"]),
            work("walls", "06-03", "06-05", on=["W1", "W2"]),
            work("rest", "06-03", "06-05", on=names),
            work("slab", "06-08", "06-10", on=["S1"]),
        ]
        made = stage([*HOUSE, hung], tasks, rules=[r04])
        return told(made, r04.find(made))

    assert risks("H", "W1", "W2") == []
    assert risks("H") == [("R04", ("rest", "slab"), ("H",))]


def porch(columns, *, at_wall=False, trade="structure"):
    """A floor that reaches 2 m beyond its walls, where a slim column stands under it."""
    y = -0.3 if at_wall else -1.8
    things = [
        part("IfcSlab", (0, -2, -0.3), (6, 6, 0), name="S0", storey="1F"),
        *WALLS,
        part("IfcColumn", (3, y, 0), (3.2, y + 0.2, 3), name="K1", storey="1F"),
        part("IfcSlab", (0, -2, 3), (6, 6, 3.2), name="S1", storey="2F"),
    ]
    tasks = [
        work("base", "06-01", "06-02", on=["S0"]),
        work("walls", "06-03", "06-05", on=["W1", "W2"]),
        work("slab", "06-08", "06-10", on=["S1"]),
        work("columns", *columns, trade=trade, on=["K1"]),
    ]
    return stage(things, tasks, rules=[r04])


def test_a_column_after_the_floor_it_carries_is_told_however_small_its_share():
    place = porch(("06-15", "06-16"))

    found = r04.find(place)

    assert told(place, found) == [("R04", ("slab", "columns"), ("S1",))]
    (risk,) = found.risks
    assert risk.window == (at("06-08"), evening("06-16"))
    assert (risk.certain, risk.others, risk.data["free_m"]) == (True, (3,), 1.7)
    assert risk.severity == 34
    assert "柱位 1.7 米内没有别的支承" in risk.descriptions["zh-CN"]


def test_a_column_in_time_beside_a_wall_or_of_the_finish_is_none():
    assert r04.find(porch(("06-03", "06-04"))).risks == ()
    assert r04.find(porch(("06-15", "06-16"), at_wall=True)).risks == ()
    assert r04.find(porch(("06-15", "06-16"), trade="finish")).risks == ()
