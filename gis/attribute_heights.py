"""Heights that a layer states in its fields, in the project frame."""

import re

import numpy as np

from bimcore.arrays import F64
from gis.attributes import column_of, numbers_of
from gis.conflicts import Case
from gis.layers import FeatureTable


def heights_in(
    case: Case, table: FeatureTable, field: re.Pattern[str], what: tuple[str, str]
) -> F64 | None:
    """Heights (F,) above the origin of the project frame.

    Parameters
    ----------
    case : Case
    table : FeatureTable
        Located.
    field : pattern
        The first field whose name fits counts.
    what : tuple of str
        What is not assessed when the height datum leads nowhere, Chinese and English.

    Returns
    -------
    (F,) float64 or None
        NaN where a feature states none; None when there is no such field.

    """
    name = column_of(table, field)
    values = numbers_of(table, field)
    if name is None or np.isnan(values).all():
        return None
    if name in table.levels:
        return values  # moved with Z when the table was located
    rise = np.full(len(table), -float(case.project.origin[2])) if table.rise is None else table.rise
    lost = np.isfinite(values) & np.isnan(rise)
    if lost.any():
        case.told.say(
            (f"{what[0]}：图层“{table.name}”", f'{what[1]}: layer "{table.name}"'),
            (
                "图层高程基准未知或没有换算到项目高程的改正值（datum_offset_m）",
                "the height datum of the layer is not known or has no offset (datum_offset_m)",
            ),
        )
    moved: F64 = values + rise
    return moved
