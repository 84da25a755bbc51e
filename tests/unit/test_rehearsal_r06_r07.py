"""R06 and R07: props struck early, young slabs loaded."""

import numpy as np
import pytest

from bimcore.frame import rigid
from bimcore.model import Scene
from clash.rehearsal import r06_props as r06, r07_young_concrete as r07
from clash.rehearsal.concrete import beam_span, cast_of, slab_span
from clash.rehearsal.works import says
from tests.building import model
from tests.rehearsing import at, part, stage, told, work


def room(slab="slab", width=4.0):
    """A slab on two walls, on a raft, with a wall on top of it."""
    return [
        part("IfcFooting", (0, 0, -0.5), (width, 6, 0), name="raft"),
        part("IfcWall", (0, 0, 0), (0.2, 6, 3), name="left", storey="1F"),
        part("IfcWall", (width - 0.2, 0, 0), (width, 6, 3), name="right", storey="1F"),
        part("IfcSlab", (0, 0, 3), (width, 6, 3.2), name=slab, storey="2F"),
        part("IfcWall", (0, 0, 3.2), (0.2, 6, 6.2), name="upper", storey="2F"),
    ]


def plan(strike, *, load="07-20", slab="slab", name="2F 梁板拆模"):
    works = [
        work("raft", "05-01", "05-02", on=["raft"]),
        work("1F walls", "05-10", "05-12", on=["left", "right"]),
        work("2F 梁板混凝土浇筑", "05-30", "06-01", on=[slab]),
        work("upper walls", load, load, on=["upper"]),
    ]
    if strike:
        works.append(work(name, strike, strike, action="neutral"))
    return works


LINK = [("2F 梁板混凝土浇筑", "2F 梁板拆模")]


def props(things, works, links=(), **given):
    made = stage(things, works, links, rules=[r06, r07], given=given)
    return made, r06.find(made)


def young(things, works, links=(), **given):
    made = stage(things, works, links, rules=[r06, r07], given=given)
    return made, r07.find(made)


def test_struck_on_day_five_of_seven_is_two_days_short():
    made, found = props(room(), plan("06-06"), LINK)

    assert told(made, found) == [("R06", ("2F 梁板混凝土浇筑", "2F 梁板拆模"), ("slab",))]
    risk = found.risks[0]
    assert risk.window == (at("06-06"), np.datetime64("2026-06-08T00:00"))
    assert (risk.data["age_days"], risk.data["needed_days"], risk.data["deficit_days"]) == (5, 7, 2)
    assert risk.magnitude == pytest.approx(2 / 7)
    assert "差 2 天" in risk.titles["zh-CN"]


@pytest.mark.parametrize("day", ["06-08", "06-09"])
def test_struck_on_day_seven_or_eight_is_none(day):
    assert props(room(), plan(day), LINK)[1].risks == ()


def test_wide_slab_needs_fourteen_days():
    _, found = props(room(width=6.0), plan("06-09"), LINK)

    assert found.risks[0].data["needed_days"] == 14


def test_low_heat_cement_needs_longer():
    _, found = props(room(), plan("06-09"), LINK, **{"R06.cement_factor": 1.43})

    assert found.risks[0].data["deficit_days"] == 3


def test_strike_without_link_is_found_by_its_floor():
    made, found = props(room(), plan("06-06"))

    assert told(made, found) == [("R06", ("2F 梁板混凝土浇筑", "2F 梁板拆模"), ("slab",))]
    assert found.risks[0].confidence == pytest.approx(0.6)


def test_strike_of_another_floor_is_none():
    works = plan("06-06", name="1F 梁板拆模")

    assert props(room(), works)[1].risks == ()


def test_propped_again_is_none():
    works = [*plan("06-06"), work("2F 回顶", "06-06", "06-20", action="temporary")]

    assert props(room(), works, LINK)[1].risks == ()


def test_precast_slab_needs_no_props():
    works = plan("06-06", slab="预制叠合板")

    assert props(room(slab="预制叠合板"), works, LINK)[1].risks == ()


def test_side_forms_of_walls_go_after_a_day():
    works = [*plan(None), work("1F 墙模板拆除", "05-13", "05-13", action="neutral")]

    assert props(room(), works, [("1F walls", "1F 墙模板拆除")])[1].risks == ()


def modelled(gone):
    things = [*room(), part("IfcMember", (2, 3, 0), (2.1, 3.1, 3), name="prop", storey="1F")]
    works = [*plan(None), work("props up", "05-28", "05-29", on=["prop"], action="install")]
    if gone:
        works.append(work("props away", gone, gone, on=["prop"], action="remove"))
    return things, works


def test_modelled_prop_that_goes_early():
    made, found = props(*modelled("06-06"))

    assert told(made, found) == [("R06", ("2F 梁板混凝土浇筑", "props away"), ("slab",))]
    assert found.risks[0].window == (at("06-06"), np.datetime64("2026-06-08T00:00"))


def test_modelled_prop_that_stays_long_enough():
    assert props(*modelled("06-08"))[1].risks == ()


def test_wall_after_three_days_without_striking_task_is_one_note():
    made, found = young(room(), plan(None, load="06-04"))

    assert told(made, found) == [("R07", ("upper walls", "2F 梁板混凝土浇筑"), ("upper",))]
    risk = found.risks[0]
    assert (risk.severity, risk.data["propped"], risk.certain) == (15, True, False)
    assert "请确认支撑仍在" in risk.titles["zh-CN"]


def test_wall_after_three_days_is_grave_where_props_do_not_stay():
    _, found = young(room(), plan(None, load="06-04"), **{"R07.props_stay": False})

    risk = found.risks[0]
    assert risk.magnitude == pytest.approx(1 - 3 / 7)
    assert risk.window == (at("06-04"), np.datetime64("2026-06-08T00:00"))


def test_wall_on_a_slab_struck_before_is_grave():
    made, found = young(room(), plan("06-03", load="06-04"), LINK)

    assert told(made, found) == [
        ("R07", ("upper walls", "2F 梁板混凝土浇筑", "2F 梁板拆模"), ("upper",))
    ]
    assert found.risks[0].data["deficit_days"] == 4


def test_wall_after_seven_days_is_none():
    assert young(room(), plan(None, load="06-08"))[1].risks == ()


def test_wall_on_a_raft_the_next_day_is_none():
    works = plan(None)
    works[1] = work("1F walls", "05-03", "05-12", on=["left", "right"])

    assert young(room(), works)[1].risks == ()


WHOLE = ["2F 梁板支模、浇筑、拆模", "2F slab: form, pour and strike", "2F Decke inkl. Ausschalen"]


@pytest.mark.parametrize("name", WHOLE)
def test_wall_on_a_slab_that_is_struck_by_the_task_that_pours_it_is_none(name):
    works = plan("", load="06-02")
    works[2] = work(name, "05-20", "06-01", on=["slab"])
    works.insert(2, work("2F slab rebar", "05-18", "05-21", on=["slab"]))

    assert young(room(), works)[1].risks == ()
    assert props(room(), works)[1].risks == ()


def test_wall_formed_poured_and_struck_in_one_task_loads_a_young_slab():
    works = plan("")
    works[3] = work("2F 墙支模、浇筑、拆模", "06-04", "06-06", on=["upper"])

    assert [r.data["age_days"] for r in young(room(), works)[1].risks] == [3]


def test_spans_of_slab_and_beam():
    things = [
        part("IfcColumn", (0, 20, 0), (0.4, 20.4, 3), name="c1"),
        part("IfcColumn", (8, 20, 0), (8.4, 20.4, 3), name="c2"),
        part("IfcColumn", (14, 20, 0), (14.4, 20.4, 3), name="c3"),
        part("IfcBeam", (0, 20, 3), (14.4, 20.4, 3.5), name="beam"),
        *room(),
    ]
    made = stage(things, [work("all", "06-01", "06-02", on=["slab"])], rules=[r06, r07])

    cast = cast_of(made)

    assert beam_span(made, cast, 3) == pytest.approx(8.0, abs=0.01)
    assert slab_span(made, cast, 7) == pytest.approx(3.6, abs=0.3)
    assert cast.slab.tolist() == [False] * 7 + [True, False]


def test_floor_poured_in_two_zones_is_struck_in_two_zones():
    things = [*room(), part("IfcSlab", (10, 0, 3), (14, 6, 3.2), name="slab B", storey="2F")]
    works = [
        work("raft", "05-01", "05-02", on=["raft"]),
        work("1F walls", "05-10", "05-12", on=["left", "right"]),
        work("2F A区 梁板混凝土浇筑", "05-18", "05-20", on=["slab"]),
        work("2F B区 梁板混凝土浇筑", "05-30", "06-01", on=["slab B"]),
        work("2F A区 梁板拆模", "05-28", "05-29", on=["slab", "slab B"], action="maintain"),
        work("2F B区 梁板拆模", "06-10", "06-11", on=["slab", "slab B"], action="maintain"),
    ]

    assert props(things, works)[1].risks == ()


@pytest.mark.parametrize(
    ("name", "kind", "says_so"),
    [
        ("Strip foundations", "strike", False),
        ("Strip formwork to slab", "strike", True),
        ("Striking of soffit forms", "strike", True),
        ("模板支撑搭设", "strike", False),
        ("拆除外脚手架", "strike", False),
        ("满堂架拆除", "strike", True),
        ("Remove props Level 3", "strike", True),
        ("排水井施工", "dewater", False),
        ("止水钢板安装", "dewater", False),
        ("基坑降水", "dewater", True),
        ("Anchor bolts", "shore", False),
        ("预制板吊装", "pour", False),
        ("后浇带混凝土浇筑", "pour", True),
        ("后浇带封闭", "backfill", False),
        ("Backfill to basement walls", "backfill", True),
        ("Backfill trench", "dig", False),
    ],
)
def test_words_tell_what_a_task_does(name, kind, says_so):
    assert says(name, kind) is says_so


@pytest.mark.parametrize("degrees", [0.0, 12.5, 45.0])
def test_span_of_a_slab_does_not_depend_on_its_direction(degrees):
    turn = rigid(angle=np.radians(degrees))
    things = [part("IfcBeam", (x, 0, 2.5), (x + 0.3, 24, 3.0), name=f"beam {x}") for x in (0, 4, 8)]
    things.append(part("IfcSlab", (-0.6, -0.6, 3.0), (8.9, 24.6, 3.2), name="slab"))
    scene = Scene.of([model(things).moved(turn)])
    made = stage(scene, [work("all", "06-01", "06-02", on=["slab"])], rules=[r06, r07])

    assert slab_span(made, cast_of(made), 3) == pytest.approx(3.7, abs=0.3)


def test_links_say_which_of_two_pours_of_a_storey_is_struck():
    things = [*room(), part("IfcSlab", (0, 7, 3), (4, 12, 3.2), name="roof", storey="2F")]
    works = plan("06-20")
    works[-1] = work("2F 梁板拆模", "06-20", "06-20", action="maintain", on=["slab", "roof"])
    works.append(work("2F 屋面浇筑", "06-18", "06-19", on=["roof"]))

    assert props(things, works, LINK)[1].risks == ()
    assert [r.elements for r in props(things, works)[1].risks] == [(5,)]


@pytest.mark.parametrize(
    ("text", "kind", "does"),
    [
        ("Ausschalen Decke über EG", "strike", True),
        ("Decke über EG inkl. Ausschalen", "strike", False),
        ("Decke über EG betonieren", "pour", True),
        ("Wände UG ausschalen", "strike_side", True),
        ("Decke einschalen", "prop", True),
        ("Baugrube ausheben", "dig", True),
    ],
)
def test_german_words_tell_the_works(text, kind, does):
    assert says(text, kind) is does
