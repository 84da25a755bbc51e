"""Coordinate systems that people name, looked at before they are kept."""

from collections.abc import Mapping

from api.codes import UNKNOWN_CRS
from api.project_file import grid_meant
from api.services.errors import Refused
from gis import crs as systems


def check_system(name: str | None, grids: Mapping[str, str], *, degrees: bool = False) -> None:
    """Refuse a coordinate system that no review could use; None and empty are none.

    Parameters
    ----------
    name : str, optional
        What a person wrote: a code, a name, ``tmerc:...`` or a grid of the project.
    grids : mapping
        The project's own grids by name.
    degrees : bool
        Whether longitudes and latitudes will do, as they do for layers.

    """
    meant = grid_meant((name or "").strip(), grids)
    if not meant:
        return
    try:
        found = systems.parse(meant)
    except systems.UnknownCrs as err:
        raise Refused(
            UNKNOWN_CRS, name=str(name)[:80], why_zh="无法识别", why="is not known"
        ) from err
    if found.geographic and not degrees:
        why_zh, why = "以度为单位，不是投影坐标系", "is in degrees, not a projected system"
        raise Refused(UNKNOWN_CRS, name=str(name)[:80], why_zh=why_zh, why=why)
