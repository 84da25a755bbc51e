"""Free space of a building in cells: until when a body of some section may be where."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from bimcore.arrays import F64, I32, I64, Mask, ragged_take
from bimcore.mesh import MeshSet
from clash.rehearsal.spreading import paint, reached

#: Metres: the finest cells, and the coarsest that still tell one door from another.
FINEST, COARSEST = 0.06, 0.16
#: Height of a cell over its width.
TALL = 1.5
#: What may stand below a thing that is carried, in metres.
_FLOOR_BELOW = 1.5
#: Steps of a cell's width in which widths count.
_STEPS = 4
#: Part of a cell by which the middle of a gap may lie beside the middle of a cell.
_BESIDE = 0.71
#: Clearance in metres that joins a thing's own place with the space round it.
_NEAR = 0.1

Window = tuple[slice, slice, slice]


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Surfaces:
    """Triangles of what stands in the way, each with the rank of the moment it stands.

    Attributes
    ----------
    corners : (T, 3, 3) float64
    low, high : (T, 3) float64
        Their boxes.
    rank : (T,) int32
        0 for what has no date, then the moments in order.
    moments : (M,) int64
        Minutes of the epoch of rank 1, 2 ...

    """

    corners: F64
    low: F64
    high: F64
    rank: I32
    moments: I64

    @classmethod
    def of(cls, meshes: MeshSet, elements: I64, since: I64, *, always: int) -> "Surfaces":
        """Triangles of `elements` that stand since some minute; `always` for no date."""
        moments = np.unique(since[since > always])
        rank = np.where(since > always, np.searchsorted(moments, since) + 1, 0)
        faces, starts = ragged_take(meshes.face_start, elements)
        counts = np.diff(starts)
        first = np.repeat(meshes.vertex_start[elements], counts)
        corners = meshes.vertices[meshes.faces[faces] + first[:, None]]
        return cls(
            corners=corners,
            low=corners.min(axis=1),
            high=corners.max(axis=1),
            rank=np.repeat(rank, counts).astype(np.int32),
            moments=moments,
        )

    @property
    def never(self) -> int:
        """Rank of what never comes."""
        return len(self.moments) + 1

    def rank_at(self, minute: int) -> int:
        """Rank of the last moment not after a minute; 0 before all."""
        return int(np.searchsorted(self.moments, minute, side="right"))

    def within(self, box: F64, *, dated: bool = False) -> I64:
        """Triangles whose box meets `box` (2, 3); only those with a date where so asked."""
        keep = (self.rank > 0) | (not dated)
        for k in range(3):
            keep &= (self.low[:, k] <= box[1, k]) & (self.high[:, k] >= box[0, k])
        return np.flatnonzero(keep)


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Grid:
    """Surfaces of bodies in cells, each with the rank of the moment from which it is filled.

    Attributes
    ----------
    low : (3,) float64
        Lower corner in metres.
    cell, tall : float
        Width and height of a cell.
    since : (Z, X, Y) int32
        Rank of the first body in the cell; `never` for none.
    off : (Z, X, Y, 2) int8
        Where in the cell its surface runs, in 1/200 of the width from its middle.
    sure : bool
        Whether what is open in cells is open in truth; else a way that is there is never
        missed, and gaps up to one and a half cells too narrow may pass.

    """

    low: F64
    cell: float
    tall: float
    since: I32
    off: NDArray[np.int8]
    never: int
    sure: bool

    @property
    def size(self) -> F64:
        """Sides of a cell as x, y, z."""
        return np.array([self.cell, self.cell, self.tall])

    def index(self, points: F64) -> I64:
        """Cells (N, 3) as (z, x, y) of points, kept inside the grid."""
        at = np.floor((points - self.low) / self.size).astype(np.int64)[:, [2, 0, 1]]
        found: I64 = np.clip(at, 0, np.array(self.since.shape) - 1)
        return found

    def window(self, box: F64, *, grow: float) -> Window:
        """Cells of a box (2, 3) grown on all sides."""
        low, high = self.index(box + np.array([[-grow], [grow]]))
        z, x, y = (slice(int(a), int(b) + 1) for a, b in zip(low, high, strict=True))
        return z, x, y

    def flat(self, window: Window, cells: Mask) -> I64:
        """Flat cells of the grid from some of a window."""
        at = tuple(a + w.start for a, w in zip(np.nonzero(cells), window, strict=True))
        found: I64 = np.ravel_multi_index(at, self.since.shape).astype(np.int64)
        return found

    def box(self, cells: I64) -> F64:
        """Box (2, 3) in metres of first and last cell on z, x and y."""
        ends = np.array([[cells[2], cells[4], cells[0]], [cells[3], cells[5], cells[1]]])
        found: F64 = self.low + (ends + [[0], [1]]) * self.size
        return found

    def need(self, width: float) -> float:
        """Cells from the middle of a body of some width within which nothing may be."""
        if self.sure:
            return width / 2 / self.cell + 0.75
        steps = np.ceil(_STEPS * max(width / 2 / self.cell - _BESIDE, 0.25)) - 1
        return float(steps) / _STEPS

    def layers(self, height: float) -> int:
        """Layers that a body of some height needs."""
        least = height / self.tall
        return int(np.ceil(least)) + 1 if self.sure else max(int(np.ceil(least)) - 2, 1)

    def open_until(self, *, width: float, height: float) -> I32:
        """Rank (Z, X, Y) from which a body of some section can no longer be in a cell."""
        return sunk(
            reached(self.since, self.off, self.need(width), self.never), self.layers(height)
        )

    def around(self, box: F64, *, height: float, grow: float, now: int) -> tuple[Window, Mask]:
        """Cells of a box, and of the space beside it that is joined with it after rank `now`.

        Returns the window of the box grown by `grow`, and which of its cells they are; what is
        behind a wall is not among them.
        """
        shrink = 0.1 * float((box[1] - box[0]).min())
        window, start = self.window(box, grow=grow), self.window(box, grow=-shrink)
        need = self.need(2 * _NEAR) if self.sure else _near_need(self.cell)
        wide, layers = int(np.ceil(need)), self.layers(height)
        spans = [
            (w.start - g, w.stop + h, n)
            for w, g, h, n in zip(
                window, (0, wide, wide), (layers, wide, wide), self.since.shape, strict=True
            )
        ]
        z, x, y = (slice(max(a, 0), min(b, n)) for a, b, n in spans)
        room = sunk(
            reached(
                np.ascontiguousarray(self.since[z, x, y]),
                np.ascontiguousarray(self.off[z, x, y]),
                need,
                self.never,
            ),
            layers,
        )
        free = room[_shifted(window, (z, x, y))] > now
        inside = np.zeros_like(free)
        inside[_shifted(start, window)] = True
        labels, count = ndimage.label(free)
        wanted = np.zeros(count + 1, dtype=bool)
        wanted[np.unique(labels[inside & free])] = True
        wanted[0] = False
        return window, wanted[labels]

    def carried(self, *, ground: float) -> Mask:
        """Cells with something to stand on not far below: a floor at any time, or the ground."""
        filled = self.since < self.never
        found = filled.copy()
        reach = max(int(_FLOOR_BELOW / self.tall), 1)
        for up in range(1, min(reach, len(found) - 1) + 1):
            found[up:] |= filled[:-up]
        found[: max(self.layer(ground) + reach + 1, 0)] = True
        return found

    def layer(self, height: float) -> int:
        """Layer of a height; outside the grid where it is."""
        return int(np.floor((height - float(self.low[2])) / self.tall))


def sunk(until: I32, layers: int) -> I32:
    """Lowest value of each cell and the ones above it, `layers` in all."""
    found, done = until.copy(), 1
    while done < min(layers, len(found)):
        step = min(done, layers - done)
        np.minimum(found[:-step], found[step:], out=found[:-step])
        done += step
    return found


def grid_of(
    surfaces: Surfaces,
    box: F64,
    *,
    cell: float,
    sure: bool = False,
    tall: float = TALL,
    dated: bool = False,
) -> Grid:
    """Paint surfaces into the cells of a box (2, 3).

    `tall` is the height of a cell over its width; `dated` leaves out what has no date.
    """
    size = np.array([cell, cell, tall * cell])
    nx, ny, nz = (max(int(n), 1) for n in np.ceil((box[1] - box[0]) / size - 1e-9))
    since = np.full((nz, nx, ny), surfaces.never, dtype=np.int32)
    off: NDArray[np.int8] = np.zeros((nz, nx, ny, 2), dtype=np.int8)
    frame = np.stack([box[0], size])
    near = surfaces.within(box, dated=dated)
    paint(since, off, surfaces.corners[near], surfaces.rank[near], frame, cell / 2)
    return Grid(
        low=box[0],
        cell=cell,
        tall=tall * cell,
        since=since,
        off=off,
        never=surfaces.never,
        sure=sure,
    )


def clearance(grid: Grid, now: int, *, height: float) -> I32:
    """Room round each cell once all up to rank `now` stands, for a body of some height.

    Returns
    -------
    (Z, X, Y) int32
        Distance in plan to the nearest surface within the height, in quarters of a cell
        rounded up; 0 in a filled cell.

    """
    layers, most = grid.layers(height), _STEPS * sum(grid.since.shape[1:])
    found = np.full(grid.since.shape, most, dtype=np.int32)
    xs, ys = np.meshgrid(*(np.arange(n) for n in grid.since.shape[1:]), indexing="ij")
    before = np.zeros(grid.since.shape[1:], dtype=bool)
    for z, full in enumerate(sunk(grid.since, layers) <= now):
        if not full.any():
            continue
        if z and (full == before).all():
            found[z] = found[z - 1]  # walls go straight up
            continue
        before = full
        lowest = np.argmin(grid.since[z : z + layers], axis=0)
        i, j = ndimage.distance_transform_edt(~full, return_distances=False, return_indices=True)
        off = grid.off[z + lowest[i, j], i, j] / 200.0
        steps = np.ceil(_STEPS * np.hypot(i + off[..., 0] - xs, j + off[..., 1] - ys))
        found[z] = np.where(full, 0, np.clip(steps, 1, most))
    return found


def width_of(grid: Grid, steps: int) -> float:
    """Width in metres of a gap in whose middle the room is that many steps."""
    # rounded up, and on average a quarter of a cell beside the middle
    return 2 * grid.cell * ((steps - 0.5) / _STEPS + 0.25) if steps > 0 else 0.0


def _near_need(cell: float) -> float:
    """Cells within which nothing may be for a cell to join with the next."""
    return float(np.ceil(_STEPS * _NEAR / cell) - 1) / _STEPS


def _shifted(inner: Window, outer: Window) -> Window:
    """Cells of `inner` counted from the first of `outer`, and not beyond it."""
    z, x, y = (
        slice(min(max(a.start - b.start, 0), b.stop - b.start),
              max(min(a.stop, b.stop) - b.start, 0))
        for a, b in zip(inner, outer, strict=True)
    )  # fmt: skip
    return z, x, y
