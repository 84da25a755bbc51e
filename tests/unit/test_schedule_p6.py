"""Primavera plans: what XER and P6 XML say, and what broken ones still give."""

from datetime import date, datetime

import pytest

from bimcore.formats.schedules import p6xml, xer
from bimcore.formats.schedules.clndr import parsed
from bimcore.formats.schedules.errors import ScheduleError
from bimcore.schedule import (
    CalendarException,
    Constraint,
    LagCalendar,
    LagUnit,
    Progress,
    TaskKind,
)
from tests import plan_files as plans
from tests.made_up_plans import made_up

WEEK = "(0||2()((0||0(s|08:00|f|12:00)())(0||1(s|13:00|f|17:00)())))"


def xer_text(**tables: list[str]) -> str:
    """Tables of one row of field names and further rows, written with blanks for tabs."""
    lines = ["ERMHDR\t19.12"]
    for name, rows in tables.items():
        lines += [f"%T\t{name}", "%F\t" + "\t".join(rows[0].split())]
        lines += ["%R\t" + "\t".join(r.split("|")) for r in rows[1:]]
    return "\n".join([*lines, "%E", ""])


def read_xer(tmp_path, text: str | bytes, *, encoding="utf-8"):
    path = tmp_path / "plan.xer"
    path.write_bytes(text if isinstance(text, bytes) else text.encode(encoding))
    return xer.read(path, name="plan.xer")


def codes(schedule) -> list[str]:
    return [f.code.code for f in schedule.findings]


def english(schedule) -> list[str]:
    return [f.message("en") for f in schedule.findings]


TASK = "task_id proj_id wbs_id task_type task_code task_name target_drtn_hr_cnt"


def test_a_plan_without_wbs_and_project_is_read(tmp_path):
    plan = read_xer(tmp_path, xer_text(TASK=[TASK, "1|1|9|TT_Task|A|Pour|16"]))

    assert [(t.id, t.name, t.parent, t.duration) for t in plan.tasks] == [("A", "Pour", -1, 960.0)]
    assert english(plan) == [
        'line 4 (TASK A): "WBS" refers to "9", which is not in the file; left out.'
    ]


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("TT_Task", TaskKind.TASK),
        ("TT_Rsrc", TaskKind.TASK),
        ("TT_LOE", TaskKind.EFFORT),
        ("TT_WBS", TaskKind.SUMMARY),
        ("TT_Mile", TaskKind.MILESTONE),
        ("TT_FinMile", TaskKind.MILESTONE),
    ],
)
def test_every_kind_of_activity_is_told(tmp_path, kind, expected):
    plan = read_xer(tmp_path, xer_text(TASK=[TASK, f"1|1||{kind}|A|Pour|0"]))

    assert [t.kind for t in plan.tasks] == [expected]


def test_progress_comes_with_actual_dates_and_what_remains(tmp_path):
    fields = (
        f"{TASK} status_code complete_pct_type remain_drtn_hr_cnt act_start_date act_end_date "
        "early_end_date reend_date target_start_date"
    )
    row = "1|1||TT_Task|A|Pour|40|TK_Active|CP_Drtn|10|2026-03-02 08:00||2026-03-09 17:00|2026-03-08 17:00|2026-02-27 08:00"
    done = "2|1||TT_Task|B|Cure|8|TK_Complete|CP_Phys|0|2026-03-02 08:00|2026-03-02 17:00|||"

    first, second = read_xer(tmp_path, xer_text(TASK=[fields, row, done])).tasks

    assert (first.start, first.finish) == (datetime(2026, 3, 2, 8), datetime(2026, 3, 8, 17))
    assert (first.complete, first.duration, first.remaining) == (0.75, 2400.0, 600.0)
    assert (second.actual_finish, second.complete) == (datetime(2026, 3, 2, 17), 1.0)


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("CS_MSO", Constraint.MUST_START),
        ("CS_MANDSTART", Constraint.MUST_START),
        ("CS_MEO", Constraint.MUST_FINISH),
        ("CS_MANDFIN", Constraint.MUST_FINISH),
        ("CS_MSOA", Constraint.START_NO_EARLIER),
        ("CS_MSOB", Constraint.START_NO_LATER),
        ("CS_MEOA", Constraint.FINISH_NO_EARLIER),
        ("CS_MEOB", Constraint.FINISH_NO_LATER),
        ("CS_ALAP", Constraint.ALAP),
    ],
)
def test_every_constraint_is_told(tmp_path, word, expected):
    row = f"1|1||TT_Task|A|Pour|8|{word}|2026-03-02 08:00"
    plan = read_xer(tmp_path, xer_text(TASK=[f"{TASK} cstr_type cstr_date", row]))

    assert (plan.tasks[0].constraint, plan.tasks[0].constraint_date) == (
        expected,
        datetime(2026, 3, 2, 8),
    )


def test_of_two_constraints_the_latest_finish_becomes_the_deadline(tmp_path):
    fields = f"{TASK} cstr_type cstr_date cstr_type2 cstr_date2"
    both = "1|1||TT_Task|A|Pour|8|CS_MEOB|2026-04-01 17:00|CS_MSOA|2026-03-02 08:00"
    other = "2|1||TT_Task|B|Cure|8|CS_MSOA|2026-03-02 08:00|CS_MSOB|2026-03-09 08:00"

    plan = read_xer(tmp_path, xer_text(TASK=[fields, both, other]))

    assert (plan.tasks[0].constraint, plan.tasks[0].deadline) == (
        Constraint.START_NO_EARLIER,
        datetime(2026, 4, 1, 17),
    )
    assert plan.tasks[1].codes == {"secondary constraint": "start_no_later_than 2026-03-09 08:00"}
    assert codes(plan) == ["SCH624"]


@pytest.mark.parametrize(
    ("word", "calendar", "unit"),
    [
        ("rcal_Predecessor", LagCalendar.PREDECESSOR, LagUnit.WORKING),
        ("rcal_Successor", LagCalendar.SUCCESSOR, LagUnit.WORKING),
        ("rcal_ProjDefault", LagCalendar.PROJECT, LagUnit.WORKING),
        ("rcal_24Hour", LagCalendar.ALWAYS, LagUnit.ELAPSED),
    ],
)
def test_the_lag_calendar_of_the_project_holds_for_its_links(tmp_path, word, calendar, unit):
    text = xer_text(
        PROJECT=["proj_id proj_short_name", "1|P"],
        SCHEDOPTIONS=["proj_id sched_calendar_on_relationship_lag", f"1|{word}"],
        TASK=[TASK, "1|1||TT_Task|A|Pour|8", "2|1||TT_Task|B|Cure|8"],
        TASKPRED=["task_id pred_task_id pred_type lag_hr_cnt", "2|1|PR_SS|-4,5"],
    )

    link = read_xer(tmp_path, text).links[0]

    assert (link.type, link.lag.value, link.lag.calendar, link.lag.unit) == (
        "SS",
        -270.0,
        calendar,
        unit,
    )


def test_several_projects_are_groups_of_their_own_and_said(tmp_path):
    text = xer_text(
        PROJECT=["proj_id proj_short_name", "1|P", "2|Q"],
        TASK=[TASK, "1|1||TT_Task|A|Pour|8", "2|2||TT_Task|A|Cure|8"],
        TASKPRED=["task_id pred_task_id pred_type lag_hr_cnt", "2|1|PR_FS|0"],
    )

    plan = read_xer(tmp_path, text)

    assert [(t.id, t.parent) for t in plan.tasks] == [
        ("project:P", -1),
        ("P/A", 0),
        ("project:Q", -1),
        ("Q/A", 2),
    ]
    assert [(k.predecessor, k.successor) for k in plan.links] == [(1, 3)]
    assert english(plan) == [
        "The file holds 2 projects (P (1), Q (1)); all are read, each as a group of its own."
    ]


def test_a_baseline_beside_its_project_is_left_out(tmp_path):
    text = xer_text(
        PROJECT=["proj_id proj_short_name orig_proj_id", "1|P|", "2|P - B1|1"],
        TASK=[TASK, "1|1||TT_Task|A|Pour|8", "2|2||TT_Task|A|Pour|8"],
    )

    plan = read_xer(tmp_path, text)

    assert [t.id for t in plan.tasks] == ["A"]
    assert codes(plan) == ["SCH612"]


def test_codes_fields_and_people_come_with_the_task(tmp_path):
    text = xer_text(
        TASK=[TASK, "1|1||TT_Task|A|Pour|8"],
        ACTVTYPE=["actv_code_type_id actv_code_type", "7|Trade"],
        ACTVCODE=["actv_code_id actv_code_type_id short_name actv_code_name", "70|7|STR|Structure"],
        TASKACTV=["task_id actv_code_type_id actv_code_id", "1|7|70", "1|7|71"],
        UDFTYPE=["udf_type_id table_name udf_type_label", "5|TASK|IFC GlobalId"],
        UDFVALUE=[
            "udf_type_id fk_id udf_text",
            "5|1|2ww9A9wXX54eT3Wns4rLsr; 0HSpq15hDC2R2RlJos8Ql5",
        ],
        RSRC=["rsrc_id rsrc_name rsrc_type", "3|Steel fixers|RT_Labor", "4|Crane|RT_Equip"],
        TASKRSRC=["task_id rsrc_id target_qty_per_hr", "1|3|6", "1|4|1"],
    )

    plan = read_xer(tmp_path, text)

    assert plan.tasks[0].codes == {
        "Trade": "STR",
        "Trade name": "Structure",
        "IFC GlobalId": "2ww9A9wXX54eT3Wns4rLsr; 0HSpq15hDC2R2RlJos8Ql5",
    }
    assert plan.tasks[0].elements == ("2ww9A9wXX54eT3Wns4rLsr", "0HSpq15hDC2R2RlJos8Ql5")
    assert (plan.tasks[0].resources, plan.tasks[0].crew) == (("Steel fixers", "Crane"), 6.0)
    assert codes(plan) == ["SCH622"]


def test_a_ring_of_groups_is_named_in_full_and_cut(tmp_path):
    text = xer_text(
        PROJWBS=["wbs_id proj_id parent_wbs_id wbs_short_name wbs_name"]
        + ["1|1|3|a|Alpha", "2|1|1|b|Beta", "3|1|2|c|Gamma", "4|1|4|d|Self"],
        TASK=[TASK, "1|1|3|TT_Task|A|Pour|8", "2|1|4|TT_Task|B|Cure|8"],
    )

    plan = read_xer(tmp_path, text)

    assert [(t.name, t.parent) for t in plan.tasks if t.kind is TaskKind.SUMMARY] == [
        ("Alpha", -1),
        ("Beta", 0),
        ("Gamma", 1),
        ("Self", -1),
    ]
    assert english(plan) == [
        'Groups contain one another in a ring: Alpha > Gamma > Beta > Alpha; it is cut at "Alpha".',
        'Groups contain one another in a ring: Self > Self; it is cut at "Self".',
    ]


def test_broken_rows_are_named_by_line_and_field(tmp_path):
    text = xer_text(
        TASK=[
            f"{TASK} target_start_date",
            "1|1||TT_Task|A|Pour|8|2026-03-02 08:00",
            "|1||TT_Task|B|No key|8|",
            "3|1||TT_Sprint|C|Kind|1e300|2026-13-45 08:00",
            "4|1||TT_Task|A|Twice|-8|1.1.1",
            "5|1||TT_Task|E|Long|8|2026-03-02 08:00|surplus",
        ],
        TASKPRED=["task_id pred_task_id pred_type lag_hr_cnt", "1|99|PR_FS|0", "3|3|PR_FS|0", "3"],
    )

    plan = read_xer(tmp_path, text)

    assert [t.id for t in plan.tasks] == ["A", "C", "A#2", "E"]
    assert sorted(codes(plan)) == [
        *("SCH609",) * 5,
        *("SCH610",) * 2,
        "SCH611",
        *("SCH621",) * 3,
    ]
    told = "\n".join(english(plan))
    for words in (
        'line 8 (TASK): "surplus"',
        "line 5 (TASK): task_id is missing",
        'line 6 (TASK): "target_drtn_hr_cnt" has the value "1e300"',
        'line 6 (TASK): "target_start_date" has the value "2026-13-45 08:00"',
        'line 6 (TASK): "task_type" has the value "TT_Sprint"',
        "activity 99 is not in the file (the other end is A)",
    ):
        assert words.replace('"surplus"', "1 more values than fields (surplus)") in told


def test_a_file_that_is_cut_off_says_so(tmp_path):
    text = xer_text(TASK=[TASK, "1|1||TT_Task|A|Pour|8"]).replace("%E", "")

    assert codes(read_xer(tmp_path, text)) == ["SCH625"]


def test_a_line_break_within_a_note_goes_on_with_the_row(tmp_path):
    text = xer_text(TASK=[TASK, "1|1||TT_Task|A|Pour|8"]).replace("Pour", "Pour\nslab")

    assert [(t.name, t.duration) for t in read_xer(tmp_path, text).tasks] == [("Pour slab", 480.0)]


@pytest.mark.parametrize(
    ("encoding", "name"),
    [
        ("gb18030", "三层梁板混凝土浇筑"),
        ("cp1252", "Béton général étage"),
        ("cp1252", "Außenwände schließen"),
        ("utf-8", "三层 – Wände"),
        ("utf-8-sig", "三层 – Wände"),
        ("utf-16", "三层 – Wände"),
    ],
)
def test_names_are_read_in_the_encoding_of_the_machine_that_wrote_them(tmp_path, encoding, name):
    text = xer_text(TASK=[TASK, f"1|1||TT_Task|A|{name}|8"])

    assert read_xer(tmp_path, text, encoding=encoding).tasks[0].name == name


def test_the_euro_of_a_chinese_code_page_spoils_no_name(tmp_path):
    text = xer_text(
        CURRTYPE=["curr_id curr_symbol", "1|EUR"], TASK=[TASK, "1|1||TT_Task|A|砌筑隔墙|8"]
    )
    data = text.encode("gb18030").replace(b"EUR", b"\x80")

    assert read_xer(tmp_path, data).tasks[0].name == "砌筑隔墙"


def test_no_activity_and_no_table_are_refused(tmp_path):
    with pytest.raises(ScheduleError) as none:
        read_xer(tmp_path, xer_text(PROJECT=["proj_id", "1"]))
    with pytest.raises(ScheduleError) as nothing:
        read_xer(tmp_path, "hello\nworld\n")

    assert (none.value.code, nothing.value.code) == ("SCH608", "SCH605")


# --- calendars -------------------------------------------------------------------------------


def hours(text: str):
    complaints: list[str] = []
    return parsed(text, lambda _zh, en: complaints.append(en)), complaints


def test_the_text_of_a_calendar_gives_week_and_exceptions():
    found, complaints = hours(
        f"(0||CalendarData()(\x7f\x7f (0||DaysOfWeek()((0||1()()){WEEK}"
        "(0||3()((0||0(f|00:00|s|00:00)())))(0||7()((0||0(s|7:00 AM|f|3:30 PM)())))))"
        "(0||VIEW(ShowTotal|N)())(0||Exceptions()((0||0(d|46023)())"
        "(0||1(d|46024)((0||0(s|08:00|f|12:00)())))(0||d|46025()())))))"
    )

    assert complaints == []
    assert found.week == {
        6: (),
        0: ((480, 720), (780, 1020)),
        1: ((0, 1440),),
        5: ((420, 930),),
    }
    assert found.days == {
        date(2026, 1, 1): (),
        date(2026, 1, 2): ((480, 720),),
        date(2026, 1, 3): (),
    }


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("(0||CalendarData()(", "do not match"),
        ("(0||CalendarData()((0||DaysOfWeek()((0||9()())))))", 'unknown day of the week "9"'),
        (f"(0||DaysOfWeek()({WEEK.replace('f|12:00', 'f|07:00')}))", '"08:00-07:00"'),
        ("(0||Exceptions()((0||0(d|99999999)())))", '"99999999", which is no day'),
    ],
)
def test_what_is_wrong_in_a_calendar_is_told(text, words):
    assert words in " ".join(hours(text)[1])


def test_a_calendar_nested_without_end_is_no_danger():
    found, complaints = hours("(0||CalendarData()" + "(" * 200_000)

    assert found.week == {}
    assert len(complaints) == 1


def test_a_calendar_inherits_the_holidays_of_its_base_over_many_years(tmp_path):
    base = f"(0||CalendarData()((0||DaysOfWeek()({WEEK}))(0||Exceptions()((0||0(d|46023)())(0||1(d|46754)())))))"
    own = "(0||CalendarData()((0||Exceptions()((0||0(d|46023)((0||0(s|08:00|f|10:00)())))))))"
    text = xer_text(
        PROJECT=["proj_id proj_short_name clndr_id", "1|P|2"],
        TASK=[f"{TASK} clndr_id", "1|1||TT_Task|A|Pour|8|2", "2|1||TT_Task|B|Cure|8|77"],
    ).replace(
        "%T\tTASK",
        "%T\tCALENDAR\n%F\tclndr_id\tclndr_name\tbase_clndr_id\tday_hr_cnt\tclndr_data\n"
        f"%R\t1\tBase\t2\t8\t{base}\n%R\t2\tSite\t1\t8\t{own}\n%T\tTASK",
    )

    plan = read_xer(tmp_path, text)

    assert [c.name for c in plan.calendars] == ["Base", "Site"]
    assert plan.calendars[1].exceptions == (
        CalendarException(first=date(2026, 1, 1), last=date(2026, 1, 1), shifts=((480, 600),)),
        CalendarException(first=date(2028, 1, 2), last=date(2028, 1, 2)),
    )
    assert (plan.calendar, [t.calendar for t in plan.tasks]) == ("2", ["2", ""])
    assert codes(plan) == ["SCH622"]


# --- P6 XML ----------------------------------------------------------------------------------


def read_xml(tmp_path, body: str, *, space="P6/V8.4"):
    path = tmp_path / "plan.xml"
    path.write_text(
        '<?xml version="1.0" encoding="UTF-8"?><APIBusinessObjects '
        f'xmlns="http://xmlns.oracle.com/Primavera/{space}/API/BusinessObjects">{body}'
        "</APIBusinessObjects>",
        encoding="utf-8",
    )
    return p6xml.read(path, name="plan.xml")


def activity(key: int, code: str, inner: str = "") -> str:
    return (
        f"<Activity><Id>{code}</Id><Name>{code}</Name><ObjectId>{key}</ObjectId>{inner}</Activity>"
    )


def project(inner: str, *, key=1, code="P") -> str:
    return f"<Project><Id>{code}</Id><Name>{code}</Name><ObjectId>{key}</ObjectId>{inner}</Project>"


@pytest.mark.parametrize("space", ["P6/V7", "P6/V8.4", "P6/V19.12", "P6Professional/V24.12"])
def test_activities_without_wbs_are_read_in_any_version(tmp_path, space):
    plan = read_xml(tmp_path, project(activity(1, "A")), space=space)

    assert [(t.id, t.parent) for t in plan.tasks] == [("A", -1)]
    assert plan.findings == ()


def test_unknown_words_are_told_and_do_not_stop_the_reading(tmp_path):
    body = activity(
        1, "A", "<Type>Sprint</Type><PrimaryConstraintType>Soon</PrimaryConstraintType>"
    )
    link = (
        "<Relationship><ObjectId>5</ObjectId><Type>Sideways</Type><Lag>x</Lag>"
        "<PredecessorActivityObjectId>1</PredecessorActivityObjectId>"
        "<SuccessorActivityObjectId>2</SuccessorActivityObjectId></Relationship>"
    )
    plan = read_xml(tmp_path, project(body + activity(2, "B") + link))

    assert [(t.kind, t.constraint) for t in plan.tasks] == [(TaskKind.TASK, Constraint.ASAP)] * 2
    assert [(k.type, k.lag.value) for k in plan.links] == [("FS", 0.0)]
    assert codes(plan) == ["SCH609"] * 4


def test_two_projects_keep_their_activities_apart(tmp_path):
    body = project(activity(1, "A")) + project(activity(2, "A"), key=2, code="Q")

    plan = read_xml(tmp_path, body)

    assert [t.id for t in plan.tasks] == ["project:P", "P/A", "project:Q", "Q/A"]
    assert codes(plan) == ["SCH620"]


def test_baselines_are_not_read(tmp_path):
    baseline = f"<BaselineProject><ObjectId>9</ObjectId>{activity(7, 'A')}</BaselineProject>"

    plan = read_xml(tmp_path, project(activity(1, "A")) + baseline)

    assert [t.id for t in plan.tasks] == ["A"]


@pytest.mark.parametrize(
    ("finish", "end"),
    [("11:59:00", 720), ("12:00:00", 720), ("23:59:00", 1440), ("00:00:00", 1440)],
)
def test_a_shift_ends_with_its_last_minute(tmp_path, finish, end):
    day = (
        "<StandardWorkHours><DayOfWeek>Monday</DayOfWeek><WorkTime><Start>08:00:00</Start>"
        f"<Finish>{finish}</Finish></WorkTime></StandardWorkHours>"
    )
    calendar = (
        "<Calendar><ObjectId>3</ObjectId><Name>C</Name>"
        f"<StandardWorkWeek>{day}</StandardWorkWeek></Calendar>"
    )

    plan = read_xml(tmp_path, calendar + project(activity(1, "A")))

    assert plan.calendars[0].week == (((480, end),), (), (), (), (), (), ())


def test_a_bomb_of_entities_is_refused(tmp_path):
    path = tmp_path / "bomb.xml"
    path.write_text(
        '<?xml version="1.0"?><!DOCTYPE a [<!ENTITY x "ha"><!ENTITY y "&x;&x;&x;&x;">]>'
        "<APIBusinessObjects><Project><Name>&y;</Name></Project></APIBusinessObjects>"
    )

    with pytest.raises(ScheduleError) as refused:
        p6xml.read(path, name="bomb.xml")

    assert refused.value.code == "SCH606"


@pytest.mark.parametrize("share", [0.2, 0.5, 0.8, 0.99])
@pytest.mark.parametrize("kind", ["xer", "p6xml"])
def test_a_file_cut_anywhere_is_read_in_part_or_refused(tmp_path, kind, share):
    data = getattr(plans, kind)(made_up(3))
    path = tmp_path / "cut"
    path.write_bytes(data[: int(len(data) * share)])
    reader = {"xer": xer, "p6xml": p6xml}[kind]

    try:
        told = codes(reader.read(path, name="cut"))
    except ScheduleError as err:
        told = [err.code]

    assert set(told) & {"SCH605", "SCH608", "SCH625"}


NIGHT = "(0||{}()((0||0(s|22:00|f|06:00)())))"


def test_night_shifts_end_on_the_day_after(tmp_path):
    week = "".join(NIGHT.format(d) for d in range(2, 7))
    holiday = "(0||Exceptions()((0||0(d|46175)())))"  # Tuesday 2 June 2026
    data = f"(0||CalendarData()((0||DaysOfWeek()({week})){holiday}))"
    text = (
        xer_text(TASK=[f"{TASK} clndr_id", "1|1||TT_Task|A|Pour|8|2"]).replace("%E\n", "")
        + f"%T\tCALENDAR\n%F\tclndr_id\tclndr_name\tclndr_data\n%R\t2\tnight\t{data}\n%E\n"
    )
    plan = read_xer(tmp_path, text)
    (calendar,) = plan.calendars

    both = ((0, 360), (1320, 1440))
    assert plan.findings == ()
    assert calendar.week == (((1320, 1440),), both, both, both, both, ((0, 360),), ())
    assert [(e.first, e.last, e.shifts) for e in calendar.exceptions] == [
        (date(2026, 6, 2), date(2026, 6, 2), ((0, 360),)),
        (date(2026, 6, 3), date(2026, 6, 3), ((1320, 1440),)),
    ]


def test_night_shifts_of_the_xml_end_on_the_day_after(tmp_path):
    hours = "<WorkTime><Start>22:00:00</Start><Finish>05:59:00</Finish></WorkTime>"
    week = f"<StandardWorkHours><DayOfWeek>Friday</DayOfWeek>{hours}</StandardWorkHours>"
    path = tmp_path / "plan.xml"
    path.write_text(
        "<APIBusinessObjects><Calendar><ObjectId>2</ObjectId><Name>night</Name>"
        f"<StandardWorkWeek>{week}</StandardWorkWeek></Calendar><Project><ObjectId>1</ObjectId>"
        "<Activity><ObjectId>5</ObjectId><Id>A</Id><Name>Pour</Name></Activity></Project>"
        "</APIBusinessObjects>"
    )
    plan = p6xml.read(path, name="plan.xml")

    assert plan.findings == ()
    assert plan.calendars[0].week == ((), (), (), (), ((1320, 1440),), ((0, 360),), ())


@pytest.mark.parametrize(
    ("constraint", "expected"),
    [
        ("CS_MSO", (Constraint.MUST_START, False)),
        ("CS_MANDSTART", (Constraint.MUST_START, True)),
        ("CS_MEO", (Constraint.MUST_FINISH, False)),
        ("CS_MANDFIN", (Constraint.MUST_FINISH, True)),
        ("CS_MEOB", (Constraint.FINISH_NO_LATER, False)),
    ],
)
def test_only_mandatory_constraints_hold_against_links(tmp_path, constraint, expected):
    fields = f"{TASK} cstr_type cstr_date"
    row = f"1|1||TT_Task|A|Pour|8|{constraint}|2026-06-04 08:00"
    (task,) = read_xer(tmp_path, xer_text(TASK=[fields, row])).tasks

    assert (task.constraint, task.firm) == expected


@pytest.mark.parametrize(
    ("override", "expected"), [("Y", Progress.OVERRIDDEN), ("N", Progress.RETAINED)]
)
def test_the_option_for_work_begun_too_early_is_read(tmp_path, override, expected):
    plan = read_xer(
        tmp_path,
        xer_text(
            PROJECT=["proj_id proj_short_name last_recalc_date", "1|P|2026-06-15 08:00"],
            SCHEDOPTIONS=["proj_id sched_progress_override", f"1|{override}"],
            TASK=[TASK, "1|1||TT_Task|A|Pour|8"],
        ),
    )

    assert (plan.progress, plan.status_date) == (expected, datetime(2026, 6, 15, 8))
