"""Floors and walls drawn layer by layer, and doors in walls that no file cut."""

from bimcore.relations import RelationKind as K
from tests.builders import box
from tests.building import Thing, line_of
from tests.golden.quiet_cases import Case, Rng, between, families_in


def _floor(*layers: float) -> tuple[list[Thing], list[tuple]]:
    """A whole without body and its layers from below, on a deck that comes last."""
    parts: list[Thing] = []
    top = 0.0
    for thick in layers:
        body = box((6, 5, thick), at=(0, 0, top))
        parts.append(Thing(is_a="IfcBuildingElementPart", body=body, discipline="architecture"))
        top += thick
    deck = Thing(is_a="IfcSlab", body=box((7, 6, 0.22), at=(-0.5, -0.5, -0.22)))
    count = len(parts)
    told = [(K.AGGREGATES, count + 1, k) for k in range(count)]
    return [*parts, deck, _aside("IfcSlab")], told


def _aside(is_a: str) -> Thing:
    """A whole whose body are its parts: what it has itself stands aside."""
    return Thing(is_a=is_a, body=box((0.1, 0.1, 0.1), at=(12, 12, 0)), discipline="architecture")


def pipe_up_through_the_layers_of_a_floor(rng: Rng) -> Case:
    layers, told = _floor(0.035, between(rng, 0.062, 0.09))
    x, y = between(rng, 1, 5), between(rng, 1, 4)
    pipe = line_of((x, y, 0.02), (x, y, 1.5), between(rng, 0.01, 0.06))
    return Case(parts=[*layers, pipe], relations=told, designed=[(0, 4), (1, 4)])


def pipe_up_through_the_layers_and_their_deck(rng: Rng) -> Case:
    layers, told = _floor(0.035, 0.065)
    x, y = between(rng, 1, 5), between(rng, 1, 4)
    pipe = line_of((x, y, -1.0), (x, y, 1.5), between(rng, 0.03, 0.06))
    return Case(parts=[*layers, pipe], relations=told, designed=[(0, 4), (1, 4)], real=[(2, 4)])


def pipe_laid_in_the_layers_of_a_floor(rng: Rng) -> Case:
    layers, told = _floor(0.05, 0.065)
    y = between(rng, 1, 4)
    pipe = line_of((1, y, 0.03), (5, y, 0.03), between(rng, 0.008, 0.024))
    return Case(parts=[*layers, pipe], relations=told, designed=[(0, 4), (1, 4)])


def pipe_half_out_of_a_floor(rng: Rng) -> Case:
    layers, told = _floor(0.035, 0.065)
    y, radius = between(rng, 1, 4), between(rng, 0.024, 0.028)
    pipe = line_of((1, y, 0.1), (5, y, 0.1), radius)
    return Case(parts=[*layers, pipe], relations=told, real=[(1, 4)])


def pipe_up_through_a_thin_slab_without_a_deck(rng: Rng) -> Case:
    size = (6, 5, between(rng, 0.07, 0.09))
    slab = Thing(is_a="IfcSlab", body=box(size), discipline="architecture")
    x, y = between(rng, 1, 5), between(rng, 1, 4)
    return Case(parts=[slab, line_of((x, y, -1), (x, y, 1.5), 0.05)], real=[(0, 1)])


def wall_stands_through_the_layers_of_a_floor(rng: Rng) -> Case:
    layers, told = _floor(0.035, 0.065)
    x = between(rng, 1, 5)
    wall = Thing(is_a="IfcWall", body=box((between(rng, 0.05, 0.2), 5, 3), at=(x, 0, 0)))
    return Case(parts=[*layers, wall], relations=told, designed=[(0, 4), (1, 4)])


def _plastered(rng: Rng, *, depth: float, proud: float = 0.01) -> Case:
    thick = (0.015, 0.24, 0.015)
    parts, at = [], 0.0
    for one in thick:
        body = box((5, one, 3), at=(0, at, 0))
        parts.append(Thing(is_a="IfcBuildingElementPart", body=body, discipline="architecture"))
        at += one
    whole = _aside("IfcWall")
    x = between(rng, 1, 4)
    outlet = Thing(is_a="IfcOutlet", body=box((0.08, depth, 0.08), at=(x, at + proud - depth, 1)))
    told = [(K.AGGREGATES, 3, k) for k in range(3)]
    pairs = {"designed": [(1, 4), (2, 4)]} if depth < 0.2 else {"real": [(0, 4), (1, 4), (2, 4)]}
    return Case(parts=[*parts, whole, outlet], relations=told, **pairs)


def outlet_through_the_plaster_of_its_wall(rng: Rng) -> Case:
    return _plastered(rng, depth=between(rng, 0.05, 0.09))


def outlet_through_all_layers_of_a_wall(rng: Rng) -> Case:
    return _plastered(rng, depth=0.35, proud=0.03)


LAYERS = families_in(globals(), __name__)
