"""What layer files are read as, and which are refused."""

import json
import shutil
import sqlite3
import zipfile

import numpy as np
import pytest
import shapely

from bimcore.frame import Frame
from gis.layers import LayerError, LayerLimits, LayerRequest, located, read
from gis.roles import guess
from tests.layer_files import E0, N0, PLOT, VRT, code_of, codes, table_of, tables_of, write


def test_geopackage_keeps_attributes_crs_and_role(tmp_path):
    path = write(tmp_path / "用地红线.gpkg", 名称=["B3地块"], 面积=[8000.0])

    found = table_of(path)

    assert found.crs == "EPSG:4549"
    assert found.role == "red_line"
    assert found.columns == {"名称": ("B3地块",), "面积": (8000.0,)}
    assert found.geometry[0].equals(shapely.Polygon(PLOT))
    assert codes(found) == ["GIS447"]
    assert found.findings[0].data["because_en"] == '"红线" in the name'


def test_layers_of_one_geopackage_are_tables_of_their_own(tmp_path):
    path = tmp_path / "site.gpkg"
    write(path, layer="red_line", a=[1.0])
    write(path, layer="pipes", kinds=[shapely.LineString(PLOT[:2])], 管径=[300.0])

    found = tables_of(path)

    assert [(t.name, t.role) for t in found] == [
        ("site/red_line", "red_line"),
        ("site/pipes", "utility"),
    ]


FRAME = Frame(crs="EPSG:4549+5737", origin=np.array([E0, N0, 2.0]))


def heights(table):
    return shapely.get_coordinates(table.geometry, include_z=True)[:, 2].tolist()


def pipe_of(tmp_path, **facts):
    line = shapely.LineString([(E0, N0, 5.25), (E0 + 10, N0, 5.0)])
    path = write(tmp_path / "pipe.gpkg", kinds=[line], dn=[300.0])
    return table_of(path, **facts)


def test_heights_of_the_projects_datum_are_kept(tmp_path):
    placed = located(pipe_of(tmp_path, vertical_datum="1985国家高程基准"), FRAME)

    assert shapely.get_coordinates(placed.geometry, include_z=True).tolist() == [
        [0.0, 0.0, 3.25],
        [10.0, 0.0, 3.0],
    ]
    assert codes(placed) == ["GIS447"]


def test_heights_of_another_datum_are_moved_by_the_stated_offset(tmp_path):
    table = pipe_of(tmp_path, vertical_datum="吴淞高程", datum_offset=-1.87)

    assert heights(located(table, FRAME)) == pytest.approx([1.38, 1.13])


@pytest.mark.parametrize("datum", [None, "吴淞高程", "大地高"])
def test_heights_that_lead_nowhere_are_not_assessed_and_that_is_said(tmp_path, datum):
    placed = located(pipe_of(tmp_path, vertical_datum=datum), FRAME)

    assert np.isnan(heights(placed)).all()
    assert np.isnan(placed.rise).all()
    assert codes(placed) == ["GIS447", "GIS463"]


def test_each_row_may_state_its_own_datum(tmp_path):
    lines = [shapely.LineString([(E0, N0 + k, 5.0), (E0 + 10, N0 + k, 5.0)]) for k in range(3)]
    path = write(
        tmp_path / "pipe.gpkg", kinds=lines, dn=[300.0] * 3, 高程基准=["1985", "吴淞", "1985"]
    )

    placed = located(table_of(path), FRAME)

    assert heights(placed)[::2] == pytest.approx([3.0, np.nan, 3.0], nan_ok=True)
    assert codes(placed) == ["GIS447", "GIS463"]


def test_heights_of_a_layer_that_does_not_live_by_them_are_no_news(tmp_path):
    ring = shapely.Polygon([(*p, 12.0) for p in PLOT])
    table = table_of(write(tmp_path / "a.gpkg", kinds=[ring], a=[1.0]), role="red_line")

    assert codes(located(table, FRAME)) == []


def test_shapefile_is_read_with_its_prj(tmp_path):
    path = write(tmp_path / "red_line.shp", name=["a"])

    found = table_of(path)

    assert found.crs == "EPSG:4549"
    assert found.geometry[0].equals(shapely.Polygon(PLOT))


def test_gbk_shapefile_without_cpg_is_detected_and_said(tmp_path):
    path = write(tmp_path / "plot.shp", encoding="GB18030", 名称=["用地红线"], 说明=["两江新区"])
    path.with_suffix(".cpg").unlink(missing_ok=True)

    found = table_of(path)

    assert found.columns == {"名称": ("用地红线",), "说明": ("两江新区",)}
    assert "GIS444" in codes(found)
    assert next(f for f in found.findings if f.code.code == "GIS444").data["encoding"] == "GB18030"


def test_wrong_cpg_is_corrected_and_said(tmp_path):
    path = write(tmp_path / "plot.shp", encoding="GB18030", 名称=["用地红线"])
    path.with_suffix(".cpg").write_text("UTF-8")

    found = table_of(path)

    assert found.columns == {"名称": ("用地红线",)}
    assert "GIS444" in codes(found)


def test_utf8_shapefile_cut_in_the_middle_of_a_character_is_still_utf8(tmp_path):
    path = write(tmp_path / "plot.shp", encoding="UTF-8", name=["用" * 100])

    found = table_of(path)

    assert found.columns["name"][0].startswith("用用用")
    assert "GIS444" not in codes(found)


def zipped(tmp_path, *stems, arc="{}"):
    target = tmp_path / "layer.shp.zip"
    with zipfile.ZipFile(target, "w") as archive:
        for stem in stems:
            for part in sorted(tmp_path.glob(f"{stem}.*")):
                if part.suffix in {".shp", ".shx", ".dbf", ".prj", ".cpg"}:
                    archive.write(part, arc.format(part.name))
    return target


def test_zipped_shapefile_is_read(tmp_path):
    write(tmp_path / "a.shp", name=["a"])

    found = table_of(zipped(tmp_path, "a", arc="some folder/{}"), role="red_line")

    assert found.crs == "EPSG:4549"
    assert codes(found) == []


@pytest.mark.parametrize("arc", ["../{}", "C:/{}", "a/../../{}"])
def test_archive_that_leaves_its_folder_is_refused(tmp_path, arc):
    write(tmp_path / "a.shp", name=["a"])

    assert code_of(zipped(tmp_path, "a", arc=arc)) == "GIS436"


def test_archive_bomb_is_refused(tmp_path):
    target = tmp_path / "bomb.zip"
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.shp", b"\0" * 3_000_000)

    assert code_of(target, limits=LayerLimits(unpacked_bytes=1_000_000)) == "GIS436"


def test_archive_without_a_layer_and_broken_archive_are_refused(tmp_path):
    empty = tmp_path / "a.zip"
    with zipfile.ZipFile(empty, "w") as archive:
        archive.writestr("readme.txt", "hello")
    whole = empty.read_bytes()
    broken = tmp_path / "b.zip"
    broken.write_bytes(whole[: len(whole) // 2])

    assert code_of(empty) == "GIS440"
    assert code_of(broken) == "GIS430"


@pytest.mark.parametrize("part", [".shx", ".dbf"])
def test_incomplete_shapefile_names_what_is_missing(tmp_path, part):
    path = write(tmp_path / "a.shp", name=["a"])
    path.with_suffix(part).unlink()

    with pytest.raises(LayerError) as caught:
        table_of(path)

    assert caught.value.code == "GIS437"
    assert caught.value.finding.data == {"missing": part}


@pytest.mark.parametrize(
    "suffix",
    [".geojson", ".json", ".gpkg", ".shp", ".zip", ".fgb", ".tif", ".asc", ".dxf", ".csv"]
    + [".xlsx", ".xml", ".landxml"],
)
def test_vrt_in_disguise_is_refused(tmp_path, suffix):
    secret = write(tmp_path / "secret.gpkg", password=["hunter2"])
    path = tmp_path / f"innocent{suffix}"
    path.write_text(VRT.format(secret))

    assert code_of(path) == "GIS434"


@pytest.mark.parametrize(
    ("suffix", "code"),
    [
        (".vrt", "GIS431"),
        ("", "GIS431"),
        (".dwg", "GIS464"),
        (".gml", "GIS465"),
        (".kml", "GIS465"),
        (".kmz", "GIS465"),
        (".tab", "GIS465"),
        (".mif", "GIS465"),
    ],
)
def test_other_formats_are_refused_by_name(tmp_path, suffix, code):
    path = tmp_path / f"layer{suffix}"
    path.write_text(VRT.format("/etc/passwd"))

    assert code_of(path) == code


@pytest.mark.parametrize(
    "text",
    [
        '{"type":"OGCAPI","url":"http://127.0.0.1:1/"}',
        '{"type":"gdal_streamed_alg","command_line":"gdal vector pipeline ! read /etc/passwd"}',
        '{"type":"FeatureCollection","features":[',
        '{"type":"FeatureCollection","features":[]}',
        "{}",
        "{",
    ],
)
def test_json_that_is_no_geojson_is_refused(tmp_path, text):
    path = tmp_path / "layer.geojson"
    path.write_text(text)

    assert code_of(path) in {"GIS430", "GIS440"}


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ('{"type":"Topology","objects":{},"arcs":[]}', "TopoJSON"),
        ('{"geometryType":"esriGeometryPolygon","features":[]}', "ESRI JSON"),
    ],
)
def test_json_of_another_kind_is_called_by_its_name(tmp_path, text, found):
    path = tmp_path / "layer.geojson"
    path.write_text(text)

    with pytest.raises(LayerError) as caught:
        table_of(path)

    assert (caught.value.code, caught.value.finding.data["found"]) == ("GIS434", found)


def test_layers_in_an_archive_are_what_they_are_called_inside(tmp_path):
    for name in ("用地红线", "周边建筑", "Export_Output"):
        write(tmp_path / f"{name}.shp", a=[1.0])
    one, both = tmp_path / "成果.zip", tmp_path / "红线资料.zip"
    with zipfile.ZipFile(one, "w") as archive:
        for part in tmp_path.glob("用地红线.*"):
            archive.write(part, f"成果/矢量/{part.name}")
    with zipfile.ZipFile(both, "w") as archive:
        for part in (*tmp_path.glob("周边建筑.*"), *tmp_path.glob("Export_Output.*")):
            archive.write(part, part.name)

    roles = {t.name: t.role for t in (*tables_of(one), *tables_of(both))}

    assert roles == {
        "成果": "red_line",
        "红线资料/周边建筑": "neighbour",
        "红线资料/Export_Output": "red_line",
    }


def test_names_in_an_archive_may_be_in_gbk(tmp_path):
    write(tmp_path / "a.shp", a=[1.0])
    target = tmp_path / "x.zip"
    with zipfile.ZipFile(target, "w") as archive:
        for part in tmp_path.glob("a.*"):
            archive.writestr(f"XXXXXXXX{part.suffix}", part.read_bytes())
    target.write_bytes(target.read_bytes().replace(b"XXXXXXXX", "用地红线".encode("gbk")))

    assert table_of(target).role == "red_line"


@pytest.mark.parametrize(
    ("move", "hint"),
    [
        (lambda c: c[:, ::-1], "exchanging X and Y"),
        (lambda c: c + [40e6, 0.0], "EPSG:4528"),
        (lambda c: c * 1e3, "millimetres"),
    ],
)
def test_coordinates_that_do_not_fit_say_which_mistake_would_explain_them(tmp_path, move, hint):
    plot = shapely.transform(shapely.Polygon(PLOT), move)

    found = table_of(write(tmp_path / "红线.gpkg", kinds=[plot], a=[1.0]))

    assert found.crs is None
    (told,) = [f for f in found.findings if f.code.code == "GIS443"]
    assert hint in told.message("en")


def test_one_feature_at_the_origin_does_not_void_its_layer(tmp_path):
    kinds = [shapely.Polygon(PLOT), shapely.box(E0, N0, E0 + 5, N0 + 5), shapely.box(0, 0, 1, 1)]

    found = table_of(write(tmp_path / "红线.gpkg", kinds=kinds, 名称=["甲", "乙", "丙"]))

    assert (found.crs, found.columns["名称"]) == ("EPSG:4549", ("甲", "乙"))
    assert [f.data["count"] for f in found.findings if f.code.code == "GIS514"] == [1]


def test_a_ring_that_misses_its_beginning_by_rounding_is_closed(tmp_path):
    ring = [[120.15, 30.27], [120.151, 30.27], [120.151, 30.271], [120.15, 30.2700000000001]]
    path = tmp_path / "用地红线.geojson"
    path.write_text(json.dumps({"type": "Polygon", "coordinates": [ring]}))

    assert table_of(path).geometry[0].is_valid


def test_features_none_of_which_has_a_shape_are_counted(tmp_path):
    path = tmp_path / "用地红线.geojson"
    feature = {"type": "Feature", "properties": {}, "geometry": None}
    path.write_text(json.dumps({"type": "FeatureCollection", "features": [feature] * 3}))

    with pytest.raises(LayerError) as caught:
        table_of(path)

    assert (caught.value.code, caught.value.finding.data["count"]) == ("GIS445", 3)


def test_names_that_gdal_would_take_as_addresses_are_only_names(tmp_path):
    assert code_of(tmp_path / "http:" / "x.geojson") == "GIS430"
    good = write(tmp_path / "a.gpkg", a=[1.0])
    odd = tmp_path / "WFS:http:a,?&[x].gpkg"
    shutil.copyfile(good, odd)

    assert len(table_of(odd, role="context")) == 1


def test_empty_and_truncated_files_are_told_apart(tmp_path):
    gpkg = write(tmp_path / "a.gpkg", a=[1.0])
    shp = write(tmp_path / "a.shp", name=["a"])
    cut_gpkg, cut_dbf, empty = tmp_path / "b.gpkg", tmp_path / "c.shp", tmp_path / "d.geojson"
    cut_gpkg.write_bytes(gpkg.read_bytes()[:20_000])
    for part in (".shp", ".shx", ".dbf"):
        cut_dbf.with_suffix(part).write_bytes(shp.with_suffix(part).read_bytes())
    cut_dbf.with_suffix(".dbf").write_bytes(shp.with_suffix(".dbf").read_bytes()[:-20])
    shp.write_bytes(shp.read_bytes()[:-20])
    empty.touch()

    assert code_of(empty) == "GIS432"
    assert code_of(cut_gpkg) == "GIS433"
    assert code_of(shp) == "GIS433"
    assert code_of(cut_dbf) == "GIS433"


def test_geopackage_with_a_view_is_refused(tmp_path):
    path = write(tmp_path / "a.gpkg", a=[1.0])
    with sqlite3.connect(path) as db:
        db.execute("ALTER TABLE a RENAME TO hidden")
        db.execute("CREATE VIEW a AS SELECT fid, geom, ogr_geocode('Chongqing') AS a FROM hidden")
    db.close()

    assert code_of(path) == "GIS435"


def test_sqlite_that_is_no_geopackage_is_refused(tmp_path):
    path = tmp_path / "a.gpkg"
    with sqlite3.connect(path) as db:
        db.execute("CREATE TABLE t (x)")
    db.close()

    assert code_of(path) == "GIS430"


def test_file_over_the_limit_is_refused(tmp_path):
    path = write(tmp_path / "a.gpkg", a=[1.0])

    assert code_of(path, limits=LayerLimits(file_bytes=1000)) == "GIS438"


def test_reader_that_takes_too_long_is_stopped_and_the_others_are_read(tmp_path):
    path = write(tmp_path / "a.gpkg", a=[1.0])

    assert code_of(path, limits=LayerLimits(seconds=0.01)) == "GIS439"


def test_one_bad_file_does_not_spoil_the_others(tmp_path):
    good = write(tmp_path / "a.gpkg", a=[1.0])
    bad = tmp_path / "b.geojson"
    bad.write_text("{]")

    found = read([LayerRequest(path=bad), LayerRequest(path=good), LayerRequest(path=bad)])

    assert [f.code if isinstance(f, LayerError) else len(f.tables) for f in found] == [
        "GIS430",
        1,
        "GIS430",
    ]


def geojson(path, coordinates, **extra):
    feature = {
        "type": "Feature",
        "properties": {"name": "红线"},
        "geometry": {"type": "Polygon", "coordinates": [coordinates]},
    }
    path.write_text(json.dumps({"type": "FeatureCollection", "features": [feature], **extra}))
    return path


def test_projected_numbers_labelled_as_degrees_are_caught(tmp_path):
    path = geojson(tmp_path / "red_line.geojson", PLOT)

    blind, told = table_of(path), table_of(path, crs="4549")

    assert blind.crs is None
    assert codes(blind) == ["GIS447", "GIS442"]
    assert told.crs == "EPSG:4549"
    assert codes(told) == ["GIS447"]


def test_geojson_in_degrees_lands_in_the_project(tmp_path):
    ring = [(120.15, 30.27), (120.151, 30.27), (120.151, 30.271), (120.15, 30.271), (120.15, 30.27)]
    table = table_of(geojson(tmp_path / "red_line.geojson", ring))

    placed = located(table, Frame(crs="EPSG:4549", origin=np.array([E0, N0, 0.0])))

    assert table.crs == "EPSG:4326"
    assert shapely.get_coordinates(placed.geometry)[0] == pytest.approx([0.0, 0.0], abs=1e-3)
    assert "GIS449" in codes(placed)  # WGS 84 as CGCS2000: a declared metre


def test_geojson_with_the_old_crs_member_is_understood(tmp_path):
    crs = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::4549"}}

    found = table_of(geojson(tmp_path / "red_line.geojson", PLOT, crs=crs))

    assert found.crs == "EPSG:4549"


def test_crs_given_that_contradicts_the_numbers_is_overruled(tmp_path):
    ring = [(120.15, 30.27), (120.151, 30.27), (120.151, 30.271), (120.15, 30.27)]

    found = table_of(geojson(tmp_path / "red_line.geojson", ring), crs="EPSG:4549")

    assert found.crs == "EPSG:4326"
    assert "GIS448" in codes(found)


def test_crs_given_that_says_what_the_file_says_is_no_news(tmp_path):
    path = write(tmp_path / "a.gpkg", a=[1.0])

    found = table_of(path, role="red_line", crs="EPSG:4549")

    assert (found.crs, codes(found)) == ("EPSG:4549", [])


def test_swapped_coordinates_are_named(tmp_path):
    path = write(tmp_path / "a.gpkg", kinds=[shapely.Polygon([(n, e) for e, n in PLOT])], a=[1.0])

    found = table_of(path, role="red_line")

    assert found.crs is None
    assert codes(found) == ["GIS443"]
    assert found.findings[0].data["hint_en"] == "; exchanging X and Y would fit"


def test_missing_crs_needs_to_be_given(tmp_path):
    path = write(tmp_path / "a.shp", epsg=None, name=["a"])

    assert codes(table_of(path, role="red_line")) == ["GIS441"]
    odd = table_of(path, role="red_line", crs="杭州城市坐标系")
    assert codes(odd) == ["GIS441"]
    assert "杭州城市坐标系" in odd.findings[0].message("en")
    assert table_of(path, role="red_line", crs="EPSG:4549").crs == "EPSG:4549"


def test_bad_geometry_is_counted_and_bow_ties_are_repaired(tmp_path):
    bow = shapely.Polygon([(E0, N0), (E0 + 10, N0 + 10), (E0 + 10, N0), (E0, N0 + 10)])
    path = write(
        tmp_path / "a.gpkg",
        kinds=[shapely.Polygon(PLOT), bow, shapely.Polygon()],
        a=[1.0, 2.0, 3.0],
    )

    found = table_of(path, role="red_line")

    assert found.columns == {"a": (1.0, 2.0)}
    assert shapely.is_valid(found.geometry).all()
    assert codes(found) == ["GIS445", "GIS446"]


def test_xian_layer_is_refused_in_a_cgcs2000_project(tmp_path):
    table = table_of(write(tmp_path / "a.gpkg", epsg=2385, a=[1.0]), role="red_line")

    with pytest.raises(LayerError) as caught:
        located(table, Frame(crs="EPSG:4549"))

    assert caught.value.code == "GIS450"


@pytest.mark.parametrize(
    ("name", "fields", "kinds", "role"),
    [
        ("用地红线", (), {"Polygon"}, "red_line"),
        ("Red_Line_v2", (), {"LineString"}, "red_line"),
        ("退让线", (), {"Polygon"}, "setback"),
        ("图层1", ("管径",), {"LineString"}, "utility"),
        ("雨水管线", (), {"LineString"}, "utility"),
        ("110kV高压线", (), {"LineString"}, "power_line"),
        ("地铁控制区", (), {"Polygon"}, "protection_zone"),
        ("等高线", (), {"LineString"}, "terrain"),
        ("周边建筑", (), {"Polygon"}, "neighbour"),
        ("图层1", (), {"Point"}, "context"),
        ("红线控制点", (), {"Point"}, "context"),
    ],
)
def test_role_is_guessed_from_name_fields_and_geometry(name, fields, kinds, role):
    assert guess(name, fields=fields, kinds=kinds)[0] == role
