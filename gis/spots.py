"""Places along lines where heights are compared."""

import numpy as np
import shapely
from numpy.typing import NDArray

from bimcore.arrays import F64

#: Shares of the part of a line inside an outline.
SPOTS = np.linspace(0.0, 1.0, 5)


def along(shape: shapely.Geometry) -> F64:
    """Points (5, 2) along the longest line of a shape, or five times its middle."""
    parts = shapely.get_parts(shape)
    longest = parts[int(np.argmax(shapely.length(parts)))]
    if longest.geom_type != "LineString":
        point: F64 = shapely.get_coordinates(shapely.centroid(longest))
        return np.repeat(point, len(SPOTS), axis=0)
    found: F64 = shapely.get_coordinates(
        shapely.line_interpolate_point(longest, SPOTS, normalized=True)
    )
    return found


def heights(deep: NDArray[np.object_], spots: F64) -> F64:
    """Heights (N,) of axes at the places nearest to plan points (N, 2).

    Parameters
    ----------
    deep : (N,) object
        Lines with heights; None gives NaN.
    spots : (N, 2) float64

    """
    found = np.full(len(spots), np.nan)
    known = ~shapely.is_missing(deep)
    way = shapely.line_locate_point(deep[known], shapely.points(spots[known]))
    found[known] = shapely.get_z(shapely.line_interpolate_point(deep[known], way))
    return found
