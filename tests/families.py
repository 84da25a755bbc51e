"""Pairs of bodies that clash tests get wrong, drawn at random."""

from collections.abc import Callable

import numpy as np

from tests.builders import (
    Body,
    box,
    inverted,
    joined,
    l_shape,
    moved,
    opened,
    pipe,
    prism,
    rotation,
    scaled,
    shuffled,
    sphere,
    subdivided,
    torus,
    tube,
    turned,
)

Rng = np.random.Generator
Pair = tuple[Body, Body]

#: The tolerance and the clearance the pairs are drawn around.
TOLERANCE, CLEARANCE = 0.002, 0.05

#: Overlaps (positive) and gaps (negative) that decide relations, in metres.
STEPS = np.array(
    [0.0, 0.0, 1e-7, -1e-7, 1e-9, 0.0005, -0.0005, 0.00199, 0.00201, -0.00199, -0.00201]
    + [0.004, -0.004, 0.0499, 0.0501, -0.0499, -0.0501, 0.05, 0.2, -0.03]
)
SIZES = np.array([0.003, 0.1, 0.2, 0.5, 1.0, 3.0, 5.0])


def step(rng: Rng) -> float:
    return float(rng.choice(STEPS))


def sizes(rng: Rng, *, least: float = 0.1) -> np.ndarray:
    return rng.choice(SIZES[least <= SIZES], size=3)


def stacked_boxes(rng: Rng) -> Pair:
    """In line along one axis, with side faces shared or not."""
    a, axis = sizes(rng), int(rng.integers(3))
    b = np.where(rng.random(3) < 0.5, a, sizes(rng))
    at = np.where(rng.random(3) < 0.5, 0.0, rng.choice([0.05, -0.05, 0.1, 1e-7], size=3))
    at[axis] = a[axis] - step(rng)
    return box(a), box(b, at)


def grid_boxes(rng: Rng) -> Pair:
    """Sizes and offsets from one short list: faces, edges and corners coincide by chance."""
    a, b = rng.choice([0.5, 1.0, 1.5], size=(2, 3))
    return box(a), box(b, rng.choice([-1.5, -1.0, -0.5, 0.0, 0.5, 1.0], size=3))


def tilted_boxes(rng: Rng) -> Pair:
    b = turned(moved(box(sizes(rng)), -rng.random(3)), rotation(rng))
    return box(sizes(rng)), moved(b, rng.normal(scale=0.8, size=3))


def edge_on_edge(rng: Rng) -> Pair:
    """Two crossing beams that rest on an edge each."""
    a = turned(moved(box((4, 1, 1)), (-2, -0.5, -0.5)), _about((1, 0, 0), 45))
    b = turned(moved(box((1, 4, 1)), (-0.5, -2, -0.5)), _about((0, 1, 0), 45))
    return a, moved(b, (0, 0, np.sqrt(2) - step(rng)))


def notched(rng: Rng) -> Pair:
    """A column in the notch of an L, touching or entering one leg or both."""
    long, short, width = 2.0, 0.5, float(rng.choice([0.2, 0.5, 1.5]))
    x, y = short - step(rng), short - (step(rng) if rng.random() < 0.5 else -0.1)
    low = float(rng.choice([0.0, 0.5, -0.5]))
    return l_shape(long=long, short=short), box((width, width, 3.0), (x, y, low))


def parallel_pipes(rng: Rng) -> Pair:
    radius, other = rng.choice([0.05, 0.1, 0.25], size=2)
    length, sides = rng.choice([0.5, 1.0, 2.0], size=2), int(rng.choice([6, 12, 20]))
    a = pipe(start=(0, 0, 0), end=(0, 0, length[0]), radius=radius, sides=sides)
    turn = float(rng.choice([0.0, 0.1]))
    b = pipe(start=(0, 0, 0), end=(0, 0, length[1]), radius=other, sides=sides, turn=turn)
    away = (radius + other - step(rng)) if rng.random() < 0.6 else 0.0
    return a, moved(b, (away, 0, float(rng.choice([0.0, 0.1, -0.1, length[0]]))))


def crossing_pipes(rng: Rng) -> Pair:
    a = pipe(start=(-1, 0, 0), end=(1, 0, 0), radius=0.1, sides=int(rng.choice([8, 16])))
    tip = np.array([float(rng.choice([0.0, 0.3])), 1.0, float(rng.choice([0.0, 0.2]))])
    b = pipe(start=-tip, end=tip, radius=0.05, sides=int(rng.choice([8, 12])))
    return a, moved(b, (0, 0, float(rng.choice([0.0, 0.15 - step(rng), 0.15]))))


def pipe_in_sleeve(rng: Rng) -> Pair:
    sleeve = tube(start=(0, 0, 0), end=(0, 0, 0.4), outer=0.2, inner=0.15, sides=12)
    radius = float(rng.choice([0.05, 0.12, 0.149, 0.15, 0.16, 0.2]))
    b = pipe(start=(0, 0, -0.5), end=(0, 0, 0.9), radius=radius, sides=12)
    return sleeve, moved(b, (float(rng.choice([0.0, 0.0, 0.01])), 0, 0))


def nested(rng: Rng) -> Pair:
    """A box within a box, apart from its faces, on one of them, or out through it."""
    a, b = np.array([2.0, 2.0, 2.0]), np.array([0.5, 0.5, 0.5])
    at = rng.choice([0.0, 0.5, 0.75, 1.5, -0.001, 0.002, 1e-7], size=3)
    outer = box(a) if rng.random() < 0.5 else joined(box(a), box(a, (5, 0, 0)))
    return outer, box(b, at)


def in_cavity(rng: Rng) -> Pair:
    """A body in the hollow of another: free, on the wall, into the wall."""
    hollow = joined(box((3, 3, 3)), inverted(box((2, 2, 2), (0.5, 0.5, 0.5))))
    at = np.array([0.5 - step(rng), 1.0, float(rng.choice([0.5, 0.7]))])
    return hollow, box((0.4, 0.4, 0.4), at)


def ring(rng: Rng) -> Pair:
    b = pipe(start=(0, 0, -1), end=(0, 0, 1), radius=0.1, sides=8)
    at = (float(rng.choice([0.0, 0.65, 0.69, 0.71, 1.0])), 0.03, float(rng.choice([0.0, 0.3])))
    return torus(major=1.0, minor=0.2, sides=12, rings=8), moved(b, at)


def thin_sheets(rng: Rng) -> Pair:
    sheet = box((1.0, 1.0, 0.003), (0, 0, 0.5))
    if rng.random() < 0.3:
        return sheet, box((1.0, 1.0, 0.003), (0.2, 0.2, 0.503 - step(rng)))
    if rng.random() < 0.5:
        return sheet, box((0.003, 1.0, 1.0), (float(rng.random()), 0.1, 0.0))
    return sheet, box((0.2, 2, 2), (float(rng.choice([0.4, 1.0 - step(rng)])), -0.5, -0.5))


def slivers(rng: Rng) -> Pair:
    width = float(rng.choice([1e-4, 1e-3, 0.01]))
    spike = prism([(0, 0), (3, 0), (0, width)], height=0.5)
    return spike, box(sizes(rng), (float(rng.choice([1.0, 2.9, 3.0 - step(rng)])), -0.5, -0.1))


def star_prisms(rng: Rng) -> Pair:
    """Extrusions over outlines that are not convex."""

    def star() -> Body:
        n = int(rng.choice([5, 7]))
        radius = rng.uniform(0.3, 1.0, size=n)
        angle = 2 * np.pi * (np.arange(n) + rng.uniform(0.1, 0.9, size=n)) / n
        outline = np.column_stack([radius * np.cos(angle), radius * np.sin(angle)])
        return prism(outline.tolist(), height=float(rng.choice([0.3, 1.0])))

    return star(), moved(turned(star(), rotation(rng)), rng.normal(scale=0.7, size=3))


def shells(rng: Rng) -> Pair:
    """Bodies of several shells, one of which may meet the other body."""
    a = joined(box((1, 1, 1)), box((1, 1, 1), (3, 0, 0)))
    at = (1.0 - step(rng), float(rng.choice([0.0, 0.3])), 0.0)
    return a, joined(box((0.5, 0.5, 0.5), at), box((0.5, 0.5, 0.5), (1.8, 5, 0)))


def twice(rng: Rng) -> Pair:
    """One body twice: as it is, cut finer, in other order, moved a little."""
    kinds: list[Callable[[], Body]] = [
        lambda: box(sizes(rng)),
        l_shape,
        lambda: pipe(start=(0, 0, 0), end=(0, 1, 1), radius=0.1, sides=8),
    ]
    a = kinds[int(rng.integers(len(kinds)))]()
    b = shuffled(subdivided(a), rng) if rng.random() < 0.4 else shuffled(a, rng)
    shift = rng.choice([0.0, 0.0, 1e-7, 0.0008, 0.0011, 0.0025, 0.02], size=3)
    return a, moved(b, shift)


def huge_and_tiny(rng: Rng) -> Pair:
    a = box((50.0, 50.0, 0.3))
    height = 0.3 - step(rng)
    return a, sphere_or_bolt(rng, (17.3, 23.1, height))


def sphere_or_bolt(rng: Rng, at) -> Body:
    if rng.random() < 0.5:
        return box((0.02, 0.02, 0.1), at)
    return sphere(radius=0.05, at=(at[0], at[1], at[2] + 0.05), level=1)


def open_surfaces(rng: Rng) -> Pair:
    a, b = (opened(f(rng)[k]) for k, f in enumerate((grid_boxes, tilted_boxes)))
    return a, b if rng.random() < 0.5 else tilted_boxes(rng)[1]


def _about(axis, degrees: float) -> np.ndarray:
    x, y, z = np.asarray(axis, float)
    cross = np.array([[0, -z, y], [z, 0, -x], [-y, x, 0]])
    angle = np.radians(degrees)
    return np.eye(3) + np.sin(angle) * cross + (1 - np.cos(angle)) * cross @ cross


FAMILIES = (
    stacked_boxes,
    grid_boxes,
    tilted_boxes,
    edge_on_edge,
    notched,
    parallel_pipes,
    crossing_pipes,
    pipe_in_sleeve,
    nested,
    in_cavity,
    ring,
    thin_sheets,
    slivers,
    star_prisms,
    shells,
    twice,
    huge_and_tiny,
    open_surfaces,
)

#: Where pairs are put: at the origin, on the map, 500 km away.
PLACES = ((0.0, 0.0, 0.0), (514433.0, 3350053.0, 250.0), (-5e5, 5e5, 0.0))


def disguised(pair: Pair, rng: Rng) -> Pair:
    """The same pair turned, moved, written in millimetres, cut finer or shuffled."""
    a, b = pair
    if rng.random() < 0.5:
        a, b = b, a
    if rng.random() < 0.6:
        turn = rotation(rng)
        a, b = turned(a, turn), turned(b, turn)
    if rng.random() < 0.3:
        a = shuffled(a, rng)
    if rng.random() < 0.15 and len(b[1]) < 60:
        b = subdivided(b)
    if rng.random() < 0.2:
        a, b = (scaled(scaled(body, 1000.0), 0.001) for body in (a, b))
    place = np.array(PLACES[int(rng.integers(len(PLACES)))])
    return moved(a, place), moved(b, place)


def pairs(rng: Rng, count: int, families=FAMILIES) -> list[Pair]:
    """`count` disguised pairs, the families in turn."""
    start = int(rng.integers(len(families)))
    return [disguised(families[(start + k) % len(families)](rng), rng) for k in range(count)]
