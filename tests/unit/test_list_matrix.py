"""The rule matrix: who is tested against whom, and what is not."""

import numpy as np
import pytest

from bimcore.elements import DISCIPLINES
from bimcore.model import Scene
from clash.matrix import default_rules, untested_cells
from clash.rules import Named, Rule, RuleKind, RuleSet, Selector
from clash.select import rule_masks, select
from tests.builders import box
from tests.building import Thing, model, scene

PLACE = Scene.of(
    [
        model(
            [
                Thing(is_a="IfcWall", body=box(), name="Q-1", type="砌体 200", storey="1F"),
                Thing(is_a="IfcPipeSegment", body=box(), name="J1-a", system="J1", storey="2F"),
                Thing(is_a="IfcGeographicElement", body=box(), name="terrain"),
            ],
            name="house",
        ),
        model([Thing(is_a="IfcColumn", body=box(), name="KZ-1", storey="1F")], name="frame"),
    ]
)


def wide(text):
    """Full-width forms, as Chinese input methods type them."""
    return "".join(chr(ord(c) + 0xFEE0) for c in text)


@pytest.mark.parametrize(
    ("selector", "expected"),
    [
        (Selector(), [0, 1, 2, 3]),
        (Selector(disciplines=("structure",)), [3]),
        (Selector(disciplines=("arch*", "plumbing")), [0, 1]),
        (Selector(classes=("IfcFlowSegment",)), [1]),
        (Selector(classes=("ifcwall",)), [0]),
        (Selector(not_classes=("IfcBuildingElement",)), [1, 2]),
        (Selector(types=("砌体*",)), [0]),
        (Selector(names=("j1-?", "KZ*")), [1, 3]),
        (Selector(systems=("J1",)), [1]),
        (Selector(storeys=("1F",), models=("frame",)), [3]),
        (Selector(models=("no such",)), []),
        (Selector(storeys=(wide("1f"),)), [0, 3]),
        (Selector(names=("[jk]*",)), []),
    ],
    ids=range(13),
)
def test_selector_matches_by_each_of_its_fields(selector, expected):
    assert np.flatnonzero(select(PLACE, selector)).tolist() == expected


def test_classifications_match_by_their_parts():
    from dataclasses import replace

    from bimcore.elements import Coded

    one = model([Thing(is_a="IfcWall", body=box())])
    coded = replace(one.elements, classification=Coded.of(["Ss_25_10 | 14-10.20"]))
    place = Scene.of([replace(one, elements=coded)])

    assert select(place, Selector(classifications=("14-10*",))).tolist() == [True]


def test_default_matrix_tests_each_pair_of_disciplines_once():
    cells = [r.id for r in default_rules().rules if r.kind is RuleKind.HARD]

    assert len(cells) == len(set(cells)) == len(DISCIPLINES) * (len(DISCIPLINES) + 1) // 2
    assert [
        (r.id, r.kind.value, r.tolerance) for r in default_rules().rules if r.id not in cells
    ] == [
        ("duplicate.all", "duplicate", 0.005),
        ("clearance.utility-utility", "clearance", 0.15),
        ("clearance.utility-foundation", "clearance", 0.5),
    ]


def test_a_cell_takes_the_tolerance_of_the_looser_trade():
    tolerance = {r.id: r.tolerance for r in default_rules().rules}

    assert tolerance["hard.hvac-plumbing"] == 0.005
    assert tolerance["hard.structure-plumbing"] == 0.010
    assert tolerance["hard.architecture-site"] == 0.020


def test_masks_hold_bodies_only_and_each_pair_is_in_one_hard_rule():
    rules = RuleSet(rules=tuple(r for r in default_rules().rules if r.kind is RuleKind.HARD))

    left, right = rule_masks(PLACE, rules)

    tested = np.zeros((4, 4), dtype=int)
    for one, other in zip(left.astype(int), right.astype(int), strict=True):
        tested += np.clip(np.outer(one, other) + np.outer(other, one), 0, 1)
    assert tested.tolist() == [[1, 1, 0, 1], [1, 1, 0, 1], [0, 0, 0, 0], [1, 1, 0, 1]]


def test_what_no_rule_tests_is_said():
    assert untested_cells(default_rules(), PLACE) == (
        {
            "what": {
                "zh-CN": "地形地物 与任何构件的硬碰撞",
                "en": "Hard clashes of geographic element with anything",
            },
            "why": {"zh-CN": "规则不检查这些类别", "en": "No rule tests these classes"},
        },
    )


def test_an_empty_cell_is_said():
    rules = RuleSet(
        rules=(
            Rule(
                id="all but pipes",
                left=Selector(not_classes=("IfcFlowSegment",)),
                right=Selector(),
                kind=RuleKind.HARD,
                tolerance=0.01,
            ),
        )
    )
    place = scene(*(Thing(is_a=c, body=box()) for c in ("IfcWall", "IfcPipeSegment")))

    assert untested_cells(rules, place) == (
        {
            "what": {
                "zh-CN": "给排水 × 给排水 硬碰撞",
                "en": "Hard clashes of plumbing with plumbing",
            },
            "why": {"zh-CN": "规则矩阵中此格为空", "en": "The cell of the matrix is empty"},
        },
    )


def test_a_scene_without_bodies_has_nothing_untested():
    assert untested_cells(default_rules(), Scene.of([])) == ()


def test_empty_cells_of_selectors_are_said_once_and_the_rest_by_discipline():
    walls = Named(name="W", selector=Selector(classes=("IfcWall",)), titles={"zh-CN": "墙"})
    pipes = Named(name="P", selector=Selector(classes=("IfcPipeSegment",)))
    cell = Rule(
        id="w-p", left=walls.selector, right=pipes.selector, kind=RuleKind.HARD, tolerance=0.0
    )
    room = Rule(
        id="clearance.P x P",
        left=pipes.selector,
        right=pipes.selector,
        kind=RuleKind.CLEARANCE,
        tolerance=0.1,
    )
    rules = RuleSet(rules=(cell, room), axes=("W", "P"), selectors=(walls, pipes))
    place = scene(*(Thing(is_a=c, body=box()) for c in ("IfcWall", "IfcPipeSegment", "IfcColumn")))

    said = [(e["what"]["en"], e["why"]["en"]) for e in untested_cells(rules, place)]

    empty = "The cell of the matrix is empty"
    assert said == [
        ("Hard clashes of W with W", empty),
        ("Hard clashes of P with P", "The cell of the matrix has no hard rule"),
        ("Hard clashes of column with anything", "No rule tests these classes"),
    ]
    assert untested_cells(rules, place)[0]["what"]["zh-CN"] == "墙 × 墙 硬碰撞"


def test_an_empty_cell_that_other_rules_cover_is_tested():
    one = Named(name="1F", selector=Selector(storeys=("1F",)))
    rules = RuleSet(
        rules=(
            Rule(id="all", left=Selector(), right=Selector(), kind=RuleKind.HARD, tolerance=0.0),
        ),
        axes=("1F",),
        selectors=(one,),
    )
    place = scene(*(Thing(is_a="IfcWall", body=box(), storey="1F") for _ in range(2)))

    assert untested_cells(rules, place) == ()


def test_elements_of_one_class_inside_and_outside_a_selector_are_told_apart():
    ground = Named(name="1F", selector=Selector(storeys=("1F",)))
    rules = RuleSet(
        rules=(
            Rule(
                id="1F",
                left=ground.selector,
                right=ground.selector,
                kind=RuleKind.HARD,
                tolerance=0.0,
            ),
        ),
        axes=("1F",),
        selectors=(ground,),
    )
    place = scene(*(Thing(is_a="IfcWall", body=box(), storey=s) for s in ("1F", "1F", "2F")))

    assert [e["what"]["en"] for e in untested_cells(rules, place)] == [
        "Hard clashes of wall with anything"
    ]


def test_a_selector_that_finds_nothing_is_said():
    idle = Named(name="Z", selector=Selector(storeys=("99F",)))
    rules = RuleSet(rules=default_rules().rules, axes=default_rules().axes, selectors=(idle,))
    place = scene(Thing(is_a="IfcWall", body=box()))

    assert untested_cells(rules, place) == (
        {
            "what": {"zh-CN": "选择集“Z”", "en": 'The selector "Z"'},
            "why": {"zh-CN": "没有构件符合该选择集的条件", "en": "No body meets its conditions"},
        },
    )
