"""Reads BCF archives of version 2.0, 2.1 and 3.0 from strangers."""

import posixpath
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from bimcore.errors import FormatError
from bimcore.findings import Finding
from bimcore.formats.bcf import xml
from bimcore.formats.bcf.content import (
    Attachment,
    BcfComment,
    BcfFile,
    BcfViewpoint,
    Document,
    DocumentReference,
    Extensions,
    HeaderFile,
    Snippet,
    Topic,
)
from bimcore.formats.bcf.visualization import read_visualization
from bimcore.formats.bcf.xml import Node
from bimcore.formats.codes import BROKEN_TOPIC, FOLDER_MISMATCH, MISSING_PART

_READABLE = ("2.0", "2.1", "3.0")
_ROOT_FILES = ("bcf.version", "project.bcfp", "extensions.xml", "documents.xml")


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What an archive may cost: files, bytes of one file and of all when unpacked."""

    files: int = 200_000
    file_bytes: int = 256 << 20
    unpacked_bytes: int = 1 << 30


def read_bcf(path: Path, *, limits: Limits | None = None) -> BcfFile:
    """Everything in the archive at `path`; a topic that is broken becomes a finding.

    Nothing is written to disk. Unknown elements are ignored, directory entries are not
    needed, names outside the archive and bombs are refused.

    Raises
    ------
    FormatError
        When it is no archive (BCF701), not safe (BCF702) or of an unknown version (BCF703).

    """
    members = _unpack(path, limits or Limits())
    version = _version(members)
    findings: list[Finding] = []
    topics, used = [], set(_ROOT_FILES)
    for name in sorted(m for m in members if posixpath.basename(m).lower() == "markup.bcf"):
        folder = posixpath.dirname(name)
        try:
            topic = _topic(xml.read(members[name]), members, folder, findings)
        except FormatError as err:
            findings.append(Finding.of(BROKEN_TOPIC, folder=folder, why=str(err)))
            continue
        used |= {name} | {f"{folder}/{n}" for v in topic.viewpoints for n in _names(v)}
        topics.append(topic)
    project_id, project_name, schema = _project(members)
    return BcfFile(
        version=version,
        project_id=project_id,
        project_name=project_name,
        extension_schema=schema,
        extensions=_extensions(members),
        documents=_documents(members),
        topics=tuple(topics),
        attachments=tuple(
            Attachment(path=name, content=members[name]) for name in sorted(set(members) - used)
        ),
        findings=tuple(findings),
    )


def _names(view: BcfViewpoint) -> tuple[str, ...]:
    return tuple(n for n in (view.name, view.snapshot_name) if n)


def _unpack(path: Path, limits: Limits) -> dict[str, bytes]:
    try:
        with zipfile.ZipFile(path) as box:
            return _read_members(box, limits)
    except (zipfile.BadZipFile, OSError, zlib.error, EOFError, NotImplementedError) as err:
        message = f"the file is no BCF archive that can be read: {err}"
        raise FormatError(message, code="BCF701") from err
    except RuntimeError as err:  # zipfile says so of an encrypted member
        message = f"the archive is encrypted: {err}"
        raise FormatError(message, code="BCF701") from err


def _read_members(box: zipfile.ZipFile, limits: Limits) -> dict[str, bytes]:
    infos = box.infolist()
    if len(infos) > limits.files:
        message = f"the archive holds {len(infos)} files, more than {limits.files}"
        raise FormatError(message, code="BCF702")
    members: dict[str, bytes] = {}
    left = limits.unpacked_bytes
    for info in infos:
        name = _safe_name(info.filename)
        if info.is_dir() or name.endswith("/"):
            continue
        # The size in the header may lie, so the bytes themselves are counted.
        most = min(limits.file_bytes, left)
        with box.open(info) as stream:
            content = stream.read(most + 1)
        if len(content) > most:
            message = f"{name} unpacks to more than {most} bytes"
            raise FormatError(message, code="BCF702")
        left -= len(content)
        members[name] = content
    return members


def _safe_name(name: str) -> str:
    plain = name.replace("\\", "/")
    parts = plain.split("/")
    if plain.startswith("/") or ".." in parts or ":" in parts[0]:
        message = f"the archive names a file outside itself: {name!r}"
        raise FormatError(message, code="BCF702")
    return (
        "/".join(p for p in parts[:-1] if p not in ("", ".")) + "/" * (len(parts) > 1) + parts[-1]
    )


def _root(members: Mapping[str, bytes], name: str) -> Node | None:
    content = next((c for n, c in members.items() if n.lower() == name), None)
    return None if content is None else xml.read(content)


def _version(members: Mapping[str, bytes]) -> str:
    root = _root(members, "bcf.version")
    if root is None:
        message = "the archive has no bcf.version"
        raise FormatError(message, code="BCF701")
    version = root.attribute("VersionId").strip()
    if version not in _READABLE:
        message = f"BCF version {version!r} is not supported; export 2.1 or 3.0"
        raise FormatError(message, code="BCF703")
    return version


def _project(members: Mapping[str, bytes]) -> tuple[str, str, str]:
    root = _root(members, "project.bcfp")
    if root is None:
        return "", "", ""
    project = root.child("Project") or Node("Project")
    return project.attribute("ProjectId"), project.value("Name"), root.value("ExtensionSchema")


def _extensions(members: Mapping[str, bytes]) -> Extensions:
    root = _root(members, "extensions.xml")
    if root is None:
        return Extensions()

    def words(*path: str) -> tuple[str, ...]:
        return tuple(n.text for n in root.all(*path) if n.text.strip())

    return Extensions(
        types=words("TopicTypes", "TopicType"),
        statuses=words("TopicStatuses", "TopicStatus"),
        priorities=words("Priorities", "Priority"),
        labels=words("TopicLabels", "TopicLabel"),
        users=words("Users", "User"),
        snippet_types=words("SnippetTypes", "SnippetType"),
        stages=words("Stages", "Stage"),
    )


def _documents(members: Mapping[str, bytes]) -> tuple[Document, ...]:
    root = _root(members, "documents.xml")
    rows = () if root is None else root.all("Documents", "Document")
    return tuple(
        Document(
            guid=r.attribute("Guid"),
            filename=r.value("Filename"),
            description=r.value("Description"),
        )
        for r in rows
    )


def _topic(root: Node, members: Mapping[str, bytes], folder: str, findings: list[Finding]) -> Topic:
    node = root.child("Topic")
    if node is None:
        message = "markup.bcf has no Topic"
        raise FormatError(message, code="BCF711")
    guid = node.attribute("Guid").strip() or folder
    if guid.lower() != folder.lower():
        findings.append(Finding.of(FOLDER_MISMATCH, folder=folder, guid=guid))
    index = node.value("Index")
    return Topic(
        guid=guid,
        title=node.value("Title"),
        type=node.attribute("TopicType"),
        status=node.attribute("TopicStatus"),
        server_assigned_id=node.attribute("ServerAssignedId"),
        priority=node.value("Priority"),
        index=_int(index),
        # The label itself in 2.1, a list of Label in 3.0.
        labels=_texts(node.all("Labels", "Label") or node.all("Labels")),
        created=_date(node.value("CreationDate")),
        creation_author=node.value("CreationAuthor"),
        modified=_date(node.value("ModifiedDate")),
        modified_author=node.value("ModifiedAuthor"),
        due=_date(node.value("DueDate")),
        assigned_to=node.value("AssignedTo"),
        stage=node.value("Stage"),
        description=node.value("Description"),
        reference_links=_texts(
            node.all("ReferenceLinks", "ReferenceLink") or node.all("ReferenceLink")
        ),
        snippet=_snippet(node),
        documents=_document_references(node),
        related=tuple(
            n.attribute("Guid")
            for n in node.all("RelatedTopics", "RelatedTopic") or node.all("RelatedTopic")
        ),
        files=_files(root),
        comments=tuple(_comment(c) for c in node.all("Comments", "Comment") or root.all("Comment")),
        viewpoints=_viewpoints(root, node, members, (folder, guid, findings)),
    )


def _viewpoints(
    root: Node,
    node: Node,
    members: Mapping[str, bytes],
    place: tuple[str, str, list[Finding]],
) -> tuple[BcfViewpoint, ...]:
    folder, guid, findings = place
    rows = node.all("Viewpoints", "ViewPoint") or root.all("Viewpoints")
    if not rows:
        rows = _unlisted(members, folder)
    found = []
    for row in rows:
        names = row.value("Viewpoint").strip(), row.value("Snapshot").strip()
        contents = [_part(members, folder, n, (guid, findings)) for n in names]
        fields: dict[str, object] = {
            "guid": row.attribute("Guid"),
            "name": names[0] if contents[0] is not None else "",
            "snapshot_name": names[1] if contents[1] is not None else "",
            "index": _int(row.value("Index")),
            "snapshot": contents[1] or b"",
        }
        if contents[0] is not None:
            view = xml.read(contents[0])
            fields = read_visualization(view, fields)
            fields["guid"] = fields["guid"] or view.attribute("Guid")
        found.append(BcfViewpoint(**fields))  # type: ignore[arg-type]
    return tuple(found)


def _unlisted(members: Mapping[str, bytes], folder: str) -> tuple[Node, ...]:
    """Views that lie in the folder although the markup does not list them (2.0 allowed it)."""
    inside = [posixpath.basename(m) for m in members if posixpath.dirname(m) == folder]
    views = sorted(n for n in inside if n.lower().endswith(".bcfv"))
    pictures = sorted(n for n in inside if n.lower() == "snapshot.png")
    return tuple(
        Node(
            "Viewpoints",
            "",
            (Node("Viewpoint", view), *(Node("Snapshot", p) for p in pictures if i == 0)),
        )
        for i, view in enumerate(views)
    )


def _part(
    members: Mapping[str, bytes], folder: str, name: str, place: tuple[str, list[Finding]]
) -> bytes | None:
    if not name:
        return None
    content = members.get(f"{folder}/{name}")
    if content is None:
        guid, findings = place
        findings.append(Finding.of(MISSING_PART, guid=guid, file=name))
    return content


def _comment(node: Node) -> BcfComment:
    view = node.child("Viewpoint")
    return BcfComment(
        guid=node.attribute("Guid"),
        date=_date(node.value("Date")),
        author=node.value("Author"),
        text=node.value("Comment"),
        viewpoint="" if view is None else view.attribute("Guid"),
        modified_date=_date(node.value("ModifiedDate")),
        modified_author=node.value("ModifiedAuthor"),
    )


def _files(root: Node) -> tuple[HeaderFile, ...]:
    rows = root.all("Header", "Files", "File") or root.all("Header", "File")
    return tuple(
        HeaderFile(
            filename=r.value("Filename"),
            date=_date(r.value("Date")),
            reference=r.value("Reference"),
            ifc_project=r.attribute("IfcProject"),
            ifc_spatial_element=r.attribute("IfcSpatialStructureElement"),
            external=r.attribute("IsExternal").strip().lower() not in ("false", "0"),
        )
        for r in rows
    )


def _snippet(node: Node) -> Snippet | None:
    row = node.child("BimSnippet")
    if row is None:
        return None
    return Snippet(
        type=row.attribute("SnippetType"),
        reference=row.value("Reference"),
        schema=row.value("ReferenceSchema"),
        external=_is_true(row.attribute("IsExternal")),
    )


def _document_references(node: Node) -> tuple[DocumentReference, ...]:
    rows = node.all("DocumentReferences", "DocumentReference") or node.all("DocumentReference")
    return tuple(
        DocumentReference(
            guid=r.attribute("Guid"),
            url=r.value("Url") or r.value("ReferencedDocument"),
            document_guid=r.value("DocumentGuid"),
            description=r.value("Description"),
            external=_is_true(r.attribute("IsExternal")),
        )
        for r in rows
    )


def _texts(nodes: tuple[Node, ...]) -> tuple[str, ...]:
    return tuple(n.text for n in nodes if n.text.strip())


def _is_true(text: str) -> bool:
    return text.strip().lower() in ("true", "1")


def _int(text: str) -> int | None:
    try:
        return int(text)
    except ValueError:
        return None


def _date(text: str) -> datetime | None:
    """An aware moment; without a zone it is UTC, None where there is no date."""
    try:
        date = datetime.fromisoformat(text.strip())
    except ValueError:
        return None
    return date.replace(tzinfo=UTC) if date.tzinfo is None else date.astimezone(UTC)
