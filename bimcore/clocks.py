"""How long tasks and lags of a plan take on their calendars."""

from bimcore.calendars import WorkTime, minutes_of, worktimes
from bimcore.schedule import LagCalendar, LagUnit, Link, Schedule, Task, TaskKind


class Clocks:
    """Durations and lags of a schedule; moments are minutes since 1970.

    Attributes
    ----------
    work : list of WorkTime
        Of each row.
    elapsed : list of bool
        Rows whose duration runs round the clock.
    duration : list of int
        Minutes of each row, on its own clock.

    """

    def __init__(self, schedule: Schedule) -> None:
        known = worktimes(schedule)
        self.plan = known[""]
        self.work = [known.get(t.calendar, self.plan) for t in schedule.tasks]
        self.elapsed: list[bool] = []
        self.duration: list[int] = []
        for task, work in zip(schedule.tasks, self.work, strict=True):
            minutes, elapsed = length_of(task, work)
            self.duration.append(minutes)
            self.elapsed.append(elapsed)

    def ahead(self, row: int, moment: int, minutes: int) -> int:
        """The moment at which the task of `row` has so many minutes behind it."""
        if self.elapsed[row]:
            return moment + minutes
        return self.work[row].add_minutes(moment, minutes)

    def still(self, row: int, moment: int) -> int:
        """The last moment by which the task of `row` has no more behind it than at `moment`."""
        return moment if self.elapsed[row] else self.work[row].forward(moment)

    def after_lag(self, link: Link, moment: int, *, back: bool = False) -> int:
        """`moment` of the predecessor moved by the lag; with `back` the way back."""
        minutes, work = self._lag(link)
        minutes = -minutes if back else minutes
        return moment + minutes if work is None else work.add_minutes(moment, minutes)

    def _lag(self, link: Link) -> tuple[int, WorkTime | None]:
        """Minutes of the lag, and whose working time they are (None: round the clock)."""
        lag, before = link.lag, link.predecessor
        if lag.unit is LagUnit.ELAPSED:
            return round(lag.value), None
        if lag.unit is LagUnit.WORKING:
            return round(lag.value), self._lag_time(link)
        minutes = round(self.duration[before] * lag.value / 100)
        if lag.unit is LagUnit.ELAPSED_PERCENT or self.elapsed[before]:
            return minutes, None
        return minutes, self.work[before]

    def _lag_time(self, link: Link) -> WorkTime | None:
        calendar = link.lag.calendar
        if calendar is LagCalendar.PREDECESSOR:
            return self.work[link.predecessor]
        if calendar is LagCalendar.SUCCESSOR:
            return self.work[link.successor]
        return self.plan if calendar is LagCalendar.PROJECT else None


def length_of(task: Task, work: WorkTime) -> tuple[int, bool]:
    """Minutes that `task` takes, and whether they run round the clock.

    The rests of a split task count. Where the source gives no duration it is what lies between the dates; when nothing is
    worked between them, the time itself.
    """
    if task.duration is not None:
        return max(round(task.duration + task.rests), 0), task.elapsed
    if task.start is None or task.finish is None or task.kind is TaskKind.MILESTONE:
        return 0, task.elapsed
    first, last = minutes_of(task.start), minutes_of(task.finish)
    worked = work.worked(first, last)
    if task.elapsed or (worked == 0 and last > first):
        return max(last - first, 0), True
    return max(worked, 0), False
