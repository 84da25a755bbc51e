"""Excel workbooks of strangers read as plain cells, and ours written as the same bytes again."""

import io
import re
import warnings
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from pathlib import Path, PurePosixPath
from typing import TypeAlias
from xml.sax import SAXException
from xml.sax.handler import ContentHandler
from xml.sax.xmlreader import AttributesImpl

from defusedxml import DefusedXmlException, sax
from openpyxl import Workbook, load_workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.read_only import ReadOnlyCell
from openpyxl.utils import coordinate_to_tuple, get_column_letter, range_boundaries
from openpyxl.utils.exceptions import InvalidFileException

from bimcore.errors import FormatError
from bimcore.formats.characters import clean

_MOST_PARTS = 1_000
_MOST_DEPTH = 64
_MOST_INDENT = 50

CELL_CHARACTERS = 32_767  #: what a cell of Excel holds
_EPOCH = datetime(1980, 1, 1)  # noqa: DTZ001 openpyxl takes naive dates alone
_SAVED = re.compile(rb"(<dcterms:modified[^>]*>)[^<]*")
_DATES = (date, datetime, time, timedelta)
#: What openpyxl raises on parts that do not fit together.
_BROKEN = (
    ArithmeticError,
    AttributeError,
    EOFError,
    IndexError,
    InvalidFileException,
    KeyError,
    OSError,
    RuntimeError,
    SyntaxError,
    TypeError,
    ValueError,
    zipfile.BadZipFile,
    zlib.error,
)
Value: TypeAlias = str | int | float | bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Most:
    """What a workbook may hold; the defaults are those of one that people fill in."""

    size: int = 8 << 20
    unpacked: int = 48 << 20
    cells: int = 200_000
    rows: int = 5_000
    columns: int = 500


@dataclass(frozen=True, slots=True)
class Odd:
    """A cell that holds no plain value: ``formula``, ``error``, ``date`` or ``other``.

    `text` is what a date says, in ISO 8601, or an error, such as ``#REF!``.
    """

    kind: str
    text: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """One sheet as cells.

    Attributes
    ----------
    title : str
    cells : mapping
        Content by (row, column), both from 1; empty cells are left out.
    merged : tuple of str
        Merged ranges such as ``"B2:C3"``.
    unsolved : frozenset of (int, int)
        Cells of formulas whose result nobody stored, so that they read as empty.

    """

    title: str
    cells: Mapping[tuple[int, int], Value | Odd]
    merged: tuple[str, ...] = ()
    unsolved: frozenset[tuple[int, int]] = frozenset()

    def place(self, row: int, column: int) -> str:
        """How people name a cell: ``Sheet!B3``."""
        return f"{self.title}!{get_column_letter(column)}{row}"


def read_workbook(
    path: Path, *, most: Most | None = None, results: bool = False, indents: bool = False
) -> tuple[Sheet, ...]:
    """All sheets of the workbook at `path`.

    Nothing in it is run or followed: formulas, links, macros and pictures are not read; with
    `results` cells of formulas hold what Excel last computed, with `indents` texts that are
    shown indented begin with two blanks for each step. Its parts are looked through
    for size, depth and entities before they are taken.

    Raises
    ------
    FormatError
        When it is no workbook, is damaged, or holds more than people fill in.

    """
    try:
        most = most or Most()
        data = _bytes(path, most)
        found = _look_through(data, most)
        return _sheets(data, found, most, results=results, indents=indents)
    except _TooLarge as err:
        message = f"{path.name}: the workbook holds {err} 工作簿内容超过上限"
        raise FormatError(message) from err
    except DefusedXmlException as err:
        message = f"{path.name}: XML entities are not allowed 工作簿含有 XML 实体，不予读取"
        raise FormatError(message) from err
    except (*_BROKEN, SAXException) as err:
        message = (
            f"{path.name}: no readable .xlsx workbook ({str(err)[:100]}) "
            "不是可读的 .xlsx 工作簿，或已加密、损坏"
        )
        raise FormatError(message) from err


def _bytes(path: Path, most: Most) -> bytes:
    with path.open("rb") as file:
        data = file.read(most.size + 1)
    _limit(len(data), most.size, "bytes")
    return data


class _TooLarge(Exception):
    """The workbook holds more than people fill in."""


def _limit(count: int, most: int, what: str) -> None:
    if count > most:
        message = f"more than {most} {what}"
        raise _TooLarge(message)


@dataclass(slots=True)
class _Found:
    """What a look through the parts tells: size, merged ranges, bare formulas, sheet names."""

    most: Most
    cells: int = 0
    size: dict[str, tuple[int, int]] = field(default_factory=dict)
    merged: dict[str, list[str]] = field(default_factory=dict)
    unsolved: dict[str, set[tuple[int, int]]] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)
    targets: dict[str, str] = field(default_factory=dict)

    def part(self, title: str) -> str:
        """The part that holds the sheet of that title."""
        target = self.targets.get(self.names.get(title, ""), "")
        return target.lstrip("/") if target.startswith("/") else f"xl/{target}"


class _Scan(ContentHandler):
    """Counts cells and depth of one part, and notes merged ranges and formulas."""

    def __init__(self, part: str, found: _Found) -> None:
        super().__init__()
        self._part, self._found = part, found
        self._depth = self._row = self._column = 0
        self._formula = self._value = self._result = False

    def startElement(self, name: str, attrs: AttributesImpl) -> None:  # noqa: N802 - the port's name
        """One element begins."""
        self._depth += 1
        _limit(self._depth, _MOST_DEPTH, "XML levels")
        tag = name.rpartition(":")[2]
        if tag == "row":
            self._row, self._column = int(attrs.get("r") or self._row + 1), 0
        elif tag == "c":
            self._cell(attrs)
        elif tag in ("v", "is", "f"):
            self._formula |= tag == "f"
            self._value = tag == "v"
            rows, columns = self._found.size.get(self._part, (0, 0))
            self._found.size[self._part] = max(rows, self._row), max(columns, self._column)
        elif tag == "mergeCell":
            self._found.merged.setdefault(self._part, []).append(str(attrs.get("ref", "")))
        elif tag == "sheet":
            ids = [v for k, v in attrs.items() if k.endswith(":id")]
            self._found.names[str(attrs.get("name", ""))] = "".join(ids)
        elif tag == "Relationship" and self._part.endswith("workbook.xml.rels"):
            self._found.targets[str(attrs.get("Id", ""))] = str(attrs.get("Target", ""))

    def _cell(self, attrs: AttributesImpl) -> None:
        self._found.cells += 1
        _limit(self._found.cells, self._found.most.cells, "cells")
        self._column += 1
        if "r" in attrs.getNames():
            self._row, self._column = coordinate_to_tuple(str(attrs.getValue("r")))
        # the result of a formula may well be an empty text
        self._formula, self._result = False, attrs.get("t") == "str"

    def characters(self, content: str) -> None:
        """Text within an element."""
        self._result |= self._value and bool(content.strip())

    def endElement(self, name: str) -> None:  # noqa: N802 - the port's name
        """One element ends."""
        self._depth -= 1
        self._value = False
        if self._formula and not self._result and name.rpartition(":")[2] == "c":
            self._found.unsolved.setdefault(self._part, set()).add((self._row, self._column))


def _look_through(data: bytes, most: Most) -> _Found:
    found = _Found(most)
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        entries = archive.infolist()
        _limit(len(entries), _MOST_PARTS, "parts")
        # a part never yields more than it declares: the rest is not unpacked
        _limit(sum(e.file_size for e in entries), most.unpacked, "bytes unpacked")
        for entry in entries:
            _look_at(entry.filename, archive.read(entry), found)
    for rows, columns in found.size.values():
        _limit(rows, most.rows, "rows")
        _limit(columns, most.columns, "columns")
    return found


def _look_at(part: str, content: bytes, found: _Found) -> None:
    """Scan one part; a sheet may go by any name, so pictures are tried as well."""
    try:
        sax.parseString(content, _Scan(part, found), forbid_dtd=True)
    except SAXException:
        if PurePosixPath(part).suffix.lower() in {".xml", ".rels"}:
            raise


def _sheets(
    data: bytes, found: _Found, most: Most, *, results: bool, indents: bool
) -> tuple[Sheet, ...]:
    sheets = []
    with warnings.catch_warnings():
        # about styles and extensions that are not read anyway
        warnings.simplefilter("ignore")
        book = load_workbook(io.BytesIO(data), read_only=True, keep_links=False, data_only=results)
        for sheet in book.worksheets:
            part = found.part(sheet.title)
            rows, columns = found.size.get(part, (most.rows, most.columns))
            cells: dict[tuple[int, int], Value | Odd] = {}
            # what the sheet says of its size is not believed
            sheet.reset_dimensions()
            for row in sheet.iter_rows(max_row=rows, max_col=columns):
                for cell in row:
                    if cell.value is not None:
                        value = _plain(cell.value, cell.data_type)
                        if indents and isinstance(value, str):
                            value = _blanks(cell) + value
                        cells[cell.row, cell.column] = value
            merged = tuple(found.merged.get(part, ()))
            bare = frozenset(found.unsolved.get(part, ()))
            sheets.append(Sheet(title=sheet.title, cells=cells, merged=merged, unsolved=bare))
        book.close()
    return tuple(sheets)


def _blanks(cell: ReadOnlyCell) -> str:
    """Blanks for the indent of a text."""
    indent = cell.alignment.indent if cell.has_style else 0
    return " " * (2 * min(int(indent or 0), _MOST_INDENT))


def _plain(value: object, kind: str) -> Value | Odd:
    if kind == "f":
        return Odd("formula")
    if kind == "e":
        return Odd("error", str(value))
    if isinstance(value, _DATES):
        return Odd("date", value.isoformat() if isinstance(value, date | time) else str(value))
    return value if isinstance(value, str | int | float | bool) else Odd("other")


def area(merged: str) -> tuple[int, int, int, int]:
    """First column, first row, last column and last row of a range.

    Raises
    ------
    ValueError
        When it is none.

    """
    try:
        first, top, last, bottom = range_boundaries(merged)
    except (TypeError, AttributeError) as err:
        raise ValueError(merged) from err
    if None in (first, top, last, bottom):
        raise ValueError(merged)
    return int(first), int(top), int(last), int(bottom)


def text_cell(sheet: object, value: object) -> WriteOnlyCell:
    """A cell of a sheet that is being written; texts are never taken for formulas."""
    if not isinstance(value, str):
        return WriteOnlyCell(sheet, value=value)
    text = clean(value)
    if len(text) > CELL_CHARACTERS:
        text = text[: CELL_CHARACTERS - 1] + "…"
    cell = WriteOnlyCell(sheet, value=text)
    cell.data_type = "s"  # also where it begins with "="
    if text.startswith(("=", "+", "-", "@", "\t", "\r")):
        # Shown as if typed with a leading apostrophe, so that editing it runs nothing either.
        cell.quotePrefix = True
    return cell


def save_workbook(book: Workbook, path: Path) -> None:
    """Write `book` to `path`; the same content gives the same bytes."""
    book.properties.creator = "yuyan"
    book.properties.created = _EPOCH
    out = io.BytesIO()
    book.save(out)
    path.write_bytes(_undated(out.getvalue()))


def _undated(content: bytes) -> bytes:
    """The same workbook without the moment it was saved."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(out, "w") as new:
        for name in old.namelist():
            info = zipfile.ZipInfo(name, date_time=(1980, 1, 1, 0, 0, 0))
            info.create_system = 0
            info.compress_type = zipfile.ZIP_DEFLATED
            part = old.read(name)
            if name == "docProps/core.xml":
                part = _SAVED.sub(rb"\g<1>1980-01-01T00:00:00Z", part)
            new.writestr(info, part)
    return out.getvalue()
