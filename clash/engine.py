"""Detect: every pair of bodies measured once and judged by every rule that asks."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

import numpy as np

from bimcore.arrays import F64, I32, U8, Mask
from bimcore.model import Scene
from bimcore.progress import Progress, silent, span
from clash.broadphase import candidate_pairs
from clash.kernels import stand
from clash.kernels.bodies import Bodies
from clash.kernels.hands import threads
from clash.kernels.stages import bodies_of
from clash.memory import Memory, merged, nothing_known
from clash.result import ClashSet, Measured, NotAssessed, Relation
from clash.rules import Rule, RuleKind, RuleSet
from clash.select import rule_masks
from clash.sharding import Measures, Pairs, Shard, measure, split
from clash.stances import Forms, Stances

#: Metres from the origin beyond which numbers cannot tell a millimetre: not assessed.
FURTHEST = 1e9

Run = Callable[[Callable[[Shard], Measures], Iterable[Shard]], Iterable[Measures]]


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Asked:
    """Which rules ask for which pairs.

    Attributes
    ----------
    pairs : (P, 2) int32
        Pairs that at least one rule asks for.
    wanted : (R, P) bool
        Rule r asks for pair p.

    """

    pairs: I32
    wanted: Mask


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Described:
    """What is known of the bodies of a scene before any two meet.

    Attributes
    ----------
    forms : Forms
    bodies : Bodies
        One of each form, described where a clash body has it.

    """

    forms: Forms
    bodies: Bodies


def describe(scene: Scene) -> Described:
    """What :func:`detect` has to know of single bodies: to be made once for several rule sets."""
    forms = Forms.of(scene.meshes, scene.bounds)
    wanted = np.zeros(len(forms.first), dtype=bool)
    wanted[forms.number[scene.clash_body & _sound(scene)]] = True
    bodies = bodies_of(scene.meshes.take(forms.first), wanted=wanted)
    return Described(forms=forms, bodies=bodies)


def detect(
    scene: Scene,
    rules: RuleSet,
    *,
    allowed: Mask | None = None,
    bodies: Described | None = None,
    run: Run = threads,
    progress: Progress = silent,
) -> ClashSet:
    """Find how every pair of elements stands that a rule asks for.

    As :func:`detect_again` with nothing known and nothing to remember.

    Parameters
    ----------
    scene, rules, allowed, run, progress
        As in :func:`detect_again`.
    bodies : Described, optional
        From :func:`describe` of the same scene; made anew by default.

    """
    request = _request(scene, rules, allowed, progress)
    forms = bodies.forms if bodies else Forms.of(scene.meshes, scene.bounds)
    stances = Stances.of(request.shard, forms)
    work = _Work(scene=scene, forms=forms, run=run, progress=span(progress, 0.1, 0.95))
    measures = work.measured(stances.asked, bodies.bodies if bodies else None)
    return _answer(request, _Found(measures=measures, stances=stances, forms=forms), progress)


def detect_again(
    scene: Scene,
    rules: RuleSet,
    known: Memory | None,
    *,
    allowed: Mask | None = None,
    run: Run = threads,
    progress: Progress = silent,
) -> tuple[ClashSet, Memory]:
    """Find how every pair of elements stands that a rule asks for, measuring what is new.

    Parameters
    ----------
    scene : Scene
    rules : RuleSet
    known : Memory, optional
        Of an earlier run, with whatever rules: pairs whose bodies stand to each other as
        some two stood are not measured again. The result is the same to the last bit with
        and without it.
    allowed : (M, M) bool, optional
        Pairs of models that may be compared, symmetric; all of them by default.
    run : callable
        Maps the measuring function over shards and keeps their order, like ``map``.
        The result does not depend on it.
    progress : Progress
        May raise :class:`bimcore.errors.Cancelled`.

    Returns
    -------
    ClashSet
        One row for each pair and rule with a relation; no cap. Elements that are no clash
        bodies take no part. Pairs that cannot be decided are in ``not_assessed``.
    Memory
        For the next run: the stances of this one.

    """
    request = _request(scene, rules, allowed, progress)
    forms = Forms.of(scene.meshes, scene.bounds)
    stances = Stances.of(request.shard, forms)
    before = known or nothing_known()
    rows = before.find(stances.keys)
    work = _Work(scene=scene, forms=forms, run=run, progress=span(progress, 0.1, 0.95))
    measures = merged(rows, before, work.measured(stances.asked.take(rows < 0)))
    found = _Found(measures=measures, stances=stances, forms=forms)
    return _answer(request, found, progress), Memory.of(stances.keys, measures)


def _sound(scene: Scene) -> Mask:
    """Elements (E,) whose box is finite and not absurdly far away."""
    near = np.abs(scene.bounds) <= FURTHEST  # false for NaN
    return np.asarray(near.all(axis=(1, 2)), dtype=bool)


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class _Request:
    """What is asked of a scene.

    Attributes
    ----------
    scene : Scene
    rules : RuleSet
    asked : Asked
    shard : Pairs
        The pairs, and how closely they are to be measured.
    broken : (R, E) bool
        Elements that rules ask for and that have no finite box, or are absurdly far away.

    """

    scene: Scene
    rules: RuleSet
    asked: Asked
    shard: Pairs
    broken: Mask


def _request(scene: Scene, rules: RuleSet, allowed: Mask | None, progress: Progress) -> _Request:
    left, right = rule_masks(scene, rules)
    progress(0.0, "pairs")
    sound = _sound(scene)
    asked = _asked(scene, rules, (left & sound, right & sound), allowed)
    shard = Pairs(
        pairs=asked.pairs,
        reach=_largest(rules, asked.wanted, RuleKind.HARD, RuleKind.CLEARANCE),
        same=_largest(rules, asked.wanted, RuleKind.HARD, RuleKind.DUPLICATE),
        deep=_deep(rules, asked.wanted),
    )
    progress(0.1, "bodies")
    broken = (left | right) & ~sound
    return _Request(scene=scene, rules=rules, asked=asked, shard=shard, broken=broken)


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class _Found:
    """What was measured of all pairs: their stances, and what holds for each of these."""

    measures: Measures
    stances: Stances
    forms: Forms


def _answer(request: _Request, found: _Found, progress: Progress) -> ClashSet:
    judged = _judge(request.rules, request.asked, found)
    progress(1.0, "pairs")
    return _with_undecided(judged, request, found)


def _asked(scene: Scene, rules: RuleSet, masks: tuple[Mask, Mask], allowed: Mask | None) -> Asked:
    """Candidate pairs of the broad phase that a rule asks for."""
    left, right = masks
    takes_part = (left | right).any(axis=0) & scene.clash_body
    boxes = np.where(takes_part[:, None, None], scene.bounds, np.nan)
    tolerances = np.array([r.tolerance for r in rules.rules])
    grow = np.where(left | right, tolerances[:, None], 0.0).max(axis=0, initial=0.0) / 2
    pairs = candidate_pairs(boxes, margin=2 * stand.SLACK, other=grow)
    a, b = pairs[:, 0], pairs[:, 1]
    wanted = np.zeros((len(rules.rules), len(pairs)), dtype=bool)
    for r in range(len(rules.rules)):
        wanted[r] = (left[r, a] & right[r, b]) | (left[r, b] & right[r, a])
    if allowed is not None:
        models = scene.model_of
        wanted &= np.asarray(allowed, dtype=bool)[models[a], models[b]]
    keep = wanted.any(axis=0)
    return Asked(pairs=pairs[keep], wanted=wanted[:, keep])


def _largest(rules: RuleSet, wanted: Mask, *kinds: RuleKind) -> F64:
    """Largest tolerance (P,) among the rules of some kinds that ask for each pair."""
    largest = np.zeros(wanted.shape[1])
    for r, rule in enumerate(rules.rules):
        if rule.kind in kinds:
            largest = np.maximum(largest, np.where(wanted[r], rule.tolerance, 0.0))
    return largest


def _contact(rules: RuleSet) -> float:
    """Depth up to which clearance rules call an overlap a touch; the rest is for hard rules."""
    hard = [r.tolerance for r in rules.rules if r.kind is RuleKind.HARD]
    return max(hard, default=0.0) + stand.SLACK


def _deep(rules: RuleSet, wanted: Mask) -> F64:
    """Depth (P,) beyond which it is of no account how deep: where clearance rules alone ask."""
    closely = np.zeros(wanted.shape[1], dtype=bool)
    for r, rule in enumerate(rules.rules):
        if rule.kind is not RuleKind.CLEARANCE:
            closely |= wanted[r]
    return np.where(closely, np.inf, _contact(rules))


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class _Work:
    """How and of what pairs of forms are measured."""

    scene: Scene
    forms: Forms
    run: Run
    progress: Progress

    def measured(self, asked: Pairs, bodies: Bodies | None = None) -> Measures:
        """Measures of all pairs of forms, by `bodies` of all forms or those that are met."""
        if not len(asked):
            return Measures.join([])
        if bodies is None:
            asked, bodies = self._met(asked)
        self.progress(0.1, "bodies")
        parts = []
        shards = split(asked, bodies)
        for done, part in enumerate(self.run(measure, shards), start=1):
            parts.append(part)
            self.progress(0.1 + 0.9 * done / len(shards), "pairs")
        return Measures.join(parts)

    def _met(self, asked: Pairs) -> tuple[Pairs, Bodies]:
        """The same pairs among the forms that occur in them, and these bodies."""
        met = np.zeros(len(self.forms.first), dtype=bool)
        met[asked.pairs.ravel()] = True
        number = np.cumsum(met, dtype=np.int32) - 1
        few = replace(asked, pairs=number[asked.pairs].astype(np.int32))
        part = self.scene.meshes.take(self.forms.first[met])
        return few, bodies_of(part, wanted=np.ones(len(part), dtype=bool))


def _relations(rule: Rule, contact: float, measures: Measures) -> U8:
    """The relation (P,) of each pair under one rule; ``Relation.NONE`` where it has none."""
    stands = measures.stands
    depth = measures.numbers[:, stand.DEPTH]
    distance = measures.numbers[:, stand.DISTANCE]
    same = measures.numbers[:, stand.DEVIATION] <= rule.tolerance + stand.SLACK
    inside = (stands == stand.A_IN_B) | (stands == stand.B_IN_A)
    overlap = inside | (stands == stand.OVERLAP)
    apart = stands == stand.APART
    relation = np.zeros(len(stands), dtype=np.uint8)
    if rule.kind is RuleKind.DUPLICATE:
        relation[same] = Relation.DUPLICATE
        return relation
    near = apart & (distance <= rule.tolerance + stand.SLACK)
    if rule.kind is RuleKind.CLEARANCE:
        near &= distance < rule.tolerance - stand.SLACK
        relation[near] = Relation.CLEARANCE
        touching = (near & (distance <= stand.SLACK)) | (overlap & (depth <= contact))
        relation[touching] = Relation.TOUCH
        return relation
    relation[near] = Relation.TOUCH
    deep = depth > rule.tolerance + stand.SLACK
    relation[overlap] = Relation.TOUCH
    relation[overlap & deep] = Relation.CROSSING
    relation[inside & deep] = Relation.CONTAINMENT
    relation[same] = Relation.DUPLICATE
    return relation


def _judge(rules: RuleSet, asked: Asked, found: _Found) -> ClashSet:
    """Rows for all rules, sorted by (a, b, rule)."""
    measures, which = found.measures, found.stances.which
    contact = _contact(rules)
    relations: U8 = np.zeros((len(asked.pairs), len(rules.rules)), dtype=np.uint8)
    for r, rule in enumerate(rules.rules):
        relations[:, r] = np.where(asked.wanted[r], _relations(rule, contact, measures)[which], 0)
    hit = np.flatnonzero(relations)
    row, rule_index = np.divmod(hit, max(len(rules.rules), 1))
    relation = relations.ravel()[hit]
    n = measures.numbers[which[row]]
    apart = measures.stands[which[row]] == stand.APART
    corner = found.forms.corner[asked.pairs[row, 0]]

    def columns(first: int) -> F64:
        three: F64 = n[:, first : first + 3]
        return three

    measured = np.where(measures.exact[which[row]], Measured.EXACT, Measured.BOUNDED)
    return ClashSet(
        a=asked.pairs[row, 0],
        b=asked.pairs[row, 1],
        rule=rule_index,
        relation=relation,
        depth=n[:, stand.DEPTH],
        distance=n[:, stand.DISTANCE],
        volume=n[:, stand.VOLUME],
        measured=measured,
        point=corner + columns(stand.POINT),
        direction=columns(stand.DIRECTION),
        point_a=np.where(apart[:, None], corner + columns(stand.POINT_A), 0.0),
        point_b=np.where(apart[:, None], corner + columns(stand.POINT_B), 0.0),
        candidates=len(asked.pairs),
    )


def _with_undecided(judged: ClashSet, request: _Request, found: _Found) -> ClashSet:
    """Add the pairs that no answer could be given for."""
    scene, asked, broken = request.scene, request.asked, request.broken
    rows = np.flatnonzero((found.measures.stands == stand.UNDECIDED)[found.stances.which])
    undecided = [
        NotAssessed(a=int(a), b=int(b), rule=int(np.argmax(asked.wanted[:, p])), why="numeric")
        for p, (a, b) in zip(rows.tolist(), asked.pairs[rows].tolist(), strict=True)
    ]
    bodies = np.flatnonzero(broken.any(axis=0) & scene.clash_body).tolist()
    undecided += [
        NotAssessed(a=e, b=-1, rule=int(np.argmax(broken[:, e])), why="not finite") for e in bodies
    ]
    return ClashSet(
        not_assessed=tuple(undecided),
        candidates=judged.candidates,
        **{name: getattr(judged, name) for name in _COLUMNS},
    )


_COLUMNS = tuple(name for name in ClashSet.__slots__ if name not in ("candidates", "not_assessed"))
