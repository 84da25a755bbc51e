"""Small IFC files of the three schemas, written instance by instance."""

from pathlib import Path

import ifcopenshell
import ifcopenshell.guid

UNITS = {"m": 1.0, "mm": 0.001, "ft": 0.3048}


class Author:
    """Writes one file; lengths are given in metres and stored in the file's unit."""

    def __init__(self, schema: str = "IFC4", unit: str = "m") -> None:
        self.file = ifcopenshell.file(schema=schema)
        self.unit = UNITS[unit]
        self._serial = 0
        header = self.file.header
        header.file_name.time_stamp = "2026-01-01T00:00:00"
        self.owner = self._history() if schema == "IFC2X3" else None
        self.context = self.new(
            "IfcGeometricRepresentationContext",
            ContextType="Model",
            CoordinateSpaceDimension=3,
            Precision=1e-5,
            WorldCoordinateSystem=self.axes(),
        )
        self.project = self.root(
            "IfcProject",
            Name="P",
            RepresentationContexts=[self.context],
            UnitsInContext=self.new("IfcUnitAssignment", Units=[self._length(unit)]),
        )
        self.site = self.root("IfcSite", Name="S", ObjectPlacement=self.place())
        self.building = self.root("IfcBuilding", Name="B", ObjectPlacement=self.place(self.site))
        self.parts("IfcRelAggregates", self.project, [self.site])
        self.parts("IfcRelAggregates", self.site, [self.building])

    def new(self, name, **attributes):
        """An instance; attributes the schema lacks are left out."""
        entity = self.file.create_entity(name)
        for key, value in attributes.items():
            if value is not None and hasattr(entity, key):
                setattr(entity, key, value)
        return entity

    def root(self, name, **attributes):
        """An instance with a GlobalId; guids count up so that files repeat."""
        self._serial += 1
        guid = ifcopenshell.guid.compress(f"{self._serial:032x}")
        return self.new(name, GlobalId=guid, OwnerHistory=self.owner, **attributes)

    def _history(self):
        person = self.new("IfcPerson", FamilyName="A")
        firm = self.new("IfcOrganization", Name="O")
        both = self.new("IfcPersonAndOrganization", ThePerson=person, TheOrganization=firm)
        app = self.new(
            "IfcApplication",
            ApplicationDeveloper=firm,
            Version="1",
            ApplicationFullName="T",
            ApplicationIdentifier="T",
        )
        return self.new(
            "IfcOwnerHistory",
            OwningUser=both,
            OwningApplication=app,
            ChangeAction="ADDED",
            CreationDate=0,
        )

    def _length(self, unit):
        metre = self.new("IfcSIUnit", UnitType="LENGTHUNIT", Name="METRE")
        if unit == "mm":
            metre.Prefix = "MILLI"
        if unit != "ft":
            return metre
        return self.new(
            "IfcConversionBasedUnit",
            UnitType="LENGTHUNIT",
            Name="FOOT",
            Dimensions=self.new(
                "IfcDimensionalExponents",
                LengthExponent=1,
                MassExponent=0,
                TimeExponent=0,
                ElectricCurrentExponent=0,
                ThermodynamicTemperatureExponent=0,
                AmountOfSubstanceExponent=0,
                LuminousIntensityExponent=0,
            ),
            ConversionFactor=self.new(
                "IfcMeasureWithUnit",
                ValueComponent=self.file.create_entity("IfcLengthMeasure", 0.3048),
                UnitComponent=metre,
            ),
        )

    def point(self, *metres):
        return self.new("IfcCartesianPoint", Coordinates=[float(m) / self.unit for m in metres])

    def axes(self, at=(0.0, 0.0, 0.0)):
        return self.new("IfcAxis2Placement3D", Location=self.point(*at))

    def place(self, within=None, at=(0.0, 0.0, 0.0)):
        parent = None if within is None else within.ObjectPlacement
        return self.new("IfcLocalPlacement", PlacementRelTo=parent, RelativePlacement=self.axes(at))

    def storey(self, name, elevation):
        storey = self.root(
            "IfcBuildingStorey",
            Name=name,
            Elevation=elevation / self.unit,
            ObjectPlacement=self.place(self.building, (0, 0, elevation)),
        )
        self.parts("IfcRelAggregates", self.building, [storey])
        return storey

    def block(self, name, size, *, within=None, at=(0.0, 0.0, 0.0), **attributes):
        """A product of class `name`: a box with its lower corner at `at` within its parent."""
        x, y, z = size
        ring = [self.point(*p) for p in ((0, 0), (x, 0), (x, y), (0, y), (0, 0))]
        profile = self.new(
            "IfcArbitraryClosedProfileDef",
            ProfileType="AREA",
            OuterCurve=self.new("IfcPolyline", Points=ring),
        )
        solid = self.new(
            "IfcExtrudedAreaSolid",
            SweptArea=profile,
            Position=self.axes(),
            ExtrudedDirection=self.new("IfcDirection", DirectionRatios=[0.0, 0.0, 1.0]),
            Depth=z / self.unit,
        )
        return self.shaped(name, [solid], "SweptSolid", within=within, at=at, **attributes)

    def shaped(self, name, items, kind, *, within=None, at=(0.0, 0.0, 0.0), **attributes):
        """A product with the given body items."""
        body = self.new(
            "IfcShapeRepresentation",
            ContextOfItems=self.context,
            RepresentationIdentifier="Body",
            RepresentationType=kind,
            Items=items,
        )
        return self.root(
            name,
            ObjectPlacement=self.place(within, at),
            Representation=self.new("IfcProductDefinitionShape", Representations=[body]),
            **attributes,
        )

    def parts(self, relation, whole, parts):
        return self.root(relation, RelatingObject=whole, RelatedObjects=parts)

    def contain(self, place, *elements):
        return self.root(
            "IfcRelContainedInSpatialStructure",
            RelatingStructure=place,
            RelatedElements=list(elements),
        )

    def group(self, system, *members):
        return self.root("IfcRelAssignsToGroup", RelatingGroup=system, RelatedObjects=list(members))

    def ports(self, element, *names):
        """Ports on an element, nested where the schema wants it."""
        made = [self.root("IfcDistributionPort", Name=n) for n in names]
        if self.file.schema == "IFC2X3":
            for port in made:
                self.root("IfcRelConnectsPortToElement", RelatingPort=port, RelatedElement=element)
        else:
            self.parts("IfcRelNests", element, made)
        return made

    def write(self, path: Path) -> Path:
        self.file.write(str(path))
        return path
