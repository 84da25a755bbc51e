"""The clash core against ifcopenshell's tree, on the same triangles in the same run.

Bodies of the models are meshed once and repeated as a block of copies; that building is
written as a tessellated IFC file, from which the tree takes its triangles. Both sides have
their index before the clock starts, ours the description of the bodies and theirs the tree;
what building them takes is printed beside. The clash calls run on two threads each, as far
as the peers use them.

Copies stand as storeys do, parallel; with ``--turn`` each is turned by another milliradian, so
that nothing repeats and every pair has to be measured by itself.

Run: ``python benchmarks/core.py [--runs N] [--copies N] [--turn] FILE.ifc ...``
"""

import argparse
import tempfile
import time
from pathlib import Path
from statistics import median

import ifcopenshell
import ifcopenshell.geom
import ifcopenshell.guid
import numpy as np

from bimcore.ifc.sandbox import ingest
from bimcore.model import Scene
from clash.engine import describe, detect
from clash.kernels import warm
from clash.rules import Rule, RuleKind, RuleSet, Selector

TOLERANCE, CLEARANCE = 0.002, 0.05
ALL = Selector()
HARD = Rule(id="hard", left=ALL, right=ALL, kind=RuleKind.HARD, tolerance=TOLERANCE)
ROOM = Rule(id="room", left=ALL, right=ALL, kind=RuleKind.CLEARANCE, tolerance=CLEARANCE)
HEADER = """ISO-10303-21;
HEADER;
FILE_DESCRIPTION((''),'2;1');
FILE_NAME('','',(''),(''),'','','');
FILE_SCHEMA(('IFC4'));
ENDSEC;
DATA;
#1=IFCPERSON($,'',$,$,$,$,$,$);
#2=IFCSIUNIT(*,.LENGTHUNIT.,$,.METRE.);
#3=IFCUNITASSIGNMENT((#2));
#4=IFCCARTESIANPOINT((0.,0.,0.));
#5=IFCAXIS2PLACEMENT3D(#4,$,$);
#6=IFCGEOMETRICREPRESENTATIONCONTEXT($,'Model',3,1.E-6,#5,$);
#7=IFCPROJECT('0000000000000000000001',$,'',$,$,$,$,(#6),#3);
#8=IFCLOCALPLACEMENT($,#5);
"""


def building(models, *, copies, turn=False):
    """One scene of `copies` blocks of the models' clash bodies, side by side."""
    placed = []
    for path in models:
        made = ingest(path, name=path.name)
        if made.model is None:
            raise SystemExit(str(path))
        placed.append(
            made.model.subset(made.model.elements.clash_body & made.model.meshes.has_body)
        )
    block = Scene.of(placed)
    bounds = block.bounds
    size = np.nanmax(bounds[:, 1], axis=0) - np.nanmin(bounds[:, 0], axis=0) + 1.0
    if turn:  # blocks that are turned stand wider apart
        size[:2] = np.linalg.norm(size[:2])
    shifts = [np.array([k % 4, k // 4, 0]) * size for k in range(copies)]
    return Scene.of(
        [shifted(m, s, angle=0.001 * k * turn) for k, s in enumerate(shifts) for m in placed]
    )


def shifted(model, by, *, angle=0.0):
    """The model turned about the vertical by an angle, then moved by a vector in metres."""
    transform = np.eye(4)
    transform[:2, :2] = [[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]]
    transform[:3, 3] = by
    return model.moved(transform)


def write_tessellated(scene, path):
    """Every body of the scene as an IfcTriangulatedFaceSet."""
    with path.open("w", encoding="ascii") as out:
        out.write(HEADER)
        row = 9
        for e in range(len(scene)):
            vertices, faces = scene.meshes.body(e)
            points = ",".join(f"({x!r},{y!r},{z!r})" for x, y, z in vertices.tolist())
            corners = ",".join(f"({a},{b},{c})" for a, b, c in (faces + 1).tolist())
            guid = ifcopenshell.guid.compress(f"{e + 1:032x}")
            out.write(
                f"#{row}=IFCCARTESIANPOINTLIST3D(({points}));\n"
                f"#{row + 1}=IFCTRIANGULATEDFACESET(#{row},$,$,({corners}),$);\n"
                f"#{row + 2}=IFCSHAPEREPRESENTATION(#6,'Body','Tessellation',(#{row + 1}));\n"
                f"#{row + 3}=IFCPRODUCTDEFINITIONSHAPE($,$,(#{row + 2}));\n"
                f"#{row + 4}=IFCBUILDINGELEMENTPROXY('{guid}',$,$,$,$,#8,#{row + 3},$,$);\n"
            )
            row += 5
        out.write("ENDSEC;\nEND-ISO-10303-21;\n")


def peer_tree(path):
    """The tree with all elements of the file, as IfcClash builds it, and its seconds.

    What meshing takes is not among them; part of the index is built by the first call.
    """
    file = ifcopenshell.open(str(path))
    elements = file.by_type("IfcElement")
    settings = ifcopenshell.geom.settings()
    settings.set("use-world-coords", True)  # noqa: FBT003 - the setting is called so
    tree = ifcopenshell.geom.tree(backend="opencascade.trianglebvh")
    iterator = ifcopenshell.geom.iterator(settings, file, 2, include=elements)
    taken = 0.0
    more = iterator.initialize()
    while more:
        body = iterator.get()
        begin = time.perf_counter()
        tree.add_element(body)
        taken += time.perf_counter() - begin
        more = iterator.next()
    return file, elements, tree, taken


def timed(work):
    begin = time.perf_counter()
    result = work()
    return time.perf_counter() - begin, len(result)


def contests(scene, bodies, elements, tree):
    """What is compared: text, our call, the peer's name and call."""
    collision, intersection, clearance = (
        lambda: tree.clash_collision_many(elements, elements, allow_touching=False),
        lambda: tree.clash_intersection_many(
            elements, elements, tolerance=TOLERANCE, check_all=True
        ),
        lambda: tree.clash_clearance_many(elements, elements, clearance=CLEARANCE, check_all=False),
    )
    hard, room = RuleSet(rules=(HARD,)), RuleSet(rules=(ROOM,))
    return (
        ("hard clashes", lambda: detect(scene, hard, bodies=bodies), "tree collision", collision),
        (
            "hard clashes",
            lambda: detect(scene, hard, bodies=bodies),
            "tree intersection 2 mm",
            intersection,
        ),
        (
            "clearance 50 mm",
            lambda: detect(scene, room, bodies=bodies),
            "tree clearance 50 mm",
            clearance,
        ),
    )


def run(models, *, runs=3, copies=1, turn=False):
    """Paired runs of the core and the tree.

    Parameters
    ----------
    models : list of Path
        IFC files.
    runs : int
        Counted runs of each; one more before is not counted.
    copies : int
        Times the models are repeated. Loading the tree is what takes long: OpenCASCADE
        needs minutes for 700,000 triangles.
    turn : bool
        Turn each block a little, so that no two are alike.

    Returns
    -------
    list of dict
        A row for each contest with medians in seconds and ratios, peer over yuyan.

    """
    warm()
    scene = building(models, copies=copies, turn=turn)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "building.ifc"
        write_tessellated(scene, path)
        # the file owns the elements and must outlive them
        file, elements, tree, theirs = peer_tree(path)
        ours = min(timed(lambda: describe(scene).forms.number)[0] for _ in range(runs))
        built = f"index before: {ours:.3f} s, tree {theirs:.3f} s"
        pairings = contests(scene, describe(scene), elements, tree)
        rows = [_row(scene, contest, runs, built) for contest in pairings]
        del file
    return rows


def _row(scene, contest, runs, built):
    what, ours, peer, theirs = contest
    ours(), theirs()
    times = [(*timed(ours), *timed(theirs)) for _ in range(runs)]
    ratios = [t[2] / t[0] for t in times]
    size = f"{int(scene.clash_body.sum())} bodies, {len(scene.meshes.faces)} triangles"
    return {
        "what": f"core, {what}: {size}; {built}",
        "yuyan_s": median(t[0] for t in times),
        "yuyan_found": {"rows": times[0][1]},
        "peer": peer,
        "peer_s": median(t[2] for t in times),
        "peer_found": {"rows": times[0][3]},
        "ratio": median(ratios),
        "ratio_min": min(ratios),
        "ratio_max": max(ratios),
    }


def main():
    """Print a line for each contest."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("models", nargs="+", type=Path)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--copies", type=int, default=1)
    parser.add_argument("--turn", action="store_true")
    options = parser.parse_args()
    for row in run(options.models, runs=options.runs, copies=options.copies, turn=options.turn):
        print(
            f"{row['what']}: yuyan {row['yuyan_s']:.3f} s ({row['yuyan_found']['rows']} rows), "
            f"{row['peer']} {row['peer_s']:.3f} s ({row['peer_found']['rows']} rows), "
            f"ratio {row['ratio']:.1f} ({row['ratio_min']:.1f} to {row['ratio_max']:.1f})"
        )


if __name__ == "__main__":
    main()
