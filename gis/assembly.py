"""From what a child read to tables and terrains with a role, a CRS and stated facts."""

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from bimcore.arrays import F64, Mask, starts_of
from bimcore.findings import Code, Finding
from gis import crs as systems, layer_codes as codes, operations, roles
from gis.errors import LayerError
from gis.sniff import Source
from gis.tables import FeatureTable, LayerRequest
from gis.terrain import Grid, Terrain, Tin

#: Severity of what is wrong with the part of a drawing that nothing is checked against.
_ASIDE = 10
_CODES: Mapping[str, Code] = {c.code: c for c in codes.CODES}


def refusal(said: Mapping[str, Any]) -> LayerError | None:
    """Why a child gave no layer; None when it gave some."""
    if said.get("stopped"):
        return LayerError(codes.READER_STOPPED, why="time or memory")
    if said.get("failed"):
        return LayerError(
            codes.UNREADABLE,
            why_zh="内容不符合该格式的规定",
            why_en="its content is not what the format asks for",
        )
    if "refused" in said:
        return LayerError(_CODES[said["refused"]], **said["data"])
    if "error" in said:
        why = said["error"]
        return LayerError(codes.UNREADABLE, why_zh=f"读取程序报告“{why}”", why_en=why)
    return None


def tables_of(
    request: LayerRequest, name: str, source: Source, layers: Sequence[Mapping[str, Any]]
) -> list[FeatureTable]:
    """The tables of one file, each with the CRS that its numbers agree with.

    Layers of a drawing are joined by role: what they are for stands in their names.
    """
    if source.kind == "dxf":
        return _by_role(request, name, layers, words=_words(request, source))
    found = []
    for layer in layers:
        several = len(layers) > 1 and bool(layer["name"])
        title = f"{name}/{layer['name']}" if several else name
        table = _table(request, title, layer, words=(layer["name"], *_words(request, source)))
        if source.encoding and not source.encoding_stated and _foreign(table.columns):
            told = Finding.of(codes.ENCODING_GUESSED, encoding=source.encoding)
            table = replace(table, findings=(told, *table.findings))
        found.append(_with_crs(table, request.crs, layer["crs"]))
    return found


def terrain_of(request: LayerRequest, name: str, layer: Mapping[str, Any]) -> Terrain:
    """The terrain of one file with the CRS that its numbers agree with."""
    with np.load(layer["file"], allow_pickle=False) as data:
        if layer["shape"] == "grid":
            surface: Grid | Tin = Grid(z=data["z"], **layer["place"])
        else:
            surface = Tin(vertices=data["vertices"], faces=data["faces"])
    west, south, east, north = surface.bounds
    crs, told = _crs_of(np.array([[west, south], [east, north]]), request.crs, layer["crs"])
    return Terrain(
        name=name,
        surface=surface,
        crs=crs,
        vertical_datum=request.vertical_datum or layer["vertical_datum"],
        datum_offset=request.datum_offset,
        accuracy=request.accuracy,
        date=request.date,
        findings=(*_findings(layer), *told),
    )


def _findings(layer: Mapping[str, Any]) -> list[Finding]:
    return [
        Finding(code=_CODES[code], severity=severity, data=data)
        for code, severity, data in layer["findings"]
    ]


def _table(
    request: LayerRequest, title: str, layer: Mapping[str, Any], *, words: Sequence[str]
) -> FeatureTable:
    """The table of one layer; its role, unless given, is guessed from `words` and content.

    What the layer itself is called comes first: the name of a parcel of layers holds for none.
    """
    with np.load(layer["file"], allow_pickle=False) as data:
        blob = data["wkb"].tobytes()
        starts = starts_of(data["lengths"]).tolist()
    wkb = [blob[a:b] or None for a, b in itertools.pairwise(starts)]
    with np.errstate(invalid="ignore"):
        # Rings that do not end where they begin, if only by rounding, are closed.
        geometry = shapely.from_wkb(np.array(wkb, dtype=object), on_invalid="fix")
    geometry, keep, findings = _sound(geometry)
    columns = {
        name: tuple(v for v, k in zip(values, keep, strict=True) if k)
        for name, values in zip(layer["fields"], layer["columns"], strict=True)
    }
    # The points of a survey stay what they are when the survey is called utilities.
    role = "context" if layer["role"] == "context" else request.role or layer["role"]
    if role is None:
        kinds = {g.geom_type for g in geometry}
        guesses = [roles.guess(w, fields=list(columns), kinds=kinds) for w in words]
        role, zh, en = next((g for g in guesses if g[0] != "context"), guesses[-1])
        findings.append(Finding.of(codes.ROLE_GUESSED, role=role, because_zh=zh, because_en=en))
    return FeatureTable(
        name=title,
        role=role,
        columns=columns,
        geometry=geometry,
        crs=None,
        findings=(*_findings(layer), *findings),
        levels=tuple(layer["levels"]),
        vertical_datum=request.vertical_datum or layer["vertical_datum"],
        datum_offset=request.datum_offset,
        accuracy=request.accuracy,
        date=request.date,
        depth_ref=request.depth_ref,
    )


def _by_role(
    request: LayerRequest, name: str, layers: Sequence[Mapping[str, Any]], *, words: Sequence[str]
) -> list[FeatureTable]:
    """One table for each role that the layers of a drawing have."""
    tables = [_table(request, name, layer, words=(layer["name"],)) for layer in layers]
    if all(t.role == "context" for t in tables):
        # No layer says what it is for; the name of the file may.
        tables = [_table(request, name, layer, words=words) for layer in layers]
    found = []
    wanted = sorted({t.role for t in tables})
    for role in wanted:
        joined = _joined([t for t in tables if t.role == role])
        title = name if len(wanted) == 1 else f"{name}/{role}"
        table = _with_crs(replace(joined, name=title), request.crs, None)
        if role == "context" and len(wanted) > 1 and table.crs is None:
            # A title block or a legend beside the map: worth a line, not an issue.
            told = (replace(f, severity=min(f.severity, _ASIDE)) for f in table.findings)
            table = replace(table, findings=tuple(told))
        found.append(table)
    return found


def _words(request: LayerRequest, source: Source) -> tuple[str, str]:
    """What a layer is called by the file inside an archive, and by people and the file itself."""
    return source.title, f"{request.name} {request.path.stem}"


def _joined(tables: Sequence[FeatureTable]) -> FeatureTable:
    """One table of all rows; the tables have the same columns."""
    columns = {
        field: tuple(v for t in tables for v in t.columns[field]) for field in tables[0].columns
    }
    told = {(f.code.code, str(sorted(f.data.items()))): f for t in tables for f in t.findings}
    return replace(
        tables[0],
        columns=columns,
        geometry=np.concatenate([t.geometry for t in tables]),
        findings=tuple(told.values()),
    )


def _foreign(columns: Mapping[str, tuple[Any, ...]]) -> bool:
    """Whether any text of the table needs to know its encoding."""
    names = any(not n.isascii() for n in columns)
    return names or any(
        isinstance(v, str) and not v.isascii() for values in columns.values() for v in values
    )


def _sound(
    geometry: NDArray[np.object_],
) -> tuple[NDArray[np.object_], NDArray[np.bool_], list[Finding]]:
    """Usable geometries, which rows they are, and what was dropped or repaired."""
    keep = ~(shapely.is_missing(geometry) | shapely.is_empty(geometry))
    points, rows = shapely.get_coordinates(geometry, return_index=True)
    keep[rows[~np.isfinite(points).all(axis=1)]] = False
    findings = []
    if not keep.all():
        findings.append(Finding.of(codes.GEOMETRY_DROPPED, count=int((~keep).sum())))
    good = geometry[keep]
    areas = np.isin(shapely.get_type_id(good), (3, 6)) if len(good) else np.zeros(0, bool)
    crossed = areas & ~shapely.is_valid(good)
    if crossed.any():
        good[crossed] = shapely.make_valid(good[crossed])
        findings.append(Finding.of(codes.GEOMETRY_REPAIRED, count=int(crossed.sum())))
    return good, keep, findings


def _with_crs(table: FeatureTable, given: str | None, stated: str | None) -> FeatureTable:
    """The table with the CRS that its numbers agree with, or with the reason for having none."""
    if len(table) == 0:
        return table
    crs, told = _crs_of(_extent(table), given, stated)
    for known in (_own(given), _own(stated)):
        if crs is None and known is not None:
            keep = _fitting(known, table)
            if 2 * keep.sum() >= len(table):
                stray = Finding.of(
                    codes.STRAYS_DROPPED, count=int((~keep).sum()), crs=known.title or known.name
                )
                table = _kept(table, keep)
                crs, told = _crs_of(_extent(table), given, stated)
                told = [stray, *told]
    return replace(table, crs=crs, findings=(*table.findings, *told))


def _extent(table: FeatureTable) -> F64:
    points = shapely.get_coordinates(table.geometry)
    box: F64 = np.stack([points.min(axis=0), points.max(axis=0)])
    return box


def _fitting(crs: systems.Crs, table: FeatureTable) -> Mask:
    """Which features (N,) lie in the area of use: one at (0, 0) does not speak for the others."""
    boxes = shapely.bounds(table.geometry)
    corners = np.concatenate([boxes[:, :2], boxes[:, 2:]])
    fine = np.ones(len(corners), dtype=bool)
    if crs.geographic:
        fine = (np.abs(corners) <= [360.0, 90.0]).all(axis=1)
    fine &= operations.inside_each(crs, corners * (1.0 if crs.geographic else crs.unit))
    both: Mask = fine[: len(table)] & fine[len(table) :]
    return both


def _kept(table: FeatureTable, keep: Mask) -> FeatureTable:
    columns = {
        name: tuple(v for v, k in zip(values, keep, strict=True) if k)
        for name, values in table.columns.items()
    }
    return replace(table, geometry=table.geometry[keep], columns=columns)


def _crs_of(box: F64, given: str | None, stated: str | None) -> tuple[str | None, list[Finding]]:
    """Name of the CRS that the extent (2, 2) agrees with, the given one first."""
    wanted, own = _own(given), _own(stated)
    if wanted is not None and _fits(wanted, box):
        return wanted.name, []
    if own is not None and _fits(own, box):
        told = Finding.of(codes.CRS_OVERRULED, given=given, used=own.title)
        return own.name, [told] if given else []
    known = wanted or own
    if known is not None:
        return None, [_misfit(known, box)]
    # What was said but means nothing to us is worth repeating.
    said = (given or stated or "").partition("\n")[0][:80]
    hint = (f"（无法识别“{said}”）", f' ("{said}" is not known)') if said else ("", "")
    return None, [Finding.of(codes.CRS_MISSING, hint_zh=hint[0], hint_en=hint[1])]


def _own(stated: str | None) -> systems.Crs | None:
    if not stated:
        return None
    try:
        return systems.parse(stated)
    except systems.UnknownCrs:
        return None


def _fits(crs: systems.Crs, box: F64) -> bool:
    if crs.geographic:
        low, high = box
        fine = bool(np.all(np.abs(box) <= [360.0, 90.0]))
        return fine and operations.inside(crs, np.stack([low, high]))
    return operations.inside(crs, box * crs.unit)


def _misfit(crs: systems.Crs, box: F64) -> Finding:
    x, y = (float(v) for v in box[0])
    if crs.geographic and np.abs(box).max() > 360.0:
        return Finding.of(codes.PROJECTED_AS_DEGREES, x=x, y=y)
    hint = _hint(crs, box)
    return Finding.of(
        codes.LAYER_OUTSIDE,
        x=x,
        y=y,
        crs=crs.title or crs.name,
        hint_zh=hint[0],
        hint_en=hint[1],
    )


def _hint(crs: systems.Crs, box: F64) -> tuple[str, str]:
    """The simple mistake that would explain why an extent does not fit, if one does."""
    if _fits(crs, box[:, ::-1]):
        return "；互换 X、Y 后符合", "; exchanging X and Y would fit"
    twins = (systems.without_prefix(crs), systems.with_prefix(crs))
    twin = next((t for t in twins if not t.same_grid(crs) and _fits(t, box)), None)
    if twin is not None:
        return (
            f"；带号不一致，按 {twin.name} 符合",
            f"; by its zone number it would fit {twin.name}",
        )
    if not crs.geographic and _fits(crs, box * 1e-3):
        return "；坐标像是毫米，除以 1000 后符合", "; in millimetres it would fit"
    return "", ""
