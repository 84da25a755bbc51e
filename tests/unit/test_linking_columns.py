"""Places and parts that stand beside the name of a task: in columns, codes and headings."""

import pytest

from bimcore.model import Scene
from clash.rehearsal.linking import link
from clash.rehearsal.spoken import spoken
from clash.rehearsal.words import dictionary
from clash.rehearsal.works import places_said, same_place
from clash.rehearsal.zone_names import led_by_tower, shorter, towers_in, with_towers
from tests.building import model
from tests.plans import named, on, plan
from tests.rehearsing import part

LEVELS = {"1F": 0.0, "2F": 3.0, "3F": 6.0}


def frame(name, x=0.0, prefix=""):
    """Columns, walls and slabs of two storeys; slabs stand with the storey above."""
    things = []
    for n, z in ((1, 0.0), (2, 3.0)):
        here, above = f"{n}F", f"{n + 1}F"
        things += [
            part(
                "IfcColumn", (x, 0, z), (x + 0.5, 0.5, z + 2.8), name=f"{prefix}C{n}", storey=here
            ),
            part(
                "IfcWall", (x + 2, 0, z), (x + 2.3, 4, z + 2.8), name=f"{prefix}W{n}", storey=here
            ),
            part("IfcSlab", (x, 0, z + 2.8), (x + 5, 5, z + 3), name=f"{prefix}S{n}", storey=above),
        ]
    return model(things, elevations=LEVELS, name=name)


def by_row(scene, schedule):
    """Names of the elements of each task that works, in the order of the plan."""
    links = link(scene, schedule).links
    return [
        named(scene, links.element[links.task == row].tolist())
        for row, task in enumerate(schedule.tasks)
        if task.works
    ]


@pytest.mark.parametrize(
    ("heading", "parts"),
    [("竖向结构", ["C1", "W1"]), ("柱", ["C1"]), ("楼板", ["S1"])],
)
def test_forms_bars_and_concrete_are_of_the_part_that_their_heading_names(heading, parts):
    scene = Scene.of([frame("结构")])
    text = f"1层:\n  {heading}:\n    模板\n    钢筋\n    混凝土\n2层:\n  竖向结构:\n    混凝土\n  楼板:\n    混凝土"

    assert by_row(scene, plan(text))[:3] == [parts, parts, parts]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"BLDG": "T1"}, {"BLDG": "T2"}),
        ({"Building": "T1", "Building name": "Tower 1"}, {"Building": "T2"}),
        ({"楼栋": "1"}, {"楼栋": "2"}),
        ({"楼栋": "JZ", "楼栋 name": "1号楼"}, {"楼栋": "YZ", "楼栋 name": "2号楼"}),
        ({"单位工程": "1#"}, {"单位工程": "2#"}),
    ],
)
@pytest.mark.parametrize("models", [("Tower 1", "Tower 2"), ("STR-T1", "STR-T2"), ("1#楼", "2#楼")])
def test_codes_tell_the_building_however_short(one, other, models):
    scene = Scene.of([frame(models[0], prefix="a"), frame(models[1], 40.0, prefix="b")])
    codes = {"Columns first": {"FLR": "01", **one}, "Columns second": {"FLR": "01", **other}}

    there = by_row(scene, plan("Columns first\nColumns second", codes=codes))

    assert there == [["aC1"], ["bC1"]]


@pytest.mark.parametrize(
    "codes",
    [
        {"Level": "2"},
        {"FLR": "02"},
        {"Floor": "XX", "Floor name": "Level 02"},
        {"楼层": "2F"},
        {"楼层": "第二层"},
        {"Level": "2-3"},
    ],
)
def test_codes_tell_the_storey(codes):
    scene = Scene.of([frame("STR")])

    assert by_row(scene, plan("Columns", codes={"Columns": codes})) == [["C2"]]


def test_towers_are_called_by_letter_and_number():
    scene = Scene.of([frame("Tower 1", prefix="a"), frame("Tower 2", 40.0, prefix="b")])
    text = "T1 - L1 - Columns\nT1 - slab above L1\nT2:\n  L1 walls\n  L2 columns"

    schedule = plan(text)

    assert on(scene, schedule, link(scene, schedule)) == {
        "T1 - L1 - Columns": ["aC1"],
        "T1 - slab above L1": ["aS1"],
        "L1 walls": ["bW1"],
        "L2 columns": ["bC2"],
    }


@pytest.mark.parametrize(
    ("text", "full"),
    [
        ("T1 L3 columns", "Tower 1  L3 columns"),
        ("L3 columns (T2)", "L3 columns (Tower 2 )"),
        ("T3 L3 columns", "T3 L3 columns"),
        ("ST1 columns", "ST1 columns"),
        ("T12 bolts", "T12 bolts"),
        ("STR-T1-L03-Walls", "STR-Tower 1 -L03-Walls"),
    ],
)
def test_only_towers_that_the_plan_knows_are_written_in_full(text, full):
    assert with_towers(text, {"1", "2"}) == full


def test_keys_lose_the_letter_of_their_kind_alone():
    assert [shorter(*k) for k in (("building", "t1"), ("area", "zb"), ("area", "a1"))] == [
        "1",
        "b",
        "a1",
    ]
    assert towers_in("STR-T01_rev2") == {"1"}


@pytest.mark.parametrize(
    ("text", "tower"),
    [
        ("T1 - slab above L1", "1"),
        ("STR-T1-L03-Columns", "1"),
        ("T2.L03 Columns", "2"),
        ("Columns L3/T1", "1"),
        ("Grade T2 bolts", ""),
        ("Stair T1 treads", ""),
    ],
)
def test_a_tower_stands_at_the_head_or_beside_a_storey(text, tower):
    assert led_by_tower(text) == tower


@pytest.mark.parametrize(
    ("text", "storeys", "zones"),
    [
        ("1F1段墙柱", ("1",), ("1段",)),
        ("12F2区梁板", ("12",), ("2区",)),
        ("3F2#楼柱", ("3",), ("2#楼",)),
    ],
)
def test_a_number_of_a_section_may_follow_the_storey_at_once(text, storeys, zones):
    assert (spoken(text).storeys, spoken(text).zones) == (storeys, zones)


@pytest.mark.parametrize("name", ["Pour roof deck", "Roof slab", "Roof concrete"])
def test_the_roof_deck_is_the_topmost_floor_where_no_slab_is_called_a_roof(name):
    scene = Scene.of([frame("STR")])

    there = on(scene, schedule := plan(f"Columns L1\n{name}"), link(scene, schedule))

    assert there[name] == ["S2"]


@pytest.mark.parametrize(
    ("names", "there"),
    [
        (("level 1 to level 2", "level 2 to level 3"), [["C1"], ["C2"]]),
        (("L1-L2", "L2-L3"), [["C1"], ["C2"]]),
        # where none goes on from the last storey, it is meant as well
        (("levels 1 to 2",), [["C1", "C2"]]),
    ],
)
def test_columns_from_floor_to_floor_are_those_of_the_lower_one(names, there):
    scene = Scene.of([frame("STR")])

    assert by_row(scene, plan("\n".join(f"Columns {n}" for n in names))) == there


def test_columns_of_a_plan_keep_risks_to_their_place():
    rows = plan(
        "Slab first\nSlab second\n1层:\n  楼板",
        codes={
            "Slab first": {"Floor": "1", "Zone": "ZA"},
            "Slab second": {"Floor": "02", "Zone": "ZB", "Zone name": "Zone B"},
        },
    )
    first, second, _, third = (places_said(t, rows) for t in rows.tasks)

    assert first == {"F1", "zone za区"}
    assert second == {"F2", "zone zone b"}
    assert same_place(first, third)
    assert not same_place(second, third)


def test_words_of_columns_are_in_the_dictionary():
    told = {n: {c for s in dictionary().read(n) for c in s.of("codes")} for n in ("BLDG", "FLR")}

    verticals = {k for s in dictionary().read("Verticals L3") for k in s.of("kinds")}
    horizontals = {k for s in dictionary().read("Horizontals L3") for k in s.of("kinds")}

    assert verticals == {"column", "wall"}
    assert horizontals == {"beam", "slab"}
    assert told == {"BLDG": {"zones"}, "FLR": {"storeys"}}
    assert spoken("Zone B").zones == ("zone b",)
