"""Uprights that a plan builds from one floor to another: "columns level 1 to level 2"."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace

from clash.rehearsal.linking_wishes import Wish, rank
from clash.rehearsal.words import Dictionary

_UPRIGHT = frozenset({"column", "wall", "brace"})


def from_floor_to_floor(wishes: Sequence[Wish], words: Dictionary) -> list[Wish]:
    """Wishes of which none counts the storey where another of the same kinds goes on.

    "Columns level 1 to level 2" and "level 2 to level 3" are one storey each; where no other
    begins at its end, as in "columns levels 1 to 3" alone, all storeys are meant.
    """
    chains: dict[tuple[object, ...], list[int]] = defaultdict(list)
    for row, wish in enumerate(wishes):
        if len(wish.storeys) > 1 and not wish.general and _stands(wish, words):
            chains[wish.kinds, wish.zones, wish.action].append(row)
    found = list(wishes)
    for rows in chains.values():
        begins = {min(wishes[r].storeys, key=rank) for r in rows}
        ends = {r: max(wishes[r].storeys, key=rank) for r in rows}
        if begins & set(ends.values()):
            for row, end in ends.items():
                kept = tuple(s for s in wishes[row].storeys if s != end)
                found[row] = replace(wishes[row], storeys=kept)
    return found


def _stands(wish: Wish, words: Dictionary) -> bool:
    """Whether a wish is for columns and walls alone."""
    return bool(wish.kinds) and all(words.above(k) & _UPRIGHT for k in wish.kinds)
