"""The small shapes that the API's larger ones are made of."""

import re
from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints

#: Characters that no database or screen can be trusted with: controls, marks of direction,
#: and those without width, which make two names look alike.
_UNPRINTABLE = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u200b\u202a-\u202e\u2060\u2066-\u2069\ufeff]"
)


def _printable(value: Any) -> Any:
    return _UNPRINTABLE.sub("", value) if isinstance(value, str) else value


#: Of a text that people type what cannot be printed is dropped.
TYPED = BeforeValidator(_printable)

Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200), TYPED]
Role = Literal["design", "site", "coordinator", "admin"]
Point = Annotated[list[float], Field(min_length=3, max_length=3)]


class Shape(BaseModel):
    """Base of all shapes; unknown fields in requests are refused."""

    model_config = ConfigDict(extra="forbid")


class Told(BaseModel):
    """Base of shapes that a review stored: what another version wrote beside is left out."""


class Text(Shape):
    """A text in both languages."""

    zh: Annotated[str, Field(alias="zh-CN")]
    en: str


class IssueElement(Told):
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


class Viewpoint(Told):
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


class MovedElement(Told):
    """An element that moves, or is in the way of a move."""

    model: str
    guid: str
    ifc_class: str
    name: str


class MoveJoint(MovedElement):
    """An element that stays, joined to one that moves: what has to be done to it."""

    how: Literal["lengthen", "shorten", "offset"]


class Resolution(Told):
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


Finite = Annotated[float, Field(allow_inf_nan=False)]


class Placement(Shape):
    """Where a person says a model stands: map position of its origin."""

    crs: Annotated[str, Field(max_length=200)] = ""
    eastings: Finite = 0.0
    northings: Finite = 0.0
    height: Finite = 0.0
    rotation_deg: Finite = 0.0
    scale: Annotated[float, Field(gt=0, allow_inf_nan=False)] = 1.0


class ControlPoint(Shape):
    """A point in metres of the model and on the map; `northings` is the X of Chinese sheets."""

    number: Annotated[str, Field(min_length=1, max_length=40)]
    x: Finite
    y: Finite
    z: Finite | None = None
    eastings: Finite
    northings: Finite
    height: Finite | None = None


class PlacementRequest(Placement):
    """A placement by its numbers, or through control points in `crs`."""

    control_points: Annotated[list[ControlPoint], Field(max_length=1000)] | None = None
    residual_mm: Annotated[float, Field(gt=0, le=1000, allow_inf_nan=False)] | None = None


class Control(BaseModel):
    """How control points fit; their coordinates are never shown."""

    points: int
    points_with_height: int
    limit_mm: float
    max_residual_mm: float
    scale: float
    residuals_mm: dict[str, float]
    height_residuals_mm: dict[str, float | None]
    suspect: str | None


class PlacementView(Placement):
    """The placement in use; `control` where it comes from control points."""

    control: Control | None = None


class RepairRequest(Shape):
    """The verdict whose proposed repair is confirmed, as the revision shows it."""

    verdict: Annotated[str, Field(max_length=60)]


class ConfirmedRepair(BaseModel):
    """Who confirmed the repair of a revision's georeference, and when."""

    verdict: str
    by: str
    at: datetime


class NotAssessed(BaseModel):
    """Something that was not tested, with the reason; Chinese, ``*_en`` English."""

    model_config = ConfigDict(extra="allow")
    what: str
    what_en: str = ""
    why: str
    why_en: str = ""
