"""Layers of the two zones that meet in Chongqing, and layers on shifted maps."""

from dataclasses import replace

import numpy as np
import pytest
import shapely

from bimcore.frame import Frame
from gis.crs import parse
from gis.errors import LayerError
from gis.gcj02 import to_bd09, to_gcj02
from gis.layers import FeatureTable, located
from gis.operations import project
from gis.plan import plan_layers

#: A quarter across the meridian 106.5 E, the limit of the zones 35 and 36.
QUARTER = np.array([[106.497, 29.560], [106.503, 29.560], [106.503, 29.564], [106.497, 29.564]])
GRIDS = (
    "EPSG:4544",  # CM 105, no zone number
    "EPSG:4523",  # zone 35
    "EPSG:4545",  # CM 108
    "EPSG:4524",  # zone 36
    "EPSG:4507",  # 6 degrees, CM 105
    "EPSG:4496",  # 6 degrees, zone 18
    "EPSG:4490",
    "tmerc:lon_0=106.5,x_0=50000,y_0=-3200000,ellps=CGCS2000",
)


def layer(crs, corners, *, role="red_line", accuracy=None):
    return FeatureTable(
        name="site",
        role=role,
        columns={},
        geometry=np.array([shapely.polygons(corners)], dtype=object),
        crs=crs,
        accuracy=accuracy,
    )


def drawn(crs, degrees):
    """Places in the numbers of a layer in `crs`."""
    system = parse(crs)
    return degrees if system.geographic else project(system, degrees)


def frame(crs):
    here = project(parse(crs), QUARTER.mean(axis=0, keepdims=True))[0]
    return Frame(crs=crs, origin=np.array([*np.round(here, -3), 0.0]))


@pytest.mark.parametrize("home", ["EPSG:4544", "EPSG:4545+5737", GRIDS[-1]])
def test_layers_of_both_zones_meet_with_and_without_zone_number(home):
    at = frame(home)

    placed = [located(layer(crs, drawn(crs, QUARTER)), at) for crs in GRIDS]

    corners = [shapely.get_coordinates(t.geometry)[:4] for t in placed]
    assert max(np.abs(c - corners[0]).max() for c in corners) < 1e-6
    assert all(t.findings == () and t.role == "red_line" for t in placed)


@pytest.mark.parametrize(("crs", "shifted"), [("gcj02", to_gcj02), ("bd09", to_bd09)])
def test_a_layer_on_a_shifted_map_is_shown_where_it_is_and_nothing_else(crs, shifted):
    at = frame("EPSG:4545")
    truth = located(layer("EPSG:4490", QUARTER), at)

    found = located(layer(crs, shifted(QUARTER), role="neighbour", accuracy=1.0), at)

    apart = shapely.get_coordinates(found.geometry) - shapely.get_coordinates(truth.geometry)
    assert np.abs(apart).max() < 1e-6
    assert (found.role, found.accuracy) == ("context", 5.0)
    assert [f.code.code for f in found.findings] == ["GIS504"]
    assert found.findings[0].data["role"] == "neighbour"


@pytest.mark.parametrize("crs", ["EPSG:2380", "EPSG:2432", "EPSG:2359", "EPSG:4214"])
def test_a_layer_on_an_old_datum_is_refused_with_the_remedy(crs):
    with pytest.raises(LayerError) as refused:
        located(layer(crs, drawn(crs, QUARTER)), frame("EPSG:4545"))

    assert refused.value.code == "GIS450"
    assert "project's CRS" in refused.value.finding.remedy("en")


def test_wgs84_is_taken_as_cgcs2000_with_its_budget():
    found = located(layer("EPSG:4326", QUARTER), frame("EPSG:4545"))

    assert [(f.code.code, f.data["budget_m"]) for f in found.findings] == [("GIS449", 1.0)]


def test_a_layer_whose_heights_lead_nowhere_is_drawn_in_plan():
    at = frame("EPSG:4545")
    points = np.column_stack([project(parse("EPSG:4545"), QUARTER), np.full(4, 251.5)])
    deep = replace(layer("EPSG:4545", QUARTER), geometry=np.array([shapely.polygons(points)]))

    (shown,) = plan_layers([located(deep, at)])

    assert shown["count"] == 1
