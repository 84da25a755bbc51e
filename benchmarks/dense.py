"""How the clash core grows with the size of two bodies: spheres and rings up to 327,680 triangles.

Each pair is measured alone, by one thread, with a hard rule and 50 mm of clearance; the whole
answer counts: description, relation, depth, distance, points and volume. The bodies of one
size are cut finer than those of the size before by four.

Run: ``python benchmarks/dense.py [--levels 5 6 7]``
"""

import argparse
import resource

import numpy as np
from trimesh.creation import icosphere

from benchmarks.core import HARD, ROOM
from benchmarks.scale import timed
from clash.engine import detect
from clash.kernels import warm
from clash.result import Relation
from clash.rules import RuleSet
from tests.builders import about_z, moved, scene_of, torus

RULES = RuleSet(rules=(HARD, ROOM))


def rough(body, share=1e-4):
    """A body whose corners are moved from its middle by a share, at random."""
    vertices, faces = body
    noise = 1 + share * np.random.default_rng(1).standard_normal((len(vertices), 1))
    return vertices * noise, faces


def pairs(level):
    """Two bodies each of about 20 * 4**level triangles, by what they have to do with each other."""
    made = icosphere(subdivisions=level)
    ball = np.array(made.vertices), np.array(made.faces, dtype=np.int32)
    ring = torus(major=1.0, minor=0.3, sides=5 * 2**level, rings=2 * 2**level)
    upright = (ring[0] @ np.array([[1.0, 0, 0], [0, 0, 1], [0, -1, 0]]), ring[1])
    uneven = rough(ball)
    yield "spheres that cross", ball, moved(ball, (1.2, 0.3, 0.1))
    yield "rough spheres that cross", uneven, moved(uneven, (1.2, 0.3, 0.1))
    yield "spheres 30 mm apart", ball, moved(ball, (2.03, 0.0, 0.0))
    yield "a sphere in a sphere", ball, (ball[0] * 0.9, ball[1])
    yield "a rough sphere in one", uneven, (uneven[0] * 0.97 @ about_z(1.0).T, uneven[1])
    yield "rings that cross", ring, moved(upright, (0.3, 0.0, 0.0))
    yield "rings that are linked", ring, moved(upright, (1.0, 0.0, 0.0))


def main():
    """Print seconds for each pair and size, and the exponent of growth."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--levels", type=int, nargs="+", default=[5, 6, 7])
    options = parser.parse_args()
    warm()
    taken = {}
    for level in options.levels:
        for name, one, two in pairs(level):
            scene = scene_of(one, two)
            seconds, found = timed(lambda scene=scene: detect(scene, RULES))
            peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
            stands = Relation(int(found.relation[0])).name if len(found) else "nothing"
            taken.setdefault(name, []).append((len(one[1]), seconds))
            print(
                f"{name}, {len(one[1])} and {len(two[1])} triangles: {seconds:.2f} s, {stands}, "
                f"peak {peak:.2f} GiB",
                flush=True,
            )
    for name, points in taken.items():
        sizes, seconds = np.array(points).T
        if len(sizes) > 1:
            exponent = np.polyfit(np.log(sizes), np.log(seconds), 1)[0]
            print(f"{name}: seconds ~ triangles^{exponent:.2f}")


if __name__ == "__main__":
    main()
