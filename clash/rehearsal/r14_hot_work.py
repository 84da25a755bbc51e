"""R14: welding, cutting or torches beside what burns."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from bimcore.arrays import F64, I64, Mask
from clash.rehearsal.base import Card, Found, Parameter, Risk, Stage
from clash.rehearsal.looks import Look
from clash.rehearsal.sitework import named, speaks_of
from clash.rehearsal.workspaces import standing
from clash.texts import both

CARD = Card(
    id="R14",
    version=1,
    weight=1.0,
    name_zh="动火作业靠近可燃物",
    name_en="Hot work beside what burns",
    zh="焊接、切割、明火作业在安全距离内有可燃材料施工或堆放。",
    en="Welding, cutting or torches work within reach of combustible work or stores.",
    parameters=(
        Parameter(
            key="R14.distance_m",
            value=11.0,
            zh="动火点与可燃物的安全距离",
            en="distance to keep from what burns",
            source="35 ft",
        ),
        Parameter(
            key="R14.watch_hours",
            value=1.0,
            zh="动火结束后看火时间",
            en="hours of fire watch after the work",
        ),
    ),
)
#: Thinnest wall in metres that keeps sparks off, and days above which places are open.
_WALL, _LONG = 0.08, 15
#: Share of a task's elements of burning material that makes it combustible work.
_MOSTLY = 0.5


def find(stage: Stage) -> Found:
    """Pairs of hot work and combustible work or stores with an open way between them.

    Guards: a wall or finished floor that stands between; more than the distance; hot work done
    and its watch over before the other begins.
    """
    look = _Look(stage=stage)
    if not len(look.hot):
        return Found()
    risks = []
    for hot in look.hot.tolist():
        for other, rows, begin, end in look.burning(hot):
            near = look.nearest(look.elements(hot), rows, begin)
            if near is not None:
                risks.append(_risk(look, (hot, other), rows, (begin, end), near))
    return Found(risks=tuple(risks))


@dataclass(frozen=True, eq=False, kw_only=True)
class _Near:
    """The nearest open way between two heaps of bodies."""

    distance: float
    a: int
    b: int


@dataclass(frozen=True, eq=False, kw_only=True)
class _Look(Look):
    """The stage, prepared."""

    @cached_property
    def hot(self) -> I64:
        """Tasks of hot work that have a place."""
        found = [
            t
            for t in np.flatnonzero(self.crews.at_work).tolist()
            if speaks_of(self.stage.schedule.tasks[t].name, "hot") and len(self.elements(t))
        ]
        return np.array(found, dtype=np.int64)

    @cached_property
    def burns(self) -> Mask:
        """Elements (E,) of a material that burns."""
        return named(self.stage.scene, "burns", columns=("object_type", "material"))

    @cached_property
    def fuel(self) -> tuple[int, ...]:
        """Tasks that work with what burns."""
        found = []
        for task in np.flatnonzero(self.crews.at_work).tolist():
            rows = self.elements(task)
            words = speaks_of(self.stage.schedule.tasks[task].name, "combustible")
            if len(rows) and (words or float(self.burns[rows].mean()) > _MOSTLY):
                found.append(task)
        return tuple(found)

    @cached_property
    def stores(self) -> I64:
        """Bodies that store what burns."""
        both_ = named(self.stage.scene, "store") & (
            self.burns | named(self.stage.scene, "combustible")
        )
        return np.flatnonzero(both_ & self.ground.known)

    def burning(self, hot: int) -> Iterator[tuple[int, I64, int, int]]:
        """What burns at the time of hot work: task (-1 a store), elements, begin and end."""
        crews, watch = self.crews, round(60 * float(self.stage.profile["R14.watch_hours"]))
        first, last = int(crews.start[hot]), int(crews.finish[hot]) + watch
        for task in self.fuel:
            begin = max(first, int(crews.start[task]))
            end = min(last, int(crews.finish[task]))
            if task != hot and begin < end and self._works(hot, task, begin, end):
                yield task, self.elements(task), begin, end
        if len(self.stores):
            lives = self.stage.lifetimes
            for row in self.stores[standing(crews, self.stores, first)].tolist():
                gone = lives.remove[row]
                end = last if np.isnat(gone) else min(last, int(gone.astype(np.int64)))
                yield -1, np.array([row]), first, end

    def _works(self, hot: int, task: int, begin: int, end: int) -> bool:
        """Whether the shared time has a working day of either, or falls into the watch."""
        calendars = (self.crews.calendar[[hot]], self.crews.calendar[[task]])
        span = np.array([begin]), np.array([end])
        days = self.crews.worked.count(calendars[0], calendars[1], *span)
        return float(days[0]) > 0 or begin >= int(self.crews.finish[hot])

    def nearest(self, a: I64, b: I64, moment: int) -> _Near | None:
        """The nearest pair within the distance and with nothing between; None for none."""
        limit = float(self.stage.profile["R14.distance_m"])
        boxes = self.ground.boxes
        pairs = []
        for row in a.tolist():
            apart = np.maximum(boxes[b, 0] - boxes[row, 1], boxes[row, 0] - boxes[b, 1])
            gap = np.linalg.norm(np.maximum(apart, 0.0), axis=1)
            pairs += [(float(gap[k]), row, int(b[k])) for k in np.flatnonzero(gap < limit)]
        barriers = self._barriers(moment)
        for gap, row, other in sorted(pairs):
            if row != other and not self._shielded(row, other, barriers):
                return _Near(distance=gap, a=row, b=other)
        return None

    def _barriers(self, moment: int) -> I64:
        """Walls and floors that stand and keep sparks off."""
        boxes, walls = self.ground.boxes, self.ground.walls
        thick = (boxes[walls, 1] - boxes[walls, 0])[:, :2].min(axis=1) >= _WALL
        there = walls[thick & self.ground.roles["wall"][walls]]
        decks = self.decks.rows[(self.decks.begin <= moment) & (self.decks.end > moment)]
        return np.concatenate([there[standing(self.crews, there, moment)], decks])

    def _shielded(self, a: int, b: int, barriers: I64) -> bool:
        """Whether a barrier lies between the nearest points of two boxes."""
        boxes = self.ground.boxes
        low = np.maximum(boxes[a, 0], boxes[b, 0])
        high = np.minimum(boxes[a, 1], boxes[b, 1])
        touching = low <= high
        middle = (low + high) / 2
        start = np.where(touching, middle, np.where(boxes[a, 1] < boxes[b, 0], high, low))
        end = np.where(touching, middle, np.where(boxes[a, 1] < boxes[b, 0], low, high))
        rows = barriers[(barriers != a) & (barriers != b)]
        return bool(_crossed(boxes[rows], start, end).any())


def _crossed(boxes: F64, start: F64, end: F64) -> Mask:
    """Whether a line from `start` to `end` goes through boxes (N, 2, 3)."""
    way = end - start
    flat = np.abs(way) < 1e-9
    step = np.where(flat, 1.0, way)
    first = (boxes[:, 0] - start) / step
    last = (boxes[:, 1] - start) / step
    enter = np.where(flat, -np.inf, np.minimum(first, last)).max(axis=1)
    leave = np.where(flat, np.inf, np.maximum(first, last)).min(axis=1)
    beside = flat & ((boxes[:, 0] > start) | (boxes[:, 1] < start))
    found: Mask = (enter < leave) & (leave > 0) & (enter < 1) & ~beside.any(axis=1)
    return found


def _risk(
    look: _Look, pair: tuple[int, int], rows: I64, span: tuple[int, int], near: _Near
) -> Risk:
    stage, crews = look.stage, look.crews
    hot, other = pair
    limit = float(stage.profile["R14.distance_m"])
    window = (np.datetime64(span[0], "m"), np.datetime64(span[1], "m"))
    tasks = (hot, other) if other >= 0 else (hot,)
    certain = bool((crews.days[list(tasks)] <= _LONG).all())
    mine = look.elements(hot)
    sure = crews.confidence(hot, mine)
    if other >= 0:
        sure = min(sure, crews.confidence(other, rows))
    boxes = stage.scene.bounds[[near.a, near.b]]
    level = int(stage.places.level[near.a])
    return Risk(
        rule=CARD.id,
        weight=CARD.weight,
        magnitude=1 - near.distance / limit,
        confidence=sure * (1.0 if certain else 0.5),
        certain=certain,
        tasks=tasks,
        elements=tuple(mine.tolist()),
        others=tuple(rows.tolist()),
        window=window,
        place=stage.level_names.get(level, ""),
        witness=np.stack([boxes[:, 0].min(axis=0), boxes[:, 1].max(axis=0)]),
        titles=_titles(look, pair, rows, near, window),
        descriptions=_descriptions(look, near, window),
        suggestion=both(
            "错开日期，或移走可燃物、加防火隔板并派专人看火",
            "Keep them apart in time, or move what burns, screen it and post a fire watch",
        ),
        data={
            "distance_m": round(near.distance, 2),
            "limit_m": limit,
            "watch_hours": float(stage.profile["R14.watch_hours"]),
        },
        key=() if other >= 0 else ("store", _name(stage, int(rows[0]))),
    )


def _name(stage: Stage, element: int) -> str:
    model, row = stage.scene.locate(element)
    return model.elements.name[row] or model.elements.guid[row]


def _titles(
    look: _Look,
    pair: tuple[int, int],
    rows: I64,
    near: _Near,
    window: tuple[np.datetime64, np.datetime64],
) -> dict[str, str]:
    tasks, when = look.stage.schedule.tasks, look.stage.dates.span_text(window)
    fuel = tasks[pair[1]].name if pair[1] >= 0 else _name(look.stage, int(rows[0]))
    hot, gap = tasks[pair[0]].name, f"{near.distance:.1f}"
    return both(
        f"动火「{hot}」距可燃「{fuel}」仅 {gap} m（{when['zh-CN']}）",
        f"Hot work “{hot}” only {gap} m from “{fuel}” ({when['en']})",
    )


def _descriptions(
    look: _Look, near: _Near, window: tuple[np.datetime64, np.datetime64]
) -> dict[str, str]:
    limit = float(look.stage.profile["R14.distance_m"])
    watch = float(look.stage.profile["R14.watch_hours"])
    when = look.stage.dates.span_text(window)
    return both(
        f"{when['zh-CN']}动火点 {limit:g} m 范围内有可燃材料施工或堆放，最近 {near.distance:.1f} m，"
        f"中间没有已完成的墙或楼板；动火后需看火 {watch:g} 小时。",
        f"On {when['en']} there is combustible work or material within {limit:g} m of the hot "
        f"work, {near.distance:.1f} m at the nearest, with no finished wall or floor between. "
        f"Watch for {watch:g} h afterwards.",
    )
