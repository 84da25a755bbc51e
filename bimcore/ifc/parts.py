"""Which products are made of an instance, and which of them may lack a part of their shape."""

from collections.abc import Callable
from typing import Any

from bimcore.ifc.access import ACCESS_ERRORS, Reader, class_of, is_a, of_class
from bimcore.ifc.rewording import MOST_POINTS
from bimcore.ifc.rewording_shapes import NOT_BODY, NOT_SOLID_TYPES

_BETWEEN = (
    "IfcGeometricRepresentationItem",
    "IfcMappedItem",
    "IfcProfileDef",
    "IfcShapeRepresentation",
    "IfcRepresentationMap",
    "IfcProductDefinitionShape",
    "IfcCompositeCurveSegment",
)
#: Kinds that a kernel passes over without a word: beside others, or cut from others, nobody
#: would see that they are missing.
_PASSED_OVER = (
    "IfcSectionedSpine",
    "IfcRevolvedAreaSolidTapered",
    "IfcRectangularPyramid",
    "IfcCenterLineProfileDef",
    "IfcArbitraryOpenProfileDef",
    "IfcOffsetCurve2D",
    "IfcOffsetCurve3D",
    "IfcBSplineCurve",
    "IfcSurfaceOfLinearExtrusion",
    "IfcSurfaceOfRevolution",
    "IfcCurveBoundedPlane",
    "IfcCurveBoundedSurface",
    "IfcRectangularTrimmedSurface",
)
#: These are passed over where they are items of a representation themselves.
_AS_ITEMS = ("IfcConnectedFaceSet", "IfcFace", "IfcHalfSpaceSolid", "IfcGeometricSet")


def products_of(file: Any, reader: Reader, instance: Any) -> set[int]:
    """Instance numbers of the products whose body is made of `instance`.

    Faces and edges are no way up: what they lie on is never left out alone.
    """
    found: set[int] = set()
    waiting, seen = [instance], {instance.id()}
    while waiting:
        for user in file.get_inverse(waiting.pop()):
            if user.id() in seen:
                continue
            seen.add(user.id())
            if is_a(user, "IfcProduct"):
                found.add(user.id())
            elif is_a(user, *_BETWEEN) and not _is_no_body(user, reader):
                waiting.append(user)
    return found


def _is_no_body(user: Any, reader: Reader) -> bool:
    """Whether a representation is none of a body, by its name or by what it is made of."""
    return (
        reader.text(user, "RepresentationIdentifier") in NOT_BODY
        or reader.text(user, "RepresentationType") in NOT_SOLID_TYPES
    )


def endless(file: Any, reader: Reader) -> frozenset[int]:
    """Instance numbers of products along a curve of so many points that no kernel gets through."""
    found: set[int] = set()
    for curve in of_class(file, "IfcPolyline"):
        if len(reader.many(curve, "Points")) > MOST_POINTS:
            found |= _made_of(file, reader, curve)
    for curve in of_class(file, "IfcIndexedPolyCurve"):
        listed = reader.get(reader.get(curve, "Points"), "CoordList") or ()
        if len(listed) > MOST_POINTS:
            found |= _made_of(file, reader, curve)
    return frozenset(found)


def doubtful(file: Any, reader: Reader, is_single: Callable[[Any], bool]) -> frozenset[int]:
    """Products that are made of several things, one of which a kernel may pass over.

    Parameters
    ----------
    file : ifcopenshell.file
    reader : Reader
    is_single : callable
        Whether a product is one thing: it is either made or missing as a whole.

    """
    found: set[int] = set()
    for name in _PASSED_OVER:
        for instance in of_class(file, name):
            found |= _made_of(file, reader, instance)
    for name in _AS_ITEMS:
        for instance in of_class(file, name):
            for user in file.get_inverse(instance):
                if class_of(user) == "IfcShapeRepresentation" and not _is_no_body(user, reader):
                    found |= _made_of(file, reader, instance)
    return frozenset(n for n in found if not is_single(file.by_id(n)))


def _made_of(file: Any, reader: Reader, instance: Any) -> set[int]:
    try:
        return products_of(file, reader, instance)
    except ACCESS_ERRORS:
        return set()
