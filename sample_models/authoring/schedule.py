"""The construction plan as MSPDI XML, with a few faults of sequence in it."""

from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from xml.sax.saxutils import escape

from sample_models.authoring import grid

START = date(2026, 3, 2)
#: Days without work: Qingming, Labour Day, Dragon Boat, National Day.
HOLIDAYS = (
    (date(2026, 4, 4), date(2026, 4, 6)),
    (date(2026, 5, 1), date(2026, 5, 5)),
    (date(2026, 6, 19), date(2026, 6, 21)),
    (date(2026, 10, 1), date(2026, 10, 7)),
)


@dataclass(slots=True)
class Task:
    """One row of the plan; `after` holds (uid, link type, lag in working days)."""

    uid: int
    name: str
    level: int
    days: int = 0
    start: date = START
    after: list[tuple[int, int, int]] = field(default_factory=list)
    summary: bool = False

    @property
    def finish(self) -> date:
        """Last working day."""
        return shift(self.start, max(self.days, 1) - 1)


def working(day: date) -> bool:
    """Six days a week, holidays off."""
    return day.weekday() != 6 and not any(a <= day <= b for a, b in HOLIDAYS)


def shift(day: date, days: int) -> date:
    """The working day `days` after `day`, which is moved to a working day first."""
    while not working(day):
        day += timedelta(days=1)
    for _ in range(days):
        day += timedelta(days=1)
        while not working(day):
            day += timedelta(days=1)
    return day


#: Days that the props of beams of this span have to stay.
AGE = 21
#: Working days between a pour and the striking of its props: more than AGE on the calendar.
STRIKING = 18
#: Trades of a storey: name, working days, start after that of the trade before.
_TRADES = (
    ("柱、墙钢筋模板及混凝土浇筑", 8),
    ("梁板支模、钢筋及混凝土浇筑", 10),
    ("拆除梁板支撑", 3),
    ("砌体隔墙及外墙", 12),
    ("机电管线安装", 15),
    ("吊顶封板", 8),
    ("地面面层及门窗", 10),
)


def tasks(*, faulty: bool = True) -> list[Task]:
    """All rows in order; dates follow the links except, if `faulty`, where a fault is seeded."""
    rows: list[Task] = []

    def add(name: str, level: int, days: int, after: list[tuple[int, int, int]]) -> Task:
        task = Task(len(rows) + 1, name, level, days, after=after)
        starts = [shift(rows[u - 1].finish, 1 + lag) for u, kind, lag in after if kind == 1]
        starts += [shift(rows[u - 1].start, lag) for u, kind, lag in after if kind == 3]
        task.start = max(starts, default=shift(START, 0))
        rows.append(task)
        return task

    def head(name: str) -> None:
        rows.append(Task(len(rows) + 1, name, 1, summary=True))

    head("地基与地下室")
    dig = add("土方开挖", 2, 20, [])
    piles = add("挡土墙灌注桩", 2, 25, [(dig.uid, 3, 5)])
    raft = add("筏板基础", 2, 15, [(dig.uid, 1, 0)])
    wall = add("挡土墙及基础", 2, 20, [(piles.uid, 1, 0)])
    before = add("B1 地下室柱、墙、顶板", 2, 20, [(raft.uid, 1, 0)])
    for storey in grid.FLOORS:
        head(f"{storey.name} 层")
        last = before
        for name, days in _TRADES:
            lag = STRIKING if name.startswith("拆除") else 0
            last = add(f"{storey.name} {name}", 2, days, [(last.uid, 1, lag)])
            if name.startswith("梁板"):
                before = last
    head("室外工程")
    pipes = add("室外雨水管网", 2, 15, [(before.uid, 1, 0)])
    add("墙后回填", 2, 8, [(pipes.uid, 1, 0), (wall.uid, 1, 0)])
    add("透水砖铺装及绿化", 2, 20, [(len(rows), 1, 0)])
    head("施工措施")
    add("外脚手架搭设", 2, 60, [(before_of(rows, "1F 砌体"), 3, 0)])
    facade = add("外立面保温及涂料", 2, 20, [(before_of(rows, "5F 砌体"), 1, 0)])
    add("外脚手架拆除", 2, 10, [(facade.uid, 1, 0)])
    head("管线迁改")
    add("JS-002、JS-003 给水管迁改", 2, 4, [])
    add("JS-001 给水管迁改", 2, 10, [(len(rows), 1, 0)])
    if faulty:
        _seed_faults(rows)
    _summaries(rows)
    return rows


def before_of(rows: list[Task], name: str) -> int:
    """The number of the first row whose name begins so."""
    return next(t.uid for t in rows if t.name.startswith(name))


def named(rows: list[Task], name: str) -> Task:
    """The row of that name."""
    return next(t for t in rows if t.name == name)


def _seed_faults(rows: list[Task]) -> None:
    """Dates moved by hand, as happens in real plans: see the index, kind sequence."""
    ceiling = named(rows, "3F 吊顶封板")
    ceiling.start = named(rows, "3F 机电管线安装").start
    props = named(rows, "2F 拆除梁板支撑")
    props.start = shift(named(rows, "2F 梁板支模、钢筋及混凝土浇筑").finish, 2)
    props.after = []
    columns = named(rows, "5F 柱、墙钢筋模板及混凝土浇筑")
    columns.start = shift(named(rows, "4F 梁板支模、钢筋及混凝土浇筑").start, 2)
    backfill = named(rows, "墙后回填")
    backfill.start = named(rows, "室外雨水管网").start
    finish = named(rows, "2F 地面面层及门窗")
    finish.start = shift(named(rows, "2F 机电管线安装").start, 12)
    strike = named(rows, "外脚手架拆除")
    strike.start = shift(named(rows, "外立面保温及涂料").start, 12)


def _summaries(rows: list[Task]) -> None:
    for n, row in enumerate(rows):
        if not row.summary:
            continue
        inner = []
        for task in rows[n + 1 :]:
            if task.summary:
                break
            inner.append(task)
        row.start = min(t.start for t in inner)
        last, day = max(t.finish for t in inner), shift(row.start, 0)
        row.days = 1
        while day < last:
            day = shift(day, 1)
            row.days += 1


def write(path: Path, *, faulty: bool = True) -> None:
    """Write the plan to `path`; without its faults of sequence unless `faulty`."""
    rows = tasks(faulty=faulty)
    lines = [
        '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>',
        '<Project xmlns="http://schemas.microsoft.com/project">',
        "<SaveVersion>14</SaveVersion>",
        "<Name>两江智慧园区 B3 施工总进度计划</Name>",
        "<CreationDate>2026-03-02T09:00:00</CreationDate>",
        f"<StartDate>{START.isoformat()}T08:00:00</StartDate>",
        f"<FinishDate>{max(t.finish for t in rows).isoformat()}T17:00:00</FinishDate>",
        "<MinutesPerDay>480</MinutesPerDay><MinutesPerWeek>2880</MinutesPerWeek>",
        "<DaysPerMonth>26</DaysPerMonth><CalendarUID>1</CalendarUID>",
        *_calendar(),
        "<Tasks>",
        *(line for number, row in enumerate(rows) for line in _task(row, _outline(rows, number))),
        "</Tasks>",
        "</Project>",
    ]
    path.write_bytes(("\n".join(lines) + "\n").encode())


def _outline(rows: list[Task], number: int) -> str:
    heads = sum(r.summary for r in rows[: number + 1])
    if rows[number].summary:
        return str(heads)
    first = max(n for n in range(number) if rows[n].summary)
    return f"{heads}.{number - first}"


def _calendar() -> list[str]:
    lines = [
        "<Calendars><Calendar><UID>1</UID><Name>六天工作制</Name>",
        "<IsBaseCalendar>1</IsBaseCalendar><BaseCalendarUID>-1</BaseCalendarUID><WeekDays>",
    ]
    hours = (
        "<WorkingTimes><WorkingTime><FromTime>08:00:00</FromTime><ToTime>12:00:00</ToTime>"
        "</WorkingTime><WorkingTime><FromTime>13:00:00</FromTime><ToTime>17:00:00</ToTime>"
        "</WorkingTime></WorkingTimes>"
    )
    for day in range(1, 8):
        work = day != 1
        lines.append(
            f"<WeekDay><DayType>{day}</DayType><DayWorking>{int(work)}</DayWorking>"
            f"{hours if work else ''}</WeekDay>"
        )
    for first, last in HOLIDAYS:
        lines.append(
            "<WeekDay><DayType>0</DayType><DayWorking>0</DayWorking><TimePeriod>"
            f"<FromDate>{first.isoformat()}T00:00:00</FromDate>"
            f"<ToDate>{last.isoformat()}T23:59:00</ToDate></TimePeriod></WeekDay>"
        )
    return [*lines, "</WeekDays></Calendar></Calendars>"]


def _task(task: Task, outline: str) -> list[str]:
    lines = [
        f"<Task><UID>{task.uid}</UID><ID>{task.uid}</ID><Name>{escape(task.name)}</Name>",
        f"<WBS>{outline}</WBS><OutlineNumber>{outline}</OutlineNumber>",
        f"<OutlineLevel>{task.level}</OutlineLevel>",
        f"<Start>{task.start.isoformat()}T08:00:00</Start>",
        f"<Finish>{task.finish.isoformat()}T17:00:00</Finish>",
        f"<Duration>PT{8 * task.days}H0M0S</Duration><DurationFormat>7</DurationFormat>",
        f"<Summary>{int(task.summary)}</Summary><Milestone>0</Milestone>",
        "<CalendarUID>1</CalendarUID>",
    ]
    for uid, kind, lag in task.after:
        lines.append(
            f"<PredecessorLink><PredecessorUID>{uid}</PredecessorUID><Type>{kind}</Type>"
            f"<CrossProject>0</CrossProject><LinkLag>{lag * 4800}</LinkLag>"
            "<LagFormat>7</LagFormat></PredecessorLink>"
        )
    return [*lines, "</Task>"]
