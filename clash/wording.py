"""What an issue says: titles, descriptions and advice in Chinese and English."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bimcore.issues import ElementRef
from clash.result import Relation
from clash.roles import LAGGING_WORDS
from clash.texts import VAGUE, both, label, litres, metres
from clash.tight import Squeeze
from clash.tightwords import account, headline, remedy

#: Family words of authoring tools that say no more than the class.
_FAMILIES = frozenset(
    {
        "basic wall",
        "basic roof",
        "basic ceiling",
        "compound ceiling",
        "floor",
        "railing",
        "curtain wall",
        "stacked wall",
        "foundation slab",
        "assembled stair",
        "基本墙",
        "基本屋顶",
        "楼板",
        "复合天花板",
        "栏杆扶手",
        "幕墙",
        "基础底板",
        "系统族",
        "管道类型",
        "风管类型",
        "pipe types",
        "duct types",
    }
)
_CONDUIT = re.compile(r"线管|导管|穿线|conduit", re.IGNORECASE)
#: What the one class of IFC2X3 for all lines is, by its name: in Chinese and English.
_SEGMENTS = (
    (_CONDUIT, ("线管", "conduit")),
    (
        re.compile(r"桥架|线槽|cable (tray|ladder)|trunking", re.IGNORECASE),
        ("电缆桥架", "cable tray"),
    ),
    (re.compile(r"风管|\bducts?\b|kanal\b|gaine", re.IGNORECASE), ("风管", "duct")),
    (re.compile(r"管道|水管|钢管|\bpipes?\b|rohr|tuyau", re.IGNORECASE), ("管道", "pipe")),
)
_LONGEST = 36
_HAN = re.compile(r"[\u4e00-\u9fff]")
_NUMBER = re.compile(r"^\d{4,}$")


@dataclass(frozen=True, slots=True, kw_only=True)
class Conflict:
    """What a title is made of.

    Attributes
    ----------
    subject, object : ElementRef
        Who runs into whom.
    relation : Relation
    through : float
        Metres of the object that the subject passes from side to side; 0 when it ends in it.
    depth, distance, asked : float
        Metres; `asked` is the gap of a clearance rule.
    volume : float
        Cubic metres; NaN when unknown.
    bounded : bool
        The depth is an upper bound.
    count : int
        Places in the group.
    deepest : bool
        No other place of the group is deeper.
    kind : str
        Kind of the group.
    storey : str
    height : float or None
        Metres over the floor of the storey.
    squeeze : Squeeze or None
        The opening that is there and does not hold the subject.
    opening : ElementRef or None
        That opening.
    unnamed : (bool, bool)
        The places of a repeated detail have other subjects, other objects by name.

    """

    subject: ElementRef
    object: ElementRef
    relation: Relation
    through: float = 0.0
    depth: float = 0.0
    distance: float = 0.0
    asked: float = 0.0
    volume: float = float("nan")
    bounded: bool = False
    count: int = 1
    deepest: bool = True
    kind: str = "pair"
    storey: str = ""
    height: float | None = None
    squeeze: Squeeze | None = None
    opening: ElementRef | None = None
    unnamed: tuple[bool, bool] = (False, False)


def word_of(element: ElementRef, language: str) -> str:
    """What people call the class of an element; its name tells insulation and conduits."""
    said = f"{element.name} {element.type}"
    zh = language.startswith("zh")
    if element.ifc_class == "IfcCovering" and LAGGING_WORDS.search(said):
        return "保温层" if zh else "insulation"
    if element.ifc_class == "IfcFlowSegment":
        told = next((words for pattern, words in _SEGMENTS if pattern.search(said)), None)
        if told is not None:
            return told[0 if zh else 1]
    if element.ifc_class.startswith("IfcCableCarrier") and _CONDUIT.search(said):
        return "线管" if zh else "conduit"
    return label(element.ifc_class, language)


def called(element: ElementRef, language: str) -> str:
    """An element as people call it: its name, with the class where the name lacks it."""
    name = short_name(element.name) or short_name(element.type)
    word = word_of(element, language)
    if not name:
        mark = element.guid[:8]
        return f"{word} {mark}".strip()
    return _with_word(name, element, language)


def _with_word(name: str, element: ElementRef, language: str) -> str:
    """A name with its class beside it, unless it says as much itself."""
    word = word_of(element, language)
    if language.startswith("zh"):
        told = word in name or word[0] in name
        # "LED 面板灯" needs no "terminal device" behind it
        told |= element.ifc_class in VAGUE and len(_HAN.findall(name)) >= 2
        return name if told else f"{name} {word}"
    return name if word.lower() in name.lower() else f"{word} {name}"


def kind_called(element: ElementRef, language: str, *, unnamed: bool = False) -> str:
    """The type of an element, for details that repeat; `unnamed` leaves its own name out."""
    name = short_name(element.type) or ("" if unnamed else short_name(element.name))
    word = word_of(element, language)
    if not name or name.lower() == word.lower():
        return word
    return _with_word(name, element, language)


def short_name(name: str) -> str:
    """A name without the family words and element numbers that authoring tools add.

    >>> short_name("Basic Wall:Interior - Partition (92mm Stud):138584")
    'Interior - Partition (92mm Stud)'
    """
    parts = [p.strip() for p in name.split(":")]
    parts = [p for i, p in enumerate(parts) if p and p not in parts[:i]]
    if len(parts) > 1 and _NUMBER.match(parts[-1]):
        parts = parts[:-1]
    while len(parts) > 1 and parts[0].lower() in _FAMILIES:
        parts = parts[1:]
    text = " ".join(" ".join(parts).split())
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1].rstrip()}…"


def title(conflict: Conflict) -> dict[str, str]:
    """One line for the list."""
    return both(_title_zh(conflict), _title_en(conflict))


def _title_zh(c: Conflict) -> str:
    one, other = _sides(c, "zh-CN")
    far = c.through or c.depth
    depth = f"最深 {metres(far)}" if c.count > 1 and c.deepest else metres(far)
    if c.squeeze is not None:
        text = headline(c.squeeze, one, other, "zh-CN")
    elif c.relation is Relation.CLEARANCE:
        text = f"{one} 与 {other} 净距 {metres(c.distance)}，要求 {metres(c.asked)}"
    elif c.relation is Relation.DUPLICATE:
        text = f"{one} 与 {other} 重复建模"
    elif c.relation is Relation.CONTAINMENT:
        text = f"{one} 完全位于 {other} 内"
    else:
        verb = "穿" if c.through else "侵入"
        text = f"{one} {verb} {other}{'，' if depth[0] == '最' else ' '}{depth}"
    text += f"，共 {c.count} 处" if c.count > 1 else ""
    return f"{text}，{c.storey}" if c.storey else text


def _title_en(c: Conflict) -> str:
    one, other = _sides(c, "en")
    far = c.through or c.depth
    depth = f"up to {metres(far)}" if c.count > 1 and c.deepest else metres(far)
    if c.squeeze is not None:
        text = headline(c.squeeze, one, other, "en")
    elif c.relation is Relation.CLEARANCE:
        text = f"{one} is {metres(c.distance)} from {other}, {metres(c.asked)} asked"
    elif c.relation is Relation.DUPLICATE:
        text = f"{one} and {other} are the same body twice"
    elif c.relation is Relation.CONTAINMENT:
        text = f"{one} lies inside {other}"
    else:
        verb = "passes through" if c.through else "runs into"
        text = f"{one} {verb} {other}, {depth}"
    text += f", {c.count} places" if c.count > 1 else ""
    text = f"{text}, {c.storey}" if c.storey else text
    return text[:1].upper() + text[1:]


def _sides(c: Conflict, language: str) -> tuple[str, str]:
    """Subject and object; for a repeated detail the types, else the elements."""
    if c.kind in ("repeat", "duplicate") and c.count > 1:
        one, other = (
            kind_called(e, language, unnamed=u)
            for e, u in zip((c.subject, c.object), c.unnamed, strict=True)
        )
        if one == other and c.relation is Relation.DUPLICATE:
            models = (c.subject.model, c.object.model)
            if models[0] != models[1]:
                return f"{one} ({models[0]})", f"{other} ({models[1]})"
        return one, other
    return called(c.subject, language), called(c.object, language)


def description(
    conflict: Conflict, *, reason: Mapping[str, str], extra: Sequence[Mapping[str, str]] = ()
) -> dict[str, str]:
    """A few sentences: what, how much, where, who, and why these are one issue."""
    return {
        language: "\n".join(
            [
                _how(conflict, language),
                _where(conflict, language),
                _who("A", conflict.subject, language),
                _who("B", conflict.object, language),
                *([_why(reason, language)] if conflict.count > 1 else []),
                *(e[language] for e in extra),
            ]
        )
        for language in ("zh-CN", "en")
    }


def _how(c: Conflict, language: str) -> str:
    zh = language.startswith("zh")
    if c.squeeze is not None:
        name = "" if c.opening is None else short_name(c.opening.name)
        return account(c.squeeze, name, language)
    if c.relation is Relation.CLEARANCE:
        gap, asked = metres(c.distance), metres(c.asked)
        return (
            f"两者净距 {gap}，规则要求不小于 {asked}。"
            if zh
            else f"They are {gap} apart; the rule asks for {asked}."
        )
    if c.relation is Relation.DUPLICATE:
        return "两个构件占据同一位置。" if zh else "Two elements occupy the same place."
    return _depth_zh(c) if zh else _depth_en(c)


def _depth_zh(c: Conflict) -> str:
    most = "不超过 " if c.bounded else ""
    passes = f"穿透厚度 {metres(c.through)}，" if c.through else ""
    shared = f"，重叠体积 {litres(c.volume)}" if c.volume == c.volume else ""
    return f"{passes}移开其中一方{most or ' '}{metres(c.depth)} 即可脱离{shared}。"


def _depth_en(c: Conflict) -> str:
    most = "at most " if c.bounded else ""
    passes = f"Passes {metres(c.through)} of it. " if c.through else ""
    shared = f" Shared volume {litres(c.volume)}." if c.volume == c.volume else ""
    return f"{passes}Moving one of them by {most}{metres(c.depth)} clears it.{shared}"


def _where(c: Conflict, language: str) -> str:
    zh = language.startswith("zh")
    place = c.storey or ("楼层未知" if zh else "storey unknown")
    if c.height is None:
        return f"位置：{place}。" if zh else f"Where: {place}."
    if zh:
        over = f"楼面以上 {c.height:.2f} m" if c.height >= 0 else f"楼面以下 {-c.height:.2f} m"
        return f"位置：{place}，{over}。"
    over = (
        f"{c.height:.2f} m over the floor"
        if c.height >= 0
        else f"{-c.height:.2f} m below the floor"
    )
    return f"Where: {place}, {over}."


def _who(side: str, element: ElementRef, language: str) -> str:
    zh = language.startswith("zh")
    name = element.name or element.type or element.guid
    parts = [f"{'模型' if zh else 'model'} {element.model}"]
    if element.storey:
        parts.append(f"{'楼层' if zh else 'storey'} {element.storey}")
    if element.system:
        parts.append(f"{'系统' if zh else 'system'} {element.system}")
    parts.append(f"GlobalId {element.guid}")
    word = word_of(element, language)
    if zh:
        return f"{side}：{word}「{name}」（{'，'.join(parts)}）"
    return f"{side}: {word} “{name}” ({', '.join(parts)})"


def _why(reason: Mapping[str, str], language: str) -> str:
    text = reason.get(language, "")
    return f"合并原因：{text}。" if language.startswith("zh") else f"One issue because: {text}."


#: What to do, by the index of ``severity.MATTERS``.
ADVICE: tuple[dict[str, str], ...] = (
    both(
        "调整管线标高或走向避开梁柱；确需穿越时由结构专业复核并预留套管。",
        "Reroute the line round the frame, or have the structural engineer approve a sleeve.",
    ),
    both(
        "管线避让基础；确需穿越时由结构专业复核并预留套管。",
        "Keep the line clear of the foundation, or have a sleeve approved and cast in.",
    ),
    both(
        "请结构专业确认后预留洞口或套管，或调整管线。",
        "Ask the structural engineer for an opening or sleeve, or reroute the line.",
    ),
    both(
        "管线避让门窗和疏散通道，保证净高净宽。",
        "Keep the line clear of doors, windows and stairs.",
    ),
    both(
        "按小管让大管、有压让无压的原则调整其中一方。",
        "Move the smaller or the pressurised line; gravity lines keep their fall.",
    ),
    both(
        "补充预留洞口或套管并做防火封堵，或调整管线。",
        "Add an opening with fire stopping, or reroute the line.",
    ),
    both("微调末端或饰面位置。", "Shift the fixture or the finish."),
    both(
        "核对门窗、楼梯与结构的定位和净高。",
        "Check the position and headroom against the structure.",
    ),
    both("结构专业核对构件定位与连接。", "Have the structural engineer check the joint."),
    both("核对两个构件的定位，修正重叠。", "Check both positions and remove the overlap."),
    both("核对饰面或家具布置。", "Check the finish or the furniture layout."),
)
ADVICE_TWICE = both(
    "核对由哪个模型负责该构件，删除另一份。",
    "Decide which model owns the element and delete the other copy.",
)
ADVICE_NEAR = both(
    "加大净距，或经管线权属单位同意后采取保护措施。",
    "Widen the gap, or agree on protection with the owner of the line.",
)


#: Rods, bolts, bars and what is cast in, where no finish and no furniture takes part.
ADVICE_PARTS = both(
    "管线避让锚栓、吊杆、钢筋等配件，或与其所属专业协商移位。",
    "Keep the line clear of the rod, bolt or bar, or have its trade move it.",
)
ADVICE_LOOSE = both(
    "核对两个配件的位置，移开其中一个。", "Check both parts and move one of them aside."
)
_PARTS = re.compile(
    "IfcDiscreteAccessory|Ifc(Mechanical)?Fastener|IfcReinforc|IfcTendon|IfcVibration"
)
#: What is told in the place of the advice on finishes, by the index of the matter.
_SOFT = {6: ADVICE_PARTS, len(ADVICE) - 1: ADVICE_LOOSE}


def advice(conflict: Conflict, matter: int) -> dict[str, str]:
    """What to do about a conflict; `matter` is the index into ``severity.MATTERS``."""
    if conflict.squeeze is not None:
        return remedy(conflict.squeeze)
    if conflict.relation is Relation.DUPLICATE:
        return dict(ADVICE_TWICE)
    if conflict.relation is Relation.CLEARANCE:
        return dict(ADVICE_NEAR)
    if matter in _SOFT and any(
        _PARTS.match(e.ifc_class) for e in (conflict.subject, conflict.object)
    ):
        return dict(_SOFT[matter])
    return dict(ADVICE[matter])
