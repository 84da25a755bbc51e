"""Models of one group that do not fit together: turned, of another size, or at another height."""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import shapely
import shapely.affinity

from bimcore.arrays import F64
from bimcore.findings import Finding
from bimcore.model import Model
from gis import crs as systems, operations, placement_codes as codes
from gis.conversion import Conversion
from gis.federation import box

#: Footprints that share less of their union are looked at for a simple mistake ...
DIFFERENT = 0.45
#: ... which is named when undoing it brings them to share this much,
ALIKE = 0.7
#: and this many times as much as before.
GAIN = 1.7
#: Directions in which the furthest point of a model is looked for.
DIRECTIONS = 32
#: Models whose smaller outline lies in the other by this part are of one house.
SAME_HOUSE = 0.3
#: Storeys of one name that stand apart by more (metres) are no matter of floor finishes.
HEIGHT_APART = 0.5
#: Differences of one model's storeys (metres) that still are one shift.
ONE_SHIFT = 0.15
#: Storeys that must share their names.
STOREYS = 2
#: Storeys that must share their names for their spacing to tell a unit: two fit by chance.
SIZED_BY = 3
_FACTORS = (
    (1000.0, "毫米被当作米", "millimetres taken as metres"),
    (0.001, "米被当作毫米", "metres taken as millimetres"),
    (0.3048, "米又按英尺换算了一次", "metres converted as if they were feet"),
    (1 / 0.3048, "英尺被当作米", "feet taken as metres"),
    (0.0254, "米又按英寸换算了一次", "metres converted as if they were inches"),
    (1 / 0.0254, "英寸被当作米", "inches taken as metres"),
    (100.0, "厘米被当作米", "centimetres taken as metres"),
    (0.01, "米被当作厘米", "metres taken as centimetres"),
)
_WUSONG = (1.65, 2.05)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Trial:
    """One mistake undone: the outline as it would then be, and what the mistake is."""

    outline: shapely.Geometry
    zh: str
    en: str
    angle_deg: float = 0.0
    factor: float = 1.0


def misfits(
    placed: Sequence[Model | None],
    groups: Sequence[Sequence[int]],
    conversions: Sequence[Conversion | None],
) -> list[Finding]:
    """Findings on models that a simple mistake sets apart from the others of their group.

    Parameters
    ----------
    placed : sequence of Model or None
        In their common frames.
    groups : sequence of sequence of int
        Which of them share a frame.
    conversions : sequence of Conversion or None
        Theirs, for the sense of a wrong rotation.

    """
    found: list[Finding] = []
    for group in groups:
        models = {i: m for i in group if (m := placed[i]) is not None and len(m.meshes.vertices)}
        if len(models) < 2:
            continue
        told, wrong = _out_of_plan(models, conversions)
        found += told
        found += _out_of_height({i: m for i, m in models.items() if i not in wrong})
    return found


def outside_site(
    model: Model, area: shapely.Geometry, conversion: Conversion | None
) -> list[Finding]:
    """The simple mistake that, undone, brings a model into the red line, if there is one."""
    outline = _outline(model)
    if outline is None or shapely.intersection(outline, area).area > 0.6 * outline.area:
        return []
    for trial in _trials(model, outline, conversion, turned_in_place=outline.intersects(area)):
        share = trial.outline.area / area.area
        inside = shapely.intersection(trial.outline, area).area
        if inside >= 0.98 * trial.outline.area and share >= 0.02:
            return [_told(model, trial, "用地红线", "the red line")]
    return []


def _outline(model: Model) -> shapely.Geometry | None:
    """The convex outline in plan, by its furthest points; None without an area."""
    x, y = model.meshes.vertices[:, 0], model.meshes.vertices[:, 1]
    if len(x) == 0:
        return None
    turns = np.linspace(0.0, 2 * np.pi, DIRECTIONS, endpoint=False)
    furthest = {int(np.argmax(x * math.cos(t) + y * math.sin(t))) for t in turns.tolist()}
    rows = np.array(sorted(furthest))
    outline = shapely.convex_hull(shapely.multipoints(np.column_stack([x[rows], y[rows]])))
    return outline if outline.area > 0.0 else None


def _out_of_plan(
    models: Mapping[int, Model], conversions: Sequence[Conversion | None]
) -> tuple[list[Finding], set[int]]:
    outlines = {i: o for i, m in models.items() if (o := _outline(m)) is not None}
    main = _main(outlines)
    if not main:
        return [], set()
    whole = shapely.convex_hull(shapely.union_all([outlines[i] for i in main]))
    names = "、".join(models[i].name for i in main), ", ".join(models[i].name for i in main)
    found, wrong = [], set()
    for i in outlines.keys() - set(main):
        before = _shared(outlines[i], whole)
        trials = _trials(models[i], outlines[i], conversions[i], turned_in_place=before > 0.0)
        best = max(trials, key=lambda t: _shared(t.outline, whole))
        after = _shared(best.outline, whole)
        if before < DIFFERENT and after >= ALIKE and after >= GAIN * before:
            found.append(_told(models[i], best, *names))
            wrong.add(i)
    return sorted(found, key=lambda f: f.model), wrong


def _main(outlines: Mapping[int, shapely.Geometry]) -> list[int]:
    """The largest set of models with like footprints; of equal ones that of a usual size."""
    left, best, rank = list(outlines), list[int](), (0, False)
    while left:
        cluster = [left.pop(0)]
        for i in cluster:  # grows while it is walked
            near = [j for j in left if _shared(outlines[i], outlines[j]) >= DIFFERENT]
            cluster += near
            left = [j for j in left if j not in near]
        size = math.sqrt(outlines[cluster[0]].area)
        mine = (len(cluster), 5.0 <= size <= 1000.0)
        if mine > rank:
            best, rank = cluster, mine
    return best


def _shared(a: shapely.Geometry, b: shapely.Geometry) -> float:
    """Part of their union that two outlines share."""
    common = float(shapely.intersection(a, b).area)
    return common / float(a.area + b.area - common)


def _covered(a: shapely.Geometry, b: shapely.Geometry) -> float:
    """Part of the smaller outline that lies in the other."""
    return float(shapely.intersection(a, b).area) / float(min(a.area, b.area))


def _trials(
    model: Model,
    outline: shapely.Geometry,
    conversion: Conversion | None,
    *,
    turned_in_place: bool,
) -> Iterator[_Trial]:
    """The model with one mistake undone after the other."""
    origin = _origin(model, conversion)
    centre = outline.centroid.coords[0]
    for degrees, zh, en in _angles(conversion):
        for about in (origin, centre) if turned_in_place else (origin,):
            turned = shapely.affinity.rotate(outline, -degrees, origin=about)
            yield _Trial(outline=turned, zh=zh, en=en, angle_deg=degrees)
    for factor, zh, en in _FACTORS:
        sized = shapely.affinity.scale(outline, 1 / factor, 1 / factor, origin=origin)
        yield _Trial(outline=sized, zh=zh, en=en, factor=factor)


def _origin(model: Model, conversion: Conversion | None) -> tuple[float, float]:
    """Where the model's own origin stands in its frame."""
    if conversion is None or not model.frame.located:
        x, y = -model.frame.origin[:2]
        return float(x), float(y)
    source, target = systems.parse(conversion.crs), systems.parse(model.frame.crs or "")
    there = operations.transformation(source, target)(conversion.apply(np.zeros((1, 3))))
    x, y, _ = model.frame.from_map(there)[0]
    return float(x), float(y)


def _angles(conversion: Conversion | None) -> Iterator[tuple[float, str, str]]:
    """Degrees by which a model may be turned too far, with the mistake behind."""
    axes = ("坐标轴设置错误", "exchanged axes or a wrong project north")
    yield 90.0, *axes
    yield -90.0, *axes
    yield 180.0, "方向相反", "the opposite direction"
    given = 0.0 if conversion is None else math.degrees(conversion.rotation)
    if abs(given) > 2.0:
        yield 2 * given, "旋转角符号相反", "a rotation of the wrong sign"
        yield given / 2, "旋转角重复施加", "a rotation that is applied twice"
        yield given, "旋转角多余（构件已旋转）", "a rotation of what is turned already"


def _told(model: Model, trial: _Trial, against: str, against_en: str) -> Finding:
    low = box(model)[0]
    point = (float(low[0]), float(low[1]), float(low[2]))
    sized = trial.factor != 1.0
    told = Finding.of(
        codes.OTHER_SIZE if sized else codes.TURNED,
        model=model.name,
        point=point,
        against_zh=against,
        against_en=against_en,
        cause_zh=trial.zh,
        cause_en=trial.en,
    )
    size = {"factor": trial.factor} if sized else {}
    turn = {} if sized else {"angle_deg": math.remainder(trial.angle_deg, 360.0)}
    return replace(told, data={**told.data, **size, **turn})


def _out_of_height(models: Mapping[int, Model]) -> list[Finding]:
    """Models whose storeys stand apart from those of the same names in the others."""
    floors = {i: _floors(m) for i, m in models.items()}
    outlines = {i: o for i, m in models.items() if (o := _outline(m)) is not None}
    found: list[Finding] = []
    wrong: set[int] = set()
    # The least agreeing first, so that what is wrong does not spoil the measure for the rest.
    for i in sorted(models, key=lambda i: (_agreeing(i, floors), -i)):
        # Houses beside each other may well stand on different ground.
        others = [
            floors[j]
            for j in outlines.keys() - wrong - {i}
            if i in outlines and _covered(outlines[i], outlines[j]) >= SAME_HOUSE
        ]
        usual = _usual(others)
        names = sorted(floors[i].keys() & usual.keys(), key=lambda n: (usual[n], n))
        if len(names) < STOREYS:
            continue
        told = _height_finding(
            models[i],
            np.array([floors[i][n] for n in names]),
            np.array([usual[n] for n in names]),
        )
        if told is not None:
            found.append(told)
            wrong.add(i)
    return sorted(found, key=lambda f: f.model)


def _floors(model: Model) -> dict[str, float]:
    """Elevation by storey name in metres of the frame."""
    words = model.elements.storey.words
    heights = model.elements.storey_elevation.tolist()
    return {
        w.strip().casefold(): h
        for w, h in zip(words, heights, strict=True)
        if w.strip() and math.isfinite(h)
    }


def _agreeing(i: int, floors: Mapping[int, Mapping[str, float]]) -> int:
    """How many other models have the storeys of model `i` where it has them."""
    return sum(
        any(abs(h - other[n]) <= HEIGHT_APART for n, h in floors[i].items() if n in other)
        for j, other in floors.items()
        if j != i
    )


def _usual(floors: Sequence[Mapping[str, float]]) -> dict[str, float]:
    names = {n for f in floors for n in f}
    return {n: float(np.median([f[n] for f in floors if n in f])) for n in names}


def _height_finding(model: Model, mine: F64, usual: F64) -> Finding | None:
    apart = mine - usual
    shift = float(np.median(apart))
    if float(np.ptp(apart)) <= ONE_SHIFT:
        if abs(shift) <= HEIGHT_APART:
            return None
        zh, en = _height_cause(shift, usual)
        return Finding.of(
            codes.OTHER_HEIGHT,
            model=model.name,
            shift_m=shift,
            fix_m=-shift,
            storeys=len(mine),
            cause_zh=zh,
            cause_en=en,
        )
    span = float(np.ptp(usual))
    if len(mine) < SIZED_BY or span <= 0.0:
        return None
    ratio = float(np.ptp(mine)) / span
    even = (mine - mine.min()) - ratio * (usual - usual.min())
    if float(np.abs(even).max()) > 0.02 * float(np.ptp(mine)):
        return None  # storeys of another house, not the same ones in another unit
    for factor, zh, en in _FACTORS:
        if abs(ratio / factor - 1.0) < 0.02:
            return Finding.of(
                codes.OTHER_SIZE,
                model=model.name,
                factor=factor,
                against_zh="其他模型的楼层高度",
                against_en="the storey heights of the others",
                cause_zh=zh,
                cause_en=en,
            )
    return None


def _height_cause(shift: float, usual: F64) -> tuple[str, str]:
    steps = np.abs(np.diff(np.sort(usual)))
    if _WUSONG[0] <= abs(shift) <= _WUSONG[1]:
        return (
            "高程基准不同（吴淞高程与 1985 国家高程相差约 1.7–2.0 米）",
            "another height datum (Wusong and 1985 differ by 1.7 to 2.0 m)",
        )
    if len(steps) and np.abs(steps - abs(shift)).min() < 0.1:
        return "楼层错位一层", "storeys that are one storey off"
    if abs(shift) > 15.0:
        return (
            "一方为相对标高（±0.000），另一方为绝对高程",
            "heights from ±0.000 in one and above sea level in the other",
        )
    return "坐标转换的高程有误", "a wrong height in the conversion"
