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
