"""Buildings and services against buried lines: clearance, crossing, cover."""

import json

import numpy as np
import pytest
import shapely

from gis.solids import pipes
from tests.builders import box, l_shape, pipe
from tests.surroundings import FRAME, Slope, checked, house, layer, told, why

GROUND = [Slope(level=0.0)]


def sewer(y, *, z=-2.0, size=400, accuracy=0.0, kind="WS", **columns):
    """A sewer along the x axis; its wall lies `size` / 2 beside `y`."""
    path = [(-20, y, z), (30, y, z)]
    return layer(
        "utility", path, 管径=[size], 种类=[kind], 编号=["W1"], accuracy=accuracy, **columns
    )


# --- buildings -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("gap", "accuracy", "expected"),
    [
        (2.3, 0.0, ("violation", 2.3)),
        (2.499, 0.0, ("violation", 2.499)),
        (2.3, 0.2, ("within_uncertainty", 2.3)),
        (2.8, 0.2, ("within_uncertainty", 2.8)),
        (2.0, 0.2, ("violation", 2.0)),
        (2.5, 0.0, None),
        (2.95, 0.2, None),
    ],
)
def test_clearance_of_a_wall_to_a_sewer_is_measured_from_outer_walls_in_bands(
    gap, accuracy, expected
):
    wall = house(box((10, 0.3, 4), at=(0, 0, -1)))

    findings, _ = checked(wall, sewer(-gap - 0.2, accuracy=accuracy), GROUND)

    got = [(f.data["band"], f.data["value_m"]) for f in findings if f.code.code == "GIS483"]
    assert got == ([expected] if expected else [])


def test_finding_says_what_it_measured_from_where_and_by_which_row():
    wall = house(box((10, 0.3, 4), at=(0, 0, -1)), names=["外墙"])

    findings, _ = checked(wall, sewer(-1.7, accuracy=0.1), GROUND)

    (found,) = [f for f in findings if f.code.code == "GIS483"]
    assert found.data["rule"] == "gb50289.building-sewer.horizontal"
    assert found.data["citation"]["standard"] == "GB 50289 城市工程管线综合规划规范"
    assert found.data["citation"]["clause"] == "表 4.1.9"
    assert found.data["required_m"] == 2.5
    assert found.data["uncertainty_m"] == 0.2
    assert found.data["layer"] == "utility"
    assert found.elements == wall.elements.guid
    assert found.point[1] == pytest.approx(0.0)
    assert found.severity == 55
    assert found.message("zh-CN") == (
        "“外墙”与污水管线 W1的水平净距 1.50 米，要求不小于 2.50 米（±0.20 米，不满足）"
    )
    assert found.message("en") == (
        '"外墙" to sewer W1, horizontal clearance 1.50 m, '
        "required at least 2.50 m (±0.20 m, violation)"
    )
    json.dumps(found.to_json())


def test_upper_storeys_and_furniture_over_a_line_are_no_conflict():
    upper = house(box((10, 10, 3), at=(0, 0, 3)))
    chair = house(box((1, 1, 1), at=(0, 0, -0.5)), ifc_class="IfcFurniture")

    assert told(checked([upper, chair], sewer(1.0), GROUND)[0], "GIS483") == []


def test_without_terrain_the_depth_of_the_line_tells_what_stands_on_the_ground():
    low, high = box((10, 0.3, 4), at=(0, 0, 0)), box((10, 0.3, 4), at=(0, 0, 4))

    assert len(told(checked(house(low), sewer(-1.0))[0], "GIS483")) == 1
    assert told(checked(house(high), sewer(-1.0))[0], "GIS483") == []


def test_flat_line_without_ground_is_not_assessed_in_plan():
    wall = house(box((10, 0.3, 4), at=(0, 0, -1)))
    flat = layer("utility", [(-20, -1), (30, -1)], 管径=[400], 种类=["WS"])

    findings, entries = checked(wall, flat)

    assert told(findings, "GIS483") == []
    assert any("site.ground_m" in text for text in why(entries))
    findings, _ = checked(wall, flat, parameters={"site.ground_m": 0.0})
    assert told(findings, "GIS483") == [("GIS483", "violation", 0.8, 2.5)]


def test_line_below_the_house_is_a_violation_and_overlap_is_left_to_the_clash_core():
    slab = house(box((10, 10, 0.3), at=(0, 0, -0.3)), ifc_class="IfcSlab")
    pile = house(box((0.6, 0.6, 8), at=(5, 4.7, -8)), ifc_class="IfcPile")

    findings, _ = checked([slab, pile], sewer(5.0), GROUND)

    assert [(f.model, f.data["rule"]) for f in findings if f.code.code == "GIS483"] == [
        ("arch", "gb50289.building-sewer.horizontal")
    ]
    assert [f.elements for f in findings if f.code.code == "GIS483"] == [slab.elements.guid]


def test_pile_that_only_the_wall_of_the_pipe_overlaps_is_a_clash_too():
    pile = house(box((0.6, 0.6, 8), at=(5, 5.1, -8)), ifc_class="IfcPile")

    assert told(checked(pile, sewer(5.0), GROUND)[0], "GIS483") == []


def test_what_the_clash_core_tells_is_not_told_twice_and_the_rest_is():
    walls = house(box((1, 0.3, 4), at=(0, 0, -1)), box((1, 0.3, 4), at=(3, 0, -1)))
    known = {(walls.elements.guid[0], "utility", "W1"), (walls.elements.guid[1], "other", "W1")}

    findings, _ = checked(walls, sewer(-1.0), GROUND, clashed=known)

    (found,) = [f for f in findings if f.code.code == "GIS483"]
    assert found.elements == (walls.elements.guid[1],)
    over = house(box((10, 10, 8), at=(0, 0, -8)), ifc_class="IfcFooting")
    assert told(checked(over, sewer(5.0), GROUND)[0], "GIS483") == []
    assert told(checked(over, sewer(5.0), GROUND, clashed=())[0], "GIS483") == [
        ("GIS483", "violation", 0.0, 2.5)
    ]


def test_elements_along_a_run_are_one_finding_and_other_places_another():
    walls = [box((1, 0.3, 4), at=(x, 0, -1)) for x in (0, 2, 4, 60)]
    line = layer(
        "utility",
        [(-5, -1, -2), (3, -1, -2)],
        [(3, -1, -2), (10, -1, -2)],
        [(50, -1, -2), (70, -1, -2)],
        管径=[400] * 3,
        种类=["WS"] * 3,
        编号=["A", "B", "C"],
    )

    findings, _ = checked(house(*walls), line, GROUND)

    found = [f for f in findings if f.code.code == "GIS483"]
    assert sorted(f.data["count"] for f in found) == [1, 3]
    assert sorted(f.data["features"] for f in found) == [["A", "B"], ["C"]]
    assert len({f.data["group"] for f in found}) == 2


def test_courtyard_of_an_l_shaped_footing_is_measured_as_it_is():
    footing = house(l_shape(long=10, short=1, height=1, at=(0, 0, -2)), ifc_class="IfcFooting")
    across = layer("utility", [(6, 6, -2), (9, 9, -2)], 管径=[400], 种类=["WS"])

    assert told(checked(footing, across, GROUND)[0], "GIS483") == []
    near = layer("utility", [(3, 3, -2), (3, 9, -2)], 管径=[400], 种类=["WS"])
    assert told(checked(footing, near, GROUND)[0], "GIS483") == [("GIS483", "violation", 1.8, 2.5)]


@pytest.mark.parametrize(
    ("size", "gap", "expected"),
    [(150, 0.9, 1.0), (150, 1.1, None), (300, 2.9, 3.0), (300, 3.1, None), (200, 1.1, None)],
)
def test_water_mains_keep_a_distance_by_their_size(size, gap, expected):
    wall = house(box((10, 0.3, 4), at=(0, 0, -1)))

    findings, _ = checked(wall, sewer(-gap - size / 2000, size=size, kind="JS"), GROUND)

    assert [f.data["required_m"] for f in findings] == ([expected] if expected else [])


def test_gas_without_a_pressure_is_judged_by_what_is_certain_and_said_to_be_open():
    wall = house(box((10, 0.3, 4), at=(0, 0, -1)))

    findings, entries = checked(wall, sewer(-0.9, size=200, kind="TR"), GROUND)

    assert told(findings, "GIS483") == []
    assert any("pressure" in text for text in why(entries))
    assert any("gb50028.building-gas.low.horizontal_m" in text for text in why(entries))


def test_gas_of_medium_pressure_distinguishes_wall_and_foundation():
    bodies = box((10, 0.3, 4), at=(0, 0, -1)), box((10, 0.3, 1), at=(0, 0, -2))
    line = layer(
        "utility", [(-20, -0.9, -1), (30, -0.9, -1)], 管径=[200], 种类=["TR"], 压力=["中压A"]
    )

    findings, _ = checked(house(*bodies, ifc_class=["IfcWall", "IfcFooting"]), line, GROUND)

    assert [(f.data["rule"], f.data["value_m"]) for f in findings] == [
        ("gb50028.wall-gas.medium.horizontal", 0.8)
    ]


def test_zone_of_gas_lines_is_the_projects_number():
    wall = house(box((10, 0.3, 4), at=(0, 0, -1)))
    line = sewer(-4.1, size=200, kind="RQ")

    assert any("enter gas.zone_m" in text for text in why(checked(wall, line, GROUND)[1]))
    findings, _ = checked(wall, line, GROUND, parameters={"gas.zone_m": 6})
    assert told(findings) == [("GIS488", "violation", 4.0, 6.0)]
    assert told(checked(wall, line, GROUND, parameters={"gas.zone_m": 3})[0]) == []


def test_value_that_the_project_has_not_entered_is_asked_for_and_then_used():
    wall = house(box((10, 0.3, 4), at=(0, 0, -1)))
    heating = sewer(-1.2, kind="RL")

    findings, entries = checked(wall, heating, GROUND)
    assert told(findings, "GIS483") == []
    (said,) = [t for t in why(entries) if "building-heat" in t]
    assert said.endswith("value not entered: enter gb50289.building-heat.horizontal_m")

    findings, entries = checked(
        wall, heating, GROUND, parameters={"gb50289.building-heat.horizontal_m": 1.5}
    )
    assert told(findings, "GIS483") == [("GIS483", "violation", 1.0, 1.5)]
    assert findings[0].data["citation"]["status"] == "parameter"
    assert not [t for t in why(entries) if "building-heat" in t]


def test_lines_out_of_use_and_above_ground_do_not_count():
    wall = house(box((10, 0.3, 4), at=(0, 0, -1)))

    for columns in ({"状态": ["废弃"]}, {"埋设方式": ["JK"]}):
        assert told(checked(wall, sewer(-1.0, **columns), GROUND)[0]) == []


def test_manholes_do_not_count_and_areas_are_said():
    wall = house(box((10, 0.3, 4), at=(0, 0, -1)))
    shapes = [shapely.Point(1, -1), shapely.box(0, -2, 3, -1)]

    findings, entries = checked(wall, layer("utility", *shapes, 管径=[None, 600], 种类=["WS"] * 2))

    assert told(findings) == []
    assert [t for t in why(entries) if "only lines" in t] == [
        'Clearance to 1 areas of layer "utility": only lines are checked'
    ]
    assert not any("size" in t for t in why(entries))


def test_kinds_that_nothing_tells_are_said_and_not_judged():
    strange = house(box((1, 1, 1), at=(0, 0, -1)), ifc_class="IfcBuildingElementProxy")
    findings, entries = checked(strange, sewer(-1.0), GROUND)
    assert told(findings) == []
    assert any("class, system and name" in text for text in why(entries))

    wall = house(box((10, 0.3, 4), at=(0, 0, -1)))
    findings, entries = checked(wall, sewer(-1.0, kind="BM"), GROUND)
    assert told(findings) == []
    assert any("their kind is not known" in text for text in why(entries))


# --- services ------------------------------------------------------------------------------


def water(*, y=0.0, z=-2.0, along="x", radius=0.1):
    start, end = ((0, y, z), (20, y, z)) if along == "x" else ((5, -10, z), (5, 10, z))
    body = pipe(start=start, end=end, radius=radius)
    # segments of real files inherit from the distribution element
    return house(body, ifc_class="IfcDistributionElement", name="mep", systems=["给水 J1"])


@pytest.mark.parametrize(("gap", "expected"), [(0.9, 1), (1.6, 0)])
def test_buried_water_beside_a_sewer_keeps_its_distance(gap, expected):
    findings, _ = checked(water(), sewer(-gap - 0.3), GROUND)

    assert len(told(findings, "GIS483")) == expected


def test_services_that_cross_are_judged_in_height_and_not_in_plan():
    # sewer: top at -2 + 0.2; water: underside at z - 0.1
    def over(z, **more):
        return checked(water(along="y", z=z), sewer(0.0, **more), GROUND)[0]

    assert told(over(-1.5)) == [("GIS484", "violation", 0.2, 0.4)]
    assert told(over(-1.25)) == []
    assert told(over(-2.0)) == []  # bodies share space: a clash
    assert told(over(-1.5, accuracy=0.15)) == [("GIS484", "within_uncertainty", 0.2, 0.4)]
    assert told(over(-2.4)) == [("GIS484", "violation", 0.1, 0.4)]


def test_crossing_of_a_slope_is_measured_where_they_cross():
    line = layer(
        "utility", [(0, -50, 8), (0, 50, -12)], 管径=[400], 种类=["WS"]
    )  # at y = 0 its axis is at -2
    crossing = house(
        pipe(start=(-10, 0, -1.45), end=(10, 0, -1.45), radius=0.1),
        ifc_class="IfcDistributionElement",
        systems=["给水"],
    )

    assert told(checked(crossing, line, GROUND)[0], "GIS484") == [
        ("GIS484", "violation", pytest.approx(0.25, abs=0.003), 0.4)
    ]


def test_services_inside_the_house_are_no_buried_lines():
    floor = box((30, 30, 0.2), at=(-5, -15, 3))
    inner = pipe(start=(0, -1.0, -1), end=(20, -1.0, -1), radius=0.1)
    model = house(
        floor, inner, ifc_class=["IfcSlab", "IfcDistributionElement"], systems=["", "给水"]
    )

    findings, _ = checked(model, sewer(-1.8), GROUND)

    assert all(model.elements.guid[1] not in f.elements for f in findings)


# --- cover ---------------------------------------------------------------------------------


def drain(top):
    body = pipe(start=(0, 0, top - 0.2), end=(20, 0, top - 0.2), radius=0.2)
    return house(body, ifc_class="IfcDistributionElement", systems=["污水"], name="mep")


@pytest.mark.parametrize(
    ("top", "surface", "accuracy", "expected"),
    [
        (-0.5, None, 0.0, [("GIS485", "violation", 0.5, 0.6)]),
        (-0.65, None, 0.0, []),
        (-0.65, "carriageway", 0.0, [("GIS485", "violation", 0.65, 0.7)]),
        (-0.65, "footway", 0.0, []),
        (-0.65, "footway", 0.05, [("GIS485", "within_uncertainty", 0.65, 0.6)]),
        (-0.75, "carriageway", 0.0, []),
        (2.0, "carriageway", 0.0, []),
    ],
)
def test_cover_of_a_drain_depends_on_what_lies_above(top, surface, accuracy, expected):
    parameters = {"cover.surface": surface} if surface else {}

    findings, entries = checked(drain(top), [], [Slope(accuracy=accuracy)], parameters=parameters)

    assert told(findings, "GIS485") == expected
    open_ = [t for t in why(entries) if "parameter cover.surface" in t]
    assert bool(open_) == (top == -0.65 and surface is None)


def test_cover_of_surveyed_lines_is_checked_near_the_models_only():
    line = layer(
        "utility",
        [(0, 0, -0.6), (10, 0, -0.6)],
        [(500, 0, -0.6), (510, 0, -0.6)],
        管径=[400] * 2,
        种类=["WS"] * 2,
        编号=["A", "B"],
    )
    bodies = pipes(line, project=FRAME).model
    wall = house(box((1, 1, 1), at=(0, 4, 0)))

    findings, _ = checked(wall, line, GROUND, bodies=[bodies])

    (found,) = [f for f in findings if f.code.code == "GIS485"]
    assert found.elements == (bodies.elements.guid[0],)
    assert found.data["value_m"] == pytest.approx(0.4, abs=0.005)


def test_surveyed_line_above_the_ground_has_no_cover_unless_it_is_laid_there():
    def exposed(**columns):
        line = layer(
            "utility", [(0, 0, 1), (10, 0, 1)], 管径=[400], 种类=["WS"], 编号=["A"], **columns
        )
        bodies = [pipes(line, project=FRAME).model]
        wall = house(box((1, 1, 1), at=(0, 4, 0)), ifc_class="IfcBeam")
        return told(checked(wall, line, GROUND, bodies=bodies, clashed=())[0], "GIS485")

    (found,) = exposed()
    assert found[:2] == ("GIS485", "violation")
    assert found[2] == pytest.approx(-1.2, abs=0.005)
    assert exposed(埋设方式=["架空"]) == []
    assert exposed(状态=["废弃"]) == []


def test_no_cover_is_claimed_outside_the_terrain():
    nowhere = [Slope(inside=shapely.box(500, 500, 600, 600))]

    assert told(checked(drain(-0.1), [], nowhere)[0]) == []


def test_points_of_findings_lie_on_the_element():
    wall = house(box((10, 0.3, 4), at=(0, 0, -1)))

    (found,) = checked(wall, sewer(-1.0), GROUND)[0]

    low, high = wall.meshes.bounds()[0]
    assert np.all(np.array(found.point) >= low - 1e-9)
    assert np.all(np.array(found.point) <= high + 1e-9)
