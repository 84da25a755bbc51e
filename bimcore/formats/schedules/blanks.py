"""Cells of places that planners leave blank where they would repeat the one above."""

import re
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

from bimcore.schedule import Task

#: Headers of columns that tell where a task is.
_PLACE = re.compile(
    r"楼层|部位|^层|施工[层段区]|流水段|区[段域]|分[区段]|楼栋|[楼栋]号|单体|单位工程|"
    r"\b(?:level|floor|flr|storey|story|zone|area|building|bldg|block|tower|section)\b",
    re.IGNORECASE,
)


def filled_down(tasks: Sequence[Task]) -> list[Task]:
    """The tasks of a sheet without groups, with places carried down to the rows left blank.

    A column is so written where its first row is filled, as many rows are blank as are not,
    and no value stands in two rows running.
    """
    found = list(tasks)
    if any(t.parent >= 0 for t in tasks):
        return found
    names = dict.fromkeys(n for t in tasks for n in t.codes if _PLACE.search(n))
    kept = [n for n in names if _left_blank([t.codes.get(n, "") for t in tasks])]
    last: dict[str, str] = {}
    for row, task in enumerate(found):
        last |= {n: task.codes[n] for n in kept if n in task.codes}
        found[row] = replace(task, codes={**task.codes, **last}) if last else task
    return found


def _left_blank(values: Sequence[str]) -> bool:
    """Whether blanks of a column stand for the value above."""
    blank = sum(not v for v in values)
    if not values[0] or 2 * blank < len(values):
        return False
    return not any(a and a == b for a, b in pairwise(values))
