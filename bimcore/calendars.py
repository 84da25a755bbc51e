"""Working time of a calendar, counted in minutes."""

from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping
from datetime import date, datetime, time, timedelta
from typing import TypeVar

import numpy as np

from bimcore.schedule import Calendar, Schedule, Shift

Moment = TypeVar("Moment", datetime, np.datetime64)

MINUTES = 1440  #: of a day
_MORNING_AFTERNOON: tuple[Shift, ...] = ((480, 720), (780, 1020))
#: Monday to Friday, 8 to 12 and 13 to 17: what holds where a plan names no calendar.
STANDARD = Calendar(id="", name="standard", week=((_MORNING_AFTERNOON,) * 5 + ((), ())))
_EPOCH = datetime.combine(date(1970, 1, 1), time())
_EPOCH_DAY = date(1970, 1, 1).toordinal()
#: Days of the table, since 1970; before and after, time counts round the clock.
_FIRST = date(1950, 1, 2).toordinal() - _EPOCH_DAY  # a Monday
_LAST = date(2150, 1, 1).toordinal() - _EPOCH_DAY


def minutes_of(moment: datetime | np.datetime64) -> int:
    """Minutes since 1970 of a local moment; seconds are dropped."""
    if isinstance(moment, datetime):
        return int((moment - _EPOCH) // timedelta(minutes=1))
    return int(moment.astype("datetime64[m]").astype(np.int64))


def moment_of(minutes: int) -> datetime:
    """The local moment so many minutes after 1970."""
    return _EPOCH + timedelta(minutes=minutes)


class WorkTime:
    """Working time of one calendar, from 1950 to 2150.

    A moment is a `datetime` or a `datetime64`, local; the answer is of the same type. A
    calendar without any working time at all is read as the standard calendar; in one that
    ends, what is left to do is done round the clock from 2150 on.
    """

    __slots__ = ("_done", "_kinds", "_patterns", "_usual", "_week")

    def __init__(self, calendar: Calendar) -> None:
        week, exceptions = calendar.week, calendar.exceptions
        if not any(week) and not any(e.shifts for e in exceptions):
            week, exceptions = STANDARD.week, ()
        patterns: dict[tuple[Shift, ...], int] = {(): 0}
        self._week = [patterns.setdefault(_merged(s), len(patterns)) for s in week]
        kinds = np.resize(np.array(self._week, dtype=np.int32), _LAST - _FIRST)
        for row in exceptions:
            first = max(row.first.toordinal() - _EPOCH_DAY - _FIRST, 0)
            last = max(row.last.toordinal() - _EPOCH_DAY - _FIRST + 1, 0)
            kinds[first:last] = patterns.setdefault(_merged(row.shifts), len(patterns))
        self._patterns = tuple(patterns)
        lengths = np.array([sum(e - b for b, e in p) for p in self._patterns], dtype=np.int64)
        done = np.concatenate([[0], np.cumsum(lengths[kinds])])
        # Arrays of Python are read one by one several times faster than those of numpy.
        self._done = array("q", done.astype(np.int64).tobytes())
        self._kinds = array("i", kinds.tobytes())
        worked = [s for s in (*week, *(e.shifts for e in exceptions)) if s]
        self._usual = _merged(max(worked, key=worked.count))

    @classmethod
    def of(cls, calendar: Calendar | None) -> "WorkTime":
        """Working time of `calendar`; of the standard calendar for None."""
        return cls(STANDARD if calendar is None else calendar)

    def add(self, moment: Moment, minutes: float) -> Moment:
        """The moment at which so much more is worked.

        It is the first such moment going forward (the end of a shift, not the begin of the
        next) and the last one going back (the begin of a shift). Zero leaves it as it is.
        """
        return _like(moment, self.add_minutes(minutes_of(moment), round(minutes)))

    def minutes_between(self, first: Moment, last: Moment) -> int:
        """Minutes worked from `first` to `last`; negative when `last` is before."""
        return self.worked(minutes_of(first), minutes_of(last))

    def next_working(self, moment: Moment) -> Moment:
        """`moment` itself within a shift, else the begin of the next one."""
        return _like(moment, self.forward(minutes_of(moment)))

    def previous_working(self, moment: Moment) -> Moment:
        """`moment` itself within a shift or at its end, else the end of the one before."""
        return _like(moment, self.backward(minutes_of(moment)))

    def is_working_day(self, day: date) -> bool:
        """Whether anything is worked on that date."""
        return bool(self.shifts(day))

    def shifts(self, day: date) -> tuple[Shift, ...]:
        """Shifts of that date, in order, apart from one another."""
        row = day.toordinal() - _EPOCH_DAY - _FIRST
        if not 0 <= row < len(self._kinds):
            return self._patterns[self._week[day.weekday()]]
        return self._patterns[self._kinds[row]]

    def day_start(self, day: date) -> datetime:
        """Begin of work on `day`; that of a usual day when nothing is worked."""
        begin = (self.shifts(day) or self._usual)[0][0]
        return datetime.combine(day, time()) + timedelta(minutes=begin)

    def day_end(self, day: date) -> datetime:
        """End of work on `day`; that of a usual day when nothing is worked."""
        end = (self.shifts(day) or self._usual)[-1][1]
        return datetime.combine(day, time()) + timedelta(minutes=end)

    def add_minutes(self, moment: int, minutes: int) -> int:
        """As :meth:`add` on minutes since 1970."""
        if minutes == 0:
            return moment
        done = self._done_by(moment) + minutes
        return self._first(done) if minutes > 0 else self._last(done)

    def worked(self, first: int, last: int) -> int:
        """As :meth:`minutes_between` on minutes since 1970."""
        return self._done_by(last) - self._done_by(first)

    def forward(self, moment: int) -> int:
        """As :meth:`next_working` on minutes since 1970."""
        done = self._done_by(moment)
        return moment if self._done_by(moment + 1) > done else max(self._last(done), moment)

    def backward(self, moment: int) -> int:
        """As :meth:`previous_working` on minutes since 1970."""
        done = self._done_by(moment)
        return moment if self._done_by(moment - 1) < done else min(self._first(done), moment)

    def _done_by(self, moment: int) -> int:
        """Minutes worked from the begin of the table to `moment`."""
        number, minute = divmod(moment, MINUTES)
        row = number - _FIRST
        if row < 0:
            return moment - _FIRST * MINUTES
        if row >= len(self._kinds):
            return self._done[-1] + moment - _LAST * MINUTES
        done = self._done[row]
        for begin, end in self._patterns[self._kinds[row]]:
            if minute <= begin:
                break
            done += min(minute, end) - begin
        return done

    def _first(self, done: int) -> int:
        """The first moment by which so much is done."""
        if done <= 0:
            return _FIRST * MINUTES + done
        if done > self._done[-1]:
            return _LAST * MINUTES + done - self._done[-1]
        row = bisect_left(self._done, done) - 1
        rest = done - self._done[row]
        midnight = (_FIRST + row) * MINUTES
        for begin, end in self._patterns[self._kinds[row]]:
            if rest <= end - begin:
                return midnight + begin + rest
            rest -= end - begin
        return midnight + MINUTES  # pragma: no cover - the day holds the rest

    def _last(self, done: int) -> int:
        """The last moment by which no more than that is done."""
        if done < 0:
            return _FIRST * MINUTES + done
        if done >= self._done[-1]:
            return _LAST * MINUTES + done - self._done[-1]
        row = bisect_right(self._done, done) - 1
        rest = done - self._done[row]
        midnight = (_FIRST + row) * MINUTES
        for begin, end in self._patterns[self._kinds[row]]:
            if rest < end - begin:
                return midnight + begin + rest
            rest -= end - begin
        return midnight + MINUTES  # pragma: no cover - the day holds the rest


def worktimes(schedule: Schedule) -> Mapping[str, WorkTime]:
    """Working time of every calendar of `schedule` by id; ``""`` is that of the plan itself."""
    return _WorkTimes(schedule)


class _WorkTimes(Mapping[str, WorkTime]):
    """Tables of working time, made when asked for: a plan may hold far more than it uses."""

    def __init__(self, schedule: Schedule) -> None:
        self._calendars = {c.id: c for c in schedule.calendars}
        self._calendars[""] = self._calendars.get(schedule.calendar, STANDARD)
        self._made: dict[str, WorkTime] = {}
        self._alike: dict[object, WorkTime] = {}

    def __getitem__(self, key: str) -> WorkTime:
        if key not in self._made:
            calendar = self._calendars[key]
            hours = calendar.week, calendar.exceptions
            if hours not in self._alike:
                self._alike[hours] = WorkTime(calendar)
            self._made[key] = self._alike[hours]
        return self._made[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._calendars)

    def __len__(self) -> int:
        return len(self._calendars)


def _merged(shifts: tuple[Shift, ...]) -> tuple[Shift, ...]:
    """The same time as shifts in order that neither overlap nor touch."""
    told: list[Shift] = []
    for begin, end in sorted((max(b, 0), min(e, MINUTES)) for b, e in shifts):
        if begin >= end:
            continue
        if told and begin <= told[-1][1]:
            told[-1] = told[-1][0], max(end, told[-1][1])
        else:
            told.append((begin, end))
    return tuple(told)


def _like(moment: Moment, minutes: int) -> Moment:
    if isinstance(moment, datetime):
        return moment_of(minutes)
    return np.datetime64(minutes, "m")
