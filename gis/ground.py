"""The height of the ground: of the terrain layers, else of the project's own number."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from bimcore.arrays import F64
from bimcore.frame import Frame
from gis.rulebook import ProjectRules


class Surface(Protocol):
    """A terrain in the project frame, as this room needs it."""

    @property
    def name(self) -> str:
        """Name of the layer."""

    @property
    def accuracy(self) -> float | None:
        """Metres, one standard deviation; None where nobody said."""

    def heights(self, xy: F64) -> F64:
        """Heights (N,) at plan points (N, 2); NaN outside."""


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Ground:
    """What is known of the height of the ground.

    Attributes
    ----------
    surfaces : tuple of Surface
        The first that covers a point counts.
    level : float or None
        Height in the project frame where no surface covers a point.
    uncertainty : float
        Metres; 0 for a level that the project entered.

    """

    surfaces: tuple[Surface, ...] = ()
    level: float | None = None
    uncertainty: float = 0.0

    @property
    def known(self) -> bool:
        """Whether the ground is known anywhere."""
        return bool(self.surfaces) or self.level is not None

    @property
    def name(self) -> str:
        """What a finding calls the source of the height."""
        return " / ".join(s.name for s in self.surfaces)

    def at(self, xy: F64) -> F64:
        """Heights (N,) in the project frame at plan points (N, 2); NaN where not known."""
        found = np.full(len(xy), np.nan)
        for surface in self.surfaces:
            open_ = np.isnan(found)
            if open_.any():
                found[open_] = surface.heights(xy[open_])
        if self.level is not None:
            found[np.isnan(found)] = self.level
        return found


def ground_of(surfaces: Sequence[Surface], *, rules: ProjectRules, project: Frame) -> Ground:
    """The ground of a project."""
    entered = rules.number("site.ground")
    stated = [s.accuracy for s in surfaces if s.accuracy is not None]
    default = rules.number("uncertainty.terrain") or 0.0
    doubt = 2 * max(stated) if stated else default
    return Ground(
        surfaces=tuple(surfaces),
        level=None if entered is None else entered - float(project.origin[2]),
        uncertainty=doubt if surfaces else 0.0,
    )
