"""What lies around the site: rail, river, lines, terrain, neighbours, and a pipe survey."""

import io
import itertools
import json
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import openpyxl
import pyproj

from sample_models.authoring import place
from sample_models.authoring.shapes import Vec

Corners = Sequence[tuple[float, float]]

#: Terrain: the step that the retaining wall holds, in building coordinates.
STEP_Y, LOW, HIGH = -20.0, -5.2, -0.45
#: Beyond this line in the east the ground lies lower: the gate house stands in the air.
EDGE_X, EDGE = 51.8, -1.5
#: Heights of the flood layer are in the Wusong datum; what leads to 1985 there.
WUSONG_OFFSET = -1.78
_DATE = (1980, 1, 1, 0, 0, 0)


def on_map(points: Iterable[Sequence[float]], crs: str = place.CRS) -> list[Vec]:
    """Map coordinates of building points in `crs`, to a tenth of a millimetre."""
    change = pyproj.Transformer.from_crs(place.CRS, crs, always_xy=True)
    found = []
    for point in points:
        z = point[2] if len(point) > 2 else 0.0
        x, y, _ = place.turned((point[0], point[1], z), place.TURN)
        east, north = change.transform(place.EAST + x, place.NORTH + y)
        found.append((round(east, 4), round(north, 4), round(place.HEIGHT + z, 4)))
    return found


def write(folder: Path) -> None:
    """Write all layers of the surroundings into `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, features in {
        "setback": [({"名称": "建筑退让线"}, "Polygon", SETBACK)],
        "metro": [({"名称": "轨道交通 X 号线", "结构": "地下隧道"}, "Polygon", METRO)],
        "railway": [({"名称": "客运专线", "类型": "高速铁路", "地区": "市区"}, "Polygon", RAILWAY)],
        "river": [({"名称": "示例溪"}, "Polygon", RIVER)],
        "heritage": [({"名称": "古树名木保护范围"}, "Polygon", HERITAGE)],
    }.items():
        _geojson(folder / f"{name}.geojson", name, features)
    _geojson(
        folder / "flood.geojson",
        "flood",
        [
            (
                {
                    "名称": name,
                    "设计洪水位": round(level - WUSONG_OFFSET, 3),
                    "汛期": "4-10",
                },
                "Polygon",
                corners,
            )
            for name, level, corners in FLOODS
        ],
    )
    limit = {"名称": "净空限高", "限高标高": HEIGHT_LIMIT}
    _geojson(folder / "height_limit.geojson", "height_limit", [(limit, "Polygon", LIMITED)])
    _geojson(folder / "power_line.geojson", "power_line", [(POWER, "LineString", CONDUCTOR)])
    _terrain(folder / "terrain.asc")
    _neighbours(folder / "neighbours.city.json")
    _survey(folder / "survey.xlsx")


#: In building coordinates; what they seed is in `seeds_site`.
SETBACK: Corners = ((-13.6, -22.7), (53.1, -22.7), (53.1, 33.0), (-13.6, 33.0))
METRO: Corners = ((106.0, -60.0), (112.0, -60.0), (112.0, 90.0), (106.0, 90.0))
RAILWAY: Corners = ((-90.0, 38.2), (130.0, 38.2), (130.0, 52.0), (-90.0, 52.0))
RIVER: Corners = ((-90.0, -75.0), (130.0, -75.0), (130.0, -55.0), (-90.0, -55.0))
HERITAGE: Corners = ((50.0, -17.5), (55.0, -17.5), (55.0, -15.8), (50.0, -15.8))
#: Name, level in 1985 heights, corners.
FLOODS: Sequence[tuple[str, float, Corners]] = (
    ("百年一遇", 268.75, ((26.0, -2.0), (44.0, -2.0), (44.0, 27.0), (26.0, 27.0))),
    ("五十年一遇", 268.45, ((-2.0, -2.0), (7.0, -2.0), (7.0, 27.0), (-2.0, 27.0))),
)
LIMITED: Corners = ((-60.0, -60.0), (90.0, -60.0), (90.0, 90.0), (-60.0, 90.0))
HEIGHT_LIMIT = 294.2
POWER: Mapping[str, object] = {
    "名称": "10kV 示例线",
    "电压": "10kV",
    "弧垂m": 1.2,
    "风偏m": 0.8,
    "半宽m": 0.6,
}
CONDUCTOR = ((62.2, -60.0, 11.0), (62.2, 90.0, 11.0))


def _geojson(
    path: Path,
    name: str,
    features: Sequence[tuple[Mapping[str, object], str, Sequence[Sequence[float]]]],
) -> None:
    shown = []
    for properties, kind, points in features:
        placed = [
            list(p if len(q) > 2 else p[:2]) for p, q in zip(on_map(points), points, strict=True)
        ]
        shape: object = [[*placed, placed[0]]] if kind == "Polygon" else placed
        shown.append(
            {
                "type": "Feature",
                "properties": dict(properties),
                "geometry": {"type": kind, "coordinates": shape},
            }
        )
    number = place.CRS.partition(":")[2]
    crs = {"type": "name", "properties": {"name": f"urn:ogc:def:crs:EPSG::{number}"}}
    document = {"type": "FeatureCollection", "name": name, "crs": crs, "features": shown}
    path.write_bytes(json.dumps(document, ensure_ascii=False, indent=1).encode() + b"\n")


def _terrain(path: Path) -> None:
    """Cells of 1 m with the step at the retaining wall."""
    cell, half = 1.0, 110
    west, south = place.EAST - half + 20, place.NORTH - half + 10
    size = 2 * half
    rows = [
        f"ncols {size}",
        f"nrows {size}",
        f"xllcorner {west:.3f}",
        f"yllcorner {south:.3f}",
        f"cellsize {cell:g}",
        "NODATA_value -9999",
    ]
    for j in range(size):
        north = south + (size - 0.5 - j) * cell
        heights = []
        for i in range(size):
            east = west + (i + 0.5) * cell
            point = (east - place.EAST, north - place.NORTH, 0.0)
            x, y, _ = place.turned(point, -place.TURN)
            level = LOW if y < STEP_Y else EDGE if x > EDGE_X else HIGH
            heights.append(f"{place.HEIGHT + level:.2f}")
        rows.append(" ".join(heights))
    path.write_bytes("\n".join(rows).encode() + b"\n")


#: Name, storeys, corners (x0, y0, x1, y1) and heights over the ground.
NEIGHBOURS = (
    ("B1 办公楼", 12, (-70.0, 0.0, -30.0, 25.0), 46.0),
    ("B2 科研楼", 8, (0.0, 60.0, 50.0, 85.0), 32.0),
    ("开闭所", 1, (66.4, 4.0, 74.0, 14.0), 5.0),
    ("公交首末站", 1, (90.0, -20.0, 130.0, 10.0), 6.0),
)


def _neighbours(path: Path) -> None:
    """Blocks as CityJSON on the grid of zone 35."""
    vertices: list[list[int]] = []
    objects = {}
    scale, shift = 0.001, (35_640_000.0, 3_278_000.0, 0.0)
    for name, storeys, (x0, y0, x1, y1), tall in NEIGHBOURS:
        first = len(vertices)
        for z in (HIGH, HIGH + tall):
            ring = [(x0, y0, z), (x1, y0, z), (x1, y1, z), (x0, y1, z)]
            vertices += [
                [round((v - s) / scale) for v, s in zip(point, shift, strict=True)]
                for point in on_map(ring, place.OTHER_ZONE)
            ]
        a = first
        faces = [[a, a + 3, a + 2, a + 1], [a + 4, a + 5, a + 6, a + 7]]
        faces += [[a + k, a + (k + 1) % 4, a + 4 + (k + 1) % 4, a + 4 + k] for k in range(4)]
        shell = [[[face] for face in faces]]
        objects[name] = {
            "type": "Building",
            "attributes": {"名称": name, "层数": storeys, "measuredHeight": tall},
            "geometry": [{"type": "Solid", "lod": "1", "boundaries": shell}],
        }
    number = place.OTHER_ZONE.partition(":")[2]
    document = {
        "type": "CityJSON",
        "version": "2.0",
        "transform": {"scale": [scale] * 3, "translate": list(shift)},
        "metadata": {"referenceSystem": f"https://www.opengis.net/def/crs/EPSG/0/{number}"},
        "CityObjects": objects,
        "vertices": vertices,
    }
    path.write_bytes(json.dumps(document, ensure_ascii=False, indent=1).encode() + b"\n")


#: Points of the survey after CJJ 61: kind, number, building point of the ground, depth of the top.
GAS = (("RQ1", -1.3, 3.0), ("RQ2", -1.3, 13.0), ("RQ3", -1.3, 23.0))
TELECOM = (("TX1", 55.25, -15.0), ("TX2", 55.25, 0.0))
DEPTH = 1.2


def _survey(path: Path) -> None:
    """A workbook with point and line tables; X is north, heights are 1985."""
    book = openpyxl.Workbook()
    book.remove(book.active)
    for code, kind, size, material, points, pressure in (
        ("RQ", "燃气", 200, "PE", GAS, "中压"),
        ("TX", "通信", 110, "PVC", TELECOM, ""),
    ):
        sheet = book.create_sheet(f"{code}POINT")
        sheet.append(["物探点号", "X", "Y", "地面高程", "特征", "管线种类"])
        for number, x, y in points:
            east, north, height = on_map([(x, y, HIGH)])[0]
            sheet.append(
                [number, round(north, 3), round(east, 3), round(height, 3), "直线点", kind]
            )
        sheet = book.create_sheet(f"{code}LINE")
        sheet.append(
            ["起点点号", "终点点号", "起点埋深", "终点埋深", "起点高程", "终点高程", "管径(mm)", "材质",
             "埋设方式", "压力", "状态", "埋深位置"]
        )  # fmt: skip
        level = round(place.HEIGHT + HIGH - DEPTH, 3)
        for (one, _, _), (two, _, _) in itertools.pairwise(points):
            sheet.append(
                [
                    one,
                    two,
                    DEPTH,
                    DEPTH,
                    level,
                    level,
                    size,
                    material,
                    "直埋",
                    pressure,
                    "使用",
                    "管顶",
                ]
            )
    stream = io.BytesIO()
    book.save(stream)
    path.write_bytes(_timeless(stream.getvalue()))


def _timeless(data: bytes) -> bytes:
    """The same workbook without the time of its making."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w") as new:
        for name in sorted(old.namelist()):
            content = old.read(name)
            if name == "docProps/core.xml":
                head, _, tail = content.partition(b"<dcterms:created")
                content = head + tail.partition(b"</dcterms:modified>")[2] if tail else content
            entry = zipfile.ZipInfo(name, date_time=_DATE)
            entry.compress_type = zipfile.ZIP_DEFLATED
            new.writestr(entry, content)
    return out.getvalue()
