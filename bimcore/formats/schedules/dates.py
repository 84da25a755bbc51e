"""Dates as people write them, read column by column."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from functools import lru_cache

from bimcore.formats.schedules.grids import Cell, text_of
from bimcore.formats.schedules.han import in_digits

_YEARS = range(1950, 2150)
_EXCEL = datetime.combine(date(1899, 12, 30), time())
_SERIALS = (18264.0, 91313.0)  # of Excel: 1950 to 2149
_ISO_DAY = re.compile(r"(\d{4})(\d{2})(\d{2})")
_NUMBERS = re.compile(r"(\d{1,4})\s*([-/.年\s])\s*(\d{1,2})\s*([-/.月\s])\s*(\d{1,4})\s*[日号]?")
_SHORT = re.compile(r"(\d{1,2})\s*[月./]\s*(\d{1,2})\s*[日号]?")
_WORDS = re.compile(
    r"(?:(\d{1,2})(?:st|nd|rd|th)?[-/. ]*([A-Za-z]{3,9})\.?|([A-Za-z]{3,9})\.?[-/. ]*(\d{1,2})(?:st|nd|rd|th)?)"
    r"[-/., ']*(\d{4}|\d{2})"
)
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_FOREIGN = {"mrt": 3, "maa": 3, "mei": 5, "okt": 10, "mai": 5, "mär": 3, "dez": 12}
_WEEKDAYS: Mapping[str, int] = {
    **dict(zip(("mon", "tue", "wed", "thu", "fri", "sat", "sun"), range(7), strict=True)),
    **dict(zip(("mo", "di", "mi", "do", "fr", "sa", "so"), range(7), strict=True)),
    **dict(zip(("ma", "di", "wo", "do", "vr", "za", "zo"), range(7), strict=True)),
}
_WEEKDAY = re.compile(
    r"(?:星期|周|礼拜)([一二三四五六日天])|\b(mon|tue|wed|thu|fri|sat|sun)[a-z]*\b[.,]?"
    r"|^(mo|di|mi|do|fr|sa|so|ma|wo|vr|za|zo)\b[.,]?",
    re.IGNORECASE,
)
_CLOCK = re.compile(
    r"(?P<half>上午|下午|中午|晚上|凌晨)?\s*(?P<h>\d{1,2})\s*[:：时]\s*(?P<m>\d{1,2})?\s*分?"
    r"(?:[:：]\d{1,2}(?:\.\d+)?)?\s*(?P<ampm>[ap]\.?m\.?)?",
    re.IGNORECASE,
)
_EMPTY = re.compile(r"[(（]\s*[)）]")
#: Half a day without a time: 3月2日上午.
_HALF = re.compile(r"\s*(?:(?P<am>上午|早上|凌晨|[Aa]\.?[Mm]\.?)|下午|晚上|[Pp]\.?[Mm]\.?)$")
#: An actual date is marked with A, one that a constraint holds with a star.
_PRIMAVERA = re.compile(r"(?<=\d)(?:\s+A)?\s*\*$|(?<=\d)\s+A$")
_BLANK = frozenset({"", "-", "--", "/", "—", "——", "na", "n/a", "无", "none", "null", "nan", "~"})
_BETWEEN = ("至", "到", "~", "\uff5e", "——", "—", "–", "\uff0d", " to ", " - ")
#: Orders of three numbers, the likeliest first.
YMD, DMY, MDY = "ymd", "dmy", "mdy"


@dataclass(frozen=True, slots=True)
class Written:
    """A cell as far as it is understood without the rest of its column.

    Attributes
    ----------
    parts : tuple of int or None
        Three numbers whose order is open.
    fixed : date or None
        The day, where it is plain.
    clock : int or None
        Minutes from midnight.
    weekday : int or None
        As the cell itself says, Monday 0.
    month_day : tuple of int or None
        A month and a day without a year.
    actual : bool
        Marked as done, the way Primavera marks its columns: ``02-Mar-26 A``.
    half : int
        Of a day without a time: 1 its morning, 2 its afternoon.

    """

    fixed: date | None = None
    clock: int | None = None
    parts: tuple[int, int, int] | None = None
    mark: str = ""
    weekday: int | None = None
    month_day: tuple[int, int] | None = None
    actual: bool = False
    half: int = 0


def is_blank(cell: Cell) -> bool:
    """Whether a cell says that there is nothing."""
    return cell is None or (isinstance(cell, str) and cell.strip().lower() in _BLANK)


def written(cell: Cell) -> Written | None:
    """What a cell says of a date; None when it says none."""
    if isinstance(cell, datetime):
        return _fixed(cell.date(), _minutes(cell))
    if isinstance(cell, float):
        return _of_number(cell)
    text = text_of(cell)
    if re.fullmatch(r"\d+(?:\.\d+)?", text):
        return _of_number(float(text)) or _of_text(text)
    return _of_text(text)


def _minutes(moment: datetime) -> int | None:
    minutes = moment.hour * 60 + moment.minute
    return minutes or None


def _fixed(day: date, clock: int | None) -> Written | None:
    return Written(fixed=day, clock=clock) if day.year in _YEARS else None


def _of_number(number: float) -> Written | None:
    if _SERIALS[0] <= number < _SERIALS[1]:
        moment = _EXCEL + timedelta(minutes=round(number * 1440))
        return _fixed(moment.date(), _minutes(moment))
    day = _ISO_DAY.fullmatch(text_of(number))
    return None if day is None else _day(int(day[1]), int(day[2]), int(day[3]), None)


def _day(year: int, month: int, number: int, clock: int | None) -> Written | None:
    try:
        return _fixed(date(year, month, number), clock)
    except ValueError:
        return None


@lru_cache(maxsize=1 << 16)
def _of_text(text: str) -> Written | None:
    marked = _PRIMAVERA.search(text)
    if marked is not None:
        found = _of_text(text[: marked.start()])
        return found and replace(found, actual="A" in marked[0])
    said = _WEEKDAY.search(text)
    bare = _WEEKDAY.sub(" ", text).replace("T", " ").replace(",", " ").strip().strip("()（） ")
    bare = _EMPTY.sub(" ", bare)
    bare = re.sub(r"(?<=:\d\d)(?:Z|[+-]\d\d:?\d\d)$", "", bare).strip()
    clock_at = _CLOCK.search(bare)
    clock = None
    if clock_at is not None and ":" in clock_at[0].replace("：", ":").replace("时", ":"):
        clock = _clock(clock_at)
        if clock is None:
            return None
        bare = (bare[: clock_at.start()] + " " + bare[clock_at.end() :]).strip()
    weekday = None if said is None else _weekday(said)
    half = _HALF.search(bare) if clock is None else None
    if half is not None:
        found = _of_day(bare[: half.start()], None, weekday)
        return found and replace(found, half=1 if half["am"] else 2)
    return _of_day(bare.strip(), clock, weekday)


def _weekday(said: re.Match[str]) -> int:
    if said[1]:
        return "一二三四五六日天".index(said[1]) % 7 if said[1] != "天" else 6
    return _WEEKDAYS[(said[2] or said[3]).lower()]


def _clock(found: re.Match[str]) -> int | None:
    hours, minutes = int(found["h"]), int(found["m"] or 0)
    half = (found["half"] or found["ampm"] or "").lower().replace(".", "")
    if half in ("下午", "晚上", "pm", "中午") and hours < 12:
        hours += 12
    elif half in ("上午", "凌晨", "am") and hours == 12:
        hours = 0
    total = hours * 60 + minutes
    return total if minutes < 60 and total <= 1440 else None


def _of_day(text: str, clock: int | None, weekday: int | None) -> Written | None:
    text = in_digits(text) if "月" in text else text
    compact = _ISO_DAY.fullmatch(text)
    if compact is not None:
        return _day(int(compact[1]), int(compact[2]), int(compact[3]), clock)
    three = _NUMBERS.fullmatch(text)
    if three is not None:
        return _of_three(three, clock, weekday)
    word = _WORDS.fullmatch(text)
    if word is not None:
        return _of_words(word, clock)
    short = _SHORT.fullmatch(text)
    if short is not None:
        return Written(month_day=(int(short[1]), int(short[2])), clock=clock)
    return None


def _of_three(found: re.Match[str], clock: int | None, weekday: int | None) -> Written | None:
    a, b, c = int(found[1]), int(found[3]), int(found[5])
    if any(len(n) == 4 and int(n) < 100 for n in (found[1], found[5])):
        return None  # the year 1 is not 2001
    if len(found[1]) == 4 or found[2] == "年":
        return _day(a if a >= 100 else 2000 + a, b, c, clock)
    if len(found[1]) == 3 or len(found[5]) == 3:
        return None
    if found[2] == "." and len(found[5]) == 4 and b <= 12:
        return _day(c, b, a, clock)  # nobody writes the month first with points
    return Written(parts=(a, b, c), mark=found[2], clock=clock, weekday=weekday)


def _of_words(found: re.Match[str], clock: int | None) -> Written | None:
    word = (found[2] or found[3]).lower()[:3]
    month = _MONTHS.index(word) + 1 if word in _MONTHS else _FOREIGN.get(word, 0)
    year = int(found[5]) + (2000 if len(found[5]) == 2 else 0)
    return _day(year, month, int(found[1] or found[4]), clock)


def ends_of(text: str) -> tuple[str, str] | None:
    """Begin and end of a span such as ``2026.3.2-2026.3.6`` or ``3月2日至3月6日``.

    An end without a year or month has that of the begin.
    """
    for mark in (*_BETWEEN, "-"):
        first, found, last = text.partition(mark)
        while found:
            pair = first.strip(), last.strip()
            if all(pair) and written(pair[0]) is not None:
                whole = _whole_end(*pair)
                if whole is not None:
                    return pair[0], whole
            more, found, last = last.partition(mark)
            first = f"{first}{mark}{more}"
    return None


def _whole_end(first: str, last: str) -> str | None:
    """The end of a span with what it leaves out taken from the begin."""
    if written(last) is not None:
        return last
    year = re.match(r"\d{4}\s*[-/.年]", first)
    if year is not None and written(year[0] + last) is not None:
        return year[0] + last
    month = re.match(r"(?:\d{4}\s*[-/.年]\s*)?\d{1,2}\s*[-/.月]", first)
    if month is not None and written(month[0] + last) is not None:
        return month[0] + last
    return None


def day_of(cell: Written, order: str, *, year: int | None) -> date | None:
    """The day of a cell under an order of numbers; `year` where it names none."""
    if cell.fixed is not None:
        return cell.fixed
    if cell.month_day is not None:
        found = None if year is None else _day(year, *cell.month_day, None)
        return None if found is None else found.fixed
    if cell.parts is None:
        return None
    named = dict(zip(order, cell.parts, strict=True))
    years = named["y"] if named["y"] >= 100 else 2000 + named["y"]
    found = _day(years, named["m"], named["d"], None)
    return None if found is None else found.fixed


@dataclass(frozen=True, slots=True)
class Order:
    """Order of day, month and year in a table, and what tells it.

    `sample` is a cell that could be read otherwise; empty when none could.
    """

    order: str
    sample: str
    why_zh: str
    why_en: str


_NAMES = {
    YMD: ("年-月-日", "year-month-day"),
    DMY: ("日-月-年", "day-month-year"),
    MDY: ("月-日-年", "month-day-year"),
}


def order_of(pairs: Sequence[tuple[Cell, Cell]], *, chinese: bool) -> Order:
    """How three numbers are meant in a table, told from all of it.

    Parameters
    ----------
    pairs : sequence of (start, finish)
        Cells of all rows.
    chinese : bool
        Whether the table speaks Chinese: then a year of two digits comes first.

    """
    cells = [(_open(a), _open(b)) for a, b in pairs]
    flat = [w for pair in cells for w in pair if w is not None]
    orders = [o for o in (YMD, DMY, MDY) if _possible(flat, o)]
    sample = next((_sample(w) for w in flat if sum(_fits(w, o) for o in (YMD, DMY, MDY)) > 1), "")
    if not orders:
        # No order suits every cell: the one that suits most, the others are told as faults.
        best = max((DMY, MDY, YMD), key=lambda o: sum(_fits(w, o) for w in flat))
        return Order(best, sample, "多数日期只能这样读", "most dates can only be read so")
    if len(orders) == 1:
        return Order(orders[0], sample, "本列有日期只能这样读", "some dates can only be read so")
    return _likeliest(cells, flat, orders, sample, chinese=chinese)


def _open(cell: Cell) -> Written | None:
    found = None if is_blank(cell) else written(cell)
    return found if found is not None and found.parts is not None else None


def _sample(cell: Written) -> str:
    return (cell.mark.strip() or "-").join(f"{n:02d}" for n in cell.parts or ())


def _fits(cell: Written, order: str) -> bool:
    day = day_of(cell, order, year=None)
    return day is not None and (cell.weekday is None or day.weekday() == cell.weekday)


def _possible(cells: Iterable[Written], order: str) -> bool:
    return all(_fits(c, order) for c in cells)


def _likeliest(
    cells: Sequence[tuple[Written | None, Written | None]],
    flat: Sequence[Written],
    orders: list[str],
    sample: str,
    *,
    chinese: bool,
) -> Order:
    def faults(order: str) -> int:
        whole = [(a, b) for a, b in cells if a is not None and b is not None]
        days = [(day_of(a, order, year=None), day_of(b, order, year=None)) for a, b in whole]
        return sum(a is not None and b is not None and b < a for a, b in days)

    def spread(order: str) -> int:
        days = [d for w in flat if (d := day_of(w, order, year=None)) is not None]
        return (max(days) - min(days)).days if days else 0

    least = min(faults(o) for o in orders)
    if any(faults(o) > least for o in orders):
        orders = [o for o in orders if faults(o) == least]
        if len(orders) == 1:
            return Order(
                orders[0],
                sample,
                "否则有任务的完成早于开始",
                "else tasks would end before they begin",
            )
    narrow = min(spread(o) for o in orders)
    if len(flat) > 2 and any(spread(o) > 2 * narrow + 60 for o in orders):
        orders = [o for o in orders if spread(o) <= 2 * narrow + 60]
        if len(orders) == 1:
            return Order(
                orders[0], sample, "这样读计划的时间跨度最合理", "the plan is then shortest in time"
            )
    habit = [YMD, MDY, DMY] if chinese else [DMY, MDY, YMD]
    if not chinese and any(w.mark == "/" for w in flat) and any(w.clock for w in flat):
        habit = [MDY, DMY, YMD]
    best = next(o for o in habit if o in orders)
    return Order(best, sample, "按习惯推定，无法从数据证实", "by custom; the data do not tell")


def name_of(order: str) -> tuple[str, str]:
    """An order in Chinese and English words."""
    return _NAMES[order]
