"""Clearances of buildings and services to buried lines, and the earth over them."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import shapely

from bimcore.arrays import F64, I64, U8, Mask
from gis import check_codes as codes
from gis.bands import Holds, doubt_of, holds
from gis.buried import Buried, buried
from gis.conflicts import Case, Check, Measured, Pairs, tell
from gis.layers import FeatureTable
from gis.rulebook import Row
from gis.sides import Sides, below_ground, on_ground
from gis.spots import SPOTS, along, heights
from gis.stock import Stock

HORIZONTAL = Check(
    code=codes.UTILITY_HORIZONTAL,
    title=("地下管线水平净距", "Horizontal clearance to buried lines"),
)
VERTICAL = Check(
    code=codes.UTILITY_VERTICAL,
    title=("地下管线交叉垂直净距", "Vertical clearance where buried lines cross"),
)
GAS = Check(
    code=codes.PROTECTION_ZONE,
    title=("燃气设施保护范围", "Protection zone of gas lines"),
)
#: Rows of the rulebook by the title of their check.
_ROWS = {
    HORIZONTAL.title[1]: "pipe_horizontal",
    VERTICAL.title[1]: "pipe_vertical",
    GAS.title[1]: "gas_zone",
}
#: Metres within which a row without a value is asked for.
ASKED = 5.0
#: No line is wider than twice this (metres).
WIDEST = 4.0
#: Lines whose directions differ by less (degrees) run side by side; others cross.
SIDE_BY_SIDE = 30.0


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class _Meeting:
    """Pairs of elements and lines of one layer, with the plan distance of outer walls."""

    table: FeatureTable
    lines: Buried
    sides: Sides
    element: I64
    line: I64
    value: F64
    crown: F64

    def take(self, kept: Mask) -> "_Meeting":
        return _Meeting(
            table=self.table,
            lines=self.lines,
            sides=self.sides,
            element=self.element[kept],
            line=self.line[kept],
            value=self.value[kept],
            crown=self.crown[kept],
        )


def check_utilities(case: Case, tables: Sequence[FeatureTable]) -> None:
    """Horizontal and vertical clearance of the models to the lines of utility layers."""
    for table in tables:
        met = _meeting(case, table, case.sides)
        if met is None:
            continue
        _unknown(case, met)
        known = _overlapping(case.stock, met) if case.clashed is None else _told(case, met)
        # What overlaps in space is a clash and is told as one.
        _horizontal(case, met.take(~known))
        _vertical(case, met.take(~known))


def _meeting(case: Case, table: FeatureTable, sides: Sides) -> _Meeting | None:
    stock = case.stock
    asked = np.flatnonzero(sides.building | sides.service | sides.unknown)
    flat = shapely.force_2d(table.geometry)
    reach = _reach(case, table)
    box = stock.boxes[asked]
    plan = shapely.box(box[:, 0, 0], box[:, 0, 1], box[:, 1, 0], box[:, 1, 1])
    near = shapely.STRtree(flat).query(plan, predicate="dwithin", distance=reach + WIDEST)
    rows = np.unique(near[1])
    lines = buried(table, rows)
    drawn = int(np.count_nonzero(shapely.get_dimensions(flat[rows]) == 2))
    if drawn:
        case.told.say(
            (
                f"图层“{table.name}”中 {drawn} 个面状管沟的净距",
                f'Clearance to {drawn} areas of layer "{table.name}"',
            ),
            ("只检查线状管线", "only lines are checked"),
        )
    if lines.unsized:
        case.told.say(
            (
                f"图层“{table.name}”中 {lines.unsized} 段管线的净距",
                f'Clearance to {lines.unsized} lines of layer "{table.name}"',
            ),
            ("缺少管径", "their size is not known"),
        )
    if not len(lines):
        return None
    widest = float(lines.half_width.max())
    element, line, distance = stock.near(
        lines.features.geometry, reach=reach + widest, elements=asked[np.unique(near[0])]
    )
    value = distance - lines.half_width[line]
    kept = value <= reach
    element, line, value = element[kept], line[kept], value[kept]
    return _Meeting(
        table=table,
        lines=lines,
        sides=sides,
        element=element,
        line=line,
        value=value,
        crown=_crowns(lines)[line],
    )


def _reach(case: Case, table: FeatureTable) -> float:
    rows = case.rules.rows(*_ROWS.values())
    values = [case.rules.value(r) for r in rows]
    most = max((v for v in values if v is not None), default=0.0)
    return max(most, ASKED) + doubt_of(table, case.rules)


def _crowns(lines: Buried) -> F64:
    """Highest point (L,) of the outside of each line; NaN where heights are not known."""
    found = np.full(len(lines), np.nan)
    known = np.flatnonzero(~shapely.is_missing(lines.deep))
    if len(known):
        points, owner = shapely.get_coordinates(
            lines.deep[known], include_z=True, return_index=True
        )
        high = np.full(len(known), -np.inf)
        np.maximum.at(high, owner, points[:, 2])
        found[known] = high + lines.half_height[known]
    return found


def _unknown(case: Case, met: _Meeting) -> None:
    """Say how many elements and lines nothing tells the kind of."""
    near = met.value <= ASKED
    sides, told = met.sides, case.told
    lost = np.unique(met.element[near & sides.unknown[met.element]])
    silent = sides.service & (sides.kind == "")
    lost_services = np.unique(met.element[near & silent[met.element]])
    strange = np.unique(met.line[near & (met.lines.kind[met.line] == "")])
    name = met.table.name
    if len(lost) or len(lost_services):
        count = len(lost) + len(lost_services)
        told.say(
            (
                f"{count} 个构件与图层“{name}”的净距",
                f'Clearance of {count} elements to layer "{name}"',
            ),
            (
                "构件的类别、系统和名称不能说明它是什么",
                "class, system and name do not tell what they are",
            ),
        )
    if len(strange):
        told.say(
            (
                f"图层“{name}”中 {len(strange)} 段管线的净距",
                f'Clearance to {len(strange)} lines of layer "{name}"',
            ),
            ("管线种类不明", "their kind is not known"),
        )


def _told(case: Case, met: _Meeting) -> Mask:
    """Pairs that the clash core tells of."""
    name = met.table.name
    pairs = {(guid, number) for guid, layer, number in case.clashed or () if layer == name}
    numbers = met.lines.number
    near = np.isin(met.line, [k for k, n in enumerate(numbers) if n in {n for _, n in pairs}])
    found = np.zeros(len(met.value), dtype=np.bool_)
    for k in np.flatnonzero(near).tolist():
        found[k] = (case.stock.guid(int(met.element[k])), numbers[met.line[k]]) in pairs
    return found


def _overlapping(stock: Stock, met: _Meeting) -> Mask:
    """Pairs whose bodies share space: the clash core finds them."""
    found = np.zeros(len(met.value), dtype=np.bool_)
    asked = np.flatnonzero((met.value < 0.0) & ~np.isnan(met.crown))
    if not len(asked):
        return found
    element, line = met.element[asked], met.line[asked]
    path, deep = met.lines.features.geometry[line], met.lines.deep[line]
    shape = stock.shapes(element)
    inside = shapely.intersection(path, shapely.convex_hull(shape))
    beside = shapely.shortest_line(path, shape)
    # Beside the axis only the wall overlaps: look at the nearest spot of the axis.
    inside = np.where(shapely.is_empty(inside), shapely.get_point(beside, 0), inside)
    coordinates = [along(g) for g in inside]
    count = len(SPOTS)
    spots = np.concatenate(coordinates)
    owner = np.repeat(np.arange(len(asked)), count)
    height = heights(deep[owner], spots)
    span = stock.spans(element[owner], spots)
    box = stock.boxes[element[owner], :, 2]
    # Off the body the box stands in: piles, walls and footings are prisms.
    off = np.isnan(span[:, 0])
    apart = (
        shapely.distance(shape[owner], shapely.points(spots)) > met.lines.half_width[line][owner]
    )
    low = np.where(off, box[:, 0], span[:, 0])
    high = np.where(off, box[:, 1], span[:, 1])
    half = met.lines.half_height[line][owner]
    hit = (height + half > low) & (height - half < high) & ~(off & apart)
    np.logical_or.at(found, asked[owner], hit)
    return found


def _pair_rows(rows: Sequence[Row], met: _Meeting) -> U8:
    """Rows (R, P) that speak of the kinds of the pairs and of their other attributes."""
    sides, lines = met.sides, met.lines
    found = np.zeros((len(rows), len(met.value)), dtype=np.uint8)
    kind = lines.kind[met.line]
    for r, row in enumerate(rows):
        for mine, its in {row.pair, row.pair[::-1]}:
            fits = sides.of(mine)[met.element] & (kind == its)
            if not fits.any():
                continue
            known = {
                "pressure": _where(its == "gas", lines.pressure[met.line]),
                "laying": _where(its == row.pair[0], lines.laying[met.line]),
                "diameter_mm": np.where(
                    (its == "water"), lines.diameter_mm[met.line], np.full(len(kind), np.nan)
                ),
                "wall_mm": lines.wall_mm[met.line],
            }
            holding = holds([row], len(kind), known)[0]
            found[r] = np.where(fits, np.maximum(found[r], holding), found[r])
    return found


def _where(mine: bool, words: np.ndarray) -> np.ndarray:  # noqa: FBT001 one test of the caller
    """The words where they speak of the right side, else unknown."""
    return words if mine else np.full(len(words), "", dtype=object)


def _horizontal(case: Case, met: _Meeting) -> None:
    stock, sides = case.stock, met.sides
    house = sides.building[met.element]
    standing, known = on_ground(stock, met.element, ground=case.ground, crown=met.crown)
    unknown = int(np.count_nonzero(house & ~known))
    if unknown:
        case.told.say(
            (
                f"建筑与图层“{met.table.name}”的水平净距（{unknown} 处）",
                f'Buildings to layer "{met.table.name}" in plan ({unknown} places)',
            ),
            (
                "地面与管线高程均未知，不能判断构件是否落地；请提供地形或参数 site.ground_m",
                "neither ground nor pipe heights are known; give a terrain or site.ground_m",
            ),
        )
    service = sides.service[met.element] & below_ground(
        stock, met.element, ground=case.ground, crown=met.crown
    )
    service[service] = _side_by_side(stock, met, np.flatnonzero(service))
    standing &= house & known
    zone = met.take(standing & (met.lines.kind[met.line] == "gas"))
    met = met.take(standing | service)
    doubt = doubt_of(met.table, case.rules)
    # Over or under the line there is no distance in plan, however far in it lies.
    value = np.maximum(met.value, 0.0)
    _tell(case, HORIZONTAL, met, doubt=doubt, value=value, height=met.crown)
    _tell(case, GAS, zone, doubt=doubt, value=np.maximum(zone.value, 0.0), height=zone.crown)


def _side_by_side(stock: Stock, met: _Meeting, asked: I64) -> Mask:
    """Which of the pairs `asked` run along each other where they are nearest."""
    if not len(asked):
        return np.zeros(0, dtype=np.bool_)
    shape = stock.shapes(met.element[asked])
    path = met.lines.features.geometry[met.line[asked]]
    envelope = shapely.oriented_envelope(shapely.convex_hull(shape))
    axis = np.array([_long_axis(g) for g in envelope])
    spot = shapely.get_point(shapely.shortest_line(path, shape), 0)
    at = shapely.line_locate_point(path, spot)
    way = shapely.get_coordinates(shapely.line_interpolate_point(path, at + 0.5))
    way = way - shapely.get_coordinates(
        shapely.line_interpolate_point(path, np.maximum(at - 0.5, 0.0))
    )
    cos = np.abs(np.einsum("ij,ij->i", axis, way))
    size = np.linalg.norm(axis, axis=1) * np.linalg.norm(way, axis=1)
    found: Mask = cos > np.cos(np.radians(SIDE_BY_SIDE)) * size
    return found


def _long_axis(envelope: shapely.Geometry) -> F64:
    """The longer side (2,) of a rectangle; of a line, itself."""
    steps: F64 = np.diff(shapely.get_coordinates(envelope), axis=0)
    if not len(steps):
        return np.zeros(2)
    longest: F64 = steps[int(np.argmax(np.linalg.norm(steps, axis=1)))]
    return longest


def _vertical(case: Case, met: _Meeting) -> None:
    """Services that a line crosses above or below."""
    stock, sides = case.stock, met.sides
    met = met.take(sides.service[met.element] & (met.value < 0.0) & ~np.isnan(met.crown))
    if not len(met.value):
        return
    shape, path = stock.shapes(met.element), met.lines.features.geometry[met.line]
    across = shapely.intersection(path, shapely.convex_hull(shape))
    beside = shapely.shortest_line(path, shape)
    spot = shapely.centroid(np.where(shapely.is_empty(across), beside, across))
    spots = shapely.get_coordinates(spot)
    span = stock.spans(met.element, spots)
    box = stock.boxes[met.element, :, 2]
    span = np.where(np.isnan(span), box, span)
    height = heights(met.lines.deep[met.line], spots)
    half = met.lines.half_height[met.line]
    above, below = span[:, 0] - (height + half), (height - half) - span[:, 1]
    value = np.maximum(above, below)
    doubt = doubt_of(met.table, case.rules, kind="utility-vertical")
    _tell(case, VERTICAL, met, doubt=doubt, value=value, height=height)


def _tell(
    case: Case, check: Check, met: _Meeting, *, doubt: float, value: F64, height: F64
) -> None:
    if not len(value):
        return
    rows = case.rules.rows(_ROWS[check.title[1]])
    holding = _pair_rows(rows, met)
    # A row without a value matters where its pair is near; at most as far as others reach.
    far = np.array([case.rules.value(r) is None for r in rows])[:, None] & (value > ASKED)[None]
    pairs = Pairs(
        element=met.element,
        feature=met.line,
        value=value,
        doubt=np.full(len(value), doubt),
        height=height,
    )
    holding = np.where(far, np.uint8(Holds.NO), holding)
    tell(
        case,
        check,
        Measured(features=met.lines.features, pairs=pairs, rows=rows, holding=holding),
    )
