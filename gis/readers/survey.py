"""Tables of a pipe survey from CSV files and Excel workbooks."""

import codecs
import csv
import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from bimcore.errors import FormatError
from bimcore.formats.workbook import Most, Odd, read_workbook
from gis import layer_codes as codes
from gis.errors import LayerError
from gis.survey_tables import Sheet
from gis.transfer import Features
from gis.utilities import survey

#: A survey of a district is larger than what people fill in by hand.
_MOST = Most(size=64 << 20, unpacked=1 << 30, cells=6_000_000, rows=400_000, columns=200)


def load() -> tuple[type[Exception], ...]:
    """Load nothing more; what the CSV reader raises about data."""
    return (csv.Error,)


def read(item: dict[str, Any]) -> Iterator[Features]:
    """The lines of the survey, and its points as a layer of their own."""
    sheets: list[Sheet] = []
    for title, path in item["parts"]:
        file = Path(path)
        sheets += _workbook(file) if file.suffix == ".xlsx" else [_csv(title, file)]
    yield from survey(sheets)


def _workbook(path: Path) -> list[Sheet]:
    try:
        found = read_workbook(path, most=_MOST)
    except FormatError as err:
        en, _, zh = str(err).partition(") ")
        raise LayerError(codes.UNREADABLE, why_zh=zh or en, why_en=str(err)) from err
    sheets = []
    for sheet in found:
        high = max((r for r, _ in sheet.cells), default=0)
        wide = max((c for _, c in sheet.cells), default=0)
        rows: list[list[Any]] = [[None] * wide for _ in range(high)]
        for (row, column), value in sheet.cells.items():
            # A formula is not computed, so its cell counts as empty.
            rows[row - 1][column - 1] = None if isinstance(value, Odd) else value
        sheets.append(Sheet(title=sheet.title, rows=rows))
    return sheets


def _csv(title: str, path: Path) -> Sheet:
    data = path.read_bytes()
    text = _text(data)
    first = text.lstrip("\n").partition("\n")[0]
    delimiter = max(",;\t", key=first.count)
    rows = [
        [cell.strip() or None for cell in row]
        for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    ]
    return Sheet(title=title, rows=rows)


def _text(data: bytes) -> str:
    """The text of a table: by its mark, else UTF-8, else GBK."""
    for mark, name in (
        (codecs.BOM_UTF8, "utf-8-sig"),
        (codecs.BOM_UTF16_LE, "utf-16"),
        (codecs.BOM_UTF16_BE, "utf-16"),
    ):
        if data.startswith(mark):
            return data.decode(name)
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return data.decode("gb18030")
