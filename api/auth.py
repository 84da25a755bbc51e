"""Who sends a request: bearer token or session cookie, with the cross-site rule."""

from typing import Any

from fastapi import Request, Response

from api.codes import CROSS_SITE, NOT_SIGNED_IN
from api.services.accounts import Caller, identify
from api.services.context import Context
from api.services.errors import Refused

COOKIE = "yuyan_session"
_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


def caller_of(request: Request, ctx: Context) -> Caller:
    """The signed-in sender of `request`.

    Raises
    ------
    Refused
        Not signed in; or a change by cookie without the header ``X-Yuyan-Request``, which
        a page of another site cannot send.

    """
    scheme, _, bearer = request.headers.get("authorization", "").partition(" ")
    token = bearer.strip() if scheme.lower() == "bearer" else request.cookies.get(COOKIE, "")
    found = identify(ctx, token) if token else None
    if found is None:
        raise Refused(NOT_SIGNED_IN)
    by_cookie = scheme.lower() != "bearer"
    if by_cookie and request.method not in _SAFE and not request.headers.get("x-yuyan-request"):
        raise Refused(CROSS_SITE)
    return found


def set_cookie(response: Response, ctx: Context, token: str) -> None:
    """Give the browser the session."""
    options: dict[str, Any] = {"httponly": True, "samesite": "strict", "path": "/"}
    response.set_cookie(
        COOKIE,
        token,
        max_age=int(ctx.settings.session_seconds),
        secure=ctx.settings.secure_cookie,
        **options,
    )


def clear_cookie(response: Response) -> None:
    """Take the session from the browser."""
    response.delete_cookie(COOKIE, path="/")
