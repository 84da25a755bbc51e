"""The ground as the map shows it: contour lines at round heights."""

import math
from typing import Any

import numpy as np
import shapely

from bimcore.arrays import F64, I32
from gis.plan import DECIMALS, areas, points_of
from gis.terrain import Grid, Terrain

Box = tuple[float, float, float, float]

#: Triangles that contours are drawn from; a larger grid is looked at near the models, and
#: where that does not suffice, at every other line of it.
TRIANGLES = 300_000
#: Metres around the models within which a large terrain is looked at, at least.
AROUND = 200.0
#: Contour lines are simplified by this many metres.
TOLERANCE = 0.05


def plan_terrain(terrain: Terrain, *, near: Box | None, height: float) -> dict[str, Any]:
    """A located terrain as a layer of the map.

    Parameters
    ----------
    terrain : Terrain
        In the project frame.
    near : tuple of float or None
        Least x, least y, greatest x, greatest y of the models.
    height : float
        Map height of the frame's origin: contours lie at round heights of the map.

    Returns
    -------
    dict
        As of :func:`gis.plan.plan_layers`, with ``contours``: ``interval_m``, ``low_m``,
        ``high_m``, ``lines``, ``outline`` of all the ground there is, and where that is
        larger, the box ``within`` which lines were drawn and every how many-th grid line.

    """
    total = _triangles(terrain)
    within = None
    if total > TRIANGLES and near is not None:
        reach = max(AROUND, near[2] - near[0], near[3] - near[1])
        within = (near[0] - reach, near[1] - reach, near[2] + reach, near[3] + reach)
    stride = 1
    vertices, faces = terrain.mesh(within)
    if isinstance(terrain.surface, Grid) and len(faces) > TRIANGLES:
        stride = math.ceil(math.sqrt(len(faces) / TRIANGLES))
        vertices, faces = terrain.mesh(within, stride=stride)
    return {
        "name": terrain.name,
        "role": "terrain",
        "vertical_datum": terrain.vertical_datum,
        "datum_offset_m": terrain.datum_offset,
        "accuracy_m": terrain.accuracy,
        "date": terrain.date,
        "count": total,
        "tolerance_m": TOLERANCE,
        "one_point_per_m": None,
        "fields": [],
        "fields_left_out": 0,
        "features": [],
        "contours": {
            **contours(vertices, faces, height=height),
            "outline": areas(shapely.box(*terrain.bounds)),
            "within": None if within is None else [round(v, DECIMALS) for v in within],
            "every": stride,
        },
    }


def _triangles(terrain: Terrain) -> int:
    surface = terrain.surface
    return 2 * surface.z.size if isinstance(surface, Grid) else len(surface.faces)


def contours(vertices: F64, faces: I32, *, height: float) -> dict[str, Any]:
    """Contour lines of a surface of triangles, at round heights of the map.

    Parameters
    ----------
    vertices : (V, 3) float64
        Metres of the project frame.
    faces : (F, 3) int32
    height : float
        Map height of the frame's origin.

    Returns
    -------
    dict
        ``interval_m``, ``lines`` of ``{"height_m", "parts"}``, and ``low_m``, ``high_m``.

    """
    z = vertices[:, 2] + height
    used = z[np.unique(faces)] if len(faces) else z[:0]
    used = used[np.isfinite(used)]
    if not len(used):
        return {"interval_m": None, "lines": [], "low_m": None, "high_m": None}
    low, high = float(used.min()), float(used.max())
    interval = _interval(high - low)
    levels = np.arange(np.ceil(low / interval), np.floor(high / interval) + 1) * interval
    corners = np.concatenate([vertices[faces][:, :, :2], z[faces][:, :, None]], axis=2)
    corners = corners[np.isfinite(corners).all(axis=(1, 2))]
    lines = [
        {"height_m": round(float(level), 3), "parts": parts}
        for level in levels
        if (parts := _contour(corners, float(level)))
    ]
    return {
        "interval_m": interval,
        "lines": lines,
        "low_m": round(low, DECIMALS),
        "high_m": round(high, DECIMALS),
    }


def _interval(span: float) -> float:
    """A round step that gives some twelve lines."""
    steps = (0.1, 0.25, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 50.0)
    return next((s for s in steps if span / s <= 12), 100.0)


def _contour(corners: F64, level: float) -> list[list[list[float]]]:
    """Where triangles (T, 3, 3) cross a height, joined to lines."""
    above = corners[:, :, 2] >= level
    crossing = corners[(above.any(axis=1)) & (~above.all(axis=1))]
    if not len(crossing):
        return []
    above = crossing[:, :, 2] >= level
    # The corner that is alone on its side of the level; both edges from it cross.
    alone = np.where(above.sum(axis=1) == 1, above.argmax(axis=1), (~above).argmax(axis=1))
    rows = np.arange(len(crossing))
    tip = crossing[rows, alone]
    ends = []
    for step in (1, 2):
        other = crossing[rows, (alone + step) % 3]
        share = (level - tip[:, 2]) / (other[:, 2] - tip[:, 2])
        ends.append(tip[:, :2] + share[:, None] * (other[:, :2] - tip[:, :2]))
    segments = np.round(np.stack(ends, axis=1), 3)
    segments = segments[np.abs(segments[:, 0] - segments[:, 1]).max(axis=1) > 0]
    joined = shapely.line_merge(shapely.multilinestrings([shapely.linestrings(segments)])[0])
    return [points_of(part) for part in shapely.get_parts(shapely.simplify(joined, TOLERANCE))]
