"""R18: digging beside lines that are live, or below the footing of a neighbour."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from bimcore.arrays import F64
from clash.rehearsal.base import Card, Found, Parameter, Polygon, Risk, SiteFacts, Stage
from clash.rehearsal.bodies import polygon_gap
from clash.rehearsal.dates import day_of
from clash.rehearsal.digs import Dig, digs_of
from clash.rehearsal.sited import bodies_of
from clash.rehearsal.telling import later, mean_confidence, quoted, text_of, window_data
from clash.rehearsal.works import of_kind, places_said, same_place, says
from clash.texts import both

_KINDS = {
    "water": ("给水管", "water mains"),
    "sewer": ("排水管", "sewers"),
    "gas": ("燃气管", "gas pipes"),
    "heat": ("热力管", "heating mains"),
    "power": ("电力管线", "power cables"),
    "telecom": ("通信管线", "telecom lines"),
}
_OWNER = "the figure of the owner of the line wins"

CARD = Card(
    id="R18",
    version=1,
    weight=1.0,
    name_zh="带电带压管线旁开挖",
    name_en="Dig against live utility or neighbour",
    zh="开挖或成孔离仍在使用的地下管线太近，或挖到邻近基础 45° 线以下。",
    en="An excavation or bore comes too near to a line that is still live, or goes below the "
    "45-degree plane from a neighbour's footing.",
    parameters=(
        Parameter(
            key="R18.clearance_m",
            value=0.5,
            zh="开挖边线到在用管线外壁的净距（米）",
            en="metres between a dig and the outside of a live line",
            source=_OWNER,
        ),
        *(
            Parameter(
                key=f"R18.{kind}_m",
                value=0.5,
                zh=f"{zh}的净距（米），以产权单位要求为准",
                en=f"the same for {en}",
                source=_OWNER,
            )
            for kind, (zh, en) in _KINDS.items()
        ),
        Parameter(
            key="R18.workspace_m",
            value=0.0,
            zh="基础外边到开挖底边的工作面（米）；未建开挖模型时用于推算开挖范围",
            en="working space between a foundation and the edge of the dig, where none is modelled",
        ),
        Parameter(
            key="R18.slope_ratio",
            value=1.0,
            zh="邻近基础影响线坡比（水平/垂直），1 为 45°",
            en="plane from a neighbour's footing, horizontal to vertical: 1 is 45 degrees",
        ),
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Near:
    """A line within reach of a dig."""

    line: Mapping[str, Any]
    element: int
    gap: float
    required: float
    uncertainty: float
    crossing: bool
    until: np.datetime64 | None
    by: int


def find(stage: Stage) -> Found:
    """Digs beside live lines and below footings."""
    digs = digs_of(stage)
    if not digs:
        return Found()
    site = stage.site
    if site is None or not site.located:
        return Found(not_assessed=(_unlocated(),)) if _has_map(site) else Found()
    risks = [r for dig in digs for r in _lines(stage, dig, site)]
    risks += [r for dig in digs for r in _footings(stage, dig, site)]
    return Found(risks=tuple(risks))


def _has_map(site: SiteFacts | None) -> bool:
    return site is not None and bool(site.buried or site.neighbours)


def _unlocated() -> Mapping[str, Mapping[str, str]]:
    return {
        "what": both("开挖与地下管线、邻近基础", "digging against buried lines and footings"),
        "why": both("模型没有可用的地理参照", "no model has a usable georeference"),
    }


def _lines(stage: Stage, dig: Dig, site: SiteFacts) -> list[Risk]:
    """One risk for each layer and diversion that a dig meets too early."""
    groups: dict[tuple[str, int], list[_Near]] = defaultdict(list)
    start = stage.path.start[dig.task]
    for line in site.buried:
        near = _near(stage, dig, line)
        if near is not None and (near.until is None or start < near.until):
            groups[str(line["layer"]), near.by].append(near)
    return [_risk(stage, dig, group, site) for _, group in sorted(groups.items())]


def _near(stage: Stage, dig: Dig, line: Mapping[str, Any]) -> _Near | None:
    """How near a line comes to a dig; None where it stays clear."""
    kind = str(line.get("kind", ""))
    key = f"R18.{kind}_m" if f"R18.{kind}_m" in stage.profile else "R18.clearance_m"
    required = max(float(stage.profile[key]), float(stage.profile["R18.clearance_m"]))
    doubt = float(line.get("uncertainty_m", 0.0) or 0.0)
    axis = np.asarray(line["points"], dtype=np.float64)
    half = float(line.get("half_width_m", 0.0) or 0.0)
    reach = required + doubt + half
    space = 0.0 if dig.stated else float(stage.profile["R18.workspace_m"])
    best: tuple[float, int] | None = None
    for element, shape, bottom in zip(dig.elements, dig.outlines, dig.bottoms, strict=True):
        if _far(axis, shape, reach + space) or _under(line, axis, shape, bottom, required):
            continue
        gap = max(0.0, polygon_gap(axis[:, :2], shape) - half - space)
        if gap < required + doubt - 1e-9 and (best is None or gap < best[0]):
            best = (gap, element)
    if best is None:
        return None
    until, by = _live_until(stage, line)
    return _Near(
        line=line,
        element=best[1],
        gap=best[0],
        required=required,
        uncertainty=doubt,
        crossing=best[0] <= 0.0,
        until=until,
        by=by,
    )


def _far(axis: F64, shape: F64, reach: float) -> bool:
    low, high = axis[:, :2].min(axis=0) - reach, axis[:, :2].max(axis=0) + reach
    return bool((shape.max(axis=0) < low).any() or (shape.min(axis=0) > high).any())


def _under(line: Mapping[str, Any], axis: F64, shape: F64, bottom: float, required: float) -> bool:
    """Whether a line of known depth lies deeper than the dig by more than is asked for."""
    if not line.get("depth_known") or not np.isfinite(axis[:, 2]).all():
        return False
    half = float(line.get("half_height_m", 0.0) or 0.0)
    low, high = shape.min(axis=0) - 1.0, shape.max(axis=0) + 1.0
    share = np.linspace(0.0, 1.0, 33)[:, None, None]
    points = (axis[None, :-1] + share * (axis[None, 1:] - axis[None, :-1])).reshape(-1, 3)
    inside = ((points[:, :2] >= low) & (points[:, :2] <= high)).all(axis=1)
    z = points[inside, 2] if inside.any() else axis[:, 2]
    return bool(z.max() + half < bottom - required)


def _live_until(stage: Stage, line: Mapping[str, Any]) -> tuple[np.datetime64 | None, int]:
    """From when a line is dead, by its layer or by a task that diverts it; None for never.

    A day of the layer is the first day on which the line is out of use.
    """
    stated = str(line.get("live_until", "") or "")
    if stated:
        return np.datetime64(stated, "m"), -1
    schedule, path = stage.schedule, stage.path
    found: tuple[np.datetime64 | None, int] = (None, -1)
    for t in np.flatnonzero(of_kind(schedule, "divert")).tolist():
        if np.isnat(path.finish[t]) or not _speaks_of(stage, t, line):
            continue
        if found[0] is None or path.finish[t] > found[0]:
            found = (path.finish[t], t)
    return found


def _speaks_of(stage: Stage, task: int, line: Mapping[str, Any]) -> bool:
    """Whether a diversion is about a line: by its elements, number, or kind."""
    name = stage.schedule.tasks[task].name
    number = str(line.get("number", "") or "")
    if number and number.lower() in name.lower():
        return True
    if stage.site is not None:
        own = stage.links.element[stage.links.task == task]
        if set(own.tolist()) & set(bodies_of(stage.scene, line, stage.site)):
            return True
    if _names_a_number(name):
        return False  # it speaks of another line
    kind = str(line.get("kind", "") or "")
    words = {
        "water": "给水|自来水|供水|上水|water",
        "sewer": "排水|雨水|污水|sewer|drain|storm",
        "gas": "燃气|煤气|天然气|gas",
        "heat": "热力|供热|heat",
        "power": "电力|强电|供电|电缆|power|electric|cable",
        "telecom": "通信|通讯|弱电|电信|光缆|telecom|fib",
    }
    told = [k for k, w in words.items() if any(x in name.lower() for x in w.split("|"))]
    return kind in told if told else any(x in name for x in ("管线", "utilit", "services"))


def _names_a_number(name: str) -> bool:
    return any(c.isdigit() for c in name) and any(c in "-#" for c in name)


def _risk(stage: Stage, dig: Dig, nears: list[_Near], site: SiteFacts) -> Risk:
    worst = min(nears, key=lambda n: n.gap / max(n.required + n.uncertainty, 1e-9))
    start, finish = stage.path.start[dig.task], stage.path.finish[dig.task]
    end = finish
    untils = [n.until for n in nears]
    if all(u is not None for u in untils):
        end = min(finish, max(u for u in untils if u is not None))
    window = (start, end)
    limit = worst.required + worst.uncertainty
    certain = bool(worst.line.get("depth_known")) and worst.gap < worst.required
    names = sorted({_called(n.line)[0] for n in nears})
    names_en = sorted({_called(n.line)[1] for n in nears})
    mine = quoted(stage, dig.task)
    begin = stage.dates.said(start)
    far = ("已相交", "it crosses") if worst.crossing else (
        f"距离 {worst.gap:.2f} 米", f"{worst.gap:.2f} m away"
    )  # fmt: skip
    dead = _dead(stage, worst)
    bores = says(stage.schedule.tasks[dig.task].name, "bore")
    does = ("钻孔", "Boring") if bores else ("开挖", "Digging")
    return Risk(
        rule=CARD.id,
        weight=CARD.weight,
        magnitude=1.0 if worst.crossing else 1.0 - worst.gap / limit,
        confidence=mean_confidence(stage, dig.elements)
        * (1.0 if dig.stated else 0.8)
        * (1.0 if certain else 0.5),
        certain=certain,
        tasks=(dig.task, worst.by) if worst.by >= 0 else (dig.task,),
        elements=tuple(sorted({n.element for n in nears})),
        others=tuple(sorted({e for n in nears for e in bodies_of(stage.scene, n.line, site)})),
        window=window,
        witness=_box(worst, stage),
        titles=both(
            f"{begin[0]}{does[0]}时{_some(names, '、')} 仍在使用：{far[0]}，须 {worst.required:g} 米",
            f"{does[1]} from {begin[1]} beside live {_some(names_en, ', ')}: {far[1]}, "
            f"{worst.required:g} m are needed",
        ),
        descriptions=text_of(
            [
                (
                    f"{mine[0]}{begin[0]}开工，{dead[0]}。",
                    f"{mine[1]} begins {begin[1]}; {dead[1]}.",
                ),
                (
                    f"图层“{worst.line['layer']}”的平面精度 ±{worst.uncertainty:.2f} 米"
                    + ("" if worst.line.get("depth_known") else "，埋深不明")
                    + "，开挖前请探沟核实。",
                    f'Layer "{worst.line["layer"]}" is good to {worst.uncertainty:.2f} m'
                    + ("" if worst.line.get("depth_known") else ", its depth is not known")
                    + "; dig trial holes first.",
                ),
            ]
        ),
        suggestion=_advice(stage, dig, worst),
        data={
            **window_data(window),
            "distance_m": round(worst.gap, 3),
            "required_m": worst.required,
            "uncertainty_m": round(worst.uncertainty, 3),
            "layer": str(worst.line["layer"]),
            "lines": [str(n.line.get("number", "")) for n in nears],
            "depth_known": bool(worst.line.get("depth_known")),
            "live_until": "" if worst.until is None else str(day_of(worst.until)),
        },
        key=("line", str(worst.line["layer"])),
    )


def _dead(stage: Stage, near: _Near) -> tuple[str, str]:
    if near.until is None:
        return "计划中没有迁改该管线的工序", "no task of the plan diverts the line"
    day = stage.dates.said(near.until)
    if near.by < 0:
        return f"该管线{day[0]}起停用", f"the line is out of use from {day[1]}"
    name = quoted(stage, near.by)
    return f"{name[0]}{day[0]}才完成", f"{name[1]} is only done {day[1]}"


def _called(line: Mapping[str, Any]) -> tuple[str, str]:
    number, name = str(line.get("number", "")), str(line.get("name", ""))
    zh = f"{name}{'' if name.endswith(('管', '线', '管线')) else '管线'}"
    kind = _KINDS.get(str(line.get("kind", "")), ("", "buried lines"))[1]
    return f"{zh} {number}".strip(), f"{kind} {number}".strip()


def _some(names: list[str], mark: str) -> str:
    first = mark.join(names[:3])
    if len(names) <= 3:
        return first
    return f"{first} 等 {len(names)} 条" if mark == "、" else f"{first} and {len(names) - 3} more"


def _advice(stage: Stage, dig: Dig, near: _Near) -> dict[str, str]:
    if near.until is None:
        return both(
            "先安排该管线的迁改或停用，或探明后人工开挖并加保护。",
            "Plan to divert or shut the line first, or expose it by hand and protect it.",
        )
    from_day, to_day = day_of(stage.path.start[dig.task]), day_of(near.until)
    days = max(1, int((to_day - from_day) / np.timedelta64(1, "D")))
    return later(stage, dig.task, days=days, what=("管线停用后", "after the line is dead"))


def _box(near: _Near, stage: Stage) -> F64:
    """The hole's body and the part of the line beside it."""
    box: F64 = stage.scene.bounds[near.element].copy()
    box[0, :2] -= near.required
    box[1, :2] += near.required
    return box


def _footings(stage: Stage, dig: Dig, site: SiteFacts) -> list[Risk]:
    """Neighbours whose footing stands above the plane that rises from the foot of the dig."""
    if _shored(stage, dig):
        return []
    ratio = float(stage.profile["R18.slope_ratio"])
    found = []
    for house in site.neighbours:
        known = _number(house.facts.get("footing_m"))
        base = _number(house.facts.get("base_m"))
        level = known if np.isfinite(known) else base
        if not np.isfinite(level) or ratio <= 0.0:
            continue
        deep = [level - b for b in dig.bottoms]
        gaps = [polygon_gap(np.vstack([o, o[:1]]), house.rings[0]) for o in dig.outlines]
        over = [(g / (d * ratio), g, d, e) for g, d, e in zip(gaps, deep, dig.elements, strict=True)
                if d > 0.0 and g < d * ratio - 1e-9]  # fmt: skip
        if over:
            found.append(_footing_risk(stage, dig, house, min(over), sure=np.isfinite(known)))
    return found


def _number(value: object) -> float:
    return float(value) if isinstance(value, int | float) else float("nan")


def _shored(stage: Stage, dig: Dig) -> bool:
    """Whether retaining works of the place are begun before the dig ends."""
    schedule, path = stage.schedule, stage.path
    mine = places_said(schedule.tasks[dig.task], schedule)
    for t in np.flatnonzero(of_kind(schedule, "shore")).tolist():
        its = places_said(schedule.tasks[t], schedule)
        if t != dig.task and same_place(mine, its) and path.start[t] <= path.start[dig.task]:
            return True
    return bool(of_kind(schedule, "shore")[dig.task])


def _footing_risk(
    stage: Stage,
    dig: Dig,
    house: Polygon,
    worst: tuple[float, float, float, int],
    *,
    sure: bool,
) -> Risk:
    share, gap, deep, element = worst
    window = (stage.path.start[dig.task], stage.path.finish[dig.task])
    begin, mine = stage.dates.said(window[0]), quoted(stage, dig.task)
    name = house.name or house.layer
    return Risk(
        rule=CARD.id,
        weight=CARD.weight,
        magnitude=1.0 - share,
        confidence=0.9 if sure else 0.4,
        certain=bool(sure),
        tasks=(dig.task,),
        elements=(element,),
        window=window,
        witness=stage.scene.bounds[element].copy(),
        titles=both(
            f"{begin[0]}开挖低于“{name}”基础 {deep:.1f} 米，水平仅距 {gap:.1f} 米：在 45° 影响线内",
            f'Digging from {begin[1]} goes {deep:.1f} m below the footing of "{name}", '
            f"{gap:.1f} m away: inside its 45-degree plane",
        ),
        descriptions=text_of(
            [
                (
                    f"{mine[0]}之前计划中没有支护工序。",
                    f"The plan has no retaining works before {mine[1]}.",
                ),
                ("", "")
                if sure
                else (
                    "邻近建筑基础埋深不明，按地面计，请核实。",
                    "The depth of its footing is not known and taken at the ground: verify.",
                ),
            ]
        ),
        suggestion=both(
            "先做支护再开挖，或补充邻近基础资料。",
            "Build the retaining works first, or find out how deep the footing is.",
        ),
        data={
            **window_data(window),
            "distance_m": round(gap, 3),
            "below_footing_m": round(deep, 3),
            "neighbour": name,
            "footing_known": bool(sure),
        },
        key=("footing", name),
    )
