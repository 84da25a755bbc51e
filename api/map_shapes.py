"""The shapes of the map document: what stands where, in plan."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field

from api.shapes import NotAssessed, Point, Text


class MapModel(BaseModel):
    """What a model covers of the ground; `group` is None where it is held back.

    `outline` holds polygons, each its outer ring and then its holes, rings without their
    closing point.
    """

    name: str
    discipline: str
    verdict: str
    elements: int
    group: int | None
    outline: list[list[list[list[float]]]]
    tolerance_m: float | None
    z: list[float] | None


class MapFeature(BaseModel):
    """One feature in plan; `parts` are points, lines or polygons after `type`."""

    type: Literal["point", "line", "area"]
    parts: list[Any]
    kind: str | None = None
    width_m: float | None = None
    z: list[float] | None = None
    values: list[Any] | None = None


class MapLine(BaseModel):
    """A contour line."""

    height_m: float
    parts: list[list[list[float]]]


class MapContours(BaseModel):
    """Contour lines of a terrain, whose surface is within `outline`.

    Of a large terrain lines are drawn inside the box `within`, from `every` how many-th
    grid line.
    """

    interval_m: float | None
    low_m: float | None
    high_m: float | None
    lines: list[MapLine]
    outline: list[list[list[list[float]]]]
    within: list[float] | None
    every: int


class MapLayer(BaseModel):
    """A layer in plan: `features`, or for a terrain `contours`.

    `tolerance_m` says by how much shapes were simplified, `one_point_per_m` to which cell
    points were thinned, `fields_left_out` how many fields have no column in `values`.
    """

    name: str
    role: str
    vertical_datum: str | None
    datum_offset_m: float | None
    accuracy_m: float | None
    date: str | None
    count: int
    tolerance_m: float
    one_point_per_m: float | None
    fields: list[str]
    fields_left_out: int
    features: list[MapFeature]
    contours: MapContours | None = None


class MapMarker(BaseModel):
    """Where an issue or a finding is; `main` is the place of the issue itself."""

    issue: str | None
    main: bool
    kind: str
    code: str
    severity: int
    band: str | None
    group: int
    point: Point
    text: str
    text_en: str


class MapDocument(BaseModel):
    """Models, layers and findings in plan, in metres of the project frame (x east, y north).

    Add `origin` for eastings, northings and heights of `crs`. Models of different `group`
    do not share a frame; where `located` is true, group 0 stands on the map.
    """

    schema_: Annotated[str, Field(alias="schema")]
    located: bool
    reason: Text | None
    crs: str | None
    crs_name: str | None
    origin: Point
    origin_lonlat: list[float] | None
    north: float
    groups: int
    models: list[MapModel]
    layers: list[MapLayer]
    not_assessed: list[NotAssessed]
    markers: list[MapMarker]
