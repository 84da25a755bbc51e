"""New words for bodies drawn far from the origin of their product, where float32 is coarse."""

from collections import defaultdict
from collections.abc import Container, Iterable, Sequence
from itertools import chain
from typing import Any

import numpy as np

from bimcore.arrays import F64
from bimcore.ifc.access import ACCESS_ERRORS, class_of, is_a, of_class
from bimcore.ifc.placement import Placements, axis_placement
from bimcore.ifc.rewording import Rewriter, numbers
from bimcore.ifc.rewording_shapes import NOT_BODY, NOT_SOLID_TYPES

#: Metres from the origin beyond which the kernel's numbers stand half a millimetre apart.
FAR_M = 4096.0
_SETS = ("IfcTriangulatedFaceSet", "IfcPolygonalFaceSet")
_SURFACES = ("IfcShellBasedSurfaceModel", "IfcFaceBasedSurfaceModel")


class Far(Rewriter):
    """Moves face sets, plain breps and extrusions nearer, all by one and the same way."""

    def work(self) -> None:
        """Note the products that were moved, and how, in the draft."""
        moved: dict[int, list[Any]] = {}
        for product in of_class(self.file, "IfcProduct"):
            try:
                items = self._items(product)
                if items and self._is_far(items):
                    moved[product.id()] = items
            except ACCESS_ERRORS:  # damaged: left to the kernels as it is
                continue
        for apart in self._parted(moved):
            moved.pop(apart, None)
        if not moved:
            return
        items = list(chain(*moved.values()))
        draft = self.draft.words.copy(), self.draft.classes.copy(), self.draft.added.copy()
        if self._can_move(items):
            self.draft.moved = dict.fromkeys(moved, self.way)
            self.draft.shifts = {i.id(): self.way for i in items}
        else:  # others share what would have to move
            self.draft.words, self.draft.classes, self.draft.added = draft

    #: From where the bodies are drawn to near the origin, negated, in file units.
    way: F64 = np.zeros(3)

    def _parted(self, moved: Container[int]) -> set[int]:
        """Elements and their openings that would not move together."""
        placements = Placements(self.reader)
        cuts: dict[int, list[Any]] = defaultdict(list)
        for rel in of_class(self.file, "IfcRelVoidsElement"):
            for host in self.reader.many(rel, "RelatingBuildingElement"):
                cuts[host.id()] += [host, *self.reader.many(rel, "RelatedOpeningElement")]
        found: set[int] = set()
        for several in cuts.values():
            turns = [
                placements.world(self.reader.get(p, "ObjectPlacement"))[:3, :3] for p in several
            ]
            alike = all(np.allclose(t, turns[0], atol=1e-12, rtol=0) for t in turns)
            if not alike or not all(p.id() in moved for p in several):
                found |= {p.id() for p in several}
        return found

    def _items(self, product: Any) -> list[Any]:
        shape = self.reader.get(product, "Representation")
        return [
            item
            for kind in self.reader.many(shape, "Representations")
            if self.reader.text(kind, "RepresentationIdentifier") not in NOT_BODY
            and self.reader.text(kind, "RepresentationType") not in NOT_SOLID_TYPES
            for item in self.reader.many(kind, "Items")
        ]

    def _is_far(self, items: Sequence[Any]) -> bool:
        """Whether all items are far from the origin, but near those that were so before."""
        reach = FAR_M / self.units.length_m
        for item in items:
            anchor = self._anchor(item)
            if len(anchor) != 3 or max(map(abs, anchor)) <= reach:
                return False
            if not self.way.any():
                self.way = np.round(np.array(anchor))
            if np.abs(np.array(anchor) - self.way).max() > reach:
                return False
        return True

    def _anchor(self, item: Any) -> tuple[float, ...]:
        """A point of an item that can be moved; none for any other."""
        if class_of(item) in _SETS and not self.reader.get(item, "PnIndex"):
            listed = self.reader.get(self.reader.get(item, "Coordinates"), "CoordList")
            return tuple(map(float, listed[0])) if listed else ()
        if class_of(item) == "IfcExtrudedAreaSolid":
            place = self.reader.get(item, "Position")
            return self.coordinates(self.reader.get(place, "Location"))
        return next((self.coordinates(p) for p in self._points([item])), ())

    def _points(self, items: Iterable[Any]) -> Iterable[Any]:
        """Points of the loops of breps and surface models."""
        for loop in self._loops(items):
            yield from self.reader.many(loop, "Polygon")

    def _loops(self, items: Iterable[Any]) -> Iterable[Any]:
        many = self.reader.many
        for item in items:
            if class_of(item) == "IfcFacetedBrep":
                shells = many(item, "Outer")
            elif class_of(item) in _SURFACES:
                shells = (*many(item, "SbsmBoundary"), *many(item, "FbsmFaces"))
            else:
                continue
            for face in chain.from_iterable(many(s, "CfsFaces") for s in shells):
                for bound in many(face, "Bounds"):
                    yield from many(bound, "Bound")

    def _can_move(self, items: Sequence[Any]) -> bool:
        try:
            return self._move(items)
        except ACCESS_ERRORS:
            return False

    def _move(self, items: Sequence[Any]) -> bool:
        """Whether every item could be moved without moving anything else."""
        mine = {i.id() for i in items}
        loops = {loop.id() for loop in self._loops(items)}
        for item in items:
            if class_of(item) in _SETS:
                done = self._move_list(self.reader.get(item, "Coordinates"), mine)
            elif class_of(item) == "IfcExtrudedAreaSolid":
                done = self._move_place(self.reader.get(item, "Position"), mine)
            else:
                done = all(self._move_point(p, loops) for p in self._points([item]))
            if not done:
                return False
        return True

    def _is_free(self, instance: Any, users: set[int]) -> bool:
        return all(u.id() in users for u in self.file.get_inverse(instance))

    def _move_list(self, points: Any, users: set[int]) -> bool:
        if points.id() in self.draft.words:
            return True
        listed = np.array(self.reader.get(points, "CoordList"), dtype=np.float64)
        tags = ",$" if self.file.schema_identifier.startswith("IFC4X3") else ""
        rows = ",".join(numbers(p) for p in (listed - self.way).tolist())
        self.draft.say(points, f"IFCCARTESIANPOINTLIST3D(({rows}){tags})")
        return self._is_free(points, users)

    def _move_place(self, place: Any, users: set[int]) -> bool:
        if place.id() in self.draft.words:
            return True
        matrix = axis_placement(place, self.reader)
        origin = self.draft.point(matrix[:3, 3] - self.way)
        up, along = (
            self.draft.add(f"IFCDIRECTION({numbers(matrix[:3, k].tolist())})") for k in (2, 0)
        )
        self.draft.say(place, f"IFCAXIS2PLACEMENT3D({origin},{up},{along})")
        return self._is_free(place, users)

    def _move_point(self, point: Any, users: set[int]) -> bool:
        if point.id() in self.draft.words:
            return True
        moved = np.array(self.coordinates(point)) - self.way
        self.draft.say(point, f"IFCCARTESIANPOINT({numbers(moved.tolist())})")
        return is_a(point, "IfcCartesianPoint") and self._is_free(point, users)
