"""Headings that planners write as rows of no work."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime

from bimcore.schedule import Constraint, Link, Task, TaskKind


def with_headings(
    tasks: Sequence[Task],
    links: Sequence[Link],
    *,
    start: datetime | None,
    work: Collection[int] = (),
) -> tuple[Task, ...]:
    """The same rows with headings told from milestones.

    A row of no duration without links, people, constraint, deadline, progress and date of
    its own (none, or that of the plan's begin `start`) groups the rows after it on its
    level, up to the next such row or the end of the level. Rows of `work` are no headings,
    whatever they say.
    """
    linked = {end for link in links for end in (link.predecessor, link.successor)}
    parents = {t.parent for t in tasks}
    headings = {
        row
        for row, task in enumerate(tasks)
        if row not in linked and row not in parents and row not in work and _is_empty(task, start)
    }
    headings = {row for row in headings if _has_followers(tasks, row, headings)}
    told = list(tasks)
    open_heading: dict[int, int] = {}
    for row, task in enumerate(tasks):
        if row in headings:
            told[row] = replace(task, kind=TaskKind.HEADING)
            open_heading[task.parent] = row
        elif task.parent in open_heading:
            told[row] = replace(task, parent=open_heading[task.parent])
    return tuple(told)


def _is_empty(task: Task, start: datetime | None) -> bool:
    if task.kind not in (TaskKind.MILESTONE, TaskKind.TASK) or task.duration:
        return False
    if task.resources or task.deadline or task.actual_start or task.actual_finish:
        return False
    if task.constraint_date is not None and task.constraint is not Constraint.START_NO_EARLIER:
        return False
    own = task.start or task.finish
    if task.kind is TaskKind.TASK and task.start and task.finish and task.finish > task.start:
        return False
    return own is None or (start is not None and own <= start)


def _has_followers(tasks: Sequence[Task], row: int, headings: set[int]) -> bool:
    """Whether a row of work comes next on the same level."""
    after = row + 1
    if after >= len(tasks):
        return False
    return tasks[after].parent == tasks[row].parent and after not in headings
