"""The port of the durable engine: the only thing that others know of it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Work:
    """What the engine does with a job, in three parts.

    Attributes
    ----------
    begin : callable
        Called at every start, also after a crash: takes the job over and gives the number
        of this start, or None when there is nothing to do any more.
    compute : callable
        (job id, start) -> key of the outcome. Not repeated once it has returned.
    publish : callable
        (job id, start, key) -> None. May be called again; takes effect once.

    """

    begin: Callable[[str], int | None]
    compute: Callable[[str, int], str]
    publish: Callable[[str, int, str], None]


class JobEngine(Protocol):
    """Durable execution: what was enqueued is carried through, whatever dies meanwhile."""

    def start(self) -> None:
        """Begin to work, taking up what an earlier process left."""

    def stop(self) -> None:
        """Stop without waiting; what runs is taken up at the next start."""

    def enqueue(self, kind: str, key: str, job_id: str) -> None:
        """Queue `job_id` under the unique `key`; the same key again does nothing."""

    def lost(self, keys: Sequence[str]) -> list[str]:
        """Those of `keys` that the engine does not know or has finished with."""

    def resume(self, keys: Sequence[str]) -> None:
        """Queue again what hangs on a dead process."""

    def cancel(self, keys: Sequence[str]) -> None:
        """Take what has not begun off the queue."""
