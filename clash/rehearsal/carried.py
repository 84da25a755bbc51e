"""When what carries an element is there, and how much of its bearing is missing."""

import re
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from bimcore.arrays import F64, I32, I64, Mask
from bimcore.calendars import WorkTime, worktimes
from bimcore.critical_path import Moments
from bimcore.schedule import Action, Schedule
from clash.rehearsal.base import Stage
from clash.rehearsal.top_down import follows_down

#: Ways of linking that go by words: such a link may mean the same part of another storey.
WORDS = ("name", "place")
#: Numbers of storeys and zones in names of tasks.
_NUMBER = re.compile(r"-?[A-Za-z]?\d+[A-Za-z]?|[一二三四五六七八九十]+(?=层|区|段|楼)|屋面|地下室")
#: Trade of what is fitted into the finished structure.
LINING = "lining"
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
    first, last : (E,) int32
        The task that starts it, and the one that makes it bear; -1 for none.
    unsure : (E,) bool
        Several tasks that are repeated over storeys claim it, of which only one can build
        it: it starts with the latest of these at the latest, and bears with the earliest
        at the earliest, so that what remains wrong is wrong whichever it is.

    """

    starts: Moments
    bears: Moments
    ready: Moments
    leaves: Moments
    gone: Moments
    first: I32
    last: I32
    unsure: Mask


def standing_of(stage: Stage) -> Standing:
    """When each element of a stage is there to carry."""
    life = stage.lifetimes
    dated = life.dated
    starts, bears = life.appear.copy(), life.complete.copy()
    first, last = life.task.copy(), life.task.copy()
    unsure = np.zeros(len(dated), dtype=np.bool_)
    for element, rows in _shared(stage).items():
        claims = _claims(stage, rows)
        if len(claims) > 1:
            unsure[element] = True
            first[element] = max(claims, key=lambda t: (stage.path.start[t], t))
            last[element] = min(claims, key=lambda t: (stage.path.finish[t], t))
            starts[element] = stage.path.start[first[element]]
            bears[element] = stage.path.finish[last[element]]
        elif life.appear[element] != life.complete[element]:
            task = _bearing_task(stage, element, rows)
            # no later than all its tasks: a summary may reach further than its rows
            bears[element] = min(stage.path.finish[task], life.complete[element])
            last[element] = task
    return Standing(
        starts=np.where(dated, starts, EVER),
        bears=np.where(dated, bears, EVER),
        ready=np.where(dated, life.complete, EVER),
        leaves=np.where(np.isnat(life.remove), NEVER, life.remove),
        gone=np.where(np.isnat(life.gone), NEVER, life.gone),
        first=first,
        last=last,
        unsure=unsure,
    )


def _shared(stage: Stage) -> dict[int, list[int]]:
    """Links, by their rows, of elements that several tasks build."""
    links, path = stage.links, stage.path
    builds = np.array([a in (Action.INSTALL, Action.TEMPORARY) for a in links.action], dtype=bool)
    builds[np.isnat(path.finish) | np.isnat(path.start)] = False
    rows = np.flatnonzero(builds[links.task])
    count = np.bincount(links.element[rows], minlength=len(stage.lifetimes.task))
    found: dict[int, list[int]] = defaultdict(list)
    for row in rows[count[links.element[rows]] > 1].tolist():
        found[int(links.element[row])].append(row)
    return {e: rows for e, rows in found.items() if stage.lifetimes.task[e] >= 0}


def _claims(stage: Stage, rows: list[int]) -> list[int]:
    """Tasks of one name but for the number of their storey, told from words alone."""
    links = stage.links
    words = [r for r in rows if links.ways[int(links.how[r])] in WORDS]
    tasks = [int(links.task[r]) for r in words]
    plain: dict[str, list[int]] = defaultdict(list)
    for task in tasks:
        name = stage.schedule.tasks[task].name
        plain[_NUMBER.sub("#", name)].append(task)
    most = max(plain.values(), key=len, default=[])
    different = {stage.schedule.tasks[t].name for t in most}
    return most if len(different) == len(most) else []


def _bearing_task(stage: Stage, element: int, rows: list[int]) -> int:
    """The last task of the trade that begins an element."""
    links, path = stage.links, stage.path
    begun = int(stage.lifetimes.task[element])
    trade = links.trade[begun]
    own = [
        t
        for t in (int(links.task[r]) for r in rows)
        if not trade or not links.trade[t] or links.trade[t] == trade
    ]
    return max(own or [begun], key=lambda t: (path.finish[t], t))


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
    """What carries each element for good.

    What the plan builds as a lining (partitions, stud walls) carries nothing that rests on
    something else too: it is fitted under the structure afterwards. So are the columns and
    walls of a basement that is built from the top down.
    """
    contacts = stage.contacts
    counts = (contacts.share > 0) & ~stage.lifetimes.temporary[contacts.below]
    counts &= ~_fitted_under(stage, counts)
    counts &= ~follows_down(stage, counts)
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


def _fitted_under(stage: Stage, counts: Mask) -> Mask:
    """Edges (S,) from a lining to structure that something else carries besides."""
    contacts, tasks = stage.contacts, stage.lifetimes.task
    lines = np.array([*(t == LINING for t in stage.links.trade), False], dtype=np.bool_)
    fitted = lines[tasks[contacts.below]] & contacts.structural[contacts.above]
    fitted &= ~lines[tasks[contacts.above]]
    other = np.bincount(contacts.above[counts & ~fitted], minlength=len(contacts.grounded)) > 0
    found: Mask = fitted & other[contacts.above]
    return found


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
