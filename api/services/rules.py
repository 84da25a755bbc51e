"""The rule set of a project: the default matrix, or what a coordinator put in its place."""

import tempfile
from pathlib import Path
from typing import Any

from api.codes import STALE, WRONG_TYPE
from api.services.access import allow, project_of
from api.services.context import Actor, Context, note
from api.services.errors import Refused
from api.services.filenames import extension, safe_filename
from api.services.scheduling import consider_review
from api.store import projects
from api.store.records import Project
from bimcore.errors import RuleError
from clash.codes import BAD_RULE_FILE
from clash.matrix import default_rules
from clash.rulefile import dump_rules, load_rules
from clash.rules import RuleSet

#: Largest rule file that is taken; the readers have tighter limits of their own.
RULE_BYTES = 8 << 20
RULE_TYPES = (".toml", ".xlsx")


def get_rules(ctx: Context, actor: Actor, project_id: str) -> dict[str, Any]:
    """What the next review will test."""
    with ctx.store.db.read() as tx:
        allow(tx, actor, project_id, "read")
        project = project_of(tx, project_id)
    return _view(_rules_of(ctx, project), project)


def rules_file(ctx: Context, actor: Actor, project_id: str, suffix: str, *, language: str) -> bytes:
    """The rule set as a file to edit: ``.toml`` or ``.xlsx``."""
    with ctx.store.db.read() as tx:
        allow(tx, actor, project_id, "read")
        project = project_of(tx, project_id)
    rules = _rules_of(ctx, project)
    if suffix == ".toml":
        return dump_rules(rules).encode()
    # writing workbooks takes a library that other requests do not need
    from clash.sheetwriter import save_sheet

    with tempfile.TemporaryDirectory(dir=ctx.settings.work) as folder:
        path = Path(folder) / "rules.xlsx"
        save_sheet(rules, path, language=language)
        return path.read_bytes()


def set_rules(
    ctx: Context, actor: Actor, project_id: str, *, filename: str, content: bytes
) -> dict[str, Any]:
    """Put a rule file in place; the next review uses it.

    Raises
    ------
    Refused
        With every fault of the file: line or cell, and reason.

    """
    with ctx.store.db.read() as tx:
        allow(tx, actor, project_id, "coordinate")
    name = safe_filename(filename)
    rules = _read(ctx, name, content)
    kept = {"sha256": ctx.store.blobs.put(dump_rules(rules).encode()), "filename": name}
    return _view(rules, _change(ctx, actor, project_id, kept))


def drop_rules(ctx: Context, actor: Actor, project_id: str) -> dict[str, Any]:
    """Go back to the default matrix."""
    return _view(default_rules(), _change(ctx, actor, project_id, None))


def _change(ctx: Context, actor: Actor, project_id: str, kept: dict[str, str] | None) -> Project:
    with ctx.store.db.write() as tx:
        allow(tx, actor, project_id, "coordinate")
        old = project_of(tx, project_id)
        settings = {k: v for k, v in old.settings.items() if k != "rules"}
        if kept is not None:
            settings["rules"] = kept
        values = {"settings": settings, "updated": ctx.clock()}
        if not projects.change(tx, project_id, old.version, values):
            raise Refused(STALE)
        told = kept or {"filename": ""}
        note(tx, ctx, actor, "rules set", (project_id, project_id), **told)
        consider_review(tx, ctx, project_id)
        return project_of(tx, project_id)


def _read(ctx: Context, name: str, content: bytes) -> RuleSet:
    if extension(name) not in RULE_TYPES:
        raise Refused(WRONG_TYPE, extension=extension(name), allowed=", ".join(RULE_TYPES))
    with tempfile.TemporaryDirectory(dir=ctx.settings.work) as folder:
        path = Path(folder) / name
        path.write_bytes(content)
        try:
            return load_rules(path)
        except RuleError as err:
            raise Refused(BAD_RULE_FILE, reason=str(err)) from err


def _rules_of(ctx: Context, project: Project) -> RuleSet:
    kept = project.settings.get("rules")
    return default_rules() if kept is None else load_rules(ctx.store.blobs.path(kept["sha256"]))


def _view(rules: RuleSet, project: Project) -> dict[str, Any]:
    kept = project.settings.get("rules")
    return {
        "source": "default" if kept is None else "project",
        "filename": None if kept is None else kept["filename"],
        "name": rules.name,
        "axes": list(rules.axes),
        "selectors": [n.name for n in rules.selectors],
        "rules": [
            {
                "id": r.id,
                "kind": r.kind.value,
                "tolerance_m": r.tolerance,
                "title": r.titles,
            }
            for r in rules.rules
        ],
        "exclusions": [
            {"id": e.id, "declared_by": e.declared_by, "reason": e.reasons}
            for e in rules.exclusions
        ],
    }
