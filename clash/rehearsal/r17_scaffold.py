"""R17: work at height before its scaffold stands, or after it is gone."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from bimcore.arrays import F64, I64
from clash.rehearsal.access import Access, Ways, serves
from clash.rehearsal.base import Card, Found, Parameter, Risk, Stage
from clash.rehearsal.looks import Look
from clash.rehearsal.phrases import days_text, listed
from clash.rehearsal.sitework import speaks_of
from clash.rehearsal.telling import box_of
from clash.rehearsal.works import places_said
from clash.texts import both

CARD = Card(
    id="R17",
    version=1,
    weight=1.0,
    name_zh="脚手架与登高条件缺失",
    name_en="No scaffold or access",
    zh="高处作业期间没有脚手架等登高条件，或脚手架先于最后一道工序拆除。",
    en="Work at height with no access standing, or a scaffold struck before its last user is done.",
    parameters=(
        Parameter(
            key="R17.height_m",
            value=2.0,
            zh="高于地面多少算高处作业",
            en="height above the ground from which work needs access",
        ),
        Parameter(
            key="R17.least_days",
            value=1.0,
            zh="缺少登高条件少于此天数不提示",
            en="fewest working days without access that are told",
        ),
    ),
)
#: Weight and magnitude of the remark that no way up is planned at all.
_REMARK = (0.2, 0.5)

Span = tuple[int, int]


def find(stage: Stage) -> Found:
    """Gaps between work at height and the ways up to it.

    One risk for each task that leaves a gap (a removal too early, an erection too late), with
    all work that it leaves without access. Where no way up is planned at all one remark.
    """
    look = _Look(stage=stage)
    if not look.users:
        return Found()
    if not len(look.ways.tasks) and not look.ways.elements.any():
        facade = [u for u in look.users if not u.indoor]
        return Found(risks=(_remark(look, facade),) if facade else ())
    heaps: dict[tuple[int, int], list[_Gap]] = {}
    for user in look.users:
        gap = look.gap(user)
        if gap is not None:
            key = (gap.cause, -1) if gap.cause >= 0 else (-1, user.task)
            heaps.setdefault(key, []).append(gap)
    return Found(risks=tuple(_risk(look, heaps[key]) for key in sorted(heaps)))


@dataclass(frozen=True, eq=False, kw_only=True)
class _User:
    """A task at height, and its elements that are."""

    task: int
    elements: I64
    indoor: bool


@dataclass(frozen=True, eq=False, kw_only=True)
class _Gap:
    """When a task has no way up, and which task leaves it so (-1: none serves it at all)."""

    user: _User
    spans: tuple[Span, ...]
    days: float
    cause: int
    after: bool
    ways: tuple[Access, ...]


@dataclass(frozen=True, eq=False, kw_only=True)
class _Look(Look):
    """The stage, prepared."""

    @cached_property
    def ways(self) -> Ways:
        """The ways up."""
        return Ways(stage=self.stage, crews=self.crews)

    @cached_property
    def access(self) -> tuple[Access, ...]:
        """All of them."""
        return self.ways.all([u.task for u in self.users])

    @cached_property
    def users(self) -> tuple[_User, ...]:
        """Tasks on facades above the height, and on ceilings out of reach of the floor."""
        links, ground, stage = self.stage.links, self.ground, self.stage
        outside = ground.roles["curtain"]
        elements = [
            links.element[slice(*np.searchsorted(links.task, [t, t + 1]))].astype(np.int64)
            for t in range(len(stage.schedule.tasks))
        ]
        hung = {}
        for task in np.flatnonzero(self.crews.at_work).tolist():
            name = stage.schedule.tasks[task].name
            rows = elements[task][ground.known[elements[task]]]
            if speaks_of(name, "access"):
                continue
            curtain = len(rows) > 0 and float(outside[rows].mean()) > 0.5
            if speaks_of(name, "facade") or curtain:
                hung[task] = (rows, False)
            elif self._overhead(task, rows):
                hung[task] = (rows, True)
        return tuple(self._high(hung))

    def _overhead(self, task: int, rows: I64) -> bool:
        """Whether a task works on ceilings that nobody reaches from the floor."""
        name = self.stage.schedule.tasks[task].name
        if not len(rows) or not (
            speaks_of(name, "ceiling") or self.crews.trade[task] == "mep_first"
        ):
            return False
        return float((self.ground.level[rows] % 100 > 0).mean()) > 0.5

    def _high(self, hung: dict[int, tuple[I64, bool]]) -> list[_User]:
        boxes, limit = self.stage.scene.bounds, float(self.stage.profile["R17.height_m"])
        bottoms = [boxes[rows, 0, 2].min() for rows, indoor in hung.values()
                   if len(rows) and not indoor]  # fmt: skip
        base = min(bottoms, default=0.0)
        found = []
        for task, (rows, indoor) in hung.items():
            high = rows if indoor else rows[boxes[rows, 1, 2] > base + limit]
            # a facade that nobody modelled is high all the same
            if len(high) or not len(rows):
                found.append(_User(task=task, elements=high, indoor=indoor))
        return found

    def gap(self, user: _User) -> _Gap | None:
        """What the ways up leave open of a task; None for nothing."""
        crews, schedule = self.crews, self.stage.schedule
        task = schedule.tasks[user.task]
        parent = schedule.tasks[task.parent].name if 0 <= task.parent < len(schedule.tasks) else ""
        near = [
            a
            for a in self.access
            if serves(a, self.stage.scene.bounds[user.elements],
                      place=places_said(task, schedule), words=f"{task.name} {parent}",
                      indoor=user.indoor)
        ]  # fmt: skip
        if user.indoor and not near:  # ladders and mobile towers are seldom planned
            return None
        start, finish = int(crews.start[user.task]), int(crews.finish[user.task])
        spans = _without((start, finish), [(a.begin, a.end) for a in near])
        days = crews.worked.uncovered(int(crews.calendar[user.task]), spans)
        if days < float(self.stage.profile["R17.least_days"]):
            return None
        cause, after = _cause(near, spans)
        return _Gap(
            user=user, spans=tuple(spans), days=days, cause=cause, after=after, ways=tuple(near)
        )


def _without(span: Span, taken: Sequence[Span]) -> list[Span]:
    """What a span has beside others."""
    left, (at, end) = [], span
    for first, last in sorted(taken):
        if first > at:
            left.append((at, min(first, end)))
        at = max(at, last)
        if at >= end:
            break
    if at < end:
        left.append((at, end))
    return [(a, b) for a, b in left if a < b]


def _cause(ways: Sequence[Access], spans: Sequence[Span]) -> tuple[int, bool]:
    """The removal before the longest gap, else the erection after it."""
    first, last = max(spans, key=lambda s: s[1] - s[0])
    struck = [a for a in ways if a.end <= first and a.off >= 0]
    if struck:
        return max(struck, key=lambda a: a.end).off, True
    late = [a for a in ways if a.begin >= last and a.up >= 0]
    return (min(late, key=lambda a: a.begin).up, False) if late else (-1, False)


def _risk(look: _Look, heap: list[_Gap]) -> Risk:
    stage, crews = look.stage, look.crews
    share = [min(1.0, g.days / float(crews.days[g.user.task])) for g in heap]
    order = sorted(range(len(heap)), key=lambda k: (-share[k], -heap[k].days, heap[k].user.task))
    worst = heap[order[0]]
    tasks = [worst.user.task, *([worst.cause] if worst.cause >= 0 else [])]
    tasks += [heap[k].user.task for k in order[1:]]
    elements = np.unique(np.concatenate([g.user.elements for g in heap])).astype(np.int64)
    facing = np.unique(
        np.concatenate([np.zeros(0, np.int64), *(a.elements for g in heap for a in g.ways)])
    )
    window = (
        np.datetime64(min(g.spans[0][0] for g in heap), "m"),
        np.datetime64(max(g.spans[-1][1] for g in heap), "m"),
    )
    along = any(a.along for g in heap for a in g.ways if worst.cause in (a.up, a.off))
    certain = not along and worst.cause >= 0 and share[order[0]] > 0 and bool(len(elements))
    sure = crews.confidence(worst.user.task, worst.user.elements)
    return Risk(
        rule=CARD.id,
        weight=CARD.weight,
        magnitude=share[order[0]],
        confidence=sure * (1.0 if certain else 0.5),
        certain=certain,
        tasks=tuple(tasks),
        elements=tuple(elements.tolist()),
        others=tuple(facing.tolist()),
        window=window,
        place=_place(stage, elements),
        witness=box_of(stage, elements.tolist()),
        titles=_titles(look, worst, window),
        descriptions=_descriptions(look, heap, worst),
        suggestion=_suggestion(look, heap, worst),
        data={
            "days_without_access": worst.days,
            "tasks_without_access": len(heap),
            "struck_early": worst.after,
            "height_m": float(stage.profile["R17.height_m"]),
        },
    )


def _place(stage: Stage, elements: I64) -> str:
    names = stage.level_names
    levels = sorted({int(k) for k in stage.places.level[elements].tolist()})
    return names.get(levels[0], "") if len(levels) == 1 else ""


def _titles(look: _Look, gap: _Gap, window: tuple[np.datetime64, np.datetime64]) -> dict[str, str]:
    tasks = look.stage.schedule.tasks
    name, when, days = (
        tasks[gap.user.task].name,
        look.stage.dates.span_text(window),
        days_text(gap.days),
    )
    if gap.cause < 0:
        return both(
            f"「{name}」{when['zh-CN']}没有可用的脚手架或登高设备",
            f"“{name}” has no scaffold or lift on {when['en']}",
        )
    cause = tasks[gap.cause].name
    if gap.after:
        return both(
            f"「{cause}」过早：「{name}」还有 {days['zh-CN']}没有脚手架（{when['zh-CN']}）",
            f"“{cause}” comes too early: “{name}” is left without access for {days['en']} "
            f"({when['en']})",
        )
    return both(
        f"「{name}」已开工，「{cause}」尚未完成：{days['zh-CN']}无登高条件（{when['zh-CN']}）",
        f"“{name}” begins before “{cause}” is done: {days['en']} without access ({when['en']})",
    )


def _descriptions(look: _Look, heap: list[_Gap], worst: _Gap) -> dict[str, str]:
    tasks = look.stage.schedule.tasks
    high = _height(look.stage, worst.user.elements)
    names = listed([f"「{tasks[g.user.task].name}」" for g in heap])
    spans = [(np.datetime64(a, "m"), np.datetime64(b, "m")) for a, b in worst.spans]
    when = [look.stage.dates.span_text(s) for s in spans]
    zh, en = "、".join(w["zh-CN"] for w in when), ", ".join(w["en"] for w in when)
    up = both("", "")
    if high is not None:
        up = both(f"作业高处约 {high:.1f} m，", f" The work reaches {high:.1f} m up.")
    return both(
        f"{names['zh-CN']}在 {zh} 期间没有覆盖该处的脚手架、吊篮或升降设备。"
        f"{up['zh-CN']}不具备安全作业条件。",
        f"Nothing stands to work from at {names['en']} on {en}.{up['en']}",
    )


def _height(stage: Stage, rows: I64) -> float | None:
    """Metres from the lowest floor to the top of some elements; None for none."""
    if not len(rows):
        return None
    boxes: F64 = stage.scene.bounds[rows]
    base = float(stage.places.heights.min()) if len(stage.places.heights) else 0.0
    base = min(base, float(boxes[:, 0, 2].min()))
    return float(boxes[:, 1, 2].max()) - base


def _suggestion(look: _Look, heap: list[_Gap], worst: _Gap) -> dict[str, str]:
    """Leave it standing to the last user, within its float; or put it up first."""
    crews, tasks = look.crews, look.stage.schedule.tasks
    if worst.cause < 0:
        return both(
            "补排脚手架、吊篮或升降车任务，或改在有脚手架期间施工",
            "Plan a scaffold, platform or lift, or do the work while one stands",
        )
    cause = tasks[worst.cause].name
    row = crews.calendar[[worst.cause]]
    if not worst.after:
        return both(
            f"「{cause}」完成后再开始，或先用升降车",
            f"Begin after “{cause}” is done, or use a lift first",
        )
    last = max(int(crews.finish[g.user.task]) for g in heap)
    shift = float(crews.worked.count(row, row, crews.start[[worst.cause]], np.array([last]))[0])
    move = days_text(shift)
    fits = shift <= crews.float_days(worst.cause)
    note = both("（总时差够用）", " (its float allows it)") if fits else both("", "")
    return both(
        f"「{cause}」推迟 {move['zh-CN']}{note['zh-CN']}，或改用吊篮、升降车完成余下部分",
        f"Move “{cause}” by {move['en']}{note['en']}, or finish the rest from a platform or lift",
    )


def _remark(look: _Look, users: Sequence[_User]) -> Risk:
    """One remark that the plan has facade work but no way up."""
    stage, crews = look.stage, look.crews
    rows = sorted(users, key=lambda u: (int(crews.start[u.task]), u.task))
    elements = np.unique(np.concatenate([u.elements for u in rows])).astype(np.int64)
    window = (
        np.datetime64(min(int(crews.start[u.task]) for u in rows), "m"),
        np.datetime64(max(int(crews.finish[u.task]) for u in rows), "m"),
    )
    names = listed([f"「{stage.schedule.tasks[u.task].name}」" for u in rows])
    return Risk(
        rule=CARD.id,
        weight=_REMARK[0],
        magnitude=_REMARK[1],
        confidence=0.5,
        certain=False,
        tasks=tuple(u.task for u in rows),
        elements=tuple(elements.tolist()),
        window=window,
        witness=box_of(stage, elements.tolist()),
        titles=both(
            "计划中没有脚手架或登高设备的任务",
            "The plan has no task for scaffold or access",
        ),
        descriptions=both(
            f"外立面高处作业（{names['zh-CN']}）没有对应的脚手架、吊篮或升降设备任务，模型中也没有。"
            "请确认由谁在何时提供。",
            f"There is facade work at height ({names['en']}), but neither the plan nor the models "
            "have a scaffold, platform or lift. Make sure who provides it and when.",
        ),
        data={"tasks_without_access": len(rows), "height_m": float(stage.profile["R17.height_m"])},
        key=("none",),
    )
