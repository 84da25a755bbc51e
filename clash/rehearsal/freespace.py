"""Free space of a building at a date: how wide it is where, and what reaches the outside."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from bimcore.arrays import F64, I64, Mask
from bimcore.mesh import MeshSet

#: Cells of a grid; more would take memory and minutes.
MOST_CELLS = 12_000_000
#: Metres: the finest cells, and the coarsest that still tell one door from another.
FINEST, COARSEST = 0.06, 0.16
#: Height of a cell over its width.
_TALL = 1.5
#: Metres of outside round the building.
PAD = 1.5
#: Minutes since the epoch of a cell that nothing fills.
NEVER = np.iinfo(np.int32).max
#: Steps of a cell's width in which clearances are kept, and the most that fits a byte.
_STEPS, _MOST = 4, 255
_BATCH = 1_000_000


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Grid:
    """Surfaces of bodies in cells, each with the moment from which it is filled.

    Attributes
    ----------
    low : (3,) float64
        Lower corner in metres.
    cell, tall : float
        Width and height of a cell.
    since : (Z, X, Y) int32
        Minutes of the epoch at which the first body in the cell stands; `NEVER` for none.
    off : (Z, X, Y, 2) int8
        Where in the cell its surface runs, in 1/200 of the width from its middle.

    """

    low: F64
    cell: float
    tall: float
    since: NDArray[np.int32]
    off: NDArray[np.int8]

    def without(self, moment: int) -> "Grid":
        """The grid without what is there since exactly `moment`."""
        since = np.where(self.since == moment, np.int32(NEVER), self.since)
        return Grid(low=self.low, cell=self.cell, tall=self.tall, since=since, off=self.off)

    def index(self, points: F64) -> I64:
        """Cells (N, 3) as (z, x, y) of points, kept inside the grid."""
        size = np.array([self.tall, self.cell, self.cell])
        at = np.floor((points[:, [2, 0, 1]] - self.low[[2, 0, 1]]) / size).astype(np.int64)
        found: I64 = np.clip(at, 0, np.array(self.since.shape) - 1)
        return found

    def window(self, box: F64, *, grow: float) -> tuple[slice, slice, slice]:
        """Cells of a box (2, 3) grown on all sides."""
        low, high = self.index(box + np.array([[-grow], [grow]]))
        z, x, y = (slice(int(a), int(b) + 1) for a, b in zip(low, high, strict=True))
        return z, x, y


def cell_for(bounds: F64) -> float:
    """Width of the cells of a grid round `bounds` (2, 3); over `COARSEST` it is too coarse."""
    size = bounds[1] - bounds[0] + 2 * PAD
    fitting: float = (float(np.prod(size)) / MOST_CELLS / _TALL) ** (1 / 3)
    return max(FINEST, fitting)


def grid_of(meshes: MeshSet, elements: I64, since: I64, *, bounds: F64) -> Grid:
    """Paint the surfaces of `elements` into a grid.

    Parameters
    ----------
    meshes : MeshSet
    elements : (N,) int64
    since : (N,) int64
        Minutes of the epoch at which each stands.
    bounds : (2, 3) float64
        What the grid has to hold, in metres.

    """
    cell = cell_for(bounds)
    tall = _TALL * cell
    low = bounds[0] - PAD
    shape = np.ceil((bounds[1] - bounds[0] + 2 * PAD) / np.array([cell, cell, tall])).astype(int)
    nx, ny, nz = (max(int(n), 1) for n in shape)
    filled = np.full((nz, nx, ny), NEVER, dtype=np.int32)
    off = np.zeros((nz, nx, ny, 2), dtype=np.int8)
    flat, flat_off = filled.reshape(-1), off.reshape(-1, 2)
    size = np.array([cell, cell, tall])
    # the earliest is painted last and stays
    for k in np.argsort(-since, kind="stable").tolist():
        moment = np.int32(np.clip(since[k], -NEVER, NEVER - 1))
        for points in _samples(*meshes.body(int(elements[k])), step=cell):
            place = (points - low) / size
            at = np.floor(place).astype(np.int64)
            inside = ((at >= 0) & (at < np.array([nx, ny, nz]))).all(axis=1)
            at, place = at[inside], place[inside]
            key = (at[:, 2] * nx + at[:, 0]) * ny + at[:, 1]
            flat[key] = moment
            flat_off[key] = np.round(200 * (place[:, :2] - at[:, :2] - 0.5)).astype(np.int8)
    return Grid(low=low, cell=cell, tall=tall, since=filled, off=off)


def _samples(vertices: F64, faces: NDArray[np.int32], *, step: float) -> Iterator[F64]:
    """Points on all triangles, none further than `step` from the next."""
    if not len(faces):
        return
    corners = vertices[faces]
    edges = np.linalg.norm(corners[:, [1, 2, 0]] - corners, axis=2)
    # the shortest edge first, so that slivers get few points
    turn = np.argmin(edges, axis=1)
    order = (turn[:, None] + np.arange(3)) % 3
    corners = np.take_along_axis(corners, order[:, :, None], axis=1)
    a, u, v = corners[:, 0], corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]
    counts = np.stack(
        [np.ceil(np.linalg.norm(e, axis=1) / step).astype(np.int64) + 1 for e in (u, v)], axis=1
    )
    # counts of one size class are rounded up, so that triangles go together
    counts = np.where(counts > 8, np.ceil(counts / 8).astype(np.int64) * 8, counts)
    kinds, which = np.unique(counts, axis=0, return_inverse=True)
    which = which.reshape(-1)
    for k, (nu, nv) in enumerate(kinds.tolist()):
        rows = np.flatnonzero(which == k)
        grid = np.meshgrid(np.linspace(0, 1, nu + 1), np.linspace(0, 1, nv + 1), indexing="ij")
        # the half beyond the diagonal folds back onto the edge
        s, t = grid[0].ravel(), grid[1].ravel()
        keep = s + t <= 1 + 1.0 / max(nu, 1)
        s, t = s[keep], np.minimum(t[keep], 1 - s[keep])
        size = max(1, _BATCH // len(s))
        for at in range(0, len(rows), size):
            some = rows[at : at + size]
            points = a[some, None] + s[:, None] * u[some, None] + t[:, None] * v[some, None]
            yield points.reshape(-1, 3)


def clearance(grid: Grid, moment: int, *, height: float) -> NDArray[np.uint8]:
    """Room round each cell at a moment, for a body of some height standing there.

    Parameters
    ----------
    grid : Grid
    moment : int
        Minutes of the epoch; what stands then or before is in the way.
    height : float
        Metres that the body needs upwards.

    Returns
    -------
    (Z, X, Y) uint8
        Distance in plan to the nearest surface within the height, in quarters of a cell
        rounded up; 0 in a filled cell.

    """
    layers = max(int(np.ceil(height / grid.tall)) - 2, 1)
    found = np.zeros(grid.since.shape, dtype=np.uint8)
    xs, ys = np.meshgrid(*(np.arange(n) for n in grid.since.shape[1:]), indexing="ij")
    before = np.zeros(grid.since.shape[1:], dtype=bool)
    for z in range(len(found)):
        slab = grid.since[z : z + layers]
        lowest = np.argmin(slab, axis=0)
        full = np.take_along_axis(slab, lowest[None], axis=0)[0] <= moment
        if not full.any():
            found[z] = _MOST
            continue
        if z and (full == before).all():
            found[z] = found[z - 1]  # walls go straight up
            continue
        before = full
        place = ndimage.distance_transform_edt(~full, return_distances=False, return_indices=True)
        i, j = place[0], place[1]
        off = grid.off[z + lowest[i, j], i, j]
        dx = i + off[..., 0] / 200.0 - xs
        dy = j + off[..., 1] / 200.0 - ys
        steps = np.ceil(_STEPS * np.hypot(dx, dy))
        found[z] = np.where(full, 0, np.clip(steps, 1, _MOST)).astype(np.uint8)
    return found


def passable(grid: Grid, room: NDArray[np.uint8], *, width: float) -> Mask:
    """Cells in which the middle of a body of `width` may be.

    The middle of a gap may lie between cells, so that up to 0.7 of a cell is forgiven.
    """
    need = _STEPS * max(width / 2 / grid.cell - 0.71, 0.25)
    found: Mask = room >= min(need, _MOST)
    return found


def carried(grid: Grid, moment: int, *, ground: int) -> Mask:
    """Cells with something to stand on at most 1.5 m below: a body, or the ground outside."""
    filled = grid.since <= moment
    found = filled.copy()
    reach = max(int(1.5 / grid.tall), 1)
    for up in range(1, min(reach, len(found) - 1) + 1):
        found[up:] |= filled[:-up]
    found[: ground + reach + 1] = True
    return found


def outside(free: Mask, *, sky: bool, ground: int = 0) -> Mask:
    """Cells from which the edge of the grid is reached.

    Parameters
    ----------
    free : (Z, X, Y) bool
    sky : bool
        Whether things come in from above and over walls; else along the ground alone.
    ground : int
        Layer of the ground outside.

    """
    labels, count = ndimage.label(free)
    if not count:
        return np.zeros(free.shape, dtype=bool)
    sides = labels[ground:] if sky else labels[ground : ground + 3]
    faces = [sides[:, 0], sides[:, -1], sides[:, :, 0], sides[:, :, -1]]
    if sky:
        faces.append(labels[-1])
    reached = np.zeros(count + 1, dtype=bool)
    for face in faces:
        reached[np.unique(face)] = True
    reached[0] = False
    found: Mask = reached[labels]
    return found


def around(
    room: NDArray[np.uint8],
    start: tuple[slice, slice, slice],
    window: tuple[slice, slice, slice],
    *,
    least: float,
) -> Mask:
    """Cells of `window` joined with those of `start` through room of at least some steps.

    `start` lies inside `window`; the answer has the shape of the window.
    """
    free = room[window] >= least
    inside = np.zeros_like(free)
    inside[
        tuple(
            slice(a.start - b.start, a.stop - b.start) for a, b in zip(start, window, strict=True)
        )
    ] = True
    labels, count = ndimage.label(free)
    wanted = np.zeros(count + 1, dtype=bool)
    wanted[np.unique(labels[inside & free])] = True
    wanted[0] = False
    found: Mask = wanted[labels]
    return found
