"""Ways in for all dates at once agree with one flood for each date."""

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st
from scipy import ndimage

from bimcore.model import Scene
from clash.rehearsal import r09_access
from clash.rehearsal.bulky import blocking, bulky_of
from clash.rehearsal.freespace import sunk
from clash.rehearsal.spreading import KNOWN, LEVEL, ROOM, escape, reached, spread
from clash.rehearsal.waysin import trapped_of
from tests.rehearsing import part, stage, work
from tests.slow_ways_in import Slow

NEVER = 6
SEEDS = st.integers(0, 2**32 - 1)


def cells(seed: int) -> np.ndarray:
    """Ranks of a small grid, most of them open for good."""
    rng = np.random.default_rng(seed)
    shape = tuple(rng.integers(2, 9, 3))
    filled = rng.random(shape) < rng.uniform(0.05, 0.6)
    return np.where(filled, rng.integers(0, NEVER, shape), NEVER).astype(np.int32)


@given(SEEDS)
@settings(deadline=None)
def test_a_cell_is_open_until_the_first_surface_within_the_width(seed):
    since, rng = cells(seed), np.random.default_rng(seed)
    off = np.zeros((*since.shape, 2), dtype=np.int8)
    need = float(rng.choice([0.0, 0.75, 1.5, 2.25, 4.0]))

    found = reached(since, off, need, NEVER)

    _, nx, ny = since.shape
    xs, ys = np.mgrid[:nx, :ny]
    for x in range(nx):
        for y in range(ny):
            near = np.hypot(xs - x, ys - y) <= need
            assert (found[:, x, y] == since[:, near].min(axis=1)).all()


@given(SEEDS)
@settings(deadline=None)
def test_height_takes_the_first_of_the_cells_above(seed):
    until = cells(seed)
    layers = int(np.random.default_rng(seed).integers(1, 10))

    found = sunk(until, layers)

    assert (found == [until[z : z + layers].min(axis=0) for z in range(len(until))]).all()


def joined_at(until: np.ndarray, seeds: np.ndarray, level: int) -> np.ndarray:
    """Cells joined with a seed through cells that are open until some level."""
    labels, _ = ndimage.label(until >= level)
    kinds = np.unique(labels.ravel()[seeds])
    return np.isin(labels, kinds[kinds > 0])


@given(SEEDS)
@settings(deadline=None)
def test_each_cell_is_joined_until_the_last_flood_that_reaches_it(seed):
    until = cells(seed) - 1
    rng = np.random.default_rng(seed)
    seeds = rng.choice(until.size, size=int(rng.integers(1, 6)))
    seeds = seeds[np.argsort(-until.ravel()[seeds], kind="stable")].astype(np.int64)

    found = spread(until, seeds[until.ravel()[seeds] >= 0], NEVER)

    wanted = np.full(until.shape, -1)
    for level in range(NEVER):
        wanted[joined_at(until, seeds, level)] = level
    assert (found == wanted).all()


@given(SEEDS)
@settings(deadline=None)
def test_a_way_out_from_inside_closes_when_the_flood_from_outside_does(seed):
    until, rng = cells(seed) - 1, np.random.default_rng(seed)
    known = np.where(rng.random(until.shape) < 0.1, rng.integers(0, NEVER, until.shape), -1)
    goals = rng.choice(until.size, size=3).astype(np.int64)
    index = tuple(np.arange(n) for n in until.shape)
    inner = np.array([[0, n - 1, 0, 0] for n in until.shape])
    now = int(rng.integers(0, NEVER))

    told = escape(until, goals, known.astype(np.int32), index, inner, now)

    least = np.minimum(known, until)
    levels = [
        level for level in range(NEVER) if (joined_at(until, goals, level) & (least >= level)).any()
    ]
    assert told[LEVEL] == max(levels, default=-1)
    assert told[KNOWN] == 1
    if told[LEVEL] <= now:
        room = np.argwhere(joined_at(until, goals, now + 1))
        ends = [(1 << 30, -1)] * 3 if not len(room) else [(c.min(), c.max()) for c in room.T]
        assert told[ROOM:].reshape(3, 2).tolist() == [[int(a), int(b)] for a, b in ends]


@given(SEEDS)
@settings(deadline=None)
def test_a_search_that_sees_a_part_never_says_less_than_is_true(seed):
    until, rng = cells(seed) - 1, np.random.default_rng(seed)
    known = np.where(rng.random(until.shape) < 0.1, rng.integers(0, NEVER, until.shape), -1)
    first = [int(rng.integers(0, n)) for n in until.shape]
    last = [int(rng.integers(f, n)) for f, n in zip(first, until.shape, strict=True)]
    inner = np.array([
        [f, e, f > 0, e < n - 1] for f, e, n in zip(first, last, until.shape, strict=True)
    ], dtype=np.int64)  # fmt: skip
    goal = np.array([np.ravel_multi_index(tuple(first), until.shape)])
    index = tuple(np.arange(n) for n in until.shape)
    whole = np.array([[0, n - 1, 0, 0] for n in until.shape])

    some = escape(until, goal, known.astype(np.int32), index, inner, 0)
    true = escape(until, goal, known.astype(np.int32), index, whole, 0)

    assert some[LEVEL] == true[LEVEL] if some[KNOWN] else some[LEVEL] >= true[LEVEL]


def rooms(seed: int) -> Scene:
    """Two small buildings of two rooms each, with doors or without, and a unit in each room."""
    rng = np.random.default_rng(seed)
    things, tasks = [], []
    days = rng.permutation(np.arange(1, 29))
    for house in range(2):
        left = 14.0 * house
        for k in range(2):
            x, mark = left + 3.0 * k, f"{house}{k}"
            door = float(rng.choice([0.0, 0.6, 1.5]))
            walls = [((x - 0.1, 0, 0), (x + 0.1, 3, 2.5)), ((x, 2.9, 0), (x + 3, 3.1, 2.5))]
            walls += [((x, -0.1, 0), (x + 3 - door, 0.1, 2.5))]
            walls += [((x + 2.9, 0, 0), (x + 3.1, 3, 2.5))] if k else []
            for n, (low, high) in enumerate(walls):
                things.append(part("IfcWall", low, high, name=f"w{mark}{n}"))
            things.append(part("IfcSlab", (x, 0, -0.2), (x + 3, 3, 0), name=f"f{mark}"))
            things.append(part("IfcSlab", (x, 0, 2.5), (x + 3, 3, 2.7), name=f"r{mark}"))
            size = float(rng.choice([0.85, 1.05]))
            at = (x + 0.8, 0.9, 0.05)
            end = (at[0] + size, at[1] + size, at[2] + size)
            things.append(part("IfcUnitaryEquipment", at, end, name=f"u{mark}"))
            names = [t.name for t in things if t.name[1:3] == mark]
            for n, day in enumerate(np.array_split(days, 4)[2 * house + k][: len(names)]):
                on = [name for m, name in enumerate(names[:-1]) if m % 6 == n]
                tasks.append(work(f"{mark}{n}", f"06-{day:02d}", f"06-{day:02d}", on=on))
            late = int(rng.integers(1, 30))
            tasks.append(work(f"unit {mark}", f"06-{late:02d}", f"06-{late:02d}", on=names[-1:]))
    return stage(things, tasks, rules=(r09_access,))


@pytest.mark.parametrize("seed", [2, 14])
def test_units_are_trapped_as_a_flood_for_each_date_says(seed):
    plan = rooms(seed)
    bulky = bulky_of(plan, least=0.6)

    cases, left = trapped_of(plan, bulky, np.flatnonzero(blocking(plan)))

    assert {c.element: c.closed for c in cases} == Slow(plan).trapped()
    assert left == 0
