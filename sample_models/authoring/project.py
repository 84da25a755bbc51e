"""Builds the whole sample project into a folder."""

from dataclasses import dataclass
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
file = "layers/neighbours.geojson"
name = "周边建筑"
role = "context"
crs = "EPSG:4490"
"""


@dataclass(frozen=True, slots=True)
class Sheets:
    """The parts of every model; the services in both revisions."""

    architecture: Sheet
    structure: Sheet
    site: Sheet
    mep: Sheet
    mep_b: Sheet


def draw() -> Sheets:
    """All models of the project as parts, nothing written."""
    return Sheets(
        architecture=architecture.build(),
        structure=structure.build(),
        site=site.build(),
        mep=mep.build("a"),
        mep_b=mep.build("b"),
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
    layers.write(out / "layers")
    schedule.write(out / "schedule.xml")
    (out / "project.toml").write_bytes(PROJECT_FILE.encode())
    return sheets
