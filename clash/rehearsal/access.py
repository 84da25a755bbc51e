"""Scaffolds, platforms and lifts: when they stand, how high, and on which side."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from bimcore.arrays import F64, I64, Mask
from bimcore.schedule import Action
from clash.rehearsal.base import Stage
from clash.rehearsal.crews import Crews
from clash.rehearsal.sitework import named, speaks_of
from clash.rehearsal.works import places_said, same_place

#: Minutes beyond all plans.
FAR = 2**50
#: Metres in plan from a scaffold within which it serves, and above its top that is reached.
_BESIDE, _OVER = 3.0, 2.0
#: Working days from which putting up or taking down goes along with the work on it.
_ALONG = 15
_RANGE = re.compile(
    r"(-?\d+)\s*(?:F|层|楼)?\s*(?:-|~|\uff5e|—|–|至|到|to)\s*(-?\d+)\s*(?:F\b|层|楼|floor|F(?=[\u4e00-\u9fff]))",
    re.IGNORECASE,
)
_SIDES = {
    "n": re.compile(r"北(立面|侧|面|段)|\bnorth", re.IGNORECASE),
    "s": re.compile(r"南(立面|侧|面|段)|\bsouth", re.IGNORECASE),
    "e": re.compile(r"东(立面|侧|面|段)|\beast", re.IGNORECASE),
    "w": re.compile(r"西(立面|侧|面|段)|\bwest", re.IGNORECASE),
}
_INDOOR = re.compile(
    r"满堂|室内|移动架|内脚手|birdcage|mobile (tower|scaffold)|in(door|ternal|terior)",
    re.IGNORECASE,
)
_ANYWHERE = re.compile(
    r"升降车|登高车|曲臂|剪叉|高处作业平台|升降平台|\bmewp|boom lift|scissor|cherry picker",
    re.IGNORECASE,
)


@dataclass(frozen=True, eq=False, kw_only=True)
class Access:
    """One way up, and when it can be used.

    Attributes
    ----------
    begin, end : int
        Minutes since 1970, half-open; `FAR` where it is not taken away.
    low, high : float
        Heights between which it serves; infinite where not known.
    boxes : (N, 2, 3) float64
        Of its elements; none where it is only a task.
    up, off : int
        Tasks that put it up and take it away; -1 for none.
    along : bool
        Whether it goes up or down along with the work: its edges in time are not sharp.

    """

    name: str
    begin: int
    end: int
    low: float
    high: float
    boxes: F64
    elements: I64
    up: int
    off: int
    along: bool
    sides: frozenset[str]
    places: frozenset[str]

    @property
    def indoor(self) -> bool:
        """Whether it serves rooms."""
        return bool(_INDOOR.search(self.name)) or self.anywhere

    @property
    def outdoor(self) -> bool:
        """Whether it serves facades."""
        return not _INDOOR.search(self.name)

    @property
    def anywhere(self) -> bool:
        """Whether it moves about."""
        return bool(_ANYWHERE.search(self.name))


@dataclass(frozen=True, eq=False, kw_only=True)
class Ways:
    """All ways up of a stage."""

    stage: Stage
    crews: Crews

    @cached_property
    def tasks(self) -> I64:
        """Rows of tasks that put up, use or take away a way up."""
        crews = self.crews
        found = [
            row
            for row, task in enumerate(self.stage.schedule.tasks)
            if task.works and crews.finish[row] > crews.start[row]
            and speaks_of(task.name, "access")
        ]  # fmt: skip
        return np.array(found, dtype=np.int64)

    @cached_property
    def elements(self) -> Mask:
        """Elements (E,) that are a way up."""
        return named(self.stage.scene, "access") & self.stage.scene.clash_body

    def all(self, users: Sequence[int]) -> tuple[Access, ...]:
        """By objects, and by tasks that have none."""
        found = [*self._objects(), *self._by_tasks(users)]
        return tuple(sorted(found, key=lambda a: (a.begin, a.end, a.up, a.off, a.name)))

    def _objects(self) -> list[Access]:
        """Scaffold bodies, one way for those with the same dates."""
        lives, boxes = self.stage.lifetimes, self.stage.scene.bounds
        heaps: dict[tuple[int, int, int, int], list[int]] = {}
        for row in np.flatnonzero(self.elements & np.isfinite(boxes).all(axis=(1, 2))).tolist():
            ends = [t for t in (lives.remove[row], lives.gone[row]) if not np.isnat(t)]
            key = (
                _minute(lives.complete[row], -FAR),
                _minute(min(ends), FAR) if ends else FAR,
                int(lives.task[row]),
                int(lives.removal[row]),
            )
            heaps.setdefault(key, []).append(row)
        return [self._object(key, np.array(rows)) for key, rows in heaps.items()]

    def _object(self, key: tuple[int, int, int, int], rows: I64) -> Access:
        begin, end, up, off = key
        boxes = self.stage.scene.bounds[rows]
        words = self._words([t for t in (up, off) if t >= 0])
        model, place = self.stage.scene.locate(int(rows[0]))
        return Access(
            name=" ".join([model.elements.name[place], words]),
            begin=begin,
            end=end,
            low=float(boxes[:, 0, 2].min()),
            high=float(boxes[:, 1, 2].max()),
            boxes=boxes,
            elements=rows,
            up=up,
            off=off,
            along=self._long(off),
            sides=frozenset(),
            places=frozenset(),
        )

    def _by_tasks(self, users: Sequence[int]) -> list[Access]:
        """Ways that only tasks tell of: put up by one, taken away by another."""
        crews, links = self.crews, self.stage.links
        shown = set(links.task[self.elements[links.element]].tolist())
        rows = [r for r in self.tasks.tolist() if r not in shown]
        off = [r for r in rows if links.action[r] == Action.REMOVE or self._says(r, "access_off")]
        on = [r for r in rows if r not in off]
        found = []
        for row in on:
            ends = [o for o in off if self._alike(row, o) and crews.start[o] >= crews.start[row]]
            end = min(ends, key=lambda o: int(crews.start[o]), default=-1)
            found.append(self._way(row, end, users))
        lone = [o for o in off if not any(f.off == o for f in found)]
        if not on:  # taken away, though nobody planned to put it up
            found += [self._struck(o) for o in lone]
        return [self._banded(f) for f in found]

    def _says(self, row: int, kind: str) -> bool:
        name = self.stage.schedule.tasks[row].name
        return speaks_of(name, kind) and not speaks_of(name, "access_on")

    def _way(self, row: int, off: int, users: Sequence[int]) -> Access:
        """A way put up by `row`; without a removal its span is its use, if somebody is on it."""
        crews = self.crews
        begin, end = int(crews.finish[row]), FAR
        if off >= 0:
            end = int(crews.start[off])
        put_up = self._says_on(row)
        used = any(crews.start[u] < crews.finish[row] and crews.finish[u] > crews.start[row]
                   for u in users)  # fmt: skip
        if not put_up and off < 0 and used:
            begin, end, off = int(crews.start[row]), int(crews.finish[row]), row
        elif self._long(row) or not put_up:
            begin = int(crews.start[row])
        return self._named(row, begin=begin, end=end, up=row, off=off)

    def _says_on(self, row: int) -> bool:
        return speaks_of(self.stage.schedule.tasks[row].name, "access_on")

    def _struck(self, row: int) -> Access:
        return self._named(row, begin=-FAR, end=int(self.crews.start[row]), up=-1, off=row)

    def _named(self, row: int, *, begin: int, end: int, up: int, off: int) -> Access:
        return Access(
            name=self.stage.schedule.tasks[row].name,
            begin=begin,
            end=end,
            low=-np.inf,
            high=np.inf,
            boxes=np.zeros((0, 2, 3)),
            elements=np.zeros(0, dtype=np.int64),
            up=up,
            off=off,
            along=off != up and self._long(off),
            sides=sides(self._words([row])),
            places=places_said(self.stage.schedule.tasks[row], self.stage.schedule),
        )

    def _long(self, row: int) -> bool:
        return row >= 0 and float(self.crews.days[row]) > _ALONG

    def _words(self, rows: Sequence[int]) -> str:
        """Names of tasks with those of their nearest headings."""
        tasks, found = self.stage.schedule.tasks, []
        for row in rows:
            found.append(tasks[row].name)
            if 0 <= tasks[row].parent < len(tasks):
                found.append(tasks[tasks[row].parent].name)
        return " ".join(found)

    def _alike(self, on: int, off: int) -> bool:
        """Whether a removal may be that of what another task put up."""
        rows = self.stage.schedule
        a, b = self._words([on]), self._words([off])
        if bool(_INDOOR.search(a)) != bool(_INDOOR.search(b)):
            return False
        if sides(a) and sides(b) and not sides(a) & sides(b):
            return False
        if (_range(a) or _range(b)) and _range(a) != _range(b):
            return not (_range(a) and _range(b))
        return same_place(places_said(rows.tasks[on], rows), places_said(rows.tasks[off], rows))

    def _banded(self, access: Access) -> Access:
        """With the heights that a name such as ``"1-5层外架"`` gives."""
        told = _range(self._words([r for r in (access.up, access.off) if r >= 0][:1]))
        heights = self.stage.places.heights
        level = {_number(name): k for k, name in self.stage.level_names.items()}
        if told is None or not {told[0], told[1]} <= set(level) or not len(heights):
            return access
        first, last = level[told[0]], level[told[1]]
        high = float(heights[last + 1]) if last + 1 < len(heights) else np.inf
        return replace(access, low=float(heights[first]), high=high)


def serves(access: Access, boxes: F64, *, place: frozenset[str], words: str, indoor: bool) -> bool:
    """Whether a way up leads to some elements (N, 2, 3): by side, place, height and distance."""
    if not (access.indoor if indoor else access.outdoor):
        return False
    mine = sides(words)
    if mine and access.sides and not mine & access.sides:
        return False
    floors = np.isfinite(access.high) or len(access.boxes) > 0 or not indoor
    if not same_place(_zones(place) if floors else place, _zones(access.places) if floors
                      else access.places):  # fmt: skip
        return False
    if not len(boxes):
        return True
    if float(boxes[:, 1, 2].max()) > access.high + _OVER:
        return False
    if not len(access.boxes):
        return True
    low, high = access.boxes[:, 0, :2] - _BESIDE, access.boxes[:, 1, :2] + _BESIDE
    near = (boxes[:, None, 0, :2] < high).all(axis=2) & (boxes[:, None, 1, :2] > low).all(axis=2)
    return bool(near.any())


def _zones(places: frozenset[str]) -> frozenset[str]:
    return frozenset(p for p in places if p.startswith("zone"))


def sides(text: str) -> frozenset[str]:
    """Sides of the building that a text names."""
    return frozenset(side for side, words in _SIDES.items() if words.search(text))


def _range(text: str) -> tuple[int, int] | None:
    found = _RANGE.search(text)
    return (int(found[1]), int(found[2])) if found else None


def _number(name: str) -> int | None:
    found = re.search(r"-?\d+", name)
    return int(found[0]) if found else None


def _minute(moment: np.datetime64, otherwise: int) -> int:
    return otherwise if np.isnat(moment) else int(moment.astype("datetime64[m]").astype(np.int64))
