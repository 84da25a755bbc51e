"""Twins: a conflict and a way of building of nearly the same shape, drawn with random measures."""

import numpy as np

from bimcore.relations import RelationKind as K
from tests.builders import box, joined, prism
from tests.building import Thing, line_of
from tests.golden.quiet_cases import Case, Rng, between, designed, families_in, real, wall


def _upright(outline, thick):
    """A wall from its outline in elevation."""
    vertices, faces = prism(outline, height=thick)
    return np.column_stack([vertices[:, 0], thick - vertices[:, 2], vertices[:, 1]]), faces


def _profile(length, *, deep=0.4, wide=0.2, web=0.02, at=(0, 0, 0)):
    """A rolled I section along y."""
    half, foot = wide / 2, web / 2
    outline = [(-half, 0), (half, 0), (half, web), (foot, web), (foot, deep - web)]
    outline += [(half, deep - web), (half, deep), (-half, deep), (-half, deep - web)]
    outline += [(-foot, deep - web), (-foot, web), (-half, web)]
    vertices, faces = prism(outline, height=length)
    lying = np.column_stack([vertices[:, 0], length - vertices[:, 2], vertices[:, 1]])
    return lying + np.asarray(at, dtype=float), faces


# doors and their openings


def _door_and_wall(shift: float, *, casing: float = 0.0) -> Case:
    holed = _upright([(0, 0), (2, 0), (2, 2.1), (3, 2.1), (3, 0), (5, 0), (5, 3), (0, 3)], 0.2)
    hole = Thing(is_a="IfcOpeningElement", body=box((1.0, 0.4, 2.1), at=(2, -0.1, 0)))
    size = (1.0 + 2 * casing, 0.24, 2.1 + casing)
    door = Thing(is_a="IfcDoor", body=box(size, at=(2 - casing + shift, -0.02, 0)))
    told = [(K.FILLS, 0, 1), (K.VOIDS, 2, 1), (K.OPENING_FILLER, 0, 2)]
    pair = {"real" if shift else "designed": [(0, 1)]}
    parts = [door, Thing(is_a="IfcWall", body=holed), hole]
    return Case(parts=parts, relations=told, **pair)


def door_with_a_casing_in_its_opening(rng: Rng) -> Case:
    return _door_and_wall(0.0, casing=between(rng, 0.03, 0.12))


def door_beside_its_opening(rng: Rng) -> Case:
    return _door_and_wall(float(rng.choice([-1, 1])) * between(rng, 0.3, 1.5))


def _next_wall(*, deep: float, casing: float) -> Case:
    hole = Thing(is_a="IfcOpeningElement", body=box((1.0, 0.4, 2.1), at=(2, -0.1, 0)))
    door = Thing(is_a="IfcDoor", body=box((1.0 + 2 * casing, 0.24, 2.1), at=(2 - casing, -0.02, 0)))
    edge = 3.0 + casing - deep
    other = Thing(is_a="IfcWall", body=box((0.15, 4, 3), at=(edge, -4, 0)))
    pair = {"designed" if deep < casing else "real": [(0, 1)]}
    return Case(parts=[door, other, hole], relations=[(K.OPENING_FILLER, 0, 2)], **pair)


def casing_in_the_next_wall(rng: Rng) -> Case:
    return _next_wall(deep=between(rng, 0.01, 0.028), casing=0.07)


def frame_in_the_next_wall(rng: Rng) -> Case:
    return _next_wall(deep=between(rng, 0.04, 0.3), casing=0.0)


# beams in walls


def rolled_beam_through_bearing_wall(rng: Rng) -> Case:
    beam = Thing(is_a="IfcBeam", body=_profile(4.0, at=(between(rng, 1, 4), -2, 1.5)))
    return real(beam, wall(rng, thick=0.25, discipline="structure"))


def timber_purlin_through_gable_wall(rng: Rng) -> Case:
    purlin = Thing(is_a="IfcBeam", body=box((0.16, 4, 0.24), at=(between(rng, 1, 4), -2, 2)))
    return designed(purlin, wall(rng, thick=0.3, discipline="structure"))


def rolled_beam_ends_in_bearing_wall(rng: Rng) -> Case:
    into = between(rng, 0.05, 0.2)
    beam = Thing(is_a="IfcBeam", body=_profile(4.0, at=(between(rng, 1, 4), 0.25 - into, 1.5)))
    return designed(beam, wall(rng, thick=0.25, discipline="structure"))


def pipe_through_the_web_of_a_rolled_column(rng: Rng) -> Case:
    web = between(rng, 0.008, 0.014)
    turned = _profile(4.0, deep=0.3, wide=0.3, web=web)
    column = Thing(is_a="IfcColumn", body=(turned[0][:, [0, 2, 1]] * (1, -1, 1), turned[1]))
    high = between(rng, 1, 3)
    return real(line_of((-1, -0.1, high), (1, -0.1, high), 0.03), column)


# lines at a slant, in openings and beside them


def _slanted(rng: Rng, *, aside: float) -> Case:
    lean = between(rng, 0.6, 1.0)
    wish = Thing(
        is_a=str(rng.choice(["IfcBuildingElementProxy", "IfcVirtualElement"])),
        body=box((0.5, 0.3, 0.4), at=(1.75 + aside, -0.05, 0.8)),
        predefined="PROVISIONFORVOID",
    )
    line = line_of((2 - lean, -1, 1), (2 + lean, 1.2, 1), 0.05)
    parts = [line, wall(rng, thick=0.2), wish]
    return Case(parts=parts, **{"real" if aside else "designed": [(0, 1)]})


def slanted_pipe_in_a_provision(rng: Rng) -> Case:
    return _slanted(rng, aside=0.0)


def slanted_pipe_beside_a_provision(rng: Rng) -> Case:
    return _slanted(rng, aside=float(rng.choice([-1, 1])) * between(rng, 0.5, 0.7))


def pipe_in_opening_of_a_lopsided_wall(rng: Rng) -> Case:
    # the axes in the plane of a wall with a door to one side must not lean
    return _lopsided(rng, beside=0.0)


def pipe_beside_opening_of_a_lopsided_wall(rng: Rng) -> Case:
    return _lopsided(rng, beside=between(rng, 0.25, 0.3))


def _lopsided(rng: Rng, *, beside: float) -> Case:
    outline = [(0, 0), (1, 0), (1, 2.1), (1.9, 2.1), (1.9, 0), (2, 0), (2, 3), (0, 3)]
    holed = _upright(outline, 0.2)
    body = box((0.3, 0.3, 0.3), at=(0.3, -0.05, 1))
    hole = Thing(is_a="IfcBuildingElementProxy", name="预留洞口", body=body)
    x = 0.45 + beside
    line = line_of((x, -1, 1.15), (x, 1, 1.15), between(rng, 0.03, 0.1))
    parts = [line, Thing(is_a="IfcWall", body=holed), hole]
    return Case(parts=parts, **{"real" if beside else "designed": [(0, 1)]})


def duct_through_the_sleeve_of_another_line(rng: Rng) -> Case:
    sleeve = line_of((2, 0, 1), (2, 0.6, 1), 0.12, is_a="IfcBuildingElementProxy", name="套管")
    z = between(rng, 0.85, 1.05)
    duct = Thing(is_a="IfcDuctSegment", body=box((4, 0.2, 0.2), at=(0, 0.3, z)))
    return real(duct, sleeve)


def pipe_slanted_in_its_sleeve(rng: Rng) -> Case:
    sleeve = line_of((2, 0, 1), (2, 0.3, 1), 0.15, is_a="IfcBuildingElementProxy", name="sleeve")
    lean = between(rng, 0.05, 0.2)
    return designed(line_of((2 - lean, -0.85, 1), (2 + lean, 1.15, 1), 0.05), sleeve)


# devices on lines


def light_in_cable_tray(rng: Rng) -> Case:
    tray = Thing(is_a="IfcCableCarrierSegment", body=box((4, 0.3, 0.1)))
    light = box((0.2, 1.2, 0.12), at=(between(rng, 1, 3), -0.45, between(rng, -0.04, 0.0)))
    return real(Thing(is_a="IfcLightFixture", body=light), tray)


def outlet_on_the_face_of_a_duct(rng: Rng) -> Case:
    duct = Thing(is_a="IfcDuctSegment", body=box((4, 0.6, 0.4)))
    into = between(rng, 0.02, 0.12)
    outlet = box((0.4, 0.4, 0.3), at=(2, 0.1, into - 0.3))
    return designed(Thing(is_a="IfcAirTerminal", body=outlet), duct)


def pipe_through_radiator(rng: Rng) -> Case:
    radiator = Thing(is_a="IfcSpaceHeater", body=box((1.2, 0.1, 0.6)), discipline="plumbing")
    z = between(rng, 0.1, 0.5)
    return real(line_of((-1, 0.05, z), (3, 0.05, z), 0.02), radiator)


def pipe_ends_in_radiator(rng: Rng) -> Case:
    radiator = Thing(is_a="IfcSpaceHeater", body=box((1.2, 0.1, 0.6)), discipline="plumbing")
    into = between(rng, 0.02, 0.1)
    return designed(line_of((-1, 0.05, 0.1), (into, 0.05, 0.1), 0.02), radiator)


def pump_in_its_pipe(rng: Rng) -> Case:
    x = between(rng, 1, 3)
    pump = Thing(is_a="IfcPump", body=box((0.4, 0.3, 0.35), at=(x, -0.15, -0.15)))
    return designed(pump, line_of((0, 0, 0), (5, 0, 0), 0.05))


def pipe_ends_in_machine(rng: Rng) -> Case:
    machine = Thing(is_a="IfcUnitaryEquipment", body=box((2.5, 1.2, 1.8)))
    into = between(rng, 0.02, 0.3)
    return designed(line_of((1, -2, 0.5), (1, into, 0.5), 0.05), machine)


def pipe_through_machine(rng: Rng) -> Case:
    machine = Thing(is_a="IfcUnitaryEquipment", body=box((2.5, 1.2, 1.8)))
    x = between(rng, 0.2, 2.3)
    return real(line_of((x, -2, 0.5), (x, 3, 0.5), 0.05), machine)


def sprinkler_main_ends_in_air_handler(rng: Rng) -> Case:
    machine = Thing(is_a="IfcUnitaryEquipment", body=box((2.5, 1.2, 1.8)))
    into = between(rng, 0.05, 0.3)
    return real(line_of((1, -2, 0.5), (1, into, 0.5), 0.05, discipline="fire"), machine)


def pipes_with_ports_cross_in_mid_span(rng: Rng) -> Case:
    shift = between(rng, -0.05, 0.05)
    pipes = [line_of((0, 0, 0), (4, 0, 0), 0.05), line_of((2, -2, shift), (2, 2, shift), 0.05)]
    return real(*pipes, relations=[(K.PORT, 0, 1)])


def pipes_with_ports_share_metres(rng: Rng) -> Case:
    lap = between(rng, 0.5, 2)
    pipes = [line_of((0, 0, 0), (3, 0, 0), 0.05), line_of((3 - lap, 0, 0), (6, 0, 0), 0.05)]
    return real(*pipes, relations=[(K.PORT, 0, 1)])


# fixtures in faces


def fan_coil_in_wall(rng: Rng) -> Case:
    into = between(rng, 0.07, 0.15)
    unit = Thing(is_a="IfcUnitaryEquipment", body=box((1.2, 0.6, 0.25), at=(1, into - 0.6, 2.4)))
    return real(unit, wall(rng, thick=0.2))


def hydrant_box_in_wall(rng: Rng) -> Case:
    out = between(rng, 0.0, 0.06)
    unit = box((0.7, 0.18, 1.2), at=(1, -out, 0.8))
    return designed(
        Thing(is_a="IfcBuildingElementProxy", body=unit, discipline="fire"), wall(rng, thick=0.24)
    )


def hydrant_box_in_bearing_wall(rng: Rng) -> Case:
    unit = box((0.7, 0.18, 1.2), at=(1, -0.02, 0.8))
    shear = wall(rng, thick=0.2, discipline="structure")
    return real(Thing(is_a="IfcBuildingElementProxy", body=unit, discipline="fire"), shear)


# stairs and rails


def rail_ends_at_newel(rng: Rng) -> Case:
    into = between(rng, 0.065, 0.11)
    rail = Thing(is_a="IfcRailing", body=box((3.0, 0.05, 0.9), at=(0.12 - into, 0.035, 0.1)))
    flight = box((2.0, 1.2, 0.2), at=(-2.0, -0.6, -0.2))
    newel = joined(box((0.12, 0.12, 1.1)), flight)
    return designed(rail, Thing(is_a="IfcStair", body=newel))


def rail_through_stair(rng: Rng) -> Case:
    y = between(rng, 0.2, 0.8)
    rail = Thing(is_a="IfcRailing", body=box((4.0, 0.05, 1.1), at=(-2.0, y, 0)))
    return real(rail, Thing(is_a="IfcStairFlight", body=box((0.3, 1.2, 3.0), at=(-0.2, 0, 0.1))))


# wholes and parts


def pipe_through_the_wall_of_a_cabin(rng: Rng) -> Case:
    x = between(rng, 1, 4)
    whole = Thing(is_a="IfcElementAssembly", body=box((0.01, 0.01, 0.01), at=(-5, -5, -5)))
    told = [(K.AGGREGATES, 2, 0), (K.AGGREGATES, 2, 1)]
    return real(line_of((x, -1, 1), (x, 1, 1), 0.05), wall(rng), whole, relations=told)


def door_in_a_layer_of_its_wall(rng: Rng) -> Case:
    layer = Thing(is_a="IfcBuildingElementPart", body=box((5, 0.1, 3)))
    whole = Thing(is_a="IfcWall", body=box((0.01, 0.01, 0.01), at=(-5, -5, -5)))
    door = Thing(is_a="IfcDoor", body=box((1, between(rng, 0.05, 0.2), 2.1), at=(2, 0, 0)))
    return designed(door, layer, whole, relations=[(K.AGGREGATES, 2, 1), (K.FILLS, 0, 2)])


def pipe_through_a_layer_of_a_wall(rng: Rng) -> Case:
    layer = Thing(is_a="IfcBuildingElementPart", body=box((5, between(rng, 0.05, 0.2), 3)))
    whole = Thing(is_a="IfcWall", body=box((0.01, 0.01, 0.01), at=(-5, -5, -5)))
    told = [(K.AGGREGATES, 2, 1)]
    return real(line_of((2, -1, 1), (2, 1, 1), 0.05), layer, whole, relations=told)


# what is cast in


def bar_through_pipe(rng: Rng) -> Case:
    bar = line_of((0, 0, 0), (3, 0, 0), 0.01, is_a="IfcReinforcingBar")
    x = between(rng, 1, 2)
    return real(bar, line_of((x, -1, 0), (x, 1, 0), between(rng, 0.03, 0.08)))


def anchor_plate_in_wall(rng: Rng) -> Case:
    into = between(rng, 0.02, 0.1)
    plate = Thing(is_a="IfcDiscreteAccessory", body=box((0.3, 0.12, 0.3), at=(2, into - 0.12, 1)))
    return designed(plate, wall(rng))


def walls_declared_joined_overlap_by_metres(rng: Rng) -> Case:
    lap = between(rng, 0.5, 2.0)
    pair = [wall(rng, thick=0.2), wall(rng, (5 - lap, 0, 0), thick=0.2)]
    return real(*pair, relations=[(K.CONNECTS, 0, 1)])


def walls_declared_joined_at_their_ends(rng: Rng) -> Case:
    lap = between(rng, 0.03, 0.2)
    pair = [wall(rng, thick=0.2), wall(rng, (5 - lap, 0, 0), thick=0.2)]
    return designed(*pair, relations=[(K.CONNECTS, 0, 1)])


def insulation_of_another_pipe(rng: Rng) -> Case:
    lagging = line_of(
        (0, 0, 0), (3, 0, 0), 0.1, is_a="IfcCovering", predefined="INSULATION", name="保温"
    )
    x = between(rng, 1, 2)
    return real(line_of((x, -1, 0), (x, 1, 0), 0.05), lagging)


def insulation_round_elbow(rng: Rng) -> Case:
    elbow = Thing(is_a="IfcPipeFitting", body=box((0.2, 0.2, 0.1)))
    more = between(rng, 0.02, 0.04)
    size = (0.2 + 2 * more, 0.2 + 2 * more, 0.1 + 2 * more)
    lagging = box(size, at=(-more, -more, -more))
    return designed(Thing(is_a="IfcCovering", body=lagging, predefined="INSULATION"), elbow)


def insulated_pipe_through_a_provision(rng: Rng) -> Case:
    lagging = line_of((2, -1, 1), (2, 1, 1), 0.1, is_a="IfcCovering", predefined="INSULATION")
    wish = Thing(
        is_a="IfcBuildingElementProxy",
        body=box((0.5, 0.3, 0.5), at=(1.75, -0.05, 0.75)),
        predefined="PROVISIONFORVOID",
    )
    return designed(lagging, wall(rng, thick=0.2), wish)


def insulated_pipe_through_a_wall(rng: Rng) -> Case:
    lagging = line_of((2, -1, 1), (2, 1, 1), 0.1, is_a="IfcCovering", predefined="INSULATION")
    return real(lagging, wall(rng, thick=0.2))


def clamp_round_pipe(rng: Rng) -> Case:
    x = between(rng, 1, 2)
    clamp = Thing(is_a="IfcDiscreteAccessory", body=box((0.05, 0.14, 0.3), at=(x, -0.07, -0.07)))
    return designed(clamp, line_of((0, 0, 0), (3, 0, 0), 0.05))


def bracket_through_pipe(rng: Rng) -> Case:
    x, z = between(rng, 1, 2), between(rng, -0.03, 0.0)
    bracket = Thing(is_a="IfcDiscreteAccessory", body=box((0.04, 0.5, 0.02), at=(x, -0.25, z)))
    return real(bracket, line_of((0, 0, 0), (3, 0, 0), 0.05))


def hanger_rod_in_slab(rng: Rng) -> Case:
    into = between(rng, 0.05, 0.12)
    rod = line_of((3, 3, -1.2), (3, 3, into), 0.006, is_a="IfcDiscreteAccessory")
    return designed(rod, Thing(is_a="IfcSlab", body=box((6, 6, 0.2))))


def rod_through_beam(rng: Rng) -> Case:
    x = between(rng, 1, 5)
    rod = line_of((x, 0.15, -0.8), (x, 0.15, 0.9), 0.02, is_a="IfcDiscreteAccessory")
    return real(rod, Thing(is_a="IfcBeam", body=box((6, 0.3, 0.6))))


def sprinkler_drop_through_ceiling(rng: Rng) -> Case:
    board = Thing(is_a="IfcCovering", body=box((4, 4, 0.02)))
    out = between(rng, 0.02, 0.25)
    return designed(line_of((2, 2, -out), (2, 2, 0.8), between(rng, 0.01, 0.03)), board)


def riser_through_ceiling(rng: Rng) -> Case:
    board = Thing(is_a="IfcCovering", body=box((4, 4, 0.02)))
    down = between(rng, 0.5, 2.5)
    return real(line_of((2, 2, -down), (2, 2, 0.8), between(rng, 0.01, 0.03)), board)


TWINS = families_in(globals(), __name__)
