"""The child process that reads and meshes one IFC file and leaves its results as files."""

import ctypes
import gc
import json
import os
import resource
import signal
import sys
from pathlib import Path
from typing import Any

from bimcore.ifc.events import Events
from bimcore.ifc.process import MEMORY_EXIT

_PR_SET_PDEATHSIG = 1
_PR_SET_NO_NEW_PRIVS = 38
_OPEN_FILES = 64


def confine(job: dict[str, Any]) -> None:
    """Give up what the job does not need: memory, processor time, disk, files, privileges."""
    libc = ctypes.CDLL(None, use_errno=True)
    libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != job["parent"]:  # the parent died before the line above
        sys.exit(1)
    libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    cpu = int(job["cpu_seconds"])
    for what, amount in (
        (resource.RLIMIT_AS, int(job["memory_bytes"])),
        (resource.RLIMIT_CPU, cpu),
        (resource.RLIMIT_FSIZE, int(job["output_bytes"])),
        (resource.RLIMIT_NOFILE, _OPEN_FILES),
        (resource.RLIMIT_CORE, 0),
    ):
        _, most = resource.getrlimit(what)
        amount = amount if most == resource.RLIM_INFINITY else min(amount, most)
        resource.setrlimit(what, (amount, amount))


def main(folder: Path) -> None:
    """Do the job described in ``job.json`` of `folder`."""
    job = json.loads((folder / "job.json").read_text(encoding="utf-8"))
    confine(job)
    # what is read lives to the end: the collector would walk it over and over for nothing
    gc.set_threshold(200_000, 50, 50)
    events = Events(folder / "events.txt")
    # after the limits: importing numpy and ifcopenshell is already part of the job
    from bimcore.ifc.work import work

    work(folder, job, events)


if __name__ == "__main__":
    try:
        main(Path(sys.argv[1]))
    except MemoryError:
        os._exit(MEMORY_EXIT)
