"""Control points as lists, tables and CSV sheets; what is said of them holds no coordinates."""

import pytest

from gis.control import BadControl, ControlPoint, ControlPoints
from gis.control_sheet import control_points

WANTED = ControlPoints(
    crs="EPSG:4545",
    points=(
        ControlPoint(
            number="K1",
            local=(0.0, 0.0),
            target=(358000.5, 3278000.25),
            local_height=0.0,
            height=268.5,
        ),
        ControlPoint(
            number="K2",
            local=(40.5, 0.0),
            target=(358041.0, 3278000.25),
            local_height=1.5,
            height=270.0,
        ),
    ),
)
LISTED = [
    ["K1", 0, 0, 0, 358000.5, 3278000.25, 268.5],
    ["K2", 40.5, 0, 1.5, 358041, 3278000.25, 270],
]


def test_lists_tables_and_sheets_say_the_same(tmp_path):
    keys = ("number", "x", "y", "z", "eastings", "northings", "height")
    (tmp_path / "chinese.csv").write_bytes(
        "点号,X(北),Y(东),高程(米),模型X,模型Y,模型标高\n"
        "K1,3278000.25,358000.5,268.5,0,0,0\n\n"
        "K2,3278000.25,358041,270,40.5,0,1.5\n".encode("gb18030")
    )
    (tmp_path / "english.csv").write_text(
        "\ufeffPoint,local_x,local_y,z,Easting,Northing,H\n"
        "K1,0,0,0,358000.5,3278000.25,268.5\n"
        "K2,40.5,0,1.5,358041,3278000.25,270\n"
    )

    for points in (
        LISTED,
        [dict(zip(keys, row, strict=True)) for row in LISTED],
        "chinese.csv",
        "english.csv",
    ):
        given = {"crs": "EPSG:4545", "points": points}
        assert control_points(given, folder=tmp_path) == WANTED


def test_numbers_and_heights_may_be_missing():
    found = control_points({"crs": "EPSG:4545", "points": [[0, 0, 358000, 3278000]]})

    assert found.points == (
        ControlPoint(number="1", local=(0.0, 0.0), target=(358000.0, 3278000.0)),
    )


def test_the_limit_is_given_in_millimetres():
    given = {"crs": "EPSG:4545", "points": LISTED, "residual_mm": 35}

    assert control_points(given).limit == 0.035


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"points": LISTED}, "crs is missing"),
        ({"crs": "EPSG:4545"}, "points must be a list"),
        ({"crs": "EPSG:4545", "points": "there.csv"}, "points must be a list"),
        ({"crs": "EPSG:4545", "points": [["K7", 1, 2]]}, "point K7 needs"),
        ({"crs": "EPSG:4545", "points": [["K7", 1, 2, 3, 358123.456, "x", 5]]}, "K7: a coord"),
        ({"crs": "EPSG:4545", "points": [{"number": "K7", "x": 358123.456}]}, "point K7 lacks y"),
        ({"crs": "EPSG:4545", "points": [{"number": "K7", "a": 1}]}, "point K7 has unknown keys"),
        ({"crs": "EPSG:4545", "points": [], "limit": 3}, "unknown keys: limit"),
        ({"crs": "EPSG:4545", "points": LISTED, "residual_mm": "much"}, "residual_mm"),
    ],
)
def test_what_is_wrong_is_said_without_a_coordinate(values, said):
    with pytest.raises(BadControl) as refused:
        control_points(values)

    assert said in str(refused.value)
    assert "358123" not in str(refused.value) + refused.value.zh


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "is empty"),
        (b"X,Y,H\n3278000,358000,268\n", "lacks columns: eastings, northings"),
        (b"number,x,y,z,E,N,H\nK1,0,0,0,abc,3278000,268\n", "K1: a coordinate is no number"),
        (b"x" * (2 << 20), "is no list of points"),
        (None, "cannot be read"),
    ],
)
def test_sheets_that_are_none_are_refused(tmp_path, content, said):
    if content is not None:
        (tmp_path / "points.csv").write_bytes(content)

    with pytest.raises(BadControl, match=said):
        control_points({"crs": "EPSG:4545", "points": "points.csv"}, folder=tmp_path)
