"""The numbers an IFC file states about its place on the map, without any judgement."""

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, TypeAlias

from bimcore.errors import IfcError

Vector: TypeAlias = tuple[float, float, float]
Matrix: TypeAlias = tuple[tuple[float, ...], ...]  #: 4 rows of 4, acting on column vectors


@dataclass(frozen=True, slots=True, kw_only=True)
class CrsFacts:
    """A target coordinate reference system as the file words it.

    Attributes
    ----------
    kind : str
        ``"projected"``, ``"geographic"`` or ``"unknown"``.
    name, description, geodetic_datum, vertical_datum, map_projection, map_zone, wkt : str
        Attributes as written; empty where absent.
    map_unit_m : float or None
        Metres per map unit; None when the file gives no MapUnit that can be read.
    map_unit_given : bool
        Whether MapUnit is set at all.

    """

    kind: str = "projected"
    name: str = ""
    description: str = ""
    geodetic_datum: str = ""
    vertical_datum: str = ""
    map_projection: str = ""
    map_zone: str = ""
    wkt: str = ""
    map_unit_m: float | None = None
    map_unit_given: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ConversionFacts:
    """One coordinate operation, its numbers exactly as written.

    Attributes
    ----------
    kind : str
        ``"helmert"`` (IfcMapConversion), ``"scaled"`` (with factors) or ``"rigid"``.
    source : str
        ``"IfcMapConversion"``, ``"IfcMapConversionScaled"``, ``"IfcRigidOperation"`` or for
        property sets ``"ePset@IfcSite"``, ``"ePset@IfcBuilding"``, ``"ePset@IfcProject"``.
    pset : str
        The property set's name as spelled in the file; empty for entities.
    step_id, context : int
        Instance numbers of the operation and of its source context; 0 where there is none.
    context_type : str
        ContextType of the source context, for example ``"Model"`` or ``"Plan"``.
    eastings, northings, height : float or None
        In map units; for ``"rigid"`` the first and second coordinate (see `angular`).
    angular : bool
        Whether `eastings` and `northings` are angles (first and second coordinate of a
        rigid operation typed as plane angle measure), in the file's angle unit.
    angle_unit_rad : float
        Radians per angle unit of the project.
    xa, xo : float or None
        XAxisAbscissa and XAxisOrdinate; need not be a unit vector.
    scale : float or None
        Scale as written.
    factor_x, factor_y, factor_z : float or None
        Only in IfcMapConversionScaled.
    crs : CrsFacts or None
        The target.

    """

    kind: str
    source: str
    pset: str = ""
    step_id: int = 0
    context: int = 0
    context_type: str = ""
    eastings: float | None = None
    northings: float | None = None
    height: float | None = None
    angular: bool = False
    angle_unit_rad: float = math.pi / 180.0
    xa: float | None = None
    xo: float | None = None
    scale: float | None = None
    factor_x: float | None = None
    factor_y: float | None = None
    factor_z: float | None = None
    crs: CrsFacts | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteFacts:
    """One IfcSite.

    Attributes
    ----------
    latitude, longitude : tuple of int or None
        Degrees, minutes, seconds and, if given, millionths, as written.
    latitude_deg, longitude_deg : float or None
        Decimal degrees; None when absent or invalid.
    latlon_valid : bool
        False when a value is given but cannot be an angle: mixed signs, out of range,
        wrong length, the smallest 32-bit integer.
    elevation_m : float or None
        RefElevation in metres.
    placement : Matrix or None
        Placement in project coordinates; translation in metres.
    address : tuple of str
        Lines of the postal address.

    """

    guid: str = ""
    name: str = ""
    latitude: tuple[int, ...] | None = None
    longitude: tuple[int, ...] | None = None
    latitude_deg: float | None = None
    longitude_deg: float | None = None
    latlon_valid: bool = True
    elevation_m: float | None = None
    placement: Matrix | None = None
    address: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SpatialPlacement:
    """Placement of a spatial element in project coordinates; translation in metres."""

    guid: str
    ifc_class: str
    name: str
    placement: Matrix


@dataclass(frozen=True, slots=True, kw_only=True)
class ContextFacts:
    """One geometric representation context (no sub-contexts).

    Attributes
    ----------
    step_id : int
    context_type, identifier : str
    dimension : int
        CoordinateSpaceDimension, 0 if unknown.
    wcs : Matrix or None
        WorldCoordinateSystem with its translation in metres; None when absent.
    true_north : tuple of float or None
        Direction (x, y) of geographic north in the WCS as written.

    """

    step_id: int
    context_type: str = ""
    identifier: str = ""
    dimension: int = 0
    wcs: Matrix | None = None
    true_north: tuple[float, float] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class GeoreferenceFacts:
    """Everything a file says about where it is.

    Attributes
    ----------
    schema : str
        ``"IFC2X3"``, ``"IFC4"``, ``"IFC4X3"`` ...
    project_unit_m : float
        Metres per length unit of the project.
    project_unit_given : bool
        False when the file assigns no length unit (then metres are assumed).
    conversions : tuple of ConversionFacts
        All operations of all contexts and property sets, in order of their instances.
    orphan_crs : tuple of CrsFacts
        Target systems that no operation points to (legal in IFC4).
    contexts : tuple of ContextFacts
    wcs : Matrix or None
        WCS of the 3D model context (the first context with ContextType ``"Model"`` or
        dimension 3), None when there is none; translation in metres.
    true_north : tuple of float or None
        TrueNorth of that context.
    sites : tuple of SiteFacts
    placement_of_spatial : tuple of SpatialPlacement
        The placed spatial elements from the top down to buildings (level 30).
    address : tuple of str
        Postal address lines of the building, else of the site.
    first_point : Vector or None
        First vertex of the model in project metres (before any WCS or conversion).
    bounds : tuple of Vector or None
        Lower and upper corner of all bodies in project metres.

    """

    schema: str
    project_unit_m: float = 1.0
    project_unit_given: bool = True
    conversions: tuple[ConversionFacts, ...] = ()
    orphan_crs: tuple[CrsFacts, ...] = ()
    contexts: tuple[ContextFacts, ...] = ()
    wcs: Matrix | None = None
    true_north: tuple[float, float] | None = None
    sites: tuple[SiteFacts, ...] = ()
    placement_of_spatial: tuple[SpatialPlacement, ...] = ()
    address: tuple[str, ...] = ()
    first_point: Vector | None = None
    bounds: tuple[Vector, Vector] | None = None
    extra: Mapping[str, str] = field(default_factory=dict)

    @property
    def site(self) -> SiteFacts | None:
        """The first site with a latitude or longitude, else the first site."""
        located = [s for s in self.sites if s.latitude or s.longitude]
        return next(iter(located or self.sites), None)

    def to_json(self) -> dict[str, Any]:
        """A JSON object of plain values that :meth:`from_json` reads back."""
        return {**asdict(self), "extra": dict(self.extra)}

    @classmethod
    def from_json(cls, data: object) -> "GeoreferenceFacts":
        """The facts written by :meth:`to_json`.

        Raises
        ------
        IfcError
            When a value has the wrong type or is not finite.

        """
        try:
            return _facts(_mapping(data))
        except (TypeError, ValueError, KeyError, OverflowError) as err:
            message = f"georeference facts are damaged: {err}"
            raise IfcError(message) from err


def _facts(data: Mapping[str, Any]) -> GeoreferenceFacts:
    bounds = data["bounds"]
    first = data["first_point"]
    north = data["true_north"]
    return GeoreferenceFacts(
        schema=_text(data["schema"]),
        project_unit_m=_finite(data["project_unit_m"]),
        project_unit_given=_flag(data["project_unit_given"]),
        conversions=tuple(_conversion(_mapping(c)) for c in data["conversions"]),
        orphan_crs=tuple(CrsFacts(**_plain(_mapping(c))) for c in data["orphan_crs"]),
        contexts=tuple(_context(_mapping(c)) for c in data["contexts"]),
        wcs=_matrix(data["wcs"]),
        true_north=None if north is None else (_finite(north[0]), _finite(north[1])),
        sites=tuple(_site(_mapping(s)) for s in data["sites"]),
        placement_of_spatial=tuple(_placement(_mapping(p)) for p in data["placement_of_spatial"]),
        address=tuple(_text(t) for t in data["address"]),
        first_point=None if first is None else _vector(first),
        bounds=None if bounds is None else (_vector(bounds[0]), _vector(bounds[1])),
        extra={_text(k): _text(v) for k, v in _mapping(data["extra"]).items()},
    )


def _conversion(data: Mapping[str, Any]) -> ConversionFacts:
    crs = data["crs"]
    rest = _plain({k: v for k, v in data.items() if k != "crs"})
    return ConversionFacts(**rest, crs=None if crs is None else CrsFacts(**_plain(_mapping(crs))))


def _context(data: Mapping[str, Any]) -> ContextFacts:
    north = data["true_north"]
    rest = _plain({k: v for k, v in data.items() if k not in {"wcs", "true_north"}})
    return ContextFacts(
        **rest,
        wcs=_matrix(data["wcs"]),
        true_north=None if north is None else (_finite(north[0]), _finite(north[1])),
    )


def _site(data: Mapping[str, Any]) -> SiteFacts:
    nested = {"latitude", "longitude", "placement", "address"}
    rest = _plain({k: v for k, v in data.items() if k not in nested})
    return SiteFacts(
        **rest,
        latitude=_integers(data["latitude"]),
        longitude=_integers(data["longitude"]),
        placement=_matrix(data["placement"]),
        address=tuple(_text(t) for t in data["address"]),
    )


def _placement(data: Mapping[str, Any]) -> SpatialPlacement:
    matrix = _matrix(data["placement"])
    if matrix is None:
        message = "a spatial placement has no matrix"
        raise ValueError(message)
    return SpatialPlacement(
        guid=_text(data["guid"]),
        ifc_class=_text(data["ifc_class"]),
        name=_text(data["name"]),
        placement=matrix,
    )


def _mapping(value: object) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        message = "an object was expected"
        raise TypeError(message)
    return value


def _plain(data: Mapping[str, Any]) -> dict[str, Any]:
    """The values, checked to be scalars and finite."""
    for key, value in data.items():
        if not (value is None or isinstance(value, str | bool | int | float)):
            message = f"{key} is no scalar"
            raise TypeError(message)
        if isinstance(value, float):
            _finite(value)
    return dict(data)


def _text(value: object) -> str:
    if not isinstance(value, str):
        message = "a text was expected"
        raise TypeError(message)
    return value


def _flag(value: object) -> bool:
    if not isinstance(value, bool):
        message = "true or false was expected"
        raise TypeError(message)
    return value


def _finite(value: Any) -> float:
    number = float(value)
    if not math.isfinite(number):
        message = "a number is not finite"
        raise ValueError(message)
    return number


def _vector(value: Any) -> Vector:
    x, y, z = (_finite(v) for v in value)
    return (x, y, z)


def _integers(value: Any) -> tuple[int, ...] | None:
    return None if value is None else tuple(int(v) for v in value)


def _matrix(value: Any) -> Matrix | None:
    if value is None:
        return None
    rows = tuple(tuple(_finite(v) for v in row) for row in value)
    if [len(r) for r in rows] != [4, 4, 4, 4]:
        message = "a matrix needs 4 rows of 4"
        raise ValueError(message)
    return rows
