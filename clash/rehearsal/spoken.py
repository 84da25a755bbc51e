"""Storeys and zones as people name them."""

import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

from clash.rehearsal.zone_names import BLANK, found_in, standing_apart, tiers_in, zoned

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
#: "#3楼" is a building, "1#3层" the third storey of one.
_BEGINS = r"(?<![a-z\d.])(?:(?<!#)|(?<=\d#))"
#: What a Chinese floor number counts: no part of a floor plate, stair or finish.
_CENG = r"(?:层(?!高|面|间|压)|楼(?!板|梯|面|承|盖|宇|栋)|f(?:(?![a-z\d])|(?=(?:[a-z]-?\d{0,2}|\d{1,2})\s*[区段栋座]|\d{1,2}[#号]楼)))"
_PATTERNS = tuple(
    (name, re.compile(pattern))
    for name, pattern in (
        (
            "below",
            (rf"(?:地下|负)\s*(?P<n>{_NUM})\s*(?:(?P<to>{_TO}|{_AND})(?:地下|负)?\s*(?P<m>{_NUM}))?"
            rf"\s*{_CENG}"),
        ),
        ("below", r"(?<![a-z\d.])b0*(?P<n>[1-9])\s*(?:f(?![a-z])|层)?(?![\da-z.]|\s*(?:区(?!域)|段|栋|座))"),
        ("below", rf"(?:^|(?<=[\s(（_]))-0*(?P<n>\d)\s*{_CENG}"),
        ("below", r"(?:basement|cellar)\s*(?:level|floor)?\s*0*(?P<n>\d)(?!\d)"),
        ("below", r"(?<![a-z\d])(?P<n>\d)\.?\s*(?:ug|untergeschoss|untergescho\w*|kg)(?![a-z])"),
        ("below", r"(?<![a-z\d])ug\s*0*(?P<n>\d)(?!\d)"),
        ("above", r"(?<![a-z\d])(?P<n>\d{1,2})\.?\s*(?:og|obergescho\w*|stock(?:werk)?)(?![a-z])"),
        ("above", r"(?<![a-z\d])og\s*0*(?P<n>\d{1,2})(?!\d)"),
        ("above", r"(?<![a-z\d])(?P<n>\d{1,2})\s*(?:e|de|ste)\s*verdieping"),
        (
            "number",
            rf"{_BEGINS}{_NUM}\s*{_CENG}?{_TO}(?P<both>{_NUM})\s*{_CENG}",
        ),
        ("list", rf"{_BEGINS}{_NUM}\s*{_CENG}?(?:{_AND}{_NUM}\s*{_CENG}?)+(?<=[层楼f])"),
        ("one", rf"{_BEGINS}第?\s*0*(?P<n>{_NUM})\s*{_CENG}"),
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
        ("cellar", r"地下室|(?:±0(?:\.0+)?|正负零)(?:以下)|地下(?=结构|部分|主体)|basement|cellar|(?<![a-z])(?:kg|ug|keller\w*|kelder\w*|untergescho\w*)(?![a-z])"),
        ("attic", r"(?<![a-z])(?:dg|dachgescho\w*|attic|loft|zolder)(?![a-z])"),
        ("loft", r"阁楼层?(?![板梯])"),
        ("roof", r"屋面|屋顶|天面|机房层|出屋面|(?<![a-z])(?:rf|r/f|roof\w*|dak)(?![a-z])"),
        ("foundation", r"基础层|基础顶|(?<![a-z])(?:t/fdn|fdn|t\.?o\.?f|foundations?|fundament\w*|fundering)(?![a-z])"),
        ("mezzanine", r"夹层|mezzanine|zwischengescho\w*"),
        ("top", r"顶层(?!板)|top\s*floor|uppermost"),
    )
)  # fmt: skip


#: Without one of these a text names no storey; without a Latin word no worded storey.
_MAY_STOREY = re.compile(
    r"[层楼室屋顶天机出夹]|基础|地下|以下|\d|level|floor|storey|story|ground|basement|cellar|attic|loft|roof|"
    r"mezz|upper|gescho|parterre|grond|fund|fdn|t\.?o\.?f|dak|zolder|kelder|keller|"
    r"(?<![a-z])(?:[kued]?g|erdg|bg|gf|rf|[rg]/f|[kued]g)(?![a-z])|ug|first|third|second"
)
_WORD = re.compile(r"[a-z]{2}")
_HAN_WORD = re.compile("[\u3400-\u9fff]")
#: Patterns that need a word of Latin letters.
_WORDED = {"above", "words", "th", "ordinal", "attic", "mezzanine"}
_ASKED = tuple(
    (name, pattern, name in _WORDED and "夹" not in pattern.pattern) for name, pattern in _PATTERNS
)
_DIGITS = re.compile(r"\d+(?:\.\d+)*")
_PLACED = re.compile(r"(\{(?:storey|zone)\})")
_TWICE = re.compile(r"(\{\w+\})(?: \1)+")
_WHOLE = re.compile(r"-?\d+")


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
    plain = unicodedata.normalize("NFKC", standing_apart(text))
    low = unicodedata.normalize("NFC", plain).casefold().translate(_UMLAUTS)
    if len(low) != len(plain):
        plain = low
    places = zoned(low)
    tiers = list(tiers_in(low)) if places else []
    keys, spans = _storeys(_blanked(low, tiers))
    zones = []
    unread = _blanked(low, [(a, b) for a, b, _ in spans] + tiers)
    for a, b in (*tiers, *found_in(unread)) if places else ():
        # "第二道支撑" without its 道 would be any prop
        spans.append((a, b - low[a:b].endswith("道"), "{zone}"))
        zones.append(_zone(low[a:b]))
    return Spoken(
        storeys=tuple(sorted(keys)),
        zones=tuple(sorted(zones)),
        rest=_without(plain, [s for s in spans if s[2]]),
        pattern=_pattern(plain, spans),
    )


def _blanked(text: str, spans: Iterable[tuple[int, int]]) -> str:
    """A text in which what was read already says nothing more."""
    for a, b in spans:
        text = text[:a] + BLANK * (b - a) + text[b:]
    return text


def _zone(said: str) -> str:
    """A zone as it is kept: without spaces in Chinese, with single ones elsewhere."""
    return ("" if _HAN_WORD.search(said) else " ").join(said.split())


def _storeys(text: str) -> tuple[set[str], list[tuple[int, int, str]]]:
    """Keys, and what of the text says them; words that also mean a part stay in the rest."""
    keys: set[str] = set()
    spans: list[tuple[int, int, str]] = []
    single: list[tuple[int, int, int]] = []
    if not _MAY_STOREY.search(text):
        return keys, spans
    latin = _WORD.search(text) is not None
    for name, pattern, worded in _ASKED:
        if worded and not latin:
            continue
        for match in pattern.finditer(text):
            if any(a < match.end() and match.start() < b for a, b, _ in spans):
                continue
            found = _KEYS[name](match)
            if found and name in {"cellar", "attic", "roof", "foundation"} and keys:
                continue
            if found:
                keys |= set(found)
                if len(found) == 1 and _WHOLE.fullmatch(found[0]):
                    single.append((*match.span(), int(found[0])))
                soft = name in {"cellar", "roof", "foundation", "attic"}
                spans.append((match.start(), match.end(), "" if soft else "{storey}"))
    keys |= _between(text, sorted(single))
    return keys, spans


def _between(text: str, single: Sequence[tuple[int, int, int]]) -> set[str]:
    """Storeys between two that a text joins by "to", each with begin, end and number."""
    found: set[str] = set()
    for before, after in pairwise(single):
        if re.fullmatch(_TO, text[before[1] : after[0]]):
            found |= {str(n) for n in range(before[2], min(after[2], before[2] + _WIDEST)) if n}
    return found


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
    "loft": lambda _: [ATTIC],
    "roof": lambda _: [ROOF],
    "foundation": lambda _: [FOUNDATION],
    "mezzanine": lambda _: [MEZZANINE],
    "top": lambda _: [TOP],
}


def _without(text: str, spans: Sequence[tuple[int, int, str]]) -> str:
    for a, b, _ in sorted(spans, reverse=True):
        text = f"{text[:a]} {text[b:]}"
    return " ".join(text.split())


def _pattern(text: str, spans: Sequence[tuple[int, int, str]]) -> str:
    marked = [s for s in spans if s[2]]
    if not marked:
        return _DIGITS.sub("{n}", " ".join(text.split()))
    pieces, at = [], 0
    for a, b, mark in sorted(marked):
        pieces += [_DIGITS.sub("{n}", text[at:a]), mark]
        at = b
    pieces.append(_DIGITS.sub("{n}", text[at:]))
    spaced = _PLACED.sub(r" \1 ", "".join(pieces))
    return _TWICE.sub(r"\1", " ".join(spaced.split()))
