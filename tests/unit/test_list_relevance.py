"""What is designed is set aside with its reason; what is wrong stays in the list."""

from dataclasses import replace

import numpy as np
import pytest

from bimcore.model import Scene
from bimcore.relations import RelationKind
from clash.matrix import default_rules
from clash.relevance import suppress
from clash.result import Relation
from clash.rules import Exclusion, Selector
from tests.builders import about_z, box, moved, pipe, turned
from tests.building import Thing, clashes_of, model, reasons, scene, shown

WALL = box((5.0, 0.2, 3.0))
SLAB = box((6.0, 6.0, 0.2))
BEAM = box((6.0, 0.3, 0.6), at=(0, 0, 3.0))
#: The answer may not depend on the direction of the building.
TURNS = pytest.mark.parametrize("degrees", [0.0, 37.0])


def across(y=0.1, z=1.5, radius=0.05, half=1.0, x=2.0):
    return pipe(start=(x, y - half, z), end=(x, y + half, z), radius=radius)


def turned_scene(degrees, *things, relations=()):
    spin = about_z(degrees)
    return scene(
        *(Thing(**{**t.__dict__, "body": turned(t.body, spin)}) for t in things),
        relations=relations,
    )


@TURNS
def test_pipe_through_wall_without_opening_stays(degrees):
    place = turned_scene(
        degrees,
        Thing(is_a="IfcWall", body=WALL),
        Thing(is_a="IfcPipeSegment", body=across()),
    )

    assert shown(place) == [(0, 1)]


@TURNS
def test_pipe_through_beam_and_duct_through_column_stay(degrees):
    place = turned_scene(
        degrees,
        Thing(is_a="IfcBeam", body=BEAM),
        Thing(is_a="IfcPipeSegment", body=across(y=0.15, z=3.3)),
        Thing(is_a="IfcColumn", body=box((0.5, 0.5, 3.0), at=(10, 0, 0))),
        Thing(is_a="IfcDuctSegment", body=box((4, 0.3, 0.3), at=(8, 0.1, 2))),
    )

    assert shown(place) == [(0, 1), (2, 3)]


@TURNS
def test_walls_in_line_that_overlap_stay(degrees):
    place = turned_scene(
        degrees,
        Thing(is_a="IfcWall", body=WALL),
        Thing(is_a="IfcWall", body=moved(WALL, (4.95, 0, 0))),
        Thing(is_a="IfcWall", body=moved(WALL, (0, 10, 0))),
        Thing(is_a="IfcWall", body=moved(WALL, (3.0, 10, 0))),
    )

    assert shown(place) == [(0, 1), (2, 3)]


@TURNS
def test_walls_that_meet_at_a_corner_or_as_a_tee_are_a_joint(degrees):
    place = turned_scene(
        degrees,
        Thing(is_a="IfcWall", body=WALL),
        Thing(is_a="IfcWall", body=box((0.2, 4.0, 3.0))),
        Thing(is_a="IfcWall", body=box((0.2, 4.0, 3.0), at=(2.5, 0.05, 0))),
    )

    assert shown(place) == []
    assert reasons(place) == ["joint.end"]


def test_walls_that_cross_each_other_stay():
    place = scene(
        Thing(is_a="IfcWall", body=WALL),
        Thing(is_a="IfcWall", body=box((0.2, 4.0, 3.0), at=(2.5, -2, 0))),
    )

    assert shown(place) == [(0, 1)]


def test_a_wall_doubled_stays_whatever_its_relations():
    place = scene(
        Thing(is_a="IfcWall", body=WALL),
        Thing(is_a="IfcWall", body=WALL),
        relations=[(RelationKind.CONNECTS, 0, 1)],
    )

    assert shown(place) == [(0, 1)]


def test_walls_in_line_that_the_model_connects_are_a_joint():
    place = scene(
        Thing(is_a="IfcWall", body=WALL),
        Thing(is_a="IfcWall", body=moved(WALL, (4.95, 0, 0))),
        relations=[(RelationKind.CONNECTS, 0, 1)],
    )

    assert (shown(place), reasons(place)) == ([], ["joint.connected"])


def test_a_declared_connection_does_not_excuse_metres():
    place = scene(
        Thing(is_a="IfcWall", body=WALL),
        Thing(is_a="IfcWall", body=moved(WALL, (3.0, 0, 0))),
        relations=[(RelationKind.CONNECTS, 0, 1)],
    )

    assert shown(place) == [(0, 1)]


@TURNS
def test_monolithic_nodes_are_joints(degrees):
    place = turned_scene(
        degrees,
        Thing(is_a="IfcColumn", body=box((0.4, 0.4, 6.0), at=(1, 1, -3))),
        Thing(is_a="IfcSlab", body=SLAB),
        Thing(is_a="IfcBeam", body=box((5.0, 0.3, 0.6), at=(1.1, 1.05, -0.5))),
    )

    assert shown(place) == []
    assert reasons(place) == ["joint.end", "joint.monolithic"]


def test_door_in_its_opening_is_designed_and_in_the_next_wall_is_not():
    door = box((1.0, 0.3, 2.1), at=(2.0, -0.05, 0))
    place = scene(
        Thing(is_a="IfcWall", body=WALL),
        Thing(is_a="IfcDoor", body=door),
        Thing(is_a="IfcWall", body=box((0.2, 3.0, 3.0), at=(2.95, -1.5, 0))),
        relations=[(RelationKind.FILLS, 1, 0)],
    )

    assert (1, 2) in shown(place)
    assert (0, 1) not in shown(place)


@TURNS
def test_outlet_in_the_face_of_a_wall_is_designed(degrees):
    place = turned_scene(
        degrees,
        Thing(is_a="IfcWall", body=WALL),
        Thing(is_a="IfcOutlet", body=box((0.08, 0.06, 0.08), at=(2, -0.01, 0.3))),
        Thing(is_a="IfcOutlet", body=box((0.08, 0.06, 0.08), at=(3, 0.0, 0.3))),
    )

    assert (shown(place), reasons(place)) == ([], ["fixture.recessed"])


def test_outlet_in_the_core_of_a_wall_or_in_a_column_stays():
    place = scene(
        Thing(is_a="IfcWall", body=box((5, 0.4, 3))),
        Thing(is_a="IfcOutlet", body=box((0.08, 0.06, 0.08), at=(2, 0.17, 0.3))),
        Thing(is_a="IfcColumn", body=box((0.5, 0.5, 3), at=(10, 0, 0))),
        Thing(is_a="IfcOutlet", body=box((0.08, 0.06, 0.08), at=(10.2, -0.01, 0.3))),
    )

    assert shown(place) == [(0, 1), (2, 3)]


def test_light_in_a_ceiling_board_is_designed_and_a_pipe_along_it_is_not():
    place = scene(
        Thing(is_a="IfcCovering", body=box((4, 4, 0.015), at=(0, 0, 2.6))),
        Thing(is_a="IfcLightFixture", body=box((0.6, 0.6, 0.1), at=(1, 1, 2.58))),
        Thing(is_a="IfcPipeSegment", body=pipe(start=(-1, 3, 2.6), end=(5, 3, 2.6), radius=0.03)),
    )

    assert shown(place) == [(0, 2)]


def test_what_passes_an_opening_or_sleeve_of_its_own_size_is_designed():
    place = scene(
        Thing(is_a="IfcWall", body=WALL),
        Thing(is_a="IfcPipeSegment", body=across(x=1.0)),
        Thing(
            is_a="IfcBuildingElementProxy",
            name="预留洞口",
            body=box((0.2, 0.2, 0.2), at=(0.9, 0, 1.4)),
        ),
        Thing(is_a="IfcPipeSegment", body=across(x=3.0)),
        Thing(
            is_a="IfcBuildingElementProxy",
            predefined="PROVISIONFORVOID",
            body=box((0.2, 0.2, 0.2), at=(3.05, 0, 1.4)),
        ),
    )

    # the second provision stands beside its pipe: 0.05 m of the pipe is in the wall
    assert shown(place) == [(0, 3)]
    assert reasons(place) == ["opening.provision"]


def test_bars_in_concrete_and_parts_of_one_whole_are_designed():
    place = scene(
        Thing(is_a="IfcBeam", body=BEAM),
        Thing(
            is_a="IfcReinforcingBar",
            body=pipe(start=(0.05, 0.05, 3.05), end=(5.9, 0.05, 3.05), radius=0.01),
        ),
        Thing(is_a="IfcStair", body=box((1, 3, 0.2), at=(20, 0, 0))),
        Thing(is_a="IfcStairFlight", body=box((1, 3, 0.2), at=(20, 0, 0.1))),
        relations=[(RelationKind.AGGREGATES, 2, 3)],
    )

    assert (shown(place), reasons(place)) == ([], ["relation.part-of", "embedded.part"])


def test_connected_fittings_are_joints_and_crossing_pipes_are_not():
    along = pipe(start=(0, 0, 0), end=(3, 0, 0), radius=0.05)
    place = scene(
        Thing(is_a="IfcPipeSegment", body=along),
        Thing(is_a="IfcPipeFitting", body=box((0.15, 0.15, 0.15), at=(2.95, -0.075, -0.075))),
        Thing(is_a="IfcPipeSegment", body=pipe(start=(1, -1, 0.02), end=(1, 1, 0.02), radius=0.05)),
    )

    assert shown(place) == [(0, 2)]
    assert reasons(place) == ["run.joint"]


def test_pipes_of_two_systems_that_end_in_each_other_stay():
    place = scene(
        Thing(
            is_a="IfcPipeSegment",
            system="J1",
            body=pipe(start=(0, 0, 0), end=(3, 0, 0), radius=0.05),
        ),
        Thing(is_a="IfcPipeFitting", system="W1", body=box((0.2, 0.2, 0.2), at=(2.9, -0.1, -0.1))),
    )

    assert shown(place) == [(0, 1)]


def test_furniture_and_posts_stand_in_the_screed_but_not_in_walls():
    place = scene(
        Thing(is_a="IfcSlab", body=SLAB),
        Thing(is_a="IfcFurniture", body=box((0.6, 0.6, 0.8), at=(1, 1, 0.18))),
        Thing(is_a="IfcRailing", body=box((2.0, 0.05, 1.1), at=(1, 3, 0.08))),
        Thing(is_a="IfcWall", body=box((5, 0.2, 3), at=(0, 5, 0.2))),
        Thing(is_a="IfcFurniture", body=box((0.6, 0.6, 0.8), at=(1, 4.5, 0.2))),
    )

    assert shown(place) == [(3, 4)]
    assert reasons(place) == ["stands.on"]


def test_a_door_in_a_hole_of_its_size_shares_only_the_rim():
    ring = [(0, 0), (5, 0), (5, 3), (3.0, 3), (3.0, 0.4), (2.0, 0.4), (2.0, 3), (0, 3)]
    from tests.builders import prism

    wall = prism(ring, height=0.3)
    place = scene(
        Thing(is_a="IfcWall", body=wall, discipline="structure"),
        Thing(is_a="IfcDoor", body=box((1.0006, 2.5, 0.1), at=(1.9997, 0.4, 0.1))),
    )

    found = clashes_of(place)
    assert shown(place) == []
    assert len(found) == 0 or reasons(place) == ["opening.fit"]


def test_suppression_is_countable_and_loses_no_row():
    place = scene(
        Thing(is_a="IfcWall", body=WALL),
        Thing(is_a="IfcOutlet", body=box((0.08, 0.06, 0.08), at=(2, -0.01, 0.3))),
        Thing(is_a="IfcPipeSegment", body=across()),
    )
    found = clashes_of(place)

    result = suppress(place, found, default_rules())

    assert result.counts() == {"fixture.recessed": 1}
    assert result.suppressed.tolist() == [True, False]
    reason = result.of(0)
    assert reason is not None
    assert reason.texts == {
        "zh-CN": "末端设备嵌装在墙、板或吊顶表面",
        "en": "A fixture recessed in the face of its host",
    }
    assert result.of(1) is None


def test_touching_pairs_are_left_alone():
    place = scene(
        Thing(is_a="IfcWall", body=WALL),
        Thing(is_a="IfcWall", body=moved(WALL, (5.0, 0, 0))),
    )
    from clash.engine import detect

    found = detect(place, default_rules())

    assert set(found.relation.tolist()) <= {int(Relation.TOUCH)}
    assert np.all(suppress(place, found, default_rules()).reason == -1)


def two_models():
    """A wall of one model, crossed by a pipe of another and by a second pipe of its own."""
    wall, pipe = (
        Thing(is_a="IfcWall", body=WALL, name="W"),
        Thing(is_a="IfcPipeSegment", body=across()),
    )
    other = replace(pipe, body=moved(across(), (1.5, 0, 0)))
    return Scene.of([model([wall, other], name="arch"), model([pipe], name="mep")])


@pytest.mark.parametrize(
    ("party", "counts"),
    [
        ("plumbing", {"declared.e": 2}),
        ("mep", {"declared.e": 1}),
        ("arch", {"declared.e": 1}),
        ("architecture", {}),
        ("nobody", {}),
    ],
    ids=str,
)
def test_a_declaration_speaks_for_the_elements_of_its_side_only(party, counts):
    place = two_models()
    found = clashes_of(place)
    rules = replace(
        default_rules(),
        exclusions=(
            Exclusion(
                id="e",
                declared_by=party,
                elements=Selector(classes=("IfcPipeSegment",)),
                against=Selector(classes=("IfcWall",)),
                reasons={"zh-CN": "套管后装", "en": "sleeves come later"},
            ),
        ),
    )

    result = suppress(place, found, rules)

    assert len(found) == 2
    assert result.counts() == counts
    assert suppress(place, found, default_rules()).counts() == {}


def test_a_declared_reason_says_who_declares_it():
    rules = replace(
        default_rules(),
        exclusions=(
            Exclusion(
                id="e",
                declared_by="plumbing",
                elements=Selector(),
                against=Selector(),
                reasons={"zh-CN": "套管后装", "en": "sleeves come later"},
            ),
        ),
    )
    place = two_models()

    reason = suppress(place, clashes_of(place), rules).of(0)

    assert reason is not None
    assert (reason.id, reason.texts) == (
        "declared.e",
        {
            "zh-CN": "给排水声明：套管后装",
            "en": "Declared by plumbing: sleeves come later",
        },
    )


def _door_in_wall(*, across: bool = False) -> tuple[Thing, Thing]:
    size = (0.05, 1.0, 2.1) if across else (1.0, 0.05, 2.1)
    door = Thing(is_a="IfcDoor", body=box(size, at=(2, 0.05, 0)))
    return door, Thing(is_a="IfcWall", body=box((5, 0.2, 3)))


def test_door_in_a_wall_of_a_model_without_openings_is_designed() -> None:
    place = scene(*_door_in_wall())

    assert shown(place) == []
    assert reasons(place) == ["opener.uncut"]


def test_door_without_an_opening_is_shown_where_its_model_has_openings() -> None:
    other = Thing(is_a="IfcWindow", body=box((1, 0.1, 1), at=(0, 9, 0)))
    hole = Thing(is_a="IfcOpeningElement", body=box((1, 0.4, 1), at=(0, 9, 0)))
    told = [(RelationKind.OPENING_FILLER, 2, 3)]

    assert shown(scene(*_door_in_wall(), other, hole, relations=told)) == [(0, 1)]


def test_door_across_its_wall_or_in_a_wall_of_another_model_is_shown() -> None:
    door, other = _door_in_wall()
    two = Scene.of([model([door], name="arch"), model([other], name="bearing")])

    assert shown(scene(*_door_in_wall(across=True))) == [(0, 1)]
    assert shown(two) == [(0, 1)]
