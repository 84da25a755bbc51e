"""What is measured once for all that repeat it is what each pair gives by itself."""

import numpy as np
from hypothesis import HealthCheck, given, settings, strategies as st

from clash.broadphase import candidate_pairs
from clash.engine import detect, detect_again
from clash.kernels.digests import distinct
from clash.kernels.stand import GRID
from clash.result import COLUMNS
from clash.rules import Rule, RuleKind, RuleSet, Selector
from clash.sharding import Pairs
from clash.stances import Forms, Stances
from tests.builders import box, l_shape, moved, pipe, scene_of
from tests.families import CLEARANCE, TOLERANCE

ALL = Selector()
HARD = Rule(id="hard", left=ALL, right=ALL, kind=RuleKind.HARD, tolerance=TOLERANCE)
ROOM = Rule(id="room", left=ALL, right=ALL, kind=RuleKind.CLEARANCE, tolerance=CLEARANCE)
TWICE = Rule(id="twice", left=ALL, right=ALL, kind=RuleKind.DUPLICATE, tolerance=TOLERANCE)
RULES = RuleSet(rules=(HARD, ROOM, TWICE))
QUICK = settings(
    max_examples=10,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=list(HealthCheck),
)
#: What a flat is made of: walls, a bent one, pipes through them.
FLAT = (
    box((3.0, 0.2, 2.7)),
    box((0.2, 4.0, 2.7)),
    l_shape(),
    pipe(start=(0.4, -0.3, 1.3), end=(0.4, 3.9, 1.3), radius=0.05),
    pipe(start=(-0.4, 1.0, 2.0), end=(2.9, 1.7, 2.1), radius=0.04),
)
NAMES = tuple(name for name, _, _ in COLUMNS if name not in {"a", "b", "rule"})


def building(rng, flats):
    """The flat again and again, each with one thing moved by a little or not at all."""
    found = []
    for k in range(flats):
        bodies = [moved(b, (6.37 * k, 1.11 * (k % 3), 2.9 * (k // 4))) for b in FLAT]
        row = int(rng.integers(len(bodies)))
        bodies[row] = moved(bodies[row], rng.choice([0.0, 0.001, 0.05], size=3))
        found += bodies
    return found


def rows(found):
    """What is said of each pair under each rule."""
    keys = zip(found.a.tolist(), found.b.tolist(), found.rule.tolist(), strict=True)
    values = zip(*(getattr(found, name) for name in NAMES), strict=True)
    return {
        key: tuple(np.asarray(v).tobytes() for v in value)
        for key, value in zip(keys, values, strict=True)
    }


def one_by_one(bodies):
    """The obvious way: each pair alone in a scene of its own."""
    found = {}
    for a, b in candidate_pairs(scene_of(*bodies).bounds, margin=2 * CLEARANCE).tolist():
        alone = rows(detect(scene_of(bodies[a], bodies[b]), RULES))
        found |= {(a, b, rule): value for (_, _, rule), value in alone.items()}
    return found


@QUICK
@given(seed=st.integers(0, 2**32 - 1))
def test_pairs_that_repeat_each_other_have_the_bytes_they_have_alone(seed):
    bodies = building(np.random.default_rng(seed), flats=4)

    assert rows(detect(scene_of(*bodies), RULES)) == one_by_one(bodies)


def test_a_building_that_repeats_itself_is_measured_once():
    measured = []

    def counting(function, shards):
        for shard in shards:
            measured.append(len(shard.asked))
            yield function(shard)

    def once(flats):
        bodies = [moved(b, (6.37 * k, 0, 0)) for k in range(flats) for b in FLAT]
        measured.clear()
        found = detect(scene_of(*bodies), RULES, run=counting)
        return sum(measured), len(found)

    (one, rows_of_one), (ten, rows_of_ten) = once(1), once(10)

    assert one == ten > 0
    assert rows_of_ten == 10 * rows_of_one > 0


def test_a_storey_moved_as_a_whole_is_known():
    bodies = [moved(b, (0, 0, 3.0 * k)) for k in range(3) for b in FLAT]
    _, memory = detect_again(scene_of(*bodies), RULES, None)
    lifted = [moved(b, (0.123, 0, 0.4567)) for b in bodies[-len(FLAT) :]]
    asked = []

    def counting(function, shards):
        for shard in shards:
            asked.append(len(shard.asked))
            yield function(shard)

    detect_again(scene_of(*bodies[: -len(FLAT)], *lifted), RULES, memory, run=counting)

    assert sum(asked) == 0


def test_rounding_of_large_coordinates_makes_no_two_forms_of_one():
    near = [moved(b, (37.1, 12.3, 5.7)) for b in FLAT]
    scene = scene_of(*FLAT, *near)
    forms = Forms.of(scene.meshes, scene.bounds)

    assert len(forms.first) == len(FLAT)
    assert (forms.number[: len(FLAT)] == forms.number[len(FLAT) :]).all()


def test_forms_tell_apart_what_differs():
    wall, faces = FLAT[0]
    taller = wall * (1, 1, 1.0001)
    scene = scene_of((wall, faces), (taller, faces), (wall, faces[:, [1, 2, 0]]), (wall, faces))
    forms = Forms.of(scene.meshes, scene.bounds)

    assert forms.number.tolist() == [0, 1, 2, 0]


def test_the_shift_is_on_the_grid_and_near():
    scene = scene_of(*FLAT)
    pairs = candidate_pairs(scene.bounds, margin=0.0)
    zero = np.zeros(len(pairs))
    asked = Pairs(pairs=pairs, reach=zero, same=zero, deep=zero)
    made = Stances.of(asked, Forms.of(scene.meshes, scene.bounds))
    shift = made.asked.shift[made.which]
    true = scene.bounds[pairs[:, 1], 0] - scene.bounds[pairs[:, 0], 0]

    assert np.abs(shift - true).max() <= 0.5 / GRID
    assert (shift * GRID == np.round(shift * GRID)).all()


@given(
    rows=st.lists(st.tuples(st.integers(0, 3), st.sampled_from([0, 1, 2**63])), max_size=60),
)
@QUICK
def test_different_keys_are_numbered_in_the_order_in_which_they_come(rows):
    keys = np.array(rows, dtype=np.uint64).reshape(-1, 2)
    order = list(dict.fromkeys(rows))

    first, which = distinct(keys)

    assert first.tolist() == [rows.index(r) for r in order]
    assert which.tolist() == [order.index(r) for r in rows]
