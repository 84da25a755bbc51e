"""Where a person says a model stands, and repairs of georeferences that a person confirms."""

import math
from collections.abc import Iterable, Mapping
from typing import Any

from api.codes import NO_REPAIR, NOT_FOUND
from api.services.access import allow
from api.services.context import Actor, Context, note
from api.services.errors import Refused
from api.services.scheduling import consider_review
from api.services.systems import check_system
from api.services.views import model_view, revision_view
from api.store import models, projects
from api.store.db import Connection
from api.store.records import Revision
from gis.control import adjust
from gis.control_sheet import control_points

_CONTROL = ("control_points", "residual_mm")


def set_placement(
    ctx: Context,
    actor: Actor,
    project_id: str,
    model_id: str,
    given: Mapping[str, Any] | None,
) -> dict[str, Any]:
    """Say where a model stands, or with None go back to what its file says.

    Raises
    ------
    BadControl
        When control points are given and do not fit.

    """
    if given is not None:
        with ctx.store.db.read() as tx:
            check_system(given["crs"], _grids(tx, actor, project_id))
    placement = None if given is None else _placement(given)
    with ctx.store.db.write() as tx:
        allow(tx, actor, project_id, "coordinate")
        if models.model(tx, project_id, model_id) is None:
            raise Refused(NOT_FOUND)
        models.change_model(tx, model_id, {"placement": placement})
        # Control points are the project's secret: the audit trail knows how many, not where.
        shown: Mapping[str, Any] | None = placement
        if placement is not None and "control" in placement:
            shown = {"crs": placement["crs"], "control_points": placement["control"]["points"]}
        note(tx, ctx, actor, "placement set", (project_id, model_id), placement=shown)
        consider_review(tx, ctx, project_id)
        changed = models.model(tx, project_id, model_id)
        if changed is None:
            raise Refused(NOT_FOUND)
        return model_view(changed, models.latest(tx, model_id))


def _grids(tx: Connection, actor: Actor, project_id: str) -> Mapping[str, str]:
    allow(tx, actor, project_id, "coordinate")
    project = projects.project(tx, project_id)
    found: Mapping[str, str] = (project.settings.get("grids") or {}) if project else {}
    return found


def _placement(given: Mapping[str, Any]) -> dict[str, Any]:
    """The placement as it is stored; through control points also these and their residuals."""
    plain = {k: v for k, v in given.items() if k not in _CONTROL}
    if not given.get("control_points"):
        return plain
    stated = {
        "crs": given["crs"],
        "points": given["control_points"],
        "residual_mm": given["residual_mm"],
    }
    found = adjust(control_points(stated))
    placed = found.conversion
    return {
        "crs": placed.crs,
        "eastings": placed.eastings,
        "northings": placed.northings,
        "height": placed.height,
        "rotation_deg": math.degrees(placed.rotation),
        "scale": placed.scale[0],
        "control": found.to_json(),
        "control_points": stated,
    }


def confirm_repair(
    ctx: Context, actor: Actor, project_id: str, revision_id: str, verdict: str | None
) -> dict[str, Any]:
    """Confirm the repair proposed for a revision by its `verdict`; None takes it back.

    The next revision of the model is judged anew.
    """
    with ctx.store.db.write() as tx:
        allow(tx, actor, project_id, "coordinate")
        row = models.revision(tx, project_id, revision_id)
        if row is None:
            raise Refused(NOT_FOUND)
        place = dict(row.georeference or {})
        if verdict is not None and not (
            place.get("repairable") and place.get("verdict") == verdict
        ):
            raise Refused(NO_REPAIR, verdict=place.get("verdict", "-"))
        place["confirmed"] = (
            None
            if verdict is None
            else {"verdict": verdict, "by": actor.name, "at": ctx.clock().isoformat()}
        )
        models.change_revision(tx, revision_id, {"georeference": place})
        note(tx, ctx, actor, "repair confirmed", (project_id, revision_id), verdict=verdict)
        consider_review(tx, ctx, project_id)
        changed = models.revision(tx, project_id, revision_id)
        if changed is None:
            raise Refused(NOT_FOUND)
        return revision_view(changed)


def confirmed_repairs(revisions: Iterable[Revision]) -> list[str]:
    """``"model=verdict"`` of every revision whose repair is confirmed."""
    found = [(r.model_name, (r.georeference or {}).get("confirmed")) for r in revisions]
    return sorted(f"{name}={agreed['verdict']}" for name, agreed in found if agreed)
