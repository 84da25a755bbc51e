"""Stages made by hand: parts as boxes, tasks as dates, and who works on what."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time

import numpy as np

from bimcore.critical_path import compute
from bimcore.model import Scene
from bimcore.relations import RelationKind
from bimcore.schedule import (
    Action,
    Calendar,
    CalendarException,
    Lag,
    Link,
    LinkType,
    Schedule,
    Task,
    TaskKind,
)
from clash.engine import detect
from clash.matrix import default_rules
from clash.rehearsal.base import ElementLinks, Found, Risk, SiteFacts, Stage
from clash.rehearsal.contacts import contacts_of
from clash.rehearsal.lifetimes import lifetimes_of
from clash.rehearsal.places import places_of
from clash.rehearsal.profile import profile
from clash.rehearsal.rules import cards
from clash.result import COLUMNS, ClashSet
from tests.builders import Body, box
from tests.building import Thing, model

#: The working day of all calendars here.
DAY = ((480, 720), (780, 1020))
OPENS, CLOSES = time(8), time(17)
#: All seven days are worked: the default, so that dates can be counted on fingers.
EVERY_DAY = Calendar(id="all", name="every day", week=(DAY,) * 7)
#: Monday to Friday.
WEEKDAYS = Calendar(id="5", name="five days", week=(DAY,) * 5 + ((),) * 2)


def holiday(first: str, last: str = "") -> CalendarException:
    """Days, both included, without work: ``holiday("06-10", "06-12")``."""
    return CalendarException(first=_day(first).date(), last=_day(last or first).date())


def part(is_a: str, low, high, *, name: str, storey: str = "", **columns) -> Thing:
    """A box between two corners; further columns as of :class:`tests.building.Thing`."""
    size = tuple(float(h) - float(v) for v, h in zip(low, high, strict=True))
    return Thing(is_a=is_a, body=box(size, at=low), name=name, storey=storey, **columns)


def solid(is_a: str, body: Body, *, name: str, storey: str = "", **columns) -> Thing:
    """An element of any body of :mod:`tests.builders`."""
    return Thing(is_a=is_a, body=body, name=name, storey=storey, **columns)


@dataclass(frozen=True, kw_only=True)
class Work:
    """A task with what the link step would know of it."""

    task: Task
    on: tuple[str, ...]
    trade: str
    action: str
    confidence: float


def work(name: str, start: str | None, finish: str | None, *, trade: str = "",
         action: str | Action = "install", on: Iterable[str] = (), confidence: float = 1.0,
         **columns) -> Work:  # fmt: skip
    """A task from the morning of `start` to the evening of `finish` (both included).

    Dates are ``"06-01"`` (of 2026; 1 June is a Monday), ``"2027-01-05"``, or with a time
    ``"06-01T10:00"``. Further columns as of :class:`bimcore.schedule.Task`.
    """
    task = Task(
        id=columns.pop("id", name),
        name=name,
        start=None if start is None else moment(start, at=OPENS),
        finish=None if finish is None else moment(finish, at=CLOSES),
        kind=columns.pop("kind", TaskKind.TASK),
        **columns,
    )
    return Work(
        task=task, on=tuple(on), trade=trade, action=str(action), confidence=float(confidence)
    )


def moment(text: str, *, at: time = OPENS) -> datetime:
    """``"06-01"`` at a time of the day, or ``"06-01T10:00"`` as it stands."""
    day, _, clock = text.partition("T")
    return datetime.combine(_day(day).date(), time.fromisoformat(clock) if clock else at)


def at(text: str) -> np.datetime64:
    """A moment as rules have it; a day alone is its morning at eight."""
    return np.datetime64(moment(text), "m")


def evening(text: str) -> np.datetime64:
    """The end of work of a day."""
    return np.datetime64(moment(text, at=CLOSES), "m")


def _day(text: str) -> datetime:
    return datetime.fromisoformat(text if text.count("-") == 2 else f"2026-{text}")


def stage(boxes: Sequence[Thing] | Scene, tasks: Sequence[Work], links: Iterable[tuple] = (),
          on: Mapping[str, Iterable[str]] | None = None, *,
          relations: Iterable[tuple[RelationKind, str, str]] = (),
          elevations: dict[str, float] | None = None,
          calendar: Calendar = EVERY_DAY, calendars: Sequence[Calendar] = (),
          clashes: ClashSet | bool = False, given: Mapping[str, object] | None = None,
          rules: Sequence | None = None, **columns) -> Stage:  # fmt: skip
    """A stage from plain Python.

    Parameters
    ----------
    boxes : sequence of Thing, or Scene
        Made by :func:`part`; names tell elements apart.
    tasks : sequence of Work
        Made by :func:`work`.
    links : iterable of tuple
        ``("A", "B")``, ``("A", "B", "SS")`` or ``("A", "B", "FS", 2)`` with days of lag.
    on : mapping, optional
        Names of the elements that each task works on, beside ``work(on=...)``.
    relations : iterable of (kind, name, name)
    elevations : dict, optional
        Height of each storey.
    calendar : Calendar
        Of all tasks that name none; `calendars` are further ones.
    clashes : ClashSet or bool
        True for what the default rules find.
    given : mapping, optional
        Thresholds that the project changes.
    rules : sequence of modules, optional
        Whose cards make the profile, beside those that are on.
    **columns
        ``others``, ``site``, ``equipment``, ``now`` and whatever else :class:`Stage` has, in
        place of what is derived.

    """
    scene = boxes if isinstance(boxes, Scene) else scene_of_parts(boxes, relations, elevations)
    schedule = schedule_of(tasks, links, calendar=calendar, calendars=calendars)
    path = compute(schedule)
    held = columns.pop("links_of_elements", None) or linked(scene, tasks, on or {})
    if isinstance(clashes, bool):
        clashes = detect(scene, default_rules()) if clashes else no_clashes()
    known = {card.id: card for card in (*cards(), *(r.CARD for r in rules or ()))}
    derived = {
        "lifetimes": lambda: lifetimes_of(scene, schedule, path, held),
        "contacts": lambda: contacts_of(scene),
        "places": lambda: places_of(scene),
        "profile": lambda: profile(tuple(known.values()), given),
    }
    made = {
        name: columns.pop(name) if name in columns else make() for name, make in derived.items()
    }
    return Stage(
        scene=scene, schedule=schedule, path=path, links=held, clashes=clashes, **made, **columns
    )


def scene_of_parts(
    things: Sequence[Thing],
    relations: Iterable[tuple[RelationKind, str, str]] = (),
    elevations: dict[str, float] | None = None,
) -> Scene:
    """One model of `things`; relations by their names."""
    row = {t.name: k for k, t in enumerate(things)}
    by_row = [(kind, row[a], row[b]) for kind, a, b in relations]
    return Scene.of([model(things, relations=by_row, elevations=elevations)])


def schedule_of(
    tasks: Sequence[Work],
    links: Iterable[tuple] = (),
    *,
    calendar: Calendar = EVERY_DAY,
    calendars: Sequence[Calendar] = (),
) -> Schedule:
    """The plan that :func:`work` and tuples of names describe."""
    row = {w.task.name: k for k, w in enumerate(tasks)}
    return Schedule(
        name="plan",
        source="1" * 64,
        format="csv",
        tasks=tuple(w.task for w in tasks),
        links=tuple(_link(row, *each) for each in links),
        calendars=(calendar, *(c for c in calendars if c != calendar)),
        calendar=calendar.id,
    )


def _link(row: Mapping[str, int], before: str, after: str, type_="FS", days=0.0) -> Link:
    return Link(
        predecessor=row[before],
        successor=row[after],
        type=LinkType(type_),
        lag=Lag(value=480.0 * days),
    )


def linked(
    scene: Scene, tasks: Sequence[Work], on: Mapping[str, Iterable[str]] | None = None
) -> ElementLinks:
    """Which task works on which element, by their names."""
    row = {name: k for k, name in enumerate(names(scene))}
    rows = [
        (t, row[name], w.confidence)
        for t, w in enumerate(tasks)
        for name in sorted({*w.on, *(on or {}).get(w.task.name, ())}, key=row.__getitem__)
    ]
    return ElementLinks(
        task=np.array([r[0] for r in rows], dtype=np.int32),
        element=np.array([r[1] for r in rows], dtype=np.int32),
        confidence=np.array([r[2] for r in rows], dtype=np.float64),
        how=np.zeros(len(rows), dtype=np.int32),
        ways=("guid",),
        action=tuple(w.action for w in tasks),
        trade=tuple(w.trade for w in tasks),
    )


def names(scene: Scene) -> list[str]:
    """Names of all elements of a scene."""
    return [name for m in scene.models for name in m.elements.name]


def no_clashes() -> ClashSet:
    """A clash run that found nothing."""
    columns = {
        name: np.zeros((0, 3) if ndim == 2 else 0, dtype=dtype) for name, dtype, ndim in COLUMNS
    }
    return ClashSet(**columns)


def told(stage_: Stage, found: Found | Iterable[Risk]) -> list[tuple]:
    """Risks as (rule, names of tasks, names of elements), sorted: what a test compares."""
    risks = found.risks if isinstance(found, Found) else found
    element, task = names(stage_.scene), [t.name for t in stage_.schedule.tasks]
    return sorted(
        (
            r.rule,
            tuple(task[t] for t in r.tasks),
            tuple(sorted(element[e] for e in r.elements)),
        )
        for r in risks
    )


__all__ = [
    "DAY",
    "EVERY_DAY",
    "WEEKDAYS",
    "SiteFacts",
    "Work",
    "at",
    "evening",
    "holiday",
    "linked",
    "moment",
    "names",
    "no_clashes",
    "part",
    "scene_of_parts",
    "schedule_of",
    "solid",
    "stage",
    "told",
    "work",
]
