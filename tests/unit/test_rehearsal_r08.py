"""R08: concealed before done."""

from itertools import pairwise

import numpy as np
import pytest

from clash.rehearsal import r08_concealed as r08
from tests.rehearsing import at, evening, part, stage, told, work


def storey(ceiling="矿棉板吊顶", **columns):
    """A duct in the void between a ceiling and the slab above."""
    return [
        part("IfcSlab", (0, 0, 3.0), (6, 6, 3.2), name="slab"),
        part("IfcCovering", (0, 0, 2.4), (6, 6, 2.45), name=ceiling, storey="3F",
             predefined="CEILING"),
        part("IfcDuctSegment", (1, 1, 2.6), (5, 1.4, 2.9), name="duct", storey="3F"),
        part("IfcLightFixture", (2, 3, 2.42), (2.6, 3.6, 2.5), name="light", storey="3F"),
    ]  # fmt: skip


def plan(ceiling, services, *, name="矿棉板吊顶", lights=("06-20", "06-20")):
    return [
        work("吊顶", *ceiling, on=[name]),
        work("风管", *services, on=["duct"]),
        work("灯具", *lights, on=["light"]),
    ]


def look(*things, **columns):
    made = stage(*things, rules=[r08], **columns)
    return made, r08.find(made)


def test_ceiling_closed_two_days_before_the_duct_is_one_certain_risk():
    made, found = look(storey(), plan(("06-01", "06-02"), ("06-03", "06-04")))

    assert told(made, found) == [("R08", ("风管", "吊顶"), ("duct",))]
    risk = found.risks[0]
    assert risk.window == (evening("06-02"), evening("06-04"))
    assert (risk.certain, risk.place, risk.severity) == (True, "3F", 70)
    assert "早 2 天" in risk.titles["zh-CN"]
    assert "推迟 2 天" in risk.suggestion["zh-CN"]


def test_ceiling_closed_after_the_duct_is_none():
    _, found = look(storey(), plan(("06-03", "06-05"), ("06-01", "06-04")))

    assert found.risks == ()


def test_ceiling_that_overlaps_and_ends_first_is_possible():
    _, found = look(storey(), plan(("06-01", "06-02"), ("06-01", "06-04")))

    assert [(r.certain, r.window) for r in found.risks] == [
        (False, (evening("06-02"), evening("06-04")))
    ]


@pytest.mark.parametrize("name", ["铝格栅吊顶", "Open-cell ceiling", "检修口"])
def test_what_stays_open_hides_nothing(name):
    made = plan(("06-01", "06-02"), ("06-03", "06-04"), name=name)

    assert look(storey(name), made)[1].risks == ()


def test_duct_of_the_storey_above_is_not_hidden():
    things = storey()
    things[2] = part("IfcDuctSegment", (1, 1, 3.4), (5, 1.4, 3.7), name="duct", storey="4F")

    assert look(things, plan(("06-01", "06-02"), ("06-03", "06-04")))[1].risks == ()


def test_pressure_test_after_the_ceiling_is_told_as_a_test():
    works = [
        work("吊顶", "06-05", "06-06", on=["矿棉板吊顶"]),
        work("风管", "06-01", "06-02", on=["duct"]),
        work("风管漏风量检测", "06-08", "06-08", on=["duct"], action="neutral"),
        work("系统调试", "06-20", "06-21", on=["duct"], action="neutral"),
    ]

    made, found = look(storey(), works)

    assert told(made, found) == [("R08", ("风管漏风量检测", "吊顶"), ("duct",))]
    assert found.risks[0].data["tested"] is True


def test_frame_of_the_ceiling_before_the_duct_is_none():
    works = [
        work("吊顶龙骨", "06-01", "06-02", on=["矿棉板吊顶"]),
        work("吊顶封板", "06-06", "06-07", on=["矿棉板吊顶"]),
        work("风管", "06-03", "06-04", on=["duct"]),
    ]

    assert look(storey(), works)[1].risks == ()


def test_screed_over_a_pipe_that_comes_later():
    things = [
        part("IfcSlab", (0, 0, -0.2), (6, 6, 0), name="slab"),
        part("IfcCovering", (0, 0, 0.0), (6, 6, 0.08), name="找平层", predefined="FLOORING"),
        part("IfcPipeSegment", (1, 1, 0.02), (5, 1.03, 0.05), name="heating"),
        part("IfcPipeSegment", (1, 3, 0.5), (5, 3.03, 0.55), name="above"),
    ]
    works = [
        work("找平", "06-01", "06-02", on=["找平层"]),
        work("地暖", "06-04", "06-05", on=["heating", "above"]),
    ]

    made, found = look(things, works)

    assert told(made, found) == [("R08", ("地暖", "找平"), ("heating",))]


def test_lining_over_a_pipe_before_the_wall():
    things = [
        part("IfcWall", (0, 0, 0), (6, 0.2, 3), name="wall"),
        part("IfcCovering", (0, 0.3, 0), (6, 0.32, 3), name="lining", predefined="CLADDING"),
        part("IfcPipeSegment", (2, 0.22, 0.5), (2.05, 0.27, 2.5), name="pipe"),
        part("IfcPipeSegment", (7, 0.22, 0.5), (7.05, 0.27, 2.5), name="beside"),
    ]
    works = [
        work("封板", "06-01", "06-02", on=["lining"]),
        work("立管", "06-04", "06-05", on=["pipe", "beside"]),
    ]

    made, found = look(things, works)

    assert told(made, found) == [("R08", ("立管", "封板"), ("pipe",))]


def drains():
    return [
        part("IfcPipeSegment", (0, 0, -2), (20, 0.3, -1.7), name="drain", discipline="site"),
        part("IfcPipeSegment", (50, 0, -2), (70, 0.3, -1.7), name="far drain", discipline="site"),
    ]


def test_backfill_that_no_model_shows_covers_the_lines_it_is_linked_to():
    works = [
        work("室外雨水管网", "06-01", "06-10", on=["drain"]),
        work("墙后回填", "06-01", "06-04"),
    ]

    made, found = look(drains(), works, [("室外雨水管网", "墙后回填")])

    assert told(made, found) == [("R08", ("室外雨水管网", "墙后回填"), ("drain",))]
    risk = found.risks[0]
    assert risk.window == (evening("06-04"), evening("06-10"))
    assert risk.confidence == pytest.approx(0.35)


def test_backfill_of_another_zone_is_none():
    works = [
        work("A区室外雨水管网", "06-01", "06-04", on=["drain"]),
        work("A区回填", "06-05", "06-06"),
        work("B区室外雨水管网", "06-07", "06-10", on=["far drain"]),
        work("B区回填", "06-11", "06-12"),
    ]
    links = [(a.task.name, b.task.name) for a, b in pairwise(works)]

    assert look(drains(), works, links)[1].risks == ()


def test_modelled_backfill_hides_the_pipe_in_it():
    things = [
        *drains(),
        part("IfcEarthworksFill", (-1, -1, -2.2), (21, 1, 0), name="回填土"),
    ]
    works = [
        work("回填", "06-01", "06-04", on=["回填土"]),
        work("管网", "06-05", "06-10", on=["drain", "far drain"]),
    ]

    made, found = look(things, works)

    assert told(made, found) == [("R08", ("管网", "回填"), ("drain",))]


def test_pipe_in_a_basement_is_not_in_the_ground():
    things = [
        part("IfcSlab", (-1, -1, -4), (21, 1, -3.7), name="raft"),
        *drains(),
    ]
    works = [work("管网", "06-01", "06-10", on=["drain"]), work("回填", "06-01", "06-04")]

    assert look(things, works, [("管网", "回填")])[1].risks == ()


def test_ceiling_that_only_the_plan_names_waits_for_the_services_of_its_floor():
    things = [part("IfcDuctSegment", (1, 1, 2.6), (5, 1.4, 2.9), name="duct", storey="3F")]
    works = [
        work("3F 机电管线安装", "06-01", "06-10", on=["duct"]),
        work("3F 吊顶封板", "06-01", "06-05"),
        work("4F 吊顶封板", "06-01", "06-05"),
    ]

    made, found = look(things, works)

    assert told(made, found) == [("R08", ("3F 机电管线安装", "3F 吊顶封板"), ("duct",))]


def test_witness_holds_cover_and_hidden():
    _, found = look(storey(), plan(("06-01", "06-02"), ("06-03", "06-04")))

    assert np.allclose(found.risks[0].witness, [[0, 0, 2.4], [6, 6, 2.9]])


def test_long_duct_over_many_small_ceilings_is_hidden_by_all_of_them():
    things = [
        part("IfcCovering", (x, 0, 2.4), (x + 1.0, 2, 2.45), name=f"ceiling {x}",
             predefined="CEILING")
        for x in range(10)
    ]  # fmt: skip
    things.append(part("IfcDuctSegment", (0, 0.5, 2.6), (10, 0.9, 2.9), name="duct"))
    works = [
        work("吊顶", "06-01", "06-02", on=[f"ceiling {x}" for x in range(5)]),
        work("风管", "06-04", "06-05", on=["duct"]),
    ]

    (risk,) = look(things, works)[1].risks

    assert risk.magnitude == pytest.approx(0.5, abs=0.05)
    assert len(risk.others) == 5


def test_pipe_hung_under_a_slab_is_not_hidden_by_the_floor_on_it():
    things = [
        part("IfcSlab", (0, 0, -0.2), (6, 6, 0.05), name="slab"),
        part("IfcCovering", (0, 0, 0.0), (6, 6, 0.05), name="地砖", predefined="FLOORING"),
        part("IfcPipeSegment", (1, 1, -0.3), (5, 1.03, -0.25), name="below"),
    ]
    works = [
        work("地砖", "06-01", "06-02", on=["地砖"]),
        work("水管", "06-04", "06-05", on=["below"]),
    ]

    assert look(things, works)[1].risks == ()


def test_services_of_all_floors_in_one_bar_are_not_told_by_its_end():
    things = [
        *storey(),
        part("IfcSlab", (0, 0, 6.0), (6, 6, 6.2), name="slab above"),
        part("IfcDuctSegment", (1, 1, 5.6), (5, 1.4, 5.9), name="duct above", storey="4F"),
    ]
    elevations = {"3F": 0.0, "4F": 3.2}
    works = [
        work("3F 吊顶", "06-10", "06-12", on=["矿棉板吊顶"]),
        work("风管", "06-01", "06-30", on=["duct", "duct above"]),
    ]

    assert look(things, works, elevations=elevations)[1].risks == ()


def furnished(floor, *, name="床", task="3F 木地板铺装", links=()):
    """A bed and a floor of planks, laid on some days, in a room."""
    things = [
        part("IfcSlab", (0, 0, -0.2), (6, 6, 0), name="slab", storey="3F"),
        part("IfcCovering", (0, 0, 0), (6, 6, 0.02), name="planks", storey="3F",
             predefined="FLOORING"),
        part("IfcFurniture", (1, 1, 0.02), (3, 3, 0.6), name=name, storey="3F"),
    ]  # fmt: skip
    works = [
        work("3F 结构", "05-01", "05-02", on=["slab"]),
        work(task, *floor, on=["planks"]),
        work("3F 家具就位", "06-08", "06-10", on=[name]),
    ]
    return look(things, works, links)


def test_furniture_on_a_floor_that_is_still_laid_is_possible():
    made, found = furnished(("06-05", "06-09"))

    assert told(made, found) == [("R08", ("3F 家具就位", "3F 木地板铺装"), ("床",))]
    (risk,) = found.risks
    assert (risk.certain, risk.window) == (False, (at("06-08"), evening("06-09")))
    assert risk.titles["zh-CN"] == ("3F 家具 1 个先于楼地面完成就位：“3F 木地板铺装”6月9日才完成")
    assert "推迟 2 天" in risk.suggestion["zh-CN"]


def test_furniture_before_its_floor_is_certain_and_after_it_is_none():
    assert [r.certain for r in furnished(("06-15", "06-16"))[1].risks] == [True]
    assert furnished(("06-05", "06-07"))[1].risks == ()


def test_kitchens_other_places_and_crews_side_by_side_are_none():
    pair = ("3F 木地板铺装", "3F 家具就位", "SS", 3)

    assert furnished(("06-05", "06-09"), name="整体橱柜")[1].risks == ()
    assert furnished(("06-05", "06-09"), task="2F 木地板铺装")[1].risks == ()
    assert furnished(("06-05", "06-09"), links=[pair])[1].risks == ()


def test_a_floor_that_only_words_tell_counts_for_the_slab_it_is_laid_on():
    things = [
        part("IfcSlab", (0, 0, -0.2), (6, 6, 0), name="slab", storey="3F"),
        part("IfcFurniture", (1, 1, 0.02), (3, 3, 0.6), name="table", storey="3F"),
    ]
    works = [
        work("3F slab", "05-01", "05-02", on=["slab"]),
        work("3F carpet", "06-05", "06-09", action="maintain", on=["slab"]),
        work("3F furniture", "06-08", "06-10", on=["table"]),
    ]

    assert [r.tasks for r in look(things, works)[1].risks] == [(2, 1)]
