"""How a job's result becomes visible: in one transaction, and only by the start that owns it."""

import json
import logging
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from api.codes import JOB_CANCELLED, JOB_POISON
from api.services.context import Context, tell_job
from api.services.errors import problem_of
from api.services.recording import record_clashes, record_issues
from api.services.scheduling import consider_review, tell_revision, tell_run
from api.services.standing import note_standings
from api.store import jobs, models, runs
from api.store.db import Connection
from api.store.records import Job

log = logging.getLogger(__name__)


def begin(ctx: Context, job_id: str) -> Job | None:
    """Take a job over: its attempt number grows and fences off earlier starts.

    None when there is nothing to do any more; a job that was started too often fails.
    """
    with ctx.store.db.write() as tx:
        job = jobs.job(tx, job_id)
        if job is None or job.state not in jobs.ACTIVE:
            return None
        if job.cancel_requested:
            end_cancelled(tx, ctx, job)
            return None
        attempt = job.attempt + 1
        if attempt > ctx.settings.job_attempts:
            end(tx, ctx, job, "failed", problem_of(JOB_POISON, attempts=job.attempt))
            return None
        now = ctx.clock()
        started = {
            "attempt": attempt,
            "state": "running",
            "stage": "start",
            "executor": ctx.settings.executor_id,
            "updated": now,
        }
        jobs.change(tx, job_id, started)
        _subject_state(tx, ctx, job, "processing" if job.kind == "ingest" else "running")
        taken = replace(job, attempt=attempt, state="running", stage="start", updated=now)
        tell_job(tx, ctx, taken)
        return taken


def report(ctx: Context, job: Job, share: float, stage: str) -> bool:
    """Note progress; False when the job shall stop (cancelled, or owned by a later start)."""
    with ctx.store.db.write() as tx:
        now = jobs.job(tx, job.id)
        if now is None or now.attempt != job.attempt or now.state != "running":
            return False
        values = {"progress": share, "stage": stage, "updated": ctx.clock()}
        jobs.change(tx, job.id, values)
        tell_job(tx, ctx, replace(now, progress=share, stage=stage))
        return not now.cancel_requested


def _subject_state(tx: Connection, ctx: Context, job: Job, state: str) -> None:
    if job.kind == "ingest":
        models.change_revision(tx, job.subject_id, {"state": state})
        tell_revision(tx, ctx, job.project_id, job.subject_id)
        return
    runs.change(tx, job.subject_id, {"state": state})
    run = runs.run(tx, job.project_id, job.subject_id)
    if run is not None:
        tell_run(tx, ctx, run)


def end(
    tx: Connection, ctx: Context, job: Job, state: str, problem: Mapping[str, object] | None
) -> bool:
    """End a job and what it works for with `state`; False when a later start owns it."""
    now = ctx.clock()
    values = {
        "state": state,
        "problem": problem,
        "updated": now,
        "finished": now,
        "progress": 1.0,
        "stage": "done",
    }
    if not jobs.finish(tx, job.id, job.attempt, values):
        log.warning("result discarded", extra={"job": job.id, "attempt": job.attempt})
        return False
    if state != "done":
        _end_subject(tx, ctx, job, state, problem)
    ended = jobs.job(tx, job.id)
    if ended is not None:
        tell_job(tx, ctx, ended)
    return True


def _end_subject(
    tx: Connection, ctx: Context, job: Job, state: str, problem: Mapping[str, object] | None
) -> None:
    if job.kind == "ingest":
        values = {"state": "failed", "problem": problem or problem_of(JOB_CANCELLED)}
        models.change_revision(tx, job.subject_id, values)
        tell_revision(tx, ctx, job.project_id, job.subject_id)
        consider_review(tx, ctx, job.project_id)
        return
    runs.change(tx, job.subject_id, {"problem": problem, "finished": ctx.clock()})
    _subject_state(tx, ctx, job, state)


def end_cancelled(tx: Connection, ctx: Context, job: Job) -> bool:
    """End a job as cancelled."""
    return end(tx, ctx, job, "cancelled", problem_of(JOB_CANCELLED))


def publish(ctx: Context, job: Job, outcome: Mapping[str, Any]) -> bool:
    """Make the outcome of a job visible, at most once; False when it was discarded."""
    problem = outcome.get("problem")
    with ctx.store.db.write() as tx:
        if outcome.get("cancelled"):
            return end_cancelled(tx, ctx, job)
        if job.kind == "ingest":
            return _publish_ingest(tx, ctx, job, outcome)
        if problem is not None:
            return end(tx, ctx, job, "failed", problem)
        return _publish_review(tx, ctx, job, outcome)


def _publish_ingest(tx: Connection, ctx: Context, job: Job, outcome: Mapping[str, Any]) -> bool:
    problem = outcome.get("problem")
    facts = {
        "schema_name": outcome.get("schema", ""),
        "counts": outcome.get("counts", {}),
        "georeference": outcome.get("georeference"),
        "findings_count": outcome.get("findings_count", 0),
        "artefacts": outcome.get("artefacts", {}),
    }
    if not end(tx, ctx, job, "done" if problem is None else "failed", problem):
        return False
    state = "ready" if problem is None else "failed"
    models.change_revision(tx, job.subject_id, {**facts, "state": state, "problem": problem})
    _adopt_discipline(tx, job, str(outcome.get("discipline", "")))
    tell_revision(tx, ctx, job.project_id, job.subject_id)
    consider_review(tx, ctx, job.project_id)
    return True


def _adopt_discipline(tx: Connection, job: Job, discipline: str) -> None:
    row = models.revision(tx, job.project_id, job.subject_id)
    model = models.model(tx, job.project_id, row.model_id) if row else None
    if model is not None and discipline and not model.discipline:
        models.change_model(tx, model.id, {"discipline": discipline})


def _publish_review(tx: Connection, ctx: Context, job: Job, outcome: Mapping[str, Any]) -> bool:
    run = runs.run(tx, job.project_id, job.subject_id)
    if run is None or not end(tx, ctx, job, "done", None):
        return False
    with ctx.store.blobs.open(outcome["artefacts"]["clashes"]) as lines:
        record_clashes(tx, run.id, lines)
    issues = json.loads(ctx.store.blobs.path(outcome["artefacts"]["issues"]).read_bytes())
    tally = record_issues(tx, ctx, run, issues, outcome)
    values = {
        "counts": {**outcome["counts"], **tally},
        "engine": outcome["engine"],
        "timings": outcome["timings"],
        "artefacts": outcome["artefacts"],
        "scene": outcome.get("scene"),
        "finished": ctx.clock(),
    }
    runs.change(tx, run.id, values)
    note_standings(tx, job.project_id, outcome.get("standings", []))
    _subject_state(tx, ctx, job, "done")
    # What arrived while this review ran is reviewed next.
    consider_review(tx, ctx, job.project_id)
    return True
