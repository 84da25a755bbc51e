"""A plan as both Primavera formats hold it, and the schedule it becomes."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from bimcore.formats.schedules.codes import BAD_LINK, BAD_VALUE, NO_TASKS, REPEATED_ID, REVERSED
from bimcore.formats.schedules.errors import ScheduleError
from bimcore.formats.schedules.ids import Ids
from bimcore.formats.schedules.p6fields import Fields
from bimcore.formats.schedules.remarks import Remarks
from bimcore.formats.schedules.source_codes import (
    DANGLING,
    LOOP_OF_GROUPS,
    SECOND_CONSTRAINT,
    SEVERAL_PROJECTS,
)
from bimcore.schedule import (
    Calendar,
    Constraint,
    Lag,
    LagCalendar,
    LagUnit,
    Link,
    LinkType,
    Progress,
    Schedule,
    Task,
    TaskKind,
)

#: Characters of a path of WBS codes; nesting without end would fill the memory.
_LONGEST_PATH = 500
_GUID = re.compile(r"(?<![0-9A-Za-z_$])[0-3][0-9A-Za-z_$]{21}(?![0-9A-Za-z_$])")
_GUID_WORDS = ("guid", "globalid", "global id", "ifc", "构件")


@dataclass(frozen=True, slots=True, kw_only=True)
class Project:
    """One project of the file; `key` is its object id."""

    key: str
    code: str
    name: str
    calendar: str = ""
    start: datetime | None = None
    status_date: datetime | None = None
    lag_calendar: LagCalendar = LagCalendar.PREDECESSOR
    progress: Progress = Progress.RETAINED


@dataclass(frozen=True, slots=True, kw_only=True)
class Wbs:
    """A node of the work breakdown; `root` stands for the project itself."""

    key: str
    project: str
    parent: str
    code: str
    name: str
    order: float = 0.0
    root: bool = False
    place: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Activity:
    """An activity: `task` has all but its place in the tree and its final id."""

    key: str
    project: str
    wbs: str
    task: Task


@dataclass(frozen=True, slots=True, kw_only=True)
class Relation:
    """A dependency by object ids; the lag is in hours."""

    predecessor: str
    successor: str
    type: LinkType
    lag: float
    place: str


@dataclass(slots=True)
class Plan:
    """Everything a file holds, before it is put in order."""

    projects: list[Project] = field(default_factory=list)
    nodes: list[Wbs] = field(default_factory=list)
    activities: list[Activity] = field(default_factory=list)
    relations: list[Relation] = field(default_factory=list)
    calendars: dict[str, Calendar] = field(default_factory=dict)
    calendar: str = ""
    hours_per_day: Mapping[str, float] = field(default_factory=dict)


def constrained(
    task: Task,
    first: tuple[Constraint | None, datetime | None],
    second: tuple[Constraint | None, datetime | None],
    remarks: Remarks,
    *,
    mandatory: bool,
) -> Task:
    """`task` with its two constraints; only `mandatory` ones hold against links.

    Of two, a finish that may not be later becomes the deadline, which bounds the late dates
    just so; another second one is kept as a code and said.
    """
    pairs: list[tuple[Constraint, datetime | None]] = []
    for what, when in (first, second):
        if what is not None and (when is not None or what is Constraint.ALAP):
            pairs.append((what, when))
        elif what is not None:
            remarks.note(BAD_VALUE, place=task.place, field=what.value, value="")
    if len(pairs) == 2:
        pairs.sort(key=lambda p: p[0] is Constraint.FINISH_NO_LATER)
        if pairs[1][0] is Constraint.FINISH_NO_LATER:
            task = replace(task, deadline=pairs[1][1])
        else:
            other, date = pairs[1]
            words = f"{other.value} {'' if date is None else date.isoformat(' ', 'minutes')}"
            remarks.note(SECOND_CONSTRAINT, place=task.place, alike=other.value, value=words)
            task = replace(task, codes={**task.codes, "secondary constraint": words})
    if pairs:
        what, when = pairs[0]
        task = replace(task, constraint=what, constraint_date=when, firm=mandatory)
    return task


def elements_of(codes: Mapping[str, str]) -> tuple[str, ...]:
    """GlobalIds in the fields whose names say that they hold them."""
    found: dict[str, None] = {}
    for label, text in codes.items():
        if any(word in label.lower() for word in _GUID_WORDS):
            found |= dict.fromkeys(_GUID.findall(text))
    return tuple(found)


@dataclass(frozen=True, slots=True, kw_only=True)
class Columns:
    """The fields that hold the dates and durations of an activity, the first stated one counts."""

    started: str
    ended: str
    starts: tuple[str, ...]
    finishes: tuple[str, ...]
    duration: str
    remaining: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Dates:
    """When an activity is worked on, by its own record."""

    started: datetime | None
    ended: datetime | None
    start: datetime | None
    finish: datetime | None
    duration: float | None
    remaining: float | None

    @classmethod
    def of(cls, fields: Fields, columns: Columns) -> "Dates":
        """Read them; what is done holds before what is planned."""
        started, ended = fields.moment(columns.started), fields.moment(columns.ended)
        return cls(
            started=started,
            ended=ended,
            start=fields.moment(*columns.starts) if started is None else started,
            finish=fields.moment(*columns.finishes) if ended is None else ended,
            duration=fields.minutes(columns.duration),
            remaining=fields.minutes(columns.remaining),
        )

    @property
    def done(self) -> float:
        """The share of the duration that is worked off; 0 where that is not told."""
        if not self.duration or self.remaining is None:
            return 0.0
        return min(max(1.0 - self.remaining / self.duration, 0.0), 1.0)


def task_of(
    dates: Dates, kind: str, *, names: tuple[str, str], complete: float, place: str
) -> Task:
    """An activity of a ``"task"``, ``"effort"``, ``"summary"``, ``"start"`` or ``"finish"`` kind.

    `names` are its id and its name. Of a ``"start"`` or ``"finish"`` milestone one date holds,
    where the file may give one or two.
    """
    task = Task(
        id=names[0],
        name=names[1],
        kind={"effort": TaskKind.EFFORT, "summary": TaskKind.SUMMARY}.get(kind, TaskKind.TASK),
        start=dates.start,
        finish=dates.finish,
        duration=dates.remaining if dates.duration is None else dates.duration,
        remaining=dates.remaining,
        actual_start=dates.started,
        actual_finish=dates.ended,
        complete=complete,
        place=place,
    )
    if kind not in {"start", "finish"}:
        return task
    first, last = task.start or task.finish, task.finish or task.start
    when = last if kind == "finish" else first
    return replace(task, kind=TaskKind.MILESTONE, start=when, finish=when, duration=0.0)


def schedule_of(plan: Plan, *, name: str, kind: str, remarks: Remarks) -> Schedule:
    """Put the rows in order: groups before what is in them, links by rows.

    Raises
    ------
    ScheduleError
        SCH608 when there is no activity.

    """
    if not plan.activities:
        raise ScheduleError.of(NO_TASKS, name=name)
    several = len({a.project for a in plan.activities}) > 1
    if several:
        _say_projects(plan, name, remarks)
    tasks, row_of = _Tree(plan, several=several, remarks=remarks).rows()
    main = _main_project(plan)
    calendar = main.calendar if main and main.calendar in plan.calendars else plan.calendar
    hours = plan.hours_per_day.get(calendar, 8.0)
    return Schedule(
        name=name,
        source="",
        format=kind,
        tasks=tuple(tasks),
        links=tuple(_links(plan, tasks, row_of, remarks)),
        calendars=tuple(plan.calendars.values()),
        calendar=calendar,
        start=main.start if main else None,
        status_date=main.status_date if main else None,
        progress=main.progress if main else Progress.RETAINED,
        minutes_per_day=60.0 * hours,
        findings=remarks.findings(),
    )


def _main_project(plan: Plan) -> Project | None:
    """The project with the most activities."""
    if not plan.projects:
        return None
    count = Counter(a.project for a in plan.activities)
    return max(plan.projects, key=lambda p: count[p.key])


def _say_projects(plan: Plan, name: str, remarks: Remarks) -> None:
    names = {p.key: p.code or p.name or p.key for p in plan.projects}
    count = Counter(a.project for a in plan.activities)
    told = ", ".join(f"{names.get(key, key or '?')} ({n})" for key, n in count.items())
    remarks.note(SEVERAL_PROJECTS, place=name, count=len(count), projects=told)


class _Tree:
    """Orders activities below their groups, depth first, as the file lists them."""

    def __init__(self, plan: Plan, *, several: bool, remarks: Remarks) -> None:
        self._plan, self._several, self._remarks = plan, several, remarks
        self._nodes = {n.key: n for n in plan.nodes}
        self._projects = {p.key: p for p in plan.projects}
        self._dropped = set() if several else {n.key for n in plan.nodes if n.root}
        self._tasks: list[Task] = []
        self._row_of: dict[str, int] = {}
        self._ids = Ids()

    def rows(self) -> tuple[list[Task], dict[str, int]]:
        """The tasks, and the row of each activity by its object id."""
        above = self._parents()
        below: dict[str, list[Wbs]] = {}
        for node in sorted(self._plan.nodes, key=lambda n: n.order):
            if node.key not in self._dropped:
                below.setdefault(above[node.key], []).append(node)
        inside: dict[str, list[Activity]] = {}
        for activity in self._plan.activities:
            inside.setdefault(self._group(activity), []).append(activity)
        for top in self._tops(below, inside):
            self._project_row(top)
            self._descend(top, below, inside)
        return self._tasks, self._row_of

    def _tops(
        self, below: Mapping[str, list[Wbs]], inside: Mapping[str, list[Activity]]
    ) -> list[str]:
        keys = {**{f"/{p.key}": None for p in self._plan.projects}}
        keys |= dict.fromkeys(k for k in (*below, *inside) if k.startswith("/"))
        return list(keys)

    def _group(self, activity: Activity) -> str:
        """Key of the node that holds it; ``/project`` is the project itself."""
        if activity.wbs and activity.wbs not in self._nodes:
            place, value = activity.task.place, activity.wbs
            self._remarks.note(DANGLING, place=place, field="WBS", value=value)
        known = activity.wbs in self._nodes and activity.wbs not in self._dropped
        return activity.wbs if known else f"/{activity.project}"

    def _parents(self) -> dict[str, str]:
        """Key of the node above each, rings cut; ``/project`` at the top."""
        above: dict[str, str] = {}
        for node in self._plan.nodes:
            parent = self._nodes.get(node.parent)
            held = parent is not None and parent.project == node.project
            if parent is None or not held or node.parent in self._dropped:
                above[node.key] = f"/{node.project}"
            else:
                above[node.key] = node.parent
        safe: set[str] = set()
        for start in above:
            self._cut(start, above, safe)
        return above

    def _cut(self, start: str, above: dict[str, str], safe: set[str]) -> None:
        trail: dict[str, None] = {}
        at = start
        while at in above and at not in safe and at not in trail:
            trail[at] = None
            at = above[at]
        if at in trail:
            ring = list(trail)[list(trail).index(at) :]
            names = [self._nodes[k].name or self._nodes[k].code or k for k in (*ring, at)]
            loop = " > ".join(names)
            place = self._nodes[at].place
            self._remarks.note(LOOP_OF_GROUPS, place=place, alike=at, loop=loop, cut=names[0])
            above[at] = f"/{self._nodes[at].project}"
        safe.update(trail)

    def _project_row(self, top: str) -> None:
        project = self._projects.get(top[1:])
        if not self._several or project is None:
            return
        if any(n.root and n.project == project.key for n in self._plan.nodes):
            return
        self._row_of[top] = len(self._tasks)
        title = project.name or project.code
        given = self._own_id(f"project:{project.code or project.key}", place=title)
        self._tasks.append(Task(id=given, name=title, wbs=project.code, kind=TaskKind.SUMMARY))

    def _descend(
        self, top: str, below: Mapping[str, list[Wbs]], inside: Mapping[str, list[Activity]]
    ) -> None:
        # an explicit stack: a file may nest deeper than Python may call
        stack: list[tuple[str, int, str]] = [(top, self._row_of.get(top, -1), "")]
        while stack:
            key, row, path = stack.pop()
            for activity in inside.get(key, ()):
                self._add(activity, row, path)
            stack += [(f"node:{n.key}", row, path) for n in reversed(below.get(key, ()))]
            if key.startswith("node:"):
                node = self._nodes[key[5:]]
                stack.append((node.key, len(self._tasks), self._add_node(node, row, path)))

    def _add_node(self, node: Wbs, parent: int, path: str) -> str:
        code = node.code or node.name or node.key
        full = f"{path}.{code}" if path else code
        if len(full) > _LONGEST_PATH:
            full = f"…{full[-_LONGEST_PATH:]}"
        given = self._own_id(f"wbs:{full}", place=node.place)
        self._tasks.append(
            Task(
                id=given,
                name=node.name or code,
                wbs=full,
                parent=parent,
                kind=TaskKind.SUMMARY,
                place=node.place,
            )
        )
        return full

    def _add(self, activity: Activity, parent: int, path: str) -> None:
        task = activity.task
        if self._several:
            project = self._projects.get(activity.project)
            prefix = project.code if project and project.code else activity.project
            task = replace(task, id=f"{prefix}/{task.id}")
        if task.start and task.finish and task.finish < task.start:
            start, finish = (d.isoformat(" ", "minutes") for d in (task.start, task.finish))
            self._remarks.note(REVERSED, place=task.place, start=start, finish=finish)
            task = replace(task, finish=None)
        given = self._own_id(task.id, place=task.place)
        self._row_of.setdefault(activity.key, len(self._tasks))
        self._tasks.append(replace(task, id=given, parent=parent, wbs=path))

    def _own_id(self, wanted: str, *, place: str) -> str:
        given = self._ids.give(wanted)
        if given != wanted:
            self._remarks.note(REPEATED_ID, place=place, value=wanted, given=given)
        return given


def _links(
    plan: Plan, tasks: Sequence[Task], row_of: Mapping[str, int], remarks: Remarks
) -> Iterable[Link]:
    lag_calendars = {p.key: p.lag_calendar for p in plan.projects}
    project_of = {a.key: a.project for a in plan.activities}
    seen: set[tuple[int, int, LinkType, float]] = set()
    for relation in plan.relations:
        a, b = row_of.get(relation.predecessor), row_of.get(relation.successor)
        if a is None or b is None:
            missing = relation.predecessor if a is None else relation.successor
            known = None if b is None else tasks[b].id
            known = tasks[a].id if a is not None else known
            _say_missing(remarks, relation, missing, known or "?")
            continue
        key = (a, b, relation.type, relation.lag)
        if a == b:
            why = {"why_zh": "任务指向自己", "why_en": "the task refers to itself"}
            remarks.note(BAD_LINK, place=relation.place, alike="self", value=tasks[a].id, **why)
        elif key not in seen:
            seen.add(key)
            calendar = lag_calendars.get(project_of[relation.successor], LagCalendar.PREDECESSOR)
            yield Link(predecessor=a, successor=b, type=relation.type, lag=_lag(relation, calendar))


def _say_missing(remarks: Remarks, relation: Relation, missing: str, known: str) -> None:
    remarks.note(
        BAD_LINK,
        place=relation.place,
        alike="missing",
        value=f"{relation.predecessor} > {relation.successor}",
        why_zh=f"文件中没有活动 {missing}（另一端是 {known}）",
        why_en=f"activity {missing} is not in the file (the other end is {known})",
    )


def _lag(relation: Relation, calendar: LagCalendar) -> Lag:
    minutes = 60.0 * relation.lag
    if calendar is LagCalendar.ALWAYS:
        return Lag(value=minutes, unit=LagUnit.ELAPSED, calendar=calendar)
    return Lag(value=minutes, calendar=calendar)
