"""A run that remembers an earlier one gives the same bytes as a run that knows nothing."""

from dataclasses import replace

import numpy as np
from hypothesis import HealthCheck, given, settings, strategies as st

from clash.engine import detect, detect_again
from clash.memory import Memory
from clash.result import COLUMNS
from clash.rules import Rule, RuleKind, RuleSet, Selector
from tests.builders import moved, scene_of
from tests.families import CLEARANCE, TOLERANCE, pairs

ALL = Selector()
HARD = Rule(id="hard", left=ALL, right=ALL, kind=RuleKind.HARD, tolerance=TOLERANCE)
ROOM = Rule(id="room", left=ALL, right=ALL, kind=RuleKind.CLEARANCE, tolerance=CLEARANCE)
RULES = RuleSet(rules=(HARD, ROOM))
WIDER = RuleSet(rules=(HARD, replace(ROOM, tolerance=0.08)))
QUICK = settings(
    max_examples=12,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=list(HealthCheck),
)


def crowd(rng, count=12):
    """Pairs of bodies that nearly meet, the pairs near each other as well."""
    found = []
    for k, (a, b) in enumerate(pairs(rng, count)):
        middle = a[0].mean(axis=0)
        found += [moved(body, (1.5 * k, 0, 0) - middle) for body in (a, b)]
    return found


def edited(bodies, rng):
    """A revision: some moved, one gone, one new, two in another order."""
    after = list(bodies)
    for k in rng.choice(len(after), size=3, replace=False):
        after[k] = moved(after[k], rng.choice([0.001, 0.05, 0.3], size=3))
    del after[int(rng.integers(len(after)))]
    after.insert(int(rng.integers(len(after))), moved(after[0], (0.02, 0.01, 0)))
    k = int(rng.integers(len(after) - 1))
    after[k], after[k + 1] = after[k + 1], after[k]
    return after


def differing(one, other):
    return [
        name
        for name, _, _ in COLUMNS
        if getattr(one, name).tobytes() != getattr(other, name).tobytes()
    ]


@QUICK
@given(seed=st.integers(0, 2**32 - 1), rules=st.sampled_from([RULES, WIDER]))
def test_a_revision_reviewed_with_memory_equals_one_reviewed_afresh(seed, rules):
    rng = np.random.default_rng(seed)
    before = crowd(rng)
    _, memory = detect_again(scene_of(*before), RULES, None)
    after = scene_of(*edited(before, rng))

    again, _ = detect_again(after, rules, Memory.from_arrays(memory.arrays()))

    fresh = detect(after, rules)
    assert differing(again, fresh) == []
    assert again.candidates == fresh.candidates


def test_pairs_that_stand_as_they_stood_are_not_measured_again():
    bodies = crowd(np.random.default_rng(1))
    _, memory = detect_again(scene_of(*bodies), RULES, None)
    asked = []

    def counting(function, shards):
        for shard in shards:
            asked.append(len(shard.asked))
            yield function(shard)

    bodies[3] = moved(bodies[3], (0.01, 0, 0))
    detect_again(scene_of(*bodies), RULES, memory, run=counting)

    touched = detect(scene_of(*bodies), RULES)
    mine = set(zip(touched.a.tolist(), touched.b.tolist(), strict=True))
    assert 0 < sum(asked) < len(memory) / 3
    assert sum(asked) >= len({p for p in mine if 3 in p})


def test_a_memory_that_is_damaged_is_no_memory():
    _, memory = detect_again(scene_of(*crowd(np.random.default_rng(2))), RULES, None)
    arrays = memory.arrays()

    assert Memory.from_arrays({k: v for k, v in arrays.items() if k != "stands"}) is None
    assert Memory.from_arrays({**arrays, "numbers": arrays["numbers"][1:]}) is None
    assert Memory.from_arrays({**arrays, "keys": arrays["keys"][::-1]}) is None


def test_another_kernel_remembers_nothing():
    scene = scene_of(*crowd(np.random.default_rng(3)))
    _, memory = detect_again(scene, RULES, None)

    assert (replace(memory, stamp="other").find(memory.keys) == -1).all()
    assert (memory.find(memory.keys) >= 0).all()
