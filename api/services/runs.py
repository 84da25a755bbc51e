"""Runs and their results, for readers."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from api.codes import NO_PLAN, NOT_FOUND
from api.services.access import allow, project_of
from api.services.context import Actor, Context
from api.services.errors import Refused
from api.services.models import blob_path
from api.services.scheduling import start_run
from api.services.views import job_view, run_view
from api.store import jobs, runs
from api.store.records import Run


def list_runs(
    ctx: Context, actor: Actor, project_id: str, *, before: int, limit: int
) -> list[dict[str, Any]]:
    """Runs, newest first."""
    with ctx.store.db.read() as tx:
        allow(tx, actor, project_id, "read")
        return [run_view(r) for r in runs.runs(tx, project_id, before=before, limit=limit)]


def request_run(ctx: Context, actor: Actor, project_id: str) -> dict[str, Any]:
    """Start a review, or give back the one that is waiting to start."""
    with ctx.store.db.write() as tx:
        allow(tx, actor, project_id, "coordinate")
        project = project_of(tx, project_id)
        run = runs.newest(tx, project_id, states=("queued",))
        if run is None:
            run = start_run(tx, ctx, actor, project)
        job = jobs.job(tx, run.job_id or "")
        return {"run": run_view(run), "job": None if job is None else job_view(job)}


def find_run(ctx: Context, actor: Actor, project_id: str, run_id: str) -> Run:
    """One run; ``"latest"`` names the newest that is done."""
    with ctx.store.db.read() as tx:
        allow(tx, actor, project_id, "read")
        if run_id == "latest":
            run = runs.newest(tx, project_id, states=("done",))
        else:
            run = runs.run(tx, project_id, run_id)
    if run is None:
        raise Refused(NOT_FOUND)
    return run


def get_run(ctx: Context, actor: Actor, project_id: str, run_id: str) -> dict[str, Any]:
    """One run."""
    return run_view(find_run(ctx, actor, project_id, run_id))


def list_clashes(
    ctx: Context,
    actor: Actor,
    run: tuple[str, str],
    *,
    after: int,
    limit: int,
    wanted: Mapping[str, Any],
) -> list[tuple[int, dict[str, Any]]]:
    """Clashes of a run (project id, run id) with their ordinals."""
    found = find_run(ctx, actor, *run)
    with ctx.store.db.read() as tx:
        return runs.clashes(tx, found.id, after=after, limit=limit, wanted=wanted)


def run_rows(
    ctx: Context, actor: Actor, project_id: str, run_id: str, name: str
) -> list[dict[str, Any]]:
    """``findings`` or ``not_assessed`` of a run."""
    run = find_run(ctx, actor, project_id, run_id)
    rows: list[dict[str, Any]] = json.loads(artefact(ctx, run, name).read_bytes())
    return rows


def run_file(ctx: Context, actor: Actor, project_id: str, run_id: str, name: str) -> Path:
    """A file of a run: ``review``, ``report``, ``xlsx``, ``geojson``, ``bcf21``, ``bcf30``."""
    return artefact(ctx, find_run(ctx, actor, project_id, run_id), name)


def rehearsal_file(ctx: Context, actor: Actor, project_id: str, run_id: str, name: str) -> Path:
    """A file of a run that only a rehearsal leaves: ``timeline``, ``film``."""
    run = find_run(ctx, actor, project_id, run_id)
    if name not in run.artefacts:
        raise Refused(NO_PLAN)
    return artefact(ctx, run, name)


def artefact(ctx: Context, run: Run, name: str) -> Path:
    """The file of an artefact of a run; refused as not found when it has none."""
    return blob_path(ctx, run.artefacts.get(name))


def get_scene(ctx: Context, actor: Actor, project_id: str) -> dict[str, Any]:
    """What the viewer loads: the tiles of the newest done run, without addresses."""
    run = find_run(ctx, actor, project_id, "latest")
    if run.scene is None:
        raise Refused(NOT_FOUND)
    return {"run_id": run.id, **run.scene}


def scene_blob(ctx: Context, actor: Actor, project_id: str, run_id: str, name: str) -> Path:
    """``elements`` or the tile of a number of a run's scene."""
    scene = find_run(ctx, actor, project_id, run_id).scene
    if scene is None:
        raise Refused(NOT_FOUND)
    if name == "elements":
        return blob_path(ctx, scene["elements"])
    tiles = scene["tiles"]
    if not name.isdecimal() or int(name) >= len(tiles):
        raise Refused(NOT_FOUND)
    return blob_path(ctx, tiles[int(name)]["key"])
