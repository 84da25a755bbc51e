"""Basements built from the top down: floors on posts, with columns and walls to follow."""

import numpy as np

from bimcore.arrays import I64, Mask
from clash.rehearsal.base import Stage
from clash.rehearsal.ground_works import POSTS, RETAINS, beside
from clash.rehearsal.supports import called


def follows_down(stage: Stage, counts: Mask) -> Mask:
    """Support edges (S,) from columns and walls that are built under a floor that is there.

    Where posts or retaining walls that stand in the ground carry the floor at that spot, its
    columns encase them, and its walls line them, when the dig has come down to their foot: so
    that what these stand on is younger than the floor as well. What no post stands beside, or
    what could have been built on a floor that was there, has to come first as in any building.
    """
    nothing = np.zeros(len(counts), dtype=np.bool_)
    holds = called(stage.scene, POSTS) | called(stage.scene, RETAINS)
    if not holds.any():
        return nothing
    contacts, life = stage.contacts, stage.lifetimes
    below, above = contacts.below.astype(np.int64), contacts.above.astype(np.int64)
    upright = stage.roles.any_of("column", "wall") & ~holds
    flat = stage.roles.any_of("slab", "beam")
    late = counts & upright[below] & flat[above]
    late &= life.appear[below] >= life.complete[above]
    rows = np.flatnonzero(late)
    held = [_held(stage, holds, int(below[r]), int(above[r])) for r in rows.tolist()]
    nothing[rows] = np.array(held, dtype=np.bool_)
    return nothing


def _held(stage: Stage, holds: Mask, upright: int, floor: int) -> bool:
    """Whether something in the ground carries a floor beside one of its uprights."""
    contacts, life = stage.contacts, stage.lifetimes
    feet = contacts.below[contacts.above == upright]
    if not (life.appear[feet[~holds[feet]]] >= life.complete[floor]).any():
        return False
    near: list[I64] = []
    for mine, its in ((contacts.a, contacts.b), (contacts.b, contacts.a)):
        near.append(its[np.isin(mine, (upright, floor))].astype(np.int64))
    around = np.unique(np.concatenate(near))
    around = around[holds[around]]
    there = np.isnat(life.appear[around]) | (life.complete[around] <= life.appear[floor])
    there &= np.isnat(life.gone[around]) | (life.gone[around] > life.appear[floor])
    around = around[there]
    return bool(beside(stage.scene, around, np.full(len(around), upright)).any())
