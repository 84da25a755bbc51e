"""How the clash core grows: blocks of real buildings repeated to 100,000 bodies.

Hard clashes and 50 mm of clearance in one run, bodies described afresh each time. Printed
are seconds, peak memory and the exponent of growth from the smallest to the largest size.

Blocks stand parallel; with ``--turn`` each is turned by another milliradian, so that nothing
repeats from block to block.

Run: ``python benchmarks/scale.py [--shared ../shared] [--blocks 4 12 37] [--turn]``
"""

import argparse
import resource
import time
from dataclasses import replace
from pathlib import Path

import numpy as np

from benchmarks.core import HARD, ROOM, shifted
from bimcore.arrays import readonly
from bimcore.ifc.sandbox import ingest
from bimcore.model import Scene
from clash.engine import detect, detect_again
from clash.kernels import warm
from clash.rules import RuleSet

#: One block: the files of two buildings and how often they stand in it.
BLOCK = (("institute",), 3), (("duplex_architecture", "duplex_electrical"), 2)
#: Buildings as they are, for re-checks.
BUILDINGS = ("institute",), ("duplex_architecture", "duplex_electrical"), ("fzk_haus",)
CHANGED = 0.05
#: Revisions that change bodies anywhere are drawn so often.
SEEDS = range(1, 6)
#: What of a result is compared.
COLUMNS = ("a", "b", "rule", "relation", "depth", "distance", "volume", "point", "direction")


def read(shared, names):
    """The clash bodies of some files."""
    models = []
    for name in names:
        model = ingest(shared / "ifc" / f"{name}.ifc", name=f"{name}.ifc").model
        models.append(model.subset(model.elements.clash_body & model.meshes.has_body))
    return models


def block(shared):
    """Models of one block, side by side."""
    placed, east = [], 0.0
    for names, count in BLOCK:
        models = read(shared, names)
        bounds = Scene.of(models).bounds
        low, high = np.nanmin(bounds[:, 0], axis=0), np.nanmax(bounds[:, 1], axis=0)
        for _ in range(count):
            placed += [shifted(m, (east - low[0], -low[1], 0.0)) for m in models]
            east += high[0] - low[0] + 1.0
    return placed


def town(models, count, *, turn=False):
    """The block `count` times, in rows of six."""
    bounds = Scene.of(models).bounds
    size = np.nanmax(bounds[:, 1], axis=0) - np.nanmin(bounds[:, 0], axis=0) + 1.0
    if turn:  # blocks that are turned stand wider apart
        size[:2] = np.linalg.norm(size[:2])
    places = [np.array([k % 6, k // 6, 0]) * size for k in range(count)]
    return Scene.of(
        [shifted(m, p, angle=0.001 * k * turn) for k, p in enumerate(places) for m in models]
    )


def scattered(scene, seed):
    """One body in twenty, anywhere."""
    return np.random.default_rng(seed).random(len(scene)) < CHANGED


def in_one_place(scene):
    """The twentieth of the bodies that is nearest to one of them: a flat, a plant room."""
    centre = scene.bounds.mean(axis=1)
    far = np.linalg.norm(centre - centre[len(scene) // 3], axis=1)
    return far <= np.partition(far, int(CHANGED * len(scene)))[int(CHANGED * len(scene))]


def revised(scene, changed, by):
    """The scene with the bodies where `changed` (E,) is true moved by a vector."""
    vertices = np.array(scene.meshes.vertices)
    vertices[np.repeat(changed, np.diff(scene.meshes.vertex_start))] += by
    start = 0
    models = []
    for model in scene.models:
        stop = start + len(model.meshes.vertices)
        meshes = replace(model.meshes, vertices=readonly(vertices[start:stop], np.float64, ndim=2))
        models.append(replace(model, meshes=meshes))
        start = stop
    return Scene.of(models)


def timed(work):
    begin = time.perf_counter()
    result = work()
    return time.perf_counter() - begin, result


def main():
    """Print a line for each size, the fit, and the price of a re-check."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--shared", type=Path, default=Path("../shared"))
    parser.add_argument("--blocks", type=int, nargs="+", default=[4, 12, 37])
    parser.add_argument("--again-only", action="store_true", help="only the re-checks")
    parser.add_argument("--turn", action="store_true")
    options = parser.parse_args()
    warm()
    rules = RuleSet(rules=(HARD, ROOM))
    models = block(options.shared)
    sizes, seconds = [], []
    for count in [] if options.again_only else options.blocks:
        scene = town(models, count, turn=options.turn)
        taken, found = timed(lambda scene=scene: detect(scene, rules))
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
        sizes.append(len(scene))
        seconds.append(taken)
        print(
            f"{len(scene)} bodies, {len(scene.meshes.faces)} triangles: {taken:.2f} s, "
            f"{found.candidates} candidate pairs, {len(found)} rows, "
            f"{len(found.not_assessed)} not assessed, peak {peak:.2f} GiB",
            flush=True,
        )
    if len(sizes) > 1:
        exponent = np.polyfit(np.log(sizes), np.log(seconds), 1)[0]
        print(f"growth: seconds ~ bodies^{exponent:.2f}")
    for names in BUILDINGS:
        again(names[0], Scene.of(read(options.shared, names)), rules)
    again("town", town(models, options.blocks[0], turn=options.turn), rules)


def again(name, designed, rules):
    """Compare re-checks after small revisions with full runs; medians of five, summed.

    A revision moves bodies of the model as it was designed, mostly into their neighbours;
    or it moves them back to where they belong.
    """
    anywhere = [scattered(designed, seed) for seed in SEEDS]
    for where, choices, by in (
        ("in one place by 300 mm", [in_one_place(designed)], (0.3, 0.0, 0.0)),
        ("anywhere by 300 mm", anywhere, (0.3, 0.0, 0.0)),
        ("anywhere by 1 mm", anywhere, (0.001, 0.0, 0.0)),
        ("nowhere", [np.zeros(len(designed), dtype=bool)], (0.0, 0.0, 0.0)),
    ):
        moved = [revised(designed, chosen, by) for chosen in choices]
        ways = {"moved": [(designed, m) for m in moved], "back": [(m, designed) for m in moved]}
        if not choices[0].any():
            ways = {"changed": [(designed, moved[0])]}
        for way, pairs in ways.items():
            found = [compared(before, after, rules) for before, after in pairs]
            print(_line(name, f"{way} {where}", len(designed), choices, found), flush=True)


def _line(name, what, count, choices, found):
    rest, whole, alone, fresh, asked = np.sum([f[:5] for f in found], axis=0)
    return (
        f"{name}, {100 * np.mean(choices):.1f} % of {count} bodies {what}: "
        f"{100 * rest / whole:.0f} % of the full run ({1000 * rest / len(found):.1f} of "
        f"{1000 * whole / len(found):.1f} ms), {100 * alone / whole:.0f} % of it for measuring "
        f"what is new alone, {100 * fresh / asked:.1f} % of the pairs; "
        f"same result: {all(f[5] for f in found)}"
    )


class Watch:
    """How long a run measures pairs, once their bodies are described."""

    def __init__(self):
        self.stages = []

    def __call__(self, _share, stage):
        self.stages.append((stage, time.perf_counter()))

    @property
    def seconds(self):
        """From the last word of bodies to the last of pairs before the end; 0 without pairs."""
        described = max(t for stage, t in self.stages if stage == "bodies")
        measured = [t for stage, t in self.stages[:-1] if stage == "pairs"]
        return max(0.0, measured[-1] - described)


def compared(before, after, rules):
    """Seconds of a re-check, a full run and of measuring new pairs; new and all pairs; equality."""
    _, known = detect_again(before, rules, None)
    full, part, alone = [], [], []
    for _ in range(5):
        full.append(timed(lambda: detect(after, rules)))
        watch = Watch()
        part.append(timed(lambda watch=watch: detect_again(after, rules, known, progress=watch)))
        alone.append((watch.seconds, None))
    again, memory = part[0][1]
    equal = all(
        getattr(again, name).tobytes() == getattr(full[0][1], name).tobytes() for name in COLUMNS
    )
    rest, whole, only = (float(np.median([t for t, _ in runs])) for runs in (part, full, alone))
    return rest, whole, only, int((known.find(memory.keys) < 0).sum()), len(memory), equal


if __name__ == "__main__":
    main()
