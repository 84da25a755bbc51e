"""Months of floods, frost and rain, and the parts of a time that fall into them."""

import re

import numpy as np

from clash.rehearsal.dates import midnight

Span = tuple[np.datetime64, np.datetime64]

_NAMES = {
    name: n
    for n, name in enumerate(
        ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"), 1
    )
}
_WORD = re.compile(r"(1[0-2]|0?[1-9])\s*月?|([A-Za-z]{3})[a-z]*")
_RANGE = re.compile(r"\s*(?:-|–|—|~|\uff5e|至|到|to|until|/)\s*", re.IGNORECASE)
_DAYS = re.compile(
    r"(\d{1,2})[-./月](\d{1,2})日?\s*(?:~|\uff5e|至|到|–|—|to|/)\s*(\d{1,2})[-./月](\d{1,2})"
)


def months_of(text: str) -> frozenset[int]:
    """The months of a text: ``"10-3"``, ``"Oct-Mar"``, ``"5月至9月"``, ``"6,7,8"``; empty for none."""
    days = _DAYS.search(text)
    if days:
        return _from_to(int(days[1]), int(days[3]))
    found: set[int] = set()
    for part in re.split(r"[,，;；、]", text):
        ends = [_month(p) for p in _RANGE.split(part.strip()) if p.strip()]
        if len(ends) == 2 and all(ends):
            found |= _from_to(ends[0], ends[1])
        elif len(ends) == 1 and ends[0]:
            found.add(ends[0])
    return frozenset(found)


def _month(text: str) -> int:
    match = _WORD.fullmatch(text.strip())
    if not match:
        return 0
    return int(match[1]) if match[1] else _NAMES.get(match[2].lower(), 0)


def _from_to(first: int, last: int) -> frozenset[int]:
    if not (1 <= first <= 12 and 1 <= last <= 12):
        return frozenset()
    return frozenset((first - 1 + k) % 12 + 1 for k in range((last - first) % 12 + 1))


def in_months(span: Span, months: frozenset[int]) -> list[Span]:
    """Parts of a half-open time that fall into some months, joined where they meet."""
    first = span[0].astype("datetime64[M]")
    found: list[Span] = []
    while midnight(first.astype("datetime64[D]")) < span[1]:
        after = first + np.timedelta64(1, "M")
        number = int(first.astype(int)) % 12 + 1
        if number in months:
            low = max(span[0], midnight(first.astype("datetime64[D]")))
            high = min(span[1], midnight(after.astype("datetime64[D]")))
            if found and found[-1][1] == low:
                found[-1] = (found[-1][0], high)
            elif low < high:
                found.append((low, high))
        first = after
    return found


def without(spans: list[Span], taken: list[Span]) -> list[Span]:
    """Parts of times that none of some other times cover."""
    left = list(spans)
    for low, high in taken:
        rest: list[Span] = []
        for a, b in left:
            if high <= a or low >= b:
                rest.append((a, b))
                continue
            if a < low:
                rest.append((a, low))
            if high < b:
                rest.append((high, b))
        left = rest
    return left
