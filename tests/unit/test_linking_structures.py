"""Plans of cores, precast houses, halls and brick houses: what their tasks build."""

import pytest

from clash.rehearsal import r03_logic, r04_support, r05_floating
from clash.rehearsal.linking import link
from tests.plans import named, on, plan
from tests.rehearsing import part, scene_of_parts, stage, told, work

LEVELS = {"1F": 0.0, "2F": 3.0, "3F": 6.0, "RF": 9.0}


def linked(parts, text):
    scene, schedule = scene_of_parts(parts, elevations=LEVELS), plan(text)
    return on(scene, schedule, link(scene, schedule))


def floor(name, z, storey, is_a="IfcSlab", **columns):
    return part(is_a, (0, 0, z - 0.2), (9, 9, z), name=name, storey=storey, **columns)


def upright(name, z, storey, *, x=0.0, is_a="IfcColumn", height=2.8, **columns):
    return part(is_a, (x, 0, z), (x + 0.5, 0.5, z + height), name=name, storey=storey, **columns)


def test_a_core_that_climbs_ahead_says_nothing_of_the_floors():
    parts = [
        *(upright(f"核心筒 {k + 1}F", 3.0 * k, f"{k + 1}F", x=4, is_a="IfcWall") for k in range(3)),
        *(upright(f"KZ {k + 1}F", 3.0 * k, f"{k + 1}F") for k in range(3)),
        *(floor(f"LB {s}", z, s) for s, z in (("2F", 3.0), ("3F", 6.0), ("RF", 9.0))),
    ]
    text = """
1F 核心筒墙体
2F 核心筒墙体
3F 核心筒墙体
1F 外框柱
2F 梁板混凝土
2F 外框柱
3F 梁板混凝土
3F 外框柱
屋面梁板混凝土"""

    there = linked(parts, text)

    assert [there[t] for t in ("2F 梁板混凝土", "3F 梁板混凝土", "屋面梁板混凝土")] == [
        ["LB 2F"],
        ["LB 3F"],
        ["LB RF"],
    ]


def test_precast_and_cast_parts_are_told_apart():
    parts = [
        upright("预制剪力墙 YQ1", 0, "1F", is_a="IfcWall", type="预制墙板200"),
        upright("现浇墙 XJ1", 0, "1F", x=4, is_a="IfcWall", type="现浇剪力墙200"),
        floor("叠合板预制层 DHB1", 2.9, "2F"),
        floor("现浇叠合层 1", 3.0, "2F"),
    ]

    there = linked(
        parts,
        "1F 预制墙板吊装及灌浆\n1F 现浇墙钢筋模板混凝土\n1F 叠合板支撑及吊装\n1F 叠合层钢筋及混凝土浇筑",
    )

    assert list(there.values()) == [
        ["预制剪力墙 YQ1"],
        ["现浇墙 XJ1"],
        ["叠合板预制层 DHB1"],
        ["现浇叠合层 1"],
    ]


def test_a_strip_poured_later_builds_no_floor_a_second_time():
    parts = [upright("KZ 1", 0, "1F"), floor("LB 2F", 3.0, "2F"), upright("KZ 2", 3.0, "2F")]
    scene = scene_of_parts(parts, elevations=LEVELS)
    schedule = plan(
        "1F 柱混凝土\n1F 梁板混凝土浇筑\n2F 柱混凝土\n1F 后浇带混凝土浇筑\n后浇带东侧 1F 梁板"
    )

    found = link(scene, schedule)

    assert found.links.action[3] == "maintain"
    assert found.links.action[4] == "install"
    assert named(scene, found.links.element[found.links.task == 4].tolist()) == ["LB 2F"]


def test_ring_beams_are_of_the_storey_of_their_walls():
    parts = [
        *(upright(f"承重砖墙 {k}F", 3.0 * (k - 1), f"{k}F", is_a="IfcWall", height=2.5) for k in (1, 2)),
        *(part("IfcBeam", (0, 0, z), (0.5, 0.5, z + 0.3), name=f"圈梁 {s}", storey=s)
          for s, z in (("1F", 2.5), ("2F", 5.5))),
        floor("LB 2F", 3.0, "2F"),
        floor("LB 3F", 6.0, "3F"),
    ]  # fmt: skip

    there = linked(parts, "1F 承重墙砌筑\n1F 圈梁浇筑\n1F 楼板吊装\n2F 承重墙砌筑\n2F 圈梁浇筑")

    assert there["1F 圈梁浇筑"] == ["圈梁 1F"]
    assert there["2F 圈梁浇筑"] == ["圈梁 2F"]


@pytest.mark.parametrize(
    ("task", "found"),
    [
        ("吊车梁安装", ["吊车梁 1"]),
        ("钢梁吊装", ["GL 1"]),
        ("檩条安装", ["檩条 1"]),
        ("柱间支撑安装", ["柱间支撑 1"]),
        ("墙面板安装", ["墙面板 1"]),
        ("混凝土地坪浇筑", ["地坪"]),
    ],
)
def test_parts_of_a_hall_have_tasks_of_their_own(task, found):
    parts = [
        part("IfcBeam", (0, 0, 5), (9, 0.3, 5.5), name="吊车梁 1", storey="1F"),
        part("IfcBeam", (0, 0, 7), (9, 0.3, 7.5), name="GL 1", storey="1F", type="钢梁 H500"),
        part("IfcMember", (0, 0, 7.5), (9, 0.1, 7.7), name="檩条 1", storey="1F"),
        part("IfcMember", (0, 0, 0), (9, 0.1, 5), name="柱间支撑 1", storey="1F"),
        part("IfcBuildingElementProxy", (0, -0.3, 0), (9, -0.2, 7), name="墙面板 1", storey="1F"),
        floor("地坪", 0.0, "1F", predefined="BASESLAB", type="混凝土地坪"),
    ]
    rows = ["钢梁吊装", "吊车梁安装", "柱间支撑安装", "檩条安装", "墙面板安装", "混凝土地坪浇筑"]

    assert linked(parts, "\n".join(rows))[task] == found


@pytest.mark.parametrize("name", ["{} 墙柱、梁板混凝土", "{} 主体结构施工", "{} structure"])
def test_a_task_of_a_whole_storey_builds_the_floor_over_it(name):
    parts = [
        *(upright(f"KZ {k + 1}", 3.0 * k, f"{k + 1}F") for k in range(3)),
        *(floor(f"LB {s}", z, s) for s, z in (("2F", 3.0), ("3F", 6.0), ("RF", 9.0))),
    ]

    there = linked(parts, "\n".join(name.format(f"{k}F") for k in (1, 2, 3)))

    assert list(there.values()) == [["KZ 1", "LB 2F"], ["KZ 2", "LB 3F"], ["KZ 3", "LB RF"]]


def test_a_task_of_floor_and_columns_on_it_keeps_the_floor_that_carries_them():
    parts = [
        *(upright(f"KZ {k + 1}", 3.0 * k, f"{k + 1}F") for k in range(3)),
        *(floor(f"LB {s}", z, s) for s, z in (("2F", 3.0), ("3F", 6.0), ("RF", 9.0))),
    ]

    there = linked(parts, "1F columns\n2F slab and columns\n3F slab and columns\nRoof slab")

    assert list(there.values()) == [["KZ 1"], ["KZ 2", "LB 2F"], ["KZ 3", "LB 3F"], ["LB RF"]]


def test_finishing_a_stairwell_builds_no_stairs():
    flight = upright("楼梯 1", 0.0, "1F", is_a="IfcStairFlight")
    scene, schedule = scene_of_parts([flight], elevations=LEVELS), plan("1F 楼梯间装修")

    assert link(scene, schedule).links.action == ("maintain",)


def test_a_flight_belongs_to_the_storey_where_it_begins():
    flights = [
        upright(f"flight {k}", 3.0 * k, f"{k + 1}F", is_a="IfcStairFlight") for k in range(3)
    ]

    there = linked(flights, "Stairs level 1 to level 2\nStairs level 2 to level 3")

    assert list(there.values()) == [["flight 0"], ["flight 1"]]


def test_blockwork_in_the_model_of_the_frame_fills_it():
    parts = [
        *(upright(f"KZ {x}", 0, "1F", x=x) for x in (0, 8)),
        part("IfcBeam", (0.5, 0.1, 2.4), (8, 0.4, 2.8), name="KL", storey="2F"),
        part("IfcWall", (0.5, 0.1, 0), (8, 0.3, 2.4), name="外墙砌体 1F", storey="1F", discipline="structure"),
    ]  # fmt: skip
    tasks = [
        work("柱", "03-01", "03-05", trade="structure", on=["KZ 0", "KZ 8"]),
        work("梁", "03-08", "03-12", trade="structure", on=["KL"]),
        work("砌体", "05-01", "05-05", trade="envelope", on=["外墙砌体 1F"]),
    ]
    made = stage(parts, tasks, [("柱", "梁"), ("梁", "砌体")], elevations=LEVELS)

    assert [r for rule in (r03_logic, r04_support) for r in rule.find(made).risks] == []


def test_ring_beams_of_a_brick_house_need_its_walls():
    sides = [((0, 0), (9, 0.3)), ((0, 8.7), (9, 9)), ((0, 0.3), (0.3, 8.7)), ((8.7, 0.3), (9, 8.7))]
    parts = []
    for k, (a, b) in enumerate(sides):
        parts += [
            part("IfcWall", (*a, 0), (*b, 2.6), name=f"砖墙 {k}", storey="1F", discipline="structure"),
            part("IfcBeam", (*a, 2.6), (*b, 2.8), name=f"圈梁 {k}", storey="1F"),
        ]  # fmt: skip
    walls, beams = ([p.name for p in parts if w in p.name] for w in ("砖墙", "圈梁"))
    tasks = [
        work("圈梁", "03-01", "03-05", trade="structure", on=beams),
        work("砖墙", "04-01", "04-05", trade="envelope", on=walls),
    ]
    made = stage(parts, tasks, elevations=LEVELS)

    assert told(made, r04_support.find(made)) == [("R04", ("圈梁", "砖墙"), tuple(sorted(beams)))]


def hall(pads="03-01", ends="03-05"):
    """A column over a pier, with a floor on the fill between the two."""
    parts = [
        part("IfcFooting", (0, 0, -1.5), (2, 2, -1), name="pad", storey="1F"),
        part("IfcColumn", (0.7, 0.7, -1), (1.3, 1.3, -0.2), name="pier", storey="1F"),
        part("IfcSlab", (-1, -1, -0.2), (9, 9, 0), name="Slab on grade", storey="1F"),
        part("IfcColumn", (0.85, 0.85, 0), (1.15, 1.15, 6), name="column", storey="1F"),
    ]
    tasks = [
        work("Pads", pads, ends, trade="foundation", on=["pad", "pier"]),
        work("Columns", "03-10", "03-12", trade="structure", on=["column"]),
        work("Floor", "04-01", "04-03", trade="foundation", on=["Slab on grade"]),
    ]
    return stage(parts, tasks, [("Pads", "Columns"), ("Columns", "Floor")], elevations=LEVELS)


def test_a_floor_on_the_fill_is_laid_round_columns_that_stand_already():
    made = hall()

    assert [
        r for rule in (r03_logic, r04_support, r05_floating) for r in rule.find(made).risks
    ] == []


def test_a_column_over_its_foundation_still_needs_that():
    made = hall("03-20", "03-25")

    assert told(made, r04_support.find(made)) == [("R04", ("Columns", "Pads"), ("column",))]
