"""R02: plans that contradict themselves, one hit and one near miss each."""

from dataclasses import replace
from datetime import date

import numpy as np

from bimcore.critical_path import compute
from bimcore.findings import Finding
from bimcore.formats.schedules.codes import ASSUMED_CALENDAR
from bimcore.formats.schedules.mspdi import read
from bimcore.schedule import CalendarException, Constraint, TaskKind
from clash.rehearsal import r02_integrity
from sample_models.authoring import schedule as sample
from tests.rehearsing import EVERY_DAY, WEEKDAYS, at, evening, moment, part, stage, work

SLAB = part("IfcSlab", (0, 0, 0), (1, 1, 0.2), name="slab")


def found(tasks, links=(), **columns):
    columns.setdefault("calendar", WEEKDAYS)
    return r02_integrity.find(stage([SLAB], tasks, links, rules=[r02_integrity], **columns))


def kinds(result):
    return [r.data.get("kind", "cycle") for r in result.risks]


def risks(result, kind):
    return [r for r in result.risks if r.data.get("kind", "cycle") == kind]


CHAIN = [("A", "B"), ("B", "C")]


def chain(**second):
    held = {"duration": 960.0, "start": "06-03", "finish": "06-04", **second}
    start, finish = held.pop("start"), held.pop("finish")
    return [
        work("A", "06-01", "06-02", duration=960.0),
        work("B", start, finish, **held),
        work("C", "06-05", "06-05", duration=480.0),
    ]


def test_a_plan_that_agrees_with_itself_has_no_risk():
    assert found(chain(), CHAIN).risks == ()


def test_a_task_before_its_link_is_told_with_days_window_and_move():
    tasks = [work("浇筑 4F 板", "06-01", "06-04"), work("浇筑 5F 柱", "06-03", "06-09")]

    (risk,) = found(tasks, [("浇筑 4F 板", "浇筑 5F 柱")]).risks

    assert risk.tasks == (1, 0)
    assert risk.window == (at("06-03"), evening("06-04"))
    assert (risk.severity, risk.certain, risk.confidence) == (8, True, 1.0)
    assert risk.descriptions["zh-CN"] == (
        "“浇筑 4F 板”6月4日完成，“浇筑 5F 柱”应在其完成后才能开始，"
        "计划却在6月3日开始，早了 2 个工作日。"
    )
    assert risk.descriptions["en"] == (
        '"浇筑 4F 板" ends 4 Jun; "浇筑 5F 柱" must begin after it ends, '
        "but is planned for 3 Jun, 2 working days too early."
    )
    assert risk.suggestion["zh-CN"] == "把“浇筑 5F 柱”顺延 2 个工作日，或改正这条逻辑关系。"


def test_lags_and_other_links_are_held_as_well():
    tasks = [work("A", "06-01", "06-02"), work("B", "06-03", "06-04")]

    waits = found(tasks, [("A", "B", "FS", 3)])
    near = found(tasks, [("A", "B", "SS", 2)])
    ends = found(tasks, [("B", "A", "FF")])

    assert [r.data["early_days"] for r in risks(waits, "link")] == [3]
    assert risks(near, "link") == []
    assert [r.data["early_days"] for r in risks(ends, "link")] == [2]


def test_a_constraint_of_the_author_makes_it_information():
    held = {"constraint": Constraint.MUST_START, "constraint_date": moment("06-03")}
    tasks = [work("A", "06-01", "06-09"), work("B", "06-03", "06-04", **held)]

    (risk,) = risks(found(tasks, [("A", "B")]), "link")

    assert risk.severity < 20
    assert "限制" in risk.descriptions["zh-CN"]


def test_a_constraint_that_yields_to_links_explains_nothing():
    soft = {"constraint": Constraint.MUST_START, "constraint_date": moment("06-03"), "firm": False}
    tasks = [work("A", "06-01", "06-09"), work("B", "06-03", "06-04", **soft)]

    (risk,) = risks(found(tasks, [("A", "B")]), "link")

    assert "限制" not in risk.descriptions["zh-CN"]


def test_a_circle_is_told_in_full_with_its_names():
    tasks = [work("A", "06-01", "06-01"), work("B", "06-02", "06-02"), work("C", "06-03", "06-03")]

    (risk,) = risks(found(tasks, [("A", "B"), ("B", "C"), ("C", "A")]), "cycle")

    assert (risk.tasks, risk.severity) == ((0, 1, 2), 40)
    assert "“A” → “B” → “C” → “A”" in risk.descriptions["zh-CN"]
    assert risk.window == (at("06-01"), evening("06-03"))


def test_duration_that_is_not_the_working_days_between():
    five = found(chain(finish="06-10", duration=480.0 * 6), CHAIN)
    short = found(chain(duration=480.0), CHAIN)

    assert risks(five, "duration") == []
    (risk,) = risks(short, "duration")
    assert (risk.data["stated_days"], risk.data["between_days"]) == (1, 2)


def test_duration_counts_holidays_and_shutdowns():
    shutdown = CalendarException(first=date(2026, 6, 8), last=date(2026, 6, 12))
    closed = replace(WEEKDAYS, exceptions=(shutdown,))
    tasks = [work("A", "06-01", "06-19", duration=480.0 * 10)]

    assert risks(found(tasks, calendar=closed), "duration") == []
    assert [r.data["between_days"] for r in risks(found(tasks), "duration")] == [15]


def test_work_on_a_day_without_work():
    (risk,) = risks(found(chain(finish="06-06", duration=None), CHAIN), "idle_day")

    assert "6月6日（周六）完成" in risk.descriptions["zh-CN"]
    assert risk.window == (
        np.datetime64("2026-06-06T00:00"),
        np.datetime64("2026-06-07T00:00"),
    )
    assert risks(found(chain(), CHAIN), "idle_day") == []


def test_work_without_end_and_groups_beside_their_rows():
    tasks = [
        work("主体", "06-01", "06-30", kind=TaskKind.SUMMARY),
        work("柱", "06-01", "06-05", parent=0),
        work("梁", "06-08", None, parent=0),
    ]

    result = found(tasks, [("柱", "梁")])

    assert [r.tasks for r in risks(result, "no_dates")] == [(2,)]
    assert [r.tasks for r in risks(result, "span")] == [(0,)]


def test_open_ends_are_told_once_for_the_plan():
    tasks = [*chain(), *(work(f"D{k}", "06-02", "06-03") for k in range(6))]

    result = found(tasks, CHAIN)

    assert [(r.data["kind"], len(r.tasks)) for r in result.risks] == [
        ("open_start", 6),
        ("open_end", 6),
    ]
    assert all(r.severity == 10 for r in result.risks)


def test_a_plan_without_links_is_not_assessed_rather_than_full_of_risks():
    result = found([work(f"D{k}", "06-02", "06-03") for k in range(6)])

    assert result.risks == ()
    assert len(result.not_assessed) == 1


def test_many_faults_below_one_heading_are_one_risk():
    tasks = [work("主体", "06-01", "06-05", kind=TaskKind.SUMMARY)]
    tasks += [work(f"T{k}", "06-01", "06-05", parent=0, duration=480.0) for k in range(8)]

    (risk,) = risks(found(tasks), "duration")

    assert (len(risk.tasks), risk.data["count"]) == (8, 8)
    assert risk.titles["zh-CN"] == "工期与日期不符：主体 8 处"


def test_the_same_plan_without_the_holiday_differs_in_exactly_the_shifted_tasks():
    holiday = CalendarException(first=date(2026, 6, 3), last=date(2026, 6, 3))
    tasks = [work(n, None, None, duration=960.0) for n in "ABC"]
    closed = replace(WEEKDAYS, exceptions=(holiday,))
    with_it = stage([SLAB], tasks, CHAIN, calendar=closed, rules=[r02_integrity])
    plan = replace(with_it.schedule, start=moment("06-01"))
    other = replace(plan, name="without", calendars=(WEEKDAYS,))
    whole = replace(with_it, schedule=plan, path=compute(plan), others=(other,))

    result = r02_integrity.find(whole)

    assert [r.tasks for r in risks(result, "version")] == [(1,), (2,)]
    assert [r.data["apart_days"] for r in risks(result, "version")] == [1, 1]
    assert r02_integrity.find(replace(whole, others=(plan,))).risks == ()


def test_other_exports_are_matched_by_name_where_tools_number_anew():
    tasks = chain()
    base = stage([SLAB], tasks, CHAIN, calendar=WEEKDAYS, rules=[r02_integrity])
    renumbered = tuple(replace(t, id=f"X{k}") for k, t in enumerate(base.schedule.tasks))
    shifted = replace(renumbered[2], finish=moment("06-08", at=moment("06-08T17:00").time()))
    other = replace(base.schedule, name="b.xer", format="xer", tasks=(*renumbered[:2], shifted))
    gone = replace(other, tasks=renumbered[:2], links=base.schedule.links[:1])

    assert [r.tasks for r in r02_integrity.find(replace(base, others=(other,))).risks] == [(2,)]
    (missing,) = r02_integrity.find(replace(base, others=(gone,))).risks
    assert (missing.tasks, missing.data["kind"]) == ((2,), "missing")


def test_the_seeded_faults_of_the_sample_project_are_found(tmp_path):
    sample.write(tmp_path / "plan.xml")
    plan = read(tmp_path / "plan.xml", name="plan.xml")
    base = stage([SLAB], chain(), CHAIN, rules=[r02_integrity])

    result = r02_integrity.find(replace(base, schedule=plan, path=compute(plan)))

    names = {plan.tasks[r.tasks[0]].name for r in risks(result, "link")}
    assert names >= {"3F 吊顶封板", "5F 柱、墙钢筋模板及混凝土浇筑", "墙后回填"}
    assert not {"duration", "idle_day", "no_dates", "span", "cycle"} & set(kinds(result))


ASSUMED = Finding(code=ASSUMED_CALENDAR, severity=0)


def off(first, second, *, between=0.0):
    """Two tasks that run over days off; a third on these days where `between` says so."""
    tasks = [
        work("A", *first, duration=480.0 * 5),
        work("B", *second, duration=480.0 * 5),
    ]
    if between:
        tasks.append(work("C", "06-08", "06-10", duration=480.0 * between))
    made = stage([SLAB], tasks, [("A", "B")], rules=[r02_integrity], calendar=EVERY_DAY)
    plan = replace(made.schedule, findings=(ASSUMED,))
    found_ = r02_integrity.find(replace(made, schedule=plan))
    return [made.schedule.tasks[r.tasks[0]].name for r in risks(found_, "duration")]


def test_days_off_that_two_tasks_of_a_table_leave_out_are_believed():
    assert off(("06-05", "06-12"), ("06-07", "06-14")) == []


def test_days_off_on_which_others_work_are_none():
    assert off(("06-05", "06-12"), ("06-07", "06-14"), between=3.0) == ["A", "B"]


def test_one_task_alone_is_believed_over_a_holiday_of_the_law():
    assert off(("09-28", "10-09"), ("10-10", "10-14")) == []
    assert off(("08-28", "09-08"), ("09-09", "09-13")) == ["A"]
