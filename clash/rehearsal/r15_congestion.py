"""R15: more people in a place than there is room for."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

import numpy as np

from bimcore.arrays import F64, I64
from clash.rehearsal.base import Card, Found, Parameter, Risk, Stage
from clash.rehearsal.dates import Datebook
from clash.rehearsal.looks import Look
from clash.rehearsal.phrases import days_text, listed
from clash.rehearsal.telling import box_of
from clash.rehearsal.workspaces import Faces, Sheet, faces_of
from clash.texts import both

CARD = Card(
    id="R15",
    version=1,
    weight=0.4,
    name_zh="作业面拥挤",
    name_en="Congestion",
    zh="同一楼层或分区同时作业的人数超过可用面积所能容纳。",
    en="More people work on a storey or in a zone than its free area holds.",
    parameters=(
        Parameter(
            key="R15.area_per_person_m2",
            value=20.0,
            zh="每人所需作业面积",
            en="free square metres that one person needs",
        ),
        Parameter(
            key="R15.use",
            value=1.0,
            zh="楼面可用于作业的比例",
            en="share of the floor that can be worked on",
        ),
        Parameter(
            key="R15.least_days",
            value=1.0,
            zh="拥挤少于此天数不提示",
            en="fewest working days of congestion that are told",
        ),
    ),
)


def find(stage: Stage) -> Found:
    """Stretches of time in which a place is too full; silent where no crew sizes are given.

    A task on several levels has its people on each by its elements there.
    """
    if not any(t.crew and t.works for t in stage.schedule.tasks):
        return Found()
    look = _Look(stage=stage)
    risks = [_risk(look, full) for place in look.places for full in look.full(place)]
    return Found(risks=tuple(risks))


@dataclass(frozen=True, eq=False, kw_only=True)
class _Full:
    """A place with too many people for a time.

    Attributes
    ----------
    people : float
        At the worst moment; `tasks` are those of that moment.
    need : float
        Limit by free area for each, at the worst moment.

    """

    level: int
    block: int
    begin: int
    end: int
    people: float
    area: float
    days: float
    tasks: tuple[int, ...]


@dataclass(frozen=True, eq=False, kw_only=True)
class _Look(Look):
    """The stage, prepared."""

    @cached_property
    def faces(self) -> Faces:
        """Where they work."""
        return faces_of(self.crews, self.ground, reach=0.0)

    def number(self, key: str) -> float:
        """A threshold."""
        return float(self.stage.profile[f"R15.{key}"])

    @cached_property
    def people(self) -> dict[tuple[int, int], dict[int, float]]:
        """People of each task by place (level, building)."""
        found: dict[tuple[int, int], dict[int, float]] = {}
        links, level = self.stage.links, self.stage.places.level
        starts = np.searchsorted(links.task, np.arange(len(self.stage.schedule.tasks) + 1))
        for task in np.flatnonzero(self.crews.at_work).tolist():
            crew = self.stage.schedule.tasks[task].crew
            rows = links.element[starts[task] : starts[task + 1]]
            rows = rows[self.blocks[rows] >= 0]
            if not crew or not len(rows):
                continue
            places, counts = np.unique(
                np.stack([level[rows], self.blocks[rows]]), axis=1, return_counts=True
            )
            for (k, b), count in zip(places.T.tolist(), counts.tolist(), strict=True):
                if k >= 0:
                    found.setdefault((k, b), {})[task] = crew * count / len(rows)
        return found

    @property
    def places(self) -> list[tuple[int, int]]:
        """All places with people."""
        return sorted(self.people)

    def area(self, place: tuple[int, int]) -> float:
        """Free square metres of a place: of its floors, else of its rooms, else of all there is."""
        ground, level = self.faces.ground, self.stage.places.level
        here = (level == place[0]) & ground.known
        solid = here & (self.blocks == place[1])
        spaces = here & ~self.stage.scene.clash_body
        for some in (solid & ground.roles["slab"], spaces, solid):
            boxes: F64 = ground.boxes[some]
            if len(boxes):
                sheet = Sheet.over(boxes[:, 0].min(axis=0), boxes[:, 1].max(axis=0))
                return sheet.size(sheet.boxes(boxes)) * self.number("use")
        return 0.0

    def full(self, place: tuple[int, int]) -> Iterator[_Full]:
        """Stretches in which a place is too full: a sweep over starts and ends of its tasks."""
        crews, people = self.crews, self.people[place]
        rows = np.array(sorted(people), dtype=np.int64)
        heads = np.array([people[t] for t in rows.tolist()])
        area = self.area(place)
        if area <= 0 or heads.sum() * self.number("area_per_person_m2") <= area:
            return
        steps = np.unique(np.concatenate([crews.start[rows], crews.finish[rows]])).tolist()
        run: list[tuple[int, int, float, tuple[int, ...], float]] = []
        for begin, end in pairwise(steps):
            there = (crews.start[rows] <= begin) & (crews.finish[rows] >= end)
            total = float(heads[there].sum())
            too_many = total * self.number("area_per_person_m2") > area * (1 + 1e-9)
            days = self._days(rows[there], begin, end)
            if too_many and there.sum() > 1:
                run.append((begin, end, total, tuple(rows[there].tolist()), days))
            elif days > 0 and run:  # nights and days off end nothing
                yield from self._joined(place, area, run)
                run = []
        yield from self._joined(place, area, run)

    def _days(self, rows: I64, begin: int, end: int) -> float:
        if not len(rows):
            row = np.zeros(1, dtype=np.int64)
        else:
            row = self.crews.calendar[rows[:1]]
        return float(self.crews.worked.count(row, row, np.array([begin]), np.array([end]))[0])

    def _joined(
        self,
        place: tuple[int, int],
        area: float,
        run: list[tuple[int, int, float, tuple[int, ...], float]],
    ) -> Iterator[_Full]:
        days = sum(step[4] for step in run)
        if not run or days < self.number("least_days"):
            return
        worst = max((s for s in run if s[4] > 0), key=lambda s: s[2])
        yield _Full(
            level=place[0],
            block=place[1],
            begin=run[0][0],
            end=run[-1][1],
            people=worst[2],
            area=area,
            days=days,
            tasks=worst[3],
        )


def _risk(look: _Look, full: _Full) -> Risk:
    stage, crews = look.stage, look.crews
    limit = look.number("area_per_person_m2")
    need = limit * full.people / full.area
    tasks = sorted(full.tasks, key=lambda t: (-(stage.schedule.tasks[t].crew or 0.0), t))
    links = stage.links
    rows = links.element[np.isin(links.task, tasks)].astype(np.int64)
    rows = np.unique(rows[(stage.places.level[rows] == full.level)
                          & (look.blocks[rows] == full.block)])  # fmt: skip
    place = stage.level_names.get(full.level, "")
    window = (np.datetime64(full.begin, "m"), np.datetime64(full.end, "m"))
    sure = min(crews.confidence(t, rows) for t in tasks)
    certain = bool((crews.days[tasks] <= 15).all())
    return Risk(
        rule=CARD.id,
        weight=CARD.weight,
        magnitude=min(max(need - 1, 0.0), 1.0),
        confidence=sure * (1.0 if certain else 0.5),
        certain=certain,
        tasks=tuple(tasks),
        elements=tuple(rows.tolist()),
        window=window,
        place=place,
        witness=box_of(stage, rows.tolist()),
        titles=_titles(full, window, place, stage.dates),
        descriptions=_descriptions(look, full, window, place),
        suggestion=both(
            "错开班组进场或减少同时作业人数",
            "Bring the crews in one after another, or with fewer people",
        ),
        data={
            "people": round(full.people, 1),
            "free_area_m2": round(full.area, 1),
            "area_per_person_m2": round(full.area / full.people, 2),
            "limit_m2": limit,
            "days": full.days,
        },
    )


def _titles(
    full: _Full,
    window: tuple[np.datetime64, np.datetime64],
    place: str,
    dates: Datebook,
) -> dict[str, str]:
    when, each = dates.span_text(window), f"{full.area / full.people:.1f}"
    return both(
        f"{place or '此处'} {when['zh-CN']}同时有 {full.people:.0f} 人作业，人均仅 {each} m²",
        f"{place or 'One place'}: {full.people:.0f} people at once on {when['en']}, {each} m² each",
    )


def _descriptions(
    look: _Look, full: _Full, window: tuple[np.datetime64, np.datetime64], place: str
) -> dict[str, str]:
    names = listed([f"「{look.stage.schedule.tasks[t].name}」" for t in full.tasks], most=5)
    when, days, limit = (
        look.stage.dates.span_text(window),
        days_text(full.days),
        look.number("area_per_person_m2"),
    )
    return both(
        f"{when['zh-CN']}（{days['zh-CN']}）{names['zh-CN']}同时在{place or '此处'}施工，最多 "
        f"{full.people:.0f} 人，可用面积约 {full.area:.0f} m²，按每人 {limit:.0f} m² 容纳 "
        f"{full.area / limit:.0f} 人。",
        f"On {when['en']} ({days['en']}) {names['en']} are there at once: up to "
        f"{full.people:.0f} people on about {full.area:.0f} m², which holds "
        f"{full.area / limit:.0f} at {limit:.0f} m² each.",
    )
