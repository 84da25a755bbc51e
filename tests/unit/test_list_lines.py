"""Lines that are laid in something, and lines that cross it."""

import pytest

from bimcore.relations import RelationKind
from tests.builders import box, joined, pipe
from tests.building import Thing, reasons, scene, shown

WALL = Thing(is_a="IfcWall", body=box((5, 0.2, 3)))
BEARING = Thing(is_a="IfcWall", body=box((5, 0.2, 3)), discipline="structure")
SLAB = Thing(is_a="IfcSlab", body=box((5, 5, 0.2)))
FLOORING = Thing(is_a="IfcCovering", body=box((5, 5, 0.08)), predefined="FLOORING")
CEILING = Thing(is_a="IfcCovering", body=box((5, 5, 0.02), at=(0, 0, 2.6)), predefined="CEILING")
TRAY = Thing(is_a="IfcCableCarrierSegment", body=box((4, 0.3, 0.1)))


def line(start, end, radius, is_a="IfcPipeSegment", **more) -> Thing:
    return Thing(is_a=is_a, body=pipe(start=start, end=end, radius=radius), **more)


def conduit(start, end, radius=0.0125) -> Thing:
    return line(start, end, radius, is_a="IfcCableCarrierSegment")


@pytest.mark.parametrize(
    ("host", "guest"),
    [
        (SLAB, conduit((1, 1, 0.1), (4, 1, 0.1))),
        (BEARING, conduit((2, 0.1, 0.3), (2, 0.1, 2.5))),
        (SLAB, conduit((1, 1, -1), (1, 1, 0.1))),
        (WALL, line((2, 0.1, 0.3), (2, 0.1, 2.5), 0.011)),
        (FLOORING, line((1, 1, 0.04), (4, 1, 0.04), 0.01)),
    ],
    ids=["conduit in slab", "in bearing wall", "turns into slab", "pipe in partition", "heating"],
)
def test_a_thin_line_within_the_thickness_is_concealed(host, guest):
    place = scene(host, guest)

    assert (shown(place), reasons(place)) == ([], ["embedded.line"])


@pytest.mark.parametrize(
    ("host", "guest"),
    [
        (SLAB, conduit((1, 1, -1), (1, 1, 1), 0.04)),
        (SLAB, line((1, 1, 0.1), (4, 1, 0.1), 0.02)),
        (BEARING, line((2, 0.1, 0.3), (2, 0.1, 2.5), 0.02)),
        (WALL, line((2, 0.1, 0.3), (2, 0.1, 2.5), 0.055)),
    ],
    ids=["riser", "water pipe in slab", "pipe in bearing wall", "drain in partition"],
)
def test_a_line_that_weakens_or_crosses_its_host_stays(host, guest):
    assert shown(scene(host, guest)) == [(0, 1)]


def test_a_cable_along_its_tray_is_carried_and_one_across_it_stays():
    along = line((0.5, 0.1, 0.05), (3.5, 0.1, 0.05), 0.02, is_a="IfcCableSegment")
    across = line((2, -1, 0.05), (2, 1, 0.05), 0.02, is_a="IfcCableSegment")
    place = scene(TRAY, along), scene(TRAY, across)

    assert (shown(place[0]), reasons(place[0])) == ([], ["run.carried"])
    assert shown(place[1]) == [(0, 1)]


def test_a_pipe_without_system_feeds_its_sprinkler():
    head = line((2, 2, 2.0), (2, 2, 2.09), 0.02, is_a="IfcFireSuppressionTerminal")
    feed = line((2, 2, 2.07), (2, 2, 3), 0.0135)
    place = scene(feed, head)

    assert (shown(place), reasons(place)) == ([], ["run.inline"])


def test_a_branch_that_ends_in_its_main_is_a_tap_where_no_system_is_told():
    main = Thing(is_a="IfcDuctSegment", body=box((4, 0.6, 0.4)))
    branch = line((2, 0.55, 0.2), (2, 3, 0.2), 0.1, is_a="IfcDuctSegment")
    place = scene(main, branch)

    assert (shown(place), reasons(place)) == ([], ["run.joint"])


@pytest.mark.parametrize(("bottom", "stays"), [(2.605, False), (2.0, True)])
def test_the_neck_of_an_outlet_ends_in_its_ceiling(bottom, stays):
    neck = line((2, 2, bottom), (2, 2, 3.2), 0.125, is_a="IfcDuctSegment")

    assert shown(scene(CEILING, neck)) == ([(0, 1)] if stays else [])


CABINET = Thing(is_a="IfcFurniture", body=box((1, 0.6, 0.85)))


@pytest.mark.parametrize(("start", "stays"), [(0.3, False), (-1.0, True)])
def test_a_waste_pipe_ends_in_its_cabinet(start, stays):
    waste = line((0.5, start, 0.4), (0.5, 0.9, 0.4), 0.025)
    place = scene(CABINET, waste)

    assert (shown(place), reasons(place)) == (
        ([(0, 1)], []) if stays else ([], ["fixture.cabinet"])
    )


def test_a_sink_is_set_into_its_counter():
    body = box((0.6, 0.45, 0.25), at=(0.2, 0.08, 0.6))
    place = scene(CABINET, Thing(is_a="IfcSanitaryTerminal", body=body, discipline="plumbing"))

    assert (shown(place), reasons(place)) == ([], ["fixture.recessed"])


def test_a_valve_within_a_wall_stays():
    valve = Thing(is_a="IfcValve", body=box((0.2, 0.2, 0.3), at=(2.4, 0, 1.4)))

    assert shown(scene(BEARING, valve)) == [(0, 1)]


def test_an_elbow_whose_ends_are_taken_is_no_joint_of_the_pipe_it_pokes_into():
    elbow = joined(
        pipe(start=(3, -0.22, 0), end=(3, 0.02, 0), radius=0.055),
        pipe(start=(3, 0, -0.06), end=(3, 0, 0.25), radius=0.056),
    )
    place = scene(
        line((0, 0, 0), (6, 0, 0), 0.05),
        Thing(is_a="IfcPipeFitting", body=elbow),
        line((3, -3, 0), (3, -0.2, 0), 0.05),
        line((3, 0, 0.23), (3, 0, 3), 0.05),
        relations=[(RelationKind.PORT, 1, 2), (RelationKind.PORT, 1, 3)],
    )

    assert shown(place) == [(0, 1)]


def test_fittings_that_reach_past_the_short_piece_between_them_are_one_run():
    first, second = (
        Thing(is_a="IfcPipeFitting", body=pipe(start=(x, 0, 0), end=(x + 0.2, 0, 0), radius=0.055))
        for x in (0.0, 0.15)
    )
    place = scene(
        first,
        second,
        line((0.1, 0, 0), (0.25, 0, 0), 0.05),
        line((-2, 0, 0), (0.05, 0, 0), 0.05),
        line((0.3, 0, 0), (3, 0, 0), 0.05),
        relations=[(RelationKind.PORT, a, b) for a, b in ((3, 0), (0, 2), (2, 1), (1, 4))],
    )

    assert shown(place) == []
