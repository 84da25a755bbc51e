"""Small situations a coordinator has an opinion on, drawn with random measures.

Each case builds a few parts at the origin and says which pairs matter and which are how
buildings are put together.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from types import FunctionType

import numpy as np

from bimcore.relations import RelationKind as K
from tests.builders import box, prism
from tests.building import Thing, line_of

Rng = np.random.Generator


@dataclass(frozen=True, kw_only=True)
class Case:
    """Parts with relations between them and a verdict on pairs of them."""

    parts: list[Thing]
    relations: list[tuple[K, int, int]] = field(default_factory=list)
    real: Iterable[tuple[int, int]] = ()
    designed: Iterable[tuple[int, int]] = ()


Family = Callable[[Rng], Case]
_NOT_CASES = {"between", "wall", "real", "designed", "families_in"}


def families_in(names: Mapping[str, object], module: str) -> dict[str, Family]:
    """The functions of a module that draw a case, by name."""
    return {
        name: value
        for name, value in list(names.items())
        if isinstance(value, FunctionType)
        and value.__module__ == module
        and not name.startswith("_")
        and name not in _NOT_CASES
    }


def between(rng: Rng, low: float, high: float) -> float:
    return float(rng.uniform(low, high))


def wall(rng: Rng, at=(0, 0, 0), *, thick=None, discipline="architecture") -> Thing:
    thick = thick or between(rng, 0.1, 0.3)
    return Thing(is_a="IfcWall", body=box((5.0, thick, 3.0), at=at), discipline=discipline)


def real(*parts: Thing, relations=()) -> Case:
    """The first part against the second is a conflict."""
    return Case(parts=list(parts), relations=list(relations), real=[(0, 1)])


def designed(*parts: Thing, relations=()) -> Case:
    """The first part against the second is as it should be."""
    return Case(parts=list(parts), relations=list(relations), designed=[(0, 1)])


# conflicts


def pipe_through_wall(rng):
    x, z, r = between(rng, 1, 4), between(rng, 0.5, 2.5), between(rng, 0.01, 0.15)
    return real(line_of((x, -1, z), (x, 1, z), r), wall(rng))


def pipe_askew_through_wall(rng):
    x, z = between(rng, 2, 3), between(rng, 1, 2)
    lean = between(rng, 0.1, 0.6)
    return real(line_of((x - lean, -1, z), (x + lean, 1, z), 0.05), wall(rng))


def pipe_through_structural_wall_beside_its_opening(rng):
    hole = Thing(is_a="IfcOpeningElement", body=box((0.2, 0.4, 0.2), at=(1, -0.1, 1)))
    r = between(rng, 0.02, 0.06)
    return Case(
        parts=[
            line_of((1.6, -1, 1.1), (1.6, 1, 1.1), r),
            wall(rng, discipline="structure"),
            hole,
        ],
        relations=[(K.VOIDS, 2, 1)],
        real=[(0, 1)],
    )


def pipe_through_beam(rng):
    beam = Thing(is_a="IfcBeam", body=box((6, 0.3, between(rng, 0.4, 0.8))))
    return real(line_of((3, -1, 0.2), (3, 1, 0.2), between(rng, 0.02, 0.12)), beam)


def pipe_along_in_beam(rng):
    beam = Thing(is_a="IfcBeam", body=box((6, 0.3, 0.6)))
    z = between(rng, 0.1, 0.5)
    return real(line_of((-1, 0.15, z), (7, 0.15, z), 0.05), beam)


def pipe_through_slab(rng):
    slab = Thing(is_a="IfcSlab", body=box((6, 6, between(rng, 0.1, 0.3))))
    return real(line_of((3, 3, -1), (3, 3, 2), between(rng, 0.02, 0.1)), slab)


def pipe_in_column(rng):
    column = Thing(is_a="IfcColumn", body=box((0.6, 0.6, 3)))
    z = between(rng, 0.5, 2)
    return real(line_of((0.3, 0.3, z), (0.3, 0.3, z + 0.8), 0.02), column)


def pipe_in_slab(rng):
    slab = Thing(is_a="IfcSlab", body=box((6, 6, 0.2)))
    return real(line_of((1, 2, 0.1), (between(rng, 3, 5), 2, 0.1), 0.02), slab)


def pipe_through_footing(rng):
    footing = Thing(is_a="IfcFooting", body=box((2, 2, 0.6)))
    return real(line_of((-1, 1, 0.3), (3, 1, 0.3), between(rng, 0.05, 0.2)), footing)


def pipe_through_door(rng):
    door = Thing(is_a="IfcDoor", body=box((1, 0.1, 2.1)))
    return real(line_of((0.5, -1, 1), (0.5, 1, 1), between(rng, 0.02, 0.1)), door)


def pipe_through_stair(rng):
    flight = Thing(is_a="IfcStairFlight", body=box((1.2, 3, 0.3)))
    return real(line_of((0.6, 1.5, -1), (0.6, 1.5, 1), between(rng, 0.02, 0.1)), flight)


def duct_grazes_column(rng):
    into = between(rng, 0.02, 0.1)
    column = Thing(is_a="IfcColumn", body=box((0.6, 0.6, 3)))
    duct = Thing(is_a="IfcDuctSegment", body=box((4, 0.5, 0.32), at=(-1.5, 0.6 - into, 2)))
    return real(duct, column)


def duct_into_beam(rng):
    into = between(rng, 0.02, 0.2)
    beam = Thing(is_a="IfcBeam", body=box((0.3, 6, 0.7)))
    duct = Thing(is_a="IfcDuctSegment", body=box((4, 0.6, 0.4), at=(-2, 2, into - 0.4)))
    return real(duct, beam)


def tray_through_duct(rng):
    duct = Thing(is_a="IfcDuctSegment", body=box((4, 0.8, 0.4)))
    z = between(rng, 0.02, 0.28)
    tray = Thing(is_a="IfcCableCarrierSegment", body=box((0.2, 4, 0.1), at=(2, -1.5, z)))
    return real(tray, duct)


def pipes_of_one_system_cross_in_mid_span(rng):
    shift = between(rng, -0.05, 0.05)
    return real(
        line_of((0, 0, 0), (4, 0, 0), 0.05, system="J1"),
        line_of((2, -2, shift), (2, 2, shift), 0.05, system="J1"),
    )


def parallel_pipes_overlap(rng):
    y = between(rng, 0.03, 0.08)
    return real(line_of((0, 0, 0), (4, 0, 0), 0.05), line_of((1, y, 0), (5, y, 0), 0.05))


def wall_modelled_twice(rng):
    thick = between(rng, 0.1, 0.3)
    return real(wall(rng, thick=thick), wall(rng, thick=thick))


def beam_modelled_twice_a_millimetre_off(rng):
    beam = Thing(is_a="IfcBeam", body=box((6, 0.3, 0.6)))
    return real(beam, Thing(is_a="IfcBeam", body=box((6, 0.3, 0.6), at=(0, 0.001, 0))))


def walls_in_line_overlap(rng):
    lap = between(rng, 0.03, 2.0)
    return real(wall(rng, thick=0.2), wall(rng, (5 - lap, 0, 0), thick=0.2))


def walls_side_by_side_overlap(rng):
    return real(wall(rng, thick=0.2), wall(rng, (1, between(rng, 0.05, 0.15), 0), thick=0.2))


def walls_cross(rng):
    other = Thing(is_a="IfcWall", body=box((0.2, 4, 3), at=(between(rng, 1, 4), -2, 0)))
    return real(wall(rng), other)


def machine_in_wall(rng):
    into = between(rng, 0.05, 0.2)
    unit = Thing(is_a="IfcUnitaryEquipment", body=box((2.5, 1.2, 1.8), at=(1, into - 1.2, 0)))
    return real(unit, wall(rng, thick=0.25))


def column_in_door(rng):
    door = Thing(is_a="IfcDoor", body=box((1.0, 0.1, 2.1)))
    x = between(rng, -0.3, 0.9)
    return real(Thing(is_a="IfcColumn", body=box((0.4, 0.4, 3), at=(x, -0.15, 0))), door)


def beam_in_window(rng):
    window = Thing(is_a="IfcWindow", body=box((1.8, 0.12, 1.5), at=(0, 0, 1)))
    z = 2.5 - between(rng, 0.02, 0.4)
    return real(Thing(is_a="IfcBeam", body=box((4, 0.25, 0.5), at=(-1, -0.05, z))), window)


def furniture_in_wall(rng):
    into = between(rng, 0.06, 0.2)
    cupboard = Thing(is_a="IfcFurniture", body=box((1, 0.6, 2), at=(1, into - 0.6, 0)))
    return real(cupboard, wall(rng, thick=0.25))


def stair_under_slab(rng):
    into = between(rng, 0.08, 0.18)
    flight = Thing(is_a="IfcStairFlight", body=box((1.2, 3, 1.5), at=(2, 2, into - 1.5)))
    return real(flight, Thing(is_a="IfcSlab", body=box((6, 6, 0.2))))


def slabs_overlap_in_height(rng):
    z = between(rng, 0.05, 0.15)
    return real(
        Thing(is_a="IfcSlab", body=box((6, 6, 0.2))),
        Thing(is_a="IfcSlab", body=box((6, 6, 0.2), at=(3, 0, z))),
    )


def beams_in_line_overlap(rng):
    lap = between(rng, 0.1, 2)
    return real(
        Thing(is_a="IfcBeam", body=box((6, 0.3, 0.6))),
        Thing(is_a="IfcBeam", body=box((6, 0.3, 0.6), at=(6 - lap, 0, 0))),
    )


def outlet_deep_in_wall(rng):
    y = between(rng, 0.05, 0.2)
    outlet = Thing(is_a="IfcOutlet", body=box((0.08, 0.05, 0.08), at=(2, y, 0.3)))
    return real(outlet, wall(rng, thick=0.3))


def pipe_along_ceiling_board(rng):
    board = Thing(is_a="IfcCovering", body=box((4, 4, 0.02)))
    return real(line_of((-1, 2, 0), (5, 2, 0), between(rng, 0.02, 0.1)), board)


def railing_through_wall(rng):
    rail = Thing(is_a="IfcRailing", body=box((0.05, 3, 1.1), at=(between(rng, 1, 4), -1.5, 0)))
    return real(rail, wall(rng))


def pipe_through_duct_of_its_trade(rng):
    duct = Thing(is_a="IfcDuctSegment", body=box((4, 0.8, 0.4)))
    x = between(rng, 1, 3)
    return real(line_of((x, -1, 0.2), (x, 2, 0.2), 0.04, discipline="hvac"), duct)


def hollow_duct_through_wall(rng):
    outer, sheet = between(rng, 0.3, 0.8), 0.002
    inner = outer - 2 * sheet
    ring = [(0, 0), (outer, 0), (outer, outer), (0, outer), (0, outer / 2)]
    hole = [(sheet, outer / 2), (sheet, sheet + inner), (sheet + inner, sheet + inner)]
    hole += [
        (sheet + inner, sheet),
        (sheet, sheet),
        (sheet, outer / 2 - 0.001),
        (0, outer / 2 - 0.001),
    ]
    outline = [*ring, hole[0], *hole[1:]]
    vertices, faces = prism(outline, height=2.0)
    lying = np.column_stack([vertices[:, 0] + 2, 1.0 - vertices[:, 2], vertices[:, 1] + 1])
    return real(Thing(is_a="IfcDuctSegment", body=(lying, faces)), wall(rng, thick=0.2))


def pipe_through_lining_behind_a_sleeved_wall(rng):
    sleeve = line_of((2, 0.25, 1), (2, 0.45, 1), 0.1, is_a="IfcBuildingElementProxy", name="套管")
    return Case(
        parts=[
            line_of((2, -1, 1), (2, 1, 1), between(rng, 0.03, 0.08)),
            wall(rng, thick=0.1),
            wall(rng, (0, 0.25, 0), thick=0.2),
            sleeve,
        ],
        real=[(0, 1)],
        designed=[(0, 2), (0, 3), (2, 3)],
    )


def partition_pokes_through_floor(rng):
    out = between(rng, 0.03, 0.3)
    slab = Thing(is_a="IfcSlab", body=box((8, 4, 0.2), at=(-1, -2, 2.8 - out)))
    return real(wall(rng), slab)


# joints and fittings


def wall_of_two_storeys(rng):
    slab = Thing(is_a="IfcSlab", body=box((8, 4, 0.2), at=(-1, -2, between(rng, 0.6, 2.2))))
    return designed(wall(rng), slab)


def walls_meet_at_corner(rng):
    other = Thing(is_a="IfcWall", body=box((between(rng, 0.1, 0.3), 4, 3)))
    return designed(wall(rng), other)


def walls_meet_as_tee(rng):
    into = between(rng, 0.02, 0.1)
    other = Thing(is_a="IfcWall", body=box((0.15, 4, 3), at=(2.5, 0.2 - into, 0)))
    return designed(wall(rng, thick=0.2), other)


def wall_top_in_slab(rng):
    into = between(rng, 0.02, 0.2)
    slab = Thing(is_a="IfcSlab", body=box((8, 4, 0.2), at=(-1, -2, 3 - into)))
    return designed(wall(rng), slab)


def slab_bears_on_wall(rng):
    into = between(rng, 0.05, 0.15)
    slab = Thing(is_a="IfcSlab", body=box((5, 4, 0.2), at=(0, 0.2 - into, 1.5)))
    return designed(slab, wall(rng, thick=0.2))


def column_through_slab(rng):
    side = between(rng, 0.3, 0.8)
    column = Thing(is_a="IfcColumn", body=box((side, side, 6), at=(2, 2, -3)))
    return designed(column, Thing(is_a="IfcSlab", body=box((6, 6, 0.2))))


def beam_into_column(rng):
    into = between(rng, 0.05, 0.4)
    column = Thing(is_a="IfcColumn", body=box((0.5, 0.5, 4)))
    beam = Thing(is_a="IfcBeam", body=box((6, 0.3, 0.6), at=(0.5 - into, 0.1, 3)))
    return designed(beam, column)


def beam_through_column(rng):
    column = Thing(is_a="IfcColumn", body=box((0.5, 0.5, 6)))
    beam = Thing(is_a="IfcBeam", body=box((8, 0.3, between(rng, 0.4, 0.8)), at=(-4, 0.1, 3)))
    return designed(column, beam)


def beam_into_girder(rng):
    into = between(rng, 0.05, 0.3)
    girder = Thing(is_a="IfcBeam", body=box((8, 0.4, 0.8)))
    beam = Thing(is_a="IfcBeam", body=box((0.25, 4, 0.5), at=(4, 0.4 - into, 0.3)))
    return designed(beam, girder)


def beam_hangs_from_slab(rng):
    beam = Thing(is_a="IfcBeam", body=box((5, 0.3, between(rng, 0.4, 0.8)), at=(0.5, 2, -0.5)))
    return designed(beam, Thing(is_a="IfcSlab", body=box((6, 6, 0.35), at=(0, 0, -0.15))))


def lintel_in_wall(rng):
    lintel = Thing(is_a="IfcBeam", body=box((2, 0.2, 0.2), at=(1, 0, between(rng, 1, 2.5))))
    return designed(lintel, wall(rng, thick=between(rng, 0.2, 0.3)))


def column_in_wall(rng):
    column = Thing(is_a="IfcColumn", body=box((0.4, 0.4, 3), at=(between(rng, 0, 4), -0.1, 0)))
    return designed(column, wall(rng, thick=0.2))


def column_on_footing(rng):
    column = Thing(is_a="IfcColumn", body=box((0.5, 0.5, 4), at=(0.7, 0.7, 0.5)))
    return designed(column, Thing(is_a="IfcFooting", body=box((2, 2, between(rng, 0.55, 0.9)))))


def outlet_in_face(rng):
    out = between(rng, -0.02, 0.02)
    outlet = Thing(is_a="IfcOutlet", body=box((0.08, 0.06, 0.08), at=(2, -out, 0.3)))
    return designed(outlet, wall(rng))


def board_in_face(rng):
    out = between(rng, 0.0, 0.1)
    board = Thing(
        is_a="IfcBuildingElementProxy",
        body=box((0.5, 0.15, 0.7), at=(2, -out, 1.2)),
        discipline="electrical",
    )
    return designed(board, wall(rng, thick=0.2))


def light_in_ceiling(rng):
    board = Thing(is_a="IfcCovering", body=box((4, 4, 0.02)))
    low = between(rng, 0.0, 0.03)
    return designed(
        Thing(is_a="IfcLightFixture", body=box((0.6, 0.6, 0.1), at=(1, 1, -low))), board
    )


def light_in_concrete_slab(rng):
    light = Thing(is_a="IfcLightFixture", body=box((0.2, 0.2, 0.1), at=(1, 1, -0.02)))
    return designed(light, Thing(is_a="IfcSlab", body=box((6, 6, between(rng, 0.12, 0.3)))))


def door_fills(rng):
    door = Thing(is_a="IfcDoor", body=box((1, between(rng, 0.05, 0.4), 2.1), at=(2, 0, 0)))
    return designed(door, wall(rng), relations=[(K.FILLS, 0, 1)])


def furniture_in_screed(rng):
    into = between(rng, 0.012, 0.05)
    desk = Thing(is_a="IfcFurniture", body=box((1.6, 0.8, 0.75), at=(2, 2, 0.2 - into)))
    return designed(desk, Thing(is_a="IfcSlab", body=box((6, 6, 0.2))))


def post_in_slab(rng):
    into = between(rng, 0.02, 0.14)
    rail = Thing(is_a="IfcRailing", body=box((3, 0.05, 1.1), at=(1, 1, 0.2 - into)))
    return designed(rail, Thing(is_a="IfcSlab", body=box((6, 6, 0.2))))


def finish_in_wall_face(rng):
    finish = Thing(is_a="IfcCovering", body=box((5, 0.02, 3), at=(0, between(rng, -0.018, 0), 0)))
    return designed(finish, wall(rng, thick=0.2))


def ceiling_edge_in_wall(rng):
    into = between(rng, 0.015, 0.15)
    board = Thing(is_a="IfcCovering", body=box((5, 4, 0.02), at=(0, 0.2 - into, 2.6)))
    return designed(board, wall(rng, thick=0.2))


def insulation_round_pipe(rng):
    r = between(rng, 0.02, 0.1)
    lagging = line_of((0, 0, 0), (3, 0, 0), r + 0.03, is_a="IfcCovering", predefined="INSULATION")
    return designed(lagging, line_of((0, 0, 0), (3, 0, 0), r))


def pipe_in_sleeve(rng):
    r = between(rng, 0.03, 0.1)
    sleeve = line_of(
        (2, 0, 1), (2, 0.2, 1), r + 0.02, is_a="IfcBuildingElementProxy", name="钢套管"
    )
    return Case(
        parts=[line_of((2, -1, 1), (2, 1, 1), r), wall(rng, thick=0.2), sleeve],
        designed=[(0, 1), (0, 2), (1, 2)],
    )


def pipe_through_provision(rng):
    w = between(rng, 0.2, 0.5)
    wish = Thing(
        is_a="IfcBuildingElementProxy",
        body=box((w, 0.3, w), at=(2 - w / 2, -0.05, 1 - w / 2)),
        predefined="PROVISIONFORVOID",
    )
    return Case(
        parts=[line_of((2, -1, 1), (2, 1, 1), w / 2.5), wall(rng, thick=0.2), wish],
        designed=[(0, 1), (0, 2), (1, 2)],
    )


def bar_in_beam(rng):
    bar = line_of(
        (0.04, 0.05, 0.05), (5.9, 0.05, 0.05), between(rng, 0.006, 0.016), is_a="IfcReinforcingBar"
    )
    return designed(bar, Thing(is_a="IfcBeam", body=box((6, 0.3, 0.6))))


def stair_of_parts(rng):
    flight = Thing(is_a="IfcStairFlight", body=box((1.2, 3, 0.3)))
    landing = Thing(is_a="IfcSlab", body=box((1.2, 1.2, 0.2), at=(0, between(rng, 2.5, 2.9), 0)))
    whole = Thing(is_a="IfcStair", body=box((0.01, 0.01, 0.01), at=(-5, -5, -5)))
    return designed(flight, landing, whole, relations=[(K.AGGREGATES, 2, 0), (K.AGGREGATES, 2, 1)])


def elbow_on_pipe(rng):
    into = between(rng, 0.01, 0.08)
    elbow = Thing(
        is_a="IfcPipeFitting", body=box((0.15, 0.15, 0.15), at=(3 - into, -0.075, -0.075))
    )
    return designed(line_of((0, 0, 0), (3, 0, 0), 0.05), elbow)


def connected_pipes(rng):
    into = between(rng, 0.02, 0.1)
    return designed(
        line_of((0, 0, 0), (3, 0, 0), 0.05),
        line_of((3 - into, 0, 0), (6, 0, 0), 0.05),
        relations=[(K.PORT, 0, 1)],
    )


def valve_on_pipe(rng):
    x = between(rng, 1, 2)
    valve = Thing(is_a="IfcValve", body=box((0.2, 0.16, 0.3), at=(x, -0.08, -0.08)))
    return designed(valve, line_of((0, 0, 0), (3, 0, 0), 0.05))


def tee_of_one_system(rng):
    main = line_of((0, 0, 0), (4, 0, 0), 0.08, system="J1")
    branch = line_of((between(rng, 1, 3), 0.05, 0), (2, 3, 0), 0.03, system="J1")
    return designed(branch, main)


def rafter_notched_over_purlin(rng):
    cut = between(rng, 0.02, 0.05)
    purlin = Thing(is_a="IfcBeam", body=box((6, 0.16, 0.2)))
    rafter = Thing(is_a="IfcBeam", body=box((0.1, 4, 0.2), at=(3, -2, 0.2 - cut)))
    return designed(rafter, purlin)


FAMILIES = families_in(globals(), __name__)
