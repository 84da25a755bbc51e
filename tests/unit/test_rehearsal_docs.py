"""Every rule that is on has its section in the manual."""

from pathlib import Path

from clash.rehearsal.rules import cards


def test_every_rule_has_a_section_with_its_number_and_names():
    text = Path("docs/rehearsal.md").read_text(encoding="utf-8")

    assert [c.id for c in cards() if f"## {c.id} " not in text] == []
