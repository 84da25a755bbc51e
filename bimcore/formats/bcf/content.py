"""What a BCF archive holds, whatever its version."""

from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias

from bimcore.findings import Finding

Vector: TypeAlias = tuple[float, float, float]

#: Versions that can be written.
VERSIONS = ("2.1", "3.0")


@dataclass(frozen=True, slots=True, kw_only=True)
class Camera:
    """Where a viewpoint is seen from, in metres of the model of the first header file.

    Either `field_of_view` (degrees; horizontal in 2.1, vertical in 3.0) or `scale`
    (visible height in metres, orthogonal) is given. `aspect_ratio` is None in 2.1.
    """

    position: Vector
    direction: Vector
    up: Vector
    field_of_view: float | None = None
    scale: float | None = None
    aspect_ratio: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Component:
    """An element of a model by its GlobalId or by the id of its authoring tool."""

    guid: str = ""
    originating_system: str = ""
    authoring_tool_id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Coloring:
    """Components shown in one colour, ``RRGGBB`` or ``AARRGGBB``."""

    color: str
    components: tuple[Component, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Hints:
    """Whether spaces, their boundaries and openings are shown; None where not said."""

    spaces: bool | None = None
    space_boundaries: bool | None = None
    openings: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Bitmap:
    """A picture standing in the model; `format` is ``png`` or ``jpg``, `height` metres."""

    format: str
    reference: str
    location: Vector
    normal: Vector
    up: Vector
    height: float


@dataclass(frozen=True, slots=True, kw_only=True)
class BcfViewpoint:
    """A saved view of a topic.

    Attributes
    ----------
    guid : str
    name, snapshot_name : str
        File names in the topic folder; empty where there is no such file.
    index : int or None
        Sort order.
    camera : Camera or None
    selection : tuple of Component
    default_visibility : bool or None
        Whether components are visible unless among `exceptions`; None where not said.
    exceptions : tuple of Component
    hints : Hints or None
    coloring : tuple of Coloring
    lines : tuple of (Vector, Vector)
    clipping_planes : tuple of (Vector, Vector)
        Location, and direction towards the invisible side.
    bitmaps : tuple of Bitmap
    snapshot : bytes
        The picture as it is in the archive.

    """

    guid: str
    name: str = ""
    snapshot_name: str = ""
    index: int | None = None
    camera: Camera | None = None
    selection: tuple[Component, ...] = ()
    default_visibility: bool | None = None
    exceptions: tuple[Component, ...] = ()
    hints: Hints | None = None
    coloring: tuple[Coloring, ...] = ()
    lines: tuple[tuple[Vector, Vector], ...] = ()
    clipping_planes: tuple[tuple[Vector, Vector], ...] = ()
    bitmaps: tuple[Bitmap, ...] = ()
    snapshot: bytes = b""


@dataclass(frozen=True, slots=True, kw_only=True)
class BcfComment:
    """A remark; `viewpoint` is the guid of the viewpoint it is about, or empty."""

    guid: str
    date: datetime | None
    author: str
    text: str = ""
    viewpoint: str = ""
    modified_date: datetime | None = None
    modified_author: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class HeaderFile:
    """A model file a topic is about."""

    filename: str = ""
    date: datetime | None = None
    reference: str = ""
    ifc_project: str = ""
    ifc_spatial_element: str = ""
    external: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Snippet:
    """A piece of BIM data attached to a topic."""

    type: str
    reference: str
    schema: str
    external: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentReference:
    """A document of a topic: a path or URL in 2.1, `document_guid` or `url` in 3.0."""

    guid: str = ""
    url: str = ""
    document_guid: str = ""
    description: str = ""
    external: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """A document kept in the archive (3.0)."""

    guid: str
    filename: str
    description: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Topic:
    """One issue with its comments and views."""

    guid: str
    title: str
    type: str = ""
    status: str = ""
    server_assigned_id: str = ""
    priority: str = ""
    index: int | None = None
    labels: tuple[str, ...] = ()
    created: datetime | None = None
    creation_author: str = ""
    modified: datetime | None = None
    modified_author: str = ""
    due: datetime | None = None
    assigned_to: str = ""
    stage: str = ""
    description: str = ""
    reference_links: tuple[str, ...] = ()
    snippet: Snippet | None = None
    documents: tuple[DocumentReference, ...] = ()
    related: tuple[str, ...] = ()
    files: tuple[HeaderFile, ...] = ()
    comments: tuple[BcfComment, ...] = ()
    viewpoints: tuple[BcfViewpoint, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Extensions:
    """The words a project allows."""

    types: tuple[str, ...] = ()
    statuses: tuple[str, ...] = ()
    priorities: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()
    users: tuple[str, ...] = ()
    snippet_types: tuple[str, ...] = ()
    stages: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Attachment:
    """A file of the archive that is neither markup, view nor snapshot; `path` inside it."""

    path: str
    content: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class BcfFile:
    """A whole archive.

    Attributes
    ----------
    version : str
        ``"2.0"``, ``"2.1"`` or ``"3.0"``.
    extension_schema : str
        Name of the schema file in the archive (2.1); may be empty.
    findings : tuple of Finding
        What could not be read or was put right.

    """

    version: str
    project_id: str = ""
    project_name: str = ""
    extension_schema: str = ""
    extensions: Extensions = Extensions()
    documents: tuple[Document, ...] = ()
    topics: tuple[Topic, ...] = ()
    attachments: tuple[Attachment, ...] = ()
    findings: tuple[Finding, ...] = ()
