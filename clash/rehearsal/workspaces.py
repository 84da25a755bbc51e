"""The room that tasks need: boxes of their elements grown, by working level and by time."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy import ndimage

from bimcore.arrays import F64, I64, Mask, starts_of
from bimcore.schedule import Action
from clash.rehearsal.crews import Crews
from clash.rehearsal.standing import Ground

#: Cells of a picture of a working space: edge in metres, and most of them in one picture.
CELL, _CELLS = 0.25, 160_000
#: Pairs of faces looked at together; bounds the memory of a sweep.
_BATCH = 2_000_000
#: A task of more than this share and number of all elements stands for everything, not a place.
_ALL_SHARE, _ALL_COUNT = 0.5, 200


@dataclass(frozen=True, eq=False, kw_only=True)
class Faces:
    """Where each task works: one row for each task and working level.

    Attributes
    ----------
    task, level : (F,) int64
    start : (F + 1,) int64
        Offsets into `element`.
    element : (K,) int64
        Scene elements.
    low, high : (F, 3) float64
        Box round the working space in the frame of the building; z from feet to heads.
    reach : float
        Metres that a working space is wider than the element.

    """

    crews: Crews
    ground: Ground
    task: I64
    level: I64
    start: I64
    element: I64
    low: F64
    high: F64
    reach: float

    def __len__(self) -> int:
        return len(self.task)

    def of(self, face: int) -> I64:
        """Elements of a face."""
        return self.element[self.start[face] : self.start[face + 1]]

    @cached_property
    def _walls(self) -> dict[int, tuple[I64, F64]]:
        return {}

    def walls_at(self, feet: float) -> tuple[I64, F64]:
        """Rows of the walls beside people at a height, and their boxes (W, 2, 2) in plan."""
        key = round(feet * 20)
        if key not in self._walls:
            box = self.ground.boxes[self.ground.walls]
            rows = np.flatnonzero((box[:, 0, 2] <= feet + 0.6) & (box[:, 1, 2] >= feet + 1.4))
            self._walls[key] = rows, box[rows, :, :2]
        return self._walls[key]

    @cached_property
    def areas(self) -> dict[int, float]:
        """Working space in square metres by face, as far as it was asked for."""
        return {}

    def area(self, face: int) -> float:
        """Square metres of the working space of one face, overlaps counted once."""
        if face not in self.areas:
            sheet = Sheet.over(self.low[face], self.high[face])
            covered = sheet.boxes(self.ground.boxes[self.of(face)], grown=self.reach)
            self.areas[face] = sheet.size(covered)
        return self.areas[face]

    def task_area(self, task: int) -> float:
        """Square metres of all working space of a task."""
        low, high = np.searchsorted(self.task, [task, task + 1]).tolist()
        return sum(self.area(face) for face in range(low, high))


def faces_of(crews: Crews, ground: Ground, *, reach: float) -> Faces:
    """The faces of all tasks at work, sorted by task and level."""
    links = crews.stage.links
    builds = np.array(
        [a in (Action.INSTALL, Action.TEMPORARY, Action.REMOVE) for a in links.action]
    ).reshape(-1)
    counts = np.bincount(links.task, minlength=len(crews.start))
    some = counts <= max(_ALL_COUNT, _ALL_SHARE * len(ground.boxes))
    at_work = crews.at_work & builds.astype(np.bool_) & some
    keep = at_work[links.task] & ground.known[links.element]
    task, element = links.task[keep].astype(np.int64), links.element[keep].astype(np.int64)
    level = ground.level[element]
    order = np.lexsort((element, level, task))
    task, element, level = task[order], element[order], level[order]
    new = np.ones(len(task), dtype=np.bool_)
    new[1:] = (np.diff(task) != 0) | (np.diff(level) != 0)
    first = np.flatnonzero(new)
    low, high = np.zeros((len(first), 3)), np.zeros((len(first), 3))
    if len(first):
        low[:, :2] = np.minimum.reduceat(ground.boxes[element, 0, :2], first) - reach
        high[:, :2] = np.maximum.reduceat(ground.boxes[element, 1, :2], first) + reach
        low[:, 2] = np.minimum.reduceat(ground.foot[element], first)
        high[:, 2] = np.maximum.reduceat(ground.head[element], first)
    return Faces(
        crews=crews,
        ground=ground,
        task=task[first],
        level=level[first],
        start=starts_of(np.diff(np.append(first, len(task)))),
        element=element,
        low=low,
        high=high,
        reach=reach,
    )


def concurrent(faces: Faces, *, same_level: bool) -> Iterator[tuple[I64, I64]]:
    """Pairs of faces of different tasks that are worked on at one time, in batches.

    An event sweep: sorted by begin, each meets those that begin before it ends.

    Parameters
    ----------
    faces : Faces
    same_level : bool
        Only pairs of one working level.

    """
    begin, end = faces.crews.start[faces.task], faces.crews.finish[faces.task]
    group = faces.level - faces.level.min(initial=0) if same_level else np.zeros_like(faces.level)
    base = begin.min(initial=0)
    span = int(end.max(initial=0) - base) + 2
    key, last = group * span + begin - base, group * span + end - base
    order = np.argsort(key, kind="stable")
    until = np.searchsorted(key[order], last[order], side="left")
    counts = np.maximum(until - np.arange(len(order)) - 1, 0)
    batch = starts_of(counts)[:-1] // _BATCH
    for part in np.split(np.arange(len(order)), np.flatnonzero(np.diff(batch)) + 1):
        number = counts[part]
        a = np.repeat(part, number)
        b = a + 1 + np.arange(len(a)) - np.repeat(starts_of(number)[:-1], number)
        a, b = order[a], order[b]
        keep = faces.task[a] != faces.task[b]
        yield a[keep], b[keep]


def meeting(faces: Faces, a: I64, b: I64) -> Mask:
    """Whether the boxes round two working spaces (P,) share space."""
    low = np.maximum(faces.low[a], faces.low[b])
    high = np.minimum(faces.high[a], faces.high[b])
    found: Mask = np.all(low < high, axis=1)
    return found


@dataclass(frozen=True, eq=False, kw_only=True)
class Sheet:
    """A grid of cells over a part of the plan."""

    origin: F64
    shape: tuple[int, int]
    cell: float

    @classmethod
    def over(cls, low: F64, high: F64, *, most: int = _CELLS) -> "Sheet":
        """A sheet over a rectangle, with cells as fine as `most` of them allow."""
        size = np.maximum(high[:2] - low[:2], CELL)
        cell = max(CELL, float(np.sqrt(size.prod() / most)))
        count = np.ceil(size / cell - 1e-6).astype(np.int64)
        return cls(origin=low[:2], shape=(int(count[0]), int(count[1])), cell=cell)

    def boxes(self, boxes: F64, *, grown: float | F64 = 0.0, touched: bool = False) -> Mask:
        """Cells (X, Y) whose middle is in one of the boxes (N, 2, 3), or that one touches."""
        grow = np.broadcast_to(np.asarray(grown, dtype=np.float64), (len(boxes),))[:, None]
        shift = 0.0 if touched else 0.5
        low = (boxes[:, 0, :2] - grow - self.origin) / self.cell - shift
        high = (boxes[:, 1, :2] + grow - self.origin) / self.cell - shift
        i = np.clip(np.floor(low + 1e-6) if touched else np.ceil(low - 1e-6), 0, self.shape)
        j = np.clip(np.ceil(high - 1e-6) if touched else np.floor(high - 1e-6) + 1, 0, self.shape)
        i, j = i.astype(np.int64), j.astype(np.int64)
        some = (i < j).all(axis=1)
        i, j = i[some], j[some]
        found: Mask = np.zeros(self.shape, dtype=np.bool_)
        if not len(i):
            return found
        first, last = i.min(axis=0), j.max(axis=0)
        i, j = i - first, j - first
        corner = np.zeros(last - first + 1, dtype=np.int32)
        np.add.at(corner, (i[:, 0], i[:, 1]), 1)
        np.add.at(corner, (j[:, 0], j[:, 1]), 1)
        np.add.at(corner, (i[:, 0], j[:, 1]), -1)
        np.add.at(corner, (j[:, 0], i[:, 1]), -1)
        inside = corner.cumsum(axis=0).cumsum(axis=1)[:-1, :-1] > 0
        found[first[0] : last[0], first[1] : last[1]] = inside
        return found

    def touched(self, boxes: F64) -> list[tuple[slice, slice]]:
        """The cells that each of the boxes (N, 2, 3) touches."""
        low = np.floor((boxes[:, 0, :2] - self.origin) / self.cell + 1e-6)
        high = np.ceil((boxes[:, 1, :2] - self.origin) / self.cell - 1e-6)
        i = np.clip(low, 0, self.shape).astype(np.int64)
        j = np.clip(np.maximum(high, low + 1), 0, self.shape).astype(np.int64)
        return [
            (slice(a, b), slice(c, d))
            for (a, c), (b, d) in zip(i.tolist(), j.tolist(), strict=True)
        ]

    def lines(self, lines: F64) -> Mask:
        """Cells (X, Y) that walls (W, 6) take; without a gap between cells."""
        found = np.zeros(self.shape, dtype=np.bool_)
        for x, y, u, v, half, thick in lines.tolist():
            wide = np.array([abs(u) * half + abs(v) * thick, abs(v) * half + abs(u) * thick])
            low = np.floor((np.array([x, y]) - wide - self.origin) / self.cell - 1)
            high = np.ceil((np.array([x, y]) + wide - self.origin) / self.cell + 1)
            i = np.clip(low, 0, self.shape).astype(np.int64)
            j = np.clip(high, 0, self.shape).astype(np.int64)
            if (i >= j).any():
                continue
            px = self.origin[0] + (np.arange(i[0], j[0]) + 0.5) * self.cell - x
            py = self.origin[1] + (np.arange(i[1], j[1]) + 0.5) * self.cell - y
            along = np.abs(px[:, None] * u + py[None] * v)
            across = np.abs(px[:, None] * v - py[None] * u)
            loose = self.cell * (abs(u) + abs(v)) / 2
            taken = (along <= half + 1e-6) & (across <= thick + loose - 1e-6)
            found[i[0] : j[0], i[1] : j[1]] |= taken
        return found

    def size(self, cells: Mask) -> float:
        """Square metres of some cells."""
        return float(np.count_nonzero(cells)) * self.cell**2

    def around(self, cells: Mask) -> tuple[F64, F64]:
        """Lower and upper corner in plan of some cells; at least one is needed."""
        rows = np.argwhere(cells)
        low, high = rows.min(axis=0), rows.max(axis=0) + 1
        return self.origin + low * self.cell, self.origin + high * self.cell


@dataclass(frozen=True, eq=False, kw_only=True)
class Common:
    """The working space that two faces share.

    Attributes
    ----------
    area : float
        Square metres.
    low, high : (3,) float64
        Box round it in the frame of the building.
    a, b : (N,) int64
        Elements of either side that are worked on from there.

    """

    area: float
    low: F64
    high: F64
    a: I64
    b: I64


def common(faces: Faces, a: int, b: int) -> Common | None:
    """What two faces share, ended by the walls that stand when they begin to share it."""
    low = np.maximum(faces.low[a], faces.low[b])
    high = np.minimum(faces.high[a], faces.high[b])
    sheet = Sheet.over(low, high)
    sides = [_near(faces, face, low, high) for face in (a, b)]
    if not len(sides[0]) or not len(sides[1]):
        return None
    boxes = faces.ground.boxes
    spaces = [sheet.boxes(boxes[side], grown=faces.reach) for side in sides]
    if not (spaces[0] & spaces[1]).any():
        return None
    closed = _closed(faces, a, b, sheet)
    if closed is not None:
        for k, side in enumerate(sides):
            spaces[k] = _within(spaces[k], sheet.boxes(boxes[side], touched=True), closed)
    shared = spaces[0] & spaces[1]
    if not shared.any():
        return None
    corner = sheet.around(shared)
    return Common(
        area=sheet.size(shared),
        low=np.array([*corner[0], low[2]]),
        high=np.array([*corner[1], high[2]]),
        a=_touching(faces, sides[0], *corner),
        b=_touching(faces, sides[1], *corner),
    )


def _near(faces: Faces, face: int, low: F64, high: F64) -> I64:
    """Elements of a face whose working space reaches into a box."""
    rows = faces.of(face)
    ground = faces.ground
    keep = (ground.boxes[rows, 0, :2] - faces.reach < high[:2]).all(axis=1)
    keep &= (ground.boxes[rows, 1, :2] + faces.reach > low[:2]).all(axis=1)
    keep &= (ground.foot[rows] < high[2]) & (ground.head[rows] > low[2])
    found: I64 = rows[keep]
    return found


def _touching(faces: Faces, rows: I64, low: F64, high: F64) -> I64:
    boxes = faces.ground.boxes[rows]
    keep = (boxes[:, 0, :2] - faces.reach < high).all(axis=1)
    found: I64 = rows[keep & (boxes[:, 1, :2] + faces.reach > low).all(axis=1)]
    return found


def _closed(faces: Faces, a: int, b: int, sheet: Sheet) -> Mask | None:
    """Cells that walls take which stand by then and that neither task builds; None for none."""
    ground = faces.ground
    if not len(ground.walls):
        return None
    feet = max(faces.low[a, 2], faces.low[b, 2])
    rows, box = faces.walls_at(float(feet))
    end = sheet.origin + np.array(sheet.shape) * sheet.cell
    some = (box[:, 0] < end).all(axis=1) & (box[:, 1] > sheet.origin).all(axis=1)
    rows = rows[some]
    if not len(rows):
        return None
    begin = max(faces.crews.start[faces.task[a]], faces.crews.start[faces.task[b]])
    walls = ground.walls[rows]
    rows = rows[standing(faces.crews, walls, begin) & ~np.isin(walls, faces.of(a))
                & ~np.isin(walls, faces.of(b))]  # fmt: skip
    return sheet.lines(ground.wall_line[rows]) if len(rows) else None


def standing(crews: Crews, elements: I64, moment: int) -> Mask:
    """Whether elements (N,) are complete at a moment and not yet being removed."""
    lives = crews.stage.lifetimes
    when = np.datetime64(int(moment), "m")
    done, off = lives.complete[elements], lives.remove[elements]
    found: Mask = (np.isnat(done) | (done <= when)) & (np.isnat(off) | (off > when))
    return found


def _within(space: Mask, core: Mask, closed: Mask) -> Mask:
    """The part of a working space that is reached from its elements without crossing a wall."""
    seed = core & space & ~closed
    if not seed.any():  # set into a wall: reached from both sides
        return space
    found: Mask = ndimage.binary_propagation(seed, mask=space & ~closed)
    return found
