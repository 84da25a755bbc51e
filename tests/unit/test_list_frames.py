"""Which joints of frames, foundations and facades are built so, and which collide."""

import pytest

from bimcore.model import Scene
from bimcore.relations import RelationKind
from tests.builders import Body, box, joined, moved, pipe, prism, tube
from tests.building import Thing, model, reasons, scene, shown

FOOTING = Thing(is_a="IfcFooting", body=box((2, 2, 1.2), at=(-1, -1, -1.2)))
SLAB = Thing(is_a="IfcSlab", body=box((5, 5, 0.2)))
#: A slab ends in the post, and in the pane beside it.
POST = Thing(is_a="IfcMember", body=box((0.06, 0.15, 3), at=(2, -0.1, -1)))
PANE = Thing(is_a="IfcPlate", body=box((1.4, 0.03, 3), at=(2.06, 0, -1)))


def section(length: float, at=(0.0, 0.0, 0.0)) -> Body:
    """An I-section 150 x 300 along x, drawn as three blocks."""
    parts = (((0, 0), 0.15, 0.015), ((0.07, 0.015), 0.01, 0.27), ((0, 0.285), 0.15, 0.015))
    body = joined(*(box((length, wide, high), at=(0, *low)) for low, wide, high in parts))
    return moved(body, at)


def bolt(low: float, high: float) -> Thing:
    body = pipe(start=(0.2, 0.2, low), end=(0.2, 0.2, high), radius=0.018)
    return Thing(is_a="IfcMechanicalFastener", body=body, predefined="ANCHORBOLT")


def test_a_long_anchor_in_its_footing_and_base_plate_is_as_designed():
    plate = Thing(is_a="IfcPlate", body=box((0.6, 0.6, 0.03), at=(-0.3, -0.3, 0)))
    place = scene(FOOTING, bolt(-0.9, 0.2), plate)

    assert (shown(place), reasons(place)) == ([], ["embedded.part"])


def test_a_channel_cast_flush_into_a_slab_is_as_designed():
    channel = Thing(is_a="IfcDiscreteAccessory", body=box((3, 0.05, 0.03), at=(1, 2, 0)))
    place = scene(SLAB, channel)

    assert (shown(place), reasons(place)) == ([], ["embedded.part"])


def test_a_gusset_in_a_slotted_brace_is_as_designed_and_a_pipe_through_it_is_not():
    brace = tube(start=(0, 0, 0), end=(3, 0, 0), outer=0.080, inner=0.074)
    gusset = Thing(is_a="IfcPlate", body=box((0.6, 0.015, 0.4), at=(-0.3, -0.0075, -0.2)))
    line = pipe(start=(-0.2, -1, 0.1), end=(-0.2, 1, 0.1), radius=0.03)
    place = scene(
        Thing(is_a="IfcMember", body=brace), gusset, Thing(is_a="IfcPipeSegment", body=line)
    )

    assert (shown(place), reasons(place)) == ([(1, 2)], ["embedded.part"])


def test_a_ground_slab_round_its_pad_is_monolithic():
    pad = Thing(is_a="IfcFooting", body=box((2, 2, 0.4), at=(1, 1, -0.3)))
    place = scene(SLAB, pad)

    assert (shown(place), reasons(place)) == ([], ["joint.monolithic"])


@pytest.mark.parametrize(("at", "stays"), [(0.0, True), (2.85, False)])
def test_a_beam_across_another_stays_and_one_that_ends_in_it_does_not(at, stays):
    over = moved(section(6.0), (at - 3.0, 0, 0))
    turned = over[0][:, [1, 0, 2]] + [2.0, 0.075, 0.1], over[1][:, ::-1]
    place = scene(Thing(is_a="IfcBeam", body=section(6.0)), Thing(is_a="IfcBeam", body=turned))

    assert shown(place) == ([(0, 1)] if stays else [])


def test_the_edge_of_a_slab_in_a_curtain_wall_stays():
    whole = Thing(is_a="IfcCurtainWall", body=prism([(9, 9), (9.1, 9), (9, 9.1)], height=0.1))
    place = scene(
        SLAB,
        POST,
        PANE,
        whole,
        relations=[(RelationKind.AGGREGATES, 3, 1), (RelationKind.AGGREGATES, 3, 2)],
    )

    assert shown(place) == [(0, 1), (0, 2)]


def test_panes_and_partitions_that_end_in_a_post_are_joints():
    post = Thing(is_a="IfcMember", body=box((0.06, 0.15, 3), at=(1, -0.15, 0)))
    pane = Thing(is_a="IfcPlate", body=box((1, 0.03, 3), at=(1.04, -0.12, 0)))
    partition = Thing(is_a="IfcWall", body=box((0.1, 3, 3), at=(0.98, -0.05, 0)))
    place = scene(post, pane, partition)

    assert ((0, 1) in shown(place), (0, 2) in shown(place)) == (False, False)


def sloping(length: float, rise: float, thick: float, *, width: float, at) -> Body:
    """A slab that climbs along x, cut upright at both ends."""
    outline = [(0, 0), (length, rise), (length, rise + thick), (0, thick)]
    vertices, faces = prism(outline, height=width)
    return moved((vertices[:, [0, 2, 1]], faces[:, ::-1]), at)


FLIGHT = Thing(is_a="IfcStairFlight", body=sloping(3, 2, 0.2, width=1.2, at=(0, 0, 0)))


def test_a_ramp_runs_out_into_its_floor():
    ramp = sloping(6, 0.6, 0.2, width=2, at=(3, 1, 0.05))
    place = scene(SLAB, Thing(is_a="IfcRampFlight", body=ramp, discipline="structure"))

    assert (shown(place), reasons(place)) == ([], ["joint.monolithic"])


@pytest.mark.parametrize(("kind", "stays"), [("LANDING", False), ("FLOOR", True)])
def test_a_flight_is_built_into_its_landing_but_not_into_a_floor(kind, stays):
    slab = Thing(is_a="IfcSlab", body=box((1.5, 2.5, 0.2), at=(2.6, -0.5, 2.0)), predefined=kind)

    assert shown(scene(FLIGHT, slab)) == ([(0, 1)] if stays else [])


@pytest.mark.parametrize(
    "other",
    [
        Thing(is_a="IfcColumn", body=box((0.4, 0.4, 4), at=(1.3, 1.0, -0.5))),
        Thing(is_a="IfcWall", body=box((5, 0.2, 3), at=(-1, 1.1, 0))),
    ],
    ids=["column", "wall"],
)
def test_a_column_or_wall_that_takes_a_stair_its_width_stays(other):
    assert shown(scene(FLIGHT, other)) == [(0, 1)]


@pytest.mark.parametrize(("apart", "stays"), [(0.8, False), (0.4, True)])
def test_piles_of_a_secant_wall_are_bored_into_each_other(apart, stays):
    first, second = (pipe(start=(x, 0, -15), end=(x, 0, 0), radius=0.5) for x in (0, apart))
    place = scene(Thing(is_a="IfcPile", body=first), Thing(is_a="IfcPile", body=second))

    assert shown(place) == ([(0, 1)] if stays else [])


def test_an_escalator_stands_on_its_floors():
    body = sloping(5, 3, 1, width=1.5, at=(4.6, 1, 0.15))
    place = scene(SLAB, Thing(is_a="IfcTransportElement", body=body))

    assert (shown(place), reasons(place)) == ([], ["stands.on"])


def test_a_rolled_section_is_not_notched_for_another():
    under = Thing(is_a="IfcBeam", body=section(6.0))
    across = moved(section(6.0), (-3.0, 0, 0))
    over = Thing(is_a="IfcBeam", body=(across[0][:, [1, 0, 2]] + [3, 0, 0.24], across[1][:, ::-1]))

    assert shown(scene(under, over)) == [(0, 1)]


def brace(start, end) -> Body:
    return pipe(start=start, end=end, radius=0.05, sides=4)


@pytest.mark.parametrize(("beside", "stays"), [(0.0, False), (0.04, True)])
def test_the_diagonals_of_a_bracing_meet_in_a_node(beside, stays):
    one = Thing(is_a="IfcMember", body=brace((0, 0, 0), (4, 0, 3)))
    other = Thing(is_a="IfcMember", body=brace((4, beside, 0), (0, beside, 3)))

    assert shown(scene(one, other)) == ([(0, 1)] if stays else [])


@pytest.mark.parametrize(
    "guest",
    [
        Thing(is_a="IfcFurniture", body=box((1.2, 0.6, 2.5), at=(1, 1, -2.45))),
        Thing(is_a="IfcWindow", body=box((1.2, 0.1, 1.5), at=(1, 0.1, -1.45))),
    ],
    ids=["wardrobe", "window"],
)
def test_what_reaches_up_into_a_floor_does_not_stand_on_it(guest):
    assert shown(scene(SLAB, guest)) == [(0, 1)]


@pytest.mark.parametrize(
    ("guest", "stays"),
    [
        (
            Thing(
                is_a="IfcSpaceHeater",
                body=box((1.2, 0.1, 0.6), at=(0, -0.06, 0.2)),
                discipline="hvac",
            ),
            True,
        ),
        (Thing(is_a="IfcOutlet", body=box((0.1, 0.05, 0.03), at=(0.4, -0.02, 1.5))), False),
    ],
    ids=["heater", "sensor"],
)
def test_a_window_holds_a_sensor_and_no_heater(guest, stays):
    window = Thing(is_a="IfcWindow", body=box((1.2, 0.1, 2.0)))

    assert shown(scene(window, guest)) == ([(0, 1)] if stays else [])


COURSE = Thing(is_a="IfcCourse", body=box((5, 5, 0.4), at=(0, 0, -0.4)))


@pytest.mark.parametrize(
    "guest",
    [
        Thing(is_a="IfcKerb", body=box((5, 0.15, 0.3), at=(0, 1, -0.15))),
        Thing(is_a="IfcTrackElement", body=box((0.25, 2.6, 0.22), at=(2, 1, -0.15))),
        Thing(
            is_a="IfcDistributionChamberElement",
            body=pipe(start=(2, 2, -2), end=(2, 2, 0), radius=0.5),
        ),
    ],
    ids=["kerb", "sleeper", "manhole"],
)
def test_what_is_set_into_a_road_or_track_is_as_designed(guest):
    place = scene(COURSE, guest)

    assert (shown(place), reasons(place)) == ([], ["stands.in"])


def test_a_pipe_in_the_courses_of_a_road_stays():
    line = pipe(start=(0, 2, -0.2), end=(5, 2, -0.2), radius=0.08)

    assert shown(scene(COURSE, Thing(is_a="IfcPipeSegment", body=line))) == [(0, 1)]


def test_a_bearing_is_let_into_its_pier():
    pier = Thing(is_a="IfcColumn", body=box((1, 1, 5)))
    bearing = Thing(is_a="IfcBearing", body=box((0.5, 0.5, 0.2), at=(0.25, 0.25, 4.95)))
    place = scene(pier, bearing)

    assert (shown(place), reasons(place)) == ([], ["embedded.part"])


@pytest.mark.parametrize(("high", "stays"), [(3.25, False), (3.4, True)])
def test_an_architects_wall_may_be_drawn_up_to_the_finished_floor(high, stays):
    wall = model([Thing(is_a="IfcWall", body=box((3, 0.2, high), at=(1, 2, -3)))], name="a")
    place = Scene.of([wall, model([SLAB], name="s")])

    assert shown(place) == ([(0, 1)] if stays else [])


def hollow(start, end, half=0.06, wall=0.005) -> Body:
    """A hollow section along x, drawn as four flat sides."""
    (x, y, z), long = start, end[0] - start[0]
    w, t = 2 * half, wall
    sides = (((-half, -half), w, t), ((-half, half - t), w, t))
    ups = ((-half, -half), (half - t, -half))
    body = joined(
        *(box((long, wide, high), at=(0, *low)) for low, wide, high in sides),
        *(box((long, t, w), at=(0, *low)) for low in ups),
    )
    return moved(body, (x, y, z))


def test_a_girt_through_a_rolled_column_stays():
    upright = section(6.0)[0][:, [2, 1, 0]] - [0.15, 0.075, 3.0], section(6.0)[1][:, ::-1]
    girt = Thing(is_a="IfcBeam", body=hollow((-4, 0, 0), (4, 0, 0)))
    place = scene(Thing(is_a="IfcColumn", body=upright), girt)

    assert shown(place) == [(0, 1)]


def test_a_girt_beside_whose_side_a_flat_brace_passes_does_not_end_there():
    flat = Thing(is_a="IfcBeam", body=box((8, 0.08, 0.008), at=(-4, -0.03, 0)))
    girt = Thing(is_a="IfcBeam", body=box((0.12, 0.12, 6), at=(0, 0, -3)))
    place = scene(flat, girt)

    assert shown(place) == [(0, 1)]


def test_a_narrow_strip_of_slab_in_the_panes_of_a_curtain_wall_stays():
    strip = Thing(is_a="IfcSlab", body=box((1.5, 0.2, 0.2), at=(0, 0, 0)))
    pane = Thing(is_a="IfcPlate", body=box((3, 0.02, 3), at=(-1, 0.09, -1)), predefined="")
    whole = Thing(is_a="IfcCurtainWall", body=prism([(9, 9), (9.1, 9), (9, 9.1)], height=0.1))
    place = scene(strip, pane, whole, relations=[(RelationKind.AGGREGATES, 2, 1)])

    assert shown(place) == [(0, 1)]


def test_an_anchor_through_base_plate_floor_and_pedestal_into_its_footing_is_as_designed():
    floor = Thing(is_a="IfcSlab", body=box((5, 5, 0.2), at=(-2, -2, -0.2)))
    pedestal = Thing(is_a="IfcColumn", body=box((0.6, 0.6, 0.4), at=(-0.1, -0.1, -0.6)))
    footing = Thing(is_a="IfcFooting", body=box((2, 2, 0.8), at=(-0.8, -0.8, -1.4)))
    body = box((0.5, 0.5, 0.025), at=(-0.05, -0.05, -0.025))
    plate = Thing(is_a="IfcPlate", body=body, discipline="structure")
    place = scene(floor, pedestal, footing, plate, bolt(-0.75, 0.1))

    assert (shown(place), reasons(place)) == ([], ["embedded.part"])


def test_a_large_pane_in_a_slab_is_no_base_plate():
    pane = Thing(is_a="IfcPlate", body=box((2, 0.02, 3), at=(1, 2, -1.5)))

    assert shown(scene(SLAB, pane)) == [(0, 1)]
