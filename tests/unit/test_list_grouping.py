"""Clashes are one issue for what they share, and the group says what."""

import numpy as np
import pytest

from bimcore.model import Scene
from bimcore.relations import RelationKind
from clash.engine import detect
from clash.grouping import group
from clash.matrix import default_rules
from clash.relevance import suppress
from clash.zones import zones_at
from tests.builders import about_z, box, l_shape, moved, pipe, tube, turned
from tests.building import Thing, model, scene

WALL = box((5.0, 0.2, 3.0))


def groups_of(place):
    clashes = detect(place, default_rules())
    rules = default_rules()
    return group(place, clashes, rules, suppress(place, clashes, rules))


def told(place):
    """Kind, pairs, storey and English reason of each group."""
    return [(g.kind, g.pairs, g.storey, g.reason["en"]) for g in groups_of(place).groups]


def beams(count, storey="2F", apart=2.0):
    return [
        Thing(is_a="IfcBeam", body=box((0.3, 4, 0.6), at=(apart * k, -2, 0)), storey=storey)
        for k in range(count)
    ]


def run(pieces, *, z=0.3, length=2.0, start=-0.7, storey="2F", system=""):
    """A pipe in pieces with joints of their ends."""
    return [
        Thing(
            is_a="IfcPipeSegment",
            body=pipe(
                start=(start + k * length, 0, z), end=(start + (k + 1) * length, 0, z), radius=0.05
            ),
            storey=storey,
            system=system,
        )
        for k in range(pieces)
    ]


def test_a_run_through_many_beams_is_one_issue():
    parts = [*beams(4), *run(4)]
    ports = [(RelationKind.PORT, 4 + k, 5 + k) for k in range(3)]

    assert told(scene(*parts, relations=ports)) == [
        ("run", 4, "2F", "One run meets beams in 4 places")
    ]


def test_touching_pieces_of_one_trade_and_system_are_one_run():
    assert told(scene(*beams(4), *run(4, system="J1"))) == [
        ("run", 4, "2F", "One run meets beams in 4 places")
    ]


def test_runs_that_are_not_connected_stay_apart_however_near():
    parts = [*beams(2), *run(1, length=5.0, z=0.2), *run(1, length=5.0, z=0.4)]

    assert told(scene(*parts)) == [
        ("run", 2, "2F", "One run meets beams in 2 places"),
        ("run", 2, "2F", "One run meets beams in 2 places"),
    ]


def test_a_riser_through_all_storeys_is_one_issue():
    slabs = [
        Thing(is_a="IfcSlab", body=box((4, 4, 0.15), at=(0, 0, 3.0 * k)), storey=f"{k + 1}F")
        for k in range(4)
    ]
    riser = Thing(is_a="IfcPipeSegment", body=pipe(start=(2, 2, -1), end=(2, 2, 11), radius=0.05))

    assert told(scene(*slabs, riser)) == [("run", 4, "1F … 4F", "One run meets slabs in 4 places")]


def test_one_element_against_many_is_one_issue():
    walls = [
        Thing(is_a="IfcWall", body=box((0.2, 4.0, 3.0), at=(1.0 + k, -2, 0)), storey="1F")
        for k in range(3)
    ]

    assert told(scene(Thing(is_a="IfcWall", body=WALL, storey="1F"), *walls)) == [
        ("element", 3, "1F", "One wall meets walls in 3 places")
    ]


def test_one_detail_repeated_is_one_issue():
    parts = []
    for k in range(3):
        at = (10.0 * k, 0, 0)
        parts.append(Thing(is_a="IfcWindow", body=moved(box((1.8, 0.1, 1.5)), at), type=f"C{k}"))
        parts.append(
            Thing(
                is_a="IfcBeam", body=moved(box((4, 0.3, 0.5), at=(-1, -0.1, 1.48)), at), type="L1"
            )
        )

    assert told(scene(*parts)) == [
        ("repeat", 3, "", "The same detail 3 times, each about 20 mm deep")
    ]


def heads(*windows, turn=None):
    """Windows (width, depth) without a type under lintels of all lengths, each on its storey."""
    parts = []
    for k, (width, depth) in enumerate(windows):
        window = box((width, 0.1, 1.5))
        lintel = box((4 + 0.2 * k, 0.3, 0.5), at=(-1, -0.1, 1.5 - depth))
        if turn is not None and k % 2:
            window, lintel = turned(window, turn), turned(lintel, turn)
        at, storey = (10.0 * k, 0, 3.0 * k), f"{k + 1}F"
        window, lintel = moved(window, at), moved(lintel, at)
        parts += [
            Thing(is_a="IfcWindow", body=window, name=f"C-{k}", storey=storey),
            Thing(is_a="IfcBeam", body=lintel, name=f"L-{k}", storey=storey),
        ]
    return parts


def test_a_detail_repeated_over_storeys_needs_no_type_names():
    parts = heads(*[(1.8, 0.02)] * 3, turn=about_z(90))
    why = "windows of one shape, without a type, meet beams in the same way 3 times, each about"

    assert told(scene(*parts)) == [("repeat", 3, "1F / 2F / 3F", f"{why} 20 mm deep")]


@pytest.mark.parametrize(
    "windows",
    [
        [(1.8, 0.02), (1.7, 0.02), (1.6, 0.02)],
        [(1.8, 0.02), (1.8, 0.05), (1.8, 0.09)],
        [(1.8, 0.02), (1.8, 0.02)],
    ],
    ids=["other shapes", "other depths", "twice"],
)
def test_other_shapes_and_other_depths_are_no_repeated_detail(windows):
    assert [kind for kind, *_ in told(scene(*heads(*windows)))] == ["pair"] * len(windows)


def test_insulation_is_of_the_run_it_goes_round():
    lagging = tube(start=(-0.7, 0, 0.3), end=(3.3, 0, 0.3), outer=0.08, inner=0.05)
    parts = [
        *beams(2),
        *run(1, length=4.0),
        Thing(is_a="IfcCovering", body=lagging, predefined="INSULATION", storey="2F"),
    ]

    assert told(scene(*parts)) == [("run", 4, "2F", "One run meets beams in 4 places")]


def flats(*names):
    """Spaces of 4 m in a row, each in a zone of its own."""
    return [
        Thing(is_a="IfcSpace", body=box((4, 8, 3), at=(4.0 * k, -4, 0)), system=n, storey="2F")
        for k, n in enumerate(names)
    ]


def test_a_run_through_two_zones_is_an_issue_for_each():
    pipes = run(1, length=8.0)
    walls = [
        Thing(is_a="IfcWall", body=box((0.2, 4, 3), at=(x, -2, 0)), storey="2F")
        for x in (1, 2, 5, 6)
    ]

    assert told(scene(*walls, *pipes, *flats("Flat 1", "Flat 2"))) == [
        ("run", 2, "2F", "One run meets walls in 2 places, zone “Flat 1”"),
        ("run", 2, "2F", "One run meets walls in 2 places, zone “Flat 2”"),
    ]


def test_rooms_without_a_zone_divide_nothing():
    pipes = run(1, length=8.0)
    walls = [
        Thing(is_a="IfcWall", body=box((0.2, 4, 3), at=(x, -2, 0)), storey="2F")
        for x in (1, 2, 5, 6)
    ]

    assert told(scene(*walls, *pipes, *flats("", ""))) == [
        ("run", 4, "2F", "One run meets walls in 4 places")
    ]


def test_a_place_belongs_to_the_space_that_holds_it_or_the_nearest():
    bent = l_shape(long=4.0, short=1.0, height=3.0)
    place = scene(
        Thing(is_a="IfcSpace", body=bent, system="L"),
        Thing(is_a="IfcSpace", body=box((2, 2, 3), at=(1.2, 1.2, 0)), system="corner"),
        Thing(is_a="IfcSpace", body=box((2, 2, 3), at=(10, 0, 0)), system="far"),
    )
    points = np.array([[0.5, 3.0, 1.0], [2.0, 2.0, 1.0], [9.5, 1, 1], [7, 1, 1]], dtype=float)

    assert zones_at(place, points) == ["L", "corner", "far", ""]


def test_the_same_place_on_each_storey_is_one_issue():
    parts = []
    for k in range(3):
        at = (0, 0, 3.0 * k)
        parts.append(Thing(is_a="IfcWindow", body=moved(box((1.8, 0.1, 1.5)), at), storey=f"{k}F"))
        low = 1.4 - 0.1 * k  # of another depth each, so no repeated detail
        beam = moved(box((4, 0.3, 0.5), at=(-1, -0.1, low)), at)
        parts.append(Thing(is_a="IfcBeam", body=beam, storey=f"{k}F"))

    assert told(scene(*parts)) == [
        ("stack", 3, "0F / 1F / 2F", "The same place on each storey, 3 times")
    ]


def test_bodies_twice_in_two_models_are_one_issue():
    walls = [Thing(is_a="IfcWall", body=moved(WALL, (0, 5 * k, 0))) for k in range(3)]
    place = Scene.of([model(walls, name=n) for n in ("architecture", "structure")])

    assert told(place) == [("duplicate", 3, "", "3 walls modelled twice")]


def test_two_walls_drawn_twice_in_different_places_are_two_issues():
    walls = [Thing(is_a="IfcWall", body=moved(WALL, (0, 50 * k, 0))) for k in range(2)]

    assert told(scene(*walls, *walls)) == [
        ("pair", 1, "", "A conflict on its own"),
        ("pair", 1, "", "A conflict on its own"),
    ]


def test_one_conflict_under_two_rules_is_one_issue():
    place = scene(Thing(is_a="IfcWall", body=WALL), Thing(is_a="IfcWall", body=WALL))

    found = groups_of(place)

    assert [(g.pairs, g.rows) for g in found.groups] == [(1, (0, 1))]
    assert found.group_of.tolist() == [0, 0]


def test_grouping_that_finds_nothing_says_so():
    parts = []
    for k, radius in enumerate((0.05, 0.08)):
        parts.append(Thing(is_a="IfcWall", body=moved(WALL, (0, 9 * k, 0))))
        line = pipe(start=(2, 9 * k - 1, 1), end=(2, 9 * k + 1, 1), radius=radius)
        parts.append(Thing(is_a="IfcPipeSegment", body=line))

    assert groups_of(scene(*parts)).said == {
        "zh-CN": "2 个冲突互不相关，分组未发现可合并项",
        "en": "2 conflicts have nothing in common: grouping found nothing to join",
    }
    assert groups_of(scene(*parts[:2])).said == {
        "zh-CN": "只有一个冲突，无需合并",
        "en": "There is one conflict: nothing to join",
    }
    assert groups_of(scene(*parts[:1])).said["en"] == "There was nothing to group"


def test_what_is_suppressed_or_touches_is_in_no_group():
    place = scene(
        Thing(is_a="IfcWall", body=WALL),
        Thing(is_a="IfcWall", body=box((0.2, 4.0, 3.0))),
        Thing(is_a="IfcWall", body=moved(WALL, (5.0, 0, 0))),
    )

    found = groups_of(place)

    assert len(found) == 0
    assert np.all(found.group_of == -1)


def test_a_beam_in_flight_and_strings_of_one_stair_is_one_issue():
    beam = Thing(is_a="IfcBeam", body=box((4, 0.2, 0.4), at=(-1, 1, 1)), storey="1F")
    parts = [
        Thing(is_a="IfcStairFlight", body=box((1, 4, 0.3), at=(0.1, 0, 1.2)), storey="1F"),
        Thing(is_a="IfcMember", body=box((0.05, 4, 0.3), at=(0, 0, 1.2)), storey="1F"),
        Thing(is_a="IfcMember", body=box((0.05, 4, 0.3), at=(1.15, 0, 1.2)), storey="1F"),
        Thing(is_a="IfcStair", body=box((0.1, 0.1, 0.1), at=(9, 9, 9)), storey="1F"),
    ]
    whole = [(RelationKind.AGGREGATES, 4, k) for k in (1, 2, 3)]

    assert told(scene(beam, *parts, relations=whole)) == [
        ("element", 3, "1F", "One stair meets beams in 3 places")
    ]


def test_a_wall_against_ducts_and_pipes_of_one_generic_class_is_two_issues():
    wall = Thing(is_a="IfcWall", body=WALL, storey="2F")
    lines = [
        Thing(
            is_a="IfcFlowSegment",
            body=pipe(start=(x, -1, 2), end=(x, 1, 2), radius=0.1),
            discipline=trade,
            storey="2F",
        )
        for x, trade in ((1, "hvac"), (2, "hvac"), (3, "plumbing"), (4, "plumbing"))
    ]

    assert [(kind, pairs) for kind, pairs, _, _ in told(scene(wall, *lines))] == [
        ("element", 2),
        ("element", 2),
    ]
