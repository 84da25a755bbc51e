"""Shapes that bodies repeat, and the ways in which two of them stand to each other.

A building repeats itself: storeys, rooms, hangers. What two bodies have to do with each other
depends on their shapes and on how one stands from the other alone, so that each such stance is
measured once, wherever and however often it occurs.
"""

from dataclasses import dataclass, replace

import numpy as np

from bimcore.arrays import F64, I64, U64
from bimcore.mesh import MeshSet
from clash.kernels.digests import distinct, shape_digests
from clash.kernels.stand import GRID
from clash.sharding import Pairs

#: Words of a key: two shapes of 128 bits each; three of the shift; reach, same, deep.
WORDS = 4 + 3 + 3


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Forms:
    """Which bodies of a scene have the same shape.

    Shapes are the same when vertices, seen from the lower corner of the body and rounded to
    half a nanometre, and faces are equal in their order.

    Attributes
    ----------
    corner : (E, 3) float64
        Lower corner of each body in scene coordinates; NaN where there is none.
    number : (E,) int64
        The shape of each body.
    digest : (S, 2) uint64
        128 bits of each shape.
    first : (S,) int64
        A body that has it.

    """

    corner: F64
    number: I64
    digest: U64
    first: I64

    @classmethod
    def of(cls, meshes: MeshSet, bounds: F64) -> "Forms":
        """The shapes of all bodies, which have these bounds (E, 2, 3)."""
        corner = bounds[:, 0]
        digest = shape_digests(meshes, corner)
        first, number = distinct(digest)
        return cls(corner=corner, number=number, digest=digest[first], first=first)


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Stances:
    """The different ways in which the bodies of P pairs stand to each other.

    Attributes
    ----------
    asked : Pairs
        K pairs of shapes, with the shift from one to the other.
    keys : (K, WORDS) uint64
        By which each is known again, in any other scene.
    which : (P,) int64
        The stance of each pair.

    """

    asked: Pairs
    keys: U64
    which: I64

    @classmethod
    def of(cls, pairs: Pairs, forms: Forms) -> "Stances":
        """The stances of pairs of bodies."""
        one, two = pairs.pairs[:, 0], pairs.pairs[:, 1]
        units = np.floor((forms.corner[two] - forms.corner[one]) * GRID + 0.5)
        numbers = forms.number[pairs.pairs]
        limits = np.stack([pairs.reach, pairs.same, pairs.deep], axis=1)
        digest = forms.digest[numbers].reshape(-1, 4)
        keys = np.concatenate(
            [digest, units.astype(np.int64).view(np.uint64), limits.view(np.uint64)], axis=1
        )
        first, which = distinct(keys)
        asked = replace(pairs, pairs=numbers.astype(np.int32), shift=units / GRID).take(first)
        return cls(asked=asked, keys=keys[first], which=which)
