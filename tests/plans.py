"""Plans written as indented lines, and what was linked to them."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from bimcore.model import Scene
from bimcore.schedule import Schedule, Task, TaskKind
from clash.rehearsal.linking import Linked

START = datetime(2026, 3, 2, 8)


def plan(text: str, *, source: str = "csv", **columns: Mapping[str, object]) -> Schedule:
    """A plan of one task for each line, a week each; a line that ends in a colon is a heading.

    `columns` are values of further fields of a task by its name:
    ``codes={"Walls": {"4D code": "A1"}}``.
    """
    tasks: list[Task] = []
    above: list[int] = []
    for line in text.strip("\n").splitlines():
        depth = (len(line) - len(line.lstrip())) // 2
        heading, name = line.rstrip().endswith(":"), line.strip().rstrip(":")
        above = above[:depth]
        begin = START + timedelta(days=7 * len(tasks))
        more = {field: rows[name] for field, rows in columns.items() if name in rows}
        tasks.append(
            Task(
                id=str(len(tasks)),
                name=name,
                parent=above[-1] if above else -1,
                kind=TaskKind.SUMMARY if heading else TaskKind.TASK,
                start=begin,
                finish=begin + timedelta(days=4, hours=9),
                **more,
            )
        )
        if heading:
            above.append(len(tasks) - 1)
    return Schedule(name="plan", source="1" * 64, format=source, tasks=tuple(tasks))


def named(scene: Scene, elements: Iterable[int]) -> list[str]:
    """Names of elements, sorted."""
    names = [n for m in scene.models for n in m.elements.name]
    return sorted(names[e] for e in elements)


def on(scene: Scene, schedule: Schedule, linked: Linked) -> dict[str, list[str]]:
    """Names of the elements of each task, by the name of the task (the last of equal ones)."""
    pairs = list(zip(linked.links.task.tolist(), linked.links.element.tolist(), strict=True))
    return {
        task.name: named(scene, (e for t, e in pairs if t == row))
        for row, task in enumerate(schedule.tasks)
        if task.works
    }


def sure(linked: Linked, task: int) -> set[float]:
    """Confidences of the links of a task."""
    return {
        c
        for t, c in zip(linked.links.task.tolist(), linked.links.confidence.tolist(), strict=True)
        if t == task
    }
