"""Days in texts: with their year where it does not go without saying."""

import numpy as np
import pytest

from clash.rehearsal import r04_support as r04
from clash.rehearsal.dates import Datebook
from tests.rehearsing import at, evening, part, stage, work


def book(*days):
    return Datebook.of(np.array([at(d) for d in days]), np.array([np.datetime64("NaT", "m")]))


def test_a_plan_within_one_year_says_no_year_but_for_days_outside_it():
    dates = book("06-01", "12-20")

    assert dates.said(at("06-12")) == ("6月12日", "12 Jun")
    assert dates.said(at("2027-01-12")) == ("2027年1月12日", "12 Jan 2027")


def test_a_plan_over_new_year_says_every_year():
    dates = book("11-01", "2027-02-01")

    assert dates.said(at("12-24")) == ("2026年12月24日", "24 Dec 2026")
    assert dates.said_last(np.datetime64("2027-01-13T00:00", "m")) == (
        "2027年1月12日",
        "12 Jan 2027",
    )


def test_a_plan_that_ends_with_the_year_is_of_that_year():
    dates = Datebook.of(np.array([at("06-01")]), np.array([np.datetime64("2027-01-01T00:00", "m")]))

    assert dates.plain == 2026


@pytest.mark.parametrize(
    ("first", "last", "zh", "en"),
    [
        ("11-03", "11-09", "2026年11月3日至11月9日", "3 Nov to 9 Nov 2026"),
        ("12-30", "2027-01-04", "2026年12月30日至2027年1月4日", "30 Dec 2026 to 4 Jan 2027"),
        ("11-03", "11-03", "2026年11月3日", "3 Nov 2026"),
    ],
)
def test_a_span_says_a_year_that_both_ends_share_once(first, last, zh, en):
    dates = book("11-01", "2027-02-01")

    assert dates.between((at(first), evening(last))) == (zh, en)


def test_risks_of_a_plan_over_new_year_carry_the_year():
    things = [
        part("IfcSlab", (0, 0, -0.3), (6, 6, 0), name="S0", storey="1F"),
        part("IfcWall", (0, 0, 0), (6, 0.2, 3), name="W1", storey="1F"),
    ]
    tasks = [
        work("slab", "2027-01-08", "2027-01-12", on=["S0"]),
        work("walls", "12-20", "12-22", on=["W1"]),
    ]

    (risk,) = r04.find(stage(things, tasks)).risks

    assert "2026年12月20日开工" in risk.descriptions["zh-CN"]
    assert "12 Jan 2027" in risk.descriptions["en"]
    assert "2027年1月13日起" in risk.suggestion["zh-CN"]
