"""Readers of uploads in child processes of their own, with bounded time and memory."""

import re
import resource
import subprocess
import sys
from pathlib import Path


def run(module: str, job: Path, out: Path, *, seconds: float) -> int | None:
    """Run ``python -P -m module job out`` to its end.

    Parameters
    ----------
    module : str
        One of ours, which bounds itself by :func:`limit`.
    job, out : Path
        What it is to read, and where it writes.
    seconds : float
        Of processor, which the child counts by itself: others may hold the processors, so it
        may take twice as long by the clock.

    Returns
    -------
    int or None
        The exit code, negative for a signal (memory, processor time, a crash); None when it
        took too long.

    """
    try:
        done = subprocess.run(  # noqa: S603 - our own interpreter and module, no shell
            [sys.executable, "-P", "-m", module, str(job), str(out)],
            check=False,
            capture_output=True,
            timeout=2 * seconds,
        )
    except subprocess.TimeoutExpired:
        return None
    return done.returncode


def limit(*, seconds: int, memory: int) -> None:
    """Bound this process: seconds of processor, bytes of address space, no core file."""
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def plain(message: str, path: Path) -> str:
    """A library's words about the file at `path` without paths, ours or those of its makers."""
    found = message.replace(str(path), "file").replace(str(path.parent), "")
    return re.sub(r"(?:/[\w.+-]+){2,}", "...", found)[:300]
