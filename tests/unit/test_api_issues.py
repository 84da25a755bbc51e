"""Issues: what reviews write, what people set, and how the two meet."""

import zipfile
from io import BytesIO

import pytest

from api.deps import encode_cursor
from bimcore.issues import Status
from tests.service import (
    Site,
    clash_body,
    issue_body,
    publish_review,
    review_outcome,
    settings_in,
    small_ifc,
)


@pytest.fixture
def site(tmp_path):
    made = Site(settings_in(tmp_path))
    client = made.client("east-design")
    client.post(
        made.url("east", "/models"), files={"file": ("a.ifc", small_ifc((0, 0, 0)).encode())}
    )
    yield made
    made.close()


def review(site, *issues, clashes=(), **more):
    return publish_review(site.ctx, site.projects["east"], list(issues), clashes, **more)


def listed(site, query="", name="east-site"):
    return site.client(name).get(site.url("east", f"/issues{query}")).json()


def only(site):
    return listed(site)["items"][0]


def patch(site, issue, values, name="east-coordinator", version=None):
    url = site.url("east", f"/issues/{issue['id']}")
    version = issue["version"] if version is None else version
    return site.client(name).patch(url, json=values, headers={"If-Match": f'"{version}"'})


def test_a_review_s_issues_are_listed_most_severe_first_with_their_number(site):
    review(site, issue_body(1, severity=40), issue_body(2, severity=90), issue_body(3))

    page = listed(site)

    assert page["total"] == 3
    assert [i["title"]["en"] for i in page["items"]] == ["Issue 2", "Issue 3", "Issue 1"]
    assert [i["number"] for i in page["items"]] == [2, 3, 1]
    assert page["items"][0]["status"] == "new"
    assert page["items"][0]["allowed_status"] == ["active", "approved", "resolved", "reviewed"]


@pytest.mark.parametrize("sort", ["severity", "updated", "created", "number"])
def test_pages_hold_every_issue_once(site, sort):
    review(site, *(issue_body(n, severity=10 * (n % 3)) for n in range(1, 12)))
    seen, cursor = [], ""
    while cursor is not None:
        page = listed(site, f"?sort={sort}&limit=3{cursor and '&cursor=' + cursor}")
        seen += [i["number"] for i in page["items"]]
        cursor = page["next"]

    assert sorted(seen) == list(range(1, 12))


@pytest.mark.parametrize(
    ("query", "numbers"),
    [
        ("?status=active", [2]),
        ("?status=new,active&severity_min=60", [3]),
        ("?q=issue%202", [2]),
        ("?q=问题 3", [3]),
        ("?storey=2F", [3]),
        ("?kind=gis", []),
    ],
)
def test_the_list_can_be_filtered(site, query, numbers):
    review(site, issue_body(1), issue_body(2), issue_body(3, severity=60, storey="2F"))
    second = next(i for i in listed(site)["items"] if i["number"] == 2)
    patch(site, second, {"status": "active"}, "east-site")

    page = listed(site, query)

    assert [i["number"] for i in page["items"]] == numbers
    assert page["total"] == len(numbers)


def test_what_people_set_survives_the_next_review(site):
    review(site, issue_body(1))
    issue = patch(
        site,
        only(site),
        {"status": "active", "assigned_to": "机电", "title": "先改这里", "severity_override": 99},
    ).json()
    url = site.url("east", f"/issues/{issue['id']}/comments")
    site.client("east-site").post(url, json={"text": "现场已看"})

    review(site, issue_body(1, status=Status.ACTIVE, severity=20))

    after = only(site)
    assert (after["status"], after["assigned_to"], after["severity"]) == ("active", "机电", 99)
    assert after["title"] == {"zh-CN": "先改这里", "en": "先改这里"}
    assert after["comments_count"] == 1
    assert listed(site)["total"] == 1


def test_the_machine_moves_the_status_nobody_touched(site):
    review(site, issue_body(1))
    reason = {"zh-CN": "已不再碰撞", "en": "no longer clashes"}

    review(site, issue_body(1, status=Status.RESOLVED, status_reason=reason))

    after = only(site)
    url = site.url("east", f"/issues/{after['id']}/history")
    history = site.client("east-site").get(url).json()["items"]
    assert (after["status"], after["status_reason"]) == ("resolved", reason)
    assert [(h["author"], h["action"], h["data"]["to"]) for h in history] == [
        ("yuyan", "status", "resolved")
    ]


def test_a_status_set_while_a_review_ran_wins(site):
    review(site, issue_body(1))
    before = {only(site)["id"]: "new"}
    patch(site, only(site), {"status": "approved"}, "east-site")

    review(site, issue_body(1, status=Status.RESOLVED), fed=before)

    assert only(site)["status"] == "approved"


def test_two_people_cannot_overwrite_each_other(site):
    review(site, issue_body(1))
    issue = only(site)

    first = patch(site, issue, {"status": "active"})
    second = patch(site, issue, {"status": "approved"})
    url = site.url("east", f"/issues/{issue['id']}")
    blind = site.client("east-site").patch(url, json={"status": "reviewed"})

    assert (first.status_code, first.headers["etag"]) == (200, '"2"')
    assert (second.status_code, second.json()["code"]) == (412, "SRV912")
    assert (blind.status_code, blind.json()["code"]) == (428, "SRV928")
    assert only(site)["status"] == "active"


def test_the_site_team_sets_the_status_but_not_the_title(site):
    review(site, issue_body(1))

    status = patch(site, only(site), {"status": "active"}, "east-site")
    title = patch(site, only(site), {"title": "x"}, "east-site")
    design = patch(site, only(site), {"status": "reviewed"}, "east-design")

    assert (status.status_code, title.status_code, design.status_code) == (200, 403, 403)


def test_a_status_only_moves_where_it_may(site):
    review(site, issue_body(1))

    answer = patch(site, only(site), {"status": "reopened"})

    assert (answer.status_code, answer.json()["code"]) == (422, "SRV900")


def test_comments_are_kept_in_order_with_their_author(site):
    review(site, issue_body(1))
    url = site.url("east", f"/issues/{only(site)['id']}/comments")
    for name, text in (("east-site", "一"), ("east-design", "<b>二</b>")):
        site.client(name).post(url, json={"text": text})

    comments = site.client("east-admin").get(url).json()["items"]

    assert [(c["author"], c["text"]) for c in comments] == [
        ("east-site", "一"),
        ("east-design", "<b>二</b>"),
    ]


def test_an_issue_has_its_picture(site):
    review(site, issue_body(1))
    issue = only(site)

    picture = site.client("east-site").get(site.url("east", f"/issues/{issue['id']}/snapshot.png"))

    assert picture.content == b"\x89PNG " + issue["id"].encode()
    assert picture.headers["content-type"] == "image/png"


@pytest.mark.parametrize("version", ["2.1", "3.0"])
def test_bcf_holds_the_issues_as_people_have_them_now(site, version):
    review(site, issue_body(1))
    issue = patch(site, only(site), {"status": "active", "title": "先改这里"}).json()
    url = site.url("east", f"/issues/{issue['id']}/comments")
    site.client("east-site").post(url, json={"text": "现场已看"})

    answer = site.client("east-design").get(site.url("east", f"/issues.bcf?version={version}"))

    with zipfile.ZipFile(BytesIO(answer.content)) as archive:
        markup = archive.read(f"{issue['id']}/markup.bcf").decode()
        picture = archive.read(f"{issue['id']}/snapshot.png")
    assert all(text in markup for text in ("先改这里", "现场已看", "Active"))
    assert picture.startswith(b"\x89PNG ")
    assert answer.headers["content-disposition"].startswith("attachment;")


def test_a_run_gives_its_issues_as_points_on_the_map(site):
    review(site, issue_body(1))

    answer = site.client("east-site").get(site.url("east", "/runs/latest/issues.geojson"))

    assert answer.json() == {"type": "FeatureCollection", "features": []}
    assert answer.headers["content-type"] == "application/geo+json"
    assert answer.headers["content-disposition"].startswith('attachment; filename="issues.geojson"')


def test_a_result_is_published_once(site):
    from api.services import publishing
    from api.services.context import MACHINE
    from api.services.scheduling import start_run
    from api.store import projects

    review(site)
    ctx, project = site.ctx, site.projects["east"]
    with ctx.store.db.write() as tx:
        run = start_run(tx, ctx, MACHINE, projects.project(tx, project))
    first = publishing.begin(ctx, run.job_id)
    second = publishing.begin(ctx, run.job_id)
    outcome = review_outcome(ctx, [issue_body(1)])

    late = publishing.publish(ctx, first, outcome)
    right = publishing.publish(ctx, second, outcome)
    again = publishing.publish(ctx, second, outcome)

    assert (late, right, again) == (False, True, False)
    assert listed(site)["total"] == 1


def test_clashes_of_a_run_are_paged_and_filtered(site):
    clashes = [clash_body(n) for n in range(1, 8)]
    clashes[2] = clash_body(3, relation="touch")
    clashes[4] = clash_body(5, suppressed={"by": "relevance", "reason": "hosted"})
    review(site, clashes=clashes)
    client, url = site.client("east-site"), site.url("east", "/runs/latest/clashes")

    first = client.get(url, params={"limit": 4}).json()
    rest = client.get(url, params={"limit": 4, "cursor": first["next"]}).json()
    touch = client.get(url, params={"relation": "touch"}).json()["items"]
    active = client.get(url, params={"suppressed": False}).json()["items"]
    one = client.get(url, params={"element": clashes[0]["a"]["guid"]}).json()["items"]

    assert [c["id"] for c in first["items"] + rest["items"]] == [c["id"] for c in clashes]
    assert rest["next"] is None
    assert [c["id"] for c in touch] == ["c3"]
    assert len(active) == 6
    assert [c["id"] for c in one] == ["c1"]


def test_the_scene_names_its_tiles(site):
    review(site)
    client = site.client("east-site")

    scene = client.get(site.url("east", "/scene")).json()
    tile = client.get(scene["tiles"][0]["url"])
    elements = client.get(scene["elements_url"])

    assert tile.content == b"glTF"
    assert "immutable" in tile.headers["cache-control"]
    assert elements.json() == {}


def test_a_failed_review_leaves_the_older_result_readable(site):
    from api.codes import JOB_CRASHED
    from api.services import publishing
    from api.services.context import MACHINE
    from api.services.errors import problem_of
    from api.services.scheduling import start_run
    from api.store import projects

    review(site, issue_body(1))
    ctx, project = site.ctx, site.projects["east"]
    with ctx.store.db.write() as tx:
        run = start_run(tx, ctx, MACHINE, projects.project(tx, project))
    job = publishing.begin(ctx, run.job_id)

    publishing.publish(ctx, job, {"problem": problem_of(JOB_CRASHED, how="SIGSEGV")})

    runs = site.client("east-site").get(site.url("east", "/runs")).json()["items"]
    assert [(r["number"], r["state"]) for r in runs] == [(2, "failed"), (1, "done")]
    assert runs[0]["problem"]["code"] == "SRV951"
    assert listed(site)["total"] == 1


@pytest.mark.parametrize("cursor", ["x", "WzFd", "bm90IGpzb24", "W251bGwsIG51bGxd"])
def test_a_made_up_cursor_is_refused(site, cursor):
    answer = site.client("east-site").get(site.url("east", f"/issues?cursor={cursor}"))

    assert (answer.status_code, answer.json()["code"]) == (422, "SRV900")


@pytest.mark.parametrize(
    ("path", "key"),
    [
        ("/runs", [10**30]),
        ("/runs", [True]),
        ("/models", ["\ud800"]),
        ("/models", ["\x00"]),
        ("/jobs", ["yesterday", "x"]),
        ("/jobs", ["2026-01-01T00:00:00", "x"]),
        ("/jobs", ["0001-01-01T00:00:00+23:59", "x"]),
        ("/issues?sort=updated", ["9999-12-31T23:59:59-23:59", 1]),
        ("/issues?sort=updated", ["2026-01-01T00:00:00", 1]),
        ("/issues", [10**30, 1]),
    ],
)
def test_a_cursor_with_a_key_no_row_can_have_is_refused(site, path, key):
    cursor = encode_cursor(*key)
    join = "&" if "?" in path else "?"

    answer = site.client("east-site").get(site.url("east", f"{path}{join}cursor={cursor}"))

    assert (answer.status_code, answer.json()["code"]) == (422, "SRV900")
