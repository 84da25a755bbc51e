"""What the clash core says of the pairs that clash tests get wrong."""

from functools import partial
from threading import current_thread

import numpy as np
import pytest

from bimcore.model import Scene
from clash import kernels
from clash.broadphase import candidate_pairs
from clash.engine import describe, detect
from clash.kernels.compiled import ENTRIES
from clash.kernels.hands import threads
from clash.result import COLUMNS, Measured, Relation
from clash.rules import Rule, RuleKind, RuleSet, Selector
from clash.sharding import Measures, Pairs, Shard, measure, split
from clash.stances import Stances
from tests.builders import (
    MAP,
    box,
    inverted,
    joined,
    l_shape,
    model_of,
    moved,
    opened,
    pipe,
    rotation,
    scene_of,
    shuffled,
    sphere,
    subdivided,
    tube,
    turned,
    volume,
)

ALL = Selector()
NOBODY = Selector(classes=("IfcPump",))
HARD = RuleSet(rules=(Rule(id="h", left=ALL, right=ALL, kind=RuleKind.HARD, tolerance=0.002),))
ROOM = RuleSet(rules=(Rule(id="c", left=ALL, right=ALL, kind=RuleKind.CLEARANCE, tolerance=0.05),))
TWICE = RuleSet(
    rules=(Rule(id="d", left=ALL, right=ALL, kind=RuleKind.DUPLICATE, tolerance=0.002),)
)
WALL = box((5.0, 0.2, 3.0))
TURN = rotation(np.random.default_rng(3))
PLACES = {
    "at the origin": lambda b: b,
    "turned": lambda b: turned(b, TURN),
    "on the map": lambda b: moved(b, MAP),
    "turned on the map": lambda b: moved(turned(b, TURN), MAP),
    "from millimetres": lambda b: (np.round(b[0] * 1000, 6) / 1000, b[1]),
}


@pytest.fixture(params=list(PLACES), name="place")
def _place(request):
    return PLACES[request.param]


def stand(a, b, rules=HARD, place=lambda body: body):
    """The rows found for two bodies as (relation, depth, distance, volume)."""
    found = detect(scene_of(place(a), place(b)), rules)
    return [
        (
            Relation(int(r)).name,
            pytest.approx(d, abs=2e-6),
            pytest.approx(g, abs=2e-6),
            pytest.approx(v, abs=2e-6),
        )
        for r, d, g, v in zip(
            found.relation, found.depth, found.distance, found.volume, strict=True
        )
    ]


CASES = {
    "walls in line, 50 mm": (WALL, moved(WALL, (4.95, 0, 0)), ("CROSSING", 0.05, 0, 0.03)),
    "walls in line, 2 m": (WALL, moved(WALL, (3, 0, 0)), ("CROSSING", 0.2, 0, 1.2)),
    "the same wall": (WALL, WALL, ("DUPLICATE", 0.2, 0, 3.0)),
    "cut finer": (WALL, subdivided(WALL), ("DUPLICATE", 0.2, 0, 3.0)),
    "moved 1 mm": (WALL, moved(WALL, (0.001, 0, 0)), ("DUPLICATE", 0.2, 0, 2.9994)),
    "end faces": (WALL, moved(WALL, (5, 0, 0)), ("TOUCH", 0, 0, 0)),
    "slab on wall": (WALL, box((6, 6, 0.3), (-0.5, -0.5, 3)), ("TOUCH", 0, 0, 0)),
    "2 mm off in plane": (
        WALL,
        moved(WALL, (4.95, 0.002, 0.002)),
        ("CROSSING", 0.05, 0, 0.05 * 0.198 * 2.998),
    ),
    "column in the notch": (l_shape(), box((0.5, 0.5, 3), (0.5, 0.5, 0)), ("TOUCH", 0, 0, 0)),
    "column into one leg": (
        l_shape(),
        box((0.5, 0.5, 3), (0.49, 0.6, 0)),
        ("CROSSING", 0.01, 0, 0.015),
    ),
    "column into both legs": (
        l_shape(),
        box((0.5, 0.5, 3), (0.49, 0.49, 0)),
        ("CROSSING", 0.01 * np.sqrt(2), 0, 3 * (2 * 0.01 * 0.5 - 0.01**2)),
    ),
    "box in box": (box((2, 2, 2)), box((1, 1, 1), (0.5, 0.5, 0.5)), ("CONTAINMENT", 1.5, 0, 1.0)),
    "box in box at a face": (
        box((2, 2, 2)),
        box((1, 1, 1), (0, 0.5, 0.5)),
        ("CONTAINMENT", 1, 0, 1),
    ),
    "plate through slab": (
        box((1, 1, 0.003), (0, 0, 0.5)),
        box((0.2, 2, 2), (0.4, -0.5, -0.5)),
        ("CROSSING", 0.6, 0, 0.0006),
    ),
    "edge on edge": (
        box((1, 1, 1)),
        box((1, 1, 1), (1, 1, 0)),
        ("TOUCH", 0, 0, 0),
    ),
    "under the tolerance": (WALL, moved(WALL, (4.99801, 0, 0)), ("TOUCH", 0.00199, 0, 0.001194)),
    "over the tolerance": (WALL, moved(WALL, (4.99799, 0, 0)), ("CROSSING", 0.00201, 0, 0.001206)),
    "gap under the tolerance": (WALL, moved(WALL, (5.00199, 0, 0)), ("TOUCH", 0, 0.00199, 0)),
    "noise between faces": (WALL, moved(WALL, (5 - 1e-7, 1e-7, 0)), ("TOUCH", 0, 0, 0)),
}


@pytest.mark.parametrize("case", CASES)
def test_each_pair_stands_as_it_should_wherever_it_is(case, place):
    a, b, expected = CASES[case]

    assert stand(a, b, place=place) == [expected]


FREE = {
    "gap over the tolerance": (WALL, moved(WALL, (5.00201, 0, 0))),
    "pipe in sleeve": (
        tube(start=(0, 0, 0), end=(0, 0, 0.4), outer=0.2, inner=0.15),
        pipe(start=(0, 0, -1), end=(0, 0, 1), radius=0.12),
    ),
    "body in a cavity": (
        joined(box((4, 4, 4)), inverted(box((3, 3, 3), (0.5, 0.5, 0.5)))),
        box((1, 1, 1), (1, 1, 1)),
    ),
    "column clear of the notch": (l_shape(), box((0.4, 0.4, 3), (0.6, 0.6, 0))),
    "between two shells": (joined(box(), box(at=(3, 0, 0))), box((1, 1, 1), (1.5, 0, 0))),
}


@pytest.mark.parametrize("case", FREE)
def test_bodies_that_do_not_meet_are_not_reported(case, place):
    assert stand(*FREE[case], place=place) == []


def test_a_pipe_in_its_sleeve_has_a_clearance(place):
    sleeve, inner = FREE["pipe in sleeve"]
    apothem = np.cos(np.pi / 24)

    assert stand(sleeve, inner, ROOM, place) == [("CLEARANCE", 0, 0.03 * apothem, 0)]


def test_coaxial_pipes_one_within_the_other_are_contained(place):
    outer = pipe(start=(0, 0, 0), end=(0, 0, 2), radius=0.2)
    inner = pipe(start=(0, 0, 0.5), end=(0, 0, 1), radius=0.1)
    area = 12 * 0.1**2 * np.sin(2 * np.pi / 24)

    ((relation, _, _, volume),) = stand(outer, inner, place=place)

    assert (relation, volume) == ("CONTAINMENT", area * 0.5)


def test_parallel_pipes_that_overlap_are_found_with_their_depth(place):
    a = pipe(start=(0, 0, 0), end=(0, 0, 2), radius=0.1)
    b = moved(a, (0.19, 0, 0.5))
    found = detect(scene_of(place(a), place(b)), HARD)

    assert [Relation(r) for r in found.relation] == [Relation.CROSSING]
    assert found.measured.tolist() == [Measured.EXACT]
    # 24 sides: the deepest corners sit on the axis, a flat lies a little further in
    assert 0.2 * np.cos(np.pi / 24) - 0.19 - 1e-6 <= found.depth[0] <= 0.01


@pytest.mark.parametrize("shift", [(0.0, 0.0, 0.0), MAP], ids=["at the origin", "on the map"])
def test_a_depth_that_no_single_pair_of_boxes_proves_is_proved_by_several(shift):
    # one leg alone lets the column slide out sideways, and so does the other
    legs, column, (_, depth, _, _) = CASES["column into both legs"]
    found = detect(scene_of(moved(legs, shift), moved(column, shift)), HARD)

    assert found.depth.tolist() == [pytest.approx(depth, abs=2e-6)]
    assert found.measured.tolist() == [Measured.EXACT]


def test_a_frame_that_sits_askew_in_the_reveal_of_its_wall_has_an_exact_depth(place):
    wall = tube(start=(0, 0, 0), end=(0, 0, 0.3), outer=3.0, inner=1.0, sides=4)
    frame = tube(start=(0, 0, 0.1), end=(0, 0, 0.18), outer=0.99, inner=0.9, sides=4)
    found = detect(scene_of(place(wall), place(moved(frame, (0.2, 0.2, 0.0)))), HARD)

    # out through the nearer face is shorter than back into the middle of the opening
    assert found.depth.tolist() == [pytest.approx(0.18, abs=2e-6)]
    assert found.measured.tolist() == [Measured.EXACT]


def test_open_bodies_are_decided_by_their_surfaces_and_say_so(place):
    a, b = opened(box()), opened(box(at=(0.5, 0.5, 0.5)))
    found = detect(scene_of(place(a), place(b)), HARD)

    assert [Relation(r) for r in found.relation] == [Relation.CROSSING]
    assert found.measured.tolist() == [Measured.BOUNDED]
    assert np.isnan(found.volume).all()


def test_a_duplicate_rule_reports_duplicates_alone():
    other = shuffled(subdivided(WALL), np.random.default_rng(1))

    assert [r[0] for r in stand(WALL, other, TWICE)] == ["DUPLICATE"]
    assert stand(WALL, moved(WALL, (4.95, 0, 0)), TWICE) == []


def test_one_pair_under_two_rules_gives_two_rows():
    both = RuleSet(rules=(*HARD.rules, *ROOM.rules))

    assert stand(WALL, moved(WALL, (5.001, 0, 0)), both) == [
        ("TOUCH", 0, 0.001, 0),
        ("CLEARANCE", 0, 0.001, 0),
    ]


def test_contact_is_a_touch_under_a_clearance_rule_too():
    assert stand(WALL, moved(WALL, (5, 0, 0)), ROOM) == [("TOUCH", 0, 0, 0)]


def crowd(count=300):
    """Boxes, L-shapes and balls that stand in each other's way."""
    rng = np.random.default_rng(0)
    kinds = (lambda: box(rng.random(3)), l_shape, lambda: sphere(radius=0.4, level=1))
    return [moved(turned(kinds[k % 3](), rotation(rng)), rng.random(3) * 5) for k in range(count)]


def test_any_way_to_run_the_shards_gives_the_same_bytes():
    scene = scene_of(*crowd())
    both = RuleSet(rules=(*HARD.rules, *ROOM.rules))

    threaded, serial = detect(scene, both), detect(scene, both, run=map)

    assert len(serial) > 1000
    for name, _, _ in COLUMNS:
        assert getattr(threaded, name).tobytes() == getattr(serial, name).tobytes()


@pytest.mark.parametrize("tolerance", [0.0, 0.05, 0.4])
def test_a_clearance_rule_finds_the_same_whether_or_not_depths_are_wanted(tolerance):
    scene = scene_of(*crowd(300))
    hard = Rule(id="h", left=ALL, right=ALL, kind=RuleKind.HARD, tolerance=tolerance)
    # asks for no pair, and yet says up to what depth an overlap is a touch
    idle = Rule(id="i", left=NOBODY, right=NOBODY, kind=RuleKind.HARD, tolerance=tolerance)

    alone = detect(scene, RuleSet(rules=(*ROOM.rules, idle)))
    beside = detect(scene, RuleSet(rules=(*ROOM.rules, hard)))

    rows = np.flatnonzero(beside.rule == 0)
    assert len(alone) == len(rows) > 40
    for name in ("a", "b", "relation", "distance", "point_a", "point_b"):
        assert getattr(alone, name).tobytes() == getattr(beside, name)[rows].tobytes()


def test_bodies_of_many_triangles_share_what_round_ones_share():
    ball = sphere(radius=1.0, level=5)
    far = moved(ball, (1.2, 0.0, 0.0))
    inner = (ball[0] * 0.9, ball[1])

    crossing, nested = (detect(scene_of(ball, other), HARD) for other in (far, inner))

    lens = np.pi * (4 + 1.2) * (2 - 1.2) ** 2 / 12
    assert crossing.relation.tolist() == [Relation.CROSSING]
    assert crossing.volume[0] == pytest.approx(lens, rel=5e-3)
    assert crossing.depth[0] == pytest.approx(0.8, rel=2e-3)
    assert nested.relation.tolist() == [Relation.CONTAINMENT]
    assert nested.volume[0] == pytest.approx(volume(inner), rel=1e-9)
    assert nested.depth[0] == pytest.approx(1.9, rel=2e-3)


@pytest.mark.parametrize("size", [1, 7, 100_000])
def test_any_number_of_shards_gives_the_same_bytes(size):
    scene = scene_of(*crowd(60))
    pairs = candidate_pairs(scene.bounds, margin=0.0)
    asked = Pairs(
        pairs=pairs,
        reach=np.full(len(pairs), 0.05),
        same=np.full(len(pairs), 0.002),
        deep=np.full(len(pairs), np.inf),
    )
    described = describe(scene)
    asked, bodies = Stances.of(asked, described.forms).asked, described.bodies

    joined_ = Measures.join(measure(s) for s in split(asked, bodies, size=size))

    whole = measure(Shard(asked=asked, bodies=bodies))
    assert joined_.numbers.tobytes() == whole.numbers.tobytes()
    assert joined_.stands.tobytes() == whole.stands.tobytes()


def test_elements_that_are_no_clash_bodies_take_no_part():
    scene = scene_of(WALL, moved(WALL, (1, 0, 0)), clash_body=[True, False])

    assert len(detect(scene, HARD)) == 0


@pytest.mark.parametrize("size", [1e10, 1e18, 1e150, 1e300])
def test_a_body_absurdly_large_is_not_assessed_and_others_are(size):
    bodies = box((size, 1, 1)), box((1, 1, 1), at=(0.5, 0.5, 0.5)), box((1, 1, 1), at=(0.6, 0, 0))
    found = detect(scene_of(*bodies), HARD, bodies=describe(scene_of(*bodies)))

    assert [(n.a, n.why) for n in found.not_assessed] == [(0, "not finite")]
    assert list(zip(found.a, found.b, strict=True)) == [(1, 2)]


def test_a_body_that_is_not_finite_is_not_assessed():
    broken = (np.where(np.arange(24).reshape(8, 3) == 0, np.nan, WALL[0]), WALL[1])
    found = detect(scene_of(WALL, broken, closed=[True, True]), HARD)

    assert len(found) == 0
    assert [(n.a, n.b, n.why) for n in found.not_assessed] == [(1, -1, "not finite")]


def test_bodies_of_two_hundred_thousand_triangles_do_not_blow_up():
    fine = partial(sphere, radius=1.0, level=7)
    found = detect(scene_of(fine(), fine(at=(1.5, 0.1, 0.2))), HARD)

    assert [Relation(r) for r in found.relation] == [Relation.CROSSING]


def brute_pairs(boxes, margin):
    """All overlapping pairs, by comparing every box with every other."""
    apart = (boxes[:, None, 0] > boxes[None, :, 1] + margin).any(axis=2)
    known = np.isfinite(boxes).all(axis=(1, 2))
    meets = ~apart & ~apart.T & known[:, None] & known[None]
    return np.argwhere(np.triu(meets, 1)).tolist()


@pytest.mark.parametrize("margin", [0.0, 0.1])
def test_candidate_pairs_are_all_pairs_of_boxes_that_meet(margin):
    rng = np.random.default_rng(2)
    low = np.round(rng.random((400, 3)) * 40) / 4
    boxes = np.stack([low, low + np.round(rng.random((400, 3)) * 4) / 4], axis=1)
    boxes[17] = np.nan

    assert candidate_pairs(boxes, margin=margin).tolist() == brute_pairs(boxes, margin)


def test_boxes_that_only_touch_are_candidates():
    boxes = np.array([[[0, 0, 0], [1, 1, 1]], [[1, 0, 0], [2, 1, 1]]], dtype=float)

    assert candidate_pairs(boxes, margin=0.0).tolist() == [[0, 1]]
    assert candidate_pairs(boxes[:1], margin=0.0).tolist() == []


def test_warming_compiles_each_kernel_for_the_arrays_that_reviews_use():
    kernels.warm()
    before = {e.__name__: len(e.signatures) for e in ENTRIES}

    detect(scene_of(*crowd(20)), HARD)
    detect(Scene.of([model_of([WALL]), model_of([moved(WALL, (0.1, 0, 0))])]), HARD)

    assert before == dict.fromkeys(before, 1)
    assert {e.__name__: len(e.signatures) for e in ENTRIES} == before


def test_bodies_described_before_give_the_same_answer():
    scene = scene_of(*[moved(box((1.0, 1.0, 1.0)), (0.8 * k, 0.1 * k, 0.0)) for k in range(6)])
    rules = RuleSet(
        rules=(Rule(id="hard", left=ALL, right=ALL, kind=RuleKind.HARD, tolerance=0.001),)
    )

    prepared = detect(scene, rules, bodies=describe(scene))
    afresh = detect(scene, rules)

    assert len(prepared) == 5
    for name, _, _ in COLUMNS:
        assert getattr(prepared, name).tobytes() == getattr(afresh, name).tobytes(), name


def test_parts_of_a_work_come_back_in_their_order_from_whatever_thread():
    assert [*threads(lambda n: n * n, range(100))] == [n * n for n in range(100)]
    assert [*threads(lambda n: (n, current_thread()), [1])] == [(1, current_thread())]
    assert [*threads(str, [])] == []
