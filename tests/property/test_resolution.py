"""Every way out is one: in a review of the moved scene the conflict is gone and none is new."""

from dataclasses import replace

import numpy as np
import pytest

from bimcore.model import Scene
from clash.engine import detect
from clash.grouping import group
from clash.matrix import default_rules
from clash.relevance import suppress
from clash.resolution import Resolution, resolve
from clash.result import Relation
from tests.builders import MAP, about_z, box, moved, pipe, turned
from tests.building import Thing, scene

RULES = default_rules()
#: Steps of a straight way out and what a slanted one may be longer by, with rounding.
STATED = 0.005 + 0.010 + 0.010


def cluttered(seed: int, *, crowd: tuple[int, int] = (2, 7)) -> list[Thing]:
    """A pipe along x that cuts one or two beams, with lines, beams and a slab round it."""
    rng = np.random.default_rng(seed)
    radius = float(rng.uniform(0.02, 0.06))
    things = [
        Thing(
            is_a="IfcPipeSegment",
            body=pipe(start=(-2.0, 0.0, 3.0), end=(2.0, 0.0, 3.0), radius=radius, sides=12),
        )
    ]
    for k in range(int(rng.integers(1, 3))):
        low = rng.uniform(2.72, 2.97)
        things.append(
            Thing(
                is_a="IfcBeam",
                body=box((0.3, 3.0, rng.uniform(0.08, 0.3)), (k - 0.8, -1.5, low)),
            )
        )
    for _ in range(int(rng.integers(*crowd))):
        side, height = rng.uniform(0.1, 0.5), rng.uniform(2.55, 3.35)
        across = float(side * rng.choice([-1, 1]))
        size = rng.uniform(0.05, 0.15)
        kind = str(rng.choice(["IfcCableCarrierSegment", "IfcDuctSegment", "IfcBeam"]))
        body = box((4.2, size, size), (-2.1, across - size / 2, height))
        things.append(Thing(is_a=kind, body=body, system=f"S{rng.integers(3)}"))
    return things


def review(place: Scene):
    found = detect(place, RULES)
    set_aside = suppress(place, found, RULES)
    return found, set_aside


def shown(place: Scene) -> set[tuple[int, int]]:
    found, set_aside = review(place)
    rows = ~set_aside.suppressed & (found.relation != Relation.TOUCH)
    return set(zip(found.a[rows].tolist(), found.b[rows].tolist(), strict=True))


def answers(place: Scene) -> list[tuple[Resolution, set[tuple[int, int]]]]:
    found, set_aside = review(place)
    groups = group(place, found, RULES, set_aside)
    members = [{(int(found.a[r]), int(found.b[r])) for r in one.rows} for one in groups.groups]
    ways = resolve(place, found, RULES, set_aside, groups)
    return list(zip(ways, members, strict=True))


def after(things: list[Thing], movers: tuple[int, ...], shift) -> Scene:
    return scene(
        *(replace(t, body=moved(t.body, shift)) if k in movers else t for k, t in enumerate(things))
    )


def elsewhere(things: list[Thing], degrees: float) -> list[Thing]:
    """The same things turned about z and far from the origin."""
    return [replace(t, body=moved(turned(t.body, about_z(degrees)), MAP)) for t in things]


@pytest.mark.parametrize("degrees", [0.0, 33.0])
@pytest.mark.parametrize("seed", range(14))
def test_an_answer_clears_its_conflicts_and_shows_nothing_new(seed: int, degrees: float):
    things = cluttered(seed)
    if degrees:
        things = elsewhere(things, degrees)
    before = shown(scene(*things))

    found_ways = [(f, m) for f, m in answers(scene(*things)) if f.verdict == "found"]

    assert found_ways
    for found, members in found_ways:
        now = shown(after(things, found.moved, found.translation))

        assert not found.joints
        assert found.length <= 0.3
        assert found.length == pytest.approx(float(np.linalg.norm(found.translation)), abs=2e-4)
        assert now.isdisjoint(members)
        assert now <= before


def clear(things: list[Thing], movers, shift, members, before) -> bool:
    """Whether a review of the moved scene has no overlap left among `members`, and none new."""
    place = after(things, movers, shift)
    found, set_aside = review(place)
    pairs = list(zip(found.a.tolist(), found.b.tolist(), strict=True))
    left = {p for p, d in zip(pairs, found.depth, strict=True) if d > 1e-4}
    shows = ~set_aside.suppressed & (found.depth > 1e-3)
    new = {p for p, s in zip(pairs, shows, strict=True) if s}
    return left.isdisjoint(members) and new <= before


@pytest.mark.parametrize("crowd", [(2, 7), (14, 22)], ids=["loose", "dense"])
@pytest.mark.parametrize("seed", [0, 3, 5, 8])
def test_no_point_of_a_grid_is_a_shorter_way_out(seed: int, crowd: tuple[int, int]):
    things = cluttered(seed, crowd=crowd)
    first, _ = review(scene(*things))
    before = set(zip(first.a.tolist(), first.b.tolist(), strict=True))
    mine = [(f, m) for f, m in answers(scene(*things)) if f.movers == (0,)]
    grid = np.arange(-0.3, 0.301, 0.02)
    points = np.array([(0.0, y, z) for y in grid for z in grid])
    points = points[np.argsort(np.linalg.norm(points, axis=1), kind="stable")]

    assert mine
    for found, members in mine:
        if found.verdict == "not_assessed":  # it says that not all was tried
            continue
        limit = (found.length if found.verdict == "found" else 0.3) - STATED
        for shift in points[np.linalg.norm(points, axis=1) < limit]:
            assert not clear(things, (0,), shift, members, before), shift
