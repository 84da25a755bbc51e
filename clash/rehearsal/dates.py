"""Dates of the rehearsal: whole days of half-open intervals, and how texts name them."""

from datetime import date

import numpy as np

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


def said(moment: np.datetime64) -> tuple[str, str]:
    """A day in Chinese and English: ``("6月12日", "12 Jun")``."""
    day: date = day_of(moment).astype(date)
    return f"{day.month}月{day.day}日", f"{day.day} {_MONTHS[day.month - 1]}"


def said_last(finish: np.datetime64) -> tuple[str, str]:
    """The last day of what ends at `finish`, in Chinese and English."""
    return said(last_day(finish))
