"""The files of a review, each written beside its place and then renamed."""

import hashlib
import json
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TypeAlias

from bimcore.arrays import F64
from bimcore.errors import InputError
from bimcore.formats.bcf.export import Export, ModelFile, write_bcf
from bimcore.formats.geojson import write_geojson
from bimcore.formats.report_html import report
from bimcore.formats.xlsx import write_xlsx
from bimcore.issues import Issue

#: Formats that can be asked for; ``bcf`` gives both versions.
FORMATS = ("json", "bcf", "html", "xlsx", "geojson", "gpkg", "glb")
#: Written with ``json``: what only the next run reads.
INNER = ("measures",)


class UnknownFormat(InputError):
    """The format is not known; choose among json, bcf, html, xlsx, geojson, gpkg and glb."""

    code = "SRV911"


@dataclass(frozen=True, kw_only=True)
class Reviewed:
    """What the writers of files need of a review.

    Attributes
    ----------
    document : dict
        ``review.json``.
    issues : tuple of Issue
    pictures : mapping
        PNG by issue id.
    to_model : mapping
        Transform (4, 4) from the project frame to a model's own coordinates, by model.
    lonlat : mapping
        Longitude and latitude in degrees by issue id; empty when nothing is located.
    now : datetime
        When the review was made; aware.
    film : bytes or None
        The rehearsal as an animated WebP; None without a plan.

    """

    document: Mapping[str, object]
    issues: tuple[Issue, ...]
    pictures: Mapping[str, bytes]
    to_model: Mapping[str, F64]
    lonlat: Mapping[str, tuple[float, float]]
    now: datetime
    film: bytes | None = None


Writer: TypeAlias = Callable[[Reviewed, Path], None]


def write(
    reviewed: Reviewed,
    out: Path,
    *,
    formats: Collection[str],
    more: Mapping[str, list[tuple[str, Writer]]] | None = None,
) -> list[Path]:
    """Write the files of `formats` into the folder `out` and return their paths.

    `more` gives writers of formats that need the scene itself.

    Raises
    ------
    UnknownFormat
        Before anything is written.

    """
    unknown = sorted(set(formats) - set(FORMATS))
    if unknown:
        message = f"unknown format {', '.join(unknown)}; choose among {', '.join(FORMATS)}"
        raise UnknownFormat(message)
    out.mkdir(parents=True, exist_ok=True)
    writers: dict[str, list[tuple[str, Writer]]] = {
        "json": [("review.json", write_json)],
        "bcf": [("issues.bcf", write_bcf_2), ("issues-3.0.bcf", write_bcf_3)],
        "html": [("report.html", write_html)],
        "xlsx": [("issues.xlsx", _write_xlsx)],
        "geojson": [("issues.geojson", _write_geojson)],
        **(more or {}),
    }
    paths = []
    inner = INNER if "json" in formats else ()
    for name in (*FORMATS, *inner):
        if name not in formats and name not in inner:
            continue
        for file, writer in writers.get(name, []):
            paths.append(_beside(out / file, reviewed, writer))
    return paths


def _beside(path: Path, reviewed: Reviewed, writer: Callable[[Reviewed, Path], None]) -> Path:
    part = path.with_name(f".part-{path.name}")
    try:
        writer(reviewed, part)
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
    return path


def dumps(document: Mapping[str, object]) -> str:
    """JSON text of a document: stable key order, one clash or issue a line."""
    lines = []
    for key, value in document.items():
        name = json.dumps(key)
        if isinstance(value, list) and value:
            rows = ",\n".join("  " + _compact(row) for row in value)
            lines.append(f"{name}: [\n{rows}\n]")
        else:
            lines.append(f"{name}: {_compact(value)}")
    return "{\n" + ",\n".join(lines) + "\n}\n"


def _compact(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(", ", ": "), allow_nan=False)


def write_json(reviewed: Reviewed, path: Path) -> None:
    """Write ``review.json``."""
    path.write_text(dumps(reviewed.document), encoding="utf-8")


def write_bcf_2(reviewed: Reviewed, path: Path) -> None:
    """Write BCF 2.1."""
    _write_bcf(reviewed, path, version="2.1")


def write_bcf_3(reviewed: Reviewed, path: Path) -> None:
    """Write BCF 3.0."""
    _write_bcf(reviewed, path, version="3.0")


def sha256_of(path: Path) -> str:
    """SHA-256 of a file in hexadecimal; of a folder, that of its files in order of name."""
    if path.is_dir():
        parts = [f"{p.name}:{sha256_of(p)}" for p in sorted(path.iterdir()) if p.is_file()]
        return hashlib.sha256("\n".join(parts).encode()).hexdigest()
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def write_html(reviewed: Reviewed, path: Path) -> None:
    """Write the self-contained report."""
    project = reviewed.document.get("project")
    language = project.get("language") if isinstance(project, Mapping) else None
    text = report(
        reviewed.document,
        reviewed.pictures,
        language=str(language or "zh-CN"),
        film=reviewed.film,
    )
    path.write_text(text, encoding="utf-8")


def _write_bcf(reviewed: Reviewed, path: Path, *, version: str) -> None:
    models = rows_of(reviewed.document, "models")
    files = {str(m["name"]): str(m.get("file") or m["name"]) for m in models}
    project = reviewed.document.get("project")
    name = str(project.get("name") or "") if isinstance(project, Mapping) else ""
    export = Export(
        models=[
            ModelFile(name=model, filename=file, to_model=reviewed.to_model.get(model))
            for model, file in files.items()
        ],
        now=reviewed.now,
        project_id=hashlib.sha256(name.encode()).hexdigest()[:32],
        project_name=name,
    )
    write_bcf(
        path,
        issues=reviewed.issues,
        snapshots=reviewed.pictures,
        export=export,
        version=version,
    )


def _write_xlsx(reviewed: Reviewed, path: Path) -> None:
    write_xlsx(path, reviewed.document)


def _write_geojson(reviewed: Reviewed, path: Path) -> None:
    write_geojson(path, reviewed.document, lonlat=reviewed.lonlat)


def rows_of(document: Mapping[str, object], key: str) -> list[Mapping[str, object]]:
    """Entries of one list of a document; empty where there is none."""
    rows = document.get(key)
    return [r for r in rows if isinstance(r, Mapping)] if isinstance(rows, list) else []
