"""Boxes along an element's own axes, and how far one body sticks out of another."""

from dataclasses import dataclass

import numpy as np

from bimcore.arrays import F64, I64, Mask, ragged_take, starts_of
from bimcore.mesh import MeshSet

#: Vertices projected at once; bounds the memory of a scene with heavy bodies.
_BATCH = 2_000_000
#: Spread across over spread along below which a body is a plate (about 1 : 4 in size).
_PLATE = 0.06
#: Share added per world axis so that equal extents (square columns) follow the world.
_TIE = np.array([3e-9, 2e-9, 1e-9])


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Shapes:
    """Own boxes of N elements.

    Attributes
    ----------
    axes : (N, 3, 3) float64
        Rows are unit vectors: the longest extent first, the thickness last.
    low, high : (N, 3) float64
        Extent along each axis, as coordinates ``axis . point``.
    volume : (N,) float64
        Enclosed volume; of the own box where the body is open.
    area : (N,) float64
        Surface.

    """

    axes: F64
    low: F64
    high: F64
    volume: F64
    area: F64

    def __len__(self) -> int:
        return len(self.volume)

    @property
    def size(self) -> F64:
        """Extents (N, 3), longest first."""
        found: F64 = self.high - self.low
        return found

    @property
    def centre(self) -> F64:
        """Centre (N, 3) of the own box in the scene's frame."""
        found: F64 = np.einsum("nk,nki->ni", (self.low + self.high) / 2, self.axes)
        return found

    @property
    def slender(self) -> Mask:
        """Elements (N,) more than 2.5 times as long as wide: pipes, beams, posts."""
        size = self.size
        found: Mask = size[:, 0] > 2.5 * size[:, 1]
        return found

    @property
    def thin(self) -> Mask:
        """Elements (N,) much thinner than wide: walls, slabs, panels."""
        size = self.size
        found: Mask = size[:, 1] > 2.5 * size[:, 2]
        return found


def shapes_of(meshes: MeshSet) -> Shapes:
    """Own boxes of all elements of `meshes`; zeros where there is no body.

    The axes are the principal axes of the surface (area-weighted), which for a prism with
    openings still include its mid-plane normal exactly.
    """
    count = len(meshes)
    axes = np.tile(np.eye(3), (count, 1, 1))
    low, high = np.zeros((count, 3)), np.zeros((count, 3))
    volume, area = np.zeros(count), np.zeros(count)
    rows = np.flatnonzero(meshes.has_body)
    if len(rows):
        body = meshes.take(rows)
        moment, volume[rows], area[rows] = _moments(body)
        spread, vectors = np.linalg.eigh(moment)
        axes[rows] = _squared(body, spread[:, ::-1], np.swapaxes(vectors, 1, 2)[:, ::-1])
        first = project(body, np.arange(len(rows)), axes[rows])
        size = first[1] - first[0]
        order = np.argsort(-size, axis=1, kind="stable")
        axes[rows] = np.take_along_axis(axes[rows], order[:, :, None], axis=1)
        low[rows] = np.take_along_axis(first[0], order, axis=1)
        high[rows] = np.take_along_axis(first[1], order, axis=1)
    closed = meshes.closed & (volume > 0)
    volume = np.where(closed, volume, np.prod(high - low, axis=1))
    return Shapes(axes=axes, low=low, high=high, volume=volume, area=area)


def _squared(meshes: MeshSet, spread: F64, axes: F64) -> F64:
    """Axes (N, 3, 3) where spreads leave them open turned to the largest face beside them.

    A square column has no principal axes across; those in the plane of a wall lean where
    it has a door to one side. Faces decide both.
    """
    for pair, lone in (((0, 1), 2), ((1, 2), 0)):
        equal = spread[:, pair[0]] - spread[:, pair[1]] < 0.02 * np.maximum(spread[:, 0], 1e-12)
        if lone == 2:
            equal |= spread[:, 2] < _PLATE * spread[:, 1]
        rows = np.flatnonzero(equal)
        if not len(rows):
            continue
        normal = _face_beside(meshes.take(rows), axes[rows, lone])
        found = np.linalg.norm(normal, axis=1) > 0.5
        rows, normal = rows[found], normal[found]
        axes[rows, pair[0]] = np.cross(axes[rows, lone], normal)
        axes[rows, pair[1]] = normal
    return axes


def _face_beside(meshes: MeshSet, lone: F64) -> F64:
    """Normal (N, 3) of the largest triangle whose plane holds `lone`; zeros without one."""
    owner = np.repeat(np.arange(len(meshes)), np.diff(meshes.face_start))
    index = meshes.faces.astype(np.int64) + meshes.vertex_start[owner][:, None]
    corners = meshes.vertices[index]
    cross = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    double = np.linalg.norm(cross, axis=1)
    unit = cross / np.where(double > 0, double, 1.0)[:, None]
    beside = np.abs(np.einsum("fi,fi->f", unit, lone[owner])) < 0.02
    order = np.lexsort((np.where(beside, double, -1.0), owner))
    last = order[meshes.face_start[1:] - 1]
    flat = unit[last] - np.einsum("ni,ni->n", unit[last], lone)[:, None] * lone
    length = np.linalg.norm(flat, axis=1)
    usable = beside[last] & (double[last] > 0)
    found: F64 = np.where(usable[:, None], flat / np.where(length > 0, length, 1.0)[:, None], 0.0)
    return found


def _moments(meshes: MeshSet) -> tuple[F64, F64, F64]:
    """Second moments (N, 3, 3) of the surfaces, enclosed volumes and areas (N,)."""
    faces_of = np.diff(meshes.face_start)
    owner = np.repeat(np.arange(len(meshes)), faces_of)
    start = meshes.face_start[:-1]
    origin = meshes.vertices[meshes.vertex_start[:-1]]
    index = meshes.faces.astype(np.int64) + meshes.vertex_start[owner][:, None]
    corners = meshes.vertices[index] - origin[owner][:, None]
    cross = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    weight = np.linalg.norm(cross, axis=1) / 2
    volume = np.add.reduceat(np.einsum("fi,fi->f", corners[:, 0], cross), start) / 6
    area = np.add.reduceat(weight, start)
    total = np.where(area > 0, area, 1.0)
    summed = corners.sum(axis=1)
    mean = np.add.reduceat(weight[:, None] * summed / 3, start, axis=0) / total[:, None]
    shifted = corners - mean[owner][:, None]
    summed = shifted.sum(axis=1)
    moment = np.zeros((len(meshes), 3, 3))
    for i, j in ((0, 0), (0, 1), (0, 2), (1, 1), (1, 2), (2, 2)):
        product = (shifted[:, :, i] * shifted[:, :, j]).sum(axis=1) + summed[:, i] * summed[:, j]
        moment[:, i, j] = np.add.reduceat(weight * product / 12, start) / total
        moment[:, j, i] = moment[:, i, j]
    scale = np.trace(moment, axis1=1, axis2=2)
    moment += scale[:, None, None] * np.diag(_TIE)
    return moment, volume, area


def project(meshes: MeshSet, rows: I64, axes: F64) -> tuple[F64, F64]:
    """Extents of bodies along given axes.

    Parameters
    ----------
    meshes : MeshSet
    rows : (P,) int64
        Elements with a body; repeats allowed.
    axes : (P, 3, 3) float64
        Rows are unit vectors.

    Returns
    -------
    low, high : (P, 3) float64

    """
    low, high = np.zeros((len(rows), 3)), np.zeros((len(rows), 3))
    lengths = meshes.vertex_start[rows + 1] - meshes.vertex_start[rows]
    batch = starts_of(lengths)[:-1] // _BATCH
    for part in np.split(np.arange(len(rows)), np.flatnonzero(np.diff(batch)) + 1):
        if len(part):
            items, starts = ragged_take(meshes.vertex_start, rows[part])
            owner = np.repeat(part, np.diff(starts))
            along = np.einsum("vi,vki->vk", meshes.vertices[items], axes[owner])
            low[part] = np.minimum.reduceat(along, starts[:-1], axis=0)
            high[part] = np.maximum.reduceat(along, starts[:-1], axis=0)
    return low, high


def clipped(meshes: MeshSet, row: int, axes: F64, between: tuple[float, float]) -> F64 | None:
    """Extents of the part of a body between two planes across the third of `axes`.

    Parameters
    ----------
    meshes : MeshSet
    row : int
    axes : (3, 3) float64
        Rows are unit vectors.
    between : tuple of float
        Coordinates of the two planes along the third axis.

    Returns
    -------
    (2, 3) float64 or None
        Low and high along each axis; None when nothing lies between the planes.

    """
    vertices, faces = meshes.body(row)
    along = vertices @ axes.T
    start, end = along[faces].reshape(-1, 3), along[np.roll(faces, -1, axis=1)].reshape(-1, 3)
    parts = [along[(along[:, 2] >= between[0]) & (along[:, 2] <= between[1])]]
    for plane in between:
        below, above = start[:, 2] - plane, end[:, 2] - plane
        cut = (below < 0) != (above < 0)
        share = below[cut] / (below[cut] - above[cut])
        parts.append(start[cut] + share[:, None] * (end[cut] - start[cut]))
    points = np.concatenate(parts)
    return np.stack([points.min(axis=0), points.max(axis=0)]) if len(points) else None
