"""Rules as a file gives them, put together into a rule set with the place of every fault."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import TypeAlias, TypeVar

from bimcore.elements import DISCIPLINES
from bimcore.errors import RuleError
from clash.conditions import fold, parse_condition
from clash.matrix import axis_of, cell_rule
from clash.rules import (
    SELECTOR_FIELDS,
    Exclusion,
    Named,
    Rule,
    RuleKind,
    RuleSet,
    Selector,
)
from clash.rulewords import (
    Demands,
    Wrong,
    checked,
    demands_of,
    discipline_of,
    kind_of,
    length_of,
    name_of,
    short,
)
from clash.texts import both

#: Most rules of a set: each costs a look at every element.
MOST_RULES = 1_000
#: Most words of a field of a selector, and most property conditions.
MOST_WORDS, MOST_CONDITIONS = 1_000, 50
#: Faults of one file that are told; of more, the number.
MOST_TOLD = 100
#: Fields whose words hold no blanks and commas; a cell of a sheet may list them in one line.
LISTED = ("disciplines", "classes", "not_classes")
_LISTING = re.compile(r"[\s,;，；、]")
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Given:
    """A value and where the file says it: ``line 4``, ``矩阵 Matrix!B3``."""

    value: object
    place: str


@dataclass(frozen=True, slots=True)
class Conditions:
    """A selector as the file gives it: words by field."""

    place: str
    words: Mapping[str, Sequence[Given]]


#: One side of a rule: the name of a selector or discipline, or conditions.
Side: TypeAlias = Given | Conditions


@dataclass(frozen=True, slots=True, kw_only=True)
class SelectorDraft:
    """A named selector."""

    name: Given
    content: Conditions
    titles: tuple[Given | None, Given | None] = (None, None)


@dataclass(frozen=True, slots=True, kw_only=True)
class CellDraft:
    """A cell of the matrix: both names and its text, or its number with the kind."""

    left: Given
    right: Given
    text: Given
    kind: RuleKind | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleDraft:
    """A rule beside the matrix."""

    id: Given
    kind: Given
    length: Given
    left: Side
    right: Side
    titles: tuple[Given | None, Given | None] = (None, None)


@dataclass(frozen=True, slots=True, kw_only=True)
class ExclusionDraft:
    """A declaration of one side."""

    id: Given
    declared_by: Given
    elements: Side
    against: Side
    reasons: tuple[Given | None, Given | None]


@dataclass(slots=True, kw_only=True)
class Draft:
    """A whole file; filled in by its reader, which adds the faults of its form."""

    file: str
    start: str
    name: Given | None = None
    selectors: list[SelectorDraft] = field(default_factory=list)
    axes: list[Given] = field(default_factory=list)
    cells: list[CellDraft] = field(default_factory=list)
    rules: list[RuleDraft] = field(default_factory=list)
    exclusions: list[ExclusionDraft] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    _told: set[str] = field(default_factory=set)

    def fault(self, place: str, texts: Mapping[str, str]) -> None:
        """Note a fault of the file, once however many rules run into it."""
        told = f"{self.file}, {place}: {texts['en']} {texts['zh-CN']}"
        if told not in self._told:
            self._told.add(told)
            self.faults.append(told)

    def attempt(self, made: Callable[[], T], place: str) -> T | None:
        """What `made` returns, or None after noting why it cannot be."""
        try:
            return made()
        except Wrong as wrong:
            self.fault(place, wrong.texts)
            return None


def refuse(faults: Sequence[str]) -> None:
    """End with all faults of a file, one a line.

    Raises
    ------
    RuleError
        When there are any.

    """
    if faults:
        hidden = len(faults) - MOST_TOLD
        more = [f"... {hidden} more 另有 {hidden} 处"] if hidden > 0 else []
        message = "\n".join([*faults[:MOST_TOLD], *more])
        raise RuleError(message)


def assemble(draft: Draft) -> RuleSet:
    """The rule set of a draft.

    Raises
    ------
    RuleError
        With all faults of the file, each with its place and reason.

    """
    desk = _Desk(draft)
    axes = desk.axes()
    cells = desk.cells(axes)
    rules = [*cells, *(r for d in draft.rules if (r := desk.rule(d)) is not None)]
    exclusions = [e for d in draft.exclusions if (e := desk.exclusion(d)) is not None]
    if not rules and not draft.faults:
        draft.fault(draft.start, both("文件里没有规则", "the file holds no rule"))
    if len(rules) > MOST_RULES:
        texts = both(
            f"规则有 {len(rules)} 条，最多 {MOST_RULES} 条",
            f"{len(rules)} rules, at most {MOST_RULES} are possible",
        )
        draft.fault(draft.start, texts)
    name = None if draft.name is None else desk.text(draft.name, ("名称", "the name"))
    refuse(draft.faults)
    return RuleSet(
        rules=tuple(rules),
        name=name or draft.file,
        axes=tuple(axes),
        selectors=tuple(desk.named.values()),
        exclusions=tuple(exclusions),
    )


class _Desk:
    """Turns drafts into rules and notes what is wrong with them."""

    def __init__(self, draft: Draft) -> None:
        self.draft = draft
        self.named: dict[str, Named] = {}
        self._ids: dict[str, str] = {}
        for one in draft.selectors:
            self._add(one)

    def _add(self, one: SelectorDraft) -> None:
        name = self.draft.attempt(lambda: name_of(one.name.value), one.name.place)
        selector = self.selector(one.content)
        if name is None:
            return
        if _key(name) in self.named:
            texts = both(
                f"选择集“{short(name)}”出现两次", f'the selector "{short(name)}" is there twice'
            )
            self.draft.fault(one.name.place, texts)
            return
        titles = self.texts(one.titles, fallback=name)
        self.named[_key(name)] = Named(name=name, selector=selector, titles=titles)

    def text(self, given: Given, what: tuple[str, str]) -> str | None:
        """A line of text, or None after a fault."""
        return self.draft.attempt(lambda: checked(given.value, what=what), given.place)

    def texts(self, given: tuple[Given | None, Given | None], *, fallback: str) -> dict[str, str]:
        """A text in both languages; the other language, then `fallback`, where one is missing."""
        what = ("文字", "a text")
        zh, en = (None if g is None else self.text(g, what) for g in given)
        return both(zh or en or fallback, en or zh or fallback)

    def selector(self, content: Conditions) -> Selector:
        """A selector of the words that are right."""
        found: dict[str, tuple[str, ...]] = {}
        for key, words in content.words.items():
            if key not in SELECTOR_FIELDS:
                known = ", ".join(SELECTOR_FIELDS)
                texts = both(
                    f"没有“{short(key)}”这一项，可用：{known}",
                    f'"{short(key)}" is not known; known: {known}',
                )
                self.draft.fault(words[0].place if words else content.place, texts)
                continue
            most = MOST_CONDITIONS if key == "properties" else MOST_WORDS
            if len(words) > most:
                texts = both(
                    f"“{key}”有 {len(words)} 个词，最多 {most} 个",
                    f'"{key}" has {len(words)} words, at most {most} are possible',
                )
                self.draft.fault(words[0].place, texts)
                continue
            made = [self.draft.attempt(partial(_word, key, w.value), w.place) for w in words]
            found[key] = tuple(w for w in made if w is not None)
        return Selector(**found)

    def side(self, side: Side) -> Selector:
        """The selector of one side of a rule."""
        if isinstance(side, Conditions):
            return self.selector(side)
        axis = self.axis(side)
        return Selector() if axis is None else axis.selector

    def axis(self, given: Given) -> Named | None:
        """The selector or discipline of a name, or None after a fault."""
        name = self.text(given, ("名称", "the name"))
        if name is None:
            return None
        discipline = discipline_of(name)
        if discipline is not None:
            return axis_of(discipline)
        if _key(name) in self.named:
            return self.named[_key(name)]
        known = ", ".join([*DISCIPLINES, *(n.name for n in self.named.values())])
        texts = both(
            f"“{short(name)}”既不是专业，也不是已定义的选择集；已有：{known}",
            f'"{short(name)}" is no discipline and no selector of the file; known: {known}',
        )
        self.draft.fault(given.place, texts)
        return None

    def axes(self) -> list[str]:
        """Names of the rows of the matrix: those listed, then those only used in cells."""
        listed: dict[str, None] = {}
        for given in self.draft.axes:
            axis = self.axis(given)
            if axis is not None:
                if axis.name in listed:
                    texts = both(
                        f"“{axis.name}”在矩阵里出现两次", f'"{axis.name}" is in the matrix twice'
                    )
                    self.draft.fault(given.place, texts)
                listed[axis.name] = None
        used = {n for c in self.draft.cells for g in (c.left, c.right) if (n := self._name(g))}
        order = [*DISCIPLINES, *(n.name for n in self.named.values())]
        return [*listed, *(n for n in order if n in used and n not in listed)]

    def _name(self, given: Given) -> str | None:
        """The name of an axis without noting a fault; cells do that."""
        word = given.value if isinstance(given.value, str) else ""
        named = self.named.get(_key(word))
        return discipline_of(word) or (named.name if named else None)

    def cells(self, axes: Sequence[str]) -> list[Rule]:
        """Rules of the matrix, in the order of its rows."""
        found: dict[tuple[int, int, RuleKind], tuple[float, str]] = {}
        for cell in self.draft.cells:
            sides = [self.axis(cell.left), self.axis(cell.right)]
            demands = self.draft.attempt(partial(_demands, cell), cell.text.place)
            places = sorted(axes.index(s.name) for s in sides if s is not None)
            if demands is None or len(places) != 2:
                continue
            for kind, mm in demands:
                key = (places[0], places[1], kind)
                before = found.setdefault(key, (mm, cell.text.place))
                if before[0] != mm:
                    texts = both(
                        f"与 {before[1]} 不一致：同一格要求不同",
                        f"contradicts {before[1]}: the same cell asks otherwise there",
                    )
                    self.draft.fault(cell.text.place, texts)
        selectors = tuple(self.named.values())
        rows = [axis_of(a, selectors) for a in axes]
        kinds = list(RuleKind)
        ordered = sorted(found, key=lambda k: (k[0], k[1], kinds.index(k[2])))
        rules = [cell_rule(rows[i], rows[j], k, found[i, j, k][0] / 1000) for i, j, k in ordered]
        for key, rule in zip(ordered, rules, strict=True):
            self._ids[rule.id] = found[key][1]
        return rules

    def _id(self, given: Given) -> str | None:
        name = self.text(given, ("编号 id", "the id"))
        if name is not None and name in self._ids:
            texts = both(f"编号“{short(name)}”用了两次", f'the id "{short(name)}" is used twice')
            self.draft.fault(given.place, texts)
        if name is not None:
            self._ids[name] = given.place
        return name

    def rule(self, draft: RuleDraft) -> Rule | None:
        """One rule beside the matrix."""
        name = self._id(draft.id)
        word = self.text(draft.kind, ("规则种类", "the kind of rule"))
        kind = self.draft.attempt(lambda: kind_of(word or "hard"), draft.kind.place)
        mm = self.draft.attempt(lambda: length_of(draft.length.value), draft.length.place)
        left, right = self.side(draft.left), self.side(draft.right)
        if name is None or kind is None or mm is None:
            return None
        titles = self.texts(draft.titles, fallback=name)
        return Rule(id=name, left=left, right=right, kind=kind, tolerance=mm / 1000, titles=titles)

    def exclusion(self, draft: ExclusionDraft) -> Exclusion | None:
        """One declaration."""
        name = self._id(draft.id)
        party = self.text(draft.declared_by, ("声明方", "who declares it"))
        elements, against = self.side(draft.elements), self.side(draft.against)
        if all(r is None for r in draft.reasons):
            self.draft.fault(draft.id.place, both("缺少理由", "the reason is missing"))
        if name is None or party is None:
            return None
        return Exclusion(
            id=name,
            declared_by=discipline_of(party) or party,
            elements=elements,
            against=against,
            reasons=self.texts(draft.reasons, fallback=name),
        )


def _key(name: str) -> str:
    return fold(" ".join(name.split()))


def _demands(cell: CellDraft) -> Demands:
    value = cell.text.value
    if cell.kind is not None:
        return ((cell.kind, length_of(value)),)
    if isinstance(value, str):
        return demands_of(value)
    return ((RuleKind.HARD, length_of(value)),)


def _word(key: str, value: object) -> str:
    """One word of a field of a selector."""
    word = checked(value, what=("条件", f'a word of "{key}"'))
    if key in LISTED and _LISTING.search(word):
        raise Wrong(
            both(
                f"“{short(word)}”含分隔符，应逐个列出",
                f'"{short(word)}" is several words; list them',
            )
        )
    if key == "disciplines":
        return _discipline(word)
    if key in ("classes", "not_classes") and not word.lower().startswith(("ifc", "*", "?")):
        raise Wrong(
            both(f"IFC 类名以 Ifc 开头，“{short(word)}”不是", f'"{short(word)}" is no IFC class')
        )
    if key == "properties":
        try:
            parse_condition(word)
        except ValueError as err:
            zh = f"属性条件“{short(word)}”有误，应写成“属性集.属性 = 值”：{err}"
            raise Wrong(both(zh, f'condition "{short(word)}": {err}')) from err
    return word


def _discipline(word: str) -> str:
    discipline = discipline_of(word)
    if discipline is None and not set(word) & set("*?"):
        known = ", ".join(DISCIPLINES)
        raise Wrong(
            both(
                f"“{short(word)}”不是专业名称，可用：{known}",
                f'"{short(word)}" is no discipline; known: {known}',
            )
        )
    return discipline or word
