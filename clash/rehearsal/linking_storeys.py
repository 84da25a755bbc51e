"""Storeys and zones as people name them, and which levels of a scene they are."""

import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from bimcore.arrays import F64, I32
from bimcore.model import Scene
from clash.bearing import ONE_LEVEL, levels_of

#: Names that are no number: ground, roof, attic, foundation, mezzanine, topmost, any basement.
GROUND, ROOF, ATTIC, FOUNDATION, MEZZANINE, TOP, CELLAR = "G", "R", "DG", "FDN", "M", "TOP", "B"
#: Floors above the ground as German and Dutch count them carry this mark: 1.OG is "+1".
ABOVE = "+"
#: Umlauts are letters: "Haustür" is no house T.
_UMLAUTS = str.maketrans("äöüéèëï", "aoueeei")
#: More storeys than this in one range are a slip of the pen, not a range.
_WIDEST = 120

_HAN = "一二三四五六七八九十"
_ORDINALS = [
    "zeroth",
    "first",
    "second",
    "third",
    "fourth",
    "fifth",
    "sixth",
    "seventh",
    "eighth",
    "ninth",
    "tenth",
    "eleventh",
    "twelfth",
    "thirteenth",
    "fourteenth",
    "fifteenth",
]
_CARDINALS = [
    "zero",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
]
_NUM = rf"(?:\d{{1,3}}|[{_HAN}]{{1,4}})"
_TO = r"\s*(?:-|~|–|—|至|到|to|thru|through|bis|t/m)\s*"
_AND = r"\s*(?:,|、|/|&|\+|and|和|及|与|und|en)\s*"
#: What a Chinese floor number counts: no part of a floor plate, stair or finish.
_CENG = r"(?:层(?!高|面|间|压)|楼(?!板|梯|面|承|盖|宇|栋)|f(?![a-z\d]))"
_PATTERNS = tuple(
    (name, re.compile(pattern))
    for name, pattern in (
        (
            "below",
            (rf"(?:地下|负)\s*(?P<n>{_NUM})\s*(?:(?P<to>{_TO}|{_AND})(?:地下|负)?\s*(?P<m>{_NUM}))?"
            rf"\s*{_CENG}"),
        ),
        ("below", r"(?<![a-z\d.])b0*(?P<n>[1-9])\s*(?:f(?![a-z])|层)?(?![\da-z.])"),
        ("below", rf"(?:^|(?<=[\s(（_]))-0*(?P<n>\d)\s*{_CENG}"),
        ("below", r"(?:basement|cellar)\s*(?:level|floor)?\s*0*(?P<n>\d)(?!\d)"),
        ("below", r"(?<![a-z\d])(?P<n>\d)\.?\s*(?:ug|untergeschoss|untergescho\w*|kg)(?![a-z])"),
        ("below", r"(?<![a-z\d])ug\s*0*(?P<n>\d)(?!\d)"),
        ("above", r"(?<![a-z\d])(?P<n>\d{1,2})\.?\s*(?:og|obergescho\w*|stock(?:werk)?)(?![a-z])"),
        ("above", r"(?<![a-z\d])og\s*0*(?P<n>\d{1,2})(?!\d)"),
        ("above", r"(?<![a-z\d])(?P<n>\d{1,2})\s*(?:e|de|ste)\s*verdieping"),
        (
            "number",
            rf"(?<![a-z\d.#]){_NUM}\s*{_CENG}?{_TO}(?P<both>{_NUM})\s*{_CENG}",
        ),
        ("list", rf"(?<![a-z\d.#]){_NUM}\s*{_CENG}?(?:{_AND}{_NUM}\s*{_CENG}?)+(?<=[层楼f])"),
        ("one", rf"(?<![a-z\d.#])第?\s*0*(?P<n>{_NUM})\s*{_CENG}"),
        ("one", r"(?<![a-z\d])0*(?P<n>\d{1,3})\s*/\s*f(?![a-z])"),
        (
            "words",
            (r"(?<![a-z])(?:levels?|lvls?|lev|lv|floors?|storeys?|story|stories|flr|geschoss|etage|"
            r"ebene|verdieping|bouwlaag)\.?\s*(?:no\.?\s*)?"
            rf"(?P<list>-?0*\d{{1,3}}(?:(?:{_TO}|{_AND})(?:levels?|floors?|l|f)?\s*0*\d{{1,3}})*)"
            r"(?![\d]|\.\d|\s*(?:mm|m\b|cm))"),
        ),
        (
            "th",
            (r"(?<![a-z\d])(?P<list>\d{1,3}(?:st|nd|rd|th)(?:(?:\s*(?:to|and|&|,|-|thru)\s*)\d{1,3}"
            r"(?:st|nd|rd|th))*)\s*(?:floors?|levels?|storeys?|story|flr|fl\b|suspended|slab|deck)"),
        ),
        (
            "ordinal",
            rf"(?<![a-z])(?P<o>{'|'.join(_ORDINALS[1:])})[\s-]*(?:floor|level|storey|story)",
        ),
        ("ordinal", rf"(?<![a-z])(?:floor|level|storey)\s+(?P<o>{'|'.join(_CARDINALS[1:])})(?![a-z])"),
        ("one", r"(?<![a-z\d])(?<![a-z]-)[fl]\s?0*(?P<n>\d{1,3})(?![\da-z]|\.\d)"),
        ("first", r"首层|底层(?!板)"),
        ("ground", r"ground\s*(?:floor|level|storey|flr)(?!\s*slab on)|(?<![a-z])g/f(?![a-z])"),
        ("ground", r"(?<![a-z\d])(?:eg|erdgescho\w*|erdg|parterre|begane\s*grond|bg|gf)(?![a-z\d])"),
        ("cellar", r"地下室|basement|cellar|(?<![a-z])(?:kg|ug|keller\w*|kelder\w*|untergescho\w*)(?![a-z])"),
        ("attic", r"(?<![a-z])(?:dg|dachgescho\w*|attic|loft|zolder)(?![a-z])"),
        ("roof", r"屋面|屋顶|天面|机房层|出屋面|(?<![a-z])(?:rf|r/f|roof\w*|dak)(?![a-z])"),
        ("foundation", r"基础层|基础顶|(?<![a-z])(?:t/fdn|fdn|t\.?o\.?f|foundations?|fundament\w*|fundering)(?![a-z])"),
        ("mezzanine", r"夹层|mezzanine|zwischengescho\w*"),
        ("top", r"顶层(?!板)|top\s*floor|uppermost"),
    )
)  # fmt: skip
_ZONES = re.compile(
    r"(?P<han>[a-z\d一二三四五六七八九十甲乙丙丁东西南北中]{1,3})\s*"
    r"(?P<unit>#楼?|号楼|栋|座|幢|施工段|流水段|施工区|区段|标段|分区|单元|区(?!域)|段(?!落))|"
    r"(?<![a-z])(?P<word>zone|area|section|block|phase|bay|building|bldg|tower|wing|sector|"
    r"pour|segment|stage|part|haus|bauabschnitt|bauteil|bouwdeel|blok|unit|house|villa|apartment|"
    r"gebaude|trakt)\s*(?:no\.?\s*)?(?P<id>[a-z](?![a-z\d])|\d{1,3}(?![\d.])|[ivx]{1,4}(?![a-z])|"
    r"[a-z]\d{1,2}(?![\da-z])|north|south|east|west)|"
    r"(?P<axes>[a-z\d]{1,3}\s*(?:-|~|–|—|至|/)\s*[a-z\d]{1,3}\s*轴|[a-z\d]{1,3}\s*轴|"
    r"(?:axis|axes|grid(?:\s*lines?)?|gl|achse)\s*[a-z\d]{1,3}(?:\s*(?:-|to|~|/)\s*[a-z\d]{1,3})?)"
)


@dataclass(frozen=True, slots=True)
class Spoken:
    """What a text says about places.

    Attributes
    ----------
    storeys : tuple of str
        ``"3"``, ``"-1"``, ``"+1"`` (first above ground), or one of the names above; sorted.
    zones : tuple of str
        ``"a"``, ``"1"`` ...: the part that tells zones of a kind apart, with its unit.
    rest : str
        The text without numbers of storeys and zones.
    pattern : str
        The text with ``{storey}``, ``{zone}`` and ``{n}`` in their stead.

    """

    storeys: tuple[str, ...]
    zones: tuple[str, ...]
    rest: str
    pattern: str


@lru_cache(maxsize=65536)
def spoken(text: str) -> Spoken:
    """Storeys and zones that `text` names."""
    plain = unicodedata.normalize("NFKC", text)
    low = unicodedata.normalize("NFC", plain).casefold().translate(_UMLAUTS)
    if len(low) != len(plain):
        plain = low
    keys, spans = _storeys(low)
    zones = []
    for match in _ZONES.finditer(low):
        if not any(a < match.end() and match.start() < b for a, b, _ in spans):
            spans.append((match.start(), match.end(), "{zone}"))
            zones.append(re.sub(r"\s+", "", match.group()))
    return Spoken(
        storeys=tuple(sorted(keys)),
        zones=tuple(sorted(zones)),
        rest=_without(plain, [s for s in spans if s[2]]),
        pattern=_pattern(plain, spans),
    )


def _storeys(text: str) -> tuple[set[str], list[tuple[int, int, str]]]:
    """Keys, and what of the text says them; words that also mean a part stay in the rest."""
    keys: set[str] = set()
    spans: list[tuple[int, int, str]] = []
    single: list[tuple[int, int, int]] = []
    for name, pattern in _PATTERNS:
        for match in pattern.finditer(text):
            if any(a < match.end() and match.start() < b for a, b, _ in spans):
                continue
            found = _KEYS[name](match)
            if found and name in {"cellar", "attic", "roof", "foundation"} and keys:
                continue
            if found:
                keys |= set(found)
                if len(found) == 1 and re.fullmatch(r"-?\d+", found[0]):
                    single.append((*match.span(), int(found[0])))
                soft = name in {"cellar", "roof", "foundation", "attic"}
                spans.append((match.start(), match.end(), "" if soft else "{storey}"))
    for before, after in zip(sorted(single), sorted(single)[1:], strict=False):
        if re.fullmatch(_TO, text[before[1] : after[0]]):
            keys |= {str(n) for n in range(before[2], min(after[2], before[2] + _WIDEST)) if n}
    return keys, spans


def _number(text: str) -> int:
    if text.isdigit():
        return int(text)
    if text in _ORDINALS:
        return _ORDINALS.index(text)
    if text in _CARDINALS:
        return _CARDINALS.index(text)
    tens, ten, ones = text.rpartition("十")
    return ((_HAN.index(tens) + 1 if tens else 1) * 10 if ten else 0) + (
        _HAN.index(ones) + 1 if ones else 0
    )


def _series(text: str) -> list[int]:
    """Numbers of ``"3 to 5, 7"``; empty when it makes no sense."""
    found: list[int] = []
    for part in re.split(r"\s*(?:,|、|/|&|\+|and|和|及|与|und)\s*", text):
        ends = [_number(n) for n in re.findall(_NUM, part)]
        if len(ends) == 2 and ends[0] <= ends[1] <= ends[0] + _WIDEST:
            found += range(ends[0], ends[1] + 1)
        else:
            found += ends
    return found


def _below(match: re.Match[str]) -> list[str]:
    groups = match.groupdict()
    first = groups["n"]
    if not groups.get("m"):
        return [str(-_number(first))]
    low, high = sorted((_number(first), _number(groups["m"])))
    between = re.fullmatch(_TO, groups["to"]) is not None
    return [str(-k) for k in (range(low, high + 1) if between else (low, high))]


def _words(match: re.Match[str]) -> list[str]:
    if match["list"].startswith("-"):
        return [str(-n) for n in _series(match["list"][1:])]
    return [str(n) for n in _series(match["list"])]


_KEYS: Mapping[str, Callable[[re.Match[str]], list[str]]] = {
    "below": _below,
    "above": lambda m: [f"{ABOVE}{_number(m['n'])}"],
    "number": lambda m: [str(n) for n in _series(m.group())],
    "list": lambda m: [str(n) for n in _series(m.group())],
    "one": lambda m: [str(_number(m["n"]))],
    "words": _words,
    "th": lambda m: [str(n) for n in _series(re.sub(r"st|nd|rd|th", "", m["list"]))],
    "ordinal": lambda m: [str(_number(m["o"]))],
    "first": lambda _: ["1"],
    "ground": lambda _: [GROUND],
    "cellar": lambda _: [CELLAR],
    "attic": lambda _: [ATTIC],
    "roof": lambda _: [ROOF],
    "foundation": lambda _: [FOUNDATION],
    "mezzanine": lambda _: [MEZZANINE],
    "top": lambda _: [TOP],
}


def _without(text: str, spans: Sequence[tuple[int, int, str]]) -> str:
    for a, b, _ in sorted(spans, reverse=True):
        text = f"{text[:a]} {text[b:]}"
    return text


def _pattern(text: str, spans: Sequence[tuple[int, int, str]]) -> str:
    marked = [s for s in spans if s[2]]
    pieces, at = [], 0
    for a, b, mark in sorted(marked):
        pieces += [re.sub(r"\d+(?:\.\d+)*", "{n}", text[at:a]), mark]
        at = b
    pieces.append(re.sub(r"\d+(?:\.\d+)*", "{n}", text[at:]))
    spaced = re.sub(r"(\{(?:storey|zone)\})", r" \1 ", "".join(pieces))
    return re.sub(r"(\{\w+\})(?: \1)+", r"\1", " ".join(spaced.split()))


@dataclass(frozen=True, eq=False, kw_only=True)
class Levels:
    """The levels of a scene, from below, and what its storeys call them.

    Attributes
    ----------
    heights : (L,) float64
    names : tuple of frozenset of str
        Keys of each level; empty where no storey name tells any.
    labels : tuple of str
        What people call each level.
    words : mapping
        Levels by the whole folded name of a storey.
    ground : int
        Level that counts as the ground floor.

    """

    heights: F64
    names: tuple[frozenset[str], ...]
    labels: tuple[str, ...]
    words: Mapping[str, frozenset[int]]
    ground: int

    def __len__(self) -> int:
        return len(self.names)

    def of(self, keys: Collection[str], *, british: bool = False) -> tuple[frozenset[int], float]:
        """Levels that `keys` mean, and how sure that is (1 where storeys are called so)."""
        found: set[int] = set()
        sure = 1.0
        for key in keys:
            levels, certainty = self._of(key, british=british)
            found |= levels
            sure = min(sure, certainty) if levels else sure
        return frozenset(found), sure

    def _of(self, key: str, *, british: bool) -> tuple[frozenset[int], float]:
        if key.startswith("="):
            return self.words.get(key[1:], frozenset()), 1.0
        said = frozenset(k for k, names in enumerate(self.names) if key in names)
        if said:
            return said, 1.0
        if key in {TOP, ROOF, ATTIC}:
            return self._upper(key), 0.8
        if key == CELLAR:
            below = frozenset(
                k for k, names in enumerate(self.names) if any(n.startswith("-") for n in names)
            )
            return below or frozenset(range(self.ground)), 0.9
        if key in {FOUNDATION, MEZZANINE}:
            return frozenset(), 1.0
        return self._counted(key, british=british)

    def _upper(self, key: str) -> frozenset[int]:
        if key in {ROOF, ATTIC}:
            others = {ATTIC, ROOF} - {key}
            said = frozenset(k for k, names in enumerate(self.names) if names & others)
            return said or frozenset([len(self) - 1] if len(self) > 1 else [])
        plain = [k for k, names in enumerate(self.names) if not names & {ROOF, FOUNDATION}]
        return frozenset(plain[-1:])

    def _counted(self, key: str, *, british: bool) -> tuple[frozenset[int], float]:
        """Levels by counting from the ground, where no storey has the number itself."""
        numbers = {n for names in self.names for n in names}
        if key == GROUND:
            for other in ("0", "1"):
                levels = frozenset(k for k, names in enumerate(self.names) if other in names)
                if levels:
                    return levels, 0.9
            return frozenset([self.ground] if len(self) else []), 0.7
        above = key.startswith(ABOVE)
        count = int(key.removeprefix(ABOVE))
        if above or british:
            # a model that counts from 1 on the ground has its first upper floor as 2
            step = 1 if "1" in numbers and "0" not in numbers else 0
            named = str(count + step) if above else f"{ABOVE}{count}"
            levels = frozenset(k for k, names in enumerate(self.names) if named in names)
            if levels:
                return levels, 0.9
        step = count if count < 0 or above or british else count - 1
        own = {n for n in numbers if re.fullmatch(r"[+-]?\d+", n)}
        # numbered storeys that lack this one: the plan means a storey that is not modelled
        if own and not any(n.startswith(ABOVE) for n in own):
            return frozenset(), 1.0
        place = self.ground + step
        return frozenset([place] if 0 <= place < len(self) else []), 0.6


def scene_levels(scene: Scene) -> tuple[Levels, I32]:
    """The levels of `scene`, and the level (E,) of each element; -1 where none is known.

    Elements are on the level of their storey. Those of a model that has storeys, but that
    stand in none, are on the level that they stand on.
    """
    heights = levels_of(scene)
    names: list[set[str]] = [set() for _ in heights]
    labels: list[Counter[str]] = [Counter() for _ in heights]
    words: dict[str, set[int]] = {}
    parts = [np.zeros(0, np.int32)]
    bottoms = scene.bounds[:, 0, 2]
    for model, start in zip(scene.models, scene.element_start.tolist(), strict=False):
        storeys = model.elements.storey
        used = np.bincount(storeys.codes + 1, minlength=len(storeys.words) + 1)[1:]
        place = np.full(len(storeys.words) + 1, -1, dtype=np.int32)
        for code, (word, height) in enumerate(
            zip(storeys.words, model.elements.storey_elevation.tolist(), strict=True)
        ):
            level = _nearest(heights, height)
            place[code] = level
            if level >= 0:
                names[level] |= set(spoken(word).storeys)
                labels[level][word] += 1 + int(used[code])
                words.setdefault(word.casefold().strip(), set()).add(level)
        levels = place[storeys.codes]
        loose = (levels < 0) & np.isfinite(bottoms[start : start + len(model)])
        if len(storeys.words) and len(heights):
            stood = np.searchsorted(heights, bottoms[start : start + len(model)] + 0.3) - 1
            levels = np.where(loose, np.maximum(stood, 0), levels).astype(np.int32)
        parts.append(levels.astype(np.int32))
    found = Levels(
        heights=heights,
        names=tuple(frozenset(_sound(n)) for n in names),
        labels=tuple(_label(c) for c in labels),
        words={w: frozenset(k) for w, k in words.items()},
        ground=_ground(names),
    )
    return found, np.concatenate(parts)


def _sound(names: Iterable[str]) -> set[str]:
    """Keys of a level without the vague ones, where there are exact ones."""
    kept = set(names)
    exact = kept - {CELLAR, FOUNDATION, TOP}
    return exact or kept


def _label(words: Counter[str]) -> str:
    return min(words, key=lambda w: (-words[w], w), default="")


def _nearest(heights: F64, height: float) -> int:
    if not len(heights) or not np.isfinite(height):
        return -1
    level = int(np.argmin(np.abs(heights - height)))
    return level if abs(float(heights[level]) - height) <= ONE_LEVEL else -1


def _ground(names: Sequence[set[str]]) -> int:
    """The ground floor: by name, else the one above all basements, else the lowest."""
    for key in (GROUND, "0", "1"):
        for level, said in enumerate(names):
            if key in said:
                return level
    below = [
        k for k, said in enumerate(names) if any(n.startswith("-") for n in said) or CELLAR in said
    ]
    if below:
        return min(max(below) + 1, max(len(names) - 1, 0))
    lowest = 1 if len(names) > 1 and FOUNDATION in names[0] else 0
    return lowest if names else 0
