"""What others computed for georeferences, from the conformance set where it is at hand."""

import pytest

from gis.control import ControlPoint, ControlPoints
from tests import real_files

KNOWN = real_files.FOLDER / "conformance/georef/known_answers.json"
needs_answers = pytest.mark.skipif(
    not KNOWN.is_file(), reason=f"{KNOWN} is not there (YUYAN_SHARED)"
)


def control_of(helmert) -> ControlPoints:
    """The control points of the published set ``helmert_2d``."""
    made = tuple(
        ControlPoint(
            number=p["id"],
            local=(p["local_x"], p["local_y"]),
            target=(p["easting"], p["northing"]),
            local_height=p["local_h"],
            height=p["h1985"],
        )
        for p in helmert["control_points"]
    )
    return ControlPoints(crs="EPSG:4544", points=made)
