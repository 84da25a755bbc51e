"""R01: what plan and models do not cover of each other."""

from datetime import datetime

import pytest

from bimcore.schedule import Schedule, Task
from clash.rehearsal import r01_coverage
from clash.rehearsal.base import ElementLinks
from clash.rehearsal.linking import link
from tests.rehearsing import part, scene_of_parts, stage, told, work

WALLS = [
    part("IfcWall", (k * 6, 0, z), (k * 6 + 5, 0.2, z + 2.8), name=f"W{s}{k}", storey=s)
    for s, z in (("1F", 0.0), ("2F", 3.0))
    for k in range(3)
]
HEIGHTS = {"1F": 0.0, "2F": 3.0}


def risks(boxes, tasks):
    return r01_coverage.find(stage(boxes, tasks, rules=[r01_coverage], elevations=HEIGHTS))


def test_elements_without_a_task_are_one_finding_for_their_class():
    columns = [part("IfcColumn", (k, 5, 0), (k + 0.5, 5.5, 2.8), name=f"C{k}", storey="1F")
               for k in range(2)]  # fmt: skip
    some = [
        work("Walls 1F", "06-01", "06-02", on=["W1F0", "W1F1", "W1F2"]),
        work("Walls 2F", "06-03", "06-04", on=["W2F0", "W2F1", "W2F2"]),
    ]

    found = risks([*WALLS, *columns], some)

    assert told(stage([*WALLS, *columns], some), found) == [("R01", (), ("C0", "C1"))]
    risk = found.risks[0]
    assert risk.data["without_task"] == 2
    assert risk.data["volume_share"] == pytest.approx(1.4 / (1.4 + 6 * 2.8), rel=1e-3)
    assert risk.titles["zh-CN"] == "柱 2 个没有工序（1F）"
    assert "2 个没有工序的构件" in found.not_assessed[0]["what"]["zh-CN"]


def test_a_plan_that_builds_everything_gives_nothing():
    lower = work("Walls 1F", "06-01", "06-02", on=["W1F0", "W1F1", "W1F2"])
    upper = work("Walls 2F", "06-03", "06-04", on=["W2F0", "W2F1", "W2F2"])

    found = risks(WALLS, [lower, upper])

    assert (found.risks, found.not_assessed) == ((), ())


def test_a_task_without_elements_is_told_with_its_reason_and_an_inspection_is_not():
    tasks = [
        work("Walls 1F", "06-01", "06-02", on=["W1F0", "W1F1", "W1F2"]),
        work("Walls 2F", "06-03", "06-04", on=["W2F0", "W2F1", "W2F2"]),
        work("Final inspection", "06-05", "06-05"),
        work("Xyzzy", "06-05", "06-05"),
    ]

    assert told(stage(WALLS, tasks), risks(WALLS, tasks)) == [("R01", ("Xyzzy",), ())]


def test_a_task_on_most_of_the_building_is_too_broad_and_one_on_half_of_it_is_not():
    every = work("All", "06-01", "06-20", on=[w.name for w in WALLS])
    half = work("Walls 1F", "06-01", "06-20", on=["W1F0", "W1F1", "W1F2"])
    rest = work("Walls 2F", "06-01", "06-20", on=["W2F0", "W2F1", "W2F2"])

    assert [r.key for r in risks(WALLS, [every]).risks] == [("broad",)]
    assert risks(WALLS, [half, rest]).risks == ()


def test_a_task_of_more_than_sixty_days_is_too_broad():
    long = work("Walls 1F", "06-01", "07-31", on=["W1F0", "W1F1", "W1F2"])
    just = work("Walls 2F", "06-01", "07-30", on=["W2F0", "W2F1", "W2F2"])

    found = risks(WALLS, [long, just])

    assert [(r.key, r.tasks) for r in found.risks] == [(("broad",), (0,))]


def test_a_name_that_matches_several_groups_is_told_with_its_low_confidence():
    built = scene_of_parts(WALLS, elevations=HEIGHTS)
    names = ["墙体 A区", "墙体 B区"]
    plan = Schedule(
        name="plan",
        source="1" * 64,
        format="csv",
        tasks=tuple(
            Task(
                id=n, name=n, start=datetime(2026, 6, k + 1, 8), finish=datetime(2026, 6, k + 1, 17)
            )
            for k, n in enumerate(names)
        ),
    )
    linked = link(built, plan)
    held: ElementLinks = linked.links
    tasks = [work(n, f"06-0{k + 1}", f"06-0{k + 1}") for k, n in enumerate(names)]
    there = stage(
        built, tasks, rules=[r01_coverage], links_of_elements=held, coverage=linked.coverage
    )

    several = [r for r in r01_coverage.find(there).risks if r.key[0] == "several"]

    assert [(r.tasks, r.data["why"], r.data["confidence"]) for r in several] == [
        ((0, 1), "zone", 0.275)
    ]
