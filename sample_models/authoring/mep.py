"""The building services of one revision: air, water, fire protection and power."""

from dataclasses import dataclass
from itertools import pairwise

from sample_models.authoring import grid
from sample_models.authoring.parts import Kind, Part, Sheet, Storey, global_id
from sample_models.authoring.shapes import Disc, Prism, Rect, Vec, bar, pipe, span
from sample_models.authoring.wishes import DUCT_BRANCH, SPRINKLER_BRANCH


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


def build(revision: str) -> Sheet:
    """All parts of the services in ``"a"`` or ``"b"``."""
    services = Services(Sheet("mep"), revision)
    for storey in grid.FLOORS:
        _air(services, storey)
        _pipes(services, storey)
        _trays(services, storey)
        _rooms(services, storey)
        _to_shaft(services, storey)
    _shaft(services)
    _tray_riser(services)
    _drains(services)
    _basement(services)
    _roof(services)
    _seeded(services)
    return services.sheet


def _bays() -> list[tuple[float, float]]:
    ends = [WEST, *grid.X[1:5], EAST]
    return list(pairwise(ends))


def _air(s: Services, storey: Storey) -> None:
    z = storey.elevation + DUCT_Z
    for i, (x0, x1) in enumerate(_bays()):
        key = f"duct/{storey.name}/{i + 1}"
        s.run(
            key, DUCT, "800x400", storey.name, bar((x0, DUCT_Y, z), (x1, DUCT_Y, z), Rect(0.8, 0.4))
        )
        if i:
            s.join(f"duct/{storey.name}/{i}", key, (x0, DUCT_Y, z))
        x = grid.X[i] + DUCT_BRANCH
        branch = bar((x, DUCT_Y - 0.4, z), (x, 2.5, z), Rect(0.32, 0.2))
        s.run(f"{key}/branch", DUCT, "320x200", storey.name, branch)
        s.join(key, f"{key}/branch", (x, DUCT_Y - 0.4, z))
        outlet = span((x - 0.15, x + 0.15), (2.6, 2.9), (storey.elevation + 3.015, z - 0.1))
        kind = Kind("IfcAirTerminalType", "方形散流器 300x300", "DIFFUSER")
        s.device(
            f"{key}/diffuser",
            "IfcFlowTerminal",
            "散流器 300x300",
            kind,
            (storey.name, DUCT.system, outlet),
        )
        s.join(f"{key}/branch", f"{key}/diffuser", (x, 2.75, z - 0.1))


def _pipes(s: Services, storey: Storey) -> None:
    """Water, fire and chilled water along the corridor."""
    z = storey.elevation + PIPE_Z
    for word, trade, size, y, d in (
        ("water", WATER, "DN100", WATER_Y, WATER_D),
        ("fire", FIRE, "DN150", FIRE_Y, FIRE_D),
    ):
        for i, (x0, x1) in enumerate(_bays()):
            key = f"{word}/{storey.name}/{i + 1}"
            s.run(key, trade, size, storey.name, pipe((x0, y, z), (x1, y, z), d))
            if i:
                collar = s.collar(f"{key}/coupling", trade, storey.name, (x0, y, z), d)
                s.join(f"{word}/{storey.name}/{i}", collar.key, (x0 - 0.1, y, z))
                s.join(collar.key, key, (x0 + 0.1, y, z))
    for i, (x0, x1) in enumerate(_bays()):
        key = f"chilled/{storey.name}/{i + 1}"
        ends = ((x0, CHILLED_Y, z), (x1, CHILLED_Y, z))
        s.run(key, CHILLED, "DN80", storey.name, pipe(*ends, CHILLED_D))
        if i:
            s.join(f"chilled/{storey.name}/{i}", key, ends[0])
        # a solid shell on the top floor, a tube elsewhere: both occur in exports
        wall = 0.0 if storey.name == "5F" else 0.04
        s.sheet.add(
            Part(
                key=f"{key}/insulation",
                ifc_class="IfcCovering",
                name="橡塑保温 40",
                storey=storey.name,
                predefined="INSULATION",
                kind=Kind("IfcCoveringType", "橡塑保温 40", "INSULATION"),
                material="橡塑",
                body=pipe(*ends, CHILLED_D + 0.08, wall=wall),
            )
        )
        s.sheet.link("covers", f"{key}/insulation", key)


def _trays(s: Services, storey: Storey) -> None:
    z = storey.elevation + 3.5
    for word, trade, size, y, width in (
        ("power", POWER, "300x100", 6.6, 0.3),
        ("signal", SIGNAL, "200x100", 6.95, 0.2),
    ):
        for i, (x0, x1) in enumerate(_bays()):
            key = f"{word}/{storey.name}/{i + 1}"
            s.run(key, trade, size, storey.name, bar((x0, y, z), (x1, y, z), Rect(width, 0.1)))
            if i:
                s.join(f"{word}/{storey.name}/{i}", key, (x0, y, z))


def _rooms(s: Services, storey: Storey) -> None:
    """Sprinklers, lights and outlets."""
    z = storey.elevation
    for i in range(5):
        x = grid.X[i] + SPRINKLER_BRANCH
        main, key = f"fire/{storey.name}/{i + 1}", f"fire/{storey.name}/branch{i + 1}"
        tee = s.collar(f"{key}/tee", FIRE, storey.name, (x, FIRE_Y, z + PIPE_Z), FIRE_D)
        s.join(main, tee.key, (x, FIRE_Y, z + PIPE_Z))
        s.run(
            f"{key}/drop",
            FIRE,
            "DN32",
            storey.name,
            pipe((x, FIRE_Y, z + 3.41), (x, FIRE_Y, z + 3.15), 0.042),
        )
        s.join(tee.key, f"{key}/drop", (x, FIRE_Y, z + 3.41))
        s.run(
            key, FIRE, "DN32", storey.name, pipe((x, FIRE_Y, z + 3.15), (x, 1.0, z + 3.15), 0.042)
        )
        s.join(f"{key}/drop", key, (x, FIRE_Y, z + 3.15))
        for n, y in enumerate((3.0, 1.2)):
            head = pipe((x, y, z + 3.15), (x, y, z + 3.23), 0.03)
            kind = Kind("IfcFireSuppressionTerminalType", "直立型喷头 68℃", "SPRINKLER")
            s.device(
                f"{key}/head{n + 1}",
                "IfcFlowTerminal",
                "喷头 DN15",
                kind,
                (storey.name, FIRE.system, head),
            )
            s.join(key, f"{key}/head{n + 1}", (x, y, z + 3.15))
        middle = grid.X[i] + 4.2
        for n, y in enumerate((1.5, 3.5, 6.6)):
            lamp = span((middle - 0.3, middle + 0.3), (y - 0.3, y + 0.3), (z + 2.99, z + 3.10))
            kind = Kind("IfcLightFixtureType", "LED 面板灯 600x600 嵌入式", "DIRECTIONSOURCE")
            s.device(
                f"light/{storey.name}/{i + 1}{n + 1}",
                "IfcFlowTerminal",
                "LED 面板灯 600x600",
                kind,
                (storey.name, "ZM-1 照明", lamp),
            )
        x = grid.X[i] + 1.0
        box = span((x - 0.043, x + 0.043), (5.192, 5.242), (z + 0.3, z + 0.386))
        s.device(
            f"outlet/{storey.name}/{i + 1}",
            "IfcFlowTerminal",
            "五孔插座 86 型",
            OUTLET,
            (storey.name, "CZ-1 插座", box),
        )
    box = span((18.957, 19.043), (8.267, 8.317), (z + 0.3, z + 0.386))
    s.device(
        f"outlet/{storey.name}/core",
        "IfcFlowTerminal",
        "五孔插座 86 型",
        OUTLET,
        (storey.name, "CZ-1 插座", box),
    )


OUTLET = Kind("IfcOutletType", "五孔插座 86 型 暗装", "POWEROUTLET")


def _to_shaft(s: Services, storey: Storey) -> None:
    """Branches from the corridor over everything else into the shaft."""
    name, z = storey.name, storey.elevation
    elbow = span((22.5, 23.0), (5.7, 6.2), (z + 3.65, z + 4.25))
    kind = Kind("IfcDuctFittingType", "矩形弯头 500x300", "BEND")
    s.device(
        f"duct/{name}/elbow", "IfcFlowFitting", "弯头 500x300", kind, (name, DUCT.system, elbow)
    )
    s.join(f"duct/{name}/3", f"duct/{name}/elbow", (22.75, DUCT_Y, z + 3.65))
    up = bar((22.75, 6.2, z + RISE_Z), (22.75, 9.7, z + RISE_Z), Rect(0.5, 0.3))
    s.run(f"duct/{name}/shaft", DUCT, "500x300", name, up)
    s.join(f"duct/{name}/elbow", f"duct/{name}/shaft", (22.75, 6.2, z + RISE_Z))
    for word, trade, size, x, y, d in (
        ("water", WATER, "DN100", 23.4, WATER_Y, WATER_D),
        ("fire", FIRE, "DN150", 23.8, FIRE_Y, FIRE_D),
    ):
        _tap(
            s,
            f"{word}/{name}/shaft",
            (trade, size),
            (x, y, z),
            (9.6, RISE_Z, d, d),
            main=f"{word}/{name}/3",
        )


def _tap(
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


def _shaft(s: Services) -> None:
    """Risers in the shaft, a piece for each storey."""
    for word, trade, size, x, d in (
        ("water", WATER, "DN100", 23.4, WATER_D),
        ("fire", FIRE, "DN150", 23.8, FIRE_D),
    ):
        before = ""
        for n, storey in enumerate(grid.FLOORS):
            low = -2.0 if n == 0 else storey.elevation - 0.1
            high = grid.above(storey).elevation - 0.1
            key = f"{word}-riser/{storey.name}"
            s.run(key, trade, size, storey.name, pipe((x, 9.6, low), (x, 9.6, high), d))
            s.join(f"{word}/{storey.name}/shaft", key, (x, 9.6, storey.elevation + RISE_Z))
            if before:
                s.join(before, key, (x, 9.6, low))
            before = key
    before = ""
    for n, storey in enumerate(grid.FLOORS):
        low = 3.5 if n == 0 else storey.elevation - 0.1
        high = 24.0 if n == 4 else grid.above(storey).elevation - 0.1
        key = f"duct-riser/{storey.name}"
        s.run(
            key,
            DUCT,
            "600x400",
            storey.name,
            bar((22.75, 9.9, low), (22.75, 9.9, high), Rect(0.6, 0.4)),
        )
        s.join(f"duct/{storey.name}/shaft", key, (22.75, 9.7, storey.elevation + RISE_Z))
        if before:
            s.join(before, key, (22.75, 9.9, low))
        before = key


def _tray_riser(s: Services) -> None:
    before = ""
    for storey in grid.FLOORS:
        low, high = storey.elevation - 1.0, grid.above(storey).elevation - 1.0
        key = f"tray-riser/{storey.name}"
        s.run(
            key,
            POWER,
            "300x100",
            storey.name,
            bar((26.15, 9.0, low), (26.15, 9.0, high), Rect(0.3, 0.1)),
        )
        if before:
            s.join(before, key, (26.15, 9.0, low))
        before = key
        extra = 0.02 if storey.name == "2F" else 0.0
        s.sheet.add(
            Part(
                key=f"provision/{storey.name}",
                ifc_class="IfcBuildingElementProxy",
                name="预留孔洞 500x400",
                storey=storey.name,
                object_type="ProvisionForVoid",
                properties={
                    "Pset_ProvisionForVoid": {"Shape": "Rectangle", "System": POWER.system}
                },
                body=span(
                    (25.9 - extra, 26.4 + extra),
                    (8.8 - extra, 9.2 + extra),
                    (storey.elevation - 0.2, storey.elevation + 0.05),
                ),
            )
        )


def _drains(s: Services) -> None:
    """One soil stack without openings in the slabs, one with sleeves."""
    for word, x in (("drain-1", 30.0), ("drain-2", 32.0)):
        before = ""
        for n, storey in enumerate(grid.FLOORS):
            low = -2.0 if n == 0 and word == "drain-2" else storey.elevation - 1.5
            key = f"{word}/{storey.name}"
            high = grid.above(storey).elevation - 1.5
            s.run(key, DRAIN, "DN100", storey.name, pipe((x, 20.0, low), (x, 20.0, high), 0.11))
            if before:
                s.join(before, key, (x, 20.0, low))
            before = key
            if word == "drain-2":
                z = storey.elevation
                _sleeve(
                    s,
                    f"sleeve/{storey.name}",
                    storey.name,
                    ((x, 20.0, z - 0.15), (x, 20.0, z + 0.05)),
                )
    s.run("drain/link", DRAIN, "DN100", "B1", pipe((30.0, 20.0, -1.5), (32.0, 20.0, -1.5), 0.11))
    s.join("drain-1/1F", "drain/link", (30.0, 20.0, -1.5))
    s.join("drain/link", "drain-2/1F", (32.0, 20.0, -1.5))
    s.run("drain/out", DRAIN, "DN100", "B1", pipe((32.0, 20.0, -2.0), (32.0, 27.0, -2.0), 0.11))
    s.join("drain-2/1F", "drain/out", (32.0, 20.0, -2.0))
    _sleeve(s, "sleeve/wall", "B1", ((32.0, 25.5, -2.0), (32.0, 25.8, -2.0)))


def _sleeve(s: Services, key: str, storey: str, ends: tuple[Vec, Vec]) -> None:
    s.sheet.add(
        Part(
            key=key,
            ifc_class="IfcBuildingElementProxy",
            name="刚性防水套管 DN200",
            storey=storey,
            object_type="套管 Sleeve",
            material="钢",
            system=DRAIN.system,
            body=pipe(*ends, 0.219, wall=0.006),
        )
    )


def _basement(s: Services) -> None:
    for word, trade, size, y, profile in (
        ("smoke/B1", SMOKE, "1000x400", 4.2, Rect(1.0, 0.4)),
        ("power/B1", POWER, "400x150", 6.0, Rect(0.4, 0.15)),
        ("fire/B1", FIRE, "DN150", 7.0, Disc(FIRE_D / 2)),
    ):
        for i, (x0, x1) in enumerate(_bays()):
            s.run(f"{word}/{i + 1}", trade, size, "B1", bar((x0, y, -1.2), (x1, y, -1.2), profile))
            if i:
                s.join(f"{word}/{i}", f"{word}/{i + 1}", (x0, y, -1.2))
    west = 9.0 if s.later else 8.35
    chiller = span((west, west + 3.0), (19.0, 20.5), (-4.7, -2.9))
    kind = Kind("IfcChillerType", "螺杆式冷水机组 LS-1", "WATERCOOLED")
    s.device(
        "chiller/1",
        "IfcEnergyConversionDevice",
        "冷水机组 LS-1",
        kind,
        ("B1", CHILLED.system, chiller),
    )
    for n in range(2):
        tank = span((1.0 + 2 * n, 3.0 + 2 * n), (22.0, 24.0), (-4.7, -2.7))
        kind = Kind("IfcTankType", "不锈钢水箱 2x2x2", "SECTIONAL")
        s.device(
            f"tank/{n + 1}",
            "IfcFlowStorageDevice",
            "生活水箱 2x2x2",
            kind,
            ("B1", WATER.system, tank),
        )
    for n in range(3):
        pump = span((1.0 + 2.2 * n, 1.8 + 2.2 * n), (18.5, 19.7), (-4.7, -3.8))
        kind = Kind("IfcPumpType", "立式离心泵 Q=50", "CIRCULATOR")
        s.device(
            f"pump/{n + 1}", "IfcFlowMovingDevice", "给水泵 50-32", kind, ("B1", WATER.system, pump)
        )
    for n in range(6):
        case = span((34.5 + 0.8 * n, 35.3 + 0.8 * n), (20.0, 21.0), (-4.7, -2.5))
        kind = Kind("IfcTransformerType", "低压开关柜 GGD", "VOLTAGE")
        s.device(
            f"switchgear/{n + 1}",
            "IfcEnergyConversionDevice",
            "低压柜 GGD",
            kind,
            ("B1", "GP-1 供配电", case),
        )


def _roof(s: Services) -> None:
    case = span((20.5, 25.0), (8.8, 11.0), (24.0, 26.0))
    kind = Kind("IfcUnitaryEquipmentType", "屋顶式空调机组 AHU-1", "ROOFTOPUNIT")
    s.device(
        "ahu/1", "IfcEnergyConversionDevice", "空调机组 AHU-1", kind, ("RF", DUCT.system, case)
    )
    s.join("duct-riser/5F", "ahu/1", (22.75, 9.9, 24.0))


def _seeded(s: Services) -> None:
    two, three, four, five = (st.elevation for st in grid.FLOORS[1:])
    height = 3.70 if s.later else 4.00
    _tap(
        s,
        "water/2F/lab",
        (WATER, "DN50"),
        (12.0, WATER_Y, two),
        (10.5, height, 0.06, WATER_D),
        main="water/2F/2",
    )
    z = three + 3.46
    s.run(
        "exhaust/3F",
        EXHAUST,
        "500x320",
        "3F",
        bar((27.0, 17.29, z), (40.0, 17.29, z), Rect(0.5, 0.32)),
    )
    z = four + (3.15 if s.later else 3.50)
    s.run(
        "power/4F/room",
        SIGNAL,
        "200x100",
        "4F",
        bar((15.0, 2.0, z), (15.0, 6.4, z), Rect(0.2, 0.1)),
    )
    _tap(
        s,
        "hydrant/3F/stair",
        (HYDRANT, "DN65"),
        (19.0, FIRE_Y, three),
        (9.5, 4.0, 0.076, FIRE_D),
        main="fire/3F/3",
    )
    s.run(
        "water/4F/in-column",
        WATER,
        "DN20",
        "4F",
        pipe((8.5, 25.1, four + 0.5), (8.5, 25.1, four + 3.0), 0.027),
    )
    z = two + 3.80 - 0.03 - WATER_D / 2
    s.run(
        "water/2F/under-beam", WATER, "DN100", "2F", pipe((30.0, 21.0, z), (37.0, 21.0, z), WATER_D)
    )
    if not s.later:
        return
    s.run(
        "water/3F-slab",
        WATER,
        "DN25",
        "2F",
        pipe((28.0, 21.5, three - 0.075), (31.0, 21.5, three - 0.075), 0.034),
    )
    z = five + 3.86
    s.run(
        "exhaust/5F",
        EXHAUST,
        "400x320",
        "5F",
        bar((30.0, 21.0, z), (37.0, 21.0, z), Rect(0.4, 0.32)),
    )
    model = s.sheet.parts["duct/2F/2/diffuser"]
    s.device(
        "duct/2F/2/diffuser/again",
        "IfcFlowTerminal",
        model.name,
        model.kind,
        ("2F", model.system, model.body),
    )
