"""Rule files in TOML: what they can say, and the line and reason of every fault."""

import re
from pathlib import Path

import pytest
from ifcopenshell import ifcopenshell_wrapper

from bimcore.elements import DISCIPLINES
from bimcore.errors import RuleError
from clash.ifcnames import CLASSES
from clash.matrix import default_rules
from clash.rulefile import Lines, dump_rules, load_rules, read_rules
from clash.rules import Exclusion, RuleKind, Selector

KNOWN = ", ".join(DISCIPLINES)
FULL = """
name = "B3"

[selectors."承重墙"]
title = "承重墙体"
title_en = "bearing walls"
classes = "IfcWall"
properties = ["Pset_WallCommon.LoadBearing = 是", "not *.FireRating = EI30 | EI60"]

[selectors.shafts]
storeys = ["B1", "1F"]

[matrix]
axes = ["structure", "承重墙", "给排水"]
"structure x 给排水" = "hard 5; clearance 50"
"承重墙 × plumbing" = 12.5
"shafts x shafts" = "duplicate 2"

[hard]
"plumbing x plumbing" = 1

[[rule]]
id = "room"
kind = "净距"
tolerance_mm = 80
left = "shafts"
right = { disciplines = ["暖通"], models = ["MEP*"] }

[[exclusion]]
id = "sleeves"
declared_by = "给排水"
elements = { names = ["套管*"] }
against = "承重墙"
reason = "套管由土建预埋"
"""


def test_a_full_file_is_read():
    rules = read_rules(FULL, file="r.toml")

    assert (rules.name, rules.axes) == ("B3", ("structure", "承重墙", "plumbing", "shafts"))
    assert [(r.id, r.kind.value, r.tolerance) for r in rules.rules] == [
        ("hard.structure-plumbing", "hard", 0.005),
        ("clearance.structure-plumbing", "clearance", 0.05),
        ("hard.承重墙 x plumbing", "hard", 0.0125),
        ("hard.plumbing-plumbing", "hard", 0.001),
        ("duplicate.shafts x shafts", "duplicate", 0.002),
        ("room", "clearance", 0.08),
    ]
    assert rules.rules[2].left == Selector(
        classes=("IfcWall",),
        properties=("Pset_WallCommon.LoadBearing = 是", "not *.FireRating = EI30 | EI60"),
    )
    assert rules.rules[2].titles == {
        "zh-CN": "承重墙体与给排水碰撞",
        "en": "bearing walls against plumbing",
    }
    assert rules.rules[5].left == Selector(storeys=("B1", "1F"))
    assert rules.rules[5].right == Selector(disciplines=("hvac",), models=("MEP*",))
    assert rules.exclusions == (
        Exclusion(
            id="sleeves",
            declared_by="plumbing",
            elements=Selector(names=("套管*",)),
            against=rules.rules[2].left,
            reasons={"zh-CN": "套管由土建预埋", "en": "套管由土建预埋"},
        ),
    )


def test_rules_come_back_from_their_file(tmp_path):
    for rules in (default_rules(), read_rules(FULL, file="r.toml")):
        path = tmp_path / "rules.toml"
        path.write_text(dump_rules(rules), encoding="utf-8")

        assert load_rules(path) == rules


def test_cells_of_the_matrix_are_read():
    text = 'name = "B3"\n[hard]\n"hvac x structure" = 12.5\n[clearance]\n"fire × electrical" = 100'

    rules = read_rules(text, file="r.toml")

    assert [(r.id, r.kind.value, r.tolerance) for r in rules.rules] == [
        ("hard.structure-hvac", "hard", 0.0125),
        ("clearance.fire-electrical", "clearance", 0.1),
    ]


FIELDS = (
    "disciplines, classes, not_classes, types, names, systems, storeys, classifications, "
    "models, properties"
)
RULE = '[[rule]]\nid = "a"\ntolerance_mm = 5\n[rule.left]\n[rule.right]\n'


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "line 1: the file holds no rule"),
        (
            "# note\ncolour = 1\n",
            'line 2: "colour" is not known; known: name, selectors, matrix, hard, ',
        ),
        ('[[rule]]\nkind = "hard"\n', "line 1: the id is missing"),
        (
            RULE + '[[rule]]\nid = "b"\nkind = "soft"\n',
            'line 8: kind "soft" is not one of hard, clearance, duplicate',
        ),
        (
            '[[rule]]\nid = "a"\ntolerance_mm = -1\n',
            "line 3: -1 mm is not between 0 and 50000 mm",
        ),
        (
            '[[rule]]\nid = "a"\ntolerance_mm = "5"\n',
            "line 3: a length in millimetres is a number, not '5'",
        ),
        (
            '[[rule]]\nid = "a"\n[rule.left]\ndisciplines = ["hvca"]\n',
            f'line 4: "hvca" is no discipline; known: {KNOWN}',
        ),
        (
            RULE + '[[rule]]\nid = "b"\n[rule.right]\ndisciplines = ["fires"]',
            f'line 9: "fires" is no discipline; known: {KNOWN}',
        ),
        (RULE + RULE, 'line 7: the id "a" is used twice'),
        ('[hard]\n"structure" = 5\n', 'line 2: cell "structure" is not written as "left x right"'),
        (
            '[[rule]]\nid = "a"\n[rule.left]\nclass = "IfcWall"\n',
            f'line 4: "class" is not known; known: {FIELDS}',
        ),
        ('[hard]\n"hvac x hvac" = nan\n', "line 2: nan mm is not between 0 and 50000 mm"),
        (
            '[matrix]\n"hvac x walls" = "hard 5"\n',
            f'line 2: "walls" is no discipline and no selector of the file; known: {KNOWN}',
        ),
        (
            '[matrix]\n"hvac x hvac" = "soft 5"\n',
            'line 2: kind "soft" is not one of hard, clearance, duplicate',
        ),
        (
            '[matrix]\n"hvac x hvac" = "hard five"\n',
            'line 2: "hard five" is not understood; write "hard 5", "clearance 50" or ',
        ),
        (
            '[matrix]\n"hvac x fire" = "hard 5"\n"fire x hvac" = "hard 6"\n',
            "line 3: contradicts line 2: the same cell asks otherwise there",
        ),
        (
            RULE + '[selectors.hvac]\nclasses = "IfcWall"\n',
            'line 6: "hvac" is a discipline; call the selector otherwise',
        ),
        (RULE + '[selectors.a]\nclasses = ["Wall"]\n', 'line 7: "Wall" is no IFC class'),
        (
            RULE + '[selectors.a]\nproperties = ["FireRating"]\n',
            'line 7: condition "FireRating": a condition is written as Set.Property = value',
        ),
        (
            RULE + '[selectors.a]\nproperties = ["P.x > high"]\n',
            'line 7: condition "P.x > high": > compares with one number',
        ),
        (
            RULE + '[[exclusion]]\nid = "e"\ndeclared_by = "hvac"\nelements = "fire"\n'
            'reason = "so"\n',
            'line 6: "against" is missing',
        ),
        (
            RULE + '[[exclusion]]\nid = "e"\ndeclared_by = "M"\nelements = {}\nagainst = {}\n',
            "line 7: the reason is missing",
        ),
        (
            RULE + '[selectors.a]\nnames = ["a\\nb"]\n',
            'line 7: a word of "names" holds line breaks',
        ),
        ("[[rule", "line 1: not valid TOML: Expected ']]' at the end of an array declaration"),
        ("a = 1\n\nb = = 2\n", "line 3: not valid TOML: Invalid value"),
    ],
    ids=range(25),
)
def test_a_bad_rule_file_is_refused_with_line_and_reason(text, message):
    with pytest.raises(RuleError) as caught:
        read_rules(text, file="r.toml")

    said = str(caught.value)
    assert said.startswith(f"r.toml, {message}")
    assert len(said.splitlines()) == 1
    assert caught.value.code == "CLA500"


def test_all_faults_of_a_file_are_told_at_once_in_both_languages():
    text = 'colour = 1\n[hard]\n"hvac x hvca" = 5\n[[rule]]\nid = "a"\ntolerance_mm = true\n'

    with pytest.raises(RuleError) as caught:
        read_rules(text, file="r.toml")

    lines = str(caught.value).splitlines()
    assert [line.split(":")[0] for line in lines] == [
        "r.toml, line 1",
        "r.toml, line 3",
        "r.toml, line 6",
    ]
    assert all(any("一" <= c <= "鿿" for c in line) for line in lines)


def test_more_faults_than_can_be_read_are_counted():
    text = "".join(f"k{i} = 1\n" for i in range(130))

    with pytest.raises(RuleError) as caught:
        read_rules(text, file="r.toml")

    lines = str(caught.value).splitlines()
    assert (len(lines), lines[-1]) == (101, "... 30 more 另有 30 处")


def test_more_rules_than_a_review_can_carry_are_refused():
    text = "".join(f'[[rule]]\nid = "{i}"\n' for i in range(1001))

    with pytest.raises(RuleError, match="1001 rules, at most 1000 are possible"):
        read_rules(text, file="r.toml")


@pytest.mark.parametrize(("field", "most"), [("names", 1000), ("properties", 50)])
def test_more_words_than_a_selector_can_carry_are_refused(field, most):
    words = ", ".join('"P.x"' for _ in range(most + 1))

    with pytest.raises(RuleError, match=f'line 7: "{field}" has {most + 1} words'):
        read_rules(f"{RULE}[selectors.a]\n{field} = [{words}]\n", file="r.toml")


@pytest.mark.parametrize(
    "data",
    [b"\xff\xfe\x00", b"a = " + b"[" * 100_000, b"#" * (2 << 20), b"a = " + b"9" * 10_000],
    ids=["bytes", "nested", "large", "digits"],
)
def test_a_file_that_is_no_toml_is_refused(tmp_path, data):
    path = tmp_path / "r.toml"
    path.write_bytes(data)

    with pytest.raises(RuleError, match=r"^r\.toml"):
        load_rules(path)


def test_a_file_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(RuleError, match=r"none\.toml: the rule file cannot be read"):
        load_rules(tmp_path / "none.toml")


def test_lines_are_found_by_path():
    lines = Lines(
        'a = """\nb = 1\n"""\n[[rule]]\nid = 1 # = 2\nleft.x = 3\n[[rule]]\n[rule.left]\n'
        '"a = b" = [\n  1,\n]\n[matrix]\n"c x d" = 1\n'
    )

    paths = [
        ("b",),
        ("rule", 0, "id"),
        ("rule", 0, "left", "x"),
        ("rule", 1, "left"),
        ("rule", 1, "left", "a = b"),
        ("rule", 1, "right"),
        ("matrix", "c x d"),
    ]
    assert [lines.of(*p) for p in paths] == [f"line {n}" for n in (1, 5, 6, 8, 9, 7, 13)]


def test_kinds_of_both_languages_and_full_width_characters_are_read():
    five = "".join(chr(ord(c) + 0xFEE0) for c in "5mm")
    cell = f"硬碰撞\u3000{five}；净距 50毫米"
    text = f'[matrix]\n"暖通 x 结构" = "{cell}"\n"fire x fire" = "—"\n'

    rules = read_rules(text, file="r.toml")

    assert [(r.id, r.kind, r.tolerance) for r in rules.rules] == [
        ("hard.structure-hvac", RuleKind.HARD, 0.005),
        ("clearance.structure-hvac", RuleKind.CLEARANCE, 0.05),
    ]
    assert rules.axes == ("structure", "hvac", "fire")


def test_the_examples_of_the_manual_are_a_rule_file():
    manual = (Path(__file__).parents[2] / "docs" / "rules.md").read_text(encoding="utf-8")

    rules = read_rules("".join(re.findall(r"```toml\n(.*?)```", manual, re.S)), file="rules.md")

    assert [r.id for r in rules.rules] == [
        "hard.structure-plumbing",
        "clearance.structure-plumbing",
        "hard.防火墙 x plumbing",
        "hard.shafts x shafts",
        "pipes-over-boards",
    ]
    assert [e.id for e in rules.exclusions] == ["sleeves"]


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ('[matrix]\n"a x b" = \u201c5\u201d\n', "：“\u201c”是全角符号，应写半角"),
        ("name = 1\nname = 2\n", "：同一项写了两次"),
    ],
)
def test_what_is_no_toml_is_told_with_what_people_get_wrong(text, hint):
    with pytest.raises(RuleError) as caught:
        read_rules(text, file="r.toml")

    assert str(caught.value).endswith(hint)


def test_a_file_of_another_encoding_is_told_to_be_saved_anew(tmp_path):
    path = tmp_path / "r.toml"
    path.write_bytes('name = "规则"\n'.encode("gb18030"))

    with pytest.raises(RuleError, match="另存为 UTF-8"):
        load_rules(path)


def test_classes_are_those_of_the_schemas():
    found = set()
    for name in ("IFC2X3", "IFC4", "IFC4X3_ADD2"):
        for one in ifcopenshell_wrapper.schema_by_name(name).declarations():
            up, entity = [], one.as_entity()
            while entity:
                up.append(entity.name())
                entity = entity.supertype()
            found |= set(up) if "IfcProduct" in up else set()

    assert found == CLASSES


def test_a_class_that_no_schema_has_is_refused_with_its_line():
    with pytest.raises(RuleError) as caught:
        read_rules(f'{RULE}[selectors.a]\nclasses = ["IfcPipeSegmnt"]\n', file="r.toml")

    assert "line 7" in str(caught.value)
    assert "是否指 IfcPipeSegment？" in str(caught.value)
