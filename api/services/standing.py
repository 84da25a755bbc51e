"""Revisions of a layer or schedule: which is the newest, which one reviews use."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from api.store import models
from api.store.db import Connection
from api.store.records import FileRow

#: What an earlier revision is kept with.
_KEPT = ("number", "state", "problem", "filename", "size_bytes", "sha256", "role", "crs", "facts")
#: What makes a revision another one.
_TELLS = ("filename", "sha256", "role", "crs", "facts")


def first_revision() -> dict[str, Any]:
    """Columns of a file that is uploaded for the first time."""
    return {"number": 1, "state": "queued", "problem": None, "earlier": []}


def next_revision(found: FileRow, values: Mapping[str, Any]) -> dict[str, Any]:
    """Columns of a file whose name comes again with `values`; nothing when it is the same.

    Earlier revisions are kept back to the last one that a review could use.
    """
    if all(getattr(found, name) == values[name] for name in _TELLS):
        return {}
    before = {name: getattr(found, name) for name in _KEPT}
    before["created"] = found.created.isoformat()
    older = [] if found.state == "ready" else list(found.earlier or [])
    return {
        "number": found.number + 1,
        "state": "queued",
        "problem": None,
        "earlier": [before, *older],
    }


def may_stand_in(row: FileRow) -> list[dict[str, Any]]:
    """Earlier revisions that a review may use for the newest, the newest of them first."""
    return [r for r in row.earlier or [] if r["state"] != "failed"]


def in_use(row: FileRow) -> int | None:
    """Number of the revision that the last review used; None when it used none."""
    states = [(row.number, row.state), *((r["number"], r["state"]) for r in row.earlier or [])]
    return next((number for number, state in states if state == "ready"), None)


def revision_of(row: FileRow, number: int) -> tuple[str, str] | None:
    """Hash and file name of a revision that is still kept."""
    kept = {row.number: (row.sha256, row.filename)}
    kept |= {r["number"]: (r["sha256"], r["filename"]) for r in row.earlier or []}
    return kept.get(number)


def earlier_views(row: FileRow) -> list[dict[str, Any]]:
    """Earlier revisions as the service shows them."""
    return [
        {
            "revision": r["number"],
            "state": r["state"],
            "problem": r["problem"],
            "filename": r["filename"],
            "size_bytes": r["size_bytes"],
            "sha256": r["sha256"],
            "created": datetime.fromisoformat(r["created"]),
        }
        for r in row.earlier or []
    ]


def note_standings(tx: Connection, project_id: str, standings: Sequence[Mapping[str, Any]]) -> None:
    """Write down which revisions a review could use, and which it could not."""
    for one in standings:
        row = models.any_file(tx, project_id, one["file"])
        if row is None:
            continue
        state: dict[str, Any] = {
            "state": "failed" if one["problem"] else "ready",
            "problem": one["problem"],
        }
        if row.number == one["revision"]:
            if state["state"] == "ready":
                state["earlier"] = []
            models.change_file(tx, row.id, state)
            continue
        earlier = [
            {**r, **state} if r["number"] == one["revision"] else r for r in row.earlier or []
        ]
        if state["state"] == "ready":
            earlier = [r for r in earlier if r["number"] >= one["revision"]]
        models.change_file(tx, row.id, {"earlier": earlier})
