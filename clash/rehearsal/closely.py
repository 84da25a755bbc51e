"""The space round some units in fine cells, as far as what is known to be open."""

from dataclasses import dataclass, field, replace

import numpy as np
from scipy import ndimage

from bimcore.arrays import F64, I32, I64, Mask
from clash.rehearsal.freespace import (
    COARSEST,
    FINEST,
    TALL,
    Grid,
    clearance,
    grid_of,
    width_of,
)
from clash.rehearsal.hauling import Building, clipped, fitting, joint
from clash.rehearsal.spreading import KNOWN, LEVEL, ROOM, escape

#: Cells of the space round some units; more would take memory and minutes.
CELLS = 8_000_000
#: Cells in which the widest way left is measured.
_WIDTH_CELLS = 4_000_000
#: Metres: cells of a first search.
_SURE = 0.1
#: Units from which the smallest and the largest section are tried for all.
_MANY = 3
#: Grids of ranks that are kept for further units of one section.
_KEPT = 4
#: Ways of carrying a section.
_WAYS = 2


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
    exact : bool
        Whether it is closed since just then; else then at the latest.
    width : float or None
        Metres of the widest way left; None where it is too far off to be measured.

    """

    row: int
    element: int
    certain: bool
    closed: int | None
    closers: tuple[int, ...]
    exact: bool
    width: float | None


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Coarse:
    """Until when the cells of a building are joined with the outside, for one size.

    `until` and `joined` hold a grid of ranks for each of the two ways of carrying the section:
    until when each cell is open, and until when it is joined with the outside.
    """

    grid: Grid
    until: tuple[I32, I32]
    joined: tuple[I32, I32]


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What the fine cells say of a unit.

    Attributes
    ----------
    level : int
        Rank until which it gets in, at most.
    known : bool
        Whether it is just that for the section looked at.
    exact : bool
        Whether that section is the unit's own, or tells as much.
    room : (2, 3) float64
        Box of the space it is in at its date.

    """

    level: int
    known: bool
    room: F64
    exact: bool = True


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
    spaces: dict[tuple[object, ...], I32] = field(default_factory=dict)
    followed: dict[tuple[object, ...] | None, I64] = field(default_factory=dict)

    @classmethod
    def over(
        cls,
        building: Building,
        coarse: Coarse,
        box: F64,
        rows: list[int],
        *,
        sure: bool = False,
    ) -> "Search | None":
        """A search of a box; None where it is too large for cells that tell doors.

        With `sure` the cells are larger, and a way in them is surely one.
        """
        high = max(building.section(r)[1] for r in rows) + 0.3
        under = 0.0 if building.sky else 1.8
        margin = np.array([[-high / 2, -high / 2, -under], [high / 2, high / 2, high]])
        outer = clipped(box + margin, building.box)
        cell = max(_SURE if sure else FINEST, fitting(outer, CELLS, TALL))
        if cell > COARSEST:
            return None
        grid = grid_of(building.surfaces, outer, cell=cell, sure=sure)
        near = building.surfaces.within(outer)
        undated = not sure and bool((building.surfaces.rank[near] == 0).any())
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

    def gets_in(self, row: int) -> bool:
        """Whether there is a way in that is known."""
        told = self._told(row, self.building.section(row))
        return any(v is not None and v.known and v.level > self.building.now(row) for v in told)

    def verdicts(self) -> dict[int, Verdict]:
        """Until when each unit gets in.

        In many cells the smallest section of all is tried first, then the largest: what does not
        get in as the smallest is shut in, at the latest since that rank, and what gets in as
        the largest needs no look of its own.
        """
        if len(self.rows) < _MANY or self.grid.since.size <= _WIDTH_CELLS:
            return {row: self.verdict(row) for row in self.rows}
        sections = np.array([self.building.section(r) for r in self.rows])
        least, most = (
            (float(a), float(b)) for a, b in (sections.min(axis=0), sections.max(axis=0))
        )
        found: dict[int, Verdict] = {}
        for section in (least, most, None):
            left = [r for r in self.rows if r not in found]
            for row in sorted(left, key=self.building.now) if section else left:
                told, now = self.verdict(row, section=section), self.building.now(row)
                shut, open_ = told.level <= now, told.known and told.level > now
                if section is None or (shut if section is least else open_):
                    found[row] = told
        return {row: self._of_own(row, told, least, most) for row, told in found.items()}

    def _of_own(
        self, row: int, told: Verdict, least: tuple[float, float], most: tuple[float, float]
    ) -> Verdict:
        """A verdict on a unit that may be that on a smaller one: whether the day is its own, too."""
        shut = told.level <= self.building.now(row)
        if not shut or not told.known or self.building.section(row) == least:
            return told
        # what closes for the smallest and for the largest at once closes for it just then
        large = self.verdict(row, section=most)
        return replace(told, exact=large.known and large.level == told.level)

    def verdict(
        self, row: int, *, dated: bool = False, section: tuple[float, float] | None = None
    ) -> Verdict:
        """Until when a unit gets in; always where its place is too tight to tell.

        As if it were of another `section` where one is given.
        """
        told = self._told(row, section or self.building.section(row), dated=dated)
        found = [v for v in told if v is not None]
        if len(found) < len(told):
            place = self.building.place(row)
            return Verdict(level=self.grid.never, known=True, room=place)
        best = max(found, key=lambda v: (v.level, v.known))
        held = best.level <= self.building.now(row)
        return replace(best, room=found[0].room) if held else best

    def _told(
        self, row: int, section: tuple[float, float], *, dated: bool = False
    ) -> list[Verdict | None]:
        """Of each way of carrying a unit, up to the first that gets it in; None if too tight."""
        building = self.building
        now, found = building.now(row), []
        ways = section, section[::-1]
        for (width, height), joined in zip(ways, self.coarse.joined, strict=True):
            until = self._until(width, height, dated=dated)
            goals = self._goals(row, until > now, width, height)
            verdict = None
            if len(goals):
                told = self._escape(until, goals, joined, now, key=(dated, width, height, now))
                place = building.place(row)
                seen = told[ROOM + 1] >= 0
                room = joint(place, self.grid.box(told[ROOM:])) if seen else place
                verdict = Verdict(level=int(told[LEVEL]), known=bool(told[KNOWN]), room=room)
            found.append(verdict)
            if verdict is not None and verdict.known and verdict.level > now:
                break
        return found

    def _escape(
        self, until: I32, goals: I64, joined: I32, now: int, *, key: tuple[object, ...]
    ) -> I64:
        """As :func:`escape`, once for all units that stand in one space when they come.

        From any cell of it the whole of it is joined, so that all get in then, or none does
        and all since the same day.
        """
        place = None
        if sum(self.building.now(r) == now for r in self.rows) >= _MANY:
            own = np.unique(self._spaces(until, now, key).reshape(-1)[goals])
            place = (*key, int(own[0])) if len(own) == 1 and own[0] > 0 else None
        if place in self.followed:
            return self.followed[place]
        told = escape(until, goals, joined, self.index, self.inner, now)
        if not self.grid.sure:
            self.building.looked.append(until.size // 2)  # of two ways of carrying it
        if place is not None:
            self.followed[place] = told
        return told

    def _spaces(self, until: I32, now: int, key: tuple[object, ...]) -> I32:
        """Number (Z, X, Y) of the space that each cell is in while a unit comes; 0 in none."""
        if key not in self.spaces:
            if len(self.spaces) >= _WAYS:
                self.spaces.clear()
            found = np.zeros(until.shape, dtype=np.int32)
            z, x, y = (slice(int(a), int(b) + 1) for a, b, *_ in self.inner)
            found[z, x, y] = ndimage.label(until[z, x, y] > now)[0]
            self.spaces[key] = found
        return self.spaces[key]

    def trapped(self, row: int, verdict: Verdict) -> Trapped:
        """What there is to say of a unit that does not get in."""
        building = self.building
        moments = building.surfaces.moments
        closed = int(moments[verdict.level - 1]) if verdict.level > 0 else None
        certain = closed is not None
        small = self.grid.since.size <= _WIDTH_CELLS
        if certain and self.dated is not self.grid:
            certain = self.verdict(row, dated=True).level <= building.now(row)
        return Trapped(
            row=row,
            element=int(building.bulky.element[row]),
            certain=certain,
            closed=closed,
            closers=building.closers(closed, verdict.room),
            exact=verdict.known and verdict.exact,
            width=self._width(row) if verdict.known and small else None,
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
                return self.grid.flat(window, near)
        return np.zeros(0, dtype=np.int64)

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
