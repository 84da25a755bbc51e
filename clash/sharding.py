"""Pairs in shards that any worker can measure, in any order."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from bimcore.arrays import F64, I32, I64, U8, Mask
from clash.kernels import stand
from clash.kernels.bodies import Bodies
from clash.kernels.stages import measure_pairs

#: Pairs of one shard: small enough to spread evenly, large enough to be worth a hand-over.
LEAST, MOST = 64, 4096
#: Shards of a small run: enough for every core to end at about the same time.
SHARDS = 16


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Pairs:
    """Pairs to measure, and how closely.

    Attributes
    ----------
    pairs : (P, 2) int32
    reach, same, deep : (P,) float64
        As in :func:`clash.kernels.stages.measure_pairs`.
    shift : (P, 3) float64, optional
        As there, once pairs are of shapes and not of bodies in their places.

    """

    pairs: I32
    reach: F64
    same: F64
    deep: F64
    shift: F64 | None = None

    def __len__(self) -> int:
        return len(self.pairs)

    def take(self, rows: slice | Mask | I64) -> "Pairs":
        """Some of the pairs."""
        return Pairs(
            pairs=self.pairs[rows],
            reach=self.reach[rows],
            same=self.same[rows],
            deep=self.deep[rows],
            shift=None if self.shift is None else self.shift[rows],
        )


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Shard:
    """Pairs of shapes to measure, with the bodies they need."""

    asked: Pairs
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

    def take(self, rows: I64 | Mask) -> "Measures":
        """Some of the pairs."""
        return Measures(
            numbers=self.numbers[rows], stands=self.stands[rows], exact=self.exact[rows]
        )


def measure(shard: Shard) -> Measures:
    """Measure the pairs of one shard; the answer for a pair depends on that pair alone."""
    asked = shard.asked
    if asked.shift is None:
        raise ValueError("pairs of bodies have no shift: take their stances")
    numbers, stands, exact = measure_pairs(
        asked.pairs,
        shard.bodies,
        shift=asked.shift,
        reach=asked.reach,
        same=asked.same,
        deep=asked.deep,
    )
    return Measures(numbers=numbers, stands=stands, exact=exact)


def split(asked: Pairs, bodies: Bodies, *, size: int | None = None) -> list[Shard]:
    """Consecutive parts with at most `size` pairs each."""
    if size is None:
        size = min(max(len(asked) // SHARDS, LEAST), MOST)
    return [
        Shard(asked=asked.take(slice(k, k + size)), bodies=bodies)
        for k in range(0, len(asked), size)
    ]
