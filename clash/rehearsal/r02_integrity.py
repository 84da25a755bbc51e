"""R02: plans that contradict themselves."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence

import numpy as np

from clash.rehearsal.base import Card, Found, Parameter, Risk, Stage
from clash.rehearsal.faults import (
    Fault,
    Plan,
    against_durations,
    against_links,
    beside_their_rows,
    counted,
    on_idle_days,
    open_ends,
    without_dates,
)
from clash.rehearsal.versions import missing, shifted
from clash.texts import both

CARD = Card(
    id="R02",
    version=1,
    weight=0.4,
    name_zh="计划自相矛盾",
    name_en="Schedule integrity",
    zh="逻辑关系成环或与日期不符、工期与工作日不符、落在休息日、缺日期、两份计划不一致。",
    en="Links that go round or contradict the dates, durations that do not fit the calendar, "
    "dates on days without work or missing, and two exports that disagree.",
    parameters=(
        Parameter(
            key="R02.least_days",
            value=0.5,
            zh="日期、工期相差达到此工作日数才报告",
            en="working days that dates or durations must be out to be told",
        ),
        Parameter(
            key="R02.full_days",
            value=10.0,
            zh="相差达到此工作日数按最严重计",
            en="working days out that count in full",
        ),
        Parameter(
            key="R02.most_single",
            value=3.0,
            zh="同一分组内同类问题超过此数合并为一条",
            en="faults of a kind below one heading from which on they are told as one",
        ),
        Parameter(
            key="R02.linked_share",
            value=0.2,
            zh="有逻辑关系的任务低于此比例时，不检查首尾缺口",
            en="share of linked tasks below which open ends are not looked for",
        ),
    ),
)
#: Magnitude of faults without a number of days.
_OPEN, _MISSING = 0.25, 0.5
#: A fault that its author accounts for is information.
_EXPLAINED = 0.25
#: Dates judged by a calendar that was assumed.
_UNSURE = 0.5
#: More risks of one kind than this become one for the whole plan.
_MOST_OF_A_KIND = 20
_LISTED = 5
_TITLES = {
    "link": ("日期早于逻辑关系", "Dates before their links"),
    "duration": ("工期与日期不符", "Durations and dates differ"),
    "idle_day": ("落在休息日", "On days without work"),
    "no_dates": ("缺少日期", "Dates missing"),
    "span": ("汇总与下级不符", "Groups and their tasks differ"),
    "version": ("两份计划不一致", "Two exports disagree"),
}


def find(stage: Stage) -> Found:
    """Faults of the plan in itself, and against other exports of it."""
    plan = Plan(stage.schedule, stage.path)
    least = float(stage.profile["R02.least_days"])
    risks = list(_cycles(plan))
    kinds = (
        against_links(plan, least=least),
        against_durations(plan, least=least),
        on_idle_days(plan),
        without_dates(plan),
        beside_their_rows(plan, least=least),
    )
    for faults in kinds:
        risks += _grouped(stage, plan, list(faults))
    for other in stage.others:
        risks += _grouped(stage, plan, list(shifted(plan, other, least=least)))
        risks += _missing(plan, other.name, *missing(plan, other))
    loose, not_assessed = _open(stage, plan)
    return Found(risks=(*risks, *loose), not_assessed=tuple(not_assessed))


def _cycles(plan: Plan) -> Iterator[Risk]:
    for cycle in plan.path.cycles:
        names = [plan.name(r) for r in (*cycle, cycle[0])]
        zh, en = " → ".join(f"“{n}”" for n in names), " -> ".join(f'"{n}"' for n in names)
        last = plan.name(cycle[-1])
        yield Risk(
            rule=CARD.id,
            weight=CARD.weight,
            magnitude=1.0,
            confidence=1.0,
            certain=True,
            tasks=cycle,
            window=_window(plan, cycle),
            titles=both(
                f"逻辑关系成环（{len(cycle)} 个任务）", f"Links go round ({len(cycle)} tasks)"
            ),
            descriptions=both(
                f"这些任务互相等待，无法排出日期：{zh}。",
                f"These tasks wait for each other and cannot be dated: {en}.",
            ),
            suggestion=both(
                f"删除其中一条关系，例如“{last}”到“{names[0]}”。",
                f'Remove one of the links, such as "{last}" to "{names[0]}".',
            ),
            data={"cycle": [plan.schedule.tasks[r].id for r in cycle]},
            key=("cycle", *sorted(plan.schedule.tasks[r].id for r in cycle)),
        )


def _window(plan: Plan, rows: Iterable[int]) -> tuple[np.datetime64, np.datetime64] | None:
    spans = [s for r in rows if (s := plan.span(r)) is not None]
    return (min(s[0] for s in spans), max(s[1] for s in spans)) if spans else None


def _grouped(stage: Stage, plan: Plan, faults: Sequence[Fault]) -> list[Risk]:
    """One risk a fault, or one a heading where there are many below it."""
    below: dict[tuple[int, bool], list[Fault]] = defaultdict(list)
    for fault in faults:
        parent = plan.schedule.tasks[fault.tasks[0]].parent
        below[parent, fault.explained].append(fault)
    most = float(stage.profile["R02.most_single"])
    batches: list[tuple[int | None, list[Fault]]] = []
    for (parent, _), rows in sorted(below.items()):
        if len(rows) > most:
            batches.append((parent, rows))
        else:
            batches += [(parent, [row]) for row in rows]
    if len(batches) > _MOST_OF_A_KIND:
        batches = [(None, list(faults))]
    return [_risk(stage, plan, parent, rows) for parent, rows in batches]


def _risk(stage: Stage, plan: Plan, parent: int | None, faults: Sequence[Fault]) -> Risk:
    faults = sorted(faults, key=lambda f: (-abs(f.days), f.tasks))
    worst = faults[0]
    share = min(1.0, abs(worst.days) / max(float(stage.profile["R02.full_days"]), 1e-9))
    magnitude = share * (_EXPLAINED if all(f.explained for f in faults) else 1.0)
    zh, en = _TITLES[worst.kind]
    tasks = tuple(dict.fromkeys(r for f in faults for r in f.tasks))
    name = plan.name(worst.tasks[0])
    if len(faults) == 1:
        title = both(f"{zh}：{name}", f"{en}: {name}")
        text = both(worst.zh, worst.en)
        what = tuple(plan.schedule.tasks[r].id for r in worst.tasks)
    else:
        where = "" if parent is None or parent < 0 else plan.name(parent)
        title = both(
            f"{zh}：{where or '全部计划'} {len(faults)} 处",
            f"{en}: {len(faults)} in {where or 'the plan'}",
        )
        text = _listed(faults)
        group = "" if parent is None or parent < 0 else plan.schedule.tasks[parent].id
        what = ("many", group)
    windows = [f.window for f in faults if f.window is not None]
    window = (min(w[0] for w in windows), max(w[1] for w in windows)) if windows else None
    other = str(worst.data.get("other", ""))
    return Risk(
        rule=CARD.id,
        weight=CARD.weight,
        magnitude=magnitude,
        confidence=_confidence(plan, worst.kind),
        certain=True,
        tasks=tasks,
        elements=_elements(stage, worst.tasks[0]) if len(faults) == 1 else (),
        window=window,
        titles=title,
        descriptions=text,
        suggestion=both(worst.move_zh, worst.move_en),
        data={
            "kind": worst.kind,
            "count": len(faults),
            "worst_days": round(abs(worst.days), 2),
            **(worst.data if len(faults) == 1 else {"other": other} if other else {}),
            "tasks": [plan.schedule.tasks[f.tasks[0]].id for f in faults],
        },
        key=(worst.kind, other, "explained" if worst.explained else "", *what),
    )


def _listed(faults: Sequence[Fault]) -> dict[str, str]:
    first, rest = faults[:_LISTED], len(faults) - _LISTED
    zh, en = "".join(f.zh for f in first), " ".join(f.en for f in first)
    if rest > 0:
        zh, en = f"{zh}另有 {rest} 处同类问题。", f"{en} And {rest} more of the kind."
    return both(zh, en)


def _confidence(plan: Plan, kind: str) -> float:
    """Days off and durations are only as sure as the calendar."""
    return _UNSURE if plan.calendar_assumed and kind in ("idle_day", "duration") else 1.0


def _elements(stage: Stage, row: int) -> tuple[int, ...]:
    links = stage.links
    return tuple(int(e) for e in links.element[links.task == row])


def _open(stage: Stage, plan: Plan) -> tuple[list[Risk], list[dict[str, dict[str, str]]]]:
    """Rows without predecessor or successor, each side told once for the whole plan."""
    leaves = [row for row, _ in plan.leaves()]
    ends = {r for link in plan.schedule.links for r in (link.predecessor, link.successor)}
    needed = float(stage.profile["R02.linked_share"]) * len(leaves)
    if not leaves or (not plan.path.cycles and len(ends) < max(needed, 1)):
        count = len(ends)
        what = both("首尾缺口与逻辑关系", "Open ends and links of the plan")
        why = both(
            f"{len(leaves)} 个任务中只有 {count} 个有逻辑关系",
            f"only {count} of {len(leaves)} tasks are linked",
        )
        return [], [{"what": what, "why": why}]
    loose, unneeded = open_ends(plan)
    told = (
        (loose, "open_start", "没有紧前任务", "without a predecessor"),
        (unneeded, "open_end", "没有紧后任务", "without a successor"),
    )
    words = {
        "open_start": (
            "前面的工作拖延时，它们的日期不会跟着变。",
            "When work before them slips, their dates will not follow.",
            "补上紧前任务。",
            "Link them to what they wait for.",
        ),
        "open_end": (
            "它们拖延时，计划看不出影响谁。",
            "When they slip, the plan does not show whom it hits.",
            "补上紧后任务，至少连到完工节点。",
            "Link them to what follows, at least to the end of the plan.",
        ),
    }
    return [
        _told_once(plan, rows, kind, (zh, en), words[kind]) for rows, kind, zh, en in told if rows
    ], []


def _told_once(
    plan: Plan,
    rows: Sequence[int],
    kind: str,
    name: tuple[str, str],
    words: tuple[str, str, str, str],
) -> Risk:
    listed = [plan.name(r) for r in rows[:_LISTED]]
    more = len(rows) - len(listed)
    zh = "、".join(f"“{n}”" for n in listed) + (f" 等 {len(rows)} 个" if more else "")
    en = ", ".join(f'"{n}"' for n in listed) + (f" and {more} more" if more else "")
    return Risk(
        rule=CARD.id,
        weight=CARD.weight,
        magnitude=_OPEN,
        confidence=1.0,
        certain=True,
        tasks=tuple(rows),
        window=_window(plan, rows),
        titles=both(f"{len(rows)} 个任务{name[0]}", f"Tasks {name[1]}: {len(rows)}"),
        descriptions=both(f"{name[0]}：{zh}。{words[0]}", f"Tasks {name[1]}: {en}. {words[1]}"),
        suggestion=both(words[2], words[3]),
        data={"kind": kind, "tasks": [plan.schedule.tasks[r].id for r in rows]},
        key=(kind,),
    )


def _missing(plan: Plan, other: str, here: Sequence[int], there: Sequence[str]) -> Iterator[Risk]:
    """Tasks that only one of two exports has."""
    if not here and not there:
        return
    zh, en = [], []
    if here:
        names = [plan.name(r) for r in here]
        zh.append(f"“{other}”中没有：{_some(names, '、', '等')}。")
        en.append(f'Not in "{other}": {_some(names, ", ", "and more of")}.')
    if there:
        zh.append(f"只在“{other}”中：{_some(there, '、', '等')}。")
        en.append(f'Only in "{other}": {_some(there, ", ", "and more of")}.')
    count = len(here) + len(there)
    yield Risk(
        rule=CARD.id,
        weight=CARD.weight,
        magnitude=_MISSING,
        confidence=1.0,
        certain=True,
        tasks=tuple(here),
        window=_window(plan, here),
        titles=both(
            f"两份计划的任务不同：{counted(count)} 个", f"Two exports differ by {count} tasks"
        ),
        descriptions=both("".join(zh), " ".join(en)),
        suggestion=both("确认哪一份是现行计划。", "Settle which of the two exports is in force."),
        data={
            "kind": "missing",
            "other": other,
            "here": [plan.schedule.tasks[r].id for r in here],
            "there": list(there),
        },
        key=("missing", other),
    )


def _some(names: Sequence[str], between: str, more: str) -> str:
    text = between.join(names[:_LISTED])
    return text if len(names) <= _LISTED else f"{text} {more} {len(names)}"
