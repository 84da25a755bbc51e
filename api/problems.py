"""Refusals and errors as RFC 9457 problem documents, translated in one place."""

import errno
import logging
import secrets
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from api import codes
from api.services.errors import Refused, Unavailable, problem_of
from api.services.wording import complaint
from bimcore.errors import InputError
from bimcore.findings import Code

log = logging.getLogger(__name__)

MEDIA_TYPE = "application/problem+json"

_STATUS: Mapping[str, int] = {
    code.code: status
    for code, status in (
        (codes.BAD_REQUEST, 422),
        (codes.NOT_SIGNED_IN, 401),
        (codes.WRONG_PASSWORD, 401),
        (codes.FORBIDDEN, 403),
        (codes.CROSS_SITE, 403),
        (codes.NOT_FOUND, 404),
        (codes.NO_PLAN, 404),
        (codes.NOT_ALLOWED, 405),
        (codes.UPLOAD_CUT, 408),
        (codes.BODY_CUT, 408),
        (codes.CONFLICT, 409),
        (codes.NOTHING_TO_REVIEW, 409),
        (codes.NO_REPAIR, 409),
        (codes.STALE, 412),
        (codes.TUS_VERSION, 412),
        (codes.WRONG_OFFSET, 409),
        (codes.LOCKED, 423),
        (codes.CHUNK_DAMAGED, 460),
        (codes.TOO_LARGE, 413),
        (codes.BODY_TOO_LARGE, 413),
        (codes.QUOTA, 413),
        (codes.WRONG_TYPE, 415),
        (codes.UNKNOWN_CRS, 422),
        (codes.EMPTY_FILE, 422),
        (codes.HASH_MISMATCH, 422),
        (codes.NO_IF_MATCH, 428),
        (codes.TOO_MANY, 429),
        (codes.INTERNAL, 500),
        (codes.BUSY, 503),
        (codes.DISK_FULL, 507),
    )
}


def problem(
    status: int, texts: Mapping[str, object], headers: Mapping[str, str] | None = None, **more: Any
) -> JSONResponse:
    """The response of a problem whose `texts` are code, message and remedy in both languages."""
    body = {
        "type": f"urn:yuyan:problem:{texts['code']}",
        "title": _phrase(status),
        "status": status,
        "detail": texts["message"],
        "detail_en": texts["message_en"],
        "code": texts["code"],
        "remedy": texts["remedy"],
        "remedy_en": texts["remedy_en"],
        **more,
    }
    return JSONResponse(
        body, status_code=status, media_type=MEDIA_TYPE, headers=dict(headers or {})
    )


def _phrase(status: int) -> str:
    # 460 is of the tus protocol alone.
    return "Checksum Mismatch" if status == 460 else HTTPStatus(status).phrase


def of_code(code: Code, headers: Mapping[str, str] | None = None, **data: object) -> JSONResponse:
    """The response of a catalogued code."""
    return problem(_STATUS.get(code.code, 422), problem_of(code, **data), headers)


def refused(request: Request, error: Exception) -> JSONResponse:
    """Answer a refusal of a use case."""
    if not isinstance(error, Refused):
        raise error
    headers = {}
    if error.catalogued is codes.TOO_MANY:
        headers["Retry-After"] = str(error.data["seconds"])
    if error.code == codes.NOT_SIGNED_IN.code:
        headers["WWW-Authenticate"] = "Bearer"
    if "/uploads" in request.url.path:
        headers |= {"Tus-Resumable": "1.0.0", "Tus-Version": "1.0.0"}
    return problem(_STATUS.get(error.code, 422), error.texts(), headers)


def unusable(request: Request, error: Exception) -> JSONResponse:
    """Answer an input error of the domain."""
    del request
    code = getattr(error, "code", codes.BAD_REQUEST.code)
    why_zh = getattr(error, "zh", str(error))
    texts = problem_of(codes.BAD_REQUEST, why_zh=why_zh, why=str(error))
    return problem(422, {**texts, "code": code})


def invalid(request: Request, error: Exception) -> JSONResponse:
    """Answer a request that does not fit its schema."""
    del request
    if not isinstance(error, RequestValidationError):
        raise error
    places = [complaint(e) for e in error.errors()]
    why = "; ".join(f"{p['where']}: {p['what']}" for p in places[:5])
    why_zh = "；".join(f"{p['where']} {p['what_zh']}" for p in places[:5])
    return problem(422, problem_of(codes.BAD_REQUEST, why_zh=why_zh, why=why), errors=places)


def http(request: Request, error: Exception) -> JSONResponse:
    """Answer an unknown address, a wrong method or a broken body."""
    del request
    if not isinstance(error, HTTPException):
        raise error
    by_status = {
        400: codes.BAD_REQUEST,
        401: codes.NOT_SIGNED_IN,
        404: codes.NOT_FOUND,
        405: codes.NOT_ALLOWED,
        408: codes.BODY_CUT,
        413: codes.BODY_TOO_LARGE,
    }
    code = by_status.get(error.status_code, codes.BAD_REQUEST)
    unread = "无法解析请求正文" if error.status_code == 400 else str(error.detail)
    texts = problem_of(code, why_zh=unread, why=str(error.detail))
    return problem(error.status_code, texts, error.headers)


def internal(request: Request, error: Exception) -> JSONResponse:
    """Answer a fault of ours: an incident number out, the trace into the log."""
    incident = secrets.token_hex(6)
    log.error(
        "internal error",
        exc_info=error,
        extra={"incident": incident, "path": request.url.path, "method": request.method},
    )
    return of_code(codes.INTERNAL, incident=incident)


def unavailable(request: Request, error: Exception) -> JSONResponse:
    """Answer a database that is away, busy or full: it passes, and nothing was done by halves."""
    if not isinstance(error, Unavailable):
        raise error
    log.error(
        "database unavailable",
        extra={"path": request.url.path, "method": request.method, "error": str(error)},
    )
    if error.full:
        return of_code(codes.DISK_FULL)
    return of_code(codes.BUSY, {"Retry-After": "5"})


def failed_disk(request: Request, error: Exception) -> JSONResponse:
    """Answer a full disk; any other error of the system is a fault of ours."""
    if isinstance(error, OSError) and error.errno in {errno.ENOSPC, errno.EDQUOT}:
        log.error("disk full", extra={"path": request.url.path, "method": request.method})
        return of_code(codes.DISK_FULL)
    return internal(request, error)


def install(app: FastAPI) -> None:
    """Hand the handlers to the application."""
    for kind, handler in (
        (Refused, refused),
        (InputError, unusable),
        (RequestValidationError, invalid),
        (HTTPException, http),
        (Unavailable, unavailable),
        (OSError, failed_disk),
        (Exception, internal),
    ):
        app.add_exception_handler(kind, handler)
