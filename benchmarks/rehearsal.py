"""Time of the rehearsal: a plan of 10,000 tasks and 30,000 links on 50,000 elements.

The building is a made one: towers of columns, beams, slabs and partitions, as many as it
takes; each storey and class of each tower is worked on by several tasks in the order of
construction, some of them too early. The rules named are timed one by one, and the stages
before them; all in one process. R09 is timed on a building of 5,000 elements, rooms with
units that come on many days, some of them after the last way in is closed.

Run: ``python -m benchmarks.rehearsal [--elements N] [--tasks N] [--links N] [--only-rooms]``
"""

import argparse
import time
from datetime import datetime, timedelta

import numpy as np

from benchmarks.rooms import UNIT, plan_of, rooms
from bimcore.critical_path import compute
from bimcore.elements import Coded, ElementTable
from bimcore.frame import Frame
from bimcore.mesh import MeshSet
from bimcore.model import Model, Scene
from bimcore.relations import RelationTable
from bimcore.schedule import Calendar, Link, LinkType, Schedule, Task
from clash.kernels import warm
from clash.rehearsal import r09_access
from clash.rehearsal.base import ElementLinks, Stage
from clash.rehearsal.contacts import contacts_of
from clash.rehearsal.lifetimes import lifetimes_of
from clash.rehearsal.places import places_of
from clash.rehearsal.profile import profile
from clash.rehearsal.rules import RULES, cards
from clash.result import COLUMNS, ClashSet

NAMED = ("R01", "R02", "R03", "R04", "R05", "R11", "R12")
BUDGET, ROOMS_BUDGET = 10.0, 60.0
_BUILT = ("IfcBuildingElement", "IfcElement", "IfcProduct")
_LINEAGE = {UNIT: ("IfcEnergyConversionDevice",)}
_SHIFTS = ((480, 720), (780, 1020))
_BOX = np.array([[x, y, z] for z in (0, 1) for y in (0, 1) for x in (0, 1)], dtype=float)
_FACES = np.array(
    [[0, 2, 3], [0, 3, 1], [4, 5, 7], [4, 7, 6], [0, 1, 5], [0, 5, 4], [2, 6, 7], [2, 7, 3],
     [0, 4, 6], [0, 6, 2], [1, 3, 7], [1, 7, 5]], dtype=np.int32,
)  # fmt: skip


def storey(x: float, y: float, z: float) -> list[tuple[str, tuple, tuple]]:
    """25 columns, 40 beams, a slab and 34 partitions over 20 by 20 metres."""
    parts: list[tuple[str, tuple, tuple]] = []
    for i in range(5):
        for j in range(5):
            at = (x + 5 * i, y + 5 * j)
            parts.append(("IfcColumn", (*at, z), (at[0] + 0.4, at[1] + 0.4, z + 3.0)))
    for i in range(4):
        for j in range(5):
            a, b = x + 5 * i, y + 5 * j
            parts.append(("IfcBeam", (a + 0.4, b, z + 2.6), (a + 5, b + 0.4, z + 3.0)))
            a, b = x + 5 * j, y + 5 * i
            parts.append(("IfcBeam", (a, b + 0.4, z + 2.6), (a + 0.4, b + 5, z + 3.0)))
    for k in range(34):
        a, b = x + 0.5 + 5 * (k % 4), y + 1 + (k // 4) * 2.1
        parts.append(("IfcWall", (a, b, z), (a + 4, b + 0.1, z + 2.5)))
    parts.append(("IfcSlab", (x, y, z + 3.0), (x + 20.4, y + 20.4, z + 3.2)))
    return parts


def building(elements: int, storeys: int = 20) -> tuple[Model, list[tuple[int, int, str]]]:
    """A model of that many boxes, and tower, storey and class of each."""
    parts: list[tuple[str, tuple, tuple]] = []
    keys: list[tuple[int, int, str]] = []
    tower = 0
    while len(parts) < elements:
        x, y = 40.0 * (tower % 6), 40.0 * (tower // 6)
        for k in range(storeys):
            made = storey(x, y, 3.2 * k)
            parts += made
            keys += [(tower, k, p[0]) for p in made]
        tower += 1
    parts, keys = parts[:elements], keys[:elements]
    return model_of([(p[1], p[2]) for p in parts], keys), keys


def model_of(boxes: list[tuple[tuple, tuple]], keys: list[tuple[int, int, str]]) -> Model:
    """A model of boxes by their corners; tower, storey and class of each."""
    low = np.array([b[0] for b in boxes])
    high = np.array([b[1] for b in boxes])
    vertices = (low[:, None] + _BOX[None] * (high - low)[:, None]).reshape(-1, 3)
    count = len(boxes)
    meshes = MeshSet(
        vertices=vertices,
        faces=np.tile(_FACES, (count, 1)),
        vertex_start=8 * np.arange(count + 1),
        face_start=12 * np.arange(count + 1),
        closed=np.ones(count, dtype=bool),
        kernel=np.full(count, 3, dtype=np.uint8),
    )
    return _model(keys, meshes)


def _model(keys: list[tuple[int, int, str]], meshes: MeshSet) -> Model:
    count = len(keys)
    classes = Coded.of([k[2] for k in keys])
    blank = Coded.of([None] * count)
    storeys = Coded.of([f"{k[1] + 1}F" for k in keys])
    table = ElementTable(
        guid=tuple(f"{k:022d}" for k in range(count)),
        name=tuple(f"{k[2]} {k[0]}-{k[1]}" for k in keys),
        tag=("",) * count,
        step_id=np.arange(count),
        ifc_class=classes,
        lineage=tuple((w, *_LINEAGE.get(w, ()), *_BUILT) for w in classes.words),
        predefined=blank,
        object_type=blank,
        storey=storeys,
        system=blank,
        material=blank,
        classification=blank,
        layer=blank,
        discipline=Coded.of(["architecture" if k[2] == "IfcWall" else "structure" for k in keys]),
        storey_elevation=np.array([3.2 * (int(w[:-1]) - 1) for w in storeys.words]),
        clash_body=np.ones(count, dtype=bool),
    )
    return Model(
        elements=table,
        relations=RelationTable.of([]),
        meshes=meshes,
        frame=Frame(),
        source="0" * 64,
        name="towers",
        schema="IFC4",
    )


#: Classes of a storey in the order of construction, and their trades.
ORDER = {"IfcColumn": 0, "IfcBeam": 1, "IfcSlab": 2, "IfcWall": 3}
TRADES = ("structure", "structure", "structure", "envelope")


def plan(
    keys: list[tuple[int, int, str]], *, tasks: int, links: int
) -> tuple[Schedule, ElementLinks]:
    """A plan of `tasks` tasks and `links` links in the order of construction; one in 200 early."""
    rng = np.random.default_rng(1)
    groups: dict[tuple[int, int, int], list[int]] = {}
    for e, (tower, level, kind) in enumerate(keys):
        groups.setdefault((tower, level, ORDER[kind]), []).append(e)
    each = max(1, tasks // len(groups) + 1)
    rows: list[tuple[tuple[int, int, int], np.ndarray]] = []
    for key in sorted(groups):
        rows += [(key, part) for part in np.array_split(groups[key], each) if len(part)]
    rows += [((0, 0, 3), np.zeros(0, dtype=int))] * (tasks - len(rows))
    begin = datetime.fromisoformat("2026-01-05T08:00")
    made, before, of_group = [], {}, {}
    for number, (key, _) in enumerate(rows):
        tower, level, kind = key
        shift = 8 * level + 2 * kind + (20 if kind == 3 else 0) + 3 * tower
        shift -= 20 if rng.random() < 0.005 else 0
        start = begin + timedelta(days=shift)
        made.append(
            Task(
                id=f"T{number}",
                name=f"{key}",
                start=start,
                finish=start + timedelta(days=1, hours=9),
                duration=960.0,
            )
        )
        of_group.setdefault(key, []).append(number)
        before[number] = key
    arcs: dict[tuple[int, int], str] = {}
    for (tower, level, kind), own in of_group.items():
        last = (tower, level, kind - 1) if kind else (tower, level - 1, 2)
        arcs |= {(p, own[0]): "FS" for p in of_group.get(last, ())}
        arcs |= {(own[0], q): "SS" for q in own[1:]}
    while len(arcs) < links:
        a, b = (int(k) for k in rng.integers(0, len(made), 2))
        if made[a].finish <= made[b].start and before[a][0] == before[b][0]:
            arcs[a, b] = "FS"
    schedule = Schedule(
        name="plan",
        source="0" * 64,
        format="csv",
        tasks=tuple(made),
        links=tuple(
            Link(predecessor=a, successor=b, type=LinkType(kind)) for (a, b), kind in arcs.items()
        ),
        calendars=(Calendar(id="all", name="all", week=(_SHIFTS,) * 7),),
        calendar="all",
    )
    pairs = [(t, int(e)) for t, (_, part) in enumerate(rows) for e in part]
    return schedule, ElementLinks(
        task=np.array([t for t, _ in pairs], dtype=np.int32),
        element=np.array([e for _, e in pairs], dtype=np.int32),
        confidence=np.ones(len(pairs)),
        how=np.zeros(len(pairs), dtype=np.int32),
        ways=("guid",),
        action=("install",) * len(rows),
        trade=tuple(TRADES[key[2]] for key, _ in rows),
    )


def timed(what, make):
    """What `make` gives, and the seconds it took; printed."""
    start = time.perf_counter()
    made = make()
    seconds = time.perf_counter() - start
    print(f"{what:28} {seconds:7.2f} s")
    return made, seconds


def stage_of(scene: Scene, schedule: Schedule, links: ElementLinks) -> Stage:
    """What the rules look at; prints the seconds of the stages before them."""
    path, _ = timed("critical path", lambda: compute(schedule))
    contacts, _ = timed("contacts and supports", lambda: contacts_of(scene))
    lifetimes, _ = timed("lifetimes", lambda: lifetimes_of(scene, schedule, path, links))
    places, _ = timed("places", lambda: places_of(scene))
    none = ClashSet(
        **{n: np.zeros((0, 3) if d == 2 else 0, dtype=t) for n, t, d in COLUMNS}  # type: ignore[arg-type]
    )
    return Stage(
        scene=scene,
        schedule=schedule,
        path=path,
        links=links,
        lifetimes=lifetimes,
        contacts=contacts,
        places=places,
        clashes=none,
        profile=profile(cards()),
    )


def ways_in(elements: int) -> None:
    """Print the seconds of R09 on a building of rooms with plant in them."""
    parts = rooms(elements)
    keys = [(0, p[0], p[1]) for p in parts]
    scene = Scene.of([model_of([(p[2], p[3]) for p in parts], keys)])
    units = sum(p[1] == UNIT for p in parts)
    print(f"\n{len(scene)} elements in rooms, {units} of them units to be brought in")
    stage = stage_of(scene, *plan_of(parts))
    found, seconds = timed("R09", lambda: r09_access.find(stage))
    held = sum(len(r.elements) for r in found.risks)
    print(f"{'':30}{len(found.risks)} risks, {held} units, {len(found.not_assessed)} not assessed")
    print(f"R09: {seconds:.2f} s; the aim is {ROOMS_BUDGET:g} s")


def main() -> None:
    """Print the seconds of each stage and rule."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--elements", type=int, default=50_000)
    parser.add_argument("--tasks", type=int, default=10_000)
    parser.add_argument("--links", type=int, default=30_000)
    parser.add_argument("--rooms", type=int, default=5_000, help="elements of the building of R09")
    parser.add_argument("--only-rooms", action="store_true", help="R09 alone")
    given = parser.parse_args()
    warm()
    if not given.only_rooms:
        towers(given.elements, given.tasks, given.links)
    ways_in(given.rooms)


def towers(elements: int, tasks: int, links: int) -> None:
    """Print the seconds of the rules named on towers."""
    made, keys = building(elements)
    scene = Scene.of([made])
    schedule, linked = plan(keys, tasks=tasks, links=links)
    print(f"{len(scene)} elements, {len(schedule.tasks)} tasks, {len(schedule.links)} links")
    stage = stage_of(scene, schedule, linked)
    total = 0.0
    for rule in (r for r in RULES if r.CARD.id in NAMED):
        found, seconds = timed(f"{rule.CARD.id}", lambda rule=rule: rule.find(stage))
        print(f"{'':30}{len(found.risks)} risks")
        total += seconds if rule.CARD.id in NAMED else 0.0
    print(f"{', '.join(NAMED)}: {total:.2f} s; the aim is {BUDGET:g} s")


if __name__ == "__main__":
    main()
