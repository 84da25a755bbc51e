"""R18: digging beside live lines and below footings."""

import numpy as np
import pytest

from clash.rehearsal import r18_dig as r18
from clash.rehearsal.base import Polygon, SiteFacts
from tests.rehearsing import at, evening, part, stage, told, work


def raft():
    return [part("IfcFooting", (0, 0, -3), (20, 10, -2.5), name="raft")]


def line(y, *, z=-1.5, **facts):
    """A water main of no width along y, live for ever."""
    return {
        "layer": "给水", "number": "JS-001", "name": "给水", "kind": "water",
        "points": np.array([[-5.0, y, z], [25.0, y, z]]), "half_width_m": 0.0,
        "half_height_m": 0.0, "uncertainty_m": 0.0, "depth_known": bool(np.isfinite(z)),
        "live_until": "", **facts,
    }  # fmt: skip


def site(*lines, **columns):
    return SiteFacts(utilities=np.zeros(0, np.int32), buried=tuple(lines), located=True, **columns)


def look(day, facts, *, works=(), links=None, **given):
    tasks = [
        work("土方开挖", day, day),
        work("筏板基础", "06-25", "06-28", on=["raft"]),
        *works,
    ]
    links = [("土方开挖", "筏板基础")] if links is None else links
    made = stage(raft(), tasks, links, site=facts, rules=[r18], given=given)
    return made, r18.find(made)


def diverted():
    return work("JS-001 给水管迁改", "06-01", "06-09")


def test_dig_on_day_nine_beside_a_line_diverted_on_day_ten_is_one():
    made, found = look("06-09", site(line(10.4, live_until="2026-06-10")))

    assert told(made, found) == [("R18", ("土方开挖",), ("raft",))]
    risk = found.risks[0]
    assert risk.window == (at("06-09"), evening("06-09"))
    assert (risk.magnitude, risk.certain) == (pytest.approx(0.2), True)
    assert risk.data["distance_m"] == 0.4
    assert "距离 0.40 米" in risk.titles["zh-CN"]


def test_dig_on_day_ten_is_none():
    assert look("06-10", site(line(10.4, live_until="2026-06-10")))[1].risks == ()


@pytest.mark.parametrize(("day", "count"), [("06-09", 1), ("06-10", 0)])
def test_diverting_task_ends_the_life_of_its_line(day, count):
    _, found = look(day, site(line(10.4)), works=[diverted()])

    assert len(found.risks) == count
    assert all(r.tasks == (0, 2) for r in found.risks)


def test_task_that_diverts_another_line_does_not_count():
    works = [work("JS-002 给水管迁改", "06-01", "06-03")]

    assert len(look("06-09", site(line(10.4)), works=works)[1].risks) == 1


@pytest.mark.parametrize(("y", "count"), [(10.49, 1), (10.51, 0), (5.0, 1)])
def test_clearance_is_half_a_metre(y, count):
    assert len(look("06-09", site(line(y)))[1].risks) == count


def test_line_that_crosses_is_the_worst():
    assert look("06-09", site(line(5.0)))[1].risks[0].severity == 100


def test_survey_that_is_less_sure_asks_for_more_room_and_is_possible():
    _, found = look("06-09", site(line(10.6, uncertainty_m=0.3)))

    assert [r.certain for r in found.risks] == [False]


def test_deep_line_is_none_but_one_of_unknown_depth_is_possible():
    assert look("06-09", site(line(5.0, z=-6.0)))[1].risks == ()

    _, found = look("06-09", site(line(5.0, z=np.nan)))

    assert [(r.certain, r.data["depth_known"]) for r in found.risks] == [(False, False)]


def test_owner_asks_for_more_room_for_water():
    assert len(look("06-09", site(line(10.8)), **{"R18.water_m": 1.0})[1].risks) == 1


def house(gap, footing):
    ring = np.array([(0, 10 + gap), (20, 10 + gap), (20, 30), (0, 30)], dtype=float)
    facts = {"footing_m": footing, "base_m": 0.0, "height_m": 9.0}
    return Polygon(rings=(ring,), layer="邻居", name="B2", facts=facts)


@pytest.mark.parametrize(("gap", "count"), [(1.4, 1), (1.6, 0)])
def test_plane_from_a_footing_falls_at_45_degrees(gap, count):
    _, found = look("06-09", site(neighbours=(house(gap, -1.5),)))

    assert len(found.risks) == count
    assert all(r.certain and r.data["below_footing_m"] == 1.5 for r in found.risks)


def test_footing_behind_retaining_works_is_none():
    works = [work("基坑支护", "05-01", "05-20")]

    assert look("06-09", site(neighbours=(house(0.5, -1.5),)), works=works)[1].risks == ()


def test_piles_are_bored_where_they_stand():
    things = [*raft(), part("IfcPile", (30, 0, -9), (31, 1, 0), name="pile")]
    tasks = [work("灌注桩", "06-09", "06-12", on=["pile"])]
    near = line(0.5) | {"points": np.array([[31.3, -9, -2], [31.3, 9, -2]], dtype=float)}
    made = stage(things, tasks, site=site(near), rules=[r18])

    assert told(made, r18.find(made)) == [("R18", ("灌注桩",), ("pile",))]


def test_without_a_map_nothing_is_said():
    assert look("06-09", None)[1].risks == ()


def test_map_that_models_do_not_stand_on_is_not_assessed():
    facts = SiteFacts(utilities=np.zeros(0, np.int32), buried=(line(5.0),), located=False)

    assert len(look("06-09", facts)[1].not_assessed) == 1
