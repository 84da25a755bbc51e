"""Parts of a work on all cores."""

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from os import sched_getaffinity
from typing import TypeVar

T = TypeVar("T")
R = TypeVar("R")


def hands() -> int:
    """How many cores this process may use."""
    return len(sched_getaffinity(0))


def threads(function: Callable[[T], R], items: Iterable[T]) -> Iterator[R]:
    """Like ``map`` on as many threads as there are cores; the kernels let go of the GIL.

    One item is worked on at once: to start a thread takes longer than most small works.
    """
    parts = list(items)
    if len(parts) < 2 or hands() < 2:
        yield from map(function, parts)
        return
    with ThreadPoolExecutor(min(hands(), len(parts))) as pool:
        yield from pool.map(function, parts)
