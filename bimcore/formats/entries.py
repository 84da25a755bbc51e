"""Entries of a review document as its writers take them, whatever an older one leaves out."""

from collections.abc import Mapping
from typing import TypeAlias

from bimcore.formats.words import Pair

Entry: TypeAlias = Mapping[str, object]


def entry_of(value: object) -> Entry:
    """The entry itself; an empty one for anything else."""
    return value if isinstance(value, Mapping) else {}


def rows_of(entry: Entry, key: str) -> list[Entry]:
    """The entries listed under `key`."""
    value = entry.get(key)
    return [e for e in value if isinstance(e, Mapping)] if isinstance(value, list | tuple) else []


def text_of(value: object) -> str:
    """A value as text; empty for none."""
    return "" if value is None else str(value)


def both_of(entry: Entry, key: str) -> Pair:
    """Chinese and English of `key`; each stands in for the other."""
    zh, en = text_of(entry.get(key)), text_of(entry.get(f"{key}_en"))
    return zh or en, en or zh
