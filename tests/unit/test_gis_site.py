"""Models against the red line, and the surroundings as one call."""

import json
from dataclasses import replace

import numpy as np
import pytest
import shapely

from bimcore.elements import Coded
from bimcore.frame import Frame
from gis.checks import check_layers
from gis.checks_red_line import contained, enclosed
from gis.layers import FeatureTable, LayerRequest
from gis.site import survey
from tests.builders import box, model_of, prism

FRAME = Frame(crs="EPSG:4549+5737", origin=np.array([514000.0, 3350000.0, 0.0]))
PLOT = shapely.box(0, 0, 100, 80)


def red_line(*shapes):
    return FeatureTable(
        name="red",
        role="red_line",
        columns={},
        geometry=np.array(shapes, dtype=object),
        crs=None,
        frame=FRAME,
    )


def house(*bodies, storeys=None, name="arch", **columns):
    model = model_of(bodies, name=name, **columns)
    if storeys:
        coded = Coded.of(storeys)
        model = replace(
            model,
            elements=replace(
                model.elements, storey=coded, storey_elevation=np.zeros(len(coded.words))
            ),
        )
    return replace(model, frame=FRAME)


def test_model_inside_the_red_line_is_no_finding():
    assert contained(house(box((99.9, 79.9, 3), at=(0.05, 0.05, 0))), PLOT) == []


@pytest.mark.parametrize("over", [0.0, 0.009])
def test_touching_and_rounding_are_no_findings(over):
    assert contained(house(box((10, 10, 3), at=(90 + over, 0, 0))), PLOT) == []


def test_elements_outside_are_one_finding_for_each_storey_with_the_worst_point():
    model = house(
        box((10, 1, 3), at=(95, 10, 0)),
        box((10, 1, 3), at=(96, 10, 0)),
        box((10, 1, 3), at=(50, -1.5, 3)),
        box((1, 1, 3), at=(50, 50, 3)),
        storeys=["1F", "1F", "2F", "2F"],
    )

    first, second = contained(model, PLOT)

    assert (first.code.code, first.model, first.data["storey"]) == ("GIS460", "arch", "1F")
    assert first.elements == (model.elements.guid[1], model.elements.guid[0])
    assert first.data["distances_m"] == [6.0, 5.0]
    assert first.data["distance_m"] == pytest.approx(6.0)
    assert first.point[0] == pytest.approx(106.0)
    assert (second.data["storey"], second.data["count"]) == ("2F", 1)
    assert second.data["distance_m"] == pytest.approx(1.5)
    name = model.elements.name[1]
    assert [f.message("zh-CN") for f in (first, second)] == [
        f"1F 有 2 个构件超出用地红线，最远超出 6.000 米（{name}）",
        f"2F 有 1 个构件超出用地红线，最远超出 1.500 米（{model.elements.name[2]}）",
    ]
    assert [f.message("en") for f in (first, second)] == [
        f"2 elements on 1F cross the red line, by up to 6.000 m ({name})",
        f"1 element on 2F crosses the red line, by up to 1.500 m ({model.elements.name[2]})",
    ]


def test_underground_elements_count_as_well():
    (found,) = contained(house(box((5, 5, 3), at=(98, 0, -8)), box((5, 5, 3))), PLOT)

    assert found.data["distance_m"] == pytest.approx(3.0)


def test_slab_over_a_notch_is_outside_although_all_its_corners_are_inside():
    notched = PLOT.difference(shapely.box(40, 0, 60, 30))
    slab = prism([(30, 10), (70, 10), (70, 20), (30, 20)], height=0.2)

    (found,) = contained(house(slab, box((5, 5, 3))), notched)

    assert found.data["distance_m"] == pytest.approx(10.0, abs=1e-6)


def test_slab_over_a_foreign_island_is_outside():
    holed = PLOT.difference(shapely.box(40, 30, 60, 50))

    (found,) = contained(house(box((80, 60, 0.2), at=(10, 10, 0))), holed)

    assert found.data["count"] == 1


def test_l_shaped_house_round_a_notch_is_inside():
    notched = PLOT.difference(shapely.box(50, 40, 100, 80))
    corner = prism([(10, 10), (90, 10), (90, 30), (40, 30), (40, 70), (10, 70)], height=3)

    assert contained(house(corner), notched) == []


def test_model_wholly_off_the_plot_is_one_suspicion_of_its_placement():
    model = house(*[box((1, 1, 1), at=(200 + k, 0, 0)) for k in range(50)])

    (found,) = contained(model, PLOT)

    assert found.code.code == "GIS461"
    assert found.data["distance_m"] == pytest.approx(100.0)
    assert found.elements == ()


def test_model_that_surrounds_the_plot_is_not_called_off_site():
    ring = house(
        *[box((1, 1, 1), at=p) for p in [(-5, -5, 0), (105, -5, 0), (105, 85, 0), (-5, 85, 0)]]
    )

    (found,) = contained(ring, PLOT)

    assert (found.code.code, found.data["count"]) == ("GIS460", 4)


def test_ground_and_spaces_may_reach_over_the_line():
    ground = house(box((300, 300, 1), at=(-100, -100, -1)), ifc_class="IfcGeographicElement")
    space = house(box((300, 300, 1)), clash_body=False)

    assert contained(ground, PLOT) == []
    assert contained(space, PLOT) == []


def test_red_line_may_come_as_loose_lines_and_several_plots():
    edges = [
        shapely.LineString([(0, 0), (100, 0)]),
        shapely.LineString([(100, 0), (100, 80), (0, 80)]),
        shapely.LineString([(0, 80), (0, 0)]),
    ]

    assert enclosed([red_line(*edges)]).equals(PLOT)
    both = enclosed([red_line(PLOT), red_line(shapely.box(100, 0, 200, 80))])
    assert contained(house(box((50, 10, 3), at=(80, 10, 0))), both) == []


@pytest.mark.parametrize(("gap", "codes"), [(0.002, ["GIS513"]), (0.04, ["GIS513"]), (0.3, [])])
def test_small_gaps_in_a_drawn_red_line_are_closed_and_told(gap, codes):
    corners = np.array([(0, 0), (100, 0), (100, 80), (0, 80)], dtype=float)
    edges = [
        shapely.LineString([a + (b - a) * gap / 100, b])
        for a, b in zip(corners, np.roll(corners, -1, axis=0), strict=True)
    ]
    layer = red_line(*edges)

    findings, _ = check_layers([house(box((2, 2, 2), at=(10, 10, 0)))], [layer], project=FRAME)

    assert (enclosed([layer]).is_empty, [f.code.code for f in findings]) == (
        not codes,
        codes or ["GIS462"],
    )


def test_open_red_line_is_said_and_nothing_is_claimed():
    findings, entries = check_layers(
        [house(box())], [red_line(shapely.LineString([(0, 0), (100, 0)]))], project=FRAME
    )

    assert [f.code.code for f in findings] == ["GIS462"]
    assert [e["why"]["en"] for e in entries].count("the layer encloses no area") == 1


def test_without_a_red_line_containment_is_not_assessed():
    findings, entries = check_layers([house(box())], [], project=FRAME)

    assert findings == ()
    assert entries[0]["what"]["en"] == "Containment in the red line"
    assert entries[0]["why"]["en"] == "no layer of this kind was given"


def write(path, *features, crs="EPSG:4549"):
    document = {
        "type": "FeatureCollection",
        "crs": {"type": "name", "properties": {"name": f"urn:ogc:def:crs:EPSG::{crs[5:]}"}},
        "features": [{"type": "Feature", "properties": p, "geometry": g} for p, g in features],
    }
    path.write_text(json.dumps(document))
    return LayerRequest(path=path)


def polygon(*ring):
    return {"type": "Polygon", "coordinates": [[[514000 + x, 3350000 + y] for x, y in ring]]}


def line(*points):
    shifted = [[514000 + x, 3350000 + y, z] for x, y, z in points]
    return {"type": "LineString", "coordinates": shifted}


def test_survey_reads_layers_makes_pipes_and_checks_models(tmp_path):
    red = write(
        tmp_path / "红线.geojson", ({}, polygon((0, 0), (100, 0), (100, 80), (0, 80), (0, 0)))
    )
    pipe = write(
        tmp_path / "给水管线.geojson", ({"管径": 300, "编号": "JS1"}, line((0, 5, 2), (100, 5, 1)))
    )
    pipe = replace(pipe, vertical_datum="1985")
    near = write(
        tmp_path / "周边建筑.geojson", ({}, polygon((200, 0), (210, 0), (210, 9), (200, 0)))
    )
    bad = tmp_path / "bad.geojson"
    bad.write_text("<OGRVRTDataSource/>")

    site = survey(
        [red, pipe, near, LayerRequest(path=bad)],
        models=[house(box((10, 10, 3), at=(95, 0, 0)))],
        frame=FRAME,
    )

    assert [t.role for t in site.tables] == ["red_line", "utility", "neighbour"]
    assert [m.elements.name for m in site.models] == [("JS1",)]
    assert site.models[0].meshes.bounds()[0, :, 2] == pytest.approx([0.85, 2.15], abs=1e-3)
    worst = {f.code.code: f.model for f in site.findings if f.severity >= 70}
    assert worst == {"GIS460": "arch", "GIS434": "bad.geojson"}
    unused = [e["what"]["en"] for e in site.not_assessed]
    assert [w for w in unused if w.startswith("Layer")] == ['Layer "bad.geojson"']
    assert all(f.message("zh-CN") and f.message("en") for f in site.findings)
    json.dumps([f.to_json() for f in site.findings])


def test_survey_without_a_located_model_assesses_nothing_and_says_so(tmp_path):
    red = write(tmp_path / "红线.geojson", ({}, polygon((0, 0), (100, 0), (100, 80), (0, 0))))

    site = survey([red], models=[], frame=Frame())

    assert site.tables == ()
    assert site.models == ()
    assert [e["why"]["en"] for e in site.not_assessed] == ["no model has a usable georeference"]


def test_layer_whose_crs_is_unknown_is_not_assessed_with_the_reason(tmp_path):
    path = tmp_path / "red_line.geojson"
    bare = polygon((0, 0), (100, 0), (100, 80), (0, 0))
    path.write_text(
        json.dumps(
            {
                "type": "FeatureCollection",
                "features": [{"type": "Feature", "properties": {}, "geometry": bare}],
            }
        )
    )

    site = survey([LayerRequest(path=path)], models=[], frame=FRAME)

    assert [f.code.code for f in site.findings if f.severity] == ["GIS442"]
    assert site.not_assessed[0]["what"]["en"] == 'Layer "red_line"'
    assert "projected" in site.not_assessed[0]["why"]["en"]


def test_line_without_a_height_is_not_assessed(tmp_path):
    flat = {"type": "LineString", "coordinates": [[514000, 3350000], [514010, 3350000]]}
    pipe = write(tmp_path / "pipe.geojson", ({"dn": 300}, flat))

    site = survey([pipe], models=[], frame=FRAME)

    assert site.models == ()
    assert ("GIS452", 1) in [(f.code.code, f.data.get("count")) for f in site.findings]
    assert 'Clashes of 1 lines of layer "pipe"' in [e["what"]["en"] for e in site.not_assessed]


def test_terrain_and_pipes_without_a_height_datum_are_named_and_not_assessed(tmp_path):
    corners = [(0, 0, 5), (100, 0, 5), (50, 80, 6)]
    ring = [[514000 + x, 3350000 + y, z] for x, y, z in [*corners, corners[0]]]
    ground = write(tmp_path / "地形.geojson", ({}, {"type": "Polygon", "coordinates": [ring]}))
    pipe = write(tmp_path / "给水管线.geojson", ({"管径": 300}, line((0, 5, 2), (50, 5, 1))))

    blind = survey([ground, pipe], models=[], frame=FRAME)
    told = survey(
        [replace(r, vertical_datum="1985") for r in (ground, pipe)], models=[], frame=FRAME
    )

    assert (blind.terrains, blind.models) == ((), ())
    assert sorted((f.model, f.code.code) for f in blind.findings if f.code.code == "GIS463") == [
        ("地形", "GIS463"),
        ("给水管线", "GIS463"),
    ]
    said = [e["what"]["en"] for e in blind.not_assessed]
    assert {'Layer "地形"', 'Heights of layer "给水管线"'} <= set(said)
    assert told.terrains[0].heights(np.array([[50.0, 40.0]])) == pytest.approx([5.5])
    assert len(told.models[0]) == 1
