"""Where a model's storeys and grids are: the building of each storey, the axes of the plan."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from bimcore.arrays import F64, readonly


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Spatial:
    """Names of buildings, and straight grid axes.

    Attributes
    ----------
    buildings : tuple of str
        Name of the building of each word of the storey column; empty where the file names
        none. As many as these words, or none at all.
    tags : tuple of str
        Names of A grid axes: ``"1"``, ``"A"``.
    ends : (A, 2, 3) float64
        Both ends of each axis, in the model's frame.

    """

    buildings: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    ends: F64

    def __post_init__(self) -> None:
        """Freeze and check."""
        object.__setattr__(self, "ends", readonly(self.ends, np.float64, ndim=3))
        if self.ends.shape != (len(self.tags), 2, 3):
            message = "every grid axis needs a name and two ends"
            raise ValueError(message)

    @classmethod
    def of(cls, buildings: Iterable[str] = (), axes: Iterable[tuple[str, F64]] = ()) -> "Spatial":
        """From names and (tag, ends (2, 3)) of each axis."""
        lines = list(axes)
        return cls(
            buildings=tuple(buildings),
            tags=tuple(tag for tag, _ in lines),
            ends=np.array([line for _, line in lines], dtype=np.float64).reshape(-1, 2, 3),
        )

    def moved(self, transform: F64) -> "Spatial":
        """The same with axes moved by an affine `transform` (4, 4)."""
        ends = self.ends @ transform[:3, :3].T + transform[:3, 3]
        return Spatial(buildings=self.buildings, tags=self.tags, ends=ends)
