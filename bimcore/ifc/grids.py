"""The straight axes of the grids of a file."""

import math
from collections.abc import Iterator
from typing import Any

import numpy as np

from bimcore.arrays import F64
from bimcore.ifc.access import Reader, is_a, of_class
from bimcore.ifc.placement import Placements

#: Metres below which an axis has no direction.
_SHORTEST = 0.01


def read_axes(file: Any, reader: Reader, *, unit_m: float) -> Iterator[tuple[str, F64]]:
    """Tag and ends (2, 3), in metres, of each named axis that is straight."""
    placements = Placements(reader)
    for grid in of_class(file, "IfcGrid"):
        matrix = placements.world(reader.get(grid, "ObjectPlacement"))
        for side in ("UAxes", "VAxes", "WAxes"):
            for axis in reader.many(grid, side):
                tag, ends = reader.text(axis, "AxisTag"), _ends(axis, reader)
                if not tag or ends is None:
                    continue
                world = (ends @ matrix[:3, :3].T + matrix[:3, 3]) * unit_m
                if np.isfinite(world).all() and math.dist(*world.tolist()) > _SHORTEST:
                    yield tag, world


def _ends(axis: Any, reader: Reader) -> F64 | None:
    """Both ends (2, 3) of an axis in the units of its grid; None where it is not straight."""
    curve = reader.get(axis, "AxisCurve")
    if is_a(curve, "IfcTrimmedCurve"):
        curve = reader.get(curve, "BasisCurve")
    if is_a(curve, "IfcLine"):
        return _of_line(curve, reader)
    points = [_point(p, reader) for p in reader.many(curve, "Points")]
    if is_a(curve, "IfcIndexedPolyCurve"):
        listed = reader.get(reader.get(curve, "Points"), "CoordList") or ()
        points = [_filled(p) for p in listed]
    if len(points) < 2 or not _straight(np.array(points)):
        return None
    return np.array([points[0], points[-1]])


def _of_line(line: Any, reader: Reader) -> F64 | None:
    """An endless line by a point and its direction: its band is all that counts."""
    vector = reader.get(line, "Dir")
    along = reader.get(reader.get(vector, "Orientation"), "DirectionRatios")
    if not along:
        return None
    start = np.array(_point(reader.get(line, "Pnt"), reader))
    step = np.array(_filled(along)) * (reader.number(vector, "Magnitude") or 1.0)
    return np.array([start, start + step])


def _point(point: Any, reader: Reader) -> list[float]:
    return _filled(reader.get(point, "Coordinates") or ())


def _filled(values: Any) -> list[float]:
    """Three coordinates; those that are missing are 0."""
    return [*map(float, values), 0.0, 0.0, 0.0][:3]


def _straight(points: F64) -> bool:
    along = points[-1] - points[0]
    size = float(np.linalg.norm(along))
    if size <= 0:
        return False
    off = np.linalg.norm(np.cross(points - points[0], along / size), axis=1)
    return bool(off.max() <= 1e-3 * size)
