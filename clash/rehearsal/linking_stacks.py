"""Storeys of models and buildings that are one stack, and those that contradict it."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np

from bimcore.arrays import F64
from bimcore.model import Model, Scene
from clash.bearing import ONE_LEVEL
from clash.rehearsal.spoken import spoken

#: Metres between the heights of one storey as architects and engineers have them.
_AGREE = 0.6
#: Keys of storeys that are numbers, of any way to count.
NUMBER = re.compile(r"[+-]?\d+")


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Unit:
    """The storeys of one building in one model: code, word, height, number of elements."""

    model: int
    storeys: tuple[tuple[int, str, float, int], ...]


@dataclass(eq=False, slots=True)
class Stack:
    """Levels from below: heights, and the keys by which storeys call each."""

    heights: F64
    names: list[set[str]] = field(default_factory=list)


def units_of(scene: Scene) -> Iterator[Unit]:
    """The storeys of each building of each model; those without a height are left out."""
    bottoms = scene.bounds[:, 0, 2]
    for number, (model, start) in enumerate(
        zip(scene.models, scene.element_start.tolist(), strict=False)
    ):
        storeys = model.elements.storey
        used = np.bincount(storeys.codes + 1, minlength=len(storeys.words) + 1)[1:].tolist()
        heights = _heights(model, bottoms[start : start + len(model)]).tolist()
        buildings = model.spatial.buildings or ("",) * len(storeys.words)
        for building in dict.fromkeys(buildings):
            rows = [
                (code, word, heights[code], used[code])
                for code, word in enumerate(storeys.words)
                if buildings[code] == building and np.isfinite(heights[code])
            ]
            if rows:
                yield Unit(model=number, storeys=tuple(rows))


def _heights(model: Model, bottoms: F64) -> F64:
    """Elevations (S,) of storeys; where the file tells none, those of what stands on them.

    So too where it says one height for all storeys, and their columns stand far apart.
    """
    table = model.elements
    told = table.storey_elevation
    known = told[np.isfinite(told)]
    same = len(known) > 1 and float(np.ptp(known)) < 0.01
    if len(known) == len(told) and not same:
        return told
    upright = table.is_a("IfcColumn", "IfcWall") & np.isfinite(bottoms)
    guessed = np.full(len(told), np.nan)
    for code in range(len(told)):
        mine = (table.storey.codes == code) & np.isfinite(bottoms)
        some = mine & upright if (mine & upright).any() else mine
        if some.any():
            guessed[code] = float(np.median(bottoms[some]))
    apart = np.isfinite(guessed).any() and float(np.nanmax(guessed) - np.nanmin(guessed))
    if same and apart > ONE_LEVEL:
        return guessed
    return np.where(np.isfinite(told), told, guessed)


def stacked(units: Sequence[Unit]) -> tuple[list[Stack], list[int]]:
    """Stacks of levels, and the one of each unit; those with more storeys come first."""
    members: list[list[Unit]] = []
    of_unit = [0] * len(units)
    for k in sorted(range(len(units)), key=lambda k: (-_told(units[k]), k)):
        agrees = (
            s for s, some in enumerate(members) if not any(_against(units[k], o) for o in some)
        )
        place = next(agrees, len(members))
        if place == len(members):
            members.append([])
        members[place].append(units[k])
        of_unit[k] = place
    return [_levelled(some) for some in members], of_unit


def _told(unit: Unit) -> int:
    return sum(bool(_numbers(word)) for _, word, _, _ in unit.storeys)


def _numbers(word: str) -> frozenset[str]:
    return frozenset(key for key in spoken(word).storeys if NUMBER.fullmatch(key))


def _against(one: Unit, other: Unit) -> bool:
    """Whether two name one height by different numbers, or different heights by one."""
    for _, mine, height, _ in one.storeys:
        keys = _numbers(mine)
        for _, its, level, _ in other.storeys if keys else ():
            said = _numbers(its)
            apart = abs(level - height)
            if said and (apart > _AGREE if keys & said else apart <= ONE_LEVEL):
                return True
    return False


def _levelled(units: Sequence[Unit]) -> Stack:
    """Heights that are less than a level apart are one."""
    heights: list[float] = []
    for height in sorted(h for u in units for _, _, h, _ in u.storeys):
        if not heights or height - heights[-1] > ONE_LEVEL:
            heights.append(height)
    stack = Stack(np.array(heights, dtype=np.float64), [set() for _ in heights])
    for unit in units:
        for _, word, height, _ in unit.storeys:
            level = int(np.argmin(np.abs(stack.heights - height)))
            stack.names[level] |= set(spoken(word).storeys)
    return stack
