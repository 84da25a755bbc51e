"""A broken layer or plan does not take the place of the good one of its name."""

import json
from pathlib import Path

import numpy as np
import pytest

from api.inputs import LayerInput, ScheduleInput
from api.rehearsing import read_plans
from api.services.context import MACHINE
from api.services.requests import request_of
from api.services.scheduling import start_run
from api.siting import surveyed
from api.store import jobs, models, projects
from bimcore.frame import Frame
from gis.georeference import Arrangement
from tests.service import Site, publish_review, settings_in, small_ifc

GOOD = {
    "type": "FeatureCollection",
    "crs": {"type": "name", "properties": {"name": "EPSG:4549"}},
    "features": [
        {
            "type": "Feature",
            "properties": {},
            "geometry": {
                "type": "Polygon",
                "coordinates": [
                    [[514000, 3350000], [514100, 3350000], [514100, 3350080], [514000, 3350000]]
                ],
            },
        }
    ],
}
WHOLE = json.dumps(GOOD).encode()
PLAN = "任务名称,开始时间,完成时间\n基础,2026-03-01,2026-03-10\n柱,2026-03-11,2026-03-20\n".encode()
PLACE = Arrangement(
    frame=Frame(crs="EPSG:4549+5737", origin=np.array([514000.0, 3350000.0, 0.0])),
    groups=(),
    placed=(),
    georeferences=(),
    findings=(),
    not_assessed=(),
)


@pytest.fixture
def site(tmp_path):
    made = Site(settings_in(tmp_path, upload_bytes=1 << 20))
    content = small_ifc((0, 0, 0)).encode()
    made.client("east-design").post(
        made.url("east", "/models"), files={"file": ("a.ifc", content)}
    ).raise_for_status()
    yield made
    made.close()


def layer(folder: Path, content: bytes, revision: int, *earlier: LayerInput) -> LayerInput:
    path = folder / f"red{revision}.geojson"
    path.write_bytes(content)
    return LayerInput(
        name="red",
        path=path,
        sha256="0",
        key="k",
        revision=revision,
        earlier=earlier,
        role="red_line",
    )


def told(standings):
    return [(s.given.revision, s.problem and s.problem.code.code) for s in standings]


def test_the_last_good_revision_of_a_layer_is_used_and_the_finding_says_so(tmp_path):
    good = layer(tmp_path, WHOLE, 1)
    broken = layer(tmp_path, WHOLE[:-20], 2, good)

    site, standings = surveyed([broken], PLACE)

    assert [t.name for t in site.tables] == ["red"]
    assert told(standings) == [(2, "GIS430"), (1, None)]
    (found,) = [f for f in site.findings if f.severity]
    assert (found.code.code, found.model) == ("SRV931", "red")
    zh, en = found.message("zh-CN"), found.message("en")
    assert zh.startswith("“red”第 2 版（red2.geojson）不可用：图层无法读取：")
    assert zh.endswith("；审查仍用第 1 版（red1.geojson）")
    assert en.startswith('Revision 2 of "red" (red2.geojson) cannot be used: The layer cannot be')
    assert en.endswith("the review goes on with revision 1 (red1.geojson)")


def test_a_layer_without_a_coordinate_system_does_not_replace_one_with_it(tmp_path):
    bare = json.dumps({k: v for k, v in GOOD.items() if k != "crs"}).encode()
    good = layer(tmp_path, WHOLE, 1)

    site, standings = surveyed([layer(tmp_path, bare, 2, good)], PLACE)

    assert [t.name for t in site.tables] == ["red"]
    assert [r for r, problem in told(standings) if problem is None] == [1]


def test_where_no_revision_is_of_use_the_newest_tells_why(tmp_path):
    older = layer(tmp_path, b'{"type": "FeatureCollection", "features": []}', 1)

    site, standings = surveyed([layer(tmp_path, WHOLE[:-20], 2, older)], PLACE)

    assert site.tables == ()
    assert told(standings) == [(2, "GIS430"), (1, "GIS440")]
    assert [f.code.code for f in site.findings if f.severity] == ["GIS430"]


def test_the_last_good_revision_of_a_plan_is_rehearsed(tmp_path):
    good, broken = tmp_path / "plan.csv", tmp_path / "plan.xml"
    good.write_bytes(PLAN)
    broken.write_bytes(b"<Project xmlns='http://schemas.microsoft.com/project'><Tasks>")
    first = ScheduleInput(name="plan.csv", path=good, sha256="1", key="k", revision=1)
    second = ScheduleInput(
        name="plan.xml", path=broken, sha256="2", key="k", revision=2, earlier=(first,)
    )

    plans = read_plans([second])

    assert plans.main is not None
    assert plans.main.name == "plan.csv"
    assert told(plans.standings) == [(2, "SCH605"), (1, None)]
    assert plans.findings[0].code.code == "SRV931"
    assert plans.not_assessed == ()


@pytest.mark.parametrize(
    ("kind", "name", "good", "bad"),
    [
        ("layers", "red.geojson", WHOLE, WHOLE[:-20]),
        ("schedules", "plan.csv", PLAN, b"a,b\n"),
    ],
    ids=["layer", "schedule"],
)
def test_the_service_keeps_the_good_revision_until_a_newer_one_was_used(
    site, tmp_path, kind, name, good, bad
):
    client, url = site.client("east-design"), site.url("east", f"/{kind}")
    problem = {"code": "X", "message": "坏", "message_en": "bad", "remedy": "", "remedy_en": ""}

    def send(content):
        return client.post(url, files={"file": (name, content)}).json()

    def reviewed(*standings):
        rows = [{"file": first["id"], "revision": r, "problem": p} for r, p in standings]
        publish_review(site.ctx, site.projects["east"], [], standings=rows)
        return client.get(f"{url}/{first['id']}").json()

    first = send(good)
    assert (first["revision"], first["state"], first["revision_in_use"]) == (1, "queued", None)
    assert reviewed((1, None))["revision_in_use"] == 1

    second = send(bad)
    assert (second["id"], second["revision"], second["revision_in_use"]) == (first["id"], 2, 1)
    (asked,) = _request(site, tmp_path)[kind]
    assert [(r["revision"], r["sha256"]) for r in (asked, *asked["earlier"])] == [
        (2, second["sha256"]),
        (1, first["sha256"]),
    ]

    after = reviewed((2, problem), (1, None))
    assert (after["state"], after["problem"], after["revision_in_use"]) == ("failed", problem, 1)
    assert client.get(f"{url}/{first['id']}/file").content == bad
    assert client.get(f"{url}/{first['id']}/file?revision=1").content == good
    assert client.get(f"{url}/{first['id']}/file?revision=9").status_code == 404

    assert send(bad)["revision"] == 2
    assert [r["revision"] for r in send(good + b" ")["earlier"]] == [2, 1]
    again = reviewed((3, None))
    assert (again["revision_in_use"], again["earlier"]) == (3, [])


def _request(site, folder):
    """What the next review of the project would be asked."""
    ctx, project = site.ctx, site.projects["east"]
    blob = ctx.store.blobs.put(b"")
    artefacts = dict.fromkeys(("model", "facts", "findings"), blob)
    with ctx.store.db.write() as tx:
        for row in models.latest_ready(tx, project):
            models.change_revision(tx, row.id, {"artefacts": artefacts})
        run = start_run(tx, ctx, MACHINE, projects.project(tx, project))
        job = jobs.job(tx, run.job_id)
    return request_of(ctx, job, folder)
