"""The shapes of the timeline document: when everything is built, and when it will not work."""

from typing import Annotated, Literal

from pydantic import BaseModel, Field

from api.shapes import Point, Text


class TimelineSchedule(BaseModel):
    """The plan; times are local without zone, `finish` is the end of the last task."""

    name: str
    format: str
    start: str | None
    finish: str | None
    status_date: str | None


class TimelineTask(BaseModel):
    """One row of the plan with the dates in force, half-open.

    `parent` is the row above it or -1; `confidence` is that of its least sure link to an
    element, None without any; `elements` counts those.
    """

    row: int
    id: str
    name: str
    wbs: str
    parent: int
    kind: str
    action: str
    trade: str
    start: str | None
    finish: str | None
    early_start: str | None
    early_finish: str | None
    late_finish: str | None
    total_float_days: float | None
    critical: bool
    confidence: float | None
    elements: int


class TimelineElements(BaseModel):
    """By column, the elements of the scene that some task builds or removes.

    Being built from `appear`, there from `complete`, being removed from `remove`, not there
    from `gone`: minutes of local time since the begin of 1970. What is not listed is there
    all the time. `task` and `removal` are rows of the tasks, or -1.
    """

    index: list[int]
    task: list[int]
    removal: list[int]
    appear: list[int | None]
    complete: list[int | None]
    remove: list[int | None]
    gone: list[int | None]
    temporary: list[Literal[0, 1]]
    confidence: list[float]


class TimelineRisk(BaseModel):
    """A risk of the sequence, with the time in which it is wrong; None where it has none."""

    issue: str
    rule: str
    severity: int
    from_: Annotated[str | None, Field(alias="from")]
    to: str | None
    tasks: list[int]
    elements: list[int]
    others: list[int]
    title: Text
    point: Point | None


class TimelineClash(BaseModel):
    """When both bodies of a clash stand there; `days_to_decide` until the first time."""

    issue: str
    from_: Annotated[str, Field(alias="from")]
    to: str
    days_to_decide: int | None


class TimelineCoverage(BaseModel):
    """How many of the physical elements some task works on."""

    elements: int
    linked: int
    share: float


class TimelineDocument(BaseModel):
    """The construction plan beside the scene of the same run; times are local."""

    schema_: Annotated[str, Field(alias="schema")]
    schedule: TimelineSchedule
    nonworking: list[Annotated[list[str], Field(min_length=2, max_length=2)]]
    tasks: list[TimelineTask]
    elements: TimelineElements
    risks: list[TimelineRisk]
    clashes: list[TimelineClash]
    coverage: TimelineCoverage
