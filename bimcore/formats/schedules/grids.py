"""Tables of strangers as grids of cells, from CSV or a workbook."""

import csv
import io
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, time
from pathlib import Path
from typing import TypeAlias

from openpyxl.utils import get_column_letter

from bimcore.errors import FormatError
from bimcore.formats.schedules.codes import BROKEN, ENCODING, TOO_LARGE
from bimcore.formats.schedules.columns import field_of
from bimcore.formats.schedules.errors import ScheduleError
from bimcore.formats.schedules.places import at_line
from bimcore.formats.schedules.remarks import Remarks
from bimcore.formats.schedules.text import decoded_file
from bimcore.formats.workbook import Most, Odd, area, read_workbook

#: Nothing, a text, a number, or a date that the workbook itself knows as one.
Cell: TypeAlias = str | float | datetime | None

MOST = Most(size=128 << 20, unpacked=1 << 30, cells=6_000_000, rows=200_000, columns=4_000)
_DELIMITERS = (",", ";", "\t", "|", "，", "；")
_MOST_FIELD = 1 << 20
#: Rows from the top among which the header row is looked for.
HEADER_ROWS = 60


@dataclass(frozen=True, slots=True)
class Grid:
    """One sheet: rows of cells, all as long as the row has cells.

    `title` is empty for a text file. `merged` holds for a cell that is covered by a merged
    range the cell (row, column) that shows, all from 0. `unsolved` are cells of formulas
    without a stored result.
    """

    title: str
    rows: list[list[Cell]]
    merged: Mapping[tuple[int, int], tuple[int, int]] = field(default_factory=dict)
    unsolved: frozenset[tuple[int, int]] = frozenset()

    def place(self, row: int, column: int) -> str:
        """How people name a cell, with `row` and `column` from 0."""
        letter = get_column_letter(column + 1)
        if self.title:
            return f"{self.title}!{letter}{row + 1}"
        return f"row {row + 1}, column {column + 1} ({letter})"

    def row_place(self, row: int) -> str:
        """How people name a row."""
        return f"{self.title} row {row + 1}".strip()


def text_of(cell: Cell) -> str:
    """What a cell shows, on one line; whole numbers without a point."""
    if cell is None:
        return ""
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() else f"{cell:.10g}"
    if isinstance(cell, datetime):
        return cell.isoformat(sep=" ", timespec="minutes")
    return cell.strip()


def read_csv(path: Path, *, name: str, remarks: Remarks) -> list[Grid]:
    """The text table at `path`, whatever its encoding and delimiter."""
    content = decoded_file(path)
    if content.lost:
        remarks.note(
            ENCODING,
            place=name,
            declared=content.declared or "?",
            used=content.encoding,
            lost_zh=f"，{content.lost} 个字符无法识别",
            lost_en=f"; {content.lost} characters could not be read",
        )
    text = content.text.lstrip("\ufeff").replace("\0", "")
    first, _, rest = text.partition("\n")
    if first.strip().lower().startswith("sep=") and len(first.strip()) == 5:
        delimiter, text = first.strip()[4], rest
        skipped = 1
    else:
        delimiter, skipped = _delimiter(text), 0
    rows = _rows(text, delimiter, name)
    return [Grid("", [[]] * skipped + rows)]


def _delimiter(text: str) -> str:
    """The one under which the head of the table makes most sense."""
    head = "\n".join(text.split("\n", HEADER_ROWS)[:HEADER_ROWS])

    def score(delimiter: str) -> tuple[int, int]:
        try:
            rows = list(csv.reader(io.StringIO(head), delimiter=delimiter))
        except csv.Error:
            return 0, 0
        known = max(
            (sum(field_of(c) is not None for c in row if c.strip()) for row in rows), default=0
        )
        return known, max((len(row) for row in rows), default=0)

    return max(_DELIMITERS, key=score)


def _rows(text: str, delimiter: str, name: str) -> list[list[Cell]]:
    csv.field_size_limit(_MOST_FIELD)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    rows: list[list[Cell]] = []
    try:
        for row in reader:
            rows.append([c if c.strip() else None for c in row])
            if len(rows) > MOST.rows or len(row) > MOST.columns:
                why = {"why_zh": f"超过 {MOST.rows} 行或 {MOST.columns} 列"}
                why["why_en"] = f"more than {MOST.rows} rows or {MOST.columns} columns"
                raise ScheduleError.of(TOO_LARGE, name=name, **why)
    except csv.Error as err:
        why = {"why_zh": f"引号不配对（{err}）", "why_en": f"quotes do not match ({err})"}
        raise ScheduleError.of(BROKEN, name=name, place=at_line(reader.line_num), **why) from err
    return rows


def read_xlsx(path: Path, *, name: str) -> list[Grid]:
    """The sheets of the workbook at `path`, formulas by their last results."""
    try:
        sheets = read_workbook(path, most=MOST, results=True, indents=True)
    except FormatError as err:
        why = str(err).removeprefix(f"{path.name}: ")
        # Chinese comes last in the errors of files.
        zh = re.search("[\u4e00-\u9fff].*", why)
        en = why[: zh.start()].strip() if zh else why
        told = {"why_zh": zh[0] if zh else why, "why_en": en}
        raise ScheduleError.of(BROKEN, name=name, place="xlsx", **told) from err
    grids = []
    for sheet in sheets:
        height = max((row for row, _ in sheet.cells), default=0)
        rows: list[list[Cell]] = [[] for _ in range(height)]
        for (row, column), value in sorted(sheet.cells.items()):
            line = rows[row - 1]
            line.extend([None] * (column - len(line)))
            line[column - 1] = _cell(value)
        bare = frozenset((row - 1, column - 1) for row, column in sheet.unsolved)
        grids.append(Grid(sheet.title, rows, _covered(sheet.merged, height), bare))
    return grids


def _cell(value: object) -> Cell:
    if isinstance(value, Odd):
        # an error such as #REF! is kept, so that its cell can be named
        return _moment(value.text) if value.kind == "date" else value.text or None
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, int | float):
        return float(value)
    return str(value) if str(value).strip() else None


def _moment(text: str) -> Cell:
    try:
        return datetime.fromisoformat(text).replace(tzinfo=None, second=0, microsecond=0)
    except ValueError:
        pass
    try:
        return time.fromisoformat(text).isoformat(timespec="minutes")
    except ValueError:
        return text or None


def _covered(merged: tuple[str, ...], height: int) -> dict[tuple[int, int], tuple[int, int]]:
    """Cells under merged ranges; ranges as wide as a sheet are cut at what is used."""
    told: dict[tuple[int, int], tuple[int, int]] = {}
    for text in merged:
        try:
            left, top, right, bottom = area(text)
        except ValueError:
            continue
        for row in range(top, min(bottom, height) + 1):
            for column in range(left, min(right, left + 200) + 1):
                told[row - 1, column - 1] = top - 1, left - 1
            if len(told) > MOST.rows:
                return told
    return told
