"""Names of height datums and the refusal to guess between them."""

import pytest

from gis.heights import UnsafeHeights, datum_code, project_datum, shift_to_project, title


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("1985国家高程基准", "EPSG:5737"),
        ("\uff11\uff19\uff18\uff15 国家高程基准", "EPSG:5737"),
        ("国家85高程", "EPSG:5737"),
        ("85高程", "EPSG:5737"),
        ("1985", "EPSG:5737"),
        ("5737", "EPSG:5737"),
        ("epsg:5737", "EPSG:5737"),
        ("Yellow Sea 1985 height", "EPSG:5737"),
        ("1956年黄海高程系", "EPSG:5736"),
        ("黄海56", "EPSG:5736"),
        ("吴淞高程系统", "wusong"),
        ("Wusong datum", "wusong"),
        ("大地高", "ellipsoidal"),
        ("WGS 84 ellipsoidal height", "ellipsoidal"),
        ("EPSG:4979", "ellipsoidal"),
        ("AHD height", "EPSG:5711"),
        ("广州城建高程", "广州城建高程"),
        ("黄海高程", "黄海高程"),
        ("", ""),
        (None, ""),
    ],
)
def test_a_datum_is_known_by_what_people_call_it(text, code):
    assert datum_code(text) == code


def test_the_projects_datum_is_what_is_stated_then_the_compound_crs_then_1985_in_china():
    assert project_datum("EPSG:4545+5736", stated="吴淞") == "wusong"
    assert project_datum("EPSG:4545+5736") == "EPSG:5736"
    assert project_datum("EPSG:4545") == "EPSG:5737"
    assert project_datum("EPSG:7856+5711") == "EPSG:5711"
    assert project_datum("EPSG:7856") == ""
    assert project_datum(None) == ""


def shift(datum, offset, *, project="EPSG:5737"):
    return shift_to_project(datum=datum, offset=offset, project_datum=project)


def test_heights_of_one_datum_stay_and_a_stated_offset_is_added():
    assert shift("85高程", None) == 0.0
    assert shift("85高程", 0.0) == 0.0
    assert shift("吴淞", -1.75) == -1.75
    assert shift(None, -1.75) == -1.75
    assert shift("广州城建高程", None, project="广州城建高程") == 0.0


@pytest.mark.parametrize(
    ("datum", "offset", "project"),
    [
        ("吴淞", None, "EPSG:5737"),
        ("1956", None, "EPSG:5737"),  # the published 0.029 m is not that of every local network
        (None, None, "EPSG:5737"),
        (None, None, ""),
        ("85高程", None, ""),
        ("黄海高程", None, "EPSG:5737"),
        ("大地高", None, "EPSG:5737"),
        ("大地高", 20.0, "EPSG:5737"),
        ("85高程", 0.5, "EPSG:5737"),
        ("吴淞", float("nan"), "EPSG:5737"),
    ],
)
def test_what_nobody_stated_is_refused_with_its_code(datum, offset, project):
    with pytest.raises(UnsafeHeights) as refused:
        shift(datum, offset, project=project)

    assert refused.value.code == "GIS428"


def test_the_refusal_says_from_what_to_what_and_what_to_enter():
    with pytest.raises(UnsafeHeights) as refused:
        shift("吴淞", None)

    assert str(refused.value) == (
        "from Wusong datum to 1985 national datum no offset is stated; give datum_offset_m"
    )
    assert refused.value.zh == "由“吴淞高程”换算到“1985 国家高程基准”缺少改正数 datum_offset_m"


def test_datums_have_titles_in_both_languages():
    assert title("吴淞高程") == ("吴淞高程", "Wusong datum")
    assert title("坎门高程") == ("坎门高程", "坎门高程")
    assert title(None) == ("未声明的高程基准", "heights of no stated datum")
