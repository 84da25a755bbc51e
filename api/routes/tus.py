"""Resumable uploads of models by tus 1.0 (creation, expiration, termination, checksum)."""

import base64
import binascii
from contextlib import ExitStack
from email.utils import format_datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Header, Request, Response
from fastapi.concurrency import run_in_threadpool

from api.codes import BAD_REQUEST, TUS_VERSION, WRONG_TYPE
from api.deps import Ctx, Who, member
from api.routes.multipart import chunks, drain
from api.services import resumable
from api.services.context import Actor, Context
from api.services.errors import Refused
from api.services.filenames import safe_filename
from api.services.uploads import Naming

VERSION = "1.0.0"
PART = "application/offset+octet-stream"


def _speaks_tus(request: Request) -> None:
    if request.method != "OPTIONS" and request.headers.get("tus-resumable") != VERSION:
        raise Refused(TUS_VERSION)


router = APIRouter(
    prefix="/projects/{pid}/uploads",
    tags=["uploads"],
    dependencies=[Depends(member), Depends(_speaks_tus)],
)


def _headers(row: Any = None) -> dict[str, str]:
    headers = {"Tus-Resumable": VERSION, "Cache-Control": "no-store"}
    if row is not None:
        headers["Upload-Offset"] = str(row.position)
        headers["Upload-Length"] = str(row.length)
        headers["Upload-Expires"] = format_datetime(row.expires, usegmt=True)
        if row.revision_id:
            headers["X-Yuyan-Revision"] = row.revision_id
    return headers


def parse_metadata(text: str) -> dict[str, str]:
    """The pairs of an ``Upload-Metadata`` header: key, blank, Base64."""
    pairs = {}
    for pair in filter(None, (p.strip() for p in text.split(","))):
        key, _, value = pair.partition(" ")
        try:
            pairs[key] = base64.b64decode(value, validate=True).decode()
        except (binascii.Error, UnicodeDecodeError) as err:
            raise Refused(
                BAD_REQUEST, why_zh="Upload-Metadata 无效", why="Upload-Metadata is not valid"
            ) from err
    return pairs


def _number(request: Request, name: str) -> int:
    text = request.headers.get(name, "")
    if not text.isdecimal() or len(text) > 18:
        raise Refused(BAD_REQUEST, why_zh=f"{name} 无效", why=f"{name} is not valid")
    return int(text)


@router.options("", status_code=204)
def abilities(pid: str, ctx: Ctx) -> Response:
    """What the server can do."""
    del pid
    headers = {
        **_headers(),
        "Tus-Version": VERSION,
        "Tus-Extension": "creation,creation-with-upload,expiration,termination,checksum",
        "Tus-Checksum-Algorithm": ",".join(resumable.CHECKSUMS),
        "Tus-Max-Size": str(ctx.settings.upload_bytes),
    }
    return Response(status_code=204, headers=headers)


@router.post("", status_code=201)
async def create_upload(
    pid: str,
    request: Request,
    ctx: Ctx,
    who: Who,
    upload_metadata: Annotated[
        str, Header(description="`filename`, `name`, `discipline`, `sha256`, in Base64.")
    ] = "",
) -> Response:
    """Announce an upload (``Upload-Length``); the body may hold its beginning."""
    length = _number(request, "Upload-Length")
    given = parse_metadata(upload_metadata)
    naming = Naming(
        filename=safe_filename(given.get("filename", "")),
        name=given.get("name"),
        discipline=given.get("discipline"),
        sha256=given.get("sha256"),
    )
    row = await run_in_threadpool(resumable.create, ctx, who, pid, length=length, naming=naming)
    if request.headers.get("content-type") == PART:
        row = await _append(request, ctx, who, (pid, row.id), 0)
    place = f"/api/v1/projects/{pid}/uploads/{row.id}"
    return Response(status_code=201, headers={**_headers(row), "Location": place})


@router.head("/{upid}")
def upload_offset(pid: str, upid: str, ctx: Ctx, who: Who) -> Response:
    """Where to go on."""
    return Response(headers=_headers(resumable.find(ctx, who, pid, upid)))


@router.patch("/{upid}", status_code=204)
async def send_part(pid: str, upid: str, request: Request, ctx: Ctx, who: Who) -> Response:
    """Send the bytes from ``Upload-Offset`` on; the last ones make the revision."""
    if request.headers.get("content-type") != PART:
        raise Refused(WRONG_TYPE, extension=request.headers.get("content-type", ""), allowed=PART)
    offset = _number(request, "Upload-Offset")
    row = await _append(request, ctx, who, (pid, upid), offset)
    return Response(status_code=204, headers=_headers(row))


async def _append(
    request: Request, ctx: Context, who: Actor, upload: tuple[str, str], offset: int
) -> Any:
    with ExitStack() as stack:
        try:
            opened = resumable.part(
                ctx, who, upload, offset=offset, checksum=request.headers.get("upload-checksum")
            )
            part = await run_in_threadpool(stack.enter_context, opened)
        except Refused as err:
            await drain(request, err)
            raise
        try:
            async for chunk in chunks(request, ctx.settings.upload_idle_seconds):
                await run_in_threadpool(part.write, chunk)
        except Refused:
            await run_in_threadpool(part.broken)
            raise
        await run_in_threadpool(part.done)
    # Asking for it accepts what is complete.
    return await run_in_threadpool(resumable.find, ctx, who, *upload)


@router.delete("/{upid}", status_code=204)
def give_up(pid: str, upid: str, ctx: Ctx, who: Who) -> Response:
    """Give an upload up."""
    resumable.drop(ctx, who, pid, upid)
    return Response(status_code=204, headers=_headers())
