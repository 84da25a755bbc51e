"""The report, the workbook and the points on the map from one review document."""

import base64
import hashlib
import io
import json
import re

import numpy as np
import pytest
from openpyxl import load_workbook
from PIL import Image

from bimcore.formats.geojson import write_geojson
from bimcore.formats.report_html import report
from bimcore.formats.xlsx import write_xlsx

HOSTILE = "<script>alert(1)</script>\"' onerror=x"
DOCUMENT = {
    "schema": "yuyan/review/1",
    "manifest": {
        "engine": "yuyan 1",
        "inputs": [{"path": "a.ifc", "sha256": "ab" * 32, "role": "model"}],
        "rules_sha256": "cd" * 32,
    },
    "project": {"name": "B3", "crs": "EPSG:4544+5737", "origin": [1.0, 2.0, 3.0]},
    "models": [
        {
            "id": "a",
            "name": "a.ifc",
            "schema": "IFC4",
            "elements": 1200,
            "bodies": 3,
            "triangles": 40,
            "placed": False,
            "georeference": {
                "level": 50,
                "verdict": "reject:double-georeference",
                "crs": "EPSG:4544",
                "evidence": [{"text": "两次偏移", "text_en": "shifted twice"}],
            },
        }
    ],
    "findings": [
        {
            "code": "GEO301",
            "severity": 30,
            "model": "a.ifc",
            "elements": ["2O2Fr$t4X7Zf8NOew3FL9r"],
            "message": "网格不闭合",
            "message_en": "open mesh",
            "remedy": "修复",
            "remedy_en": "repair",
        }
    ],
    "clashes": [{"relation": "crossing", "suppressed": None}, {"relation": "touch"}],
    "issues": [
        {
            "id": "i-1",
            "kind": "clash",
            "rule": "hard",
            "title": "风管穿梁",
            "title_en": "Duct through beam",
            "description": "深 120 mm",
            "description_en": "120 mm deep",
            "severity": 82,
            "severity_factors": [
                {"factor": "depth", "points": 30, "text": {"zh-CN": "深度", "en": "depth"}}
            ],
            "status": "reopened",
            "status_reason": "再次出现",
            "status_reason_en": "found again",
            "storey": "F2",
            "elements": [
                {"guid": "2O2Fr$t4X7Zf8NOew3FL9r", "name": HOSTILE, "side": "a", "model": "a.ifc"},
                {"guid": "short", "name": "=1+1", "side": "b", "model": "a.ifc"},
            ],
            "point": [1.0, 2.5, -3.25],
            "suggestion": "下移",
            "suggestion_en": "lower it",
        },
        {"id": "i-2", "title": "=cmd|'/c calc'!A1", "severity": 10, "status": "resolved"},
    ],
    "not_assessed": [
        {"what": "红线", "what_en": "red line", "why": "未定位", "why_en": "no place"}
    ],
}


def png(size, *, noise=False):
    rng = np.random.default_rng(1)
    pixels = rng.integers(0, 255, (size[1], size[0], 3)) if noise else np.zeros((*size[::-1], 3))
    out = io.BytesIO()
    Image.fromarray(pixels.astype(np.uint8)).save(out, format="PNG")
    return out.getvalue()


def test_report_says_everything_in_both_languages():
    html = report(DOCUMENT, {"i-1": png((4, 3))})

    for pair in (
        ("风管穿梁", "Duct through beam"),
        ("下移", "lower it"),
        ("再次出现", "found again"),
        ("网格不闭合", "open mesh"),
        ("红线", "red line"),
        ("两次偏移", "shifted twice"),
        ("相互矛盾，不采用", "Contradictory, held back"),
        ("重新出现", "Reopened"),
        ("未参与检查", "took no part"),
        ("深度", "depth"),
    ):
        assert f'<span lang="zh-CN">{pair[0]}</span><span lang="en">{pair[1]}</span>' in html
    assert "<code>2O2Fr$t4X7Zf8NOew3FL9r</code>" in html
    assert 'data-severity="82" data-status="reopened" data-storey="F2"' in html
    assert "1.000, 2.500, -3.250" in html


def test_report_needs_nothing_from_outside_and_runs_only_its_own_script():
    html = report(DOCUMENT, {"i-1": png((4, 3))})

    policy = re.search(r'Content-Security-Policy" content="([^"]+)"', html).group(1)
    scripts, styles = (
        re.findall(f"<{t}>(.*?)</{t}>", html, re.DOTALL) for t in ("script", "style")
    )
    for (text,), rule in ((scripts, "script-src"), (styles, "style-src")):
        digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
        assert f"{rule} 'sha256-{digest}'" in policy
    assert policy.startswith("default-src 'none'; img-src data:;")
    assert not re.search(r'(src|href)="(?!data:)', html)
    assert " style=" not in html
    assert "http://" not in html
    assert "https://" not in html


def test_names_in_the_models_cannot_become_markup():
    html = report(DOCUMENT, {})

    assert "<script>alert" not in html
    assert "&lt;script&gt;alert(1)&lt;/script&gt;&#34;&#39; onerror=x" in html


def test_report_of_an_empty_document_says_that_nothing_was_found():
    html = report({}, {}, language="en")

    assert '<html lang="en" data-language="en">' in html
    assert "No issue was found" in html


def test_large_picture_is_made_small_enough_to_mail():
    html = report(DOCUMENT, {"i-1": png((900, 700), noise=True), "i-2": b"no picture" * 9000})

    (data,) = re.findall(r'src="data:image/jpeg;base64,([^"]+)"', html)
    with Image.open(io.BytesIO(base64.b64decode(data))) as image:
        assert image.size == (640, 498)


def test_workbook_lists_issues_elements_findings_and_gaps(tmp_path):
    write_xlsx(tmp_path / "a.xlsx", DOCUMENT)

    book = load_workbook(tmp_path / "a.xlsx")
    assert [s.title for s in book] == [
        "问题 Issues",
        "构件 Elements",
        "数据检查 Findings",
        "未检查 Not assessed",
    ]
    assert [c.value for c in book["问题 Issues"][2]] == [
        1,
        82,
        "严重 Critical",
        "重新出现 Reopened",
        "碰撞 Clash",
        "风管穿梁",
        "Duct through beam",
        "F2",
        None,
        "下移",
        "lower it",
        1,
        2.5,
        -3.25,
        "hard",
        2,
        "i-1",
    ]
    assert [c.value for c in book["构件 Elements"][3]][:6] == [
        1,
        "B",
        "a.ifc",
        "short",
        None,
        "=1+1",
    ]
    assert [c.value for c in book["未检查 Not assessed"][2]] == [
        "红线",
        "未定位",
        "red line",
        "no place",
    ]


@pytest.mark.parametrize(("sheet", "cell"), [("问题 Issues", "F3"), ("构件 Elements", "F3")])
def test_text_that_looks_like_a_formula_stays_text(tmp_path, sheet, cell):
    write_xlsx(tmp_path / "a.xlsx", DOCUMENT)

    found = load_workbook(tmp_path / "a.xlsx")[sheet][cell]
    assert (found.data_type, found.quotePrefix) == ("s", True)


@pytest.mark.parametrize("odd", ["\x00", "\x1b", "\ud800", "\ufffe", "\uffff"])
def test_a_name_of_characters_no_document_holds_costs_nobody_the_workbook(tmp_path, odd):
    issue = {**DOCUMENT["issues"][0], "title": f"a{odd}b"}
    write_xlsx(tmp_path / "a.xlsx", {**DOCUMENT, "issues": [issue]})

    found = load_workbook(tmp_path / "a.xlsx")["问题 Issues"]["F2"]
    assert found.value == "a\ufffdb"


def test_same_document_gives_the_same_workbook(tmp_path):
    write_xlsx(tmp_path / "a.xlsx", DOCUMENT)
    write_xlsx(tmp_path / "b.xlsx", DOCUMENT)

    assert (tmp_path / "a.xlsx").read_bytes() == (tmp_path / "b.xlsx").read_bytes()


def test_points_on_the_map_keep_issues_without_a_place(tmp_path):
    write_geojson(tmp_path / "a.geojson", DOCUMENT, lonlat={"i-1": (106.530000012, 29.62)})

    found = json.loads((tmp_path / "a.geojson").read_text(encoding="utf-8"))
    assert found["type"] == "FeatureCollection"
    assert [f["geometry"] for f in found["features"]] == [
        {"type": "Point", "coordinates": [106.53, 29.62]},
        None,
    ]
    assert found["features"][0]["properties"] == {
        "id": "i-1",
        "kind": "clash",
        "rule": "hard",
        "title": "风管穿梁",
        "title_en": "Duct through beam",
        "severity": 82,
        "status": "reopened",
        "storey": "F2",
        "suggestion": "下移",
        "suggestion_en": "lower it",
        "point_m": [1.0, 2.5, -3.25],
    }


def test_no_column_of_the_report_is_pushed_wider_than_a_phone_by_its_text():
    columns = re.findall(r"grid-template-columns:([^;}]*)", report(DOCUMENT, {}))

    assert len(columns) > 3
    # A bare 1fr grows with its longest word; minmax(0, 1fr) does not.
    bare = [
        text for text in columns if re.search(r"(^|\s)1fr", re.sub(r"minmax\([^)]*\)", "", text))
    ]
    assert bare == []
