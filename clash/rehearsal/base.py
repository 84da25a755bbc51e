"""What a rule of the rehearsal is given, and what it gives back."""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from bimcore.arrays import F64, I32, I64, Mask
from bimcore.critical_path import CriticalPath, Moments
from bimcore.model import Scene
from bimcore.schedule import Schedule
from clash.rehearsal.dates import Datebook
from clash.rehearsal.gaps import Coverage
from clash.result import ClashSet
from clash.roles import Roles, roles_of

_Made = TypeVar("_Made")


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """One threshold of a rule, for people to see and to change.

    Attributes
    ----------
    key : str
        ``"R04.lost_share"``; lengths end in ``_m``, times in ``_days``.
    value : float, str or bool
        What holds where the project says nothing.
    zh, en : str
        What it means.
    source : str
        Where the value comes from; empty for a setting of ours.

    """

    key: str
    value: float | str | bool
    zh: str
    en: str
    source: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """What a rule is: number, name, one sentence, weight, thresholds.

    Attributes
    ----------
    id : str
        ``"R04"``.
    version : int
        Counts up when the same input may give other findings.
    weight : float
        W of the score: 1.0 life or collapse, 0.7 rework, 0.4 productivity, 0.2 data.
    name_zh, name_en, zh, en : str
        Name, and the one sentence that explains it.

    """

    id: str
    version: int
    weight: float
    name_zh: str
    name_en: str
    zh: str
    en: str
    parameters: tuple[Parameter, ...] = ()


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class ElementLinks:
    """Which task works on which element.

    Attributes
    ----------
    task, element : (L,) int32
        Row of the schedule, element of the scene; sorted by (task, element), without repeats.
    confidence : (L,) float64
        0 to 1; 1 where the source or a person says so.
    how : (L,) int32
        Index into `ways`.
    ways : tuple of str
        ``"ifc"``, ``"guid"``, ``"code"``, ``"confirmed"``, ``"name"`` ...
    action : (T,) tuple of str
        What each task does (:class:`bimcore.schedule.Action`), stated or told from its words.
    trade : tuple of str
        Trade of each task by the dictionary (``"structure"``, ``"mep"`` ...); empty if unknown.

    """

    task: I32
    element: I32
    confidence: F64
    how: I32
    ways: tuple[str, ...]
    action: tuple[str, ...]
    trade: tuple[str, ...]


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Lifetimes:
    """When each element (E,) of the scene is there; NaT where no task says so.

    Half-open: it is being built from `appear`, stands from `complete`, is being removed from
    `remove`, and is not there from `gone`. An element without any task counts as there all
    the time. `task` and `removal` are the rows that say so (-1 none; of several tasks on one
    element the first to start builds it and the last to finish completes it), `temporary` marks
    what is only there for the works, `confidence` is that of the link.
    """

    appear: Moments
    complete: Moments
    remove: Moments
    gone: Moments
    task: I32
    removal: I32
    temporary: Mask
    confidence: F64

    @property
    def dated(self) -> Mask:
        """Elements (E,) that some task builds."""
        found: Mask = ~np.isnat(self.appear)
        return found


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Contacts:
    """Who touches whom in the finished building, and who carries whom.

    Attributes
    ----------
    a, b : (K,) int32
        Scene elements that touch, overlap or stand within the gap, a < b.
    gap : (K,) float64
        Metres between them; 0 where they touch or overlap.
    below, above : (S,) int32
        Support edges: `below` carries `above` (from under it).
    share : (S,) float64
        Part of the bearing of `above` that rests on `below`, 0 to 1.
    host, guest : (H,) int32
        What an element is set into, fixed to or hung from: openings' fillings, declared
        connections, hangers; the guest needs the host.
    kind : (H,) int32
        0 host (void, filling, aggregate, connection), 1 hung from above, 2 held from the side.
    grounded : (E,) bool
        Elements that stand on the ground in the finished building.
    structural : (E,) bool
        Elements that may carry others.

    """

    a: I32
    b: I32
    gap: F64
    below: I32
    above: I32
    share: F64
    host: I32
    guest: I32
    kind: I32
    grounded: Mask
    structural: Mask


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Places:
    """Where elements (E,) are: level number, names of storey and zone.

    `level` counts the floors of all models from below, -1 unknown; the texts may be empty.
    """

    level: I64
    storey: tuple[str, ...]
    zone: tuple[str, ...]
    heights: F64


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Polygon:
    """An area of a layer in plan: rings (N, 2) of metres in the project frame, outer first."""

    rings: tuple[F64, ...]
    layer: str
    name: str
    facts: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class SiteFacts:
    """What the map says, in the project frame.

    Attributes
    ----------
    utilities : (U,) int32
        Scene elements that are bodies of buried lines.
    neighbours, flood : tuple of Polygon
        Facts: ``height_m``, ``base_m``, ``footing_m`` as known; ``level_m``, ``season``.
    lines : tuple of mapping
        Power lines: ``points`` (N, 3), ``voltage_kv``, ``layer``, ``name``.
    buried : tuple of mapping
        Axes of buried lines whether or not they have a body: ``points`` (N, 3) with NaN where
        heights are not known, ``half_width_m``, ``half_height_m``, ``layer``, ``number``,
        ``name``, ``kind``, ``uncertainty_m``, ``depth_known``, ``live_until``.
    located : bool
        Whether the models stand on the map at all.

    """

    utilities: I32
    neighbours: tuple[Polygon, ...] = ()
    flood: tuple[Polygon, ...] = ()
    lines: tuple[Mapping[str, object], ...] = ()
    buried: tuple[Mapping[str, object], ...] = ()
    located: bool = False


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Stage:
    """All that the rules look at.

    Attributes
    ----------
    profile : mapping
        Thresholds in force, by key; every key of every card is there.
    others : tuple of Schedule
        Further exports of the same plan, to compare with.
    site : SiteFacts or None
        None where there is no map.
    equipment : tuple of mapping
        Cranes and the like as the project file states them.
    now : datetime or None
        Day from which "days to start" count.
    coverage : Coverage or None
        What the links leave open, where the link step has told it.

    """

    scene: Scene
    schedule: Schedule
    path: CriticalPath
    links: ElementLinks
    lifetimes: Lifetimes
    contacts: Contacts
    places: Places
    clashes: ClashSet
    profile: Mapping[str, float | str | bool]
    others: tuple[Schedule, ...] = ()
    site: SiteFacts | None = None
    equipment: tuple[Mapping[str, object], ...] = ()
    now: datetime | None = None
    coverage: Coverage | None = None
    _made: dict[object, Any] = field(default_factory=dict, init=False, repr=False)

    def once(self, make: Callable[["Stage"], _Made]) -> _Made:
        """What `make` gives of this stage, made when it is first asked for.

        So that what several rules look at is worked out once for all of them.
        """
        if make not in self._made:
            self._made[make] = make(self)
        found: _Made = self._made[make]
        return found

    @property
    def roles(self) -> Roles:
        """Roles of all elements."""
        return self.once(_roles)

    @property
    def dates(self) -> Datebook:
        """How texts name days: with their year where the plan spans several."""
        return self.once(_dates)

    @property
    def level_names(self) -> dict[int, str]:
        """The name that most elements of each level have, by number."""
        return self.once(_level_names)


def _roles(stage: Stage) -> Roles:
    return roles_of(stage.scene)


def _dates(stage: Stage) -> Datebook:
    return Datebook.of(stage.path.start, stage.path.finish)


def _level_names(stage: Stage) -> dict[int, str]:
    told: dict[int, Counter[str]] = {}
    for level, name in zip(stage.places.level.tolist(), stage.places.storey, strict=True):
        if name:
            told.setdefault(level, Counter())[name] += 1
    return {k: min(c, key=lambda word: (-c[word], word)) for k, c in told.items()}


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Risk:
    """One thing that will not work, already grouped: one rule, task pair, storey or zone.

    Attributes
    ----------
    rule : str
        Id of the card.
    weight, magnitude : float
        W and M of the score; severity is ``round(100 * W * M)``.
    confidence : float
        Link times geometry times time (certain 1, possible 0.5).
    certain : bool
        Whether the dates leave no doubt.
    tasks : tuple of int
        Rows of the schedule; the task at risk first, then what it waits for.
    elements, others : tuple of int
        Scene elements at risk, and those on the other side (supporters, covers).
    window : pair of datetime64[m] or None
        Half-open time in which it is wrong.
    place : str
        Storey or zone; empty for none.
    witness : (2, 3) float64 or None
        Box in the project frame to look at.
    titles, descriptions, suggestion : mapping
        Text by language, ``"zh-CN"`` and ``"en"``; plain words for the site.
    data : mapping
        JSON values that prove it, with units in their names, and the thresholds used.
    key : tuple of str
        What tells it from others of the same rule, tasks and place over revisions.

    """

    rule: str
    weight: float
    magnitude: float
    confidence: float
    certain: bool
    tasks: tuple[int, ...]
    elements: tuple[int, ...] = ()
    others: tuple[int, ...] = ()
    window: tuple[np.datetime64, np.datetime64] | None = None
    place: str = ""
    witness: NDArray[np.float64] | None = None
    titles: Mapping[str, str]
    descriptions: Mapping[str, str]
    suggestion: Mapping[str, str] = field(default_factory=dict)
    data: Mapping[str, object] = field(default_factory=dict)
    key: tuple[str, ...] = ()

    @property
    def severity(self) -> int:
        """0 to 100."""
        return round(100 * self.weight * min(max(self.magnitude, 0.0), 1.0))


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Found:
    """What a rule found, and what it could not look at.

    `not_assessed` holds ``{"what": {lang: text}, "why": {lang: text}}``.
    """

    risks: tuple[Risk, ...] = ()
    not_assessed: tuple[Mapping[str, Mapping[str, str]], ...] = ()


class Rule(Protocol):
    """A module of the rehearsal: its card, and the function that looks."""

    CARD: Card

    # a module fits a method of a protocol by the arguments after self
    def find(self, stage: Stage) -> Found:
        """Look at `stage`."""
        ...
