"""The timeline of a run: when everything is built and removed, and when it will not work."""

import json
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from bimcore.calendars import worktimes
from bimcore.critical_path import Moments
from bimcore.issues import Issue
from bimcore.schedule import Schedule
from clash.rehearsal.base import ElementLinks, Lifetimes, Risk, Stage
from clash.rehearsal.report import ClashWindow

#: Version of the shape of the document; a breaking change bumps it.
SCHEMA = "yuyan/timeline/1"
_DAY = np.timedelta64(1, "D")


class Rehearsed(Protocol):
    """What the timeline needs of :class:`api.rehearsing.Rehearsed`; issues are as the risks."""

    @property
    def stage(self) -> Stage:
        """Models, plan, links and lifetimes."""
        ...

    @property
    def risks(self) -> tuple[Risk, ...]:
        """What will not work."""
        ...

    @property
    def issues(self) -> tuple[Issue, ...]:
        """One for each risk, in the same order."""
        ...


def write_timeline(
    rehearsed: Rehearsed, path: Path, *, windows: Mapping[str, ClashWindow] | None = None
) -> None:
    """Write ``timeline.json``."""
    document = timeline_document(rehearsed, windows=windows)
    text = json.dumps(document, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    path.write_text(text, encoding="utf-8")


def timeline_document(
    rehearsed: Rehearsed, *, windows: Mapping[str, ClashWindow] | None = None
) -> dict[str, Any]:
    """What the timeline shows.

    Parameters
    ----------
    rehearsed : Rehearsed
        Its issues are in the order of its risks.
    windows : mapping, optional
        When both bodies of a clash issue stand there, by its id.

    """
    stage = rehearsed.stage
    first, last = _span(stage)
    return {
        "schema": SCHEMA,
        "schedule": {
            "name": stage.schedule.name,
            "format": stage.schedule.format,
            "start": _iso(first),
            "finish": _iso(last),
            "status_date": None
            if stage.schedule.status_date is None
            else _iso(np.datetime64(stage.schedule.status_date)),
        },
        "nonworking": _nonworking(stage.schedule, first, last),
        "tasks": _tasks(stage),
        "elements": _elements(stage.lifetimes),
        "risks": _risks(rehearsed.risks, rehearsed.issues),
        "clashes": [
            {
                "issue": found.issue,
                "from": found.window[0],
                "to": found.window[1],
                "days_to_decide": found.days_to_decide,
            }
            for found in (windows or {}).values()
        ],
        "coverage": _coverage(stage),
    }


def _span(stage: Stage) -> tuple[np.datetime64, np.datetime64]:
    """First start and last finish of all dated tasks; NaT where there are none."""
    dated = ~(np.isnat(stage.path.start) | np.isnat(stage.path.finish))
    if not dated.any():
        return np.datetime64("NaT", "m"), np.datetime64("NaT", "m")
    return stage.path.start[dated].min(), stage.path.finish[dated].max()


def _nonworking(
    schedule: Schedule, first: np.datetime64, last: np.datetime64
) -> list[tuple[str, str]]:
    """Stretches of days on which the plan's own calendar knows no work, half-open."""
    if np.isnat(first):
        return []
    calendar = worktimes(schedule)[""]
    day: date = first.astype("datetime64[D]").item()
    end: date = (last.astype("datetime64[D]") + _DAY).item()
    found: list[tuple[date, date]] = []
    while day < end:
        after = day + timedelta(days=1)
        if not calendar.is_working_day(day):
            joined = bool(found) and found[-1][1] == day
            found = [*found[:-1], (found[-1][0], after)] if joined else [*found, (day, after)]
        day = after
    return [(f"{a.isoformat()}T00:00", f"{b.isoformat()}T00:00") for a, b in found]


def _tasks(stage: Stage) -> list[dict[str, Any]]:
    path, links = stage.path, stage.links
    count = np.bincount(links.task, minlength=len(stage.schedule.tasks))
    surest = _least_confidence(links, len(stage.schedule.tasks))
    floats = path.total_float / max(stage.schedule.minutes_per_day, 1.0)
    critical = path.critical
    return [
        {
            "row": row,
            "id": task.id,
            "name": task.name,
            "wbs": task.wbs,
            "parent": task.parent,
            "kind": str(task.kind),
            "action": str(links.action[row]),
            "trade": str(links.trade[row]),
            "start": _iso(path.start[row]),
            "finish": _iso(path.finish[row]),
            "early_start": _iso(path.early_start[row]),
            "early_finish": _iso(path.early_finish[row]),
            "late_finish": _iso(path.late_finish[row]),
            "total_float_days": round(float(floats[row]), 2) if np.isfinite(floats[row]) else None,
            "critical": bool(critical[row]),
            "confidence": surest[row],
            "elements": int(count[row]),
        }
        for row, task in enumerate(stage.schedule.tasks)
    ]


def _least_confidence(links: ElementLinks, tasks: int) -> list[float | None]:
    """Of each task that of its least sure link; None where it has none."""
    least = np.full(tasks, np.inf)
    np.minimum.at(least, links.task, links.confidence)
    return [round(float(v), 3) if np.isfinite(v) else None for v in least]


def _elements(lives: Lifetimes) -> dict[str, list[Any]]:
    """By column, what some task builds or removes; all others are there all the time."""
    told = lives.dated | ~np.isnat(lives.remove) | ~np.isnat(lives.gone)
    rows = np.flatnonzero(told)
    return {
        "index": rows.tolist(),
        "task": lives.task[rows].tolist(),
        "removal": lives.removal[rows].tolist(),
        **{
            name: _minutes(column[rows])
            for name, column in (
                ("appear", lives.appear),
                ("complete", lives.complete),
                ("remove", lives.remove),
                ("gone", lives.gone),
            )
        },
        "temporary": lives.temporary[rows].astype(int).tolist(),
        "confidence": np.round(lives.confidence[rows], 3).tolist(),
    }


def _minutes(moments: Moments) -> list[int | None]:
    """Minutes since the begin of 1970, local time; None where nothing is known."""
    numbers = moments.astype("datetime64[m]").astype(np.int64).tolist()
    missing = np.isnat(moments).tolist()
    return [None if m else n for n, m in zip(numbers, missing, strict=True)]


def _risks(risks: Sequence[Risk], issues: Sequence[Issue]) -> list[dict[str, Any]]:
    return [
        {
            "issue": issue.id,
            "rule": risk.rule,
            "severity": issue.severity,
            "from": None if risk.window is None else _iso(risk.window[0]),
            "to": None if risk.window is None else _iso(risk.window[1]),
            "tasks": list(risk.tasks),
            "elements": list(risk.elements),
            "others": list(risk.others),
            "title": {k: risk.titles.get(k, "") for k in ("zh-CN", "en")},
            "point": None if issue.point is None else list(issue.point),
        }
        for risk, issue in zip(risks, issues, strict=True)
    ]


def _coverage(stage: Stage) -> dict[str, float | int]:
    """How many of the physical elements some task works on."""
    bodies = stage.scene.clash_body
    linked = np.zeros(len(bodies), dtype=bool)
    linked[stage.links.element] = True
    count, known = int(bodies.sum()), int((bodies & linked).sum())
    return {"elements": count, "linked": known, "share": round(known / count, 4) if count else 0.0}


def _iso(moment: np.datetime64) -> str | None:
    """Local time to the minute, as ``2026-06-12T08:00``."""
    return None if np.isnat(moment) else str(moment.astype("datetime64[m]"))
