"""Labels on real models: every pair as it stands, and conflicts made by moving their bodies."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace

import manifold3d
import numpy as np

from bimcore.ifc.sandbox import ingest
from bimcore.mesh import MeshSet
from bimcore.model import Model, Scene
from bimcore.relations import RelationKind as K
from clash.result import ClashSet, Relation
from clash.shapes import shapes_of
from tests import real_files
from tests.builders import Body, box, moved, pipe
from tests.building import SUPERTYPES, Thing
from tests.golden.quiet_cases import Case, Rng, between, designed, real

SHARED = real_files.FOLDER / "ifc"
WHY = "real models are not here: set YUYAN_SHARED"
FEDERATIONS: Mapping[str, tuple[str, ...]] = {
    "FZK-Haus": ("fzk_haus",),
    "Duplex": ("duplex_architecture", "duplex_electrical"),
    "Institute": ("institute",),
}
#: Situations of each family that moves real bodies.
EACH = 10


def models() -> dict[str, Model]:
    """The real models, read as the product reads them."""
    found = {}
    for name in sorted({m for members in FEDERATIONS.values() for m in members}):
        model = ingest(SHARED / f"{name}.ifc", name=f"{name}.ifc").model
        assert model is not None, name
        found[name] = model
    return found


# as they stand


@dataclass(frozen=True, kw_only=True)
class Found:
    """What a coordinator says of the pairs of two classes in one federation, and why.

    The first entry that fits a pair counts; `deepest` is in metres, `told` asks for a
    relation of the file, `kind` for a word in one of the two type names.
    """

    where: str
    classes: tuple[str, str]
    conflict: bool
    why: str
    deepest: float = np.inf
    told: K | None = None
    kind: str = ""


def _all(where: str, *classes: tuple[str, str], why: str, deepest: float) -> list[Found]:
    return [
        Found(where=where, classes=c, conflict=False, why=why, deepest=deepest) for c in classes
    ]


WALL, SLAB, BEAM = "IfcWall", "IfcSlab", "IfcBeam"
FOUND: tuple[Found, ...] = (
    *(
        Found(where=w, classes=(c, "IfcElement"), conflict=False, told=K.FILLS, why=why)
        for w in FEDERATIONS
        for c, why in (
            ("IfcDoor", "the file puts the door into an opening of this wall"),
            ("IfcWindow", "the file puts the window into an opening of this wall"),
        )
    ),
    Found(
        where="Duplex",
        classes=(WALL, WALL),
        conflict=False,
        told=K.CONNECTS,
        why="the file joins these party walls at a corner",
    ),
    *_all("FZK-Haus", (BEAM, BEAM), deepest=0.05, why="rafters notched over purlins"),
    *_all("FZK-Haus", (BEAM, SLAB), deepest=0.17, why="rafters within the build-up of the roof"),
    *_all("FZK-Haus", (WALL, BEAM), deepest=0.23, why="gable walls are built round the purlins"),
    *_all("FZK-Haus", (WALL, SLAB), deepest=0.21, why="floor and roof bear on the walls"),
    *_all("FZK-Haus", ("IfcStair", "IfcRailing"), deepest=0.1, why="the rail ends at the newel"),
    Found(
        where="FZK-Haus",
        classes=("IfcStair", SLAB),
        conflict=True,
        why="the newel stands 130 mm in the edge of the floor: the opening is too small",
    ),
    *_all(
        "Duplex", ("IfcCovering", WALL), deepest=0.31, why="the edge of a ceiling board in a wall"
    ),
    *_all(
        "Duplex",
        (WALL, "IfcDistributionElement"),
        (WALL, "IfcBuildingElementProxy"),
        deepest=0.15,
        why="outlets, switches, boards and panels are let into the face of the wall",
    ),
    *_all(
        "Duplex",
        (SLAB, "IfcDistributionElement"),
        (SLAB, "IfcDoor"),
        (SLAB, "IfcFurnishingElement"),
        (SLAB, "IfcRailing"),
        (SLAB, "IfcMember"),
        (SLAB, "IfcStairFlight"),
        deepest=0.03,
        why="stands in the thickness of the finish floor",
    ),
    *_all(
        "Duplex",
        ("IfcFurnishingElement", "IfcDistributionElement"),
        ("IfcFurnishingElement", WALL),
        deepest=0.02,
        why="a bed stands against the wall and its outlet",
    ),
    *_all("Duplex", (WALL, SLAB), deepest=0.13, why="wall and floor meet with their edges"),
    *_all("Duplex", (WALL, BEAM), deepest=0.24, why="the wall is built round the steel beam in it"),
    *_all("Duplex", (WALL, "IfcDoor"), deepest=0.03, why="only the casing, cut on site"),
    Found(
        where="Duplex",
        classes=(WALL, SLAB),
        conflict=True,
        why="the partition goes 188 mm and more past the floor above",
    ),
    Found(
        where="Duplex",
        classes=(WALL, "IfcDoor"),
        conflict=True,
        why="the door stands with its frame in the next wall",
    ),
    Found(
        where="Duplex",
        classes=(WALL, WALL),
        conflict=True,
        why="the furring wall stands 57 mm in the party wall beside it",
    ),
    Found(
        where="Duplex",
        classes=("IfcWindow", BEAM),
        conflict=True,
        why="the frame of the window reaches 17 mm into the flange of the roof beam",
    ),
    Found(
        where="Duplex",
        classes=("IfcDoor", "IfcRailing"),
        conflict=True,
        why="the guard rail ends 20 mm in the frame of the door",
    ),
    Found(
        where="Duplex",
        classes=("IfcCovering", "IfcCovering"),
        conflict=True,
        why="the same ceiling is drawn twice",
    ),
    Found(
        where="Institute",
        classes=("IfcStair", SLAB),
        conflict=True,
        why="parapet and first step of the stairs stand in the floors",
    ),
)


def labels(where: str, scene: Scene, clashes: ClashSet) -> dict[tuple[int, int], tuple[str, bool]]:
    """The label of each pair that meets in a federation; pairs that fit no entry get none."""
    entries = [f for f in FOUND if f.where == where]
    told = _told(scene)
    found: dict[tuple[int, int], tuple[str, bool]] = {}
    for row in np.flatnonzero(clashes.relation != Relation.TOUCH).tolist():
        pair = (int(clashes.a[row]), int(clashes.b[row]))
        ups = tuple(_lineage(scene, e) for e in pair)
        kinds = told.get(pair, set())
        for entry in entries:
            one, other = entry.classes
            fits = (one in ups[0] and other in ups[1]) or (one in ups[1] and other in ups[0])
            fits = fits and float(clashes.depth[row]) <= entry.deepest
            if fits and (entry.told is None or entry.told in kinds):
                found[pair] = (f"{one[3:]}/{other[3:]}: {entry.why}"[:64], entry.conflict)
                break
    return found


def _told(scene: Scene) -> dict[tuple[int, int], set[K]]:
    told: dict[tuple[int, int], set[K]] = {}
    for m, start in zip(scene.models, scene.element_start.tolist(), strict=False):
        table = m.relations
        for kind, a, b in zip(table.kind.tolist(), table.a.tolist(), table.b.tolist(), strict=True):
            pair = (start + min(a, b), start + max(a, b))
            told.setdefault(pair, set()).add(K(kind))
    return told


def _lineage(scene: Scene, element: int) -> tuple[str, ...]:
    model, row = scene.locate(element)
    return model.elements.lineage[int(model.elements.ifc_class.codes[row])]


# moved


@dataclass(frozen=True, kw_only=True)
class Stock:
    """Real bodies to build situations from."""

    models: Mapping[str, Model]

    def rows(self, ifc_class: str, *names: str, closed: bool = True) -> list[tuple[Model, int]]:
        """Elements of a class, in the models named or in all."""
        found = []
        for name, model in self.models.items():
            mask = model.elements.is_a(ifc_class) & model.meshes.has_body
            mask &= model.meshes.closed | (not closed)
            if not names or name in names:
                found += [(model, int(r)) for r in np.flatnonzero(mask)]
        return found

    def walls(self, discipline: str, *, thick: float = 0.0) -> list[Thing]:
        """Walls of 2 to 15 m with a solid spot."""
        found = []
        for model, row in self.rows("IfcWall"):
            wall = thing(model, row)
            size = measured(wall.body)[2]
            fits = 2.0 < size[0] < 15.0 and size[2] >= thick and size[1] > 1.5
            if fits and wall.trade == discipline and spots(wall.body):
                found.append(wall)
        return found


def thing(model: Model, row: int) -> Thing:
    """A real element as a part of a situation."""
    table = model.elements
    word = table.ifc_class[row]
    SUPERTYPES.setdefault(word, table.lineage[int(table.ifc_class.codes[row])][1:])
    return Thing(
        is_a=word,
        body=model.meshes.body(row),
        name=table.name[row],
        type=table.object_type[row],
        discipline=table.discipline[row],
        predefined=table.predefined[row],
    )


def measured(body: Body) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Own axes, centre and extents of a body."""
    shape = shapes_of(MeshSet.of([body]))
    return shape.axes[0], shape.centre[0], shape.size[0]


def placed(body: Body, directions: np.ndarray, centre: np.ndarray) -> Body:
    """A body turned so that its own axes point along `directions`, moved to `centre`."""
    axes, middle, _ = measured(body)
    turn = directions.T @ axes
    if np.linalg.det(turn) < 0:
        turn = directions.T @ (axes * np.array([[1], [-1], [1]]))
    return (body[0] - middle) @ turn.T + centre, body[1]


def shared_volume(one: Body, other: Body) -> float:
    """Cubic metres two closed bodies share, by booleans of another library than ours."""
    origin = one[0].mean(axis=0)
    solids = [
        manifold3d.Manifold(
            manifold3d.Mesh64(
                vert_properties=np.array(v - origin, order="C"),
                tri_verts=np.array(f, dtype=np.uint64, order="C"),
            )
        )
        for v, f in (one, other)
    ]
    return float((solids[0] ^ solids[1]).volume())


def spots(plate: Body, *, probe: float = 0.5) -> list[np.ndarray]:
    """Points in the middle plane of a wall or slab with matter all round them."""
    axes, centre, size = measured(plate)
    found = []
    for along in np.linspace(-0.3, 0.3, 4):
        for across in (0.0, -0.2, 0.2):
            at = centre + along * size[0] * axes[0] + across * size[1] * axes[1]
            test = placed(box((probe, probe, size[2])), axes, at)
            if shared_volume(test, plate) > 0.98 * probe * probe * size[2]:
                found.append(at)
    return found


def _in_face(guest: Thing, wall: Thing, rng: Rng, *, proud: float) -> Thing:
    """A real thing with its thickness across a wall, standing out of its face by `proud`."""
    axes, _, size = measured(wall.body)
    own = measured(guest.body)[2]
    at = spots(wall.body)[0] + axes[2] * (size[2] / 2 + proud - own[2] / 2)
    return replace(guest, body=placed(guest.body, axes[[1, 0, 2]], at))


def _across(guest: Thing, wall: Thing, *, shift: float = 0.0) -> Thing:
    """A real long thing across a wall at a solid spot, moved along itself by `shift`."""
    axes = measured(wall.body)[0]
    at = spots(wall.body)[0] + shift * axes[2]
    return replace(guest, body=placed(guest.body, axes[[2, 1, 0]], at))


def _pipe(wall: Thing, rng: Rng, *, lean: float = 0.0) -> Thing:
    axes, _, size = measured(wall.body)
    at, half = spots(wall.body)[0], size[2] / 2 + between(rng, 0.3, 1.0)
    way = half * axes[2] + lean * half * axes[0]
    body = pipe(start=at - way, end=at + way, radius=between(rng, 0.02, 0.09))
    return Thing(is_a="IfcPipeSegment", body=body)


def outlet_in_the_core_of_a_wall(stock: Stock, rng: Rng) -> Iterator[Case]:
    """Nobody can reach an outlet with 80 mm of masonry before it."""
    walls = stock.walls("structure", thick=0.25)
    for (model, row), wall in _pairs(stock.rows("IfcFlowTerminal", "duplex_electrical"), walls):
        guest = thing(model, row)
        if measured(guest.body)[2][0] < 0.15:
            thick = measured(wall.body)[2][2]
            yield real(_in_face(guest, wall, rng, proud=-0.3 * thick), wall)


def outlet_in_the_face_of_another_wall(stock: Stock, rng: Rng) -> Iterator[Case]:
    """Where an outlet sits along a wall does not matter."""
    walls = stock.walls("architecture") + stock.walls("structure")
    for (model, row), wall in _pairs(stock.rows("IfcFlowTerminal", "duplex_electrical"), walls):
        guest = thing(model, row)
        if measured(guest.body)[2][0] < 0.15:
            yield designed(_in_face(guest, wall, rng, proud=between(rng, 0, 0.02)), wall)


def heater_pushed_into_a_wall(stock: Stock, rng: Rng) -> Iterator[Case]:
    """A boiler or pump is no thing to be let into a wall."""
    machines = stock.rows("IfcEnergyConversionDevice") + stock.rows("IfcFlowMovingDevice")
    for (model, row), wall in _pairs(machines, stock.walls("structure", thick=0.2)):
        guest = thing(model, row)
        axes, _, size = measured(wall.body)
        own = measured(guest.body)[2]
        at = spots(wall.body)[0] + axes[2] * (size[2] / 2 + own[0] / 2 - between(rng, 0.08, 0.15))
        yield real(replace(guest, body=placed(guest.body, axes[[2, 1, 0]], at)), wall)


def furniture_pushed_into_a_wall(stock: Stock, rng: Rng) -> Iterator[Case]:
    """More than skirting and play: 60 to 150 mm."""
    walls = stock.walls("structure", thick=0.15) + stock.walls("architecture", thick=0.15)
    for (model, row), wall in _pairs(stock.rows("IfcFurnishingElement"), walls):
        guest = thing(model, row)
        own = measured(guest.body)[2]
        if own[2] > 0.3:
            yield real(_in_face(guest, wall, rng, proud=own[2] - between(rng, 0.06, 0.15)), wall)


def furniture_sunk_into_the_finish(stock: Stock, rng: Rng) -> Iterator[Case]:
    """15 to 50 mm is the floor build-up that one of the models leaves out."""
    for model, row in stock.rows("IfcFurnishingElement"):
        guest = thing(model, row)
        low, high = guest.body[0].min(axis=0), guest.body[0].max(axis=0)
        deep = between(rng, 0.015, 0.05)
        if high[2] - low[2] > 0.4:
            floor = box((8, 8, 0.2), at=(low[0] - 3, low[1] - 3, low[2] + deep - 0.2))
            yield designed(guest, Thing(is_a="IfcSlab", body=floor))


def pipe_through_a_bearing_wall(stock: Stock, rng: Rng) -> Iterator[Case]:
    """No opening there."""
    for wall in stock.walls("structure"):
        yield real(_pipe(wall, rng), wall)


def pipe_through_a_partition(stock: Stock, rng: Rng) -> Iterator[Case]:
    """No opening there either."""
    for wall in stock.walls("architecture"):
        yield real(_pipe(wall, rng, lean=between(rng, 0, 0.5)), wall)


def pipe_through_a_provision_in_a_wall(stock: Stock, rng: Rng) -> Iterator[Case]:
    """The provision for void says where the opening will be."""
    for wall in stock.walls("structure"):
        axes, _, size = measured(wall.body)
        wish = placed(box((0.6, 0.5, size[2] + 0.02)), axes, spots(wall.body)[0])
        told = {"is_a": "IfcBuildingElementProxy", "predefined": "PROVISIONFORVOID"}
        pass_ = _pipe(wall, rng, lean=between(rng, 0, 0.3))
        yield designed(pass_, wall, Thing(body=wish, **told))


def pipe_through_a_floor(stock: Stock, rng: Rng) -> Iterator[Case]:
    """Solid floor all round."""
    for model, row in stock.rows("IfcSlab"):
        slab = thing(model, row)
        if measured(slab.body)[2][0] < 20 and spots(slab.body):
            yield real(_pipe(slab, rng), slab)


def pipe_through_a_window(stock: Stock, rng: Rng) -> Iterator[Case]:
    """It would pass the pane."""
    for model, row in stock.rows("IfcWindow"):
        window = thing(model, row)
        axes, centre, size = measured(window.body)
        way = (size[2] / 2 + 0.5) * axes[2]
        line = pipe(start=centre - way, end=centre + way, radius=0.05)
        if shared_volume(line, window.body) > 1e-5:
            yield real(Thing(is_a="IfcPipeSegment", body=line), window)


def rolled_beam_through_a_bearing_wall(stock: Stock, rng: Rng) -> Iterator[Case]:
    """Somebody has to draw the recess."""
    for (model, row), wall in _pairs(
        stock.rows("IfcBeam", "duplex_architecture"), stock.walls("structure")
    ):
        beam = _across(thing(model, row), wall, shift=between(rng, -1, 1))
        if shared_volume(beam.body, wall.body) > 1e-3:
            yield real(beam, wall)


def timber_beam_ends_in_a_wall(stock: Stock, rng: Rng) -> Iterator[Case]:
    """A beam bears on the wall by 80 to 140 mm."""
    walls = stock.walls("structure", thick=0.2)
    for (model, row), wall in _pairs(stock.rows("IfcBeam", "fzk_haus"), walls):
        guest = thing(model, row)
        half = measured(guest.body)[2][0] / 2
        into = measured(wall.body)[2][2] / 2 - between(rng, 0.08, 0.14)
        yield designed(_across(guest, wall, shift=half + into), wall)


def rail_through_a_wall(stock: Stock, rng: Rng) -> Iterator[Case]:
    """It comes out on the other side."""
    for (model, row), wall in _pairs(
        stock.rows("IfcRailing", "fzk_haus"), stock.walls("structure")
    ):
        rail = _across(thing(model, row), wall)
        if shared_volume(rail.body, wall.body) > 1e-4:
            yield real(rail, wall)


def column_in_a_door(stock: Stock, rng: Rng) -> Iterator[Case]:
    """Nobody gets through."""
    for (model, row), (other, column) in _pairs(stock.rows("IfcDoor"), stock.rows("IfcColumn")):
        door, post = thing(model, row), thing(other, column)
        body = placed(post.body, measured(post.body)[0], measured(door.body)[1])
        if shared_volume(body, door.body) > 1e-4:
            yield real(replace(post, body=body), door)


def bar_in_a_beam(stock: Stock, rng: Rng) -> Iterator[Case]:
    """Reinforcement lies in what it reinforces."""
    for model, row in stock.rows("IfcBeam", "fzk_haus"):
        beam = thing(model, row)
        axes, centre, size = measured(beam.body)
        way = 0.4 * size[0] * axes[0]
        bar = pipe(start=centre - way, end=centre + way, radius=between(rng, 0.005, 0.012))
        yield designed(Thing(is_a="IfcReinforcingBar", body=bar), beam)


def door_beside_its_own_opening(stock: Stock, rng: Rng) -> Iterator[Case]:
    """The relation stays, the door was moved."""
    yield from _fillers(stock, rng, "IfcDoor", aside=True)


def window_beside_its_own_opening(stock: Stock, rng: Rng) -> Iterator[Case]:
    """The relation stays, the window was moved."""
    yield from _fillers(stock, rng, "IfcWindow", aside=True)


def door_wider_than_its_own_opening(stock: Stock, rng: Rng) -> Iterator[Case]:
    """Frame and casing lap over the wall by up to 50 mm more."""
    yield from _fillers(stock, rng, "IfcDoor", aside=False)


def _fillers(stock: Stock, rng: Rng, word: str, *, aside: bool) -> Iterator[Case]:
    for model, row in stock.rows(word):
        opening = dict(model.relations.pairs(K.OPENING_FILLER).tolist()).get(row, -1)
        host = dict(model.relations.pairs(K.FILLS).tolist()).get(row, -1)
        if min(opening, host) < 0 or not model.meshes.closed[host]:
            continue
        filler, wall, hole = (thing(model, r) for r in (row, host, opening))
        axes, _, size = measured(wall.body)
        own = measured(filler.body)
        if size[0] > 15 or own[2][1] > 2.0 or not model.meshes.has_body[opening]:
            continue
        if aside:
            way = axes[0] if abs(axes[0, 2]) < 0.5 else axes[1]
            far = own[2][1] * between(rng, 0.4, 1.0) * float(rng.choice([-1, 1]))
            body = moved(filler.body, far * way)
        else:
            wide = 1 + 2 * between(rng, 0.02, 0.05) / own[2][:2]
            stretch = np.eye(3) + sum(
                (w - 1) * np.outer(a, a) for w, a in zip(wide, own[0], strict=False)
            )
            body = ((filler.body[0] - own[1]) @ stretch + own[1], filler.body[1])
        told = [(K.FILLS, 0, 1), (K.VOIDS, 2, 1), (K.OPENING_FILLER, 0, 2)]
        if shared_volume(body, wall.body) > (0.02 if aside else 1e-4):
            make = real if aside else designed
            yield make(replace(filler, body=body), wall, hole, relations=told)


def element_twice(stock: Stock, rng: Rng) -> Iterator[Case]:
    """The same body under another GlobalId, up to half a millimetre off."""
    words = ("IfcWall", "IfcSlab", "IfcBeam", "IfcDoor", "IfcWindow", "IfcFurnishingElement")
    for turn in range(4):
        for word in (*words, "IfcFlowTerminal", "IfcColumn", "IfcStair", "IfcCovering"):
            rows = stock.rows(word)
            one = thing(*rows[int(rng.integers(len(rows)))])
            if np.ptp(one.body[0], axis=0).max() < 30:
                shift = rng.uniform(-2.5e-4, 2.5e-4, 3) * (turn % 2)
                yield real(one, replace(one, body=moved(one.body, shift)))


def wall_twice_in_line(stock: Stock, rng: Rng) -> Iterator[Case]:
    """Half a metre and more of wall drawn double."""
    for wall in stock.walls("structure"):
        axes, _, size = measured(wall.body)
        far = size[0] - between(rng, 0.5, 1.5)
        other = replace(wall, body=moved(wall.body, far * axes[0]))
        if shared_volume(wall.body, other.body) > 0.02:
            yield real(wall, other)


def walls_that_meet_pushed_together(stock: Stock, rng: Rng) -> Iterator[Case]:
    """The file joins them; 20 to 60 mm more is still a joint."""
    for model in stock.models.values():
        for a, b in model.relations.pairs(K.CONNECTS).tolist():
            one, other = thing(model, a), thing(model, b)
            axes, sizes = measured(one.body)[0], measured(other.body)[2]
            across = abs(axes[2] @ measured(other.body)[0][2]) < 0.1
            if not across or max(measured(one.body)[2][0], sizes[0]) > 15:
                continue
            toward = axes[2] * np.sign(axes[2] @ (measured(one.body)[1] - measured(other.body)[1]))
            body = moved(other.body, between(rng, 0.02, 0.06) * toward)
            if shared_volume(one.body, body) > 1e-3:
                yield designed(one, replace(other, body=body), relations=[(K.CONNECTS, 0, 1)])


def _pairs(guests: list, hosts: list) -> Iterator[tuple]:
    """Guests with hosts, each in turn."""
    for number in range(max(len(guests), len(hosts)) if guests and hosts else 0):
        yield guests[number % len(guests)], hosts[number % len(hosts)]


MADE: tuple[Callable[[Stock, Rng], Iterator[Case]], ...] = (
    outlet_in_the_core_of_a_wall,
    outlet_in_the_face_of_another_wall,
    heater_pushed_into_a_wall,
    furniture_pushed_into_a_wall,
    furniture_sunk_into_the_finish,
    pipe_through_a_bearing_wall,
    pipe_through_a_partition,
    pipe_through_a_provision_in_a_wall,
    pipe_through_a_floor,
    pipe_through_a_window,
    rolled_beam_through_a_bearing_wall,
    timber_beam_ends_in_a_wall,
    rail_through_a_wall,
    column_in_a_door,
    bar_in_a_beam,
    door_beside_its_own_opening,
    window_beside_its_own_opening,
    door_wider_than_its_own_opening,
    element_twice,
    wall_twice_in_line,
    walls_that_meet_pushed_together,
)


def situations(models: Mapping[str, Model], *, seed: int) -> Iterator[tuple[str, Case]]:
    """Conflicts and decoys made of real bodies, `EACH` of a family (twice: four times)."""
    stock = Stock(models=models)
    rng = np.random.default_rng(seed)
    for family in MADE:
        most = 4 * EACH if family is element_twice else EACH
        for number, case in enumerate(family(stock, rng)):
            if number >= most:
                break
            yield family.__name__, _at_origin(case)


def _at_origin(case: Case) -> Case:
    middle = case.parts[0].body[0].mean(axis=0)
    return replace(case, parts=[replace(p, body=moved(p.body, -middle)) for p in case.parts])
