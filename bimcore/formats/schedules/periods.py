"""Durations and moments as XML writes them."""

import re
from datetime import datetime

_ISO = re.compile(
    r"(?P<minus>-)?P(?:(?P<Y>[\d.]+)Y)?(?:(?P<M>[\d.]+)M)?(?:(?P<W>[\d.]+)W)?(?:(?P<D>[\d.]+)D)?"
    r"(?:T(?:(?P<h>[\d.]+)H)?(?:(?P<m>[\d.]+)M)?(?:(?P<s>[\d.]+)S)?)?",
    re.IGNORECASE,
)
_YEARS = range(1950, 2150)


def minutes_of_period(text: str, *, day: float = 1440.0) -> float:
    """Minutes of an ISO 8601 duration such as ``PT8H0M0S``; days count `day` minutes.

    Raises
    ------
    ValueError
        When it is none.

    """
    found = _ISO.fullmatch(text.strip())
    if found is None or not any(found[k] for k in "YMWDhms"):
        raise ValueError(text)
    weights = {"Y": 365 * day, "M": 30 * day, "W": 7 * day, "D": day, "h": 60, "m": 1, "s": 1 / 60}
    total = sum(float(found[k]) * w for k, w in weights.items() if found[k])
    return -total if found["minus"] else total


def moment(text: str) -> datetime:
    """A local moment such as ``2026-03-02T08:00:00``; a zone is dropped.

    Raises
    ------
    ValueError
        When it is none, or lies outside 1950 to 2149.

    """
    found = datetime.fromisoformat(text.strip()).replace(tzinfo=None, second=0, microsecond=0)
    if found.year not in _YEARS:
        raise ValueError(text)
    return found
