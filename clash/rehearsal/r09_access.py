"""R09: what cannot be brought to its place any more when it is to be installed."""

from collections import defaultdict
from collections.abc import Iterable

import numpy as np

from clash.rehearsal.base import Card, Found, Parameter, Risk, Stage
from clash.rehearsal.bulky import Bulky, blocking, bulky_of
from clash.rehearsal.closely import Trapped
from clash.rehearsal.dates import days_from, last_day
from clash.rehearsal.telling import (
    at_place,
    box_of,
    count_days,
    mean_confidence,
    quoted,
    storey_of,
    text_of,
    things,
    window_data,
)
from clash.rehearsal.waysin import trapped_of
from clash.texts import both

CARD = Card(
    id="R09",
    version=3,
    weight=0.7,
    name_zh="构件运不进去",
    name_en="Trapped installation",
    zh="设备或大件安装时，通往就位处的通道已被先完成的墙、板封住：即使侧着也过不去。",
    en="When a unit is to be installed, walls and slabs built before have closed every way to its "
    "place: even its smallest cross-section does not pass.",
    parameters=(
        Parameter(
            key="R09.margin_m",
            value=0.05,
            zh="搬运时构件外需要的余量（总宽）",
            en="room needed beside a unit while it is moved, in all",
        ),
        Parameter(
            key="R09.size_m",
            value=0.6,
            zh="第二小边不到该尺寸的构件不检查",
            en="units whose second smallest side is less are not looked at",
        ),
        Parameter(
            key="R09.sky",
            value=True,
            zh="可用吊车从上方或高处吊入；否则只能从地面进",
            en="a crane brings things in from above; otherwise they come along the ground",
        ),
        Parameter(
            key="R09.ground_m",
            value=0.0,
            zh="室外地面标高（仅在不能吊入时使用）",
            en="height of the ground outside, used where nothing comes from above",
        ),
        Parameter(
            key="R09.fresh_days",
            value=5.0,
            zh="封路构件完成不到该天数时按可拆除处理（影响减半）",
            en="what was built less than this many days before counts as removable, at half weight",
        ),
    ),
)


def find(stage: Stage) -> Found:
    """Units that cannot reach their place when they are installed."""
    least = float(stage.profile["R09.size_m"])
    bulky, walls = bulky_of(stage, least=least), blocking(stage)
    if not len(bulky.element) or not walls.any():
        return Found()
    cases, left = trapped_of(stage, bulky, np.flatnonzero(walls))
    groups: dict[tuple[int, int, str], list[Trapped]] = defaultdict(list)
    for case in cases:
        closer = _task_of(stage, case.closers)
        task = int(stage.lifetimes.task[case.element])
        groups[task, closer, storey_of(stage, case.element)].append(case)
    risks = tuple(
        _risk(stage, bulky, held, closer, place)
        for (_, closer, place), held in sorted(groups.items())
    )
    return Found(risks=risks, not_assessed=(_too_large(left),) if left else ())


def _task_of(stage: Stage, elements: Iterable[int]) -> int:
    """The task that builds most of `elements`; -1 for none."""
    tasks = [int(stage.lifetimes.task[e]) for e in elements]
    return max(set(tasks), key=lambda t: (tasks.count(t), -t)) if tasks else -1


def _risk(stage: Stage, bulky: Bulky, cases: list[Trapped], closer: int, place: str) -> Risk:
    lives = stage.lifetimes
    elements = sorted(c.element for c in cases)
    closers = sorted({e for c in cases for e in c.closers})
    task = int(lives.task[elements[0]])
    start, finish = lives.appear[elements].min(), lives.complete[elements].max()
    worst = max(cases, key=lambda c: float(bulky.sides[c.row, 0]))
    certain = all(c.certain for c in cases)
    closed = None if worst.closed is None else np.datetime64(worst.closed, "m")
    fresh = np.timedelta64(round(1440 * float(stage.profile["R09.fresh_days"])), "m")
    removable = closed is not None and start - closed < fresh
    sure = mean_confidence(stage, elements) * mean_confidence(stage, closers)
    sure *= float(np.mean([bulky.sure[c.row] for c in cases]))
    told = _texts(stage, bulky, cases, worst, (closer, place))
    sides = bulky.sides[worst.row]
    return Risk(
        rule=CARD.id,
        weight=CARD.weight,
        magnitude=0.5 if removable else 1.0,
        confidence=sure * 0.9 * (1.0 if certain else 0.5),
        certain=certain,
        tasks=(task, closer) if closer >= 0 else (task,),
        elements=tuple(elements),
        others=tuple(closers),
        window=(start, finish),
        place=place,
        witness=box_of(stage, [*elements, *closers]),
        titles=told[0],
        descriptions=told[1],
        suggestion=_advice(stage, task, closer, closed, exact=worst.exact),
        data={
            **window_data((start, finish)),
            "closed": None if closed is None else str(closed),
            "closed_at_latest": closed is not None and not worst.exact,
            "sides_m": [round(float(v), 3) for v in sides],
            "way_left_m": worst.width,
            "margin_m": stage.profile["R09.margin_m"],
        },
    )


def _texts(
    stage: Stage, bulky: Bulky, cases: list[Trapped], worst: Trapped, by: tuple[int, str]
) -> tuple[dict[str, str], dict[str, str]]:
    closer, place = by
    where = at_place(place)
    what = things(stage, [c.element for c in cases])
    model, row = stage.scene.locate(worst.element)
    name = model.elements.name[row] if len(cases) == 1 else ""
    named = (f"“{name}”", f'"{name}"') if name else what
    start = stage.dates.said(stage.lifetimes.appear[worst.element])
    sides = " × ".join(f"{v:.2f}" for v in bulky.sides[worst.row][::-1])
    wall = quoted(stage, closer) if closer >= 0 else ("已有墙体", "what already stands")
    ended = (
        None if worst.closed is None else stage.dates.said_last(np.datetime64(worst.closed, "m"))
    )
    since = (f"{ended[0]}完成后", f" after {ended[1]}") if ended else ("", "")
    latest = ("最迟", " at the latest") if ended and not worst.exact else ("", "")
    title = both(
        f"{where[0]}{named[0]}{start[0]}安装时运不进去：{latest[0]}{wall[0]}{since[0]}通道已封",
        f"{named[1]}{where[1]} cannot be brought in {start[1]}: {wall[1]} closes the way{since[1]}"
        f"{latest[1]}",
    )
    need = float(bulky.sides[worst.row, 0]) + float(stage.profile["R09.margin_m"])
    left = _left(worst.width)
    text = text_of(
        [
            (
                f"外形 {sides} m，侧着搬运至少需要 {need:.2f} m（含余量），而{left[0]}。",
                f"It measures {sides} m and needs {need:.2f} m with the margin; {left[1]}.",
            ),
            (
                "" if len(cases) == 1 else f"同一空间共 {len(cases)} 件：{what[0]}。",
                "" if len(cases) == 1 else f"{len(cases)} units in the same space: {what[1]}.",
            ),
            (
                "别处可能更早封住了通道，路线太长未能全部查找。" if latest[0] else "",
                "Something farther off may have closed it before: the way is too long to follow."
                if latest[1]
                else "",
            ),
            (
                "" if worst.certain else "部分围护构件没有日期，请确认。",
                "" if worst.certain else "Some of what encloses it has no date: check.",
            ),
        ]
    )
    return title, text


def _left(width: float | None) -> tuple[str, str]:
    """What is left of the ways in."""
    if width is None:
        return "剩下的通道都没有这么宽", "no way left is that wide"
    if width < 0.05:
        return "没有任何通道", "there is no way left at all"
    return f"剩下最宽的通道约 {width:.2f} m", f"the widest way left is about {width:.2f} m"


def _advice(
    stage: Stage, task: int, closer: int, closed: np.datetime64 | None, *, exact: bool
) -> dict[str, str]:
    mine = quoted(stage, task)
    if closed is None or closer < 0:
        return both(
            f"确认{mine[0]}的运输路线，或注明分体运输。",
            f"Check how {mine[1]} gets in, or state that it comes in parts.",
        )
    its, day = quoted(stage, closer), stage.dates.said_last(closed)
    days = count_days(max(1, days_from(last_day(closed), stage.path.start[task]) + 1))
    least = ("", "") if exact else ("至少", "at least ")
    return both(
        f"在{its[0]}完成（{day[0]}）之前进场就位：{least[0]}提前 {days[0]}；"
        f"或在{its[0]}中预留吊装洞口，就位后再封。",
        f"Bring it in before {its[1]} is done ({day[1]}), {least[1]}{days[1]} earlier; or leave an "
        f"opening in {its[1]} and close it afterwards.",
    )


def _too_large(count: int) -> dict[str, dict[str, str]]:
    return {
        "what": both(f"R09：{count} 个构件的运输通道", f"R09: the way in of {count} units"),
        "why": both(
            "到室外的路线太长，或单栋建筑范围太大，网格无法分辨门洞宽度；可分区检查，或提高 R09.size_m",
            "the way out is too long, or the building too large, for cells that tell one door "
            "from another; check it in sections or raise R09.size_m",
        ),
    }
