"""Writes BCF archives of version 2.1 and 3.0 with the same bytes for the same content."""

import io
import re
import zipfile
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

from bimcore.errors import FormatError
from bimcore.formats.bcf import xml
from bimcore.formats.bcf.content import (
    VERSIONS,
    BcfComment,
    BcfFile,
    BcfViewpoint,
    DocumentReference,
    HeaderFile,
    Topic,
)
from bimcore.formats.bcf.visualization import visualization
from bimcore.formats.bcf.xml import Node, leaf

_IFC_GUID = re.compile(r"[0-9A-Za-z_$]{22}")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def archive(file: BcfFile) -> bytes:
    """The bytes of a BCF archive.

    Raises
    ------
    FormatError
        When the version is neither 2.1 nor 3.0.

    """
    if file.version not in VERSIONS:
        message = f"BCF {file.version} cannot be written; choose 2.1 or 3.0"
        raise FormatError(message, code="BCF703")
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as box:
        for path, content in _members(file):
            _put(box, path, content)
    return out.getvalue()


def is_ifc_guid(text: str) -> bool:
    """Whether the schemas accept `text` as a GlobalId."""
    return _IFC_GUID.fullmatch(text) is not None


def _put(box: zipfile.ZipFile, path: str, content: bytes) -> None:
    info = zipfile.ZipInfo(path, date_time=(1980, 1, 1, 0, 0, 0))
    # The platform that writes must not show in the bytes.
    info.create_system = 0
    info.external_attr = 0x10 if path.endswith("/") else 0
    packed = not path.endswith(("/", ".png", ".jpg"))
    info.compress_type = zipfile.ZIP_DEFLATED if packed else zipfile.ZIP_STORED
    box.writestr(info, content)


def _members(file: BcfFile) -> list[tuple[str, bytes]]:
    new = file.version == "3.0"
    found = [("bcf.version", xml.write(_version(file.version)))]
    if not new or file.project_id:
        found.append(("project.bcfp", xml.write(_project(file))))
    if new:
        found.append(("extensions.xml", xml.write(_extensions(file))))
        if file.documents:
            found.append(("documents.xml", xml.write(_documents(file))))
    folders: set[str] = set()
    for topic in file.topics:
        folder = _guid(topic.guid, new=new) + "/"
        folders.add(folder)
        found += [(folder, b""), (folder + "markup.bcf", xml.write(_markup(topic, new=new)))]
        for view in topic.viewpoints:
            if view.name and (view.camera is not None or not new):
                content = xml.write(visualization(view, version=file.version))
                found.append((folder + view.name, content))
            if view.snapshot_name:
                found.append((folder + view.snapshot_name, view.snapshot))
    for attachment in file.attachments:
        folder = attachment.path.rpartition("/")[0]
        if folder and folder + "/" not in folders:
            folders.add(folder + "/")
            found.append((folder + "/", b""))
        found.append((attachment.path, attachment.content))
    return found


def _version(version: str) -> Node:
    if version == "3.0":
        return Node("Version", attributes={"VersionId": "3.0"})
    detail = Node("DetailedVersion", "2.1")
    return Node("Version", "", (detail,), {"VersionId": "2.1"})


def _project(file: BcfFile) -> Node:
    name = leaf("Name", file.project_name)
    project = Node("Project", "", name, {"ProjectId": file.project_id})
    if file.version == "3.0":
        return Node("ProjectInfo", "", (project,))
    known = (project,) if file.project_id or file.project_name else ()
    # Readers refuse the file without this element, even where it is empty.
    schema = Node("ExtensionSchema", file.extension_schema)
    return Node("ProjectExtension", "", (*known, schema))


def _extensions(file: BcfFile) -> Node:
    words = file.extensions
    lists = (
        ("TopicTypes", "TopicType", words.types),
        ("TopicStatuses", "TopicStatus", words.statuses),
        ("Priorities", "Priority", words.priorities),
        ("TopicLabels", "TopicLabel", words.labels),
        ("Users", "User", words.users),
        ("SnippetTypes", "SnippetType", words.snippet_types),
        ("Stages", "Stage", words.stages),
    )
    return Node(
        "Extensions", "", tuple(Node(n, "", _leaves(one, ws)) for n, one, ws in lists if ws)
    )


def _documents(file: BcfFile) -> Node:
    rows = tuple(
        Node(
            "Document",
            "",
            (Node("Filename", d.filename), *leaf("Description", d.description)),
            {"Guid": _guid(d.guid, new=True)},
        )
        for d in file.documents
    )
    return Node("DocumentInfo", "", (Node("Documents", "", rows),))


def _markup(topic: Topic, *, new: bool) -> Node:
    files = tuple(_header_file(f, new=new) for f in topic.files)
    comments = tuple(_comment(c, new=new) for c in topic.comments)
    views = tuple(_view(v, new=new) for v in topic.viewpoints)
    if not new:
        header = (Node("Header", "", files),) if files else ()
        return Node("Markup", "", (*header, _topic(topic, (), new=False), *comments, *views))
    lists = (*_wrapped("Comments", comments), *_wrapped("Viewpoints", views))
    header = (Node("Header", "", _wrapped("Files", files)),) if files else ()
    return Node("Markup", "", (*header, _topic(topic, lists, new=True)))


def _topic(topic: Topic, lists: tuple[Node, ...], *, new: bool) -> Node:
    links = _leaves("ReferenceLink", topic.reference_links)
    labels = _leaves("Label" if new else "Labels", topic.labels)
    documents = tuple(_document_reference(d, new=new) for d in topic.documents)
    related = tuple(
        Node("RelatedTopic", attributes={"Guid": _guid(g, new=new)}) for g in topic.related
    )
    parts = (
        *(_wrapped("ReferenceLinks", links) if new else links),
        Node("Title", _line(topic.title) if new else topic.title),
        *leaf("Priority", topic.priority),
        *(() if topic.index is None else (Node("Index", str(topic.index)),)),
        *(_wrapped("Labels", labels) if new else labels),
        Node("CreationDate", _date(topic.created)),
        Node("CreationAuthor", topic.creation_author or ("unknown" if new else "")),
        *_dated("Modified", topic.modified, topic.modified_author),
        *(() if topic.due is None else (Node("DueDate", _date(topic.due)),)),
        *leaf("AssignedTo", topic.assigned_to),
        *leaf("Stage", topic.stage),
        *leaf("Description", topic.description),
        *_snippet(topic, new=new),
        *(_wrapped("DocumentReferences", documents) if new else documents),
        *(_wrapped("RelatedTopics", related) if new else related),
        *lists,
    )
    marks = {"Guid": _guid(topic.guid, new=new)}
    if new and topic.server_assigned_id:
        marks["ServerAssignedId"] = topic.server_assigned_id
    if topic.type or new:
        marks["TopicType"] = topic.type or "Issue"
    if topic.status or new:
        marks["TopicStatus"] = topic.status or "Open"
    return Node("Topic", "", parts, marks)


def _line(text: str) -> str:
    return text if text.strip() else "-"


def _dated(name: str, date: datetime | None, author: str) -> tuple[Node, ...]:
    day = () if date is None else (Node(f"{name}Date", _date(date)),)
    return (*day, *leaf(f"{name}Author", author))


def _snippet(topic: Topic, *, new: bool) -> tuple[Node, ...]:
    snippet = topic.snippet
    if snippet is None:
        return ()
    parts = (Node("Reference", snippet.reference), Node("ReferenceSchema", snippet.schema))
    marks = {"SnippetType": snippet.type, _external(new=new): _bool(yes=snippet.external)}
    return (Node("BimSnippet", "", parts, marks),)


def _document_reference(document: DocumentReference, *, new: bool) -> Node:
    description = leaf("Description", document.description)
    marks = {"Guid": _guid(document.guid, new=new)} if document.guid else {}
    if new:
        inner = document.document_guid.lower()
        target = leaf("DocumentGuid", inner) or leaf("Url", document.url)
    else:
        target = leaf("ReferencedDocument", document.url)
        marks["isExternal"] = _bool(yes=document.external)
    return Node("DocumentReference", "", (*target, *description), marks)


def _header_file(file: HeaderFile, *, new: bool) -> Node:
    parts = (
        *leaf("Filename", file.filename),
        *(() if file.date is None else (Node("Date", _date(file.date)),)),
        *leaf("Reference", file.reference),
    )
    marks = {}
    if is_ifc_guid(file.ifc_project):
        marks["IfcProject"] = file.ifc_project
    if is_ifc_guid(file.ifc_spatial_element):
        marks["IfcSpatialStructureElement"] = file.ifc_spatial_element
    marks[_external(new=new)] = _bool(yes=file.external)
    return Node("File", "", parts, marks)


def _comment(comment: BcfComment, *, new: bool) -> Node:
    view = {"Guid": _guid(comment.viewpoint, new=new)}
    parts = (
        Node("Date", _date(comment.date)),
        Node("Author", comment.author or ("unknown" if new else "")),
        *(leaf("Comment", comment.text) if new else (Node("Comment", comment.text),)),
        *((Node("Viewpoint", attributes=view),) if comment.viewpoint else ()),
        *_dated("Modified", comment.modified_date, comment.modified_author),
    )
    return Node("Comment", "", parts, {"Guid": _guid(comment.guid, new=new)})


def _view(view: BcfViewpoint, *, new: bool) -> Node:
    name = view.name if view.camera is not None or not new else ""
    parts = (
        *leaf("Viewpoint", name),
        *leaf("Snapshot", view.snapshot_name),
        *(() if view.index is None else (Node("Index", str(view.index)),)),
    )
    marks = {"Guid": _guid(view.guid, new=new)}
    return Node("ViewPoint" if new else "Viewpoints", "", parts, marks)


def _leaves(name: str, texts: Iterable[str]) -> tuple[Node, ...]:
    return tuple(Node(name, t) for t in texts if t.strip())


def _wrapped(name: str, nodes: Sequence[Node]) -> tuple[Node, ...]:
    return (Node(name, "", tuple(nodes)),) if nodes else ()


def _guid(text: str, *, new: bool) -> str:
    return text.lower() if new else text


def _external(*, new: bool) -> str:
    return "IsExternal" if new else "isExternal"


def _bool(*, yes: bool) -> str:
    return "true" if yes else "false"


def _date(date: datetime | None) -> str:
    """``xs:dateTime`` in UTC; both schemas ask for a date where there may be none."""
    day = _EPOCH if date is None else date
    day = day.replace(tzinfo=UTC) if day.tzinfo is None else day.astimezone(UTC)
    return day.isoformat().replace("+00:00", "Z")
