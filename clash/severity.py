"""How bad a conflict is, 0 to 100, with every factor in the open."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from bimcore.arrays import F64, I64, Mask
from bimcore.model import Scene
from clash.bearing import Bearing, bearing_of, level_at, levels_of
from clash.result import ClashSet, Measured, Relation
from clash.roles import Roles, roles_of
from clash.texts import both, litres, metres

#: Points of the relation alone.
RELATION_POINTS: Mapping[Relation, int] = {
    Relation.CROSSING: 12,
    Relation.CONTAINMENT: 15,
    Relation.DUPLICATE: 12,
    Relation.CLEARANCE: 8,
}
RELATION_TEXTS: Mapping[Relation, dict[str, str]] = {
    Relation.CROSSING: both("实体相交", "The bodies cross"),
    Relation.CONTAINMENT: both("一个实体在另一个之内", "One body lies inside the other"),
    Relation.DUPLICATE: both("同一实体重复", "The same body twice"),
    Relation.CLEARANCE: both("净距不足", "Too close"),
}
#: Depth that earns all points for depth, metres; 20 cm stops any trade.
FULL_DEPTH, DEPTH_POINTS = 0.200, 22
#: Shared volume that earns all points, cubic metres (a log scale from 1 cm3).
FULL_VOLUME, VOLUME_POINTS = 0.1, 10


#: Points of the lowest level, which is built first; the highest gets none.
LEVEL_POINTS = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Matter:
    """Points for what meets what, and for the load that one of them carries."""

    points: int
    role: int = 0
    text: dict[str, str]


_FRAME = both("其中有柱、梁等框架构件，承受荷载", "A column, beam or frame member carries load")
_FOOTING = both("其中有基础，承受荷载", "A foundation carries load")
_PLATE = both(
    "其中有承重墙或板（结构模型或 LoadBearing 属性）",
    "A wall or slab carries load (structural model or LoadBearing)",
)
#: What the role of each matter is said to be, by its place in ``MATTERS``.
ROLE_TEXTS: Mapping[int, tuple[str, dict[str, str]]] = {
    0: ("frame", _FRAME),
    1: ("foundation", _FOOTING),
    2: ("bearing_plate", _PLATE),
    7: ("bearing", both("其中有受力构件", "One of them carries load")),
    8: ("bearing", both("两者均为受力构件", "Both carry load")),
}

#: In order of precedence; see docs/severity.md.
MATTERS: tuple[Matter, ...] = (
    Matter(
        points=26, role=16, text=both("管线与受力框架构件", "Services against a load-bearing frame")
    ),
    Matter(points=22, role=12, text=both("管线与基础", "Services against a foundation")),
    Matter(
        points=16,
        role=10,
        text=both("管线与结构墙或板", "Services against a structural wall or slab"),
    ),
    Matter(points=26, text=both("管线与门窗或楼梯", "Services against a door, window or stair")),
    Matter(points=24, text=both("管线与管线", "Services against services")),
    Matter(points=16, text=both("管线与建筑墙或板", "Services against a wall or floor")),
    Matter(points=6, text=both("管线与饰面或家具", "Services against finishes or furniture")),
    Matter(
        points=16,
        role=8,
        text=both("受力构件与门窗或楼梯", "Frame against a door, window or stair"),
    ),
    Matter(points=10, role=4, text=both("受力构件之间", "Load-bearing parts against each other")),
    Matter(points=10, text=both("建筑构件之间", "Building parts against each other")),
    Matter(points=3, text=both("饰面或家具", "Finishes or furniture")),
)


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Severity:
    """Points of each clash; their sum, held in 0 to 100, is the severity.

    Attributes
    ----------
    relation, matter, role, depth, volume, level, trust : (C,) float64
        Points by factor; `trust` is negative where the depth is only a bound.
    matter_of : (C,) int64
        Index into ``MATTERS``.
    level_of : (C,) int64
        The level of the clash, 0 the lowest; -1 where no storey has a height.
    levels : int
        Levels of the scene.

    """

    relation: F64
    matter: F64
    role: F64
    depth: F64
    volume: F64
    level: F64
    trust: F64
    matter_of: I64
    level_of: I64
    levels: int

    @property
    def total(self) -> F64:
        """Severity (C,), 0 to 100."""
        what = self.relation + self.matter + self.role
        summed = what + self.depth + self.volume + self.level + self.trust
        found: F64 = np.clip(summed, 0.0, 100.0)
        return found


def severity_of(scene: Scene, clashes: ClashSet, *, asked: F64) -> Severity:
    """The points of each clash.

    Parameters
    ----------
    scene : Scene
    clashes : ClashSet
    asked : (C,) float64
        The gap that the clearance rule of each row asks for, metres; 0 for hard rules.

    Returns
    -------
    Severity

    """
    roles = roles_of(scene)
    matter = _matter(roles, bearing_of(scene, roles), clashes)
    levels = levels_of(scene)
    level = level_at(levels, clashes.point[:, 2])
    above = (len(levels) - 1 - level) / max(len(levels) - 1, 1)
    table = np.zeros(max(Relation) + 1)
    for relation, worth in RELATION_POINTS.items():
        table[relation] = worth
    missing = np.where(asked > 0, (asked - clashes.distance) / np.where(asked > 0, asked, 1), 0)
    near = clashes.relation == Relation.CLEARANCE
    full = np.sqrt(np.clip(clashes.depth / FULL_DEPTH, 0.0, 1.0))
    # a body twice is as deep as it is thick, which says nothing
    twice = clashes.relation == Relation.DUPLICATE
    depth = np.where(near, np.clip(missing, 0, 1), np.where(twice, 0.0, full)) * DEPTH_POINTS
    volume = np.nan_to_num(clashes.volume, nan=0.0)
    span = np.log10(FULL_VOLUME / 1e-6)
    filled = np.clip(np.log10(np.maximum(volume, 1e-6) / 1e-6) / span, 0.0, 1.0)
    points = np.array([(m.points, m.role) for m in MATTERS], dtype=np.float64)
    bounded = (clashes.measured == Measured.BOUNDED) & ~near & (clashes.depth > 0.1)
    return Severity(
        relation=table[clashes.relation],
        matter=points[matter, 0],
        role=points[matter, 1],
        depth=np.round(depth),
        volume=np.round(filled * VOLUME_POINTS),
        level=np.round(above * LEVEL_POINTS) if len(levels) > 1 else np.zeros(len(clashes)),
        trust=np.where(bounded, -4.0, 0.0),
        matter_of=matter,
        level_of=level,
        levels=len(levels),
    )


def _matter(roles: Roles, bearing: Bearing, clashes: ClashSet) -> I64:
    """Index (C,) into ``MATTERS``."""
    # insulation is as much in the way as the line in it
    served, frame = roles["services"] | roles["lagging"], bearing.frame
    # a beam that carries nothing is still in the way as a wall is
    plate = roles.any_of("wall", "slab", "column", "beam", "member")
    opening = roles.any_of("opener", "stair")
    soft = roles.any_of("covering", "furniture", "small_part") & ~roles["lagging"]

    def meets(one: Mask, other: Mask) -> Mask:
        a, b = clashes.a, clashes.b
        found: Mask = (one[a] & other[b]) | (one[b] & other[a])
        return found

    tests = (
        meets(served, frame),
        meets(served, bearing.footing),
        meets(served, bearing.plate),
        meets(served, opening),
        meets(served, served),
        meets(served, plate),
        meets(served, soft),
        meets(bearing.any, opening),
        meets(bearing.any, bearing.any),
        meets(~soft, ~soft),
    )
    return np.select(tests, np.arange(len(tests)), default=len(MATTERS) - 1).astype(np.int64)


def factors(severity: Severity, clashes: ClashSet, row: int) -> list[dict[str, object]]:
    """Why `row` has its severity: ``{"factor", "value", "points", "text"}`` for each part."""
    relation = Relation(int(clashes.relation[row]))
    index = int(severity.matter_of[row])
    matter = MATTERS[index]
    said: list[dict[str, object]] = [
        _factor(
            "relation", relation.name.lower(), severity.relation[row], RELATION_TEXTS[relation]
        ),
        _factor("matter", index, matter.points, matter.text),
    ]
    if index in ROLE_TEXTS:
        role, text = ROLE_TEXTS[index]
        said.append(_factor("structural_role", role, matter.role, text))
    said += _measures(severity, clashes, row)
    if severity.levels > 1:
        level, count = int(severity.level_of[row]) + 1, severity.levels
        early = both(
            f"自下而上第 {level} 层，共 {count} 层，越低越早施工",
            f"Level {level} of {count} from below; the lower, the earlier it is built",
        )
        said.append(_factor("storey", level, severity.level[row], early))
    if severity.trust[row]:
        text = both("深度为上限值", "The depth is an upper bound")
        said.append(_factor("measured", "bounded", severity.trust[row], text))
    return said


def _measures(severity: Severity, clashes: ClashSet, row: int) -> list[dict[str, object]]:
    """The factors of gap or depth, and of volume."""
    said = []
    if clashes.relation[row] == Relation.CLEARANCE:
        gap = float(clashes.distance[row])
        text = both(f"净距仅 {metres(gap)}", f"Only {metres(gap)} apart")
        said.append(_factor("distance_m", round(gap, 4), severity.depth[row], text))
    elif severity.depth[row]:
        depth = float(clashes.depth[row])
        text = both(f"侵入深度 {metres(depth)}", f"{metres(depth)} deep")
        said.append(_factor("depth_m", round(depth, 4), severity.depth[row], text))
    if severity.volume[row]:
        volume = float(clashes.volume[row])
        text = both(f"重叠体积 {litres(volume)}", f"{litres(volume)} of shared volume")
        said.append(_factor("volume_m3", round(volume, 6), severity.volume[row], text))
    return said


def many(count: int) -> dict[str, object] | None:
    """The factor for a conflict that occurs `count` times; None for one."""
    if count < 2:
        return None
    points = min(10, round(3 * float(np.log2(count))))
    return _factor(
        "count", count, points, both(f"同一问题共 {count} 处", f"The same problem {count} times")
    )


def _factor(
    name: str, value: object, points: float | int, text: Mapping[str, str]
) -> dict[str, object]:
    return {"factor": name, "value": value, "points": int(points), "text": dict(text)}
