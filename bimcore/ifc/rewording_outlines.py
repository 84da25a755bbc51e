"""New words for extruded outlines whose corners and curves kernels would smooth away."""

import math
from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np

from bimcore.arrays import F64
from bimcore.ifc.access import Reader, as_number, class_of, is_a
from bimcore.ifc.placement import Units, axis_placement
from bimcore.ifc.rewording import Draft, Rewriter

#: The kernel divides a circle into 36: good enough up to this radius (metres).
CIRCLE_M = 0.5
#: It divides arcs through three points into eight a quarter: good up to this one.
_ARC_M = 0.2
#: It takes outlines of so many corners, and of edges so short on the mean and at most as parts
#: of their diagonal, for drawn curves, and leaves out corners.
_MANY = 24
_SHORT_MEAN = 1 / 16
_SHORT_MOST = 0.10
#: Items that are made of others.
_NESTED = ("IfcMappedItem", "IfcBooleanResult", "IfcCsgSolid")
#: How far the corners stand off that it leaves out: a part of the diagonal, but so much at least.
_SMOOTH = 0.01
_SMOOTH_M = 0.005
#: Corners times openings that the kernel cuts in about two seconds where the host is a brep.
_MOST = 2000
_MOST_OF_ALL = 20_000
#: New instances that are worth their time: the second kernel reads them all.
_MOST_ADDED = 2_000_000
#: Metres by which small outlines may be off: not worth a brep.
_SLIGHT_M = 0.0025

#: Composite curves within composite curves, and points of one, that are worth following.
_LEVELS = 2
#: Metres between the segments of a composite curve that are a rounding, no gap.
_GAP_M = 1e-3
#: Metres apart that two corners are one.
_SAME_M = 1e-6
_POINTS = 20_000

Ring = list[tuple[float, ...]]


class Curves(Rewriter):
    """Knows the points of plane curves, as many as keep the chords close."""

    def ring(self, curve: Any) -> F64:
        """Points (N, 2) of a closed curve without the repeated one; none for unknown curves."""
        points = self._points(curve, 0)
        found = np.array([p[:2] for p in points], dtype=np.float64).reshape(-1, 2)
        if len(found) > 1:
            apart = np.linalg.norm(found - np.roll(found, 1, axis=0), axis=1)
            found = found[apart * self.units.length_m > _SAME_M]
        return found if len(found) >= 3 else np.zeros((0, 2))

    def band(self, profile: Any) -> list[F64]:
        """Outline (N, 2) of a centre line with a thickness, and its hole where the line is closed.

        None for unknown curves.
        """
        given = self._points(self.reader.get(profile, "Curve"), 0)
        half = self.length(profile, "Thickness") / 2
        line = np.array([p[:2] for p in given], dtype=np.float64).reshape(-1, 2)
        apart = np.linalg.norm(np.diff(line, axis=0), axis=1) * self.units.length_m
        line = line[np.append(apart > _SAME_M, True)] if len(line) else line
        if len(line) < 2 or not half > 0:
            return []
        if math.dist(line[0], line[-1]) * self.units.length_m <= _SAME_M:
            line = np.concatenate([line[:-1], line[:1]])  # closed, but for rounding
            return [beside(line, s * half) for s in sorted((1, -1), key=lambda s: s * _area(line))]
        return [np.concatenate([beside(line, -half), beside(line, half)[::-1]])]

    def circle(self, radius: float, matrix: F64, *, least: int = 36) -> F64:
        """Points (N, 2) of a circle in the plane of `matrix` (4, 4), in file units."""
        count = self.pieces(radius, 2 * math.pi, least=least)
        return self._turned(radius, matrix, np.arange(count) / count * 2 * math.pi)

    def face(self, loops: Sequence[Sequence[str]]) -> str:
        """A reference to a new face: its outline and its holes, of references to points."""
        bounds = []
        for k, loop in enumerate(loops):
            kind = "IFCFACEBOUND" if k else "IFCFACEOUTERBOUND"
            ring = self.draft.add(f"IFCPOLYLOOP(({','.join(loop)}))")
            bounds.append(self.draft.add(f"{kind}({ring},.T.)"))
        return self.draft.add(f"IFCFACE(({','.join(bounds)}))")

    def _turned(self, radius: float, matrix: F64, angles: F64) -> F64:
        rays = np.outer(np.cos(angles), matrix[:2, 0]) + np.outer(np.sin(angles), matrix[:2, 1])
        found: F64 = matrix[:2, 3] + radius * rays
        return found

    def _points(self, curve: Any, level: int) -> Ring:
        if level > _LEVELS:
            return []
        if class_of(curve) == "IfcIndexedPolyCurve":
            return self._indexed(curve)
        if is_a(curve, "IfcPolyline"):
            return self.polyline(curve)
        if class_of(curve) == "IfcCircle":
            radius = self.length(curve, "Radius")
            place = axis_placement(self.reader.get(curve, "Position"), self.reader)
            return _tuples(self.circle(radius, place)) if radius > 0 else []
        if class_of(curve) == "IfcTrimmedCurve":
            return self._trimmed(curve)
        if class_of(curve) == "IfcCompositeCurve":
            return self._composite(curve, level)
        return []

    def _composite(self, curve: Any, level: int) -> Ring:
        found: Ring = []
        for segment in self.reader.many(curve, "Segments"):
            points = self._points(self.reader.get(segment, "ParentCurve"), level + 1)
            if not points or len(found) + len(points) > _POINTS:
                return []
            points = points if self.reader.get(segment, "SameSense") is True else points[::-1]
            gap = math.dist(found[-1][:2], points[0][:2]) if found else 0.0
            if gap * self.units.length_m > _GAP_M:
                return []
            found += points
        return found

    def _indexed(self, curve: Any) -> Ring:
        given = self.arcs(curve)
        points: Ring = []
        for place, (point, middle) in enumerate(given):
            if middle and 0 < place < len(given) - 1:
                points += self._arc(given[place - 1][0], point, given[place + 1][0])
            else:
                points.append(point)
        return points

    def _arc(self, start: Sequence[float], middle: Sequence[float], end: Sequence[float]) -> Ring:
        """Points between the ends of an arc of the plane."""
        centre = centre_of(start, middle, end)
        if centre is None:
            return [tuple(middle)]
        angles = [math.atan2(p[1] - centre[1], p[0] - centre[0]) for p in (start, middle, end)]
        whole, half = ((a - angles[0]) % (2 * math.pi) for a in (angles[2], angles[1]))
        whole -= 2 * math.pi if half > whole else 0.0
        radius = math.dist(centre, start[:2])
        count = self.pieces(radius, whole, least=math.ceil(abs(whole) / math.radians(11.3)))
        matrix = np.eye(4)
        matrix[:2, 3] = centre
        turn = angles[0] + whole * np.arange(1, count) / count
        return _tuples(self._turned(radius, matrix, turn))

    def _trimmed(self, curve: Any) -> Ring:
        """Points of an arc of a circle, or of a straight line."""
        basis = self.reader.get(curve, "BasisCurve")
        if is_a(basis, "IfcLine"):
            ends = [self._given(curve, n) for n in ("Trim1", "Trim2")]
            return [] if None in ends else [e for e in ends if e is not None]
        radius = self.length(basis, "Radius")
        if class_of(basis) != "IfcCircle" or not radius > 0:
            return []
        matrix = axis_placement(self.reader.get(basis, "Position"), self.reader)
        one, two = (self._angle(curve, n, matrix) for n in ("Trim1", "Trim2"))
        if math.isnan(one) or math.isnan(two):
            return []
        if self.reader.get(curve, "SenseAgreement") is True:
            whole = (two - one) % (2 * math.pi) or 2 * math.pi
        else:
            whole = -((one - two) % (2 * math.pi) or 2 * math.pi)
        count = self.pieces(radius, whole, least=math.ceil(abs(whole) / math.radians(11.3)))
        return _tuples(self._turned(radius, matrix, one + whole * np.arange(count + 1) / count))

    def _given(self, curve: Any, name: str) -> tuple[float, ...] | None:
        """The point that a trim gives."""
        for value in self.reader.get(curve, name) or ():
            if is_a(value, "IfcCartesianPoint"):
                return self.coordinates(value) or None
        return None

    def _angle(self, curve: Any, name: str, matrix: F64) -> float:
        """Where on its circle a trim lies, in radians; NaN where it does not say."""
        point = self._given(curve, name)
        values = [as_number(v) for v in self.reader.get(curve, name) or () if v is not None]
        turned = next((v for v in values if v is not None), None)
        if turned is not None and (point is None or self._by_parameter(curve)):
            return turned * self.units.angle_rad
        if point is None:
            return math.nan
        ray = np.array(point[:2]) - matrix[:2, 3]
        return math.atan2(float(ray @ matrix[:2, 1]), float(ray @ matrix[:2, 0]))

    def _by_parameter(self, curve: Any) -> bool:
        return self.reader.text(curve, "MasterRepresentation") == "PARAMETER"


class Outlines(Curves):
    """Extrusions that the kernel would smooth become shells of plane faces.

    Attributes
    ----------
    spared : set of int
        Items that cut others.
    cuts : Counter
        Openings of the products that an item is part of.
    spent : int
        Corners times openings of the solids that were said as breps.

    """

    def __init__(self, file: Any, reader: Reader, units: Units, draft: Draft) -> None:
        super().__init__(file, reader, units, draft)
        self.spared: set[int] = set()
        self.cuts: Counter[int] = Counter()
        self.spent = 0

    def work(self) -> None:
        """Look at every instance of the family."""
        self._spare_cutters()
        self.each("IfcRelVoidsElement", self._count)
        self.each("IfcExtrudedAreaSolid", self._solid)

    def _spare_cutters(self) -> None:
        """Leave what cuts to the kernel: cutting with many faces takes it minutes."""
        self.each("IfcFeatureElementSubtraction", lambda o: self.spared.update(self._made_of(o)))
        self.each(
            "IfcBooleanResult",
            lambda r: self.spared.update(self._within(self.reader.many(r, "SecondOperand"))),
        )

    def _count(self, relation: Any) -> None:
        for host in self.reader.many(relation, "RelatingBuildingElement"):
            self.cuts.update(self._made_of(host))

    def _made_of(self, product: Any) -> set[int]:
        """Instance numbers of the items that a product is made of."""
        shape = self.reader.get(product, "Representation")
        kinds = self.reader.many(shape, "Representations")
        return self._within([i for k in kinds for i in self.reader.many(k, "Items")])

    def _within(self, items: Sequence[Any]) -> set[int]:
        waiting, found = list(items), set()
        while waiting:
            item = waiting.pop()
            if item.id() in found:
                continue
            found.add(item.id())
            if not is_a(item, *_NESTED):
                continue
            source = self.reader.get(item, "MappingSource")
            waiting += self.reader.many(self.reader.get(source, "MappedRepresentation"), "Items")
            for name in ("FirstOperand", "SecondOperand", "TreeRootExpression"):
                waiting += self.reader.many(item, name)
        return found

    def _solid(self, solid: Any) -> None:
        if class_of(solid) != "IfcExtrudedAreaSolid":
            return
        rings = self._rings(self.reader.get(solid, "SweptArea"))
        if not rings:
            return
        effort = sum(map(len, rings)) * self.cuts[solid.id()]
        room = len(self.draft.added) + len(self.draft.fine_added) < _MOST_ADDED
        many = effort > min(_MOST, _MOST_OF_ALL - self.spent)
        if room and not many and solid.id() not in self.spared:
            self.spent += effort
            self._shell(solid, rings)
            return
        size = float(np.linalg.norm(np.ptp(rings[0], axis=0))) * self.units.length_m
        self.draft.smoothed[solid.id()] = max(_SMOOTH_M, _SMOOTH * size)
        if room:
            self.draft.aside = True
            self._shell(solid, rings)
            self.draft.aside = False

    def _rings(self, profile: Any) -> list[F64]:
        """Outline and holes of a profile that must not be left to the kernel."""
        if is_a(profile, "IfcCircleProfileDef"):
            return self._round(profile)
        if is_a(profile, "IfcCenterLineProfileDef"):
            bands = self.band(profile)
            coarse = self._is_coarse(self.reader.get(profile, "Curve"))
            return bands if coarse or any(self._is_smoothed(b) for b in bands) else []
        if not is_a(profile, "IfcArbitraryClosedProfileDef"):
            return []
        curves = [self.reader.get(profile, "OuterCurve")]
        curves += self.reader.many(profile, "InnerCurves")
        if not any(self._may_matter(c) for c in curves):
            return []
        rings = [self.ring(c) for c in curves]
        if not all(len(r) for r in rings):
            return []
        coarse = any(self._is_coarse(c) for c in curves)
        return rings if coarse or any(self._is_smoothed(r) for r in rings) else []

    def _is_smoothed(self, ring: F64) -> bool:
        """Whether the kernel would leave out corners of an outline to more than a slight effect."""
        size = float(np.linalg.norm(np.ptp(ring, axis=0))) * self.units.length_m
        return _SMOOTH * size > _SLIGHT_M and _looks_drawn(ring)

    def _round(self, profile: Any) -> list[F64]:
        radius, wall = (self.length(profile, n) for n in ("Radius", "WallThickness"))
        if not radius * self.units.length_m > CIRCLE_M:
            return []
        matrix = axis_placement(self.reader.get(profile, "Position"), self.reader)
        hollow = is_a(profile, "IfcCircleHollowProfileDef")
        if hollow and not 0 < wall < radius:
            return []
        radii = (radius, radius - wall) if hollow else (radius,)
        return [self.circle(r, matrix) for r in radii]

    def _may_matter(self, curve: Any) -> bool:
        """Whether a curve is worth a closer look; most are plain rectangles."""
        points = self.reader.get(curve, "Points") if is_a(curve, "IfcPolyline") else None
        return points is None or len(points) >= _MANY

    def _is_coarse(self, curve: Any) -> bool:
        """Whether the kernel divides the arcs of a curve into too few pieces."""
        if class_of(curve) == "IfcCircle":
            return self.length(curve, "Radius") * self.units.length_m > CIRCLE_M
        if class_of(curve) == "IfcIndexedPolyCurve":
            given = self.arcs(curve)
            for k, (point, middle) in enumerate(given[1:-1], start=1):
                centre = centre_of(given[k - 1][0], point, given[k + 1][0]) if middle else None
                if centre and math.dist(centre, point[:2]) * self.units.length_m > _ARC_M:
                    return True
        return False

    def _shell(self, solid: Any, rings: Sequence[F64]) -> None:
        depth = self.length(solid, "Depth")
        ratios = self.reader.get(self.reader.get(solid, "ExtrudedDirection"), "DirectionRatios")
        way = np.array(ratios if ratios and len(ratios) == 3 else (0, 0, 1), dtype=np.float64)
        if depth > 0 and way[2]:
            matrix = axis_placement(self.reader.get(solid, "Position"), self.reader)
            matrix[:3, 3] -= self.draft.shifts.get(solid.id(), 0.0)
            self.draft.say(solid, self.prism(rings, matrix, way * depth / np.linalg.norm(way)))

    def prism(self, rings: Sequence[F64], matrix: F64, way: F64) -> str:
        """The words of a brep: an outline and its holes in a plane, drawn along `way`.

        Parameters
        ----------
        rings : sequence of (N, 2) float64
            In the plane of `matrix`, in file units, without a repeated point.
        matrix : (4, 4) float64
        way : (3,) float64
            In the axes of `matrix`.

        """
        bottom: list[list[str]] = []
        top: list[list[str]] = []
        sides: list[list[list[str]]] = []
        for k, ring in enumerate(rings):
            turned = (_area(ring) * way[2] > 0) != (k == 0)
            flat = np.column_stack([ring[::-1] if turned else ring, np.zeros(len(ring))])
            low, high = (
                [self.draft.point(p) for p in (f @ matrix[:3, :3].T + matrix[:3, 3]).tolist()]
                for f in (flat, flat + way)
            )
            bottom.append(low[::-1])
            top.append(high)
            rows = zip(low, low[1:] + low[:1], high[1:] + high[:1], high, strict=True)
            sides += [[list(r)] for r in rows]
        faces = ",".join(self.face(loops) for loops in (bottom, top, *sides))
        return f"IFCFACETEDBREP({self.draft.add(f'IFCCLOSEDSHELL(({faces}))')})"


def _looks_drawn(ring: F64) -> bool:
    """Whether the kernel takes the corners (N, 2) of an outline for those of a drawn curve."""
    if len(ring) < _MANY:
        return False
    edges = np.linalg.norm(np.roll(ring, -1, axis=0) - ring, axis=1)
    across = float(np.linalg.norm(ring.max(axis=0) - ring.min(axis=0)))
    # a little wider than the kernel's own limits: rounding must not decide
    mean, most = 1.02 * _SHORT_MEAN * across, 1.02 * _SHORT_MOST * across
    return bool(edges.mean() <= mean and edges.max() <= most)


def beside(line: F64, off: float) -> F64:
    """The line (N, 2) that runs `off` to the left of another; closed where that is.

    Corners are mitred, very sharp ones no further than four times the distance.
    """
    ways = np.diff(line, axis=0)
    left = np.column_stack([-ways[:, 1], ways[:, 0]]) / np.linalg.norm(ways, axis=1)[:, None]
    if np.array_equal(line[0], line[-1]):
        line, before, after = line[:-1], np.roll(left, 1, axis=0), left
    else:
        before, after = np.concatenate([left[:1], left]), np.concatenate([left, left[-1:]])
    both = before + after
    shrunk = np.maximum((both * both).sum(axis=1) / 2, 0.125)
    found: F64 = line + off * both / shrunk[:, None]
    return found


def _area(ring: F64) -> float:
    nexts = np.roll(ring, -1, axis=0)
    return float((ring[:, 0] * nexts[:, 1] - ring[:, 1] * nexts[:, 0]).sum()) / 2


def _tuples(points: F64) -> Ring:
    return [tuple(p) for p in points.tolist()]


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
