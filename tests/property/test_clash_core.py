"""The fast kernels answer as the slow reference does, and mesh booleans confirm both."""

import os

import manifold3d
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

from bimcore.mesh import is_closed
from clash import exact
from clash.engine import detect
from clash.result import HARD, ClashSet, Measured, Relation
from clash.rules import Rule, RuleKind, RuleSet, Selector
from tests.builders import moved, scene_of
from tests.families import CLEARANCE, FAMILIES, TOLERANCE, disguised, pairs

ALL = Selector()
RULES = RuleSet(
    rules=(
        Rule(id="hard", left=ALL, right=ALL, kind=RuleKind.HARD, tolerance=TOLERANCE),
        Rule(id="room", left=ALL, right=ALL, kind=RuleKind.CLEARANCE, tolerance=CLEARANCE),
    )
)
BATCH = 2 * len(FAMILIES)
PARTS = 4
#: Parts of the long run, for as many hands.
NIGHT_PARTS = 20
NIGHTLY = int(os.environ.get("YUYAN_TEST_PAIRS", "100000"))
QUICK = settings(
    max_examples=2000 // (BATCH * PARTS) + 1,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=list(HealthCheck),
)


def answers(bodies) -> list[ClashSet]:
    """What detect says of each pair, all pairs in one scene, far from each other."""
    spread = [moved(body, (100.0 * k, 0, 0)) for k, pair in enumerate(bodies) for body in pair]
    found = detect(scene_of(*spread), RULES)
    assert (found.a // 2 == found.b // 2).all()
    return [found.take(found.a == 2 * k) for k in range(len(bodies))]


def relation_of(found: ClashSet) -> Relation:
    """The hard relation, else that of the clearance rule."""
    rows = {int(rule): Relation(int(r)) for rule, r in zip(found.rule, found.relation, strict=True)}
    return rows.get(0, rows.get(1, Relation.NONE))


def differences(pair, found: ClashSet) -> list[str]:
    """Everything in which a fast answer differs from the reference; empty when nothing does."""
    a, b = pair
    said = exact.relate(a, b, tolerance=TOLERANCE, clearance=CLEARANCE)
    relation = relation_of(found)
    if relation is not said.relation:
        # a shorter way out than the reference tried may turn a crossing into a touch
        if relation is Relation.TOUCH and said.relation is Relation.CROSSING:
            return freed(pair, found)
        return [f"relation {relation.name} instead of {said.relation.name}"]
    if not len(found):
        return []
    wrong = []
    depth = float(found.depth[0])
    if said.measured is Measured.EXACT and abs(depth - said.depth) > 3e-7:
        wrong.append(f"depth {depth} instead of {said.depth}")
    if depth > said.depth + 1e-5:
        wrong.append(f"depth {depth} worse than {said.depth}")
    if abs(found.distance[0] - said.distance) > 1e-6:
        wrong.append(f"distance {found.distance[0]} instead of {said.distance}")
    between = np.linalg.norm(found.point_a[0] - found.point_b[0])
    if relation is Relation.CLEARANCE and abs(between - said.distance) > 1e-6:
        wrong.append("the witness points are not as far apart as the distance")
    if np.isnan(said.volume) != np.isnan(found.volume[0]) or (
        abs(np.nan_to_num(found.volume[0] - said.volume)) > 1e-6 * max(1e-3, said.volume)
    ):
        wrong.append(f"volume {found.volume[0]} instead of {said.volume}")
    if relation in HARD and not np.isnan(said.volume):
        wrong += [*misplaced(pair, found), *freed(pair, found)]
    return wrong


def misplaced(pair, found: ClashSet) -> list[str]:
    """The point must lie in both solids."""
    centre = pair[0][0].mean(axis=0)
    for vertices, faces in pair:
        triangles = exact.triangles((vertices - centre, faces))
        if exact.winding(found.point[0] - centre, triangles) < 0.9:
            return ["the point is not inside both"]
    return []


def freed(pair, found: ClashSet) -> list[str]:
    """Moving b by depth along direction must leave no more than contact.

    Of solids no volume, of open bodies no edge that passes through a face.
    """
    centre = pair[0][0].mean(axis=0)
    a, b = ((v - centre, f) for v, f in pair)
    b = moved(b, (found.depth[0] + 2e-6) * found.direction[0])
    if not (is_closed(*a) and is_closed(*b)):
        return ["the surfaces still cross"] if exact.pierce(a, b, margin=-1e-6) else []
    volume, terms = exact.shared_columns(exact.triangles(a), exact.triangles(exact.shrunk(b, 3e-6)))
    return ["the depth does not separate"] if volume > 1e-13 * terms + 1e-14 else []


def found_wrong(seed: int | list[int], count: int = BATCH) -> list[str]:
    rng = np.random.default_rng(seed)
    bodies = [(a, b) for a, b in pairs(rng, count)]
    spread = [tuple(moved(x, (100.0 * k, 0, 0)) for x in pair) for k, pair in enumerate(bodies)]
    wrong = []
    for k, (pair, found) in enumerate(zip(spread, answers(bodies), strict=True)):
        wrong += [f"seed {seed}, pair {k}: {text}" for text in differences(pair, found)]
    return wrong


@pytest.mark.parametrize("part", range(PARTS))
@QUICK
@given(seed=st.integers(0, 2**32 - 1))
def test_fast_answers_equal_the_reference(part, seed):
    assert found_wrong([part, seed]) == []


def test_a_point_on_a_face_is_not_taken_for_one_inside():
    # a ring 700 km from the origin and a box whose middle lies on a face of it
    assert found_wrong(464, 8) == []


def test_a_point_is_found_where_bodies_share_a_corner_or_two():
    # two boxes in one body, which another box meets in slivers
    assert found_wrong(2298, 1) == []


def test_a_way_out_along_a_face_is_not_ruled_out_by_rounding():
    # a column in both legs of an L: freed of one it touches the other
    assert found_wrong(853, 3) == []


@pytest.mark.slow
@pytest.mark.parametrize("part", range(NIGHT_PARTS))
def test_fast_answers_equal_the_reference_on_a_hundred_thousand_pairs(part):
    seeds = range(part, NIGHTLY // BATCH + 1, NIGHT_PARTS)
    wrong = [text for seed in seeds for text in found_wrong(seed)]

    assert wrong == []


def freed_sooner(pair, found: ClashSet, rng) -> list[str]:
    """No way a tenth shorter may free a pair whose depth is called exact, whatever direction.

    A tenth, because what a corner still shares just before it is free has no volume to see.
    """
    a, b = pair
    ways = rng.normal(size=(40, 3))
    ways = [*(ways / np.linalg.norm(ways, axis=1)[:, None]), *exact.normals(a), *exact.normals(b)]
    for way in ways[:100]:
        for sign in (1.0, -1.0):
            by = sign * 0.9 * found.depth[0] * np.asarray(way)
            if boolean_volume((a, moved(b, by))) <= 1e-15:
                return [f"freed by {by.tolist()}, shorter than {found.depth[0]}"]
    return []


@settings(QUICK, max_examples=3)
@given(seed=st.integers(0, 2**32 - 1))
def test_a_depth_called_exact_cannot_be_beaten(seed):
    rng = np.random.default_rng(seed)
    bodies = list(pairs(rng, BATCH))
    looked_at, wrong = 0, []
    for k, (pair, found) in enumerate(zip(bodies, answers(bodies), strict=True)):
        solid = is_closed(*pair[0]) and is_closed(*pair[1])
        if solid and len(found) and found.depth[0] > 0.001 and found.measured[0] == Measured.EXACT:
            looked_at += 1
            wrong += [f"pair {k}: {text}" for text in freed_sooner(pair, found, rng)]

    assert looked_at > BATCH / 8
    assert wrong == []


def boolean_volume(pair) -> float:
    """Shared volume by mesh booleans."""
    centre = pair[0][0].mean(axis=0)
    solids = [
        manifold3d.Manifold(
            manifold3d.Mesh64(
                vert_properties=np.ascontiguousarray(v - centre), tri_verts=f.astype(np.uint64)
            )
        )
        for v, f in pair
    ]
    assert all(s.status() == manifold3d.Error.NoError for s in solids)
    return float((solids[0] ^ solids[1]).volume())


@settings(QUICK, max_examples=12)
@given(seed=st.integers(0, 2**32 - 1))
def test_mesh_booleans_confirm_the_reference_on_closed_bodies(seed):
    wrong = []
    for k, pair in enumerate(pairs(np.random.default_rng(seed), BATCH)):
        centre = pair[0][0].mean(axis=0)
        one, two = ((v - centre, f) for v, f in pair)
        if is_closed(*one) and is_closed(*two):
            volume = boolean_volume((one, two))
            if abs(exact.shared(one, two) - volume) > 1e-6 * max(1e-2, volume):
                wrong.append((k, exact.shared(one, two), volume))

    assert wrong == []


@pytest.mark.parametrize("family", FAMILIES, ids=lambda f: f.__name__)
def test_each_family_is_measured_the_same_whichever_body_comes_first(family):
    rng = np.random.default_rng(7)
    bodies = [disguised(family(rng), rng) for _ in range(6)]

    ahead, back = answers(bodies), answers([(b, a) for a, b in bodies])

    assert [relation_of(f) for f in ahead] == [relation_of(f) for f in back]
