"""Progress reporting and cancellation as an argument."""

from typing import Protocol


class Progress(Protocol):
    """Called with the share done in [0, 1] and a stage name; may raise ``Cancelled``."""

    def __call__(self, share: float, stage: str = "") -> None:
        """Report; raise :class:`bimcore.errors.Cancelled` to stop the work."""


def silent(share: float, stage: str = "") -> None:
    """Report to nobody."""
    del share, stage


def span(progress: Progress, first: float, last: float) -> Progress:
    """A progress whose [0, 1] maps onto [`first`, `last`] of `progress`."""

    def inner(share: float, stage: str = "") -> None:
        progress(first + (last - first) * share, stage)

    return inner
