"""Models against the ground: what floats, what is buried, how much earth is moved."""

import numpy as np
import shapely

from bimcore.arrays import F64, I64, Mask
from bimcore.findings import Finding
from gis import check_codes as codes
from gis.bands import holds
from gis.conflicts import Case, Check, Features, Measured, Pairs, tell
from gis.outlines import polygonal
from gis.sides import ground_floor
from gis.stock import Stock
from gis.terrain import Tin

FLOATING = Check(
    code=codes.FLOATING, title=("基础悬空", "Foundations above the ground"), by_feature=True
)
BURIED = Check(
    code=codes.BURIED, title=("首层被埋", "Ground floor below the ground"), by_feature=True
)
EMBEDMENT = Check(
    code=codes.EMBEDMENT, title=("基础埋置深度", "Depth of foundations"), by_feature=True
)
#: Places of the ground that a volume is summed over.
CELLS = 40_000
#: A body that ends this near (metres) below a foundation carries it.
TOUCHES = 0.05
_CUT = ("IfcEarthworksCut",)
_FILL = ("IfcEarthworksFill",)


def check_terrain(case: Case) -> None:
    """What floats above the ground or lies wholly below it; the earth to be moved."""
    if not case.ground.known:
        return
    stock = case.stock
    foundation = np.flatnonzero(case.sides.foundation)
    depth = _extreme(case, foundation, sign=1.0)
    _tell(case, EMBEDMENT, foundation, depth, rows="terrain_embedment")
    free = ~_carried(stock, foundation)
    _tell(case, FLOATING, foundation[free], depth[free], rows="terrain_floating")
    floors = np.flatnonzero(ground_floor(stock))
    _tell(case, BURIED, floors, _extreme(case, floors, sign=-1.0), rows="terrain_buried")
    _earthwork(case)


def _extreme(case: Case, elements: I64, *, sign: float) -> F64:
    """How far (N,) the deepest corner lies below the ground, or the highest above it (-1)."""
    if not len(elements):
        return np.zeros(0)
    triangles, owner = case.stock.triangles(elements)
    points = triangles.reshape(-1, 3)
    depth = sign * (case.ground.at(points[:, :2]) - points[:, 2])
    found = np.full(len(elements), -np.inf)
    np.fmax.at(found, np.repeat(owner, 3), depth)
    return np.where(np.isfinite(found), found, np.nan)


def _carried(stock: Stock, elements: I64) -> Mask:
    """Elements (N,) that another body below them carries: a cap on its piles."""
    found = np.zeros(len(elements), dtype=np.bool_)
    others = np.flatnonzero(~stock.ground)
    if not len(elements):
        return found
    box, all_ = stock.boxes[elements], stock.boxes[others]
    plan = shapely.box(*(box[:, k, a] for k in (0, 1) for a in (0, 1)))
    tree = shapely.STRtree(shapely.box(*(all_[:, k, a] for k in (0, 1) for a in (0, 1))))
    mine, its = tree.query(plan, predicate="intersects")
    below = (all_[its, 1, 2] >= box[mine, 0, 2] - TOUCHES) & (all_[its, 0, 2] < box[mine, 0, 2] - TOUCHES)  # fmt: skip
    found[mine[below]] = True
    return found


def _tell(case: Case, check: Check, elements: I64, value: F64, *, rows: str) -> None:
    known = np.isfinite(value)
    elements, value = elements[known], value[known]
    if not len(elements):
        return
    book = case.rules.rows(rows)
    pairs = Pairs(
        element=elements,
        feature=np.zeros(len(elements), dtype=np.int64),
        value=value,
        doubt=np.full(len(elements), case.ground.uncertainty),
        height=case.stock.boxes[elements, 0, 2],
    )
    measured = Measured(
        features=_surface(case), pairs=pairs, rows=book, holding=holds(book, len(elements), {})
    )
    tell(case, check, measured)


def _surface(case: Case) -> Features:
    return Features(
        layer=case.ground.name,
        geometry=np.array([shapely.Point(0, 0)], dtype=object),
        zh=("地面",),
        en=("ground",),
        key=("ground",),
    )


def _earthwork(case: Case) -> None:
    """Volumes between the ground and the surfaces of earth that models draw, or the pit."""
    stock = case.stock
    drawn = stock.ground & ~stock.is_a(*_CUT, *_FILL)
    for number, model in enumerate(stock.models):
        rows = np.flatnonzero(drawn & (stock.model_of == number))
        if len(rows):
            triangles, _ = stock.triangles(rows)
            names = [stock.guid(e) for e in rows.tolist()]
            _volume(case, triangles, model.name, names)
    bottom = case.rules.number("excavation.bottom")
    pit = _pit(case)
    if bottom is not None and pit is not None:
        level = bottom - float(case.project.origin[2])
        spots = _grid(pit)
        spots = spots[shapely.contains_xy(pit, spots[:, 0], spots[:, 1])]
        # The pit only takes away: where the ground lies lower nothing is filled.
        _sum(case, spots, np.full(len(spots), level), area=pit.area, name=("基坑（垂直开挖）", "The pit (upright sides)"), only_cut=True)  # fmt: skip


def _volume(case: Case, triangles: F64, model: str, guids: list[str]) -> None:
    faces = np.arange(len(triangles) * 3, dtype=np.int32).reshape(-1, 3)
    surface = Tin(vertices=triangles.reshape(-1, 3), faces=faces)
    low, high = triangles.min(axis=(0, 1)), triangles.max(axis=(0, 1))
    box = shapely.box(low[0], low[1], high[0], high[1])
    if box.area == 0.0:
        return
    spots = _grid(box)
    height = surface.at(spots)
    on = np.isfinite(height)
    if on.any():
        share = float(on.mean())
        _sum(case, spots[on], height[on], area=box.area * share, name=(f"模型“{model}”的场地面", f'The site surface of "{model}"'), model=model, guids=guids)  # fmt: skip


def _grid(area: shapely.Geometry) -> F64:
    """Middles (N, 2) of about ``CELLS`` equal cells over the box of an area."""
    west, south, east, north = area.bounds
    step = np.sqrt((east - west) * (north - south) / CELLS)
    columns = max(int(np.ceil((east - west) / step)), 1)
    rows = max(int(np.ceil((north - south) / step)), 1)
    x = west + (np.arange(columns) + 0.5) * (east - west) / columns
    y = south + (np.arange(rows) + 0.5) * (north - south) / rows
    return np.stack(np.meshgrid(x, y), axis=-1).reshape(-1, 2)


def _sum(  # noqa: PLR0913 one surface, as the finding tells it
    case: Case,
    spots: F64,
    design: F64,
    *,
    area: float,
    name: tuple[str, str],
    model: str = "",
    guids: list[str] | None = None,
    only_cut: bool = False,
) -> None:
    """The finding with the volumes over equal cells that cover `area`."""
    rise = case.ground.at(spots) - design
    known = np.isfinite(rise)
    if not known.any():
        return
    cell = area / len(spots)
    covered = cell * int(np.count_nonzero(known))
    middle = spots[known].mean(axis=0)
    case.told.findings.append(
        Finding.of(
            codes.EARTHWORK,
            model=model,
            elements=guids or [],
            point=(float(middle[0]), float(middle[1]), float(design[known].mean())),
            surface_zh=name[0],
            surface_en=name[1],
            cut_m3=float(cell * np.maximum(rise[known], 0.0).sum()),
            fill_m3=0.0 if only_cut else float(cell * np.maximum(-rise[known], 0.0).sum()),
            uncertainty_m3=covered * case.ground.uncertainty,
            area_m2=covered,
            layer=case.ground.name,
        )
    )


def _pit(case: Case) -> shapely.Geometry | None:
    """The plan of what is built below the ground; None where nothing is."""
    stock = case.stock
    built = np.flatnonzero(case.sides.building)
    level = case.ground.at(stock.boxes[built].mean(axis=1)[:, :2])
    dug = built[stock.boxes[built, 0, 2] < level]
    dug = dug[~stock.is_a("IfcPile", "IfcDeepFoundation")[dug]]
    if not len(dug):
        return None
    plan = polygonal(shapely.union_all(shapely.convex_hull(stock.shapes(dug))))
    return None if plan.is_empty else plan
