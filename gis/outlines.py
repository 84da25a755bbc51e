"""Areas and their edges in plan, whatever a layer packs them into."""

import numpy as np
import shapely
from numpy.typing import NDArray

from bimcore.arrays import F64, I64

_COLLECTION = 7


def areas(geometry: NDArray[np.object_]) -> NDArray[np.object_]:
    """The features in plan: closed lines as the areas they enclose, mixtures as their areas.

    Parameters
    ----------
    geometry : (F,) object
        None is missing or empty.

    """
    flat: NDArray[np.object_] = shapely.force_2d(geometry).copy()
    closed = (shapely.get_type_id(flat) == 1) & shapely.is_closed(flat)
    closed &= shapely.get_num_points(flat) > 3
    for k in np.flatnonzero(closed).tolist():
        made = shapely.make_valid(shapely.Polygon(flat[k].coords))
        flat[k] = flat[k] if polygonal(made).is_empty else polygonal(made)
    for k in np.flatnonzero(shapely.get_type_id(flat) == _COLLECTION).tolist():
        found = polygonal(flat[k])
        flat[k] = shapely.get_parts(flat[k])[0] if found.is_empty else found
    return flat


def polygonal(shape: shapely.Geometry) -> shapely.Geometry:
    """The areas alone of any geometry, valid; an empty polygon where it has none."""
    parts = np.array([shape], dtype=object)
    while (shapely.get_type_id(parts) >= 4).any():
        parts = shapely.get_parts(parts)
    kept = shapely.make_valid(parts[shapely.get_dimensions(parts) == 2])
    whole = shapely.union_all(kept)
    if whole.geom_type == "GeometryCollection":
        rest = shapely.get_parts(whole)
        whole = shapely.union_all(rest[shapely.get_dimensions(rest) == 2])
    return shapely.Polygon() if whole.is_empty else whole


def segments(area: shapely.Geometry) -> NDArray[np.object_]:
    """The edges of an area as lines of two points each; none where it has no area."""
    rings = shapely.get_parts(shapely.boundary(polygonal(area)))
    coordinates = [shapely.get_coordinates(r) for r in rings]
    pairs = [np.stack([c[:-1], c[1:]], axis=1) for c in coordinates if len(c) > 1]
    found: NDArray[np.object_] = shapely.linestrings(np.concatenate([np.zeros((0, 2, 2)), *pairs]))
    return found


def to_edge(points: F64, area: shapely.Geometry) -> F64:
    """Distances (N,) in metres of plan points (N, 2) from the edge of an area.

    Infinite where there is no edge.
    """
    edges = segments(area)
    if not len(edges) or not len(points):
        return np.full(len(points), np.inf)
    # An index over single segments: a plain distance walks the whole edge for each point.
    found, distances = shapely.STRtree(edges).query_nearest(
        shapely.points(points), return_distance=True, all_matches=False
    )
    ordered: F64 = distances[np.argsort(found[0])]
    return ordered


def depths(shapes: NDArray[np.object_], features: NDArray[np.object_], *, outside: F64) -> F64:
    """How deep (N,) shapes reach into areas; negative: how far they stay outside.

    Parameters
    ----------
    shapes, features : (N,) object
    outside : (N,) float64
        Distance of each pair, 0 where they meet.

    """
    found = -outside
    inside = np.flatnonzero((outside == 0.0) & (shapely.get_dimensions(features) == 2))
    for group in _same(features, inside):
        area = polygonal(features[group[0]])
        common = shapely.intersection(shapely.convex_hull(shapes[group]), area)
        points, owner = shapely.get_coordinates(common, return_index=True)
        full = np.flatnonzero(~shapely.is_empty(common))
        middle = shapely.get_coordinates(shapely.point_on_surface(common[full]))
        points = np.concatenate([points, middle])
        owner = np.concatenate([owner, full])
        np.maximum.at(found, group[owner], to_edge(points, area))
    return found


def _same(features: NDArray[np.object_], rows: I64) -> list[I64]:
    """`rows` by the feature that they are of."""
    groups: dict[int, list[int]] = {}
    for row in rows.tolist():
        groups.setdefault(id(features[row]), []).append(row)
    return [np.array(members) for members in groups.values()]
