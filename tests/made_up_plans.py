"""Plans made up from a seed, with everything that formats carry."""

from dataclasses import replace
from datetime import date, datetime, time, timedelta

import numpy as np

from bimcore.schedule import (
    Calendar,
    CalendarException,
    Constraint,
    Lag,
    Link,
    LinkType,
    Schedule,
    Task,
    TaskKind,
)

DAY = ((480, 720), (780, 1020))
LONG_DAY = ((420, 720), (780, 1080))
NAMES = ("浇筑楼板", "Walls & frames", "砌筑 <内墙>", 'Roof "north"', "Überbau", "吊顶", "Éléments")


def made_up(seed: int, *, tasks: int = 14) -> Schedule:
    """A plan with groups, milestones, all link types, lags, calendars and constraints."""
    rng = np.random.default_rng(seed)
    calendars = (
        _calendar("1", "Five days", DAY, 5, rng),
        _calendar("2", "Six 天", LONG_DAY, 6, rng),
    )
    above = [-1, 0, 0, 0, 0, 4, 4, 4, 4, -1]
    groups = {0: "Group one", 4: "组二", 9: "Group three"}
    rows = []
    for row in range(tasks + len(groups)):
        parent = above[row] if row < len(above) else 9
        if row in groups:
            made = Task(id=f"G{row}", name=groups[row], kind=TaskKind.SUMMARY)
        else:
            made = _task(row, calendars[int(rng.integers(2))], rng)
        rows.append(replace(made, parent=parent))
    work = [i for i, t in enumerate(rows) if t.kind is not TaskKind.SUMMARY]
    pairs = {tuple(sorted(rng.choice(work, 2, replace=False).tolist())) for _ in range(18)}
    kinds = list(LinkType)
    links = tuple(
        Link(
            predecessor=a,
            successor=b,
            type=kinds[int(rng.integers(4))],
            lag=Lag(value=60.0 * float(rng.integers(-8, 25))),
        )
        for a, b in sorted(pairs)
    )
    return Schedule(
        name="plan",
        source="",
        format="",
        tasks=tuple(rows),
        links=links,
        calendars=calendars,
        calendar="1",
        start=datetime(2025, 1, 6, 8),
        status_date=datetime(2025, 1, 6, 8),
    )


def _calendar(key, name, day, length, rng) -> Calendar:
    week = tuple(day if d < length else () for d in range(7))
    exceptions = []
    for year in range(2025, 2029):
        first = date(year, 1, 20) + timedelta(days=int(rng.integers(200)))
        last = first + timedelta(days=int(rng.integers(6)))
        exceptions.append(CalendarException(first=first, last=last))
        extra = date(year, 11, 1) + timedelta(days=int(rng.integers(20)))
        exceptions.append(CalendarException(first=extra, last=extra, shifts=((480, 720),)))
    return Calendar(id=key, name=name, week=week, exceptions=tuple(exceptions))


def shifts_on(calendar: Calendar, day: date):
    """Working time of one day."""
    for held in reversed(calendar.exceptions):
        if held.first <= day <= held.last:
            return held.shifts
    return calendar.week[day.weekday()]


def _task(n, calendar, rng) -> Task:
    milestone = rng.random() < 0.2
    day = date(2025, 1, 6) + timedelta(days=int(rng.integers(0, 900)))
    while not shifts_on(calendar, day):
        day += timedelta(days=1)
    start = datetime.combine(day, time()) + timedelta(minutes=shifts_on(calendar, day)[0][0])
    minutes = 0 if milestone else 60 * int(rng.integers(2, 90))
    finish = worked(calendar, start, minutes)
    constraint, when = Constraint.ASAP, None
    if rng.random() < 0.4:
        constraint = list(Constraint)[int(rng.integers(2, 8))]
        when = start if "start" in constraint.value else finish
    return Task(
        id=f"A{1000 + 10 * n}",
        name=f"{NAMES[n % len(NAMES)]} {n}",
        kind=TaskKind.MILESTONE if milestone else TaskKind.TASK,
        start=start,
        finish=finish,
        duration=float(minutes),
        calendar=calendar.id,
        constraint=constraint,
        constraint_date=when,
    )


def worked(calendar: Calendar, start: datetime, minutes: float) -> datetime:
    """When `minutes` of work that begin at `start` are done."""
    left, at = minutes, start
    if not left:
        return start
    for _ in range(4000):
        midnight = datetime.combine(at.date(), time())
        for a, b in shifts_on(calendar, at.date()):
            begin = max(at, midnight + timedelta(minutes=a))
            end = midnight + timedelta(minutes=b)
            room = (end - begin).total_seconds() / 60
            if room <= 0:
                continue
            if left <= room:
                return begin + timedelta(minutes=left)
            left -= room
        at = midnight + timedelta(days=1)
    raise AssertionError("no working time")
