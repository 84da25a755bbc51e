"""Words of access, protection, hot work and what burns, read from an editable file."""

import re
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from importlib import resources

import numpy as np

from bimcore.arrays import Mask
from bimcore.model import Scene


@dataclass(frozen=True, slots=True)
class _Kind:
    words: re.Pattern[str]
    but: re.Pattern[str] | None

    def fits(self, text: str) -> bool:
        return bool(self.words.search(text)) and not (self.but and self.but.search(text))


@cache
def _kinds() -> dict[str, _Kind]:
    text = resources.files("clash.rehearsal").joinpath("sitework.toml").read_text("utf-8")
    return {
        name: _Kind(
            re.compile(row["words"], re.IGNORECASE),
            re.compile(row["but"], re.IGNORECASE) if row["but"] else None,
        )
        for name, row in tomllib.loads(text).items()
    }


def speaks_of(text: str, kind: str) -> bool:
    """Whether a text tells of a kind of ``sitework.toml``."""
    return _kinds()[kind].fits(text)


def named(scene: Scene, kind: str, *, columns: Iterable[str] = ("object_type",)) -> Mask:
    """Elements (E,) whose name, or a word of one of `columns`, tells of a kind."""
    parts = [np.zeros(0, dtype=np.bool_)]
    row = _kinds()[kind]
    for model in scene.models:
        table = model.elements
        texts = {text: row.fits(text) for text in set(table.name)}
        found = np.array([texts[text] for text in table.name], dtype=np.bool_)
        for column in columns:
            coded = getattr(table, column)
            found |= coded.mask([w for w in coded.words if row.fits(w)])
        parts.append(found)
    return np.concatenate(parts)
