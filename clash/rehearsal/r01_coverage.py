"""R01: elements that no task builds, and tasks that work on nothing the models have."""

from collections import defaultdict
from collections.abc import Iterator, Sequence

import numpy as np

from clash.rehearsal.base import Card, Found, Parameter, Risk, Stage
from clash.rehearsal.confirmed import pattern_of
from clash.rehearsal.coverage import coverage_of
from clash.rehearsal.gaps import Coverage, Gap
from clash.rehearsal.linking_elements import elements_of
from clash.rehearsal.phrases import listed
from clash.rehearsal.telling import task_name
from clash.rehearsal.words import dictionary
from clash.texts import both, label

CARD = Card(
    id="R01",
    version=1,
    weight=0.2,
    name_zh="计划与模型对不上",
    name_en="Plan and models do not cover each other",
    zh="有的构件没有工序来做，或有的工序在模型里找不到构件。",
    en="Some elements have no task that builds them, or some tasks have no elements.",
    parameters=(
        Parameter(
            key="R01.least_share",
            value=0.005,
            zh="某类无工序构件占全部体积的比例，低于此值不单独提示",
            en="share of all volume below which a class without tasks is not told by itself",
        ),
        Parameter(
            key="R01.most_share",
            value=0.5,
            zh="单项工序包含的构件超过此比例即提示过于笼统",
            en="share of all elements above which one task is too broad",
        ),
        Parameter(
            key="R01.longest_days",
            value=60.0,
            zh="有构件的单项工序超过此日历天数即提示过于笼统",
            en="calendar days above which one task with elements is too broad",
        ),
    ),
)

#: Why a task has no elements: in words, how much it matters, what to do.
_EMPTY = {
    "no_kind": (
        both("名称里认不出构件", "the names tell no kind of element"),
        0.3,
        both(
            "在“进度关联”中为该名称选定构件，或标为“不涉及构件”",
            "choose what this name means under “Links of tasks”, or mark it as no building work",
        ),
    ),
    "not_modelled": (
        both("模型里没有这类构件", "no model has such parts"),
        0.1,
        both(
            "补充模型；若不建模，在“进度关联”中标为“未建模”",
            "add the parts to a model, or mark the name “not modelled” under “Links of tasks”",
        ),
    ),
    "storey": (
        both("该楼层没有这类构件", "there are no such parts on that storey"),
        0.4,
        both("核对工序的楼层与模型的楼层名", "compare the storey of the task with the models'"),
    ),
    "existing": (
        both("没有标明哪些构件要拆", "nothing is marked as to be removed"),
        0.4,
        both(
            "在模型中标明要拆除的构件（状态或阶段），或在“进度关联”中选定",
            "mark what is to go in the model (status or phase), or choose it under “Links of tasks”",
        ),
    ),
    "taken": (
        both("这类构件已由更具体的工序承担", "narrower tasks already build such parts"),
        0.1,
        both("确认该工序是否重复", "see whether this task is a repetition"),
    ),
    "unknown_guid": (
        both("计划引用的构件编号在模型中不存在", "the models have none of the GlobalIds it names"),
        0.6,
        both("用当前模型重新导出带编号的计划", "export the plan with GlobalIds of these models"),
    ),
}
_SEVERAL = {
    "zone": (
        both("名称中的分区在模型里认不出", "the models do not tell the zones in the names"),
        both(
            "在模型中给构件标出分区（如楼层名、图层或构件名）",
            "tell the zones in the models (names of storeys, layers or parts)",
        ),
    ),
    "repeat": (
        both("名称相同，没写楼层，数量又与楼层数不符",
             "equal names without a storey, and not as many as storeys"),
        both("在工序名称中写明楼层", "put the storey into the names"),
    ),
    "same": (
        both("名称和楼层都相同", "equal names on one storey"),
        both("在工序名称中写明部位", "tell in the names which part is meant"),
    ),
}  # fmt: skip


def find(stage: Stage) -> Found:
    """What plan and models do not cover of each other, a few findings for a whole project."""
    coverage = stage.coverage or _coverage(stage)
    if not coverage.elements:
        return Found()
    risks = [
        *_without_task(stage, coverage),
        *_without_elements(stage, coverage),
        *_several(stage, coverage),
        *_too_broad(stage, coverage),
    ]
    return Found(risks=tuple(risks), not_assessed=tuple(_not_assessed(coverage)))


def _coverage(stage: Stage) -> Coverage:
    """Coverage of links that were made by hand."""
    words = dictionary()
    told = {
        row: "" if any(s.of("idle") for s in words.read(task.name)) else "no_kind"
        for row, task in enumerate(stage.schedule.tasks)
        if task.works
    }
    return coverage_of(
        stage.scene, stage.schedule, elements_of(stage.scene, words), stage.links, told=told
    )


def _not_assessed(coverage: Coverage) -> Iterator[dict[str, dict[str, str]]]:
    left = coverage.elements - coverage.linked
    if left:
        yield {
            "what": both(
                f"{left} 个没有工序的构件（占 {left / coverage.elements:.0%}）的先后",
                f"the sequence of {left} elements without a task "
                f"({left / coverage.elements:.0%} of all)",
            ),
            "why": both("没有日期，按一直存在处理", "they have no dates and count as always there"),
        }


def _without_task(stage: Stage, coverage: Coverage) -> Iterator[Risk]:
    """One finding for each class with enough volume that no task builds."""
    if not coverage.linked:
        yield _nothing_linked(stage, coverage)
        return
    gaps: dict[str, list[Gap]] = defaultdict(list)
    for gap in coverage.gaps:
        if gap.open:
            gaps[gap.ifc_class].append(gap)
    for name, rows in sorted(gaps.items()):
        share = sum(g.open_volume for g in rows) / max(coverage.volume, 1e-9)
        if share < float(stage.profile["R01.least_share"]):
            continue
        left, total = sum(g.open for g in rows), sum(g.count for g in rows)
        where = sorted({g.storey for g in rows if g.storey})
        places = listed(where, most=4)
        kind = both(label(name), label(name, "en"))
        at = {
            "zh-CN": f"（{places['zh-CN']}）" if where else "",
            "en": f" ({places['en']})" if where else "",
        }
        yield Risk(
            rule="R01",
            weight=CARD.weight,
            magnitude=share,
            confidence=1.0,
            certain=True,
            tasks=(),
            elements=tuple(e for g in rows for e in g.elements),
            place=where[0] if len(where) == 1 else "",
            titles=both(
                f"{kind['zh-CN']} {left} 个没有工序{at['zh-CN']}",
                f"{left} x {kind['en']} without a task{at['en']}",
            ),
            descriptions=both(
                f"共 {total} 个，其中 {left} 个在计划里没有任何工序来做，占全部体积 {share:.1%}。"
                "它们的先后无法预演。",
                f"Of {total}, {left} are built by no task of the plan: {share:.1%} of all volume. "
                "Their sequence cannot be rehearsed.",
            ),
            suggestion=both(
                "在计划中补一项工序，或在“进度关联”中把已有工序对应过来",
                "add a task to the plan, or link an existing one under “Links of tasks”",
            ),
            data={
                "ifc_class": name,
                "elements": total,
                "without_task": left,
                "volume_share": round(share, 4),
                "storeys": where,
            },
            key=("elements", name),
        )


def _nothing_linked(stage: Stage, coverage: Coverage) -> Risk:
    return Risk(
        rule="R01",
        weight=CARD.weight,
        magnitude=1.0,
        confidence=1.0,
        certain=True,
        tasks=(),
        titles=both("计划与模型没有任何对应", "The plan matches nothing in the models"),
        descriptions=both(
            f"{len(stage.schedule.tasks)} 行计划与 {coverage.elements} 个构件之间没有找到对应，无法预演。",
            f"No link was found between {len(stage.schedule.tasks)} rows of the plan and "
            f"{coverage.elements} elements; nothing can be rehearsed.",
        ),
        suggestion=both(
            "确认计划属于本项目；在“进度关联”中按名称选定构件",
            "see that the plan belongs to this project; choose elements by name under "
            "“Links of tasks”",
        ),
        key=("nothing",),
    )


def _without_elements(stage: Stage, coverage: Coverage) -> Iterator[Risk]:
    """One finding for each reason why tasks have no elements."""
    rows: dict[str, list[int]] = defaultdict(list)
    for row, why in coverage.empty.items():
        rows[why if why in _EMPTY else "no_kind"].append(row)
    works = sum(t.works for t in stage.schedule.tasks)
    for why, tasks in sorted(rows.items()):
        reason, weight, todo = _EMPTY[why]
        names = _names(stage, tasks)
        yield Risk(
            rule="R01",
            weight=CARD.weight,
            magnitude=weight * min(1.0, 4 * len(tasks) / max(works, 1)),
            confidence=1.0,
            certain=True,
            tasks=tuple(tasks),
            titles=both(
                f"{len(tasks)} 项工序没有构件：{reason['zh-CN']}",
                f"{len(tasks)} task{'s' if len(tasks) > 1 else ''} without elements: "
                f"{reason['en']}",
            ),
            descriptions=both(f"工序：{names['zh-CN']}。", f"Tasks: {names['en']}."),
            suggestion=todo,
            data={"why": why, "patterns": _patterns(stage, tasks)},
            key=("tasks", why),
        )


def _several(stage: Stage, coverage: Coverage) -> Iterator[Risk]:
    """One finding for each reason why tasks match several groups alike."""
    rows: dict[str, list[int]] = defaultdict(list)
    for row, why in coverage.unclear.items():
        rows[why].append(row)
    sums = np.bincount(
        stage.links.task, weights=stage.links.confidence, minlength=len(stage.schedule.tasks)
    )
    counts = np.bincount(stage.links.task, minlength=len(stage.schedule.tasks))
    works = sum(t.works for t in stage.schedule.tasks)
    for why, tasks in sorted(rows.items()):
        reason, todo = _SEVERAL[why]
        names = _names(stage, tasks)
        sure = float(sums[tasks].sum() / max(counts[tasks].sum(), 1))
        yield Risk(
            rule="R01",
            weight=CARD.weight,
            magnitude=0.5 * min(1.0, 4 * len(tasks) / max(works, 1)),
            confidence=1.0,
            certain=True,
            tasks=tuple(tasks),
            titles=both(
                f"{len(tasks)} 项工序对应多组构件，分不清：{reason['zh-CN']}",
                f"{len(tasks)} tasks match several groups alike: {reason['en']}",
            ),
            descriptions=both(
                f"工序：{names['zh-CN']}。这些关联的把握只有 {sure:.0%}。",
                f"Tasks: {names['en']}. Their links are only {sure:.0%} sure.",
            ),
            suggestion=todo,
            data={"why": why, "patterns": _patterns(stage, tasks), "confidence": round(sure, 3)},
            key=("several", why),
        )


def _too_broad(stage: Stage, coverage: Coverage) -> Iterator[Risk]:
    """One finding for each task on most of the building, or longer than is of use."""
    counts = np.bincount(stage.links.task, minlength=len(stage.schedule.tasks))
    for row, task in enumerate(stage.schedule.tasks):
        if not counts[row] or not task.works or row in coverage.idle:
            continue
        share = float(counts[row]) / coverage.elements
        start, finish = stage.path.start[row], stage.path.finish[row]
        known = not (np.isnat(start) or np.isnat(finish))
        days = float((finish - start) / np.timedelta64(1, "D")) if known else 0.0
        broad = share > float(stage.profile["R01.most_share"]) and counts[row] > 1
        long = days > float(stage.profile["R01.longest_days"])
        if not (broad or long):
            continue
        name = task_name(stage, row)
        yield Risk(
            rule="R01",
            weight=CARD.weight,
            magnitude=max(min(1.0, share) if broad else 0.0, 0.3 if long else 0.0),
            confidence=1.0,
            certain=True,
            tasks=(row,),
            titles=both(f"工序“{name}”过于笼统", f'The task "{name}" is too broad'),
            descriptions=both(
                f"它包含 {int(counts[row])} 个构件（{share:.0%}），历时 {days:.0f} 天；内部先后未知。",
                f"It holds {int(counts[row])} elements ({share:.0%}) over {days:.0f} days; what "
                "comes first within it is not known.",
            ),
            suggestion=both("按楼层或分区拆分该工序", "split the task by storeys or zones"),
            data={"elements": int(counts[row]), "share": round(share, 4), "days": round(days, 1)},
            key=("broad",),
        )


def _names(stage: Stage, tasks: Sequence[int]) -> dict[str, str]:
    return listed(list(dict.fromkeys(task_name(stage, t) for t in tasks)), most=6)


def _patterns(stage: Stage, tasks: Sequence[int]) -> list[str]:
    return sorted({pattern_of(stage.schedule.tasks[t].name) for t in tasks})[:100]
