"""What a job's child is asked, gathered from the store into files and plain JSON."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from api.codes import NOTHING_TO_REVIEW
from api.project_file import grid_meant
from api.services.context import Context
from api.services.errors import problem_of
from api.services.placing import confirmed_repairs
from api.services.scheduling import inputs_key, revision_refs
from api.services.standing import may_stand_in
from api.services.uploads import limits
from api.store import issues, models, projects, runs
from api.store.db import Connection
from api.store.records import FileRow, IssueRow, Job, Project, Revision, Run


def request_of(ctx: Context, job: Job, folder: Path) -> dict[str, Any]:
    """The request of a job; with ``problem`` when there is nothing to compute."""
    if job.kind == "ingest":
        return _ingest(ctx, job, folder)
    return _review(ctx, job, folder)


def _ingest(ctx: Context, job: Job, folder: Path) -> dict[str, Any]:
    with ctx.store.db.read() as tx:
        row = models.revision(tx, job.project_id, job.subject_id)
        project = projects.project(tx, job.project_id)
    if row is None or project is None:
        return {"problem": problem_of(NOTHING_TO_REVIEW)}
    bounds = limits(ctx)
    return {
        "task": "ingest",
        "folder": str(folder),
        "path": str(ctx.store.blobs.path(row.sha256)),
        "filename": row.filename,
        "model": row.model_name,
        "crs": grid_meant(project.crs, project.settings.get("grids") or {}),
        "limits": {name: getattr(bounds, name) for name in bounds.__dataclass_fields__},
    }


def _review(ctx: Context, job: Job, folder: Path) -> dict[str, Any]:
    with ctx.store.db.write() as tx:
        project = projects.project(tx, job.project_id)
        run = runs.run(tx, job.project_id, job.subject_id)
        ready = models.latest_ready(tx, job.project_id)
        if project is None or run is None or not ready:
            return {"problem": problem_of(NOTHING_TO_REVIEW)}
        # What is looked at is fixed here, when the review starts, not when it was asked for.
        looked_at = {"revisions": revision_refs(ready), "inputs_key": inputs_key(tx, project)}
        runs.change(tx, run.id, looked_at)
        known = issues.every(tx, project.id)
        previous = runs.newest(tx, project.id, states=("done",))
        request = _inputs(tx, ctx, project, ready)
    request["folder"] = str(folder)
    request["fed"] = {row.id: row.status for row in known}
    request["now"] = run.created.isoformat()
    if previous is not None:
        path = folder / "previous.json"
        path.write_text(json.dumps(_previous(ctx, previous, known)), encoding="utf-8")
        request["previous"] = str(path)
        if previous.artefacts.get("measures"):
            request["measures"] = str(ctx.store.blobs.path(previous.artefacts["measures"]))
    return request


def _inputs(
    tx: Connection, ctx: Context, project: Project, ready: list[Revision]
) -> dict[str, Any]:
    blob = ctx.store.blobs.path
    placements = {
        m.name: m.placement for m in models.models(tx, project.id, after="", limit=10_000)
    }
    newest = models.latest_of_project(tx, project.id)
    rules = project.settings.get("rules")
    return {
        "task": "review",
        "project": {
            "name": project.name,
            "crs": project.crs,
            "language": project.settings.get("language", "zh-CN"),
            "confirmed_repairs": confirmed_repairs(ready),
            "parameters": project.settings.get("parameters") or {},
            "jurisdiction": project.settings.get("jurisdiction"),
            "vertical_datum": project.settings.get("vertical_datum"),
            "grids": project.settings.get("grids") or {},
            "rehearsal": project.settings.get("rehearsal") or {},
            "equipment": project.settings.get("equipment") or [],
            "links": project.settings.get("links") or [],
            "rules": None if rules is None else str(blob(rules["sha256"])),
        },
        "placements": {name: p for name, p in placements.items() if p},
        "models": [
            {
                "name": r.model_name,
                "filename": r.filename,
                "sha256": r.sha256,
                "schema": r.schema_name,
                "counts": dict(r.counts),
                "npz": str(blob(r.artefacts["model"])),
                "facts": str(blob(r.artefacts["facts"])),
                "findings": str(blob(r.artefacts["findings"])),
            }
            for r in ready
        ],
        "behind": [
            {"model": r.model_name, "number": r.number, "problem": r.problem}
            for r in newest.values()
            if r.state == "failed"
        ],
        "layers": [
            {
                "name": f.name,
                "filename": f.filename,
                "path": str(blob(f.sha256)),
                "sha256": f.sha256,
                "role": f.role,
                "crs": f.crs,
                "facts": f.facts or {},
                **_revisions(f, blob),
            }
            for f in models.files(tx, project.id, "layer", after="", limit=10_000)
        ],
        "schedules": [
            {
                "name": f.name,
                "filename": f.filename,
                "path": str(blob(f.sha256)),
                "sha256": f.sha256,
                **_revisions(f, blob),
            }
            for f in models.files(tx, project.id, "schedule", after="", limit=10_000)
        ],
    }


def _revisions(row: FileRow, blob: Callable[[str], Path]) -> dict[str, Any]:
    """Which revision a file is, with the earlier ones that may stand in for it."""
    told = ("filename", "sha256", "role", "crs")
    earlier = [
        {
            **{name: r[name] for name in told},
            "facts": r["facts"] or {},
            "path": str(blob(r["sha256"])),
            "revision": r["number"],
        }
        for r in may_stand_in(row)
    ]
    return {"id": row.id, "revision": row.number, "earlier": earlier}


def _previous(ctx: Context, run: Run, known: list[IssueRow]) -> dict[str, Any]:
    """The last ``review.json`` with the issues as people have them now, older ones included."""
    path = ctx.store.blobs.path(run.artefacts["review"])
    document: dict[str, Any] = json.loads(path.read_bytes())
    document["issues"] = [_known(row) for row in known]
    return document


def _known(row: IssueRow) -> dict[str, Any]:
    return {
        **row.body,
        "status": row.status,
        "status_reason": row.status_reason.get("zh-CN", ""),
        "status_reason_en": row.status_reason.get("en", ""),
        "assigned_to": row.assigned_to,
        "created": row.created.isoformat(),
        "updated": row.updated.isoformat(),
        "comments": [],
    }
