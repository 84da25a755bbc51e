"""Rule sets survive TOML and Excel and back, whatever people call things."""

import tempfile
from pathlib import Path

from hypothesis import given, settings, strategies as st

from bimcore.elements import DISCIPLINES
from clash.matrix import axis_of, cell_rule
from clash.rulefile import dump_rules, load_rules, read_rules
from clash.rules import Exclusion, Named, Rule, RuleKind, RuleSet, Selector
from clash.rulewords import discipline_of
from clash.sheetwriter import save_sheet

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


@given(rule_sets())
@settings(max_examples=100, deadline=None)
def test_rules_come_back_from_toml(rules):
    assert read_rules(dump_rules(rules), file="r.toml") == rules


@given(rule_sets(), st.sampled_from(("zh-CN", "en")))
@settings(max_examples=60, deadline=None)
def test_rules_come_back_from_excel_and_to_the_same_toml(rules, language):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "r.xlsx"
        save_sheet(rules, path, language=language)
        again = load_rules(path)

    assert again == rules
    assert dump_rules(again) == dump_rules(rules)
