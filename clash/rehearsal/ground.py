"""Which elements stand on the ground in the finished building."""

import re

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from bimcore.arrays import I32, I64, Mask
from bimcore.model import Scene
from clash.matrix import GROUND
from clash.roles import Roles

_ON_GROUND = re.compile(
    r"基础|筏板|垫层|承台|地坪|底板|footing|foundation|slab on grade|on grade|raft|"
    r"bodenplatte|fundament|fundering",
    re.IGNORECASE,
)


def grounded_of(scene: Scene, pairs: I32, structural: Mask, roles: Roles, *, gap: float) -> Mask:
    """Elements (E,) that stand on the ground.

    Footings and piles, base slabs, what touches a body of terrain, and of each building that
    hangs together the bearing elements at its lowest plane: its foundations may be in a model
    that nobody uploaded. Buildings are told apart by contact, so that one does not set the
    ground of another.
    """
    terrain = np.concatenate(
        [np.zeros(0, dtype=np.bool_), *(m.elements.is_a(*GROUND) for m in scene.models)]
    )
    body = scene.clash_body
    found = roles["footing"] | (roles["slab"] & _named(scene))
    found |= _touching_terrain(pairs, terrain)
    keep = ~terrain[pairs].any(axis=1)
    part = parts_of(len(scene), pairs[keep])
    bears = np.flatnonzero(structural & body)
    low = scene.bounds[:, 0, 2]
    lowest = np.full(int(part.max(initial=-1)) + 1, np.inf)
    np.minimum.at(lowest, part[bears], low[bears])
    found[bears] |= low[bears] <= lowest[part[bears]] + gap
    grounded: Mask = found & body & ~terrain
    return grounded


def parts_of(count: int, pairs: I32) -> I64:
    """Number (E,) of the part that each element belongs to, by contact."""
    links = coo_array(
        (np.ones(len(pairs), dtype=np.int8), (pairs[:, 0], pairs[:, 1])), shape=(count, count)
    )
    found: I64 = connected_components(links, directed=False)[1].astype(np.int64)
    return found


def _touching_terrain(pairs: I32, terrain: Mask) -> Mask:
    found = np.zeros(len(terrain), dtype=np.bool_)
    one = terrain[pairs].any(axis=1)
    found[pairs[one].ravel()] = True
    return found & ~terrain


def _named(scene: Scene) -> Mask:
    """Elements (E,) called a base slab, by predefined type, type or name."""
    parts = [np.zeros(0, dtype=np.bool_)]
    for model in scene.models:
        table = model.elements
        told = table.predefined.mask(["BASESLAB"])
        told |= table.object_type.mask([w for w in table.object_type.words if _ON_GROUND.search(w)])
        told |= np.array([bool(_ON_GROUND.search(n)) for n in table.name], dtype=np.bool_)
        parts.append(told)
    return np.concatenate(parts)
