"""The rules of the rehearsal, in their order."""

from clash.rehearsal import (
    r01_coverage,
    r02_integrity,
    r03_logic,
    r04_support,
    r05_floating,
    r06_props,
    r07_young_concrete,
    r08_concealed,
    r09_access,
    r10_openings,
    r11_lifetime,
    r12_workspace,
    r13_below,
    r14_hot_work,
    r15_congestion,
    r16_order,
    r17_scaffold,
    r18_dig,
    r19_crane,
    r20_water,
)
from clash.rehearsal.base import Card, Rule

#: Modules with a ``CARD`` and a ``find``; a rule is on when it stands here.
RULES: tuple[Rule, ...] = (
    r01_coverage,
    r02_integrity,
    r03_logic,
    r04_support,
    r05_floating,
    r06_props,
    r07_young_concrete,
    r08_concealed,
    r09_access,
    r10_openings,
    r11_lifetime,
    r12_workspace,
    r13_below,
    r14_hot_work,
    r15_congestion,
    r16_order,
    r17_scaffold,
    r18_dig,
    r19_crane,
    r20_water,
)


def cards() -> tuple[Card, ...]:
    """The cards of all rules."""
    return tuple(rule.CARD for rule in RULES)
