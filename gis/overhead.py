"""Bodies of overhead lines, for pictures alone: no check looks at them."""

from collections.abc import Iterator
from itertools import pairwise

import numpy as np
import shapely

from bimcore.arrays import F64
from bimcore.frame import Frame
from bimcore.model import Model
from bimcore.sketch import bar, sketch_model
from gis.attributes import named
from gis.tables import FeatureTable

#: Metres: thick enough to be seen beside a crane, and pieces short enough to frame one place.
THICK, PIECE = 0.6, 10.0
#: Metres over the ground where a layer does not say how high its lines hang.
HIGH = 10.0


def overhead(table: FeatureTable, *, frame: Frame, ground: float) -> Model | None:
    """The lines of a located layer in short pieces; None when it holds none.

    Parameters
    ----------
    table : FeatureTable
        A layer of role ``power_line`` in the project frame.
    frame : Frame
    ground : float
        Height from which lines are drawn where the layer has no heights.

    Returns
    -------
    Model or None
        Its name is that of the layer; elements are called as the lines are, else as the layer.

    """
    pieces = [(row, part) for row, line in _lines(table) for part in _pieces(line, ground)]
    if not pieces:
        return None
    names = named(table)
    called = [names[row] or table.name for row, _ in pieces]
    bodies = [bar(path[0], path[1], thick=THICK) for _, path in pieces]
    return sketch_model(table.name, called, bodies, frame=frame)


def _lines(table: FeatureTable) -> Iterator[tuple[int, F64]]:
    """Row and points (n, 3) of each line; NaN heights where there are none."""
    for row, shape in enumerate(table.geometry):
        for part in shapely.get_parts(shape):
            if part.geom_type == "LineString":
                yield row, shapely.get_coordinates(part, include_z=True)


def _pieces(points: F64, ground: float) -> Iterator[F64]:
    """A line in pieces of ``PIECE`` metres."""
    known = np.isfinite(points[:, 2])
    points[~known, 2] = points[known, 2].mean() if known.any() else ground + HIGH
    for one, other in pairwise(points):
        count = max(1, int(np.ceil(np.linalg.norm(other - one) / PIECE)))
        share = np.linspace(0.0, 1.0, min(count, 1000) + 1)[:, None]
        ends = one + share * (other - one)
        yield from np.stack([ends[:-1], ends[1:]], axis=1)
