"""The map of a review: outlines of models, layers in plan, contours, and where issues are."""

import json
from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
import pytest
import shapely

from api.inputs import Inputs, LayerInput, ModelInput
from api.map_shapes import MapDocument
from api.project_file import Placement, ReviewSettings
from api.review import review
from api.tasks.map import map_document
from bimcore.frame import Frame
from bimcore.ifc.sandbox import Ingested
from gis.contours import contours, plan_terrain
from gis.footprint import footprint
from gis.layers import FeatureTable
from gis.plan import POINTS, VERTICES, colour_group, plan_layers
from gis.terrain import Grid, Terrain
from tests.builders import about_z, box, l_shape, model_of, opened, turned
from tests.service import Site, publish_review, settings_in, small_ifc

FRAME = Frame(crs="EPSG:4545+5737", origin=np.array([358000.0, 3279000.0, 0.0]))
NOW = datetime(2026, 1, 2, tzinfo=UTC)


def table(*shapes, role="context", name="layer", **columns):
    return FeatureTable(
        name=name,
        role=role,
        columns={k: tuple(v) for k, v in columns.items()},
        geometry=np.array(shapes, dtype=object),
        crs=None,
        frame=FRAME,
    )


# Outlines ---------------------------------------------------------------------------------


def test_an_outline_follows_notches_and_is_off_by_no_more_than_it_says():
    exact = shapely.Polygon([(0, 0), (20, 0), (20, 5), (5, 5), (5, 20), (0, 20)])

    found = footprint(model_of([l_shape(long=20, short=5)]))

    assert found.tolerance <= 0.06
    assert shapely.hausdorff_distance(found.outline, exact) <= found.tolerance
    assert found.heights == (0.0, 3.0)


@pytest.mark.parametrize("degrees", [0, 12.5, 45, 77])
def test_straight_sides_stay_straight_however_a_model_is_turned(degrees):
    body = turned(box((40, 15, 3)), about_z(degrees))
    exact = shapely.convex_hull(shapely.multipoints(body[0][:, :2]))

    found = footprint(model_of([body]))

    assert shapely.hausdorff_distance(found.outline, exact) <= found.tolerance
    assert shapely.get_num_coordinates(found.outline) <= 12


def test_a_court_stays_open_and_parts_that_meet_are_one():
    ring = [
        box((10, 1, 3)),
        box((10, 1, 3), (0, 9, 0)),
        box((1, 10, 3)),
        box((1, 10, 3), (9, 0, 0)),
    ]

    outline = footprint(model_of(ring)).outline

    assert [len(p.interiors) for p in shapely.get_parts(outline)] == [1]
    assert outline.area == pytest.approx(100 - 64, abs=1.5)


def test_a_thin_or_open_surface_is_not_lost():
    sheet = opened(box((8, 0.001, 3)), without=(0, 1, 2, 3))

    assert footprint(model_of([sheet])).outline.bounds == pytest.approx((0, 0, 8, 0), abs=0.06)


def test_one_stray_element_does_not_blur_the_others():
    near, far = box((30, 20, 3)), box((1, 1, 1), (40_000, 9_000, 0))

    found = footprint(model_of([near, far]))

    assert found.tolerance < 0.1
    assert [round(p.area) for p in shapely.get_parts(found.outline)] == [600, 1]


def test_nothing_has_no_outline():
    found = footprint(model_of([]))

    assert (found.outline.is_empty, found.tolerance, found.heights) == (True, 0.0, None)


# Layers -----------------------------------------------------------------------------------


def test_a_utility_has_its_colour_group_outer_width_heights_and_values():
    line = shapely.LineString([(0, 0, 260.5), (10.004, 0, 260.25)])
    made = table(line, role="utility", name="给水", 管径=(300,), 类别=("JS",), 备注=(None,))
    made = replace(made, accuracy=0.15, date="2025-03-31", vertical_datum="EPSG:5737")

    (shown,) = plan_layers([made])

    assert shown == {
        "name": "给水",
        "role": "utility",
        "vertical_datum": "EPSG:5737",
        "datum_offset_m": None,
        "accuracy_m": 0.15,
        "date": "2025-03-31",
        "count": 1,
        "tolerance_m": 0.005,
        "one_point_per_m": None,
        "fields": ["管径", "类别"],
        "fields_left_out": 1,
        "features": [
            {
                "type": "line",
                "parts": [[[0.0, 0.0], [10.0, 0.0]]],
                "kind": "water",
                "width_m": 0.3,
                "z": [260.25, 260.5],
                "values": [300, "JS"],
            }
        ],
    }


def test_points_lines_and_areas_keep_their_parts_and_holes():
    ring = shapely.box(0, 0, 4, 4).difference(shapely.box(1, 1, 2, 2))
    both = shapely.MultiPolygon([ring, shapely.box(9, 9, 10, 10)])
    lines = shapely.MultiLineString([[(0, 0), (1, 1)], [(2, 2), (3, 3)]])

    (shown,) = plan_layers([table(shapely.Point(1, 2), lines, both)])

    kinds = [(f["type"], len(f["parts"])) for f in shown["features"]]
    assert kinds == [("point", 1), ("line", 2), ("area", 2)]
    assert shown["features"][0]["parts"] == [[1.0, 2.0]]
    assert [len(r) for r in shown["features"][2]["parts"][0]] == [4, 4]


def test_too_many_vertices_are_simplified_and_it_is_said_by_how_much():
    t = np.linspace(0, 200, VERTICES + 1)
    wave = shapely.LineString(np.column_stack([t, 0.02 * np.sin(900 * t)]))
    hut = shapely.box(0, 0, 0.03, 0.03)

    (shown,) = plan_layers([table(wave, hut)])

    assert shown["tolerance_m"] == 0.05
    assert [len(f["parts"][0]) for f in shown["features"]] == [2, 1]


def test_too_many_points_are_thinned_to_one_a_cell_and_it_is_said():
    rng = np.random.default_rng(1)
    points = shapely.points(rng.random((POINTS * 2, 2)) * 1000)

    (shown,) = plan_layers([table(*points)])

    cell = shown["one_point_per_m"]
    cells = {tuple(np.floor(np.array(f["parts"][0]) / cell)) for f in shown["features"]}
    assert shown["count"] == POINTS * 2
    assert POINTS / 5 < len(shown["features"]) <= POINTS
    assert len(cells) > 0.95 * len(shown["features"])


@pytest.mark.parametrize(
    ("word", "group"),
    [
        ("JS 给水", "water"),
        ("WS 污水", "sewer"),
        ("waste water", "sewer"),
        ("TR 天然气", "gas"),
        ("RL 热力", "heat"),
        ("DL 电力", "power"),
        ("TX 通信", "telecom"),
        ("ZH 综合管沟", "gallery"),
        ("Water main", "water"),
        ("不明", "unknown"),
    ],
)
def test_kinds_have_the_colour_groups_of_the_survey_standard(word, group):
    assert colour_group(word, word) == group


# Terrain ----------------------------------------------------------------------------------


def test_contours_lie_where_the_ground_has_that_height():
    x, y = np.meshgrid(np.arange(41.0), np.arange(41.0))
    points = np.column_stack([x.ravel(), y.ravel(), (x * 0.25).ravel()])
    index = np.arange(41 * 41).reshape(41, 41)
    a, b = index[:-1, :-1].ravel(), index[:-1, 1:].ravel()
    c, d = index[1:, :-1].ravel(), index[1:, 1:].ravel()
    faces = np.concatenate([np.column_stack([a, b, d]), np.column_stack([a, d, c])])

    found = contours(points, faces, height=250.0)

    assert (found["interval_m"], found["low_m"], found["high_m"]) == (1.0, 250.0, 260.0)
    assert [line["height_m"] for line in found["lines"]][:3] == [251.0, 252.0, 253.0]
    (line,) = found["lines"][0]["parts"]
    assert sorted(line) == [[4.0, 0.0], [4.0, 40.0]]


def test_a_large_terrain_is_drawn_near_the_models_and_says_so():
    rows = np.indices((600, 600))[0]
    grid = Grid(z=np.float32(rows * 0.05), west=0.0, north=6000.0, step_x=10.0, step_y=10.0)
    ground = Terrain(name="地形", surface=grid, crs=None)

    shown = plan_terrain(ground, near=(2000.0, 2000.0, 2100.0, 2050.0), height=0.0)

    found = shown["contours"]
    spots = np.array([p for line in found["lines"] for part in line["parts"] for p in part])
    assert found["within"] == [1800.0, 1800.0, 2300.0, 2250.0]
    assert (shown["count"], found["every"]) == (720_000, 1)
    assert found["outline"] == [[[[5995.0, 5.0], [5995.0, 6005.0], [-5.0, 6005.0], [-5.0, 5.0]]]]
    assert spots.min() > 1700
    assert spots.max() < 2400


# The document -----------------------------------------------------------------------------


def given(name, *bodies):
    model = model_of(bodies, name=name)
    made = Ingested(model=model, facts=None, findings=(), counts={}, schema="IFC4")
    return ModelInput(name=name, path=f"{name}.ifc", sha256=name, ingested=made)


def placement(**changes):
    here = {"crs": "EPSG:4545+5737", "eastings": 357600.0, "northings": 3278900.0, "height": 250.0}
    return Placement(**{**here, **changes})


def boundary(tmp_path):
    corners = [[357590, 3278890], [357605, 3278890], [357605, 3278920], [357590, 3278920]]
    ring = {"type": "Polygon", "coordinates": [[*corners, corners[0]]]}
    feature = {"type": "Feature", "properties": {"name": "B3"}, "geometry": ring}
    crs = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::4545"}}
    path = tmp_path / "red_line.geojson"
    text = {"type": "FeatureCollection", "crs": crs, "features": [feature]}
    path.write_text(json.dumps(text), encoding="utf-8")
    return LayerInput(name="用地红线", path=path, sha256="red", role="red_line", crs="EPSG:4545")


def reviewed(tmp_path, **placements):
    models = (given("a", box((10, 10, 3))), given("b", box((1, 1, 9), (4, 4, 1))))
    settings = ReviewSettings(name="B3", placements=placements)
    inputs = Inputs(models=models, layers=(boundary(tmp_path),))
    return review(inputs, settings=settings, now=NOW)


def test_models_layers_and_issues_stand_where_they_are_on_the_map(tmp_path):
    result = reviewed(tmp_path, a=placement(), b=placement())

    shown = MapDocument.model_validate(map_document(result)).model_dump(by_alias=True)

    corners = np.array(shown["models"][0]["outline"][0][0]) + shown["origin"][:2]
    assert (shown["schema"], shown["located"], shown["reason"]) == ("yuyan/map/1", True, None)
    assert (shown["crs"], shown["groups"]) == ("EPSG:4545+5737", 1)
    assert shown["origin_lonlat"] == pytest.approx([106.53, 29.62], abs=0.02)
    assert corners.min(axis=0) == pytest.approx([357600, 3278900], abs=0.06)
    assert corners.max(axis=0) == pytest.approx([357610, 3278910], abs=0.06)
    assert [layer["name"] for layer in shown["layers"]] == ["用地红线"]
    issues = {i.id: i for i in result.issues}
    of_issues = [m for m in shown["markers"] if m["main"]]
    assert {m["issue"] for m in of_issues} == {i.id for i in issues.values() if i.point}
    assert all(m["point"] == pytest.approx(issues[m["issue"]].point, abs=1e-3) for m in of_issues)
    assert {m["kind"] for m in of_issues} == {"clash", "gis"}


def test_without_any_place_the_map_is_local_and_says_why(tmp_path):
    shown = map_document(reviewed(tmp_path))

    assert (shown["located"], shown["crs"], shown["layers"]) == (False, None, [])
    assert set(shown["reason"]) == {"zh-CN", "en"}
    assert [m["group"] for m in shown["models"]] == [0, 0]
    assert any("用地红线" in entry["what"] for entry in shown["not_assessed"])
    assert len([m for m in shown["markers"] if m["main"]]) > 0


def test_a_model_without_a_place_is_not_drawn_among_those_that_have_one(tmp_path):
    shown = map_document(reviewed(tmp_path, a=placement()))

    assert shown["groups"] == 2
    assert {m["name"]: m["group"] for m in shown["models"]} == {"a": 0, "b": 1}


# HTTP -------------------------------------------------------------------------------------


@pytest.fixture
def site(tmp_path):
    made = Site(settings_in(tmp_path))
    yield made
    made.close()


def test_the_map_is_served_from_the_newest_run_and_not_sent_twice(site):
    client = site.client("east-site")
    before = client.get(site.url("east", "/map"))
    file = ("a.ifc", small_ifc((0, 0, 0)).encode())
    site.client("east-design").post(site.url("east", "/models"), files={"file": file})
    publish_review(site.ctx, site.projects["east"], [])
    first = client.get(site.url("east", "/map"))
    again = client.get(site.url("east", "/map"), headers={"If-None-Match": first.headers["ETag"]})
    foreign = site.client("west-site").get(site.url("east", "/map"))

    assert (before.status_code, before.json()["code"]) == (404, "SRV904")
    assert (first.status_code, first.json()) == (200, {"schema": "yuyan/map/1"})
    assert first.headers["Cache-Control"] == "private, no-cache"
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["ETag"] == first.headers["ETag"]
    assert foreign.status_code == 404
