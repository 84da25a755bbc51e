"""Buried lines become closed bodies of the right size at the right height."""

import numpy as np
import pytest
import shapely

from bimcore.frame import Frame
from bimcore.mesh import is_closed, signed_volume
from gis.layers import FeatureTable
from gis.pipe_fields import number
from gis.solids import pipes
from gis.tubes import circle, cleaned, rectangle, tubes

FRAME = Frame(crs="EPSG:4549+5737", origin=np.array([514000.0, 3350000.0, 0.0]))


def layer(*paths, name="pipes", **columns):
    geometry = np.array([shapely.LineString(p) for p in paths], dtype=object)
    return FeatureTable(
        name=name,
        role="utility",
        columns={k: tuple(v) for k, v in columns.items()},
        geometry=geometry,
        crs=None,
        frame=FRAME,
        source="0" * 64,
    )


def heights(model, row=0):
    box = model.meshes.bounds()[row]
    return (box[0, 2], box[1, 2])


def codes(made):
    return [f.code.code for f in made.findings]


LEVEL = [(0, 0, 5), (10, 0, 5)]
FLAT = [(0, 0), (10, 0)]


@pytest.mark.parametrize(
    "path",
    [
        [(0, 0, 0), (10, 0, 0)],
        [(10, 0, 0), (0, 0, 0)],
        [(0, 0, 0), (0, 0, -5)],
        [(0, 0, 0), (10, 0, 0), (10, 10, 0), (10, 10, 5), (0, 3, 2)],
        [(0, 0, 0), (10, 0, 1), (20, 1, 1.5), (21, 9, 1)],
    ],
)
@pytest.mark.parametrize(
    ("profile", "area"), [(circle(0.6), np.pi * 0.09), (rectangle(0.8, 0.6), 0.48)]
)
def test_tube_is_closed_and_holds_its_length_times_its_area(path, profile, area):
    path = np.array(path, dtype=float)

    vertices, faces = tubes([path], [profile])[0]

    length = np.linalg.norm(np.diff(path, axis=0), axis=1).sum()
    assert is_closed(vertices, faces)
    assert signed_volume(vertices, faces) == pytest.approx(area * length, rel=1e-9)


@pytest.mark.parametrize(
    "path",
    [
        [(0, 0, 0), (10, 0, 0), (1, 1, 0)],  # almost back
        [(0, 0, 0), (10, 0, 0), (0, 0, 0)],  # straight back
        [(0, 0, 0), (1, 0, 0), (1.05, 0.1, 0), (1.1, 3, 0)],  # shorter than wide
    ],
)
def test_tube_around_impossible_corners_is_still_closed_and_covers_the_axis(path):
    path = np.array(path, dtype=float)

    vertices, faces = tubes([path], [circle(0.6)])[0]

    assert is_closed(vertices, faces)
    assert (vertices.min(axis=0) <= path.min(axis=0) + 1e-9).all()
    assert (vertices.max(axis=0) >= path.max(axis=0) - 1e-9).all()


def test_square_duct_stays_upright_round_a_level_bend():
    path = np.array([(0, 0, 0), (10, 0, 0), (10, 10, 0)], dtype=float)

    vertices, _ = tubes([path], [rectangle(0.8, 0.6)])[0]

    assert set(np.round(vertices[:, 2], 9)) == {-0.3, 0.3}
    assert vertices[:, 0].max() == pytest.approx(10.4)


def test_points_that_repeat_are_one():
    path = np.array([(0, 0, 0), (0, 0, 0.0005), (1, 0, 0), (1, 0, 0)], dtype=float)

    assert cleaned(path).tolist() == [[0, 0, 0], [1, 0, 0]]


def test_pipe_with_heights_in_its_geometry_lies_on_them():
    made = pipes(layer(LEVEL, 管径=[300], 编号=["JS-1"], 类别=["JS"], 材质=["PE"]), project=FRAME)

    model = made.model
    assert heights(model) == pytest.approx((4.85, 5.15), abs=1e-3)
    assert model.elements.name == ("JS-1",)
    assert model.elements.system.texts() == ["JS 给水"]
    assert model.elements.material.texts() == ["PE"]
    assert model.elements.object_type.texts() == ["D300"]
    assert model.elements.discipline.texts() == ["utility"]
    assert model.elements.is_a("IfcFlowSegment", "IfcDistributionElement").all()
    assert model.elements.clash_body.all()
    assert model.frame is FRAME
    assert is_closed(*model.meshes.body(0))


@pytest.mark.parametrize(
    ("field", "value", "wide"),
    [
        ("管径", 300, 0.3),
        ("管径", 0.3, 0.3),
        ("管径", "DN300", 0.3),
        ("管径", "300mm", 0.3),
        ("管径", "Φ108×4", 0.108),
        ("diameter", "300", 0.3),
        ("d_mm", 9, 0.009),
        ("DN", 300.0, 0.3),
        ("diameter_m", 1.2, 1.2),
        ("管径(mm)", 300, 0.3),
        ("管径或宽X高", "800X600", 0.8),
        ("断面尺寸", "1.2x0.8", 1.2),
    ],
)
def test_size_is_read_in_the_unit_that_name_or_numbers_tell(field, value, wide):
    made = pipes(layer(LEVEL, **{field: [value]}), project=FRAME)

    box = made.model.meshes.bounds()[0]
    assert np.ptp(box[:, 1]) == pytest.approx(wide, rel=0.005)
    told = next(f for f in made.findings if f.code.code == "GIS454")
    assert told.data["field"] == field
    assert told.message("zh-CN")


def test_rectangular_duct_has_its_width_across_and_its_height_up():
    box = pipes(layer(LEVEL, 管径=["800X600"]), project=FRAME).model.meshes.bounds()[0]

    assert np.ptp(box, axis=0).tolist() == pytest.approx([10.0, 0.8, 0.6])


@pytest.mark.parametrize(
    ("columns", "wide"),
    [
        ({"内径": [300], "壁厚": [10]}, 0.32),
        ({"管径": [300], "壁厚": [0.01]}, 0.32),
        ({"外径": [300], "壁厚": [10]}, 0.3),
        ({"管径": [0.3], "壁厚": [10]}, 0.32),
    ],
)
def test_clearance_counts_from_the_outside_of_the_wall(columns, wide):
    box = pipes(layer(LEVEL, **columns), project=FRAME).model.meshes.bounds()[0]

    assert np.ptp(box[:, 1]) == pytest.approx(wide, rel=0.005)


@pytest.mark.parametrize(
    ("columns", "low", "high", "field"),
    [
        ({"起点高程": [5.0], "终点高程": [4.0]}, 3.7, 5.3, "起点高程"),
        ({"start_elev": [5.0], "end_elev": ["4.0"]}, 3.7, 5.3, "start_elev"),
        ({"管顶高程": [5.0]}, 4.4, 5.0, "管顶高程"),
        ({"管内底高程": [5.0], "壁厚": [50]}, 4.95, 5.65, "管内底高程"),
        ({"起点管底高程": [5.0], "终点管底高程": [5.0]}, 5.0, 5.6, "起点管底高程"),
        ({"invert": [5.0]}, 5.0, 5.6, "invert"),
        ({"高程": [5.0], "高程位置": ["管顶"]}, 4.4, 5.0, "高程"),
        ({"起点埋深": [1.0], "终点埋深": [2.0], "地面高程": [6.0]}, 3.7, 5.3, "起点埋深"),
        (
            {
                "起点埋深": [1.0],
                "终点埋深": [2.0],
                "起点地面高程": [6.0],
                "终点地面高程": [7.0],
                "参照": ["管顶"],
            },
            4.4,
            5.0,
            "起点埋深",
        ),
        ({"覆土": [1.0], "地面高程": [6.0]}, 4.4, 5.0, "覆土"),
    ],
)
def test_height_comes_from_fields_and_its_reference(columns, low, high, field):
    made = pipes(layer(FLAT, 管径=[600], **columns), project=FRAME)

    assert heights(made.model) == pytest.approx((low, high), abs=5e-3)
    assert [f.data["field"] for f in made.findings if f.code.code == "GIS455"] == [field]


def test_height_whose_reference_is_not_stated_is_the_axis_and_the_doubt_is_said():
    made = pipes(layer(FLAT, 管径=[600], 高程=[5.0]), project=FRAME)

    assert heights(made.model) == pytest.approx((4.7, 5.3), abs=2e-3)
    told = next(f for f in made.findings if f.code.code == "GIS455")
    assert told.severity == 10
    assert told.data["because_en"] == "the data do not say; it may be off by 0.300 m"


def test_slope_is_spread_along_the_line():
    made = pipes(
        layer([(0, 0), (2, 0), (10, 0)], 管径=[200], 起点高程=[5.0], 终点高程=[4.0]), project=FRAME
    )

    vertices, _ = made.model.meshes.body(0)
    middle = vertices[np.abs(vertices[:, 0] - 2) < 0.05]
    assert middle[:, 2].mean() == pytest.approx(4.8, abs=1e-6)


@pytest.mark.parametrize(
    ("path", "columns", "code"),
    [
        (FLAT, {"管径": [300]}, "GIS452"),
        ([(0, 0, 0), (10, 0, 0)], {"管径": [300]}, "GIS452"),
        (FLAT, {"管径": [300], "起点高程": [5.0], "终点高程": [None]}, "GIS452"),
        (FLAT, {"管径": [300], "埋深": [1.0]}, "GIS452"),
        (LEVEL, {"管径": [0]}, "GIS453"),
        (LEVEL, {"管径": [None]}, "GIS453"),
        (LEVEL, {"管径": ["不明"]}, "GIS453"),
        (LEVEL, {"材质": ["PE"]}, "GIS453"),
        ([(0, 0, 5), (0, 0, 5)], {"管径": [300]}, "GIS456"),
        (LEVEL, {"管径": [300], "高程基准": ["吴淞高程"]}, "GIS457"),
        (LEVEL, {"管径": [300], "高程基准": ["1956黄海高程"]}, "GIS457"),
    ],
)
def test_line_without_what_a_body_needs_is_counted_and_not_invented(path, columns, code):
    made = pipes(layer(path, **columns), project=FRAME)

    assert len(made.model) == 0
    assert made.left_out == 1
    assert code in codes(made)


def test_one_bad_line_does_not_spoil_the_others():
    made = pipes(layer(LEVEL, FLAT, LEVEL, 管径=[300, 300, None]), project=FRAME)

    assert len(made.model) == 1
    assert made.left_out == 2
    assert {"GIS452", "GIS453"} <= set(codes(made))


def test_identifiers_stay_when_other_lines_come_and_go():
    one = pipes(layer(LEVEL, 管径=[300], 编号=["A"]), project=FRAME).model
    two = pipes(layer(FLAT, LEVEL, 管径=[300, 200], 编号=["B", "A"]), project=FRAME).model
    twin = pipes(layer(LEVEL, LEVEL, 管径=[300, 200], 编号=["A", "A"]), project=FRAME).model

    assert one.elements.guid == two.elements.guid
    assert len(set(twin.elements.guid)) == 2
    assert all(len(g) == 22 and g[0] in "0123" for g in twin.elements.guid)


def test_many_pipes_are_made_the_same_way_twice():
    rng = np.random.default_rng(1)
    paths = [np.cumsum(rng.normal(size=(rng.integers(2, 6), 3)), axis=0) * 5 for _ in range(50)]
    table = layer(*paths, 管径=[int(v) for v in rng.integers(50, 1500, 50)])

    a, b = pipes(table, project=FRAME).model, pipes(table, project=FRAME).model

    assert np.array_equal(a.meshes.vertices, b.meshes.vertices)
    assert a.elements.guid == b.elements.guid
    assert all(is_closed(*a.meshes.body(k)) for k in range(len(a)))


@pytest.mark.parametrize(
    ("value", "expected"),
    [("5", 5.0), (" -1.5 m", -1.5), (True, None), (None, None), ("5a", None), ("", None), (3, 3.0)],
)
def test_numbers_are_read_from_text(value, expected):
    assert number(value) == expected


@pytest.mark.parametrize(
    ("columns", "wide"),
    [
        ({"diameter_cm": [30]}, 0.3),
        ({"管径(厘米)": [30]}, 0.3),
        ({"diameter_in": [12]}, 0.3048),
        ({"管径(英寸)": [12]}, 0.3048),
        ({"口径_米": [0.3]}, 0.3),
        ({"管径": ["钢筋砼管DN300"]}, 0.3),
        ({"管径": ["DN300 Ⅱ级"]}, 0.3),
        ({"断面": ["B×H=300×400"]}, 0.3),
        ({"GJ": ["300"]}, 0.3),
        ({"layer": ["W-污水-d300"]}, 0.3),
        ({"规格": ["PE De300×20"]}, 0.3),
        ({"PSize": ["300"]}, 0.3),
    ],
)
def test_sizes_are_read_in_the_units_and_words_of_surveys(columns, wide):
    box = pipes(layer(LEVEL, **columns), project=FRAME).model.meshes.bounds()[0]

    assert np.ptp(box[:, 1]) == pytest.approx(wide, rel=0.005)


@pytest.mark.parametrize("size", ["2孔", "3-DN150", "2×DN300", "DN100-200 DN300", -9999, 99999])
def test_bundles_and_marks_are_no_sizes(size):
    assert codes(pipes(layer(LEVEL, layer=["给水D3区"]), project=FRAME)) == ["GIS453"]
    assert codes(pipes(layer(LEVEL, 管径=[size]), project=FRAME)) == ["GIS453"]


@pytest.mark.parametrize(
    "columns",
    [
        {"起点高程": [-9999.0], "终点高程": [-9999.0]},
        {"起点高程": [3.0], "终点高程": [99999.0]},
        {"起点高程": [0.0], "终点高程": [0.0]},
        {"埋深": [1.0], "地面高程": [-9999.0]},
    ],
)
def test_marks_for_unknown_heights_make_no_pipe_at_the_centre_of_the_earth(columns):
    made = pipes(layer(FLAT, 管径=[300], **columns), project=FRAME)

    assert (len(made.model), codes(made)) == (0, ["GIS454", "GIS452"])
    marked = pipes(layer([(0, 0, -9999), (10, 0, -9999)], 管径=[300]), project=FRAME)
    assert len(marked.model) == 0


@pytest.mark.parametrize(
    ("columns", "low", "high"),
    [
        ({"QDGC": [5.0], "ZDGC": [4.0]}, 3.7, 5.3),
        ({"StartH": [5.0], "EndH": [4.0]}, 3.7, 5.3),
        ({"UpstreamInvert": [5.0], "DownstreamInvert": [4.0]}, 4.0, 5.6),
        ({"S_Deep": [1.0], "E_Deep": [2.0], "地面高程": [6.0]}, 3.7, 5.3),
        ({"起点管顶埋深": [1.0], "终点管顶埋深": [1.0], "地面高程": [6.0]}, 4.4, 5.0),
        ({"起点高程": [5.0], "终点高程": [5.0], "埋深参照": ["管顶"]}, 4.4, 5.0),
    ],
)
def test_heights_are_found_under_the_short_names_of_databases(columns, low, high):
    made = pipes(layer(FLAT, 管径=[600], **columns), project=FRAME)

    assert heights(made.model) == pytest.approx((low, high), abs=5e-3)
