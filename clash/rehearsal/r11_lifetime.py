"""R11: bodies that meet only for a while, and carriers taken away under load."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from bimcore.arrays import F64, I64, Mask
from bimcore.model import Scene
from clash.engine import detect
from clash.rehearsal.among_props import among_props
from clash.rehearsal.base import Card, Found, Parameter, Risk, Stage
from clash.rehearsal.carried import (
    EVER,
    NEVER,
    Standing,
    Workdays,
    bearings_of,
    standing_of,
)
from clash.rehearsal.dates import days_from, last_day
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
from clash.relevance import Reason, suppress
from clash.result import HARD
from clash.rules import Rule, RuleKind, RuleSet, Selector
from clash.texts import both

CARD = Card(
    id="R11",
    version=2,
    weight=0.7,
    name_zh="阶段性碰撞与拆除顺序",
    name_en="Lifetime clash and removal order",
    zh="临时或待拆构件与其他构件同时存在时相撞，支撑未拆就在其间砌墙，或构件仍在承重就被拆除。",
    en="Temporary or existing bodies, props among them, are in the way of others, or go while they "
    "still carry.",
    parameters=(
        Parameter(
            key="R11.tolerance_m",
            value=0.02,
            zh="相交不超过此深度算接触",
            en="bodies that share space no deeper than this touch",
        ),
        Parameter(
            key="R11.seat_m",
            value=0.1,
            zh="临时支撑、脚手架等可伸入其支承面的深度",
            en="depth that props and scaffold may reach into what they stand on or hold",
        ),
        Parameter(
            key="R11.full_m",
            value=0.1,
            zh="相交达到此深度按最严重计",
            en="depth that counts in full",
        ),
        Parameter(
            key="R11.full_days",
            value=5.0,
            zh="同时存在达到此工作日数按最严重计",
            en="working days together that count in full",
        ),
        Parameter(
            key="R11.lost_share",
            value=0.5,
            zh="拆除后失去的支承超过此比例才报告",
            en="share of the bearing that must be taken away",
        ),
    ),
)
#: Weight of demolition under load.
UNDER_LOAD = 1.0
#: Reasons for which bodies may share space whoever of them stays: no joints of the building.
_MEANT = (
    "relation.part-of",
    "relation.fills",
    "relation.covers",
    "relation.ports",
    "run.joint",
    "run.inline",
    "run.carried",
    "run.insulation",
    "run.support",
    "run.hanger",
    "opening.provision",
    "opening.fit",
    "embedded.part",
    "embedded.cast",
    "embedded.line",
    "joint.mouth",
    "finish.floor",
    "fixture.cabinet",
    "opener.uncut",
    "stands.in",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Meeting:
    """Two bodies that share space while both stand, the one that leaves first."""

    leaving: int
    other: int
    depth: float
    window: tuple[np.datetime64, np.datetime64]
    certain: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class _Loss:
    """An element that loses its bearing by removals while it stands."""

    element: int
    removed: tuple[int, ...]
    lost: float
    window: tuple[np.datetime64, np.datetime64]
    certain: bool


def find(stage: Stage) -> Found:
    """One risk for each pair of tasks and storey, of either kind."""
    standing, days = standing_of(stage), Workdays.of(stage.schedule)
    meetings: dict[tuple[int, int, str], list[_Meeting]] = defaultdict(list)
    for one in _meetings(stage, standing):
        key = (_task(stage, one.other), _task(stage, one.leaving), storey_of(stage, one.other))
        meetings[key].append(one)
    losses: dict[tuple[int, int, str], list[_Loss]] = defaultdict(list)
    for loss in _losses(stage, standing):
        removal = stage.lifetimes.removal
        # one demolition, whoever built what stands on it
        taken, own = int(removal[loss.removed[0]]), int(removal[loss.element])
        losses[taken, own, storey_of(stage, loss.element)].append(loss)
    risks = [_clash(stage, key, meetings[key], days) for key in sorted(meetings)]
    risks += [_demolition(stage, key, losses[key], days) for key in sorted(losses)]
    risks += among_props(stage, CARD)
    return Found(risks=tuple(risks))


def _task(stage: Stage, element: int) -> int:
    """The task that builds an element, else the one that takes it away."""
    life = stage.lifetimes
    return int(life.task[element]) if life.task[element] >= 0 else int(life.removal[element])


def _meetings(stage: Stage, standing: Standing) -> Iterator[_Meeting]:
    """Bodies one of which does not stay, and that share space while both are there."""
    contacts = stage.contacts
    leaves = (standing.gone < NEVER) | stage.lifetimes.temporary
    near = (contacts.gap <= 0) & (leaves[contacts.a] | leaves[contacts.b])
    a, b = contacts.a[near].astype(np.int64), contacts.b[near].astype(np.int64)
    tasks = stage.lifetimes.task
    start = np.maximum(standing.starts[a], standing.starts[b])
    end = np.minimum(standing.gone[a], standing.gone[b])
    keep = (start < end) & ((tasks[a] != tasks[b]) | (tasks[a] < 0))
    # what stood side by side before the plan begins, stood side by side
    keep &= start > EVER
    a, b, start, end = a[keep], b[keep], start[keep], end[keep]
    depth = _depths(stage, a, b)
    seat, touch = (float(stage.profile[f"R11.{k}"]) for k in ("seat_m", "tolerance_m"))
    for row in np.flatnonzero(depth > np.where(_seats(stage, a, b), seat, touch)).tolist():
        i, j = int(a[row]), int(b[row])
        first = i if (standing.gone[i], not leaves[i]) <= (standing.gone[j], not leaves[j]) else j
        other = j if first == i else i
        yield _Meeting(
            leaving=first,
            other=other,
            depth=float(depth[row]),
            window=(start[row], end[row]),
            certain=bool(standing.leaves[first] > start[row]),
        )


def _depths(stage: Stage, a: I64, b: I64) -> F64:
    """How deep pairs (N,) share space; 0 for what is meant to."""
    found = np.zeros(len(a))
    if not len(a):
        return found
    scene, place = _part(stage.scene, np.unique(np.concatenate([a, b])))
    tolerance = float(stage.profile["R11.tolerance_m"])
    rule = Rule(
        id="lifetime", left=Selector(), right=Selector(), kind=RuleKind.HARD, tolerance=tolerance
    )
    rules = RuleSet(rules=(rule,))
    clashes = detect(scene, rules)
    clashes = clashes.take(np.isin(clashes.relation, HARD))
    reasons = suppress(scene, clashes, rules)
    new = _built_to_stay(stage)[np.unique(np.concatenate([a, b]))]
    joint = new[clashes.a] & new[clashes.b]
    meant = np.array(
        [_is_meant(reasons.of(k), joint=bool(joint[k])) for k in range(len(clashes))], dtype=bool
    )
    depth = {
        (int(x), int(y)): float(d)
        for x, y, d in zip(
            clashes.a[~meant].tolist(),
            clashes.b[~meant].tolist(),
            clashes.depth[~meant].tolist(),
            strict=True,
        )
    }
    rows = zip(place[a].tolist(), place[b].tolist(), strict=True)
    for k, (x, y) in enumerate(rows):
        found[k] = depth.get((min(x, y), max(x, y)), 0.0)
    return found


def _built_to_stay(stage: Stage) -> Mask:
    """Elements (E,) that the plan builds for good, even if it takes them away later."""
    found: Mask = stage.lifetimes.dated & ~stage.lifetimes.temporary
    return found


def _is_meant(reason: Reason | None, *, joint: bool) -> bool:
    """Whether bodies may share space; joints count between what is built together."""
    return reason is not None and (joint or reason.id in _MEANT)


def _part(scene: Scene, rows: I64) -> tuple[Scene, I64]:
    """A scene of some elements, and where each element of the whole stands in it."""
    wanted = np.zeros(len(scene), dtype=np.bool_)
    wanted[rows] = True
    starts = scene.element_start
    models = [m.subset(wanted[starts[k] : starts[k + 1]]) for k, m in enumerate(scene.models)]
    place = np.cumsum(wanted) - 1
    return Scene.of(models, frame=scene.frame), place.astype(np.int64)


def _seats(stage: Stage, a: I64, b: I64) -> Mask:
    """Pairs (N,) of a prop, a scaffold or its tie and what it stands on, holds or hangs from."""
    contacts, count = stage.contacts, len(stage.contacts.grounded)
    first = np.concatenate([contacts.below, contacts.host]).astype(np.int64)
    other = np.concatenate([contacts.above, contacts.guest]).astype(np.int64)
    joined = np.minimum(first, other) * count + np.maximum(first, other)
    temporary = stage.lifetimes.temporary
    found: Mask = np.isin(a * count + b, joined) & (temporary[a] | temporary[b])
    return found


def _losses(stage: Stage, standing: Standing) -> Iterator[_Loss]:
    """Elements that stand on when most of what carries them has been taken away."""
    limit = float(stage.profile["R11.lost_share"])
    bearings = bearings_of(stage)
    removed = standing.gone[bearings.below] < NEVER
    for element in np.unique(bearings.above[removed]).tolist():
        rows = bearings.of(element)
        loss = _loss(standing, element, (bearings.below[rows], bearings.share[rows]), limit)
        if loss is not None and not _held_by_props(stage, standing, loss):
            yield loss


def _loss(
    standing: Standing, element: int, carriers: tuple[I64, F64], limit: float
) -> _Loss | None:
    below, share = carriers
    order = np.argsort(standing.leaves[below], kind="stable")
    for k in order.tolist():
        when = standing.leaves[below[k]]
        if when >= min(standing.gone[element], NEVER):
            return None
        absent = (standing.leaves[below] <= when) | (standing.bears[below] > when)
        left = share[~absent].sum()
        if standing.starts[element] >= when or 1.0 - left <= limit + 1e-9:
            continue
        comes = standing.bears[below[absent & (standing.leaves[below] > when)]]
        held = [t for t in np.sort(comes) if _held_at(standing, below, share, t) >= 1.0 - limit]
        end = min([standing.gone[element], *held[:1]])
        gone = tuple(int(s) for s in below[absent & (standing.leaves[below] <= when)])
        # certain when the element is not itself being taken away at that time
        certain = bool(min(standing.gone[below[k]], end) <= standing.leaves[element])
        first = (int(below[k]), *(s for s in gone if s != int(below[k])))
        return _Loss(
            element=element,
            removed=first,
            lost=float(1.0 - left),
            window=(when, end),
            certain=certain,
        )
    return None


def _held_at(standing: Standing, below: I64, share: F64, when: np.datetime64) -> float:
    there = (standing.bears[below] <= when) & (standing.leaves[below] > when)
    return float(share[there].sum())


def _held_by_props(stage: Stage, standing: Standing, loss: _Loss) -> bool:
    """Whether something temporary carries the element when the removal starts."""
    contacts = stage.contacts
    under = contacts.below[contacts.above == loss.element]
    under = under[stage.lifetimes.temporary[under]]
    when = loss.window[0]
    return bool(((standing.ready[under] <= when) & (standing.gone[under] > when)).any())


def _clash(stage: Stage, key: tuple[int, int, str], group: list[_Meeting], days: Workdays) -> Risk:
    task, other, place = key
    elements = tuple(sorted({m.other for m in group}))
    others = tuple(sorted({m.leaving for m in group}))
    window = (min(m.window[0] for m in group), max(m.window[1] for m in group))
    shown = (window[0], end_of_plan(stage, window[1]))
    depth = max(m.depth for m in group)
    number = days.within(task, shown)
    strength = min(1.0, depth / float(stage.profile["R11.full_m"]))
    strength *= min(1.0, number / float(stage.profile["R11.full_days"]))
    certain = any(m.certain for m in group)
    link = mean_confidence(stage, elements) * mean_confidence(stage, others)
    what, way = things(stage, elements), things(stage, others)
    zh, en = at_place(place)
    return Risk(
        rule=CARD.id,
        weight=CARD.weight,
        magnitude=strength,
        confidence=link * (1.0 if certain else 0.5),
        certain=certain,
        tasks=tuple(dict.fromkeys(t for t in (task, other) if t >= 0)),
        elements=elements,
        others=others,
        window=shown,
        place=place,
        witness=box_of(stage, elements),
        titles=both(
            f"{zh}{what[0]}与尚在现场的{way[0]}相撞", f"{what[1]}{en} meet {way[1]} still there"
        ),
        descriptions=_meeting_text(stage, (task, other), (what, way), shown, depth),
        suggestion=_after_leaving(stage, task, window),
        data={
            "depth_m": round(depth, 3),
            "working_days": round(number, 2),
            "tolerance_m": stage.profile["R11.tolerance_m"],
            "card_version": CARD.version,
        },
        key=("clash",),
    )


def _meeting_text(
    stage: Stage,
    tasks: tuple[int, int],
    what: tuple[tuple[str, str], tuple[str, str]],
    window: tuple[np.datetime64, np.datetime64],
    depth: float,
) -> dict[str, str]:
    task, other = tasks
    own, way = what
    when = stage.dates.between(window)
    by = quoted(stage, task) if task >= 0 else ("既有", "existing")
    of = quoted(stage, other) if other >= 0 else ("既有", "existing")
    return both(
        f"{own[0]}（{by[0]}）与{way[0]}（{of[0]}）在{when[0]}同时在场，"
        f"位置重叠 {depth * 1000:.0f} mm；完工后没有这个冲突。",
        f"{own[1]} ({by[1]}) and {way[1]} ({of[1]}) are both there from {when[1]} "
        f"and share space {depth * 1000:.0f} mm deep; when all is built they do not.",
    )


def _after_leaving(
    stage: Stage, task: int, window: tuple[np.datetime64, np.datetime64]
) -> dict[str, str]:
    if task < 0 or window[1] >= NEVER or stage.path.start[task] > window[0]:
        return {}
    days = days_from(stage.path.start[task], last_day(window[1])) + 1
    return later(stage, task, days=days, what=("等其拆除后", "after it has been taken away"))


def _demolition(
    stage: Stage, key: tuple[int, int, str], group: list[_Loss], days: Workdays
) -> Risk:
    task, other, place = key
    elements = tuple(sorted({m.element for m in group}))
    removed = tuple(sorted({r for m in group for r in m.removed}))
    window = (min(m.window[0] for m in group), max(m.window[1] for m in group))
    shown = (window[0], end_of_plan(stage, window[1]))
    certain = any(m.certain for m in group)
    number = days.within(task, shown)
    strength = max(m.lost for m in group)
    strength *= 0.5 + 0.5 * min(1.0, number / (2 * float(stage.profile["R11.full_days"])))
    what, gone = things(stage, elements), things(stage, removed)
    zh, en = at_place(place)
    by, begins = quoted(stage, task), stage.dates.said(window[0])
    return Risk(
        rule=CARD.id,
        weight=UNDER_LOAD,
        magnitude=strength,
        confidence=(1.0 if certain else 0.5)
        * mean_confidence(stage, elements)
        * mean_confidence(stage, removed),
        certain=certain,
        tasks=tuple(dict.fromkeys(t for t in (task, other) if t >= 0)),
        elements=elements,
        others=removed,
        window=shown,
        place=place,
        witness=box_of(stage, removed),
        titles=both(
            f"{zh}拆除{gone[0]}时{what[0]}仍压在上面",
            f"{gone[1]} taken away while {what[1]}{en} still stand on them",
        ),
        descriptions=both(
            f"{by[0]}自{begins[0]}起拆除{gone[0]}，而{what[0]}仍由其承托，没有安排临时支撑。",
            f"{by[1]} takes away {gone[1]} from {begins[1]}; {what[1]} still rest on them and no "
            "temporary support is planned.",
        ),
        suggestion=both(
            "先拆上部构件，或在拆除前加临时支撑任务。",
            "Take down what rests on them first, or add a task for temporary support before.",
        ),
        data={
            "lost_share": round(max(m.lost for m in group), 3),
            "working_days": round(number, 2),
            "limit_lost_share": stage.profile["R11.lost_share"],
            "card_version": CARD.version,
        },
        key=("demolition",),
    )
