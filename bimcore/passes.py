"""The forward and the backward pass over the network of a plan."""

from collections.abc import Sequence
from dataclasses import dataclass

from bimcore.calendars import minutes_of
from bimcore.clocks import Clocks
from bimcore.network import FROM_FINISH, TO_START, Arc, Network
from bimcore.schedule import Constraint, Progress, Schedule, Task, TaskKind

Minute = int | None


@dataclass(slots=True)
class Dates:
    """Begin and end of every node, in minutes since 1970; None where not known."""

    start: list[Minute]
    finish: list[Minute]

    @classmethod
    def none(cls, count: int) -> "Dates":
        """Of `count` nodes of which nothing is known."""
        return cls([None] * count, [None] * count)


@dataclass(slots=True)
class Plan:
    """What both passes look at; `pinned` leaves work on the dates of its author."""

    schedule: Schedule
    network: Network
    clocks: Clocks
    origin: int
    pinned: bool = False

    @property
    def rolls(self) -> bool:
        """Whether what is not done is planned from the status date on."""
        return self.schedule.progress is not Progress.PLANNED


def authored(task: Task, row: int, clocks: Clocks) -> tuple[Minute, Minute]:
    """Begin and end as the author has them; one that is missing follows from the duration."""
    start = None if task.start is None else minutes_of(task.start)
    finish = None if task.finish is None else minutes_of(task.finish)
    length = clocks.duration[row]
    if start is None and finish is not None:
        start = clocks.ahead(row, finish, -length)
    elif finish is None and start is not None and task.duration is not None:
        finish = clocks.ahead(row, start, length)
    elif finish is None and task.kind is TaskKind.MILESTONE:
        finish = start
    return start, finish


def forward(plan: Plan) -> Dates:
    """Early dates of all nodes; knotted ones pass on the dates of their author, if any."""
    network, tasks = plan.network, plan.schedule.tasks
    dates, low = Dates.none(3 * network.size), Dates.none(3 * network.size)
    for node in network.knotted:
        row = network.row(node)
        dates.start[node], dates.finish[node] = authored(tasks[row], row, plan.clocks)
        _push(plan, network.out[node], dates, low)
    for node in network.order:
        row = network.row(node)
        if node >= network.size:
            # A gate holds back what is below; a span has gathered what it waits for.
            dates.start[node], dates.finish[node] = low.start[node], low.finish[node]
        elif not _is_idle(tasks[row], low.start[row], low.finish[row]):
            dates.start[node], dates.finish[node] = _placed(plan, row, low)
        _push(plan, network.out[node], dates, low)
    return dates


def _is_idle(task: Task, *bounds: Minute) -> bool:
    """Whether nothing says when the row would be: a heading, or a note of work without time."""
    if task.kind is TaskKind.HEADING:
        return True
    known = (task.start, task.finish, task.duration, task.constraint_date, task.actual_start)
    return task.kind is TaskKind.TASK and not any(v is not None for v in (*known, *bounds))


def _push(plan: Plan, arcs: Sequence[Arc], dates: Dates, low: Dates) -> None:
    """Hand on what the targets of `arcs` have to wait for."""
    for arc in arcs:
        start, finish = dates.start[arc.source], dates.finish[arc.source]
        link, target = arc.link, arc.target
        if link is None and target >= 2 * plan.network.size:
            low.start[target] = _least(low.start[target], start)
            low.finish[target] = _most(low.finish[target], finish)
        elif link is None:
            low.start[target] = _most(low.start[target], start)
        else:
            known = finish if link.type in FROM_FINISH else start
            if known is not None:
                side = low.start if link.type in TO_START else low.finish
                side[target] = _most(side[target], plan.clocks.after_lag(link, known))


def _least(*moments: Minute) -> Minute:
    return min((m for m in moments if m is not None), default=None)


def _most(*moments: Minute) -> Minute:
    return max((m for m in moments if m is not None), default=None)


def _placed(plan: Plan, row: int, low: Dates) -> tuple[int, int]:
    """Early begin and end of the task of `row`."""
    task, clocks = plan.schedule.tasks[row], plan.clocks
    if plan.pinned:
        begin, end = authored(task, row, clocks)
        if begin is not None and end is not None:
            return begin, end
    start = _earliest(plan, row, low)
    length = clocks.duration[row]
    if length and not clocks.elapsed[row]:
        start = clocks.work[row].forward(start)
    finish = clocks.ahead(row, start, length)
    must_end = task.constraint is Constraint.MUST_FINISH and task.firm
    if must_end and task.constraint_date is not None:
        finish = minutes_of(task.constraint_date)
    if task.actual_start is not None:
        start = minutes_of(task.actual_start)
        finish = max(_to_go(plan, row, start, low), start)
    if task.actual_finish is not None:
        finish = minutes_of(task.actual_finish)
        start = min(start, finish)
    return start, finish


def _to_go(plan: Plan, row: int, start: int, low: Dates) -> int:
    """When a task that has begun will be done."""
    task, status = plan.schedule.tasks[row], plan.schedule.status_date
    clocks, left = plan.clocks, remaining(plan, row)
    if task.resumes is not None and task.remaining is not None:
        return clocks.ahead(row, max(start, minutes_of(task.resumes)), left)
    if status is None or (task.remaining is None and not plan.rolls):
        return clocks.ahead(row, start, clocks.duration[row])
    on = max(start, minutes_of(status))
    if plan.schedule.progress is Progress.RETAINED:
        ends = low.finish[row]
        waits = (low.start[row], None if ends is None else clocks.ahead(row, ends, -left))
        on = max(m for m in (on, *waits) if m is not None)
    return clocks.ahead(row, on, left)


def remaining(plan: Plan, row: int) -> int:
    """Minutes that are still to do on the task of `row`."""
    task, whole = plan.schedule.tasks[row], plan.clocks.duration[row]
    if task.remaining is not None:
        return round(task.remaining)
    return whole if task.actual_start is None else round(whole * (1 - task.complete))


def _earliest(plan: Plan, row: int, low: Dates) -> int:
    """The first moment at which links and constraint let the task of `row` begin."""
    task, clocks = plan.schedule.tasks[row], plan.clocks
    length = clocks.duration[row]
    ends = low.finish[row]
    bound = _most(low.start[row], None if ends is None else clocks.ahead(row, ends, -length))
    if bound is None:
        known = authored(task, row, clocks)[0]
        bound = plan.origin if known is None else known
    if plan.rolls and plan.schedule.status_date is not None:
        bound = max(bound, minutes_of(plan.schedule.status_date))
    if task.constraint_date is None:
        return bound
    return _constrained(plan, row, bound, minutes_of(task.constraint_date))


def _constrained(plan: Plan, row: int, start: int, date: int) -> int:
    """Begin of the task of `row` under its constraint of that date."""
    task, ended = plan.schedule.tasks[row], plan.clocks.ahead(row, date, -plan.clocks.duration[row])
    match task.constraint:
        case Constraint.MUST_START:
            return date if task.firm else max(start, date)
        case Constraint.MUST_FINISH:
            return ended if task.firm else max(start, ended)
        case Constraint.START_NO_EARLIER:
            return max(start, date)
        case Constraint.FINISH_NO_EARLIER:
            return max(start, ended)
        case Constraint.START_NO_LATER:
            return min(start, date) if task.firm else start
        case Constraint.FINISH_NO_LATER:
            return min(start, ended) if task.firm else start
        case _:
            return start


def backward(plan: Plan, early: Dates) -> tuple[Dates, Dates]:
    """Late dates of all nodes, and how far each may slip before its followers notice.

    The late dates keep to the end of the plan, to constraints and to deadlines.
    """
    network, tasks = plan.network, plan.schedule.tasks
    size = network.size
    end = _most(*(early.finish[n] for n in network.order if n < size))
    late, slip = Dates.none(3 * size), Dates.none(3 * size)
    #: What followers hold their predecessors to: work its early dates, groups what is below.
    held = Dates.none(3 * size)
    for node in reversed(network.order):
        free = _limit(plan, node, early, held)
        last = _limit(plan, node, early, late)
        if node >= size:
            late.start[node], late.finish[node] = last
            held.start[node], held.finish[node] = free
        elif early.start[node] is not None and end is not None:
            held.start[node], held.finish[node] = early.start[node], early.finish[node]
            late.start[node], late.finish[node] = _latest(plan, node, last, end)
            if tasks[node].actual_finish is not None:
                late.start[node], late.finish[node] = early.start[node], early.finish[node]
            slip.start[node], slip.finish[node] = free if free != (None, None) else (None, end)
    return late, slip


def _limit(plan: Plan, node: int, early: Dates, held: Dates) -> tuple[Minute, Minute]:
    """The last begin and the last end of `node` that leave those after it where `held` says."""
    start: Minute = None
    finish: Minute = None
    tasks = plan.schedule.tasks
    for arc in plan.network.out[node]:
        link, target = arc.link, arc.target
        if target < plan.network.size and tasks[target].actual_finish is not None:
            continue  # what is done waits for nobody
        if link is None and target >= 2 * plan.network.size:
            finish = _least(finish, held.finish[target])
            if early.start[node] == early.start[target]:
                start = _least(start, held.start[target])
        elif link is None:
            start = _least(start, held.start[target])
        else:
            known = (held.start if link.type in TO_START else held.finish)[target]
            if known is not None:
                if link.type not in TO_START:
                    known = plan.clocks.still(link.successor, known)
                bound = plan.clocks.after_lag(link, known, back=True)
                if link.type in FROM_FINISH:
                    finish = _least(finish, bound)
                else:
                    start = _least(start, bound)
    return start, finish


def _latest(plan: Plan, row: int, limit: tuple[Minute, Minute], end: int) -> tuple[int, int]:
    """Late begin and end of the task of `row`."""
    task, clocks = plan.schedule.tasks[row], plan.clocks
    length = clocks.duration[row]
    if plan.rolls and task.actual_start is not None:
        length = remaining(plan, row)
    bounds = [end]
    if limit[1] is not None:
        bounds.append(limit[1])
    if limit[0] is not None and task.actual_start is None:
        bounds.append(clocks.ahead(row, limit[0], length))
    if task.deadline is not None:
        bounds.append(minutes_of(task.deadline))
    finish = min(bounds)
    if task.constraint_date is not None:
        finish = _held_to(task, finish, minutes_of(task.constraint_date), plan, row)
    if length and not clocks.elapsed[row]:
        finish = clocks.work[row].backward(finish)
    return clocks.ahead(row, finish, -length), finish


def _held_to(task: Task, finish: int, date: int, plan: Plan, row: int) -> int:
    """Late end of the task of `row` under its constraint of that date."""
    begun = plan.clocks.ahead(row, date, plan.clocks.duration[row])
    match task.constraint:
        case Constraint.MUST_START:
            return begun if task.firm else min(finish, begun)
        case Constraint.MUST_FINISH:
            return date if task.firm else min(finish, date)
        case Constraint.START_NO_LATER:
            return min(finish, begun)
        case Constraint.FINISH_NO_LATER:
            return min(finish, date)
        case _:
            return finish
