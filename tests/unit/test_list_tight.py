"""A line in an opening that does not hold it is one issue, and the issue says by how much."""

from datetime import UTC, datetime

import pytest

from clash.grouping import group
from clash.matrix import default_rules
from clash.relevance import suppress
from clash.report import to_issues
from tests.builders import box, joined, pipe, tube
from tests.building import Thing, clashes_of, scene

NOW = datetime(2026, 1, 2, tzinfo=UTC)
WALL = Thing(is_a="IfcWall", name="W1", body=box((5.0, 0.2, 3.0)), discipline="structure")


def line(radius: float, *, x: float = 2.5) -> Thing:
    body = pipe(start=(x, -1, 1.5), end=(x, 1.2, 1.5), radius=radius)
    return Thing(is_a="IfcPipeSegment", name="P1", body=body)


def lagging(outer: float, inner: float) -> Thing:
    body = tube(start=(2.5, -1, 1.5), end=(2.5, 1.2, 1.5), outer=outer, inner=inner)
    return Thing(is_a="IfcCovering", name="Insulation L1", body=body, predefined="INSULATION")


def sleeve(outer: float, inner: float) -> Thing:
    body = tube(start=(2.5, -0.02, 1.5), end=(2.5, 0.22, 1.5), outer=outer, inner=inner)
    return Thing(is_a="IfcPipeFitting", name="Sleeve S1", body=body)


def provision(width: float, height: float) -> Thing:
    body = box((width, 0.4, height), at=(2.5 - width / 2, -0.1, 1.5 - height / 2))
    return Thing(
        is_a="IfcBuildingElementProxy", name="K1", body=body, predefined="PROVISIONFORVOID"
    )


def issues_of(*things: Thing):
    place, rules = scene(*things), default_rules()
    clashes = clashes_of(place, rules)
    aside = suppress(place, clashes, rules)
    groups = group(place, clashes, rules, aside)
    return to_issues(place, clashes, rules, aside, groups, now=NOW)


def test_a_pipe_too_thick_for_its_sleeve_is_one_issue_with_all_sizes():
    (issue,) = issues_of(WALL, line(0.0625), sleeve(0.055, 0.050))

    assert issue.titles == {
        "zh-CN": "P1 管道 穿 W1 墙，套管偏小：净空 ⌀100 mm，需 ⌀125 mm，差 25 mm",
        "en": "Pipe P1 passes wall W1, the sleeve is too small: clear ⌀100 mm, needed ⌀125 mm, "
        "25 mm missing",
    }
    assert issue.descriptions["en"].splitlines()[0] == (
        "There is a sleeve “Sleeve S1” here, clear ⌀100 mm. The line needs ⌀125 mm: 25 mm "
        "missing, up to 12 mm beyond one side."
    )
    assert issue.suggestion["zh-CN"].startswith("把套管净空加大到不小于 ⌀125 mm")
    assert [(e.side, e.name) for e in issue.elements] == [
        ("a", "P1"),
        ("b", "W1"),
        ("b", "Sleeve S1"),
    ]
    assert len(issue.members) == 2


def test_insulation_that_does_not_fit_the_sleeve_of_its_pipe_is_counted_with_it():
    (issue,) = issues_of(WALL, line(0.0625), lagging(0.09, 0.0625), sleeve(0.055, 0.050))

    assert issue.titles["zh-CN"] == (
        "P1 管道 穿 W1 墙，套管偏小：净空 ⌀100 mm，需 ⌀180 mm（含保温），差 80 mm"
    )
    assert [(e.side, e.name) for e in issue.elements] == [
        ("a", "P1"),
        ("b", "W1"),
        ("a", "Insulation L1"),
        ("b", "Sleeve S1"),
    ]


def test_insulation_alone_may_be_what_does_not_fit():
    (issue,) = issues_of(WALL, line(0.045), lagging(0.075, 0.045), sleeve(0.060, 0.055))

    assert issue.titles["en"] == (
        "Insulation L1 passes wall W1, the sleeve is too small: clear ⌀110 mm, needed ⌀150 mm "
        "with insulation, 40 mm missing"
    )


def test_a_provision_too_small_for_a_duct_says_both_sides():
    duct = Thing(is_a="IfcDuctSegment", name="D1", body=box((0.45, 3, 0.25), at=(2.275, -1, 1.375)))
    (issue,) = issues_of(WALL, duct, provision(0.4, 0.3))

    assert issue.titles["zh-CN"] == (
        "D1 风管 穿 W1 墙，洞口偏小：净空 400 × 300 mm，需 450 × 250 mm，差 50 mm"
    )


def test_a_line_off_the_middle_of_a_large_opening_is_told_so():
    (issue,) = issues_of(WALL, line(0.08, x=2.59), provision(0.3, 0.3))

    assert issue.titles["en"] == (
        "Pipe P1 passes wall W1, 20 mm outside the opening: clear 300 × 300 mm, needed ⌀160 mm"
    )


@pytest.mark.parametrize("x", [2.56, 2.59])
def test_a_pipe_beside_the_sleeve_is_an_ordinary_clash(x):
    issues = issues_of(WALL, line(0.0625, x=x), sleeve(0.055, 0.050))

    assert sorted(i.titles["en"].split(",")[0] for i in issues) == [
        "Pipe P1 passes through wall W1",
        "Pipe P1 runs into pipe fitting Sleeve S1",
    ]


def test_a_hole_made_for_something_else_does_not_speak_for_a_duct():
    duct = Thing(is_a="IfcDuctSegment", name="D1", body=box((0.8, 3, 0.5), at=(2.1, -1, 1.25)))
    issues = issues_of(WALL, duct, provision(0.1, 0.1))

    assert [i.titles["en"].split(",")[0] for i in issues] == [
        "Duct D1 passes through wall W1",
        "Generic element K1 lies inside duct D1",
    ]


def test_a_slanting_pipe_that_is_cut_by_the_corners_of_its_hole_is_told():
    rim = joined(
        box((2.4, 0.2, 3.0)),
        box((2.4, 0.2, 3.0), at=(2.6, 0, 0)),
        box((0.2, 0.2, 1.4), at=(2.4, 0, 0)),
        box((0.2, 0.2, 1.4), at=(2.4, 0, 1.6)),
    )
    hole = Thing(
        is_a="IfcOpeningElement", name="O1", body=box((0.2, 0.4, 0.2), at=(2.4, -0.1, 1.4))
    )
    slant = pipe(start=(1.987, -1, 1.5), end=(3.013, 1.2, 1.5), radius=0.08)
    wall = Thing(is_a="IfcWall", name="W1", body=rim, discipline="structure")
    (issue,) = issues_of(wall, Thing(is_a="IfcPipeSegment", name="P1", body=slant), hole)

    assert issue.titles["zh-CN"] == (
        "P1 管道 穿 W1 墙，洞口偏小：净空 200 × 200 mm，需 270 × 160 mm，差 70 mm"
    )


def test_places_without_an_opening_are_an_issue_of_their_own():
    walls = [
        Thing(is_a="IfcWall", name=f"W{k}", body=box((5.0, 0.2, 3.0), at=(0, 0.4 * k, 0)))
        for k in (0, 1, 2)
    ]
    issues = issues_of(*walls, line(0.0625), sleeve(0.055, 0.050))

    assert sorted(i.titles["zh-CN"] for i in issues) == [
        "P1 管道 穿 W0 墙，套管偏小：净空 ⌀100 mm，需 ⌀125 mm，差 25 mm",
        "P1 管道 穿 W1 墙，最深 200 mm，共 2 处",
    ]
