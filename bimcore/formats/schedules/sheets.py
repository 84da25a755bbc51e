"""Sheets of a table file, and those that hold its plan."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from bimcore.formats.schedules.codes import BAD_VALUE, NO_HEADER, NO_TASKS, NOT_READ
from bimcore.formats.schedules.columns import plain
from bimcore.formats.schedules.dates import ends_of, is_blank, written
from bimcore.formats.schedules.errors import ScheduleError
from bimcore.formats.schedules.grids import Cell, Grid, text_of
from bimcore.formats.schedules.headers import Header, cell, find_header
from bimcore.formats.schedules.remarks import Remarks

#: Begin and end of a task, which may share a column.
ENDS = ("start", "finish")
#: Rows below a plan that are no tasks of it.
_FOOT = re.compile(
    r"(合计|总计|小计|total|sum|说明|备注)$|(说明|备注|注|编制|编制人|审核|审批|审核人)[:：]"
)

#: Buildings and parts that sheets are called by.
_PLACE = re.compile(
    r"(?:\d{1,2}|[A-Za-z]|[一二三四五六七八九十]{1,2})\s*(?:#|号|栋|座|幢|区|段|期|标段|单元)|裙[房楼]|地下室|"
    r"(?<![A-Za-z])(?:tower|building|bldg|block|zone|area|section|T)\s*[-_]?(?:\d{1,2}|[A-Za-z])(?![A-Za-z\d])|podium",
    re.IGNORECASE,
)
#: Headers that mean a storey as often as a level of the outline.
_EITHER = frozenset({"level", "ebene", "niveau"})
#: Headers of names that are milestones.
_MARKS = re.compile(r"\s*(里程碑|(工期|控制|关键|进度)*节点|控制点|milestone)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Table:
    """One sheet with its header, and the rows of it that are tasks."""

    grid: Grid
    header: Header
    rows: tuple[int, ...]

    def cell(self, row: int, field: str) -> Cell:
        """What the row says of a field; None where there is no such column."""
        column = self.header.columns.get(field)
        if column is None and field in ENDS and "span" in self.header.columns:
            return self._end(row, field)
        return None if column is None else cell(self.grid, row, column)

    def _end(self, row: int, field: str) -> Cell:
        """Begin or end out of a column that holds both; the whole cell where it does not."""
        content = cell(self.grid, row, self.header.columns["span"])
        found = ends_of(content) if isinstance(content, str) else None
        if found is None:
            return content if field == "start" else None
        return found[ENDS.index(field)]

    def text(self, row: int, field: str) -> str:
        """As text."""
        return text_of(self.cell(row, field))

    def place(self, row: int, field: str) -> str:
        """Where that cell is, for people."""
        return self.grid.place(row, self._column(field))

    def title(self, field: str) -> str:
        """The header of a field."""
        return self.header.titles[self._column(field)]

    @property
    def of_dates(self) -> bool:
        """Whether the sheet lists milestones: nothing but names and their dates."""
        known = self.header.columns
        bare = {"start", "duration", "span"}.isdisjoint(known)
        return bare and _MARKS.match(self.title("name")) is not None

    def _column(self, field: str) -> int:
        columns = self.header.columns
        return columns[field] if field in columns else columns["span"]


def plan_sheets(grids: Sequence[Grid], name: str, remarks: Remarks) -> list[Table]:
    """The sheets that hold the plan, in their order.

    Raises
    ------
    ScheduleError
        SCH614 without a header row, SCH608 without a task below one.

    """
    found = []
    for grid in grids:
        header = find_header(grid)
        if header is not None:
            table = Table(grid, header, tuple(_task_rows(grid, header, remarks)))
            found.append(_with_storeys(table))
    if not found:
        seen = next((r for g in grids for r in g.rows if any(c is not None for c in r)), [])
        texts = ", ".join(text_of(c)[:20] for c in seen[:12] if c is not None)
        raise ScheduleError.of(
            NO_HEADER, name=name, seen_zh=f"第一行：{texts}", seen_en=f"First row: {texts}"
        )
    found = [t for t in found if t.rows]
    if not found:
        raise ScheduleError.of(NO_TASKS, name=name)
    best = max(found, key=lambda t: (len(t.header.columns) >= 4, len(t.rows)))
    found = [t for t in found if t is best or _is_further(t, best, remarks)]
    for table in found:
        _say_unsolved(table, remarks)
    return found


def _is_further(table: Table, best: Table, remarks: Remarks) -> bool:
    """Whether a sheet holds tasks that the main one has not."""
    place, main = _place_of(table), _place_of(best)
    if place and main and place != main:
        return True
    known = {best.text(r, "name") for r in best.rows}
    again = sum(table.text(r, "name") in known for r in table.rows)
    if 2 * again <= len(table.rows):
        return True
    remarks.note(
        NOT_READ,
        place=table.grid.title,
        what_zh=f"工作表与“{best.grid.title}”的任务重复，未读取",
        what_en=f'the sheet repeats the tasks of "{best.grid.title}" and was not read',
    )
    return False


def _with_storeys(table: Table) -> Table:
    """The table with a column "Level" of storeys as one of its own, not as its outline."""
    column = table.header.columns.get("level")
    if column is None or plain(table.title("level")) not in _EITHER:
        return table
    if _is_outline([table.text(r, "level") for r in table.rows]):
        return table
    header = table.header
    columns = {field: c for field, c in header.columns.items() if field != "level"}
    others = dict(sorted({**header.others, column: header.titles[column]}.items()))
    return replace(table, header=replace(header, columns=columns, others=others))


def _is_outline(texts: Sequence[str]) -> bool:
    """Whether levels of rows nest: they begin at the top and go down by one at a time.

    Storeys from the first one up do so too, but with several rows on each before the next.
    """
    if not texts or not all(t.isdecimal() for t in texts) or int(texts[0]) > 1:
        return False
    levels = [int(t) for t in texts]
    if any(b > a + 1 for a, b in pairwise(levels)):
        return False
    rising = all(a <= b for a, b in pairwise(levels))
    several = all(levels.count(n) > 1 for n in set(levels))
    return not (rising and several and len(set(levels)) > 1)


def _place_of(table: Table) -> str:
    """The building or part that a sheet is called by: "2#" of "2#楼进度"; empty for none."""
    found = _PLACE.search(table.grid.title)
    return "".join(found.group().lower().split()) if found else ""


def _task_rows(grid: Grid, header: Header, remarks: Remarks) -> Iterator[int]:
    column = header.columns["name"]
    title = header.titles[column]
    for row in range(header.first, len(grid.rows)):
        name = text_of(cell(grid, row, column))
        if not name:
            dated = [c for f in (*ENDS, "span") if (c := header.columns.get(f)) is not None]
            covered = (row, column) in grid.merged
            if not covered and any(_says_when(cell(grid, row, c)) for c in dated):
                remarks.note(BAD_VALUE, place=grid.place(row, column), field=title, value="")
            continue
        if name == title or _is_total(name):
            continue
        active = header.columns.get("active")
        if active is not None and text_of(cell(grid, row, active)).lower() in ("否", "no", "false"):
            remarks.note(
                NOT_READ,
                place=grid.row_place(row),
                alike="inactive",
                what_zh=f"任务“{name}”为非活动状态，未读取",
                what_en=f'task "{name}" is inactive and was not read',
            )
            continue
        yield row


def _says_when(content: Cell) -> bool:
    """Whether a cell holds a date, unlike one for signatures at the foot."""
    if is_blank(content):
        return False
    found = ends_of(content) if isinstance(content, str) else None
    return found is not None or written(content) is not None


def _say_unsolved(table: Table, remarks: Remarks) -> None:
    """Name the formulas below the header whose results nobody stored."""
    bare = [(r, c) for r, c in sorted(table.grid.unsolved) if r >= table.header.first]
    bare = [(r, c) for r, c in bare if c in table.header.columns.values()]
    if bare:
        remarks.note(
            NOT_READ,
            place=table.grid.place(*bare[0]),
            what_zh=f"表中 {len(bare)} 个公式没有存储结果，未读取；请用 Excel 或 WPS 打开并保存后再上传",
            what_en=f"{len(bare)} formulas of the sheet have no stored result and were not read; "
            "open the file in Excel, save it and upload again",
        )


def _is_total(name: str) -> bool:
    """Whether a row is a sum or a note at the foot of the sheet."""
    return _FOOT.match(re.sub(r"\s", "", name).lower()) is not None
