"""Instances that kernels misread or pass over, said in other words before they are meshed."""

import math
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from bimcore.arrays import F64
from bimcore.ifc.access import ACCESS_ERRORS, Reader, as_number, class_of, is_a, of_class
from bimcore.ifc.placement import Units

_STATEMENT = re.compile(rb"(?:[^';]++|'[^']*+')*+;")
#: Texts and comments are stepped over: they may hold anything.
_ELSEWHERE = rb"'[^']*'|/\*.*?\*/|#(\d{1,18})\s*=\s*(?:%s)\s*\("
_END = b"ENDSEC"
#: Metres that a chord may stand off its arc; larger arcs are allowed more, a part of the radius.
CHORD_M = 1e-3
_CHORD_PART = 1e-5
#: Points of one curve beyond which what is made of it is no part of a building.
MOST_POINTS = 50_000


@dataclass(slots=True, eq=False)
class Draft:
    """New words for some instances of a file.

    Attributes
    ----------
    free : int
        The next instance number that nothing uses.
    words : dict
        By instance number: the entity with its attributes, as STEP text.
    classes : dict
        Class of each of these instances as it stands in the file.
    added : list of str
        Statements to append.
    smoothed : dict
        Metres by which the outline of solids will be off, by instance number.
    fine, fine_added
        Words and statements for a text with which no kernel is to cut: it would take minutes.
    aside : bool
        Whether what is said now belongs to these.
    lacking : set of int
        Solids of which kernels would leave something out, and for which no words were found.
    moved, shifts : dict
        Products, and their items, that were drawn far away and are said nearer to the origin:
        by how much (3,), in file units and the axes of the product.

    """

    free: int
    words: dict[int, str] = field(default_factory=dict)
    classes: dict[int, str] = field(default_factory=dict)
    added: list[str] = field(default_factory=list)
    smoothed: dict[int, float] = field(default_factory=dict)
    fine: dict[int, str] = field(default_factory=dict)
    fine_added: list[str] = field(default_factory=list)
    aside: bool = False
    lacking: set[int] = field(default_factory=set)
    moved: dict[int, F64] = field(default_factory=dict)
    shifts: dict[int, F64] = field(default_factory=dict)

    def say(self, instance: Any, text: str) -> None:
        """Say `text` in the place of `instance`; the first word on an instance stands."""
        if instance.id() not in self.words:
            (self.fine if self.aside else self.words)[instance.id()] = text
            self.classes[instance.id()] = class_of(instance)

    def add(self, text: str) -> str:
        """A reference to a new instance that says `text`."""
        number = self.free
        self.free += 1
        (self.fine_added if self.aside else self.added).append(f"#{number}={text};")
        return f"#{number}"

    def point(self, metres: Iterable[float]) -> str:
        """A reference to a new point, in file units."""
        return self.add(f"IFCCARTESIANPOINT({numbers(metres)})")

    def polyline(self, points: Iterable[Iterable[float]]) -> str:
        """The words of a polyline through new points, in file units."""
        return f"IFCPOLYLINE(({','.join([self.point(p) for p in points])}))"

    def spoken(self, data: bytes, *, finely: bool = False) -> bytes:
        """The STEP file `data` with the new words in it; itself where there are none.

        Asked `finely`, also with those that are kept from kernels that cut.
        """
        words = self.words | self.fine if finely else self.words
        added = [*self.added, *self.fine_added] if finely else self.added
        if not words:
            return data
        names = sorted({c.upper().encode("ascii") for c in self.classes.values()})
        begin = re.compile(_ELSEWHERE % b"|".join(names), re.IGNORECASE | re.DOTALL)
        pieces: list[bytes] = []
        done = 0
        for match in begin.finditer(data):
            text = words.get(int(match[1])) if match[1] else None
            if text is None or match.start() < done:
                continue
            whole = _STATEMENT.match(data, match.start())
            if whole is None:
                continue
            pieces += [data[done : match.start()], b"#%s=%s;" % (match[1], text.encode("ascii"))]
            done = whole.end()
        end = data.rfind(_END)
        end = len(data) if end < done else end
        return b"".join([*pieces, data[done:end], "\n".join(added).encode(), b"\n", data[end:]])


def numbers(values: Iterable[float]) -> str:
    """A STEP list of real numbers."""
    return f"({','.join(real(v) for v in values)})"


def real(value: float) -> str:
    """A STEP real number."""
    text = repr(float(value)).upper()
    if "E" in text:
        mantissa, exponent = text.split("E")
        return f"{mantissa if '.' in mantissa else mantissa + '.'}E{int(exponent)}"
    return text


def label(value: object) -> str:
    """A STEP text in plain letters, or none."""
    if not isinstance(value, str) or not value.isascii():
        return "$"
    return "'" + value.replace("\\", "\\\\").replace("'", "''") + "'"


class Rewriter:
    """The base of those that know one family of instances."""

    def __init__(self, file: Any, reader: Reader, units: Units, draft: Draft) -> None:
        self.file = file
        self.reader = reader
        self.units = units
        self.draft = draft

    def each(self, name: str, look: Callable[[Any], None]) -> None:
        """Look at the instances of class `name` and its subtypes; damaged ones stay as they are."""
        for entity in of_class(self.file, name):
            try:
                look(entity)
            except (*ACCESS_ERRORS, ArithmeticError):
                continue

    def length(self, entity: Any, name: str) -> float:
        """A positive length of `entity` in file units; NaN where there is none."""
        value = self.reader.number(entity, name)
        return value if value is not None and value > 0 else math.nan

    def coordinates(self, point: Any) -> tuple[float, ...]:
        """Coordinates of a point in file units; empty where one is no number."""
        values = self.reader.get(point, "Coordinates")
        found = [as_number(v) for v in values] if isinstance(values, tuple | list) else []
        return tuple(v for v in found if v is not None) if None not in found else ()

    def polyline(self, curve: Any) -> list[tuple[float, ...]]:
        """Points of a curve of straight lines; empty for any other."""
        if is_a(curve, "IfcPolyline"):
            given = self.reader.many(curve, "Points")
            points = [self.coordinates(p) for p in given] if len(given) <= MOST_POINTS else []
            return points if points and all(points) and len({len(p) for p in points}) == 1 else []
        if is_a(curve, "IfcIndexedPolyCurve"):
            rings = self.arcs(curve)
            return [p for p, _ in rings] if rings and not any(b for _, b in rings) else []
        return []

    def arcs(self, curve: Any) -> list[tuple[tuple[float, ...], bool]]:
        """Points of an indexed curve, each with whether it is the middle of an arc."""
        listed = self.reader.get(self.reader.get(curve, "Points"), "CoordList") or ()
        points = [tuple(float(x) for x in p) for p in listed] if len(listed) <= MOST_POINTS else []
        segments = self.reader.get(curve, "Segments")
        if not segments:
            return [(p, False) for p in points]
        found: list[tuple[tuple[float, ...], bool]] = []
        for segment in segments:
            places = [int(i) - 1 for i in segment.wrappedValue]
            if not all(0 <= i < len(points) for i in places):
                return []
            arc = is_a(segment, "IfcArcIndex")
            row = [(points[i], arc and k == 1) for k, i in enumerate(places)]
            found += row[1:] if found and found[-1][0] == row[0][0] else row
        return found

    def pieces(self, radius: float, angle: float, *, least: int = 1) -> int:
        """Into how many chords an arc is divided; `radius` in file units, `angle` in radians."""
        radius *= self.units.length_m
        off = max(CHORD_M, _CHORD_PART * radius)
        step = 2 * math.acos(max(0.0, 1 - off / radius)) if radius > off else math.pi / 4
        return max(least, math.ceil(abs(angle) / step - 1e-9))
