"""What the names of tasks mean in a project: proposed by the newest run, confirmed by people."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from api.codes import STALE
from api.services.access import allow, project_of
from api.services.context import Actor, Context, note
from api.services.errors import Refused
from api.services.runs import artefact
from api.services.scheduling import consider_review
from api.store import projects, runs
from bimcore.schedule import Action
from clash.codes import BAD_LINKS
from clash.rehearsal.confirmed import Confirmed, LinksError, confirmed_of
from clash.rehearsal.words import dictionary

#: Most choices that a project keeps.
MOST = 2000


def get_links(ctx: Context, actor: Actor, project_id: str) -> dict[str, Any]:
    """Choices of the project, and the groups of names that the newest run found."""
    with ctx.store.db.read() as tx:
        allow(tx, actor, project_id, "read")
        project = project_of(tx, project_id)
        newest = runs.newest(tx, project_id, states=("done",))
    found = None
    if newest is not None and "links" in newest.artefacts:
        document = json.loads(artefact(ctx, newest, "links").read_bytes())
        found = {k: document[k] for k in ("schedule", "groups", "coverage")}
        found |= {"run_id": newest.id, "run_number": newest.number}
    return {
        "choices": project.settings.get("links") or [],
        "found": found,
        "kinds": _kinds(),
        "trades": [{"id": t.id, "zh": t.zh, "en": t.en} for t in dictionary().trades.values()],
        "actions": [a.value for a in Action],
        "version": project.version,
    }


def _kinds() -> list[dict[str, str]]:
    """Kinds that a person can choose, with what people call them."""
    book = dictionary()
    names = book.names
    return [
        {"id": k, "zh": names["zh"].get(k, k), "en": names["en"].get(k, k.replace("_", " "))}
        for k, row in book.kinds.items()
        if not row.silent and (k in names["zh"] or k in names["en"])
    ]


def set_links(
    ctx: Context,
    actor: Actor,
    project_id: str,
    *,
    version: int,
    choices: Sequence[Mapping[str, Any]],
) -> dict[str, Any]:
    """Put all choices of a project in place; the next review uses them.

    Raises
    ------
    Refused
        With the entry and key that is wrong, or when the project was changed meanwhile.

    """
    checked = _checked(choices)
    with ctx.store.db.write() as tx:
        allow(tx, actor, project_id, "upload")
        old = project_of(tx, project_id)
        kept = [c.to_json() for c in checked.choices.values()]
        values = {"settings": {**old.settings, "links": kept}, "updated": ctx.clock()}
        if not projects.change(tx, project_id, version, values):
            raise Refused(STALE)
        note(tx, ctx, actor, "links set", (project_id, project_id), choices=len(kept))
        consider_review(tx, ctx, project_id)
    return get_links(ctx, actor, project_id)


def _checked(choices: Sequence[Mapping[str, Any]]) -> Confirmed:
    if len(choices) > MOST:
        raise Refused(BAD_LINKS, reason=f"> {MOST}")
    try:
        return confirmed_of([{k: v for k, v in c.items() if v} for c in choices])
    except LinksError as err:
        raise Refused(BAD_LINKS, reason=str(err)) from err
