"""Reading one file in as many child processes as it takes to get past what kills them."""

import json
import os
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bimcore.ifc import process
from bimcore.progress import Progress

#: Children for one file; bisecting 10,000 products to a handful of culprits takes fewer.
MAX_ATTEMPTS = 60
#: Share of the time kept for the attempt that ends with what there is.
_RESERVE = 0.25
_CHUNKS = 8
#: Seconds per byte that one kernel call may stay silent on top of the usual limit.
_KERNEL_PACE = 3e-6
_RETRY_SILENCE = 0.34


@dataclass(slots=True, eq=False)
class State:
    """What is known after some attempts.

    Attributes
    ----------
    chunks : list of list of int or None
        Kernel calls still to make; None for one call with everything.
    no_kernel, no_referee : dict
        How a product ended the child, by instance number: ``"crash"``, ``"silent"``,
        ``"timeout"`` or ``"memory"``.
    last : bool
        Whether the next attempt must do without any kernel.

    """

    chunks: list[list[int]] | None = None
    no_kernel: dict[int, str] = field(default_factory=dict)
    no_referee: dict[int, str] = field(default_factory=dict)
    last: bool = False


@dataclass(slots=True, eq=False)
class Log:
    """Where a child is, read from its event file."""

    path: Path
    progress: Progress
    stage: str = ""
    number: int = -1
    share: float = 0.0
    _read: int = 0

    def update(self) -> None:
        """Read new events and report progress."""
        if not self.path.exists():
            return
        with self.path.open("rb") as file:
            file.seek(self._read)
            text = file.read()
        complete = text.rfind(b"\n") + 1
        self._read += complete
        for line in text[:complete].decode("ascii", "replace").splitlines():
            self._take(line.split())
        self.progress(self.share, self.stage)

    def _take(self, words: list[str]) -> None:
        if len(words) != 3:
            return
        if words[0] == "stage":
            self.stage, self.number = words[1], -1
        else:
            self.stage = {"chunk": "mesh", "product": "referee"}.get(words[0], self.stage)
            self.number = int(words[1])
        self.share = max(self.share, min(1.0, float(words[2])))


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """Limits of all attempts together; seconds and bytes."""

    seconds: float
    silence_seconds: float
    memory_bytes: int
    file_bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """How the last attempt ended, in which stage, and how many there were."""

    ending: process.Ending
    stage: str
    attempts: int


def run(folder: Path, job: dict[str, Any], budget: Budget, progress: Progress) -> Outcome:
    """Run children on `job` until one finishes or nothing is left to try."""
    end = time.monotonic() + budget.seconds
    state, attempts = State(), 0
    while True:
        attempts += 1
        left = end - time.monotonic()
        spare = 0.0 if state.last else _RESERVE * budget.seconds
        log = Log(folder / "events.txt", progress)
        log.path.unlink(missing_ok=True)
        # a first attempt gets all the time: most long files are large, not hostile
        limit = max(0.05, left - spare)
        _write_job(folder, job, state, limit, budget)
        ending = process.run(
            ["-m", "bimcore.ifc.child", str(folder)],
            folder=folder,
            events=log.path,
            watch=process.Watch(
                seconds=limit,
                memory_bytes=budget.memory_bytes,
                silence_seconds=_silence(log, budget, attempts),
                on_events=log.update,
            ),
        )
        outcome = Outcome(ending=ending, stage=log.stage, attempts=attempts)
        if ending.kind == "done" or state.last or not _learn(state, folder, outcome, log):
            return outcome
        if attempts >= MAX_ATTEMPTS - 1 or end - time.monotonic() < spare:
            state.last = True


def _silence(log: Log, budget: Budget, attempts: int) -> Any:
    usual = budget.silence_seconds

    def seconds() -> float:
        if log.stage == "referee":  # tells each product
            return usual * (1.0 if attempts == 1 else _RETRY_SILENCE)
        if log.stage == "mesh" and log.number >= 0:  # tells each chunk, a part of the file
            return usual * _RETRY_SILENCE + _KERNEL_PACE * budget.file_bytes
        # the other stages are one call each, however large the file
        return usual + _KERNEL_PACE * budget.file_bytes

    return seconds


def _write_job(
    folder: Path, job: dict[str, Any], state: State, limit: float, budget: Budget
) -> None:
    chunks = [] if state.last else state.chunks
    plan = {
        "chunks": chunks,
        "no_kernel": sorted(state.no_kernel),
        "no_referee": sorted(state.no_referee),
        "referee_seconds": 0.0 if state.last else 0.6 * limit,
    }
    reasons = {str(n): k for n, k in (state.no_kernel | state.no_referee).items()}
    whole = {
        **job,
        "parent": os.getpid(),
        "memory_bytes": budget.memory_bytes,
        "cpu_seconds": int(2 * limit) + 2,
        "plan": plan,
        "reasons": reasons,
    }
    (folder / "job.json").write_text(json.dumps(whole), encoding="utf-8")


def _learn(state: State, folder: Path, outcome: Outcome, log: Log) -> bool:
    """Take the culprit out of the next attempt; False when there is no way on."""
    kind = outcome.ending.kind
    if outcome.stage == "referee" and log.number >= 0:
        state.no_referee[log.number] = kind
        return True
    if outcome.stage != "mesh":
        return False
    if state.chunks is None:
        products = _products(folder)
        if not products:
            return False
        size = max(1, -(-len(products) // _CHUNKS))
        state.chunks = [products[i : i + size] for i in range(0, len(products), size)]
        if len(products) > 1:
            return True
        log.number = 0
    _split(state, folder, log.number, kind)
    return True


def _split(state: State, folder: Path, place: int, kind: str) -> None:
    """Halve the chunk that killed the child; drop those that are done.

    The halves come last: what is sound is made before more time goes to what is not.
    """
    chunks = state.chunks or []
    rest: list[list[int]] = []
    halves: list[list[int]] = []
    for i, chunk in enumerate(chunks):
        if (folder / f"kernel-{chunk[0]}-{len(chunk)}.npz").exists():
            continue
        if i != place:
            rest.append(chunk)
        elif len(chunk) == 1:
            state.no_kernel[chunk[0]] = kind
        else:
            halves = [chunk[: len(chunk) // 2], chunk[len(chunk) // 2 :]]
    state.chunks = rest + halves


def _products(folder: Path) -> list[int]:
    path = folder / "products.json"
    if not path.exists():
        return []
    return [int(n) for n in json.loads(path.read_text(encoding="utf-8"))]
