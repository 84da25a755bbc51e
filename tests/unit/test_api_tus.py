"""Resumable uploads: tus 1.0 as clients speak it, and what crashes leave behind."""

import base64
import errno
import hashlib
from datetime import timedelta

import pytest

from api.services import resumable
from api.services.context import Context, utc_now
from tests.service import Site, settings_in, small_ifc

GOOD = small_ifc((0, 0, 0)).encode()
SIZE = len(GOOD)
SHA = hashlib.sha256(GOOD).hexdigest()
TUS = {"Tus-Resumable": "1.0.0"}
PART = {**TUS, "Content-Type": "application/offset+octet-stream"}


@pytest.fixture
def site(tmp_path):
    made = Site(settings_in(tmp_path, upload_bytes=1 << 20))
    yield made
    made.close()


@pytest.fixture
def client(site):
    return site.client("east-design")


def metadata(**pairs):
    return ",".join(f"{k} {base64.b64encode(v.encode()).decode()}" for k, v in pairs.items())


def create(site, client, length=SIZE, **pairs):
    pairs = {"filename": "建筑.ifc", **pairs}
    headers = {**TUS, "Upload-Length": str(length), "Upload-Metadata": metadata(**pairs)}
    return client.post(site.url("east", "/uploads"), headers=headers)


def send(client, url, content, offset, **headers):
    return client.patch(
        url, content=content, headers={**PART, "Upload-Offset": str(offset), **headers}
    )


def offset(client, url):
    return int(client.head(url, headers=TUS).headers["upload-offset"])


def models(site, client):
    return client.get(site.url("east", "/models")).json()["items"]


def test_an_upload_in_parts_becomes_a_revision(site, client):
    made = create(site, client, name="A", sha256=SHA)
    url = made.headers["location"]

    first = send(client, url, GOOD[:100], 0)
    between = models(site, client)
    second = send(client, url, GOOD[100:], 100)

    revision = second.headers["x-yuyan-revision"]
    file = client.get(site.url("east", f"/revisions/{revision}/file"))
    assert (made.status_code, first.status_code, second.status_code) == (201, 204, 204)
    assert first.headers["upload-offset"] == "100"
    assert between == []
    assert file.content == GOOD
    assert [m["name"] for m in models(site, client)] == ["A"]


def test_the_beginning_may_come_with_the_announcement(site, client):
    headers = {
        **PART,
        "Upload-Length": str(len(GOOD)),
        "Upload-Metadata": metadata(filename="a.ifc"),
    }

    made = client.post(site.url("east", "/uploads"), headers=headers, content=GOOD)

    assert made.status_code == 201
    assert made.headers["upload-offset"] == str(len(GOOD))
    assert "x-yuyan-revision" in made.headers


def test_a_wrong_offset_is_refused_with_the_right_one(site, client):
    url = create(site, client).headers["location"]
    send(client, url, GOOD[:100], 0)

    answer = send(client, url, GOOD[50:], 50)

    assert (answer.status_code, answer.json()["code"]) == (409, "SRV920")
    assert "100" in answer.json()["detail_en"]
    assert offset(client, url) == 100


@pytest.mark.parametrize("algorithm", ["sha1", "sha256"])
def test_a_damaged_part_is_dropped_and_can_be_sent_again(site, client, algorithm):
    url = create(site, client).headers["location"]
    right = base64.b64encode(hashlib.new(algorithm, GOOD).digest()).decode()
    checksum = {"Upload-Checksum": f"{algorithm} {right}"}

    damaged = send(client, url, b"X" + GOOD[1:], 0, **checksum)
    after = offset(client, url)
    whole = send(client, url, GOOD, 0, **checksum)

    assert (damaged.status_code, damaged.json()["code"], after) == (460, "SRV921", 0)
    assert whole.status_code == 204
    assert len(models(site, client)) == 1


def test_bytes_beyond_the_committed_offset_are_overwritten(site, client):
    url = create(site, client).headers["location"]
    send(client, url, GOOD[:100], 0)
    part = site.ctx.settings.work / "uploads" / url.rpartition("/")[2]
    with part.open("ab") as file:
        file.write(b"left by a crash before the offset was committed")

    done = send(client, url, GOOD[100:], 100)

    assert site.ctx.store.blobs.path(SHA).read_bytes() == GOOD
    assert done.status_code == 204


def test_what_is_complete_but_was_never_accepted_is_accepted_when_asked_for(
    site, client, monkeypatch
):
    url = create(site, client).headers["location"]

    def crash(*_args, **_kwargs):
        raise MemoryError

    monkeypatch.setattr(resumable, "_finish", crash)
    broken = send(client, url, GOOD, 0)
    monkeypatch.undo()
    answer = client.head(url, headers=TUS)

    assert broken.status_code == 500
    assert "x-yuyan-revision" in answer.headers
    assert len(models(site, client)) == 1


def test_what_is_complete_is_kept_while_the_disk_is_full(site, client, monkeypatch):
    url = create(site, client).headers["location"]

    def full(*_args, **_kwargs):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("api.store.blobs.FolderBlobs.adopt", full)
    refused = send(client, url, GOOD, 0)
    monkeypatch.undo()
    answer = client.head(url, headers=TUS)

    assert (refused.status_code, refused.json()["code"]) == (507, "SRV907")
    assert "x-yuyan-revision" in answer.headers
    assert len(models(site, client)) == 1


def test_two_connections_cannot_write_at_once(site, client):
    url = create(site, client).headers["location"]
    row = resumable.find(site.ctx, _actor(site), site.projects["east"], url.rpartition("/")[2])

    with resumable.part(site.ctx, _actor(site), (row.project_id, row.id), offset=0):
        answer = send(client, url, GOOD, 0)

    assert (answer.status_code, answer.json()["code"]) == (423, "SRV919")


def _actor(site):
    from api.services.context import Actor

    return Actor(id=site.users["east-design"], name="east-design")


@pytest.mark.parametrize(
    ("length", "filename", "status"),
    [
        ("0", "a.ifc", 422),
        ("-5", "a.ifc", 422),
        ("x", "a.ifc", 422),
        (str((1 << 20) + 1), "a.ifc", 413),
        (str(9 << 30), "a.ifc", 413),
        ("10", "a.exe", 415),
        ("10", "", 415),
    ],
)
def test_impossible_announcements_are_refused(site, client, length, filename, status):
    answer = create(site, client, length, filename=filename)

    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"


def test_more_than_announced_is_refused(site, client):
    url = create(site, client, 10).headers["location"]

    answer = send(client, url, GOOD, 0)

    assert (answer.status_code, answer.json()["code"]) == (413, "SRV913")
    assert models(site, client) == []


def test_a_wrong_hash_of_the_whole_is_refused_and_forgotten(site, client):
    url = create(site, client, sha256="0" * 64).headers["location"]

    answer = send(client, url, GOOD, 0)

    assert (answer.status_code, answer.json()["code"]) == (422, "SRV917")
    assert client.head(url, headers=TUS).status_code == 404
    assert list((site.ctx.settings.work / "uploads").iterdir()) == []


def test_other_versions_of_tus_are_refused(site, client):
    answer = client.post(site.url("east", "/uploads"), headers={"Tus-Resumable": "0.2.2"})

    assert (answer.status_code, answer.headers["tus-version"]) == (412, "1.0.0")


def test_the_server_says_what_it_can_do(site, client):
    answer = client.options(site.url("east", "/uploads"))

    assert answer.status_code == 204
    assert answer.headers["tus-max-size"] == str(1 << 20)
    assert "checksum" in answer.headers["tus-extension"]


def test_an_upload_given_up_is_gone(site, client):
    url = create(site, client).headers["location"]
    send(client, url, GOOD[:100], 0)

    answer = client.delete(url, headers=TUS)

    assert answer.status_code == 204
    assert client.head(url, headers=TUS).status_code == 404
    assert list((site.ctx.settings.work / "uploads").iterdir()) == []


def test_uploads_nobody_goes_on_with_are_swept(site, client):
    create(site, client)
    later = utc_now() + timedelta(days=3)
    ctx = Context(site.ctx.store, site.ctx.settings, lambda: later)

    assert resumable.sweep(ctx) == 1
    assert list((site.ctx.settings.work / "uploads").iterdir()) == []


def test_unfinished_uploads_count_against_the_quota(tmp_path):
    site = Site(settings_in(tmp_path, project_bytes=1000))
    client = site.client("east-design")

    first, second = create(site, client, 600), create(site, client, 600)

    assert (first.status_code, second.status_code) == (201, 413)
    assert second.json()["code"] == "SRV914"
    site.close()


def test_somebody_else_cannot_go_on_with_an_upload(site, client):
    url = create(site, client).headers["location"]

    answer = send(site.client("east-coordinator"), url, GOOD, 0)

    assert answer.status_code == 404
