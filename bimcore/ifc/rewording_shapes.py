"""New words for products with several representations of which one is the body."""

from collections.abc import Sequence
from typing import Any

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


class Shapes(Rewriter):
    """Products keep one representation that is a body: kernels join all that have faces."""

    def work(self) -> None:
        """Look at every instance of the family."""
        self.each("IfcProductDefinitionShape", self._shape)

    def _shape(self, shape: Any) -> None:
        kinds = self.reader.many(shape, "Representations")
        if len(kinds) < 2:
            return
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
