"""Writes a sheet of parts as an IFC file, the same bytes every time."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

import ifcopenshell

from sample_models.authoring import place
from sample_models.authoring.ifc_relations import relate
from sample_models.authoring.parts import Opening, Part, Sheet, Storey, global_id
from sample_models.authoring.shapes import (
    EAST,
    UP,
    Body,
    Disc,
    Faces,
    Outline,
    Prism,
    Rect,
    Vec,
    within,
)

Entity = Any

STAMP = "2026-03-02T09:00:00"
SECONDS = 1772442000


def write(sheet: Sheet, setup: place.Setup, storeys: Sequence[Storey], path: Path) -> None:
    """Write `sheet` to `path` in the schema, unit and georeference of `setup`."""
    writer = Writer(sheet=sheet, setup=setup, storeys=storeys)
    writer.run()
    relate(writer)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(writer.file.to_string().encode())


@dataclass(slots=True)
class Writer:
    """One IFC file while it is written."""

    sheet: Sheet
    setup: place.Setup
    storeys: Sequence[Storey]
    file: Any = None
    owner: Entity = None
    context: Entity = None
    body_context: Entity = None
    levels: dict[str, Entity] = field(default_factory=dict)
    products: dict[str, Entity] = field(default_factory=dict)
    placements: dict[str, Entity] = field(default_factory=dict)
    shared: dict[tuple[object, ...], Entity] = field(default_factory=dict)
    site: Entity = None
    building: Entity = None

    def run(self) -> None:
        """Write header, spatial tree, parts and openings."""
        self.file = ifcopenshell.file(schema=cast(Any, self.setup.schema))
        self._header()
        self._spatial_tree()
        for part in self.sheet.parts.values():
            self._part(part)
        for part in self.sheet.parts.values():
            for opening in part.openings:
                self._opening(part, opening)
        self._containment()

    # -- small things ---------------------------------------------------------------

    def make(self, ifc_class: str, **values: object) -> Entity:
        """An instance without a GlobalId."""
        return self.file.create_entity(ifc_class, **values)

    def root(self, ifc_class: str, key: str, **values: object) -> Entity:
        """An instance with the GlobalId of `key`."""
        guid = global_id("yuyan-b3", self.sheet.name, ifc_class, key)
        return self.make(ifc_class, GlobalId=guid, OwnerHistory=self.owner, **values)

    def once(self, ifc_class: str, *key: object, **values: object) -> Entity:
        """An instance shared by all who ask with the same key."""
        place_ = (ifc_class, *key)
        if place_ not in self.shared:
            self.shared[place_] = self.make(ifc_class, **values)
        return self.shared[place_]

    def point(self, at: Sequence[float]) -> Entity:
        """A point given in metres."""
        digits = 4 if self.setup.millimetres else 7
        scaled = tuple(round(v * self.setup.unit, digits) + 0.0 for v in at)
        return self.once("IfcCartesianPoint", scaled, Coordinates=scaled)

    def direction(self, ratios: Sequence[float]) -> Entity:
        """A direction."""
        clean = tuple(round(v, 15) + 0.0 for v in ratios)
        return self.once("IfcDirection", clean, DirectionRatios=clean)

    def length(self, metres: float) -> float:
        """A length in file units."""
        return round(metres * self.setup.unit, 4 if self.setup.millimetres else 7)

    def axes(self, at: Vec, axis: Vec = UP, ref: Vec = EAST) -> Entity:
        """A placement of three axes."""
        plain = axis == UP and ref == EAST
        return self.make(
            "IfcAxis2Placement3D",
            Location=self.point(at),
            Axis=None if plain else self.direction(axis),
            RefDirection=None if plain else self.direction(ref),
        )

    def local(self, parent: Entity, axes: Entity) -> Entity:
        """A local placement."""
        return self.make("IfcLocalPlacement", PlacementRelTo=parent, RelativePlacement=axes)

    # -- header and spatial tree ----------------------------------------------------

    def _header(self) -> None:
        head = self.file.header
        head.file_description.description = ("ViewDefinition [ReferenceView_V1.2]",)
        if self.setup.schema == "IFC2X3":
            head.file_description.description = ("ViewDefinition [CoordinationView_V2.0]",)
        head.file_name.name = f"{self.sheet.name}.ifc"
        head.file_name.time_stamp = STAMP
        head.file_name.author = ("两江智慧园区 B3 示例",)
        head.file_name.organization = ("示例设计院",)
        head.file_name.preprocessor_version = "yuyan sample 1"
        head.file_name.originating_system = "yuyan sample 1"
        head.file_name.authorization = ""

    def _owner(self) -> Entity:
        person = self.make("IfcPerson", FamilyName="示例")
        company = self.make("IfcOrganization", Name="示例设计院")
        both = self.make("IfcPersonAndOrganization", ThePerson=person, TheOrganization=company)
        tool = self.make(
            "IfcApplication",
            ApplicationDeveloper=company,
            Version="1",
            ApplicationFullName="yuyan sample",
            ApplicationIdentifier="yuyan-sample",
        )
        return self.make(
            "IfcOwnerHistory",
            OwningUser=both,
            OwningApplication=tool,
            ChangeAction="ADDED",
            CreationDate=SECONDS,
        )

    def _units(self) -> Entity:
        prefix = "MILLI" if self.setup.millimetres else None
        units = [self.make("IfcSIUnit", UnitType="LENGTHUNIT", Prefix=prefix, Name="METRE")]
        for kind, name in (
            ("AREAUNIT", "SQUARE_METRE"),
            ("VOLUMEUNIT", "CUBIC_METRE"),
            ("PLANEANGLEUNIT", "RADIAN"),
        ):
            units.append(self.make("IfcSIUnit", UnitType=kind, Name=name))
        return self.make("IfcUnitAssignment", Units=units)

    def _contexts(self) -> None:
        self.context = self.make(
            "IfcGeometricRepresentationContext",
            ContextType="Model",
            CoordinateSpaceDimension=3,
            Precision=1e-5 * self.setup.unit,
            WorldCoordinateSystem=self.axes((0.0, 0.0, 0.0)),
        )
        self.body_context = self.make(
            "IfcGeometricRepresentationSubContext",
            ContextIdentifier="Body",
            ContextType="Model",
            ParentContext=self.context,
            TargetView="MODEL_VIEW",
        )

    def _spatial_tree(self) -> None:
        self.owner = self._owner()
        self._contexts()
        project = self.root(
            "IfcProject",
            "project",
            Name="两江智慧园区 B3",
            RepresentationContexts=[self.context],
            UnitsInContext=self._units(),
        )
        turn = place.turned(EAST, self.setup.turn)
        site_axes = self.axes(self.setup.shift, UP, turn)
        self.site = self.root(
            "IfcSite",
            "site",
            Name="两江智慧园区",
            ObjectPlacement=self.local(None, site_axes),
            CompositionType="ELEMENT",
            RefLatitude=place.LATITUDE,
            RefLongitude=place.LONGITUDE,
            RefElevation=self.length(place.HEIGHT),
        )
        self.building = self.root(
            "IfcBuilding",
            "building",
            Name="B3 科研楼",
            ObjectPlacement=self.local(self.site.ObjectPlacement, self.axes((0.0, 0.0, 0.0))),
            CompositionType="ELEMENT",
        )
        self._tree(project, [self.site])
        self._tree(self.site, [self.building])
        for storey in self.storeys:
            at = self.axes((0.0, 0.0, storey.elevation))
            self.levels[storey.name] = self.root(
                "IfcBuildingStorey",
                storey.name,
                Name=storey.name,
                ObjectPlacement=self.local(self.building.ObjectPlacement, at),
                CompositionType="ELEMENT",
                Elevation=self.length(storey.elevation),
            )
        if self.levels:
            self._tree(self.building, list(self.levels.values()))
        self.setup.encode(
            self.setup,
            place.Anchor(self.file, self.sheet.name, self.context, project, self.site, self.owner),
        )

    def _tree(self, whole: Entity, parts: list[Entity]) -> None:
        self.root("IfcRelAggregates", whole.GlobalId, RelatingObject=whole, RelatedObjects=parts)

    # -- bodies ---------------------------------------------------------------------

    def _profile(self, shape: Rect | Disc | Outline) -> Entity:
        key = ("profile", shape)
        if key in self.shared:
            return self.shared[key]
        zero = self.once("IfcCartesianPoint", (0.0, 0.0), Coordinates=(0.0, 0.0))
        position = self.once("IfcAxis2Placement2D", "zero", Location=zero)
        common: dict[str, object] = {"ProfileType": "AREA"}
        if isinstance(shape, Outline):
            corners = [self.point(p) for p in (*shape.points, shape.points[0])]
            name, common["OuterCurve"] = (
                "IfcArbitraryClosedProfileDef",
                self.make("IfcPolyline", Points=corners),
            )
        elif isinstance(shape, Disc):
            name = "IfcCircleHollowProfileDef" if shape.wall else "IfcCircleProfileDef"
            common |= {"Position": position, "Radius": self.length(shape.radius)}
        else:
            name = "IfcRectangleHollowProfileDef" if shape.wall else "IfcRectangleProfileDef"
            common |= {
                "Position": position,
                "XDim": self.length(shape.width),
                "YDim": self.length(shape.height),
            }
        if not isinstance(shape, Outline) and shape.wall:
            common["WallThickness"] = self.length(shape.wall)
        self.shared[key] = self.make(name, **common)
        return self.shared[key]

    def _shape(self, body: Body) -> Entity:
        if isinstance(body, Prism):
            zero = self.once("IfcAxis2Placement3D", "zero", Location=self.point((0.0, 0.0, 0.0)))
            item = self.make(
                "IfcExtrudedAreaSolid",
                SweptArea=self._profile(body.profile),
                Position=zero,
                ExtrudedDirection=self.direction(UP),
                Depth=self.length(body.depth),
            )
            word = "SweptSolid"
        else:
            item, word = self._brep(body), "Brep"
        representation = self.make(
            "IfcShapeRepresentation",
            ContextOfItems=self.body_context,
            RepresentationIdentifier="Body",
            RepresentationType=word,
            Items=[item],
        )
        return self.make("IfcProductDefinitionShape", Representations=[representation])

    def _brep(self, body: Faces) -> Entity:
        faces = []
        for corners in body.faces:
            loop = self.make("IfcPolyLoop", Polygon=[self.point(body.points[c]) for c in corners])
            bound = self.make("IfcFaceOuterBound", Bound=loop, Orientation=True)
            faces.append(self.make("IfcFace", Bounds=[bound]))
        return self.make("IfcFacetedBrep", Outer=self.make("IfcClosedShell", CfsFaces=faces))

    # -- products -------------------------------------------------------------------

    def _part(self, part: Part) -> None:
        values: dict[str, object] = {"Name": part.name, "ObjectType": part.object_type}
        level = self.levels.get(part.storey or "")
        parent = level.ObjectPlacement if level is not None else self.site.ObjectPlacement
        base = self._elevation(part)
        if part.body is not None:
            x, y, z = part.body.at
            axes = self.axes((x, y, z - base), part.body.axis, part.body.ref)
            values["Representation"] = self._shape(part.body)
        else:
            axes = self.axes((0.0, 0.0, 0.0))
        values["ObjectPlacement"] = self.local(parent, axes)
        if part.predefined is not None:
            values["PredefinedType"] = part.predefined
        product = self.make(part.ifc_class, GlobalId=part.guid, OwnerHistory=self.owner, **values)
        if hasattr(product, "Tag"):
            product.Tag = str(100000 + len(self.products))
        self.products[part.key] = product

    def _elevation(self, part: Part) -> float:
        for storey in self.storeys:
            if storey.name == part.storey:
                return storey.elevation
        return 0.0

    def _opening(self, part: Part, opening: Opening) -> None:
        host = self.products[part.key]
        if part.body is None:
            message = f"{part.key}: a part without a body has no opening"
            raise ValueError(message)
        at, axis, ref = within(opening.body, part.body)
        hole = self.root(
            "IfcOpeningElement",
            opening.key,
            Name=f"洞口 {opening.key}",
            ObjectPlacement=self.local(host.ObjectPlacement, self.axes(at, axis, ref)),
            Representation=self._shape(opening.body),
            **({} if self.setup.schema == "IFC2X3" else {"PredefinedType": "OPENING"}),
        )
        self.root(
            "IfcRelVoidsElement",
            opening.key,
            RelatingBuildingElement=host,
            RelatedOpeningElement=hole,
        )
        if opening.filler:
            self.root(
                "IfcRelFillsElement",
                opening.key,
                RelatingOpeningElement=hole,
                RelatedBuildingElement=self.products[opening.filler],
            )

    def _containment(self) -> None:
        places: dict[str, list[Entity]] = defaultdict(list)
        wholes: dict[str, list[Entity]] = defaultdict(list)
        for part in self.sheet.parts.values():
            if part.whole:
                wholes[part.whole].append(self.products[part.key])
            elif part.storey is not None:
                places[part.storey].append(self.products[part.key])
        for name, products in places.items():
            self.root(
                "IfcRelContainedInSpatialStructure",
                name,
                RelatingStructure=self.levels.get(name, self.site),
                RelatedElements=products,
            )
        for key, products in wholes.items():
            self._tree(self.products[key], products)
