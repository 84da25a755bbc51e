"""Terrain, earthwork, neighbours, excavation, height limits and floods against models."""

from dataclasses import replace

import numpy as np
import pytest
import shapely

from bimcore.properties import PropertyTable
from tests.builders import box
from tests.surroundings import Slope, checked, house, layer, told, why

FLAT = [Slope()]


# --- floating and buried -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("bottom", "accuracy", "expected"),
    [
        (0.5, 0.0, [("GIS493", "violation", -0.5, 0.0)]),
        (0.5, 0.3, [("GIS493", "within_uncertainty", -0.5, 0.0)]),
        (0.5, 0.2, [("GIS493", "violation", -0.5, 0.0)]),
        (-0.1, 0.2, [("GIS493", "within_uncertainty", 0.1, 0.0)]),
        (-1.0, 0.2, []),
        (0.0, 0.0, []),
    ],
)
def test_foundation_above_the_ground_floats(bottom, accuracy, expected):
    footing = house(box((2, 2, 1), at=(0, 0, bottom)), ifc_class="IfcFooting")

    findings, _ = checked(footing, [], [Slope(accuracy=accuracy)])

    assert told(findings, "GIS493") == expected


def test_foundation_that_meets_a_slope_with_one_corner_does_not_float():
    footing = house(box((10, 2, 1), at=(0, 0, 0.5)), ifc_class="IfcFooting")

    assert told(checked(footing, [], [Slope(east=0.1)])[0]) == []
    assert len(told(checked(footing, [], [Slope(east=0.01)])[0])) == 1


def test_cap_on_its_piles_and_upper_parts_do_not_float():
    cap, pile = box((3, 3, 1), at=(0, 0, 2)), box((1, 1, 10), at=(1, 1, -8))
    model = house(cap, pile, ifc_class=["IfcFooting", "IfcPile"])
    beam = house(box((3, 3, 1), at=(0, 0, 9)), ifc_class="IfcBeam")

    assert told(checked([model, beam], [], FLAT)[0]) == []


@pytest.mark.parametrize(
    ("top", "storey", "accuracy", "expected"),
    [
        (-1.0, "1F", 0.0, [("GIS494", "violation", -1.0, 0.0)]),
        (-1.0, "首层", 0.6, [("GIS494", "within_uncertainty", -1.0, 0.0)]),
        (-1.0, "Ground Floor", 0.0, [("GIS494", "violation", -1.0, 0.0)]),
        (-1.0, "B1", 0.0, []),
        (-1.0, "地下一层", 0.0, []),
        (-1.0, "11F", 0.0, []),
        (0.3, "1F", 0.1, []),
    ],
)
def test_ground_floor_wholly_below_the_ground_is_buried(top, storey, accuracy, expected):
    slab = house(box((10, 10, 0.2), at=(0, 0, top - 0.2)), ifc_class="IfcSlab", storeys=[storey])

    findings, _ = checked(slab, [], [Slope(accuracy=accuracy)])

    assert told(findings, "GIS494") == expected


def test_ground_floor_cut_into_a_slope_is_not_buried():
    slab = house(box((20, 10, 0.2), at=(0, 0, 0.0)), ifc_class="IfcSlab", storeys=["1F"])

    assert told(checked(slab, [], [Slope(level=-0.5, east=0.2)])[0]) == []


def test_depth_of_foundations_is_a_number_of_the_project():
    footing = house(box((2, 2, 1), at=(0, 0, -1.2)), ifc_class="IfcFooting")

    findings, entries = checked(footing, [], FLAT)
    assert told(findings) == []
    assert any("enter terrain.embedment_m" in text for text in why(entries))
    findings, _ = checked(footing, [], FLAT, parameters={"terrain.embedment_m": 1.5})
    assert told(findings) == [("GIS495", "violation", 1.2, 1.5)]
    assert told(checked(footing, [], FLAT, parameters={"terrain.embedment_m": 1.0})[0]) == []


def test_terrain_that_does_not_reach_the_model_claims_nothing():
    footing = house(box((2, 2, 1), at=(0, 0, 5)), ifc_class="IfcFooting")

    far = Slope(inside=shapely.box(100, 100, 200, 200))
    assert told(checked(footing, [], [far])[0]) == []
    assert told(checked(footing, [], [far, Slope(level=4.5)])[0]) == [
        ("GIS493", "violation", -0.5, 0.0)
    ]


# --- earthwork -----------------------------------------------------------------------------


def volumes(findings):
    return [
        tuple(round(f.data[k], 1) for k in ("cut_m3", "fill_m3", "uncertainty_m3", "area_m2"))
        for f in findings
        if f.code.code == "GIS496"
    ]


def test_cut_and_fill_between_a_drawn_surface_and_the_terrain():
    vertices = np.array([[0, 0, 1], [40, 0, 1], [40, 20, 1], [0, 20, 1]], float)
    sheet = (vertices, np.array([[0, 1, 2], [0, 2, 3]], dtype=np.int32))
    site = house(sheet, ifc_class="IfcGeographicElement")

    # the ground rises from 0 to 2: half is below the surface at 1, half above
    findings, _ = checked(site, [], [Slope(east=0.05, accuracy=0.1)])

    assert volumes(findings) == [(200.0, 200.0, 160.0, 800.0)]
    assert "挖方 200 立方米" in findings[0].message("zh-CN")


def test_pit_down_to_the_entered_bottom_takes_the_ground_away():
    basement = house(box((20, 10, 4), at=(0, 0, -4)), ifc_class="IfcSlab")

    findings, _ = checked(basement, [], FLAT, parameters={"excavation.bottom_m": -5})

    ((cut, fill, _, area),) = volumes(findings)
    assert cut == pytest.approx(1000.0, rel=0.01)
    assert fill == 0.0
    assert area == pytest.approx(200.0)


# --- neighbours ----------------------------------------------------------------------------

NEXT_DOOR = shapely.box(-10, 20, 30, 40)


def at(y, **columns):
    return house(box((20, 10, 9), at=(0, 20 - y - 10, 0)), **columns)


@pytest.mark.parametrize(
    ("distance", "accuracy", "expected"),
    [
        (5.0, 0.0, [("GIS491", "violation", 5.0, 6.0)]),
        (5.0, 0.6, [("GIS491", "within_uncertainty", 5.0, 6.0)]),
        (6.5, 0.6, [("GIS491", "within_uncertainty", 6.5, 6.0)]),
        (6.5, 0.0, []),
        (8.0, 0.6, []),
        (-2.0, 0.0, [("GIS491", "violation", -2.0, 6.0)]),
    ],
)
def test_distance_to_neighbours_is_the_projects(distance, accuracy, expected):
    neighbour = layer("neighbour", NEXT_DOOR, 名称=["3号楼"], accuracy=accuracy)

    findings, _ = checked(at(distance), neighbour, parameters={"neighbour.distance_m": 6})

    assert told(findings) == expected


def test_distance_that_is_not_entered_is_asked_for_but_an_overlap_is_told():
    neighbour = layer("neighbour", NEXT_DOOR)

    findings, entries = checked(at(5.0), neighbour)
    assert told(findings) == []
    assert any("enter neighbour.distance_m" in text for text in why(entries))
    assert told(checked(at(-3.0), neighbour)[0]) == [("GIS491", "violation", -3.0, 0.0)]
    assert not any("neighbour" in text for text in why(checked(at(60.0), neighbour)[1]))


def test_house_to_be_pulled_down_is_no_neighbour():
    neighbour = layer("neighbour", NEXT_DOOR, 状态=["拟拆除"])

    assert told(checked(at(-3.0), neighbour)[0]) == []


@pytest.mark.parametrize(
    ("distance", "columns", "expected"),
    [
        (7.0, {}, [("GIS492", "violation", 7.0, 8.0)]),
        (7.0, {"基础埋深": [3.0]}, []),
        (4.0, {"基础埋深": [3.0]}, [("GIS492", "violation", 4.0, 5.0)]),
        (5.5, {"基底标高": [-3.0]}, []),
        (9.0, {}, []),
    ],
)
def test_neighbour_inside_the_influence_plane_of_the_pit(distance, columns, expected):
    basement = at(distance)
    basement = replace(basement, meshes=basement.meshes.moved(lowered(-6)))
    neighbour = layer("neighbour", NEXT_DOOR, **columns)
    parameters = {"excavation.bottom_m": -8, "excavation.ratio": 1.0}

    findings, _ = checked(basement, neighbour, FLAT, parameters=parameters)

    assert told(findings, "GIS492") == expected


def lowered(by):
    transform = np.eye(4)
    transform[2, 3] = by
    return transform


def test_influence_has_a_band_and_asks_for_what_is_missing():
    basement = at(7.0)
    basement = replace(basement, meshes=basement.meshes.moved(lowered(-6)))
    parameters = {"excavation.bottom_m": -8, "excavation.ratio": 1.0}

    neighbour = layer("neighbour", NEXT_DOOR, accuracy=0.6)
    findings, _ = checked(basement, neighbour, FLAT, parameters=parameters)
    assert told(findings, "GIS492") == [("GIS492", "within_uncertainty", 7.0, 8.0)]
    _, entries = checked(basement, neighbour, FLAT)
    assert any("excavation.bottom_m, excavation.ratio" in text for text in why(entries))


# --- height limits -------------------------------------------------------------------------


def tower(top):
    return house(box((10, 10, top), at=(0, 0, 0)), names=["塔楼"])


@pytest.mark.parametrize(
    ("top", "columns", "accuracy", "expected"),
    [
        (31.0, {"限高标高": [30.0]}, 0.0, [("GIS497", "violation", -1.0, 0.0)]),
        (29.0, {"限高标高": [30.0]}, 0.0, []),
        (29.9, {"限高标高": [30.0]}, 0.1, [("GIS497", "within_uncertainty", 0.1, 0.0)]),
        (31.0, {"限高": [24.0]}, 0.0, [("GIS497", "violation", -2.0, 0.0)]),
        (28.0, {"限高": [24.0]}, 0.0, []),
        (31.0, {"限高": ["≤24m"]}, 0.0, [("GIS497", "violation", -2.0, 0.0)]),
        (31.0, {"限高": ["24米以下"]}, 0.0, [("GIS497", "violation", -2.0, 0.0)]),
        (31.0, {"控制高度": ["H≤24"]}, 0.0, [("GIS497", "violation", -2.0, 0.0)]),
        (31.0, {"限高": ["24至30m"]}, 0.0, []),
        (31.0, {"限高": ["80%"]}, 0.0, []),
        (31.0, {"限高": [-9999.0]}, 0.0, []),
    ],
)
def test_height_limit_is_absolute_or_above_the_ground(top, columns, accuracy, expected):
    zone = layer("height_limit", shapely.box(-5, -5, 50, 50), accuracy=accuracy, **columns)

    findings, _ = checked(tower(top), zone, [Slope(level=5.0)])

    assert told(findings, "GIS497") == expected


def test_height_limit_outside_its_area_or_without_a_field_claims_nothing():
    away = layer("height_limit", shapely.box(20, 20, 50, 50), 限高标高=[10.0])
    assert told(checked(tower(31.0), away)[0]) == []

    zone = layer("height_limit", shapely.box(-5, -5, 50, 50), 备注=["x"])
    findings, entries = checked(tower(31.0), zone)
    assert told(findings) == []
    assert any("no field with the limit" in text for text in why(entries))


def test_height_above_an_unknown_ground_is_not_assessed():
    zone = layer("height_limit", shapely.box(-5, -5, 50, 50), 限高=[24.0])

    findings, entries = checked(tower(31.0), zone)

    assert told(findings) == []
    assert any("counts from the ground" in text for text in why(entries))


def test_limit_of_the_project_needs_no_layer():
    findings, entries = checked(tower(31.0), [], parameters={"height-limit.top_m": 30})

    assert told(findings) == [("GIS497", "violation", -1.0, 0.0)]
    assert not any("height limits" in text for text in why(entries))


def test_heights_of_an_unknown_datum_are_not_assessed():
    zone = layer("height_limit", shapely.box(-5, -5, 50, 50), 限高标高=[30.0])
    zone = replace(zone, rise=np.array([np.nan]))

    findings, entries = checked(tower(31.0), zone)

    assert told(findings) == []
    assert any("height datum" in text for text in why(entries))


# --- flood ---------------------------------------------------------------------------------


def door(sill, *, external=None, storey="1F"):
    model = house(box((1, 0.2, 2), at=(0, 0, sill)), ifc_class="IfcDoor", storeys=[storey])
    if external is None:
        return model
    sets = [[("Pset_DoorCommon", (("IsExternal", external),))]]
    return replace(model, properties=PropertyTable.of(sets))


@pytest.mark.parametrize(
    ("sill", "parameters", "expected"),
    [
        (6.8, {}, [("GIS498", "violation", -0.2, 0.0)]),
        (7.2, {}, []),
        (7.2, {"flood.freeboard_m": 0.5}, [("GIS498", "violation", 0.2, 0.5)]),
        (7.6, {"flood.freeboard_m": 0.5}, []),
    ],
)
def test_openings_below_the_flood_level_of_the_project(sill, parameters, expected):
    findings, _ = checked(door(sill), [], parameters={"flood.level_m": 7.0, **parameters})

    assert told(findings) == expected


def test_freeboard_that_is_not_entered_is_asked_for():
    _, entries = checked(door(7.2), [], parameters={"flood.level_m": 7.0})

    assert any("enter flood.freeboard_m" in text for text in why(entries))


@pytest.mark.parametrize(
    ("level", "accuracy", "band"),
    [(7.5, 0.0, "violation"), (7.05, 0.1, "within_uncertainty"), (6.5, 0.1, None)],
)
def test_flood_layer_with_a_level(level, accuracy, band):
    water = layer("flood", shapely.box(-5, -5, 5, 5), 水位=[level], accuracy=accuracy)

    findings, _ = checked(door(7.0), water)

    assert [f.data["band"] for f in findings] == ([band] if band else [])


def test_openings_inside_and_in_basements_and_outside_the_area_do_not_count():
    water = layer("flood", shapely.box(-5, -5, 5, 5), 水位=[7.5])
    away = layer("flood", shapely.box(50, 50, 60, 60), 水位=[7.5])

    assert told(checked(door(7.0, external="False"), water)[0]) == []
    assert told(checked(door(2.0, storey="B1"), water)[0]) == []
    assert told(checked(door(7.0), away)[0]) == []
    assert len(told(checked(door(2.0, external="True", storey="B1"), water)[0])) == 1


def test_ground_floor_below_the_water_is_told():
    slab = house(box((10, 10, 0.2), at=(0, 0, 6.5)), ifc_class="IfcSlab", storeys=["首层"])

    findings, _ = checked(slab, [], parameters={"flood.level_m": 7.0})

    assert told(findings) == [("GIS498", "violation", -0.3, 0.0)]


# --- setbacks ------------------------------------------------------------------------------

PLOT = shapely.box(0, 0, 100, 80)


@pytest.mark.parametrize(
    ("gap", "accuracy", "expected"),
    [
        (2.0, 0.0, [("GIS482", "violation", 2.0, 3.0)]),
        (2.9, 0.1, [("GIS482", "within_uncertainty", 2.9, 3.0)]),
        (3.1, 0.1, [("GIS482", "within_uncertainty", 3.1, 3.0)]),
        (3.3, 0.1, []),
        (3.0, 0.0, []),
    ],
)
def test_setback_from_the_red_line_is_the_projects_number(gap, accuracy, expected):
    wall = house(box((10, 10, 3), at=(gap, 30, 0)))
    red = layer("red_line", PLOT, accuracy=accuracy)

    findings, _ = checked(wall, red, FLAT, parameters={"setback.distance_m": 3})

    assert told(findings, "GIS482") == expected


def test_setback_differs_below_the_ground_and_is_asked_for():
    both = house(box((10, 10, 3), at=(2, 30, 0)), box((10, 10, 3), at=(2, 30, -4)))
    red = layer("red_line", PLOT)

    findings, entries = checked(both, red, FLAT, parameters={"setback.distance_m": 3})
    assert told(findings, "GIS482") == [("GIS482", "violation", 2.0, 3.0)]
    assert findings[0].elements == (both.elements.guid[0],)
    assert any("enter setback.underground_m" in text for text in why(entries))
    parameters = {"setback.distance_m": 1, "setback.underground_m": 2.5}
    findings, _ = checked(both, red, FLAT, parameters=parameters)
    assert told(findings, "GIS482") == [("GIS482", "violation", 2.0, 2.5)]


@pytest.mark.parametrize(
    ("x", "accuracy", "expected"),
    [
        (9.0, 0.0, [("GIS482", "violation", -1.0, 0.0)]),
        (9.8, 0.2, [("GIS482", "within_uncertainty", -0.2, 0.0)]),
        (10.5, 0.1, []),
        (10.0, 0.0, []),
    ],
)
def test_setback_line_of_a_layer_holds_the_building(x, accuracy, expected):
    wall = house(box((10, 10, 3), at=(x, 30, 0)))
    line = layer("setback", shapely.box(10, 10, 90, 70), accuracy=accuracy)

    findings, _ = checked(wall, line)

    assert told(findings, "GIS482") == expected


def test_fence_needs_no_setback():
    fence = house(box((80, 0.2, 2), at=(5, 1, 0)), names=["围墙 WQ-1"])
    line = layer("setback", shapely.box(10, 10, 90, 70))

    parameters = {"setback.distance_m": 3}
    findings, _ = checked(fence, [layer("red_line", PLOT), line], FLAT, parameters=parameters)

    assert told(findings, "GIS482") == []


def test_red_line_findings_have_bands_too():
    wall = house(box((10, 10, 3), at=(95, 30, 0)), box((10, 10, 3), at=(30, 30, 0)))
    near = house(box((10, 10, 3), at=(90.1, 30, 0)), box((10, 10, 3), at=(30, 30, 0)))
    red = layer("red_line", PLOT, accuracy=0.1)

    (out,) = checked(wall, red)[0]
    (edge,) = checked(near, red)[0]

    assert (out.code.code, out.data["band"], out.data["value_m"]) == ("GIS460", "violation", -5.0)
    assert (edge.data["band"], edge.severity) == ("within_uncertainty", 37)
