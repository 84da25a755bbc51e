"""What kind of work a task is, by the words of its name."""

import re
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files

import numpy as np

from bimcore.arrays import I64, Mask
from bimcore.schedule import Schedule, Task
from clash.rehearsal.coded import coded
from clash.rehearsal.spoken import spoken
from clash.rehearsal.words import dictionary
from clash.rehearsal.zone_names import agree, nearest

#: What tells zones from floors among the places of a task.
_ZONE = "zone "


@dataclass(frozen=True, slots=True)
class _Kind:
    words: re.Pattern[str]
    but: re.Pattern[str] | None


@cache
def _kinds() -> dict[str, _Kind]:
    text = files("clash.rehearsal").joinpath("dictionary", "works.toml").read_text("utf-8")
    return {
        kind: _Kind(
            re.compile(row["words"], re.IGNORECASE),
            re.compile(row["but"], re.IGNORECASE) if row["but"] else None,
        )
        for kind, row in tomllib.loads(text).items()
    }


@lru_cache(maxsize=65536)
def says(text: str, kind: str) -> bool:
    """Whether the words of `text` tell of a kind of work of ``dictionary/works.toml``."""
    row = _kinds()[kind]
    return bool(row.words.search(text)) and not (row.but and row.but.search(text))


def of_kind(schedule: Schedule, *kinds: str) -> Mask:
    """Tasks (T,) whose own name tells of one of `kinds`; groups of rows are none."""
    found = [t.works and any(says(t.name, k) for k in kinds) for t in schedule.tasks]
    return np.array(found, dtype=np.bool_)


def places_said(task: Task, schedule: Schedule) -> frozenset[str]:
    """Floors and zones that a task names, or else its columns, or the nearest heading above it.

    A floor is ``"F3"``, ``"F-1"`` or ``"FR"``; a zone is ``"zone a区"``.
    """
    row, floors, zones = task, *_parted(_places(task.name))
    for text in coded(task, dictionary()):
        its_floors, its_zones = _parted(_places(text))
        floors, zones = floors or its_floors, _nearest(zones, its_zones)
    for _ in range(len(schedule.tasks)):
        if row.parent < 0:
            break
        row = schedule.tasks[row.parent]
        above_floors, above_zones = _parted(_places(row.name))
        floors, zones = floors or above_floors, _nearest(zones, above_zones)
    return floors | zones


def _nearest(zones: frozenset[str], above: frozenset[str]) -> frozenset[str]:
    names = nearest([[z.removeprefix(_ZONE) for z in sorted(some)] for some in (zones, above)])
    return frozenset(f"{_ZONE}{z}" for z in names)


def _parted(found: frozenset[str]) -> tuple[frozenset[str], frozenset[str]]:
    zones = frozenset(p for p in found if p.startswith(_ZONE))
    return found - zones, zones


def same_place(one: frozenset[str], other: frozenset[str]) -> bool:
    """Whether two tasks may speak of one place: what both name has to agree."""
    (floors, zones), (its_floors, its_zones) = _parted(one), _parted(other)
    if floors and its_floors and not floors & its_floors:
        return False
    return agree(*([z.removeprefix(_ZONE) for z in some] for some in (zones, its_zones)))


@cache
def _places(name: str) -> frozenset[str]:
    said = spoken(name)
    return frozenset({*(f"F{s}" for s in said.storeys), *(f"{_ZONE}{z}" for z in said.zones)})


def before(schedule: Schedule) -> list[I64]:
    """The direct predecessors of every task, by any type of link."""
    found: list[list[int]] = [[] for _ in schedule.tasks]
    for link in schedule.links:
        found[link.successor].append(link.predecessor)
    return [np.array(sorted(set(rows)), dtype=np.int64) for rows in found]


def after(schedule: Schedule) -> list[I64]:
    """The direct successors of every task."""
    found: list[list[int]] = [[] for _ in schedule.tasks]
    for link in schedule.links:
        found[link.predecessor].append(link.successor)
    return [np.array(sorted(set(rows)), dtype=np.int64) for rows in found]


def ancestors(before_: Sequence[I64], task: int, *, within: int = 3) -> dict[int, int]:
    """Tasks that lead to `task` over at most `within` links, with how many links."""
    found: dict[int, int] = {}
    edge = [task]
    for steps in range(1, within + 1):
        edge = [int(p) for t in edge for p in before_[t].tolist() if p not in found and p != task]
        found |= {p: steps for p in edge if p not in found}
    return found
