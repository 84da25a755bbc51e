"""Health, readiness and figures of the service itself."""

from typing import Any

from fastapi import APIRouter, Depends, Request
from fastapi.responses import JSONResponse, PlainTextResponse

from api.auth import caller_of
from api.deps import Ctx
from api.services import operations

router = APIRouter(tags=["service"], include_in_schema=False)


@router.get("/healthz")
def healthz() -> dict[str, str]:
    """Whether the process answers."""
    return {"status": "ok"}


@router.get("/readyz")
def readyz(ctx: Ctx) -> JSONResponse:
    """Whether database and blobs answer; tells how many workers are alive."""
    state = operations.readiness(ctx)
    return JSONResponse(state, status_code=200 if state["ready"] else 503)


def _may_see_metrics(request: Request, ctx: Ctx) -> None:
    """Let the machine itself in, and anyone signed in; a proxy hides who asks, so it is not."""
    host = request.client.host if request.client else ""
    forwarded = {"x-forwarded-for", "forwarded", "x-real-ip"} & set(request.headers.keys())
    if forwarded or host not in {"127.0.0.1", "::1"}:
        caller_of(request, ctx)


@router.get("/metrics", dependencies=[Depends(_may_see_metrics)])
def metrics(request: Request, ctx: Ctx) -> PlainTextResponse:
    """Figures in the Prometheus text format."""
    figures: Any = request.app.state.figures
    text = figures.text() + operations.metrics(ctx)
    return PlainTextResponse(text, media_type="text/plain; version=0.0.4; charset=utf-8")
