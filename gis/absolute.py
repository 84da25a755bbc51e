"""Models whose coordinates are on the map already: where they look so, and in which CRS they fit."""

import numpy as np

from bimcore.arrays import F64
from bimcore.frame import apply
from bimcore.ifc.georef import GeoreferenceFacts
from gis.conversion import Conversion
from gis.crs import Crs, with_prefix, without_prefix
from gis.operations import inside
from gis.reading import ABSOLUTE_FROM, footprint, wcs_inverse


def absolute_points(facts: GeoreferenceFacts) -> F64 | None:
    """Footprint as map coordinates when they look absolute (level 30 or 40), else None."""
    points = footprint(facts)
    if facts.wcs is not None and wcs_inverse(facts) is not None:
        # Without a conversion the WCS itself is the way to the map: the opposite sign.
        points = apply(np.array(facts.wcs), points)
    return points if float(np.abs(points[:, :2]).max()) > ABSOLUTE_FROM else None


def absolute_conversion(facts: GeoreferenceFacts, crs: Crs) -> Conversion | None:
    """Absolute coordinates taken in `crs`; None when they do not fit its area of use."""
    points = absolute_points(facts)
    if points is None or crs.geographic:
        return None
    before = facts.wcs if wcs_inverse(facts) is not None else None
    for grid in (crs, without_prefix(crs), with_prefix(crs)):
        if inside(grid, points):
            return Conversion(crs=grid.name, before=before)
    return None


def exchanged_absolute(facts: GeoreferenceFacts, crs: Crs) -> Conversion | None:
    """The move that puts absolute coordinates with the northing first into `crs`, if it fits.

    Only the place is exchanged: the model itself stands as it was drawn.
    """
    matrices = [p.placement for p in facts.placement_of_spatial]
    matrices += [facts.wcs] if facts.wcs is not None else []
    for matrix in matrices:
        x, y = matrix[0][3], matrix[1][3]
        if max(abs(x), abs(y)) <= ABSOLUTE_FROM:
            continue
        before = facts.wcs if wcs_inverse(facts) is not None else None
        for grid in (crs, without_prefix(crs), with_prefix(crs)):
            moved = Conversion(crs=grid.name, eastings=y - x, northings=x - y, before=before)
            if not grid.geographic and inside(grid, moved.apply(footprint(facts))):
                return moved
    return None
