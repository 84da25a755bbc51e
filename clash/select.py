"""Which elements of a scene a selector means."""

from collections.abc import Callable, Sequence
from functools import reduce

import numpy as np

from bimcore.arrays import Mask
from bimcore.elements import Coded, ElementTable
from bimcore.model import Model, Scene
from bimcore.properties import PropertyTable
from clash.conditions import Condition, matcher, parse_condition
from clash.rules import RuleSet, Selector


def select(scene: Scene, selector: Selector) -> Mask:
    """Elements of the scene that match `selector`.

    Parameters
    ----------
    scene : Scene
    selector : Selector
        Each non-empty field must match; an empty selector matches everything.

    Returns
    -------
    (E,) bool
        Bodies or not: the caller joins this with ``scene.clash_body``.

    """
    parts = [np.zeros(0, dtype=np.bool_)]
    models = matcher(selector.models)
    for model in scene.models:
        if selector.models and not models(model.name):
            parts.append(np.zeros(len(model), dtype=np.bool_))
        else:
            parts.append(_rows(model, selector))
    found: Mask = np.concatenate(parts)
    return found


def _rows(model: Model, selector: Selector) -> Mask:
    """Rows (E,) of one model; its name is already matched."""
    table = model.elements
    masks = [np.ones(len(table), dtype=np.bool_)]
    if selector.disciplines:
        masks.append(_words(table.discipline, selector.disciplines))
    if selector.classes:
        masks.append(_lineage(table, selector.classes))
    if selector.not_classes:
        masks.append(~_lineage(table, selector.not_classes))
    if selector.types:
        masks.append(
            _words(table.object_type, selector.types) | _words(table.predefined, selector.types)
        )
    if selector.names:
        matches = matcher(selector.names)
        known = {name: matches(name) for name in set(table.name)}
        masks.append(np.array([known[n] for n in table.name], dtype=np.bool_))
    if selector.systems:
        masks.append(_words(table.systems, selector.systems, parts=True))
    if selector.storeys:
        masks.append(_words(table.storey, selector.storeys))
    if selector.classifications:
        masks.append(_words(table.classification, selector.classifications, parts=True))
    masks += [_having(model.properties, parse_condition(p)) for p in selector.properties]
    found: Mask = reduce(np.logical_and, masks)
    return found


def _words(column: Coded, patterns: Sequence[str], *, parts: bool = False) -> Mask:
    """Rows whose word, or one of its ``" | "`` parts, matches."""
    matches = matcher(patterns)
    codes = [
        i
        for i, word in enumerate(column.words)
        if matches(word) or (parts and any(matches(p.strip()) for p in word.split("|")))
    ]
    found: Mask = np.isin(column.codes, codes)
    return found


def _lineage(table: ElementTable, patterns: Sequence[str]) -> Mask:
    """Rows whose class or one of its supertypes matches."""
    matches = matcher(patterns)
    codes = [
        i
        for i, (word, up) in enumerate(zip(table.ifc_class.words, table.lineage, strict=True))
        if matches(word) or any(matches(c) for c in up)
    ]
    found: Mask = np.isin(table.ifc_class.codes, codes)
    return found


def _having(table: PropertyTable, condition: Condition) -> Mask:
    """Rows with a property as the condition asks."""
    sets = _words(table.set_name, [condition.set_name])
    named = np.repeat(sets, np.diff(table.set_start)) & _words(table.name, [condition.name])
    values = [c for c in np.unique(table.value.codes[named]).tolist() if _fits(table, c, condition)]
    found = table.having(named & np.isin(table.value.codes, values))
    return ~found if condition.negated else found


def _fits(table: PropertyTable, code: int, condition: Condition) -> bool:
    return condition.accepts(table.value.words[code] if code >= 0 else "")


def bodies_by(scene: Scene) -> Callable[[Selector], Mask]:
    """A function that tells the clash bodies (E,) of a selector, looking each up once."""
    bodies = scene.clash_body
    known: dict[Selector, Mask] = {}

    def meant(selector: Selector) -> Mask:
        if selector not in known:
            known[selector] = select(scene, selector) & bodies
        return known[selector]

    return meant


def rule_masks(
    scene: Scene, rules: RuleSet, *, meant: Callable[[Selector], Mask] | None = None
) -> tuple[Mask, Mask]:
    """Which bodies stand on each side of each rule.

    Parameters
    ----------
    scene : Scene
    rules : RuleSet
    meant : callable, optional
        The :func:`bodies_by` of the scene, where selectors were looked up already.

    Returns
    -------
    left, right : (R, E) bool
        Rule r tests the pair {i, j} when ``left[r, i] & right[r, j]`` or the other way
        round. Elements that are no clash bodies are false everywhere.

    """
    meant = meant or bodies_by(scene)
    shape = (len(rules.rules), len(scene))
    left = np.zeros(shape, dtype=np.bool_)
    right = np.zeros(shape, dtype=np.bool_)
    for r, rule in enumerate(rules.rules):
        left[r], right[r] = meant(rule.left), meant(rule.right)
    return left, right
