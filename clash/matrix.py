"""The rule matrix: what is tested against what, how closely, and what is not tested."""

from collections.abc import Callable, Iterable, Sequence
from fnmatch import translate
from functools import reduce
from itertools import combinations_with_replacement
from re import IGNORECASE, compile as compile_pattern

import numpy as np

from bimcore.arrays import F64, I64, Mask
from bimcore.elements import DISCIPLINES, Coded, ElementTable
from bimcore.model import Scene
from clash.rules import Rule, RuleKind, RuleSet, Selector
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
    hard = [_cell(a, b) for a, b in combinations_with_replacement(DISCIPLINES, 2)]
    return RuleSet(rules=(*hard, *_extra()), name="default")


def _cell(left: str, right: str) -> Rule:
    """The hard rule of one cell."""
    # inside one discipline furniture meets furniture by use, not by mistake
    loose = LOOSE if left == right else ()
    one, other = DISCIPLINE_LABELS[left], DISCIPLINE_LABELS[right]
    return Rule(
        id=f"hard.{left}-{right}",
        left=Selector(disciplines=(left,), not_classes=(*GROUND, *loose)),
        right=Selector(disciplines=(right,), not_classes=GROUND),
        kind=RuleKind.HARD,
        tolerance=max(_TOLERANCE[left], _TOLERANCE[right]),
        titles=both(f"{one['zh-CN']}与{other['zh-CN']}碰撞", f"{one['en']} against {other['en']}"),
    )


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


def select(scene: Scene, selector: Selector) -> Mask:
    """Elements of the scene that match `selector`.

    Parameters
    ----------
    scene : Scene
    selector : Selector
        Each non-empty field must match; an empty selector matches everything.

    Returns
    -------
    (E,) bool
        Bodies or not: the caller joins this with ``scene.clash_body``.

    """
    parts = [np.zeros(0, dtype=np.bool_)]
    models = _matcher(selector.models)
    for model in scene.models:
        if selector.models and not models(model.name):
            parts.append(np.zeros(len(model), dtype=np.bool_))
        else:
            parts.append(_select_rows(model.elements, selector))
    found: Mask = np.concatenate(parts)
    return found


def _select_rows(table: ElementTable, selector: Selector) -> Mask:
    """Rows (E,) of one table; the model is already matched."""
    masks = [np.ones(len(table), dtype=np.bool_)]
    if selector.disciplines:
        masks.append(_words(table.discipline, selector.disciplines))
    if selector.classes:
        masks.append(_lineage(table, selector.classes))
    if selector.not_classes:
        masks.append(~_lineage(table, selector.not_classes))
    if selector.types:
        masks.append(
            _words(table.object_type, selector.types) | _words(table.predefined, selector.types)
        )
    if selector.names:
        matches = _matcher(selector.names)
        masks.append(np.array([matches(n) for n in table.name], dtype=np.bool_))
    if selector.systems:
        masks.append(_words(table.system, selector.systems))
    if selector.storeys:
        masks.append(_words(table.storey, selector.storeys))
    if selector.classifications:
        masks.append(_words(table.classification, selector.classifications, parts=True))
    found: Mask = reduce(np.logical_and, masks)
    return found


def _matcher(patterns: Iterable[str]) -> Callable[[str], bool]:
    """A test of whole words against patterns with ``*`` and ``?``, case-blind."""
    tests = [compile_pattern(translate(p), IGNORECASE) for p in patterns]
    return lambda word: any(t.match(word) for t in tests)


def _words(column: Coded, patterns: Sequence[str], *, parts: bool = False) -> Mask:
    """Rows whose word, or one of its ``" | "`` parts, matches."""
    matches = _matcher(patterns)
    codes = [
        i
        for i, word in enumerate(column.words)
        if matches(word) or (parts and any(matches(p.strip()) for p in word.split("|")))
    ]
    found: Mask = np.isin(column.codes, codes)
    return found


def _lineage(table: ElementTable, patterns: Sequence[str]) -> Mask:
    """Rows whose class or one of its supertypes matches."""
    matches = _matcher(patterns)
    codes = [
        i
        for i, (word, up) in enumerate(zip(table.ifc_class.words, table.lineage, strict=True))
        if matches(word) or any(matches(c) for c in up)
    ]
    found: Mask = np.isin(table.ifc_class.codes, codes)
    return found


def rule_masks(scene: Scene, rules: RuleSet) -> tuple[Mask, Mask]:
    """Which bodies stand on each side of each rule.

    Parameters
    ----------
    scene : Scene
    rules : RuleSet

    Returns
    -------
    left, right : (R, E) bool
        Rule r tests the pair {i, j} when ``left[r, i] & right[r, j]`` or the other way
        round. Elements that are no clash bodies are false everywhere.

    """
    bodies = scene.clash_body
    known: dict[Selector, Mask] = {}

    def mask(selector: Selector) -> Mask:
        if selector not in known:
            known[selector] = select(scene, selector) & bodies
        return known[selector]

    shape = (len(rules.rules), len(scene))
    left = np.zeros(shape, dtype=np.bool_)
    right = np.zeros(shape, dtype=np.bool_)
    for r, rule in enumerate(rules.rules):
        left[r], right[r] = mask(rule.left), mask(rule.right)
    return left, right


def untested_cells(rules: RuleSet, scene: Scene) -> tuple[dict[str, dict[str, str]], ...]:
    """Pairs of disciplines in the scene that no hard rule tests, wholly or for some classes.

    Returns
    -------
    tuple of {"what": {"zh-CN", "en"}, "why": {"zh-CN", "en"}}
        In the order of the matrix; empty when everything present is tested.

    """
    kinds, kind_of = _kinds(scene)
    if not kinds:
        return ()
    covered = _covered(rules, scene, kind_of, len(kinds))
    present = [d for d in DISCIPLINES if any(k[0] == d for k in kinds)]
    said: list[dict[str, dict[str, str]]] = []
    for a, b in combinations_with_replacement(present, 2):
        rows = [i for i, k in enumerate(kinds) if k[0] == a]
        columns = [i for i, k in enumerate(kinds) if k[0] == b]
        block = covered[np.ix_(rows, columns)]
        if not block.all():
            said.append(_untested(a, b, _gaps(kinds, rows, columns, covered), none=not block.any()))
    return tuple(said)


def _kinds(scene: Scene) -> tuple[list[tuple[str, str]], I64]:
    """(discipline, class) of the bodies present, and the kind (E,) of each; -1 no body."""
    labels: list[tuple[str, str]] = []
    for model in scene.models:
        table = model.elements
        labels.extend(zip(table.discipline.texts(), table.ifc_class.texts(), strict=True))
    bodies = np.flatnonzero(scene.clash_body).tolist()
    kinds = sorted({labels[i] for i in bodies})
    place = {k: i for i, k in enumerate(kinds)}
    kind_of = np.full(len(scene), -1, dtype=np.int64)
    kind_of[bodies] = [place[labels[i]] for i in bodies]
    return kinds, kind_of


def _covered(rules: RuleSet, scene: Scene, kind_of: I64, count: int) -> Mask:
    """Whether (K, K) all bodies of two kinds are tested against each other by a hard rule."""
    hard = RuleSet(rules=tuple(r for r in rules.rules if r.kind is RuleKind.HARD))
    left, right = rule_masks(scene, hard)
    rows = kind_of >= 0
    sizes = np.bincount(kind_of[rows], minlength=count)

    def whole(mask: Mask) -> F64:
        hit = np.zeros((len(mask), count))
        for r, line in enumerate(mask):
            hit[r] = np.bincount(kind_of[rows & line], minlength=count) == sizes
        return hit

    one_way = whole(left).T @ whole(right)
    found: Mask = (one_way + one_way.T) > 0
    return found


def _gaps(
    kinds: list[tuple[str, str]], rows: list[int], columns: list[int], covered: Mask
) -> list[tuple[str, str]]:
    """Class pairs of a cell that are not tested, each once, in alphabetical order."""
    gaps = {
        (min(kinds[i][1], kinds[j][1]), max(kinds[i][1], kinds[j][1]))
        for i in rows
        for j in columns
        if not covered[i, j]
    }
    return sorted(gaps)


def _untested(
    a: str, b: str, gaps: list[tuple[str, str]], *, none: bool
) -> dict[str, dict[str, str]]:
    """One entry of ``not_assessed``."""
    first, second = DISCIPLINE_LABELS[a], DISCIPLINE_LABELS[b]
    what = both(
        f"{first['zh-CN']} × {second['zh-CN']} 硬碰撞",
        f"Hard clashes of {first['en']} with {second['en']}",
    )
    if none:
        return {"what": what, "why": both("规则矩阵中此格为空", "The cell of the matrix is empty")}
    zh = "；".join(f"{label(p, 'zh-CN')} × {label(q, 'zh-CN')}" for p, q in gaps)
    en = "; ".join(f"{label(p, 'en')} x {label(q, 'en')}" for p, q in gaps)
    return {
        "what": what,
        "why": both(f"规则不检查以下组合：{zh}", f"No rule tests these pairs: {en}"),
    }
