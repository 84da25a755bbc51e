"""The calendar that a table without one was written with."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from bimcore.schedule import Calendar, Shift

#: A task of the table: first and last day, and days of duration where it says so.
Spell = tuple[date, date, float | None]
_WEEKS = {7: ("每周七天", "a seven-day week"), 6: ("每周六天", "a six-day week")}
_NAMES = {**_WEEKS, 5: ("每周五天", "a five-day week")}
_LUNCH = 540  #: minutes of a day from which on an hour of rest is taken


@dataclass(frozen=True, slots=True)
class Assumed:
    """A calendar and why it is taken."""

    calendar: Calendar
    days: int
    zh: str
    en: str
    why_zh: str
    why_en: str


def assumed(
    spells: Sequence[Spell], clocks: Sequence[tuple[int, int]], *, chinese: bool
) -> Assumed:
    """The calendar that explains the most rows.

    Parameters
    ----------
    spells : sequence of (first, last, days)
        Rows with both dates.
    clocks : sequence of (begin, end)
        Minutes from midnight of rows that give times.
    chinese : bool
        Building sites in China work all week where nothing else is known.

    """
    shifts = _shifts(clocks)
    counts = {days: sum(_agrees(s, days) for s in spells) for days in (7, 6, 5)}
    judged = sum(s[2] is not None for s in spells)
    best = max(counts, key=lambda d: counts[d])
    ties = [d for d in counts if counts[d] == counts[best]]
    if judged and counts[best] and len(ties) == 1:
        days = best
        why = (
            f"{judged} 个有工期的任务中 {counts[best]} 个相符",
            f"it fits {counts[best]} of {judged} tasks with a duration",
        )
    else:
        days, why = _by_weekends(spells, ties, chinese=chinese)
    week = tuple(shifts if d < days else () for d in range(7))
    zh, en = _NAMES[days]
    span = " ".join(f"{_clock(a)}-{_clock(b)}" for a, b in shifts)
    calendar = Calendar(id="assumed", name=f"{zh} {en}", week=week)
    return Assumed(calendar, days, f"{zh}（{span}）", f"{en} ({span})", *why)


def _clock(minutes: int) -> str:
    return f"{minutes // 60}:{minutes % 60:02d}"


def _agrees(spell: Spell, days: int) -> bool:
    first, last, length = spell
    if length is None:
        return False
    whole, rest = divmod((last - first).days + 1, 7)
    tail = sum((first + timedelta(days=d)).weekday() < days for d in range(rest))
    return abs(whole * days + tail - length) < 0.5


def _by_weekends(
    spells: Sequence[Spell], open_: Sequence[int], *, chinese: bool
) -> tuple[int, tuple[str, str]]:
    ends = [d for first, last, _ in spells for d in (first, last)]
    if any(d.weekday() == 6 for d in ends):
        return 7, ("有任务在周日开始或完成", "tasks begin or end on Sundays")
    if any(d.weekday() == 5 for d in ends) and 6 in open_:
        return 6, (
            "有任务在周六开始或完成，没有在周日的",
            "tasks begin or end on Saturdays, none on Sundays",
        )
    if len(ends) >= 20:
        return 5, ("没有任务在周末开始或完成", "no task begins or ends at a weekend")
    if chinese:
        return 7, ("工地惯例，数据无法判断", "custom of building sites; the data do not tell")
    return 5, ("惯例，数据无法判断", "custom; the data do not tell")


def _shifts(clocks: Sequence[tuple[int, int]]) -> tuple[Shift, ...]:
    begins = Counter(a for a, _ in clocks if a)
    ends = Counter(b for _, b in clocks if b)
    begin = begins.most_common(1)[0][0] if begins else 480
    end = ends.most_common(1)[0][0] if ends else begin + _LUNCH
    if end <= begin or end > 1440:
        begin, end = 480, 1020
    if end - begin < _LUNCH:
        return ((begin, end),)
    return ((begin, begin + 240), (begin + 300, end))
