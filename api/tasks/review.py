"""One review of a project: models and layers of a request to the files of a run."""

import json
import zipfile
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

from api.codes import BAD_REQUEST
from api.inputs import Inputs, LayerInput, ModelInput, ScheduleInput
from api.measures import FILE, read_measures
from api.project_file import Placement, ReviewSettings, grid_meant, in_grids
from api.review import Review, review
from api.services.errors import finding_problem, problem_of
from api.tasks.map import write_map
from api.tasks.scene import write_scene
from bimcore.checks.codes import CODES
from bimcore.errors import InputError
from bimcore.findings import Finding, catalogue
from bimcore.formats.npz import load_model
from bimcore.ifc.georef import GeoreferenceFacts
from bimcore.ifc.sandbox import Ingested
from bimcore.issues import issue_json
from bimcore.progress import Progress, span
from clash import kernels
from clash.rehearsal import spreading
from gis.control_sheet import control_points

_CATALOGUE = catalogue(CODES)
_EPOCH = (1980, 1, 1, 0, 0, 0)


def prepare() -> None:
    """Load the compiled kernels, so that the job itself does not wait for them."""
    kernels.warm()
    spreading.warm()


def review_project(request: Mapping[str, Any], progress: Progress) -> dict[str, Any]:
    """Review what `request` names and leave the files of the run in its folder.

    Returns
    -------
    dict
        The outcome: counts, ``files`` by artefact, scene, or a ``problem``.

    """
    folder = Path(request["folder"])
    previous = request.get("previous")
    grids = request["project"].get("grids") or {}
    inputs = Inputs(
        models=tuple(_model(m) for m in request["models"]),
        layers=tuple(_layer(f, folder, grids) for f in request["layers"]),
        schedules=tuple(_schedule(f, folder) for f in request["schedules"]),
        previous=json.loads(Path(previous).read_bytes()) if previous else None,
        known=read_measures(Path(request["measures"])) if request.get("measures") else None,
    )
    try:
        result = review(
            inputs,
            settings=_settings(request),
            progress=span(progress, 0.0, 0.85),
            now=datetime.fromisoformat(request["now"]),
        )
    except InputError as err:
        texts = problem_of(BAD_REQUEST, why_zh=getattr(err, "zh", str(err)), why=str(err))
        return {"problem": {**texts, "code": err.code}}
    progress(0.87, "write")
    return _outcome(request, result, folder)


def _outcome(request: Mapping[str, Any], result: Review, folder: Path) -> dict[str, Any]:
    result.write(folder, formats=("json", "bcf", "html", "xlsx", "geojson"))
    document: Mapping[str, Any] = result.document
    _lines(folder / "clashes.ndjson", document["clashes"])
    _write(folder / "findings.json", document["findings"])
    _write(folder / "not_assessed.json", [*document["not_assessed"], *_behind(request)])
    _write(folder / "issues.json", [issue_json(issue) for issue in result.issues])
    kept = {
        k: v for k, v in document.items() if k not in {"clashes", "findings", "issues", "timings"}
    }
    to_model = {name: matrix.tolist() for name, matrix in result.to_model.items()}
    _write(folder / "frame.json", {"document": kept, "to_model": to_model})
    write_map(result, folder / "map.json")
    rehearsal = _rehearsal(result, folder)
    pictures = _pictures(folder / "snapshots.zip", result.pictures)
    return {
        "counts": {str(k): int(v) for k, v in result.counts.items()},
        "engine": str(document["manifest"]["engine"]),
        "timings": {str(k): float(v) for k, v in document["timings"].items()},
        "fed": request["fed"],
        "pictures": pictures,
        "standings": _standings(result),
        "scene": write_scene(result.scene, folder),
        "files": {
            "review": "review.json",
            "bcf21": "issues.bcf",
            "bcf30": "issues-3.0.bcf",
            "report": "report.html",
            "xlsx": "issues.xlsx",
            "geojson": "issues.geojson",
            "clashes": "clashes.ndjson",
            "findings": "findings.json",
            "not_assessed": "not_assessed.json",
            "issues": "issues.json",
            "frame": "frame.json",
            "map": "map.json",
            "measures": FILE,
            "snapshots": "snapshots.zip",
            **rehearsal,
        },
    }


def _rehearsal(result: Review, folder: Path) -> dict[str, str]:
    """Leave what a run with a plan leaves; names of the files by artefact."""
    if result.rehearsed is None:
        return {}
    # Loaded here: a run without a plan need not wait for it.
    from api.tasks.links import write_links
    from api.tasks.timeline import write_timeline

    files = {"timeline": "timeline.json", "links": "links.json"}
    write_links(result.rehearsed, folder / files["links"])
    write_timeline(result.rehearsed, folder / files["timeline"], windows=result.rehearsed.windows)
    film = result.film
    if film is not None:
        files["film"] = "film.webp"
        (folder / files["film"]).write_bytes(film)
    return files


def _behind(request: Mapping[str, Any]) -> list[dict[str, str]]:
    """Models whose newest revision could not be read: an older one, or none, was reviewed."""
    reviewed = {m["name"] for m in request["models"]}
    entries = []
    for row in request["behind"]:
        model, number = row["model"], row["number"]
        older = model in reviewed
        why = (row["problem"] or {}).get("message", "")
        why_en = (row["problem"] or {}).get("message_en", "")
        tail = "审查用的是更早的版本。" if older else "该模型未参与审查。"
        tail_en = " An earlier revision was reviewed." if older else " The model was left out."
        entries.append(
            {
                "what": f"模型“{model}”的第 {number} 版",
                "what_en": f'revision {number} of the model "{model}"',
                "why": f"文件不可用：{why}{tail}",
                "why_en": f"the file cannot be used: {why_en}{tail_en}",
            }
        )
    return entries


def _model(row: Mapping[str, Any]) -> ModelInput:
    name = row["name"]
    facts = json.loads(Path(row["facts"]).read_bytes())
    found = json.loads(Path(row["findings"]).read_bytes())
    ingested = Ingested(
        model=replace(load_model(Path(row["npz"])), name=name),
        facts=GeoreferenceFacts.from_json(facts),
        findings=tuple(_finding(f, name) for f in found),
        counts=row["counts"],
        schema=row["schema"],
    )
    return ModelInput(name=name, path=row["filename"], sha256=row["sha256"], ingested=ingested)


def _finding(row: Mapping[str, Any], model: str) -> Finding:
    point = row["point"]
    return Finding(
        code=_CATALOGUE[row["code"]],
        severity=row["severity"],
        model=model,
        elements=tuple(row["elements"]),
        point=None if point is None else (point[0], point[1], point[2]),
        data=row["data"],
    )


def _layer(row: Mapping[str, Any], folder: Path, grids: Mapping[str, str]) -> LayerInput:
    path = _with_extension(row, folder / "layers")
    return LayerInput(
        name=row["name"],
        path=path,
        sha256=row["sha256"],
        role=row["role"],
        crs=grid_meant(row["crs"], grids),
        **row.get("facts", {}),
        key=row.get("id", ""),
        revision=row.get("revision", 0),
        earlier=tuple(_layer({**row, "earlier": [], **r}, folder, grids) for r in _earlier(row)),
    )


def _schedule(row: Mapping[str, Any], folder: Path) -> ScheduleInput:
    path = _with_extension(row, folder / "schedules")
    return ScheduleInput(
        name=row["filename"],
        path=path,
        sha256=row["sha256"],
        key=row.get("id", ""),
        revision=row.get("revision", 0),
        earlier=tuple(_schedule({**row, "earlier": [], **r}, folder) for r in _earlier(row)),
    )


def _earlier(row: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The revisions of a file that may stand in for it, the newest first."""
    return list(row.get("earlier", []))


def _standings(result: Review) -> list[dict[str, Any]]:
    """What became of the revisions of layers and schedules that were tried."""
    return [
        {
            "file": s.given.key,
            "revision": s.given.revision,
            "problem": None if s.problem is None else finding_problem(s.problem),
        }
        for s in result.standings
    ]


def _with_extension(row: Mapping[str, Any], folder: Path) -> Path:
    """A link to the blob under the name of its upload: readers go by the extension."""
    place = folder / str(row["sha256"])[:16]
    place.mkdir(parents=True, exist_ok=True)
    path = place / str(row["filename"])
    path.unlink(missing_ok=True)
    path.symlink_to(row["path"])
    return path


def _settings(request: Mapping[str, Any]) -> ReviewSettings:
    project, given = request["project"], request["placements"]
    settings = ReviewSettings(
        name=project["name"],
        crs=project["crs"],
        language=project["language"],
        placements={name: Placement(**p) for name, p in given.items() if "control_points" not in p},
        control={
            name: control_points(p["control_points"])
            for name, p in given.items()
            if "control_points" in p
        },
        confirmed_repairs=frozenset(project["confirmed_repairs"]),
        rules=Path(project["rules"]) if project.get("rules") else None,
        parameters=project.get("parameters") or {},
        jurisdiction=project.get("jurisdiction"),
        vertical_datum=project.get("vertical_datum"),
        grids=project.get("grids") or {},
        rehearsal=project.get("rehearsal") or {},
        equipment=tuple(project.get("equipment") or ()),
        links=tuple(project.get("links") or ()),
    )
    return in_grids(settings)


def _write(path: Path, content: object) -> None:
    path.write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")


def _lines(path: Path, rows: list[Mapping[str, Any]]) -> None:
    with path.open("w", encoding="utf-8") as file:
        file.writelines(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)


def _pictures(path: Path, pictures: Mapping[str, bytes]) -> list[str]:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as archive:
        for issue_id in sorted(pictures):
            entry = zipfile.ZipInfo(f"{issue_id}.png", date_time=_EPOCH)
            archive.writestr(entry, pictures[issue_id])
    return sorted(pictures)
