"""How fast models are checked against the map: a town of pipes and houses round one project.

A project of 20,000 elements stands in a town of 100,000 pipe segments and 50,000 buildings, with
overhead lines, a metro, a red line and a terrain. Printed are seconds of the checks, of making
bodies of the pipes, and the peak memory of the process.

Run: ``python -m benchmarks.site [--elements 20000] [--pipes 100000] [--buildings 50000]``
"""

import argparse
import resource
import time
from collections import Counter
from dataclasses import replace

import numpy as np
import shapely

from bimcore.arrays import starts_of
from bimcore.elements import Coded, ElementTable
from bimcore.frame import Frame
from bimcore.mesh import MeshSet
from bimcore.model import Model
from bimcore.relations import RelationTable
from gis.checks import check_layers
from gis.layers import FeatureTable
from gis.rulebook import project_rules
from gis.solids import pipes
from gis.terrain import Grid, Terrain

FRAME = Frame(crs="EPSG:4549+5737", origin=np.array([514000.0, 3350000.0, 0.0]))
#: Kind codes, sizes in millimetres and depths of the lines in a street.
STREET = (("JS", 300, 1.2), ("WS", 600, 3.0), ("YS", 800, 2.2), ("TR", 200, 1.0), ("DL", 150, 0.8))
CLASSES = ("IfcWall", "IfcSlab", "IfcFooting", "IfcColumn", "IfcBeam", "IfcPipeSegment")
BOX = np.array([[0, 2, 1], [0, 3, 2], [4, 5, 6], [4, 6, 7], [0, 1, 5], [0, 5, 4],
                [1, 2, 6], [1, 6, 5], [2, 3, 7], [2, 7, 6], [3, 0, 4], [3, 4, 7]])  # fmt: skip
CORNERS = np.array([(0, 0, 0), (1, 0, 0), (1, 1, 0), (0, 1, 0),
                    (0, 0, 1), (1, 0, 1), (1, 1, 1), (0, 1, 1)], float)  # fmt: skip
PLOT = 600.0


def model(count, rng):
    """Blocks of houses on the plot: boxes as large as elements are."""
    low = rng.uniform([0, 0, -6], [PLOT, PLOT, 30], (count, 3))
    size = rng.uniform([0.2, 0.2, 0.2], [8.0, 2.0, 3.0], (count, 3))
    vertices = (low[:, None] + CORNERS[None] * size[:, None]).reshape(-1, 3)
    classes = [CLASSES[k % len(CLASSES)] for k in range(count)]
    coded = Coded.of(classes)
    blank = Coded.of([None] * count)
    systems = Coded.of(["给水" if c == "IfcPipeSegment" else None for c in classes])
    elements = ElementTable(
        guid=tuple(f"{k:022d}" for k in range(count)),
        name=tuple(f"element {k}" for k in range(count)),
        tag=("",) * count,
        step_id=np.arange(count),
        ifc_class=coded,
        lineage=tuple(
            (w, "IfcDistributionElement" if w == "IfcPipeSegment" else "IfcElement")
            for w in coded.words
        ),
        predefined=blank,
        object_type=blank,
        storey=Coded.of([f"{int(z // 4) + 1}F" if z > 0 else "B1" for z in low[:, 2]]),
        system=systems,
        material=blank,
        classification=blank,
        layer=blank,
        discipline=Coded.of(["structure"] * count),
        storey_elevation=np.zeros(9),
        clash_body=np.ones(count, dtype=bool),
    )
    elements = replace(elements, storey_elevation=np.zeros(len(elements.storey.words)))
    meshes = MeshSet(
        vertices=vertices,
        faces=np.tile(BOX, (count, 1)),
        vertex_start=starts_of([8] * count),
        face_start=starts_of([12] * count),
        closed=np.ones(count, dtype=bool),
        kernel=np.full(count, 3),
    )
    return Model(
        elements=elements,
        relations=RelationTable.of([]),
        meshes=meshes,
        frame=FRAME,
        source="0" * 64,
        name="project",
        schema="IFC4",
    )


def table(role, geometry, *, columns=None):
    shapes = np.full(len(geometry), None, dtype=object)
    shapes[:] = geometry
    return FeatureTable(
        name=role,
        role=role,
        columns={k: tuple(v) for k, v in (columns or {}).items()},
        geometry=shapes,
        crs=None,
        frame=FRAME,
        source="0" * 64,
        rise=np.zeros(len(geometry)),
    )


def streets(count, rng):
    """Segments of 15 m along streets 60 m apart, the plot in the midst of the town."""
    across = int(np.ceil(np.sqrt(count / 2)))
    k = np.arange(count)
    row, place = k // across, k % across
    along = place * 15.0 - across * 7.5 + PLOT / 2
    kind = row % len(STREET)
    street = (row // (2 * len(STREET)) - across / len(STREET) / 2) * 60.0 + PLOT / 2
    side = street + kind * 1.4
    level = -np.array([d for _, _, d in STREET])[kind] + rng.normal(0, 0.05, count)
    turned = (row // len(STREET)) % 2 == 1
    a = np.stack([along, side, level], axis=1)
    b = np.stack([along + 15.0, side, level], axis=1)
    a[turned, :2], b[turned, :2] = a[turned, 1::-1], b[turned, 1::-1]
    return table(
        "utility",
        shapely.linestrings(np.stack([a, b], axis=1)),
        columns={
            "种类": [STREET[i][0] for i in kind],
            "管径": [STREET[i][1] for i in kind],
            "编号": [f"P{i}" for i in range(count)],
        },
    )


def houses(count, rng):
    side = int(np.ceil(np.sqrt(count)))
    k = np.arange(count)
    x = (k % side - side / 2) * 30.0 + rng.uniform(0, 10, count)
    y = (k // side - side / 2) * 30.0 + rng.uniform(0, 10, count)
    return table("neighbour", shapely.box(x, y, x + 14, y + 12), columns={"编号": k.tolist()})


def surroundings(rng):
    """The few layers of large things."""
    reach = [(-5000.0, 200.0), (5000.0, 260.0)]
    z = rng.normal(0.0, 0.2, (1000, 1000)).astype(np.float32)
    ground = Terrain(
        name="terrain",
        surface=Grid(z=z, west=-2000.0, north=3000.0, step_x=5.0, step_y=5.0),
        crs=None,
    )
    lines = shapely.LineString(reach)
    return [
        table("red_line", [shapely.box(2, 2, PLOT - 2, PLOT - 2)]),
        table("power_line", [lines], columns={"电压": ["110kV"]}),
        table("metro", [shapely.LineString([(0, -5000), (60, 5000)])], columns={"结构": ["隧道"]}),
        table("height_limit", [shapely.box(0, 0, 300, 300)], columns={"限高标高": [25.0]}),
    ], ground


def main():
    """Build the town, check it and print what it took."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--elements", type=int, default=20_000)
    parser.add_argument("--pipes", type=int, default=100_000)
    parser.add_argument("--buildings", type=int, default=50_000)
    given = parser.parse_args()
    rng = np.random.default_rng(1)
    project = model(given.elements, rng)
    others, ground = surroundings(rng)
    tables = [streets(given.pipes, rng), houses(given.buildings, rng), *others]
    rules = project_rules(
        {"neighbour.distance_m": 6, "setback.distance_m": 3, "setback.underground_m": 2,
         "excavation.bottom_m": -7, "excavation.ratio": 1.0, "flood.level_m": -2},
        jurisdiction="杭州",
    )  # fmt: skip
    before = peak()
    made, bodies = timed(lambda: pipes(tables[0], project=FRAME))
    (findings, entries), seconds = timed(
        lambda: check_layers(
            [project], tables, [ground], project=FRAME, rules=rules, bodies=[made.model]
        )
    )
    print(f"{given.elements} elements, {given.pipes} pipes, {given.buildings} buildings")
    print(f"bodies of the pipes {bodies}, checks {seconds}")
    print(f"peak {peak():.2f} GiB ({before:.2f} GiB before)")
    print(f"{len(findings)} findings, {len(entries)} entries of what was not assessed")
    print(dict(sorted(Counter(f.code.code for f in findings).items())))


def timed(work):
    """What `work` gives and what it took; processor time tells on a busy machine."""
    begin, busy = time.perf_counter(), time.process_time()
    result = work()
    wall, spent = time.perf_counter() - begin, time.process_time() - busy
    return result, f"{wall:.2f} s ({spent:.2f} s of processor)"


def peak():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20


if __name__ == "__main__":
    main()
