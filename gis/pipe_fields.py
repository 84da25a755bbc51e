"""Sizes, heights and kinds of buried lines from the field names and values that surveys use."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bimcore.arrays import F64
from gis.kinds import kind_of_words
from gis.tables import FeatureTable

#: Two-letter kind codes of CJJ 61 tables with their names.
KINDS: Mapping[str, str] = {
    "JS": "给水",
    "PS": "排水",
    "YS": "雨水",
    "WS": "污水",
    "HS": "合流",
    "RQ": "燃气",
    "MQ": "煤气",
    "TR": "天然气",
    "YH": "液化气",
    "RL": "热力",
    "DL": "电力",
    "GD": "供电",
    "LD": "路灯",
    "XH": "交通信号",
    "TX": "通信",
    "GY": "工业",
    "QT": "其他",
    "ZH": "综合管沟",
    "BM": "不明",
}

_FIELDS: Mapping[str, str] = {
    "reference": r"^(高程|标高)(基准)?(位置|点)|^(埋深|高程)?参照|^(depth_?|height_?|elev_?)?ref(erence)?$|^measured_(at|to)$",
    "datum": r"^高程(基准|系统)$|^vertical_?datum$|^height_?(datum|system)$",
    "size": r"管径|直径|口径|孔径|外径|内径|断面|规格|diamet|^(nominal_?)?d(n|ia|iam)?([_ ]?\(?(mm|m)\)?)?$"
    r"|^(outer|inner|inside|outside)_?d|^p?_?size$|^o\.?d\.?$|^i\.?d\.?$|^(gx)?gj$|^d_s$",
    "width": r"^(管沟?|断面|沟)?宽(度)?|^width",
    "height": r"^(管沟?|断面|沟)?高(度)?([（(_ ]?(mm|m|毫米|米)[)）]?)?$|^height",
    "wall": r"壁厚|wall|thickness",
    "start": r"^(起点|起始|上游|起)[^埋地]*(高程|标高)|^(start|from|up(stream)?|z1|us)[_ ]?(z|elev|height|level|inv)|^q(i)?d_?gc$|^s(tart)?_?h$|^(z|elev|elevation|invert|level)_?(1|start|from|up|us)$",
    "end": r"^(终点|终止|末点|下游|止)[^埋地]*(高程|标高)|^(end|to|down(stream)?|z2|ds)[_ ]?(z|elev|height|level|inv)|^z(h)?d_?gc$|^e(nd)?_?h$|^(z|elev|elevation|invert|level)_?(2|end|to|down|ds)$",
    "level": r"^(管顶|管底|管内底|管外底|内底|管中心?|管道?中心|管线?)?(高程|标高)([（(_ ]?(m|米)[)）]?)?$"
    r"|^(elev|elevation|invert|z|level|crown|axis_level|pipe_level)([_ ](elev|elevation|level|m))?$",
    "start_depth": r"^(起点|起始|起)[^高标地]*埋深|^(start|from|up(stream)?)[_ ]?(depth|cover)|^s(tart)?_?deep$|^q(i)?d_?ms$",
    "end_depth": r"^(终点|终止|末点|止)[^高标地]*埋深|^(end|to|down(stream)?)[_ ]?(depth|cover)|^e(nd)?_?deep$|^z(h)?d_?ms$",
    "depth": r"^(平均)?埋深|覆土|^depth|^cover|^buried_depth",
    "start_ground": r"^(起点|起始|起)地面(高程|标高)|^(start|from)_?ground",
    "end_ground": r"^(终点|终止|末点|止)地面(高程|标高)|^(end|to)_?ground",
    "ground": r"^(地面|路面|地表)(高程|标高)?|^ground|^surface_?(level|elev)",
    "kind": r"^(管线?)?(类别|种类|类型|管类)|^管线(性质|代码)|^系统|^介质|^(utility_?)?(kind|type|class|system|service|medium)$",
    "number": r"^(管线?|管段)?(编号|号|名称|标识码?)|^(pipe_?|line_?|segment_?)?(id|no|name|number|code)$",
    "material": r"^(管)?(材质|材料)|^material|^cz$",
    "layer": r"^layer$|^图层(名称?)?$",
}
_PATTERNS = {k: re.compile(v, re.IGNORECASE) for k, v in _FIELDS.items()}

_REFERENCES = (
    ("invert", re.compile(r"内底|invert|流水面", re.IGNORECASE)),
    ("top", re.compile(r"顶|top|crown|覆土|cover|obvert", re.IGNORECASE)),
    ("axis", re.compile(r"中心|管中|轴|axis|cent", re.IGNORECASE)),
    ("bottom", re.compile(r"底|bottom", re.IGNORECASE)),
)
_STATED = {"top": "top", "invert": "invert", "centre": "axis"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Fields:
    """Which field of a table holds what; names as in the file.

    `rise` and `depth_ref` are those of the table.
    """

    names: Mapping[str, str]
    columns: Mapping[str, tuple[Any, ...]]
    rise: F64 | None = None
    depth_ref: str | None = None

    @classmethod
    def of(cls, table: FeatureTable) -> "Fields":
        """The fields of `table`: for each meaning the first name that fits, each name once."""
        found: dict[str, str] = {}
        for meaning, pattern in _PATTERNS.items():
            hits = [n for n in table.columns if pattern.search(n.strip())]
            free = [n for n in hits if n not in found.values()]
            if free:
                found[meaning] = free[0]
        return cls(names=found, columns=table.columns, rise=table.rise, depth_ref=table.depth_ref)

    def value(self, meaning: str, row: int) -> Any:
        """The value as written, None where there is no such field."""
        name = self.names.get(meaning)
        return None if name is None else self.columns[name][row]

    def text(self, meaning: str, row: int) -> str:
        """The value as text without blanks around it; whole numbers without a point."""
        if meaning not in self.names:
            return ""
        value = self.value(meaning, row)
        if isinstance(value, float) and value.is_integer():
            value = int(value)
        return "" if value is None else str(value).strip()

    def number(self, meaning: str, row: int) -> float | None:
        """The value as a number, None where it is none."""
        return number(self.value(meaning, row)) if meaning in self.names else None

    def height(self, meaning: str, row: int) -> float | None:
        """A height or depth in metres, None where there is none or a mark such as -9999."""
        value = self.number(meaning, row)
        return None if value is None or not LEVELS[0] < value < LEVELS[1] else value


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """Width, height and wall thickness across a line, in one unit; `round` or rectangular."""

    width: float
    height: float
    wall: float = 0.0
    round: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Unit:
    """Metres per unit of the size fields, with what decided it."""

    scale: Callable[[float], float]
    zh: str
    en: str
    because_zh: str
    because_en: str


#: Heights (metres) of buried lines lie between; what does not is a mark for "not known".
LEVELS = (-1_000.0, 9_000.0)
_NUMBER = re.compile(r"\s*([-+]?\d+(?:\.\d+)?)\s*(?:mm|m|毫米|米)?\s*", re.IGNORECASE)


def number(value: Any) -> float | None:
    """A finite number from a number or its text; None otherwise."""
    if isinstance(value, bool) or value is None:
        return None
    if isinstance(value, int | float):
        return float(value) if abs(value) < 1e300 else None  # no NaN passes either
    match = _NUMBER.fullmatch(str(value))
    return float(match[1]) if match else None


_ROUND = re.compile(r"(?:DN|De|D|Φ|φ|Ø|⌀|ϕ)?\s*(\d+(?:\.\d+)?)\s*(?:mm|m|毫米|米)?", re.IGNORECASE)
_BY = re.compile(
    r"(DN|De|D|Φ|φ|Ø|⌀|ϕ)?\s*(\d+(?:\.\d+)?)\s*(?:mm|m)?\s*[xX×*✕]\s*(\d+(?:\.\d+)?)\s*(?:mm|m|毫米|米)?",
    re.IGNORECASE,
)


#: A size among other words; what stands before it with a count is a bundle of lines.
_WITHIN = re.compile(
    r"(?<![\dA-Za-z×xX*])(?:DN|De|D|Φ|φ|Ø|⌀|ϕ)\s*\d+(?:\.\d+)?(?:\s*[xX×*✕]\s*\d+(?:\.\d+)?)?(?![\d.])"
    r"|(?<![\d.])\d+(?:\.\d+)?\s*(?:mm|m)?\s*[xX×*✕]\s*\d+(?:\.\d+)?(?![\d.])",
    re.IGNORECASE,
)
_BUNDLE = re.compile(r"\d\s*(?:孔|根|[-×xX*✕]\s*(?:DN|De|D|[ΦφØ⌀ϕ]))", re.IGNORECASE)
#: Less than this in the name of a drawing layer numbers a zone ("给水D3区").
_LEAST_NAMED = 15.0
#: Wider than any line in the ground (metres): a mark for "not known".
_WIDEST = 20.0


def size_of(fields: Fields, row: int) -> Size | None:
    """The size of one line in the unit of its field; None when it has none above zero.

    Drawings without a field for it say it in the name of the drawing layer ("给水DN300").
    """
    width, height = fields.number("width", row), fields.number("height", row)
    if "size" not in fields.names and width and height and min(width, height) > 0:
        return Size(width=width, height=height, round=False)
    text = fields.text("size", row)
    found = _parsed(text) or _among(text)
    if "size" not in fields.names:
        found = _among(fields.text("layer", row))
        if found is not None and min(found.width, found.height) < _LEAST_NAMED:
            return None
    if found is None or min(found.width, found.height) <= 0:
        return None
    return found if max(found.width, found.height) < _WIDEST * 1e3 else None


def _among(text: str) -> Size | None:
    """The only size that a text of more words holds; None for a bundle of lines."""
    hits = _WITHIN.findall(text)
    return _parsed(hits[0]) if len(hits) == 1 and not _BUNDLE.search(text) else None


def outer_size(fields: Fields, row: int, size: Size, unit: "Unit") -> Size:
    """The size in metres out to out, with the wall thickness of its own field.

    A nominal or inner size grows by the wall on both sides: clearance counts from outside.
    """
    width, height = unit.scale(size.width), unit.scale(size.height)
    inner = size.wall * width / size.width
    wall = max(fields.number("wall", row) or 0.0, 0.0)
    wall = wall * 1e-3 if wall >= 1.0 else wall  # no wall is a metre thick
    if inner or not wall:
        return Size(width=width, height=height, wall=inner, round=size.round)
    name = fields.names.get("size", "")
    outside = re.search(r"外径|outer|outside|^o\.?d", name, re.IGNORECASE)
    grown = 0.0 if outside else 2 * wall
    return Size(width=width + grown, height=height + grown, wall=wall, round=size.round)


def _parsed(text: str) -> Size | None:
    both = _BY.fullmatch(text)
    if both:
        first, second = float(both[2]), float(both[3])
        if both[1] and second <= first / 4:  # "Φ108x4": outer diameter and wall
            return Size(width=first, height=first, wall=second)
        return Size(width=first, height=second, round=False)
    single = _ROUND.fullmatch(text)
    return Size(width=float(single[1]), height=float(single[1])) if single else None


_UNITS = {
    **dict.fromkeys(("毫米", "mm"), ("毫米", "millimetres", 1e-3)),
    **dict.fromkeys(("厘米", "公分", "cm"), ("厘米", "centimetres", 1e-2)),
    **dict.fromkeys(("英寸", "inches", "inch", "in"), ("英寸", "inches", 0.0254)),
    **dict.fromkeys(("米", "m"), ("米", "metres", 1.0)),
}
_UNIT_WORD = re.compile(
    r"(毫米|mm|厘米|公分|英寸|inch(?:es)?)|(?<![a-z])(cm|in|m)[)）\]]?$|[（(\[_](米)[)）\]]?$",
    re.IGNORECASE,
)


def unit_of(name: str, sizes: Sequence[Size]) -> Unit:
    """Millimetres or metres: by the field's name, else by how large the numbers are.

    No pipe is 10 m wide or 10 mm narrow, so a number from 10 upwards is millimetres.
    """
    word = _UNIT_WORD.search(name)
    if word:
        said = word[0].strip("()（）[]_")
        zh, en, factor = _UNITS[said.lower()]
        return Unit(
            scale=lambda v: v * factor,
            zh=zh,
            en=en,
            because_zh=f"字段名含“{word[0]}”",
            because_en=f'"{word[0]}" in the field name',
        )
    low = min((min(s.width, s.height) for s in sizes), default=0.0)
    high = max((max(s.width, s.height) for s in sizes), default=0.0)
    span = (f"数值 {low:g} 至 {high:g}", f"values from {low:g} to {high:g}")
    mixed = low < 10.0 <= high
    zh = "米与毫米混用" if mixed else "毫米" if low >= 10.0 else "米"
    en = "metres and millimetres mixed" if mixed else "millimetres" if low >= 10.0 else "metres"
    return Unit(
        scale=lambda v: v * 1e-3 if v >= 10.0 else v,
        zh=zh,
        en=en,
        because_zh=span[0],
        because_en=span[1],
    )


def reference_of(fields: Fields, row: int, field: str) -> tuple[str, bool]:
    """Where on the pipe a height is measured and whether the data say so; axis in doubt.

    Parameters
    ----------
    fields : Fields
    row : int
    field : str
        Name of the field that the height comes from; empty for the geometry.

    """
    row_says = fields.text("reference", row)
    if not row_says and fields.depth_ref is not None:
        return _STATED[fields.depth_ref], True
    for text in (row_says, field):
        for reference, pattern in _REFERENCES:
            if text and pattern.search(text):
                return reference, True
    return "axis", False


def kind_of(fields: Fields, row: int, fallback: str) -> str:
    """Kind as ``"JS 给水"`` when it is a known code or name, else as written."""
    drawn = fields.text("layer", row)
    drawn = _kind_in(drawn) or (drawn if kind_of_words(drawn) else "")
    text = fields.text("kind", row) or drawn or _kind_in(fallback)
    code = text.upper()
    if code in KINDS:
        return f"{code} {KINDS[code]}"
    for known, name in KINDS.items():
        if text == name or text in {f"{name}管", f"{name}管线", f"{name}管道"}:
            return f"{known} {name}"
    return text or fallback


def _kind_in(name: str) -> str:
    return next((k for k, v in KINDS.items() if v in name), "")
