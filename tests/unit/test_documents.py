"""Generated documents are current, and every code and command is written down."""

import re
from pathlib import Path

from api.cli import parser
from api.documents import all_codes, documents

ROOT = Path(__file__).parents[2]


def test_generated_documents_are_current():
    stale = [
        str(path.relative_to(ROOT))
        for path, text in documents().items()
        if not path.exists() or path.read_text(encoding="utf-8") != text
    ]

    assert stale == []


def test_every_code_speaks_both_languages_and_says_what_to_do():
    mute = [
        code.code
        for code in all_codes().values()
        if not all((code.zh, code.en, code.remedy_zh, code.remedy_en))
        or not re.search(r"[\u4e00-\u9fff]", code.zh + code.remedy_zh)
    ]

    assert mute == []


def test_both_languages_of_a_code_fill_in_the_same_kind_of_data():
    field = re.compile(r"{(\w+)")

    def named(text):
        return {re.sub(r"_(zh|en)$", "", name) for name in field.findall(text)}

    uneven = [c.code for c in all_codes().values() if named(c.zh) != named(c.en)]

    assert uneven == []


def test_every_command_is_in_the_readme():
    actions = next(a for a in parser()._actions if a.dest == "command")
    text = (ROOT / "README.md").read_text(encoding="utf-8")

    assert [name for name in actions.choices if f"yuyan {name}" not in text] == []


def test_every_room_of_the_architecture_stands_in_the_tree():
    text = (ROOT / "docs/architecture.md").read_text(encoding="utf-8")
    rooms = []
    for row in re.findall(r"^\| (`.*?) \|", text, re.MULTILINE):
        for cell in re.findall(r"`([^`]+)`", row):
            first, *others = cell.split(", ")
            package = first.rpartition(".")[0]
            rooms += [first, *(f"{package}.{name}" for name in others)]
    patterns = {r: r.replace(".", "/").replace("NN", "[0-9][0-9]") for r in rooms}

    assert len(rooms) > 100
    assert [r for r, p in patterns.items() if not any((*ROOT.glob(f"{p}.py"), *ROOT.glob(p)))] == []
