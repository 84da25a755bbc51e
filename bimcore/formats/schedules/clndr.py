"""The text in which a Primavera XER keeps the working time of a calendar."""

import re
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import pairwise

from bimcore.formats.schedules.p6fields import (
    FULL_DAY,
    YEARS,
    as_clock,
    joined_shifts,
    shift_of,
)
from bimcore.schedule import Shift

_EPOCH = date(1899, 12, 30)
_PARTS = re.compile(r"[()]|[^()]+")

#: Told what is wrong with the text, in Chinese and English.
Complain = Callable[[str, str], None]


@dataclass(slots=True)
class _Group:
    """What stands between one pair of parentheses."""

    words: str = ""
    groups: list["_Group"] = field(default_factory=list)


@dataclass(slots=True)
class Hours:
    """Working time as one calendar states it; days it does not state are not there."""

    week: dict[int, tuple[Shift, ...]] = field(default_factory=dict)
    days: dict[date, tuple[Shift, ...]] = field(default_factory=dict)


def parsed(text: str, complain: Complain) -> Hours:
    """The week (Monday 0) and the exceptions in `text`; faults are told to `complain`."""
    top, whole = _groups(text)
    if not whole:
        complain(
            "的文字不完整，括号不成对", "has a text that is cut off: its brackets do not match"
        )
    hours = Hours()
    for node in _nodes(top):
        name = _name(node)
        if name == "daysofweek":
            for child in _children(node):
                _week_day(child, hours, complain)
        elif name == "exceptions":
            for child in _children(node):
                _exception(child, hours, complain)
    return hours


def _groups(text: str) -> tuple[_Group, bool]:
    """The nesting of `text`, and whether its parentheses match."""
    top = _Group()
    open_, whole = [top], True
    for part in _PARTS.findall(text):
        if part == "(":
            group = _Group()
            open_[-1].groups.append(group)
            open_.append(group)
        elif part == ")":
            if len(open_) > 1:
                open_.pop()
            else:
                whole = False
        else:
            open_[-1].words += part.strip("\x7f \t\r\n")
    return top, whole and len(open_) == 1


def _nodes(top: _Group) -> list[_Group]:
    """Every group that has a name, from the outside in."""
    found: list[_Group] = []
    waiting = deque([top])
    while waiting:
        group = waiting.popleft()
        if "||" in group.words:
            found.append(group)
        if _name(group) in {"", "calendardata"}:
            waiting += group.groups
    return found


def _name(node: _Group) -> str:
    return node.words.partition("||")[2].strip().lower() if "||" in node.words else ""


def _children(node: _Group) -> list[_Group]:
    """Named groups inside `node`, whichever brackets stand between."""
    found: list[_Group] = []
    for group in node.groups:
        found += [group] if "||" in group.words else [g for g in group.groups if "||" in g.words]
    return found


def _values(node: _Group) -> dict[str, str]:
    """``s|08:00|f|12:00`` beside or after the name."""
    texts = [node.words.partition("||")[2], *(g.words for g in node.groups if "||" not in g.words)]
    words = [w.strip() for text in texts for w in text.split("|")]
    keys = {"s", "f", "d"}
    return {a.lower(): b for a, b in pairwise(words) if a.lower() in keys}


def _week_day(node: _Group, hours: Hours, complain: Complain) -> None:
    name = _name(node)
    if name not in {"1", "2", "3", "4", "5", "6", "7"}:
        complain(f"有未知的星期“{name}”", f'has an unknown day of the week "{name}"')
        return
    # 1 is Sunday
    hours.week[(int(name) - 2) % 7] = _shifts(_children(node), complain)


def _exception(node: _Group, hours: Hours, complain: Complain) -> None:
    number = _values(node).get("d", "")
    day = _day(number)
    if day is None:
        complain(
            f"有无法理解的例外日期“{number}”", f'has an exception on "{number}", which is no day'
        )
        return
    hours.days[day] = _shifts(_children(node), complain)


def _day(number: str) -> date | None:
    if not re.fullmatch(r"\d{1,6}(\.\d+)?", number):
        return None
    day = _EPOCH + timedelta(days=int(float(number)))
    return day if YEARS[0] <= day.year <= YEARS[1] else None


def _shifts(nodes: list[_Group], complain: Complain) -> tuple[Shift, ...]:
    found: list[Shift] = []
    for node in nodes:
        held = _values(node)
        start, end = as_clock(held.get("s", "")), as_clock(held.get("f", ""))
        if end == 0:
            end = FULL_DAY
        shift = shift_of(start, end)
        if shift is None:
            told = f"{held.get('s', '?')}-{held.get('f', '?')}"
            complain(
                f"有无法理解的工作时段“{told}”", f'has the working time "{told}", which is none'
            )
        else:
            found.append(shift)
    return joined_shifts(found)
