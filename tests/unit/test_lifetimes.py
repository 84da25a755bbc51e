"""When elements are built, stand and go, by the tasks on them."""

import numpy as np

from bimcore.relations import RelationKind
from bimcore.schedule import TaskKind
from tests.rehearsing import at, evening, part, stage, work

NOWHERE = np.datetime64("NaT", "m")
WALL = part("IfcWall", (0, 0, 0), (4, 0.2, 3), name="wall")
SLAB = part("IfcSlab", (0, 0, 3), (4, 4, 3.2), name="slab")
SCAFFOLD = part("IfcBuildingElementProxy", (0, -1, 0), (4, -0.5, 3), name="scaffold")


def life(things, tasks, **more):
    """Appear, complete, remove, gone of the first element."""
    found = stage(things, tasks, **more).lifetimes
    return [m[0] for m in (found.appear, found.complete, found.remove, found.gone)]


def same(found, expected) -> bool:
    return [str(f) for f in found] == [str(e) for e in expected]


def test_the_first_task_begins_an_element_and_the_last_completes_it():
    tasks = [
        work("reinforce", "06-01", "06-03", on=["wall"]),
        work("pour", "06-04", "06-05", on=["wall"]),
    ]

    assert same(life([WALL], tasks), [at("06-01"), evening("06-05"), NOWHERE, NOWHERE])


def test_what_only_a_demolition_names_was_there_before():
    tasks = [work("demolish", "06-01", "06-03", on=["wall"], action="remove")]

    assert same(life([WALL], tasks), [NOWHERE, NOWHERE, at("06-01"), evening("06-03")])


def test_a_temporary_task_takes_its_elements_away_when_it_ends():
    tasks = [work("scaffold up", "06-01", "06-20", on=["scaffold"], action="temporary")]
    place = stage([SCAFFOLD], tasks)

    assert same(
        life([SCAFFOLD], tasks), [at("06-01"), at("06-01"), evening("06-20"), evening("06-20")]
    )
    assert place.lifetimes.temporary.tolist() == [True]


def test_a_scaffold_that_is_put_up_and_taken_down_is_temporary_and_a_wall_is_not():
    tasks = [
        work("up", "06-01", "06-02", on=["scaffold", "wall"]),
        work("down", "06-20", "06-21", on=["scaffold", "wall"], action="remove"),
    ]

    assert stage([SCAFFOLD, WALL], tasks).lifetimes.temporary.tolist() == [True, False]


def test_striking_formwork_leaves_the_slab():
    tasks = [
        work("pour", "06-01", "06-02", on=["slab"]),
        work("拆除梁板模板", "06-10", "06-11", on=["slab"], action="remove"),
    ]

    assert same(life([SLAB], tasks), [at("06-01"), evening("06-02"), NOWHERE, NOWHERE])


def test_maintenance_neutral_tasks_and_undated_tasks_say_nothing():
    tasks = [
        work("inspect", "06-01", "06-02", on=["wall"], action="neutral"),
        work("clean", "06-03", "06-04", on=["wall"], action="maintain"),
        work("build", None, None, on=["wall"]),
    ]

    assert same(life([WALL], tasks), [NOWHERE] * 4)


def test_a_summary_dates_only_what_has_no_task_of_its_own():
    tasks = [
        work("all", "06-01", "06-30", on=["wall", "slab"], kind=TaskKind.SUMMARY),
        work("wall", "06-03", "06-04", on=["wall"], parent=0),
    ]
    found = stage([WALL, SLAB], tasks).lifetimes

    assert found.task.tolist() == [1, 0]


def test_parts_live_as_their_whole():
    whole = part("IfcStair", (0, 0, 0), (1, 3, 0.2), name="whole")
    flight = part("IfcStairFlight", (0, 0, 0), (1, 3, 3), name="flight")
    place = stage(
        [whole, flight],
        [work("stair", "06-01", "06-02", on=["whole"])],
        relations=[(RelationKind.AGGREGATES, "whole", "flight")],
    )

    assert place.lifetimes.task.tolist() == [0, 0]
