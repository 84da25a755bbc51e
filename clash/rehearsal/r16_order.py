"""R16: a trade that comes to a place before the one it follows everywhere else."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property

import numpy as np

from bimcore.arrays import F64, I64, Mask, starts_of
from clash.rehearsal.base import Card, Found, Parameter, Risk, Stage
from clash.rehearsal.looks import Look
from clash.rehearsal.phrases import days_text
from clash.rehearsal.telling import box_of
from clash.rehearsal.trades import Trades, trades
from clash.rehearsal.works import places_said
from clash.texts import both

CARD = Card(
    id="R16",
    version=1,
    weight=0.4,
    name_zh="工序先后颠倒",
    name_en="Trade out of order",
    zh="某一楼层或分区的工序先后与其他楼层、或与通常顺序相反。",
    en="In one place a trade comes before the one it follows in all others, or by usual order.",
    parameters=(
        Parameter(
            key="R16.zones",
            value=3.0,
            zh="至少几个其他楼层或分区才能学到顺序",
            en="how many other places are needed to learn an order",
        ),
        Parameter(
            key="R16.agree",
            value=0.8,
            zh="其中多大比例一致才算本项目的顺序",
            en="share of them that must agree",
        ),
        Parameter(
            key="R16.least_days",
            value=1.0,
            zh="颠倒少于此天数不提示",
            en="smallest inversion in working days that is told",
        ),
        Parameter(
            key="R16.declared",
            value=True,
            zh="样本不足时按通常工种顺序检查",
            en="check against the usual order of trades where too few places are alike",
        ),
        Parameter(
            key="R16.free",
            value="envelope+mep_first, roof+*, earthworks+*, foundation+*, second_fix+finish",
            zh="没有先后要求的工种对",
            en="pairs of trades without an order",
        ),
    ),
)
#: Share of a task's elements on one level from which it is a task of that level.
_MOSTLY = 0.8
#: What tells one floor or zone from another in the name of a task.
_PLACE = re.compile(
    r"第?[一二三四五六七八九十\d]+\s*(层|楼|段|区|栋|号楼|单元|流水段|施工段)|[A-Za-z]\s*[区段栋]|"
    r"\b(level|floor|storey|story|zone|area|section|block|phase|bay|etage|ebene|geschoss)\s*\w+|"
    r"\b\d+\s*(st|nd|rd|th)?\s*(floor|storey|story|og|ug)?\b|[FLBfl]\d+|\d+[FLfl]|[\d#()（）\-—_.,:：、/]+",
    re.IGNORECASE,
)
#: Part of the usual distance between two trades below which an inversion is no more than chance.
_CHANCE = 0.25

Zone = tuple[int, int, str]


def find(stage: Stage) -> Found:
    """Inversions of the order of trades, one for each place and trade that is out of order."""
    look = _Look(stage=stage, table=trades())
    risks: list[Risk] = []
    for zone in sorted(look.zones):
        pairs = [*look.against_others(zone)]
        seen = {frozenset((p.early, p.late)) for p in pairs}
        if stage.profile["R16.declared"]:
            pairs += [p for p in look.against_usual(zone)
                      if frozenset((p.early, p.late)) not in seen]  # fmt: skip
        risks += [_risk(look, zone, heap) for heap in _heaps(pairs)]
    return Found(risks=tuple(risks))


@dataclass(frozen=True, kw_only=True)
class _Inversion:
    """`early` starts before `late` where it should follow it; rows of the schedule.

    Attributes
    ----------
    agree : float
        Share of other places where it does follow; 0 by the usual order alone.
    places : int
        How many other places.

    """

    early: int
    late: int
    days: float
    agree: float = 0.0
    places: int = 0


@dataclass(frozen=True, eq=False, kw_only=True)
class _Look(Look):
    """The stage, sorted by places."""

    table: Trades

    @cached_property
    def zone_of(self) -> dict[int, Zone]:
        """Level, building and named zone of each task that is of one level."""
        stage, links = self.stage, self.stage.links
        blocks = self.blocks
        found: dict[int, Zone] = {}
        starts = np.searchsorted(links.task, np.arange(len(stage.schedule.tasks) + 1))
        for task in np.flatnonzero(self.crews.at_work).tolist():
            rows = links.element[starts[task] : starts[task + 1]]
            rows = rows[blocks[rows] >= 0]
            # when props and scaffold go is told by the rules about them
            if not len(rows) or self.crews.trade[task] == "temporary":
                continue
            level, share = _usual(stage.places.level[rows])
            some = rows[stage.places.level[rows] == level]
            block, most = _usual(blocks[some])
            if level >= 0 and share >= _MOSTLY and most >= _MOSTLY:
                found[task] = (level, block, self._said(task))
        return found

    def _said(self, task: int) -> str:
        rows = self.stage.schedule
        return "/".join(
            sorted(p for p in places_said(rows.tasks[task], rows) if p.startswith("zone"))
        )

    @cached_property
    def zones(self) -> dict[Zone, dict[str, int]]:
        """The first task of each kind of work by place; kinds as :meth:`kind_of`."""
        found: dict[Zone, dict[str, int]] = defaultdict(dict)
        for task in sorted(self.zone_of, key=lambda t: (int(self.crews.start[t]), t)):
            if self.kinds[task]:
                found[self.zone_of[task]].setdefault(self.kinds[task], task)
        return dict(found)

    @cached_property
    def kinds(self) -> dict[int, str]:
        """What tells tasks of one kind in all places: the name without the place, or the trade."""
        told: dict[str, set[Zone]] = defaultdict(set)
        for task, zone in self.zone_of.items():
            told[stem(self.stage.schedule.tasks[task].name)].add(zone)
        kinds = {}
        for task in self.zone_of:
            word = stem(self.stage.schedule.tasks[task].name)
            alike = len(told[word]) > int(self.number("zones"))
            kinds[task] = f"name {word}" if alike and word else self.crews.trade[task]
        return kinds

    def number(self, key: str) -> float:
        """A threshold."""
        return float(self.stage.profile[f"R16.{key}"])

    def apart(self, first: int, second: int) -> float:
        """Working days from the start of one task to that of another; negative if before it."""
        crews, row = self.crews, int(self.crews.calendar[first])
        one, other = int(crews.start[first]), int(crews.start[second])
        if one <= other:
            return crews.worked.between(row, one, other)
        return -crews.worked.between(row, other, one)

    def against_others(self, zone: Zone) -> Iterator[_Inversion]:
        """Inversions in a place against what most other places do."""
        here = self.zones[zone]
        kinds = sorted(here)
        for one in kinds:
            for other in kinds:
                if one == other:
                    continue
                early, late = here[other], here[one]
                days = self.apart(early, late)
                if days < self.number("least_days"):
                    continue
                places, days_between = self._gaps(one, other)
                gaps = days_between[[place != zone for place in places]]
                if len(gaps) < self.number("zones"):
                    continue
                agree = float((gaps >= 1).mean())
                if agree >= self.number("agree") and days >= _CHANCE * float(np.median(gaps)):
                    yield _Inversion(
                        early=early, late=late, days=days, agree=agree, places=len(gaps)
                    )

    def _gaps(self, one: str, other: str) -> tuple[list[Zone], F64]:
        """Places that have both, and days from the start of `one` to that of `other` there."""
        if (one, other) not in self._known_gaps:
            places = [p for p, tasks in self.zones.items() if one in tasks and other in tasks]
            found = [self.apart(self.zones[p][one], self.zones[p][other]) for p in places]
            self._known_gaps[one, other] = places, np.array(found)
        return self._known_gaps[one, other]

    @cached_property
    def _known_gaps(self) -> dict[tuple[str, str], tuple[list[Zone], F64]]:
        return {}

    @cached_property
    def by_trade(self) -> dict[Zone, dict[str, int]]:
        """The first task of each trade by place."""
        found: dict[Zone, dict[str, int]] = defaultdict(dict)
        for task in sorted(self.zone_of, key=lambda t: (int(self.crews.start[t]), t)):
            trade = self.crews.trade[task]
            if trade == "lining" and self._walls(task):
                # partitions come before or after the lines in them
                trade = "envelope"
            if trade == "envelope" and self._bears(task):
                # masonry that floors rest on is the structure of the house
                trade = "structure"
            if trade and not self._flights(task):
                found[self.zone_of[task]].setdefault(trade, task)
        return dict(found)

    def _walls(self, task: int) -> bool:
        """Whether what a task builds is mostly walls."""
        return bool(self.stage.roles["wall"][self.linked(task)].mean() > 0.5)

    def _bears(self, task: int) -> bool:
        """Whether a task builds what carries floors, beams or walls."""
        if self.stage.links.action[task] != "install":
            return False
        own = self.linked(task)
        start, carried = self._carried
        rows = [carried[start[e] : start[e + 1]] for e in own.tolist()]
        above = np.concatenate([carried[:0], *rows])
        return bool((~np.isin(above, own)).any())

    def _flights(self, task: int) -> bool:
        """Whether a task builds stairs alone: they come whenever there is room for them."""
        return bool(self._stairs[self.linked(task)].all())

    @cached_property
    def _carried(self) -> tuple[I64, I64]:
        """Where the structure that each element carries begins (E + 1,), and what it is (S,)."""
        contacts = self.stage.contacts
        rows = np.flatnonzero((contacts.share > 0) & contacts.structural[contacts.above])
        rows = rows[np.argsort(contacts.below[rows], kind="stable")]
        counts = np.bincount(contacts.below[rows], minlength=len(contacts.grounded))
        return starts_of(counts), contacts.above[rows].astype(np.int64)

    @cached_property
    def _stairs(self) -> Mask:
        return self.stage.roles.any_of("stair", "railing")

    def against_usual(self, zone: Zone) -> Iterator[_Inversion]:
        """Inversions in a place against the usual order, where the project has none of its own."""
        here = self.by_trade.get(zone, {})
        for one, late in here.items():
            for other, early in here.items():
                before, after = self.table.rank(one), self.table.rank(other)
                if before < 0 or before >= after or self._free(one, other):
                    continue
                days = self.apart(early, late)
                if days < self.number("least_days"):
                    continue
                places = sum(
                    one in tasks and other in tasks
                    for place, tasks in self.by_trade.items()
                    if place != zone
                )
                if places < self.number("zones"):
                    yield _Inversion(early=early, late=late, days=days, places=places)

    def _free(self, one: str, other: str) -> bool:
        return any(
            {one, other} <= pair or ("*" in pair and pair & {one, other})
            for pair in _pairs(str(self.stage.profile["R16.free"]))
        )


@cache
def stem(name: str) -> str:
    """The name of a task without what tells its floor or zone."""
    return re.sub(r"\s+", " ", _PLACE.sub(" ", name)).strip().lower()


def _pairs(text: str) -> list[set[str]]:
    return [
        {part.strip() for part in entry.split("+")} for entry in text.split(",") if entry.strip()
    ]


def _usual(values: I64) -> tuple[int, float]:
    """The commonest of some values, and its share."""
    counts = Counter(values.tolist())
    most = min(counts, key=lambda v: (-counts[v], v))
    return most, counts[most] / len(values)


def _heaps(pairs: Sequence[_Inversion]) -> list[list[_Inversion]]:
    """Inversions by the task that is out of order: the one that explains most, then the rest."""
    left, heaps = list(pairs), []
    while left:
        count: Mapping[int, int] = defaultdict(int)
        for pair in left:
            for task in (pair.early, pair.late):
                count[task] += 1  # type: ignore[index]
        early = {p.early for p in left}
        worst = max(count, key=lambda t: (count[t], t in early, -t))
        heaps.append([p for p in left if worst in (p.early, p.late)])
        left = [p for p in left if worst not in (p.early, p.late)]
    return heaps


def _risk(look: _Look, zone: Zone, heap: list[_Inversion]) -> Risk:
    """The risk of one task out of order in one place."""
    stage, crews = look.stage, look.crews
    worst = max(heap, key=lambda p: (p.days, -p.early, -p.late))
    others = {t for p in heap for t in (p.early, p.late)} - {worst.early, worst.late}
    elements, facing = (_elements(stage, t) for t in (worst.early, worst.late))
    certain = worst.agree >= 1.0
    sure = min(crews.confidence(t, e) for t, e in ((worst.early, elements), (worst.late, facing)))
    window = (stage.path.start[worst.early], stage.path.start[worst.late])
    place = " ".join(
        p for p in (stage.level_names.get(zone[0], ""), zone[2].removeprefix("zone ")) if p
    )
    return Risk(
        rule=CARD.id,
        weight=CARD.weight,
        magnitude=min(worst.days / 10, 1.0),
        confidence=sure * (1.0 if certain else 0.5),
        certain=certain,
        tasks=(worst.early, worst.late, *sorted(others)),
        elements=tuple(elements.tolist()),
        others=tuple(facing.tolist()),
        window=(np.datetime64(window[0], "m"), np.datetime64(window[1], "m")),
        place=place,
        witness=box_of(stage, elements.tolist()),
        titles=_titles(look, worst, place),
        descriptions=_descriptions(look, worst, place),
        suggestion=_suggestion(look, worst),
        data={
            "inverted_days": worst.days,
            "other_places": worst.places,
            "agree_share": round(worst.agree, 3),
            "order": "project" if worst.agree > 0 else "usual",
            "tasks_out_of_order": len(heap),
        },
    )


def _elements(stage: Stage, task: int) -> I64:
    links = stage.links
    low, high = np.searchsorted(links.task, [task, task + 1])
    found: I64 = links.element[low:high].astype(np.int64)
    return found


def _titles(look: _Look, pair: _Inversion, place: str) -> dict[str, str]:
    early, late = (look.stage.schedule.tasks[t].name for t in (pair.early, pair.late))
    days = days_text(pair.days)
    where = both(f"{place}：", f"{place}: ") if place else both("", "")
    return both(
        f"{where['zh-CN']}「{early}」比「{late}」早开工 {days['zh-CN']}，先后颠倒",
        f"{where['en']}“{early}” starts {days['en']} before “{late}”: out of order",
    )


def _descriptions(look: _Look, pair: _Inversion, place: str) -> dict[str, str]:
    early, late = (look.stage.schedule.tasks[t].name for t in (pair.early, pair.late))
    first, second = (
        both(*look.stage.dates.said(look.stage.path.start[t])) for t in (pair.early, pair.late)
    )
    if pair.agree > 0:
        count = round(pair.agree * pair.places)
        why = both(
            f"其他 {pair.places} 个楼层或分区中有 {count} 个是先「{late}」类工序，后「{early}」类工序。",
            f"In {count} of {pair.places} other places the work of “{late}” starts first.",
        )
    else:
        why = both(
            "按通常工种顺序应在其后；若有意如此，可在项目设置中声明。",
            "The usual order of trades puts it after; declare the pair free if this is meant.",
        )
    here = place or "此处"
    return both(
        f"{here}「{early}」{first['zh-CN']}开工，「{late}」{second['zh-CN']}才开工。{why['zh-CN']}",
        f"“{early}” starts on {first['en']}, “{late}” only on {second['en']}. {why['en']}",
    )


def _suggestion(look: _Look, pair: _Inversion) -> dict[str, str]:
    """Swap the two, or move the early one where its float allows."""
    crews = look.crews
    early, late = (look.stage.schedule.tasks[t].name for t in (pair.early, pair.late))
    row = crews.calendar[[pair.early]]
    shift = float(
        crews.worked.count(row, row, crews.start[[pair.early]], crews.finish[[pair.late]])[0]
    )
    if 0 < shift <= crews.float_days(pair.early):
        move = days_text(shift)
        return both(
            f"「{early}」推迟 {move['zh-CN']}，排到「{late}」之后（总时差够用）",
            f"Move “{early}” by {move['en']} to follow “{late}” (its float allows it)",
        )
    return both(
        f"核对两道工序的日期，必要时对调「{early}」与「{late}」",
        f"Check the dates of both; swap “{early}” and “{late}” where needed",
    )
