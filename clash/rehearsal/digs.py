"""What a task that digs takes out of the ground, when, and how deep."""

from dataclasses import dataclass

import numpy as np

from bimcore.arrays import F64, I64, Mask
from clash.rehearsal.base import Stage
from clash.rehearsal.bodies import outline
from clash.rehearsal.works import after, of_kind, places_said, same_place
from clash.roles import Roles


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Dig:
    """One digging or boring task with the bodies that stand for its hole.

    Attributes
    ----------
    task : int
    elements : tuple of int
    outlines : tuple of (N, 2) float64
        Of each element in plan, convex.
    bottom : float
        Lowest level in the frame of the scene.
    bottoms : tuple of float
        Of each element.
    stated : bool
        Whether the plan ties the bodies to the task; else they are what is built next in it.

    """

    task: int
    elements: tuple[int, ...]
    outlines: tuple[F64, ...]
    bottom: float
    bottoms: tuple[float, ...]
    stated: bool


def digs_of(stage: Stage) -> list[Dig]:
    """Every task that digs or bores, with what tells its place.

    Its own elements count first: a modelled cut, piles, or whatever the plan ties to it. A task
    without elements digs for the foundations of its next tasks, or, where the plan has no
    links from it and one place only, for all of them.
    """
    schedule = stage.schedule
    roles = stage.roles
    digging, boring = of_kind(schedule, "dig"), of_kind(schedule, "bore")
    low = _founding(stage, roles)
    following = after(schedule)
    found = []
    for t in np.flatnonzero(digging | boring).tolist():
        if np.isnat(stage.path.start[t]) or np.isnat(stage.path.finish[t]):
            continue
        own = np.unique(stage.links.element[stage.links.task == t]).astype(np.int64)
        own = own[stage.scene.meshes.has_body[own]]
        # what is tied by its storey alone and stands above the ground is not dug
        own = own[low[own] | _cut(stage)[own]]
        stated = bool(len(own))
        if not stated and digging[t]:
            own = _next(stage, t, low, following, boring)
        if len(own):
            found.append(_dig(stage, t, own, stated=stated))
    return found


def _cut(stage: Stage) -> Mask:
    classes = ("IfcEarthworksCut", "IfcEarthworksElement", "IfcBorehole")
    parts = [m.elements.is_a(*classes) for m in stage.scene.models]
    found: Mask = np.concatenate([np.zeros(0, np.bool_), *parts])
    words = ("开挖", "基坑", "excavat", "trench", "沟槽", "pit")
    named = [
        any(w in n.lower() for w in words) for m in stage.scene.models for n in m.elements.name
    ]
    return found | np.array(named, dtype=np.bool_)


def _founding(stage: Stage, roles: Roles) -> Mask:
    """Elements that stand in the ground: footings, piles, and slabs and walls on the ground."""
    stands = stage.contacts.grounded & (roles["slab"] | roles["wall"])
    found: Mask = (roles["footing"] | stands) & stage.scene.meshes.has_body
    return found


def _next(stage: Stage, task: int, low: Mask, following: list[I64], boring: Mask) -> I64:
    """Foundations of the tasks that follow a dig; piles are bored by tasks of their own."""
    schedule, links = stage.schedule, stage.links
    mine = places_said(schedule.tasks[task], schedule)
    edge, seen = [task], {task}
    for _ in range(2):
        edge = [int(s) for t in edge for s in following[t].tolist() if s not in seen]
        seen |= set(edge)
        wanted = [
            t
            for t in edge
            if not boring[t] and same_place(mine, places_said(schedule.tasks[t], schedule))
        ]
        rows = np.isin(links.task, wanted) & low[links.element]
        if rows.any():
            return np.unique(links.element[rows]).astype(np.int64)
    if len(following[task]):
        return np.zeros(0, dtype=np.int64)
    only = int(np.count_nonzero(of_kind(schedule, "dig"))) == 1
    return np.flatnonzero(low & stage.lifetimes.dated) if only else np.zeros(0, dtype=np.int64)


def _dig(stage: Stage, task: int, elements: I64, *, stated: bool) -> Dig:
    rows = [int(e) for e in elements.tolist() if len(outline(stage.scene, int(e))) >= 3]
    bottoms = tuple(float(stage.scene.bounds[e, 0, 2]) for e in rows)
    return Dig(
        task=task,
        elements=tuple(rows),
        outlines=tuple(outline(stage.scene, e) for e in rows),
        bottom=min(bottoms, default=float("nan")),
        bottoms=bottoms,
        stated=stated,
    )
