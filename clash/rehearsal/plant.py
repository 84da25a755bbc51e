"""Large units that come as a whole, the room each stands in, and openings kept for them."""

import re
from dataclasses import dataclass

import numpy as np

from bimcore.arrays import F64, I64, Mask
from bimcore.model import Model
from clash.rehearsal.base import Stage
from clash.rehearsal.bulky import UNITS, Bulky, bulky_of
from clash.rehearsal.rooms import Rooms
from clash.rehearsal.works import places_said, same_place

#: Of these only what is called a unit is one.
_VAGUE = ("IfcBuildingElementProxy", "IfcElementAssembly", "IfcFlowTerminal")
#: Taller lifts are drawn as their whole shaft.
_LIFT_CAR = 4.0
_CALLED = re.compile(
    r"空调机组|空气处理|新风机组|热回收机组|风机箱|多联机|变压器|箱变|冷水机组|冷机|热泵|锅炉|水箱|储罐|贮罐|"
    r"换热器|板换|热交换|发电机|水泵机组|泵组|配电柜|开关柜|控制柜|高压柜|低压柜|环网柜|轿厢|扶梯|冷却塔|"
    r"除尘器|压缩机|储能柜|蓄电池柜|机柜|浴缸|整体卫浴|"
    r"\bahu\b|air[ _-]?handl|\brtu\b|rooftop unit|\bmau\b|\bpau\b|\bdoas\b|heat recovery|transformer|"
    r"chiller|heat pump|boiler|\btank|calorifier|cylinder|heat exchanger|generator|\bgenset|pump ?(skid|set)|"
    r"skid|switch ?gear|switch ?board|\bmcc\b|lift car|elevator car|escalator|cooling tower|compressor|"
    r"\bups\b|battery|server rack|autoclave|\bmri\b|bath ?tub|pod\b|vessel|kessel|speicher|trafo|l[üu]ftungsger[äa]t",
    re.IGNORECASE,
)
_MOVING = re.compile(r"escalator|moving ?walk|扶梯|人行道|fahrtreppe|roltrap", re.IGNORECASE)
_KEPT = re.compile(
    r"(设备|吊装|运输|进场|搬运)[^,，。;；]{0,6}(洞|孔|口|通道)|"
    r"(equipment|plant|hoist(ing)?|access|delivery|installation|rigging)[ -](opening|hole|hatch|route|shaft)",
    re.IGNORECASE,
)
_BASES = re.compile(r"基础|螺栓|地脚|支架|anchor|\bbase|plinth", re.IGNORECASE)
_CLOSES = re.compile(
    r"封堵|封闭|封口|后砌|补砌|后浇|回砌|\bclose|\bclosing|infill|brick ?up|block ?up|seal|make good",
    re.IGNORECASE,
)
_KEEPS = re.compile(r"预留|留设|留置|保留|keep|leave|reserve|provide|maintain", re.IGNORECASE)


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Plant:
    """Large units in rooms.

    Attributes
    ----------
    element : (N,) int64
        Scene elements.
    sides : (N, 3) float64
        Metres, the smallest first.
    sure : (N,) float64
        How sure it is that the unit comes as one.
    body : (N,) int64
        Body of the room that the unit stands in.
    parted : (N,) bool
        Lifts and escalators: they come in parts more often than not.

    """

    element: I64
    sides: F64
    sure: F64
    body: I64
    parted: Mask


def units_of(stage: Stage, *, least: float) -> Bulky:
    """Dated units whose second smallest side is at least `least` metres: plant, not lines."""
    parts = [np.zeros(0, dtype=np.bool_), *(_plant(m) for m in stage.scene.models)]
    bulky = bulky_of(stage, least=least, among=np.concatenate(parts))
    tall = np.ptp(stage.scene.bounds[bulky.element, :, 2], axis=1)
    keep = ~(_lifts(stage)[bulky.element] & (tall > _LIFT_CAR))
    return Bulky(element=bulky.element[keep], sides=bulky.sides[keep], sure=bulky.sure[keep])


def placed(stage: Stage, units: Bulky, rooms: Rooms) -> Plant:
    """Units with their rooms; those in no room, and those larger than theirs, left out."""
    body = np.full(len(units.element), -1, dtype=np.int64)
    for place, box in enumerate(stage.scene.bounds[units.element]):
        middle = box.mean(axis=0)
        at = rooms.at([middle[0], middle[1], box[0, 2] + 0.05])
        at = at if at >= 0 else rooms.at(middle)
        if at >= 0:
            room = rooms.rooms[at]
            roomy = (np.ptp(box[:, :2], axis=0) <= np.ptp(room.box, axis=0)).all()
            body[place] = at if roomy else -1
    keep = body >= 0
    return Plant(
        element=units.element[keep],
        sides=units.sides[keep],
        sure=units.sure[keep],
        body=body[keep],
        parted=_of_class(stage, "IfcTransportElement")[units.element[keep]],
    )


def kept_open(stage: Stage, task: int) -> bool:
    """Whether the plan keeps an opening for units at the place of a task until it starts.

    Told by tasks that close such an opening afterwards, or that keep one meanwhile.
    """
    start, finish = stage.path.start, stage.path.finish
    mine = places_said(stage.schedule.tasks[task], stage.schedule)
    for row, other in enumerate(stage.schedule.tasks):
        if row == task or not other.works or not _KEPT.search(other.name):
            continue
        if _BASES.search(other.name):
            continue
        until = start[row] if _CLOSES.search(other.name) else finish[row]
        if not (_CLOSES.search(other.name) or _KEEPS.search(other.name)):
            continue
        its = places_said(other, stage.schedule)
        if start[task] <= until and same_place(mine, its):
            return True
    return False


def _plant(model: Model) -> Mask:
    """Elements of a model that are plant by class, or vague by class and plant by name."""
    table = model.elements
    found = table.is_a(*UNITS)
    for row in np.flatnonzero(table.is_a(*_VAGUE) & found).tolist():
        words = f"{table.name[row]} {table.object_type[row]} {table.predefined[row]}"
        found[row] = bool(_CALLED.search(words.replace("_", " ")))
    return found


def _of_class(stage: Stage, is_a: str) -> Mask:
    parts = [np.zeros(0, dtype=np.bool_), *(m.elements.is_a(is_a) for m in stage.scene.models)]
    return np.concatenate(parts)


def _lifts(stage: Stage) -> Mask:
    """Elements (E,) that are lifts; stairs and walks that move are units of any height."""
    found = np.zeros(len(stage.scene), dtype=np.bool_)
    for m, model in enumerate(stage.scene.models):
        table, first = model.elements, int(stage.scene.element_start[m])
        for row in np.flatnonzero(table.is_a("IfcTransportElement")).tolist():
            words = f"{table.name[row]} {table.object_type[row]} {table.predefined[row]}"
            found[first + row] = not _MOVING.search(words)
    return found


__all__ = ["Plant", "kept_open", "placed", "units_of"]
