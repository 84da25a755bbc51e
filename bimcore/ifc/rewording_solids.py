"""New words for swept, revolved and constructed solids that kernels misread or do not know."""

import math
from collections.abc import Sequence
from itertools import chain
from typing import Any

import numpy as np

from bimcore.arrays import F64
from bimcore.ifc.access import class_of, is_a
from bimcore.ifc.placement import axis_placement
from bimcore.ifc.rewording import Rewriter, numbers, real
from bimcore.ifc.rewording_outlines import CIRCLE_M, Curves, Outlines

#: Metres by which the section of a pipe may shrink at a corner before the corner is refined.
_PINCH_M = 5e-4
_BOUNDED = ("IfcBoundedCurve", "IfcCompositeCurve", "IfcPolyline", "IfcTrimmedCurve")
_ROUND = 24
_ON = {
    "IfcFixedReferenceSweptAreaSolid": "FixedReference",
    "IfcSurfaceCurveSweptAreaSolid": "ReferenceSurface",
}


class Disks(Rewriter):
    """Pipes and bars along lines with corners keep their section up to the corner."""

    def work(self) -> None:
        """Look at every instance of the family."""
        self.each("IfcSweptDiskSolid", self._disk)
        self.each("IfcFixedReferenceSweptAreaSolid", self._area)
        self.each("IfcSurfaceCurveSweptAreaSolid", self._area)

    def _area(self, solid: Any) -> None:
        """A profile along a line with corners."""
        points = self.polyline(self.reader.get(solid, "Directrix"))
        limits = [self.reader.get(solid, n) for n in ("StartParam", "EndParam")]
        if len(points) < 3 or len(points[0]) != 3 or limits != [None, None]:
            return
        profile, place, on = (
            self.reader.get(solid, n) for n in ("SweptArea", "Position", _ON[class_of(solid)])
        )
        reach = max(
            self.length(profile, n) for n in profile.get_info() if self._is_length(profile, n)
        )
        made = self._cornered(np.array(points), reach / 2, math.nan)
        if len(made) > len(points):
            line = self.draft.add(self.draft.polyline(made))
            where = "$" if place is None else f"#{place.id()}"
            words = f"(#{profile.id()},{where},{line},$,$,#{on.id()})"
            self.draft.say(solid, class_of(solid).upper() + words)

    def _is_length(self, profile: Any, name: str) -> bool:
        return not math.isnan(self.length(profile, name))

    def _disk(self, disk: Any) -> None:
        directrix = self.reader.get(disk, "Directrix")
        points = self.polyline(directrix)
        if points and len(points[0]) == 3:
            self._along(disk, directrix, np.array(points))
        elif is_a(directrix, *_BOUNDED) and self._is_whole(disk, 0):
            self._say(disk, f"#{directrix.id()}")

    def _say(self, disk: Any, directrix: str) -> None:
        radius, inner = (self.length(disk, n) for n in ("Radius", "InnerRadius"))
        if radius > 0:
            hole = real(inner) if inner > 0 else "$"
            self.draft.say(disk, f"IFCSWEPTDISKSOLID({directrix},{real(radius)},{hole},$,$)")

    def _is_whole(self, disk: Any, last: int) -> bool:
        """Whether the limits of a disk are not to be taken at their word.

        IFC2X3 asks for them, and exporters that mean all of the directrix write 0 and 1, or
        the number of its segments.
        """
        limits = self.reader.number(disk, "StartParam"), self.reader.number(disk, "EndParam")
        if None in limits:
            return False
        return self.file.schema == "IFC2X3" or limits in ((0.0, 1.0), (0.0, float(last)))

    def _along(self, disk: Any, directrix: Any, points: F64) -> None:
        start, end = (self.reader.number(disk, n) for n in ("StartParam", "EndParam"))
        trimmed = not (start is None and end is None) and not self._is_whole(disk, len(points) - 1)
        if trimmed and class_of(directrix) != "IfcPolyline":
            return
        if trimmed:
            points = _part(points, start or 0.0, len(points) - 1.0 if end is None else end)
        points = points[np.append(True, (np.diff(points, axis=0) != 0).any(axis=1))]
        fillet = self.length(disk, "FilletRadius")
        made = self._cornered(points, self.length(disk, "Radius"), fillet)
        if len(points) > 1 and (len(made) > len(points) or not (start is None and end is None)):
            line = self.draft.add(self.draft.polyline(made))
            self._say(disk, line)

    def _cornered(self, points: F64, radius: float, fillet: float) -> list[list[float]]:
        """The line with its corners rounded by `fillet`, or refined where the pipe would shrink."""
        made = [points[0].tolist()]
        for before, here, after in zip(points[:-2], points[1:-1], points[2:], strict=True):
            ways = before - here, after - here
            sizes = [float(np.linalg.norm(w)) for w in ways]
            one, two = (w / s for w, s in zip(ways, sizes, strict=True))
            turn = math.pi - math.acos(float(np.clip(one @ two, -1.0, 1.0)))
            room = 0.45 * min(sizes)
            if fillet > 0 and 1e-3 < turn < math.pi - 1e-3:
                made += self._rounded(
                    here, (one, two), turn, min(fillet * math.tan(turn / 2), room)
                )
            elif radius * self.units.length_m * (1 - math.cos(turn / 2)) > _PINCH_M:
                reach = min(radius * math.tan(min(turn, 3.0) / 2), room)
                made += [
                    (here + reach * one).tolist(),
                    here.tolist(),
                    (here + reach * two).tolist(),
                ]
            else:
                made.append(here.tolist())
        return [*made, points[-1].tolist()]

    def _rounded(
        self, corner: F64, ways: tuple[F64, F64], turn: float, reach: float
    ) -> list[list[float]]:
        """Points of the arc that meets both `ways` from a corner at the distance `reach`."""
        radius = reach / math.tan(turn / 2)
        middle = ways[0] + ways[1]
        middle /= np.linalg.norm(middle)
        centre = corner + middle * radius / math.cos(turn / 2)
        across = (ways[1] - ways[0]) / np.linalg.norm(ways[1] - ways[0])
        count = self.pieces(radius, turn, least=math.ceil(turn / math.radians(7.5)))
        angle = turn * (np.arange(count + 1) / count - 0.5)
        rays = np.outer(np.sin(angle), across) - np.outer(np.cos(angle), middle)
        found: list[list[float]] = (centre + radius * rays).tolist()
        return found


def _part(points: F64, start: float, end: float) -> F64:
    """The part of a line between two parameters, which count its segments."""
    limits = [min(max(v, 0.0), len(points) - 1.0) for v in (start, end)]
    between = points[math.floor(limits[0]) + 1 : math.ceil(limits[1])]
    whole = np.arange(len(points), dtype=np.float64)
    ends = [[np.interp(v, whole, points[:, k]) for k in range(3)] for v in limits]
    return np.array([ends[0], *between.tolist(), ends[1]])


class Hollows(Curves):
    """Revolved profiles with a hole: their outline runs along a slit around the hole."""

    def work(self) -> None:
        """Look at every instance of the family."""
        self.each("IfcRevolvedAreaSolid", self._solid)

    def _solid(self, solid: Any) -> None:
        angle = self.reader.number(solid, "Angle")
        parts = [self.reader.get(solid, n) for n in ("Position", "Axis")]
        if angle is None or class_of(solid) != "IfcRevolvedAreaSolid":
            return
        place, axis = ("$" if p is None else f"#{p.id()}" for p in parts)
        area = self.reader.get(solid, "SweptArea")
        if is_a(area, "IfcCompositeProfileDef"):
            several = [f"#{p.id()},{place},{axis},{real(angle)}" for p in self._profiles(area)]
            self._joined(solid, [f"IFCREVOLVEDAREASOLID({s})" for s in several])
            return
        loops = self._loops(area)
        if loops is None:
            return
        outline = self.draft.add(self.draft.polyline(_slit(*loops)))
        profile = self.draft.add(f"IFCARBITRARYCLOSEDPROFILEDEF(.AREA.,$,{outline})")
        self.draft.say(solid, f"IFCREVOLVEDAREASOLID({profile},{place},{axis},{real(angle)})")

    def _profiles(self, area: Any) -> tuple[Any, ...]:
        return self.reader.many(area, "Profiles")

    def _joined(self, solid: Any, parts: Sequence[str]) -> None:
        """Say the union of several solids, of which kernels would make the first alone."""
        if len(parts) < 2:
            return
        whole = self.draft.add(parts[0])
        for part in parts[1:-1]:
            whole = self.draft.add(f"IFCBOOLEANRESULT(.UNION.,{whole},{self.draft.add(part)})")
        last = self.draft.add(parts[-1])
        self.draft.say(solid, f"IFCBOOLEANRESULT(.UNION.,{whole},{last})")

    def _loops(self, profile: Any) -> tuple[F64, F64] | None:
        """The outline and the one hole of a profile, without the closing point."""
        matrix = axis_placement(self.reader.get(profile, "Position"), self.reader)
        wall = self.length(profile, "WallThickness")
        if is_a(profile, "IfcCircleHollowProfileDef"):
            radius = self.length(profile, "Radius")
            if not 0 < wall < radius:
                return None
            rings = [self.circle(r, matrix, least=_ROUND) for r in (radius, radius - wall)]
            return rings[0], rings[1]
        if is_a(profile, "IfcRectangleHollowProfileDef"):
            half = np.array([self.length(profile, n) for n in ("XDim", "YDim")]) / 2
            if not 0 < wall < half.min():
                return None
            square = np.array([[-1, -1], [1, -1], [1, 1], [-1, 1]])
            flat = [(square * h) @ matrix[:2, :2].T + matrix[:2, 3] for h in (half, half - wall)]
            return flat[0], flat[1]
        return self._drawn(profile)

    def _drawn(self, profile: Any) -> tuple[F64, F64] | None:
        inner = self.reader.many(profile, "InnerCurves")
        if not is_a(profile, "IfcArbitraryProfileDefWithVoids") or len(inner) != 1:
            return None
        curves = [self.ring(c) for c in (self.reader.get(profile, "OuterCurve"), *inner)]
        if not all(len(c) for c in curves):
            return None
        return curves[0], curves[1]


def _slit(outer: F64, inner: F64) -> list[list[float]]:
    """One closed line along the outline, through a slit and back along the hole."""
    outer = outer if _area(outer) > 0 else outer[::-1]
    inner = inner if _area(inner) < 0 else inner[::-1]
    apart = np.linalg.norm(outer[:, None] - inner[None], axis=2)
    one, two = np.unravel_index(int(np.argmin(apart)), apart.shape)
    round_, hole = np.roll(outer, -int(one), axis=0), np.roll(inner, -int(two), axis=0)
    line = np.concatenate([round_, round_[:1], hole, hole[:1], round_[:1]])
    found: list[list[float]] = line.tolist()
    return found


def _area(ring: F64) -> float:
    nexts = np.roll(ring, -1, axis=0)
    return float((ring[:, 0] * nexts[:, 1] - ring[:, 1] * nexts[:, 0]).sum()) / 2


class Primitives(Outlines):
    """Cylinders and cones become swept solids, half spaces ones that kernels cut with."""

    def work(self) -> None:
        """Look at every instance of the family."""
        self._spare_cutters()
        self.each("IfcRightCircularCylinder", self._cylinder)
        self.each("IfcRightCircularCone", self._cone)
        self.each("IfcCsgSolid", self._root)
        self.each("IfcBoxedHalfSpace", self._boxed)
        self.each("IfcBooleanResult", self._intersection)

    def _root(self, solid: Any) -> None:
        root = self.reader.get(solid, "TreeRootExpression")
        if is_a(root, "IfcCsgPrimitive3D") and root.id() in self.draft.words:
            self.draft.say(solid, self.draft.words[root.id()])

    def _boxed(self, half: Any) -> None:
        self.draft.say(half, self._half(half, turned=False))

    def _intersection(self, result: Any) -> None:
        second = self.reader.get(result, "SecondOperand")
        if self.reader.get(result, "Operator") == "INTERSECTION" and class_of(second) in (
            "IfcHalfSpaceSolid",
            "IfcBoxedHalfSpace",
        ):
            first = self.reader.get(result, "FirstOperand").id()
            other = self.draft.add(self._half(second, turned=True))
            self.draft.say(result, f"IFCBOOLEANRESULT(.DIFFERENCE.,#{first},{other})")

    def _half(self, half: Any, *, turned: bool) -> str:
        agrees = (self.reader.get(half, "AgreementFlag") is True) != turned
        surface = self.reader.get(half, "BaseSurface")
        return f"IFCHALFSPACESOLID(#{surface.id()},{'.T.' if agrees else '.F.'})"

    def _cylinder(self, solid: Any) -> None:
        radius, height = self.length(solid, "Radius"), self.length(solid, "Height")
        place = self.reader.get(solid, "Position")
        if not (radius > 0 and height > 0 and place is not None):
            return
        if radius * self.units.length_m > CIRCLE_M and solid.id() not in self.spared:
            matrix, way = axis_placement(place, self.reader), np.array([0, 0, height])
            self.draft.say(solid, self.prism([self.circle(radius, np.eye(4))], matrix, way))
            return
        profile = self.draft.add(f"IFCCIRCLEPROFILEDEF(.AREA.,$,$,{real(radius)})")
        up = self.draft.add("IFCDIRECTION((0.,0.,1.))")
        words = f"IFCEXTRUDEDAREASOLID({profile},#{place.id()},{up},{real(height)})"
        self.draft.say(solid, words)

    def _cone(self, solid: Any) -> None:
        radius, height = self.length(solid, "BottomRadius"), self.length(solid, "Height")
        place = self.reader.get(solid, "Position")
        if not (radius > 0 and height > 0 and place is not None):
            return
        matrix = axis_placement(place, self.reader)
        line = self.draft.polyline([(0, 0), (radius, 0), (0, height), (0, 0)])
        profile = self.draft.add(f"IFCARBITRARYCLOSEDPROFILEDEF(.AREA.,$,{self.draft.add(line)})")
        # the profile stands upright: its second axis is that of the cone
        ways = [
            self.draft.add(f"IFCDIRECTION({numbers(w)})") for w in (-matrix[:3, 1], matrix[:3, 0])
        ]
        origin = self.draft.point(matrix[:3, 3])
        upright = self.draft.add(f"IFCAXIS2PLACEMENT3D({origin},{ways[0]},{ways[1]})")
        foot, axis = self.draft.point((0, 0, 0)), self.draft.add("IFCDIRECTION((0.,1.,0.))")
        turn = self.draft.add(f"IFCAXIS1PLACEMENT({foot},{axis})")
        round_ = real(2 * math.pi / self.units.angle_rad)
        words = f"IFCREVOLVEDAREASOLID({profile},{upright},{turn},{round_})"
        self.draft.say(solid, words)


class Facets(Rewriter):
    """Breps with cavities and indices of indices become plain breps and indices."""

    def work(self) -> None:
        """Look at every instance of the family."""
        self.each("IfcFacetedBrepWithVoids", self._brep)
        self.each("IfcTriangulatedFaceSet", self._unindexed)
        self.each("IfcPolygonalFaceSet", self._unindexed)

    def _brep(self, brep: Any) -> None:
        shells = [self.reader.get(brep, "Outer"), *self.reader.many(brep, "Voids")]
        faces = [self._faces(s, outwards=k == 0) for k, s in enumerate(shells)]
        if all(faces):
            shell = self.draft.add(f"IFCCLOSEDSHELL(({','.join(chain(*faces))}))")
            self.draft.say(brep, f"IFCFACETEDBREP({shell})")

    def _faces(self, shell: Any, *, outwards: bool) -> list[str]:
        """Faces of a shell that looks outwards, or into its inside."""
        faces = self.reader.many(shell, "CfsFaces")
        turned = (self._volume(faces) > 0) != outwards
        return [self._turned(f) if turned else f"#{f.id()}" for f in faces]

    def _turned(self, face: Any) -> str:
        bounds = []
        for bound in self.reader.many(face, "Bounds"):
            loop = self.reader.get(bound, "Bound")
            flag = ".F." if self.reader.get(bound, "Orientation") else ".T."
            bounds.append(self.draft.add(f"{class_of(bound).upper()}(#{loop.id()},{flag})"))
        return self.draft.add(f"IFCFACE(({','.join(bounds)}))")

    def _volume(self, faces: Sequence[Any]) -> float:
        total = 0.0
        for face in faces:
            for bound in self.reader.many(face, "Bounds"):
                loop = self.reader.get(bound, "Bound")
                ring = [self.coordinates(p) for p in self.reader.many(loop, "Polygon")]
                if len(ring) >= 3 and all(len(p) == 3 for p in ring):
                    p = np.array(ring)
                    fan = np.cross(p[1:-1], p[2:]) @ p[0]
                    total += float(fan.sum()) * (1 if self.reader.get(bound, "Orientation") else -1)
        return total

    def _unindexed(self, faces: Any) -> None:
        places = self.reader.get(faces, "PnIndex")
        points = self.reader.get(self.reader.get(faces, "Coordinates"), "CoordList") or ()
        if not places or not all(1 <= int(i) <= len(points) for i in places):
            return
        rows = ",".join(numbers(points[int(i) - 1]) for i in places)
        listed = self.draft.add(f"IFCCARTESIANPOINTLIST3D(({rows}){self._tail()})")
        closed = {True: ".T.", False: ".F."}.get(self.reader.get(faces, "Closed"), "$")
        if is_a(faces, "IfcPolygonalFaceSet"):
            parts = ",".join(f"#{f.id()}" for f in self.reader.many(faces, "Faces"))
            self.draft.say(faces, f"IFCPOLYGONALFACESET({listed},{closed},({parts}),$)")
            return
        triangles = self.reader.get(faces, "CoordIndex") or ()
        corners = ",".join(f"({','.join(str(int(i)) for i in t)})" for t in triangles)
        self.draft.say(faces, f"IFCTRIANGULATEDFACESET({listed},$,{closed},({corners}),$)")

    def _tail(self) -> str:
        """Tags of the points, which IFC4X3 added."""
        return ",$" if self.file.schema_identifier.startswith("IFC4X3") else ""
