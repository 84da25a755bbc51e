"""How models of one project are brought into one frame."""

import math
from dataclasses import replace

import numpy as np
import pytest

from bimcore.ifc.georef import ConversionFacts, CrsFacts, GeoreferenceFacts, SiteFacts
from gis.control import ControlPoint, ControlPoints
from gis.conversion import Conversion, Like
from gis.crs import UnknownCrs, parse
from gis.georeference import Agreed, arrange, assess
from gis.operations import UnsafeTransformation, project, transformation
from tests.builders import box, model_of

E0, N0 = 650218.539, 3272342.512  # Chongqing, EPSG:4544


def helmert(e=E0, n=N0, h=240.0, *, crs="EPSG:4544", unit_m=1.0, map_unit=1.0, scale=None, deg=0.0):
    crs_facts = CrsFacts(
        name=crs,
        vertical_datum="EPSG:5737",
        map_unit_m=map_unit,
        map_unit_given=map_unit is not None,
    )
    turn = math.radians(deg)
    operation = ConversionFacts(
        kind="helmert",
        source="IfcMapConversion",
        eastings=e,
        northings=n,
        height=h,
        xa=math.cos(turn),
        xo=math.sin(turn),
        scale=scale,
        crs=crs_facts,
    )
    return GeoreferenceFacts(schema="IFC4", project_unit_m=unit_m, conversions=(operation,))


def local():
    return GeoreferenceFacts(schema="IFC4")


def house(name, at=(0, 0, 0)):
    return model_of([box((20, 10, 6), at=at)], name=name)


def codes(arrangement):
    return [(f.model, f.code.code) for f in arrangement.findings]


def map_points(arrangement, row):
    return arrangement.frame.to_map(arrangement.placed[row].meshes.vertices)


def test_models_without_georeference_share_their_local_frame_and_clash_together():
    a, b = house("arch"), house("mep", at=(1, 1, 1))

    found = arrange([(a, local()), (b, None)])

    assert not found.frame.located
    assert found.groups == ((0, 1),)
    assert np.array_equal(found.placed[1].meshes.vertices, b.meshes.vertices)
    assert codes(found) == [("arch", "GIS401"), ("mep", "GIS401")]
    assert {f.severity for f in found.findings} == {0}
    assert [e["what"]["en"][:22] for e in found.not_assessed] == ["Checks against the map"]


def test_located_models_meet_in_the_crs_without_zone_prefix():
    plain = (house("a"), helmert())
    prefixed = (house("b"), helmert(35e6 + E0, crs="EPSG:4523"))

    found = arrange([plain, prefixed])

    assert found.frame.crs == "EPSG:4544+5737"
    assert found.frame.origin.tolist() == [650000.0, 3272000.0, 0.0]
    assert found.groups == ((0, 1),)
    assert np.abs(map_points(found, 0) - map_points(found, 1)).max() < 1e-6
    assert map_points(found, 0)[0] == pytest.approx([E0, N0, 240.0], abs=1e-9)


def test_same_conversion_in_millimetres_and_metres_coincides_exactly():
    metre = (house("a"), helmert(deg=17.5))
    milli = (
        house("b"),
        helmert(E0 * 1000, N0 * 1000, 240e3, unit_m=0.001, map_unit=0.001, deg=17.5),
    )
    mixed = (house("c"), helmert(unit_m=0.001, scale=0.001, deg=17.5))

    found = arrange([metre, milli, mixed])

    first = found.placed[0].meshes.vertices
    assert np.array_equal(first, found.placed[1].meshes.vertices)
    assert np.array_equal(first, found.placed[2].meshes.vertices)


def test_models_in_neighbouring_zones_meet_at_the_chongqing_seam():
    west = helmert()
    here = np.array([[E0, N0, 0.0], [E0 + 20, N0, 0.0]])
    there = transformation(parse("4544"), parse("4545"))(here)
    deg = math.degrees(math.atan2(*(there[1] - there[0])[1::-1]))
    east = helmert(there[0, 0], there[0, 1], crs="EPSG:4545", deg=deg)

    found = arrange([(house("a"), west), (house("b"), east), (house("c"), west)])

    # Grid lengths differ by the 35 ppm between the two zones: 0.7 mm over 20 m.
    assert np.abs(map_points(found, 0) - map_points(found, 1)).max() < 1e-3
    assert found.groups == ((0, 1, 2),)


def test_large_model_from_another_zone_is_transformed_vertex_by_vertex():
    far = model_of([box((1, 1, 1)), box((1, 1, 1), at=(3000, 3000, 0))], name="road")

    found = arrange([(house("a"), helmert()), (far, helmert(359474.087, 3272217.299, crs="EPSG:4545"))],
                    crs="EPSG:4544")  # fmt: skip

    exact = transformation(parse("4545"), parse("4544"))(
        far.meshes.vertices + [359474.087, 3272217.299, 240.0]
    )
    assert np.abs(map_points(found, 1) - exact).max() < 1e-6


def test_unlocated_sibling_is_not_clashed_with_located_ones_but_a_fix_is_proposed():
    found = arrange([(house("arch"), helmert()), (house("mep"), local()), (house("fire"), local())])

    assert found.groups == ((0,), (1, 2))
    assert ("mep", "GIS416") in codes(found)
    assert next(f for f in found.findings if f.code.code == "GIS416").data["like"] == "arch"
    assert [e["why"]["en"] for e in found.not_assessed] == [
        "the model has no usable georeference",
        "the model has no usable georeference",
        "they do not share a frame; their relative position is not known",
    ]


def test_unlocated_sibling_is_placed_like_another_when_the_user_says_so():
    found = arrange(
        [(house("arch"), helmert(deg=30)), (house("mep"), local())],
        supplied={"mep": Like(model="arch")},
    )

    assert found.groups == ((0, 1),)
    assert np.array_equal(found.placed[0].meshes.vertices, found.placed[1].meshes.vertices)
    assert found.georeferences[1].verdict == "supplied"
    assert "GIS416" not in [c for _, c in codes(found)]


@pytest.mark.parametrize("like", ["nobody", "mep", "fire"])
def test_like_without_a_usable_model_is_said(like):
    found = arrange(
        [(house("mep"), local()), (house("fire"), local())],
        supplied={"mep": Like(model=like), "fire": Like(model="mep")},
    )

    assert ("mep", "GIS421") in codes(found)
    assert found.groups == ((0, 1),)


def test_broken_georeference_is_held_back_until_the_repair_is_confirmed():
    broken = helmert(unit_m=0.001)  # Scale missing
    models = [(house("a"), helmert()), (house("b"), broken)]

    held = arrange(models)
    placed = arrange(models, confirmed_repairs=["b"])
    other = arrange(models, confirmed_repairs=["b=repairable:axis-swapped"])

    assert held.placed[1] is None
    assert held.groups == ((0,),)
    assert held.georeferences[1].verdict == "repairable:scale-missing"
    assert ("b", "GIS405") in codes(held)
    assert other.placed[1] is None
    assert placed.groups == ((0, 1),)
    assert np.array_equal(placed.placed[1].meshes.vertices, placed.placed[0].meshes.vertices)
    assert ("b", "GIS414") in codes(placed)


def test_equally_broken_models_still_clash_with_each_other_where_nothing_is_located():
    broken = helmert(unit_m=0.001)

    found = arrange([(house("a"), broken), (house("b"), broken), (house("c"), local())])

    assert found.groups == ((2,), (0, 1))


def test_models_of_an_unknown_city_grid_meet_in_that_grid():
    one = helmert(crs="重庆独立坐标系", map_unit=None)
    two = helmert(E0 + 5.0, crs="重庆独立坐标系", map_unit=None)

    found = arrange([(house("a"), one), (house("b"), two)])

    assert found.groups == ((0, 1),)
    shift = found.placed[1].meshes.vertices - found.placed[0].meshes.vertices
    assert np.allclose(shift, [5.0, 0.0, 0.0], atol=1e-9)
    assert np.abs(found.placed[0].meshes.vertices[:, :2]).max() < 1000
    assert not found.frame.located


def test_supplied_conversion_places_any_model_and_wins_over_the_file():
    given = Conversion(crs="EPSG:4544", eastings=E0 + 1, northings=N0, height=200.0)

    found = arrange([(house("a"), helmert(N0, E0))], supplied={"a": given})

    assert found.georeferences[0].verdict == "supplied"
    assert map_points(found, 0)[0] == pytest.approx([E0 + 1, N0, 200.0])
    assert codes(found) == []


def test_absolute_coordinates_are_read_in_the_declared_crs():
    absolute = house("site", at=(E0, N0, 240.0))

    unknown = arrange([(absolute, local())])
    declared = arrange([(absolute, local())], crs="EPSG:4523")
    beside = arrange([(house("a"), helmert()), (absolute, local())])

    assert unknown.georeferences[0].verdict == "assumed:absolute-coordinates"
    assert not unknown.frame.located
    assert np.abs(unknown.placed[0].meshes.vertices[:, :2]).max() < 1000
    assert declared.placed[0].frame.crs == "EPSG:4523"
    assert map_points(declared, 0)[0] == pytest.approx([35e6 + E0, N0, 240.0], abs=1e-5)
    assert beside.groups == ((0, 1),)
    assert map_points(beside, 1)[0] == pytest.approx([E0, N0, 240.0])
    assert ("site", "GIS423") in codes(beside)


def test_model_far_from_the_others_is_named_with_the_likely_cause():
    found = arrange(
        [(house("a"), helmert()), (house("b"), helmert()), (house("c"), helmert(E0 + 30e3))]
    )

    told = [f for f in found.findings if f.code.code == "GIS415"]
    assert [f.model for f in told] == ["c"]
    assert told[0].data["distance_km"] == pytest.approx(29.98)


def test_datums_are_never_mixed_without_known_parameters():
    xian = helmert(514433.0, 3350053.0, crs="EPSG:2385")
    ours = helmert(514433.0, 3350053.0, crs="EPSG:4549")

    found = arrange([(house("a"), ours), (house("b"), xian)])

    assert found.placed[1] is None
    assert ("b", "GIS413") in codes(found)


def test_other_height_datum_is_held_back():
    old = helmert()
    crs = replace(old.conversions[0].crs, vertical_datum="1956黄海高程系")
    old = replace(old, conversions=(replace(old.conversions[0], crs=crs),))

    found = arrange([(house("a"), helmert()), (house("b"), helmert()), (house("c"), old)],
                    crs="EPSG:4544+5737")  # fmt: skip

    assert [m is None for m in found.placed] == [False, False, True]


def test_geographic_origin_is_held_back_with_a_topocentric_proposal():
    operation = ConversionFacts(
        kind="rigid",
        source="IfcRigidOperation",
        eastings=120.15,
        northings=30.27,
        height=8.25,
        angular=True,
        crs=CrsFacts(kind="geographic", name="EPSG:4490"),
    )
    facts = GeoreferenceFacts(schema="IFC4X3", conversions=(operation,))

    held = assess(facts)
    placed = arrange([(house("a"), facts)], confirmed_repairs=["a"])

    assert held.verdict == "needs-topocentric"
    assert held.repair.crs == "EPSG:4549"
    assert map_points(placed, 0)[0] == pytest.approx([514433.611, 3350053.697, 8.25], abs=1e-3)
    # East of the central meridian true east is turned 0.0756 degrees towards grid north.
    corner = map_points(placed, 0)[1] - map_points(placed, 0)[0]
    assert corner == pytest.approx([20.0, 0.0264, 0.0], abs=1e-4)


def test_every_level_is_reported_with_the_distance_between_latitude_and_conversion():
    facts = replace(
        helmert(),
        address=("重庆市渝中区",),
        sites=(
            SiteFacts(
                latitude=(29, 33, 36, 0),
                longitude=(106, 33, 0, 0),
                latitude_deg=29.56,
                longitude_deg=106.55,
            ),
        ),
    )

    found = assess(facts)

    shown = {e.code: e.data for e in found.evidence}
    assert {"level-10", "level-20", "level-50", "distance", "factors"} <= set(shown)
    assert shown["distance"]["distance_m"] < 0.01
    assert found.level == 50
    assert found.combined_scale_factor == pytest.approx(1.000278 * (1 - 240 / 6371000), abs=2e-6)
    assert found.convergence_deg == pytest.approx(0.764812, abs=1e-5)


def test_wrong_project_crs_is_an_error_of_the_request():
    with pytest.raises(UnknownCrs):
        arrange([(house("a"), local())], crs="重庆独立坐标系")
    with pytest.raises(UnknownCrs):
        arrange([(house("a"), local())], crs="EPSG:4490")


def surveyed(*, rise=240.0, blunder=0.0, corners=((0, 0), (40, 0), (40, 30), (0, 30))):
    """Control points of a house turned by 12 degrees at (E0, N0), one off by `blunder`."""
    turn = math.radians(12.0)
    made = []
    for k, (x, y) in enumerate(corners):
        e = E0 + math.cos(turn) * x - math.sin(turn) * y
        n = N0 + math.sin(turn) * x + math.cos(turn) * y + (blunder if k == 2 else 0.0)
        made.append(
            ControlPoint(
                number=f"K{k + 1}",
                local=(float(x), float(y)),
                target=(e, n),
                local_height=0.0,
                height=rise,
            )
        )
    return ControlPoints(crs="EPSG:4544", points=tuple(made))


def test_control_points_place_a_model_beside_located_ones():
    located = (house("a"), helmert(deg=12.0))

    found = arrange([located, (house("b"), local())], supplied={"b": surveyed()})

    assert found.groups == ((0, 1),)
    assert np.abs(map_points(found, 0) - map_points(found, 1)).max() < 1e-6
    assert codes(found) == [("b", "GIS429")]
    written = found.georeferences[1].to_json()
    assert written["verdict"] == "supplied"
    assert written["control"]["residuals_mm"] == {"K1": 0.0, "K2": 0.0, "K3": 0.0, "K4": 0.0}
    assert "control" not in found.georeferences[0].to_json()


def test_control_points_that_do_not_fit_hold_the_model_back_whatever_its_file_says():
    models = [(house("a"), helmert(deg=12.0)), (house("b"), helmert())]

    found = arrange(models, supplied={"b": surveyed(blunder=0.2)})

    assert found.placed[1] is None
    assert found.georeferences[1].verdict == "reject:control-points"
    assert codes(found) == [("b", "GIS458")]
    assert "without K3, which is off by 200 mm" in found.findings[0].message("en")


def test_few_points_and_a_model_far_from_them_are_said():
    two = replace(surveyed(), points=surveyed().points[:2])
    flat = replace(two, points=tuple(replace(p, height=None) for p in two.points))

    found = arrange([(house("a", at=(300, 0, 0)), local())], supplied={"a": flat})

    assert codes(found) == [("a", "GIS429"), ("a", "GIS501"), ("a", "GIS502"), ("a", "GIS459")]
    assert found.findings[3].data["distance_m"] == pytest.approx(280.2, abs=0.1)


def test_a_grid_that_the_project_names_is_no_unknown_grid():
    city = helmert(50100.0, 70200.0, crs="山城坐标系")
    grids = {"山城坐标系": "tmerc:lon_0=106.5,x_0=50000,y_0=-3200000"}

    alone = arrange([(house("a"), city)])
    found = arrange(
        [(house("a"), city), (house("b"), helmert())],
        crs="EPSG:4544",
        agreed=Agreed(grids=grids),
    )

    assert [alone.frame.located, alone.georeferences[0].verdict] == [
        False,
        "needs-user:crs-unresolvable",
    ]
    assert found.groups == ((0, 1),)
    assert found.georeferences[0].verdict == "ok"
    exact = transformation(parse(grids["山城坐标系"]), parse("4544"))
    assert (
        np.abs(
            map_points(found, 0) - exact(house("a").meshes.vertices + [50100.0, 70200.0, 240.0])
        ).max()
        < 5e-4
    )


def heights_of(name):
    facts = helmert()
    (operation,) = facts.conversions
    crs = replace(operation.crs, vertical_datum=name)
    return replace(facts, conversions=(replace(operation, crs=crs),))


def test_models_in_other_heights_than_the_project_are_held_back():
    models = [
        (house("a"), heights_of("1985国家高程基准")),
        (house("b"), heights_of("EPSG:5737")),
        (house("c"), heights_of("吴淞高程")),
        (house("d"), heights_of("")),
    ]

    found = arrange(models)
    stated = arrange(models, agreed=Agreed(datum="吴淞"))

    assert (found.datum, found.frame.crs) == ("EPSG:5737", "EPSG:4544+5737")
    assert [m is not None for m in found.placed] == [True, True, False, True]
    assert ("c", "GIS413") in codes(found)
    assert "从 吴淞高程 到 1985 国家高程基准" in found.findings[0].message("zh-CN")
    assert (stated.datum, stated.frame.crs) == ("wusong", "EPSG:4544")
    assert [m is not None for m in stated.placed] == [False, False, True, True]


def test_a_placement_in_degrees_is_refused():
    given = {"a": Conversion(crs="EPSG:4490", eastings=106.5, northings=29.5)}

    with pytest.raises(UnknownCrs, match="in degrees"):
        arrange([(house("a"), local())], supplied=given)


@pytest.mark.parametrize(
    ("e", "h", "deg", "told"),
    [
        (E0 + 1.0, 240.0, 0.0, {"east_m": 1.0, "up_m": 0.0, "turn_deg": 0.0}),
        (E0, 241.0, 0.0, {"east_m": 0.0, "up_m": 1.0, "turn_deg": 0.0}),
        (E0, 240.0, 0.5, {"up_m": 0.0, "turn_deg": 0.5}),
        (E0 + 0.005, 240.0, 0.0, None),
        (E0 + 30.0, 240.0, 0.0, None),  # another house beside it, with an origin of its own
    ],
)
def test_model_of_the_same_origin_with_another_conversion_is_named(e, h, deg, told):
    models = [house("建筑"), house("结构"), house("机电")]
    facts = [helmert(), helmert(), helmert(e, h=h, deg=deg)]

    found = arrange(list(zip(models, facts, strict=True))).findings

    apart = [f for f in found if f.code.code == "GIS512"]
    assert [f.model for f in apart] == ([] if told is None else ["机电"])
    for key, value in (told or {}).items():
        assert apart[0].data[key] == pytest.approx(value, abs=1e-6)


def test_models_with_origins_of_their_own_that_meet_on_the_map_are_right():
    models = [house("建筑"), house("结构", at=(3, 0, 0))]

    found = arrange([(models[0], helmert()), (models[1], helmert(E0 - 3.0))]).findings

    assert "GIS512" not in [f.code.code for f in found]


def test_models_of_systems_without_a_way_between_them_are_compared_in_that_of_the_project():
    def facts(crs):
        e, n = project(parse(crs), np.array([[6.1, 46.2]]))[0].tolist()
        given = helmert(e, n, 400.0, crs=crs)
        operation = given.conversions[0]
        heightless = replace(operation.crs, vertical_datum="")
        return replace(given, conversions=(replace(operation, crs=heightless),))

    with pytest.raises(UnsafeTransformation):
        transformation(parse("EPSG:2154"), parse("EPSG:2056"))

    models = [(house("a"), facts("EPSG:2056")), (house("b"), facts("EPSG:2154"))]
    made = arrange(models, crs="EPSG:32631")

    assert [m is not None for m in made.placed] == [True, True]
