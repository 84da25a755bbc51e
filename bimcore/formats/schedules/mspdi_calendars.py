"""Calendars of MSPDI: weeks, exceptions old and new, alternative weeks, bases."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from bimcore.calendars import MINUTES
from bimcore.formats.schedules.based import MOST_BASES
from bimcore.formats.schedules.codes import BAD_VALUE, CALENDAR_FAULT
from bimcore.formats.schedules.periods import moment
from bimcore.formats.schedules.places import at_line
from bimcore.formats.schedules.recurring import Recurrence, days, runs
from bimcore.formats.schedules.remarks import Remarks
from bimcore.formats.schedules.xmlrecords import Node
from bimcore.schedule import Calendar, CalendarException, Shift

_DEFAULT: tuple[Shift, ...] = ((480, 720), (780, 1020))
#: Stretches of days that the exceptions of a calendar may come to in a file of people.
_MOST_RULES = 20_000
_DAY = timedelta(days=1)
_PATIENCE = 6_000_000


@dataclass(slots=True)
class RawCalendar:
    """A calendar as it stands in the file, before its base is known.

    `week` holds the days it sets itself, Monday 0; None is "not worked".
    """

    id: str
    name: str
    base: str
    is_base: bool
    line: int
    week: dict[int, tuple[Shift, ...]] = field(default_factory=dict)
    exceptions: list[CalendarException] = field(default_factory=list)


@dataclass(slots=True)
class Patience:
    """Days of recurrences that are still looked through in a file."""

    days: int = field(default_factory=lambda: _PATIENCE)

    def lasts(self, node: Node) -> bool:
        """Take the days between the dates of `node`; whether there were as many left."""
        try:
            first, last = _period(node)
        except ValueError:
            return True  # told where it is read
        self.days -= (last - first).days + 1
        return self.days >= 0


def read_calendar(node: Node, remarks: Remarks, patience: Patience) -> RawCalendar:
    """One ``Calendar`` element; what is beyond `patience` is left out and told."""
    base = node.get("BaseCalendarUID")
    found = RawCalendar(
        id=node.get("UID"),
        name=node.get("Name"),
        base="" if base in ("-1", "0") and base == node.get("UID") else base,
        is_base=node.get("IsBaseCalendar") != "0",
        line=node.line,
    )
    old: list[Node] = []
    for day in [d for box in node.all("WeekDays") for d in box.all("WeekDay")]:
        kind = day.get("DayType")
        if kind == "0":
            old.append(day)
        elif kind in {"1", "2", "3", "4", "5", "6", "7"}:
            found.week[(int(kind) - 2) % 7] = _shifts(day, found, remarks)
        else:
            remarks.note(BAD_VALUE, place=_where(found, day), field="DayType", value=kind)
    weeks = [w for box in node.all("WorkWeeks") for w in box.all("WorkWeek")]
    rules = [e for box in node.all("Exceptions") for e in box.all("Exception")]
    for number, row in enumerate((*weeks, *old, *rules)):
        if len(found.exceptions) > _MOST_RULES or not patience.lasts(row):
            rest = len(weeks) + len(old) + len(rules) - number
            remarks.note(
                CALENDAR_FAULT,
                place=at_line(row.line),
                calendar=found.name,
                what_zh=f"的例外日期过多，从此处起的 {rest} 条未读取",
                what_en=f"has too many exceptions; the {rest} from here on are left out",
            )
            break
        add = _work_week if number < len(weeks) else _exceptions
        found.exceptions += add(row, found, remarks)
    return found


def resolved(raw: Sequence[RawCalendar], remarks: Remarks) -> dict[str, Calendar]:
    """Calendars by id with everything from their bases in them."""
    known = {r.id: r for r in raw}
    return {r.id: _resolved(r, known, remarks) for r in raw}


def _resolved(raw: RawCalendar, known: Mapping[str, RawCalendar], remarks: Remarks) -> Calendar:
    chain, above = [raw], raw.base
    while above in known and above not in {r.id for r in chain} and len(chain) < MOST_BASES:
        chain.append(known[above])
        above = known[above].base
    if above in known:
        around = above in {r.id for r in chain}
        zh = "以自身为基准日历（循环引用）" if around else f"的基准日历超过 {MOST_BASES} 层"
        en = "is based on itself" if around else f"has more than {MOST_BASES} bases in a row"
        remarks.note(
            CALENDAR_FAULT,
            place=at_line(raw.line),
            alike=en,
            calendar=raw.name,
            what_zh=zh,
            what_en=en,
        )
    week: dict[int, tuple[Shift, ...]] = {}
    exceptions: list[CalendarException] = []
    for link in reversed(chain):
        week.update(link.week)
        exceptions += link.exceptions
    if not week:
        week = dict.fromkeys(range(5), _DEFAULT)
    whole = _over_midnight([week.get(d, ()) for d in range(7)])
    if not any(whole) and not any(e.shifts for e in exceptions):
        remarks.note(
            CALENDAR_FAULT,
            place=at_line(raw.line),
            calendar=raw.name,
            what_zh="没有任何工作时间，按标准日历计算",
            what_en="has no working time at all; the standard calendar is used",
        )
    return Calendar(id=raw.id, name=raw.name, week=whole, exceptions=_split(exceptions, whole))


def _where(calendar: RawCalendar, node: Node) -> str:
    return at_line(node.line, f"Calendar “{calendar.name or calendar.id}”")


def _shifts(node: Node, calendar: RawCalendar, remarks: Remarks) -> tuple[Shift, ...]:
    """Shifts of a day; one past midnight ends beyond 1440."""
    if node.get("DayWorking") != "1":
        return ()
    told = []
    for row in [t for box in node.all("WorkingTimes") for t in box.all("WorkingTime")]:
        first, last = row.get("FromTime"), row.get("ToTime")
        if not first and not last:
            continue
        begin, end = _clock(first), _clock(last)
        if begin is None or end is None:
            remarks.note(
                BAD_VALUE, place=_where(calendar, row), field="WorkingTime", value=f"{first}-{last}"
            )
            continue
        told.append((begin, end if end > begin else end + MINUTES))
    return tuple(told) or _DEFAULT


def _clock(text: str) -> int | None:
    """Minutes from midnight of ``08:00:00``."""
    parts = text.rpartition("T")[2].split(":")
    if len(parts) < 2 or not all(p[:2].isdecimal() for p in parts[:2]):
        return None
    hours, minutes = int(parts[0][:2]), int(parts[1][:2])
    return hours * 60 + minutes if hours * 60 + minutes <= MINUTES and minutes < 60 else None


def _exceptions(node: Node, calendar: RawCalendar, remarks: Remarks) -> list[CalendarException]:
    try:
        rule = _recurrence(node, *_period(node))
    except ValueError as err:
        remarks.note(BAD_VALUE, place=_where(calendar, node), field="TimePeriod", value=str(err))
        return []
    shifts = _shifts(node, calendar, remarks)
    return [
        CalendarException(first=a, last=b, shifts=shifts, name=node.get("Name"))
        for a, b in runs(days(rule))
    ]


def _period(node: Node) -> tuple[date, date]:
    """First and last day, both included."""
    period = node.first("TimePeriod")
    if period is None:
        raise ValueError("TimePeriod")
    first = moment(period.get("FromDate")).date()
    return first, max(moment(period.get("ToDate")).date(), first)


def _recurrence(node: Node, first: date, last: date) -> Recurrence:
    def number(tag: str, default: int = 0) -> int:
        text = node.get(tag)
        return int(text) if text else default

    return Recurrence(
        type=number("Type", 1),
        first=first,
        last=last,
        period=number("Period", 1),
        days_of_week=number("DaysOfWeek"),
        item=number("MonthItem"),
        position=number("MonthPosition"),
        month=number("Month"),
        month_day=number("MonthDay"),
        occurrences=number("Occurrences") if node.get("EnteredByOccurrences") == "1" else 0,
    )


def _work_week(node: Node, calendar: RawCalendar, remarks: Remarks) -> list[CalendarException]:
    """An alternative week as exceptions on each of its days."""
    try:
        first, last = _period(node)
    except ValueError as err:
        remarks.note(BAD_VALUE, place=_where(calendar, node), field="WorkWeek", value=str(err))
        return []
    week = {
        (int(day.get("DayType")) - 2) % 7: _shifts(day, calendar, remarks)
        for box in node.all("WeekDays")
        for day in box.all("WeekDay")
        if day.get("DayType") in {"1", "2", "3", "4", "5", "6", "7"}
    }
    told: list[CalendarException] = []
    for number in range(first.toordinal(), last.toordinal() + 1):
        day = date.fromordinal(number)
        if day.weekday() not in week:
            continue
        shifts = week[day.weekday()]
        if told and told[-1].last == day - _DAY and told[-1].shifts == shifts:
            day, last_run = told[-1].first, day
            told.pop()
        else:
            last_run = day
        told.append(
            CalendarException(first=day, last=last_run, shifts=shifts, name=node.get("Name"))
        )
    return told


def _over_midnight(week: list[tuple[Shift, ...]]) -> tuple[tuple[Shift, ...], ...]:
    """The week with what runs past midnight given to the day after."""
    return tuple(_today(week[d]) + _tomorrow(week[d - 1]) for d in range(7))


def _today(shifts: tuple[Shift, ...]) -> tuple[Shift, ...]:
    return tuple((b, min(e, MINUTES)) for b, e in shifts)


def _tomorrow(shifts: tuple[Shift, ...]) -> tuple[Shift, ...]:
    return tuple((0, e - MINUTES) for _, e in shifts if e > MINUTES)


def _split(
    exceptions: list[CalendarException], week: tuple[tuple[Shift, ...], ...]
) -> tuple[CalendarException, ...]:
    """Exceptions whose shifts run past midnight, cut there as well."""
    told: list[CalendarException] = []
    for row in exceptions:
        rest = _tomorrow(row.shifts)
        if not rest:
            told.append(row)
            continue
        today, after = _today(row.shifts), row.last + _DAY
        told.append(CalendarException(first=row.first, last=row.first, shifts=today, name=row.name))
        if row.last > row.first:
            both = today + rest
            told.append(
                CalendarException(first=row.first + _DAY, last=row.last, shifts=both, name=row.name)
            )
        told.append(
            CalendarException(
                first=after, last=after, shifts=rest + week[after.weekday()], name=row.name
            )
        )
    return tuple(told)
