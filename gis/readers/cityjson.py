"""Buildings of CityJSON as footprints with the heights of their ground and roof."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from bimcore.arrays import F64
from bimcore.findings import Finding
from gis import layer_codes as codes
from gis.transfer import Features, contradictory

#: Faces whose shadow is smaller (square metres) are walls.
_WALL = 1e-6
#: How deep the boundaries of each kind of geometry hold rings.
_DEPTH = {
    "MultiSurface": 1,
    "CompositeSurface": 1,
    "Solid": 2,
    "MultiSolid": 3,
    "CompositeSolid": 3,
}


def load() -> tuple[type[Exception], ...]:
    """Load nothing; the JSON parser of Python raises ValueError."""
    return ()


def read(item: dict[str, Any]) -> Iterator[Features]:
    """The buildings and their parts that have a geometry, one feature each."""
    text = Path(item["path"]).read_text(encoding="utf-8-sig")
    document = json.loads(text, parse_constant=_no_number)
    if not isinstance(document, dict) or document.get("type") != "CityJSON":
        raise contradictory(zh="不是 CityJSON 文件", en="it is no CityJSON file")
    points = _points(document)
    rows: list[tuple[str, Mapping[str, Any], list[list[int]]]] = []
    skipped: dict[str, int] = {}
    for key, thing in document.get("CityObjects", {}).items():
        kind = str(thing.get("type", ""))
        faces = _faces(thing, len(points)) if kind in {"Building", "BuildingPart"} else []
        if faces:
            rows.append((str(key), thing, faces))
        elif not (kind == "Building" and thing.get("children")):
            skipped[kind] = skipped.get(kind, 0) + 1
    told = []
    if skipped:
        what = ", ".join(f"{k} {n}" for k, n in sorted(skipped.items()))
        told.append(Finding.of(codes.CONTENT_SKIPPED, what_zh=what, what_en=what))
    outlines = _outlines([faces for *_, faces in rows], points)
    used = [points[np.concatenate(faces), 2] for *_, faces in rows]
    low, high = [float(z.min()) for z in used], [float(z.max()) for z in used]
    said = [t.get("attributes") or {} for _, t, _ in rows]
    yield Features(
        name="",
        wkb=[bytes(b) for b in shapely.to_wkb(shapely.force_3d(outlines, z=low))],
        columns={
            "id": [key for key, *_ in rows],
            "type": [t["type"] for _, t, _ in rows],
            "function": [_text(a, "function", "class", "usage") for a in said],
            "storeys": [_number(a, "storeysAboveGround") for a in said],
            "ground_m": low,
            "roof_m": high,
            "height_m": [b - a for a, b in zip(low, high, strict=True)],
        },
        crs=_crs(document),
        role="neighbour",
        levels=("ground_m", "roof_m"),
        findings=told,
    )


def _no_number(word: str) -> float:
    raise contradictory(zh=f"含有 {word}", en=f"it holds {word}")


def _points(document: Mapping[str, Any]) -> F64:
    """All vertices (V, 3) in the units of the CRS."""
    try:
        raw = np.array(document.get("vertices", []), dtype=np.float64).reshape(-1, 3)
        transform = document.get("transform")
        if transform is not None:
            scale = np.array(transform["scale"], dtype=np.float64)
            shift = np.array(transform["translate"], dtype=np.float64)
            raw = raw * scale.reshape(3) + shift.reshape(3)
    except (ValueError, OverflowError, TypeError, KeyError) as err:
        raise contradictory(zh="顶点或 transform 无效", en="its vertices or transform") from err
    if not np.isfinite(raw).all():
        raise contradictory(zh="顶点不是有限数值", en="a vertex is no finite number")
    return raw


def _faces(thing: Mapping[str, Any], count: int) -> list[list[int]]:
    """Vertices of the outer ring of each face of the most detailed geometry."""
    shapes = [g for g in thing.get("geometry", []) if g.get("type") in _DEPTH]
    if not shapes:
        return []
    best = max(shapes, key=lambda g: str(g.get("lod", "")))
    rings = _rings(best.get("boundaries", []), _DEPTH[best["type"]])
    return [ring for ring in (_indices(r, count) for r in rings) if len(ring) >= 3]


def _outlines(buildings: Sequence[list[list[int]]], points: F64) -> NDArray[np.object_]:
    """What each building covers from above; empty where all its faces stand upright."""
    rings = [ring for faces in buildings for ring in faces]
    owner = np.repeat(np.arange(len(buildings)), [len(faces) for faces in buildings])
    if not rings:
        return np.zeros(0, dtype=object)
    sizes = [len(ring) for ring in rings]
    flat = shapely.linearrings(
        points[np.concatenate(rings), :2], indices=np.repeat(np.arange(len(rings)), sizes)
    )
    faces = shapely.polygons(flat)
    level = shapely.area(faces) > _WALL
    faces, owner = faces[level], owner[level]
    crossed = ~shapely.is_valid(faces)
    faces[crossed] = shapely.make_valid(faces[crossed])
    joined = np.full(len(buildings), shapely.Polygon(), dtype=object)
    held, at = np.unique(owner, return_inverse=True)
    if len(held):
        together = shapely.geometrycollections(faces, indices=at)
        joined[held] = shapely.union_all(together[:, None], axis=1)
    odd = shapely.get_type_id(joined) == shapely.GeometryType.GEOMETRYCOLLECTION
    # Repaired faces may leave lines behind.
    for row in np.flatnonzero(odd):
        parts = shapely.get_parts(joined[row])
        joined[row] = shapely.union_all(parts[shapely.get_dimensions(parts) == 2])
    return joined


def _rings(boundaries: Any, depth: int) -> Iterator[Any]:
    """The outer ring of every face; holes of faces do not matter from above."""
    if not isinstance(boundaries, list):
        raise contradictory(zh="几何边界不是数组", en="the boundaries of a geometry are no array")
    if depth == 1:
        yield from (face[0] for face in boundaries if face)
    else:
        for part in boundaries:
            yield from _rings(part, depth - 1)


def _indices(ring: Any, count: int) -> list[int]:
    if not isinstance(ring, list) or not all(type(i) is int and 0 <= i < count for i in ring):
        raise contradictory(
            zh=f"面引用了不存在的顶点（共 {count} 个）",
            en=f"a face refers to none of {count} vertices",
        )
    return ring


def _crs(document: Mapping[str, Any]) -> str | None:
    """EPSG code of ``metadata.referenceSystem``, of an OGC address or the older URN."""
    name = str((document.get("metadata") or {}).get("referenceSystem") or "")
    found = re.search(r"EPSG[/:]+[\d.]*[/:]+(\d{4,6})$|^EPSG:(\d{4,6})$", name, re.IGNORECASE)
    return f"EPSG:{found[1] or found[2]}" if found else name or None


def _text(values: Mapping[str, Any], *names: str) -> str | None:
    return next((str(values[n]) for n in names if values.get(n)), None)


def _number(values: Mapping[str, Any], name: str) -> float | None:
    value = values.get(name)
    return float(value) if isinstance(value, int | float) and abs(value) < 1e6 else None
