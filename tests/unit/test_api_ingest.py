"""What an ingested file tells of its place, as the service keeps it."""

import math
from dataclasses import replace

from api.project_file import Placement, placement_of
from api.tasks.ingest import placement_json
from gis.conversion import Conversion

REPAIR = Conversion(
    crs="EPSG:4545",
    eastings=357600.0,
    northings=3278880.0,
    height=268.5,
    rotation=math.radians(30),
    scale=(1.0002, 1.0002, 1.0),
)


def test_a_proposed_repair_can_be_entered_as_a_placement():
    again = placement_of(placement_json(REPAIR))

    assert replace(again, rotation_deg=30.0) == Placement(
        crs="EPSG:4545",
        eastings=357600.0,
        northings=3278880.0,
        height=268.5,
        rotation_deg=30.0,
        scale=1.0002,
    )
    assert math.isclose(again.rotation_deg, 30.0)


def test_a_repair_that_no_placement_can_say_is_not_proposed():
    bent = replace(REPAIR, scale=(1.0002, 1.0001, 1.0))
    local = replace(REPAIR, topocentric=(106.5, 29.6, 268.5))

    assert [placement_json(bent), placement_json(local)] == [None, None]
