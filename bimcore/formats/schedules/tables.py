"""Plans in CSV files and Excel workbooks."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from pathlib import Path

from bimcore.calendars import WorkTime
from bimcore.formats.schedules.amounts import Scale, unit_of
from bimcore.formats.schedules.assumed import Assumed, Spell, assumed
from bimcore.formats.schedules.blanks import filled_down
from bimcore.formats.schedules.codes import (
    ASSUMED_CALENDAR,
    BAD_VALUE,
    DATE_ORDER,
    REVERSED,
)
from bimcore.formats.schedules.dates import (
    Written,
    day_of,
    is_blank,
    name_of,
    order_of,
    written,
)
from bimcore.formats.schedules.grids import Cell, read_csv, read_xlsx, text_of
from bimcore.formats.schedules.headers import cell
from bimcore.formats.schedules.levels import by_levels, levels_of
from bimcore.formats.schedules.outline import with_headings
from bimcore.formats.schedules.remarks import Remarks
from bimcore.formats.schedules.sheets import ENDS, Table, plan_sheets
from bimcore.formats.schedules.table_fields import CALENDAR_DAYS, Fields, unit_of_header
from bimcore.formats.schedules.table_links import Keys, linked
from bimcore.schedule import Constraint, Link, Schedule, Task, TaskKind

_YEAR = re.compile(r"(20\d\d)")
_HAN = re.compile("[\u4e00-\u9fff]")
_DATED = ("start", "finish", "actual_start", "actual_finish", "deadline", "constraint_date")
#: A cell longer than this is no date.
_LONGEST_DATE = 60
_NOON, _AFTERNOON = 720, 780  #: minutes from midnight
_MONTH = {7: 30.0, 6: 26.0, 5: 20.0}


def read(path: Path, *, name: str) -> Schedule:
    """The plan in the table at `path`.

    Every sheet with a header row is read, except those that repeat tasks of another. Dates
    without times are the begin and the end of that working day. The calendar is the week
    that explains most durations.

    Raises
    ------
    ScheduleError
        When there is no header row or no task below it.

    """
    remarks = Remarks(name)
    with path.open("rb") as file:
        is_book = file.read(2) == b"PK"
    grids = read_xlsx(path, name=name) if is_book else read_csv(path, name=name, remarks=remarks)
    tables = plan_sheets(grids, name, remarks)
    plan = _Plan.of(tables, name, remarks)
    tasks: list[Task] = []
    links: list[Link] = []
    work: set[int] = set()
    for table in tables:
        work |= {len(tasks) + k for k, row in enumerate(table.rows) if _says_amount(table, row)}
        rows, found = plan.tasks_of(table, first=len(tasks), several=len(tables) > 1)
        tasks += filled_down(rows)
        links += found
    whole = with_headings(_own_ids(tasks), links, start=None, work=work)
    return Schedule(
        name=name,
        source="",
        format="xlsx" if is_book else "csv",
        tasks=whole,
        links=tuple(links),
        calendars=(plan.week.calendar,),
        calendar=plan.week.calendar.id,
        start=min((d for t in whole for d in (t.start, t.finish) if d), default=None),
        minutes_per_day=plan.scale.day,
        findings=remarks.findings(),
    )


def _says_amount(table: Table, row: int) -> bool:
    """Whether a row says when or for how long it is worked on, be it legible or not."""
    if any(not is_blank(table.cell(row, f)) for f in ENDS):
        return True
    return not is_blank(table.cell(row, "duration")) and table.text(row, "duration")[:1] != "0"


def _own_ids(tasks: Sequence[Task]) -> tuple[Task, ...]:
    """Tasks of several sheets under ids of their own."""
    seen: set[str] = set()
    told = []
    for row, task in enumerate(tasks):
        known = task.id
        if known in seen:
            known = f"{task.codes.get('工作表', '')}:{task.id}"
        if known in seen:
            known = f"{known}#{row + 1}"
        seen.add(known)
        told.append(replace(task, id=known))
    return tuple(told)


@dataclass(slots=True)
class _Plan:
    """What all sheets of a table share: order of dates, calendar, scale."""

    remarks: Remarks
    order: str
    week: Assumed
    work: WorkTime
    scale: Scale
    year: int | None

    @classmethod
    def of(cls, tables: Sequence[Table], name: str, remarks: Remarks) -> "_Plan":
        chinese = any(_HAN.search(t) for x in tables for t in x.header.titles.values())
        pairs = [(t.cell(r, "start"), t.cell(r, "finish")) for t in tables for r in t.rows]
        order = order_of(pairs, chinese=chinese)
        if order.sample:
            zh, en = name_of(order.order)
            first = tables[0]
            field = next((f for f in (*ENDS, "span") if f in first.header.columns), "name")
            remarks.note(
                DATE_ORDER,
                place=first.grid.title or name,
                field=first.title(field),
                value=order.sample,
                order_zh=zh,
                order_en=en,
                why_zh=order.why_zh,
                why_en=order.why_en,
            )
        year = _year(tables, name)
        spells, clocks = _spells(tables, order.order, year)
        week = assumed(spells, clocks, chinese=chinese)
        remarks.note(
            ASSUMED_CALENDAR,
            place=name,
            calendar_zh=week.zh,
            calendar_en=week.en,
            why_zh=week.why_zh,
            why_en=week.why_en,
        )
        day = float(sum(b - a for a, b in week.calendar.week[0]))
        scale = Scale(day=day, week=float(week.days), month=_MONTH[week.days])
        return cls(remarks, order.order, week, WorkTime(week.calendar), scale, year)

    def tasks_of(self, table: Table, *, first: int, several: bool) -> tuple[list[Task], list[Link]]:
        """Tasks of one sheet from row `first` of the plan on, and their links."""
        parents = by_levels(_levels(table))
        keys = Keys.of(table, parents)
        links = list(linked(table, keys, scale=self.scale, remarks=self.remarks))
        waits = {link.successor for link in links}
        groups = set(parents)
        tasks = []
        for number, row in enumerate(table.rows):
            task = self._task(table, row, keys.ids[number], waits=number in waits)
            if number in groups:
                task = replace(task, kind=TaskKind.SUMMARY)
            if several:
                task = replace(task, codes={**task.codes, "工作表": table.grid.title})
            parent = parents[number]
            tasks.append(replace(task, parent=parent + first if parent >= 0 else -1))
        moved = [
            replace(link, predecessor=link.predecessor + first, successor=link.successor + first)
            for link in links
        ]
        return tasks, moved

    def _task(self, table: Table, row: int, key: str, *, waits: bool) -> Task:
        fields = Fields(table, row, self.scale, self.remarks)
        amount = fields.duration()
        dates = {f: self._date(table, row, f) for f in _DATED}
        for field in ENDS:
            # Primavera marks what is done in the columns of the plan.
            if dates[f"actual_{field}"] is None and _is_actual(table.cell(row, field)):
                dates[f"actual_{field}"] = dates[field]
        start, finish = self._span(table, row, dates)
        kind = TaskKind.TASK
        if (amount is not None and amount.minutes == 0) or (
            amount is None and (fields.is_milestone() or table.of_dates)
        ):
            kind = TaskKind.MILESTONE
            start = finish = self._milestone(dates, start, finish, waits=waits)
        constraint, held = fields.constraint(), dates["constraint_date"]
        if held is None or constraint in (Constraint.ASAP, Constraint.ALAP):
            constraint = constraint if constraint is Constraint.ALAP else Constraint.ASAP
        return Task(
            id=key,
            name=table.text(row, "name"),
            wbs=table.text(row, "wbs"),
            kind=kind,
            start=start,
            finish=finish,
            duration=None if amount is None else amount.minutes,
            elapsed=amount is not None and amount.elapsed,
            constraint=constraint,
            constraint_date=self._moment(held, end=False),
            deadline=self._moment(dates["deadline"], end=True),
            actual_start=self._moment(dates["actual_start"], end=False),
            actual_finish=self._moment(dates["actual_finish"], end=True),
            complete=fields.complete(),
            action=fields.action(),
            elements=fields.elements(),
            codes=fields.codes(),
            resources=fields.resources(),
            crew=fields.crew(),
            place=table.grid.row_place(row),
        )

    def _date(self, table: Table, row: int, field: str) -> tuple[date, int | None] | None:
        content = table.cell(row, field)
        if is_blank(content):
            return None
        found = _written(content)
        day = None if found is None else day_of(found, self.order, year=self.year)
        if found is None or day is None:
            # What was done is often told in words; what is planned must be a date.
            if field in ("start", "finish", "deadline"):
                self.remarks.note(
                    BAD_VALUE,
                    place=table.place(row, field),
                    field=table.title(field),
                    value=text_of(content),
                )
            return None
        return day, found.clock if found.half == 0 else _half(found.half, field)

    def _moment(self, found: tuple[date, int | None] | None, *, end: bool) -> datetime | None:
        """The moment of a day, at its time or where the working day begins or ends."""
        if found is None:
            return None
        day, clock = found
        if clock:
            return datetime.combine(day, time()) + timedelta(minutes=clock)
        return self.work.day_end(day) if end else self.work.day_start(day)

    def _span(
        self, table: Table, row: int, dates: dict[str, tuple[date, int | None] | None]
    ) -> tuple[datetime | None, datetime | None]:
        start = self._moment(dates["start"], end=False)
        last = dates["finish"]
        finish = self._moment(last, end=True)
        if start is None or finish is None or last is None or finish >= start:
            return start, finish
        written_end = _written(table.cell(row, "finish"))
        if written_end is not None and written_end.month_day is not None and self.year is not None:
            # Without a year, an end before the begin is one of the year after.
            following = day_of(written_end, self.order, year=self.year + 1)
            if following is not None:
                return start, self._moment((following, last[1]), end=True)
        self.remarks.note(
            REVERSED,
            place=table.place(row, "finish"),
            alike="reversed",
            start=start.date().isoformat(),
            finish=finish.date().isoformat(),
        )
        return start, None

    def _milestone(
        self,
        dates: dict[str, tuple[date, int | None] | None],
        start: datetime | None,
        finish: datetime | None,
        *,
        waits: bool,
    ) -> datetime | None:
        """A date without time is the end of the day for what ends work, else its begin."""
        if waits:
            return self._moment(dates["finish"] or dates["start"], end=True)
        return start or finish


def _half(half: int, field: str) -> int | None:
    """Minute at which the half of a day begins or ends; None for that of the day itself."""
    ends = field.endswith("finish") or field == "deadline"
    if half == 1:
        return _NOON if ends else None
    return None if ends else _AFTERNOON


def _is_actual(content: Cell) -> bool:
    found = None if is_blank(content) else _written(content)
    return found is not None and found.actual


def _written(content: Cell) -> Written | None:
    if isinstance(content, str) and len(content) > _LONGEST_DATE:
        return None
    return written(content)


def _year(tables: Sequence[Table], name: str) -> int | None:
    """Year of dates that name none: of the titles, the sheet, the file, else the first stated."""
    for table in tables:
        above = [text_of(c) for row in table.grid.rows[: table.header.first] for c in row]
        for text in (*above, table.grid.title, name):
            found = _YEAR.search(text)
            if found is not None:
                return int(found[1])
    stated = [
        w.fixed.year
        for table in tables
        for row in table.rows
        for field in ENDS
        if (w := _written(table.cell(row, field))) is not None and w.fixed is not None
    ]
    return min(stated, default=None)


def _spells(
    tables: Sequence[Table], order: str, year: int | None
) -> tuple[list[Spell], list[tuple[int, int]]]:
    """Rows with both days and their durations in days, and the times they give."""
    spells: list[Spell] = []
    clocks: list[tuple[int, int]] = []
    for table in tables:
        for row in table.rows:
            ends = [_written(table.cell(row, f)) for f in ("start", "finish")]
            days = [None if w is None else day_of(w, order, year=year) for w in ends]
            first, last = days
            if first is None or last is None or last < first:
                continue
            spells.append((first, last, _days(table, row)))
            clocks.append(((ends[0] and ends[0].clock) or 0, (ends[1] and ends[1].clock) or 0))
    return spells, clocks


def _days(table: Table, row: int) -> float | None:
    """Duration in days where it is told in days."""
    text = table.text(row, "duration")
    found = re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*(\D*)", text)
    if found is None or float(found[1]) == 0:
        return None
    column = table.header.columns["duration"]
    unit = unit_of_header(table.header.titles[column]) if not found[2] else found[2].strip("?？ ")
    if unit_of(CALENDAR_DAYS.sub("", unit)) == "day":
        return float(found[1])
    return None


def _levels(table: Table) -> list[int]:
    number = table.header.keys[0] if table.header.keys else None

    def column(field: str) -> list[str]:
        return [table.text(row, field) for row in table.rows]

    raw = [table.cell(row, "name") for row in table.rows]
    return levels_of(
        column("level"),
        column("wbs"),
        [] if number is None else [text_of(cell(table.grid, r, number)) for r in table.rows],
        [c if isinstance(c, str) else "" for c in raw],
    )
