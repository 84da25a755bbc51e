"""Projects, members, placements and runs over HTTP."""

import pytest

from tests.service import Site, publish_review, settings_in, small_ifc


@pytest.fixture
def site(tmp_path):
    made = Site(settings_in(tmp_path))
    yield made
    made.close()


def test_the_maker_of_a_project_is_its_administrator(site):
    client = site.client("east-design")

    made = client.post("/api/v1/projects", json={"name": "新项目", "crs": "EPSG:4544"})

    assert made.status_code == 201
    assert made.json()["role"] == "admin"
    assert made.json()["settings"] == {
        "auto_review": True,
        "language": "zh-CN",
        "parameters": {},
        "jurisdiction": None,
        "vertical_datum": None,
        "grids": {},
        "rehearsal": {},
        "equipment": [],
    }
    assert client.get(made.headers["location"]).json() == made.json()


def test_projects_are_paged_by_name(site):
    client = site.client("east-site")
    for name in ("b", "a", "c"):
        client.post("/api/v1/projects", json={"name": name})
    seen, cursor = [], None
    while True:
        params = {"limit": 2, **({"cursor": cursor} if cursor else {})}
        page = client.get("/api/v1/projects", params=params).json()
        seen += [p["name"] for p in page["items"]]
        cursor = page["next"]
        if cursor is None:
            break

    assert seen == ["a", "b", "c", "east"]


def test_settings_are_merged_and_versions_checked(site):
    client = site.client("east-admin")
    url = site.url("east")
    etag = client.get(url).headers["etag"]
    body = {"settings": {"auto_review": False}}

    changed = client.patch(url, json=body, headers={"If-Match": etag})
    stale = client.patch(url, json=body, headers={"If-Match": etag})

    assert changed.json()["settings"]["auto_review"] is False
    assert changed.json()["settings"]["language"] == "zh-CN"
    assert (stale.status_code, stale.json()["code"]) == (412, "SRV912")


def test_parameters_of_the_map_checks_are_kept_and_wrong_keys_named(site):
    client = site.client("east-admin")
    url = site.url("east")
    etag = client.get(url).headers["etag"]
    good = {"settings": {"parameters": {"flood.level_m": 7.5}, "jurisdiction": "杭州"}}
    bad = {"settings": {"parameters": {"flood.levl_m": 7.5}}}

    kept = client.patch(url, json=good, headers={"If-Match": etag})
    refused = client.patch(url, json=bad, headers={"If-Match": kept.headers["etag"]})

    assert kept.json()["settings"]["parameters"] == {"flood.level_m": 7.5}
    assert kept.json()["settings"]["jurisdiction"] == "杭州"
    assert (refused.status_code, refused.json()["code"]) == (422, "SRV900")
    assert "flood.level_m" in refused.json()["detail"]


def test_unknown_fields_are_refused(site):
    answer = site.client("east-admin").post("/api/v1/projects", json={"name": "x", "owner": "me"})

    assert (answer.status_code, answer.json()["code"]) == (422, "SRV900")


def test_members_are_set_by_name_and_lose_access_at_once(site):
    admin, guest = site.client("east-admin"), site.client("west-site")
    url = site.url("east", "/members/west-site")

    admin.put(url, json={"role": "site"})
    inside = guest.get(site.url("east"))
    admin.delete(url)
    outside = guest.get(site.url("east"))

    assert (inside.status_code, inside.json()["role"], outside.status_code) == (200, "site", 404)


def test_a_project_keeps_an_administrator(site):
    client = site.client("east-admin")
    url = site.url("east", "/members/east-admin")

    assert client.delete(url).status_code == 409
    assert client.put(url, json={"role": "site"}).status_code == 409


def uploaded(site, name="a.ifc"):
    files = {"file": (name, small_ifc((0, 0, 0)).encode())}
    return site.client("east-design").post(site.url("east", "/models"), files=files).json()


def test_a_placement_is_set_and_taken_back(site):
    model = uploaded(site)["model"]["id"]
    client = site.client("east-coordinator")
    url = site.url("east", f"/models/{model}/placement")
    place = {
        "crs": "EPSG:4544",
        "eastings": 500000.0,
        "northings": 3280000.0,
        "height": 250.0,
        "rotation_deg": 10.0,
        "scale": 1.0,
    }

    set_ = client.put(url, json=place)
    cleared = client.delete(url)

    assert set_.json()["placement"] == {**place, "control": None}
    assert cleared.json()["placement"] is None


@pytest.mark.parametrize("bad", [{"scale": 0}, {"eastings": "NaN"}, {"scale": 1e999}])
def test_placements_are_numbers(site, bad):
    model = uploaded(site)["model"]["id"]
    url = site.url("east", f"/models/{model}/placement")

    answer = site.client("east-coordinator").put(
        url, content=str(bad).replace("'", '"'), headers={"Content-Type": "application/json"}
    )

    assert answer.status_code == 422


def test_there_is_no_review_of_nothing(site):
    answer = site.client("east-coordinator").post(site.url("east", "/runs"))

    assert (answer.status_code, answer.json()["code"]) == (409, "SRV955")


def test_asking_twice_gives_the_run_that_waits(site):
    uploaded(site)
    publish_review(site.ctx, site.projects["east"], [])
    client = site.client("east-coordinator")

    first = client.post(site.url("east", "/runs"))
    second = client.post(site.url("east", "/runs"))

    assert (first.status_code, first.json()["run"]["number"]) == (202, 2)
    assert second.json() == first.json()


def test_a_waiting_job_is_cancelled_at_once(site):
    made = uploaded(site)
    client = site.client("east-design")

    job = client.post(site.url("east", f"/jobs/{made['job']['id']}/cancel")).json()
    revision = client.get(site.url("east", f"/revisions/{made['revision']['id']}")).json()

    assert (job["state"], job["problem"]["code"]) == ("cancelled", "SRV954")
    assert (revision["state"], revision["problem"]["code"]) == ("failed", "SRV954")


def test_events_of_a_project_are_numbered_and_resumable(site):
    uploaded(site)
    from api.services.context import Actor
    from api.services.jobs import events_after

    actor = Actor(id=site.users["east-site"], name="east-site")
    rows = events_after(site.ctx, actor, site.projects["east"], after=0)
    later = events_after(site.ctx, actor, site.projects["east"], after=rows[0].id)

    assert [r.kind for r in rows] == ["job", "revision"]
    assert later == rows[1:]
    assert rows[0].data["state"] == "queued"


@pytest.mark.parametrize(
    ("crs", "said"),
    [
        ("EPSG:99999", "坐标系“EPSG:99999”无法识别。"),
        ("EPSG:4326", "坐标系“EPSG:4326”以度为单位，不是投影坐标系。"),
        ("江北独立", "坐标系“江北独立”无法识别。"),
    ],
    ids=["unknown", "in degrees", "a grid nobody stated"],
)
def test_a_coordinate_system_no_review_could_use_is_refused_where_it_is_said(site, crs, said):
    admin = site.client("east-admin")
    change = {"json": {"crs": crs}, "headers": {"If-Match": '"1"'}}

    made = admin.post("/api/v1/projects", json={"name": "x", "crs": crs})
    changed = admin.patch(site.url("east"), **change)

    for answer in (made, changed):
        assert (answer.status_code, answer.json()["code"]) == (422, "SRV932")
        assert answer.json()["detail"] == said
    assert admin.get(site.url("east")).json()["crs"] is None


def test_a_grid_of_the_project_is_taken_as_its_coordinate_system(site):
    admin = site.client("east-admin")
    grids = {"江北独立": "tmerc:lon_0=106.5,x_0=500000,ellps=CGCS2000"}

    answer = admin.patch(
        site.url("east"),
        json={"crs": "江北独立", "settings": {"grids": grids}},
        headers={"If-Match": '"1"'},
    )

    assert (answer.status_code, answer.json()["crs"]) == (200, "江北独立")
