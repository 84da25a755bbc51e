"""Which cells of elements each wish of a plan means, and how sure that is."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from bimcore.arrays import F64, I64, Mask
from bimcore.schedule import Action
from clash.rehearsal.linking_elements import Elements
from clash.rehearsal.linking_wishes import CASTING, Wish
from clash.rehearsal.spoken import FOUNDATION, ROOF
from clash.rehearsal.words import Dictionary

#: How sure a link is, by what told it.
NAMED, LOOSE, EVERYWHERE, GENERAL = 0.9, 0.85, 0.55, 0.7
#: Factors: storey from a row above, facet that no element has, host in place of the part itself,
#: part that nobody else builds, zone that the models do not know, one that all tasks share.
ABOVE, UNMET, HOST, ADOPTED, NO_ZONE, ONE_ZONE = 0.95, 0.85, 0.6, 0.6, 0.5, 0.95
#: Kinds that are built of concrete or of something lighter, told apart by trade.
#: What a frame of unnamed material is made of.
_FRAME = ("column", "beam", "member")
_SOFT = ("in_situ", "structural", "light", "outdoor", "indoor", "first", "masonry", "stud")
#: What walls are made of.
_MAKES = ("concrete", "masonry", "stud", "timber", "steel")
_EITHER = ("wall", "column", "beam", "slab", "stair", "member")


@dataclass(frozen=True, eq=False)
class Choice:
    """Cells that a wish means.

    Attributes
    ----------
    cells : (N,) int64
        Sorted.
    sure : (N,) float64
        Confidence of each.
    depth : (N,) int64
        How narrow the kind is by which each was found; 0 where a trade stands for it.
    hosted : bool
        Whether the cells are what the work is done to, not what it builds.
    reasons : tuple of str
        What is unclear: ``"storey"``, ``"existing"``, ``"not_modelled"``, ``"no_kind"`` ...
    adopted : bool
        Whether some cells are parts that nobody else builds.

    """

    cells: I64
    sure: F64
    depth: I64
    hosted: bool = False
    reasons: tuple[str, ...] = ()
    adopted: frozenset[int] = frozenset()


def _nothing(*reasons: str) -> Choice:
    return Choice(np.zeros(0, np.int64), np.zeros(0), np.zeros(0, np.int64), reasons=reasons)


@dataclass(eq=False)
class Chooser:
    """Answers wishes about one scene; equal questions are asked once.

    `shifts` are what to add to the level of a storey where floors are named by it: 1 where the
    plan counts them to the storey below and the models do not; -1 for all others; `beam_shifts`
    the same for beams that have tasks of their own. `british` says that the plan
    counts upper floors from one.
    """

    words: Dictionary
    elements: Elements
    shifts: Mapping[int, int] = field(default_factory=dict)
    british: bool = False
    beam_shifts: Mapping[int, int] = field(default_factory=dict)
    _bases: dict[tuple[str, tuple[str, ...], str], tuple[Mask, bool]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Know which cells plans do not build, and which kinds there are."""
        e = self.elements
        temporary = [k.id for k in self.words.kinds.values() if k.temporary]
        self.temporary: Mask = e.any_of(temporary)
        self.existing: Mask = e.facet("existing")
        self.modelled = {k for k in e.kinds if e.column(k).any()}

    def choose(self, wish: Wish) -> Choice:
        """The cells of `wish`."""
        if wish.action is Action.REMOVE and not wish.kinds and self.existing.any():
            cells = np.flatnonzero(self.existing)
            return Choice(cells, np.full(len(cells), GENERAL), np.zeros(len(cells), np.int64))
        if wish.idle or not wish.kinds:
            return _nothing(*([] if wish.idle else ["no_kind"]))
        found = self._of_kinds(wish, wish.kinds)
        if len(found.cells) or any(r in found.reasons for r in ("existing",)):
            return found
        if stand_in := self._stand_in(wish):
            return stand_in
        hosts = wish.hosts or self._hosts(wish)
        hosts = tuple(h for h in hosts if h in self.modelled)
        if not hosts:
            return found
        plain = replace(
            wish, facets=tuple(f for f in wish.facets if f in ("structural", "indoor", "outdoor"))
        )
        # a strip is left open in the floors of the frame, whatever the plan calls these
        laid = (
            wish.action not in (Action.REMOVE, Action.TEMPORARY) and "pour_strip" not in wish.kinds
        )
        host = self._of_kinds(replace(plain, action=Action.MAINTAIN, underfoot=laid), hosts)
        host = self._on_its_storey(host, wish)
        return replace(host, sure=host.sure * HOST, hosted=True)

    def _on_its_storey(self, host: Choice, wish: Wish) -> Choice:
        """Hosts without those that are of no storey, as the raft, where the storey has others."""
        loose = self.elements.any_of([k for k in self.elements.kinds if self.words.kinds[k].loose])
        kept = ~loose[host.cells]
        if not wish.storeys or not kept.any() or kept.all():
            return host
        cells, sure, depth = host.cells[kept], host.sure[kept], host.depth[kept]
        return replace(host, cells=cells, sure=sure, depth=depth)

    def _stand_in(self, wish: Wish) -> Choice | None:
        """What stands for kinds that no model has: another kind, or its lowest."""
        rows = [self.words.kinds[k] for k in wish.kinds if k not in self.modelled]
        if wish.general or not rows:
            return None
        for kind in dict.fromkeys(o for r in rows for o in r.instead if o in self.modelled):
            found = self._of_kinds(wish, (kind,))
            if len(found.cells):
                return replace(found, sure=found.sure * UNMET)
        for kind in dict.fromkeys(r.lowest for r in rows if r.lowest in self.modelled):
            base, _ = self._base(kind, wish)
            level = self.elements.level[base]
            if (level >= 0).any():
                used = set(level[level >= 0].tolist())
                stacks = self.elements.levels.stacks
                lowest = [min(used & set(stack)) for stack in stacks if used & set(stack)]
                cells = np.flatnonzero(base & np.isin(self.elements.level, lowest))
                # narrower than the plain kind, so that these are not also its storey's floor
                depth = np.full(len(cells), self.words.depth(kind) + 1)
                return Choice(cells, np.full(len(cells), EVERYWHERE), depth)
        for kind in dict.fromkeys(r.roofmost for r in rows if r.roofmost in self.modelled):
            if parapet := self._on_the_roof(kind, wish):
                return parapet
        return None

    def _on_the_roof(self, kind: str, wish: Wish) -> Choice | None:
        """Those of a kind that stand on the roof: walls there are its parapet."""
        base, _ = self._base(kind, wish)
        roofs = [k for k, names in enumerate(self.elements.levels.names) if ROOF in names]
        cells = np.flatnonzero(base & np.isin(self.elements.level, roofs))
        if not len(cells):
            return None
        depth = np.full(len(cells), self.words.depth(kind) + 1)
        return Choice(cells, np.full(len(cells), EVERYWHERE), depth)

    def _hosts(self, wish: Wish) -> tuple[str, ...]:
        """Kinds that the work is done to, where none of its own is modelled."""
        if wish.general or any(k in self.modelled for k in wish.kinds):
            return ()
        return tuple(dict.fromkeys(h for k in wish.kinds for h in self.words.kinds[k].on))

    def _of_kinds(self, wish: Wish, kinds: Sequence[str]) -> Choice:
        kinds = self._of_material(wish, kinds)
        if not any(k in self.modelled for k in kinds):
            return _nothing("not_modelled")
        if wish.action is Action.REMOVE and "existing" in wish.facets and not self.existing.any():
            return _nothing("existing")
        if "indoor" in wish.facets and any(self._outside(k) for k in kinds):
            wish = replace(wish, facets=tuple(f for f in wish.facets if f != "indoor"))
        sure = np.zeros(len(self.elements))
        depth = np.zeros(len(self.elements), dtype=np.int64)
        missing = False
        for kind in kinds:
            if kind not in self.modelled:
                continue
            base, met = self._base(kind, wish)
            cells, certainty = self._on_levels(kind, base, wish)
            missing |= bool(base.any()) and not cells.any()
            certainty *= 1.0 if met else UNMET
            certainty *= GENERAL / NAMED if wish.general else 1.0
            sure[cells] = np.maximum(sure[cells], certainty)
            narrow = 0 if wish.general else self.words.depth(kind)
            depth[cells] = np.maximum(depth[cells], narrow)
        found = np.flatnonzero(sure > 0)
        if not len(found):
            return _nothing("storey" if missing else "not_modelled")
        return Choice(found, sure[found], depth[found])

    def _of_material(self, wish: Wish, kinds: Sequence[str]) -> Sequence[str]:
        """Of the kinds of a trade those with parts of its material: "structural steel"."""
        for facet in ("steel", "timber", "precast"):
            if wish.general and facet in wish.facets:
                some = self.elements.facet(facet)
                made = [k for k in kinds if (self.elements.column(k) & some).any()]
                return made or [k for k in kinds if k in _FRAME]
        return kinds

    def _outside(self, kind: str) -> bool:
        """Whether all elements of a kind stand in models without storeys."""
        column = self.elements.column(kind)
        return bool(column.any()) and bool(self.elements.facet("outdoor")[column].all())

    def _base(self, kind: str, wish: Wish) -> tuple[Mask, bool]:
        """Cells of a kind with the facets wished for, and whether these were met."""
        key = (kind, wish.facets, wish.action.value)
        if key not in self._bases:
            self._bases[key] = self._based(kind, wish)
        return self._bases[key]

    def _based(self, kind: str, wish: Wish) -> tuple[Mask, bool]:
        base = self.elements.column(kind)
        if not self.words.kinds[kind].temporary:
            base = base & ~self.temporary
        if wish.action is not Action.REMOVE:
            base = base & ~self.existing
        met = True
        either = any(up in _EITHER for up in self.words.above(kind))
        for facet in wish.facets:
            if facet in ("structural", "light") and not either:
                continue
            fits = [base & some for some in self._facet(facet)]
            first = next((f for f in fits if f.any()), None)
            if first is None:
                met = met and facet in _SOFT
                if facet == "existing":
                    return base & False, False
                continue
            base = first
        return base, met

    def _facet(self, facet: str) -> list[Mask]:
        """Cells with a facet: strictly, then more loosely."""
        e = self.elements
        soft = e.facet("masonry") | e.facet("stud")
        if facet == "structural":
            return [e.facet("structural") & ~soft, ~soft, e.facet("structural")]
        if facet == "light":
            return [e.facet("light") | soft]
        if facet == "indoor":
            return [~e.facet("outdoor")]
        if facet == "in_situ":
            return [~e.facet("precast")]
        if facet == "first":
            return [~e.any_of(("mep_end", "equipment"))]
        return [e.facet(facet)]

    def levels(self, wish: Wish, kind: str) -> tuple[frozenset[int], float]:
        """Levels that a wish names for a kind, and how sure that is."""
        levels, sure = self.elements.levels.of(wish.storeys, british=self.british)
        plain = [k for k in wish.storeys if k not in (ROOF, FOUNDATION)]
        if self.words.kinds[kind].level == "floor" and plain:
            alone = kind == "beam" and "slab" not in wish.kinds and not wish.general
            shifts = (self.beam_shifts or self.shifts) if alone else self.shifts
            floors = self.elements.levels
            moved = [floors.moved([k], self._step(k, wish, shifts)) for k in levels]
            levels = frozenset().union(*moved)
        return levels, sure

    def _step(self, level: int, wish: Wish, shifts: Mapping[int, int]) -> int:
        if wish.underfoot and not wish.overhead:
            return -self.elements.floors_over
        step = shifts.get(level, shifts.get(-1, 0))
        return max(step, self.overhead_step) if wish.overhead else step

    overhead_step: int = 0

    def _on_levels(self, kind: str, base: Mask, wish: Wish) -> tuple[Mask, float]:
        """Cells of `base` where the wish has its place, and the confidence of that."""
        loose = self.words.kinds[kind].loose
        if not wish.storeys or (loose and not wish.near):
            spread = np.unique(self.elements.level[base])
            return base, LOOSE if loose or len(spread) <= 1 else EVERYWHERE
        levels, sure = self.levels(wish, kind)
        sure *= NAMED * (1.0 if wish.near else ABOVE)
        on: Mask = base & np.isin(self.elements.level, sorted(levels))
        if on.any():
            return on, sure
        if ROOF in wish.storeys and self.words.kinds[kind].level == "floor":
            # the roof of a model that keeps floors with the storey below them
            under = self.elements.levels.moved(levels, -self.elements.floors_over)
            on = base & np.isin(self.elements.level, sorted(under))
            if on.any():
                return on, sure * ABOVE
        soft = set(wish.storeys) <= {ROOF, FOUNDATION} and not levels
        if loose or soft:
            # founded below the lowest storey, or outside all: the storey tells no part of it
            away = (
                base & (self.elements.level < 0)
                if (base & (self.elements.level < 0)).any()
                else base
            )
            return away, LOOSE * ABOVE if loose else EVERYWHERE
        return base & False, 0.0


def contest(choices: Sequence[Choice], wishes: Sequence[Wish]) -> list[Choice]:
    """The choices without cells that another wish names more narrowly.

    A wish without a storey leaves a cell to one with; so does a wish for a wider kind to one
    for a narrower. Steps of casting (forms, bars, pour) share their cells. A mark such as
    "AHU-01" names single elements and takes no part.
    """
    rival = [
        k for k, c in enumerate(choices) if len(c.cells) and not c.hosted and not wishes[k].marks
    ]
    if not rival:
        return list(choices)
    # what takes a part away is no rival of what builds it
    apart = 1 + max(int(choices[k].cells.max()) for k in rival)
    takes = {k: apart * (wishes[k].action is Action.REMOVE) for k in rival}
    cell = np.concatenate([choices[k].cells + takes[k] for k in rival])
    depth = np.concatenate([choices[k].depth for k in rival])
    sizes = [len(choices[k].cells) for k in rival]
    local = np.repeat([bool(wishes[k].storeys) for k in rival], sizes)
    casts = np.repeat([bool(wishes[k].operations & CASTING) for k in rival], sizes)
    count = int(cell.max()) + 1

    def deepest(rows: Mask) -> I64:
        found = np.full(count, -1, dtype=np.int64)
        np.maximum.at(found, cell[rows], depth[rows])
        return found

    far_all, near_all = deepest(np.ones_like(local)), deepest(local)
    far_other, near_other = deepest(~casts), deepest(local & ~casts)
    far = np.where(casts, far_other[cell], far_all[cell])
    near = np.where(casts, near_other[cell], near_all[cell])
    lost = np.where(local, depth < near, (depth < far) | (depth <= near))
    result = list(choices)
    starts = np.concatenate([[0], np.cumsum(sizes)])
    for place, k in enumerate(rival):
        kept = ~lost[starts[place] : starts[place + 1]]
        if kept.all():
            continue
        old = choices[k]
        reasons = old.reasons if kept.any() else (*old.reasons, "taken")
        result[k] = replace(
            old, cells=old.cells[kept], sure=old.sure[kept], depth=old.depth[kept], reasons=reasons
        )
    return result


def adopt(
    chooser: Chooser, choices: Sequence[Choice], wishes: Sequence[Wish], *, taken: Mask
) -> list[Choice]:
    """The choices with parts that no task of their own builds, such as lamps of "MEP lines".

    `taken` (C,) are the cells that tasks build already.
    """
    result = list(choices)
    for k, wish in enumerate(wishes):
        old = choices[k]
        if not len(old.cells) or wish.action is not Action.INSTALL or wish.marks:
            continue
        if old.hosted:
            result[k] = _builds_host(chooser, old, wish, taken)
            continue
        old = _rest_of_walls(chooser, old, wish, taken)
        for kind in wish.kinds:
            wider = chooser.words.kinds[kind].adopts
            if not wider or wider not in chooser.modelled:
                continue
            more = chooser.choose(replace(wish, kinds=(wider,), general=False))
            fresh = ~taken[more.cells] & ~np.isin(more.cells, old.cells)
            if more.hosted or not fresh.any():
                continue
            cells = np.concatenate([old.cells, more.cells[fresh]])
            order = np.argsort(cells, kind="stable")
            sure = np.concatenate([old.sure, more.sure[fresh] * ADOPTED])[order]
            depth = np.concatenate([old.depth, np.zeros(int(fresh.sum()), np.int64)])[order]
            extra = frozenset(more.cells[fresh].tolist())
            old = replace(
                old, cells=cells[order], sure=sure, depth=depth, adopted=old.adopted | extra
            )
        result[k] = old
    return result


def _rest_of_walls(chooser: Chooser, old: Choice, wish: Wish, taken: Mask) -> Choice:
    """Walls of the structure, with the lighter ones of the same make that nobody else builds.

    A house of masonry has bearing and dividing walls, and plans that do not tell them apart.
    """
    sorts = [f for f in ("structural", "light") if f in wish.facets]
    if "wall" not in wish.kinds or wish.general or not sorts:
        return old
    elements = chooser.elements
    plain = tuple(f for f in wish.facets if f not in sorts)
    more = chooser.choose(replace(wish, kinds=("wall",), facets=plain))
    fresh = more.cells[~taken[more.cells] & ~np.isin(more.cells, old.cells)]
    makes = np.stack([elements.facet(f) for f in _MAKES], axis=1)
    own = old.cells[elements.column("wall")[old.cells]]
    alike = {makes[c].tobytes() for c in own.tolist()}
    fresh = np.array([c for c in fresh.tolist() if makes[c].tobytes() in alike], dtype=np.int64)
    if more.hosted or not len(fresh):
        return old
    sure = dict(zip(more.cells.tolist(), more.sure.tolist(), strict=True))
    cells = np.concatenate([old.cells, fresh])
    order = np.argsort(cells, kind="stable")
    added = np.array([sure[c] * ADOPTED for c in fresh.tolist()])
    return replace(
        old,
        cells=cells[order],
        sure=np.concatenate([old.sure, added])[order],
        depth=np.concatenate([old.depth, np.zeros(len(fresh), np.int64)])[order],
        adopted=old.adopted | frozenset(fresh.tolist()),
    )


def _builds_host(chooser: Chooser, old: Choice, wish: Wish, taken: Mask) -> Choice:
    """A covering builds what it is put on where nobody else does: "roofing" the roof."""
    wider = [chooser.words.kinds[k].adopts for k in wish.kinds]
    wider = [w for w in wider if w in chooser.modelled]
    if not wider:
        return old
    own = chooser.elements.any_of(wider)[old.cells] & ~taken[old.cells]
    if not own.any():
        return old
    return replace(
        old, cells=old.cells[own], sure=old.sure[own], depth=old.depth[own], hosted=False
    )


def repeated(
    wishes: Sequence[Wish], patterns: Sequence[str], begun: Sequence[float], chooser: Chooser
) -> Mapping[int, tuple[frozenset[int], float]]:
    """Levels for tasks of one name that name no storey, and a confidence.

    Where there are as many of them as storeys with such parts, the first to start has the
    lowest storey. Where there are not, each may be any: low confidence, all storeys.

    Returns
    -------
    mapping
        By the place of the task in `wishes`.

    """
    groups: dict[tuple[str, Wish], list[int]] = defaultdict(list)
    for k, wish in enumerate(wishes):
        if wish.kinds and not wish.storeys and not wish.idle:
            groups[patterns[k], wish].append(k)
    found: dict[int, tuple[frozenset[int], float]] = {}
    for (_, wish), rows in groups.items():
        if len(rows) < 2 or all(chooser.words.kinds[k].loose for k in wish.kinds):
            continue
        cells = chooser.choose(wish).cells
        levels = sorted({int(v) for v in chooser.elements.level[cells].tolist() if v >= 0})
        if len(levels) < 2:
            continue
        ordered = sorted(rows, key=lambda k: (begun[k] if np.isfinite(begun[k]) else np.inf, k))
        if len(levels) == len(rows):
            found |= {k: (frozenset([v]), 0.6) for k, v in zip(ordered, levels, strict=True)}
        else:
            found |= {k: (frozenset(levels), 0.3) for k in rows}
    return found
