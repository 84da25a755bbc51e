"""Names that the same element, clash and issue keep over revisions."""

import hashlib
import uuid
from collections import Counter
from collections.abc import Iterable, Sequence

import numpy as np

from bimcore.model import Scene
from clash.result import ClashSet
from clash.rules import RuleKind, RuleSet

#: Root of all ids; any fixed UUID would do, changing it renames every issue.
NAMESPACE = uuid.uuid5(uuid.NAMESPACE_URL, "https://yuyan.invalid/clash/1")
_ROOT = NAMESPACE.bytes
SEPARATOR = "\x1f"
_RANK = {RuleKind.HARD: 0, RuleKind.DUPLICATE: 1, RuleKind.CLEARANCE: 2}


def element_keys(scene: Scene) -> list[str]:
    """One word for each of the E elements, made of the model's name and the GlobalId.

    Where a GlobalId is used twice in a model, or two models have one name, the copies are
    told apart by what they are and where they stand, not by their order in the file.
    """
    keys: list[str] = []
    for model in scene.models:
        keys.extend(f"{model.name}{SEPARATOR}{guid}" for guid in model.elements.guid)
    repeated = {k for k, n in Counter(keys).items() if n > 1}
    if repeated:
        places: dict[str, list[int]] = {}
        for element, key in enumerate(keys):
            if key in repeated:
                places.setdefault(key, []).append(element)
        for key, elements in places.items():
            ordered = sorted(elements, key=lambda e: _place(scene, e))
            for number, element in enumerate(ordered):
                keys[element] = f"{key}{SEPARATOR}{number}"
    return keys


def _place(scene: Scene, element: int) -> tuple[str, str, str, tuple[float, ...], int]:
    """An order of elements with one GlobalId that a re-export keeps."""
    model, row = scene.locate(element)
    table = model.elements
    corner = np.nan_to_num(np.round(scene.bounds[element].reshape(-1), 3), nan=-1e9)
    return (table.ifc_class[row], table.name[row], table.tag[row], tuple(corner.tolist()), element)


def fingerprint(words: Iterable[str]) -> str:
    """SHA-256 in hexadecimal of a sequence of words."""
    text = SEPARATOR.join(w.replace("\\", "\\\\").replace(SEPARATOR, "\\x1f") for w in words)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def identifier(mark: str) -> str:
    """The UUID (version 5) of a fingerprint; written out, as uuid.uuid5 is thrice as slow."""
    digest = bytearray(
        hashlib.sha1(_ROOT + mark.encode("utf-8", "surrogatepass"), usedforsecurity=False).digest()[
            :16
        ]
    )
    digest[6] = digest[6] & 0x0F | 0x50
    digest[8] = digest[8] & 0x3F | 0x80
    text = digest.hex()
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"


def pair_key(one: str, other: str) -> str:
    """The word of a conflict: its two elements in alphabetical order, whatever the rule."""
    first, second = sorted((one, other))
    return f"{first}{SEPARATOR}{SEPARATOR}{second}"


def clash_ids(
    scene: Scene, clashes: ClashSet, rules: RuleSet, *, keys: Sequence[str] | None = None
) -> list[str]:
    """Stable ids (C,) of clashes.

    The first row of a pair (hard rules before duplicate before clearance rules) is named by
    its elements alone, so that renaming or splitting a rule loses nothing; a pair that is
    found by further rules gets one id more for each.

    Parameters
    ----------
    scene, clashes, rules
        The run.
    keys : sequence of str, optional
        :func:`element_keys`, where they are known already.

    """
    names = element_keys(scene) if keys is None else keys
    rank = np.array([_RANK[r.kind] for r in rules.rules], dtype=np.int64)
    order = np.lexsort((clashes.rule, rank[clashes.rule], clashes.b, clashes.a))
    ids = [""] * len(clashes)
    pair, turn = (-1, -1), Counter[str]()
    for row in order.tolist():
        here = (int(clashes.a[row]), int(clashes.b[row]))
        if here != pair:
            pair, turn = here, Counter[str]()
        word = pair_key(names[here[0]], names[here[1]])
        if turn:
            kind = rules.rules[clashes.rule[row]].kind.value
            word = f"{word}{SEPARATOR}{kind}{SEPARATOR}{turn[kind]}"
            turn[kind] += 1
        else:
            turn["first"] += 1
        ids[row] = identifier(word)
    return ids
