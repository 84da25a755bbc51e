"""What words of plans and models mean, and what of a name says where."""

import pytest

from clash.rehearsal.linking_wishes import Reader
from clash.rehearsal.spoken import spoken
from clash.rehearsal.words import DictionaryError, dictionary, extended
from tests.plans import plan

BOOK = dictionary()


def wish(*names):
    """What a task is read as; `names` are its own and those of the headings above it, upwards."""
    rows = [*(f"{name}:" for name in reversed(names[1:])), names[0]]
    text = "\n".join("  " * depth + row for depth, row in enumerate(rows))
    return Reader(BOOK, plan(text)).wish(len(rows) - 1)


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        ("柱、墙钢筋", ["column", "wall"]),
        ("挡土墙灌注桩", ["pile"]),
        ("墙后回填", ["fill"]),
        ("吊顶龙骨", ["ceiling"]),
        ("管桩", ["pile"]),
        ("砌体工程", ["masonry_wall"]),
        ("水电风管线安装", ["mep"]),
        ("Set wood joists", ["slab"]),
        ("抗震支吊架", ["hanger"]),
        ("样板段", []),
        ("Suspended ceilings", ["ceiling"]),
        ("Light gauge framing", ["member"]),
        ("Kellerwände", ["basement_wall"]),
        ("Stahlbetonstuetzen", ["column"]),
        ("Haustür", ["external_door"]),
        ("Kolommen", ["column"]),
    ],
)
def test_the_longest_word_that_fits_counts(text, kinds):
    found = [k for s in BOOK.read(text) for k in s.of("kinds")]

    assert found == kinds


@pytest.mark.parametrize(
    ("names", "trade"),
    [
        (["3F 梁板支模、钢筋及混凝土浇筑"], "structure"),
        (["筏板混凝土浇筑"], "foundation"),
        (["拆除梁板支撑"], "temporary"),
        (["拆除满堂架"], "temporary"),
        (["砌体隔墙及外墙"], "envelope"),
        (["喷淋头安装"], "second_fix"),
        (["风管安装"], "mep_first"),
        (["吊顶封板"], "lining"),
        (["地砖铺贴"], "finish"),
        (["屋面防水"], "roof"),
        (["Zone A", "HVAC rough-in"], "mep_first"),
        (["Malerarbeiten"], "finish"),
        (["Xyzzy"], ""),
    ],
)
def test_names_tell_a_trade(names, trade):
    assert wish(*names).trade == trade


def test_names_tell_operations():
    assert wish("柱钢筋绑扎及混凝土浇筑").operations == {"rebar", "pour"}
    assert wish("Strike formwork of the slab").operations == {"strike"}


@pytest.mark.parametrize(
    ("text", "storeys", "zones", "pattern"),
    [
        ("3F 柱", ["3"], [], "{storey} 柱"),
        ("三层柱", ["3"], [], "{storey} 柱"),
        ("十二层柱", ["12"], [], "{storey} 柱"),
        ("首层柱", ["1"], [], "{storey} 柱"),
        ("B1 地下室柱", ["-1"], [], "{storey} 地下室柱"),
        ("地下一层~地下二层", ["-1", "-2"], [], "{storey} ~ {storey}"),
        ("3-5层柱", ["3", "4", "5"], [], "{storey} 柱"),
        ("B1层~2F", ["-1", "1", "2"], [], "{storey} ~ {storey}"),
        ("2、3层墙", ["2", "3"], [], "{storey} 墙"),
        ("1#楼3层A区柱", ["3"], ["1#楼", "a区"], "{zone} {storey} {zone} 柱"),
        ("①-⑤轴 二层柱", ["2"], ["1-5轴"], "{zone} {storey} 柱"),
        ("S-2F", ["2"], [], "S- {storey}"),
        ("4.750(二层)", ["2"], [], "{n}( {storey} )"),
        ("-1F", ["-1"], [], "{storey}"),
        ("B2区3层柱", ["3"], ["b2区"], "{zone} {storey} 柱"),
        ("1#3层柱", ["3"], ["1#"], "{zone} {storey} 柱"),
        ("第二层土方开挖", [], ["第二层"], "{zone} 土方开挖"),
        ("Level 2 struts", [], ["level 2"], "{zone} struts"),
        ("二次结构", [], [], "二次结构"),
        ("屋面防水", ["R"], [], "屋面防水"),
        ("Levels 2 to 4", ["2", "3", "4"], [], "{storey}"),
        ("2nd and 3rd floor slab", ["2", "3"], [], "{storey} slab"),
        ("Walls L2 Zone A", ["2"], ["zone a"], "Walls {storey} {zone}"),
        ("Ground floor slab", ["G"], [], "{storey} slab"),
        ("Basement level 2", ["-2"], [], "{storey}"),
        ("1. Obergeschoss", ["+1"], [], "{storey}"),
        ("Wand-Ext-ERDG-12", ["G"], [], "Wand-Ext- {storey} -{n}"),
        ("Haustür", [], [], "Haustür"),
        ("Party walls", [], [], "Party walls"),
        ("Units of section 2", [], ["section 2"], "Units of {zone}"),
        ("DN100 pipe 20 mm", [], [], "DN{n} pipe {n} mm"),
    ],
)
def test_names_tell_storeys_and_zones(text, storeys, zones, pattern):
    found = spoken(text)

    assert (sorted(found.storeys), sorted(found.zones), found.pattern) == (
        sorted(storeys),
        zones,
        pattern,
    )


@pytest.mark.parametrize(
    ("name", "kinds"),
    [
        ("屋面设备基础施工", {"equipment_base"}),
        ("地脚螺栓预埋", {"cast_in"}),
        ("砖胎膜砌筑", {"brick_form"}),
        ("地下室顶板覆土", {"fill"}),
        ("Lift pit base slab", {"raft"}),
        ("电梯基坑开挖", {"cut"}),
    ],
)
def test_small_works_are_no_work_on_the_structure_of_their_heading(name, kinds):
    assert set(wish(name, "主体结构").kinds) == kinds


def test_steelwork_of_the_roof_is_frame_and_no_covering():
    assert {"beam", "column"} <= set(wish("Roof steelwork").kinds)
    assert wish("Roof steelwork").storeys == ("R",)


def test_below_the_ground_line_is_the_basement():
    assert wish("±0.00以下结构施工").storeys == wish("地下结构施工").storeys == ("B",)


def test_a_project_adds_words_and_kinds_of_its_own():
    own = extended(
        "own.toml",
        'language = "own"\n[[kind]]\nid = "podium"\nof = ["slab"]\ntrade = "structure"\n'
        '[kinds]\npodium = ["裙房平台"]\ncolumn = ["异形墩"]\n',
    )

    assert [k for s in own.read("裙房平台及异形墩") for k in s.of("kinds")] == ["podium", "column"]
    assert own.depth("podium") == 2


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("[kinds]\ncolum = ['x']", 'own.toml, line 2: "colum" is none of [kinds]'),
        ("[kinds]\ncolumn = 'x'", 'own.toml, line 2: "column" needs a list of words'),
        ("[verbs]\nx = ['y']", 'own.toml, line 1: "verbs" is no table of a dictionary'),
        (
            "[kinds]\n\n[[kind]]\nid = 'a'\nof = ['b']",
            'own.toml, line 4: "a" names the unknown kind b',
        ),
        ("[kinds]\ncolumn = [", "own.toml: "),
        ("[[kind]]\nof = ['wall']", 'own.toml, line 1: "id" is missing'),
    ],
)
def test_faults_of_a_dictionary_name_file_and_line(text, fault):
    with pytest.raises(DictionaryError) as caught:
        extended("own.toml", text)

    assert fault in str(caught.value)
