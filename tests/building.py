"""A few building parts with the columns and relations that the issue list reads."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from bimcore.elements import Coded, ElementTable
from bimcore.frame import Frame
from bimcore.mesh import MeshSet
from bimcore.model import Model, Scene
from bimcore.relations import RelationKind, RelationTable
from clash.engine import detect
from clash.matrix import default_rules
from clash.relevance import suppress
from clash.result import ClashSet, Relation
from clash.rules import RuleSet
from tests.builders import Body, pipe

_BUILT = ("IfcBuildingElement", "IfcElement", "IfcProduct")
_FLOW = ("IfcDistributionFlowElement", "IfcDistributionElement", "IfcElement", "IfcProduct")
#: Supertypes as IFC4 has them, of the classes the tests use.
SUPERTYPES = {
    **dict.fromkeys(
        (
            "IfcWall",
            "IfcSlab",
            "IfcColumn",
            "IfcBeam",
            "IfcMember",
            "IfcFooting",
            "IfcDoor",
            "IfcWindow",
            "IfcCovering",
            "IfcRailing",
            "IfcStairFlight",
            "IfcStair",
            "IfcRoof",
            "IfcBuildingElementProxy",
        ),
        _BUILT,
    ),
    "IfcWallStandardCase": ("IfcWall", *_BUILT),
    "IfcFurnishingElement": ("IfcElement", "IfcProduct"),
    "IfcElementAssembly": ("IfcElement", "IfcProduct"),
    "IfcSpace": ("IfcSpatialStructureElement", "IfcProduct"),
    "IfcVirtualElement": ("IfcElement", "IfcProduct"),
    "IfcBuildingElementPart": ("IfcElementComponent", "IfcElement", "IfcProduct"),
    "IfcDiscreteAccessory": ("IfcElementComponent", "IfcElement", "IfcProduct"),
    "IfcMechanicalFastener": ("IfcElementComponent", "IfcElement", "IfcProduct"),
    "IfcDistributionFlowElement": _FLOW[1:],
    "IfcFlowSegment": _FLOW,
    "IfcFlowTerminal": _FLOW,
    "IfcFlowController": _FLOW,
    "IfcAirTerminal": ("IfcFlowTerminal", *_FLOW),
    "IfcSpaceHeater": ("IfcFlowTerminal", *_FLOW),
    "IfcPump": ("IfcFlowMovingDevice", *_FLOW),
    "IfcPile": ("IfcDeepFoundation", *_BUILT),
    "IfcPipeSegment": ("IfcFlowSegment", *_FLOW),
    "IfcDuctSegment": ("IfcFlowSegment", *_FLOW),
    "IfcCableCarrierSegment": ("IfcFlowSegment", *_FLOW),
    "IfcCableSegment": ("IfcFlowSegment", *_FLOW),
    "IfcFireSuppressionTerminal": ("IfcFlowTerminal", *_FLOW),
    "IfcPipeFitting": ("IfcFlowFitting", *_FLOW),
    "IfcValve": ("IfcFlowController", *_FLOW),
    "IfcOutlet": ("IfcFlowTerminal", *_FLOW),
    "IfcLightFixture": ("IfcFlowTerminal", *_FLOW),
    "IfcUnitaryEquipment": ("IfcEnergyConversionDevice", *_FLOW),
    "IfcFurniture": ("IfcFurnishingElement", "IfcElement", "IfcProduct"),
    "IfcReinforcingBar": ("IfcReinforcingElement", "IfcElementComponent", "IfcElement"),
    "IfcTendon": ("IfcReinforcingElement", "IfcElementComponent", "IfcElement"),
    "IfcTendonConduit": ("IfcReinforcingElement", "IfcElementComponent", "IfcElement"),
    "IfcOpeningElement": ("IfcFeatureElementSubtraction", "IfcFeatureElement", "IfcElement"),
    "IfcGeographicElement": ("IfcElement", "IfcProduct"),
    "IfcPlate": _BUILT,
    "IfcCourse": _BUILT,
    "IfcKerb": _BUILT,
    "IfcTrackElement": _BUILT,
    "IfcBearing": _BUILT,
    "IfcDistributionChamberElement": _FLOW,
    "IfcCurtainWall": _BUILT,
    "IfcRampFlight": _BUILT,
    "IfcTransportElement": ("IfcElement", "IfcProduct"),
    "IfcEarthworksCut": ("IfcFeatureElementSubtraction", "IfcFeatureElement", "IfcElement"),
    "IfcEarthworksFill": ("IfcEarthworksElement", *_BUILT),
    "IfcSanitaryTerminal": ("IfcFlowTerminal", *_FLOW),
    "IfcTransformer": ("IfcEnergyConversionDevice", *_FLOW),
    "IfcTank": ("IfcFlowStorageDevice", *_FLOW),
}
_NO_BODY = ("IfcOpeningElement", "IfcVirtualElement", "IfcSpace")
_DISCIPLINE = {
    "IfcColumn": "structure",
    "IfcBeam": "structure",
    "IfcMember": "structure",
    "IfcFooting": "structure",
    "IfcPile": "structure",
    "IfcReinforcingBar": "structure",
    "IfcMechanicalFastener": "structure",
    "IfcDiscreteAccessory": "structure",
    "IfcSlab": "structure",
    "IfcPipeSegment": "plumbing",
    "IfcPipeFitting": "plumbing",
    "IfcValve": "plumbing",
    "IfcDuctSegment": "hvac",
    "IfcUnitaryEquipment": "hvac",
    "IfcAirTerminal": "hvac",
    "IfcPump": "plumbing",
    "IfcCableCarrierSegment": "electrical",
    "IfcCableSegment": "electrical",
    "IfcFireSuppressionTerminal": "fire",
    "IfcOutlet": "electrical",
    "IfcLightFixture": "electrical",
    "IfcGeographicElement": "site",
    "IfcCourse": "site",
    "IfcKerb": "site",
    "IfcTrackElement": "site",
    "IfcBearing": "structure",
    "IfcDistributionChamberElement": "plumbing",
}


@dataclass(frozen=True, kw_only=True)
class Thing:
    """One element; an empty discipline follows the class."""

    is_a: str
    body: Body
    name: str = ""
    type: str = ""
    storey: str = ""
    system: str = ""
    discipline: str = ""
    guid: str = ""
    predefined: str = ""

    @property
    def trade(self) -> str:
        return self.discipline or _DISCIPLINE.get(self.is_a, "architecture")


def line_of(start, end, radius, *, is_a="IfcPipeSegment", **more) -> Thing:
    """A straight piece of a line."""
    return Thing(is_a=is_a, body=pipe(start=start, end=end, radius=radius), **more)


def model(
    things: Sequence[Thing],
    *,
    name: str = "model",
    relations: Iterable[tuple[RelationKind, int, int]] = (),
    elevations: dict[str, float] | None = None,
) -> Model:
    """A model of `things`, in their order."""
    classes = Coded.of([t.is_a for t in things])
    storey = Coded.of([t.storey for t in things])
    table = ElementTable(
        guid=tuple(t.guid or f"{name[:6]:0<6}{k:016d}" for k, t in enumerate(things)),
        name=tuple(t.name for t in things),
        tag=("",) * len(things),
        step_id=np.arange(1, len(things) + 1),
        ifc_class=classes,
        lineage=tuple((w, *SUPERTYPES[w]) for w in classes.words),
        predefined=Coded.of([t.predefined for t in things]),
        object_type=Coded.of([t.type for t in things]),
        storey=storey,
        system=Coded.of([t.system for t in things]),
        material=Coded.of([None] * len(things)),
        classification=Coded.of([None] * len(things)),
        layer=Coded.of([None] * len(things)),
        discipline=Coded.of([t.trade for t in things]),
        storey_elevation=np.array([(elevations or {}).get(w, np.nan) for w in storey.words]),
        clash_body=np.array([t.is_a not in _NO_BODY for t in things], dtype=bool),
    )
    return Model(
        elements=table,
        relations=RelationTable.of([(int(k), a, b) for k, a, b in relations]),
        meshes=MeshSet.of([t.body for t in things]),
        frame=Frame(),
        source="0" * 64,
        name=name,
        schema="IFC4",
    )


def scene(*things: Thing, relations: Iterable[tuple[RelationKind, int, int]] = ()) -> Scene:
    """A scene of one model."""
    return Scene.of([model(things, relations=relations)])


def clashes_of(place: Scene, rules: RuleSet | None = None) -> ClashSet:
    """What the engine finds, contacts left out."""
    found = detect(place, rules or default_rules())
    return found.take(found.relation != Relation.TOUCH)


def shown(place: Scene) -> list[tuple[int, int]]:
    """Pairs of elements that the list shows."""
    found = clashes_of(place)
    open_ = suppress(place, found, default_rules()).reason < 0
    return sorted({(int(a), int(b)) for a, b in zip(found.a[open_], found.b[open_], strict=True)})


def reasons(place: Scene) -> list[str]:
    """Ids of the reasons by which clashes are set aside, each once."""
    return list(suppress(place, clashes_of(place), default_rules()).counts())
