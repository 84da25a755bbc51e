"""The construction plan: tasks, links and calendars, with the dates its author gave."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

from bimcore.findings import Finding

#: A stretch of work within a day: minutes from midnight, half-open, at most 1440.
Shift = tuple[int, int]


class LinkType(StrEnum):
    """Which end of the predecessor holds which end of the successor."""

    FS = "FS"
    SS = "SS"
    FF = "FF"
    SF = "SF"


class LagUnit(StrEnum):
    """What a lag is counted in."""

    WORKING = "working"
    ELAPSED = "elapsed"
    PERCENT = "percent"
    ELAPSED_PERCENT = "elapsed_percent"


class LagCalendar(StrEnum):
    """Whose working time a lag is counted in."""

    PREDECESSOR = "predecessor"
    SUCCESSOR = "successor"
    PROJECT = "project"
    ALWAYS = "24h"


class Constraint(StrEnum):
    """What holds a task besides its links."""

    ASAP = "as_soon_as_possible"
    ALAP = "as_late_as_possible"
    MUST_START = "must_start_on"
    MUST_FINISH = "must_finish_on"
    START_NO_EARLIER = "start_no_earlier_than"
    START_NO_LATER = "start_no_later_than"
    FINISH_NO_EARLIER = "finish_no_earlier_than"
    FINISH_NO_LATER = "finish_no_later_than"


class TaskKind(StrEnum):
    """What a row of the plan is.

    A ``heading`` groups the rows below it by position alone (no work, no links); a ``summary``
    spans its children; an ``effort`` (level of effort) spans what it is linked to.
    """

    TASK = "task"
    MILESTONE = "milestone"
    SUMMARY = "summary"
    HEADING = "heading"
    EFFORT = "effort"


class Progress(StrEnum):
    """What the tool of the author does with work at the status date.

    ``planned`` moves nothing: begun work goes on by itself. ``retained`` puts whatever is not
    done after the status date and lets the rest of begun work wait for its predecessors;
    ``overridden`` does not let it wait.
    """

    PLANNED = "planned"
    RETAINED = "retained"
    OVERRIDDEN = "overridden"


class Action(StrEnum):
    """What a task does to its elements."""

    INSTALL = "install"
    TEMPORARY = "temporary"
    REMOVE = "remove"
    MAINTAIN = "maintain"
    NEUTRAL = "neutral"


@dataclass(frozen=True, slots=True, kw_only=True)
class Lag:
    """Time between the two ends of a link; negative is a lead.

    Attributes
    ----------
    value : float
        Minutes, or percent of the predecessor's duration.
    unit : LagUnit
    calendar : LagCalendar
        Of working lags.
    estimated : bool
        Marked with a question mark by its author.

    """

    value: float = 0.0
    unit: LagUnit = LagUnit.WORKING
    calendar: LagCalendar = LagCalendar.PREDECESSOR
    estimated: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """A dependency between two tasks, by their rows in the schedule."""

    predecessor: int
    successor: int
    type: LinkType = LinkType.FS
    lag: Lag = field(default_factory=Lag)


@dataclass(frozen=True, slots=True, kw_only=True)
class CalendarException:
    """Days, both included, that are worked otherwise; no shifts is no work."""

    first: date
    last: date
    shifts: tuple[Shift, ...] = ()
    name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Calendar:
    """Working time, inheritance and recurrences already resolved.

    Attributes
    ----------
    id, name : str
    week : tuple of tuple of Shift
        Seven days, Monday first.
    exceptions : tuple of CalendarException
        Where they overlap the later entry holds.

    """

    id: str
    name: str
    week: tuple[tuple[Shift, ...], ...]
    exceptions: tuple[CalendarException, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """One row of the plan.

    Attributes
    ----------
    id : str
        Key of the source that survives a new export (UID, task code, GlobalId).
    name, wbs : str
    parent : int
        Row of the summary or heading above it; -1 at the top.
    kind : TaskKind
    start, finish : datetime or None
        As the author has them, local time without zone; half-open: work ends at `finish`.
        A source that knows days only gives the begin and end of the working day.
    duration : float or None
        Working minutes; elapsed minutes with `elapsed`.
    elapsed : bool
    rests : float
        Working minutes between its begin and end in which nobody works: between the parts of
        a split task.
    remaining : float or None
        Working minutes still to do at the status date, where the source says.
    calendar : str
        Id of its calendar; empty for that of the schedule.
    constraint, constraint_date : Constraint, datetime or None
    firm : bool
        Whether the constraint holds against links; else links go before.
    resumes : datetime or None
        When what remains goes on, where the source says.
    deadline, actual_start, actual_finish : datetime or None
    complete : float
        Share done, 0 to 1.
    action : Action or None
        Where the source states it; None is told from the name when tasks are linked.
    elements : tuple of str
        GlobalIds that the source itself names.
    codes : mapping
        Activity codes, custom fields and columns by their names.
    resources : tuple of str
    crew : float or None
        People at work; None where the source does not say.
    place : str
        Where in the file it stands, for people: ``"Task UID 14"``, ``"row 12"``.

    """

    id: str
    name: str
    wbs: str = ""
    parent: int = -1
    kind: TaskKind = TaskKind.TASK
    start: datetime | None = None
    finish: datetime | None = None
    duration: float | None = None
    elapsed: bool = False
    rests: float = 0.0
    remaining: float | None = None
    calendar: str = ""
    constraint: Constraint = Constraint.ASAP
    constraint_date: datetime | None = None
    firm: bool = True
    resumes: datetime | None = None
    deadline: datetime | None = None
    actual_start: datetime | None = None
    actual_finish: datetime | None = None
    complete: float = 0.0
    action: Action | None = None
    elements: tuple[str, ...] = ()
    codes: Mapping[str, str] = field(default_factory=dict)
    resources: tuple[str, ...] = ()
    crew: float | None = None
    place: str = ""

    @property
    def works(self) -> bool:
        """Whether the row itself is work, not a group of rows or a date."""
        return self.kind is TaskKind.TASK


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """A plan as its source has it; nothing is computed or corrected.

    Attributes
    ----------
    name : str
    source : str
        SHA-256 of the file.
    format : str
        ``"mspdi"``, ``"xer"``, ``"p6xml"``, ``"csv"``, ``"xlsx"`` or ``"ifc"``.
    tasks : tuple of Task
    links : tuple of Link
    calendars : tuple of Calendar
    calendar : str
        Id of the calendar of tasks that name none.
    start : datetime or None
        Of the project.
    status_date : datetime or None
        Up to which progress is reported.
    progress : Progress
    minutes_per_day : float
        How the author turns minutes into days.
    findings : tuple of Finding
        Defects of the file met while reading, SCH 6xx.

    """

    name: str
    source: str
    format: str
    tasks: tuple[Task, ...]
    links: tuple[Link, ...] = ()
    calendars: tuple[Calendar, ...] = ()
    calendar: str = ""
    start: datetime | None = None
    status_date: datetime | None = None
    progress: Progress = Progress.PLANNED
    minutes_per_day: float = 480.0
    findings: tuple[Finding, ...] = ()
