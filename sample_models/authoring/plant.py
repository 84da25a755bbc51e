"""The building services of one revision: risers, basement, roof and what is seeded."""

from dataclasses import replace

from sample_models.authoring import grid
from sample_models.authoring.parts import Kind, Part
from sample_models.authoring.services import (
    CHILLED,
    DRAIN,
    DUCT,
    EXHAUST,
    FIRE,
    FIRE_D,
    FIRE_Y,
    HYDRANT,
    POWER,
    RISE_Z,
    SIGNAL,
    SMOKE,
    WATER,
    WATER_D,
    WATER_Y,
    Services,
    bays,
    tap,
)
from sample_models.authoring.shapes import Disc, Rect, Vec, bar, pipe, span


def draw(s: Services) -> None:
    """Add everything that does not belong to one storey's corridor and rooms."""
    _shaft(s)
    _tray_riser(s)
    _drains(s)
    _basement(s)
    _roof(s)
    _seeded(s)


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
        for i, (x0, x1) in enumerate(bays()):
            s.run(f"{word}/{i + 1}", trade, size, "B1", bar((x0, y, -1.2), (x1, y, -1.2), profile))
            if i:
                s.join(f"{word}/{i}", f"{word}/{i + 1}", (x0, y, -1.2))
    fit = pipe((4.6, 14.0, -3.0), (4.6, 18.0, -3.0), WATER_D)
    s.run("water/B1/fit", WATER, "DN100", "B1", fit)
    fit = bar((37.0, 14.0, -2.3), (37.0, 19.0, -2.3), Rect(1.0, 0.4))
    s.run("smoke/B1/fit", SMOKE, "1000x400", "B1", fit)
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
    tap(
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
    tap(
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
    s.sheet.add(replace(model, key=f"{model.key}/again", guid=""))
