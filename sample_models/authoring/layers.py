"""The GIS layers of the site itself: red line and buried lines."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import geopandas
import pyogrio
import pyproj
from shapely.geometry import LineString, Polygon

from sample_models.authoring import place, site
from sample_models.authoring.shapes import Vec

NEIGHBOUR_ZONE = "EPSG:4544"
STAMP = "2026-03-02T09:00:00.000Z"


@dataclass(frozen=True, slots=True)
class Line:
    """A buried line through building points; z is its centre."""

    number: str
    kind: str
    diameter: int
    material: str
    points: tuple[Vec, ...]


#: Piles stand at x = -8.45 + 3.1 n (two of each panel), y = -20.7 and -19.3.
_PILE = 7.05
WATER = (
    Line(
        "JS-001", "给水", 400, "球墨铸铁", ((_PILE + 0.2, -30.0, -7.0), (_PILE + 0.2, -16.0, -7.0))
    ),
    Line(
        "JS-002", "给水", 200, "球墨铸铁", ((13.25 + 0.8, -30.0, -7.0), (13.25 + 0.8, -16.0, -7.0))
    ),
    Line(
        "JS-003", "给水", 200, "球墨铸铁", ((19.45 + 1.1, -30.0, -7.0), (19.45 + 1.1, -16.0, -7.0))
    ),
    Line("JS-004", "给水", 200, "PE", ((-12.0, -27.0, -8.0), (50.0, -27.0, -8.0))),
    Line("JS-005", "给水", 200, "PE", ((30.0, -29.0, -7.7), (30.0, -25.0, -7.7))),
    Line("JS-006", "给水", 200, "PE", ((45.0, -29.0, -8.4), (45.0, -25.0, -8.4))),
)
DRAINS = (
    Line("PS-001", "污水", 300, "HDPE", ((42.7, -22.5, -5.3), (42.7, -16.0, -5.3))),
    Line("PS-002", "雨水", 500, "钢筋混凝土", ((-12.0, -32.0, -8.0), (54.0, -32.0, -8.3))),
    Line("PS-003", "污水", 300, "HDPE", ((54.0, -30.0, -7.0), (54.0, 20.0, -6.5))),
)


def map_points(points: Sequence[Vec]) -> list[Vec]:
    """Map coordinates of building points, to a tenth of a millimetre."""
    found = []
    for point in points:
        x, y, z = place.turned(point, place.TURN)
        found.append(
            (round(place.EAST + x, 4), round(place.NORTH + y, 4), round(place.HEIGHT + z, 4))
        )
    return found


def write(folder: Path) -> None:
    """Write all layers into `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    _red_line(folder / "red_line.gpkg")
    _water(folder / "water.geojson")
    _drains(folder / "drainage.shp")
    (folder / "neighbours.geojson").unlink(missing_ok=True)


def _red_line(path: Path) -> None:
    corners = map_points([(x, y, 0.0) for x, y in site.RED_LINE])
    frame = geopandas.GeoDataFrame(
        {"名称": ["两江智慧园区 B3 用地红线"], "类型": ["用地红线"], "证号": ["示例-2026-001"]},
        geometry=[Polygon([c[:2] for c in corners])],
        crs=place.CRS,
    )
    # the time of the last change is written into the file: keep it fixed
    pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": STAMP})
    path.unlink(missing_ok=True)
    pyogrio.write_dataframe(frame, path, layer="用地红线", driver="GPKG")
    pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": None})


def _water(path: Path) -> None:
    """Lines with heights in their coordinates, in the neighbouring zone (CM 105E)."""
    change = pyproj.Transformer.from_crs(place.CRS, NEIGHBOUR_ZONE, always_xy=True)
    features = []
    for line in WATER:
        points = []
        for east, north, height in map_points(line.points):
            x, y = change.transform(east, north)
            points.append([round(x, 4), round(y, 4), height])
        features.append(
            {
                "type": "Feature",
                "properties": {
                    "编号": line.number,
                    "类别": line.kind,
                    "管径": line.diameter,
                    "材质": line.material,
                    "高程基准": "1985国家高程基准",
                    "高程位置": "管中心",
                },
                "geometry": {"type": "LineString", "coordinates": points},
            }
        )
    _geojson(path, "给水管线", NEIGHBOUR_ZONE, features)


def _drains(path: Path) -> None:
    """Plane lines with heights in their fields, text in GBK as survey units deliver it."""
    rows = [map_points(line.points) for line in DRAINS]
    frame = geopandas.GeoDataFrame(
        {
            "编号": [line.number for line in DRAINS],
            "类别": [line.kind for line in DRAINS],
            "管径": [line.diameter for line in DRAINS],
            "材质": [line.material for line in DRAINS],
            "起点高程": [points[0][2] for points in rows],
            "终点高程": [points[-1][2] for points in rows],
        },
        geometry=[LineString([p[:2] for p in points]) for points in rows],
        crs=place.CRS,
    )
    for old in path.parent.glob(f"{path.stem}.*"):
        old.unlink()
    pyogrio.write_dataframe(
        frame,
        path,
        driver="ESRI Shapefile",
        encoding="GBK",
        layer_options={"DBF_DATE_LAST_UPDATE": STAMP[:10]},
    )
    # As survey units deliver it: nothing says that the texts are GBK.
    path.with_suffix(".cpg").unlink()


def _geojson(path: Path, name: str, crs: str, features: Sequence[Mapping[str, object]]) -> None:
    document = {
        "type": "FeatureCollection",
        "name": name,
        "crs": {
            "type": "name",
            "properties": {"name": f"urn:ogc:def:crs:EPSG::{crs.partition(':')[2]}"},
        },
        "features": features,
    }
    text = json.dumps(document, ensure_ascii=False, indent=1)
    path.write_bytes(text.encode() + b"\n")
