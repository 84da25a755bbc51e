"""What was measured before and need not be measured again."""

from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bimcore.arrays import I64, U8, U64
from clash.kernels import stand
from clash.kernels.compiled import source_stamp
from clash.kernels.digests import distinct
from clash.sharding import Measures
from clash.stances import WORDS

#: dtype and dimensions of the arrays that a memory is kept in.
ARRAYS: Mapping[str, tuple[str, int]] = {
    "keys": ("<u8", 2),
    "numbers": ("<f8", 2),
    "stands": ("|u1", 1),
    "exact": ("|b1", 1),
    "stamp": ("|u1", 1),
    "check": ("|u1", 1),
}


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Memory:
    """Measures of stances by their keys: two shapes, the shift, and what was asked of them.

    The measures depend on nothing else, so that they hold for every later run in which two
    bodies stand to each other as some two stood. They are forgotten when the kernels change.

    Attributes
    ----------
    keys : (P, WORDS) uint64
        As in :class:`clash.stances.Stances`.
    measures : Measures
        Of these P pairs.
    stamp : str
        The kernels that measured.

    """

    keys: U64
    measures: Measures
    stamp: str

    def __len__(self) -> int:
        return len(self.keys)

    @classmethod
    def of(cls, keys: U64, measures: Measures) -> "Memory":
        """Remember the measures of stances with these keys, each of them once."""
        return cls(keys=keys, measures=measures, stamp=source_stamp())

    def find(self, keys: U64) -> I64:
        """Row (P,) at which each key is known; -1 where it is not."""
        if not len(self) or self.stamp != source_stamp():
            return np.full(len(keys), -1, dtype=np.int64)
        first, which = distinct(np.concatenate([self.keys, keys]))
        rows = first[which[len(self) :]]
        return np.where(rows < len(self), rows, -1)

    def arrays(self) -> dict[str, NDArray[Any]]:
        """Plain arrays to be kept in a file."""
        arrays: dict[str, NDArray[Any]] = {
            "keys": self.keys,
            "numbers": self.measures.numbers,
            "stands": self.measures.stands,
            "exact": self.measures.exact,
            "stamp": np.frombuffer(self.stamp.encode(), dtype=np.uint8),
        }
        return {**arrays, "check": _check(arrays)}

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[Any]]) -> "Memory | None":
        """Read back what :meth:`arrays` gave; None where it is not that."""
        try:
            keys, numbers = arrays["keys"], arrays["numbers"]
            stands, exact = arrays["stands"], arrays["exact"]
            stamp = bytes(arrays["stamp"]).decode("ascii")
            whole = np.array_equal(arrays["check"], _check(arrays))
        except (KeyError, UnicodeDecodeError, TypeError):
            return None
        count = len(keys)
        sound = (
            whole
            and keys.dtype == np.uint64
            and keys.shape == (count, WORDS)
            and numbers.dtype == np.float64
            and numbers.shape == (count, stand.WIDTH)
            and stands.dtype == np.uint8
            and stands.shape == (count,)
            and exact.dtype == np.bool_
            and exact.shape == (count,)
        )
        if not sound:
            return None
        measures = Measures(numbers=numbers, stands=stands, exact=exact)
        return cls(keys=keys, measures=measures, stamp=stamp)


def _check(arrays: Mapping[str, NDArray[Any]]) -> U8:
    """A digest (32,) of all arrays but that of the digest."""
    digest = sha256()
    for name in ARRAYS:
        if name != "check":
            digest.update(np.ascontiguousarray(arrays[name]).tobytes())
    return np.frombuffer(digest.digest(), dtype=np.uint8)


def merged(known: I64, before: Memory, fresh: Measures) -> Measures:
    """Measures of all pairs: remembered where `known` (P,) is a row, else the next fresh one."""
    count = len(known)
    old = known >= 0
    numbers = np.zeros((count, stand.WIDTH))
    stands: U8 = np.zeros(count, dtype=np.uint8)
    exact = np.zeros(count, dtype=bool)
    for target, remembered, measured in (
        (numbers, before.measures.numbers, fresh.numbers),
        (stands, before.measures.stands, fresh.stands),
        (exact, before.measures.exact, fresh.exact),
    ):
        target[old] = remembered[known[old]]
        target[~old] = measured
    return Measures(numbers=numbers, stands=stands, exact=exact)


def nothing_known() -> Memory:
    """An empty memory."""
    return Memory.of(np.zeros((0, WORDS), dtype=np.uint64), Measures.join([]))
