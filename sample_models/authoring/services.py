"""The pen that draws services: trades, straight pieces, couplings, branches, ports."""

from dataclasses import dataclass
from itertools import pairwise

from sample_models.authoring.grid import X
from sample_models.authoring.parts import Kind, Part, Sheet, global_id
from sample_models.authoring.shapes import Prism, Vec, pipe


@dataclass(frozen=True, slots=True)
class Trade:
    """Words of one kind of run."""

    word: str
    type_class: str
    predefined: str
    system: str
    material: str


DUCT = Trade("送风管", "IfcDuctSegmentType", "RIGIDSEGMENT", "SF-1 送风系统", "镀锌钢板")
EXHAUST = Trade("排风管", "IfcDuctSegmentType", "RIGIDSEGMENT", "PF-1 排风系统", "镀锌钢板")
SMOKE = Trade("排烟管", "IfcDuctSegmentType", "RIGIDSEGMENT", "PY-1 排烟系统", "镀锌钢板")
CHILLED = Trade("冷冻水管", "IfcPipeSegmentType", "RIGIDSEGMENT", "LD-1 冷冻水系统", "无缝钢管")
WATER = Trade("给水管", "IfcPipeSegmentType", "RIGIDSEGMENT", "J-1 给水系统", "PSP 钢塑复合管")
DRAIN = Trade("排水管", "IfcPipeSegmentType", "RIGIDSEGMENT", "W-1 污水系统", "HDPE")
FIRE = Trade("消防管", "IfcPipeSegmentType", "RIGIDSEGMENT", "ZP-1 自喷系统", "内外热镀锌钢管")
HYDRANT = Trade(
    "消火栓管", "IfcPipeSegmentType", "RIGIDSEGMENT", "XH-1 消火栓系统", "内外热镀锌钢管"
)
POWER = Trade("桥架", "IfcCableCarrierSegmentType", "CABLETRAYSEGMENT", "QD-1 强电桥架", "镀锌钢板")
SIGNAL = Trade(
    "桥架", "IfcCableCarrierSegmentType", "CABLETRAYSEGMENT", "RD-1 弱电桥架", "镀锌钢板"
)

#: Corridor runs: y of the axis and height above the floor.
DUCT_Y, DUCT_Z = 5.95, 3.45
WATER_Y, FIRE_Y, CHILLED_Y, PIPE_Z = 7.20, 7.45, 7.68, 3.50
WATER_D, FIRE_D, CHILLED_D = 0.114, 0.165, 0.089
COLLAR = 0.015  #: how far a coupling stands out
RISE_Z = 4.10  #: height of the branches to the shaft

#: Where rows of corridor pipes begin and end.
WEST, EAST = 0.5, 41.5


@dataclass(slots=True)
class Services:
    """The sheet of one revision while it is drawn."""

    sheet: Sheet
    revision: str

    @property
    def later(self) -> bool:
        """Whether this is revision B."""
        return self.revision == "b"

    def run(self, key: str, trade: Trade, size: str, storey: str, body: Prism) -> Part:
        """A straight piece of pipe, duct or tray."""
        return self.sheet.add(
            Part(
                key=key,
                ifc_class="IfcFlowSegment",
                name=f"{trade.word} {size}",
                storey=storey,
                kind=Kind(trade.type_class, f"{trade.word} {size}", trade.predefined),
                material=trade.material,
                system=trade.system,
                guid=self._guid(key),
                properties={"Pset_Sample": {"规格": size}},
                body=body,
            )
        )

    def collar(self, key: str, trade: Trade, storey: str, at: Vec, diameter: float) -> Part:
        """A coupling or tee round a pipe along x, 200 mm long."""
        x, y, z = at
        return self.sheet.add(
            Part(
                key=key,
                ifc_class="IfcFlowFitting",
                name=f"{trade.word}管件",
                storey=storey,
                kind=Kind("IfcPipeFittingType", f"{trade.word}管件", "CONNECTOR"),
                material=trade.material,
                system=trade.system,
                guid=self._guid(key),
                body=pipe((x - 0.1, y, z), (x + 0.1, y, z), diameter + 2 * COLLAR),
            )
        )

    def device(
        self, key: str, ifc_class: str, name: str, kind: Kind, where: tuple[str, str, Prism]
    ) -> Part:
        """A terminal or a piece of equipment; `where` is storey, system and body."""
        storey, system, body = where
        return self.sheet.add(
            Part(
                key=key,
                ifc_class=ifc_class,
                name=name,
                storey=storey,
                kind=kind,
                system=system,
                guid=self._guid(key),
                body=body,
            )
        )

    def join(self, a: str, b: str, at: Vec) -> None:
        """Connect two parts at a port."""
        self.sheet.link("port", a, b, at)

    def _guid(self, key: str) -> str:
        """Revision B was exported anew: some parts have another GlobalId, same geometry."""
        if self.later and exported_anew(key):
            return global_id("yuyan-b3", "mep", key, "exported anew")
        return ""


def exported_anew(key: str) -> bool:
    """Whether the part has another GlobalId in revision B."""
    return key.startswith(("water/3F/", "fire/3F/", "hydrant/3F/", "drain-1/2F"))


def bays() -> list[tuple[float, float]]:
    """West and east ends of the corridor pieces of each bay."""
    ends = [WEST, *X[1:5], EAST]
    return list(pairwise(ends))


def tap(
    s: Services,
    key: str,
    run: tuple[Trade, str],
    foot: Vec,
    reach: tuple[float, float, float, float],
    *,
    main: str,
) -> None:
    """A branch from a corridor pipe: tee, upright piece, level piece northwards.

    `reach` is the far y, the height above the floor, the diameter and that of the main.
    """
    x, y, floor = foot
    trade, size = run
    far, height, d, main_d = reach
    storey = main.split("/")[1]
    tee = s.collar(f"{key}/tee", trade, storey, (x, y, floor + PIPE_Z), main_d)
    s.join(main, tee.key, (x, y, floor + PIPE_Z))
    low = floor + PIPE_Z + main_d / 2 + COLLAR / 2
    s.run(f"{key}/up", trade, size, storey, pipe((x, y, low), (x, y, floor + height), d))
    s.join(tee.key, f"{key}/up", (x, y, low))
    s.run(key, trade, size, storey, pipe((x, y, floor + height), (x, far, floor + height), d))
    s.join(f"{key}/up", key, (x, y, floor + height))
