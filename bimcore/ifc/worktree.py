"""Tasks of an IFC file in the order and below the groups in which they stand."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from bimcore.formats.schedules.codes import NOT_READ
from bimcore.formats.schedules.remarks import Remarks
from bimcore.formats.schedules.source_codes import LOOP_OF_GROUPS, SEVERAL_PROJECTS
from bimcore.ifc.access import Reader, is_a, of_class


@dataclass(frozen=True, slots=True)
class Row:
    """A task, or one of several work schedules; `group` where others stand below it."""

    entity: Any
    parent: int
    group: bool


@dataclass(slots=True)
class Tree:
    """The rows of the plan, and what controls them by instance number."""

    reader: Reader
    rows: list[Row] = field(default_factory=list)
    tasks: list[Any] = field(default_factory=list)
    #: Work schedules with tasks.
    plans: list[Any] = field(default_factory=list)
    calendars: list[Any] = field(default_factory=list)
    calendar_of: dict[int, int] = field(default_factory=dict)
    #: Calendars of the work schedules and of the plans above them.
    plan_calendars: list[int] = field(default_factory=list)
    time_of: dict[int, Any] = field(default_factory=dict)
    #: Tasks of baselines.
    left_out: set[int] = field(default_factory=set)

    def text(self, entity: Any, name: str) -> str:
        """Attribute `name` as text."""
        return self.reader.text(entity, name)

    def flag(self, entity: Any, name: str) -> bool:
        """Attribute `name` as a truth value."""
        return self.reader.get(entity, name) is True


def tree_of(file: Any, reader: Reader, *, name: str, remarks: Remarks) -> Tree:
    """The tree of tasks in `file`; empty when it has none."""
    tree = Tree(reader=reader)
    entities = {t.id(): t for t in of_class(file, "IfcTask")}
    above, below = _nesting(file, reader, entities)
    _cut_rings(entities, above, below, reader, remarks)
    plan_of = _controls(file, tree)
    for key, entity in entities.items():
        held = reader.get(entity, "TaskTime")
        if held is not None:
            tree.time_of[key] = held
    groups: dict[int, list[Any]] = defaultdict(list)
    place = {key: i for i, key in enumerate(plan_of)}
    roots = [key for key in entities if key not in above]
    for key in sorted(roots, key=lambda k: (place.get(k, len(place)), k)):
        groups[plan_of[key].id() if key in plan_of else 0].append(entities[key])
    plans = {p.id(): p for p in plan_of.values()}
    kept = [k for k in groups if not _is_baseline(tree, plans.get(k), groups, remarks)]
    _lay_out(tree, kept, groups, plans, below)
    several = len(kept) > 1
    if several:
        told = ", ".join(
            reader.text(plans[k], "Name") or f"#{k}" if k in plans else "-" for k in kept
        )
        remarks.note(SEVERAL_PROJECTS, place=name, count=len(kept), projects=told)
    wanted = {row.entity.id() for row in tree.rows}
    tree.tasks = [row.entity for row in tree.rows if is_a(row.entity, "IfcTask")]
    tree.left_out = {k for k in entities if k not in wanted}
    tree.plans = [plans[k] for k in kept if k in plans]
    controllers = [plans[k].id() for k in kept if k in plans]
    tree.plan_calendars += [tree.calendar_of[k] for k in controllers if k in tree.calendar_of]
    return tree


def _lay_out(
    tree: Tree,
    kept: list[int],
    groups: dict[int, list[Any]],
    plans: dict[int, Any],
    below: dict[int, list[Any]],
) -> None:
    """Rows depth first; a head for each work schedule where there are several."""
    stack: list[tuple[Any, int]] = []
    for key in reversed(kept):
        if len(kept) > 1 and key in plans:
            stack.append((plans[key], -1))
            below[key] = groups[key]
        else:
            stack += [(t, -1) for t in reversed(groups[key])]
    while stack:
        entity, parent = stack.pop()
        inside = below.get(entity.id(), [])
        at = len(tree.rows)
        tree.rows.append(Row(entity, parent, group=bool(inside)))
        stack += [(child, at) for child in reversed(inside)]


def _nesting(
    file: Any, reader: Reader, entities: dict[int, Any]
) -> tuple[dict[int, int], dict[int, list[Any]]]:
    above: dict[int, int] = {}
    below: dict[int, list[Any]] = defaultdict(list)
    for kind in ("IfcRelNests", "IfcRelAggregates"):
        for rel in of_class(file, kind):
            parent = reader.get(rel, "RelatingObject")
            if parent is None or not is_a(parent, "IfcTask"):
                continue
            for child in reader.many(rel, "RelatedObjects"):
                if child.id() in entities and child.id() not in above:
                    above[child.id()] = parent.id()
                    below[parent.id()].append(child)
    return above, below


def _cut_rings(
    entities: dict[int, Any],
    above: dict[int, int],
    below: dict[int, list[Any]],
    reader: Reader,
    remarks: Remarks,
) -> None:
    safe: set[int] = set()
    for start in list(entities):
        trail: dict[int, None] = {}
        at = start
        while at in above and at not in safe and at not in trail:
            trail[at] = None
            at = above[at]
        if at in trail:
            order = list(trail)
            ring = order[order.index(at) :]
            names = [reader.text(entities[k], "Name") or f"#{k}" for k in (*ring, at)]
            loop = " > ".join(names)
            remarks.note(
                LOOP_OF_GROUPS, place=f"#{at} IfcTask", alike=str(at), loop=loop, cut=names[0]
            )
            parent = above.pop(at)
            below[parent] = [c for c in below[parent] if c.id() != at]
        safe.update(trail)


def _controls(file: Any, tree: Tree) -> dict[int, Any]:
    """The work schedule of each task, in order; calendars and times are put on the tree."""
    reader = tree.reader
    found: dict[int, Any] = {}
    tree.calendars = of_class(file, "IfcWorkCalendar")
    for rel in of_class(file, "IfcRelAssignsToControl"):
        control = reader.get(rel, "RelatingControl")
        objects = reader.many(rel, "RelatedObjects")
        held = reader.get(rel, "TimeForTask")
        for thing in objects:
            if is_a(control, "IfcWorkSchedule", "IfcWorkPlan"):
                found.setdefault(thing.id(), control)
            elif is_a(control, "IfcWorkCalendar"):
                tree.calendar_of.setdefault(thing.id(), control.id())
            elif is_a(control, "IfcScheduleTimeControl"):
                tree.time_of.setdefault(thing.id(), control)
            if held is not None:
                tree.time_of[thing.id()] = held
    for plan in of_class(file, "IfcWorkPlan"):
        if plan.id() in tree.calendar_of:
            tree.plan_calendars.append(tree.calendar_of[plan.id()])
    return found


def _is_baseline(
    tree: Tree, plan: Any, groups: dict[int, Iterable[Any]] | dict[int, list[Any]], remarks: Remarks
) -> bool:
    """Whether `plan` is a baseline beside others, which is not the plan in force."""
    if plan is None or len(groups) < 2:
        return False
    if tree.reader.get(plan, "PredefinedType") != "BASELINE":
        return False
    title = tree.text(plan, "Name") or f"#{plan.id()}"
    zh, en = f"基线“{title}”未读取", f'the baseline "{title}" is left out'
    remarks.note(NOT_READ, place=f"#{plan.id()}", alike=title, what_zh=zh, what_en=en)
    return True
