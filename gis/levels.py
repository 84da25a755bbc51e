"""What a file says about its place beside a map conversion: address, latitude, placement, WCS."""

import math
from dataclasses import dataclass

import numpy as np

from bimcore.ifc.georef import GeoreferenceFacts, SiteFacts
from gis import operations
from gis.conversion import Conversion
from gis.crs import Crs
from gis.evidence import Evidence, Verdict, seen

#: Places that authoring tools write when nobody set one: latitude and longitude in degrees,
#: from the survey of public files in reference/georeferencing.md (1.1).
_VENDOR_DEFAULTS = (
    (39.0 + 54 / 60 + 57.601318 / 3600, 116.0 + 25 / 60 + 58.795166 / 3600, "北京", "Beijing"),
    (42.0 + 24 / 60 + 53.508911 / 3600, None, "波士顿", "Boston"),
    (42.0 + 21 / 60 + 31.181945 / 3600, None, "波士顿", "Boston"),
)
#: A placement further from the origin than this (metres) is a map coordinate.
MAP_LIKE = 20_000.0
#: Metres per second of arc along a meridian.
ARC_SECOND = 30.9


@dataclass(frozen=True, slots=True, kw_only=True)
class Levels:
    """The levels 10 to 40 side by side.

    `highest` is 0 when nothing is stated; `verdict` is that of latitude and longitude alone.
    """

    highest: int
    verdict: Verdict
    evidence: tuple[Evidence, ...]
    latlon: tuple[float, float] | None
    budget: float


def survey(facts: GeoreferenceFacts) -> Levels:
    """Levels 10, 20, 30 and 40 of a file."""
    evidence: list[Evidence] = []
    highest = 0
    if facts.address:
        evidence.append(seen("level-10", address=", ".join(facts.address)))
        highest = 10
    site = facts.site
    verdict, more, budget = _latlon(site)
    evidence += more
    latlon = None
    if site is not None and verdict not in {Verdict.NOT_LOCATED, Verdict.BAD_LATLON}:
        latlon = (site.latitude_deg or 0.0, site.longitude_deg or 0.0)
        highest = 20
    placed = _placement(facts)
    if placed is not None:
        evidence.append(placed)
        highest = 30
    wcs = _world(facts)
    if wcs is not None:
        evidence.append(wcs)
        highest = 40
    return Levels(
        highest=highest,
        verdict=verdict,
        evidence=tuple(evidence),
        latlon=latlon,
        budget=budget,
    )


def _latlon(site: SiteFacts | None) -> tuple[Verdict, list[Evidence], float]:
    if site is None or (site.latitude is None and site.longitude is None and site.latlon_valid):
        return Verdict.NOT_LOCATED, [], 0.0
    if not site.latlon_valid or site.latitude_deg is None or site.longitude_deg is None:
        shown = {"latitude": _shown(site.latitude), "longitude": _shown(site.longitude)}
        return Verdict.BAD_LATLON, [seen("latlon-invalid", **shown)], 0.0
    lat, lon = site.latitude_deg, site.longitude_deg
    if lat == 0.0 and lon == 0.0:  # null island: a field nobody filled in
        return Verdict.NOT_LOCATED, [], 0.0
    fine = all(len(v or ()) == 4 for v in (site.latitude, site.longitude))
    # The fourth number resolves microseconds of arc; what it means is another matter.
    budget = 1.0 if fine else ARC_SECOND
    evidence = [seen("level-20", lat_deg=lat, lon_deg=lon, budget_m=budget)]
    for known_lat, known_lon, zh, en in _VENDOR_DEFAULTS:
        near = abs(lat - known_lat) < 2e-5
        if near and (known_lon is None or abs(lon - known_lon) < 2e-5):
            evidence.append(seen("vendor-default", place_zh=zh, place_en=en))
            return Verdict.VENDOR_DEFAULT, evidence, budget
    return Verdict.COARSE if fine else Verdict.COARSE_31, evidence, budget


def _shown(parts: tuple[int, ...] | None) -> str:
    return "-" if parts is None else ",".join(str(p) for p in parts)


def _placement(facts: GeoreferenceFacts) -> Evidence | None:
    """The first spatial element that is placed away from the origin."""
    for p in facts.placement_of_spatial:
        x, y, z = (float(v) for v in np.array(p.placement)[:3, 3])
        if math.hypot(x, y, z) > 1e-6:
            return seen("level-30", ifc_class=p.ifc_class, x_m=x, y_m=y, z_m=z)
    return None


def _world(facts: GeoreferenceFacts) -> Evidence | None:
    if facts.wcs is None or np.allclose(facts.wcs, np.eye(4), rtol=0.0, atol=1e-12):
        return None
    x, y, z = (float(v) for v in np.array(facts.wcs)[:3, 3])
    return seen("level-40", x_m=x, y_m=y, z_m=z)


def distances(
    facts: GeoreferenceFacts, conversion: Conversion, crs: Crs, *, used: int
) -> tuple[Evidence, ...]:
    """How far the lower levels put the model from the level `used`, where they can say."""
    found = []
    site = from_site(facts, conversion, crs)
    if site is not None and used != 20:
        found.append(seen("distance", a=20, b=used, distance_m=site))
    claims = [(30, p.placement) for p in facts.placement_of_spatial[:1]]
    claims += [(40, facts.wcs)] if facts.wcs is not None else []
    for level, matrix in claims:
        place = np.array(matrix)[None, :3, 3]
        if level != used and math.hypot(*place[0, :2]) > MAP_LIKE:
            # A map coordinate in a placement claims that placements are on the map already.
            local = place if level == 30 else np.zeros((1, 3))
            apart = float(np.linalg.norm((conversion.apply(local) - place)[0, :2]))
            found.append(seen("distance", a=level, b=used, distance_m=apart))
    return tuple(found)


def from_site(facts: GeoreferenceFacts, conversion: Conversion, crs: Crs) -> float | None:
    """Metres between the site's latitude and longitude and where the conversion puts it."""
    side = survey(facts)
    if side.latlon is None or side.verdict is Verdict.VENDOR_DEFAULT:
        return None
    site = facts.site
    matrix = np.eye(4) if site is None or site.placement is None else np.array(site.placement)
    here = operations.lonlat(crs, conversion.apply(matrix[None, :3, 3]))[0]
    lat, lon = side.latlon
    north = math.radians(lat - here[1]) * operations.EARTH_RADIUS
    turn = math.remainder(math.radians(lon - here[0]), 2 * math.pi)
    east = turn * operations.EARTH_RADIUS * math.cos(math.radians(lat))
    distance = math.hypot(north, east)
    return distance if math.isfinite(distance) else None
