"""The three buildings of the gate: a tower whose truth is built with it, and two real houses."""

from collections import defaultdict
from functools import cache
from heapq import heapify, heappop, heappush
from pathlib import Path

import numpy as np

from bimcore.frame import rigid
from bimcore.ifc.sandbox import ingest
from bimcore.model import Scene
from bimcore.relations import RelationKind
from clash.rehearsal.base import Contacts
from clash.rehearsal.contacts import contacts_of
from clash.rehearsal.supports import OTHER, kinds_of
from clash.roles import roles_of, scene_pairs
from tests.building import Thing, model
from tests.mutation.drafts import Building
from tests.rehearsing import part

HEIGHT, SLAB, BEAM, COLUMN = 3.4, 0.2, 0.4, 0.4


class _Tower:
    """Parts by name while they are put up, and what each of them needs."""

    def __init__(self) -> None:
        self.things: list[Thing] = []
        self.row: dict[str, int] = {}
        self.needs: set[tuple[str, str]] = set()
        self.order: list[tuple[str, list[str]]] = []
        self.fills: list[tuple[str, str]] = []
        self.leaning: list[str] = []
        self.sole: list[tuple[str, str]] = []

    def add(self, is_a, low, high, name, storey, needs=(), **columns):
        self.row[name] = len(self.things)
        self.things.append(part(is_a, low, high, name=name, storey=storey, **columns))
        self.needs |= {(n, name) for n in needs}
        return name

    def package(self, trade, *names):
        self.order.append((trade, list(names)))


def tower(seed: int) -> Building:
    """A frame with a core, beams, spandrels, windows and flights; all from the seed."""
    rng = np.random.default_rng(seed)
    bays = (int(rng.integers(1, 3)), int(rng.integers(1, 3)))
    span = float(rng.uniform(4.0, 7.0))
    size = (bays[0] * span, bays[1] * span)
    t = _Tower()
    grid = [(i * span, j * span) for i in range(bays[0] + 1) for j in range(bays[1] + 1)]
    feet = [
        t.add("IfcFooting", (x - 0.6, y - 0.6, -1.1), (x + 0.6, y + 0.6, -0.5), f"foot {k}", "0F")
        for k, (x, y) in enumerate(grid)
    ]
    base = t.add(
        "IfcSlab", (-1, -1, -0.5), (size[0] + 1, size[1] + 1, 0.0), "slab 0", "0F", needs=feet
    )
    t.package("structure", *feet)
    t.package("structure", base)
    floor = base
    for k in range(int(rng.integers(2, 4))):
        floor = _storey(t, k, grid, bays, span, floor)
    t.add(
        "IfcTransportElement", (2.65, size[1] - 0.8, 0.0), (2.95, size[1] + 0.7, 2.0), "hoist", "1F"
    )
    return _finished(t, seed, float(rng.uniform(0, 360)))


def _storey(t, k, grid, bays, span, floor):
    z, name = k * HEIGHT, f"{k + 1}F"
    top = z + HEIGHT - SLAB
    half = COLUMN / 2
    columns = {}
    for n, (x, y) in enumerate(grid):
        columns[x, y] = t.add(
            "IfcColumn", (x - half, y - half, z), (x + half, y + half, top), f"column {k}.{n}",
            name, needs=[floor],
        )  # fmt: skip
        t.sole.append((floor, columns[x, y]))
    core = t.add(
        "IfcWall", (1.2, 1.0, z), (3.2, 1.2, top), f"core {k}", name, needs=[floor],
        discipline="structure",
    )  # fmt: skip
    t.sole.append((floor, core))
    beams = []
    for i in range(bays[0]):
        for y in sorted({y for _, y in grid}):
            ends = [columns[i * span, y], columns[(i + 1) * span, y]]
            low = (i * span + half, y - 0.15, top - BEAM)
            beams.append(
                t.add("IfcBeam", low, ((i + 1) * span - half, y + 0.15, top),
                      f"beam {k}.{len(beams)}", name, needs=ends)
            )  # fmt: skip
    spandrel = t.add(
        "IfcWall", (half, -0.1, z + 1.0), (span - half, 0.1, z + 1.6), f"spandrel {k}", name,
        needs=[columns[0.0, 0.0], columns[span, 0.0]],
    )  # fmt: skip
    t.leaning.append(spandrel)
    wall = t.add(
        "IfcWall", (1.2, bays[1] * span - 0.1, z), (span - 1.0, bays[1] * span + 0.1, z + 2.6),
        f"infill {k}", name, needs=[floor],
    )  # fmt: skip
    window = t.add(
        "IfcWindow", (1.6, bays[1] * span - 0.1, z + 0.9), (2.6, bays[1] * span + 0.1, z + 2.1),
        f"window {k}", name, needs=[wall],
    )  # fmt: skip
    t.fills.append((window, wall))
    deck = t.add(
        "IfcSlab", (-0.5, -0.5, top), (bays[0] * span + 0.5, bays[1] * span + 0.5, z + HEIGHT),
        f"slab {k + 1}", f"{k + 2}F", needs=[*columns.values(), core, *beams],
    )  # fmt: skip
    t.package("structure", *columns.values())
    t.package("structure", core)
    t.package("structure", *beams)
    t.package("structure", deck)
    t.package("masonry", spandrel)
    t.package("masonry", wall)
    t.package("windows", window)
    return deck


def _finished(t: _Tower, seed: int, degrees: float) -> Building:
    """The scene, turned; a package is one task for odd seeds, one for each element else."""
    relations = [(RelationKind.FILLS, t.row[a], t.row[b]) for a, b in t.fills]
    heights = {f"{k}F": (k - 1) * HEIGHT for k in range(1, 9)} | {"0F": -0.5}
    made = model(t.things, name="tower", relations=relations, elevations=heights)
    scene = Scene.of([made.moved(rigid(angle=np.radians(degrees)))])
    whole = bool(seed % 2)
    order = []
    for trade, names in t.order:
        rows = tuple(t.row[n] for n in names)
        order += [(trade, rows)] if whole else [(trade, (r,)) for r in rows]
    return Building(
        name="tower",
        scene=scene,
        order=tuple(order),
        needs=frozenset((t.row[a], t.row[b]) for a, b in t.needs),
        sole=tuple((t.row[a], t.row[b]) for a, b in t.sole),
        hosts=tuple((t.row[b], t.row[a]) for a, b in t.fills),
        leaning=tuple(t.row[n] for n in t.leaning),
        obstacles=((t.row["hoist"], t.row["infill 0"]),),
    )


#: How a planner orders the parts of a storey; what is not named comes last.
RANKS = {
    "IfcPile": 0,
    "IfcFooting": 0,
    "IfcSlab": 1,
    "IfcColumn": 2,
    "IfcWall": 3,
    "IfcBeam": 4,
    "IfcMember": 5,
    "IfcStair": 6,
    "IfcStairFlight": 6,
    "IfcRoof": 7,
}


@cache
def real(path: Path) -> tuple[Scene, frozenset, tuple, tuple]:
    """A house from its file: scene, support graph, sole carriers and windows."""
    made = ingest(path, name=path.name)
    assert made.model is not None, made.findings
    scene = Scene.of([made.model])
    contacts = touching(scene)
    kinds = kinds_of(scene, roles_of(scene))
    keep = contacts.share >= 0.01
    edges = list(zip(contacts.below[keep].tolist(), contacts.above[keep].tolist(), strict=True))
    sole = [
        (s, e)
        for s, e, share in zip(
            contacts.below.tolist(), contacts.above.tolist(), contacts.share.tolist(), strict=True
        )
        if share > 0.6 and kinds[e] != OTHER
    ]
    fills = [
        (int(host), int(guest))
        for guest, host in scene_pairs(scene, RelationKind.FILLS).tolist()
        if scene.clash_body[[guest, host]].all()
    ]
    return scene, frozenset(edges) | frozenset(fills), tuple(sole), tuple(fills)


def house(path: Path, seed: int) -> Building:
    """A real house in the order of a planner: storey by storey, class by class."""
    scene, needs, sole, fills = real(path)
    rng = np.random.default_rng(seed)
    packages: dict[tuple[bool, float, int], list[int]] = {}
    for e in np.flatnonzero(scene.clash_body).tolist():
        packages.setdefault(_key(scene, e), []).append(e)
    ranked = [
        (key, sorted(packages[key], key=lambda e: _bottom(scene, e))) for key in sorted(packages)
    ]
    if seed % 2:
        order = [(_trade(key), tuple(rows)) for key, rows in ranked]
    else:
        place = {e: (k, rng.random()) for k, (_, rows) in enumerate(ranked) for e in rows}
        order = [(_trade(ranked[place[e][0]][0]), (e,)) for e in _topological(scene, place, needs)]
    return Building(
        name=path.stem, scene=scene, order=tuple(order), needs=needs, sole=sole, hosts=fills
    )


def _trade(key: tuple[bool, float, int]) -> str:
    return "finish" if key[0] else "structure"


def _topological(scene: Scene, place: dict[int, tuple[int, float]], needs: frozenset) -> list[int]:
    """Elements in the order of their packages and by chance within, none before what it needs.

    What only leans on others waits until one of these is there.
    """
    contacts = touching(scene)
    nexts: dict[int, list[int]] = {}
    open_ = dict.fromkeys(place, 0)
    for s, e in needs:
        if s in place and e in place:
            nexts.setdefault(s, []).append(e)
            open_[e] += 1
    ready = [(place[e], e) for e, n in open_.items() if not n]
    heapify(ready)
    found: list[int] = []
    held: set[int] = set()
    while ready:
        later = []
        while ready and not (contacts.grounded[ready[0][1]] or ready[0][1] in held):
            later.append(heappop(ready))
        _, e = heappop(ready) if ready else later.pop(0)
        for one in later:
            heappush(ready, one)
        found.append(e)
        held |= neighbours(scene)[e]
        for after in nexts.get(e, ()):
            open_[after] -= 1
            if not open_[after]:
                heappush(ready, (place[after], after))
    return found


@cache
def touching(scene: Scene) -> Contacts:
    return contacts_of(scene)


@cache
def neighbours(scene: Scene) -> dict[int, set[int]]:
    """What touches each element."""
    found: dict[int, set[int]] = defaultdict(set)
    contacts = touching(scene)
    for a, b in zip(contacts.a.tolist(), contacts.b.tolist(), strict=True):
        found[a].add(b)
        found[b].add(a)
    return found


def _bottom(scene: Scene, element: int) -> float:
    return round(float(scene.bounds[element, 0, 2]), 2)


def _key(scene: Scene, element: int) -> tuple[bool, float, int]:
    """Finishes after the structure; storey, and place within the storey."""
    made, row = scene.locate(element)
    table = made.elements
    code = int(table.storey.codes[row])
    height = float(table.storey_elevation[code]) if code >= 0 else _bottom(scene, element)
    lineage = table.lineage[int(table.ifc_class.codes[row])]
    rank = next((RANKS[c] for c in lineage if c in RANKS), 9)
    if table.predefined[row] == "ROOF":
        rank = 7
    sides = np.sort(scene.bounds[element, 1] - scene.bounds[element, 0])
    # a lining that the author drew as a wall
    rank = 9 if rank == 3 and sides[0] < 0.06 else rank
    return rank > 7, height, rank
