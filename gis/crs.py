"""Coordinate reference systems: what names them, and which of them are one."""

import re
import unicodedata
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from bimcore.errors import GisError
from gis import gcj02, grids

if TYPE_CHECKING:
    from pyproj import CRS

#: Code of a zone system with prefixed eastings -> what to add for the one without; see
#: EPSG:4528 (zone 40) and EPSG:4549 (CM 120E).
_PREFIXED = (
    (range(4513, 4534), 21),
    (range(4491, 4502), 11),
    (range(2349, 2370), 21),
    (range(2327, 2338), 11),
    (range(2401, 2422), 21),
    (range(21413, 21424), 40),
)
_LONGITUDE_FIRST = {"OGC:CRS84": "EPSG:4326", "OGC:CRS83": "EPSG:4269", "OGC:CRS27": "EPSG:4267"}
_VERTICAL_NAMES = {
    "EPSG:5737": ("1985", "YELLOWSEA1985HEIGHT", "85高程", "国家85"),
    "EPSG:5736": ("1956", "YELLOWSEA1956HEIGHT"),
}


class UnknownCrs(GisError):
    """The CRS is not known; give an EPSG code such as "EPSG:4549"."""

    code = "GIS409"


@dataclass(frozen=True, slots=True, kw_only=True)
class Crs:
    """A horizontal CRS with an optional vertical one.

    Attributes
    ----------
    horizontal : str
        ``"EPSG:4549"``, or WKT when no authority knows the system.
    vertical : str
        ``"EPSG:5737"``, or empty when not stated.
    title : str
        What people call it.
    datum : str
        Authority code of the geographic base, ``"EPSG:4490"``; else its name.
    unit : float
        Metres per axis unit; radians for a geographic system.
    geographic : bool
    area : tuple of float or None
        West, south, east, north of the area of use in degrees.
    guessed : bool
        Whether the name was no authority code and had to be looked up.

    """

    horizontal: str
    vertical: str = ""
    title: str = ""
    datum: str = ""
    unit: float = 1.0
    geographic: bool = False
    area: tuple[float, float, float, float] | None = None
    guessed: bool = False

    @property
    def name(self) -> str:
        """``"EPSG:4549+5737"``, ``"EPSG:4549"`` or WKT."""
        if self.vertical and self.horizontal.startswith(("EPSG:", grids.PREFIX)):
            return f"{self.horizontal}+{self.vertical.removeprefix('EPSG:')}"
        return self.horizontal

    @property
    def context_only(self) -> bool:
        """Whether coordinates show where things are but measure nothing."""
        return self.horizontal in gcj02.SYSTEMS

    def same_grid(self, other: "Crs") -> bool:
        """Whether eastings and northings mean the same (compared by authority code)."""
        return self.horizontal == other.horizontal


def parse(text: str, *, vertical: str = "", wkt: str = "") -> Crs:
    """The CRS that `text` names.

    Parameters
    ----------
    text : str
        ``"EPSG:4549"``, ``"4549"``, ``"EPSG:4549+5737"``, an EPSG or ESRI name, WKT or a
        PROJ string; full-width characters and stray blanks are tolerated.
    vertical : str
        Name of the vertical datum when it is stated apart.
    wkt : str
        Well-known text to use when `text` is ``"WKT"`` or no known name.

    Raises
    ------
    UnknownCrs
        When nothing horizontal is known under the name.

    """
    found = _parse(_tidy(text), _tidy(wkt))
    height = vertical_code(vertical)
    if height and not found.vertical:
        return replace(found, vertical=height)
    return found


@lru_cache(maxsize=256)
def vertical_code(text: str) -> str:
    """Authority code of a vertical datum named by code or in words; empty if unknown."""
    tidy = _tidy(text).upper().replace(" ", "")
    if re.fullmatch(r"EPSG:\d+", tidy):
        return tidy
    for code, words in _VERTICAL_NAMES.items():
        if any(w in tidy for w in words):
            return code
    return _vertical_by_name(_tidy(text))


def without_prefix(crs: Crs) -> Crs:
    """The same zone with 500 km false easting; `crs` itself when it carries no zone prefix."""
    number = _epsg(crs.horizontal)
    for codes, step in _PREFIXED:
        if number in codes:
            return parse(f"EPSG:{number + step}", vertical=crs.vertical)
    return crs


def zone_prefix(crs: Crs) -> int:
    """The zone number that 3- and 6-degree Gauss-Krueger eastings of `crs` may carry; 0 if none."""
    number = _epsg(crs.horizontal)
    for codes, step in _PREFIXED:
        first = codes.start
        zone = 13 if len(codes) == 11 else 25
        if number in codes:
            return zone + number - first
        if number - step in codes:
            return zone + number - step - first
    return 0


def with_prefix(crs: Crs) -> Crs:
    """The same zone with its number before the easting; `crs` itself where there is none."""
    number = _epsg(crs.horizontal)
    for codes, step in _PREFIXED:
        if number - step in codes:
            return parse(f"EPSG:{number - step}", vertical=crs.vertical)
    return crs


def has_prefix(crs: Crs) -> bool:
    """Whether eastings of `crs` start with the zone number."""
    number = _epsg(crs.horizontal)
    return any(number in codes for codes, _ in _PREFIXED)


def default_grid(lon: float, lat: float, *, datum: str) -> Crs:
    """A metric grid for a place: the 3-degree CGCS2000 zone in China, UTM elsewhere."""
    if datum in {"EPSG:4490", "EPSG:4480"} and 73.5 <= lon < 136.5:
        return parse(f"EPSG:{4534 + round((lon - 75) / 3)}")
    zone = int((lon + 180) // 6) % 60 + 1
    return parse(f"EPSG:{(32600 if lat >= 0 else 32700) + zone}")


def _tidy(text: str) -> str:
    return unicodedata.normalize("NFKC", text or "").strip()


def _epsg(name: str) -> int:
    return int(name[5:]) if re.fullmatch(r"EPSG:\d+", name) else -1


@lru_cache(maxsize=256)
def _parse(text: str, wkt: str) -> Crs:
    if text.lower().startswith(grids.PREFIX):
        return _own_grid(text)
    name = gcj02.system(text)
    if name:
        title = gcj02.SYSTEMS[name].title
        return Crs(horizontal=name, title=title, datum=name, geographic=True, area=gcj02.AREA)
    for candidate, guessed in _candidates(text, wkt):
        crs = _try(candidate)
        if crs is not None:
            return _described(crs, guessed=guessed)
    message = f'the CRS "{text[:80]}" is not known; give an EPSG code such as "EPSG:4549"'
    raise UnknownCrs(message)


def _own_grid(text: str) -> Crs:
    """A transverse Mercator by its numbers, with ``+5737`` for heights where given."""
    height = re.search(r"\+(?:EPSG:)?(\d{4,5})$", text)
    plain = text[: height.start()] if height else text
    try:
        name = grids.canonical(plain)
    except ValueError as err:
        message = f'"{text[:120]}": {err}; write tmerc:lon_0=106.5,x_0=500000,ellps=CGCS2000'
        raise UnknownCrs(message) from err
    found = _described(grids.build(name), guessed=False)
    return replace(
        found,
        horizontal=name,
        vertical=f"EPSG:{height[1]}" if height else "",
        area=grids.area(name),
    )


def _candidates(text: str, wkt: str) -> list[tuple[str, bool]]:
    compact = text.upper().replace(" ", "")
    code = re.fullmatch(r"(?:URN:OGC:DEF:CRS:)?(EPSG|ESRI)[:.\-]*(?:V?[\d.]*:)?(\d{4,6})", compact)
    pair = re.fullmatch(r"(?:EPSG:+)?(\d{4,6})[+/](?:EPSG:+)?(\d{4,6})", compact)
    page = re.fullmatch(r"(?:HTTPS?://)?(?:WWW\.)?EPSG\.IO/(\d{4,6})(?:[/?#.].*)?", compact)
    if pair:
        return [(f"EPSG:{pair[1]}+{pair[2]}", False)]
    if code:
        return [(f"{code[1]}:{code[2]}", False)]
    if page:
        return [(f"EPSG:{page[1]}", False)]
    if re.fullmatch(r"\d{4,6}", compact):
        return [(f"EPSG:{compact}", False)]
    found = [] if compact in {"", "WKT"} else [(text, True)]
    zone = grids.chinese_zone(text)
    if zone:
        found.append((zone, True))
    if wkt:
        found.insert(0 if compact in {"", "WKT"} else len(found), (wkt, False))
    return found


def _try(text: str) -> "CRS | None":
    from pyproj import CRS
    from pyproj.exceptions import CRSError

    try:
        return CRS.from_user_input(text)
    except CRSError:
        return None


def _described(crs: "CRS", *, guessed: bool) -> Crs:
    horizontal, vertical = crs, ""
    if crs.is_compound:
        horizontal, upright = crs.sub_crs_list[0], crs.sub_crs_list[1]
        vertical = _authority(upright) or upright.name
    if horizontal.is_bound and horizontal.source_crs is not None:
        horizontal = horizontal.source_crs
    if not (horizontal.is_projected or horizontal.is_geographic):
        message = f'"{crs.name}" has no eastings and northings; give a projected CRS'
        raise UnknownCrs(message)
    base = horizontal.geodetic_crs
    known = _authority(horizontal)
    if known:
        horizontal = system_of(known)
    area = horizontal.area_of_use or crs.area_of_use
    return Crs(
        horizontal=known or horizontal.to_wkt(),
        vertical=vertical,
        title=horizontal.name,
        datum="" if base is None else _authority(base) or base.name,
        unit=float(horizontal.axis_info[0].unit_conversion_factor or 1.0),
        geographic=bool(horizontal.is_geographic),
        area=None if area is None else (area.west, area.south, area.east, area.north),
        guessed=guessed,
    )


def _authority(crs: "CRS") -> str:
    """``"EPSG:n"`` of the system when its numbers agree with that entry, else empty.

    WKT of other makers differs in axis order and wording, and an identifier may be wrong:
    so candidates by identifier and by name are compared by what they compute.
    """
    from pyproj import CRS

    named = crs.to_authority(min_confidence=90)
    if not crs.is_projected:
        return _base_authority(crs)
    stated = crs.to_json_dict().get("id", {})
    found = [named, crs.to_authority(min_confidence=20)]
    if stated:
        found.append((str(stated["authority"]), str(stated["code"])))
    by_name = _try(crs.name)
    if by_name is not None:
        found.append(by_name.to_authority(min_confidence=90))
    for pair in filter(None, found):
        candidate = _try(f"{pair[0]}:{pair[1].strip()}")
        if isinstance(candidate, CRS) and (candidate == crs or _computes_alike(crs, candidate)):
            return f"{pair[0]}:{pair[1].strip()}"
    return ""


@lru_cache(maxsize=64)
def _vertical_by_name(text: str) -> str:
    """Code of a height system by the name EPSG has for it, with or without "height"."""
    for name in (text, f"{text} height"):
        crs = _try(name) if text else None
        if crs is not None and crs.is_vertical:
            return _base_authority(crs)
    return ""


def _base_authority(crs: "CRS") -> str:
    """Authority code of a geographic or vertical system; longitude-first twins become EPSG."""
    named = crs.to_authority(min_confidence=90)
    code = "" if named is None else f"{named[0]}:{named[1].strip()}"
    if code and not code.startswith("OGC:"):
        return code
    if code in _LONGITUDE_FIRST:
        return _LONGITUDE_FIRST[code]
    number = None if crs.name == "unknown" else crs.to_epsg(min_confidence=20)
    candidate = None if number is None else _try(f"EPSG:{number}")
    if candidate is None or candidate.ellipsoid is None or crs.ellipsoid is None:
        return ""
    one, two = crs.ellipsoid, candidate.ellipsoid
    same = abs(one.semi_major_metre - two.semi_major_metre) < 1e-3
    same = same and abs(one.inverse_flattening - two.inverse_flattening) < 1e-6
    return f"EPSG:{number}" if same else ""


def _computes_alike(a: "CRS", b: "CRS") -> bool:
    """Whether two projected systems on one datum give equal coordinates."""
    from pyproj import Transformer

    if not (a.is_projected and b.is_projected and a.geodetic_crs and b.geodetic_crs):
        return False
    if a.geodetic_crs.datum is None or b.geodetic_crs.datum is None:
        return False
    names = [(_authority(c) or c.name) for c in (a.geodetic_crs, b.geodetic_crs)]
    if names[0] != names[1] or b.area_of_use is None:
        return False
    area = b.area_of_use
    lon = np.linspace(area.west, area.east, 4)
    lat = np.linspace(area.south, area.north, 4)
    one, two = (
        np.array(Transformer.from_crs(c.geodetic_crs, c, always_xy=True).transform(lon, lat))
        for c in (a, b)
    )
    same_unit = a.axis_info[0].unit_conversion_factor == b.axis_info[0].unit_conversion_factor
    return same_unit and bool(np.abs(one - two).max() < 1e-4)


@lru_cache(maxsize=256)
def system_of(horizontal: str) -> "CRS":
    """The system of pyproj that ``Crs.horizontal`` names."""
    from pyproj import CRS

    if horizontal.startswith(grids.PREFIX):
        return grids.build(horizontal)
    return CRS.from_user_input(horizontal)
