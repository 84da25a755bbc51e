"""R05: what hangs in the air on some days though the finished building holds it."""

from collections import defaultdict
from datetime import date

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from bimcore.arrays import F64
from bimcore.mesh import MeshSet
from clash.rehearsal.base import Card, Found, Parameter, Risk, Stage
from clash.rehearsal.carried import NEVER, Standing, Workdays, standing_of
from clash.rehearsal.dates import day_of, days_from, last_day, midnight
from clash.rehearsal.floats import AFTER, Floating, floats
from clash.rehearsal.supports import LINING, OTHER, STAIR, WALL, kinds_of
from clash.rehearsal.telling import (
    at_place,
    box_of,
    later,
    mean_confidence,
    quoted,
    storey_of,
    things,
)
from clash.rehearsal.until import end_of_plan
from clash.texts import both

CARD = Card(
    id="R05",
    version=1,
    weight=1.0,
    name_zh="悬空构件",
    name_en="Hanging in the air",
    zh="某些日期构件与地面和临时支撑都不相连，而完工后的建筑中它是连着的。",
    en="On some days elements are connected neither to the ground nor to a temporary support.",
    parameters=(
        Parameter(
            key="R05.full_days",
            value=20.0,
            zh="悬空达到此工作日数时按最严重计",
            en="working days in the air that count in full",
        ),
        Parameter(
            key="R05.full_share",
            value=0.01,
            zh="悬空体积占全部体积的比例，达到时按最严重计",
            en="share of the volume of all elements that counts in full",
        ),
        Parameter(
            key="R05.least",
            value=0.3,
            zh="严重度系数下限",
            en="least magnitude",
        ),
    ),
)


def find(stage: Stage) -> Found:
    """One risk for each group that hangs together in the air and what ends it."""
    standing, days = standing_of(stage), Workdays.of(stage.schedule)
    kind = kinds_of(stage.scene, stage.roles)
    sides = stage.scene.bounds[:, 1, :2] - stage.scene.bounds[:, 0, :2]
    kind[(kind == WALL) & (sides.min(axis=1, initial=np.inf) <= LINING)] = OTHER
    volume = volumes(stage.scene.meshes)
    risks = [
        _risk(stage, group, standing, days, volume)
        for group in _groups(stage, [f for f in floats(stage) if not standing.unsure[f.element]])
        if any(kind[f.element] not in (OTHER, STAIR) for f in group)
    ]
    return Found(risks=tuple(risks))


def _groups(stage: Stage, found: list[Floating]) -> list[list[Floating]]:
    """Floating elements that touch, and are held at last by the same work."""
    of: dict[int, list[int]] = defaultdict(list)
    for k, one in enumerate(found):
        of[one.element].append(k)
    links = []
    contacts = stage.contacts
    for a, b in zip(contacts.a.tolist(), contacts.b.tolist(), strict=True):
        for p in of.get(a, ()):
            links += [(p, q) for q in of.get(b, ()) if _together(stage, found[p], found[q])]
    rows = np.array(links, dtype=np.int64).reshape(-1, 2)
    count = len(found)
    edges = coo_array((np.ones(len(rows), np.int8), (rows[:, 0], rows[:, 1])), shape=(count, count))
    part = connected_components(edges, directed=False)[1] if count else np.zeros(0, dtype=int)
    groups: dict[tuple[int, int, str, int], list[Floating]] = defaultdict(list)
    heads: dict[int, int] = {}
    for k, one in enumerate(found):
        head = heads.setdefault(int(part[k]), k)
        if (one.start, one.element) < (found[head].start, found[head].element):
            heads[int(part[k])] = k
    for k, one in enumerate(found):
        first = found[heads[int(part[k])]]
        place = storey_of(stage, first.element)
        lead = int(stage.lifetimes.task[first.element])
        alone = int(part[k]) if lead < 0 else -1
        groups[lead, _ends(stage, first), place, alone].append(one)
    return [groups[key] for key in sorted(groups)]


def _together(stage: Stage, one: Floating, other: Floating) -> bool:
    same = _ends(stage, one) == _ends(stage, other)
    return same and one.start < other.end and other.start < one.end


def _ends(stage: Stage, one: Floating) -> int:
    """The task that ends the time in the air; of an endless one the removal that began it."""
    if one.end < AFTER and one.cause >= 0:
        return int(stage.lifetimes.task[one.cause])
    return int(stage.lifetimes.removal[one.removed]) if one.removed >= 0 else -1


def _risk(
    stage: Stage, group: list[Floating], standing: Standing, days: Workdays, volume: F64
) -> Risk:
    group = sorted(group, key=lambda f: (f.start, f.element))
    head = group[0]
    elements = tuple(sorted({f.element for f in group}))
    causes = tuple(sorted({f.cause for f in group if f.cause >= 0} - set(elements)))
    start = np.datetime64(head.start, "m")
    endless = max(f.end for f in group) >= AFTER
    end = NEVER if endless else np.datetime64(max(f.end for f in group), "m")
    task, other = int(stage.lifetimes.task[head.element]), _ends(stage, head)
    shown = (start, _before_work(days, other, end_of_plan(stage, end)))
    number = days.within(task, shown)
    certain = any(np.datetime64(f.end, "m") >= standing.ready[f.element] for f in group)
    total = float(volume.sum()) or 1.0
    share = float(volume[list(elements)].sum()) / total
    strength = min(1.0, number / float(stage.profile["R05.full_days"]))
    strength *= min(1.0, share / max(float(stage.profile["R05.full_share"]), 1e-9))
    place = storey_of(stage, head.element)
    return Risk(
        rule=CARD.id,
        weight=CARD.weight,
        magnitude=max(float(stage.profile["R05.least"]), strength),
        confidence=mean_confidence(stage, elements) * (1.0 if certain else 0.5),
        certain=certain,
        tasks=tuple(t for t in (task, other) if t >= 0),
        elements=elements,
        others=causes,
        window=shown,
        place=place,
        witness=box_of(stage, elements),
        titles=_title(stage, place, elements),
        descriptions=_sentence(stage, (task, other), elements, shown, endless=endless),
        suggestion={}
        if endless or task < 0
        else later(
            stage,
            task,
            days=days_from(start, last_day(end)) + 1,
            what=("等与之相连的构件施工", "when what holds it is begun"),
        ),
        data={
            "working_days": round(number, 2),
            "volume_share": round(share, 5),
            "card_version": CARD.version,
        },
    )


def _before_work(days: Workdays, task: int, end: np.datetime64) -> np.datetime64:
    """Midnight before `end`, where that is the begin of a working day: nobody stood there then."""
    day = day_of(end)
    opens = np.datetime64(days.time_of(task).day_start(day.astype(date)), "m")
    return midnight(day) if end <= opens else end


def _title(stage: Stage, place: str, elements: tuple[int, ...]) -> dict[str, str]:
    what = things(stage, elements)
    zh, en = at_place(place)
    return both(f"{zh}{what[0]}悬空", f"{what[1]}{en} hang in the air")


def _sentence(
    stage: Stage,
    tasks: tuple[int, int],
    elements: tuple[int, ...],
    window: tuple[np.datetime64, np.datetime64],
    *,
    endless: bool,
) -> dict[str, str]:
    task, other = tasks
    what = things(stage, elements)
    first, last = stage.dates.said(window[0]), stage.dates.said_last(window[1])
    by = quoted(stage, task) if task >= 0 else ("", "")
    zh = f"{what[0]}" + (f"（{by[0]}）" if task >= 0 else "")
    en = f"{what[1]}" + (f" ({by[1]})" if task >= 0 else "")
    waits = quoted(stage, other) if other >= 0 else ("后续工序", "later work")
    if endless and other >= 0:
        zh += f"在{waits[0]}之后（{first[0]}起）与地面不再相连，没有安排别的支承或临时支撑。"
        en += f" lose their connection to the ground by {waits[1]}, from {first[1]} on."
        return both(zh, en)
    zh += f"自{first[0]}起与地面和已建部分都不相连，{last[0]}后{waits[0]}开工才连上。"
    en += (
        f" touch nothing that stands on the ground from {first[1]} to {last[1]}, when {waits[1]} "
        "begins."
    )
    return both(zh, en)


def volumes(meshes: MeshSet) -> F64:
    """Cubic metres (E,) enclosed by each body."""
    owner = np.repeat(np.arange(len(meshes)), np.diff(meshes.face_start))
    boxes = meshes.bounds()
    corners = meshes.faces + meshes.vertex_start[owner][:, None]
    origin = np.nan_to_num(boxes[:, 0])[owner]
    a, b, c = (meshes.vertices[corners[:, k]] - origin for k in range(3))
    six = np.einsum("ij,ij->i", a, np.cross(b, c))
    found: F64 = np.abs(np.bincount(owner, six, minlength=len(meshes))) / 6
    return found
