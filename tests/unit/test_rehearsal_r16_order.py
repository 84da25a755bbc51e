"""R16: trades out of order in one place."""

from datetime import date, timedelta

import pytest

from clash.rehearsal import r16_order
from clash.rehearsal.r16_order import stem
from tests.rehearsing import at, part, stage, told, work

TRADES = (("砌体", "envelope"), ("管线", "mep_first"), ("吊顶", "lining"))


def floors(count):
    return [
        part("IfcWall" if trade == "envelope" else "IfcCovering", (0, k, 3.6 * f), (9, k + 0.2, 3.6 * f + 3),
             name=f"{trade} {f}", storey=f"{f + 1}F")
        for f in range(count)
        for k, (_, trade) in enumerate(TRADES)
    ]  # fmt: skip


def day(number):
    return (date(2026, 6, 1) + timedelta(days=number)).isoformat()


def plan(count, *, swapped=None, early=(), length=4):
    """Each trade of each floor five days after the one before, floors two weeks apart."""
    tasks = []
    for f in range(count):
        order = list(range(3))
        if f == swapped:
            order = [0, 2, 1]
        if f in early:
            order = [1, 2, 0]
        for k, (name, trade) in enumerate(TRADES):
            first = 14 * f + 5 * order[k]
            tasks.append(work(f"{f + 1}F {name}", day(first), day(first + length - 1),
                              trade=trade, on=[f"{trade} {f}"]))  # fmt: skip
    return tasks


def found(count, tasks, **columns):
    made = stage(floors(count), tasks, rules=[r16_order],
                 elevations={f"{f + 1}F": 3.6 * f for f in range(count)}, **columns)  # fmt: skip
    return made, r16_order.find(made).risks


def test_of_four_alike_floors_the_inverted_one_is_told():
    made, risks = found(4, plan(4, swapped=2))

    assert told(made, risks) == [("R16", ("3F 吊顶", "3F 管线"), ("lining 2",))]
    (risk,) = risks
    assert risk.window == (at(day(14 * 2 + 5)), at(day(14 * 2 + 10)))
    assert risk.magnitude == pytest.approx(0.5)
    assert (risk.weight, risk.severity, risk.place, risk.certain) == (0.4, 20, "3F", True)
    assert risk.titles["zh-CN"] == "3F：「3F 吊顶」比「3F 管线」早开工 5 天，先后颠倒"


def test_floors_in_order_are_quiet():
    assert found(4, plan(4))[1] == ()


def test_an_order_that_the_whole_project_keeps_is_its_own():
    tasks = [t for f in range(4) for t in plan(4, swapped=f)[3 * f : 3 * f + 3]]

    assert found(4, tasks)[1] == ()


def test_one_trade_before_all_others_is_one_risk():
    made, risks = found(5, plan(5, early=[3]))

    assert [[made.schedule.tasks[t].name for t in r.tasks] for r in risks] == [
        ["4F 吊顶", "4F 管线", "4F 砌体"]
    ]
    assert risks[0].data["tasks_out_of_order"] == 2


def test_half_of_the_places_do_not_make_an_order():
    tasks = [t for f in range(4) for t in plan(4, swapped=f if f % 2 else None)[3 * f : 3 * f + 3]]

    assert found(4, tasks)[1] == ()


def test_with_too_few_places_the_usual_order_counts_as_possible():
    made, risks = found(2, plan(2, swapped=1))

    assert told(made, risks) == [("R16", ("2F 吊顶", "2F 管线"), ("lining 1",))]
    assert not risks[0].certain
    assert found(2, plan(2, swapped=1), given={"R16.declared": False})[1] == ()
    assert found(2, plan(2, swapped=1), given={"R16.free": "mep_first+lining"})[1] == ()


def test_pairs_without_an_order_and_starts_on_one_day_are_no_inversion():
    tasks = plan(2)
    # pipes before masonry is common where conduits are cast in
    assert found(2, [t for t in plan(2, early=[]) if "吊顶" not in t.task.name])[1] == ()
    same = [work(w.task.name, day(0), day(3), trade=w.trade, on=w.on) for w in tasks]
    assert found(2, same)[1] == ()


def test_stairs_come_whenever_there_is_room_for_them():
    late = [
        work(f"{f + 1}F stairs", day(60), day(62), trade="structure", on=[f"flight {f}"])
        for f in range(2)
    ]
    flights = {
        cls: [
            part(cls, (0, 8, 3.6 * f), (4, 9, 3.6 * f + 3), name=f"flight {f}", storey=f"{f + 1}F")
            for f in range(2)
        ]
        for cls in ("IfcStairFlight", "IfcColumn")
    }
    levels = {"1F": 0.0, "2F": 3.6}

    stairs, columns = (
        r16_order.find(
            stage([*floors(2), *more], [*plan(2), *late], rules=[r16_order], elevations=levels)
        ).risks
        for more in flights.values()
    )

    assert stairs == ()
    assert len(columns) == 2


def test_partitions_stand_before_or_after_the_lines_in_them():
    parts = [
        part("IfcWall", (0, 0, 0), (9, 0.1, 3), name="studs", storey="1F"),
        part("IfcPipeSegment", (0, 1, 2), (9, 1.1, 2.1), name="pipes", storey="1F"),
        part("IfcCovering", (0, 0, 2.8), (9, 3, 2.85), name="ceiling", storey="1F"),
    ]
    tasks = [
        work("studs", day(0), day(3), trade="lining", on=["studs"]),
        work("first fix", day(5), day(8), trade="mep_first", on=["pipes"]),
    ]
    early = work("ceiling", day(2), day(3), trade="lining", on=["ceiling"])

    def risks(*rows):
        made = stage(parts, rows, rules=[r16_order], elevations={"1F": 0.0})
        return told(made, r16_order.find(made).risks)

    assert risks(*tasks) == []
    assert risks(*tasks, early) == [("R16", ("ceiling", "first fix"), ("ceiling",))]


def test_props_have_no_place_among_the_trades():
    tasks = [
        work(t.task.name, t.task.start.date().isoformat(), t.task.finish.date().isoformat(),
             trade="temporary" if t.trade == "lining" else t.trade, on=t.on)
        for t in plan(4, swapped=2)
    ]  # fmt: skip

    assert found(4, tasks)[1] == ()


def test_masonry_that_floors_rest_on_is_structure():
    def risks(wall):
        parts = [
            part("IfcSlab", (0, 0, -0.3), (6, 6, 0), name="raft", storey="1F"),
            part("IfcWall", (0, 0, 0), (6, 0.3, wall), name="bricks", storey="1F"),
            part("IfcColumn", (0, 5, 0), (0.3, 5.3, 3), name="post", storey="1F"),
            part("IfcSlab", (0, 0, 3), (6, 6, 3.2), name="floor", storey="2F"),
        ]
        tasks = [
            work("bricks", day(0), day(3), trade="envelope", on=["bricks"]),
            work("post", day(5), day(6), trade="structure", on=["post"]),
        ]
        made = stage(parts, tasks, rules=[r16_order], elevations={"1F": 0.0, "2F": 3.0})
        return told(made, r16_order.find(made).risks)

    assert risks(3.0) == []
    assert risks(2.0) == [("R16", ("bricks", "post"), ("bricks",))]


def test_a_task_over_all_floors_is_of_no_place():
    whole = work("管线", day(0), day(60), trade="mep_first",
                 on=[f"mep_first {f}" for f in range(4)])  # fmt: skip
    tasks = [t for t in plan(4) if t.trade != "mep_first"]

    assert found(4, [*tasks, whole])[1] == ()


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("3F 机电管线安装", "机电管线安装"),
        ("三层吊顶封板", "吊顶封板"),
        ("A区 12层 抹灰", "抹灰"),
        ("Level 3 drywall", "drywall"),
        ("Drywall - 3rd floor", "drywall"),
        ("2号楼 5F 砌体", "砌体"),
    ],
)
def test_the_name_without_its_place(name, expected):
    assert stem(name) == expected
