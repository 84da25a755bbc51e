"""The whole service over real HTTP: a web process, a worker, their children."""

import hashlib
import json
import os
import re
import signal
import socket
import subprocess
import threading
import time
import zipfile
from pathlib import Path

import httpx
import pytest

from tests.service import PASSWORD, Served, served, settings_in, settled, small_ifc, zipped

LIMIT = 3 << 20
WALLS = small_ifc((0, 0, 0), (3, 0, 0)).encode()
PIPES = small_ifc((0.5, 0.2, 0.3), ifc_class="IFCPIPESEGMENT", seed=1).encode()


@pytest.fixture(scope="module")
def service(tmp_path_factory):
    folder = tmp_path_factory.mktemp("served")
    with served(settings_in(folder, upload_bytes=LIMIT, review_delay_seconds=0.2)) as running:
        yield running


@pytest.fixture
def admin(service):
    with service.client() as client:
        yield client


@pytest.fixture
def project(admin, request):
    return admin.post("/projects", json={"name": request.node.name[:100]}).json()["id"]


def upload(client, project, content, filename="a.ifc", **data):
    files = {"file": (filename, content)}
    return client.post(f"/projects/{project}/models", files=files, data=data)


def alive(client, project):
    assert client.get(f"/projects/{project}").status_code == 200


def test_the_commands_of_the_document_run_as_they_are(service, tmp_path):
    text = (Path(__file__).parents[2] / "docs" / "http.md").read_text(encoding="utf-8")
    commands = "".join(re.findall(r"```sh\n(.*?)```", text, re.DOTALL))
    assert commands.count("http://127.0.0.1:8000") == 1
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "first-sign-in.txt").write_text(f"admin {PASSWORD}\n")
    (tmp_path / "mep.ifc").write_bytes(PIPES)
    (tmp_path / "red_line.geojson").write_text('{"type": "FeatureCollection", "features": []}')
    (tmp_path / "plan.csv").write_text("名称,开始,完成\n1F 管道,2026-03-02,2026-03-06\n")
    script = "set -eo pipefail\n" + commands.replace("http://127.0.0.1:8000", service.base)

    done = subprocess.run(
        ["bash", "-c", script],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )

    assert done.returncode == 0, done.stderr + done.stdout
    assert json.loads((tmp_path / "issues.json").read_text(encoding="utf-8"))["next"] is None
    assert zipfile.is_zipfile(tmp_path / "issues.bcf")
    assert zipfile.is_zipfile(tmp_path / "issues.xlsx")
    points = json.loads((tmp_path / "issues.geojson").read_text(encoding="utf-8"))
    assert points["type"] == "FeatureCollection"
    assert "</html>" in (tmp_path / "report.html").read_text(encoding="utf-8")


def test_the_rules_of_a_project_are_what_its_review_tests(admin, project):
    base = f"/projects/{project}"
    upload(admin, project, WALLS, "walls.ifc")
    upload(admin, project, PIPES, "pipes.ifc")
    settled(admin, project)
    before = admin.get(f"{base}/runs/latest").json()["counts"]["clashes"]
    cells = b'[matrix]\n"structure x hvac" = "hard 5"\n"architecture x structure" = "clearance 9"\n'

    admin.put(f"{base}/rules?filename=r.toml", content=cells)
    settled(admin, project)

    run = admin.get(f"{base}/runs/latest").json()
    untested = admin.get(f"{base}/runs/{run['id']}/not-assessed").json()["items"]
    assert (before > 0, run["number"], run["counts"]["clashes"]) == (True, 2, 0)
    assert "Hard clashes of pipe, wall with anything" in [e["what_en"] for e in untested]


def test_two_models_become_a_reviewed_list_of_issues(admin, project):
    upload(admin, project, WALLS, "walls.ifc")
    upload(admin, project, PIPES, "pipes.ifc")

    jobs = settled(admin, project)

    base = f"/projects/{project}"
    models = admin.get(f"{base}/models").json()["items"]
    run = admin.get(f"{base}/runs/latest").json()
    issues = admin.get(f"{base}/issues").json()
    assert {(j["kind"], j["state"]) for j in jobs} == {("ingest", "done"), ("review", "done")}
    assert [(m["name"], m["latest"]["revision"]["state"]) for m in models] == [
        ("pipes", "ready"),
        ("walls", "ready"),
    ]
    assert models[1]["latest"]["revision"]["counts"]["bodies"] == 2
    assert [r["model_name"] for r in run["revisions"]] == ["pipes", "walls"]
    assert issues["total"] == 1
    elements = issues["items"][0]["elements"]
    assert {e["ifc_class"] for e in elements} == {"IfcWall", "IfcPipeSegment"}
    picture = admin.get(f"{base}/issues/{issues['items'][0]['id']}/snapshot.png")
    assert picture.content.startswith(b"\x89PNG")
    for path in ("issues.bcf", "issues.bcf?version=3.0", "runs/latest/issues.bcf"):
        assert admin.get(f"{base}/{path}").content.startswith(b"PK")
    review = admin.get(f"{base}/runs/latest/review.json").json()
    assert review["schema"] == "yuyan/review/1"
    scene = admin.get(f"{base}/scene").json()
    tile = admin.get(scene["tiles"][0]["url"].removeprefix("/api/v1"))
    columns = admin.get(scene["elements_url"].removeprefix("/api/v1")).json()
    assert tile.content.startswith(b"glTF")
    assert [columns["guid"][e["index"]] for e in elements] == [e["guid"] for e in elements]


def test_a_fixed_model_resolves_its_issue_and_keeps_what_people_said(admin, project):
    upload(admin, project, WALLS, "walls.ifc")
    upload(admin, project, PIPES, "pipes.ifc")
    settled(admin, project)
    base = f"/projects/{project}/issues"
    issue = admin.get(base).json()["items"][0]
    admin.post(f"{base}/{issue['id']}/comments", json={"text": "请改"})
    moved = small_ifc((0.5, 5, 0.3), ifc_class="IFCPIPESEGMENT", seed=1).encode()

    upload(admin, project, moved, "pipes.ifc")
    settled(admin, project)
    fixed = admin.get(f"{base}/{issue['id']}").json()
    upload(admin, project, PIPES, "pipes.ifc")
    settled(admin, project)
    back = admin.get(f"{base}/{issue['id']}").json()

    assert (fixed["status"], fixed["comments_count"]) == ("resolved", 1)
    assert (back["status"], back["comments_count"]) == ("reopened", 1)


BOMB = zipped(**{"bomb.ifc": b"ISO-10303-21;" + b"0" * (300 << 20)})
CYCLE = WALLS.replace(b"#20=IFCLOCALPLACEMENT($", b"#20=IFCLOCALPLACEMENT(#20")
OLD = WALLS.replace(b"IFC4'", b"IFC4X3_RC3'")


@pytest.mark.parametrize(
    ("content", "filename"),
    [
        (b"this is no IFC file", "a.ifc"),
        (WALLS[: len(WALLS) // 2], "a.ifc"),
        (BOMB, "a.ifczip"),
        (zipped(**{"../../etc/evil.ifc": WALLS}), "a.ifczip"),
        (zipped(**{"a.ifc": WALLS, "b.ifc": WALLS}), "a.ifczip"),
        (b"PK\x03\x04 no archive", "a.ifczip"),
        (OLD, "a.ifc"),
        (CYCLE, "a.ifc"),
    ],
    ids=[
        "not IFC",
        "truncated",
        "zip bomb",
        "path traversal",
        "two models",
        "broken archive",
        "unknown schema",
        "placement cycle",
    ],
)
def test_bad_files_end_in_a_code_and_stay_downloadable(admin, project, content, filename):
    answer = upload(admin, project, content, filename)

    settled(admin, project)
    revision_id = answer.json()["revision"]["id"]
    revision = admin.get(f"/projects/{project}/revisions/{revision_id}").json()
    file = admin.get(f"/projects/{project}/revisions/{revision_id}/file")
    findings = admin.get(f"/projects/{project}/revisions/{revision_id}/findings").json()["items"]
    assert answer.status_code == 202
    assert revision["state"] == "failed"
    assert findings
    assert all(f["code"] and f["message"] and f["message_en"] for f in findings)
    assert file.content == content
    alive(admin, project)


@pytest.mark.parametrize(
    ("content", "filename", "status", "code"),
    [
        (b"", "a.ifc", 422, "SRV916"),
        (WALLS, "a.pdf", 415, "SRV915"),
        (b"x" * (LIMIT + 1), "a.ifc", 413, "SRV913"),
    ],
    ids=["empty", "wrong extension", "too large"],
)
def test_unacceptable_files_are_refused(admin, project, content, filename, status, code):
    answer = upload(admin, project, content, filename)

    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert admin.get(f"/projects/{project}/models").json()["items"] == []


def test_too_large_is_noticed_while_streaming_without_an_announced_size(admin, project):
    def chunks():
        for _ in range(8):
            yield b"x" * (1 << 20)

    url = f"/projects/{project}/models/m/content?filename=a.ifc"
    answer = admin.put(url, content=chunks())

    assert (answer.status_code, answer.json()["code"]) == (413, "SRV913")


def test_an_upload_cut_off_leaves_nothing(service, admin, project):
    token = admin.headers["Authorization"]
    head = (
        f"PUT /api/v1/projects/{project}/models/m/content?filename=a.ifc HTTP/1.1\r\n"
        f"Host: x\r\nAuthorization: {token}\r\nContent-Length: 100000\r\n\r\n"
    )
    with socket.create_connection(("127.0.0.1", service.port)) as line:
        line.sendall(head.encode() + WALLS[:1000])
        time.sleep(0.3)
    incoming = service.settings.blobs / "incoming"
    end = time.monotonic() + 10
    while list(incoming.iterdir()) and time.monotonic() < end:
        time.sleep(0.05)

    assert list(incoming.iterdir()) == []
    assert admin.get(f"/projects/{project}/models").json()["items"] == []


def test_the_same_upload_many_times_at_once_is_one_revision(admin, project):
    answers = []

    def send():
        answers.append(upload(admin, project, WALLS).json())

    threads = [threading.Thread(target=send) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len({a["revision"]["id"] for a in answers}) == 1
    assert len({a["job"]["id"] for a in answers}) == 1
    settled(admin, project)


def test_progress_is_told_as_it_happens_and_can_be_resumed(admin, project):
    def listen(until, last=None):
        headers = {"Last-Event-ID": str(last)} if last is not None else {}
        events = []
        with admin.stream("GET", f"/projects/{project}/events", headers=headers) as lines:
            fields = {}
            for line in lines.iter_lines():
                if line:
                    name, _, value = line.partition(": ")
                    fields[name] = value
                    continue
                if fields.get("event") == "hello":
                    ready.set()
                if "data" in fields:
                    events.append((int(fields["id"]), fields["event"], json.loads(fields["data"])))
                fields = {}
                if events and until(events[-1]):
                    return events
        return events

    def done(event):
        return event[1] == "run" and event[2]["state"] == "done"

    heard = []
    ready = threading.Event()
    thread = threading.Thread(target=lambda: heard.extend(listen(done)))
    thread.start()
    ready.wait(10)
    upload(admin, project, WALLS)
    thread.join(60)
    middle = heard[3][0]
    again = listen(done, last=middle)

    kinds = {kind for _, kind, _ in heard}
    assert {"job", "revision", "run"} <= kinds
    assert [e for e in again if e[1] != "hello"] == [e for e in heard if e[0] > middle]
    shares = [d["progress"] for _, k, d in heard if k == "job" and d["kind"] == "ingest"]
    assert shares == sorted(shares)


def test_another_project_s_people_see_nothing(service, admin, project):
    revision = upload(admin, project, WALLS).json()["revision"]["id"]
    admin.post("/users", json={"name": "stranger", "password": "long enough"})
    with service.client("stranger", "long enough") as stranger:
        paths = ["", "/models", "/issues", "/events", f"/revisions/{revision}/file"]
        found = [stranger.get(f"/projects/{project}{p}").status_code for p in paths]

    assert found == [404] * 5
    settled(admin, project)


def test_half_sent_headers_are_dropped(service):
    with socket.create_connection(("127.0.0.1", service.port)) as line:
        line.sendall(b"GET /healthz HTTP/1.1\r\nHo")
        line.settimeout(30)

        assert line.recv(100) == b""


def workers_of(process: int) -> list[int]:
    """Processes of the worker module started by `process`."""
    found = []
    for entry in Path("/proc").iterdir():
        if not entry.name.isdecimal():
            continue
        try:
            words = (entry / "cmdline").read_bytes().split(b"\0")
            parent = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
        except (OSError, IndexError):
            continue
        if parent == process and b"api.worker" in words:
            found.append(int(entry.name))
    return found


def test_a_worker_killed_in_the_middle_finishes_after_its_restart(tmp_path):
    boxes = [(3.0 * (n % 40), 3.0 * (n // 40), 0.0) for n in range(800)]
    big = small_ifc(*boxes).encode()
    settings = settings_in(tmp_path, review_delay_seconds=0.0)
    with served(settings) as service, service.client() as admin:
        project = admin.post("/projects", json={"name": "killed"}).json()["id"]
        upload(admin, project, big)
        kills, sign = 0, None
        while kills < 3 and (sign := wait_running(admin, project, after=sign)):
            for worker in workers_of(service.process.pid):
                os.kill(worker, signal.SIGKILL)
                kills += 1
        jobs = settled(admin, project)
        run = admin.get(f"/projects/{project}/runs").json()["items"]
        revision = admin.get(f"/projects/{project}/models").json()["items"][0]["latest"]

    assert kills == 3
    assert {(j["kind"], j["state"]) for j in jobs} == {("ingest", "done"), ("review", "done")}
    assert revision["revision"]["counts"]["bodies"] == 800
    assert [r["number"] for r in run] == [1]
    assert hashlib.sha256(big).hexdigest() == revision["revision"]["sha256"]
    assert [p for p in (service.settings.work / "jobs" / "local").iterdir() if p.is_dir()] == []


def wait_running(client: httpx.Client, project: str, *, after: str | None = None) -> str | None:
    """Wait until a job runs and shows a sign of life other than `after`; None if all have ended."""
    end = time.monotonic() + 60
    while time.monotonic() < end:
        jobs = client.get(f"/projects/{project}/jobs").json()["items"]
        running = [j["updated"] for j in jobs if j["state"] == "running"]
        if running and running[0] != after:
            return running[0]
        if not any(j["state"] in {"queued", "running"} for j in jobs):
            return None
        time.sleep(0.02)
    return None


def test_a_job_that_runs_can_be_cancelled(admin, project):
    boxes = [(3.0 * (n % 40), 3.0 * (n // 40), 0.0) for n in range(3000)]
    made = upload(admin, project, small_ifc(*boxes).encode()).json()
    wait_running(admin, project)

    admin.post(f"/projects/{project}/jobs/{made['job']['id']}/cancel")

    jobs = settled(admin, project)
    assert [(j["state"], j["problem"]["code"]) for j in jobs] == [("cancelled", "SRV954")]


def test_the_service_keeps_everything_over_a_restart(tmp_path):
    settings = settings_in(tmp_path)
    with served(settings) as first, first.client() as admin:
        project = admin.post("/projects", json={"name": "kept"}).json()["id"]
        upload(admin, project, WALLS)
        settled(admin, project)
        before = admin.get(f"/projects/{project}/models").json()
    first.process.poll()

    with served(settings) as second, second.client() as admin:
        after = admin.get(f"/projects/{project}/models").json()

    assert after == before
    assert isinstance(second, Served)
