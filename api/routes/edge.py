"""What every answer carries: security headers, and the count of requests."""

import asyncio
import re
import threading
import time
from collections import Counter

from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_POLICY = (
    "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self'; "
    "connect-src 'self'; object-src 'none'; base-uri 'self'; form-action 'self'; "
    "frame-ancestors 'none'"
)
_HEADERS = {
    "Content-Security-Policy": _POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(self), geolocation=(self), microphone=()",
}
#: Addresses that take files; they keep limits of their own while bytes arrive.
_FILES = re.compile(r"/(models|content|layers|schedules|rules|uploads(/[^/]*)?)$")
#: Any other body: most bytes, and seconds until it has arrived.
BODY_BYTES = 4 << 20
BODY_SECONDS = 30.0
_BODILESS = frozenset({"GET", "HEAD", "OPTIONS"})
_BUCKETS = (0.01, 0.05, 0.1, 0.5, 1.0, 5.0, float("inf"))


class Figures:
    """Requests by method and status, and how long they took."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._requests: Counter[tuple[str, int]] = Counter()
        self._buckets: Counter[float] = Counter()
        self._seconds = 0.0

    def count(self, method: str, status: int, seconds: float) -> None:
        """Note one answer."""
        with self._lock:
            self._requests[(method, status)] += 1
            self._seconds += seconds
            self._buckets.update(b for b in _BUCKETS if seconds <= b)

    def text(self) -> str:
        """The figures in the Prometheus text format."""
        with self._lock:
            requests = sorted(self._requests.items())
            buckets = [(b, self._buckets[b]) for b in _BUCKETS]
            seconds = self._seconds
        lines = ["# TYPE yuyan_http_requests_total counter"]
        for (method, status), n in requests:
            lines.append(f'yuyan_http_requests_total{{method="{method}",status="{status}"}} {n}')
        lines.append("# TYPE yuyan_http_request_seconds histogram")
        for bound, n in buckets:
            name = "+Inf" if bound == float("inf") else str(bound)
            lines.append(f'yuyan_http_request_seconds_bucket{{le="{name}"}} {n}')
        lines.append(f"yuyan_http_request_seconds_sum {seconds:.6f}")
        lines.append(f"yuyan_http_request_seconds_count {buckets[-1][1]}")
        return "\n".join(lines) + "\n"


class _Body:
    """The body of a request that is no file: neither endless nor endlessly slow."""

    def __init__(self, receive: Receive) -> None:
        self._receive = receive
        self._end = time.monotonic() + BODY_SECONDS
        self._size = 0
        self._whole = False

    async def __call__(self) -> Message:
        """Hand on the next part; whoever waits for the client to leave may wait on."""
        if self._whole:
            return await self._receive()
        try:
            async with asyncio.timeout(self._end - time.monotonic()):
                message = await self._receive()
        except TimeoutError as err:
            raise HTTPException(408) from err
        self._size += len(message.get("body", b""))
        if self._size > BODY_BYTES:
            raise HTTPException(413)
        self._whole = not message.get("more_body", False)
        return message


class Edge:
    """ASGI middleware: headers an answer does not set itself, and an end to every body."""

    def __init__(self, app: ASGIApp, figures: Figures) -> None:
        self._app = app
        self._figures = figures

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on and dress its answer."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        begin = time.perf_counter()

        async def dressed(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in _HEADERS.items():
                    headers.setdefault(name, value)
                if scope["path"].startswith("/api/"):
                    headers.setdefault("Cache-Control", "no-store")
                seconds = time.perf_counter() - begin
                self._figures.count(scope["method"], message["status"], seconds)
            await send(message)

        bounded = scope["method"] not in _BODILESS and not _FILES.search(scope["path"])
        await self._app(scope, _Body(receive) if bounded else receive, dressed)
