"""The first account, and set-up of the demo without HTTP."""

import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from api.codes import STALE
from api.services.access import project_of
from api.services.accounts import hash_password
from api.services.context import MACHINE, Actor, Context, new_id, note
from api.services.errors import Refused
from api.services.projects import DEFAULTS
from api.services.uploads import Naming, accept_file, begin
from api.settings import Settings
from api.store import accounts, projects
from api.store.store import open_store

_CHUNK = 1 << 20


def open_context(settings: Settings) -> Context:
    """The store of `settings`, created and migrated where needed."""
    return Context(store=open_store(settings), settings=settings)


def ensure_admin(ctx: Context) -> str | None:
    """Make the account ``admin`` when there is no account; its password if it was made up here."""
    with ctx.store.db.read() as tx:
        if accounts.users(tx, after="", limit=1):
            return None
    given = ctx.settings.admin_password
    password = given.get_secret_value() if given else secrets.token_urlsafe(12)
    ensure_user(ctx, name="admin", password=password, display_name="管理员", role="admin")
    return None if given else password


def ensure_user(
    ctx: Context, *, name: str, password: str, display_name: str = "", role: str = "user"
) -> Actor:
    """The user of a name, made or given this password."""
    hashed = hash_password(password)
    with ctx.store.db.write() as tx:
        user = accounts.user_named(tx, name)
        if user is None:
            user_id = new_id()
            values = {
                "id": user_id,
                "name": name,
                "display_name": display_name or name,
                "role": role,
                "password_hash": hashed,
                "disabled": False,
                "created": ctx.clock(),
            }
            accounts.add_user(tx, values)
            note(tx, ctx, MACHINE, "user added", (None, user_id), name=name)
        else:
            user_id = user.id
            accounts.change_user(tx, user_id, {"password_hash": hashed, "disabled": False})
    return Actor(id=user_id, name=name, admin=role == "admin")


def ensure_project(
    ctx: Context,
    *,
    name: str,
    members: Mapping[str, str],
    description: str = "",
    crs: str | None = None,
    settings: Mapping[str, Any] | None = None,
) -> str:
    """Id of the project of a name, made where needed; `members` maps user ids to roles."""
    now = ctx.clock()
    with ctx.store.db.write() as tx:
        found = projects.named(tx, name)
        project_id = found.id if found else new_id()
        if found is None:
            values = {
                "id": project_id,
                "name": name,
                "description": description,
                "crs": crs,
                "settings": {**DEFAULTS, **(settings or {})},
                "version": 1,
                "created": now,
                "updated": now,
            }
            projects.add(tx, values)
            note(tx, ctx, MACHINE, "project added", (project_id, project_id), name=name)
        for user_id, role in members.items():
            projects.set_member(tx, project_id, user_id, role)
    return project_id


def change_settings(ctx: Context, project_id: str, values: Mapping[str, Any]) -> None:
    """Change some settings of a project as the machine; the others stay."""
    with ctx.store.db.write() as tx:
        project = project_of(tx, project_id)
        changed = {"settings": {**project.settings, **values}, "updated": ctx.clock()}
        if not projects.change(tx, project_id, project.version, changed):
            raise Refused(STALE)
        note(tx, ctx, MACHINE, "project changed", (project_id, project_id), fields=["settings"])


def upload_file(
    ctx: Context, actor: Actor, project_id: str, kind: str, path: Path, naming: Naming
) -> dict[str, Any]:
    """Upload a ``"layer"`` or ``"schedule"`` from this machine."""
    upload = begin(ctx, actor, project_id, announced=path.stat().st_size)
    try:
        _pour(path, upload.write)
        return accept_file(ctx, actor, project_id, upload, kind, naming)
    finally:
        upload.discard()


def _pour(path: Path, write: Any) -> None:
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            write(chunk)
