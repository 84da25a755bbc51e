"""Two exports of one plan, compared task by task."""

from collections import Counter
from collections.abc import Iterator

import numpy as np

from bimcore.critical_path import compute
from bimcore.schedule import Schedule
from clash.rehearsal.faults import Fault, Plan, counted


def matches(plan: Schedule, other: Schedule) -> dict[int, int]:
    """Rows of `other` for rows of `plan`: same id and name, else a name that is there once.

    Ids alone count only within one format, since each tool numbers in its own way.
    """
    by_id = {t.id: row for row, t in enumerate(other.tasks)}
    found: dict[int, int] = {}
    for row, task in enumerate(plan.tasks):
        there = by_id.get(task.id)
        if there is not None and _name(other, there) == _name(plan, row):
            found[row] = there
    taken = set(found.values())
    for keys in (_paths, _names):
        mine, theirs = keys(plan), keys(other)
        once = Counter(theirs[r] for r in range(len(other.tasks)) if r not in taken)
        alone = Counter(mine[r] for r in range(len(plan.tasks)) if r not in found)
        rows = {theirs[r]: r for r in range(len(other.tasks)) if r not in taken}
        for row in range(len(plan.tasks)):
            key = mine[row]
            if row not in found and once[key] == 1 and alone[key] == 1 and rows[key] not in taken:
                found[row] = rows[key]
                taken.add(rows[key])
    if plan.format == other.format:
        for row, task in enumerate(plan.tasks):
            there = by_id.get(task.id)
            if row not in found and there is not None and there not in taken:
                found[row] = there
                taken.add(there)
    return found


def _name(schedule: Schedule, row: int) -> str:
    return "".join(schedule.tasks[row].name.split()).lower()


def _names(schedule: Schedule) -> list[str]:
    return [_name(schedule, row) for row in range(len(schedule.tasks))]


def _paths(schedule: Schedule) -> list[str]:
    """Names with that of the group above, which tells storeys apart."""
    return [
        f"{_name(schedule, t.parent) if t.parent >= 0 else ''}/{_name(schedule, row)}"
        for row, t in enumerate(schedule.tasks)
    ]


def shifted(plan: Plan, other: Schedule, *, least: float) -> Iterator[Fault]:
    """Tasks whose dates in `other` differ by `least` working days or more."""
    path = compute(other)
    for row, there in sorted(matches(plan.schedule, other).items()):
        span = plan.span(row)
        if row in plan.groups or span is None:
            continue
        start, finish = path.start[there], path.finish[there]
        if np.isnat(start) or np.isnat(finish):
            continue
        days = max(
            abs(plan.days_between(row, start, span[0])),
            abs(plan.days_between(row, finish, span[1])),
        )
        if days < max(least, 1e-9):
            continue
        name, dates = plan.name(row), plan.dates
        mine, its = dates.between(span), dates.between((start, finish))
        yield Fault(
            kind="version",
            tasks=(row,),
            days=days,
            zh=(
                f"“{name}”：“{plan.schedule.name}”是{mine[0]}，“{other.name}”是{its[0]}，"
                f"相差 {counted(days)} 个工作日。"
            ),
            en=(
                f'"{name}": {mine[1]} in "{plan.schedule.name}", {its[1]} in "{other.name}", '
                f"{counted(days)} working days apart."
            ),
            move_zh="确认哪一份是现行计划，停用另一份。",
            move_en="Settle which of the two is in force, and withdraw the other.",
            window=(min(span[0], start), max(span[1], finish)),
            data={"other": other.name, "apart_days": round(days, 2)},
        )


def missing(plan: Plan, other: Schedule) -> tuple[list[int], list[str]]:
    """Rows of the plan that `other` lacks, and names of tasks that only `other` has."""
    found = matches(plan.schedule, other)
    here = [row for row, task in plan.leaves() if task.works and row not in found]
    taken, groups = set(found.values()), {t.parent for t in other.tasks}
    there = [
        t.name or t.id
        for row, t in enumerate(other.tasks)
        if t.works and row not in taken and row not in groups
    ]
    return here, there
