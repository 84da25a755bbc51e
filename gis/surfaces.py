"""Terrain from features: faces as they are, contours and spot heights by triangulation."""

import re

import numpy as np
import shapely

from bimcore.arrays import F64
from bimcore.findings import Finding
from gis import layer_codes as codes
from gis.pipe_fields import LEVELS, number
from gis.tables import FeatureTable
from gis.terrain import Terrain, Tin

#: Points that are triangulated; of more, every n-th is taken and that is said.
MOST_POINTS = 500_000
_LEVEL = re.compile(
    r"高程|标高|等高|^elev|^height$|^level$|^contour$|^[zh]$|^(dgx?|bs)?gcz?$", re.IGNORECASE
)


def terrain_from(table: FeatureTable) -> Terrain | None:
    """The ground that the features of a terrain layer describe, in the CRS of the layer.

    Triangles with heights are taken as they are. Of lines and points the vertices are
    joined by a Delaunay triangulation; where they have no Z, a column of heights counts.

    Returns
    -------
    Terrain or None
        None when there are fewer than three points with a height, or all on one line.

    """
    tin, told = _faces(table), []
    if tin is None:
        points, flat, odd = _points(table)
        step = max(1, -(-len(points) // MOST_POINTS))
        kept = points[::step]
        tin = _triangulated(kept)
        told.append(Finding.of(codes.TERRAIN_TRIANGULATED, count=len(points), kept=len(kept)))
        if flat:
            what = (f"{flat} 个高程为 0 的要素", f"{flat} features at height 0")
            told.append(Finding.of(codes.CONTENT_SKIPPED, what_zh=what[0], what_en=what[1]))
        if odd:
            low, high = LEVELS
            zh = f"{odd} 个高程不在 {low:g} 至 {high:g} 米之间的要素"
            en = f"{odd} features with heights outside {low:g} to {high:g} m"
            told.append(Finding.of(codes.CONTENT_SKIPPED, what_zh=zh, what_en=en))
    if tin is None:
        return None
    return Terrain(
        name=table.name,
        surface=tin,
        crs=table.crs,
        vertical_datum=table.vertical_datum,
        datum_offset=table.datum_offset,
        accuracy=table.accuracy,
        date=table.date,
        source=table.source,
        findings=(*table.findings, *told),
    )


def _faces(table: FeatureTable) -> Tin | None:
    """The triangles of a layer that holds nothing else."""
    parts = shapely.get_parts(table.geometry)
    triangles = (shapely.get_type_id(parts) == 3) & (shapely.get_num_coordinates(parts) == 4)
    if not len(parts) or not triangles.all() or not shapely.has_z(parts).all():
        return None
    corners = shapely.get_coordinates(parts, include_z=True).reshape(-1, 4, 3)[:, :3]
    z = corners[:, :, 2]
    good = np.isfinite(corners).all(axis=(1, 2)) & (z > LEVELS[0]).all(axis=1)
    if not good.any() or not (corners[good][:, :, 2] != 0.0).any():
        return None
    vertices, index = np.unique(corners[good].reshape(-1, 3), axis=0, return_inverse=True)
    return Tin(vertices=vertices, faces=index.reshape(-1, 3).astype(np.int32))


def _points(table: FeatureTable) -> tuple[F64, int, int]:
    """Vertices (N, 3) with a height, each place once; features at 0, and where no ground is.

    Among features with heights, one at 0 throughout is a text or symbol without any, and one
    at -9999 marks that none is known.
    """
    flat = 0
    xyz, row = shapely.get_coordinates(table.geometry, include_z=True, return_index=True)
    level = next((n for n in table.columns if _LEVEL.search(n)), None)
    if level is not None and not (np.isfinite(xyz[:, 2]) & (xyz[:, 2] != 0.0)).any():
        said = [number(v) for v in table.columns[level]]
        xyz[:, 2] = np.array([np.nan if v is None else v for v in said])[row]
    else:
        high = np.zeros(len(table), dtype=bool)
        high[row[np.isfinite(xyz[:, 2]) & (xyz[:, 2] != 0.0)]] = True
        flat = int((~high).sum()) if high.any() else 0
        xyz = xyz[high[row]]
        row = row[high[row]]
    odd = (xyz[:, 2] <= LEVELS[0]) | (xyz[:, 2] >= LEVELS[1])
    strange = len(np.unique(row[odd]))
    xyz = xyz[np.isfinite(xyz[:, 2]) & ~odd]
    _, first = np.unique(np.round(xyz[:, :2], 3), axis=0, return_index=True)
    found: F64 = xyz[np.sort(first)]
    return found, flat, strange


def _triangulated(points: F64) -> Tin | None:
    if len(points) < 3:
        return None
    # imported where it is needed: most reviews have no loose points
    from scipy.spatial import Delaunay, QhullError

    flat = points[:, :2] - points[:, :2].mean(axis=0)
    try:
        faces = Delaunay(flat).simplices
    except QhullError:
        return None  # all on one line
    a, b, c = (flat[faces[:, k]] for k in range(3))
    u, v = b - a, c - a
    left = u[:, 0] * v[:, 1] - u[:, 1] * v[:, 0] > 0.0
    faces = np.where(left[:, None], faces, faces[:, [0, 2, 1]])
    return Tin(vertices=points, faces=faces.astype(np.int32))
