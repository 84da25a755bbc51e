"""Rule sheets: what people type, the cell and reason of every fault, and hostile workbooks."""

import io
import time
import zipfile
from datetime import date

import pytest
from openpyxl import Workbook, load_workbook

from bimcore.errors import RuleError
from clash.matrix import default_rules
from clash.rulefile import load_rules
from clash.rules import Selector
from clash.rulewords import Wrong, demands_of, demands_text, discipline_of
from clash.sheetwriter import save_sheet


def wide(text):
    """Full-width forms, as Chinese input methods type them."""
    return "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in text)


def sheet(path, cells, **others):
    """A workbook with the given cells of the sheets Matrix, Selectors, Rules, Exclusions."""
    book = Workbook()
    book.remove(book.active)
    for title, content in {"Matrix": cells, **others}.items():
        page = book.create_sheet(title)
        for place, value in content.items():
            page[place] = value
    book.save(path)
    return path


def faults(path):
    with pytest.raises(RuleError) as caught:
        load_rules(path)
    assert caught.value.code == "CLA500"
    return str(caught.value).splitlines()


SELECTORS = {
    "A1": "名称 name",
    "B1": "IFC类",
    "C1": "properties",
    "D1": "楼层 storeys",
    "A2": "墙",
    "B2": "IfcWall；IfcColumn, IfcSlab",
    "C2": "Pset_WallCommon.LoadBearing = 是\n*.FireRating = EI60 | EI90",
    "D2": 1,
}


def test_what_people_type_is_read(tmp_path):
    cells = {
        "A1": "mm",
        "B1": "暖通",
        "C1": " 墙 ",
        "D1": "fire protection",
        "A2": "HVAC",
        "A3": "墙",
        "A4": "消防 fire",
        "B2": wide("5"),
        "C2": f"  硬碰撞{wide('2.5')} 毫米；净距 50mm ",
        "B3": "clearance 50, hard 2.5",
        "D3": 10,
        "D4": "—",
    }

    rules = load_rules(sheet(tmp_path / "r.xlsx", cells, Selectors=SELECTORS))

    assert rules.axes == ("hvac", "墙", "fire")
    assert [(r.id, r.kind.value, r.tolerance) for r in rules.rules] == [
        ("hard.hvac-hvac", "hard", 0.005),
        ("hard.hvac x 墙", "hard", 0.0025),
        ("clearance.hvac x 墙", "clearance", 0.05),
        ("hard.墙 x fire", "hard", 0.01),
    ]
    assert rules.selectors[0].selector == Selector(
        classes=("IfcWall", "IfcColumn", "IfcSlab"),
        storeys=("1",),
        properties=("Pset_WallCommon.LoadBearing = 是", "*.FireRating = EI60 | EI90"),
    )
    assert rules.name == "r.xlsx"


def test_rules_and_exclusions_have_their_sheets(tmp_path):
    rules = load_rules(
        sheet(
            tmp_path / "r.xlsx",
            {},
            Selectors=SELECTORS,
            Rules={
                **dict(zip(("A1", "B1", "C1", "D1", "E1"), HEADINGS, strict=True)),
                "A2": "room",
                "B2": "净距",
                "C2": " 80 ",
                "D2": "墙",
                "E2": "暖通",
            },
            Exclusions={
                "A1": "编号 id",
                "B1": "声明方",
                "C1": "elements",
                "D1": "against",
                "E1": "理由 reason",
                "A2": 7,
                "B2": "给排水",
                "C2": "plumbing",
                "D2": "墙",
                "E2": "套管由土建预埋",
            },
        )
    )

    assert [(r.id, r.kind.value, r.tolerance) for r in rules.rules] == [("room", "clearance", 0.08)]
    assert (rules.exclusions[0].id, rules.exclusions[0].declared_by) == ("7", "plumbing")
    assert rules.exclusions[0].reasons["en"] == "套管由土建预埋"


HEADINGS = ("id", "kind", "tolerance_mm", "left", "right")


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        ({"B1": "hvac", "A2": "hvac"}, ["Matrix!A1: the file holds no rule"]),
        (
            {"B1": "hvac", "A2": "hvac", "B2": "soft 5"},
            ['Matrix!B2: kind "soft" is not one of hard, clearance, duplicate'],
        ),
        (
            {"B1": "hvac", "A2": "hvac", "B2": -1},
            ["Matrix!B2: -1 mm is not between 0 and 50000 mm"],
        ),
        ({"B1": "hvac", "A2": "hvac", "B2": "=1+4"}, ["Matrix!B2: the cell is a formula"]),
        ({"B1": "hvac", "A2": "hvac", "B2": "#REF!"}, ["Matrix!B2: the cell holds an error"]),
        ({"B1": "hvac", "A2": "hvac", "B2": date(2026, 5, 10)}, ["Matrix!B2: the cell is a date"]),
        (
            {"B1": "hvac", "A2": "hvac", "B2": "hard 0,5"},
            ['Matrix!B2: the cell asks twice for "hard"'],
        ),
        (
            {"B1": "hvac", "C1": "fire", "A2": "hvac", "A3": "fire", "C2": 5, "B3": "hard 6"},
            ['Matrix!B3: contradicts its mirrored cell Matrix!C2: "hard 6" and "5"'],
        ),
        (
            {"B1": "hvac", "A2": "hvac", "A3": "暖通", "B2": 5},
            ["Matrix!A3: is the same heading as Matrix!A2"],
        ),
        (
            {"B1": "hvac", "A2": "hvac", "B2": 5, "D4": "hard 5"},
            ["Matrix!D4: the row or column has no heading"],
        ),
        (
            {"B1": "walls", "A2": "hvac", "B2": 5},
            ['Matrix!B1: "walls" is no discipline and no selector of the file'],
        ),
        (
            {"B1": "hvac", "A2": "hvac", "B2": True},
            ["Matrix!B2: a length in millimetres is a number, not True"],
        ),
    ],
    ids=range(12),
)
def test_faults_of_the_matrix_name_sheet_cell_and_reason(tmp_path, cells, expected):
    said = faults(sheet(tmp_path / "r.xlsx", cells))

    assert [line.startswith(f"r.xlsx, {e}") for line, e in zip(said, expected, strict=True)] == [
        True
    ] * len(expected)
    assert all(any("一" <= c <= "鿿" for c in line) for line in said)


def test_all_faults_of_a_workbook_are_told_at_once(tmp_path):
    path = sheet(
        tmp_path / "r.xlsx",
        {"B1": "hvac", "A2": "hvac", "B2": "soft 5", "C2": "hard 1"},
        Selectors={
            "A1": "name",
            "B1": "classes",
            "C1": "colour",
            "A2": "a",
            "B2": "Wall",
            "A3": "A",
            "E3": "x",
            "A4": "a:left",
            "B5": "IfcWall",
        },
        Rules={
            **dict(zip(("A1", "B1", "C1", "D1", "E1"), HEADINGS, strict=True)),
            "B2": "hard",
            "C2": "much",
            "D2": "hvac",
        },
    )

    assert [line.split(": ")[0].removeprefix("r.xlsx, ") for line in faults(path)] == [
        "Selectors!C1",
        "Selectors!E3",
        "Matrix!C2",
        "Rules!A2",
        "Selectors!A4",
        "Selectors!B2",
        "Selectors!A3",
        "Selectors!A5",
        "Matrix!B2",
        "Rules!A2",
        "Rules!C2",
    ]


def test_merged_cells_are_refused_with_their_range(tmp_path):
    path = sheet(tmp_path / "r.xlsx", {"B1": "hvac", "A2": "hvac", "B2": 5})
    book = load_workbook(path)
    book["Matrix"].merge_cells("B2:C3")
    book.save(path)

    assert faults(path)[0].startswith("r.xlsx, Matrix!B2:C3: the cells are merged")


def test_a_workbook_without_rules_is_refused(tmp_path):
    book = Workbook()
    book.save(tmp_path / "r.xlsx")

    assert "there is no sheet" in faults(tmp_path / "r.xlsx")[0]


@pytest.mark.parametrize("headings", [("甲方 left", "乙方 right"), ("A 侧 left", "B 侧 right")])
def test_sides_are_read_by_their_name_of_now_and_before(tmp_path, headings):
    save_sheet(default_rules(), tmp_path / "r.xlsx")
    book = load_workbook(tmp_path / "r.xlsx")
    page = book["规则 Rules"]
    cells = {c.value.split()[-1]: c for c in page[1]}
    cells["left"].value, cells["right"].value = headings
    book.save(tmp_path / "r.xlsx")

    assert load_rules(tmp_path / "r.xlsx") == default_rules()


def test_the_same_rules_give_the_same_bytes(tmp_path):
    for name in ("a", "b"):
        save_sheet(default_rules(), tmp_path / f"{name}.xlsx")

    assert (tmp_path / "a.xlsx").read_bytes() == (tmp_path / "b.xlsx").read_bytes()


def rewritten(path, part, change):
    """The workbook with one part changed; a part that is not there is added."""
    out = io.BytesIO()
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            content = old.read(name)
            new.writestr(name, change(content) if name == part else content)
        if part not in old.namelist():
            new.writestr(part, change(b""))
    path.write_bytes(out.getvalue())


MATRIX = "xl/worksheets/sheet1.xml"
DTD = b'<!DOCTYPE a [<!ENTITY b "bbbbbbbbbb"><!ENTITY c "&b;&b;&b;&b;">]>'
HOSTILE = {
    "entities": (MATRIX, lambda x: x.replace(b"<worksheet", DTD + b"<worksheet", 1)),
    "entities in a part that is no XML by its name": (
        "xl/media/image1.png",
        lambda _: DTD + b"<a>&c;</a>",
    ),
    "a bomb": ("xl/bomb.xml", lambda _: b"<a>" + b" " * (100 << 20) + b"</a>"),
    "many cells": (
        MATRIX,
        lambda x: x.replace(b"<sheetData>", b"<sheetData><row>" + b"<c/>" * 300_000 + b"</row>"),
    ),
    "far cells": (
        MATRIX,
        lambda x: x.replace(
            b"</sheetData>", b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData>'
        ),
    ),
    "deep": (MATRIX, lambda x: x.replace(b"<sheetData>", b"<a>" * 10_000 + b"<sheetData>")),
    "broken XML": (MATRIX, lambda x: x[:-40]),
    "no sheets": (MATRIX, lambda _: b""),
    "a text that is not there": (
        MATRIX,
        lambda x: x.replace(b"<sheetData>", b'<sheetData><row><c t="s"><v>99999</v></c></row>'),
    ),
    "a number that is none": (
        MATRIX,
        lambda x: x.replace(b"<sheetData>", b"<sheetData><row><c><v>five</v></c></row>"),
    ),
    "a cell nowhere": (
        MATRIX,
        lambda x: x.replace(b"<sheetData>", b'<sheetData><row><c r="??"><v>5</v></c></row>'),
    ),
}


@pytest.mark.parametrize("attack", sorted(HOSTILE))
def test_hostile_workbooks_are_refused_in_time(tmp_path, attack):
    path = tmp_path / "r.xlsx"
    save_sheet(default_rules(), path)
    rewritten(path, *HOSTILE[attack])

    begin = time.perf_counter()
    said = faults(path)

    assert (len(said), said[0].startswith("r.xlsx")) == (1, True)
    assert time.perf_counter() - begin < 5.0


def test_claims_of_size_and_huge_merges_cost_nothing(tmp_path):
    path = tmp_path / "r.xlsx"
    save_sheet(default_rules(), path)
    merge = b'</sheetData><mergeCells><mergeCell ref="A1:XFD1048576"/></mergeCells>'
    rewritten(
        path,
        MATRIX,
        lambda x: x.replace(b"</sheetData>", merge).replace(
            b"<sheetData>", b'<dimension ref="A1:XFD1048576"/><sheetData>'
        ),
    )

    begin = time.perf_counter()

    assert "Matrix!A1:XFD1048576: the cells are merged" in faults(path)[0]
    assert time.perf_counter() - begin < 5.0


@pytest.mark.parametrize(
    "content", [b"", b"PK\x03\x04", b"\xd0\xcf\x11\xe0" + b"\0" * 600], ids=["nil", "cut", "ole"]
)
def test_what_is_no_workbook_is_refused(tmp_path, content):
    (tmp_path / "r.xlsx").write_bytes(content)

    assert "no readable .xlsx workbook" in faults(tmp_path / "r.xlsx")[0]


def test_cells_that_are_only_formatted_and_pictures_do_not_matter(tmp_path):
    path = tmp_path / "r.xlsx"
    save_sheet(default_rules(), path)
    empty = b'<row r="1048576"><c r="XFD1048576" s="1"/></row></sheetData>'
    rewritten(path, MATRIX, lambda x: x.replace(b"</sheetData>", empty))
    rewritten(path, "xl/media/image1.png", lambda _: b"\x89PNG\r\n\x1a\n<a>\x00\xff" * 100)

    begin = time.perf_counter()

    assert load_rules(path) == default_rules()
    assert time.perf_counter() - begin < 5.0


def test_a_workbook_that_was_saved_again_by_another_program_is_read(tmp_path):
    """Shared texts instead of texts in the cells, other styles, calculated sizes."""
    path = tmp_path / "r.xlsx"
    save_sheet(default_rules(), path)
    load_workbook(path).save(path)

    assert load_rules(path) == default_rules()


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("硬碰撞：5mm", "hard 5"),
        ("净距=100", "clearance 100"),
        ("净距≥50", "clearance 50"),
        ("clearance >= 50; hard: 5", "hard 5; clearance 50"),
        ("/", ""),
        ("无", ""),
        ("不检查", ""),
        ("N/A", ""),
    ],
)
def test_cells_are_read_as_people_of_a_trade_write_them(typed, meant):
    assert demands_text(demands_of(typed)) == meant


def test_at_least_is_said_of_a_gap_alone():
    with pytest.raises(Wrong, match="kind"):
        demands_of("硬碰撞≥5")


@pytest.mark.parametrize("word", ["暖 通", "暖通专业", "暖通空调", " HVAC "])
def test_disciplines_are_known_as_tables_set_them(word):
    assert discipline_of(word) == "hvac"


def test_what_a_list_of_rules_leaves_empty_is_named(tmp_path):
    path = sheet(
        tmp_path / "r.xlsx",
        {"B1": "hvac", "A2": "hvac", "B2": 5},
        Selectors={"A1": "name", "B1": "classes", "A2": "a", "B2": "IfcWal"},
        Rules={
            **dict(zip(("A1", "B1", "C1", "D1", "E1"), HEADINGS, strict=True)),
            **dict(zip(("A2", "B2", "D2", "E2"), ("x", "净距", "a", "hvac"), strict=True)),
            **dict(zip(("A3", "B3", "C3", "D3"), ("y", "净距", wide("50mm"), "a"), strict=True)),
        },
    )

    told = [
        'Selectors!B2: "IfcWal" is no class of IFC2X3, IFC4 or IFC4X3; IfcWall?',
        "Rules!A2: a clearance rule needs its gap in millimetres",
        'Rules!A3: "B 侧 right" is empty',
    ]
    found = faults(path)
    assert len(found) == len(told)
    assert all(f.startswith(f"r.xlsx, {t}") for f, t in zip(found, told, strict=True))


def test_a_workbook_without_a_matrix_names_the_sheets_it_has(tmp_path):
    book = Workbook()
    book.active.title = "Sheet1"
    book.save(tmp_path / "r.xlsx")

    assert faults(tmp_path / "r.xlsx")[0].endswith("现有：Sheet1")
