"""The placement of one model: from its project metres to map metres."""

import math
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from bimcore.arrays import F64
from bimcore.frame import apply
from gis import crs as systems, operations

Matrix: TypeAlias = tuple[tuple[float, ...], ...]

#: A scale further from 1 than this is a unit mistake, not a combined scale factor.
SCALE_TOLERANCE = 5e-3


@dataclass(frozen=True, slots=True, kw_only=True)
class Like:
    """Place a model exactly as another `model` (by name) is placed."""

    model: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Conversion:
    """Project metres to map metres.

    Attributes
    ----------
    crs : str
        Target; empty for an engineering grid that no authority knows.
    eastings, northings, height : float
        Metres on the map of the local origin.
    rotation : float
        Radians, counter-clockwise from grid east to the local x axis.
    scale : tuple of float
        Map metres per project metre along x, y, z.
    before : Matrix or None
        Transform (4, 4) in metres applied first (world coordinate system).
    topocentric : tuple of float or None
        Longitude and latitude in degrees and height of a local east, north, up frame; the
        map coordinates then follow from the ellipsoid and `scale` is 1.

    """

    crs: str
    eastings: float = 0.0
    northings: float = 0.0
    height: float = 0.0
    rotation: float = 0.0
    scale: tuple[float, float, float] = (1.0, 1.0, 1.0)
    before: Matrix | None = None
    topocentric: tuple[float, float, float] | None = None

    def matrix(self) -> F64:
        """The affine transform (4, 4); not defined for a topocentric placement."""
        cos, sin = math.cos(self.rotation), math.sin(self.rotation)
        turn = np.array([[cos, -sin, 0.0], [sin, cos, 0.0], [0.0, 0.0, 1.0]])
        transform = np.eye(4)
        transform[:3, :3] = turn @ np.diag(self.scale)
        transform[:3, 3] = (self.eastings, self.northings, self.height)
        return transform if self.before is None else transform @ np.array(self.before)

    def apply(self, points: F64) -> F64:
        """Map metres (N, 3) of project metres (N, 3)."""
        if self.topocentric is None:
            return apply(self.matrix(), points)
        lon, lat, height = self.topocentric
        if self.before is not None:
            points = apply(np.array(self.before), points)
        place = operations.topocentric(systems.parse(self.crs), lon=lon, lat=lat, height=height)
        return place(points)

    def to_json(self) -> dict[str, object]:
        """Plain values as people enter them; angles in degrees."""
        shown: dict[str, object] = {
            "crs": self.crs,
            "eastings": self.eastings,
            "northings": self.northings,
            "height": self.height,
            "rotation_deg": math.degrees(self.rotation),
            "scale": list(self.scale),
        }
        if self.topocentric is not None:
            shown["topocentric"] = list(self.topocentric)
        return shown
