"""Values of a Primavera row: texts, numbers, moments and words of a list, each checked."""

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TypeVar

from bimcore.formats.schedules.codes import BAD_VALUE
from bimcore.formats.schedules.remarks import Remarks
from bimcore.schedule import CalendarException, Shift

T = TypeVar("T")

#: No site works outside these years; a date beyond them is a fault of the file.
YEARS = (1950, 2150)
#: Longer than any plan, in hours; more is no duration but a fault.
_MOST_HOURS = 2.0e6
FULL_DAY = 1440
_MOMENT = re.compile(
    r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?:[T ]+(\d{1,2}):(\d{2})(?::\d{2}(?:\.\d+)?)?)?"
)
_NAMED = re.compile(r"(\d{1,2})-([A-Za-z]{3})-(\d{2,4})(?:\s+(\d{1,2}):(\d{2}))?")
_CLOCK = re.compile(r"(\d{1,2})[:.](\d{2})(?:[:.]\d{2}(?:\.\d+)?)?\s*(?:([AaPp])\.?[Mm]\.?)?")
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")


@dataclass(frozen=True, slots=True)
class Fields:
    """A row by the names of its fields; what cannot be understood is remarked and left out."""

    get: Callable[[str], str]
    place: str
    remarks: Remarks

    def text(self, *names: str) -> str:
        """The first of `names` that is filled."""
        return next((text for n in names if (text := self.get(n).strip())), "")

    def number(self, name: str) -> float | None:
        """A finite number; the decimal sign may be a comma."""
        text = self.get(name).strip()
        if not text:
            return None
        value = as_number(text)
        if value is None:
            self._bad(name, text)
        return value

    def hours(self, name: str) -> float | None:
        """A number of hours that a plan may have."""
        value = self.number(name)
        if value is not None and abs(value) > _MOST_HOURS:
            self._bad(name, self.get(name))
            return None
        return value

    def minutes(self, name: str) -> float | None:
        """Hours, not negative, in minutes."""
        value = self.hours(name)
        if value is not None and value < 0:
            self._bad(name, self.get(name))
            return None
        return None if value is None else round(60.0 * value, 6)

    def moment(self, *names: str) -> datetime | None:
        """The first moment that is given."""
        for name in names:
            text = self.get(name).strip()
            if text:
                value = as_moment(text)
                if value is not None:
                    return value
                self._bad(name, text)
        return None

    def choice(self, name: str, known: Mapping[str, T], fallback: T) -> T:
        """What the word means; an unknown one is remarked."""
        text = self.get(name).strip()
        if not text:
            return fallback
        found = known.get(text.lower())
        if found is None:
            self._bad(name, text)
            return fallback
        return found

    def _bad(self, name: str, value: str) -> None:
        self.remarks.note(BAD_VALUE, place=self.place, field=name, value=value)


def as_number(text: str) -> float | None:
    """A finite number written with point or comma; None for anything else."""
    plain = text.strip().replace("\u00a0", "").replace(" ", "")
    if "," in plain:
        if "." in plain:
            last = max(plain.rfind(","), plain.rfind("."))
            other = "." if plain[last] == "," else ","
            plain = plain.replace(other, "")
        plain = plain.replace(",", ".")
    if not re.fullmatch(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,3})?", plain):
        return None
    value = float(plain)
    return value if math.isfinite(value) else None


def as_moment(text: str) -> datetime | None:
    """A moment of local time to the minute; zones are dropped."""
    plain = text.strip()
    iso = _MOMENT.match(plain)
    named = None if iso else _NAMED.match(plain)
    try:
        if iso:
            year, month, day, hour, minute = (int(v or 0) for v in iso.groups())
        elif named and named[2].lower() in _MONTHS:
            year = int(named[3])
            year += (1900 if year >= 70 else 2000) if year < 100 else 0
            month, day = _MONTHS.index(named[2].lower()) + 1, int(named[1])
            hour, minute = int(named[4] or 0), int(named[5] or 0)
        else:
            return None
        if not YEARS[0] <= year <= YEARS[1]:
            return None
        whole = datetime(year, month, day)  # noqa: DTZ001 - plans hold local time without zone
    except ValueError:
        return None
    if hour > 24 or minute > 59 or hour * 60 + minute > FULL_DAY:
        return None
    return whole + timedelta(hours=hour, minutes=minute)


def as_clock(text: str) -> int | None:
    """Minutes from midnight."""
    found = _CLOCK.fullmatch(text.strip())
    if not found:
        return None
    hour, minute, half = int(found[1]), int(found[2]), (found[3] or "").lower()
    if half and not 1 <= hour <= 12:
        return None
    if half:
        hour = hour % 12 + (12 if half == "p" else 0)
    value = 60 * hour + minute
    return value if minute < 60 and value <= FULL_DAY else None


def joined_shifts(shifts: list[Shift]) -> tuple[Shift, ...]:
    """Shifts in order; those that touch or overlap become one."""
    found: list[Shift] = []
    for start, end in sorted(shifts):
        if found and start <= found[-1][1]:
            found[-1] = (found[-1][0], max(end, found[-1][1]))
        else:
            found.append((start, end))
    return tuple(found)


def shift_of(start: int | None, end: int | None) -> Shift | None:
    """The shift between two times of day, beyond 1440 past midnight; None where it is none.

    One that ends before it begins is a night shift when it begins in the second half of a day.
    """
    if start is None or end is None or end == start:
        return None
    if end > start:
        return start, end
    return (start, end + FULL_DAY) if 2 * start >= FULL_DAY else None


def over_midnight(
    week: Mapping[int, tuple[Shift, ...]], days: Mapping[date, tuple[Shift, ...]]
) -> tuple[dict[int, tuple[Shift, ...]], dict[date, tuple[Shift, ...]]]:
    """The same working time with what runs past midnight given to the day after."""
    if not any(end > FULL_DAY for shifts in (*week.values(), *days.values()) for _, end in shifts):
        return dict(week), dict(days)

    def of_day(today: tuple[Shift, ...], before: tuple[Shift, ...]) -> tuple[Shift, ...]:
        rest = [(0, end - FULL_DAY) for _, end in before if end > FULL_DAY]
        return joined_shifts([*rest, *((a, min(b, FULL_DAY)) for a, b in today)])

    def stated(day: date) -> tuple[Shift, ...]:
        return days[day] if day in days else week.get(day.weekday(), ())

    # A day without hours of its own may get those of the night before.
    whole = {d: of_day(week.get(d, ()), week.get((d - 1) % 7, ())) for d in range(7)}
    near = {*days, *(day + timedelta(days=1) for day in days)}
    return whole, {d: of_day(stated(d), stated(d - timedelta(days=1))) for d in near}


def runs_of(days: Mapping[date, tuple[Shift, ...]]) -> tuple[CalendarException, ...]:
    """Exceptions, neighbouring days of equal working time as one, by date."""
    runs: list[CalendarException] = []
    for day in sorted(days):
        last = runs[-1] if runs else None
        near = last is not None and last.last + timedelta(days=1) == day
        if last is not None and near and last.shifts == days[day]:
            runs[-1] = CalendarException(first=last.first, last=day, shifts=last.shifts)
        else:
            runs.append(CalendarException(first=day, last=day, shifts=days[day]))
    return tuple(runs)
