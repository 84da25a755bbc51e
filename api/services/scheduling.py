"""When work starts: jobs, and the automatic review after an upload."""

import hashlib
import json
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from api.codes import NOTHING_TO_REVIEW
from api.services.context import MACHINE, Actor, Context, new_id, note, tell_job
from api.services.errors import Refused
from api.services.views import revision_view, run_view
from api.store import jobs, models, projects, runs
from api.store.db import Connection
from api.store.records import Job, Project, Revision, Run


def add_job(
    tx: Connection,
    ctx: Context,
    project_id: str,
    work: tuple[str, str],
    *,
    delay: float = 0.0,
    problem: Mapping[str, object] | None = None,
) -> Job:
    """Write a job row for `work`, its kind and subject id; a worker tells the engine of it.

    With a `problem` the job has failed already.
    """
    now = ctx.clock()
    job = Job(
        id=new_id(),
        project_id=project_id,
        kind=work[0],
        subject_id=work[1],
        state="queued" if problem is None else "failed",
        attempt=0,
        progress=0.0 if problem is None else 1.0,
        stage="queued" if problem is None else "check",
        problem=problem,
        cancel_requested=False,
        not_before=now + timedelta(seconds=delay),
        enqueued=problem is not None,
        engine_key=None,
        executor=None,
        created=now,
        updated=now,
        finished=None if problem is None else now,
    )
    jobs.add(tx, {name: getattr(job, name) for name in Job.__dataclass_fields__})
    return job


def tell_revision(tx: Connection, ctx: Context, project_id: str, revision_id: str) -> None:
    """Tell the listeners how a revision stands."""
    row = models.revision(tx, project_id, revision_id)
    if row is None:
        return
    data = revision_view(row)
    told = ("id", "number", "model_id", "model_name", "state", "problem", "findings_count")
    jobs.tell(tx, project_id, "revision", {k: data[k] for k in told}, ctx.clock())


def tell_run(tx: Connection, ctx: Context, run: Run) -> None:
    """Tell the listeners how a run stands."""
    data = run_view(run)
    told = ("id", "number", "state", "counts", "problem", "job_id")
    jobs.tell(tx, run.project_id, "run", {k: data[k] for k in told}, ctx.clock())


def revision_refs(rows: list[Revision]) -> list[dict[str, Any]]:
    """Revisions as a run names them."""
    return [
        {"id": r.id, "number": r.number, "model_id": r.model_id, "model_name": r.model_name}
        for r in rows
    ]


#: Settings of a project that a review depends on.
_MAP = {"parameters", "jurisdiction", "vertical_datum", "grids"}
_REVIEWED = {"rules", *_MAP, "links", "rehearsal", "equipment"}


def inputs_key(tx: Connection, project: Project) -> str:
    """What a review of the project would look at, as one hash: the same key, the same result."""
    placements = {m.id: m.placement for m in models.models(tx, project.id, after="", limit=10_000)}
    layers = models.files(tx, project.id, "layer", after="", limit=10_000)
    plans = models.files(tx, project.id, "schedule", after="", limit=10_000)
    ready = models.latest_ready(tx, project.id)
    inputs = {
        "revisions": [r.id for r in ready],
        "repairs": [(r.georeference or {}).get("confirmed") for r in ready],
        "placements": {k: v for k, v in placements.items() if v},
        "layers": [(r.name, r.sha256, r.role, r.crs, r.facts or {}) for r in layers],
        "schedules": [(r.name, r.sha256) for r in plans],
        "crs": project.crs,
        "settings": {k: v for k, v in project.settings.items() if k in _REVIEWED},
    }
    return hashlib.sha256(json.dumps(inputs, sort_keys=True).encode()).hexdigest()


def consider_review(tx: Connection, ctx: Context, project_id: str) -> Run | None:
    """Start the automatic review if everything uploaded has been read and something is new."""
    project = projects.project(tx, project_id)
    if project is None or not project.settings.get("auto_review", True):
        return None
    if models.unfinished(tx, project_id) or not models.latest_ready(tx, project_id):
        return None
    key = inputs_key(tx, project)
    newest = runs.newest(tx, project_id)
    if newest is not None and newest.state == "queued":
        return newest  # it reads its inputs when it starts
    if newest is not None and newest.inputs_key == key and newest.state != "cancelled":
        return newest
    return start_run(tx, ctx, MACHINE, project, delay=ctx.settings.review_delay_seconds)


def start_run(
    tx: Connection, ctx: Context, actor: Actor, project: Project, *, delay: float = 0.0
) -> Run:
    """Add a run with its job.

    Raises
    ------
    Refused
        When there is no usable revision.

    """
    ready = models.latest_ready(tx, project.id)
    if not ready:
        raise Refused(NOTHING_TO_REVIEW)
    newest = runs.newest(tx, project.id)
    run_id = new_id()
    job = add_job(tx, ctx, project.id, ("review", run_id), delay=delay)
    run = Run(
        id=run_id,
        project_id=project.id,
        number=1 if newest is None else newest.number + 1,
        state="queued",
        inputs_key=inputs_key(tx, project),
        revisions=list(revision_refs(ready)),
        counts={},
        engine="",
        timings={},
        artefacts={},
        scene=None,
        problem=None,
        job_id=job.id,
        created=ctx.clock(),
        finished=None,
    )
    values = {name: getattr(run, name) for name in Run.__dataclass_fields__}
    runs.add(tx, {**values, "author_id": actor.id})
    note(tx, ctx, actor, "run started", (project.id, run_id), number=run.number)
    tell_job(tx, ctx, job)
    tell_run(tx, ctx, run)
    return run
