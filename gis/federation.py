"""Plausibility of a federation: models that stand apart and models without a place."""

import itertools
import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TypeAlias

import numpy as np

from bimcore.arrays import F64
from bimcore.findings import Finding
from bimcore.ifc.georef import GeoreferenceFacts
from bimcore.model import Model
from gis import codes, crs as systems, operations, placement_codes as placing
from gis.assessment import Georeference
from gis.conversion import Conversion
from gis.crs import Crs
from gis.reading import footprint

#: What was not tested and why, each in ``"zh-CN"`` and ``"en"``.
Entry: TypeAlias = Mapping[str, Mapping[str, str]]

#: Models further than this (metres) from the others are named.
APART = 2_000.0
#: Absolute coordinates this near (metres) to located models are of the same grid.
NEAR = 2_000.0

#: Models whose own boxes share this much of their union are drawn about one origin ...
ONE_ORIGIN = 0.6
#: and are put elsewhere by another conversion when that moves a corner by more (metres).
ELSEWHERE = 0.02


def not_assessed(what: tuple[str, str], why: tuple[str, str]) -> Entry:
    """An entry of what was not tested, from (Chinese, English) pairs."""
    return {
        "what": {"zh-CN": what[0], "en": what[1]},
        "why": {"zh-CN": why[0], "en": why[1]},
    }


def bad_placement(model: str, zh: str, en: str) -> Finding:
    """A supplied placement that cannot be used."""
    return Finding.of(codes.BAD_PLACEMENT, model=model, why_zh=zh, why_en=en)


def box(model: Model) -> F64:
    """Lower and upper corner (2, 3) of all bodies of a model; NaN if it has none."""
    vertices = model.meshes.vertices
    if len(vertices) == 0:
        return np.full((2, 3), np.nan)
    return _span(vertices)


def middle(facts: GeoreferenceFacts) -> F64:
    """Centre (1, 3) of the footprint."""
    centre: F64 = footprint(facts).mean(axis=0, keepdims=True)
    return centre


def equal(a: Conversion, b: Conversion) -> bool:
    """Whether two conversions differ by rounding alone."""
    if (a.crs, a.before, a.topocentric) != (b.crs, b.before, b.topocentric):
        return False
    shifts = np.subtract((a.eastings, a.northings, a.height), (b.eastings, b.northings, b.height))
    turns = np.subtract((a.rotation, *a.scale), (b.rotation, *b.scale))
    return bool(np.abs(shifts).max() < 1e-7) and bool(np.abs(turns).max() < 1e-12)


def stands_near(
    trial: Georeference,
    facts: GeoreferenceFacts,
    others: Sequence[tuple[Georeference, GeoreferenceFacts]],
) -> bool:
    """Whether a model placed on trial stands within ``NEAR`` of a located one."""
    if trial.conversion is None:
        return False
    target = systems.parse(trial.conversion.crs)
    here = trial.conversion.apply(footprint(facts))[:, :2]
    for g, f in others:
        if g.conversion is None:
            continue
        source = systems.parse(g.conversion.crs)
        try:
            there = operations.transformation(source, target)(g.conversion.apply(footprint(f)))
        except operations.UnsafeTransformation:
            continue
        if _gap(_span(here), _span(there[:, :2])) <= NEAR:
            return True
    return False


def apart(placed: Sequence[Model | None], groups: Sequence[Sequence[int]]) -> list[Finding]:
    """Models of one group further than ``APART`` from the main cluster of that group."""
    found: list[Finding] = []
    for group in groups:
        spans = {}
        for i in group:
            model = placed[i]
            if model is not None and len(model.meshes.vertices):
                spans[i] = box(model)[:, :2]
        main = _main_cluster(spans)
        for i, span in spans.items():
            model = placed[i]
            if i in main or model is None:
                continue
            gap, j = min((_gap(span, spans[k]), k) for k in main)
            shift = span.mean(axis=0) - spans[j].mean(axis=0)
            zh, en = cause(shift)
            here = model.meshes.vertices[0]
            found.append(
                Finding.of(
                    codes.STANDS_APART,
                    model=model.name,
                    point=(float(here[0]), float(here[1]), float(here[2])),
                    distance_km=gap / 1000,
                    shift_east_m=float(shift[0]),
                    shift_north_m=float(shift[1]),
                    cause_zh=zh,
                    cause_en=en,
                )
            )
    return found


def otherwise_converted(
    names: Sequence[str],
    groups: Sequence[Sequence[int]],
    facts: Sequence[GeoreferenceFacts],
    found: Sequence[Georeference],
    grid: Crs | None,
) -> list[Finding]:
    """Models drawn about the origin of others that their conversions put a little elsewhere.

    Two houses with origins of their own stand beside each other once they are placed, and
    models with different origins fit better placed than not: neither is told. All are compared
    in the `grid` of the project: there is a way to it from each system, not between any two.
    """
    told: list[Finding] = []
    for group in groups:
        ways = {
            i: _Way(w, grid) for i in group if (w := _way(found[i])) is not None and facts[i].bounds
        }
        alike: list[list[int]] = []
        for i in ways:
            same = next((c for c in alike if _moved(i, c[0], ways, facts) <= ELSEWHERE), None)
            if same is None:
                alike.append([i])
            else:
                same.append(i)
        main = max(alike, key=len, default=[])
        for i in sorted(ways.keys() - set(main)):
            near = [j for j in main if _one_origin(i, j, ways, facts)]
            if near:
                told.append(_otherwise(i, near, names, ways, facts))
    return told


def _way(g: Georeference) -> Conversion | None:
    """What places a model on the map or in the grid that only its name is known of."""
    return g.conversion or (g.repair if g.grid else None)


def _corners(bounds: F64) -> F64:
    return np.array(list(itertools.product(*bounds.T)))


class _Way:
    """From project metres to the grid of the project, or one that only its name is known of."""

    def __init__(self, conversion: Conversion, grid: Crs | None) -> None:
        self._conversion, self._grid = conversion, grid

    def apply(self, points: F64) -> F64:
        """Map metres (N, 3) of project metres."""
        there = self._conversion.apply(points)
        if self._grid is None or not self._conversion.crs:
            return there
        # heights that do not turn into those of the project were held back before
        own, ours = (
            replace(c, vertical="") for c in (systems.parse(self._conversion.crs), self._grid)
        )
        return operations.transformation(own, ours)(there)


def _moved(i: int, j: int, ways: Mapping[int, _Way], facts: Sequence[GeoreferenceFacts]) -> float:
    """How far the conversion of model `i` puts its corners from where that of `j` would."""
    points = _corners(np.array(facts[i].bounds))
    apart = ways[i].apply(points) - ways[j].apply(points)
    return float(np.linalg.norm(apart, axis=1).max())


def _one_origin(
    i: int, j: int, ways: Mapping[int, _Way], facts: Sequence[GeoreferenceFacts]
) -> bool:
    """Whether two models fit in their own coordinates, and no better on the map."""
    a, b = np.array(facts[i].bounds), np.array(facts[j].bounds)
    local = _union_share(a, b)
    placed = _union_share(_span(ways[i].apply(_corners(a))), _span(ways[j].apply(_corners(b))))
    return local >= ONE_ORIGIN and local / 2 <= placed <= local + 0.02


def _union_share(a: F64, b: F64) -> float:
    """Part of their union that two boxes (2, 3) share."""
    common = float(np.prod(np.maximum(0.0, np.minimum(a[1], b[1]) - np.maximum(a[0], b[0]))))
    whole = float(np.prod(a[1] - a[0]) + np.prod(b[1] - b[0])) - common
    return common / whole if whole > 0.0 else 0.0


def _otherwise(
    i: int,
    near: Sequence[int],
    names: Sequence[str],
    ways: Mapping[int, _Way],
    facts: Sequence[GeoreferenceFacts],
) -> Finding:
    points = _corners(np.array(facts[i].bounds))
    mine, theirs = ways[i].apply(points), ways[near[0]].apply(points)
    shift = (mine - theirs).mean(axis=0)
    (x, y), (u, v) = (c[-1, :2] - c[0, :2] for c in (mine, theirs))
    turn = math.remainder(math.atan2(y, x) - math.atan2(v, u), 2 * math.pi)
    return Finding.of(
        placing.CONVERSION_APART,
        model=names[i],
        against_zh="、".join(names[j] for j in near),
        against_en=", ".join(names[j] for j in near),
        east_m=float(shift[0]),
        north_m=float(shift[1]),
        up_m=float(shift[2]),
        turn_deg=math.degrees(turn),
    )


def _main_cluster(spans: Mapping[int, F64]) -> set[int]:
    """The largest set of models that hang together within ``APART``; the first wins a tie."""
    left, best = list(spans), set[int]()
    while left:
        cluster = {left.pop(0)}
        grown = True
        while grown:
            near = {i for i in left if any(_gap(spans[i], spans[j]) <= APART for j in cluster)}
            grown = bool(near)
            cluster |= near
            left = [i for i in left if i not in near]
        if len(cluster) > len(best):
            best = cluster
    return best


def _span(points: F64) -> F64:
    corners: F64 = np.stack([points.min(axis=0), points.max(axis=0)])
    return corners


def _gap(a: F64, b: F64) -> float:
    """Distance between two rectangles (2, 2)."""
    apart_by = np.maximum(0.0, np.maximum(a[0] - b[1], b[0] - a[1]))
    return float(np.hypot(*apart_by))


def cause(shift: F64) -> tuple[str, str]:
    """The likeliest reason for a shift (2,) in metres, in Chinese and English."""
    east, north = abs(float(shift[0])), abs(float(shift[1]))
    if east > 5e5 and abs(east / 1e6 - round(east / 1e6)) < 0.01:
        return "东坐标带号多写或漏写", "a zone number too many or missing in the easting"
    if abs(east - north) < 0.02 * max(east, north) and east > 1e6:
        return "东、北坐标互换", "easting and northing exchanged"
    if east > 2e5 and north < 2e4:
        return "分带（中央子午线）选错", "the wrong zone (central meridian)"
    if 250.0 < math.hypot(east, north) < 1200.0:
        return (
            "坐标取自加偏地图（GCJ-02、BD-09）或错误的基准点",
            "coordinates read off a shifted map (GCJ-02, BD-09) or a wrong base point",
        )
    if max(east, north) > 9e5 and _round_number(east, 1e5) and _round_number(north, 1e5):
        return "坐标去掉了首位数字", "leading digits cut off the coordinates"
    if math.hypot(east, north) > 1e6:
        return "单位或坐标系错误", "a wrong unit or CRS"
    if _round_number(east, 1e3) and _round_number(north, 1e3):
        return (
            "坐标转换加减了整千米数（坐标截短或抄写错误）",
            "whole kilometres added or cut off in the conversion",
        )
    return "坐标转换错误或模型不属于本项目", "a wrong conversion, or a model of another project"


def _round_number(metres: float, step: float) -> bool:
    """Whether a shift of centres is a multiple of `step` but for the size of models."""
    return abs(metres - step * round(metres / step)) < 0.05 * step


def unplaced(
    names: Sequence[str],
    facts: Sequence[GeoreferenceFacts],
    found: Sequence[Georeference],
    lost: Sequence[int],
) -> tuple[list[Finding], list[Entry]]:
    """Findings and entries for models without a place on the map, with a proposal each."""
    located = [i for i in range(len(names)) if found[i].located]
    if not located:
        entry = not_assessed(
            (
                "与地图有关的检查（红线、地下管线、周边环境）",
                "Checks against the map (red line, buried utilities, surroundings)",
            ),
            ("没有模型具有可用的地理参照", "no model has a usable georeference"),
        )
        return [], [entry]
    findings, entries = [], []
    for i in lost:
        entries.append(
            not_assessed(
                (f"模型“{names[i]}”与地图的检查", f'Model "{names[i]}" against the map'),
                ("模型没有可用的地理参照", "the model has no usable georeference"),
            )
        )
        donor = _overlapping(i, facts, located)
        if donor is not None and not found[i].grid and not found[i].verdict.held_back:
            findings.append(Finding.of(codes.UNPLACED_SIBLING, model=names[i], like=names[donor]))
    return findings, entries


def _overlapping(i: int, facts: Sequence[GeoreferenceFacts], located: Sequence[int]) -> int | None:
    """The located model whose local box shares the most plan area with that of model `i`."""
    mine = facts[i].bounds
    if mine is None:
        return None
    shared = {}
    for j in located:
        other = facts[j].bounds
        if other is not None:
            low = np.maximum(mine[0], other[0])
            high = np.minimum(mine[1], other[1])
            shared[j] = float(np.prod(np.maximum(0.0, (high - low)[:2])))
    best = max(shared, key=lambda j: (shared[j], -j), default=None)
    return best if best is not None and shared[best] > 0.0 else None
