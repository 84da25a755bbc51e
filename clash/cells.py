"""Which rules of a set are cells of its matrix, and what its selectors are called."""

from collections.abc import Iterable

from clash.matrix import axis_of, cell_rule
from clash.rules import Named, Rule, RuleKind, RuleSet, Selector
from clash.rulewords import Demands


def millimetres_of(rule: Rule) -> float:
    """The tolerance of a rule as files write it."""
    return float(f"{rule.tolerance * 1000:.12g}")


def parted(rules: RuleSet) -> tuple[dict[tuple[str, str], Demands], tuple[Rule, ...]]:
    """The rules that are cells of the matrix, and the rest.

    Returns
    -------
    cells : dict
        Demands by the names of both sides.
    rest : tuple of Rule
        Rules that a cell cannot say, and what follows them: the order of rules is kept.

    """
    axes = [axis_of(a, rules.selectors) for a in rules.axes]
    kinds = list(RuleKind)
    place: dict[str, tuple[int, int, int]] = {}
    for i, left in enumerate(axes):
        for j in range(i, len(axes)):
            for k, kind in enumerate(kinds):
                place[cell_rule(left, axes[j], kind, 0.0).id] = (i, j, k)
    cells: dict[tuple[str, str], Demands] = {}
    last = (-1, -1, -1)
    for number, rule in enumerate(rules.rules):
        at = place.get(rule.id, last)
        mm = millimetres_of(rule)
        if at <= last or cell_rule(axes[at[0]], axes[at[1]], rule.kind, mm / 1000) != rule:
            return cells, rules.rules[number:]
        names = (axes[at[0]].name, axes[at[1]].name)
        cells[names] = (*cells.get(names, ()), (rule.kind, mm))
        last = at
    return cells, ()


def name_for(selector: Selector, selectors: Iterable[Named]) -> str | None:
    """The name under which a rule set knows `selector`; None when it has none."""
    return next((n.name for n in selectors if n.selector == selector), None)
