"""Coordinate frames and rigid transforms; metres only."""

from dataclasses import dataclass, field

import numpy as np

from bimcore.arrays import F64, readonly


def _zero() -> F64:
    return np.zeros(3)


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Frame:
    """A Cartesian frame in metres, located on the map when `crs` is given.

    Attributes
    ----------
    crs : str or None
        Name such as ``"EPSG:4544+5737"``; None for a local frame that is not located.
    origin : (3,) float64
        Easting, northing and height of the local origin.
    north : float
        Counter-clockwise angle in radians from the map's east axis to the local x axis.

    """

    crs: str | None = None
    origin: F64 = field(default_factory=_zero)
    north: float = 0.0

    def __post_init__(self) -> None:
        """Freeze the origin."""
        object.__setattr__(self, "origin", readonly(self.origin, np.float64, ndim=1))

    @property
    def located(self) -> bool:
        """Whether the frame is tied to a map."""
        return self.crs is not None

    def to_map(self, points: F64) -> F64:
        """Map coordinates (N, 3) easting, northing, height of local `points`."""
        return apply(rigid(angle=self.north, shift=self.origin), points)

    def from_map(self, points: F64) -> F64:
        """Local coordinates (N, 3) of map `points` (easting, northing, height)."""
        cos, sin = np.cos(self.north), np.sin(self.north)
        d = np.asarray(points, dtype=np.float64) - self.origin
        x = cos * d[..., 0] + sin * d[..., 1]
        y = -sin * d[..., 0] + cos * d[..., 1]
        return np.stack([x, y, d[..., 2]], axis=-1)


def rigid(*, angle: float = 0.0, shift: F64 | tuple[float, float, float] = (0, 0, 0)) -> F64:
    """Transform (4, 4): rotation by `angle` about z, then `shift`."""
    t = np.eye(4)
    t[0, 0] = t[1, 1] = np.cos(angle)
    t[1, 0] = np.sin(angle)
    t[0, 1] = -t[1, 0]
    t[:3, 3] = shift
    return t


def apply(transform: F64, points: F64) -> F64:
    """`points` (N, 3) moved by the affine `transform` (4, 4)."""
    moved: F64 = np.asarray(points, dtype=np.float64) @ transform[:3, :3].T
    moved += transform[:3, 3]
    return moved
