"""``yuyan demo``: the sample project, reviewed, in a service on a free port."""

import argparse
import json
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import time
import tomllib
import urllib.error
import urllib.request
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from api.commands.exits import OK, OUR_FAULT
from api.project_file import read_project_file
from api.settings import Settings, child_environment
from gis.control import ControlPoints

ROOT = Path(__file__).parents[2]
#: name, role in the project, name shown
PEOPLE = (
    ("coordinator", "coordinator", "协调 Coordinator"),
    ("design", "design", "杭州设计 Design team"),
    ("site", "site", "重庆现场 Site team"),
)
PROJECT = "两江智慧园区 B3"
#: File of the construction plan among those of the sample project.
PLAN = "schedule.xml"
#: Longest wait in seconds for the reviews of the sample project.
PATIENCE = 600.0


@dataclass(frozen=True, slots=True)
class Client:
    """The few calls of the HTTP API that the demo makes, as a designer's script would."""

    base: str
    token: str = ""

    def get(self, path: str) -> Any:
        """Answer of a GET, parsed."""
        return self._send(urllib.request.Request(self.base + path, headers=self._headers()))  # noqa: S310 - the demo's own service on loopback

    def post(self, path: str, body: Mapping[str, object]) -> Any:
        """Answer of a POST of JSON, parsed."""
        return self._json("POST", path, body)

    def put(self, path: str, body: Mapping[str, object]) -> Any:
        """Answer of a PUT of JSON, parsed."""
        return self._json("PUT", path, body)

    def _json(self, method: str, path: str, body: Mapping[str, object]) -> Any:
        data = json.dumps(body).encode()
        headers = {**self._headers(), "Content-Type": "application/json"}
        request = urllib.request.Request(  # noqa: S310 - as above
            self.base + path, data=data, headers=headers, method=method
        )
        return self._send(request)

    def put_file(self, path: str, file: Path) -> Any:
        """Answer of a streamed upload, parsed."""
        headers = {**self._headers(), "Content-Length": str(file.stat().st_size)}
        with file.open("rb") as stream:
            request = urllib.request.Request(  # noqa: S310 - as above
                self.base + path, data=stream, headers=headers, method="PUT"
            )
            return self._send(request)

    def _headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"} if self.token else {}

    def _send(self, request: urllib.request.Request) -> Any:
        with urllib.request.urlopen(request, timeout=60) as answer:  # noqa: S310 - as above
            return json.loads(answer.read() or b"null")


def run(options: argparse.Namespace) -> int:
    """Build or reuse the sample project, review it, serve it until stopped."""
    data = (options.data or ROOT / "data" / "demo").absolute()
    if options.fresh and data.exists():
        shutil.rmtree(data)
    files = build_sample()
    passwords = _passwords(data)
    port = options.port or _free_port()
    settings = Settings(data=data, port=port, host="127.0.0.1")
    project_id = _prepare(settings, files, passwords)
    # Ended by another process the demo takes its service along, as on Ctrl-C.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(OK))
    service = subprocess.Popen(
        [sys.executable, "-m", "api.cli", "serve"], env=child_environment(settings)
    )
    try:
        base = f"http://127.0.0.1:{port}"
        client = _sign_in(base, passwords, service)
        control = read_project_file(files / "project.toml").control
        review_states(client, project_id, sample_revisions(files), control)
        review_by_itself(settings, project_id)
        _welcome(base, passwords)
        service.wait()
    except KeyboardInterrupt:
        return OK
    finally:
        service.terminate()
        service.wait(timeout=30)
    return OUR_FAULT if service.returncode not in (0, -15) else OK


def build_sample(out: Path | None = None) -> Path:
    """Folder of the sample project's files, built where needed."""
    script = ROOT / "sample_models" / "build.py"
    folder = out or ROOT / "sample_models" / "build"
    if not script.is_file():
        message = f"{script} is missing: run the demo from a checkout of the repository"
        raise FileNotFoundError(message)
    if not _same(folder / "index.toml", script.with_name("index.toml")):
        _say("building the sample project 正在生成示例项目")
        command = [sys.executable, str(script), "--out", str(folder)]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)  # noqa: S603 - our own script
    return folder


def _same(a: Path, b: Path) -> bool:
    """Whether both files exist with the same bytes."""
    return a.is_file() and b.is_file() and a.read_bytes() == b.read_bytes()


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def _passwords(data: Path) -> dict[str, str]:
    """Sign-ins of the demo, made up once and kept beside its data."""
    path = data / "sign-ins.json"
    if path.is_file():
        known: dict[str, str] = json.loads(path.read_text(encoding="utf-8"))
        return known
    made = {name: secrets.token_urlsafe(6) for name, _, _ in PEOPLE}
    data.mkdir(parents=True, exist_ok=True)
    path.touch(mode=0o600)
    path.write_text(json.dumps(made), encoding="utf-8")
    return made


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _prepare(settings: Settings, files: Path, passwords: Mapping[str, str]) -> str:
    """Accounts, the project, its layers and its plan; returns the project's id."""
    from api.services import bootstrap
    from api.services.uploads import Naming

    ctx = bootstrap.open_context(settings)
    bootstrap.ensure_admin(ctx)
    actors = {
        name: bootstrap.ensure_user(ctx, name=name, password=passwords[name], display_name=shown)
        for name, _, shown in PEOPLE
    }
    chosen = read_project_file(files / "project.toml")
    project_id = bootstrap.ensure_project(
        ctx,
        name=PROJECT,
        members={str(actors[name].id): role for name, role, _ in PEOPLE},
        description="示例项目：种入的缺陷见 sample_models/index.toml",
        crs=chosen.crs,
        settings={
            "auto_review": False,
            "parameters": dict(chosen.parameters),
            "rehearsal": dict(chosen.rehearsal),
            "equipment": [dict(e) for e in chosen.equipment],
            "links": [dict(e) for e in chosen.links],
        },
    )
    marker = settings.data / "layers-uploaded"
    if not marker.exists():
        for entry in chosen.layers:
            file = packed(files / entry.file, settings.data)
            naming = Naming(
                filename=file.name,
                name=entry.name or Path(entry.file).stem,
                role=entry.role,
                crs=entry.crs,
                facts=entry.facts,
            )
            bootstrap.upload_file(ctx, actors["coordinator"], project_id, "layer", file, naming)
        marker.touch()
    marker = settings.data / "plan-uploaded"
    if not marker.exists():
        plan = Naming(filename=PLAN, name="施工总进度计划")
        file = files / PLAN
        bootstrap.upload_file(ctx, actors["coordinator"], project_id, "schedule", file, plan)
        marker.touch()
    return project_id


def _sign_in(base: str, passwords: Mapping[str, str], service: "subprocess.Popen[bytes]") -> Client:
    """A client of the coordinator, once the service answers."""
    client = Client(base + "/api/v1")
    for _ in range(300):
        if service.poll() is not None:
            message = "the service stopped before it answered"
            raise RuntimeError(message)
        try:
            answer = client.post(
                "/auth/login", {"name": "coordinator", "password": passwords["coordinator"]}
            )
        except (urllib.error.URLError, ConnectionError):
            time.sleep(0.1)
            continue
        return Client(base + "/api/v1", token=answer["token"])
    message = "the service did not answer within 30 s"
    raise RuntimeError(message)


def as_placement(control: ControlPoints) -> dict[str, Any]:
    """Control points as they are sent over HTTP."""
    points = [
        {
            "number": p.number,
            "x": p.local[0],
            "y": p.local[1],
            "z": p.local_height,
            "eastings": p.target[0],
            "northings": p.target[1],
            "height": p.height,
        }
        for p in control.points
    ]
    return {"crs": control.crs, "control_points": points, "residual_mm": 1000 * control.limit}


def review_states(
    client: Client,
    project_id: str,
    states: Sequence[Mapping[str, Path]],
    control: Mapping[str, ControlPoints] | None = None,
) -> None:
    """Upload each state of the design, a review after each; nothing to do the second time.

    `control` holds control points by model, for those that nothing else places.
    """
    project, control = f"/projects/{project_id}", control or {}
    if client.get(f"{project}/runs")["items"]:
        return
    for number, revision in enumerate(states, start=1):
        _say(f"reviewing revision {number} of the sample project 正在审查示例项目第 {number} 版")
        for name, path in revision.items():
            made = client.put_file(f"{project}/models/{name}/content?filename={path.name}", path)
            if name in control:
                place = f"{project}/models/{made['model']['id']}/placement"
                client.put(place, as_placement(control[name]))
        _wait(client, f"{project}/models", _all_ready)
        client.post(f"{project}/runs", {})
        _wait(client, f"{project}/runs", _all_ended)


def review_by_itself(settings: Settings, project_id: str) -> None:
    """From now on review what people upload; once, so that their own choice stays later."""
    from api.services import bootstrap

    marker = settings.data / "reviews-by-itself"
    if not marker.exists():
        ctx = bootstrap.open_context(settings)
        bootstrap.change_settings(ctx, project_id, {"auto_review": True})
        marker.touch()


def sample_revisions(files: Path) -> list[dict[str, Path]]:
    """Model files by name, one mapping for each state of the design, from ``index.toml``."""
    index = tomllib.loads((ROOT / "sample_models" / "index.toml").read_text(encoding="utf-8"))
    return [
        {Path(file).stem: files / file for file in index["revisions"][state]}
        for state in sorted(index["revisions"])
    ]


def packed(path: Path, folder: Path) -> Path:
    """The file to upload for a layer: a Shapefile travels as a zip of its parts."""
    if path.suffix != ".shp":
        return path
    target = folder / f"{path.stem}.zip"
    with zipfile.ZipFile(target, "w") as archive:
        for part in sorted(path.parent.glob(f"{path.stem}.*")):
            archive.write(part, part.name)
    return target


def _all_ready(items: list[dict[str, Any]]) -> bool:
    return all(i["latest"]["revision"]["state"] in ("ready", "failed") for i in items)


def _all_ended(items: list[dict[str, Any]]) -> bool:
    return all(i["state"] not in ("queued", "running") for i in items)


def _wait(client: Client, path: str, done: Any) -> None:
    end = time.monotonic() + PATIENCE
    while not done(client.get(path)["items"]):
        if time.monotonic() > end:
            message = f"{path} was not ready within {PATIENCE:.0f} s"
            raise TimeoutError(message)
        time.sleep(0.3)


def _welcome(base: str, passwords: Mapping[str, str]) -> None:
    _say(f"\n  yuyan 预演 is ready 已就绪: {base}/\n")
    for name, _, shown in PEOPLE:
        _say(f"  {shown}: {name} / {passwords[name]}")
    _say("\n  Ctrl-C stops it 按 Ctrl-C 停止")
