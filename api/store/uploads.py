"""Queries on resumable uploads."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from api.store import tables as t
from api.store.records import UploadRow, changed, many, one


def upload(tx: Connection, project_id: str, upload_id: str) -> UploadRow | None:
    """One upload of a project."""
    where = (t.uploads.c.project_id == project_id) & (t.uploads.c.id == upload_id)
    return one(tx, sa.select(t.uploads).where(where), UploadRow)


def add(tx: Connection, values: Mapping[str, Any]) -> None:
    """Insert an upload."""
    tx.execute(sa.insert(t.uploads).values(values))


def change(tx: Connection, upload_id: str, values: Mapping[str, Any]) -> int:
    """Update an upload; rows met."""
    return changed(tx, sa.update(t.uploads).where(t.uploads.c.id == upload_id).values(values))


def drop(tx: Connection, upload_id: str) -> int:
    """Forget an upload; rows met."""
    return changed(tx, sa.delete(t.uploads).where(t.uploads.c.id == upload_id))


def expired(tx: Connection, now: datetime, *, limit: int) -> list[UploadRow]:
    """Uploads past their time."""
    query = sa.select(t.uploads).where(t.uploads.c.expires < now).limit(limit)
    return many(tx, query, UploadRow)


def promised(tx: Connection, project_id: str) -> int:
    """Bytes that unfinished uploads of a project will take."""
    total = sa.func.coalesce(sa.func.sum(t.uploads.c.length), 0)
    where = (t.uploads.c.project_id == project_id) & t.uploads.c.revision_id.is_(None)
    return int(tx.execute(sa.select(total).where(where)).scalar_one())
