"""Moves worth trying for a set of elements, in round steps and directions people use."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from itertools import combinations

import numpy as np

from bimcore.arrays import F64, I64, Mask
from bimcore.relations import RelationKind
from clash.moving import Carried, Pool, Stuck
from clash.roles import scene_pairs
from clash.shapes import Shapes, project

#: Steps of straight moves and of each part of slanted ones (metres).
STEP, SLANT = 0.005, 0.010
#: A straight move is preferred to a slanted one that is shorter by no more than this.
STRAIGHT = 0.010
#: Cosine above which two directions are one.
_SAME = 0.999
_UP = np.array([0.0, 0.0, 1.0])
_SECTORS = 8


@dataclass(eq=False)
class Candidates:
    """N moves, the best first to try.

    Attributes
    ----------
    shift : (N, 3) float64
        Metres.
    key : (N,) float64
        Length, with a surcharge on slanted moves; the least that is clear is the answer.
    ray : (N,) int64
        Moves of one ray differ by length alone, or by little in direction.
    carried : list of Carried
        What moves, by `which` (N,).
    alive : (N,) bool
        Not yet ruled out.
    aimed : (N,) bool
        Moves into an opening, which the depth of a conflict says nothing about.
    stuck : tuple of str
        Why directions were left out.

    """

    shift: F64
    key: F64
    ray: I64
    which: I64
    carried: list[Carried]
    alive: Mask
    aimed: Mask
    stuck: tuple[str, ...]

    def nearest(self, *, most: int, below: float) -> list[int]:
        """The best move of each ray that is alive and better than `below`.

        Straight ones come before slanted ones, which are many; at most `most`.
        """
        order = self._open(below)
        _, first = np.unique(self.ray[order], return_index=True)
        found: list[int] = order[np.sort(first)][:most].tolist()
        return found

    def halfway(self, *, most: int, below: float) -> list[int]:
        """Of each ray the move in the middle of those alive: what is clear bounds the rest."""
        order = self._open(below)
        rays, first, counts = np.unique(self.ray[order], return_index=True, return_counts=True)
        middle = [order[self.ray[order] == r][n // 2] for r, n in zip(rays, counts, strict=True)]
        found: list[int] = np.array(middle, dtype=np.int64)[np.argsort(first)][:most].tolist()
        return found

    def _open(self, below: float) -> I64:
        usable = np.flatnonzero(self.alive & (self.key < below - 1e-9))
        order: I64 = usable[np.lexsort((self.key[usable], self.slanted[usable]))]
        return order

    @cached_property
    def slanted(self) -> Mask:
        """Moves (N,) with a surcharge."""
        found: Mask = self.key > np.linalg.norm(self.shift, axis=1) + 1e-9
        return found

    def rule_out(self, at: F64, radius: float, *, which: int | None = None) -> None:
        """Drop the moves that differ from `at` by less than `radius` metres."""
        if radius <= 0.0:
            return
        rows = np.flatnonzero(self.alive & ~self.aimed)
        away = self.shift[rows] - at
        near = np.einsum("ni,ni->n", away, away) < max(radius - 1e-7, 0.0) ** 2
        if which is not None:
            near &= self.which[rows] == which
        self.alive[rows[near]] = False

    def keep_side(self, centres: F64, plates: Shapes) -> None:
        """Drop the moves that take one of `centres` (K, 3) through one of `plates`."""
        reach = float(np.linalg.norm(self.shift, axis=1).max(initial=0.0))
        for k in range(len(plates)):
            across = plates.axes[k, 2]
            middle = (plates.low[k, 2] + plates.high[k, 2]) / 2
            for centre in centres:
                before = float(across @ centre) - middle
                if abs(before) > reach:
                    continue
                swapped = (before * (before + self.shift @ across)) < 0
                flat = (centre + self.shift) @ plates.axes[k, :2].T
                beside = (flat >= plates.low[k, :2]) & (flat <= plates.high[k, :2])
                self.alive &= ~(swapped & beside.all(axis=1))

    def sample(self, *, spacing: float) -> list[int]:
        """Straight moves that are ruled out, one every `spacing` metres of each ray."""
        steps = np.round(self.key / spacing)
        usable = ~self.alive & ~self.aimed & (np.abs(self.key - steps * spacing) < 1e-9)
        found: list[int] = np.flatnonzero(usable & ~self.slanted).tolist()
        return found

    def allow(self, move: int, *, spacing: float) -> None:
        """Take up `move` again, with what is shorter on its ray by less than `spacing`."""
        back = self.key[move] - self.key
        self.alive |= (self.ray == self.ray[move]) & (back > -1e-9) & (back < spacing - 1e-9)


def candidates(pool: Pool, members: I64, facing: Sequence[F64], *, furthest: float) -> Candidates:
    """All moves to choose from.

    Straight up, down, along and across in steps of ``STEP``, across what is in the way
    (`facing`), slanted in steps of ``SLANT``, and into openings of what is passed.

    Parameters
    ----------
    pool : Pool
        The elements that must move, with what is joined to them.
    members : (P, 2) int64
        Conflicts to clear, the mover first.
    facing : sequence of (3,) float64
        Directions in which single conflicts come apart.
    furthest : float
        Metres.

    """
    free = _free(pool.moving.seats(pool.roots))
    axes = _axes(pool, facing)
    makers = _Moves(pool, furthest)
    for axis in axes:
        if free(axis):
            makers.straight(axis)
    pairs = combinations(axes[:3], 2) if not _line(pool) else [(axes[0], axes[1])]
    for one, other in pairs:
        if free(one) and free(other):
            makers.slanted(one, other)
    for shift in _into_openings(pool, members):
        if np.linalg.norm(shift) <= furthest and free(shift / np.linalg.norm(shift)):
            makers.aimed(shift)
    return makers.done()


def _line(pool: Pool) -> bool:
    return bool(pool.moving.line[list(pool.roots)].all())


def _free(seats: Sequence[F64]) -> "_Free":
    return _Free(tuple(seats))


@dataclass(frozen=True, eq=False)
class _Free:
    """Directions along which a seated thing stays on its faces."""

    seats: tuple[F64, ...]

    def __call__(self, direction: F64) -> bool:
        return all(abs(float(direction @ n)) < 0.02 for n in self.seats)


def _axes(pool: Pool, facing: Sequence[F64]) -> list[F64]:
    """Across and up first, then along; then level directions across what is in the way."""
    rows = [pool.place[r] for r in pool.roots]
    longest = max(rows, key=lambda r: (float(pool.shapes.size[r, 0]), -r))
    level = [_level(a) for a in pool.shapes.axes[longest]]
    away = [d for d in (_level(f) for f in facing) if d is not None]
    # a riser has no heading of its own but of what it passes
    upright = abs(float(pool.shapes.axes[longest, 0, 2])) > 0.9
    first = (away + [v for v in level if v is not None]) if upright else level
    along = next((v for v in first if v is not None), np.array([1.0, 0.0, 0.0]))
    across = np.cross(_UP, along)
    axes = [across, along, _UP] if upright and _line(pool) else [_UP, across, along]
    for other in away:
        if all(abs(float(other @ a)) < _SAME for a in axes):
            axes.append(other)
    return axes[:6]


def _level(direction: F64) -> F64 | None:
    """The level part (3,) of a direction that is nearly level, as a unit vector."""
    flat = np.array([direction[0], direction[1], 0.0])
    length = float(np.linalg.norm(flat))
    if abs(float(direction[2])) > 0.2 or not length > 0.5:
        return None
    flat /= length
    # the tidy heading where rounding is all that is missing
    flat[np.abs(flat) < 1e-6] = 0.0
    found: F64 = np.round(flat, 12)
    return found


@cache
def _lattice(furthest: float) -> tuple[F64, F64, F64, F64]:
    """Parts, lengths and sectors (N,) of slanted moves within a quarter circle."""
    side = np.arange(SLANT, furthest + 1e-9, SLANT)
    p, q = (g.ravel() for g in np.meshgrid(side, side, indexing="ij"))
    length = np.hypot(p, q)
    p, q, length = (v[length <= furthest + 1e-9] for v in (p, q, length))
    return p, q, length, np.floor(np.arctan2(q, p) / (np.pi / 2) * _SECTORS / 4)


class _Moves:
    """Collects moves with what each carries along."""

    def __init__(self, pool: Pool, furthest: float) -> None:
        self.pool, self.furthest = pool, furthest
        self.rows: list[tuple[F64, F64, I64, int, bool]] = []
        self.carried: list[Carried] = []
        self.stuck: list[str] = []
        self.rays = 0

    def _carry(self, direction: F64) -> int:
        """Number of what moves in `direction`; -1 when that is nothing."""
        try:
            found = self.pool.carried(direction)
        except Stuck as stuck:
            self.stuck.append(stuck.why)
            return -1
        if found not in self.carried:
            self.carried.append(found)
        return self.carried.index(found)

    def straight(self, axis: F64) -> None:
        """Both ways along one axis."""
        for direction in (axis, -axis):
            which = self._carry(direction)
            if which >= 0:
                far = min(self.furthest, self.carried[which].limit)
                lengths = np.arange(STEP, far + 1e-9, STEP)
                self._add(lengths[:, None] * direction, lengths, np.zeros(len(lengths)), which)

    def slanted(self, one: F64, other: F64) -> None:
        """All ways between two axes."""
        p, q, length, sector = _lattice(self.furthest)
        for sign_p, sign_q in ((1, 1), (1, -1), (-1, 1), (-1, -1)):
            which = self._carry((sign_p * one + sign_q * other) / np.sqrt(2))
            if which < 0:
                continue
            shift = sign_p * p[:, None] * one + sign_q * q[:, None] * other
            keep = length <= self.carried[which].limit + 1e-9
            self._add(shift[keep], length[keep] + STRAIGHT, sector[keep], which)

    def aimed(self, shift: F64) -> None:
        """One move into an opening."""
        length = float(np.linalg.norm(shift))
        which = self._carry(shift / length)
        if which >= 0 and length <= self.carried[which].limit:
            self._add(shift[None], np.array([length]), np.zeros(1), which, aimed=True)

    def _add(self, shift: F64, key: F64, sector: F64, which: int, *, aimed: bool = False) -> None:
        self.rows.append((shift, key, self.rays + sector.astype(np.int64), which, aimed))
        self.rays += _SECTORS

    def done(self) -> Candidates:
        """All moves found."""
        sizes = [len(r[1]) for r in self.rows]
        none = np.zeros(0)
        return Candidates(
            shift=np.concatenate([np.zeros((0, 3)), *(r[0] for r in self.rows)]),
            key=np.concatenate([none, *(r[1] for r in self.rows)]),
            ray=np.concatenate([none.astype(np.int64), *(r[2] for r in self.rows)]),
            which=np.repeat(np.array([r[3] for r in self.rows], dtype=np.int64), sizes),
            carried=self.carried,
            alive=np.ones(sum(sizes), dtype=bool),
            aimed=np.repeat(np.array([r[4] for r in self.rows], dtype=bool), sizes),
            stuck=tuple(dict.fromkeys(self.stuck)),
        )


def _into_openings(pool: Pool, members: I64) -> Iterator[F64]:
    """Shifts (3,) that bring a mover within an opening of what it passes.

    The opening is the one that the model cuts into the other element; the mover must fit.
    """
    scene = pool.moving.scene
    voids = scene_pairs(scene, RelationKind.VOIDS)
    for mover, host in members.tolist():
        openings = voids[voids[:, 1] == host, 0]
        openings = openings[pool.moving.body[openings]]
        if not len(openings):
            continue
        axes = pool.moving.shapes([host]).axes
        low, high = project(scene.meshes, np.array([mover]), axes)
        below, above = project(scene.meshes, openings, np.repeat(axes, len(openings), axis=0))
        for k in range(len(openings)):
            steps = [_into((low[0, i], high[0, i]), (below[k, i], above[k, i])) for i in range(2)]
            if None not in steps and any(steps):
                yield np.array(steps, dtype=np.float64) @ axes[0, :2]


def _into(span: tuple[float, float], hole: tuple[float, float]) -> float | None:
    """The least step that brings `span` into `hole`, in whole ``STEP`` where there is room."""
    if span[1] - span[0] > hole[1] - hole[0]:
        return None
    least, most = hole[0] - span[0], hole[1] - span[1]
    if least <= 0.0 <= most:
        return 0.0
    exact = least if least > 0 else most
    tidy = float(np.ceil(exact / STEP) if exact > 0 else np.floor(exact / STEP)) * STEP
    return tidy if least <= tidy <= most else float(exact)
