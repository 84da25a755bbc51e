"""How much of the models a plan builds, and how much of the plan has parts in the models."""

from collections import defaultdict
from collections.abc import Mapping

import numpy as np

from bimcore.model import Scene
from bimcore.schedule import Action, Schedule
from clash.rehearsal.base import ElementLinks
from clash.rehearsal.gaps import Coverage, Gap
from clash.rehearsal.linking_elements import Elements

#: Share of all elements, and days, above which a task says too little.
MANY, LONG = 0.5, 60.0
#: Below this, a task with links is named as unsure.
UNSURE = 0.5


def coverage_of(
    scene: Scene,
    schedule: Schedule,
    elements: Elements,
    links: ElementLinks,
    *,
    told: Mapping[int, str],
    unclear: Mapping[int, str] | None = None,
) -> Coverage:
    """What `links` leave open.

    Parameters
    ----------
    scene : Scene
    schedule : Schedule
    elements : Elements
        Of the scene.
    links : ElementLinks
    told : mapping
        Why a task may have no elements, by row; empty for those that need none.
    unclear : mapping, optional
        Why a task may have other elements too, by row.

    """
    physical = elements.cell >= 0
    builds = np.array([a not in (Action.NEUTRAL, Action.MAINTAIN) for a in links.action], bool)
    done = np.zeros(len(scene), dtype=np.bool_)
    done[links.element[builds[links.task]] if len(links.task) else links.element] = True
    # what stands before the works begin needs no task
    there = np.zeros(len(scene), dtype=np.bool_)
    there[physical] = elements.facet("existing")[elements.cell[physical]]
    asked = physical & ~(there & ~done)
    volume = elements.volume
    counts = np.bincount(links.task, minlength=len(schedule.tasks))
    sums = np.bincount(links.task, weights=links.confidence, minlength=len(schedule.tasks))
    empty = {r: why for r, why in told.items() if why and not counts[r]}
    unsure = {
        r: round(float(sums[r] / counts[r]), 3)
        for r in np.flatnonzero(counts).tolist()
        if sums[r] / counts[r] < UNSURE
    }
    return Coverage(
        elements=int(asked.sum()),
        linked=int((asked & done).sum()),
        volume=float(volume[asked].sum()),
        linked_volume=float(volume[asked & done].sum()),
        gaps=_gaps(scene, elements, asked, done),
        empty=empty,
        unsure=unsure,
        unclear={r: why for r, why in (unclear or {}).items() if counts[r]},
        catch_all=tuple(_catch_all(schedule, links, counts, int(asked.sum()))),
        idle=tuple(r for r, why in told.items() if not why and schedule.tasks[r].works),
    )


def _gaps(scene: Scene, elements: Elements, asked: np.ndarray, done: np.ndarray) -> tuple[Gap, ...]:
    """Classes and storeys with what is left of them."""
    classes = [c for m in scene.models for c in m.elements.ifc_class.texts()]
    rows: dict[tuple[str, int], list[int]] = defaultdict(list)
    for e in np.flatnonzero(asked).tolist():
        rows[classes[e], int(elements.level[elements.cell[e]])].append(e)
    found = []
    labels = (*elements.levels.labels, "")
    for (name, level), members in rows.items():
        some = np.array(members)
        left = some[~done[some]]
        found.append(
            Gap(
                ifc_class=name,
                storey=labels[level],
                count=len(some),
                open=len(left),
                volume=float(elements.volume[some].sum()),
                open_volume=float(elements.volume[left].sum()),
                elements=tuple(left.tolist()),
            )
        )
    return tuple(sorted(found, key=lambda g: (-g.open_volume, g.ifc_class, g.storey)))


def _catch_all(
    schedule: Schedule, links: ElementLinks, counts: np.ndarray, total: int
) -> list[int]:
    """Tasks that say too little: on most of the model, or long over many elements."""
    found = []
    for row in np.flatnonzero(counts).tolist():
        task = schedule.tasks[row]
        if not task.works or links.action[row] in (Action.NEUTRAL, Action.MAINTAIN):
            continue
        days = 0.0
        if task.start is not None and task.finish is not None:
            days = (task.finish - task.start).total_seconds() / 86400
        if (total > 3 and counts[row] > MANY * total) or days > LONG:
            found.append(row)
    return found
