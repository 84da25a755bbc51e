"""Georeference facts are the numbers of the file, whichever way they are written."""

import json
import math

import pytest

from bimcore.errors import IfcError
from bimcore.ifc.access import Reader
from bimcore.ifc.georef import ConversionFacts, CrsFacts, GeoreferenceFacts, SiteFacts
from bimcore.ifc.georef_reader import decimal_degrees, read_facts
from bimcore.ifc.sandbox import ingest
from tests import real_files
from tests.ifc_author import Author

SYNTHETIC = real_files.FOLDER / "conformance" / "georef" / "synthetic"


def facts_of(author, tmp_path):
    a = author
    storey = a.storey("1F", 0.0)
    a.contain(storey, a.block("IfcSlab", (4, 2, 1.5), within=storey, at=(12, -7, 3)))
    return ingest(a.write(tmp_path / "a.ifc"), name="a.ifc").facts


def test_facts_survive_json():
    facts = GeoreferenceFacts(
        schema="IFC4",
        conversions=(ConversionFacts(kind="helmert", source="x", crs=CrsFacts(name="EPSG:4549")),),
        sites=(SiteFacts(latitude=(30, 1, 2, 3), placement=((1.0,) * 4,) * 4),),
        bounds=((0.0, 0.0, 0.0), (1.0, 1.0, 1.0)),
        true_north=(0.0, 1.0),
    )

    assert GeoreferenceFacts.from_json(json.loads(json.dumps(facts.to_json()))) == facts


@pytest.mark.parametrize(
    "damage",
    [
        {"project_unit_m": math.nan},
        {"project_unit_m": "one"},
        {"schema": None},
        {"wcs": [[1.0, 2.0]]},
        {"bounds": [[0, 0], [1, 1]]},
        {"sites": [3]},
        {"conversions": [{"kind": ["helmert"], "source": "", "crs": None}]},
    ],
    ids=str,
)
def test_damaged_facts_are_refused(damage):
    data = GeoreferenceFacts(schema="IFC4").to_json() | damage

    with pytest.raises(IfcError):
        GeoreferenceFacts.from_json(data)


@pytest.mark.parametrize(
    ("parts", "degrees"),
    [
        ((30, 15, 36), 30.26),
        ((30, 15, 36, 360000), 30.2601),
        ((-33, -51, -36), -33.86),
        ((0, 0, 0, 0), 0.0),
        (None, None),
        ((30, -15, 36), None),
        ((30, 60, 0), None),
        ((91, 0, 0), None),
        ((42, 24, 53, -(2**31)), None),
        ((42,), None),
    ],
)
def test_compound_angles_need_one_sign_and_whole_ranges(parts, degrees):
    found = decimal_degrees(parts, 90.0)

    assert found == (None if degrees is None else pytest.approx(degrees, abs=1e-9))


def test_a_file_without_georeference_states_its_unit_and_bounds(tmp_path):
    facts = facts_of(Author("IFC4", "ft"), tmp_path)

    assert (facts.schema, facts.project_unit_m) == ("IFC4", pytest.approx(0.3048))
    assert (facts.conversions, facts.orphan_crs, facts.true_north) == ((), (), None)
    assert facts.bounds == (
        pytest.approx((12, -7, 3), abs=1e-5),
        pytest.approx((16, -5, 4.5), abs=1e-5),
    )
    assert [p.ifc_class for p in facts.placement_of_spatial] == ["IfcSite", "IfcBuilding"]


def test_a_map_conversion_is_given_as_written(tmp_path):
    a = Author("IFC4", "mm")
    unit = a.new("IfcSIUnit", UnitType="LENGTHUNIT", Name="METRE")
    crs = a.new("IfcProjectedCRS", Name="EPSG:4549", VerticalDatum="1985", MapUnit=unit)
    a.new(
        "IfcMapConversion",
        SourceCRS=a.context,
        TargetCRS=crs,
        Eastings=514433.611,
        Northings=3350053.697,
        OrthogonalHeight=8.25,
        XAxisAbscissa=2.0,
        XAxisOrdinate=1.0,
        Scale=0.001,
    )
    a.context.TrueNorth = a.new("IfcDirection", DirectionRatios=[0.1, 0.9])

    facts = facts_of(a, tmp_path)

    (found,) = facts.conversions
    assert (found.kind, found.source, found.context_type) == (
        "helmert",
        "IfcMapConversion",
        "Model",
    )
    assert (found.eastings, found.northings, found.height) == (514433.611, 3350053.697, 8.25)
    assert (found.xa, found.xo, found.scale, found.factor_x) == (2.0, 1.0, 0.001, None)
    assert found.crs == CrsFacts(
        name="EPSG:4549", vertical_datum="1985", map_unit_m=1.0, map_unit_given=True
    )
    assert facts.true_north == (0.1, 0.9)


def properties(a, owner, name, values):
    entries = [
        a.new(
            "IfcPropertySingleValue",
            Name=key,
            NominalValue=a.file.create_entity("IfcLabel" if isinstance(v, str) else "IfcReal", v),
        )
        for key, v in values.items()
    ]
    made = a.root("IfcPropertySet", Name=name, HasProperties=entries)
    a.root("IfcRelDefinesByProperties", RelatingPropertyDefinition=made, RelatedObjects=[owner])


def read_only(a):
    """The facts without making bodies."""
    return read_facts(a.file, Reader(), schema=a.file.schema, bounds=None, first=None)


@pytest.mark.parametrize("carrier", ["site", "building", "project"])
@pytest.mark.parametrize("spelling", ["ePset_", "ePSet_", "EPset_"])
def test_property_sets_are_read_in_every_spelling_and_place(tmp_path, spelling, carrier):
    a = Author("IFC2X3", "mm")
    owner = getattr(a, carrier)
    properties(
        a,
        owner,
        spelling + "MapConversion",
        {"Eastings": 5e5, "Northings": 3.3e6, "Scale": 0.001},
    )
    properties(a, owner, spelling + "ProjectedCRS", {"Name": "EPSG:2169", "MapUnit": "METRE"})

    (found,) = facts_of(a, tmp_path).conversions

    assert found.source == f"ePset@{owner.is_a()}"
    assert found.pset == spelling + "MapConversion"
    assert (found.eastings, found.northings, found.scale) == (5e5, 3.3e6, 0.001)
    assert (found.crs.name, found.crs.map_unit_m) == ("EPSG:2169", 1.0)


def test_a_broken_latitude_is_a_fact_not_an_error(tmp_path):
    a = Author("IFC4")
    a.site.RefLatitude = (30, -15, 3)
    a.site.RefLongitude = (120, 9, 0)
    a.site.RefElevation = 7.5

    site = facts_of(a, tmp_path).site

    assert (site.latitude, site.latitude_deg, site.latlon_valid) == ((30, -15, 3), None, False)
    assert (site.longitude_deg, site.elevation_m) == (pytest.approx(120.15), 7.5)


@pytest.mark.skipif(not SYNTHETIC.is_dir(), reason="georeferencing files not found")
@pytest.mark.parametrize(
    ("name", "kind", "eastings", "scale"),
    [
        ("01_m_m_rot", "helmert", 514433.611, None),
        ("03_mm_mm_scale1", "helmert", 514433611.0, 1.0),
        ("08_scaled_csf", "scaled", 514433.611, 1.0),
        ("21_2x3_site_ePSet", "helmert", 514433.611, 0.001),
        ("30_rigid_length", "rigid", 500000.0, None),
    ],
)
def test_published_encodings_are_read(name, kind, eastings, scale):
    facts = ingest(SYNTHETIC / f"{name}.ifc", name=f"{name}.ifc").facts

    (found,) = facts.conversions
    assert (found.kind, found.eastings, found.scale) == (kind, eastings, scale)


@pytest.mark.parametrize(
    ("conversion", "crs"),
    [
        ("ePset_MapConversion", "ePset_ProjectedCRS"),
        ("ePSet_MapConversion ", "EPSET_PROJECTEDCRS"),
        ("Pset_MapConversion", "PSet_ProjectedCRS"),
        ("MapConversion", "ProjectedCRS"),
    ],
)
@pytest.mark.parametrize("elsewhere", ["site", "project"])
def test_property_sets_of_one_conversion_may_stand_apart(conversion, crs, elsewhere):
    a = Author("IFC2X3")
    properties(a, a.site, conversion, {"Eastings": 5e5, "Northings": 3.3e6})
    properties(a, getattr(a, elsewhere), crs, {"Name": "EPSG:4549"})

    (found,) = read_only(a).conversions

    assert (found.source, found.crs.name) == ("ePset@IfcSite", "EPSG:4549")


def test_conversion_set_may_name_its_target_itself():
    a = Author("IFC2X3")
    properties(a, a.site, "ePSet_MapConversion", {"Eastings": 5e5, "TargetCRS": "EPSG:4549"})

    (found,) = read_only(a).conversions

    assert found.crs == CrsFacts(name="EPSG:4549")


@pytest.mark.parametrize(
    ("typed", "number"),
    [
        ("514433,611", 514433.611),
        ("514 433.611", 514433.611),
        ("514,433.611", 514433.611),
        ("3,350,053.697", 3350053.697),
        (" 514433.611 ", 514433.611),
        ("about 514433", None),
    ],
)
def test_numbers_typed_as_text_are_read_as_people_write_them(typed, number):
    a = Author("IFC2X3")
    properties(a, a.site, "ePSet_MapConversion", {"Eastings": typed, "TargetCRS": "EPSG:4549"})

    (found,) = read_only(a).conversions

    assert found.eastings == number


def test_angles_of_a_geographic_target_are_in_its_own_unit():
    a = Author("IFC4X3_ADD2")
    degree = a.new(
        "IfcConversionBasedUnit",
        UnitType="PLANEANGLEUNIT",
        Name="DEGREE",
        ConversionFactor=a.new(
            "IfcMeasureWithUnit",
            ValueComponent=a.file.create_entity("IfcPlaneAngleMeasure", math.pi / 180),
            UnitComponent=a.new("IfcSIUnit", UnitType="PLANEANGLEUNIT", Name="RADIAN"),
        ),
    )
    a.new(
        "IfcRigidOperation",
        SourceCRS=a.context,
        TargetCRS=a.new("IfcGeographicCRS", Name="EPSG:4490", AngleUnit=degree),
        FirstCoordinate=a.file.create_entity("IfcPlaneAngleMeasure", 120.15),
        SecondCoordinate=a.file.create_entity("IfcPlaneAngleMeasure", 30.27),
    )

    (found,) = read_only(a).conversions

    assert (found.angular, found.angle_unit_rad) == (True, pytest.approx(math.pi / 180))
