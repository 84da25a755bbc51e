"""Covers that no model shows: backfill and ceilings that the plan alone names."""

from collections import defaultdict

import numpy as np

from bimcore.arrays import I64, Mask
from bimcore.elements import DISCIPLINES
from clash.rehearsal.base import Card, Risk, Stage
from clash.rehearsal.dates import days_from, last_day
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
from clash.rehearsal.works import ancestors, before, of_kind, places_said, same_place
from clash.roles import Roles, column
from clash.texts import both

#: How sure a cover is that no geometry shows: tied by a link of the plan, or by place alone.
BY_LINK, BY_PLACE = 0.7, 0.4
#: A line this little (metres) below its storey's floor lies in the ground.
_SUNK = 0.05


def named_covers(stage: Stage, card: Card) -> list[Risk]:
    """Risks of backfill and ceiling tasks without bodies of their own."""
    schedule, roles = stage.schedule, stage.roles
    busy = np.zeros(len(schedule.tasks), dtype=np.bool_)
    busy[_covering_links(stage, roles)] = True
    risks: list[Risk] = []
    lines = roles["segment"] | roles["fitting"]
    for kind, hidden in (("backfill", in_ground(stage, roles)), ("ceiling", lines)):
        for cover in np.flatnonzero(of_kind(schedule, kind) & ~busy).tolist():
            risks += _of_task(stage, card, cover, kind=kind, hidden=hidden)
    return risks


def _covering_links(stage: Stage, roles: Roles) -> I64:
    """Tasks that work on bodies which cover: their geometry decides."""
    earth = _named(stage, "IfcEarthworksFill", "IfcGeographicElement", "IfcCourse")
    closing = roles["covering"] | roles["proxy"] | earth
    found: I64 = np.unique(stage.links.task[closing[stage.links.element]]).astype(np.int64)
    return found


def _named(stage: Stage, *classes: str) -> Mask:
    parts = [m.elements.is_a(*classes) for m in stage.scene.models]
    return np.concatenate([np.zeros(0, np.bool_), *parts])


def in_ground(stage: Stage, roles: Roles) -> Mask:
    """Lines (E,) that lie in the earth: of the site, or under the floor of their storey.

    A line with a slab below it hangs in a basement and lies in no earth.
    """
    scene, bounds = stage.scene, stage.scene.bounds
    lines = roles["services"] & ~roles["terminal"] & scene.meshes.has_body
    outdoors = np.isin(roles.discipline, [DISCIPLINES.index(d) for d in ("site", "utility")])
    storeys = column(scene, "storey")
    floor = np.concatenate(
        [np.zeros(0)]
        + [
            np.append(m.elements.storey_elevation, np.nan)[m.elements.storey.codes]
            for m in scene.models
        ]
    )
    with np.errstate(invalid="ignore"):
        sunk = bounds[:, 1, 2] <= floor + _SUNK
    lines &= (outdoors & (~(storeys.codes >= 0) | sunk)) | sunk | (outdoors & np.isnan(floor))
    slabs = bounds[roles["slab"] & scene.meshes.has_body]
    for e in np.flatnonzero(lines).tolist():
        x, y = bounds[e, :, :2].mean(axis=0)
        under = (slabs[:, 0, 0] < x) & (slabs[:, 1, 0] > x) & (slabs[:, 0, 1] < y)
        under &= (slabs[:, 1, 1] > y) & (slabs[:, 1, 2] <= bounds[e, 0, 2] + 0.01)
        lines[e] = not under.any()
    return lines


def _of_task(stage: Stage, card: Card, cover: int, *, kind: str, hidden: Mask) -> list[Risk]:
    closed = stage.path.finish[cover]
    if np.isnat(closed):
        return []
    tied = _tied(stage, cover, kind=kind)
    links, path = stage.links, stage.path
    rows = hidden[links.element] & np.isin(links.task, list(tied))
    rows &= np.array([links.action[t] == "install" for t in links.task.tolist()], dtype=np.bool_)
    rows &= path.finish[links.task] > closed
    groups: dict[tuple[int, str], list[int]] = defaultdict(list)
    for t, e in zip(links.task[rows].tolist(), links.element[rows].tolist(), strict=True):
        groups[t, storey_of(stage, e)].append(e)
    return [
        _risk(stage, card, (cover, t), kind=kind, elements=sorted(es), place=place, sure=tied[t])
        for (t, place), es in sorted(groups.items())
    ]


def _tied(stage: Stage, cover: int, *, kind: str) -> dict[int, float]:
    """Tasks whose work a named cover closes over, with how sure that is."""
    schedule = stage.schedule
    mine = places_said(schedule.tasks[cover], schedule)
    linked = ancestors(before(schedule), cover)
    services = of_kind(schedule, "services")
    found: dict[int, float] = {}
    for t, task in enumerate(schedule.tasks):
        if t == cover or not task.works:
            continue
        its = places_said(task, schedule)
        if not same_place(mine, its):
            continue
        if t in linked:
            found[t] = BY_LINK
        elif _beside(stage, cover, t) or (kind == "ceiling" and services[t] and mine & its):
            found[t] = BY_PLACE
    if kind == "ceiling":
        # without a body only the words tell that the task is about lines over the ceiling
        found = {t: c for t, c in found.items() if services[t] and mine}
    return found


def _beside(stage: Stage, one: int, other: int) -> bool:
    """Whether two tasks stand below the same heading."""
    tasks = stage.schedule.tasks
    return tasks[one].parent >= 0 and tasks[one].parent == tasks[other].parent


def _risk(  # noqa: PLR0913 one risk, told by all that is known of it
    stage: Stage,
    card: Card,
    tasks: tuple[int, int],
    *,
    kind: str,
    elements: list[int],
    place: str,
    sure: float,
) -> Risk:
    cover, task = tasks
    window = (stage.path.finish[cover], stage.path.finish[task])
    certain = bool(stage.path.start[task] >= window[0])
    days = max(1, days_from(last_day(window[0]), last_day(window[1])))
    one, other = stage.dates.said_last(window[0]), stage.dates.said_last(window[1])
    mine, its, what = quoted(stage, cover), quoted(stage, task), things(stage, elements)
    name = ("回填", "Backfill") if kind == "backfill" else ("吊顶", "Ceiling")
    where = at_place(place)
    return Risk(
        rule=card.id,
        weight=card.weight,
        magnitude=1.0,
        confidence=mean_confidence(stage, elements) * sure * (1.0 if certain else 0.5),
        certain=certain,
        tasks=(task, cover),
        elements=tuple(elements),
        window=window,
        place=place,
        witness=box_of(stage, elements),
        titles=both(
            f"{where[0]}{name[0]}{one[0]}完成，其下{what[0]} {other[0]}才完成：早 {days} 天"
            if kind == "backfill"
            else f"{where[0]}{name[0]}{one[0]}封闭，其上{what[0]} {other[0]}才完成：早 {days} 天",
            f"{name[1]}{where[1]} is done {one[1]}, {what[1]} under it only {other[1]}"
            if kind == "backfill"
            else f"{name[1]}{where[1]} closes {one[1]}, {what[1]} above it only {other[1]}",
        ),
        descriptions=text_of(
            [
                (
                    f"{mine[0]}{one[0]}完成，{its[0]}{other[0]}才完成。",
                    f"{mine[1]} ends {one[1]}, {its[1]} ends {other[1]}.",
                ),
                (
                    "模型中没有该覆盖层，按计划名称和位置推断，请现场核实。",
                    "No model shows the cover; it is told from the plan, please verify.",
                ),
            ]
        ),
        suggestion=later(
            stage,
            cover,
            days=days,
            what=("管线完成并验收后", "after the lines are laid and accepted"),
        ),
        data={**window_data(window), "cover": kind, "modelled": False},
        key=("named",),
    )
