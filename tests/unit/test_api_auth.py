"""Sign-in, sessions, tokens and accounts."""

from datetime import timedelta

import pytest

from api.services.context import Context, utc_now
from tests.service import PASSWORD, Site, settings_in


@pytest.fixture
def site(tmp_path):
    made = Site(settings_in(tmp_path, login_attempts=3))
    yield made
    made.close()


def login(client, name="east-site", password=PASSWORD):
    return client.post("/api/v1/auth/login", json={"name": name, "password": password})


def test_signing_in_gives_a_token_and_a_cookie_scripts_cannot_read(site):
    client = site.client()

    answer = login(client)

    cookie = answer.headers["set-cookie"]
    assert answer.status_code == 200
    assert answer.json()["user"]["name"] == "east-site"
    assert all(word in cookie for word in ("HttpOnly", "SameSite=strict", "Path=/"))


@pytest.mark.parametrize("name", ["east-site", "nobody"])
def test_wrong_password_and_unknown_name_answer_the_same(site, name):
    answer = login(site.client(), name, "wrong password")

    assert (answer.status_code, answer.json()["code"]) == (401, "SRV902")


def test_guessing_is_slowed_down(site):
    client = site.client()
    for _ in range(3):
        login(client, password="wrong password")

    answer = login(client)

    assert (answer.status_code, answer.json()["code"]) == (429, "SRV929")
    assert 0 < int(answer.headers["retry-after"]) <= 301


def test_a_change_by_cookie_needs_the_header_another_site_cannot_send(site):
    client = site.client()
    login(client)
    body = {"name": "mine"}

    without = client.post("/api/v1/projects", json=body)
    with_it = client.post("/api/v1/projects", json=body, headers={"X-Yuyan-Request": "1"})

    assert (without.status_code, without.json()["code"]) == (403, "SRV906")
    assert with_it.status_code == 201


def test_signing_out_ends_the_session(site):
    client = site.client()
    token = login(client).json()["token"]
    client.cookies.clear()
    headers = {"Authorization": f"Bearer {token}"}

    first = client.get("/api/v1/auth/me", headers=headers)
    out = client.post("/api/v1/auth/logout", headers=headers)
    second = client.get("/api/v1/auth/me", headers=headers)

    assert (first.status_code, out.status_code, second.status_code) == (200, 204, 401)


def test_sessions_end_by_themselves(site):
    client = site.client()
    login(client)
    later = utc_now() + timedelta(seconds=site.ctx.settings.session_seconds + 1)
    site.app.state.context = Context(site.ctx.store, site.ctx.settings, lambda: later)

    answer = client.get("/api/v1/auth/me")

    assert answer.status_code == 401


def test_secrets_are_not_in_the_database(site):
    client = site.client()
    token = login(client).json()["token"]
    site.ctx.store.db.close()

    stored = b"".join(p.read_bytes() for p in site.ctx.settings.data.glob("yuyan.db*"))

    assert token.encode() not in stored
    assert PASSWORD.encode() not in stored


def test_an_api_token_works_until_it_is_revoked(site):
    client = site.client("east-design")
    made = client.post("/api/v1/auth/tokens", json={"name": "CI"}).json()
    other = site.client()
    headers = {"Authorization": f"Bearer {made['token']}"}

    before = other.get("/api/v1/auth/me", headers=headers)
    listed = client.get("/api/v1/auth/tokens").json()["items"]
    client.delete(f"/api/v1/auth/tokens/{made['id']}")
    after = other.get("/api/v1/auth/me", headers=headers)

    assert (before.status_code, after.status_code) == (200, 401)
    assert "CI" in [t["name"] for t in listed]
    assert all("token" not in t for t in listed)


def test_only_administrators_manage_accounts(site):
    body = {"name": "new", "password": "long enough"}

    refused = site.client("east-admin").post("/api/v1/users", json=body)
    made = site.client("root").post("/api/v1/users", json=body)
    again = site.client("root").post("/api/v1/users", json=body)

    assert (refused.status_code, made.status_code, again.status_code) == (403, 201, 409)
    assert login(site.client(), "new", "long enough").status_code == 200


def test_a_disabled_account_is_out_at_once(site):
    client = site.client("east-site")
    uid = site.users["east-site"]

    site.client("root").patch(f"/api/v1/users/{uid}", json={"disabled": True})

    assert client.get("/api/v1/auth/me").status_code == 401
    assert login(site.client()).status_code == 401


def test_people_change_their_own_password_and_nobody_else_s(site):
    client = site.client("east-site")
    change = {"password": "another one"}

    other = client.patch(f"/api/v1/users/{site.users['east-design']}", json=change)
    own = client.patch(f"/api/v1/users/{site.users['east-site']}", json=change)

    assert (other.status_code, own.status_code) == (403, 200)
    assert login(site.client(), "east-site", "another one").status_code == 200


def test_short_passwords_are_refused(site):
    body = {"name": "new", "password": "short"}

    answer = site.client("root").post("/api/v1/users", json=body)

    assert answer.status_code == 422
