"""Whether bodies, moved on trial, are clear of their conflicts and of everything else."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from bimcore.arrays import F64, I64, Mask
from bimcore.elements import Coded, ElementTable
from bimcore.mesh import MeshSet
from bimcore.model import Model, Scene
from bimcore.relations import RelationTable
from clash.engine import detect
from clash.moving import Carried, Moving
from clash.relevance import REASONS, suppress
from clash.result import HARD, ClashSet, Measured, Relation
from clash.rules import RuleKind, RuleSet
from clash.select import rule_masks

#: Metres by which a moved body may still reach into what it had to leave: rounding.
LEFT = 1e-4
#: Metres by which another conflict may grow deeper or nearer without being a new one.
WORSE = 0.005
#: Share by which the space that it takes may grow.
MORE = 0.02

#: Metres of overlap, within a tolerance, that a move may make with what it did not meet before.
GRAZE = 0.001
#: Metres round a move with a new conflict whose depth is only a bound that are left out.
GUESS = 0.012

_OPENINGS = [i for i, r in enumerate(REASONS) if r.id.startswith("opening.")]


@dataclass(frozen=True, eq=False, kw_only=True)
class Way:
    """What moves, and what it might meet.

    Attributes
    ----------
    carried : Carried
    movers : (K,) int64
        Bodies to test: what moves, then the lines that are lengthened.
    own : (J,) int64
        What is never in the way: what moves, and lines that change their length.
    around : (N,) int64
        Bodies that something could meet within the reach of the search.

    """

    carried: Carried
    movers: I64
    own: I64
    around: I64


@dataclass(frozen=True, eq=False, kw_only=True)
class Trial:
    """One move to test.

    Attributes
    ----------
    way : Way
    members : (P, 2) int64
        Pairs of scene elements that the move has to clear, the mover first.
    shift : (3,) float64
        Metres.

    """

    way: Way
    members: I64
    shift: F64


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """A pair that keeps a trial from being an answer.

    Attributes
    ----------
    mover, other : int
        Scene elements.
    member : bool
        Whether the pair is a conflict that had to be cleared; else it is a new one.
    radius : float
        Metres: no move of `mover` that differs by less than this clears the pair.
    exact : bool
        Whether `radius` is proved; else it is a guess that saves work.

    """

    mover: int
    other: int
    member: bool
    radius: float
    exact: bool


@dataclass(frozen=True, eq=False)
class _Cell:
    """Bodies where they stand, and copies of them where trials put them.

    Attributes
    ----------
    apart : Scene
        Each model in two parts, what stands and the copies.
    whole : Scene
        The same bodies in the same order, each model in one part with its relations.
    allowed : (M, M) bool
        What stands against copies alone.
    element : (N,) int64
        Element of the reviewed scene that each body is.
    trial : (N,) int64
        Trial that each copy belongs to; -1 for what stands.

    """

    apart: Scene
    whole: Scene
    allowed: Mask
    element: I64
    trial: I64


@dataclass(frozen=True, eq=False)
class _Rows:
    """Rows of a trial run seen from the moved body.

    Attributes
    ----------
    trial, mover, other : (C,) int64
    member : (C,) bool

    """

    trial: I64
    mover: I64
    other: I64
    member: Mask


@dataclass(frozen=True, eq=False)
class Proving:
    """A reviewed scene in which moves can be tried.

    Attributes
    ----------
    moving : Moving
    rules : RuleSet
    allowed : (M, M) bool or None
        As in :func:`clash.engine.detect`.
    furthest : float
        Metres, the longest move that will be tried.

    """

    moving: Moving
    rules: RuleSet
    allowed: Mask | None
    furthest: float

    @property
    def scene(self) -> Scene:
        """The reviewed scene."""
        return self.moving.scene

    @cached_property
    def masks(self) -> tuple[Mask, Mask]:
        """Sides (R, E) of each rule, as :func:`clash.matrix.rule_masks` has them."""
        return rule_masks(self.scene, self.rules)

    @cached_property
    def gap(self) -> F64:
        """Metres (E,) within which a rule asks how something stands to each element."""
        left, right = self.masks
        asked: F64 = np.where(left | right, self.tolerances[:, None], 0.0).max(axis=0, initial=0.0)
        return asked

    @cached_property
    def tolerances(self) -> F64:
        """Tolerance (R,) of each rule, metres."""
        return np.array([r.tolerance for r in self.rules.rules])

    @cached_property
    def known(self) -> tuple[I64, F64, F64]:
        """Keys (K,) of the conflicts that are shown already, sorted, how bad, and how large."""
        c = self.moving.clashes
        shown = np.flatnonzero(
            ~self.moving.suppressions.suppressed & (c.relation != Relation.TOUCH)
        )
        keys = self._key(c.a[shown], c.b[shown], c.rule[shown])
        bad = _badness(c.take(shown))
        order = np.argsort(keys)
        return keys[order], bad[order], c.volume[shown][order]

    @cached_property
    def contact(self) -> tuple[I64, F64]:
        """Keys (K,) of the pairs that meet already, sorted, with their depth."""
        c, count = self.moving.clashes, len(self.scene)
        low, high = np.minimum(c.a, c.b).astype(np.int64), np.maximum(c.a, c.b).astype(np.int64)
        keys = low * count + high
        order = np.lexsort((-c.depth, keys))
        keys, first = np.unique(keys[order], return_index=True)
        return keys, c.depth[order][first]

    def _key(self, a: np.ndarray, b: np.ndarray, rule: np.ndarray) -> I64:
        count = len(self.scene)
        low, high = np.minimum(a, b).astype(np.int64), np.maximum(a, b).astype(np.int64)
        found: I64 = (low * count + high) * len(self.rules.rules) + rule
        return found

    def way(self, carried: Carried) -> Way:
        """Look round what moves."""
        longer = [j.element for j in carried.joints if j.how == "lengthen"]
        lines = [j.element for j in carried.joints if j.how != "offset"]
        movers = np.array([*carried.moved, *longer], dtype=np.int64)
        own = np.array([*carried.moved, *lines], dtype=np.int64)
        bounds = self.scene.bounds
        reach = (self.furthest + self.gap[movers])[:, None]
        low, high = bounds[movers, 0] - reach, bounds[movers, 1] + reach
        near = (bounds[:, 0] <= high.max(axis=0)).all(axis=1)
        rows = np.flatnonzero(near & (bounds[:, 1] >= low.min(axis=0)).all(axis=1))
        rows = rows[~np.isin(rows, carried.moved)]
        met = _meetings(bounds[rows], low, high) > 0
        return Way(carried=carried, movers=movers, own=own, around=rows[met])

    def glimpse(self, way: Way, members: I64) -> Way:
        """The same way seen by the conflicts alone: cheap, and no proof."""
        return replace(way, movers=np.unique(members[:, 0]), around=np.unique(members[:, 1]))

    def near(self, trial: Trial) -> tuple[I64, int]:
        """Bodies (N,) that the trial could meet where it puts things, and in how many pairs."""
        bounds, way = self.scene.bounds, trial.way
        gap = self.gap[way.movers][:, None]
        low = bounds[way.movers, 0] + trial.shift - gap
        high = bounds[way.movers, 1] + trial.shift + gap
        count = _meetings(bounds[way.around], low, high)
        return way.around[count > 0], int(count.sum())

    def judge(self, trials: Sequence[Trial]) -> list[list[Block]]:
        """What is in the way of each trial; nothing for one that is an answer.

        The core is run on the moved bodies against all that stands near, and what it finds
        is judged by the reasons that suppress conflicts in the review.
        """
        blocks: list[list[Block]] = [[] for _ in trials]
        cell = self._cell(trials)
        found = self._detect(cell)
        for one in found.not_assessed:
            ends = [e for e in (one.a, one.b) if e >= 0]
            for copy in (e for e in ends if cell.trial[e] >= 0):
                mover, other = int(cell.element[copy]), int(cell.element[ends[0]])
                blocks[int(cell.trial[copy])].append(
                    Block(mover=mover, other=other, member=False, radius=0.0, exact=False)
                )
        found, rows = self._foreign(cell, trials, found)
        reason = suppress(cell.whole, found, self.rules).reason
        wrong = self._wrong(found, rows, reason)
        radius, exact = self._radii(found, rows)
        for row in np.flatnonzero(wrong).tolist():
            blocks[int(rows.trial[row])].append(
                Block(
                    mover=int(rows.mover[row]),
                    other=int(rows.other[row]),
                    member=bool(rows.member[row]),
                    radius=float(radius[row]),
                    exact=bool(exact[row]),
                )
            )
        return blocks

    def _detect(self, cell: _Cell) -> ClashSet:
        """Run the core with the rules that can ask for a pair of these bodies."""
        left, right = self.masks
        copies, still = cell.element[cell.trial >= 0], cell.element[cell.trial < 0]
        one = left[:, copies].any(axis=1) & right[:, still].any(axis=1)
        other = right[:, copies].any(axis=1) & left[:, still].any(axis=1)
        asks = np.asarray(one | other)
        # the loosest hard rule decides what clearance rules leave to hard ones
        hard = np.array([r.kind is RuleKind.HARD for r in self.rules.rules], dtype=bool)
        if hard.any():
            asks[np.argmax(np.where(hard, self.tolerances, -1.0))] = True
        number = np.flatnonzero(asks)
        some = [self.rules.rules[r] for r in number]
        # a rule that asks for a gap says nothing of what overlaps, and a pair may have no other
        gaps = [r for r in number.tolist() if self.rules.rules[r].kind is RuleKind.CLEARANCE]
        some += [replace(self.rules.rules[r], kind=RuleKind.HARD, tolerance=0.0) for r in gaps]
        found = detect(cell.apart, replace(self.rules, rules=tuple(some)), allowed=cell.allowed)
        genuine = found.rule < len(number)
        rule = np.concatenate([number, np.array(gaps, dtype=np.int64)])[found.rule]
        found = replace(found, rule=rule.astype(np.uint16))
        a, b = cell.element[found.a], cell.element[found.b]
        return found.take(genuine | ((found.relation != Relation.TOUCH) & ~self._hard(a, b)))

    def _hard(self, a: I64, b: I64) -> Mask:
        """Whether a hard rule asks for each pair."""
        left, right = self.masks
        hard = [r for r, rule in enumerate(self.rules.rules) if rule.kind is RuleKind.HARD]
        one, other = left[hard], right[hard]
        asked = (one[:, a] & other[:, b]) | (one[:, b] & other[:, a])
        return np.asarray(asked.any(axis=0))

    def _foreign(
        self, cell: _Cell, trials: Sequence[Trial], found: ClashSet
    ) -> tuple[ClashSet, _Rows]:
        """The rows that count: not those of a run with itself and its joints."""
        count = len(self.scene)
        flip = cell.trial[found.a] < 0
        copy = np.where(flip, found.b, found.a)
        trial, mover = cell.trial[copy], cell.element[copy]
        other = cell.element[np.where(flip, found.a, found.b)]
        own = [k * count + t.way.own for k, t in enumerate(trials)]
        keep = ~np.isin(trial * count + other, np.concatenate([np.zeros(0, np.int64), *own]))
        stays = [k * count + t.way.movers[len(t.way.carried.moved) :] for k, t in enumerate(trials)]
        longer = np.isin(trial * count + mover, np.concatenate([np.zeros(0, np.int64), *stays]))
        keep &= ~(longer & self.moving.are_joined(mover, other))
        member = [(k * count + t.members[:, 0]) * count + t.members[:, 1]
                  for k, t in enumerate(trials)]  # fmt: skip
        key = (trial * count + mover) * count + other
        is_member = np.isin(key, np.concatenate([np.zeros(0, np.int64), *member]))
        rows = _Rows(trial[keep], mover[keep], other[keep], is_member[keep])
        return found.take(keep), rows

    def _wrong(self, found: ClashSet, rows: _Rows, reason: np.ndarray) -> Mask:
        """Rows (C,) that must not be."""
        hard = np.isin(found.relation, HARD)
        near = found.relation == Relation.CLEARANCE
        # what had to be cleared is clear, or goes through an opening; that something else
        # would excuse a shallower conflict is no way out
        kept = (hard & ~np.isin(reason, _OPENINGS)) | (near & (reason < 0))
        kept |= (found.relation == Relation.TOUCH) & (found.depth > LEFT)
        key = self._key(rows.mover, rows.other, found.rule)
        keys, bad, volume = self.known
        old = _within((keys, bad), key, _badness(found) - WORSE)
        # a duct through a wall is no more in its way for being further from the top of it
        old |= hard & _within((keys, (1 + MORE) * volume), key, found.volume)
        new = (hard | near) & (reason < 0) & ~old
        met = _within(self.contact, key // len(self.rules.rules), found.depth - WORSE)
        new |= (found.relation == Relation.TOUCH) & (found.depth > GRAZE) & ~met
        wrong: Mask = np.where(rows.member, kept, new)
        return wrong

    def _radii(self, found: ClashSet, rows: _Rows) -> tuple[F64, Mask]:
        """How far (C,) a wrong row is from being none, and whether that is proved."""
        tolerance = self.tolerances[found.rule]
        near = found.relation == Relation.CLEARANCE
        touch = found.relation == Relation.TOUCH
        spare = np.where(rows.member, LEFT, np.where(touch, GRAZE, tolerance))
        deep = found.depth - spare
        exact = near | (found.measured == Measured.EXACT)
        # a bound knows nothing of openings and notches, which may be next door
        guess = np.where(rows.member, 0.5 * deep, np.minimum(0.5 * deep, GUESS))
        radius = np.where(near, tolerance - found.distance, np.where(exact, deep, guess))
        twice = [r.kind is RuleKind.DUPLICATE for r in self.rules.rules]
        return np.where(np.array(twice)[found.rule], 0.0, np.maximum(radius, 0.0)), exact

    def _cell(self, trials: Sequence[Trial]) -> _Cell:
        """Put all trials beside what stands near them."""
        stands = np.unique(np.concatenate([self.near(t)[0] for t in trials]))
        movers = np.concatenate([t.way.movers for t in trials])
        counts = [len(t.way.movers) for t in trials]
        trial_of = np.repeat(np.arange(len(trials)), counts)
        shifts = np.repeat(np.stack([t.shift for t in trials]), counts, axis=0)
        model_of = self.scene.model_of
        apart, whole, parts = [], [], []
        element, trial = [np.zeros(0, np.int64)], [np.zeros(0, np.int64)]
        for number, model in enumerate(self.scene.models):
            start = int(self.scene.element_start[number])
            still = stands[model_of[stands] == number]
            mine = np.flatnonzero(model_of[movers] == number)
            rows = np.concatenate([still, movers[mine]]) - start
            if not len(rows):
                continue
            shift = np.concatenate([np.zeros((len(still), 3)), shifts[mine]])
            owner = np.concatenate([np.full(len(still), -1), trial_of[mine]])
            one = _rebuilt(model, rows, owner, shift)
            whole.append(one)
            for part in (np.arange(len(rows)) < len(still), np.arange(len(rows)) >= len(still)):
                if part.any():
                    apart.append(one.subset(part))
                    parts.append((number, bool(owner[part][0] >= 0)))
            element.append(rows + start)
            trial.append(owner)
        return _Cell(
            apart=Scene.of(apart, frame=self.scene.frame),
            whole=Scene.of(whole, frame=self.scene.frame),
            allowed=self._pairs_of_parts(parts),
            element=np.concatenate(element),
            trial=np.concatenate(trial),
        )

    def _pairs_of_parts(self, parts: Sequence[tuple[int, bool]]) -> Mask:
        number = np.array([n for n, _ in parts], dtype=np.int64)
        copies = np.array([c for _, c in parts], dtype=bool)
        found: Mask = copies[:, None] ^ copies[None, :]
        if self.allowed is not None:
            found &= np.asarray(self.allowed, dtype=bool)[np.ix_(number, number)]
        return found


def _badness(found: ClashSet) -> F64:
    """How bad (C,) each row is: its depth, or how near it comes, as a negative distance."""
    near = found.relation == Relation.CLEARANCE
    worse: F64 = np.where(near, -found.distance, found.depth)
    return worse


def _within(known: tuple[I64, F64], keys: I64, values: F64) -> Mask:
    """Whether each key (C,) is known with a value of at least `values` (C,)."""
    names, limits = known
    if not len(names):
        return np.zeros(len(keys), dtype=bool)
    place = np.minimum(np.searchsorted(names, keys), len(names) - 1)
    found: Mask = (names[place] == keys) & (values <= limits[place])
    return found


def _meetings(boxes: F64, low: F64, high: F64) -> I64:
    """How many of the boxes from `low` to `high` (K, 3) meet each of `boxes` (N, 2, 3)."""
    met = np.zeros(len(boxes), dtype=np.int64)
    for a, b in zip(low, high, strict=True):
        met += (boxes[:, 0] <= b).all(axis=1) & (boxes[:, 1] >= a).all(axis=1)
    return met


def _rebuilt(model: Model, rows: I64, owner: I64, shift: F64) -> Model:
    """The elements `rows` of a model, moved by `shift` (N, 3), with their relations.

    A copy (`owner` >= 0) is related to what stands and to the copies of its own trial.
    """
    meshes = model.meshes.take(rows)
    lengths = np.diff(meshes.vertex_start)
    return replace(
        model,
        elements=_few_classes(model.elements.take(rows)),
        properties=model.properties.take(rows),
        relations=_relations(model, rows, owner),
        meshes=MeshSet(
            vertices=meshes.vertices + np.repeat(shift, lengths, axis=0),
            faces=meshes.faces,
            vertex_start=meshes.vertex_start,
            face_start=meshes.face_start,
            closed=meshes.closed,
            kernel=meshes.kernel,
        ),
    )


def _few_classes(table: ElementTable) -> ElementTable:
    """The table without the classes that none of its rows has, which rules would look at."""
    used = np.unique(table.ifc_class.codes)
    words = tuple(table.ifc_class.words[c] for c in used)
    codes = np.searchsorted(used, table.ifc_class.codes).astype(np.int32)
    lineage = tuple(table.lineage[c] for c in used)
    return replace(table, ifc_class=Coded(codes, words), lineage=lineage)


def _relations(model: Model, rows: I64, owner: I64) -> RelationTable:
    table, count = model.relations, len(model)
    stands = np.full(count, -1, dtype=np.int64)
    still = np.flatnonzero(owner < 0)
    stands[rows[still]] = still
    parts = []
    for trial in [-1, *np.unique(owner[owner >= 0]).tolist()]:
        place = stands.copy()
        copies = np.flatnonzero(owner == trial)
        place[rows[copies]] = copies
        a, b = place[table.a], place[table.b]
        mine = np.zeros(len(rows) + 1, dtype=bool)
        mine[copies] = True
        keep = (a >= 0) & (b >= 0) & (mine[a] | mine[b])
        parts.append(np.stack([table.kind[keep].astype(np.int64), a[keep], b[keep]], axis=1))
    all_ = np.unique(np.concatenate(parts), axis=0)
    return RelationTable(
        kind=all_[:, 0].astype(np.uint8),
        a=all_[:, 1].astype(np.int32),
        b=all_[:, 2].astype(np.int32),
    )
