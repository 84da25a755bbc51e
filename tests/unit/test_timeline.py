"""The timeline of a run: when everything is built, stands and is removed, and what is wrong."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np
import pytest

from api.tasks.timeline import timeline_document, write_timeline
from api.timeline_shapes import TimelineDocument
from bimcore.issues import Issue
from clash.rehearsal.base import Card, Risk, Stage
from clash.rehearsal.report import ClashWindow, risk_issues
from tests.rehearsing import WEEKDAYS, at, evening, holiday, part, stage, work
from tests.service import Site, publish_review, review_outcome, settings_in, small_ifc

NOW = datetime(2026, 5, 1, tzinfo=UTC)
CARD = Card(id="R04", version=1, weight=1.0, name_zh="支承", name_en="support", zh="。", en=".")


@dataclass(frozen=True)
class Rehearsal:
    stage: Stage
    risks: tuple[Risk, ...] = ()
    issues: tuple[Issue, ...] = ()


def minutes(moment):
    return int(moment.astype("datetime64[m]").astype(np.int64))


@pytest.fixture(scope="module")
def staged():
    """A slab on a prop that comes and goes, a wall on it, and a neighbour without a task."""
    things = [
        part("IfcSlab", (0, 0, 3), (5, 5, 3.2), name="slab"),
        part("IfcColumn", (2, 2, 0), (2.2, 2.2, 3), name="prop"),
        part("IfcWall", (0, 0, 3.2), (5, 0.2, 6), name="wall"),
        part("IfcWall", (9, 0, 0), (9.2, 5, 6), name="old wall"),
    ]
    tasks = [
        work("prop", "06-01", "06-01", on=["prop"], action="temporary", trade="formwork"),
        work("pour", "06-02", "06-03", on=["slab"], confidence=0.8),
        work("strike", "06-12", "06-12", on=["prop"], action="remove"),
        work("masonry", "06-08", "06-09", on=["wall"]),
        work("survey", "06-15", "06-15"),
    ]
    links = [("prop", "pour"), ("pour", "masonry"), ("masonry", "strike"), ("strike", "survey")]
    return stage(things, tasks, links, calendar=WEEKDAYS)


@pytest.fixture(scope="module")
def document(staged):
    return timeline_document(Rehearsal(staged))


def test_elements_are_columns_of_what_some_task_builds_or_removes(document, staged):
    assert document["elements"] == {
        "index": [0, 1, 2],
        "task": [1, 0, 3],
        "removal": [-1, 2, -1],
        "appear": [minutes(at(d)) for d in ("06-02", "06-01", "06-08")],
        "complete": [minutes(m) for m in staged.lifetimes.complete[:3]],
        "remove": [None, minutes(at("06-12")), None],
        "gone": [None, minutes(evening("06-12")), None],
        "temporary": [0, 1, 0],
        "confidence": [0.8, 1.0, 1.0],
    }
    assert document["coverage"] == {"elements": 4, "linked": 3, "share": 0.75}


def test_tasks_have_their_dates_floats_and_the_least_confidence_of_their_links(document):
    pour, survey = document["tasks"][1], document["tasks"][4]

    assert pour == {
        "row": 1,
        "id": "pour",
        "name": "pour",
        "wbs": "",
        "parent": -1,
        "kind": "task",
        "action": "install",
        "trade": "",
        "start": "2026-06-02T08:00",
        "finish": "2026-06-03T17:00",
        "early_start": pour["early_start"],
        "early_finish": pour["early_finish"],
        "late_finish": pour["late_finish"],
        "total_float_days": pour["total_float_days"],
        "critical": pour["critical"],
        "confidence": 0.8,
        "elements": 1,
    }
    assert (survey["confidence"], survey["elements"]) == (None, 0)
    assert (pour["total_float_days"] <= 0) == pour["critical"]


def test_the_plan_is_named_and_its_weekends_are_joined(document):
    assert document["schedule"] == {
        "name": "plan",
        "format": "csv",
        "start": "2026-06-01T08:00",
        "finish": "2026-06-15T17:00",
        "status_date": None,
    }
    assert document["nonworking"] == [
        ("2026-06-06T00:00", "2026-06-08T00:00"),
        ("2026-06-13T00:00", "2026-06-15T00:00"),
    ]


def test_a_holiday_beside_a_weekend_is_one_stretch():
    calendar = type(WEEKDAYS)(
        id="5", name="five", week=WEEKDAYS.week, exceptions=(holiday("06-08", "06-09"),)
    )
    made = stage(
        [part("IfcSlab", (0, 0, 0), (5, 5, 1), name="slab")],
        [work("pour", "06-05", "06-10", on=["slab"])],
        calendar=calendar,
    )

    found = timeline_document(Rehearsal(made))["nonworking"]

    assert found == [("2026-06-06T00:00", "2026-06-10T00:00")]


def test_risks_carry_their_issue_and_clashes_their_window(staged):
    risk = Risk(
        rule="R04",
        weight=1.0,
        magnitude=0.8,
        confidence=0.9,
        certain=True,
        tasks=(3, 1),
        elements=(2,),
        others=(0,),
        window=(at("06-08"), evening("06-09")),
        titles={"zh-CN": "墙没有支承", "en": "the wall has no support"},
        descriptions={"zh-CN": "。", "en": "."},
    )
    endless = Risk(
        rule="R04",
        weight=0.4,
        magnitude=0.5,
        confidence=0.9,
        certain=True,
        tasks=(4,),
        titles={"zh-CN": "无日期", "en": "no date"},
        descriptions={"zh-CN": "。", "en": "."},
    )
    issues = risk_issues(staged, [risk, endless], [CARD], now=NOW)
    windows = {
        "c1": ClashWindow(
            issue="c1", window=("2026-06-08T08:00", "2026-06-15T17:00"), days_to_decide=7
        )
    }

    document = timeline_document(Rehearsal(staged, (risk, endless), issues), windows=windows)

    assert document["risks"][0] == {
        "issue": issues[0].id,
        "rule": "R04",
        "severity": 80,
        "from": "2026-06-08T08:00",
        "to": "2026-06-09T17:00",
        "tasks": [3, 1],
        "elements": [2],
        "others": [0],
        "title": {"zh-CN": "墙没有支承", "en": "the wall has no support"},
        "point": [2.5, 0.1, 4.6],
    }
    last = document["risks"][1]
    assert (last["from"], last["to"], last["point"]) == (None, None, None)
    assert document["clashes"] == [
        {
            "issue": "c1",
            "from": "2026-06-08T08:00",
            "to": "2026-06-15T17:00",
            "days_to_decide": 7,
        }
    ]


def test_the_document_has_the_shape_that_is_stated(document, staged, tmp_path):
    write_timeline(Rehearsal(staged), tmp_path / "timeline.json")

    written = json.loads((tmp_path / "timeline.json").read_text(encoding="utf-8"))

    assert TimelineDocument.model_validate(written).model_dump(by_alias=True) == written
    assert written == json.loads(json.dumps(document))


def test_a_plan_without_dates_has_no_span_and_no_weekends():
    made = stage(
        [part("IfcSlab", (0, 0, 0), (5, 5, 1), name="slab")],
        [work("pour", None, None, on=["slab"])],
    )

    document = timeline_document(Rehearsal(made))

    assert document["elements"]["index"] == []
    assert document["nonworking"] == []


# Served -----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    made = Site(settings_in(tmp_path_factory.mktemp("timeline")))
    yield made
    made.close()


@pytest.mark.parametrize("path", ["/timeline", "/runs/latest/film"])
def test_a_project_without_a_review_has_nothing_to_play(site, path):
    answer = site.client("west-site").get(site.url("west", path))

    assert (answer.status_code, answer.json()["code"]) == (404, "SRV904")


def test_the_timeline_and_the_film_are_those_of_the_newest_run(site):
    client, url = site.client("east-site"), site.url("east", "/timeline")
    file = ("a.ifc", small_ifc((0, 0, 0)).encode())
    site.client("east-design").post(site.url("east", "/models"), files={"file": file})
    publish_review(site.ctx, site.projects["east"], [])
    bare = [client.get(site.url("east", p)) for p in ("/timeline", "/runs/latest/film")]
    put = site.ctx.store.blobs.put
    kept = review_outcome(site.ctx, [])["artefacts"]
    more = {"timeline": put(b'{"schema": "yuyan/timeline/1"}'), "film": put(b"RIFF")}
    publish_review(site.ctx, site.projects["east"], [], artefacts={**kept, **more})
    first = client.get(url)
    again = client.get(url, headers={"If-None-Match": first.headers["ETag"]})
    film = client.get(site.url("east", "/runs/latest/film"))

    assert [(a.status_code, a.json()["code"]) for a in bare] == [(404, "SRV930")] * 2
    assert (first.status_code, first.json()) == (200, {"schema": "yuyan/timeline/1"})
    assert (again.status_code, again.content) == (304, b"")
    assert (film.content, film.headers["Content-Type"]) == (b"RIFF", "image/webp")


@pytest.mark.parametrize("path", ["/timeline", "/runs/latest/film"])
def test_who_is_no_member_learns_nothing(site, path):
    assert site.client("east-site").get(site.url("west", path)).status_code == 404
    assert site.client().get(site.url("west", path)).status_code == 401
