"""Writes what the products of a model are to each other: types, groups, sets, connections."""

from collections import defaultdict
from collections.abc import Mapping
from typing import Any, Protocol

from sample_models.authoring.parts import Kind, Sheet
from sample_models.authoring.place import Setup
from sample_models.authoring.shapes import Vec

Entity = Any
#: Name of a property set with the names and values in it.
PropertySet = tuple[str, tuple[tuple[str, object], ...]]

#: Property values are written with these measure types.
_MEASURES = ((bool, "IfcBoolean"), (int, "IfcInteger"), (float, "IfcReal"), (str, "IfcLabel"))

#: Attributes that a type object must have besides its name.
_TYPE_VALUES: dict[str, dict[str, object]] = {
    "IfcDoorType": {"OperationType": "SINGLE_SWING_LEFT"},
    "IfcWindowType": {"PartitioningType": "SINGLE_PANEL"},
    "IfcFurnitureType": {"AssemblyPlace": "SITE"},
}


class Writer(Protocol):
    """What this module needs of the writer of a file."""

    file: Any
    sheet: Sheet
    setup: Setup
    site: Entity
    building: Entity
    products: dict[str, Entity]

    def make(self, ifc_class: str, **values: object) -> Entity:
        """An instance without a GlobalId."""

    def root(self, ifc_class: str, key: str, **values: object) -> Entity:
        """An instance with the GlobalId of `key`."""

    def axes(self, at: Vec) -> Entity:
        """A placement of three axes."""

    def local(self, parent: Entity, axes: Entity) -> Entity:
        """A local placement."""


def relate(w: Writer) -> None:
    """Write types, materials, systems, classification, property sets and connections."""
    _types(w)
    _groups(w)
    _links(w)


def _types(w: Writer) -> None:
    members: dict[Kind, list[Entity]] = defaultdict(list)
    for part in w.sheet.parts.values():
        if part.kind is not None:
            members[part.kind].append(w.products[part.key])
    for kind, products in members.items():
        values = dict(_TYPE_VALUES.get(kind.ifc_class, {}))
        if kind.predefined is not None:
            values["PredefinedType"] = kind.predefined
        type_object = w.root(kind.ifc_class, kind.name, Name=kind.name, **values)
        w.root(
            "IfcRelDefinesByType",
            f"{kind.ifc_class}/{kind.name}",
            RelatedObjects=products,
            RelatingType=type_object,
        )


def _groups(w: Writer) -> None:
    materials: dict[str, list[Entity]] = defaultdict(list)
    systems: dict[str, list[Entity]] = defaultdict(list)
    codes: dict[str, list[Entity]] = defaultdict(list)
    psets: dict[PropertySet, list[Entity]] = defaultdict(list)
    for part in w.sheet.parts.values():
        product = w.products[part.key]
        for word, table in (
            (part.material, materials),
            (part.system, systems),
            (part.code, codes),
        ):
            if word:
                table[word].append(product)
        for name, values in part.properties.items():
            psets[(name, tuple(values.items()))].append(product)
    for word, products in materials.items():
        w.root(
            "IfcRelAssociatesMaterial",
            word,
            RelatedObjects=products,
            RelatingMaterial=w.make("IfcMaterial", Name=word),
        )
    for word, products in systems.items():
        _system(w, word, products)
    _classification(w, codes)
    for number, (key, products) in enumerate(psets.items()):
        _properties(w, str(number), key, products)


def _system(w: Writer, word: str, products: list[Entity]) -> None:
    two = w.setup.schema == "IFC2X3"
    system = w.root("IfcSystem" if two else "IfcDistributionSystem", word, Name=word)
    w.root("IfcRelAssignsToGroup", word, RelatedObjects=products, RelatingGroup=system)
    w.root(
        "IfcRelServicesBuildings",
        word,
        RelatingSystem=system,
        RelatedBuildings=[w.building],
    )


def _classification(w: Writer, codes: Mapping[str, list[Entity]]) -> None:
    if not codes:
        return
    source = w.make(
        "IfcClassification", Source="中国建筑工业出版社", Edition="2017", Name="GB/T 51269"
    )
    number = "ItemReference" if w.setup.schema == "IFC2X3" else "Identification"
    for code, products in codes.items():
        identification, _, name = code.partition(" ")
        reference = w.make(
            "IfcClassificationReference",
            Name=name,
            ReferencedSource=source,
            **{number: identification},
        )
        w.root(
            "IfcRelAssociatesClassification",
            code,
            RelatedObjects=products,
            RelatingClassification=reference,
        )


def _properties(w: Writer, key: str, named: PropertySet, products: list[Entity]) -> None:
    name, items = named
    single = []
    for label, value in items:
        measure = next(m for kind, m in _MEASURES if isinstance(value, kind))
        single.append(
            w.make(
                "IfcPropertySingleValue",
                Name=label,
                NominalValue=w.file.create_entity(measure, value),
            )
        )
    pset = w.root("IfcPropertySet", key, Name=name, HasProperties=single)
    w.root(
        "IfcRelDefinesByProperties",
        key,
        RelatedObjects=products,
        RelatingPropertyDefinition=pset,
    )


def _links(w: Writer) -> None:
    for number, link in enumerate(w.sheet.links):
        key = f"{number}/{link.a}/{link.b}"
        a, b = w.products[link.a], w.products[link.b]
        if link.word == "port":
            _ports(w, key, a, b, link.point)
        elif link.word == "covers":
            w.root(
                "IfcRelCoversBldgElements",
                key,
                RelatedCoverings=[a],
                RelatingBuildingElement=b,
            )
        elif link.word == "path":
            w.root(
                "IfcRelConnectsPathElements",
                key,
                RelatingElement=a,
                RelatedElement=b,
                RelatingPriorities=[],
                RelatedPriorities=[],
                RelatedConnectionType="ATEND",
                RelatingConnectionType="ATSTART",
            )
        else:
            w.root("IfcRelConnectsElements", key, RelatingElement=a, RelatedElement=b)


def _ports(w: Writer, key: str, a: Entity, b: Entity, at: Vec | None) -> None:
    ends = []
    for side, product, flow in (("a", a, "SOURCE"), ("b", b, "SINK")):
        axes = w.axes(at or (0.0, 0.0, 0.0))
        port = w.root(
            "IfcDistributionPort",
            f"{key}/{side}",
            Name=f"端口 {side}",
            FlowDirection=flow,
            ObjectPlacement=w.local(w.site.ObjectPlacement, axes),
        )
        if w.setup.schema == "IFC2X3":
            w.root(
                "IfcRelConnectsPortToElement",
                f"{key}/{side}",
                RelatingPort=port,
                RelatedElement=product,
            )
        else:
            w.root("IfcRelNests", f"{key}/{side}", RelatingObject=product, RelatedObjects=[port])
        ends.append(port)
    w.root("IfcRelConnectsPorts", key, RelatingPort=ends[0], RelatedPort=ends[1])
