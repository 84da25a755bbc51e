"""Terrain read from GeoTIFF, ASCII grids and LandXML, and what is refused of it."""

import zipfile

import numpy as np
import pytest
import shapely

from bimcore.frame import Frame
from gis.layers import LayerError, LayerLimits
from tests.layer_files import code_of, codes, layers_of, write

E0, N0 = 514433.0, 3350053.0
FRAME = Frame(crs="EPSG:4549+5737", origin=np.array([E0, N0, 10.0]))
#: Heights of three by four cells, the northern row first.
Z = np.array([[20, 21, 22, 23], [10, 11, 12, 13], [0, 1, 2, 3]], dtype=np.float32)


def terrain(path, **facts):
    found = layers_of(path, **{"vertical_datum": "1985", **facts})
    assert found.tables == ()
    return found.terrains[0]


def tiff(path, *, z=Z, epsg=4549, area_or_point=None, transform=None, **profile):
    """A GeoTIFF of cells of 2 by 1 metres whose south-west corner is (E0, N0)."""
    import rasterio
    from rasterio.transform import Affine

    bands = z if z.ndim == 3 else z[None]
    with rasterio.open(
        path,
        "w",
        driver="GTiff",
        width=bands.shape[2],
        height=bands.shape[1],
        count=len(bands),
        dtype=bands.dtype,
        crs=None if epsg is None else f"EPSG:{epsg}",
        transform=transform or Affine(2.0, 0.0, E0, 0.0, -1.0, N0 + bands.shape[1]),
        **profile,
    ) as out:
        if area_or_point:
            out.update_tags(AREA_OR_POINT=area_or_point)
        out.write(bands)
    return path


def grid(path, *, z=Z, head="", **more):
    values = {"ncols": z.shape[1], "nrows": z.shape[0], "xllcorner": E0, "yllcorner": N0}
    values |= {"cellsize": 1, "NODATA_value": -9999} | more
    lines = [f"{k} {v}" for k, v in values.items() if v is not None]
    path.write_text(
        head + "\n".join(lines) + "\n" + "\n".join(" ".join(map(str, r)) for r in z.tolist()) + "\n"
    )
    return path


def test_geotiff_gives_heights_in_the_project_between_its_cell_centres(tmp_path):
    found = terrain(tiff(tmp_path / "dem.tif"), accuracy=0.2, date="2025-03-31")

    placed = found.located(FRAME)
    at = np.array([[1.0, 0.5], [3.0, 0.5], [2.0, 0.5], [1.0, 1.0], [0.1, 0.1], [-0.1, 0.5]])

    assert (found.crs, found.accuracy, found.date, codes(found)) == (
        "EPSG:4549",
        0.2,
        "2025-03-31",
        [],
    )
    assert placed.heights(at) == pytest.approx([-10, -9, -9.5, -5, -10, np.nan], nan_ok=True)
    assert placed.bounds == pytest.approx((0.0, 0.0, 8.0, 3.0))


def test_geotiff_counted_from_cell_centres_lies_the_same(tmp_path):
    """GDAL writes the same place either way; software that ignores the mark is half a cell off."""
    area = terrain(tiff(tmp_path / "a.tif")).located(FRAME)
    point = terrain(tiff(tmp_path / "p.tif", area_or_point="Point")).located(FRAME)
    at = np.array([[1.0, 0.5], [4.2, 1.3]])

    assert point.heights(at).tolist() == area.heights(at).tolist()


@pytest.mark.parametrize(
    ("unit", "metres"), [("us-ft", 1200 / 3937), ("US survey foot", 1200 / 3937), ("cm", 0.01)]
)
def test_geotiff_heights_come_in_metres_whatever_their_unit(tmp_path, unit, metres):
    import rasterio

    path = tiff(tmp_path / "dem.tif", z=(Z / metres).astype(np.float32))
    with rasterio.open(path, "r+") as out:
        out.units = (unit,)

    assert np.nanmax(terrain(path).surface.z) == pytest.approx(23.0, abs=1e-4)


def test_ascii_grid_may_have_decimal_commas(tmp_path):
    path = grid(tmp_path / "dem.asc", z=Z + 0.5)
    path.write_text(path.read_text().replace(".", ","))

    assert np.nanmax(terrain(path, crs="EPSG:4549").surface.z) == 23.5


def test_a_world_file_and_a_prj_place_a_raster_that_is_not_placed_itself(tmp_path):
    from pyproj import CRS
    from rasterio.transform import Affine

    with pytest.warns():
        tiff(tmp_path / "dem.tif", epsg=None, transform=Affine.identity())
    (tmp_path / "dem.tfw").write_text(f"2.0\n0.0\n0.0\n-1.0\n{E0 + 1.0}\n{N0 + 2.5}\n")
    (tmp_path / "dem.prj").write_text(CRS.from_epsg(4549).to_wkt("WKT1_ESRI"))
    path = tmp_path / "dem.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for suffix in (".tif", ".tfw", ".prj"):
            archive.write((tmp_path / "dem").with_suffix(suffix), f"x/dem{suffix}")

    for found in (terrain(path), terrain(tmp_path / "dem.tif")):
        assert found.crs == "EPSG:4549"
        assert found.located(FRAME).heights(np.array([[1.0, 0.5]])) == pytest.approx([-10.0])


def test_cells_without_data_stay_unknown_whether_declared_or_absurd(tmp_path):
    z = Z.copy()
    z[2, 0], z[2, 1] = -32767, -9999
    found = terrain(tiff(tmp_path / "a.tif", z=z, nodata=-32767))

    heights = found.located(FRAME).heights(np.array([[1, 0.5], [3, 0.5], [5, 0.5]]))

    assert heights == pytest.approx([np.nan, np.nan, -8], nan_ok=True)
    assert codes(found) == ["GIS478"]
    assert "1 cells" in found.findings[0].message("en")


def test_a_large_raster_is_thinned_to_the_limit_and_that_is_said(tmp_path):
    z = np.arange(100 * 80, dtype=np.float32).reshape(100, 80) / 10
    path = tiff(tmp_path / "a.tif", z=z, tiled=True, blockxsize=16, blockysize=16)

    found = terrain(path, limits=LayerLimits(cells=900))
    whole, thin = terrain(path).located(FRAME), found.located(FRAME)

    assert found.surface.z.shape == (34, 27)
    assert found.findings[0].data == {"step": 3, "cells": 8000, "kept": 918}
    assert codes(found) == ["GIS469"]
    at = np.array([[1.0, 99.5], [7.0, 99.5], [1.0, 96.5]])  # centres that both know
    assert thin.heights(at) == pytest.approx(whole.heights(at))


def test_a_raster_of_too_many_cells_is_refused_before_it_is_read(tmp_path):
    path = tiff(tmp_path / "a.tif")

    assert code_of(path, limits=LayerLimits(most_cells=10)) == "GIS466"


def test_a_sparse_raster_of_huge_dimensions_is_refused(tmp_path):
    import rasterio

    path = tmp_path / "bomb.tif"
    with rasterio.open(
        path,
        "w",
        driver="GTiff",
        width=200_000,
        height=200_000,
        count=1,
        dtype="float32",
        crs="EPSG:4549",
        tiled=True,
        sparse_ok=True,
        BIGTIFF="YES",
        transform=rasterio.Affine(0.01, 0.0, E0, 0.0, -0.01, N0),
    ):
        pass

    assert path.stat().st_size < 20 << 20
    assert code_of(path) == "GIS466"


@pytest.mark.parametrize("kind", ["picture", "turned", "nowhere", "complex"])
def test_what_is_no_ground_is_refused(tmp_path, kind):
    from rasterio.transform import Affine

    more = {
        "picture": {"z": np.zeros((3, 4, 4), dtype=np.uint8)},
        "turned": {"transform": Affine(1.0, 0.3, E0, 0.3, -1.0, N0)},
        "nowhere": {"transform": Affine.identity()},
        "complex": {"z": Z.astype(np.complex64)},
    }
    with pytest.warns() if kind == "nowhere" else no_warning():
        path = tiff(tmp_path / "a.tif", **more[kind])

    assert code_of(path) == "GIS479"


def no_warning():
    import contextlib

    return contextlib.nullcontext()


def test_a_cut_off_geotiff_is_refused(tmp_path):
    z = np.random.default_rng(1).random((300, 300)).astype(np.float32)
    whole = tiff(tmp_path / "a.tif", z=z).read_bytes()
    path = tmp_path / "cut.tif"
    path.write_bytes(whole[: len(whole) // 2])

    assert code_of(path) == "GIS430"


def test_terrain_without_a_height_datum_cannot_be_placed(tmp_path):
    found = terrain(tiff(tmp_path / "a.tif"), vertical_datum=None)

    with pytest.raises(LayerError) as caught:
        found.located(FRAME)

    assert caught.value.code == "GIS463"


def test_terrain_of_another_datum_moves_by_the_stated_offset(tmp_path):
    found = terrain(tiff(tmp_path / "a.tif"), vertical_datum="吴淞", datum_offset=-1.87)

    assert found.located(FRAME).heights(np.array([[1.0, 0.5]])) == pytest.approx([-11.87])


def test_ascii_grid_needs_its_crs_from_a_prj_or_from_a_person(tmp_path):
    path = grid(tmp_path / "dem.asc")

    blind, told = terrain(path), terrain(path, crs="EPSG:4549")

    assert (blind.crs, codes(blind)) == (None, ["GIS441"])
    assert told.located(FRAME).heights(np.array([[0.5, 0.5], [3.5, 2.5]])).tolist() == [-10.0, 13.0]


def test_ascii_grid_travels_with_its_prj_in_a_zip(tmp_path):
    from pyproj import CRS

    grid(tmp_path / "dem.asc")
    (tmp_path / "dem.prj").write_text(CRS.from_epsg(4549).to_wkt("WKT1_ESRI"))
    path = tmp_path / "dem.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.write(tmp_path / "dem.asc", "x/dem.asc")
        archive.write(tmp_path / "dem.prj", "x/dem.prj")

    assert terrain(path).crs == "EPSG:4549"
    assert terrain(tmp_path / "dem.asc").crs == "EPSG:4549"


def test_ascii_grid_may_count_from_cell_centres_and_hold_gaps(tmp_path):
    z = Z.copy()
    z[2, 0] = -9999
    more = {"xllcorner": None, "yllcorner": None, "xllcenter": E0, "yllcenter": N0}

    found = terrain(grid(tmp_path / "a.asc", z=z, **more), crs="EPSG:4549").located(FRAME)

    assert found.heights(np.array([[0, 0], [1, 0], [2, 2]])) == pytest.approx(
        [np.nan, -9, 12], nan_ok=True
    )


@pytest.mark.parametrize(
    "more",
    [
        {"ncols": 5},
        {"ncols": 3},
        {"nrows": 0},
        {"nrows": -2},
        {"ncols": "nan"},
        {"ncols": 10**9, "nrows": 1},
        {"cellsize": 0},
        {"cellsize": "inf"},
        {"xllcorner": None},
        {"z": np.array([["1", "x"], ["2", "3"]], dtype=object)},
    ],
)
def test_ascii_grid_that_contradicts_itself_is_refused(tmp_path, more):
    assert code_of(grid(tmp_path / "a.asc", **more)) in {"GIS468", "GIS434", "GIS466"}


LANDXML = """<?xml version="1.0" encoding="UTF-8"?>{head}
<LandXML xmlns="http://www.landxml.org/schema/LandXML-1.2" version="1.2">
<Units>{units}</Units>
<CoordinateSystem epsgCode="4549" verticalDatum="1985国家高程基准"/>
<Surfaces><Surface name="现状地面"><Definition surfType="TIN"><Pnts>{points}</Pnts>
<Faces>{faces}</Faces></Definition></Surface>{more}</Surfaces></LandXML>"""
METRIC = '<Metric linearUnit="meter"/>'
#: North stands before east.
SQUARE = [(0, 0, 10), (0, 8, 10), (8, 8, 18), (8, 0, 18)]


def landxml(
    path,
    *,
    points=SQUARE,
    faces=("1 2 3", "1 3 4"),
    units=METRIC,
    head="",
    more="",
    scale=1.0,
):
    texts = [
        f'<P id="{k}">{(N0 + n) * scale!r} {(E0 + e) * scale!r} {float(z) * scale}</P>'
        for k, (n, e, z) in enumerate(points, 1)
    ]
    cells = [f if f.startswith("<") else f"<F>{f}</F>" for f in faces]
    path.write_text(
        LANDXML.format(
            head=head, units=units, points="".join(texts), faces="".join(cells), more=more
        )
    )
    return path


def test_landxml_tin_is_read_north_first_with_its_own_crs_and_datum(tmp_path):
    found = terrain(landxml(tmp_path / "ground.xml"), vertical_datum=None)

    placed = found.located(FRAME)

    assert (found.crs, found.vertical_datum) == ("EPSG:4549", "1985国家高程基准")
    assert placed.heights(np.array([[4.0, 0.0], [4.0, 4.0], [1.0, 8.0], [9.0, 0.0]])) == (
        pytest.approx([0.0, 4.0, 8.0, np.nan], nan_ok=True)
    )
    vertices, faces = placed.mesh()
    assert len(vertices) == 4
    assert faces.shape == (2, 3)


@pytest.mark.parametrize("attribute", ["name", "desc", "ogcWktCode"])
def test_landxml_may_name_its_crs_in_words(tmp_path, attribute):
    path = landxml(tmp_path / "ground.xml")
    words = f'{attribute}="CGCS2000_3_Degree_GK_CM_120E"'
    path.write_text(path.read_text().replace('epsgCode="4549"', words))

    assert terrain(path).crs == "EPSG:4549"


def test_landxml_in_feet_comes_as_metres(tmp_path):
    units = '<Imperial linearUnit="foot"/>'
    path = landxml(tmp_path / "ground.landxml", units=units, scale=1 / 0.3048)

    placed = terrain(path).located(FRAME)

    assert placed.heights(np.array([[4.0, 4.0]])) == pytest.approx([4.0], abs=1e-6)


def test_landxml_faces_that_are_cut_out_are_holes(tmp_path):
    path = landxml(tmp_path / "a.xml", faces=("1 2 3", '<F i="1">1 3 4</F>'))

    heights = terrain(path).located(FRAME).heights(np.array([[6.0, 2.0], [2.0, 6.0]]))

    assert heights == pytest.approx([2.0, np.nan], nan_ok=True)


BOMB = '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;">]>'
OUTSIDE = '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>'


@pytest.mark.parametrize("head", [BOMB, OUTSIDE, '<!DOCTYPE x SYSTEM "http://127.0.0.1:1/x.dtd">'])
def test_landxml_with_entities_is_refused(tmp_path, head):
    assert code_of(landxml(tmp_path / "a.xml", head=head)) == "GIS467"


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"faces": ("1 2 99",)}, "GIS468"),
        ({"faces": ("1 2",)}, "GIS468"),
        ({"points": [(0, 0, "nan"), (0, 8, 1), (8, 8, 1)], "faces": ("1 2 3",)}, "GIS468"),
        ({"units": '<Metric linearUnit="furlong"/>'}, "GIS468"),
        ({"faces": ()}, "GIS479"),
        ({"more": "<a>" * 100 + "</a>" * 100}, "GIS466"),
        ({"more": "<a>"}, "GIS430"),
    ],
)
def test_landxml_that_contradicts_itself_is_refused(tmp_path, more, code):
    assert code_of(landxml(tmp_path / "a.xml", **more)) == code


def test_a_raster_archive_with_a_foreign_path_is_refused(tmp_path):
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("../dem.asc", "ncols 1")

    assert code_of(path) == "GIS436"


def test_faces_of_a_drawing_are_the_ground_as_it_is(tmp_path):
    import ezdxf

    document = ezdxf.new("R2010")
    for corners in ([(0, 0, 1), (4, 0, 1), (4, 4, 5)], [(0, 0, 1), (4, 4, 5), (0, 4, 5)]):
        moved = [(E0 + x, N0 + y, z) for x, y, z in corners]
        document.modelspace().add_3dface([*moved, moved[2]], dxfattribs={"layer": "DTM地形"})
    path = tmp_path / "a.dxf"
    document.saveas(path)

    placed = terrain(path, crs="EPSG:4549").located(FRAME)

    assert placed.heights(np.array([[2.0, 2.0], [1.0, 3.0], [5.0, 1.0]])) == pytest.approx(
        [-7.0, -6.0, np.nan], nan_ok=True
    )


@pytest.mark.parametrize("with_z", [True, False])
def test_contours_become_triangles_by_their_z_or_their_column(tmp_path, with_z):
    import shapely

    lines = [
        shapely.LineString(
            [(E0 + x, N0 + 10 * k, 20.0 + k) if with_z else (E0 + x, N0 + 10 * k) for x in (0, 30)]
        )
        for k in range(3)
    ]
    path = write(tmp_path / "等高线.gpkg", kinds=lines, 高程=[20.0, 21.0, 22.0])

    found = terrain(path)

    assert codes(found) == ["GIS447", "GIS451"]
    assert found.located(FRAME).heights(np.array([[15.0, 5.0], [3.0, 20.0]])) == pytest.approx(
        [10.5, 12.0]
    )


@pytest.mark.parametrize("field", ["高程", "H", "BSGC", "GCZ"])
def test_a_mark_for_an_unknown_height_does_not_dent_the_ground(tmp_path, field):
    places = [shapely.Point(E0 + x, N0 + y) for x in (0, 50, 100) for y in (0, 50, 100)]
    heights = [5.0] * 4 + [-9999.0] + [5.0] * 4

    found = terrain(write(tmp_path / "高程点.gpkg", kinds=places, **{field: heights}))

    assert found.surface.vertices[:, 2].tolist() == [5.0] * 8
    assert "1 features with heights outside" in "".join(f.message("en") for f in found.findings)


def test_texts_and_symbols_at_height_zero_do_not_dent_the_ground(tmp_path):
    import shapely

    spots = [(0, 0, 5.0), (10, 0, 5.0), (0, 10, 5.0), (10, 10, 5.0), (5, 5, 0.0)]
    points = [shapely.Point(E0 + x, N0 + y, z) for x, y, z in spots]

    found = terrain(write(tmp_path / "高程点.gpkg", kinds=points, a=[1.0] * 5))

    assert codes(found) == ["GIS447", "GIS451", "GIS478"]
    assert found.located(FRAME).heights(np.array([[5.0, 5.0]])) == pytest.approx([-5.0])


def test_terrain_features_without_heights_are_no_ground(tmp_path):
    import shapely

    path = write(
        tmp_path / "地形.gpkg", kinds=[shapely.LineString([(E0, N0), (E0 + 9, N0)])], a=[1.0]
    )

    found = layers_of(path)

    assert found.terrains == ()
    assert codes(found.tables[0]) == ["GIS447", "GIS479"]
