"""The header row of a table and what its columns are."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bimcore.formats.schedules.columns import field_of
from bimcore.formats.schedules.grids import HEADER_ROWS, Cell, Grid, text_of

_DATED = frozenset({"start", "finish", "duration", "span"})
_LONGEST = 40
_CLOCK = re.compile(r"\d{1,2}[:：]\d{2}([:：]\d{2})?")


@dataclass(frozen=True, slots=True)
class Header:
    """Where the table begins and what its columns are, all from 0.

    Attributes
    ----------
    first : int
        Row of the first task.
    columns : mapping
        Column of each field.
    keys : tuple of int
        Columns whose values may be what predecessors refer to, best first.
    others : mapping
        Header of each column that is no field.
    titles : mapping
        Header of every column.

    """

    first: int
    columns: Mapping[str, int]
    keys: tuple[int, ...]
    others: Mapping[int, str]
    titles: Mapping[int, str]


def find_header(grid: Grid) -> Header | None:
    """The best header row of `grid`, below whatever titles; None when there is none.

    A header of two rows, the upper one merged over several columns, counts as one.
    """
    best: Header | None = None
    for row in range(min(len(grid.rows), HEADER_ROWS)):
        for height in (1, 2):
            found = _header(grid, row, height)
            if found is not None and (best is None or _worth(found) > _worth(best)):
                best = found
    return best


def _worth(header: Header) -> int:
    return len(header.columns)


def _header(grid: Grid, row: int, height: int) -> Header | None:
    if row + height > len(grid.rows):
        return None
    titles = _titles(grid, row, height)
    ranked: dict[str, list[tuple[int, int]]] = {}
    for column, text in titles.items():
        known = field_of(text) if len(text) <= _LONGEST else None
        if known is not None:
            ranked.setdefault(known[0], []).append((known[1], column))
    if "name" not in ranked and "active" in ranked and not _says_yes_or_no(grid, row, ranked):
        ranked["name"] = ranked.pop("active")
    first = row + height
    columns = {name: _best(grid, first, found) for name, found in ranked.items()}
    if "name" not in columns or not _DATED & set(columns):
        return None
    keys = [c for _, c in sorted(ranked.get("id", []))]
    keys += [c for _, c in sorted(ranked.get("wbs", []))]
    used = set(columns.values())
    others = {c: text for c, text in titles.items() if c not in used and text}
    return Header(first, columns, tuple(keys), others, titles)


def _best(grid: Grid, first: int, found: Sequence[tuple[int, int]]) -> int:
    """The column of the best name, unless it holds times of day beside one of whole dates."""
    ordered = [column for _, column in sorted(found)]
    below = range(first, min(first + 5, len(grid.rows)))
    whole = (c for c in ordered if not any(_is_clock(cell(grid, r, c)) for r in below))
    return next(whole, ordered[0])


def _is_clock(content: Cell) -> bool:
    return isinstance(content, str) and _CLOCK.fullmatch(content.strip()) is not None


def _says_yes_or_no(grid: Grid, row: int, ranked: Mapping[str, list[tuple[int, int]]]) -> bool:
    column = ranked["active"][0][1]
    below = [text_of(cell(grid, r, column)) for r in range(row + 1, min(row + 6, len(grid.rows)))]
    return any(t.lower() in ("是", "否", "yes", "no", "true", "false", "1", "0") for t in below)


def _titles(grid: Grid, row: int, height: int) -> dict[int, str]:
    """Text of each column: of the lower row, else of the upper; of both where both say more."""
    width = max(len(grid.rows[r]) for r in range(row, row + height))
    lowest = row + height - 1
    told: dict[int, str] = {}
    for column in range(width):
        low = _title(shown(grid, lowest, column))
        if height == 1:
            told[column] = low
            continue
        high = _title(shown(grid, row, column))
        if low == high or not low or not high:
            told[column] = low or high
        elif field_of(high + low) is not None or _is_other(high):
            # 计划 above 开始 is the plan; 基线 above 开始 is not, and has no field.
            told[column] = high + low
        else:
            told[column] = low
    return told


def _is_other(group: str) -> bool:
    """Whether a group of columns is about something else than the plan itself."""
    return any(
        word in group.lower() for word in ("实际", "基线", "基准", "actual", "baseline", "偏差")
    )


def _title(content: Cell) -> str:
    return "".join(text_of(content).split("\n")) if isinstance(content, str) else ""


def cell(grid: Grid, row: int, column: int) -> Cell:
    """What stands in a cell; None beyond the edges."""
    line: Sequence[Cell] = grid.rows[row] if 0 <= row < len(grid.rows) else ()
    return line[column] if column < len(line) else None


def shown(grid: Grid, row: int, column: int) -> Cell:
    """What a cell shows, also when a merged range covers it."""
    at = grid.merged.get((row, column))
    return cell(grid, row, column) if at is None else cell(grid, *at)
