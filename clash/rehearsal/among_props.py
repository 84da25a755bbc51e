"""Walls that are laid while the props of the floor over them still stand: part of R11."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from bimcore.arrays import F64, I64, Mask
from clash.rehearsal.base import Card, Risk, Stage
from clash.rehearsal.bodies import over
from clash.rehearsal.concrete import Cast, cast_of, strikes_of
from clash.rehearsal.dates import days_from, last_day
from clash.rehearsal.looks import Look
from clash.rehearsal.telling import (
    at_place,
    box_of,
    later,
    mean_confidence,
    quoted,
    storey_of,
    things,
    window_data,
)
from clash.texts import both

#: Trades that lay walls under a floor that is there; what carries it comes before it.
_LAID = ("envelope", "lining")
#: Metres from the edge of a floor within which walls are laid from outside, beside the props.
_EDGE = 1.0
#: Metres between the top of a wall and the underside of the floor over it, both ways.
_UNDER = 1.0
#: Share of full magnitude: it can be worked, but slowly and not all over.
_MOST = 0.6


@dataclass(frozen=True, slots=True, kw_only=True)
class _Propped:
    """A floor on props: from the end of its pour until they begin to go."""

    slab: int
    begin: np.datetime64
    end: np.datetime64
    pour: int
    task: int
    sure: float


def among_props(stage: Stage, card: Card) -> list[Risk]:
    """Risks of walls among props, by task, the task that takes the props, and storey.

    Guards: walls that carry the floor; walls at its edge; tasks of which links say that they go
    side by side; what is both done.
    """
    walls = _laid(stage)
    if not walls.any():
        return []
    cast = stage.once(cast_of)
    slabs = np.flatnonzero(cast.slab)
    lives = stage.lifetimes
    groups: dict[tuple[int, int, str], dict[int, _Propped]] = defaultdict(dict)
    for floor in _floors(stage, cast):
        rows = walls & (lives.appear >= floor.begin) & (lives.appear < floor.end)
        for e in _below(stage, np.flatnonzero(rows), floor.slab, slabs).tolist():
            key = (int(lives.task[e]), floor.task, storey_of(stage, e))
            if e not in groups[key] or floor.end > groups[key][e].end:
                groups[key][e] = floor
    found = []
    for key, some in sorted(groups.items()):
        task, strike, _ = key
        done = all(stage.schedule.tasks[t].complete >= 1.0 for t in (task, strike))
        if some and not done and not Look(stage=stage).crews.gangs.along(task, strike):
            found.append(_risk(stage, card, key, some))
    return found


def _laid(stage: Stage) -> Mask:
    """Walls (E,) that are laid or built as partitions."""
    lives, trade = stage.lifetimes, stage.links.trade
    laid = np.array([*(t in _LAID for t in trade), False], dtype=np.bool_)
    found: Mask = stage.roles["wall"] & lives.dated & ~lives.temporary & laid[lives.task]
    return found & np.isfinite(stage.scene.bounds).all(axis=(1, 2))


def _floors(stage: Stage, cast: Cast) -> Iterator[_Propped]:
    """Cast floors whose props the plan takes away, by its own words or by bodies."""
    path, lives, contacts = stage.path, stage.lifetimes, stage.contacts
    for strike in strikes_of(stage, cast):
        for pour, elements in strike.elements.items() if not strike.sides else ():
            for e in elements:
                if cast.slab[e] and path.finish[pour] < path.start[strike.task]:
                    yield _Propped(
                        slab=e,
                        begin=path.finish[pour],
                        end=path.start[strike.task],
                        pour=pour,
                        task=strike.task,
                        sure=strike.sure,
                    )
    props = lives.temporary[contacts.below] & cast.slab[contacts.above]
    for prop, e in zip(contacts.below[props].tolist(), contacts.above[props].tolist(), strict=True):
        end, removal = lives.remove[prop], int(lives.removal[prop])
        if removal >= 0 and not np.isnat(cast.poured[e]) and cast.poured[e] < end:
            yield _Propped(
                slab=e,
                begin=cast.poured[e],
                end=end,
                pour=int(cast.task[e]),
                task=removal,
                sure=1.0,
            )


def _below(stage: Stage, walls: I64, slab: int, slabs: I64) -> I64:
    """Walls that stand under a slab and not at the edge of the floor that it is part of."""
    bounds = stage.scene.bounds
    under = float(bounds[slab, 0, 2])
    near = (np.abs(bounds[walls, 1, 2] - under) < _UNDER) & (bounds[walls, 0, 2] < under - 1.0)
    walls = walls[near]
    walls = walls[over(stage.scene, slab, bounds[walls, :, :2].mean(axis=1))]
    if not len(walls):
        return walls
    floor = slabs[np.abs(bounds[slabs, 0, 2] - under) < _UNDER]
    return walls[_inside(stage, bounds[walls], floor)]


def _inside(stage: Stage, boxes: F64, floor: I64) -> Mask:
    """Boxes (N, 2, 3) whose middle lies further than the edge within slabs of one floor."""
    middle = boxes[:, :, :2].mean(axis=1)
    found = np.ones(len(boxes), dtype=np.bool_)
    for step in ((_EDGE, 0.0), (-_EDGE, 0.0), (0.0, _EDGE), (0.0, -_EDGE)):
        points = middle + np.array(step)
        held = np.zeros(len(boxes), dtype=np.bool_)
        for slab in floor.tolist():
            held |= over(stage.scene, slab, points)
        found &= held
    return found


def _risk(stage: Stage, card: Card, key: tuple[int, int, str], some: dict[int, _Propped]) -> Risk:
    task, strike, place = key
    elements = sorted(some)
    start, end = stage.path.start[task], max(f.end for f in some.values())
    window = (start, end)
    pour = max(some.values(), key=lambda f: f.end).pour
    days = days_from(start, last_day(end)) + 1
    length = max(1, days_from(start, last_day(stage.path.finish[task])) + 1)
    certain = bool(stage.path.finish[task] <= end)
    what, own = things(stage, elements), quoted(stage, task)
    its, floor = quoted(stage, strike), quoted(stage, pour)
    zh, en = at_place(place)
    begins, goes, poured = (
        stage.dates.said(start),
        stage.dates.said(end),
        stage.dates.said_last(stage.path.finish[pour]),
    )
    wait = days_from(start, last_day(stage.path.finish[strike])) + 1
    return Risk(
        rule=card.id,
        weight=card.weight,
        magnitude=_MOST * min(1.0, days / length),
        confidence=0.9
        * min(f.sure for f in some.values())
        * mean_confidence(stage, elements)
        * (1.0 if certain else 0.5),
        certain=certain,
        tasks=(task, strike),
        elements=tuple(elements),
        others=tuple(sorted({f.slab for f in some.values()})),
        window=window,
        place=place,
        witness=box_of(stage, elements),
        titles=both(
            f"{zh}{what[0]}在上层楼板支撑拆除前砌筑：{goes[0]}才开始拆",
            f"{what[1]}{en} built among the props of the floor above, which go from {goes[1]}",
        ),
        descriptions=both(
            f"{floor[0]}{poured[0]}浇完，支撑由{its[0]}从{goes[0]}拆除；{own[0]}{begins[0]}已开工，"
            "支撑之间无法放线、运料和砌到顶。",
            f"{floor[1]} ends on {poured[1]}, {its[1]} takes the props from {goes[1]}. {own[1]} "
            f"begins on {begins[1]}: between props walls can hardly be set out, supplied or "
            "closed to the top.",
        ),
        suggestion=later(stage, task, days=wait, what=("支撑拆除后", "after the props have gone")),
        data=window_data(window),
        key=("props",),
    )
