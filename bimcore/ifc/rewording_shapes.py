"""New words for products with several representations, and for large circles."""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from bimcore.arrays import F64
from bimcore.ifc.access import class_of, is_a
from bimcore.ifc.placement import axis_placement
from bimcore.ifc.rewording import Rewriter, label

#: Representations that are no body of the product, whatever they are made of.
NOT_BODY = frozenset(
    {
        "Axis",
        "Box",
        "FootPrint",
        "Annotation",
        "Profile",
        "Plan",
        "Reference",
        "Lighting",
        "CoG",
        "Clearance",
        "SurveyPoints",
        "Survey Points",
    }
)
NOT_SOLID_TYPES = frozenset(
    {
        "BoundingBox",
        "Curve2D",
        "Curve3D",
        "Curve",
        "GeometricCurveSet",
        "GeometricSet",
        "Annotation2D",
        "Point",
        "PointCloud",
        "Segment",
        "LightSource",
    }
)
#: Kernels divide a circle into 36, an arc through three points into eight a quarter: good
#: enough up to these radii (metres).
_CIRCLE_M = 0.25
_ARC_M = 0.2


class Shapes(Rewriter):
    """Products keep one representation that is a body: kernels join all that have faces."""

    def work(self) -> None:
        """Look at every instance of the family."""
        for shape in self.all("IfcProductDefinitionShape"):
            kinds = self.reader.many(shape, "Representations")
            if len(kinds) < 2:
                continue
            faced = [k for k in kinds if self._type(k) not in NOT_SOLID_TYPES]
            bodies = self._bodies(faced)
            if bodies and len(bodies) < len(faced):
                name, text = (label(self.reader.get(shape, n)) for n in ("Name", "Description"))
                rest = [k for k in kinds if k in bodies or k not in faced]
                listed = ",".join(f"#{k.id()}" for k in rest)
                self.draft.say(shape, f"IFCPRODUCTDEFINITIONSHAPE({name},{text},({listed}))")

    def _type(self, kind: Any) -> str:
        return self.reader.text(kind, "RepresentationType")

    def _bodies(self, kinds: Sequence[Any]) -> list[Any]:
        """Of several representations with faces those that are the body."""
        names = [self.reader.text(k, "RepresentationIdentifier") for k in kinds]
        bodies = [k for k, n in zip(kinds, names, strict=True) if n == "Body"]
        if not bodies:
            return [k for k, n in zip(kinds, names, strict=True) if n not in NOT_BODY]
        views = [
            self.reader.text(self.reader.get(k, "ContextOfItems"), "TargetView") for k in bodies
        ]
        if "MODEL_VIEW" in views:
            other = ("PLAN_VIEW", "SKETCH_VIEW", "GRAPH_VIEW", "REFLECTED_PLAN_VIEW")
            return [k for k, v in zip(bodies, views, strict=True) if v not in other]
        return bodies


class Circles(Rewriter):
    """Large circles in profiles become polygons that stay close to them."""

    def work(self) -> None:
        """Look at every instance of the family."""
        tapered = {
            self.reader.get(s, n).id()
            for name in ("IfcExtrudedAreaSolidTapered", "IfcRevolvedAreaSolidTapered")
            for s in self.all(name)
            for n in ("SweptArea", "EndSweptArea")
            if self.reader.get(s, n) is not None
        }
        for profile in self.all("IfcCircleProfileDef"):
            if profile.id() not in tapered:
                self._profile(profile)
        for profile in self.all("IfcArbitraryClosedProfileDef"):
            curves = [self.reader.get(profile, "OuterCurve")]
            for curve in (*curves, *self.reader.many(profile, "InnerCurves")):
                if class_of(curve) == "IfcCircle":
                    self._circle(curve)
                elif class_of(curve) == "IfcIndexedPolyCurve":
                    self._indexed(curve)

    def _profile(self, profile: Any) -> None:
        radius = self.length(profile, "Radius")
        if not radius * self.units.length_m > _CIRCLE_M:
            return
        matrix = axis_placement(self.reader.get(profile, "Position"), self.reader)
        start = f"(.AREA.,{label(self.reader.get(profile, 'ProfileName'))}"
        outer = self.draft.add(self.draft.polyline(self.ring(radius, matrix)))
        wall = self.length(profile, "WallThickness")
        if not is_a(profile, "IfcCircleHollowProfileDef"):
            self.draft.say(profile, f"IFCARBITRARYCLOSEDPROFILEDEF{start},{outer})")
        elif 0 < wall < radius:
            inner = self.draft.add(self.draft.polyline(self.ring(radius - wall, matrix)))
            self.draft.say(profile, f"IFCARBITRARYPROFILEDEFWITHVOIDS{start},{outer},({inner}))")

    def ring(self, radius: float, matrix: F64, *, least: int = 36) -> list[tuple[float, ...]]:
        """A closed polygon in the plane of `matrix` (4, 4), in file units."""
        count = self.pieces(radius, 2 * math.pi, least=least)
        turn = np.append(np.arange(count) / count, 0.0) * 2 * math.pi
        along, across = matrix[:2, 0], matrix[:2, 1]
        points = matrix[:2, 3] + radius * (
            np.outer(np.cos(turn), along) + np.outer(np.sin(turn), across)
        )
        return [tuple(p) for p in points.tolist()]

    def _circle(self, circle: Any) -> None:
        radius = self.length(circle, "Radius")
        place = self.reader.get(circle, "Position")
        flat = class_of(place) == "IfcAxis2Placement2D"
        users = self.file.get_inverse(circle)
        if (
            radius * self.units.length_m > _CIRCLE_M
            and flat
            and all(is_a(u, "IfcArbitraryClosedProfileDef") for u in users)
        ):
            ring = self.ring(radius, axis_placement(place, self.reader))
            self.draft.say(circle, self.draft.polyline(ring))

    def _indexed(self, curve: Any) -> None:
        """Arcs through three points, where their radius is large."""
        given = self.arcs(curve)
        points: list[tuple[float, ...]] = []
        worth = False
        for place, (point, middle) in enumerate(given):
            if not middle:
                points.append(point)
            elif 0 < place < len(given) - 1:
                arc = self.arc(given[place - 1][0], point, given[place + 1][0])
                points += arc
                worth |= len(arc) > 1
        if worth and len(points) > 2:
            self.draft.say(curve, self.draft.polyline(points))

    def arc(
        self, start: Sequence[float], middle: Sequence[float], end: Sequence[float]
    ) -> list[tuple[float, ...]]:
        """Points between the ends of an arc in the plane; its middle alone where it is small."""
        if len(start) != 2:
            return [tuple(middle)]
        centre = centre_of(start, middle, end)
        if centre is None:
            return [tuple(middle)]
        radius = math.dist(centre, start)
        if radius * self.units.length_m <= _ARC_M:
            return [tuple(middle)]
        angles = [math.atan2(p[1] - centre[1], p[0] - centre[0]) for p in (start, middle, end)]
        whole, half = ((a - angles[0]) % (2 * math.pi) for a in (angles[2], angles[1]))
        if half > whole:
            whole -= 2 * math.pi
        count = self.pieces(radius, whole, least=8)
        turn = angles[0] + whole * np.arange(1, count) / count
        found = np.column_stack(
            [centre[0] + radius * np.cos(turn), centre[1] + radius * np.sin(turn)]
        )
        return [tuple(p) for p in found.tolist()]


def centre_of(
    a: Sequence[float], b: Sequence[float], c: Sequence[float]
) -> tuple[float, float] | None:
    """Centre of the circle through three points of the plane; None where they are in line."""
    bx, by, cx, cy = b[0] - a[0], b[1] - a[1], c[0] - a[0], c[1] - a[1]
    double = 2 * (bx * cy - by * cx)
    if abs(double) <= 1e-12 * max(abs(bx), abs(by), abs(cx), abs(cy)) ** 2:
        return None
    bb, cc = bx * bx + by * by, cx * cx + cy * cy
    return a[0] + (cy * bb - by * cc) / double, a[1] + (bx * cc - cx * bb) / double
