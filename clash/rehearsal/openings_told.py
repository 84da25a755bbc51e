"""Words for a unit that does not fit the openings left: what, where, by how much, what to do."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from bimcore.arrays import F64
from clash.rehearsal.base import Stage
from clash.rehearsal.dates import days_from, last_day
from clash.rehearsal.doorways import Doorway
from clash.rehearsal.telling import at_place, count_days, quoted, storey_of, text_of, things
from clash.texts import both

_KINDS = {
    "door": ("门", "door", "a door"),
    "window": ("窗洞", "window opening", "a window opening"),
    "opening": ("洞口", "opening", "an opening"),
    "floor": ("楼板洞口", "floor opening", "a floor opening"),
    "stair": ("楼梯", "stair", "a stair"),
}
#: Units of one task that are each told with what keeps them out, beside the worst.
_NAMED = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Short:
    """What is too small, and by how much.

    Attributes
    ----------
    what : str
        ``"width"`` or ``"height"`` of a doorway, ``"turn"``, ``"gap"``, or ``"none"`` for no
        way at all.
    need, have : float
        Metres.

    """

    what: str
    need: float
    have: float


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Kept:
    """A unit that is kept out: its own sides (3,), the smallest first, and by what."""

    element: int
    sides: F64
    short: Short
    doorway: Doorway | None


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Told:
    """What is told of units of one task, the one with the least room first.

    `closer` is the task (-1 none) that closed the last route of that unit at `closed`;
    `doubts` say why it is not sure.
    """

    units: tuple[Kept, ...]
    task: int
    closer: int
    closed: np.datetime64 | None
    doubts: tuple[str, ...]


def title(stage: Stage, told: Told) -> dict[str, str]:
    """What does not get in, when, and what the widest way left is."""
    worst = told.units[0]
    where = at_place(storey_of(stage, worst.element))
    named = _named(stage, told)
    day = stage.dates.said(stage.lifetimes.appear[worst.element])
    zh, en = _limit(stage, worst)
    verb = "do" if len(told.units) > 1 else "does"
    return both(
        f"{where[0]}{named[0]}{day[0]}安装时运不进去：{zh}",
        f"{named[1]}{where[1]} {verb} not get in {day[1]}: {en}",
    )


def description(stage: Stage, told: Told) -> dict[str, str]:
    """Measures, since when, and what is not sure."""
    return text_of(
        [
            _sizes(stage, told.units[0]),
            _since(stage, told),
            *_others(stage, told.units[1:]),
            *(_doubt(stage, doubt) for doubt in told.doubts),
        ]
    )


def advice(stage: Stage, told: Told) -> dict[str, str]:
    """Move it before what closes the way, leave that open, or bring it in parts."""
    mine = quoted(stage, told.task)
    if told.closed is None or told.closer < 0:
        return both(
            f"确认{mine[0]}的运输路线：加宽洞口，或注明分体运输、现场组装。",
            f"Check how {mine[1]} gets in: a wider opening, or state that it comes in parts.",
        )
    its, day = quoted(stage, told.closer), stage.dates.said_last(told.closed)
    early = days_from(last_day(told.closed), stage.path.start[told.task]) + 1
    days = count_days(max(1, early))
    return both(
        f"在{its[0]}完成（{day[0]}）之前进场就位：提前 {days[0]}；或者{its[0]}先留出设备洞口，就位后再封；或分体运输。",
        f"Bring it in before {its[1]} is done ({day[1]}), {days[1]} earlier; or leave an opening in "
        f"{its[1]} until it is in place; or bring it in parts.",
    )


def _named(stage: Stage, told: Told) -> tuple[str, str]:
    if len(told.units) > 1:
        return things(stage, [u.element for u in told.units])
    return _name(stage, told.units[0].element)


def _name(stage: Stage, element: int) -> tuple[str, str]:
    model, row = stage.scene.locate(element)
    name = model.elements.name[row]
    return (f"“{name}”", f'"{name}"') if name else things(stage, [element])


def _others(stage: Stage, units: Sequence[Kept]) -> list[tuple[str, str]]:
    """The other units, the first few each with what keeps it out."""
    found = []
    for unit in units[:_NAMED]:
        name, limit = _name(stage, unit.element), _limit(stage, unit)
        found.append((f"{name[0]}：{limit[0]}。", f"{name[1]}: {limit[1]}."))
    more = len(units) - _NAMED
    if more > 0:
        found.append((f"另有 {more} 件同样运不进去。", f"{more} more do not get in either."))
    return found


def _called(stage: Stage, doorway: Doorway) -> tuple[str, str]:
    """A doorway by its kind, and its name where it has one."""
    model, row = stage.scene.locate(doorway.element)
    name = model.elements.name[row]
    zh, en, some = _KINDS[doorway.kind]
    return (f"{zh}“{name}”", f'{en} "{name}"') if name else (zh, some)


def _limit(stage: Stage, unit: Kept) -> tuple[str, str]:
    """What the widest route left is, and where it is too small."""
    short = unit.short
    need, have = f"{short.need:.2f} m", f"{short.have:.2f} m"
    if short.what == "none":
        return "没有任何通路", "there is no way left at all"
    if unit.doorway is None:
        return (
            f"剩下最宽的缺口约 {have}，需要 {need}",
            f"the widest gap left is about {have}, it needs {need}",
        )
    zh, en = _called(stage, unit.doorway)
    if short.what == "turn":
        return (
            f"最宽的通路经过{zh}，但那里空间太窄，长 {need} 的设备转不过弯",
            f"the widest way left goes through {en}, where there is no room to turn its {need}",
        )
    zh_side, en_side = ("净高", "high") if short.what == "height" else ("净宽", "wide")
    return (
        f"最宽的通路要经过{zh}，{zh_side}只有 {have}，需要 {need}",
        f"the widest way left goes through {en}, {have} {en_side}, and it needs {need}",
    )


def _sizes(stage: Stage, unit: Kept) -> tuple[str, str]:
    margin = float(stage.profile["R10.margin_m"])
    box = " × ".join(f"{v:.2f}" for v in unit.sides[::-1])
    face = " × ".join(f"{v + margin:.2f}" for v in unit.sides[:2])
    zh = f"外形 {box} m，任意侧放后最小断面 {face} m（含余量 {margin:.2f} m）"
    en = f"It measures {box} m and takes {face} m at its smallest, {margin:.2f} m of it to move it"
    if unit.short.what in {"none", "turn"}:
        return f"{zh}。", f"{en}."
    over = unit.short.need - unit.short.have
    return f"{zh}，还差 {over:.2f} m。", f"{en}; {over:.2f} m are missing."


def _doubt(stage: Stage, doubt: str) -> tuple[str, str]:
    if doubt == "undated":
        return (
            "部分围护构件或门窗没有日期，请确认。",
            "Some walls, doors or windows have no date: check.",
        )
    if doubt == "parts":
        return (
            "电梯、扶梯多为分体进场，请与厂家确认。",
            "Lifts and escalators mostly come in parts: ask the maker.",
        )
    frame = f"{float(stage.profile['R10.frame_m']):.2f} m"
    return (
        f"门的净宽按洞口减 {frame} 门框计，请实测核对。",
        f"A door is reckoned with {frame} less than its opening: measure it.",
    )


def _since(stage: Stage, told: Told) -> tuple[str, str]:
    """Since when the wider way is gone."""
    if told.closed is None:
        return "", ""
    day = stage.dates.said_last(told.closed)
    if told.closer < 0:
        return f"{day[0]}之前还有更宽的路。", f"Until {day[1]} there was a wider way."
    its = quoted(stage, told.closer)
    return (
        f"更宽的路在{its[0]}完成（{day[0]}）后封闭。",
        f"The wider way was closed when {its[1]} was done ({day[1]}).",
    )


__all__ = ["Kept", "Short", "Told", "advice", "description", "title"]
