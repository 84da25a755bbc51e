"""Measured distances against rows of the rulebook: violation, within uncertainty or clear."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from bimcore.arrays import F64, I64, U8, Mask
from gis.layers import FeatureTable
from gis.rulebook import ProjectRules, Row


class Band(IntEnum):
    """What a measurement says, given how sure it is."""

    CLEAR = 0
    WITHIN = 1
    VIOLATION = 2


#: Words of bands for texts.
WORDS: Mapping[Band, tuple[str, str, str]] = {
    Band.CLEAR: ("clear", "满足", "clear"),
    Band.WITHIN: ("within_uncertainty", "在不确定度以内，需核实", "within the uncertainty, verify"),
    Band.VIOLATION: ("violation", "不满足", "violation"),
}
#: Millimetres lost by rounding of coordinates are no violation.
ROUNDING = 1e-4


class Holds(IntEnum):
    """Whether a row speaks of a pair; unknown attributes leave it open."""

    NO = 0
    PERHAPS = 1
    YES = 2


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Judged:
    """Judgement of P measurements.

    Attributes
    ----------
    row : (P,) int64
        Place in the rows of the row that demands the most; -1 where none has a value.
    required : (P,) float64
        Metres; NaN where no value is known.
    band : (P,) uint8
        A :class:`Band`.
    open : (P,) bool
        Clear of what is certain, but not of all that may hold, for an attribute is unknown.
    lacking : (R, P) bool
        Rows that hold and have no value.

    """

    row: I64
    required: F64
    band: U8
    open: Mask
    lacking: NDArray[np.bool_]


def holds(
    rows: Sequence[Row], count: int, attributes: Mapping[str, F64 | NDArray[np.object_]]
) -> U8:
    """Which of `rows` speak of P pairs by their conditions.

    Parameters
    ----------
    rows : sequence of Row
    count : int
    attributes : mapping
        Numbers (P,) with NaN, or words (P,) with the empty string, where nothing is known. A
        condition on an attribute that is not here is open.

    Returns
    -------
    (R, P) uint8
        A :class:`Holds`.

    """
    found = np.full((len(rows), count), int(Holds.YES), dtype=np.uint8)
    for r, row in enumerate(rows):
        for name, (low, high) in row.when.items():
            values = np.asarray(attributes.get(name, np.full(count, np.nan)), dtype=np.float64)
            open_ = np.isnan(values)
            fits = (values >= low) & (values <= high)
            found[r] = np.where(fits, found[r], np.where(open_, np.minimum(found[r], 1), 0))
        for name, word in row.where.items():
            words = np.asarray(attributes.get(name, np.full(count, "", dtype=object)))
            fits = words == word
            found[r] = np.where(fits, found[r], np.where(words == "", np.minimum(found[r], 1), 0))
    return found


def judge(rows: Sequence[Row], holding: U8, value: F64, doubt: F64, rules: ProjectRules) -> Judged:
    """Bands of the measurements.

    Of the rows that surely hold the strictest counts. Rows that perhaps hold exclude each
    other, so the least of them is certain.

    Parameters
    ----------
    rows : sequence of Row
    holding : (R, P) uint8
        As from :func:`holds`.
    value : (P,) float64
        Metres measured.
    doubt : (P,) float64
        Half width of the band in metres.
    rules : ProjectRules

    """
    known = [rules.value(r) for r in rows]
    worth = np.array([np.nan if v is None else v for v in known])[:, None]
    yes, perhaps = holding == Holds.YES, holding == Holds.PERHAPS
    valued = np.isfinite(worth)
    sure = np.where(yes & valued, worth, -np.inf)
    least = np.where(perhaps, np.where(valued, worth, -np.inf), np.inf)
    most = np.where((yes | perhaps) & valued, worth, -np.inf)
    if not len(rows):
        sure = most = np.full((1, len(value)), -np.inf)
        least = -sure
    floor = least.min(axis=0)
    floor = np.where(np.isfinite(floor), floor, -np.inf)
    by_least = floor > sure.max(axis=0)
    required = np.maximum(sure.max(axis=0), floor)
    row = np.where(by_least, least.argmin(axis=0), sure.argmax(axis=0)).astype(np.int64)
    none = ~np.isfinite(required)
    band = _bands(value, required, doubt)
    rest = (band == Band.CLEAR) & (value < most.max(axis=0) + doubt)
    return Judged(
        row=np.where(none, -1, row),
        required=np.where(none, np.nan, required),
        band=band,
        open=rest & perhaps.any(axis=0),
        lacking=(yes | perhaps) & ~valued,
    )


def _bands(value: F64, required: F64, doubt: F64) -> U8:
    short = value < required - doubt - ROUNDING
    near = value < required + doubt - ROUNDING
    # A value of exactly the distance demanded is no conflict where the layer is exact.
    return np.where(short, Band.VIOLATION, np.where(near, Band.WITHIN, Band.CLEAR)).astype(np.uint8)


def doubt_of(table: FeatureTable, rules: ProjectRules, *, kind: str = "") -> float:
    """Half width in metres of the band of distances to the features of a layer.

    Twice the accuracy that the layer states (a standard deviation), else what the rulebook
    assumes for its role; the budget of the transformation comes on top.

    Parameters
    ----------
    table : FeatureTable
    rules : ProjectRules
    kind : str
        Row below ``uncertainty.`` when it is not the role.

    """
    budget = max((_budget(f.data) for f in table.findings), default=0.0)
    if table.accuracy is not None:
        return 2 * table.accuracy + budget
    return (rules.number(f"uncertainty.{kind or table.role}") or 0.0) + budget


def _budget(data: Mapping[str, object]) -> float:
    budget = data.get("budget_m")
    return float(budget) if isinstance(budget, int | float) else 0.0
