"""The rulebook: what ships, what is refused, what a project adds to it."""

from pathlib import Path

import pytest

from gis.rulebook import ParameterError, RulebookError, load, project_rules, read

ROW = """
[[row]]
id = "a.b"
check = "river"
title = "河道"
title_en = "River"
jurisdiction = "CN"
status = "sourced"
value_m = 5.0
standard = "s"
clause = "1"
edition = "2020"
valid_from = "2020"
source = "somewhere"
verified_by = "somebody"
measured_from = "边线"
measured_from_en = "edge"
"""


def test_every_row_with_a_statutory_value_names_where_it_comes_from():
    rows = load().rows
    sourced = [r for r in rows if r.status == "sourced"]

    assert len(sourced) > 80
    for row in sourced:
        assert row.value is not None
        assert row.value > 0
        assert all((row.standard, row.clause, row.source, row.verified_by, row.valid_from)), row.id
        assert all((row.measured_from, row.measured_from_en, row.title, row.title_en)), row.id


def test_rows_without_a_source_ship_no_value():
    assert all(r.value is None for r in load().rows if r.status == "parameter")
    for key in ("neighbour.distance", "setback.distance", "gb50289.building-heat.horizontal"):
        assert load()[key].value is None


@pytest.mark.parametrize(
    ("row", "metres"),
    [
        ("gb50289.building-sewer.horizontal", 2.5),
        ("gb50289.water-sewer.large.horizontal", 1.5),
        ("gb50289.sewer-gas.sub-high-a.horizontal", 2.0),
        ("gb50289.sewer-power.horizontal", 0.5),
        ("crossing.sewer-water.vertical", 0.4),
        ("gb50014.sewer.carriageway.cover", 0.7),
        ("railway.high-speed.village", 15.0),
        ("power.zone.154-330kv", 15.0),
        ("power.building.horizontal.500kv", 8.5),
        ("power.building.vertical.750kv", 11.5),
        ("power.works.330-500kv", 15.0),
        ("power.crane.vertical.60-110kv", 5.0),
        ("metro.hangzhou.control.underground", 50.0),
        ("metro.hangzhou.special.depot", 3.0),
    ],
)
def test_values_are_those_of_the_sources(row, metres):
    assert load()[row].value == metres


def test_rows_of_a_city_hold_only_where_the_project_says_so():
    def underground(jurisdiction):
        rules = project_rules(jurisdiction=jurisdiction)
        rows = rules.rows("metro_control")
        return [(r.id, rules.value(r)) for r in rows if r.where["structure"] == "underground"]

    assert underground(None) == [("metro.control.underground", None)]
    assert underground("重庆市") == [("metro.control.underground", None)]
    assert underground("浙江省杭州市") == [("metro.hangzhou.control.underground", 50.0)]
    assert underground("Hangzhou, China") == [("metro.hangzhou.control.underground", 50.0)]


def test_number_of_the_project_goes_before_that_of_the_row_and_the_citation_says_so():
    rules = project_rules(
        {"gb50289.building-sewer.horizontal_m": 1.8, "metro.control.underground_m": 60},
        jurisdiction="杭州",
    )
    sewer = rules.rulebook["gb50289.building-sewer.horizontal"]
    metro = rules.rulebook["metro.hangzhou.control.underground"]

    assert rules.value(sewer) == 1.8
    assert rules.citation(sewer)["source"] == (
        "project parameter gb50289.building-sewer.horizontal_m"
    )
    assert rules.value(metro) == 60.0
    assert project_rules().citation(sewer)["status"] == "sourced"


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"flood.levl_m": 5}, "did you mean flood.level_m"),
        ({"flood.level_m": "high"}, "must be a number"),
        ({"flood.level_m": True}, "must be a number"),
        ({"flood.level_m": float("nan")}, "must be a number"),
        ({"setback.distance_m": -1}, "must not be negative"),
        ({"railway.area": "town"}, "must be one of city, suburb, village, other"),
    ],
)
def test_wrong_parameters_are_refused_with_their_key(given, said):
    with pytest.raises(ParameterError, match=said) as err:
        project_rules(given)
    assert next(iter(given)) in str(err.value)


def test_heights_may_lie_below_the_datum():
    assert project_rules({"excavation.bottom_m": -8.5}).number("excavation.bottom") == -8.5


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("value_m = 5.0", 'value_m = "5"', 'x.toml, row "a.b", value_m: must be a number'),
        ("value_m = 5.0", "value_m = -1", 'x.toml, row "a.b", value_m: must be finite'),
        ("value_m = 5.0", "", 'x.toml, row "a.b", value_m: is missing'),
        ('source = "somewhere"', "", 'x.toml, row "a.b", source: is missing'),
        ('check = "river"', 'check = "rivr"', 'x.toml, row "a.b", check: must be one of'),
        ('status = "sourced"', 'status = "guess"', 'x.toml, row "a.b", status: must be one of'),
        ('status = "sourced"', 'status = "parameter"', "status: a parameter ships no value"),
        ('clause = "1"', "clause = 1", 'x.toml, row "a.b", clause: must be text'),
        ('clause = "1"', 'clausse = "1"', 'x.toml, row "a.b", clausse: unknown'),
        ('clause = "1"', 'clause = "1"\nwhen.d = [2, 1]', "when.d: must be .lowest, highest."),
        ('clause = "1"', 'clause = "1"\nwhere.d = 2', "where.d: must be a word"),
        ('clause = "1"', 'clause = "1"\nseverity = 101', "severity: must be a whole number"),
        ('clause = "1"', 'clause = "1"\nreplaces = "z"', 'replaces "z", which is no row'),
        ('id = "a.b"', "", "x.toml, row .number 1., id: is missing"),
        ("[[row]]", "[[row]", "x.toml: "),
        ("[[row]]", "[rows]\n[[row]]", "x.toml: unknown key rows"),
    ],
)
def test_fault_in_a_file_is_named_by_file_row_and_key(old, new, said):
    with pytest.raises(RulebookError, match=said):
        read({"x.toml": ROW.replace(old, new)})


def test_two_rows_of_one_key_are_refused():
    with pytest.raises(RulebookError, match="used twice"):
        read({"x.toml": ROW, "y.toml": ROW})


def test_rulebook_files_are_inside_the_package_that_is_built():
    # hatchling takes everything below the packages it is given, so the place is what counts
    import gis

    folder = Path(gis.__file__).parent / "rulebook"
    assert {f.suffix for f in folder.iterdir() if f.is_file()} == {".toml"}
    assert not (folder / "__init__.py").exists()
