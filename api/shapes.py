"""The small shapes that the API's larger ones are made of."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

Point = Annotated[list[float], Field(min_length=3, max_length=3)]


class Shape(BaseModel):
    """Base of all shapes; unknown fields in requests are refused."""

    model_config = ConfigDict(extra="forbid")


class Text(Shape):
    """A text in both languages."""

    zh: Annotated[str, Field(alias="zh-CN")]
    en: str


class IssueElement(Shape):
    """An element of an issue; `index` counts in the scene of the run, -1 outside it."""

    model: str
    guid: str
    ifc_class: str
    name: str
    type: str
    storey: str
    system: str
    side: str
    index: int


class Viewpoint(Shape):
    """A perspective camera in the project frame."""

    position: Point
    direction: Point
    up: Point
    field_of_view_deg: float
    aspect_ratio: float


class SeverityFactor(BaseModel):
    """One of the reasons of a severity, with its share of it."""

    model_config = ConfigDict(extra="allow")
    factor: str
    value: Any = None
    points: float
    text: Text


class MovedElement(Shape):
    """An element that moves, or is in the way of a move."""

    model: str
    guid: str
    ifc_class: str
    name: str


class MoveJoint(MovedElement):
    """An element that stays, joined to one that moves: what has to be done to it."""

    how: Literal["lengthen", "shorten", "offset"]


class Resolution(Shape):
    """The shortest move of one side that clears an issue, or why none is given.

    `why` is empty when one is found, else ``blocked`` or ``too_deep`` (none within 300 mm of
    those tried), ``immovable``, ``twice``, ``seated``, ``joined``, ``many``, ``stopped`` or ``budget``.
    `translation_m` is in the project frame; `tried` counts the moves the clash core was run on.
    """

    verdict: Literal["found", "none", "not_assessed"]
    why: str
    reason: Text
    translation_m: Point | None
    length_m: float | None
    direction: Text
    movers: list[MovedElement]
    moved: list[MovedElement]
    joints: list[MoveJoint]
    blockers: list[MovedElement]
    tried: int
