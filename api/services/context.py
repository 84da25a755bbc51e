"""What every use case is handed: the store, the settings and the clock."""

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from api.services.views import job_view
from api.settings import Settings
from api.store import accounts, jobs
from api.store.db import Connection
from api.store.records import Job, User
from api.store.store import Store

#: What listeners are told of a job; times they ask for.
_TOLD = frozenset(
    ("id", "kind", "subject_id", "state", "progress", "stage", "stage_text", "problem")
)


def utc_now() -> datetime:
    """The time."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Context:
    """Store, settings and clock."""

    store: Store
    settings: Settings
    clock: Callable[[], datetime] = utc_now


@dataclass(frozen=True, slots=True)
class Actor:
    """Who asks; the machine is :data:`MACHINE`."""

    id: str | None
    name: str
    admin: bool = False

    @classmethod
    def of(cls, user: User) -> "Actor":
        """The actor of a signed-in user."""
        return cls(id=user.id, name=user.name, admin=user.role == "admin")


MACHINE = Actor(id=None, name="yuyan")


def new_id() -> str:
    """A fresh random id."""
    return str(uuid.uuid4())


def note(
    tx: Connection,
    ctx: Context,
    actor: Actor,
    action: str,
    subject: tuple[str | None, str],
    **data: object,
) -> None:
    """Write the audit trail: `subject` is (project id or None, subject id)."""
    accounts.record(
        tx,
        {
            "at": ctx.clock(),
            "project_id": subject[0],
            "user_id": actor.id,
            "user_name": actor.name,
            "action": action,
            "subject_id": subject[1],
            "data": data,
        },
    )


def tell_job(tx: Connection, ctx: Context, job: Job) -> None:
    """Tell the listeners of a project how a job stands."""
    data = {key: value for key, value in job_view(job).items() if key in _TOLD}
    jobs.tell(tx, job.project_id, "job", data, ctx.clock())
