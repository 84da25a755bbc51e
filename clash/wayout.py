"""The way out of an issue in words and on the wire."""

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from bimcore.frame import Frame
from bimcore.issues import ElementRef, Issue
from bimcore.model import Scene
from clash.grouping import Groups
from clash.moving import MANY
from clash.refs import refs_of
from clash.resolution import FURTHEST, Resolution
from clash.texts import both, metres
from clash.wording import called

_WINDS = (
    ("东", "east"),
    ("东北", "north-east"),
    ("北", "north"),
    ("西北", "north-west"),
    ("西", "west"),
    ("西南", "south-west"),
    ("南", "south"),
    ("东南", "south-east"),
)
_FAR = metres(FURTHEST)
_REASONS: Mapping[str, Mapping[str, str]] = {
    "": both("", ""),
    "immovable": both(
        "冲突双方均非可移动构件（结构、墙板、门窗、饰面、大型设备、埋地管线等不作移位建议）",
        "neither side can give way (structure, walls, doors, windows, finishes, large plant "
        "and buried lines are not moved)",
    ),
    "twice": both("重复建模靠删除而不是移位解决", "a body modelled twice is deleted, not moved"),
    "seated": both(
        "安装面限制了各个方向，不作移位建议",
        "the faces it is mounted on leave it no direction to move in",
    ),
    "joined": both(
        "冲突双方相互连接，移动一方会带动另一方",
        "the two sides are joined: moving one moves the other",
    ),
    "many": both(
        f"须一同移动的相连构件超过 {MANY} 个，已不是局部移位",
        f"more than {MANY} joined elements would have to move: no local change",
    ),
    "stopped": both(
        "试过的移位都不可行，但未穷尽所有方案",
        "none of the moves tried is clear, and not all were tried",
    ),
    "budget": both(
        "本次评审的移位试算量已用完", "the review's allowance of trial moves was used up"
    ),
    "too_deep": both(
        f"按测得的重叠深度，平移 {_FAR} 以内不能脱离",
        f"by the depth measured, no move within {_FAR} clears it",
    ),
    "blocked": both("移位后与其他构件冲突", "other elements are in the way"),
}
_HOW = {
    "lengthen": both("加长", "is lengthened"),
    "shorten": both("缩短", "is shortened"),
    "offset": both("接头重做", "gets a new joint"),
}
_CLEARED = {1: "the conflict clears", 2: "both conflicts clear"}
#: Joints and elements named in a sentence.
_NAMED = 3


def with_ways_out(
    issues: Sequence[Issue],
    ids: Sequence[str],
    scene: Scene,
    groups: Groups,
    resolutions: Sequence[Resolution],
) -> tuple[Issue, ...]:
    """The issues with what is known about moving one side.

    Parameters
    ----------
    issues : sequence of Issue
        As made of `groups`, in any order, others among them.
    ids : sequence of str
        Id of each row of the clash set.
    scene : Scene
    groups : Groups
    resolutions : sequence of Resolution
        One for each group.

    """
    group_of = {ids[row]: k for k, g in enumerate(groups.groups) for row in g.rows}
    used = [e for r in resolutions for e in _elements(r)]
    refs = refs_of(scene, used)
    done = []
    for issue in issues:
        number = next((group_of[m] for m in issue.members if m in group_of), None)
        if issue.kind != "clash" or number is None:
            done.append(issue)
            continue
        found, count = resolutions[number], groups.groups[number].pairs
        told = sentence(found, refs, scene.frame, count=count)
        advice = {g: " ".join(t for t in (told[g], issue.suggestion.get(g, "")) if t) for g in told}
        done.append(
            replace(issue, suggestion=advice, resolution=resolution_json(found, refs, scene.frame))
        )
    return tuple(done)


def _elements(found: Resolution) -> list[int]:
    joints = [j.element for j in found.joints]
    return [*found.movers, *found.moved, *found.blockers, *joints]


def sentence(
    found: Resolution, refs: Mapping[int, ElementRef], frame: Frame, *, count: int
) -> dict[str, str]:
    """What a site engineer is told; empty where there is nothing to tell."""
    if found.verdict == "not_assessed":
        return both("", "")
    return both(*(_told(found, refs, frame, count, g) for g in ("zh-CN", "en")))


def _told(
    found: Resolution, refs: Mapping[int, ElementRef], frame: Frame, count: int, language: str
) -> str:
    zh = language == "zh-CN"
    if found.verdict == "none":
        return _none(found, refs, language)
    who = _names(found.movers, refs, language)
    way = direction(found, frame)[language]
    more = len(found.moved) - len(found.movers)
    if zh:
        cleared = "冲突即消除" if count == 1 else f"{count} 处冲突全部消除"
        text = f"可行移位：{who}{way}，{cleared}且不产生新的冲突（按移位后的几何复核，"
        text += f"为所试 {found.tried} 种移位中最短）。"
        text += f"相连的 {more} 个构件随之移动。" if more else ""
        return text + _joints(found, refs, language)
    cleared = _CLEARED.get(count, f"all {count} conflicts clear")
    text = f"Way out: move {who} {way}; {cleared} and no new one arises (checked on the moved "
    text += f"bodies; the shortest of {found.tried} {_plural('move', found.tried)} tried)."
    if more:
        text += f" {more} joined {_plural('element', more)} {'moves' if more == 1 else 'move'} too."
    return text + _joints(found, refs, language)


def _plural(word: str, count: int) -> str:
    return word if count == 1 else f"{word}s"


def _none(found: Resolution, refs: Mapping[int, ElementRef], language: str) -> str:
    zh = language == "zh-CN"
    who = _names(found.movers, refs, language)
    if found.why == "too_deep":
        return (
            f"{who}平移 {_FAR} 以内未找到可行位置。"
            if zh
            else f"None found within {_FAR} for {who}."
        )
    wall = _names(found.blockers, refs, language)
    if zh:
        return f"{who}平移 {_FAR} 以内未找到可行位置（试算 {found.tried} 种，受阻于{wall}）。"
    tried = f"{found.tried} {_plural('move', found.tried)} tried"
    return f"None found within {_FAR} for {who} ({tried}; in the way: {wall})."


def _names(elements: Sequence[int], refs: Mapping[int, ElementRef], language: str) -> str:
    """The first few elements, each called once, and how many there are."""
    zh = language == "zh-CN"
    names = list(dict.fromkeys(called(refs[e], language) for e in elements))
    some = [f"「{n}」" if zh else n for n in names[:_NAMED]]
    text = "".join(some) if zh else ", ".join(some)
    if len(elements) > 1 and (len(names) > _NAMED or len(names) < len(elements)):
        return f"{text}等 {len(elements)} 个构件" if zh else f"{text} ({len(elements)} elements)"
    return text


def _joints(found: Resolution, refs: Mapping[int, ElementRef], language: str) -> str:
    """What has to be fitted to the move."""
    if not found.joints:
        return ""
    zh = language == "zh-CN"
    alike = Counter((called(refs[j.element], language), j.how) for j in found.joints)
    parts = []
    for (name, joint), count in list(alike.items())[:_NAMED]:
        how = _HOW[joint][language]
        if zh:
            parts.append(f"「{name}」{how}" if count == 1 else f"「{name}」{count} 处{how}")
        else:
            parts.append(f"{name} {how}" if count == 1 else f"{name} {how} ({count} times)")
    more = len(found.joints) - sum(list(alike.values())[:_NAMED])
    if zh:
        return f"随之调整：{'、'.join(parts)}{f'，另有 {more} 处' if more > 0 else ''}。"
    return f" To follow: {', '.join(parts)}{f' and {more} more' if more > 0 else ''}."


def direction(found: Resolution, frame: Frame) -> dict[str, str]:
    """The move in words: how far up or down, and how far to which side.

    >>> from bimcore.frame import Frame
    >>> down = Resolution(verdict="found", translation=(0.0, 0.0, -0.27), length=0.27)
    >>> direction(down, Frame())["en"]
    '270 mm down'
    """
    if found.translation is None:
        return both("", "")
    x, y, z = found.translation
    zh, en = [], []
    if abs(z) >= 5e-4:
        zh.append(f"{'上' if z > 0 else '下'}移 {metres(abs(z))}")
        en.append(f"{metres(abs(z))} {'up' if z > 0 else 'down'}")
    if math.hypot(x, y) >= 5e-4:
        side = _sideways(x, y, frame)
        zh.append(side["zh-CN"])
        en.append(side["en"])
    how = _to_the_run(found)
    return both("并".join(zh) + how["zh-CN"], " and ".join(en) + how["en"])


def _to_the_run(found: Resolution) -> dict[str, str]:
    """Whether a move is along the thing that moves; across it is what people expect."""
    return both("（沿其长向）", " (along its length)") if found.along > 0.95 else both("", "")


def _sideways(x: float, y: float, frame: Frame) -> dict[str, str]:
    """A level move by the wind where the frame is on the map, else by axes."""
    far = metres(math.hypot(x, y))
    if frame.located:
        turn = math.atan2(y, x) + frame.north
        zh, en = _WINDS[round(turn / (math.pi / 4)) % 8]
        return both(f"向{zh}平移 {far}", f"{far} {en}")
    parts = [
        (f"{'+' if v > 0 else '-'}{axis}", metres(abs(v)))
        for axis, v in (("X", x), ("Y", y))
        if abs(v) >= 5e-4
    ]
    zh = "、".join(f"{axis} 方向 {length}" for axis, length in parts)
    en = " and ".join(f"{length} along {axis}" for axis, length in parts)
    return both(f"沿 {zh} 平移", en)


def resolution_json(
    found: Resolution, refs: Mapping[int, ElementRef], frame: Frame
) -> dict[str, object]:
    """A resolution as in ``review.json``: plain texts are Chinese, ``*_en`` English."""
    reason, way = _REASONS[found.why], direction(found, frame)
    moved = np.array(found.moved, dtype=np.int64).tolist()
    return {
        "verdict": found.verdict,
        "why": found.why,
        "reason": reason["zh-CN"],
        "reason_en": reason["en"],
        "translation_m": None if found.translation is None else list(found.translation),
        "length_m": found.length if found.verdict == "found" else None,
        "direction": way["zh-CN"],
        "direction_en": way["en"],
        "movers": [_ref(refs[e]) for e in found.movers],
        "moved": [_ref(refs[e]) for e in moved],
        "joints": [{**_ref(refs[j.element]), "how": j.how} for j in found.joints],
        "blockers": [_ref(refs[e]) for e in found.blockers],
        "tried": found.tried,
    }


def _ref(ref: ElementRef) -> dict[str, object]:
    return {"model": ref.model, "guid": ref.guid, "ifc_class": ref.ifc_class, "name": ref.name}


def untried(resolutions: Sequence[Resolution]) -> list[dict[str, Mapping[str, str]]]:
    """What the search for ways out left untested, as entries of ``not_assessed``."""
    entries = []
    for why in ("budget", "stopped"):
        count = sum(r.why == why for r in resolutions)
        if count:
            what = both(
                f"{count} 个问题的可行移位", f"ways out of {count} {_plural('issue', count)}"
            )
            entries.append({"what": what, "why": _REASONS[why]})
    return entries
