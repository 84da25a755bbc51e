"""Verdicts on georeferences, encoding by encoding and defect by defect."""

import itertools
import json
import math
from dataclasses import replace

import numpy as np
import pytest

from bimcore.ifc.georef import (
    ContextFacts,
    ConversionFacts,
    CrsFacts,
    GeoreferenceFacts,
    SiteFacts,
    SpatialPlacement,
)
from gis.codes import CODES
from gis.conversion import Conversion
from gis.crs import parse
from gis.georeference import arrange, assess
from gis.operations import transformation
from tests.builders import box, model_of

E0, N0, H0 = 514433.611, 3350053.697, 8.25
DEG = 17.5
TRUTH = Conversion(
    crs="EPSG:4549+5737", eastings=E0, northings=N0, height=H0, rotation=math.radians(DEG)
)
BOX = np.array(list(itertools.product((12.0, 16.0), (-7.0, -5.0), (3.0, 4.5))))


def facts(e=E0, n=N0, h=H0, *, unit=1.0, bounds=((12, -7, 3), (16, -5, 4.5)), **more):
    """A file with one operation; keywords go to the operation or its CRS."""
    crs_keys = {"name", "vertical_datum", "map_unit_m", "map_unit_given", "wkt", "kind"}
    crs_keys |= {"description", "geodetic_datum", "map_projection", "map_zone"}
    stated = {"name": "EPSG:4549", "vertical_datum": "EPSG:5737"}
    stated |= {k: v for k, v in more.items() if k in crs_keys}
    rest = {k: v for k, v in more.items() if k not in crs_keys | {"wcs", "true_north", "operation"}}
    turn = math.radians(DEG)
    defaults = {
        "kind": more.get("operation", "helmert"),
        "source": "IfcMapConversion",
        "xa": math.cos(turn),
        "xo": math.sin(turn),
    }
    operation = ConversionFacts(
        **{**defaults, **rest}, eastings=e, northings=n, height=h, crs=CrsFacts(**stated)
    )
    return GeoreferenceFacts(
        schema="IFC4X3",
        project_unit_m=unit,
        conversions=(operation,),
        wcs=more.get("wcs"),
        true_north=more.get("true_north"),
        bounds=bounds,
    )


METRE = {"map_unit_m": 1.0, "map_unit_given": True}
MILLI = {"map_unit_m": 0.001, "map_unit_given": True}
MILLI_FACTORS = {f"factor_{axis}": 0.001 for axis in "xyz"}
FOOT, SURVEY_FOOT = 0.3048, 1200 / 3937


def shift(x, y, z):
    return ((1.0, 0.0, 0.0, x), (0.0, 1.0, 0.0, y), (0.0, 0.0, 1.0, z), (0.0, 0.0, 0.0, 1.0))


@pytest.mark.parametrize(
    ("given", "verdict"),
    [
        (facts(), "ok"),
        (facts(unit=0.001, scale=0.001, **METRE), "ok"),
        (facts(E0 * 1e3, N0 * 1e3, H0 * 1e3, unit=0.001, scale=1.0, **MILLI), "ok"),
        (facts(E0 * 1e3, N0 * 1e3, H0 * 1e3, unit=0.001), "ok"),  # MapUnit is the project unit
        (facts(unit=0.001, **METRE), "repairable:scale-missing"),
        (facts(unit=0.001, scale=1.0, **METRE), "repairable:scale-missing"),
        (facts(unit=0.001, scale=1000.0, **METRE), "repairable:scale-inverted"),
        (facts(E0 / 0.3048, N0 / 0.3048, H0 / 0.3048, unit=0.3048), "ok"),
        (facts(unit=0.3048, **METRE), "repairable:scale-missing"),
        (facts(unit=0.3048, scale=1 / 0.3048, **METRE), "repairable:scale-inverted"),
        (facts(unit=0.001), "ambiguous:map-unit"),
        (facts(unit=0.001, scale=0.001), "ambiguous:map-unit"),
        (
            facts(E0 * 1e3, N0 * 1e3, H0 * 1e3, unit=0.001, scale=0.001, **METRE),
            "ambiguous:map-unit",
        ),
        (facts(N0, E0), "repairable:axis-swapped"),
        (facts(N0, E0, unit=0.001, scale=0.001, **METRE), "repairable:axis-swapped"),
        (facts(40e6 + E0), "repairable:zone-prefix"),
        (facts(name="EPSG:4528"), "repairable:zone-prefix"),
        (facts(40e6 + E0, name="EPSG:4528"), "ok"),
        (facts(source="ePset@IfcSite", unit=0.001, scale=0.001), "ok"),
        (facts(E0 * 1e3, N0 * 1e3, H0 * 1e3, source="ePset@IfcSite", unit=0.001), "ok"),
        (facts(source="ePset@IfcProject", unit=0.001), "repairable:scale-missing"),
        (facts(true_north=(0.0, 1.0)), "ok"),
        (facts(true_north=(0.5, 0.866)), "ok:truenorth-informational"),
        (facts(name="CGCS2000 / 3-degree Gauss-Kruger CM 120E"), "ok"),
        (facts(name="CGCS2000_3_Degree_GK_CM_120E"), "ok"),
        (facts(name="EPSG：4549"), "ok"),
        (facts(name="EPSG:4549+5737", vertical_datum=""), "ok"),
        (facts(name="工程坐标系", description="EPSG:4549"), "ok"),
        (facts(name="CGCS2000", map_projection="3-degree Gauss-Kruger", map_zone="40"), "ok"),
        (facts(40e6 + E0, name="CGCS2000", map_projection="3度带", map_zone="40"), "ok"),
        (facts(geodetic_datum="CGCS2000", name="GK", map_zone="CM 120E"), "ok"),
        (facts(name="CGCS2000"), "needs-user:crs-unresolvable"),
        (facts(name="EPSG:4490"), "needs-user:crs-unresolvable"),
        (
            facts(operation="scaled", unit=0.001, scale=1.0, **METRE, **MILLI_FACTORS),
            "ok",
        ),
        (facts(name="WKT", wkt='PROJCS["x"'), "needs-user:crs-unresolvable"),
        (facts(name="杭州城市坐标系"), "needs-user:crs-unresolvable"),
        (facts(name="EPSG:4549,EPSG:5737"), "needs-user:crs-unresolvable"),
    ],
)
def test_every_encoding_and_defect_gives_its_verdict_and_the_same_place(given, verdict):
    found = assess(given)

    assert found.verdict == verdict
    usable = found.conversion or found.repair
    target = parse(usable.crs or "EPSG:4549")
    there = transformation(target, parse("EPSG:4549"))(usable.apply(BOX))
    assert np.abs(there - TRUTH.apply(BOX)).max() < 1e-5
    assert found.located == verdict.startswith("ok")
    assert all(f.message("zh-CN") and f.message("en") for f in found.findings)
    assert all(e.zh and e.en for e in found.evidence)
    json.dumps(found.to_json())


@pytest.mark.parametrize(
    ("given", "verdict"),
    [
        (facts(scale=0.5), "reject:implausible"),
        (facts(unit=0.001, scale=0.02, **METRE), "reject:implausible"),
        (facts(100.0, 200.0), "reject:implausible"),
        (facts(1e12, -1e12), "reject:implausible"),
        (facts(operation="scaled", factor_x=1.0, factor_y=2.0), "reject:implausible"),
        (facts(0.0, 0.0, 0.0), "not-located"),
    ],
)
def test_what_nothing_explains_is_not_placed_and_nothing_is_proposed(given, verdict):
    found = assess(given)

    assert (found.verdict, found.conversion, found.repair) == (verdict, None, None)
    assert found.findings


def test_georeference_twice_proposes_the_absolute_coordinates():
    far = ((E0, N0, 0), (E0 + 10, N0 + 10, 10))

    found = assess(facts(xa=1.0, xo=0.0, bounds=far))

    assert found.verdict == "reject:double-georeference"
    assert found.repair.apply(np.array([[E0, N0, 1.0]]))[0] == pytest.approx([E0, N0, 1.0])
    assert found.findings[0].code.code == "GIS407"


def test_identity_conversion_of_absolute_coordinates_is_fine():
    far = ((E0, N0, 0), (E0 + 10, N0 + 10, 10))

    assert assess(facts(0.0, 0.0, 0.0, xa=1.0, xo=0.0, bounds=far)).verdict == "ok"


def test_two_operations_that_disagree_are_held_back_with_their_distance():
    one, two = facts(), facts(E0 + 3.0)

    found = assess(replace(one, conversions=one.conversions + two.conversions))

    assert found.verdict == "reject:contradictory-conversions"
    assert found.findings[0].data["distance_m"] == pytest.approx(3.0)


def test_operation_of_a_plan_context_does_not_contradict_that_of_the_model():
    model, plan = facts(context=11), facts(E0 + 3.0, context=12)
    contexts = (
        ContextFacts(step_id=11, context_type="Model", dimension=3),
        ContextFacts(step_id=12, context_type="Plan", dimension=2),
    )

    found = assess(
        replace(model, conversions=model.conversions + plan.conversions, contexts=contexts)
    )

    assert found.verdict == "ok"


def test_conversion_counts_from_the_world_coordinate_system():
    found = assess(facts(wcs=shift(100.0, 200.0, 5.0)))

    here = found.conversion.apply(np.array([[100.0, 200.0, 5.0]]))
    assert here[0] == pytest.approx([E0, N0, H0])


def test_world_coordinate_system_alone_is_level_40_with_the_opposite_sign():
    given = GeoreferenceFacts(
        schema="IFC2X3", wcs=shift(E0, N0, H0), bounds=((0, 0, 0), (10, 10, 10))
    )

    found = assess(given, project_crs="EPSG:4549")

    assert (found.level, found.verdict) == (40, "assumed:absolute-coordinates")
    assert found.conversion.apply(np.zeros((1, 3)))[0] == pytest.approx([E0, N0, H0])


def test_combined_factor_scales_plan_alone_in_the_scaled_conversion():
    found = assess(facts(operation="scaled", factor_x=0.9999, factor_y=0.9999, factor_z=1.0))

    assert found.verdict == "ok"
    assert found.conversion.scale == (0.9999, 0.9999, 1.0)
    assert [f.code.code for f in found.findings] == []


def test_combined_factor_in_scale_is_used_and_its_effect_on_heights_is_said():
    tall = ((0, 0, 0), (10, 10, 100))

    found = assess(facts(scale=0.99974, bounds=tall))

    assert found.verdict == "ok"
    (told,) = found.findings
    assert told.code.code == "GIS420"
    assert told.data["error_m"] == pytest.approx(0.026)


def test_distortion_of_a_long_building_is_said_when_no_factor_is_declared():
    long = ((0, 0, 0), (300, 0, 10))
    there = transformation(parse("4545"), parse("4544"))(
        np.array([[359474.087, 3272217.299, 240.0]])
    )[0]

    found = assess(facts(*there, name="EPSG:4544", bounds=long))

    told = {f.code.code: f for f in found.findings}["GIS417"]
    assert told.data["error_m"] == pytest.approx(0.072, abs=0.01)


def test_true_north_used_as_the_rotation_is_noticed():
    wide = ((0, 0, 0), (300, 100, 10))
    there = transformation(parse("4545"), parse("4544"))(
        np.array([[359474.087, 3272217.299, 240.0]])
    )[0]
    turn = math.radians(DEG)

    found = assess(
        facts(*there, name="EPSG:4544", bounds=wide, true_north=(math.sin(turn), math.cos(turn)))
    )

    told = {f.code.code: f for f in found.findings}["GIS419"]
    assert told.data["error_m"] == pytest.approx(150 * math.sin(math.radians(0.7648)), rel=0.01)


@pytest.mark.parametrize(
    ("latitude", "longitude", "verdict"),
    [
        ((30, 16, 12), (120, 9, 0), "coarse-only:+-31m"),
        ((30, 16, 12, 123456), (120, 9, 0, 1), "coarse-only"),
        ((39, 54, 57, 601318), (116, 25, 58, 795166), "suspicious:vendor-default-location"),
        ((42, 24, 53, 508911), (-71, -15, -29, -58837), "suspicious:vendor-default-location"),
        ((0, 0, 0), (0, 0, 0), "not-located"),
    ],
)
def test_latitude_and_longitude_alone_never_place_a_model(latitude, longitude, verdict):
    def decimal(parts):
        return sum(v / d for v, d in zip(parts, (1, 60, 3600, 3.6e9), strict=False))

    site = SiteFacts(
        latitude=latitude,
        longitude=longitude,
        latitude_deg=decimal(latitude),
        longitude_deg=decimal(longitude),
    )

    found = assess(GeoreferenceFacts(schema="IFC4", sites=(site,)))

    assert (found.verdict, found.located) == (verdict, False)


def test_impossible_latitude_is_said():
    site = SiteFacts(latitude=(-2147483648,), longitude=(1, -2, 3), latlon_valid=False)

    found = assess(GeoreferenceFacts(schema="IFC4", sites=(site,)))

    assert found.verdict == "invalid:latlon"
    assert [f.code.code for f in found.findings] == ["GIS401", "GIS404"]


def test_file_without_anything_is_normal():
    found = assess(GeoreferenceFacts(schema="IFC2X3"))

    assert (found.level, found.verdict) == (0, "not-located")
    assert [(f.code.code, f.severity) for f in found.findings] == [("GIS401", 0)]


ENCODINGS = [
    {},
    {"name": "EPSG:4528", "zone": 40e6},
    {"name": "CGCS2000_3_Degree_GK_CM_120E"},
    {"mm": True},
    {"mm": True, "pset": True},
    {"other_zone": True},
]


def encoded(place, turn, *, name="EPSG:4549", zone=0.0, mm=False, pset=False, other_zone=False):
    """One conversion in one of the ways files write it."""
    e, n, h = place
    if other_zone:
        change = transformation(parse("4549"), parse("4548"))
        ahead = np.array([[e, n, h], [e + math.cos(turn), n + math.sin(turn), h]])
        ahead = change(ahead)
        e, n = ahead[0, 0], ahead[0, 1]
        turn = math.atan2(*(ahead[1] - ahead[0])[1::-1])
        name = "EPSG:4548"
    more = {"xa": 3 * math.cos(turn), "xo": 3 * math.sin(turn), "name": name}
    if mm:
        more |= {"unit": 0.001, "scale": 0.001}
        more |= {"source": "ePset@IfcSite"} if pset else METRE
    return facts(e + zone, n, h, bounds=None, **more)


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_encoding_zone_and_prefix_leave_models_where_they_are_to_each_other(encoding):
    """Two buildings of 60 m, 500 m apart, each in a turn of its own."""
    bodies = [box((60, 40, 30)), box((60, 40, 30), at=(5, 5, 0))]
    places = [((E0, N0, 10.0), 0.3), ((E0 + 400, N0 + 300, 12.0), -1.1)]

    def distances(encodings):
        models = [
            (model_of([b], name=str(k)), encoded(*p, **x))
            for k, (b, p, x) in enumerate(zip(bodies, places, encodings, strict=True))
        ]
        found = arrange(models, crs="EPSG:4549")
        points = np.concatenate([m.meshes.vertices for m in found.placed])
        return np.linalg.norm(points[:, None] - points[None], axis=2)

    # A file in another zone is drawn in that zone's grid lengths: 1.1 per mille at 1.65 degrees
    # beyond it, so only its origin can be the same.
    tolerance = 1e-4 if not encoding.get("other_zone") else 0.2
    assert np.abs(distances([{}, {}]) - distances([{}, encoding])).max() < tolerance
    assert np.abs(distances([{}, {}]) - distances([encoding, encoding])).max() < tolerance


def test_project_may_be_moved_to_another_zone_without_changing_what_is_between_models():
    models = [
        (model_of([box((60, 40, 30))], name=str(k)), encoded((E0 + 200 * k, N0, 10.0), 0.2 * k))
        for k in range(3)
    ]

    def points(crs):
        found = arrange(models, crs=crs)
        return found.frame, np.concatenate([m.meshes.vertices for m in found.placed])

    home, near = points("EPSG:4549")
    prefixed, same = points("EPSG:4528")
    away, far = points("EPSG:4548")

    assert np.abs((near + home.origin) - (same + prefixed.origin - [40e6, 0, 0])).max() < 1e-6
    exact = transformation(parse("4549"), parse("4548"))(near + home.origin)
    assert np.abs(far + away.origin - exact).max() < 1e-4


def test_every_code_is_catalogued_once_with_both_languages():
    assert len({c.code for c in CODES}) == len(CODES)
    for code in CODES:
        assert code.code.startswith(("GIS4", "GIS5"))
        assert all((code.zh, code.en, code.remedy_zh, code.remedy_en))


@pytest.mark.parametrize(
    ("datum", "vertical", "said"),
    [
        ("EPSG:5737", "EPSG:5737", False),
        ("1985国家高程基准", "EPSG:5737", False),
        ("1956黄海高程系", "EPSG:5736", False),
        ("AHD", "EPSG:5711", False),
        ("吴淞高程", "", True),
        ("", "", False),
    ],
)
def test_height_datum_is_understood_or_said_to_be_unknown(datum, vertical, said):
    found = assess(facts(vertical_datum=datum))

    assert parse(found.crs).vertical == vertical
    assert ("GIS427" in [f.code.code for f in found.findings]) == said


def test_stray_bodies_do_not_spoil_the_place_of_a_model():
    bodies = [box((60, 40, 30), at=(k, 0, 0)) for k in range(100)] + [box(at=(6.7e9, 0, 0))]

    found = arrange([(model_of(bodies), facts(bounds=None))])

    assert found.georeferences[0].verdict == "ok"
    assert found.frame.origin.tolist() == [515000.0, 3350000.0, 0.0]


def test_model_without_any_body_is_arranged_like_the_others():
    found = arrange([(model_of([]), facts(bounds=None)), (model_of([box()], name="b"), facts())])

    assert found.groups == ((0, 1),)
    assert len(found.placed[0]) == 0


def test_levels_stand_side_by_side_with_the_distance_between_them():
    site = SiteFacts(
        latitude=(29, 33, 36, 0),
        longitude=(106, 33, 0, 0),
        latitude_deg=29.56,
        longitude_deg=106.55,
    )
    operation = ConversionFacts(
        kind="helmert",
        source="IfcMapConversion",
        eastings=650218.539,
        northings=3272342.512,
        height=243.0,
        crs=CrsFacts(name="EPSG:4544", map_unit_m=1.0, map_unit_given=True),
    )
    far = (
        (1.0, 0.0, 0.0, 650300.0),
        (0.0, 1.0, 0.0, 3272300.0),
        (0.0, 0.0, 1.0, 0.0),
        (0, 0, 0, 1.0),
    )
    facts = GeoreferenceFacts(
        schema="IFC4",
        conversions=(operation,),
        sites=(site,),
        address=("重庆市渝中区",),
        placement_of_spatial=(
            SpatialPlacement(guid="0", ifc_class="IfcSite", name="site", placement=far),
        ),
        bounds=((0.0, 0.0, 0.0), (10.0, 10.0, 10.0)),
    )

    found = assess(facts)

    shown = [e.code for e in found.evidence]
    assert shown[:4] == ["level-10", "level-20", "level-30", "level-50"]
    apart = {
        (e.data["a"], e.data["b"]): e.data["distance_m"]
        for e in found.evidence
        if e.code == "distance"
    }
    assert apart[(20, 50)] == pytest.approx(0.0, abs=1.0)
    assert apart[(30, 50)] == pytest.approx(math.hypot(650218.539, 3272342.512), abs=1.0)
    assert found.combined_scale_factor == pytest.approx(1 + 278.3e-6 - 248.0 / 6371000, abs=1e-7)
    assert found.convergence_deg == pytest.approx(0.7648, abs=1e-3)


def test_feet_of_no_stated_kind_are_in_doubt_where_the_kinds_are_not_the_same_place():
    given = facts(987654.321, 212345.678, 30.0, unit=FOOT, name="EPSG:2263", vertical_datum="")

    found = assess(given)

    assert found.verdict == "ambiguous:map-unit"
    assert found.repair.eastings == pytest.approx(987654.321 * SURVEY_FOOT)
    assert found.repair_shift == pytest.approx(987654.321 * (SURVEY_FOOT - FOOT), abs=0.05)
    stated = facts(
        987654.321, 212345.678, unit=FOOT, name="EPSG:2263", vertical_datum="",
        map_unit_m=SURVEY_FOOT, map_unit_given=True,
    )  # fmt: skip
    assert assess(stated).verdict == "ok"


def test_degrees_without_a_zone_are_named_as_such():
    found = assess(facts(name="CGCS2000"))

    assert [f.code.code for f in found.findings] == ["GIS508"]


def test_words_on_what_a_city_grid_goes_back_to_do_not_make_it_that_grid():
    found = assess(facts(78211.5, 81223.2, name="杭州城建坐标", description="EPSG:4549"))

    assert (found.verdict, found.grid) == ("needs-user:crs-unresolvable", "杭州城建坐标")


@pytest.mark.parametrize(
    ("given", "cause"),
    [
        (facts(39e6 + E0), "zone-prefix"),
        (facts(120.15, 30.27), "degrees-given"),
        (facts(30.27, 120.15), "degrees-given"),
    ],
)
def test_what_cannot_be_mended_says_what_its_numbers_show(given, cause):
    found = assess(given)

    assert (found.verdict, found.repair) == ("reject:implausible", None)
    assert found.evidence[-1].code == cause
    assert found.evidence[-1].en in found.findings[0].data["cause_en"]


def test_map_coordinates_in_world_system_and_conversion_are_there_twice():
    found = assess(facts(wcs=shift(E0, N0, 0.0)))

    assert found.verdict == "reject:double-georeference"
    assert np.abs(found.repair.apply(BOX) - TRUTH.apply(BOX)).max() < 1e-6


def test_north_that_contradicts_the_rotation_is_a_finding_with_what_it_costs():
    found = assess(facts(true_north=(0.5, math.sqrt(0.75)), xa=None, xo=None))

    (told,) = found.findings
    assert (told.code.code, found.located) == ("GIS509", True)
    assert told.data["difference_deg"] == pytest.approx(-30.0, abs=0.1)
    assert told.data["error_m"] == pytest.approx(1.03, abs=0.01)  # 30 degrees at 2 m


@pytest.mark.parametrize(("height", "codes"), [(8250.0, ["GIS510"]), (3650.0, [])])
def test_heights_where_nobody_builds_are_named(height, codes):
    assert [f.code.code for f in assess(facts(h=height)).findings] == codes


def absolute_at(x, y):
    place = SpatialPlacement(
        guid="1", ifc_class="IfcSite", name="", placement=shift(float(x), float(y), 0.0)
    )
    corner = (x + 12.0, y - 7.0, 3.0)
    return GeoreferenceFacts(
        schema="IFC4",
        bounds=(corner, tuple(np.add(corner, (4.0, 2.0, 1.5)))),
        placement_of_spatial=(place,),
    )


def test_absolute_coordinates_with_zone_number_fit_a_project_without_it():
    found = assess(absolute_at(40e6 + E0, N0), project_crs="EPSG:4549")

    assert (found.located, found.crs) == (True, "EPSG:4528")


def test_absolute_coordinates_with_north_first_are_proposed_the_other_way_round():
    found = assess(absolute_at(N0, E0), project_crs="EPSG:4549")

    assert (found.verdict, found.located) == ("repairable:axis-swapped", False)
    here = found.repair.apply(np.array([[N0 + 12.0, E0 - 7.0, 3.0]]))
    assert here[0] == pytest.approx([E0 + 12.0, N0 - 7.0, 3.0])
    assert found.findings[0].code.code == "GIS511"


def test_absolute_coordinates_outside_the_project_crs_are_not_asked_for_that_crs():
    found = assess(absolute_at(60_000.0, 70_000.0), project_crs="EPSG:4549")

    assert (found.verdict, found.repair) == ("assumed:absolute-coordinates", None)
    assert [f.code.code for f in found.findings] == ["GIS511"]
