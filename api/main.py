"""The web process: builds the application, serves it and looks after one worker."""

import asyncio
import contextlib
import logging
import signal
import socket
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from importlib.metadata import version
from typing import Any

from fastapi import FastAPI
from fastapi.routing import APIRoute
from granian.constants import Interfaces
from granian.http import HTTP1Settings
from granian.log import LogLevels
from granian.server.embed import Server
from starlette.middleware import Middleware
from starlette.middleware.gzip import DEFAULT_EXCLUDED_CONTENT_TYPES, GZipMiddleware

from api import problems, schemas
from api.routes import auth, issues, jobs, links, models, projects, rules, runs, service, tus, web
from api.routes.edge import Edge, Figures
from api.services.accounts import Attempts
from api.services.bootstrap import ensure_admin, open_context
from api.services.context import Context
from api.settings import Settings, child_environment, configure_log
from bimcore.errors import InputError

log = logging.getLogger(__name__)

PREFIX = "/api/v1"
_HEADER_SECONDS = 10
#: Downloads keep their length, so that the browser can show how much is left.
_COMPRESSION: dict[str, Any] = {
    "compresslevel": 3,
    "exclude_content_types": (*DEFAULT_EXCLUDED_CONTENT_TYPES, "application/octet-stream"),
}


def create_app(settings: Settings, *, context: Context | None = None) -> FastAPI:
    """The application on the store of `settings`, or on an open `context`."""
    ctx = context or open_context(settings)
    settings.work.mkdir(parents=True, exist_ok=True)
    figures = Figures()

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        yield
        app.state.stopping.set()

    app = FastAPI(
        title="yuyan 预演",
        version=version("yuyan"),
        description="BIM and GIS model review and clash rehearsal.",
        openapi_url=f"{PREFIX}/openapi.json",
        docs_url=None,
        redoc_url=None,
        lifespan=lifespan,
        generate_unique_id_function=_operation_id,
        middleware=[Middleware(Edge, figures=figures), Middleware(GZipMiddleware, **_COMPRESSION)],
        responses={"4XX": {"model": schemas.Problem, "description": "Problem (RFC 9457)."}},
    )
    app.state.context = ctx
    app.state.attempts = Attempts(settings.login_attempts)
    app.state.figures = figures
    app.state.stopping = asyncio.Event()
    app.state.newest = jobs.Newest()
    problems.install(app)
    for router in (
        auth.router,
        projects.router,
        projects.inside,
        models.router,
        tus.router,
        rules.router,
        links.router,
        runs.router,
        issues.router,
        jobs.router,
    ):
        app.include_router(router, prefix=PREFIX)
    app.include_router(service.router)
    app.include_router(web.web_router(web.find_web(settings.web)))
    return app


def _operation_id(route: APIRoute) -> str:
    return route.name


def free_port(host: str) -> int:
    """A port nobody listens on at the moment."""
    with socket.socket() as probe:
        probe.bind((host, 0))
        return int(probe.getsockname()[1])


class PortTaken(InputError):
    """Somebody listens there already, or the address is none of this machine's."""


def claim(host: str, port: int) -> None:
    """Make sure that nobody listens at an address: the server would share it without a word.

    Raises
    ------
    PortTaken
        When it cannot be had.

    """
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        with socket.socket(family, kind, protocol) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except OSError as err:
        message = (
            f"{host}:{port}: {err.strerror}; choose another with --port or YUYAN_PORT"
            " 地址不可用，请用 --port 或 YUYAN_PORT 另选端口"
        )
        raise PortTaken(message) from err


def serve(
    settings: Settings,
    *,
    worker: bool = True,
    started: Callable[[str], None] | None = None,
) -> None:
    """Serve until SIGINT or SIGTERM; `started` is told the address once it answers.

    Parameters
    ----------
    settings : Settings
        Port 0 takes a free one.
    worker : bool
        Whether to keep one worker process running beside.
    started : callable, optional
        Without it the address, and a made-up administrator password, are printed.

    Raises
    ------
    PortTaken
        When somebody listens there already.

    """
    configure_log(settings)
    if settings.port:
        claim(settings.host, settings.port)
    ctx = open_context(settings)
    # Beside a database server other processes may be writing; nobody pauses that long.
    ctx.store.blobs.sweep(older=0.0 if settings.embedded else 3600.0)
    password = ensure_admin(ctx)
    port = settings.port or free_port(settings.host)
    address = f"http://{settings.host}:{port}/"
    tell = started or _announce(settings, password)
    app = create_app(settings, context=ctx)
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(_serve(app, settings, port, worker=worker, started=lambda: tell(address)))


def _announce(settings: Settings, password: str | None) -> Callable[[str], None]:
    def tell(address: str) -> None:
        lines = [f"yuyan 预演: {address}"]
        if password is not None:
            note = settings.data / "first-sign-in.txt"
            note.touch(mode=0o600)
            note.write_text(f"admin {password}\n", encoding="utf-8")
            lines.append(f"first sign-in 首次登录: admin / {password}  (also in {note})")
        sys.stdout.write("\n".join(lines) + "\n")
        sys.stdout.flush()

    return tell


async def _serve(
    app: FastAPI, settings: Settings, port: int, *, worker: bool, started: Callable[[], None]
) -> None:
    server = Server(
        app,
        address=settings.host,
        port=port,
        interface=Interfaces.ASGI,
        log_access=False,
        log_level=LogLevels.critical,
        websockets=False,
        http1_settings=HTTP1Settings(header_read_timeout=_HEADER_SECONDS * 1000),
    )
    loop = asyncio.get_running_loop()
    stop = asyncio.Event()
    for name in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(name, stop.set)
    serving = loop.create_task(server.serve())
    minding = loop.create_task(_mind_worker(settings, stop)) if worker else None
    await _answering(settings.host, port, serving)
    started()
    waiting = loop.create_task(stop.wait())
    await asyncio.wait({waiting, serving}, return_when=asyncio.FIRST_COMPLETED)
    stop.set()
    app.state.stopping.set()
    server.stop()  # type: ignore[no-untyped-call]
    if minding is not None:
        await minding
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(serving, timeout=5)


async def _answering(host: str, port: int, serving: "asyncio.Task[Any]") -> None:
    while not serving.done():
        try:
            _, writer = await asyncio.open_connection(host, port)
        except OSError:
            await asyncio.sleep(0.05)
            continue
        writer.close()
        return


async def _mind_worker(settings: Settings, stop: asyncio.Event) -> None:
    """Keep one worker process running; a worker that dies is started again."""
    wait = 0.2
    while not stop.is_set():
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "api.worker",
            "--tied",
            stdin=asyncio.subprocess.PIPE,
            env=child_environment(settings),
        )
        ended = asyncio.ensure_future(process.wait())
        stopped = asyncio.ensure_future(stop.wait())
        await asyncio.wait({ended, stopped}, return_when=asyncio.FIRST_COMPLETED)
        stopped.cancel()
        if stop.is_set():
            await _end(process)
            return
        log.error("worker ended", extra={"code": process.returncode})
        await asyncio.sleep(wait)
        wait = min(wait * 2, 10.0)


async def _end(process: asyncio.subprocess.Process) -> None:
    with contextlib.suppress(ProcessLookupError):
        process.terminate()
    try:
        await asyncio.wait_for(process.wait(), timeout=8)
    except TimeoutError:
        process.kill()
        await process.wait()
