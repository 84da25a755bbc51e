"""Models, their revisions, layers and schedules."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Header, Query, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import FileResponse, JSONResponse, Response

from api import schemas
from api.codes import BAD_REQUEST
from api.deps import Ctx, Cursor, Limit, Who, decode_cursor, member, page
from api.routes.files import download
from api.routes.multipart import drain, receive_form, receive_raw
from api.services import models, placing, uploads
from api.services.context import Actor, Context
from api.services.errors import Refused
from api.services.uploads import Naming, Upload
from api.services.views import file_view
from api.shapes import PlacementRequest, RepairRequest

router = APIRouter(prefix="/projects/{pid}", dependencies=[Depends(member)])

_FACTS = ("vertical_datum", "datum_offset_m", "accuracy_m", "date", "depth_ref")
_FIELDS: dict[str, Any] = {"file": {"type": "string", "format": "binary"}}


def _form(*fields: str) -> dict[str, Any]:
    properties = {**_FIELDS, **{name: {"type": "string"} for name in fields}}
    schema = {"type": "object", "required": ["file"], "properties": properties}
    content = {"multipart/form-data": {"schema": schema}}
    return {"requestBody": {"required": True, "content": content}}


_RAW: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {"application/octet-stream": {"schema": _FIELDS["file"]}},
    }
}
Sha256 = Annotated[str | None, Header(description="SHA-256 of the file, hexadecimal.")]


def _only(fields: Mapping[str, str], *known: str) -> None:
    """Refuse a form with fields of other names: a misspelt one would be lost without a word."""
    unknown = ", ".join(sorted(set(fields) - set(known))[:5])
    if unknown:
        names = ", ".join(("file", *known))
        raise Refused(
            BAD_REQUEST,
            why_zh=f"表单没有字段 {unknown}；可用：{names}",
            why=f"the form has no field {unknown}; there are {names}",
        )


def _raw(
    filename: Annotated[str, Query(max_length=500)] = "", x_content_sha256: Sha256 = None
) -> schemas.RawUpload:
    return schemas.RawUpload(filename=filename, sha256=x_content_sha256)


async def _upload(
    request: Request,
    ctx: Context,
    who: Actor,
    pid: str,
    finish: Callable[[Upload], Awaitable[Response]],
) -> Response:
    """Run one upload: begin, let `finish` receive and accept it, tidy up."""
    length = request.headers.get("content-length", "")
    announced = int(length) if length.isdecimal() else None
    upload: Upload | None = None
    try:
        upload = await run_in_threadpool(uploads.begin, ctx, who, pid, announced=announced)
        return await finish(upload)
    except Refused as err:
        await drain(request, err)
        raise
    finally:
        if upload is not None:
            await run_in_threadpool(upload.discard)


async def _accept(ctx: Context, who: Actor, pid: str, upload: Upload, naming: Naming) -> Response:
    accepted = await run_in_threadpool(uploads.accept_model, ctx, who, pid, upload, naming)
    body = schemas.Uploaded.model_validate(accepted.body).model_dump(mode="json", by_alias=True)
    place = f"/api/v1/projects/{pid}/revisions/{accepted.body['revision']['id']}"
    return JSONResponse(
        body, status_code=202 if accepted.fresh else 200, headers={"Location": place}
    )


_UPLOADED: dict[int | str, dict[str, Any]] = {
    200: {"model": schemas.Uploaded, "description": "The newest revision has these bytes."},
    202: {"model": schemas.Uploaded, "description": "A new revision."},
}


@router.get("/models", response_model=schemas.Paged[schemas.Model], tags=["models"])
def list_models(pid: str, ctx: Ctx, who: Who, limit: Limit = 100, cursor: Cursor = None) -> Any:
    """Models by name, each with its newest revision."""
    after = (decode_cursor(cursor, str) or [""])[0]
    return page(models.list_models(ctx, who, pid, after=after, limit=limit + 1), limit, "name")


@router.post(
    "/models",
    tags=["models"],
    status_code=202,
    responses=_UPLOADED,
    openapi_extra=_form("name", "discipline"),
)
async def upload_model(
    pid: str, request: Request, ctx: Ctx, who: Who, x_content_sha256: Sha256 = None
) -> Response:
    """Upload a model; the same name (default: the file's) makes a new revision."""

    async def finish(upload: Upload) -> Response:
        idle = ctx.settings.upload_idle_seconds
        filename, fields = await receive_form(request, upload, idle)
        _only(fields, "name", "discipline")
        naming = Naming(
            filename=filename,
            name=fields.get("name"),
            discipline=fields.get("discipline"),
            sha256=x_content_sha256,
        )
        return await _accept(ctx, who, pid, upload, naming)

    return await _upload(request, ctx, who, pid, finish)


@router.put(
    "/models/{name}/content",
    tags=["models"],
    status_code=202,
    responses=_UPLOADED,
    openapi_extra=_RAW,
)
async def put_model(
    pid: str,
    name: str,
    request: Request,
    ctx: Ctx,
    who: Who,
    sent: Annotated[schemas.RawUpload, Depends(_raw)],
) -> Response:
    """Upload a model as the raw body."""

    async def finish(upload: Upload) -> Response:
        given = sent.filename or name
        uploads.check_type(given, uploads.MODEL_TYPES)
        await receive_raw(request, upload, ctx.settings.upload_idle_seconds)
        naming = Naming(filename=given, name=name, sha256=sent.sha256)
        return await _accept(ctx, who, pid, upload, naming)

    return await _upload(request, ctx, who, pid, finish)


@router.get("/models/{mid}", response_model=schemas.Model, tags=["models"])
def get_model(pid: str, mid: str, ctx: Ctx, who: Who) -> Any:
    """One model."""
    return models.get_model(ctx, who, pid, mid)


@router.delete("/models/{mid}", status_code=204, tags=["models"])
def drop_model(pid: str, mid: str, ctx: Ctx, who: Who) -> None:
    """Take a model with its revisions out of the project."""
    models.drop_model(ctx, who, pid, mid)


@router.get(
    "/models/{mid}/revisions", response_model=schemas.Paged[schemas.Revision], tags=["models"]
)
def list_revisions(
    pid: str, mid: str, ctx: Ctx, who: Who, limit: Limit = 100, cursor: Cursor = None
) -> Any:
    """Revisions of a model, newest first."""
    before = (decode_cursor(cursor, int) or [1 << 30])[0]
    rows = models.list_revisions(ctx, who, pid, mid, before=before, limit=limit + 1)
    return page(rows, limit, "number")


@router.put("/models/{mid}/placement", response_model=schemas.Model, tags=["models"])
def set_placement(pid: str, mid: str, body: PlacementRequest, ctx: Ctx, who: Who) -> Any:
    """Say where a model stands, over what its file says; control points take the place of numbers."""
    return placing.set_placement(ctx, who, pid, mid, body.model_dump())


@router.delete("/models/{mid}/placement", response_model=schemas.Model, tags=["models"])
def drop_placement(pid: str, mid: str, ctx: Ctx, who: Who) -> Any:
    """Go back to what the file says."""
    return placing.set_placement(ctx, who, pid, mid, None)


@router.get("/revisions/{rid}", response_model=schemas.Revision, tags=["models"])
def get_revision(pid: str, rid: str, ctx: Ctx, who: Who) -> Any:
    """One revision."""
    return models.get_revision(ctx, who, pid, rid)


@router.put("/revisions/{rid}/repair", response_model=schemas.Revision, tags=["models"])
def confirm_repair(pid: str, rid: str, body: RepairRequest, ctx: Ctx, who: Who) -> Any:
    """Confirm the repair proposed for the georeference of this revision."""
    return placing.confirm_repair(ctx, who, pid, rid, body.verdict)


@router.delete("/revisions/{rid}/repair", response_model=schemas.Revision, tags=["models"])
def withdraw_repair(pid: str, rid: str, ctx: Ctx, who: Who) -> Any:
    """Take the confirmation back."""
    return placing.confirm_repair(ctx, who, pid, rid, None)


@router.get("/revisions/{rid}/file", response_class=FileResponse, tags=["models"])
def revision_file(pid: str, rid: str, ctx: Ctx, who: Who) -> FileResponse:
    """The uploaded file, also of failed revisions."""
    return download(*models.revision_file(ctx, who, pid, rid))


@router.get(
    "/revisions/{rid}/findings", response_model=schemas.Items[schemas.Finding], tags=["models"]
)
def revision_findings(pid: str, rid: str, ctx: Ctx, who: Who) -> Any:
    """What was found in the file at upload."""
    return {"items": models.revision_findings(ctx, who, pid, rid)}


#: Number of a revision, as the list of layers or schedules gives it.
RevisionNumber = Annotated[int | None, Query(ge=1, description="a kept revision")]


async def _keep(request: Request, ctx: Context, who: Actor, pid: str, kind: str) -> Response:
    async def finish(upload: Upload) -> Response:
        idle = ctx.settings.upload_idle_seconds
        filename, fields = await receive_form(request, upload, idle)
        _only(fields, "name", *(("role", "crs", *_FACTS) if kind == "layer" else ()))
        naming = Naming(
            filename=filename,
            name=fields.get("name"),
            role=fields.get("role"),
            crs=fields.get("crs"),
            facts={name: fields[name] for name in _FACTS if name in fields},
            sha256=request.headers.get("x-content-sha256"),
        )
        kept = await run_in_threadpool(uploads.accept_file, ctx, who, pid, upload, kind, naming)
        body = schemas.StoredFile.model_validate(kept).model_dump(mode="json")
        return JSONResponse(body, status_code=201)

    return await _upload(request, ctx, who, pid, finish)


_STORED: dict[int | str, dict[str, Any]] = {201: {"model": schemas.StoredFile}}


@router.get("/layers", response_model=schemas.Paged[schemas.StoredFile], tags=["layers"])
def list_layers(pid: str, ctx: Ctx, who: Who, limit: Limit = 100, cursor: Cursor = None) -> Any:
    """GIS layers by name."""
    after = (decode_cursor(cursor, str) or [""])[0]
    rows = uploads.list_files(ctx, who, pid, "layer", after=after, limit=limit + 1)
    return page(rows, limit, "name")


@router.post(
    "/layers",
    tags=["layers"],
    status_code=201,
    responses=_STORED,
    openapi_extra=_form("name", "role", "crs", *_FACTS),
)
async def upload_layer(pid: str, request: Request, ctx: Ctx, who: Who) -> Response:
    """Upload a GIS layer; the same name is its next revision. docs/layers.md lists the formats.

    The newest revision is reviewed. Where it cannot be used, the last good one stays in use.
    """
    return await _keep(request, ctx, who, pid, "layer")


@router.get("/layers/{lid}", response_model=schemas.StoredFile, tags=["layers"])
def get_layer(pid: str, lid: str, ctx: Ctx, who: Who) -> Any:
    """One layer."""
    return file_view(uploads.get_file(ctx, who, pid, "layer", lid))


@router.get("/layers/{lid}/file", response_class=FileResponse, tags=["layers"])
def layer_file(
    pid: str, lid: str, ctx: Ctx, who: Who, revision: RevisionNumber = None
) -> FileResponse:
    """The uploaded file, also of a revision that cannot be used; the newest unless asked."""
    return download(*uploads.stored_file(ctx, who, (pid, "layer", lid), revision))


@router.delete("/layers/{lid}", status_code=204, tags=["layers"])
def drop_layer(pid: str, lid: str, ctx: Ctx, who: Who) -> None:
    """Remove a layer."""
    uploads.drop_file(ctx, who, pid, "layer", lid)


@router.get("/schedules", response_model=schemas.Paged[schemas.StoredFile], tags=["schedules"])
def list_schedules(pid: str, ctx: Ctx, who: Who, limit: Limit = 100, cursor: Cursor = None) -> Any:
    """Schedules by name."""
    after = (decode_cursor(cursor, str) or [""])[0]
    rows = uploads.list_files(ctx, who, pid, "schedule", after=after, limit=limit + 1)
    return page(rows, limit, "name")


@router.post(
    "/schedules",
    tags=["schedules"],
    status_code=201,
    responses=_STORED,
    openapi_extra=_form("name"),
)
async def upload_schedule(pid: str, request: Request, ctx: Ctx, who: Who) -> Response:
    """Upload a schedule; the same name is its next revision.

    The newest revision is reviewed. Where it cannot be used, the last good one stays in use.
    """
    return await _keep(request, ctx, who, pid, "schedule")


@router.get("/schedules/{sid}", response_model=schemas.StoredFile, tags=["schedules"])
def get_schedule(pid: str, sid: str, ctx: Ctx, who: Who) -> Any:
    """One schedule."""
    return file_view(uploads.get_file(ctx, who, pid, "schedule", sid))


@router.get("/schedules/{sid}/file", response_class=FileResponse, tags=["schedules"])
def schedule_file(
    pid: str, sid: str, ctx: Ctx, who: Who, revision: RevisionNumber = None
) -> FileResponse:
    """The uploaded file, also of a revision that cannot be used; the newest unless asked."""
    return download(*uploads.stored_file(ctx, who, (pid, "schedule", sid), revision))


@router.delete("/schedules/{sid}", status_code=204, tags=["schedules"])
def drop_schedule(pid: str, sid: str, ctx: Ctx, who: Who) -> None:
    """Remove a schedule."""
    uploads.drop_file(ctx, who, pid, "schedule", sid)
