"""Who may do what in a project."""

from collections.abc import Mapping

from api.codes import FORBIDDEN, NOT_FOUND
from api.services.context import Actor
from api.services.errors import Refused
from api.store import projects
from api.store.db import Connection
from api.store.records import Project

ROLES = ("design", "site", "coordinator", "admin")

#: Roles that may do a thing; every member may read and comment.
MAY: Mapping[str, frozenset[str]] = {
    "read": frozenset(ROLES),
    "comment": frozenset(ROLES),
    "upload": frozenset({"design", "coordinator", "admin"}),
    "set_status": frozenset({"site", "coordinator", "admin"}),
    "coordinate": frozenset({"coordinator", "admin"}),
    "administer": frozenset({"admin"}),
}


def allow(tx: Connection, actor: Actor, project_id: str, action: str) -> str:
    """The actor's role in the project.

    Raises
    ------
    Refused
        Not found for strangers, forbidden for members whose role does not allow `action`.

    """
    role = projects.role(tx, project_id, actor.id or "")
    if role is None:
        raise Refused(NOT_FOUND)
    if role not in MAY[action]:
        raise Refused(FORBIDDEN, role=role)
    return role


def project_of(tx: Connection, project_id: str) -> Project:
    """The project.

    Raises
    ------
    Refused
        Not found where there is none.

    """
    project = projects.project(tx, project_id)
    if project is None:
        raise Refused(NOT_FOUND)
    return project
