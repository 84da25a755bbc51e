"""Progress of a command: a bar on a terminal, plain lines otherwise."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.progress import Progress as Bar, TaskID

#: Stage names as people read them.
STAGES = {
    "read": "读取模型 reading models",
    "place": "定位 placing",
    "layers": "图层 layers",
    "kernels": "加载内核（首次需编译，约两分钟） loading kernels (compiled once: about two minutes)",
    "clash": "碰撞 clashing",
    "pairs": "成对构件 pairs",
    "bodies": "构件形体 bodies",
    "rehearse": "工序预演 rehearsing",
    "list": "问题清单 issue list",
    "pictures": "截图 pictures",
    "write": "写出 writing",
    "store": "存储 storing",
}


@dataclass(slots=True)
class Reporter:
    """A progress that shows itself; keeps only the last stage shown."""

    bar: "Bar | None" = None
    task: "TaskID | None" = None
    lines: bool = False
    seen: set[str] = field(default_factory=set)
    first: float = 0.0
    last: float = 1.0

    def __call__(self, share: float, stage: str = "") -> None:
        """Show `share` of the work done."""
        done = self.first + (self.last - self.first) * share
        text = STAGES.get(stage, stage)
        if self.bar is not None and self.task is not None:
            self.bar.update(self.task, completed=done, description=text)
        elif self.lines and stage not in self.seen:
            self.seen.add(stage)
            sys.stderr.write(f"{done * 100:3.0f} % {text}\n")

    def span(self, first: float, last: float) -> "Reporter":
        """The part of this progress between `first` and `last`."""
        return Reporter(
            bar=self.bar,
            task=self.task,
            lines=self.lines,
            seen=self.seen,
            first=first,
            last=last,
        )


@contextmanager
def reporter(*, quiet: bool) -> Iterator[Reporter]:
    """A reporter for standard error: nothing, plain lines, or a bar."""
    if quiet:
        yield Reporter()
    elif not sys.stderr.isatty():
        yield Reporter(lines=True)
    else:
        from rich.console import Console
        from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

        columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
        with Progress(*columns, console=Console(stderr=True)) as bar:
            yield Reporter(bar=bar, task=bar.add_task("", total=1.0))
