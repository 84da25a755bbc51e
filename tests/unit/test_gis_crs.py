"""Names of coordinate reference systems and what may be done with them."""

import numpy as np
import pyproj
import pytest

from gis.crs import UnknownCrs, has_prefix, parse, without_prefix, zone_prefix
from gis.operations import UnsafeTransformation, inside, transformation


def wkt(code, version):
    return pyproj.CRS(code).to_wkt(version)


@pytest.mark.parametrize(
    "name",
    [
        "EPSG:4549",
        "4549",
        " epsg 4549 ",
        "EPSG：4549",
        "EPSG::4549",
        "urn:ogc:def:crs:EPSG::4549",
        "CGCS2000 / 3-degree Gauss-Kruger CM 120E",
        "CGCS2000_3_Degree_GK_CM_120E",
        "CGCS2000 3度带 中央子午线120",
        wkt(4549, "WKT1_ESRI"),
        wkt(4549, "WKT1_GDAL"),
        wkt(4549, "WKT2_2019"),
    ],
)
def test_one_system_under_its_many_names(name):
    found = parse(name)

    assert (found.name, found.datum, found.unit) == ("EPSG:4549", "EPSG:4490", 1.0)
    assert found.area is not None


def test_height_system_belongs_to_the_name():
    assert parse("EPSG:4549+5737").name == "EPSG:4549+5737"
    assert parse("4549", vertical="1985国家高程基准").name == "EPSG:4549+5737"
    assert parse("EPSG:9897").name == "EPSG:2169+5774"


def test_code_that_contradicts_its_wkt_is_not_believed():
    lie = wkt(4549, "WKT1_GDAL").replace(
        'PARAMETER["central_meridian",120]', 'PARAMETER["central_meridian",106.5]'
    )

    found = parse(lie)

    assert "4549" not in found.name[:12]
    assert parse(lie).area is None


@pytest.mark.parametrize(
    "name",
    ["", "WKT", "重庆独立坐标系", "EPSG:4549,EPSG:5737", "EPSG:5737", "EPSG:4978", "EPSG:999999"],
)
def test_what_is_no_horizontal_system_is_refused(name):
    with pytest.raises(UnknownCrs):
        parse(name)


@pytest.mark.parametrize(
    "code", [4513, 4528, 4533, 4491, 4501, 2349, 2369, 2327, 2337, 2401, 2421, 21413, 21423]
)
def test_system_without_prefix_differs_by_whole_zones_alone(code):
    prefixed = parse(str(code))
    plain = without_prefix(prefixed)
    zone = zone_prefix(prefixed)

    assert has_prefix(prefixed)
    assert not has_prefix(plain)
    assert zone_prefix(plain) == zone
    there = transformation(plain, prefixed)(np.array([[500_000.0, 3_300_000.0, 7.0]]))
    assert there[0] == pytest.approx([zone * 1e6 + 500_000.0, 3_300_000.0, 7.0], abs=1e-6)


@pytest.mark.parametrize(
    ("source", "target"),
    [
        ("2385", "4549"),  # Xi'an 1980: PROJ would shift nothing
        ("2437", "4549"),  # Beijing 1954
        ("4610", "4490"),
        ("EPSG:4549+5737", "EPSG:4549+5736"),
    ],
)
def test_unknown_accuracy_is_refused(source, target):
    with pytest.raises(UnsafeTransformation):
        transformation(parse(source), parse(target))


def test_wgs84_is_cgcs2000_within_a_declared_metre():
    change = transformation(parse("4326"), parse("4549"))

    assert change.budget == 1.0
    assert change(np.array([[120.15, 30.27, 8.0]]))[0] == pytest.approx(
        [514433.611, 3350053.697, 8.0], abs=1e-3
    )


def test_feet_are_metres_inside():
    texas = parse("EPSG:2277")

    there = transformation(parse("EPSG:4269"), texas)(np.array([[-97.74, 30.27, 0.0]]))[0]

    truth = pyproj.Transformer.from_crs(4269, 2277, always_xy=True).transform(-97.74, 30.27)
    assert there[:2] / texas.unit == pytest.approx(truth)


@pytest.mark.parametrize(
    ("point", "fits"),
    [
        ((514433.0, 3350053.0), True),
        ((3350053.0, 514433.0), False),
        ((40514433.0, 3350053.0), False),
        ((514.4, 3350.0), False),
        ((514433611.0, 3350053697.0), False),
        ((float("inf"), 0.0), False),
    ],
)
def test_magnitude_tells_whether_a_place_is_in_the_area_of_use(point, fits):
    assert inside(parse("4549"), np.array([point])) is fits
