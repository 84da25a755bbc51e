"""Who touches whom in the finished building, who carries whom, and what stands on the ground."""

import numpy as np

from bimcore.arrays import I32, Mask
from bimcore.model import Scene
from clash.engine import detect
from clash.rehearsal.base import Contacts
from clash.rehearsal.supports import Touching, supports_of
from clash.rules import Rule, RuleKind, RuleSet, Selector

#: Metres between bodies that are still built onto each other.
GAP = 0.06


def contacts_of(scene: Scene, *, allowed: Mask | None = None, gap: float = GAP) -> Contacts:
    """Contacts, support, hosts and ground of all bodies of `scene`.

    Parameters
    ----------
    scene : Scene
    allowed : (M, M) bool, optional
        Pairs of models that may be compared, as for :func:`clash.engine.detect`.
    gap : float
        Metres within which bodies count as touching.

    """
    return supports_of(scene, _touching(scene, allowed, gap), gap=gap)


def _touching(scene: Scene, allowed: Mask | None, gap: float) -> Touching:
    """Pairs of bodies that touch, share space or stand within `gap`, sorted."""
    # one hard rule says it all: what is apart by no more than its tolerance touches
    rule = Rule(id="contact", left=Selector(), right=Selector(), kind=RuleKind.HARD, tolerance=gap)
    found = detect(scene, RuleSet(rules=(rule,)), allowed=allowed)
    pairs: I32 = np.stack([found.a, found.b], axis=1)
    return Touching(pairs=pairs, gap=found.distance, point=found.point)
