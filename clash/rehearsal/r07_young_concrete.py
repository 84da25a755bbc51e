"""R07: loads on slabs that were cast only days ago."""

from collections import defaultdict
from dataclasses import dataclass

import numpy as np

from clash.rehearsal.base import Card, Found, Parameter, Risk, Stage
from clash.rehearsal.concrete import Cast, cast_of, may_be_short, needed_days, strikes_of
from clash.rehearsal.dates import day_of, days_from, last_day, midnight
from clash.rehearsal.telling import (
    at_place,
    box_of,
    count_days,
    later,
    mean_confidence,
    quoted,
    storey_of,
    text_of,
    things,
)
from clash.rehearsal.works import of_kind
from clash.texts import both

CARD = Card(
    id="R07",
    version=2,
    weight=1.0,
    name_zh="新浇楼板过早受荷",
    name_en="Young concrete loaded",
    zh="现浇板龄期不足且支撑已拆（或不明），上面就开始砌墙、立柱或堆料。",
    en="Walls, columns or stores come onto a cast slab that is too young and no longer propped.",
    parameters=(
        Parameter(
            key="R07.props_stay",
            value=True,
            zh="计划没有拆撑工序时，认为受荷期间支撑仍在（需现场确认）；不成立时设为 false",
            en="whether props are taken to stay where the plan has no striking task",
        ),
    ),
)
#: Magnitude of what is only to be confirmed.
_INFO = 0.15


@dataclass(frozen=True, slots=True, kw_only=True)
class _Load:
    """An element that comes onto a young slab."""

    slab: int
    load: int
    task: int
    age: int
    need: float
    struck: int
    propped: bool


def find(stage: Stage) -> Found:
    """Loads on slabs below the age for them; those on props are one note for the whole plan."""
    if not len(stage.scene):
        return Found()
    cast = stage.once(cast_of)
    loads = _loads(stage, cast)
    groups: dict[tuple[int, int, str], list[_Load]] = defaultdict(list)
    for load in loads:
        if not load.propped:
            key = (int(load.task), int(cast.task[load.slab]), storey_of(stage, load.load))
            groups[key].append(load)
    risks = [_risk(stage, cast, group, place) for (*_, place), group in sorted(groups.items())]
    for stated in (True, False):
        held = [x for x in loads if x.propped and (x.struck >= 0) is stated]
        if held:
            risks.append(_note(stage, cast, held, stated=stated))
    return Found(risks=tuple(risks))


def _loads(stage: Stage, cast: Cast) -> list[_Load]:
    """Loads on slabs that stand on props, not on the ground, before their age."""
    roles, lives, contacts = stage.roles, stage.lifetimes, stage.contacts
    weighs = roles.any_of("wall", "column", "slab", "stair", "member", "beam")
    weighs |= roles["services"] & ~roles["segment"] & ~roles["fitting"] & ~roles["terminal"]
    weighs &= ~roles["covering"] & ~roles["railing"]
    quiet = of_kind(stage.schedule, "survey", "strike", "reprop") & ~cast.struck_along
    struck = _struck(stage, cast)
    found = []
    needs: dict[int, float] = {}
    factor, stays = float(stage.profile["R06.cement_factor"]), bool(stage.profile["R07.props_stay"])
    least = factor * float(stage.profile["R06.slab_short_days"])
    below, above = contacts.below, contacts.above
    kept = cast.slab[below] & ~contacts.grounded[below] & weighs[above] & (lives.task[above] >= 0)
    # what begins before the slab is there at all is a matter of another rule
    kept &= (lives.appear[above] >= cast.poured[below]) & (cast.task[below] != lives.task[above])
    kept &= ~quiet[lives.task[above]]
    # what is struck within the task that pours is old enough for it when the task ends
    own = (cast.task[below] >= 0) & cast.struck_along[cast.task[below]]
    kept &= ~own | np.isin(below, list(struck))
    for slab, load in zip(below[kept].tolist(), above[kept].tolist(), strict=True):
        task, start = int(lives.task[load]), lives.appear[load]
        age = days_from(last_day(cast.poured[slab]), day_of(start))
        if not may_be_short(stage, age):
            continue
        strike, gone = struck.get(slab, (-1, None))
        propped = start < gone if gone is not None else stays
        if age < least and propped:
            need = least  # a note needs no more than that it is too young for any span
        else:
            if slab not in needs:
                needs[slab] = needed_days(stage, cast, slab)
            need = needs[slab]
        if age >= need:
            continue
        found.append(
            _Load(
                slab=slab,
                load=load,
                task=task,
                age=age,
                need=need,
                struck=strike,
                propped=bool(propped),
            )
        )
    return found


def _struck(stage: Stage, cast: Cast) -> dict[int, tuple[int, np.datetime64]]:
    """First striking task of each slab with its start."""
    found: dict[int, tuple[int, np.datetime64]] = {}
    for strike in strikes_of(stage, cast):
        start = stage.path.start[strike.task]
        for elements in strike.elements.values():
            for e in elements:
                if e not in found or start < found[e][1]:
                    found[e] = (strike.task, start)
    return found


def _risk(stage: Stage, cast: Cast, loads: list[_Load], place: str) -> Risk:
    worst = min(loads, key=lambda x: x.age - x.need)
    pour = int(cast.task[worst.slab])
    elements = sorted({x.load for x in loads})
    slabs = sorted({x.slab for x in loads})
    ready = midnight(
        last_day(cast.poured[worst.slab]) + np.timedelta64(int(np.ceil(worst.need)), "D")
    )
    start = stage.lifetimes.appear[elements].min()
    short = int(np.ceil(worst.need)) - worst.age
    where, what = at_place(place), things(stage, elements)
    day, begin = stage.dates.said_last(cast.poured[worst.slab]), stage.dates.said(start)
    mine, its = quoted(stage, worst.task), quoted(stage, pour)
    tasks = (worst.task, pour) if worst.struck < 0 else (worst.task, pour, worst.struck)
    return Risk(
        rule=CARD.id,
        weight=CARD.weight,
        magnitude=1.0 - max(worst.age, 0) / worst.need,
        confidence=mean_confidence(stage, [*elements, *slabs]) * 0.9,
        certain=True,
        tasks=tasks,
        elements=tuple(elements),
        others=tuple(slabs),
        window=(start, ready),
        place=place,
        witness=box_of(stage, elements),
        titles=both(
            f"{where[0]}楼板{day[0]}才浇完，{begin[0]}就上{what[0]}：龄期 {worst.age} 天，须 {worst.need:g} 天，差 {short} 天",
            f"{what[1]}{where[1]} on a slab poured {day[1]}, from {begin[1]}: it is "
            f"{count_days(worst.age)[1]} old and needs {worst.need:g}, {short} short",
        ),
        descriptions=text_of(
            [
                (
                    f"{its[0]}{day[0]}浇完，{mine[0]}{begin[0]}开工，此时板下已无支撑。",
                    f"{its[1]} ends {day[1]}, {mine[1]} begins {begin[1]}, and no props are left.",
                ),
                (
                    "请先核对试块强度，或保留支撑。",
                    "Check the strength of the cubes first, or keep the props.",
                ),
            ]
        ),
        suggestion=later(
            stage, worst.task, days=short, what=("楼板达到龄期后", "when the slab is old enough")
        ),
        data={
            "age_days": worst.age,
            "needed_days": worst.need,
            "deficit_days": short,
            "first_day": str(day_of(start)),
            "ready_day": str(day_of(ready)),
            "propped": False,
        },
    )


def _note(stage: Stage, cast: Cast, loads: list[_Load], *, stated: bool) -> Risk:
    """One note on all loads that props carry, stated by the plan or to be confirmed."""
    pairs = sorted({(x.task, int(cast.task[x.slab])) for x in loads})
    tasks = tuple(dict.fromkeys(t for pair in pairs for t in pair))
    elements = sorted({x.load for x in loads})
    slabs = sorted({x.slab for x in loads})
    starts = stage.lifetimes.appear[elements]
    ends = [
        midnight(last_day(cast.poured[x.slab]) + np.timedelta64(int(np.ceil(x.need)), "D"))
        for x in loads
    ]
    youngest = min(loads, key=lambda x: x.age)
    places = sorted({storey_of(stage, x.load) for x in loads} - {""})
    head = (f"{places[0]} 等 {len(places)} 层", f"{len(places)} storeys") if len(places) > 1 else (
        (places[0], places[0]) if places else ("", "")
    )  # fmt: skip
    zh = "计划中支撑尚未拆除" if stated else "计划中没有拆撑工序，请确认支撑仍在"
    en = "by the plan the props are still in" if stated else "no striking task: are they propped?"
    return Risk(
        rule=CARD.id,
        weight=CARD.weight,
        magnitude=_INFO,
        confidence=0.5 * mean_confidence(stage, elements),
        certain=False,
        tasks=tasks,
        elements=tuple(elements),
        others=tuple(slabs),
        window=(starts.min(), max(ends)),
        place=places[0] if len(places) == 1 else "",
        witness=box_of(stage, elements),
        titles=both(
            f"{head[0]}新浇楼板受荷时龄期最短 {youngest.age} 天：{zh}".strip(),
            f"Slabs are loaded at an age of {count_days(youngest.age)[1]}"
            + (f" on {head[1]}" if head[1] else "")
            + f": {en}",
        ),
        descriptions=both(
            f"共 {len(pairs)} 对工序、{len(slabs)} 块板。支撑在位时可以施工，支撑须能承受上层荷载。",
            f"{len(pairs)} pairs of tasks, {len(slabs)} slabs. Work can go on while the props "
            "stay and can carry the floor above.",
        ),
        suggestion=both(
            "确认支撑保留到达到龄期，并验算支撑承载。",
            "Make sure that the props stay until the age is reached and can carry the load.",
        ),
        data={"propped": True, "stated": stated, "pairs": len(pairs), "age_days": youngest.age},
        key=("stated" if stated else "confirm",),
    )
