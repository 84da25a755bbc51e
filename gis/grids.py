"""Grids by their numbers or their Chinese names: transverse Mercators on a known datum."""

import math
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pyproj import CRS

#: How such a grid is written: ``tmerc:lon_0=106.5,x_0=500000,y_0=0,ellps=CGCS2000``.
PREFIX = "tmerc:"
#: Geographic base by the ellipsoid a survey names; within one base everything is exact.
_BASES = {
    "cgcs2000": "EPSG:4490",
    "wgs84": "EPSG:4326",
    "iag75": "EPSG:4610",
    "krass": "EPSG:4214",
}
_SAME = {"xian80": "iag75", "iag1975": "iag75", "beijing54": "krass", "krassowsky": "krass"}
_DEFAULTS = {"lat_0": 0.0, "k": 1.0, "x_0": 0.0, "y_0": 0.0}
#: What makes a number in the name of a system its central meridian.
_MERIDIAN = re.compile(
    r"中央|子午|经线|[度°]|\bCM|\bL_?0\b|\d\s*E\b|^[\s_/-]*\d{2,3}\s*$", re.IGNORECASE
)
#: Heights of the plane of projection: such a grid is no zone of the country's, but one of its own.
_RAISED = re.compile(r"抵偿|投影面|高程面|投影高程")
#: A number of degrees with what it has beyond whole ones.
_DEGREES = re.compile(
    r"(?<![\d.])(\d{2,3})(?!\d)(?:\.(\d+))?(?:\s*[°度]\s*(\d{1,2})(?:\.\d+)?\s*['\u2032\u2019分])?"
)
#: Degrees of longitude on either side for which such a grid is meant, and latitudes of it.
HALF_WIDTH = 3.0
_LATITUDES = (3.0, 54.0)


def canonical(text: str) -> str:
    """The one way to write the grid of `text`, numbers in a fixed order.

    Raises
    ------
    ValueError
        When a number is missing, unknown or impossible; the message says which.

    """
    given: dict[str, str] = {}
    for part in text[len(PREFIX) :].replace(";", ",").split(","):
        key, _, value = part.strip().partition("=")
        if key:
            given[key.strip().lower()] = value.strip()
    unknown = sorted(set(given) - {"lon_0", "ellps", *_DEFAULTS})
    if unknown:
        message = f"unknown: {', '.join(unknown)}"
        raise ValueError(message)
    if "lon_0" not in given:
        message = "lon_0 (the central meridian in degrees) is missing"
        raise ValueError(message)
    name = re.sub(r"[^a-z0-9]", "", given.pop("ellps", "cgcs2000").lower())
    name = _SAME.get(name, name)
    if name not in _BASES:
        message = f"ellps must be one of {', '.join(_BASES)}"
        raise ValueError(message)
    numbers = {k: _degrees(given[k]) if k in given else v for k, v in _DEFAULTS.items()}
    meridian = _degrees(given["lon_0"])
    if not (-180 <= meridian <= 180 and 0.9 < numbers["k"] < 1.1 and abs(numbers["lat_0"]) < 90):
        message = "lon_0, lat_0 or k is out of range"
        raise ValueError(message)
    listed = ",".join(f"{k}={v!r}" for k, v in numbers.items())
    return f"{PREFIX}lon_0={meridian!r},{listed},ellps={name}"


def build(text: str) -> "CRS":
    """The projected CRS of a canonical text."""
    from pyproj import CRS
    from pyproj.crs import ProjectedCRS
    from pyproj.crs.coordinate_operation import TransverseMercatorConversion

    values = dict(part.split("=") for part in text[len(PREFIX) :].split(","))
    return ProjectedCRS(
        name=f"Transverse Mercator, central meridian {float(values['lon_0']):g}",
        conversion=TransverseMercatorConversion(
            latitude_natural_origin=float(values["lat_0"]),
            longitude_natural_origin=float(values["lon_0"]),
            false_easting=float(values["x_0"]),
            false_northing=float(values["y_0"]),
            scale_factor_natural_origin=float(values["k"]),
        ),
        geodetic_crs=CRS.from_user_input(_BASES[values["ellps"]]),
    )


def chinese_zone(text: str) -> str:
    """EPSG code of words such as "2000国家大地坐标系 3度带 中央子午线120"; empty if unclear.

    A meridian means eastings without, a zone number ("35带") eastings with the zone number.
    A meridian needs no width of zone: both widths have the same coordinates there.
    One that is not of whole degrees, and a raised plane, are of a grid of its own.
    """
    if _RAISED.search(text) or not re.search(
        r"CGCS\s*2000|2000国家大地|国家2000|大地2000", text, re.IGNORECASE
    ):
        return ""
    rest = re.sub(r"CGCS\s*2000|2000|WGS[\s_-]*(19)?84", " ", text, flags=re.IGNORECASE)
    three = re.search(r"(?<!\d)3\s*[度°]|三度|3-?\s*degree", rest, re.IGNORECASE)
    six = re.search(r"(?<!\d)6\s*[度°]|六度|6-?\s*degree", rest, re.IGNORECASE)
    if bool(three) == bool(six):
        said = not three and _MERIDIAN.search(rest)
        return _plain_zone(rest, step=3) if said else ""
    step, prefixed, first = (3, 4513, 25) if three else (6, 4491, 13)
    zones = {int(z) for z in re.findall(r"(?<!\d)(\d{2})\s*号?带", rest)}
    zones |= {
        int(z) for z in re.findall(r"(?:带号|ZONE)\s*[:：]?\s*(\d{2})(?!\d)", rest, re.IGNORECASE)
    }
    fitting = [z - first for z in zones if 0 <= z - first <= 60 // step]
    if len(zones) == len(fitting) == 1:
        return f"EPSG:{prefixed + fitting[0]}"
    return _plain_zone(rest, step=step)


def _plain_zone(text: str, *, step: int) -> str:
    """EPSG code of the zone about the only central meridian in a text; empty if unclear."""
    found = _DEGREES.findall(text)
    if any(int(part or 0) for _, *parts in found for part in parts):
        return ""
    meridians = {int(whole) for whole, *_ in found}
    fitting = [m for m in sorted(meridians) if 75 <= m <= 135 and (m - 75) % step == 0]
    plain = 4534 if step == 3 else 4502
    return f"EPSG:{plain + (fitting[0] - 75) // step}" if len(fitting) == 1 else ""


def in_other_words(
    *, name: str, datum: str, projection: str, zone: str, description: str
) -> Iterator[str]:
    """Names of the system that the parts of an IfcProjectedCRS may stand for, the likeliest first.

    Exporters name the datum alone and put the zone into MapZone, or say the code in Description.
    """
    if description.strip() and name.strip().upper() != "WKT":
        yield description
    number = re.fullmatch(r"\D*?(\d{1,3})\D*", zone.strip())
    if number is None:
        return
    utm = re.fullmatch(r"(?:UTM)?\s*(?:zone)?\s*(\d{1,2})\s*([NS])", zone.strip(), re.IGNORECASE)
    if utm and re.search("UTM|transverse|TM", f"{projection}{zone}{name}", re.IGNORECASE):
        for base in (name, datum):
            known = re.sub(r"^WGS[\s_-]*(19)?84$", "WGS 84", base.strip(), flags=re.IGNORECASE)
            yield f"{known} / UTM zone {utm[1]}{utm[2].upper()}"
    word = "中央子午线" if int(number[1]) >= 73 else "ZONE"
    yield chinese_zone(f"{name} {datum} {projection} {word} {number[1]}")


def area(text: str) -> tuple[float, float, float, float]:
    """West, south, east, north in degrees within which coordinates of the grid are believed."""
    meridian = float(text[len(PREFIX) :].partition("=")[2].partition(",")[0])
    south, north = _LATITUDES
    return (meridian - HALF_WIDTH, south, meridian + HALF_WIDTH, north)


def _degrees(text: str) -> float:
    """A number; degrees may be written with minutes and seconds, as in 106°30'."""
    parts = [p for p in re.split(r"[°d度'm分\"s秒]", text) if p.strip()]
    try:
        values = [float(p) for p in parts]
    except ValueError:
        values = []
    if not 1 <= len(values) <= 3 or not all(map(math.isfinite, values)):
        message = f"{text!r} is no number"
        raise ValueError(message)
    sign = -1.0 if text.strip().startswith("-") else 1.0
    return sign * sum(abs(v) / 60.0**k for k, v in enumerate(values))
