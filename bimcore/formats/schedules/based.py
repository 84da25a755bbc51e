"""Calendars that are based on others: what each takes from those above it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from bimcore.formats.schedules.p6fields import over_midnight, runs_of
from bimcore.schedule import Calendar, Shift

#: Working time of Primavera's own default, for calendars that state none.
STANDARD_WEEK: tuple[tuple[Shift, ...], ...] = (*(((480, 720), (780, 1020)),) * 5, (), ())
#: Hours of a day where a calendar states none that are possible.
_STANDARD_HOURS = 8.0
#: Calendars of which each is the base of the one before.
MOST_BASES = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Stated:
    """What one calendar says itself.

    Attributes
    ----------
    title, base : str
        Its name, and the key of the calendar it is based on; either may be empty.
    week : mapping or None
        Shifts by weekday, Monday 0; None where it states no week.
    days : mapping
        Shifts of the days that differ.

    """

    title: str
    base: str
    week: Mapping[int, tuple[Shift, ...]] | None
    days: Mapping[date, tuple[Shift, ...]]


def inherited(key: str, stated: Mapping[str, Stated]) -> tuple[Calendar, bool]:
    """The calendar with what it inherits, and whether any of its bases states a week.

    A ring of bases ends where it closes. Without a week the standard one holds.
    """
    chain: list[str] = []
    at = key
    while at in stated and at not in chain and len(chain) < MOST_BASES:
        chain.append(at)
        at = stated[at].base
    week = next((w for k in chain if (w := stated[k].week) is not None), None)
    days = {d: shifts for k in reversed(chain) for d, shifts in stated[k].days.items()}
    whole, days = over_midnight(dict(enumerate(STANDARD_WEEK)) if week is None else week, days)
    calendar = Calendar(
        id=key,
        name=stated[key].title or key,
        week=tuple(whole.get(d, ()) for d in range(7)),
        exceptions=runs_of(days),
    )
    return calendar, week is not None


def hours_of_day(hours: float | None) -> float:
    """Hours of a working day as stated, where that is possible; else eight."""
    return hours if hours is not None and 0 < hours <= 24 else _STANDARD_HOURS
