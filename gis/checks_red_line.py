"""Models against the red line and the setback: what stands outside or too near."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from bimcore.arrays import F64, I32, I64, Mask
from bimcore.findings import Finding
from bimcore.mesh import MeshSet
from bimcore.model import Model
from gis import check_codes, layer_codes as codes
from gis.bands import ROUNDING, WORDS, Band, doubt_of, holds
from gis.conflicts import Case, Check, Features, Measured, Pairs, tell
from gis.federation import cause
from gis.layers import FeatureTable
from gis.outlines import polygonal, to_edge
from gis.rulebook import RED_LINE
from gis.sides import FENCES, below_ground, says
from gis.stock import GROUND, Stock

SETBACK = Check(code=check_codes.SETBACK, title=("建筑退让检查", "Setback"), by_feature=True)

#: Ends of lines this near (metres) are meant to meet.
GAP = 0.05
#: What stands out by less (metres) is rounding of survey and conversion, not a violation.
TOLERANCE = 0.01


@dataclass(frozen=True, slots=True, kw_only=True)
class _Outside:
    """How far an element reaches over the line, and where."""

    distance: float
    point: tuple[float, float, float]


def check_red_line(case: Case, tables: Sequence[FeatureTable]) -> None:
    """What stands outside the red line, or nearer to it than the setback."""
    area = _area(case, tables, ("用地红线检查", "Containment in the red line"))
    if area is None:
        return
    doubt = max(doubt_of(t, case.rules) for t in tables)
    name = " / ".join(sorted({t.name for t in tables}))
    for model in case.stock.models:
        case.told.findings += [_banded(f, name, doubt) for f in contained(model, area)]
    check_setback(case, area, layer=name, doubt=doubt)


def check_setback_line(case: Case, tables: Sequence[FeatureTable]) -> None:
    """What stands outside the setback line that a layer draws."""
    area = _area(case, tables, ("建筑退让检查", "Setback"))
    if area is None:
        return
    doubt = max(doubt_of(t, case.rules) for t in tables)
    name = " / ".join(sorted({t.name for t in tables}))
    stock = case.stock
    built = _held_back(case)
    line = _outline(name, area, ("退让线", "setback line"))
    value = _beyond(stock, built, area)
    _tell_setback(case, built, value, line=line, check="setback_line", doubt=doubt)


def check_setback(case: Case, area: shapely.Geometry, *, layer: str, doubt: float) -> None:
    """What stands nearer to the red line than the project's setback."""
    stock = case.stock
    built = _held_back(case)
    if not len(built):
        return
    below = np.zeros(len(built), dtype=np.bool_)
    if case.ground.known:
        blank = np.full(len(built), np.nan)
        below = below_ground(stock, built, ground=case.ground, crown=blank)
    else:
        # Without a ground only foundations are sure to lie below it.
        below = case.sides.foundation[built]
    line = _outline(layer, area, ("用地红线", "red line"))
    inside = shapely.covers(area.buffer(TOLERANCE), stock.shapes(built))
    for check, part in (("setback", ~below), ("setback_underground", below)):
        rows = built[part & inside]
        if len(rows):
            value = shapely.distance(stock.shapes(rows), line.geometry[0])
            _tell_setback(case, rows, value, line=line, check=check, doubt=doubt)


def _held_back(case: Case) -> I64:
    """Parts of buildings; a fence or a boundary wall stands on the line by its nature."""
    stock = case.stock
    fence = says(FENCES, stock.texts("name"), stock.texts("object_type"))
    return np.flatnonzero(case.sides.building & ~fence)


def _tell_setback(
    case: Case, elements: I64, value: F64, *, line: Features, check: str, doubt: float
) -> None:
    rows = case.rules.rows(check)
    pairs = Pairs(
        element=elements,
        feature=np.zeros(len(elements), dtype=np.int64),
        value=value,
        doubt=np.full(len(elements), doubt),
        height=np.full(len(elements), np.nan),
    )
    holding = holds(rows, len(elements), {})
    tell(case, SETBACK, Measured(features=line, pairs=pairs, rows=rows, holding=holding))


def _outline(layer: str, area: shapely.Geometry, name: tuple[str, str]) -> Features:
    edge = np.full(1, None, dtype=object)
    edge[0] = shapely.boundary(area)
    return Features(layer=layer, geometry=edge, zh=(name[0],), en=(name[1],), key=(name[1],))


def _beyond(stock: Stock, elements: I64, area: shapely.Geometry) -> F64:
    """How far (N,) elements stay inside of an area; negative: how far they reach out."""
    shapes = stock.shapes(elements)
    value: F64 = shapely.distance(shapes, shapely.boundary(area))
    grown = area.buffer(ROUNDING)
    shapely.prepare(grown)
    out = np.flatnonzero(~shapely.covers(grown, shapes))
    for k in out.tolist():
        vertices, faces = stock.body(int(elements[k]))
        corners = vertices[~shapely.contains_xy(grown, vertices[:, 0], vertices[:, 1])]
        spots = to_edge(corners[:, :2], area).max() if len(corners) else 0.0
        span = _worst_span(vertices, faces, area, grown)
        value[k] = -max(float(spots), 0.0 if span is None else span.distance)
    return value


def _area(
    case: Case, tables: Sequence[FeatureTable], what: tuple[str, str]
) -> shapely.Geometry | None:
    """The area that lines enclose; None, and why, when they enclose none."""
    area = enclosed(tables)
    if not area.is_empty:
        gaps = shapely.length(_bridges(_lines(tables)))
        if len(gaps):
            name = " / ".join(sorted({t.name for t in tables}))
            case.told.findings.append(
                Finding.of(
                    codes.GAPS_CLOSED, name=name, count=len(gaps), gap_mm=1e3 * float(gaps.max())
                )
            )
        return area
    case.told.findings.append(Finding.of(codes.RED_LINE_OPEN))
    case.told.say(what, ("图层没有闭合的面", "the layer encloses no area"))
    return None


def _banded(finding: Finding, layer: str, doubt: float) -> Finding:
    """The finding of the red line with its band."""
    out = finding.data.get("distance_m")
    beyond = float(out) if isinstance(out, int | float) else 0.0
    band = Band.VIOLATION if beyond > doubt else Band.WITHIN
    told = {
        "rule": RED_LINE,
        "citation": {
            "standard": "用地红线图层",
            "clause": "—",
            "edition": "—",
            "source": layer,
            "status": "definition",
        },
        "band": WORDS[band][0],
        "value_m": -beyond,
        "required_m": 0.0,
        "uncertainty_m": doubt,
        "layer": layer,
        "measured_from": "用地红线，水平距离",
    }
    severity = finding.severity if band == Band.VIOLATION else finding.severity // 2
    return replace(finding, severity=severity, data={**finding.data, **told})


def enclosed(tables: Sequence[FeatureTable]) -> shapely.Geometry:
    """The area inside the red line: polygons, and what closed or joined lines enclose."""
    shapes = [g for t in tables for g in t.geometry]
    flat = shapely.force_2d(np.array(shapes, dtype=object))
    polygons = [polygonal(g) for g in flat[shapely.get_dimensions(flat) == 2]]
    lines = _lines(tables)
    noded = shapely.union_all(np.concatenate([lines, _bridges(lines)]))
    polygons += list(shapely.polygonize(shapely.get_parts(noded)).geoms)
    return polygonal(shapely.union_all(polygons))


def _lines(tables: Sequence[FeatureTable]) -> NDArray[np.object_]:
    """The lines of layers in plan, cut where they cross."""
    shapes = np.array([g for t in tables for g in t.geometry], dtype=object)
    flat = shapely.force_2d(shapes[shapely.get_dimensions(shapes) == 1])
    parts: NDArray[np.object_] = shapely.get_parts(shapely.union_all(flat))
    return parts


def _bridges(lines: NDArray[np.object_]) -> NDArray[np.object_]:
    """Short lines over the gaps between ends that meet no other line, each end used once."""
    points, owner = shapely.get_coordinates(lines, return_index=True)
    if not len(points):
        return lines[:0]
    first = np.searchsorted(owner, np.arange(len(lines)))
    last = np.append(first[1:], len(points)) - 1
    ends, count = np.unique(points[np.concatenate([first, last])], axis=0, return_counts=True)
    free = shapely.points(ends[count == 1])
    a, b = shapely.STRtree(free).query(free, predicate="dwithin", distance=GAP)
    found, used = [], set[int]()
    apart = shapely.distance(free[a], free[b])
    for k in np.lexsort((b, a, apart)).tolist():
        i, j = int(a[k]), int(b[k])
        if i < j and not {i, j} & used:
            used |= {i, j}
            found.append(shapely.LineString([free[i], free[j]]))
    return np.array(found, dtype=object)


def contained(model: Model, area: shapely.Geometry) -> list[Finding]:
    """What of a model lies outside `area` by more than ``TOLERANCE``, a finding per storey.

    A model of which nothing lies inside gives one finding that doubts its placement.
    """
    rows = np.flatnonzero(model.elements.clash_body & model.meshes.has_body)
    rows = rows[~model.elements.is_a(*GROUND)[rows]]
    rows = rows[np.isfinite(model.meshes.bounds()[rows]).all(axis=(1, 2))]
    if len(rows) == 0:
        return []
    bodies = model.meshes.take(rows)
    points = bodies.vertices
    grown = area.buffer(TOLERANCE)
    shapely.prepare(grown)
    within = shapely.contains_xy(grown, points[:, 0], points[:, 1])
    if not within.any() and not _plan(bodies).intersects(area):
        return [_off_site(model, points, area)]
    outside = _vertices_outside(bodies, within, area) | _spans_outside(bodies, within, area, grown)
    return _by_storey(model, {int(rows[k]): v for k, v in outside.items()})


def _plan(bodies: MeshSet) -> shapely.Geometry:
    """The convex outline of everything, seen from above."""
    return shapely.convex_hull(shapely.multipoints(bodies.vertices[:, :2]))


def _off_site(model: Model, points: F64, area: shapely.Geometry) -> Finding:
    distances = to_edge(points[:, :2], area)
    nearest = int(np.argmin(distances))
    shift = points[:, :2].mean(axis=0) - shapely.get_coordinates(shapely.centroid(area))[0]
    zh, en = cause(shift)
    return Finding.of(
        codes.MODEL_OFF_SITE,
        model=model.name,
        point=_triple(points[nearest]),
        distance_m=float(distances[nearest]),
        shift_east_m=float(shift[0]),
        shift_north_m=float(shift[1]),
        cause_zh=zh,
        cause_en=en,
    )


def _vertices_outside(bodies: MeshSet, within: Mask, area: shapely.Geometry) -> dict[int, _Outside]:
    """The worst vertex of each body that has one outside."""
    out = np.flatnonzero(~within)
    if len(out) == 0:
        return {}
    distances = to_edge(bodies.vertices[out, :2], area)
    body = np.searchsorted(bodies.vertex_start, out, side="right") - 1
    found: dict[int, _Outside] = {}
    for k in np.lexsort((out, -distances)).tolist():
        found.setdefault(
            int(body[k]),
            _Outside(distance=float(distances[k]), point=_triple(bodies.vertices[out[k]])),
        )
    return found


def _spans_outside(
    bodies: MeshSet, within: Mask, area: shapely.Geometry, grown: shapely.Geometry
) -> dict[int, _Outside]:
    """Bodies with every vertex inside that still reach over a notch or a hole of the area."""
    if shapely.convex_hull(area).difference(grown).is_empty:
        return {}
    whole = np.logical_and.reduceat(within, bodies.vertex_start[:-1])
    boxes = bodies.bounds()
    plan = shapely.box(boxes[:, 0, 0], boxes[:, 0, 1], boxes[:, 1, 0], boxes[:, 1, 1])
    found = {}
    for k in np.flatnonzero(whole & ~shapely.covers(grown, plan)).tolist():
        vertices, faces = bodies.body(k)
        worst = _worst_span(vertices, faces, area, grown)
        if worst is not None:
            found[k] = worst
    return found


def _worst_span(
    vertices: F64, faces: I32, area: shapely.Geometry, grown: shapely.Geometry
) -> _Outside | None:
    flat = vertices[faces][:, :, :2]
    edges = shapely.linestrings(np.concatenate([flat[:, [0, 1]], flat[:, [1, 2]], flat[:, [2, 0]]]))
    triangles = shapely.polygons(flat)
    shapes = np.concatenate([edges, triangles[shapely.area(triangles) > 1e-9]])
    parts = shapely.difference(shapes[~shapely.covers(grown, shapes)], grown)
    parts = parts[~shapely.is_empty(parts)]
    # Both ends of a span lie on the line: its middle is what reaches furthest.
    spots = shapely.get_coordinates(shapely.segmentize(parts, shapely.length(parts) / 16))
    if len(spots) == 0:
        return None
    distances = to_edge(spots, area)
    k = int(np.argmax(distances))
    height = float(vertices[:, 2].mean())
    point = (float(spots[k, 0]), float(spots[k, 1]), height)
    return _Outside(distance=float(distances[k]), point=point)


def _by_storey(model: Model, outside: Mapping[int, _Outside]) -> list[Finding]:
    storeys: dict[str, list[int]] = {}
    for row in sorted(outside):
        storeys.setdefault(model.elements.storey[row], []).append(row)
    found = []
    for storey, rows in sorted(storeys.items()):
        rows.sort(key=lambda r: (-outside[r].distance, model.elements.guid[r]))
        worst = rows[0]
        found.append(
            Finding.of(
                codes.OUTSIDE_RED_LINE,
                model=model.name,
                elements=[model.elements.guid[r] for r in rows],
                point=outside[worst].point,
                count=len(rows),
                distance_m=outside[worst].distance,
                name=model.elements.name[worst] or model.elements.ifc_class[worst],
                storey=storey,
                **_who(len(rows), storey),
                distances_m=[round(outside[r].distance, 4) for r in rows],
            )
        )
    return found


def _who(count: int, storey: str) -> dict[str, Any]:
    """How many elements of which storey, as the message begins."""
    elements = "element" if count == 1 else "elements"
    cross = "crosses" if count == 1 else "cross"
    return {
        "who_zh": f"{storey} 有 {count} 个构件" if storey else f"{count} 个构件",
        "who_en": f"{count} {elements}{f' on {storey}' if storey else ''} {cross}",
    }


def _triple(point: F64) -> tuple[float, float, float]:
    x, y, z = (float(v) for v in point)
    return (x, y, z)
