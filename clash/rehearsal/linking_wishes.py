"""What each task of a plan is about, read from its name and the rows above it."""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from bimcore.schedule import Action, Schedule, Task
from clash.rehearsal.coded import coded
from clash.rehearsal.linking_elements import codes_in
from clash.rehearsal.spoken import CELLAR, ROOF, Spoken, spoken
from clash.rehearsal.words import Dictionary, Sense, fold
from clash.rehearsal.zone_names import led_by_tower, nearest, with_towers

#: Operations that make concrete.
CASTING = frozenset({"pour", "rebar", "formwork"})
#: Two works named as one: between them neither rules the other.
_AND = re.compile(r"及|和|、|与|\+|/|&|;|；|,|，|\band\b|\bund\b|\ben\b")
#: From one storey to the next.
_FROM_TO = re.compile(r"\bto\b|\bbis\b")
#: Lifting into place: done to what is lasting, never to props.
_SETS = re.compile(r"吊装|就位|\berect|\blift")
#: What follows is done along with what came before.
_INCLUDING = re.compile(
    r"(?:\b(?:inkl|incl|einschl|including|inclusive|with)\b\.?|包括|包含|含)\W*$"
)
#: What follows says what the first word is about: "approval of the installation".
_OF = re.compile(r"\s+(?:of|for|to|von|fur|van|voor)\b")
#: Words that lay the slab above a storey, not its floor.
_OVERHEAD = re.compile(
    r"顶板|顶梁|层顶|顶盖|\b(?:slab|deck|decke) (?:over|above|uber|über)\b|soffit"
)
#: Grades and sizes tell no element.
_NO_MARK = re.compile(r"^(?:c\d{2}|hrb\d+|m\d+|p\d|q\d{3}|d?n?\d+|v\d+|rev\d+|[sftb]\d{1,2})$")
#: Walls by what they are made of, and by where they stand.
_MADE_OF = {"masonry_wall": "masonry", "drywall": "stud"}
_WHERE = frozenset({"external_wall", "internal_wall", "partition", "party_wall", "parapet"})
#: Trades of what is built dry inside a frame, and its walls.
_DRY = frozenset({"envelope", "lining", "finish"})
_DRY_WALLS = frozenset({"partition", "drywall", "internal_wall"})
_CARRIES = frozenset({"external_wall", "masonry_wall", "party_wall"})
#: What holds a pit open.
_PIT = frozenset({"strut", "shoring", "king_post"})
_HAN_REST = re.compile(r"[\u3400-\u9fff]{2,}")
_DEPTH = 12
#: Share of all work below which a row is a part of the plan; fewer tasks tell nothing.
_ALL, _FEW = 0.9, 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What a task wants of a model.

    Attributes
    ----------
    kinds : tuple of str
        Kinds of elements; empty where no word tells any.
    facets : tuple of str
        What the elements should be besides, where some of them are.
    storeys : tuple of str
        As :class:`clash.rehearsal.linking_storeys.Spoken` has them.
    near : bool
        Whether the task itself names the storeys, not a row above it.
    zones : tuple of str
    marks : tuple of str
        Words and marks that the dictionary does not know.
    trade : str
    action : Action
    operations : frozenset of str
    idle : str
        What kind of work in no place it is; empty for work on the building.
    general : bool
        Whether the kinds are those of a trade.
    overhead : bool
        Whether floors of these storeys lie above them.
    underfoot : bool
        Whether they lie below them, whatever the plan calls its floors: for what is laid on one.
    hosts : tuple of str
        Kinds that temporary works serve, where a model has none of these.

    """

    kinds: tuple[str, ...] = ()
    facets: tuple[str, ...] = ()
    storeys: tuple[str, ...] = ()
    near: bool = True
    zones: tuple[str, ...] = ()
    marks: tuple[str, ...] = ()
    trade: str = ""
    action: Action = Action.INSTALL
    operations: frozenset[str] = frozenset()
    idle: str = ""
    general: bool = False
    overhead: bool = False
    underfoot: bool = False
    hosts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Said:
    """One text: words and places."""

    text: str
    places: Spoken
    senses: tuple[Sense, ...]
    marks: tuple[str, ...]
    storey_word: str

    def of(self, table: str) -> tuple[str, ...]:
        return tuple(dict.fromkeys(m for s in self.senses for m in s.of(table)))


def _narrowed(kinds: tuple[str, ...]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Kinds and facets of "brick external walls": external walls, of masonry.

    Several such walls, "masonry partitions and external walls", are masonry of any kind.
    """
    for kind, facet in _MADE_OF.items():
        if kind in kinds and len(_WHERE & set(kinds)) == 1:
            return tuple(k for k in kinds if k != kind), (facet,)
    return kinds, ()


def _underground(kinds: tuple[str, ...], storeys: Sequence[str]) -> tuple[str, ...]:
    """The outer walls of a basement are its basement walls."""
    below = bool(storeys) and all(s.startswith("-") or s == CELLAR for s in storeys)
    if not below or "external_wall" not in kinds or "basement_wall" in kinds:
        return kinds
    return (*kinds, "basement_wall")


def _begun_on(name: str, kinds: Sequence[str], storeys: tuple[str, ...]) -> tuple[str, ...]:
    """Of "stairs level 1 to level 2" the storey where the flight begins."""
    flight = bool(kinds) and set(kinds) <= {"stair", "landing"} and _FROM_TO.search(name.casefold())
    if not flight or len(storeys) != 2:
        return storeys
    return (min(storeys, key=rank),)


def rank(storey: str) -> int:
    """How high a storey is, for comparison alone."""
    if storey == ROOF:
        return 999
    return int(storey) if storey.lstrip("+-").isdigit() else 0


def _does(sense: Sense) -> bool:
    """Whether a word tells that something is built or dug."""
    return bool({"install", "build"} & set(sense.of("operations"))) or bool(
        {"cut", "fill"} & set(sense.of("kinds"))
    )


class Reader:
    """Reads tasks; equal names are read once."""

    def __init__(
        self, words: Dictionary, schedule: Schedule, *, storey_words: Sequence[str] = ()
    ) -> None:
        self._words = words
        self._storey_words = sorted((w for w in storey_words if len(w) > 1), key=len, reverse=True)
        self._tasks = schedule.tasks
        self._known: dict[str, _Said] = {}
        self._cores: dict[tuple[str, ...], Wish] = {}
        self._wishes: dict[tuple[object, ...], Wish] = {}
        self._rests: dict[str, tuple[tuple[Sense, ...], tuple[str, ...], str]] = {}
        self._whole = self._rows_of_all()
        self._towers = self._named_towers()

    def chain(self, task: Task) -> list[str]:
        """The names above a task, the nearest first; not that of the whole plan."""
        found: list[str] = []
        row = task.parent
        while row >= 0 and len(found) < _DEPTH:
            if row not in self._whole:
                found.append(self._tasks[row].name)
            row = self._tasks[row].parent
        return found

    def _rows_of_all(self) -> frozenset[int]:
        """Rows above nearly all work: the plan itself, whose name tells no place."""
        below: Counter[int] = Counter()
        for task in self._tasks:
            row, steps = task.parent, 0
            while task.works and row >= 0 and steps < _DEPTH:
                below[row] += 1
                row, steps = self._tasks[row].parent, steps + 1
        works = sum(t.works for t in self._tasks)
        return frozenset(r for r, n in below.items() if works > _FEW and n >= _ALL * works)

    def _named_towers(self) -> frozenset[str]:
        """Numbers of towers that the plan calls "T1": alone, or before a storey."""
        told = ((t.name.strip(), led_by_tower(t.name)) for t in self._tasks)
        return frozenset(
            key for name, key in told if key and (name[1:].isdigit() or spoken(name).storeys)
        )

    def wish(self, row: int) -> Wish:
        """What task `row` is about."""
        task = self._tasks[row]
        own = self._said(task.name)
        above = [self._said(t) for t in (*coded(task, self._words), *self.chain(task))]
        key = (own.places.rest, str(task.action), *(s.places.rest for s in above))
        if key not in self._cores:
            self._cores[key] = self._wish(task, own, above)
        storeys, near = self._storeys(own, above)
        zones = nearest(s.places.zones for s in (own, *above))
        overhead = _OVERHEAD.search(task.name.casefold()) is not None
        placed = (*key, storeys, near, zones, overhead)
        if placed not in self._wishes:
            core = self._cores[key]
            self._wishes[placed] = replace(
                core,
                kinds=_underground(core.kinds, storeys),
                storeys=_begun_on(task.name, core.kinds, storeys),
                near=near,
                zones=zones,
                overhead=overhead,
            )
        return self._wishes[placed]

    def _said(self, text: str) -> _Said:
        if text not in self._known:
            places = spoken(with_towers(text, self._towers) if self._towers else text)
            rest = places.rest
            if rest not in self._rests:
                senses = self._words.read(rest)
                marks = tuple(self._marks(rest, senses))
                self._rests[rest] = (senses, marks, self._storey_word(rest))
            self._known[text] = _Said(text.casefold(), places, *self._rests[rest])
        return self._known[text]

    def _marks(self, text: str, senses: Sequence[Sense]) -> Iterable[str]:
        """What of a text no word of the dictionary covers."""
        plain = fold(text)
        covered = "".join(
            " " if any(s.start <= k < s.end for s in senses) else c for k, c in enumerate(plain)
        )
        for mark in codes_in(plain):
            if any(c.isdigit() for c in mark) and not _NO_MARK.match(mark):
                yield mark
        yield from (w for w in codes_in(covered) if w.isalpha())
        yield from _HAN_REST.findall(covered)

    def _wish(self, task: Task, own: _Said, above: Sequence[_Said]) -> Wish:
        """What a task is about, apart from its places."""
        kinds, origin, general = self._kinds(own, above)
        # the kinds of a trade are what it builds, whatever some of them cover
        kinds, where = (kinds, ()) if general else self._covering(kinds, origin)
        kinds, made_of = _narrowed(kinds)
        wish = Wish(
            kinds=kinds,
            marks=own.marks,
            trade=self._trade(own, above, kinds),
            operations=frozenset(own.of("operations")),
            general=general,
            hosts=where,
        )
        if idle := self._idle(own):
            return replace(wish, idle=idle, action=Action.NEUTRAL, kinds=(), trade=idle)
        wish = replace(wish, facets=(*self._facets(origin, own, wish), *made_of))
        return self._acting(wish, own, task.action)

    def _idle(self, said: _Said) -> str:
        """The kind of work in no place that a name tells of; empty for work on the building."""
        idle = [(k, s) for k, s in enumerate(said.senses) if s.of("idle")]
        if not idle:
            return "curing" if set(said.of("operations")) == {"cure"} else ""
        word = idle[-1][1].of("idle")[0]
        doing = [(k, s) for k, s in enumerate(said.senses) if _does(s) and not s.of("idle")]
        if not doing:
            return word
        text = fold(said.places.rest)
        first, last = idle[0][1], idle[-1][1]
        if _OF.match(text[first.end :]) and first.start < doing[0][1].start:
            return word
        after = last.start > doing[-1][1].start
        joined = _AND.search(text[doing[-1][1].end : last.start]) if after else None
        return word if after and not joined else ""

    def _storeys(self, own: _Said, above: Sequence[_Said]) -> tuple[tuple[str, ...], bool]:
        """Storeys, and whether the task itself names them; a roof alone can be a part."""
        for said in (own, *above):
            if said is not own and said.places.storeys == (ROOF,) and _AND.search(said.text):
                continue  # "roof and facade" is no place of all its tasks
            if said.places.storeys:
                return said.places.storeys, said is own
            if said.storey_word:
                return (f"={said.storey_word}",), said is own
        return (), True

    def _storey_word(self, text: str) -> str:
        """The name of a storey of the models that stands in a text as it is."""
        low = text.casefold()
        for word in self._storey_words:
            at = low.find(word)
            if at >= 0 and not (low[at - 1 : at].isalnum() or low[at + len(word) :][:1].isalnum()):
                return word
        return ""

    def _kinds(self, own: _Said, above: Sequence[_Said]) -> tuple[tuple[str, ...], _Said, bool]:
        """Kinds of elements, the text that tells them, and whether a trade stands for them."""
        for said in (own, *above):
            kinds = self._told(said)
            if said is own and set(kinds) == {"formwork"}:
                return (*kinds, *self._formed(above)), own, False
            framed = set(kinds) == {"roof"} and {"steel", "timber"} & set(said.of("facets"))
            if kinds and not (framed and "structure" in said.of("trades")):
                return kinds, said, False
            if trades := said.of("trades"):
                found = (k for t in trades for k in self._words.trades[t].kinds)
                return tuple(dict.fromkeys(found)), said, True
            if said is own and set(own.of("operations")) & CASTING:
                outer = next((self._told(s) for s in above if self._told(s)), ())
                return outer or self._words.trades["structure"].kinds, own, not outer
        return (), own, False

    def _formed(self, above: Sequence[_Said]) -> tuple[str, ...]:
        """What forms are for that a task names alone, as the rows above it tell."""
        book = self._words.kinds
        told = (tuple(k for k in self._told(s) if not book[k].temporary) for s in above)
        found = next((kinds for kinds in told if kinds), ())
        return tuple(k for k in found if book[k].trade in {"structure", "foundation", ""})

    def _covering(
        self, kinds: Sequence[str], said: _Said
    ) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Kinds without those that only tell where a layer goes, and these.

        "Waterproofing of the basement wall" builds no wall, "roof structure and waterproofing"
        does build the structure.
        """
        covers = frozenset(c for k in kinds for c in self._words.kinds[k].covers)
        beside = self._beside_layers(said)
        where = tuple(
            k
            for k in kinds
            if self._words.above(k) & covers and not self._words.kinds[k].covers and k not in beside
        )
        if any("mep" in self._words.above(k) for k in kinds):
            kinds = [k for k in kinds if k != "roof"]  # "AHU on the roof" is no roof
        served = tuple(k for k in where if any(self._words.kinds[o].on for o in kinds))
        return tuple(k for k in kinds if k not in where), served

    def _beside_layers(self, said: _Said) -> frozenset[str]:
        """Kinds that a text joins to a layer by "and"."""
        text = fold(said.places.rest)
        return frozenset(
            k
            for one, other in pairwise(said.senses)
            if _AND.search(text[one.end : other.start])
            and any(self._words.kinds[o].covers for o in other.of("kinds"))
            for k in one.of("kinds")
        )

    def _told(self, said: _Said) -> tuple[str, ...]:
        """Kinds of a text; of a word with several, all."""
        wider = self._said_closer(said)
        return tuple(
            k for k in said.of("kinds") if not self._words.kinds[k].silent and k not in wider
        )

    def _said_closer(self, said: _Said) -> frozenset[str]:
        """Kinds that the word beside them narrows: "HVAC" of "HVAC ductwork"."""
        text = fold(said.places.rest)
        found: set[str] = set()
        for one, other in pairwise(said.senses):
            if _AND.search(text[one.end : other.start]):
                continue
            for a in one.of("kinds"):
                for b in other.of("kinds"):
                    found |= {k for k, n in ((a, b), (b, a)) if k != n and k in self._above(n)}
        return frozenset(found)

    def _above(self, kind: str) -> frozenset[str]:
        return self._words.above(kind)

    def _trade(self, own: _Said, above: Sequence[_Said], kinds: Sequence[str]) -> str:
        operations = set(own.of("operations"))
        if own.of("trades"):
            word = own.of("trades")[0]
            made = {self._words.kinds[k].trade for k in self._told(own)}
            # to "frame partitions" is no work on the structure
            dry = kinds and word == "structure" and made <= _DRY and not _CARRIES & set(kinds)
            return "lining" if dry and set(kinds) & _DRY_WALLS else word
        lasting = [k for k in kinds if not self._words.kinds[k].temporary]
        if operations & CASTING and "strike" not in operations:
            ground = lasting and all(self._words.kinds[k].trade == "foundation" for k in lasting)
            return "foundation" if ground else "structure"
        outer = next((s.of("trades")[0] for s in above if s.of("trades")), "")
        told = [self._words.kinds[k].trade for k in lasting or kinds]
        found = next((t for t in told if t), outer)
        if {"window", "door"} <= set(kinds):
            found = "envelope"  # they are set together, before the walls are finished
        outside = outer == "external" or "outdoor" in own.of("facets")
        return "external" if outside and found == "mep_first" else found

    def _facets(self, origin: _Said, own: _Said, wish: Wish) -> tuple[str, ...]:
        """What elements should be besides their kind."""
        told = [f for f in own.of("facets") if f in ("precast", "steel", "timber", "outdoor")]
        if origin is not own and not told:
            told = [f for f in origin.of("facets") if f in ("precast", "steel", "timber")]
        if wish.trade in {"structure", "foundation"} and not {"steel", "timber"} & set(told):
            told.append("structural")
        elif wish.trade in {"envelope", "lining", "finish"}:
            told.append("light")
        if wish.operations & CASTING and "precast" not in told:
            told.append("in_situ")
        if "first_fix" in wish.operations:
            told.append("first")
        told.append("outdoor" if wish.trade == "external" else "indoor")
        return tuple(dict.fromkeys(told))

    def _acting(self, wish: Wish, own: _Said, stated: Action | None) -> Wish:
        """The action, and what temporary works serve."""
        actions, book = set(own.of("actions")), self._words.kinds
        temporary = tuple(k for k in wish.kinds if book[k].temporary)
        lasting = tuple(k for k in wish.kinds if not book[k].temporary)
        strikes = "strike" in wish.operations and not self._struck_along(own)
        if stated is Action.REMOVE or strikes or "remove" in actions:
            if strikes or temporary:
                served = lasting if strikes or set(temporary) & {"prop", "formwork"} else ()
                # below a heading of foundations it is still floors that are struck
                mine = self._told(own)
                served = tuple(k for k in served if k in mine or book[k].trade != "foundation")
                kinds = temporary or ("prop", "formwork")
                served = served or self._served(kinds)
                return replace(
                    wish, kinds=kinds, hosts=served, action=Action.REMOVE, trade="temporary",
                    facets=(),
                )  # fmt: skip
            return replace(wish, action=Action.REMOVE, facets=("existing",), trade="demolition")
        if "strut" in temporary:
            # they stay until a task takes them out, long after that which puts them in
            pit = tuple(k for k in wish.kinds if self._above(k) & _PIT)
            return replace(wish, kinds=pit, action=stated or Action.INSTALL, trade="earthworks",
                           facets=(), general=False)  # fmt: skip
        casts = bool(wish.operations & {"pour", "rebar"})
        if "prop" in wish.operations and not casts:
            temporary = temporary or ("prop",)
        if lasting and set(temporary) <= {"prop", "formwork"} and self._set_up_with(own):
            return replace(wish, kinds=lasting, action=stated or Action.INSTALL)
        if temporary and not casts:
            if set(temporary) == {"formwork"} and lasting:
                return replace(wish, kinds=lasting, action=Action.INSTALL)
            if set(temporary) <= {"formwork"}:
                kinds = self._words.trades["structure"].kinds
                return replace(wish, kinds=kinds, general=True, action=Action.INSTALL)
            props = set(temporary) & {"prop", "formwork"}
            served = (lasting or self._served(temporary)) if props else ()
            return replace(
                wish, kinds=temporary, hosts=served, action=Action.TEMPORARY, trade="temporary",
                facets=(),
            )  # fmt: skip
        kinds = lasting or (self._words.trades["structure"].kinds if casts else ())
        general = wish.general or not lasting
        wish = replace(wish, kinds=kinds, general=general, action=stated or Action.INSTALL)
        # to finish a stairwell is to work on the stairs, not to build them
        finishes = wish.trade == "finish" and bool(lasting) and not general
        finishes &= all(book[k].trade in {"structure", "foundation"} for k in lasting)
        if ("maintain" in actions or finishes) and stated is None:
            return replace(wish, action=Action.MAINTAIN)
        return wish

    def _set_up_with(self, own: _Said) -> bool:
        """Whether props are only set up along with what they hold: "planks, props and erection"."""
        text = fold(own.places.rest)
        props = [s for s in own.senses if "prop" in s.of("operations")]
        sets = [s for s in own.senses if _SETS.search(text[s.start : s.end])]
        return any(
            _AND.search(text[min(p.end, s.end) : max(p.start, s.start)])
            for p in props
            for s in sets
        )

    def _struck_along(self, own: _Said) -> bool:
        """Whether striking is only the last step of the concrete that a task makes.

        As in "slab incl. striking" or "forms, bars, pour and striking".
        """
        text = fold(own.places.rest)
        ends = [s.end for s in own.senses if {"pour", "rebar"} & set(s.of("operations"))]
        begins = [s.start for s in own.senses if "strike" in s.of("operations")]
        if any(_INCLUDING.search(text[:begin]) for begin in begins):
            return True
        if any(_AND.search(text[a:b]) for a in ends for b in begins if a < b):
            return True
        # "支模浇筑拆模" says all three steps without a word between
        forms = any({"formwork", "prop"} & set(s.of("operations")) for s in own.senses)
        return forms and any(not text[a:b].strip() for a in ends for b in begins if a <= b)

    def _served(self, kinds: Iterable[str]) -> tuple[str, ...]:
        return tuple(dict.fromkeys(k for own in kinds for k in self._words.kinds[own].on))
