"""R19: cranes that sweep over what they must not reach, or cannot lift what they should."""

from collections import defaultdict
from collections.abc import Mapping
from itertools import combinations, pairwise
from typing import Any

import numpy as np

from bimcore.arrays import F64
from clash.rehearsal.base import Card, Found, Parameter, Polygon, Risk, Stage
from clash.rehearsal.bodies import to_segments
from clash.rehearsal.cranes import Crane, cranes_of
from clash.rehearsal.picks import heavy_of
from clash.rehearsal.telling import quoted, storey_of, text_of, things, window_data
from clash.texts import both

_OSHA = "OSHA 1926.1408 table A"

CARD = Card(
    id="R19",
    version=1,
    weight=1.0,
    name_zh="起重机",
    name_en="Crane",
    zh="塔吊回转扫过架空线、邻楼或另一台塔吊，或吊装超出半径、超过起重性能表。",
    en="A crane sweeps over a power line, a neighbour or another crane, or a pick is out of reach "
    "or over its chart.",
    parameters=(
        Parameter(
            key="R19.line_50kv_m",
            value=3.05,
            zh="距 50 kV 及以下架空线（米）",
            en="metres from lines up to 50 kV",
            source=_OSHA,
        ),
        Parameter(
            key="R19.line_200kv_m",
            value=4.6,
            zh="距 50–200 kV 架空线（米）",
            en="metres from lines up to 200 kV",
            source=_OSHA,
        ),
        Parameter(
            key="R19.line_350kv_m",
            value=6.1,
            zh="距 200–350 kV 架空线（米）",
            en="metres from lines up to 350 kV",
            source=_OSHA,
        ),
        Parameter(
            key="R19.line_more_m",
            value=7.62,
            zh="距更高电压架空线（米）",
            en="metres from lines of higher voltage",
            source=_OSHA,
        ),
        Parameter(
            key="R19.building_m",
            value=2.0,
            zh="起重臂、吊物与邻近建筑的距离（米）",
            en="metres between jib or load and a building",
        ),
        Parameter(
            key="R19.jib_gap_m",
            value=5.0,
            zh="两台塔吊起重臂的高差（米）",
            en="metres between the levels of two jibs whose sweeps overlap",
        ),
        Parameter(
            key="R19.mast_m",
            value=2.0,
            zh="低位塔吊臂端到另一台塔身的距离（米）",
            en="metres between a jib's end and the mast of a higher crane",
        ),
        Parameter(
            key="R19.rigging_share",
            value=0.1,
            zh="吊具索具按构件重量的比例计",
            en="rigging, as a share of the mass of a pick",
        ),
        Parameter(
            key="R19.pick_min_t",
            value=0.5,
            zh="轻于该重量（吨）的构件不核算",
            en="tonnes below which a pick is not looked at",
        ),
    ),
)


def find(stage: Stage) -> Found:
    """Sweeps and picks of every crane of the project file."""
    cranes, silent = cranes_of(stage)
    risks: list[Risk] = []
    for crane in cranes:
        risks += _lines(stage, crane) + _buildings(stage, crane)
    for one, other in combinations(cranes, 2):
        risks += _pair(stage, one, other)
    risks += _picks(stage, cranes)
    return Found(risks=tuple(risks), not_assessed=tuple(silent))


def _clearance(stage: Stage, kilovolts: float) -> float:
    """Metres to a line; the largest where its voltage is not known or direct current."""
    for limit, key in ((50.0, "line_50kv_m"), (200.0, "line_200kv_m"), (350.0, "line_350kv_m")):
        if 0.0 < kilovolts <= limit:
            return float(stage.profile[f"R19.{key}"])
    return float(stage.profile["R19.line_more_m"])


def _lines(stage: Stage, crane: Crane) -> list[Risk]:
    """Overhead lines inside the sweep of a crane or nearer to it than their voltage allows."""
    if stage.site is None:
        return []
    found = []
    for line in stage.site.lines:
        axis = np.asarray(line["points"], dtype=np.float64)
        volts = _sum(line.get("voltage_kv") or None)
        clear = _clearance(stage, volts)
        spots = _dense(axis)
        spots = spots[crane.free(spots[:, :2]) | crane.vane]
        if not len(spots):
            continue
        low = np.nanmin(spots[:, 2]) if np.isfinite(spots[:, 2]).any() else float("nan")
        if np.isfinite(low) and np.isfinite(crane.jib) and low > crane.jib + clear:
            continue  # the line passes above the jib
        away = _away(crane, axis, spots)
        gap = away - _sum(line.get("half_width_m", 0.0)) - crane.reach
        if gap < clear - 1e-9:
            found.append(_line_risk(stage, crane, line, volts, gap=gap, clear=clear))
    return found


def _away(crane: Crane, axis: F64, spots: F64) -> float:
    """Metres in plan from the mast to the nearest of a line's spots; exact without limiters."""
    if not crane.blocked:
        return float(to_segments(crane.base[None, :2], axis[:-1, :2], axis[1:, :2])[0])
    return float(np.linalg.norm(spots[:, :2] - crane.base[:2], axis=1).min())


def _dense(axis: F64) -> F64:
    """Points (N, 3) along a line, no more than half a metre apart, up to some ten thousand."""
    parts = [axis[:1]]
    total = float(np.linalg.norm(np.diff(axis[:, :2], axis=0), axis=1).sum())
    step = max(0.5, total / 10_000)
    for a, b in pairwise(axis):
        count = max(1, int(np.ceil(np.linalg.norm((b - a)[:2]) / step)))
        parts.append(a + (np.arange(1, count + 1) / count)[:, None] * (b - a))
    return np.concatenate(parts)


def _line_risk(
    stage: Stage, crane: Crane, line: Mapping[str, Any], volts: float, *, gap: float, clear: float
) -> Risk:
    inside = gap <= 0.0
    known = f"{volts:g} kV " if np.isfinite(volts) and volts > 0 else ""
    name = str(line.get("name") or line.get("layer") or "")
    where = (
        ("回转范围已扫过", "its sweep crosses")
        if inside
        else (f"回转边缘距其 {gap:.2f} 米", f"its sweep ends {gap:.2f} m from")
    )
    return Risk(
        rule=CARD.id,
        weight=CARD.weight,
        magnitude=1.0 if inside else 1.0 - gap / clear,
        confidence=1.0 if known else 0.6,
        certain=bool(known),
        tasks=tuple(sorted(crane.tasks)),
        window=crane.window,
        witness=_disc(crane),
        titles=both(
            f"{crane.name} {where[0]} {known}架空线“{name}”，须保持 {clear:g} 米",
            f'{crane.name}: {where[1]} the {known}overhead line "{name}", {clear:g} m are needed',
        ),
        descriptions=both(
            f"臂长 {crane.reach:g} 米，{_span(stage, crane)[0]}在场；吊物和钢丝绳可到臂下任何高度。",
            f"Its radius is {crane.reach:g} m, it stands {_span(stage, crane)[1]}; load and rope "
            "reach every height below the jib.",
        ),
        suggestion=both(
            "设置回转限位，或停电、迁改线路后再立塔吊。",
            "Set slewing limits, or have the line shut or moved before the crane is erected.",
        ),
        data={
            **window_data(crane.window),
            "distance_m": round(max(gap, 0.0), 3),
            "required_m": clear,
            "crane": crane.name,
            "line": name,
            "voltage_kv": volts if np.isfinite(volts) else None,
        },
        key=("line", crane.name, name),
    )


def _span(stage: Stage, crane: Crane) -> tuple[str, str]:
    zh, en = stage.dates.between(crane.window)
    return zh, f"from {en}"


def _disc(crane: Crane) -> F64:
    """The box of a crane's sweep."""
    top = crane.jib if np.isfinite(crane.jib) else float(crane.base[2]) + 1.0
    low = [crane.base[0] - crane.reach, crane.base[1] - crane.reach, float(crane.base[2])]
    high = [crane.base[0] + crane.reach, crane.base[1] + crane.reach, top]
    return np.array([low, high], dtype=np.float64)


def _buildings(stage: Stage, crane: Crane) -> list[Risk]:
    """Neighbours as high as the jib, and those that loads are carried over."""
    if stage.site is None:
        return []
    clear = float(stage.profile["R19.building_m"])
    struck: list[tuple[Polygon, float]] = []
    under: list[tuple[Polygon, float]] = []
    for house in stage.site.neighbours:
        ring = house.rings[0]
        edge = _dense(np.column_stack([np.vstack([ring, ring[:1]]), np.zeros(len(ring) + 1)]))
        top = _sum(house.facts.get("base_m"), house.facts.get("height_m"))
        high = np.isfinite(top) and np.isfinite(crane.jib) and top > crane.jib - clear
        # out of service the jib follows the wind whatever the limiter says
        spots = edge[crane.free(edge[:, :2]) | (crane.vane and high)]
        if not len(spots):
            continue
        gap = float(np.linalg.norm(spots[:, :2] - crane.base[:2], axis=1).min()) - crane.reach
        if high and gap < clear - 1e-9:
            struck.append((house, gap))
        elif not high and gap < 0.0:
            under.append((house, gap))
    risks = [_house_risk(stage, crane, house, gap, clear) for house, gap in struck]
    return risks + ([_over_risk(stage, crane, under)] if under else [])


def _sum(*values: object) -> float:
    return sum(float(v) if isinstance(v, int | float) else float("nan") for v in values)


def _house_risk(stage: Stage, crane: Crane, house: Polygon, gap: float, clear: float) -> Risk:
    top = _sum(house.facts.get("base_m"), house.facts.get("height_m"))
    name = house.name or house.layer
    return Risk(
        rule=CARD.id,
        weight=CARD.weight,
        magnitude=1.0 if gap <= 0.0 else 1.0 - gap / clear,
        confidence=0.9,
        certain=True,
        tasks=tuple(sorted(crane.tasks)),
        window=crane.window,
        witness=_disc(crane),
        titles=both(
            f"{crane.name} 起重臂可碰到“{name}”：楼顶比臂低 {max(crane.jib - top, 0.0):.1f} 米，须 {clear:g} 米",
            f'The jib of {crane.name} can strike "{name}": its top is '
            f"{max(crane.jib - top, 0.0):.1f} m below the jib, {clear:g} m are needed",
        ),
        descriptions=both(
            f"臂长 {crane.reach:g} 米，{_span(stage, crane)[0]}在场。",
            f"Its radius is {crane.reach:g} m, it stands {_span(stage, crane)[1]}.",
        ),
        suggestion=both("加高塔吊或缩短臂长。", "Raise the crane or shorten its jib."),
        data={
            **window_data(crane.window),
            "distance_m": round(max(gap, 0.0), 3),
            "required_m": clear,
            "crane": crane.name,
            "neighbour": name,
        },
        key=("building", crane.name, name),
    )


def _over_risk(stage: Stage, crane: Crane, under: list[tuple[Polygon, float]]) -> Risk:
    names = [h.name or h.layer for h, _ in under]
    shown = "、".join(f"“{n}”" for n in names[:3]) + (
        f" 等 {len(names)} 栋" if len(names) > 3 else ""
    )
    shown_en = ", ".join(f'"{n}"' for n in names[:3]) + (
        f" and {len(names) - 3} more" if len(names) > 3 else ""
    )
    deep = max(-g for _, g in under)
    return Risk(
        rule=CARD.id,
        weight=CARD.weight,
        magnitude=0.3 + 0.4 * min(1.0, deep / crane.reach),
        confidence=0.9,
        certain=True,
        tasks=tuple(sorted(crane.tasks)),
        window=crane.window,
        witness=_disc(crane),
        titles=both(
            f"{crane.name} 回转范围伸到{shown}上方 {deep:.1f} 米，吊物会从楼上过",
            f"{crane.name} reaches {deep:.1f} m over {shown_en}: loads pass above people",
        ),
        descriptions=both(
            f"臂长 {crane.reach:g} 米，{_span(stage, crane)[0]}在场，没有回转限位。",
            f"Its radius is {crane.reach:g} m, it stands {_span(stage, crane)[1]}, no limiter is "
            "stated.",
        ),
        suggestion=both(
            "设置回转限位，禁止吊物越过邻近建筑。",
            "Set slewing limits so that no load is carried over the neighbours.",
        ),
        data={
            **window_data(crane.window),
            "over_m": round(deep, 3),
            "crane": crane.name,
            "neighbours": names,
        },
        key=("over", crane.name),
    )


def _pair(stage: Stage, one: Crane, other: Crane) -> list[Risk]:
    """Two cranes whose jibs can meet, or one that reaches the mast of the other."""
    window = (max(one.window[0], other.window[0]), min(one.window[1], other.window[1]))
    if window[0] >= window[1]:
        return []
    apart = float(np.linalg.norm(one.base[:2] - other.base[:2]))
    overlap = one.reach + other.reach - apart
    low, high = sorted((one, other), key=lambda c: c.jib)
    drop = high.jib - low.jib
    level = float(stage.profile["R19.jib_gap_m"])
    mast = float(stage.profile["R19.mast_m"])
    meets = overlap > 0.0 and not drop >= level and _may_meet(one, other)
    strikes = apart < low.reach + mast and bool((low.free(high.base[None, :2]) | low.vane).all())
    if not meets and not strikes:
        return []
    gap = max(0.0, apart - low.reach)
    why = (
        (
            f"{low.name} 臂端距 {high.name} 塔身 {gap:.1f} 米，须 {mast:g} 米",
            f"{low.name} ends {gap:.1f} m from the mast of {high.name}, not {mast:g} m",
        )
        if strikes
        else (
            f"臂高差 {drop:.1f} 米，须 {level:g} 米",
            f"their jibs are {drop:.1f} m apart in height, {level:g} m are needed",
        )
    )
    size = 1.0 if strikes else 1.0 - (drop / level if np.isfinite(drop) and level > 0 else 0.0)
    when = stage.dates.between(window)
    return [
        Risk(
            rule=CARD.id,
            weight=CARD.weight,
            magnitude=size,
            confidence=1.0 if np.isfinite(drop) else 0.5,
            certain=bool(np.isfinite(drop)),
            tasks=tuple(sorted(one.tasks | other.tasks)),
            window=window,
            witness=np.stack(
                [
                    np.minimum(_disc(one)[0], _disc(other)[0]),
                    np.maximum(_disc(one)[1], _disc(other)[1]),
                ]
            ),
            titles=both(
                f"{one.name} 与 {other.name} 回转范围重叠：{why[0]}",
                f"{one.name} and {other.name} sweep over one place: {why[1]}",
            ),
            descriptions=both(
                f"{when[0]}两台同时在场，基座相距 {apart:.1f} 米，重叠 {max(overlap, 0.0):.1f} 米。",
                f"Both stand from {when[1]}, {apart:.1f} m apart; their sweeps "
                f"overlap by {max(overlap, 0.0):.1f} m.",
            ),
            suggestion=both(
                "错开臂高、设置回转限位，或错开使用时间。",
                "Stagger the heights, set slewing limits, or use them one after the other.",
            ),
            data={
                **window_data(window),
                "distance_m": round(apart, 3),
                "overlap_m": round(overlap, 3),
                "height_m": round(drop, 3) if np.isfinite(drop) else None,
                "cranes": [one.name, other.name],
            },
            key=("pair", *sorted((one.name, other.name))),
        )
    ]


def _may_meet(one: Crane, other: Crane) -> bool:
    """Whether limiters leave both jibs some of the place they share."""
    if one.vane or other.vane or not (one.blocked or other.blocked):
        return True
    middle, half = (one.base[:2] + other.base[:2]) / 2, max(one.reach, other.reach)
    steps = np.linspace(-half, half, 81)
    spots = middle + np.stack(np.meshgrid(steps, steps), axis=-1).reshape(-1, 2)
    for crane in (one, other):
        inside = np.linalg.norm(spots - crane.base[:2], axis=1) <= crane.reach
        spots = spots[inside]
        spots = spots[crane.free(spots)]
    return bool(len(spots))


def _picks(stage: Stage, cranes: list[Crane]) -> list[Risk]:
    """Heavy elements that no crane standing then can lift where they go."""
    if not cranes:
        return []
    rigging = 1.0 + float(stage.profile["R19.rigging_share"])
    groups: dict[tuple[int, str, bool], list[tuple[float, int, float, float, Crane]]] = defaultdict(
        list
    )
    for pick in heavy_of(stage, at_least=float(stage.profile["R19.pick_min_t"])):
        standing = [
            c
            for c in cranes
            if (not c.tasks or pick.task in c.tasks)
            and c.window[0] <= pick.start
            and c.window[1] > pick.start
        ]
        if not standing:
            continue
        best: tuple[float, Crane, float] | None = None
        for crane in standing:
            radius = float(np.linalg.norm(pick.middle[:2] - crane.base[:2]))
            able = crane.lifts(radius)
            if np.isnan(able):
                able = float("inf")
            if best is None or able > best[0]:
                best = (able, crane, radius)
        load = pick.tonnes * rigging
        if best is not None and load > best[0] + 1e-9:
            key = (pick.task, storey_of(stage, pick.element), best[0] <= 0.0)
            ratio = load / best[0] if best[0] > 0.0 else float("inf")
            groups[key].append((ratio, pick.element, load, best[2], best[1]))
    return [
        _pick_risk(stage, task, place, rows) for (task, place, _), rows in sorted(groups.items())
    ]


def _pick_risk(
    stage: Stage, task: int, place: str, rows: list[tuple[float, int, float, float, Crane]]
) -> Risk:
    ratio, element, load, radius, crane = max(rows, key=lambda r: (r[0], r[3], -r[1]))
    elements = tuple(sorted(r[1] for r in rows))
    what, mine = things(stage, elements), quoted(stage, task)
    able = crane.lifts(radius)
    far = not able > 0.0
    window = (stage.path.start[task], stage.path.finish[task])
    title = (
        both(
            f"{crane.name} 够不到{what[0]}：半径 {radius:.1f} 米，臂长 {crane.reach:g} 米",
            f"{crane.name} cannot reach {what[1]}: {radius:.1f} m away, its radius is "
            f"{crane.reach:g} m",
        )
        if far
        else both(
            f"{crane.name} 吊不动{what[0]}：{load:.2f} 吨（含吊具），{radius:.1f} 米处允许 {able:.2f} 吨",
            f"{crane.name} cannot lift {what[1]}: {load:.2f} t with rigging, the chart allows "
            f"{able:.2f} t at {radius:.1f} m",
        )
    )
    begin = stage.dates.said(window[0])
    return Risk(
        rule=CARD.id,
        weight=CARD.weight,
        magnitude=1.0 if far else min(1.0, ratio),
        confidence=0.7,
        certain=True,
        tasks=(task,),
        elements=elements,
        window=window,
        place=place,
        witness=stage.scene.bounds[element].copy(),
        titles=title,
        descriptions=text_of(
            [
                (f"{mine[0]}{begin[0]}开工。", f"{mine[1]} begins {begin[1]}."),
                (
                    "构件重量按模型体积和材料密度（或属性中的重量）计，请核对。",
                    "Masses are those of the properties, else volume times density: verify.",
                ),
            ]
        ),
        suggestion=both(
            "改用更大起重量的设备、移近塔吊，或分段吊装。",
            "Use a stronger crane, place it nearer, or lift in parts.",
        ),
        data={
            **window_data(window),
            "crane": crane.name,
            "radius_m": round(radius, 3),
            "load_t": round(load, 3),
            "allowed_t": round(able, 3),
            "picks": len(elements),
        },
        key=("pick", crane.name, "reach" if far else "chart"),
    )
