"""Metro, railway, river and drawn zones, and overhead lines, against models."""

import numpy as np
import pytest
import shapely

from gis.checks_power import voltages
from tests.builders import box, joined
from tests.surroundings import Slope, checked, house, layer, told, why

TRACK = [(-500, 0), (500, 0)]


def building(y, *, height=10.0, bottom=0.0, x=0.0, **columns):
    """A block whose nearest face to the x axis is `y` away."""
    return house(box((20, 20, height), at=(x, y, bottom)), **columns)


# --- metro ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("structure", "distance", "accuracy", "expected"),
    [
        ("地下区间", 49.0, 0.0, [("GIS486", "violation", 49.0, 50.0)]),
        ("地下区间", 49.0, 1.0, [("GIS486", "within_uncertainty", 49.0, 50.0)]),
        ("地下区间", 51.5, 1.0, [("GIS486", "within_uncertainty", 51.5, 50.0)]),
        ("地下区间", 52.5, 1.0, []),
        ("地下区间", 51.0, 0.0, []),
        ("高架", 29.0, 0.0, [("GIS486", "violation", 29.0, 30.0)]),
        ("高架", 31.0, 0.0, []),
        ("风亭", 9.0, 0.0, [("GIS486", "violation", 9.0, 10.0)]),
        ("风亭", 11.0, 0.0, []),
    ],
)
def test_metro_zone_of_the_city_by_kind_of_structure(structure, distance, accuracy, expected):
    metro = layer("metro", TRACK, 结构类型=[structure], 名称=["1号线"], accuracy=accuracy)

    findings, _ = checked(building(distance), metro, city="杭州市")

    assert told(findings) == expected


def test_special_zone_of_the_metro_is_told_apart_from_the_control_zone():
    metro = layer("metro", TRACK, 结构类型=["地下区间"], 名称=["1号线"])

    findings, _ = checked(building(4.0), metro, city="杭州")

    assert [(f.data["rule"], f.severity) for f in findings] == [
        ("metro.hangzhou.control.underground", 60),
        ("metro.hangzhou.special.underground", 80),
    ]
    assert "1号线" in findings[0].message("zh-CN")


def test_without_a_city_the_metro_zone_is_not_assessed_and_the_key_is_named():
    metro = layer("metro", TRACK, 结构类型=["地下区间"])

    findings, entries = checked(building(20.0), metro)
    assert told(findings) == []
    assert any("enter metro.control.underground_m" in text for text in why(entries))

    findings, _ = checked(building(20.0), metro, parameters={"metro.control.underground_m": 30})
    assert told(findings) == [("GIS486", "violation", 20.0, 30.0)]


def test_structure_of_unknown_kind_is_said_to_be_open():
    findings, entries = checked(building(20.0), layer("metro", TRACK, name="线路"), city="杭州")

    assert told(findings) == []
    assert any("kind of structure" in text for text in why(entries))


# --- railway -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("area", "distance", "expected"),
    [("city", 9.5, 10.0), ("city", 10.5, None), ("other", 19.0, 20.0), ("village", 15.5, None)],
)
def test_railway_zone_by_area(area, distance, expected):
    railway = layer("railway", TRACK, 类型=["高速铁路"])

    findings, _ = checked(building(distance), railway, parameters={"railway.area": area})

    assert [f.data["required_m"] for f in findings] == ([expected] if expected else [])


def test_railway_without_area_is_judged_by_the_least_that_is_certain():
    railway = layer("railway", TRACK, 类型=["高铁"])

    near, _ = checked(building(9.0), railway)
    between, entries = checked(building(13.0), railway)
    far, quiet = checked(building(21.0), railway)

    assert told(near) == [("GIS487", "violation", 9.0, 10.0)]
    assert told(between) == []
    assert any("railway.area" in text for text in why(entries))
    assert told(far) == []
    assert not any("railway.area" in text for text in why(quiet))


def test_ordinary_railway_asks_for_its_value():
    railway = layer("railway", TRACK, 类型=["普速铁路"], 地区=["城市市区"])

    findings, entries = checked(building(5.0), railway)

    assert told(findings) == []
    assert any("enter railway.ordinary.city_m" in text for text in why(entries))


# --- river and drawn zones -----------------------------------------------------------------

POND = shapely.box(-50, -50, 50, 0)


def test_river_is_kept_free_and_its_offset_is_the_projects():
    def at(y, **parameters):
        findings, _ = checked(building(y), layer("river", POND), parameters=parameters)
        return told(findings)

    assert at(-3.0) == [("GIS488", "violation", -3.0, 0.0)]
    assert at(3.0) == []
    assert at(3.0, **{"river.offset_m": 5}) == [("GIS488", "violation", 3.0, 5.0)]
    assert at(6.0, **{"river.offset_m": 5}) == []
    _, entries = checked(building(3.0), layer("river", POND))
    assert any("enter river.offset_m" in text for text in why(entries))


@pytest.mark.parametrize("shape", [POND, shapely.LineString(POND.exterior.coords)])
@pytest.mark.parametrize(
    ("y", "accuracy", "band"),
    [(-2.0, 0.0, "violation"), (-0.5, 0.5, "within_uncertainty"), (2.0, 0.5, None)],
)
def test_zone_as_drawn_is_kept_free(shape, y, accuracy, band):
    findings, _ = checked(
        building(y), layer("protection_zone", shape, accuracy=accuracy, 名称=["水源保护区"])
    )

    assert [f.data["band"] for f in findings] == ([band] if band else [])


def test_zone_whose_outline_crosses_itself_is_measured_all_the_same():
    bow = shapely.LineString([(-50, -50), (50, 0), (50, -50), (-50, 0), (-50, -50)])

    findings, _ = checked(building(-12.0, x=30.0), layer("protection_zone", bow))

    assert [f.data["band"] for f in findings] == ["violation"]


def test_one_zone_is_one_finding_however_many_elements_stand_in_it():
    blocks = house(*[box((1, 1, 3), at=(2 * k, -5 - k, 0)) for k in range(10)])

    (found,) = checked(blocks, layer("protection_zone", POND))[0]

    assert found.data["count"] == 10
    assert len(found.elements) == 10
    assert found.data["value_m"] == -14.0


def test_finding_names_the_nearest_of_very_many_elements_and_says_so():
    rows = house(
        *[box((0.1, 0.1, 3), at=(-49 + 0.2 * (k % 480), -5 - k // 480, 0)) for k in range(600)]
    )

    (found,) = checked(rows, layer("protection_zone", POND))[0]

    assert (found.data["count"], len(found.elements)) == (600, 500)
    assert "等 600 个构件（列出最近 500 个）" in found.message("zh-CN")
    assert "and 599 more (the nearest 500 are listed)" in found.message("en")


def test_ground_elements_may_lie_in_a_zone():
    ground = house(box((20, 20, 1), at=(0, -10, 0)), ifc_class="IfcGeographicElement")

    assert told(checked(ground, layer("protection_zone", POND))[0]) == []


# --- power ---------------------------------------------------------------------------------


def power(height=None, *, volts="110kV", accuracy=0.0, **columns):
    line = TRACK if height is None else [(x, y, height) for x, y in TRACK]
    return layer("power_line", line, 电压等级=[volts], 名称=["西1线"], accuracy=accuracy, **columns)


def codes_at(distance, line, **more):
    findings, _ = checked(building(distance), line, [Slope()], **more)
    return [(f.data["rule"], f.data["band"]) for f in findings]


@pytest.mark.parametrize(
    ("distance", "rules"),
    [
        (10.5, []),
        (9.0, ["power.zone.35-110kv"]),
        (7.0, ["power.zone.35-110kv", "power.works.35-110kv"]),
        (
            3.0,
            ["power.zone.35-110kv", "power.building.horizontal.66-110kv", "power.works.35-110kv"],
        ),
    ],
)
def test_overhead_line_has_a_zone_a_working_distance_and_a_clearance(distance, rules):
    assert codes_at(distance, power()) == [(r, "violation") for r in rules]


def test_accuracy_of_the_line_makes_a_band():
    assert codes_at(9.8, power(accuracy=0.5)) == [("power.zone.35-110kv", "within_uncertainty")]
    assert codes_at(10.8, power(accuracy=0.5)) == [("power.zone.35-110kv", "within_uncertainty")]
    assert codes_at(11.2, power(accuracy=0.5)) == []


@pytest.mark.parametrize(
    ("volts", "zone"),
    [
        ("10kV", "power.zone.1-10kv"),
        ("10 千伏", "power.zone.1-10kv"),
        (10000, "power.zone.1-10kv"),
        ("220kV", "power.zone.154-330kv"),
        (500, "power.zone.500kv"),
    ],
)
def test_zone_follows_the_voltage_however_it_is_written(volts, zone):
    assert (zone, "violation") in codes_at(4.0, power(volts=volts))


def test_the_drawing_layer_says_what_a_line_without_fields_is():
    lines = layer(
        "power_line", TRACK, TRACK, name="总平面/power_line", layer=["10kV架空线", "高压线"]
    )
    structures = layer("metro", TRACK, name="总平面/metro", layer=["地铁地下区间左线"])

    assert np.nan_to_num(voltages(lines)).tolist() == [10.0, 0.0]
    findings, _ = checked(building(49.0), structures, city="杭州")
    assert told(findings, "GIS486") == [("GIS486", "violation", 49.0, 50.0)]


def test_voltages_are_read_with_and_without_units():
    table = layer(
        "power_line",
        *[TRACK] * 8,
        电压=["110kV", "0.4kV", "380V", 35, 10000, "±800kV", None, "不详"],
    )

    assert voltages(table)[:5].tolist() == [110.0, 0.4, 0.38, 35.0, 10.0]
    assert voltages(table)[5] == -1.0
    assert np.isnan(voltages(table)[6:]).all()
    assert voltages(layer("power_line", TRACK, name="220kV西塔线12号"))[0] == 220.0
    assert voltages(layer("power_line", TRACK, 电压=["10kV/35kV同塔"]))[0] == 35.0


def test_voltage_without_a_row_and_unknown_voltage_are_not_assessed():
    findings, entries = checked(building(3.0), power(volts="20kV"))
    assert told(findings) == []
    assert any("no value for this voltage" in text for text in why(entries))

    findings, entries = checked(building(14.0), power(volts=None))
    assert told(findings) == []
    assert any("voltage" in text for text in why(entries))


def test_sway_moves_the_conductor_towards_the_building():
    assert "power.building.horizontal.66-110kv" not in dict(codes_at(6.0, power()))
    found = dict(codes_at(6.0, power(最大风偏=[3.0])))
    assert found["power.building.horizontal.66-110kv"] == "violation"
    found = dict(codes_at(6.0, power(), parameters={"power.sway_m": 3.0}))
    assert found["power.building.horizontal.66-110kv"] == "violation"
    _, entries = checked(building(6.0), power())
    assert any("power.sway_m" in text for text in why(entries))


@pytest.mark.parametrize(
    ("height", "sag", "expected"),
    [(16.0, 0.0, None), (14.5, 0.0, 4.5), (16.0, 2.0, 4.0), (18.0, 2.0, None)],
)
def test_conductor_over_a_roof_is_measured_at_greatest_sag(height, sag, expected):
    findings, _ = checked(building(-10.0, height=10.0), power(height, 最大弧垂=[sag]), [Slope()])

    vertical = [f.data["value_m"] for f in findings if "vertical" in f.data["rule"]]
    assert vertical == ([expected] if expected else [])


def test_without_heights_of_the_conductor_the_vertical_clearance_is_not_assessed():
    findings, entries = checked(building(-10.0), power(30.0))

    assert not [f for f in findings if "vertical" in f.data["rule"]]
    assert any("power.sag_m" in text for text in why(entries))


def test_basement_has_no_clearance_to_conductors_but_lies_in_the_zone():
    findings, _ = checked(building(3.0, height=4, bottom=-5), power(), [Slope()])

    assert [f.data["rule"] for f in findings] == ["power.zone.35-110kv"]


def test_crane_is_measured_by_its_own_rows():
    crane = building(5.0, ifc_class="IfcBuildingElementProxy", names=["塔吊 T1"])

    findings, _ = checked(crane, power(volts="220kV"), [Slope()])

    assert [f.data["rule"] for f in findings] == [
        "power.zone.154-330kv",
        "power.crane.horizontal.220kv",
    ]


def test_the_spot_of_a_crane_is_at_the_end_of_its_jib():
    mast = box((2, 2, 42), at=(0, 40, 0))
    crane = house(
        joined(mast, box((1, 36, 1), at=(0.5, 5, 40))),
        ifc_class="IfcBuildingElementProxy",
        names=["塔吊 T1"],
    )

    findings, _ = checked(crane, power(volts="220kV"), [Slope()])

    assert {f.point[1:] for f in findings} == {(5.0, 40.5)}


def test_road_below_a_line_has_its_own_height():
    road = house(box((100, 6, 0.2), at=(0, -3, -0.2)), ifc_class="IfcPavement")
    parameters = {"power.sag_m": 0}

    findings, _ = checked(road, power(6.5, volts="10kV"), [Slope()], parameters=parameters)

    assert [(f.data["rule"], f.data["value_m"]) for f in findings if "road" in f.data["rule"]] == [
        ("power.road.1-10kv", 6.5)
    ]
