"""Terrain from GeoTIFF by rasterio, with that one driver and in bounded memory."""

import math
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from bimcore.arrays import F32
from bimcore.findings import Finding
from gis import layer_codes as codes
from gis.errors import LayerError
from gis.transfer import GridFound

#: Heights (metres) that the ground has; what lies outside is a mark for "nothing known" that
#: the file does not declare, such as -9999.
LOWEST, HIGHEST = -1000.0, 9000.0
_UNITS = {
    **dict.fromkeys(("ft", "foot", "feet", "international foot", "foot (international)"), 0.3048),
    **dict.fromkeys(("us survey foot", "us survey feet", "foot us", "us ft", "ftus"), 1200 / 3937),
    **dict.fromkeys(("cm", "centimetre", "centimeter", "centimetres", "centimeters"), 0.01),
    **dict.fromkeys(("mm", "millimetre", "millimeter", "millimetres", "millimeters"), 0.001),
    **dict.fromkeys(("dm", "decimetre", "decimeter", "decimetres", "decimeters"), 0.1),
}
_METRES = {"", "m", "metre", "meter", "metres", "meters"}


def load() -> tuple[type[Exception], ...]:
    """Load GDAL without network, plug-ins and neighbours; what it raises about data."""
    options = {
        "GDAL_DRIVER_PATH": "disable",
        "PROJ_NETWORK": "OFF",
        "CPL_VSIL_CURL_ALLOWED_EXTENSIONS": "{none}",
        "GDAL_DISABLE_READDIR_ON_OPEN": "EMPTY_DIR",
        "GDAL_CACHEMAX": "256",
        "GDAL_SKIP": "VRT,WMS,WMTS,HTTP,EEDAI,DAAS,STACTA,STACIT,PLMOSAIC,RASTERLITE,GTI,NGW",
    }
    for name, value in options.items():
        os.putenv(name, value)
    import rasterio.errors as said

    return said.RasterioError, said.RasterioIOError


def read(item: dict[str, Any]) -> Iterator[GridFound]:
    """The first band as a grid of heights in metres."""
    import rasterio

    limits = item["limits"]
    with rasterio.open(item["path"], driver="GTiff") as raster:
        _check(raster, limits["most_cells"])
        move = raster.transform
        if move.is_identity:
            move = _world_file(Path(item["path"])) or move
        if move.b or move.d or move.a <= 0 or move.e >= 0:
            raise _unfit(
                zh="栅格未定位，或有旋转、镜像", en="it is not georeferenced, or turned or mirrored"
            )
        cells = raster.width * raster.height
        step = max(1, math.ceil(math.sqrt(cells / limits["cells"])))
        z = _heights(raster, step)
        told = []
        if step > 1:
            told.append(Finding.of(codes.TERRAIN_THINNED, step=step, cells=cells, kept=z.size))
        told += emptied(z)
        if not np.isfinite(z).any():
            raise LayerError(codes.NO_FEATURES)
        # GDAL places the corner of the first cell whether the file counts from there or from
        # its centre (AREA_OR_POINT).
        yield GridFound(
            name="",
            z=z,
            west=move.c + move.a / 2,
            north=move.f + move.e / 2,
            step_x=move.a * step,
            step_y=-move.e * step,
            crs=raster.crs.to_wkt() if raster.crs else stated_beside(Path(item["path"])),
            findings=told,
        )


def stated_beside(path: Path) -> str | None:
    """The CRS in a ``.prj`` that came with a raster."""
    prj = path.with_suffix(".prj")
    if not prj.is_file():
        return None
    with prj.open(encoding="utf-8", errors="replace") as stream:
        return stream.read(20_000)


def _world_file(path: Path) -> Any:
    """The place that a world file beside a raster gives it; None without one.

    GDAL does not look at neighbours here. The file counts from the centre of the first cell.
    """
    from rasterio import Affine

    for suffix in (".tfw", ".tifw", ".tiffw", ".wld"):
        file = path.with_suffix(suffix)
        if file.is_file():
            a, d, b, e, x, y = (float(w) for w in file.read_bytes()[:1000].split())
            return Affine(a, b, x, d, e, y) * Affine.translation(-0.5, -0.5)
    return None


def _check(raster: Any, most: int) -> None:
    cells = raster.width * raster.height
    if cells > most:
        raise LayerError(
            codes.TOO_MUCH, what_zh=f"{cells} 个栅格单元", what_en=f"{cells} cells of a raster"
        )
    kinds = {str(k) for k in raster.dtypes}
    if any("complex" in k for k in kinds) or (raster.count > 1 and kinds == {"uint8"}):
        raise _unfit(zh="这是影像，不是高程", en="it is a picture, not heights")
    if _unit_word(raster) not in _METRES | set(_UNITS):
        unit = raster.units[0]
        raise _unfit(zh=f"高程单位 {unit} 未知", en=f"its unit of height, {unit}, is not known")


def _unit_word(raster: Any) -> str:
    """The unit of heights as the file words it, tidied: ``us-ft`` and ``US_ft`` are one."""
    return " ".join((raster.units[0] or "").lower().replace("-", " ").replace("_", " ").split())


def _heights(raster: Any, step: int) -> F32:
    """Every `step`-th cell of every `step`-th row, in strips of the file's own blocks."""
    rows = range(0, raster.height, step)
    z = np.full((len(rows), len(range(0, raster.width, step))), np.nan, dtype=np.float32)
    high = max(1, raster.block_shapes[0][0], (1 << 22) // raster.width)
    scale, offset = raster.scales[0], raster.offsets[0]
    factor = _UNITS.get(_unit_word(raster), 1.0)
    for top in range(0, raster.height, high):
        bottom = min(top + high, raster.height)
        # The first kept row at or below the top of this strip.
        first = -(-top // step) * step
        if first >= bottom:
            continue
        band = raster.read(1, window=((top, bottom), (0, raster.width)), masked=True)
        part = band[first - top :: step, ::step]
        heights = np.ma.filled(part.astype(np.float64), np.nan) * scale + offset
        z[first // step : first // step + len(part)] = heights * factor
    return z


def emptied(z: F32) -> list[Finding]:
    """Take out heights that no ground has, and say so."""
    with np.errstate(invalid="ignore"):
        odd = (z < LOWEST) | (z > HIGHEST) | np.isinf(z)
    count = int(odd.sum())
    if count == 0:
        return []
    z[odd] = np.nan
    return [
        Finding.of(
            codes.CONTENT_SKIPPED,
            what_zh=f"{count} 个单元的高程不在 {LOWEST:g} 至 {HIGHEST:g} 米之间",
            what_en=f"{count} cells with heights outside {LOWEST:g} to {HIGHEST:g} m",
        )
    ]


def _unfit(*, zh: str, en: str) -> LayerError:
    return LayerError(codes.NO_GROUND, name="", why_zh=zh, why_en=en)
