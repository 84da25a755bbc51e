"""What closes over other work: ceilings, linings, floors, roofs and fills, and what they hide."""

import re
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from bimcore.arrays import F64, I64, Mask
from bimcore.model import Scene
from clash.rehearsal.base import Stage
from clash.rehearsal.bodies import over, samples
from clash.roles import Roles

#: Space that stays open for people: what can be reached later is not covered up.
_OPEN = re.compile(
    r"格栅|格珊|挂片|挂板|网格|铝方通|垂片|检修|检查口|活动地板|架空地板|可拆|"
    r"open.?(grid|cell)|egg.?crate|baffle|access|raised.?(access )?floor|demount|grille",
    re.IGNORECASE,
)
_CEILING = re.compile(r"吊顶|天花|\bceiling|suspended", re.IGNORECASE)
_FLOOR = re.compile(
    r"面层|找平|地面|地坪|地砖|地板|垫层|screed|topping|floor(ing)?\b", re.IGNORECASE
)
_ROOF = re.compile(r"屋面|防水保护|roof(ing)?\b|cover(ing)? layer", re.IGNORECASE)
_LINING = re.compile(
    r"内衬|护墙|墙板|饰面板|石膏板墙|干挂|包封|lining|drylin|cladding|panel|boxing", re.IGNORECASE
)
_FILL = re.compile(r"回填|填土|back-?fill", re.IGNORECASE)
_MEMBRANE = re.compile(r"防水|卷材|涂膜|隔汽|membrane|waterproof|damp|vapou?r", re.IGNORECASE)


class Cover(StrEnum):
    """What kind of cover an element is."""

    CEILING = "ceiling"
    FLOOR = "floor"
    ROOF = "roof"
    LINING = "lining"
    FILL = "fill"


#: Names for texts.
NAMES = {
    Cover.CEILING: ("吊顶", "ceiling"),
    Cover.FLOOR: ("地面做法", "floor build-up"),
    Cover.ROOF: ("屋面覆盖层", "roof covering"),
    Cover.LINING: ("墙面封板", "wall lining"),
    Cover.FILL: ("回填", "backfill"),
}
#: IfcCovering types by what they are.
_TYPES = {
    "CEILING": Cover.CEILING,
    "FLOORING": Cover.FLOOR,
    "TOPPING": Cover.FLOOR,
    "ROOFING": Cover.ROOF,
    "CLADDING": Cover.LINING,
}
#: Which of lines, lagging and membranes each kind of cover hides.
HIDES = {
    Cover.CEILING: ("line", "unit", "lagging"),
    Cover.FLOOR: ("line", "lagging", "membrane"),
    Cover.ROOF: ("line", "lagging", "membrane"),
    Cover.LINING: ("line", "lagging", "membrane"),
    Cover.FILL: ("line", "lagging", "membrane"),
}


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Covers:
    """Covers and what can be covered, over all elements (E,) of a scene.

    Attributes
    ----------
    kind : mapping of Cover to (E,) bool
    hidden : mapping of str to (E,) bool
        ``"line"``, ``"unit"``, ``"lagging"``, ``"membrane"``.
    slab : (E,) bool

    """

    kind: dict[Cover, Mask]
    hidden: dict[str, Mask]
    slab: Mask

    def may_hide(self, cover: Cover) -> Mask:
        """Elements (E,) that a kind of cover hides by the table of pairs."""
        found: Mask = np.logical_or.reduce([self.hidden[h] for h in HIDES[cover]])
        return found


def texts_of(scene: Scene) -> list[str]:
    """Name and type of each element (E,)."""
    found: list[str] = []
    for m in scene.models:
        kinds = m.elements.object_type.texts()
        found += [f"{n} {t}" for n, t in zip(m.elements.name, kinds, strict=True)]
    return found


def covers_of(scene: Scene, roles: Roles) -> Covers:
    """The covers of a scene; open-grid ceilings, access panels and raised floors are none."""
    texts = texts_of(scene)
    open_ = _says(texts, _OPEN)
    kind = {k: np.zeros(len(scene), dtype=np.bool_) for k in Cover}
    typed = _typed(scene)
    body = scene.meshes.has_body
    for predefined, cover in _TYPES.items():
        kind[cover] |= typed == predefined
    insulation = np.isin(typed, ("INSULATION", "WRAPPING", "SLEEVING", "MEMBRANE"))
    untyped = roles["covering"] & ~np.isin(typed, tuple(_TYPES)) & ~insulation
    for cover, words in (
        (Cover.CEILING, _CEILING),
        (Cover.ROOF, _ROOF),
        (Cover.FLOOR, _FLOOR),
        (Cover.LINING, _LINING),
    ):
        taken = np.logical_or.reduce([kind[k] for k in Cover])
        kind[cover] |= untyped & ~taken & _says(texts, words)
    fill = _class(scene, "IfcEarthworksFill") | (
        (roles["proxy"] | _class(scene, "IfcGeographicElement") | _class(scene, "IfcCourse"))
        & _says(texts, _FILL)
    )
    kind[Cover.FILL] |= fill
    for cover in Cover:
        kind[cover] &= body & ~open_
    terminal = roles["terminal"] | roles["controller"] | roles["lagging"]
    line = (roles["segment"] | roles["fitting"]) & ~terminal
    other = roles["services"] & ~line & ~terminal & ~roles["opener"] & ~roles["furniture"]
    membrane = roles["covering"] & ((typed == "MEMBRANE") | _says(texts, _MEMBRANE))
    lagging = roles["lagging"] | (roles["covering"] & (typed == "INSULATION"))
    return Covers(
        kind=kind,
        hidden={
            "line": line & body,
            "unit": other & body,
            "lagging": lagging & body,
            "membrane": membrane & ~kind[Cover.ROOF] & body,
        },
        slab=roles["slab"] & body,
    )


def _says(texts: list[str], words: re.Pattern[str]) -> Mask:
    return np.array([bool(words.search(t)) for t in texts], dtype=np.bool_)


def _typed(scene: Scene) -> np.ndarray:
    found: list[str] = []
    for m in scene.models:
        found += m.elements.predefined.texts()
    return np.array(found, dtype=object)


def _class(scene: Scene, *classes: str) -> Mask:
    parts = [m.elements.is_a(*classes) for m in scene.models]
    return np.concatenate([np.zeros(0, np.bool_), *parts])


@dataclass(frozen=True, slots=True, eq=False)
class Space:
    """The box (2, 3) swept between a cover and what it is fixed to or lies on."""

    cover: int
    box: F64


def space_behind(stage: Stage, covers: Covers, kind: Cover, element: int) -> Space:
    """What a cover closes off: up to the slab over a ceiling, down to that under a floor."""
    bounds = stage.scene.bounds
    box = bounds[element].copy()
    if kind is Cover.CEILING:
        reach = float(stage.profile["R08.void_m"])
        box[1, 2] = min(_slab_over(bounds, covers.slab, box), box[1, 2] + reach)
    elif kind in (Cover.FLOOR, Cover.ROOF):
        reach = float(stage.profile["R08.under_m"])
        box[0, 2] = max(_slab_under(bounds, covers.slab, box), box[0, 2] - reach)
    elif kind is Cover.LINING:
        depth = float(stage.profile["R08.behind_m"])
        box[:, :2] += np.array([[-depth], [depth]])
    else:
        box[0] -= 0.05
    return Space(cover=element, box=box)


def _meets(bounds: F64, box: F64) -> Mask:
    inside = (bounds[:, 0, :2] < box[1, :2]) & (bounds[:, 1, :2] > box[0, :2])
    found: Mask = np.logical_and.reduce(inside, axis=1)
    return found


def _slab_over(bounds: F64, slab: Mask, box: F64) -> float:
    """Top of the lowest slab above a box in plan; infinite without one."""
    rows = slab & _meets(bounds, box) & (bounds[:, 0, 2] > box[1, 2])
    if not rows.any():
        return float("inf")
    low = bounds[rows, 0, 2].min()
    return float(bounds[rows & (bounds[:, 0, 2] <= low + 0.5), 1, 2].max())


def _slab_under(bounds: F64, slab: Mask, box: F64) -> float:
    """Top of the highest slab below a box in plan, half a slab into it; -inf without one."""
    rows = slab & _meets(bounds, box) & (bounds[:, 1, 2] <= box[1, 2] + 0.02)
    return float(bounds[rows, 1, 2].max()) - 0.05 if rows.any() else float("-inf")


def hidden_share(stage: Stage, kind: Cover, space: Space, element: int) -> float:
    """Part of the surface of an element that lies in the space behind a cover, 0 to 1."""
    points = samples(stage.scene, element)
    if not len(points):
        return 0.0
    inside = ((points >= space.box[0] - 1e-6) & (points <= space.box[1] + 1e-6)).all(axis=1)
    if kind is Cover.LINING:
        inside &= _behind(stage.scene, space.cover, points)
    else:
        inside &= over(stage.scene, space.cover, points[:, :2], grown=0.02)
    return float(inside.mean())


def _behind(scene: Scene, cover: int, points: F64) -> Mask:
    """Points in front of or behind the face of an upright cover, not beside it."""
    vertices, _ = scene.meshes.body(cover)
    plan = vertices[:, :2]
    middle = plan.mean(axis=0)
    _, _, axes = np.linalg.svd(plan - middle, full_matrices=False)
    way = (plan - middle) @ axes[0]
    at = (points[:, :2] - middle) @ axes[0]
    found: Mask = (at >= way.min()) & (at <= way.max())
    return found


def near_space(bounds: F64, space: Space, wanted: Mask) -> I64:
    """Elements whose boxes meet the space behind a cover."""
    low, high = space.box
    rows = np.flatnonzero(wanted)
    boxes = bounds[rows]
    with np.errstate(invalid="ignore"):
        met = ((boxes[:, 0] < high) & (boxes[:, 1] > low)).all(axis=1)
    found: I64 = rows[met]
    return found
