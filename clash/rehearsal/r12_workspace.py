"""R12: two trades that need the same working space at the same time."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from bimcore.arrays import F64, I64
from clash.rehearsal.base import Card, Found, Parameter, Risk, Stage
from clash.rehearsal.crews import Crews
from clash.rehearsal.phrases import days_text, listed
from clash.rehearsal.standing import ground_of
from clash.rehearsal.trades import KIND_LABELS, Trades, trade_label, trades
from clash.rehearsal.workspaces import Common, Faces, common, concurrent, faces_of, meeting
from clash.texts import both

CARD = Card(
    id="R12",
    version=1,
    weight=0.4,
    name_zh="作业面冲突",
    name_en="Crews in each other's way",
    zh="两个工种在同一时间需要同一作业空间。",
    en="Two different trades need the same working space at the same time.",
    parameters=(
        Parameter(
            key="R12.reach_m",
            value=1.0,
            zh="作业空间在构件四周的宽度",
            en="how far the working space reaches round an element",
        ),
        Parameter(
            key="R12.height_m",
            value=2.0,
            zh="作业空间高度",
            en="height of the working space",
        ),
        Parameter(
            key="R12.long_days",
            value=15.0,
            zh="超过此天数的工序按流水推进，每天只占一部分作业面",
            en="tasks longer than this move through their places, a part at a time",
        ),
        Parameter(
            key="R12.people",
            value=6.0,
            zh="计划未给人数时每个班组按几人计",
            en="people of a crew where the plan gives none",
        ),
        Parameter(
            key="R12.area_per_person_m2",
            value=20.0,
            zh="每人作业面积",
            en="square metres that one person needs",
        ),
        Parameter(
            key="R12.least_use",
            value=0.25,
            zh="两班组占共用面积不足此比例时可以错开，不提示",
            en="below this share of the common area that both crews fill they can keep apart",
        ),
        Parameter(
            key="R12.least_days",
            value=1.0,
            zh="两班组碰到一起的天数（不特意错开时）少于此值不提示",
            en="fewest days on which crews that take no care meet",
        ),
        Parameter(
            key="R12.least_magnitude",
            value=0.1,
            zh="程度低于此值不提示",
            en="smallest magnitude that is told",
        ),
        Parameter(
            key="R12.pairs",
            value="",
            zh="工种关系的修改，如 mep_first+finish=none",
            en="changes to the pairs of trades, such as mep_first+finish=none",
        ),
    ),
)
#: Weight where people are in danger.
HAZARD = 1.0
#: Share of the shared days that crews must meet for the dates to leave no doubt.
_SURE = 0.5


def find(stage: Stage) -> Found:
    """Pairs of tasks of different trades that meet in one place.

    Guards: one gang (linked tasks, the same people, the same elements); tasks that links plan
    to go side by side; space enough for both; places and days enough to
    keep apart.
    """
    table = trades(str(stage.profile["R12.pairs"]))
    crews = Crews.of(stage, table)
    ground = ground_of(
        stage.scene,
        stage.places,
        reach=float(stage.profile["R12.height_m"]),
        linked=stage.links.element,
        roles=stage.roles,
    )
    faces = faces_of(crews, ground, reach=float(stage.profile["R12.reach_m"]))
    names = stage.level_names
    met: dict[tuple[int, int], list[_Meeting]] = {}
    for a, b in _candidates(faces, table):
        one = _meeting(stage, faces, a, b)
        if one is not None:
            tasks = (int(faces.task[one.a]), int(faces.task[one.b]))
            met.setdefault(tasks, []).append(one)
    risks = []
    for pair in sorted(met):
        risk = _risk(_Pair(stage=stage, faces=faces, table=table, names=names), met[pair])
        if risk is not None:
            risks.append(risk)
    return Found(risks=tuple(risks))


def _candidates(faces: Faces, table: Trades) -> Iterable[tuple[int, int]]:
    """Faces of different trades, not of one gang, whose boxes and days meet; smaller task first."""
    crews = faces.crews
    words = sorted(set(crews.trade))
    trade = np.array([words.index(t) for t in crews.trade], dtype=np.int64)
    kinds = [table.kind(a, b) != "none" for a in words for b in words]
    bad = np.array(kinds, dtype=np.bool_).reshape(len(words), len(words))
    for first, second in concurrent(faces, same_level=True):
        keep = bad[trade[faces.task[first]], trade[faces.task[second]]]
        first, second = first[keep], second[keep]
        keep = meeting(faces, first, second)
        first, second = first[keep], second[keep]
        days = crews.shared(faces.task[first], faces.task[second])[2]
        for a, b in zip(first[days > 0].tolist(), second[days > 0].tolist(), strict=True):
            if not crews.gangs.one(int(faces.task[a]), int(faces.task[b])):
                yield (a, b) if faces.task[a] < faces.task[b] else (b, a)


@dataclass(frozen=True, eq=False, kw_only=True)
class _Meeting:
    """Two faces that share space, and how well they can keep apart.

    Attributes
    ----------
    use : float
        Share of the common area that both crews fill together.
    forced : float
        Days on which both are in it whatever they do.
    likely : float
        Days on which both are in it when nobody takes care.

    """

    a: int
    b: int
    space: Common
    use: float
    forced: float
    likely: float
    days: float
    magnitude: float
    long: bool


def _meeting(stage: Stage, faces: Faces, a: int, b: int) -> _Meeting | None:
    """How two faces meet; None where they do not, or can keep apart."""
    crews = faces.crews
    tasks = np.array([faces.task[a], faces.task[b]])
    if _apart_by_size(stage, faces, a, b):
        return None
    space = common(faces, a, b)
    if space is None:
        return None
    days = float(crews.shared(tasks[:1], tasks[1:])[2][0])
    areas = np.array([faces.task_area(int(t)) for t in tasks])
    length = crews.days[tasks]
    least = np.minimum([_crew_area(stage, int(t)) for t in tasks], areas)
    use = float(np.minimum(least, space.area).sum() / space.area)
    # a crew that cannot stay in what is left of its space is in the common part all the time
    share = np.where(areas - space.area < least, 1.0, np.minimum(space.area / areas, 1.0))
    inside = length * share
    forced = float(np.maximum(inside - (length - days), 0.0).sum() - days)
    likely = days * float(share.prod())
    if max(forced, likely) < float(stage.profile["R12.least_days"]):
        return None
    if use < float(stage.profile["R12.least_use"]):
        return None
    limit = float(stage.profile["R12.long_days"])
    slices = np.minimum(1.0, limit / length)
    shared = min(space.area * float(slices.prod()) / float((areas * slices).min()), 1.0)
    return _Meeting(
        a=a,
        b=b,
        space=space,
        use=min(use, 1.0),
        forced=min(max(forced, 0.0), days),
        likely=likely,
        days=days,
        magnitude=shared * days / float(length.min()),
        long=bool((length > limit).any()),
    )


def _apart_by_size(stage: Stage, faces: Faces, a: int, b: int) -> bool:
    """Whether two boxes share too little for any finding: told without a picture of cells."""
    low = np.maximum(faces.low[a], faces.low[b])
    high = np.minimum(faces.high[a], faces.high[b])
    least = float(stage.profile["R12.least_magnitude"])
    smallest = min(_least_area(faces, int(faces.task[f])) for f in (a, b))
    return float((high - low)[:2].prod()) < least * smallest


def _least_area(faces: Faces, task: int) -> float:
    """Square metres that the working space of a task has at least: its largest element's."""
    low, high = np.searchsorted(faces.task, [task, task + 1])
    rows = faces.element[faces.start[low] : faces.start[high]]
    size: F64 = faces.ground.boxes[rows, 1, :2] - faces.ground.boxes[rows, 0, :2]
    return float((size + 2 * faces.reach).prod(axis=1).max())


def _crew_area(stage: Stage, task: int) -> float:
    people = stage.schedule.tasks[task].crew or float(stage.profile["R12.people"])
    return people * float(stage.profile["R12.area_per_person_m2"])


@dataclass(frozen=True, eq=False, kw_only=True)
class _Pair:
    """What the words about a pair of tasks need."""

    stage: Stage
    faces: Faces
    table: Trades
    names: dict[int, str]


def _risk(pair: _Pair, met: list[_Meeting]) -> Risk | None:
    """The risk of one pair of tasks, told where they share most; None for a small one."""
    stage, faces, crews = pair.stage, pair.faces, pair.faces.crews
    worst = max(met, key=lambda m: (m.magnitude, m.space.area, -m.a))
    tasks = (int(faces.task[worst.a]), int(faces.task[worst.b]))
    if worst.magnitude < float(stage.profile["R12.least_magnitude"]):
        return None
    if crews.gangs.along(*tasks):
        return None
    # the one that comes later is at risk: it finds the place taken
    if (crews.start[tasks[0]], tasks[0]) > (crews.start[tasks[1]], tasks[1]):
        early, late = (worst.b, worst.space.b), (worst.a, worst.space.a)
    else:
        early, late = (worst.a, worst.space.a), (worst.b, worst.space.b)
    ordered = (int(faces.task[late[0]]), int(faces.task[early[0]]))
    begin, end, days = crews.shared(np.array(ordered[:1]), np.array(ordered[1:]))
    window = (np.datetime64(int(begin[0]), "m"), np.datetime64(int(end[0]), "m"))
    certain = not worst.long and worst.use >= 1.0 and worst.forced >= _SURE * worst.days
    kind = pair.table.kind(crews.trade[ordered[0]], crews.trade[ordered[1]])
    sure = min(crews.confidence(t, f) for t, f in zip(ordered, (late[1], early[1]), strict=True))
    storeys = _storeys(pair, [m for m in met if m.magnitude >= 0.5 * worst.magnitude])
    rooms = _rooms(stage, late[1])
    words = _Words(
        tasks=ordered,
        window=window,
        days=float(days[0]),
        kind=kind,
        where=_where(storeys, rooms),
        area=worst.space.area,
        trades=(crews.trade[ordered[0]], crews.trade[ordered[1]]),
        when=stage.dates.span_text(window),
    )
    return Risk(
        rule=CARD.id,
        weight=HAZARD if kind == "hazard" else CARD.weight,
        magnitude=min(worst.magnitude, 1.0),
        confidence=sure * (1.0 if certain else 0.5 * worst.use),
        certain=certain,
        tasks=ordered,
        elements=tuple(late[1].tolist()),
        others=tuple(early[1].tolist()),
        window=window,
        place=storeys[0] if len(storeys) == 1 else "",
        witness=faces.ground.back(worst.space.low, worst.space.high),
        titles=_titles(stage, words),
        descriptions=_descriptions(words, certain=certain),
        suggestion=_suggestion(pair, words),
        data={
            "kind": kind,
            "trades": list(words.trades),
            "shared_days": words.days,
            "shared_area_m2": round(words.area, 2),
            "crews_fill_share": round(worst.use, 3),
            "days_met": round(worst.likely, 2),
            "storeys": storeys,
            "reach_m": faces.reach,
            "height_m": float(stage.profile["R12.height_m"]),
        },
    )


@dataclass(frozen=True, kw_only=True)
class _Words:
    tasks: tuple[int, int]
    window: tuple[np.datetime64, np.datetime64]
    days: float
    kind: str
    where: dict[str, str]
    area: float
    trades: tuple[str, str]
    when: dict[str, str]


def _storeys(pair: _Pair, met: list[_Meeting]) -> list[str]:
    level = pair.stage.places.level
    names = {}
    for one in met:
        rows = np.concatenate([one.space.a, one.space.b])
        usual = int(np.bincount(level[rows] + 1).argmax()) - 1
        names[usual] = pair.names.get(usual, "")
    return [names[k] for k in sorted(names) if names[k]]


def _rooms(stage: Stage, rows: I64) -> list[str]:
    return sorted({stage.places.zone[r] for r in rows.tolist()} - {""})


def _where(storeys: list[str], rooms: list[str]) -> dict[str, str]:
    floor = listed(storeys) if storeys else both("同一处", "one place")
    if not rooms or len(rooms) > 6:
        return floor
    inside = listed(rooms)
    return {k: f"{floor[k]} {inside[k]}" for k in floor}


def _titles(stage: Stage, words: _Words) -> dict[str, str]:
    a, b = (stage.schedule.tasks[t].name for t in words.tasks)
    when, days = words.when, days_text(words.days)
    return both(
        f"{words.where['zh-CN']}：「{a}」与「{b}」{when['zh-CN']}同处作业（{days['zh-CN']}）",
        f"{words.where['en']}: “{a}” and “{b}” work in one place on {when['en']} ({days['en']})",
    )


def _descriptions(words: _Words, *, certain: bool) -> dict[str, str]:
    mine, its = (trade_label(t) for t in words.trades)
    when, days, kind = (
        words.when,
        days_text(words.days),
        KIND_LABELS[words.kind],
    )
    area = f"{words.area:.0f}"
    doubt = both("", "") if certain else both(
        "计划没有写明每天做到哪里，若能分区错开则不受影响。",
        " The plan does not say who is where each day; by agreed areas they can keep apart.",
    )  # fmt: skip
    return both(
        f"{when['zh-CN']}，{its['zh-CN']}和{mine['zh-CN']}两个班组在{words.where['zh-CN']}共用约 {area} m² "
        f"作业面 {days['zh-CN']}，{kind['zh-CN']}。{doubt['zh-CN']}",
        f"On {when['en']} {its['en']} and {mine['en']} share about {area} m² at "
        f"{words.where['en']} for {days['en']}: {kind['en']}.{doubt['en']}",
    )


def _suggestion(pair: _Pair, words: _Words) -> dict[str, str]:
    """Move the later task behind the earlier one where its float allows, else keep areas apart."""
    crews, (late, early) = pair.faces.crews, words.tasks
    name = pair.stage.schedule.tasks[late].name
    row = np.array([crews.calendar[late]])
    shift = float(crews.worked.count(row, row, crews.start[[late]], crews.finish[[early]])[0])
    spare = crews.float_days(late)
    after = both(*pair.stage.dates.said(pair.stage.path.finish[early]))
    if 0 < shift <= spare:
        move, free = days_text(shift), days_text(np.floor(spare))
        return both(
            f"「{name}」推迟 {move['zh-CN']}，{after['zh-CN']}之后开工（总时差 {free['zh-CN']}，够用）",
            f"Move “{name}” by {move['en']} to begin after {after['en']} "
            f"(its float of {free['en']} allows it)",
        )
    return both(
        f"两班组分区错开，或把「{name}」排到{after['zh-CN']}之后（需推迟 {days_text(shift)['zh-CN']}，"
        "超出总时差，会影响后续）",
        f"Agree on separate areas, or let “{name}” begin after {after['en']} "
        f"(a shift of {days_text(shift)['en']}, more than its float: what follows moves too)",
    )
