"""The levels of a scene, and which of them the storeys that people name are."""

import re
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from bimcore.arrays import F64, I32
from bimcore.model import Scene
from clash.bearing import ONE_LEVEL, levels_of
from clash.rehearsal.spoken import (
    ABOVE,
    ATTIC,
    CELLAR,
    FOUNDATION,
    GROUND,
    MEZZANINE,
    ROOF,
    TOP,
    spoken,
)


@dataclass(frozen=True, eq=False, kw_only=True)
class Levels:
    """The levels of a scene, from below, and what its storeys call them.

    Attributes
    ----------
    heights : (L,) float64
    names : tuple of frozenset of str
        Keys of each level; empty where no storey name tells any.
    labels : tuple of str
        What people call each level.
    words : mapping
        Levels by the whole folded name of a storey.
    ground : int
        Level that counts as the ground floor.

    """

    heights: F64
    names: tuple[frozenset[str], ...]
    labels: tuple[str, ...]
    words: Mapping[str, frozenset[int]]
    ground: int

    def __len__(self) -> int:
        return len(self.names)

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
        said = frozenset(k for k, names in enumerate(self.names) if key in names)
        if said:
            return said, 1.0
        if key in {TOP, ROOF, ATTIC}:
            return self._upper(key), 0.8
        if key == CELLAR:
            below = frozenset(
                k for k, names in enumerate(self.names) if any(n.startswith("-") for n in names)
            )
            return below or frozenset(range(self.ground)), 0.9
        if key in {FOUNDATION, MEZZANINE}:
            return frozenset(), 1.0
        return self._counted(key, british=british)

    def _upper(self, key: str) -> frozenset[int]:
        if key in {ROOF, ATTIC}:
            others = {ATTIC, ROOF} - {key}
            said = frozenset(k for k, names in enumerate(self.names) if names & others)
            return said or frozenset([len(self) - 1] if len(self) > 1 else [])
        plain = [k for k, names in enumerate(self.names) if not names & {ROOF, FOUNDATION}]
        return frozenset(plain[-1:])

    def _counted(self, key: str, *, british: bool) -> tuple[frozenset[int], float]:
        """Levels by counting from the ground, where no storey has the number itself."""
        numbers = {n for names in self.names for n in names}
        if key == GROUND:
            for other in ("0", "1"):
                levels = frozenset(k for k, names in enumerate(self.names) if other in names)
                if levels:
                    return levels, 0.9
            return frozenset([self.ground] if len(self) else []), 0.7
        above = key.startswith(ABOVE)
        count = int(key.removeprefix(ABOVE))
        if above or british:
            # a model that counts from 1 on the ground has its first upper floor as 2
            step = 1 if "1" in numbers and "0" not in numbers else 0
            named = str(count + step) if above else f"{ABOVE}{count}"
            levels = frozenset(k for k, names in enumerate(self.names) if named in names)
            if levels:
                return levels, 0.9
        step = count if count < 0 or above or british else count - 1
        own = {n for n in numbers if re.fullmatch(r"[+-]?\d+", n)}
        # numbered storeys that lack this one: the plan means a storey that is not modelled
        if own and not any(n.startswith(ABOVE) for n in own):
            return frozenset(), 1.0
        place = self.ground + step
        return frozenset([place] if 0 <= place < len(self) else []), 0.6


def scene_levels(scene: Scene) -> tuple[Levels, I32]:
    """The levels of `scene`, and the level (E,) of each element; -1 where none is known.

    Elements are on the level of their storey. Those of a model that has storeys, but that
    stand in none, are on the level that they stand on.
    """
    heights = levels_of(scene)
    names: list[set[str]] = [set() for _ in heights]
    labels: list[Counter[str]] = [Counter() for _ in heights]
    words: dict[str, set[int]] = {}
    parts = [np.zeros(0, np.int32)]
    bottoms = scene.bounds[:, 0, 2]
    for model, start in zip(scene.models, scene.element_start.tolist(), strict=False):
        storeys = model.elements.storey
        used = np.bincount(storeys.codes + 1, minlength=len(storeys.words) + 1)[1:]
        place = np.full(len(storeys.words) + 1, -1, dtype=np.int32)
        for code, (word, height) in enumerate(
            zip(storeys.words, model.elements.storey_elevation.tolist(), strict=True)
        ):
            level = _nearest(heights, height)
            place[code] = level
            if level >= 0:
                names[level] |= set(spoken(word).storeys)
                labels[level][word] += 1 + int(used[code])
                words.setdefault(word.casefold().strip(), set()).add(level)
        levels = place[storeys.codes]
        loose = (levels < 0) & np.isfinite(bottoms[start : start + len(model)])
        if len(storeys.words) and len(heights):
            stood = np.searchsorted(heights, bottoms[start : start + len(model)] + 0.3) - 1
            levels = np.where(loose, np.maximum(stood, 0), levels).astype(np.int32)
        parts.append(levels.astype(np.int32))
    found = Levels(
        heights=heights,
        names=tuple(frozenset(_sound(n)) for n in names),
        labels=tuple(_label(c) for c in labels),
        words={w: frozenset(k) for w, k in words.items()},
        ground=_ground(names),
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
