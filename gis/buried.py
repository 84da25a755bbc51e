"""Buried lines of a layer in plan and height, with what rules ask of them."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from bimcore.arrays import F64, I64
from gis import kinds
from gis.conflicts import Features, features_of
from gis.layers import FeatureTable
from gis.pipe_fields import Fields, Size, kind_of, number, outer_size, size_of, unit_of
from gis.solids import Line, line_of

#: Type ids of a line and of several.
_LINES = (1, 5)
_PRESSURE = re.compile(r"压力|pressure", re.IGNORECASE)
_LAYING = re.compile(r"埋设|敷设|laying|burial", re.IGNORECASE)
_STATE = re.compile(r"状态|^state|^status", re.IGNORECASE)


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Buried:
    """L lines of one layer that lie in the ground and are in use.

    Attributes
    ----------
    features : Features
        Axes in plan, as texts name them.
    number : tuple of str
        Number of each in the layer; empty where it has none.
    deep : (L,) object
        Axes with heights in the project frame; None where heights are not known.
    half_width, half_height : (L,) float64
        From the axis to the outside of the wall, metres.
    kind : (L,) object
        As the rulebook names kinds; empty where not known.
    diameter_mm, wall_mm : (L,) float64
        NaN where not known.
    pressure, laying : (L,) object
    unsized : int
        Lines left out because their size is not known.

    """

    features: Features
    number: tuple[str, ...]
    deep: NDArray[np.object_]
    half_width: F64
    half_height: F64
    kind: NDArray[np.object_]
    diameter_mm: F64
    wall_mm: F64
    pressure: NDArray[np.object_]
    laying: NDArray[np.object_]
    unsized: int = 0

    def __len__(self) -> int:
        return len(self.half_width)


def buried(table: FeatureTable, rows: I64) -> Buried:
    """The lines of `rows` of a utility layer in the project frame.

    Lines above ground and out of use are left out.
    """
    fields = Fields.of(table)
    words = WordsOfState(table)
    unit = unit_of(fields.names.get("size", fields.names.get("width", "")), _sizes(fields, table))
    found: list[tuple[Line | None, int, shapely.LineString, Size, Size]] = []
    unsized = 0
    drawn = np.isin(shapely.get_type_id(table.geometry[rows]), _LINES)
    for row in rows[drawn].tolist():
        if words.laying(row) == "above" or words.abandoned(row):
            continue
        size = size_of(fields, row)
        if size is None:
            unsized += 1
            continue
        outer = outer_size(fields, row, size, unit)
        geometry = table.geometry[row]
        plain = geometry.geom_type == "LineString"
        for path in [geometry] if plain else shapely.get_parts(geometry):
            if path.geom_type != "LineString" or path.length == 0.0:
                continue
            line = line_of(fields, row, shapely.get_coordinates(path, include_z=True), outer)
            nominal = Size(width=unit.scale(size.width), height=unit.scale(size.height))
            found.append((None if isinstance(line, str) else line, row, path, outer, nominal))
    return _columns(table, fields, words, found, unsized)


def not_buried(table: FeatureTable) -> set[str]:
    """Numbers of the lines of a layer that lie above ground or are out of use."""
    words, fields = WordsOfState(table), Fields.of(table)
    if not words.tells:
        return set()
    rows = range(len(table))
    off = [r for r in rows if words.laying(r) == "above" or words.abandoned(r)]
    return {fields.text("number", r) for r in off} - {""}


def _columns(
    table: FeatureTable,
    fields: Fields,
    words: "WordsOfState",
    found: Sequence[tuple[Line | None, int, shapely.LineString, Size, Size]],
    unsized: int,
) -> Buried:
    said = [kind_of(fields, row, table.name) for _, row, _, _, _ in found]
    kind = [kinds.kind_of_words(text) for text in said]
    count = len(found)
    deep = np.full(count, None, dtype=object)
    paths = np.full(count, None, dtype=object)
    for k, (line, _, path, _, _) in enumerate(found):
        deep[k] = None if line is None else shapely.LineString(line.axis)
        paths[k] = path
    numbers = [fields.text("number", row) for _, row, _, _, _ in found]
    names = [
        (f"{s.split(' ')[-1]}管线", kinds.NAMES[k][1]) for s, k in zip(said, kind, strict=True)
    ]
    return Buried(
        features=features_of(table.name, paths, names, numbers, joined=True),
        number=tuple(numbers),
        deep=deep,
        half_width=np.array([s.width / 2 for *_, s, _ in found], dtype=np.float64),
        half_height=np.array([s.height / 2 for *_, s, _ in found], dtype=np.float64),
        kind=_objects(kind),
        diameter_mm=np.array([n.width * 1000 for *_, n in found], dtype=np.float64),
        wall_mm=np.array([words.wall(fields, row) for _, row, *_ in found], dtype=np.float64),
        pressure=_objects([kinds.pressure_of(words.text("pressure", row)) for _, row, *_ in found]),
        laying=_objects([words.laying(row) for _, row, *_ in found]),
        unsized=unsized,
    )


def _objects(values: Sequence[str]) -> NDArray[np.object_]:
    found = np.full(len(values), "", dtype=object)
    found[:] = values
    return found


class WordsOfState:
    """Attributes of lines that the size and height of a body do not need."""

    def __init__(self, table: FeatureTable) -> None:
        patterns = {"pressure": _PRESSURE, "laying": _LAYING, "state": _STATE}
        self._columns = {
            meaning: next((v for n, v in table.columns.items() if pattern.search(n)), None)
            for meaning, pattern in patterns.items()
        }

    @property
    def tells(self) -> bool:
        """Whether anything says how lines are laid or used."""
        return self._columns["laying"] is not None or self._columns["state"] is not None

    def text(self, meaning: str, row: int) -> str:
        """The words of a row; empty where it has none."""
        column = self._columns[meaning]
        value = None if column is None else column[row]
        return "" if value is None else str(value).strip()

    def laying(self, row: int) -> str:
        """How the line of a row is laid, as :func:`kinds.laying_of` has it."""
        return kinds.laying_of(self.text("laying", row))

    def abandoned(self, row: int) -> bool:
        """Whether the line of a row is out of use."""
        return kinds.abandoned(self.text("state", row))

    def wall(self, fields: Fields, row: int) -> float:
        """Thickness of the wall in millimetres; NaN where not known."""
        wall = number(fields.value("wall", row))
        if wall is None or wall <= 0.0:
            return np.nan
        return wall if wall >= 1.0 else wall * 1000  # no wall is a metre thick


def _sizes(fields: Fields, table: FeatureTable) -> list[Size]:
    """Every size that occurs, once, to tell the unit by."""
    names = [fields.names[m] for m in ("size", "width", "height") if m in fields.names]
    first: dict[tuple[object, ...], int] = {}
    for row, values in enumerate(zip(*(table.columns[n] for n in names), strict=True)):
        first.setdefault(values, row)
    found = [size_of(fields, row) for row in first.values()]
    return [s for s in found if s is not None]
