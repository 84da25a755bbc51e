"""The rule matrix: what is tested against what, how closely, and what is not tested."""

import json
import tomllib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from fnmatch import translate
from functools import reduce
from itertools import combinations_with_replacement
from pathlib import Path
from re import IGNORECASE, compile as compile_pattern, escape
from typing import NoReturn

import numpy as np

from bimcore.arrays import F64, I64, Mask
from bimcore.elements import DISCIPLINES, Coded, ElementTable
from bimcore.errors import RuleError
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


def _cell(left: str, right: str, *, kind: RuleKind = RuleKind.HARD) -> Rule:
    """The rule of one cell, with the tolerance of hard rules."""
    # inside one discipline furniture meets furniture by use, not by mistake
    loose = LOOSE if left == right else ()
    one, other = DISCIPLINE_LABELS[left], DISCIPLINE_LABELS[right]
    return Rule(
        id=f"{kind.value}.{left}-{right}",
        left=Selector(disciplines=(left,), not_classes=(*GROUND, *loose)),
        right=Selector(disciplines=(right,), not_classes=GROUND),
        kind=kind,
        tolerance=max(_TOLERANCE[left], _TOLERANCE[right]),
        titles=both(
            f"{one['zh-CN']}与{other['zh-CN']}{'碰撞' if kind is RuleKind.HARD else '净距'}",
            f"{one['en']} against {other['en']}",
        ),
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
    never = np.flatnonzero(~covered.any(axis=0)).tolist()
    said = [_never(sorted({kinds[k][1] for k in never}))] if never else []
    present = [d for d in DISCIPLINES if any(k[0] == d for k in kinds)]
    for a, b in combinations_with_replacement(present, 2):
        rows = [i for i, k in enumerate(kinds) if k[0] == a and i not in never]
        columns = [i for i, k in enumerate(kinds) if k[0] == b and i not in never]
        block = covered[np.ix_(rows, columns)]
        if not block.all():
            said.append(_untested(a, b, _gaps(kinds, rows, columns, covered), none=not block.any()))
    return tuple(said)


def _never(classes: Sequence[str]) -> dict[str, dict[str, str]]:
    """The entry for classes that no hard rule tests against anything."""
    zh, en = ("、".join(label(c) for c in classes), ", ".join(label(c, "en") for c in classes))
    return {
        "what": both(f"{zh} 与任何构件的硬碰撞", f"Hard clashes of {en} with anything"),
        "why": both("规则不检查这些类别", "No rule tests these classes"),
    }


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


#: Largest tolerance or gap a rule file may ask for, metres.
_MOST = 50.0
_SELECTOR_KEYS = tuple(f.name for f in fields(Selector))
_RULE_KEYS = ("id", "kind", "tolerance_mm", "title", "title_en", "left", "right")
_FILE_KEYS = ("name", "rule", "hard", "clearance")


def load_rules(path: Path) -> RuleSet:
    """Read a rule set from a TOML file.

    ``[[rule]]`` tables hold ``id``, ``kind``, ``tolerance_mm``, titles and the selectors
    ``left`` and ``right``; the tables ``[hard]`` and ``[clearance]`` hold cells of the
    matrix, ``"structure x hvac" = 5`` in millimetres. A cell that is not there is not tested.

    Raises
    ------
    RuleError
        With file, line and reason.

    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as err:
        message = f"{path.name}: the rule file cannot be read as UTF-8 text: {err}"
        raise RuleError(message) from err
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as err:
        message = f"{path.name}: not valid TOML: {err}"
        raise RuleError(message) from err
    return _Reader(path.name, text).rules(data)


@dataclass(frozen=True, slots=True)
class _Reader:
    """Turns parsed TOML into rules and says where it is wrong."""

    file: str
    text: str

    def fail(self, reason: str, *, line: int) -> NoReturn:
        """Raise with the place."""
        message = f"{self.file}, line {line}: {reason}"
        raise RuleError(message)

    def line_of(self, key: str, *, after: int = 0) -> int:
        """Line (from 1) of the first ``key =`` or ``[key]`` at or after line `after`."""
        found = compile_pattern(
            rf"""^\s*(\[+\s*(\w+\s*\.\s*)*)?["']?{escape(key)}["']?\s*(=|\]|\.)"""
        )
        lines = self.text.splitlines()
        hits = (n for n, text in enumerate(lines, 1) if n >= after and found.match(text))
        return next(hits, max(after, 1))

    def rules(self, data: Mapping[str, object]) -> RuleSet:
        """All rules of the file."""
        for key in data:
            if key not in _FILE_KEYS:
                self.fail(
                    f'"{key}" is not known; known: {", ".join(_FILE_KEYS)}', line=self.line_of(key)
                )
        tables = data.get("rule", [])
        if not isinstance(tables, list) or not all(isinstance(t, dict) for t in tables):
            self.fail("rules are written as [[rule]] tables", line=self.line_of("rule"))
        starts = [n for n, t in enumerate(self.text.splitlines(), 1) if _RULE_HEAD.match(t)]
        starts += [1] * (len(tables) - len(starts))
        found = [self.rule(t, line=n) for t, n in zip(tables, starts, strict=False)]
        for kind in (RuleKind.HARD, RuleKind.CLEARANCE):
            found += self.cells(data.get(kind.value, {}), kind)
        if not found:
            self.fail("the file holds no rule", line=1)
        seen: set[str] = set()
        for number, one in enumerate(found):
            if one.id in seen:
                line = self.line_of("id", after=starts[number]) if number < len(tables) else 1
                self.fail(f'the id "{one.id}" is used twice', line=line)
            seen.add(one.id)
        return RuleSet(rules=tuple(found), name=str(data.get("name", self.file)))

    def rule(self, table: Mapping[str, object], *, line: int) -> Rule:
        """One ``[[rule]]`` table."""
        for key in table:
            if key not in _RULE_KEYS:
                where = self.line_of(key, after=line)
                self.fail(f'"{key}" is not known; known: {", ".join(_RULE_KEYS)}', line=where)
        name = table.get("id")
        if not isinstance(name, str) or not name.strip():
            self.fail("a rule needs an id", line=line)
        kind = table.get("kind", "hard")
        if kind not in tuple(RuleKind):
            words = ", ".join(RuleKind)
            self.fail(f'kind "{kind}" is not one of {words}', line=self.line_of("kind", after=line))
        where = self.line_of("tolerance_mm", after=line)
        zh, en = str(table.get("title", name)), str(table.get("title_en", table.get("title", name)))
        return Rule(
            id=name,
            left=self.selector(table.get("left", {}), "left", line=line),
            right=self.selector(table.get("right", {}), "right", line=line),
            kind=RuleKind(str(kind)),
            tolerance=self.length(table.get("tolerance_mm", 0), line=where),
            titles=both(zh, en),
        )

    def length(self, value: object, *, line: int) -> float:
        """Millimetres in the file, metres inside."""
        if isinstance(value, bool) or not isinstance(value, int | float):
            self.fail(f"a length in millimetres is a number, not {value!r}", line=line)
        if not 0 <= value <= _MOST * 1000:
            self.fail(f"{value} mm is not between 0 and {_MOST * 1000:.0f} mm", line=line)
        return float(value) / 1000

    def selector(self, table: object, side: str, *, line: int) -> Selector:
        """One side of a rule."""
        where = self.line_of(side, after=line)
        if not isinstance(table, dict):
            self.fail(f'"{side}" is a table of conditions', line=where)
        values: dict[str, tuple[str, ...]] = {}
        for key, given in table.items():
            at = self.line_of(key, after=where)
            if key not in _SELECTOR_KEYS:
                self.fail(f'"{key}" is not known; known: {", ".join(_SELECTOR_KEYS)}', line=at)
            words = [given] if isinstance(given, str) else given
            if not isinstance(words, list) or not all(isinstance(w, str) for w in words):
                self.fail(f'"{key}" is a word or a list of words', line=at)
            values[key] = tuple(words)
        self.disciplines(values.get("disciplines", ()), line=where)
        return Selector(**values)

    def disciplines(self, words: Iterable[str], *, line: int) -> None:
        """Refuse a discipline that no element can have."""
        for word in words:
            if word not in DISCIPLINES and not set(word) & set("*?["):
                known = ", ".join(DISCIPLINES)
                at = self.line_of("disciplines", after=line)
                self.fail(f'"{word}" is no discipline; known: {known}', line=at)

    def cells(self, table: object, kind: RuleKind) -> list[Rule]:
        """Cells of the matrix."""
        if not isinstance(table, dict):
            self.fail(f"[{kind.value}] is a table of cells", line=self.line_of(kind.value))
        found = []
        for key, value in table.items():
            line = self.line_of(key)
            sides = [part.strip() for part in key.replace("×", " x ").split(" x ")]
            if len(sides) != 2:
                self.fail(f'cell "{key}" is not written as "left x right"', line=line)
            self.disciplines(sides, line=line)
            cell = _cell(*sorted(sides, key=DISCIPLINES.index), kind=kind)
            found.append(replace(cell, tolerance=self.length(value, line=line)))
        return found


_RULE_HEAD = compile_pattern(r"^\s*\[\[\s*rule\s*\]\]")


def dump_rules(rules: RuleSet) -> str:
    """The rule set as TOML that :func:`load_rules` reads back to the same rules."""
    lines = [f"name = {_quoted(rules.name)}"]
    for rule in rules.rules:
        lines += [
            "",
            "[[rule]]",
            f"id = {_quoted(rule.id)}",
            f'kind = "{rule.kind.value}"',
            f"tolerance_mm = {float(f'{rule.tolerance * 1000:.12g}')}",
            f"title = {_quoted(rule.titles.get('zh-CN', rule.id))}",
            f"title_en = {_quoted(rule.titles.get('en', rule.id))}",
        ]
        for side, selector in (("left", rule.left), ("right", rule.right)):
            lines.append(f"[rule.{side}]")
            for key in _SELECTOR_KEYS:
                words = getattr(selector, key)
                if words:
                    lines.append(f"{key} = [{', '.join(_quoted(w) for w in words)}]")
    return "\n".join(lines) + "\n"


def _quoted(text: str) -> str:
    """A TOML basic string; JSON escapes are a subset of TOML's."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
