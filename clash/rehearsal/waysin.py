"""Ways in: which units find no free way from outside to their place at their date."""

from collections import defaultdict
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from bimcore.arrays import F64, I64, Mask
from clash.rehearsal.base import Stage
from clash.rehearsal.bulky import Bulky
from clash.rehearsal.freespace import (
    COARSEST,
    Grid,
    around,
    carried,
    cell_for,
    clearance,
    grid_of,
    outside,
    passable,
)

#: Clearance in metres that joins a unit's own place with the space round it.
_NEAR = 0.1
#: Different dates and sizes that are searched; the rest is said, never dropped.
_MOST_SEARCHES = 60
#: Minutes of the epoch for what has no date.
_ALWAYS = -(1 << 30)
#: Sizes are rounded up to this for the first look at the finished building.
_ROUND = 0.25


@dataclass(frozen=True, slots=True, kw_only=True)
class Trapped:
    """A unit that has no way in at its date."""

    row: int
    element: int
    certain: bool
    closed: int | None
    closers: tuple[int, ...]
    width: float


@dataclass(slots=True, eq=False, kw_only=True)
class Search:
    """Free space at any date, and what of it reaches the outside."""

    stage: Stage
    bulky: Bulky
    walls: I64
    since: I64
    grid: Grid
    dated: Grid

    @classmethod
    def over(cls, stage: Stage, bulky: Bulky, walls: I64) -> "Search | None":
        """A search over the building; None where it is too large for cells that tell doors."""
        boxes = stage.scene.bounds[np.concatenate([walls, bulky.element])]
        boxes = boxes[np.isfinite(boxes).all(axis=(1, 2))]
        bounds = np.stack([boxes[:, 0].min(axis=0), boxes[:, 1].max(axis=0)])
        if cell_for(bounds) > COARSEST:
            return None
        since = _minutes(stage.lifetimes.complete[walls])
        grid = grid_of(stage.scene.meshes, walls, since, bounds=bounds)
        return cls(
            stage=stage,
            bulky=bulky,
            walls=walls,
            since=since,
            grid=grid,
            dated=grid.without(_ALWAYS),
        )

    def trapped(self) -> tuple[list[Trapped], int]:
        """Trapped units, and how many could not be searched."""
        rows = self._trapped_at_last()
        dates = _minutes(self.stage.lifetimes.appear[self.bulky.element])
        jobs: dict[tuple[int, float, float], list[int]] = defaultdict(list)
        for row in rows:
            jobs[int(dates[row]), *self._section(row)].append(row)
        order = sorted(jobs)
        found: list[Trapped] = []
        for job in order[:_MOST_SEARCHES]:
            found += self._of_job(job, jobs[job])
        return found, sum(len(jobs[j]) for j in order[_MOST_SEARCHES:])

    def _section(self, row: int) -> tuple[float, float]:
        """The two smaller sides with the margin, to the centimetre."""
        margin = float(self.stage.profile["R09.margin_m"])
        a, b = (round(float(v) + margin, 2) for v in self.bulky.sides[row, :2])
        return a, b

    def _trapped_at_last(self) -> list[int]:
        """Units that do not get into the finished building; the others get in at any date."""
        last = int(self.since.max(initial=_ALWAYS))
        classes: dict[tuple[float, float], list[int]] = defaultdict(list)
        for row in range(len(self.bulky.element)):
            a, b = (np.ceil(v / _ROUND) * _ROUND for v in self._section(row))
            classes[float(a), float(b)].append(row)
        left: list[int] = []
        for (a, b), rows in sorted(classes.items()):
            left += self._blocked(self.grid, (last, a, b), rows)
        return sorted(left)

    def _of_job(self, job: tuple[int, float, float], rows: list[int]) -> list[Trapped]:
        rows = self._blocked(self.grid, job, rows)
        if not rows:
            return []
        certain = set(self._blocked(self.dated, job, rows))
        found: list[Trapped] = []
        while rows:
            # units in one room share how it was closed
            first = rows[0]
            closed = self._closing(job, first)
            room, width = self._room(job, first)
            same = [r for r in rows if r == first or self._inside(r, room)]
            closers = self._closers(closed, room)
            found += [
                Trapped(
                    row=row,
                    element=int(self.bulky.element[row]),
                    certain=row in certain and closed is not None,
                    closed=closed,
                    closers=closers,
                    width=width,
                )
                for row in same
            ]
            rows = [r for r in rows if r not in set(same)]
        return found

    def _blocked(self, grid: Grid, job: tuple[int, float, float], rows: list[int]) -> list[int]:
        """Of `rows` those that no way of carrying their section gets in."""
        moment, a, b = job
        left = list(rows)
        for width, height in dict.fromkeys(((a, b), (b, a))):
            if not left:
                break
            room = clearance(grid, moment, height=height)
            free = self._free(grid, room, moment, width=width)
            reached = self._outside(free)
            left = [r for r in left if not self._arrives(r, room, free, reached, width=width)]
        return left

    def _ground(self) -> int:
        """Layer of the ground outside."""
        ground = float(self.stage.profile["R09.ground_m"]) - float(self.grid.low[2])
        return min(max(int(ground / self.grid.tall), 0), len(self.grid.since) - 1)

    def _free(self, grid: Grid, room: NDArray[np.uint8], moment: int, *, width: float) -> Mask:
        """Cells in which the middle of a body may be: of what is carried, near a floor."""
        free = passable(grid, room, width=width)
        if not bool(self.stage.profile["R09.sky"]):
            free &= carried(grid, moment, ground=self._ground())
        return free

    def _outside(self, free: Mask) -> Mask:
        return outside(free, sky=bool(self.stage.profile["R09.sky"]), ground=self._ground())

    def _arrives(
        self, row: int, room: NDArray[np.uint8], free: Mask, reached: Mask, *, width: float
    ) -> bool:
        """Whether the place of a unit is reached; yes where its place is too tight to tell."""
        box = self.stage.scene.bounds[self.bulky.element[row]]
        least = 4 * _NEAR / self.grid.cell
        start = self.grid.window(box, grow=-0.1 * float(self.bulky.sides[row, 0]))
        for grow in (0.0, width / 2 + 0.3):
            window = self.grid.window(box, grow=grow)
            near = around(room, _clipped(start, window), window, least=least)
            goal = near & free[window]
            if goal.any():
                return bool((goal & reached[window]).any())
        return True

    def _closing(self, job: tuple[int, float, float], row: int) -> int | None:
        """When the way of a unit was closed; None where it never was open."""
        moment, a, b = job
        events = np.unique(self.since[(self.since > _ALWAYS) & (self.since <= moment)])
        low, high = -1, len(events) - 1
        if high < 0 or self._blocked(self.grid, (int(events[0]) - 1, a, b), [row]):
            return None
        while high - low > 1:
            middle = (low + high) // 2
            if self._blocked(self.grid, (int(events[middle]), a, b), [row]):
                high = middle
            else:
                low = middle
        return int(events[high])

    def _room(self, job: tuple[int, float, float], row: int) -> tuple[F64, float]:
        """Box (2, 3) of the space a unit is shut out of, and the widest way left into it."""
        moment, a, b = job
        room = clearance(self.grid, moment, height=b)
        box = self.stage.scene.bounds[self.bulky.element[row]]
        window = self.grid.window(box, grow=0.0)
        labels, _ = ndimage.label(passable(self.grid, room, width=a))
        kinds = np.unique(labels[window])
        kinds = kinds[kinds > 0]
        held = box
        if len(kinds):
            cells = ndimage.find_objects((labels == kinds[0]).astype(np.int8))[0]
            size = np.array([self.grid.cell, self.grid.cell, self.grid.tall])
            z, x, y = cells
            low = np.array([x.start, y.start, z.start]) * size + self.grid.low
            high = np.array([x.stop, y.stop, z.stop]) * size + self.grid.low
            held = np.stack([np.minimum(low, box[0]), np.maximum(high, box[1])])
        return held, self._widest(room, row, moment, most=a)

    def _widest(self, room: NDArray[np.uint8], row: int, moment: int, *, most: float) -> float:
        """Width of the widest thing that still gets in, to two centimetres; 0 for none."""
        low, high = 0.0, most
        while high - low > 0.02:
            middle = (low + high) / 2
            free = self._free(self.grid, room, moment, width=middle)
            reached = self._outside(free)
            if self._arrives(row, room, free, reached, width=middle):
                low = middle
            else:
                high = middle
        return round(low, 2)

    def _inside(self, row: int, room: F64) -> bool:
        middle = self.stage.scene.bounds[self.bulky.element[row]].mean(axis=0)
        return bool(((middle >= room[0]) & (middle <= room[1])).all())

    def _closers(self, closed: int | None, room: F64) -> tuple[int, ...]:
        """What was completed at that moment and bounds the space."""
        if closed is None:
            return ()
        rows = self.walls[self.since == closed]
        boxes = self.stage.scene.bounds[rows]
        near = ((boxes[:, 0] <= room[1] + 1.0) & (boxes[:, 1] >= room[0] - 1.0)).all(axis=1)
        return tuple((rows[near] if near.any() else rows).tolist())


def _minutes(moments: NDArray[np.datetime64]) -> I64:
    """Minutes of the epoch; `_ALWAYS` for no date."""
    found: I64 = np.where(
        np.isnat(moments), _ALWAYS, moments.astype("datetime64[m]").astype(np.int64)
    )
    return found


def _clipped(
    start: tuple[slice, slice, slice], window: tuple[slice, slice, slice]
) -> tuple[slice, slice, slice]:
    z, x, y = (
        slice(max(a.start, b.start), max(min(a.stop, b.stop), max(a.start, b.start)))
        for a, b in zip(start, window, strict=True)
    )
    return z, x, y
