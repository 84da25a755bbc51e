"""A review as an Excel workbook for those who work in lists."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from openpyxl import Workbook
from openpyxl.styles import Alignment, Font

from bimcore.formats.entries import Entry, rows_of, text_of
from bimcore.formats.words import KINDS, STATUSES, level, word
from bimcore.formats.workbook import save_workbook, text_cell

_ISSUES = (
    ("序号 No.", 7),
    ("严重程度 Severity", 9),
    ("等级 Level", 12),
    ("状态 Status", 14),
    ("类别 Kind", 12),
    ("标题", 48),
    ("Title", 48),
    ("楼层 Storey", 14),
    ("负责人 Assigned to", 18),
    ("建议", 40),
    ("Suggestion", 40),
    ("X (m)", 12),
    ("Y (m)", 12),
    ("Z (m)", 12),
    ("规则 Rule", 26),
    ("构件数 Elements", 9),
    ("ID", 38),
)
_ELEMENTS = (
    ("问题 Issue No.", 9),
    ("侧 Side", 6),
    ("模型 Model", 26),
    ("GlobalId", 25),
    ("类 Class", 24),
    ("名称 Name", 44),
    ("类型 Type", 34),
    ("楼层 Storey", 14),
    ("系统 System", 20),
)
_FINDINGS = (
    ("严重程度 Severity", 9),
    ("代码 Code", 10),
    ("模型 Model", 26),
    ("内容", 60),
    ("Finding", 60),
    ("处理", 44),
    ("Remedy", 44),
    ("GlobalId", 60),
)
_NOT_ASSESSED = (("未检查", 44), ("原因", 44), ("Not assessed", 44), ("Why", 44))


def write_xlsx(path: Path, document: Mapping[str, object]) -> None:
    """Write the workbook of ``review.json`` to `path`; same document, same bytes.

    Texts that a spreadsheet would take for a formula are stored as text.
    """
    book = Workbook(write_only=True)
    issues = rows_of(document, "issues")
    _sheet(book, "问题 Issues", _ISSUES, map(_issue, range(1, len(issues) + 1), issues))
    _sheet(book, "构件 Elements", _ELEMENTS, _elements(issues))
    _sheet(book, "数据检查 Findings", _FINDINGS, map(_finding, rows_of(document, "findings")))
    missing = (
        [text_of(e.get(k)) for k in ("what", "why", "what_en", "why_en")]
        for e in rows_of(document, "not_assessed")
    )
    _sheet(book, "未检查 Not assessed", _NOT_ASSESSED, missing)
    save_workbook(book, path)


def _sheet(
    book: Workbook,
    title: str,
    columns: Sequence[tuple[str, int]],
    rows: Iterable[Sequence[object]],
) -> None:
    sheet = book.create_sheet(title)
    sheet.freeze_panes = "A2"
    for i, (_, width) in enumerate(columns):
        sheet.column_dimensions[chr(ord("A") + i)].width = width
    heads = [text_cell(sheet, name) for name, _ in columns]
    for head in heads:
        head.font = Font(bold=True)
        head.alignment = Alignment(wrap_text=True, vertical="top")
    sheet.append(heads)
    count = 1
    for row in rows:
        sheet.append([text_cell(sheet, value) for value in row])
        count += 1
    sheet.auto_filter.ref = f"A1:{chr(ord('A') + len(columns) - 1)}{count}"


def _issue(number: int, entry: Entry) -> list[object]:
    severity = entry.get("severity")
    points = entry.get("point")
    xyz: list[object] = list(points) if isinstance(points, list | tuple) else [None, None, None]
    return [
        number,
        severity,
        " ".join(level(severity)[1]) if isinstance(severity, int) else "",
        " ".join(word(STATUSES, text_of(entry.get("status")))),
        " ".join(word(KINDS, text_of(entry.get("kind")))),
        text_of(entry.get("title")),
        text_of(entry.get("title_en")),
        text_of(entry.get("storey")),
        text_of(entry.get("assigned_to")),
        text_of(entry.get("suggestion")),
        text_of(entry.get("suggestion_en")),
        *(round(v, 4) if isinstance(v, int | float) else None for v in xyz[:3]),
        text_of(entry.get("rule")),
        len(rows_of(entry, "elements")),
        text_of(entry.get("id")),
    ]


def _elements(issues: Sequence[Entry]) -> Iterator[list[object]]:
    keys = ("model", "guid", "ifc_class", "name", "type", "storey", "system")
    for number, issue in enumerate(issues, start=1):
        for entry in rows_of(issue, "elements"):
            side = text_of(entry.get("side")).upper()
            yield [number, side, *(text_of(entry.get(k)) for k in keys)]


def _finding(entry: Entry) -> list[object]:
    guids = entry.get("elements")
    return [
        entry.get("severity"),
        *(text_of(entry.get(k)) for k in ("code", "model", "message", "message_en")),
        *(text_of(entry.get(k)) for k in ("remedy", "remedy_en")),
        " ".join(text_of(g) for g in guids) if isinstance(guids, list | tuple) else "",
    ]
