"""Constructions are taken apart as far as that ends."""

import time

import ifcopenshell
import pytest

from bimcore.ifc.access import Reader
from bimcore.ifc.booleans import Unusable
from bimcore.ifc.cutting import Cutter, Workshop
from bimcore.ifc.placement import Units
from bimcore.ifc.rewording import Draft
from bimcore.ifc.rewording_outlines import Curves
from tests.builders import box


@pytest.fixture
def shared():
    """A product whose body is the join of one with itself, 24 times over."""
    file = ifcopenshell.file(schema="IFC4")
    item = file.create_entity("IfcBlock", XLength=1.0, YLength=1.0, ZLength=1.0)
    for _ in range(24):
        item = file.create_entity("IfcBooleanResult", "UNION", item, item)
    kind = file.create_entity(
        "IfcShapeRepresentation", RepresentationIdentifier="Body", Items=[item]
    )
    shape = file.create_entity("IfcProductDefinitionShape", Representations=[kind])
    product = file.create_entity("IfcBuildingElementProxy", Representation=shape)
    reader = Reader()
    curves = Curves(file, reader, Units(file, reader), Draft(free=1000))
    return Workshop(curves, lambda: b"", free=1000, fine=set()), product


def test_operands_that_share_their_parts_are_given_up_soon(shared):
    shop, product = shared
    began = time.process_time()

    with pytest.raises(Unusable):
        shop.trees(product)
    assert time.process_time() - began < 5.0


def test_what_is_too_much_to_follow_is_told(shared):
    shop, product = shared
    number = product.id()
    cutter = Cutter(shop, {number: product}, {}, {number: box((1, 1, 1))}, {number: True})

    assert cutter.suspects([number]) == [number]
    assert cutter.cut([number], 10.0, lambda _: None).lacking == {number}


@pytest.fixture
def opened():
    """A block with an opening beside it: kernels leave nothing uncut there."""
    file = ifcopenshell.file(schema="IFC4")
    product, opening = (file.create_entity("IfcBuildingElementProxy") for _ in range(2))
    reader = Reader()
    curves = Curves(file, reader, Units(file, reader), Draft(free=1000))
    shop = Workshop(curves, lambda: b"", free=1000, fine=set())
    number, hole = product.id(), opening.id()
    vertices, faces = box((1, 1, 1))
    bodies = {number: (vertices, faces), hole: (vertices + 5.0, faces)}
    closed = {number: True, hole: True}
    return number, Cutter(shop, {number: product}, {number: [hole]}, bodies, closed)


@pytest.mark.parametrize(("most", "again"), [(12, False), (11, True)])
def test_what_is_too_fine_to_be_searched_is_made_again(opened, monkeypatch, most, again):
    number, cutter = opened
    monkeypatch.setattr("bimcore.ifc.cutting._MOST_FACES", most)

    assert cutter.suspects([number]) == ([number] if again else [])
