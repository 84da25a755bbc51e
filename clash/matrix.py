"""The rule matrix: what is tested against what, how closely, and what is not tested."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations_with_replacement

import numpy as np

from bimcore.arrays import F64, I64, Mask
from bimcore.elements import DISCIPLINES
from bimcore.model import Scene
from clash.rules import Named, Rule, RuleKind, RuleSet, Selector

# as: the engine asks the matrix for its masks
from clash.select import bodies_by, rule_masks
from clash.texts import DISCIPLINE_LABELS, both, label

#: Ground is cut by everything that is founded in it, and is modelled as an open surface:
#: bodies against ground say nothing about the design, so no default cell tests it.
GROUND = (
    "IfcGeographicElement",
    "IfcEarthworksElement",
    "IfcEarthworksCut",
    "IfcEarthworksFill",
    "IfcGeotechnicalElement",
)
#: Movable things that people push around; among themselves they are not tested (chairs
#: stand under tables), against the building they are.
LOOSE = ("IfcFurnishingElement", "IfcVehicle")

#: Metres below which shared space counts as contact, by how exactly a trade is built.
BUILT = 0.010  #: concrete, masonry and finishes: drawn to the centimetre
FITTED = 0.005  #: services and steel: prefabricated, a 5 mm overlap does not fit
SURVEYED = 0.020  #: ground works and surveyed lines

_TOLERANCE = {
    "architecture": BUILT,
    "structure": BUILT,
    "hvac": FITTED,
    "plumbing": FITTED,
    "fire": FITTED,
    "electrical": FITTED,
    "site": SURVEYED,
    "utility": FITTED,
    "other": BUILT,
}

#: Metres apart that two equal bodies may stand and still be the same thing twice.
TWICE = 0.005
#: Least clear height between crossing buried lines; the least value of the crossing table
#: of GB 50289-2016 (water over water). A project with gas or power lines asks for more.
CROSSING_LINES = 0.15
#: Working room between a buried line and a foundation, a parameter of the project; local
#: rules ask from 0.5 m (gas to foundation) to 3.0 m (large water mains).
LINE_TO_FOUNDATION = 0.5

_FOUNDATIONS = ("IfcFooting", "IfcPile", "IfcDeepFoundation", "IfcCaissonFoundation")


def default_rules() -> RuleSet:
    """The matrix used where a project has none.

    Each pair of disciplines is one hard rule, the diagonal included, so that a single model
    is checked as well. The looser trade of the two gives a cell its tolerance: a pipe that
    enters a wall by 8 mm may be the wall's plaster, a pipe that enters a duct by 8 mm does
    not fit. One rule looks for things modelled twice, two ask for room round buried lines.
    """
    hard = [
        cell_rule(axis_of(a), axis_of(b), RuleKind.HARD, max(_TOLERANCE[a], _TOLERANCE[b]))
        for a, b in combinations_with_replacement(DISCIPLINES, 2)
    ]
    return RuleSet(rules=(*hard, *_extra()), name="default", axes=DISCIPLINES)


def axis_of(name: str, selectors: Sequence[Named] = ()) -> Named:
    """A row or column of the matrix: a selector of that name, else the discipline."""
    for named in selectors:
        if named.name == name:
            return named
    selector = Selector(disciplines=(name,), not_classes=GROUND)
    return Named(name=name, selector=selector, titles=dict(DISCIPLINE_LABELS[name]))


_VERDICTS = {
    RuleKind.HARD: "碰撞",
    RuleKind.CLEARANCE: "净距",
    RuleKind.DUPLICATE: "重复",
}


def cell_rule(left: Named, right: Named, kind: RuleKind, tolerance: float) -> Rule:
    """The rule of one cell of the matrix; `tolerance` in metres.

    A cell of two disciplines leaves ground out, and furniture against furniture of one.
    """
    first = left.selector
    if left == right and left.name in DISCIPLINES:
        # inside one discipline furniture meets furniture by use, not by mistake
        first = Selector(disciplines=first.disciplines, not_classes=(*GROUND, *LOOSE))
    plain = left.name in DISCIPLINES and right.name in DISCIPLINES
    one, other = _titles(left), _titles(right)
    return Rule(
        id=f"{kind.value}.{left.name}{'-' if plain else ' x '}{right.name}",
        left=first,
        right=right.selector,
        kind=kind,
        tolerance=tolerance,
        titles=both(
            f"{one['zh-CN']}与{other['zh-CN']}{_VERDICTS[kind]}",
            f"{one['en']} against {other['en']}",
        ),
    )


def _titles(axis: Named) -> dict[str, str]:
    return {language: axis.titles.get(language) or axis.name for language in ("zh-CN", "en")}


def _extra() -> tuple[Rule, ...]:
    """Rules beside the matrix of disciplines."""
    line = Selector(disciplines=("utility",))
    return (
        Rule(
            id="duplicate.all",
            left=Selector(not_classes=GROUND),
            right=Selector(not_classes=GROUND),
            kind=RuleKind.DUPLICATE,
            tolerance=TWICE,
            titles=both("重复构件", "The same body twice"),
        ),
        Rule(
            id="clearance.utility-utility",
            left=line,
            right=line,
            kind=RuleKind.CLEARANCE,
            tolerance=CROSSING_LINES,
            titles=both("地下管线净距", "Clear distance between buried lines"),
        ),
        Rule(
            id="clearance.utility-foundation",
            left=line,
            right=Selector(classes=_FOUNDATIONS),
            kind=RuleKind.CLEARANCE,
            tolerance=LINE_TO_FOUNDATION,
            titles=both("地下管线与基础净距", "Buried line near a foundation"),
        ),
    )


@dataclass(frozen=True, slots=True, eq=False)
class _Kinds:
    """Bodies of a scene that all selectors of a rule set treat alike.

    Attributes
    ----------
    words : list of (str, str)
        Discipline and class of each kind; several kinds may share them.
    first : (K,) int64
        A body of each kind.
    covered : (K, K) bool
        Whether a hard rule tests two kinds against each other.

    """

    words: list[tuple[str, str]]
    first: I64
    covered: Mask

    @classmethod
    def of(cls, rules: RuleSet, scene: Scene, meant: Callable[[Selector], Mask]) -> "_Kinds":
        """Sort the bodies by discipline, class and the sides of rules they stand on."""
        hard = RuleSet(rules=tuple(r for r in rules.rules if r.kind is RuleKind.HARD))
        left, right = rule_masks(scene, hard, meant=meant)
        bodies = np.flatnonzero(scene.clash_body)
        axes = [meant(n.selector) for n in _selector_axes(rules)]
        sides = np.concatenate([left, right, *(a[None] for a in axes)])
        words = _labels(scene)
        names = sorted({words[i] for i in bodies.tolist()})
        place = {w: i for i, w in enumerate(names)}
        name = np.array([place[words[i]] for i in bodies.tolist()], dtype="<u4")
        marks = np.packbits(sides[:, bodies], axis=0).T
        rows = np.hstack([name[:, None].astype(">u4").view(np.uint8), marks])
        _, at = np.unique(rows, axis=0, return_index=True)
        first: I64 = bodies[at]
        one_way: F64 = left[:, first].T.astype(np.float64) @ right[:, first]
        return cls([words[i] for i in first.tolist()], first, (one_way + one_way.T) > 0)


def _selector_axes(rules: RuleSet) -> list[Named]:
    """Rows of the matrix that are no discipline."""
    return [n for n in rules.selectors if n.name in rules.axes]


def _labels(scene: Scene) -> list[tuple[str, str]]:
    """Discipline and class of each element."""
    found: list[tuple[str, str]] = []
    for model in scene.models:
        table = model.elements
        found.extend(zip(table.discipline.texts(), table.ifc_class.texts(), strict=True))
    return found


def untested_cells(rules: RuleSet, scene: Scene) -> tuple[dict[str, dict[str, str]], ...]:
    """What the matrix leaves out: empty cells, classes in no rule, selectors that find nothing.

    Returns
    -------
    tuple of {"what": {"zh-CN", "en"}, "why": {"zh-CN", "en"}}
        First selectors without elements, then cells of selectors in the order of the matrix,
        then pairs of disciplines that no hard rule tests, wholly or for some classes; each
        pair is said once. Empty when everything present is tested.

    """
    if not scene.clash_body.any():
        return ()
    meant = bodies_by(scene)
    kinds = _Kinds.of(rules, scene, meant)
    said = [_idle(n) for n in rules.selectors if not meant(n.selector).any()]
    open_ = ~kinds.covered
    for left, right, block in _selector_cells(rules, kinds, meant):
        if (~kinds.covered & block).any():
            said.append(_untested(rules, (left, right), kinds, block, ~kinds.covered & block))
            open_ &= ~block
    return (*said, *_of_disciplines(rules, kinds, open_))


def _selector_cells(
    rules: RuleSet, kinds: _Kinds, meant: Callable[[Selector], Mask]
) -> Iterator[tuple[Named, Named, Mask]]:
    """Both sides of each cell with a selector in it, and its pairs of kinds (K, K)."""
    if not _selector_axes(rules):
        return
    axes = [axis_of(name, rules.selectors) for name in rules.axes]
    inside = [meant(a.selector)[kinds.first] for a in axes]
    for i, j in combinations_with_replacement(range(len(axes)), 2):
        if not {axes[i].name, axes[j].name} <= set(DISCIPLINES):
            block: Mask = np.outer(inside[i], inside[j]) | np.outer(inside[j], inside[i])
            yield axes[i], axes[j], block


def _of_disciplines(
    rules: RuleSet, kinds: _Kinds, open_: Mask
) -> Iterator[dict[str, dict[str, str]]]:
    """Pairs of disciplines that are still open."""
    never: Mask = np.all(open_, axis=0)
    if never.any():
        words = zip(kinds.words, never.tolist(), strict=True)
        yield _never(sorted({w[1] for w, n in words if n}))
    trade = np.array([w[0] for w in kinds.words])
    for a, b in combinations_with_replacement(DISCIPLINES, 2):
        block = np.outer((trade == a) & ~never, (trade == b) & ~never)
        if (open_ & block).any():
            yield _untested(rules, (axis_of(a), axis_of(b)), kinds, block, open_ & block)


def _idle(named: Named) -> dict[str, dict[str, str]]:
    """The entry for a selector that finds nothing, which may be a slip of the pen."""
    titles = _titles(named)
    return {
        "what": both(f"选择集“{titles['zh-CN']}”", f'The selector "{titles["en"]}"'),
        "why": both("没有构件符合该选择集的条件", "No body meets its conditions"),
    }


def _never(classes: Sequence[str]) -> dict[str, dict[str, str]]:
    """The entry for classes that no hard rule tests against anything."""
    zh, en = ("、".join(label(c) for c in classes), ", ".join(label(c, "en") for c in classes))
    return {
        "what": both(f"{zh} 与任何构件的硬碰撞", f"Hard clashes of {en} with anything"),
        "why": both("规则不检查这些类别", "No rule tests these classes"),
    }


def _untested(
    rules: RuleSet, cell: tuple[Named, Named], kinds: _Kinds, block: Mask, untested: Mask
) -> dict[str, dict[str, str]]:
    """The entry for a cell whose pairs of kinds (K, K) are not all tested by a hard rule."""
    first, second = _titles(cell[0]), _titles(cell[1])
    what = both(
        f"{first['zh-CN']} × {second['zh-CN']} 硬碰撞",
        f"Hard clashes of {first['en']} with {second['en']}",
    )
    if not (kinds.covered & block).any():
        asked = {r.id for r in rules.rules}
        others = (RuleKind.CLEARANCE, RuleKind.DUPLICATE)
        if asked & {cell_rule(*cell, kind, 0.0).id for kind in others}:
            why = both("规则矩阵中此格没有硬碰撞规则", "The cell of the matrix has no hard rule")
        else:
            why = both("规则矩阵中此格为空", "The cell of the matrix is empty")
        return {"what": what, "why": why}
    pairs = _class_pairs(kinds, untested)
    zh = "；".join(dict.fromkeys(f"{label(p)} × {label(q)}" for p, q in pairs))
    en = "; ".join(dict.fromkeys(f"{label(p, 'en')} x {label(q, 'en')}" for p, q in pairs))
    return {
        "what": what,
        "why": both(f"规则不检查以下组合：{zh}", f"No rule tests these pairs: {en}"),
    }


def _class_pairs(kinds: _Kinds, pairs: Mask) -> list[tuple[str, str]]:
    """Classes of pairs of kinds, each once, in alphabetical order."""
    words = [w[1] for w in kinds.words]
    places = np.argwhere(pairs).tolist()
    return sorted({(min(words[i], words[j]), max(words[i], words[j])) for i, j in places})
