"""What names of tasks mean, over HTTP: read, confirm, faults, roles, versions."""

import json

import pytest

from clash.rehearsal.gaps import Coverage, Gap
from tests.service import Site, publish_review, review_outcome, settings_in, small_ifc


@pytest.fixture
def site(tmp_path):
    made = Site(settings_in(tmp_path))
    yield made
    made.close()


def put(client, site, choices, version):
    headers = {"If-Match": f'"{version}"'}
    return client.put(site.url("east", "/links"), json={"choices": choices}, headers=headers)


def test_a_project_starts_without_choices_and_names_what_can_be_chosen(site):
    found = site.client("east-site").get(site.url("east", "/links"))
    shown = found.json()

    assert (shown["choices"], shown["found"]) == ([], None)
    assert {"id": "column", "zh": "柱", "en": "column"} in shown["kinds"]
    assert "structure" in [t["id"] for t in shown["trades"]]
    assert found.headers["ETag"] == f'"{shown["version"]}"'


def test_what_a_review_found_is_shown_and_what_another_version_wrote_beside_is_left_out(site):
    group = {
        "pattern": "{storey} 柱",
        "names": ["1F 柱"],
        "tasks": 1,
        "without_elements": 0,
        "trade": "structure",
        "action": "build",
        "kinds": ["column"],
        "elements": 3,
        "classes": ["IfcColumn"],
        "storeys": ["1F"],
        "confidence": 0.8,
        "ways": ["words"],
        "idle": False,
        "unclear": [],
        "decision": "",
    }
    gap = Gap(ifc_class="IfcWall", storey="RF", count=4, open=3, volume=2.0, open_volume=1.25)
    coverage = Coverage(elements=7, linked=3, volume=2.0, linked_volume=1.0, gaps=(gap,)).to_json()
    document = {
        "schedule": "总进度",
        "groups": [{**group, "of_tomorrow": 1}],
        "coverage": {**coverage, "of_tomorrow": 1},
    }
    client = site.client("east-coordinator")
    model = {"file": ("a.ifc", small_ifc((0, 0, 0)).encode())}
    client.post(site.url("east", "/models"), files=model).raise_for_status()
    kept = review_outcome(site.ctx, [])["artefacts"]
    links = site.ctx.store.blobs.put(json.dumps(document).encode())
    publish_review(site.ctx, site.projects["east"], [], artefacts={**kept, "links": links})

    answer = client.get(site.url("east", "/links"))

    found = answer.json()["found"]
    assert (answer.status_code, found["groups"], found["coverage"]) == (200, [group], coverage)


def test_a_choice_is_kept_and_seen_by_everyone(site):
    client = site.client("east-coordinator")
    version = client.get(site.url("east", "/links")).json()["version"]
    choices = [
        {"pattern": "{storey} 三板", "kinds": ["partition"], "trade": "lining"},
        {"pattern": "里程碑", "decision": "nothing"},
    ]

    answer = put(client, site, choices, version)
    shown = site.client("east-design").get(site.url("east", "/links")).json()

    assert answer.status_code == 200
    assert [(c["pattern"], c["decision"], c["kinds"]) for c in shown["choices"]] == [
        ("{storey} 三板", "link", ["partition"]),
        ("里程碑", "nothing", []),
    ]
    assert shown["version"] == version + 1


def test_an_unknown_kind_is_refused_with_its_entry(site):
    client = site.client("east-coordinator")
    version = client.get(site.url("east", "/links")).json()["version"]

    answer = put(client, site, [{"pattern": "x", "kinds": ["colum"]}], version)

    assert (answer.status_code, answer.json()["code"]) == (422, "SCH631")
    assert '[[links]] number 1, kinds: "colum" is unknown' in answer.json()["detail_en"]


def test_a_change_of_somebody_else_is_not_overwritten(site):
    client = site.client("east-coordinator")
    version = client.get(site.url("east", "/links")).json()["version"]
    put(client, site, [], version)

    answer = put(client, site, [{"pattern": "x"}], version)

    assert answer.status_code == 412


def test_design_may_confirm_site_may_not_and_strangers_see_nothing(site):
    version = site.client("east-design").get(site.url("east", "/links")).json()["version"]

    assert put(site.client("east-site"), site, [], version).status_code == 403
    assert put(site.client("east-design"), site, [], version).status_code == 200
    assert site.client("west-admin").get(site.url("east", "/links")).status_code == 404


def test_links_are_set_at_their_own_address_only(site):
    client = site.client("east-admin")
    version = client.get(site.url("east", "")).json()["version"]

    answer = client.patch(
        site.url("east", ""),
        json={"settings": {"links": [{"pattern": "x"}]}},
        headers={"If-Match": f'"{version}"'},
    )

    assert answer.status_code == 422
