"""Ways in: which units find no free way from outside to their place at their date.

A body of some section can be in a cell until the first wall stands within its width: the cell
is open until then. What is carried gets to its place until the smallest such moment on the
best of all ways in, whatever the date. For each size this is told twice: for whole buildings in
coarse cells in which a way that is found is a way, and for the units that find none in fine
cells round them, as far as it takes to reach what is known to be open.
"""

from collections import defaultdict
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from bimcore.arrays import F64, I32, I64, Mask
from clash.rehearsal.base import Stage
from clash.rehearsal.bulky import Bulky
from clash.rehearsal.freespace import (
    COARSEST,
    FINEST,
    TALL,
    Grid,
    Surfaces,
    clearance,
    grid_of,
    width_of,
)
from clash.rehearsal.parts import parts_of
from clash.rehearsal.spreading import KNOWN, LEVEL, ROOM, escape, spread

#: Minutes of the epoch for what has no date.
ALWAYS = -(1 << 30)
#: Cells of a building, and of the space round some units; more would take memory and minutes.
_COARSE_CELLS, _FINE_CELLS = 3_000_000, 10_000_000
#: Metres: the finest and the coarsest cells of a building, and the height of one to its width.
_COARSE, _COARSE_MOST, _COARSE_TALL = 0.12, 1.5, 0.6
#: Sections are rounded up to these for the first look.
_ROUND = np.array([0.75, 1.0, 1.25, 1.5, 2.0, 2.5, 3.0, 4.0, 5.0, 6.0, 8.0, 10.0])
#: Metres in plan, downwards and upwards round a unit that are searched, one after the other.
_REACHES = ((5.0, 1.0, 1.5), (14.0, 2.0, 4.0), (40.0, 8.0, 12.0), (np.inf, np.inf, np.inf))
#: Metres of outside round a building.
_PAD = 1.5
#: Units go together when their space is at most so many times that of one alone.
_SHARED = 1.5
#: Grids of ranks that are kept for further units of one section.
_KEPT = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Trapped:
    """A unit that has no way in at its date.

    Attributes
    ----------
    row, element : int
        Row of the bulky units, and element of the scene.
    certain : bool
        Whether what has a date closes the way alone.
    closed : int or None
        Minute of the epoch at which the last way was closed; None where none ever was open.
    closers : tuple of int
        Elements that closed it.
    width : float
        Metres of the widest way left.

    """

    row: int
    element: int
    certain: bool
    closed: int | None
    closers: tuple[int, ...]
    width: float


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Coarse:
    """Until when the cells of a building are joined with the outside, for one size.

    `joined` holds a grid of ranks for each of the two ways of carrying the section.
    """

    grid: Grid
    joined: tuple[I32, I32]


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What the fine cells say of a unit.

    Attributes
    ----------
    level : int
        Rank until which it gets in, at most.
    known : bool
        Whether it is just that.
    room : (2, 3) float64
        Box of the space it is in at its date.

    """

    level: int
    known: bool
    room: F64


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Building:
    """What stands in the way in one building, and the units that come into it.

    Attributes
    ----------
    walls, since : (N,) int64
        Scene elements, and the minute of the epoch at which each stands.
    rows : (M,) int64
        Rows of the bulky units.
    box : (2, 3) float64
        The building with some outside round it.

    """

    stage: Stage
    bulky: Bulky
    walls: I64
    since: I64
    rows: I64
    box: F64
    surfaces: Surfaces
    dates: I64

    @classmethod
    def of(cls, stage: Stage, bulky: Bulky, walls: I64, rows: I64) -> "Building":
        """A building of some blocking elements."""
        boxes = stage.scene.bounds[np.concatenate([walls, bulky.element[rows]])]
        widest = float(bulky.sides[rows, 1].max(initial=0.0))
        pad = max(_PAD, widest / 2 + _PAD)
        since = minutes(stage.lifetimes.complete[walls])
        return cls(
            stage=stage,
            bulky=bulky,
            walls=walls,
            since=since,
            rows=rows,
            box=np.stack([boxes[:, 0].min(axis=0) - pad, boxes[:, 1].max(axis=0) + pad]),
            surfaces=Surfaces.of(stage.scene.meshes, walls, since, always=ALWAYS),
            dates=minutes(stage.lifetimes.appear[bulky.element]),
        )

    @property
    def sky(self) -> bool:
        """Whether things come in from above and over walls; else along the ground alone."""
        return bool(self.stage.profile["R09.sky"])

    @property
    def ground(self) -> float:
        """Height of the ground outside."""
        return float(self.stage.profile["R09.ground_m"])

    def now(self, row: int) -> int:
        """Rank of the last that stands when a unit comes."""
        return self.surfaces.rank_at(int(self.dates[row]))

    def place(self, row: int) -> F64:
        """Box (2, 3) of a unit at its place."""
        found: F64 = self.stage.scene.bounds[self.bulky.element[row]]
        return found

    def section(self, row: int) -> tuple[float, float]:
        """The two smaller sides of a unit with the margin, to the centimetre."""
        margin = float(self.stage.profile["R09.margin_m"])
        a, b = (round(float(v) + margin, 2) for v in self.bulky.sides[row, :2])
        return a, b

    def trapped(self) -> tuple[list[Trapped], int]:
        """Trapped units, and how many could not be searched."""
        cell = _fitting(self.box, _COARSE_CELLS, _COARSE_TALL)
        if cell > _COARSE_MOST:
            return [], len(self.rows)
        grid = grid_of(
            self.surfaces, self.box, cell=max(cell, _COARSE), sure=True, tall=_COARSE_TALL
        )
        classes: dict[tuple[float, float], list[int]] = defaultdict(list)
        for row in self.rows.tolist():
            a, b = (_rounded(v) for v in self.section(row))
            classes[a, b].append(row)
        found: list[Trapped] = []
        left = 0
        for (a, b), rows in sorted(classes.items()):
            coarse = Coarse(grid=grid, joined=(self._joined(grid, a, b), self._joined(grid, b, a)))
            held = [r for r in rows if not self._gets_in(coarse, r)]
            cases, unknown = self._fine(coarse, held)
            found += cases
            left += unknown
        return found, left

    def _joined(self, grid: Grid, width: float, height: float) -> I32:
        """Rank until which each cell is joined with the outside for a section."""
        until = self.until(grid, width, height)
        ground = grid.layer(self.ground)
        first = min(max(ground, 0), len(until) - 1)
        last = len(until) if self.sky else first + 1 + int(np.ceil(0.5 / grid.tall))
        outer = np.zeros(until.shape, dtype=bool)
        outer[first:last, [0, -1], :] = True
        outer[first:last, :, [0, -1]] = True
        if self.sky:
            outer[-1] = True
        seeds = np.flatnonzero(outer & (until >= 0))
        order = np.argsort(-until.reshape(-1)[seeds], kind="stable")
        return spread(until, seeds[order], grid.never + 1)

    def until(self, grid: Grid, width: float, height: float) -> I32:
        """Rank until which a section can be in each cell of a grid."""
        until = grid.open_until(width=width, height=height)
        if not self.sky:
            until[~grid.carried(ground=self.ground)] = -1
        return until

    def _gets_in(self, coarse: Coarse, row: int) -> bool:
        """Whether the first look finds a way to the place of a unit."""
        now = self.now(row)
        for (_, height), joined in zip(self.carryings(row), coarse.joined, strict=True):
            window, near = coarse.grid.around(self.place(row), height=height, grow=0.0, now=now)
            if (joined[window][near] > now).any():
                return True
        return False

    def carryings(self, row: int) -> tuple[tuple[float, float], tuple[float, float]]:
        """Width and height of the ways of carrying a unit."""
        a, b = self.section(row)
        return (a, b), (b, a)

    def closers(self, closed: int | None, room: F64) -> tuple[int, ...]:
        """What was completed at that minute and bounds the space."""
        if closed is None:
            return ()
        rows = self.walls[self.since == closed]
        boxes = self.stage.scene.bounds[rows]
        near = ((boxes[:, 0] <= room[1] + 1.0) & (boxes[:, 1] >= room[0] - 1.0)).all(axis=1)
        return tuple((rows[near] if near.any() else rows).tolist())

    def _fine(self, coarse: Coarse, rows: list[int]) -> tuple[list[Trapped], int]:
        """Trapped of `rows`, searched wider and wider, and how many stay unknown."""
        dim: dict[int, Trapped] = {}
        found: list[Trapped] = []
        for reach in _REACHES:
            wider: list[int] = []
            for box, members in self._heaps(rows, reach):
                search = Search.over(self, coarse, box, members)
                if search is None:
                    wider += members
                    continue
                for row in search.rows:
                    verdict = search.verdict(row)
                    case = search.trapped(row, verdict) if verdict.level <= self.now(row) else None
                    if not verdict.known:
                        wider.append(row)
                        if case is not None:
                            dim.setdefault(row, case)
                    elif case is not None:
                        found.append(case)
                        dim.pop(row, None)
            rows = wider
        return [*found, *dim.values()], sum(r not in dim for r in rows)

    def _heaps(
        self, rows: list[int], reach: tuple[float, float, float]
    ) -> list[tuple[F64, list[int]]]:
        """Boxes of space round units, near ones in one."""
        plan, down, up = reach
        grow = np.array([[-plan, -plan, -down], [plan, plan, up]])
        heaps: list[tuple[F64, list[int]]] = []
        for row in rows:
            box = clipped(self.place(row) + grow, self.box)
            for k, (held, members) in enumerate(heaps):
                both = np.stack([np.minimum(box[0], held[0]), np.maximum(box[1], held[1])])
                if volume(both) <= _SHARED * volume(box):
                    heaps[k] = both, [*members, row]
                    break
            else:
                heaps.append((box, [row]))
        return heaps


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Search:
    """Fine cells round some units of a building.

    Attributes
    ----------
    rows : list of int
        Rows of the bulky units, those of one section after the other.
    box : (2, 3) float64
        What is looked at.
    inner : (3, 4) int64
        The same in cells of `grid`, which holds what reaches into it, too; see
        :func:`clash.rehearsal.spreading.escape`.
    index : three of int64
        Coarse cell of each fine layer, row and column.

    """

    building: Building
    coarse: Coarse
    rows: list[int]
    box: F64
    grid: Grid
    dated: Grid
    inner: I64
    index: tuple[I64, I64, I64]
    kept: dict[tuple[object, ...], I32] = field(default_factory=dict)

    @classmethod
    def over(cls, building: Building, coarse: Coarse, box: F64, rows: list[int]) -> "Search | None":
        """A search of a box; None where it is too large for cells that tell doors."""
        high = max(building.section(r)[1] for r in rows) + 0.3
        under = 0.0 if building.sky else 1.8
        margin = np.array([[-high / 2, -high / 2, -under], [high / 2, high / 2, high]])
        outer = clipped(box + margin, building.box)
        cell = max(FINEST, _fitting(outer, _FINE_CELLS, TALL))
        if cell > COARSEST:
            return None
        grid = grid_of(building.surfaces, outer, cell=cell)
        near = building.surfaces.within(outer)
        undated = bool((building.surfaces.rank[near] == 0).any())
        more = (np.abs(box - building.box) > 1e-6)[:, [2, 0, 1]].T
        first, last = grid.index(box - [[0.0] * 3, [1e-9] * 3])
        return cls(
            building=building,
            coarse=coarse,
            rows=sorted(rows, key=building.section),
            box=box,
            grid=grid,
            dated=grid_of(building.surfaces, outer, cell=cell, dated=True) if undated else grid,
            inner=np.ascontiguousarray(np.column_stack([first, last, more]), dtype=np.int64),
            index=_index(grid, coarse.grid),
        )

    def verdict(self, row: int, *, dated: bool = False) -> Verdict:
        """Until when a unit gets in; always where its place is too tight to tell."""
        building = self.building
        now, found = building.now(row), []
        for section, joined in zip(building.carryings(row), self.coarse.joined, strict=True):
            until = self._until(*section, dated=dated)
            goals = self._goals(row, until > now, *section)
            if not len(goals):
                return Verdict(level=self.grid.never, known=True, room=building.place(row))
            told = escape(until, goals, joined, self.index, self.inner, now)
            room = self._box(told[ROOM:], building.place(row))
            found.append(Verdict(level=int(told[LEVEL]), known=bool(told[KNOWN]), room=room))
            if told[LEVEL] > now and told[KNOWN]:
                break
        best = max(found, key=lambda v: (v.level, v.known))
        return best if best.level > now else replace(best, room=found[0].room)

    def trapped(self, row: int, verdict: Verdict) -> Trapped:
        """What there is to say of a unit that does not get in."""
        building = self.building
        moments = building.surfaces.moments
        closed = int(moments[verdict.level - 1]) if verdict.level > 0 else None
        certain = closed is not None
        if certain and self.dated is not self.grid:
            certain = self.verdict(row, dated=True).level <= building.now(row)
        return Trapped(
            row=row,
            element=int(building.bulky.element[row]),
            certain=certain,
            closed=closed,
            closers=building.closers(closed, verdict.room),
            width=self._width(row),
        )

    def _until(self, width: float, height: float, *, dated: bool) -> I32:
        """Rank until which a section can be in each cell, kept while rows have that section."""
        key = (dated, width, height)
        if key not in self.kept:
            if len(self.kept) >= _KEPT:
                self.kept.clear()
            self.kept[key] = self.building.until(self.dated if dated else self.grid, width, height)
        return self.kept[key]

    def _goals(self, row: int, free: Mask, width: float, height: float) -> I64:
        """Flat cells at the place of a unit in which its middle may be; none if too tight."""
        place, now = self.building.place(row), self.building.now(row)
        for grow in (0.0, width / 2 + 0.3):
            window, near = self.grid.around(place, height=height, grow=grow, now=now)
            near &= free[window]
            if near.any():
                cells = [a + w.start for a, w in zip(np.nonzero(near), window, strict=True)]
                goals: I64 = np.ravel_multi_index(tuple(cells), free.shape).astype(np.int64)
                return goals
        return np.zeros(0, dtype=np.int64)

    def _box(self, cells: I64, place: F64) -> F64:
        """Box in metres of first and last cells on z, x and y, with the place itself."""
        first = np.array([cells[2], cells[4], cells[0]])
        last = np.array([cells[3], cells[5], cells[1]]) + 1
        if (first >= last).any():
            return place
        low, high = (self.grid.low + end * self.grid.size for end in (first, last))
        return np.stack([np.minimum(low, place[0]), np.maximum(high, place[1])])

    def _width(self, row: int) -> float:
        """Width in metres of the widest thing of the same height that still gets in."""
        building, now = self.building, self.building.now(row)
        narrow, height = building.section(row)
        key = (now, height)
        if key not in self.kept:
            room = clearance(self.grid, now, height=height)
            room[room == 0] = -1
            if not building.sky:
                room[~self.grid.carried(ground=building.ground)] = -1
            self.kept[key] = room
        room = self.kept[key]
        goals = self._goals(row, room > 0, 0.0, height)
        far = np.iinfo(np.int32).max
        joined = np.where(self.coarse.joined[0] > now, far, -1).astype(np.int32)
        steps = int(escape(room, goals, joined, self.index, self.inner, far)[LEVEL])
        return round(min(width_of(self.grid, steps), narrow), 2)


def trapped_of(stage: Stage, bulky: Bulky, walls: I64) -> tuple[list[Trapped], int]:
    """Units without a way in past `walls` (N,), and how many could not be searched.

    Buildings that stand apart are searched by themselves.
    """
    boxes = stage.scene.bounds
    walls = walls[np.isfinite(boxes[walls]).all(axis=(1, 2))]
    if not len(walls):
        return [], 0
    of_wall, of_unit = parts_of(boxes[walls], boxes[bulky.element])
    found: list[Trapped] = []
    left = 0
    for part in np.unique(of_unit[of_unit >= 0]).tolist():
        rows = np.flatnonzero(of_unit == part)
        cases, unknown = Building.of(stage, bulky, walls[of_wall == part], rows).trapped()
        found += cases
        left += unknown
    return sorted(found, key=lambda c: c.row), left


def minutes(moments: NDArray[np.datetime64]) -> I64:
    """Minutes of the epoch; `ALWAYS` for no date."""
    found: I64 = np.where(
        np.isnat(moments), ALWAYS, moments.astype("datetime64[m]").astype(np.int64)
    )
    return found


def volume(box: F64) -> float:
    """Cubic metres of a box (2, 3)."""
    return float(np.prod(box[1] - box[0]))


def clipped(box: F64, to: F64) -> F64:
    """Part of a box (2, 3) inside another."""
    return np.stack([np.maximum(box[0], to[0]), np.minimum(box[1], to[1])])


def _fitting(box: F64, most: int, tall: float) -> float:
    """Width of the cells of which `most` fill a box."""
    return float((volume(box) / most / tall) ** (1 / 3))


def _rounded(value: float) -> float:
    """A side rounded up to the sizes of the first look."""
    at = int(np.searchsorted(_ROUND, value - 1e-9))
    return float(_ROUND[at]) if at < len(_ROUND) else float(np.ceil(value))


def _index(fine: Grid, coarse: Grid) -> tuple[I64, I64, I64]:
    """Coarse cell of each layer, row and column of a fine grid."""
    z, x, y = (
        np.clip(
            np.floor((low + (np.arange(n) + 0.5) * size - start) / large).astype(np.int64), 0, m - 1
        )
        for n, m, low, size, start, large in zip(
            fine.since.shape,
            coarse.since.shape,
            fine.low[[2, 0, 1]],
            fine.size[[2, 0, 1]],
            coarse.low[[2, 0, 1]],
            coarse.size[[2, 0, 1]],
            strict=True,
        )
    )
    return z, x, y
