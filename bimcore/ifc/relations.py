"""The relations of an IFC file: who is part of, fills, cuts, joins or serves whom."""

from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from bimcore.arrays import I64
from bimcore.ifc.access import Reader, class_of, is_a, of_class
from bimcore.relations import RelationKind, RelationTable

_BEARING_SETS = ("Pset_WallCommon", "Pset_SlabCommon", "Pset_MemberCommon", "Pset_PlateCommon")
_NO_SYSTEM = ("IfcZone", "IfcStructuralAnalysisModel")
_MATERIAL_LISTS = (
    "Materials",
    "MaterialLayers",
    "MaterialProfiles",
    "MaterialConstituents",
    "ForLayerSet",
    "ForProfileSet",
    "Material",
)


class Links:
    """Relations by instance number, each relationship of the file visited once.

    Attributes
    ----------
    whole_of : dict
        Instance of the whole by the number of its part (aggregates and nests).
    contained_in : dict
        Spatial element by the number of the element it contains.
    host_of : dict
        Element by the number of the opening that cuts it.
    opening_of : dict
        Opening by the number of its filler.
    type_of : dict
        Type object by the number of its occurrence.
    zones : dict
        The first zone by the number of the space it groups.
    definitions : dict
        Property sets and quantities by the number of what they define.
    bearing : set of int
        Elements whose common property set says they bear load.
    circular : set of int
        Elements that are part of, or cut, themselves.

    """

    def __init__(self, file: Any, reader: Reader) -> None:
        self.reader = reader
        self._file = file
        self.whole_of: dict[int, Any] = {}
        self.selves: set[int] = set()
        self.contained_in: dict[int, Any] = {}
        self.host_of: dict[int, Any] = {}
        self.opening_of: dict[int, Any] = {}
        self.type_of: dict[int, Any] = {}
        self.port_host: dict[int, Any] = {}
        self.covered_by: dict[int, Any] = {}
        self.systems: dict[int, list[Any]] = defaultdict(list)
        self.zones: dict[int, Any] = {}
        self.materials: dict[int, str] = {}
        self.classifications: dict[int, str] = {}
        self.definitions: dict[int, list[Any]] = defaultdict(list)
        self.bearing: set[int] = set()
        self._layers: dict[int, str] = {}
        self._read_wholes()
        self._read_hosts()
        self._read_systems()
        self._read_associations()
        self._read_definitions()
        self.circular = self._find_circles()

    def _find_circles(self) -> set[int]:
        above: dict[int, int] = {p: w.id() for p, w in self.whole_of.items()}
        found = self.selves.copy()
        cleared: set[int] = set()
        for part in above:
            path: dict[int, None] = {}
            step: int | None = part
            while step is not None and step not in path and step not in cleared:
                path[step] = None
                step = above.get(step)
            if step in path:
                found |= set(path)
            cleared |= set(path)
        return found

    def _relate(self, relation: str, one: str, many: str) -> list[tuple[Any, Any]]:
        """Pairs (one, other) of all relationships of class `relation`."""
        pairs = []
        for rel in of_class(self._file, relation):
            for single in self.reader.many(rel, one)[:1]:
                pairs += [(single, other) for other in self.reader.many(rel, many)]
        return pairs

    def _read_wholes(self) -> None:
        for whole, part in self._relate("IfcRelAggregates", "RelatingObject", "RelatedObjects"):
            if whole.id() == part.id():
                self.selves.add(part.id())
            else:
                self.whole_of.setdefault(part.id(), whole)
        for whole, part in self._relate("IfcRelNests", "RelatingObject", "RelatedObjects"):
            if is_a(part, "IfcPort"):
                self.port_host.setdefault(part.id(), whole)
            elif whole.id() != part.id() and part.id() not in self.whole_of:
                self.whole_of[part.id()] = whole

    def _read_hosts(self) -> None:
        contained = "IfcRelContainedInSpatialStructure"
        for place, element in self._relate(contained, "RelatingStructure", "RelatedElements"):
            self.contained_in.setdefault(element.id(), place)
        cuts = ("RelatingBuildingElement", "RelatedOpeningElement")
        for host, opening in self._relate("IfcRelVoidsElement", *cuts):
            if host.id() == opening.id():
                self.selves.add(host.id())
            else:
                self.host_of.setdefault(opening.id(), host)
        fills = ("RelatingOpeningElement", "RelatedBuildingElement")
        for opening, filler in self._relate("IfcRelFillsElement", *fills):
            self.opening_of.setdefault(filler.id(), opening)
        for kind, occurrence in self._relate(
            "IfcRelDefinesByType", "RelatingType", "RelatedObjects"
        ):
            self.type_of.setdefault(occurrence.id(), kind)
        ports = "IfcRelConnectsPortToElement"
        for port, element in self._relate(ports, "RelatingPort", "RelatedElement"):
            self.port_host.setdefault(port.id(), element)
        covers = ("RelatingBuildingElement", "RelatedCoverings")
        for host, covering in self._relate("IfcRelCoversBldgElements", *covers):
            self.covered_by.setdefault(covering.id(), host)

    def _read_systems(self) -> None:
        for group, member in self._relate(
            "IfcRelAssignsToGroup", "RelatingGroup", "RelatedObjects"
        ):
            if is_a(group, "IfcZone") and is_a(member, "IfcSpace"):
                self.zones.setdefault(member.id(), group)
            if not is_a(group, "IfcSystem") or is_a(group, *_NO_SYSTEM):
                continue
            # systems may list the ports instead of the elements they belong to
            owner = self.port_host.get(member.id()) if is_a(member, "IfcPort") else member
            if owner is not None and group not in self.systems[owner.id()]:
                self.systems[owner.id()].append(group)

    def _read_associations(self) -> None:
        names: dict[int, str] = {}
        pairs = self._relate("IfcRelAssociatesMaterial", "RelatingMaterial", "RelatedObjects")
        for material, owner in pairs:
            if material.id() not in names:
                names[material.id()] = " | ".join(self._material_names(material))
            self.materials.setdefault(owner.id(), names[material.id()])
        codes: dict[int, list[str]] = defaultdict(list)
        pairs = self._relate(
            "IfcRelAssociatesClassification", "RelatingClassification", "RelatedObjects"
        )
        for reference, owner in pairs:
            code = self._classification_code(reference)
            if code and code not in codes[owner.id()]:
                codes[owner.id()].append(code)
        self.classifications = {owner: " | ".join(sorted(c)) for owner, c in codes.items()}
        for layer in of_class(self._file, "IfcPresentationLayerAssignment"):
            name = self.reader.text(layer, "Name")
            for item in self.reader.many(layer, "AssignedItems"):
                self._layers.setdefault(item.id(), name)

    def _material_names(self, material: Any) -> list[str]:
        names: list[str] = []
        waiting, seen = [material], set()
        while waiting:
            part = waiting.pop(0)
            if part.id() in seen:
                continue
            seen.add(part.id())
            if is_a(part, "IfcMaterial"):
                name = self.reader.text(part, "Name")
                if name and name not in names:
                    names.append(name)
                continue
            for attribute in _MATERIAL_LISTS:
                waiting += self.reader.many(part, attribute)
        return names

    def _classification_code(self, reference: Any) -> str:
        for attribute in ("Identification", "ItemReference", "Name"):
            code = self.reader.text(reference, attribute)
            if code:
                return code
        return ""

    def _read_definitions(self) -> None:
        known: dict[int, bool] = {}
        for given, owner in self._relate(
            "IfcRelDefinesByProperties", "RelatingPropertyDefinition", "RelatedObjects"
        ):
            # IFC4 may give a set of definitions in the place of one
            several = given.get_argument(0) if given.id() == 0 else (given,)
            for properties in several if isinstance(several, tuple) else ():
                number = properties.id()
                if number not in known:
                    known[number] = self._says_bearing(properties)
                if known[number]:
                    self.bearing.add(owner.id())
                self.definitions[owner.id()].append(properties)

    def _says_bearing(self, properties: Any) -> bool:
        if self.reader.text(properties, "Name") not in _BEARING_SETS:
            return False
        for entry in self.reader.many(properties, "HasProperties"):
            if self.reader.text(entry, "Name") == "LoadBearing":
                value = self.reader.get(entry, "NominalValue")
                return getattr(value, "wrappedValue", None) is True
        return False

    def spatial_of(self, element: int) -> Any:
        """The spatial element that holds `element`, itself or by its whole or host."""
        seen: set[int] = set()
        while element not in seen:
            seen.add(element)
            if element in self.contained_in:
                return self.contained_in[element]
            carrier = (
                self.whole_of.get(element)
                or self.opening_of.get(element)
                or self.host_of.get(element)
                or self.covered_by.get(element)
            )
            if carrier is None:
                return None
            if is_a(carrier, "IfcSpatialElement", "IfcSpatialStructureElement"):
                return carrier
            if is_a(carrier, "IfcProject"):
                return None
            element = carrier.id()
        return None

    def systems_of(self, element: int) -> list[Any]:
        """The systems of `element`, else of the whole it is part of."""
        seen: set[int] = set()
        while element not in seen:
            seen.add(element)
            if self.systems.get(element):
                return self.systems[element]
            whole = self.whole_of.get(element)
            if whole is None:
                return []
            element = whole.id()
        return []

    def inherited(self, texts: Mapping[int, str], element: int) -> str:
        """The text of `element`, else of its type, else of its whole."""
        kind, whole = self.type_of.get(element), self.whole_of.get(element)
        owners = [element, *(o.id() for o in (kind, whole) if o is not None)]
        return next((texts[o] for o in owners if texts.get(o)), "")

    def layer_of(self, product: Any) -> str:
        """Presentation layer of a product: of a representation, else of one of its items."""
        if not self._layers:
            return ""
        shape = self.reader.get(product, "Representation")
        parts = self.reader.many(shape, "Representations")
        for part in parts:
            if part.id() in self._layers:
                return self._layers[part.id()]
        items = (i for part in parts for i in self.reader.many(part, "Items"))
        return next((self._layers[i.id()] for i in items if i.id() in self._layers), "")


def read_relations(file: Any, links: Links, step_id: I64) -> RelationTable:
    """Relations among the elements with instance numbers `step_id` (E,)."""
    rows = {int(s): i for i, s in enumerate(step_id.tolist())}
    found: set[tuple[int, int, int]] = set()

    def add(kind: RelationKind, a: Any, b: Any) -> None:
        if a is None or b is None:
            return
        row_a, row_b = rows.get(a.id()), rows.get(b.id())
        if row_a is not None and row_b is not None and row_a != row_b:
            found.add((int(kind), row_a, row_b))

    _add_structure(file, links, add)
    _add_connections(file, links, add)
    _add_embedding(file, links, add)
    found |= _shared_systems(links, rows)
    return RelationTable.of(found)


def _add_structure(file: Any, links: Links, add: Any) -> None:
    by_id = file.by_id
    for part, whole in links.whole_of.items():
        add(RelationKind.AGGREGATES, whole, by_id(part))
    for opening, host in links.host_of.items():
        add(RelationKind.VOIDS, by_id(opening), host)
    for filler, opening in links.opening_of.items():
        add(RelationKind.OPENING_FILLER, by_id(filler), opening)
        add(RelationKind.FILLS, by_id(filler), links.host_of.get(opening.id()))
    for covering, host in links.covered_by.items():
        add(RelationKind.COVERS, by_id(covering), host)


def _add_connections(file: Any, links: Links, add: Any) -> None:
    get, many = links.reader.get, links.reader.many
    for rel in of_class(file, "IfcRelConnectsElements"):
        a, b = get(rel, "RelatingElement"), get(rel, "RelatedElement")
        add(RelationKind.CONNECTS, a, b)
        for between in many(rel, "RealizingElements"):
            add(RelationKind.CONNECTS, between, a)
            add(RelationKind.CONNECTS, between, b)
    for rel in of_class(file, "IfcRelConnectsPorts"):
        ports = get(rel, "RelatingPort"), get(rel, "RelatedPort")
        a, b = (links.port_host.get(p.id()) if p is not None else None for p in ports)
        add(RelationKind.PORT, a, b)
        between = get(rel, "RealizingElement")
        add(RelationKind.PORT, between, a)
        add(RelationKind.PORT, between, b)
    for rel in of_class(file, "IfcRelProjectsElement"):
        host, feature = get(rel, "RelatingElement"), get(rel, "RelatedFeatureElement")
        add(RelationKind.PROJECTS, feature, host)
    for rel in of_class(file, "IfcRelFlowControlElements"):
        for control in many(rel, "RelatedControlElements"):
            add(RelationKind.FLOW_CONTROL, control, get(rel, "RelatingFlowElement"))


_EMBEDDED = (
    "IfcReinforcingElement",
    "IfcTendonConduit",
    "IfcMechanicalFastener",
    "IfcDiscreteAccessory",
    "IfcFastener",
)


def _add_embedding(file: Any, links: Links, add: Any) -> None:
    for part, whole in links.whole_of.items():
        entity = file.by_id(part)
        if is_a(entity, *_EMBEDDED) and class_of(whole) != "IfcElementAssembly":
            add(RelationKind.REINFORCES, entity, whole)
    for rel in of_class(file, "IfcRelConnectsElements"):
        a = links.reader.get(rel, "RelatingElement")
        b = links.reader.get(rel, "RelatedElement")
        if is_a(a, *_EMBEDDED):
            add(RelationKind.REINFORCES, a, b)
        elif is_a(b, *_EMBEDDED):
            add(RelationKind.REINFORCES, b, a)


def _shared_systems(links: Links, rows: Mapping[int, int]) -> set[tuple[int, int, int]]:
    """Members of a further system, each paired with the first: the column names one only."""
    first: dict[int, int] = {}
    found: set[tuple[int, int, int]] = set()
    for element in sorted(links.systems):
        row = rows.get(element)
        for system in links.systems[element][1:] if row is not None else ():
            anchor = first.setdefault(system.id(), rows[element])
            if anchor != row:
                found.add((int(RelationKind.SAME_SYSTEM), anchor, rows[element]))
    return found
