"""Models that came back under another file name: what the last review called them."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from bimcore.model import Scene
from clash.conditions import fold
from clash.identity import SEPARATOR, identifier, pair_key

#: Share of the GlobalIds known of a model that one of another name has to hold.
MOST = 0.5
#: Dates and versions at the end of a file name.
_VERSION = re.compile(
    r"[\s_\-.]*(20\d\d[-._]?\d\d[-._]?\d\d|(?<![a-z])(v|ver|rev|version|版本?)[-._\s]*\d[\d.]*"
    r"|第?\d+版|\(\d+\))$"
)


def with_present_names(document: Mapping[str, Any], scene: Scene) -> Mapping[str, Any]:
    """The last review as if its models had had the names they have in this one.

    A model that is not there any more and one that was not there before are the same when
    they share most GlobalIds, or when their names differ in a date or version alone.
    Ids of clashes are made of the names of models, so they are made anew.
    """
    names = renamed_models(document, scene)
    if not names:
        return document
    ids: dict[str, str] = {}
    clashes = [_clash(c, names, ids) for c in _tables(document, "clashes")]
    issues = [_issue(i, names, ids) for i in _tables(document, "issues")]
    return {**document, "clashes": clashes, "issues": issues}


def renamed_models(document: Mapping[str, Any], scene: Scene) -> dict[str, str]:
    """The present name of each model of `document` that has another one, one to one."""
    guids: dict[str, set[str]] = defaultdict(set)
    for side in _sides(document):
        guids[str(side.get("model", ""))].add(str(side.get("guid", "")))
    told = {str(m.get("name", "")) for m in _tables(document, "models")}
    present = {m.name: m for m in scene.models}
    gone = sorted((told | set(guids)) - set(present) - {""})
    fresh = sorted(set(present) - told - set(guids))
    found: dict[str, str] = {}
    if not gone or not fresh:
        return found
    here = {name: set(present[name].elements.guid) for name in fresh}
    shares = [
        (len(guids[old] & here[new]) / len(guids[old]), old, new)
        for old in gone
        for new in fresh
        if guids[old]
    ]
    for share, old, new in sorted(shares, key=lambda s: (-s[0], s[1], s[2])):
        if share >= MOST and old not in found and new not in found.values():
            found[old] = new
    stems = Counter(_stem(n) for n in gone), Counter(_stem(n) for n in fresh)
    for old in gone:
        for new in fresh:
            alike = _stem(old) == _stem(new) and stems[0][_stem(old)] == stems[1][_stem(new)] == 1
            if alike and old not in found and new not in found.values():
                found[old] = new
    return found


def _stem(name: str) -> str:
    """A name without its date and version."""
    text = fold(name)
    while (shorter := _VERSION.sub("", text)) not in {text, ""}:
        text = shorter
    return text


def _tables(document: Mapping[str, Any], key: str) -> list[Mapping[str, Any]]:
    found = document.get(key)
    plain = found if isinstance(found, Sequence) and not isinstance(found, str) else []
    return [t for t in plain if isinstance(t, Mapping)]


def _sides(document: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    for clash in _tables(document, "clashes"):
        yield from (clash[k] for k in ("a", "b") if isinstance(clash.get(k), Mapping))


def _renamed(table: Any, names: Mapping[str, str]) -> Any:
    if not isinstance(table, Mapping) or table.get("model") not in names:
        return table
    return {**table, "model": names[table["model"]]}


def _clash(
    clash: Mapping[str, Any], names: Mapping[str, str], ids: dict[str, str]
) -> Mapping[str, Any]:
    """A clash with the names its models have now; `ids` learns its new id."""
    a, b = (_renamed(clash.get(k), names) for k in ("a", "b"))
    if a is clash.get("a") and b is clash.get("b"):
        return clash
    mark = str(clash.get("id", ""))
    if mark == _id_of(clash.get("a"), clash.get("b")):
        ids[mark] = _id_of(a, b)
    return {**clash, "a": a, "b": b, "id": ids.get(mark, mark)}


def _id_of(a: Any, b: Any) -> str:
    """The id of a conflict by its two elements, as :func:`clash.identity.clash_ids` has it."""
    if not isinstance(a, Mapping) or not isinstance(b, Mapping):
        return ""
    one, other = (f"{s.get('model')}{SEPARATOR}{s.get('guid')}" for s in (a, b))
    return identifier(pair_key(one, other))


def _issue(
    issue: Mapping[str, Any], names: Mapping[str, str], ids: Mapping[str, str]
) -> Mapping[str, Any]:
    members, elements = issue.get("members"), issue.get("elements")
    changed = dict(issue)
    if isinstance(members, list):
        changed["members"] = [ids.get(str(m), m) for m in members]
    if isinstance(elements, list):
        changed["elements"] = [_renamed(e, names) for e in elements]
    return changed
