"""Rows as frozen records."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any, Self, TypeVar

import sqlalchemy as sa
from sqlalchemy.engine import Connection, RowMapping

Json = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """A row; extra columns of the row are ignored."""

    @classmethod
    def of(cls, row: RowMapping) -> Self:
        """The record of `row`."""
        return cls(**{f.name: row[f.name] for f in fields(cls)})


@dataclass(frozen=True, slots=True, kw_only=True)
class User(Record):
    """An account; `role` is ``"admin"`` or ``"user"``."""

    id: str
    name: str
    display_name: str
    role: str
    password_hash: str
    disabled: bool
    created: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Session(Record):
    """A sign-in or an API token; only the hash of its secret is kept."""

    id: str
    user_id: str
    kind: str
    name: str
    expires: datetime | None
    last_used: datetime | None
    created: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Project(Record):
    """A project; `settings` holds ``auto_review``, ``language`` and what else the client keeps."""

    id: str
    name: str
    description: str
    crs: str | None
    settings: Json
    version: int
    created: datetime
    updated: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Member(Record):
    """A user's role in a project."""

    user_id: str
    name: str
    display_name: str
    role: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelRow(Record):
    """A model of a project; its files are its revisions."""

    id: str
    project_id: str
    name: str
    discipline: str
    placement: Json | None
    created: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Revision(Record):
    """One uploaded file of a model."""

    id: str
    project_id: str
    model_id: str
    model_name: str
    number: int
    filename: str
    size_bytes: int
    sha256: str
    state: str
    schema_name: str
    counts: Json
    georeference: Json | None
    findings_count: int
    artefacts: Json
    problem: Json | None
    job_id: str | None
    author: str | None
    created: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class UploadRow(Record):
    """A resumable upload; `position` bytes of `length` are durable."""

    id: str
    project_id: str
    length: int
    position: int
    naming: Json
    revision_id: str | None
    expires: datetime
    author_id: str | None
    created: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class FileRow(Record):
    """A layer or a schedule: its newest revision, and those that may stand in for it.

    `state` is ``"queued"`` until a review has tried it, then ``"ready"`` or ``"failed"``.
    """

    id: str
    project_id: str
    kind: str
    name: str
    role: str | None
    crs: str | None
    facts: dict[str, Any] | None
    filename: str
    size_bytes: int
    sha256: str
    number: int
    state: str
    problem: dict[str, Any] | None
    earlier: list[dict[str, Any]] | None
    created: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Job(Record):
    """A durable piece of work."""

    id: str
    project_id: str
    kind: str
    subject_id: str
    state: str
    attempt: int
    progress: float
    stage: str
    problem: Json | None
    cancel_requested: bool
    not_before: datetime
    enqueued: bool
    engine_key: str | None
    executor: str | None
    created: datetime
    updated: datetime
    finished: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Run(Record):
    """One review of a project."""

    id: str
    project_id: str
    number: int
    state: str
    inputs_key: str
    revisions: list[Json]
    counts: Json
    engine: str
    timings: Json
    artefacts: Json
    scene: Json | None
    problem: Json | None
    job_id: str | None
    created: datetime
    finished: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class IssueRow(Record):
    """An issue: `body` is the machine's, the rest belongs to people."""

    project_id: str
    id: str
    number: int
    fingerprint: str
    kind: str
    rule: str
    storey: str
    severity: int
    machine_severity: int
    body: Json
    snapshots: str | None
    last_run_id: str | None
    status: str
    status_reason: Json
    title: str | None
    severity_override: int | None
    assigned_to: str
    comments_count: int
    version: int
    created: datetime
    updated: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class CommentRow(Record):
    """A remark on an issue."""

    id: str
    issue_id: str
    text: str
    author_name: str
    created: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditRow(Record):
    """Who did what."""

    id: int
    at: datetime
    project_id: str | None
    user_name: str
    action: str
    subject_id: str
    data: Json


@dataclass(frozen=True, slots=True, kw_only=True)
class EventRow(Record):
    """Something that listeners are told."""

    id: int
    kind: str
    data: Json


R = TypeVar("R", bound=Record)


def one(tx: Connection, query: sa.Select[Any], kind: type[R]) -> R | None:
    """The first row of `query`, or None."""
    row = tx.execute(query).mappings().first()
    return None if row is None else kind.of(row)


def many(tx: Connection, query: sa.Select[Any], kind: type[R]) -> list[R]:
    """All rows of `query`."""
    return [kind.of(row) for row in tx.execute(query).mappings()]


def changed(tx: Connection, statement: sa.Update | sa.Delete) -> int:
    """Run `statement`; the number of rows it met."""
    return int(tx.execute(statement).rowcount)
