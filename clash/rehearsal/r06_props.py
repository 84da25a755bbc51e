"""R06: props, forms and bracing that go before what they hold carries itself."""

from collections import defaultdict
from collections.abc import Iterable, Mapping

import numpy as np

from clash.rehearsal.base import Card, Found, Risk, Stage
from clash.rehearsal.concrete import (
    STRIKE_PARAMETERS,
    Cast,
    Strike,
    cast_of,
    may_be_short,
    needed_days,
    strikes_of,
)
from clash.rehearsal.dates import day_of, days_from, last_day, midnight
from clash.rehearsal.ground_works import STRUTS
from clash.rehearsal.supports import called
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
from clash.rehearsal.works import of_kind, places_said, same_place
from clash.texts import both

CARD = Card(
    id="R06",
    version=2,
    weight=1.0,
    name_zh="过早拆撑",
    name_en="Temporary support removed early",
    zh="支撑、模板或临时支架在混凝土达到拆模龄期之前拆除，或计划里没有拆除时间。",
    en="Props, formwork or bracing go before the concrete they hold has the age for it, or the "
    "plan never takes them away.",
    parameters=STRIKE_PARAMETERS,
)
#: Share of a pour's elements of one storey below which those of another are no place of their own.
_FEW = 0.2
#: Share of full magnitude of props that no task takes away.
_NEVER = 0.15


def find(stage: Stage) -> Found:
    """Striking tasks and modelled props that go too early."""
    if not len(stage.scene):
        return Found()
    cast = stage.once(cast_of)
    risks = [r for s in strikes_of(stage, cast) for r in _struck(stage, cast, s)]
    told = {(r.tasks[1], e) for r in risks for e in r.elements}
    risks += _modelled(stage, cast, told)
    return Found(risks=tuple(risks))


def _struck(stage: Stage, cast: Cast, strike: Strike) -> list[Risk]:
    start = stage.path.start[strike.task]
    found = []
    for pour, elements in strike.elements.items():
        if _reprops(stage, pour, strike.task):
            continue
        ended = stage.path.finish[pour]
        age = days_from(last_day(ended), day_of(start))
        needs = {}
        for e in elements if may_be_short(stage, age) else ():
            need = needed_days(stage, cast, e)
            if age < need:
                needs[e] = need
        for place, some in _by_storey(stage, needs).items():
            found.append(
                _risk(
                    stage,
                    tasks=(pour, strike.task),
                    needs=some,
                    ended=ended,
                    gone=start,
                    place=place,
                    sure=strike.sure,
                )
            )
    return found


def _by_storey(stage: Stage, needs: Mapping[int, float]) -> dict[str, dict[int, float]]:
    """Elements by storey; the few of another storey, as landings, go with the most."""
    groups: dict[str, dict[int, float]] = defaultdict(dict)
    for e, need in needs.items():
        groups[storey_of(stage, e)][e] = need
    most = max(groups, key=lambda place: (len(groups[place]), place), default="")
    for place in sorted(groups):
        if len(groups[place]) < _FEW * len(groups[most]):
            groups[most] |= groups.pop(place)
    return dict(sorted(groups.items()))


def _modelled(stage: Stage, cast: Cast, told: set[tuple[int, int]]) -> list[Risk]:
    """Temporary elements under cast ones: gone too early, or never."""
    lives, contacts = stage.lifetimes, stage.contacts
    props_of_floors = lives.temporary & ~called(stage.scene, STRUTS)
    edges = props_of_floors[contacts.below] & ~lives.temporary[contacts.above]
    pairs = zip(contacts.below[edges].tolist(), contacts.above[edges].tolist(), strict=True)
    early: dict[tuple[int, int, str], dict[int, float]] = defaultdict(dict)
    props: dict[tuple[int, int, str], set[int]] = defaultdict(set)
    never: dict[str, set[int]] = defaultdict(set)
    for prop, e in pairs:
        if not (cast.slab[e] or cast.beam[e]) or np.isnat(cast.poured[e]):
            continue
        if cast.struck_along[cast.task[e]]:
            continue
        if np.isnat(lives.gone[prop]):
            never[storey_of(stage, e)].add(prop)
            continue
        age = days_from(last_day(cast.poured[e]), day_of(lives.remove[prop]))
        if not may_be_short(stage, age):
            continue
        need = needed_days(stage, cast, e)
        key = (int(cast.task[e]), int(lives.removal[prop]), storey_of(stage, e))
        if age < need and (key[1], e) not in told and not _other_props(stage, prop, e, need, cast):
            early[key][e] = need
            props[key].add(prop)
    risks = [
        _risk(
            stage,
            tasks=(pour, removal),
            needs=needs,
            ended=stage.path.finish[pour],
            gone=lives.remove[sorted(props[pour, removal, place])].min(),
            place=place,
            sure=1.0,
            props=sorted(props[pour, removal, place]),
        )
        for (pour, removal, place), needs in sorted(early.items())
        if not _reprops(stage, pour, removal)
    ]
    return risks + [_never(stage, sorted(rows), place) for place, rows in sorted(never.items())]


def _other_props(stage: Stage, prop: int, element: int, need: float, cast: Cast) -> bool:
    """Whether other temporary supports under the element stay until it is old enough."""
    lives, contacts = stage.lifetimes, stage.contacts
    under = contacts.below[contacts.above == element]
    under = under[lives.temporary[under] & (under != prop)]
    until = midnight(last_day(cast.poured[element]) + np.timedelta64(int(np.ceil(need)), "D"))
    stay = np.isnat(lives.gone[under]) | (lives.remove[under] >= until)
    return bool(len(under) and stay.all())


def _reprops(stage: Stage, pour: int, strike: int) -> bool:
    """Whether a task of the same place props the floor again or leaves props in."""
    schedule, path = stage.schedule, stage.path
    tasks = schedule.tasks
    places = [places_said(tasks[t], schedule) for t in (pour, strike)]
    for t in np.flatnonzero(of_kind(schedule, "reprop")).tolist():
        its = places_said(tasks[t], schedule)
        if not any(same_place(p, its) for p in places) or np.isnat(path.finish[t]):
            continue
        begins_in_time = day_of(path.start[t]) <= last_day(path.finish[strike])
        if begins_in_time and path.finish[t] >= path.start[strike]:
            return True
    return False


def _risk(  # noqa: PLR0913 one risk, told by all that is known of it
    stage: Stage,
    *,
    tasks: tuple[int, int],
    needs: dict[int, float],
    ended: np.datetime64,
    gone: np.datetime64,
    place: str,
    sure: float,
    props: Iterable[int] = (),
) -> Risk:
    pour, strike = tasks
    need = max(needs.values())
    worst = [e for e, n in needs.items() if n == need]
    age = days_from(last_day(ended), day_of(gone))
    deficit = int(np.ceil(need)) - age
    ready = midnight(last_day(ended) + np.timedelta64(int(np.ceil(need)), "D"))
    where, what = at_place(place), things(stage, needs)
    days, out, ok = stage.dates.said_last(ended), stage.dates.said(gone), stage.dates.said(ready)
    mine = quoted(stage, strike) if strike >= 0 else ("临时支撑", "the temporary support")
    poured = quoted(stage, pour)
    old = max(age, 0)
    title = both(
        f"{where[0]}{what[0]} {days[0]}浇完，{out[0]}就拆支撑：龄期 {old} 天，须 {need:g} 天，差 {deficit} 天",
        f"Props{where[1]} go {out[1]}, {count_days(old)[1]} after the pour of {days[1]}: "
        f"{need:g} are needed, {deficit} short",
    )
    text = text_of(
        [
            (
                f"{poured[0]}{days[0]}浇完，{mine[0]}{out[0]}开始拆除，涉及 {what[0]}。",
                f"{poured[1]} ends {days[1]}, {mine[1]} begins {out[1]}; it is about {what[1]}.",
            ),
            (
                f"按拆模龄期表（可在项目设置中修改）最早 {ok[0]}可拆；以同条件试块强度为准。",
                f"The table of striking ages allows it from {ok[1]}; cubes cured on site decide.",
            ),
        ]
    )
    elements = tuple(sorted(needs))
    return Risk(
        rule=CARD.id,
        weight=CARD.weight,
        magnitude=min(1.0, deficit / need),
        confidence=mean_confidence(stage, elements) * sure,
        certain=True,
        tasks=(pour, strike) if strike >= 0 else (pour,),
        elements=elements,
        others=tuple(props),
        window=(gone, ready),
        place=place,
        witness=box_of(stage, elements),
        titles=title,
        descriptions=text,
        suggestion=_advice(stage, strike, deficit),
        data={
            "age_days": age,
            "needed_days": need,
            "deficit_days": deficit,
            "first_day": str(day_of(gone)),
            "ready_day": str(day_of(ready)),
            "decisive_elements": len(worst),
        },
    )


def _advice(stage: Stage, strike: int, days: int) -> dict[str, str]:
    if strike < 0:
        return both(
            f"支撑多留 {days} 天，或先加回顶。",
            f"Leave the props {days} days longer, or prop again first.",
        )
    moved = later(stage, strike, days=days, what=("达到拆模龄期后", "when the age is reached"))
    return both(
        moved["zh-CN"] + "或增加回顶工序。", moved["en"] + " Or add a task that props again."
    )


def _never(stage: Stage, props: list[int], place: str) -> Risk:
    where, what = at_place(place), things(stage, props)
    tasks = sorted({int(t) for t in stage.lifetimes.task[props].tolist() if t >= 0})
    return Risk(
        rule=CARD.id,
        weight=CARD.weight,
        magnitude=_NEVER,
        confidence=mean_confidence(stage, props),
        certain=True,
        tasks=tuple(tasks),
        elements=tuple(props),
        place=place,
        witness=box_of(stage, props),
        titles=both(
            f"{where[0]}临时支撑没有拆除工序：{what[0]}",
            f"No task takes the temporary support away{where[1]}: {what[1]}",
        ),
        descriptions=both(
            "计划中没有拆除这些临时支撑的工序，无法核对拆模龄期。",
            "The plan has no task that removes them, so their age at striking cannot be checked.",
        ),
        suggestion=both(
            "在计划中补上拆除工序，并按拆模龄期安排日期。",
            "Add a striking task and date it by the age of the concrete.",
        ),
        data={"no_removal": True},
        key=("never",),
    )
