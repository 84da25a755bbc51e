"""Ways in: which units find no free way from outside to their place at their date.

A body of some section can be in a cell until the first wall stands within its width: the cell
is open until then. What is carried gets to its place until the smallest such moment on the
best of all ways in, whatever the date. For each size this is told twice: for whole buildings in
coarse cells in which a way that is found is a way, and for the units that find none in fine
cells round them, as far as it takes to reach what is known to be open.
"""

from collections import defaultdict
from dataclasses import replace

import numpy as np

from bimcore.arrays import F64, I32, I64
from clash.rehearsal.base import Stage
from clash.rehearsal.bulky import Bulky
from clash.rehearsal.closely import CELLS as FINE_CELLS, Coarse, Search, Trapped
from clash.rehearsal.freespace import COARSEST, TALL, Grid, grid_of
from clash.rehearsal.hauling import Building, clipped, fitting, joint, volume
from clash.rehearsal.parts import parts_of
from clash.rehearsal.spreading import ROOM, escape, spread

#: Cells of a building; more would take memory and minutes.
_CELLS = 3_000_000
#: Metres: the finest and the coarsest cells of a building, and the height of one to its width.
_FINE, _MOST, _TALL = 0.12, 1.5, 0.6
#: Sections are rounded up to these for the first look.
_ROUND = np.array([0.75, 1.0, 1.25, 1.5, 2.0, 2.5, 3.0, 4.0, 5.0, 6.0, 8.0, 10.0])
#: Metres in plan, downwards and upwards round the room of a unit that are searched, one after
#: the other.
_NEAR = (3.0, 0.5, 0.8)
_REACHES = (_NEAR, (12.0, 2.0, 4.0))
#: The same where the whole building does not fit, and the whole building.
_FAR, _ALL = (40.0, 6.0, 10.0), (np.inf, np.inf, np.inf)
#: Cells, each unit counted, that are looked at in a building before no wider search is begun;
#: what is not decided then is said.
_EFFORT = 3_000_000_000
#: The same for units that are shut in for sure and searched wider only for the day it came so;
#: of what is not found then the day is said to be the last possible one.
_DAYS_EFFORT = 1_000_000_000
#: Metres round a unit that count as its room where the coarse cells show none, and at most.
_TIGHT, _WIDE = (2.0, 0.0, 1.0), (15.0, 3.0, 6.0)
#: Units go together when their space is at most so many times that of one alone.
_SHARED = 1.5


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
        cases, unknown = _of_building(Building.of(stage, bulky, walls[of_wall == part], rows))
        found += cases
        left += unknown
    return sorted(found, key=lambda c: c.row), left


def _of_building(building: Building) -> tuple[list[Trapped], int]:
    """Trapped units of a building, and how many could not be searched."""
    cell = fitting(building.box, _CELLS, _TALL)
    if cell > _MOST:
        return [], len(building.rows)
    grid = grid_of(building.surfaces, building.box, cell=max(cell, _FINE), sure=True, tall=_TALL)
    classes: dict[tuple[float, float], list[int]] = defaultdict(list)
    for row in building.rows.tolist():
        a, b = (_rounded(v) for v in building.section(row))
        classes[a, b].append(row)
    found: list[Trapped] = []
    left = 0
    for (a, b), rows in sorted(classes.items()):
        until = building.until(grid, a, b), building.until(grid, b, a)
        joined = _joined(building, grid, until[0]), _joined(building, grid, until[1])
        coarse = Coarse(grid=grid, until=until, joined=joined)
        held = [r for r in rows if not _gets_in(building, coarse, r)]
        cases, unknown = _held(building, coarse, held)
        found += cases
        left += unknown
    return found, left


def _joined(building: Building, grid: Grid, until: I32) -> I32:
    """Rank until which each cell is joined with the outside, from that until which it is open."""
    first = min(max(grid.layer(building.ground), 0), len(until) - 1)
    last = len(until) if building.sky else first + 1 + int(np.ceil(0.5 / grid.tall))
    outer = np.zeros(until.shape, dtype=bool)
    outer[first:last, [0, -1], :] = True
    outer[first:last, :, [0, -1]] = True
    if building.sky:
        outer[-1] = True
    seeds = np.flatnonzero(outer & (until >= 0))
    order = np.argsort(-until.reshape(-1)[seeds], kind="stable")
    return spread(until, seeds[order], grid.never + 1)


def _gets_in(building: Building, coarse: Coarse, row: int) -> bool:
    """Whether the coarse cells have a way to the place of a unit."""
    now = building.now(row)
    for (_, height), joined in zip(building.carryings(row), coarse.joined, strict=True):
        window, near = coarse.grid.around(building.place(row), height=height, grow=0.0, now=now)
        if (joined[window][near] > now).any():
            return True
    return False


def _held(building: Building, coarse: Coarse, rows: list[int]) -> tuple[list[Trapped], int]:
    """Trapped of `rows`, searched wider and wider, and how many stay unknown."""
    rooms = {row: _room(building, coarse, row) for row in rows}
    rows = _strict(building, coarse, rooms)
    most = _at_most(building, coarse.grid, rows)
    found: dict[int, Trapped] = {}
    fits = fitting(building.box, FINE_CELLS, TALL) <= COARSEST
    for reach in (*_REACHES, _ALL) if fits else (*_REACHES, _FAR, _ALL):
        wider: list[int] = []
        heaps = _heaps(building, {r: rooms[r] for r in rows}, reach)
        for box, members in sorted(heaps, key=lambda h: found.keys() >= set(h[1])):
            most_cells = _DAYS_EFFORT if found.keys() >= set(members) else _EFFORT
            may = reach is _NEAR or sum(building.looked) < most_cells
            search = Search.over(building, coarse, box, members) if may else None
            if search is None:
                wider += members
                continue
            for row, verdict in search.verdicts().items():
                if not verdict.known:
                    wider.append(row)
                    told = replace(verdict, level=min(verdict.level, most[row]))
                else:
                    told = verdict
                # a wider search has no finer cells: it may tell the day, not take back
                if told.level <= building.now(row):
                    found[row] = search.trapped(row, told)
        rows = sorted(wider)
    return list(found.values()), sum(r not in found for r in rows)


def _at_most(building: Building, grid: Grid, rows: list[int]) -> dict[int, int]:
    """Rank until which units get in at most, by coarse cells in which no way is missed."""
    if not rows:
        return {}
    loose = replace(grid, sure=False)
    a, b = (float(v) for v in np.min([building.section(r) for r in rows], axis=0))
    joined = [
        _joined(building, loose, building.until(loose, *section)) for section in ((a, b), (b, a))
    ]
    grow = max(building.section(r)[1] for r in rows) / 2 + 0.3 + grid.cell
    windows = {r: loose.window(building.place(r), grow=grow) for r in rows}
    return {r: max(int(j[w].max()) for j in joined) for r, w in windows.items()}


def _room(building: Building, coarse: Coarse, row: int) -> F64:
    """Box (2, 3) of the space in which a unit surely moves at its date, and of its place."""
    place, now = building.place(row), building.now(row)
    most, grid = _grown(place, _WIDE), coarse.grid
    found = place
    for (_, height), until in zip(building.carryings(row), coarse.until, strict=True):
        window, near = grid.around(place, height=height, grow=0.0, now=now)
        goals = grid.flat(window, near & (until[window] > now))
        if not len(goals):
            continue
        shape = until.shape
        inner = np.array([[0, n - 1, 0, 0] for n in shape], dtype=np.int64)
        # everything counts as joined until the date: only what is open later is followed
        known = np.full((1, 1, 1), now, dtype=np.int32)
        z, x, y = (np.zeros(n, dtype=np.int64) for n in shape)
        told = escape(until, goals, known, (z, x, y), inner, now)
        found = joint(found, clipped(grid.box(told[ROOM:]), most))
    return found if found is not place else _grown(place, _TIGHT)


def _strict(building: Building, coarse: Coarse, rooms: dict[int, F64]) -> list[int]:
    """Units without a way near by in cells in which a way is surely one."""
    held: list[int] = []
    for box, members in _heaps(building, rooms, _NEAR):
        search = Search.over(building, coarse, box, members, sure=True)
        held += members if search is None else [r for r in search.rows if not search.gets_in(r)]
    return sorted(held)


def _heaps(
    building: Building, rooms: dict[int, F64], reach: tuple[float, float, float]
) -> list[tuple[F64, list[int]]]:
    """Boxes of the space round the rooms of units, near ones in one."""
    heaps: list[tuple[F64, list[int]]] = []
    for row, room in rooms.items():
        box = clipped(_grown(room, reach), building.box)
        for k, (held, members) in enumerate(heaps):
            both = joint(box, held)
            if volume(both) <= _SHARED * volume(box):
                heaps[k] = both, [*members, row]
                break
        else:
            heaps.append((box, [row]))
    return heaps


def _grown(box: F64, by: tuple[float, float, float]) -> F64:
    """A box (2, 3) grown in plan, downwards and upwards."""
    plan, down, up = by
    found: F64 = box + np.array([[-plan, -plan, -down], [plan, plan, up]])
    return found


def _rounded(value: float) -> float:
    """A side rounded up to the sizes of the first look."""
    at = int(np.searchsorted(_ROUND, value - 1e-9))
    return float(_ROUND[at]) if at < len(_ROUND) else float(np.ceil(value))
