"""Isolation, generated from the OpenAPI document: every route, role and foreign id."""

import pytest

from tests.service import (
    ROLES,
    Site,
    clash_body,
    issue_body,
    publish_review,
    review_outcome,
    settings_in,
    small_ifc,
)

#: Bodies that fit the schema of a route, where it needs one.
BODIES = {
    "LoginIn": {"name": "x", "password": "y"},
    "TokenIn": {"name": "t"},
    "UserIn": {"name": "u", "password": "long enough"},
    "UserChange": {"display_name": "n"},
    "ProjectIn": {"name": "p"},
    "ProjectChange": {"name": "p"},
    "MemberIn": {"role": "site"},
    "PlacementRequest": {},
    "RepairRequest": {"verdict": "repairable:scale-missing"},
    "IssueChange": {"status": "active"},
    "CommentIn": {"text": "x"},
    "LinksIn": {"choices": []},
}
OPEN = {("post", "/api/v1/auth/login")}


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    made = Site(settings_in(tmp_path_factory.mktemp("isolation")))
    yield made
    made.close()


@pytest.fixture(scope="module")
def ids(site):
    """Real ids of the project east, by the parameter that names them."""
    client = site.client("east-coordinator")
    east = site.projects["east"]
    model = client.post(
        site.url("east", "/models"), files={"file": ("a.ifc", small_ifc((0, 0, 0)).encode())}
    ).json()
    layer = client.post(
        site.url("east", "/layers"), files={"file": ("a.geojson", b'{"type":"x"}')}
    ).json()
    schedule = client.post(site.url("east", "/schedules"), files={"file": ("a.csv", b"a,b")}).json()
    tus = {"Tus-Resumable": "1.0.0", "Upload-Length": "9", "Upload-Metadata": "filename YS5pZmM="}
    upload = client.post(site.url("east", "/uploads"), headers=tus)
    put = site.ctx.store.blobs.put
    kept = review_outcome(site.ctx, [issue_body(1)], (clash_body(1),))["artefacts"]
    planned = {"timeline": put(b"{}"), "film": put(b"RIFF")}
    publish_review(site.ctx, east, [issue_body(1)], (clash_body(1),), artefacts={**kept, **planned})
    run = client.get(site.url("east", "/runs")).json()["items"][0]
    issue = client.get(site.url("east", "/issues")).json()["items"][0]
    return {
        "run": run["id"],
        "pid": east,
        "mid": model["model"]["id"],
        "rid": model["revision"]["id"],
        "jid": model["job"]["id"],
        "lid": layer["id"],
        "sid": schedule["id"],
        "iid": issue["id"],
        "name": "a",
        "user": site.users["east-site"],
        "uid": site.users["east-site"],
        "tid": "00000000-0000-4000-8000-000000000000",
        "tile": "0",
        "upid": upload.headers["location"].rpartition("/")[2],
    }


def operations(site):
    document = site.app.openapi()
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            yield method, path, operation


def send(client, method, path, operation, values):
    if "/runs/" in path or "/scene/" in path:
        values = {**values, "rid": values.get("run", values["rid"])}
    url = path
    for name, value in values.items():
        url = url.replace("{" + name + "}", value)
    assert "{" not in url, f"no id for a parameter of {path}"
    if "/uploads" in path:
        headers = {
            "Tus-Resumable": "1.0.0",
            "Upload-Length": "9",
            "Upload-Offset": "0",
            "Upload-Metadata": "filename YS5pZmM=",
            "Content-Type": "application/offset+octet-stream",
        }
        return client.request(method, url, headers=headers)
    content = operation.get("requestBody", {}).get("content", {})
    if "multipart/form-data" in content:
        return client.request(method, url, files={"file": ("a.ifc", b"x")})
    if "application/octet-stream" in content:
        return client.request(method, url, content=b"x")
    if "application/json" in content:
        name = content["application/json"]["schema"]["$ref"].rpartition("/")[2]
        headers = {"If-Match": '"1"'}
        return client.request(method, url, json=BODIES[name], headers=headers)
    return client.request(method, url)


def test_no_route_answers_a_stranger(site, ids):
    client = site.client()
    found = {
        (method, path): send(client, method, path, operation, ids).status_code
        for method, path, operation in operations(site)
        if (method, path) not in OPEN
    }

    assert {key: status for key, status in found.items() if status != 401} == {}
    assert len(found) > 40


@pytest.mark.parametrize("role", ROLES)
def test_every_route_of_another_project_is_not_found(site, ids, role):
    client = site.client(f"west-{role}")
    found = {}
    for method, path, operation in operations(site):
        if "{pid}" in path:
            answer = send(client, method, path, operation, ids)
            code = answer.json()["code"] if method != "head" else "SRV904"
            found[(method, path)] = (answer.status_code, code)

    assert {k: v for k, v in found.items() if v != (404, "SRV904")} == {}
    assert len(found) > 30


@pytest.mark.parametrize("role", ROLES)
def test_ids_of_another_project_are_not_found_below_one_s_own(site, ids, role):
    client = site.client(f"west-{role}")
    own = {**ids, "pid": site.projects["west"]}
    leaks = {}
    for method, path, operation in operations(site):
        named = {
            p for p in ("mid", "rid", "jid", "lid", "sid", "iid", "upid") if "{" + p + "}" in path
        }
        if "{pid}" not in path or not named:
            continue
        answer = send(client, method, path, operation, own)
        if answer.status_code not in {403, 404}:
            leaks[(method, path)] = answer.status_code

    assert leaks == {}


def test_the_ids_are_real_to_those_who_belong(site, ids):
    client = site.client("east-design")
    found = {}
    for method, path, operation in operations(site):
        if method == "get" and "{pid}" in path and not path.endswith("/events"):
            found[path] = send(client, method, path, operation, ids).status_code

    assert {path: status for path, status in found.items() if status != 200} == {}


def test_an_administrator_of_the_service_is_no_member_of_projects(site, ids):
    answer = site.client("root").get(f"/api/v1/projects/{ids['pid']}")

    assert answer.status_code == 404


def test_strangers_wait_in_vain_for_events(site, ids):
    answer = site.client("west-admin").get(f"/api/v1/projects/{ids['pid']}/events")

    assert answer.status_code == 404


#: What each role may do in its own project; every other change is forbidden.
ALLOWED = {
    "design": {"upload"},
    "site": {"set_status"},
    "coordinator": {"upload", "set_status", "coordinate"},
    "admin": {"upload", "set_status", "coordinate", "administer"},
}
NEEDS = {
    ("patch", "/projects/{pid}"): "administer",
    ("put", "/projects/{pid}/members/{user}"): "administer",
    ("delete", "/projects/{pid}/members/{user}"): "administer",
    ("delete", "/projects/{pid}/models/{mid}"): "administer",
    ("post", "/projects/{pid}/models"): "upload",
    ("put", "/projects/{pid}/models/{name}/content"): "upload",
    ("put", "/projects/{pid}/models/{mid}/placement"): "coordinate",
    ("delete", "/projects/{pid}/models/{mid}/placement"): "coordinate",
    ("put", "/projects/{pid}/revisions/{rid}/repair"): "coordinate",
    ("delete", "/projects/{pid}/revisions/{rid}/repair"): "coordinate",
    ("put", "/projects/{pid}/rules"): "coordinate",
    ("delete", "/projects/{pid}/rules"): "coordinate",
    ("put", "/projects/{pid}/links"): "upload",
    ("post", "/projects/{pid}/layers"): "upload",
    ("delete", "/projects/{pid}/layers/{lid}"): "upload",
    ("post", "/projects/{pid}/schedules"): "upload",
    ("delete", "/projects/{pid}/schedules/{sid}"): "upload",
    ("post", "/projects/{pid}/runs"): "coordinate",
    ("patch", "/projects/{pid}/issues/{iid}"): "set_status",
    ("post", "/projects/{pid}/issues/{iid}/comments"): None,
    ("post", "/projects/{pid}/jobs/{jid}/cancel"): "upload",
    ("post", "/projects/{pid}/uploads"): "upload",
    ("patch", "/projects/{pid}/uploads/{upid}"): "upload",
    ("delete", "/projects/{pid}/uploads/{upid}"): "upload",
}


def test_every_change_of_a_project_has_a_stated_right(site):
    changes = {
        (method, path.removeprefix("/api/v1"))
        for method, path, _ in operations(site)
        if "{pid}" in path and method not in {"get", "head", "options"}
    }

    assert changes == set(NEEDS)


@pytest.mark.parametrize("role", ROLES)
def test_a_role_is_refused_exactly_what_it_may_not_do(site, ids, role):
    client = site.client(f"east-{role}")
    # No real targets, so that what is allowed changes nothing: the answer is then 404 or 4xx.
    nowhere = dict.fromkeys(ids, "nothing") | {"pid": ids["pid"]}
    wrong = {}
    for method, path, operation in operations(site):
        right = NEEDS.get((method, path.removeprefix("/api/v1")), "read")
        if right == "read" or path.endswith("/cancel"):
            continue
        answer = send(client, method, path, operation, nowhere)
        forbidden = answer.status_code == 403
        if forbidden == (right is None or right in ALLOWED[role]):
            wrong[(method, path)] = answer.status_code

    assert wrong == {}
