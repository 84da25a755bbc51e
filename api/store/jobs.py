"""Queries on jobs, workers and events."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from api.store import tables as t
from api.store.records import EventRow, Job, changed, many, one

#: States in which a job can still do something.
ACTIVE = ("queued", "running")


def job(tx: Connection, job_id: str) -> Job | None:
    """The job with an id."""
    return one(tx, sa.select(t.jobs).where(t.jobs.c.id == job_id), Job)


def jobs(tx: Connection, project_id: str, *, before: tuple[datetime, str], limit: int) -> list[Job]:
    """Jobs of a project, newest first."""
    key = sa.tuple_(t.jobs.c.created, t.jobs.c.id)
    bound = sa.tuple_(
        sa.literal(before[0], t.jobs.c.created.type), sa.literal(before[1], t.jobs.c.id.type)
    )
    where = (t.jobs.c.project_id == project_id) & (key < bound)
    query = sa.select(t.jobs).where(where)
    return many(tx, query.order_by(t.jobs.c.created.desc(), t.jobs.c.id.desc()).limit(limit), Job)


def add(tx: Connection, values: Mapping[str, Any]) -> None:
    """Insert a job."""
    tx.execute(sa.insert(t.jobs).values(values))


def change(tx: Connection, job_id: str, values: Mapping[str, Any]) -> int:
    """Update a job; rows met."""
    return changed(tx, sa.update(t.jobs).where(t.jobs.c.id == job_id).values(values))


def finish(tx: Connection, job_id: str, attempt: int, values: Mapping[str, Any]) -> bool:
    """End a running job if `attempt` still owns it; False when another start took it over."""
    where = (t.jobs.c.id == job_id) & (t.jobs.c.attempt == attempt) & t.jobs.c.state.in_(ACTIVE)
    return changed(tx, sa.update(t.jobs).where(where).values(values)) == 1


def waiting(tx: Connection, now: datetime, *, limit: int) -> list[Job]:
    """Queued jobs the engine has not been told of and whose time has come.

    Reviews of a project come one after the other, however many workers there are: an older
    result never comes on top of a newer one.
    """
    # A job of the future was written before the clock was set back: its wait is over.
    due = (t.jobs.c.not_before <= now) | (t.jobs.c.created > now)
    before = t.jobs.alias()
    earlier = (before.c.created < t.jobs.c.created) | (
        (before.c.created == t.jobs.c.created) & (before.c.id < t.jobs.c.id)
    )
    blocked = sa.exists().where(
        (t.jobs.c.kind == "review")
        & (before.c.kind == "review")
        & (before.c.project_id == t.jobs.c.project_id)
        & (before.c.id != t.jobs.c.id)
        & before.c.state.in_(ACTIVE)
        & (before.c.enqueued.is_(True) | earlier)
    )
    where = (t.jobs.c.state == "queued") & t.jobs.c.enqueued.is_(False) & due & ~blocked
    return many(tx, sa.select(t.jobs).where(where).order_by(t.jobs.c.created).limit(limit), Job)


def to_cancel(tx: Connection) -> list[Job]:
    """Active jobs somebody wants to end; at most a hundred at a time."""
    where = t.jobs.c.cancel_requested.is_(True) & t.jobs.c.state.in_(ACTIVE)
    return many(tx, sa.select(t.jobs).where(where).limit(100), Job)


def stalled(tx: Connection, now: datetime, silence: timedelta) -> list[Job]:
    """Told-of jobs that are active without a sign of life for `silence`.

    A sign of life from the future is none: the clock was set back since.
    """
    updated = t.jobs.c.updated
    silent = (updated < now - silence) | (updated > now + silence)
    where = t.jobs.c.state.in_(ACTIVE) & t.jobs.c.enqueued.is_(True) & silent
    return many(tx, sa.select(t.jobs).where(where).order_by(updated).limit(100), Job)


def counts(tx: Connection) -> dict[str, int]:
    """Jobs by state."""
    query = sa.select(t.jobs.c.state, sa.func.count()).group_by(t.jobs.c.state)
    return {str(state): int(n) for state, n in tx.execute(query)}


def beat(tx: Connection, executor: str, now: datetime) -> None:
    """Note that a worker is alive."""
    where = t.workers.c.executor_id == executor
    if not changed(tx, sa.update(t.workers).where(where).values(heartbeat_at=now)):
        tx.execute(sa.insert(t.workers).values(executor_id=executor, heartbeat_at=now))


def live_workers(tx: Connection, since: datetime) -> int:
    """How many workers were heard of since `since`."""
    where = t.workers.c.heartbeat_at >= since
    return int(tx.execute(sa.select(sa.func.count()).where(where)).scalar_one())


def tell(tx: Connection, project_id: str, kind: str, data: Mapping[str, Any], at: datetime) -> None:
    """Add an event for the listeners of a project."""
    tx.execute(sa.insert(t.events).values(project_id=project_id, kind=kind, data=data, at=at))


def events(tx: Connection, project_id: str, *, after: int, limit: int) -> list[EventRow]:
    """Events of a project in order, those after number `after`."""
    where = (t.events.c.project_id == project_id) & (t.events.c.id > after)
    query = sa.select(t.events).where(where).order_by(t.events.c.id).limit(limit)
    return many(tx, query, EventRow)


def last_event(tx: Connection) -> int:
    """Number of the newest event of all projects; 0 without any."""
    return int(tx.execute(sa.select(sa.func.coalesce(sa.func.max(t.events.c.id), 0))).scalar_one())


def forget_events(tx: Connection, now: datetime, *, days: float) -> int:
    """Remove events older than `days`; rows met."""
    return changed(tx, sa.delete(t.events).where(t.events.c.at < now - timedelta(days=days)))
