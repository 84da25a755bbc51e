"""The levels of a scene, and which of them the storeys that people name are."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from bimcore.arrays import F64, I32, Mask
from bimcore.model import Scene
from clash.bearing import ONE_LEVEL
from clash.rehearsal.linking_stacks import NUMBER as _WHOLE, stacked as _stacked, units_of
from clash.rehearsal.spoken import (
    ABOVE,
    ATTIC,
    CELLAR,
    FOUNDATION,
    GROUND,
    MEZZANINE,
    ROOF,
    TOP,
)

#: How sure a level is that storeys are called by, in one way or another.
_SAID = 0.9


@dataclass(frozen=True, eq=False, kw_only=True)
class Levels:
    """The levels of a scene by stacks, each from below, and what storeys call them.

    Storeys of all models and buildings that agree are one stack. A building whose third
    storey is as high as the fourth of another is a stack of its own: what is above a level is
    told within its stack.

    Attributes
    ----------
    heights : (L,) float64
    names : tuple of frozenset of str
        Keys of each level; empty where no storey name tells any.
    labels : tuple of str
        What people call each level.
    words : mapping
        Levels by the whole folded name of a storey.
    grounds : tuple of int
        Level that counts as the ground floor, of each stack.
    starts : tuple of int
        First level of each stack, and the number of all levels.

    """

    heights: F64
    names: tuple[frozenset[str], ...]
    labels: tuple[str, ...]
    words: Mapping[str, frozenset[int]]
    grounds: tuple[int, ...]
    starts: tuple[int, ...]

    def __len__(self) -> int:
        return len(self.names)

    @property
    def stacks(self) -> tuple[range, ...]:
        """The levels of each stack."""
        return tuple(range(a, b) for a, b in pairwise(self.starts))

    @property
    def topmost(self) -> Mask:
        """Levels (L,) with none above them."""
        found = np.zeros(len(self), dtype=np.bool_)
        found[[r[-1] for r in self.stacks if len(r)]] = True
        return found

    def moved(self, levels: Iterable[int], step: int) -> frozenset[int]:
        """The levels so many above or below; without those that do not exist."""
        return frozenset(
            k + step for k in levels for stack in self.stacks if k in stack and k + step in stack
        )

    def of(self, keys: Collection[str], *, british: bool = False) -> tuple[frozenset[int], float]:
        """Levels that `keys` mean, and how sure that is (1 where storeys are called so)."""
        found: set[int] = set()
        sure = 1.0
        for key in keys:
            levels, certainty = self._of(key, british=british)
            found |= levels
            sure = min(sure, certainty) if levels else sure
        return frozenset(found), sure

    def _of(self, key: str, *, british: bool) -> tuple[frozenset[int], float]:
        if key.startswith("="):
            return self.words.get(key[1:], frozenset()), 1.0
        each = [
            self._within(stack, ground, key, british=british)
            for stack, ground in zip(self.stacks, self.grounds, strict=True)
        ]
        best = max((sure for levels, sure in each if levels), default=1.0)
        # a stack without the name itself only guesses, where another one has it
        told = [levels for levels, sure in each if sure >= min(best, _SAID)]
        return frozenset().union(*told), best

    def _within(
        self, stack: range, ground: int, key: str, *, british: bool
    ) -> tuple[frozenset[int], float]:
        said = frozenset(k for k in stack if key in self.names[k])
        if said:
            return said, 1.0
        if key in {TOP, ROOF, ATTIC}:
            return self._upper(stack, key), 0.8
        if key == CELLAR:
            below = frozenset(k for k in stack if any(n.startswith("-") for n in self.names[k]))
            return below or frozenset(range(stack.start, ground)), 0.9
        if key in {FOUNDATION, MEZZANINE}:
            return frozenset(), 1.0
        return self._counted(stack, ground, key, british=british)

    def _upper(self, stack: range, key: str) -> frozenset[int]:
        if key in {ROOF, ATTIC}:
            others = {ATTIC, ROOF} - {key}
            said = frozenset(k for k in stack if self.names[k] & others)
            return said or frozenset(stack[-1:] if len(stack) > 1 else [])
        plain = [k for k in stack if not self.names[k] & {ROOF, FOUNDATION}]
        return frozenset(plain[-1:])

    def _counted(
        self, stack: range, ground: int, key: str, *, british: bool
    ) -> tuple[frozenset[int], float]:
        """Levels by counting from the ground, where no storey has the number itself."""
        numbers = {n for k in stack for n in self.names[k]}
        if key == GROUND:
            for other in ("0", "1"):
                levels = frozenset(k for k in stack if other in self.names[k])
                if levels:
                    return levels, 0.9
            return frozenset([ground] if len(stack) else []), 0.7
        above = key.startswith(ABOVE)
        count = int(key.removeprefix(ABOVE))
        if above or british:
            # a model that counts from 1 on the ground has its first upper floor as 2
            step = 1 if "1" in numbers and "0" not in numbers else 0
            named = str(count + step) if above else f"{ABOVE}{count}"
            levels = frozenset(k for k in stack if named in self.names[k])
            if levels:
                return levels, 0.9
        step = count if count < 0 or above or british else count - 1
        own = {n for n in numbers if _WHOLE.fullmatch(n)}
        # numbered storeys that lack this one: the plan means a storey that is not modelled
        if own and not any(n.startswith(ABOVE) for n in own):
            return frozenset(), 1.0
        place = ground + step
        return frozenset([place] if place in stack else []), 0.6


def scene_levels(scene: Scene) -> tuple[Levels, I32]:
    """The levels of `scene`, and the level (E,) of each element; -1 where none is known.

    Elements are on the level of their storey. Those of a model that has storeys, but that
    stand in none, are on the level that they stand on.
    """
    stacks, of_unit = _stacked(units := list(units_of(scene)))
    starts = np.concatenate([[0], np.cumsum([len(s.heights) for s in stacks])]).astype(np.int64)
    count = int(starts[-1])
    labels: list[Counter[str]] = [Counter() for _ in range(count)]
    words: dict[str, set[int]] = {}
    places = [np.full(len(m.elements.storey.words) + 1, -1, dtype=np.int32) for m in scene.models]
    home: dict[int, int] = {}
    for unit, stack in zip(units, of_unit, strict=True):
        home.setdefault(unit.model, stack)
        for code, word, height, used in unit.storeys:
            level = _nearest(stacks[stack].heights, height)
            if level < 0:
                continue
            level += int(starts[stack])
            places[unit.model][code] = level
            labels[level][word] += 1 + used
            words.setdefault(word.casefold().strip(), set()).add(level)
    parts = [np.zeros(0, np.int32)]
    bottoms = scene.bounds[:, 0, 2]
    for number, (model, start) in enumerate(
        zip(scene.models, scene.element_start.tolist(), strict=False)
    ):
        levels = places[number][model.elements.storey.codes]
        low = bottoms[start : start + len(model)]
        if number in home and len(heights := stacks[home[number]].heights):
            loose = (levels < 0) & np.isfinite(low)
            stood = np.maximum(np.searchsorted(heights, low + 0.3) - 1, 0)
            levels = np.where(loose, stood + starts[home[number]], levels).astype(np.int32)
        parts.append(levels.astype(np.int32))
    names = [n for s in stacks for n in s.names]
    found = Levels(
        heights=np.concatenate([np.zeros(0), *(s.heights for s in stacks)]),
        names=tuple(frozenset(_sound(n)) for n in names),
        labels=tuple(_label(c) for c in labels),
        words={w: frozenset(k) for w, k in words.items()},
        grounds=tuple(int(a) + _ground(s.names) for a, s in zip(starts[:-1], stacks, strict=True)),
        starts=tuple(starts.tolist()),
    )
    return found, np.concatenate(parts)


def _sound(names: Iterable[str]) -> set[str]:
    """Keys of a level without the vague ones, where there are exact ones."""
    kept = set(names)
    exact = kept - {CELLAR, FOUNDATION, TOP}
    return exact or kept


def _label(words: Counter[str]) -> str:
    return min(words, key=lambda w: (-words[w], w), default="")


def _nearest(heights: F64, height: float) -> int:
    if not len(heights) or not np.isfinite(height):
        return -1
    level = int(np.argmin(np.abs(heights - height)))
    return level if abs(float(heights[level]) - height) <= ONE_LEVEL else -1


def _ground(names: Sequence[set[str]]) -> int:
    """The ground floor: by name, else the one above all basements, else the lowest."""
    for key in (GROUND, "0", "1"):
        for level, said in enumerate(names):
            if key in said:
                return level
    below = [
        k for k, said in enumerate(names) if any(n.startswith("-") for n in said) or CELLAR in said
    ]
    if below:
        return min(max(below) + 1, max(len(names) - 1, 0))
    lowest = 1 if len(names) > 1 and FOUNDATION in names[0] else 0
    return lowest if names else 0
