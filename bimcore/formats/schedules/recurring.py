"""Days on which an exception of a calendar recurs."""

import calendar
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import islice

#: An exception that goes on for longer than a plan is cut there.
_MOST_DAYS = 40_000
_DAY = timedelta(days=1)
DAILY, YEARLY, YEARLY_PLACED, MONTHLY, MONTHLY_PLACED, WEEKLY = 1, 2, 3, 4, 5, 6
_DAY_COUNT, _NONE = 7, 9
#: MonthItem of Microsoft Project: any day, weekday, weekend day, then Sunday to Saturday.
_ANY, _WEEKDAY, _WEEKEND = 0, 1, 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Recurrence:
    """How an exception recurs, in the words of MSPDI.

    Attributes
    ----------
    type : int
        1 daily, 2 yearly on a date, 3 yearly by position, 4 monthly on a day, 5 monthly by
        position, 6 weekly; all else is every day.
    first, last : date
        Both included.
    period : int
        Every so many days, weeks or months.
    days_of_week : int
        Bits, Sunday 1 to Saturday 64.
    item, position : int
        Which day, and which of them in the month: 0 first to 3 fourth, 4 last.
    month : int
        0 January to 11 December.
    month_day : int
    occurrences : int
        At most so many; 0 for as long as it lasts.

    """

    type: int
    first: date
    last: date
    period: int = 1
    days_of_week: int = 0
    item: int = 0
    position: int = 0
    month: int = 0
    month_day: int = 0
    occurrences: int = 0


def days(recurrence: Recurrence) -> list[date]:
    """The days it falls on, in order."""
    found = islice(_all(recurrence), recurrence.occurrences or _MOST_DAYS)
    return list(found)


def runs(found: list[date]) -> list[tuple[date, date]]:
    """The same days as stretches, both ends included."""
    told: list[tuple[date, date]] = []
    for day in found:
        if told and day == told[-1][1] + _DAY:
            told[-1] = told[-1][0], day
        else:
            told.append((day, day))
    return told


def _all(rule: Recurrence) -> Iterator[date]:
    step = max(rule.period, 1)
    match rule.type:
        case n if n in (YEARLY, YEARLY_PLACED):
            yield from _monthly(rule, [(y, rule.month + 1) for y in _years(rule)])
        case n if n in (MONTHLY, MONTHLY_PLACED):
            first = rule.first.year * 12 + rule.first.month - 1
            last = rule.last.year * 12 + rule.last.month - 1
            yield from _monthly(rule, [(m // 12, m % 12 + 1) for m in range(first, last + 1, step)])
        case n if n == WEEKLY:
            yield from _weekly(rule, step)
        case n:
            stride = step if n in (DAILY, _DAY_COUNT) else 1
            for number in range(rule.first.toordinal(), rule.last.toordinal() + 1, stride):
                yield date.fromordinal(number)


def _years(rule: Recurrence) -> range:
    return range(rule.first.year, rule.last.year + 1)


def _weekly(rule: Recurrence, step: int) -> Iterator[date]:
    # Weeks begin on Sunday, as in Microsoft Project.
    sunday = rule.first - timedelta(days=rule.first.isoweekday() % 7)
    for number in range(rule.first.toordinal(), rule.last.toordinal() + 1):
        day = date.fromordinal(number)
        week = (number - sunday.toordinal()) // 7
        if week % step == 0 and rule.days_of_week >> (day.isoweekday() % 7) & 1:
            yield day


def _monthly(rule: Recurrence, months: list[tuple[int, int]]) -> Iterator[date]:
    placed = rule.type in (YEARLY_PLACED, MONTHLY_PLACED)
    for year, month in months:
        if not 1 <= month <= 12:
            continue
        length = calendar.monthrange(year, month)[1]
        fit = [date(year, month, d) for d in range(1, length + 1)]
        if placed:
            fit = _placed([d for d in fit if _is_item(d, rule.item)], rule.position)
        else:
            fit = fit[rule.month_day - 1 : rule.month_day] if rule.month_day > 0 else []
        yield from (d for d in fit if rule.first <= d <= rule.last)


def _placed(fit: list[date], position: int) -> list[date]:
    if position >= 4:
        return fit[-1:]
    return fit[position : position + 1] if position >= 0 else []


def _is_item(day: date, item: int) -> bool:
    if item == _ANY:
        return True
    if item in (_WEEKDAY, _WEEKEND):
        return (day.weekday() < 5) == (item == _WEEKDAY)
    return day.isoweekday() % 7 == item - 3
