"""The way of a layer's plan coordinates into the project."""

from dataclasses import replace

from bimcore.findings import Finding
from gis import layer_codes as codes
from gis.crs import Crs, parse
from gis.errors import LayerError
from gis.operations import Transformation, UnsafeTransformation, transformation


def in_plan(crs: str | None) -> Crs:
    """The system without its heights, which have a way of their own (:mod:`gis.heights`)."""
    return replace(parse(crs or ""), vertical="")


def way_between(crs: str | None, project: str | None) -> tuple[Crs, Transformation]:
    """A layer's system, and the change of eastings and northings from it to the project's.

    Raises
    ------
    LayerError
        When a CRS is missing or no safe transformation exists.

    """
    if crs is None or project is None:
        raise LayerError(codes.CRS_MISSING, hint_zh="", hint_en="")
    source, target = in_plan(crs), in_plan(project)
    try:
        return parse(crs), transformation(source, target)
    except UnsafeTransformation as err:
        raise LayerError(codes.LAYER_UNSAFE, source=source.title, target=target.title) from err


def budget_of(change: Transformation) -> list[Finding]:
    """The finding that a change is not exact; none where it is."""
    if change.budget <= 0.0:
        return []
    return [
        Finding.of(
            codes.LAYER_BUDGET,
            source=change.source.title,
            target=change.target.title,
            budget_m=change.budget,
        )
    ]
