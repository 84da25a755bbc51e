"""The shapes of the API, as pydantic models; the web client's types are made from them."""

from datetime import datetime
from typing import Annotated, Any, Generic, Literal, TypeVar, get_args

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints
from pydantic_core import PydanticCustomError

from api.shapes import (
    TYPED,
    ConfirmedRepair,
    IssueElement,
    Name,
    Placement,
    PlacementView,
    Point,
    Resolution,
    Role,
    SeverityFactor,
    Shape,
    Text,
    Told,
    Viewpoint,
)

IssueKind = Literal["clash", "gis", "sequence", "quality"]
Status = Literal["new", "active", "reviewed", "approved", "resolved", "reopened", "not_rechecked"]
T = TypeVar("T")


class Problem(BaseModel):
    """An RFC 9457 problem; `detail` and `remedy` are Chinese, ``*_en`` English."""

    type: str
    title: str
    status: int
    detail: str
    detail_en: str
    code: str
    remedy: str
    remedy_en: str


class Trouble(Told):
    """Why a revision, a run or a job failed."""

    code: str
    message: str
    message_en: str
    remedy: str
    remedy_en: str


class Paged(Shape, Generic[T]):
    """One page; `next` is the cursor of the following one."""

    items: list[T]
    next: str | None


class ProjectSettings(BaseModel):
    """Settings of a project; clients may keep more keys."""

    model_config = ConfigDict(extra="allow")
    auto_review: bool = True
    language: Literal["zh-CN", "en"] = "zh-CN"
    #: Numbers and words for the map checks by their keys, see docs/site-checks.md.
    parameters: dict[str, float | str] = Field(default_factory=dict)
    #: City whose rules hold beside the national ones.
    jurisdiction: Annotated[str, Field(max_length=100)] | None = None
    #: Height datum of the project where its CRS does not say, such as "吴淞".
    vertical_datum: Annotated[str, Field(max_length=100)] | None = None
    #: CRS by the name that the project and its files have for a grid, see docs/placement.md.
    grids: dict[str, str] = Field(default_factory=dict)
    #: Thresholds of the rehearsal by their keys, see docs/rehearsal.md.
    rehearsal: dict[str, float | bool | str] = Field(default_factory=dict)
    #: Cranes and other machines of the site, see docs/rehearsal.md.
    equipment: Annotated[list[dict[str, Any]], Field(max_length=1000)] = Field(default_factory=list)


class ProjectIn(Shape):
    """A new project."""

    name: Name
    description: Annotated[str, Field(max_length=10_000), TYPED] = ""
    crs: Annotated[str, Field(max_length=200)] | None = None
    settings: ProjectSettings | None = None


class ProjectChange(Shape):
    """What changes of a project."""

    name: Name | None = None
    description: Annotated[str, Field(max_length=10_000), TYPED] | None = None
    crs: Annotated[str, Field(max_length=200)] | None = None
    settings: dict[str, Any] | None = None


class ProjectCounts(Shape):
    """How much there is in a project."""

    models: int
    issues_open: int


class Project(Shape):
    """A project."""

    id: str
    name: str
    description: str
    crs: str | None
    settings: ProjectSettings
    counts: ProjectCounts
    role: Role
    version: int
    created: datetime
    updated: datetime


class MemberIn(Shape):
    """A role."""

    role: Role


class Member(Shape):
    """A member of a project."""

    user_id: str
    name: str
    display_name: str
    role: Role


class Evidence(BaseModel):
    """One reason of a georeference verdict."""

    code: str
    zh: str
    en: str
    data: dict[str, Any] = {}


class Georeference(BaseModel):
    """What a file says about its place."""

    model_config = ConfigDict(extra="allow")
    level: int | None = None
    verdict: str
    crs: str | None = None
    evidence: list[Evidence] = []
    repair: Placement | None = None
    repairable: bool = False
    repair_shift_m: float | None = None
    confirmed: ConfirmedRepair | None = None
    combined_scale_factor: float | None = None
    convergence_deg: float | None = None


class Revision(Shape):
    """One uploaded file of a model."""

    id: str
    number: int
    model_id: str
    model_name: str
    filename: str
    size_bytes: int
    sha256: str
    state: Literal["queued", "processing", "ready", "failed"]
    schema_: Annotated[str, Field(alias="schema")]
    counts: dict[str, int]
    georeference: Georeference | None
    findings_count: int
    created: datetime
    author: str
    problem: Trouble | None
    job_id: str | None


class Latest(Shape):
    """The newest revision of a model."""

    revision: Revision


class Model(Shape):
    """A model."""

    id: str
    name: str
    discipline: str
    placement: PlacementView | None
    created: datetime
    latest: Latest | None


class Job(Shape):
    """A piece of work."""

    id: str
    kind: Literal["ingest", "review"]
    subject_id: str
    state: Literal["queued", "running", "done", "failed", "cancelled"]
    progress: float
    stage: str
    stage_text: Text
    cancel_requested: bool
    problem: Trouble | None
    created: datetime
    updated: datetime
    finished: datetime | None


class Uploaded(Shape):
    """What came of a model upload."""

    model: Model
    revision: Revision
    job: Job | None


class FileRevision(Shape):
    """An earlier revision of a layer or schedule, kept while the newest is not known to be good."""

    revision: int
    state: Literal["queued", "ready", "failed"]
    problem: Trouble | None
    filename: str
    size_bytes: int
    sha256: str
    created: datetime


class StoredFile(Shape):
    """A layer or a schedule; what is said about it is null where nobody said it.

    The fields are those of the newest revision; `state` is what the last review made of it.
    Where that could not be used, reviews go on with `revision_in_use`, one of the `earlier`.
    """

    id: str
    name: str
    role: str | None
    crs: str | None
    vertical_datum: str | None
    datum_offset_m: float | None
    accuracy_m: float | None
    date: str | None
    depth_ref: str | None
    filename: str
    size_bytes: int
    sha256: str
    created: datetime
    revision: int
    state: Literal["queued", "ready", "failed"]
    problem: Trouble | None
    revision_in_use: int | None
    earlier: list[FileRevision]


class Finding(BaseModel):
    """A defect of the data."""

    model_config = ConfigDict(extra="allow")
    code: str
    severity: int
    model: str
    elements: list[str]
    point: list[float] | None
    message: str
    message_en: str
    remedy: str
    remedy_en: str
    data: dict[str, Any]


class Issue(Shape):
    """What people work on."""

    id: str
    number: int
    fingerprint: str
    kind: str
    rule: str
    title: Text
    description: Text
    severity: int
    severity_override: int | None
    severity_factors: list[SeverityFactor]
    confidence: float
    status: Status
    status_reason: dict[str, str]
    allowed_status: list[Status]
    members: list[str]
    elements: list[IssueElement]
    point: Point | None
    extent_m: float
    storey: str
    window: list[str] | None
    assigned_to: str
    suggestion: Text
    resolution: Resolution | None
    citation: str
    viewpoint: Viewpoint | None
    comments_count: int
    has_snapshot: bool
    run_id: str | None
    created: datetime
    updated: datetime
    version: int


class IssuePage(Shape):
    """One page of issues with the number there are in all."""

    items: list[Issue]
    next: str | None
    total: int


class IssueChange(Shape):
    """What a person changes of an issue."""

    status: Status | None = None
    assigned_to: Annotated[str, Field(max_length=200), TYPED] | None = None
    title: Annotated[str, Field(max_length=500), TYPED] | None = None
    severity_override: Annotated[int, Field(ge=0, le=100)] | None = None


class CommentIn(Shape):
    """A new comment."""

    text: Annotated[
        str, StringConstraints(strip_whitespace=True, min_length=1, max_length=10_000), TYPED
    ]


class Comment(Shape):
    """A remark."""

    id: str
    author: str
    text: str
    created: datetime


class HistoryEntry(Shape):
    """Something that happened to an issue."""

    at: datetime
    author: str
    action: str
    data: dict[str, Any]


class Items(Shape, Generic[T]):
    """A list that has no pages."""

    items: list[T]


_WORDS = Field(description="Words joined by commas.")


def _among(value: str, known: tuple[str, ...]) -> str:
    if {word.strip() for word in value.split(",")} - {"", *known}:
        told = {"expected": ", ".join(known)}
        raise PydanticCustomError("literal_error", "Every word should be of {expected}", told)
    return value


def _statuses(value: str) -> str:
    return _among(value, get_args(Status))


def _kinds(value: str) -> str:
    return _among(value, get_args(IssueKind))


class IssueQuery(Shape):
    """Which issues are wanted, in which order."""

    status: Annotated[str, AfterValidator(_statuses), _WORDS] | None = None
    severity_min: Annotated[int, Field(ge=0, le=100)] | None = None
    kind: Annotated[str, AfterValidator(_kinds), _WORDS] | None = None
    storey: str | None = None
    assigned_to: str | None = None
    q: Annotated[str, Field(max_length=200, description="Text to search.")] | None = None
    run: str | None = None
    sort: Literal["severity", "updated", "created", "number"] = "severity"
    cursor: Annotated[str, Field(max_length=1000)] | None = None
    limit: Annotated[int, Field(ge=1, le=200)] = 100


class RawUpload(Shape):
    """What comes beside a raw body."""

    filename: str
    sha256: str | None
