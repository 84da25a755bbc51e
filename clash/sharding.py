"""Pairs in shards that any worker can measure, in any order."""

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from os import sched_getaffinity
from typing import TypeVar

import numpy as np

from bimcore.arrays import F64, I32, I64, U8, Mask
from clash.kernels import stand
from clash.kernels.apart import deviations, distances
from clash.kernels.bodies import Bodies
from clash.kernels.depths import depths
from clash.kernels.overlaps import overlaps
from clash.kernels.screen import screen
from clash.kernels.shares import shares

T = TypeVar("T")
R = TypeVar("R")

OVERLAPPING = (stand.OVERLAP, stand.A_IN_B, stand.B_IN_A)

#: Pairs of one shard: small enough to spread evenly, large enough to be worth a hand-over.
SIZE = 512


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Shard:
    """Pairs to measure, with the bodies they need.

    Attributes
    ----------
    pairs : (P, 2) int32
    reach, same : (P,) float64
        How far distances matter; up to what deviation bodies count as equal.
    bodies : Bodies

    """

    pairs: I32
    reach: F64
    same: F64
    bodies: Bodies


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Measures:
    """What the kernels say of P pairs; columns in ``clash.kernels.stand``."""

    numbers: F64
    stands: U8
    exact: Mask

    @classmethod
    def join(cls, parts: Iterable["Measures"]) -> "Measures":
        """All pairs of `parts`, in their order."""
        all_ = list(parts)
        return cls(
            numbers=np.concatenate([np.zeros((0, stand.WIDTH)), *(m.numbers for m in all_)]),
            stands=np.concatenate([np.zeros(0, np.uint8), *(m.stands for m in all_)]),
            exact=np.concatenate([np.zeros(0, bool), *(m.exact for m in all_)]),
        )


def measure(shard: Shard) -> Measures:
    """Measure the pairs of one shard; the answer for a pair depends on that pair alone."""
    pairs, b = np.ascontiguousarray(shard.pairs), shard.bodies
    reach, same = np.ascontiguousarray(shard.reach), np.ascontiguousarray(shard.same)
    numbers = np.zeros((len(pairs), stand.WIDTH))
    stands = np.zeros(len(pairs), dtype=np.uint8)
    exact = np.zeros(len(pairs), dtype=bool)
    numbers[:, stand.VOLUME] = np.nan
    numbers[:, stand.DEVIATION] = np.inf
    screen(pairs, reach, b, numbers, stands, exact)
    numbers[:, stand.DEPTH] = np.where(stands == stand.OVERLAP, numbers[:, stand.HULL], 0.0)
    overlaps(np.flatnonzero(stands == stand.OPEN_QUESTION), pairs, b, numbers, stands)
    distances(np.flatnonzero(stands == stand.APART), pairs, reach, b, numbers, stands)
    deep = np.isin(stands, OVERLAPPING)
    depths(np.flatnonzero(deep & ~exact), pairs, b, numbers)
    solids = b.solid[pairs].all(axis=1)
    shares(np.flatnonzero(deep & solids), pairs, b, numbers, stands)
    deviations(_maybe_equal(shard, numbers, stands), pairs, same, b, numbers)
    return Measures(numbers=numbers, stands=stands, exact=exact)


def _maybe_equal(shard: Shard, numbers: F64, stands: U8) -> I64:
    """Pairs worth comparing for equality: equal boxes and, of solids, mostly shared space."""
    b = shard.bodies
    one, two = shard.pairs[:, 0], shard.pairs[:, 1]
    boxes = b.boxes + b.origin[:, None]
    alike = np.abs(boxes[one] - boxes[two]).max(axis=(1, 2), initial=0.0) <= shard.same
    alike &= stands != stand.FAR
    solids = b.solid[one] & b.solid[two]
    size = np.maximum(b.volume[one], b.volume[two])
    return np.flatnonzero(alike & (~solids | (numbers[:, stand.VOLUME] > size / 2)))


def split(shard: Shard, *, size: int = SIZE) -> list[Shard]:
    """Consecutive parts of `shard` with at most `size` pairs each."""
    return [
        Shard(
            pairs=shard.pairs[k : k + size],
            reach=shard.reach[k : k + size],
            same=shard.same[k : k + size],
            bodies=shard.bodies,
        )
        for k in range(0, len(shard.pairs), size)
    ]


def threads(function: Callable[[T], R], items: Iterable[T]) -> Iterator[R]:
    """Like ``map`` on as many threads as there are cores; the kernels let go of the GIL."""
    with ThreadPoolExecutor(len(sched_getaffinity(0))) as pool:
        yield from pool.map(function, items)
