"""Places that the columns and codes of a task tell: "Floor" = "03", "Zone" = "ZA"."""

import re

from bimcore.schedule import Task
from clash.rehearsal.spoken import spoken
from clash.rehearsal.words import Dictionary
from clash.rehearsal.zone_names import bare_key, kind_of_field, named_as

#: Bare storeys of a column of floors: "3", "-1", "03-05".
_FLOORS = re.compile(r"-?\d{1,3}|\d{1,3}(?:\s*[-~,、]\s*\d{1,3})+")
_LETTERS = {"g": "ground floor", "gf": "ground floor", "r": "roof", "m": "mezzanine"}


def coded(task: Task, words: Dictionary) -> list[str]:
    """Columns and codes of a task as texts: a bare number under "Level" is a level.

    A code of a place is left out where the description beside it says the place in full.
    """
    found = []
    for name, value in task.codes.items():
        text = str(value).strip()
        if not text:
            continue
        about = {c for s in words.read(name) for c in s.of("codes")} & {"storeys", "zones"}
        if about and _described(task, name, about):
            continue
        found.append(_in_full(text, name, about))
    return found


def _described(task: Task, name: str, about: set[str]) -> bool:
    """Whether "ZA" has "Zone A" beside it, or "POD" "Podium"."""
    places = spoken(str(task.codes.get(f"{name} name", "")))
    return bool(places.storeys if "storeys" in about else places.zones)


def _in_full(text: str, name: str, about: set[str]) -> str:
    """The value of a column as people would say it in a name."""
    if "storeys" in about and _FLOORS.fullmatch(text):
        return f"level {text}"
    if "storeys" in about and text.casefold() in _LETTERS:
        return _LETTERS[text.casefold()]
    if "zones" in about and (key := bare_key(text)):
        return named_as(kind_of_field(name), key)
    return text
