"""Layers as the map shows them: shapes in plan, thinned to a stated tolerance, with a few values."""

from collections.abc import Sequence
from functools import lru_cache
from itertools import pairwise
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

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
    # Simplifying cannot go below a line's two ends and a ring's four: then it is not tried.
    budget = max(VERTICES, 1.5 * sum(_fewest(s) for s in shapes))
    for tolerance in TOLERANCES:
        if tolerance:
            found = [_coarser(s, tolerance) for s in shapes]
        if sum(int(shapely.get_num_coordinates(s).sum()) for s in found) <= budget:
            return tolerance, found
    return TOLERANCES[-1], found


def _fewest(shapes: NDArray[np.object_]) -> int:
    """The least number of vertices that shapes can have."""
    parts = shapely.get_parts(shapely.get_parts(shapes))
    rings = shapely.get_num_interior_rings(parts) + 1
    dimension = shapely.get_dimensions(parts)
    return int(np.choose(np.clip(dimension, 0, 2), [np.ones_like(rings), 2, 4 * rings]).sum())


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
    shapes = _shapes(flat)
    features = []
    for row in rows:
        if row not in shapes:
            continue
        feature = shapes[row]
        if utility:
            feature["kind"] = colour_group(
                fields.text("kind", row), kind_of(fields, row, table.name)
            )
        if row in widths:
            feature["width_m"] = widths[row]
        if row in heights:
            feature["z"] = heights[row]
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


def _shapes(flat: NDArray[np.object_]) -> dict[int, dict[str, Any]]:
    """``{"type": point|line|area, "parts": [...]}`` of each row that is not empty.

    Of a mixture the parts of the highest dimension are shown.
    """
    parts, row = shapely.get_parts(flat, return_index=True)
    inner, of = shapely.get_parts(parts, return_index=True)  # a collection of collections
    parts, row = inner, row[of]
    keep = ~shapely.is_empty(parts)
    parts, row = parts[keep], row[keep]
    dimension = shapely.get_dimensions(parts)
    highest = np.zeros(len(flat), dtype=np.int64)
    np.maximum.at(highest, row, dimension)
    found: dict[int, dict[str, Any]] = {}
    for kind, word in enumerate(("point", "line", "area")):
        chosen = np.flatnonzero((dimension == kind) & (highest[row] == kind))
        drawn: list[Any] = _areas(parts[chosen]) if kind == 2 else _lines(parts[chosen])
        for at, one in zip(row[chosen].tolist(), drawn, strict=True):
            entry = found.setdefault(at, {"type": word, "parts": []})
            entry["parts"].append(one[0] if kind == 0 else one)
    return found


def _lines(parts: NDArray[np.object_]) -> list[list[list[float]]]:
    """Rounded coordinates of each of many lines or points."""
    points, owner = shapely.get_coordinates(parts, return_index=True)
    ends = np.searchsorted(owner, np.arange(len(parts) + 1)).tolist()
    rounded = np.round(points, DECIMALS).tolist()
    return [rounded[a:b] for a, b in pairwise(ends)]


def _areas(parts: NDArray[np.object_]) -> list[list[list[list[float]]]]:
    """Rings of each of many polygons, without their closing points."""
    edges, owner = shapely.get_rings(parts, return_index=True)
    lines = [ring[:-1] for ring in _lines(edges)]
    ends = np.searchsorted(owner, np.arange(len(parts) + 1)).tolist()
    return [lines[a:b] for a, b in pairwise(ends)]


def areas(shape: shapely.Geometry) -> list[list[list[list[float]]]]:
    """Rings of all polygons of a shape."""
    parts = shapely.get_parts(shape)
    return _areas(parts[shapely.get_type_id(parts) == 3])


def points_of(shape: shapely.Geometry) -> list[list[float]]:
    """Coordinates in plan, rounded."""
    points: list[list[float]] = np.round(shapely.get_coordinates(shape), DECIMALS).tolist()
    return points


def _heights(geometry: NDArray[np.object_]) -> dict[int, list[float]]:
    """Lowest and highest z of each feature that has any."""
    if not shapely.has_z(geometry).any():
        return {}
    points, rows = shapely.get_coordinates(geometry, include_z=True, return_index=True)
    good = np.isfinite(points[:, 2])
    if not good.any():  # heights of a datum that leads nowhere are no numbers
        return {}
    rows, z = rows[good], points[good, 2]
    order = np.lexsort((z, rows))
    rows, z = rows[order], np.round(z[order], DECIMALS)
    named, first = np.unique(rows, return_index=True)
    last = np.concatenate([first[1:], [len(rows)]]) - 1
    ranges = np.stack([z[first], z[last]], axis=1)
    return dict(zip(named.tolist(), ranges.tolist(), strict=True))


def _widths(fields: Fields, count: int) -> dict[int, float]:
    """Outer width in metres of each line of a utility layer that has a size."""
    raw: dict[int, Size] = {r: s for r in range(count) if (s := size_of(fields, r)) is not None}
    name = fields.names.get("size", fields.names.get("width", ""))
    unit = unit_of(name, list(raw.values()))
    return {r: round(outer_size(fields, r, s, unit).width, 3) for r, s in raw.items()}


@lru_cache(maxsize=1024)
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
