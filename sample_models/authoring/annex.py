"""Small models beside the building: placed in another way, or wrongly on purpose."""

from sample_models.authoring import place
from sample_models.authoring.parts import Kind, Part, Sheet, Storey
from sample_models.authoring.shapes import span

LEVEL = Storey("1F", 0.0)


#: Where the pavilions stand: the one on the grid of zone 35, and the one of control points,
#: whose west wall reaches 100 mm into the other's east wall.
WEST, EAST = (45.0, 24.0), (48.9, 25.6)


def build(name: str, *, at: tuple[float, float] = (46.0, 12.0), absolute: bool = False) -> Sheet:
    """A pavilion with its corner `at`; `absolute` draws it at its map coordinates."""
    sheet = Sheet(name)
    x, y = (place.EAST, place.NORTH) if absolute else (0.0, 0.0)
    x, y = x + at[0], y + at[1]
    kind = Kind("IfcWallType", "连廊墙 200", "SOLIDWALL")
    for side, (dx, dy) in {
        "south": ((0.0, 4.0), (0.0, 0.2)),
        "north": ((0.0, 4.0), (3.8, 4.0)),
        "west": ((0.0, 0.2), (0.2, 3.8)),
        "east": ((3.8, 4.0), (0.2, 3.8)),
    }.items():
        sheet.add(
            Part(
                key=f"wall/{side}",
                ifc_class="IfcWall",
                name="连廊墙 200",
                storey="1F",
                predefined="SOLIDWALL",
                kind=kind,
                body=span((x + dx[0], x + dx[1]), (y + dy[0], y + dy[1]), (0.0, 3.0)),
            )
        )
    return sheet
