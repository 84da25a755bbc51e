"""How a plan names its floors: by the storey that walks on them, or by the one below."""

from collections import Counter
from collections.abc import Mapping, Sequence

import numpy as np

from bimcore.schedule import Action
from clash.rehearsal.linking_elements import Elements
from clash.rehearsal.linking_wishes import Wish
from clash.rehearsal.spoken import ROOF
from clash.rehearsal.words import Dictionary


def floor_shifts(
    elements: Elements,
    words: Dictionary,
    wishes: Sequence[Wish],
    begun: Sequence[float],
    *,
    of: str = "slab",
) -> Mapping[int, int]:
    """Levels to add where the plan names floors by the storey below them.

    Plans that pour "3F slab" after "3F columns" mean the floor over the third storey. Models
    as a rule keep a slab with the storey that walks on it, some with the one below.

    Parameters
    ----------
    elements : Elements
    words : Dictionary
    wishes : sequence of Wish
        Of all tasks.
    begun : sequence of float
        When each starts; NaN if unknown.
    of : str
        ``"slab"`` for floors; ``"beam"`` for beams with tasks of their own, whose storey is as
        often that of the walls under them.

    Returns
    -------
    mapping
        By level as named; -1 for all levels that are not there. Empty for beams of which the
        plan tells nothing.

    """
    over = _named_below(elements, words, wishes, begun, of=of)
    if not over:
        whole = of == "slab" and _storeys_whole(elements, words, wishes)
        return {} if of == "beam" else {-1: 1 - modelled_over(elements) if whole else 0}
    most = sum(over.values()) * 2 > len(over)
    kept = modelled_over(elements)
    return {-1: int(most) - kept} | {level: int(o) - kept for level, o in over.items()}


def _storeys_whole(elements: Elements, words: Dictionary, wishes: Sequence[Wish]) -> bool:
    """Whether tasks that build columns or walls and a floor in one mean the floor over these.

    They do where so more floors have a task, "6F structure" the roof; else where the columns
    come first in the names.
    """
    named: set[int] = set()
    roofs: set[int] = set()
    first = 0
    for wish in wishes:
        levels, _ = elements.levels.of(wish.storeys)
        if wish.action is not Action.INSTALL or not levels:
            continue
        upright, flat = _places_of_frame(wish, words)
        if ROOF in wish.storeys:
            roofs |= levels
        elif upright >= 0 and flat >= 0:
            named |= levels
            first += 0 if wish.general else (1 if upright < flat else -1)
    if not named:
        return False
    kept = modelled_over(elements)
    level = elements.level[elements.column("slab")]
    floors = elements.levels.moved(set(level[level >= 0].tolist()), kept) - roofs
    here, over = len(named & floors), len(elements.levels.moved(named, 1) & floors)
    return over > here or (over == here and first > 0)


def _places_of_frame(wish: Wish, words: Dictionary) -> tuple[int, int]:
    """Where in its kinds a wish has the first column or wall, and the first floor; -1 none."""
    upright = flat = -1
    for place, kind in enumerate(wish.kinds):
        if words.kinds[kind].trade not in {"structure", ""}:
            continue
        if upright < 0 and words.above(kind) & {"column", "wall"}:
            upright = place
        if flat < 0 and words.kinds[kind].level == "floor":
            flat = place
    return upright, flat


def _named_below(
    elements: Elements,
    words: Dictionary,
    wishes: Sequence[Wish],
    begun: Sequence[float],
    *,
    of: str,
) -> dict[int, bool]:
    """Levels whose floor and uprights the plan both names; whether the floor comes later.

    A plan that calls them "slab over 3F" counts the floor of 3F above it in all its rows.
    """
    british = british_plan(wishes)
    up: dict[int, float] = {}
    walls: dict[int, float] = {}
    flat: dict[int, float] = {}
    said: dict[int, bool] = {}
    for wish, when in zip(wishes, begun, strict=True):
        if wish.general or not np.isfinite(when) or ROOF in wish.storeys:
            continue
        levels, _ = elements.levels.of(wish.storeys, british=british)
        stacks = [stack for stack in elements.levels.stacks if levels & set(stack)]
        if wish.action is not Action.INSTALL or len(levels) != len(stacks):
            continue
        part = _part_of_frame(wish, words)
        for level in levels:
            if wish.overhead:
                said |= {level: True} if part == of == "slab" else {}
            elif part == of:
                flat[level] = min(when, flat.get(level, np.inf))
            elif part == "upright":
                # a core that climbs ahead of the floors says nothing of them
                column = any("column" in words.above(k) for k in wish.kinds)
                kept = up if column else walls
                kept[level] = min(when, kept.get(level, np.inf))
    up = up or walls
    said = {k: v for k, v in said.items() if k not in flat}
    return said | {k: flat[k] > up[k] for k in up if k in flat and up[k] != flat[k]}


def _part_of_frame(wish: Wish, words: Dictionary) -> str:
    """``"upright"``, ``"slab"`` or ``"beam"`` (without slabs) for work on one of them alone."""
    kinds = {above for k in wish.kinds for above in words.above(k)}
    floors = {words.kinds[k].level for k in wish.kinds if words.kinds[k].trade == "structure"}
    upright = bool(kinds & {"column", "wall"})
    if upright and "floor" not in floors:
        return "upright" if wish.trade in {"structure", "envelope", ""} else ""
    if "floor" in floors and not upright and wish.trade in {"structure", ""}:
        return "beam" if "beam" in kinds and "slab" not in kinds else "slab"
    return ""


def modelled_over(elements: Elements) -> int:
    """1 where the models keep floors with the storey below them, 0 with the one above."""
    return elements.floors_over


def british_plan(wishes: Sequence[Wish]) -> bool:
    """Whether the plan has a ground floor beside floors counted from one."""
    counted = Counter(k for w in wishes for k in w.storeys)
    return bool(counted["G"]) and bool(counted["1"])
