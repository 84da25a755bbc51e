"""Where in the building each element is: level, storey and zone over all models together."""

from collections import Counter
from collections.abc import Sequence

import numpy as np
from scipy import ndimage

from bimcore.arrays import F64, I64, Mask
from bimcore.model import Scene
from clash.bearing import ONE_LEVEL, level_at, levels_of
from clash.rehearsal.base import Places
from clash.roles import Roles, roles_of
from clash.zones import rooms_at, zones_at

#: Metres below and above its storey within which a body still agrees with being told there.
_LOOSE = 3.5
#: A slab at least this share of the largest one tells a floor where no storey has a height.
_FLOOR_SHARE = 0.2
#: Metres between two buildings in plan, and the cells they are told apart by.
_BETWEEN, _CELL = 8.0, 2.0


def places_of(scene: Scene) -> Places:
    """Level, storey and zone of all elements of `scene`.

    The level is that of the storey an element is contained in, unless its body lies elsewhere;
    without a storey that of its height: of the top for floors, else of the bottom. An element
    without a storey gets the name that most elements of its level have. Zones are those of
    :func:`clash.zones.zones_at`; where there are none, rooms by the bodies of spaces.

    Parameters
    ----------
    scene : Scene

    Returns
    -------
    Places

    """
    boxes, roles = scene.bounds, roles_of(scene)
    named, elevation = _storeys(scene)
    elevation = _guessed(named, elevation, boxes)
    heights = _heights(scene, elevation, boxes, roles)
    level = _levels(heights, boxes, roles, elevation, buildings_of(scene, roles))
    return Places(
        level=level,
        storey=_names(named, level, scene.clash_body),
        zone=_zones(scene, boxes),
        heights=heights,
    )


def blocks_of(scene: Scene, places: Places) -> I64:
    """The building (E,) each element belongs to on its level: what stands apart in plan.

    Two towers on one basement are one there and two above it; numbers say nothing by
    themselves and do not go through levels. -1 for what has no body.
    """
    found = np.full(len(scene), -1, dtype=np.int64)
    body = scene.clash_body & np.isfinite(scene.bounds).all(axis=(1, 2))
    count = 0
    for level in np.unique(places.level[body]).tolist():
        rows = np.flatnonzero(body & (places.level == level))
        labels = _apart(scene.bounds[rows][:, :, :2])
        found[rows] = labels + count
        count += int(labels.max()) + 1
    return found


def buildings_of(scene: Scene, roles: Roles) -> I64:
    """The building (E,) that each element belongs to, over all levels; -1 for site and lines."""
    found = np.full(len(scene), -1, dtype=np.int64)
    body = scene.clash_body & np.isfinite(scene.bounds).all(axis=(1, 2))
    rows = np.flatnonzero(body & ~roles.of_discipline("site", "utility"))
    if len(rows):
        found[rows] = _apart(scene.bounds[rows][:, :, :2])
    return found


def level_within(heights: F64, own: I64, height: F64) -> I64:
    """The level (C,) among some levels (`own`, ascending) that each height (C,) is on."""
    return own[level_at(heights[own], height)]


def _storeys(scene: Scene) -> tuple[list[str], F64]:
    """Name (E,) of the storey of each element, and its elevation (NaN unknown)."""
    names: list[str] = []
    parts = [np.zeros(0)]
    for model in scene.models:
        table = model.elements
        names += table.storey.texts()
        parts.append(np.append(table.storey_elevation, np.nan)[table.storey.codes])
    return names, np.concatenate(parts)


def _guessed(named: Sequence[str], elevation: F64, boxes: F64) -> F64:
    """Elevations (E,) with those of storeys without one told from what stands on them."""
    unknown = np.flatnonzero(np.isnan(elevation) & np.isfinite(boxes[:, 0, 2]))
    rows: dict[str, list[int]] = {}
    for row in unknown.tolist():
        if named[row]:
            rows.setdefault(named[row], []).append(row)
    if not rows:
        return elevation
    found = elevation.copy()
    known = {n: z for n, z in zip(named, elevation.tolist(), strict=True) if n and z == z}
    for name, some in rows.items():
        found[some] = known.get(name, float(np.median(boxes[some, 0, 2])))
    return found


def _heights(scene: Scene, elevation: F64, boxes: F64, roles: Roles) -> F64:
    """Heights (L,) of the floors: of the storeys, else of the large slabs."""
    heights = levels_of(scene)
    if len(heights):
        return heights
    known = elevation[np.isfinite(elevation)]
    if not len(known):
        size = boxes[:, 1] - boxes[:, 0]
        flat = roles["slab"] & (size[:, 2] < 1.0)
        area = np.where(flat, size[:, 0] * size[:, 1], 0.0)
        known = boxes[(area > 0) & (area >= _FLOOR_SHARE * area.max(initial=0.0)), 1, 2]
    found: list[float] = []
    for height in np.sort(known).tolist():
        if not found or height - found[-1] > ONE_LEVEL:
            found.append(height)
    return np.array(found, dtype=np.float64)


def _levels(heights: F64, boxes: F64, roles: Roles, elevation: F64, buildings: I64) -> I64:
    size = boxes[:, 1] - boxes[:, 0]
    floor = (roles["slab"] & (size[:, 2] < 1.0)) | (roles["beam"] & (size[:, 2] < 2.0))
    foot = np.where(floor, boxes[:, 1, 2], boxes[:, 0, 2])
    level = np.where(np.isfinite(foot), level_at(heights, np.nan_to_num(foot)), -1)
    told = np.where(np.isfinite(elevation), level_at(heights, np.nan_to_num(elevation)), -1)
    if not len(heights):
        return told.astype(np.int64)
    # the floors of another building are no levels of this one
    for number in np.unique(buildings[buildings >= 0]).tolist():
        rows = np.flatnonzero(buildings == number)
        own = np.unique(told[rows][told[rows] >= 0])
        if len(own):
            level[rows] = level_within(heights, own, np.nan_to_num(foot[rows]))
    over = np.append(heights[1:], np.inf)
    apart = (boxes[:, 1, 2] < heights[told] - _LOOSE) | (boxes[:, 0, 2] > over[told] + _LOOSE)
    # an element without a body is where its storey is, or nowhere
    found: I64 = np.where((told >= 0) & ~apart, told, level).astype(np.int64)
    return found


def _names(named: Sequence[str], level: I64, body: Mask) -> tuple[str, ...]:
    told: dict[int, Counter[str]] = {}
    for place, name, real in zip(level.tolist(), named, body.tolist(), strict=True):
        if name and real:
            told.setdefault(place, Counter())[name] += 1
    usual = {k: min(c, key=lambda word: (-c[word], word)) for k, c in told.items()}
    return tuple(
        name or usual.get(place, "") for place, name in zip(level.tolist(), named, strict=True)
    )


def _zones(scene: Scene, boxes: F64) -> tuple[str, ...]:
    zones = [""] * len(scene)
    rows = np.flatnonzero(np.isfinite(boxes).all(axis=(1, 2)))
    for row, name in zip(rows.tolist(), zones_at(scene, boxes[rows].mean(axis=1)), strict=True):
        zones[row] = name
    return tuple(zones) if any(zones) else tuple(rooms_at(scene, boxes))


def _apart(boxes: F64) -> I64:
    """Number (K,) of the heap of boxes (K, 2, 2) in plan that each belongs to."""
    origin = boxes[:, 0].min(axis=0)
    grown = [boxes[:, 0] - origin - _BETWEEN / 2, boxes[:, 1] - origin + _BETWEEN / 2]
    low = np.floor(grown[0] / _CELL).astype(np.int64) + int(_BETWEEN)
    high = np.floor(grown[1] / _CELL).astype(np.int64) + int(_BETWEEN) + 1
    shape = high.max(axis=0) + 1
    if shape.prod() > 50_000_000:  # strewn over kilometres: no way to say what is one building
        return np.zeros(len(boxes), dtype=np.int64)
    corner = np.zeros(tuple(shape.tolist()), dtype=np.int64)
    np.add.at(corner, (low[:, 0], low[:, 1]), 1)
    np.add.at(corner, (high[:, 0], high[:, 1]), 1)
    np.add.at(corner, (low[:, 0], high[:, 1]), -1)
    np.add.at(corner, (high[:, 0], low[:, 1]), -1)
    covered = corner.cumsum(axis=0).cumsum(axis=1) > 0
    labels, _ = ndimage.label(covered, structure=np.ones((3, 3)))
    _, found = np.unique(labels[low[:, 0], low[:, 1]], return_inverse=True)
    return np.asarray(found, dtype=np.int64)


__all__ = ["blocks_of", "places_of"]
