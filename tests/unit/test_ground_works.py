"""Pits: diaphragm walls, struts, king posts, and basements from the top down."""

import itertools

import pytest

from clash.rehearsal import r03_logic, r04_support, r05_floating, r06_props
from clash.rehearsal.linking import link
from clash.rehearsal.works import says
from tests.plans import on, plan
from tests.rehearsing import part, scene_of_parts, stage, told, work

LEVELS = {"B2": -9.5, "B1": -5.0, "1F": 0.0}


def basement(*, posts=True):
    """Two floors of a basement in a diaphragm wall, on columns that can encase posts."""
    parts = [
        part("IfcWall", (0, 0, -25), (0.8, 20, -0.2), name="地下连续墙 1", storey="B2"),
        part("IfcWall", (19.2, 0, -25), (20, 20, -0.2), name="地下连续墙 2", storey="B2"),
        part("IfcSlab", (0.8, 0, -10.5), (19.2, 20, -9.5), name="底板", storey="B2", predefined="BASESLAB"),
        part("IfcSlab", (0.8, 0, -5.2), (19.2, 20, -5), name="B1 板", storey="B1"),
        part("IfcSlab", (0.8, 0, -0.2), (19.2, 20, 0), name="1F 板", storey="1F"),
    ]  # fmt: skip
    for x in (6, 13):
        for y in (5, 15):
            spot = f"{x}/{y}"
            parts += [
                part("IfcColumn", (x, y, -9.5), (x + 0.8, y + 0.8, -5.2), name=f"柱 B2 {spot}", storey="B2"),
                part("IfcColumn", (x, y, -5), (x + 0.8, y + 0.8, -0.2), name=f"柱 B1 {spot}", storey="B1"),
            ]  # fmt: skip
            if posts:
                low, high = (x + 0.2, y + 0.2, -30), (x + 0.6, y + 0.6, -0.2)
                parts.append(part("IfcColumn", low, high, name=f"格构柱 {spot}", storey="B2"))
    return parts


def names(parts, word):
    return [p.name for p in parts if p.name.startswith(word)]


def top_down(parts, order=("1F 板", "B1 板", "底板", "柱 B2", "柱 B1")):
    """Walls and posts first, then two weeks for each of what follows."""
    ground = names(parts, "地下连续墙") + names(parts, "格构柱")
    tasks = [work("围护", "03-01", "03-10", trade="earthworks", on=ground)]
    days = ["04-01", "04-15", "05-01", "05-15", "06-01"]
    ends = ["04-10", "04-25", "05-10", "05-25", "06-10"]
    for name, begin, end in zip(order, days, ends, strict=True):
        tasks.append(work(name, begin, end, trade="structure", on=names(parts, name)))
    rows = [t.task.name for t in tasks]
    return stage(parts, tasks, list(itertools.pairwise(rows)), elevations=LEVELS)


def test_floors_on_king_posts_need_no_columns_yet():
    made = top_down(basement())

    assert [r.rule for rule in (r03_logic, r04_support, r05_floating)
            for r in rule.find(made).risks] == []  # fmt: skip


def test_floors_without_posts_need_their_columns():
    found = told(made := top_down(basement(posts=False)), r04_support.find(made))

    assert [(rule, tasks[0]) for rule, tasks, _ in found] == [("R04", "1F 板"), ("R04", "B1 板")]


def test_posts_excuse_no_floor_whose_columns_could_have_been_built():
    parts = basement()
    made = top_down(parts, order=("底板", "B1 板", "柱 B2", "1F 板", "柱 B1"))

    found = told(made, r04_support.find(made))

    assert [tasks for _, tasks, _ in found] == [("1F 板", "柱 B1"), ("B1 板", "柱 B2")]


def test_no_floor_carries_the_diaphragm_wall_that_stands_in_it():
    parts = [
        part("IfcWall", (0, 0, low), (0.8, 10, high), name=f"地下连续墙 {low}", storey="B1")
        for low, high in ((-12, -5), (-5, 0))
    ]
    parts.append(part("IfcSlab", (0, 0, -5.2), (10, 10, -5), name="板", storey="B1"))
    tasks = [
        work("地下连续墙", "03-01", "03-10", trade="earthworks", on=names(parts, "地下")),
        work("板", "04-01", "04-10", trade="structure", on=["板"]),
    ]
    made = stage(parts, tasks, [("地下连续墙", "板")], elevations=LEVELS)

    assert [
        r for rule in (r03_logic, r04_support, r05_floating) for r in rule.find(made).risks
    ] == []


@pytest.mark.parametrize(
    ("name", "strikes"),
    [
        ("拆除第二道钢支撑", False),
        ("第一道混凝土支撑拆除", False),
        ("换撑及拆撑", False),
        ("拆除3F梁板支撑", True),
        ("拆除独立钢支撑", True),
        ("3F梁板混凝土支撑拆除", True),
    ],
)
def test_struts_of_a_pit_are_no_props_of_a_floor(name, strikes):
    assert says(name, "strike") is strikes


def pit():
    """Struts in two layers under and between the floors of a pit."""
    parts = basement()
    parts += [part("IfcBeam", (0, 0, -0.2), (0.8, 20, 0.6), name="冠梁", storey="B1")]
    for number, z in (("一", -1.0), ("二", -6.5)):
        low, high = (0.8, 9.5, z), (19.2, 10.3, z + 0.8)
        parts.append(part("IfcBeam", low, high, name=f"第{number}道混凝土支撑", storey="B1"))
    return scene_of_parts(parts, elevations=LEVELS)


def test_layers_of_struts_are_told_apart_and_are_no_beams_of_the_storey():
    text = """
地下连续墙施工
立柱桩及格构柱施工
冠梁及第一道混凝土支撑施工
第二道钢支撑安装
拆除第二道支撑
B2层柱、外墙混凝土
B1层梁板混凝土
第一道支撑拆除
B1层柱混凝土
首层梁板混凝土"""
    scene, schedule = pit(), plan(text)

    found = link(scene, schedule)
    there = on(scene, schedule, found)

    assert there["地下连续墙施工"] == ["地下连续墙 1", "地下连续墙 2"]
    assert there["立柱桩及格构柱施工"] == [f"格构柱 {x}/{y}" for x in (13, 6) for y in (15, 5)]
    assert there["冠梁及第一道混凝土支撑施工"] == ["冠梁", "第一道混凝土支撑"]
    assert there["第二道钢支撑安装"] == there["拆除第二道支撑"] == ["第二道混凝土支撑"]
    assert there["第一道支撑拆除"] == ["第一道混凝土支撑"]
    assert there["B2层柱、外墙混凝土"] == [f"柱 B2 {x}/{y}" for x in (13, 6) for y in (15, 5)]
    assert there["B1层梁板混凝土"] == ["B1 板"]
    assert there["首层梁板混凝土"] == ["1F 板"]
    actions = dict(zip([t.name for t in schedule.tasks], found.links.action, strict=True))
    assert actions["冠梁及第一道混凝土支撑施工"] == "install"
    assert actions["第一道支撑拆除"] == "remove"


def test_a_removal_is_no_rival_of_the_work_that_installs():
    schedule = plan("Install struts level 1\nBasement:\n  Remove struts level 1")
    scene = scene_of_parts(
        [part("IfcBeam", (0, 0, -2), (9, 0.5, -1.5), name="Strut level 1", storey="B1")],
        elevations={"B1": -5.0, "1F": 0.0},
    )

    assert on(scene, schedule, link(scene, schedule)) == {
        "Install struts level 1": ["Strut level 1"],
        "Remove struts level 1": ["Strut level 1"],
    }


def test_struts_under_a_floor_are_none_of_its_props():
    parts = [
        *(part("IfcWall", (x, 0, -5), (x + 0.3, 9, -0.2), name=f"墙 {x}", storey="B1") for x in (0, 9)),
        part("IfcSlab", (0, 0, -0.2), (9.3, 9, 0), name="板", storey="1F"),
        part("IfcBeam", (0.3, 4, -1), (9, 4.6, -0.2), name="第一道混凝土支撑", storey="B1"),
    ]  # fmt: skip
    tasks = [
        work("第一道支撑", "03-01", "03-05", trade="earthworks", on=["第一道混凝土支撑"]),
        work("墙", "03-10", "03-15", trade="structure", on=["墙 0", "墙 9"]),
        work("板混凝土浇筑", "04-01", "04-05", trade="structure", on=["板"]),
        work("拆除第一道支撑", "04-07", "04-08", action="remove", on=["第一道混凝土支撑"]),
    ]
    made = stage(parts, tasks, elevations=LEVELS)

    assert [r for r in r06_props.find(made).risks if r.severity >= 20] == []
    assert list(r04_support.find(made).risks) == []
