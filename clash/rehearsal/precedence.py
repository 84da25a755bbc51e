"""Which rule speaks where several see the same fault."""

from collections.abc import Collection, Sequence
from dataclasses import replace

import numpy as np

from bimcore.arrays import Mask
from clash.rehearsal.base import Risk, Stage

#: Rules that name the missing or leaving carrier itself: what follows from it is not repeated.
NAMES_CARRIER = ("R04", "R06", "R11")
#: Rules that tell what two tasks do wrong to each other, and those that only see them meet.
NAMES_PAIR, SEES_PAIR = ("R04", "R08"), ("R12", "R13", "R16")
#: Rules that say of two tasks, by what they build, which has to come first.
TELLS_ORDER = ("R04", "R06", "R07", "R08", "R11", "R16", "R17", "R18")


def without_repeats(stage: Stage, risks: Sequence[Risk]) -> tuple[Risk, ...]:
    """The risks, each fault told once.

    R04, R06 and R11 name what is missing under an element. Where they speak, R05 does not
    repeat that the same element, or what touches it, hangs in the air on those days, and R03
    not that the same two tasks lack a link, or that the same carriers come too late. What R09
    finds shut in by what it sees of the free space, R10 does not tell again by its doors.
    Two tasks of which R04 or R08 tells that one comes too early also meet in one place, or are
    out of the usual order: R12, R13 and R16 do not repeat that.
    Where a rule says of two tasks which has to come first, and a link of the plan says the
    same, the order is certain, and R02 does not repeat that the dates break the link.
    """
    risks = _with_links(risks)
    named = [r for r in risks if r.rule in NAMES_CARRIER]
    shut_in = {(r.tasks[0], e) for r in risks if r.rule == "R09" for e in r.elements}
    pairs = [r for r in risks if r.rule in NAMES_PAIR]
    return tuple(
        r for r in risks if not (_shut_in(r, shut_in) or _said(stage, r, named) or _meet(r, pairs))
    )


def _meet(risk: Risk, pairs: Sequence[Risk]) -> bool:
    """Whether one of `pairs` tells why the two tasks of a risk should not meet then."""
    if risk.rule not in SEES_PAIR or len(risk.tasks) < 2:
        return False
    two = set(risk.tasks[:2])
    return any(two == set(r.tasks) and _overlap(risk, r) for r in pairs)


def _shut_in(risk: Risk, told: Collection[tuple[int, int]]) -> bool:
    """Whether R09 tells all units of a risk of R10, for the same task."""
    return risk.rule == "R10" and all((risk.tasks[0], e) in told for e in risk.elements)


def _with_links(risks: Sequence[Risk]) -> list[Risk]:
    """Broken links told by R02 taken up by what says the same of the same two tasks."""
    broken = {frozenset(r.tasks): r for r in risks if _breaks_one_link(r)}
    told = {
        pair
        for pair in broken
        for r in risks
        if r.rule in TELLS_ORDER and frozenset(r.tasks) == pair
    }
    kept = [r for r in risks if not (_breaks_one_link(r) and frozenset(r.tasks) in told)]
    return [
        _certain(r) if r.rule in TELLS_ORDER and frozenset(r.tasks) in told else r for r in kept
    ]


def _breaks_one_link(risk: Risk) -> bool:
    one = risk.data.get("kind") == "link" and risk.data.get("count") == 1
    return risk.rule == "R02" and one and len(set(risk.tasks)) == 2


def _certain(risk: Risk) -> Risk:
    """A risk whose order the plan's own link confirms; half its doubt was about the order."""
    words = {
        "zh-CN": "计划里也有这条先后关系，日期却没有照它排。",
        "en": " The plan itself links the two in this order; its dates do not follow.",
    }
    return replace(
        risk,
        certain=True,
        confidence=risk.confidence if risk.certain else min(1.0, 2 * risk.confidence),
        descriptions={k: v + words.get(k, "") for k, v in risk.descriptions.items()},
        data={**risk.data, "link_of_plan": True},
    )


def _said(stage: Stage, risk: Risk, named: Sequence[Risk]) -> bool:
    if risk.rule == "R03":
        return any(_same_order(risk, other) for other in named)
    if risk.rule == "R05":
        during = [r for r in named if _overlap(risk, r)]
        return bool(during) and _meets(stage, risk, during)
    return False


def _same_order(risk: Risk, other: Risk) -> bool:
    if set(risk.tasks) == set(other.tasks):
        return True
    gap = risk.data.get("gap_working_days", 0.0)
    late = isinstance(gap, float) and gap < 0
    same_work = bool(other.tasks) and risk.tasks[:1] == other.tasks[:1]
    return late and same_work and not set(risk.others).isdisjoint(other.others)


def _overlap(one: Risk, other: Risk) -> bool:
    if one.window is None or other.window is None:
        return False
    return bool(one.window[0] < other.window[1] and other.window[0] < one.window[1])


def _meets(stage: Stage, risk: Risk, named: Sequence[Risk]) -> bool:
    """Whether elements of a risk are among those named, or touch one of them."""
    own = _mask(stage, risk.elements)
    theirs = _mask(stage, [e for r in named for e in r.elements])
    a, b = stage.contacts.a, stage.contacts.b
    return bool((own & theirs).any() or (own[a] & theirs[b]).any() or (own[b] & theirs[a]).any())


def _mask(stage: Stage, elements: Sequence[int]) -> Mask:
    mask = np.zeros(len(stage.contacts.grounded), dtype=np.bool_)
    mask[list(elements)] = True
    return mask
