"""Records as the outside sees them: plain dictionaries in the shapes of the API."""

from collections.abc import Mapping
from typing import Any

from api.services.standing import earlier_views, in_use
from api.store.records import CommentRow, FileRow, IssueRow, Job, ModelRow, Revision, Run
from bimcore.issues import MOVES, Status

#: What a stage of a job is called.
STAGES: Mapping[str, tuple[str, str]] = {
    "": ("等待中", "Waiting"),
    "queued": ("排队中", "Queued"),
    "start": ("启动（首次使用时编译内核）", "Starting (compiles kernels at the first use)"),
    "check": ("检查文件", "Checking the file"),
    "unpack": ("解压", "Unpacking"),
    "read": ("读取模型", "Reading the model"),
    "relations": ("读取关系", "Reading relations"),
    "tessellate": ("生成几何", "Meshing"),
    "mesh": ("生成几何", "Meshing"),
    "place": ("定位", "Placing on the map"),
    "layers": ("读取图层", "Reading layers"),
    "preflight": ("检查文件结构", "Checking the structure of the file"),
    "open": ("打开模型", "Opening the model"),
    "tables": ("读取构件与关系", "Reading elements and relations"),
    "repair": ("修补几何", "Repairing bodies"),
    "finish": ("检查模型", "Checking the model"),
    "ifc": ("读取模型", "Reading the model"),
    "kernels": (
        "加载内核（首次需编译，约两分钟）",
        "Loading kernels (compiled once: about two minutes)",
    ),
    "bodies": ("准备几何", "Preparing bodies"),
    "pairs": ("碰撞检测", "Finding clashes"),
    "clash": ("碰撞检测", "Finding clashes"),
    "rehearse": ("预演工序", "Rehearsing the schedule"),
    "list": ("整理问题", "Making the list"),
    "pictures": ("生成截图", "Drawing pictures"),
    "write": ("写出成果", "Writing results"),
    "store": ("保存", "Storing"),
    "publish": ("发布", "Publishing"),
    "done": ("完成", "Done"),
}


def stage_texts(stage: str) -> dict[str, str]:
    """The stage's name by language."""
    zh, en = STAGES.get(stage, (stage, stage))
    return {"zh-CN": zh, "en": en}


def job_view(job: Job) -> dict[str, Any]:
    """A job."""
    return {
        "id": job.id,
        "kind": job.kind,
        "subject_id": job.subject_id,
        "state": job.state,
        "progress": round(job.progress, 3),
        "stage": job.stage,
        "stage_text": stage_texts(job.stage),
        "cancel_requested": job.cancel_requested,
        "problem": job.problem,
        "created": job.created,
        "updated": job.updated,
        "finished": job.finished,
    }


def revision_view(row: Revision) -> dict[str, Any]:
    """A revision."""
    counts = {"elements": 0, "bodies": 0, "triangles": 0, **row.counts}
    return {
        "id": row.id,
        "number": row.number,
        "model_id": row.model_id,
        "model_name": row.model_name,
        "filename": row.filename,
        "size_bytes": row.size_bytes,
        "sha256": row.sha256,
        "state": row.state,
        "schema": row.schema_name,
        "counts": counts,
        "georeference": row.georeference,
        "findings_count": row.findings_count,
        "created": row.created,
        "author": row.author or "",
        "problem": row.problem,
        "job_id": row.job_id,
    }


def _placement(stored: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """A placement without its control points: these are seen by nobody but the adjustment."""
    return None if stored is None else {k: v for k, v in stored.items() if k != "control_points"}


def model_view(row: ModelRow, latest: Revision | None) -> dict[str, Any]:
    """A model with its newest revision."""
    return {
        "id": row.id,
        "name": row.name,
        "discipline": row.discipline,
        "placement": _placement(row.placement),
        "created": row.created,
        "latest": None if latest is None else {"revision": revision_view(latest)},
    }


def file_view(row: FileRow) -> dict[str, Any]:
    """A layer or a schedule."""
    facts = row.facts or {}
    return {
        "id": row.id,
        "name": row.name,
        "role": row.role,
        "crs": row.crs,
        "vertical_datum": facts.get("vertical_datum"),
        "datum_offset_m": facts.get("datum_offset"),
        "accuracy_m": facts.get("accuracy"),
        "date": facts.get("date"),
        "depth_ref": facts.get("depth_ref"),
        "filename": row.filename,
        "size_bytes": row.size_bytes,
        "sha256": row.sha256,
        "created": row.created,
        "revision": row.number,
        "state": row.state,
        "problem": row.problem,
        "revision_in_use": in_use(row),
        "earlier": earlier_views(row),
    }


def run_view(row: Run) -> dict[str, Any]:
    """A run."""
    return {
        "id": row.id,
        "number": row.number,
        "state": row.state,
        "created": row.created,
        "finished": row.finished,
        "revisions": row.revisions,
        "counts": row.counts,
        "engine": row.engine,
        "timings": row.timings,
        "problem": row.problem,
        "job_id": row.job_id,
    }


def by_language(body: Mapping[str, Any], key: str) -> dict[str, str]:
    """A text of a document by language."""
    return {"zh-CN": body.get(key, ""), "en": body.get(f"{key}_en", "")}


def _resolution(found: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """The way out of an issue; its texts by language."""
    if found is None:
        return None
    plain = ("reason", "reason_en", "direction", "direction_en")
    rest = {k: v for k, v in found.items() if k not in plain}
    return {
        **rest,
        "reason": by_language(found, "reason"),
        "direction": by_language(found, "direction"),
    }


def issue_view(row: IssueRow) -> dict[str, Any]:
    """An issue: the machine's body under what people set."""
    body = row.body
    title = by_language(body, "title")
    if row.title:
        title = {"zh-CN": row.title, "en": row.title}
    window = body.get("window")
    return {
        "id": row.id,
        "number": row.number,
        "fingerprint": row.fingerprint,
        "kind": row.kind,
        "rule": row.rule,
        "title": title,
        "description": by_language(body, "description"),
        "severity": row.severity,
        "severity_override": row.severity_override,
        "severity_factors": body.get("severity_factors", []),
        "confidence": body.get("confidence", 1.0),
        "status": row.status,
        "status_reason": dict(row.status_reason),
        "allowed_status": sorted(s.value for s in MOVES[Status(row.status)]),
        "members": body.get("members", []),
        "elements": body.get("elements", []),
        "point": body.get("point"),
        "extent_m": body.get("extent_m", 3.0),
        "storey": row.storey,
        "window": window,
        "assigned_to": row.assigned_to,
        "suggestion": by_language(body, "suggestion"),
        "resolution": _resolution(body.get("resolution")),
        "citation": body.get("citation", ""),
        "viewpoint": body.get("viewpoint"),
        "comments_count": row.comments_count,
        "has_snapshot": row.snapshots is not None,
        "run_id": row.last_run_id,
        "created": row.created,
        "updated": row.updated,
        "version": row.version,
    }


def comment_view(row: CommentRow) -> dict[str, Any]:
    """A comment."""
    return {"id": row.id, "author": row.author_name, "text": row.text, "created": row.created}
