"""City grids by their numbers, Chinese names of zones, and the shifted map systems."""

import json

import numpy as np
import pytest

from gis.crs import UnknownCrs, parse
from gis.gcj02 import from_bd09, from_gcj02, to_bd09, to_gcj02
from gis.operations import UnsafeTransformation, lonlat, project, transformation
from tests.known_answers import KNOWN, needs_answers

CITY = "tmerc:lon_0=106.5,x_0=500000,y_0=0,ellps=CGCS2000"
CHONGQING = np.array([[106.55, 29.56]])
M_PER_DEGREE = 111_320.0


def test_a_city_grid_has_one_name_however_it_is_written():
    name = "tmerc:lon_0=106.5,lat_0=0.0,k=1.0,x_0=500000.0,y_0=0.0,ellps=cgcs2000"

    for text in (CITY, "TMERC: x_0=5e5; lon_0=106.5", "tmerc:lon_0=106°30',x_0=+500000"):
        assert parse(text).name == name
    assert parse(f"{CITY}+5737").name == f"{name}+5737"
    assert parse(parse(f"{CITY}+5737").name) == parse(f"{CITY}+5737")
    assert parse(CITY).datum == "EPSG:4490"


def test_a_city_grid_computes_what_the_independent_method_does():
    grid = parse(CITY)

    assert project(grid, CHONGQING)[0] == pytest.approx([504845.454021, 3271340.992646], abs=1e-4)
    there = transformation(parse("4544"), grid)
    assert there.budget == 0.0
    point = np.array([[650218.538606, 3272342.512407, 243.5]])
    assert there(point)[0] == pytest.approx([504845.454021, 3271340.992646, 243.5], abs=1e-4)


def test_a_city_grid_on_an_old_datum_is_not_turned_into_cgcs2000():
    for ellipsoid in ("krass", "IAG1975", "Xian80", "Beijing54"):
        old = parse(f"tmerc:lon_0=106.5,x_0=500000,ellps={ellipsoid}")
        with pytest.raises(UnsafeTransformation):
            transformation(old, parse("4545"))
    within = transformation(parse("tmerc:lon_0=106.5,x_0=500000,ellps=iag75"), parse("EPSG:2380"))
    assert within.budget == 0.0


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("tmerc:x_0=500000", "lon_0"),
        ("tmerc:lon_0=east", "'east' is no number"),
        ("tmerc:lon_0=106.5,zone=3", "unknown: zone"),
        ("tmerc:lon_0=106.5,ellps=clarke", "ellps must be one of"),
        ("tmerc:lon_0=1065", "out of range"),
        ("tmerc:lon_0=106.5,k=1000", "out of range"),
        ("tmerc:lon_0=nan", "is no number"),
    ],
)
def test_a_grid_that_is_none_is_refused_with_the_number_named(text, said):
    with pytest.raises(UnknownCrs, match=said):
        parse(text)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("2000国家大地坐标系 3度带 中央子午线108", "EPSG:4545"),
        ("CGCS2000 三度带 36带", "EPSG:4524"),
        ("国家2000 3度带 带号：35", "EPSG:4523"),
        ("2000国家大地坐标系 6度带 中央子午线105E", "EPSG:4507"),
        ("CGCS2000 六度带 带号18", "EPSG:4496"),
        ("CGCS2000_3_Degree_GK_Zone_36", "EPSG:4524"),
        ("CGCS2000_GK_CM_105E", "EPSG:4507"),
        ("CGCS2000（3°带，L0=120°）", "EPSG:4549"),
        ("2000国家大地坐标系（中央子午线120°）", "EPSG:4549"),
        ("CGCS2000 3度带 中央子午线126°", "EPSG:4551"),
        ("CGCS2000 6度带 中央子午线123°", "EPSG:4510"),
        ("CGCS2000 中央子午线120°00\u2032", "EPSG:4549"),
        ("CGCS2000 中央子午线 120.0", "EPSG:4549"),
        ("CGCS2000 中央经线105度", "EPSG:4544"),
        ("CGCS2000_108", "EPSG:4545"),
        ("https://epsg.io/4549", "EPSG:4549"),
        ("EPSG:4549/5737", "EPSG:4549+5737"),
    ],
)
def test_zones_are_known_by_their_chinese_names(text, name):
    assert parse(text).name == name


@pytest.mark.parametrize(
    "text",
    ["CGCS2000 3度带", "CGCS2000 3度带 中央子午线107", "CGCS2000 3度带 6度带 108", "重庆独立"]
    + ["CGCS2000 第105标段", "CGCS2000 (WGS 84) 中央子午线", "CGCS2000 中央 105 或 108"]
    # grids of their own: not of whole degrees, or on a raised plane
    + [
        "CGCS2000 中央子午线 120.5",
        "CGCS2000 3度带 中央子午线120°30\u2032",
        "CGCS2000 中央120度30分",
    ]
    + ["CGCS2000 中央子午线117° 投影面高程1500米", "CGCS2000 3度带 39带 抵偿坐标系"],
)
def test_an_unclear_zone_is_not_guessed(text):
    with pytest.raises(UnknownCrs):
        parse(text)


@needs_answers
def test_gcj02_gives_the_published_vectors():
    for row in json.loads(KNOWN.read_text())["gcj02"]:
        found = to_gcj02(np.array([row["wgs"]]))[0]

        assert np.abs(found - row["gcj02"]).max() * M_PER_DEGREE < 0.02


def test_inverses_lose_less_than_a_micrometre():
    grid = np.stack(np.meshgrid(np.linspace(74, 134, 31), np.linspace(18, 53, 31)), -1)
    places = grid.reshape(-1, 2)

    for there, back in ((to_gcj02, from_gcj02), (to_bd09, from_bd09)):
        assert np.abs(back(there(places)) - places).max() * M_PER_DEGREE < 1e-6


def test_places_abroad_are_not_shifted():
    london = np.array([[-0.1276, 51.5072]])

    assert to_gcj02(london).tolist() == london.tolist() == from_gcj02(london).tolist()


@pytest.mark.parametrize(
    ("name", "there", "key"),
    [
        ("GCJ-02", to_gcj02, "gcj02"),
        ("火星坐标系", to_gcj02, "gcj02"),
        ("bd09", to_bd09, "bd09"),
        ("百度坐标", to_bd09, "bd09"),
    ],
)
def test_shifted_systems_lead_to_the_map_as_context_only(name, there, key):
    crs = parse(name)

    change = transformation(crs, parse("4545"))

    assert (crs.name, crs.context_only, change.context_only) == (key, True, True)
    assert change.budget == 5.0
    truth = project(parse("4545"), CHONGQING)
    placed = change(np.column_stack([there(CHONGQING), [0.0]]))
    assert np.abs(placed[:, :2] - truth).max() < 1e-5
    assert lonlat(crs, CHONGQING).tolist() == CHONGQING.tolist()


def test_nothing_is_turned_into_a_shifted_system_or_from_it_to_an_old_datum():
    for source, target in (("4545", "gcj02"), ("bd09", "gcj02"), ("gcj02", "EPSG:2380")):
        with pytest.raises(UnsafeTransformation):
            transformation(parse(source), parse(target))
    assert not parse("4545").context_only
