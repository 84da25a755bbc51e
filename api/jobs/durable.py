"""The durable engine on DBOS: one workflow a job, its steps recorded in a database of DBOS."""

from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from dbos import DBOS, DBOSPortableJSONSerializer, SetWorkflowID
from sqlalchemy import event
from sqlalchemy.engine import Engine

from api.jobs.port import Work
from api.store.db import set_pragmas

#: Raise only when the sequence of steps changes: work of another version is not taken up.
VERSION = "jobs-v1"
_POLL = 0.25
_ENDED = frozenset({"SUCCESS", "ERROR", "CANCELLED", "MAX_RECOVERY_ATTEMPTS_EXCEEDED"})


class DurableEngine:
    """A :class:`api.jobs.port.JobEngine`; one in a process, as DBOS keeps global state.

    Parameters
    ----------
    url : str
        Database of DBOS; on SQLite a file of its own.
    executor : str
        Name of this process, the same at the next start.
    work : Work
        What a job does.
    queues : mapping
        How many jobs of a kind run here at the same time.

    """

    def __init__(self, url: str, executor: str, work: Work, queues: Mapping[str, int]) -> None:
        self._queues = queues
        self._engine = _open(url)
        DBOS(
            config={
                "name": "yuyan",
                "system_database_url": url,
                "system_database_engine": self._engine,
                "application_version": VERSION,
                "executor_id": executor,
                "log_level": "ERROR",
                "serializer": DBOSPortableJSONSerializer(),
                "notification_listener_polling_interval_sec": 1.0,
            }
        )

        @DBOS.workflow(name="job", max_recovery_attempts=None)
        def job(job_id: str) -> str:
            # Not a step, on purpose: each start must count and fence off the one before.
            start = work.begin(job_id)
            if start is None:
                return "nothing to do"
            key = DBOS.run_step({"name": "compute"}, work.compute, job_id, start)
            retry: Any = {
                "name": "publish",
                "retries_allowed": True,
                "max_attempts": 8,
                "interval_seconds": 0.5,
            }
            DBOS.run_step(retry, work.publish, job_id, start, key)
            return key

        self._job = job

    def start(self) -> None:
        """Launch DBOS, which takes up what this executor left."""
        DBOS.launch()
        for name, count in self._queues.items():
            DBOS.register_queue(name, worker_concurrency=count, polling_interval_sec=_POLL)

    def stop(self) -> None:
        """Stop without waiting."""
        DBOS.destroy(workflow_completion_timeout_sec=0)
        self._engine.dispose()

    def enqueue(self, kind: str, key: str, job_id: str) -> None:
        """Queue a job; the same key again does nothing."""
        with SetWorkflowID(key):
            DBOS.enqueue_workflow(kind, self._job, job_id)

    def lost(self, keys: Sequence[str]) -> list[str]:
        """Those of `keys` that DBOS does not know or has ended."""
        if not keys:
            return []
        found = DBOS.list_workflows(
            workflow_ids=list(keys), load_input=False, load_output=False, limit=len(keys)
        )
        alive = {w.workflow_id for w in found if w.status not in _ENDED}
        return [key for key in keys if key not in alive]

    def resume(self, keys: Sequence[str]) -> None:
        """Queue again what hangs on a dead process."""
        if keys:
            DBOS.resume_workflows(list(keys))

    def cancel(self, keys: Sequence[str]) -> None:
        """Take what has not begun off the queue."""
        if keys:
            DBOS.cancel_workflows(list(keys))


def _open(url: str) -> Engine:
    if not url.startswith("sqlite"):
        return sa.create_engine(url, pool_pre_ping=True)
    engine = sa.create_engine(url)

    @event.listens_for(engine, "connect")
    def configure(connection: Any, record: Any) -> None:
        del record
        connection.isolation_level = "IMMEDIATE"
        set_pragmas(connection)

    return engine
