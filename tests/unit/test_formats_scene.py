"""The scene as GLB and the issues as GeoPackage."""

from datetime import UTC, datetime

import geopandas
import numpy as np
import pytest
import trimesh

from bimcore.formats.scene_glb import sides_of, write_glb
from gis.export import write_points
from tests.builders import box, scene_of


def test_a_scene_becomes_a_glb_that_trimesh_reopens_with_its_volume(tmp_path):
    scene = scene_of(box((2, 1, 1), (0, 0, 0)), box((1, 1, 3), (5, 0, 0)))

    write_glb(tmp_path / "scene.glb", scene=scene, sides={0: "a", 1: "b"})

    opened = trimesh.load_scene(tmp_path / "scene.glb")
    bounds = opened.bounds
    assert sum(g.volume for g in opened.geometry.values()) == pytest.approx(5.0, abs=1e-5)
    np.testing.assert_allclose(bounds, [[0, 0, -1], [6, 3, 0]], atol=1e-6)


def test_sides_come_from_open_issues_only():
    issues = [
        {"status": "new", "elements": [{"index": 3, "side": "a"}, {"index": 4, "side": "b"}]},
        {"status": "resolved", "elements": [{"index": 5, "side": "a"}]},
        {"status": "new", "elements": [{"index": -1, "side": "a"}, {"index": 6, "side": ""}]},
    ]

    assert sides_of(issues) == {3: "a", 4: "b", 6: "a"}


@pytest.mark.parametrize("count", [0, 2])
def test_issue_points_reopen_from_a_geopackage_with_their_place(tmp_path, count):
    row = dict.fromkeys(("id", "title", "title_en", "status", "kind", "storey", "rule"), "墙")
    points = [(514433.6, 3350053.7, 8.25), (514434.6, 3350053.7, 9.25)][:count]
    now = datetime(2026, 1, 2, tzinfo=UTC)
    for name in ("a.gpkg", "b.gpkg"):
        write_points(
            tmp_path / name,
            rows=[{**row, "severity": 40}] * count,
            points=points,
            crs="EPSG:4549+5737",
            now=now,
        )

    frame = geopandas.read_file(tmp_path / "a.gpkg")
    assert frame.crs.to_epsg() == 4549
    assert [(p.x, p.y, p.z) for p in frame.geometry] == points
    assert frame["title"].tolist() == ["墙"] * count
    assert (tmp_path / "a.gpkg").read_bytes() == (tmp_path / "b.gpkg").read_bytes()
