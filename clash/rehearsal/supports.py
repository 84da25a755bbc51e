"""Who carries whom among bodies that touch."""

from dataclasses import dataclass

import numpy as np

from bimcore.arrays import F64, I32
from bimcore.model import Scene
from clash.rehearsal.base import Contacts
from clash.roles import roles_of


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Touching:
    """Pairs of elements that touch.

    Attributes
    ----------
    pairs : (K, 2) int32
        a < b, sorted.
    gap : (K,) float64
        Metres between them; 0 where they touch or overlap.
    point : (K, 3) float64
        Where.

    """

    pairs: I32
    gap: F64
    point: F64


def supports_of(scene: Scene, touching: Touching, *, gap: float) -> Contacts:
    """Support, hosts and ground from the pairs that touch."""
    roles = roles_of(scene)
    structural = roles.any_of("wall", "slab", "column", "beam", "footing", "stair")
    a, b = touching.pairs[:, 0], touching.pairs[:, 1]
    low, high = scene.bounds[:, 0, 2], scene.bounds[:, 1, 2]
    first = structural[a] & (low[a] < low[b] - 0.01) & (high[a] >= low[b] - gap)
    other = structural[b] & (low[b] < low[a] - 0.01) & (high[b] >= low[a] - gap)
    below = np.concatenate([a[first], b[other]])
    above = np.concatenate([b[first], a[other]])
    weight = np.bincount(above, minlength=len(scene))
    blank = np.zeros(0, dtype=np.int32)
    lowest = np.nanmin(low) if len(low) else 0.0
    return Contacts(
        a=a,
        b=b,
        gap=touching.gap,
        below=below,
        above=above,
        share=1.0 / np.maximum(weight[above], 1),
        host=blank,
        guest=blank,
        kind=blank,
        grounded=structural & (low <= lowest + gap),
        structural=structural,
    )
