"""STEP files whose authors wrote other letters than the standard allows."""

import pytest

from bimcore.ifc.alphabet import spelled
from bimcore.ifc.sandbox import ingest
from tests.service import small_ifc

HEAD = "ISO-10303-21;\n"


@pytest.mark.parametrize(
    ("encoding", "name", "written"),
    [
        ("utf-8", "外墙", r"\X2\59165899\X0\ "),
        ("utf-8", "a😀b", r"a\X4\0001F600\X0\b "),
        (
            "gb18030",
            "一层外墙 誠 填充墙",
            r"\X2\4E005C4259165899\X0\ \X2\8AA0\X0\ \X2\586B51455899\X0\ ",
        ),
        ("cp1252", "Außenwand Küche", r"Au\X2\00DF\X0\enwand K\X2\00FC\X0\che "),
    ],
    ids=["utf-8", "emoji", "a backslash within a character", "umlauts"],
)
def test_foreign_letters_are_escaped_as_the_standard_asks(encoding, name, written):
    made = spelled(f"{HEAD}#1=IFCWALL('{name} ');".encode(encoding))

    assert made.data.decode() == f"{HEAD}#1=IFCWALL('{written}');"
    assert (made.encoding, made.count) == (encoding, 1)


def test_a_plain_file_is_left_as_it_is():
    data = f"{HEAD}#1=IFCWALL('wall');".encode()

    assert spelled(data).data is data


@pytest.mark.parametrize(
    ("given", "written", "strays"),
    [
        pytest.param(r"C:\Users\me", r"C:\\Users\\me", 2, id="a path"),
        pytest.param(r"\X2\4E\X0\ ", r"\\X2\\4E\\X0\\ ", 4, id="half a character"),
        pytest.param(r"\X2\59165899", r"\\X2\\59165899", 2, id="letters that never end"),
        pytest.param("wall\\", r"wall\\", 1, id="one at the end"),
        pytest.param(r"\X2\59165899\X0\ a\\b \S\d \X\e9", None, 0, id="all as it should be"),
    ],
)
def test_a_backslash_that_stands_for_itself_is_doubled(given, written, strays):
    made = spelled(f"{HEAD}#1=IFCWALL('{given}');".encode())

    assert made.data.decode() == f"{HEAD}#1=IFCWALL('{written or given}');"
    assert made.strays == strays


def test_what_stands_before_the_first_words_is_cut():
    data = f"{HEAD}#1=IFCWALL('wall');".encode()

    assert spelled(b"\xef\xbb\xbf \n" + data).data == data


def test_a_model_with_a_byte_order_mark_and_chinese_names_is_read(tmp_path):
    path = tmp_path / "upload"
    text = small_ifc((0, 0, 0)).replace("'box 0'", "'首层外墙'")
    path.write_bytes(b"\xef\xbb\xbf" + text.encode())

    read = ingest(path, name="a.ifc")

    assert read.model is not None
    assert list(read.model.elements.name) == ["首层外墙"]
    assert [(f.code.code, f.data["count"], f.data["encoding"]) for f in read.findings] == [
        ("IFC137", 1, "utf-8")
    ]


def test_a_syntax_error_names_its_place_and_no_log(tmp_path):
    path = tmp_path / "upload"
    path.write_text(small_ifc((3, 0, 0)).replace("((3.000000", "((1.#QNAN"))

    read = ingest(path, name="a.ifc")

    assert [f.code.code for f in read.findings] == ["IFC120"]
    assert read.findings[0].data["detail"].startswith("token 1.#QNAN at offset ")
