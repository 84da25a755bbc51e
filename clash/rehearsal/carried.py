"""When what carries an element is there, and how much of its bearing is missing."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from bimcore.arrays import F64, I32, I64, Mask
from bimcore.calendars import WorkTime, worktimes
from bimcore.critical_path import Moments
from bimcore.schedule import Action, Schedule
from clash.rehearsal.base import Stage

#: Later than any date.
NEVER = np.datetime64("9999-01-01T00:00", "m")
#: Earlier than any date.
EVER = np.datetime64("0001-01-01T00:00", "m")


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Standing:
    """When each element (E,) of a stage is there to carry, and until when.

    Attributes
    ----------
    starts : (E,) datetime64[m]
        Its building starts; ``EVER`` for what no task builds.
    bears : (E,) datetime64[m]
        It can carry: the last of the tasks of the trade that began it is done. A wall bears
        when the mason leaves, not when the painter does.
    ready : (E,) datetime64[m]
        All its tasks are done.
    leaves, gone : (E,) datetime64[m]
        Its removal starts and ends; ``NEVER`` for what stays.
    last : (E,) int32
        The task that makes it bear; -1 for none.

    """

    starts: Moments
    bears: Moments
    ready: Moments
    leaves: Moments
    gone: Moments
    last: I32


def standing_of(stage: Stage) -> Standing:
    """When each element of a stage is there to carry."""
    life = stage.lifetimes
    dated = life.dated
    bears, last = _bearing(stage)
    return Standing(
        starts=np.where(dated, life.appear, EVER),
        bears=np.where(dated, bears, EVER),
        ready=np.where(dated, life.complete, EVER),
        leaves=np.where(np.isnat(life.remove), NEVER, life.remove),
        gone=np.where(np.isnat(life.gone), NEVER, life.gone),
        last=last,
    )


def _bearing(stage: Stage) -> tuple[Moments, I32]:
    """When each element can carry, and the task after which it can."""
    life, links, path = stage.lifetimes, stage.links, stage.path
    bears: Moments = life.complete.copy()
    last: I32 = life.task.copy()
    builds = np.array([a in (Action.INSTALL, Action.TEMPORARY) for a in links.action], dtype=bool)
    rows = np.flatnonzero(builds[links.task] & ~np.isnat(path.finish[links.task]))
    count = np.bincount(links.element[rows], minlength=len(bears))
    several = rows[count[links.element[rows]] > 1]
    done: dict[int, tuple[np.datetime64, int]] = {}
    for row in several.tolist():
        task, element = int(links.task[row]), int(links.element[row])
        first = links.trade[int(life.task[element])] if life.task[element] >= 0 else ""
        trade = links.trade[task]
        if first and trade and trade != first:
            continue
        finish = path.finish[task]
        if element not in done or finish > done[element][0]:
            done[element] = (finish, task)
    for element, (finish, task) in done.items():
        if life.appear[element] != life.complete[element]:
            # no later than all its tasks: a summary may reach further than its rows
            bears[element] = min(finish, life.complete[element])
            last[element] = task
    return bears, last


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Bearings:
    """Support edges that count: permanent, bearing, with shares that add up to one.

    Attributes
    ----------
    below, above : (S,) int64
        Sorted by `above`.
    share : (S,) float64
    start : (E + 1,) int64
        Edges of each element carried.

    """

    below: I64
    above: I64
    share: F64
    start: I64

    def of(self, element: int) -> slice:
        """Rows of the edges that carry `element`."""
        return slice(int(self.start[element]), int(self.start[element + 1]))


def bearings_of(stage: Stage) -> Bearings:
    """What carries each element for good."""
    contacts = stage.contacts
    counts = (contacts.share > 0) & ~stage.lifetimes.temporary[contacts.below]
    order = np.flatnonzero(counts)
    order = order[np.lexsort((contacts.below[order], contacts.above[order]))]
    below, above = contacts.below[order].astype(np.int64), contacts.above[order].astype(np.int64)
    elements = len(contacts.grounded)
    total = np.bincount(above, contacts.share[order], minlength=elements)
    start = np.searchsorted(above, np.arange(elements + 1))
    return Bearings(
        below=below,
        above=above,
        share=contacts.share[order] / np.where(total[above] > 0, total[above], 1.0),
        start=start,
    )


def propped(stage: Stage, standing: Standing, moments: Moments) -> Mask:
    """Elements (E,) that something temporary carries at a moment (E,) of their own."""
    contacts = stage.contacts
    props = np.flatnonzero(stage.lifetimes.temporary[contacts.below])
    below, above = contacts.below[props], contacts.above[props]
    when = moments[above]
    there = (standing.ready[below] <= when) & (standing.gone[below] > when)
    found = np.zeros(len(contacts.grounded), dtype=np.bool_)
    found[above[there]] = True
    return found


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Workdays:
    """Counts working days by the calendars of a plan."""

    times: Mapping[str, WorkTime]
    calendars: tuple[str, ...]
    per_day: float

    @classmethod
    def of(cls, schedule: Schedule) -> "Workdays":
        """Of all calendars of `schedule`."""
        return cls(
            times=worktimes(schedule),
            calendars=tuple(t.calendar for t in schedule.tasks),
            per_day=schedule.minutes_per_day or 480.0,
        )

    def time_of(self, task: int) -> WorkTime:
        """Working time of a task."""
        own = self.calendars[task] if task >= 0 else ""
        return self.times[own if own in self.times else ""]

    def within(self, task: int, window: tuple[np.datetime64, np.datetime64]) -> float:
        """Working days of a task within a half-open window; 0 for an endless one."""
        if window[1] >= NEVER or window[0] <= EVER or window[1] <= window[0]:
            return 0.0
        return self.time_of(task).minutes_between(window[0], window[1]) / self.per_day
