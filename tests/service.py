"""Builders for tests of the service: small IFC files, an application, a served one."""

import functools
import json
import subprocess
import sys
import time
import uuid
import warnings
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from io import BytesIO
from pathlib import Path

import httpx

from api.main import create_app, free_port
from api.services import bootstrap, publishing
from api.services.accounts import add_token
from api.services.bootstrap import ensure_project, ensure_user
from api.services.context import MACHINE, Context
from api.services.scheduling import start_run
from api.settings import Settings, child_environment
from api.store import accounts, issues as issues_of_store, models, projects
from bimcore.issues import ElementRef, Issue, issue_json

with warnings.catch_warnings():
    # Starlette asks for httpx2; until that is in wide use, httpx serves the same.
    warnings.simplefilter("ignore")
    from fastapi.testclient import TestClient

PASSWORD = "correct horse"
# Hashing is slow on purpose; the same password need not be hashed for every user of every test.
bootstrap.hash_password = functools.cache(bootstrap.hash_password)
ROLES = ("design", "site", "coordinator", "admin")
_GUID = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_$"


def guid(number: int) -> str:
    """A GlobalId of `number`."""
    digits = ""
    for _ in range(22):
        digits = _GUID[number % 64] + digits
        number //= 64
    return digits


def small_ifc(*boxes: tuple[float, float, float], ifc_class: str = "IFCWALL", seed: int = 0) -> str:
    """An IFC4 file in metres with one 1 m cube of `ifc_class` at each of `boxes`."""
    start = 1000 * (seed + 1)
    lines = [
        f"#1=IFCPROJECT('{guid(start)}',$,'small',$,$,$,$,(#7),#2);",
        "#2=IFCUNITASSIGNMENT((#3,#4,#5,#6));",
        "#3=IFCSIUNIT(*,.LENGTHUNIT.,$,.METRE.);",
        "#4=IFCSIUNIT(*,.AREAUNIT.,$,.SQUARE_METRE.);",
        "#5=IFCSIUNIT(*,.VOLUMEUNIT.,$,.CUBIC_METRE.);",
        "#6=IFCSIUNIT(*,.PLANEANGLEUNIT.,$,.RADIAN.);",
        "#7=IFCGEOMETRICREPRESENTATIONCONTEXT($,'Model',3,1.E-05,#8,$);",
        "#8=IFCAXIS2PLACEMENT3D(#9,$,$);",
        "#9=IFCCARTESIANPOINT((0.,0.,0.));",
        f"#10=IFCSITE('{guid(start + 1)}',$,'site',$,$,#20,$,$,.ELEMENT.,$,$,$,$,$);",
        f"#11=IFCBUILDING('{guid(start + 2)}',$,'building',$,$,#20,$,$,.ELEMENT.,$,$,$);",
        f"#12=IFCBUILDINGSTOREY('{guid(start + 3)}',$,'1F',$,$,#20,$,$,.ELEMENT.,0.);",
        f"#13=IFCRELAGGREGATES('{guid(start + 4)}',$,$,$,#1,(#10));",
        f"#14=IFCRELAGGREGATES('{guid(start + 5)}',$,$,$,#10,(#11));",
        f"#15=IFCRELAGGREGATES('{guid(start + 6)}',$,$,$,#11,(#12));",
        "#20=IFCLOCALPLACEMENT($,#8);",
        "#21=IFCRECTANGLEPROFILEDEF(.AREA.,$,#22,1.,1.);",
        "#22=IFCAXIS2PLACEMENT2D(#23,$);",
        "#23=IFCCARTESIANPOINT((0.,0.));",
        "#24=IFCDIRECTION((0.,0.,1.));",
    ]
    members = []
    for n, (x, y, z) in enumerate(boxes):
        i = 100 + 10 * n
        members.append(f"#{i}")
        lines += [
            f"#{i}={ifc_class}('{guid(start + 100 + n)}',$,'box {n}',$,$,#{i + 1},#{i + 4},$,$);",
            f"#{i + 1}=IFCLOCALPLACEMENT(#20,#{i + 2});",
            f"#{i + 2}=IFCAXIS2PLACEMENT3D(#{i + 3},$,$);",
            f"#{i + 3}=IFCCARTESIANPOINT(({x:.6f},{y:.6f},{z:.6f}));",
            f"#{i + 4}=IFCPRODUCTDEFINITIONSHAPE($,$,(#{i + 5}));",
            f"#{i + 5}=IFCSHAPEREPRESENTATION(#7,'Body','SweptSolid',(#{i + 6}));",
            f"#{i + 6}=IFCEXTRUDEDAREASOLID(#21,#8,#24,1.);",
        ]
    if members:
        lines.append(
            f"#30=IFCRELCONTAINEDINSPATIALSTRUCTURE('{guid(start + 7)}',$,$,$,"
            f"({','.join(members)}),#12);"
        )
    body = "\n".join(lines)
    return (
        "ISO-10303-21;\nHEADER;\nFILE_DESCRIPTION((''),'2;1');\n"
        "FILE_NAME('small.ifc','2026-01-01T00:00:00',(''),(''),'','','');\n"
        f"FILE_SCHEMA(('IFC4'));\nENDSEC;\nDATA;\n{body}\nENDSEC;\nEND-ISO-10303-21;\n"
    )


def zipped(**entries: bytes) -> bytes:
    """A zip archive of `entries`."""
    buffer = BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in entries.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def settings_in(folder: Path, **values: object) -> Settings:
    """Settings with everything in `folder`, unlike any ``.env``."""
    given = {"data": folder / "data", "admin_password": PASSWORD, **values}
    return Settings(**given)  # type: ignore[arg-type]


class Site:
    """An application in this process with two projects and a member of each role in each."""

    def __init__(self, settings: Settings) -> None:
        self.app = create_app(settings)
        self.ctx = self.app.state.context
        self.projects: dict[str, str] = {}
        self.users: dict[str, str] = {}
        self._tokens: dict[str, str] = {}
        for project in ("east", "west"):
            members = {}
            for role in ROLES:
                name = f"{project}-{role}"
                self.users[name] = str(ensure_user(self.ctx, name=name, password=PASSWORD).id)
                members[self.users[name]] = role
            self.projects[project] = ensure_project(self.ctx, name=project, members=members)
        ensure_user(self.ctx, name="root", password=PASSWORD, role="admin")

    def client(self, name: str | None = None) -> TestClient:
        """A client, signed in as `name` with a bearer token when given."""
        client = TestClient(self.app, base_url="http://testserver", raise_server_exceptions=False)
        if name is not None:
            if name not in self._tokens:
                with self.ctx.store.db.read() as tx:
                    user = accounts.user_named(tx, name)
                self._tokens[name] = add_token(self.ctx, user, "test")["token"]
            client.headers["Authorization"] = f"Bearer {self._tokens[name]}"
        return client

    def url(self, project: str, path: str = "") -> str:
        """Address below a project."""
        return f"/api/v1/projects/{self.projects[project]}{path}"

    def close(self) -> None:
        """Close the database."""
        self.ctx.store.db.close()


class Served:
    """The service as a process of its own, over real HTTP."""

    def __init__(self, settings: Settings) -> None:
        self.port = free_port("127.0.0.1")
        self.settings = settings.model_copy(update={"port": self.port})
        self.base = f"http://127.0.0.1:{self.port}"
        code = "from api.main import serve; from api.settings import Settings; serve(Settings())"
        with (settings.data.parent / "serve.log").open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-c", code],
                env=child_environment(self.settings),
                stdout=subprocess.DEVNULL,
                stderr=log,
            )
        self._wait()

    def _wait(self) -> None:
        end = time.monotonic() + 60
        while time.monotonic() < end:
            if self.process.poll() is not None:
                message = f"the service ended with {self.process.returncode}"
                raise RuntimeError(message)
            try:
                httpx.get(f"{self.base}/healthz", timeout=5)
            except httpx.TransportError:
                time.sleep(0.1)
            else:
                return
        message = "the service does not answer"
        raise TimeoutError(message)

    @contextmanager
    def client(self, name: str = "admin", password: str = PASSWORD) -> Iterator[httpx.Client]:
        """A client signed in as `name`."""
        with httpx.Client(base_url=f"{self.base}/api/v1", timeout=60) as client:
            answer = client.post("/auth/login", json={"name": name, "password": password})
            answer.raise_for_status()
            client.cookies.clear()
            client.headers["Authorization"] = f"Bearer {answer.json()['token']}"
            yield client

    def stop(self) -> None:
        """End the service as an operator does."""
        self.process.terminate()
        self.process.wait(timeout=30)


@contextmanager
def served(settings: Settings) -> Iterator[Served]:
    """The service, ended afterwards."""
    service = Served(settings)
    try:
        yield service
    finally:
        service.stop()


def settled(client: httpx.Client, project: str, *, seconds: float = 240) -> list[dict]:
    """All jobs of a project once none is active and no review is about to start."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        jobs = client.get(f"/projects/{project}/jobs").json()["items"]
        if jobs and not any(j["state"] in {"queued", "running"} for j in jobs):
            return jobs
        time.sleep(0.2)
    message = f"jobs still active: {jobs}"
    raise TimeoutError(message)


def review_models(client: httpx.Client, project: str, paths: Sequence[Path]) -> None:
    """Upload models under their stems and wait until they are reviewed without a problem."""
    for path in paths:
        url = f"/projects/{project}/models/{path.stem}/content?filename={path.name}"
        client.put(url, content=path.read_bytes()).raise_for_status()
    jobs = settled(client, project)
    assert [j["problem"] for j in jobs if j["state"] != "done"] == []


def issue_body(number: int, **changes: object) -> dict:
    """An issue as a review leaves it, in the shape of ``review.json``."""
    issue = Issue(
        id=str(uuid.uuid5(uuid.NAMESPACE_URL, f"issue-{number}")),
        fingerprint=f"{number:064x}",
        kind="clash",
        rule="hard",
        titles={"zh-CN": f"问题 {number}", "en": f"Issue {number}"},
        descriptions={"zh-CN": "碰撞", "en": "Clash"},
        severity=50,
        members=(f"c{number}",),
        elements=(ElementRef(model="a", guid=guid(number), ifc_class="IfcWall", name="W"),),
        point=(1.0, 2.0, 3.0),
        storey="1F",
    )
    return issue_json(replace(issue, **changes))


def clash_body(number: int, **changes: object) -> dict:
    """A clash as in ``review.json``."""
    side = dict.fromkeys(("ifc_class", "name", "type", "storey", "system"), "")
    body = {
        "id": f"c{number}",
        "rule": "hard",
        "relation": "crossing",
        "a": {"model": "a", "guid": guid(number), **side},
        "b": {"model": "b", "guid": guid(number + 1), **side},
        "depth_m": 0.05,
        "distance_m": 0.0,
        "volume_m3": None,
        "measured": "exact",
        "point": [0.0, 0.0, 0.0],
        "suppressed": None,
    }
    return {**body, **changes}


def publish_review(
    ctx: Context, project: str, issues: list[dict], clashes: tuple[dict, ...] = (), **more: object
) -> bool:
    """Let the machine publish one more review of a project; its models are made ready first."""
    with ctx.store.db.write() as tx:
        for revision in models.latest_of_project(tx, project).values():
            models.change_revision(tx, revision.id, {"state": "ready"})
        started = start_run(tx, ctx, MACHINE, projects.project(tx, project))
        known = issues_of_store.every(tx, project)
    job = publishing.begin(ctx, started.job_id)
    return publishing.publish(ctx, job, review_outcome(ctx, issues, clashes, known, **more))


def review_outcome(ctx, issues, clashes=(), known=(), **more: object) -> dict:
    """What the child of a review leaves, with `known` issues as they were when it started."""
    put = ctx.store.blobs.put
    lines = "".join(json.dumps(c) + "\n" for c in clashes)
    pictures = BytesIO()
    with zipfile.ZipFile(pictures, "w") as archive:
        for issue in issues:
            archive.writestr(f"{issue['id']}.png", b"\x89PNG " + issue["id"].encode())
    scene = {
        "frame": {"crs": None, "origin": [0.0, 0.0, 0.0], "north": 0.0},
        "tiles": [
            {
                "model": "a",
                "key": put(b"glTF"),
                "origin": [0.0, 0.0, 0.0],
                "element_start": 0,
                "elements": 1,
                "triangles": 12,
                "bytes": 4,
            }
        ],
        "elements": put(b"{}"),
        "bounds": [[0.0, 0.0, 0.0], [1.0, 1.0, 1.0]],
    }
    outcome = {
        "counts": {"clashes": len(clashes)},
        "engine": "test",
        "timings": {"clash": 0.1},
        "fed": {row.id: row.status for row in known},
        "pictures": [i["id"] for i in issues],
        "scene": scene,
        "artefacts": {
            "clashes": put(lines.encode()),
            "issues": put(json.dumps(issues).encode()),
            "snapshots": put(pictures.getvalue()),
            "findings": put(b"[]"),
            "not_assessed": put(b'[{"what": "x", "why": "y"}]'),
            "review": put(b"{}"),
            "frame": put(b'{"document": {"models": [{"name": "a"}]}, "to_model": {}}'),
            "map": put(b'{"schema": "yuyan/map/1"}'),
            "report": put(b"<html></html>"),
            "xlsx": put(b"PKxl"),
            "geojson": put(b'{"type":"FeatureCollection","features":[]}'),
            "bcf21": put(b"PK21"),
            "bcf30": put(b"PK30"),
        },
    }
    return {**outcome, **more}
