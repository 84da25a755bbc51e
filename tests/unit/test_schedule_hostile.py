"""Files that are no plans, are damaged, or mean harm."""

import zipfile
from dataclasses import replace

import pytest

from bimcore.errors import FormatError, InputError
from bimcore.formats.schedules.bounded import (
    MOST_CALENDARS,
    MOST_TASKS,
    bounded,
    refuse_beyond,
)
from bimcore.formats.schedules.document import from_json, to_json
from bimcore.formats.schedules.errors import ScheduleError
from bimcore.formats.schedules.ids import Ids
from bimcore.formats.schedules.mspdi import read as read_mspdi
from bimcore.formats.schedules.p6xml import read as read_p6xml
from bimcore.formats.schedules.places import in_chinese
from bimcore.formats.schedules.reading import ScheduleLimits, read_schedule
from bimcore.formats.schedules.sniff import sniff
from bimcore.formats.schedules.tables import read as read_table
from bimcore.schedule import Calendar, Schedule, Task
from sample_models.authoring import schedule as sample

HEAD = '<?xml version="1.0" encoding="UTF-8"?>'
BOMB = HEAD + (
    '<!DOCTYPE Project [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>'
    "<Project><Tasks><Task><UID>1</UID><Name>&b;</Name></Task></Tasks></Project>"
)
LEAK = HEAD + (
    '<!DOCTYPE Project [<!ENTITY x SYSTEM "file:///etc/hostname">]>'
    "<Project><Tasks><Task><UID>1</UID><Name>&x;</Name></Task></Tasks></Project>"
)
TASK = "<Task><UID>1</UID><Name>a</Name><Duration>PT8H0M0S</Duration></Task>"


def refused(read, path, **options):
    with pytest.raises(ScheduleError) as caught:
        read(path, name=path.name, **options)
    finding = caught.value.finding
    assert finding.message("zh-CN")
    assert finding.message("en")
    assert finding.remedy("en")
    assert caught.value.code == finding.code.code
    return finding


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "SCH602"),
        (b"\0" * 5000, "SCH602"),
        (b"%PDF-1.7 ...", "SCH602"),
        (b"\x89PNG\r\n\x1a\n", "SCH602"),
        (b"PK\x03\x04 cut off", "SCH602"),
        (b"<html><body><table></table></body></html>", "SCH602"),
        (b"<svg/>", "SCH602"),
        (bytes(range(1, 32)) * 40, "SCH602"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "SCH603"),
        (b"SQLite format 3\0" + b"\0" * 600, "SCH603"),
        (b"MPX,Microsoft Project,4.0,ANSI", "SCH603"),
    ],
)
def test_what_is_no_plan_is_told_by_its_content(tmp_path, content, code):
    path = tmp_path / "plan.xml"
    path.write_bytes(content)

    assert refused(sniff, path).code.code == code


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b"ERMHDR\t19.12\t2026-03-02", "xer"),
        (b"ISO-10303-21;\nHEADER;", "ifc"),
        (b'<Project xmlns="http://schemas.microsoft.com/project"/>', "mspdi"),
        (b"<!-- by hand -->\n<p:Project xmlns:p='x'/>", "mspdi"),
        ('<?xml version="1.0" encoding="UTF-16"?><Project/>'.encode("utf-16"), "mspdi"),
        (b"<APIBusinessObjects xmlns='x'/>", "p6xml"),
        ("任务名称,工期\n柱,1".encode("gb18030"), "csv"),
        ("ID\tTask name\tDuration\n1\tA\t1".encode("utf-16-le"), "csv"),
    ],
)
def test_the_kind_is_told_by_the_content_not_the_name(tmp_path, content, kind):
    path = tmp_path / "upload.dat"
    path.write_bytes(content)

    assert sniff(path, name="upload.dat") == kind


@pytest.mark.parametrize("text", [BOMB, LEAK])
def test_entities_are_refused_with_their_line(tmp_path, text):
    path = tmp_path / "plan.xml"
    path.write_text(text, encoding="utf-8")

    found = refused(read_schedule, path)

    assert (found.code.code, found.data["place"]) == ("SCH606", "line 1")


def test_a_file_that_is_cut_off_names_the_line(tmp_path):
    sample.write(tmp_path / "whole.xml")
    lines = (tmp_path / "whole.xml").read_bytes().split(b"\n")
    path = tmp_path / "cut.xml"
    path.write_bytes(b"\n".join(lines[:200]))

    found = refused(read_schedule, path)

    assert (found.code.code, found.data["place"]) == ("SCH605", "line 200")


def test_depth_without_end_is_refused(tmp_path):
    path = tmp_path / "deep.xml"
    path.write_text("<Project>" + "<a>" * 100_000, encoding="utf-8")

    assert refused(read_mspdi, path).code.code == "SCH604"


def test_a_task_as_wide_as_the_file_is_read_or_refused(tmp_path):
    path = tmp_path / "wide.xml"
    text = "x" * 2_000_000
    path.write_text(f"<Project><Tasks>{TASK.replace('>a<', f'>{text}<')}</Tasks></Project>")

    assert len(read_mspdi(path, name="wide.xml").tasks[0].name) == 2_000_000


def test_a_plan_without_tasks_says_so(tmp_path):
    path = tmp_path / "empty.xml"
    path.write_text("<Project><Tasks/></Project>")

    assert refused(read_schedule, path).code.code == "SCH608"


def test_a_file_beyond_the_limit_is_not_opened(tmp_path):
    path = tmp_path / "large.xml"
    path.write_text(f"<Project><Tasks>{TASK}</Tasks></Project>")

    found = refused(read_schedule, path, limits=ScheduleLimits(file_bytes=10))

    assert found.code.code == "SCH604"


def test_reading_that_takes_too_much_is_stopped(tmp_path):
    path = tmp_path / "large.xml"
    path.write_text(f"<Project><Tasks>{TASK * 60_000}</Tasks></Project>")

    found = refused(read_schedule, path, limits=ScheduleLimits(seconds=1))

    assert found.code.code == "SCH607"


def test_a_missing_file_is_an_input_error(tmp_path):
    with pytest.raises(InputError):
        read_schedule(tmp_path / "none.xml", name="none.xml")


def test_an_encoding_that_does_not_hold_is_told(tmp_path):
    text = HEAD + f"<Project><Tasks>{TASK.replace('>a<', '>四层梁板<')}</Tasks></Project>"
    path = tmp_path / "plan.xml"
    path.write_bytes(text.encode("gb18030"))

    found = read_schedule(path, name="plan.xml")

    assert found.tasks[0].name == "四层梁板"
    assert [f.code.code for f in found.findings] == ["SCH617"]


def test_a_workbook_bomb_is_refused(tmp_path):
    path = tmp_path / "bomb.xlsx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", b"<workbook>" + b" " * (1 << 20) + b"</workbook>")
        for number in range(1100):
            archive.writestr(f"xl/worksheets/sheet{number}.xml", b"<worksheet/>")

    assert refused(read_schedule, path).code.code == "SCH605"


def test_formulas_of_a_table_stay_text(tmp_path):
    path = tmp_path / "plan.csv"
    path.write_text("ID,Name,Duration\n1,=cmd|' /C calc'!A0,2\n")

    assert read_table(path, name="plan.csv").tasks[0].name == "=cmd|' /C calc'!A0"


@pytest.mark.parametrize(
    "row",
    [
        "1," + "9" * 400 + "," + "1" * 400 + ",2026-03-02",
        "1,A,1e999,9999-99-99",
        '1,A,1,"' + "FS+" * 3000 + '"',
        "1,A,\x00\x01,0000-00-00",
        "1,A,∞,二〇二六年三月",
        "1,A,\u0663,\uff12\uff10\uff12\uff16-\uff10\uff13-\uff10\uff12",
    ],
)
def test_odd_cells_are_findings_not_failures(tmp_path, row):
    path = tmp_path / "plan.csv"
    path.write_text(f"ID,Name,Duration,Start,Predecessors\n{row},{row[:50]}\n", encoding="utf-8")

    assert len(read_table(path, name="plan.csv").tasks) == 1


def test_many_bad_cells_are_one_finding_that_lists_them_all(tmp_path):
    path = tmp_path / "plan.csv"
    rows = "\n".join(f"{k},T{k},soon" for k in range(500))
    path.write_text(f"ID,Name,Duration\n{rows}\n")

    (told,) = [f for f in read_table(path, name="plan.csv").findings if f.code.code == "SCH609"]

    assert len(told.data["places"]) == 500
    assert "499" in told.message("en")


@pytest.mark.parametrize(
    "change",
    [
        {"version": 9},
        {"tasks": [{"id": "1"}]},
        {"links": [[0, 99, "FS", 0, "working", "successor", False]]},
        {"links": [[0, 1, "XX", 0, "working", "successor", False]]},
        {"minutes_per_day": "480"},
        {"start": "2026-03-02T08:00:00+08:00"},
        {"calendars": [{"id": "", "name": "", "week": [], "exceptions": []}]},
        {"findings": [{"code": "SCH000"}]},
        {"tasks": None},
    ],
)
def test_a_document_that_is_no_plan_is_refused(tmp_path, change):
    sample.write(tmp_path / "plan.xml")
    document = to_json(read_mspdi(tmp_path / "plan.xml", name="plan.xml"))

    with pytest.raises(FormatError):
        from_json({**document, **change})


def test_calendars_without_end_are_cut_and_told(tmp_path, monkeypatch):
    monkeypatch.setattr("bimcore.formats.schedules.mspdi_calendars._PATIENCE", 100_000)
    span = "<TimePeriod><FromDate>1950-01-01T00:00:00</FromDate><ToDate>2149-12-31T00:00:00</ToDate></TimePeriod>"
    week = (
        f"<WorkWeek>{span}<WeekDays><WeekDay><DayType>2</DayType></WeekDay></WeekDays></WorkWeek>"
    )
    based = "".join(
        f"<Calendar><UID>{k}</UID><Name>c{k}</Name><BaseCalendarUID>{k - 1}</BaseCalendarUID></Calendar>"
        for k in range(2, 40)
    )
    first = f"<Calendar><UID>1</UID><Name>c1</Name><WorkWeeks>{week * 3}</WorkWeeks></Calendar>"
    path = tmp_path / "plan.xml"
    path.write_text(
        f"<Project><Calendars>{first}{based}</Calendars><Tasks><Task><UID>1</UID><Name>a</Name>"
        "<Duration>PT8H0M0S</Duration></Task></Tasks></Project>"
    )

    told = [f.message("en") for f in read_mspdi(path, name="p").findings]

    assert any("has too many exceptions" in t for t in told)
    assert any("has more than 16 bases in a row" in t for t in told)


def test_more_calendars_than_dates_can_be_computed_with_go_by_that_of_the_plan():
    days = [((480, 960 + k),) for k in range(MOST_CALENDARS + 3)]
    plan = Schedule(
        name="p",
        source="",
        format="xer",
        tasks=tuple(Task(id=str(k), name="", calendar=str(k)) for k in range(len(days))),
        calendars=tuple(
            Calendar(id=str(k), name=str(k), week=(day,) * 7) for k, day in enumerate(days)
        ),
    )

    found = bounded(plan)

    assert [t.calendar for t in found.tasks[-4:]] == [str(MOST_CALENDARS - 1), "", "", ""]
    assert [f.code.code for f in found.findings] == ["SCH618"]
    assert bounded(replace(plan, tasks=plan.tasks[:3])).findings == ()


def test_tasks_without_end_are_refused_before_they_are_read():
    refuse_beyond(MOST_TASKS, name="p")
    with pytest.raises(ScheduleError) as caught:
        refuse_beyond(MOST_TASKS + 1, name="p")
    assert caught.value.finding.code.code == "SCH604"


@pytest.mark.parametrize(
    ("place", "chinese"),
    [
        ("line 26", "第 26 行"),
        ("line 26 (TASK A-1)", "第 26 行（TASK A-1）"),
        ("Task UID 4 (line 26)", "Task UID 4（第 26 行）"),
        ("Calendar 5 (line 3), line 7", "Calendar 5（第 3 行），第 7 行"),
        ("row 3, column 6 (F)", "第 3 行第 6 列（F）"),
        ("总进度 row 5", "总进度 第 5 行"),
        ("Sheet1!C7", "Sheet1!C7"),
        ("line plan.csv", "line plan.csv"),
    ],
)
def test_places_are_named_in_both_languages(place, chinese):
    assert in_chinese(place) == chinese


def test_a_fault_is_told_in_one_language_at_a_time(tmp_path):
    path = tmp_path / "plan.xml"
    path.write_text(f"\n\n<Project><Tasks>\n{TASK.replace('PT8H0M0S', 'soon')}</Tasks></Project>")
    (found,) = read_schedule(path, name="p").findings

    assert found.message("en") == (
        'Task UID 1 (line 4): "Duration" has the value "soon" that cannot be understood; left out.'
    )
    assert found.message("zh") == ("Task UID 1（第 4 行）：“Duration”的值“soon”无法理解，已忽略。")

    path.write_text("<Project>\n<Tasks>\n</Project>")
    torn = refused(read_schedule, path)
    assert torn.message("en") == '"plan.xml" is damaged or cut off, line 3: mismatched tag.'
    assert torn.message("zh") == "“plan.xml”已损坏或不完整，第 3 行：标签不配对。"


def test_equal_ids_are_told_apart_without_counting_from_the_start_again():
    ids = Ids()

    assert [ids.give(t) for t in ("a", "a#2", "a", "a", "b")] == ["a", "a#2", "a#3", "a#4", "b"]
    given = {ids.give("same") for _ in range(100_000)}
    assert len(given) == 100_000


def test_groups_nested_without_end_keep_short_paths(tmp_path):
    depth = 3_000
    nodes = "".join(
        f"<WBS><ObjectId>{k}</ObjectId><Code>code{k}</Code><ParentObjectId>{k - 1}</ParentObjectId></WBS>"
        for k in range(1, depth)
    )
    path = tmp_path / "plan.xml"
    path.write_text(
        f"<APIBusinessObjects><Project><ObjectId>0</ObjectId>{nodes}<Activity><ObjectId>1</ObjectId>"
        f"<Id>A</Id><WBSObjectId>{depth - 1}</WBSObjectId></Activity></Project></APIBusinessObjects>"
    )

    plan = read_p6xml(path, name="p")

    assert len(plan.tasks) == depth
    assert max(len(t.wbs) for t in plan.tasks) == 501
    assert len({t.id for t in plan.tasks}) == depth
