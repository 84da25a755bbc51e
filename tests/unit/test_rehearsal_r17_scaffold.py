"""R17: scaffold and other access against the work that needs it."""

import pytest

from clash.rehearsal import r17_scaffold
from tests.rehearsing import at, evening, part, stage, told, work

FLOORS = {f"{n}F": 3.6 * (n - 1) for n in range(1, 7)}


def wall(name="facade", low=0.0, high=18.0, x=0.0):
    storey = f"{round(low / 3.6) + 1}F"
    return part("IfcCurtainWall", (x, 0, low), (x + 20, 0.2, high), name=name, storey=storey)


#: A floor in every storey, so that all levels are known.
SLABS = [
    part("IfcSlab", (0, 0.3, z - 0.2), (20, 20, z), name=f"slab {s}", storey=s)
    for s, z in FLOORS.items()
]


def found(tasks, things=(), links=(), **columns):
    made = stage([wall(), *SLABS, *things], tasks, links, elevations=FLOORS,
                 rules=[r17_scaffold], **columns)  # fmt: skip
    return made, r17_scaffold.find(made).risks


def cladding(start="06-10", finish="06-19", name="幕墙安装", on=("facade",), **columns):
    return work(name, start, finish, trade="envelope", on=on, **columns)


def erect(start="06-01", finish="06-05", name="外脚手架搭设", **columns):
    return work(name, start, finish, trade="temporary", action="temporary", **columns)


def strike(start, finish="06-30", name="外脚手架拆除", **columns):
    return work(name, start, finish, trade="temporary", action="remove", **columns)


def test_a_scaffold_struck_before_its_last_user_is_done_is_one_risk():
    made, risks = found([erect(), cladding(), strike("06-16")])

    assert told(made, risks) == [("R17", ("幕墙安装", "外脚手架拆除"), ("facade",))]
    (risk,) = risks
    assert risk.window == (at("06-16"), evening("06-19"))
    assert risk.magnitude == pytest.approx(0.4)
    assert (risk.weight, risk.severity, risk.certain) == (1.0, 40, True)
    assert risk.suggestion["zh-CN"].startswith("「外脚手架拆除」推迟 4 天")


def test_struck_the_day_after_the_last_user_is_a_near_miss():
    assert found([erect(), cladding(), strike("06-20")])[1] == ()


def test_all_users_of_one_scaffold_are_one_risk():
    paint = cladding("06-12", "06-22", name="外墙涂料", on=())

    made, risks = found([erect(), cladding(), paint, strike("06-18")])

    assert [[made.schedule.tasks[t].name for t in r.tasks] for r in risks] == [
        ["外墙涂料", "外脚手架拆除", "幕墙安装"]
    ]
    assert risks[0].window == (at("06-18"), evening("06-22"))


def test_work_that_begins_before_the_scaffold_stands():
    made, risks = found([erect("06-08", "06-12"), cladding(), strike("06-25")])

    assert told(made, risks) == [("R17", ("幕墙安装", "外脚手架搭设"), ("facade",))]
    assert risks[0].window == (at("06-10"), evening("06-12"))


def test_without_any_access_there_is_one_remark_for_all():
    tasks = [cladding(), cladding("06-20", "06-25", name="外墙保温", on=())]

    (risk,) = found(tasks)[1]

    assert (risk.weight, risk.severity) == (0.2, 10)
    assert risk.window == (at("06-10"), evening("06-25"))


def test_a_lift_on_hire_is_access():
    hired = work("曲臂登高车租用", "06-08", "06-30", action="temporary", trade="temporary")
    assert found([hired, cladding()])[1] == ()
    hired = work("Boom lift on site", "06-08", "06-15", action="temporary", trade="temporary")

    (risk,) = found([hired, cladding()])[1]

    assert risk.window == (evening("06-15"), evening("06-19"))
    assert risk.data["days_without_access"] == 4


def test_a_band_of_floors_does_not_serve_what_is_higher():
    low = wall("low", 0.0, 7.0)
    high = wall("high", 7.2, 21.0)
    tasks = [
        erect(name="1-2层外脚手架搭设"),
        strike("06-25", name="1-2层外脚手架拆除"),
        cladding(name="幕墙 1-2F", on=["low"]),
        cladding(name="幕墙 3-6F", on=["high"]),
    ]

    made, risks = found(tasks, [low, high])

    assert told(made, risks) == [("R17", ("幕墙 3-6F",), ("high",))]
    assert risks[0].magnitude == pytest.approx(1.0)
    assert not risks[0].certain


def test_sides_of_the_building_are_told_apart():
    tasks = [
        erect(name="北立面脚手架搭设"),
        strike("06-12", name="北立面脚手架拆除"),
        erect(name="南立面脚手架搭设"),
        strike("06-25", name="南立面脚手架拆除"),
        cladding(name="南立面幕墙安装"),
    ]

    assert found(tasks)[1] == ()


def test_scaffold_bodies_tell_when_and_where():
    body = part("IfcBuildingElementProxy", (0, -1.2, 0), (20, -0.2, 18), name="外脚手架 A")

    def tasks(until):
        return [
            work("脚手架 A", "06-01", until, on=["外脚手架 A"], action="temporary",
                 trade="temporary"),
            cladding(),
        ]  # fmt: skip

    assert found(tasks("06-25"), [body])[1] == ()
    made, risks = found(tasks("06-15"), [body])
    assert told(made, risks) == [("R17", ("幕墙安装", "脚手架 A"), ("facade",))]
    assert risks[0].window == (evening("06-15"), evening("06-19"))


def test_masonry_laid_from_the_floor_needs_no_scaffold():
    masonry = part("IfcWall", (0, 1, 7.2), (20, 1.2, 10.5), name="masonry", storey="3F")
    tasks = [work("3F 砌体", "06-10", "06-19", trade="envelope", on=["masonry"])]

    assert found(tasks, [masonry])[1] == ()


def test_a_low_plinth_is_no_work_at_height():
    plinth = wall("plinth", 0.0, 1.9, x=40)
    tasks = [erect(), cladding(on=["plinth"]), strike("06-16")]

    assert found(tasks, [plinth])[1] == ()


def test_german_words_of_scaffold_and_render():
    render = cladding(name="Außenputz", on=())
    tasks = [erect(name="Fassadengerüst aufbauen"), render, strike("06-16", name="Gerüst abbauen")]

    made, risks = found(tasks)

    assert [[made.schedule.tasks[t].name for t in r.tasks] for r in risks] == [
        ["Außenputz", "Gerüst abbauen"]
    ]
