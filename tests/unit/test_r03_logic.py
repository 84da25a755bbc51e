"""R03: orders that the geometry asks for, against the links of the plan."""

import numpy as np

from bimcore.schedule import TaskKind
from clash.rehearsal import r03_logic as r03
from clash.rehearsal.network import follows, reduced
from tests.rehearsing import at, evening, part, schedule_of, stage, told, work

HOUSE = [
    part("IfcSlab", (0, 0, -0.3), (6, 6, 0), name="S0", storey="1F"),
    part("IfcWall", (0, 0, 0), (6, 0.2, 3), name="W1", storey="1F"),
    part("IfcWall", (0, 5.8, 0), (6, 6, 3), name="W2", storey="1F"),
    part("IfcSlab", (0, 0, 3), (6, 6, 3.2), name="S1", storey="2F"),
    part("IfcWall", (0, 0, 3.2), (6, 0.2, 6.2), name="W3", storey="2F"),
]
CHAIN = [("base", "walls"), ("walls", "slab"), ("slab", "upper")]
DATES = {
    "base": ("06-01", "06-02"),
    "walls": ("06-03", "06-05"),
    "slab": ("06-08", "06-10"),
    "upper": ("06-25", "06-26"),
}
ON = {"base": ["S0"], "walls": ["W1", "W2"], "slab": ["S1"], "upper": ["W3"]}


def house(links, **dates):
    held = {**DATES, **dates}
    return stage(HOUSE, [work(n, *held[n], on=ON[n]) for n in ON], links, rules=[r03])


def test_a_plan_with_all_its_links_has_no_risk():
    assert r03.find(house(CHAIN)).risks == ()


def test_one_deleted_link_is_exactly_one_risk():
    place = house([CHAIN[0], CHAIN[2]])

    found = r03.find(place)

    assert told(place, found) == [("R03", ("slab", "walls"), ("S1",))]
    (risk,) = found.risks
    assert (risk.magnitude, risk.severity, risk.certain) == (0.6, 42, True)
    assert risk.window == (at("06-08"), evening("06-10"))
    assert risk.data["gap_working_days"] == 2.0


def test_a_missing_link_with_weeks_between_is_mild():
    (risk,) = r03.find(house(CHAIN[:2])).risks

    assert (risk.magnitude, risk.severity) == (0.3, 21)


def test_links_the_other_way_round_are_grave():
    place = house([("base", "walls"), ("slab", "walls"), ("slab", "upper")])

    (risk,) = r03.find(place).risks

    assert told(place, [risk]) == [("R03", ("slab", "walls"), ("S1",))]
    assert risk.magnitude == 1.0


def test_a_detour_over_other_tasks_is_a_link():
    tasks = [work(n, *DATES[n], on=ON[n]) for n in ON] + [work("cure", "06-11", "06-12")]
    links = [*CHAIN[:2], ("slab", "cure"), ("cure", "upper")]

    assert r03.find(stage(HOUSE, tasks, links, rules=[r03])).risks == ()


def test_a_link_of_summaries_holds_for_their_rows():
    tasks = [
        work("lower", "06-01", "06-05", kind=TaskKind.SUMMARY),
        work("base", *DATES["base"], on=ON["base"], parent=0),
        work("walls", *DATES["walls"], on=ON["walls"], parent=0),
        work("higher", "06-08", "06-26", kind=TaskKind.SUMMARY),
        work("slab", *DATES["slab"], on=ON["slab"], parent=3),
        work("upper", *DATES["upper"], on=ON["upper"], parent=3),
    ]
    links = [("lower", "higher"), ("base", "walls"), ("slab", "upper")]

    assert r03.find(stage(HOUSE, tasks, links, rules=[r03])).risks == ()


def test_tasks_that_need_each_other_both_ways_have_no_order():
    tasks = [
        work("all slabs", "06-01", "06-10", on=["S0", "S1"]),
        work("all walls", "06-05", "06-15", on=["W1", "W2", "W3"]),
        work("else", "06-01", "06-02"),
    ]

    assert r03.find(stage(HOUSE, tasks, [("else", "all walls")], rules=[r03])).risks == ()


def test_a_plan_without_links_is_not_assessed():
    found = r03.find(house([]))

    assert found.risks == ()
    assert len(found.not_assessed) == 1


def test_paths_and_reduced_orders_agree_with_a_plain_search():
    rng = np.random.default_rng(5)
    names = [f"T{k}" for k in range(30)]
    arcs = sorted({tuple(sorted(rng.choice(30, 2, replace=False).tolist())) for _ in range(60)})
    plan = schedule_of(
        [work(n, None, None) for n in names], [(names[a], names[b]) for a, b in arcs]
    )
    nexts = {k: [b for a, b in arcs if a == k] for k in range(30)}

    def comes(a, b):
        return any(n == b or comes(n, b) for n in nexts[a])

    pairs = [(a, b) for a in range(30) for b in range(30) if a != b]
    before, after = (np.array(column) for column in zip(*pairs, strict=True))

    assert follows(plan, before, after).tolist() == [comes(a, b) for a, b in pairs]
    heads, tails = (np.array(column) for column in zip(*arcs, strict=True))
    slow = [not any(comes(n, b) for n in nexts[a] if n != b) for a, b in arcs]
    assert reduced(heads, tails, 30).tolist() == slow


def test_partitions_fitted_under_a_floor_are_not_awaited_by_it():
    inner = part("IfcWall", (3, 0.2, 0), (3.1, 5.8, 3), name="P", storey="1F")

    def risks(trade):
        tasks = [work(n, *DATES[n], on=ON[n]) for n in ON]
        tasks.append(work("studs", "07-01", "07-03", trade=trade, on=["P"]))
        links = [*CHAIN, ("upper", "studs")]
        place = stage([*HOUSE, inner], tasks, links, rules=[r03])
        return told(place, r03.find(place))

    assert risks("lining") == []
    assert risks("structure") == [("R03", ("slab", "studs"), ("S1",))]


def test_a_missing_link_is_told_however_long_the_gap():
    (risk,) = r03.find(house(CHAIN[:2], upper=("11-02", "11-04"))).risks

    assert (risk.tasks, risk.magnitude) == ((3, 2), 0.3)


def test_what_one_task_finishes_together_has_no_order():
    tasks = [work(n, *DATES[n], on=ON[n]) for n in ON]
    tasks[1] = work("walls", "06-10", "06-16", on=ON["walls"])
    tasks.append(work("grout", "06-17", "06-18", on=["S1", "W1", "W2"]))
    links = [("base", "slab"), ("slab", "walls"), ("walls", "grout"), ("grout", "upper")]

    assert r03.find(stage(HOUSE, tasks, links, rules=[r03])).risks == ()
