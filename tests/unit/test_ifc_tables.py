"""The element and relation tables of files written in the three schemas."""

import numpy as np
import pytest

from bimcore.ifc.sandbox import ingest
from bimcore.model import Scene
from bimcore.relations import RelationKind as Kind
from clash.rules import Selector
from clash.select import select
from tests.ifc_author import Author

SCHEMAS = ("IFC2X3", "IFC4", "IFC4X3")


def house(schema, unit):
    """A wall with a door in an opening, a covered slab, two joined walls, a pipe run, a stair."""
    a = Author(schema, unit)
    first, second = a.storey("1F", 0.0), a.storey("2F", 3.5)
    kind = "IfcWallStandardCase" if schema == "IFC2X3" else "IfcWall"
    wall = a.block(kind, (4, 0.2, 3), within=first, Name="W1", Tag="T1")
    opening = a.block("IfcOpeningElement", (1, 0.4, 2.1), within=wall, at=(1, -0.1, 0))
    door = a.block("IfcDoor", (1, 0.1, 2.1), within=opening, at=(0, 0.1, 0), Name="D1")
    other = a.block(kind, (0.2, 4, 3), within=first, at=(4, 0, 0), Name="W2")
    slab = a.block(
        "IfcSlab", (4, 4, 0.2), within=second, at=(0, 0, -0.2), Name="S1", PredefinedType="FLOOR"
    )
    floor = a.block("IfcCovering", (4, 4, 0.05), within=second, Name="C1")
    stair = a.root("IfcStair", Name="ST", ObjectPlacement=a.place(first))
    flight = a.block("IfcStairFlight", (1, 3, 0.2), within=first, at=(1, 1, 1), Name="F1")
    space = a.block("IfcSpace", (4, 4, 3), within=first, Name="R1")
    a.parts("IfcRelAggregates", stair, [flight])
    a.parts("IfcRelAggregates", first, [space])
    a.root("IfcRelVoidsElement", RelatingBuildingElement=wall, RelatedOpeningElement=opening)
    a.root("IfcRelFillsElement", RelatingOpeningElement=opening, RelatedBuildingElement=door)
    a.root("IfcRelCoversBldgElements", RelatingBuildingElement=slab, RelatedCoverings=[floor])
    a.root(
        "IfcRelConnectsPathElements",
        RelatingElement=wall,
        RelatedElement=other,
        RelatingPriorities=[],
        RelatedPriorities=[],
        RelatingConnectionType="ATEND",
        RelatedConnectionType="ATSTART",
    )
    segment, fitting = (
        ("IfcFlowSegment", "IfcFlowFitting")
        if schema == "IFC2X3"
        else ("IfcPipeSegment", "IfcPipeFitting")
    )
    pipe = a.block(segment, (2, 0.1, 0.1), within=first, at=(0, 1, 2.5), Name="P1")
    elbow = a.block(fitting, (0.1, 0.1, 0.1), within=first, at=(2, 1, 2.5), Name="E1")
    ends = a.ports(pipe, "out")[0], a.ports(elbow, "in")[0]
    a.root("IfcRelConnectsPorts", RelatingPort=ends[0], RelatedPort=ends[1])
    a.group(a.root("IfcSystem", Name="喷淋 SP-1"), pipe, elbow)
    a.contain(first, wall, other, stair, pipe, elbow)
    a.contain(second, slab, floor)
    return a


@pytest.fixture(
    scope="module", params=[(s, u) for s in SCHEMAS for u in ("m", "mm", "ft")], ids="-".join
)
def model(request, tmp_path_factory):
    path = tmp_path_factory.mktemp("house") / "house.ifc"
    answer = ingest(house(*request.param).write(path), name="house.ifc")
    assert [f.message("en") for f in answer.findings] == []
    return answer.model


def rows(model):
    return {
        n or c: i for i, (n, c) in enumerate(zip(model.elements.name, classes(model), strict=True))
    }


def classes(model):
    return model.elements.ifc_class.texts()


def test_rows_are_the_products_in_order_of_their_instances(model):
    assert model.elements.name == (
        "W1", "", "D1", "W2", "S1", "C1", "ST", "F1", "R1", "P1", "E1",
    )  # fmt: skip
    assert list(model.elements.step_id) == sorted(model.elements.step_id)


def test_physical_elements_and_only_they_are_clash_bodies(model):
    row = rows(model)
    bodies = {n for n, i in row.items() if model.elements.clash_body[i]}

    assert bodies == {"W1", "D1", "W2", "S1", "C1", "ST", "F1", "P1", "E1"}


def test_parts_fillers_and_openings_inherit_the_storey(model):
    storey = dict(zip(rows(model), model.elements.storey.texts(), strict=True))

    assert storey == {
        "W1": "1F", "IfcOpeningElement": "1F", "D1": "1F", "W2": "1F", "S1": "2F", "C1": "2F",
        "ST": "1F", "F1": "1F", "R1": "1F", "P1": "1F", "E1": "1F",
    }  # fmt: skip
    assert model.elements.storey.words == ("1F", "2F")
    assert model.elements.storey_elevation == pytest.approx([0.0, 3.5], abs=1e-9)


def test_relations_name_both_sides(model):
    row = rows(model)
    r = model.relations
    found = {
        (Kind(k).name, model_name(row, a), model_name(row, b))
        for k, a, b in zip(r.kind.tolist(), r.a.tolist(), r.b.tolist(), strict=True)
    }

    assert found == {
        ("AGGREGATES", "ST", "F1"),
        ("FILLS", "D1", "W1"),
        ("VOIDS", "IfcOpeningElement", "W1"),
        ("OPENING_FILLER", "D1", "IfcOpeningElement"),
        ("CONNECTS", "W1", "W2"),
        ("PORT", "P1", "E1"),
        ("COVERS", "C1", "S1"),
    }


def model_name(row, index):
    return next(n for n, i in row.items() if i == index)


def test_pipes_of_a_sprinkler_system_are_fire_protection(model):
    row = rows(model)
    discipline, system = model.elements.discipline, model.elements.system

    assert (discipline[row["P1"]], discipline[row["E1"]]) == ("fire", "fire")
    assert (system[row["P1"]], system[row["W1"]]) == ("喷淋 SP-1", "")
    assert discipline[row["W1"]] == "architecture"


def test_bodies_stand_in_metres_where_placements_put_them(model):
    bounds = model.meshes.bounds()
    row = rows(model)

    assert bounds[row["S1"]] == pytest.approx(np.array([[0, 0, 3.3], [4, 4, 3.5]]), abs=1e-5)
    assert bounds[row["D1"]] == pytest.approx(np.array([[1, 0, 0], [2, 0.1, 2.1]]), abs=1e-5)
    assert bounds[row["W2"]] == pytest.approx(np.array([[4, 0, 0], [4.2, 4, 3]]), abs=1e-5)
    assert not model.meshes.has_body[row["ST"]]


def test_the_opening_is_cut_out_of_its_wall_and_all_bodies_are_closed(model):
    from bimcore.mesh import signed_volume

    row = rows(model)

    assert model.meshes.closed.sum() == 10
    assert signed_volume(*model.meshes.body(row["W1"])) == pytest.approx(2.4 - 0.42, abs=1e-5)


def test_lineage_follows_the_schema(model):
    elements = model.elements

    assert elements.is_a("IfcBuildingElement", "IfcBuiltElement").sum() == 7
    assert elements.is_a("IfcFeatureElementSubtraction").sum() == 1
    assert all(up[0] == c for c, up in zip(elements.ifc_class.words, elements.lineage, strict=True))


def ingested(author, tmp_path, name="a.ifc"):
    return ingest(author.write(tmp_path / name), name=name)


def test_provisions_for_voids_virtual_elements_and_annotations_are_no_bodies(tmp_path):
    a = Author("IFC4")
    storey = a.storey("1F", 0.0)
    hole = a.block("IfcBuildingElementProxy", (1, 1, 1), Name="hole")
    hole.PredefinedType = "PROVISIONFORVOID"
    virtual = a.block("IfcVirtualElement", (1, 1, 1), Name="virtual")
    text = a.block("IfcAnnotation", (1, 1, 1), Name="text")
    proxy = a.block("IfcBuildingElementProxy", (1, 1, 1), Name="thing", PredefinedType="ELEMENT")
    a.contain(storey, hole, virtual, text, proxy)

    model = ingested(a, tmp_path).model

    flags = dict(zip(model.elements.name, model.elements.clash_body.tolist(), strict=True))
    assert flags == {"hole": False, "virtual": False, "thing": True}


def test_type_material_classification_and_layer_come_from_their_relations(tmp_path):
    a = Author("IFC4", "mm")
    storey = a.storey("1F", 0.0)
    wall = a.block("IfcWall", (4, 0.2, 3), within=storey, Name="W")
    kind = a.root("IfcWallType", Name="Basic 200", PredefinedType="SHEAR")
    a.root("IfcRelDefinesByType", RelatingType=kind, RelatedObjects=[wall])
    layers = [
        a.new("IfcMaterialLayer", Material=a.new("IfcMaterial", Name=n), LayerThickness=100.0)
        for n in ("Concrete", "Plaster")
    ]
    layer_set = a.new("IfcMaterialLayerSet", MaterialLayers=layers)
    a.root("IfcRelAssociatesMaterial", RelatingMaterial=layer_set, RelatedObjects=[kind])
    code = a.new("IfcClassificationReference", Identification="14-10.20", Name="墙")
    a.root("IfcRelAssociatesClassification", RelatingClassification=code, RelatedObjects=[wall])
    a.new(
        "IfcPresentationLayerAssignment",
        Name="A-WALL",
        AssignedItems=list(wall.Representation.Representations),
    )
    a.contain(storey, wall)

    e = ingested(a, tmp_path).model.elements

    assert (e.object_type[0], e.predefined[0]) == ("Basic 200", "SHEAR")
    assert (e.material[0], e.classification[0]) == ("Concrete | Plaster", "14-10.20")
    assert e.layer[0] == "A-WALL"


def test_generic_flow_segments_follow_their_type(tmp_path):
    a = Author("IFC2X3")
    storey = a.storey("1F", 0.0)
    duct = a.block("IfcFlowSegment", (1, 1, 1), within=storey, Name="x")
    kind = a.root("IfcDuctSegmentType", Name="rect", PredefinedType="RIGIDSEGMENT")
    a.root("IfcRelDefinesByType", RelatingType=kind, RelatedObjects=[duct])
    a.contain(storey, duct)

    e = ingested(a, tmp_path).model.elements

    assert (e.discipline[0], e.predefined[0]) == ("hvac", "RIGIDSEGMENT")


def test_walls_of_a_model_of_beams_and_columns_are_structure(tmp_path):
    a = Author("IFC4")
    storey = a.storey("1F", 0.0)
    names = ["IfcBeam"] * 4 + ["IfcColumn"] * 4 + ["IfcWall", "IfcSlab"]
    products = [
        a.block(n, (1, 0.3, 0.3), within=storey, at=(0, k, 0), Name=f"{n}{k}")
        for k, n in enumerate(names)
    ]
    a.contain(storey, *products)

    e = ingested(a, tmp_path).model.elements

    assert set(e.discipline.texts()) == {"structure"}


def test_bars_in_a_wall_are_embedded_and_a_second_system_is_kept_as_a_relation(tmp_path):
    a = Author("IFC4")
    storey = a.storey("1F", 0.0)
    wall = a.block("IfcWall", (4, 0.2, 3), within=storey, Name="W")
    bar = a.block("IfcReinforcingBar", (4, 0.02, 0.02), within=wall, Name="bar")
    pipes = [a.block("IfcPipeSegment", (1, 0.1, 0.1), at=(0, k, 5), Name=f"p{k}") for k in (1, 2)]
    a.parts("IfcRelAggregates", wall, [bar])
    a.contain(storey, wall, *pipes)
    a.group(a.root("IfcDistributionSystem", Name="A", PredefinedType="DRAINAGE"), *pipes)
    a.group(a.root("IfcDistributionSystem", Name="B", PredefinedType="VENTILATION"), *pipes)

    model = ingested(a, tmp_path).model

    assert model.relations.pairs(Kind.REINFORCES).tolist() == [[1, 0]]
    assert model.relations.pairs(Kind.SAME_SYSTEM).tolist() == [[2, 3]]
    assert model.elements.system.texts() == ["", "", "A", "A"]
    assert model.elements.systems.texts() == ["", "", "A | B", "A | B"]
    found = select(Scene.of([model]), Selector(systems=("b",)))
    assert found.tolist() == [False, False, True, True]
    assert model.elements.discipline[2] == "plumbing"


def test_insulation_has_the_trade_of_the_duct_it_covers(tmp_path):
    a = Author("IFC4")
    storey = a.storey("1F", 0.0)
    duct = a.block("IfcDuctSegment", (2, 0.3, 0.3), within=storey, Name="D1")
    round_ = a.block(
        "IfcCovering", (2, 0.4, 0.4), within=storey, Name="I1", PredefinedType="INSULATION"
    )
    board = a.block(
        "IfcCovering", (2, 2, 0.1), within=storey, Name="I2", PredefinedType="INSULATION"
    )
    wall = a.block("IfcWall", (2, 0.2, 2), within=storey, Name="W1")
    a.root("IfcRelCoversBldgElements", RelatingBuildingElement=duct, RelatedCoverings=[round_])
    a.root("IfcRelCoversBldgElements", RelatingBuildingElement=wall, RelatedCoverings=[board])
    a.contain(storey, duct, round_, board, wall)

    e = ingested(a, tmp_path).model.elements

    assert dict(zip(e.name, e.discipline.texts(), strict=True)) == {
        "D1": "hvac",
        "I1": "hvac",
        "I2": "architecture",
        "W1": "architecture",
    }


@pytest.mark.parametrize("schema", ["IFC2X3", "IFC4"])
def test_a_space_has_the_zone_that_groups_it(tmp_path, schema):
    a = Author(schema)
    storey = a.storey("1F", 0.0)
    rooms = [a.block("IfcSpace", (4, 4, 3), at=(5 * k, 0, 0), Name=f"R{k}") for k in range(3)]
    a.parts("IfcRelAggregates", storey, rooms)
    a.group(a.root("IfcZone", Name="Flat 1"), *rooms[:2])

    assert ingested(a, tmp_path).model.elements.system.texts() == ["Flat 1", "Flat 1", ""]


def test_one_storey_name_in_two_buildings_keeps_both_elevations(tmp_path):
    a = Author("IFC4")
    first = a.storey("1F", 0.0)
    tower = a.root("IfcBuilding", Name="Tower", ObjectPlacement=a.place(a.site))
    a.parts("IfcRelAggregates", a.site, [tower])
    second = a.root("IfcBuildingStorey", Name="1F", ObjectPlacement=a.place(tower, (0, 0, 6.0)))
    a.parts("IfcRelAggregates", tower, [second])
    one = a.block("IfcWall", (1, 1, 1), within=first, Name="one")
    two = a.block("IfcWall", (1, 1, 1), within=second, Name="two")
    a.contain(first, one)
    a.contain(second, two)

    e = ingested(a, tmp_path).model.elements

    assert e.storey.texts() == ["1F", "1F (Tower)"]
    assert e.storey_elevation.tolist() == [0.0, 6.0]


def test_storeys_of_one_name_in_two_buildings_stay_apart_and_know_their_building(tmp_path):
    author = Author("IFC4")
    author.building.Name = "1#楼"
    other = author.root("IfcBuilding", Name="2#楼", ObjectPlacement=author.place(author.site))
    author.parts("IfcRelAggregates", author.site, [other])
    for building in (author.building, other):
        storey = author.root(
            "IfcBuildingStorey",
            Name="1F",
            Elevation=0.0,
            ObjectPlacement=author.place(building),
        )
        author.parts("IfcRelAggregates", building, [storey])
        wall = author.block("IfcWall", (1, 1, 1), within=storey, Name=building.Name)
        author.contain(storey, wall)

    model = ingested(author, tmp_path).model

    assert dict(zip(model.elements.storey.words, model.spatial.buildings, strict=True)) == {
        "1F": "1#楼",
        "1F (2#楼)": "2#楼",
    }


def test_stated_elevations_count_where_all_storeys_are_placed_at_one_height(tmp_path):
    author = Author("IFC4")
    for name, height in (("1F", 0.0), ("2F", 3.0)):
        storey = author.storey(name, 0.0)
        storey.Elevation = height
        author.contain(storey, author.block("IfcWall", (1, 1, 1), within=storey, Name=name))

    model = ingested(author, tmp_path).model

    assert model.elements.storey_elevation.tolist() == [0.0, 3.0]


def test_straight_grid_axes_are_read_in_metres_where_they_are(tmp_path):
    author = Author("IFC4", "mm")

    def axis(tag, *ends):
        points = [author.point(*e) for e in ends]
        curve = author.new("IfcPolyline", Points=points)
        return author.new("IfcGridAxis", AxisTag=tag, AxisCurve=curve, SameSense=True)

    author.root(
        "IfcGrid",
        Name="G",
        ObjectPlacement=author.place(author.building, (10, 0, 0)),
        UAxes=[axis("1", (0, 0), (0, 8))],
        VAxes=[axis("A", (0, 0), (6, 0)), axis("bent", (0, 0), (3, 0), (3, 3))],
    )
    storey = author.storey("1F", 0.0)
    author.contain(storey, author.block("IfcWall", (1, 1, 1), within=storey, Name="W"))

    spatial = ingested(author, tmp_path).model.spatial

    assert spatial.tags == ("1", "A")
    assert spatial.ends.tolist() == [[[10, 0, 0], [10, 8, 0]], [[10, 0, 0], [16, 0, 0]]]
