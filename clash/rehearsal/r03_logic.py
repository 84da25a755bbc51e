"""R03: orders that the building asks for and the links of the plan do not know."""

from collections import defaultdict
from dataclasses import dataclass

import numpy as np

from bimcore.arrays import I64, Mask
from clash.rehearsal.base import Card, Found, Parameter, Risk, Stage
from clash.rehearsal.carried import Standing, Workdays, bearings_of, standing_of
from clash.rehearsal.network import follows, reduced
from clash.rehearsal.telling import at_place, box_of, mean_confidence, quoted, storey_of, things
from clash.texts import both

CARD = Card(
    id="R03",
    version=1,
    weight=0.7,
    name_zh="逻辑关系缺失或颠倒",
    name_en="Links against geometry",
    zh="构件之间必须的先后关系，在计划的逻辑链接中没有或相反。",
    en="An order that the geometry asks for is missing in the links of the plan, or reversed.",
    parameters=(
        Parameter(
            key="R03.agree_share",
            value=0.8,
            zh="两项工序之间同方向的构件对须超过此比例",
            en="share of element pairs of two tasks that must ask for the same order",
        ),
        Parameter(
            key="R03.bearing_share",
            value=0.01,
            zh="承担支承不到此比例的构件不算必须",
            en="part of the bearing below which a carrier is not counted",
        ),
        Parameter(
            key="R03.tight_days",
            value=5.0,
            zh="间隔不超过此工作日数时，稍有延误即出错",
            en="working days between the two up to which a slip breaks the order",
        ),
        Parameter(
            key="R03.loose_share",
            value=0.5,
            zh="缺失的先后关系超过此比例时合并为一条",
            en="share of orders without links from which they are told as one",
        ),
    ),
)
MISSING, TIGHT, REVERSED = 0.3, 0.6, 1.0
#: Missing orders that are always told one by one.
FEW = 20


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Needed:
    """Orders of N pairs of tasks that the building asks for.

    Attributes
    ----------
    before, after : (N,) int64
        Tasks, sorted.
    pairs : tuple of tuple of (int, int)
        Elements of each: what must be there, and what needs it.

    """

    before: I64
    after: I64
    pairs: tuple[tuple[tuple[int, int], ...], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Fault:
    """An order without links: its row, how bad it is, whether that is sure, days between."""

    row: int
    magnitude: float
    certain: bool
    days: float


def find(stage: Stage) -> Found:
    """One risk for each pair of tasks; none for what follows from others."""
    if not stage.schedule.links:
        return Found(not_assessed=(_NO_LINKS,) if stage.links.task.size else ())
    standing = standing_of(stage)
    needed = needed_orders(stage, standing)
    alone = reduced(needed.before, needed.after, len(stage.schedule.tasks))
    rows = np.flatnonzero(alone & ~_done(stage, needed))
    before, after = needed.before[rows], needed.after[rows]
    linked = follows(stage.schedule, before, after)
    against = follows(stage.schedule, after, before)
    days = Workdays.of(stage.schedule)
    faults = [
        _fault(stage, needed, int(row), days, reversed_=bool(against[k]))
        for k, row in enumerate(rows.tolist())
        if not linked[k]
    ]
    slack = [f for f in faults if f.magnitude == MISSING]
    if len(slack) > max(FEW, float(stage.profile["R03.loose_share"]) * len(rows)):
        told = [_risk(stage, needed, f) for f in faults if f.magnitude != MISSING]
        return Found(risks=(*told, _all_missing(stage, needed, slack, len(rows))))
    return Found(risks=tuple(_risk(stage, needed, f) for f in faults))


_NO_LINKS = {
    "what": both("R03 逻辑关系与几何对照", "R03, links against geometry"),
    "why": both("计划中没有工序之间的链接", "The plan has no links between tasks"),
}


def needed_orders(stage: Stage, standing: Standing) -> Needed:
    """Orders of tasks: what carries or hosts is there before what needs it.

    Two tasks whose elements ask for both directions (all walls, all slabs) have no order.
    """
    below, above = _element_orders(stage)
    before = standing.last[below].astype(np.int64)
    after = stage.lifetimes.task[above].astype(np.int64)
    own = stage.lifetimes.task[below]
    keep = (before >= 0) & (after >= 0) & (before != after) & (own != after)
    keep &= ~(standing.unsure[below] | standing.unsure[above])
    # both are finished by one task: its inner order is unknown
    keep &= standing.last[above] != before
    groups: dict[tuple[int, int], list[tuple[int, int]]] = defaultdict(list)
    columns = (before[keep], after[keep], below[keep], above[keep])
    for b, a, s, e in zip(*(c.tolist() for c in columns), strict=True):
        groups[b, a].append((s, e))
    agree = float(stage.profile["R03.agree_share"])
    found = [
        key
        for key, rows in sorted(groups.items())
        if len(rows) > agree * (len(rows) + len(groups.get(key[::-1], ())))
    ]
    return Needed(
        before=np.array([k[0] for k in found], dtype=np.int64),
        after=np.array([k[1] for k in found], dtype=np.int64),
        pairs=tuple(tuple(groups[k]) for k in found),
    )


def _element_orders(stage: Stage) -> tuple[I64, I64]:
    """Elements that must be there, and those that need them: carriers and hosts."""
    bearings = bearings_of(stage)
    keep = bearings.share >= float(stage.profile["R03.bearing_share"])
    contacts, temporary = stage.contacts, stage.lifetimes.temporary
    hosts = (contacts.kind == 0) & ~temporary[contacts.host]
    below = np.concatenate([bearings.below[keep], contacts.host[hosts].astype(np.int64)])
    above = np.concatenate([bearings.above[keep], contacts.guest[hosts].astype(np.int64)])
    stays = ~temporary[above]
    return below[stays], above[stays]


def _done(stage: Stage, needed: Needed) -> Mask:
    """Orders (N,) of tasks that are both done already."""
    over = np.array([t.complete >= 1.0 for t in stage.schedule.tasks], dtype=np.bool_)
    found: Mask = over[needed.before] & over[needed.after]
    return found


def _fault(stage: Stage, needed: Needed, row: int, days: Workdays, *, reversed_: bool) -> _Fault:
    before, after = int(needed.before[row]), int(needed.after[row])
    start, finish = stage.path.start, stage.path.finish
    known = not any(np.isnat(m) for m in (finish[before], start[after], start[before]))
    if reversed_:
        return _Fault(row=row, magnitude=REVERSED, certain=True, days=0.0)
    if not known:
        return _Fault(row=row, magnitude=MISSING, certain=True, days=0.0)
    if finish[before] > start[after]:
        sure = bool(start[before] >= finish[after])
        gap = -days.within(after, (start[after], finish[before]))
        return _Fault(row=row, magnitude=REVERSED if sure else TIGHT, certain=sure, days=gap)
    gap = days.within(after, (finish[before], start[after]))
    tight = gap <= float(stage.profile["R03.tight_days"])
    return _Fault(row=row, magnitude=TIGHT if tight else MISSING, certain=True, days=gap)


def _window(stage: Stage, before: int, after: int) -> tuple[np.datetime64, np.datetime64] | None:
    """When the order is broken; where it holds so far, when the later task works."""
    start, finish = stage.path.start, stage.path.finish
    if np.isnat(start[after]) or np.isnat(finish[after]):
        return None
    if not np.isnat(finish[before]) and finish[before] > start[after]:
        return (start[after], finish[before])
    return (start[after], finish[after])


def _risk(stage: Stage, needed: Needed, fault: _Fault) -> Risk:
    before, after = int(needed.before[fault.row]), int(needed.after[fault.row])
    pairs = needed.pairs[fault.row]
    elements = tuple(sorted({e for _, e in pairs}))
    others = tuple(sorted({s for s, _ in pairs}))
    storeys = sorted({storey_of(stage, e) for e in elements})
    place = storeys[0] if len(storeys) == 1 else ""
    link = mean_confidence(stage, elements) * mean_confidence(stage, others)
    return Risk(
        rule=CARD.id,
        weight=CARD.weight,
        magnitude=fault.magnitude,
        confidence=link * (1.0 if fault.certain else 0.5),
        certain=fault.certain,
        tasks=(after, before),
        elements=elements,
        others=others,
        window=_window(stage, before, after),
        place=place,
        witness=box_of(stage, elements),
        titles=_title(stage, before, after, fault),
        descriptions=_sentence(stage, (before, after, place), (others, elements), fault),
        suggestion=_advice(stage, before, after, fault),
        data={
            "pairs": len(pairs),
            "gap_working_days": round(fault.days, 2),
            "agree_share": stage.profile["R03.agree_share"],
            "card_version": CARD.version,
        },
    )


def _title(stage: Stage, before: int, after: int, fault: _Fault) -> dict[str, str]:
    first, second = quoted(stage, before), quoted(stage, after)
    if fault.magnitude == REVERSED:
        return both(
            f"{second[0]}排在{first[0]}之前，顺序颠倒",
            f"{second[1]} comes before {first[1]}: the order is reversed",
        )
    return both(
        f"{first[0]}与{second[0]}之间缺少逻辑链接", f"No link leads from {first[1]} to {second[1]}"
    )


def _sentence(
    stage: Stage,
    where: tuple[int, int, str],
    elements: tuple[tuple[int, ...], tuple[int, ...]],
    fault: _Fault,
) -> dict[str, str]:
    before, after, place = where
    first, second = quoted(stage, before), quoted(stage, after)
    carriers, what = things(stage, elements[0]), things(stage, elements[1])
    at_zh, at_en = at_place(place)
    zh = f"{at_zh}{what[0]}（{second[0]}）要靠{carriers[0]}（{first[0]}）承托或固定，"
    en = f"{what[1]}{at_en} ({second[1]}) need {carriers[1]} ({first[1]}). "
    start, finish = stage.path.start[after], stage.path.finish[before]
    dated = not (np.isnat(start) or np.isnat(finish))
    number = f"{abs(fault.days):.1f}".removesuffix(".0")
    if fault.magnitude == REVERSED:
        zh += "但计划中的顺序正好相反"
        en += "The plan has them the other way round"
    else:
        zh += "但计划里没有任何链接把两者连起来"
        en += "No chain of links leads from one to the other"
    if dated and finish > start:
        begins, ends = stage.dates.said(start), stage.dates.said_last(finish)
        zh += f"：后者{begins[0]}开工，前者{ends[0]}才完成，差 {number} 个工作日。"
        en += f": one starts on {begins[1]}, the other ends on {ends[1]}, {number} days too late."
    elif dated and fault.magnitude != REVERSED:
        zh += f"；目前日期间隔 {number} 个工作日，前者一旦拖延，后者不会跟着顺延。"
        en += f"; the dates leave {number} working days, and a slip of the one does not move the other."
    else:
        zh += "。"
        en += "."
    return both(zh, en)


def _advice(stage: Stage, before: int, after: int, fault: _Fault) -> dict[str, str]:
    first, second = quoted(stage, before), quoted(stage, after)
    if fault.magnitude == REVERSED:
        return both(
            f"对调{second[0]}与{first[0]}的先后，并加上完成—开始链接。",
            f"Swap {second[1]} and {first[1]}, with a finish-to-start link.",
        )
    return both(
        f"增加{first[0]}到{second[0]}的完成—开始链接。",
        f"Add a finish-to-start link from {first[1]} to {second[1]}.",
    )


def _all_missing(stage: Stage, needed: Needed, faults: list[_Fault], total: int) -> Risk:
    """Orders without links whose dates hold, told as one: the plan was not linked."""
    elements = sorted({e for f in faults for _, e in needed.pairs[f.row]})
    rows = sorted(faults, key=lambda f: f.days)[:3]
    tasks = tuple(dict.fromkeys(int(needed.after[f.row]) for f in rows))
    number = len(faults)
    return Risk(
        rule=CARD.id,
        weight=CARD.weight,
        magnitude=MISSING,
        confidence=mean_confidence(stage, elements),
        certain=True,
        tasks=tasks,
        elements=tuple(elements),
        window=None,
        titles=both(
            f"计划缺少 {number} 处必须的逻辑链接", f"The plan lacks {number} links that it needs"
        ),
        descriptions=both(
            f"模型要求的 {total} 处先后关系中有 {number} 处没有链接，目前日期尚可；"
            "任何一处拖延，后面的工序都不会跟着顺延。",
            f"Of {total} orders that the model asks for {number} have no links. The dates hold so "
            "far, but no slip will move what depends on it.",
        ),
        suggestion=both(
            "先补齐日期间隔最小的几处链接。", "Add the links with the least time between first."
        ),
        data={
            "missing": number,
            "needed": total,
            "pairs": [
                {
                    "before": stage.schedule.tasks[int(needed.before[f.row])].id,
                    "after": stage.schedule.tasks[int(needed.after[f.row])].id,
                    "gap_working_days": round(f.days, 2),
                }
                for f in faults
            ],
            "card_version": CARD.version,
        },
        key=("links",),
    )
