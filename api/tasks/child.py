"""The process of one job: reads a request, computes, leaves files, ends."""

import ctypes
import importlib
import json
import os
import signal
import sys
from pathlib import Path
from typing import Any, TextIO

from bimcore.progress import Progress

_PR_SET_PDEATHSIG = 1


def main() -> int:
    """Prepare for the kind of job named on the command line, then do the one asked for."""
    out = _own_output()
    _die_with_parent()
    kind = sys.argv[1]
    if kind == "review":
        # Imports and kernels cost seconds; in reserve they cost nobody anything.
        from api.tasks.review import prepare

        prepare()
    else:
        importlib.import_module("api.tasks.ingest")
    line = sys.stdin.readline()
    if not line.strip():
        return 0
    request: dict[str, Any] = json.loads(line)
    outcome = _compute(request, _reporter(out))
    path = Path(request["folder"]) / "outcome.json"
    path.write_text(json.dumps(outcome), encoding="utf-8")
    return 0


def _compute(request: dict[str, Any], progress: Progress) -> dict[str, Any]:
    if request["task"] == "ingest":
        from api.tasks.ingest import ingest_model

        return ingest_model(request, progress)
    from api.tasks.review import review_project

    return review_project(request, progress)


def _own_output() -> TextIO:
    """The pipe to the parent; what others print goes to the log instead."""
    out = os.fdopen(os.dup(1), "w", buffering=1, encoding="utf-8")
    os.dup2(2, 1)
    return out


def _reporter(out: TextIO) -> Progress:
    def progress(share: float, stage: str = "") -> None:
        out.write(f"{share:.4f} {stage}\n")

    return progress


def _die_with_parent() -> None:
    """Ask the kernel for SIGKILL when the worker dies; elsewhere than on Linux do nothing."""
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


if __name__ == "__main__":
    sys.exit(main())
