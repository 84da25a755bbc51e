"""Issues and what people do with them."""

import zipfile
from collections.abc import Mapping
from typing import Any

from api.codes import BAD_REQUEST, NOT_FOUND, STALE
from api.services.access import allow
from api.services.context import Actor, Context, new_id, note
from api.services.errors import Refused
from api.services.models import blob_path
from api.services.views import comment_view, issue_view
from api.store import accounts, issues, jobs
from api.store.db import Connection
from api.store.issues import IssueFilter, Page
from api.store.records import IssueRow
from bimcore.issues import Status, may_move

#: What right each field of an issue needs.
FIELDS: Mapping[str, str] = {
    "status": "set_status",
    "assigned_to": "coordinate",
    "title": "coordinate",
    "severity_override": "coordinate",
}

_NEVER_NULL = frozenset({"status", "assigned_to"})


def list_issues(
    ctx: Context,
    actor: Actor,
    project_id: str,
    query: Mapping[str, Any],
    *,
    after: list[Any] | None,
    limit: int,
) -> tuple[list[dict[str, Any]], int]:
    """Issues in the order ``query["sort"]`` with the number there are in all.

    `query` has the fields of the API; `after` is the sort value and number of the last row.
    """
    sort = query["sort"]
    key = None if after is None else (after[0], after[1])
    wanted = IssueFilter(
        status=_words(query.get("status")),
        kind=_words(query.get("kind")),
        severity_min=query.get("severity_min"),
        storey=query.get("storey"),
        assigned_to=query.get("assigned_to"),
        text=query.get("q"),
        run=query.get("run"),
    )
    with ctx.store.db.read() as tx:
        allow(tx, actor, project_id, "read")
        page = Page(sort=sort, after=key, limit=limit)
        rows = issues.issues(tx, project_id, wanted, page)
        return [issue_view(r) for r in rows], issues.total(tx, project_id, wanted)


def _words(text: str | None) -> tuple[str, ...]:
    return tuple(w.strip() for w in (text or "").split(",") if w.strip())


def _issue(tx: Connection, project_id: str, issue_id: str) -> IssueRow:
    row = issues.issue(tx, project_id, issue_id)
    if row is None:
        raise Refused(NOT_FOUND)
    return row


def get_issue(ctx: Context, actor: Actor, project_id: str, issue_id: str) -> dict[str, Any]:
    """One issue."""
    with ctx.store.db.read() as tx:
        allow(tx, actor, project_id, "read")
        return issue_view(_issue(tx, project_id, issue_id))


def change_issue(
    ctx: Context,
    actor: Actor,
    issue: tuple[str, str],
    *,
    version: int,
    values: Mapping[str, Any],
) -> dict[str, Any]:
    """Change fields of an issue (project id, issue id) that has `version`."""
    project_id, issue_id = issue
    with ctx.store.db.write() as tx:
        allow(tx, actor, project_id, "read")
        for name in values:
            allow(tx, actor, project_id, FIELDS[name])
        row = _issue(tx, project_id, issue_id)
        given = {k: v for k, v in values.items() if v is not None or k not in _NEVER_NULL}
        new: dict[str, Any] = {k: v for k, v in given.items() if getattr(row, k) != v}
        if row.version != version:
            raise Refused(STALE)
        if not new:
            return issue_view(row)
        _check_status(row, new)
        old = {name: getattr(row, name) for name in new}
        if "severity_override" in new:
            own = new["severity_override"]
            new["severity"] = row.machine_severity if own is None else own
        if "status" in new:
            new["status_reason"] = {}
        new["updated"] = ctx.clock()
        if not issues.change(tx, project_id, issue_id, new, version=version):
            raise Refused(STALE)
        for name, before in old.items():
            moved = {"from": before, "to": values[name]}
            note(tx, ctx, actor, name, (project_id, issue_id), **moved)
        changed = _issue(tx, project_id, issue_id)
        told = {"id": row.id, "number": row.number, "status": changed.status}
        jobs.tell(tx, project_id, "issue", told, ctx.clock())
        return issue_view(changed)


def _check_status(row: IssueRow, new: Mapping[str, Any]) -> None:
    if "status" in new and not may_move(Status(row.status), Status(new["status"])):
        raise Refused(
            BAD_REQUEST,
            why_zh=f"状态不能从 {row.status} 改为 {new['status']}",
            why=f"the status cannot go from {row.status} to {new['status']}",
        )


def list_comments(
    ctx: Context, actor: Actor, project_id: str, issue_id: str
) -> list[dict[str, Any]]:
    """Comments of an issue, oldest first."""
    with ctx.store.db.read() as tx:
        allow(tx, actor, project_id, "read")
        _issue(tx, project_id, issue_id)
        rows = issues.comments(tx, project_id, issue_id, limit=10_000)
    return [comment_view(r) for r in rows]


def add_comment(
    ctx: Context, actor: Actor, project_id: str, issue_id: str, text: str
) -> dict[str, Any]:
    """Add a comment."""
    now = ctx.clock()
    comment_id = new_id()
    with ctx.store.db.write() as tx:
        allow(tx, actor, project_id, "comment")
        row = _issue(tx, project_id, issue_id)
        user = accounts.user(tx, actor.id or "")
        author = user.display_name if user else actor.name
        values = {
            "id": comment_id,
            "project_id": project_id,
            "issue_id": issue_id,
            "text": text,
            "author_id": actor.id,
            "author_name": author,
            "created": now,
        }
        issues.add_comment(tx, values)
        issues.count_comment(tx, project_id, issue_id, now)
        note(tx, ctx, actor, "comment", (project_id, issue_id), comment=comment_id)
        told = {"id": row.id, "number": row.number, "comment": comment_id}
        jobs.tell(tx, project_id, "issue", told, now)
    return {"id": comment_id, "author": author, "text": text, "created": now}


def issue_history(
    ctx: Context, actor: Actor, project_id: str, issue_id: str
) -> list[dict[str, Any]]:
    """What happened to an issue, oldest first."""
    with ctx.store.db.read() as tx:
        allow(tx, actor, project_id, "read")
        _issue(tx, project_id, issue_id)
        rows = accounts.history(tx, project_id, issue_id, limit=10_000)
    return [
        {"at": r.at, "author": r.user_name, "action": r.action, "data": dict(r.data)} for r in rows
    ]


def issue_snapshot(ctx: Context, actor: Actor, project_id: str, issue_id: str) -> bytes:
    """The picture of an issue, PNG."""
    with ctx.store.db.read() as tx:
        allow(tx, actor, project_id, "read")
        row = _issue(tx, project_id, issue_id)
    with zipfile.ZipFile(blob_path(ctx, row.snapshots)) as pictures:
        try:
            return pictures.read(f"{issue_id}.png")
        except KeyError as err:
            raise Refused(NOT_FOUND) from err
