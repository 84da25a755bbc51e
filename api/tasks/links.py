"""The links of a run by names of tasks: what a person looks through and confirms."""

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from bimcore.elements import Coded
from clash.rehearsal.base import ElementLinks, Stage
from clash.rehearsal.confirmed import key_of
from clash.rehearsal.linking import Linked
from clash.roles import column

#: Version of the shape of the document; a breaking change bumps it.
SCHEMA = "yuyan/links/1"
#: Names shown of a group, and storeys and classes named.
_SHOWN = 3
_NAMED = 40


class Rehearsed(Protocol):
    """What the document needs of :class:`api.rehearsing.Rehearsed`."""

    @property
    def stage(self) -> Stage:
        """Models, plan and links."""
        ...

    @property
    def linked(self) -> Linked:
        """Links, name patterns and what is unclear."""
        ...


def write_links(rehearsed: Rehearsed, path: Path) -> None:
    """Write ``links.json``."""
    document = links_document(rehearsed)
    text = json.dumps(document, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    path.write_text(text, encoding="utf-8")


def links_document(rehearsed: Rehearsed) -> dict[str, Any]:
    """Tasks grouped by the pattern of their names, with what they were linked to.

    Groups that need a look come first: those without elements, then the unsure ones.
    """
    linked, stage = rehearsed.linked, rehearsed.stage
    rows: dict[str, list[int]] = defaultdict(list)
    for row, task in enumerate(stage.schedule.tasks):
        if task.works:
            rows[key_of(linked.patterns[row])].append(row)
    storey, classes = column(stage.scene, "storey"), column(stage.scene, "ifc_class")
    groups = [_group(stage, linked, members, (storey, classes)) for members in rows.values()]
    return {
        "schema": SCHEMA,
        "schedule": stage.schedule.name,
        "groups": sorted(groups, key=_rank),
        "coverage": linked.coverage.to_json(),
    }


def _group(
    stage: Stage, linked: Linked, rows: Sequence[int], columns: tuple[Coded, Coded]
) -> dict[str, Any]:
    """One group of tasks."""
    links = linked.links
    mine = np.isin(links.task, rows)
    elements = np.unique(links.element[mine])
    choice = next((linked.confirmed[r] for r in rows if r in linked.confirmed), None)
    names = dict.fromkeys(stage.schedule.tasks[r].name for r in rows)
    unclear = dict.fromkeys(why for r in rows for why in linked.unclear.get(r, ()))
    kinds = dict.fromkeys(k for r in rows for k in linked.wishes[r].kinds)
    storeys, classes = (_words(c, elements) for c in columns)
    return {
        "pattern": linked.patterns[rows[0]],
        "names": list(names)[:_SHOWN],
        "tasks": len(rows),
        "without_elements": len(rows) - len(set(links.task[mine].tolist())),
        "trade": _most(links.trade[r] for r in rows),
        "action": _most(links.action[r] for r in rows),
        "kinds": list(kinds),
        "elements": len(elements),
        "classes": classes,
        "storeys": storeys,
        "confidence": round(float(links.confidence[mine].mean()), 3) if mine.any() else None,
        "ways": _ways(links, mine),
        "idle": all(linked.wishes[r].idle for r in rows),
        "unclear": list(unclear),
        "decision": "" if choice is None else choice.decision,
    }


def _words(coded: Coded, rows: np.ndarray) -> list[str]:
    """The words of some rows, the most frequent first."""
    counts = Counter(coded[r] for r in rows.tolist())
    return [w for w, _ in sorted(counts.items(), key=lambda e: (-e[1], e[0])) if w][:_NAMED]


def _most(words: Iterable[str]) -> str:
    counts = Counter(words)
    return min(counts, key=lambda w: (-counts[w], w))


def _ways(links: ElementLinks, mine: np.ndarray) -> list[str]:
    counts = Counter(links.how[mine].tolist())
    return [links.ways[code] for code, _ in counts.most_common()]


def _rank(group: Mapping[str, Any]) -> tuple[int, float, str]:
    settled = bool(group["decision"]) or group["idle"]
    confidence = group["confidence"]
    open_ = 0 if confidence is None else 1
    return (2 if settled else open_, confidence or 0.0, group["pattern"])
