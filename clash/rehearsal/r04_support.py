"""R04: work that starts before what carries it is there."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from bimcore.arrays import I64, Mask
from bimcore.schedule import LinkType
from clash.rehearsal.base import Card, Found, Parameter, Risk, Stage
from clash.rehearsal.carried import (
    NEVER,
    Bearings,
    Standing,
    Workdays,
    bearings_of,
    propped,
    standing_of,
)
from clash.rehearsal.dates import days_from, last_day
from clash.rehearsal.late_columns import LateColumns, late_columns
from clash.rehearsal.telling import (
    at_place,
    box_of,
    later,
    mean_confidence,
    quoted,
    storey_of,
    things,
)
from clash.rehearsal.until import end_of_plan
from clash.rehearsal.works import of_kind
from clash.texts import both

CARD = Card(
    id="R04",
    version=2,
    weight=1.0,
    name_zh="支承未就位先施工",
    name_en="Before its support",
    zh="构件开工时，承托它的构件还没有完成。",
    en="An element is started while what carries it is not there.",
    parameters=(
        Parameter(
            key="R04.lost_share",
            value=0.5,
            zh="缺少的支承超过此比例才报告",
            en="share of the bearing that must be missing",
        ),
        Parameter(
            key="R04.full_days",
            value=10.0,
            zh="差距达到此工作日数时按最严重计",
            en="working days of gap that count in full",
        ),
    ),
)
#: Weight of what is filled in, fixed to or hung from the structure.
FILLING = 0.7
#: How :class:`clash.rehearsal.base.Contacts` calls what is held from the side.
HELD_SIDEWAYS = 2
#: Confidence of the geometry where an element is not carried from below but hung or held.
HELD = 0.8


@dataclass(frozen=True, slots=True, kw_only=True)
class Lack:
    """An element whose bearing is missing when its work starts.

    Attributes
    ----------
    element : int
    missing : tuple of int
        What is not there yet, or not any more.
    decisive : int
        Of these the one with which enough bearing is there; the largest where none comes.
    lost : float
        Part of the bearing that is missing, 0 to 1.
    window : pair of datetime64[m]
        From the start of the element until enough is there.
    certain : bool
    held : bool
        It hangs from or is set into the missing, not carried from below.
    late : LateColumns or None
        Most of the bearing is there, but nothing at the spot of these columns.

    """

    element: int
    missing: tuple[int, ...]
    decisive: int
    lost: float
    window: tuple[np.datetime64, np.datetime64]
    certain: bool
    held: bool
    late: LateColumns | None = None


def find(stage: Stage) -> Found:
    """One risk for each pair of tasks and storey."""
    standing = standing_of(stage)
    days = Workdays.of(stage.schedule)
    groups: dict[tuple[int, int, str], list[Lack]] = defaultdict(list)
    for lack in lacks(stage, standing):
        task = int(standing.first[lack.element])
        other = _awaited(stage, standing, lack)
        if all(t >= 0 and stage.schedule.tasks[t].complete >= 1.0 for t in (task, other)):
            # both are done, in whatever order it was
            continue
        groups[task, other, storey_of(stage, lack.element)].append(lack)
    walls = stage.roles["wall"]
    kept = [key for key in sorted(groups) if not _fringe(stage, walls, key[0], groups[key])]
    return Found(risks=tuple(_risk(stage, key, groups[key], days) for key in kept))


def _fringe(stage: Stage, walls: Mask, task: int, group: list[Lack]) -> bool:
    """Whether only some walls of a task lack what they hang from, as bulkheads under a roof.

    "Walls of the storey" names the walls that stand; the few that hang are fitted later.
    """
    few = 2 * len(group) < int((stage.links.task == task).sum())
    return few and all(k.held and walls[k.element] for k in group)


def lacks(stage: Stage, standing: Standing) -> Iterator[Lack]:
    """All elements that start without their bearing, in their order."""
    limit = float(stage.profile["R04.lost_share"])
    bearings = bearings_of(stage)
    dated = stage.lifetimes.dated & ~stage.lifetimes.temporary
    appear = standing.starts
    absent = _absent(stage, standing, bearings.below, bearings.above)
    lost = np.bincount(bearings.above, bearings.share * absent, minlength=len(appear))
    sure = _told(stage, standing, bearings.below, bearings.above)
    held_up = propped(stage, standing, appear)
    carries = np.diff(bearings.start) > 0
    found = dated & sure & ~held_up & (lost > limit + 1e-9)
    hosts = _hosts(stage)
    for element in np.flatnonzero(dated & ~held_up).tolist():
        if found[element]:
            rows = bearings.of(element)
            lack = _lack(bearings, rows, absent[rows], standing, element, limit)
            if lack is not None and not _still_hung(stage, standing, hosts, element):
                yield lack
        elif element in hosts:
            lack = _unhosted(
                stage, standing, hosts[element], element, carried=bool(carries[element])
            )
            if lack is not None:
                yield lack
    for late in late_columns(stage, standing, bearings):
        if not found[late.element] and not held_up[late.element]:
            yield _of_columns(late, standing, lost=float(lost[late.element]))


def _of_columns(one: LateColumns, standing: Standing, *, lost: float) -> Lack:
    return Lack(
        element=one.element,
        missing=one.columns,
        decisive=one.columns[0],
        lost=lost,
        window=one.window,
        certain=not standing.unsure[[one.element, *one.columns]].any(),
        held=False,
        late=one,
    )


def _absent(stage: Stage, standing: Standing, below: I64, above: I64) -> Mask:
    """Edges (S,) whose carrier is not there when the other starts; never within one task."""
    start = standing.starts[above]
    absent = (standing.bears[below] > start) | (standing.gone[below] <= start)
    tasks = stage.lifetimes.task
    same = tasks[above] == np.where(
        tasks[below] == tasks[above], tasks[below], standing.last[below]
    )
    # cast together: the task that makes the carrier also completes what it carries
    same |= (standing.last[above] == tasks[below]) & (tasks[below] >= 0)
    same |= _cast_at_once(stage, standing, below, above)
    found: Mask = absent & ~same & ~_flowing(stage, standing, below, above)
    return found


def _cast_at_once(stage: Stage, standing: Standing, below: I64, above: I64) -> Mask:
    """Edges (S,) whose forms follow each other and whose concrete is poured by one task.

    Forms of the slab stand on props of their own while the walls below wait for that pour.
    """
    pours = np.append(of_kind(stage.schedule, "pour"), [False])
    last = standing.last[below]
    found: Mask = pours[last] & (last == standing.last[above])
    return found & (standing.starts[below] < standing.starts[above])


def _flowing(stage: Stage, standing: Standing, below: I64, above: I64) -> Mask:
    """Edges (S,) of two tasks of several elements each that the planner lets run side by side.

    A link of starts, or a lead, from the carrier's task says that the one follows the other
    through the building: which element is done when cannot be told from the two bars.
    """
    count = len(stage.schedule.tasks)
    follows = {
        link.predecessor * count + link.successor
        for link in stage.schedule.links
        if link.type in (LinkType.SS, LinkType.FF) or link.lag.value < 0
    }
    if not follows:
        return np.zeros(len(below), dtype=np.bool_)
    tasks = stage.lifetimes.task.astype(np.int64)
    size = np.bincount(tasks[tasks >= 0], minlength=count)
    pair = standing.last[below].astype(np.int64) * count + tasks[above]
    linked = np.isin(pair, np.array(sorted(follows), dtype=np.int64))
    built = (tasks[below] >= 0) & (tasks[above] >= 0)
    many = (size[tasks[below]] > 1) & (size[tasks[above]] > 1)
    found: Mask = linked & built & many & (standing.starts[below] < standing.starts[above])
    return found


def _told(stage: Stage, standing: Standing, below: I64, above: I64) -> Mask:
    """Elements (E,) of whose carriers some have dates, and none is there by silence alone."""
    count = len(standing.starts)
    dated = stage.lifetimes.dated[below] | (standing.gone[below] < NEVER)
    silent = np.bincount(above[~dated], minlength=count) > 0
    found: Mask = (np.bincount(above[dated], minlength=count) > 0) & ~silent
    return found


def _lack(
    bearings: Bearings, rows: slice, absent: Mask, standing: Standing, element: int, limit: float
) -> Lack | None:
    below, share = bearings.below[rows][absent], bearings.share[rows][absent]
    start = standing.starts[element]
    comes = np.where(standing.gone[below] <= start, NEVER, standing.bears[below])
    order = np.lexsort((-share, comes))
    left = share.sum() - np.cumsum(share[order])
    enough = int(np.argmax(left <= limit + 1e-9))
    end = min(comes[order[enough]], standing.gone[element])
    decisive = order[enough] if comes[order[enough]] < NEVER else int(np.argmax(share))
    later_ = (standing.starts[below] >= standing.ready[element]) | (comes >= NEVER)
    if end <= start:
        return None
    return Lack(
        element=element,
        missing=tuple(below.tolist()),
        decisive=int(below[decisive]),
        lost=float(share.sum()),
        window=(start, end),
        certain=bool(share[later_ & ~standing.unsure[below]].sum() > limit + 1e-9)
        and not standing.unsure[element],
        held=False,
    )


def _hosts(stage: Stage) -> dict[int, list[tuple[int, int]]]:
    """Hosts of each guest, with how they hold it.

    Services, linings and furniture that only touch a wall hang from things nobody drew: the
    wall is as often built round them as they are fixed to it.
    """
    contacts = stage.contacts
    loose = stage.roles.any_of("services", "covering", "furniture")
    counts = (contacts.kind != HELD_SIDEWAYS) | ~loose[contacts.guest]
    found: dict[int, list[tuple[int, int]]] = defaultdict(list)
    columns = (contacts.guest[counts], contacts.host[counts], contacts.kind[counts])
    for guest, host, kind in zip(*(c.tolist() for c in columns), strict=True):
        found[guest].append((kind, host))
    return found


def _still_hung(
    stage: Stage, standing: Standing, hosts: dict[int, list[tuple[int, int]]], element: int
) -> bool:
    """Whether something that does not carry by itself hangs from or is held by what is there."""
    if stage.contacts.structural[element]:
        return False
    start = standing.starts[element]
    return any(
        standing.bears[host] <= start < standing.gone[host] for _, host in hosts.get(element, ())
    )


def _unhosted(
    stage: Stage,
    standing: Standing,
    hosts: list[tuple[int, int]],
    element: int,
    *,
    carried: bool,
) -> Lack | None:
    """What is set into a host needs that host; what only hangs or leans needs any of them."""
    needed = [host for kind, host in hosts if kind == 0]
    if not needed and (carried or stage.contacts.grounded[element]):
        return None
    needed = needed or [host for _, host in hosts]
    start, tasks = standing.starts[element], stage.lifetimes.task
    if any(not stage.lifetimes.dated[h] and standing.gone[h] >= NEVER for h in needed):
        return None
    if any(tasks[h] == tasks[element] or standing.last[h] == tasks[element] for h in needed):
        return None
    if any(standing.bears[h] <= start < standing.gone[h] for h in needed):
        return None
    comes = [NEVER if standing.gone[h] <= start else standing.bears[h] for h in needed]
    first = int(np.argmin(np.array(comes)))
    end = min(comes[first], standing.gone[element])
    if end <= start:
        return None
    return Lack(
        element=element,
        missing=tuple(sorted(needed)),
        decisive=needed[first],
        lost=1.0,
        window=(start, end),
        certain=all(
            standing.starts[h] >= standing.ready[element] or c >= NEVER
            for h, c in zip(needed, comes, strict=True)
        ),
        held=True,
    )


def _awaited(stage: Stage, standing: Standing, lack: Lack) -> int:
    """The task that the element waits for; the removal where its carrier is taken away."""
    element = lack.decisive
    if standing.gone[element] <= lack.window[0]:
        return int(stage.lifetimes.removal[element])
    return int(standing.last[element])


def _risk(stage: Stage, key: tuple[int, int, str], group: list[Lack], days: Workdays) -> Risk:
    task, other, place = key
    elements = tuple(sorted(k.element for k in group))
    others = tuple(sorted({m for k in group for m in k.missing}))
    window = (min(k.window[0] for k in group), max(k.window[1] for k in group))
    full = float(stage.profile["R04.full_days"])
    gaps = {k.element: days.within(task, k.window) for k in group}
    endless = bool(window[1] >= NEVER)
    strengths = [
        (k.lost if k.late is None else k.late.strength)
        * (0.5 + 0.5 * (1.0 if k.window[1] >= NEVER else min(1.0, gaps[k.element] / full)))
        for k in group
    ]
    certain = any(k.certain for k in group)
    link = mean_confidence(stage, elements) * mean_confidence(stage, others)
    shape = HELD if all(k.held for k in group) else 1.0
    bears = stage.contacts.structural[list(elements)].any()
    gap = max(gaps.values())
    free = max((k.late.free for k in group if k.late), default=0.0)
    free = free if all(k.late for k in group) else 0.0
    state = _State(certain=certain, endless=endless, gap=gap, free=free)
    zh, en = _sentence(stage, key, elements, others, state)
    return Risk(
        rule=CARD.id,
        weight=1.0 if bears else FILLING,
        magnitude=max(strengths),
        confidence=link * shape * (1.0 if certain else 0.5),
        certain=certain,
        tasks=(task,) if other < 0 else (task, other),
        elements=elements,
        others=others,
        window=(window[0], end_of_plan(stage, window[1])),
        place=place,
        witness=box_of(stage, elements),
        titles=_title(stage, place, elements, others),
        descriptions=both(zh, en),
        suggestion={} if endless else _advice(stage, task, window),
        data={
            "lost_share": round(max(k.lost for k in group), 3),
            "gap_working_days": round(gap, 2),
            "limit_lost_share": stage.profile["R04.lost_share"],
            **({"free_m": round(free, 2)} if free else {}),
            "card_version": CARD.version,
        },
    )


def _title(
    stage: Stage, place: str, elements: tuple[int, ...], others: tuple[int, ...]
) -> dict[str, str]:
    what, carriers = things(stage, elements), things(stage, others)
    zh, _ = at_place(place)
    return both(
        f"{zh}{what[0]}先于支承构件（{carriers[0]}）开工",
        f"{what[1]}{at_place(place)[1]} started before what carries it ({carriers[1]})",
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _State:
    """How sure it is, whether it ever ends, after how many working days, and where else it rests.

    `free` is in metres round late columns; 0 where most of the bearing is missing.
    """

    certain: bool
    endless: bool
    gap: float
    free: float


def _sentence(
    stage: Stage,
    key: tuple[int, int, str],
    elements: tuple[int, ...],
    others: tuple[int, ...],
    state: _State,
) -> tuple[str, str]:
    task, other, place = key
    what, carriers = things(stage, elements), things(stage, others)
    own = quoted(stage, task)
    begins = stage.dates.said(stage.path.start[task])
    at_zh, at_en = at_place(place)
    zh = f"{at_zh}{what[0]}由{own[0]}于{begins[0]}开工，"
    en = f"{what[1]}{at_en} starts on {begins[1]} by {own[1]}."
    waits = quoted(stage, other) if other >= 0 else ("", "")
    if state.endless:
        zh += f"但承托它的{carriers[0]}已由{waits[0]}拆除，之后没有别的支承。"
        en += f" What carries it ({carriers[1]}) has been taken away by {waits[1]} by then."
    else:
        done = stage.dates.said_last(stage.path.finish[other])
        number = f"{state.gap:.1f}".removesuffix(".0")
        doubt = ("没有支承", "It stands on nothing")
        if not state.certain:
            doubt = ("可能没有支承", "It may stand on nothing")
        if state.free > 0:
            near = f"{state.free:.1f}"
            doubt = (
                f"柱位 {near} 米内没有别的支承",
                f"Nothing else carries it within {near} m there",
            )
        zh += f"承托它的{carriers[0]}要到{done[0]}才由{waits[0]}完成：{doubt[0]}，差 {number} 个工作日。"
        en += (
            f" What carries it ({carriers[1]}) is not complete before the end of {done[1]} by "
            f"{waits[1]}. {doubt[1]} for {number} working days."
        )
    if not state.certain:
        zh += "两项工序时间重叠，请确认各构件的先后。"
        en += " The two tasks overlap: check which element comes first."
    return zh, en


def _advice(stage: Stage, task: int, window: tuple[np.datetime64, np.datetime64]) -> dict[str, str]:
    days = days_from(window[0], last_day(window[1])) + 1
    return later(
        stage, task, days=days, what=("等支承构件完成", "after what carries it is complete")
    )
