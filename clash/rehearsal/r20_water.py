"""R20: open works below the water in its months, and wet work in frost or rain."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from bimcore.arrays import F64, I64, Mask
from clash.rehearsal.base import Card, Found, Parameter, Polygon, Risk, Stage
from clash.rehearsal.bodies import outline, polygon_gap, within
from clash.rehearsal.closed import ringed
from clash.rehearsal.concrete import cast_of
from clash.rehearsal.dates import day_of
from clash.rehearsal.digs import digs_of
from clash.rehearsal.seasons import Span, in_months, months_of, without
from clash.rehearsal.telling import (
    box_of,
    mean_confidence,
    quoted,
    text_of,
    things,
    window_data,
)
from clash.rehearsal.works import of_kind, places_said, same_place
from clash.roles import ENVELOPE
from clash.texts import both

CARD = Card(
    id="R20",
    version=2,
    weight=0.7,
    name_zh="水位与季节",
    name_en="Water and season",
    zh="汛期内，开挖、基础、电气设备或堆料低于洪水位且没有降水围堰；或湿作业赶上冰冻、雨季而没有屋盖。",
    en="Open excavations, foundations, electrical plant or stores lie below the flood level in its "
    "months without dewatering, or wet work meets frost or rain without a roof.",
    parameters=(
        Parameter(
            key="R20.flood_months",
            value="5-9",
            zh="图层未写明时的汛期月份",
            en="months of high water where the layer does not say",
        ),
        Parameter(
            key="R20.return_years",
            value=20.0,
            zh="施工期防洪重现期（年）；更稀遇的水位按比例降低程度",
            en="return period in years that works reckon with; rarer water counts less in proportion",
        ),
        Parameter(
            key="R20.frost_months",
            value="",
            zh="冰冻月份，如 12-2；空为不核对",
            en="months of frost such as 12-2; empty: not looked at",
        ),
        Parameter(
            key="R20.rain_months",
            value="",
            zh="雨季月份，如 6-7；空为不核对",
            en="months of rain such as 6-7; empty: not looked at",
        ),
    ),
)
_WEATHER = re.compile(r"雨|冬|冻|雪|高温|天气|weather|winter|rain|frost", re.IGNORECASE)
#: Share of a wet task's elements without a roof from which it counts.
_OPEN_SHARE = 0.2


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class _Low:
    """A task with what of it lies low; `kept_in` may stand in a closed basement."""

    task: int
    elements: tuple[int, ...]
    bottoms: tuple[float, ...]
    kept_in: frozenset[int] = frozenset()


def find(stage: Stage) -> Found:
    """Works under water by month, and wet works in bad weather."""
    return Found(risks=(*_floods(stage), *_weather(stage)))


def _floods(stage: Stage) -> list[Risk]:
    site = stage.site
    if site is None or not site.located or not site.flood:
        return []
    found = []
    for low in _works(stage):
        worst: tuple[float, Risk] | None = None
        for area in site.flood:
            risk = _under(stage, low, area)
            # of several waters the one that is gravest for the task is told
            if risk is not None and (worst is None or risk.magnitude > worst[0]):
                worst = (risk.magnitude, risk)
        if worst is not None:
            found.append(worst[1])
    return found


def _works(stage: Stage) -> Iterator[_Low]:
    """Digs, foundations, electrical plant and stores with their levels."""
    seen = set()
    for dig in digs_of(stage):
        seen.add(dig.task)
        yield _Low(task=dig.task, elements=dig.elements, bottoms=dig.bottoms)
    roles, contacts = stage.roles, stage.contacts
    cast = stage.once(cast_of)
    ground = (roles["footing"] | (cast.slab & contacts.grounded)) & stage.scene.meshes.has_body
    ground &= ~_paving(stage)
    electric = of_kind(stage.schedule, "electrics")
    stores = of_kind(stage.schedule, "storage")
    # to lay bricks or ceilings in a switch room is no work on plant
    units = roles.any_of("services", "proxy") & ~roles.any_of("segment", "fitting")
    goods = ~roles.any_of(*ENVELOPE, "covering", "opener", "railing", "services", "bar")
    links = stage.links
    for t in np.unique(links.task).tolist():
        if t in seen or links.action[t] == "remove":
            continue
        rows = links.element[links.task == t].astype(np.int64)
        rows = rows[stage.scene.meshes.has_body[rows]]
        inside = (electric[t] & units[rows]) | (stores[t] & goods[rows])
        kept = rows[inside | ground[rows]]
        if len(kept) and not np.isnat(stage.path.start[t]) and not np.isnat(stage.path.finish[t]):
            low = stage.scene.bounds[kept, 0, 2]
            yield _Low(
                task=int(t),
                elements=tuple(kept.tolist()),
                bottoms=tuple(low.tolist()),
                kept_in=frozenset(kept[~ground[kept]].tolist()),
            )


def _paving(stage: Stage) -> Mask:
    parts = [m.elements.is_a("IfcPavement", "IfcCourse") for m in stage.scene.models]
    return np.concatenate([np.zeros(0, np.bool_), *parts])


def _under(stage: Stage, low: _Low, area: Polygon) -> Risk | None:
    """The risk of one task below the water of one area; None where it stays dry."""
    level = area.facts.get("level_m")
    if not isinstance(level, int | float) or not np.isfinite(level):
        return None
    months = months_of(str(area.facts.get("season") or "")) or months_of(
        str(stage.profile["R20.flood_months"])
    )
    span = (stage.path.start[low.task], stage.path.finish[low.task])
    wet = without(in_months(span, months), _dewatered(stage, low.task))
    if not wet:
        return None
    depths = [
        (level - bottom, e)
        for e, bottom in zip(low.elements, low.bottoms, strict=True)
        if bottom < level - 1e-6 and _stands_in(outline(stage.scene, e), area)
    ]
    depths = _open(stage, low, depths, level=float(level))
    if not depths:
        return None
    years = area.facts.get("return_years")
    rare = float(years) if isinstance(years, int | float) and np.isfinite(years) else 0.0
    likely = min(1.0, float(stage.profile["R20.return_years"]) / rare) if rare > 0.0 else 1.0
    return _flood_risk(stage, low, area, (wet[0][0], wet[-1][1]), max(depths)[0], likely)


def _open(
    stage: Stage, low: _Low, depths: list[tuple[float, int]], *, level: float
) -> list[tuple[float, int]]:
    """What no ring of walls keeps dry when the task begins."""
    within_ = [e for _, e in depths if e in low.kept_in]
    if not within_:
        return depths
    moment = int(stage.path.start[low.task].astype("datetime64[m]").astype(np.int64))
    held = ringed(stage, within_, level=level, moment=moment)
    dry = {e for e, shut in zip(within_, held.tolist(), strict=True) if shut}
    return [(depth, e) for depth, e in depths if e not in dry]


def _stands_in(shape: F64, area: Polygon) -> bool:
    """Whether an outline meets an area and not only a hole in it."""
    if len(shape) < 3 or polygon_gap(np.vstack([shape, shape[:1]]), area.rings[0]) > 0.0:
        return False
    middle = shape.mean(axis=0)[None]
    return not any(bool(within(middle, hole)[0]) for hole in area.rings[1:])


def _dewatered(stage: Stage, task: int) -> list[Span]:
    """When pumps or a cofferdam of the same place keep a task dry."""
    schedule, path = stage.schedule, stage.path
    mine = places_said(schedule.tasks[task], schedule)
    return [
        (path.start[t], path.finish[t])
        for t in np.flatnonzero(of_kind(schedule, "dewater")).tolist()
        if not np.isnat(path.start[t])
        and not np.isnat(path.finish[t])
        and same_place(mine, places_said(schedule.tasks[t], schedule))
    ]


def _flood_risk(
    stage: Stage, low: _Low, area: Polygon, window: Span, depth: float, likely: float
) -> Risk:
    mine, what = quoted(stage, low.task), things(stage, low.elements)
    first, when = stage.dates.said(window[0]), stage.dates.between(window)
    name = area.name or area.layer
    return Risk(
        rule=CARD.id,
        weight=CARD.weight,
        magnitude=min(1.0, depth) * likely,
        confidence=0.9 * mean_confidence(stage, low.elements),
        certain=True,
        tasks=(low.task,),
        elements=low.elements,
        window=window,
        witness=box_of(stage, low.elements),
        titles=both(
            f"{mine[0]}在汛期（{when[0]}）低于“{name}”水位 {depth:.2f} 米",
            f'{mine[1]} lies {depth:.2f} m below the water "{name}" from {when[1]}',
        ),
        descriptions=text_of(
            [
                (
                    f"最低处比洪水位低 {depth:.2f} 米，涉及 {what[0]}；该时段没有降水或围堰工序。",
                    f"Its lowest point is {depth:.2f} m under it ({what[1]}); nothing pumps then.",
                )
            ]
        ),
        suggestion=both(
            f"在{first[0]}前完成并回填，或增加降水、围堰工序，备好抽水设备。",
            f"Finish and fill before {first[1]}, or add dewatering or a cofferdam to the plan.",
        ),
        data={
            **window_data(window),
            "depth_m": round(depth, 3),
            "level_m": round(float(str(area.facts["level_m"])), 3),
            "area": name,
            "likelihood": round(likely, 3),
        },
        key=("flood", name),
    )


def _weather(stage: Stage) -> list[Risk]:
    """Wet works in months of frost or rain without a roof over them."""
    kinds = [
        (months_of(str(stage.profile[key])), words, word)
        for key, words, word in (
            ("R20.frost_months", ("冰冻期", "frost"), "frost"),
            ("R20.rain_months", ("雨季", "rain"), "rain"),
        )
    ]
    wet = np.flatnonzero(of_kind(stage.schedule, "wet")).tolist()
    if not any(m for m, *_ in kinds) or not wet:
        return []
    found = []
    for t in wet:
        span = (stage.path.start[t], stage.path.finish[t])
        rows = np.unique(stage.links.element[stage.links.task == t]).astype(np.int64)
        if np.isnat(span[0]) or np.isnat(span[1]) or not len(rows):
            continue
        bare = rows[~_roofed(stage, rows, span[0])]
        if len(bare) < _OPEN_SHARE * len(rows):
            continue
        for months, words, word in kinds:
            spans = in_months(span, months) if months else []
            if spans:
                window = (spans[0][0], spans[-1][1])
                share = len(bare) / len(rows)
                found.append(_weather_risk(stage, t, bare, window, words, (word, share)))
    return found


def _roofed(stage: Stage, rows: I64, start: np.datetime64) -> Mask:
    """Elements with a slab or roof over them that is complete when the work begins."""
    bounds, lives = stage.scene.bounds, stage.lifetimes
    slabs = np.flatnonzero(stage.roles["slab"] & stage.scene.meshes.has_body)
    there = ~lives.dated[slabs] | (lives.complete[slabs] <= start)
    slabs = slabs[there]
    found = np.zeros(len(rows), dtype=np.bool_)
    for k, e in enumerate(rows.tolist()):
        x, y = bounds[e, :, :2].mean(axis=0)
        over = (bounds[slabs, 0, 0] < x) & (bounds[slabs, 1, 0] > x) & (bounds[slabs, 0, 1] < y)
        over &= (bounds[slabs, 1, 1] > y) & (bounds[slabs, 0, 2] >= bounds[e, 1, 2] - 0.1)
        found[k] = bool(over.any())
    return found


def _weather_risk(
    stage: Stage,
    task: int,
    bare: I64,
    window: Span,
    words: tuple[str, str],
    measured: tuple[str, float],
) -> Risk:
    mine, what = quoted(stage, task), things(stage, bare.tolist())
    when = stage.dates.between(window)
    planned = any(_WEATHER.search(x.name) for c in stage.schedule.calendars for x in c.exceptions)
    return Risk(
        rule=CARD.id,
        weight=CARD.weight,
        # days lost to weather are in the calendar already: worth knowing, no more
        magnitude=0.1 if planned else 0.5 * measured[1],
        confidence=0.5 * mean_confidence(stage, bare.tolist()),
        certain=False,
        tasks=(task,),
        elements=tuple(bare.tolist()),
        window=window,
        witness=box_of(stage, bare.tolist()),
        titles=both(
            f"{mine[0]}在{words[0]}（{when[0]}）露天施工，尚无屋盖",
            f"{mine[1]} is in the open in months of {words[1]} ({when[1]})",
        ),
        descriptions=both(
            f"上方楼板或屋面开工时尚未完成，涉及 {what[0]}。"
            + ("日历已计入天气停工日。" if planned else ""),
            f"No slab or roof over it is complete when it begins; it is about {what[1]}."
            + (" The calendar holds days for weather already." if planned else ""),
        ),
        suggestion=both(
            "调整到屋盖完成之后，或落实防冻、防雨措施。",
            "Move it after the roof, or plan protection.",
        ),
        data={
            **window_data(window),
            "season": measured[0],
            "open_share": round(measured[1], 3),
            "first_day": str(day_of(window[0])),
        },
        key=("weather", measured[0]),
    )
