"""Layers as the map shows them: shapes in plan, thinned to a stated tolerance, with a few values."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from bimcore.arrays import F64
from gis.layers import FeatureTable
from gis.pipe_fields import Fields, Size, kind_of, outer_size, size_of, unit_of

#: Coordinates are rounded to this many decimals of a metre.
DECIMALS = 2
#: Vertices of all layers together above which shapes are simplified.
VERTICES = 250_000
#: Steps of the tolerance in metres, coarsest last.
TOLERANCES = (0.0, 0.05, 0.1, 0.25, 0.5, 1.0, 2.0, 5.0)
#: Points of one layer above which they are thinned to one a cell.
POINTS = 20_000
#: Fields shown of a feature, features up to which they are, and characters of a value.
FIELDS, ROWS, CHARACTERS = 10, 20_000, 120

#: First letters of CJJ 61 kind codes, and words, by the colour group of the standard. Sewers
#: first: "waste water" is no water main.
_GROUPS: tuple[tuple[str, tuple[str, ...], tuple[str, ...]], ...] = (
    (
        "sewer",
        ("PS", "YS", "WS", "HS"),
        ("排水", "雨水", "污水", "合流", "sewer", "drain", "storm", "waste", "sewage"),
    ),
    ("water", ("JS",), ("给水", "中水", "消防", "供水", "water", "potable", "fire main")),
    ("gas", ("RQ", "MQ", "TR", "YH"), ("燃气", "煤气", "天然气", "液化气", "gas")),
    ("heat", ("RL",), ("热力", "蒸汽", "供热", "heat", "steam")),
    ("power", ("DL", "GD", "LD", "XH"), ("电力", "供电", "路灯", "电缆", "power", "electric")),
    ("telecom", ("TX",), ("通信", "电信", "光缆", "telecom", "communication", "fibre")),
    ("industrial", ("GY",), ("工业", "industrial", "oil")),
    ("gallery", ("ZH",), ("综合管", "管廊", "gallery", "tunnel")),
)


def plan_layers(tables: Sequence[FeatureTable]) -> list[dict[str, Any]]:
    """Layers in the project frame as JSON.

    Shapes lie in plan, metres of the frame. Where all layers together have more vertices than
    ``VERTICES``, every shape is simplified by the same tolerance, which is stated; no feature
    is left out but points of very large layers, which keep one a cell, stated as well.

    Parameters
    ----------
    tables : sequence of FeatureTable
        Located by :func:`gis.layers.located`.

    """
    flat = [shapely.force_2d(t.geometry) for t in tables]
    tolerance, flat = _simplified(flat)
    return [_layer(t, g, tolerance) for t, g in zip(tables, flat, strict=True)]


def _simplified(
    shapes: Sequence[NDArray[np.object_]],
) -> tuple[float, list[NDArray[np.object_]]]:
    """All shapes with the least tolerance by which they stay within the budget."""
    found = list(shapes)
    for tolerance in TOLERANCES:
        if tolerance:
            found = [_coarser(s, tolerance) for s in shapes]
        if sum(int(shapely.get_num_coordinates(s).sum()) for s in found) <= VERTICES:
            return tolerance, found
    return TOLERANCES[-1], found


def _coarser(shapes: NDArray[np.object_], tolerance: float) -> NDArray[np.object_]:
    """Simplified shapes; one that would vanish stays as it is."""
    found: NDArray[np.object_] = shapely.simplify(shapes, tolerance, preserve_topology=False)
    gone = shapely.is_empty(found)
    found[gone] = shapes[gone]
    return found


def _layer(table: FeatureTable, flat: NDArray[np.object_], tolerance: float) -> dict[str, Any]:
    rows, cell = _kept(flat)
    fields = Fields.of(table)
    utility = table.role == "utility"
    widths = _widths(fields, len(table)) if utility else {}
    names = _fields(table, fields) if len(table) <= ROWS else []
    heights = _heights(table.geometry)
    features = []
    for row in rows:
        shape = _shape(flat[row])
        if shape is None:
            continue
        feature: dict[str, Any] = shape
        if utility:
            feature["kind"] = colour_group(
                fields.text("kind", row), kind_of(fields, row, table.name)
            )
        if row in widths:
            feature["width_m"] = widths[row]
        if heights is not None and np.isfinite(heights[row]).all():
            feature["z"] = [round(float(v), DECIMALS) for v in heights[row]]
        if names:
            feature["values"] = [_value(table.columns[n][row]) for n in names]
        features.append(feature)
    return {
        "name": table.name,
        "role": table.role,
        "vertical_datum": table.vertical_datum,
        "datum_offset_m": table.datum_offset,
        "accuracy_m": table.accuracy,
        "date": table.date,
        "count": len(table),
        "tolerance_m": max(tolerance, 0.5 * 10.0**-DECIMALS),
        "one_point_per_m": cell,
        "fields": names,
        "fields_left_out": len(table.columns) - len(names),
        "features": features,
    }


def _kept(flat: NDArray[np.object_]) -> tuple[list[int], float | None]:
    """Rows to show, and the cell in metres to which single points were thinned, if they were."""
    points = shapely.get_type_id(flat) == 0
    if points.sum() <= POINTS:
        return list(range(len(flat))), None
    xy = shapely.get_coordinates(flat[points])
    span = float((xy.max(axis=0) - xy.min(axis=0)).max()) or 1.0
    cell = span / 16
    _, first = np.unique(np.floor(xy / cell), axis=0, return_index=True)
    while True:
        _, finer = np.unique(np.floor(xy / (cell / 2)), axis=0, return_index=True)
        if len(finer) > POINTS or cell < 0.01:
            break
        cell, first = cell / 2, finer
    kept = ~points
    kept[np.flatnonzero(points)[first]] = True
    return np.flatnonzero(kept).tolist(), round(cell, 3)


def _shape(shape: shapely.Geometry) -> dict[str, Any] | None:
    """``{"type": point|line|area, "parts": [...]}``; None for what is empty."""
    parts = shapely.get_parts(shape)
    if len(parts) and parts[0].geom_type in {"GeometryCollection", "MultiPolygon"}:
        parts = shapely.get_parts(parts)
    if not len(parts):
        return None
    worst = max(parts, key=shapely.get_dimensions)
    dimension = int(shapely.get_dimensions(worst))
    parts = [p for p in parts if shapely.get_dimensions(p) == dimension]
    if dimension == 0:
        return {"type": "point", "parts": [points_of(p)[0] for p in parts]}
    if dimension == 1:
        return {"type": "line", "parts": [points_of(p) for p in parts]}
    return {"type": "area", "parts": [rings(p) for p in parts]}


def rings(polygon: shapely.Geometry) -> list[list[list[float]]]:
    """Outer ring, then the holes, of one polygon; each without its closing point."""
    found = [polygon.exterior, *polygon.interiors]
    return [points_of(r)[:-1] for r in found]


def areas(shape: shapely.Geometry) -> list[list[list[list[float]]]]:
    """Rings of all polygons of a shape."""
    return [rings(p) for p in shapely.get_parts(shape) if p.geom_type == "Polygon"]


def points_of(shape: shapely.Geometry) -> list[list[float]]:
    """Coordinates in plan, rounded."""
    points: list[list[float]] = np.round(shapely.get_coordinates(shape), DECIMALS).tolist()
    return points


def _heights(geometry: NDArray[np.object_]) -> F64 | None:
    """Lowest and highest z (N, 2) of each feature; None where no feature has any."""
    if not shapely.has_z(geometry).any():
        return None
    points, rows = shapely.get_coordinates(geometry, include_z=True, return_index=True)
    found = np.full((len(geometry), 2), np.nan)
    good = np.isfinite(points[:, 2])
    rows, z = rows[good], points[good, 2]
    order = np.lexsort((z, rows))
    rows, z = rows[order], z[order]
    named, first = np.unique(rows, return_index=True)
    if len(named):
        last = np.concatenate([first[1:], [len(rows)]]) - 1
        found[named] = np.stack([z[first], z[last]], axis=1)
    return found


def _widths(fields: Fields, count: int) -> dict[int, float]:
    """Outer width in metres of each line of a utility layer that has a size."""
    raw: dict[int, Size] = {r: s for r in range(count) if (s := size_of(fields, r)) is not None}
    name = fields.names.get("size", fields.names.get("width", ""))
    unit = unit_of(name, list(raw.values()))
    return {r: round(outer_size(fields, r, s, unit).width, 3) for r, s in raw.items()}


def colour_group(kind: str, known: str) -> str:
    """The colour group after CJJ 61 of a kind as it is written and as it was understood."""
    for text in (known, kind):
        code = text.strip().upper()[:2]
        folded = text.casefold()
        for group, codes, words in _GROUPS:
            if code in codes or any(w in folded for w in words):
                return group
    return "unknown"


def _fields(table: FeatureTable, fields: Fields) -> list[str]:
    """Fields that say something: those with a meaning first, then others, never empty ones."""
    said = [n for n, v in table.columns.items() if any(_value(x) not in (None, "") for x in v)]
    known = [n for n in fields.names.values() if n in said]
    order = [*dict.fromkeys(known), *(n for n in said if n not in known)]
    chosen = set(order[:FIELDS])
    return [n for n in table.columns if n in chosen]


def _value(value: Any) -> float | int | str | bool | None:
    """A value as JSON knows it; a long text ends in an ellipsis."""
    if value is None or isinstance(value, bool | int):
        return value
    if isinstance(value, float):
        return round(value, 6) if np.isfinite(value) else None
    text = str(value).strip()
    return text if len(text) <= CHARACTERS else text[: CHARACTERS - 1] + "…"
