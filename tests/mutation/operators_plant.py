"""Faults of the way in: plant behind an opening that is too narrow for it."""

from dataclasses import replace
from datetime import date, timedelta

import numpy as np

from bimcore.relations import RelationKind
from clash.rehearsal.rooms import rooms_of
from clash.roles import roles_of, scene_pairs
from tests.building import Thing
from tests.mutation.drafts import Building, Draft, Row, conflict_free, next_day
from tests.mutation.operators import Fault, Operator
from tests.mutation.operators_works import Furnished
from tests.rehearsing import names, part

UNIT = "IfcUnitaryEquipment"
#: What frame and leaf take of the width of a door, and what a unit needs beside it (profile).
FRAME, MARGIN = 0.1, 0.05


def unit_in(building: Building, rng: np.random.Generator, *, over: float) -> Fault | None:
    """A unit is set last of all whose side is `over` metres more than its openings let in.

    In a house that stands with its rooms, those are all its doors (for what is too large) or
    the narrowest (for what fits); the tower gets a plant room with one door beside it.
    """
    if len(rooms_of(building.scene)):
        return _in_house(building, rng, over)
    return _in_annex(building, rng, over)


def _in_house(building: Building, rng: np.random.Generator, over: float) -> Fault | None:
    pairs = scene_pairs(building.scene, RelationKind.OPENING_FILLER).tolist()
    holes = [hole for door, hole in pairs if _door(building, door)]
    widths = np.ptp(building.scene.bounds[holes, :, :2], axis=1).max(axis=1)
    side = float(widths.max() if over > 0 else widths.min() - FRAME - MARGIN) + over
    rooms = [r for r in rooms_of(building.scene).rooms if _roofed(building, r.element)]
    rooms = [r for r in rooms if (np.ptp(r.box, axis=0) > side + 0.2).all()]
    rooms = [r for r in rooms if r.high - r.low > side + 0.1 and len(r.grid)]
    if not rooms:
        return None
    room = rooms[int(rng.integers(len(rooms)))]
    at = room.grid[int(rng.integers(len(room.grid)))]
    low = (*(at - side / 2), room.low + 0.02)
    unit = part(UNIT, low, tuple(v + side for v in low), name="unit")
    return _fault(Furnished.of(conflict_free(building), (unit,), rules=("R10",)), (), unit)


def _in_annex(building: Building, rng: np.random.Generator, over: float) -> Fault:
    bounds = building.scene.bounds
    known = bounds[np.isfinite(bounds).all(axis=(1, 2))]
    corner = np.array([known[:, 1, 0].max() + 25.0, known[:, 0, 1].min(), 0.0])
    side = float(rng.uniform(0.7, 1.6))
    door = side + FRAME + MARGIN - over
    boxes = (
        ("IfcSlab", (-0.2, -0.2, -0.2), (6.2, 5.2, 0), "annex floor"),
        ("IfcWall", (-0.2, -0.2, 0), (6.2, 0, 3), "annex south"),
        ("IfcWall", (-0.2, 5, 0), (6.2, 5.2, 3), "annex north"),
        ("IfcWall", (6, 0, 0), (6.2, 5, 3), "annex east"),
        ("IfcWall", (-0.2, 0, 0), (0, 1, 3), "annex west 1"),
        ("IfcWall", (-0.2, 1 + door, 0), (0, 5, 3), "annex west 2"),
        ("IfcWall", (-0.2, 1, 2.1), (0, 1 + door, 3), "annex west 3"),
        ("IfcSlab", (-0.2, -0.2, 3), (6.2, 5.2, 3.2), "annex roof"),
        ("IfcDoor", (-0.15, 1, 0), (-0.1, 1 + door, 2.1), "annex door"),
        ("IfcSpace", (0, 0, 0), (6, 5, 2.9), "plant room"),
        (UNIT, (3, 2, 0.02), (3 + side, 2 + side, 0.02 + side), "unit"),
    )
    more = [part(a, corner + low, corner + high, name=n) for a, low, high, n in boxes]
    made = Furnished.of(conflict_free(building), tuple(more), rules=("R10",))
    return _fault(made, tuple(more[:9]), more[-1])


def _fault(made: Furnished, built: tuple[Thing, ...], unit: Thing) -> Fault:
    """The annex is built after all else, and the unit set after that."""
    row = {name: k for k, name in enumerate(names(made.building.scene))}
    day = next_day("six", max(r.last for r in made.rows) + timedelta(days=7))
    rows: list[Row] = []
    if built:
        rows.append(_row(made, "annex", day, *(row[t.name] for t in built)))
        day = next_day("six", day + timedelta(days=1))
    rows.append(_row(made, "set unit", day, row[unit.name]))
    count = len(made.rows)
    named = {count, count + 1} if built else {count}
    return Fault(
        draft=made.with_rows(*rows),
        rules=("R10",),
        rows=frozenset(named),
        first=day,
        last=day,
    )


def _row(draft: Draft, name: str, day: date, *elements: int) -> Row:
    blank = replace(draft.rows[0].on(day), name=name, elements=elements, trade="", calendar="six")
    return replace(blank, action="install")


def _door(building: Building, element: int) -> bool:
    model, row = building.scene.locate(element)
    return model.elements.ifc_class[row] == "IfcDoor"


def _roofed(building: Building, element: int) -> bool:
    """Whether a floor or roof lies over the middle of a space."""
    scene = building.scene
    middle, top = scene.bounds[element].mean(axis=0)[:2], scene.bounds[element, 1, 2]
    cover = scene.bounds[roles_of(scene)["slab"]]
    over = (cover[:, 0, :2] < middle).all(axis=1) & (cover[:, 1, :2] > middle).all(axis=1)
    return bool((over & (cover[:, 1, 2] > top)).any())


def shrink_opening(building: Building, rng: np.random.Generator) -> Fault | None:
    """The doors are a little narrower than the unit that comes last."""
    return unit_in(building, rng, over=float(rng.uniform(0.02, 0.2)))


PLANT: dict[str, Operator] = {"shrink opening": shrink_opening}
#: A centimetre more than is needed: nothing may be found.
FITS: dict[str, Operator] = {"opening fits": lambda b, r: unit_in(b, r, over=-0.01)}
