"""Jobs and the events of a project."""

import asyncio
import json
import time
from collections.abc import AsyncIterator
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Header, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import StreamingResponse

from api import schemas
from api.deps import Ctx, Cursor, Limit, SignedIn, Who, decode_cursor, encode_cursor, member
from api.services import jobs
from api.services.accounts import still_valid
from api.services.context import Context
from api.services.errors import Refused

router = APIRouter(prefix="/projects/{pid}", tags=["jobs"], dependencies=[Depends(member)])

_POLL = 0.4
_BEAT = 15.0


class Newest:
    """Number of the newest event, asked of the database once for all who listen."""

    def __init__(self) -> None:
        self._number = 0
        self._asked = -_POLL
        self._lock = asyncio.Lock()

    async def number(self, ctx: Context) -> int:
        """The number, at most one poll old."""
        async with self._lock:
            now = time.monotonic()
            if now - self._asked >= _POLL:
                self._number = await run_in_threadpool(jobs.newest_event, ctx)
                self._asked = now
            return self._number


@router.get("/jobs", response_model=schemas.Paged[schemas.Job])
def list_jobs(pid: str, ctx: Ctx, who: Who, limit: Limit = 100, cursor: Cursor = None) -> Any:
    """Jobs, newest first."""
    before = decode_cursor(cursor, datetime, str)
    bound = (before[0], before[1]) if before else None
    rows = jobs.list_jobs(ctx, who, pid, before=bound, limit=limit + 1)
    shown = rows[:limit]
    last = shown[-1] if len(rows) > limit else None
    key = encode_cursor(last["created"].isoformat(), last["id"]) if last else None
    return {"items": shown, "next": key}


@router.get("/jobs/{jid}", response_model=schemas.Job)
def get_job(pid: str, jid: str, ctx: Ctx, who: Who) -> Any:
    """One job."""
    return jobs.get_job(ctx, who, pid, jid)


@router.post("/jobs/{jid}/cancel", status_code=202, response_model=schemas.Job)
def cancel_job(pid: str, jid: str, ctx: Ctx, who: Who) -> Any:
    """Ask for a job to be ended."""
    return jobs.cancel_job(ctx, who, pid, jid)


@router.get("/events", response_class=StreamingResponse)
async def events(
    pid: str,
    request: Request,
    ctx: Ctx,
    who: SignedIn,
    last_event_id: Annotated[str | None, Header()] = None,
) -> StreamingResponse:
    """Server-sent events of a project: ``job``, ``revision``, ``run``, ``issue``.

    Each has the id to resume from with ``Last-Event-ID``.
    """
    newest = await run_in_threadpool(jobs.may_listen, ctx, who.actor, pid)
    given = last_event_id or request.query_params.get("last_event_id") or ""
    first = min(int(given), newest) if given.isdecimal() and len(given) < 16 else newest

    async def stream() -> AsyncIterator[str]:
        after, seen, silent = first, -1, 0.0
        yield f"retry: 2000\nid: {after}\nevent: hello\ndata: {{}}\n\n"
        while not request.app.state.stopping.is_set():
            newest = await request.app.state.newest.number(ctx)
            rows: list[Any] = []
            if newest > seen:
                try:
                    rows = await run_in_threadpool(
                        jobs.events_after, ctx, who.actor, pid, after=after
                    )
                except Refused:
                    return  # no member any more
                # A full answer may have left some behind: ask again.
                seen = newest if len(rows) < jobs.EVENTS else seen
            for row in rows:
                text = json.dumps(row.data, ensure_ascii=False)
                yield f"id: {row.id}\nevent: {row.kind}\ndata: {text}\n\n"
                after, silent = row.id, 0.0
            await asyncio.sleep(_POLL)
            silent += _POLL
            if silent >= _BEAT:
                if not await run_in_threadpool(still_valid, ctx, who):
                    return
                yield ": still here\n\n"
                silent = 0.0

    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    return StreamingResponse(stream(), media_type="text/event-stream", headers=headers)
