"""Queries on issues and comments."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from api.store import tables as t
from api.store.records import CommentRow, IssueRow, changed, many, one


@dataclass(frozen=True, slots=True, kw_only=True)
class IssueFilter:
    """Which issues are wanted; an empty field does not filter."""

    status: tuple[str, ...] = ()
    kind: tuple[str, ...] = ()
    severity_min: int | None = None
    storey: str | None = None
    assigned_to: str | None = None
    text: str | None = None
    run: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """A stretch of the list in the order of `sort`, then number.

    `after` is the (value, number) of the last issue before it.
    """

    sort: str = "severity"
    after: tuple[Any, int] | None = None
    limit: int


#: Sort orders: the column and whether it runs downwards.
SORTS = {
    "severity": (t.issues.c.severity, True),
    "updated": (t.issues.c.updated, True),
    "created": (t.issues.c.created, True),
    "number": (t.issues.c.number, False),
}


def _where(project_id: str, wanted: IssueFilter) -> sa.ColumnElement[bool]:
    c = t.issues.c
    where = c.project_id == project_id
    if wanted.status:
        where &= c.status.in_(wanted.status)
    if wanted.kind:
        where &= c.kind.in_(wanted.kind)
    if wanted.severity_min is not None:
        where &= c.severity >= wanted.severity_min
    if wanted.storey is not None:
        where &= c.storey == wanted.storey
    if wanted.assigned_to is not None:
        where &= c.assigned_to == wanted.assigned_to
    if wanted.text:
        where &= c.search.contains(wanted.text.casefold(), autoescape=True)
    if wanted.run:
        where &= c.last_run_id == wanted.run
    return where


def issues(
    tx: Connection,
    project_id: str,
    wanted: IssueFilter,
    page: Page,
) -> list[IssueRow]:
    """The issues of one page."""
    column, down = SORTS[page.sort]
    number = t.issues.c.number
    where = _where(project_id, wanted)
    if page.after is not None:
        value = sa.literal(page.after[0], column.type)
        beyond = column < value if down else column > value
        where &= beyond | ((column == value) & (number > page.after[1]))
    query = sa.select(t.issues).where(where)
    order = column.desc() if down else column.asc()
    return many(tx, query.order_by(order, number).limit(page.limit), IssueRow)


def total(tx: Connection, project_id: str, wanted: IssueFilter) -> int:
    """How many issues are wanted."""
    query = sa.select(sa.func.count()).select_from(t.issues).where(_where(project_id, wanted))
    return int(tx.execute(query).scalar_one())


def issue(tx: Connection, project_id: str, issue_id: str) -> IssueRow | None:
    """One issue of a project."""
    where = (t.issues.c.project_id == project_id) & (t.issues.c.id == issue_id)
    return one(tx, sa.select(t.issues).where(where), IssueRow)


def every(tx: Connection, project_id: str) -> list[IssueRow]:
    """All issues of a project by number: for the machine, which must see each."""
    where = t.issues.c.project_id == project_id
    return many(tx, sa.select(t.issues).where(where).order_by(t.issues.c.number), IssueRow)


def last_number(tx: Connection, project_id: str) -> int:
    """The highest issue number of a project."""
    query = sa.select(sa.func.coalesce(sa.func.max(t.issues.c.number), 0)).where(
        t.issues.c.project_id == project_id
    )
    return int(tx.execute(query).scalar_one())


def add(tx: Connection, rows: list[Mapping[str, Any]]) -> None:
    """Insert issues."""
    if rows:
        tx.execute(sa.insert(t.issues), rows)


def change(
    tx: Connection,
    project_id: str,
    issue_id: str,
    values: Mapping[str, Any],
    *,
    version: int | None = None,
) -> int:
    """Update an issue, only if it still has `version` when given; rows met."""
    where = (t.issues.c.project_id == project_id) & (t.issues.c.id == issue_id)
    if version is not None:
        where &= t.issues.c.version == version
    return changed(
        tx, sa.update(t.issues).where(where).values(version=t.issues.c.version + 1, **values)
    )


def comments(tx: Connection, project_id: str, issue_id: str, *, limit: int) -> list[CommentRow]:
    """Comments of an issue, oldest first."""
    where = (t.comments.c.project_id == project_id) & (t.comments.c.issue_id == issue_id)
    query = sa.select(t.comments).where(where).order_by(t.comments.c.created, t.comments.c.id)
    return many(tx, query.limit(limit), CommentRow)


def every_comment(tx: Connection, project_id: str) -> dict[str, list[CommentRow]]:
    """All comments of a project by issue: for the export, which must carry each."""
    query = sa.select(t.comments).where(t.comments.c.project_id == project_id)
    found: dict[str, list[CommentRow]] = {}
    for row in many(tx, query.order_by(t.comments.c.created, t.comments.c.id), CommentRow):
        found.setdefault(row.issue_id, []).append(row)
    return found


def add_comment(tx: Connection, values: Mapping[str, Any]) -> None:
    """Insert a comment."""
    tx.execute(sa.insert(t.comments).values(values))


def change_many(tx: Connection, project_id: str, rows: list[Mapping[str, Any]]) -> None:
    """Update issues named by ``issue_id``; all rows have the same columns."""
    if not rows:
        return
    columns = [name for name in rows[0] if name != "issue_id"]
    statement = (
        sa.update(t.issues)
        .where(t.issues.c.project_id == project_id, t.issues.c.id == sa.bindparam("issue_id"))
        .values({name: sa.bindparam(f"new_{name}") for name in columns})
    )
    tx.execute(
        statement,
        [
            {"issue_id": row["issue_id"], **{f"new_{name}": row[name] for name in columns}}
            for row in rows
        ],
    )


def count_comment(tx: Connection, project_id: str, issue_id: str, now: datetime) -> None:
    """Note a new comment; the version stays, since a comment conflicts with nothing."""
    where = (t.issues.c.project_id == project_id) & (t.issues.c.id == issue_id)
    count = t.issues.c.comments_count + 1
    tx.execute(sa.update(t.issues).where(where).values(comments_count=count, updated=now))
