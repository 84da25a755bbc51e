"""Bodies that a kernel left uncut or cut coarsely, constructed again from their parts."""

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from bimcore.arrays import F64
from bimcore.ifc.access import ACCESS_ERRORS, class_of, is_a
from bimcore.ifc.booleans import HalfSpace, Mesh, Solid, Unusable, joined, share, within
from bimcore.ifc.placement import Placements, axis_placement, metres, operator_matrix
from bimcore.ifc.repair import close
from bimcore.ifc.rewording_outlines import Curves
from bimcore.ifc.tessellate import mesh_all
from bimcore.mesh import is_closed

_BODIES = frozenset({"Body", "Facetation", ""})
#: Constructions within the second operands of others that are worth following.
_LEVELS = 20
#: Parts of one body, each counted as often as it is met: operands may share what they are made of.
_MOST_PARTS = 20_000
_ROUND = {"IfcCylindricalSurface": "cylinder", "IfcSphericalSurface": "sphere"}
#: Faces of a body beyond which it is made again rather than searched for what was left uncut.
_MOST_FACES = 40_000
_SLACK_M = 1e-3


@dataclass(frozen=True, slots=True, eq=False)
class Tree:
    """A construction: what it starts from, and what is done to that, in order.

    Attributes
    ----------
    item : instance
        What it starts from: a solid or a half space.
    path : tuple of instance
        Mapped items it stands in, the outermost first.
    steps : tuple of (str, Tree)
        Operators with their second operands.

    """

    item: Any
    path: tuple[Any, ...]
    steps: tuple[tuple[str, "Tree"], ...]


@dataclass(slots=True, eq=False)
class Recut:
    """What became of the bodies that were looked at.

    Attributes
    ----------
    bodies : dict
        Those that were constructed again.
    gone : set of int
        Products of which their own cuts leave nothing.
    lacking : set of int
        Products whose cuts were found to be missing, and could not be made.

    """

    bodies: dict[int, Mesh] = field(default_factory=dict)
    gone: set[int] = field(default_factory=set)
    lacking: set[int] = field(default_factory=set)


class Workshop:
    """Takes bodies apart and constructs them again.

    Parameters
    ----------
    curves : Curves
        Knows the outlines of the file.
    data : callable
        The STEP file, with words that divide every curve finely.
    free : int
        An instance number above all that are in use.
    fine : set of int
        Products that a kernel was given coarsely so that it cuts in time.

    """

    def __init__(
        self, curves: Curves, data: Callable[[], bytes], *, free: int, fine: set[int]
    ) -> None:
        self.reader, self.curves, self.fine = curves.reader, curves, fine
        self._data = data
        self.unit_m = curves.units.length_m
        self._free = free
        self._placements = Placements(curves.reader)
        self._added: list[str] = []
        self._wanted: dict[tuple[int, ...], int] = {}
        self._made: dict[int, Mesh] = {}
        self._parts = 0

    def trees(self, product: Any) -> list[Tree]:
        """What the body of `product` is made of.

        Raises
        ------
        Unusable
            Where it is too much to follow.

        """
        self._parts = 0
        shape = self.reader.get(product, "Representation")
        items = [
            item
            for kind in self.reader.many(shape, "Representations")
            if self.reader.text(kind, "RepresentationIdentifier") in _BODIES
            for item in self.reader.many(kind, "Items")
        ]
        return [t for item in items for t in self._trees(item, ())]

    def _trees(self, item: Any, path: tuple[Any, ...]) -> list[Tree]:
        if is_a(item, "IfcMappedItem") and len(path) < _LEVELS:
            inner = self.reader.get(self.reader.get(item, "MappingSource"), "MappedRepresentation")
            parts = self.reader.many(inner, "Items")
            if any(is_a(p, "IfcBooleanResult", "IfcMappedItem", "IfcCsgSolid") for p in parts):
                return [t for p in parts for t in self._trees(p, (*path, item))]
        return [self._tree(item, path, 0)]

    def _tree(self, item: Any, path: tuple[Any, ...], level: int) -> Tree:
        self._parts += 1
        if level > _LEVELS or self._parts > _MOST_PARTS:
            raise Unusable
        start, steps = item, []
        while is_a(item, "IfcBooleanResult", "IfcCsgSolid"):
            if is_a(item, "IfcCsgSolid"):
                inner = self.reader.get(item, "TreeRootExpression")
                if not is_a(inner, "IfcBooleanResult"):
                    break
                item = inner
                continue
            second = self.reader.get(item, "SecondOperand")
            steps.append((self.reader.text(item, "Operator"), second))
            item = self.reader.get(item, "FirstOperand")
        if item is None or any(s is None for _, s in steps):
            raise Unusable
        if not steps:
            return Tree(start, path, ())
        others = [(o, self._tree(s, path, level + 1)) for o, s in reversed(steps)]
        return Tree(item, path, tuple(others))

    def half(self, product: Any, tree: Tree) -> HalfSpace | None:
        """The half space of a tree that is one; None for any other.

        Raises
        ------
        Unusable
            Where its surface is of a kind that is not known.

        """
        item = tree.item
        if not is_a(item, "IfcHalfSpaceSolid"):
            return None
        surface = self.reader.get(item, "BaseSurface")
        kind = "plane" if is_a(surface, "IfcPlane") else _ROUND.get(class_of(surface), "")
        if not kind:
            raise Unusable
        place = self.reader.one(surface, "Position")
        if not is_a(place, "IfcPlacement"):
            raise Unusable
        matrix, sizes = self._axes(product, tree.path, place)
        radius = self.curves.length(surface, "Radius") * self.unit_m * sizes[0]
        if kind != "plane" and not radius > 0:
            raise Unusable
        boundary = None
        if is_a(item, "IfcPolygonalBoundedHalfSpace"):
            axes, wide = self._axes(product, tree.path, self.reader.get(item, "Position"))
            ring = self.curves.ring(self.reader.get(item, "PolygonalBoundary"))
            if not len(ring):
                raise Unusable
            boundary = axes, ring * wide[:2] * self.unit_m
        below = self.reader.get(item, "AgreementFlag") is True
        return HalfSpace(kind, matrix, below=below, radius=radius, boundary=boundary)

    def _axes(self, product: Any, path: Sequence[Any], place: Any) -> tuple[F64, F64]:
        """Axes (4, 4) of length one in metres of the world, and what they were scaled by (3,)."""
        matrix = self._placements.world(self.reader.get(product, "ObjectPlacement"))
        for mapped in path:
            source = self.reader.get(mapped, "MappingSource")
            origin = axis_placement(self.reader.get(source, "MappingOrigin"), self.reader)
            target = operator_matrix(self.reader.get(mapped, "MappingTarget"), self.reader)
            matrix = matrix @ target @ origin  # as both kernels take it
        matrix = metres(matrix @ axis_placement(place, self.reader), self.unit_m)
        sizes: F64 = np.linalg.norm(matrix[:3, :3], axis=0)
        if not sizes.min() > 0:
            raise Unusable
        matrix[:3, :3] /= sizes
        turned = matrix[:3, :3].T @ matrix[:3, :3]
        if not np.allclose(turned, np.eye(3), atol=1e-6):
            raise Unusable
        return matrix, sizes

    def want(self, product: Any, tree: Tree) -> int:
        """The number under which the solid a tree starts from will be made."""
        key = (product.id(), tree.item.id(), *(m.id() for m in tree.path))
        if key not in self._wanted:
            self._wanted[key] = self._say(product, tree)
        return self._wanted[key]

    def _say(self, product: Any, tree: Tree) -> int:
        shape = self.reader.get(product, "Representation")
        kinds = self.reader.many(shape, "Representations")
        context = self.reader.one(kinds[0], "ContextOfItems") if kinds else None
        where = "$" if context is None else f"#{context.id()}"
        item = f"#{tree.item.id()}"
        for mapped in reversed(tree.path):
            source = self.reader.get(mapped, "MappingSource")
            origin, target = (
                self.reader.get(e, n)
                for e, n in ((source, "MappingOrigin"), (mapped, "MappingTarget"))
            )
            inner = self._add(f"IFCSHAPEREPRESENTATION({where},'Body','SolidModel',({item}))")
            source = self._add(f"IFCREPRESENTATIONMAP(#{origin.id()},#{inner})")
            item = f"#{self._add(f'IFCMAPPEDITEM(#{source},#{target.id()})')}"
        body = self._add(f"IFCSHAPEREPRESENTATION({where},'Body','SolidModel',({item}))")
        whole = self._add(f"IFCPRODUCTDEFINITIONSHAPE($,$,(#{body}))")
        place = self.reader.one(product, "ObjectPlacement")
        at = "$" if place is None else f"#{place.id()}"
        name = f"{self._free:022d}"
        return self._add(f"IFCBUILDINGELEMENTPROXY('{name}',$,$,$,$,{at},#{whole},$,$)")

    def _add(self, text: str) -> int:
        self._free += 1
        self._added.append(f"#{self._free}={text};")
        return self._free

    def make(self, products: Iterable[int] = ()) -> None:
        """Make all that is wanted and not made yet, and some products finely."""
        ids = {n for n in (*self._wanted.values(), *products) if n not in self._made}
        if not ids:
            return
        data = self._data()
        end = data.rfind(b"ENDSEC")
        added = "\n".join(self._added).encode("ascii")
        raw = mesh_all(b"".join([data[:end], added, b"\n", data[end:]]), ids=ids)
        numbers = [n for n, (v, f) in raw.items() if len(f) and np.isfinite(v).all()]
        bodies, closed = close([raw[n] for n in numbers])
        for number, body, whole in zip(numbers, bodies, closed.tolist(), strict=True):
            if whole:
                self._made[number] = body

    def made(self, number: int) -> Mesh:
        """A closed mesh that was made.

        Raises
        ------
        Unusable
            Where there is none.

        """
        if number not in self._made:
            raise Unusable
        return self._made[number]

    def wants(self, product: Any, tree: Tree) -> None:
        """Want all solids of a tree."""
        if not is_a(tree.item, "IfcHalfSpaceSolid"):
            self.want(product, tree)
        for _, other in tree.steps:
            self.wants(product, other)

    def built(self, product: Any, tree: Tree, origin: F64) -> Solid:
        """The solid of a tree; its parts have been made."""
        if is_a(tree.item, "IfcHalfSpaceSolid"):
            raise Unusable
        solid = Solid.of(self.made(self.want(product, tree)), origin)
        for operator, other in tree.steps:
            half = self.half(product, other)
            if half is not None and (other.steps or operator == "UNION"):
                raise Unusable
            if half is not None:
                solid = solid.without(half) if operator == "DIFFERENCE" else solid.within(half)
                continue
            second = self.built(product, other, origin)
            if operator == "DIFFERENCE":
                solid = solid - second
            else:
                solid = solid & second if operator == "INTERSECTION" else solid + second
        return solid


class Cutter:
    """Finds bodies that lack a cut, and makes them.

    Parameters
    ----------
    shop : Workshop
    products : mapping of int to instance
    cuts : mapping of int to sequence of int
        The openings of products.
    bodies : mapping of int to mesh
        What the kernels made of them.
    closed : mapping of int to bool

    """

    def __init__(
        self,
        shop: Workshop,
        products: Mapping[int, Any],
        cuts: Mapping[int, Sequence[int]],
        bodies: Mapping[int, Mesh],
        closed: Mapping[int, bool],
    ) -> None:
        self.shop, self.products, self.cuts = shop, products, cuts
        self.bodies, self.closed = bodies, closed
        self._trees: dict[int, list[Tree]] = {}
        self._beyond: set[int] = set()

    def suspects(self, numbers: Iterable[int]) -> list[int]:
        """Those of the products `numbers` that lack a cut, or may."""
        found, later = [], []
        for number in numbers:
            trees = self._of(number)
            if number in self._beyond or self._is_uncut(number, trees):
                found.append(number)
            elif any(s for t in trees for s in t.steps):
                later += [(number, o, t) for o, t in self._tools(number, trees)]
        self.shop.make()
        found += [n for n, o, t in later if self._is_left(n, o, t)]
        return sorted(set(found))

    def _of(self, number: int) -> list[Tree]:
        if number not in self._trees:
            try:
                self._trees[number] = self.shop.trees(self.products[number])
            except Unusable:
                self._beyond.add(number)  # told among those that could not be cut again
                self._trees[number] = []
            except ACCESS_ERRORS:
                self._trees[number] = []
        return self._trees[number]

    def _is_uncut(self, number: int, trees: Sequence[Tree]) -> bool:
        """What is seen without making anything."""
        openings = self.cuts.get(number, ())
        constructed = any(t.steps for t in trees)
        if number not in self.bodies or not self.closed[number]:
            return constructed
        if any(o in self.shop.fine for o in openings):
            return True
        body = self.bodies[number]
        if len(body[1]) > _MOST_FACES:
            return constructed or bool(openings)
        if number in self.shop.fine and openings:
            return True
        if any(self.closed.get(o) and share(body, self.bodies[o]) for o in openings):
            return True
        return constructed and any(self._reaches(number, t) for t in trees)

    def _reaches(self, number: int, tree: Tree) -> bool:
        points, faces = self.bodies[number]
        for operator, other in tree.steps:
            try:
                half = self.shop.half(self.products[number], other)
            except (Unusable, *ACCESS_ERRORS):
                return True
            if half is None or operator == "UNION":
                continue
            if operator == "INTERSECTION":
                if half.boundary is None:
                    half.below = not half.below
                else:
                    continue
            if half.reaches(points):
                return True
            tries = half.probes(points.min(axis=0), points.max(axis=0))
            if len(tries) and within(tries, (points, faces)).any():
                return True
        return False

    def _tools(self, number: int, trees: Sequence[Tree]) -> list[tuple[str, int]]:
        """Solids that cut a product, each with its operator."""
        product = self.products[number]
        try:
            return [
                (operator, self.shop.want(product, other))
                for tree in trees
                for operator, other in tree.steps
                if not other.steps and not is_a(other.item, "IfcHalfSpaceSolid")
            ]
        except ACCESS_ERRORS:  # damaged: left as it is
            return []

    def _is_left(self, number: int, operator: str, tool: int) -> bool:
        try:
            mesh = self.shop.made(tool)
        except Unusable:
            return False
        body = self.bodies[number]
        if operator == "DIFFERENCE":
            return len(mesh[1]) > _MOST_FACES or share(body, mesh)
        if operator != "INTERSECTION" or len(self._of(number)) > 1:
            return False
        over = body[0].max(axis=0) - mesh[0].max(axis=0), mesh[0].min(axis=0) - body[0].min(axis=0)
        return bool(max(o.max() for o in over) > _SLACK_M)

    def cut(self, numbers: Sequence[int], seconds: float, before: Any) -> Recut:
        """Construct products again, from their parts and their openings.

        Parameters
        ----------
        numbers : sequence of int
        seconds : float
            Those that are left after this time are given up.
        before : callable
            Told each product before it is made.

        """
        end = time.monotonic() + seconds
        for number in numbers:
            self._want(number)
        fine = {o for n in numbers for o in self.cuts.get(n, ()) if o in self.shop.fine}
        self.shop.make(fine)
        done = Recut()
        for number in numbers:
            before(number)
            if time.monotonic() > end:
                done.lacking.add(number)
                continue
            try:
                mesh = self._cut(number)
            except (Unusable, ArithmeticError, *ACCESS_ERRORS):
                done.lacking.add(number)
                continue
            if mesh is None:
                done.gone.add(number)
            elif is_closed(*mesh):
                done.bodies[number] = mesh
            else:
                done.lacking.add(number)
        return done

    def _want(self, number: int) -> None:
        try:
            for tree in self._of(number):
                self.shop.wants(self.products[number], tree)
        except ACCESS_ERRORS:  # damaged: what is missing is told where it is asked for
            return

    def _cut(self, number: int) -> Mesh | None:
        """The body of a product; None where nothing is left of it."""
        product, trees = self.products[number], self._of(number)
        if not trees:
            raise Unusable
        first = self.shop.made(self.shop.want(product, trees[0]))
        origin: F64 = first[0].mean(axis=0)
        tools = [Solid.of(self._opening(o), origin) for o in self.cuts.get(number, ())]
        parts = []
        for tree in trees:
            solid = self.shop.built(product, tree, origin)
            for tool in tools:
                solid = solid - tool
            mesh = solid.mesh()
            parts += [] if mesh is None else [mesh]
        return joined(parts) if parts else None

    def _opening(self, number: int) -> Mesh:
        if number in self.shop.fine:
            return self.shop.made(number)
        if not self.closed.get(number):
            raise Unusable
        return self.bodies[number]
