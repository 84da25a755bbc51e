"""Risks as issues, what becomes of them in the next review, and when clashes are built."""

from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
import pytest

from bimcore.issues import Status, issue_json
from clash.proof import Current, Rehearsal
from clash.rehearsal import r04_support
from clash.rehearsal.base import Risk
from clash.rehearsal.profile import ProfileError, profile
from clash.rehearsal.report import clash_windows, risk_issues, risk_marks, with_windows
from clash.rehearsal.rules import cards
from clash.rules import RuleSet
from clash.tracking import track
from tests.rehearsing import at, evening, part, stage, work

NOW = datetime(2026, 6, 1, 9, tzinfo=UTC)
SLAB = part("IfcSlab", (0, 0, 3), (6, 6, 3.2), name="slab", storey="2F")
COLUMN = part("IfcColumn", (2, 2, 3.2), (2.4, 2.4, 6), name="column", storey="2F")
TASKS = (
    work("2F columns", "06-04", "06-10", on=["column"], id="T2"),
    work("1F slab", "06-08", "06-12", on=["slab"], id="T1"),
)


def made(**columns):
    return stage([SLAB, COLUMN], TASKS, now=NOW, **columns)


def risk(**changes):
    given = {
        "rule": "R04",
        "weight": 1.0,
        "magnitude": 0.9,
        "confidence": 0.45,
        "certain": False,
        "tasks": (0, 1),
        "elements": (1,),
        "others": (0,),
        "window": (at("06-04"), evening("06-12")),
        "place": "2F",
        "witness": np.array([[2, 2, 3], [2.4, 2.4, 6.0]]),
        "titles": {"zh-CN": "柱先于楼板", "en": "column before slab"},
        "descriptions": {"zh-CN": "没有支承", "en": "nothing under it"},
    }
    return Risk(**{**given, **changes})


def issue_of(one, on=None):
    return risk_issues(on or made(), [one], cards(), now=NOW)[0]


def test_a_risk_is_an_issue_with_its_window_sides_and_reasons():
    issue = issue_of(risk())

    assert (issue.kind, issue.rule, issue.severity, issue.confidence) == (
        "sequence",
        "R04",
        90,
        0.45,
    )
    assert issue.window == ("2026-06-04T08:00", "2026-06-12T17:00")
    assert [(e.name, e.side) for e in issue.elements] == [("column", "a"), ("slab", "b")]
    assert issue.point == pytest.approx((2.2, 2.2, 4.5))
    assert issue.storey == "2F"
    factors = {f["factor"]: f["value"] for f in issue.severity_factors}
    assert factors == {
        "weight": 1.0,
        "magnitude": 0.9,
        "confidence": 0.45,
        "tasks": ["T2", "T1"],
        "days_to_start": 3,
    }
    assert sum(f["points"] for f in issue.severity_factors) == 90
    assert "工序：2F columns 2026-06-04 – 2026-06-10" in issue.descriptions["zh-CN"]
    assert "a possible risk" in issue.descriptions["en"]


def test_a_risk_keeps_its_mark_when_dates_and_texts_change():
    first, later = risk(), risk(window=(at("06-05"), evening("06-12")), magnitude=0.5, titles={})

    assert risk_marks(made(), [first]) == risk_marks(made(), [later])
    assert risk_marks(made(), [first]) != risk_marks(made(), [risk(place="3F")])


def test_two_risks_of_one_rule_pair_and_place_are_told_apart():
    marks = risk_marks(made(), [risk(), risk()])

    assert len(set(marks)) == 2


def test_a_risk_without_a_box_is_looked_at_where_its_elements_are():
    assert issue_of(risk(witness=None)).point == pytest.approx((2.2, 2.2, 4.6))


def reviewed(*issues):
    return {"issues": [issue_json(i) for i in issues], "clashes": []}


def current(on, plan):
    return Current(scene=on.scene, rules=RuleSet(rules=()), rows=[], plan=plan)


LOOKED = Rehearsal(
    rules=frozenset({"R04"}), tasks=frozenset({"T1", "T2"}), linked=frozenset({"T1", "T2"})
)


@pytest.mark.parametrize(
    ("plan", "status", "why"),
    [
        (LOOKED, Status.RESOLVED, "Rehearsed again"),
        (None, Status.NOT_RECHECKED, "no schedule"),
        (replace(LOOKED, rules=frozenset()), Status.NOT_RECHECKED, "R04 did not run"),
        (replace(LOOKED, tasks=frozenset({"T1"})), Status.RESOLVED, "no task T2"),
        (replace(LOOKED, linked=frozenset({"T1"})), Status.NOT_RECHECKED, "T2 is linked to no"),
    ],
)
def test_a_risk_is_resolved_only_when_the_plan_was_rehearsed_again(plan, status, why):
    on = made()

    (gone,) = track([], reviewed(issue_of(risk())), current(on, plan), now=NOW)

    assert gone.status is status
    assert why in gone.status_reason["en"]


def test_a_risk_that_stays_keeps_what_people_said_of_it():
    before = replace(issue_of(risk()), status=Status.REVIEWED, assigned_to="site")

    (kept,) = track(
        [issue_of(risk(magnitude=0.5))], reviewed(before), current(made(), LOOKED), now=NOW
    )

    assert (kept.id, kept.status, kept.assigned_to, kept.severity) == (
        before.id,
        Status.REVIEWED,
        "site",
        50,
    )


def clash(**changes):
    return replace(issue_of(risk()), kind="clash", id="c", members=("m",), window=None, **changes)


def test_a_clash_is_due_when_both_bodies_stand_there():
    on, issue = made(), clash(severity=60)

    windows = clash_windows(on, [issue], {"m": (0, 1)})
    (due,) = with_windows([issue], windows)

    assert due.window == ("2026-06-08T08:00", "2026-06-12T17:00")
    assert windows["c"].days_to_decide == 7
    assert due.severity == 66
    assert due.severity_factors[-1]["text"]["en"] == "Built in 7 days: decide before"


def test_a_clash_of_bodies_without_dates_is_left_as_it_is():
    on = stage([SLAB, COLUMN], [work("other", "06-01", "06-02")], now=NOW)
    issue = clash()

    windows = clash_windows(on, [issue], {"m": (0, 1)})

    assert windows == {}
    assert with_windows([issue], windows) == (issue,)


def test_a_threshold_of_the_project_takes_the_place_of_the_rules_own():
    key = r04_support.CARD.parameters[0].key

    assert profile(cards(), {key: 0.25})[key] == 0.25


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"R04.colour": 1.0}, "no threshold"),
        ({r04_support.CARD.parameters[0].key: "much"}, "must be a number"),
        ({r04_support.CARD.parameters[0].key: True}, "must be a number"),
        ({r04_support.CARD.parameters[0].key: -1}, "must not be negative"),
    ],
)
def test_a_wrong_threshold_is_refused_by_name(given, told):
    with pytest.raises(ProfileError, match=told):
        profile(cards(), given)
