"""Queries on models, their revisions, layers and schedules."""

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from api.store import tables as t
from api.store.records import FileRow, ModelRow, Revision, changed, many, one

_revisions = (
    sa.select(t.revisions, t.models.c.name.label("model_name"), t.users.c.name.label("author"))
    .join(t.models, t.models.c.id == t.revisions.c.model_id)
    .outerjoin(t.users, t.users.c.id == t.revisions.c.author_id)
)
_newest = (
    sa.select(t.revisions.c.model_id, sa.func.max(t.revisions.c.number).label("number"))
    .group_by(t.revisions.c.model_id)
    .subquery()
)


def models(tx: Connection, project_id: str, *, after: str, limit: int) -> list[ModelRow]:
    """Models of a project by name, those after the name `after`."""
    where = (t.models.c.project_id == project_id) & (t.models.c.name > after)
    return many(
        tx, sa.select(t.models).where(where).order_by(t.models.c.name).limit(limit), ModelRow
    )


def model(tx: Connection, project_id: str, model_id: str) -> ModelRow | None:
    """One model of a project."""
    where = (t.models.c.project_id == project_id) & (t.models.c.id == model_id)
    return one(tx, sa.select(t.models).where(where), ModelRow)


def model_named(tx: Connection, project_id: str, name: str) -> ModelRow | None:
    """The model of a project with a name."""
    where = (t.models.c.project_id == project_id) & (t.models.c.name == name)
    return one(tx, sa.select(t.models).where(where), ModelRow)


def add_model(tx: Connection, values: Mapping[str, Any]) -> None:
    """Insert a model."""
    tx.execute(sa.insert(t.models).values(values))


def change_model(tx: Connection, model_id: str, values: Mapping[str, Any]) -> None:
    """Update a model."""
    tx.execute(sa.update(t.models).where(t.models.c.id == model_id).values(values))


def drop_model(tx: Connection, project_id: str, model_id: str) -> int:
    """Delete a model with its revisions; rows met."""
    where = (t.models.c.project_id == project_id) & (t.models.c.id == model_id)
    return changed(tx, sa.delete(t.models).where(where))


def revision(tx: Connection, project_id: str, revision_id: str) -> Revision | None:
    """One revision of a project."""
    where = (t.revisions.c.project_id == project_id) & (t.revisions.c.id == revision_id)
    return one(tx, _revisions.where(where), Revision)


def latest(tx: Connection, model_id: str) -> Revision | None:
    """The newest revision of a model, whatever its state."""
    query = _revisions.where(t.revisions.c.model_id == model_id)
    return one(tx, query.order_by(t.revisions.c.number.desc()).limit(1), Revision)


def latest_of_project(tx: Connection, project_id: str) -> dict[str, Revision]:
    """The newest revision of each model of a project, by model id."""
    query = _revisions.join(
        _newest,
        (_newest.c.model_id == t.revisions.c.model_id) & (_newest.c.number == t.revisions.c.number),
    ).where(t.revisions.c.project_id == project_id)
    return {r.model_id: r for r in many(tx, query, Revision)}


def latest_ready(tx: Connection, project_id: str) -> list[Revision]:
    """The newest usable revision of each model of a project, by model name."""
    ready = (
        sa.select(t.revisions.c.model_id, sa.func.max(t.revisions.c.number).label("number"))
        .where((t.revisions.c.project_id == project_id) & (t.revisions.c.state == "ready"))
        .group_by(t.revisions.c.model_id)
        .subquery()
    )
    query = _revisions.join(
        ready,
        (ready.c.model_id == t.revisions.c.model_id) & (ready.c.number == t.revisions.c.number),
    )
    return many(tx, query.order_by(t.models.c.name), Revision)


def revisions(tx: Connection, model_id: str, *, before: int, limit: int) -> list[Revision]:
    """Revisions of a model, newest first, numbers below `before`."""
    where = (t.revisions.c.model_id == model_id) & (t.revisions.c.number < before)
    query = _revisions.where(where).order_by(t.revisions.c.number.desc()).limit(limit)
    return many(tx, query, Revision)


def add_revision(tx: Connection, values: Mapping[str, Any]) -> None:
    """Insert a revision."""
    tx.execute(sa.insert(t.revisions).values(values))


def change_revision(tx: Connection, revision_id: str, values: Mapping[str, Any]) -> None:
    """Update a revision."""
    tx.execute(sa.update(t.revisions).where(t.revisions.c.id == revision_id).values(values))


def unfinished(tx: Connection, project_id: str) -> int:
    """How many revisions of a project are still queued or processed."""
    where = (t.revisions.c.project_id == project_id) & t.revisions.c.state.in_(
        ("queued", "processing")
    )
    return int(tx.execute(sa.select(sa.func.count()).where(where)).scalar_one())


def stored_bytes(tx: Connection, project_id: str) -> int:
    """Bytes uploaded to a project."""
    total = 0
    for table in (t.revisions, t.files):
        query = sa.select(sa.func.coalesce(sa.func.sum(table.c.size_bytes), 0)).where(
            table.c.project_id == project_id
        )
        total += int(tx.execute(query).scalar_one())
    kept = sa.select(t.files.c.earlier).where(t.files.c.project_id == project_id)
    earlier = tx.execute(kept).scalars()
    return total + sum(int(r["size_bytes"]) for rows in earlier for r in rows or [])


def files(tx: Connection, project_id: str, kind: str, *, after: str, limit: int) -> list[FileRow]:
    """Layers or schedules of a project by name, those after the name `after`."""
    where = (
        (t.files.c.project_id == project_id) & (t.files.c.kind == kind) & (t.files.c.name > after)
    )
    query = sa.select(t.files).where(where).order_by(t.files.c.name).limit(limit)
    return many(tx, query, FileRow)


def file(tx: Connection, project_id: str, kind: str, file_id: str) -> FileRow | None:
    """One layer or schedule of a project."""
    where = (
        (t.files.c.project_id == project_id) & (t.files.c.kind == kind) & (t.files.c.id == file_id)
    )
    return one(tx, sa.select(t.files).where(where), FileRow)


def any_file(tx: Connection, project_id: str, file_id: str) -> FileRow | None:
    """One file of a project, a layer or a schedule."""
    where = (t.files.c.project_id == project_id) & (t.files.c.id == file_id)
    return one(tx, sa.select(t.files).where(where), FileRow)


def file_named(tx: Connection, project_id: str, kind: str, name: str) -> FileRow | None:
    """The layer or schedule of a name."""
    where = (
        (t.files.c.project_id == project_id) & (t.files.c.kind == kind) & (t.files.c.name == name)
    )
    return one(tx, sa.select(t.files).where(where), FileRow)


def add_file(tx: Connection, values: Mapping[str, Any]) -> None:
    """Insert a layer or schedule."""
    tx.execute(sa.insert(t.files).values(values))


def change_file(tx: Connection, file_id: str, values: Mapping[str, Any]) -> None:
    """Update a layer or schedule."""
    tx.execute(sa.update(t.files).where(t.files.c.id == file_id).values(values))


def drop_file(tx: Connection, project_id: str, kind: str, file_id: str) -> int:
    """Delete a layer or schedule; rows met."""
    where = (
        (t.files.c.project_id == project_id) & (t.files.c.kind == kind) & (t.files.c.id == file_id)
    )
    return changed(tx, sa.delete(t.files).where(where))
