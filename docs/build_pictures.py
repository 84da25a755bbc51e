"""Draw the pictures of docs/coordinator.md with the product: ``python -m docs.build_pictures``."""
# ruff: noqa: INP001 a script beside the documents it draws, no package

import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from bimcore.issues import Issue, Viewpoint
from bimcore.model import Scene
from bimcore.relations import RelationKind
from bimcore.snapshot import snapshots
from clash.engine import detect
from clash.grouping import group
from clash.refs import refs_of
from clash.relevance import suppress
from clash.result import Measured, Relation
from clash.rules import Rule, RuleKind, RuleSet, Selector
from tests.builders import box, l_shape, pipe, tube
from tests.building import Thing, model

FOLDER = Path(__file__).parent / "pictures"
SIZE = (480, 360)
#: The tolerances that the text of the document names: 5 mm, and a gap of 50 mm.
RULES = RuleSet(
    rules=(
        Rule(id="hard", left=Selector(), right=Selector(), kind=RuleKind.HARD, tolerance=0.005),
        Rule(id="gap", left=Selector(), right=Selector(), kind=RuleKind.CLEARANCE, tolerance=0.05),
    )
)


@dataclass(frozen=True, kw_only=True)
class Sketch:
    """A little scene whose first two parts are in question.

    Attributes
    ----------
    parts : sequence of Thing
    told : sequence
        Relations of the file between parts.
    extent : float
        Metres that the picture frames.
    at : tuple of float or None
        Where to look; at the clash when not given.
    look : tuple of float or None
        From where to where to look; the product chooses when not given.
    others : tuple of int
        Parts drawn in the colour of side b.

    """

    parts: Sequence[Thing]
    told: Sequence[tuple[RelationKind, int, int]] = ()
    extent: float = 1.6
    at: tuple[float, float, float] | None = None
    look: tuple[float, float, float] | None = None
    others: tuple[int, ...] = (1,)


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """What the product says of a sketch; lengths in millimetres, volume in litres."""

    relation: str
    depth: int = 0
    distance: int = 0
    volume: float = 0.0
    measured: str = "exact"
    set_aside: str = ""
    group: str = ""


def _wall(long: float = 3.0, *, at: tuple[float, float, float] = (0, 0, 0)) -> Thing:
    return Thing(is_a="IfcWall", body=box((long, 0.2, 2.4), at=at))


def _pipe(start: Sequence[float], end: Sequence[float], radius: float, word: str) -> Thing:
    return Thing(is_a=word, body=pipe(start=start, end=end, radius=radius))


_FLOOR = Thing(is_a="IfcSlab", body=box((5, 5, 0.2), at=(-1, -2, -0.6)), discipline="architecture")
SKETCHES: dict[str, Sketch] = {
    "crossing": Sketch(
        parts=[
            Thing(is_a="IfcDuctSegment", body=box((3, 0.5, 0.32), at=(-1, 0.6, 1.9))),
            Thing(is_a="IfcBeam", body=box((0.3, 3, 0.6), at=(0.3, -0.6, 2.1))),
            replace(_FLOOR, body=box((4, 4, 0.15), at=(-1.5, -1.2, 2.7))),
        ],
    ),
    "containment": Sketch(
        parts=[
            _pipe((0.3, 0.3, 0.6), (0.3, 0.3, 1.8), 0.06, "IfcPipeSegment"),
            Thing(is_a="IfcColumn", body=box((0.6, 0.6, 2.4))),
            _FLOOR,
        ],
    ),
    "duplicate": Sketch(
        parts=[_wall(), _wall(at=(0.002, 0, 0)), _wall(2.0, at=(0, 2, 0)), _FLOOR], extent=3.0
    ),
    "touch": Sketch(
        parts=[
            Thing(is_a="IfcSlab", body=box((3, 2, 0.2), at=(0, 0, 2.4))),
            _wall(),
            _FLOOR,
        ],
        extent=2.6,
        at=(1.5, 0.1, 2.4),
        look=(0.75, 0.6, -0.3),
    ),
    "clearance": Sketch(
        parts=[
            _pipe((-1, 0.78, 0.2), (2, 0.78, 0.2), 0.05, "IfcPipeSegment"),
            Thing(is_a="IfcDuctSegment", body=box((3, 0.7, 0.4), at=(-1, 0, 0))),
            _FLOOR,
        ],
        extent=0.9,
        at=(2.0, 0.715, 0.2),
        look=(-0.95, 0.1, -0.22),
    ),
    "walls_in_line": Sketch(
        parts=[
            _wall(2.0),
            _wall(2.0, at=(1.95, 0, 0)),
            replace(_FLOOR, body=box((5, 2, 0.2), at=(-0.5, -1, -0.2))),
        ],
        extent=2.0,
    ),
    "sleeve": Sketch(
        parts=[
            _pipe((1.5, -0.8, 1.2), (1.5, 1.0, 1.2), 0.06, "IfcPipeSegment"),
            _wall(),
            Thing(
                is_a="IfcBuildingElementProxy",
                name="sleeve",
                body=tube(start=(1.5, -0.08, 1.2), end=(1.5, 0.28, 1.2), outer=0.1, inner=0.09),
            ),
        ],
        extent=1.6,
        look=(0.7, 0.65, -0.3),
        others=(1, 2),
    ),
    "notch": Sketch(
        parts=[
            Thing(is_a="IfcColumn", body=box((0.4, 0.4, 3.0), at=(0.7, 0.7, 0))),
            Thing(is_a="IfcWall", body=l_shape(long=2.0, short=0.5, height=2.4)),
            _FLOOR,
        ],
        extent=3.0,
        at=(0.9, 0.9, 2.2),
    ),
    "joint": Sketch(
        parts=[
            Thing(is_a="IfcWall", body=box((0.2, 2, 2.4), at=(1.4, 0.1, 0))),
            _wall(),
            _FLOOR,
        ],
        extent=2.2,
    ),
    "run": Sketch(
        parts=[
            _pipe((-0.5, 0, 0.35), (3.5, 0, 0.35), 0.05, "IfcPipeSegment"),
            *(
                Thing(is_a="IfcBeam", body=box((0.25, 2, 0.5), at=(x, -1, 0.1)))
                for x in (0.0, 1.2, 2.4)
            ),
            Thing(is_a="IfcSlab", body=box((4, 2.2, 0.15), at=(-0.4, -1.1, 0.6))),
        ],
        extent=3.6,
        at=(1.3, 0.0, 0.35),
        others=(1, 2, 3),
    ),
}


def scene_of(sketch: Sketch) -> Scene:
    """The scene of a sketch."""
    return Scene.of([model(list(sketch.parts), name="sketch", relations=sketch.told)])


def verdict(sketch: Sketch) -> Verdict:
    """What the product says of the first two parts of a sketch."""
    scene = scene_of(sketch)
    found = detect(scene, RULES)
    aside = suppress(scene, found, RULES)
    rows = np.flatnonzero((found.a == 0) & (found.b == 1))
    if not len(rows):
        return Verdict(relation="none")
    row = int(rows[0])
    groups = group(scene, found, RULES, aside)
    number = int(groups.group_of[row])
    reason = aside.of(row)
    volume = float(found.volume[row])
    return Verdict(
        relation=Relation(int(found.relation[row])).name.lower(),
        depth=round(float(found.depth[row]) * 1000),
        distance=round(float(found.distance[row]) * 1000),
        volume=0.0 if np.isnan(volume) else round(volume * 1000, 1),
        measured=Measured(int(found.measured[row])).name.lower(),
        set_aside=reason.id if reason else "",
        group=groups.groups[number].reason["en"] if number >= 0 else "",
    )


def picture(name: str) -> bytes:
    """PNG of a sketch as the issue of its first two parts would show it."""
    sketch = SKETCHES[name]
    scene = scene_of(sketch)
    refs = refs_of(scene, range(len(scene)))
    elements = [replace(refs[0], side="a"), *(replace(refs[i], side="b") for i in sketch.others)]
    point = sketch.at or _point(scene)
    issue = Issue(
        id=name,
        fingerprint="",
        kind="clash",
        rule="hard",
        titles={},
        descriptions={},
        severity=0,
        elements=tuple(elements),
        point=point,
        extent=sketch.extent,
        viewpoint=_viewpoint(sketch, point),
    )
    return next(png for _, png in snapshots(scene, [issue], size=SIZE))


def _viewpoint(sketch: Sketch, point: tuple[float, float, float]) -> Viewpoint | None:
    """The camera that a sketch asks for."""
    if sketch.look is None:
        return None
    way = np.array(sketch.look) / np.linalg.norm(sketch.look)
    right = np.cross(way, (0.0, 0.0, 1.0))
    up = np.cross(right / np.linalg.norm(right), way)
    eye = np.array(point) - way * 1.4 * sketch.extent
    return Viewpoint(
        position=(float(eye[0]), float(eye[1]), float(eye[2])),
        direction=(float(way[0]), float(way[1]), float(way[2])),
        up=(float(up[0]), float(up[1]), float(up[2])),
        field_of_view=45.0,
    )


def _point(scene: Scene) -> tuple[float, float, float]:
    found = detect(scene, RULES)
    rows = np.flatnonzero((found.a == 0) & (found.b == 1))
    x, y, z = found.point[rows[0]].tolist()
    return x, y, z


def main() -> None:
    """Write all pictures and say what each shows."""
    FOLDER.mkdir(exist_ok=True)
    for name, sketch in SKETCHES.items():
        (FOLDER / f"{name}.png").write_bytes(picture(name))
        sys.stdout.write(f"{name}: {verdict(sketch)}\n")


if __name__ == "__main__":
    main()
