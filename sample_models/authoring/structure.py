"""The concrete structure of the building: raft, columns, walls, beams, slabs."""

from sample_models.authoring import grid
from sample_models.authoring.parts import Kind, Opening, Part, Sheet, Storey
from sample_models.authoring.shapes import Rect, bar, pipe, span

C30, C40 = "C30 混凝土", "C40 混凝土"
_COLUMN = "14-20.20.03 混凝土柱"
_BEAM = "14-20.20.06 混凝土梁"
_SLAB = "14-20.20.09 混凝土板"
_WALL = "14-20.20.12 混凝土墙"
AXES = "ABCD"


def build() -> Sheet:
    """All parts of the structure with the openings the trades asked for."""
    sheet = Sheet("structure")
    sheet.add(
        Part(
            key="raft",
            ifc_class="IfcSlab",
            name="筏板基础 600",
            storey="B1",
            predefined="BASESLAB",
            kind=Kind("IfcSlabType", "筏板 600", "BASESLAB"),
            material=C40,
            code=_SLAB,
            body=span((-1.0, 43.0), (-1.0, 26.2), (-5.4, -4.8)),
        )
    )
    for storey in (grid.BASEMENT, *grid.FLOORS):
        _columns(sheet, storey)
        _core(sheet, storey)
        _main_beams(sheet, storey)
        _secondary_beams(sheet, storey)
        _slabs(sheet, grid.above(storey))
    _basement_walls(sheet)
    _embedded(sheet)
    return sheet


def _columns(sheet: Sheet, storey: Storey) -> None:
    half = grid.COLUMN
    for i, x in enumerate(grid.X):
        for j, y in enumerate(grid.Y):
            sheet.add(
                Part(
                    key=f"column/{storey.name}/{i + 1}{AXES[j]}",
                    ifc_class="IfcColumn",
                    name="KZ-1 600x600",
                    storey=storey.name,
                    predefined="COLUMN",
                    kind=Kind("IfcColumnType", "KZ 600x600", "COLUMN"),
                    material=C40,
                    code=_COLUMN,
                    properties={"Pset_ColumnCommon": {"LoadBearing": True, "Reference": "KZ-1"}},
                    body=span(
                        (x - half, x + half),
                        (y - half, y + half),
                        (storey.elevation, grid.soffit(storey)),
                    ),
                )
            )


def _core(sheet: Sheet, storey: Storey) -> None:
    """Four shear walls between the columns 3/B, 4/B, 3/C and 4/C."""
    low, high = storey.elevation, grid.soffit(storey)
    t, half = grid.CORE_WALL, grid.COLUMN
    x0, x1, y0, y1 = grid.X[2], grid.X[3], grid.Y[1], grid.Y[2]
    along, across = (x0 + half, x1 - half), (y0 + half, y1 - half)
    limits = {
        "south": (along, (y0 - t, y0 + t)),
        "north": (along, (y1 - t, y1 + t)),
        "west": ((x0 - t, x0 + t), across),
        "east": ((x1 - t, x1 + t), across),
    }
    for side, (x, y) in limits.items():
        key = f"core/{storey.name}/{side}"
        wall = sheet.add(
            Part(
                key=key,
                ifc_class="IfcWall",
                name="剪力墙 Q-1 250",
                storey=storey.name,
                predefined="SHEAR",
                kind=Kind("IfcWallType", "剪力墙 250", "SHEAR"),
                material=C40,
                code=_WALL,
                properties={"Pset_WallCommon": {"LoadBearing": True, "FireRating": "3h"}},
                body=span(x, y, (low, high)),
            )
        )
        if side == "south":
            door = span((21.0, 22.0), (8.2, 8.6), (low - 0.05, low + 2.15))
            services = span((22.4, 24.5), (8.2, 8.6), (low + 3.80, low + 4.30))
            wall.openings = [
                Opening(key=f"{key}/door", body=door),
                Opening(key=f"{key}/services", body=services),
            ]


def _main_beams(sheet: Sheet, storey: Storey) -> None:
    top, low = grid.soffit(storey), grid.beam_soffit(storey)
    level, half = grid.above(storey).name, grid.COLUMN
    for j, y in enumerate(grid.Y):
        for i in range(5):
            if i == 2 and j in (1, 2):
                continue
            x = (grid.X[i] + half, grid.X[i + 1] - half)
            _beam(
                sheet,
                f"beam/{level}/x{j}{i}",
                "KL-1 300x700",
                level,
                (x, (y - 0.15, y + 0.15)),
                (low, top),
            )
    for i, x0 in enumerate(grid.X):
        for j in range(3):
            if j == 1 and i in (2, 3):
                continue
            y_span = (grid.Y[j] + half, grid.Y[j + 1] - half)
            _beam(
                sheet,
                f"beam/{level}/y{i}{j}",
                "KL-3 300x700",
                level,
                ((x0 - 0.15, x0 + 0.15), y_span),
                (low, top),
            )


def _secondary_beams(sheet: Sheet, storey: Storey) -> None:
    top = grid.soffit(storey)
    low = round(top - grid.SECONDARY, 3)
    level = grid.above(storey).name
    for i in range(5):
        for j in range(3):
            if i == 2 and j == 1:
                continue
            x = grid.X[i] + grid.BAY / 2
            limits = ((x - 0.125, x + 0.125), (grid.Y[j] + 0.15, grid.Y[j + 1] - 0.15))
            if i == 2 and j != 1:
                # the core wall is thinner than a beam: reach its face
                t = grid.CORE_WALL
                limits = (
                    limits[0],
                    (0.15, grid.Y[1] - t) if j == 0 else (grid.Y[2] + t, grid.Y[3] - 0.15),
                )
            _beam(sheet, f"secondary/{level}/{i}{j}", "L-2 250x600", level, limits, (low, top))


def _beam(
    sheet: Sheet,
    key: str,
    name: str,
    level: str,
    plan: tuple[tuple[float, float], tuple[float, float]],
    z: tuple[float, float],
) -> Part:
    """A beam between limits; it lies along its longer side."""
    (x0, x1), (y0, y1) = plan
    height = z[1] - z[0]
    mid = (z[0] + z[1]) / 2
    if x1 - x0 > y1 - y0:
        y = (y0 + y1) / 2
        body = bar((x0, y, mid), (x1, y, mid), Rect(round(y1 - y0, 6), round(height, 6)))
    else:
        x = (x0 + x1) / 2
        body = bar((x, y0, mid), (x, y1, mid), Rect(round(x1 - x0, 6), round(height, 6)))
    return sheet.add(
        Part(
            key=key,
            ifc_class="IfcBeam",
            name=name,
            storey=level,
            predefined="BEAM",
            kind=Kind("IfcBeamType", name.partition(" ")[2], "BEAM"),
            material=C30,
            code=_BEAM,
            properties={"Pset_BeamCommon": {"LoadBearing": True, "Reference": name.split()[0]}},
            body=body,
        )
    )


def _slabs(sheet: Sheet, level: Storey) -> None:
    """One slab a bay, edge to edge."""
    z = (round(level.elevation - grid.SLAB, 3), level.elevation)
    cut = (z[0] - 0.05, z[1] + 0.05)
    for i in range(5):
        west = grid.X[i] - (grid.EDGE if i == 0 else 0.0)
        east = grid.X[i + 1] + (grid.EDGE if i == 4 else 0.0)
        key = f"slab/{level.name}/{i + 1}"
        slab = sheet.add(
            Part(
                key=key,
                ifc_class="IfcSlab",
                name=f"楼板 LB-{i + 1} 150",
                storey=level.name,
                predefined="FLOOR" if level is not grid.ROOF else "ROOF",
                kind=Kind("IfcSlabType", "现浇板 150", "FLOOR"),
                material=C30,
                code=_SLAB,
                properties={"Pset_SlabCommon": {"LoadBearing": True}},
                body=span((west, east), (-grid.EDGE, grid.Y[3] + grid.EDGE), z),
            )
        )
        holes = []
        if i == 2:
            holes.append(("shaft", span(*grid.SHAFT, cut)))
            if level is not grid.ROOF:
                holes.append(("stair", span(*grid.STAIR_WELL, cut)))
        if i == 3:
            holes.append(("tray", span((25.9, 26.4), (8.8, 9.2), cut)))
            holes.append(("sleeve", pipe((32.0, 20.0, cut[0]), (32.0, 20.0, cut[1]), 0.24)))
        slab.openings = [Opening(key=f"{key}/{n}", body=b) for n, b in holes]


def _basement_walls(sheet: Sheet) -> None:
    z = (-4.8, -0.15)
    limits = {}
    for i in range(5):
        x = (
            grid.X[i] - (grid.EDGE if i == 0 else 0.0),
            grid.X[i + 1] + (grid.EDGE if i == 4 else 0.0),
        )
        limits[f"south{i + 1}"] = (x, (-0.6, -0.3))
        limits[f"north{i + 1}"] = (x, (25.5, 25.8))
    for j in range(3):
        y = (grid.Y[j] - (0.3 if j == 0 else 0.0), grid.Y[j + 1] + (0.3 if j == 2 else 0.0))
        limits[f"west{j + 1}"] = ((-0.6, -0.3), y)
        limits[f"east{j + 1}"] = ((42.3, 42.6), y)
    for side, (x, y) in limits.items():
        wall = sheet.add(
            Part(
                key=f"retaining/{side}",
                ifc_class="IfcWall",
                name="地下室外墙 WQ-1 300",
                storey="B1",
                predefined="SOLIDWALL",
                kind=Kind("IfcWallType", "地下室外墙 300", "SOLIDWALL"),
                material="C35 P8 混凝土",
                code=_WALL,
                properties={"Pset_WallCommon": {"LoadBearing": True, "IsExternal": True}},
                body=span(x, y, z),
            )
        )
        if side == "north4":
            hole = pipe((32.0, 25.4, -2.0), (32.0, 25.9, -2.0), 0.24)
            wall.openings = [Opening(key="retaining/north4/sleeve", body=hole)]


def _embedded(sheet: Sheet) -> None:
    """Seeded defects and decoys that live in the structure alone."""
    twin = sheet.parts["secondary/4F/12"]
    body = twin.prism
    x, y = body.at[0], (body.at[1], body.at[1] + body.depth)
    z = grid.floor("4F") - grid.SLAB
    _beam(
        sheet,
        "secondary/4F/12/again",
        "L-2 250x600",
        "4F",
        ((x + 0.001 - 0.125, x + 0.001 + 0.125), y),
        (round(z - grid.SECONDARY, 3), z),
    )
    _beam(sheet, "stair-beam/2F", "TL-1 200x400", "2F", ((16.925, 19.3), (11.9, 12.1)), (5.7, 6.1))
    # beams drawn to the column's axis: one related, one not
    half = grid.COLUMN
    for key, related in (("beam/3F/x01", True), ("beam/3F/x03", False)):
        beam = sheet.parts[key]
        start, depth = beam.prism.at, beam.prism.depth
        beam.body = bar(
            (start[0] - half, start[1], start[2]),
            (start[0] + depth, start[1], start[2]),
            beam.prism.profile,
        )
        if related:
            sheet.link("connects", "column/2F/2A", key)
    for n in range(4):
        y_bar, z_bar = (-0.1, 0.1)[n % 2], (8.65, 9.1)[n // 2]
        sheet.add(
            Part(
                key=f"rebar/{n + 1}",
                ifc_class="IfcReinforcingBar",
                name="HRB400 Φ25",
                storey="3F",
                predefined="MAIN",
                material="HRB400",
                body=pipe((0.35, y_bar, z_bar), (8.05, y_bar, z_bar), 0.025),
            )
        )
