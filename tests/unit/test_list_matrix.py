"""The rule matrix: who is tested against whom, what is not, and rule files."""

import numpy as np
import pytest

from bimcore.elements import DISCIPLINES
from bimcore.errors import RuleError
from bimcore.model import Scene
from clash.matrix import default_rules, dump_rules, load_rules, rule_masks, select, untested_cells
from clash.rules import Rule, RuleKind, RuleSet, Selector
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
    ],
    ids=lambda value: str(value)[:40],
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


def test_rules_come_back_from_their_file(tmp_path):
    path = tmp_path / "rules.toml"
    path.write_text(dump_rules(default_rules()), encoding="utf-8")

    assert load_rules(path) == default_rules()


def test_cells_of_the_matrix_are_read(tmp_path):
    path = tmp_path / "rules.toml"
    path.write_text(
        'name = "B3"\n[hard]\n"hvac x structure" = 12.5\n[clearance]\n"fire × electrical" = 100\n',
        encoding="utf-8",
    )

    rules = load_rules(path)

    assert rules.name == "B3"
    assert [(r.id, r.kind.value, r.tolerance) for r in rules.rules] == [
        ("hard.structure-hvac", "hard", 0.0125),
        ("clearance.fire-electrical", "clearance", 0.1),
    ]


FIELDS = (
    "disciplines, classes, not_classes, types, names, systems, storeys, classifications, models"
)
RIGHT_SIDE = (
    '[[rule]]\nid = "a"\n[rule.left]\ndisciplines = ["hvac"]\n[rule.right]\ndisciplines = ["fires"]'
)
RULE = '[[rule]]\nid = "a"\ntolerance_mm = 5\n[rule.left]\n[rule.right]\n'


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "r.toml, line 1: the file holds no rule"),
        (
            "colour = 1\n",
            'r.toml, line 1: "colour" is not known; known: name, rule, hard, clearance',
        ),
        ('[[rule]]\nkind = "hard"\n', "r.toml, line 1: a rule needs an id"),
        (
            RULE + '[[rule]]\nid = "b"\nkind = "soft"\n',
            'r.toml, line 8: kind "soft" is not one of hard, clearance, duplicate',
        ),
        (
            '[[rule]]\nid = "a"\ntolerance_mm = -1\n',
            "r.toml, line 3: -1 mm is not between 0 and 50000 mm",
        ),
        (
            '[[rule]]\nid = "a"\ntolerance_mm = "5"\n',
            "r.toml, line 3: a length in millimetres is a number, not '5'",
        ),
        (
            '[[rule]]\nid = "a"\n[rule.left]\ndisciplines = ["hvca"]\n',
            'r.toml, line 4: "hvca" is no discipline; known: ' + ", ".join(DISCIPLINES),
        ),
        (RULE + RULE, 'r.toml, line 7: the id "a" is used twice'),
        (
            '[hard]\n"structure" = 5\n',
            'r.toml, line 2: cell "structure" is not written as "left x right"',
        ),
        (
            '[[rule]]\nid = "a"\n[rule.left]\nclass = "IfcWall"\n',
            'r.toml, line 4: "class" is not known; known: ' + FIELDS,
        ),
        (
            RIGHT_SIDE,
            'r.toml, line 6: "fires" is no discipline; known: ' + ", ".join(DISCIPLINES),
        ),
        ("[hard]\nnan = nan\n", 'r.toml, line 2: cell "nan" is not written as "left x right"'),
        (
            '[hard]\n"hvac x hvac" = nan\n',
            "r.toml, line 2: nan mm is not between 0 and 50000 mm",
        ),
    ],
    ids=range(13),
)
def test_a_bad_rule_file_is_refused_with_line_and_reason(tmp_path, text, message):
    path = tmp_path / "r.toml"
    path.write_text(text, encoding="utf-8")

    with pytest.raises(RuleError) as caught:
        load_rules(path)

    assert str(caught.value) == message
    assert caught.value.code == "CLA500"


@pytest.mark.parametrize("data", [b"[[rule", b"\xff\xfe\x00"], ids=["toml", "bytes"])
def test_a_file_that_is_no_toml_is_refused(tmp_path, data):
    path = tmp_path / "r.toml"
    path.write_bytes(data)

    with pytest.raises(RuleError, match=r"^r\.toml: "):
        load_rules(path)
