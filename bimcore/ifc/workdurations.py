"""What the durations and dates of IFC processes mean, in either generation of the schema."""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from bimcore.formats.schedules.p6fields import as_moment
from bimcore.ifc.access import Reader, as_number, class_of, of_class

DAY = 1440.0
#: Longer than any plan, in days.
_MOST_DAYS = 100_000.0
_ISO = re.compile(
    r"([+-]?)P(?:([\d.,]+)Y)?(?:([\d.,]+)M)?(?:([\d.,]+)W)?(?:([\d.,]+)D)?"
    r"(?:T(?:([\d.,]+)H)?(?:([\d.,]+)M)?(?:([\d.,]+)S)?)?"
)


@dataclass(frozen=True, slots=True)
class Span:
    """A duration as written: days and, beside them, minutes.

    Whether a day of it is one of work or one of 24 hours the file does not say; see
    :class:`Days`. `second_count` marks the plain number of seconds of IFC2X3.
    """

    days: float
    minutes: float
    second_count: bool = False


class Days:
    """Finds out whether a "day" of working time is a working day or 24 hours of work.

    Some tools write five days of eight hours as ``P5D``, others as ``P1DT16H``. Tasks that
    have both dates and a duration tell; so does a rest of hours longer than a working day,
    which no one who counts working days would leave.
    """

    def __init__(self, minutes_per_day: float) -> None:
        self.minutes_per_day = minutes_per_day
        self.votes = {"working": 0, "whole": 0}
        self.counted = 0
        self._seconds = False

    def hear(self, span: Span, start: datetime | None, finish: datetime | None) -> None:
        """Take `span` of working time and the dates beside it as evidence."""
        if span.days <= 0:
            return
        self.counted += 1
        self._seconds = self._seconds or span.second_count
        per_day = self.minutes_per_day
        if not span.second_count and span.minutes >= per_day:
            self.votes["whole"] += 1
        if start is None or finish is None or finish <= start:
            return
        spent = weekdays(start, finish)
        working = abs(spent - span.days - span.minutes / per_day)
        whole = abs(spent - (span.days * DAY + span.minutes) / per_day)
        if abs(working - whole) > 0.5:
            self.votes["working" if working < whole else "whole"] += 1

    @property
    def working(self) -> bool:
        """Whether a day counts as one working day."""
        if self.votes["working"] == self.votes["whole"]:
            return not self._seconds
        return self.votes["working"] > self.votes["whole"]

    @property
    def doubtful(self) -> bool:
        """Whether days occur and nothing or not everything speaks for what they are."""
        against = min(self.votes.values())
        return self.counted > 0 and (against > 0 or not any(self.votes.values()))

    def minutes(self, span: Span) -> float:
        """Working minutes of `span`."""
        return span.days * (self.minutes_per_day if self.working else DAY) + span.minutes


def weekdays(start: datetime, finish: datetime) -> float:
    """Days from Monday to Friday that are touched, over any length of time."""
    first, last = start.date(), (finish - timedelta(minutes=1)).date()
    weeks, rest = divmod((last - first).days + 1, 7)
    return 5.0 * weeks + sum((first.weekday() + i) % 7 < 5 for i in range(rest))


def iso_span(text: str) -> Span | None:
    """The ISO 8601 duration `text`; None when it is none."""
    found = _ISO.fullmatch(text.strip().upper())
    if not found or text.strip().upper().endswith(("P", "T")):
        return None
    try:
        years, months, weeks, days, hours, minutes, seconds = (
            float((v or "0").replace(",", ".")) for v in found.groups()[1:]
        )
    except ValueError:
        return None
    sign = -1.0 if found[1] == "-" else 1.0
    # a year, a month and a week of working days, so that both readings of a day hold for them
    whole = 260.0 * years + 21.0 * months + 5.0 * weeks + days
    rest = 60.0 * hours + minutes + seconds / 60.0
    if max(whole, rest / DAY) > _MOST_DAYS:
        return None
    return Span(sign * whole, sign * rest)


def elapsed_minutes(text: str) -> float | None:
    """The ISO 8601 duration `text` on the clock."""
    found = _ISO.fullmatch(text.strip().upper())
    span = iso_span(text)
    if span is None or found is None:
        return None
    years, months, weeks, days = (float((v or "0").replace(",", ".")) for v in found.groups()[1:5])
    sign = -1.0 if found[1] == "-" else 1.0
    return sign * DAY * (365.0 * years + 30.0 * months + 7.0 * weeks + days) + span.minutes


def seconds_span(value: float) -> Span | None:
    """A number of seconds."""
    days = value / 86400.0
    return Span(days, 0.0, second_count=True) if abs(days) <= _MOST_DAYS else None


def time_unit(file: Any, reader: Reader) -> float:
    """Seconds in the time unit of the project."""
    for assignment in of_class(file, "IfcUnitAssignment")[:1]:
        for unit in reader.many(assignment, "Units"):
            if reader.get(unit, "UnitType") != "TIMEUNIT":
                continue
            factor = reader.get(unit, "ConversionFactor")
            value = as_number(reader.get(factor, "ValueComponent")) if factor else None
            if value is not None and value > 0:
                return value
    return 1.0


def moment(reader: Reader, entity: Any, name: str) -> tuple[datetime | None, str]:
    """Attribute `name` of `entity` as a moment, and the text that is none."""
    value = reader.get(entity, name)
    if value is None:
        return None, ""
    if isinstance(value, str):
        found = as_moment(value)
        return found, "" if found else value
    found = _parts(reader, value)
    return found, "" if found else class_of(value)


def _parts(reader: Reader, value: Any) -> datetime | None:
    """IfcDateAndTime or IfcCalendarDate of IFC2X3."""
    if class_of(value) == "IfcDateAndTime":
        date, clock = reader.get(value, "DateComponent"), reader.get(value, "TimeComponent")
    else:
        date, clock = value, None
    parts = [reader.number(date, f"{n}Component") for n in ("Year", "Month", "Day")]
    if any(p is None for p in parts):
        return None
    hour = reader.number(clock, "HourComponent") or 0
    minute = reader.number(clock, "MinuteComponent") or 0
    year, month, day = (int(p or 0) for p in parts)
    text = f"{year:04d}-{month:02d}-{day:02d}"
    return as_moment(text if clock is None else f"{text} {int(hour):02d}:{int(minute):02d}")
