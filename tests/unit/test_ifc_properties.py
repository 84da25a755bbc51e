"""Property sets and quantities: an element's own, those of its type, and hostile ones."""

import re
import time

import numpy as np
import pytest

from bimcore.checks.codes import UNREADABLE_ATTRIBUTES
from bimcore.ifc.access import Reader
from bimcore.ifc.properties import as_text, read_properties
from bimcore.ifc.relations import Links
from bimcore.ifc.sandbox import ingest
from bimcore.properties import PropertyTable
from tests.ifc_author import Author

SCHEMAS = ("IFC2X3", "IFC4", "IFC4X3")


def value(author, kind, content):
    return author.file.create_entity(kind, content)


def single(author, name, kind, content):
    return author.new(
        "IfcPropertySingleValue", Name=name, NominalValue=value(author, kind, content)
    )


def pset(author, name, *entries):
    return author.root("IfcPropertySet", Name=name, HasProperties=list(entries))


def define(author, given, *elements):
    author.root(
        "IfcRelDefinesByProperties",
        RelatingPropertyDefinition=given,
        RelatedObjects=list(elements),
    )


def typed(author, *elements, sets=(), **attributes):
    kind = author.root("IfcWallType", PredefinedType="STANDARD", HasPropertySets=list(sets) or None)
    for key, content in attributes.items():
        setattr(kind, key, content)
    author.root("IfcRelDefinesByType", RelatingType=kind, RelatedObjects=list(elements))
    return kind


def walls(schema):
    """Two walls of one type; the first says more than its type, and says it otherwise."""
    a = Author(schema)
    storey = a.storey("1F", 0.0)
    first, second = (a.block("IfcWall", (4, 0.2, 3), within=storey, Name=n) for n in "AB")
    a.contain(storey, first, second)
    common = pset(
        a,
        "Pset_WallCommon",
        single(a, "LoadBearing", "IfcBoolean", True),
        single(a, "FireRating", "IfcLabel", " EI60 "),
        a.new("IfcPropertySingleValue", Name="AcousticRating"),
    )
    typed(a, first, second, sets=[common], Name="W200")
    status = a.new(
        "IfcPropertyEnumeratedValue",
        Name="Status",
        EnumerationValues=[value(a, "IfcLabel", "NEW"), value(a, "IfcLabel", "EXISTING")],
    )
    own = pset(a, "Pset_WallCommon", status, single(a, "FireRating", "IfcLabel", "EI90"))
    amounts = a.root(
        "IfcElementQuantity",
        Name="Qto_WallBaseQuantities",
        Quantities=[a.new("IfcQuantityLength", Name="Length", LengthValue=4.0)],
    )
    define(a, own, first)
    define(a, amounts, first, second)
    return a


@pytest.mark.parametrize("schema", SCHEMAS)
def test_an_element_has_its_own_properties_and_those_of_its_type(schema, tmp_path):
    model = ingest(walls(schema).write(tmp_path / "w.ifc"), name="w.ifc").model

    first, second = (model.properties.entries(row) for row in range(2))
    assert first == {
        ("Pset_WallCommon", "LoadBearing"): "TRUE",
        ("Pset_WallCommon", "FireRating"): "EI90",
        ("Pset_WallCommon", "AcousticRating"): "",
        ("Pset_WallCommon", "Status"): "NEW | EXISTING",
        ("Qto_WallBaseQuantities", "Length"): "4.0",
    }
    assert second == {
        ("Pset_WallCommon", "LoadBearing"): "TRUE",
        ("Pset_WallCommon", "FireRating"): "EI60",
        ("Pset_WallCommon", "AcousticRating"): "",
        ("Qto_WallBaseQuantities", "Length"): "4.0",
    }


def test_a_type_value_hidden_by_the_elements_own_is_not_found():
    wall = ("Pset_WallCommon", (("FireRating", "EI60"), ("LoadBearing", "TRUE")))
    own = ("Pset_WallCommon", (("FireRating", "EI90"),))
    table = PropertyTable.of([(own,), (), ()], [(wall,), (wall,), ()])

    def having(text):
        return table.having(table.value.mask([text])).tolist()

    assert having("EI60") == [False, True, False]
    assert having("EI90") == [True, False, False]
    assert having("TRUE") == [True, True, False]
    assert table.take(np.array([1, 0])).entries(1)[("Pset_WallCommon", "FireRating")] == "EI90"


@pytest.mark.parametrize(
    ("given", "text"),
    [
        (True, "TRUE"),
        (False, "FALSE"),
        ("UNKNOWN", "UNKNOWN"),
        (0.1, "0.1"),
        (-0.0, "0.0"),
        (3000.0, "3000.0"),
        (7, "7"),
        (float("nan"), ""),
        (" 承重 ", "承重"),
        (None, ""),
        ((1, 2), ""),
    ],
    ids=str,
)
def test_values_become_text_in_one_way(given, text):
    assert as_text(given) == text


def test_parts_that_do_not_fit_are_refused():
    table = PropertyTable.of([(("S", (("n", "v"),)),)])

    with pytest.raises(ValueError, match="do not fit together"):
        PropertyTable(
            own=np.array([3]),
            inherited=table.inherited,
            bag_start=table.bag_start,
            bag_set=table.bag_set,
            set_name=table.set_name,
            set_start=table.set_start,
            name=table.name,
            value=table.value,
        )


def test_what_elements_share_is_stored_once():
    """5,000 elements of a type with 2,000 sets, and an enumeration of 2,000 words in each set."""
    a = Author("IFC4")
    storey = a.storey("1F", 0.0)
    elements = [a.root("IfcWall", Name="w") for _ in range(5_000)]
    a.contain(storey, *elements)
    words = [value(a, "IfcLabel", f"word {i}") for i in range(2_000)]
    large = a.new("IfcPropertyEnumeratedValue", Name="E", EnumerationValues=words)
    typed(a, *elements, sets=[pset(a, f"S{i}", large) for i in range(2_000)], Name="T")
    reader = Reader()

    begin = time.perf_counter()
    table = read_properties(a.file, Links(a.file, reader), elements)

    assert (len(table), len(table.name), len(table.bag_start)) == (5_000, 2_000, 2)
    assert table.having(table.set_name.codes >= 0).all()
    assert time.perf_counter() - begin < 5.0


def test_a_set_of_definitions_and_dangling_entries_are_read_as_far_as_they_go(tmp_path):
    text = walls("IFC4").write(tmp_path / "w.ifc").read_text(encoding="utf-8")
    relations = [
        line
        for line in text.splitlines()
        if "IFCRELDEFINESBYPROPERTIES" in line and "((" not in line
    ]
    given = relations[0].rsplit(",", 1)[1].rstrip(");")
    text = text.replace(f",{given});", f",IFCPROPERTYSETDEFINITIONSET(({given})));")
    text = text.replace("IFCLABEL('NEW')", "#999999")
    (tmp_path / "w.ifc").write_text(text, encoding="utf-8")

    model = ingest(tmp_path / "w.ifc", name="w.ifc").model

    assert model is not None
    assert model.properties.entries(0)[("Pset_WallCommon", "FireRating")] == "EI90"


#: A pattern of a line, what stands in its place, and the properties left of both walls.
DAMAGES = {
    "sets of a type are texts": (r"(IFCWALLTYPE.*)\(#\d+\)", r"\1('abc')", (3, 1)),
    "sets of a type are numbers": (r"(IFCWALLTYPE.*)\(#\d+\)", r"\1(1,2)", (3, 1)),
    "a definition is a text": (r"(DEFINESBYPROPERTIES.*,\(#\d+\)),#\d+\)", r"\1,'a')", (4, 4)),
    "a definition is a number": (r"(DEFINESBYPROPERTIES.*,\(#\d+\)),#\d+\)", r"\1,5)", (4, 4)),
    "a definition is no definition": (
        r"(DEFINESBYPROPERTIES.*,\(#\d+\)),#\d+\)",
        r"\1,#1)",
        (4, 4),
    ),
    "what is defined is a text": (r"(DEFINESBYPROPERTIES.*),\(#\d+\)", r"\1,('x')", (4, 4)),
    "entries are texts": (r"(IFCPROPERTYSET.*)\(#57,[#\d,]+\)", r"\1('x')", (3, 1)),
    "entries are missing": (r"(IFCPROPERTYSET.*)\(#57,[#\d,]+\)", r"\1$", (3, 1)),
    "a name is a number": (r"'LoadBearing'", "7", (4, 3)),
    "a value is an instance": (r"IFCBOOLEAN\(.T.\)", "#1", (5, 4)),
    "a value has no type": (r"IFCBOOLEAN\(.T.\)", "5.", (5, 4)),
    "a value is in a value": (r"IFCBOOLEAN\(.T.\)", "IFCLABEL(IFCLABEL('x'))", (5, 4)),
    "attributes are missing": (r"\('LoadBearing'.*\);", "('LoadBearing');", (5, 4)),
}


@pytest.mark.parametrize("damage", sorted(DAMAGES))
def test_damaged_properties_cost_no_more_than_themselves(tmp_path, damage):
    pattern, instead, left = DAMAGES[damage]
    text = walls("IFC4").write(tmp_path / "w.ifc").read_text(encoding="utf-8")
    damaged, count = re.subn(pattern, instead, text, count=1)
    (tmp_path / "w.ifc").write_text(damaged, encoding="utf-8")

    model = ingest(tmp_path / "w.ifc", name="w.ifc").model

    assert count == 1
    assert model is not None
    assert tuple(len(model.properties.entries(row)) for row in range(2)) == left


def test_what_is_no_instance_is_told(tmp_path):
    text = walls("IFC4").write(tmp_path / "w.ifc").read_text(encoding="utf-8")
    damaged = re.sub(r"(IFCWALLTYPE.*)\(#\d+\)", r"\1('abc')", text)
    (tmp_path / "w.ifc").write_text(damaged, encoding="utf-8")

    findings = ingest(tmp_path / "w.ifc", name="w.ifc").findings

    assert [f.data["detail"] for f in findings if f.code is UNREADABLE_ATTRIBUTES] == [
        "IfcWallType.HasPropertySets"
    ]
