"""What a person is told of a request that does not fit its schema."""

import pytest

from tests.service import Site, settings_in


@pytest.fixture
def site(tmp_path):
    made = Site(settings_in(tmp_path))
    yield made
    made.close()


@pytest.mark.parametrize(
    ("body", "zh", "en"),
    [
        ({}, "body.name 缺少此项", "body.name: Field required"),
        ({"name": 5}, "body.name 应为文字", "body.name: Input should be a valid string"),
        (
            {"name": "x", "color": 1},
            "body.color 没有这个参数",
            "body.color: There is no such parameter",
        ),
        (
            {"name": "x" * 201},
            "body.name 最多 200 个字符",
            "body.name: String should have at most 200 characters",
        ),
        (
            "text",
            "body 请发送 JSON 对象，并带上 Content-Type: application/json",
            "body: send a JSON object, with Content-Type: application/json",
        ),
    ],
    ids=["missing", "wrong type", "unknown", "too long", "no object"],
)
def test_a_body_that_does_not_fit_is_explained_in_both_languages(site, body, zh, en):
    answer = site.client("east-admin").post("/api/v1/projects", json=body)

    assert (answer.status_code, answer.json()["code"]) == (422, "SRV900")
    assert answer.json()["detail"] == f"请求无效：{zh}"
    assert answer.json()["detail_en"] == f"The request is not valid: {en}"


@pytest.mark.parametrize(
    ("query", "zh"),
    [
        ("severity=70", "query.severity 没有这个参数"),
        ("limit=0", "query.limit 应不小于 1"),
        ("sort=x", "query.sort 应为以下之一：'severity'、'updated'、'created'、'number'"),
        ("kind=gis,fire", "query.kind 应为以下之一：clash、gis、sequence、quality"),
        (
            "status=open",
            "query.status 应为以下之一：new、active、reviewed、approved、resolved、reopened、not_rechecked",
        ),
    ],
)
def test_a_wrong_query_is_explained_and_never_an_empty_list(site, query, zh):
    answer = site.client("east-site").get(site.url("east", f"/issues?{query}"))

    assert (answer.status_code, answer.json()["detail"]) == (422, f"请求无效：{zh}")


def test_a_query_of_several_words_is_taken(site):
    found = site.client("east-site").get(site.url("east", "/issues?status=new,active&kind=clash"))

    assert found.json() == {"items": [], "next": None, "total": 0}


def test_what_cannot_be_printed_is_dropped_from_what_people_type(site):
    body = {"name": " a\x00b\u202e 桥\u200b\n", "description": "1\x07\n2"}

    made = site.client("east-admin").post("/api/v1/projects", json=body).json()

    assert (made["name"], made["description"]) == ("ab 桥", "1\n2")


def test_a_change_of_any_version_has_to_say_which(site):
    url = site.url("east")

    answer = site.client("east-admin").patch(url, json={"name": "x"}, headers={"If-Match": "*"})

    assert (answer.status_code, answer.json()["code"]) == (428, "SRV928")
