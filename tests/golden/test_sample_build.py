"""The sample project is built the same each time, and its models fit together on the map."""

import hashlib
import math
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from itertools import chain
from pathlib import Path

import ifcopenshell
import ifcopenshell.geom
import manifold3d
import numpy as np
import pyproj
import pytest

from sample_models.authoring import layers, place
from sample_models.authoring.index import text
from sample_models.authoring.project import build, draw
from sample_models.authoring.schedule import tasks
from tests.golden.expect import SAMPLE, load_index

PAVILIONS = ("pavilion_west.ifc", "pavilion_east.ifc")
FILES = {
    "a": ("architecture.ifc", "structure.ifc", "mep.ifc", "site.ifc", *PAVILIONS),
    "b": ("architecture.ifc", "structure.ifc", "rev_b/mep.ifc", "site.ifc", *PAVILIONS),
}
#: Bodies that everything is founded in; overlaps with them say nothing.
GROUND = ("IfcEarthworksFill", "IfcGeographicElement")


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("sample")
    build(out)
    return out


def _digests(folder: Path) -> dict[str, str]:
    return {
        str(p.relative_to(folder)): hashlib.sha256(p.read_bytes()).hexdigest()
        for p in sorted(folder.rglob("*"))
        if p.is_file()
    }


def test_building_twice_gives_the_same_bytes(built: Path, tmp_path: Path) -> None:
    command = [sys.executable, str(SAMPLE / "build.py"), "--out", str(tmp_path)]
    # another process and hash seed: nothing may depend on the order of a set
    subprocess.run(command, check=True, cwd=tmp_path, env={"PYTHONHASHSEED": "7"})

    again = _digests(tmp_path)

    assert again.pop("index.toml")
    assert again == _digests(built)


def test_index_beside_the_project_is_what_the_authors_recorded() -> None:
    written = (SAMPLE / "index.toml").read_text(encoding="utf-8")

    assert written == text(draw())


def test_index_names_only_elements_of_the_models(built: Path) -> None:
    guids = {
        (path.partition("/")[2] or path, e.GlobalId)
        for path in {*FILES["a"], *FILES["b"]}
        for e in ifcopenshell.open(str(built / path)).by_type("IfcElement")
    }
    index = load_index()
    named = {
        (f"{model}.ifc", guid)
        for entry in (*index["defects"], *index["decoys"], index["exported_anew"])
        for element in (*entry.get("elements", ()), *chain(*entry.get("pairs", ())))
        if not element.startswith("#")
        for model, _, both in [element.partition(":")]
        for guid in both.split(">")
    }

    assert named - guids == set()


def test_each_model_has_its_own_zero_unit_schema_and_encoding(built: Path) -> None:
    found = {}
    for path in FILES["a"]:
        file = ifcopenshell.open(str(built / path))
        unit = next(u for u in file.by_type("IfcSIUnit") if u.UnitType == "LENGTHUNIT")
        found[path] = (file.schema_identifier, unit.Prefix, len(file.by_type("IfcElement")) > 150)

    assert found == {
        "architecture.ifc": ("IFC4", "MILLI", True),
        "structure.ifc": ("IFC4", None, True),
        "mep.ifc": ("IFC2X3", "MILLI", True),
        "site.ifc": ("IFC4X3_ADD2", None, True),
        "pavilion_west.ifc": ("IFC4", "MILLI", False),
        "pavilion_east.ifc": ("IFC4", "MILLI", False),
    }
    setups = (place.ARCHITECTURE, place.STRUCTURE, place.MEP, place.SITE)
    assert len({s.zero for s in setups}) == len({s.turn for s in setups}) == 4


def test_revision_b_keeps_geometry_where_only_the_globalid_changed() -> None:
    sheets = draw()
    anew = [k for k, p in sheets.mep_b.parts.items() if k in sheets.mep.parts]
    changed = [k for k in anew if sheets.mep.parts[k].guid != sheets.mep_b.parts[k].guid]

    assert len(changed) == len(load_index()["exported_anew"]["elements"]) > 20
    assert all(sheets.mep.parts[k].body == sheets.mep_b.parts[k].body for k in changed)


def test_schedule_has_a_task_for_each_trade_of_each_storey() -> None:
    names = [t.name for t in tasks() if not t.summary]

    assert len(names) == len(set(names)) == 5 + 5 * 7 + 3 + 3 + 2
    assert all(t.finish >= t.start for t in tasks())


Solid = tuple[str, str, manifold3d.Manifold | None, np.ndarray]


def _conversion(file: ifcopenshell.file) -> tuple[float, float, float, float]:
    """Easting, northing, height and rotation by the formulas of the IFC documentation."""
    if file.schema == "IFC2X3":
        sets = [r.RelatingPropertyDefinition for r in file.by_type("IfcSite")[0].IsDefinedBy]
        pset = next(p for p in sets if p.Name == "ePset_MapConversion")
        v = {p.Name: p.NominalValue.wrappedValue for p in pset.HasProperties}
        angle = math.atan2(v["XAxisOrdinate"], v["XAxisAbscissa"])
        return v["Eastings"], v["Northings"], v["OrthogonalHeight"], angle
    for c in file.by_type("IfcMapConversion"):
        k = 0.001 if c.TargetCRS.MapUnit.Prefix == "MILLI" else 1.0
        turned = (c.XAxisAbscissa, c.XAxisOrdinate)
        there = (c.Eastings * k, c.Northings * k, c.OrthogonalHeight * k)
        return _at_home(c.TargetCRS.Name, there, turned)
    if file.schema == "IFC4":  # no georeference: where its author put it
        setup = place.PAVILION_EAST
        return _at_home(place.CRS, setup.map_origin, setup.heading)
    c = file.by_type("IfcRigidOperation")[0]
    return c.FirstCoordinate.wrappedValue, c.SecondCoordinate.wrappedValue, c.Height, 0.0


def _at_home(
    crs: str, origin: tuple[float, float, float], axis: tuple[float, float]
) -> tuple[float, float, float, float]:
    """Origin and rotation in the project's CRS."""
    change = pyproj.Transformer.from_crs(crs, place.CRS, always_xy=True)
    east, north = change.transform(origin[0], origin[1])
    ahead = change.transform(origin[0] + axis[0], origin[1] + axis[1])
    return east, north, origin[2], math.atan2(ahead[1] - north, ahead[0] - east)


def _turn(points: np.ndarray, angle: float) -> np.ndarray:
    c, s = math.cos(angle), math.sin(angle)
    return points @ np.array([[c, s, 0.0], [-s, c, 0.0], [0.0, 0.0, 1.0]])


@cache
def _solids(path: Path) -> tuple[Solid, ...]:
    return tuple(_meshed(path))


def _meshed(path: Path) -> Iterator[Solid]:
    """Bodies of a model in the building frame, meshed and placed apart from the product."""
    file = ifcopenshell.open(str(path))
    east, north, height, angle = _conversion(file)
    shift = np.array([east - place.EAST, north - place.NORTH, height - place.HEIGHT])
    settings = ifcopenshell.geom.settings()
    settings.set("use-world-coords", True)
    settings.set("weld-vertices", True)
    skip = ["IfcOpeningElement", *GROUND]
    known = [c for c in skip if file.schema == "IFC4X3" or c != "IfcEarthworksFill"]
    if file.schema == "IFC2X3":
        known.remove("IfcGeographicElement")
    iterator = ifcopenshell.geom.iterator(settings, file, 2, exclude=known)
    going = iterator.initialize()
    while going:
        shape = iterator.get()
        points = np.array(shape.geometry.verts).reshape(-1, 3)
        faces = np.array(shape.geometry.faces, dtype=np.uint64).reshape(-1, 3)
        points = _turn(_turn(points, angle) + shift, -math.radians(place.TURN))
        solid = manifold3d.Manifold(manifold3d.Mesh64(points, faces))
        closed = solid.status() == manifold3d.Error.NoError
        yield path.stem, shape.guid, solid if closed else None, points
        going = iterator.next()


def _lines() -> Iterator[Solid]:
    """The buried lines as tubes, from their points in the building frame."""
    for line in (*layers.WATER, *layers.DRAINS):
        start, end = (np.array(p) for p in line.points)
        along = (end - start) / np.linalg.norm(end - start)
        side = np.cross(along, [0.0, 0.0, 1.0])
        side /= np.linalg.norm(side)
        frame = np.stack([side, np.cross(along, side), along, start], axis=1)
        radius = line.diameter / 2000
        tube = manifold3d.Manifold.cylinder(
            float(np.linalg.norm(end - start)), radius, circular_segments=32
        ).transform(frame)
        yield "", line.number, tube, np.asarray(tube.to_mesh64().vert_properties)[:, :3]


def _overlaps(solids: list[Solid]) -> set[frozenset[tuple[str, str]]]:
    """Pairs that share more than 0.1 cm3, by booleans over all boxes that meet."""
    low = np.array([s[3].min(axis=0) for s in solids])
    high = np.array([s[3].max(axis=0) for s in solids])
    found = set()
    for i, (model, guid, body, _) in enumerate(solids):
        near = (low < high[i] - 1e-4).all(axis=1) & (high > low[i] + 1e-4).all(axis=1)
        for j in np.flatnonzero(near[i + 1 :]) + i + 1:
            other = solids[j]
            if body is None or other[2] is None or (body ^ other[2]).volume() > 1e-7:
                found.add(frozenset({(model, guid), (other[0], other[1])}))
    return found


@pytest.mark.parametrize("revision", ["a", "b"])
def test_sample_is_clean_apart_from_seeds(built: Path, revision: str) -> None:
    solids = [s for path in FILES[revision] for s in _solids(built / path)]
    index = load_index()

    def pair(a: str, b: str) -> frozenset[tuple[str, str]]:
        sides = []
        for element in (a, b):
            model, _, both = element.replace("#", ":").partition(":")
            sides.append((model, both.split(">")[-1 if revision == "b" else 0]))
        return frozenset(sides)

    seeded = {
        pair(*p)
        for d in index["defects"]
        if revision in d["revisions"] and "clearance" not in d.get("relations", ())
        for p in d.get("pairs", ())
    }
    joints = {pair(*p) for d in index["decoys"] for p in d.get("pairs", ())}

    found = _overlaps([*solids, *_lines()])

    assert seeded - found == set()
    assert found - seeded - joints == set()
