"""Zones as people name them: buildings, areas, sections, lots, and spans between grid axes."""

import re
import unicodedata
from collections.abc import Container, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

#: What a zone is one of. Zones of two kinds lie in each other ("1#楼A区2段"), zones of one kind
#: side by side.
BUILDING, UNIT, AREA, SECTION, LOT, AXES = "building", "unit", "area", "section", "lot", "axes"
#: The struts, anchors and layers of a pit, counted from above: no storeys of the building.
TIER = "tier"
#: Stands for what of a text was read as a storey.
BLANK = "\0"
#: More zones than this in one range are no range.
_WIDEST = 30

_HAN = "一二三四五六七八九十"
_ID = (
    rf"(?:[ivx]{{1,4}}(?![a-z\d])|[a-z]{{1,2}}\d{{0,2}}|\d{{1,2}}[a-z]?|[{_HAN}]{{1,3}}|[甲乙丙丁戊]|[东南西北中左右]{{1,2}})"
    r"(?:-(?:\d{1,2}|[a-z]\d?)(?![a-z\d]))?"
)
_TO = r"\s*(?:-|~|–|—|至|到|to|thru|bis)\s*"
_AND = r"\s*(?:、|,|/|&|\+|和|及|与|and|und)\s*"
#: What follows a number of a building; "1#楼梯" and "2#电梯" are none.
_HOUSE = r"(?:楼(?![梯板面承层盖])|塔楼|厂房|车间|仓库|宿舍|公寓|住宅|商业|办公楼|综合楼|教学楼)"
_BARE = r"(?=[\s\d\-_~、,/:()\0]|$|主体|基础|结构|地下|屋面)(?!\s*(?:楼?梯|电梯|塔吊|塔机))"
_HAN_UNITS = (
    (BUILDING, rf"[#号]\s*{_HOUSE}|#{_BARE}|栋|座|幢|塔楼?(?![吊机式])"),
    (UNIT, r"单元(?![式板体幕窗门])"),
    (SECTION, r"施工段|流水段|区段|段(?![落时])"),
    (AREA, r"施工区|分区|区域|区(?![域间别分])|侧(?![墙模壁面石向])"),
    (LOT, r"标段|期(?![间限])|地块"),
    (TIER, r"道(?=.{0,8}(?:撑|腰梁|围檩|锚|土钉))|层(?=土方|土石方|挖土|开挖|锚[杆索]|支撑|土钉)"),
)
_WORDS = (
    (BUILDING, "building|bldg|tower|block|haus|house|villa|gebaude|trakt|blok"),
    (UNIT, "unit|apartment"),
    (SECTION, "section|segment|pour|bay"),
    (AREA, "zone|area|sector|wing|part|bauabschnitt|bauteil|bouwdeel"),
    (LOT, "phase|stage"),
)
#: Fields of models and plans that give zones of a kind.
_FIELDS = tuple(
    (kind, re.compile(pattern))
    for kind, pattern in (
        (LOT, r"标段|分期|phase|stage|fase"),
        (
            BUILDING,
            r"[楼栋]号|楼栋|单体|楼座|单位工程|building|bldg|blk|block|tower|twr|gebaude|haus",
        ),
        (UNIT, r"单元|unit"),
        (SECTION, r"段|section|segment|pour|bay"),
        (AREA, r"区|zone|area|sector|wing|bereich|bauabschnitt|bouwdeel"),
    )
)
#: Letters that stand for the word in codes: "T1", "ZA", "S2".
_SHORT = {BUILDING: "t", AREA: "z", SECTION: "[sp]", UNIT: "u"}
#: "T1" beside other words; at the head of a text it is more surely a tower.
_TOWER = re.compile(r"(?<![a-z\d.#])t(\d{1,2})(?=$|[\s\-–_:/,.()])")
_LED = re.compile(
    r"\s*t(\d{1,2})(?=$|[\s\-–_:/,.()])|"
    r".*(?<![a-z\d.#])t(\d{1,2})(?=[\s\-–_:/,.]+(?:l|f|b|lvl|level)\s?\d)|"
    r".*(?<![a-z\d])(?:l|f|lvl |level )\d{1,2}[\s\-–_:/,.]+t(\d{1,2})(?![a-z\d#])"
)
_SAID = {BUILDING: "号楼", UNIT: "单元", SECTION: "段", AREA: "区", LOT: "标段"}
#: Buildings that have a name in place of a number.
_NAMED = (
    ("裙房", r"裙[房楼]|podium"),
    ("塔楼", r"塔楼|主楼(?![梯板])|(?<!cooling )\btowers?\b(?!\s*crane)"),
    ("附楼", r"[附副辅]楼(?![梯板])"),
)
#: "Strut level 1", "2nd row of anchors".
_HOLDS = r"(?:strut|waler|waling|anchor|tieback|raker|nail)"
_ROWS = r"(?:level|layer|tier|row)s?"
_TIERS = re.compile(
    r"(?<![a-z\d.])(?:第\s*)?[一二三四五六七八九十\d]{1,2}\s*层(?=土方|土石方|挖土|开挖|锚[杆索]|支撑|土钉)|"
    rf"(?:{'|'.join(f'(?<={w})' for w in ('strut ', 'struts ', 'waler ', 'walers ', 'anchor ', 'anchors ', 'raker ', 'rakers '))})"
    rf"(?:{_ROWS}\s*)(?:no\.?\s*)?\d{{1,2}}(?!\d)|"
    rf"(?<![a-z]){_ROWS}\s*\d{{1,2}}(?=\s+(?:of\s+)?(?:\w+\s)?{_HOLDS})|"
    rf"(?<![a-z\d])\d(?:st|nd|rd|th)\s+{_ROWS}(?=\s+(?:of\s+)?(?:\w+\s)?{_HOLDS})"
)
_COMPASS = {"north": "北", "south": "南", "east": "东", "west": "西"}
_SIDES = "|".join(_COMPASS)
_AXIS = r"(?:\(?[a-z\d]{1,2}\)?(?:-\(?(?:[a-z]|\d{1,2})\)?(?=\s*(?:~|至|to|轴|/[a-z\d])))?)"
_SPAN = rf"{_AXIS}(?:\s*轴)?(?:{_TO}{_AXIS})?"
_CROSS = r"\s*(?:轴?\s*(?:交|×|x(?=\s*[a-z\d(])|、|,)|/)\s*"
_EN_AXIS = r"[a-z\d]{1,3}(?:\s*(?:-|–|~|to|/)\s*[a-z\d]{1,3})*"

_ONE = rf"(?:第\s*)?{_ID}"
_PATTERN = re.compile(
    # 1-5轴交A-C轴, (1)~(5)/A~C轴
    rf"(?P<axes>(?<![a-z\d.]){_SPAN}(?:{_CROSS}{_SPAN})?\s*轴(?!承|流|力|心|网|线定)"
    rf"(?:{_CROSS}{_SPAN}\s*轴)?|"
    rf"(?<![a-z])(?:axis|axes|grids?(?:\s*lines?)?|gls?|achsen?)\s*{_EN_AXIS}(?![a-z\d]))|"
    + "|".join(
        rf"(?P<han_{kind}>(?<![a-z\d.])(?:后浇带)?{_ONE}(?:\s*(?:{unit})?(?:{_TO}|{_AND}){_ONE})*\s*(?:{unit}))"
        for kind, unit in _HAN_UNITS
    )
    + "|"
    + "|".join(
        rf"(?P<word_{kind}>(?<![a-z])(?:{words})s?"
        r"(?:\s*(?:no\.?\s*)?\d{1,3}(?![\d.])[a-z]?(?![a-z])|[\s\-_.]+(?:no\.?\s*)?(?:[a-z](?![a-z\d])|"
        rf"[ivx]{{1,4}}(?![a-z])|[a-z]-?\d{{1,2}}(?![\da-z])|(?:{_SIDES})(?![a-z])))"
        rf"(?:(?:{_TO}|{_AND})(?:\d{{1,2}}|[a-z]\d{{0,2}})(?![a-z\d]))*|"
        rf"(?<![a-z])(?:{_SIDES})(?:ern)?\s+(?:{words})(?![a-z]))"
        for kind, words in _WORDS
    )
    + "|"
    + "|".join(f"(?P<named_{k}>{words})" for k, (_, words) in enumerate(_NAMED))
)
_TIER_ALONE = re.compile(
    rf"(?:第\s*)?[{_HAN}\d]{{1,2}}\s*[层道]|{_ROWS}\s*(?:no\.?\s*)?\d{{1,2}}|\d(?:st|nd|rd|th)\s+{_ROWS}"
)
_MAY = re.compile(
    r"[#栋座幢轴区段元侧期塔裙道]|strut|anchor|waler|waling|raker|tieback|[一二三四五六七八九十\d]\s*层土|号楼|号\s*厂|地块|[主附副辅]楼|podium|zone|area|section|block|phase|bay|"
    r"building|bldg|tower|wing|sector|pour|segment|stage|part|haus|bau|blok|unit|house|villa|apartment|"
    r"gebaude|trakt|axis|axes|grid|gl|achse"
)
_ROMAN = {
    r: str(n)
    for n, r in enumerate(("i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix", "x"), 1)
}
_ENCLOSED = re.compile("[\u2160-\u217f\u2460-\u2473\u24b6-\u24e9\u3251-\u325f]")


@dataclass(frozen=True, slots=True)
class Zone:
    """Zones of one kind that a text names together.

    Attributes
    ----------
    kind : str
        ``"building"``, ``"unit"``, ``"area"``, ``"section"``, ``"lot"`` or ``"axes"``.
    whole : str
        The key when the text is one name: ``"1-2"`` of "1-2段".
    keys : frozenset of str
        The keys when it is a range or a list: ``{"1", "2"}``.
    spans : tuple of (str, str)
        First and last axis of each direction; of axes alone.

    """

    kind: str
    whole: str
    keys: frozenset[str]
    spans: tuple[tuple[str, str], ...] = ()


def standing_apart(text: str) -> str:
    """A text in which "1F①段" is no "1F1段": enclosed and Roman numbers stand apart."""
    return _ENCLOSED.sub(lambda m: f" {unicodedata.normalize('NFKC', m.group())} ", text)


def zoned(text: str) -> bool:
    """Whether a text in small letters may name a zone at all."""
    return _MAY.search(text) is not None


def tiers_in(text: str) -> Iterable[tuple[int, int]]:
    """Where a text in small letters names layers of a pit, before any storey is read."""
    for match in _TIERS.finditer(text):
        yield match.span()


def found_in(text: str) -> Iterable[tuple[int, int]]:
    """Where a text in small letters names zones."""
    for match in _PATTERN.finditer(text):
        yield match.span()


@lru_cache(maxsize=65536)
def zone_of(said: str) -> Zone | None:
    """What the name of a zone, as found in a text, means; None if it is none."""
    match = _PATTERN.fullmatch(said.casefold())
    if match is None:
        return _tier(said.casefold())
    group = str(match.lastgroup)
    form, _, kind = group.partition("_")
    if form == "axes":
        spans = tuple(_spans(match.group()))
        return Zone(AXES, match.group(), frozenset(), spans) if spans else None
    if form == "named":
        key = _NAMED[int(kind)][0]
        return Zone(BUILDING, key, frozenset([key]))
    body = _body(match.group(), kind, han=form == "han")
    return Zone(kind, key_of(body), frozenset(_keys(body)))


def _tier(said: str) -> Zone | None:
    """A layer of a pit whose word is in what follows: "level 1" before "struts"."""
    number = re.search(rf"\d+|[{_HAN}]+", said)
    if number is None or not _TIER_ALONE.fullmatch(said):
        return None
    key = key_of(number.group())
    return Zone(TIER, key, frozenset([key]))


def kind_of_field(name: str) -> str:
    """The kind of zone that a field of a model or a column of a plan is about; "" for any."""
    low = written(name)
    return next((kind for kind, words in _FIELDS if words.search(low)), "")


def bare_key(value: str) -> str:
    """The key of a zone that a field gives by itself: "2", "Ⅱ", "A-1", "East"; empty if none."""
    low = " ".join(written(value).split())
    return key_of(low) if re.fullmatch(rf"{_ID}|[ivx]{{1,4}}|{_SIDES}", low) else ""


def shorter(kind: str, key: str) -> str:
    """The key without the letter that stands for its kind: "1" of tower "t1"; else as it is."""
    found = re.fullmatch(rf"{_SHORT.get(kind, '(?!)')}(\d{{1,2}}|[a-z])", key)
    return key_of(found[1]) if found else key


def led_by_tower(text: str) -> str:
    """The number of the tower at the head of a text or beside a storey, as in "T1 L3 columns"."""
    found = _LED.match(text.casefold())
    return key_of(next(n for n in found.groups() if n)) if found else ""


def towers_in(text: str) -> frozenset[str]:
    """Numbers of all that may be towers in a text: "1" of "STR-T1"."""
    return frozenset(key_of(n) for n in _TOWER.findall(written(text)))


def with_towers(text: str, known: Container[str]) -> str:
    """A text with those of its "T1" in full whose numbers are `known` as towers."""
    spots = [m for m in _TOWER.finditer(text.casefold()) if key_of(m[1]) in known]
    if len(text.casefold()) != len(text):
        return text
    for spot in reversed(spots):
        text = f"{text[: spot.start()]}Tower {spot[1]} {text[spot.end() :]}".strip()
    return text


def written(text: str) -> str:
    """One spelling of width, case and spacing."""
    return unicodedata.normalize("NFKC", standing_apart(text)).casefold().strip()


def _body(text: str, kind: str, *, han: bool) -> str:
    """The names without the words that say what they are names of."""
    units = dict(_HAN_UNITS if han else _WORDS)[kind]
    if han:
        return re.sub(units, "", text).replace("第", "").replace("后浇带", "")
    bare = re.sub(rf"(?<![a-z])(?:{units})s?(?![a-z])|(?<![a-z])(?:{units})(?=\d)", "", text)
    return re.sub(r"(?<![a-z])no\b\.?|ern\b", "", bare).strip(" .-_")


def _keys(body: str) -> Iterable[str]:
    """Keys of "a、b", of "1-3"; of what makes no range the last letter ("kz-a") or all ("1-1")."""
    for piece in re.split(_AND, body):
        ends = [key_of(e) for e in re.split(_TO, piece) if e.strip()]
        if len(ends) == 2:
            alone = key_of(piece) if ends[1].isdigit() else ends[1]
            yield from _between(*ends) or (alone,)
        elif ends:
            yield ends[-1]


def _between(one: str, other: str) -> list[str]:
    """All keys from one to another; empty where they make no range."""
    a, b = (re.fullmatch(r"([a-z]*)(\d*)", e) for e in (one, other))
    if a is None or b is None:
        return []
    if a[2] and b[2] and b[1] in ("", a[1]) and int(a[2]) < int(b[2]) <= int(a[2]) + _WIDEST:
        return [f"{a[1]}{n}" for n in range(int(a[2]), int(b[2]) + 1)]
    letters = len(a[1]) == len(b[1]) == 1 and not a[2] and not b[2]
    if letters and a[1] < b[1]:
        return [chr(c) for c in range(ord(a[1]), ord(b[1]) + 1)]
    return []


def key_of(name: str) -> str:
    """One spelling of the name of a zone: "Ⅱ", "二", "02" are "2"; "A-1" is "a1"."""
    low = unicodedata.normalize("NFKC", name).casefold().strip(" .()")
    low = _COMPASS.get(low, low)
    if low in _ROMAN:
        return _ROMAN[low]
    if re.fullmatch(rf"[{_HAN}]+", low):
        return str(_number(low))
    low = re.sub(r"\s+", "", low)
    low = re.sub(r"(?<![a-z\d])([a-z]{1,2})[-_](?=\d)", r"\1", low)
    return re.sub(r"(?<!\d)0+(?=\d)", "", low)


def _number(han: str) -> int:
    tens, ten, ones = han.rpartition("十")
    return ((_HAN.index(tens[-1]) + 1 if tens else 1) * 10 if ten else 0) + (
        _HAN.index(ones[-1]) + 1 if ones else 0
    )


def _spans(text: str) -> Iterable[tuple[str, str]]:
    """First and last axis of each direction that a text names."""
    bare = re.sub(r"axis|axes|grids?(?:\s*lines?)?|gls?(?![a-z])|achsen?", " ", text)
    bare = re.sub(r"\s*轴\s*", "轴", bare.replace("(", "").replace(")", ""))
    for part in re.split(r"轴?[交×,、/]|(?<=[轴\d])x|轴(?=[a-z\d])", bare):
        # in "1-1~1-5" the dash belongs to the names of the axes
        to = r"轴?\s*(?:~|–|—|至|到|to)\s*" if re.search(r"~|–|—|至|到|to", part) else r"轴?\s*-\s*"
        ends = [e for e in (e.strip(" 轴") for e in re.split(to, part)) if e]
        if ends:
            yield ends[0], ends[-1]


def nearest(said: Iterable[Sequence[str]]) -> tuple[str, ...]:
    """Of the zones that a row and those above it name, of each kind those of the nearest row.

    "3F 柱" under "2段" under "1#楼" is in the second section of the first building.
    """
    found: dict[str, list[str]] = {}
    for zones in said:
        fresh: dict[str, list[str]] = {}
        for name in zones:
            zone = zone_of(name)
            fresh.setdefault("" if zone is None else zone.kind, []).append(name)
        found = {**fresh, **found}
    return tuple(sorted(name for names in found.values() for name in names))


def agree(some: Iterable[str], others: Iterable[str]) -> bool:
    """Whether two may be one place: zones of one kind that both name have a key in common."""
    mine, its = _by_kind(some), _by_kind(others)
    return all(mine[kind] & its[kind] for kind in mine.keys() & its.keys())


def _by_kind(names: Iterable[str]) -> dict[str, frozenset[str]]:
    found: dict[str, frozenset[str]] = {}
    for name in names:
        zone = zone_of(name)
        kind = "" if zone is None else zone.kind
        keys = frozenset([name]) if zone is None else zone.keys or frozenset([zone.whole])
        found[kind] = found.get(kind, frozenset()) | keys
    return found


def named_as(kind: str, key: str) -> str:
    """A zone of a kind as text: the "2" of a column of sections is "2段"."""
    return f"{key}{_SAID.get(kind, '区')}"
