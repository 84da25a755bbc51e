"""Georeference facts read from an open IFC file, in every encoding that is in use."""

import math
import re
from collections.abc import Mapping
from typing import Any

import numpy as np

from bimcore.arrays import F64
from bimcore.ifc.access import Reader, as_number, class_of, is_a, of_class
from bimcore.ifc.georef import (
    ContextFacts,
    ConversionFacts,
    CrsFacts,
    GeoreferenceFacts,
    Matrix,
    SiteFacts,
    SpatialPlacement,
    Vector,
)
from bimcore.ifc.placement import Placements, Units, axis_placement, metres, unit_factor

_INT_MIN = -(1 << 31)
_KINDS = {
    "IfcMapConversion": "helmert",
    "IfcMapConversionScaled": "scaled",
    "IfcRigidOperation": "rigid",
}
#: Carriers of the property sets of the IFC2X3 user guide, the usual one first.
_CARRIERS = ("IfcSite", "IfcBuilding", "IfcProject")
#: Their names, with or without the prefix of the guide, and blanks that people leave.
_SETS = re.compile(r"(?:e?p(?:roperty)?set)?[_ ]*(mapconversion|projectedcrs)", re.IGNORECASE)
#: A decimal comma, and the blanks and commas that part thousands.
_COMMA = re.compile(r"[-+]?\d+,\d+")
_THOUSANDS = re.compile(r"(?<=\d)[ \u00a0\u202f](?=\d{3})|(?<=\d),(?=\d{3}(?:,|\.))")
_LENGTHS = {
    "METRE": 1.0,
    "METER": 1.0,
    "M": 1.0,
    "MILLIMETRE": 1e-3,
    "MILLIMETER": 1e-3,
    "MM": 1e-3,
    "CENTIMETRE": 1e-2,
    "CENTIMETER": 1e-2,
    "CM": 1e-2,
    "DECIMETRE": 1e-1,
    "KILOMETRE": 1e3,
    "KILOMETER": 1e3,
    "KM": 1e3,
    "FOOT": 0.3048,
    "FT": 0.3048,
    "US SURVEY FOOT": 1200.0 / 3937.0,
    "FOOTUS": 1200.0 / 3937.0,
    "INCH": 0.0254,
}


def read_facts(
    file: Any, reader: Reader, *, schema: str, bounds: F64 | None, first: F64 | None
) -> GeoreferenceFacts:
    """The facts of `file`.

    Parameters
    ----------
    file : ifcopenshell.file
    reader : Reader
    schema : str
        Schema family.
    bounds : (2, 3) float64 or None
        Corners of all bodies, metres.
    first : (3,) float64 or None
        First vertex, metres.

    """
    units = Units(file, reader)
    unit_m = units.length_m if math.isfinite(units.length_m) else 1.0
    placements = Placements(reader)
    contexts = _contexts(file, reader, unit_m)
    main = next(
        (c for c in contexts if c.context_type.lower() == "model"),
        next((c for c in contexts if c.dimension == 3), None),
    )
    entities, orphans = _operations(file, reader, units)
    sites = tuple(_site(s, reader, placements, unit_m) for s in of_class(file, "IfcSite"))
    return GeoreferenceFacts(
        schema=schema,
        project_unit_m=unit_m,
        project_unit_given=units.length_given,
        conversions=(*entities, *_property_sets(file, reader, units)),
        orphan_crs=orphans,
        contexts=contexts,
        wcs=None if main is None else main.wcs,
        true_north=None if main is None else main.true_north,
        sites=sites,
        placement_of_spatial=_spatial(file, reader, placements, unit_m),
        address=_addresses(file, reader, sites),
        first_point=_point(first),
        bounds=_box(bounds),
    )


def _point(values: F64 | None) -> Vector | None:
    if values is None or not np.isfinite(values).all():
        return None
    x, y, z = (float(v) for v in values)
    return (x, y, z)


def _box(bounds: F64 | None) -> tuple[Vector, Vector] | None:
    corners = (None, None) if bounds is None else (_point(bounds[0]), _point(bounds[1]))
    low, high = corners
    return None if low is None or high is None else (low, high)


def _matrix(values: F64) -> Matrix | None:
    if not np.isfinite(values).all():
        return None
    return tuple(tuple(float(v) for v in row) for row in values)


def _contexts(file: Any, reader: Reader, unit_m: float) -> tuple[ContextFacts, ...]:
    found = []
    for context in of_class(file, "IfcGeometricRepresentationContext"):
        if is_a(context, "IfcGeometricRepresentationSubContext"):
            continue
        wcs = reader.get(context, "WorldCoordinateSystem")
        dimension = reader.number(context, "CoordinateSpaceDimension")
        found.append(
            ContextFacts(
                step_id=context.id(),
                context_type=reader.text(context, "ContextType"),
                identifier=reader.text(context, "ContextIdentifier"),
                dimension=int(dimension or 0),
                wcs=None if wcs is None else _matrix(metres(axis_placement(wcs, reader), unit_m)),
                true_north=_direction(reader.get(context, "TrueNorth"), reader),
            )
        )
    return tuple(sorted(found, key=lambda c: c.step_id))


def _direction(entity: Any, reader: Reader) -> tuple[float, float] | None:
    ratios = reader.get(entity, "DirectionRatios")
    numbers = [as_number(r) for r in ratios[:2]] if isinstance(ratios, tuple | list) else []
    if len(numbers) != 2 or numbers[0] is None or numbers[1] is None:
        return None
    return (numbers[0], numbers[1])


def _operations(
    file: Any, reader: Reader, units: Units
) -> tuple[tuple[ConversionFacts, ...], tuple[CrsFacts, ...]]:
    """All IfcCoordinateOperation instances, and target systems none of them uses."""
    found, used = [], set()
    for operation in sorted(of_class(file, "IfcCoordinateOperation"), key=lambda o: o.id()):
        target = reader.one(operation, "TargetCRS")
        if target is not None:
            used.add(target.id())
        found.append(_operation(operation, target, reader, units))
    orphans = [
        _crs(c, reader)
        for c in of_class(file, "IfcCoordinateReferenceSystem")
        if c.id() not in used
    ]
    return tuple(found), tuple(orphans)


def _operation(operation: Any, target: Any, reader: Reader, units: Units) -> ConversionFacts:
    source = class_of(operation)
    context = reader.one(operation, "SourceCRS")
    rigid = source == "IfcRigidOperation"
    first = "FirstCoordinate" if rigid else "Eastings"
    second = "SecondCoordinate" if rigid else "Northings"
    number = reader.number
    return ConversionFacts(
        kind=_KINDS.get(source, "helmert"),
        source=source,
        step_id=operation.id(),
        context=0 if context is None else context.id(),
        context_type=reader.text(context, "ContextType"),
        eastings=number(operation, first),
        northings=number(operation, second),
        height=number(operation, "Height" if rigid else "OrthogonalHeight"),
        angular=is_a(reader.get(operation, first), "IfcPlaneAngleMeasure"),
        angle_unit_rad=_angle_unit(target, reader) or units.angle_rad,
        xa=number(operation, "XAxisAbscissa"),
        xo=number(operation, "XAxisOrdinate"),
        scale=number(operation, "Scale"),
        factor_x=number(operation, "FactorX"),
        factor_y=number(operation, "FactorY"),
        factor_z=number(operation, "FactorZ"),
        crs=None if target is None else _crs(target, reader),
    )


def _angle_unit(target: Any, reader: Reader) -> float | None:
    """Radians per unit of the angles of a geographic target that states its own."""
    unit = reader.get(target, "AngleUnit")
    return None if unit is None else _finite(unit_factor(unit, reader))


def _crs(target: Any, reader: Reader) -> CrsFacts:
    unit = reader.get(target, "MapUnit")
    kinds = {"IfcProjectedCRS": "projected", "IfcGeographicCRS": "geographic"}
    wkt = next(iter(reader.many(target, "WellKnownText")), None)
    return CrsFacts(
        kind=kinds.get(class_of(target), "unknown"),
        name=reader.text(target, "Name"),
        description=reader.text(target, "Description"),
        geodetic_datum=reader.text(target, "GeodeticDatum"),
        vertical_datum=reader.text(target, "VerticalDatum"),
        map_projection=reader.text(target, "MapProjection"),
        map_zone=reader.text(target, "MapZone"),
        wkt=reader.text(wkt, "WellKnownText"),
        map_unit_m=_finite(unit_factor(unit, reader)) if unit is not None else None,
        map_unit_given=unit is not None,
    )


def _finite(value: float | None) -> float | None:
    return value if value is not None and math.isfinite(value) else None


def _property_sets(file: Any, reader: Reader, units: Units) -> tuple[ConversionFacts, ...]:
    """Conversions in property sets ePset_, ePSet_ and EPset_ MapConversion and ProjectedCRS.

    A conversion whose carrier has no CRS takes that of another carrier.
    """
    pairs = _psets_by_owner(file, reader)
    carried = [
        (carrier, pairs[owner.id()])
        for carrier in _CARRIERS
        for owner in of_class(file, carrier)
        if owner.id() in pairs
    ]
    elsewhere = next((sets["projectedcrs"] for _, sets in carried if "projectedcrs" in sets), None)
    complete = any("mapconversion" in sets for _, sets in carried)
    return tuple(
        _from_sets(
            carrier, sets.get("mapconversion"), sets.get("projectedcrs", elsewhere), reader, units
        )
        for carrier, sets in carried
        if "mapconversion" in sets or not complete
    )


def _psets_by_owner(file: Any, reader: Reader) -> dict[int, dict[str, Any]]:
    found: dict[int, dict[str, Any]] = {}
    for rel in of_class(file, "IfcRelDefinesByProperties"):
        properties = reader.one(rel, "RelatingPropertyDefinition")
        named = _SETS.fullmatch(reader.text(properties, "Name").strip())
        if named:
            for owner in reader.many(rel, "RelatedObjects"):
                found.setdefault(owner.id(), {}).setdefault(named[1].lower(), properties)
    return found


def _from_sets(
    carrier: str, conversion: Any, crs: Any, reader: Reader, units: Units
) -> ConversionFacts:
    numbers = _values(conversion, reader)
    texts = _values(crs, reader)

    def number(name: str) -> float | None:
        value = numbers.get(name.lower())
        return _typed(value) if isinstance(value, str) else as_number(value)

    target = numbers.get("targetcrs")
    if crs is None and isinstance(target, str):
        texts = {**numbers, "name": target}
    return ConversionFacts(
        kind="helmert" if number("FactorX") is None else "scaled",
        source=f"ePset@{carrier}",
        pset=reader.text(conversion if conversion is not None else crs, "Name"),
        step_id=0 if conversion is None else conversion.id(),
        eastings=number("Eastings"),
        northings=number("Northings"),
        height=number("OrthogonalHeight"),
        angle_unit_rad=units.angle_rad,
        xa=number("XAxisAbscissa"),
        xo=number("XAxisOrdinate"),
        scale=number("Scale"),
        factor_x=number("FactorX"),
        factor_y=number("FactorY"),
        factor_z=number("FactorZ"),
        crs=_crs_from_set(texts) if texts else None,
    )


def _typed(text: str) -> float | None:
    """A number that a person typed, with a decimal comma or thousands set apart."""
    plain = _THOUSANDS.sub("", text.strip())
    if _COMMA.fullmatch(plain):
        plain = plain.replace(",", ".")
    try:
        return _finite(float(plain))
    except ValueError:
        return None


def _crs_from_set(texts: Mapping[str, Any]) -> CrsFacts:
    def text(name: str) -> str:
        value = texts.get(name.lower())
        return value.strip() if isinstance(value, str) else ""

    unit = text("MapUnit")
    return CrsFacts(
        kind="projected",
        name=text("Name"),
        description=text("Description"),
        geodetic_datum=text("GeodeticDatum"),
        vertical_datum=text("VerticalDatum"),
        map_projection=text("MapProjection"),
        map_zone=text("MapZone"),
        map_unit_m=_LENGTHS.get(unit.upper()),
        map_unit_given=bool(unit),
    )


def _values(properties: Any, reader: Reader) -> dict[str, Any]:
    """Values of single-value properties by lower-case name."""
    found: dict[str, Any] = {}
    for entry in reader.many(properties, "HasProperties"):
        value = reader.get(entry, "NominalValue")
        found[reader.text(entry, "Name").lower()] = getattr(value, "wrappedValue", value)
    return found


def _site(site: Any, reader: Reader, placements: Placements, unit_m: float) -> SiteFacts:
    latitude = _angle(reader.get(site, "RefLatitude"))
    longitude = _angle(reader.get(site, "RefLongitude"))
    lat, lon = decimal_degrees(latitude, 90.0), decimal_degrees(longitude, 180.0)
    elevation = reader.number(site, "RefElevation")
    placement = reader.get(site, "ObjectPlacement")
    return SiteFacts(
        guid=reader.text(site, "GlobalId"),
        name=reader.text(site, "Name"),
        latitude=latitude,
        longitude=longitude,
        latitude_deg=lat,
        longitude_deg=lon,
        latlon_valid=(latitude is None or lat is not None)
        and (longitude is None or lon is not None),
        elevation_m=None if elevation is None else _finite(elevation * unit_m),
        placement=None
        if placement is None
        else _matrix(metres(placements.world(placement), unit_m)),
        address=_address(reader.get(site, "SiteAddress"), reader),
    )


def _angle(value: object) -> tuple[int, ...] | None:
    if not isinstance(value, tuple | list):
        return None
    return tuple(int(v) for v in value if isinstance(v, int))


def decimal_degrees(parts: tuple[int, ...] | None, limit: float) -> float | None:
    """Degrees of an IfcCompoundPlaneAngleMeasure; None when absent or no valid angle.

    All components must share a sign; minutes and seconds stay below 60, millionths below
    10^6, and the angle within `limit` degrees.
    """
    if parts is None or not 3 <= len(parts) <= 4 or _INT_MIN in parts:
        return None
    if any(p > 0 for p in parts) and any(p < 0 for p in parts):
        return None
    _, minutes, seconds, millionths = (*(abs(p) for p in parts), 0)[:4]
    if minutes >= 60 or seconds >= 60 or millionths >= 1_000_000:
        return None
    degrees = sum(p / d for p, d in zip(parts, (1, 60, 3600, 3.6e9), strict=False))
    return degrees if abs(degrees) <= limit else None


def _spatial(
    file: Any, reader: Reader, placements: Placements, unit_m: float
) -> tuple[SpatialPlacement, ...]:
    found: list[SpatialPlacement] = []
    for kind in ("IfcSite", "IfcFacility", "IfcBuilding"):
        for place in of_class(file, kind):
            placement = reader.get(place, "ObjectPlacement")
            if placement is None or any(f.guid == reader.text(place, "GlobalId") for f in found):
                continue
            matrix = _matrix(metres(placements.world(placement), unit_m))
            if matrix is not None:
                found.append(
                    SpatialPlacement(
                        guid=reader.text(place, "GlobalId"),
                        ifc_class=class_of(place),
                        name=reader.text(place, "Name"),
                        placement=matrix,
                    )
                )
    return tuple(found)


def _addresses(file: Any, reader: Reader, sites: tuple[SiteFacts, ...]) -> tuple[str, ...]:
    for building in of_class(file, "IfcBuilding"):
        lines = _address(reader.get(building, "BuildingAddress"), reader)
        if lines:
            return lines
    return next((s.address for s in sites if s.address), ())


def _address(address: Any, reader: Reader) -> tuple[str, ...]:
    given = reader.get(address, "AddressLines")
    several = given if isinstance(given, tuple | list) else (given,)
    lines = [v for v in several if isinstance(v, str) and v]
    more = ("Town", "Region", "PostalCode", "Country")
    lines += [reader.text(address, name) for name in more if reader.text(address, name)]
    return tuple(lines)
