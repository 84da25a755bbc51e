"""Risks become issues, and clashes learn when both bodies stand there."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import numpy as np

from bimcore.critical_path import Moments
from bimcore.issues import ElementRef, Issue
from clash.identity import fingerprint, identifier
from clash.refs import refs_of
from clash.rehearsal.base import Card, Risk, Stage
from clash.texts import LANGUAGES, both

#: Days before both bodies stand there, and the points that a clash gains by it.
URGENCY = ((14, 6), (30, 4), (60, 2))


def risk_marks(stage: Stage, risks: Sequence[Risk]) -> list[str]:
    """Fingerprints of risks, all different; they survive a new export of plan and models."""
    seen: dict[str, int] = defaultdict(int)
    marks = []
    for risk in risks:
        tasks = [stage.schedule.tasks[t].id for t in risk.tasks]
        words = ("sequence", risk.rule, *tasks, risk.place, *risk.key)
        mark = fingerprint(words)
        seen[mark] += 1
        marks.append(mark if seen[mark] == 1 else fingerprint((*words, str(seen[mark]))))
    return marks


def risk_issues(
    stage: Stage, risks: Sequence[Risk], cards: Sequence[Card], *, now: datetime
) -> tuple[Issue, ...]:
    """One issue of kind ``sequence`` for each risk, in their order.

    Parameters
    ----------
    stage : Stage
    risks : sequence of Risk
    cards : sequence of Card
        Of the rules that made them.
    now : datetime
        Aware; creation time of the issues.

    """
    by_id = {c.id: c for c in cards}
    refs = refs_of(stage.scene, {e for r in risks for e in (*r.elements, *r.others)})
    return tuple(
        _issue(stage, risk, by_id[risk.rule], refs, mark, now)
        for risk, mark in zip(risks, risk_marks(stage, risks), strict=True)
    )


def _issue(
    stage: Stage,
    risk: Risk,
    card: Card,
    refs: Mapping[int, ElementRef],
    mark: str,
    now: datetime,
) -> Issue:
    elements = [replace(refs[e], side="a") for e in risk.elements]
    elements += [replace(refs[e], side="b") for e in risk.others]
    storeys = sorted({e.storey for e in elements if e.storey and e.side == "a"})
    box = _box(stage, risk)
    return Issue(
        id=identifier(mark),
        fingerprint=mark,
        kind="sequence",
        rule=risk.rule,
        titles=risk.titles,
        descriptions=_description(stage, risk, card),
        severity=risk.severity,
        severity_factors=_factors(stage, risk, card),
        confidence=round(risk.confidence, 3),
        members=(identifier(f"{mark}/risk"),),
        elements=tuple(elements),
        point=None if box is None else _middle(box),
        extent=3.0 if box is None else max(1.0, float(np.linalg.norm(box[1] - box[0]))),
        storey=risk.place or (" / ".join(storeys) if len(storeys) <= 3 else ""),
        window=None if risk.window is None else _window(risk.window),
        suggestion=dict(risk.suggestion),
        created=now,
        updated=now,
    )


def _box(stage: Stage, risk: Risk) -> np.ndarray | None:
    """Where to look (2, 3): the witness, else round the elements."""
    if risk.witness is not None:
        return np.asarray(risk.witness, dtype=np.float64)
    rows = list(risk.elements or risk.others)
    boxes = stage.scene.bounds[rows]
    boxes = boxes[np.isfinite(boxes).all(axis=(1, 2))]
    if not len(boxes):
        return None
    return np.stack([boxes[:, 0].min(axis=0), boxes[:, 1].max(axis=0)])


def _middle(box: np.ndarray) -> tuple[float, float, float]:
    x, y, z = (round(float(v), 4) for v in (box[0] + box[1]) / 2)
    return x, y, z


def _window(window: tuple[np.datetime64, np.datetime64]) -> tuple[str, str]:
    first, last = (str(t.astype("datetime64[m]")) for t in window)
    return first, last


def _description(stage: Stage, risk: Risk, card: Card) -> dict[str, str]:
    """What the rule says, which tasks it is about, and how sure the dates are."""
    told = {}
    for language in LANGUAGES:
        chinese = language.startswith("zh")
        lines = [risk.descriptions.get(language, "")]
        lines += [_task_line(stage, task, chinese=chinese) for task in risk.tasks]
        if not risk.certain:
            lines.append(
                "计划日期不能确定先后，属可能风险。"
                if chinese
                else "The dates leave it open which comes first: a possible risk."
            )
        lines.append(f"{risk.rule} {card.zh if chinese else card.en}")
        told[language] = "\n".join(line for line in lines if line)
    return told


def _task_line(stage: Stage, task: int, *, chinese: bool) -> str:
    row = stage.schedule.tasks[task]
    start, finish = stage.path.start[task], stage.path.finish[task]
    dates = "" if np.isnat(start) or np.isnat(finish) else f" {_day(start)} – {_last(finish)}"
    name = row.name or row.id
    return f"工序：{name}{dates}" if chinese else f"Task: {name}{dates}"


def _day(moment: np.datetime64) -> str:
    return str(moment.astype("datetime64[D]"))


def _last(finish: np.datetime64) -> str:
    """The last day of a half-open interval."""
    return _day(finish - np.timedelta64(1, "m"))


def _factors(stage: Stage, risk: Risk, card: Card) -> tuple[Mapping[str, object], ...]:
    """Why a risk is as severe and as sure as it is, and what proves it."""
    weight, magnitude = risk.weight, min(max(risk.magnitude, 0.0), 1.0)
    sure = round(100 * risk.confidence)
    ids = [stage.schedule.tasks[t].id for t in risk.tasks]
    rows: list[tuple[str, object, int, dict[str, str]]] = [
        (
            "weight",
            weight,
            round(100 * weight),
            both(f"{risk.rule} {card.name_zh}", f"{risk.rule} {card.name_en}"),
        ),
        (
            "magnitude",
            round(magnitude, 3),
            risk.severity - round(100 * weight),
            both(
                f"程度 {magnitude:.0%}（100% 为最重）",
                f"{magnitude:.0%} of the worst case",
            ),
        ),
        (
            "confidence",
            round(risk.confidence, 3),
            0,
            both(
                f"把握 {sure} %（构件关联、几何、日期）", f"{sure} % sure (links, geometry, dates)"
            ),
        ),
        ("tasks", ids, 0, both(f"涉及工序 {len(ids)} 项", f"Tasks concerned: {len(ids)}")),
    ]
    days = days_to(stage, risk.window)
    if days is not None:
        rows.append(("days_to_start", days, 0, _away(days)))
    return tuple({"factor": f, "value": v, "points": p, "text": t} for f, v, p, t in rows)


def days_to(stage: Stage, window: tuple[np.datetime64, np.datetime64] | None) -> int | None:
    """Whole days from the day of the rehearsal to the begin of `window`; None if unknown."""
    if window is None or stage.now is None:
        return None
    today = np.datetime64(stage.now.replace(tzinfo=None), "D")
    return int((window[0].astype("datetime64[D]") - today) / np.timedelta64(1, "D"))


def _away(days: int) -> dict[str, str]:
    if days > 0:
        return both(f"距开始还有 {days} 天", f"Begins in {days} days")
    if days == 0:
        return both("今天开始", "Begins today")
    return both(f"已于 {-days} 天前开始", f"Began {-days} days ago")


@dataclass(frozen=True, slots=True, kw_only=True)
class ClashWindow:
    """When the bodies of a clash issue stand there together.

    Attributes
    ----------
    issue : str
    window : (str, str)
        ISO local, half-open; from the first pair that stands there to the last.
    days_to_decide : int or None
        Days from the day of the rehearsal; 0 or less when it is being built already.

    """

    issue: str
    window: tuple[str, str]
    days_to_decide: int | None


def clash_windows(
    stage: Stage, issues: Sequence[Issue], pairs: Mapping[str, tuple[int, int]]
) -> dict[str, ClashWindow]:
    """Windows of the clash issues whose bodies the plan dates, by issue id.

    Parameters
    ----------
    stage : Stage
    issues : sequence of Issue
    pairs : mapping
        Scene elements of a clash by its id.

    """
    begin, end = _standing(stage)
    found = {}
    for issue in issues:
        rows = [pairs[m] for m in issue.members if m in pairs] if issue.kind == "clash" else []
        if not rows:
            continue
        a, b = np.array(rows).T
        dated = stage.lifetimes.dated[a] | stage.lifetimes.dated[b]
        first, last = np.maximum(begin[a], begin[b]), np.minimum(end[a], end[b])
        both_there = dated & (first < last)
        if not both_there.any():
            continue
        window = (first[both_there].min(), last[both_there].max())
        found[issue.id] = ClashWindow(
            issue=issue.id, window=_window(window), days_to_decide=days_to(stage, window)
        )
    return found


def _standing(stage: Stage) -> tuple[Moments, Moments]:
    """From and to when each element (E,) is there; the plan's own ends where undated."""
    lives, path = stage.lifetimes, stage.path
    starts, ends = path.start[~np.isnat(path.start)], path.finish[~np.isnat(path.finish)]
    origin = starts.min() if len(starts) else np.datetime64(0, "m")
    horizon = ends.max() if len(ends) else np.datetime64(0, "m")
    begin = np.where(np.isnat(lives.appear), origin, lives.appear)
    end = np.where(np.isnat(lives.gone), horizon, lives.gone)
    # what the last task of the plan builds stands on after it
    return begin, np.maximum(end, np.where(np.isnat(lives.gone), begin + 1, end))


def with_windows(issues: Sequence[Issue], windows: Mapping[str, ClashWindow]) -> tuple[Issue, ...]:
    """Clash issues with their window and the points for what is built soon."""
    return tuple(_urgent(i, windows[i.id]) if i.id in windows else i for i in issues)


def _urgent(issue: Issue, found: ClashWindow) -> Issue:
    days = found.days_to_decide
    if days is None:
        return replace(issue, window=found.window)
    points = next((p for limit, p in URGENCY if days <= limit), 0)
    points = min(points, 100 - issue.severity)
    text = (
        both(f"距施工还有 {days} 天，须在此前决定", f"Built in {days} days: decide before")
        if days > 0
        else both("按计划已开始施工", "By the plan it is being built already")
    )
    factor = {"factor": "construction", "value": days, "points": points, "text": text}
    return replace(
        issue,
        window=found.window,
        severity=issue.severity + points,
        severity_factors=(*issue.severity_factors, factor),
    )
