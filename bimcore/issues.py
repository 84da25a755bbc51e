"""Issues, comments and viewpoints, with the legal moves of their status."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class Status(StrEnum):
    """Where an issue stands."""

    NEW = "new"
    ACTIVE = "active"
    REVIEWED = "reviewed"
    APPROVED = "approved"
    RESOLVED = "resolved"
    REOPENED = "reopened"
    NOT_RECHECKED = "not_rechecked"


#: What a person may set from each status. The machine alone sets ``new``, ``reopened``
#: and ``not_rechecked``.
MOVES: Mapping[Status, frozenset[Status]] = {
    Status.NEW: frozenset({Status.ACTIVE, Status.REVIEWED, Status.APPROVED, Status.RESOLVED}),
    Status.ACTIVE: frozenset({Status.REVIEWED, Status.APPROVED, Status.RESOLVED}),
    Status.REVIEWED: frozenset({Status.ACTIVE, Status.APPROVED, Status.RESOLVED}),
    Status.APPROVED: frozenset({Status.ACTIVE, Status.REVIEWED}),
    Status.RESOLVED: frozenset({Status.ACTIVE}),
    Status.REOPENED: frozenset({Status.ACTIVE, Status.REVIEWED, Status.APPROVED, Status.RESOLVED}),
    Status.NOT_RECHECKED: frozenset(
        {Status.ACTIVE, Status.REVIEWED, Status.APPROVED, Status.RESOLVED}
    ),
}


def may_move(old: Status, new: Status) -> bool:
    """Whether a person may take an issue from `old` to `new`."""
    return new in MOVES[old]


@dataclass(frozen=True, slots=True, kw_only=True)
class Viewpoint:
    """A perspective camera in the project frame, metres and degrees.

    `up` and `direction` are unit vectors; `field_of_view` is the vertical angle.
    """

    position: tuple[float, float, float]
    direction: tuple[float, float, float]
    up: tuple[float, float, float]
    field_of_view: float = 60.0
    aspect_ratio: float = 4 / 3


@dataclass(frozen=True, slots=True, kw_only=True)
class ElementRef:
    """An element as people know it.

    `side` is ``"a"`` or ``"b"`` for the two bodies of a clash, empty otherwise;
    `index` is the element of the scene, -1 outside one.
    """

    model: str
    guid: str
    ifc_class: str = ""
    name: str = ""
    type: str = ""
    storey: str = ""
    system: str = ""
    side: str = ""
    index: int = -1


@dataclass(frozen=True, slots=True, kw_only=True)
class Comment:
    """A remark of a person on an issue."""

    id: str
    author: str
    created: datetime
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Issue:
    """What people work on: one conflict, risk or defect with its members.

    Attributes
    ----------
    id : str
        UUID (version 5 of the fingerprint): the same conflict has the same id in each run.
    fingerprint : str
        Stable key of the issue, SHA-256 in hexadecimal.
    kind : str
        ``"clash"``, ``"gis"``, ``"sequence"`` or ``"quality"``.
    rule : str
        Id of the rule or the catalogued code.
    titles, descriptions : mapping
        Text by language, ``"zh-CN"`` and ``"en"``.
    severity : int
        0 to 100.
    severity_factors : tuple of mapping
        Each ``{"factor", "value", "points", "text": {"zh-CN", "en"}}``; they explain the number.
    confidence : float
        0 to 1.
    members : tuple of str
        Ids of the clashes or findings inside.
    elements : tuple of ElementRef
    point : tuple of float or None
        Where to look, metres in the project frame.
    extent : float
        Size in metres of what the camera should frame.
    resolution : mapping or None
        What is known about moving one side out of the way, as ``review.json`` has it.

    """

    id: str
    fingerprint: str
    kind: str
    rule: str
    titles: Mapping[str, str]
    descriptions: Mapping[str, str]
    severity: int
    severity_factors: tuple[Mapping[str, object], ...] = ()
    confidence: float = 1.0
    status: Status = Status.NEW
    status_reason: Mapping[str, str] = field(default_factory=dict)
    members: tuple[str, ...] = ()
    elements: tuple[ElementRef, ...] = ()
    point: tuple[float, float, float] | None = None
    extent: float = 3.0
    storey: str = ""
    window: tuple[str, str] | None = None
    assigned_to: str = ""
    suggestion: Mapping[str, str] = field(default_factory=dict)
    resolution: Mapping[str, object] | None = None
    citation: str = ""
    viewpoint: Viewpoint | None = None
    comments: tuple[Comment, ...] = ()
    author: str = "yuyan"
    created: datetime | None = None
    updated: datetime | None = None


def issue_json(issue: Issue) -> dict[str, object]:
    """An issue as in ``review.json``: plain texts are Chinese, ``*_en`` English."""
    view = issue.viewpoint
    return {
        "id": issue.id,
        "fingerprint": issue.fingerprint,
        "kind": issue.kind,
        "rule": issue.rule,
        **_both("title", issue.titles),
        **_both("description", issue.descriptions),
        "severity": issue.severity,
        "severity_factors": [dict(f) for f in issue.severity_factors],
        "confidence": issue.confidence,
        "status": issue.status.value,
        **_both("status_reason", issue.status_reason),
        "members": list(issue.members),
        "elements": [
            {
                "model": e.model,
                "guid": e.guid,
                "ifc_class": e.ifc_class,
                "name": e.name,
                "type": e.type,
                "storey": e.storey,
                "system": e.system,
                "side": e.side,
                "index": e.index,
            }
            for e in issue.elements
        ],
        "point": None if issue.point is None else list(issue.point),
        "extent_m": issue.extent,
        "storey": issue.storey,
        "window": None if issue.window is None else list(issue.window),
        "assigned_to": issue.assigned_to,
        **_both("suggestion", issue.suggestion),
        "resolution": None if issue.resolution is None else dict(issue.resolution),
        "citation": issue.citation,
        "viewpoint": None
        if view is None
        else {
            "position": list(view.position),
            "direction": list(view.direction),
            "up": list(view.up),
            "field_of_view_deg": view.field_of_view,
            "aspect_ratio": view.aspect_ratio,
        },
        "comments": [
            {"id": c.id, "author": c.author, "created": c.created.isoformat(), "text": c.text}
            for c in issue.comments
        ],
    }


def _both(key: str, texts: Mapping[str, str]) -> dict[str, str]:
    return {key: texts.get("zh-CN", ""), f"{key}_en": texts.get("en", "")}
