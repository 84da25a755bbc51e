"""Finishes are cut on site round what passes them; insulation and low ceilings are not."""

import pytest

from bimcore.relations import RelationKind
from clash.matrix import default_rules
from clash.severity import MATTERS, severity_of
from tests.builders import box, pipe, tube
from tests.building import Thing, clashes_of, reasons, scene, shown

CEILING = Thing(is_a="IfcCovering", body=box((5, 5, 0.02), at=(0, 0, 2.6)), predefined="CEILING")
FLOORING = Thing(is_a="IfcCovering", body=box((5, 5, 0.08)), predefined="FLOORING")


def line(start, end, radius=0.02) -> Thing:
    return Thing(is_a="IfcPipeSegment", body=pipe(start=start, end=end, radius=radius))


def lagging(start, end, outer=0.045) -> Thing:
    body = tube(start=start, end=end, outer=outer, inner=0.02)
    return Thing(is_a="IfcCovering", body=body, predefined="INSULATION")


ALONG = ((-2, 1, 1), (2, 1, 1))
ACROSS = ((0, -1, 1.07), (0, 3, 1.07))


@pytest.mark.parametrize(
    "other",
    [
        lagging(*ACROSS),
        lagging((-2, 1, 1.07), (2, 1, 1.07)),
        Thing(is_a="IfcBeam", body=box((0.3, 4, 0.5), at=(0, -1, 0.48))),
        Thing(is_a="IfcWall", body=box((4, 0.2, 3), at=(-2, 1.025, 0))),
    ],
    ids=["insulation across", "insulation beside", "beam", "wall"],
)
def test_insulation_of_a_line_against_anything_else_stays(other):
    place = scene(lagging(*ALONG), other)

    assert shown(place) == [(0, 1)]


def test_insulation_counts_as_the_line_in_it():
    place = scene(lagging(*ALONG), Thing(is_a="IfcBeam", body=box((0.3, 4, 0.5), at=(0, -1, 0.48))))
    found = clashes_of(place, default_rules())
    matter = severity_of(place, found, asked=found.depth * 0).matter_of

    assert [MATTERS[i].text["en"] for i in matter] == ["Services against a load-bearing frame"]


@pytest.mark.parametrize(
    ("finish", "host"),
    [
        (CEILING, Thing(is_a="IfcColumn", body=box((0.5, 0.5, 3), at=(2, 2, 0)))),
        (FLOORING, Thing(is_a="IfcColumn", body=box((0.5, 0.5, 3), at=(2, 2, -0.2)))),
        (
            FLOORING,
            Thing(
                is_a="IfcWall", body=box((6, 0.2, 3), at=(-0.5, 2, -0.2)), discipline="structure"
            ),
        ),
        (CEILING, Thing(is_a="IfcMember", body=box((0.2, 0.2, 3), at=(2, 2, 0)))),
        (FLOORING, line((2, 2, -1), (2, 2, 2), 0.05)),
    ],
    ids=["ceiling at column", "at column", "at wall", "at post", "at riser"],
)
def test_a_finish_is_cut_round_what_stands_in_it(finish, host):
    place = scene(finish, host)

    assert (shown(place), reasons(place)) == ([], ["finish.edge"])


@pytest.mark.parametrize(
    "host",
    [
        Thing(
            is_a="IfcBeam",
            body=box((6, 0.3, 0.6), at=(-0.5, 2, 2.5)),
            discipline="architecture",
        ),
        Thing(is_a="IfcWindow", body=box((1.2, 0.14, 1.5), at=(2, -0.07, 1.5))),
    ],
    ids=["beam", "window"],
)
def test_a_ceiling_that_hangs_too_low_stays(host):
    assert shown(scene(CEILING, host)) == [(0, 1)]


def test_a_column_in_its_fire_proofing_is_as_designed():
    column = Thing(is_a="IfcColumn", body=box((0.3, 0.3, 3)))
    round_it = box((0.36, 0.36, 3), at=(-0.03, -0.03, 0))
    wrapping = Thing(is_a="IfcCovering", body=round_it, predefined="WRAPPING")
    place = scene(column, wrapping)

    assert (shown(place), reasons(place)) == ([], ["run.insulation"])


def test_a_board_of_insulation_is_a_finish_and_no_line():
    board = Thing(is_a="IfcCovering", body=box((5, 0.08, 3)), predefined="INSULATION")
    column = Thing(is_a="IfcColumn", body=box((0.4, 0.4, 3), at=(2, -0.1, 0)))
    place = scene(board, column)

    assert (shown(place), reasons(place)) == ([], ["finish.edge"])


def test_the_lining_of_a_duct_lies_in_it():
    duct = Thing(is_a="IfcDuctSegment", body=box((4, 0.5, 0.3)))
    inner = box((4, 0.45, 0.25), at=(0, 0.025, 0.025))
    place = scene(duct, Thing(is_a="IfcCovering", body=inner, predefined="INSULATION"))

    assert (shown(place), reasons(place)) == ([], ["run.insulation"])


def test_the_layer_of_a_wall_in_another_wall_is_no_small_part():
    whole = Thing(is_a="IfcWall", body=box((0.1, 0.1, 0.1), at=(20, 0, 0)))
    layer = Thing(is_a="IfcBuildingElementPart", body=box((2, 0.05, 2), at=(1, 0.05, 0.5)))
    other = Thing(is_a="IfcWall", body=box((5, 0.2, 3)))
    place = scene(whole, layer, other, relations=[(RelationKind.AGGREGATES, 0, 1)])

    assert shown(place) == [(1, 2)]


@pytest.mark.parametrize("low", [2.52, 2.0])
def test_a_device_without_a_class_hangs_from_the_ceiling_or_passes_it(low):
    body = pipe(start=(1, 1, 3.2), end=(1, 1, low), radius=0.025)
    head = Thing(is_a="IfcBuildingElementProxy", body=body, discipline="fire")

    assert shown(scene(CEILING, head)) == ([] if low > 2.3 else [(0, 1)])


@pytest.mark.parametrize("at", [1.0, 1.6])
def test_a_slanting_flexible_duct_needs_no_hole_but_that_of_its_outlet(at):
    outlet = Thing(is_a="IfcAirTerminal", body=box((0.6, 0.6, 0.1), at=(0.7, 0.7, 2.58)))
    flexible = pipe(start=(at, at + 0.5, 3.0), end=(at, at, 2.65), radius=0.1)
    place = scene(CEILING, outlet, Thing(is_a="IfcDuctSegment", body=flexible))

    assert shown(place) == ([] if at < 1.5 else [(0, 2)])


@pytest.mark.parametrize(
    ("thick", "trade"), [(0.05, "architecture"), (0.05, "structure"), (0.12, "architecture")]
)
def test_a_riser_needs_no_hole_in_a_screed_and_one_in_a_slab(thick, trade):
    floor = Thing(is_a="IfcSlab", body=box((5, 5, thick)), discipline=trade)
    place = scene(floor, line((1, 1, -1), (1, 1, 2), radius=0.055))

    assert shown(place) == ([] if (thick, trade) == (0.05, "architecture") else [(0, 1)])
