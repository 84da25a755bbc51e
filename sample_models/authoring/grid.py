"""Axes, levels and sizes that all trades of the building share, in metres."""

from sample_models.authoring.parts import Storey

BAY = 8.4
X = tuple(round(BAY * i, 3) for i in range(6))
Y = tuple(round(BAY * i, 3) for i in range(4))

BASEMENT = Storey("B1", -4.8)
FLOORS = (
    Storey("1F", 0.0),
    Storey("2F", 4.8),
    Storey("3F", 9.3),
    Storey("4F", 13.8),
    Storey("5F", 18.3),
)
ROOF = Storey("RF", 22.8)
STOREYS = (BASEMENT, *FLOORS, ROOF)

SLAB = 0.15
BEAM = 0.55  #: below the slab
SECONDARY = 0.45  #: below the slab
COLUMN = 0.30  #: half a column
EDGE = 0.60  #: slab edge outside the axis
CORE_WALL = 0.125  #: half a core wall
FACADE = (0.35, 0.55)  #: inner and outer face outside the axis

#: Slab openings of the core: stair well and service shaft (x, y).
STAIR_WELL = ((17.9, 20.7), (10.5, 15.4))
SHAFT = ((22.2, 24.6), (9.2, 11.2))


def above(storey: Storey) -> Storey:
    """The next level up."""
    return STOREYS[STOREYS.index(storey) + 1]


def soffit(storey: Storey) -> float:
    """Underside of the slab over `storey`."""
    return round(above(storey).elevation - SLAB, 3)


def beam_soffit(storey: Storey) -> float:
    """Underside of the main beams over `storey`."""
    return round(above(storey).elevation - SLAB - BEAM, 3)


def floor(name: str) -> float:
    """Elevation of the level `name`."""
    return next(s.elevation for s in STOREYS if s.name == name)
