"""New words for units of angles that are not given, and for placements on grids."""

import math
from typing import Any

import numpy as np

from bimcore.arrays import F64
from bimcore.ifc.access import class_of, is_a, of_class
from bimcore.ifc.placement import Placements
from bimcore.ifc.rewording import Rewriter, numbers

#: Placements within each other that the kernel follows with certainty.
_MOST_LEVELS = 50


class Angles(Rewriter):
    """Files without a unit of angles mean radians; the referee would turn the other way."""

    def work(self) -> None:
        """Look at every instance of the family."""
        self.each("IfcUnitAssignment", self._assignment)

    def _assignment(self, assignment: Any) -> None:
        units = self.reader.many(assignment, "Units")
        if units and all(self.reader.text(u, "UnitType") != "PLANEANGLEUNIT" for u in units):
            radian = self.draft.add("IFCSIUNIT(*,.PLANEANGLEUNIT.,$,.RADIAN.)")
            listed = ",".join(f"#{u.id()}" for u in units)
            self.draft.say(assignment, f"IFCUNITASSIGNMENT(({listed},{radian}))")


class Chains(Rewriter):
    """Placements within very many others become one: the kernel stops counting on the way."""

    def work(self) -> None:
        """Look at every instance of the family."""
        depth: dict[int, int] = {}
        placements = Placements(self.reader)
        for product in of_class(self.file, "IfcProduct"):
            placement = self.reader.one(product, "ObjectPlacement")
            if self._depth(placement, depth) > _MOST_LEVELS:
                self._flatten(placement, placements)

    def _depth(self, placement: Any, depth: dict[int, int]) -> int:
        """Placements above and with one; 0 where they lead into a circle."""
        path: list[int] = []
        while placement is not None and placement.id() not in depth:
            depth[placement.id()] = 0
            path.append(placement.id())
            placement = self.reader.one(placement, "PlacementRelTo")
        level = 0 if placement is None else depth[placement.id()]
        for number in reversed(path):
            level += 1
            depth[number] = level
        return level

    def _flatten(self, placement: Any, placements: Placements) -> None:
        matrix = placements.world(placement)
        if class_of(placement) != "IfcLocalPlacement" or not np.isfinite(matrix).all():
            return
        origin = self.draft.point(matrix[:3, 3].tolist())
        up, along = (
            self.draft.add(f"IFCDIRECTION({numbers(matrix[:3, k].tolist())})") for k in (2, 0)
        )
        axes = self.draft.add(f"IFCAXIS2PLACEMENT3D({origin},{up},{along})")
        self.draft.say(placement, f"IFCLOCALPLACEMENT($,{axes})")


class Grids(Rewriter):
    """A placement at the crossing of two straight grid axes becomes one within the grid's."""

    def work(self) -> None:
        """Look at every instance of the family."""
        self.each("IfcGridPlacement", self._placement)

    def _placement(self, placement: Any) -> None:
        crossing = self.reader.get(placement, "PlacementLocation")
        axes = self.reader.many(crossing, "IntersectingAxes")
        given = self.reader.get(crossing, "OffsetDistances") or ()
        offsets = [*map(float, given), 0.0, 0.0, 0.0][:3]
        lines = [self._line(a, o) for a, o in zip(axes, offsets, strict=False)]
        grid = self._grid(axes[0])
        if grid is None or self.reader.get(placement, "PlacementRefDirection"):
            return
        point = _meet(*lines)
        origin = self.draft.point((*point.tolist(), offsets[2]))
        up = self.draft.add("IFCDIRECTION((0.,0.,1.))")
        along = self.draft.add(f"IFCDIRECTION({numbers([*lines[0][1].tolist(), 0.0])})")
        axis = self.draft.add(f"IFCAXIS2PLACEMENT3D({origin},{up},{along})")
        within = self.reader.get(grid, "ObjectPlacement")
        parent = "$" if within is None else f"#{within.id()}"
        self.draft.say(placement, f"IFCLOCALPLACEMENT({parent},{axis})")

    def _line(self, axis: Any, offset: float) -> tuple[F64, F64]:
        """A point and the direction of a straight axis, moved to its left by `offset`."""
        points = self.polyline(self.reader.get(axis, "AxisCurve"))
        if len(points) != 2:
            message = "the axis is not straight"
            raise ValueError(message)
        one, two = (np.array(p[:2]) for p in points)
        along = (two - one) / math.dist(one, two)
        if self.reader.get(axis, "SameSense") is False:
            along = -along
        return one + offset * np.array([-along[1], along[0]]), along

    def _grid(self, axis: Any) -> Any:
        return next((g for g in self.file.get_inverse(axis) if is_a(g, "IfcGrid")), None)


def _meet(one: tuple[F64, F64], two: tuple[F64, F64]) -> F64:
    """Where two lines of the plane meet.

    Raises
    ------
    ZeroDivisionError
        Where they run side by side.

    """
    (p, u), (q, v) = one, two
    turn, way = float(u[0] * v[1] - u[1] * v[0]), q - p
    found: F64 = p + u * (float(way[0] * v[1] - way[1] * v[0]) / turn)
    return found
