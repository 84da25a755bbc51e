"""Pipe surveys after CJJ 61: tables joined to lines, their import checks and hostile tables."""

import zipfile

import numpy as np
import pytest
import shapely
from openpyxl import Workbook

from bimcore.frame import Frame
from gis.layers import LayerError, located
from gis.pipe_fields import Fields, reference_of
from gis.solids import pipes
from tests.layer_files import code_of, tables_of

E0, N0 = 514433.0, 3350053.0
FRAME = Frame(crs="EPSG:4549+5737", origin=np.array([E0, N0, 0.0]))
POINT_HEAD = ["图上点号", "物探点号", "X", "Y", "地面高程", "特征", "附属物", "井底深"]
LINE_HEAD = [
    "起始点号",
    "终止点号",
    "起点埋深",
    "终点埋深",
    "起点高程",
    "终点高程",
    "管径或宽X高(mm)",
    "材质",
    "埋设方式",
    "壁厚",
    "状态",
]


def point(number, east, north=0.0, *, ground=10.0, feature="直线点", fitting=""):
    return [f"T{number}", number, N0 + north, E0 + east, ground, feature, fitting, None]


def line(start, end, *, depth=(1.0, 1.0), level=(9.0, 9.0), size="300", more=()):
    values = [start, end, *depth, *level, size, "ZT", "ZM", None, "0"]
    for at, value in dict(more).items():
        values[LINE_HEAD.index(at)] = value
    return values


POINTS = [point("JS1", 0), point("JS2", 30), point("JS3", 60)]
LINES = [line("JS1", "JS2"), line("JS2", "JS3")]


def workbook(path, sheets):
    book = Workbook()
    book.remove(book.active)
    for title, rows in sheets.items():
        sheet = book.create_sheet(title)
        for row in rows:
            sheet.append(row)
    book.save(path)
    return path


def survey(tmp_path, points=POINTS, lines=LINES, *, kind="JS", **facts):
    path = workbook(
        tmp_path / "管线.xlsx",
        {f"{kind}Point": [POINT_HEAD, *points], f"{kind}Line": [LINE_HEAD, *lines]},
    )
    return read(path, **facts)


def read(path, **facts):
    return tables_of(path, **{"crs": "EPSG:4549", "vertical_datum": "1985", **facts})


def told(table, *, beyond=("GIS477",)):
    return [(f.code.code, f.data["rows"]) for f in table.findings if f.code.code not in beyond]


def ends(table):
    return [[list(c) for c in g.coords] for g in table.geometry]


def test_points_and_lines_of_one_workbook_become_pipes(tmp_path):
    found, points = survey(
        tmp_path, role="utility", accuracy=0.1, date="2025-03-31", depth_ref="top"
    )

    assert (found.name, found.role, found.crs) == ("管线", "utility", "EPSG:4549")
    assert (found.accuracy, found.date, found.depth_ref) == (0.1, "2025-03-31", "top")
    assert ends(found) == [
        [[E0, N0, 9.0], [E0 + 30, N0, 9.0]],
        [[E0 + 30, N0, 9.0], [E0 + 60, N0, 9.0]],
    ]
    assert {k: v[0] for k, v in found.columns.items() if v[0] is not None} == {
        "管线编号": "JS1-JS2",
        "起始点号": "JS1",
        "终止点号": "JS2",
        "管类": "JS",
        "管径(mm)": "300",
        "材质": "ZT",
        "埋设方式": "直埋",
        "起点埋深": 1.0,
        "终点埋深": 1.0,
        "起点高程": 9.0,
        "终点高程": 9.0,
        "起点地面高程": 10.0,
        "终点地面高程": 10.0,
        "状态": "在用",
        "行": "JSLine!2 JS1-JS2",
    }
    assert told(found) == []
    assert (points.name, points.role, len(points)) == ("管线/管点", "context", 3)


def test_clearance_counts_from_the_outer_wall_below_the_surveyed_top(tmp_path):
    lines = [line("JS1", "JS2", more={"壁厚": 8}), line("JS2", "JS3", size="400X250")]
    found = located(survey(tmp_path, lines=lines, depth_ref="top")[0], FRAME)

    made = pipes(found, project=FRAME)

    boxes = [
        (part.vertices[:, 1:].min(axis=0), part.vertices[:, 1:].max(axis=0))
        for part in (made.model.meshes.take(np.array([k])) for k in range(2))
    ]
    assert made.left_out == 0
    assert made.model.elements.object_type.texts() == ["D316", "400x250"]
    assert boxes[0][1][1] == pytest.approx(9.0, abs=0.002)
    assert boxes[0][0][1] == pytest.approx(9.0 - 0.316, abs=0.002)
    assert boxes[1][0] == pytest.approx([-0.2, 8.75], abs=1e-6)
    assert boxes[1][1] == pytest.approx([0.2, 9.0], abs=1e-6)


def test_heights_follow_from_ground_and_depth_where_no_level_is_given(tmp_path):
    lines = [
        line("JS1", "JS2", depth=(1.2, 1.5), level=(None, None)),
        line("JS2", "JS3", depth=(-3.0, -3.0), level=(None, None), more={"埋设方式": "JK"}),
    ]

    found = survey(tmp_path, lines=lines)[0]

    assert [[p[2] for p in e] for e in ends(found)] == [[8.8, 8.5], [13.0, 13.0]]
    assert found.columns["埋设方式"] == ("直埋", "架空")


def test_lines_without_any_height_are_counted_and_not_invented(tmp_path):
    lines = [line("JS1", "JS2", depth=(None, None), level=(None, None)), LINES[1]]

    found = located(survey(tmp_path, lines=lines)[0], FRAME)
    made = pipes(found, project=FRAME)

    assert (len(made.model), made.left_out) == (1, 1)
    assert "GIS452" in [f.code.code for f in made.findings]


def test_without_a_height_datum_no_pipe_has_a_height(tmp_path):
    found = located(survey(tmp_path, vertical_datum=None)[0], FRAME)

    made = pipes(found, project=FRAME)

    assert (len(made.model), made.left_out) == (0, 2)
    assert [f.code.code for f in found.findings] == ["GIS477", "GIS463"]


@pytest.mark.parametrize("encoding", ["gbk", "utf-8-sig", "utf-8", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", "\t"])
def test_two_csv_files_in_a_zip_are_one_survey_in_any_encoding(tmp_path, encoding, delimiter):
    path = tmp_path / "s.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for name, head, rows in (
            ("污水点表.csv", POINT_HEAD, POINTS),
            ("污水线表.csv", LINE_HEAD, LINES),
        ):
            table = [head, *rows]
            text = "".join(
                delimiter.join("" if v is None else str(v) for v in row) + "\r\n" for row in table
            )
            archive.writestr(name, text.encode(encoding))

    found = read(path)[0]

    assert len(found) == 2
    assert found.columns["管类"] == ("WS", "WS")
    assert found.columns["行"][0] == "污水线表!2 JS1-JS2"


def test_x_is_north_and_a_table_written_the_other_way_is_seen(tmp_path):
    normal = survey(tmp_path)[0]
    turned = survey(tmp_path, points=[[a, b, y, x, *rest] for a, b, x, y, *rest in POINTS])[0]

    assert ends(turned) == ends(normal)
    assert "X is north" in normal.findings[0].message("en")
    assert "X is east" in turned.findings[0].message("en")


def test_headings_may_stand_lower_and_carry_units(tmp_path):
    title = [["某某路地下管线普查成果"], [None]]
    path = workbook(
        tmp_path / "a.xlsx",
        {
            "点": [*title, ["管线点编号", "纵坐标X（m）", "横坐标Y（m）", "地面高程（m）"]]
            + [[f"YS{k}", N0, E0 + 20 * k, 5.0] for k in range(2)],
            "线": [*title, ["起点点号", "连接点号", "起点埋深(cm)", "终点埋深(cm)", "管径（m）"]]
            + [["YS0", "YS1", 120, 130, 0.4]],
        },
    )

    found = read(path)[0]

    assert found.columns["管类"] == ("YS",)
    assert found.columns["管径(m)"] == ("0.4",)
    assert [p[2] for p in ends(found)[0]] == [3.8, 3.7]


def test_lines_may_go_by_the_number_on_the_map(tmp_path):
    found = survey(tmp_path, lines=[line("TJS1", "TJS2")])[0]

    assert ends(found) == [[[E0, N0, 9.0], [E0 + 30, N0, 9.0]]]


def test_points_that_repeat_lack_coordinates_or_are_unused_are_named(tmp_path):
    blank = ["T4", "JS4", None, None, 10.0, "", "", None]

    found = survey(tmp_path, points=[*POINTS, point("JS1", 5), blank, point("JS5", 90)])[0]

    assert told(found) == [
        ("GIS471", ["JSPoint!5 JS1"]),
        ("GIS471", ["JSPoint!6 JS4"]),
        ("GIS471", ["JSPoint!7 JS5"]),
    ]
    assert "点号重复：JSPoint!5 JS1" in found.findings[0].message("zh-CN")


def test_lines_that_lead_nowhere_loop_or_repeat_are_left_out_and_named(tmp_path):
    lines = [*LINES, line("JS3", "JS9"), line("JS1", "JS1"), line("JS2", "JS1")]

    found = survey(tmp_path, lines=lines)[0]

    assert len(found) == 2
    assert told(found) == [
        ("GIS472", ["JSLine!4 JS3-JS9 (JS9)"]),
        ("GIS472", ["JSLine!5 JS1-JS1"]),
        ("GIS472", ["JSLine!6 JS2-JS1"]),
    ]


def test_two_ducts_between_the_same_points_are_no_repetition(tmp_path):
    found = survey(tmp_path, lines=[*LINES, line("JS1", "JS2", size="DN500")])[0]

    assert len(found) == 3
    assert [c for c, _ in told(found)] == []


def test_lengths_and_slopes_no_survey_has_are_named(tmp_path):
    points = [point("JS1", 0), point("JS2", 0.02), point("JS3", 100), point("JS4", 101)]
    lines = [
        line("JS1", "JS2"),
        line("JS2", "JS3"),
        line("JS3", "JS4", depth=(1.0, 2.0), level=(9.0, 8.0)),
    ]

    found = survey(tmp_path, points, lines)[0]

    assert told(found) == [
        ("GIS473", ["JSLine!2 JS1-JS2"]),
        ("GIS473", ["JSLine!3 JS2-JS3"]),
        ("GIS473", ["JSLine!4 JS3-JS4"]),
    ]


def test_ground_that_is_not_depth_plus_level_is_named_with_its_point(tmp_path):
    found = survey(tmp_path, lines=[LINES[0], line("JS2", "JS3", depth=(1.0, 1.3))])[0]

    assert told(found) == [("GIS474", ["JSLine!3 JS2-JS3 @JS3 (-0.30 m)"])]


def test_a_pipe_that_changes_at_a_plain_point_is_named(tmp_path):
    lines = [LINES[0], line("JS2", "JS3", depth=(1.4, 1.4), level=(8.6, 8.6), size="DN400")]

    plain = survey(tmp_path, lines=lines)[0]
    well = [POINTS[0], point("JS2", 30, fitting="检修井"), POINTS[2]]

    assert told(plain) == [
        ("GIS474", ["JSLine!3 JS2-JS3 @JS2 (0.40 m)"]),
        ("GIS475", ["JSLine!3 JS2-JS3 @JS2"]),
    ]
    assert told(survey(tmp_path, points=well, lines=lines)[0]) == []


def test_sizes_that_differ_in_their_prefix_alone_are_the_same(tmp_path):
    assert told(survey(tmp_path, lines=[LINES[0], line("JS2", "JS3", size="DN300")])[0]) == []


def test_a_tee_has_three_lines(tmp_path):
    points = [POINTS[0], point("JS2", 30, feature="三通"), POINTS[2], point("JS4", 30, 20)]
    two, three = LINES, [*LINES, line("JS2", "JS4")]

    assert told(survey(tmp_path, points[:3], two)[0]) == [("GIS475", ["JSPoint!3 JS2 (2/3)"])]
    assert told(survey(tmp_path, points, three)[0]) == []


def test_unknown_codes_are_named(tmp_path):
    lines = [LINES[0], line("JS2", "JS3", more={"埋设方式": "QQ", "状态": "7"})]

    found = survey(tmp_path, lines=lines)[0]

    assert told(found) == [("GIS476", ["JSLine!3 JS2-JS3"]), ("GIS476", ["JSLine!3 JS2-JS3"])]


def test_many_defects_are_counted_and_the_first_are_shown(tmp_path):
    lines = [line("JS1", f"X{k}") for k in range(9)]

    found = survey(tmp_path, lines=[*LINES, *lines])[0]

    finding = found.findings[0]
    assert (finding.code.code, finding.data["count"], len(finding.data["rows"])) == ("GIS472", 9, 9)
    assert finding.message("en").endswith("JSLine!8 JS1-X4 (X4), ...")


def test_a_survey_has_no_crs_of_its_own(tmp_path):
    found = survey(tmp_path, crs=None)[0]

    assert (found.crs, found.findings[-1].code.code) == (None, "GIS441")


@pytest.mark.parametrize(
    "sheets",
    [
        {"点": [POINT_HEAD, *POINTS]},
        {"线": [LINE_HEAD, *LINES]},
        {"其他": [["a", "b"], [1, 2]]},
        {"空": []},
    ],
    ids=["points alone", "lines alone", "other", "empty"],
)
def test_tables_that_are_no_survey_are_refused(tmp_path, sheets):
    assert code_of(workbook(tmp_path / "a.xlsx", sheets)) == "GIS470"


def test_one_csv_alone_is_no_survey(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text(",".join(POINT_HEAD))

    assert code_of(path) == "GIS470"


def test_formulas_are_not_computed(tmp_path):
    lines = [line("JS1", "JS2", size='=WEBSERVICE("http://127.0.0.1:1")'), LINES[1]]

    assert survey(tmp_path, lines=lines)[0].columns["管径(mm)"] == (None, "300")


def rewritten(path, part, change):
    """The workbook with one part changed."""
    out = path.with_name("hostile.xlsx")
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            content = old.read(name)
            new.writestr(name, change(content) if name == part else content)
    return out


BOMB = b'<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;&a;">]>'


@pytest.mark.parametrize(
    "content",
    [
        BOMB + b"<worksheet>&b;</worksheet>",
        b"<worksheet>",
        b"<a>" * 100 + b"</a>" * 100,
        b"\x00" * 100,
    ],
    ids=["entities", "cut off", "deep", "zeros"],
)
def test_hostile_workbooks_are_refused(tmp_path, content):
    path = workbook(tmp_path / "a.xlsx", {"JSPoint": [POINT_HEAD, *POINTS]})

    assert code_of(rewritten(path, "xl/worksheets/sheet1.xml", lambda _: content)) == "GIS430"


def test_a_workbook_that_unpacks_beyond_its_limit_is_refused(tmp_path):
    path = workbook(tmp_path / "a.xlsx", {"JSPoint": [POINT_HEAD, *POINTS]})
    data = bytearray(path.read_bytes())
    entry = data.rfind(b"PK\x01\x02")
    data[entry + 24 : entry + 28] = (3 << 30).to_bytes(4, "little")  # its size unpacked
    path.write_bytes(data)

    with pytest.raises(LayerError) as caught:
        read(path)

    assert caught.value.code == "GIS430"
    assert "bytes unpacked" in caught.value.finding.message("en")


def test_numbers_that_are_none_do_not_become_coordinates(tmp_path):
    points = [*POINTS[:2], ["T3", "JS3", "nan", "1e999", 10.0, "", "", None]]

    found = survey(tmp_path, points=points)[0]

    assert len(found) == 1
    assert [c for c, _ in told(found)] == ["GIS471", "GIS472"]
    assert np.isfinite(shapely.get_coordinates(found.geometry, include_z=True)).all()


RESULT_HEAD = ["图上点号", "物探点号", "连接点号", "特征", "附属物", "X", "Y", "地面高程"]
RESULT_HEAD += ["管顶高程", "埋深", "管径(mm)", "材质"]


def test_a_table_of_points_with_their_connections_is_a_survey_too(tmp_path):
    """管线点成果表: each row holds a point, where it leads and the depth at its own end."""
    rows = [
        ["1", "JS1", "JS2", "直线点", None, N0, E0, 10.0, 9.0, 1.0, "DN300", "ZT"],
        ["2", "JS2", "JS1", "三通", None, N0, E0 + 30, 10.0, 8.8, 1.2, "DN300", "ZT"],
        [None, None, "JS3", None, None, None, None, None, 8.8, 1.2, "DN300", "ZT"],
        [None, None, "JS4", None, None, None, None, None, 8.7, 1.3, "DN200", "ZT"],
        ["3", "JS3", "JS2", "直线点", None, N0, E0 + 60, 10.0, 8.5, 1.5, "DN300", "ZT"],
        ["4", "JS4", "JS2", "直线点", None, N0 + 20, E0 + 30, 10.0, 8.6, 1.4, "DN200", "ZT"],
    ]
    path = workbook(tmp_path / "给水管线点成果表.xlsx", {"JS": [["成果表"], RESULT_HEAD, *rows]})

    found, points = read(path)

    assert ends(found) == [
        [[E0, N0, 9.0], [E0 + 30, N0, 8.8]],
        [[E0 + 30, N0, 8.8], [E0 + 60, N0, 8.5]],
        [[E0 + 30, N0, 8.7], [E0 + 30, N0 + 20, 8.6]],
    ]
    assert found.columns["行"] == ("JS!3 JS1-JS2", "JS!5 JS2-JS3", "JS!6 JS2-JS4")
    assert found.columns["管径(mm)"] == ("DN300", "DN300", "DN200")
    assert found.columns["埋深参照"] == ("管顶",) * 3
    assert told(found) == []
    assert points.columns["点号"] == ("JS1", "JS2", "JS3", "JS4")


@pytest.mark.parametrize(
    ("heading", "reference"),
    [
        ("起点管顶高程", "管顶"),
        ("起点管内底高程", "管内底"),
        ("起点管中心高程", "管中心"),
        ("起点高程", None),
    ],
)
def test_the_heading_of_the_levels_may_say_where_they_are_measured(tmp_path, heading, reference):
    head = [heading if h == "起点高程" else h for h in LINE_HEAD]
    path = workbook(
        tmp_path / "a.xlsx", {"JSPoint": [POINT_HEAD, *POINTS], "JSLine": [head, *LINES]}
    )

    found = read(path)[0]
    assert found.columns["埋深参照"] == (reference, reference)
    assert Fields.of(found).names["reference"] == "埋深参照"
    # An outer size of 300: what is measured at the top lies half of it lower.
    expected = {"管顶": "top", "管内底": "invert", "管中心": "axis", None: "axis"}[reference]
    assert reference_of(Fields.of(found), 0, "起点高程") == (expected, reference is not None)


def test_marks_for_unknown_depths_and_levels_are_none(tmp_path):
    lines = [line("JS1", "JS2", depth=(1.0, -9999), level=(9.0, -9999))]

    found = survey(tmp_path, lines=lines)[0]

    assert (found.columns["终点埋深"], found.columns["终点高程"]) == ((None,), (None,))
    assert "GIS473" not in [f.code.code for f in found.findings]


def test_depths_may_say_in_their_heading_where_they_are_measured(tmp_path):
    names = {
        "起点埋深": "起点管顶埋深",
        "终点埋深": "终点管顶埋深",
        "起点高程": "甲",
        "终点高程": "乙",
    }
    head = [names.get(h, h) for h in LINE_HEAD]
    path = workbook(
        tmp_path / "a.xlsx", {"JSPoint": [POINT_HEAD, *POINTS], "JSLine": [head, *LINES]}
    )

    found = read(path)[0]

    assert found.columns["埋深参照"] == ("管顶", "管顶")
    assert found.columns["起点埋深"] == (1.0, 1.0)
