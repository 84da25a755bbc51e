"""What a zone is called, and which elements of the models are in it."""

from dataclasses import replace

import numpy as np
import pytest

from bimcore.frame import rigid
from bimcore.model import Scene
from bimcore.properties import PropertyTable
from bimcore.spatial import Spatial
from clash.rehearsal.axes import between_axes
from clash.rehearsal.linking import link
from clash.rehearsal.spoken import spoken
from clash.rehearsal.works import places_said, same_place
from clash.rehearsal.zone_names import zone_of
from tests.building import model
from tests.plans import named, on, plan, sure
from tests.rehearsing import part


def zones(text):
    """Kind and keys of each zone that a text names."""
    return [(z.kind, sorted(z.keys)) for z in map(zone_of, spoken(text).zones)]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("1#楼", [("building", ["1"])]),
        ("1-3#楼基础", [("building", ["1", "2", "3"])]),
        ("1#、2#楼", [("building", ["1", "2"])]),
        ("3号楼", [("building", ["3"])]),
        ("1#主体结构", [("building", ["1"])]),
        ("2号塔楼", [("building", ["2"])]),
        ("裙楼2层柱", [("building", ["裙房"])]),
        ("主楼3F柱", [("building", ["塔楼"])]),
        ("Podium slab", [("building", ["裙房"])]),
        ("Buildings 1 and 2", [("building", ["1", "2"])]),
        ("1F①段柱", [("section", ["1"])]),
        ("3FⅡ段梁板", [("section", ["2"])]),
        ("第二施工段", [("section", ["2"])]),
        ("A-1区柱", [("area", ["a1"])]),
        ("3FA1区柱", [("area", ["a1"])]),
        ("A、B区底板", [("area", ["a", "b"])]),
        ("1-1段", [("section", ["1-1"])]),
        ("Zones A-C", [("area", ["a", "b", "c"])]),
        ("North wing", [("area", ["北"])]),
        ("后浇带东侧梁板", [("area", ["东"])]),
        ("2单元", [("unit", ["2"])]),
        ("一期", [("lot", ["1"])]),
        # these are numbers of stairs and lifts, kinds of facades, cranes and spans of time
        ("1#楼梯", []),
        ("2#电梯安装", []),
        ("3号楼梯间", []),
        ("单元式幕墙", []),
        ("Tower crane", []),
        ("东侧墙", []),
        ("一段时间", []),
        ("轴流风机", []),
    ],
)
def test_zones_are_known_by_kind_and_name(text, found):
    assert zones(text) == found


@pytest.mark.parametrize(
    ("text", "spans"),
    [
        ("①-⑤轴交A-C轴", (("1", "5"), ("a", "c"))),
        ("1~5/A~C轴", (("1", "5"), ("a", "c"))),
        ("(1)-(5)轴", (("1", "5"),)),
        ("1轴~5轴", (("1", "5"),)),
        ("1-1~1-5轴", (("1-1", "1-5"),)),
        ("Grid A-C/1-5", (("a", "c"), ("1", "5"))),
        ("3轴", (("3", "3"),)),
    ],
)
def test_spans_of_axes_are_known_by_their_ends(text, spans):
    (said,) = spoken(text).zones

    assert zone_of(said).spans == spans


def test_a_task_is_in_the_nearest_zone_of_each_kind():
    schedule = plan("1#楼:\n  A区:\n    3F 2段柱\n2#楼:\n  A区:\n    3F 2段柱")
    one, other = (places_said(schedule.tasks[k], schedule) for k in (2, 5))

    assert sorted(one) == ["F3", "zone 1#楼", "zone 2段", "zone a区"]
    assert not same_place(one, other)


def columns(*x, storey="1F", named_as="KZ{}"):
    return [
        part("IfcColumn", (at, 0, 0), (at + 0.5, 0.5, 2.7), name=named_as.format(k), storey=storey)
        for k, at in enumerate(x)
    ]


def with_fields(things, values, *, field="施工段", **more):
    """A model whose elements have one field each; an empty value is none."""
    sets = [[("施工", ((field, v),))] if v else [] for v in values]
    made = model(things, elevations={"1F": 0.0}, **more)
    return replace(made, properties=PropertyTable.of(sets))


def linked(scene, text):
    schedule = plan(text)
    found = link(scene, schedule)
    return found, on(scene, schedule, found)


@pytest.mark.parametrize(
    "values", [["\u2160", "\u2161"], ["1", "2"], ["一段", "二段"], ["1段", "2段"]]
)
def test_a_field_tells_the_section_however_it_is_written(values):
    scene = Scene.of([with_fields(columns(0, 8), values)])

    _, there = linked(scene, "1F Ⅰ段柱\n1F Ⅱ段柱")

    assert there == {"1F Ⅰ段柱": ["KZ0"], "1F Ⅱ段柱": ["KZ1"]}


def test_the_size_of_an_area_is_no_zone():
    scene = Scene.of([with_fields(columns(0, 8), ["1", "2"], field="Area")])

    found, there = linked(scene, "1F Area 1 columns\n1F Area 2 columns")

    assert there == {"1F Area 1 columns": ["KZ0", "KZ1"], "1F Area 2 columns": ["KZ0", "KZ1"]}
    assert found.coverage.unclear == {0: "zone", 1: "zone"}


def test_sections_and_buildings_of_one_number_are_not_mixed():
    models = [
        with_fields(columns(x, x + 8, named_as=f"{name}-{{}}"), ["1", "2"], name=name)
        for name, x in (("1#楼", 0), ("2#楼", 40))
    ]
    text = "1#楼:\n  1F 1段柱\n  1F 2段柱\n2#楼:\n  1F 1段柱\n  1F 2段柱"
    scene = Scene.of(models)

    found = link(scene, plan(text))

    by_task = [
        named(scene, found.links.element[found.links.task == t].tolist()) for t in (1, 2, 4, 5)
    ]
    assert by_task == [["1#楼-0"], ["1#楼-1"], ["2#楼-0"], ["2#楼-1"]]


def test_the_plan_of_several_buildings_leaves_the_model_of_one_alone():
    scene = Scene.of([with_fields(columns(0), [""], name="2#楼结构")])

    found, there = linked(scene, "1#楼 1F 柱\n2#楼 1F 柱")

    assert there == {"1#楼 1F 柱": [], "2#楼 1F 柱": ["KZ0"]}
    assert found.unclear[0] == ("not_modelled",)


def test_the_building_of_a_storey_tells_the_zone():
    models = [
        replace(model(columns(x, named_as=name), elevations={"1F": 0.0}, name=f"S-{x}"),
              spatial=Spatial.of([building]))
        for x, name, building in ((0, "a", "1#楼"), (40, "b", "2#楼"))
    ]  # fmt: skip

    _, there = linked(Scene.of(models), "1#楼 1F 柱\n2#楼 1F 柱")

    assert there == {"1#楼 1F 柱": ["a"], "2#楼 1F 柱": ["b"]}


def grid(angle=0.0):
    """Axes 1 to 5 every 4 m across, A and B 6 m apart along, turned."""
    lines = [(str(k + 1), [(4.0 * k, -1, 0), (4.0 * k, 9, 0)]) for k in range(5)]
    lines += [(t, [(-1, y, 0), (20, y, 0)]) for t, y in (("A", 0.0), ("B", 6.0))]
    spatial = Spatial.of((), [(t, np.array(e, dtype=float)) for t, e in lines])
    things = [
        *columns(1, 9),
        part("IfcSlab", (0, 0, 2.7), (16, 6, 2.9), name="slab", storey="2F"),
        part("IfcColumn", (7.75, 0, 0), (8.25, 0.5, 2.7), name="border", storey="1F"),
    ]
    made = replace(model(things, elevations={"1F": 0.0, "2F": 2.9}), spatial=spatial)
    return Scene.of([made.moved(rigid(angle=angle))])


@pytest.mark.parametrize("angle", [0.0, 0.5, 2.0])
def test_axes_tell_the_zone_by_geometry(angle):
    scene = grid(angle)

    _, there = linked(scene, "1F ①-③轴交A-B轴柱\n1F ③-⑤轴交A-B轴柱\n1F ①-③轴板\n1F 7-9轴柱")

    # what stands on the border, or is cut by it, is built by both
    assert there == {
        "1F ①-③轴交A-B轴柱": ["KZ0", "border"],
        "1F ③-⑤轴交A-B轴柱": ["KZ1", "border"],
        "1F ①-③轴板": ["slab"],
        "1F 7-9轴柱": ["KZ0", "KZ1", "border"],
    }


def test_axes_that_the_models_lack_tell_nothing():
    assert between_axes(grid(), [("1", "9")]) is None
    assert between_axes(grid(), [("1", "A")]) is None

    found, _ = linked(grid(), "1F 1-3轴柱\n1F 7-9轴柱")
    assert sure(found, 1) == {0.45}
