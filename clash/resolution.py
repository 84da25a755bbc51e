"""The way out of each conflict: the shortest move that clears it, proved by the core."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from bimcore.arrays import F64, I64, Mask
from bimcore.model import Scene
from clash.candidates import Candidates, candidates
from clash.grouping import Group, Groups
from clash.moving import MANY, Carried, Joint, Moving, Pool
from clash.relevance import Suppressions
from clash.report import asked_gap
from clash.result import HARD, ClashSet, Measured, Relation
from clash.rules import RuleSet
from clash.severity import severity_of
from clash.trials import LEFT, Block, Proving, Trial, Way

#: Metres; a longer move is another design.
FURTHEST = 0.300
#: Moves of one conflict that are sent to the core round by round.
ROUNDS = (3, 5, 8, 14, 14, 14, 14, 14)
#: Metres between the moves at which a conflict is looked at to see whether it clears.
GLIMPSE = 0.050
#: Pairs of boxes looked at in all trials of a review: at least this many, or half as many
#: as the review itself looked at.
LEAST_PAIRS = 10_000
#: Groups that are looked at in a review.
MOST = 200
#: Pairs of boxes in one run of the core, which bounds memory.
_BATCH = 20_000
#: Elements named as being in the way.
_NAMED = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Resolution:
    """What can be said about moving one side of a group.

    Attributes
    ----------
    verdict : str
        ``"found"``, ``"none"`` (of the moves tried) or ``"not_assessed"``.
    why : str
        ``""`` when found; ``"blocked"`` or ``"too_deep"`` when none; else ``"immovable"``,
        ``"twice"``, ``"seated"``, ``"joined"``, ``"many"``, ``"stopped"`` or ``"budget"``.
    translation : tuple of float or None
        Metres in the project frame.
    length : float
        Metres.
    along : float
        Cosine between the move and the longest axis of the first element moved, 0 to 1.
    movers : tuple of int
        Elements of the group that give way; empty when neither side can.
    moved : tuple of int
        Elements that move, those of the group first.
    joints : tuple of Joint
        What stays and has to be fitted to them.
    blockers : tuple of int
        Elements most often in the way when there is none.
    tried : int
        Moves that the core was run on.

    """

    verdict: str
    why: str = ""
    translation: tuple[float, float, float] | None = None
    length: float = 0.0
    along: float = 0.0
    movers: tuple[int, ...] = ()
    moved: tuple[int, ...] = ()
    joints: tuple[Joint, ...] = ()
    blockers: tuple[int, ...] = ()
    tried: int = 0


@dataclass(eq=False)
class _Task:
    """The search for one side of one group."""

    group: int
    pool: Pool
    members: I64
    moves: Candidates
    ways: dict[int, Way] = field(default_factory=dict)
    best: int = -1
    rounds: int = 0
    tried: int = 0
    blocked: Counter[int] = field(default_factory=Counter)
    starved: bool = False
    doubt: float = 0.0

    @property
    def below(self) -> float:
        return float(self.moves.key[self.best]) if self.best >= 0 else np.inf

    def next(self) -> list[int]:
        """Moves to try in this round; none when the search is over."""
        if self.rounds >= len(ROUNDS):
            return []
        most = ROUNDS[self.rounds]
        if self.best < 0 and self.rounds > 1 and self.rounds % 2:
            return self.moves.halfway(most=most, below=self.below)
        return self.moves.nearest(most=most, below=self.below)

    def learn(self, move: int, blocks: Sequence[Block]) -> None:
        """Take in what the core said of one move."""
        self.tried += 1
        self.moves.alive[move] = False
        if not blocks:
            if self.moves.key[move] < self.below:
                self.best = move
            return
        which = int(self.moves.which[move])
        for block in blocks:
            everywhere = block.mover in self.pool.roots
            self.moves.rule_out(
                self.moves.shift[move], block.radius, which=None if everywhere else which
            )
            self.blocked[block.other] += 1


def resolve(
    scene: Scene,
    clashes: ClashSet,
    rules: RuleSet,
    suppressions: Suppressions,
    groups: Groups,
    *,
    allowed: Mask | None = None,
) -> tuple[Resolution, ...]:
    """Look for a way out of every group.

    A move is an answer when, with the bodies moved, the core finds none of the group's
    conflicts any more and nothing new that the review would show. The easier side is tried
    first, then the other. Of the moves tried the shortest is given; moves that the depth
    of a conflict rules out are not tried.

    Parameters
    ----------
    scene, clashes, rules, suppressions, groups
        The run.
    allowed : (M, M) bool, optional
        As in :func:`clash.engine.detect`.

    Returns
    -------
    tuple of Resolution
        One for each group, in their order.

    """
    moving = Moving.of(scene, clashes, suppressions)
    proving = Proving(moving, rules, allowed, FURTHEST)
    rows = np.array([r for g in groups.groups for r in g.rows], dtype=np.int64)
    ends = np.unique(np.concatenate([clashes.a[rows], clashes.b[rows]]))
    moving.shapes(ends[moving.movable[ends]])
    sides = [_sides(moving, g) for g in groups.groups]
    answers = [
        Resolution(verdict="not_assessed", why="twice" if _twice(moving, g) else "immovable")
        for g in groups.groups
    ]
    left = max(LEAST_PAIRS, clashes.candidates // 2)
    ranked = _ranked(proving, groups, [i for i, s in enumerate(sides) if s])
    for i in ranked[MOST:]:
        answers[i] = Resolution(verdict="not_assessed", why="budget", movers=sides[i][0])
    for turn in (0, 1):
        order = [i for i in ranked[:MOST] if len(sides[i]) > turn and _open(answers[i])]
        tasks = [_task(proving, i, groups.groups[i], sides[i][turn]) for i in order]
        _glimpse(proving, tasks)
        left = _search(proving, tasks, left)
        for task in tasks:
            answers[task.group] = _better(answers[task.group], _answer(task))
    return tuple(answers)


def _open(answer: Resolution) -> bool:
    return answer.verdict != "found"


def _ranked(proving: Proving, groups: Groups, numbers: list[int]) -> list[int]:
    """The groups that could be cleared, the most severe first where they are many."""
    if len(numbers) <= MOST:
        return numbers
    clashes = proving.moving.clashes
    asked = asked_gap(clashes, proving.rules)
    total = severity_of(proving.scene, clashes, asked=asked).total
    worst = {i: max(float(total[r]) for r in groups.groups[i].rows) for i in numbers}
    return sorted(numbers, key=lambda i: (-worst[i], i))


def _twice(moving: Moving, group: Group) -> bool:
    """Whether a group is, at its worst, one body modelled twice."""
    return bool(moving.clashes.relation[group.lead] == Relation.DUPLICATE)


def _sides(moving: Moving, group: Group) -> list[tuple[int, ...]]:
    """Sides of a group that can give way as a whole, the easier first."""
    if _twice(moving, group):
        return []
    sides = [tuple(dict.fromkeys(side)) for side in zip(*_ends(moving, group), strict=True)]
    usable = [s for s in sides if moving.movable[list(s)].all()]
    return sorted(usable, key=moving.gives_way)


def _ends(moving: Moving, group: Group) -> Iterator[tuple[int, int]]:
    """Each pair of a group, its anchor first."""
    anchors = set(group.anchors)
    for row in group.rows:
        a, b = int(moving.clashes.a[row]), int(moving.clashes.b[row])
        yield (a, b) if a in anchors else (b, a)


def _task(proving: Proving, number: int, group: Group, roots: tuple[int, ...]) -> _Task:
    """Set up the search, with what the review itself already rules out."""
    moving, clashes = proving.moving, proving.moving.clashes
    members, facing, ruled = [], [], []
    for (one, other), row in zip(_ends(moving, group), group.rows, strict=True):
        mover, host = (one, other) if one in roots else (other, one)
        members.append((mover, host))
        facing.append(clashes.direction[row])
        ruled.append(_ruled(proving, row))
    pairs = np.unique(np.array(members, dtype=np.int64), axis=0)
    pool = Pool.of(moving, roots, pairs[:, 1].tolist())
    moves = candidates(pool, pairs, facing, furthest=proving.furthest)
    task = _Task(number, pool, pairs, moves)
    task.blocked.update(pairs[:, 1].tolist())
    for radius, exact in sorted(ruled):
        if exact:
            moves.rule_out(np.zeros(3), radius)
    _keep_side(proving, task)
    task.doubt = max((radius for radius, exact in ruled if not exact), default=0.0)
    return task


def _keep_side(proving: Proving, task: _Task) -> None:
    """Leave out moves to the other side of a wall, floor or ceiling that is not touched now."""
    moving, roots = proving.moving, np.array(task.pool.roots)
    if not task.moves.carried:
        return
    way = proving.way(Carried(moved=task.pool.roots, joints=(), limit=np.inf))
    plates = way.around[moving.divides[way.around]]
    clashes = moving.clashes
    for one, other in ((clashes.a, clashes.b), (clashes.b, clashes.a)):
        plates = np.setdiff1d(plates, other[np.isin(one, roots)])
    plates = plates[moving.shapes(plates).thin]
    centres = task.pool.shapes.centre[[task.pool.place[r] for r in task.pool.roots]]
    task.moves.keep_side(centres, moving.shapes(plates))


def _ruled(proving: Proving, row: int) -> tuple[float, bool]:
    """Metres that a conflict is not cleared in, by what the review measured; whether proved."""
    clashes = proving.moving.clashes
    if clashes.relation[row] == Relation.CLEARANCE:
        return float(proving.tolerances[clashes.rule[row]] - clashes.distance[row]), True
    exact = clashes.relation[row] in HARD and clashes.measured[row] == Measured.EXACT
    return float(clashes.depth[row]) - LEFT, bool(exact)


def _glimpse(proving: Proving, tasks: Sequence[_Task]) -> None:
    """Rule out what a depth that is only a bound makes unlikely, but for what looks clear.

    Straight moves within that depth are tried against the conflicts alone; a notch or the
    web of a beam may be nearer than the bound says. Out of a wall or a slab the bound is
    the way, unless an opening is near, and moves into openings are never ruled out.
    """
    asked: list[tuple[_Task, int, Trial]] = []
    for task in tasks:
        if task.doubt <= 0.0:
            continue
        before = task.moves.alive.copy()
        task.moves.rule_out(np.zeros(3), task.doubt)
        if proving.moving.shapes(task.members[:, 1]).thin.all():
            continue
        ruled = before & ~task.moves.alive
        for move in task.moves.sample(spacing=GLIMPSE):
            if ruled[move]:
                trial = _trial(proving, task, move)
                seen = replace(trial, way=proving.glimpse(trial.way, task.members))
                asked.append((task, move, seen))
    for start in range(0, len(asked), _BATCH // 20):
        part = asked[start : start + _BATCH // 20]
        for (task, move, _), blocks in zip(
            part, proving.judge([t for _, _, t in part]), strict=True
        ):
            if not blocks:
                task.moves.allow(move, spacing=GLIMPSE)


def _search(proving: Proving, tasks: Sequence[_Task], left: int) -> int:
    """Try moves round by round until all tasks are done; pairs of boxes left over."""
    active = list(tasks)
    while active:
        batch: list[tuple[_Task, int, Trial]] = []
        pairs, going = 0, []
        for task in active:
            moves = task.next()
            if not moves:
                continue
            if left <= 0 or pairs > _BATCH:
                task.starved = left <= 0
                going += [] if task.starved else [task]
                continue
            for move in moves:
                trial = _trial(proving, task, move)
                cost = proving.near(trial)[1]
                pairs, left = pairs + cost, left - cost
                batch.append((task, move, trial))
            task.rounds += 1
            going.append(task)
        active = going
        if batch:
            found = proving.judge([t for _, _, t in batch])
            for (task, move, _), blocks in zip(batch, found, strict=True):
                task.learn(move, blocks)
    return left


def _trial(proving: Proving, task: _Task, move: int) -> Trial:
    which = int(task.moves.which[move])
    if which not in task.ways:
        task.ways[which] = proving.way(task.moves.carried[which])
    return Trial(way=task.ways[which], members=task.members, shift=task.moves.shift[move])


def _answer(task: _Task) -> Resolution:
    """What the search of one side found."""
    moves, roots = task.moves, task.pool.roots
    if task.best < 0:
        verdict, why = _without(task)
        blockers = [e for e, _ in sorted(task.blocked.items(), key=lambda kv: (-kv[1], kv[0]))]
        return Resolution(
            verdict=verdict,
            why=why,
            movers=roots,
            blockers=tuple(blockers[:_NAMED]) if verdict == "none" else (),
            tried=task.tried,
        )
    shift = moves.shift[task.best]
    carried: Carried = moves.carried[int(moves.which[task.best])]
    length = float(np.linalg.norm(shift))
    axis: F64 = task.pool.shapes.axes[task.pool.place[roots[0]], 0]
    x, y, z = (round(float(v), 4) + 0.0 for v in shift)
    return Resolution(
        verdict="found",
        translation=(x, y, z),
        length=round(length, 4),
        along=round(abs(float(axis @ shift)) / length, 3),
        movers=roots,
        moved=carried.moved,
        joints=carried.joints,
        tried=task.tried,
    )


def _without(task: _Task) -> tuple[str, str]:
    """Verdict and reason of a search without an answer."""
    if not len(task.moves.key):
        # what sits on faces all round has no direction to go to, and no other reason
        return "not_assessed", task.moves.stuck[0] if task.moves.stuck else "seated"
    if task.starved:
        return "not_assessed", "budget"
    if task.rounds >= len(ROUNDS) and task.moves.alive.any():
        return "not_assessed", "stopped"
    return "none", "blocked" if task.tried else "too_deep"


def _better(one: Resolution, other: Resolution) -> Resolution:
    """What to say of two sides: an answer, else what was left untried, else that none is."""
    return min((one, other), key=_worth)


def _worth(answer: Resolution) -> int:
    if answer.verdict == "found":
        return 0
    if answer.why in ("stopped", "budget"):
        return 1
    if answer.verdict == "none":
        return 2
    return 4 if answer.why == "immovable" else 3


__all__ = ["FURTHEST", "MANY", "Resolution", "resolve"]
