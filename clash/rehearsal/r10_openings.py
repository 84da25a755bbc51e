"""R10: plant that does not fit the widest route left through doors and openings."""

from collections import defaultdict
from dataclasses import dataclass

import numpy as np

from bimcore.arrays import F64
from clash.rehearsal.base import Card, Found, Parameter, Risk, Stage
from clash.rehearsal.doorways import Moment
from clash.rehearsal.openings_told import Kept, Short, Told, advice, description, title
from clash.rehearsal.plant import Plant, kept_open, placed, units_of
from clash.rehearsal.routes import PERSON, Route, Routes
from clash.rehearsal.surrounds import NEVER
from clash.rehearsal.telling import box_of, mean_confidence, storey_of, window_data
from clash.texts import both

CARD = Card(
    id="R10",
    version=1,
    weight=0.7,
    name_zh="设备与剩余洞口",
    name_en="Equipment and openings left",
    zh="大型设备安装时，从室外到机房剩下的最宽通路（门、洞口、未装窗、未封墙）已小于设备的最小断面，或拐不过弯。",
    en="When a large unit is to be installed, the widest route left from outside to its room, "
    "through doors, openings, windows not set and walls not built, is narrower than the unit.",
    parameters=(
        Parameter(
            key="R10.margin_m",
            value=0.05,
            zh="搬运时设备断面外需要的余量（总宽、总高）",
            en="room needed beside a unit and over it while it is moved, in all",
        ),
        Parameter(
            key="R10.size_m",
            value=0.6,
            zh="第二小边不到该尺寸的设备不检查",
            en="units whose second smallest side is less are not looked at",
        ),
        Parameter(
            key="R10.frame_m",
            value=0.1,
            zh="门框和门扇占去的洞口总宽；门头占一半",
            en="what frame and leaf of a door take of the width of its opening; half of it of its "
            "height",
        ),
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Case:
    """One unit that does not fit, by the row of the plant, and why that is not sure."""

    row: int
    element: int
    route: Route
    closed: int | None
    closers: tuple[int, ...]
    doubts: tuple[str, ...]


def find(stage: Stage) -> Found:
    """Units that do not fit the widest route left when they are installed."""
    units = units_of(stage, least=float(stage.profile["R10.size_m"]))
    if not len(units.element):
        return Found()
    routes = Routes.of(
        stage,
        frame=float(stage.profile["R10.frame_m"]),
        sky=bool(stage.profile["R09.sky"]),
        ground=float(stage.profile["R09.ground_m"]),
    )
    if routes is None:
        return Found(not_assessed=(_no_rooms(),))
    plant = placed(stage, units, routes.rooms)
    cases, unreached = _cases(stage, plant, routes)
    groups: dict[tuple[int, int, str, bool], list[_Case]] = defaultdict(list)
    for case in cases:
        task = int(stage.lifetimes.task[case.element])
        closer = _task_of(stage, case.closers)
        groups[task, closer, storey_of(stage, case.element), not case.doubts].append(case)
    risks = tuple(
        _risk(stage, plant, routes, held, closer)
        for (_, closer, _, _), held in sorted(groups.items())
    )
    return Found(risks=risks, not_assessed=(_no_way(unreached),) if unreached else ())


def _piece(stage: Stage, sides: F64) -> F64:
    """Sides of a unit with the margin on its cross-section, ascending."""
    margin = float(stage.profile["R10.margin_m"])
    return np.array([sides[0] + margin, sides[1] + margin, max(sides[2], sides[1] + margin)])


def _cases(stage: Stage, plant: Plant, routes: Routes) -> tuple[list[_Case], int]:
    """Units that do not fit, and in how many rooms that cannot be judged."""
    lives = stage.lifetimes
    held: dict[tuple[int, int, tuple[float, ...]], _Case | None] = {}
    found: list[_Case] = []
    unreached: set[int] = set()
    for row, element in enumerate(plant.element.tolist()):
        node = int(routes.rooms.node[plant.body[row]])
        minute = int(lives.appear[element].astype("datetime64[m]").astype(np.int64))
        sides = _piece(stage, plant.sides[row])
        key = minute, node, tuple(np.round(sides, 3).tolist())
        if key not in held:
            fits = routes.fits(node, sides, Moment(minute=minute))
            if not fits and not _entered(routes, node, minute):
                unreached.add(node)
                fits = True
            held[key] = None if fits else _case(routes, node, sides, minute)
        case = held[key]
        if case is not None and not kept_open(stage, int(lives.task[element])):
            doubts = (*case.doubts, *(("parts",) if plant.parted[row] else ()))
            found.append(
                _Case(
                    row=row, element=element, route=case.route, closed=case.closed,
                    closers=case.closers, doubts=doubts,
                )
            )  # fmt: skip
    return found, len(unreached)


def _entered(routes: Routes, node: int, minute: int) -> bool:
    """Whether a person gets into a room then and in the end: else its ways are not modelled."""
    return all(routes.fits(node, PERSON, Moment(minute=m)) for m in (NEVER - 1, minute))


def _case(routes: Routes, node: int, sides: F64, minute: int) -> _Case:
    now = Moment(minute=minute)
    closed = routes.closed(node, sides, minute)
    undated = closed is None or routes.fits(node, sides, Moment(minute=minute, dated=1))
    framed = routes.fits(node, sides, Moment(minute=minute, framed=False))
    doubts = (*(("undated",) if undated else ()), *(("frame",) if framed else ()))
    inside = routes.reached(node, sides, now)
    return _Case(
        row=-1,
        element=-1,
        route=routes.route(node, sides, now),
        closed=closed,
        closers=() if closed is None else routes.closers(inside, closed),
        doubts=doubts,
    )


def _task_of(stage: Stage, elements: tuple[int, ...]) -> int:
    """The task that builds most of `elements`; -1 for none."""
    tasks = [int(stage.lifetimes.task[e]) for e in elements]
    return max(set(tasks), key=lambda t: (tasks.count(t), -t)) if tasks else -1


def _kept(stage: Stage, plant: Plant, routes: Routes, case: _Case) -> Kept:
    appear = stage.lifetimes.appear[case.element]
    moment = Moment(minute=int(appear.astype("datetime64[m]").astype(np.int64)))
    doorway = routes.doorways[case.route.doorway] if case.route.doorway >= 0 else None
    sides = plant.sides[case.row]
    free = None if doorway is None else doorway.section(moment)
    return Kept(
        element=case.element,
        sides=sides,
        short=_short(case.route, _piece(stage, sides), free),
        doorway=doorway,
    )


def _short(route: Route, sides: F64, free: tuple[float, float] | None) -> Short:
    """What is too small on a route, by what is free in its narrowest doorway."""
    if route.share <= 0.0:
        return Short(what="none", need=float(sides[0]), have=0.0)
    if route.turn:
        return Short(what="turn", need=float(sides[2]), have=route.share * float(sides[2]))
    if free is None:
        return Short(what="gap", need=float(sides[0]), have=route.share * float(sides[0]))
    low, high = sorted(free)
    if low / sides[0] <= high / sides[1]:
        return Short(what="width", need=float(sides[0]), have=low)
    return Short(what="height", need=float(sides[1]), have=high)


def _risk(stage: Stage, plant: Plant, routes: Routes, cases: list[_Case], closer: int) -> Risk:
    lives = stage.lifetimes
    cases = sorted(cases, key=lambda c: (c.route.share, c.element))
    elements = sorted(c.element for c in cases)
    closers = sorted({e for c in cases for e in c.closers})
    task, closed = int(lives.task[elements[0]]), cases[0].closed
    told = Told(
        units=tuple(_kept(stage, plant, routes, c) for c in cases),
        task=task,
        closer=closer,
        closed=None if closed is None else np.datetime64(closed, "m"),
        doubts=tuple(sorted({d for c in cases for d in c.doubts})),
    )
    window = (lives.appear[elements].min(), lives.complete[elements].max())
    sure = mean_confidence(stage, elements) * mean_confidence(stage, closers)
    sure *= 0.9 * float(np.mean([plant.sure[c.row] for c in cases]))
    short, doorway = told.units[0].short, told.units[0].doorway
    named = [] if doorway is None else [doorway.element]
    return Risk(
        rule=CARD.id,
        weight=CARD.weight,
        magnitude=min(1.0, (short.need - short.have) / short.need * 3),
        confidence=sure * (0.5 if told.doubts else 1.0),
        certain=not told.doubts,
        tasks=(task, closer) if closer >= 0 else (task,),
        elements=tuple(elements),
        others=tuple(sorted({*closers, *(e for e in named if stage.scene.clash_body[e])})),
        window=window,
        place=storey_of(stage, cases[0].element),
        witness=box_of(stage, named or [*elements, *closers]),
        titles=title(stage, told),
        descriptions=description(stage, told),
        suggestion=advice(stage, told),
        data={**window_data(window), **_proof(stage, told)},
    )


def _proof(stage: Stage, told: Told) -> dict[str, object]:
    """Measures of the unit with the least room, and of what keeps it out."""
    unit = told.units[0]
    return {
        "closed": None if told.closed is None else str(told.closed),
        "sides_m": [round(float(v), 3) for v in unit.sides],
        "short_of": unit.short.what,
        "need_m": round(unit.short.need, 3),
        "have_m": round(unit.short.have, 3),
        "opening": "" if unit.doorway is None else _guid(stage, unit.doorway.element),
        "doubts": list(told.doubts),
        "margin_m": stage.profile["R10.margin_m"],
        "frame_m": stage.profile["R10.frame_m"],
    }


def _guid(stage: Stage, element: int) -> str:
    model, row = stage.scene.locate(element)
    return model.elements.guid[row]


def _no_rooms() -> dict[str, dict[str, str]]:
    return {
        "what": both("R10 设备与剩余洞口", "R10 equipment and openings left"),
        "why": both(
            "模型没有房间（IfcSpace），无法按门和洞口找通路；R09 仍按净空检查",
            "no model has rooms (IfcSpace) to follow ways through doors; R09 looks at free space",
        ),
    }


def _no_way(count: int) -> dict[str, dict[str, str]]:
    return {
        "what": both(
            f"R10：{count} 个房间的设备通路",
            f"R10: the ways into {count} {'room' if count == 1 else 'rooms'} with plant",
        ),
        "why": both(
            "模型里连人也走不进这些房间：门、楼梯或洞口没有建模；R09 仍按净空检查",
            "not even a person gets in by what is modelled: doors, stairs or openings are missing; "
            "R09 looks at free space",
        ),
    }
