"""Which elements are in the zones that the tasks of a plan name."""

from collections.abc import Sequence

import numpy as np

from bimcore.arrays import I64, Mask
from bimcore.model import Scene
from clash.rehearsal.linking_choice import NO_ZONE, ONE_ZONE
from clash.rehearsal.linking_wishes import Wish
from clash.rehearsal.spoken import spoken, zoned
from clash.rehearsal.words import fold


class Zones:
    """Which elements are in the zones that tasks name."""

    def __init__(self, scene: Scene, wishes: Sequence[Wish]) -> None:
        named = {z for w in wishes for z in w.zones}
        self._several = len({w.zones for w in wishes if w.zones}) > 1
        self._members: dict[str, Mask] = {}
        if named:
            self._members = _zone_members(scene, {_zone_key(z) for z in named})

    def within(self, zones: Sequence[str], elements: I64) -> tuple[Mask | None, float, str]:
        """Which of `elements` are in `zones`, a factor for the confidence, and a reason."""
        if not zones:
            return None, 1.0, ""
        known = [self._members[k] for k in map(_zone_key, zones) if k in self._members]
        if known:
            inside = np.logical_and.reduce([m[elements] for m in known])
            if inside.any():
                return inside, 1.0, ""
        return None, *((NO_ZONE, "zone") if self._several else (ONE_ZONE, ""))


def _zone_key(text: str) -> str:
    """``"1#楼"``, ``"1号楼"``, ``"building1"`` are one; so are ``"a区"`` and ``"zonea"``."""
    plain = fold(text)
    letters = "".join(c for c in plain if c.isascii() and c.isalnum())
    for word in ("zone", "area", "section", "block", "phase", "bay", "building", "bldg", "tower",
                 "wing", "sector", "pour", "part", "haus", "unit"):  # fmt: skip
        letters = letters.removeprefix(word)
    han = "".join(c for c in plain if c in "一二三四五六七八九十甲乙丙丁东西南北中")
    digits = {h: str(n) for n, h in enumerate("一二三四五六七八九", 1)}
    return letters or digits.get(han, han) or plain


def _zone_members(scene: Scene, keys: set[str]) -> dict[str, Mask]:
    """Elements (E,) by zone key, where names of models, storeys, layers or parts say it."""
    found: dict[str, Mask] = {}
    cache: dict[str, frozenset[str]] = {}

    def said(text: str) -> frozenset[str]:
        if text not in cache:
            zones = spoken(text).zones if zoned(text.casefold()) else ()
            cache[text] = frozenset(_zone_key(z) for z in zones) & keys
        return cache[text]

    for model, start in zip(scene.models, scene.element_start.tolist(), strict=False):
        table = model.elements
        whole = said(model.name)
        columns = [table.storey.texts(), table.layer.texts(), table.name, table.tag]
        for texts in columns:
            for row, text in enumerate(texts):
                for key in said(text) if text else ():
                    _mask(found, key, len(scene))[start + row] = True
        for key in whole:
            _mask(found, key, len(scene))[start : start + len(model)] = True
    return found


def _mask(found: dict[str, Mask], key: str, count: int) -> Mask:
    if key not in found:
        found[key] = np.zeros(count, dtype=np.bool_)
    return found[key]
