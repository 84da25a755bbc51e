"""Rule sets written as an Excel workbook that people fill in."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from openpyxl import Workbook
from openpyxl.styles import Alignment, Font, PatternFill

from bimcore.errors import RuleError
from bimcore.formats.workbook import CELL_CHARACTERS, Value, save_workbook, text_cell
from clash.cells import millimetres_of, name_for, parted
from clash.rules import SELECTOR_FIELDS, RuleSet, Selector
from clash.rulewords import KIND_LABELS, demands_text, discipline_heading
from clash.sheetwords import (
    EXCLUSION_COLUMNS,
    EXCLUSIONS,
    GUIDE,
    GUIDE_LINES,
    MATRIX,
    RULE_COLUMNS,
    RULES,
    SELECTOR_COLUMNS,
    SELECTORS,
)
from clash.texts import DISCIPLINE_LABELS


def save_sheet(rules: RuleSet, path: Path, *, language: str = "zh-CN") -> None:
    """Write `rules` as a workbook that :func:`~clash.rulesheet.load_sheet` reads back to the same rules.

    Raises
    ------
    RuleError
        When a selector has more words than a cell of Excel holds.

    """
    cells, rest = parted(rules)
    book = Workbook(write_only=True)
    _write_matrix(book, rules, {k: demands_text(d, language=language) for k, d in cells.items()})
    selectors: list[tuple[str, Mapping[str, str], Selector]] = [
        (n.name, {"zh-CN": n.name, "en": n.name, **n.titles}, n.selector) for n in rules.selectors
    ]
    lines: list[list[Value]] = []
    for rule in rest:
        sides = _sides(rules, rule.id, (("left", rule.left), ("right", rule.right)), selectors)
        titles = {"zh-CN": rule.id, "en": rule.id, **rule.titles}
        kind, mm = KIND_LABELS[rule.kind][language], millimetres_of(rule)
        lines.append([rule.id, kind, mm, *sides, titles["zh-CN"], titles["en"]])
    declared: list[list[Value]] = []
    for one in rules.exclusions:
        pair = (("elements", one.elements), ("against", one.against))
        sides = _sides(rules, one.id, pair, selectors)
        reasons = {"zh-CN": one.id, "en": one.id, **one.reasons}
        party = one.declared_by
        if party in DISCIPLINE_LABELS:
            party = discipline_heading(party)
        declared.append([one.id, party, *sides, reasons["zh-CN"], reasons["en"]])
    listed = [_selector_line(*s) for s in selectors]
    _write_list(book, SELECTORS, SELECTOR_COLUMNS, listed)
    _write_list(book, RULES, RULE_COLUMNS, lines)
    _write_list(book, EXCLUSIONS, EXCLUSION_COLUMNS, declared)
    _write_guide(book, rules)
    save_workbook(book, path)


def _sides(
    rules: RuleSet,
    owner: str,
    sides: Sequence[tuple[str, Selector]],
    selectors: list[tuple[str, Mapping[str, str], Selector]],
) -> list[str]:
    """Names of both sides; a selector without a name gets one and is added to `selectors`."""
    names = []
    for key, selector in sides:
        name = name_for(selector, rules.selectors)
        if name is None:
            name = f"{owner}:{key}"
            selectors.append((name, {"zh-CN": "", "en": ""}, selector))
        names.append(name)
    return names


def _selector_line(name: str, titles: Mapping[str, str], selector: Selector) -> list[Value]:
    words = ["\n".join(getattr(selector, f)) for f in SELECTOR_FIELDS]
    if any(len(w) > CELL_CHARACTERS for w in words):
        message = f"{name}: more words than a cell of Excel holds 选择集内容超过单元格容量"
        raise RuleError(message)
    return [name, titles["zh-CN"], titles["en"], *words]


_BOLD = Font(bold=True)
_GREY = PatternFill("solid", fgColor="DDDDDD")
_WRAPPED = Alignment(wrap_text=True, vertical="top")


def _write_matrix(book: Workbook, rules: RuleSet, cells: Mapping[tuple[str, str], str]) -> None:
    sheet = book.create_sheet(MATRIX)
    sheet.freeze_panes = "B2"
    sheet.column_dimensions["A"].width = 24
    shown = [discipline_heading(a) if a in DISCIPLINE_LABELS else a for a in rules.axes]
    heads = [text_cell(sheet, t) for t in ("毫米 mm", *shown)]
    for head in heads:
        head.font, head.alignment = _BOLD, _WRAPPED
    sheet.append(heads)
    for i, left in enumerate(rules.axes):
        head = text_cell(sheet, shown[i])
        head.font = _BOLD
        row = [head]
        for j, right in enumerate(rules.axes):
            cell = text_cell(sheet, cells.get((left, right)))
            if j < i:  # the mirrored half: one of two cells is enough
                cell.fill = _GREY
            row.append(cell)
        sheet.append(row)


def _write_list(
    book: Workbook,
    title: str,
    columns: Mapping[str, tuple[str, int]],
    lines: Sequence[Sequence[Value]],
) -> None:
    sheet = book.create_sheet(title)
    sheet.freeze_panes = "A2"
    for i, (_, width) in enumerate(columns.values()):
        sheet.column_dimensions[chr(ord("A") + i)].width = width
    heads = [text_cell(sheet, f"{label} {key}") for key, (label, _) in columns.items()]
    for head in heads:
        head.font, head.alignment = _BOLD, _WRAPPED
    sheet.append(heads)
    for line in lines:
        cells = [text_cell(sheet, value if value != "" else None) for value in line]
        for cell in cells:
            cell.alignment = _WRAPPED
            cell.number_format = "@" if isinstance(cell.value, str) else "General"
        sheet.append(cells)


def _write_guide(book: Workbook, rules: RuleSet) -> None:
    sheet = book.create_sheet(GUIDE)
    for letter, width in (("A", 60), ("B", 60)):
        sheet.column_dimensions[letter].width = width
    disciplines = ", ".join(discipline_heading(d) for d in DISCIPLINE_LABELS)
    known = ("可用专业：" + disciplines, "Disciplines: " + disciplines)
    texts = [(line["zh-CN"], line["en"]) for line in GUIDE_LINES]
    for line in (("名称 Name", rules.name), *texts, known):
        cells = [text_cell(sheet, text) for text in line]
        for cell in cells:
            cell.alignment = _WRAPPED
        sheet.append(cells)
