"""Rule files: TOML with the line of every fault; Excel is left to its own module."""

import json
import re
import tomllib
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from bimcore.errors import RuleError
from clash.cells import millimetres_of, name_for, parted
from clash.draft import (
    CellDraft,
    Conditions,
    Draft,
    ExclusionDraft,
    Given,
    RuleDraft,
    SelectorDraft,
    Side,
    assemble,
)
from clash.rules import SELECTOR_FIELDS, RuleKind, RuleSet, Selector
from clash.rulewords import (
    class_checked,
    demands_text,
    gap_missing,
    millimetres,
    short,
    sides_of,
)
from clash.texts import both

_FILE_KEYS = ("name", "selectors", "matrix", "hard", "clearance", "duplicate", "rule", "exclusion")
_RULE_KEYS = ("id", "kind", "tolerance_mm", "title", "title_en", "left", "right")
_EXCLUSION_KEYS = ("id", "declared_by", "elements", "against", "reason", "reason_en")
_TITLE_KEYS = ("title", "title_en")
#: Bytes of a rule file; real ones have some kilobytes.
_MOST_BYTES = 1 << 20
#: A key as nearly all are written; the rest is left to the parser.
_PLAIN_KEY = re.compile(r"""(?:(?P<bare>[A-Za-z0-9_-]+)|"(?P<quoted>[^"\\]+)")\s*=""")
#: Signs of Chinese typing that look like those of TOML.
_WIDE = re.compile("[\u201c\u201d\u2018\u2019\uff02\uff07\uff1d\uff3b\uff3d\uff0c]")
_SYNTAX = re.compile(r"\s*\(at (?:line (\d+), column (\d+)|end of document)\)$")


def load_rules(path: Path) -> RuleSet:
    """The rule set in a TOML or Excel file.

    Raises
    ------
    RuleError
        With all faults of the file, one a line: file, line or cell, and reason.

    """
    if path.suffix.lower() in {".xlsx", ".xlsm"}:
        # opening workbooks takes a library that most reviews do not need
        from clash.rulesheet import load_sheet

        return load_sheet(path)
    return read_rules(_text(path), file=path.name)


def _text(path: Path) -> str:
    try:
        with path.open("rb") as file:
            data = file.read(_MOST_BYTES + 1)
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as err:
        message = (
            f"{path.name}: no UTF-8 text (byte {err.start}); save it as UTF-8 "
            "不是 UTF-8 编码的文本，请另存为 UTF-8"
        )
        raise RuleError(message) from err
    except OSError as err:
        message = f"{path.name}: the rule file cannot be read: {err} 无法读取规则文件"
        raise RuleError(message) from err
    if len(data) > _MOST_BYTES:
        message = f"{path.name}: larger than {_MOST_BYTES >> 20} MiB 文件过大"
        raise RuleError(message)
    return text


def read_rules(text: str, *, file: str) -> RuleSet:
    """The rule set written as TOML `text`; `file` names it in faults.

    Raises
    ------
    RuleError
        With all faults, one a line.

    """
    try:
        data = tomllib.loads(text)
    except RecursionError as err:
        message = f"{file}: not valid TOML: nested too deeply 嵌套过深"
        raise RuleError(message) from err
    except ValueError as err:
        found = _SYNTAX.search(str(err))
        line = found[1] if found and found[1] else str(text.count("\n") + 1)
        reason = _SYNTAX.sub("", str(err))
        zh, en = _hint(text, int(line), reason)
        message = f"{file}, line {line}: not valid TOML: {reason}{en} 不是有效的 TOML{zh}"
        raise RuleError(message) from err
    return assemble(_Reader(file, Lines(text)).draft(data))


def _hint(text: str, line: int, reason: str) -> tuple[str, str]:
    """What people most often got wrong there, in Chinese and English; empty when unknown."""
    if "overwrite" in reason or "twice" in reason:
        return "：同一项写了两次", "; the key is there twice"
    lines = text.split("\n")
    found = _WIDE.search(lines[line - 1]) if line <= len(lines) else None
    if found is None:
        return "", ""
    return (
        f"：“{found[0]}”是全角符号，应写半角",
        f'; "{found[0]}" is a full-width sign, type the plain one',
    )


class Lines:
    """Lines of the keys of a TOML text, by their path."""

    def __init__(self, text: str) -> None:
        self._line: dict[tuple[str | int, ...], int] = {}
        self._arrays: dict[tuple[str | int, ...], int] = {}
        table: tuple[str | int, ...] = ()
        quote = ""
        for number, line in enumerate(text.split("\n"), 1):
            begins_inside = bool(quote)
            quote = _open_quote(line, quote)
            plain = line.strip()
            if begins_inside or not plain or plain.startswith("#"):
                continue
            if plain.startswith("["):
                table = self._header(plain, number) or table
            else:
                key = _key_of(plain)
                if key:
                    self._line.setdefault((*table, *key), number)

    def _header(self, plain: str, number: int) -> tuple[str | int, ...] | None:
        path = _path_in(plain)
        if path is None:
            return None
        place: tuple[str | int, ...] = ()
        for part in path:
            place = (*place, part)
            if place in self._arrays and place[: len(path)] != path:
                place = (*place, self._arrays[place])
        plain_place = place[:-1] if isinstance(place[-1], int) else place
        if plain.startswith("[["):
            self._arrays[plain_place] = self._arrays.get(plain_place, -1) + 1
            place = (*plain_place, self._arrays[plain_place])
        self._line.setdefault(place, number)
        return place

    def of(self, *path: str | int) -> str:
        """The line of a key, else of the nearest table it is in."""
        while path and path not in self._line:
            path = path[:-1]
        return f"line {self._line.get(path, 1)}"


def _open_quote(line: str, quote: str) -> str:
    """The mark of the text of several lines that is open after `line`."""
    marks = re.findall(r'"""|\'\'\'', line)
    for mark in marks:
        if not quote:
            quote = mark
        elif quote == mark:
            quote = ""
    return quote


def _path_in(toml: str) -> tuple[str, ...] | None:
    """The keys that one header or assignment leads through; None when it is neither."""
    try:
        value: Any = tomllib.loads(toml)
    except (ValueError, RecursionError):
        return None
    path: list[str] = []
    while isinstance(value, dict) and len(value) == 1:
        path.append(next(iter(value)))
        value = value[path[-1]]
        value = value[0] if isinstance(value, list) and value else value
    return tuple(path) or None


def _key_of(line: str) -> tuple[str, ...] | None:
    """The keys before the ``=`` of a line; an ``=`` may also stand in a quoted key."""
    plain = _PLAIN_KEY.match(line)
    if plain:
        return (plain["bare"] or plain["quoted"],)
    for count, match in enumerate(re.finditer("=", line[:1000])):
        path = _path_in(f"{line[: match.start()]}= 0")
        if path or count > 10:
            return path
    return None


class _Reader:
    """Turns parsed TOML into a draft."""

    def __init__(self, file: str, lines: Lines) -> None:
        self._lines = lines
        self._draft = Draft(file=file, start="line 1")

    def draft(self, data: Mapping[str, Any]) -> Draft:
        """All of the file."""
        self._known(data, _FILE_KEYS)
        if "name" in data:
            self._draft.name = Given(data["name"], self._lines.of("name"))
        for name, table in self._table(data, "selectors").items():
            self._selector(name, table)
        self._matrix(self._table(data, "matrix"))
        for kind in RuleKind:
            for key, value in self._table(data, kind.value).items():
                self._cell(Given(key, self._lines.of(kind.value, key)), value, kind)
        for number, table in enumerate(self._tables(data, "rule")):
            self._rule(table, ("rule", number))
        for number, table in enumerate(self._tables(data, "exclusion")):
            self._exclusion(table, ("exclusion", number))
        return self._draft

    def _known(self, table: Mapping[str, Any], keys: Sequence[str], *path: str | int) -> None:
        for key in table:
            if key not in keys:
                known = ", ".join(keys)
                texts = both(
                    f"没有“{short(key)}”这一项，可用：{known}",
                    f'"{short(key)}" is not known; known: {known}',
                )
                self._draft.fault(self._lines.of(*path, key), texts)

    def _table(self, data: Mapping[str, Any], key: str) -> Mapping[str, Any]:
        value = data.get(key, {})
        if isinstance(value, dict):
            return value
        texts = both(f"[{key}] 应为一张表", f"[{key}] is a table")
        self._draft.fault(self._lines.of(key), texts)
        return {}

    def _tables(self, data: Mapping[str, Any], key: str) -> list[Mapping[str, Any]]:
        value = data.get(key, [])
        if isinstance(value, list) and all(isinstance(t, dict) for t in value):
            return value
        texts = both(f"应写成 [[{key}]]", f"these are written as [[{key}]] tables")
        self._draft.fault(self._lines.of(key), texts)
        return []

    def _selector(self, name: str, table: object) -> None:
        place = self._lines.of("selectors", name)
        if not isinstance(table, dict):
            texts = both("选择集应为一张条件表", "a selector is a table of conditions")
            self._draft.fault(place, texts)
            return
        content = {k: v for k, v in table.items() if k not in _TITLE_KEYS}
        self._draft.selectors.append(
            SelectorDraft(
                name=Given(name, place),
                content=self._conditions(content, "selectors", name),
                titles=self._pair(table, _TITLE_KEYS, "selectors", name),
            )
        )

    def _conditions(self, table: Mapping[str, Any], *path: str | int) -> Conditions:
        words: dict[str, list[Given]] = {}
        for key, value in table.items():
            several = value if isinstance(value, list) else [value]
            words[key] = [Given(v, self._lines.of(*path, key)) for v in several]
        for one in (g for k in ("classes", "not_classes") for g in words.get(k, [])):
            self._draft.attempt(partial(class_checked, str(one.value)), one.place)
        return Conditions(self._lines.of(*path), words)

    def _pair(
        self, table: Mapping[str, Any], keys: Sequence[str], *path: str | int
    ) -> tuple[Given | None, Given | None]:
        zh, en = (Given(table[k], self._lines.of(*path, k)) if k in table else None for k in keys)
        return zh, en

    def _matrix(self, table: Mapping[str, Any]) -> None:
        axes = table.get("axes", [])
        place = self._lines.of("matrix", "axes")
        if not isinstance(axes, list):
            texts = both("axes 应为名称列表", "axes is a list of names")
            self._draft.fault(place, texts)
            axes = []
        self._draft.axes += [Given(a, place) for a in axes]
        for key, value in table.items():
            if key != "axes":
                self._cell(Given(key, self._lines.of("matrix", key)), value, None)

    def _cell(self, key: Given, value: object, kind: RuleKind | None) -> None:
        sides = self._draft.attempt(lambda: sides_of(str(key.value)), key.place)
        if sides is not None:
            left, right = (Given(s, key.place) for s in sides)
            text = Given(value, key.place)
            self._draft.cells.append(CellDraft(left=left, right=right, text=text, kind=kind))

    def _side(self, table: Mapping[str, Any], key: str, *path: str | int) -> Side:
        value = table.get(key, {})
        if isinstance(value, dict):
            return self._conditions(value, *path, key)
        return Given(value, self._lines.of(*path, key))

    def _given(self, table: Mapping[str, Any], key: str, default: object, *path: Any) -> Given:
        return Given(table.get(key, default), self._lines.of(*path, key))

    def _rule(self, table: Mapping[str, Any], path: tuple[str, int]) -> None:
        self._known(table, _RULE_KEYS, *path)
        kind = self._given(table, "kind", "hard", *path)
        length = self._given(table, "tolerance_mm", 0, *path)
        if "tolerance_mm" not in table:
            self._draft.attempt(partial(gap_missing, kind.value), self._lines.of(*path))
        self._draft.rules.append(
            RuleDraft(
                id=self._given(table, "id", "", *path),
                kind=kind,
                length=length,
                left=self._side(table, "left", *path),
                right=self._side(table, "right", *path),
                titles=self._pair(table, _TITLE_KEYS, *path),
            )
        )

    def _exclusion(self, table: Mapping[str, Any], path: tuple[str, int]) -> None:
        self._known(table, _EXCLUSION_KEYS, *path)
        for side in ("elements", "against"):
            if side not in table:
                texts = both(f"缺少 {side}", f'"{side}" is missing')
                self._draft.fault(self._lines.of(*path), texts)
        self._draft.exclusions.append(
            ExclusionDraft(
                id=self._given(table, "id", "", *path),
                declared_by=self._given(table, "declared_by", "", *path),
                elements=self._side(table, "elements", *path),
                against=self._side(table, "against", *path),
                reasons=self._pair(table, ("reason", "reason_en"), *path),
            )
        )


def dump_rules(rules: RuleSet) -> str:
    """The rule set as TOML that :func:`load_rules` reads back to the same rules."""
    cells, rest = parted(rules)
    lines = [f"name = {_quoted(rules.name)}"]
    for named in rules.selectors:
        lines += ["", f"[selectors.{_quoted(named.name)}]", *_titles(named.titles, named.name)]
        lines += _conditions(named.selector)
    if rules.axes:
        lines += ["", "[matrix]", f"axes = [{', '.join(_quoted(a) for a in rules.axes)}]"]
    for (left, right), demands in cells.items():
        lines.append(f"{_quoted(f'{left} x {right}')} = {_quoted(demands_text(demands))}")
    for rule in rest:
        lines += [
            "",
            "[[rule]]",
            f"id = {_quoted(rule.id)}",
            f'kind = "{rule.kind.value}"',
            f"tolerance_mm = {millimetres(millimetres_of(rule))}",
            *_titles(rule.titles, rule.id),
            *_sides(rules, "rule", (("left", rule.left), ("right", rule.right))),
        ]
    for one in rules.exclusions:
        reasons = (one.reasons.get("zh-CN", one.id), one.reasons.get("en", one.id))
        lines += [
            "",
            "[[exclusion]]",
            f"id = {_quoted(one.id)}",
            f"declared_by = {_quoted(one.declared_by)}",
            f"reason = {_quoted(reasons[0])}",
            f"reason_en = {_quoted(reasons[1])}",
            *_sides(rules, "exclusion", (("elements", one.elements), ("against", one.against))),
        ]
    return "\n".join(lines) + "\n"


def _titles(titles: Mapping[str, str], fallback: str) -> list[str]:
    return [
        f"title = {_quoted(titles.get('zh-CN', fallback))}",
        f"title_en = {_quoted(titles.get('en', fallback))}",
    ]


def _sides(rules: RuleSet, table: str, sides: Sequence[tuple[str, Selector]]) -> list[str]:
    """Both sides: names first, then tables, as TOML wants it."""
    names = [(key, name_for(s, rules.selectors)) for key, s in sides]
    lines = [f"{key} = {_quoted(name)}" for key, name in names if name is not None]
    for (key, selector), (_, name) in zip(sides, names, strict=True):
        if name is None:
            lines += [f"[{table}.{key}]", *_conditions(selector)]
    return lines


def _conditions(selector: Selector) -> list[str]:
    return [
        f"{key} = [{', '.join(_quoted(w) for w in words)}]"
        for key in SELECTOR_FIELDS
        if (words := getattr(selector, key))
    ]


def _quoted(text: str) -> str:
    """A TOML basic string; JSON escapes are a subset of TOML's."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
