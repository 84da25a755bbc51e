"""Issues, comments, pictures and BCF."""

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query
from fastapi.responses import Response

from api import schemas
from api.deps import Ctx, Version, Who, decode_cursor, encode_cursor, etag, member
from api.routes.files import disposition
from api.routes.runs import Version as BcfVersion
from api.services import exports, issues

router = APIRouter(prefix="/projects/{pid}", tags=["issues"], dependencies=[Depends(member)])


def _issue(pid: str, iid: str) -> tuple[str, str]:
    return pid, iid


@router.get("/issues", response_model=schemas.IssuePage)
def list_issues(
    pid: str, ctx: Ctx, who: Who, wanted: Annotated[schemas.IssueQuery, Query()]
) -> Any:
    """Issues: most severe first unless `sort` says otherwise."""
    kind = int if wanted.sort in {"severity", "number"} else datetime
    after = decode_cursor(wanted.cursor, kind, int)
    query = wanted.model_dump(exclude={"cursor", "limit"})
    rows, total = issues.list_issues(ctx, who, pid, query, after=after, limit=wanted.limit + 1)
    shown = rows[: wanted.limit]
    more = len(rows) > wanted.limit
    cursor = encode_cursor(shown[-1][wanted.sort], shown[-1]["number"]) if more else None
    return {"items": shown, "next": cursor, "total": total}


@router.get("/issues.bcf", response_class=Response)
def issues_bcf(pid: str, ctx: Ctx, who: Who, version: BcfVersion = "2.1") -> Response:
    """All issues as they stand now, as BCF."""
    content = exports.issues_bcf(ctx, who, pid, version)
    filename = "issues.bcf" if version == "2.1" else "issues-3.0.bcf"
    headers = {"Content-Disposition": disposition(filename)}
    return Response(content, media_type="application/octet-stream", headers=headers)


@router.get("/issues/{iid}", response_model=schemas.Issue)
def get_issue(pid: str, iid: str, ctx: Ctx, who: Who, response: Response) -> Any:
    """One issue."""
    found = issues.get_issue(ctx, who, pid, iid)
    response.headers.update(etag(found["version"]))
    return found


@router.patch("/issues/{iid}", response_model=schemas.Issue)
def change_issue(
    issue: Annotated[tuple[str, str], Depends(_issue)],
    body: schemas.IssueChange,
    version: Version,
    ctx: Ctx,
    who: Who,
    response: Response,
) -> Any:
    """Set status, person, title or severity."""
    values = body.model_dump(exclude_unset=True)
    changed = issues.change_issue(ctx, who, issue, version=version, values=values)
    response.headers.update(etag(changed["version"]))
    return changed


@router.get("/issues/{iid}/comments", response_model=schemas.Items[schemas.Comment])
def list_comments(pid: str, iid: str, ctx: Ctx, who: Who) -> Any:
    """Comments, oldest first."""
    return {"items": issues.list_comments(ctx, who, pid, iid)}


@router.post("/issues/{iid}/comments", status_code=201, response_model=schemas.Comment)
def add_comment(pid: str, iid: str, body: schemas.CommentIn, ctx: Ctx, who: Who) -> Any:
    """Add a comment."""
    return issues.add_comment(ctx, who, pid, iid, body.text)


@router.get("/issues/{iid}/snapshot.png", response_class=Response)
def snapshot(pid: str, iid: str, ctx: Ctx, who: Who) -> Response:
    """The picture of an issue."""
    picture = issues.issue_snapshot(ctx, who, pid, iid)
    headers = {"Cache-Control": "private, max-age=300"}
    return Response(picture, media_type="image/png", headers=headers)


@router.get("/issues/{iid}/history", response_model=schemas.Items[schemas.HistoryEntry])
def history(pid: str, iid: str, ctx: Ctx, who: Who) -> Any:
    """What happened to an issue, oldest first."""
    return {"items": issues.issue_history(ctx, who, pid, iid)}
