"""Vector layers as tables of features, read by a child process and put into the project frame."""

import hashlib
import itertools
import json
import re
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from bimcore.arrays import F64, starts_of
from bimcore.findings import Finding
from bimcore.frame import Frame
from gis import crs as systems, layer_codes as codes, roles
from gis.errors import LayerError
from gis.sniff import LayerLimits, Source, prepare

__all__ = [
    "FeatureTable",
    "LayerError",
    "LayerLimits",
    "LayerRequest",
    "located",
    "read_layer",
    "read_layers",
]


_DATUM_FIELD = re.compile(r"高程(基准|系统)|vertical_?datum|height_?datum", re.IGNORECASE)


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class FeatureTable:
    """Features of one layer.

    Attributes
    ----------
    name : str
    role : str
        One of ``roles.ROLES``.
    columns : mapping of str to tuple
        Attribute values by field name, N each: numbers, texts, truths or None.
    geometry : (N,) object
        Shapely geometries, never None or empty; Z is kept where the file has it.
    crs : str or None
        CRS of the coordinates; None when it is not known. For a table in a project frame it
        is None too and `frame` is set.
    frame : Frame or None
        Set by :func:`located`: coordinates are local metres.
    source : str
        SHA-256 of the file.
    findings : tuple of Finding
    vertical_datum : str or None
        Height datum of Z and of height columns, as stated; None when nobody said.
    datum_offset : float or None
        Metres that lead from the layer's heights to heights of the 1985 national datum.
    accuracy : float or None
        Horizontal accuracy of the survey in metres (one standard deviation).
    date : str or None
        ISO date of the survey.
    depth_ref : str or None
        Where on a pipe heights are measured: ``"top"``, ``"invert"`` or ``"centre"``.

    """

    name: str
    role: str
    columns: Mapping[str, tuple[Any, ...]]
    geometry: NDArray[np.object_]
    crs: str | None
    frame: Frame | None = None
    source: str = ""
    findings: tuple[Finding, ...] = ()
    vertical_datum: str | None = None
    datum_offset: float | None = None
    accuracy: float | None = None
    date: str | None = None
    depth_ref: str | None = None

    def __len__(self) -> int:
        return len(self.geometry)


@dataclass(frozen=True, slots=True, kw_only=True)
class LayerRequest:
    """One file to read, with what people know about it; see :class:`FeatureTable`."""

    path: Path
    name: str = ""
    role: str | None = None
    crs: str | None = None
    vertical_datum: str | None = None
    datum_offset: float | None = None
    accuracy: float | None = None
    date: str | None = None
    depth_ref: str | None = None


def read_layer(path: Path, *, role: str | None = None, crs: str | None = None) -> FeatureTable:
    """The only layer of a file.

    Parameters
    ----------
    path : Path
        ``.gpkg``, ``.geojson``, ``.shp`` beside its parts, or a zip of one Shapefile.
    role : str or None
        One of ``roles.ROLES``; guessed when None, with the reason as a finding.
    crs : str or None
        CRS to use where the file has none or a wrong one.

    Raises
    ------
    LayerError
        When the file cannot be used or holds several layers.
    UnknownCrs
        When `crs` is not known.

    """
    found = read_layers([LayerRequest(path=path, role=role, crs=crs)])[0]
    if isinstance(found, LayerError):
        raise found
    if len(found) != 1:
        raise LayerError(
            codes.UNREADABLE,
            why_zh="文件含多个图层",
            why_en=f"it holds {len(found)} layers, one was expected",
        )
    return found[0]


def read_layers(
    requests: Sequence[LayerRequest], *, limits: LayerLimits | None = None
) -> list[tuple[FeatureTable, ...] | LayerError]:
    """The layers of many files, read by one child process.

    Returns
    -------
    list
        For each request its tables, or the error that says why there are none.

    Raises
    ------
    UnknownCrs
        When a request names a CRS that is not known.

    """
    limits = limits or LayerLimits()
    given = [None if r.crs is None else systems.parse(r.crs) for r in requests]
    with tempfile.TemporaryDirectory(prefix="yuyan-layers-") as folder:
        root = Path(folder)
        prepared = [_prepared(r, root / f"in{i}", limits) for i, r in enumerate(requests)]
        sources = [s for p in prepared if not isinstance(p, LayerError) for s in p]
        raw = dict(zip(map(id, sources), _run(sources, root, limits), strict=True))
        found: list[tuple[FeatureTable, ...] | LayerError] = []
        for request, crs, got in zip(requests, given, prepared, strict=True):
            found.append(got if isinstance(got, LayerError) else _tables(request, crs, got, raw))
    return found


def located(table: FeatureTable, project: Frame) -> FeatureTable:
    """The table in local metres of a located frame.

    Raises
    ------
    LayerError
        When the CRS is missing or no safe transformation exists.

    """
    if table.crs is None or project.crs is None:
        raise LayerError(codes.CRS_MISSING)
    source, target = systems.parse(table.crs), systems.parse(project.crs)
    try:
        change = systems.transformation(source, target)
    except systems.UnsafeTransformation as err:
        raise LayerError(codes.LAYER_UNSAFE, source=source.title, target=target.title) from err
    unit = 1.0 if source.geographic else source.unit

    def move(points: F64) -> F64:
        metres = points * [unit, unit, 1.0] if points.shape[1] == 3 else points * unit
        if metres.shape[1] == 2:
            flat = np.column_stack([metres, np.zeros(len(metres))])
            return project.from_map(change(flat))[:, :2]
        # A height of NaN means that this feature has none; it stays so.
        return project.from_map(change(metres))

    geometry = np.array(table.geometry, dtype=object)
    deep = shapely.has_z(geometry)
    for rows, z in ((~deep, False), (deep, True)):
        if rows.any():
            geometry[rows] = shapely.transform(geometry[rows], move, include_z=z)
    findings = list(table.findings)
    if change.budget > 0.0:
        findings.append(
            Finding.of(
                codes.LAYER_BUDGET,
                source=source.title,
                target=target.title,
                budget_m=change.budget,
            )
        )
    stated = any(_DATUM_FIELD.search(name) for name in table.columns)
    if deep.any() and not source.vertical and target.vertical and not stated:
        findings.append(Finding.of(codes.HEIGHT_DATUM_UNKNOWN, datum=target.vertical))
    return replace(table, geometry=geometry, crs=None, frame=project, findings=tuple(findings))


def _prepared(
    request: LayerRequest, workdir: Path, limits: LayerLimits
) -> list[Source] | LayerError:
    try:
        return prepare(request.path, workdir=workdir, limits=limits)
    except LayerError as err:
        return err


def _run(sources: Sequence[Source], root: Path, limits: LayerLimits) -> list[dict[str, Any]]:
    """What the child says about each source: ``{"layers": [...]}`` or ``{"error": text}``."""
    if not sources:
        return []
    outcome = _child(sources, root / "all", limits)
    if outcome is not None or len(sources) == 1:
        return outcome or [{"stopped": True}]
    # One file brought the child down: read each alone to learn which.
    found = []
    for k, source in enumerate(sources):
        alone = _child([source], root / f"one{k}", limits)
        found.append(alone[0] if alone else {"stopped": True})
    return found


def _child(
    sources: Sequence[Source], out: Path, limits: LayerLimits
) -> list[dict[str, Any]] | None:
    """Run the child; None when it died or took too long."""
    out.mkdir()
    job = out / "job.json"
    items = [
        {"path": str(s.path), "encoding": s.encoding, "tables": list(s.tables)} for s in sources
    ]
    wanted = {"items": items, "seconds": limits.seconds, "memory_bytes": limits.memory_bytes}
    job.write_text(json.dumps(wanted), encoding="utf-8")
    command = [sys.executable, "-P", "-m", "gis.child", str(job), str(out)]
    try:
        done = subprocess.run(  # noqa: S603 - our own interpreter and module, no shell
            command, check=False, capture_output=True, timeout=limits.seconds
        )
    except subprocess.TimeoutExpired:
        return None
    index = out / "index.json"
    if done.returncode != 0 or not index.is_file():
        return None
    found: list[dict[str, Any]] = json.loads(index.read_text(encoding="utf-8"))
    for item in found:
        for layer in item.get("layers", []):
            layer["file"] = str(out / layer["file"])
    return found


def _tables(
    request: LayerRequest,
    given: systems.Crs | None,
    sources: Sequence[Source],
    raw: Mapping[int, dict[str, Any]],
) -> tuple[FeatureTable, ...] | LayerError:
    digest = _digest(request.path)
    found = []
    for source in sources:
        said = raw[id(source)]
        if said.get("stopped"):
            return LayerError(codes.READER_STOPPED, why="time or memory")
        if "error" in said:
            return LayerError(codes.UNREADABLE, why_zh=said["error"], why_en=said["error"])
        name = request.name or request.path.name.split(".")[0]
        for layer in said["layers"]:
            title = name if source.kind != "geopackage" else f"{name}/{layer['name']}"
            if len(said["layers"]) == 1 and len(sources) == 1:
                title = name
            table = _table(request, title, source, layer)
            found.append(_with_crs(replace(table, source=digest), given, layer["crs"]))
    if not any(len(t) for t in found):
        return LayerError(codes.NO_FEATURES)
    return tuple(found)


def _digest(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _table(
    request: LayerRequest, title: str, source: Source, layer: Mapping[str, Any]
) -> FeatureTable:
    with np.load(layer["file"], allow_pickle=False) as data:
        blob = data["wkb"].tobytes()
        starts = starts_of(data["lengths"]).tolist()
    wkb = [blob[a:b] or None for a, b in itertools.pairwise(starts)]
    geometry = shapely.from_wkb(np.array(wkb, dtype=object), on_invalid="ignore")
    geometry, keep, findings = _sound(geometry)
    columns = {
        name: tuple(v for v, k in zip(values, keep, strict=True) if k)
        for name, values in zip(layer["fields"], layer["columns"], strict=True)
    }
    if source.encoding and not source.encoding_stated and _foreign(columns):
        findings.append(Finding.of(codes.ENCODING_GUESSED, encoding=source.encoding))
    role = request.role
    if role is None:
        kinds = {g.geom_type for g in geometry}
        words = f"{request.name} {request.path.stem} {layer['name']}"
        role, zh, en = roles.guess(words, fields=list(columns), kinds=kinds)
        findings.append(Finding.of(codes.ROLE_GUESSED, role=role, because_zh=zh, because_en=en))
    return FeatureTable(
        name=title,
        role=role,
        columns=columns,
        geometry=geometry,
        crs=None,
        findings=tuple(findings),
        vertical_datum=request.vertical_datum,
        datum_offset=request.datum_offset,
        accuracy=request.accuracy,
        date=request.date,
        depth_ref=request.depth_ref,
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


def _with_crs(table: FeatureTable, given: systems.Crs | None, stated: str | None) -> FeatureTable:
    """The table with the CRS that its numbers agree with, or with the reason for having none."""
    if len(table) == 0:
        return table
    own = _own(stated)
    points = shapely.get_coordinates(table.geometry)
    box = np.stack([points.min(axis=0), points.max(axis=0)])
    if given is not None and _fits(given, box):
        return replace(table, crs=given.name)
    if own is not None and _fits(own, box):
        told = [Finding.of(codes.CRS_OVERRULED, given=given.name, used=own.title)] if given else []
        return replace(table, crs=own.name, findings=(*table.findings, *told))
    return replace(table, findings=(*table.findings, _misfit(given or own, box)))


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
        return fine and systems.inside(crs, np.stack([low, high]))
    return systems.inside(crs, box * crs.unit)


def _misfit(crs: systems.Crs | None, box: F64) -> Finding:
    x, y = (float(v) for v in box[0])
    if crs is None:
        return Finding.of(codes.CRS_MISSING)
    if crs.geographic and np.abs(box).max() > 360.0:
        return Finding.of(codes.PROJECTED_AS_DEGREES, x=x, y=y)
    swapped = _fits(crs, box[:, ::-1])
    return Finding.of(
        codes.LAYER_OUTSIDE,
        x=x,
        y=y,
        crs=crs.title or crs.name,
        hint_zh="；互换 X、Y 后符合" if swapped else "",
        hint_en="; exchanging X and Y would fit" if swapped else "",
    )
