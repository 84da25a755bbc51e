"""R20: water and season."""

import numpy as np
import pytest

from bimcore.relations import RelationKind
from clash.rehearsal import r20_water as r20
from clash.rehearsal.base import Polygon, SiteFacts
from clash.rehearsal.seasons import months_of
from tests.rehearsing import evening, part, stage, told, work


def river(level=7.4, season="Oct-Mar", **facts):
    ring = np.array([(-9, -9), (40, -9), (40, 40), (-9, 40)], dtype=float)
    area = Polygon(
        rings=(ring,), layer="洪水", name="河", facts={"level_m": level, "season": season, **facts}
    )
    return SiteFacts(utilities=np.zeros(0, np.int32), flood=(area,), located=True)


def look(first, last, site, *works, **given):
    things = [part("IfcFooting", (0, 0, 7.0), (20, 10, 7.5), name="raft")]
    tasks = [
        work("基坑开挖", first, last),
        work("筏板", "2027-04-01", "2027-04-03", on=["raft"]),
        *works,
    ]
    made = stage(things, tasks, [("基坑开挖", "筏板")], site=site, rules=[r20], given=given)
    return made, r20.find(made)


def test_pit_below_the_water_from_the_first_of_october():
    made, found = look("09-15", "10-15", river())

    assert told(made, found) == [("R20", ("基坑开挖",), ("raft",))]
    risk = found.risks[0]
    assert risk.window == (np.datetime64("2026-10-01T00:00"), evening("10-15"))
    assert (risk.data["depth_m"], risk.data["last_day"]) == (0.4, "2026-10-15")
    assert risk.magnitude == pytest.approx(0.4)


def test_pit_that_is_closed_in_september_or_dug_higher_is_none():
    assert look("09-01", "09-30", river())[1].risks == ()
    assert look("09-15", "10-15", river(level=6.9))[1].risks == ()


def test_pumps_keep_it_dry():
    pumps = work("基坑降水", "09-01", "10-20")
    late = work("基坑降水", "10-08", "10-20")

    assert look("09-15", "10-15", river(), pumps)[1].risks == ()
    assert look("09-15", "10-15", river(), late)[1].risks[0].data["last_day"] == "2026-10-08"


def test_rare_water_counts_less():
    (risk,) = look("09-15", "10-15", river(return_years=100.0))[1].risks

    assert risk.magnitude == pytest.approx(0.4 * 0.2)


def test_months_of_the_project_hold_where_the_layer_is_silent():
    assert look("10-01", "10-15", river(season=""))[1].risks == ()
    assert (
        len(look("10-01", "10-15", river(season=""), **{"R20.flood_months": "10-11"})[1].risks) == 1
    )


@pytest.mark.parametrize(
    ("text", "months"),
    [
        ("Oct-Mar", {10, 11, 12, 1, 2, 3}),
        ("10-3", {10, 11, 12, 1, 2, 3}),
        ("5月至9月", {5, 6, 7, 8, 9}),
        ("6,7,8", {6, 7, 8}),
        ("May to September", {5, 6, 7, 8, 9}),
        ("10-01~03-31", {10, 11, 12, 1, 2, 3}),
        ("", set()),
        ("汛期", set()),
    ],
)
def test_months_are_read_from_words(text, months):
    assert months_of(text) == frozenset(months)


def masonry(roof, **given):
    things = [
        part("IfcSlab", (0, 0, -0.2), (9, 9, 0), name="floor"),
        part("IfcWall", (1, 1, 0), (8, 1.2, 3), name="wall"),
        part("IfcSlab", (0, 0, 3), (9, 9, 3.2), name="roof"),
    ]
    works = [
        work("砌体隔墙", "12-20", "2027-01-10", on=["wall"]),
        work("屋面板", roof, roof, on=["roof"]),
    ]
    return r20.find(stage(things, works, rules=[r20], given=given)).risks


def test_masonry_in_frost_without_a_roof():
    (risk,) = masonry("2027-02-01", **{"R20.frost_months": "1-2"})

    assert risk.window == (np.datetime64("2027-01-01T00:00"), evening("2027-01-10"))
    assert not risk.certain


def test_masonry_below_a_roof_or_where_nobody_names_frost_is_none():
    assert masonry("12-01", **{"R20.frost_months": "1-2"}) == ()
    assert masonry("2027-02-01") == ()


def basement(*, east="05-20", name="变压器安装", on=("unit",), door=()):
    """A transformer in a basement of four walls; the eastern one is done on some day."""
    walls = {
        "south": ((0, 0, 4), (10, 0.3, 8)),
        "north": ((0, 7.7, 4), (10, 8, 8)),
        "west": ((0, 0, 4), (0.3, 8, 8)),
        "east": ((9.7, 0, 4), (10, 8, 8)),
    }
    things = [
        part("IfcSlab", (0, 0, 3.6), (10, 8, 4), name="raft", storey="B1"),
        part("IfcSlab", (0, 0, 8), (10, 8, 8.2), name="cover", storey="1F"),
        *(part("IfcWall", *ends, name=side, storey="B1") for side, ends in walls.items()),
        part("IfcTransformer", (4, 3, 4.1), (6, 5, 6), name="unit", storey="B1"),
        part("IfcWall", (2, 1, 4), (2.2, 7, 7), name="bricks", storey="B1"),
        *door,
    ]
    works = [
        work("筏板", "04-01", "04-10", on=["raft"]),
        work("墙", "05-01", "05-10", trade="structure", on=["south", "north", "west"]),
        work("东墙", "05-11", east, trade="structure", on=["east"]),
        work(name, "10-05", "10-10", on=on),
    ]
    relations = [(RelationKind.FILLS, d.name, "east") for d in door]
    made = stage(things, works, relations=relations, site=river(), rules=[r20])
    return told(made, r20.find(made))


def test_plant_in_a_basement_whose_walls_stand_is_none():
    assert basement() == []
    assert basement(east="11-20") == [("R20", ("变压器安装",), ("unit",))]


def test_a_wall_with_a_door_keeps_no_water_out():
    door = part("IfcDoor", (9.7, 3, 4), (10, 4, 7.9), name="door", storey="B1")

    assert basement(door=[door]) == [("R20", ("变压器安装",), ("unit",))]


def test_masonry_of_a_switch_room_is_no_plant():
    assert basement(east="11-20", name="配电室砌体", on=["bricks"]) == []
