"""Findings of the map checks stay when the whole project moves to another zone or spelling."""

from dataclasses import replace

import numpy as np
import pytest
import shapely

from bimcore.frame import Frame
from bimcore.mesh import MeshSet
from gis.checks import check_layers
from gis.crs import parse
from gis.layers import FeatureTable, located
from gis.operations import transformation
from gis.rulebook import project_rules
from gis.terrain import Grid, Terrain
from tests.builders import box
from tests.surroundings import house, told, why

#: Central Chongqing: both zones meet here, and grids turn by 0.7 degrees against each other.
PLACE = np.array([359474.0, 3272217.0, 250.0])
HOME = "EPSG:4545+5737"
#: Another zone with and without prefix, the same zone with its prefix.
FRAMES = ("EPSG:4545+5737", "EPSG:4544+5737", "EPSG:4524+5737", "EPSG:4523+5737")
LAYERS = ("EPSG:4545", "EPSG:4544", "EPSG:4523", "EPSG:4490")
PARAMETERS = {
    "neighbour.distance_m": 8,
    "setback.distance_m": 4,
    "setback.underground_m": 3,
    "excavation.bottom_m": 243.0,
    "excavation.ratio": 1.2,
    "flood.level_m": 249.0,
    "height-limit.top_m": 262.0,
    "railway.area": "city",
    "gb50289.building-heat.horizontal_m": 2.0,
}


def town(rng):
    """Bodies and layers round the origin, metres from PLACE in the home grid."""
    classes = ["IfcWall", "IfcFooting", "IfcSlab", "IfcDoor", "IfcDistributionElement"]
    kinds = [classes[k % len(classes)] for k in range(40)]
    low = rng.uniform([-40, -40, -6], [40, 40, 8], (40, 3))
    bodies = [box(rng.uniform(0.3, 6.0, 3), at=p) for p in low]
    codes = rng.choice(["WS", "JS", "TR", "RL", "DL"], 30)
    starts = rng.uniform([-60, -60, -4], [60, 60, -1], (30, 3))
    ends = starts + np.column_stack([rng.uniform(-20, 20, (30, 2)), rng.uniform(-0.2, 0.2, 30)])
    layers = {
        "red_line": ([shapely.box(-38, -38, 38, 38)], {}),
        "utility": (
            list(shapely.linestrings(np.stack([starts, ends], axis=1))),
            {
                "种类": codes.tolist(),
                "管径": rng.choice([150, 300, 600], 30).tolist(),
                "编号": [f"P{k}" for k in range(30)],
            },
        ),
        "power_line": ([shapely.LineString([(-90, -25), (90, -8)])], {"电压": ["110kV"]}),
        "metro": ([shapely.LineString([(-90, 70), (90, 60)])], {"结构": ["隧道"]}),
        "railway": ([shapely.LineString([(-90, -48), (90, -47)])], {"类型": ["高铁"]}),
        "neighbour": ([shapely.box(40, -10, 60, 15)], {"编号": ["3"]}),
        "protection_zone": ([shapely.Point(-30, 30).buffer(9)], {"名称": ["古树"]}),
    }
    model = house(*bodies, ifc_class=kinds, storeys=["1F"] * 40, systems=["给水"] * 40)
    return model, layers


def to(crs):
    change = transformation(parse(HOME), parse(crs))
    return lambda points: change(points + PLACE)


def placed(model, frame):
    """The model in a frame of another grid."""
    mesh = model.meshes
    moved = frame.from_map(to(frame.crs)(mesh.vertices))
    meshes = MeshSet(
        vertices=moved,
        faces=mesh.faces,
        vertex_start=mesh.vertex_start,
        face_start=mesh.face_start,
        closed=mesh.closed,
        kernel=mesh.kernel,
    )
    return replace(model, meshes=meshes, frame=frame)


def table(role, shapes, columns, crs):
    """A layer as its file has it in `crs`."""

    def move(points):
        deep = np.column_stack([points, np.zeros(len(points))]) if points.shape[1] == 2 else points
        # heights of layers are those of their datum and do not follow the map
        return to(crs)(deep)[:, : points.shape[1]]

    geometry = np.full(len(shapes), None, dtype=object)
    geometry[:] = [shapely.transform(s, move, include_z=bool(s.has_z)) for s in shapes]
    return FeatureTable(
        name=role,
        role=role,
        columns={k: tuple(v) for k, v in columns.items()},
        geometry=geometry,
        crs=crs,
        source="0" * 64,
        vertical_datum="1985",
        accuracy=0.05,
    )


def ground(frame):
    """A slope as a grid, in the home grid where its file has it."""
    z = np.add.outer(np.zeros(60), np.linspace(-1.0, 1.0, 60)).astype(np.float32) + PLACE[2]
    grid = Grid(
        z=z.astype(np.float32),
        west=PLACE[0] - 90.0,
        north=PLACE[1] + 90.0,
        step_x=3.0,
        step_y=3.0,
    )
    terrain = Terrain(
        name="dem", surface=grid, crs="EPSG:4545", vertical_datum="1985", accuracy=0.05
    )
    return terrain.located(frame)


def findings(seed, frame_crs, layer_crs):
    model, layers = town(np.random.default_rng(seed))
    centre = to(frame_crs)(np.zeros((1, 3)))[0]
    frame = Frame(crs=frame_crs, origin=np.array([*np.round(centre[:2], -3), 0.0]))
    tables = [
        located(table(role, shapes, columns, layer_crs), frame)
        for role, (shapes, columns) in layers.items()
    ]
    found, entries = check_layers(
        [placed(model, frame)],
        tables,
        [ground(frame)],
        project=frame,
        rules=project_rules(PARAMETERS, jurisdiction="杭州"),
    )
    shown = sorted(
        (
            f.code.code,
            str(f.data.get("rule", "")),
            str(f.data.get("band", "")),
            tuple(sorted(f.elements)),
            tuple(k for k in f.data.get("features", ()) if not k.startswith("@")),
        )
        for f in found
    )
    numbers = sorted(v[2] for v in told([f for f in found if "band" in f.data]))
    return shown, numbers, sorted(why(entries))


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_findings_do_not_depend_on_zone_prefix_or_encoding(seed):
    shown, numbers, entries = findings(seed, HOME, "EPSG:4545")

    assert len({code for code, *_ in shown}) >= 9  # most checks have something to say
    for frame in FRAMES:
        for layer in LAYERS:
            got = findings(seed, frame, layer)
            assert got[0] == shown, (frame, layer)
            assert got[1] == pytest.approx(numbers, abs=0.05), (frame, layer)
            assert got[2] == entries, (frame, layer)
