"""What the fields of a layer tell of its features: names, words of a list, numbers."""

import re
import unicodedata
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from bimcore.arrays import F64
from gis.layers import FeatureTable
from gis.pipe_fields import LEVELS, number

_NAME = re.compile(
    r"^(名称|名字|线路名称?|线路|编号|号|name|title|label|id|no|code|fid)$|名称$|编号$",
    re.IGNORECASE,
)

_ANY_NUMBER = re.compile(r"(?:(?<![\w)])[-+])?\d+(?:\.\d+)?")
#: Storeys are no metres, but where the field counts them.
_STOREYS = re.compile(r"\d\s*(层|F\b|floors?|stor(ey|y|ie))", re.IGNORECASE)
_COUNTS = re.compile(r"层|floor|stor(ey|ie)|levels", re.IGNORECASE)
_DRAWING_LAYER = re.compile(r"^layer$|^图层(名称?)?$", re.IGNORECASE)


def column_of(table: FeatureTable, pattern: re.Pattern[str]) -> str | None:
    """The first field whose name fits."""
    return next((n for n in table.columns if pattern.search(n.strip())), None)


def named(table: FeatureTable) -> list[str]:
    """Name or number (F,) of each feature; empty where it has none."""
    field = column_of(table, _NAME)
    if field is None:
        return [""] * len(table)
    found = []
    for value in table.columns[field]:
        whole = isinstance(value, float) and value.is_integer()
        found.append("" if value is None else str(int(value) if whole else value).strip())
    return found


def drawn_on(table: FeatureTable) -> list[str]:
    """The drawing layer (F,) of each feature with the name of the table; that alone elsewhere."""
    field = column_of(table, _DRAWING_LAYER)
    if field is None:
        return [table.name] * len(table)
    return [f"{v or ''} {table.name}".strip() for v in table.columns[field]]


def words_of(
    table: FeatureTable, field: re.Pattern[str], words: Sequence[tuple[str, str]]
) -> NDArray[np.object_]:
    """The word (F,) of a list that fits each feature.

    The field that fits is asked first, then the name of the feature, then that of the layer;
    empty where none of them says.
    """
    patterns = [(word, re.compile(p, re.IGNORECASE)) for word, p in words]

    def first(text: str) -> str:
        return next((w for w, p in patterns if text and p.search(text)), "")

    name = column_of(table, field)
    values = table.columns[name] if name is not None else [None] * len(table)
    names = named(table)
    whole = [first(t) for t in drawn_on(table)]
    found = np.full(len(table), "", dtype=object)
    found[:] = [
        first("" if v is None else str(v).strip()) or first(n) or w
        for v, n, w in zip(values, names, whole, strict=True)
    ]
    return found


def numbers_of(table: FeatureTable, field: re.Pattern[str]) -> F64:
    """Numbers (F,) of the field that fits; NaN where there is none, or a mark such as -9999.

    Words about a number ("≤24m", "24米以下") do not hide it where it is the only one, but
    storeys ("18层") are no metres.
    """
    name = column_of(table, field)
    if name is None:
        return np.full(len(table), np.nan)
    found = [number(v) for v in table.columns[name]]
    counts = _COUNTS.search(name) is not None
    found = [
        _only(v, storeys=counts) if n is None and isinstance(v, str) else n
        for v, n in zip(table.columns[name], found, strict=True)
    ]
    values = np.array([np.nan if v is None else v for v in found], dtype=np.float64)
    return np.where((values > LEVELS[0]) & (values < LEVELS[1]), values, np.nan)


def _only(text: str, *, storeys: bool) -> float | None:
    """The only number in a text; a share is none, nor are storeys unless they are asked for."""
    tidy = unicodedata.normalize("NFKC", text)
    if not storeys and _STOREYS.search(tidy):
        return None
    hits = _ANY_NUMBER.findall(tidy)
    return float(hits[0]) if len(hits) == 1 and not re.search("[%‰]", tidy) else None
