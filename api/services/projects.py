"""Projects and their members."""

from collections.abc import Mapping
from typing import Any

from api.codes import BAD_REQUEST, CONFLICT, NOT_FOUND, STALE
from api.services.access import ROLES, allow, project_of
from api.services.context import Actor, Context, new_id, note
from api.services.errors import Refused
from api.services.systems import check_system
from api.store import accounts, projects
from api.store.db import Connection
from api.store.records import Member, Project
from gis.rulebook import ParameterError, load

#: What a project starts with.
DEFAULTS: Mapping[str, Any] = {"auto_review": True, "language": "zh-CN"}


def project_view(tx: Connection, project: Project, role: str) -> dict[str, Any]:
    """A project as its members see it."""
    return {
        "id": project.id,
        "name": project.name,
        "description": project.description,
        "crs": project.crs,
        "settings": {**DEFAULTS, **project.settings},
        "counts": projects.counts(tx, project.id),
        "role": role,
        "version": project.version,
        "created": project.created,
        "updated": project.updated,
    }


def list_projects(
    ctx: Context, actor: Actor, *, after: tuple[str, str], limit: int
) -> list[dict[str, Any]]:
    """Projects of the actor by name."""
    with ctx.store.db.read() as tx:
        rows = projects.of_user(tx, actor.id or "", after=after, limit=limit)
        return [project_view(tx, project, role) for project, role in rows]


def add_project(ctx: Context, actor: Actor, values: Mapping[str, Any]) -> dict[str, Any]:
    """A new project; its maker is its administrator."""
    now = ctx.clock()
    project_id = new_id()
    _keep_rules(values.get("settings") or {}, {})
    _sound_parameters(values.get("settings") or {})
    check_system(values.get("crs"), (values.get("settings") or {}).get("grids") or {})
    with ctx.store.db.write() as tx:
        projects.add(
            tx,
            {
                "id": project_id,
                "name": values["name"],
                "description": values.get("description") or "",
                "crs": values.get("crs"),
                "settings": {**DEFAULTS, **(values.get("settings") or {})},
                "version": 1,
                "created": now,
                "updated": now,
            },
        )
        projects.set_member(tx, project_id, actor.id or "", "admin")
        note(tx, ctx, actor, "project added", (project_id, project_id), name=values["name"])
        return _view(tx, actor, project_id)


def _view(tx: Connection, actor: Actor, project_id: str) -> dict[str, Any]:
    role = allow(tx, actor, project_id, "read")
    project = project_of(tx, project_id)
    return project_view(tx, project, role)


def get_project(ctx: Context, actor: Actor, project_id: str) -> dict[str, Any]:
    """One project."""
    with ctx.store.db.read() as tx:
        return _view(tx, actor, project_id)


def change_project(
    ctx: Context, actor: Actor, project_id: str, *, version: int, values: Mapping[str, Any]
) -> dict[str, Any]:
    """Change ``name, description, crs, settings`` of the project that has `version`."""
    with ctx.store.db.write() as tx:
        allow(tx, actor, project_id, "administer")
        old = project_of(tx, project_id)
        new = dict(values)
        if "settings" in new:
            _keep_rules(new["settings"], old.settings)
            _sound_parameters(new["settings"])
            new["settings"] = {**old.settings, **new["settings"]}
        if "crs" in new:
            check_system(new["crs"], (new.get("settings") or old.settings).get("grids") or {})
        if not projects.change(tx, project_id, version, {**new, "updated": ctx.clock()}):
            raise Refused(STALE)
        note(tx, ctx, actor, "project changed", (project_id, project_id), fields=sorted(values))
        return _view(tx, actor, project_id)


def _keep_rules(settings: Mapping[str, Any], old: Mapping[str, Any]) -> None:
    """Rules and links are checked before they are kept, so they have addresses of their own."""
    if settings.get("links", old.get("links")) != old.get("links"):
        raise Refused(
            BAD_REQUEST,
            why_zh="进度关联请通过 /links 设置",
            why="links of tasks are set at /links of the project",
        )
    if settings.get("rules", old.get("rules")) != old.get("rules"):
        raise Refused(
            BAD_REQUEST,
            why_zh="规则请通过 /rules 设置",
            why="rules are set at /rules of the project",
        )


def _sound_parameters(settings: Mapping[str, Any]) -> None:
    """Refuse parameters that the map checks do not know, with the keys that are near."""
    given = settings.get("parameters") or {}
    if not isinstance(given, Mapping):
        raise Refused(BAD_REQUEST, why_zh="parameters 须为键值表", why="parameters must be a table")
    try:
        load().checked(given)
    except ParameterError as err:
        raise Refused(BAD_REQUEST, why_zh=str(err), why=str(err)) from err


def list_members(ctx: Context, actor: Actor, project_id: str) -> list[Member]:
    """Members by name."""
    with ctx.store.db.read() as tx:
        allow(tx, actor, project_id, "read")
        return projects.members(tx, project_id)


def set_member(ctx: Context, actor: Actor, project_id: str, user: str, role: str) -> list[Member]:
    """Give a user (id or sign-in name) a role."""
    if role not in ROLES:
        raise Refused(BAD_REQUEST, why_zh="未知角色", why="the role is not known")
    with ctx.store.db.write() as tx:
        allow(tx, actor, project_id, "administer")
        found = accounts.user(tx, user) or accounts.user_named(tx, user)
        if found is None:
            raise Refused(NOT_FOUND)
        if role != "admin":
            _keep_an_admin(tx, project_id, found.id)
        projects.set_member(tx, project_id, found.id, role)
        note(tx, ctx, actor, "member set", (project_id, found.id), role=role)
        return projects.members(tx, project_id)


def drop_member(ctx: Context, actor: Actor, project_id: str, user: str) -> None:
    """Take a user (id or sign-in name) out of a project."""
    with ctx.store.db.write() as tx:
        allow(tx, actor, project_id, "administer")
        found = accounts.user(tx, user) or accounts.user_named(tx, user)
        if found is None:
            raise Refused(NOT_FOUND)
        _keep_an_admin(tx, project_id, found.id)
        if not projects.drop_member(tx, project_id, found.id):
            raise Refused(NOT_FOUND)
        note(tx, ctx, actor, "member removed", (project_id, found.id))


def _keep_an_admin(tx: Connection, project_id: str, user_id: str) -> None:
    admins = [m.user_id for m in projects.members(tx, project_id) if m.role == "admin"]
    if admins == [user_id]:
        raise Refused(
            CONFLICT,
            why_zh="项目至少需要一名管理员",
            why="a project keeps at least one administrator",
        )
