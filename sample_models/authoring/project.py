"""Builds the whole sample project into a folder."""

from dataclasses import dataclass
from datetime import date
from pathlib import Path

from sample_models.authoring import (
    annex,
    architecture,
    grid,
    ifc,
    layers,
    mep,
    place,
    schedule,
    site,
    structure,
    surroundings,
)
from sample_models.authoring.parts import Sheet

PROJECT_FILE = """\
# Settings of the sample project for `yuyan check --project`.
[project]
name = "两江智慧园区 B3"
crs = "EPSG:4545+5737"
language = "zh-CN"

[[layers]]
file = "layers/red_line.gpkg"
name = "用地红线"
role = "red_line"
crs = "EPSG:4545"

[[layers]]
file = "layers/water.geojson"
name = "给水管线"
role = "utility"
crs = "EPSG:4544"

[[layers]]
file = "layers/drainage.shp"
name = "排水管线"
role = "utility"
crs = "EPSG:4545"
vertical_datum = "1985国家高程基准"

[[layers]]
file = "layers/survey.xlsx"
name = "管线探测"
role = "utility"
crs = "EPSG:4545"
vertical_datum = "1985国家高程基准"
accuracy_m = 0.15
date = "2026-01-20"

[[layers]]
file = "layers/setback.geojson"
name = "建筑退让线"
role = "setback"

[[layers]]
file = "layers/terrain.asc"
name = "场地地形"
role = "terrain"
crs = "EPSG:4545"
vertical_datum = "1985国家高程基准"
accuracy_m = 0.08

[[layers]]
file = "layers/neighbours.city.json"
name = "周边建筑"
role = "neighbour"
vertical_datum = "1985国家高程基准"

[[layers]]
file = "layers/metro.geojson"
name = "轨道交通"
role = "metro"

[[layers]]
file = "layers/railway.geojson"
name = "铁路"
role = "railway"

[[layers]]
file = "layers/river.geojson"
name = "河道"
role = "river"

[[layers]]
file = "layers/flood.geojson"
name = "洪水淹没区"
role = "flood"
vertical_datum = "吴淞高程"
datum_offset_m = -1.78

[[layers]]
file = "layers/height_limit.geojson"
name = "净空限高"
role = "height_limit"
vertical_datum = "1985国家高程基准"

[[layers]]
file = "layers/power_line.geojson"
name = "架空线路"
role = "power_line"
vertical_datum = "1985国家高程基准"

[[layers]]
file = "layers/heritage.geojson"
name = "古树保护范围"
role = "protection_zone"

[models."pavilion_east".control_points]
crs = "EPSG:4545"
points = "control.csv"

# Numbers that no rule of the rulebook states for this place: invented like the project itself.
[parameters]
"metro.control.underground_m" = 50.0
"river.offset_m" = 30.0
"neighbour.distance_m" = 9.0
"""

#: First and last day of the cranes.
CRANE_DAYS = (date(2026, 3, 25), date(2026, 9, 30))
#: Name, foot in the building's metres, radius, height of the jib over the foot.
CRANES = (
    ("1#塔吊", (34.0, -4.0, -0.45), 30.0, 45.0),
    ("2#塔吊", (-4.0, 12.6, -0.45), 24.0, 38.0),
)


def project_file() -> str:
    """The project file with the cranes at their places on the map."""
    lines = [PROJECT_FILE]
    for name, foot, radius, jib in CRANES:
        east, north, height = layers.map_points([foot])[0]
        lines += [
            "[[equipment]]",
            'kind = "tower_crane"',
            f'name = "{name}"',
            f"base_map = [{east}, {north}, {height}]",
            f"radius_m = {radius}",
            f"jib_height_m = {jib}",
            f'from = "{CRANE_DAYS[0]}"',
            f'to = "{CRANE_DAYS[1]}"',
            "",
        ]
    return "\n".join(lines)


@dataclass(frozen=True, slots=True)
class Sheets:
    """The parts of every model; the services in both revisions."""

    architecture: Sheet
    structure: Sheet
    site: Sheet
    mep: Sheet
    mep_b: Sheet
    pavilion_west: Sheet
    pavilion_east: Sheet


def draw() -> Sheets:
    """All models of the project as parts, nothing written."""
    return Sheets(
        architecture=architecture.build(),
        structure=structure.build(),
        site=site.build(),
        mep=mep.build("a"),
        mep_b=mep.build("b"),
        pavilion_west=annex.build("pavilion_west", at=annex.WEST),
        pavilion_east=annex.build("pavilion_east", at=annex.EAST),
    )


def build(out: Path) -> Sheets:
    """Write models, layers, schedule and project file into `out`.

    Returns
    -------
    Sheets
        What the models hold.

    """
    sheets = draw()
    out.mkdir(parents=True, exist_ok=True)
    ifc.write(sheets.architecture, place.ARCHITECTURE, grid.STOREYS, out / "architecture.ifc")
    ifc.write(sheets.structure, place.STRUCTURE, grid.STOREYS, out / "structure.ifc")
    ifc.write(sheets.site, place.SITE, (), out / "site.ifc")
    ifc.write(sheets.mep, place.MEP, grid.STOREYS, out / "mep.ifc")
    ifc.write(sheets.mep_b, place.MEP, grid.STOREYS, out / "rev_b" / "mep.ifc")
    level = (annex.LEVEL,)
    broken = out / "broken"
    ifc.write(annex.build("broken_scale"), place.ANNEX_SCALE, level, broken / "broken_scale.ifc")
    twice = annex.build("broken_twice", absolute=True)
    ifc.write(twice, place.ANNEX_TWICE, level, broken / "broken_twice.ifc")
    ifc.write(sheets.pavilion_west, place.PAVILION_WEST, level, out / "pavilion_west.ifc")
    ifc.write(sheets.pavilion_east, place.PAVILION_EAST, level, out / "pavilion_east.ifc")
    control = place.control_sheet(place.PAVILION_EAST)
    (out / "control.csv").write_bytes(control.encode("gb18030"))
    layers.write(out / "layers")
    surroundings.write(out / "layers")
    schedule.write(out / "schedule.xml")
    (out / "project.toml").write_bytes(project_file().encode())
    return sheets
