"""Models and their revisions, for readers."""

import json
from pathlib import Path
from typing import Any

from api.codes import NOT_FOUND
from api.services.access import allow
from api.services.context import Actor, Context, note
from api.services.errors import Refused
from api.services.scheduling import consider_review
from api.services.views import model_view, revision_view
from api.store import models
from api.store.records import Revision


def list_models(
    ctx: Context, actor: Actor, project_id: str, *, after: str, limit: int
) -> list[dict[str, Any]]:
    """Models by name, each with its newest revision."""
    with ctx.store.db.read() as tx:
        allow(tx, actor, project_id, "read")
        newest = models.latest_of_project(tx, project_id)
        rows = models.models(tx, project_id, after=after, limit=limit)
    return [model_view(row, newest.get(row.id)) for row in rows]


def get_model(ctx: Context, actor: Actor, project_id: str, model_id: str) -> dict[str, Any]:
    """One model."""
    with ctx.store.db.read() as tx:
        allow(tx, actor, project_id, "read")
        row = models.model(tx, project_id, model_id)
        if row is None:
            raise Refused(NOT_FOUND)
        return model_view(row, models.latest(tx, row.id))


def drop_model(ctx: Context, actor: Actor, project_id: str, model_id: str) -> None:
    """Take a model with its revisions out of the project."""
    with ctx.store.db.write() as tx:
        allow(tx, actor, project_id, "administer")
        if not models.drop_model(tx, project_id, model_id):
            raise Refused(NOT_FOUND)
        note(tx, ctx, actor, "model removed", (project_id, model_id))
        consider_review(tx, ctx, project_id)


def list_revisions(
    ctx: Context, actor: Actor, project_id: str, model_id: str, *, before: int, limit: int
) -> list[dict[str, Any]]:
    """Revisions of a model, newest first."""
    with ctx.store.db.read() as tx:
        allow(tx, actor, project_id, "read")
        if models.model(tx, project_id, model_id) is None:
            raise Refused(NOT_FOUND)
        rows = models.revisions(tx, model_id, before=before, limit=limit)
    return [revision_view(row) for row in rows]


def _revision(ctx: Context, actor: Actor, project_id: str, revision_id: str) -> Revision:
    with ctx.store.db.read() as tx:
        allow(tx, actor, project_id, "read")
        row = models.revision(tx, project_id, revision_id)
    if row is None:
        raise Refused(NOT_FOUND)
    return row


def get_revision(ctx: Context, actor: Actor, project_id: str, revision_id: str) -> dict[str, Any]:
    """One revision."""
    return revision_view(_revision(ctx, actor, project_id, revision_id))


def revision_file(
    ctx: Context, actor: Actor, project_id: str, revision_id: str
) -> tuple[Path, str]:
    """The uploaded file with its name."""
    row = _revision(ctx, actor, project_id, revision_id)
    return blob_path(ctx, row.sha256), row.filename


def blob_path(ctx: Context, key: str | None) -> Path:
    """The file of a blob; refused as not found when there is none."""
    try:
        return ctx.store.blobs.path(key or "")
    except FileNotFoundError as err:
        raise Refused(NOT_FOUND) from err


def revision_findings(
    ctx: Context, actor: Actor, project_id: str, revision_id: str
) -> list[dict[str, Any]]:
    """What was found in the file at upload."""
    row = _revision(ctx, actor, project_id, revision_id)
    key = row.artefacts.get("shown") or row.artefacts.get("findings")
    if key is None:
        return []
    found: list[dict[str, Any]] = json.loads(blob_path(ctx, key).read_bytes())
    return found
