"""Moving a project between zones, prefixes and encodings leaves clashes and findings the same."""

import json
import math
import tempfile
from dataclasses import replace
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import numpy as np
from hypothesis import given, settings, strategies as st

from api.inputs import Inputs, LayerInput, ModelInput
from api.project_file import ReviewSettings
from api.review import review
from bimcore.ifc.georef import ConversionFacts, CrsFacts, GeoreferenceFacts
from bimcore.ifc.sandbox import Ingested
from gis.crs import has_prefix, parse
from gis.operations import transformation
from tests.builders import box, model_of, pipe

#: Grids of the site on the seam of the zones 35 and 36, with and without the zone number.
GRIDS = (
    "EPSG:4545",
    "EPSG:4524",
    "EPSG:4544",
    "EPSG:4523",
    "EPSG:4507",
    "tmerc:lon_0=106.5,x_0=50000,y_0=-3200000,ellps=CGCS2000",
)
HOME = parse("EPSG:4545")
#: Where the models' origin stands and how it is turned, in EPSG:4545 with 1985 heights.
PLACE, TURN = np.array([357600.0, 3278900.0, 268.5]), math.radians(17.0)
#: How a file may write one and the same conversion.
WAYS = ("metre", "millimetre", "millimetre by scale", "property set", "long axis")
NOW = datetime(2026, 1, 1, tzinfo=UTC)
#: What is said of the encoding or of the projection at the site, not of the project.
OF_ENCODING = {"GIS417", "GIS425", "GIS426"}


def conversion(crs, way):
    """The facts of a file that puts its origin at ``PLACE`` in the grid `crs`."""
    change = transformation(HOME, parse(crs))
    ahead = change(np.array([PLACE, PLACE + [math.cos(TURN), math.sin(TURN), 0.0]]))
    turn = math.atan2(*(ahead[1] - ahead[0])[1::-1])
    unit = 1.0 if way in {"metre", "long axis"} else 0.001
    stated = 0.001 if way == "millimetre" else 1.0
    length = 7.0 if way == "long axis" else 1.0
    e, n, h = (ahead[0] / stated).tolist()
    operation = ConversionFacts(
        kind="helmert",
        source="ePset@IfcSite" if way == "property set" else "IfcMapConversion",
        eastings=e,
        northings=n,
        height=h,
        xa=length * math.cos(turn),
        xo=length * math.sin(turn),
        scale=None if unit == stated else unit / stated,
        crs=CrsFacts(
            name=crs,
            vertical_datum="EPSG:5737",
            map_unit_m=stated,
            map_unit_given=way != "property set",
        ),
    )
    return GeoreferenceFacts(schema="IFC4", project_unit_m=unit, conversions=(operation,))


def bodies():
    structure = model_of(
        [
            box((24, 0.3, 9), at=(0, 0, 0)),
            box((24, 0.3, 9), at=(0, 11.7, 0)),
            box((24, 12, 0.2), at=(0, 0, 3)),
            box((0.6, 0.6, 12), at=(6, -3, -11)),  # a pile in the way of the sewer
            box((1.0, 0.3, 9), at=(39.5, 5, 0)),  # over the red line
        ],
        name="structure",
        ifc_class=["IfcWall", "IfcWall", "IfcSlab", "IfcPile", "IfcWall"],
        discipline="structure",
    )  # fmt: skip
    mep = model_of(
        [
            pipe(start=(4, -1, 2), end=(4, 6, 2), radius=0.1),
            pipe(start=(9, 2, 2), end=(9, 2, 5), radius=0.05),
        ],
        name="mep",
        ifc_class=["IfcPipeSegment", "IfcPipeSegment"],
        discipline="plumbing",
    )
    return _named(structure, "s"), _named(mep, "m")


def _named(model, letter):
    guid = tuple(f"{letter}{k:021d}" for k in range(len(model)))
    return replace(model, elements=replace(model.elements, guid=guid))


def layer(folder, name, crs, *, role):
    """A GeoJSON layer drawn in local metres, written in the numbers of `crs`."""
    if role == "red_line":
        points, kind, fields = [(-5, -6), (40, -6), (40, 20), (-5, 20), (-5, -6)], "Polygon", {}
    else:
        points, kind = [(-4, -2.7), (38, -2.7)], "LineString"
        fields = {"管径mm": 300, "起点高程": 263.0, "终点高程": 263.0, "管线种类": "污水",
                  "高程基准": "1985国家高程基准"}  # fmt: skip
    cos, sin = math.cos(TURN), math.sin(TURN)
    local = np.array([(*p, 0.0) for p in points])
    turned = np.column_stack(
        [cos * local[:, 0] - sin * local[:, 1], sin * local[:, 0] + cos * local[:, 1]]
    )
    home = np.column_stack([turned + PLACE[:2], np.zeros(len(local))])
    there = transformation(HOME, parse(crs))(home)[:, :2].tolist()
    shape = {"type": kind, "coordinates": [there] if kind == "Polygon" else there}
    text = {
        "type": "FeatureCollection",
        "name": name,
        "features": [{"type": "Feature", "properties": fields, "geometry": shape}],
    }
    path = Path(folder) / f"{name}.geojson"
    path.write_text(json.dumps(text), encoding="utf-8")
    return LayerInput(name=name, path=path, sha256=name, role=role, crs=crs)


def document(crs, structure, mep, red_line, sewer):
    """The review of the project, each file in its own grid and way of writing."""
    facts = [conversion(*structure), conversion(*mep)]
    models = tuple(
        ModelInput(
            name=m.name,
            path=f"{m.name}.ifc",
            sha256=m.name,
            ingested=Ingested(model=m, facts=f, findings=(), counts={}, schema="IFC4"),
        )
        for m, f in zip(bodies(), facts, strict=True)
    )
    with tempfile.TemporaryDirectory() as folder:
        layers = (
            layer(folder, "red", red_line, role="red_line"),
            layer(folder, "sewer", sewer, role="utility"),
        )
        inputs = Inputs(models=models, layers=layers)
        return review(inputs, settings=ReviewSettings(name="B3", crs=crs), now=NOW).document


def essence(found):
    """Clashes and findings with their numbers, by what they are about."""
    clashes = {
        (c["id"], c["a"]["guid"], c["b"]["guid"], c["relation"], bool(c["suppressed"])): c[
            "depth_m"
        ]
        for c in found["clashes"]
    }
    findings = {
        (f["code"], f["model"], tuple(f["elements"]), f["severity"]): f["data"].get(
            "value_m", f["data"].get("distance_m")
        )
        for f in found["findings"]
        if f["code"] not in OF_ENCODING
    }
    return clashes, findings


@cache
def home():
    plain = ("EPSG:4545", "metre")
    return essence(document("EPSG:4545", plain, plain, "EPSG:4545", "EPSG:4545"))


def test_the_project_has_something_to_lose():
    clashes, findings = home()

    assert {r for _, _, _, r, _ in clashes} >= {"crossing"}
    assert len(clashes) >= 3
    assert "GIS460" in {code for code, *_ in findings}


grids = st.sampled_from(GRIDS)
files = st.tuples(grids, st.sampled_from(WAYS))


@settings(max_examples=12, deadline=None, derandomize=True)
@given(st.sampled_from([g for g in GRIDS if not has_prefix(parse(g))]), files, files, grids, grids)
def test_zones_prefixes_and_encodings_change_nothing(crs, structure, mep, red_line, sewer):
    clashes, findings = home()

    moved = essence(document(crs, structure, mep, red_line, sewer))

    # Grid lengths of the zones differ by 35 to 280 ppm: 12 mm over the 45 m of the site.
    for before, after in zip((clashes, findings), moved, strict=True):
        assert set(after) == set(before)
        for key, value in before.items():
            assert value is None or abs(after[key] - value) < 0.012
