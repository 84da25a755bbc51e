"""Queries on users, sessions and the audit trail."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from api.store import tables as t
from api.store.records import AuditRow, Session, User, changed, many, one


def user(tx: Connection, user_id: str) -> User | None:
    """The user with an id."""
    return one(tx, sa.select(t.users).where(t.users.c.id == user_id), User)


def user_named(tx: Connection, name: str) -> User | None:
    """The user with a sign-in name."""
    return one(tx, sa.select(t.users).where(t.users.c.name == name), User)


def users(tx: Connection, *, after: str, limit: int) -> list[User]:
    """Users by name, those after the name `after`."""
    query = sa.select(t.users).where(t.users.c.name > after).order_by(t.users.c.name).limit(limit)
    return many(tx, query, User)


def add_user(tx: Connection, values: Mapping[str, Any]) -> None:
    """Insert a user."""
    tx.execute(sa.insert(t.users).values(values))


def change_user(tx: Connection, user_id: str, values: Mapping[str, Any]) -> int:
    """Update a user; rows met."""
    return changed(tx, sa.update(t.users).where(t.users.c.id == user_id).values(values))


def add_session(tx: Connection, values: Mapping[str, Any]) -> None:
    """Insert a session."""
    tx.execute(sa.insert(t.sessions).values(values))


def session(tx: Connection, token_hash: str) -> tuple[Session, User] | None:
    """The session of a token with its user."""
    found = one(tx, sa.select(t.sessions).where(t.sessions.c.token_hash == token_hash), Session)
    owner = user(tx, found.user_id) if found else None
    return (found, owner) if found and owner else None


def session_by_id(tx: Connection, session_id: str) -> Session | None:
    """The session with an id."""
    return one(tx, sa.select(t.sessions).where(t.sessions.c.id == session_id), Session)


def sessions(tx: Connection, user_id: str, *, kind: str) -> list[Session]:
    """Sessions of a kind of a user; at most a thousand."""
    where = (t.sessions.c.user_id == user_id) & (t.sessions.c.kind == kind)
    query = sa.select(t.sessions).where(where).order_by(t.sessions.c.created).limit(1000)
    return many(tx, query, Session)


def touch_session(tx: Connection, session_id: str, now: datetime) -> None:
    """Note the use of a session."""
    tx.execute(sa.update(t.sessions).where(t.sessions.c.id == session_id).values(last_used=now))


def drop_session(tx: Connection, user_id: str, session_id: str) -> int:
    """End one session of a user; rows met."""
    where = (t.sessions.c.id == session_id) & (t.sessions.c.user_id == user_id)
    return changed(tx, sa.delete(t.sessions).where(where))


def drop_sessions(tx: Connection, user_id: str) -> int:
    """End all sessions of a user; rows met."""
    return changed(tx, sa.delete(t.sessions).where(t.sessions.c.user_id == user_id))


def drop_expired(tx: Connection, now: datetime) -> int:
    """Remove sessions past their end; rows met."""
    return changed(tx, sa.delete(t.sessions).where(t.sessions.c.expires < now))


def record(tx: Connection, values: Mapping[str, Any]) -> None:
    """Add a line to the audit trail."""
    tx.execute(sa.insert(t.audit).values(values))


def history(tx: Connection, project_id: str, subject_id: str, *, limit: int) -> list[AuditRow]:
    """What was done to a subject, oldest first."""
    where = (t.audit.c.project_id == project_id) & (t.audit.c.subject_id == subject_id)
    query = sa.select(t.audit).where(where).order_by(t.audit.c.id).limit(limit)
    return many(tx, query, AuditRow)
