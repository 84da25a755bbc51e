"""Columns that are put up after what they are drawn to carry: part of R04."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from bimcore.arrays import F64, I64
from clash.rehearsal.base import Stage
from clash.rehearsal.carried import EVER, Bearings, Standing

#: Metres from a column within which something else that carries the same stands in for it, and
#: from which its absence counts in full.
_STANDS_IN, _FULL = 1.0, 4.0
#: Share of full magnitude of a column with something else close by.
_LEAST = 0.25
#: Trades of columns that carry; casings and posts of the finish do not.
_CARRYING = ("", "structure", "foundation", "roof", "envelope")


@dataclass(frozen=True, slots=True, kw_only=True)
class LateColumns:
    """Columns of one task that come when what they carry is done.

    Attributes
    ----------
    columns : tuple of int
        The one that is done last first.
    element : int
    free : float
        Metres in plan to the nearest other carrier that is there, where most; at most 4.
    window : pair of datetime64[m]
        From the start of what they carry until all are there.

    """

    columns: tuple[int, ...]
    element: int
    free: float
    window: tuple[np.datetime64, np.datetime64]

    @property
    def strength(self) -> float:
        """How bad it is, 0 to 1: half of what a missing bearing of all counts."""
        return _LEAST * (1.0 + self.free / _FULL)


def late_columns(stage: Stage, standing: Standing, bearings: Bearings) -> Iterator[LateColumns]:
    """Columns begun after what they carry is complete, with nothing else near that carries it.

    However small their share of the bearing is, the floor is free at their spot until then.
    """
    column = stage.roles["column"] & stage.contacts.structural & ~stage.lifetimes.temporary
    below, above = bearings.below, bearings.above
    flat = stage.roles.any_of("slab", "beam", "member") & ~stage.lifetimes.temporary
    late = column[below] & flat[above] & (standing.starts[below] > EVER)
    late &= (standing.starts[above] > EVER) & (standing.starts[below] >= standing.ready[above])
    trade = stage.links.trade
    found: dict[tuple[int, int], dict[int, float]] = defaultdict(dict)
    for row in np.flatnonzero(late).tolist():
        post, element = int(below[row]), int(above[row])
        task = int(stage.lifetimes.task[post])
        if task == int(stage.lifetimes.task[element]) or trade[task] not in _CARRYING:
            continue
        free = _free(stage, standing, below[bearings.of(element)], post, element)
        if free >= _STANDS_IN:
            found[element, task][post] = min(free, _FULL)
    for (element, _), posts in sorted(found.items()):
        columns = sorted(posts, key=lambda c: (standing.bears[c], c), reverse=True)
        yield LateColumns(
            columns=tuple(columns),
            element=element,
            free=max(posts.values()),
            window=(standing.starts[element], standing.bears[columns[0]]),
        )


def _free(stage: Stage, standing: Standing, carriers: I64, post: int, element: int) -> float:
    """Metres in plan from a column to the nearest carrier that is there at the start."""
    start = standing.starts[element]
    there = carriers[(standing.bears[carriers] <= start) & (standing.gone[carriers] > start)]
    if not len(there):
        return _FULL
    bounds = stage.scene.bounds
    middle: F64 = bounds[post, :, :2].mean(axis=0)
    apart = np.maximum(bounds[there, 0, :2] - middle, middle - bounds[there, 1, :2])
    return float(np.linalg.norm(np.maximum(apart, 0.0), axis=1).min())
