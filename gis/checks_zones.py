"""Zones round metro, railways and rivers, and zones that a layer draws."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gis import check_codes as codes
from gis.attributes import named, words_of
from gis.bands import Holds, doubt_of, holds
from gis.conflicts import Case, Check, Measured, Pairs, features_of, tell
from gis.layers import FeatureTable
from gis.outlines import areas, depths

METRO = Check(
    code=codes.METRO_ZONE, title=("轨道交通保护区", "Metro protection zones"), by_feature=True
)
RAILWAY = Check(
    code=codes.RAILWAY_ZONE, title=("铁路线路安全保护区", "Railway safety zones"), by_feature=True
)
ZONE = Check(code=codes.PROTECTION_ZONE, title=("保护范围", "Protected areas"), by_feature=True)
#: Metres within which a row without a value is asked for.
ASKED = 60.0

_STRUCTURES = (
    ("river-tunnel", r"过江|过湖|越江|水下隧道|river.?tunnel|lake.?tunnel"),
    ("entrance", r"出入口|风亭|通风|冷却塔|变电|entrance|\bvent|substation"),
    ("hv-trench", r"高压电缆|电缆沟|cable.?trench"),
    ("depot", r"车辆段|停车场|车辆基地|depot"),
    ("planned", r"规划|planned"),
    ("elevated", r"高架|elevated|viaduct"),
    ("underground", r"地下|隧道|盾构|暗挖|明挖|underground|tunnel|subway"),
    ("surface", r"地面|地上|路基|surface|at.?grade"),
)
_LINES = (
    ("high-speed", r"高速|高铁|客运专线|客专|城际|high.?speed"),
    ("ordinary", r"普速|普通|货运|既有|专用线|ordinary|conventional|freight"),
)
_AREAS = (
    ("suburb", r"郊区|suburb"),
    ("village", r"村镇|乡镇|村庄|village"),
    ("city", r"市区|城区|city|urban"),
    ("other", r"^其他|^其它|^other"),
)
_STRUCTURE_FIELD = re.compile(r"结构|类型|类别|形式|敷设|structure|type|kind|form", re.IGNORECASE)
_RAIL_FIELD = re.compile(r"类型|类别|等级|线别|type|kind|class", re.IGNORECASE)
_AREA_FIELD = re.compile(r"地区|区域|所在|area|zone", re.IGNORECASE)

Attributes = Mapping[str, NDArray[np.object_]]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Kind:
    """What a role is checked by and how its features are told apart."""

    check: Check
    rows: tuple[str, ...]
    name: tuple[str, str]
    attributes: Callable[[Case, FeatureTable], Attributes]


def check_metro(case: Case, tables: Sequence[FeatureTable]) -> None:
    """What stands in the control and the special zone of metro structures."""
    for rows in ("metro_control", "metro_special"):
        kind = _Kind(check=METRO, rows=(rows,), name=("轨道", "metro"), attributes=_metro)
        for table in tables:
            _offset(case, table, kind)


def check_railway(case: Case, tables: Sequence[FeatureTable]) -> None:
    """What stands in the safety zone of railways."""
    kind = _Kind(check=RAILWAY, rows=("railway",), name=("铁路", "railway"), attributes=_railway)
    for table in tables:
        _offset(case, table, kind)


def check_river(case: Case, tables: Sequence[FeatureTable]) -> None:
    """What stands in a river or nearer to it than the project's offset."""
    kind = _Kind(check=ZONE, rows=("river",), name=("河道", "river"), attributes=_nothing)
    for table in tables:
        _offset(case, table, kind)


def check_zones(case: Case, tables: Sequence[FeatureTable]) -> None:
    """What stands in zones as a layer draws them."""
    kind = _Kind(check=ZONE, rows=("zone",), name=("保护区", "protected area"), attributes=_nothing)
    for table in tables:
        _offset(case, table, kind)


def _offset(case: Case, table: FeatureTable, kind: _Kind) -> None:
    stock, rules = case.stock, case.rules
    rows = rules.rows(*kind.rows)
    doubt = doubt_of(table, rules)
    values = [rules.value(r) for r in rows]
    lacking = [v is None for v in values]
    reach = max([v for v in values if v is not None] + [ASKED if any(lacking) else 0.0]) + doubt
    numbers = named(table)
    features = features_of(table.name, areas(table.geometry), [kind.name] * len(table), numbers)
    asked = np.flatnonzero(~stock.ground)
    element, feature, value = stock.near(features.geometry, reach=reach, elements=asked)
    if not len(element):
        return
    value = -depths(stock.shapes(element), features.geometry[feature], outside=value)
    known = {k: v[feature] for k, v in kind.attributes(case, table).items()}
    holding = holds(rows, len(value), known)
    far = np.array(lacking)[:, None] & (value > ASKED)[None]
    pairs = Pairs(
        element=element,
        feature=feature,
        value=value,
        doubt=np.full(len(value), doubt),
        height=np.full(len(value), np.nan),
    )
    holding = np.where(far, np.uint8(Holds.NO), holding)
    tell(case, kind.check, Measured(features=features, pairs=pairs, rows=rows, holding=holding))


def _metro(_: Case, table: FeatureTable) -> Attributes:
    return {"structure": words_of(table, _STRUCTURE_FIELD, _STRUCTURES)}


def _railway(case: Case, table: FeatureTable) -> Attributes:
    line = words_of(table, _RAIL_FIELD, _LINES)
    area = words_of(table, _AREA_FIELD, _AREAS)
    return {
        "line": np.where(line == "", case.rules.word("railway.line") or "", line),
        "area": np.where(area == "", case.rules.word("railway.area") or "", area),
    }


def _nothing(_: Case, __: FeatureTable) -> Attributes:
    return {}
