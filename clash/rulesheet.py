"""Rule sheets: the workbook that people filled in, with the cell of every fault."""

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path

from bimcore.errors import FormatError, RuleError
from bimcore.formats.workbook import Odd, Sheet, area, read_workbook
from clash.conditions import fold
from clash.draft import (
    LISTED,
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
from clash.rules import SELECTOR_FIELDS, RuleSet
from clash.rulewords import (
    Wrong,
    class_checked,
    demands_of,
    discipline_of,
    gap_missing,
    number_of,
    short,
)
from clash.sheetwords import (
    EXCLUSION_COLUMNS,
    EXCLUSIONS,
    FORMER_WORDS,
    GUIDE,
    MATRIX,
    RULE_COLUMNS,
    RULES,
    SELECTOR_COLUMNS,
    SELECTORS,
    SHEETS,
)
from clash.texts import both


def load_sheet(path: Path) -> RuleSet:
    """The rule set of the workbook at `path`.

    Raises
    ------
    RuleError
        With all faults, one a line: sheet, cell and reason.

    """
    try:
        sheets = read_workbook(path)
    except FormatError as err:
        raise RuleError(str(err)) from err
    return assemble(_Reader(path.name).draft(sheets))


class _Reader:
    """Turns the sheets of a workbook into a draft."""

    def __init__(self, file: str) -> None:
        self._draft = Draft(file=file, start=f"{MATRIX}!A1")
        self._inline: dict[str, Conditions] = {}
        self._used: set[str] = set()

    def draft(self, sheets: Sequence[Sheet]) -> Draft:
        """All of the workbook."""
        known = self._roles(sheets)
        if MATRIX not in known and RULES not in known:
            there = ", ".join(short(s.title) for s in sheets)
            texts = both(
                f"找不到名称含“矩阵”或“Matrix”的表，现有：{there}",
                f'there is no sheet with "矩阵" or "Matrix" in its name; there are: {there}',
            )
            self._draft.fault(self._draft.start, texts)
        for role, sheet in known.items():
            if role != GUIDE:
                self._refuse_merged(sheet)
        for row in self._rows(known.get(SELECTORS), SELECTOR_COLUMNS):
            self._selector(row)
        if MATRIX in known:
            self._draft.start = known[MATRIX].place(1, 1)
            self._matrix(known[MATRIX])
        for row in self._rows(known.get(RULES), RULE_COLUMNS):
            self._rule(row)
        for row in self._rows(known.get(EXCLUSIONS), EXCLUSION_COLUMNS):
            self._exclusion(row)
        if GUIDE in known and (1, 2) in known[GUIDE].cells:
            self._draft.name = self._given(known[GUIDE], 1, 2)
        for name in sorted(set(self._inline) - self._used):
            texts = both(
                f"选择集“{short(name)}”含冒号，却不属于任何规则",
                f'the selector "{short(name)}" has a colon and belongs to no rule',
            )
            self._draft.fault(self._inline[name].place, texts)
        return self._draft

    def _roles(self, sheets: Sequence[Sheet]) -> dict[str, Sheet]:
        known: dict[str, Sheet] = {}
        for sheet in sheets:
            title = fold(sheet.title)
            role = next((r for r in SHEETS if any(fold(w) in title for w in r.split())), None)
            if role in known:
                texts = both(
                    f"与“{known[role].title}”表重复", f'the sheet "{known[role].title}" is there'
                )
                self._draft.fault(f"{sheet.title}!A1", texts)
            elif role is not None:
                known[role] = sheet
        return known

    def _refuse_merged(self, sheet: Sheet) -> None:
        for merged in sheet.merged:
            try:
                area(merged)
            except ValueError:
                continue
            texts = both("有合并单元格，请取消合并", "the cells are merged; unmerge them")
            self._draft.fault(f"{sheet.title}!{merged}", texts)

    def _given(self, sheet: Sheet, row: int, column: int) -> Given | None:
        """The content of a cell; numbers stay numbers, text loses its outer blanks."""
        value = sheet.cells.get((row, column))
        place = sheet.place(row, column)
        if isinstance(value, Odd):
            zh, en = {
                "formula": ("是公式，请改为数值或文字", "is a formula; write its value"),
                "error": ("是错误值", "holds an error"),
                "date": (
                    "被当作日期，请把格式设为文本后重写",
                    "is a date; set its format to text and write it again",
                ),
            }.get(value.kind, ("不是文字或数字", "is neither text nor number"))
            self._draft.fault(place, both(f"该格{zh}", f"the cell {en}"))
            return None
        if isinstance(value, str):
            value = value.strip()
        return None if value is None or value == "" else Given(value, place)

    def _rows(
        self, sheet: Sheet | None, columns: Mapping[str, tuple[str, int]]
    ) -> Iterator[tuple[Sheet, int, dict[str, Given]]]:
        """Rows of a list under its headings; empty rows are passed over."""
        if sheet is None:
            return
        words = {
            fold(word): key
            for key, (name, _) in columns.items()
            for label in (name, FORMER_WORDS.get(key, name))
            for word in (key, label, f"{label} {key}")
        }
        places: dict[int, str] = {}
        for column in sorted({c for r, c in sheet.cells if r == 1}):
            heading = self._given(sheet, 1, column)
            if heading is None:
                continue
            key = words.get(fold(" ".join(_text(heading.value).split())))
            if key is None or key in places.values():
                known = ", ".join(f"{label} {k}" for k, (label, _) in columns.items())
                texts = both(
                    f"没有“{short(_text(heading.value))}”这一列或已重复，可用：{known}",
                    f'the column "{short(_text(heading.value))}" is not known or is there twice; '
                    f"known: {known}",
                )
                self._draft.fault(heading.place, texts)
            else:
                places[column] = key
        for row in sorted({r for r, _ in sheet.cells if r > 1}):
            given: dict[str, Given] = {}
            for column in sorted({c for r, c in sheet.cells if r == row}):
                cell = self._given(sheet, row, column)
                if cell is not None and column in places:
                    given[places[column]] = cell
                elif cell is not None and (1, column) not in sheet.cells:
                    texts = both("该列没有标题", "the column has no heading")
                    self._draft.fault(cell.place, texts)
            if given:
                yield sheet, row, given

    def _selector(self, line: tuple[Sheet, int, dict[str, Given]]) -> None:
        sheet, row, given = line
        words = {k: _split(k, given[k]) for k in SELECTOR_FIELDS if k in given}
        for one in (g for k in ("classes", "not_classes") for g in words.get(k, [])):
            self._draft.attempt(partial(class_checked, str(one.value)), one.place)
        content = Conditions(sheet.place(row, 1), words)
        name = _as_text(given.get("name"), sheet.place(row, 1))
        if isinstance(name.value, str) and re.search(
            r":(left|right|elements|against)$", name.value
        ):
            self._inline[name.value] = content
            return
        titles = (_maybe(given.get("title")), _maybe(given.get("title_en")))
        self._draft.selectors.append(SelectorDraft(name=name, content=content, titles=titles))

    def _side(self, given: Mapping[str, Given], key: str, place: str) -> Side:
        if key not in given:
            label = {**RULE_COLUMNS, **EXCLUSION_COLUMNS}[key][0]
            texts = both(f"“{label}”是空的", f'"{label} {key}" is empty')
            self._draft.fault(place, texts)
            return Conditions(place, {})
        side = _as_text(given[key], place)
        name = str(side.value)
        if name in self._inline:
            self._used.add(name)
            return self._inline[name]
        return side

    def _rule(self, line: tuple[Sheet, int, dict[str, Given]]) -> None:
        sheet, row, given = line
        place = sheet.place(row, 1)
        length = given.get("tolerance_mm", Given(0, place))
        length = Given(number_of(length.value), length.place)
        kind = given.get("kind", Given("hard", place))
        if "tolerance_mm" not in given:
            self._draft.attempt(partial(gap_missing, kind.value), place)
        self._draft.rules.append(
            RuleDraft(
                id=_as_text(given.get("id"), place),
                kind=kind,
                length=length,
                left=self._side(given, "left", place),
                right=self._side(given, "right", place),
                titles=(_maybe(given.get("title")), _maybe(given.get("title_en"))),
            )
        )

    def _exclusion(self, line: tuple[Sheet, int, dict[str, Given]]) -> None:
        sheet, row, given = line
        place = sheet.place(row, 1)
        self._draft.exclusions.append(
            ExclusionDraft(
                id=_as_text(given.get("id"), place),
                declared_by=_as_text(given.get("declared_by"), place),
                elements=self._side(given, "elements", place),
                against=self._side(given, "against", place),
                reasons=(_maybe(given.get("reason")), _maybe(given.get("reason_en"))),
            )
        )

    def _matrix(self, sheet: Sheet) -> None:
        rows = self._headings(sheet, [(r, 1) for r, c in sorted(sheet.cells) if c == 1 and r > 1])
        columns = self._headings(
            sheet, [(1, c) for r, c in sorted(sheet.cells) if r == 1 and c > 1]
        )
        names = {_same(g): g for g in (*columns.values(), *rows.values())}
        order = dict.fromkeys([_same(g) for g in (*rows.values(), *columns.values())])
        self._draft.axes += [names[n] for n in order]
        seen: dict[frozenset[str], Given] = {}
        for row, column in sorted(sheet.cells):
            if row == 1 or column == 1:
                continue
            cell = self._given(sheet, row, column)
            if cell is None:
                continue
            if (row, 1) not in rows or (1, column) not in columns:
                texts = both(
                    "该格所在行或列没有标题；第一行和 A 列应为专业或选择集名称，上方不要另加表头",
                    "the row or column has no heading; row 1 and column A hold the names of "
                    "disciplines and selectors, with no title above",
                )
                self._draft.fault(cell.place, texts)
                continue
            left, right = rows[row, 1], columns[1, column]
            mirrored = seen.setdefault(frozenset((_same(left), _same(right))), cell)
            if mirrored is cell:
                self._draft.cells.append(CellDraft(left=left, right=right, text=cell))
            else:
                self._compare(mirrored, cell)

    def _compare(self, one: Given, other: Given) -> None:
        """Mirrored cells must ask the same."""
        try:
            alike = demands_of(_text(one.value)) == demands_of(_text(other.value))
        except Wrong:
            alike = one.value == other.value
        if not alike:
            texts = both(
                f"与对称格 {one.place} 不一致：“{short(_text(other.value))}”与“{short(_text(one.value))}”",
                f'contradicts its mirrored cell {one.place}: "{short(_text(other.value))}" and '
                f'"{short(_text(one.value))}"',
            )
            self._draft.fault(other.place, texts)

    def _headings(
        self, sheet: Sheet, places: Sequence[tuple[int, int]]
    ) -> dict[tuple[int, int], Given]:
        found: dict[tuple[int, int], Given] = {}
        seen: dict[str, Given] = {}
        for row, column in places:
            given = self._given(sheet, row, column)
            if given is None:
                continue
            heading = Given(_text(given.value), given.place)
            before = seen.setdefault(_same(heading), heading)
            if before is not heading:
                texts = both(
                    f"与 {before.place} 是同一标题", f"is the same heading as {before.place}"
                )
                self._draft.fault(heading.place, texts)
            found[row, column] = heading
        return found


def _same(heading: Given) -> str:
    """What makes two headings the same."""
    text = str(heading.value)
    return discipline_of(text) or fold(" ".join(text.split()))


def _text(value: object) -> str:
    """A cell as text: whole numbers without a point, as people typed them."""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def _as_text(given: Given | None, place: str) -> Given:
    return Given("", place) if given is None else Given(_text(given.value), given.place)


def _maybe(given: Given | None) -> Given | None:
    return None if given is None else Given(_text(given.value), given.place)


def _split(key: str, given: Given) -> list[Given]:
    """Words of a cell: one a line, and listed where words hold no commas."""
    pattern = r"[\r\n,;，；、]" if key in LISTED else r"[\r\n]"
    words = (w.strip() for w in re.split(pattern, _text(given.value)))
    return [Given(w, given.place) for w in words if w]
