"""Bodies of building parts in the building frame, in metres."""

from dataclasses import dataclass
from math import hypot, sqrt

Vec = tuple[float, float, float]
Flat = tuple[float, float]

UP: Vec = (0.0, 0.0, 1.0)
EAST: Vec = (1.0, 0.0, 0.0)


@dataclass(frozen=True, slots=True)
class Rect:
    """A rectangle about the origin; `wall` > 0 makes it a hollow box section."""

    width: float
    height: float
    wall: float = 0.0


@dataclass(frozen=True, slots=True)
class Disc:
    """A circle about the origin; `wall` > 0 makes it a ring."""

    radius: float
    wall: float = 0.0


@dataclass(frozen=True, slots=True)
class Outline:
    """A polygon, counter-clockwise, not repeated at the end."""

    points: tuple[Flat, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Prism:
    """A profile at `at`, standing across `axis`, pushed `depth` along it.

    The x axis of the profile is `ref`; its y axis is ``axis x ref``.
    """

    at: Vec
    axis: Vec = UP
    ref: Vec = EAST
    profile: Rect | Disc | Outline
    depth: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Faces:
    """A boundary of plane faces over `points`, seen counter-clockwise from outside."""

    at: Vec
    points: tuple[Vec, ...]
    faces: tuple[tuple[int, ...], ...]
    axis: Vec = UP
    ref: Vec = EAST


Body = Prism | Faces

#: Corners of a unit box: bottom then top, and its six faces from outside.
BOX_FACES = ((0, 3, 2, 1), (4, 5, 6, 7), (0, 1, 5, 4), (1, 2, 6, 5), (2, 3, 7, 6), (3, 0, 4, 7))


def span(x: Flat, y: Flat, z: Flat) -> Prism:
    """A box between the given limits, standing upright."""
    return Prism(
        at=((x[0] + x[1]) / 2, (y[0] + y[1]) / 2, z[0]),
        profile=Rect(x[1] - x[0], y[1] - y[0]),
        depth=z[1] - z[0],
    )


def bar(start: Vec, end: Vec, profile: Rect | Disc | Outline) -> Prism:
    """A profile pushed from `start` to `end`; its width is level, its height is upright."""
    step = tuple(b - a for a, b in zip(start, end, strict=True))
    length = sqrt(sum(s * s for s in step))
    axis: Vec = (step[0] / length, step[1] / length, step[2] / length)
    level = hypot(axis[0], axis[1])
    ref: Vec = EAST if level < 1e-9 else (-axis[1] / level, axis[0] / level, 0.0)
    return Prism(at=start, axis=axis, ref=ref, profile=profile, depth=length)


def pipe(start: Vec, end: Vec, diameter: float, *, wall: float = 0.0) -> Prism:
    """A round bar of the outer `diameter`; a tube where `wall` is given."""
    return bar(start, end, Disc(diameter / 2, wall))


def cross(a: Vec, b: Vec) -> Vec:
    """The vector product."""
    return (a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0])


def dot(a: Vec, b: Vec) -> float:
    """The scalar product."""
    return a[0] * b[0] + a[1] * b[1] + a[2] * b[2]


def minus(a: Vec, b: Vec) -> Vec:
    """The difference ``a - b``."""
    return (a[0] - b[0], a[1] - b[1], a[2] - b[2])


def within(body: Body, host: Body) -> tuple[Vec, Vec, Vec]:
    """Position, axis and ref of `body` in the local axes of `host`."""
    x, z = host.ref, host.axis
    y = cross(z, x)

    def turned(v: Vec) -> Vec:
        return (dot(v, x), dot(v, y), dot(v, z))

    return turned(minus(body.at, host.at)), turned(body.axis), turned(body.ref)
