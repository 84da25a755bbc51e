"""What words of plans and models mean: kinds of elements, trades, operations, actions."""

import re
import tomllib
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from importlib import resources
from itertools import pairwise
from types import MappingProxyType
from typing import Any

from bimcore.errors import InputError

#: Files of the dictionary that ships; a project may add one of its own.
FILES = ("kinds.toml", "zh.toml", "en.toml", "de.toml", "nl.toml")
#: Tables of a language, and whether their keys must be known elsewhere.
_TABLES = ("kinds", "trades", "operations", "facets", "actions", "idle", "codes")
_ACTIONS = frozenset({"remove", "temporary", "maintain"})
_CODES = frozenset({"properties", "elements", "storeys", "zones"})
_KIND_LISTS = (
    "of",
    "also",
    "classes",
    "predefined",
    "predefined_only",
    "disciplines",
    "facets",
    "not",
    "on",
    "covers",
    "instead",
)
_KIND_FLAGS = ("loose", "silent", "temporary", "needs_word")
_KIND_TEXTS = ("id", "trade", "adopts", "level", "lowest", "roofmost")
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")
_TOKEN = re.compile(r"[a-z]+|\d+|[\u3400-\u9fff]+")
_HAN = re.compile(r"[\u3400-\u9fff]")
#: Between two words of one phrase.
_JOINS = re.compile(r"[\s\-_/&.'’]*")
_FOLD = str.maketrans({"ä": "a", "ö": "o", "ü": "u", "é": "e", "è": "e", "ë": "e", "ï": "i"})
_SHORTEST_COMPOUND = 4


class DictionaryError(InputError):
    """A dictionary of trades is not valid; the message names file, line and key."""

    code = "SCH630"


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """Something that tasks work on; fields as explained in ``dictionary/kinds.toml``."""

    id: str
    of: tuple[str, ...] = ()
    also: tuple[str, ...] = ()
    classes: frozenset[str] = frozenset()
    predefined: frozenset[str] = frozenset()
    predefined_only: frozenset[str] = frozenset()
    disciplines: frozenset[str] = frozenset()
    facets: tuple[frozenset[str], ...] = ()
    excludes: frozenset[str] = frozenset()
    on: tuple[str, ...] = ()
    covers: frozenset[str] = frozenset()
    instead: tuple[str, ...] = ()
    trade: str = ""
    adopts: str = ""
    lowest: str = ""
    roofmost: str = ""
    level: str = ""
    loose: bool = False
    silent: bool = False
    temporary: bool = False
    needs_word: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Trade:
    """A trade: what people call it, its place in the usual order (0 none), what it builds."""

    id: str
    zh: str
    en: str
    order: int
    kinds: tuple[str, ...] = ()


@lru_cache(maxsize=8192)
def _meant(meanings: frozenset[str], table: str) -> tuple[str, ...]:
    head = f"{table}:"
    return tuple(sorted(m[len(head) :] for m in meanings if m.startswith(head)))


@dataclass(frozen=True, slots=True)
class Sense:
    """A word met in a text, where it stands, and what it means (``"kinds:beam"`` ...)."""

    word: str
    start: int
    end: int
    meanings: frozenset[str]

    def of(self, table: str) -> tuple[str, ...]:
        """What it means in one table."""
        return _meant(self.meanings, table)


@dataclass(frozen=True, eq=False, kw_only=True)
class Dictionary:
    """Words with their meanings.

    Attributes
    ----------
    kinds, trades : mapping
        By id, a kind after those it is of.
    words : mapping
        Meanings by folded word; several Latin words of a phrase are joined by a space.
    endings : mapping
        Words that may end a compound.
    weak : frozenset of str
        Words that say nothing in the name of an element.
    names : mapping
        What people call a kind, by language (``"zh"``, ``"en"``), then by kind.

    """

    kinds: Mapping[str, Kind]
    trades: Mapping[str, Trade]
    words: Mapping[str, frozenset[str]]
    endings: Mapping[str, frozenset[str]] = field(default_factory=dict)
    weak: frozenset[str] = frozenset()
    names: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    _longest: int = field(init=False)
    _cache: dict[str, tuple[Sense, ...]] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        """Know how far a Chinese word can reach."""
        reach = max((len(w) for w in self.words if _HAN.search(w)), default=1)
        object.__setattr__(self, "_longest", reach)

    def read(self, text: str) -> tuple[Sense, ...]:
        """The words of `text` that are known, in their order, the longest first at each place."""
        if text not in self._cache:
            self._cache[text] = tuple(self._read(fold(text)))
        return self._cache[text]

    def of_element(self, text: str) -> tuple[Sense, ...]:
        """As :meth:`read`, without words too weak for the name of an element."""
        return tuple(s for s in self.read(text) if s.word not in self.weak)

    def _read(self, text: str) -> Iterator[Sense]:
        tokens = [(m.group(), m.start(), m.end()) for m in _TOKEN.finditer(text)]
        at = skip = 0
        while at < len(tokens):
            token, start, _ = tokens[at]
            mixed = self._mixed(tokens, at)
            if _HAN.match(token):
                yield from self._chinese(token[skip:], start + skip)
                at, skip = at + 1, 0
            elif mixed:
                # "PHC桩": letters or digits that run into Chinese
                end = tokens[at + 1][1] + len(mixed) - len(token)
                yield Sense(mixed, start, end, self._meant(mixed))
                at, skip = at + 1, len(mixed) - len(token)
            else:
                found, used = self._phrase(text, tokens[at : at + 5])
                if found is not None:
                    yield Sense(found, start, tokens[at + used - 1][2], self._meant(found))
                at += used

    def _mixed(self, tokens: Sequence[tuple[str, int, int]], at: int) -> str:
        """The word of letters or digits and the Chinese that follows; empty for none."""
        token, _, end = tokens[at]
        if at + 1 == len(tokens) or not token.isascii() or tokens[at + 1][1] != end:
            return ""
        run = tokens[at + 1][0]
        if not _HAN.match(run):
            return ""
        sizes = range(min(self._longest, len(run)), 0, -1)
        return next((token + run[:n] for n in sizes if token + run[:n] in self.words), "")

    def _chinese(self, run: str, start: int) -> Iterator[Sense]:
        at = 0
        while at < len(run):
            for size in range(min(self._longest, len(run) - at), 0, -1):
                word = run[at : at + size]
                if word in self.words:
                    yield Sense(word, start + at, start + at + size, self.words[word])
                    at += size
                    break
            else:
                at += 1

    def _phrase(self, text: str, tokens: Sequence[tuple[str, int, int]]) -> tuple[str | None, int]:
        """The longest phrase that `tokens` begin with, and how many of them it takes."""
        stems = [stem(tokens[0][0])]
        for before, after in pairwise(tokens):
            latin = after[0].isascii() and after[0].isalpha()
            if not latin or not _JOINS.fullmatch(text[before[2] : after[1]]):
                break
            stems.append(stem(after[0]))
        for size in range(len(stems), 0, -1):
            phrase = " ".join(stems[:size])
            if phrase in self.words:
                return phrase, size
        return self._single(tokens[0][0]), 1

    def _single(self, token: str) -> str | None:
        if token.isdigit():
            return None
        for form in _forms(token):
            if form in self.words:
                return form
        for cut in range(1, len(token) - _SHORTEST_COMPOUND + 1):
            if token[cut:] in self.endings:
                return token[cut:]
        return None

    def _meant(self, word: str) -> frozenset[str]:
        return self.words.get(word) or self.endings[word]

    def depth(self, kind: str) -> int:
        """How narrow a kind is: 1 for one that is of no other."""
        return 1 + max((self.depth(up) for up in self.kinds[kind].of), default=0)

    def above(self, kind: str) -> frozenset[str]:
        """The kinds that `kind` is of, itself included."""
        row = self.kinds[kind]
        return frozenset({kind}.union(*(self.above(up) for up in (*row.of, *row.also))))


def fold(text: str) -> str:
    """One spelling: width, case, umlauts and words run together; one text, one result."""
    plain = unicodedata.normalize("NFKC", _CAMEL.sub(" ", text)).casefold()
    plain = unicodedata.normalize("NFC", plain).translate(_FOLD)
    return plain.replace("ae", "a").replace("oe", "o").replace("ue", "u")


def stem(token: str) -> str:
    """An English plural as its singular; anything else as it is."""
    if len(token) > 4 and token.endswith("ies"):
        return f"{token[:-3]}y"
    if len(token) > 4 and token.endswith(("ches", "shes", "xes", "sses")):
        return token[:-2]
    if len(token) > 3 and token.endswith("s") and not token.endswith(("ss", "us", "is")):
        return token[:-1]
    return token


def _forms(token: str) -> Iterator[str]:
    yield stem(token)
    yield token
    for ending in ("ing", "ed"):
        root = token.removesuffix(ending)
        if root != token and len(root) > 2:
            yield root
            yield f"{root}e"
            if root[-1] == root[-2]:
                yield root[:-1]


@lru_cache(maxsize=1)
def dictionary() -> Dictionary:
    """The dictionary that ships."""
    return read_dictionary(_shipped())


def extended(name: str, text: str) -> Dictionary:
    """The dictionary that ships with a project's own TOML `text` added.

    Raises
    ------
    DictionaryError
        With file, line and key of the first fault.

    """
    return read_dictionary({**_shipped(), name: text})


def _shipped() -> dict[str, str]:
    folder = resources.files("clash.rehearsal").joinpath("dictionary")
    return {name: folder.joinpath(name).read_text(encoding="utf-8") for name in FILES}


def read_dictionary(files: Mapping[str, str]) -> Dictionary:
    """The dictionary in TOML texts by file name.

    Raises
    ------
    DictionaryError
        With file, line and key of the first fault.

    """
    sources = [_Source.of(name, text) for name, text in files.items()]
    kinds = {k.id: k for s in sources for k in s.kinds()}
    trades = {t.id: t for s in sources for t in s.trades()}
    for source in sources:
        source.check(kinds, trades)
    words: dict[str, set[str]] = {}
    endings: dict[str, set[str]] = {}
    weak: set[str] = set()
    for source in sources:
        for word, meaning in source.words():
            words.setdefault(word, set()).add(meaning)
            if source.compound and len(word) >= _SHORTEST_COMPOUND and " " not in word:
                endings.setdefault(word, set()).add(meaning)
        weak |= source.weak()
    return Dictionary(
        kinds=MappingProxyType(_in_order(kinds)),
        trades=MappingProxyType(trades),
        words={w: frozenset(m) for w, m in words.items()},
        endings={w: frozenset(m) for w, m in endings.items()},
        weak=frozenset(weak),
        names={
            str(s.document["language"]): {k: str(v[0]) for k, v in s.document["kinds"].items()}
            for s in sources
            if "language" in s.document and s.document.get("kinds")
        },
    )


def _in_order(kinds: Mapping[str, Kind]) -> dict[str, Kind]:
    """Kinds after those they are of."""
    done: dict[str, Kind] = {}
    left = list(kinds.values())
    while left:
        ready = [k for k in left if all(up in done for up in k.of)]
        if not ready:
            message = f"kinds are of each other in a ring: {', '.join(k.id for k in left)}"
            raise DictionaryError(message)
        done |= {k.id: k for k in ready}
        left = [k for k in left if k.id not in done]
    return done


@dataclass(frozen=True, slots=True)
class _Source:
    """One file being read; faults name where."""

    name: str
    text: str
    document: Mapping[str, Any]

    @classmethod
    def of(cls, name: str, text: str) -> "_Source":
        try:
            document = tomllib.loads(text)
        except tomllib.TOMLDecodeError as err:
            message = f"{name}: {err}"
            raise DictionaryError(message) from err
        source = cls(name, text, document)
        for key in document:
            if key not in {*_TABLES, "kind", "trade", "quiet", "weak", "language", "compound"}:
                raise source.fault(key, "is no table of a dictionary")
        return source

    @property
    def compound(self) -> bool:
        return bool(self.document.get("compound"))

    def fault(self, key: str, why: str) -> DictionaryError:
        """An error at the line that `key` stands in."""
        spot = re.compile(rf"""^\s*(\[+\s*)?(id\s*=\s*)?"?{re.escape(key)}"?\s*(\]|=|$)""", re.M)
        found = spot.search(self.text)
        at = found.start() if found else self.text.find(key)
        line = self.text.count("\n", 0, max(at, 0)) + 1
        if found and found.group().startswith("\n"):
            line += 1
        return DictionaryError(f'{self.name}, line {line}: "{key}" {why}')

    def kinds(self) -> Iterator[Kind]:
        for row in self.document.get("kind", []):
            values = self._row(row, (*_KIND_LISTS, *_KIND_FLAGS, *_KIND_TEXTS))
            lists = {k: self._list(row, k) for k in _KIND_LISTS}
            yield Kind(
                id=values["id"],
                of=lists["of"],
                also=lists["also"],
                classes=frozenset(lists["classes"]),
                predefined=frozenset(lists["predefined"]),
                predefined_only=frozenset(lists["predefined_only"]),
                disciplines=frozenset(lists["disciplines"]),
                facets=tuple(frozenset(f.split("+")) for f in lists["facets"]),
                excludes=frozenset(lists["not"]),
                on=lists["on"],
                covers=frozenset(lists["covers"]),
                instead=lists["instead"],
                trade=str(values.get("trade", "")),
                adopts=str(values.get("adopts", "")),
                lowest=str(values.get("lowest", "")),
                roofmost=str(values.get("roofmost", "")),
                level=str(values.get("level", "")),
                loose=bool(values.get("loose")),
                silent=bool(values.get("silent")),
                temporary=bool(values.get("temporary")),
                needs_word=bool(values.get("needs_word")),
            )

    def trades(self) -> Iterator[Trade]:
        for row in self.document.get("trade", []):
            values = self._row(row, ("id", "zh", "en", "order", "kinds"))
            order = values.get("order", 0)
            if not isinstance(order, int):
                raise self.fault(values["id"], "needs a whole number as its order")
            texts = {k: str(values.get(k, values["id"])) for k in ("zh", "en")}
            yield Trade(id=values["id"], order=order, kinds=self._list(row, "kinds"), **texts)

    def _row(self, row: Any, known: Iterable[str]) -> Mapping[str, Any]:
        if not isinstance(row, dict) or not isinstance(row.get("id"), str) or not row["id"]:
            raise self.fault("id", "is missing from an entry")
        for key in row:
            if key not in known:
                raise self.fault(row["id"], f"has the unknown key {key}")
        return row

    def _list(self, row: Mapping[str, Any], key: str) -> tuple[str, ...]:
        value = row.get(key, [])
        if not isinstance(value, list) or not all(isinstance(v, str) and v for v in value):
            raise self.fault(str(row.get("id", key)), f"needs a list of words under {key}")
        return tuple(value)

    def check(self, kinds: Mapping[str, Kind], trades: Mapping[str, Trade]) -> None:
        """Whether all that the file names exists."""
        for kind in self.kinds():
            single = filter(None, (kind.adopts, kind.lowest, kind.roofmost))
            lists = (kind.of, kind.also, kind.excludes, kind.on, kind.covers, kind.instead)
            self._all(kind.id, (*single, *(name for some in lists for name in some)), kinds)
            if kind.trade and kind.trade not in trades:
                raise self.fault(kind.id, f"names the unknown trade {kind.trade}")
        for trade in self.trades():
            self._all(trade.id, trade.kinds, kinds)
        allowed = {
            "kinds": frozenset(kinds),
            "trades": frozenset(trades),
            "actions": _ACTIONS,
            "codes": _CODES,
        }
        for table, known in allowed.items():
            for key in self.document.get(table, {}):
                if key not in known:
                    raise self.fault(key, f"is none of [{table}]")

    def _all(self, owner: str, names: Iterable[str], kinds: Mapping[str, Kind]) -> None:
        for name in names:
            if name not in kinds:
                raise self.fault(owner, f"names the unknown kind {name}")

    def words(self) -> Iterator[tuple[str, str]]:
        """Folded words with their meanings."""
        for table in _TABLES:
            rows = self.document.get(table, {})
            if not isinstance(rows, dict):
                raise self.fault(table, "must be a table")
            for key in rows:
                for word in self._list(rows, key):
                    yield self._folded(word), f"{table}:{key}"
        for word in self._list(self.document.get("quiet", {}), "words"):
            yield self._folded(word), "quiet:"

    def weak(self) -> set[str]:
        return {self._folded(w) for w in self._list(self.document.get("weak", {}), "words")}

    def _folded(self, word: str) -> str:
        plain = fold(word)
        if _HAN.search(plain):
            return plain.replace(" ", "")
        found = " ".join(stem(m.group()) for m in _TOKEN.finditer(plain))
        if not found:
            raise self.fault(word, "holds no letters")
        return found
