"""Queries on projects and their members."""

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from api.store import tables as t
from api.store.records import Member, Project, changed, many, one


def project(tx: Connection, project_id: str) -> Project | None:
    """The project with an id."""
    return one(tx, sa.select(t.projects).where(t.projects.c.id == project_id), Project)


def role(tx: Connection, project_id: str, user_id: str) -> str | None:
    """A user's role in a project, None for strangers."""
    where = (t.members.c.project_id == project_id) & (t.members.c.user_id == user_id)
    return tx.execute(sa.select(t.members.c.role).where(where)).scalar()


def of_user(
    tx: Connection, user_id: str, *, after: tuple[str, str], limit: int
) -> list[tuple[Project, str]]:
    """Projects of a user with the role, by (name, id)."""
    key = sa.tuple_(t.projects.c.name, t.projects.c.id)
    query = (
        sa.select(t.projects, t.members.c.role)
        .join(t.members, t.members.c.project_id == t.projects.c.id)
        .where((t.members.c.user_id == user_id) & (key > sa.tuple_(*map(sa.literal, after))))
        .order_by(t.projects.c.name, t.projects.c.id)
        .limit(limit)
    )
    return [(Project.of(row), row["role"]) for row in tx.execute(query).mappings()]


def named(tx: Connection, name: str) -> Project | None:
    """The oldest project of a name."""
    query = sa.select(t.projects).where(t.projects.c.name == name).order_by(t.projects.c.created)
    return one(tx, query, Project)


def add(tx: Connection, values: Mapping[str, Any]) -> None:
    """Insert a project."""
    tx.execute(sa.insert(t.projects).values(values))


def change(tx: Connection, project_id: str, version: int, values: Mapping[str, Any]) -> int:
    """Update a project if it still has `version`; rows met."""
    where = (t.projects.c.id == project_id) & (t.projects.c.version == version)
    return changed(
        tx, sa.update(t.projects).where(where).values({**values, "version": version + 1})
    )


def counts(tx: Connection, project_id: str) -> dict[str, int]:
    """How many models and open issues a project has."""
    models = sa.select(sa.func.count()).where(t.models.c.project_id == project_id)
    open_ = sa.select(sa.func.count()).where(
        (t.issues.c.project_id == project_id) & t.issues.c.status.not_in(("resolved", "approved"))
    )
    return {
        "models": int(tx.execute(models).scalar_one()),
        "issues_open": int(tx.execute(open_).scalar_one()),
    }


def members(tx: Connection, project_id: str) -> list[Member]:
    """Members by name; at most a thousand."""
    query = (
        sa.select(t.members.c.user_id, t.users.c.name, t.users.c.display_name, t.members.c.role)
        .join(t.users, t.users.c.id == t.members.c.user_id)
        .where(t.members.c.project_id == project_id)
        .order_by(t.users.c.name)
        .limit(1000)
    )
    return many(tx, query, Member)


def set_member(tx: Connection, project_id: str, user_id: str, role_: str) -> None:
    """Give a user a role in a project."""
    where = (t.members.c.project_id == project_id) & (t.members.c.user_id == user_id)
    if not changed(tx, sa.update(t.members).where(where).values(role=role_)):
        tx.execute(sa.insert(t.members).values(project_id=project_id, user_id=user_id, role=role_))


def drop_member(tx: Connection, project_id: str, user_id: str) -> int:
    """Take a user out of a project; rows met."""
    where = (t.members.c.project_id == project_id) & (t.members.c.user_id == user_id)
    return changed(tx, sa.delete(t.members).where(where))
