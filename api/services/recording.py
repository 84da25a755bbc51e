"""How a review's clashes and issues are written beside what people have set."""

import json
from collections.abc import Iterable, Mapping
from typing import Any

from api.services.context import MACHINE, Context, note
from api.store import issues, jobs, runs
from api.store.db import Connection
from api.store.records import IssueRow, Run

_BATCH = 2000
#: Statuses of issues that a run did not see.
_ABSENT = frozenset({"resolved", "not_rechecked"})


def record_clashes(tx: Connection, run_id: str, lines: Iterable[bytes]) -> int:
    """Write the clashes of a run, one JSON object a line; their number."""
    batch: list[dict[str, Any]] = []
    ordinal = 0
    for ordinal, line in enumerate(lines, start=1):
        body = json.loads(line)
        batch.append(
            {
                "run_id": run_id,
                "ordinal": ordinal,
                "relation": body["relation"],
                "suppressed": body.get("suppressed") is not None,
                "guid_a": body["a"]["guid"][:64],
                "guid_b": body["b"]["guid"][:64],
                "body": body,
            }
        )
        if len(batch) >= _BATCH:
            runs.add_clashes(tx, batch)
            batch = []
    runs.add_clashes(tx, batch)
    return ordinal


def searchable(body: Mapping[str, Any]) -> str:
    """The text in which an issue is searched: folded titles, elements, storey, rule."""
    elements = body.get("elements", [])
    keys = ("name", "type", "ifc_class", "guid", "system", "model")
    words = [body.get(k, "") for k in ("title", "title_en", "storey", "rule", "assigned_to")]
    words += [str(e.get(k, "")) for e in elements for k in keys]
    return " ".join(w for w in words if w).casefold()


def record_issues(
    tx: Connection,
    ctx: Context,
    run: Run,
    found: list[dict[str, Any]],
    outcome: Mapping[str, Any],
) -> dict[str, int]:
    """Write the issues of a run by fingerprint; what people set stays.

    `outcome` holds ``fed``, the status each known issue had when the review started: where a
    person changed it since, the person wins. ``artefacts.snapshots`` and ``pictures`` say
    which issues have a new picture.

    Returns
    -------
    dict
        How many issues there are in the run, are new, and were resolved by it.

    """
    known = {row.fingerprint: row for row in issues.every(tx, run.project_id)}
    number = issues.last_number(tx, run.project_id)
    fresh: list[Mapping[str, Any]] = []
    changed: list[Mapping[str, Any]] = []
    tally = {"issues": 0, "new": 0, "resolved": 0}
    pictures = set(outcome.get("pictures", ()))
    key = outcome["artefacts"].get("snapshots")
    for body in found:
        present = body["status"] not in _ABSENT
        tally["issues"] += present
        row = known.get(body["fingerprint"])
        machine = _machine_columns(body) | ({"last_run_id": run.id} if present else {})
        if body["id"] in pictures:
            machine["snapshots"] = key
        if row is None:
            number += 1
            tally["new"] += 1
            fresh.append(_new(ctx, run, body, machine, number))
            continue
        update = _update(ctx, row, body, machine, outcome.get("fed", {}))
        tally["resolved"] += update["status"] == "resolved" and row.status != "resolved"
        if update["status"] != row.status:
            _tell_status(tx, ctx, run, row, update)
        changed.append(update)
    issues.add(tx, fresh)
    issues.change_many(tx, run.project_id, changed)
    if fresh:
        jobs.tell(tx, run.project_id, "issue", {"new": len(fresh)}, ctx.clock())
    return tally


def _machine_columns(body: Mapping[str, Any]) -> dict[str, Any]:
    own = {"comments", "status", "status_reason", "status_reason_en", "assigned_to"}
    return {
        "kind": body["kind"],
        "rule": body["rule"],
        "storey": body.get("storey", ""),
        "search": searchable(body),
        "machine_severity": body["severity"],
        "body": {k: v for k, v in body.items() if k not in own},
    }


def _reason(body: Mapping[str, Any]) -> dict[str, str]:
    texts = {"zh-CN": body.get("status_reason", ""), "en": body.get("status_reason_en", "")}
    return texts if any(texts.values()) else {}


def _new(
    ctx: Context, run: Run, body: Mapping[str, Any], machine: Mapping[str, Any], number: int
) -> dict[str, Any]:
    now = ctx.clock()
    return {
        "snapshots": None,
        "last_run_id": None,
        **machine,
        "project_id": run.project_id,
        "id": body["id"],
        "number": number,
        "fingerprint": body["fingerprint"],
        "severity": body["severity"],
        "status": body["status"],
        "status_reason": _reason(body),
        "title": None,
        "severity_override": None,
        "assigned_to": body.get("assigned_to", ""),
        "comments_count": 0,
        "version": 1,
        "created": now,
        "updated": now,
    }


def _update(
    ctx: Context,
    row: IssueRow,
    body: Mapping[str, Any],
    machine: Mapping[str, Any],
    fed: Mapping[str, str],
) -> dict[str, Any]:
    untouched = fed.get(row.id) == row.status
    status = body["status"] if untouched else row.status
    own = row.severity_override
    severity = machine["machine_severity"] if own is None else own
    differs = (status, severity) != (row.status, row.severity)
    return {
        "snapshots": row.snapshots,
        "last_run_id": row.last_run_id,
        **machine,
        "issue_id": row.id,
        "severity": severity,
        "status": status,
        "status_reason": _reason(body) if untouched else dict(row.status_reason),
        "version": row.version + differs,
        "updated": ctx.clock() if differs else row.updated,
    }


def _tell_status(
    tx: Connection, ctx: Context, run: Run, row: IssueRow, update: Mapping[str, Any]
) -> None:
    data = {"from": row.status, "to": update["status"], "run": run.number}
    note(tx, ctx, MACHINE, "status", (run.project_id, row.id), **data)
    told = {"id": row.id, "number": row.number, "status": update["status"]}
    jobs.tell(tx, run.project_id, "issue", told, ctx.clock())
