"""The widest way through a graph: the one whose narrowest step is widest."""

from collections.abc import Callable, Iterable
from heapq import heappop, heappush
from typing import TypeVar

State = TypeVar("State")


def widest(
    start: State,
    *,
    goal: Callable[[State], bool],
    steps: Callable[[State], Iterable[tuple[State, float]]],
) -> tuple[float, tuple[tuple[State, float], ...]]:
    """The way from `start` to a goal whose narrowest step is widest.

    States are taken in the order of the widest way to them, so that each is settled once.

    Parameters
    ----------
    start : hashable
    goal : callable
        Whether a state ends the way.
    steps : callable
        States next to one, each with the width of the step; those of no width are none.

    Returns
    -------
    width : float
        0 where no goal is reached, infinite where the start is one.
    way : tuple of (state, width)
        Steps of the way, without the start; empty where there is none.

    """
    if goal(start):
        return float("inf"), ()
    best: dict[State, float] = {start: float("inf")}
    came: dict[State, tuple[State, float]] = {}
    heap: list[tuple[float, int, State]] = [(-float("inf"), 0, start)]
    done: set[State] = set()
    count = 0
    while heap:
        negative, _, state = heappop(heap)
        if state in done:
            continue
        done.add(state)
        if goal(state):
            return -negative, _way(came, state, start)
        for after, width in steps(state):
            reached = min(-negative, width)
            if reached > best.get(after, 0.0):
                best[after], came[after] = reached, (state, width)
                count += 1
                heappush(heap, (-reached, count, after))
    return 0.0, ()


def _way(
    came: dict[State, tuple[State, float]], state: State, start: State
) -> tuple[tuple[State, float], ...]:
    found: list[tuple[State, float]] = []
    while state != start:
        before, width = came[state]
        found.append((state, width))
        state = before
    return tuple(reversed(found))


__all__ = ["widest"]
