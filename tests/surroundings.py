"""Small surroundings of a site to state expectations about."""

from dataclasses import dataclass, replace

import numpy as np
import shapely

from bimcore.elements import Coded
from bimcore.frame import Frame
from gis.checks import check_layers
from gis.layers import FeatureTable
from gis.rulebook import project_rules
from tests.builders import model_of

FRAME = Frame(crs="EPSG:4549+5737", origin=np.array([514000.0, 3350000.0, 0.0]))


def layer(role, *shapes, name=None, accuracy=0.0, **columns):
    """A located layer; its survey is exact unless said otherwise."""
    geometry = np.full(len(shapes), None, dtype=object)
    geometry[:] = [shapely.LineString(s) if isinstance(s, list) else s for s in shapes]
    return FeatureTable(
        name=name or role,
        role=role,
        columns={k: tuple(v) for k, v in columns.items()},
        geometry=geometry,
        crs=None,
        frame=FRAME,
        source="0" * 64,
        accuracy=accuracy,
    )


def house(*bodies, ifc_class="IfcWall", name="arch", storeys=None, systems=None, **columns):
    """A located model; `storeys` and `systems` name those of each body."""
    model = model_of(bodies, name=name, ifc_class=ifc_class, **columns)
    table = model.elements
    if storeys:
        coded = Coded.of(storeys)
        table = replace(table, storey=coded, storey_elevation=np.zeros(len(coded.words)))
    if systems:
        table = replace(table, system=Coded.of(systems))
    return replace(model, elements=table, frame=FRAME)


@dataclass(frozen=True)
class Slope:
    """A terrain whose height is that of a plane."""

    level: float = 0.0
    east: float = 0.0
    accuracy: float | None = 0.0
    name: str = "terrain"
    inside: shapely.Geometry | None = None

    def heights(self, xy):
        z = self.level + self.east * xy[:, 0]
        if self.inside is not None:
            z = np.where(shapely.contains_xy(self.inside, xy[:, 0], xy[:, 1]), z, np.nan)
        return z


def checked(models, tables, terrains=(), *, parameters=None, city=None, bodies=(), clashed=None):
    """Findings and entries of all checks."""
    return check_layers(
        models if isinstance(models, list) else [models],
        tables if isinstance(tables, list) else [tables],
        terrains,
        project=FRAME,
        rules=project_rules(parameters or {}, jurisdiction=city),
        bodies=bodies,
        clashed=clashed,
    )


def told(findings, *codes):
    """Code, band, value and demand of each finding, of the codes wanted."""
    return [
        (f.code.code, f.data["band"], round(f.data["value_m"], 3), f.data["required_m"])
        for f in findings
        if not codes or f.code.code in codes
    ]


def why(entries):
    """English reasons of what was not assessed."""
    return [f"{e['what']['en']}: {e['why']['en']}" for e in entries]
