"""Working time against a slow count of minutes."""

from datetime import date, datetime, timedelta

from hypothesis import given, settings, strategies as st

from bimcore.calendars import WorkTime
from bimcore.schedule import Calendar, CalendarException

FIRST = date(2025, 12, 20)
DAYS = 16
FEW = settings(deadline=None, max_examples=25)
MIDNIGHT = datetime(2025, 12, 20)

_marks = st.lists(st.integers(0, 96), min_size=0, max_size=6, unique=True).map(sorted)
shifts = _marks.map(
    lambda m: tuple((15 * a, 15 * b) for a, b in zip(m[::2], m[1::2], strict=False))
)
days = st.integers(0, DAYS - 1).map(lambda n: FIRST + timedelta(days=n))


@st.composite
def exceptions(draw):
    first = draw(days)
    last = first + timedelta(days=draw(st.integers(0, 5)))
    return CalendarException(first=first, last=last, shifts=draw(shifts))


calendars = st.builds(
    Calendar,
    id=st.just("1"),
    name=st.just(""),
    week=st.tuples(*[shifts] * 7).filter(any),
    exceptions=st.lists(exceptions(), max_size=4).map(tuple),
)
moments = st.integers(0, DAYS * 1440 - 1).map(lambda m: MIDNIGHT + timedelta(minutes=m))


def worked(calendar: Calendar) -> list[bool]:
    """Whether each minute of the days is worked: the rules of a calendar, one by one."""
    told = []
    for number in range(DAYS):
        day = FIRST + timedelta(days=number)
        of_day = calendar.week[day.weekday()]
        for row in calendar.exceptions:
            if row.first <= day <= row.last:
                of_day = row.shifts
        told += [any(a <= minute < b for a, b in of_day) for minute in range(1440)]
    return told


def row(moment: datetime) -> int:
    return int((moment - MIDNIGHT).total_seconds()) // 60


@FEW
@given(calendars, moments, moments)
def test_minutes_between_are_those_counted_one_by_one(calendar, first, last):
    first, last = min(first, last), max(first, last)
    slow = sum(worked(calendar)[row(first) : row(last)])

    assert WorkTime.of(calendar).minutes_between(first, last) == slow
    assert WorkTime.of(calendar).minutes_between(last, first) == -slow


@FEW
@given(calendars, moments, st.integers(1, 3000))
def test_adding_stops_at_the_first_moment_by_which_so_much_is_done(calendar, moment, minutes):
    table, left, at = worked(calendar), minutes, row(moment)
    while left and at < len(table):
        left -= table[at]
        at += 1
    if left:
        return  # beyond the days that are counted

    assert WorkTime.of(calendar).add(moment, minutes) == MIDNIGHT + timedelta(minutes=at)


@FEW
@given(calendars, moments, st.integers(1, 3000))
def test_going_back_stops_at_the_last_moment_from_which_so_much_is_done(calendar, moment, minutes):
    table, left, at = worked(calendar), minutes, row(moment)
    while left and at > 0:
        at -= 1
        left -= table[at]
    if left:
        return

    assert WorkTime.of(calendar).add(moment, -minutes) == MIDNIGHT + timedelta(minutes=at)


@FEW
@given(calendars, moments)
def test_next_and_previous_working_moments_are_the_nearest(calendar, moment):
    table, at = worked(calendar), row(moment)
    ahead = next((k for k in range(at, len(table)) if table[k]), None)
    behind = next((k for k in range(at, 0, -1) if table[k - 1]), None)
    work = WorkTime.of(calendar)

    if ahead is not None:
        assert work.next_working(moment) == MIDNIGHT + timedelta(minutes=ahead)
    if behind is not None:
        assert work.previous_working(moment) == MIDNIGHT + timedelta(minutes=behind)


@FEW
@given(calendars, days)
def test_a_working_day_is_one_with_a_worked_minute(calendar, day):
    at = (day - FIRST).days * 1440
    of_day = worked(calendar)[at : at + 1440]
    work = WorkTime.of(calendar)

    assert work.is_working_day(day) == any(of_day)
    if any(of_day):
        assert work.day_start(day) == MIDNIGHT + timedelta(minutes=at + of_day.index(True))
        assert work.day_end(day) == MIDNIGHT + timedelta(
            minutes=at + 1440 - of_day[::-1].index(True)
        )
