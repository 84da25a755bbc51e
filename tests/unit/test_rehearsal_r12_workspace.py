"""R12: two trades in one place at one time."""

import numpy as np
import pytest

from bimcore.model import Scene
from bimcore.schedule import Calendar
from clash.rehearsal import r12_workspace
from clash.rehearsal.trades import TradeError, trades
from tests.building import model
from tests.rehearsing import WEEKDAYS, at, evening, part, stage, told, work

FLOORS = {"1F": 0.0, "2F": 3.6}


def room(x=0.0, *, name="", storey="1F", z=0.0, length=6.0):
    """A floor finish, a duct under the ceiling and a lining in a room of 5 m by `length`."""
    return [
        part("IfcCovering", (x, 0, z), (x + length, 5, z + 0.05), name=f"floor{name}", storey=storey),
        part("IfcDuctSegment", (x + 0.5, 2, z + 2.6), (x + length - 0.5, 2.4, z + 2.9),
             name=f"duct{name}", storey=storey),
        part("IfcCovering", (x, 0, z + 2.5), (x + length, 5, z + 2.55), name=f"ceiling{name}",
             storey=storey),
    ]  # fmt: skip


def found(things, tasks, links=(), **columns):
    made = stage(things, tasks, links, elevations=FLOORS, rules=[r12_workspace], **columns)
    return made, r12_workspace.find(made).risks


def duct(start="06-01", finish="06-05", **columns):
    columns = {"on": ["duct"], "trade": "mep_first", **columns}
    return work("ducts", start, finish, **columns)


def floor(start="06-04", finish="06-08", **columns):
    columns = {"on": ["floor"], "trade": "finish", **columns}
    return work("flooring", start, finish, **columns)


def test_two_trades_in_one_room_on_two_of_five_days_is_one_risk_with_these_days():
    made, risks = found(room(), [duct(), floor()])

    assert told(made, risks) == [("R12", ("flooring", "ducts"), ("floor",))]
    (risk,) = risks
    assert risk.window == (at("06-04"), evening("06-05"))
    assert risk.certain
    assert risk.data["shared_days"] == 2
    assert risk.data["kind"] == "damage"
    assert risk.magnitude == pytest.approx(0.4)
    assert (risk.weight, risk.severity, risk.place, risk.confidence) == (0.4, 16, "1F", 1.0)
    assert risk.titles["zh-CN"] == ("1F：「flooring」与「ducts」6月4日至6月5日同处作业（2 天）")


def test_linked_successor_tasks_are_one_gang():
    assert found(room(), [duct(), floor()], [("ducts", "flooring", "SS", 3)])[1] == ()


def test_tasks_that_a_chain_of_links_plans_side_by_side_are_no_risk():
    tasks = [duct(), floor(), work("middle", "06-02", "06-06", trade="lining")]
    links = [("ducts", "middle", "SS", 1), ("middle", "flooring", "SS", 2)]

    assert found(room(), tasks, links)[1] == ()


def test_a_chain_in_which_each_waits_for_the_last_to_end_does_not_plan_an_overlap():
    tasks = [duct(), floor(), work("middle", "06-02", "06-03", trade="lining")]
    links = [("ducts", "middle"), ("middle", "flooring")]

    assert len(found(room(), tasks, links)[1]) == 1


def test_the_day_after_is_a_near_miss():
    assert found(room(), [duct(), floor("06-06", "06-10")])[1] == ()


def test_days_off_are_no_shared_days():
    tasks = [duct("06-01", "06-06"), floor("06-06", "06-12")]  # 6 June is a Saturday

    assert found(room(), tasks, calendar=WEEKDAYS)[1] == ()


def test_day_and_night_shifts_do_not_meet():
    night = Calendar(id="night", name="night", week=(((1200, 1440),),) * 7)

    assert found(room(), [duct(), floor(calendar="night")], calendars=[night])[1] == ()
    assert len(found(room(), [duct(), floor()], calendars=[night])[1]) == 1


def test_one_trade_or_one_crew_is_no_conflict():
    assert found(room(), [duct(), floor(trade="mep_first")])[1] == ()
    people = {"resources": ("Li's gang",)}
    assert found(room(), [duct(**people), floor(**people)])[1] == ()


def test_the_same_elements_are_steps_of_one_gang():
    assert found(room(), [duct(on=["duct", "floor"]), floor()])[1] == ()


def test_work_in_two_rooms_of_a_storey_is_normal():
    things = [*room(), *room(9.0, name=" B")]

    assert found(things, [duct(), floor(on=["floor B"])])[1] == ()


def test_a_wall_that_stands_ends_the_working_space():
    wall = part("IfcWall", (6.0, -1, 0), (6.2, 6, 3.4), name="wall", storey="1F")
    strip = part("IfcCovering", (6.3, 0, 0), (6.8, 5, 0.05), name="strip", storey="1F")
    tasks = [duct(on=["ceiling"]), floor("06-01", "06-05", on=["strip"])]

    def risks(day):
        built = work("wall", day, day, on=["wall"], trade="envelope")
        return found([*room(), wall, strip], [*tasks, built])[1]

    assert [r.tasks for r in risks("06-20")] == [(1, 0)]
    assert risks("05-20") == ()


def test_different_storeys_are_apart():
    things = [*room(), *room(name=" 2", storey="2F", z=3.6)]

    assert found(things, [duct(), floor(on=["floor 2"])])[1] == ()


def test_a_hall_with_room_for_both_crews_is_no_risk_and_a_floor_of_500_a_possible_one():
    hall = room(length=400.0)
    tasks = [duct("06-04", "06-08", on=["ceiling"]), floor()]

    assert found(hall, tasks)[1] == ()
    (risk,) = found(room(length=100.0), tasks)[1]
    assert not risk.certain
    assert risk.magnitude == pytest.approx(1.0, abs=0.02)
    assert 0.15 < risk.confidence < 0.3


def test_long_tasks_move_through_their_place_and_are_never_certain():
    tasks = [duct("06-01", "06-30", on=["ceiling"]), floor("06-01", "06-20")]

    (risk,) = found(room(), tasks)[1]

    assert not risk.certain
    assert risk.magnitude == pytest.approx(0.75)  # half of one, three quarters of the other


def test_a_long_task_that_has_days_enough_elsewhere_is_no_risk():
    # a room of one storey for five days, while pipes go through ten rooms in thirty
    things = [t for k in range(10) for t in room(9.0 * k, name=f" {k}")]
    pipes = duct("06-01", "06-30", on=[f"ceiling {k}" for k in range(10)])

    assert found(things, [pipes, floor("06-10", "06-14", on=["floor 3"])])[1] == ()


def test_structure_beside_others_is_a_danger():
    things = [*room(), part("IfcColumn", (3, 2, 0), (3.4, 2.4, 3.4), name="column", storey="1F")]
    cast = work("columns", "06-04", "06-08", on=["column"], trade="structure")

    (risk,) = found(things, [floor("06-01", "06-05"), cast])[1]

    assert risk.weight == 1.0
    assert risk.data["kind"] == "hazard"


def test_a_project_changes_what_two_trades_do_to_each_other():
    given = {"R12.pairs": "mep_first+finish=none"}

    assert found(room(), [duct(), floor()], given=given)[1] == ()
    with pytest.raises(TradeError, match="known are hazard"):
        trades("mep_first+finish=bad")
    with pytest.raises(TradeError, match="no pair"):
        trades("mep_first=none")


def test_unknown_words_are_told_by_what_the_elements_are():
    made, risks = found(room(), [duct(trade=""), floor()])

    assert told(made, risks) == [("R12", ("flooring", "ducts"), ("floor",))]


def test_the_later_task_moves_behind_the_first_where_its_float_allows():
    tasks = [duct(), floor("06-04", "06-08"), work("handover", "06-30", "06-30")]
    links = [("flooring", "handover"), ("ducts", "handover")]

    (risk,) = found(room(), tasks, links)[1]

    assert risk.suggestion["en"].startswith(
        "Move “flooring” by 2 working days to begin after 5 Jun"
    )


def test_people_at_work_count_where_the_plan_gives_them():
    hall = room(length=100.0)
    small = [duct("06-04", "06-08", on=["ceiling"], crew=2), floor(crew=2)]

    assert found(hall, small)[1] == ()


def test_a_turned_building_gives_the_same():
    tasks = [duct(on=["ceiling"]), floor()]
    wall = part("IfcWall", (0, -0.2, 0), (6, 0, 3.4), name="wall", storey="1F")
    made, (plain,) = found([*room(), wall], tasks)
    c, s = np.cos(0.5), np.sin(0.5)
    turn = np.array([[c, -s, 0, 100], [s, c, 0, 50], [0, 0, 1, 7], [0, 0, 0, 1]])
    moved = Scene.of([made.scene.models[0].moved(turn)])

    (turned,) = found(moved, tasks)[1]

    assert turned.tasks == plain.tasks
    assert turned.magnitude == pytest.approx(plain.magnitude, abs=0.03)
    assert turned.elements == plain.elements


def test_nothing_linked_is_nothing_found():
    assert found(room(), [duct(on=[]), floor(on=[])])[1] == ()
    assert found(Scene.of([model([])]), [])[1] == ()


def test_another_building_askew_with_other_floors_changes_nothing():
    wall = part("IfcWall", (0, -0.2, 0), (6, 0, 3.4), name="wall", storey="1F")
    tasks = [duct(on=["ceiling"]), floor()]
    made, (alone,) = found([*room(), wall], tasks)
    c, s = np.cos(0.5), np.sin(0.5)
    turn = np.array([[c, -s, 0, 300], [s, c, 0, 0], [0, 0, 1, 1.5], [0, 0, 0, 1]])
    walls = [
        part("IfcWall", (k, 0, 0), (k + 0.2, 40, 3), name=f"w{k}", storey="A") for k in range(9)
    ]
    other = model(walls, name="other", elevations={"A": 0.0}).moved(turn)

    (beside,) = found(Scene.of([*made.scene.models, other]), tasks)[1]

    assert beside.tasks == alone.tasks
    assert beside.window == alone.window
    assert beside.magnitude == alone.magnitude
    assert beside.confidence == alone.confidence
