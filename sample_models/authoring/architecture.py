"""The architecture: facade, rooms along a corridor, stairs, finishes and furniture."""

from math import cos, radians, sin

from sample_models.authoring import grid
from sample_models.authoring.parts import Kind, Opening, Part, Sheet, Storey
from sample_models.authoring.shapes import BOX_FACES, Faces, Outline, Prism, Rect, Vec, pipe, span
from sample_models.authoring.wishes import wall_openings

FACADE = Kind("IfcWallType", "外墙 加气混凝土 200", "STANDARD")
PARTITION = Kind("IfcWallType", "内墙 加气混凝土 200", "STANDARD")
WINDOW = Kind("IfcWindowType", "C2418 断桥铝窗", "WINDOW")
DOOR = Kind("IfcDoorType", "M1021 平开门", "DOOR")
FIRE_DOOR = Kind("IfcDoorType", "FM1021 甲级防火门", "DOOR")
CEILING = Kind("IfcCoveringType", "矿棉板吊顶", "CEILING")
SCREED = Kind("IfcCoveringType", "地砖面层 50", "FLOORING")
DESK = Kind("IfcFurnitureType", "办公桌 1600x800", "DESK")

_WALL = "14-10.20.03 砌体墙"
_INNER, _OUTER = grid.FACADE
#: Corridor: outer faces of its south wall, inner faces, outer faces of its north wall (y).
SOUTH_WALL, NORTH_WALL = (5.2, 5.4), (7.8, 8.0)
CEILING_HEIGHT, BOARD = 3.0, 0.015


def build() -> Sheet:
    """All parts of the architecture."""
    sheet = Sheet("architecture")
    for storey in grid.FLOORS:
        _facade(sheet, storey)
        _corridor(sheet, storey)
        _rooms(sheet, storey)
        _core_door(sheet, storey)
        _finishes(sheet, storey)
    for storey in (grid.BASEMENT, *grid.FLOORS):
        _stair(sheet, storey)
    _basement(sheet)
    _parapet(sheet)
    _seeded(sheet)
    _faulty(sheet)
    return sheet


def wall(key: str, name: str, storey: Storey, kind: Kind, body: Prism) -> Part:
    """A masonry wall."""
    return Part(
        key=key,
        ifc_class="IfcWall",
        name=name,
        storey=storey.name,
        predefined="STANDARD",
        kind=kind,
        material="加气混凝土砌块",
        code=_WALL,
        properties={"Pset_WallCommon": {"IsExternal": kind is FACADE, "LoadBearing": False}},
        body=body,
    )


def _facade(sheet: Sheet, storey: Storey) -> None:
    z = (storey.elevation, grid.soffit(storey))
    for i in range(5):
        x = (
            grid.X[i] - (_OUTER if i == 0 else 0.0),
            grid.X[i + 1] + (_OUTER if i == 4 else 0.0),
        )
        for side, y in (("south", (-_OUTER, -_INNER)), ("north", (25.2 + _INNER, 25.2 + _OUTER))):
            key = f"facade/{storey.name}/{side}{i + 1}"
            part = sheet.add(wall(key, "外墙 200", storey, FACADE, span(x, y, z)))
            for n, at in enumerate((grid.X[i] + 2.4, grid.X[i] + 6.0)):
                _window(sheet, part, f"{key}/window{n + 1}", storey, (at, sum(y) / 2), along_x=True)
    for j in range(3):
        y = (
            grid.Y[j] - (_INNER if j == 0 else 0.0),
            grid.Y[j + 1] + (_INNER if j == 2 else 0.0),
        )
        for side, x in (("west", (-_OUTER, -_INNER)), ("east", (42.0 + _INNER, 42.0 + _OUTER))):
            key = f"facade/{storey.name}/{side}{j + 1}"
            part = sheet.add(wall(key, "外墙 200", storey, FACADE, span(x, y, z)))
            if j > 0:
                middle = (sum(x) / 2, grid.Y[j] + 4.2)
                _window(sheet, part, f"{key}/window", storey, middle, along_x=False)


def _window(
    sheet: Sheet, host: Part, key: str, storey: Storey, at: tuple[float, float], *, along_x: bool
) -> None:
    z = (storey.elevation + 0.9, storey.elevation + 2.7)
    long, deep, thin = 1.2, 0.15, 0.04
    hole = (long, deep) if along_x else (deep, long)
    pane = (long, thin) if along_x else (thin, long)
    sheet.add(
        Part(
            key=key,
            ifc_class="IfcWindow",
            name="C2418",
            storey=storey.name,
            kind=WINDOW,
            material="断桥铝合金",
            body=span((at[0] - pane[0], at[0] + pane[0]), (at[1] - pane[1], at[1] + pane[1]), z),
        )
    )
    body = span((at[0] - hole[0], at[0] + hole[0]), (at[1] - hole[1], at[1] + hole[1]), z)
    host.openings.append(Opening(key=f"{key}/opening", body=body, filler=key))


def _door(
    sheet: Sheet, host: Part, key: str, storey: Storey, x: float, *, lining: float = 0.0
) -> None:
    """A door in a wall along x; its frame may stand `lining` into the masonry."""
    y = host.prism.at[1]
    z0 = storey.elevation
    sheet.add(
        Part(
            key=key,
            ifc_class="IfcDoor",
            name="M1021",
            storey=storey.name,
            kind=DOOR,
            material="实木",
            body=span(
                (x - 0.5 - lining, x + 0.5 + lining), (y - 0.05, y + 0.05), (z0, z0 + 2.1 + lining)
            ),
        )
    )
    hole = span((x - 0.5, x + 0.5), (y - 0.15, y + 0.15), (z0 - 0.05, z0 + 2.1))
    host.openings.append(Opening(key=f"{key}/opening", body=hole, filler=key))


def _corridor(sheet: Sheet, storey: Storey) -> None:
    z = (storey.elevation, grid.beam_soffit(storey))
    for i in range(5):
        x = (
            grid.X[i] - (_INNER if i == 0 else 0.0),
            grid.X[i + 1] + (_INNER if i == 4 else 0.0),
        )
        sides = [("south", SOUTH_WALL)] + ([("north", NORTH_WALL)] if i != 2 else [])
        for side, y in sides:
            key = f"corridor/{storey.name}/{side}{i + 1}"
            part = sheet.add(wall(key, "走道隔墙 200", storey, PARTITION, span(x, y, z)))
            lining = 0.03 if storey.name == "1F" else 0.0
            _door(sheet, part, f"{key}/door", storey, grid.X[i] + 4.2, lining=lining)
            part.openings += [
                Opening(key=f"{key}/{w.key}", body=w.body) for w in wall_openings(storey, side, i)
            ]


def _rooms(sheet: Sheet, storey: Storey) -> None:
    z = (storey.elevation, grid.beam_soffit(storey))
    limits = [(i, (grid.COLUMN, SOUTH_WALL[0])) for i in (1, 2, 3, 4)]
    half = grid.COLUMN
    limits += [(i, (grid.Y[1] + half, grid.Y[2] - half)) for i in (1, 4)]
    limits += [(i, (grid.Y[2] + half, grid.Y[3] - half)) for i in (2, 3)]
    for i, y in limits:
        x = (grid.X[i] - 0.1, grid.X[i] + 0.1)
        key = f"partition/{storey.name}/{i + 1}/{y[0]:.1f}"
        sheet.add(wall(key, "房间隔墙 200", storey, PARTITION, span(x, y, z)))


def _core_door(sheet: Sheet, storey: Storey) -> None:
    """A door in the opening of another model's wall; on 5F it fits without a gap."""
    z = storey.elevation
    gap = 0.0 if storey.name == "5F" else 0.02
    sheet.add(
        Part(
            key=f"core-door/{storey.name}",
            ifc_class="IfcDoor",
            name="FM1021",
            storey=storey.name,
            kind=FIRE_DOOR,
            material="钢",
            body=span((21.0 + gap, 22.0 - gap), (8.35, 8.45), (z + gap, round(z + 2.15 - gap, 3))),
        )
    )


def _finishes(sheet: Sheet, storey: Storey) -> None:
    z = storey.elevation
    board = (z + CEILING_HEIGHT, z + CEILING_HEIGHT + BOARD)
    for i in range(5):
        west, east = grid.X[i] + 0.1, grid.X[i + 1] - 0.1
        rooms = {"room": ((west, east), (grid.COLUMN, SOUTH_WALL[0]))}
        rooms["corridor"] = (
            (grid.X[i] - (_INNER if i == 0 else 0.0), grid.X[i + 1] + (_INNER if i == 4 else 0.0)),
            (SOUTH_WALL[1], NORTH_WALL[0]),
        )
        for word, (x, y) in rooms.items():
            _covering(
                sheet,
                f"ceiling/{storey.name}/{word}{i + 1}",
                "吊顶",
                storey,
                CEILING,
                span(x, y, board),
            )
            _covering(
                sheet,
                f"floor/{storey.name}/{word}{i + 1}",
                "地砖面层",
                storey,
                SCREED,
                span(x, y, (z, z + 0.05)),
            )
        for n, x_desk in enumerate((west + 1.5, east - 1.5)):
            sheet.add(
                Part(
                    key=f"desk/{storey.name}/{i + 1}{n + 1}",
                    ifc_class="IfcFurniture",
                    name="办公桌 1600x800",
                    storey=storey.name,
                    kind=DESK,
                    material="木",
                    body=span((x_desk - 0.8, x_desk + 0.8), (2.0, 2.8), (z + 0.05, z + 0.80)),
                )
            )


def _covering(sheet: Sheet, key: str, name: str, storey: Storey, kind: Kind, body: Prism) -> None:
    sheet.add(
        Part(
            key=key,
            ifc_class="IfcCovering",
            name=name,
            storey=storey.name,
            predefined=kind.predefined,
            kind=kind,
            material=kind.name,
            body=body,
        )
    )


def _stair(sheet: Sheet, storey: Storey) -> None:
    low = storey.elevation
    rise = (grid.above(storey).elevation - low) / 28
    key = f"stair/{storey.name}"
    sheet.add(
        Part(key=key, ifc_class="IfcStair", name=f"楼梯 LT-1 {storey.name}", storey=storey.name)
    )
    tread = 0.26
    first = _flight((18.0, 10.2, low), rise, north=True)
    second = _flight((19.4, 10.2 + 13 * tread + 0.3, low + 14 * rise), rise, north=False)
    landing = span(
        (18.0, 20.6), (10.2 + 13 * tread, 15.3), (low + 14 * rise - 0.15, low + 14 * rise)
    )
    for word, name, body in (("up", "梯段 AT-1", first), ("on", "梯段 AT-2", second)):
        sheet.add(
            Part(
                key=f"{key}/{word}",
                ifc_class="IfcStairFlight",
                name=name,
                storey=storey.name,
                material="C30 混凝土",
                whole=key,
                body=body,
            )
        )
    sheet.add(
        Part(
            key=f"{key}/landing",
            ifc_class="IfcSlab",
            name="平台板 150",
            storey=storey.name,
            predefined="LANDING",
            material="C30 混凝土",
            whole=key,
            body=landing,
        )
    )


def _flight(start: Vec, rise: float, *, north: bool) -> Prism:
    """Fourteen risers and thirteen treads of 260 mm, 1.2 m wide from `start` eastwards."""
    tread, count, waist = 0.26, 14, 0.30
    run = [(0.0, 0.0), (tread * waist / rise - tread, 0.0)]
    run.append(((count - 1) * tread, count * rise - waist))
    # the last riser is the edge of the landing, so the flight ends one riser below it
    for k in range(count - 1, 0, -1):
        run += [(k * tread, k * rise), ((k - 1) * tread, k * rise)]
    x, y, z = start
    if north:
        # profile x along +y, profile y up: the axis is then +x
        return Prism(
            at=start,
            axis=(1.0, 0.0, 0.0),
            ref=(0.0, 1.0, 0.0),
            profile=Outline(tuple(run)),
            depth=1.2,
        )
    return Prism(
        at=(x + 1.2, y, z),
        axis=(-1.0, 0.0, 0.0),
        ref=(0.0, -1.0, 0.0),
        profile=Outline(tuple(run)),
        depth=1.2,
    )


def _basement(sheet: Sheet) -> None:
    z = (-4.8, grid.beam_soffit(grid.BASEMENT))
    limits = {
        "pump-west": ((8.3, 8.5), (17.1, 24.9)),
        "pump-south": ((0.3, 8.1), (16.7, 16.9)),
        "power-east": ((33.5, 33.7), (17.1, 24.9)),
        "power-south": ((33.9, 41.7), (16.7, 16.9)),
    }
    for word, (x, y) in limits.items():
        part = sheet.add(
            wall(f"basement/{word}", "设备房隔墙 200", grid.BASEMENT, PARTITION, span(x, y, z))
        )
        # holes cut to the very size of what passes, as authoring tools cut them
        if word == "pump-south":
            hole = pipe((4.6, 16.5, -3.0), (4.6, 17.1, -3.0), 0.114)
            part.openings.append(Opening(key=f"basement/{word}/pipe", body=hole))
        if word == "power-south":
            hole = span((36.5, 37.5), (16.5, 17.1), (-2.5, -2.1))
            part.openings.append(Opening(key=f"basement/{word}/duct", body=hole))


def _parapet(sheet: Sheet) -> None:
    z = (22.8, 24.0)
    for side, (x, y) in {
        "south": ((-_OUTER, 42.0 + _OUTER), (-_OUTER, -_INNER)),
        "north": ((-_OUTER, 42.0 + _OUTER), (25.2 + _INNER, 25.2 + _OUTER)),
        "west": ((-_OUTER, -_INNER), (-_INNER, 25.2 + _INNER)),
        "east": ((42.0 + _INNER, 42.0 + _OUTER), (-_INNER, 25.2 + _INNER)),
    }.items():
        sheet.add(wall(f"parapet/{side}", "女儿墙 200", grid.ROOF, FACADE, span(x, y, z)))


def _seeded(sheet: Sheet) -> None:
    """Walls that overlap in line, a wall twice, a corner, neighbours that look alike."""
    five, four = grid.FLOORS[4], grid.FLOORS[3]
    z = (five.elevation, five.elevation + 3.0)
    for word, x in (("1", (2.0, 7.0)), ("2", (6.95, 11.95))):
        sheet.add(wall(f"inline/{word}", "隔墙 200", five, PARTITION, span(x, (20.9, 21.1), z)))
    for word, along in (("1", 0.0), ("2", 4.95)):
        sheet.add(
            wall(f"inline-turned/{word}", "隔墙 200", four, PARTITION, _turned_wall(along, four))
        )
    model = sheet.parts["partition/3F/3/0.3"]
    sheet.add(wall("partition/3F/3/again", "房间隔墙 200", grid.FLOORS[2], PARTITION, model.prism))
    two = grid.FLOORS[1]
    z = (two.elevation, two.elevation + 3.0)
    corner = {
        "x": ((36.0, 39.0), (11.9, 12.1)),
        "y": ((38.8, 39.0), (11.9, 15.0)),
    }
    for word, (x, y) in corner.items():
        sheet.add(wall(f"corner/{word}", "隔墙 200", two, PARTITION, span(x, y, z)))
    sheet.link("path", "corner/x", "corner/y")
    for n in range(2):
        x0 = 36.5 + 0.9 * n
        sheet.add(
            Part(
                key=f"cabinet/{n + 1}",
                ifc_class="IfcFurniture",
                name="文件柜 900x450",
                storey="2F",
                kind=Kind("IfcFurnitureType", "文件柜 900x450", "FILECABINET"),
                body=span((x0, x0 + 0.9), (13.0, 13.45), (4.8, 6.6)),
            )
        )


def _turned_wall(along: float, storey: Storey) -> Prism:
    """A wall 5.0 x 0.2 x 3.0 m on a line turned by 37 degrees."""
    c, s = cos(radians(37.0)), sin(radians(37.0))
    middle = along + 2.5
    return Prism(
        at=(1.5 + c * middle, 17.6 + s * middle, storey.elevation),
        ref=(c, s, 0.0),
        profile=Rect(5.0, 0.2),
        depth=3.0,
    )


def _faulty(sheet: Sheet) -> None:
    """Elements whose data is broken: GlobalIds, open, empty and lost bodies."""
    one = grid.FLOORS[0]
    good = sheet.add(_cupboard("cupboard/1", 27.0, one))
    sheet.add(_cupboard("cupboard/2", 29.0, one, guid=good.guid))
    sheet.add(_cupboard("cupboard/3", 31.0, one, guid="LJ-B3-CUPBOARD-003"))
    lost = _cupboard("cupboard/lost", 35.5, one)
    lost.storey = None
    sheet.add(lost)
    corners = _corners((0.8, 0.5, 1.2))
    sheet.add(
        _special(
            "cupboard/open",
            Faces(at=(37.5, 20.0, 0.0), points=corners, faces=BOX_FACES[:1] + BOX_FACES[2:]),
        )
    )
    flat = _corners((0.8, 0.5, 0.0))
    sheet.add(
        _special(
            "cupboard/empty",
            Faces(at=(39.5, 20.0, 0.0), points=(flat[0], flat[1], flat[1]), faces=((0, 1, 2),)),
        )
    )


def _corners(size: Vec) -> tuple[Vec, ...]:
    x, y, z = size
    return tuple((a, b, h) for h in (0.0, z) for a, b in ((0.0, 0.0), (x, 0.0), (x, y), (0.0, y)))


def _cupboard(key: str, x: float, storey: Storey, *, guid: str = "") -> Part:
    z = storey.elevation
    return Part(
        key=key,
        ifc_class="IfcFurniture",
        name="试剂柜 900x500",
        storey=storey.name,
        kind=Kind("IfcFurnitureType", "试剂柜 900x500", "SHELF"),
        guid=guid,
        body=span((x, x + 0.9), (22.0, 22.5), (z, z + 1.8)),
    )


def _special(key: str, body: Faces) -> Part:
    return Part(
        key=key,
        ifc_class="IfcFurniture",
        name="异形台柜",
        storey="1F",
        kind=Kind("IfcFurnitureType", "异形台柜", "USERDEFINED"),
        body=body,
    )
