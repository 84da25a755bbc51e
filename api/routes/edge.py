"""What every answer carries: security headers, and the count of requests."""

import threading
import time
from collections import Counter

from starlette.datastructures import MutableHeaders
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


class Edge:
    """ASGI middleware that adds the headers an answer does not set itself."""

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

        await self._app(scope, receive, dressed)
