"""Neighbouring buildings: their distance, and the influence plane of the excavation."""

import re
from collections.abc import Sequence

import numpy as np
import shapely

from bimcore.arrays import F64, I64
from gis import check_codes as codes
from gis.attribute_heights import heights_in
from gis.attributes import column_of, named, numbers_of
from gis.bands import Holds, doubt_of, holds
from gis.conflicts import Case, Check, Features, Measured, Pairs, features_of, tell
from gis.layers import FeatureTable
from gis.outlines import areas, depths
from gis.sides import on_ground

NEIGHBOUR = Check(
    code=codes.NEIGHBOUR,
    title=("与周边建筑的间距", "Distance to neighbouring buildings"),
    by_feature=True,
)
EXCAVATION = Check(
    code=codes.EXCAVATION,
    title=("基坑开挖影响面", "Influence plane of the excavation"),
    by_feature=True,
)
#: Metres within which the distance is asked for where the project has not entered it.
ASKED = 30.0
#: What begins at least this far (metres) below the ground stands in the excavation.
DUG = 0.5

_STATE = re.compile(r"状态|处置|state|status", re.IGNORECASE)
_GONE = re.compile(r"拆除|拆迁|已拆|demolish|removed", re.IGNORECASE)
_BASE = re.compile(r"基底标高|基底高程|基础底标高|基础底高程|base.?(level|elev)", re.IGNORECASE)
_DEPTH = re.compile(r"基础埋深|foundation.?depth", re.IGNORECASE)


def check_neighbours(case: Case, tables: Sequence[FeatureTable]) -> None:
    """What stands too near to neighbours, and neighbours that the excavation may move."""
    for table in tables:
        stays = np.flatnonzero(_stays(table))
        if not len(stays):
            continue
        names = [("周边建筑", "neighbour")] * len(stays)
        every = named(table)
        features = features_of(
            table.name, areas(table.geometry[stays]), names, [every[k] for k in stays.tolist()]
        )
        _distance(case, table, features)
        _excavation(case, table, features, stays)


def _stays(table: FeatureTable) -> np.ndarray:
    """Buildings that are not to be pulled down."""
    field = column_of(table, _STATE)
    values = table.columns[field] if field is not None else ("",) * len(table)
    return np.array([not _GONE.search(str(v or "")) for v in values], dtype=np.bool_)


def _distance(case: Case, table: FeatureTable, features: Features) -> None:
    stock, rules = case.stock, case.rules
    rows = rules.rows("neighbour")
    doubt = doubt_of(table, rules)
    entered = rules.number("neighbour.distance")
    reach = (ASKED if entered is None else entered) + doubt
    asked = np.flatnonzero(case.sides.building)
    element, feature, value = stock.near(features.geometry, reach=reach, elements=asked)
    if not len(element):
        return
    value = -depths(stock.shapes(element), features.geometry[feature], outside=value)
    pairs = _pairs(element, feature, value, doubt)
    holding = holds(rows, len(value), {})
    tell(case, NEIGHBOUR, Measured(features=features, pairs=pairs, rows=rows, holding=holding))


def _pairs(element: I64, feature: I64, value: F64, doubt: float) -> Pairs:
    return Pairs(
        element=element,
        feature=feature,
        value=value,
        doubt=np.full(len(value), doubt),
        height=np.full(len(value), np.nan),
    )


def _excavation(case: Case, table: FeatureTable, features: Features, rows_of: I64) -> None:
    """Neighbours whose base lies inside the plane that rises from the foot of the pit."""
    stock, rules = case.stock, case.rules
    bottom, ratio = rules.number("excavation.bottom"), rules.number("excavation.ratio")
    dug = _dug(case)
    if not len(dug):
        return
    if bottom is None or ratio is None:
        keys = ("excavation.bottom", "excavation.ratio")
        lacking = [rules.rulebook[k] for k in keys if rules.number(k) is None]
        case.told.lacks(EXCAVATION.title, lacking)
        return
    base = _bases(case, table, features, rows_of)
    # A base that is not known is taken at the ground, which asks for the most room.
    influence = np.maximum(base - (bottom - float(case.project.origin[2])), 0.0) * ratio
    open_ = int(np.count_nonzero(np.isnan(influence)))
    if open_:
        case.told.say(
            (
                f"{EXCAVATION.title[0]}：图层“{table.name}”中 {open_} 栋建筑",
                f'{EXCAVATION.title[1]}: {open_} buildings of layer "{table.name}"',
            ),
            (
                "基底标高与地面标高均未知",
                "neither the level of their base nor that of the ground is known",
            ),
        )
    doubt = doubt_of(table, rules)
    reach = float(np.nanmax(influence, initial=0.0)) + doubt
    element, feature, value = stock.near(features.geometry, reach=reach, elements=dug)
    kept = influence[feature] > 0.0
    element, feature, value = element[kept], feature[kept], value[kept]
    demand = influence[feature]
    row = rules.rows("excavation")
    pairs = _pairs(element, feature, value - demand, doubt)
    holding = np.full((len(row), len(value)), int(Holds.YES), dtype=np.uint8)
    tell(
        case,
        EXCAVATION,
        Measured(features=features, pairs=pairs, rows=row, holding=holding, shift=demand),
    )


def _dug(case: Case) -> I64:
    """Elements of the building that reach into the ground."""
    stock = case.stock
    built = np.flatnonzero(case.sides.building)
    if not case.ground.known or not len(built):
        return np.flatnonzero(case.sides.foundation)
    standing, _ = on_ground(stock, built, ground=case.ground, crown=np.full(len(built), np.nan))
    level = case.ground.at(stock.boxes[built].mean(axis=1)[:, :2])
    dug: I64 = built[standing & (stock.boxes[built, 0, 2] < level - DUG)]
    return dug


def _bases(case: Case, table: FeatureTable, features: Features, rows_of: I64) -> F64:
    """Level (F,) of the base of each neighbour in the project frame; NaN where not known."""
    stated = heights_in(case, table, _BASE, EXCAVATION.title)
    middle = shapely.get_coordinates(shapely.centroid(features.geometry))
    ground = case.ground.at(middle) if case.ground.known else np.full(len(middle), np.nan)
    deep = np.nan_to_num(np.abs(numbers_of(table, _DEPTH)[rows_of]))
    base = ground - deep
    return base if stated is None else np.where(np.isnan(stated[rows_of]), base, stated[rows_of])
