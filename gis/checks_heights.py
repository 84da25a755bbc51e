"""Heights: the limit above, the flood below."""

import re
from collections.abc import Sequence

import numpy as np
import shapely

from bimcore.arrays import F64, I64, Mask
from gis import check_codes as codes
from gis.attribute_heights import heights_in
from gis.attributes import named, numbers_of
from gis.bands import doubt_of, holds
from gis.conflicts import Case, Check, Features, Measured, Pairs, features_of, tell
from gis.layers import FeatureTable
from gis.outlines import areas
from gis.sides import OPENINGS, ground_floor, outside_openings

LIMIT = Check(code=codes.HEIGHT_LIMIT, title=("建筑限高", "Height limit"), by_feature=True)
FLOOD = Check(code=codes.FLOOD, title=("防洪水位", "Flood level"), by_feature=True)

_ABSOLUTE = re.compile(r"(限高|控高|净空).*(标高|高程|海拔)|绝对|(标高|高程|海拔).*限|limit.?(elev|level)|max.?elev|amsl", re.IGNORECASE)  # fmt: skip
_RELATIVE = re.compile(r"限高|控高|控制高度|高度(限制|控制)|建筑高度|height.?limit|max.?height|^height$|^limit$", re.IGNORECASE)  # fmt: skip
_LEVEL = re.compile(r"水位|洪水|flood|water.?level|^level|^elev|高程|标高", re.IGNORECASE)


def check_height_limits(case: Case, tables: Sequence[FeatureTable]) -> None:
    """What stands above the limit of a layer, or of the project."""
    for table in tables:
        flat = areas(table.geometry)
        limit = heights_in(case, table, _ABSOLUTE, LIMIT.title)
        above = np.full(len(table), np.nan) if limit is not None else numbers_of(table, _RELATIVE)
        if limit is None and np.isnan(above).all():
            case.told.say(
                (
                    f"{LIMIT.title[0]}：图层“{table.name}”",
                    f'{LIMIT.title[1]}: layer "{table.name}"',
                ),
                ("图层没有限高字段", "the layer has no field with the limit"),
            )
            continue
        names = [("限高区", "height-limit area")] * len(table)
        features = features_of(table.name, flat, names, named(table))
        doubt = doubt_of(table, case.rules)
        _limits(case, features, limit, above, doubt=doubt)
    top = case.rules.number("height-limit.top")
    if top is not None:
        asked = np.flatnonzero(~case.stock.ground)
        value = top - float(case.project.origin[2]) - case.stock.boxes[asked, 1, 2]
        everywhere = _everywhere(("项目限高", "limit of the project"))
        _tell(case, LIMIT, everywhere, asked, value, doubt=0.0, rows=("height_limit",))


def _limits(case: Case, features: Features, limit: F64 | None, above: F64, *, doubt: float) -> None:
    stock = case.stock
    element, feature = _inside(case, features, np.flatnonzero(~stock.ground))
    if not len(element):
        return
    if limit is None:
        plan = stock.boxes[element].mean(axis=1)[:, :2]
        level = case.ground.at(plan) + above[feature]
        doubt += case.ground.uncertainty
        if np.isnan(level).any():
            case.told.say(
                (
                    f"{LIMIT.title[0]}：图层“{features.layer}”",
                    f'{LIMIT.title[1]}: layer "{features.layer}"',
                ),
                (
                    "限高自地面起算，而地面标高未知；请提供地形或参数 site.ground_m",
                    "it counts from the ground, which is not known: give a terrain or site.ground_m",
                ),
            )
    else:
        level = limit[feature]
    value = level - stock.boxes[element, 1, 2]
    kept = np.isfinite(value)
    _tell(case, LIMIT, features, element[kept], value[kept], doubt=doubt, rows=("height_limit",), feature=feature[kept])  # fmt: skip


def check_floods(case: Case, tables: Sequence[FeatureTable]) -> None:
    """Openings and ground floors that lie below the water of a layer, or of the project."""
    asked, low = _entries(case)
    for table in tables:
        level = heights_in(case, table, _LEVEL, FLOOD.title)
        if level is None:
            case.told.say(
                (
                    f"{FLOOD.title[0]}：图层“{table.name}”",
                    f'{FLOOD.title[1]}: layer "{table.name}"',
                ),
                ("图层没有水位字段", "the layer has no field with the water level"),
            )
            continue
        names = [("淹没区", "flood area")] * len(table)
        features = features_of(table.name, areas(table.geometry), names, named(table))
        element, feature = _inside(case, features, asked)
        value = low[np.searchsorted(asked, element)] - level[feature]
        kept = np.isfinite(value)
        doubt = doubt_of(table, case.rules)
        _tell(case, FLOOD, features, element[kept], value[kept], doubt=doubt, rows=("flood_level", "flood"), feature=feature[kept])  # fmt: skip
    level_m = case.rules.number("flood.level")
    if level_m is not None:
        value = low - (level_m - float(case.project.origin[2]))
        everywhere = _everywhere(("设计洪水位", "design flood level"))
        _tell(case, FLOOD, everywhere, asked, value, doubt=0.0, rows=("flood_level", "flood"))


def _entries(case: Case) -> tuple[I64, F64]:
    """Elements that water could come in by, in order, and the height (N,) it comes in at."""
    stock = case.stock
    openings = stock.is_a(*OPENINGS) & outside_openings(stock, case.ground)
    floors: Mask = ground_floor(stock)
    asked = np.flatnonzero(openings | floors)
    low = np.where(floors[asked], stock.boxes[asked, 1, 2], stock.boxes[asked, 0, 2])
    return asked, low


def _inside(case: Case, features: Features, asked: I64) -> tuple[I64, I64]:
    """Pairs of elements and the areas that they stand in."""
    area = shapely.get_dimensions(features.geometry) == 2
    element, feature, _ = case.stock.near(features.geometry, reach=0.0, elements=asked)
    kept = area[feature]
    return element[kept], feature[kept]


def _everywhere(name: tuple[str, str]) -> Features:
    """A feature that stands for the project's own number."""
    return Features(
        layer="",
        geometry=np.array([shapely.Point(0, 0)], dtype=object),
        zh=(name[0],),
        en=(name[1],),
        key=(name[1],),
    )


def _tell(  # noqa: PLR0913 a table of measurements, a column each
    case: Case,
    check: Check,
    features: Features,
    element: I64,
    value: F64,
    *,
    doubt: float,
    rows: tuple[str, ...],
    feature: I64 | None = None,
) -> None:
    if not len(element):
        return
    top = case.stock.boxes[element, 1, 2]
    low = case.stock.boxes[element, 0, 2]
    pairs = Pairs(
        element=element,
        feature=np.zeros(len(element), dtype=np.int64) if feature is None else feature,
        value=value,
        doubt=np.full(len(element), doubt),
        height=top if check is LIMIT else low,
    )
    book = case.rules.rows(*rows)
    holding = holds(book, len(value), {})
    tell(case, check, Measured(features=features, pairs=pairs, rows=book, holding=holding))
