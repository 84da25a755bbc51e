"""The ground as a grid of heights or as triangles, asked for heights in the project frame."""

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import shapely

from bimcore.arrays import F32, F64, I32, I64
from bimcore.findings import Finding
from bimcore.frame import Frame
from gis import heights as levels, layer_codes as codes, operations
from gis.errors import LayerError
from gis.into_project import budget_of, in_plan, way_between

#: Points looked up at once, so that memory stays bounded.
_BATCH = 200_000


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Grid:
    """Heights at the centres of equal cells.

    Attributes
    ----------
    z : (R, C) float32
        Metres; NaN where nothing is known. Row 0 is the northernmost.
    west, north : float
        Centre of the cell of row 0, column 0.
    step_x, step_y : float
        Distance of neighbouring centres, both above 0.

    """

    z: F32
    west: float
    north: float
    step_x: float
    step_y: float

    def at(self, xy: F64) -> F64:
        """Heights (N,) at points (N, 2), bilinear; NaN outside and beside empty cells."""
        rows, columns = self.z.shape
        c = (xy[:, 0] - self.west) / self.step_x
        r = (self.north - xy[:, 1]) / self.step_y
        # The outer half of the border cells belongs to the grid too: their height holds there.
        out = ~((c >= -0.5) & (c <= columns - 0.5) & (r >= -0.5) & (r <= rows - 0.5))
        c = np.where(out, 0.0, c).clip(0.0, columns - 1.0)
        r = np.where(out, 0.0, r).clip(0.0, rows - 1.0)
        c0, r0 = np.floor(c).astype(np.int64), np.floor(r).astype(np.int64)
        c1, r1 = np.minimum(c0 + 1, columns - 1), np.minimum(r0 + 1, rows - 1)
        u, v = c - c0, r - r0
        found = np.zeros(len(xy))
        for row, column, weight in (
            (r0, c0, (1 - v) * (1 - u)),
            (r0, c1, (1 - v) * u),
            (r1, c0, v * (1 - u)),
            (r1, c1, v * u),
        ):
            # An empty neighbour without weight says nothing about this point.
            z = np.where(weight > 0.0, self.z[row, column], 0.0)
            found += weight * z
        return np.where(out, np.nan, found)

    def triangles(self, box: tuple[float, float, float, float], stride: int) -> tuple[F64, I32]:
        """Vertices (V, 3) and faces (F, 3) of the cells that meet `box`, every `stride`-th."""
        rows, columns = self.z.shape
        first = int(np.clip(np.floor((box[0] - self.west) / self.step_x), 0, columns - 1))
        last = int(np.clip(np.ceil((box[2] - self.west) / self.step_x), 0, columns - 1))
        top = int(np.clip(np.floor((self.north - box[3]) / self.step_y), 0, rows - 1))
        low = int(np.clip(np.ceil((self.north - box[1]) / self.step_y), 0, rows - 1))
        r, c = _strided(top, low, stride), _strided(first, last, stride)
        z = self.z[np.ix_(r, c)].astype(np.float64)
        x, y = self.west + c * self.step_x, self.north - r * self.step_y
        points = np.stack([*np.broadcast_arrays(x[None], y[:, None]), z], axis=-1).reshape(-1, 3)
        index = np.arange(z.size).reshape(z.shape)
        a, b = index[:-1, :-1].ravel(), index[:-1, 1:].ravel()
        d, e = index[1:, :-1].ravel(), index[1:, 1:].ravel()
        faces = np.concatenate([np.column_stack([a, d, e]), np.column_stack([a, e, b])])
        return points, faces[np.isfinite(points[faces, 2]).all(axis=1)].astype(np.int32)

    @property
    def bounds(self) -> tuple[float, float, float, float]:
        """West, south, east, north edge of the outer cells."""
        rows, columns = self.z.shape
        west, north = self.west - self.step_x / 2, self.north + self.step_y / 2
        return (west, north - rows * self.step_y, west + columns * self.step_x, north)


@dataclass(frozen=True, eq=False, kw_only=True)
class Tin:
    """Triangles over the ground.

    Attributes
    ----------
    vertices : (V, 3) float64
        East, north, height.
    faces : (F, 3) int32

    """

    vertices: F64
    faces: I32

    def at(self, xy: F64) -> F64:
        """Heights (N,) at points (N, 2) on the triangles; NaN outside, the highest where several."""
        found = np.full(len(xy), np.nan)
        if len(self.faces) == 0:
            return found
        rows, hits = self._tree.query(shapely.points(xy), predicate="intersects")
        a, b, c = (self.vertices[self.faces[hits, k]] for k in range(3))
        p = xy[rows]
        u, v = (b - a)[:, :2], (c - a)[:, :2]
        w = p - a[:, :2]
        area = u[:, 0] * v[:, 1] - u[:, 1] * v[:, 0]
        flat = area == 0.0
        area = np.where(flat, 1.0, area)
        s = (w[:, 0] * v[:, 1] - w[:, 1] * v[:, 0]) / area
        t = (u[:, 0] * w[:, 1] - u[:, 1] * w[:, 0]) / area
        z = np.where(flat, np.nan, a[:, 2] + s * (b - a)[:, 2] + t * (c - a)[:, 2])
        np.fmax.at(found, rows, z)
        return found

    def triangles(self, box: tuple[float, float, float, float], stride: int) -> tuple[F64, I32]:
        """Vertices and every `stride`-th face of those whose own box meets `box`."""
        corners = self.vertices[self.faces, :2]
        low, high = corners.min(axis=1), corners.max(axis=1)
        near = (low <= box[2:]).all(axis=1) & (high >= box[:2]).all(axis=1)
        used, faces = np.unique(self.faces[near][::stride], return_inverse=True)
        return self.vertices[used], faces.reshape(-1, 3).astype(np.int32)

    @property
    def bounds(self) -> tuple[float, float, float, float]:
        """West, south, east, north of the vertices in use."""
        xy = self.vertices[np.unique(self.faces), :2]
        (west, south), (east, north) = xy.min(axis=0), xy.max(axis=0)
        return float(west), float(south), float(east), float(north)

    @cached_property
    def _tree(self) -> shapely.STRtree:
        rings = self.vertices[self.faces][:, [0, 1, 2, 0], :2]
        return shapely.STRtree(shapely.polygons(rings))


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Terrain:
    """The ground of one layer.

    Attributes
    ----------
    name : str
    surface : Grid or Tin
        In the units of `data_crs`, where it stays: points are brought to it, so that no height
        is computed twice.
    crs : str or None
        CRS of the data while not located; None afterwards, as for a table.
    data_crs : str or None
        CRS of the numbers in `surface`.
    frame : Frame or None
        Set by :meth:`located`: points are local metres.
    rise : float
        Metres to add to the heights of the data to get local heights.
    vertical_datum, datum_offset, accuracy, date
        As stated; see :class:`gis.tables.FeatureTable`.
    source : str
        SHA-256 of the file.
    findings : tuple of Finding

    """

    name: str
    surface: Grid | Tin
    crs: str | None
    data_crs: str | None = None
    frame: Frame | None = None
    rise: float = 0.0
    vertical_datum: str | None = None
    datum_offset: float | None = None
    accuracy: float | None = None
    date: str | None = None
    source: str = ""
    findings: tuple[Finding, ...] = ()

    def located(self, project: Frame, *, datum: str | None = None) -> "Terrain":
        """The terrain asked in local metres of a located frame.

        Parameters
        ----------
        project : Frame
        datum : str or None
            Height datum of the project where its CRS does not say.

        Raises
        ------
        LayerError
            When the CRS or the height datum is missing or leads nowhere safely.

        """
        source, change = way_between(self.crs, project.crs)
        if change.context_only:
            raise LayerError(codes.LAYER_UNSAFE, source=source.title, target=change.target.title)
        stated = self.vertical_datum or source.vertical or None
        wanted = levels.project_datum(project.crs, stated=datum)
        try:
            shift = levels.shift_to_project(
                datum=stated, offset=self.datum_offset, project_datum=wanted
            )
        except levels.UnsafeHeights as err:
            raise LayerError(codes.HEIGHTS_NOT_USED, why_zh=err.zh, why_en=str(err)) from err
        return replace(
            self,
            crs=None,
            data_crs=self.crs,
            frame=project,
            rise=shift - float(project.origin[2]),
            findings=(*self.findings, *budget_of(change)),
        )

    def heights(self, xy: F64) -> F64:
        """Heights (N,) of the ground at points (N, 2); NaN where it is not known."""
        xy = np.asarray(xy, dtype=np.float64)
        found = np.full(len(xy), np.nan)
        for start in range(0, len(xy), _BATCH):
            part = xy[start : start + _BATCH]
            found[start : start + _BATCH] = self.surface.at(self._to_data(part))
        return found + self.rise

    def mesh(
        self, bounds: tuple[float, float, float, float] | None = None, *, stride: int = 1
    ) -> tuple[F64, I32]:
        """Vertices (V, 3) and faces (F, 3) of the ground that meets `bounds`.

        Parameters
        ----------
        bounds : tuple of float or None
            Least x, least y, greatest x, greatest y; None for all of it.
        stride : int
            Every how many-th grid line or triangle is taken, for pictures.

        """
        box = self.surface.bounds
        if bounds is not None:
            edge = self._to_data(_outline(bounds))
            (west, south), (east, north) = edge.min(axis=0), edge.max(axis=0)
            box = (float(west), float(south), float(east), float(north))
        vertices, faces = self.surface.triangles(box, stride)
        moved = self._from_data(vertices)
        moved[:, 2] = vertices[:, 2] + self.rise
        return moved, faces

    @property
    def bounds(self) -> tuple[float, float, float, float]:
        """Least x, least y, greatest x, greatest y of what is covered, in the frame."""
        points = _outline(self.surface.bounds)
        xy = self._from_data(np.column_stack([points, np.zeros(len(points))]))[:, :2]
        (a, b), (c, d) = xy.min(axis=0), xy.max(axis=0)
        return float(a), float(b), float(c), float(d)

    def _to_data(self, xy: F64) -> F64:
        """Points (N, 2) of the frame in the numbers of the data."""
        if self.frame is None:
            return xy
        flat = self.frame.to_map(np.column_stack([xy, np.zeros(len(xy))]))
        data = in_plan(self.data_crs)
        moved = operations.transformation(in_plan(self.frame.crs), data)(flat)[:, :2]
        return moved if data.geographic else moved / data.unit

    def _from_data(self, points: F64) -> F64:
        """Points (N, 3) of the data in the frame; the third column is not a height."""
        if self.frame is None:
            return points.copy()
        data = in_plan(self.data_crs)
        unit = 1.0 if data.geographic else data.unit
        change = operations.transformation(data, in_plan(self.frame.crs))
        return self.frame.from_map(change(points * [unit, unit, 1.0]))


def _outline(box: tuple[float, float, float, float]) -> F64:
    """Points along the edge of a box: its image may bulge between the corners."""
    t = np.linspace(0.0, 1.0, 9)
    x, y = box[0] + t * (box[2] - box[0]), box[1] + t * (box[3] - box[1])
    a, b = np.full_like(t, box[0]), np.full_like(t, box[2])
    c, d = np.full_like(t, box[1]), np.full_like(t, box[3])
    sides = [(x, c), (x, d), (a, y), (b, y)]
    return np.concatenate([np.column_stack(side) for side in sides])


def _strided(first: int, last: int, stride: int) -> I64:
    """`first` to `last` in steps, with `last` itself at the end."""
    found = np.arange(first, last + 1, stride)
    return found if found[-1] == last else np.append(found, last)
