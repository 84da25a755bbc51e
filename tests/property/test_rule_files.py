"""Rule sets survive TOML and Excel and back, whatever people call things."""

import io
import json
import re
import tempfile
import zipfile
from functools import cache
from pathlib import Path

from hypothesis import given, settings, strategies as st
from openpyxl import Workbook

from bimcore.elements import DISCIPLINES
from bimcore.errors import RuleError
from clash.matrix import axis_of, cell_rule, default_rules
from clash.rulefile import dump_rules, load_rules, read_rules
from clash.rules import Exclusion, Named, Rule, RuleKind, RuleSet, Selector
from clash.rulewords import discipline_of
from clash.sheetwriter import save_sheet

KEYS = ("name", "selectors", "matrix", "hard", "duplicate", "rule", "exclusion", "colour")
SHEETS = ("Matrix", "选择集", "规则 Rules", "Exclusions", "Guide", "Sheet1")
LINES = st.text(
    st.characters(exclude_categories=("Cc", "Cs", "Zl", "Zp"), exclude_characters="\ufffe\uffff"),
    min_size=1,
    max_size=12,
).filter(lambda t: t == t.strip() != "")
NAMES = st.text(st.sampled_from("管道架空层ABcd12 _-.#='\"\\[]"), min_size=1, max_size=8).filter(
    lambda t: t == t.strip() != "" and discipline_of(t) is None
)
MILLIMETRES = st.integers(0, 50_000) | st.integers(0, 5_000).map(lambda n: n / 100)
TITLES = st.fixed_dictionaries({"zh-CN": LINES, "en": LINES})
CONDITIONS = st.sampled_from(
    ["Pset_WallCommon.LoadBearing = TRUE", "*.FireRating != EI60 | EI90", "not A.b", "Q*.L >= 3e3"]
)
WORDS = st.lists(LINES, max_size=3).map(tuple)
SELECTORS = st.builds(
    Selector,
    disciplines=st.lists(st.sampled_from((*DISCIPLINES, "*")), max_size=2).map(tuple),
    classes=st.lists(st.sampled_from(("IfcWall", "ifcpipe*", "*")), max_size=2).map(tuple),
    not_classes=st.lists(st.sampled_from(("IfcDoor", "IfcWindow")), max_size=2).map(tuple),
    types=WORDS,
    names=WORDS,
    systems=WORDS,
    storeys=WORDS,
    classifications=WORDS,
    models=WORDS,
    properties=st.lists(CONDITIONS, max_size=2).map(tuple),
)


@st.composite
def rule_sets(draw):
    """A rule set in the order in which files keep it: cells, then rules."""
    names = draw(st.lists(NAMES, max_size=3, unique_by=lambda n: " ".join(n.casefold().split())))
    selectors = tuple(Named(name=n, selector=draw(SELECTORS), titles=draw(TITLES)) for n in names)
    axes = draw(st.lists(st.sampled_from((*DISCIPLINES, *names)), max_size=5, unique=True))
    rows = [axis_of(a, selectors) for a in axes]
    cells = [
        cell_rule(rows[i], rows[j], kind, draw(MILLIMETRES) / 1000)
        for i in range(len(rows))
        for j in range(i, len(rows))
        for kind in RuleKind
        if draw(st.booleans())
    ]
    sides = st.sampled_from([n.selector for n in selectors]) | SELECTORS if selectors else SELECTORS
    ids = draw(st.lists(LINES, min_size=1, max_size=4, unique=True))
    rules = [
        Rule(
            id=f"r {n}",
            left=draw(sides),
            right=draw(sides),
            kind=draw(st.sampled_from(RuleKind)),
            tolerance=draw(MILLIMETRES) / 1000,
            titles=draw(TITLES),
        )
        for n in ids[1:]
    ]
    exclusions = [
        Exclusion(
            id=f"e {n}",
            declared_by=draw(st.sampled_from(("hvac", "MEP (2)"))),
            elements=draw(sides),
            against=draw(sides),
            reasons=draw(TITLES),
        )
        for n in ids[: draw(st.integers(0, 2))]
    ]
    if not cells and not rules:
        least = Selector()
        titles = {"zh-CN": "规则", "en": "rule"}
        rules = [
            Rule(id="r", left=least, right=least, kind=RuleKind.HARD, tolerance=0.0, titles=titles)
        ]
    return RuleSet(
        rules=(*cells, *rules),
        name=draw(LINES),
        axes=tuple(axes),
        selectors=selectors,
        exclusions=tuple(exclusions),
    )


VALUES = st.recursive(
    st.none().map(lambda _: True)
    | st.integers(-5, 60_000)
    | st.floats()
    | st.sampled_from(("hvac", "墙", "hard 5", "hvac x fire", "axes", "P.x = 1", "", " "))
    | st.dates()
    | LINES,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ("id", "kind", "left", "right", "axes", "classes", "properties", "reason", "title")
                + ("hvac x fire", "墙 x hvac", "墙", "hvac", "elements", "against", "declared_by")
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=6,
)


def faults(read):
    """What is wrong with a file; none when it holds rules."""
    try:
        rules = read()
    except RuleError as err:
        return str(err).splitlines()
    assert rules.rules
    return []


def toml(value):
    """Any value written as TOML."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{json.dumps(k)} = {toml(v)}" for k, v in value.items()) + "}"
    if isinstance(value, list):
        return f"[{', '.join(map(toml, value))}]"
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
    return str(value).lower()


@given(st.dictionaries(st.sampled_from(KEYS), VALUES, max_size=4))
@settings(max_examples=300, deadline=None)
def test_whatever_a_rule_file_says_it_is_rules_or_faults_with_lines(content):
    text = "".join(f"{key} = {toml(value)}\n" for key, value in content.items())

    told = faults(lambda: read_rules(text, file="r.toml"))

    assert all(re.match(r"r\.toml, line \d+: ", line) for line in told)


CELLS = (
    st.sampled_from(("hvac", "暖通", "墙", "hard 5", "净距 50", "IfcWall", "=1+1", "#REF!", "name"))
    | st.sampled_from(("id", "kind", "left", "right", "classes", "properties", "P.x = 1"))
    | st.integers(-5, 60_000)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.booleans()
    | st.dates()
    | NAMES
)


@given(
    st.dictionaries(
        st.sampled_from(SHEETS),
        st.dictionaries(st.tuples(st.integers(1, 4), st.integers(1, 5)), CELLS, max_size=12),
        min_size=1,
    )
)
@settings(max_examples=100, deadline=None)
def test_whatever_a_rule_sheet_says_it_is_rules_or_faults_with_cells(content):
    book = Workbook()
    book.remove(book.active)
    for title, cells in content.items():
        page = book.create_sheet(title)
        for (row, column), value in cells.items():
            page.cell(row, column, value)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "r.xlsx"
        book.save(path)
        told = faults(lambda: load_rules(path))

    assert all(re.match(r"r\.xlsx, .+![A-Z]+\d+", line) for line in told)


@given(st.lists(st.tuples(st.floats(0, 1), st.binary(max_size=40)), min_size=1, max_size=4))
@settings(max_examples=100, deadline=None)
def test_damaged_workbooks_are_rules_or_refused(damage):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "r.xlsx"
        path.write_bytes(damaged(sheet_bytes(), damage))
        told = faults(lambda: load_rules(path))

    assert all(line.startswith("r.xlsx") for line in told)


@cache
def sheet_bytes():
    """The default matrix as a workbook whose parts are not compressed."""
    out = io.BytesIO()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "r.xlsx"
        save_sheet(default_rules(), path)
        with zipfile.ZipFile(path) as old, zipfile.ZipFile(out, "w") as new:
            for name in old.namelist():
                new.writestr(name, old.read(name))
    return out.getvalue()


def damaged(content, damage):
    """Parts of the archive overwritten, with check sums that fit again."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(out, "w") as new:
        names = old.namelist()
        for number, name in enumerate(names):
            data = bytearray(old.read(name))
            for place, patch in damage:
                if int(place * 1000) % len(names) == number:
                    at = int(place * len(data))
                    data[at : at + len(patch)] = patch
            new.writestr(name, bytes(data))
    return out.getvalue()


@given(rule_sets())
@settings(max_examples=100, deadline=None)
def test_rules_come_back_from_toml(rules):
    assert read_rules(dump_rules(rules), file="r.toml") == rules


@given(rule_sets(), st.sampled_from(("zh-CN", "en")))
@settings(max_examples=40, deadline=None)
def test_rules_come_back_from_excel_and_to_the_same_toml(rules, language):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "r.xlsx"
        save_sheet(rules, path, language=language)
        again = load_rules(path)

    assert again == rules
    assert dump_rules(again) == dump_rules(rules)
