"""Which elements carry load, and how early a place is built: what severity adds to the class."""

from dataclasses import dataclass

import numpy as np

from bimcore.arrays import F64, I64, Mask
from bimcore.model import Scene
from clash.roles import Roles

#: Metres between two floors below which they are one level (screed, landings, split files).
ONE_LEVEL = 1.2
#: Metres below a floor that still count to it: what is cut into the slab.
IN_SLAB = 0.3


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Bearing:
    """Structural roles of all E elements of a scene.

    Attributes
    ----------
    frame : (E,) bool
        Columns, beams and structural members.
    footing : (E,) bool
    plate : (E,) bool
        Walls and slabs that carry load.

    """

    frame: Mask
    footing: Mask
    plate: Mask

    @property
    def any(self) -> Mask:
        """Elements (E,) that carry load."""
        found: Mask = self.frame | self.footing | self.plate
        return found


def bearing_of(scene: Scene, roles: Roles) -> Bearing:
    """Who carries load: by the property ``LoadBearing`` where it is given, else by trade."""
    told, denied = says_load_bearing(scene, "TRUE"), says_load_bearing(scene, "FALSE")
    structural = roles.of_discipline("structure")
    frame = roles.any_of("column", "beam", "nib") | (roles["member"] & (structural | told))
    plate = roles.any_of("wall", "slab") & (structural | told)
    return Bearing(frame=frame & ~denied, footing=roles["footing"], plate=plate & ~denied)


def says_load_bearing(scene: Scene, value: str) -> Mask:
    """Elements (E,) whose ``LoadBearing`` has `value`."""
    parts = [np.zeros(0, dtype=np.bool_)]
    for model in scene.models:
        table = model.properties
        words = [w for w in table.value.words if w.upper() == value]
        entries = table.name.mask(["LoadBearing"]) & table.value.mask(words)
        blank = np.zeros(len(model), dtype=np.bool_)
        parts.append(table.having(entries) if entries.any() else blank)
    found: Mask = np.concatenate(parts)
    return found


def levels_of(scene: Scene) -> F64:
    """Heights (L,) of the floors of all models together, from below."""
    known = [m.elements.storey_elevation for m in scene.models]
    heights = np.sort(np.concatenate([np.zeros(0), *known]))
    heights = heights[np.isfinite(heights)]
    found: list[float] = []
    for height in heights.tolist():
        if not found or height - found[-1] > ONE_LEVEL:
            found.append(height)
    return np.array(found, dtype=np.float64)


def level_at(levels: F64, height: F64) -> I64:
    """The level (C,) that each height (C,) is on, 0 the lowest; -1 where none is known."""
    if not len(levels):
        return np.full(len(height), -1, dtype=np.int64)
    found: I64 = np.searchsorted(levels, height + IN_SLAB, side="right") - 1
    return np.maximum(found, 0)
