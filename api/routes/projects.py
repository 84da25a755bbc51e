"""Projects and members."""

from typing import Any

from fastapi import APIRouter, Depends, Response

from api import schemas
from api.deps import Ctx, Cursor, Limit, Version, Who, decode_cursor, etag, member, page
from api.services import projects

router = APIRouter(tags=["projects"])
inside = APIRouter(prefix="/projects/{pid}", tags=["projects"], dependencies=[Depends(member)])


@router.get("/projects", response_model=schemas.Paged[schemas.Project])
def list_projects(ctx: Ctx, who: Who, limit: Limit = 100, cursor: Cursor = None) -> Any:
    """Projects of the caller by name."""
    name, pid = decode_cursor(cursor, str, str) or ("", "")
    rows = projects.list_projects(ctx, who, after=(name, pid), limit=limit + 1)
    return page(rows, limit, "name", "id")


@router.post("/projects", status_code=201, response_model=schemas.Project)
def add_project(body: schemas.ProjectIn, ctx: Ctx, who: Who, response: Response) -> Any:
    """Make a project; the caller becomes its administrator."""
    made = projects.add_project(ctx, who, body.model_dump(exclude_none=True))
    response.headers["Location"] = f"/api/v1/projects/{made['id']}"
    response.headers.update(etag(made["version"]))
    return made


@inside.get("", response_model=schemas.Project)
def get_project(pid: str, ctx: Ctx, who: Who, response: Response) -> Any:
    """One project."""
    found = projects.get_project(ctx, who, pid)
    response.headers.update(etag(found["version"]))
    return found


@inside.patch("", response_model=schemas.Project)
def change_project(
    pid: str,
    body: schemas.ProjectChange,
    version: Version,
    ctx: Ctx,
    who: Who,
    response: Response,
) -> Any:
    """Change a project."""
    values = body.model_dump(exclude_unset=True)
    kept = {k: v for k, v in values.items() if v is not None or k == "crs"}
    changed = projects.change_project(ctx, who, pid, version=version, values=kept)
    response.headers.update(etag(changed["version"]))
    return changed


@inside.get("/members", response_model=schemas.Items[schemas.Member])
def list_members(pid: str, ctx: Ctx, who: Who) -> Any:
    """Members."""
    return {"items": [_member(m) for m in projects.list_members(ctx, who, pid)]}


def _member(row: Any) -> dict[str, str]:
    return {k: getattr(row, k) for k in schemas.Member.model_fields}


@inside.put("/members/{user}", response_model=schemas.Items[schemas.Member])
def set_member(pid: str, user: str, body: schemas.MemberIn, ctx: Ctx, who: Who) -> Any:
    """Give a user (id or sign-in name) a role."""
    return {"items": [_member(m) for m in projects.set_member(ctx, who, pid, user, body.role)]}


@inside.delete("/members/{user}", status_code=204)
def drop_member(pid: str, user: str, ctx: Ctx, who: Who) -> None:
    """Take a user (id or sign-in name) out of the project."""
    projects.drop_member(ctx, who, pid, user)
