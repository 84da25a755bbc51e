"""Placement through control points: exact where they agree, refused with the culprit named."""

import json
import math
from dataclasses import replace

import numpy as np
import pytest

from gis.control import BadControl, ControlPoint, ControlPoints, adjust, fit
from tests.known_answers import KNOWN, control_of, needs_answers

#: Local grid of a site in Chongqing: factor, turn and shift as between ground and map.
SCALE, TURN, SHIFT, RISE = 0.999742, math.radians(-0.7583), (359000.5, 3278000.25), -1.82
CORNERS = ((0.0, 0.0), (220.0, 5.0), (230.0, 180.0), (-4.0, 170.0), (110.0, 80.0))


def points(corners=CORNERS, *, crs="EPSG:4545", limit=0.02, noise=0.0):
    """Control points at `corners` that agree but for some millimetres of noise."""
    rng = np.random.default_rng(7)
    made = []
    for k, (x, y) in enumerate(corners):
        e = SHIFT[0] + SCALE * (math.cos(TURN) * x - math.sin(TURN) * y)
        n = SHIFT[1] + SCALE * (math.sin(TURN) * x + math.cos(TURN) * y)
        de, dn, dh = rng.normal(0.0, noise, 3)
        made.append(
            ControlPoint(
                number=f"K{k + 1}",
                local=(x, y),
                target=(e + de, n + dn),
                local_height=0.1 * k,
                height=0.1 * k + RISE + dh,
            )
        )
    return ControlPoints(crs=crs, points=tuple(made), limit=limit)


def moved(control, number, *, east=0.0, north=0.0, up=0.0):
    """The same points with a blunder in one of them."""
    changed = [
        replace(p, target=(p.target[0] + east, p.target[1] + north), height=(p.height or 0.0) + up)
        if p.number == number
        else p
        for p in control.points
    ]
    return replace(control, points=tuple(changed))


def refusal(control):
    with pytest.raises(BadControl) as refused:
        fit(control)
    assert refused.value.code == "GIS458"
    return str(refused.value), refused.value.zh


@needs_answers
class TestKnownAnswers:
    """The published set with and without a blunder."""

    @pytest.fixture
    def known(self):
        return json.loads(KNOWN.read_text())["helmert_2d"]

    @pytest.fixture
    def control(self, known):
        return control_of(known)

    def test_the_truth_comes_back(self, known, control):
        truth = known["truth"]

        found = fit(control)

        placed = found.conversion
        assert placed.eastings == pytest.approx(truth["dx"], abs=5e-4)
        assert placed.northings == pytest.approx(truth["dy"], abs=5e-4)
        assert placed.height == pytest.approx(truth["dh"], abs=1e-9)
        assert math.degrees(placed.rotation) == pytest.approx(truth["theta_deg"], abs=1e-5)
        assert placed.scale == pytest.approx((truth["k"], truth["k"], 1.0), abs=2e-7)
        assert max(found.residuals) < known["expect_max_residual_m"]

    def test_the_blunder_is_named_and_its_residuals_are_those_of_the_set(self, known, control):
        wrong = moved(control, "C3", north=0.25)

        en, zh = refusal(wrong)

        shown = ", ".join(
            f"C{k + 1} {r:.1f}" for k, r in enumerate(known["blunder_case"]["residuals_mm"])
        )
        assert en == (
            f"the largest residual is 135.4 mm, 20 mm are accepted ({shown}); "
            "without C3, which is off by 250 mm, the others fit"
        )
        assert zh.endswith("去掉 C3（偏差 250 毫米）后其余各点符合")


def test_two_points_solve_and_three_show_residuals():
    two, three = fit(points(CORNERS[:2])), fit(points(CORNERS[:3], noise=0.004))

    assert max(two.residuals) < 1e-6
    assert 0.0 < max(three.residuals) < 0.02
    assert two.conversion.rotation == pytest.approx(TURN, abs=1e-9)
    assert two.conversion.height == pytest.approx(RISE)
    assert two.heights == 2


def test_what_is_written_holds_residuals_by_number_and_no_coordinates():
    control = points(noise=0.003)

    found = fit(control)

    shown = found.to_json()
    assert set(shown["residuals_mm"]) == {"K1", "K2", "K3", "K4", "K5"}
    assert shown["points"] == shown["points_with_height"] == 5
    assert shown["max_residual_mm"] == pytest.approx(1000 * found.worst, abs=0.05)
    for text in (json.dumps(shown), repr(control), repr(control.points), repr(found)):
        assert "3278" not in text.replace(repr(found.conversion), "")
        assert "230.0" not in text


def test_a_blunder_among_three_cannot_be_named_and_that_is_said():
    en, zh = refusal(moved(points(CORNERS[:3]), "K2", east=0.3))

    assert en.endswith("which one is wrong needs 4 points")
    assert zh.endswith("判断哪个点有误需要 4 个点")


def test_two_blunders_are_not_pinned_on_one_point():
    wrong = moved(moved(points(), "K2", east=0.3), "K4", north=0.4)

    assert refusal(wrong)[0].endswith("no single point explains it")


def test_a_small_blunder_within_the_limit_is_accepted_and_named():
    found = fit(moved(points(), "K5", east=0.024))

    assert found.worst <= 0.02
    assert (found.suspect, round(found.suspect_by, 3)) == ("K5", 0.024)
    assert found.to_json()["suspect"] == "K5"
    assert fit(points(noise=0.003)).suspect == ""


def test_the_limit_is_what_the_project_says():
    wrong = moved(points(), "K5", east=0.05)

    assert fit(replace(wrong, limit=0.05)).worst > 0.02
    assert "20 mm are accepted" in refusal(wrong)[0]


def test_a_wrong_height_is_refused_apart_from_plan_and_named():
    en, zh = refusal(moved(points(), "K4", up=0.15))

    assert en == (
        "height shifts differ by 150 mm; without K4, which is off by 150 mm, the others fit"
    )
    assert zh == "各点高差改正相差 150 毫米；去掉 K4（偏差 150 毫米）后其余各点符合"


def test_points_without_heights_leave_heights_alone():
    control = points()
    flat = replace(control, points=tuple(replace(p, height=None) for p in control.points))
    half = replace(control, points=(*flat.points[:3], *control.points[3:]))

    assert (fit(flat).conversion.height, fit(flat).heights) == (0.0, 0)
    assert (fit(half).conversion.height, fit(half).heights) == (pytest.approx(RISE), 2)


@pytest.mark.parametrize(("factor", "unit"), [(1000.0, "mm"), (1 / 0.3048, "ft"), (0.001, "km")])
def test_a_wrong_unit_of_the_model_points_is_named(factor, unit):
    control = points()
    scaled = tuple(
        replace(p, local=(factor * p.local[0], factor * p.local[1])) for p in control.points
    )

    assert f"seem to be in {unit}" in refusal(replace(control, points=scaled))[0]


def test_exchanged_axes_are_named_on_either_side():
    control = points()
    north_first = tuple(replace(p, target=p.target[::-1]) for p in control.points)
    mirrored = tuple(replace(p, local=p.local[::-1]) for p in control.points)

    assert "X is north" in refusal(replace(control, points=north_first))[0]
    assert "exchanging x and y" in refusal(replace(control, points=mirrored))[0]


def test_a_zone_number_that_the_crs_does_not_have_is_named():
    control = points()
    prefixed = tuple(replace(p, target=(p.target[0] + 36e6, p.target[1])) for p in control.points)

    assert "zone number 36" in refusal(replace(control, points=prefixed))[0]
    assert fit(ControlPoints(crs="EPSG:4524", points=prefixed)).worst < 1e-6


def test_what_cannot_be_solved_is_refused():
    control = points()
    one = replace(control, points=control.points[:1])
    twice = replace(control, points=(control.points[0], control.points[0]))
    together = replace(
        control,
        points=tuple(
            replace(p, local=(0.1 * k, 0.0), target=(SHIFT[0] + 0.1 * k, SHIFT[1]))
            for k, p in enumerate(control.points)
        ),
    )
    broken = replace(
        control, points=(replace(control.points[0], height=math.nan), *control.points[1:])
    )

    assert refusal(one)[0].startswith("1 control point is given")
    assert refusal(twice)[0] == "a point number occurs twice"
    assert refusal(together)[0] == "the points lie together"
    assert refusal(broken)[0] == "a coordinate is no number"
    assert refusal(replace(control, limit=2.0))[0].startswith("the residual limit")


def test_a_model_outside_the_hull_is_seen():
    found = adjust(points())
    inside = np.array([[10.0, 10.0], [200.0, 150.0]])
    just_out, far = inside + [10.0, 0.0], inside + [500.0, 0.0]

    assert found.outside(inside) == found.outside(just_out) == 0.0
    assert found.outside(far) == pytest.approx(471.0, abs=2.0)


def test_large_local_coordinates_cost_no_digits():
    control = points()
    shifted = tuple(
        replace(p, local=(p.local[0] + 67000.0, p.local[1] + 4053000.0)) for p in control.points
    )

    found = fit(replace(control, points=shifted))

    assert found.worst < 1e-6
    assert found.conversion.scale[0] == pytest.approx(SCALE, abs=1e-10)
