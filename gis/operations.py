"""Coordinate operations of known accuracy only, always (east, north)."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from bimcore.arrays import F64, Mask
from bimcore.errors import GisError
from gis import gcj02
from gis.crs import Crs, UnknownCrs, system_of

if TYPE_CHECKING:
    from pyproj import Transformer

#: Mean earth radius in metres for the reduction of heights to the ellipsoid.
EARTH_RADIUS = 6_371_000.0
#: Horizontal budget in metres of treating WGS 84 as CGCS2000 (plate motion, realisation).
EQUIVALENCE_BUDGET = 1.0
#: Degrees beyond its area of use to which a system is still believed: a neighbouring 3-degree
#: zone is used on purpose at seams, anything further is a mistake.
ZONE_MARGIN = 2.0
#: Operations between datums are accepted up to this published accuracy in metres.
WORST_ACCURACY = 1.0
_EQUIVALENT = frozenset({"EPSG:4326", "EPSG:4490", "EPSG:4979", "EPSG:4480"})


class UnsafeTransformation(GisError):
    """No transformation of known accuracy leads from one CRS to the other; use control points."""

    code = "GIS413"


def lonlat(crs: Crs, points: F64) -> F64:
    """Longitude and latitude (N, 2) in degrees on the datum of `crs` of map metres (N, 2+).

    Points that have no inverse come back as NaN.
    """
    xy = np.asarray(points, dtype=np.float64)[..., :2]
    if crs.geographic:
        return xy.copy()
    lon, lat = _to_geographic(crs.horizontal).transform(
        xy[..., 0] / crs.unit, xy[..., 1] / crs.unit, errcheck=False
    )
    degrees = np.stack([np.asarray(lon), np.asarray(lat)], axis=-1)
    return np.where(np.isfinite(degrees), degrees, np.nan)


def project(crs: Crs, degrees: F64) -> F64:
    """Map metres (N, 2) of longitudes and latitudes (N, 2) in degrees on the datum of `crs`."""
    ll = np.asarray(degrees, dtype=np.float64)
    east, north = _to_geographic(crs.horizontal).transform(
        ll[..., 0], ll[..., 1], direction="INVERSE", errcheck=False
    )
    metres = np.stack([np.asarray(east), np.asarray(north)], axis=-1) * crs.unit
    return np.where(np.isfinite(metres), metres, np.nan)


def inside(crs: Crs, points: F64, *, margin: float = ZONE_MARGIN) -> bool:
    """Whether all map metres (N, 2+) lie in the area of use grown by `margin` degrees.

    A CRS without a published area accepts what its inverse can compute.
    """
    return bool(inside_each(crs, points, margin=margin).all())


def inside_each(crs: Crs, points: F64, *, margin: float = ZONE_MARGIN) -> Mask:
    """Which (N,) of map metres (N, 2+) lie in the area of use grown by `margin` degrees."""
    degrees = lonlat(crs, points)
    sound: Mask = np.asarray(np.isfinite(degrees).all(axis=-1))
    back = project(crs, degrees) if not crs.geographic else degrees
    # Far outside its zone a transverse Mercator still returns numbers; they do not return home.
    away = np.abs(back - np.asarray(points)[..., :2]).max(axis=-1, initial=0.0)
    sound = sound & (np.nan_to_num(away, nan=np.inf) <= 1e-3)
    if crs.area is None:
        return sound
    west, south, east, north = crs.area
    lon, lat = degrees[..., 0], degrees[..., 1]
    span = (east - west) % 360 or 360.0
    offset = (lon - west + margin) % 360
    within = (offset <= span + 2 * margin) & (lat >= south - margin) & (lat <= north + margin)
    return sound & within


def site_factors(crs: Crs, point: F64, *, height: float = 0.0) -> tuple[float, float]:
    """Combined scale factor and meridian convergence at map metres `point` (2+,).

    Parameters
    ----------
    crs : Crs
        Projected.
    point : (2+,) float64
        Easting and northing in metres.
    height : float
        Metres above the ellipsoid (a height above the geoid will do: 6 m is 1 ppm).

    Returns
    -------
    factor : float
        Grid length over ground length.
    convergence : float
        Radians; positive where grid north lies east of true north.

    """
    lon, lat = lonlat(crs, np.asarray(point, dtype=np.float64)[None])[0]
    factors = _projection(crs.horizontal)(float(lon), float(lat))
    reduction = EARTH_RADIUS / (EARTH_RADIUS + height)
    return factors[0] * reduction, math.radians(factors[1])


@dataclass(frozen=True, slots=True, kw_only=True)
class Transformation:
    """A horizontal change of CRS in metres; heights pass unchanged.

    `budget` is the stated horizontal uncertainty in metres, 0 where the change is exact;
    `context_only` says that what comes through it measures nothing.
    """

    source: Crs
    target: Crs
    budget: float
    steps: Callable[[F64], F64]
    context_only: bool = False

    def __call__(self, points: F64) -> F64:
        """Map metres (N, 3) of the target; NaN where no answer exists."""
        points = np.asarray(points, dtype=np.float64)
        moved = points.copy()
        moved[..., :2] = self.steps(points[..., :2])
        return moved


def transformation(source: Crs, target: Crs) -> Transformation:
    """The way from `source` to `target`, east and north in metres on both sides.

    Within one datum it is exact; WGS 84 and CGCS2000 are taken as equal within
    ``EQUIVALENCE_BUDGET``.

    Raises
    ------
    UnsafeTransformation
        When only operations of unknown or poor accuracy exist, or vertical datums differ.

    """
    if source.vertical and target.vertical and source.vertical != target.vertical:
        message = f"heights {source.vertical} cannot be turned into {target.vertical} safely"
        raise UnsafeTransformation(message)
    if source.same_grid(target):
        return Transformation(source=source, target=target, budget=0.0, steps=np.copy)
    if source.datum == target.datum or {source.datum, target.datum} <= _EQUIVALENT:
        budget = 0.0 if source.datum == target.datum else EQUIVALENCE_BUDGET
        return Transformation(
            source=source,
            target=target,
            budget=budget,
            steps=lambda xy: _from_degrees(target, lonlat(source, xy)),
        )
    if source.context_only and target.datum in _EQUIVALENT:
        return _from_shifted(source, target)
    shifted = source.context_only or target.context_only
    operation = None if shifted else _operation(source.horizontal, target.horizontal)
    if operation is None:
        message = (
            f"no operation of known accuracy from {source.title or source.name} to "
            f"{target.title or target.name}; place the model through control points"
        )
        raise UnsafeTransformation(message)

    def change(xy: F64) -> F64:
        scale = 1.0 if source.geographic else source.unit
        x, y = operation.transform(xy[..., 0] / scale, xy[..., 1] / scale, errcheck=False)
        out = np.stack([np.asarray(x), np.asarray(y)], axis=-1)
        out = out if target.geographic else out * target.unit
        return np.where(np.isfinite(out), out, np.nan)

    return Transformation(
        source=source, target=target, budget=float(operation.accuracy), steps=change
    )


def _from_shifted(source: Crs, target: Crs) -> Transformation:
    back = gcj02.SYSTEMS[source.horizontal].back
    return Transformation(
        source=source,
        target=target,
        budget=gcj02.ACCURACY,
        steps=lambda xy: _from_degrees(target, back(xy)),
        context_only=True,
    )


def topocentric(crs: Crs, *, lon: float, lat: float, height: float) -> Callable[[F64], F64]:
    """From local east, north, up metres at a place to map metres of `crs`.

    Parameters
    ----------
    crs : Crs
        Projected target on the datum of `lon`, `lat` (degrees).
    lon, lat, height : float
        The local origin.

    """
    from pyproj import Transformer

    ellipsoid = system_of(crs.horizontal).ellipsoid
    axes = "+ellps=GRS80"
    if ellipsoid is not None:
        axes = f"+a={ellipsoid.semi_major_metre} +rf={ellipsoid.inverse_flattening}"
    local = Transformer.from_pipeline(
        f"+proj=pipeline +step +inv +proj=topocentric {axes} +lon_0={lon} +lat_0={lat} "
        f"+h_0={height} +step +inv +proj=cart {axes} +step +proj=unitconvert +xy_in=rad +xy_out=deg"
    )

    def place(points: F64) -> F64:
        points = np.asarray(points, dtype=np.float64)
        east, north, up = local.transform(points[..., 0], points[..., 1], points[..., 2])
        metres = project(crs, np.stack([np.asarray(east), np.asarray(north)], axis=-1))
        return np.concatenate([metres, np.asarray(up)[..., None]], axis=-1)

    return place


def _from_degrees(crs: Crs, degrees: F64) -> F64:
    return degrees if crs.geographic else project(crs, degrees)


@lru_cache(maxsize=256)
def _to_geographic(horizontal: str) -> "Transformer":
    from pyproj import Transformer

    crs = system_of(horizontal)
    base = crs.geodetic_crs
    if base is None:
        raise UnknownCrs
    return Transformer.from_crs(crs, base, always_xy=True, allow_ballpark=False)


@lru_cache(maxsize=64)
def _projection(horizontal: str) -> Callable[[float, float], tuple[float, float]]:
    from pyproj import Proj

    projection = Proj(system_of(horizontal))

    def factors(lon: float, lat: float) -> tuple[float, float]:
        found = projection.get_factors(lon, lat)
        # For a conformal projection both agree; else their mean is what a surveyor expects.
        scale = math.sqrt(abs(float(found.meridional_scale) * float(found.parallel_scale)))
        return scale, float(found.meridian_convergence)

    return factors


@lru_cache(maxsize=64)
def _operation(source: str, target: str) -> "Transformer | None":
    from pyproj import Transformer
    from pyproj.exceptions import ProjError

    try:
        operation = Transformer.from_crs(
            system_of(source),
            system_of(target),
            always_xy=True,
            allow_ballpark=False,
            only_best=True,
        )
        accuracy = operation.accuracy
    except ProjError:
        return None
    return operation if 0.0 <= accuracy <= WORST_ACCURACY else None
