"""What trades do to each other in one place, read from the table that comes with yuyan."""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from types import MappingProxyType

import numpy as np

from bimcore.arrays import I64
from bimcore.errors import InputError
from clash.rehearsal.base import Stage
from clash.texts import both

#: What can be wrong about two trades in one place, gravest first.
KINDS = ("hazard", "damage", "design", "congestion", "none")
KIND_LABELS: Mapping[str, Mapping[str, str]] = {
    "hazard": both("有人身危险", "a danger to people"),
    "damage": both("会损坏已完成的工作", "one spoils the other's work"),
    "design": both("会互相占位", "one builds into the other's way"),
    "congestion": both("会互相窝工", "both lose time"),
}
TRADE_LABELS: Mapping[str, Mapping[str, str]] = {
    "earthworks": both("土方", "earthworks"),
    "foundation": both("桩基与基础", "foundations"),
    "structure": both("主体结构", "structure"),
    "envelope": both("砌体与外围护", "masonry and envelope"),
    "roof": both("屋面与防水", "roofing"),
    "mep_first": both("机电管线", "services first fix"),
    "second_fix": both("机电末端与设备", "services second fix"),
    "lining": both("吊顶与隔墙", "linings and ceilings"),
    "finish": both("装饰面层", "finishes"),
    "demolition": both("拆除", "demolition"),
    "temporary": both("脚手架与支撑", "temporary works"),
    "external": both("室外工程", "external works"),
}
#: Trade of an element where the words of a task tell none, by role, the first that fits.
_BY_ROLE = (
    ("terminal", "second_fix"),
    ("services", "mep_first"),
    ("footing", "foundation"),
    ("column", "structure"),
    ("beam", "structure"),
    ("slab", "structure"),
    ("stair", "structure"),
    ("bar", "structure"),
    ("curtain", "envelope"),
    ("wall", "envelope"),
    ("covering", "lining"),
    ("opener", "finish"),
    ("railing", "finish"),
    ("furniture", "finish"),
)


class TradeError(InputError):
    """The pairs of trades are not written as ``"lining+finish=damage, roof+lining=none"``."""

    code = "SCH601"


@dataclass(frozen=True, slots=True, kw_only=True)
class Trades:
    """The table of trades.

    Attributes
    ----------
    order : tuple of tuple of str
        Usual order in a place; those of one entry have none among them.
    open_edge, no_crew : frozenset of str
        Trades that work on open edges; rows that are no crew's work.
    alias : mapping
        Other words for a trade.
    pairs : mapping
        One of ``KINDS`` by two trades; ``"*"`` is any.

    """

    order: tuple[tuple[str, ...], ...]
    open_edge: frozenset[str]
    no_crew: frozenset[str]
    alias: Mapping[str, str]
    pairs: Mapping[frozenset[str], str]

    def named(self, word: str) -> str:
        """The trade that `word` means."""
        return self.alias.get(word, word)

    def kind(self, a: str, b: str) -> str:
        """What two trades do to each other; ``"none"`` for one and the same or an unknown one."""
        if a == b or not a or not b or {a, b} & self.no_crew:
            return "none"
        found = self.pairs.get(frozenset((a, b)))
        if found is None:
            loose = [self.pairs[k] for k in (frozenset((a, "*")), frozenset((b, "*")))
                     if k in self.pairs]  # fmt: skip
            found = min(loose, key=KINDS.index) if loose else self.pairs.get(frozenset("*"), "none")
        return found

    def rank(self, trade: str) -> int:
        """Place in the usual order; -1 without one."""
        return next((k for k, some in enumerate(self.order) if trade in some), -1)


@lru_cache(maxsize=8)
def trades(changes: str = "") -> Trades:
    """The table, with the `changes` of a project: ``"structure+lining=none"``, by commas.

    Raises
    ------
    TradeError
        For an entry that is no pair, or a kind that is none of ``KINDS``.

    """
    text = resources.files("clash.rehearsal").joinpath("trades.toml").read_text("utf-8")
    table = tomllib.loads(text)
    rows = dict(table["pairs"])
    for entry in filter(None, (e.strip() for e in changes.replace("，", ",").split(","))):
        pair, _, kind = (part.strip() for part in entry.partition("="))
        rows[pair] = kind
    return Trades(
        order=tuple(tuple(some) for some in table["order"]),
        open_edge=frozenset(table["open_edge"]),
        no_crew=frozenset(table["no_crew"]),
        alias=MappingProxyType(dict(table["alias"])),
        pairs=MappingProxyType({_pair(p): _kind(k, entry=p) for p, k in rows.items()}),
    )


def _pair(text: str) -> frozenset[str]:
    parts = [part.strip() for part in text.split("+")]
    if len(parts) != 2 or not all(parts):
        message = f"[rehearsal] R12.pairs: {text!r} is no pair of trades like 'lining+finish'"
        raise TradeError(message)
    return frozenset(parts)


def _kind(text: str, *, entry: str) -> str:
    if text not in KINDS:
        message = f"[rehearsal] R12.pairs: {entry} = {text!r}; known are {', '.join(KINDS)}"
        raise TradeError(message)
    return text


def trades_of(stage: Stage, table: Trades) -> tuple[str, ...]:
    """Trade (T,) of each task: by its words, else by what most of its elements are."""
    told = [table.named(word) for word in stage.links.trade]
    unknown = [k for k, word in enumerate(told) if not word]
    if not unknown or not len(stage.links.task):
        return tuple(told)
    roles = stage.roles
    code = np.full(len(stage.scene), -1, dtype=np.int64)
    for place, (role, _) in reversed(list(enumerate(_BY_ROLE))):
        code[roles[role]] = place
    counts = _counts(stage, code)
    for task in unknown:
        # a mixed bag is no trade
        if counts[task].max() > 0.6 * max(counts[task].sum(), 1):
            told[task] = _trade_words()[int(counts[task].argmax())]
    return tuple(told)


def _trade_words() -> Sequence[str]:
    return sorted({trade for _, trade in _BY_ROLE})


def _counts(stage: Stage, code: I64) -> I64:
    """Elements (T, trades) of each task by the trade of their role."""
    words = _trade_words()
    trade = np.array([*(words.index(t) for _, t in _BY_ROLE), len(words)])[code]
    counts = np.zeros((len(stage.schedule.tasks), len(words) + 1), dtype=np.int64)
    np.add.at(counts, (stage.links.task, trade[stage.links.element]), 1)
    return counts[:, :-1]


def trade_label(trade: str) -> Mapping[str, str]:
    """What people call a trade."""
    return TRADE_LABELS.get(trade, both(trade, trade))
