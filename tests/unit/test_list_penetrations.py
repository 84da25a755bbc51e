"""A sleeve or hole excuses only what fits it."""

import pytest

from tests.builders import Body, about_z, box, joined, pipe, prism, tube, turned
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


def crooked(*corners: tuple[float, float]) -> Thing:
    """A wall 3 m high over an outline in plan."""
    body = turned(prism(corners, height=3.0), about_z(20))
    return Thing(is_a="IfcWall", body=body, discipline="structure")


def provision(at: tuple[float, float, float], size: tuple[float, float, float]) -> Thing:
    body = turned(box(size, at=at), about_z(20))
    return Thing(is_a="IfcBuildingElementProxy", body=body, predefined="PROVISIONFORVOID")


def straight(start, end) -> Thing:
    body = turned(pipe(start=start, end=end, radius=0.05), about_z(20))
    return Thing(is_a="IfcPipeSegment", body=body)


@pytest.mark.parametrize(("x", "stays"), [(2.4, False), (3.0, True)])
def test_a_provision_excuses_its_pipe_in_a_wall_round_a_corner(x, stays):
    wall = crooked((0, 0), (5, 0), (5, 0.2), (0.2, 0.2), (0.2, 5), (0, 5))
    place = scene(
        wall,
        straight((2.5, -1, 1.5), (2.5, 1, 1.5)),
        provision((x, -0.1, 1.4), (0.2, 0.4, 0.2)),
    )

    assert shown(place) == ([(0, 1)] if stays else [])


def test_one_provision_does_not_excuse_a_pipe_that_meets_the_wall_twice():
    wall = crooked((0, 0), (5, 0), (5, 2), (4.8, 2), (4.8, 0.2), (0.2, 0.2), (0.2, 2), (0, 2))
    place = scene(
        wall,
        straight((-1, 1, 1.5), (6, 1, 1.5)),
        provision((-0.1, 0.9, 1.4), (0.4, 0.2, 0.2)),
    )

    assert shown(place) == [(0, 1)]


@pytest.mark.parametrize(
    "name", ["Opening 300x300", "BUILDERSWORK-12", "预留孔洞", "Durchbruch W7"]
)
def test_a_body_named_as_an_opening_stands_for_one(name):
    wish = Thing(
        is_a="IfcBuildingElementProxy", body=box((0.3, 0.4, 0.3), at=(2.35, -0.1, 1.35)), name=name
    )
    place = scene(WALL, line(0.05), wish)

    assert (shown(place), reasons(place)) == ([], ["opening.provision"])
