"""Products whose curves are so wide that the kernel must divide them more finely."""

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from bimcore.ifc.access import ACCESS_ERRORS, Reader, of_class
from bimcore.ifc.parts import products_of
from bimcore.ifc.placement import Units
from bimcore.ifc.rewording import Draft
from bimcore.ifc.rewording_outlines import Curves
from bimcore.ifc.tessellate import Quality

#: Into how many chords the kernel divides a turn unless it is asked for more.
_CHORDS = 24
#: Metres that a chord may stand off its arc.
_OFF_M = 2.5e-3


class Radii(Curves):
    """Finds revolved solids, spheres and pipes of large radius, and who is made of them."""

    def __init__(self, file: Any, reader: Reader) -> None:
        super().__init__(file, reader, Units(file, reader), Draft(free=0))

    def products(self) -> dict[int, Quality]:
        """Quality that products need, by instance number; the others do with the usual one."""
        found: dict[int, Quality] = {}
        families: tuple[tuple[str, Callable[[Any], float]], ...] = (
            ("IfcRevolvedAreaSolid", self._reach),
            ("IfcSphere", lambda s: self.length(s, "Radius")),
            ("IfcSweptDiskSolid", lambda s: self.length(s, "Radius")),
        )
        for name, radius in families:
            for solid in of_class(self.file, name):
                try:
                    quality = _quality(radius(solid) * self.units.length_m)
                    if quality:
                        self._tell(solid, quality, found)
                except (*ACCESS_ERRORS, ArithmeticError):
                    continue
        return found

    def _reach(self, solid: Any) -> float:
        """How far the profile of a revolved solid reaches from its axis, in file units."""
        axis, profile = (self.reader.get(solid, n) for n in ("Axis", "SweptArea"))
        origin = self.coordinates(self.reader.get(axis, "Location"))[:2]
        ratios = self.reader.get(self.reader.get(axis, "Axis"), "DirectionRatios") or (0, 0, 1)
        along = np.array(ratios[:2], dtype=np.float64)
        place = self.reader.get(self.reader.get(profile, "Position"), "Location")
        points = self.ring(self.reader.get(profile, "OuterCurve"))
        if not len(points):
            points = np.array([self.coordinates(place)[:2] or (0.0, 0.0)])
        size = float(np.linalg.norm(along))
        if len(origin) != 2 or not size:
            return math.nan
        across = np.array([-along[1], along[0]]) / size
        return float(np.abs((points - np.array(origin)) @ across).max())

    def _tell(self, solid: Any, quality: Quality, found: dict[int, Quality]) -> None:
        """Note the products that are made of `solid`."""
        for number in products_of(self.file, self.reader, solid):
            found[number] = max(quality, found.get(number, quality), key=len)


def _quality(radius: float) -> Quality | None:
    """What is asked of the kernel for a radius in metres; None where the usual will do."""
    off = radius * (1 - math.cos(math.pi / _CHORDS))
    if not off > _OFF_M:
        return None
    return "high" if off <= 4 * _OFF_M else "highest"
