"""FlatGeobuf, geodatabases, drawings and CityJSON: what is read of them and what is refused."""

import json
import os
import zipfile

import ezdxf
import numpy as np
import pytest
import shapely

from bimcore.frame import Frame
from gis.layers import LayerError, LayerLimits, located
from gis.solids import pipes
from tests.layer_files import E0, N0, PLOT, VRT, code_of, codes, table_of, tables_of, write

FRAME = Frame(crs="EPSG:4549+5737", origin=np.array([E0, N0, 0.0]))


def test_flatgeobuf_keeps_attributes_crs_and_height(tmp_path):
    line = shapely.LineString([(E0, N0, 5.0), (E0 + 10, N0, 4.5)])
    path = write(tmp_path / "给水管线.fgb", kinds=[line], 管径=[300.0], 材质=["球墨铸铁"])

    found = table_of(path)

    assert (found.role, found.crs) == ("utility", "EPSG:4549")
    assert found.columns == {"管径": (300.0,), "材质": ("球墨铸铁",)}
    assert found.geometry[0].equals(line)
    assert found.geometry[0].has_z


def geodatabase(tmp_path):
    path = tmp_path / "site.gdb"
    write(path, layer="red_line", 名称=["用地红线"])
    write(path, layer="pipes", kinds=[shapely.LineString(PLOT[:2])], 管径=[300.0])
    return path


def zipped(folder, target, arc="data/site.gdb/{}"):
    with zipfile.ZipFile(target, "w") as archive:
        for file in sorted(folder.iterdir()):
            archive.write(file, arc.format(file.name))
    return target


def test_a_geodatabase_is_read_as_a_folder_and_as_a_zip(tmp_path):
    folder = geodatabase(tmp_path)

    direct = tables_of(folder)
    packed = tables_of(zipped(folder, tmp_path / "site.gdb.zip"))

    for found in (direct, packed):
        assert [(t.name, t.role, t.crs) for t in found] == [
            ("site/red_line", "red_line", "EPSG:4549"),
            ("site/pipes", "utility", "EPSG:4549"),
        ]
        assert found[0].columns["名称"] == ("用地红线",)
        # The format keeps coordinates on a grid of its own.
        assert shapely.hausdorff_distance(found[0].geometry[0], shapely.Polygon(PLOT)) < 1e-3


def test_a_geodatabase_with_a_link_is_refused(tmp_path):
    folder = geodatabase(tmp_path)
    secret = tmp_path / "secret"
    secret.write_text("hunter2")
    (folder / "a0000000f.gdbtable").symlink_to(secret)

    assert code_of(folder) == "GIS467"


def test_an_archive_with_a_link_is_refused(tmp_path):
    path = tmp_path / "a.zip"
    info = zipfile.ZipInfo("site.gdb/a00000001.gdbtable")
    info.external_attr = 0o120777 << 16
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(info, "/etc/passwd")

    assert code_of(path) == "GIS436"


def test_an_incomplete_and_a_fake_geodatabase_are_refused(tmp_path):
    folder = geodatabase(tmp_path)
    (folder / "a00000001.gdbtablx").unlink()
    fake = tmp_path / "fake.gdb"
    fake.mkdir()
    for name in ("a00000001.gdbtable", "a00000001.gdbtablx"):
        (fake / name).write_text(VRT.format("/etc/passwd"))

    assert code_of(folder) == "GIS437"
    assert code_of(fake) == "GIS434"


def test_an_archive_inside_an_archive_is_refused(tmp_path):
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("b.zip", "PK")

    assert code_of(path) == "GIS436"


def test_several_formats_in_one_archive_are_layers_of_it(tmp_path):
    red = write(tmp_path / "用地红线.gpkg", a=[1.0])
    near = write(tmp_path / "周边建筑.fgb", a=[1.0])
    path = tmp_path / "site.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for file in (red, near):
            archive.write(file, file.name)
        archive.writestr("readme.txt", "hello")

    assert [(t.name, t.role) for t in tables_of(path)] == [
        ("site/用地红线", "red_line"),
        ("site/周边建筑", "neighbour"),
    ]


@pytest.mark.parametrize(
    ("share", "code"),
    [(0.0001, "GIS433"), (0.001, "GIS433"), (0.01, "GIS433"), (0.3, "GIS433"), (0.7, "GIS430")],
)
def test_a_cut_off_flatgeobuf_is_refused_and_never_read_in_part(tmp_path, share, code):
    points = [shapely.Point(E0 + k % 50, N0 + k // 50) for k in range(2000)]
    whole = write(tmp_path / "a.fgb", kinds=points, a=[1.0] * 2000).read_bytes()
    path = tmp_path / "b.fgb"
    path.write_bytes(whole[: int(len(whole) * share)])

    assert code_of(path) == code


def drawing(path, draw, version="R2010", **header):
    document = ezdxf.new(version)
    for name, value in header.items():
        document.header[f"${name}"] = value
    draw(document, document.modelspace())
    document.saveas(path)
    return path


def test_a_drawing_is_read_by_what_its_layers_are_called(tmp_path):
    def draw(_, space):
        space.add_lwpolyline(PLOT, close=True, dxfattribs={"layer": "用地红线"})
        space.add_line((E0, N0, 3.5), (E0 + 20, N0, 3.0), dxfattribs={"layer": "给水管线"})
        space.add_text("B3地块", dxfattribs={"layer": "注记", "insert": (E0 + 5, N0 + 5)})

    found = tables_of(drawing(tmp_path / "总图.dxf", draw), crs="EPSG:4549")

    assert [(t.name, t.role, t.crs) for t in found] == [
        ("总图/context", "context", "EPSG:4549"),
        ("总图/red_line", "red_line", "EPSG:4549"),
        ("总图/utility", "utility", "EPSG:4549"),
    ]
    text, red, pipe = found
    assert (text.columns["text"], text.columns["layer"]) == (("B3地块",), ("注记",))
    assert red.geometry[0].equals(shapely.Polygon(PLOT))
    assert not red.geometry[0].has_z
    assert shapely.get_coordinates(pipe.geometry, include_z=True)[:, 2].tolist() == [3.5, 3.0]


def test_a_drawing_layer_tells_size_and_kind_of_its_lines(tmp_path):
    def draw(_, space):
        space.add_line((E0, N0, 3.5), (E0 + 20, N0, 3.5), dxfattribs={"layer": "自来水管DN300"})
        space.add_line((E0, N0 + 5, 3), (E0 + 20, N0 + 5, 3), dxfattribs={"layer": "雨水800×600"})
        space.add_line((E0, N0 + 9, 3), (E0 + 20, N0 + 9, 3), dxfattribs={"layer": "污水2-DN200"})

    path = drawing(tmp_path / "总图.dxf", draw)
    table = table_of(path, crs="EPSG:4549", vertical_datum="1985")
    made = pipes(located(table, FRAME), project=FRAME)

    kinds = made.model.elements
    assert {(kinds.object_type[i], kinds.system[i]) for i in range(len(made.model))} == {
        ("D300", "自来水管DN300"),
        ("800x600", "YS 雨水"),
    }
    assert made.left_out == 1  # a bundle of two says no size of one


def test_a_title_block_at_the_origin_is_no_issue(tmp_path):
    def draw(_, space):
        space.add_lwpolyline(PLOT, close=True, dxfattribs={"layer": "用地红线"})
        space.add_lwpolyline([(0, 0), (420, 0), (420, 297)], dxfattribs={"layer": "图框"})

    frame, red = tables_of(drawing(tmp_path / "总图.dxf", draw), crs="EPSG:4549")

    assert (red.role, red.crs, frame.crs) == ("red_line", "EPSG:4549", None)
    assert max(f.severity for f in frame.findings) == 10


def test_a_drawing_has_no_crs_of_its_own(tmp_path):
    path = drawing(
        tmp_path / "用地红线.dxf", lambda _, space: space.add_lwpolyline(PLOT, close=True)
    )

    found = table_of(path)

    assert (found.role, found.crs) == ("red_line", None)
    assert codes(found) == ["GIS447", "GIS441"]


def test_a_stated_role_holds_for_the_whole_drawing(tmp_path):
    def draw(_, space):
        space.add_lwpolyline(PLOT, close=True, dxfattribs={"layer": "A"})
        space.add_lwpolyline(PLOT, close=True, dxfattribs={"layer": "给水"})

    found = table_of(drawing(tmp_path / "a.dxf", draw), role="setback", crs="4549")

    assert (found.role, found.columns["layer"]) == ("setback", ("A", "给水"))


def test_elevations_faces_arcs_and_meshes_become_features(tmp_path):
    def draw(_, space):
        at = {"layer": "地形"}
        space.add_lwpolyline(PLOT[:3], dxfattribs={**at, "elevation": 5.0})
        corners = [(E0, N0, 1), (E0 + 1, N0, 2), (E0, N0 + 1, 3)]
        space.add_3dface([*corners, corners[2]], dxfattribs=at)
        space.add_circle((E0, N0, 4), 2.0, dxfattribs=at)
        space.add_polyline3d([(E0, N0, 1), (E0 + 5, N0, 2)], dxfattribs=at)
        mesh = space.add_polyface(dxfattribs=at)
        mesh.append_faces([corners])
        space.add_point((E0, N0, 7), dxfattribs=at)

    found = table_of(drawing(tmp_path / "a.dxf", draw), role="context", crs="4549")

    shapes = dict(zip(found.columns["entity"], found.geometry, strict=True))

    assert {
        k: g.geom_type for k, g in zip(found.columns["entity"], found.geometry, strict=True)
    } == {
        "LWPOLYLINE": "LineString",
        "3DFACE": "Polygon",
        "CIRCLE": "Polygon",
        "POLYLINE": "Polygon",
        "POINT": "Point",
    }
    assert shapely.get_coordinates(shapes["LWPOLYLINE"], include_z=True)[:, 2].tolist() == [5.0] * 3
    assert shapes["CIRCLE"].area == pytest.approx(4 * np.pi, rel=0.02)
    assert shapes["POINT"].z == 7.0


def test_blocks_are_laid_out_where_they_are_put(tmp_path):
    def draw(document, space):
        block = document.blocks.new("well")
        block.add_circle((0, 0), 0.5, dxfattribs={"layer": "0"})
        spot = space.add_blockref("well", (E0 + 3, N0 + 4, 6.5), dxfattribs={"layer": "雨水井"})
        spot.add_attrib("height", "6.50", insert=(E0 + 3, N0 + 4))

    found = table_of(drawing(tmp_path / "a.dxf", draw), role="context", crs="4549")

    rows = list(
        zip(found.columns["entity"], found.columns["block"], found.columns["text"], strict=True)
    )
    assert rows == [("INSERT", "well", "6.50"), ("CIRCLE", "well", None)]
    assert found.geometry[0].coords[0] == (E0 + 3, N0 + 4, 6.5)
    assert shapely.centroid(found.geometry[1]).distance(found.geometry[0]) < 0.02


def chinese(_, space):
    space.doc.encoding = "gbk"
    space.doc.layers.add("用地红线")
    space.add_lwpolyline(PLOT, close=True, dxfattribs={"layer": "用地红线"})
    space.add_text("两江新区", dxfattribs={"layer": "用地红线", "insert": (E0, N0)})


@pytest.mark.parametrize(
    ("page", "encoding", "told"),
    [
        ("ANSI_936", "gbk", []),
        ("ANSI_1252", "gbk", ["GIS444"]),
        ("ANSI_936", "utf-8", ["GIS444"]),
    ],
)
def test_chinese_text_is_read_whatever_code_page_an_old_drawing_names(
    tmp_path, page, encoding, told
):
    path = drawing(tmp_path / "a.dxf", chinese, version="R2000")
    text = path.read_bytes().decode("gbk").replace("ANSI_936", page)
    path.write_bytes(text.encode(encoding))

    found = table_of(path, role="red_line", crs="4549")

    assert set(found.columns["layer"]) == {"用地红线"}
    assert "两江新区" in found.columns["text"]
    assert codes(found) == told


def test_what_a_drawing_holds_beside_lines_is_counted(tmp_path):
    def draw(document, space):
        space.add_line((E0, N0), (E0 + 9, N0))
        space.add_ray((E0, N0), (1, 0))
        outside = document.add_image_def("/etc/passwd", size_in_pixel=(1, 1))
        space.add_image(outside, insert=(E0, N0), size_in_units=(1, 1))
        document.add_xref_def("/etc/secret.dxf", "elsewhere")
        space.add_blockref("elsewhere", (E0, N0))

    found = table_of(drawing(tmp_path / "a.dxf", draw), role="context", crs="4549")

    assert len(found) == 1
    assert [f.data["what_en"] for f in found.findings] == ["IMAGE 1, RAY 1, XREF 1"]


def test_a_million_nested_inserts_are_refused(tmp_path):
    def draw(document, space):
        document.blocks.new("b0").add_point((0, 0))
        for k in range(1, 7):
            block = document.blocks.new(f"b{k}")
            for n in range(10):
                block.add_blockref(f"b{k - 1}", (n, 0))
        space.add_blockref("b6", (E0, N0))

    path = drawing(tmp_path / "a.dxf", draw)

    assert code_of(path, limits=LayerLimits(features=5_000)) == "GIS466"


def test_an_array_of_a_billion_inserts_is_refused_at_once(tmp_path):
    def draw(document, space):
        document.blocks.new("b").add_point((0, 0))
        space.add_blockref(
            "b",
            (E0, N0),
            dxfattribs={
                "row_count": 30_000,
                "column_count": 30_000,
                "row_spacing": 1,
                "column_spacing": 1,
            },
        )

    assert code_of(drawing(tmp_path / "a.dxf", draw)) == "GIS466"


def test_a_block_within_itself_is_refused(tmp_path):
    def draw(document, space):
        block = document.blocks.new("loop")
        block.add_point((0, 0))
        block.add_blockref("loop", (1, 1))
        space.add_blockref("loop", (E0, N0))

    assert code_of(drawing(tmp_path / "a.dxf", draw)) == "GIS466"


@pytest.mark.parametrize("text", ["  0\nSECTION\n", "0\nSECTION\n2\nENTITIES\n0\nLINE\n10\nx\n"])
def test_a_broken_drawing_is_refused(tmp_path, text):
    path = tmp_path / "a.dxf"
    path.write_text(text)

    assert code_of(path) in {"GIS430", "GIS440"}


def test_dwg_is_refused_with_what_to_do(tmp_path):
    path = tmp_path / "a.dxf"
    path.write_bytes(b"AC1032\x00\x00")

    with pytest.raises(LayerError) as caught:
        table_of(path)

    assert caught.value.code == "GIS464"
    assert "DXF" in caught.value.finding.remedy("zh-CN")


CUBE = [[x, y, z] for z in (0, 9000) for y in (0, 8000) for x in (0, 10000)]
SHELL = [
    [[0, 2, 3, 1]],
    [[4, 5, 7, 6]],
    [[0, 1, 5, 4]],
    [[1, 3, 7, 5]],
    [[3, 2, 6, 7]],
    [[2, 0, 4, 6]],
]


def cityjson(path, *, vertices=CUBE, shell=SHELL, more=None, **document):
    building = {
        "type": "Building",
        "attributes": {"storeysAboveGround": 3, "function": "住宅"},
        "geometry": [{"type": "Solid", "lod": "1.2", "boundaries": [shell]}],
    }
    whole = {
        "type": "CityJSON",
        "version": "1.1",
        "transform": {"scale": [0.001] * 3, "translate": [E0, N0, 20.0]},
        "metadata": {"referenceSystem": "https://www.opengis.net/def/crs/EPSG/0/4549"},
        "CityObjects": {"b1": building, **(more or {})},
        "vertices": vertices,
        **document,
    }
    path.write_text(json.dumps(whole))
    return path


def test_cityjson_buildings_come_as_footprints_with_heights(tmp_path):
    road = {"type": "Road", "geometry": []}

    found = table_of(cityjson(tmp_path / "city.json", more={"r": road}))

    assert (found.role, found.crs) == ("neighbour", "EPSG:4549")
    assert shapely.force_2d(found.geometry[0]).equals(shapely.box(E0, N0, E0 + 10, N0 + 8))
    assert {k: v[0] for k, v in found.columns.items()} == {
        "id": "b1",
        "type": "Building",
        "function": "住宅",
        "storeys": 3,
        "ground_m": 20.0,
        "roof_m": 29.0,
        "height_m": 9.0,
    }
    assert [f.data["what_en"] for f in found.findings] == ["Road 1"]


def test_heights_of_buildings_move_to_the_project(tmp_path):
    path = cityjson(tmp_path / "city.json")
    frame = Frame(crs="EPSG:4549+5737", origin=np.array([E0, N0, 15.0]))

    wusong = tables_of(path, vertical_datum="吴淞", datum_offset=-1.87)[0]
    placed, unknown = located(wusong, frame), located(table_of(path), frame)

    assert placed.columns["roof_m"] == pytest.approx((12.13,))
    assert placed.columns["height_m"] == (9.0,)
    assert unknown.columns["roof_m"] == (None,)
    assert codes(unknown) == ["GIS463"]


def test_a_crs_with_heights_tells_their_datum(tmp_path):
    metadata = {"referenceSystem": "urn:ogc:def:crs:EPSG::7415"}
    path = cityjson(
        tmp_path / "city.json",
        metadata=metadata,
        transform={"scale": [0.001] * 3, "translate": [155000.0, 463000.0, 0.0]},
    )

    assert table_of(path).crs == "EPSG:28992+5709"


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"shell": [[[0, 2, 99]]]}, "GIS468"),
        ({"shell": [[[0, -1, 2]]]}, "GIS468"),
        ({"shell": [[[0, 1.5, 2]]]}, "GIS468"),
        ({"shell": "x"}, "GIS468"),
        ({"vertices": [[0, 0, float("nan")], *CUBE[1:]]}, "GIS468"),
        ({"vertices": [[0, 0, float("inf")], *CUBE[1:]]}, "GIS468"),
        ({"vertices": [[0, 0, 10**400], *CUBE[1:]]}, "GIS468"),
        ({"vertices": [[0, 0], [1, 1]]}, "GIS468"),
        ({"transform": {"scale": [1]}}, "GIS468"),
        ({"type": "CityJSONFeature"}, "GIS468"),
        ({"CityObjects": {}}, "GIS440"),
    ],
)
def test_cityjson_that_contradicts_itself_is_refused(tmp_path, more, code):
    assert code_of(cityjson(tmp_path / "city.json", **more)) == code


def test_json_nested_too_deeply_is_refused(tmp_path):
    path = tmp_path / "a.json"
    path.write_text('{"type":"CityJSON","CityObjects":{},"x":' + "[" * 200_000)

    assert code_of(path) == "GIS430"


KML = """<kml xmlns="http://www.opengis.net/kml/2.2"><NetworkLink><Link>
<href>http://127.0.0.1:1/x.kml</href></Link></NetworkLink></kml>"""


@pytest.mark.parametrize("suffix", [".kml", ".xml", ".geojson"])
def test_kml_with_a_network_link_is_refused_under_any_name(tmp_path, suffix):
    path = tmp_path / f"a{suffix}"
    path.write_text(KML)

    assert code_of(path) == {".geojson": "GIS434"}.get(suffix, "GIS465")


def test_citygml_is_named_and_sent_to_be_converted(tmp_path):
    path = tmp_path / "a.xml"
    path.write_text('<core:CityModel xmlns:core="http://www.opengis.net/citygml/2.0"/>')

    with pytest.raises(LayerError) as caught:
        table_of(path)

    assert (caught.value.code, caught.value.finding.data["suffix"]) == ("GIS465", "CityGML")


def test_nothing_beside_a_file_is_read(tmp_path):
    """A VRT beside a file would tell GDAL to read another one instead."""
    secret = write(tmp_path / "secret.gpkg", password=["hunter2"])
    good = write(tmp_path / "a.gpkg", a=[1.0])
    for name in ("a.vrt", "a.gpkg.vrt", "a.gpkg.aux.xml", "a.csv.vrt"):
        (tmp_path / name).write_text(VRT.format(secret))
    os.link(good, tmp_path / "b.gpkg")

    assert table_of(tmp_path / "a.gpkg", role="context").columns == {"a": (1.0,)}
