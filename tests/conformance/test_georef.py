"""The georeference of every file in the shared conformance set, through the real IFC reader."""

import gzip
import json
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import ifcopenshell
import numpy as np
import pytest

from bimcore.ifc.access import Reader
from bimcore.ifc.georef_reader import read_facts
from bimcore.ifc.sandbox import ingest
from gis.control import BadControl, fit
from gis.crs import parse
from gis.evidence import Verdict
from gis.gcj02 import to_gcj02
from gis.georeference import arrange, assess
from gis.operations import lonlat, project, site_factors
from tests import real_files
from tests.known_answers import control_of

SHARED = real_files.FOLDER
ROOT = SHARED / "conformance" / "georef"

pytestmark = pytest.mark.skipif(not ROOT.is_dir(), reason=f"{ROOT} is not there (YUYAN_SHARED)")

#: Meshes of millimetre files carry float32 of the kernel: 1e-6 at 16 m.
KERNEL = 2e-6


@pytest.fixture(scope="module")
def expected():
    return json.loads((ROOT / "synthetic" / "expected.json").read_text())


@pytest.fixture(scope="module")
def known():
    return json.loads((ROOT / "known_answers.json").read_text())


@pytest.fixture(scope="module")
def ingested(expected, tmp_path_factory):
    """Every file with geometry, read once, two at a time."""
    unpacked = tmp_path_factory.mktemp("duplex") / "duplex.ifc"
    packed = ROOT / "duplex_epsg2169" / "Duplex_A_20110907_georeferenced.ifc.gz"
    unpacked.write_bytes(gzip.decompress(packed.read_bytes()))
    files = {name: ROOT / case["file"] for name, case in expected["cases"].items()}
    files |= {f"tin{k}": ROOT / "bsi_infraroom_add2" / f"tin{k}.ifc" for k in (1, 2, 4)}
    files["duplex_epsg2169"] = unpacked
    with ThreadPoolExecutor(2) as pool:
        done = pool.map(lambda item: ingest(item[1], name=f"{item[0]}.ifc"), files.items())
        return dict(zip(files, done, strict=True))


def probe(facts, expected):
    """Corners (8, 3) of the box in project metres: its place is that of the site."""
    site = np.array(facts.sites[0].placement)[:3, 3]
    return np.array(expected["probe_box_local_m"], dtype=float) + site


def test_every_synthetic_case_gives_its_verdict_and_coordinates(expected, ingested):
    rows = []
    for name, case in expected["cases"].items():
        facts = ingested[name].facts
        # Absolute coordinates without a CRS need one that the user declares.
        declared = "EPSG:4549" if case["verdict"].startswith("assumed") else None
        found = assess(facts, project_crs=declared)
        usable = found.conversion or found.repair
        error = None
        if case["expected_vertices_ENH_m"] is not None:
            truth = np.array(case["expected_vertices_ENH_m"])
            error = float(np.abs(usable.apply(probe(facts, expected)) - truth).max())
        rows.append((name, case["verdict"], found.verdict.value, found.located, error))
    _print_table("synthetic", rows)
    assert [(r[0], r[2]) for r in rows] == [(r[0], r[1]) for r in rows]
    assert all(r[4] is None or r[4] <= expected["tolerance_m"] for r in rows)
    # What is wrong, ambiguous or not stated is never used without a person's word.
    assert {r[0] for r in rows if r[3]} == {
        r[0] for r in rows if r[1].startswith(("ok", "assumed"))
    }


def _print_table(title, rows):
    write = sys.stdout.write
    write(f"\n{title}\n{'case':32} {'verdict':36} {'found':36} placed error_m\n")
    for name, wanted, found, located, error in rows:
        shown = "-" if error is None else f"{error:.1e}"
        write(f"{name:32} {wanted:36} {found:36} {located!s:6} {shown}\n")


def test_bodies_stand_where_the_file_says_once_arranged(expected, ingested):
    names = [n for n, c in expected["cases"].items() if c["verdict"].startswith("ok")]
    models = [(replace(ingested[n].model, name=n), ingested[n].facts) for n in names]

    found = arrange(models)

    assert found.frame.crs in {"EPSG:4549+5737", "EPSG:4549"}
    assert found.groups == (tuple(range(len(names))),)
    for name, model in zip(names, found.placed, strict=True):
        truth = np.array(expected["cases"][name]["expected_vertices_ENH_m"])
        corners = found.frame.to_map(model.meshes.vertices)
        nearest = np.abs(corners[:, None] - truth[None]).max(axis=2).min(axis=1)
        assert nearest.max() < KERNEL, name


def test_confirmed_repairs_bring_broken_files_to_the_same_place(expected, ingested):
    broken = {n: c for n, c in expected["cases"].items() if c["verdict"].startswith(("rep", "amb"))}
    models = [(replace(ingested[n].model, name=n), ingested[n].facts) for n in broken]

    held = arrange(models, crs="EPSG:4549")
    found = arrange(models, crs="EPSG:4549", confirmed_repairs=list(broken))

    assert not held.frame.located
    for case, model in zip(broken.values(), found.placed, strict=True):
        truth = np.array(case["expected_vertices_ENH_m"])
        corners = found.frame.to_map(model.meshes.vertices)
        assert np.abs(corners[:, None] - truth[None]).max(axis=2).min(axis=1).max() < KERNEL


def test_lat_lon_alone_locates_nothing(expected, ingested):
    for name in ("40_latlon_only_3comp", "42_latlon_default_beijing"):
        found = assess(ingested[name].facts)

        assert (found.level, found.located, found.repair) == (20, False, None)
        assert found.finding.code.code == "GIS401"


def test_true_north_does_not_turn_a_model_that_has_a_conversion(ingested):
    plain, told = (assess(ingested[n].facts) for n in ("01_m_m_rot", "15_truenorth_conflict"))

    assert plain.conversion.rotation == told.conversion.rotation
    shown = {e.code: e.data for e in told.evidence}
    assert shown["true-north-conflict"]["difference_deg"] == pytest.approx(-12.5756, abs=1e-3)


def test_tin_in_truncated_coordinates_coincides_with_the_absolute_one(known, ingested):
    models = [(replace(ingested[n].model, name=n), ingested[n].facts) for n in ("tin1", "tin2")]

    found = arrange(models)

    assert found.frame.crs == "EPSG:7856+5711"
    absolute, truncated = (
        found.frame.to_map(m.meshes.vertices)[np.lexsort(np.round(m.meshes.vertices, 3).T)]
        for m in found.placed
    )
    shift = np.subtract(*(g.conversion.matrix()[:3, 3] for g in reversed(found.georeferences)))
    assert shift.tolist() == [256400.0, 7011600.0, 0.0]
    # The kernel keeps float32 at 200 m from its own origin: 1.5e-5.
    assert np.abs(absolute - truncated).max() < 2e-5
    first = np.array(known["infraroom_tin"]["first"])
    assert np.abs(absolute - first).max(axis=1).min() < 2e-5


def test_duplex_with_property_sets_on_its_site_is_placed_in_luxembourg(known, ingested):
    truth = known["duplex_ifc2x3"]

    found = assess(ingested["duplex_epsg2169"].facts)

    assert found.verdict == "ok"
    assert found.crs == "EPSG:2169+5774"  # EPSG:9897 is this compound
    placed = found.conversion
    assert (placed.eastings, placed.northings) == (truth["E"], truth["N"])
    assert placed.height == pytest.approx(truth["H"])
    assert np.degrees(placed.rotation) == pytest.approx(truth["rotation_deg"], abs=1e-6)
    # Its latitude and longitude are still those of Chicago.
    assert "GIS418" in [f.code.code for f in found.findings]


#: What each rule file of buildingSMART comes to here, and why where the name says otherwise.
GRF = {
    "fail-grf001-ifcmapconversion_ifcmapconversion_non_identical": Verdict.CONTRADICTORY,
    "fail-grf001-ifcmapconversion_none": Verdict.OK,  # usable: the finding says it is partial
    "fail-grf001-ifcmapconversionscaled_ifcmapconversionscaled_non_identical": Verdict.CONTRADICTORY,
    "fail-grf001-ifcrigidoperation_ifcrigidoperation_non_identical": Verdict.CONTRADICTORY,
    "fail-grf001-none_ifcmapconversion": Verdict.OK,
    "fail-grf003-scenario01-building_without_georeferencing": Verdict.COARSE,
    "fail-grf005-metre_millimetre_scale_empty_1": Verdict.SCALE_MISSING,
    # Scale in the withdrawn reciprocal reading, and coordinates outside Texas in any unit.
    "fail-grf005-scaled_foot_to_metre": Verdict.IMPLAUSIBLE,
    "fail-grf006-absent_epsg_and_wkt": Verdict.NOT_LOCATED,  # and GIS425: name is no code
    "fail-grf006-valid_wkt_specification_wrong_name": Verdict.NOT_LOCATED,
    "fail-grf006-wkt_in_name_but_no_specification": Verdict.UNRESOLVED,
    "fail-grf008-incorrect_first_coordinate": Verdict.CONTRADICTORY,
    "fail-grf008-incorrect_second_coordinate": Verdict.CONTRADICTORY,
    "na-grf000-ifc4_no_georeferencing": Verdict.NOT_LOCATED,
    "na-grf001-none_none": Verdict.NOT_LOCATED,
    # "Correct" for a rule that asks only whether a conversion exists: Scale is missing.
    "na-grf003-correct_building_with_georeferencing": Verdict.SCALE_MISSING,
    "na-grf005-no_map_conversion": Verdict.NOT_LOCATED,
    "na-grf006-valid_epsg_code": Verdict.OK,
    "pass-grf000-correct_georeferencing": Verdict.SCALE_MISSING,
    "pass-grf000-ifc4_georeferencing": Verdict.NOT_LOCATED,  # a CRS without an operation
    "pass-grf001-ifcmapconversion_ifcmapconversion": Verdict.OK,
    # Identical, as its rule asks, but with factors 1, 2, 3: nobody builds such a house.
    "pass-grf001-ifcmapconversionscaled_ifcmapconversionscaled": Verdict.IMPLAUSIBLE,
    "pass-grf001-ifcrigidoperation_ifcrigidoperation": Verdict.OK,
    "pass-grf005-compound_crs": Verdict.OK,
    # Scale is right, but the place lies outside the Nelson circuit.
    "pass-grf005-equal_local_and_projected_length_units_no_map_conversion": Verdict.IMPLAUSIBLE,
    "pass-grf005-scaled_foot_to_metre": Verdict.IMPLAUSIBLE,  # withdrawn reading of Scale
    "pass-grf006-valid_wkt_specification": Verdict.NOT_LOCATED,  # zero operation at the origin
    # Typed rightly, but its two contexts differ by 11 km.
    "pass-grf008-correct_coordinates": Verdict.CONTRADICTORY,
}


def facts_of(path):
    file = ifcopenshell.open(path)
    return read_facts(file, Reader(), schema=file.schema, bounds=None, first=None)


def test_rule_files_give_their_verdicts():
    rows = []
    for path in sorted((ROOT / "bsi_gherkin_grf").glob("*.ifc")):
        found = assess(facts_of(path))
        wanted = GRF[path.stem]
        rows.append((path.stem[:32], wanted.value, found.verdict.value, found.located, None))
        if path.stem.startswith("fail"):  # a failed rule never passes unsaid
            assert found.findings, path.stem
        assert all(f.message("zh-CN") and f.message("en") for f in found.findings)
    _print_table("rule files", rows)
    assert len(rows) == len(GRF)
    assert [(r[0], r[2]) for r in rows] == [(r[0], r[1]) for r in rows]


@pytest.mark.parametrize(
    "name", ["duplex_architecture", "duplex_electrical", "fzk_haus", "institute"]
)
def test_real_files_with_latitude_alone_are_not_located(name):
    path = SHARED / "ifc" / f"{name}.ifc"

    found = assess(facts_of(path))

    assert found.level == 20
    assert not found.located
    assert found.verdict in {"coarse-only", "coarse-only:+-31m"}
    assert max(f.severity for f in found.findings) == 0


def test_projections_agree_with_the_independent_method(known):
    for row in known["cgcs2000_gauss_krueger"]["rows"]:
        named = row["crs"].startswith("EPSG")
        text = (
            row["crs"] if named else "+proj=tmerc +lon_0=106.5 +x_0=500000 +ellps=GRS80 +type=crs"
        )
        crs = parse(text)
        point = project(crs, np.array([[row["lon"], row["lat"]]]))
        factor, convergence = site_factors(crs, point[0])

        assert point[0] == pytest.approx([row["easting_m"], row["northing_m"]], abs=1e-4)
        assert (factor - 1) * 1e6 == pytest.approx(row["point_scale_ppm"], abs=2e-3)
        assert np.degrees(convergence) == pytest.approx(row["meridian_convergence_deg"], abs=1e-7)
        assert lonlat(crs, point)[0] == pytest.approx([row["lon"], row["lat"]], abs=1e-9)


def test_site_latitude_of_the_utm_sample_projects_to_its_conversion(known):
    sample = known["bsi_utm_sample"]
    lat, lon = (
        sum(v / d for v, d in zip(sample[k], (1, 60, 3600, 3.6e9), strict=True))
        for k in ("site_lat", "site_lon")
    )

    found = project(parse(sample["crs"]), np.array([[lon, lat]]))[0]

    assert found == pytest.approx(sample["mapconversion"], abs=sample["tol_m"])


def _projection_errors(rows):
    """Largest error in metres of the rows of ``cgcs2000_gauss_krueger``."""
    worst = 0.0
    for row in rows:
        city = "tmerc:lon_0=106.5,x_0=500000,ellps=CGCS2000"
        crs = parse(row["crs"] if row["crs"].startswith("EPSG") else city)
        found = project(crs, np.array([[row["lon"], row["lat"]]]))[0]
        worst = max(worst, float(np.abs(found - [row["easting_m"], row["northing_m"]]).max()))
    return worst


def _helmert_error(given):
    control = control_of(given)
    wrong = tuple(
        replace(p, target=(p.target[0], p.target[1] + 0.25)) if p.number == "C3" else p
        for p in control.points
    )
    with pytest.raises(BadControl, match=f"without {given['blunder_case']['expected_worst']}"):
        fit(replace(control, points=wrong))
    return fit(control).worst


def _tin_error(given):
    """The truncated terrain against the absolute one, point by point as the files list them."""
    one, two = (
        np.array(ifcopenshell.open(ROOT / name).by_type("IfcCartesianPointList3D")[0].CoordList)
        for name in ("bsi_infraroom_add2/tin1.ifc", "bsi_infraroom_add2/tin2.ifc")
    )
    apart = np.abs(two + [256400.0, 7011600.0, 0.0] - one).max()
    places = {0: "first", 383: "middle_index_383", -1: "last"}
    stated = max(np.abs(one[k] - given[name]).max() for k, name in places.items())
    assert len(one) == given["n"]
    return float(max(apart, stated))


def test_the_known_answers_come_out(known):
    """One line for each entry; those whose files are not part of the set are named apart."""
    absent = {k for k in ("infraroom_survey", "pcert_scene") if not _has_file(known[k])}
    tmerc = parse("+proj=tmerc +ellps=GRS80 +type=crs")
    published = np.array(known["proj_tmerc_published"]["points"])
    utm = known["bsi_utm_sample"]
    site = [
        [sum(v / d for v, d in zip(utm[k], (1, 60, 3600, 3.6e9), strict=True))]
        for k in ("site_lon", "site_lat")
    ]
    gcj = known["gcj02"]
    gcj_error = max(np.abs(to_gcj02(np.array([r["wgs"]]))[0] - r["gcj02"]).max() for r in gcj)
    tin = known["infraroom_tin"]
    errors = {
        "cgcs2000_gauss_krueger": (
            _projection_errors(known["cgcs2000_gauss_krueger"]["rows"]),
            1e-4,
        ),
        "proj_tmerc_published": (
            np.abs(project(tmerc, published[:, :2]) - published[:, 2:]).max(),
            known["proj_tmerc_published"]["tol_m"],
        ),
        "bsi_utm_sample": (
            np.abs(project(parse(utm["crs"]), np.array(site).T)[0] - utm["mapconversion"]).max(),
            utm["tol_m"],
        ),
        "infraroom_tin": (_tin_error(tin), 2 * tin["max_abs_diff_m"]),
        "helmert_2d": (
            _helmert_error(known["helmert_2d"]),
            known["helmert_2d"]["expect_max_residual_m"],
        ),
        "gcj02": (gcj_error * 111_320.0, 0.02),
    }
    write = sys.stdout.write
    write(f"\nknown answers\n{'entry':32} {'error_m':>9} {'allowed_m':>9}\n")
    for name, (error, allowed) in errors.items():
        write(f"{name:32} {error:9.1e} {allowed:9.1e}\n")
    write("".join(f"{name:32} its file is not part of the set\n" for name in sorted(absent)))
    assert {n for n, (error, allowed) in errors.items() if not error <= allowed} == set()
    # The Duplex is read whole in a test of its own.
    assert errors.keys() | absent | {"duplex_ifc2x3"} == known.keys()


def _has_file(entry):
    return all((ROOT / f).exists() for f in entry.get("files", [entry.get("file", "")]))
