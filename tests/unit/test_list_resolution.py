"""The way out: the shortest move that clears a group and makes nothing worse."""

from dataclasses import replace

import numpy as np
import pytest

from bimcore.frame import Frame
from bimcore.issues import ElementRef
from bimcore.model import Scene
from bimcore.relations import RelationKind
from clash import resolution as search
from clash.engine import detect
from clash.grouping import group
from clash.matrix import default_rules
from clash.moving import MANY, Joint
from clash.relevance import suppress
from clash.resolution import Resolution, resolve
from clash.result import Relation
from clash.rules import Rule, RuleKind, RuleSet, Selector
from clash.wayout import direction, sentence, untried
from tests.builders import box, moved, pipe
from tests.building import Thing, model, scene

#: A beam along y that hangs from 3.8 to 4.5 m.
BEAM = Thing(is_a="IfcBeam", body=box((0.3, 4.0, 0.7), (0.0, -2.0, 3.8)), name="KL-1")


def ways(place: Scene, rules: RuleSet | None = None) -> list[Resolution]:
    rules = rules or default_rules()
    found = detect(place, rules)
    set_aside = suppress(place, found, rules)
    return list(resolve(place, found, rules, set_aside, group(place, found, rules, set_aside)))


def way(*things: Thing, relations=(), rules: RuleSet | None = None) -> Resolution:
    found = ways(scene(*things, relations=relations), rules)
    assert len(found) == 1
    return found[0]


def water(z: float, *, y: float = 0.0, radius: float = 0.03, name: str = "", **columns) -> Thing:
    """A pipe along x through the beam at height `z`."""
    body = pipe(start=(-3.0, y, z), end=(3.0, y, z), radius=radius)
    return Thing(is_a="IfcPipeSegment", body=body, name=name, **columns)


def test_a_pipe_low_in_a_beam_goes_down_below_it():
    found = way(BEAM, water(3.95))

    assert found.verdict == "found"
    assert found.translation == (0.0, 0.0, -0.18)
    assert found.length == 0.18
    assert (found.movers, found.moved, found.joints) == ((1,), (1,), ())


def test_a_pipe_high_in_a_beam_goes_up_over_it():
    found = way(BEAM, water(4.42))

    assert found.translation == pytest.approx((0.0, 0.0, 0.11))


def test_the_length_is_a_whole_number_of_steps_that_leaves_no_overlap():
    found = way(BEAM, water(3.9421))

    assert found.translation == (0.0, 0.0, -0.175)  # 172.1 mm would do


def test_between_two_members_a_duct_goes_sideways():
    duct = Thing(is_a="IfcDuctSegment", body=box((6.0, 0.3, 0.3), (-3.0, -0.15, 3.0)))
    above = Thing(is_a="IfcBeam", body=box((8.0, 0.2, 0.5), (-4.0, -0.1, 3.25)))
    below = Thing(is_a="IfcBeam", body=box((8.0, 0.2, 0.5), (-4.0, -0.1, 2.55)))

    found = way(duct, above, below)

    assert found.verdict == "found"
    assert np.abs(found.translation).tolist() == [0.0, 0.25, 0.0]
    assert found.length == 0.25


def test_a_pipe_through_the_middle_of_a_wall_finds_nothing_within_300_mm():
    wall = Thing(is_a="IfcWall", body=box((0.2, 6.0, 3.0), (0.0, -3.0, 0.0)))

    found = way(wall, water(1.5))

    assert (found.verdict, found.why) == ("none", "too_deep")
    assert (found.translation, found.movers, found.blockers) == (None, (1,), (0,))


def test_a_slab_is_in_the_way_and_nothing_jumps_to_its_other_side():
    slab = Thing(is_a="IfcSlab", body=box((8.0, 8.0, 0.2), (-4.0, -4.0, 3.57)))

    found = way(BEAM, water(3.82), slab)

    assert (found.verdict, found.why) == ("none", "blocked")
    assert set(found.blockers) == {0, 2}


def test_the_shortest_move_is_passed_over_where_it_makes_a_new_clash():
    tray = Thing(is_a="IfcCableCarrierSegment", body=box((6.0, 0.8, 0.1), (-3.0, -0.4, 3.66)))
    beam = replace(BEAM, body=box((0.3, 4.0, 0.3), (0.0, -2.0, 3.8)))

    down = way(beam, water(3.92))
    found = way(beam, water(3.92), tray)

    assert down.translation == pytest.approx((0.0, 0.0, -0.15))
    assert found.translation == pytest.approx((0.0, 0.0, 0.21))


def test_no_new_overlap_is_left_to_the_tolerance():
    wall = Thing(is_a="IfcWall", body=box((6.0, 0.2, 1.0), (-3.0, -0.1, 2.748)))

    free = way(BEAM, water(3.82))
    found = way(BEAM, water(3.82), wall)  # it would reach 8 mm into the wall

    assert free.translation == pytest.approx((0.0, 0.0, -0.05))
    assert found.translation is not None
    assert found.translation[1] != 0.0


def test_a_run_moves_with_its_fittings_and_its_riser_follows_in_length():
    branch = Thing(
        is_a="IfcPipeSegment",
        body=pipe(start=(-3.0, 0.0, 3.95), end=(2.0, 0.0, 3.95), radius=0.03),
        system="J-1",
    )
    elbow = Thing(is_a="IfcPipeFitting", body=box((0.1, 0.1, 0.1), (2.0, -0.05, 3.9)), system="J-1")
    riser = Thing(
        is_a="IfcPipeSegment",
        body=pipe(start=(2.05, 0.0, 0.0), end=(2.05, 0.0, 3.9), radius=0.03),
        system="J-1",
    )
    joints = [(RelationKind.PORT, 1, 2), (RelationKind.PORT, 2, 3)]

    found = way(BEAM, branch, elbow, riser, relations=joints)

    assert found.translation == pytest.approx((0.0, 0.0, -0.18))
    assert found.moved == (1, 2)
    assert found.joints == (Joint(element=3, how="shorten"),)


def test_a_line_that_gets_longer_must_not_run_into_anything():
    beam = replace(BEAM, body=box((0.3, 4.0, 0.4), (0.0, -2.0, 3.6)))
    branch = Thing(
        is_a="IfcPipeSegment", body=pipe(start=(-3.0, 0, 3.95), end=(2.0, 0, 3.95), radius=0.03)
    )
    riser = Thing(
        is_a="IfcPipeSegment", body=pipe(start=(2.03, 0, 0.0), end=(2.03, 0, 3.95), radius=0.03)
    )
    slab = Thing(is_a="IfcSlab", body=box((0.4, 0.4, 0.2), (1.98, -0.2, 4.03)))
    joint = [(RelationKind.PORT, 1, 2)]

    free = way(beam, branch, riser, relations=joint)
    found = way(beam, branch, riser, slab, relations=joint)

    assert free.translation == pytest.approx((0.0, 0.0, 0.08))
    assert free.joints == (Joint(element=2, how="lengthen"),)
    assert found.translation is not None
    assert abs(found.translation[1]) > 0.2  # past the slab, with the riser
    assert set(found.moved) == {1, 2}


def test_a_gap_that_is_asked_for_is_kept_after_the_move():
    rules = RuleSet(
        rules=(
            Rule(
                id="gap",
                left=Selector(classes=("IfcPipeSegment",)),
                right=Selector(classes=("IfcBeam",)),
                kind=RuleKind.CLEARANCE,
                tolerance=0.1,
            ),
        )
    )

    found = way(BEAM, water(3.73), rules=rules)  # 40 mm below the beam

    assert found.translation == pytest.approx((0.0, 0.0, -0.06))


@pytest.mark.parametrize(
    "thing",
    [
        Thing(is_a="IfcColumn", body=box((0.4, 0.4, 3.9), (0.5, 0.5, 0.0))),
        Thing(is_a="IfcDoor", body=box((1.0, 0.1, 3.9), (0.1, 0.5, 0.0))),
        Thing(is_a="IfcUnitaryEquipment", body=box((3.0, 2.0, 1.5), (0.1, 0.1, 2.5))),
        Thing(
            is_a="IfcPipeSegment",
            discipline="utility",
            body=pipe(start=(-3, 0, 3.9), end=(3, 0, 3.9), radius=0.1),
        ),
    ],
    ids=["column", "door", "large plant", "buried line"],
)
def test_what_is_built_in_or_buried_does_not_give_way(thing: Thing):
    beam = replace(BEAM, body=box((8.0, 4.0, 0.7), (-4.0, -2.0, 3.8)))
    found = ways(scene(beam, thing))

    assert [(f.verdict, f.why) for f in found] in ([("not_assessed", "immovable")], [])


def test_a_body_modelled_twice_is_not_moved():
    found = way(BEAM, replace(BEAM, name="again"))

    assert (found.verdict, found.why) == ("not_assessed", "twice")


def test_the_smaller_line_gives_way():
    duct = Thing(is_a="IfcDuctSegment", body=box((6.0, 0.4, 0.4), (-3.0, -0.2, 3.0)))
    tray = Thing(is_a="IfcCableCarrierSegment", body=box((0.2, 6.0, 0.1), (0.0, -3.0, 3.02)))

    found = way(duct, tray)

    assert found.movers == (1,)
    assert found.translation == pytest.approx((0.0, 0.0, -0.12))


def test_a_line_that_needs_its_fall_stays_where_another_can_move():
    drain = water(3.0, radius=0.05, system="W-1 污水系统")
    supply = Thing(
        is_a="IfcPipeSegment",
        body=pipe(start=(0.0, -3.0, 3.05), end=(0.0, 3.0, 3.05), radius=0.08),
        system="J-1 给水系统",
    )

    found = way(drain, supply)

    assert found.movers == (1,)
    assert found.translation == pytest.approx((0.0, 0.0, 0.08))


def test_a_pipe_goes_through_the_opening_that_is_next_to_it():
    wall = Thing(is_a="IfcWall", body=box((0.2, 6.0, 3.0), (0.0, -3.0, 0.0)))
    hole = Thing(is_a="IfcOpeningElement", body=box((0.2, 0.2, 0.2), (0.0, 0.0, 1.4)))

    found = way(wall, hole, water(1.5), relations=[(RelationKind.VOIDS, 1, 0)])

    assert found.verdict == "found"
    assert found.translation == pytest.approx((0.0, 0.03, 0.0))


def test_furniture_stays_on_the_floor():
    column = Thing(is_a="IfcColumn", body=box((0.4, 0.4, 0.95), (0.0, 0.0, 0.0)))
    desk = Thing(is_a="IfcFurniture", body=box((1.6, 0.8, 0.75), (0.3, -0.2, 0.25)))

    found = way(column, desk)

    assert found.translation == pytest.approx((0.1, 0.0, 0.0))


def test_a_network_of_many_pieces_is_no_local_change():
    pieces = [
        Thing(
            is_a="IfcPipeSegment",
            body=pipe(start=(k * 1.0, 0, 3.95), end=(k + 1.0, 0, 3.95), radius=0.03),
        )
        for k in range(MANY + 2)
    ]
    beam = replace(BEAM, body=moved(BEAM.body, (0.3, 0.0, 0.0)))
    joints = [(RelationKind.PORT, k, k + 1) for k in range(1, MANY + 2)]

    found = way(beam, *pieces, relations=joints)

    assert found.verdict != "found"
    assert found.translation is None


def test_a_detail_that_repeats_is_moved_everywhere_by_one_move():
    lights = [
        Thing(is_a="IfcLightFixture", body=box((0.6, 0.6, 0.1), (2.0 * k, 0, 2.95)), type="L1")
        for k in range(MANY + 10)
    ]
    beams = [
        Thing(is_a="IfcBeam", body=box((0.3, 4, 0.6), (2.0 * k + 0.5, -2, 2.4)), type="B")
        for k in range(MANY + 10)
    ]

    found = way(*lights, *beams)

    assert found.translation == pytest.approx((0.0, 0.0, 0.05))
    assert len(found.moved) == MANY + 10


def test_all_runs_of_one_beam_are_moved_by_one_move():
    found = way(BEAM, water(3.95, y=-1.0), water(3.98, y=0.0), water(3.9, y=1.0))

    assert set(found.movers) == {1, 2, 3}
    assert found.translation == pytest.approx((0.0, 0.0, -0.21))


def test_two_reviews_of_one_scene_give_the_same_answers():
    place = scene(BEAM, water(3.95, y=-1.0), water(4.0, y=1.0))

    assert ways(place) == ways(place)


def test_models_that_must_not_meet_are_not_in_each_others_way():
    rules = default_rules()
    tray = Thing(is_a="IfcCableCarrierSegment", body=box((6.0, 0.2, 0.1), (-3.0, -0.1, 3.7)))
    place = Scene.of([model([BEAM, water(3.95)], name="one"), model([tray], name="two")])
    allowed = np.eye(2, dtype=bool)
    found = detect(place, rules, allowed=allowed)
    set_aside = suppress(place, found, rules)
    groups = group(place, found, rules, set_aside)

    apart = resolve(place, found, rules, set_aside, groups, allowed=allowed)

    assert apart[0].translation == (0.0, 0.0, -0.18)


def test_what_was_not_tried_is_said(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(search, "LEAST_PAIRS", 0)

    found = ways(scene(BEAM, water(3.95)))

    assert [(f.verdict, f.why) for f in found] == [("not_assessed", "budget")]
    assert untried(found) == [
        {
            "what": {"zh-CN": "1 个问题的可行移位", "en": "ways out of 1 issue"},
            "why": {
                "zh-CN": "本次评审的移位试算量已用完",
                "en": "the review's allowance of trial moves was used up",
            },
        }
    ]


def _moved_by(x: float, y: float, z: float) -> Resolution:
    length = float(np.linalg.norm((x, y, z)))
    return Resolution(verdict="found", translation=(x, y, z), length=length, movers=(0,),
                      moved=(0,), tried=3)  # fmt: skip


@pytest.mark.parametrize(
    ("shift", "located", "zh", "en"),
    [
        ((0, 0, 0.06), True, "上移 60 mm", "60 mm up"),
        ((0, 0.06, 0), True, "向北平移 60 mm", "60 mm north"),
        ((-0.04, -0.04, 0), True, "向西南平移 57 mm", "57 mm south-west"),
        ((0.05, 0, -0.04), True, "下移 40 mm并向东平移 50 mm", "40 mm down and 50 mm east"),
        ((0, -0.06, 0), False, "沿 -Y 方向 60 mm 平移", "60 mm along -Y"),
    ],
)
def test_a_direction_is_told_as_people_on_site_say_it(shift, located, zh, en):
    frame = Frame(crs="EPSG:4545") if located else Frame()

    assert direction(_moved_by(*shift), frame) == {"zh-CN": zh, "en": en}


def test_a_turned_frame_knows_where_north_is():
    frame = Frame(crs="EPSG:4545", north=np.pi / 2)

    assert direction(_moved_by(0.06, 0, 0), frame)["en"] == "60 mm north"


def test_the_sentence_says_what_moves_what_follows_and_that_it_was_checked():
    refs = {
        0: ElementRef(model="m", guid="g", ifc_class="IfcPipeSegment", name="给水管 DN50"),
        1: ElementRef(model="m", guid="h", ifc_class="IfcPipeFitting", name="弯头"),
        2: ElementRef(model="m", guid="i", ifc_class="IfcPipeSegment", name="立管"),
    }
    found = replace(_moved_by(0, 0, -0.18), moved=(0, 1), joints=(Joint(element=2, how="shorten"),))

    assert sentence(found, refs, Frame(), count=2) == {
        "zh-CN": "可行移位：「给水管 DN50」下移 180 mm，2 处冲突全部消除且不产生新的冲突"
        "（按移位后的几何复核，为所试 3 种移位中最短）。相连的 1 个构件随之移动。"
        "随之调整：「立管」缩短。",
        "en": "Way out: move pipe 给水管 DN50 180 mm down; both conflicts clear and no new one "
        "arises (checked on the moved bodies; the shortest of 3 moves tried). 1 joined element "
        "moves too. To follow: pipe 立管 is shortened.",
    }


def test_without_a_conflict_there_is_nothing_to_resolve():
    place = scene(BEAM, water(3.0))
    found = detect(place, default_rules())

    assert (found.relation != Relation.TOUCH).sum() == 0
    assert ways(place) == []


def test_a_duct_through_a_wall_is_no_worse_there_for_lying_lower():
    duct = Thing(is_a="IfcDuctSegment", body=box((6.0, 0.4, 0.3), (-3.0, -0.2, 3.7)))
    wall = Thing(is_a="IfcWall", body=box((0.2, 6.0, 4.5), (2.0, -3.0, 0.0)))

    found = {w.movers: w for w in ways(scene(BEAM, duct, wall)) if w.verdict == "found"}

    assert found[(1,)].translation == (0.0, 0.0, -0.2)


def test_a_sprinkler_without_a_class_does_not_leave_the_ceiling_it_hangs_from():
    ceiling = Thing(is_a="IfcCovering", body=box((5, 5, 0.02), (0, 0, 2.6)), predefined="CEILING")
    lamp = Thing(is_a="IfcLightFixture", body=box((0.6, 0.6, 0.1), (1, 1, 2.59)))
    body = pipe(start=(1.2, 1.3, 2.75), end=(1.2, 1.3, 2.55), radius=0.02)
    head = Thing(is_a="IfcBuildingElementProxy", body=body, discipline="fire")

    found = way(ceiling, lamp, head)

    assert (found.verdict, found.translation[2]) == ("found", 0.0)


def test_joints_of_one_name_are_told_once():
    drop = ElementRef(model="m", guid="g", ifc_class="IfcPipeSegment", name="DN25")
    joints = tuple(Joint(element=k, how="shorten") for k in (1, 2, 3))
    found = Resolution(
        verdict="found", translation=(0.0, 0.0, -0.05), length=0.05, movers=(0,), moved=(0,),
        joints=joints, tried=3,
    )  # fmt: skip

    told = sentence(found, dict.fromkeys(range(4), drop), Frame(), count=1)

    assert told["zh-CN"].endswith("随之调整：「DN25 管道」3 处缩短。")
    assert told["en"].endswith("To follow: pipe DN25 is shortened (3 times).")
