"""What routes are handed: the context, the caller, page limits, preconditions."""

import base64
import binascii
import json
from datetime import MAXYEAR, MINYEAR, datetime
from typing import Annotated, Any

from fastapi import Depends, Header, Query, Request, Security
from fastapi.security import HTTPBearer

from api.auth import caller_of
from api.codes import BAD_REQUEST, NO_IF_MATCH
from api.services.access import allow
from api.services.accounts import Attempts, Caller
from api.services.context import Actor, Context
from api.services.errors import Refused


def context(request: Request) -> Context:
    """The context of the application."""
    ctx: Context = request.app.state.context
    return ctx


def attempts(request: Request) -> Attempts:
    """The count of failed sign-ins."""
    counted: Attempts = request.app.state.attempts
    return counted


Ctx = Annotated[Context, Depends(context)]


#: For the API document alone: who sends a request is told in :mod:`api.auth`.
_BEARER = HTTPBearer(
    auto_error=False,
    scheme_name="token",
    description="A token of `POST /api/v1/auth/tokens`, or that of a sign-in.",
)


def caller(request: Request, ctx: Ctx, _said: Annotated[Any, Security(_BEARER)]) -> Caller:
    """The signed-in sender."""
    return caller_of(request, ctx)


SignedIn = Annotated[Caller, Depends(caller)]


def actor(who: SignedIn) -> Actor:
    """The signed-in sender as the use cases know them."""
    return who.actor


Who = Annotated[Actor, Depends(actor)]


def member(pid: str, ctx: Ctx, who: Who) -> None:
    """Refuse strangers before anything of their request is looked at."""
    with ctx.store.db.read() as tx:
        allow(tx, who, pid, "read")


def if_match(if_match: Annotated[str | None, Header()] = None) -> int:
    """The version in ``If-Match``; ``*`` names none, and a change has to say which it is of."""
    if if_match is None or if_match.strip() == "*":
        raise Refused(NO_IF_MATCH)
    text = if_match.strip().removeprefix("W/").strip('"')
    return int(text) if text.isdecimal() and len(text) < 10 else -1


Version = Annotated[int, Depends(if_match)]
Limit = Annotated[int, Query(ge=1, le=200, description="Rows of a page.")]
Cursor = Annotated[str | None, Query(description="`next` of the page before.", max_length=1000)]


def etag(version: int) -> dict[str, str]:
    """The header of a version."""
    return {"ETag": f'"{version}"'}


def encode_cursor(*values: Any) -> str:
    """A cursor of the key of the last row."""
    return base64.urlsafe_b64encode(json.dumps(values, default=str).encode()).decode().rstrip("=")


def decode_cursor(cursor: str | None, *kinds: type) -> list[Any] | None:
    """The key in a cursor, None without one; a broken one is refused."""
    if not cursor:
        return None
    try:
        values = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        given = values if isinstance(values, list) else []
        return [_key(v, k) for v, k in zip(given, kinds, strict=True)]
    except (binascii.Error, ValueError, RecursionError) as err:
        raise Refused(BAD_REQUEST, why_zh="游标无效", why="the cursor is not valid") from err


def _key(value: Any, kind: type) -> Any:
    """A part of a key as the database takes it; ``ValueError`` for what it cannot take."""
    if kind is datetime and isinstance(value, str):
        time = datetime.fromisoformat(value)
        if time.tzinfo is not None and MINYEAR < time.year < MAXYEAR:
            return time  # at the ends of all years it may be none of UTC
    elif kind is str and isinstance(value, str):
        value.encode()  # half a character of a pair is refused as a UnicodeError, a ValueError
        if "\x00" not in value:
            return value
    elif kind is int and type(value) is int and abs(value) < 1 << 31:
        return value
    raise ValueError(value)


def page(items: list[Any], limit: int, *key: str) -> dict[str, Any]:
    """A page of `items` that was asked for with one row more than `limit`."""
    more = len(items) > limit
    shown = items[:limit]
    return {
        "items": shown,
        "next": encode_cursor(*(shown[-1][k] for k in key)) if more else None,
    }
