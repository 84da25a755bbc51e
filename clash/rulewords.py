"""The words of rule files: disciplines, kinds and cells, as people of both languages write them."""

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import TypeAlias
from unicodedata import category, normalize

from bimcore.elements import DISCIPLINES
from clash.conditions import fold
from clash.ifcnames import is_class, nearest_class
from clash.rules import RuleKind
from clash.texts import DISCIPLINE_LABELS, both

#: Largest tolerance or gap a rule may ask for, millimetres.
MOST_MM = 50_000
#: Longest word of a selector, name, id or reason.
LONGEST = 500
#: Kind and millimetres of each demand of a cell.
Demands: TypeAlias = tuple[tuple[RuleKind, float], ...]

KIND_LABELS: Mapping[RuleKind, Mapping[str, str]] = {
    RuleKind.HARD: both("硬碰撞", "hard"),
    RuleKind.CLEARANCE: both("净距", "clearance"),
    RuleKind.DUPLICATE: both("重复", "duplicate"),
}
_KINDS: Mapping[str, RuleKind] = {
    **{word: kind for kind, labels in KIND_LABELS.items() for word in labels.values()},
    "硬": RuleKind.HARD,
    "碰撞": RuleKind.HARD,
    "hard clash": RuleKind.HARD,
    "间距": RuleKind.CLEARANCE,
    "软碰撞": RuleKind.CLEARANCE,
    "重复构件": RuleKind.DUPLICATE,
}
_DEMAND = re.compile(r"(?P<word>[^\d.+-]*?)\s*(?P<number>[+-]?[\d.]+)\s*(?P<unit>[^\d\s.]*)")
#: What people write into a cell that asks for nothing, folded.
_NOTHING = {"", "-", "--", "\u2013", "\u2014", "\u2014\u2014", "/", "\\", "n/a", "none",
            "无", "不检查", "不查", "不适用"}  # fmt: skip
#: What may stand between the word of a kind and its number; a gap may also be "at least".
_BETWEEN, _AT_LEAST = re.compile(r"\s*[:=]\s*$"), re.compile(r"\s*(>=|[≥>])\s*$")
#: What people add to the name of a discipline.
_ADDED = re.compile(r"(专业|工程)$")
_CROSS = re.compile(r"\s+[xX]\s+|\s*[×✕]\s*")


class Wrong(Exception):
    """Something a rule file says that cannot be; the reason in Chinese and English."""

    def __init__(self, texts: Mapping[str, str]) -> None:
        super().__init__(texts["en"])
        self.texts = texts


def _discipline_words() -> dict[str, str]:
    found = {}
    for code in DISCIPLINES:
        labels = DISCIPLINE_LABELS[code]
        for word in (code, labels["zh-CN"], labels["en"], discipline_heading(code)):
            found[fold(word)] = code
    return found | {"给水排水": "plumbing", "暖通空调": "hvac"}


def discipline_heading(code: str) -> str:
    """A discipline as the sheet of the matrix names it."""
    return f"{DISCIPLINE_LABELS[code]['zh-CN']} {code}"


def discipline_of(word: str) -> str | None:
    """The discipline that `word` names in either language; None for any other word."""
    plain = fold(" ".join(word.split()))
    if not plain.isascii():
        # words of two characters are often set apart: 暖 通
        tight = plain if plain in _DISCIPLINE_WORDS else plain.replace(" ", "")
        plain = tight if tight in _DISCIPLINE_WORDS else _ADDED.sub("", tight)
    return _DISCIPLINE_WORDS.get(plain)


_DISCIPLINE_WORDS = _discipline_words()


def kind_of(word: str) -> RuleKind:
    """The kind of rule that `word` names in either language.

    Raises
    ------
    Wrong
        When it names none.

    """
    kind = _KINDS.get(fold(word)) if word.strip() else None
    if kind is None:
        raise Wrong(
            both(
                f"“{short(word)}”不是规则种类，可用：硬碰撞、净距、重复",
                f'kind "{short(word)}" is not one of {", ".join(RuleKind)}',
            )
        )
    return kind


def length_of(value: object) -> float:
    """A length given in millimetres, as a number.

    Raises
    ------
    Wrong
        When it is no number from 0 to ``MOST_MM``.

    """
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise Wrong(
            both(
                f"长度应为毫米数，而不是 {short(repr(value))}",
                f"a length in millimetres is a number, not {short(repr(value))}",
            )
        )
    if not 0 <= value <= MOST_MM:
        raise Wrong(
            both(
                f"{short(str(value))} mm 不在 0 至 {MOST_MM} mm 之间",
                f"{short(str(value))} mm is not between 0 and {MOST_MM} mm",
            )
        )
    return float(value)


def demands_of(text: str) -> Demands:
    """What the cell of a matrix asks: ``hard 5; clearance 50``; nothing for an empty cell.

    A number alone is a hard rule. Kinds are taken in either language, full-width characters
    as their usual forms; parts are separated by a semicolon, a comma or a line break.

    Raises
    ------
    Wrong
        When it cannot be read, or asks twice for one kind.

    """
    plain = normalize("NFKC", text).strip()
    if fold(plain) in _NOTHING:
        return ()
    found: dict[RuleKind, float] = {}
    for part in re.split(r"[;,、\n]", plain):
        match = _DEMAND.fullmatch(part.strip())
        number = _float(match["number"]) if match else None
        if match is None or number is None or fold(match["unit"]) not in {"", "mm", "毫米"}:
            raise Wrong(
                both(
                    f"“{short(part.strip())}”看不懂；写成“硬碰撞 5”“净距 50”或“重复 5”，单位毫米",
                    f'"{short(part.strip())}" is not understood; write "hard 5", "clearance 50" or '
                    '"duplicate 5", in millimetres',
                )
            )
        kind = _kind_before(match["word"])
        if kind in found:
            label = KIND_LABELS[kind]["zh-CN"]
            raise Wrong(both(f"一格里有两个“{label}”", f'the cell asks twice for "{kind.value}"'))
        found[kind] = length_of(number)
    return tuple((k, found[k]) for k in RuleKind if k in found)


def _kind_before(words: str) -> RuleKind:
    """The kind that the words before a number name; hard where there are none."""
    plain = _BETWEEN.sub("", words).strip()
    least = _AT_LEAST.sub("", plain)
    kind = kind_of(least) if least else RuleKind.HARD
    return kind if least == plain or kind is RuleKind.CLEARANCE else kind_of(plain)


def gap_missing(kind: object) -> None:
    """Refuse a rule without a length where it asks for a gap.

    Raises
    ------
    Wrong
        When `kind` says clearance: a gap of nothing finds nothing, ever.

    """
    if isinstance(kind, str) and _KINDS.get(fold(kind)) is RuleKind.CLEARANCE:
        raise Wrong(
            both("净距规则缺少间距（毫米）", "a clearance rule needs its gap in millimetres")
        )


def class_checked(word: str) -> None:
    """Refuse what is no class of IFC.

    Raises
    ------
    Wrong
        With the class that may be meant.

    """
    if not word.lower().startswith("ifc") or is_class(word):
        return  # what does not begin so is told by whoever reads the word
    meant = nearest_class(word)
    zh, en = (f"，是否指 {meant}？", f"; {meant}?") if meant else ("", "")
    raise Wrong(
        both(
            f"IFC2X3、IFC4、IFC4X3 里没有“{short(word)}”这个类{zh}",
            f'"{short(word)}" is no class of IFC2X3, IFC4 or IFC4X3{en}',
        )
    )


def number_of(value: object) -> object:
    """A number that was typed as text, also full-width and with its unit; else `value`."""
    if not isinstance(value, str):
        return value
    found = re.fullmatch(r"([+-]?[\d.]+)\s*(mm|毫米)?", fold(value))
    number = _float(found[1]) if found else None
    return value if number is None else number


def _float(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None


def demands_text(demands: Demands, *, language: str = "en") -> str:
    """The text that :func:`demands_of` reads back."""
    return "; ".join(f"{KIND_LABELS[k][language]} {millimetres(mm)}" for k, mm in demands)


def millimetres(value: float) -> str:
    """A length without needless digits."""
    return repr(int(value)) if value == int(value) else format(Decimal(repr(value)), "f")


def sides_of(cell: str) -> tuple[str, str]:
    """The two names of a cell written as ``left x right``.

    Raises
    ------
    Wrong
        When it is not written so.

    """
    sides = [part.strip() for part in _CROSS.split(cell.strip())]
    if len(sides) != 2 or not all(sides):
        raise Wrong(
            both(
                f"“{short(cell)}”应写成“甲 x 乙”",
                f'cell "{short(cell)}" is not written as "left x right"',
            )
        )
    return sides[0], sides[1]


def checked(text: object, *, what: tuple[str, str]) -> str:
    """A word or line of a rule file, without outer blanks.

    Raises
    ------
    Wrong
        When it is no text, empty, too long, or holds line breaks or control characters.

    """
    zh, en = what
    if not isinstance(text, str):
        raise Wrong(both(f"{zh}应为文字", f"{en} is text"))
    plain = text.strip()
    if not plain:
        raise Wrong(both(f"缺少{zh}", f"{en} is missing"))
    if len(plain) > LONGEST:
        raise Wrong(both(f"{zh}超过 {LONGEST} 个字符", f"{en} is longer than {LONGEST} characters"))
    if any(category(c) in {"Cc", "Cs", "Zl", "Zp"} or c in "\ufffe\uffff" for c in plain):
        raise Wrong(
            both(f"{zh}含有换行或控制字符", f"{en} holds line breaks or control characters")
        )
    return plain


def name_of(text: object) -> str:
    """The name of a selector.

    Raises
    ------
    Wrong
        When it cannot be one: it is a discipline, or could be mistaken for a cell.

    """
    name = checked(text, what=("选择集名称", "the name of a selector"))
    if discipline_of(name) is not None:
        raise Wrong(
            both(
                f"“{short(name)}”是专业名称，选择集要另取名",
                f'"{short(name)}" is a discipline; call the selector otherwise',
            )
        )
    if ":" in name or "：" in name or _CROSS.search(name):
        raise Wrong(
            both(
                f"选择集名称“{short(name)}”里不能有冒号、“×”或“ x ”",
                f'the name "{short(name)}" must not hold a colon, "×" or " x "',
            )
        )
    return name


def short(text: str, most: int = 60) -> str:
    """`text` cut for a message."""
    return text if len(text) <= most else text[: most - 1] + "…"
