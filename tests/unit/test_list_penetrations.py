"""A sleeve or hole excuses only what fits it."""

import pytest

from tests.builders import Body, box, joined, pipe, tube
from tests.building import Thing, reasons, scene, shown

WALL = Thing(is_a="IfcWall", body=box((5.0, 0.2, 3.0)), discipline="structure")


def line(radius: float) -> Thing:
    return Thing(
        is_a="IfcPipeSegment", body=pipe(start=(2.5, -1, 1.5), end=(2.5, 1.2, 1.5), radius=radius)
    )


def sleeve(outer: float, inner: float) -> Thing:
    body = tube(start=(2.5, -0.02, 1.5), end=(2.5, 0.22, 1.5), outer=outer, inner=inner)
    return Thing(is_a="IfcPipeFitting", body=body, type="Sleeve")


def test_a_pipe_within_the_bore_of_its_sleeve_is_as_designed():
    place = scene(WALL, line(0.045), sleeve(0.060, 0.055))

    assert (shown(place), set(reasons(place))) == ([], {"opening.provision"})


@pytest.mark.parametrize(
    ("radius", "outer", "inner"), [(0.055, 0.057, 0.049), (0.0625, 0.055, 0.050)]
)
def test_a_pipe_thicker_than_the_bore_of_its_sleeve_stays(radius, outer, inner):
    place = scene(WALL, line(radius), sleeve(outer, inner))

    assert shown(place) == [(0, 1), (1, 2)]


def holed_wall(width: float) -> Body:
    """A wall 5 m long with a hole 0.4 m high through its middle, drawn as four blocks."""
    side = 2.5 - width / 2
    return joined(
        box((side, 0.2, 3.0)),
        box((side, 0.2, 3.0), at=(5 - side, 0, 0)),
        box((width, 0.2, 1.5), at=(side, 0, 0)),
        box((width, 0.2, 1.1), at=(side, 0, 1.9)),
    )


@pytest.mark.parametrize(("width", "stays"), [(1.20, False), (1.16, True)])
def test_a_duct_wider_than_its_hole_stays(width, stays):
    duct = Thing(is_a="IfcDuctSegment", body=box((1.2, 4, 0.4), at=(1.9, -2, 1.5)))
    wall = Thing(is_a="IfcWall", body=holed_wall(width), discipline="structure")
    place = scene(wall, duct)

    assert shown(place) == ([(0, 1)] if stays else [])
