"""The shapes of a run: its clashes and its scene."""

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from api.schemas import Job, Trouble
from api.shapes import Point, Shape, Told


class RevisionRef(Told):
    """A revision that a run looked at."""

    id: str
    number: int
    model_id: str
    model_name: str


class Run(Shape):
    """One review of a project."""

    id: str
    number: int
    state: Literal["queued", "running", "done", "failed", "cancelled"]
    created: datetime
    finished: datetime | None
    revisions: list[RevisionRef]
    counts: dict[str, int]
    engine: str
    timings: dict[str, float]
    problem: Trouble | None
    job_id: str | None


class RunStarted(Shape):
    """A run with its job."""

    run: Run
    job: Job | None


class ClashSide(BaseModel):
    """One body of a clash."""

    model_config = ConfigDict(extra="allow")
    model: str
    guid: str
    ifc_class: str
    name: str
    type: str
    storey: str
    system: str


class Clash(BaseModel):
    """A pair as in ``review.json``."""

    model_config = ConfigDict(extra="allow")
    id: str
    rule: str
    relation: Literal["crossing", "containment", "duplicate", "touch", "clearance"]
    a: ClashSide
    b: ClashSide
    depth_m: float | None
    distance_m: float | None
    volume_m3: float | None
    measured: str
    point: list[float] | None
    suppressed: dict[str, Any] | None


class ClashFilter(Shape):
    """Which clashes are wanted."""

    cursor: Annotated[str, Field(max_length=1000)] | None = None
    limit: Annotated[int, Field(ge=1, le=200)] = 100
    relation: Annotated[str, Field(description="Words joined by commas.")] | None = None
    suppressed: bool | None = None
    element: Annotated[str, Field(description="GlobalId of either body.")] | None = None


class SceneFrame(Told):
    """Project frame of a scene: map metres of its origin, angle in radians."""

    crs: str | None
    origin: Point
    north: float


class Tile(Told):
    """One GLB; positions are relative to `origin` in project-frame metres, Z up."""

    model: str
    url: str
    origin: Point
    element_start: int
    elements: int
    bytes: int
    triangles: int


class SceneOut(Shape):
    """What the viewer loads."""

    run_id: str
    frame: SceneFrame
    tiles: list[Tile]
    elements_url: str
    bounds: list[list[float]] | None


class SceneElements(BaseModel):
    """The elements of a scene by column; words are codes into the list beside, -1 for none."""

    guid: list[str]
    name: list[str]
    clash_body: list[int]
    model: list[int]
    models: list[str]
    ifc_class: list[int]
    classes: list[str]
    storey: list[int]
    storeys: list[str]
    discipline: list[int]
    disciplines: list[str]
    system: list[int]
    systems: list[str]
    type: list[int]
    types: list[str]
