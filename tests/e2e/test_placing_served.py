"""A repair of a georeference from the proposal to the placed model, over HTTP."""

import pytest

from sample_models.authoring.project import build
from tests.service import served, settings_in, settled


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    out = tmp_path_factory.mktemp("sample")
    build(out)
    return out


@pytest.fixture(scope="module")
def service(tmp_path_factory):
    folder = tmp_path_factory.mktemp("placing")
    with served(settings_in(folder, review_delay_seconds=0.2)) as running:
        yield running


def reviewed(client, project):
    settled(client, project)
    document = client.get(f"/projects/{project}/runs/latest/review.json").json()
    model = next(m for m in document["models"] if m["name"] == "pavilion")
    codes = [f["code"] for f in document["findings"] if f["model"] == "pavilion"]
    return model["placed"], document["project"]["crs"], codes


def test_a_repair_is_used_after_a_person_confirmed_it_and_for_that_revision_alone(service, files):
    broken = (files / "broken" / "broken_scale.ifc").read_bytes()
    sound = (files / "pavilion_west.ifc").read_bytes()
    with service.client() as client:
        made = client.post("/projects", json={"name": "B3", "crs": "EPSG:4545+5737"}).json()["id"]
        url = f"/projects/{made}/models/pavilion/content?filename=pavilion.ifc"
        first = client.put(url, content=broken).json()["revision"]["id"]
        held = reviewed(client, made)
        place = client.get(f"/projects/{made}/revisions/{first}").json()["georeference"]
        repair = f"/projects/{made}/revisions/{first}/repair"
        client.put(repair, json={"verdict": place["verdict"]}).raise_for_status()
        placed = reviewed(client, made)
        kept = client.get(f"/projects/{made}/revisions/{first}").json()["georeference"]
        second = client.put(url, content=sound).json()["revision"]["id"]
        after = reviewed(client, made)
        anew = client.get(f"/projects/{made}/revisions/{second}").json()["georeference"]

    assert (place["verdict"], place["repairable"]) == ("repairable:scale-missing", True)
    assert place["repair_shift_m"] > 1000.0
    assert held[1:] == (None, ["GIS405"])
    assert (placed[0], placed[1]) == (True, "EPSG:4545+5737")
    assert "GIS414" in placed[2]
    assert "GIS405" not in placed[2]
    assert (kept["confirmed"]["verdict"], kept["confirmed"]["by"]) == (place["verdict"], "admin")
    assert (anew["verdict"], anew["confirmed"]) == ("ok", None)
    assert after[0]
    assert "GIS414" not in after[2]
