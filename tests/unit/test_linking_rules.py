"""Which task works on which elements, by rule: storeys, kinds, layers, props, order, zones."""

from dataclasses import replace

import pytest

from bimcore.elements import Coded
from bimcore.model import Scene
from bimcore.schedule import Action
from clash.rehearsal.linking import link
from tests.building import model
from tests.plans import on, plan, sure
from tests.rehearsing import part, scene_of_parts

HEIGHTS = {"1F": 0.0, "2F": 3.0, "3F": 6.0}


def tower(*more):
    """Three storeys: two columns, a beam and a slab under foot, a wall each."""
    parts = []
    for storey, z in HEIGHTS.items():
        parts += [
            part("IfcColumn", (0, 0, z), (0.5, 0.5, z + 2.7), name=f"KZ {storey}", storey=storey),
            part("IfcSlab", (0, 0, z - 0.3), (6, 6, z), name=f"LB {storey}", storey=storey),
            part("IfcBeam", (0, 0, z - 0.6), (6, 0.3, z), name=f"KL {storey}", storey=storey),
            part("IfcWall", (2, 2, z), (5, 2.2, z + 2.7), name=f"隔墙 {storey}", storey=storey),
        ]
    return scene_of_parts([*parts, *more], elevations=HEIGHTS)


def linked(scene, text, **columns):
    schedule = plan(text, **columns)
    found = link(scene, schedule)
    return found, on(scene, schedule, found)


def test_tasks_have_the_parts_of_their_kind_on_their_storey():
    found, there = linked(tower(), "1F 柱\n二层柱\nColumns level 3\n3F 隔墙砌筑")

    assert there == {
        "1F 柱": ["KZ 1F"],
        "二层柱": ["KZ 2F"],
        "Columns level 3": ["KZ 3F"],
        "3F 隔墙砌筑": ["隔墙 3F"],
    }
    assert set(found.links.confidence.tolist()) == {0.9}


def test_storey_and_kind_may_stand_in_the_heading():
    _, there = linked(tower(), "主体:\n  2F:\n    柱:\n      钢筋绑扎\n      浇筑\n    梁板支模")

    assert there["钢筋绑扎"] == there["浇筑"] == ["KZ 2F"]
    assert there["梁板支模"] == ["KL 3F", "LB 3F"]  # after the columns, so above them


def test_floors_named_by_the_storey_below_are_those_above_it():
    text = "1F 柱浇筑\n1F 梁板浇筑\n2F 柱浇筑\n2F 梁板浇筑\n3F 柱浇筑"

    _, there = linked(tower(), text)

    assert there["1F 梁板浇筑"] == ["KL 2F", "LB 2F"]
    assert there["2F 梁板浇筑"] == ["KL 3F", "LB 3F"]


def test_floors_named_by_their_own_storey_stay():
    _, there = linked(tower(), "1F 梁板浇筑\n1F 柱浇筑\n2F 梁板浇筑\n2F 柱浇筑")

    assert there["2F 梁板浇筑"] == ["KL 2F", "LB 2F"]


def test_a_floor_that_comes_before_its_own_columns_stays_in_a_plan_that_names_others_from_below():
    text = "1F 楼板浇筑\n1F 柱浇筑\n2F 柱浇筑\n2F 楼板浇筑\n3F 柱浇筑\n3F 楼板浇筑"

    _, there = linked(tower(), text)

    assert there["1F 楼板浇筑"] == ["KL 1F", "LB 1F"]
    assert there["2F 楼板浇筑"] == ["KL 3F", "LB 3F"]


def test_lines_without_a_class_of_their_own_are_pipes_and_ducts_by_their_names():
    parts = [
        part("IfcFlowSegment", (0, k, 2), (3, k + 0.2, 2.2), name=name, storey="1F",
             discipline="plumbing")
        for k, name in enumerate(("给水管 DN50", "消防管 DN100", "雨水管 DN150"))
    ]  # fmt: skip

    _, there = linked(tower(*parts), "1F 给水管道\n1F 喷淋管道\n1F 雨水管")

    assert there == {
        "1F 给水管道": ["给水管 DN50"],
        "1F 喷淋管道": ["消防管 DN100"],
        "1F 雨水管": ["雨水管 DN150"],
    }


def test_a_slab_over_a_storey_is_the_one_above_it_in_any_plan():
    _, there = linked(tower(), "一层顶板浇筑\nSlab over level 2")

    assert there["一层顶板浇筑"] == ["KL 2F", "LB 2F"]
    assert there["Slab over level 2"] == ["KL 3F", "LB 3F"]


def test_a_beam_at_a_landing_goes_with_the_floor_above_it():
    landing = part("IfcBeam", (0, 4, 4.2), (2, 4.2, 4.5), name="TL 2F", storey="2F")
    text = "1F 柱浇筑\n1F 梁板浇筑\n2F 柱浇筑\n2F 梁板浇筑\n3F 柱浇筑"

    _, there = linked(tower(landing), text)

    assert there["1F 梁板浇筑"] == ["KL 2F", "LB 2F"]
    assert there["2F 梁板浇筑"] == ["KL 3F", "LB 3F", "TL 2F"]


def test_beams_far_from_the_slabs_of_a_task_are_not_taken_along():
    rafter = part("IfcBeam", (0, 4, 4.2), (2, 4.2, 4.5), name="Sparren", storey="2F")

    _, there = linked(tower(rafter), "Decke über 1F\nWände 2F")

    assert "Sparren" not in there["Decke über 1F"]


def test_striking_props_works_at_the_floor_and_does_not_remove_it():
    found, there = linked(tower(), "1F 柱浇筑\n1F 梁板浇筑\n1F 拆除梁板支撑")

    assert there["1F 拆除梁板支撑"] == ["KL 2F", "LB 2F"]
    assert found.links.action[2] == Action.MAINTAIN
    assert found.links.trade[2] == "temporary"


def test_striking_props_removes_them_where_they_are_modelled():
    prop = part("IfcBuildingElementProxy", (3, 3, 0), (3.1, 3.1, 2.4), name="独立支撑", storey="1F")

    found, there = linked(tower(prop), "1F 支撑搭设\n1F 梁板浇筑\n1F 支撑拆除")

    assert there["1F 支撑搭设"] == there["1F 支撑拆除"] == ["独立支撑"]
    assert list(found.links.action) == ["temporary", "install", "remove"]


def test_work_without_a_place_links_to_nothing_by_design():
    text = "2F 柱验收\n测量放线\n钢筋进场\n混凝土养护\nInspect columns level 2\nOrder doors"

    found, there = linked(tower(), text)

    assert list(there.values()) == [[]] * 6
    assert set(found.links.action) == {"neutral"}
    assert found.coverage.empty == {}
    assert found.coverage.idle == (0, 1, 2, 3, 4, 5)


def test_temporary_works_that_no_model_has_are_no_gap():
    found, there = linked(tower(), "外脚手架搭设\n塔吊拆除\nErect scaffold")

    assert list(there.values()) == [[], [], []]
    assert list(found.links.action) == ["temporary", "remove", "temporary"]
    assert found.coverage.empty == {}


def test_a_layer_that_is_not_modelled_has_a_place_but_builds_nothing():
    found, there = linked(tower(), "1F 墙面抹灰\nWaterproofing of slab level 2")

    assert there["1F 墙面抹灰"] == ["隔墙 1F"]
    assert there["Waterproofing of slab level 2"] == ["LB 2F"]
    assert set(found.links.action) == {"maintain"}
    assert found.coverage.linked == 0


def test_digging_at_foundations_builds_none():
    scene = scene_of_parts(
        [part("IfcFooting", (0, 0, -1), (1, 1, 0), name="DJ", storey="1F")], elevations=HEIGHTS
    )

    _, there = linked(scene, "Excavate for footings\nPour footings\nBackfill footings")

    assert there == {"Excavate for footings": [], "Pour footings": ["DJ"], "Backfill footings": []}


def test_the_narrower_task_takes_the_part_and_steps_of_casting_share_it():
    fire = part("IfcDoor", (3, 0, 0), (4, 0.2, 2), name="甲级防火门 FM1", storey="1F")
    plain = part("IfcDoor", (4.5, 0, 0), (5.5, 0.2, 2), name="木门 M1", storey="1F")

    _, there = linked(tower(fire, plain), "1F 门\n1F 防火门\n1F 柱钢筋\n1F 框架柱浇筑")

    assert there["1F 门"] == ["木门 M1"]
    assert there["1F 防火门"] == ["甲级防火门 FM1"]
    assert there["1F 柱钢筋"] == there["1F 框架柱浇筑"] == ["KZ 1F"]


def test_parts_that_nobody_else_builds_go_along_with_lower_confidence():
    duct = part("IfcDuctSegment", (0, 0, 2), (3, 0.3, 2.3), name="风管", storey="1F")
    lamp = part("IfcLightFixture", (1, 1, 2.6), (1.2, 1.2, 2.7), name="灯", storey="1F")

    alone, there = linked(tower(duct, lamp), "1F 机电管线安装")
    assert there["1F 机电管线安装"] == ["灯", "风管"]
    assert sure(alone, 0) == {0.9, 0.54}

    _, there = linked(tower(duct, lamp), "1F 机电管线安装\n1F 灯具安装")
    assert there == {"1F 机电管线安装": ["风管"], "1F 灯具安装": ["灯"]}


def test_repeated_names_without_storeys_follow_the_storeys_when_their_number_agrees():
    found, _ = linked(tower(), "柱\n柱\n柱")

    scene = tower()
    by_task = [
        [scene.models[0].elements.name[e] for t, e in zip(found.links.task, found.links.element, strict=True) if t == row]
        for row in range(3)
    ]  # fmt: skip
    assert by_task == [["KZ 1F"], ["KZ 2F"], ["KZ 3F"]]
    assert set(found.links.confidence.tolist()) == {0.55}


def test_repeated_names_that_do_not_agree_are_guesses_and_said_so():
    found, _ = linked(tower(), "柱\n柱")

    assert set(found.links.confidence.tolist()) == {0.3}
    assert found.coverage.unclear == {0: "repeat", 1: "repeat"}


def test_sections_that_the_models_do_not_tell_lower_the_confidence_and_those_told_do_not():
    found, there = linked(tower(), "2F A区柱\n2F B区柱")
    assert there == {"2F A区柱": ["KZ 2F"], "2F B区柱": ["KZ 2F"]}
    assert sure(found, 0) == {0.45}
    assert found.coverage.unclear == {0: "zone", 1: "zone"}

    halves = [
        part("IfcColumn", (x, 8, 3), (x + 0.5, 8.5, 5.7), name=f"KZ-{zone}区", storey="2F")
        for x, zone in ((0, "A"), (4, "B"))
    ]
    found, there = linked(tower(*halves), "2F A区柱\n2F B区柱")
    assert there == {"2F A区柱": ["KZ-A区"], "2F B区柱": ["KZ-B区"]}
    assert sure(found, 0) == {0.9}


def test_only_parts_marked_as_existing_are_demolished_and_nothing_new_is_built_of_them():
    old = part("IfcWall", (0, 4, 0), (3, 4.2, 2.7), name="原有隔墙 1", storey="1F")

    found, there = linked(tower(old), "拆除原有隔墙\n1F 隔墙砌筑")
    assert there == {"拆除原有隔墙": ["原有隔墙 1"], "1F 隔墙砌筑": ["隔墙 1F"]}
    assert list(found.links.action) == ["remove", "install"]

    found, there = linked(tower(), "拆除隔墙")
    assert there == {"拆除隔墙": []}
    assert found.coverage.empty == {0: "existing"}


def test_marks_of_parts_tell_what_is_meant():
    ahu = part("IfcUnitaryEquipment", (0, 8, 6), (2, 9, 7), name="AHU-01", storey="3F")
    other = part("IfcUnitaryEquipment", (4, 8, 6), (6, 9, 7), name="AHU-02", storey="3F")

    _, there = linked(tower(ahu, other), "Set AHU-02\n3F 空调机组 AHU-01")

    assert there == {"Set AHU-02": ["AHU-02"], "3F 空调机组 AHU-01": ["AHU-01"]}


def test_the_name_of_the_whole_plan_tells_no_place():
    text = "B3 总进度计划:\n" + "\n".join(
        f"  {n}" for n in ("柱 1F", "柱 2F", "柱 3F", "门", "窗", "桩")
    )

    _, there = linked(tower(part("IfcDoor", (3, 0, 0), (4, 0.2, 2), name="M1", storey="1F")), text)

    assert there["门"] == ["M1"]


def test_storeys_without_numbers_are_found_by_the_heights_of_other_models():
    lower = [part("IfcWall", (0, 0, z), (3, 0.2, z + 2), name=f"W{s}", storey=s)
             for s, z in HEIGHTS.items()]  # fmt: skip
    upper = [part("IfcColumn", (5, 0, z), (5.5, 0.5, z + 2), name=f"C{z}", storey=f"标高 {z}")
             for z in (0.0, 3.0, 6.0)]  # fmt: skip
    scene = Scene.of(
        [
            model(lower, name="arc", elevations=HEIGHTS),
            model(upper, name="str", elevations={f"标高 {z}": z for z in (0.0, 3.0, 6.0)}),
        ]
    )

    _, there = linked(scene, "2F 柱\n三层柱")

    assert there == {"2F 柱": ["C3.0"], "三层柱": ["C6.0"]}


@pytest.mark.parametrize("count", [0, 1])
def test_empty_plans_and_scenes_are_no_trouble(count):
    scene = Scene.of([]) if not count else tower()

    found = link(scene, plan("1F 柱") if not count else plan(""))

    assert len(found.links.task) == 0
    assert found.coverage.elements == (0 if not count else 12)


def test_masonry_works_build_the_masonry_and_not_only_what_covers_it():
    window = part("IfcWindow", (2, 2, 1), (3, 2.2, 2), name="C1", storey="1F")
    block = part("IfcWall", (2, 4, 0), (5, 4.2, 2.7), name="外墙 加气混凝土", storey="1F")

    _, there = linked(tower(window, block), "1F 砌体工程\n1F 铝合金窗安装")

    assert there["1F 砌体工程"] == ["外墙 加气混凝土"]
    assert there["1F 铝合金窗安装"] == ["C1"]


def test_striking_without_a_word_for_floors_is_of_the_floor_above_where_the_plan_counts_so():
    text = "1F 柱浇筑\n1F 顶梁板浇筑\n2F 柱浇筑\n2F 顶梁板浇筑\n1F 模板支撑拆除"

    _, there = linked(tower(), text)

    assert there["1F 模板支撑拆除"] == ["KL 2F", "LB 2F"]


def test_what_is_laid_on_a_floor_is_on_the_floor_of_its_storey():
    text = "Wände 1F\nDecke über 1F\nWände 2F\nDecke über 2F\nEstrich 2F"

    found, there = linked(tower(), text)

    assert there["Decke über 2F"] == ["KL 3F", "LB 3F"]
    assert there["Estrich 2F"] == ["LB 2F"]
    assert found.links.action[4] == "maintain"


@pytest.mark.parametrize(
    "text",
    ["Decke über 1F inkl. Ausschalen", "一层顶板支模、绑筋、浇筑及拆模", "一层顶板支模浇筑拆模"],
)
def test_concrete_with_its_striking_is_still_made(text):
    found, there = linked(tower(), text)

    assert there[text] == ["KL 2F", "LB 2F"]
    assert found.links.action == ("install",)


def test_beams_with_a_task_of_their_own_may_be_counted_otherwise_than_floors():
    parts = [
        part("IfcBeam", (0, 0, z - 0.4), (6, 0.2, z), name=f"Beam {storey}", storey=storey)
        for storey, z in (("1F", 3.0), ("2F", 6.0))
    ]
    walls = [
        part("IfcWall", (0, 0, z), (6, 0.3, z + 2.6), name=f"Brick {storey}", storey=storey)
        for storey, z in (("1F", 0.0), ("2F", 3.0))
    ]
    floors = [
        part("IfcSlab", (0, 0, z), (6, 6, z + 0.2), name=name, storey=storey)
        for name, storey, z in (("Slab", "1F", 0), ("Wood Joist", "2F", 3), ("Deck", "3F", 6))
    ]
    scene = scene_of_parts([*parts, *walls, *floors], elevations=HEIGHTS)
    text = "1F brick walls\n1F steel beams\n2F timber joist floor\n2F brick walls\n2F steel beams"

    _, there = linked(scene, text)

    assert there["1F steel beams"] == ["Beam 1F"]
    assert there["2F timber joist floor"] == ["Wood Joist"]
    assert there["2F steel beams"] == ["Beam 2F"]


def test_rafters_over_the_attic_are_no_beams_of_the_storey_below_it():
    girder = part("IfcBeam", (0, 4, 2.5), (6, 4.3, 3), name="Unterzug", storey="1F")
    purlin = part("IfcBeam", (0, 4, 4.2), (6, 4.2, 4.5), name="Pfette", storey="2F")

    _, there = linked(tower(girder, purlin), "Wände 1F\nUnterzug 1F\nDecke über 1F")

    assert there["Unterzug 1F"] == ["KL 2F", "Unterzug"]


def test_dividing_walls_of_the_same_make_go_with_the_walls_where_nobody_builds_them():
    parts = [
        part("IfcWall", (k, 0, 0), (k + 0.3, 6, 2.7), name=f"W{k}", storey="1F",
             type="Kalksandstein", discipline="structure")
        for k in (0, 6)
    ]  # fmt: skip
    parts += [
        part("IfcSlab", (0, 0, 2.7), (6.3, 6, 3), name="floor", storey="2F"),
        part("IfcWall", (3, 0, 0), (3.1, 3, 2.0), name="W low", storey="1F",
             type="Kalksandstein"),
        part("IfcWall", (3, 4, 0), (3.1, 6, 2.0), name="GK", storey="1F", type="Gipskarton"),
    ]  # fmt: skip
    scene = scene_of_parts(parts, elevations=HEIGHTS)

    found, there = linked(scene, "Rohbau:\n  Wände 1F Kalksandstein")

    assert there["Wände 1F Kalksandstein"] == ["W low", "W0", "W6"]
    assert sorted(found.links.confidence.tolist()) == [0.54, 0.9, 0.9]


def test_walls_on_the_roof_are_the_parapet_where_none_is_called_so():
    wall = part("IfcWall", (0, 0, 9), (6, 0.3, 9.6), name="Exterior", storey="Roof")
    scene = scene_of_parts([wall], elevations={**HEIGHTS, "Roof": 9.0})

    _, there = linked(scene, "Level 2 structure:\n  Parapet walls")

    assert there["Parapet walls"] == ["Exterior"]


def test_the_roof_of_a_heading_beside_other_parts_is_no_place_of_its_tasks():
    wall = part("IfcWall", (0, 6, 0), (6, 6.2, 2.7), name="外墙", storey="1F")
    scene = scene_of_parts([wall], elevations={**HEIGHTS, "RF": 9.0})

    _, there = linked(scene, "屋面及外墙:\n  外墙砌筑")

    assert there["外墙砌筑"] == ["外墙"]


def test_a_layer_named_beside_its_carrier_does_not_take_it_away():
    roof = part("IfcSlab", (0, 0, 9), (6, 6, 9.2), name="屋面板", storey="3F", predefined="ROOF")

    both_, there = linked(tower(roof), "屋面结构及防水")
    layer, _ = linked(tower(roof), "屋面结构\n屋面防水")

    assert there["屋面结构及防水"] == ["屋面板"]
    assert both_.links.action == ("install",)
    assert layer.links.action == ("install", "maintain")


def test_piles_of_a_wall_are_not_the_wall():
    pile = part("IfcPile", (0, 0, -6), (0.8, 0.8, -1), name="Pile", storey="1F")
    wall = part("IfcWall", (0, 0, -1), (6, 0.4, 2), name="Wall", storey="1F",
                predefined="RETAININGWALL")  # fmt: skip

    _, there = linked(scene_of_parts([pile, wall]), "Bored piles to retaining wall")

    assert there["Bored piles to retaining wall"] == ["Pile"]


def test_services_on_the_layer_of_the_furniture_are_no_furniture():
    things = [
        part("IfcDistributionFlowElement", (0, 0, 0), (1, 1, 2), name="Kamin", storey="1F"),
        part("IfcFurniture", (2, 0, 0), (3, 1, 1), name="Tisch", storey="1F"),
    ]
    made = model(things, elevations=HEIGHTS)
    layers = Coded.of(["Einrichtung"] * 2)
    scene = Scene.of([replace(made, elements=replace(made.elements, layer=layers))])

    assert linked(scene, "Möblierung")[1] == {"Möblierung": ["Tisch"]}


def test_a_single_purlin_belongs_to_the_frame_of_the_roof():
    beam = part("IfcBeam", (0, 0, 6), (6, 0.1, 6.2), name="Pfette-2", storey="3F")

    assert "Pfette-2" in linked(tower(beam), "Dachstuhl aufstellen")[1]["Dachstuhl aufstellen"]
