"""One child process under limits of time, memory and output, watched until it ends."""

import contextlib
import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

#: How often the parent looks at progress and memory, seconds.
_POLL = 0.1
_ENVIRONMENT = {
    "PATH": "/usr/bin:/bin",
    "LANG": "C.UTF-8",
    "OPENBLAS_NUM_THREADS": "1",
    "OMP_NUM_THREADS": "2",
    "MALLOC_ARENA_MAX": "4",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    """How a child ended.

    Attributes
    ----------
    kind : str
        ``"done"``, ``"crash"``, ``"timeout"``, ``"silent"`` or ``"memory"``.
    detail : str
        Signal name or exit code, and the last line of the error output.
    seconds : float
        Wall time.

    """

    kind: str
    detail: str
    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Watch:
    """Limits of one child.

    Attributes
    ----------
    seconds : float
        Wall time.
    memory_bytes : int
        Address space; the child sets the limit itself, the parent judges by it.
    silence_seconds : callable
        Seconds without a new byte in the event file before the child counts as hung;
        asked again at each look because it depends on the stage.
    on_events : callable
        Called after new bytes came; may raise to stop the child.

    """

    seconds: float
    memory_bytes: int
    silence_seconds: Callable[[], float]
    on_events: Callable[[], None]


def run(arguments: Sequence[str], *, folder: Path, events: Path, watch: Watch) -> Ending:
    """Run ``python -I <arguments>`` in its own session until it ends or breaks a limit.

    Whatever happens, nothing of its process group is left when this returns.
    """
    errors = folder / "errors.txt"
    start = time.monotonic()
    with errors.open("wb") as sink:
        process = subprocess.Popen(  # noqa: S603  # our own module, no shell
            [sys.executable, "-I", *arguments],
            cwd=folder,
            env={**_ENVIRONMENT, "TMPDIR": str(folder), "HOME": str(folder)},
            stdin=subprocess.DEVNULL,
            stdout=sink,
            stderr=sink,
            start_new_session=True,
        )
    broken, peak = "", 0
    try:
        broken, peak = _watch(process, events, watch, start)
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
    seconds = time.monotonic() - start
    if broken:
        return Ending(kind=broken, detail="", seconds=seconds)
    return _judge(process.returncode, errors, seconds=seconds, peak=peak, watch=watch)


def _watch(
    process: "subprocess.Popen[bytes]", events: Path, watch: Watch, start: float
) -> tuple[str, int]:
    heard, size, peak = start, 0, 0
    while not _wait(process, _POLL):
        now = time.monotonic()
        peak = max(peak, _memory(process.pid))
        new_size = events.stat().st_size if events.exists() else 0
        if new_size != size:
            heard, size = now, new_size
            watch.on_events()
        if now - start > watch.seconds:
            return "timeout", peak
        if now - heard > watch.silence_seconds():
            return "silent", peak
    watch.on_events()
    return "", peak


def _wait(process: "subprocess.Popen[bytes]", seconds: float) -> bool:
    """Whether the process ended within `seconds`; wakes the moment it does."""
    try:
        handle = os.pidfd_open(process.pid)
    except OSError:
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(timeout=seconds)
        return process.poll() is not None
    try:
        select.select([handle], [], [], seconds)
    finally:
        os.close(handle)
    return process.poll() is not None


def _memory(pid: int) -> int:
    """Address space in bytes now; 0 when the process is gone."""
    try:
        pages = int(Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()[0])
    except (OSError, ValueError, IndexError):
        return 0
    return pages * os.sysconf("SC_PAGESIZE")


#: Exit code of the child for a MemoryError.
MEMORY_EXIT = 86
_MEMORY_WORDS = (
    "memory allocation",
    "bad_alloc",
    "memoryerror",
    "out of memory",
    "allocate memory",
    "failed to map segment",
    "pthread_create failed",
    "spawn failed: resource temporarily unavailable",
    "can't start new thread",
)


def _judge(code: int, errors: Path, *, seconds: float, peak: int, watch: Watch) -> Ending:
    text = errors.read_bytes()[-4000:].decode("utf-8", "replace")
    last = next((line for line in reversed(text.splitlines()) if line.strip()), "")[:200]
    if code == 0:
        return Ending(kind="done", detail="", seconds=seconds)
    name = signal.Signals(-code).name if code < 0 else f"exit {code}"
    # OpenCASCADE dies by SIGSEGV when an allocation fails: near the limit that is no crash.
    starved = peak > 0.8 * watch.memory_bytes or any(w in text.lower() for w in _MEMORY_WORDS)
    if code == MEMORY_EXIT or starved:
        return Ending(kind="memory", detail=name, seconds=seconds)
    if code == -signal.SIGXCPU:
        return Ending(kind="timeout", detail=name, seconds=seconds)
    detail = name if code < 0 else f"{name}: {last}"
    return Ending(kind="crash", detail=detail, seconds=seconds)
