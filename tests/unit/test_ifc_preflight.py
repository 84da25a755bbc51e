"""The look at a STEP file before any library reads it."""

import time

import pytest

from bimcore.ifc.preflight import OPEN_COMMENT, scan, schema_identifier, shape_of, suspects


def step(*lines):
    head = "ISO-10303-21;\nHEADER;\nFILE_SCHEMA(('IFC4'));\nENDSEC;\nDATA;\n"
    return (head + "\n".join(lines) + "\nENDSEC;\nEND-ISO-10303-21;\n").encode()


def is_part(kind):
    return kind in {"IFCPART", "IFCLEAF"}


def is_product(kind):
    return kind == "IFCWALL"


def suspects_of(*lines):
    instances = scan(step(*lines))
    return suspects(instances, shape_of(instances, is_part), is_product)


def test_instances_names_and_references_are_read():
    found = scan(step("#1=IFCLEAF();", "#20 = IfcPart( #1 ,(#1,#3)) ;", "#3=\n IFCLEAF('#99=;');"))

    assert found.number.tolist() == [1, 20, 3]
    assert [found.kinds[k] for k in found.kind] == ["IFCLEAF", "IFCPART", "IFCLEAF"]
    assert found.source.tolist() == [1, 1, 1]
    assert found.target.tolist() == [0, 0, 2]
    assert (found.missing.tolist(), found.repeated.tolist(), found.broken[1]) == ([], [], "")


@pytest.mark.parametrize(
    "header",
    [
        "FILE_NAME('D:/DATA/a.ifc');FILE_SCHEMA(('IFC4'));",
        "FILE_DESCRIPTION(('FILE_SCHEMA((''IFC2X3''))'));FILE_SCHEMA(('IFC4'));",
        "FILE_SCHEMA /* DATA; */ ( ('IFC4') );",
    ],
)
def test_texts_and_comments_of_the_header_are_stepped_over(header):
    data = f"HEADER;{header}ENDSEC;DATA;#1=IFCLEAF('x');ENDSEC;".encode()

    assert schema_identifier(data) == "IFC4"
    assert (scan(data).number.tolist(), scan(data).broken[1]) == ([1], "")


@pytest.mark.parametrize(
    "header", ["FILE_SCHEMA" + "/**/" * 5_000 + "x(('IFC4'));", "/*" * 100_000, "/* " * 100_000]
)
def test_a_header_of_comments_is_read_in_no_time(header):
    began = time.process_time()

    assert schema_identifier(f"HEADER;{header}ENDSEC;DATA;ENDSEC;".encode()) == ""
    assert time.process_time() - began < 1.0


def test_a_comment_of_the_header_that_is_not_closed_does_not_hide_the_schema_before_it():
    data = b"HEADER;FILE_SCHEMA(('IFC4'));/* ENDSEC;DATA;#1=IFCLEAF('x');ENDSEC;"

    assert schema_identifier(data) == "IFC4"
    assert scan(data).broken == OPEN_COMMENT


def test_texts_and_comments_hide_what_they_hold():
    found = scan(
        step("#1=IFCLEAF('it''s #7 /* no ( ');", "/* #2=IFCLEAF(#8); it's */ #3=IFCLEAF();")
    )

    assert found.number.tolist() == [1, 3]
    assert found.missing.tolist() == []
    assert found.broken == ("", "")


def test_missing_and_repeated_instances_are_told():
    found = scan(step("#1=IFCPART(#5);", "#2=IFCLEAF();", "#2=IFCLEAF();"))

    assert found.missing.tolist() == [5]
    assert found.repeated.tolist() == [2]


@pytest.mark.parametrize(
    ("line", "broken"),
    [
        ("#1=IFCLEAF('open);", "a text is not closed by an apostrophe"),
        ("#1=IFCLEAF((1.);", "parentheses do not match"),
        ("#1=IFCLEAF(1.));", "parentheses do not match"),
        ("#1=IFCLEAF(1.); /* note */ /* the rest", "a comment is not closed by */"),
        ("#1=IFCLEAF(1.); /*/", "a comment is not closed by */"),
        ("#1=IFCLEAF" + "(" * 300 + ")" * 300 + ";", "lists are nested 300 deep"),
    ],
)
def test_broken_text_is_told(line, broken):
    chinese, english = scan(step(line)).broken

    assert (english, bool(chinese)) == (broken, True)


def test_depth_and_expansion_count_every_use():
    instances = scan(step("#1=IFCLEAF();", "#2=IFCPART(#1,#1);", "#3=IFCPART(#2,#2,#1);"))

    shape = shape_of(instances, is_part)

    assert shape.depth.tolist() == [0, 1, 2]
    assert shape.leaves.tolist() == [1.0, 3.0, 8.0]
    assert not shape.circular.any()


def test_a_circle_and_what_leads_into_it_bar_the_product():
    found = suspects_of(
        "#1=IFCPART(#2);", "#2=IFCPART(#1);", "#3=IFCPART(#2);", "#4=IFCLEAF();",
        "#10=IFCWALL(#3);", "#11=IFCWALL(#4);",
    )  # fmt: skip

    assert found.circular == (10,)
    assert found.circle == (1, 2, 3)
    assert found.all() == {10}


def test_circles_outside_geometry_are_legal():
    assert suspects_of("#1=IFCREL(#2);", "#2=IFCREL(#1);", "#3=IFCWALL(#1);").all() == frozenset()


def test_a_chain_deeper_than_the_limit_bars_the_product():
    lines = ["#1=IFCLEAF();", *(f"#{k}=IFCPART(#{k - 1});" for k in range(2, 1003))]

    found = suspects_of(*lines, "#5000=IFCWALL(#1001);", "#5001=IFCWALL(#1002);")

    assert (found.deep, found.deepest) == ((5001,), 1001)


def test_an_expansion_beyond_all_bounds_bars_the_product():
    lines = ["#1=IFCLEAF();", *(f"#{k}=IFCPART(#{k - 1},#{k - 1});" for k in range(2, 60))]

    found = suspects_of(*lines, "#5000=IFCWALL(#59);", "#5001=IFCWALL(#9);")

    assert found.expanding == (5000,)


@pytest.mark.parametrize(
    ("header", "schema"),
    [
        (b"FILE_SCHEMA(('IFC4X3_ADD2'));", "IFC4X3_ADD2"),
        (b"file_schema ( ( 'IFC2X3' , 'X' ) ) ;", "IFC2X3"),
        (b"FILE_SCHEMA(());", ""),
        (b"", ""),
    ],
)
def test_the_schema_is_read_from_the_header(header, schema):
    assert schema_identifier(b"ISO-10303-21;HEADER;" + header + b"ENDSEC;DATA;") == schema


@pytest.mark.parametrize("point", ["NAN,0.,0.", "0.,inf,0.", "-nan,0.", "#2,0.,0.", "'x',0."])
def test_points_that_hold_no_numbers_are_named(point):
    lines = (
        "#1=IFCLEAF();",
        f"#22 = IfcCartesianPoint(({point}));",
        "#3=IFCDIRECTION((1.E-5,-1));",
    )

    assert scan(step(*lines)).senseless == (22,)
