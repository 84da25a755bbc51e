"""What an operator asks: readiness and figures."""

import shutil
from datetime import timedelta

from api.services.context import Context
from api.store import jobs

_ALIVE = timedelta(seconds=30)


def readiness(ctx: Context) -> dict[str, object]:
    """Database, blobs and workers; raises when the database does not answer."""
    with ctx.store.db.read() as tx:
        workers = jobs.live_workers(tx, ctx.clock() - _ALIVE)
    return {"ready": ctx.settings.blobs.is_dir(), "workers": workers}


def metrics(ctx: Context) -> str:
    """Jobs, workers and disk in the Prometheus text format."""
    with ctx.store.db.read() as tx:
        counts = jobs.counts(tx)
        workers = jobs.live_workers(tx, ctx.clock() - _ALIVE)
    disk = shutil.disk_usage(ctx.settings.blobs)
    lines = ["# TYPE yuyan_jobs gauge"]
    states = ("queued", "running", "done", "failed", "cancelled")
    lines += [f'yuyan_jobs{{state="{s}"}} {counts.get(s, 0)}' for s in states]
    lines += ["# TYPE yuyan_workers gauge", f"yuyan_workers {workers}"]
    lines += ["# TYPE yuyan_disk_free_bytes gauge", f"yuyan_disk_free_bytes {disk.free}"]
    return "\n".join(lines) + "\n"
