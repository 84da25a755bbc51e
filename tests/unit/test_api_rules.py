"""The rule set of a project over HTTP: read, edit as a file, faults, back to the default."""

import pytest

from clash.matrix import default_rules
from clash.rulefile import read_rules
from tests.service import Site, settings_in

OWN = 'name = "B3"\n[matrix]\n"hvac x structure" = "hard 5; clearance 50"\n'


@pytest.fixture
def site(tmp_path):
    made = Site(settings_in(tmp_path))
    yield made
    made.close()


def put(client, site, content, filename="r.toml"):
    return client.put(site.url("east", "/rules"), params={"filename": filename}, content=content)


def test_a_project_starts_with_the_default_matrix(site):
    client = site.client("east-site")

    shown = client.get(site.url("east", "/rules")).json()
    text = client.get(site.url("east", "/rules.toml"))

    assert (shown["source"], shown["filename"], len(shown["rules"])) == ("default", None, 48)
    assert read_rules(text.text, file="r.toml") == default_rules()


def test_a_rule_file_is_put_in_place_and_taken_back(site):
    client = site.client("east-coordinator")

    answer = put(client, site, OWN.encode(), "B3 矩阵.toml")
    shown = site.client("east-site").get(site.url("east", "/rules")).json()
    dropped = client.delete(site.url("east", "/rules")).json()

    assert answer.status_code == 200
    assert answer.json() == shown
    assert shown == {
        "source": "project",
        "filename": "B3 矩阵.toml",
        "name": "B3",
        "axes": ["structure", "hvac"],
        "selectors": [],
        "rules": [
            {
                "id": f"{kind}.structure-hvac",
                "kind": kind,
                "tolerance_m": metres,
                "title": {"zh-CN": f"结构与暖通{verdict}", "en": "structure against HVAC"},
            }
            for kind, metres, verdict in (("hard", 0.005, "碰撞"), ("clearance", 0.05, "净距"))
        ],
        "exclusions": [],
    }
    assert dropped["source"] == "default"


def test_the_workbook_goes_out_and_comes_back(site):
    client = site.client("east-coordinator")
    put(client, site, OWN.encode())
    before = client.get(site.url("east", "/rules.toml")).content

    sheet = client.get(site.url("east", "/rules.xlsx"), params={"language": "en"})
    answer = put(client, site, sheet.content, "rules.xlsx")

    assert (sheet.status_code, answer.status_code) == (200, 200)
    assert sheet.headers["content-disposition"].startswith('attachment; filename="rules.xlsx"')
    assert client.get(site.url("east", "/rules.toml")).content == before


def test_a_bad_rule_file_is_refused_with_every_fault_and_changes_nothing(site):
    client = site.client("east-coordinator")
    put(client, site, OWN.encode())

    answer = put(client, site, b'colour = 1\n[hard]\n"hvac x hvca" = 5\n')

    problem = answer.json()
    assert (answer.status_code, problem["code"]) == (422, "CLA500")
    assert "r.toml, line 1: " in problem["detail_en"]
    assert "r.toml, line 3: " in problem["detail"]
    assert client.get(site.url("east", "/rules")).json()["name"] == "B3"


@pytest.mark.parametrize(
    ("content", "filename", "expected"),
    [
        (b"PK\x03\x04", "r.xlsx", (422, "CLA500")),
        (b"x", "r.csv", (415, "SRV915")),
        (b"#" * (9 << 20), "r.toml", (413, "SRV913")),
        (b"x", "../../r.toml", (422, "CLA500")),
    ],
    ids=["broken", "type", "large", "path"],
)
def test_what_is_no_rule_file_is_refused(site, content, filename, expected):
    answer = put(site.client("east-coordinator"), site, content, filename)

    assert (answer.status_code, answer.json()["code"]) == expected


def test_rules_are_not_set_among_the_settings(site):
    client = site.client("east-admin")
    url = site.url("east")
    etag = {"If-Match": client.get(url).headers["etag"]}
    body = {"settings": {"rules": {"sha256": "0" * 64, "filename": "x"}}}

    answers = [
        client.patch(url, json=body, headers=etag),
        client.post("/api/v1/projects", json={"name": "other", **body}),
    ]

    assert [a.status_code for a in answers] == [422, 422]


def test_settings_that_are_sent_back_keep_the_rules(site):
    put(site.client("east-coordinator"), site, OWN.encode())
    client = site.client("east-admin")
    found = client.get(site.url("east"))

    changed = client.patch(
        site.url("east"),
        json={"settings": found.json()["settings"]},
        headers={"If-Match": found.headers["etag"]},
    )

    assert changed.status_code == 200
    assert client.get(site.url("east", "/rules")).json()["source"] == "project"
