"""Clashes recognised without GlobalIds: by class, type, name, system, storey, size, place."""

import re
from collections import defaultdict
from collections.abc import Iterable

import numpy as np

from bimcore.model import Scene
from clash.past import Row, Side

#: Matches below this score are two different clashes.
ENOUGH = 0.75
#: Metres that the place of a clash may differ between two exports.
NEAR = 0.5
_DIGITS = re.compile(r"[:_\-\s]*\d+$")
#: Weight of each part of a side's signature.
_WEIGHTS = {"type": 3.0, "name": 2.0, "storey": 1.0, "system": 1.0, "size": 3.0, "centre": 4.0}


def renamed(old: Iterable[Row], new: Iterable[Row], scene: Scene) -> dict[str, tuple[str, float]]:
    """Old clashes whose elements came back under other GlobalIds.

    Only clashes with an element whose GlobalId is no longer in its model are considered,
    and only partners that were not there before: two GlobalIds that live on are two things.

    Parameters
    ----------
    old, new : iterable of Row
        Clashes of the last review and of this one, in the present frame.
    scene : Scene
        The present scene.

    Returns
    -------
    dict
        New id and score (0 to 1) by old id, one to one, best scores first.

    """
    before, after = list(old), list(new)
    known = {(m.name, g) for m in scene.models for g in m.elements.guid}
    ids, here = {r.id for r in before}, {r.id for r in after}
    lost = [r for r in before if r.id not in here and _lost(r, known)]
    fresh = defaultdict(list)
    for row in after:
        if row.id not in ids:
            fresh[_classes(row)].append(row)
    scored: list[tuple[float, str, str]] = []
    for row in lost:
        candidates = fresh.get(_classes(row), [])
        if candidates:
            points = np.array([c.point for c in candidates])
            near = np.flatnonzero(np.linalg.norm(points - row.point, axis=1) <= NEAR)
            scored += [(score(row, candidates[i]), row.id, candidates[i].id) for i in near]
    matched: dict[str, tuple[str, float]] = {}
    taken: set[str] = set()
    for value, old_id, new_id in sorted(scored, key=lambda s: (-s[0], s[1], s[2])):
        if value >= ENOUGH and old_id not in matched and new_id not in taken:
            matched[old_id] = (new_id, round(value, 4))
            taken.add(new_id)
    return matched


def _lost(row: Row, known: set[tuple[str, str]]) -> bool:
    return any((s.model, s.guid) not in known for s in (row.a, row.b))


def _classes(row: Row) -> tuple[tuple[str, str], ...]:
    return tuple(sorted((s.model, s.ifc_class) for s in (row.a, row.b)))


def score(one: Row, other: Row) -> float:
    """Likeness of two clashes, 0 to 1: the better of the two ways to pair their sides."""
    straight = min(_likeness(one.a, other.a), _likeness(one.b, other.b))
    crossed = min(_likeness(one.a, other.b), _likeness(one.b, other.a))
    place = 1.0 - 0.5 * float(np.linalg.norm(one.point - other.point)) / NEAR
    return max(straight, crossed) * place


def _likeness(one: Side, other: Side) -> float:
    """Likeness of two elements, 0 to 1; what neither knows does not count."""
    if one.model != other.model or one.ifc_class != other.ifc_class:
        return 0.0
    if one.guid == other.guid:
        return 1.0
    parts: dict[str, float] = {}
    for key in ("type", "storey", "system"):
        here, there = getattr(one, key), getattr(other, key)
        if here or there:
            parts[key] = float(here == there)
    if one.name or other.name:
        parts["name"] = float(_DIGITS.sub("", one.name) == _DIGITS.sub("", other.name))
    for key, reach in (("size", 0.1), ("centre", NEAR)):
        here, there = getattr(one, key), getattr(other, key)
        if here is not None and there is not None:
            parts[key] = max(0.0, 1.0 - float(np.linalg.norm(here - there)) / reach)
    total = sum(_WEIGHTS[k] for k in parts)
    return sum(_WEIGHTS[k] * v for k, v in parts.items()) / total if total else 0.0
