"""R13: people who work below others with nothing between them."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

import numpy as np
from scipy import ndimage

from bimcore.arrays import F64, I64, Mask
from bimcore.schedule import Action
from clash.rehearsal.base import Card, Found, Parameter, Risk, Stage
from clash.rehearsal.decks import FAR, FLUSH
from clash.rehearsal.looks import Look
from clash.rehearsal.phrases import days_text
from clash.rehearsal.sitework import speaks_of
from clash.rehearsal.trades import Trades, trade_label, trades
from clash.rehearsal.workspaces import CELL, Faces, Sheet, concurrent, faces_of
from clash.texts import both

CARD = Card(
    id="R13",
    version=1,
    weight=1.0,
    name_zh="上下交叉作业",
    name_en="Work under work",
    zh="上方作业的坠落范围内有人施工，中间没有已完成的楼板或防护。",
    en="A crew works in the drop zone of another, with no finished floor or deck between.",
    parameters=(
        Parameter(
            key="R13.height_share",
            value=1 / 3,
            zh="坠落范围半径与高差之比",
            en="radius of the drop zone by the height of the fall",
        ),
        Parameter(
            key="R13.most_m",
            value=6.0,
            zh="坠落范围半径上限",
            en="largest radius of the drop zone",
        ),
        Parameter(
            key="R13.least_height_m",
            value=2.5,
            zh="高差小于此值不算上下作业",
            en="smaller differences of height are one working level",
        ),
        Parameter(
            key="R13.least_area_m2",
            value=1.0,
            zh="下方暴露面积小于此值不提示",
            en="smallest open area below that is told",
        ),
        Parameter(
            key="R13.least_share",
            value=0.05,
            zh="下方暴露面积占其作业面的比例小于此值不提示",
            en="smallest share of the lower working area that is told",
        ),
        Parameter(
            key="R13.hole_m2",
            value=20.0,
            zh="楼板上不大于此面积的洞口按规定已加盖或张网",
            en="openings in a floor up to this size are taken as covered or netted",
        ),
    ),
)
#: Cells beyond the edge of a floor that still count as under it: for who works outside, and for
#: who stands inside to work on the edge.
_OUTSIDE, _INSIDE = 1, 3
_ROUND = np.ones((3, 3), dtype=np.bool_)
#: Most cells of a picture of a whole level, and the coarsest that tells enough.
_LARGE, _FINE = 2_000_000, 0.3


def find(stage: Stage) -> Found:
    """Pairs of tasks, one over the other, with open air between them.

    Only work on open edges drops things beyond its own footprint. Guards: one gang, tasks of one
    trade that are linked, finished floors or protection decks between, openings too small to
    matter, and floors that nobody modelled.
    """
    table = trades()
    look = _Look(stage=stage, table=table)
    met: dict[tuple[int, int], list[_Fall]] = {}
    for upper, lower in look.candidates():
        fall = look.fall(upper, lower)
        if fall is not None:
            pair = (int(look.faces.task[lower]), int(look.faces.task[upper]))
            met.setdefault(pair, []).append(fall)
    return Found(risks=tuple(_risk(look, pair, met[pair]) for pair in sorted(met)))


@dataclass(frozen=True, eq=False, kw_only=True)
class _Fall:
    """Where and when one face is open to another above it.

    Attributes
    ----------
    spans : tuple of (int, int)
        Minutes between which it is open.
    days, share : float
        Working days of these; of the lower working area that is open, by days.

    """

    upper: int
    lower: int
    height: float
    reach: float
    spans: tuple[tuple[int, int], ...]
    days: float
    share: float
    area: float
    low: F64
    high: F64


@dataclass(frozen=True, eq=False, kw_only=True)
class _Look(Look):
    """The stage, prepared."""

    table: Trades

    @cached_property
    def faces(self) -> Faces:
        """Footprints of all tasks, not grown."""
        return faces_of(self.crews, self.ground, reach=0.0)

    @cached_property
    def edges(self) -> Mask:
        """Faces (F,) of work on open edges."""
        faces = self.faces
        found = np.array([faces.crews.trade[t] in self.table.open_edge for t in faces.task])
        built_in = faces.ground.roles.any_of("wall", "opener")
        for face in np.flatnonzero(found).tolist():
            if faces.crews.trade[faces.task[face]] == "envelope":
                # masonry and windows are set from the floor inside; what hangs outside is not
                found[face] = float(built_in[faces.of(face)].mean()) < 0.5
        return found.astype(np.bool_)

    def number(self, key: str) -> float:
        """A threshold."""
        return float(self.stage.profile[f"R13.{key}"])

    def candidates(self) -> Iterator[tuple[int, int]]:
        """Pairs (upper, lower) whose days and drop zones meet."""
        faces, crews = self.faces, self.faces.crews
        if not len(faces):
            return
        feet = faces.low[:, 2]
        for a, b in concurrent(faces, same_level=False):
            upper, lower = np.where(feet[a] >= feet[b], a, b), np.where(feet[a] >= feet[b], b, a)
            height = feet[upper] - feet[lower]
            keep = height >= self.number("least_height_m")
            keep &= self.edges[upper] | (faces.level[upper] // 100 == faces.level[lower] // 100) \
                | self._floors_between(upper, lower)  # fmt: skip
            fall = np.maximum(height, faces.high[upper, 2] - feet[lower])
            reach = np.where(self.edges[upper], self._reach(fall), 0.0)[:, None]
            keep &= (faces.low[upper, :2] - reach < faces.high[lower, :2]).all(axis=1)
            keep &= (faces.high[upper, :2] + reach > faces.low[lower, :2]).all(axis=1)
            keep &= ~self._under_cover(upper, lower)
            upper, lower = upper[keep], lower[keep]
            days = crews.shared(faces.task[upper], faces.task[lower])[2]
            for u, v in zip(upper[days > 0].tolist(), lower[days > 0].tolist(), strict=True):
                if not self._together(int(faces.task[u]), int(faces.task[v])):
                    yield u, v

    def _under_cover(self, upper: I64, lower: I64) -> Mask:
        """Whether the floor above the lower face is finished for good before both begin.

        Told for each face once; what is left is looked at step by step.
        """
        since, top = self._covered_since
        crews, faces = self.faces.crews, self.faces
        begin = np.maximum(crews.start[faces.task[upper]], crews.start[faces.task[lower]])
        found: Mask = (since[lower] <= begin) & (top[lower] <= self._above[upper])
        return found

    @cached_property
    def _above(self) -> F64:
        """Height (F,) of the highest foot of what is built on each face."""
        faces = self.faces
        bottoms = faces.ground.boxes[faces.element, 0, 2]
        found: F64 = np.maximum.reduceat(bottoms, faces.start[:-1]) + FLUSH
        return found

    @cached_property
    def _covered_since(self) -> tuple[I64, F64]:
        """Minutes (F,) from which all of a face is under its next floor, and the top of that."""
        faces, heights = self.faces, self.stage.places.heights
        since, top = np.full(len(faces), FAR), np.full(len(faces), np.inf)
        for level in np.unique(faces.level).tolist():
            rows = np.flatnonzero(faces.level == level)
            if not 0 <= level // 100 < len(heights) - 1:
                continue
            low, high = faces.low[rows].min(axis=0), faces.high[rows].max(axis=0)
            feet, ceiling = faces.low[rows, 2].max(), heights[level // 100 + 1]
            margin = np.sqrt(self.number("hole_m2")) + 1
            decks = self.decks.between(low, high, feet=float(feet), above=float(ceiling))
            sheet = Sheet.over(low - margin, high + margin, most=_LARGE)
            if not len(decks) or sheet.cell > _FINE:
                continue
            top[rows] = self.decks.high[decks, 2].max()
            closed = _closed_up(sheet, self.decks.since(sheet, decks), self.number("hole_m2"))
            beyond = {k: ndimage.minimum_filter(closed, size=2 * k + 1)
                      for k in (_OUTSIDE, _INSIDE)}  # fmt: skip
            for row in rows.tolist():
                dates = beyond[self._edge(row)]
                cells = sheet.touched(faces.ground.boxes[faces.of(row)])
                since[row] = max((int(dates[c].max(initial=-FAR)) for c in cells), default=FAR)
        return since, top

    def _floors_between(self, upper: I64, lower: I64) -> Mask:
        """Whether the finished building has a floor between two levels (P,) at all.

        Where it has none, floors are not modelled: indoor work then tells nothing.
        """
        tops = np.sort(self.decks.high[:, 2])
        under = np.searchsorted(tops, self.faces.low[upper, 2] + 0.35, side="right")
        over = np.searchsorted(tops, self.faces.low[lower, 2] + 1.5, side="left")
        found: Mask = np.asarray(under > over)
        return found

    def _reach(self, height: F64) -> F64:
        found: F64 = np.minimum(height * self.number("height_share"), self.number("most_m"))
        return found

    def _together(self, upper: int, lower: int) -> bool:
        crews = self.faces.crews
        if crews.gangs.one(upper, lower):
            return True
        same = crews.trade[upper] == crews.trade[lower]
        return same and (crews.gangs.after(upper, lower) or self._joined(upper, lower))

    def _joined(self, upper: int, lower: int) -> bool:
        """Whether two tasks of one trade build what meets: a flight and the floor it leads to."""
        links, contacts = self.stage.links, self.stage.contacts
        own, other = (np.zeros(len(contacts.grounded), dtype=np.bool_) for _ in range(2))
        own[links.element[links.task == upper]] = True
        other[links.element[links.task == lower]] = True
        stairs = self.faces.ground.roles["stair"]
        if not stairs[links.element[links.task == lower]].all():
            return False
        a, b = contacts.a, contacts.b
        return bool(((own[a] & other[b]) | (own[b] & other[a])).any())

    def fall(self, upper: int, lower: int) -> _Fall | None:
        """Where a lower face is open to an upper one; None where it is not, or hardly."""
        faces, ground = self.faces, self.faces.ground
        feet = faces.low[lower, 2]
        rows = faces.of(upper)
        reach = np.zeros(len(rows))
        if self.edges[upper]:  # things fall from where they are built
            reach = self._reach(ground.boxes[rows, 0, 2] - feet)
        low = np.maximum(faces.low[lower], faces.low[upper] - reach.max())
        high = np.minimum(faces.high[lower], faces.high[upper] + reach.max())
        if not (low[:2] < high[:2]).all():
            return None
        # wide enough to see all of an opening that reaches into the place
        margin = np.sqrt(self.number("hole_m2")) + 1
        low, high = low - margin, high + margin
        sheet = Sheet.over(low, high)
        below = sheet.boxes(ground.boxes[faces.of(lower)], touched=True)
        open_ = below & sheet.boxes(ground.boxes[rows], grown=reach)
        if not open_.any():
            return None
        decks = self.decks.between(
            low, high, feet=feet, above=float(ground.boxes[rows, 0, 2].max())
        )
        return self._open(upper, lower, sheet, open_, decks)

    def _open(self, upper: int, lower: int, sheet: Sheet, below: Mask, decks: I64) -> _Fall | None:
        """Step from event to event: decks that are finished or taken away in the shared time."""
        faces, crews = self.faces, self.faces.crews
        tasks = (int(faces.task[lower]), int(faces.task[upper]))
        begin, end, _ = crews.shared(*(np.array([t]) for t in tasks))
        dates = np.concatenate([self.decks.begin[decks], self.decks.end[decks]])
        dates = dates[(dates > begin[0]) & (dates < end[0])]
        steps = np.unique(np.concatenate([begin, dates, end])).tolist()
        calendars = [crews.calendar[[t]] for t in tasks]
        total = self.size(lower)
        spans: list[tuple[int, int]] = []
        days = weighed = 0.0
        widest = np.zeros_like(below)
        for first, last in pairwise(steps):
            span = np.array([first]), np.array([last])
            worked = float(crews.worked.count(calendars[0], calendars[1], *span)[0])
            there = decks[(self.decks.begin[decks] <= first) & (self.decks.end[decks] >= last)]
            open_ = self._exposed(below, sheet, there, self._edge(lower))
            size = sheet.size(open_)
            if worked == 0 or size < self.number("least_area_m2"):
                continue
            if size < self.number("least_share") * total:
                continue
            days, weighed = days + worked, weighed + worked * min(size / total, 1.0)
            joined = bool(spans) and spans[-1][1] == first
            spans[-1:] = [(spans[-1][0], last)] if joined else [*spans[-1:], (first, last)]
            widest |= open_
        if not spans:
            return None
        corner = sheet.around(widest)
        height = float(faces.ground.boxes[faces.of(upper), 0, 2].max() - faces.low[lower, 2])
        return _Fall(
            upper=upper,
            lower=lower,
            height=height,
            reach=float(self._reach(np.array([height]))[0]) if self.edges[upper] else 0.0,
            spans=tuple(spans),
            days=days,
            share=weighed / float(crews.days[list(tasks)].min()),
            area=sheet.size(widest),
            low=np.array([*corner[0], faces.low[lower, 2]]),
            high=np.array([*corner[1], faces.high[upper, 2]]),
        )

    def _edge(self, face: int) -> int:
        """Cells beyond the edge of a floor that still shield a face."""
        return _OUTSIDE if self.edges[face] else _INSIDE

    @cached_property
    def sizes(self) -> dict[int, float]:
        """Square metres that a face covers, by its number, as far as asked for."""
        return {}

    def size(self, face: int) -> float:
        """Square metres that a face covers; never nothing."""
        if face not in self.sizes:
            faces = self.faces
            sheet = Sheet.over(faces.low[face] - CELL, faces.high[face] + CELL)
            boxes = faces.ground.boxes[faces.of(face)]
            self.sizes[face] = max(sheet.size(sheet.boxes(boxes, touched=True)), CELL**2)
        return self.sizes[face]

    def _exposed(self, below: Mask, sheet: Sheet, decks: I64, beyond: int) -> Mask:
        """Cells of `below` in the open, where some are farther than `beyond` cells from cover.

        Who works on the edge of a floor from inside is under it.
        """
        found = self.decks.covered(sheet, decks)
        if not found.any():
            return below
        gaps, count = ndimage.label(~found)
        rim = np.concatenate([gaps[0], gaps[-1], gaps[:, 0], gaps[:, -1]])
        small = np.bincount(gaps.ravel(), minlength=count + 1) * sheet.cell**2
        hole = small <= self.number("hole_m2")
        hole[rim] = False
        closed = ndimage.binary_dilation(found | (hole[gaps] & (gaps > 0)), _ROUND)
        open_ = below & ~closed
        if beyond > 1:
            far = below & ~ndimage.binary_dilation(closed, _ROUND, iterations=beyond - 1)
            open_ = ndimage.binary_propagation(far, mask=open_)
        return np.asarray(open_, dtype=np.bool_)

    @cached_property
    def nets(self) -> tuple[tuple[int, int], ...]:
        """When tasks without a place have put up protection, in minutes."""
        links, crews = self.stage.links, self.faces.crews
        placed = set(links.task.tolist())
        spans = []
        for row, task in enumerate(self.stage.schedule.tasks):
            if not task.works or row in placed or links.action[row] == Action.REMOVE:
                continue
            if speaks_of(task.name, "protect") and crews.finish[row] > crews.start[row]:
                spans.append((int(crews.finish[row]), FAR))
        return tuple(spans)


def _closed_up(sheet: Sheet, dates: I64, most: float) -> I64:
    """Dates of cover (X, Y) with small openings closed."""
    gaps, count = ndimage.label(dates >= FAR)
    size = np.bincount(gaps.ravel(), minlength=count + 1) * sheet.cell**2
    found = dates.copy()
    for number, place in enumerate(ndimage.find_objects(gaps), start=1):
        inner = all(s.start > 0 and s.stop < n for s, n in zip(place, gaps.shape, strict=True))
        if size[number] > most or not inner:
            continue
        window = tuple(slice(s.start - 1, s.stop + 1) for s in place)
        hole = gaps[window] == number
        rim = ndimage.binary_dilation(hole, _ROUND) & ~hole
        found[window][hole] = dates[window][rim].max()
    return found


def _risk(look: _Look, pair: tuple[int, int], met: list[_Fall]) -> Risk:
    """The risk of one pair of tasks, told where most of the lower one is open."""
    stage, faces, crews = look.stage, look.faces, look.faces.crews
    lower, upper = pair
    worst = max(met, key=lambda f: (f.share, f.area, -f.lower, -f.upper))
    spans = sorted({span for fall in met for span in fall.spans})
    window = (
        np.datetime64(spans[0][0], "m"),
        np.datetime64(max(last for _, last in spans), "m"),
    )
    long = bool((crews.days[[lower, upper]] > 15).any())
    netted = any(first <= spans[0][0] for first, _ in look.nets)
    certain = worst.share >= 0.5 and not long and not netted
    near, far = (_within(faces, f, worst) for f in (worst.lower, worst.upper))
    sure = min(crews.confidence(t, f) for t, f in ((lower, near), (upper, far)))
    names = stage.level_names
    levels = stage.places.level[near] if len(near) else np.zeros(0, dtype=np.int64)
    place = names.get(int(np.bincount(levels + 1).argmax()) - 1, "") if len(levels) else ""
    return Risk(
        rule=CARD.id,
        weight=CARD.weight,
        magnitude=min(worst.share, 1.0),
        confidence=sure * (1.0 if certain else 0.5),
        certain=certain,
        tasks=(lower, upper),
        elements=tuple(near.tolist()),
        others=tuple(far.tolist()),
        window=window,
        place=place,
        witness=faces.ground.back(worst.low, worst.high),
        titles=_titles(stage, pair, window, place),
        descriptions=_descriptions(look, pair, worst, window, netted=netted),
        suggestion=_suggestion(look, pair),
        data={
            "height_m": round(worst.height, 2),
            "drop_zone_m": round(worst.reach, 2),
            "open_area_m2": round(worst.area, 2),
            "open_days": worst.days,
            "height_share": look.number("height_share"),
            "most_m": look.number("most_m"),
        },
    )


def _within(faces: Faces, face: int, fall: _Fall) -> I64:
    """Elements of a face in or near the open part."""
    rows = faces.of(face)
    boxes = faces.ground.boxes[rows, :, :2]
    keep = np.all(boxes[:, 0] - fall.reach < fall.high[:2], axis=1)
    found: I64 = rows[keep & np.all(boxes[:, 1] + fall.reach > fall.low[:2], axis=1)]
    return found


def _titles(
    stage: Stage, pair: tuple[int, int], window: tuple[np.datetime64, np.datetime64], place: str
) -> dict[str, str]:
    lower, upper = (stage.schedule.tasks[t].name for t in pair)
    when = stage.dates.span_text(window)
    where = both(f"{place}：", f"{place}: ") if place else both("", "")
    return both(
        f"{where['zh-CN']}「{lower}」在「{upper}」下方施工，{when['zh-CN']}无楼板隔离",
        f"{where['en']}“{lower}” works below “{upper}” with no floor between, {when['en']}",
    )


def _descriptions(
    look: _Look,
    pair: tuple[int, int],
    fall: _Fall,
    window: tuple[np.datetime64, np.datetime64],
    *,
    netted: bool,
) -> dict[str, str]:
    crews = look.faces.crews
    lower, upper = (trade_label(crews.trade[t]) for t in pair)
    when, days = look.stage.dates.span_text(window), days_text(fall.days)
    zone = both("", "")
    if fall.reach > 0:
        zone = both(
            f"坠落范围按高差 1/3 计 {fall.reach:.1f} m，",
            f" The drop zone is {fall.reach:.1f} m by its height.",
        )
    net = both("", "")
    if netted:
        net = both(
            "计划中有防护任务但未写明位置，请确认是否覆盖此处。",
            " The plan puts up protection somewhere: check that it is here.",
        )
    return both(
        f"{when['zh-CN']}（{days['zh-CN']}），{upper['zh-CN']}在上方 {fall.height:.1f} m 处作业，"
        f"{zone['zh-CN']}下方{lower['zh-CN']}约 {fall.area:.0f} m² 没有已完成的楼板或防护棚。"
        f"{net['zh-CN']}",
        f"On {when['en']} ({days['en']}) {upper['en']} is at work {fall.height:.1f} m above "
        f"{lower['en']}; about {fall.area:.0f} m² below have no finished floor or deck over them."
        f"{zone['en']}{net['en']}",
    )


def _suggestion(look: _Look, pair: tuple[int, int]) -> dict[str, str]:
    """Move the lower task behind the upper one where its float allows, else put up a deck."""
    crews, (lower, upper) = look.faces.crews, pair
    name = look.stage.schedule.tasks[lower].name
    row = crews.calendar[[lower]]
    shift = float(crews.worked.count(row, row, crews.start[[lower]], crews.finish[[upper]])[0])
    after = both(*look.stage.dates.said(look.stage.path.finish[upper]))
    if 0 < shift <= crews.float_days(lower):
        move = days_text(shift)
        return both(
            f"「{name}」推迟 {move['zh-CN']}，{after['zh-CN']}之后开工（总时差够用）；"
            "否则先搭硬质防护或封闭下方区域",
            f"Move “{name}” by {move['en']} to begin after {after['en']} (its float allows it), "
            "or put up a protection deck or close the area below first",
        )
    return both(
        "先搭硬质防护棚或封闭下方坠落范围，两班组错开时段",
        "Put up a protection deck or close the drop zone first, and keep the crews apart in time",
    )
