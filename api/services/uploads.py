"""Uploads: from a stream of bytes to a revision, a layer or a schedule."""

import errno
import json
import shutil
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from api.codes import (
    BAD_REQUEST,
    DISK_FULL,
    EMPTY_FILE,
    HASH_MISMATCH,
    NOT_FOUND,
    QUOTA,
    TOO_LARGE,
    UPLOAD_CUT,
    WRONG_TYPE,
)
from api.project_file import ProjectFileError, layer_facts, layer_role
from api.services.access import allow
from api.services.context import Actor, Context, new_id, note, tell_job
from api.services.errors import Refused, finding_problem
from api.services.filenames import extension, safe_filename, safe_name, stem
from api.services.models import blob_path
from api.services.scheduling import add_job, consider_review, tell_revision
from api.services.standing import first_revision, next_revision, revision_of
from api.services.systems import check_system
from api.services.views import file_view, job_view, model_view, revision_view
from api.store import jobs, models, projects, uploads
from api.store.blobs import Sink
from api.store.db import Connection
from api.store.records import FileRow, ModelRow, Revision
from bimcore.checks import codes as reading
from bimcore.findings import Finding
from bimcore.formats.schedules import sniff as plans
from bimcore.formats.schedules.errors import ScheduleError
from bimcore.ifc.sandbox import Limits, sniff
from gis.sniff import glance

MODEL_TYPES = (".ifc", ".ifczip")
LAYER_TYPES = (
    ".gpkg",
    ".geojson",
    ".json",
    ".zip",
    ".shp",
    ".fgb",
    ".dxf",
    ".csv",
    ".xlsx",
    ".tif",
    ".tiff",
    ".asc",
    ".xml",
    ".landxml",
)
#: Failures that the same bytes need not meet again: the reader's own, and limits.
_PASSING = frozenset(
    c.code
    for c in (
        reading.CRASHED,
        reading.TIMED_OUT,
        reading.OUT_OF_MEMORY,
        reading.DAMAGED_RESULT,
        reading.TOO_LARGE,
        reading.ZIP_BOMB,
    )
)
#: Let in only to be refused with what to do instead.
_EXPLAINED = (".dwg", ".kml", ".kmz", ".gml", ".tab", ".mif")
SCHEDULE_TYPES = (".xml", ".xer", ".csv", ".txt", ".xlsx", ".ifc")
#: Plans in files that only their own tool reads: taken far enough to say what to do.
_NATIVE_PLANS = (".mpp", ".mpx", ".pp", ".xls")


class Upload:
    """One file on its way in; keeps the limits while bytes arrive."""

    def __init__(self, sink: Sink, ctx: Context, room: int) -> None:
        self._sink = sink
        self._limit = ctx.settings.upload_bytes
        self._room = room
        self._least_rate = ctx.settings.upload_least_rate
        self._begin = time.monotonic()

    @property
    def size(self) -> int:
        """Bytes so far."""
        return self._sink.size

    @property
    def sink(self) -> Sink:
        """Where the bytes are."""
        return self._sink

    def write(self, chunk: bytes) -> None:
        """Take the next bytes.

        Raises
        ------
        Refused
            Too large, quota used up, too slow, or the disk is full.

        """
        size = self._sink.size + len(chunk)
        if size > self._limit:
            raise Refused(TOO_LARGE, limit_bytes=self._limit)
        if size > self._room:
            raise Refused(QUOTA, limit_bytes=self._room)
        seconds = time.monotonic() - self._begin
        if seconds > 30 and size < seconds * self._least_rate:
            raise Refused(UPLOAD_CUT, why_zh="传输过慢", why="it was too slow")
        try:
            self._sink.write(chunk)
        except OSError as err:
            raise full(err) from err

    def keep(self) -> str:
        """Make the bytes durable; their SHA-256."""
        try:
            return self._sink.keep()
        except OSError as err:
            raise full(err) from err

    def discard(self) -> None:
        """Forget what arrived."""
        self._sink.discard()


def full(err: OSError) -> Exception:
    """The refusal for a full disk, else the error itself."""
    return Refused(DISK_FULL) if err.errno in {errno.ENOSPC, errno.EDQUOT, errno.EFBIG} else err


@dataclass(frozen=True, slots=True, kw_only=True)
class Naming:
    """What the sender says about a file."""

    filename: str
    name: str | None = None
    sha256: str | None = None
    discipline: str | None = None
    role: str | None = None
    crs: str | None = None
    facts: Mapping[str, Any] = field(default_factory=dict)


def begin(ctx: Context, actor: Actor, project_id: str, *, announced: int | None) -> Upload:
    """Start an upload of `announced` bytes, if that is known.

    Raises
    ------
    Refused
        No member, no right, announced size over the limit, quota or disk full.

    """
    settings = ctx.settings
    with ctx.store.db.read() as tx:
        allow(tx, actor, project_id, "upload")
        room = room_left(tx, ctx, project_id)
    # The announced size counts the multipart frame too: allow for it.
    if announced is not None and announced > settings.upload_bytes + (1 << 16):
        raise Refused(TOO_LARGE, limit_bytes=settings.upload_bytes)
    if room <= 0:
        raise Refused(QUOTA, limit_bytes=settings.project_bytes)
    disk = shutil.disk_usage(settings.blobs)
    if disk.free - (announced or 0) < disk.total * settings.free_disk_share:
        raise Refused(DISK_FULL)
    try:
        return Upload(ctx.store.blobs.sink(), ctx, room)
    except OSError as err:
        raise full(err) from err


def room_left(tx: Connection, ctx: Context, project_id: str) -> int:
    """Bytes the project may still take, those promised to unfinished uploads set aside."""
    taken = models.stored_bytes(tx, project_id) + uploads.promised(tx, project_id)
    return ctx.settings.project_bytes - taken


def check_type(filename: str, allowed: tuple[str, ...], *, explained: tuple[str, ...] = ()) -> None:
    """Refuse a file whose extension is not among `allowed`; `explained` is refused later."""
    ext = extension(filename)
    if ext not in (*allowed, *explained):
        raise Refused(WRONG_TYPE, extension=ext, allowed=", ".join(allowed))


def _complete(upload: Upload, naming: Naming) -> None:
    if upload.size == 0:
        raise Refused(EMPTY_FILE)
    if naming.sha256 and naming.sha256.strip().lower() != upload.sink.digest():
        raise Refused(HASH_MISMATCH)


@dataclass(frozen=True, slots=True)
class Accepted:
    """What came of an upload; `fresh` is False when it repeats the newest revision."""

    fresh: bool
    body: dict[str, Any]


def accept_model(
    ctx: Context, actor: Actor, project_id: str, upload: Upload, naming: Naming
) -> Accepted:
    """Turn a complete upload into a revision, failed at once when it is clearly unusable.

    The same bytes as the newest revision of the model give that revision again.
    """
    filename = safe_filename(naming.filename)
    check_type(filename, MODEL_TYPES)
    _complete(upload, naming)
    upload.sink.flush()
    refusal = sniff(upload.sink.path, name=filename, limits=limits(ctx))
    sha256 = upload.keep()
    size = upload.size
    with ctx.store.db.write() as tx:
        allow(tx, actor, project_id, "upload")
        model = _model(tx, ctx, actor, project_id, naming, filename)
        latest = models.latest(tx, model.id)
        if latest and latest.sha256 == sha256 and not _worth_retrying(latest, filename):
            return Accepted(fresh=False, body=_answer(tx, project_id, model, latest.id))
        revision_id = _add_revision(
            tx,
            ctx,
            (actor, model, latest),
            {"filename": filename, "size_bytes": size, "sha256": sha256},
            refusal,
        )
        note(tx, ctx, actor, "model uploaded", (project_id, revision_id), model=model.name)
        if refusal is not None:
            consider_review(tx, ctx, project_id)
        return Accepted(fresh=True, body=_answer(tx, project_id, model, revision_id))


def limits(ctx: Context) -> Limits:
    """The limits of the reader."""
    s = ctx.settings
    return Limits(
        seconds=s.ingest_seconds,
        memory_bytes=s.ingest_memory_bytes,
        file_bytes=s.upload_bytes,
        unpacked_bytes=s.unpacked_bytes,
        silence_seconds=s.ingest_silence_seconds,
    )


def _worth_retrying(latest: Revision, filename: str) -> bool:
    # A failure of ours, of the reader, of a limit or of the extension may pass; one of the data
    # will not, and a batch that sends it each night shall not pile up revisions.
    code = str((latest.problem or {}).get("code", ""))
    passing = code.startswith("SRV") or code in _PASSING
    renamed = extension(filename) != extension(latest.filename)
    return latest.state == "failed" and (passing or renamed)


def _model(
    tx: Connection, ctx: Context, actor: Actor, project_id: str, naming: Naming, filename: str
) -> ModelRow:
    name = safe_name(naming.name or stem(filename), fallback=stem(filename))
    found = models.model_named(tx, project_id, name)
    if found is not None:
        if naming.discipline and naming.discipline != found.discipline:
            models.change_model(tx, found.id, {"discipline": naming.discipline})
        return found
    model_id = new_id()
    models.add_model(
        tx,
        {
            "id": model_id,
            "project_id": project_id,
            "name": name,
            "discipline": naming.discipline or "",
            "placement": None,
            "created": ctx.clock(),
        },
    )
    note(tx, ctx, actor, "model added", (project_id, model_id), name=name)
    made = models.model(tx, project_id, model_id)
    if made is None:
        raise Refused(NOT_FOUND)
    return made


def _add_revision(
    tx: Connection,
    ctx: Context,
    origin: tuple[Actor, ModelRow, Revision | None],
    file: dict[str, Any],
    refusal: Finding | None,
) -> str:
    actor, model, latest = origin
    revision_id = new_id()
    problem = None if refusal is None else finding_problem(refusal)
    job = add_job(tx, ctx, model.project_id, ("ingest", revision_id), problem=problem)
    models.add_revision(
        tx,
        {
            **file,
            "id": revision_id,
            "project_id": model.project_id,
            "model_id": model.id,
            "number": 1 if latest is None else latest.number + 1,
            "state": "queued" if refusal is None else "failed",
            "schema_name": "",
            "counts": {},
            "georeference": None,
            "findings_count": 0 if refusal is None else 1,
            "artefacts": {} if refusal is None else _findings_blob(ctx, refusal),
            "problem": problem,
            "job_id": job.id,
            "author_id": actor.id,
            "created": ctx.clock(),
        },
    )
    tell_job(tx, ctx, job)
    tell_revision(tx, ctx, model.project_id, revision_id)
    return revision_id


def _findings_blob(ctx: Context, finding: Finding) -> dict[str, str]:
    content = json.dumps([finding.to_json()], ensure_ascii=False).encode()
    return {"findings": ctx.store.blobs.put(content)}


def _answer(tx: Connection, project_id: str, model: ModelRow, revision_id: str) -> dict[str, Any]:
    revision = models.revision(tx, project_id, revision_id)
    if revision is None:
        raise Refused(NOT_FOUND)
    job = jobs.job(tx, revision.job_id or "")
    return {
        "model": model_view(model, revision),
        "revision": revision_view(revision),
        "job": None if job is None else job_view(job),
    }


def accept_file(
    ctx: Context, actor: Actor, project_id: str, upload: Upload, kind: str, naming: Naming
) -> dict[str, Any]:
    """Keep a complete upload as a layer or schedule; the same name is its next revision."""
    filename = safe_filename(naming.filename)
    if kind == "layer":
        check_type(filename, LAYER_TYPES, explained=_EXPLAINED)
    else:
        check_type(filename, SCHEDULE_TYPES, explained=_NATIVE_PLANS)
    _complete(upload, naming)
    if kind == "layer" and extension(filename) == ".shp":
        raise Refused(
            BAD_REQUEST,
            why_zh="Shapefile 请把 .shp、.shx、.dbf、.prj 打包为 .zip 上传",
            why="zip the .shp with its .shx, .dbf and .prj",
        )
    facts = None
    if kind == "layer":
        facts = _facts(naming)
        with ctx.store.db.read() as tx:
            project = projects.project(tx, project_id)
        grids = (project.settings.get("grids") or {}) if project else {}
        check_system(naming.crs, grids, degrees=True)
        upload.sink.flush()
        refusal = glance(upload.sink.path, name=filename)
        if refusal is not None:
            raise Refused(refusal.code, **refusal.data)
    else:
        upload.sink.flush()
        _look_at_plan(upload.sink.path, filename)
    sha256 = upload.keep()
    name = safe_name(naming.name or stem(filename), fallback=stem(filename))
    values: dict[str, Any] = {
        "role": naming.role or None,
        "crs": naming.crs or None,
        "facts": facts,
        "filename": filename,
        "size_bytes": upload.size,
        "sha256": sha256,
        "author_id": actor.id,
        "created": ctx.clock(),
    }
    with ctx.store.db.write() as tx:
        allow(tx, actor, project_id, "upload")
        found = models.file_named(tx, project_id, kind, name)
        file_id = found.id if found else new_id()
        if found:
            models.change_file(tx, file_id, {**values, **next_revision(found, values)})
        else:
            named = {"id": file_id, "project_id": project_id, "kind": kind, "name": name}
            models.add_file(tx, {**named, **first_revision(), **values})
        note(tx, ctx, actor, f"{kind} uploaded", (project_id, file_id), name=name)
        consider_review(tx, ctx, project_id)
        row = models.file(tx, project_id, kind, file_id)
    if row is None:
        raise Refused(NOT_FOUND)
    return file_view(row)


def _look_at_plan(path: Path, filename: str) -> None:
    """Refuse what is no plan that can be read, saying what to do."""
    try:
        plans.sniff(path, name=filename)
    except ScheduleError as err:
        raise Refused(err.finding.code, **err.finding.data) from err


def _facts(naming: Naming) -> dict[str, Any]:
    """Role and facts of a layer, looked at before anything is kept."""
    try:
        layer_role(naming.role)
        return {k: v for k, v in layer_facts(naming.facts).items() if v is not None}
    except ProjectFileError as err:
        raise Refused(BAD_REQUEST, why_zh=err.zh or str(err), why=str(err)) from err


def list_files(
    ctx: Context, actor: Actor, project_id: str, kind: str, *, after: str, limit: int
) -> list[dict[str, Any]]:
    """Layers or schedules by name."""
    with ctx.store.db.read() as tx:
        allow(tx, actor, project_id, "read")
        return [file_view(r) for r in models.files(tx, project_id, kind, after=after, limit=limit)]


def get_file(ctx: Context, actor: Actor, project_id: str, kind: str, file_id: str) -> FileRow:
    """One layer or schedule."""
    with ctx.store.db.read() as tx:
        allow(tx, actor, project_id, "read")
        row = models.file(tx, project_id, kind, file_id)
    if row is None:
        raise Refused(NOT_FOUND)
    return row


def stored_file(
    ctx: Context, actor: Actor, file: tuple[str, str, str], revision: int | None
) -> tuple[Path, str]:
    """The bytes of a layer or schedule (project, kind, id) and their name; the newest if None."""
    row = get_file(ctx, actor, *file)
    kept = revision_of(row, row.number if revision is None else revision)
    if kept is None:
        raise Refused(NOT_FOUND)
    return blob_path(ctx, kept[0]), kept[1]


def drop_file(ctx: Context, actor: Actor, project_id: str, kind: str, file_id: str) -> None:
    """Remove a layer or schedule."""
    with ctx.store.db.write() as tx:
        allow(tx, actor, project_id, "upload")
        if not models.drop_file(tx, project_id, kind, file_id):
            raise Refused(NOT_FOUND)
        note(tx, ctx, actor, f"{kind} removed", (project_id, file_id))
        consider_review(tx, ctx, project_id)
