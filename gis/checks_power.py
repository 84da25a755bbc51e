"""Overhead lines: their protection zone, and conductors to buildings, works, roads and cranes."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from bimcore.arrays import F64, I64
from gis import check_codes as codes
from gis.attributes import column_of, drawn_on, named, numbers_of
from gis.bands import doubt_of, holds
from gis.conflicts import Case, Check, Features, Measured, Pairs, features_of, tell
from gis.layers import FeatureTable
from gis.rulebook import ProjectRules
from gis.sides import CRANES, ROADS, below_ground, says
from gis.spots import SPOTS, along, heights

ZONE = Check(
    code=codes.POWER_ZONE,
    title=("架空电力线路保护区", "Protection zones of overhead lines"),
    by_feature=True,
)
CLEARANCE = Check(
    code=codes.POWER_CLEARANCE,
    title=("导线安全距离", "Clearance to conductors"),
    by_feature=True,
)
_VOLTAGE = re.compile(r"电压|voltage|kv|千伏", re.IGNORECASE)
_KILOVOLT = re.compile(r"(±)?\s*(\d+(?:\.\d+)?)\s*(kv|千伏|v|伏)?", re.IGNORECASE)
_SWAY = re.compile(r"风偏|sway|swing", re.IGNORECASE)
_SAG = re.compile(r"弧垂|\bsag", re.IGNORECASE)
_HALF = re.compile(r"半宽|边导线|half.?width", re.IGNORECASE)
#: Numbers without a unit that are volts, though no line of such kilovolts would surprise.
_VOLTS = (380.0, 400.0, 415.0)


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class _Conductors:
    """Lines of one layer with what sways and sags.

    Attributes
    ----------
    features : Features
    deep : (F,) object
        Conductors at greatest sag; None where heights or the sag are not known.
    voltage : (F,) float64
        Kilovolts; NaN where not known, negative for what no row speaks of.
    half, sway : (F,) float64
        `sway` is NaN where not known.

    """

    features: Features
    deep: NDArray[np.object_]
    voltage: F64
    half: F64
    sway: F64


def check_power(case: Case, tables: Sequence[FeatureTable]) -> None:
    """What stands too near to overhead lines, in plan and below them."""
    for table in tables:
        lines = _conductors(table, case.rules)
        _check(case, table, lines)


def _conductors(table: FeatureTable, rules: ProjectRules) -> _Conductors:
    volts = voltages(table)
    names = [
        (f"{v:g} kV 架空线", f"{v:g} kV overhead line") if v > 0 else ("架空线", "overhead line")
        for v in volts.tolist()
    ]
    sag = _entered(numbers_of(table, _SAG), rules.number("power.sag"))
    half = _entered(numbers_of(table, _HALF), rules.number("power.half-width") or 0.0)
    deep = np.full(len(table), None, dtype=object)
    for k in np.flatnonzero(shapely.has_z(table.geometry) & np.isfinite(sag)).tolist():
        parts = [g for g in shapely.get_parts(table.geometry[k]) if g.geom_type == "LineString"]
        points = shapely.get_coordinates(parts, include_z=True)
        if len(parts) == 1 and np.isfinite(points[:, 2]).all():
            deep[k] = shapely.LineString(points - [0.0, 0.0, float(sag[k])])
    return _Conductors(
        features=features_of(table.name, table.geometry, names, named(table)),
        deep=deep,
        voltage=volts,
        half=half,
        sway=_entered(numbers_of(table, _SWAY), rules.number("power.sway")),
    )


def _entered(values: F64, default: float | None) -> F64:
    return values if default is None else np.where(np.isnan(values), default, values)


def voltages(table: FeatureTable) -> F64:
    """Kilovolts (F,) of each line; NaN where not known, -1 for direct current."""
    field = column_of(table, _VOLTAGE)
    kilo = field is not None and re.search(r"kv|千伏", field, re.IGNORECASE) is not None
    values = table.columns[field] if field is not None else drawn_on(table)
    return np.array([_kilovolts(v, kilo=kilo) for v in values], dtype=np.float64)


def _kilovolts(value: object, *, kilo: bool) -> float:
    text = "" if value is None else str(value)
    found = [m for m in _KILOVOLT.finditer(text) if m[3]] or list(_KILOVOLT.finditer(text))[:1]
    if not found:
        return np.nan
    if any(m[1] for m in found) or re.search(r"直流|\bDC\b", text):
        return -1.0
    if not found[0][3] and not re.fullmatch(r"\s*\d+(\.\d+)?\s*", text):
        return np.nan  # a number in a name, such as that of a pylon
    # Lines that share their pylons keep the distance of the highest.
    return max(_in_kilovolts(m, kilo=kilo) for m in found)


def _in_kilovolts(match: re.Match[str], *, kilo: bool) -> float:
    size, unit = float(match[2]), (match[3] or "").lower()
    volts = unit in {"v", "伏"} or (not unit and not kilo and (size >= 1000 or size in _VOLTS))
    return size / 1000 if volts else size


def _check(case: Case, table: FeatureTable, lines: _Conductors) -> None:
    stock, rules = case.stock, case.rules
    doubt = doubt_of(table, rules)
    book = rules.rows(
        "power_zone", "power_horizontal", "power_works", "power_crane_horizontal", "power_vertical"
    )
    reach = max((v for r in book if (v := rules.value(r)) is not None), default=0.0)
    wide = float(np.max(lines.half + np.nan_to_num(lines.sway), initial=0.0))
    asked = np.flatnonzero(~stock.ground)
    element, feature, value = stock.near(
        lines.features.geometry, reach=reach + wide + doubt, elements=asked
    )
    if not len(element):
        return
    met = Pairs(
        element=element,
        feature=feature,
        value=value - lines.half[feature],
        doubt=np.full(len(value), doubt),
        height=np.full(len(value), np.nan),
    )
    crane = says(CRANES, stock.texts("name"), stock.texts("object_type"))
    built = case.sides.building & ~crane
    _tell(case, ZONE, met, lines, rows="power_zone")
    _uncovered(case, met, lines)
    open_air = ~below_ground(
        stock, met.element, ground=case.ground, crown=np.full(len(value), np.nan)
    )
    if not case.ground.known:
        open_air[:] = ~case.sides.foundation[met.element]
    above = met.take(open_air)
    for mask, name in ((built, "power_horizontal"), (crane, "power_crane_horizontal")):
        _swayed(case, above.take(mask[above.element]), lines, rows=name)
    _tell(case, CLEARANCE, above.take(built[above.element]), lines, rows="power_works")
    road = stock.is_a(*ROADS)
    # A road lies in the ground and counts all the same.
    _sagged(case, met.take(road[met.element]), lines, rows="power_road")
    for mask, name in ((built, "power_vertical"), (crane, "power_crane_vertical")):
        _sagged(case, above.take(mask[above.element]), lines, rows=name)


def _uncovered(case: Case, met: Pairs, lines: _Conductors) -> None:
    """Say of which voltages no row speaks."""
    near = np.unique(lines.voltage[np.unique(met.feature)])
    rows = case.rules.rows("power_zone", "power_horizontal", "power_vertical")
    spans = [row.when["voltage_kv"] for row in rows]
    for v in near[np.isfinite(near)].tolist():
        if not any(low <= v <= high for low, high in spans):
            shown = f"{v:g} kV" if v > 0 else "直流 DC"
            case.told.say(
                (f"架空线（{shown}）的安全距离", f"Distances to overhead lines of {shown}"),
                ("规则库没有该电压等级的数值", "the rulebook has no value for this voltage"),
            )


def _tell(case: Case, check: Check, met: Pairs, lines: _Conductors, *, rows: str) -> None:
    if not len(met.value):
        return
    book = case.rules.rows(rows)
    holding = holds(book, len(met.value), {"voltage_kv": lines.voltage[met.feature]})
    tell(
        case,
        check,
        Measured(features=lines.features, pairs=met, rows=book, holding=holding),
    )


def _swayed(case: Case, met: Pairs, lines: _Conductors, *, rows: str) -> None:
    """Plan distance from the conductor where the wind takes it."""
    if not len(met.value):
        return
    sway = lines.sway[met.feature]
    if np.isnan(sway).any():
        case.told.say(
            (
                f"图层“{lines.features.layer}”最大风偏下的水平距离",
                f'Horizontal clearance at greatest sway of layer "{lines.features.layer}"',
            ),
            (
                "未给出最大风偏（power.sway_m），只按平面偏距检查",
                "the sway is not given (power.sway_m): only the plan offset was checked",
            ),
        )
    value = met.value - np.nan_to_num(sway)
    moved = Pairs(
        element=met.element,
        feature=met.feature,
        value=value,
        doubt=met.doubt,
        height=met.height,
    )
    _tell(case, CLEARANCE, moved, lines, rows=rows)


def _sagged(case: Case, met: Pairs, lines: _Conductors, *, rows: str) -> None:
    """Height of the conductor above what it passes over."""
    met = met.take(met.value - np.nan_to_num(lines.sway[met.feature]) <= met.doubt)
    if not len(met.value):
        return
    known = ~shapely.is_missing(lines.deep[met.feature])
    if not known.all():
        case.told.say(
            (
                f"图层“{lines.features.layer}”导线下方的垂直距离",
                f'Vertical clearance below layer "{lines.features.layer}"',
            ),
            (
                "缺少导线高程或最大弧垂（power.sag_m）",
                "heights of the conductors or their sag (power.sag_m) are not known",
            ),
        )
    met = met.take(known)
    if len(met.value):
        gap, height = _gaps(case, met, lines)
        # Heights come with the survey of the line; its accuracy holds for them too.
        moved = Pairs(
            element=met.element, feature=met.feature, value=gap, doubt=met.doubt, height=height
        )
        _tell(case, CLEARANCE, moved, lines, rows=rows)


def _gaps(case: Case, met: Pairs, lines: _Conductors) -> tuple[F64, F64]:
    """Least height (P,) of conductors over elements, and the height of the top there."""
    stock = case.stock
    path = lines.features.geometry[met.feature]
    shape = stock.shapes(met.element)
    inside = shapely.intersection(path, shapely.convex_hull(shape))
    beside = shapely.get_point(shapely.shortest_line(path, shape), 0)
    spots = np.concatenate([along(g) for g in np.where(shapely.is_empty(inside), beside, inside)])
    owner = np.repeat(np.arange(len(met.value)), len(SPOTS))
    top = stock.spans(met.element[owner], spots)[:, 1]
    off = np.isnan(top)
    top = np.where(off, stock.boxes[met.element[owner], 1, 2], top)
    gap = heights(lines.deep[met.feature[owner]], spots) - top
    return _least(gap, owner, len(met.value)), _least(-top, owner, len(met.value)) * -1.0


def _least(values: F64, owner: I64, count: int) -> F64:
    found = np.full(count, np.inf)
    np.minimum.at(found, owner, values)
    return found
