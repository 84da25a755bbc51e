"""Clashes that are one problem, joined by what they share and never by distance alone."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from bimcore.arrays import I32, I64
from bimcore.model import Scene
from bimcore.relations import RelationKind
from clash.alike import is_shape, kinds_of
from clash.relevance import Suppressions
from clash.result import ClashSet, Relation
from clash.roles import column, roles_of, scene_pairs
from clash.rules import RuleKind, RuleSet
from clash.runs import runs_of
from clash.texts import both, label, metres, plural
from clash.tight import Tight, tight_places
from clash.zones import zones_at

#: Depths within this many metres of each other are one detail repeated.
SAME_DEPTH = 0.003
#: Fewer places than this are no repetition.
REPEATS = 3
#: Metres in plan within which a riser stays on its axis from storey to storey.
PLUMB = 0.5
_NEAR = int(Relation.CLEARANCE)
#: Classes that say nothing of the trade: a wall against ducts and against pipes is two problems.
_GENERIC = frozenset(
    {
        "IfcBuildingElementProxy",
        "IfcDistributionControlElement",
        "IfcDistributionElement",
        "IfcDistributionFlowElement",
        "IfcEnergyConversionDevice",
        "IfcFlowController",
        "IfcFlowFitting",
        "IfcFlowMovingDevice",
        "IfcFlowSegment",
        "IfcFlowStorageDevice",
        "IfcFlowTerminal",
        "IfcFlowTreatmentDevice",
    }
)
#: What people draw and move as one, whatever parts it is drawn of.
_WHOLES = ("IfcStair", "IfcRamp", "IfcCurtainWall", "IfcRoof")


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Group:
    """One problem.

    Attributes
    ----------
    kind : str
        ``"duplicate"``, ``"run"``, ``"element"``, ``"stack"``, ``"repeat"`` or ``"pair"``.
    rows : tuple of int
        Rows of the clash set, all rules; the worst row of each pair first.
    pairs : int
        Different pairs of elements among the rows.
    lead : int
        The row that stands for the group.
    anchors : tuple of int
        Elements of the side the group is about; the first is the one of `lead`.
    storey : str
    zone : str
        Zone of all members; empty where there is none or they are in several.
    partner : str
        Class that the anchors conflict with.
    reason : mapping
        Why these are one, ``"zh-CN"`` and ``"en"``.
    tight : Tight or None
        The opening at `lead` that does not hold its line; all members have one, or none has.
    shape : str
        Word for the shape that the anchors of a ``"repeat"`` have where they have no type.

    """

    kind: str
    rows: tuple[int, ...]
    pairs: int
    lead: int
    anchors: tuple[int, ...]
    storey: str
    partner: str
    zone: str = ""
    reason: Mapping[str, str] = field(default_factory=dict)
    tight: Tight | None = None
    shape: str = ""


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Groups:
    """All problems of a run.

    Attributes
    ----------
    groups : tuple of Group
        In the order of their lead rows.
    group_of : (C,) int32
        Group of each clash; -1 for what is suppressed or only touches.
    said : mapping
        What grouping did, ``"zh-CN"`` and ``"en"``; also when it found nothing to join.

    """

    groups: tuple[Group, ...]
    group_of: I32
    said: Mapping[str, str]

    def __len__(self) -> int:
        return len(self.groups)


@dataclass(frozen=True, eq=False)
class _Pairs:
    """Pairs of elements that are shown, one entry each, with words to join them by."""

    a: Sequence[int]
    b: Sequence[int]
    row: I64  #: the worst row of the pair
    rows: Sequence[Sequence[int]]
    relation: Sequence[int]
    depth: np.ndarray
    point: np.ndarray
    class_of: Sequence[str]  #: of the whole where one is a part of a stair or curtain wall
    own_class: Sequence[str]
    whole: Sequence[int]  #: that stair or curtain wall, else the element itself
    trade: Sequence[str]  #: where the class says nothing of it, else empty
    kind_of: Sequence[str]
    storey_of: Sequence[str]
    zone: Sequence[str]
    model_of: Sequence[int]
    run: Sequence[int]
    tight: Sequence[Tight | None]

    def __len__(self) -> int:
        return len(self.row)


def group(scene: Scene, clashes: ClashSet, rules: RuleSet, suppressions: Suppressions) -> Groups:
    """Join the shown clashes of a run into problems.

    In this order: the same kind of body modelled twice; one services run against one kind
    of building part on one storey and in one zone (or in a riser, on all); one element
    against many in one zone, or one detail repeated, whichever joins more; what is left
    stands alone. One pair found by several rules is one conflict.

    Parameters
    ----------
    scene, clashes, rules, suppressions
        The run.

    Returns
    -------
    Groups
        Each shown clash is in exactly one group.

    """
    pairs = _pairs(scene, clashes, rules, suppressions)
    keys = _keys(pairs)
    members: dict[tuple[object, ...], list[int]] = defaultdict(list)
    for index, key in enumerate(keys):
        members[key].append(index)
    groups = [_group(pairs, key, found) for key, found in members.items()]
    groups.sort(key=lambda g: g.lead)
    group_of = np.full(len(clashes), -1, dtype=np.int32)
    for number, one in enumerate(groups):
        group_of[list(one.rows)] = number
    return Groups(groups=tuple(groups), group_of=group_of, said=_said(len(pairs), groups))


def _said(conflicts: int, groups: Sequence[Group]) -> dict[str, str]:
    joined = sum(1 for g in groups if g.pairs > 1)
    if not conflicts:
        return both("没有需要分组的冲突", "There was nothing to group")
    if conflicts == 1:
        return both("只有一个冲突，无需合并", "There is one conflict: nothing to join")
    if not joined:
        return both(
            f"{conflicts} 个冲突互不相关，分组未发现可合并项",
            f"{conflicts} conflicts have nothing in common: grouping found nothing to join",
        )
    return both(
        f"{conflicts} 个冲突合并为 {len(groups)} 个问题，其中 {joined} 个含多处冲突",
        f"{conflicts} conflicts became {_issues(len(groups))}, {joined} of them with several places",
    )


def _issues(count: int) -> str:
    return "1 issue" if count == 1 else f"{count} issues"


def _pairs(scene: Scene, clashes: ClashSet, rules: RuleSet, suppressions: Suppressions) -> _Pairs:
    """Shown rows, one entry for each pair of elements; hard rules before clearance."""
    shown = np.flatnonzero(~suppressions.suppressed & (clashes.relation != Relation.TOUCH))
    rank = np.array([r.kind is RuleKind.CLEARANCE for r in rules.rules], dtype=np.int64)
    a, b = clashes.a[shown].astype(np.int64), clashes.b[shown].astype(np.int64)
    order = np.lexsort((clashes.rule[shown], rank[clashes.rule[shown]], b, a))
    shown, a, b = shown[order], a[order], b[order]
    first = np.flatnonzero(np.r_[True, (a[1:] != a[:-1]) | (b[1:] != b[:-1])]) if len(a) else a
    row = shown[first]
    rows = [part.tolist() for part in np.split(shown, first[1:])] if len(first) else []
    narrow = tight_places(scene, clashes, np.sort(row))
    first, row, rows, tight = _one_each(first, row, rows, tight=narrow)
    roles = roles_of(scene)
    a, b = a[first], b[first]
    types = column(scene, "object_type").texts()
    classes, trades = (column(scene, c).texts() for c in ("ifc_class", "discipline"))
    whole = _wholes(scene)
    return _Pairs(
        a=a.tolist(),
        b=b.tolist(),
        row=row,
        rows=rows,
        tight=tight,
        relation=clashes.relation[row].tolist(),
        depth=clashes.depth[row],
        point=clashes.point[row],
        class_of=[classes[w] for w in whole],
        own_class=classes,
        whole=whole,
        trade=[t if c in _GENERIC else "" for c, t in zip(classes, trades, strict=True)],
        kind_of=kinds_of(scene, np.concatenate([a, b]).tolist(), types),
        storey_of=column(scene, "storey").texts(),
        zone=zones_at(scene, clashes.point[row]),
        model_of=scene.model_of.tolist(),
        run=runs_of(scene, clashes, suppressions, roles).tolist(),
    )


def _wholes(scene: Scene) -> list[int]:
    """The stair, ramp, roof or curtain wall (E,) that each element is a part of, else itself."""
    masks = [m.elements.is_a(*_WHOLES) for m in scene.models]
    one = np.concatenate([np.zeros(0, dtype=np.bool_), *masks])
    pairs = scene_pairs(scene, RelationKind.AGGREGATES)
    pairs = pairs[one[pairs[:, 0]]]
    found = np.arange(len(scene), dtype=np.int64)
    found[pairs[:, 1]] = pairs[:, 0]
    whole: list[int] = found[found].tolist()  # a flight of a stair in a stair
    return whole


def _one_each(
    first: I64, row: I64, rows: list[list[int]], *, tight: Sequence[Tight]
) -> tuple[I64, I64, list[list[int]], list[Tight | None]]:
    """Make one pair of those that a line makes with an opening too small for it.

    The line meets the wall and the sleeve, and so may its insulation: one conflict.
    """
    place = {r: i for i, r in enumerate(row.tolist())}
    found: list[Tight | None] = [None] * len(row)
    keep = np.ones(len(row), dtype=np.bool_)
    for one in tight:
        lead, *others = (place[r] for r in one.rows)
        found[lead] = one
        for other in others:
            rows[lead] = [*rows[lead], *rows[other]]
            keep[other] = False
    kept = np.flatnonzero(keep).tolist()
    return first[keep], row[keep], [rows[i] for i in kept], [found[i] for i in kept]


def _keys(pairs: _Pairs) -> list[tuple[object, ...]]:
    """The key that joins each pair; pairs with equal keys are one problem.

    A key is (kind, element that anchors or -1, partner class, place, further words); a
    place is storey and zone. Openings that are too small want another remedy than openings
    that are missing, so the last word tells them apart.
    """
    keys: list[tuple[object, ...]] = [()] * len(pairs)
    ends = [pairs.run[e] for side in (pairs.a, pairs.b) for e in side]
    runs = Counter(r for r in ends if r >= 0)
    rest: list[int] = []
    twice = int(Relation.DUPLICATE)
    for i in range(len(pairs)):
        if pairs.relation[i] == twice:
            keys[i] = _twice(pairs, i)
        elif max(pairs.run[pairs.a[i]], pairs.run[pairs.b[i]]) >= 0:
            keys[i] = _by_run(pairs, i, runs)
        else:
            rest.append(i)
    # one or two bodies drawn twice have no common cause that anything would show
    batch = Counter(k for k in keys if k and k[0] == "duplicate")
    keys = [_alone(pairs, i) if batch.get(k, REPEATS) < REPEATS else k for i, k in enumerate(keys)]
    keys = _risers(pairs, keys)
    # what a run does not join may still be a detail that repeats: lights in a ceiling
    alone = Counter(k for k in keys if k)
    rest += [i for i, k in enumerate(keys) if k and k[0] == "run" and alone[k] == 1]
    rest.sort()
    _by_most(pairs, rest, keys)
    return keys


def _twice(pairs: _Pairs, i: int) -> tuple[object, ...]:
    """Bodies of one class and type, twice in the same models."""
    a, b = int(pairs.a[i]), int(pairs.b[i])
    models = tuple(sorted((pairs.model_of[a], pairs.model_of[b])))
    classes = sorted((pairs.own_class[a], pairs.own_class[b]))
    return ("duplicate", -1, classes[1], "", models, classes[0])


def _by_run(pairs: _Pairs, i: int, runs: Mapping[int, int]) -> tuple[object, ...]:
    """The run with more conflicts (or the first) against one class on one storey."""
    a, b = int(pairs.a[i]), int(pairs.b[i])
    run_a, run_b = int(pairs.run[a]), int(pairs.run[b])
    near = pairs.relation[i] == _NEAR
    tight = pairs.tight[i]
    hole = -1 if tight is None else tight.squeeze.marker
    if b != hole and (
        a == hole or (run_b >= 0 and (run_a < 0 or (runs[run_b], -run_b) > (runs[run_a], -run_a)))
    ):
        a, b, run_a, run_b = b, a, run_b, run_a
    # a sleeve is of the class of fittings, and of no run
    run_b = -1 if b == hole else run_b
    storey = pairs.storey_of[a] or pairs.storey_of[b]
    place = (storey, pairs.zone[i])
    further = (run_b if run_b >= 0 else -1, bool(near), tight is not None, pairs.trade[b])
    return ("run", run_a, pairs.class_of[b], place, *further)


def _by_most(pairs: _Pairs, rest: list[int], keys: list[tuple[object, ...]]) -> None:
    """Give each pair of `rest` the candidate that joins most of them."""
    depth = _depth_steps(pairs, rest)
    options = {i: _candidates(pairs, i, depth[i]) for i in rest}
    tally = Counter(key for found in options.values() for key in found)
    for i in rest:
        best = max(options[i], key=lambda k: (tally[k], k[0] == "element", str(k)))
        enough = REPEATS if best[0] == "repeat" else 2
        if tally[best] < enough:
            usable = [k for k in options[i] if k[0] == "element" and tally[k] > 1]
            best = usable[0] if usable else _alone(pairs, i)
        keys[i] = best
    _stacks(pairs, rest, keys)


def _alone(pairs: _Pairs, i: int) -> tuple[object, ...]:
    return ("pair", int(pairs.a[i]), pairs.class_of[pairs.b[i]], "", int(pairs.b[i]))


def _stacks(pairs: _Pairs, rest: list[int], keys: list[tuple[object, ...]]) -> None:
    """Join single elements' groups that stand over each other, storey after storey.

    The same two classes meet at the same place in plan on at least ``REPEATS`` storeys.
    """
    by_class: dict[tuple[object, ...], list[int]] = defaultdict(list)
    for i in rest:
        if keys[i][0] in ("element", "pair"):
            names = sorted((pairs.class_of[pairs.a[i]], pairs.class_of[pairs.b[i]]))
            tight = pairs.tight[i] is not None
            by_class[(*names, int(pairs.relation[i]), tight)].append(i)
    for kinds, members in by_class.items():
        left = sorted(members, key=lambda i: (float(pairs.point[i, 2]), i))
        while left:
            plan = pairs.point[left][:, :2]
            near = np.abs(plan - plan[0]).max(axis=1) <= PLUMB
            tower = [i for i, n in zip(left, near.tolist(), strict=True) if n]
            levels = {pairs.storey_of[pairs.a[i]] for i in tower}
            if len(levels) >= REPEATS:
                key = ("stack", -1, kinds[1], "", kinds[0], tower[0])
                for i in tower:
                    keys[i] = key
            left = [i for i, n in zip(left, near.tolist(), strict=True) if not n]


def _candidates(pairs: _Pairs, i: int, step: int) -> list[tuple[object, ...]]:
    """One element against a class; one type or shape against a class at one depth."""
    found: list[tuple[object, ...]] = []
    for one, other in ((pairs.a[i], pairs.b[i]), (pairs.b[i], pairs.a[i])):
        partner, tight = pairs.class_of[other], pairs.tight[i] is not None
        place = (pairs.storey_of[one], pairs.zone[i])
        trade = pairs.trade[other]
        found.append(("element", pairs.whole[one], partner, place, tight, trade))
        kind = pairs.kind_of[one]
        if kind:
            relation = int(pairs.relation[i])
            detail = (pairs.class_of[one], kind, relation, step, tight)
            found.append(("repeat", -1, partner, "", *detail, pairs.trade[one], trade))
    return list(dict.fromkeys(found))


def _depth_steps(pairs: _Pairs, rest: list[int]) -> dict[int, int]:
    """A number for each pair; equal where depths of one pair of classes are all close."""
    by_class: dict[tuple[str, str, int], list[int]] = defaultdict(list)
    for i in rest:
        names = sorted((pairs.class_of[pairs.a[i]], pairs.class_of[pairs.b[i]]))
        by_class[(names[0], names[1], int(pairs.relation[i]))].append(i)
    steps: dict[int, int] = {}
    for members in by_class.values():
        ordered = np.array(members)[np.argsort(pairs.depth[members], kind="stable")]
        jumps = np.diff(pairs.depth[ordered], prepend=pairs.depth[ordered[0]]) > SAME_DEPTH
        steps.update(zip(ordered.tolist(), np.cumsum(jumps).tolist(), strict=True))
    return steps


def _risers(pairs: _Pairs, keys: list[tuple[object, ...]]) -> list[tuple[object, ...]]:
    """Join a run's groups over storeys where it goes straight up through all of them."""
    places: dict[tuple[object, ...], list[int]] = defaultdict(list)
    for i, key in enumerate(keys):
        if key and key[0] == "run":
            places[(key[0], key[1], key[2], "", *key[4:])].append(i)
    for wide, members in places.items():
        storeys = {keys[i][3] for i in members}
        plan = pairs.point[members][:, :2]
        if len(storeys) > 1 and np.ptp(plan, axis=0).max() <= PLUMB:
            for i in members:
                keys[i] = wide
    return keys


def _group(pairs: _Pairs, key: tuple[object, ...], members: list[int]) -> Group:
    """The group of one key."""
    ordered = sorted(members, key=lambda i: (-float(pairs.depth[i]), int(pairs.row[i])))
    rows = [r for i in ordered for r in pairs.rows[i]]
    own = [_anchor(pairs, key, i) for i in ordered]
    more = [e for i, one in zip(ordered, own, strict=True) for e in _beside(pairs, i, one)]
    anchors = list(dict.fromkeys([*own, *more]))
    return Group(
        kind=str(key[0]),
        rows=tuple(rows),
        pairs=len(ordered),
        lead=int(pairs.row[ordered[0]]),
        anchors=tuple(anchors),
        storey=_storey(pairs, ordered),
        zone=_zone(pairs, ordered),
        partner=str(key[2]),
        reason=_reason(pairs, key, ordered, anchors[0]),
        tight=pairs.tight[ordered[0]],
        shape=str(key[5]) if key[0] == "repeat" and is_shape(str(key[5])) else "",
    )


def _beside(pairs: _Pairs, i: int, anchor: int) -> tuple[int, ...]:
    """What else is on the side of the anchor where a line is in too small an opening."""
    tight = pairs.tight[i]
    if tight is None:
        return ()
    if anchor in tight.lines:
        return tight.lines
    return (tight.squeeze.marker,)


def _anchor(pairs: _Pairs, key: tuple[object, ...], i: int) -> int:
    """The element of pair `i` on the side that `key` is about."""
    a, b = int(pairs.a[i]), int(pairs.b[i])
    if key[0] == "run":
        return a if pairs.run[a] == key[1] else b
    if key[0] == "element":
        return a if pairs.whole[a] == key[1] else b
    if key[0] == "stack":
        return a if pairs.class_of[a] == key[4] else b
    if key[0] == "repeat":
        here = (pairs.class_of[a], pairs.kind_of[a]) == key[4:6]
        return a if here and pairs.class_of[b] == key[2] else b
    return a


def _storey(pairs: _Pairs, members: Sequence[int]) -> str:
    """The storeys of the members in order of height, joined by " / "; at most three."""
    height: dict[str, float] = {}
    for i in members:
        word = pairs.storey_of[pairs.a[i]] or pairs.storey_of[pairs.b[i]]
        if word:
            height[word] = min(height.get(word, np.inf), float(pairs.point[i, 2]))
    ordered = sorted(height, key=lambda w: (height[w], w))
    return " / ".join(ordered) if len(ordered) <= 3 else f"{ordered[0]} … {ordered[-1]}"


def _zone(pairs: _Pairs, members: Sequence[int]) -> str:
    """The zone that all members are in; empty where they are in none or several."""
    zones = {pairs.zone[i] for i in members}
    return zones.pop() if len(zones) == 1 else ""


def _reason(
    pairs: _Pairs, key: tuple[object, ...], members: Sequence[int], anchor: int
) -> dict[str, str]:
    """Why the members are one problem."""
    count = len(members)
    if count == 1:
        return both("单独的冲突", "A conflict on its own")
    partner = str(key[2])
    zh, en = label(partner, "zh-CN"), plural(label(partner, "en"))
    own_zh, own_en = (label(pairs.class_of[anchor], g) for g in ("zh-CN", "en"))
    depth = metres(float(pairs.depth[members[0]]))
    texts = {
        "duplicate": both(f"{zh}成批重复建模，共 {count} 处", f"{count} {en} modelled twice"),
        "run": both(f"同一管路与{zh}冲突 {count} 处", f"One run meets {en} in {count} places"),
        "element": both(
            f"同一{own_zh}与{zh}冲突 {count} 处", f"One {own_en} meets {en} in {count} places"
        ),
        "stack": both(
            f"上下各层同一位置重复 {count} 处", f"The same place on each storey, {count} times"
        ),
        "repeat": both(
            f"同一做法重复 {count} 处，深度均约 {depth}",
            f"The same detail {count} times, each about {depth} deep",
        ),
    }
    if key[0] == "repeat" and is_shape(str(key[5])):
        return both(
            f"形状相同的{own_zh}（无类型名）以同样方式与{zh}冲突 {count} 处，深度均约 {depth}",
            f"{plural(own_en)} of one shape, without a type, meet {en} in the same way "
            f"{count} times, each about {depth} deep",
        )
    zone = _zone(pairs, members)
    if not zone or key[0] not in ("run", "element"):
        return texts[str(key[0])]
    told = texts[str(key[0])]
    return both(f"{told['zh-CN']}，分区「{zone}」", f"{told['en']}, zone “{zone}”")
