"""How much of the models a plan builds, and how much of the plan has parts in the models."""

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from bimcore.model import Scene
from bimcore.schedule import Action, Schedule
from clash.rehearsal.base import ElementLinks
from clash.rehearsal.linking_elements import Elements

#: Share of all elements, and days, above which a task says too little.
MANY, LONG = 0.5, 60.0
#: Below this, a task with links is named as unsure.
UNSURE = 0.5


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Gap:
    """Elements of one class on one storey, and how many of them no task builds.

    `volume` is in cubic metres of boxes; `elements` are those without a task.
    """

    ifc_class: str
    storey: str
    count: int
    open: int
    volume: float
    open_volume: float
    elements: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Coverage:
    """What links leave open.

    Attributes
    ----------
    elements, linked : int
        Physical elements, and those that some task builds or takes away.
    volume, linked_volume : float
        Of their boxes, cubic metres.
    gaps : tuple of Gap
        By class and storey, those with the most volume left first.
    empty : mapping
        Why a task that should have elements has none, by its row.
    unsure : mapping
        Mean confidence of tasks whose links are mostly guesses, by row.
    catch_all : tuple of int
        Tasks on more than half of all elements, or longer than 60 days with elements of
        several kinds.
    idle : tuple of int
        Tasks without a place in the models by design.

    """

    elements: int
    linked: int
    volume: float
    linked_volume: float
    gaps: tuple[Gap, ...] = ()
    empty: Mapping[int, str] = field(default_factory=dict)
    unsure: Mapping[int, float] = field(default_factory=dict)
    catch_all: tuple[int, ...] = ()
    idle: tuple[int, ...] = ()

    @property
    def share(self) -> float:
        """Share of elements that some task builds; 1 where there are none."""
        return self.linked / self.elements if self.elements else 1.0

    @property
    def volume_share(self) -> float:
        """The same by volume."""
        return self.linked_volume / self.volume if self.volume > 0 else 1.0

    def to_json(self) -> dict[str, object]:
        """As ``review.json`` has it."""
        return {
            "elements": self.elements,
            "elements_linked": self.linked,
            "share": round(self.share, 4),
            "volume_share": round(self.volume_share, 4),
            "tasks_without_elements": len(self.empty),
            "tasks_unsure": len(self.unsure),
            "tasks_catch_all": len(self.catch_all),
            "tasks_without_place": len(self.idle),
            "gaps": [
                {
                    "ifc_class": g.ifc_class,
                    "storey": g.storey,
                    "elements": g.count,
                    "without_task": g.open,
                    "volume_m3": round(g.open_volume, 3),
                }
                for g in self.gaps[:200]
            ],
        }


def coverage_of(
    scene: Scene,
    schedule: Schedule,
    elements: Elements,
    links: ElementLinks,
    told: Mapping[int, str],
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


def trade_shares(links: ElementLinks) -> dict[str, int]:
    """Links by trade of their task."""
    return dict(Counter(links.trade[t] for t in links.task.tolist()))
