"""Terrain from Arc/Info ASCII grids, read number by number."""

import math
import re
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from bimcore.arrays import F32
from gis import layer_codes as codes
from gis.errors import LayerError
from gis.readers.raster import emptied, stated_beside
from gis.transfer import GridFound, contradictory

_CHUNK = 8 << 20
_KEYS = {
    "ncols", "nrows", "xllcorner", "yllcorner", "xllcenter", "yllcenter",
    "cellsize", "dx", "dy", "nodata_value",
}  # fmt: skip


def load() -> tuple[type[Exception], ...]:
    """Nothing to load."""
    return ()


def read(item: dict[str, Any]) -> Iterator[GridFound]:
    """The grid; its CRS is that of a ``.prj`` beside it."""
    path = Path(item["path"])
    with path.open("rb") as stream:
        head = _head(stream)
        columns, rows = _count(head, "ncols"), _count(head, "nrows")
        if columns * rows > 3 * item["limits"]["cells"]:
            cells = columns * rows
            raise LayerError(
                codes.TOO_MUCH, what_zh=f"{cells} 个栅格单元", what_en=f"{cells} cells of a grid"
            )
        # Two digits and a blank are the least a cell takes: no room is made for lies.
        if columns * rows > path.stat().st_size:
            raise _counts(columns * rows, "fewer")
        z = _numbers(stream, columns * rows).reshape(rows, columns)
    if "nodata_value" in head:
        z[z == np.float32(head["nodata_value"])] = np.nan
    told = emptied(z)
    if not np.isfinite(z).any():
        raise LayerError(codes.NO_FEATURES)
    step_x, step_y = (
        head.get("dx", head.get("cellsize", 0.0)),
        head.get("dy", head.get("cellsize", 0.0)),
    )
    if not (step_x > 0.0 and step_y > 0.0):
        raise contradictory(zh="cellsize 必须大于 0", en="cellsize must be above 0")
    west, south = _corner(head, "x", step_x), _corner(head, "y", step_y)
    yield GridFound(
        name="",
        z=z,
        west=west,
        north=south + (rows - 1) * step_y,
        step_x=step_x,
        step_y=step_y,
        crs=stated_beside(path),
        findings=told,
    )


def _head(stream: BinaryIO) -> dict[str, float]:
    """The header's numbers by their lower-case names; the stream stands at the first row."""
    found: dict[str, float] = {}
    while True:
        start = stream.tell()
        line = stream.readline(4096)
        words = line.split()
        if len(words) != 2 or not re.match(rb"[A-Za-z]", words[0]) or words[0].lower() == b"nan":
            stream.seek(start)
            return found
        key = words[0].decode("ascii", "replace").lower()
        value = float(words[1].replace(b",", b"."))
        if key not in _KEYS or not (math.isfinite(value) or key == "nodata_value"):
            raise contradictory(zh=f"文件头 {key}", en=f"its header {key}")
        found[key] = value


def _count(head: dict[str, float], key: str) -> int:
    value = head.get(key, 0.0)
    if not (value >= 1.0 and value.is_integer()):
        raise contradictory(zh=f"{key} 必须为正整数", en=f"{key} must be a whole number above 0")
    return int(value)


def _corner(head: dict[str, float], axis: str, step: float) -> float:
    """Centre of the outermost cell in the west or south."""
    if f"{axis}llcenter" in head:
        return head[f"{axis}llcenter"]
    if f"{axis}llcorner" not in head:
        raise contradictory(zh=f"缺少 {axis}llcorner", en=f"{axis}llcorner is missing")
    return head[f"{axis}llcorner"] + step / 2


def _numbers(stream: BinaryIO, wanted: int) -> F32:
    """All numbers of the body, which must be as many as wanted."""
    z = np.zeros(wanted, dtype=np.float32)
    have, rest = 0, b""
    while True:
        chunk = stream.read(_CHUNK)
        text = rest + chunk
        cut = (
            len(text) if not chunk else max(text.rfind(b" "), text.rfind(b"\n"), text.rfind(b"\t"))
        )
        text, rest = text[: cut + 1].replace(b",", b"."), text[cut + 1 :]
        with warnings.catch_warnings():
            # A word that is no number is told as a deprecation; here it is the end.
            warnings.simplefilter("error", DeprecationWarning)
            try:
                part = np.fromstring(text, dtype=np.float32, sep=" ") if text.strip() else z[:0]
            except (DeprecationWarning, ValueError) as err:
                raise contradictory(
                    zh="含有不是数字的内容", en="it holds words among its numbers"
                ) from err
        if have + len(part) > wanted:
            raise _counts(wanted, "more")
        z[have : have + len(part)] = part
        have += len(part)
        if not chunk:
            break
    if have != wanted:
        raise _counts(wanted, "fewer")
    return z


def _counts(wanted: int, how: str) -> LayerError:
    zh = "多于" if how == "more" else "少于"
    return contradictory(
        zh=f"高程个数{zh} ncols×nrows = {wanted}", en=f"{how} heights than ncols x nrows = {wanted}"
    )
