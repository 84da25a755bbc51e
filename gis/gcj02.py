"""The shifted map systems of China, GCJ-02 and BD-09, to and from WGS 84 degrees.

The formula is a public re-creation, and map vendors add rounding of their own: what comes
through it shows where things are, it measures nothing.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from bimcore.arrays import F64, Mask

#: Horizontal figure in metres for a layer digitised on such a map (formula, vendor, drawing).
ACCURACY = 5.0
#: Where the shift applies: west, south, east, north in degrees.
AREA = (72.004, 0.8293, 137.8347, 55.8271)

_SEMI_MAJOR = 6378245.0
_ECCENTRICITY = 0.00669342162296594323
_BD_TURN = np.pi * 3000.0 / 180.0
#: The inverse gains three digits a round; this many leave less than 1e-8 m.
_ROUNDS = 8


def to_gcj02(degrees: F64) -> F64:
    """GCJ-02 longitude and latitude (N, 2) of WGS 84 ones; equal outside China."""
    lon, lat = degrees[..., 0], degrees[..., 1]
    x, y = lon - 105.0, lat - 35.0
    waves = 20.0 * np.sin(6 * np.pi * x) + 20.0 * np.sin(2 * np.pi * x)
    north = -100.0 + 2 * x + 3 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * np.sqrt(np.abs(x))
    north = north + (waves + _waves(y, (20.0, 1.0), (40.0, 3.0), (160.0, 12.0), (320.0, 30.0))) * (
        2.0 / 3.0
    )
    east = 300.0 + x + 2 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * np.sqrt(np.abs(x))
    east = east + (waves + _waves(x, (20.0, 1.0), (40.0, 3.0), (150.0, 12.0), (300.0, 30.0))) * (
        2.0 / 3.0
    )
    phi = np.radians(lat)
    root = 1.0 - _ECCENTRICITY * np.sin(phi) ** 2
    meridian = _SEMI_MAJOR * (1 - _ECCENTRICITY) / root**1.5
    parallel = _SEMI_MAJOR / np.sqrt(root) * np.cos(phi)
    shift = np.stack([np.degrees(east / parallel), np.degrees(north / meridian)], axis=-1)
    return np.where(_inside(degrees)[..., None], degrees + shift, degrees)


def from_gcj02(degrees: F64) -> F64:
    """WGS 84 longitude and latitude (N, 2) of GCJ-02 ones."""
    return _inverse(to_gcj02, degrees)


def to_bd09(degrees: F64) -> F64:
    """BD-09 longitude and latitude (N, 2) of WGS 84 ones."""
    return _bd_of_gcj(to_gcj02(degrees))


def from_bd09(degrees: F64) -> F64:
    """WGS 84 longitude and latitude (N, 2) of BD-09 ones."""
    return from_gcj02(_inverse(_bd_of_gcj, degrees))


def _waves(v: F64, *terms: tuple[float, float]) -> F64:
    total: F64 = sum((a * np.sin(v * np.pi / d) for a, d in terms), np.zeros_like(v))
    return total


def _bd_of_gcj(degrees: F64) -> F64:
    x, y = degrees[..., 0], degrees[..., 1]
    reach = np.hypot(x, y) + 2e-5 * np.sin(y * _BD_TURN)
    angle = np.arctan2(y, x) + 3e-6 * np.cos(x * _BD_TURN)
    return np.stack([reach * np.cos(angle) + 0.0065, reach * np.sin(angle) + 0.006], axis=-1)


def _inverse(forward: Callable[[F64], F64], degrees: F64) -> F64:
    """Where `forward` gives `degrees`: it is nearly a shift, so repeating its error converges."""
    wanted = np.asarray(degrees, dtype=np.float64)
    found = wanted.copy()
    for _ in range(_ROUNDS):
        found = found + wanted - forward(found)
    return found


def _inside(degrees: F64) -> Mask:
    west, south, east, north = AREA
    lon, lat = degrees[..., 0], degrees[..., 1]
    within: Mask = (lon >= west) & (lon <= east) & (lat >= south) & (lat <= north)
    return within


@dataclass(frozen=True, slots=True)
class Shifted:
    """One of these systems: its title, the words people use, the way to WGS 84 degrees."""

    title: str
    words: str
    back: Callable[[F64], F64]


SYSTEMS: Mapping[str, Shifted] = {
    "gcj02": Shifted("GCJ-02", r"GCJ-?0?2|火星坐标.*|高德.*|AMAP", from_gcj02),
    "bd09": Shifted("BD-09", r"BD-?0?9(LL)?|百度.*", from_bd09),
}


def system(text: str) -> str:
    """The key in ``SYSTEMS`` that a name means; empty if none."""
    tidy = text.upper().replace(" ", "").replace("_", "-")
    return next((k for k, s in SYSTEMS.items() if re.fullmatch(s.words, tidy)), "")
