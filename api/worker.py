"""The worker process: carries jobs through with the durable engine and child processes."""

import argparse
import contextlib
import fcntl
import json
import logging
import os
import shutil
import signal
import socket
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

from api.codes import INTERNAL, JOB_CRASHED, JOB_TIMEOUT
from api.jobs.children import Child, Ending, Nursery
from api.jobs.durable import DurableEngine
from api.jobs.port import JobEngine, Work
from api.services import publishing, resumable
from api.services.bootstrap import open_context
from api.services.context import Context
from api.services.errors import problem_of
from api.services.requests import request_of
from api.settings import Settings, child_environment, configure_log
from api.store import accounts, jobs
from api.store.records import Job
from bimcore.errors import InputError

log = logging.getLogger(__name__)

_LOOK = 0.2
#: Between looks when nothing has happened for a while.
_LOOK_IDLE = 0.6
_IDLE_AFTER = 60.0
_BEAT = 5.0
_REAP = 15.0
_STALE = timedelta(seconds=45)
_REPORT = 0.5
_SIGN_OF_LIFE = 5.0


class Worker:
    """Carries jobs through: what the engine calls, and the rounds that feed it."""

    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx
        self.stopping = threading.Event()
        # Of its own: what it clears away at its start is no other worker's.
        folder = ctx.settings.work / "jobs" / ctx.settings.executor_id
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self.nursery = Nursery("api.tasks.child", child_environment(ctx.settings), folder)
        self.cancelled: set[str] = set()
        self._held: dict[tuple[str, int], Job] = {}

    # What the engine calls

    def begin(self, job_id: str) -> int | None:
        """Take a job over."""
        job = publishing.begin(self.ctx, job_id)
        if job is None:
            return None
        self._held[(job_id, job.attempt)] = job
        return job.attempt

    def compute(self, job_id: str, start: int) -> str:
        """Have a child compute a job; the key of the blob that holds the outcome."""
        outcome = self._guarded(self._held[(job_id, start)])
        return self.ctx.store.blobs.put(json.dumps(outcome).encode())

    def publish(self, job_id: str, start: int, key: str) -> None:
        """Make an outcome visible."""
        outcome = json.loads(self.ctx.store.blobs.path(key).read_bytes())
        job = self._held[(job_id, start)]
        publishing.publish(self.ctx, job, outcome)
        self._held.pop((job_id, start), None)

    def _guarded(self, job: Job) -> dict[str, Any]:
        """The outcome of a job; whatever goes wrong here is an outcome too."""
        folder = self.folder / f"{job.id}-{job.attempt}"
        try:
            folder.mkdir(parents=True)
            return self._compute(job, folder)
        except Exception as err:
            incident = f"{job.id[:8]}-{job.attempt}"
            log.exception("job failed", exc_info=err, extra={"job": job.id, "incident": incident})
            return {"problem": problem_of(INTERNAL, incident=incident)}
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def _compute(self, job: Job, folder: Path) -> dict[str, Any]:
        request = request_of(self.ctx, job, folder)
        if "problem" in request:
            return {"problem": request["problem"]}
        ending = self._run_child(job, request)
        if ending.how == "crash":
            # The memory of the machine may have been short for a moment; the second crash counts.
            log.warning("child crashed, tried again", extra={"job": job.id, "how": ending.detail})
            ending = self._run_child(job, request)
        self.nursery.prepare(job.kind)
        return self._outcome(job, folder, ending)

    def _run_child(self, job: Job, request: dict[str, Any]) -> Ending:
        child = self.nursery.take(job.kind)
        try:
            child.ask(request)
            ending = self._watch(job, child)
        finally:
            self.nursery.done(child)
        if self.stopping.is_set():
            self._sleep_to_the_end()
        return ending

    def _sleep_to_the_end(self) -> None:
        """Do not report a child as crashed that this process killed because it ends itself."""
        while True:
            time.sleep(60)

    def _watch(self, job: Job, child: Child) -> Ending:
        seconds = self._limit(job)
        told = (0.0, "start")
        next_report = next_sign = 0.0

        def tick(share: float, stage: str) -> bool:
            nonlocal told, next_report, next_sign
            if job.id in self.cancelled:
                return False
            now = time.monotonic()
            news = (share, stage) != told and now >= next_report
            if self.stopping.is_set() or not (news or now >= next_sign):
                return True
            told, next_report, next_sign = (share, stage), now + _REPORT, now + _SIGN_OF_LIFE
            return publishing.report(self.ctx, job, share * 0.97, stage)

        return child.watch(seconds=seconds, tick=tick)

    def _limit(self, job: Job) -> float:
        s = self.ctx.settings
        # The reader ends itself at its limit; the rest is for storing the result.
        return s.ingest_seconds + 120 if job.kind == "ingest" else s.review_seconds

    def _outcome(self, job: Job, folder: Path, ending: Ending) -> dict[str, Any]:
        if ending.how == "stopped":
            return {"cancelled": True}
        if ending.how == "timeout":
            return {"problem": problem_of(JOB_TIMEOUT, seconds=round(self._limit(job)))}
        if ending.how == "crash":
            log.error("child crashed", extra={"job": job.id, "how": ending.detail})
            return {"problem": problem_of(JOB_CRASHED, how=ending.detail.partition(":")[0])}
        outcome: dict[str, Any] = json.loads((folder / "outcome.json").read_bytes())
        return self._adopt(outcome, folder)

    def _adopt(self, outcome: dict[str, Any], folder: Path) -> dict[str, Any]:
        """Move the files of an outcome into the blobs."""
        keep = self.ctx.store.blobs.adopt
        files = outcome.pop("files", {})
        outcome["artefacts"] = {name: keep(folder / file) for name, file in files.items()}
        scene = outcome.get("scene")
        if scene:
            scene["elements"] = keep(folder / scene.pop("elements_file"))
            for tile in scene["tiles"]:
                tile["key"] = keep(folder / tile.pop("file"))
        return outcome

    # The rounds that feed the engine

    def feed(self, engine: JobEngine) -> bool:
        """Tell the engine of waiting jobs, and end those that people gave up; whether any were."""
        with self.ctx.store.db.read() as tx:
            waiting = jobs.waiting(tx, self.ctx.clock(), limit=200)
            given_up = jobs.to_cancel(tx)
        for job in waiting:
            key = f"{job.id}:{job.attempt}"
            engine.enqueue(job.kind, key, job.id)
            told = {"enqueued": True, "engine_key": key, "updated": self.ctx.clock()}
            with self.ctx.store.db.write() as tx:
                jobs.change(tx, job.id, told)
        self.cancelled = {j.id for j in given_up if j.state == "running"}
        for job in given_up:
            if job.state == "running":
                continue
            engine.cancel([job.engine_key] if job.engine_key else [])
            with self.ctx.store.db.write() as tx:
                publishing.end_cancelled(tx, self.ctx, job)
        return bool(waiting or given_up or self._held)

    def reap(self, engine: JobEngine) -> None:
        """Take up jobs that show no sign of life."""
        now = self.ctx.clock()
        with self.ctx.store.db.read() as tx:
            stalled = jobs.stalled(tx, now, _STALE)
        keys = {j.engine_key: j for j in stalled if j.engine_key}
        lost = set(engine.lost(list(keys)))
        for key, job in keys.items():
            if key in lost:
                log.warning("job taken up again", extra={"job": job.id})
                with self.ctx.store.db.write() as tx:
                    jobs.change(tx, job.id, {"state": "queued", "enqueued": False})
            elif job.state == "running":
                engine.resume([key])
        resumable.sweep(self.ctx)
        with self.ctx.store.db.write() as tx:
            accounts.drop_expired(tx, now)
            jobs.forget_events(tx, now, days=2)

    def beat(self) -> None:
        """Say that this worker is alive."""
        with self.ctx.store.db.write() as tx:
            jobs.beat(tx, self.ctx.settings.executor_id, self.ctx.clock())


@contextmanager
def seat(settings: Settings) -> Iterator[str]:
    """The name of this worker, which no other has while it lives.

    The embedded store has one seat. Beside a database server each worker of a machine takes the
    first that is free: after a restart it finds what it left.

    Raises
    ------
    WorkerRunning
        When another process holds the one seat for more than ten seconds.

    """
    settings.data.mkdir(parents=True, exist_ok=True)
    with contextlib.ExitStack() as held:
        if settings.embedded:
            end = time.monotonic() + 10
            while not _taken(held, settings.data / "worker.lock"):
                if time.monotonic() > end:
                    raise WorkerRunning
                time.sleep(0.2)
            yield settings.executor_id or "local"
            return
        name = settings.executor_id or socket.gethostname()[:48]
        number = 1
        settings.work.mkdir(parents=True, exist_ok=True)
        while not _taken(held, settings.work / f"worker-{name}-{number}.lock"):
            number += 1
        yield name if number == 1 else f"{name}-{number}"


def _taken(held: contextlib.ExitStack, path: Path) -> bool:
    """Whether this process has the lock of a file now; `held` keeps it."""
    file = path.open("w")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        file.close()
        return False
    held.enter_context(file)
    return True


class WorkerRunning(InputError):
    """Another worker uses this data folder; stop it, or use PostgreSQL for several workers."""

    code = "SRV956"


def run_worker(settings: Settings, *, tied: bool = False) -> None:
    """Work until SIGINT or SIGTERM; with `tied` also until standard input is closed."""
    configure_log(settings)
    with seat(settings) as name:
        settings = settings.model_copy(update={"executor_id": name})
        ctx = open_context(settings)
        worker = Worker(ctx)
        stop = worker.stopping
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: stop.set())
        if tied:
            threading.Thread(target=_until_closed, args=(stop,), daemon=True).start()
        _tidy(worker.folder)
        work = Work(begin=worker.begin, compute=worker.compute, publish=worker.publish)
        queues = {"ingest": settings.readers, "review": 1}
        engine = DurableEngine(settings.jobs_url, settings.executor_id, work, queues)
        engine.start()
        for kind in queues:
            worker.nursery.prepare(kind)
        try:
            _rounds(worker, engine)
        finally:
            worker.nursery.close()
            logging.shutdown()
            # What runs is taken up at the next start, as after a crash: one path, always tested.
            os._exit(0)


def _rounds(worker: Worker, engine: JobEngine) -> None:
    beat_at = reap_at = 0.0
    busy_at = time.monotonic()
    while not worker.stopping.is_set():
        try:
            now = time.monotonic()
            if worker.feed(engine):
                busy_at = now
            if now >= beat_at:
                beat_at = now + _BEAT
                worker.beat()
            if now >= reap_at:
                reap_at = now + _REAP
                worker.reap(engine)
        except Exception:
            # The boundary: a full disk or a database that restarts passes; the worker stays.
            log.exception("round failed")
            worker.stopping.wait(2.0)
        idle = time.monotonic() - busy_at > _IDLE_AFTER
        worker.stopping.wait(_LOOK_IDLE if idle else _LOOK)


def _until_closed(stop: threading.Event) -> None:
    while sys.stdin.buffer.read(1024):
        pass
    stop.set()


def _tidy(folder: Path) -> None:
    """Remove what an earlier worker left half done."""
    for path in folder.iterdir():
        if path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
        else:
            with contextlib.suppress(FileNotFoundError):
                path.unlink()


def main() -> int:
    """Run one worker with the settings of the environment."""
    parser = argparse.ArgumentParser(prog="python -m api.worker")
    parser.add_argument("--tied", action="store_true", help="end when standard input closes")
    options = parser.parse_args()
    try:
        run_worker(Settings(), tied=options.tied)
    except WorkerRunning as err:
        sys.stderr.write(f"{err}\n")
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
