"""All rules over one stage."""

from collections.abc import Mapping

from bimcore.progress import Progress, silent
from clash.rehearsal.base import Found, Risk, Stage
from clash.rehearsal.precedence import without_repeats
from clash.rehearsal.rules import RULES


def rehearse(stage: Stage, *, progress: Progress = silent) -> Found:
    """What every rule finds, the gravest and surest first, then the earliest."""
    risks: list[Risk] = []
    not_assessed: list[Mapping[str, Mapping[str, str]]] = []
    for number, rule in enumerate(RULES):
        progress(number / len(RULES), "rehearse")
        found = rule.find(stage)
        risks += found.risks
        not_assessed += found.not_assessed
    told = without_repeats(stage, risks)
    return Found(risks=tuple(sorted(told, key=_rank)), not_assessed=tuple(not_assessed))


def _rank(risk: Risk) -> tuple[float, str, str, tuple[int, ...], str]:
    start = "" if risk.window is None else str(risk.window[0])
    return (-risk.severity * risk.confidence, start, risk.rule, risk.tasks, risk.place)
