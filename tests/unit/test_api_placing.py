"""Control points and confirmed repairs over HTTP: who may, what is kept, what is never shown."""

import json
import logging

import pytest

from api.services.placing import confirmed_repairs
from api.services.requests import request_of
from api.services.scheduling import inputs_key
from api.store import accounts, jobs, models, projects
from api.tasks.review import _settings
from tests.service import Site, settings_in, small_ifc

#: Digits that must be seen nowhere.
SECRET = ("359123.4567", "3278234.5678", "271.8281")
POINTS = [
    {"number": "K1", "x": 0, "y": 0, "z": 0, "eastings": 359123.4567, "northings": 3278234.5678,
     "height": 271.8281},
    {"number": "K2", "x": 100, "y": 0, "z": 0, "eastings": 359223.4567, "northings": 3278234.5678,
     "height": 271.8281},
    {"number": "K3", "x": 100, "y": 80, "z": 0, "eastings": 359223.4567, "northings": 3278314.5678,
     "height": 271.8281},
    {"number": "K4", "x": 0, "y": 80, "z": 0, "eastings": 359123.4567, "northings": 3278314.5678,
     "height": 271.8281},
]  # fmt: skip


@pytest.fixture
def site(tmp_path):
    made = Site(settings_in(tmp_path))
    yield made
    made.close()


@pytest.fixture
def model(site):
    files = {"file": ("a.ifc", small_ifc((0, 0, 0)).encode())}
    made = site.client("east-design").post(site.url("east", "/models"), files=files).json()
    with site.ctx.store.db.write() as tx:
        models.change_revision(tx, made["revision"]["id"], {"state": "ready"})
    return made


def put_points(site, model, points, *, who="east-coordinator", **more):
    url = site.url("east", f"/models/{model['model']['id']}/placement")
    body = {"crs": "EPSG:4545", "control_points": points, **more}
    return site.client(who).put(url, json=body)


def test_control_points_become_a_placement_with_residuals_by_number(site, model):
    found = put_points(site, model, POINTS).json()["placement"]

    assert found["crs"] == "EPSG:4545"
    assert found["eastings"] == pytest.approx(359123.4567)
    assert found["height"] == pytest.approx(271.8281)
    assert found["scale"] == pytest.approx(1.0)
    assert found["control"] == {
        "points": 4,
        "points_with_height": 4,
        "limit_mm": 20.0,
        "max_residual_mm": 0.0,
        "scale": pytest.approx(1.0),
        "residuals_mm": dict.fromkeys(("K1", "K2", "K3", "K4"), 0.0),
        "height_residuals_mm": dict.fromkeys(("K1", "K2", "K3", "K4"), 0.0),
        "suspect": None,
    }


def test_a_blundered_point_is_named_and_nothing_is_kept(site, model):
    wrong = [*POINTS[:3], POINTS[3] | {"northings": POINTS[3]["northings"] + 0.4}]

    answer = put_points(site, model, wrong)
    wider = put_points(site, model, wrong, residual_mm=500)

    assert (answer.status_code, answer.json()["code"]) == (422, "GIS458")
    assert "去掉 K4（偏差" in answer.json()["detail"]
    assert "without K4" in answer.json()["detail_en"]
    assert wider.json()["placement"]["control"]["limit_mm"] == 500.0
    with site.ctx.store.db.read() as tx:
        assert models.model(tx, site.projects["east"], model["model"]["id"]).placement is not None


def test_points_are_seen_nowhere_but_in_the_adjustment(site, model, caplog):
    caplog.set_level(logging.DEBUG)
    # Not the origin: the placement itself shows where that is.
    away = [{**p, "x": p["x"] + 33.25, "y": p["y"] - 7.5} for p in POINTS]
    answers = [put_points(site, model, away), put_points(site, model, [*away, away[0]])]
    bad = [away[0] | {"eastings": "359123.4567x"}, *away[1:]]
    answers.append(put_points(site, model, bad))
    reader = site.client("east-admin")
    paths = ("/models", f"/models/{model['model']['id']}")
    answers += [reader.get(site.url("east", path)) for path in paths]
    with site.ctx.store.db.read() as tx:
        trail = accounts.history(tx, site.projects["east"], model["model"]["id"], limit=50)

    assert [a.status_code for a in answers] == [200, 422, 422, 200, 200]
    told = [a.text for a in answers] + [repr(trail), caplog.text]
    assert [s for s in SECRET[:2] for text in told if s in text] == []
    assert "control_points" not in answers[3].text


@pytest.mark.parametrize("role", ["design", "site"])
def test_only_coordinators_give_control_points(site, model, role):
    assert put_points(site, model, POINTS, who=f"east-{role}").status_code == 403


def test_the_review_is_handed_the_points_themselves(site, model, tmp_path):
    put_points(site, model, POINTS, residual_mm=35)

    settings = _settings(asked(site, tmp_path))

    assert settings.placements == {}
    given = settings.control["a"]
    assert (given.crs, given.limit, len(given.points)) == ("EPSG:4545", 0.035, 4)
    assert given.points[0].target == (359123.4567, 3278234.5678)


def asked(site, tmp_path):
    """The request of a review, as it goes to the computing process."""
    project = site.projects["east"]
    with site.ctx.store.db.write() as tx:
        row = models.latest_ready(tx, project)[0]
        blobs = dict.fromkeys(("model", "facts", "findings"), row.sha256)
        models.change_revision(tx, row.id, {"artefacts": blobs})
    run = site.client("east-coordinator").post(site.url("east", "/runs")).json()
    with site.ctx.store.db.read() as tx:
        job = jobs.job(tx, run["job"]["id"])
    return json.loads(json.dumps(request_of(site.ctx, job, tmp_path)))


def judged(site, model, **place):
    """Give the revision a georeference as reading the file leaves it."""
    kept = {"level": 50, "verdict": "repairable:scale-missing", "repairable": True} | place
    with site.ctx.store.db.write() as tx:
        models.change_revision(tx, model["revision"]["id"], {"georeference": kept})
    return site.url("east", f"/revisions/{model['revision']['id']}/repair")


def test_a_repair_is_confirmed_with_the_revision_and_taken_back(site, model, tmp_path):
    url = judged(site, model)
    client = site.client("east-coordinator")

    agreed = client.put(url, json={"verdict": "repairable:scale-missing"}).json()
    asked_then = asked(site, tmp_path)["project"]["confirmed_repairs"]
    back = client.delete(url).json()

    confirmed = agreed["georeference"]["confirmed"]
    assert (confirmed["verdict"], confirmed["by"]) == (
        "repairable:scale-missing",
        "east-coordinator",
    )
    assert asked_then == ["a=repairable:scale-missing"]
    assert back["georeference"]["confirmed"] is None


def test_only_the_present_verdict_of_a_proposed_repair_can_be_confirmed(site, model):
    client = site.client("east-coordinator")
    other = client.put(judged(site, model), json={"verdict": "repairable:axis-swapped"})
    none = client.put(judged(site, model, verdict="ok", repairable=False), json={"verdict": "ok"})

    assert [(a.status_code, a.json()["code"]) for a in (other, none)] == [(409, "SRV958")] * 2


def test_a_confirmation_makes_a_new_review_and_does_not_pass_to_the_next_revision(site, model):
    url = judged(site, model)
    with site.ctx.store.db.read() as tx:
        before = inputs_key(tx, projects.project(tx, site.projects["east"]))
    site.client("east-coordinator").put(url, json={"verdict": "repairable:scale-missing"})
    with site.ctx.store.db.read() as tx:
        after = inputs_key(tx, projects.project(tx, site.projects["east"]))
    files = {"file": ("a.ifc", small_ifc((2, 0, 0)).encode())}
    made = site.client("east-design").post(site.url("east", "/models"), files=files).json()
    with site.ctx.store.db.write() as tx:
        models.change_revision(tx, made["revision"]["id"], {"state": "ready"})
        latest = models.latest_ready(tx, site.projects["east"])

    assert before != after
    assert confirmed_repairs(latest) == []


def test_a_project_may_name_its_grid_and_its_heights(site, model, tmp_path):
    client = site.client("east-admin")
    url = site.url("east")
    grid = "tmerc:lon_0=106.5,x_0=50000,y_0=-3200000"
    settings = {"grids": {"山城坐标系": grid}, "vertical_datum": "吴淞"}
    etag = client.get(url).headers["etag"]
    with site.ctx.store.db.read() as tx:
        before = inputs_key(tx, projects.project(tx, site.projects["east"]))
    body = {"settings": settings, "crs": "山城坐标系"}
    client.patch(url, json=body, headers={"If-Match": etag}).raise_for_status()
    with site.ctx.store.db.read() as tx:
        after = inputs_key(tx, projects.project(tx, site.projects["east"]))

    found = _settings(asked(site, tmp_path))

    assert (found.crs, found.vertical_datum) == (grid, "吴淞")
    assert found.grids == {"山城坐标系": grid}
    assert before != after
