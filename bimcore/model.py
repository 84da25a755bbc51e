"""A model and the federation of models that is reviewed together."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np

from bimcore.arrays import F64, I64, U16, Mask, starts_of
from bimcore.elements import ElementTable
from bimcore.frame import Frame
from bimcore.mesh import MeshSet
from bimcore.properties import PropertyTable
from bimcore.relations import RelationTable
from bimcore.spatial import Spatial


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Model:
    """One revision of one uploaded model, in metres.

    Attributes
    ----------
    elements, relations, meshes
        Tables whose rows belong together.
    frame : Frame
        Where local coordinates are; not located when no georeference applies.
    source : str
        SHA-256 of the file in hexadecimal.
    name : str
        What people call the model; stable over revisions.
    schema : str
        ``"IFC2X3"``, ``"IFC4"``, ``"IFC4X3"`` ... or ``"GIS"`` for bodies made from layers.
    properties : PropertyTable
        Of the elements; a model made without any gets an empty row for each.
    spatial : Spatial
        Buildings of the storeys, and grid axes.

    """

    elements: ElementTable
    relations: RelationTable
    meshes: MeshSet
    frame: Frame
    source: str
    name: str
    schema: str = ""
    properties: PropertyTable = field(default_factory=lambda: PropertyTable.none(0))
    spatial: Spatial = field(default_factory=Spatial.of)

    def __post_init__(self) -> None:
        """Check that tables agree."""
        if not len(self.properties):
            object.__setattr__(self, "properties", PropertyTable.none(len(self.elements)))
        if len(self.elements) != len(self.meshes):
            message = "a model needs one mesh row for each element"
            raise ValueError(message)
        if len(self.elements) != len(self.properties):
            message = "a model needs one row of properties for each element"
            raise ValueError(message)
        if len(self.spatial.buildings) not in (0, len(self.elements.storey.words)):
            message = "a model needs the building of each storey, or of none"
            raise ValueError(message)

    def __len__(self) -> int:
        return len(self.elements)

    def moved(self, transform: F64, *, frame: Frame | None = None) -> "Model":
        """The model with vertices moved by an affine `transform` (4, 4).

        Storey elevations follow the z part (no tilt is expected).
        """
        scale, shift = float(transform[2, 2]), float(transform[2, 3])
        elements = replace(
            self.elements,
            storey_elevation=self.elements.storey_elevation * scale + shift,
        )
        return replace(
            self,
            elements=elements,
            meshes=self.meshes.moved(transform),
            spatial=self.spatial.moved(transform),
            frame=self.frame if frame is None else frame,
        )

    def subset(self, mask: Mask) -> "Model":
        """The elements where `mask` (E,) is true."""
        rows = np.flatnonzero(mask)
        return replace(
            self,
            elements=self.elements.take(rows),
            relations=self.relations.take(rows, count=len(self)),
            meshes=self.meshes.take(rows),
            properties=self.properties.take(rows),
        )


@dataclass(frozen=True, eq=False, kw_only=True)
class Scene:
    """Models in one frame with flat indexing over all their elements.

    Element ``i`` of the scene is row ``i - element_start[m]`` of model ``m = model_of[i]``.
    """

    models: tuple[Model, ...]
    frame: Frame

    @classmethod
    def of(cls, models: Sequence[Model], *, frame: Frame | None = None) -> "Scene":
        """A scene of `models` that already stand in one frame."""
        return cls(models=tuple(models), frame=frame or (models[0].frame if models else Frame()))

    def __len__(self) -> int:
        return int(self.element_start[-1])

    @cached_property
    def element_start(self) -> I64:
        """Offsets (M + 1,) of the models' elements."""
        return starts_of([len(m) for m in self.models])

    @cached_property
    def model_of(self) -> U16:
        """Model (E,) of each element."""
        counts = np.diff(self.element_start)
        return np.repeat(np.arange(len(self.models), dtype=np.uint16), counts)

    @cached_property
    def meshes(self) -> MeshSet:
        """All bodies of the scene."""
        return MeshSet.join([m.meshes for m in self.models]) if self.models else MeshSet.of([])

    @cached_property
    def bounds(self) -> F64:
        """Boxes (E, 2, 3) of all elements."""
        return self.meshes.bounds()

    @cached_property
    def clash_body(self) -> Mask:
        """Elements (E,) that take part in clash: physical and with triangles."""
        flags = [m.elements.clash_body for m in self.models]
        body: Mask = np.concatenate([np.zeros(0, bool), *flags]) & self.meshes.has_body
        return body

    def locate(self, element: int) -> tuple[Model, int]:
        """The model of scene element `element` and its row there."""
        m = int(self.model_of[element])
        return self.models[m], element - int(self.element_start[m])
