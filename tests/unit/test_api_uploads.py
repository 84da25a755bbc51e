"""Uploads over HTTP, in one process, without a worker."""

import hashlib

import pytest

from api.store import models
from tests.service import Site, settings_in, small_ifc

GOOD = small_ifc((0, 0, 0)).encode()
TWO_FILES = (
    b'--b\r\nContent-Disposition: form-data; name="f"; filename="a.ifc"\r\n\r\n1\r\n'
    b'--b\r\nContent-Disposition: form-data; name="g"; filename="b.ifc"\r\n\r\n2\r\n'
    b"--b--\r\n"
)
OTHER = small_ifc((5, 0, 0)).encode()


@pytest.fixture
def site(tmp_path):
    made = Site(settings_in(tmp_path, upload_bytes=1 << 20))
    yield made
    made.close()


@pytest.fixture
def design(site):
    return site.client("east-design")


def upload(client, site, content, filename="a.ifc", **data):
    files = {"file": (filename, content)}
    return client.post(site.url("east", "/models"), files=files, data=data)


def test_a_good_file_is_queued_as_revision_one_of_a_model_named_after_it(site, design):
    answer = upload(design, site, GOOD, "建筑 A.ifc")

    body = answer.json()
    revision = body["revision"]
    assert answer.status_code == 202
    assert answer.headers["location"] == site.url("east", f"/revisions/{revision['id']}")
    assert (body["model"]["name"], revision["number"], revision["state"]) == (
        "建筑 A",
        1,
        "queued",
    )
    assert revision["sha256"] == hashlib.sha256(GOOD).hexdigest()
    assert (body["job"]["kind"], body["job"]["state"]) == ("ingest", "queued")
    assert body["job"]["subject_id"] == revision["id"]


def test_the_same_bytes_twice_are_one_revision(site, design):
    first = upload(design, site, GOOD)

    again = upload(design, site, GOOD)

    assert again.status_code == 200
    assert again.json()["revision"] == first.json()["revision"]
    assert again.json()["job"]["id"] == first.json()["job"]["id"]


@pytest.mark.parametrize(
    ("problem", "filename", "answered"),
    [
        ("IFC121", "a.ifc", (202, 2)),
        ("IFC122", "a.ifc", (202, 2)),
        ("SRV999", "a.ifc", (202, 2)),
        ("IFC102", "a.ifczip", (202, 2)),
        ("IFC120", "a.ifc", (200, 1)),
    ],
    ids=["reader crashed", "took too long", "fault of ours", "other extension", "bad syntax"],
)
def test_what_failed_is_tried_again_where_that_can_help(site, design, problem, filename, answered):
    first = upload(design, site, GOOD).json()["revision"]["id"]
    texts = dict.fromkeys(("message", "message_en", "remedy", "remedy_en"), "")
    failed = {"state": "failed", "problem": {"code": problem, **texts}}
    with site.ctx.store.db.write() as tx:
        models.change_revision(tx, first, failed)

    again = upload(design, site, GOOD, filename)

    assert (again.status_code, again.json()["revision"]["number"]) == answered


def test_going_back_to_older_bytes_is_a_new_revision(site, design):
    for content in (GOOD, OTHER, GOOD):
        answer = upload(design, site, content)

    assert answer.json()["revision"]["number"] == 3


def test_raw_put_names_the_model_in_the_address(site, design):
    url = site.url("east", "/models/结构/content?filename=s.ifc")

    answer = design.put(url, content=GOOD)

    assert answer.status_code == 202
    assert answer.json()["model"]["name"] == "结构"
    assert answer.json()["revision"]["filename"] == "s.ifc"


def test_a_wrong_announced_hash_is_refused_and_nothing_is_kept(site, design):
    headers = {"X-Content-Sha256": "0" * 64}
    url = site.url("east", "/models/m/content?filename=s.ifc")

    answer = design.put(url, content=GOOD, headers=headers)

    assert (answer.status_code, answer.json()["code"]) == (422, "SRV917")
    assert design.get(site.url("east", "/models")).json()["items"] == []
    assert not site.ctx.store.blobs.has(hashlib.sha256(GOOD).hexdigest())


@pytest.mark.parametrize(
    ("filename", "content", "status", "code"),
    [
        ("a.txt", GOOD, 415, "SRV915"),
        ("a", GOOD, 415, "SRV915"),
        ("a.ifc.exe", GOOD, 415, "SRV915"),
        ("a.ifcxml", GOOD, 415, "SRV915"),
        ("a.ifc", b"", 422, "SRV916"),
        ("a.ifc", b"x" * ((1 << 20) + 1), 413, "SRV913"),
    ],
    ids=["text", "no extension", "double extension", "ifcXML", "empty", "over the limit"],
)
def test_unacceptable_files_are_refused_with_a_code(site, design, filename, content, status, code):
    answer = upload(design, site, content, filename)

    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert answer.headers["content-type"] == "application/problem+json"
    assert design.get(site.url("east", "/models")).json()["items"] == []


@pytest.mark.parametrize(
    "content",
    [b"hello", GOOD[: len(GOOD) // 2], b"PK\x03\x04nonsense"],
    ids=["not IFC", "cut in half", "zip named ifc"],
)
def test_an_unusable_file_is_a_failed_revision_that_can_be_downloaded(site, design, content):
    answer = upload(design, site, content)

    revision = answer.json()["revision"]
    file = design.get(site.url("east", f"/revisions/{revision['id']}/file"))
    findings = design.get(site.url("east", f"/revisions/{revision['id']}/findings"))
    assert answer.status_code == 202
    assert revision["state"] == "failed"
    assert revision["problem"]["code"].startswith("IFC1")
    assert answer.json()["job"]["state"] == "failed"
    assert file.content == content
    assert [f["code"] for f in findings.json()["items"]] == [revision["problem"]["code"]]


def test_a_download_is_an_attachment_under_the_name_it_came_with(site, design):
    revision = upload(design, site, GOOD, '../../建"筑.ifc').json()["revision"]

    file = design.get(site.url("east", f"/revisions/{revision['id']}/file"))

    assert revision["filename"] == "建_筑.ifc"
    assert file.headers["content-disposition"] == (
        "attachment; filename=\"___.ifc\"; filename*=UTF-8''%E5%BB%BA_%E7%AD%91.ifc"
    )
    assert file.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize(
    ("body", "boundary"),
    [
        (b"no multipart at all", "b"),
        (b'--b\r\nContent-Disposition: form-data; name="file"; filename="a.ifc"\r\n\r\nISO', "b"),
        (b'--b\r\nContent-Disposition: form-data; name="x"\r\n\r\ny\r\n--b--\r\n', "b"),
        (TWO_FILES, "b"),
        (b"x", "b" * 300),
    ],
    ids=["garbage", "cut off", "no file", "two files", "endless boundary"],
)
def test_broken_forms_never_become_a_revision(site, design, body, boundary):
    headers = {"Content-Type": f"multipart/form-data; boundary={boundary}"}

    answer = design.post(site.url("east", "/models"), content=body, headers=headers)

    assert answer.status_code in {408, 422}
    assert answer.json()["code"] in {"SRV900", "SRV918"}
    assert design.get(site.url("east", "/models")).json()["items"] == []


def test_nothing_is_left_in_the_incoming_folder(site, design):
    upload(design, site, GOOD)
    upload(design, site, b"")
    upload(design, site, GOOD, "a.txt")

    incoming = site.ctx.settings.blobs / "incoming"
    assert list(incoming.iterdir()) == []


def test_site_role_cannot_upload(site):
    answer = upload(site.client("east-site"), site, GOOD)

    assert (answer.status_code, answer.json()["code"]) == (403, "SRV903")


def test_the_project_quota_holds(tmp_path):
    site = Site(settings_in(tmp_path, project_bytes=len(GOOD) + 10))
    client = site.client("east-design")

    first, second = upload(client, site, GOOD), upload(client, site, OTHER)

    assert (first.status_code, second.status_code) == (202, 413)
    assert second.json()["code"] == "SRV914"
    site.close()


def test_a_layer_replaces_the_one_of_its_name(site, design):
    url = site.url("east", "/layers")
    collection = b'{"type":"FeatureCollection","features":[]}'
    first = design.post(
        url, files={"file": ("红线.geojson", collection)}, data={"role": "red_line"}
    )
    second = design.post(url, files={"file": ("红线.geojson", collection + b" ")})

    listed = design.get(url).json()["items"]
    assert (first.status_code, second.status_code) == (201, 201)
    assert first.json()["role"] == "red_line"
    assert listed == [second.json()]
    assert listed[0]["id"] == first.json()["id"]


def test_a_layer_keeps_what_is_stated_about_it(site, design):
    url = site.url("east", "/layers")
    stated = {
        "role": "utility",
        "crs": "EPSG:4549",
        "vertical_datum": "吴淞",
        "datum_offset_m": "-1.87",
        "accuracy_m": "0.1",
        "date": "2025-03-31",
        "depth_ref": "top",
    }

    made = design.post(url, files={"file": ("管线.xlsx", b"PK\x03\x04")}, data=stated)

    assert made.status_code == 201
    assert {key: made.json()[key] for key in stated} == {
        **stated,
        "datum_offset_m": -1.87,
        "accuracy_m": 0.1,
    }


@pytest.mark.parametrize(
    "wrong",
    [
        {"role": "pipes"},
        {"datum_offset_m": "much"},
        {"accuracy_m": "0"},
        {"accuracy_m": "nan"},
        {"date": "spring"},
        {"depth_ref": "axis"},
    ],
)
def test_a_layer_with_impossible_facts_is_refused(site, design, wrong):
    url = site.url("east", "/layers")

    answer = design.post(url, files={"file": ("a.geojson", b"{}")}, data=wrong)

    assert (answer.status_code, answer.json()["code"]) == (422, "SRV900")
    assert next(iter(wrong)) in answer.json()["detail_en"]
    assert design.get(url).json()["items"] == []


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("a.gpkg", b"<OGRVRTDataSource/>", "GIS434"),
        ("a.tif", b"<VRTDataset/>", "GIS434"),
        ("a.dxf", b"AC1032\x00", "GIS464"),
        ("a.kml", b"<kml/>", "GIS465"),
        ("a.zip", b"PK\x05\x06" + bytes(18), "GIS440"),
        ("a.zip", b"not a zip", "GIS434"),
        ("a.json", b"", "SRV"),
    ],
    ids=["vrt", "vrt raster", "dwg", "kml", "empty zip", "no zip", "empty"],
)
def test_a_file_that_is_no_layer_is_refused_at_once(site, design, name, content, code):
    url = site.url("east", "/layers")

    answer = design.post(url, files={"file": (name, content)})

    assert answer.status_code in {400, 422}
    assert answer.json()["code"].startswith(code)
    assert answer.json()["remedy_en"]
    assert design.get(url).json()["items"] == []


def test_a_schedule_is_kept_and_downloadable(site, design):
    made = design.post(
        site.url("east", "/schedules"), files={"file": ("plan.csv", b"a,b\n")}
    ).json()

    file = design.get(site.url("east", f"/schedules/{made['id']}/file"))

    assert file.content == b"a,b\n"


@pytest.mark.parametrize(
    ("kind", "field"), [("models", "role"), ("layers", "accuracy"), ("schedules", "crs")]
)
def test_a_misspelt_field_of_a_form_is_refused_by_name(site, design, kind, field):
    names = {"models": "a.ifc", "layers": "a.geojson", "schedules": "a.csv"}
    url = site.url("east", f"/{kind}")

    answer = design.post(url, files={"file": (names[kind], GOOD)}, data={field: "x"})

    assert (answer.status_code, answer.json()["code"]) == (422, "SRV900")
    assert f"表单没有字段 {field}" in answer.json()["detail"]
    assert f"the form has no field {field}" in answer.json()["detail_en"]
    assert design.get(site.url("east", f"/{kind}")).json()["items"] == []


@pytest.mark.parametrize(
    ("kind", "listed", "unlisted"),
    [("layers", ".gpkg", ".dwg"), ("schedules", ".xer", ".mpp"), ("models", ".ifczip", ".gpkg")],
)
def test_a_wrong_type_names_only_what_can_be_read(site, design, kind, listed, unlisted):
    answer = design.post(site.url("east", f"/{kind}"), files={"file": ("a.pdf", b"%PDF-1.4")})

    assert (answer.status_code, answer.json()["code"]) == (415, "SRV915")
    assert listed in answer.json()["detail"]
    assert unlisted not in answer.json()["detail"]


def test_a_wrong_fact_of_a_layer_is_told_in_both_languages(site, design):
    answer = design.post(
        site.url("east", "/layers"),
        files={"file": ("a.geojson", b"{}")},
        data={"accuracy_m": "-3"},
    )

    assert answer.json()["detail"] == "请求无效：accuracy_m 应大于 0"
    assert answer.json()["detail_en"] == "The request is not valid: accuracy_m must be above 0"


def test_a_layer_in_an_unknown_coordinate_system_is_refused(site, design):
    answer = design.post(
        site.url("east", "/layers"),
        files={"file": ("a.geojson", b"{}")},
        data={"crs": "EPSG:99999"},
    )

    assert (answer.status_code, answer.json()["code"]) == (422, "SRV932")
