"""``yuyan rules`` writes what it reads, and lists every fault of a bad file."""

import sys

import pytest

from api.cli import main
from clash.matrix import default_rules
from clash.rulefile import load_rules


@pytest.fixture(autouse=True)
def hook(monkeypatch):
    """The command sets its own for the whole process."""
    monkeypatch.setattr(sys, "excepthook", sys.excepthook)


@pytest.mark.parametrize("suffix", ["toml", "xlsx"])
def test_the_default_matrix_is_written_and_checked(tmp_path, capsys, suffix):
    path = tmp_path / f"rules.{suffix}"

    codes = main(["rules", "write", str(path)]), main(["rules", "check", str(path)])

    assert codes == (0, 0)
    assert load_rules(path) == default_rules()
    assert "48 rules" in capsys.readouterr().out


def test_a_matrix_goes_to_excel_and_back(tmp_path):
    first, sheet, second = (tmp_path / n for n in ("a.toml", "b.xlsx", "c.toml"))
    main(["rules", "write", str(first)])
    main(["rules", "write", str(sheet), "--from", str(first), "--language", "en"])

    main(["rules", "write", str(second), "--from", str(sheet)])

    assert second.read_bytes() == first.read_bytes()


def test_every_fault_is_a_line_and_the_code_is_2(tmp_path, capsys):
    path = tmp_path / "rules.toml"
    path.write_text('colour = 1\n[hard]\n"hvac x hvca" = 5\n', encoding="utf-8")

    code = main(["rules", "check", str(path)])

    lines = capsys.readouterr().err.splitlines()
    assert code == 2
    assert [line.split(":")[0] for line in lines] == ["rules.toml, line 1", "rules.toml, line 3"]


def test_other_formats_and_places_are_refused(tmp_path, capsys):
    codes = [main(["rules", "write", str(tmp_path / n)]) for n in ("a.csv", "none/a.toml")]

    said = capsys.readouterr().err.splitlines()
    assert codes == [2, 2]
    assert ["rule files end in .toml or .xlsx" in said[0], "cannot be written" in said[1]] == [
        True,
        True,
    ]
