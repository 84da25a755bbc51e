"""Pictures show the overhead line or the crane that an issue is about."""

import io
from dataclasses import replace

import numpy as np
import pytest
import shapely
from PIL import Image

from api.scene_artifacts import Lifting, with_surroundings
from bimcore.frame import Frame
from bimcore.issues import ElementRef, Issue
from bimcore.model import Scene
from bimcore.sketch import bar, joined, ring
from bimcore.snapshot import snapshots, viewpoint_for
from gis.overhead import overhead
from gis.tables import FeatureTable
from tests.builders import box, model_of, volume

FRAME = Frame(crs="EPSG:4549+5737", origin=np.array([514000.0, 3350000.0, 0.0]))
NO_CRANES = Lifting(bodies={}, about={})


def power(*points, name="10kV 示例线"):
    return FeatureTable(
        name="电力线",
        role="power_line",
        columns={"名称": (name,)},
        geometry=np.array([shapely.LineString(points)], dtype=object),
        crs=None,
        frame=FRAME,
    )


def tower():
    """A crane of two bars whose jib ends at x = 45 m."""
    body = joined(
        [
            bar(np.zeros(3), np.array([0.0, 0.0, 45.0]), thick=1.6),
            bar(np.array([-15.0, 0, 42.0]), np.array([45.0, 0, 42.0]), thick=1.2),
        ]
    )
    return replace(model_of([body], name="site"), frame=FRAME)


def issue(*elements, point, layer="电力线", **changes):
    return Issue(
        **{
            "id": "x",
            "fingerprint": "",
            "kind": "gis",
            "rule": "GIS490",
            "titles": {},
            "descriptions": {},
            "severity": 50,
            "severity_factors": ({"factor": "layer", "value": layer, "points": 0, "text": {}},),
            "elements": tuple(ElementRef(model="site", guid="", index=e) for e in elements),
            "point": point,
            "extent": 8.0,
            **changes,
        }
    )


def colours(scene, one):
    """Share of warm and of blue pixels of the picture."""
    one = replace(one, viewpoint=viewpoint_for(scene, one))
    ((_, png),) = snapshots(scene, [one], size=(320, 240))
    with Image.open(io.BytesIO(png)) as image:
        picture = np.asarray(image.convert("RGB")).astype(int)
    red, blue = picture[..., 0], picture[..., 2]
    return float((red > blue + 25).mean()), float((blue > red + 25).mean())


def test_a_jib_near_an_overhead_line_is_seen_with_the_line():
    scene = Scene.of([tower()], frame=FRAME)
    table = power((47, -200, 38), (47, 200, 38))
    before = issue(0, point=(45.0, 0.0, 42.0))

    whole, (after,) = with_surroundings(scene, [before], tables=[table], lifting=NO_CRANES)

    warm, blue = colours(whole, after)
    assert colours(scene, before)[1] == 0
    assert warm > 0.02
    assert blue > 0.01
    assert after.elements[0] == before.elements[0]
    assert {(e.side, e.name) for e in after.elements[1:]} == {("b", "10kV 示例线")}
    assert after.point == pytest.approx((45.85, 0.0, 40.15))


def test_issues_of_other_layers_and_far_lines_stay_as_they_are():
    scene = Scene.of([tower()], frame=FRAME)
    table = power((200, -200, 38), (200, 200, 38))
    issues = [issue(0, point=(45.0, 0.0, 42.0)), issue(0, point=(45.0, 0, 42.0), layer="给水")]

    _, after = with_surroundings(scene, issues, tables=[table], lifting=NO_CRANES)

    assert list(after) == issues


def test_without_lines_and_cranes_the_scene_is_the_same():
    scene, issues = Scene.of([tower()], frame=FRAME), [issue(0, point=(0.0, 0.0, 0.0))]

    whole, after = with_surroundings(scene, issues, tables=[], lifting=NO_CRANES)

    assert whole is scene
    assert list(after) == issues


def test_a_crane_of_the_plan_is_seen_with_the_line_below_its_sweep():
    house = replace(model_of([box((20, 10, 12), at=(-10, 10, 0))], name="site"), frame=FRAME)
    scene = Scene.of([house], frame=FRAME)
    risk = issue(point=(0.0, 0.0, 20.0), kind="sequence", rule="R19", severity_factors=())
    jib = ring(np.array([0.0, 0.0, 40.0]), 30.0, thick=1.0)
    lifting = Lifting(bodies={"T1": jib}, about={"x": ("T1", "10kV 示例线")})
    table = power((25, -300, 12), (25, 300, 12))

    whole, (after,) = with_surroundings(scene, [risk], tables=[table], lifting=lifting)

    sides = [(e.side, e.name) for e in after.elements]
    warm, blue = colours(whole, after)
    assert sides[0] == ("a", "T1")
    # pieces of ten metres within ten metres of the sweep, of the sixty that the line has
    assert sides.count(("b", "10kV 示例线")) == 10
    assert min(warm, blue) > 0.001


def test_a_line_without_heights_hangs_above_the_ground_and_is_cut_into_pieces():
    drawn = overhead(power((0, 0), (25, 0), name=""), frame=FRAME, ground=100.0)

    assert drawn.elements.name == ("电力线",) * 3
    assert drawn.meshes.bounds()[:, :, 2].mean() == pytest.approx(110.0)
    assert volume(drawn.meshes.body(0)) == pytest.approx(25 / 3 * 0.6 * 0.6)


def test_a_ring_is_as_wide_as_its_radius():
    vertices, _ = ring(np.zeros(3), 30.0, thick=1.0)

    assert np.abs(vertices[:, 0]).max() == pytest.approx(30.5, abs=0.1)
    assert np.abs(vertices[:, 2]).max() == pytest.approx(0.5)
