"""Openings that the trades asked for in the walls of the corridor."""

from sample_models.authoring import grid
from sample_models.authoring.parts import Opening, Storey
from sample_models.authoring.shapes import span

#: Where branches leave the corridor, from the western axis of each bay.
DUCT_BRANCH, SPRINKLER_BRANCH = 2.1, 6.3


def wall_openings(storey: Storey, side: str, bay: int) -> list[Opening]:
    """Openings of the wall on `side` of the corridor in one bay."""
    x, z = grid.X[bay], storey.elevation
    if side == "north":
        if storey.name == "2F" and bay == 1:
            body = span((11.95, 12.05), (7.7, 8.1), (z + 3.65, z + 3.75))
            return [Opening(key="water", body=body)]
        return []
    y = (5.1, 5.5)
    duct, head = x + DUCT_BRANCH, x + SPRINKLER_BRANCH
    holes = [
        Opening(key="duct", body=span((duct - 0.18, duct + 0.18), y, (z + 3.33, z + 3.57))),
        Opening(
            key="sprinkler", body=span((head - 0.035, head + 0.035), y, (z + 3.115, z + 3.185))
        ),
    ]
    if storey.name == "4F" and bay == 1:
        holes.append(Opening(key="tray", body=span((14.88, 15.12), y, (z + 3.05, z + 3.60))))
    return holes
