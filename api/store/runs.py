"""Queries on runs and their clashes."""

from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from api.store import tables as t
from api.store.records import Run, changed, many, one


def run(tx: Connection, project_id: str, run_id: str) -> Run | None:
    """One run of a project."""
    where = (t.runs.c.project_id == project_id) & (t.runs.c.id == run_id)
    return one(tx, sa.select(t.runs).where(where), Run)


def runs(tx: Connection, project_id: str, *, before: int, limit: int) -> list[Run]:
    """Runs of a project, newest first, numbers below `before`."""
    where = (t.runs.c.project_id == project_id) & (t.runs.c.number < before)
    query = sa.select(t.runs).where(where).order_by(t.runs.c.number.desc()).limit(limit)
    return many(tx, query, Run)


def newest(tx: Connection, project_id: str, *, states: Sequence[str] = ()) -> Run | None:
    """The newest run of a project, of `states` when given."""
    where = t.runs.c.project_id == project_id
    if states:
        where &= t.runs.c.state.in_(states)
    return one(tx, sa.select(t.runs).where(where).order_by(t.runs.c.number.desc()).limit(1), Run)


def add(tx: Connection, values: Mapping[str, Any]) -> None:
    """Insert a run."""
    tx.execute(sa.insert(t.runs).values(values))


def change(tx: Connection, run_id: str, values: Mapping[str, Any]) -> int:
    """Update a run; rows met."""
    return changed(tx, sa.update(t.runs).where(t.runs.c.id == run_id).values(values))


def add_clashes(tx: Connection, rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert clashes of a run."""
    if rows:
        tx.execute(sa.insert(t.clashes), list(rows))


def clashes(
    tx: Connection, run_id: str, *, after: int, limit: int, wanted: Mapping[str, Any]
) -> list[tuple[int, dict[str, Any]]]:
    """Clashes of a run in order with their ordinals; `wanted`: relation, suppressed, element."""
    c = t.clashes.c
    where = (c.run_id == run_id) & (c.ordinal > after)
    if wanted.get("relation"):
        where &= c.relation.in_(wanted["relation"])
    if wanted.get("suppressed") is not None:
        where &= c.suppressed.is_(wanted["suppressed"])
    if wanted.get("element"):
        where &= (c.guid_a == wanted["element"]) | (c.guid_b == wanted["element"])
    query = sa.select(c.ordinal, c.body).where(where).order_by(c.ordinal).limit(limit)
    return [(int(n), body) for n, body in tx.execute(query)]
