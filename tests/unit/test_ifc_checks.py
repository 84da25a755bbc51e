"""Findings at upload: one for each code, naming the elements."""

import pytest

from bimcore.checks.codes import CODES
from bimcore.checks.model import valid_guid
from bimcore.findings import catalogue
from bimcore.ifc.sandbox import ingest
from tests.ifc_author import Author


def findings(author, tmp_path):
    answer = ingest(author.write(tmp_path / "a.ifc"), name="a.ifc")
    return {f.code.code: f for f in answer.findings}, answer


def test_codes_are_unique_and_complete():
    assert len(catalogue(CODES)) == len(CODES)
    for code in CODES:
        assert all((code.zh, code.en, code.remedy_zh, code.remedy_en))
        assert code.code[:4] in {"IFC1", "ELE2", "GEO3"}


@pytest.mark.parametrize(
    ("guid", "valid"),
    [
        ("0YvctVUKr0kugbFTf53O9M", True),
        ("3$$$$$$$$$$$$$$$$$$$$$", True),
        ("4YvctVUKr0kugbFTf53O9M", False),
        ("0YvctVUKr0kugbFTf53O9", False),
        ("0YvctVUKr0kugbFTf53O9M1", False),
        ("0YvctVUKr0kugbFTf53O9-", False),
        ("", False),
    ],
)
def test_global_ids_are_22_letters_of_base_64(guid, valid):
    assert valid_guid(guid) is valid


def test_repeated_and_malformed_global_ids_are_named(tmp_path):
    a = Author("IFC4")
    storey = a.storey("1F", 0.0)
    walls = [a.block("IfcWall", (1, 1, 1), within=storey, at=(2 * k, 0, 0)) for k in range(3)]
    walls[1].GlobalId = walls[0].GlobalId
    walls[2].GlobalId = "not-a-guid"
    a.contain(storey, *walls)

    found, answer = findings(a, tmp_path)

    assert set(found) == {"ELE201", "ELE202"}
    assert found["ELE201"].elements == (walls[0].GlobalId,) * 2
    assert found["ELE202"].elements == ("not-a-guid",)
    assert answer.counts["bodies"] == 3


def test_elements_outside_the_tree_are_named(tmp_path):
    a = Author("IFC4")
    wall = a.block("IfcWall", (1, 1, 1))

    found, _ = findings(a, tmp_path)

    assert set(found) == {"ELE203"}
    assert found["ELE203"].elements == (wall.GlobalId,)
    assert found["ELE203"].message("en").startswith("1 elements belong to no spatial element")


def test_a_building_without_storeys_is_told(tmp_path):
    a = Author("IFC4")
    a.contain(a.building, a.block("IfcWall", (1, 1, 1)))

    found, _ = findings(a, tmp_path)

    assert set(found) == {"ELE204"}


def faceted(a, faces, **attributes):
    corners = [(x, y, z) for z in (0, 1) for y in (0, 1) for x in (0, 1)]
    points = a.new("IfcCartesianPointList3D")
    points.CoordList = [[c / a.unit for c in p] for p in corners]
    mesh = a.new("IfcTriangulatedFaceSet", Coordinates=points, Closed=attributes.pop("closed"))
    mesh.CoordIndex = faces
    return a.shaped("IfcFurniture", [mesh], "Tessellation", **attributes)


CUBE = [
    [1, 3, 4], [1, 4, 2], [5, 6, 8], [5, 8, 7], [1, 2, 6], [1, 6, 5],
    [3, 7, 8], [3, 8, 4], [1, 5, 7], [1, 7, 3], [2, 4, 8], [2, 8, 6],
]  # fmt: skip


def test_open_bodies_and_sheets_are_told_apart(tmp_path):
    a = Author("IFC4")
    storey = a.storey("1F", 0.0)
    whole = faceted(a, CUBE, closed=True, within=storey)
    bag = faceted(a, CUBE[2:], closed=False, within=storey, at=(3, 0, 0))
    sheet = faceted(a, CUBE[:2], closed=False, within=storey, at=(6, 0, 0))
    a.contain(storey, whole, bag, sheet)

    found, answer = findings(a, tmp_path)

    assert {k: f.elements for k, f in found.items()} == {
        "GEO303": (bag.GlobalId,),
        "GEO317": (sheet.GlobalId,),
    }
    assert answer.model.meshes.closed.tolist() == [True, False, False]


def test_a_product_that_no_kernel_can_make_is_named_and_the_rest_comes_through(tmp_path):
    a = Author("IFC4")
    storey = a.storey("1F", 0.0)
    good = a.block("IfcWall", (1, 1, 1), within=storey)
    bad = a.block("IfcWall", (1, 1, 0), within=storey)
    a.contain(storey, good, bad)

    found, answer = findings(a, tmp_path)

    assert {k: f.elements for k, f in found.items()} == {"GEO301": (bad.GlobalId,)}
    assert (answer.counts["bodies"], answer.counts["products_with_representation"]) == (1, 2)


def test_a_circular_placement_bars_its_product_only(tmp_path):
    a = Author("IFC4")
    storey = a.storey("1F", 0.0)
    good = a.block("IfcWall", (1, 1, 1), within=storey)
    bad = a.block("IfcWall", (1, 1, 1), within=storey)
    a.contain(storey, good, bad)
    bad.ObjectPlacement.PlacementRelTo = bad.ObjectPlacement

    found, answer = findings(a, tmp_path)

    assert {k: f.elements for k, f in found.items()} == {"GEO313": (bad.GlobalId,)}
    assert answer.counts["bodies"] == 1


def test_absurd_coordinates_are_left_out_and_far_models_are_told(tmp_path):
    a = Author("IFC4")
    storey = a.storey("1F", 0.0)
    near = a.block("IfcWall", (1, 1, 1), within=storey, at=(514433, 3350053, 0))
    far = a.block("IfcWall", (1, 1, 1), within=storey, at=(1e12, 0, 0))
    a.contain(storey, near, far)

    found, answer = findings(a, tmp_path)

    assert {k: f.elements for k, f in found.items()} == {
        "GEO304": (far.GlobalId,),
        "GEO310": (),
    }
    assert answer.model.meshes.has_body.tolist() == [True, False]


def test_a_model_without_any_body_is_accepted_and_says_so(tmp_path):
    a = Author("IFC4")
    a.storey("1F", 0.0)

    found, answer = findings(a, tmp_path)

    assert set(found) == {"GEO312"}
    assert answer.model is not None
    assert answer.facts.bounds is None


def test_a_storey_far_from_its_elements_is_told(tmp_path):
    a = Author("IFC4")
    storey = a.storey("1F", 0.0)
    wall = a.block("IfcWall", (1, 1, 1), within=storey, at=(0, 0, 60))
    a.contain(storey, wall)

    found, _ = findings(a, tmp_path)

    assert {k: f.elements for k, f in found.items()} == {"ELE209": (wall.GlobalId,)}
