"""Detect: every pair of bodies measured once and judged by every rule that asks."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

import numpy as np

from bimcore.arrays import F64, I32, I64, U8, Mask
from bimcore.mesh import MeshSet
from bimcore.model import Scene
from bimcore.progress import Progress, silent, span
from clash.broadphase import candidate_pairs
from clash.kernels import stand
from clash.kernels.bodies import Bodies
from clash.kernels.digests import body_digests
from clash.kernels.stages import bodies_of
from clash.memory import Memory, keys_of, merged, nothing_known
from clash.result import ClashSet, Measured, NotAssessed, Relation
from clash.rules import Rule, RuleKind, RuleSet
from clash.select import rule_masks
from clash.sharding import Measures, Pairs, Shard, measure, split, threads

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


def describe(scene: Scene) -> Bodies:
    """What :func:`detect` has to know of single bodies: to be made once for several rule sets."""
    return bodies_of(scene.meshes, wanted=scene.clash_body)


def detect(
    scene: Scene,
    rules: RuleSet,
    *,
    allowed: Mask | None = None,
    bodies: Bodies | None = None,
    run: Run = threads,
    progress: Progress = silent,
) -> ClashSet:
    """Find how every pair of elements stands that a rule asks for.

    As :func:`detect_again` with nothing known and nothing to remember.

    Parameters
    ----------
    scene, rules, allowed, run, progress
        As in :func:`detect_again`.
    bodies : Bodies, optional
        From :func:`describe` of the same scene; made anew by default.

    """
    request = _request(scene, rules, allowed, progress)

    def measured(shard: Pairs, progress: Progress) -> Measures:
        known = bodies or bodies_of(scene.meshes, wanted=_met(shard, len(scene.meshes)))
        return _fresh(shard, known, run, progress)

    return _answer(request, measured, progress)


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
        Of an earlier run, with whatever rules: pairs whose bodies stand as they stood are
        not measured again. The result is the same to the last bit with and without it.
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
        For the next run: the pairs of this one.

    """
    request = _request(scene, rules, allowed, progress)
    kept: list[Memory] = []

    def measured(shard: Pairs, progress: Progress) -> Measures:
        measures, memory = _remembered(scene.meshes, shard, known, run, progress)
        kept.append(memory)
        return measures

    return _answer(request, measured, progress), kept[0]


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
        Elements that rules ask for and that have no finite box.

    """

    scene: Scene
    rules: RuleSet
    asked: Asked
    shard: Pairs
    broken: Mask


def _request(scene: Scene, rules: RuleSet, allowed: Mask | None, progress: Progress) -> _Request:
    left, right = rule_masks(scene, rules)
    progress(0.0, "pairs")
    sound = np.isfinite(scene.bounds).all(axis=(1, 2))
    asked = _asked(scene, rules, (left & sound, right & sound), allowed)
    shard = Pairs(
        pairs=asked.pairs,
        reach=_largest(rules, asked.wanted, RuleKind.HARD, RuleKind.CLEARANCE),
        same=_largest(rules, asked.wanted, RuleKind.HARD, RuleKind.DUPLICATE),
        enough=_least_hard(rules, asked.wanted),
        deep=_deep(rules, asked.wanted),
    )
    progress(0.1, "bodies")
    broken = (left | right) & ~sound
    return _Request(scene=scene, rules=rules, asked=asked, shard=shard, broken=broken)


def _answer(
    request: _Request, measured: Callable[[Pairs, Progress], Measures], progress: Progress
) -> ClashSet:
    measures = measured(request.shard, span(progress, 0.1, 0.95))
    found = _judge(request.rules, request.asked, measures)
    progress(1.0, "pairs")
    return _with_undecided(found, request.scene, request.asked, measures, request.broken)


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


def _least_hard(rules: RuleSet, wanted: Mask) -> F64:
    """Least tolerance (P,) among the hard rules that ask for each pair; 0 without any."""
    least = np.full(wanted.shape[1], np.inf)
    for r, rule in enumerate(rules.rules):
        if rule.kind is RuleKind.HARD:
            least = np.minimum(least, np.where(wanted[r], rule.tolerance, np.inf))
    return np.where(np.isfinite(least), least, 0.0)


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


def _met(shard: Pairs, count: int) -> Mask:
    """Which of `count` bodies (E,) occur in the pairs."""
    met = np.zeros(count, dtype=bool)
    met[shard.pairs.ravel()] = True
    return met


def _fresh(shard: Pairs, bodies: Bodies, run: Run, progress: Progress) -> Measures:
    """Measures of all pairs."""
    progress(0.1, "bodies")
    parts = []
    shards = split(shard, bodies)
    for done, part in enumerate(run(measure, shards), start=1):
        parts.append(part)
        progress(0.1 + 0.9 * done / len(shards), "pairs")
    return Measures.join(parts)


def _remembered(
    meshes: MeshSet, shard: Pairs, known: Memory | None, run: Run, progress: Progress
) -> tuple[Measures, Memory]:
    """Measures of all pairs, remembered or fresh, and what to remember of them."""
    before = known or nothing_known()
    keys = keys_of(shard, body_digests(meshes))
    rows = before.find(keys)
    left = shard.take(rows < 0)
    fresh = _of_some(meshes, left, run, progress)
    measures = merged(rows, before, fresh)
    return measures, Memory.of(keys, measures)


def _of_some(meshes: MeshSet, shard: Pairs, run: Run, progress: Progress) -> Measures:
    """Measures of pairs among few of many bodies: the others are not looked at."""
    met = _met(shard, len(meshes))
    number = np.cumsum(met, dtype=np.int32) - 1
    few = replace(shard, pairs=number[shard.pairs].astype(np.int32))
    part = meshes.take(np.flatnonzero(met))
    bodies = bodies_of(part, wanted=np.ones(len(part), dtype=bool))
    return _fresh(few, bodies, run, progress)


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


def _judge(rules: RuleSet, asked: Asked, measures: Measures) -> ClashSet:
    """Rows for all rules, sorted by (a, b, rule)."""
    contact = _contact(rules)
    rows: list[I64] = []
    rule_of: list[I64] = []
    relations: list[U8] = []
    for r, rule in enumerate(rules.rules):
        relation = np.where(asked.wanted[r], _relations(rule, contact, measures), 0)
        hit = np.flatnonzero(relation)
        rows.append(hit)
        rule_of.append(np.full(len(hit), r, dtype=np.int64))
        relations.append(relation[hit].astype(np.uint8))
    row = np.concatenate([np.zeros(0, np.int64), *rows])
    rule_index = np.concatenate([np.zeros(0, np.int64), *rule_of])
    relation = np.concatenate([np.zeros(0, np.uint8), *relations])
    order = np.lexsort((rule_index, row))
    row, rule_index, relation = row[order], rule_index[order], relation[order]
    n = measures.numbers[row]

    def columns(first: int) -> F64:
        three: F64 = n[:, first : first + 3]
        return three

    measured = np.where(measures.exact[row], Measured.EXACT, Measured.BOUNDED)
    return ClashSet(
        a=asked.pairs[row, 0],
        b=asked.pairs[row, 1],
        rule=rule_index,
        relation=relation,
        depth=n[:, stand.DEPTH],
        distance=n[:, stand.DISTANCE],
        volume=n[:, stand.VOLUME],
        measured=measured,
        point=columns(stand.POINT),
        direction=columns(stand.DIRECTION),
        point_a=columns(stand.POINT_A),
        point_b=columns(stand.POINT_B),
        candidates=len(asked.pairs),
    )


def _with_undecided(
    found: ClashSet, scene: Scene, asked: Asked, measures: Measures, broken: Mask
) -> ClashSet:
    """Add the pairs that no answer could be given for."""
    rows = np.flatnonzero(measures.stands == stand.UNDECIDED)
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
        candidates=found.candidates,
        **{name: getattr(found, name) for name in _COLUMNS},
    )


_COLUMNS = tuple(name for name in ClashSet.__slots__ if name not in ("candidates", "not_assessed"))
