"""Runs, their results and the scene of the viewer."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Header, Query, Response
from fastapi.responses import FileResponse

from api import run_shapes, schemas
from api.deps import Ctx, Cursor, Limit, Who, decode_cursor, encode_cursor, member, page
from api.map_shapes import MapDocument
from api.routes.files import content, disposition, download, unless_known
from api.services import runs
from api.shapes import NotAssessed
from api.timeline_shapes import TimelineDocument

router = APIRouter(prefix="/projects/{pid}", dependencies=[Depends(member)])

_WORKBOOK = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
#: The report runs its own small script; the sandbox keeps it away from the session.
_REPORT_POLICY = (
    "sandbox allow-scripts allow-popups allow-downloads; default-src 'none'; "
    "style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data:"
)
#: Sent as it was stored; the shape is stated for the document alone.
_ELEMENTS: dict[int | str, dict[str, Any]] = {200: {"model": run_shapes.SceneElements}}
_MAP: dict[int | str, dict[str, Any]] = {
    200: {"model": MapDocument},
    304: {"description": "Not changed since the ETag in If-None-Match."},
}
_TIMELINE: dict[int | str, dict[str, Any]] = {**_MAP, 200: {"model": TimelineDocument}}
_FILM: dict[int | str, dict[str, Any]] = {
    200: {"content": {"image/webp": {"schema": {"type": "string", "format": "binary"}}}},
}
_Known = Annotated[str | None, Header(description="ETag that is known.")]
Version = Annotated[Literal["2.1", "3.0"], Query(description="BCF version.")]


@router.get("/runs", response_model=schemas.Paged[run_shapes.Run], tags=["runs"])
def list_runs(pid: str, ctx: Ctx, who: Who, limit: Limit = 100, cursor: Cursor = None) -> Any:
    """Runs, newest first."""
    before = (decode_cursor(cursor, int) or [1 << 30])[0]
    return page(runs.list_runs(ctx, who, pid, before=before, limit=limit + 1), limit, "number")


@router.post("/runs", status_code=202, response_model=run_shapes.RunStarted, tags=["runs"])
def start_run(pid: str, ctx: Ctx, who: Who, response: Response) -> Any:
    """Start a review, or get the one that is waiting to start."""
    started = runs.request_run(ctx, who, pid)
    response.headers["Location"] = f"/api/v1/projects/{pid}/runs/{started['run']['id']}"
    return started


@router.get("/runs/{rid}", response_model=run_shapes.Run, tags=["runs"])
def get_run(pid: str, rid: str, ctx: Ctx, who: Who) -> Any:
    """One run; ``latest`` is the newest that is done."""
    return runs.get_run(ctx, who, pid, rid)


@router.get("/runs/{rid}/clashes", response_model=schemas.Paged[run_shapes.Clash], tags=["runs"])
def list_clashes(
    pid: str,
    rid: str,
    ctx: Ctx,
    who: Who,
    wanted: Annotated[run_shapes.ClashFilter, Query()],
) -> Any:
    """Clashes of a run, in the order of ``review.json``."""
    after = (decode_cursor(wanted.cursor, int) or [0])[0]
    filters = {
        "relation": [r for r in (wanted.relation or "").split(",") if r],
        "suppressed": wanted.suppressed,
        "element": wanted.element,
    }
    rows = runs.list_clashes(
        ctx, who, (pid, rid), after=after, limit=wanted.limit + 1, wanted=filters
    )
    shown = rows[: wanted.limit]
    more = len(rows) > wanted.limit
    return {
        "items": [body for _, body in shown],
        "next": encode_cursor(shown[-1][0]) if more else None,
    }


@router.get("/runs/{rid}/findings", response_model=schemas.Items[schemas.Finding], tags=["runs"])
def run_findings(pid: str, rid: str, ctx: Ctx, who: Who) -> Any:
    """Defects of the data in a run."""
    return {"items": runs.run_rows(ctx, who, pid, rid, "findings")}


@router.get("/runs/{rid}/not-assessed", response_model=schemas.Items[NotAssessed], tags=["runs"])
def not_assessed(pid: str, rid: str, ctx: Ctx, who: Who) -> Any:
    """What was not tested, and why."""
    return {"items": runs.run_rows(ctx, who, pid, rid, "not_assessed")}


@router.get("/runs/{rid}/review.json", response_class=FileResponse, tags=["runs"])
def review_json(pid: str, rid: str, ctx: Ctx, who: Who) -> FileResponse:
    """The whole result."""
    path = runs.run_file(ctx, who, pid, rid, "review")
    return download(path, "review.json", "application/json")


@router.get("/runs/{rid}/report.html", response_class=FileResponse, tags=["runs"])
def report_html(pid: str, rid: str, ctx: Ctx, who: Who) -> FileResponse:
    """The report as one page."""
    path = runs.run_file(ctx, who, pid, rid, "report")
    headers = {
        "Content-Security-Policy": _REPORT_POLICY,
        "Content-Disposition": disposition("report.html", attachment=False),
    }
    return FileResponse(path, media_type="text/html; charset=utf-8", headers=headers)


@router.get("/runs/{rid}/issues.bcf", response_class=FileResponse, tags=["runs"])
def run_bcf(pid: str, rid: str, ctx: Ctx, who: Who, version: Version = "2.1") -> FileResponse:
    """The issues as the run made them, as BCF."""
    name = "bcf21" if version == "2.1" else "bcf30"
    path = runs.run_file(ctx, who, pid, rid, name)
    filename = "issues.bcf" if version == "2.1" else "issues-3.0.bcf"
    return download(path, filename, "application/octet-stream")


@router.get("/runs/{rid}/issues.xlsx", response_class=FileResponse, tags=["runs"])
def run_xlsx(pid: str, rid: str, ctx: Ctx, who: Who) -> FileResponse:
    """The issues as the run made them, with their elements and findings, as a workbook."""
    path = runs.run_file(ctx, who, pid, rid, "xlsx")
    return download(path, "issues.xlsx", _WORKBOOK)


@router.get("/runs/{rid}/issues.geojson", response_class=FileResponse, tags=["runs"])
def run_geojson(pid: str, rid: str, ctx: Ctx, who: Who) -> FileResponse:
    """The issues as the run made them as points in WGS 84 (RFC 7946).

    An issue that has no place on the map keeps its properties, with a null geometry.
    """
    path = runs.run_file(ctx, who, pid, rid, "geojson")
    return download(path, "issues.geojson", "application/geo+json")


@router.get("/runs/{rid}/film", response_class=FileResponse, responses=_FILM, tags=["runs"])
def run_film(pid: str, rid: str, ctx: Ctx, who: Who) -> FileResponse:
    """The rehearsal as an animated picture, week by week."""
    path = runs.rehearsal_file(ctx, who, pid, rid, "film")
    headers = {
        "Content-Disposition": disposition("rehearsal.webp", attachment=False),
        "Cache-Control": "private, no-cache",
    }
    return FileResponse(path, media_type="image/webp", headers=headers)


@router.get("/scene", response_model=run_shapes.SceneOut, tags=["scene"])
def scene(pid: str, ctx: Ctx, who: Who) -> Any:
    """What the viewer loads, from the newest done run."""
    found = runs.get_scene(ctx, who, pid)
    base = f"/api/v1/projects/{pid}/scene/{found['run_id']}"
    tiles = [
        {**{k: v for k, v in tile.items() if k != "key"}, "url": f"{base}/tiles/{n}.glb"}
        for n, tile in enumerate(found["tiles"])
    ]
    return {
        "run_id": found["run_id"],
        "frame": found["frame"],
        "tiles": tiles,
        "elements_url": f"{base}/elements",
        "bounds": found["bounds"],
    }


@router.get("/scene/elements", response_class=FileResponse, responses=_ELEMENTS, tags=["scene"])
def latest_elements(pid: str, ctx: Ctx, who: Who) -> FileResponse:
    """The elements of the newest scene by column."""
    found = runs.find_run(ctx, who, pid, "latest")
    path = runs.scene_blob(ctx, who, pid, found.id, "elements")
    return FileResponse(path, media_type="application/json")


@router.get(
    "/scene/{rid}/elements", response_class=FileResponse, responses=_ELEMENTS, tags=["scene"]
)
def scene_elements(pid: str, rid: str, ctx: Ctx, who: Who) -> FileResponse:
    """The elements of a run's scene by column."""
    return content(runs.scene_blob(ctx, who, pid, rid, "elements"), "application/json")


@router.get("/scene/{rid}/tiles/{tile}.glb", response_class=FileResponse, tags=["scene"])
def scene_tile(pid: str, rid: str, tile: str, ctx: Ctx, who: Who) -> FileResponse:
    """One tile of a run's scene."""
    return content(runs.scene_blob(ctx, who, pid, rid, tile), "model/gltf-binary")


@router.get("/map", response_class=FileResponse, responses=_MAP, tags=["scene"])
def get_map(
    pid: str,
    ctx: Ctx,
    who: Who,
    if_none_match: _Known = None,
) -> Response:
    """Models, layers and findings in plan, from the newest done run."""
    path = runs.run_file(ctx, who, pid, "latest", "map")
    return unless_known(path, "application/json", if_none_match)


@router.get("/timeline", response_class=FileResponse, responses=_TIMELINE, tags=["scene"])
def get_timeline(pid: str, ctx: Ctx, who: Who, if_none_match: _Known = None) -> Response:
    """When everything is built and what will not work, from the newest done run."""
    path = runs.rehearsal_file(ctx, who, pid, "latest", "timeline")
    return unless_known(path, "application/json", if_none_match)
