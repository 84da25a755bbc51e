"""Whether a product is a solid by its definition, whatever a kernel made of it."""

from collections import Counter
from typing import Any

import numpy as np

from bimcore.arrays import I32
from bimcore.ifc.access import Reader, is_a

_SOLIDS = ("IfcSolidModel", "IfcBooleanResult", "IfcCsgPrimitive3D")
_FACE_SETS = ("IfcTriangulatedFaceSet", "IfcPolygonalFaceSet")
_SURFACES = ("IfcFaceBasedSurfaceModel", "IfcShellBasedSurfaceModel", "IfcConnectedFaceSet")
_LISTS = ("FbsmFaces", "SbsmBoundary")
_BODIES = frozenset({"Body", "Facetation", ""})
_MAPPINGS = 32


class Solidity:
    """Answers for products; each shared item is looked at once."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._known: dict[int, bool] = {}
        self._cracked = False
        self._points: dict[int, tuple[float, ...]] = {}

    def of(self, product: Any, faces: I32) -> bool:
        """Whether every item of the body of `product` encloses a volume.

        Surface models are looked into only where `faces` (F, 3), made from them, have a few
        open edges.
        """
        self._cracked = is_cracked(faces)
        items = self._items(product)
        return bool(items) and all(self._item(i, 0) for i in items)

    def single(self, product: Any) -> bool:
        """Whether the body of `product` is one item, not several that may lie in each other."""
        return len(self._own(product)) == 1

    def whole(self, product: Any) -> bool:
        """Whether the body of `product` is one item and no construction of several."""
        items = self._own(product)
        return len(items) == 1 and not is_a(items[0], "IfcBooleanResult", "IfcCsgSolid")

    def _own(self, product: Any) -> list[Any]:
        """Items of the body; those of the source where it is nothing but a mapped item."""
        items = self._items(product)
        for _ in range(_MAPPINGS):
            if len(items) != 1 or not is_a(items[0], "IfcMappedItem"):
                break
            source = self._reader.get(items[0], "MappingSource")
            inner = self._reader.get(source, "MappedRepresentation")
            items = list(self._reader.many(inner, "Items"))
        return items

    def _items(self, product: Any) -> list[Any]:
        shape = self._reader.get(product, "Representation")
        return [
            item
            for representation in self._reader.many(shape, "Representations")
            if self._reader.text(representation, "RepresentationIdentifier") in _BODIES
            for item in self._reader.many(representation, "Items")
        ]

    def _item(self, item: Any, level: int) -> bool:
        if level > _MAPPINGS:
            return False
        number = item.id()
        if number not in self._known:
            self._known[number] = False  # a circle ends here
            self._known[number] = self._look(item, level)
        return self._known[number]

    def _look(self, item: Any, level: int) -> bool:
        if is_a(item, "IfcMappedItem"):
            source = self._reader.get(item, "MappingSource")
            inner = self._reader.get(source, "MappedRepresentation")
            items = self._reader.many(inner, "Items")
            return bool(items) and all(self._item(i, level + 1) for i in items)
        if is_a(item, *_SOLIDS):
            return True
        if is_a(item, *_FACE_SETS):
            return self._reader.get(item, "Closed") is True
        return is_a(item, *_SURFACES) and self._cracked and self._is_sealed(item)

    def _is_sealed(self, model: Any) -> bool:
        """Whether each edge of the faces of a surface model joins an even number of them."""
        sets = [s for name in _LISTS for s in self._reader.many(model, name)] or [model]
        edges: Counter[frozenset[tuple[float, ...]]] = Counter()
        for faces in sets:
            for face in self._reader.many(faces, "CfsFaces"):
                for bound in self._reader.many(face, "Bounds"):
                    ring = self._ring(bound)
                    edges.update(
                        frozenset(pair)
                        for pair in zip(ring, (*ring[1:], *ring[:1]), strict=True)
                        if pair[0] != pair[1]
                    )
        return bool(edges) and all(count % 2 == 0 for count in edges.values())

    def _ring(self, bound: Any) -> tuple[tuple[float, ...], ...]:
        loop = self._reader.get(bound, "Bound")
        return tuple(self._point(p) for p in self._reader.many(loop, "Polygon"))

    def _point(self, point: Any) -> tuple[float, ...]:
        number = point.id()
        if number not in self._points:
            self._points[number] = tuple(self._reader.get(point, "Coordinates") or ())
        return self._points[number]


#: A shell with more open edges than this share was drawn open.
_CRACKED = 0.1
#: Reading the faces of larger surface models takes longer than it is worth.
_MOST_FACES = 300


def is_cracked(faces: I32) -> bool:
    """Whether the triangles (F, 3) have few enough open edges to come from a closed shell."""
    edges = np.sort(np.concatenate([faces[:, [0, 1]], faces[:, [1, 2]], faces[:, [2, 0]]]), axis=1)
    key = edges[:, 0].astype(np.int64) * (int(faces.max()) + 1) + edges[:, 1]
    count = np.unique(key, return_counts=True)[1]
    border = int((count % 2).sum())
    return 0 < border <= _CRACKED * len(count) and len(faces) <= _MOST_FACES
