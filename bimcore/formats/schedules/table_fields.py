"""Single fields of a row of a table, besides dates and links."""

import re
from collections.abc import Mapping
from typing import Protocol

from bimcore.formats.schedules.amounts import Amount, Scale, duration_of, unit_of
from bimcore.formats.schedules.codes import BAD_VALUE
from bimcore.formats.schedules.columns import action_of, guids_of
from bimcore.formats.schedules.dates import is_blank, written
from bimcore.formats.schedules.grids import Cell, Grid, text_of
from bimcore.formats.schedules.headers import Header, shown
from bimcore.formats.schedules.remarks import Remarks
from bimcore.formats.schedules.staff import is_machine
from bimcore.schedule import Action, Constraint

_HINT = re.compile(r"[(\[（【/:：]\s*([^)\]）】]+)")
_NUMBER = re.compile(r"\d+(?:\.\d+)?")
_PEOPLE = re.compile(r"(?P<name>[^\[\]]+)(?:\[(?P<units>[\d.]+)\s*(?P<percent>%)?[^\]]*\])?")
#: Contracts say so of days of the own week of a site.
CALENDAR_DAYS = re.compile("个?(?:日历|自然)(?=[天日])")
_BETWEEN = re.compile(r"[,;，；、\n]+")
_YES = frozenset({"是", "yes", "true", "1", "y", "√", "✓", "ja", "◆"})
_HEADER_LENGTH = 60
_CONSTRAINTS: Mapping[str, Constraint] = {
    "越早越好": Constraint.ASAP,
    "assoonaspossible": Constraint.ASAP,
    "越晚越好": Constraint.ALAP,
    "aslateaspossible": Constraint.ALAP,
    "必须开始于": Constraint.MUST_START,
    "muststarton": Constraint.MUST_START,
    "必须完成于": Constraint.MUST_FINISH,
    "mustfinishon": Constraint.MUST_FINISH,
    "不得早于开始": Constraint.START_NO_EARLIER,
    "不得早于...开始": Constraint.START_NO_EARLIER,
    "startnoearlierthan": Constraint.START_NO_EARLIER,
    "不得晚于开始": Constraint.START_NO_LATER,
    "不得晚于...开始": Constraint.START_NO_LATER,
    "startnolaterthan": Constraint.START_NO_LATER,
    "不得早于完成": Constraint.FINISH_NO_EARLIER,
    "不得早于...完成": Constraint.FINISH_NO_EARLIER,
    "finishnoearlierthan": Constraint.FINISH_NO_EARLIER,
    "不得晚于完成": Constraint.FINISH_NO_LATER,
    "不得晚于...完成": Constraint.FINISH_NO_LATER,
    "finishnolaterthan": Constraint.FINISH_NO_LATER,
}


class Sheet(Protocol):
    """A table as its fields look at it."""

    @property
    def grid(self) -> Grid:
        """The cells."""

    @property
    def header(self) -> Header:
        """The columns."""

    @property
    def rows(self) -> tuple[int, ...]:
        """Rows that are tasks."""

    def cell(self, row: int, field: str) -> Cell:
        """What a row says of a field."""

    def text(self, row: int, field: str) -> str:
        """As text."""

    def place(self, row: int, field: str) -> str:
        """Where, for people."""


def unit_of_header(title: str) -> str:
    """Unit of the numbers below a header such as ``工期(小时)``; days by default."""
    for hint in _HINT.findall(title):
        known = unit_of(hint)
        if known is not None:
            return known.removeprefix("elapsed ") if "day" in known else known
    return "day"


class Fields:
    """Reads the fields of one row."""

    def __init__(self, table: Sheet, row: int, scale: Scale, remarks: Remarks) -> None:
        self._table, self._row, self._scale, self._remarks = table, row, scale, remarks

    def duration(self) -> Amount | None:
        """The duration; None where there is none, noted where it is not understood."""
        content = self._table.cell(self._row, "duration")
        if is_blank(content):
            return None
        title = self._table.header.titles[self._table.header.columns["duration"]]
        # Contracts count 日历天, all days of the site's own week, not 24 hours each.
        text = CALENDAR_DAYS.sub("", text_of(content))
        try:
            return duration_of(text, scale=self._scale, unit=unit_of_header(title))
        except ValueError:
            self._remarks.note(
                BAD_VALUE,
                place=self._table.place(self._row, "duration"),
                field=title,
                value=text_of(content),
            )
            return None

    def is_milestone(self) -> bool:
        """Whether the row says that it is one."""
        return self._text("milestone").lower() in _YES

    def constraint(self) -> Constraint:
        """The constraint by its name in Microsoft Project, Chinese or English."""
        word = re.sub(r"\s", "", self._text("constraint")).lower().replace("…", "...")
        return _CONSTRAINTS.get(word, Constraint.ASAP)

    def complete(self) -> float:
        """Share done, from ``50%``, 50 or 0.5."""
        text = self._text("complete")
        found = _NUMBER.search(text)
        if found is None:
            return 0.0
        value = float(found[0])
        share = value / 100 if "%" in text or "\uff05" in text or value > 1 else value
        return min(share, 1.0)

    def action(self) -> Action | None:
        """What the task does, where a type column says so."""
        text = self._text("action")
        return action_of(text) if text else None

    def elements(self) -> tuple[str, ...]:
        """GlobalIds the row names."""
        return guids_of(self._text("elements"))

    def crew(self) -> float | None:
        """People at work: the column, else the units of the resources."""
        found = _NUMBER.search(self._text("crew"))
        if found is not None:
            return float(found[0])
        counted = [
            float(m["units"]) / (100 if m["percent"] else 1)
            for m in self._people()
            if m["units"] and not is_machine(m["name"])
        ]
        return sum(counted) if counted else None

    def resources(self) -> tuple[str, ...]:
        """Names of the resources."""
        return tuple(dict.fromkeys(m["name"].strip() for m in self._people()))

    def codes(self) -> dict[str, str]:
        """Columns that are no field, by their headers; merged cells count for all they cover."""
        told: dict[str, str] = {}
        header = self._table.header
        soft = [header.columns[f] for f in ("action", "elements") if f in header.columns]
        columns = {**header.others, **{c: header.titles[c] for c in soft}}
        for column, title in columns.items():
            # The days of a bar chart are headers as well.
            if len(title) > _HEADER_LENGTH or written(title) is not None or _is_number(title):
                continue
            text = text_of(shown(self._table.grid, self._row, column))
            if text:
                told[title] = text
        return told

    def _text(self, field: str) -> str:
        column = self._table.header.columns.get(field)
        return "" if column is None else text_of(shown(self._table.grid, self._row, column))

    def _people(self) -> list[re.Match[str]]:
        parts = [p.strip() for p in _BETWEEN.split(self._text("resources"))]
        return [m for p in parts if p and (m := _PEOPLE.fullmatch(p)) is not None]


def _is_number(text: str) -> bool:
    return _NUMBER.fullmatch(text.strip()) is not None
