"""``yuyan rules``: write the rule matrix as a file, and check what people made of it."""

import argparse
import sys
from pathlib import Path

from api.commands.exits import OK, UNUSABLE
from bimcore.errors import InputError
from clash.matrix import default_rules
from clash.rulefile import dump_rules, load_rules
from clash.rules import RuleSet


def run(options: argparse.Namespace) -> int:
    """Write or check a rule file; returns the exit code."""
    try:
        if options.action == "check":
            _told(load_rules(options.file), options.file)
        else:
            rules = default_rules() if options.source is None else load_rules(options.source)
            _write(rules, options.file, language=options.language)
    except InputError as err:
        sys.stderr.write(f"{err}\n")
        return UNUSABLE
    except OSError as err:
        sys.stderr.write(f"{options.file}: cannot be written ({err.strerror}) 无法写入\n")
        return UNUSABLE
    return OK


def _write(rules: RuleSet, path: Path, *, language: str) -> None:
    match path.suffix.lower():
        case ".xlsx":
            from clash.sheetwriter import save_sheet

            save_sheet(rules, path, language=language)
        case ".toml":
            path.write_text(dump_rules(rules), encoding="utf-8")
        case _:
            message = f"{path.name}: rule files end in .toml or .xlsx 规则文件应为 .toml 或 .xlsx"
            raise InputError(message)
    sys.stdout.write(f"{path}\n")


def _told(rules: RuleSet, path: Path) -> None:
    sys.stdout.write(
        f"{path}: {len(rules.rules)} rules 条规则, {len(rules.axes)} rows in the matrix 行矩阵, "
        f"{len(rules.selectors)} selectors 个选择集, {len(rules.exclusions)} exclusions 条例外\n"
    )
