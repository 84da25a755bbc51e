"""Jobs for those who wait for them, and the events of a project."""

from datetime import UTC, datetime
from typing import Any

from api.codes import NOT_FOUND
from api.services.access import allow
from api.services.context import Actor, Context, note, tell_job
from api.services.errors import Refused
from api.services.publishing import end_cancelled
from api.services.views import job_view
from api.store import jobs
from api.store.records import EventRow

#: Events of one answer.
EVENTS = 200
_FAR = datetime(9999, 1, 1, tzinfo=UTC)


def list_jobs(
    ctx: Context, actor: Actor, project_id: str, *, before: tuple[datetime, str] | None, limit: int
) -> list[dict[str, Any]]:
    """Jobs of a project, newest first."""
    bound = before or (_FAR, "")
    with ctx.store.db.read() as tx:
        allow(tx, actor, project_id, "read")
        return [job_view(j) for j in jobs.jobs(tx, project_id, before=bound, limit=limit)]


def get_job(ctx: Context, actor: Actor, project_id: str, job_id: str) -> dict[str, Any]:
    """One job."""
    with ctx.store.db.read() as tx:
        allow(tx, actor, project_id, "read")
        job = jobs.job(tx, job_id)
    if job is None or job.project_id != project_id:
        raise Refused(NOT_FOUND)
    return job_view(job)


def cancel_job(ctx: Context, actor: Actor, project_id: str, job_id: str) -> dict[str, Any]:
    """Ask for a job to be ended; one that has not started ends at once."""
    with ctx.store.db.write() as tx:
        allow(tx, actor, project_id, "read")
        job = jobs.job(tx, job_id)
        if job is None or job.project_id != project_id:
            raise Refused(NOT_FOUND)
        allow(tx, actor, project_id, "upload" if job.kind == "ingest" else "coordinate")
        if job.state in jobs.ACTIVE:
            jobs.change(tx, job_id, {"cancel_requested": True})
            note(tx, ctx, actor, "job cancelled", (project_id, job_id), kind=job.kind)
            if job.state == "queued" and not job.enqueued:
                end_cancelled(tx, ctx, job)
        job = jobs.job(tx, job_id)
        if job is None:
            raise Refused(NOT_FOUND)
        tell_job(tx, ctx, job)
        return job_view(job)


def may_listen(ctx: Context, actor: Actor, project_id: str) -> int:
    """Check that the actor may hear the events of a project; the newest number."""
    with ctx.store.db.read() as tx:
        allow(tx, actor, project_id, "read")
        return jobs.last_event(tx)


def events_after(ctx: Context, actor: Actor, project_id: str, *, after: int) -> list[EventRow]:
    """Events of a project after a number; membership is checked each time."""
    with ctx.store.db.read() as tx:
        allow(tx, actor, project_id, "read")
        return jobs.events(tx, project_id, after=after, limit=EVENTS)


def newest_event(ctx: Context) -> int:
    """Number of the newest event of all projects."""
    with ctx.store.db.read() as tx:
        return jobs.last_event(tx)
