"""The sample project uploaded over HTTP: all seeds and no decoy, by API and in the browser."""

import time
import zipfile
from pathlib import Path
from typing import Any

import httpx
import pytest

from api.project_file import read_project_file
from gis.control_sheet import read_sheet
from sample_models.authoring.project import build
from tests.browser import missing as browser_lacks
from tests.golden.expect import issues_of, load_index, missing, reported_decoys, unexplained
from tests.service import PASSWORD, Served, served, settings_in

Json = dict[str, Any]
INDEX = load_index()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("sample")
    build(out)
    return out


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory):
    place = tmp_path_factory.mktemp("served-sample")
    with served(settings_in(place, review_delay_seconds=0.5)) as running:
        yield running


def _packed(path: Path) -> tuple[str, bytes]:
    """A layer as it is uploaded; a Shapefile travels as a zip of its parts."""
    if path.suffix != ".shp":
        return path.name, path.read_bytes()
    target = path.with_suffix(".zip")
    with zipfile.ZipFile(target, "w") as archive:
        for part in sorted(path.parent.glob(f"{path.stem}.*")):
            if part.suffix != ".zip":
                archive.write(part, part.name)
    return target.name, target.read_bytes()


def _run_after(client: httpx.Client, project: str, number: int) -> Json:
    """The newest run once everything is done and it is run `number` or later."""
    end = time.monotonic() + 300
    while time.monotonic() < end:
        jobs = client.get(f"/projects/{project}/jobs").json()["items"]
        runs = client.get(f"/projects/{project}/runs").json()["items"]
        idle = not any(j["state"] in {"queued", "running"} for j in jobs)
        if idle and runs and max(r["number"] for r in runs) >= number:
            return max(runs, key=lambda r: r["number"])
        time.sleep(0.5)
    message = f"no run {number} within 300 s: {jobs}"
    raise TimeoutError(message)


@pytest.fixture(scope="module")
def reviewed(service: Served, folder: Path) -> dict[str, Any]:
    """Documents and issue lists of both revisions, made by nothing but uploads."""
    kept: dict[str, Any] = {}
    with service.client() as client:
        chosen = read_project_file(folder / "project.toml")
        settings = {"parameters": dict(chosen.parameters)}
        body = {"name": "两江智慧园区 B3", "crs": chosen.crs, "settings": settings}
        project = client.post("/projects", json=body).json()["id"]
        base = f"/projects/{project}"
        for entry in chosen.layers:
            data = {"name": entry.name, "role": entry.role, "crs": entry.crs, **entry.facts}
            data = {key: str(value) for key, value in data.items() if value is not None}
            filename, content = _packed(folder / entry.file)
            answer = client.post(f"{base}/layers", data=data, files={"file": (filename, content)})
            assert answer.status_code in {200, 201, 202}, answer.text
        run = 0
        for revision in ("a", "b"):
            for file in INDEX["revisions"][revision]:
                path = folder / file
                url = f"{base}/models/{path.stem}/content?filename={path.name}"
                answer = client.put(url, content=path.read_bytes())
                assert answer.status_code in {200, 202}, answer.text
                if path.stem in chosen.control:
                    where = f"{base}/models/{answer.json()['model']['id']}/placement"
                    placed = client.put(where, json=_points(folder))
                    assert placed.status_code == 200, placed.text
            run = _run_after(client, project, run + 1)["number"]
            kept[revision] = client.get(f"{base}/runs/latest/review.json").json()
            kept[f"issues {revision}"] = _all_issues(client, base)
    return {**kept, "project": project}


def _points(folder: Path) -> Json:
    """The control points of the sample as they are entered over HTTP."""
    rows = read_sheet(folder / "control.csv")
    numbers = [{k: v if k == "number" else float(str(v)) for k, v in row.items()} for row in rows]
    return {"crs": "EPSG:4545", "control_points": numbers}


def _all_issues(client: httpx.Client, base: str) -> list[Json]:
    """Every issue of the list, page by page."""
    items: list[Json] = []
    cursor = ""
    while True:
        page = client.get(f"{base}/issues", params={"limit": 50, "cursor": cursor}).json()
        items += page["items"]
        cursor = page["next"]
        if not cursor:
            return items


@pytest.mark.parametrize("revision", ["a", "b"])
def test_uploads_alone_find_every_seed_and_no_decoy(reviewed, revision):
    document = reviewed[revision]

    assert missing(document, INDEX, revision=revision) == []
    assert reported_decoys(document, INDEX, revision=revision) == []
    assert unexplained(document, INDEX, revision=revision) == []


@pytest.mark.parametrize("revision", ["a", "b"])
def test_the_issue_list_is_the_review_s(reviewed, revision):
    document = reviewed[revision]

    listed = {i["id"]: (i["status"], i["severity"]) for i in reviewed[f"issues {revision}"]}

    assert listed == {i["id"]: (i["status"], i["severity"]) for i in document["issues"]}


def test_control_points_are_told_to_nobody(service: Served, reviewed, folder):
    """Not in logs, not in what a review leaves behind, not in an answer."""
    rows = read_sheet(folder / "control.csv")
    secret = [str(row[key]) for row in rows for key in ("northings", "eastings", "x", "y")]
    secret += [str(float(v)) for v in secret]
    kept = [p for p in service.settings.data.parent.rglob("*") if p.is_file()]
    kept = [p for p in kept if ".db" not in p.name]  # where the adjustment reads them
    with service.client() as client:
        paths = ("models", "map", "runs/latest/review.json", "jobs", "runs/latest/findings")
        answers = [client.get(f"/projects/{reviewed['project']}/{path}") for path in paths]

    assert any(p.name == "serve.log" for p in kept)
    assert len(kept) > 20
    texts = {str(p): p.read_bytes() for p in kept} | {
        a.request.url.path: a.content for a in answers
    }
    found = [(name, s) for name, text in texts.items() for s in secret if s.encode() in text]
    assert found == []
    placed = next(m for m in reviewed["a"]["models"] if m["name"] == "pavilion_east")
    assert set(placed["georeference"]["control"]["residuals_mm"]) == {"K1", "K2", "K3", "K4", "K5"}


@pytest.mark.browser
@pytest.mark.skipif(bool(browser_lacks()), reason=f"not on the path: {browser_lacks()}")
def test_the_browser_shows_every_seed_and_no_decoy(service: Served, reviewed, tmp_path):
    from tests.chromium import chromium, issue_ids, open_project, sign_in

    document = reviewed["b"]
    with chromium(1440, 900) as driver:
        sign_in(driver, service.base, "admin", PASSWORD)
        open_project(driver, service.base, reviewed["project"])
        shown = issue_ids(driver)
        driver.save_screenshot(str(tmp_path / "sample.png"))

    clashes = [d for d in INDEX["defects"] if d["kind"] == "clash" and "b" in d["revisions"]]
    unseen = [
        d["id"]
        for d in clashes
        if not any(i["id"] in shown for i in issues_of(document, INDEX, d["id"], revision="b"))
    ]
    assert unseen == []
    assert set(shown) == {i["id"] for i in document["issues"] if i["status"] != "resolved"}
    assert reported_decoys(document, INDEX, revision="b") == []
