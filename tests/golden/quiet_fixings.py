"""Hangers, cast-in parts, footings, manholes and the like, each with a twin that is a conflict."""

import numpy as np

from bimcore.relations import RelationKind as K
from tests.builders import box, joined
from tests.building import Thing, line_of
from tests.golden.quiet_cases import Case, Rng, between, designed, families_in, real


def _tube(start, length, outer, wall, *, axis=2, sides=24):
    """A hollow cylinder along an axis of the world."""
    angles = np.linspace(0, 2 * np.pi, sides, endpoint=False) + np.pi / sides
    ring = np.column_stack([np.cos(angles), np.sin(angles)])
    out, inside = ring * outer, ring * (outer - wall)
    points = np.concatenate(
        [np.column_stack([r, np.full(sides, z)]) for z in (0.0, length) for r in (out, inside)]
    )
    faces = []
    for k in range(sides):
        n = (k + 1) % sides
        a, b, c, d = 0, sides, 2 * sides, 3 * sides
        for p, q, r, s in (
            (a + k, a + n, c + n, c + k),
            (b + n, b + k, d + k, d + n),
            (a + n, a + k, b + k, b + n),
            (c + k, c + n, d + n, d + k),
        ):
            faces += [(p, q, r), (p, r, s)]
    turned = np.roll(points, axis - 2, axis=1)
    return turned + np.asarray(start, dtype=float), np.array(faces)


def _lagged(rng: Rng, *, system: str = "") -> tuple[Thing, Thing]:
    """A pipe along x, and the insulation round it."""
    radius = between(rng, 0.03, 0.06)
    pipe = line_of((0, 0, 0), (5, 0, 0), radius, system=system)
    body = _tube((0, 0, 0), 5.0, radius + 0.05, 0.048, axis=0)
    lag = Thing(is_a="IfcCovering", body=body, predefined="INSULATION", discipline="plumbing")
    return pipe, lag


# hangers


def hanger_rod_through_its_rail(rng: Rng) -> Case:
    rail = Thing(is_a="IfcDiscreteAccessory", body=box((0.7, 0.041, 0.041)))
    x = between(rng, 0.05, 0.65)
    rod = line_of((x, 0.02, -0.03), (x, 0.02, 0.9), 0.005, is_a="IfcDiscreteAccessory")
    return designed(rod, rail)


def hanger_rods_in_one_line(rng: Rng) -> Case:
    rods = [((0, 0, 0), (0, 0, 0.9)), ((0.003, 0, between(rng, 0.3, 0.6)), (0.003, 0, 1.4))]
    return real(*(line_of(a, b, 0.012, is_a="IfcDiscreteAccessory") for a, b in rods))


def _hanger(rng: Rng, name: str) -> list[Thing]:
    pipe, lag = _lagged(rng)
    x, radius = between(rng, 1, 4), pipe.body[0][:, 2].max()
    ring = _tube((x, 0, 0), 0.03, radius + 0.012, 0.012, axis=0)
    rod = box((0.01, 0.01, 0.7), at=(x + 0.01, -0.005, radius + 0.005))
    hanger = Thing(is_a="IfcBuildingElementProxy", body=joined(ring, rod), name=name)
    return [pipe, lag, hanger]


def hanger_drawn_as_a_proxy(rng: Rng) -> Case:
    parts = _hanger(rng, str(rng.choice(["Pipe hanger DN80", "管道吊架", "Rohrschelle"])))
    return Case(parts=parts, relations=[(K.COVERS, 1, 0)], designed=[(0, 2), (1, 2)])


def proxy_of_no_name_round_a_pipe(rng: Rng) -> Case:
    parts = _hanger(rng, "Generic Models 1")
    return Case(parts=parts, relations=[(K.COVERS, 1, 0)], real=[(0, 2), (1, 2)])


# insulation


def valve_in_the_insulation_of_its_line(rng: Rng) -> Case:
    pipe, lag = _lagged(rng, system="heating")
    x = between(rng, 1, 4)
    body = box((0.25, 0.16, 0.35), at=(x, -0.08, -0.08))
    valve = Thing(is_a="IfcValve", body=body, system="heating")
    return Case(parts=[pipe, lag, valve], relations=[(K.COVERS, 1, 0)], designed=[(0, 2), (1, 2)])


def valve_of_the_next_line_in_the_insulation(rng: Rng) -> Case:
    pipe, lag = _lagged(rng, system="heating")
    x, edge = between(rng, 1, 4), lag.body[0][:, 1].max()
    valve = Thing(is_a="IfcValve", body=box((0.25, 0.3, 0.2), at=(x, edge - 0.02, -0.1)))
    return Case(parts=[pipe, lag, valve], relations=[(K.COVERS, 1, 0)], real=[(1, 2)])


def _branch(rng: Rng, system: str) -> tuple[list[Thing], list[tuple]]:
    pipe, lag = _lagged(rng, system="heating")
    x = between(rng, 1, 4)
    return [pipe, lag, line_of((x, 0, 0.02), (x, 0, 1.0), 0.012, system=system)], [(K.COVERS, 1, 0)]


def branch_through_the_insulation_of_its_line(rng: Rng) -> Case:
    parts, told = _branch(rng, "heating")
    return Case(parts=parts, relations=told, designed=[(0, 2), (1, 2)])


def pipe_of_another_system_in_the_insulation(rng: Rng) -> Case:
    parts, told = _branch(rng, "rain")
    return Case(parts=parts, relations=told, real=[(0, 2), (1, 2)])


# ends of lines in walls and beams


def _stub(rng: Rng, *, bearing: bool) -> tuple[Thing, Thing]:
    x = between(rng, 1, 3)
    body = box((4, 0.12, 3))
    trade = "structure" if bearing else "architecture"
    return line_of((x, 0.06, 1), (x, -0.05, 1), 0.013, is_a="IfcPipeFitting"), Thing(
        is_a="IfcWall", body=body, discipline=trade
    )


def draw_off_out_of_a_partition(rng: Rng) -> Case:
    return designed(*_stub(rng, bearing=False))


def draw_off_out_of_a_bearing_wall(rng: Rng) -> Case:
    return real(*_stub(rng, bearing=True))


def pipe_of_two_pieces_through_a_partition(rng: Rng) -> Case:
    x, middle = between(rng, 1, 3), between(rng, 0.04, 0.08)
    wall = Thing(is_a="IfcWall", body=box((4, 0.12, 3)))
    pieces = [((x, -1, 1), (x, middle, 1)), ((x, middle, 1), (x, 1, 1))]
    parts = [line_of(a, b, 0.013) for a, b in pieces]
    return Case(parts=[*parts, wall], real=[(0, 2), (1, 2)])


def _conduit_and_beam(rng: Rng, top: float) -> tuple[Thing, Thing]:
    x = between(rng, 1, 3)
    line = line_of((x, 0.12, -1), (x, 0.12, top), 0.0125, is_a="IfcCableCarrierSegment")
    return line, Thing(is_a="IfcBeam", body=box((4, 0.25, 0.5)))


def conduit_up_into_a_beam(rng: Rng) -> Case:
    return designed(*_conduit_and_beam(rng, between(rng, 0.2, 0.45)))


def conduit_up_through_a_beam(rng: Rng) -> Case:
    return real(*_conduit_and_beam(rng, between(rng, 0.7, 1.2)))


# cast in


def _plate(rng: Rng, *, name: str, deep: float) -> tuple[Thing, Thing]:
    at = (between(rng, 1, 3), deep, 0.1)
    plate = Thing(is_a="IfcBuildingElementProxy", body=box((0.25, 0.1, 0.25), at=at), name=name)
    return plate, Thing(is_a="IfcBeam", body=box((5, 0.4, 0.6)))


def cast_in_plate_in_the_face_of_a_beam(rng: Rng) -> Case:
    name = str(rng.choice(["预埋件:MJ-1", "Embedded plate", "Einbauteil 12"]))
    return designed(*_plate(rng, name=name, deep=between(rng, -0.03, 0.02)))


def cast_in_plate_in_the_core_of_a_beam(rng: Rng) -> Case:
    return real(*_plate(rng, name="预埋件:MJ-1", deep=between(rng, 0.14, 0.18)))


def box_of_no_name_in_the_face_of_a_beam(rng: Rng) -> Case:
    return real(*_plate(rng, name="Generic box", deep=-0.03))


def tendon_in_its_duct(rng: Rng) -> Case:
    duct = line_of((0, 0, 0), (9, 0, 0), 0.045, is_a="IfcTendonConduit", discipline="structure")
    radius = between(rng, 0.02, 0.035)
    tendon = line_of((0, 0, 0), (9, 0, 0), radius, is_a="IfcTendon", discipline="structure")
    return designed(tendon, duct)


def bar_across_a_tendon_duct(rng: Rng) -> Case:
    duct = line_of((0, 0, 0), (9, 0, 0), 0.045, is_a="IfcTendonConduit", discipline="structure")
    x = between(rng, 2, 7)
    return real(line_of((x, -1, 0), (x, 1, 0), 0.016, is_a="IfcReinforcingBar"), duct)


def _pad(rng: Rng, name: str) -> tuple[Thing, Thing]:
    thick = between(rng, 0.01, 0.03)
    pad = Thing(is_a="IfcDiscreteAccessory", body=box((0.2, 0.2, thick)), name=name)
    return line_of((0.1, 0.1, -0.2), (0.1, 0.1, 0.4), 0.0125, is_a="IfcReinforcingBar"), pad


def dowel_through_its_bearing_pad(rng: Rng) -> Case:
    return designed(*_pad(rng, str(rng.choice(["Bearing pad", "板式橡胶支座", "Elastomerlager"]))))


def bar_through_a_steel_plate(rng: Rng) -> Case:
    return real(*_pad(rng, "Anchor plate"))


def _corbel(rng: Rng) -> tuple[list[Thing], list[tuple]]:
    shaft = Thing(is_a="IfcColumn", body=box((0.4, 0.4, 7)))
    corbel = Thing(
        is_a="IfcBuildingElementPart",
        body=box((0.3, 0.3, 0.35), at=(0.4, 0.05, between(rng, 2, 4))),
        discipline="structure",
    )
    whole = Thing(is_a="IfcElementAssembly", body=box((0.1, 0.1, 0.1), at=(3, 3, 0)))
    return [shaft, corbel, whole], [(K.AGGREGATES, 2, 0), (K.AGGREGATES, 2, 1)]


def dowel_in_a_corbel(rng: Rng) -> Case:
    parts, told = _corbel(rng)
    top = parts[1].body[0][:, 2].max()
    dowel = line_of(
        (0.55, 0.2, top - 0.25), (0.55, 0.2, top + 0.4), 0.0125, is_a="IfcReinforcingBar"
    )
    return Case(parts=[*parts, dowel], relations=told, designed=[(1, 3)])


def pipe_through_a_corbel(rng: Rng) -> Case:
    parts, told = _corbel(rng)
    top = parts[1].body[0][:, 2].max()
    return Case(
        parts=[*parts, line_of((0.55, -1, top - 0.15), (0.55, 1, top - 0.15), 0.04)],
        relations=told,
        real=[(1, 3)],
    )


def beam_too_low_on_its_corbel(rng: Rng) -> Case:
    parts, told = _corbel(rng)
    top = parts[1].body[0][:, 2].max()
    beam = Thing(
        is_a="IfcBeam", body=box((4, 0.3, 0.5), at=(0.42, 0.05, top - between(rng, 0.05, 0.1)))
    )
    return Case(parts=[*parts, beam], relations=told, real=[(1, 3)])


def _trapeze(rng: Rng, name: str) -> tuple[Thing, Thing]:
    rods = [box((0.012, 0.012, 1.1), at=(x, 0, 0)) for x in (0.05, 0.9)]
    body = joined(box((1.0, 0.04, 0.04), at=(0, -0.015, 0.05)), *rods)
    slab = Thing(
        is_a="IfcSlab", body=box((4, 4, 0.2), at=(-1.5, -2, 1.1 - between(rng, 0.07, 0.1)))
    )
    return Thing(is_a="IfcBuildingElementProxy", body=body, name=name), slab


def hanger_proxy_anchored_in_a_slab(rng: Rng) -> Case:
    return designed(*_trapeze(rng, str(rng.choice(["综合支吊架:DJ-1", "Trapeze hanger"]))))


def proxy_of_no_name_up_in_a_slab(rng: Rng) -> Case:
    return real(*_trapeze(rng, "Generic frame"))


# on and in the ground


def _plinth(rng: Rng, into: float) -> tuple[Thing, Thing]:
    body = box((0.6, 0.7, 0.2), at=(between(rng, 0.2, 3), 0.1, 1.4 - into))
    plinth = Thing(is_a="IfcBuildingElementProxy", body=body, name="Bearing plinth")
    return plinth, Thing(is_a="IfcBeam", body=box((5, 1.0, 1.4)))


def plinth_on_a_crosshead(rng: Rng) -> Case:
    return designed(*_plinth(rng, between(rng, 0.015, 0.05)))


def proxy_deep_in_a_crosshead(rng: Rng) -> Case:
    return real(*_plinth(rng, between(rng, 0.1, 0.15)))


def _machine(rng: Rng, into: float) -> tuple[Thing, Thing]:
    body = box((1.0, 0.8, 2.0), at=(between(rng, 0.2, 3), into - 0.8, 0))
    return Thing(is_a="IfcBuildingElementProxy", body=body, name="Ticket machine"), Thing(
        is_a="IfcWall", body=box((5, 0.3, 3))
    )


def machine_in_the_face_of_a_wall(rng: Rng) -> Case:
    return designed(*_machine(rng, between(rng, 0.012, 0.025)))


def machine_deep_in_a_wall(rng: Rng) -> Case:
    return real(*_machine(rng, between(rng, 0.08, 0.2)))


def _pole(aside: float) -> tuple[Thing, Thing]:
    block = Thing(is_a="IfcBuildingElementProxy", body=box((0.8, 0.8, 1.6)), name="Footing block")
    start, end = (0.4 + aside, 0.4, 0.7), (0.4 + aside, 0.4, 9)
    return line_of(start, end, 0.1, is_a="IfcBuildingElementProxy", name="Lighting column"), block


def pole_in_its_footing(rng: Rng) -> Case:
    return designed(*_pole(between(rng, -0.2, 0.2)))


def pole_half_beside_its_footing(rng: Rng) -> Case:
    return real(*_pole(between(rng, 0.37, 0.42)))


def _sign(rng: Rng, *, foot: float) -> tuple[Thing, Thing]:
    post = box((0.1, 0.1, 4.5), at=(0.25, 0.25, -0.35))
    panel = box((1.2, 0.04, 0.9), at=(-0.3, 0.21, 3.2))
    sign = Thing(is_a="IfcBuildingElementProxy", body=joined(post, panel), name="Sign")
    at = (foot, 0, between(rng, -0.7, -0.6))
    return sign, Thing(is_a="IfcFooting", body=box((0.6, 0.6, 0.7), at=at))


def sign_wider_than_its_footing(rng: Rng) -> Case:
    return designed(*_sign(rng, foot=between(rng, -0.1, 0.1)))


def sign_on_the_edge_of_a_footing(rng: Rng) -> Case:
    return real(*_sign(rng, foot=between(rng, 0.29, 0.32)))


def guardrail_in_the_courses_of_a_road(rng: Rng) -> Case:
    posts = [box((0.12, 0.12, 1.5), at=(2 * k + between(rng, 1, 2), 5, -0.6)) for k in range(4)]
    rail = box((9, 0.05, 0.3), at=(0.5, 4.95, 0.6))
    return designed(Thing(is_a="IfcRailing", body=joined(rail, *posts)), _course())


def _course() -> Thing:
    return Thing(is_a="IfcCourse", body=box((20, 10, 0.25)))


def manhole_proxy_up_to_the_face_of_a_road(rng: Rng) -> Case:
    name = str(rng.choice(["SW MH-12", "雨水检查井", "Manhole 3"]))
    body = _tube((between(rng, 3, 17), 5, -3), 3.25, 0.7, 0.15)
    return designed(Thing(is_a="IfcBuildingElementProxy", body=body, name=name), _course())


def manhole_proxy_that_ends_below_the_face(rng: Rng) -> Case:
    body = _tube((between(rng, 3, 17), 5, -3), 3.1, 0.7, 0.15)
    return real(Thing(is_a="IfcBuildingElementProxy", body=body, name="SW MH-12"), _course())


def _manhole() -> Thing:
    return Thing(
        is_a="IfcBuildingElementProxy", body=_tube((0, 0, -3), 3.0, 0.7, 0.15), name="MH 7"
    )


def pipe_ends_in_a_manhole_proxy(rng: Rng) -> Case:
    low = between(rng, -2.6, -2)
    return designed(line_of((0.6, 0, low), (9, 0, low), 0.2), _manhole())


def pipe_through_a_manhole_proxy(rng: Rng) -> Case:
    low = between(rng, -2.6, -2)
    return real(line_of((-5, 0.2, low), (9, 0.2, low), 0.2), _manhole())


def _headwall(rng: Rng, end: float) -> tuple[Thing, Thing]:
    wall = Thing(is_a="IfcWall", body=box((6, 0.5, 3)), name="Headwall")
    x = between(rng, 2, 4)
    return line_of((x, end, 1.5), (x, 9, 1.5), 0.5), wall


def culvert_ends_in_its_headwall(rng: Rng) -> Case:
    return designed(*_headwall(rng, between(rng, 0.05, 0.4)))


def main_through_a_headwall(rng: Rng) -> Case:
    return real(*_headwall(rng, between(rng, -3, -1)))


# casings


def _casing() -> Thing:
    # four sides: a square box of 0.4 m, of boards of 25 mm
    body = _tube((0.2, 0.2, 0), 3.0, 0.2 * 2**0.5, 0.025 * 2**0.5, sides=4)
    return Thing(is_a="IfcCovering", body=body, predefined="CLADDING")


def girt_through_the_casing_of_a_column(rng: Rng) -> Case:
    high = between(rng, 0.5, 2.5)
    return designed(
        _casing(), Thing(is_a="IfcMember", body=box((6, 0.1, 0.2), at=(-3, -0.05, high)))
    )


def pipe_through_the_casing_of_a_column(rng: Rng) -> Case:
    high = between(rng, 0.5, 2.5)
    return real(_casing(), line_of((-2, 0.2, high), (2, 0.2, high), 0.04))


FIXINGS = families_in(globals(), __name__)
