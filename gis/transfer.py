"""What a reader finds in a file, and how it goes from the child process to its parent."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from bimcore.arrays import F32, F64, I32
from bimcore.findings import Finding
from gis import layer_codes as codes
from gis.errors import LayerError


@dataclass(frozen=True, slots=True, kw_only=True)
class Features:
    """Features of one layer as a file holds them.

    Attributes
    ----------
    name : str
        Name of the layer within the file; empty for the only one.
    wkb : sequence of bytes
        Well-known binary of each feature; empty for a feature without geometry.
    columns : mapping
        Values by field name.
    crs : str or None
        As the file states it: code, name or WKT.
    role : str or None
        What the format itself says the layer is for.
    vertical_datum : str or None
        As the file states it.
    levels : tuple of str
        Columns of heights in metres.
    findings : sequence of Finding

    """

    name: str
    wkb: Sequence[bytes]
    columns: Mapping[str, Sequence[Any]]
    crs: str | None = None
    role: str | None = None
    vertical_datum: str | None = None
    levels: tuple[str, ...] = ()
    findings: Sequence[Finding] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class GridFound:
    """A grid of heights (R, C), its first row in the north; see :class:`gis.terrain.Grid`."""

    name: str
    z: F32
    west: float
    north: float
    step_x: float
    step_y: float
    crs: str | None = None
    vertical_datum: str | None = None
    findings: Sequence[Finding] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class TinFound:
    """Triangles (F, 3) over vertices (V, 3) of east, north and height in metres."""

    name: str
    vertices: F64
    faces: I32
    crs: str | None = None
    vertical_datum: str | None = None
    findings: Sequence[Finding] = field(default=())


def contradictory(*, zh: str, en: str) -> LayerError:
    """The refusal of content that contradicts itself."""
    return LayerError(codes.CONTRADICTORY, why_zh=zh, why_en=en)


def save(found: Features | GridFound | TinFound, out: Path, *, stem: str) -> dict[str, Any]:
    """Write the arrays to ``{stem}.npz`` in `out`; the JSON values beside them."""
    file = out / f"{stem}.npz"
    said: dict[str, Any] = {
        "name": _text(found.name),
        "file": file.name,
        "crs": found.crs,
        "vertical_datum": found.vertical_datum,
        "findings": [[f.code.code, f.severity, dict(f.data)] for f in found.findings],
    }
    if isinstance(found, Features):
        lengths = np.array([len(b) for b in found.wkb], dtype=np.int64)
        np.savez(file, wkb=np.frombuffer(b"".join(found.wkb), dtype=np.uint8), lengths=lengths)
        columns = [[_value(v) for v in values] for values in found.columns.values()]
        said |= {"fields": [_text(n) for n in found.columns], "columns": columns}
        return said | {"shape": "features", "role": found.role, "levels": list(found.levels)}
    if isinstance(found, GridFound):
        np.savez(file, z=found.z)
        place = {k: float(getattr(found, k)) for k in ("west", "north", "step_x", "step_y")}
        return said | {"shape": "grid", "place": place}
    np.savez(file, vertices=found.vertices, faces=found.faces)
    return said | {"shape": "tin"}


def _value(value: Any) -> Any:
    """A JSON value; what is no number, text or truth becomes its text."""
    if value is None or isinstance(value, bool | int):
        return value
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, bytes):
        return value.hex()
    return _text(str(value))


def _text(text: str) -> str:
    """Text that can be written again: bytes that a decoder passed through become marks."""
    return text.encode("utf-8", "replace").decode("utf-8")
