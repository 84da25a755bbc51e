"""The building services of one revision: what each storey has."""

from sample_models.authoring import grid, plant
from sample_models.authoring.parts import Kind, Part, Sheet, Storey
from sample_models.authoring.services import (
    CHILLED,
    CHILLED_D,
    CHILLED_Y,
    DUCT,
    DUCT_Y,
    DUCT_Z,
    FIRE,
    FIRE_D,
    FIRE_Y,
    PIPE_Z,
    POWER,
    RISE_Z,
    SIGNAL,
    WATER,
    WATER_D,
    WATER_Y,
    Services,
    bays,
    tap,
)
from sample_models.authoring.shapes import Rect, bar, pipe, span
from sample_models.authoring.wishes import DUCT_BRANCH, SPRINKLER_BRANCH


def build(revision: str) -> Sheet:
    """All parts of the services in ``"a"`` or ``"b"``."""
    services = Services(Sheet("mep"), revision)
    for storey in grid.FLOORS:
        _air(services, storey)
        _pipes(services, storey)
        _trays(services, storey)
        _rooms(services, storey)
        _to_shaft(services, storey)
    plant.draw(services)
    return services.sheet


def _air(s: Services, storey: Storey) -> None:
    z = storey.elevation + DUCT_Z
    for i, (x0, x1) in enumerate(bays()):
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
        for i, (x0, x1) in enumerate(bays()):
            key = f"{word}/{storey.name}/{i + 1}"
            s.run(key, trade, size, storey.name, pipe((x0, y, z), (x1, y, z), d))
            if i:
                collar = s.collar(f"{key}/coupling", trade, storey.name, (x0, y, z), d)
                s.join(f"{word}/{storey.name}/{i}", collar.key, (x0 - 0.1, y, z))
                s.join(collar.key, key, (x0 + 0.1, y, z))
    for i, (x0, x1) in enumerate(bays()):
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
        for i, (x0, x1) in enumerate(bays()):
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
        tap(
            s,
            f"{word}/{name}/shaft",
            (trade, size),
            (x, y, z),
            (9.6, RISE_Z, d, d),
            main=f"{word}/{name}/3",
        )
