"""The service itself: documents, weight, headers, health, web app."""

import asyncio
import errno
import json
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from starlette.exceptions import HTTPException

from api import codes
from api.cli import main
from api.openapi import openapi_text
from api.routes.edge import Edge, Figures
from api.services.errors import Unavailable
from api.settings import Settings, settings_markdown
from api.worker import seat
from bimcore.findings import Code, catalogue
from tests.service import Site, settings_in

ROOT = Path(__file__).parents[2]


@pytest.fixture
def site(tmp_path):
    web = tmp_path / "dist"
    (web / "assets").mkdir(parents=True)
    (web / "index.html").write_text("<html>app</html>")
    (web / "assets" / "app-1234.js").write_text("1")
    (tmp_path / "secret.txt").write_text("secret")
    made = Site(settings_in(tmp_path, web=web))
    yield made
    made.close()


def test_the_openapi_snapshot_is_current():
    assert (ROOT / "web" / "openapi.json").read_text(encoding="utf-8") == openapi_text()


def test_the_settings_document_is_current():
    assert (ROOT / "docs" / "settings.md").read_text(encoding="utf-8") == settings_markdown()


def test_every_service_code_is_catalogued_in_both_languages():
    table = catalogue(codes.CODES)

    assert all(c.zh and c.en and c.remedy_zh and c.remedy_en for c in table.values())
    assert {c.code for c in vars(codes).values() if isinstance(c, Code)} == set(table)


def test_the_web_process_loads_no_geometry():
    heavy = ["ifcopenshell", "ifclite_geom", "numba", "trimesh", "manifold3d", "geopandas",
             "shapely", "pyproj", "pandas", "scipy", "dbos"]  # fmt: skip
    code = f"import sys, api.main; print([m for m in {heavy!r} if m in sys.modules])"

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "[]"


def test_settings_come_from_the_environment_and_do_not_change(monkeypatch):
    monkeypatch.setenv("YUYAN_UPLOAD_BYTES", "5")
    settings = Settings()

    assert settings.upload_bytes == 5
    with pytest.raises(ValueError, match="frozen"):
        settings.port = 1


@pytest.mark.parametrize("path", ["/", "/projects/x", "/index.html", "/no/such/page"])
def test_the_web_app_answers_its_own_addresses(site, path):
    answer = site.client().get(path)

    assert (answer.status_code, answer.text) == (200, "<html>app</html>")
    assert answer.headers["cache-control"] == "no-cache"
    assert "script-src 'self';" in answer.headers["content-security-policy"]


def test_hashed_files_are_kept_by_the_browser(site):
    answer = site.client().get("/assets/app-1234.js")

    assert answer.text == "1"
    assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"


@pytest.mark.parametrize(
    "path", ["/../secret.txt", "/%2e%2e/secret.txt", "/assets/..%2f..%2f..%2fsecret.txt"]
)
def test_the_web_app_stays_in_its_folder(site, path):
    assert "secret" not in site.client().get(path).text


@pytest.mark.parametrize("path", ["/api/v1/nothing", "/api/v2", "/assets/none.js"])
def test_unknown_addresses_are_problems(site, path):
    answer = site.client().get(path)

    assert (answer.status_code, answer.json()["code"]) == (404, "SRV904")


def test_health_and_readiness_answer_anyone(site):
    client = site.client()

    assert client.get("/healthz").json() == {"status": "ok"}
    assert client.get("/readyz").json() == {"ready": True, "workers": 0}


def test_figures_are_for_the_machine_itself_and_those_signed_in(site):
    stranger = site.client().get("/metrics")
    member = site.client("east-site").get("/metrics")

    assert stranger.status_code == 401
    assert 'yuyan_jobs{state="queued"} 0' in member.text
    assert 'yuyan_http_requests_total{method="GET",status="401"} 1' in member.text


def test_a_fault_of_ours_has_an_incident_number_and_no_trace(site, monkeypatch, caplog):
    def broken(*_args, **_kwargs):
        raise ZeroDivisionError("inside")

    monkeypatch.setattr("api.services.projects.list_projects", broken)

    answer = site.client("east-site").get("/api/v1/projects")

    body = answer.json()
    assert (answer.status_code, body["code"]) == (500, "SRV950")
    assert "inside" not in answer.text
    assert caplog.records[0].incident in body["detail_en"]


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (Unavailable(ValueError("away"), full=False), (503, "SRV905", "5")),
        (Unavailable(ValueError("full"), full=True), (507, "SRV907", None)),
        (OSError(errno.ENOSPC, "full"), (507, "SRV907", None)),
        (FileNotFoundError("x"), (500, "SRV950", None)),
    ],
)
def test_what_passes_is_told_from_a_fault_of_ours(site, monkeypatch, error, expected):
    def broken(*_args, **_kwargs):
        raise error

    monkeypatch.setattr("api.services.projects.list_projects", broken)

    answer = site.client("east-site").get("/api/v1/projects")

    told = (answer.status_code, answer.json()["code"], answer.headers.get("retry-after"))
    assert told == expected


def test_a_body_that_is_no_file_is_not_endless(site):
    client = site.client("east-site")
    large = client.post("/api/v1/projects", json={"name": "x", "description": "x" * (5 << 20)})
    headers = {"Content-Type": "application/json"}
    broken = client.post("/api/v1/projects", content=b"[" * 100_000, headers=headers)

    assert (large.status_code, large.json()["code"]) == (413, "SRV934")
    assert (broken.status_code, broken.json()["detail"]) == (400, "请求无效：无法解析请求正文")


def test_a_body_that_does_not_come_is_not_waited_for(monkeypatch):
    monkeypatch.setattr("api.routes.edge.BODY_SECONDS", 0.01)

    async def never():
        await asyncio.Event().wait()

    async def app(_scope, receive, _send):
        await receive()

    scope = {"type": "http", "method": "POST", "path": "/api/v1/projects"}
    with pytest.raises(HTTPException) as told:
        asyncio.run(Edge(app, Figures())(scope, never, never))

    assert told.value.status_code == 408


def test_a_port_that_is_taken_is_refused_before_anything_starts(tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = str(other.getsockname()[1])
        code = main(["serve", "--port", port, "--data", str(tmp_path / "data")])
    said = capsys.readouterr()

    assert (code, said.out) == (2, "")
    assert said.err.startswith(f"127.0.0.1:{port}: Address already in use")
    assert not (tmp_path / "data").exists()


@pytest.mark.parametrize("command", ["serve", "worker"])
def test_a_wrong_setting_is_a_line_and_the_code_is_2(tmp_path, capsys, monkeypatch, command):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("YUYAN_PORT", "70000")

    code = main([command])

    assert (code, capsys.readouterr().err) == (
        2,
        "YUYAN_PORT: Input should be less than or equal to 65535 设置无效\n",
    )


def test_each_worker_beside_a_database_server_has_a_name_of_its_own(tmp_path):
    shared = settings_in(tmp_path, database_url="postgresql://db/x", executor_id="box")
    with seat(shared) as first, seat(shared) as second:
        names = [first, second]
    with seat(shared) as again, seat(settings_in(tmp_path)) as embedded:
        names += [again, embedded]

    assert names == ["box", "box-2", "box", "local"]


def test_every_operation_of_the_document_has_its_own_name():
    document = json.loads(openapi_text())
    names = [o["operationId"] for methods in document["paths"].values() for o in methods.values()]

    assert len(names) == len(set(names))


def test_the_api_document_says_how_to_sign_in_and_where_that_is_needed():
    document = json.loads(openapi_text())
    open_to_all = [
        f"{method} {path}"
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
        if operation.get("security") != [{"token": []}]
    ]

    assert document["components"]["securitySchemes"]["token"]["scheme"] == "bearer"
    assert open_to_all == ["post /api/v1/auth/login"]
