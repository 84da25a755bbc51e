"""What the map says to the rehearsal."""

import numpy as np
import pytest
import shapely

from gis.facts import site_facts
from gis.site import Site
from tests.surroundings import FRAME, Slope, layer


def facts(*tables, terrains=()):
    return site_facts(Site(tables=tables, terrains=terrains), frame=FRAME)


def test_buried_line_with_heights_size_doubt_and_last_day():
    table = layer(
        "utility", [(0, 0, -2.0), (10, 0, -2.0)], name="给水", accuracy=0.1,
        编号=["JS-001"], 类别=["给水"], 管径=[400], 高程位置=["管中心"], 停用日期=["2026/6/9"],
    )  # fmt: skip

    (line,) = facts(table)["buried"]

    assert line["points"].tolist() == [[0, 0, -2], [10, 0, -2]]
    told = {k: v for k, v in line.items() if k != "points"}
    assert told == {
        "layer": "给水",
        "number": "JS-001",
        "name": "给水",
        "kind": "water",
        "half_width_m": 0.2,
        "half_height_m": 0.2,
        "uncertainty_m": 0.2,
        "depth_known": True,
        "live_until": "2026-06-09",
    }


def test_buried_line_without_heights_says_so_and_abandoned_ones_are_left_out():
    table = layer(
        "utility", [(0, 0), (10, 0)], [(0, 5), (10, 5)], 管径=[200, 200], 状态=["使用", "废弃"]
    )

    (line,) = facts(table)["buried"]

    assert not line["depth_known"]
    assert np.isnan(line["points"][:, 2]).all()


def test_overhead_line_hangs_by_its_sag():
    table = layer(
        "power_line", [(0, 0, 12.0), (100, 0, 12.0)], 电压=["10kV"], 弧垂=[1.5], 半宽=[0.6]
    )

    (line,) = facts(table)["lines"]

    assert (line["voltage_kv"], line["half_width_m"]) == (10.0, 0.6)
    assert line["points"][:, 2].tolist() == [10.5, 10.5]


def test_neighbour_with_ground_of_the_terrain_and_footing_by_depth():
    table = layer(
        "neighbour", shapely.box(0, 0, 10, 20), shapely.box(30, 0, 40, 9),
        名称=["B1", "B2"], 层数=[4, 2], 基础埋深=[3.0, None], 状态=["", "拟拆除"],
    )  # fmt: skip

    (house,) = facts(table, terrains=(Slope(level=5.0),))["neighbours"]

    assert (house["base_m"], house["height_m"], house["footing_m"]) == (5.0, 13.2, 2.0)
    assert len(house["rings"][0]) == 4


@pytest.mark.parametrize(
    ("height", "storeys", "metres"),
    [("54m", "18层", 54.0), ("约54米", "18层", 54.0), ("18层", "18层", 59.4), ("18F", "18", 59.4)],
)
def test_storeys_in_the_field_of_heights_are_no_metres(height, storeys, metres):
    table = layer("neighbour", shapely.box(0, 0, 10, 20), 建筑高度=[height], 层数=[storeys])

    (house,) = facts(table, terrains=(Slope(level=5.0),))["neighbours"]

    assert house["height_m"] == pytest.approx(metres)


def test_flood_with_level_months_and_return():
    table = layer("flood", shapely.box(0, 0, 9, 9), 名称=["五十年一遇"], 水位=[7.4], 汛期=["10-3"])

    (area,) = facts(table)["flood"]

    assert (area["level_m"], area["season"]) == (7.4, "10-3")
    assert area["return_years"] == pytest.approx(50)
