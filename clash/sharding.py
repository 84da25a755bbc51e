"""Pairs in shards that any worker can measure, in any order."""

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from os import sched_getaffinity
from typing import TypeVar

import numpy as np

from bimcore.arrays import F64, I32, U8, Mask
from clash.kernels import stand
from clash.kernels.bodies import Bodies
from clash.kernels.stages import measure_pairs

T = TypeVar("T")
R = TypeVar("R")

#: Pairs of one shard: small enough to spread evenly, large enough to be worth a hand-over.
LEAST, MOST = 64, 4096


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Shard:
    """Pairs to measure, with the bodies they need.

    Attributes
    ----------
    pairs : (P, 2) int32
    reach, same, enough : (P,) float64
        As in :func:`clash.kernels.stages.measure_pairs`.
    bodies : Bodies

    """

    pairs: I32
    reach: F64
    same: F64
    enough: F64
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
    numbers, stands, exact = measure_pairs(
        shard.pairs, shard.bodies, reach=shard.reach, same=shard.same, enough=shard.enough
    )
    return Measures(numbers=numbers, stands=stands, exact=exact)


def split(shard: Shard, *, size: int | None = None) -> list[Shard]:
    """Consecutive parts of `shard` with at most `size` pairs each."""
    if size is None:
        size = min(max(len(shard.pairs) // 64, LEAST), MOST)
    return [
        Shard(
            pairs=shard.pairs[k : k + size],
            reach=shard.reach[k : k + size],
            same=shard.same[k : k + size],
            enough=shard.enough[k : k + size],
            bodies=shard.bodies,
        )
        for k in range(0, len(shard.pairs), size)
    ]


def threads(function: Callable[[T], R], items: Iterable[T]) -> Iterator[R]:
    """Like ``map`` on as many threads as there are cores; the kernels let go of the GIL."""
    with ThreadPoolExecutor(len(sched_getaffinity(0))) as pool:
        yield from pool.map(function, items)
