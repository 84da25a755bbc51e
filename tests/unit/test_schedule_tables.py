"""Plans in CSV and Excel as people keep them."""

import re
from datetime import datetime

import pytest
from openpyxl import Workbook
from openpyxl.styles import Alignment

from bimcore.formats.schedules.amounts import Scale, duration_of, reference_of, tokens
from bimcore.formats.schedules.columns import field_of
from bimcore.formats.schedules.errors import ScheduleError
from bimcore.formats.schedules.tables import read
from bimcore.formats.schedules.text import decoded
from bimcore.schedule import LagUnit, LinkType, TaskKind

DAY = Scale()


@pytest.fixture
def table(tmp_path):
    def made(text, *, encoding="utf-8", name="plan.csv"):
        path = tmp_path / name
        path.write_bytes(text.encode(encoding))
        return read(path, name=name)

    return made


@pytest.fixture
def book(tmp_path):
    def made(*sheets, merged=()):
        workbook = Workbook()
        workbook.remove(workbook.active)
        for title, rows in sheets:
            sheet = workbook.create_sheet(title)
            for row in rows:
                sheet.append(row)
            for area in merged:
                sheet.merge_cells(area)
        path = tmp_path / "plan.xlsx"
        workbook.save(path)
        return read(path, name="plan.xlsx")

    return made


def codes(schedule):
    return sorted(f.code.code for f in schedule.findings)


def spans(schedule):
    return [
        (t.name, t.start and f"{t.start:%y%m%dT%H}", t.finish and f"{t.finish:%y%m%dT%H}")
        for t in schedule.tasks
    ]


CHINESE = """某大厦施工进度计划
编制：2026年2月

序号,工作名称,工期(天),开始时间,完成时间,前置任务,施工人数,楼层,构件GUID
1,主体结构,,,,,,,
2,4F柱浇筑,5天,2026/3/2,2026-3-6,,20人,4F,3vB2YO$MX4xv5uCqZZG0Xw
3,4F梁板,10,2026年3月7日,2026.3.16,2FS,15,4F,
4,砌筑,3 工作日,20260319,46102,"3FS+2天;2SS",,4F,
"""


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_a_chinese_plan_below_its_title(table, encoding):
    found = table(CHINESE, encoding=encoding)

    assert spans(found) == [
        ("主体结构", None, None),
        ("4F柱浇筑", "260302T08", "260306T17"),
        ("4F梁板", "260307T08", "260316T17"),
        ("砌筑", "260319T08", "260321T17"),
    ]
    head, columns, slab, walls = found.tasks
    assert (head.kind, columns.parent, columns.crew) == (TaskKind.HEADING, 0, 20)
    assert columns.elements == ("3vB2YO$MX4xv5uCqZZG0Xw",)
    assert (columns.codes["楼层"], slab.duration, walls.id) == ("4F", 4800, "4")
    assert [(k.predecessor, k.successor, k.type, k.lag.value) for k in found.links] == [
        (1, 2, LinkType.FS, 0),
        (2, 3, LinkType.FS, 960),
        (1, 3, LinkType.SS, 0),
    ]
    assert codes(found) == ["SCH615"]


def test_bad_cells_are_named_by_row_and_column(table):
    found = table(
        "ID,Task name,Duration,Start,Finish,Predecessors\n"
        "1,A,soon,2026-03-02,2026-02-30,\n"
        "2,B,2,2026-03-09,2026-03-02,9FS\n"
        "3,C,2,2026-03-09,2026-03-10,1FS+2lightyears\n"
    )

    places = {f.data["place"]: f.code.code for f in found.findings if "row" in f.data["place"]}
    assert places == {
        "row 2, column 3 (C)": "SCH609",
        "row 2, column 5 (E)": "SCH609",
        "row 3, column 5 (E)": "SCH616",
        "row 3, column 6 (F)": "SCH610",
        "row 4, column 6 (F)": "SCH610",
    }


@pytest.mark.parametrize(
    ("dates", "first"),
    [
        (("02-03-2026", "06-03-2026", "25-03-2026"), "260302"),  # one can only be a day
        (("03/02/2026", "03/06/2026", "03/25/2026"), "260302"),
        (("Mon 3/2/26", "Fri 3/6/26", "Wed 3/4/26"), "260302"),  # the weekdays tell
        (("Mo 02.03.26", "Fr 06.03.26", "Mi 04.03.26"), "260302"),
        (("26/3/2", "26/3/6", "26/3/25"), "260302"),
        (("02-Mar-26", "6 March 2026", "March 25, 2026"), "260302"),
        (("2 mrt 2026", "6 mrt 2026", "25 mrt 2026"), "260302"),
        (("2026-03-02T08:00:00", "2026-03-06 17:00", "2026年3月25日 下午5:00"), "260302"),
        (("2026年3月2日 星期一", "周五 2026/3/6", "2026年3月25日"), "260302"),
    ],
)
def test_dates_are_read_by_what_the_whole_column_tells(table, dates, first):
    a, b, c = (f'"{d}"' for d in dates)
    found = table(f"ID,Name,Start,Finish\n1,A,{a},{b}\n2,B,{a},{c}\n")

    assert f"{found.tasks[0].start:%y%m%d}" == first
    assert not {"SCH609", "SCH616"} & set(codes(found))


def test_an_order_of_dates_that_nothing_tells_is_said(table):
    found = table("ID,Name,Start,Finish\n1,A,02-03-2026,06-03-2026\n")

    order = next(f for f in found.findings if f.code.code == "SCH613")
    assert order.data["order_en"] == "day-month-year"
    assert found.tasks[0].start == datetime(2026, 3, 2, 8)


@pytest.mark.parametrize(
    ("text", "minutes", "elapsed"),
    [
        ("5", 2400, False),
        ("5d", 2400, False),
        ("5 days?", 2400, False),
        ("5 工作日", 2400, False),
        ("5个工作日", 2400, False),
        ("1.5天", 720, False),
        ("2w", 4800, False),
        ("2周", 4800, False),
        ("1个月", 9600, False),
        ("40h", 2400, False),
        ("8小时", 480, False),
        ("90 mins", 90, False),
        ("3ed", 4320, True),
        ("3 日历天", 4320, True),
        ("PT40H0M0S", 2400, False),
        ("P5D", 2400, False),
        ("1d 4h", 720, False),
        ("0", 0, False),
    ],
)
def test_durations(text, minutes, elapsed):
    found = duration_of(text, scale=DAY)

    assert (found.minutes, found.elapsed) == (minutes, elapsed)


@pytest.mark.parametrize("text", ["", "abc", "5 fathoms", "-3", "1e400", "P", "5..2"])
def test_what_is_no_duration(text):
    with pytest.raises(ValueError, match=f"(?i)^{re.escape(text)}$"):
        duration_of(text, scale=DAY)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("12", ("12", "FS", 0, "working")),
        ("12FS", ("12", "FS", 0, "working")),
        ("12FS+3d", ("12", "FS", 1440, "working")),
        ("12SS-2天", ("12", "SS", -960, "working")),
        ("12 FF + 2 个工作日", ("12", "FF", 960, "working")),
        ("12FS+50%", ("12", "FS", 50, "percent")),
        ("12FS+25e%", ("12", "FS", 25, "elapsed_percent")),
        ("12FS+2ed", ("12", "FS", 2880, "elapsed")),
        ("12+4h", ("12", "FS", 240, "working")),
        ("1.2.3SF", ("1.2.3", "SF", 0, "working")),
        ("A-10: SS 2", ("A-10", "SS", 960, "working")),
        ("A-10", ("A-10", "FS", 0, "working")),
        ("12EA+1t", ("12", "FS", 480, "working")),
        ("12完成-开始", ("12", "FS", 0, "working")),
    ],
)
def test_predecessors(text, expected):
    found = reference_of(text, {"12", "1.2.3", "A-10"}.__contains__, scale=DAY)

    assert (found.id, found.type.value, found.lag.value, found.lag.unit.value) == expected
    assert isinstance(found.lag.unit, LagUnit)


def test_columns_of_two_header_rows_merged_cells_and_several_sheets(book):
    rows = [
        ["某大厦施工总进度计划表"],
        ["序号", "楼层", "任务名称", "计划", None, None, "前置任务", "实际"],
        [None, None, None, "开始", "完成", "工期", None, "开始"],
        [1, "4F", "柱", datetime(2026, 3, 2), datetime(2026, 3, 6), 5, None, datetime(2026, 3, 3)],
        [2, None, "梁板", 46088, datetime(2026, 3, 16), 10, "1FS", None],
    ]
    prices = ("资源", [["资源名称", "单价"], ["钢筋工", 300]])

    found = book(("总进度", rows), prices, merged=("D2:F2", "B4:B5"))

    assert spans(found) == [("柱", "260302T08", "260306T17"), ("梁板", "260307T08", "260316T17")]
    assert [t.codes["楼层"] for t in found.tasks] == ["4F", "4F"]
    assert found.tasks[0].actual_start == datetime(2026, 3, 3, 8)
    assert found.tasks[1].place == "总进度 row 5"
    assert len(found.links) == 1


def test_sheets_of_two_buildings_may_have_the_same_tasks(book):
    rows = [["任务名称", "开始时间", "完成时间"], ["1层柱", "2026-3-2", "2026-3-4"]]

    found = book(("1#楼", rows), ("2#楼进度", rows), ("总说明", [["说明"]]))

    assert [t.codes["工作表"] for t in found.tasks] == ["1#楼", "2#楼进度"]


@pytest.mark.parametrize(
    ("levels", "nested", "told"),
    [
        ((1, 2, 3, 3, 2, 3), True, False),
        ((1, 2, 2, 2), True, False),
        ((1, 1, 2, 2, 3, 3), False, True),
        ((3, 3, 4, 4), False, True),
        (("L1", "L1", "L2"), False, True),
        ((3, None, 4, None), False, True),
    ],
)
def test_a_column_called_level_is_an_outline_or_the_storey(book, levels, nested, told):
    rows = [["Level", "Activity", "Start", "Finish"]]
    rows += [[v, f"T{k}", "2026-03-02", "2026-03-04"] for k, v in enumerate(levels)]

    found = book(("Plan", rows)).tasks

    assert any(t.parent >= 0 for t in found) == nested
    assert ("Level" in found[0].codes) == told


def test_places_left_blank_repeat_those_above(book):
    rows = [["Building", "Level", "Remark", "Activity", "Start", "Finish", "施工部位"]]
    cells = [("T1", 3, "x"), (None, None, None), (None, 4, None), (None, None, None)] * 2
    rows += [
        [*c, f"A{k}", "2026-03-02", "2026-03-04", c[1] and f"{c[1]}F"] for k, c in enumerate(cells)
    ]

    told = [dict(t.codes) for t in book(("Plan", rows)).tasks]

    assert [c["Building"] for c in told] == ["T1"] * 8
    assert [c["Level"] for c in told] == ["3", "3", "4", "4"] * 2
    assert [c["施工部位"] for c in told] == ["3F", "3F", "4F", "4F"] * 2
    assert [c.get("Remark", "") for c in told] == ["x", "", "", ""] * 2


def test_places_that_some_rows_repeat_are_blank_where_they_are_blank(book):
    rows = [["楼层", "任务名称", "开始时间", "完成时间"]]
    rows += [[v, f"T{k}", "2026-03-02", "2026-03-04"]
             for k, v in enumerate(("1F", "1F", None, None, "2F", None))]  # fmt: skip

    found = book(("Plan", rows)).tasks

    assert [t.codes.get("楼层", "") for t in found] == ["1F", "1F", "", "", "2F", ""]


def test_a_sheet_that_repeats_another_is_said_and_left_out(book):
    rows = [["ID", "Name", "Start", "Finish", "Duration"]]
    rows += [[k, f"T{k}", datetime(2026, 3, 2), datetime(2026, 3, 3), 2] for k in range(1, 6)]
    other = [["Name", "Start"], ["T1", datetime(2026, 3, 2)], ["T2", datetime(2026, 3, 2)]]
    more = [["ID", "Name", "Start"], [1, "Roof", datetime(2026, 4, 1)]]

    found = book(("Plan", rows), ("Month", other), ("Annex", more))

    assert [t.name for t in found.tasks] == ["T1", "T2", "T3", "T4", "T5", "Roof"]
    assert [t.id for t in found.tasks][-1] == "Annex:1"
    assert codes(found) == ["SCH612", "SCH615"]


def test_outlines_by_level_number_chinese_numerals_and_indent(table):
    plans = (
        "大纲级别,任务名称,工期\n1,主体,\n2,柱,3\n2,梁,3\n1,装修,\n2,吊顶,2\n",
        "WBS,Task,Duration\n1,主体,\n1.1,柱,3\n1.2,梁,3\n2,装修,\n2.1,吊顶,2\n",
        "序号,任务名称,工期\n一,主体,\n1,柱,3\n2,梁,3\n二,装修,\n1,吊顶,2\n",
        "Name,Duration\n主体,\n  柱,3\n  梁,3\n装修,\n  吊顶,2\n",
        "ID,Name,Duration\n1,主体,\n2,柱,3\n3,梁,3\n4,装修,\n5,吊顶,2\n",
    )

    for text in plans:
        assert [t.parent for t in table(text).tasks] == [-1, 0, 0, -1, 3]


def test_the_calendar_is_the_week_that_explains_the_durations(table):
    five = table("名称,开始,完成,工期\nA,2026/3/2,2026/3/13,10\nB,2026/3/5,2026/3/9,3\n")
    seven = table("名称,开始,完成,工期\nA,2026/3/2,2026/3/13,12\nB,2026/3/5,2026/3/9,5\n")
    six = table("名称,开始,完成,工期\nA,2026/3/2,2026/3/13,11\nB,2026/3/5,2026/3/9,4\n")

    assert [sum(map(bool, s.calendars[0].week)) for s in (five, six, seven)] == [5, 6, 7]


def test_calendar_days_of_a_contract_are_days_of_the_week_of_the_site(table):
    found = table("名称,开始,完成,工期\nA,2026/3/2,2026/4/30,60日历天\n")

    (task,) = found.tasks
    assert (task.duration, task.elapsed) == (60 * 480, False)
    assert sum(map(bool, found.calendars[0].week)) == 7


def test_predecessors_by_name_row_and_successors(table):
    by_row = table("任务名称,工期,前置任务\nA,1,\nB,1,1\nC,1,2;B\n")
    by_name = table("任务名称,工期,紧前工序,紧后工序\nA,1,,B\nB,1,A,\nC,1,A,\n")

    assert [(k.predecessor, k.successor) for k in by_row.links] == [(0, 1), (1, 2)]
    assert [(k.predecessor, k.successor) for k in by_name.links] == [(0, 1), (0, 2)]


def test_dates_without_year_take_it_from_the_title_and_run_on_over_new_year(table):
    found = table("2026年施工计划,,\n名称,开始,完成\nA,12月20日,1月9日\nB,3月2日,3月4日\n")

    assert spans(found) == [("A", "261220T08", "270109T17"), ("B", "260302T08", "260304T17")]


def test_a_bar_chart_sheet_with_notes_at_its_foot(table):
    found = table(
        "二期施工进度横道图,,,,,\n序号,分部分项工程名称,工期/天,开始日期,结束日期,3月\n,,,,,上旬\n"
        "一、,地下室,60,2026.3.1,2026.4.29,\n1,土方,20,2026.3.1,3.20,━━\n,合计,60,,,\n"
        "注：节假日照常施工,,,,,\n,说明：以实际为准,,,,\n",
        name="2026.csv",
    )

    assert spans(found) == [
        ("地下室", "260301T08", "260429T17"),
        ("土方", "260301T08", "260320T17"),
    ]
    assert [t.parent for t in found.tasks] == [-1, 0]


def test_a_table_without_header_says_what_it_saw(table):
    with pytest.raises(ScheduleError) as caught:
        table("这是,一张,别的表\n1,2,3\n")

    assert caught.value.finding.code.code == "SCH614"
    assert "别的表" in caught.value.finding.message()


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("任务名称", "name"),
        ("工作名称", "name"),
        ("开始 时间", "start"),
        ("计划完成日期", "finish"),
        ("工期（天）", "duration"),
        ("紧前工作", "predecessors"),
        ("构件GUID", "elements"),
        ("施工人数(人)", "crew"),
        ("Task Name", "name"),
        ("Start_Date", "start"),
        ("任务名称/Task name", "name"),
        ("开始时间 Start", "start"),
        ("分部分项工程名称", "name"),
        ("主要施工内容", "name"),
        ("拟定开工日期", "start"),
        ("工期/天", "duration"),
        ("紧前工作代号", "predecessors"),
        ("实际开工", "actual_start"),
        ("基线开始时间", None),
        ("工程量", None),
        ("单位工程", None),
        ("项目编号", None),
        ("楼层", None),
        ("单价", None),
    ],
)
def test_headers_stand_for_their_fields(header, expected):
    found = field_of(header)

    assert (found and found[0]) == expected


@pytest.mark.parametrize(
    "span",
    [
        "2026.3.2-2026.3.6",
        "2026.3.2-3.6",
        "2026/3/2~2026/3/6",
        "2026-3-2至2026-3-6",
        "2026年3月2日—3月6日",
        "2026年3月2日至6日",
        "3月2日-3月6日",
    ],
)
def test_begin_and_end_in_one_column(table, span):
    found = table(f"2026年计划,\n名称,起止时间\n柱,{span}\n梁,待定\n")

    assert spans(found) == [("柱", "260302T08", "260306T17"), ("梁", None, None)]
    assert [f.data["value"] for f in found.findings if f.code.code == "SCH609"] == ["待定"]


GERMAN = """Nr.;Vorgangsname;Dauer;Anfang;Fertig stellen;Vorgänger;% Abgeschlossen;Gliederungsebene;Ressourcennamen
1;Rohbau;10 Tage;01.06.26;12.06.26;;0%;1;
2;Wände;5 Tage;Mo 01.06.26;Fr 05.06.26;;50%;2;Maurer[300%]
3;Größere Decke;5 Tage?;Mo 08.06.26;Fr 12.06.26;2EA+1 Tag;0%;2;
4;Abnahme;0 Tage;Fr 12.06.26;Fr 12.06.26;3EE-50%;0%;1;
5;Trocknen;7 fTage;Fr 12.06.26;Fr 19.06.26;4AA+2 fTage;0%;1;
"""


@pytest.mark.parametrize("encoding", ["cp1252", "utf-8", "utf-16"])
def test_a_german_plan_is_read_in_its_own_words(table, encoding):
    found = table(GERMAN, encoding=encoding)

    assert [t.name for t in found.tasks][1:3] == ["Wände", "Größere Decke"]
    assert [t.parent for t in found.tasks] == [-1, 0, 0, -1, -1]
    assert spans(found)[2] == ("Größere Decke", "260608T08", "260612T17")
    assert (found.tasks[1].complete, found.tasks[1].crew) == (0.5, 3)
    assert (found.tasks[4].duration, found.tasks[4].elapsed) == (7 * 1440, True)
    assert [
        (k.predecessor, k.successor, k.type.value, k.lag.value, k.lag.unit.value)
        for k in found.links
    ] == [
        (1, 2, "FS", 480, "working"),
        (2, 3, "FF", -50, "percent"),
        (3, 4, "SS", 2880, "elapsed"),
    ]


@pytest.mark.parametrize(
    ("header", "rows"),
    [
        ("Nom de la tâche,Durée,Début,Fin,Prédécesseurs", "a,5 jours,{},b,3j,{},1FD+2 jours"),
        (
            "Nombre de tarea,Duración,Comienzo,Fin,Predecesoras",
            "a,5 días,{},b,3 días,{},1FC+2 días",
        ),
        ("Nome attività,Durata,Inizio,Fine,Predecessori", "a,5 g,{},b,3 giorni,{},1FI+2 g"),
        (
            "Nome da tarefa,Duração,Início,Término,Predecessoras",
            "a,5 dias,{},b,3 dias,{},1TI+2 dias",
        ),
        (
            "Taaknaam,Duur,Begin,Voltooien,Voorafgaande taken",
            "a,5 dagen,{},b,3 dagen,{},1EB+2 dagen",
        ),
    ],
)
def test_neighbouring_languages_are_read_as_well(table, header, rows):
    first, second = rows.split(",b,")
    dates = ["01/06/2026,05/06/2026", "10/06/2026,12/06/2026"]
    lines = [header, first.format(dates[0]) + ",", "b," + second.format(dates[1])]
    found = table("\n".join(lines), encoding="cp1252")

    assert spans(found) == [("a", "260601T08", "260605T17"), ("b", "260610T08", "260612T17")]
    assert [t.duration for t in found.tasks] == [2400, 1440]
    assert [(k.type, k.lag.value) for k in found.links] == [(LinkType.FS, 960)]


def test_dates_copied_from_primavera_say_what_is_done(table):
    found = table(
        "Activity ID,Activity Name,Original Duration,Start,Finish\n"
        "A1,Dig,5,01-Jun-26 A,05-Jun-26 A\nA2,Pour,3,08-Jun-26 08:00 A,10-Jun-26*\n"
    )

    assert spans(found) == [("Dig", "260601T08", "260605T17"), ("Pour", "260608T08", "260610T17")]
    dig, pour = found.tasks
    assert (dig.actual_start, dig.actual_finish) == (dig.start, dig.finish)
    assert (pour.actual_start, pour.actual_finish) == (pour.start, None)


def test_points_before_a_whole_year_are_never_the_american_order(table):
    found = table("任务名称,开始,完成\na,1.6.2026,5.6.2026\nb,6月8日,6月9日\nc,6/25/26,6/26/26\n")

    assert [t.start and f"{t.start:%m%d}" for t in found.tasks] == ["0601", "0608", "0625"]


def test_a_link_may_say_its_type_twice_and_a_plan_call_its_rows_items(table):
    found = table(
        "编号,项目,计划开始,计划完成,紧前工作\n1,桩基,2026.6.1,2026.6.5,\n2,承台,2026.6.8,2026.6.9,1完成-开始（FS）+2天\n"
    )

    assert [(k.type, k.lag.value) for k in found.links] == [(LinkType.FS, 960)]


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        ("Nr.;Vorgänger;Größe\n1;Wände;Maße", "cp1252"),
        ("DURAÇÃO;INSTALAÇÃO;CONSTRUÇÃO", "cp1252"),
        ("ID;Tâche;Début;Prédécesseurs", "cp1252"),
        ("序号,任务名称\n1,柱", "gb18030"),
        ("id,name\n1,4F柱KZ\n2,B区板A", "gb18030"),
        ("任务名称" * 30, "utf-8"),
    ],
)
def test_encodings_that_are_not_named_are_told_apart(text, encoding):
    found = decoded(text.encode(encoding))

    assert (found.text, found.encoding, found.lost) == (text, encoding, 0)


def test_one_torn_character_does_not_change_the_encoding_of_all():
    found = decoded("任务名称".encode() * 50 + b"\xe4\xbb")

    assert (found.encoding, found.lost) == ("utf-8", 1)


def test_indents_of_excel_tell_what_stands_below_what(tmp_path):
    workbook = Workbook()
    sheet = workbook.active
    for name, days in (("任务名称", "工期"), ("主体", 10), ("一层", 5), ("柱", 5), ("二层", 5)):
        sheet.append([name, days])
    for row, indent in ((3, 1), (4, 2), (5, 1)):
        sheet.cell(row, 1).alignment = Alignment(indent=indent)
    workbook.save(tmp_path / "plan.xlsx")

    found = read(tmp_path / "plan.xlsx", name="plan.xlsx").tasks

    assert [(t.name, t.parent) for t in found] == [
        ("主体", -1),
        ("一层", 0),
        ("柱", 1),
        ("二层", 0),
    ]


def test_a_row_that_waits_for_itself_is_told(table):
    found = table("id,name,duration,predecessors\n1,a,2d,1SS+1d\n")

    assert found.links == ()
    assert "the task refers to itself" in found.findings[-1].message("en")


def test_a_column_of_times_is_not_taken_for_that_of_the_dates(table):
    found = table("任务名称,开始日期,开始时间,结束日期,结束时间\na,2026-6-1,9:00,2026-6-2,18:00\n")

    assert [(t.start.date().day, t.finish.date().day) for t in found.tasks] == [(1, 2)]
    assert codes(found) == ["SCH615"]
    assert found.tasks[0].codes["开始时间"] == "9:00"


def test_decimal_commas_and_hours_hold_for_lags_as_for_durations(table):
    found = table(
        "Activity ID;Activity Name;Original Duration(h);Predecessor Details\n"
        "A1;Dig;40,0;\nA2;Pour;24,5;A1: FS 16,0\nA3;Wall;8,0;A1: FS, A2: SS 8,5\n"
    )

    assert [t.duration for t in found.tasks] == [2400, 1470, 480]
    assert [(k.predecessor, k.type.value, k.lag.value) for k in found.links] == [
        (0, "FS", 960),
        (0, "FS", 0),
        (1, "SS", 510),
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("3EA+2,5 Tage;4", ["3EA+2.5 Tage", "4"]),
        ("3FS+2,5", ["3FS+2", "5"]),
        ("3FS+2,5FS", ["3FS+2", "5FS"]),
        ("3,5", ["3", "5"]),
    ],
)
def test_a_comma_is_a_decimal_only_before_a_unit(text, expected):
    assert tokens(text) == expected


def test_numbers_before_names_may_be_left_out_or_stand_alone(table):
    found = table(
        "任务名称,工期,紧前工序\n1.1 底板,10天,\n1.2 外墙,8天,底板\n2.1 一层,6天,1.2\n拆模,2 周工时,2.1FS+3 个日历天\n"
    )

    assert [(k.predecessor, k.successor) for k in found.links] == [(0, 1), (1, 2), (2, 3)]
    assert (found.links[2].lag.value, found.links[2].lag.unit) == (4320, LagUnit.ELAPSED)
    assert found.tasks[3].duration == 2 * 7 * 480


def pairs(schedule):
    return [
        (schedule.tasks[k.predecessor].name, schedule.tasks[k.successor].name)
        for k in schedule.links
    ]


def test_ids_stay_ids_when_a_row_is_left_out(table):
    found = table(
        "ID,Active,Name,Duration,Start,Finish,Predecessors\n"
        "1,Yes,A,1 day,2026-03-02,2026-03-02,\n"
        "2,No,B,1 day,2026-03-03,2026-03-03,1\n"
        "3,Yes,C,1 day,2026-03-03,2026-03-03,1\n"
        "4,Yes,D,1 day,2026-03-04,2026-03-04,3\n"
        "5,Yes,E,1 day,2026-03-05,2026-03-05,2\n"
    )

    assert pairs(found) == [("A", "C"), ("C", "D")]


def test_names_that_come_again_in_each_section_mean_the_last_one_above(book):
    work = [("柱", 1, None), ("梁板", 2, "柱"), ("柱", 3, "梁板"), ("梁板", 4, "柱")]
    rows = [["楼层", "任务名称", "开始时间", "完成时间", "前置任务"]]
    rows += [
        [f"{n // 2 + 1}F", name, f"2026-03-0{day}", f"2026-03-0{day}", before]
        for n, (name, day, before) in enumerate(work)
    ]
    merged = [[c if k or r % 2 else None for k, c in enumerate(row)] for r, row in enumerate(rows)]
    found = book(("a", [rows[0], *merged[1:]]), merged=("A2:A3", "A4:A5"))

    ends = [(k.predecessor, k.successor) for k in found.links]
    assert ends == [(0, 1), (1, 2), (2, 3)]


def test_half_days_and_chinese_numbers(table):
    found = table(
        "任务名称,工期,开始时间,完成时间,前置任务\n"
        "挖土,半天,2026年3月2日（周一）上午,2026年3月2日上午,\n"
        "垫层,一天半,2026年3月2日下午,二〇二六年三月三日,\n"
        "底板,两天,三月四日,三月五日,挖土FS+半天\n"
    )

    assert [(f"{t.start:%m%dT%H}", f"{t.finish:%m%dT%H}", t.duration) for t in found.tasks] == [
        ("0302T08", "0302T12", 240),
        ("0302T13", "0303T17", 720),
        ("0304T08", "0305T17", 960),
    ]
    assert [k.lag.value for k in found.links] == [240]


def test_the_year_1_is_no_year_and_its_row_no_heading(table):
    found = table(
        "任务名称,开始时间,完成时间\n挖土,0001-01-01,9999-12-31\n垫层,2026-03-02,2026-03-03\n"
    )

    assert [(t.name, t.kind, t.parent) for t in found.tasks] == [
        ("挖土", TaskKind.TASK, -1),
        ("垫层", TaskKind.TASK, -1),
    ]
    assert codes(found) == ["SCH609", "SCH609", "SCH615"]


def test_a_list_of_milestones_and_the_signatures_below_it(book):
    found = book(
        ("节点", [["里程碑", "完成日期"], ["封顶", "2026-04-30"], [None, "审批：王五"]]),
    )

    assert [(t.name, t.kind) for t in found.tasks] == [("封顶", TaskKind.MILESTONE)]
    assert codes(found) == ["SCH615"]


def test_formulas_without_results_are_told_once(book):
    found = book(
        (
            "a",
            [
                ["任务名称", "开始时间", "工期", "完成时间"],
                ["挖土", "2026-03-02", 3, "=B2+C2"],
                ["垫层", "=D2", 3, "#REF!"],
            ],
        ),
    )

    told = {f.code.code: f.data for f in found.findings}
    assert told["SCH612"]["place"] == "a!D2"
    assert told["SCH612"]["what_en"].startswith("2 formulas of the sheet have no stored result")
    assert (told["SCH609"]["place"], told["SCH609"]["value"]) == ("a!D3", "#REF!")
