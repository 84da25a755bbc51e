"""Buildings of CityJSON as footprints with the heights of their ground and roof."""

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import shapely

from bimcore.arrays import F64
from bimcore.findings import Finding
from gis import layer_codes as codes
from gis.found import Features, contradictory

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
    rows: list[tuple[str, Mapping[str, Any], shapely.Geometry, float, float]] = []
    skipped: dict[str, int] = {}
    for key, thing in document.get("CityObjects", {}).items():
        kind = str(thing.get("type", ""))
        if kind not in {"Building", "BuildingPart"}:
            skipped[kind] = skipped.get(kind, 0) + 1
            continue
        found = _footprint(thing, points)
        if found is not None:
            rows.append((str(key), thing, *found))
        elif not thing.get("children"):
            skipped[kind] = skipped.get(kind, 0) + 1
    told = []
    if skipped:
        what = ", ".join(f"{k} {n}" for k, n in sorted(skipped.items()))
        told.append(Finding.of(codes.CONTENT_SKIPPED, what_zh=what, what_en=what))
    said = [t.get("attributes") or {} for _, t, *_ in rows]
    yield Features(
        name="",
        wkb=[bytes(shapely.to_wkb(shape)) for _, _, shape, _, _ in rows],
        columns={
            "id": [key for key, *_ in rows],
            "type": [t["type"] for _, t, *_ in rows],
            "function": [_text(a, "function", "class", "usage") for a in said],
            "storeys": [_number(a, "storeysAboveGround") for a in said],
            "ground_m": [low for *_, low, _ in rows],
            "roof_m": [high for *_, high in rows],
            "height_m": [high - low for *_, low, high in rows],
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


def _footprint(
    thing: Mapping[str, Any], points: F64
) -> tuple[shapely.Geometry, float, float] | None:
    """Outline from above, lowest and highest point of the most detailed geometry."""
    shapes = [g for g in thing.get("geometry", []) if g.get("type") in _DEPTH]
    if not shapes:
        return None
    best = max(shapes, key=lambda g: str(g.get("lod", "")))
    rings = _rings(best.get("boundaries", []), _DEPTH[best["type"]])
    corners = [_indices(ring, len(points)) for ring in rings]
    if not corners:
        return None
    used = points[np.concatenate(corners)]
    flat = [shapely.Polygon(points[c, :2]) for c in corners if len(c) >= 3]
    faces = [shapely.make_valid(f) for f in flat if f.area > _WALL]
    if not faces:
        return None
    low, high = float(used[:, 2].min()), float(used[:, 2].max())
    outline = shapely.union_all(faces)
    areas = [g for g in shapely.get_parts(outline) if g.geom_type in {"Polygon", "MultiPolygon"}]
    shape = shapely.union_all(areas)
    return shapely.force_3d(shape, low), low, high


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
