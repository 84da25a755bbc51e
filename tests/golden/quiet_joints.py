"""More situations in pairs: what is built so, and its twin that is not."""

from bimcore.relations import RelationKind as K
from tests.builders import box, prism, tube
from tests.building import Thing, line_of
from tests.golden.quiet_cases import Case, Rng, between, designed, families_in, real, wall


def _slab(**more) -> Thing:
    return Thing(is_a="IfcSlab", body=box((6, 6, 0.2)), **more)


def _ceiling() -> Thing:
    return Thing(is_a="IfcCovering", body=box((5, 5, 0.02), at=(0, 0, 2.6)), predefined="CEILING")


def _lagging(start, end, outer: float, inner: float) -> Thing:
    body = tube(start=start, end=end, outer=outer, inner=inner)
    return Thing(is_a="IfcCovering", body=body, predefined="INSULATION")


# sleeves and holes


def pipe_thicker_than_the_bore_of_its_sleeve(rng: Rng) -> Case:
    radius = between(rng, 0.04, 0.1)
    bore = radius - between(rng, 0.008, 0.02)
    sleeve = tube(start=(2, -0.02, 1.5), end=(2, 0.32, 1.5), outer=bore + 0.006, inner=bore)
    return Case(
        parts=[
            line_of((2, -1, 1.5), (2, 1.3, 1.5), radius),
            wall(rng, discipline="structure"),
            Thing(is_a="IfcPipeFitting", body=sleeve, type="Sleeve"),
        ],
        real=[(0, 1), (0, 2)],
        designed=[(1, 2)],
    )


def pipe_through_a_provision_in_a_wall_round_a_corner(rng: Rng) -> Case:
    thick, x = between(rng, 0.15, 0.3), between(rng, 1.5, 4)
    outline = [(0, 0), (5, 0), (5, thick), (thick, thick), (thick, 5), (0, 5)]
    host = Thing(is_a="IfcWall", body=prism(outline, height=3), discipline="structure")
    wish = Thing(
        is_a="IfcBuildingElementProxy",
        body=box((0.3, thick + 0.2, 0.3), at=(x - 0.15, -0.1, 1.35)),
        predefined="PROVISIONFORVOID",
    )
    return designed(line_of((x, -1, 1.5), (x, 1, 1.5), between(rng, 0.03, 0.12)), host, wish)


# insulation and finishes


def insulation_in_insulation(rng: Rng) -> Case:
    over = between(rng, 0.03, 0.07)
    return real(
        _lagging((-2, 0, 1), (2, 0, 1), 0.045, 0.02),
        _lagging((0, -2, 1 + over), (0, 2, 1 + over), 0.045, 0.02),
    )


def insulation_in_a_beam(rng: Rng) -> Case:
    z = between(rng, 0.02, 0.04)
    beam = Thing(is_a="IfcBeam", body=box((0.3, 4, 0.5), at=(0, -2, z)))
    return real(_lagging((-2, 0, 0), (2, 0, 0), 0.06, 0.015), beam)


def finish_cut_round_a_column(rng: Rng) -> Case:
    side = between(rng, 0.3, 0.8)
    return designed(_ceiling(), Thing(is_a="IfcColumn", body=box((side, side, 3), at=(2, 2, 0))))


def ceiling_runs_into_a_window(rng: Rng) -> Case:
    sill = between(rng, 1.2, 2.0)
    return real(_ceiling(), Thing(is_a="IfcWindow", body=box((1.2, 0.14, 1.6), at=(2, 0, sill))))


def beam_hangs_through_a_ceiling(rng: Rng) -> Case:
    low = between(rng, 2.2, 2.5)
    beam = Thing(is_a="IfcBeam", body=box((6, 0.3, 0.7), at=(-0.5, 2, low)))
    return real(_ceiling(), beam)


def neck_of_an_outlet_in_its_ceiling(rng: Rng) -> Case:
    low, radius = between(rng, 2.59, 2.61), between(rng, 0.08, 0.2)
    return designed(
        line_of((2, 2, low), (2, 2, 3.2), radius, is_a="IfcDuctSegment"),
        _ceiling(),
    )


# lines laid in something


def conduit_in_a_slab(rng: Rng) -> Case:
    z, radius = between(rng, 0.06, 0.14), between(rng, 0.008, 0.016)
    return designed(
        line_of((1, 1, z), (between(rng, 3, 5), 2, z), radius, is_a="IfcCableCarrierSegment"),
        _slab(),
    )


def conduit_up_through_a_slab(rng: Rng) -> Case:
    radius = between(rng, 0.01, 0.05)
    return real(line_of((3, 3, -1), (3, 3, 2), radius, is_a="IfcCableCarrierSegment"), _slab())


def pipe_in_a_partition(rng: Rng) -> Case:
    thick = between(rng, 0.12, 0.2)
    y, radius = thick / 2, between(rng, 0.008, 0.018)
    return designed(line_of((2, y, 0.2), (2, y, 2.7), radius), wall(rng, thick=thick))


def pipe_in_a_bearing_wall(rng: Rng) -> Case:
    host = wall(rng, thick=0.2, discipline="structure")
    return real(line_of((2, 0.1, 0.2), (2, 0.1, 2.7), between(rng, 0.01, 0.03)), host)


def cable_along_its_tray(rng: Rng) -> Case:
    y = between(rng, 0.05, 0.25)
    tray = Thing(is_a="IfcCableCarrierSegment", body=box((4, 0.3, 0.1)))
    return designed(line_of((0.2, y, 0.05), (3.8, y, 0.05), 0.015, is_a="IfcCableSegment"), tray)


def cable_across_a_tray(rng: Rng) -> Case:
    x = between(rng, 1, 3)
    tray = Thing(is_a="IfcCableCarrierSegment", body=box((4, 0.3, 0.1)))
    return real(line_of((x, -1, 0.05), (x, 1, 0.05), 0.015, is_a="IfcCableSegment"), tray)


def waste_pipe_in_its_cabinet(rng: Rng) -> Case:
    cabinet = Thing(is_a="IfcFurniture", body=box((1, 0.6, 0.85)))
    end = between(rng, 0.1, 0.4)
    return designed(line_of((0.5, 0.9, 0.4), (0.5, end, 0.4), 0.025), cabinet)


# the frame


def long_anchor_in_its_footing(rng: Rng) -> Case:
    down = between(rng, 0.5, 1.1)
    bolt = line_of((0.2, 0.2, -down), (0.2, 0.2, 0.2), 0.018, is_a="IfcMechanicalFastener")
    footing = Thing(is_a="IfcFooting", body=box((2, 2, 1.2), at=(-1, -1, -1.2)))
    return designed(bolt, footing)


def channel_cast_into_a_slab(rng: Rng) -> Case:
    long = between(rng, 1, 4)
    return designed(
        Thing(is_a="IfcDiscreteAccessory", body=box((long, 0.05, 0.03), at=(1, 2, 0))), _slab()
    )


def gusset_in_a_slotted_brace(rng: Rng) -> Case:
    into = between(rng, 0.1, 0.4)
    tubular = tube(start=(0, 0, 0), end=(3, 0, 0), outer=0.08, inner=0.074)
    gusset = box((0.6, 0.015, 0.4), at=(into - 0.6, -0.0075, -0.2))
    return designed(Thing(is_a="IfcPlate", body=gusset), Thing(is_a="IfcMember", body=tubular))


def beams_that_pass_each_other_cross(rng: Rng) -> Case:
    up = between(rng, 0.0, 0.3)
    first = Thing(is_a="IfcBeam", body=box((6, 0.3, 0.6)))
    second = Thing(is_a="IfcBeam", body=box((0.3, 6, 0.6), at=(between(rng, 2, 4), -3, up)))
    return real(first, second)


def slab_edge_in_a_curtain_wall(rng: Rng) -> Case:
    into = between(rng, 0.02, 0.2)
    whole = Thing(is_a="IfcCurtainWall", body=box((0.1, 0.1, 0.1), at=(20, 0, 0)))
    pane = Thing(is_a="IfcPlate", body=box((1.4, 0.03, 3), at=(2, 6 - into, -1)))
    return real(_slab(), pane, whole, relations=[(K.AGGREGATES, 2, 1)])


def pane_in_its_post(rng: Rng) -> Case:
    into = between(rng, 0.012, 0.03)
    post = Thing(is_a="IfcMember", body=box((0.06, 0.15, 3), at=(1, -0.06, 0)))
    pane = Thing(is_a="IfcPlate", body=box((1, 0.03, 3), at=(1.06 - into, 0, 0)))
    return designed(pane, post)


def piles_of_a_secant_wall(rng: Rng) -> Case:
    radius = between(rng, 0.4, 0.6)
    apart = 2 * radius * between(rng, 0.7, 0.9)
    return designed(
        line_of((0, 0, -15), (0, 0, 0), radius, is_a="IfcPile"),
        line_of((apart, 0, -15), (apart, 0, 0), radius, is_a="IfcPile"),
    )


def column_in_a_flight_of_stairs(rng: Rng) -> Case:
    flight = prism([(0, 0), (3, 2), (3, 2.2), (0, 0.2)], height=1.2)
    stair = Thing(is_a="IfcStairFlight", body=(flight[0][:, [0, 2, 1]], flight[1][:, ::-1]))
    side = between(rng, 0.3, 0.5)
    return real(stair, Thing(is_a="IfcColumn", body=box((side, side, 4), at=(1.3, 0.8, -0.5))))


def wardrobe_reaches_into_the_floor_above(rng: Rng) -> Case:
    into = between(rng, 0.02, 0.1)
    tall = box((1.2, 0.6, 2.5), at=(2, 2, into - 2.5))
    return real(Thing(is_a="IfcFurniture", body=tall), _slab())


JOINTS = families_in(globals(), __name__)
