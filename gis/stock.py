"""The bodies of located models as they are measured against the map."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import shapely
from numpy.typing import NDArray

from bimcore.arrays import F64, I32, I64, Mask, ragged_take
from bimcore.model import Model

#: The ground itself, which is measured against nothing.
GROUND = ("IfcGeographicElement", "IfcEarthworksElement", "IfcEarthworksFill", "IfcEarthworksCut")
#: A body is convex in plan when its triangles cover its outline twice, by this share.
_CONVEX = 1e-6
#: Triangles smaller than this (square metres) in plan stand upright.
_UPRIGHT = 1e-9


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Stock:
    """E physical elements of several models, numbered through.

    Attributes
    ----------
    models : tuple of Model
    model_of, row : (E,) int64
        Model of each element and its row there.
    boxes : (E, 2, 3) float64
    ground : (E,) bool
        Elements that are the ground itself.

    """

    models: tuple[Model, ...]
    model_of: I64
    row: I64
    boxes: F64
    ground: Mask
    _shapes: dict[int, shapely.Geometry] = field(default_factory=dict)

    @classmethod
    def of(cls, models: Sequence[Model]) -> "Stock":
        """All elements of `models` with a body that takes part in clash."""
        owner = [np.zeros(0, np.int64)]
        rows = [np.zeros(0, np.int64)]
        boxes = [np.zeros((0, 2, 3))]
        ground = [np.zeros(0, np.bool_)]
        for number, model in enumerate(models):
            bounds = model.meshes.bounds()
            earth = model.elements.is_a(*GROUND)
            kept = (model.elements.clash_body | earth) & model.meshes.has_body
            kept &= np.isfinite(bounds).all(axis=(1, 2))
            mine = np.flatnonzero(kept)
            owner.append(np.full(len(mine), number, dtype=np.int64))
            rows.append(mine)
            boxes.append(bounds[mine])
            ground.append(earth[mine])
        return cls(
            models=tuple(models),
            model_of=np.concatenate(owner),
            row=np.concatenate(rows),
            boxes=np.concatenate(boxes),
            ground=np.concatenate(ground),
        )

    def __len__(self) -> int:
        return len(self.row)

    def take(self, elements: I64) -> "Stock":
        """The elements wanted, in the order wanted."""
        return Stock(
            models=self.models,
            model_of=self.model_of[elements],
            row=self.row[elements],
            boxes=self.boxes[elements],
            ground=self.ground[elements],
        )

    def is_a(self, *classes: str) -> Mask:
        """Elements (E,) whose class is one of `classes` or inherits from one."""
        found = np.zeros(len(self), dtype=np.bool_)
        for number, model in enumerate(self.models):
            mine = self.model_of == number
            found[mine] = model.elements.is_a(*classes)[self.row[mine]]
        return found

    def texts(self, column: str) -> NDArray[np.object_]:
        """Words (E,) of a coded column or of ``name``; empty where there is none."""
        found = np.full(len(self), "", dtype=object)
        for number, model in enumerate(self.models):
            mine = self.model_of == number
            values = getattr(model.elements, column)
            words = np.array(values if column == "name" else values.texts(), dtype=object)
            if len(words):
                found[mine] = words[self.row[mine]]
        return found

    def guid(self, element: int) -> str:
        """GlobalId of an element."""
        return self._model(element).elements.guid[int(self.row[element])]

    def label(self, element: int) -> str:
        """What people call an element: its name, else its class."""
        table, row = self._model(element).elements, int(self.row[element])
        return table.name[row] or table.ifc_class[row]

    def tag(self, element: int) -> str:
        """Tag of an element: of a buried line, its number."""
        return self._model(element).elements.tag[int(self.row[element])]

    def storey(self, element: int) -> str:
        """Name of the storey, or the empty string."""
        return self._model(element).elements.storey[int(self.row[element])]

    def model_name(self, element: int) -> str:
        """Name of the model of an element."""
        return self._model(element).name

    def body(self, element: int) -> tuple[F64, I32]:
        """Vertices (v, 3) and faces (f, 3) of an element."""
        return self._model(element).meshes.body(int(self.row[element]))

    def _model(self, element: int) -> Model:
        return self.models[int(self.model_of[element])]

    def triangles(self, elements: I64) -> tuple[F64, I64]:
        """Triangles (T, 3, 3) of `elements` with the place (T,) of their element in the list."""
        parts, owners = [np.zeros((0, 3, 3))], [np.zeros(0, np.int64)]
        for number, model in enumerate(self.models):
            places = np.flatnonzero(self.model_of[elements] == number)
            if not len(places):
                continue
            mesh, rows = model.meshes, self.row[elements[places]]
            items, starts = ragged_take(mesh.face_start, rows)
            counts = np.diff(starts)
            shift = np.repeat(mesh.vertex_start[rows], counts)
            parts.append(mesh.vertices[mesh.faces[items].astype(np.int64) + shift[:, None]])
            owners.append(np.repeat(places, counts))
        return np.concatenate(parts), np.concatenate(owners)

    def shapes(self, elements: I64) -> NDArray[np.object_]:
        """What `elements` (N,) cover in plan, as geometries to measure distances from."""
        new = np.array(
            sorted({int(e) for e in np.unique(elements)} - self._shapes.keys()), dtype=np.int64
        )
        if len(new):
            self._shapes.update(zip(new.tolist(), self._outlines(new), strict=True))
        found = np.full(len(elements), None, dtype=object)
        found[:] = [self._shapes[e] for e in elements.tolist()]
        return found

    def shape(self, element: int) -> shapely.Geometry:
        """What one element covers in plan."""
        if element not in self._shapes:
            self.shapes(np.array([element], dtype=np.int64))
        return self._shapes[element]

    def _outlines(self, elements: I64) -> NDArray[np.object_]:
        triangles, owner = self.triangles(elements)
        order = np.argsort(owner, kind="stable")
        flat, owner = triangles[order][:, :, :2], owner[order]
        lines = shapely.linestrings(flat.reshape(-1, 2), indices=np.repeat(owner, 3))
        hulls: NDArray[np.object_] = shapely.convex_hull(lines)
        a, b = flat[:, 1] - flat[:, 0], flat[:, 2] - flat[:, 0]
        area = np.abs(a[:, 0] * b[:, 1] - a[:, 1] * b[:, 0]) / 2
        covered = np.bincount(owner, weights=area, minlength=len(elements))
        hull = shapely.area(hulls)
        # A closed body over a convex outline covers it twice: from above and from below.
        convex = np.abs(covered - 2 * hull) <= _CONVEX * np.maximum(hull, 1.0)
        rest = np.flatnonzero(~convex)
        lying = np.isin(owner, rest) & (area > _UPRIGHT)
        place = np.searchsorted(rest, owner[lying])
        full = np.unique(place)
        if len(full):
            pieces = shapely.multipolygons(
                shapely.polygons(flat[lying]), indices=np.searchsorted(full, place)
            )
            hulls[rest[full]] = pieces
        return hulls

    def near(
        self, geometry: NDArray[np.object_], *, reach: float, elements: I64
    ) -> tuple[I64, I64, F64]:
        """Pairs within `reach` in plan.

        Parameters
        ----------
        geometry : (F,) object
            Features in plan; none is empty.
        reach : float
            Metres, at least 0.
        elements : (N,) int64
            The elements that count.

        Returns
        -------
        element, feature : (P,) int64
            Sorted by element, then feature.
        distance : (P,) float64
            Metres in plan, 0 where they overlap.

        """
        box = self.boxes[elements]
        plan = shapely.box(box[:, 0, 0], box[:, 0, 1], box[:, 1, 0], box[:, 1, 1])
        found = shapely.STRtree(geometry).query(plan, predicate="dwithin", distance=reach)
        element, feature = elements[found[0]], found[1].astype(np.int64)
        distance = shapely.distance(self.shapes(element), geometry[feature])
        kept = distance <= reach
        element, feature, distance = element[kept], feature[kept], distance[kept]
        order = np.lexsort((feature, element))
        return element[order], feature[order], distance[order]

    def spans(self, elements: I64, points: F64) -> F64:
        """Lowest and highest height (N, 2) of `elements` (N,) above plan `points` (N, 2).

        NaN where the plumb line misses the body.
        """
        found = np.full((len(elements), 2), np.nan)
        triangles, owner = self.triangles(elements)
        if not len(owner):
            return found
        here, height = _plumb(triangles, points[owner])
        low = np.full(len(elements), np.inf)
        high = np.full(len(elements), -np.inf)
        np.minimum.at(low, owner[here], height[here])
        np.maximum.at(high, owner[here], height[here])
        hit = low <= high
        found[hit, 0], found[hit, 1] = low[hit], high[hit]
        return found


def _plumb(triangles: F64, points: F64) -> tuple[Mask, F64]:
    """Whether the plumb line at each point (T, 2) meets each triangle (T, 3, 3), and where."""
    a, b, c = (triangles[:, k] for k in range(3))
    u, v, w = b - a, c - a, points - a[:, :2]
    base = u[:, 0] * v[:, 1] - u[:, 1] * v[:, 0]
    lying = np.abs(base) > _UPRIGHT
    base = np.where(lying, base, 1.0)
    s = (w[:, 0] * v[:, 1] - w[:, 1] * v[:, 0]) / base
    t = (u[:, 0] * w[:, 1] - u[:, 1] * w[:, 0]) / base
    slack = 1e-9
    here: Mask = lying & (s >= -slack) & (t >= -slack) & (s + t <= 1 + slack)
    return here, a[:, 2] + s * u[:, 2] + t * v[:, 2]
