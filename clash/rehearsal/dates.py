"""Dates of the rehearsal: whole days of half-open intervals, and how texts name them."""

from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from clash.texts import both

#: English months as people on site write them.
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def day_of(moment: np.datetime64) -> np.datetime64:
    """The day of a moment."""
    found: np.datetime64 = moment.astype("datetime64[D]")
    return found


def last_day(finish: np.datetime64) -> np.datetime64:
    """The last day of what ends at `finish`; midnight still belongs to the day before."""
    return day_of(finish.astype("datetime64[m]") - np.timedelta64(1, "m"))


def midnight(day: np.datetime64) -> np.datetime64:
    """The first minute of a day."""
    found: np.datetime64 = day_of(day).astype("datetime64[m]")
    return found


def days_from(first: np.datetime64, second: np.datetime64) -> int:
    """Calendar days from one day to another."""
    return int((day_of(second) - day_of(first)) / np.timedelta64(1, "D"))


@dataclass(frozen=True, slots=True)
class Datebook:
    """How the texts of a plan name days.

    Attributes
    ----------
    plain : int or None
        The one year of the plan, which needs no saying; None where it spans several: then
        every day is said with its year.

    """

    plain: int | None = None

    @classmethod
    def of(cls, *moments: NDArray[np.datetime64]) -> "Datebook":
        """Of all starts and finishes of a plan; NaT for what is not known."""
        known = np.concatenate([np.zeros(0, "datetime64[m]"), *moments])
        days = (known[~np.isnat(known)] - np.timedelta64(1, "m")).astype("datetime64[Y]")
        years = np.unique(days.astype(np.int64)) + 1970
        return cls(int(years[0]) if len(years) == 1 else None)

    def said(self, moment: np.datetime64) -> tuple[str, str]:
        """A day in Chinese and English: ``("6月12日", "12 Jun")``, or with its year."""
        day: date = day_of(moment).astype(date)
        zh, en = f"{day.month}月{day.day}日", f"{day.day} {_MONTHS[day.month - 1]}"
        return (zh, en) if day.year == self.plain else (f"{day.year}年{zh}", f"{en} {day.year}")

    def said_last(self, finish: np.datetime64) -> tuple[str, str]:
        """The last day of what ends at `finish`, in Chinese and English."""
        return self.said(last_day(finish))

    def between(self, window: tuple[np.datetime64, np.datetime64]) -> tuple[str, str]:
        """The days of a half-open window, both included; a year that both share is said once."""
        first, last = self.said(window[0]), self.said_last(window[1])
        if first == last:
            return first
        years = [day_of(window[0]).astype(date).year, last_day(window[1]).astype(date).year]
        zh, en = last[0], first[1]
        if years[0] == years[1]:
            zh, en = zh.removeprefix(f"{years[0]}年"), en.removesuffix(f" {years[0]}")
        return f"{first[0]}至{zh}", f"{en} to {last[1]}"

    def span_text(self, window: tuple[np.datetime64, np.datetime64]) -> dict[str, str]:
        """:meth:`between` by language."""
        return both(*self.between(window))
