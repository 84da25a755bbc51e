"""Walls and posts that are in the ground before anything is dug, by what people call them."""

import re

import numpy as np

from bimcore.arrays import I64, Mask
from bimcore.model import Scene

#: Walls, piles and the beam on their heads that hold a pit.
RETAINS = re.compile(
    r"连续墙|地连墙|咬合桩|排桩|围护桩|支护桩|护坡桩|围护墙|钢板桩|搅拌桩|止水帷幕|工法桩|冠梁|压顶梁|锁口梁|"
    r"diaphragm ?wall|d-?wall|slurry ?wall|secant|contiguous|soldier ?pile|sheet ?pil|capping ?beam|"
    r"schlitzwand|spundwand|bohrpfahlwand|kopfbalken|damwand|diepwand",
    re.IGNORECASE,
)
#: Posts on piles that carry floors and struts before there are columns.
POSTS = re.compile(
    r"格构柱|立柱桩|支撑立柱|钢立柱|临时立柱|中立柱|支承[柱桩]|一柱一桩|king ?-?post|plunge ?column|king ?pile",
    re.IGNORECASE,
)
#: Struts and walings of a pit: they hold its walls, no floor.
STRUTS = re.compile(
    r"内支撑|道.{0,8}支撑|(?<!独立)钢支撑|混凝土支撑|砼支撑|对撑|角撑|围檩|腰梁|\bstruts?\b|\bwal(?:er|ing)s?\b|"
    r"aussteifung|gurtung",
    re.IGNORECASE,
)
#: Metres in plan between a column or wall and the post or retaining wall that carries for it.
BESIDE = 1.0


def beside(scene: Scene, one: I64, other: I64) -> Mask:
    """Pairs (N,) of elements that stand within ``BESIDE`` of each other in plan."""
    a, b = scene.bounds[one, :, :2], scene.bounds[other, :, :2]
    apart = np.maximum(a[:, 0] - b[:, 1], b[:, 0] - a[:, 1])
    near: Mask = np.linalg.norm(np.maximum(apart, 0.0), axis=1) <= BESIDE
    return near
