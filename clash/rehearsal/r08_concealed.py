"""R08: what is closed over before it is finished or tested."""

from collections import defaultdict
from dataclasses import dataclass

import numpy as np

from bimcore.arrays import I64, Mask
from bimcore.critical_path import Moments
from clash.rehearsal.base import Card, Found, Parameter, Risk, Stage
from clash.rehearsal.buried import named_covers
from clash.rehearsal.covers import (
    NAMES,
    Cover,
    Covers,
    covers_of,
    hidden_share,
    near_space,
    space_behind,
)
from clash.rehearsal.dates import days_from, last_day
from clash.rehearsal.furnished import furnished
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
    window_data,
)
from clash.rehearsal.works import of_kind, says
from clash.texts import both

CARD = Card(
    id="R08",
    version=2,
    weight=0.7,
    name_zh="未完先封",
    name_en="Concealed before done",
    zh="吊顶、面层、封板、屋面或回填先于其后的管线、保温、防水完成（或先于试压），或家具先于楼地面就位：要返工。",
    en="A ceiling, lining, screed, roof covering or backfill closes over services, insulation or "
    "waterproofing that is finished or tested later, or furniture over its floor: it has to be "
    "opened or moved again.",
    parameters=(
        Parameter(
            key="R08.hidden_share",
            value=0.2,
            zh="构件被遮盖的部分达到该比例才算被封住",
            en="part of an element that has to be hidden",
        ),
        Parameter(
            key="R08.void_m",
            value=3.0,
            zh="吊顶上方无楼板时，向上查找的高度",
            en="height above a ceiling that is looked at where no slab is over it",
        ),
        Parameter(
            key="R08.under_m",
            value=0.4,
            zh="面层、屋面做法以下查找的深度",
            en="depth below a floor or roof build-up that is looked at",
        ),
        Parameter(
            key="R08.behind_m",
            value=0.3,
            zh="墙面封板背后查找的深度",
            en="depth behind a lining that is looked at",
        ),
        Parameter(
            key="R08.slack_days",
            value=0.0,
            zh="封闭早于完成不超过该日历天数时不报",
            en="calendar days by which a cover may be early without being told",
        ),
    ),
)


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Doings:
    """When the work on each element (E,) begins, is done and is tested, and by which task."""

    begin: Moments
    done: Moments
    task: I64
    tested: Moments
    test: I64


@dataclass(frozen=True, slots=True, kw_only=True)
class _Hit:
    cover: int
    element: int
    cover_task: int
    task: int
    tested: bool
    share: float
    kind: Cover


def find(stage: Stage) -> Found:
    """Covers that are complete before what they hide."""
    covers = covers_of(stage.scene, stage.roles)
    doings = doings_of(stage)
    groups: dict[tuple[int, int, bool, str], list[_Hit]] = defaultdict(list)
    for hit in _hits(stage, covers, doings):
        key = (hit.cover_task, hit.task, hit.tested, storey_of(stage, hit.element))
        groups[key].append(hit)
    risks = [_risk(stage, doings, hits, place) for (*_, place), hits in sorted(groups.items())]
    known = {(r.tasks[1], r.tasks[0]) for r in risks}
    risks += [r for r in named_covers(stage, CARD) if (r.tasks[1], r.tasks[0]) not in known]
    risks += furnished(stage, CARD, covers)
    return Found(risks=tuple(risks))


def doings_of(stage: Stage) -> Doings:
    """Begin, end and test of the work on each element, from the links of installing tasks."""
    count = len(stage.scene)
    begin = np.full(count, "NaT", dtype="datetime64[m]")
    done, tested = begin.copy(), begin.copy()
    task, test = np.full(count, -1, dtype=np.int64), np.full(count, -1, dtype=np.int64)
    tests, frames = of_kind(stage.schedule, "test"), of_kind(stage.schedule, "frame")
    for t, e in zip(stage.links.task.tolist(), stage.links.element.tolist(), strict=True):
        start, finish = stage.path.start[t], stage.path.finish[t]
        if np.isnat(start) or np.isnat(finish):
            continue
        if tests[t]:
            if not finish <= tested[e]:
                tested[e], test[e] = finish, t
        elif stage.links.action[t] == "install":
            begin[e] = start if not begin[e] <= start else begin[e]
            if not finish <= done[e] or (finish == done[e] and frames[task[e]]):
                done[e], task[e] = finish, t
    return Doings(begin=begin, done=done, task=task, tested=tested, test=test)


def _hits(stage: Stage, covers: Covers, doings: Doings) -> list[_Hit]:
    """Pairs of a cover and what it hides too early."""
    slack = np.timedelta64(round(1440 * float(stage.profile["R08.slack_days"])), "m")
    bounds, found = stage.scene.bounds, []
    frames = of_kind(stage.schedule, "frame")
    for kind in Cover:
        may_hide = covers.may_hide(kind)
        for c in np.flatnonzero(covers.kind[kind] & (doings.task >= 0)).tolist():
            if frames[doings.task[c]]:
                continue  # only the frame is planned: it does not close anything yet
            closed = doings.done[c] + slack
            late = may_hide & _later(doings, closed) & (doings.task != doings.task[c])
            if not late.any():
                continue
            space = space_behind(stage, covers, kind, c)
            for e in near_space(bounds, space, late).tolist():
                share = hidden_share(stage, kind, space, e)
                if share > 0.0:
                    found += _hit(doings, kind, c, e, share)
    floors = _floors(stage)
    found = [h for h in found if _told_by_dates(h, doings, floors)]
    return _hidden(found, float(stage.profile["R08.hidden_share"]))


def _floors(stage: Stage) -> dict[int, int]:
    """How many levels each task works on."""
    seen: dict[int, set[int]] = defaultdict(set)
    level = stage.places.level
    for t, e in zip(stage.links.task.tolist(), stage.links.element.tolist(), strict=True):
        seen[t].add(int(level[e]))
    return {t: len(levels) for t, levels in seen.items()}


def _told_by_dates(hit: _Hit, doings: Doings, floors: dict[int, int]) -> bool:
    """Whether the dates of a task say anything of the place of the cover.

    Services of all floors in one bar are done on this floor long before the bar ends.
    """
    if hit.tested or doings.begin[hit.element] >= doings.done[hit.cover]:
        return True
    return floors.get(hit.task, 1) <= floors.get(hit.cover_task, 1)


def _hidden(hits: list[_Hit], least: float) -> list[_Hit]:
    """Hits on elements that all covers of one task together hide enough of."""
    shares: dict[tuple[int, int], float] = defaultdict(float)
    for h in hits:
        shares[h.cover_task, h.element] += h.share
    return [h for h in hits if shares[h.cover_task, h.element] >= least]


def _later(doings: Doings, closed: np.datetime64) -> Mask:
    """Elements (E,) that are done or tested after a moment; undated ones are not."""
    found: Mask = (doings.done > closed) | ((doings.tested > closed) & (doings.task >= 0))
    return found


def _hit(doings: Doings, kind: Cover, cover: int, element: int, share: float) -> list[_Hit]:
    tested = not doings.done[element] > doings.done[cover]
    task = int(doings.test[element] if tested else doings.task[element])
    if task == doings.task[cover]:
        return []
    return [
        _Hit(
            cover=cover,
            element=element,
            cover_task=int(doings.task[cover]),
            task=task,
            tested=tested,
            share=share,
            kind=kind,
        )
    ]


def _risk(stage: Stage, doings: Doings, hits: list[_Hit], place: str) -> Risk:
    elements = sorted({h.element for h in hits})
    covers = sorted({h.cover for h in hits})
    closed = doings.done[covers].min()
    ends = doings.tested if hits[0].tested else doings.done
    begins = ends if hits[0].tested else doings.begin
    window = (closed, ends[elements].max())
    certain = bool((begins[elements] >= closed).all())
    shares: dict[int, float] = defaultdict(float)
    for h in hits:
        shares[h.element] = min(1.0, shares[h.element] + h.share)
    share = float(np.mean(list(shares.values())))
    days = max(1, days_from(last_day(window[0]), last_day(window[1])))
    told = _texts(stage, hits, place, window, days)
    sure = mean_confidence(stage, elements) * mean_confidence(stage, covers)
    return Risk(
        rule=CARD.id,
        weight=CARD.weight,
        magnitude=share,
        confidence=sure * 0.9 * (1.0 if certain else 0.5),
        certain=certain,
        tasks=(hits[0].task, hits[0].cover_task),
        elements=tuple(elements),
        others=tuple(covers),
        window=window,
        place=place,
        witness=box_of(stage, [*elements, *covers]),
        titles=told[0],
        descriptions=told[1],
        suggestion=_advice(stage, hits, days),
        data={
            **window_data(window),
            "hidden_share": round(share, 3),
            "cover": str(hits[0].kind),
            "tested": hits[0].tested,
            "threshold_share": stage.profile["R08.hidden_share"],
        },
        key=("tested",) if hits[0].tested else (),
    )


def _texts(
    stage: Stage,
    hits: list[_Hit],
    place: str,
    window: tuple[np.datetime64, np.datetime64],
    days: int,
) -> tuple[dict[str, str], dict[str, str]]:
    cover, where = NAMES[hits[0].kind], at_place(place)
    what = things(stage, {h.element for h in hits})
    one, other = stage.dates.said_last(window[0]), stage.dates.said_last(window[1])
    begin = stage.dates.said(stage.path.start[hits[0].task])
    done = ("试验", "tested") if hits[0].tested else ("完成", "finished")
    title = both(
        f"{where[0]}{cover[0]}{one[0]}封闭，其内{what[0]} {other[0]}才{done[0]}：早 {days} 天",
        f"{cover[1].capitalize()}{where[1]} closes {one[1]}, but {what[1]} behind it "
        f"{'is' if len(hits) == 1 else 'are'} {done[1]} {other[1]}: {count_days(days)[1]} too early",
    )
    mine, its = quoted(stage, hits[0].cover_task), quoted(stage, hits[0].task)
    share = round(100 * float(np.mean([h.share for h in hits])))
    text = text_of(
        [
            (
                f"{mine[0]}{one[0]}完成，而{its[0]}{begin[0]}开工、{other[0]}才完成。",
                f"{mine[1]} is done {one[1]}, while {its[1]} begins {begin[1]} and ends {other[1]}.",
            ),
            (
                f"被遮盖 {what[0]}，平均遮盖约 {share} %；封闭后再装要拆开返工。",
                f"Hidden: {what[1]}, about {share} % of each; it has to be opened again.",
            ),
        ]
    )
    return title, text


def _advice(stage: Stage, hits: list[_Hit], days: int) -> dict[str, str]:
    if hits[0].tested:
        what = "试验合格后", "after the test is passed"
    elif says(stage.schedule.tasks[hits[0].task].name, "services"):
        what = "管线完成并验收后", "after the services are accepted"
    else:
        what = "隐蔽工程完成后", "after the hidden work is done"
    return later(stage, hits[0].cover_task, days=days, what=what, closes=True)
