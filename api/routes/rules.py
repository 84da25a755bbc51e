"""The rule set of a project."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Query, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import JSONResponse, Response

from api.codes import TOO_LARGE
from api.deps import Ctx, Who, member
from api.routes.files import disposition
from api.routes.multipart import chunks, drain
from api.services import rules
from api.services.errors import Refused
from api.shapes import Shape

router = APIRouter(prefix="/projects/{pid}", tags=["rules"], dependencies=[Depends(member)])
Language = Annotated[Literal["zh-CN", "en"], Query(description="Of the words in the cells.")]
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_RAW: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}},
    }
}


class RuleRow(Shape):
    """One rule; the tolerance of a clearance rule is the gap it asks for."""

    id: str
    kind: Literal["hard", "clearance", "duplicate"]
    tolerance_m: float
    title: dict[str, str]


class ExclusionRow(Shape):
    """What one side declares need not be shown."""

    id: str
    declared_by: str
    reason: dict[str, str]


class Rules(Shape):
    """The rule set of a project; the files hold its selectors."""

    source: Literal["default", "project"]
    filename: str | None
    name: str
    axes: list[str]
    selectors: list[str]
    rules: list[RuleRow]
    exclusions: list[ExclusionRow]


@router.get("/rules", response_model=Rules)
def get_rules(pid: str, ctx: Ctx, who: Who) -> Any:
    """What the next review will test."""
    return rules.get_rules(ctx, who, pid)


@router.get("/rules.toml", response_class=Response)
def rules_toml(pid: str, ctx: Ctx, who: Who) -> Response:
    """The rule set as TOML."""
    content = rules.rules_file(ctx, who, pid, ".toml", language="en")
    headers = {"Content-Disposition": disposition("rules.toml")}
    return Response(content, media_type="application/toml", headers=headers)


@router.get("/rules.xlsx", response_class=Response)
def rules_xlsx(pid: str, ctx: Ctx, who: Who, language: Language = "zh-CN") -> Response:
    """The rule set as an Excel workbook."""
    content = rules.rules_file(ctx, who, pid, ".xlsx", language=language)
    headers = {"Content-Disposition": disposition("rules.xlsx")}
    return Response(content, media_type=_XLSX, headers=headers)


@router.put("/rules", response_model=Rules, openapi_extra=_RAW)
async def set_rules(
    pid: str,
    request: Request,
    ctx: Ctx,
    who: Who,
    filename: Annotated[str, Query(max_length=500)] = "rules.toml",
) -> Response:
    """Put a rule file (``.toml`` or ``.xlsx``, the raw body) in place; faults are all told."""
    try:
        content = await _body(request, ctx.settings.upload_idle_seconds)
        found = await run_in_threadpool(
            rules.set_rules, ctx, who, pid, filename=filename, content=content
        )
    except Refused as err:
        await drain(request, err)
        raise
    return JSONResponse(Rules.model_validate(found).model_dump(mode="json", by_alias=True))


async def _body(request: Request, idle: float) -> bytes:
    content = bytearray()
    async for chunk in chunks(request, idle):
        content += chunk
        if len(content) > rules.RULE_BYTES:
            raise Refused(TOO_LARGE, limit_bytes=rules.RULE_BYTES)
    return bytes(content)


@router.delete("/rules", response_model=Rules)
def drop_rules(pid: str, ctx: Ctx, who: Who) -> Any:
    """Go back to the default matrix."""
    return rules.drop_rules(ctx, who, pid)
