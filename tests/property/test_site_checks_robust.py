"""Map checks take whatever layers and models hold and say what they can."""

import json
from dataclasses import replace

import numpy as np
import pytest
import shapely

from gis.roles import ROLES
from tests.builders import box, sphere
from tests.surroundings import Slope, checked, house, layer

FIELDS = (
    "管径", "种类", "编号", "压力", "壁厚", "埋深", "起点高程", "终点高程", "地面高程", "状态", "埋设方式",
    "电压", "风偏", "弧垂", "半宽", "结构类型", "类型", "地区", "名称", "限高", "限高标高", "水位",
    "基底标高", "基础埋深", "宽", "高", "高程",
)  # fmt: skip
VALUES = (
    None, "", 0, -1, 1, 300, "300x200", "DN300", "WS", "JS", "TR", "XX", "中压A", "直埋", "10kV",
    "±800kV", "nan", 1e308, 1e-9, "废弃", "隧道", "高铁", "市区", True, "1,5", "x" * 90, -9999,
)  # fmt: skip
CLASSES = (
    "IfcWall", "IfcSlab", "IfcFooting", "IfcPile", "IfcDoor", "IfcDistributionElement",
    "IfcBuildingElementProxy", "IfcGeographicElement", "IfcPavement", "IfcFurniture",
)  # fmt: skip
NUMBERS = {
    "neighbour.distance_m": 6,
    "setback.distance_m": 3,
    "excavation.bottom_m": -5,
    "excavation.ratio": 1.0,
    "flood.level_m": 1.0,
    "height-limit.top_m": 5,
    "river.offset_m": 3,
    "power.sway_m": 1,
    "power.sag_m": 1,
}


def shape(rng):
    """Any geometry a reader lets through: flat, deep, without heights, folded, mixed."""
    points = rng.uniform(-30, 30, (5, 2))
    deep = np.column_stack([points, rng.uniform(-8, 8, 5)])
    return [
        shapely.Point(points[0]),
        shapely.LineString(points[:2]),
        shapely.LineString(deep),
        shapely.LineString(np.column_stack([points, np.full(5, np.nan)])),
        shapely.LineString([*points[:4], points[0]]),
        shapely.LineString([points[0], points[0]]),
        shapely.MultiLineString([points[:2], points[2:]]),
        shapely.make_valid(shapely.Polygon(points)),
        shapely.GeometryCollection(
            [shapely.Point(points[0]), shapely.LineString(points), shapely.box(-9, -9, 9, 9)]
        ),
    ][rng.integers(9)]


def any_layer(rng):
    count = int(rng.integers(1, 12))
    names = rng.choice(FIELDS, rng.integers(0, 8), replace=False)
    columns = {str(n): [VALUES[i] for i in rng.integers(0, len(VALUES), count)] for n in names}
    made = layer(
        str(rng.choice(ROLES)),
        *[shape(rng) for _ in range(count)],
        accuracy=(None, 0.0, 0.3)[rng.integers(3)],
        **columns,
    )
    lost = np.where(rng.random(count) < 0.5, np.nan, 0.0)
    return replace(made, rise=lost) if rng.random() < 0.3 else made


def any_body(rng):
    at = rng.uniform(-30, 30, 3) * [1, 1, 0.2]
    face = np.array([[0, 1, 2]])
    return [
        box(rng.uniform(0.1, 20, 3), at=at),
        box(rng.uniform(0.1, 4, 3), at=at),
        sphere(radius=2, at=at, level=1),
        (np.array([[0, 0, 0], [1, 0, 0], [0, 0, 1.0]]) + at, face),
        (np.zeros((3, 3)) + at, face),
        (np.full((3, 3), np.nan), face),
    ][rng.integers(6)]


def any_model(rng):
    count = int(rng.integers(0, 8))
    words = {
        "storeys": [str(s) for s in rng.choice(["1F", "B1", "首层", "", " x"], count)],
        "systems": [str(s) for s in rng.choice(["给水", "污水", "", "弱电", "J1"], count)],
    }
    classes = [str(c) for c in rng.choice(CLASSES, count)]
    return house(*[any_body(rng) for _ in range(count)], ifc_class=classes, **words)


@pytest.mark.parametrize("seed", range(6))
def test_any_layers_and_bodies_are_checked_and_each_finding_is_whole(seed):
    rng, measured = np.random.default_rng(seed), 0
    for _ in range(20):
        terrain = [[], [Slope(accuracy=None)], [Slope(inside=shapely.box(0, 0, 10, 10))]]
        findings, entries = checked(
            [any_model(rng), any_model(rng)],
            [any_layer(rng) for _ in range(rng.integers(1, 6))],
            terrain[rng.integers(3)],
            parameters=NUMBERS if rng.random() < 0.7 else {},
            city=(None, "杭州")[rng.integers(2)],
        )
        for finding in findings:
            json.dumps(finding.to_json(), allow_nan=False)
            if "band" in finding.data and "rule_zh" in finding.data:
                measured += 1
                assert finding.elements
                assert np.isfinite(finding.point).all()
                assert finding.data["citation"]["source"]
                assert finding.data["value_m"] <= (
                    finding.data["required_m"] + finding.data["uncertainty_m"]
                )
        assert all(e["why"]["zh-CN"] and e["why"]["en"] for e in entries)
    assert measured
