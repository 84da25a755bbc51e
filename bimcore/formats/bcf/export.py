"""Issues as the topics of a BCF archive."""

import math
import re
import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import numpy as np

from bimcore.arrays import F64
from bimcore.formats.bcf.content import (
    Attachment,
    BcfComment,
    BcfFile,
    BcfViewpoint,
    Camera,
    Coloring,
    Component,
    Extensions,
    HeaderFile,
    Hints,
    Topic,
    Vector,
)
from bimcore.formats.bcf.writer import archive, is_ifc_guid
from bimcore.formats.bcf.xml import Node, write
from bimcore.issues import ElementRef, Issue, Viewpoint

#: Colours of side a and side b, as in the snapshots; six digits, since readers disagree
#: on which end of eight is the alpha.
COLOURS = {"a": "E84816", "b": "1460D8"}

#: Words of the archive for the words of yuyan.
STATUSES = {
    "new": "New",
    "active": "Active",
    "reviewed": "Reviewed",
    "approved": "Approved",
    "resolved": "Resolved",
    "reopened": "Reopened",
    "not_rechecked": "Not rechecked",
}
TYPES = {"clash": "Clash", "gis": "GIS", "sequence": "Sequence", "quality": "Quality"}
_PRIORITIES = ((80, "Critical"), (60, "High"), (40, "Normal"), (0, "Low"))
_SELECTED_AT_MOST = 1000  # viewers choke on more; the description says so
_LISTED_AT_MOST = 40
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_NAMESPACE = uuid.UUID("5d1f7a3e-6f0c-5c36-9a54-5f6e1f0f8a11")


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class ModelFile:
    """A model issues are about.

    Attributes
    ----------
    name : str
        As in ``ElementRef.model``.
    filename : str
        Name of the IFC file; the model's name where it is empty.
    ifc_project : str
        GlobalId of its IfcProject; left out where it is empty or malformed.
    date : datetime or None
    to_model : (4, 4) float64 or None
        Transform from the project frame to the model's own coordinates in metres; None
        where they are the same.

    """

    name: str
    filename: str = ""
    ifc_project: str = ""
    date: datetime | None = None
    to_model: F64 | None = None


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Export:
    """What all topics of an archive share; `now` dates issues that have no date."""

    models: Sequence[ModelFile]
    now: datetime
    project_id: str = "yuyan"
    project_name: str = ""


def write_bcf(
    path: Path,
    *,
    issues: Sequence[Issue],
    snapshots: Mapping[str, bytes],
    export: Export,
    version: str = "2.1",
) -> None:
    """Write `issues` as a BCF archive; same input, same bytes.

    Parameters
    ----------
    path : Path
        Written in one go.
    issues : sequence of Issue
        One topic each, in this order; the topic's guid is the issue's id.
    snapshots : mapping
        PNG by issue id.
    export : Export
    version : str
        ``"2.1"`` or ``"3.0"``.

    Raises
    ------
    FormatError
        When the version is another.

    """
    path.write_bytes(archive(bcf_file(issues, snapshots=snapshots, export=export, version=version)))


def bcf_file(
    issues: Sequence[Issue], *, snapshots: Mapping[str, bytes], export: Export, version: str
) -> BcfFile:
    """The content :func:`write_bcf` writes."""
    topics = tuple(
        _topic(issue, i, snapshots.get(issue.id, b""), export, new=version == "3.0")
        for i, issue in enumerate(issues)
    )
    people = [(t.creation_author, t.assigned_to, *(c.author for c in t.comments)) for t in topics]
    users = sorted({w for names in people for w in names if w})
    extensions = Extensions(
        types=tuple(TYPES.values()),
        statuses=tuple(STATUSES.values()),
        priorities=tuple(word for _, word in _PRIORITIES),
        labels=tuple(sorted({label for t in topics for label in t.labels})),
        users=tuple(users),
    )
    old = version == "2.1"
    schema = Attachment(path="extensions.xsd", content=_extension_schema(extensions))
    return BcfFile(
        version=version,
        project_id=export.project_id,
        project_name=export.project_name,
        extension_schema="extensions.xsd" if old else "",
        extensions=Extensions() if old else extensions,
        topics=topics,
        attachments=(schema,) if old else (),
    )


def topic_guid(issue_id: str) -> str:
    """The guid of an issue's topic: its id where that is a UUID, else one made from it."""
    return _guid(issue_id, issue_id)


def _guid(text: str, *path: str) -> str:
    if _UUID.fullmatch(text):
        return text.lower()
    return str(uuid.uuid5(_NAMESPACE, "/".join(path)))


def _topic(issue: Issue, index: int, picture: bytes, export: Export, *, new: bool) -> Topic:
    guid = topic_guid(issue.id)
    models = _models(issue, export)
    view = _viewpoint(issue, guid, picture, models, new=new)
    seen = view.guid if view.camera is not None or picture or not new else ""
    created = issue.created or export.now
    changed = issue.updated if issue.updated and issue.updated != created else None
    return Topic(
        guid=guid,
        title=_pair(issue.titles, " / ") or issue.rule or guid,
        type=TYPES.get(issue.kind, "Issue"),
        status=STATUSES[issue.status.value],
        priority=next(word for least, word in _PRIORITIES if issue.severity >= least),
        index=index,
        labels=tuple(dict.fromkeys(w for w in (issue.kind, issue.rule, issue.storey) if w)),
        created=created,
        creation_author=issue.author or "yuyan",
        modified=changed,
        modified_author=(issue.author or "yuyan") if changed else "",
        assigned_to=issue.assigned_to,
        description=_description(issue, models),
        files=tuple(
            HeaderFile(filename=m.filename or m.name, date=m.date, ifc_project=m.ifc_project)
            for m in models
        ),
        comments=_comments(issue, guid, seen, created),
        viewpoints=(view,) if seen else (),
    )


def _models(issue: Issue, export: Export) -> tuple[ModelFile, ...]:
    """The files of an issue, that of side a first: its coordinates are the camera's."""
    known = {m.name: m for m in export.models}
    order = sorted(issue.elements, key=lambda e: e.side != "a")
    names = dict.fromkeys(e.model for e in order if e.model)
    return tuple(known.get(n, ModelFile(name=n)) for n in names)


def _viewpoint(
    issue: Issue, guid: str, picture: bytes, models: tuple[ModelFile, ...], *, new: bool
) -> BcfViewpoint:
    sides = {side: _components(e for e in issue.elements if e.side == side) for side in "ab"}
    both = _components(issue.elements)[:_SELECTED_AT_MOST]
    return BcfViewpoint(
        guid=str(uuid.uuid5(uuid.UUID(guid), "viewpoint")),
        name="viewpoint.bcfv",
        snapshot_name="snapshot.png" if picture else "",
        index=0,
        camera=None if issue.viewpoint is None else _camera(issue.viewpoint, models, new=new),
        selection=both,
        default_visibility=True,
        hints=Hints(spaces=False, space_boundaries=False, openings=False),
        coloring=tuple(
            Coloring(color=COLOURS[side], components=rows[:_SELECTED_AT_MOST])
            for side, rows in sides.items()
            if rows
        ),
        snapshot=picture,
    )


def _components(elements: Iterable[ElementRef]) -> tuple[Component, ...]:
    guids = dict.fromkeys(e.guid for e in elements if is_ifc_guid(e.guid))
    return tuple(Component(guid=g) for g in guids)


def _camera(view: Viewpoint, models: tuple[ModelFile, ...], *, new: bool) -> Camera:
    """The camera in the coordinates of the first model, with the angle the version means."""
    transform = models[0].to_model if models and models[0].to_model is not None else np.eye(4)
    turn = transform[:3, :3]
    vertical = math.radians(view.field_of_view)
    if new:
        angle = view.field_of_view
    else:
        # 2.1 means the horizontal angle and its schema allows 45 to 60 degrees.
        wide = 2 * math.atan(math.tan(vertical / 2) * view.aspect_ratio)
        angle = min(max(math.degrees(wide), 45.0), 60.0)
    return Camera(
        position=_vector(turn @ np.array(view.position) + transform[:3, 3], digits=6),
        direction=_unit(turn @ np.array(view.direction)),
        up=_unit(turn @ np.array(view.up)),
        field_of_view=round(angle, 6),
        aspect_ratio=round(view.aspect_ratio, 6) if new else None,
    )


def _unit(vector: F64) -> Vector:
    return _vector(vector / max(float(np.linalg.norm(vector)), 1e-12), digits=9)


def _vector(values: F64, *, digits: int) -> Vector:
    # Adding zero turns -0.0 into 0.0.
    x, y, z = (round(v, digits) + 0.0 for v in values.tolist())
    return x, y, z


def _comments(issue: Issue, guid: str, view: str, created: datetime) -> tuple[BcfComment, ...]:
    """First what yuyan has to say, tied to the view, then what people wrote."""
    first = BcfComment(
        guid=str(uuid.uuid5(uuid.UUID(guid), "comment")),
        date=created,
        author=issue.author or "yuyan",
        text=_pair(issue.suggestion, "\n") or _pair(issue.titles, "\n") or issue.rule or "-",
        viewpoint=view,
    )
    others = (
        BcfComment(guid=_guid(c.id, guid, c.id), date=c.created, author=c.author, text=c.text)
        for c in issue.comments
    )
    return (first, *others)


def _pair(texts: Mapping[str, str], between: str) -> str:
    """Chinese, then English where it says something else."""
    parts = (texts.get("zh-CN", "").strip(), texts.get("en", "").strip())
    return between.join(dict.fromkeys(p for p in parts if p))


def _description(issue: Issue, models: tuple[ModelFile, ...]) -> str:
    """All a reader without the picture needs, Chinese first, then English."""
    blocks = [_in_one_language(issue, models, language) for language in ("zh-CN", "en")]
    lists = [f"[{issue.severity}/100] {issue.rule}".strip(), *_element_lines(issue)]
    if issue.citation:
        lists.append(issue.citation)
    return "\n\n".join(b for b in (*blocks, "\n".join(lists)) if b)


def _in_one_language(issue: Issue, models: tuple[ModelFile, ...], language: str) -> str:
    def say(zh: str, en: str) -> str:
        return zh if language == "zh-CN" else en

    lines = [t.get(language, "").strip() for t in (issue.descriptions, issue.suggestion)]
    bad = [e.guid for e in issue.elements if not is_ifc_guid(e.guid)]
    if bad:
        some = ", ".join(repr(g) for g in bad[:5])
        lines.append(
            say(
                f"{len(bad)} 个构件的 GlobalId 不合规，未列入选择集：{some}",
                f"{len(bad)} elements have a malformed GlobalId and are not selected: {some}",
            )
        )
    count = len({e.guid for e in issue.elements})
    if count > _SELECTED_AT_MOST:
        lines.append(
            say(
                f"选择集只含前 {_SELECTED_AT_MOST} 个构件，共 {count} 个。",
                f"The selection holds the first {_SELECTED_AT_MOST} of {count} elements.",
            )
        )
    if _differ(models):
        name = models[0].filename or models[0].name
        lines.append(
            say(f"视点采用“{name}”的坐标。", f'The camera is in the coordinates of "{name}".')
        )
    return "\n".join(line for line in lines if line)


def _differ(models: tuple[ModelFile, ...]) -> bool:
    places = [np.eye(4) if m.to_model is None else m.to_model for m in models]
    return any(not np.allclose(places[0], p, rtol=0, atol=1e-6) for p in places[1:])


def _element_lines(issue: Issue) -> list[str]:
    lines = [
        " ".join(w for w in (e.side.upper(), e.ifc_class, e.name, e.guid, f"[{e.model}]") if w)
        for e in issue.elements[:_LISTED_AT_MOST]
    ]
    more = len(issue.elements) - _LISTED_AT_MOST
    return [*lines, f"… +{more}"] if more > 0 else lines


def _extension_schema(words: Extensions) -> bytes:
    """``extensions.xsd`` of 2.1: the allowed words as a redefinition of ``markup.xsd``."""
    lists: tuple[tuple[str, tuple[str, ...]], ...] = (
        ("TopicType", words.types),
        ("TopicStatus", words.statuses),
        ("TopicLabel", words.labels),
        ("Priority", words.priorities),
        ("UserIdType", words.users),
    )
    types = tuple(
        Node(
            "xs:simpleType",
            "",
            (
                Node(
                    "xs:restriction",
                    "",
                    tuple(Node("xs:enumeration", attributes={"value": v}) for v in values),
                    {"base": name},
                ),
            ),
            {"name": name},
        )
        for name, values in lists
    )
    redefine = Node("xs:redefine", "", types, {"schemaLocation": "markup.xsd"})
    root = Node("xs:schema", "", (redefine,), {"xmlns:xs": "http://www.w3.org/2001/XMLSchema"})
    return write(root)
