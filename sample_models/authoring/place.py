"""Where the building stands, and how each model says so."""

from collections.abc import Callable
from dataclasses import dataclass
from math import cos, radians, sin
from typing import Any

import pyproj

from sample_models.authoring.parts import global_id
from sample_models.authoring.shapes import Vec

#: Map position of axes 1/A at finished level ±0.000, CGCS2000 / CM 108E and 1985 heights.
CRS = "EPSG:4545"
HEIGHT_DATUM = "EPSG:5737"
#: The neighbouring 3-degree zone, with its number before the easting.
OTHER_ZONE = "EPSG:4523"
EAST, NORTH, HEIGHT = 357600.0, 3278880.0, 268.5
#: Degrees counter-clockwise from the map's east to the building's long side.
TURN = 12.5
#: What the rigid operation of the site model takes off the map coordinates.
TRUNCATED = (357000.0, 3278000.0)
#: Geographic position of axes 1/A (degrees, minutes, seconds, millionths).
LATITUDE, LONGITUDE = (29, 37, 11, 551985), (106, 31, 47, 267258)

Entity = Any
File = Any


def turned(point: Vec, degrees: float) -> Vec:
    """`point` turned counter-clockwise about the z axis."""
    c, s = cos(radians(degrees)), sin(radians(degrees))
    return (c * point[0] - s * point[1], s * point[0] + c * point[1], point[2])


@dataclass(frozen=True, slots=True, kw_only=True)
class Setup:
    """Units, local zero and georeference of one model.

    A building point p has the model coordinates ``turn(p - zero)``.
    """

    schema: str
    millimetres: bool
    zero: Vec
    turn: float
    encode: "Encoder"

    @property
    def unit(self) -> float:
        """File units in one metre."""
        return 1000.0 if self.millimetres else 1.0

    @property
    def shift(self) -> Vec:
        """Model coordinates of axes 1/A in metres."""
        x, y, z = turned(self.zero, self.turn)
        return (-x, -y, -z)

    @property
    def map_origin(self) -> Vec:
        """Easting, northing and height of the model's zero."""
        x, y, z = turned(self.zero, TURN)
        return (round(EAST + x, 6), round(NORTH + y, 6), round(HEIGHT + z, 6))

    @property
    def heading(self) -> tuple[float, float]:
        """Cosine and sine of the model's x axis on the map."""
        angle = radians(TURN - self.turn)
        return (cos(angle), sin(angle))


@dataclass(frozen=True, slots=True)
class Anchor:
    """What an encoder hangs the georeference on."""

    file: File
    model: str
    context: Entity
    project: Entity
    site: Entity
    owner: Entity


Encoder = Callable[[Setup, Anchor], None]


def _crs(anchor: Anchor, unit: Entity) -> Entity:
    return anchor.file.create_entity(
        "IfcProjectedCRS",
        Name=CRS,
        Description="CGCS2000 / 3-degree Gauss-Kruger CM 108E",
        GeodeticDatum="CGCS2000",
        VerticalDatum=HEIGHT_DATUM,
        MapProjection="Gauss-Kruger",
        MapZone="108E",
        MapUnit=unit,
    )


def _unit(anchor: Anchor, prefix: str | None) -> Entity:
    return anchor.file.create_entity(
        "IfcSIUnit", UnitType="LENGTHUNIT", Prefix=prefix, Name="METRE"
    )


def _helmert(
    setup: Setup, anchor: Anchor, *, unit: Entity, factor: float, scale: float | None
) -> None:
    east, north, height = setup.map_origin
    abscissa, ordinate = setup.heading
    anchor.file.create_entity(
        "IfcMapConversion",
        SourceCRS=anchor.context,
        TargetCRS=_crs(anchor, unit),
        Eastings=round(east * factor, 6),
        Northings=round(north * factor, 6),
        OrthogonalHeight=round(height * factor, 6),
        XAxisAbscissa=abscissa,
        XAxisOrdinate=ordinate,
        Scale=scale,
    )


def millimetre_map(setup: Setup, anchor: Anchor) -> None:
    """Map unit millimetre as in the file, scale 1."""
    _helmert(setup, anchor, unit=_unit(anchor, "MILLI"), factor=1000.0, scale=1.0)


def metre_map(setup: Setup, anchor: Anchor) -> None:
    """A metre file on a metre map: no scale given, axis vector of length 2."""
    east, north, height = setup.map_origin
    abscissa, ordinate = setup.heading
    anchor.file.create_entity(
        "IfcMapConversion",
        SourceCRS=anchor.context,
        TargetCRS=_crs(anchor, _unit(anchor, None)),
        Eastings=east,
        Northings=north,
        OrthogonalHeight=height,
        XAxisAbscissa=2.0 * abscissa,
        XAxisOrdinate=2.0 * ordinate,
    )


def scaled_map(setup: Setup, anchor: Anchor) -> None:
    """A millimetre file on a metre map: scale 0.001."""
    _helmert(setup, anchor, unit=_unit(anchor, None), factor=1.0, scale=0.001)


def scale_missing(setup: Setup, anchor: Anchor) -> None:
    """A millimetre file on a metre map whose scale was forgotten: wrong on purpose."""
    _helmert(setup, anchor, unit=_unit(anchor, None), factor=1.0, scale=None)


def zone_35(setup: Setup, anchor: Anchor) -> None:
    """The grid of the neighbouring zone (CM 105E), zone number in the easting, millimetres."""
    east, north, height = setup.map_origin
    change = pyproj.Transformer.from_crs(CRS, OTHER_ZONE, always_xy=True)
    here = change.transform(east, north)
    ahead = change.transform(east + 100 * setup.heading[0], north + 100 * setup.heading[1])
    make = anchor.file.create_entity
    crs = make(
        "IfcProjectedCRS",
        Name=OTHER_ZONE,
        GeodeticDatum="CGCS2000",
        VerticalDatum=HEIGHT_DATUM,
        MapZone="35",
        MapUnit=_unit(anchor, None),
    )
    make(
        "IfcMapConversion",
        SourceCRS=anchor.context,
        TargetCRS=crs,
        Eastings=round(here[0], 4),
        Northings=round(here[1], 4),
        OrthogonalHeight=height,
        XAxisAbscissa=round((ahead[0] - here[0]) / 100, 9),
        XAxisOrdinate=round((ahead[1] - here[1]) / 100, 9),
        Scale=0.001,
    )


def nothing(setup: Setup, anchor: Anchor) -> None:
    """No georeference at all: control points place the model."""


def rigid(setup: Setup, anchor: Anchor) -> None:
    """Map coordinates whose leading digits were taken off; the file is drawn north up."""
    length = anchor.file.create_entity
    anchor.file.create_entity(
        "IfcRigidOperation",
        SourceCRS=anchor.context,
        TargetCRS=_crs(anchor, _unit(anchor, None)),
        FirstCoordinate=length("IfcLengthMeasure", setup.map_origin[0]),
        SecondCoordinate=length("IfcLengthMeasure", setup.map_origin[1]),
        Height=setup.map_origin[2],
    )


def property_sets(setup: Setup, anchor: Anchor) -> None:
    """IFC2X3: property sets on the site, eastings in metres, scale 0.001."""
    east, north, height = setup.map_origin
    abscissa, ordinate = setup.heading
    conversion = {
        "Eastings": ("IfcLengthMeasure", east),
        "Northings": ("IfcLengthMeasure", north),
        "OrthogonalHeight": ("IfcLengthMeasure", height),
        "XAxisAbscissa": ("IfcReal", abscissa),
        "XAxisOrdinate": ("IfcReal", ordinate),
        "Scale": ("IfcReal", 0.001),
    }
    crs = {
        "Name": ("IfcLabel", CRS),
        "VerticalDatum": ("IfcIdentifier", HEIGHT_DATUM),
        "MapUnit": ("IfcLabel", "METRE"),
    }
    for name, values in (("ePset_MapConversion", conversion), ("ePset_ProjectedCRS", crs)):
        _site_properties(anchor, name, values)


def _site_properties(anchor: Anchor, name: str, values: dict[str, tuple[str, Any]]) -> None:
    make = anchor.file.create_entity
    single = [
        make("IfcPropertySingleValue", Name=key, NominalValue=make(kind, value))
        for key, (kind, value) in values.items()
    ]
    pset = make(
        "IfcPropertySet",
        GlobalId=global_id("yuyan-b3", anchor.model, name),
        OwnerHistory=anchor.owner,
        Name=name,
        HasProperties=single,
    )
    make(
        "IfcRelDefinesByProperties",
        GlobalId=global_id("yuyan-b3", anchor.model, name, "rel"),
        OwnerHistory=anchor.owner,
        RelatedObjects=[anchor.site],
        RelatingPropertyDefinition=pset,
    )


#: Building point that is the zero of the site model: the truncated map origin.
SITE_ZERO = turned((TRUNCATED[0] - EAST, TRUNCATED[1] - NORTH, -HEIGHT), -TURN)

ARCHITECTURE = Setup(
    schema="IFC4", millimetres=True, zero=(0.0, 0.0, 0.0), turn=0.0, encode=millimetre_map
)
STRUCTURE = Setup(
    schema="IFC4", millimetres=False, zero=(-20.0, -15.0, -4.8), turn=30.0, encode=metre_map
)
MEP = Setup(
    schema="IFC2X3",
    millimetres=True,
    zero=(21.0, 12.6, -HEIGHT),
    turn=90.0,
    encode=property_sets,
)
SITE = Setup(schema="IFC4X3_ADD2", millimetres=False, zero=SITE_ZERO, turn=TURN, encode=rigid)
ANNEX_SCALE = Setup(
    schema="IFC4", millimetres=True, zero=(0.0, 0.0, 0.0), turn=0.0, encode=scale_missing
)
#: Absolute map coordinates in the placements, and a conversion on top of them.
ANNEX_TWICE = Setup(
    schema="IFC4", millimetres=True, zero=(0.0, 0.0, 0.0), turn=0.0, encode=scaled_map
)
#: Drawn from its own corner, north of the building, on the grid of zone 35.
PAVILION_WEST = Setup(
    schema="IFC4", millimetres=True, zero=(40.0, 20.0, 0.0), turn=0.0, encode=zone_35
)
#: Drawn in a system of the site that nothing ties to the map but control points.
PAVILION_EAST = Setup(
    schema="IFC4", millimetres=True, zero=(-150.0, 75.0, -100.0), turn=-41.0, encode=nothing
)
#: Control points as surveyed: number, building point, error of the survey in millimetres.
CONTROL = (
    ("K1", (40.0, 20.0, 0.15), (3, -2, 1)),
    ("K2", (56.0, 20.0, 0.12), (-4, 1, -2)),
    ("K3", (56.0, 33.0, 0.18), (2, 3, 2)),
    ("K4", (40.0, 33.0, 0.10), (-1, -3, -1)),
    ("K5", (30.0, 27.0, 0.20), (0, 2, 0)),
)


def control_sheet(setup: Setup) -> str:
    """The control points of a model as a survey unit delivers them: X is north."""
    rows = ["点号,模型X(m),模型Y(m),模型标高(m),X(北),Y(东),高程"]
    for number, point, error in CONTROL:
        offset = tuple(p - z for p, z in zip(point, setup.zero, strict=True))
        x, y, z = turned((offset[0], offset[1], offset[2]), setup.turn)
        dx, dy, _ = turned(point, TURN)
        east, north, up = (e / 1000 for e in error)
        values = (x, y, z, NORTH + dy + north, EAST + dx + east, HEIGHT + point[2] + up)
        rows.append(",".join([number, *(f"{v:.4f}" for v in values)]))
    return "\r\n".join(rows) + "\r\n"
