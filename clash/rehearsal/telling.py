"""Words, boxes and moves that risks of several rules are told with."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

import numpy as np

from bimcore.arrays import F64
from clash.rehearsal.base import Stage
from clash.rehearsal.dates import day_of, days_from, last_day, midnight
from clash.texts import both, label


def text_of(pairs: Sequence[tuple[str, str]]) -> dict[str, str]:
    """Sentences in both languages, one after the other."""
    kept = [(zh, en) for zh, en in pairs if zh or en]
    return both("".join(zh for zh, _ in kept), " ".join(en for _, en in kept))


def things(stage: Stage, elements: Iterable[int]) -> tuple[str, str]:
    """Elements by class with their number: ``("风管 3 个、管段 2 个", "3 duct, 2 pipe")``."""
    count: Counter[str] = Counter()
    for e in elements:
        model, row = stage.scene.locate(e)
        count[model.elements.ifc_class[row]] += 1
    first = count.most_common(3)
    zh = "、".join(f"{label(c)} {n} 个" for c, n in first)
    en = ", ".join(f"{n} x {label(c, 'en')}" for c, n in first)
    more = sum(count.values()) - sum(n for _, n in first)
    return (f"{zh} 等", f"{en} and more") if more else (zh, en)


def task_name(stage: Stage, task: int) -> str:
    """The name of a task, without blanks around it."""
    row = stage.schedule.tasks[task]
    return row.name.strip() or row.id


def quoted(stage: Stage, task: int) -> tuple[str, str]:
    """The name of a task in quotation marks of both languages."""
    name = task_name(stage, task)
    return f"“{name}”", f'"{name}"'


def storey_of(stage: Stage, element: int) -> str:
    """Storey, else zone of an element; empty where neither is known."""
    if element >= len(stage.places.storey):
        return ""
    return stage.places.storey[element] or stage.places.zone[element]


def at_place(place: str) -> tuple[str, str]:
    """A place before and after a sentence: ``("3F ", " on 3F")``."""
    return (f"{place} ", f" on {place}") if place else ("", "")


def box_of(stage: Stage, elements: Iterable[int]) -> F64 | None:
    """The box (2, 3) round elements; None where none has a body."""
    boxes = stage.scene.bounds[sorted(set(elements))]
    boxes = boxes[np.isfinite(boxes).all(axis=(1, 2))]
    if not len(boxes):
        return None
    return np.stack([boxes[:, 0].min(axis=0), boxes[:, 1].max(axis=0)])


def float_days(stage: Stage, task: int) -> float:
    """Total float of a task in working days; NaN where not known."""
    per_day = stage.schedule.minutes_per_day or 480.0
    return float(stage.path.total_float[task]) / per_day


def later(
    stage: Stage, task: int, *, days: int, what: tuple[str, str], closes: bool = False
) -> dict[str, str]:
    """Advice to move a task later, with the day it then starts and what float it has.

    Parameters
    ----------
    stage : Stage
    task : int
    days : int
        Calendar days.
    what : tuple of str
        Until when, in Chinese and English: ``("管线完成后", "after the services are done")``.
    closes : bool
        The end of the task has to wait, not its start: it closes something off.

    """
    name = quoted(stage, task)
    start = midnight(day_of(stage.path.start[task]) + np.timedelta64(days, "D"))
    zh_day, en_day = stage.dates.said(start)
    zh = f"将{name[0]}推迟 {days} 天，{what[0]}（{zh_day}起）再做"
    en = f"Move {name[1]} {days} {_day_word(days)} later, {what[1]} (from {en_day})"
    if closes:
        zh = f"将{name[0]}推迟 {days} 天（{zh_day}起做），{what[0]}再封闭"
        en = f"Move {name[1]} {days} {_day_word(days)} later (from {en_day}); close it {what[1]}"
    held = float_days(stage, task)
    if np.isfinite(held):
        enough = held >= days
        zh += f"；总时差 {held:g} 天，{'不影响工期' if enough else '会影响后续工序'}"
        en += f"; it has {held:g} days of float, " + (
            "so the end date holds" if enough else "so later tasks move too"
        )
    return both(f"{zh}。", f"{en}.")


def _day_word(days: int) -> str:
    return "day" if days == 1 else "days"


def count_days(days: int) -> tuple[str, str]:
    """A number of days in both languages."""
    return f"{days} 天", f"{days} {_day_word(days)}"


def window_data(window: tuple[np.datetime64, np.datetime64]) -> Mapping[str, object]:
    """First and last day of a window and their number, for the proof of a risk."""
    return {
        "first_day": str(day_of(window[0])),
        "last_day": str(last_day(window[1])),
        "days": days_from(window[0], last_day(window[1])) + 1,
    }


def mean_confidence(stage: Stage, elements: Iterable[int]) -> float:
    """Confidence of the links of elements, on average; 1 where there are none."""
    rows = sorted(set(elements))
    if not rows:
        return 1.0
    found = stage.lifetimes.confidence[rows]
    found = found[np.isfinite(found) & (found > 0)]
    return float(found.mean()) if len(found) else 1.0
