"""The element table of an IFC file."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np

from bimcore.elements import Coded, ElementTable
from bimcore.ifc.access import ACCESS_ERRORS, Reader, chain, class_of, is_a, of_class
from bimcore.ifc.discipline import Clue, disciplines
from bimcore.ifc.grids import read_axes
from bimcore.ifc.placement import Placements, Units
from bimcore.ifc.relations import Links
from bimcore.ifc.rewording_shapes import NOT_BODY, NOT_SOLID_TYPES
from bimcore.spatial import Spatial

#: Products that never take part in clash, with all their subtypes.
_NO_BODY = frozenset(
    {
        "IfcSpatialElement",
        "IfcSpatialStructureElement",
        "IfcFeatureElementSubtraction",
        "IfcVirtualElement",
        "IfcAnnotation",
        "IfcGrid",
        "IfcPort",
        "IfcPositioningElement",
        "IfcLinearPositioningElement",
        "IfcAlignment",
        "IfcReferent",
        "IfcStructuralActivity",
        "IfcStructuralItem",
        "IfcEarthworksCut",
        "IfcTypeProduct",
        "IfcGeotechnicalAssembly",
        "IfcLinearElement",
    }
)
_SKIPPED = frozenset({"IfcPort", "IfcAnnotation", "IfcGrid", "IfcStructuralItem"})
#: Predefined types of physical classes that stand for no matter.
_NO_MATTER = frozenset({"PROVISIONFORVOID", "PROVISIONFORSPACE", "TERRAIN"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Tables:
    """What the reader found.

    Attributes
    ----------
    elements : ElementTable
    spatial : Spatial
        Buildings of the storeys, and grid axes.
    products : tuple
        The instance of each row.
    represented : frozenset of int
        Instance numbers of rows with a body representation.
    outside : tuple of int
        Rows that belong to no spatial element, neither directly nor through a whole or host.
    storeys, unnamed_storeys : int
        Number of IfcBuildingStorey, and of those without a name.
    in_building : int
        Clash bodies that stand directly in an IfcBuilding, in no storey of it.

    """

    elements: ElementTable
    spatial: Spatial
    products: tuple[Any, ...]
    represented: frozenset[int]
    outside: tuple[int, ...]
    storeys: int
    unnamed_storeys: int
    in_building: int


class Lineages:
    """Supertypes of classes in the schema of a file."""

    def __init__(self, file: Any) -> None:
        # imported here because only the child process may load the library
        from ifcopenshell import ifcopenshell_wrapper

        self._schema = ifcopenshell_wrapper.schema_by_name(file.schema_identifier)
        self.of = cache(self._of)

    def proper(self, capitals: str) -> str:
        """The name of an entity in the schema, for its name in capitals; empty if unknown."""
        try:
            return str(self._schema.declaration_by_name(capitals).name())
        except ACCESS_ERRORS:
            return ""

    def _of(self, name: str) -> tuple[str, ...]:
        found: list[str] = []
        try:
            declaration: Any = self._schema.declaration_by_name(name).as_entity()
            while declaration is not None:
                found.append(declaration.name())
                declaration = declaration.supertype()
        except ACCESS_ERRORS:
            return tuple(found) or (name,)
        return tuple(found)


def read_elements(file: Any, links: Links, reader: Reader) -> Tables:
    """The table of the products of `file` that are elements or have a representation."""
    lineages = Lineages(file)
    products = _products(file, lineages, reader)
    units = Units(file, reader)
    storeys = Storeys(file, links, reader, unit_m=units.length_m)
    owners = [links.spatial_of(p.id()) for p in products]
    names = [storeys.name_of(o) for o in owners]
    words = Coded.of(names)
    columns = _columns(products, links, reader, lineages)
    body = [_is_clash_body(c, p) for c, p in zip(columns.lineage, columns.predefined, strict=True)]
    classes = Coded.of([class_of(p) for p in products])
    elements = ElementTable(
        guid=tuple(reader.text(p, "GlobalId") for p in products),
        name=tuple(reader.text(p, "Name") for p in products),
        tag=tuple(reader.text(p, "Tag") for p in products),
        step_id=np.array([p.id() for p in products], dtype=np.int64),
        ifc_class=classes,
        lineage=tuple(lineages.of(c) for c in classes.words),
        predefined=Coded.of(columns.predefined),
        object_type=Coded.of(columns.types),
        storey=words,
        system=Coded.of(columns.systems),
        systems=Coded.of(columns.all_systems),
        material=Coded.of(columns.materials),
        classification=Coded.of(columns.classifications),
        layer=Coded.of(columns.layers),
        discipline=Coded.of(disciplines(_clues(products, columns, links, body))),
        storey_elevation=np.array([storeys.elevation.get(w, math.nan) for w in words.words]),
        clash_body=np.array(body, dtype=bool),
    )
    represented = frozenset(p.id() for p in products if has_body(p, reader))
    outside = tuple(i for i, (o, b) in enumerate(zip(owners, body, strict=True)) if b and o is None)
    return Tables(
        elements=elements,
        spatial=Spatial.of(
            [storeys.building.get(w, "") for w in words.words],
            read_axes(file, reader, unit_m=units.length_m),
        ),
        products=tuple(products),
        represented=represented,
        outside=outside,
        storeys=storeys.count,
        unnamed_storeys=storeys.unnamed,
        in_building=sum(
            b and o is not None and class_of(o) == "IfcBuilding"
            for o, b in zip(owners, body, strict=True)
        ),
    )


def _products(file: Any, lineages: Lineages, reader: Reader) -> list[Any]:
    found = []
    for product in of_class(file, "IfcProduct"):
        lineage = lineages.of(class_of(product))
        if not _SKIPPED.isdisjoint(lineage):
            continue
        placement = reader.get(product, "ObjectPlacement")
        if placement is not None and not is_a(placement, "IfcObjectPlacement"):
            reader.count(product, "ObjectPlacement")
        if "IfcElement" in lineage or reader.get(product, "Representation") is not None:
            found.append(product)
    return sorted(found, key=lambda p: p.id())


def has_body(product: Any, reader: Reader) -> bool:
    """Whether a representation of `product` is meant to be a body (a solid or a surface)."""
    shape = reader.get(product, "Representation")
    return any(_is_body(r, reader) for r in reader.many(shape, "Representations"))


def _is_body(representation: Any, reader: Reader) -> bool:
    identifier = reader.text(representation, "RepresentationIdentifier")
    kind = reader.text(representation, "RepresentationType")
    return identifier not in NOT_BODY and kind not in NOT_SOLID_TYPES


def _is_clash_body(lineage: Sequence[str], predefined: str) -> bool:
    return _NO_BODY.isdisjoint(lineage) and predefined not in _NO_MATTER


@dataclass(frozen=True, slots=True, kw_only=True)
class _Columns:
    lineage: list[tuple[str, ...]]
    type_lineage: list[tuple[str, ...]]
    predefined: list[str]
    types: list[str]
    systems: list[str]
    all_systems: list[str]
    system_types: list[str]
    materials: list[str]
    classifications: list[str]
    layers: list[str]


def _columns(products: Sequence[Any], links: Links, reader: Reader, lineages: Lineages) -> _Columns:
    types = [links.type_of.get(p.id()) for p in products]
    zones = [links.zones.get(p.id()) for p in products]
    systems = [
        [*links.systems_of(p.id()), *([] if z is None else [z])]
        for p, z in zip(products, zones, strict=True)
    ]
    firsts = [s[0] if s else None for s in systems]
    return _Columns(
        lineage=[lineages.of(class_of(p)) for p in products],
        type_lineage=[() if t is None else lineages.of(class_of(t)) for t in types],
        predefined=[
            _predefined(p, reader) or _predefined(t, reader)
            for p, t in zip(products, types, strict=True)
        ],
        types=[
            reader.text(t, "Name") or reader.text(p, "ObjectType")
            for p, t in zip(products, types, strict=True)
        ],
        systems=[_system_name(s, reader) for s in firsts],
        all_systems=[
            " | ".join(n for s in several if (n := _system_name(s, reader))) for several in systems
        ],
        system_types=[_predefined(s, reader) for s in firsts],
        materials=[links.inherited(links.materials, p.id()) for p in products],
        classifications=[links.inherited(links.classifications, p.id()) for p in products],
        layers=[links.layer_of(p) for p in products],
    )


def _system_name(system: Any, reader: Reader) -> str:
    return reader.text(system, "Name") or reader.text(system, "LongName")


def _predefined(entity: Any, reader: Reader) -> str:
    value = reader.text(entity, "PredefinedType")
    return "" if value in {"NOTDEFINED"} else value


def _clues(
    products: Sequence[Any], columns: _Columns, links: Links, body: Sequence[bool]
) -> list[Clue]:
    reader = links.reader
    place = {p.id(): i for i, p in enumerate(products)}
    covered = (links.covered_by.get(p.id()) for p in products)
    covers = [-1 if c is None else place.get(c.id(), -1) for c in covered]
    return [
        Clue(
            lineage=columns.lineage[i],
            type_lineage=columns.type_lineage[i],
            system_type=columns.system_types[i],
            system_name=columns.systems[i],
            words=" ".join(
                (columns.types[i], reader.text(p, "ObjectType"), reader.text(p, "Name"))
            ),
            bearing=p.id() in links.bearing,
            body=body[i],
            predefined=columns.predefined[i],
            covers=covers[i],
        )
        for i, p in enumerate(products)
    ]


class Storeys:
    """Names and elevations of storeys, and the storey of a spatial element."""

    def __init__(self, file: Any, links: Links, reader: Reader, *, unit_m: float) -> None:
        self._links = links
        self._reader = reader
        self._names: dict[int, str] = {}
        self.elevation: dict[str, float] = {}
        self.building: dict[str, str] = {}
        self.unnamed = 0
        placements = Placements(reader)
        storeys = of_class(file, "IfcBuildingStorey")
        self.count = len(storeys)
        heights = self._heights(storeys, placements)
        for storey, units in zip(storeys, heights, strict=True):
            height = units * unit_m
            name = self._unique(storey, height)
            self._names[storey.id()] = name
            self.elevation[name] = height
            self.building[name] = self._building_of(storey)

    def _building_of(self, storey: Any) -> str:
        """Name of the building that a storey is part of; empty if it has none."""
        for whole in chain(storey, "", _Wholes(self._links)):
            if is_a(whole, "IfcBuilding"):
                return self._reader.text(whole, "Name") or self._reader.text(whole, "LongName")
        return ""

    def _heights(self, storeys: Sequence[Any], placements: Placements) -> list[float]:
        """Heights in file units: of the placements, or as stated where these tell nothing.

        Some tools leave all storeys at the height of the building and place elements by
        absolute heights; then ``Elevation`` alone tells the storeys apart.
        """
        placed = [self._placed(s, placements) for s in storeys]
        stated = [self._reader.number(s, "Elevation") for s in storeys]
        known = [h for h in placed if h is not None]
        told = [h for h in stated if h is not None]
        one_height = len(known) > 1 and max(known) - min(known) < 1e-6 * max(1.0, abs(known[0]))
        if one_height and len(set(told)) > 1:
            return [math.nan if h is None else known[0] + h for h in stated]
        return [
            p if p is not None else math.nan if s is None else s
            for p, s in zip(placed, stated, strict=True)
        ]

    def _placed(self, storey: Any, placements: Placements) -> float | None:
        placement = self._reader.get(storey, "ObjectPlacement")
        if placement is None:
            return None
        height = float(placements.world(placement)[2, 3])
        return height if math.isfinite(height) else None

    def _unique(self, storey: Any, height: float) -> str:
        """The storey's name; with its building where two of one name are not the same."""
        name = self._reader.text(storey, "Name") or self._reader.text(storey, "LongName")
        if not name:
            self.unnamed += 1
            name = f"{height:+.3f} m" if math.isfinite(height) else f"#{storey.id()}"
        known, building = self.elevation.get(name), self._building_of(storey)
        same = building == self.building.get(name) or not building
        if known is None or (same and math.isclose(known, height, abs_tol=1e-3)):
            return name
        building = building or f"#{storey.id()}"
        longer = f"{name} ({building})"
        return longer if longer not in self.elevation else f"{longer} #{storey.id()}"

    def name_of(self, spatial: Any) -> str:
        """The storey that `spatial` is or lies in; else the part of a facility; else empty."""
        part = ""
        for space in chain(spatial, "", _Wholes(self._links)):
            if space.id() in self._names:
                return self._names[space.id()]
            if not part and is_a(space, "IfcFacilityPart"):
                part = self._reader.text(space, "Name")
        return part


class _Wholes(Reader):
    """Steps from a spatial element to the one it is part of."""

    def __init__(self, links: Links) -> None:
        super().__init__()
        self._links = links

    def get(self, entity: Any, name: str) -> Any:
        """The whole of `entity`."""
        del name
        return self._links.whole_of.get(entity.id())


def schema_family(identifier: str) -> str:
    """``IFC4X3`` for ``IFC4X3_ADD2`` and the like; ``IFC4`` for ``IFC4_ADD2``."""
    known: Mapping[str, str] = {"IFC2X3": "IFC2X3", "IFC4X3": "IFC4X3", "IFC4": "IFC4"}
    return next((v for k, v in known.items() if identifier.upper().startswith(k)), identifier)
