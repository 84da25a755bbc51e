"""Placements and units of an IFC file as numbers in metres."""

import math
from typing import Any

import numpy as np

from bimcore.arrays import F64
from bimcore.ifc.access import Reader, as_number, class_of, is_a, of_class

_PREFIX = {
    "EXA": 1e18,
    "PETA": 1e15,
    "TERA": 1e12,
    "GIGA": 1e9,
    "MEGA": 1e6,
    "KILO": 1e3,
    "HECTO": 1e2,
    "DECA": 1e1,
    "DECI": 1e-1,
    "CENTI": 1e-2,
    "MILLI": 1e-3,
    "MICRO": 1e-6,
    "NANO": 1e-9,
    "PICO": 1e-12,
    "FEMTO": 1e-15,
    "ATTO": 1e-18,
}
_DEPTH = 64


def unit_factor(unit: Any, reader: Reader) -> float | None:
    """SI units (metres or radians) per `unit`; None when it cannot be told."""
    factor = 1.0
    for _ in range(_DEPTH):
        if is_a(unit, "IfcSIUnit"):
            prefix, name = reader.text(unit, "Prefix"), reader.text(unit, "Name")
            known = name in {"METRE", "RADIAN"} and (not prefix or prefix in _PREFIX)
            return factor * _PREFIX.get(prefix, 1.0) if known else None
        if not is_a(unit, "IfcConversionBasedUnit"):
            return None
        measure = reader.get(unit, "ConversionFactor")
        value = as_number(reader.get(measure, "ValueComponent"))
        if value is None or not 0.0 < value < math.inf:
            return None
        factor *= value
        unit = reader.get(measure, "UnitComponent")
    return None


class Units:
    """Length and angle unit of the project."""

    def __init__(self, file: Any, reader: Reader) -> None:
        self.length_m = 1.0
        self.length_given = False
        self.angle_rad = 1.0
        for project in [*of_class(file, "IfcProject"), *of_class(file, "IfcProjectLibrary")][:1]:
            for unit in reader.many(reader.get(project, "UnitsInContext"), "Units"):
                self._read(unit, reader)

    def _read(self, unit: Any, reader: Reader) -> None:
        kind = reader.text(unit, "UnitType")
        if kind not in {"LENGTHUNIT", "PLANEANGLEUNIT"}:
            return
        factor = unit_factor(unit, reader)
        if factor is None or not math.isfinite(factor):
            return
        if kind == "LENGTHUNIT":
            self.length_m, self.length_given = factor, True
        else:
            self.angle_rad = factor


def _vector(entity: Any, name: str, reader: Reader) -> F64 | None:
    value = reader.get(entity, name)
    if not isinstance(value, tuple | list):
        return None
    numbers = [as_number(v) for v in value[:3]]
    if not numbers or any(n is None for n in numbers):
        return None
    return np.array([*numbers, 0.0, 0.0][:3], dtype=np.float64)


def axis_placement(entity: Any, reader: Reader) -> F64:
    """Matrix (4, 4) of an IfcAxis2Placement2D or 3D, in file units.

    Missing or degenerate directions fall back to the defaults of ISO 10303-42.
    """
    matrix = np.eye(4)
    origin = _vector(reader.get(entity, "Location"), "Coordinates", reader)
    if origin is not None:
        matrix[:3, 3] = origin
    z = _vector(reader.get(entity, "Axis"), "DirectionRatios", reader)
    x = _vector(reader.get(entity, "RefDirection"), "DirectionRatios", reader)
    matrix[:3, :3] = _axes(x, None if class_of(entity).endswith("2D") else z)
    return matrix


def _axes(x: F64 | None, z: F64 | None) -> F64:
    up = _unit(z, np.array([0.0, 0.0, 1.0]))
    if x is None:
        x = np.array([1.0, 0.0, 0.0]) if abs(up[0]) < 1 - 1e-9 else np.array([0.0, 0.0, 1.0])
    flat = x - up * float(x @ up)
    if float(np.linalg.norm(flat)) < 1e-12:
        flat = np.eye(3)[int(np.argmin(np.abs(up)))]
        flat = flat - up * float(flat @ up)
    along = flat / np.linalg.norm(flat)
    axes: F64 = np.stack([along, np.cross(up, along), up], axis=1)
    return axes


def _unit(vector: F64 | None, default: F64) -> F64:
    length = 0.0 if vector is None else float(np.linalg.norm(vector))
    return default if vector is None or length < 1e-12 else vector / length


def operator_matrix(entity: Any, reader: Reader) -> F64:
    """Matrix (4, 4) of an IfcCartesianTransformationOperator3D, in file units; it may mirror."""
    matrix = np.eye(4)
    origin = _vector(reader.get(entity, "LocalOrigin"), "Coordinates", reader)
    if origin is not None:
        matrix[:3, 3] = origin
    x, y, z = (
        _vector(reader.get(entity, n), "DirectionRatios", reader)
        for n in ("Axis1", "Axis2", "Axis3")
    )
    if z is None and x is not None and y is not None:
        z = np.cross(x, y)
    axes = _axes(x, z)
    if y is not None and float(y @ axes[:, 1]) < 0:
        axes[:, 1] = -axes[:, 1]
    given = [reader.number(entity, n) for n in ("Scale", "Scale2", "Scale3")]
    first = 1.0 if given[0] is None else given[0]
    matrix[:3, :3] = axes * [first, *(first if s is None else s for s in given[1:])]
    return matrix


class Placements:
    """World matrices of object placements, each chain computed once."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._known: dict[int, F64] = {}

    def world(self, placement: Any) -> F64:
        """Matrix (4, 4) of an IfcLocalPlacement in file units; a circle ends where it closes."""
        chain: list[Any] = []
        seen: set[int] = set()
        while is_a(placement, "IfcObjectPlacement") and placement.id() not in self._known:
            if placement.id() in seen:
                break
            seen.add(placement.id())
            chain.append(placement)
            placement = self._reader.get(placement, "PlacementRelTo")
        matrix = np.eye(4)
        if is_a(placement, "IfcObjectPlacement") and placement.id() in self._known:
            matrix = self._known[placement.id()]
        for link in reversed(chain):
            matrix = matrix @ self._local(link)
            self._known[link.id()] = matrix
        return matrix

    def _local(self, placement: Any) -> F64:
        own = self._reader.get(placement, "RelativePlacement")
        if is_a(own, "IfcAxis2PlacementLinear"):
            # alignment based: the file may state the Cartesian position as a fallback.
            own = self._reader.get(placement, "CartesianPosition")
        return axis_placement(own, self._reader)


def metres(matrix: F64, unit_m: float) -> F64:
    """`matrix` with its translation in metres."""
    scaled = matrix.copy()
    scaled[:3, 3] *= unit_m
    return scaled
