"""When each element is built, stands and is taken away, by the tasks that work on it."""

import re
from dataclasses import dataclass

import numpy as np

from bimcore.arrays import F64, I64, Mask
from bimcore.critical_path import CriticalPath, Moments
from bimcore.model import Scene
from bimcore.relations import RelationKind
from bimcore.schedule import Action, Schedule, TaskKind
from clash.rehearsal.base import ElementLinks, Lifetimes
from clash.rehearsal.ground_works import STRUTS
from clash.rehearsal.linking_draft import handed_down
from clash.rehearsal.supports import called
from clash.roles import roles_of, scene_pairs

#: Rows that group or span others: they date an element only where no work of its own does.
_SPANS = (TaskKind.SUMMARY, TaskKind.HEADING, TaskKind.EFFORT)
#: Wholes within wholes (roof, dormer, frame): deeper nesting adds no dates.
_NESTING = 4
#: What is struck or taken down beside a part, while the part itself stays.
_BESIDE = re.compile(
    r"模板|拆模|支模|支架|脚手架|支撑|围檩|腰梁|formwork|shutter|falsework|scaffold|\bprops?\b|shoring|"
    r"\bstruts?\b|\bwal(?:er|ing)s?\b|"
    r"schalung|bekisting|coffrage",
    re.IGNORECASE,
)
_FOR_NOW = re.compile(r"临时|施工用|temporary|\btemp\b|bauzeit|tijdelijk|provisoire", re.IGNORECASE)
#: Classes that such a task does not take away.
_STAYS = ("wall", "slab", "column", "beam", "footing", "stair")


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class _Works:
    """Links of one kind with dates, in the order (element, start, task)."""

    task: I64
    element: I64
    start: Moments
    finish: Moments
    confidence: F64

    def take(self, rows: I64 | Mask) -> "_Works":
        return _Works(
            task=self.task[rows],
            element=self.element[rows],
            start=self.start[rows],
            finish=self.finish[rows],
            confidence=self.confidence[rows],
        )

    def first(self) -> "_Works":
        """Of each element the work that starts first."""
        fresh = np.ones(len(self.element), dtype=np.bool_)
        fresh[1:] = self.element[1:] != self.element[:-1]
        return self.take(fresh)

    def last_finish(self) -> Moments:
        """Of each element the latest finish, in the order of :meth:`first`."""
        fresh = np.ones(len(self.element), dtype=np.bool_)
        fresh[1:] = self.element[1:] != self.element[:-1]
        starts = np.flatnonzero(fresh)
        if not len(starts):
            return self.finish
        latest: Moments = np.maximum.reduceat(self.finish, starts)
        return latest


def lifetimes_of(
    scene: Scene, schedule: Schedule, path: CriticalPath, links: ElementLinks
) -> Lifetimes:
    """When each element of `scene` appears, is complete, is taken away and is gone.

    Tasks that maintain, or are neutral, say nothing; nor do tasks without dates. Summaries
    date an element only where no task of its own does. A temporary task without a removal
    takes its elements away again when it ends. A task that strikes formwork, props or
    scaffold does not remove the concrete it was put on. Parts without a task of their own
    live as their whole does.
    """
    count = len(scene)
    task, element, confidence = _with_parts(scene, links)
    acts = np.array([*links.action, ""], dtype=object)[:-1]
    dated = ~np.isnat(path.start[task]) & ~np.isnat(path.finish[task])
    does = {a: dated & (acts[task] == a.value) for a in Action}
    does[Action.REMOVE] &= ~_struck_beside(scene, schedule, task, element)
    everything = _Works(
        task=task.astype(np.int64),
        element=element.astype(np.int64),
        start=path.start[task],
        finish=path.finish[task],
        confidence=confidence,
    )
    works = {a: _own(schedule, everything.take(rows)) for a, rows in does.items()}
    built = _sorted(works[Action.INSTALL], works[Action.TEMPORARY])
    blank = np.full(count, np.datetime64("NaT", "m"))
    appear, complete, remove, gone = (blank.copy() for _ in range(4))
    by, removal = np.full(count, -1, dtype=np.int32), np.full(count, -1, dtype=np.int32)
    sure = np.ones(count)
    first = built.first()
    appear[first.element] = first.start
    complete[first.element] = built.last_finish()
    by[first.element] = first.task
    sure[first.element] = first.confidence
    used = _sorted(works[Action.TEMPORARY])
    temporary = np.zeros(count, dtype=np.bool_)
    temporary[used.element] = True
    ends = used.first()
    only = by[ends.element] == ends.task
    stands = ends.element[only]
    complete[stands] = appear[stands]
    remove[ends.element] = gone[ends.element] = used.last_finish()
    removal[ends.element] = ends.task
    taken = _sorted(works[Action.REMOVE])
    out = taken.first()
    # a removal before anything was built speaks of something else than this element
    later = np.isnat(appear[out.element]) | (out.start >= appear[out.element])
    gone_at, out = taken.last_finish()[later], out.take(later)
    remove[out.element], gone[out.element] = out.start, gone_at
    removal[out.element] = out.task
    undated = out.element[by[out.element] < 0]
    sure[undated] = out.confidence[by[out.element] < 0]
    # struts are for now even where no task puts them in
    passing = (by[out.element] >= 0) | called(scene, STRUTS)[out.element]
    if passing.any():
        # a wall that is built and demolished was no prop: what stands on it does not know
        passing &= ~_building_part(scene)[out.element]
    temporary[out.element] |= passing
    return Lifetimes(
        appear=appear,
        complete=complete,
        remove=remove,
        gone=gone,
        task=by,
        removal=removal,
        temporary=temporary,
        confidence=sure,
    )


def _building_part(scene: Scene) -> Mask:
    """Elements (E,) of the structure that are not called props, shoring or temporary."""
    names = [
        f"{name} {type_}"
        for m in scene.models
        for name, type_ in zip(m.elements.name, m.elements.object_type.texts(), strict=True)
    ]
    called = [bool(_BESIDE.search(n) or _FOR_NOW.search(n)) for n in names]
    found: Mask = roles_of(scene).any_of(*_STAYS) & ~np.array(called, dtype=np.bool_)
    return found


def _sorted(*works: _Works) -> _Works:
    joined = _Works(
        task=np.concatenate([w.task for w in works]),
        element=np.concatenate([w.element for w in works]),
        start=np.concatenate([w.start for w in works]),
        finish=np.concatenate([w.finish for w in works]),
        confidence=np.concatenate([w.confidence for w in works]),
    )
    return joined.take(np.lexsort((joined.task, joined.start, joined.element)))


def _own(schedule: Schedule, works: _Works) -> _Works:
    """Works without those of summaries, where an element has work of its own."""
    spans = np.array([t.kind in _SPANS for t in schedule.tasks], dtype=np.bool_)
    if not spans.any():
        return works
    wide = spans[works.task]
    has_own = np.isin(works.element, works.element[~wide])
    return works.take(~(wide & has_own))


def _with_parts(scene: Scene, links: ElementLinks) -> tuple[I64, I64, F64]:
    """Task, element and confidence of all links, and of parts that have none of their own."""
    task, element = links.task.astype(np.int64), links.element.astype(np.int64)
    pairs = scene_pairs(scene, RelationKind.AGGREGATES)
    row, element = handed_down(element, pairs, count=len(scene), steps=_NESTING)
    return task[row], element, links.confidence[row]


def _struck_beside(scene: Scene, schedule: Schedule, task: I64, element: I64) -> Mask:
    """Links (L,) by which a task on formwork and the like names the part it was put on."""
    beside = np.array([bool(_BESIDE.search(t.name)) for t in schedule.tasks], dtype=np.bool_)
    if not beside.any():
        return np.zeros(len(task), dtype=np.bool_)
    found: Mask = beside[task] & _building_part(scene)[element]
    return found
