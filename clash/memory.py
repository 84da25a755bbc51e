"""What was measured before and need not be measured again."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bimcore.arrays import I64, U8, U64
from clash.kernels import stand
from clash.kernels.compiled import source_stamp
from clash.sharding import Measures
from clash.stances import WORDS, codes_of

#: dtype and dimensions of the arrays that a memory is kept in.
ARRAYS: Mapping[str, tuple[str, int]] = {
    "keys": ("<u8", 2),
    "numbers": ("<f8", 2),
    "stands": ("|u1", 1),
    "exact": ("|b1", 1),
    "stamp": ("|u1", 1),
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
    codes : (P,) uint64
        A number for each key, ascending.
    measures : Measures
        Of these P pairs.
    stamp : str
        The kernels that measured.

    """

    keys: U64
    codes: U64
    measures: Measures
    stamp: str

    def __len__(self) -> int:
        return len(self.keys)

    @classmethod
    def of(cls, keys: U64, measures: Measures) -> "Memory":
        """Remember the measures of stances with these keys."""
        codes = codes_of(keys)
        order = np.argsort(codes, kind="stable")
        return cls(
            keys=keys[order],
            codes=codes[order],
            measures=measures.take(order),
            stamp=source_stamp(),
        )

    def find(self, keys: U64) -> I64:
        """Row (P,) at which each key is known; -1 where it is not."""
        found = np.full(len(keys), -1, dtype=np.int64)
        if not len(self) or self.stamp != source_stamp():
            return found
        rows = np.minimum(np.searchsorted(self.codes, codes_of(keys)), len(self) - 1)
        known = (self.keys[rows] == keys).all(axis=1)
        found[known] = rows[known]
        return found

    def arrays(self) -> dict[str, NDArray[Any]]:
        """Plain arrays to be kept in a file."""
        return {
            "keys": self.keys,
            "numbers": self.measures.numbers,
            "stands": self.measures.stands,
            "exact": self.measures.exact,
            "stamp": np.frombuffer(self.stamp.encode(), dtype=np.uint8),
        }

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[Any]]) -> "Memory | None":
        """Read back what :meth:`arrays` gave; None where it is not that."""
        try:
            keys, numbers = arrays["keys"], arrays["numbers"]
            stands, exact = arrays["stands"], arrays["exact"]
            stamp = bytes(arrays["stamp"]).decode("ascii")
        except (KeyError, UnicodeDecodeError, TypeError):
            return None
        count = len(keys)
        sound = (
            keys.dtype == np.uint64
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
        codes = codes_of(keys)
        if not (codes[1:] >= codes[:-1]).all():
            return None
        measures = Measures(numbers=numbers, stands=stands, exact=exact)
        return cls(keys=keys, codes=codes, measures=measures, stamp=stamp)


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
