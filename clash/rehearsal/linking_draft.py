"""Links while they are gathered: by which way each was found, and how sure it is."""

from dataclasses import dataclass, field
from typing import TypeAlias

import numpy as np

from bimcore.arrays import F64, I64, Mask
from bimcore.model import Scene
from bimcore.relations import RelationKind
from clash.roles import scene_pairs

#: Task, element, confidence and number of the way of each link.
Columns: TypeAlias = tuple[I64, I64, F64, I64]

#: Wholes are followed this far down.
_NESTING = 3
#: Ways that tasks and elements find each other, the surest first.
WAYS = ("ifc", "guid", "confirmed", "code", "name", "order", "mark", "adopted", "place")


@dataclass(frozen=True, slots=True, eq=False)
class Matched:
    """Elements of one task with confidence and way."""

    elements: I64
    sure: F64
    how: I64

    def only(self, mask: Mask | None) -> "Matched":
        """Those of `mask`; all for None."""
        if mask is None:
            return self
        return Matched(self.elements[mask], self.sure[mask], self.how[mask])


@dataclass(eq=False)
class Draft:
    """Links being gathered: parts of columns by task."""

    task: list[I64] = field(default_factory=list)
    element: list[I64] = field(default_factory=list)
    sure: list[F64] = field(default_factory=list)
    how: list[I64] = field(default_factory=list)

    def add(self, task: int, elements: I64, sure: F64 | float, how: I64 | str) -> None:
        """Link a task to elements; `how` is one way, or the number of that of each."""
        size = len(elements)
        self.task.append(np.full(size, task, dtype=np.int64))
        self.element.append(elements)
        self.sure.append(np.broadcast_to(np.asarray(sure, dtype=np.float64), (size,)))
        code = WAYS.index(how) if isinstance(how, str) else how
        self.how.append(np.broadcast_to(np.asarray(code, dtype=np.int64), (size,)))

    def columns(self) -> Columns:
        """All that was added."""
        none = np.zeros(0, np.int64)
        return (
            np.concatenate([none, *self.task]),
            np.concatenate([none, *self.element]),
            np.concatenate([np.zeros(0), *self.sure]),
            np.concatenate([none, *self.how]),
        )


def with_parts(scene: Scene, columns: Columns, *, known: Mask) -> Columns:
    """Links, and those of parts and embedded parts that have none, by their whole.

    Elements outside `known` (E,) get none.
    """
    task, element, sure, how = columns
    wholes = scene_pairs(scene, RelationKind.AGGREGATES)
    embedded = scene_pairs(scene, RelationKind.REINFORCES)[:, ::-1]
    pairs = np.concatenate([wholes, embedded])
    pairs = pairs[known[pairs[:, 1]]] if len(pairs) else pairs
    row, element = handed_down(element, pairs, count=len(scene), steps=_NESTING)
    return task[row], element, sure[row], how[row]


def handed_down(element: I64, pairs: I64, *, count: int, steps: int) -> tuple[I64, I64]:
    """Links, and those that parts without any take from their wholes.

    Parameters
    ----------
    element : (L,) int64
        Element of each link.
    pairs : (K, 2) int64
        Whole and part.
    count : int
        Elements of the scene.
    steps : int
        How far down wholes are followed.

    Returns
    -------
    row : (M,) int64
        The link each stems from; the first L are the links themselves.
    element : (M,) int64

    """
    row = np.arange(len(element))
    for _ in range(steps if len(pairs) else 0):
        linked = np.zeros(count, dtype=np.bool_)
        linked[element] = True
        open_ = pairs[linked[pairs[:, 0]] & ~linked[pairs[:, 1]]]
        if not len(open_):
            break
        order = np.argsort(element, kind="stable")
        low = np.searchsorted(element[order], open_[:, 0], side="left")
        high = np.searchsorted(element[order], open_[:, 0], side="right")
        rows = np.concatenate([order[a:b] for a, b in zip(low, high, strict=True)])
        row = np.concatenate([row, row[rows]])
        element = np.concatenate([element, np.repeat(open_[:, 1], high - low)])
    return row, element
