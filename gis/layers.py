"""Layers of a site: files read by child processes and put into the project frame."""

import hashlib
import re
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import shapely

from bimcore.arrays import F64, Mask
from bimcore.findings import Finding
from bimcore.frame import Frame
from gis import (
    heights as levels,
    layer_codes as codes,
    placement_codes as placing,
)
from gis.assembly import refusal, tables_of, terrain_of
from gis.errors import LayerError
from gis.into_project import budget_of, way_between
from gis.limits import LayerLimits
from gis.running import run
from gis.sniff import Source, prepare
from gis.surfaces import terrain_from
from gis.tables import FeatureTable, LayerRequest
from gis.terrain import Terrain

__all__ = [
    "FeatureTable",
    "LayerError",
    "LayerLimits",
    "LayerRequest",
    "Layers",
    "located",
    "read",
]


_DATUM_FIELD = re.compile(r"高程(基准|系统)|vertical_?datum|height_?datum", re.IGNORECASE)
_HEIGHT_FIELD = re.compile(r"高程|标高|elev|level|invert|\bz\b", re.IGNORECASE)
#: Roles whose heights matter; those of a red line or a zone are drawn by chance.
_WITH_HEIGHTS = frozenset(
    {"utility", "terrain", "neighbour", "power_line", "metro", "railway", "river"}
    | {"height_limit", "flood"}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Layers:
    """What one file holds: tables of features and terrains."""

    tables: tuple[FeatureTable, ...] = ()
    terrains: tuple[Terrain, ...] = ()


def read(
    requests: Sequence[LayerRequest], *, limits: LayerLimits | None = None
) -> list[Layers | LayerError]:
    """The layers of many files, read by one child process for each family of formats.

    A CRS given that is not known is passed over with a finding.

    Returns
    -------
    list
        For each request its layers, or the error that says why there are none.

    """
    limits = limits or LayerLimits()
    with tempfile.TemporaryDirectory(prefix="yuyan-layers-") as folder:
        root = Path(folder)
        prepared = [_prepared(r, root / f"in{i}", limits) for i, r in enumerate(requests)]
        sources = [s for p in prepared if not isinstance(p, LayerError) for s in p]
        (root / "out").mkdir()
        raw = dict(zip(map(id, sources), run(sources, root / "out", limits), strict=True))
        return [
            got if isinstance(got, LayerError) else _layers(request, got, raw)
            for request, got in zip(requests, prepared, strict=True)
        ]


def located(table: FeatureTable, project: Frame, *, datum: str | None = None) -> FeatureTable:
    """The table in local metres of a located frame.

    Heights without a known way to the project's datum become NaN: they are not assessed, and
    a finding says so where the role of the layer lives by them.

    Parameters
    ----------
    table : FeatureTable
    project : Frame
    datum : str or None
        Height datum of the project where its CRS does not say.

    Raises
    ------
    LayerError
        When the CRS is missing or no safe transformation exists.

    """
    source, change = way_between(table.crs, project.crs)
    unit = 1.0 if source.geographic else source.unit

    def move(points: F64) -> F64:
        flat = np.column_stack([points[:, :2] * unit, np.zeros(len(points))])
        moved = project.from_map(change(flat))
        return np.column_stack([moved[:, :2], points[:, 2:]])

    wanted = levels.project_datum(project.crs, stated=datum)
    rise, told = _rises(table, source.vertical, wanted)
    rise = rise - float(project.origin[2])
    geometry = np.array(table.geometry, dtype=object)
    deep = shapely.has_z(geometry)
    if (~deep).any():
        geometry[~deep] = shapely.transform(geometry[~deep], move)
    for by in np.unique(rise[deep]):  # NaN is one value here
        rows = deep & ((rise == by) | (np.isnan(rise) & np.isnan(by)))
        lift = np.array([0.0, 0.0, by])
        geometry[rows] = shapely.transform(
            geometry[rows], lambda p, lift=lift: move(p) + lift, include_z=True
        )
    findings = [*table.findings, *told]
    role, accuracy = table.role, table.accuracy
    if change.context_only:
        role, accuracy = "context", max(accuracy or 0.0, change.budget)
        findings.append(
            Finding.of(
                placing.CONTEXT_ONLY, source=source.title, accuracy_m=accuracy, role=table.role
            )
        )
    else:
        findings += budget_of(change)
    return replace(
        table,
        role=role,
        accuracy=accuracy,
        geometry=geometry,
        columns={**table.columns, **_lifted(table, rise)},
        crs=None,
        frame=project,
        rise=rise,
        findings=tuple(findings),
    )


def _rises(table: FeatureTable, vertical: str, wanted: str) -> tuple[F64, list[Finding]]:
    """Metres (N,) that lead to the project's heights, NaN where none do, and why."""
    column = next((n for n in table.columns if _DATUM_FIELD.search(n)), None)
    words = [str(v or "").strip() for v in table.columns[column]] if column else [""] * len(table)
    general = table.vertical_datum or vertical or None
    rise = np.full(len(table), np.nan)
    high = _has_heights(table)
    told = []
    for name in sorted(set(words)):
        rows = np.array([w == name for w in words], dtype=bool)
        try:
            rise[rows] = levels.shift_to_project(
                datum=name or general, offset=table.datum_offset, project_datum=wanted
            )
        except levels.UnsafeHeights as err:
            if table.role in _WITH_HEIGHTS and high[rows].any():
                told.append(Finding.of(codes.HEIGHTS_NOT_USED, why_zh=err.zh, why_en=str(err)))
    return rise, told


def _has_heights(table: FeatureTable) -> Mask:
    """Which rows (N,) hold a height in their geometry or in a column."""
    z = shapely.get_coordinates(table.geometry, include_z=True)
    row = shapely.get_coordinates(table.geometry, return_index=True)[1]
    high = np.zeros(len(table), dtype=bool)
    # Zero throughout is what a drawing without heights looks like.
    high[row[np.isfinite(z[:, 2]) & (z[:, 2] != 0.0)]] = True
    for name, values in table.columns.items():
        if _HEIGHT_FIELD.search(name) and not _DATUM_FIELD.search(name):
            high |= np.array([v is not None and v != "" for v in values], dtype=bool)
    return high


def _lifted(table: FeatureTable, rise: F64) -> dict[str, tuple[Any, ...]]:
    """The columns of heights in the frame; None where their datum leads nowhere."""
    found = {}
    for name in table.levels:
        values = np.array([np.nan if v is None else v for v in table.columns[name]], dtype=float)
        found[name] = tuple(float(v) if np.isfinite(v) else None for v in values + rise)
    return found


def _prepared(
    request: LayerRequest, workdir: Path, limits: LayerLimits
) -> list[Source] | LayerError:
    try:
        return prepare(request.path, workdir=workdir, limits=limits)
    except LayerError as err:
        return err


def _layers(
    request: LayerRequest, sources: Sequence[Source], raw: Mapping[int, dict[str, Any]]
) -> Layers | LayerError:
    tables: list[FeatureTable] = []
    terrains: list[Terrain] = []
    digest = _digest(request.path)
    for source in sources:
        said = raw[id(source)]
        refused = refusal(said)
        if refused is not None:
            return refused
        name = request.name or request.path.name.split(".")[0]
        if len(sources) > 1:
            name = f"{name}/{source.title}"
        ground = [x for x in said["layers"] if x["shape"] != "features"]
        terrains += [
            terrain_of(request, name if len(ground) == 1 else f"{name}/{x['name']}", x)
            for x in ground
        ]
        tables += tables_of(request, name, source, [x for x in said["layers"] if x not in ground])
    if not any(len(t) for t in tables) and not terrains:
        lost = [f for t in tables for f in t.findings if f.code is codes.GEOMETRY_DROPPED]
        return LayerError(lost[0].code, **lost[0].data) if lost else LayerError(codes.NO_FEATURES)
    tables = [replace(t, source=digest) for t in tables]
    made = [terrain_from(t) if t.role == "terrain" else None for t in tables]
    terrains = [replace(t, source=digest) for t in terrains]
    terrains += [t for t in made if t is not None]
    return Layers(
        tables=tuple(_unground(t) for t, m in zip(tables, made, strict=True) if m is None),
        terrains=tuple(terrains),
    )


def _unground(table: FeatureTable) -> FeatureTable:
    """A table meant as terrain that has no heights says so."""
    if table.role != "terrain":
        return table
    told = Finding.of(
        codes.NO_GROUND,
        name=table.name,
        why_zh="要素没有高程",
        why_en="its features have no heights",
    )
    return replace(table, findings=(*table.findings, told))


def _digest(path: Path) -> str:
    """SHA-256 of a file, or of the files of a folder in the order of their names."""
    if path.is_dir():
        parts = [f"{p.name}:{_digest(p)}" for p in sorted(path.iterdir()) if p.is_file()]
        return hashlib.sha256("\n".join(parts).encode()).hexdigest()
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
