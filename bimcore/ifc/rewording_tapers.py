"""New words for revolved solids that taper and for profiles drawn by their centre line."""

import math
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np

from bimcore.arrays import F64
from bimcore.ifc.access import class_of, is_a
from bimcore.ifc.placement import axis_placement
from bimcore.ifc.rewording_outlines import Curves

#: Chords of a turn, of a round profile, and profiles within profiles that are worth following.
_TURN = 48
_ROUND = 36
_LEVELS = 4


class Bands(Curves):
    """Profiles of a centre line and a thickness get an outline: kernels make sheets of them."""

    def work(self) -> None:
        """Look at every instance of the family."""
        self.each("IfcCenterLineProfileDef", self._profile)

    def _profile(self, profile: Any) -> None:
        rings = [self.draft.add(self.draft.polyline([*r, r[0]])) for r in self._rings(profile)]
        if len(rings) == 1:
            self.draft.say(profile, f"IFCARBITRARYCLOSEDPROFILEDEF(.AREA.,$,{rings[0]})")
        elif rings:
            words = f"IFCARBITRARYPROFILEDEFWITHVOIDS(.AREA.,$,{rings[0]},({rings[1]}))"
            self.draft.say(profile, words)

    def _rings(self, profile: Any) -> list[list[list[float]]]:
        return [r.tolist() for r in self.band(profile)]


class Tapers(Curves):
    """Revolved solids whose profile changes on the way become faces: kernels leave it as it is."""

    def work(self) -> None:
        """Look at every instance of the family."""
        self.each("IfcRevolvedAreaSolidTapered", self._solid)

    def _solid(self, solid: Any) -> None:
        self.draft.lacking.add(solid.id())  # until it is said otherwise
        ends = [self._profile(self.reader.get(solid, n), 0) for n in ("SweptArea", "EndSweptArea")]
        angle = (self.reader.number(solid, "Angle") or 0.0) * self.units.angle_rad
        alike = [[len(r) for r in e] for e in ends]
        if not ends[0] or alike[0] != alike[1] or not 0 < abs(angle) < 2 * math.pi - 1e-6:
            return
        axis = self.reader.get(solid, "Axis")
        foot = np.array([*self.coordinates(self.reader.get(axis, "Location")), 0.0, 0.0][:3])
        ratios = self.reader.get(self.reader.get(axis, "Axis"), "DirectionRatios") or (0, 0, 1)
        along = np.array(ratios, dtype=np.float64)
        if len(along) != 3 or not np.linalg.norm(along):
            return
        matrix = axis_placement(self.reader.get(solid, "Position"), self.reader)
        reach = max(float(np.linalg.norm(p - foot[:2])) for e in ends for r in e for p in r)
        count = self.pieces(reach, angle, least=math.ceil(_TURN * abs(angle) / (2 * math.pi)))
        turns = [_turn(along, angle * k / count) for k in range(count + 1)]
        tubes = []
        for start, end in zip(*ends, strict=True):
            rings = []
            for k, turn in enumerate(turns):
                flat = start + (end - start) * (k / count)
                local = (np.column_stack([flat, np.zeros(len(flat))]) - foot) @ turn.T + foot
                rings.append(local @ matrix[:3, :3].T + matrix[:3, 3])
            tubes.append([[self.draft.point(p) for p in r.tolist()] for r in rings])
        self.draft.say(solid, self._closed(tubes))
        self.draft.lacking.discard(solid.id())

    def _closed(self, tubes: Sequence[Sequence[Sequence[str]]]) -> str:
        """The words of a brep of tubes, an outer one and those of its holes, and two caps."""
        faces = [self.face([t[0][::-1] for t in tubes]), self.face([t[-1] for t in tubes])]
        for tube in tubes:
            for low, high in pairwise(tube):
                for k in range(len(low)):
                    a, b, c, d = low[k - 1], low[k], high[k], high[k - 1]
                    faces += [self.face([[a, b, c]]), self.face([[a, c, d]])]
        shell = self.draft.add(f"IFCCLOSEDSHELL(({','.join(faces)}))")
        return f"IFCFACETEDBREP({shell})"

    def _profile(self, profile: Any, level: int) -> list[F64]:
        """Outline and holes of a profile, counter-clockwise and clockwise; none for unknown ones."""
        if is_a(profile, "IfcDerivedProfileDef") and level < _LEVELS:
            rings = self._profile(self.reader.get(profile, "ParentProfile"), level + 1)
            return _wound([self._derived(profile, r) for r in rings])
        position = axis_placement(self.reader.get(profile, "Position"), self.reader)
        wall = self.length(profile, "WallThickness")
        walls = [0.0] if math.isnan(wall) else [0.0, wall]
        if is_a(profile, "IfcCircleProfileDef"):
            radius = self.length(profile, "Radius")
            turn = np.arange(_ROUND) / _ROUND * 2 * math.pi
            unit = np.column_stack([np.cos(turn), np.sin(turn)])
            flat = [unit * (radius - w) for w in walls]
        elif class_of(profile) in ("IfcRectangleProfileDef", "IfcRectangleHollowProfileDef"):
            half = np.array([self.length(profile, n) for n in ("XDim", "YDim")]) / 2
            square = np.array([[-1.0, -1.0], [1.0, -1.0], [1.0, 1.0], [-1.0, 1.0]])
            flat = [square * (half - w) for w in walls]
        elif is_a(profile, "IfcArbitraryClosedProfileDef"):
            curves = [self.reader.get(profile, "OuterCurve")]
            curves += self.reader.many(profile, "InnerCurves")
            flat, position = [self.ring(c) for c in curves], np.eye(4)
        else:
            return []
        known = all(len(r) and np.isfinite(r).all() for r in flat)
        turned = [r @ position[:2, :2].T + position[:2, 3] for r in flat]
        return _wound(turned) if known else []

    def _derived(self, profile: Any, ring: F64) -> F64:
        operator = self.reader.get(profile, "Operator")
        if is_a(profile, "IfcMirroredProfileDef") or operator is None:
            return ring * (-1.0, 1.0)
        ratios = self.reader.get(self.reader.get(operator, "Axis1"), "DirectionRatios") or (1, 0)
        size = math.hypot(*ratios[:2])
        # of numbers, not of an array: a direction of no length is an error, no NaN
        along = np.array([float(r) / size for r in ratios[:2]])
        across = np.array([-along[1], along[0]])
        other = self.reader.get(self.reader.get(operator, "Axis2"), "DirectionRatios")
        if other is not None and float(across @ np.array(other[:2])) < 0:
            across = -across
        scale = self.reader.number(operator, "Scale")
        one = 1.0 if scale is None else scale
        two = self.reader.number(operator, "Scale2")
        origin = self.coordinates(self.reader.get(operator, "LocalOrigin"))[:2]
        moved = np.outer(ring[:, 0] * one, along)
        moved += np.outer(ring[:, 1] * (one if two is None else two), across)
        found: F64 = moved + np.array(origin)
        return found


def _wound(rings: Sequence[F64]) -> list[F64]:
    """The outline counter-clockwise and its holes clockwise, each from where it began."""
    found = []
    for k, ring in enumerate(rings):
        nexts = np.roll(ring, -1, axis=0)
        area = float((ring[:, 0] * nexts[:, 1] - ring[:, 1] * nexts[:, 0]).sum())
        right = (area > 0) == (k == 0)
        found.append(ring if right else np.concatenate([ring[:1], ring[:0:-1]]))
    return found


def _turn(along: F64, angle: float) -> F64:
    """Rotation (3, 3) about a direction."""
    x, y, z = along / np.linalg.norm(along)
    cross = np.array([[0.0, -z, y], [z, 0.0, -x], [-y, x, 0.0]])
    found: F64 = np.eye(3) + math.sin(angle) * cross + (1 - math.cos(angle)) * cross @ cross
    return found
