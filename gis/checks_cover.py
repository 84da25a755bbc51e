"""The earth over buried services of the models and over surveyed lines near them."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
import shapely

from bimcore.arrays import F64, I64, Mask
from bimcore.model import Model
from gis import check_codes as codes
from gis.bands import doubt_of, holds
from gis.buried import not_buried
from gis.conflicts import Case, Check, Features, Measured, Pairs, tell
from gis.layers import FeatureTable
from gis.sides import sides_of
from gis.stock import Stock

COVER = Check(
    code=codes.UTILITY_COVER,
    title=("管线覆土", "Cover of buried lines"),
    by_feature=True,
)
#: Surveyed lines within this many metres of a model count.
NEAR = 5.0
#: Parts of a network that reach the surface by their nature.
_NOT_LAID = ("IfcDistributionChamberElement", "IfcFlowTerminal", "IfcFlowController")


def check_cover(case: Case, bodies: Sequence[Model], tables: Sequence[FeatureTable]) -> None:
    """Earth over the buried services of the models and over the lines near them.

    Parameters
    ----------
    case : Case
    bodies : sequence of Model
        Bodies of utility layers.
    tables : sequence of FeatureTable
        The utility layers, which say what of them is not buried.

    """
    if not case.ground.known:
        return
    stock, sides = case.stock, case.sides
    asked = np.flatnonzero(sides.service & (sides.kind != "") & ~stock.is_a(*_NOT_LAID))
    value = _least_cover(case, stock, asked)
    # What stands above the ground as a whole was never meant to be buried.
    sunk = value > stock.boxes[asked, 0, 2] - stock.boxes[asked, 1, 2]
    exact = np.full(int(np.count_nonzero(sunk)), case.ground.uncertainty)
    _cover(case, asked[sunk], value[sunk], doubt=exact)
    _cover_of_survey(case, bodies, {t.name: t for t in tables})


def _cover_of_survey(
    case: Case, bodies: Sequence[Model], tables: Mapping[str, FeatureTable]
) -> None:
    lines = Stock.of(bodies)
    lines = lines.take(np.flatnonzero(_beside(lines.boxes, case.stock.boxes)))
    sides = sides_of(lines)
    off = {name: not_buried(t) for name, t in tables.items()}
    doubt = {n: doubt_of(t, case.rules, kind="utility-vertical") for n, t in tables.items()}
    tags = [(lines.model_name(e), lines.tag(e)) for e in range(len(lines))]
    laid = np.array([tag not in off.get(name, ()) for name, tag in tags], dtype=np.bool_)
    asked = np.flatnonzero(laid & (sides.kind != ""))
    value = _least_cover(case, lines, asked)
    survey = np.array([doubt.get(tags[e][0], 0.0) for e in asked.tolist()])
    case = replace(case, stock=lines, sides=sides)
    _cover(case, asked, value, doubt=case.ground.uncertainty + survey)


def _cover(case: Case, asked: I64, value: F64, *, doubt: F64) -> None:
    stock, sides = case.stock, case.sides
    known = np.isfinite(value)
    asked, value, doubt = asked[known], value[known], doubt[known]
    if not len(asked):
        return
    rows = case.rules.rows("pipe_cover")
    kind = sides.kind[asked]
    surface = np.full(len(asked), case.rules.word("cover.surface") or "", dtype=object)
    holding = holds(rows, len(asked), {"surface": surface})
    holding *= np.array([np.isin(kind, row.pair) for row in rows], dtype=np.uint8)
    features = Features(
        layer=case.ground.name,
        geometry=np.array([shapely.Point(0, 0)], dtype=object),
        zh=("",),
        en=("",),
        key=("cover",),
    )
    pairs = Pairs(
        element=asked,
        feature=np.zeros(len(asked), dtype=np.int64),
        value=value,
        doubt=doubt,
        height=stock.boxes[asked, 1, 2],
    )
    measured = Measured(features=features, pairs=pairs, rows=rows, holding=holding)
    tell(case, COVER, measured)


def _beside(boxes: F64, others: F64) -> Mask:
    """Boxes (N, 2, 3) within ``NEAR`` of any of the others in plan."""

    def plan(b: F64) -> np.ndarray:
        return np.asarray(shapely.box(b[:, 0, 0], b[:, 0, 1], b[:, 1, 0], b[:, 1, 1]))

    found = np.zeros(len(boxes), dtype=np.bool_)
    if len(others):
        hits = shapely.STRtree(plan(others)).query(plan(boxes), predicate="dwithin", distance=NEAR)
        found[hits[0]] = True
    return found


def _least_cover(case: Case, stock: Stock, asked: I64) -> F64:
    """Least height (N,) of the ground over the corners of each element; NaN where not known."""
    if not len(asked):
        return np.zeros(0)
    triangles, owner = stock.triangles(asked)
    points = triangles.reshape(-1, 3)
    cover = case.ground.at(points[:, :2]) - points[:, 2]
    least = np.full(len(asked), np.inf)
    np.fmin.at(least, np.repeat(owner, 3), cover)
    return np.where(np.isfinite(least), least, np.nan)
