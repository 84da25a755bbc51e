"""Working calendars of IFC: weekly pattern and the days on which an exception falls."""

import calendar as months
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from typing import Any

from bimcore.formats.schedules.based import STANDARD_WEEK
from bimcore.formats.schedules.codes import CALENDAR_FAULT
from bimcore.formats.schedules.p6fields import (
    FULL_DAY,
    as_clock,
    as_moment,
    joined_shifts,
    over_midnight,
    runs_of,
    shift_of,
)
from bimcore.formats.schedules.remarks import Remarks
from bimcore.ifc.access import Reader
from bimcore.schedule import Calendar, Shift

#: Recurrences without an end are followed this far.
_HORIZON = timedelta(days=366 * 20)
#: Days of recurrences that are looked through in a file.
_PATIENCE = 3_000_000
_WEEKLY = {"WEEKLY", "BY_WEEKDAY_COUNT"}
_DAILY = {"DAILY", "BY_DAY_COUNT"}


class Calendars:
    """Reads IfcWorkCalendar.

    Parameters
    ----------
    reader : Reader
    remarks : Remarks
    begin : date or None
        When the plan begins; recurrences that name no start are followed from a year before.

    """

    def __init__(self, reader: Reader, remarks: Remarks, *, begin: date | None) -> None:
        self._reader, self._remarks = reader, remarks
        self._begin, self._patience = begin, _PATIENCE

    def read(self, entity: Any, *, key: str) -> Calendar:
        """The calendar `entity`."""
        reader = self._reader
        name = reader.text(entity, "Name") or key
        place = f"#{entity.id()} IfcWorkCalendar"

        def complain(zh: str, en: str) -> None:
            told = {"what_zh": zh, "what_en": en}
            self._remarks.note(CALENDAR_FAULT, place=place, alike=zh[:6], calendar=name, **told)

        week: list[list[Shift]] = [[] for _ in range(7)]
        days: dict[date, tuple[Shift, ...]] = {}
        times = reader.many(entity, "WorkingTimes")
        for work in times:
            self._work(work, week, days, alone=len(times) == 1, complain=complain)
        if not any(week):
            complain(
                "没有每周工作时间，按周一至周五 8 小时",
                "states no week; Monday to Friday is assumed",
            )
            week = [list(d) for d in STANDARD_WEEK]
        for work in reader.many(entity, "ExceptionTimes"):
            shifts = self._shifts(work, complain) or ()
            for day in self._days(work, complain):
                days[day] = shifts
        hours, days = over_midnight({d: joined_shifts(s) for d, s in enumerate(week)}, days)
        whole = tuple(hours[d] for d in range(7))
        return Calendar(id=key, name=name, week=whole, exceptions=runs_of(days))

    def _work(
        self,
        work: Any,
        week: list[list[Shift]],
        days: dict[date, tuple[Shift, ...]],
        *,
        alone: bool,
        complain: Callable[[str, str], None],
    ) -> None:
        """Add one set of working times to the week, or to the days it is bounded to."""
        reader = self._reader
        pattern = reader.get(work, "RecurrencePattern")
        kind = str(reader.get(pattern, "RecurrenceType") or "DAILY")
        shifts = self._shifts(work, complain)
        if shifts is None:
            complain(
                "工作时间没有时段，按 8 小时",
                "has working times without hours; 8 hours are assumed",
            )
            shifts = STANDARD_WEEK[0]
        first, last = self._bounds(work)
        bounded = first is not None and last is not None and not alone
        every = int(reader.number(pattern, "Interval") or 1)
        if bounded or every > 1 or kind not in _WEEKLY | _DAILY:
            for day in self._days(work, complain):
                days[day] = joined_shifts([*days.get(day, ()), *shifts])
            return
        wanted = self._numbers(pattern, "WeekdayComponent") if kind in _WEEKLY else set(range(1, 8))
        if not wanted:
            complain("每周重复没有说明星期几", "has a weekly recurrence that names no day")
        for day_number in wanted & set(range(1, 8)):
            week[day_number - 1] += shifts

    def _shifts(self, work: Any, complain: Callable[[str, str], None]) -> tuple[Shift, ...] | None:
        """Hours of `work`; None when it states none."""
        reader = self._reader
        periods = reader.many(reader.get(work, "RecurrencePattern"), "TimePeriods")
        found: list[Shift] = []
        for period in periods:
            texts = [reader.text(period, n) for n in ("StartTime", "EndTime")]
            start, end = (as_clock(t.partition("+")[0].rstrip("Z")) for t in texts)
            if end is not None and (end == 0 or end == FULL_DAY - 1):
                end = FULL_DAY
            shift = shift_of(start, end)
            if shift is None:
                told = "-".join(texts)
                complain(
                    f"有无法理解的工作时段“{told}”", f'has the working time "{told}", which is none'
                )
            else:
                found.append(shift)
        return joined_shifts(found) if periods else None

    def _bounds(self, work: Any) -> tuple[date | None, date | None]:
        """First and last day; the schema renamed the attributes."""
        reader = self._reader
        texts = [
            reader.text(work, old) or reader.text(work, new)
            for old, new in (("Start", "StartDate"), ("Finish", "FinishDate"))
        ]
        first, last = (as_moment(t) for t in texts)
        return first and first.date(), last and last.date()

    def _numbers(self, pattern: Any, name: str) -> set[int]:
        value = self._reader.get(pattern, name)
        several = value if isinstance(value, tuple | list) else ()
        return {int(v) for v in several if isinstance(v, int)}

    def _days(self, work: Any, complain: Callable[[str, str], None]) -> Iterator[date]:
        """Days on which `work` falls."""
        reader = self._reader
        pattern = reader.get(work, "RecurrencePattern")
        first, last = self._bounds(work)
        if first is None and self._begin is not None and pattern is not None:
            first = self._begin - timedelta(days=366)
        if first is None:
            complain("有没有日期的例外", "has an exception without dates")
            return
        if last is None:
            last = first if pattern is None else first + _HORIZON
        last = min(last, first + _HORIZON)
        self._patience -= (last - first).days + 1
        if self._patience < 0:
            complain("的例外日期过多，其余未读取", "has too many exceptions; the rest is left out")
            return
        most = int(reader.number(pattern, "Occurrences") or 0) or None
        falls = self._test(pattern, first, complain)
        count = 0
        for i in range((last - first).days + 1):
            day = first + timedelta(days=i)
            if falls(day):
                yield day
                count += 1
                if most is not None and count >= most:
                    return

    def _test(
        self, pattern: Any, first: date, complain: Callable[[str, str], None]
    ) -> Callable[[date], bool]:
        """Whether a recurrence that begins on `first` falls on a day."""
        if pattern is None:
            return lambda _: True
        kind = str(self._reader.get(pattern, "RecurrenceType") or "DAILY")
        every = max(int(self._reader.number(pattern, "Interval") or 1), 1)
        weekday = self._numbers(pattern, "WeekdayComponent")
        in_month = self._numbers(pattern, "DayComponent")
        of_year = self._numbers(pattern, "MonthComponent")
        position = int(self._reader.number(pattern, "Position") or 0)

        def month_step(day: date) -> bool:
            passed = 12 * (day.year - first.year) + day.month - first.month
            step = 12 * every if kind.startswith("YEARLY") else every
            if kind.startswith("YEARLY"):
                return (day.year - first.year) % every == 0 and (
                    day.month in (of_year or {first.month})
                )
            return passed % step == 0

        monday = first - timedelta(days=first.weekday())
        tests: dict[str, Callable[[date], bool]] = {
            "DAILY": lambda d: (d - first).days % every == 0,
            "BY_DAY_COUNT": lambda d: (d - first).days % every == 0,
            "WEEKLY": lambda d: (
                d.isoweekday() in (weekday or {first.isoweekday()})
                and (d - monday).days // 7 % every == 0
            ),
            "MONTHLY_BY_DAY_OF_MONTH": lambda d: (
                month_step(d) and d.day in (in_month or {first.day})
            ),
            "MONTHLY_BY_POSITION": lambda d: month_step(d) and _placed(d, weekday, position),
        }
        tests["BY_WEEKDAY_COUNT"] = tests["WEEKLY"]
        tests["YEARLY_BY_DAY_OF_MONTH"] = tests["MONTHLY_BY_DAY_OF_MONTH"]
        tests["YEARLY_BY_POSITION"] = tests["MONTHLY_BY_POSITION"]
        if kind not in tests:
            complain(f"有未知的重复方式“{kind}”", f'has an unknown recurrence "{kind}"')
            return lambda _: False
        return tests[kind]


def _placed(day: date, weekday: set[int], position: int) -> bool:
    """Whether `day` is the first, second ... or, with -1, the last such day of its month."""
    if day.isoweekday() not in (weekday or set(range(1, 8))):
        return False
    length = months.monthrange(day.year, day.month)[1]
    if position < 0:
        return (length - day.day) // 7 == -position - 1
    return (day.day - 1) // 7 == position - 1
