"""The issues of a project as BCF, as people have them now."""

import json
import tempfile
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import numpy as np

from api.services.access import allow
from api.services.context import Actor, Context
from api.services.models import blob_path
from api.services.runs import find_run
from api.services.views import by_language
from api.store import issues, projects
from api.store.records import CommentRow, IssueRow, Run
from bimcore.formats.bcf.export import Export, ModelFile, write_bcf
from bimcore.issues import Comment, ElementRef, Issue, Status, Viewpoint


class Pictures(Mapping[str, bytes]):
    """PNG by issue id, read when asked for."""

    def __init__(self, ctx: Context, rows: list[IssueRow], stack: ExitStack) -> None:
        self._archive_of = {r.id: r.snapshots for r in rows if r.snapshots}
        keys = sorted(set(self._archive_of.values()))
        self._archives = {k: stack.enter_context(zipfile.ZipFile(blob_path(ctx, k))) for k in keys}

    def __getitem__(self, issue_id: str) -> bytes:
        """The picture of an issue; ``KeyError`` when there is none."""
        return self._archives[self._archive_of[issue_id]].read(f"{issue_id}.png")

    def __iter__(self) -> Iterator[str]:
        return iter(self._archive_of)

    def __len__(self) -> int:
        return len(self._archive_of)


def issue_of(row: IssueRow, comments: list[CommentRow]) -> Issue:
    """The issue of a row, with what people set over what the machine said."""
    body = row.body
    view = body.get("viewpoint")
    point = body.get("point")
    window = body.get("window")
    return Issue(
        id=row.id,
        fingerprint=row.fingerprint,
        kind=row.kind,
        rule=row.rule,
        titles={"zh-CN": row.title, "en": row.title} if row.title else by_language(body, "title"),
        descriptions=by_language(body, "description"),
        severity=row.severity,
        severity_factors=tuple(body.get("severity_factors", ())),
        confidence=body.get("confidence", 1.0),
        status=Status(row.status),
        status_reason=row.status_reason,
        members=tuple(body.get("members", ())),
        elements=tuple(ElementRef(**e) for e in body.get("elements", ())),
        point=None if point is None else (point[0], point[1], point[2]),
        extent=body.get("extent_m", 3.0),
        storey=row.storey,
        window=None if window is None else (window[0], window[1]),
        assigned_to=row.assigned_to,
        suggestion=by_language(body, "suggestion"),
        resolution=body.get("resolution"),
        citation=body.get("citation", ""),
        viewpoint=None if view is None else _viewpoint(view),
        comments=tuple(
            Comment(id=c.id, author=c.author_name, created=c.created, text=c.text) for c in comments
        ),
        created=row.created,
        updated=row.updated,
    )


def _viewpoint(view: Mapping[str, Any]) -> Viewpoint:
    return Viewpoint(
        position=tuple(view["position"]),
        direction=tuple(view["direction"]),
        up=tuple(view["up"]),
        field_of_view=view["field_of_view_deg"],
        aspect_ratio=view["aspect_ratio"],
    )


def issues_bcf(ctx: Context, actor: Actor, project_id: str, version: str) -> bytes:
    """All issues of a project as a BCF archive, version ``"2.1"`` or ``"3.0"``."""
    with ctx.store.db.read() as tx:
        allow(tx, actor, project_id, "read")
        rows = issues.every(tx, project_id)
        remarks = issues.every_comment(tx, project_id)
        project = projects.project(tx, project_id)
    run = find_run(ctx, actor, project_id, "latest")
    export = Export(
        models=_files(ctx, run),
        now=run.finished or run.created,
        project_id=project_id,
        project_name=project.name if project else "",
    )
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(dir=ctx.settings.work)))
        path = folder / "issues.bcf"
        write_bcf(
            path,
            issues=[issue_of(r, remarks.get(r.id, [])) for r in rows],
            snapshots=Pictures(ctx, rows, stack),
            export=export,
            version=version,
        )
        return path.read_bytes()


def _files(ctx: Context, run: Run) -> list[ModelFile]:
    frame = json.loads(blob_path(ctx, run.artefacts.get("frame")).read_bytes())
    to_model = frame["to_model"]
    files = []
    for row in frame["document"]["models"]:
        name = str(row["name"])
        matrix = to_model.get(name)
        files.append(
            ModelFile(
                name=name,
                filename=str(row.get("file") or name),
                to_model=None if matrix is None else np.array(matrix, dtype=np.float64),
            )
        )
    return files
