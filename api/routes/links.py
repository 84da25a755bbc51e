"""What the names of tasks of a project mean."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Response
from pydantic import Field

from api.deps import Ctx, Version, Who, etag, member
from api.services import links
from api.shapes import Shape, Told

router = APIRouter(prefix="/projects/{pid}", tags=["links"], dependencies=[Depends(member)])
Word = Annotated[str, Field(max_length=500)]


class LinkChoice(Shape):
    """What all tasks of one name pattern work on.

    The pattern is a name with ``{storey}``, ``{zone}`` and ``{n}`` for what changes. Without
    kinds, classes and types a decision "link" says that what the rule finds is right.
    """

    pattern: Annotated[str, Field(min_length=1, max_length=500)]
    decision: Literal["link", "nothing", "not_modelled"] = "link"
    kinds: list[Word] = Field(default_factory=list)
    classes: list[Word] = Field(default_factory=list)
    types: list[Word] = Field(default_factory=list)
    storey: Literal["named", "above", "below", "all"] = "named"
    storeys: list[Word] = Field(default_factory=list)
    trade: Word = ""
    action: Word = ""
    note: Word = ""


class LinkGroup(Told):
    """Tasks of one name pattern and what the newest run linked them to."""

    pattern: str
    names: list[str]
    tasks: int
    without_elements: int
    trade: str
    action: str
    kinds: list[str]
    elements: int
    classes: list[str]
    storeys: list[str]
    confidence: float | None
    ways: list[str]
    idle: bool
    unclear: list[str]
    decision: str


class LinkGap(Told):
    """Elements of one class on one storey that no task builds."""

    ifc_class: str
    storey: str
    elements: int
    without_task: int
    volume_m3: float


class LinkCoverage(Told):
    """How much of models and plan is linked."""

    elements: int
    elements_linked: int
    share: float
    volume_share: float
    tasks_without_elements: int
    tasks_unsure: int
    tasks_catch_all: int
    tasks_without_place: int
    gaps: list[LinkGap] = Field(default_factory=list)


class LinksFound(Told):
    """Groups of names that a run found, those to look at first."""

    run_id: str
    run_number: int
    schedule: str
    groups: list[LinkGroup]
    coverage: LinkCoverage


class LinkWord(Shape):
    """A kind or trade and what people call it."""

    id: str
    zh: str
    en: str


class Links(Shape):
    """Choices of a project, and what there is to choose among."""

    choices: list[LinkChoice]
    found: LinksFound | None
    kinds: list[LinkWord]
    trades: list[LinkWord]
    actions: list[str]
    version: int


class LinksIn(Shape):
    """All choices of a project."""

    choices: Annotated[list[LinkChoice], Field(max_length=links.MOST)]


@router.get("/links", response_model=Links)
def get_links(pid: str, ctx: Ctx, who: Who, response: Response) -> Any:
    """Choices, and the name groups of the newest run."""
    found = links.get_links(ctx, who, pid)
    response.headers.update(etag(found["version"]))
    return found


@router.put("/links", response_model=Links)
def set_links(
    pid: str, body: LinksIn, version: Version, ctx: Ctx, who: Who, response: Response
) -> Any:
    """Put all choices in place; they hold from the next review."""
    rows = [c.model_dump() for c in body.choices]
    found = links.set_links(ctx, who, pid, version=version, choices=rows)
    response.headers.update(etag(found["version"]))
    return found
