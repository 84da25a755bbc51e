"""Furniture that is placed on a floor before its finish is done: part of R08."""

import re
from collections import defaultdict
from dataclasses import dataclass

import numpy as np

from bimcore.arrays import I64, Mask
from clash.rehearsal.base import Card, Risk, Stage
from clash.rehearsal.bodies import over
from clash.rehearsal.covers import Cover, Covers, texts_of
from clash.rehearsal.dates import days_from, last_day
from clash.rehearsal.looks import Look
from clash.rehearsal.telling import (
    at_place,
    box_of,
    later,
    mean_confidence,
    quoted,
    storey_of,
    text_of,
    things,
    window_data,
)
from clash.rehearsal.works import of_kind, places_said, same_place
from clash.texts import both

#: What is fixed to the building before its floor as often as after it.
_FIXED = re.compile(
    r"橱柜|厨|吊柜|固定|衣柜|洗手台|台面|隔断|cabinet|kitchen|counter|built.?in|fitted|wardrobe|"
    r"vanity|k[üu]che|einbau|schrank|keuken|kast",
    re.IGNORECASE,
)
#: Metres that furniture may be drawn into its floor, and over it.
_INTO, _OVER = 0.05, 0.2


@dataclass(frozen=True, slots=True, kw_only=True)
class _Floor:
    """A floor with the last task that finishes it."""

    element: int
    task: int


def furnished(stage: Stage, card: Card, covers: Covers) -> list[Risk]:
    """Risks of furniture on floors that are finished later, by pair of tasks and storey.

    Guards: kitchens and built-in furniture; tasks that are both done, or that links plan to go
    side by side; furniture and floors said to be of different places.
    """
    loose = _loose(stage)
    if not loose.any():
        return []
    path, lives = stage.path, stage.lifetimes
    groups: dict[tuple[int, int, str], list[int]] = defaultdict(list)
    for floor in _floors(stage, covers):
        for e in _on(stage, loose, floor.element).tolist():
            task = int(lives.task[e])
            if task != floor.task and lives.appear[e] < path.finish[floor.task]:
                groups[task, floor.task, storey_of(stage, e)].append(e)
    crews = Look(stage=stage).crews if groups else None
    return [
        _risk(stage, card, (task, floor), sorted(set(some)), place)
        for (task, floor, place), some in sorted(groups.items())
        if crews is not None
        and not _done(stage, task, floor)
        and not crews.gangs.along(task, floor)
        and _one_place(stage, task, floor)
    ]


def _loose(stage: Stage) -> Mask:
    """Furniture (E,) with a date that is brought in and put down."""
    fixed = np.array([bool(_FIXED.search(t)) for t in texts_of(stage.scene)], dtype=np.bool_)
    found: Mask = stage.roles["furniture"] & stage.lifetimes.dated & ~fixed
    return found & np.isfinite(stage.scene.bounds).all(axis=(1, 2))


def _floors(stage: Stage, covers: Covers) -> list[_Floor]:
    """Floors of a scene with the last task that finishes each, by body or by words."""
    links, path = stage.links, stage.path
    spoken = of_kind(stage.schedule, "floor_finish")
    kept = np.array([a != "remove" for a in links.action], dtype=np.bool_)
    kept &= ~(np.isnat(path.start) | np.isnat(path.finish))
    builds = np.array([a == "install" for a in links.action], dtype=np.bool_)
    body = covers.kind[Cover.FLOOR]
    flat = body | covers.slab
    rows = kept[links.task] & flat[links.element]
    rows &= spoken[links.task] | (builds[links.task] & body[links.element])
    last: dict[int, int] = {}
    for t, e in zip(links.task[rows].tolist(), links.element[rows].tolist(), strict=True):
        if e not in last or path.finish[t] > path.finish[last[e]]:
            last[e] = t
    return [_Floor(element=e, task=t) for e, t in sorted(last.items())]


def _on(stage: Stage, loose: Mask, floor: int) -> I64:
    """Furniture that stands on a floor."""
    bounds = stage.scene.bounds
    rows = np.flatnonzero(loose)
    boxes, top = bounds[rows], float(bounds[floor, 1, 2])
    near = (boxes[:, 0, 2] >= top - _INTO) & (boxes[:, 0, 2] <= top + _OVER)
    rows = rows[near]
    found: I64 = rows[over(stage.scene, floor, bounds[rows, :, :2].mean(axis=1))]
    return found


def _done(stage: Stage, *tasks: int) -> bool:
    return all(stage.schedule.tasks[t].complete >= 1.0 for t in tasks)


def _one_place(stage: Stage, one: int, other: int) -> bool:
    rows = stage.schedule
    return same_place(places_said(rows.tasks[one], rows), places_said(rows.tasks[other], rows))


def _risk(
    stage: Stage, card: Card, tasks: tuple[int, int], elements: list[int], place: str
) -> Risk:
    mine, floor = tasks
    path = stage.path
    window = (path.start[mine], path.finish[floor])
    certain = bool(path.start[floor] >= path.start[mine])
    length = max(1, days_from(path.start[mine], last_day(path.finish[mine])) + 1)
    days = days_from(window[0], last_day(window[1])) + 1
    what, own, its = things(stage, elements), quoted(stage, mine), quoted(stage, floor)
    zh, en = at_place(place)
    begins, done = stage.dates.said(window[0]), stage.dates.said_last(window[1])
    return Risk(
        rule=card.id,
        weight=card.weight,
        magnitude=min(1.0, days / length),
        confidence=0.9 * mean_confidence(stage, elements) * (1.0 if certain else 0.5),
        certain=certain,
        tasks=tasks,
        elements=tuple(elements),
        window=window,
        place=place,
        witness=box_of(stage, elements),
        titles=both(
            f"{zh}{what[0]}先于楼地面完成就位：{its[0]}{done[0]}才完成",
            f"{what[1]}{en} placed before the floor is done: {its[1]} ends on {done[1]}",
        ),
        descriptions=text_of(
            [
                (
                    f"{own[0]}{begins[0]}开始，同处的{its[0]}{done[0]}才完成。",
                    f"{own[1]} begins on {begins[1]}, {its[1]} below it ends on {done[1]}.",
                ),
                (
                    "家具要搬开再做，或压坏、弄脏面层。",
                    "The furniture has to be moved again, or spoils the floor.",
                ),
                (
                    "" if certain else "两项工序时间重叠，请确认逐间的先后。",
                    "" if certain else "The two overlap: check the order room by room.",
                ),
            ]
        ),
        suggestion=later(
            stage, mine, days=days, what=("等楼地面完成后", "after the floor is done")
        ),
        data=window_data(window),
        key=("furniture",),
    )
