"""One fault is told by one rule."""

from clash.rehearsal import r02_integrity, r03_logic, r04_support, r05_floating, r13_below
from clash.rehearsal.precedence import without_repeats
from tests.rehearsing import part, stage, told, work

HOUSE = [
    part("IfcSlab", (0, 0, -0.3), (6, 6, 0), name="S0", storey="1F"),
    part("IfcWall", (0, 0, 0), (6, 0.2, 3), name="W1", storey="1F"),
    part("IfcSlab", (0, 0, 3), (6, 6, 3.2), name="S1", storey="2F"),
    part("IfcWall", (0, 0, 3.2), (6, 0.2, 6.2), name="W3", storey="2F"),
    part("IfcSlab", (0, 0, 6.2), (6, 6, 6.4), name="S2", storey="3F"),
]
RULES = (r03_logic, r04_support, r05_floating)


def test_walls_and_deck_in_the_air_are_one_risk_of_the_rule_that_names_the_carrier():
    tasks = [
        work("base", "06-01", "06-02", on=["S0"]),
        work("walls", "06-03", "06-04", on=["W1"]),
        work("upper", "06-05", "06-06", on=["W3"]),
        work("roof", "06-07", "06-08", on=["S2"]),
        work("slab", "06-15", "06-18", on=["S1"]),
    ]
    links = [("base", "walls"), ("walls", "slab"), ("upper", "roof")]
    place = stage(HOUSE, tasks, links, rules=RULES)
    every = [r for rule in RULES for r in rule.find(place).risks]

    assert {r.rule for r in every} == {"R03", "R04", "R05"}
    assert told(place, without_repeats(place, every)) == [("R04", ("upper", "slab"), ("W3",))]


def test_a_broken_link_is_not_told_beside_what_cannot_stand_without_it():
    tasks = [
        work("base", "06-01", "06-02", on=["S0"]),
        work("walls", "06-03", "06-04", on=["W1"]),
        work("slab", "06-08", "06-18", on=["S1"]),
        work("upper", "06-15", "06-20", on=["W3"]),
    ]
    links = [("base", "walls"), ("walls", "slab"), ("slab", "upper")]
    rules = (r02_integrity, r04_support)
    place = stage(HOUSE, tasks, links, rules=rules)
    every = [r for rule in rules for r in rule.find(place).risks]
    (before,) = (r for r in every if r.rule == "R04")

    (risk,) = [r for r in without_repeats(place, every) if r.data.get("kind") != "open_end"]

    assert [r.rule for r in every if r.data.get("kind") == "link"] == ["R02"]
    assert (risk.rule, risk.tasks, risk.window) == ("R04", before.tasks, before.window)
    assert not before.certain
    assert risk.certain
    assert risk.confidence == 2 * before.confidence
    assert "逻辑关系" not in risk.titles["zh-CN"]
    assert "先后关系" in risk.descriptions["zh-CN"]


def test_a_broken_link_between_what_does_not_touch_is_told():
    tasks = [
        work("base", "06-01", "06-10", on=["S0"]),
        work("other", "06-05", "06-12", on=["S2"]),
    ]
    place = stage(HOUSE, tasks, [("base", "other")], rules=(r02_integrity,))
    every = list(r02_integrity.find(place).risks)

    kinds = {r.data.get("kind") for r in without_repeats(place, every)}

    assert "link" in kinds


def test_two_tasks_of_which_one_comes_too_early_are_not_told_again_because_they_meet():
    tasks = [
        work("base", "06-01", "06-02", on=["S0"]),
        work("walls", "06-03", "06-09", on=["W1"], trade="envelope"),
        work("slab", "06-04", "06-08", on=["S1"], trade="roof"),
    ]
    place = stage(HOUSE, tasks, [("base", "walls")], rules=(r04_support, r13_below))
    every = [r for rule in (r04_support, r13_below) for r in rule.find(place).risks]
    walls = next(r for r in every if r.rule == "R13")

    assert {(r.rule, r.tasks) for r in every} == {("R04", (2, 1)), ("R13", (1, 2))}
    assert [r.rule for r in without_repeats(place, every)] == ["R04"]
    assert without_repeats(place, [walls]) == (walls,)
