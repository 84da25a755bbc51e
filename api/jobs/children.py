"""Child processes that do the heavy work, one a job, watched and killed with all they started."""

import contextlib
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

_LOOK = 0.2


@dataclass(frozen=True, slots=True)
class Ending:
    """How a child ended: ``"done"``, ``"crash"``, ``"timeout"`` or ``"stopped"``."""

    how: str
    detail: str = ""


class Child:
    """One process; it reads a request from its standard input and writes progress lines."""

    def __init__(self, command: list[str], environment: Mapping[str, str], log: Path) -> None:
        with log.open("wb") as errors:
            self._process = subprocess.Popen(  # noqa: S603 - our own interpreter and module
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
                env=dict(environment),
                start_new_session=True,
            )
        self._log = log
        self.share = 0.0
        self.stage = "start"

    @property
    def alive(self) -> bool:
        """Whether the process still runs."""
        return self._process.poll() is None

    def ask(self, request: Mapping[str, Any]) -> None:
        """Hand the request over."""
        pipe = self._process.stdin
        if pipe is not None:
            # A child that died meanwhile is seen by whoever watches it.
            with contextlib.suppress(BrokenPipeError):
                pipe.write(json.dumps(request).encode() + b"\n")
                pipe.flush()
        threading.Thread(target=self._listen, args=(self._process.stdout,), daemon=True).start()

    def _listen(self, lines: IO[bytes] | None) -> None:
        for line in lines or ():
            with contextlib.suppress(ValueError):
                share, _, stage = line.decode("utf-8", "replace").strip().partition(" ")
                self.share, self.stage = min(max(float(share), 0.0), 1.0), stage[:64]

    def watch(self, *, seconds: float, tick: Callable[[float, str], bool]) -> Ending:
        """Wait for the end; `tick` is told progress and says whether to go on."""
        end = time.monotonic() + seconds
        while True:
            try:
                code = self._process.wait(timeout=_LOOK)
            except subprocess.TimeoutExpired:
                if not tick(self.share, self.stage):
                    self.kill()
                    return Ending("stopped")
                if time.monotonic() > end:
                    self.kill()
                    return Ending("timeout")
                continue
            return Ending("done") if code == 0 else Ending("crash", self._detail(code))

    def kill(self) -> None:
        """End the process and all of its group; waits until it is gone."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                with contextlib.suppress(BrokenPipeError):
                    pipe.close()

    def tidy(self) -> None:
        """Remove the log of a child that ended well: nobody reads it."""
        if self._process.returncode == 0:
            self._log.unlink(missing_ok=True)

    def _detail(self, code: int) -> str:
        how = signal.Signals(-code).name if code < 0 else f"exit {code}"
        with contextlib.suppress(OSError):
            lines = self._log.read_text("utf-8", "replace").strip().splitlines()
            return f"{how}: {lines[-1][:300]}" if lines else how
        return how


class Nursery:
    """Starts children, and keeps one of a kind in reserve with its imports already done.

    All are started by one thread that lives as long as the process: the death signal that a
    child asks for is sent when the *thread* that started it ends.
    """

    def __init__(self, module: str, environment: Mapping[str, str], folder: Path) -> None:
        self._module = module
        self._environment = environment
        self._folder = folder
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="nursery")
        self._lock = threading.Lock()
        self._spare: dict[str, Child] = {}
        self._running: set[Child] = set()
        self.closed = False
        self._count = 0

    def prepare(self, kind: str) -> None:
        """Have a child of `kind` in reserve."""
        with self._lock:
            if self.closed or kind in self._spare:
                return
        child = self._start(kind)
        with self._lock:
            unwanted = self._spare.setdefault(kind, child) is not child
        if unwanted:
            child.kill()

    def take(self, kind: str) -> Child:
        """The child in reserve, or a fresh one."""
        with self._lock:
            child = self._spare.pop(kind, None)
        if child is None or not child.alive:
            child = self._start(kind)
        with self._lock:
            self._running.add(child)
        return child

    def done(self, child: Child) -> None:
        """Forget a child that has ended; the log of one that ended badly is kept."""
        child.kill()
        child.tidy()
        with self._lock:
            self._running.discard(child)

    def close(self) -> None:
        """Kill all children."""
        with self._lock:
            self.closed = True
            children = [*self._spare.values(), *self._running]
        for child in children:
            child.kill()

    def _start(self, kind: str) -> Child:
        with self._lock:
            self._count += 1
            log = self._folder / f"{kind}-{os.getpid()}-{self._count}.log"
        command = [sys.executable, "-m", self._module, kind]
        return self._thread.submit(Child, command, self._environment, log).result()
