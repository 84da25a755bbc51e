"""Dates and floats that follow from links, calendars and constraints."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from bimcore.arrays import Mask
from bimcore.calendars import minutes_of
from bimcore.clocks import Clocks
from bimcore.network import FROM_FINISH, TO_START, Network
from bimcore.passes import Dates, Minute, Plan, authored, backward, forward
from bimcore.schedule import Constraint, Schedule, TaskKind

#: Moments are minutes of local time; NaT where nothing is known.
Moments = NDArray[np.datetime64]

_FIRST, _LAST = minutes_of(datetime(1000, 1, 1)), minutes_of(datetime(9000, 1, 1))  # noqa: DTZ001 - local time without zone


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class CriticalPath:
    """What the network of a schedule computes to, beside the dates of its author.

    Attributes
    ----------
    start, finish : (T,) datetime64[m]
        The dates in force: those of the author where given, else those that follow, half-open.
        Summaries span their children.
    early_start, early_finish, late_start, late_finish : (T,) datetime64[m]
        Forward and backward pass; NaT in a cycle and for headings.
    total_float, free_float : (T,) float64
        Working minutes; NaN where not computed.
    authored : (T,) bool
        Whether `start` and `finish` are the author's.
    cycles : tuple of tuple of int
        Rows of each cycle of links, in order.

    """

    start: Moments
    finish: Moments
    early_start: Moments
    early_finish: Moments
    late_start: Moments
    late_finish: Moments
    total_float: NDArray[np.float64]
    free_float: NDArray[np.float64]
    authored: Mask
    cycles: tuple[tuple[int, ...], ...] = ()

    @property
    def critical(self) -> Mask:
        """Tasks (T,) without float."""
        found: Mask = np.nan_to_num(self.total_float, nan=np.inf) <= 0
        return found


def compute(schedule: Schedule) -> CriticalPath:
    """Dates and floats that follow from the network of `schedule`.

    - Links hold on the early dates of the predecessor, lags on the calendar they name; a
      link into a group holds all that is below it, one out of a group waits for all of it
      (begin: for the first of it). Ends of groups are not held by FF and SF links.
    - Work that nothing drives begins where its author has it, else with the plan.
    - Constraints hold against links, as their authors meant them to; what is done or begun
      stands on its actual dates.
    - Zero durations stay where they fall; everything else is moved to working time.
    - Rows in a circle of links are not computed; what follows them goes by the dates of
      their author. Levels of effort drive nothing and span what they are linked to; summaries
      without rows of their own span those on their level.
    - In force without dates of the author: what follows from those in force before it;
      late dates for as late as possible.
    - Total float is NaN where work is done already. That of a group is the least below it.

    Parameters
    ----------
    schedule : Schedule
        Rows of links within ``range(len(schedule.tasks))``.

    """
    tasks = schedule.tasks
    clocks, network = Clocks(schedule), Network(schedule)
    plan = Plan(schedule, network, clocks, _origin(schedule))
    dated = schedule.start is not None or any(t.start or t.finish for t in tasks)
    if not dated:
        return _unknown(len(tasks), network.cycles)
    early = forward(plan)
    late, slip = backward(plan, early)
    _span_late(network, late)
    _efforts(plan, early)
    force, own = _in_force(plan, _pinned(plan, early), late)
    hidden = {network.row(n) for n in network.knotted}
    hidden |= {row for row, task in enumerate(tasks) if task.kind is TaskKind.HEADING}
    early_rows, late_rows = _rows(network, early, hidden), _rows(network, late, hidden)
    total, free = _floats(plan, early_rows, late_rows, slip)
    return CriticalPath(
        start=_moments(force.start),
        finish=_moments(force.finish),
        early_start=_moments(early_rows.start),
        early_finish=_moments(early_rows.finish),
        late_start=_moments(late_rows.start),
        late_finish=_moments(late_rows.finish),
        total_float=total,
        free_float=free,
        authored=np.array(own, dtype=np.bool_),
        cycles=network.cycles,
    )


def _origin(schedule: Schedule) -> int:
    """Begin of the plan: stated, else the first date of the author."""
    if schedule.start is not None:
        return minutes_of(schedule.start)
    dates = [d for t in schedule.tasks for d in (t.start, t.finish) if d is not None]
    return minutes_of(min(dates)) if dates else 0


def _pinned(plan: Plan, early: Dates) -> Dates:
    """Early dates where what has dates of its author keeps them."""
    tasks, network = plan.schedule.tasks, plan.network
    leaves = [t for row, t in enumerate(tasks) if row not in network.groups]
    if all(t.start is not None and t.finish is not None for t in leaves):
        return early
    dates = forward(replace(plan, pinned=True))
    for row in network.effort:
        dates.start[row], dates.finish[row] = early.start[row], early.finish[row]
    return dates


def _unknown(count: int, cycles: tuple[tuple[int, ...], ...]) -> CriticalPath:
    """Nothing known: a plan without a single date."""
    never = _moments([None] * count)
    floats = np.full(count, np.nan)
    own = np.zeros(count, dtype=np.bool_)
    return CriticalPath(
        start=never,
        finish=never,
        early_start=never,
        early_finish=never,
        late_start=never,
        late_finish=never,
        total_float=floats,
        free_float=floats,
        authored=own,
        cycles=cycles,
    )


def _span_late(network: Network, late: Dates) -> None:
    """Give every group the late dates of what is below it."""
    size = network.size
    spans = Dates.none(3 * size)
    for node in network.order:
        if node < size:
            spans.start[node], spans.finish[node] = late.start[node], late.finish[node]
        for arc in network.out[node]:
            if arc.link is None and arc.target >= 2 * size:
                _widen(spans, arc.target, spans.start[node], spans.finish[node])
    late.start[2 * size :] = spans.start[2 * size :]
    late.finish[2 * size :] = spans.finish[2 * size :]


def _widen(dates: Dates, row: int, start: Minute, finish: Minute) -> None:
    known, ended = dates.start[row], dates.finish[row]
    if start is not None:
        dates.start[row] = start if known is None else min(known, start)
    if finish is not None:
        dates.finish[row] = finish if ended is None else max(ended, finish)


def _efforts(plan: Plan, early: Dates) -> None:
    """Stretch levels of effort over what they are linked to."""
    network, clocks = plan.network, plan.clocks
    ends: dict[int, tuple[list[int], list[int]]] = {row: ([], []) for row in network.effort}
    for link in plan.schedule.links:
        before, after = network.span(link.predecessor), network.span(link.successor)
        known = (early.finish if link.type in FROM_FINISH else early.start)[before]
        if link.successor in ends and known is not None:
            side = 0 if link.type in TO_START else 1
            ends[link.successor][side].append(clocks.after_lag(link, known))
        known = (early.start if link.type in TO_START else early.finish)[after]
        if link.predecessor in ends and known is not None:
            side = 1 if link.type in FROM_FINISH else 0
            ends[link.predecessor][side].append(clocks.after_lag(link, known, back=True))
    for row in network.beside:
        above = network.span(plan.schedule.tasks[row].parent)
        first, last = early.start[above], early.finish[above]
        if first is not None and last is not None:
            ends[row] = [first], [last]
    for row, (starts, finishes) in ends.items():
        own = authored(plan.schedule.tasks[row], row, clocks)
        start = min(starts, default=own[0])
        finish = max(finishes, default=own[1])
        if start is not None and finish is not None and start <= finish:
            early.start[row], early.finish[row] = start, finish


def _in_force(plan: Plan, early: Dates, late: Dates) -> tuple[Dates, list[bool]]:
    """Dates in force of every row, and whether they are the author's."""
    network, tasks = plan.network, plan.schedule.tasks
    force, own = Dates.none(network.size), [False] * network.size
    for row, task in enumerate(tasks):
        if row in network.groups:
            continue
        start, finish = authored(task, row, plan.clocks)
        own[row] = start is not None and finish is not None
        computed = late if task.constraint is Constraint.ALAP else early
        knotted = row in network.knotted
        begin = None if knotted else computed.start[row]
        end = None if knotted else computed.finish[row]
        if start is None or finish is None:
            start, finish = _completed(plan, row, (start, finish), (begin, end))
        force.start[row], force.finish[row] = start, finish
    _gather(network, plan.schedule, force)
    return force, own


def _completed(
    plan: Plan, row: int, own: tuple[Minute, Minute], computed: tuple[Minute, Minute]
) -> tuple[Minute, Minute]:
    """Begin and end where the author has at most one of them."""
    if own[0] is not None:
        return own[0], plan.clocks.ahead(row, own[0], plan.clocks.duration[row])
    if own[1] is not None:
        return plan.clocks.ahead(row, own[1], -plan.clocks.duration[row]), own[1]
    return computed


def _gather(network: Network, schedule: Schedule, force: Dates) -> None:
    """Let groups span what is below them; empty ones keep the dates of their author."""
    tasks = schedule.tasks
    depth: dict[int, int] = {-1: 0}
    for row in range(len(tasks)):
        above, way = row, []
        while above not in depth and above not in way:
            way.append(above)
            above = tasks[above].parent
        for step, known in enumerate(reversed(way), start=1):
            depth[known] = depth.get(above, 0) + step
    for row in sorted(range(len(tasks)), key=lambda r: -depth[r]):
        parent = tasks[row].parent
        if row in network.groups and force.start[row] is None and force.finish[row] is None:
            task = tasks[row]
            start = None if task.start is None else minutes_of(task.start)
            finish = None if task.finish is None else minutes_of(task.finish)
            force.start[row], force.finish[row] = start, finish
        if parent >= 0:
            _widen(force, parent, force.start[row], force.finish[row])


def _rows(network: Network, dates: Dates, hidden: set[int]) -> Dates:
    """Of each row: that of its work or its span."""
    told = Dates.none(network.size)
    for row in range(network.size):
        if row not in hidden:
            node = network.span(row)
            told.start[row], told.finish[row] = dates.start[node], dates.finish[node]
    return told


def _floats(
    plan: Plan, early: Dates, late: Dates, slip: Dates
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Total and free float of every row in its own working minutes."""
    network, tasks = plan.network, plan.schedule.tasks
    total, free = np.full(network.size, np.nan), np.full(network.size, np.nan)
    for row in network.order:
        start, finish = early.start[row] if row < network.size else None, None
        if start is None or tasks[row].actual_finish is not None:
            continue
        finish, last = early.finish[row], late.finish[row]
        if finish is None or last is None:
            continue
        total[row] = _between(plan, row, finish, last)
        spare = [total[row]]
        for begin, end in ((start, slip.start[row]), (finish, slip.finish[row])):
            if end is not None:
                spare.append(_between(plan, row, begin, end))
        free[row] = max(min(spare), 0)
    _least_below(plan, total)
    return total, free


def _between(plan: Plan, row: int, first: int, last: int) -> int:
    if plan.clocks.elapsed[row]:
        return last - first
    return plan.clocks.work[row].worked(first, last)


def _least_below(plan: Plan, total: NDArray[np.float64]) -> None:
    """Give every group the least float of what is below it."""
    network = plan.network
    for node in network.order:
        for arc in network.out[node]:
            if arc.link is None and arc.target >= 2 * network.size:
                row, above = network.row(node), network.row(arc.target)
                total[above] = np.fmin(total[above], total[row])


def _moments(minutes: Sequence[Minute]) -> Moments:
    rows = np.array([m if m is not None else 0 for m in minutes], dtype=np.int64)
    # Durations without measure may add up to years that no calendar has.
    told = rows.clip(_FIRST, _LAST).astype("datetime64[m]")
    told[[m is None for m in minutes]] = np.datetime64("NaT")
    return told
