"""Places of elements: levels over all models, storeys by height, rooms and buildings apart."""

import numpy as np

from bimcore.model import Scene
from clash.rehearsal.places import blocks_of, places_of
from clash.rehearsal.standing import ground_of
from tests.builders import box
from tests.building import Thing, model

FLOORS = {"1F": 0.0, "2F": 3.6}


def part(is_a, low, high, *, name="", storey=""):
    size = tuple(h - v for v, h in zip(low, high, strict=True))
    return Thing(is_a=is_a, body=box(size, at=low), name=name, storey=storey)


def test_the_storey_tells_the_level_in_every_model():
    plans = model(
        [
            part("IfcWall", (0, 0, 0), (5, 0.2, 3), storey="1F"),
            part("IfcWall", (0, 0, 3.6), (5, 0.2, 6.6), storey="2F"),
        ],
        elevations=FLOORS,
    )
    pipes = model(
        [part("IfcPipeSegment", (0, 1, 6), (5, 1.1, 6.1), storey="Level 2")],
        name="pipes",
        elevations={"Level 2": 3.62},
    )

    places = places_of(Scene.of([plans, pipes]))

    assert places.level.tolist() == [0, 1, 1]
    assert places.storey == ("1F", "2F", "Level 2")
    assert places.heights.tolist() == [0.0, 3.6]


def test_without_a_storey_height_decides_by_the_top_of_floors():
    things = [
        part("IfcWall", (0, 0, 0), (5, 0.2, 3), storey="1F"),
        part("IfcWall", (0, 0, 3.6), (5, 0.2, 6.6), storey="2F"),
        part("IfcSlab", (0, 0, 3.2), (5, 5, 3.6)),
        part("IfcBeam", (0, 0, 2.9), (5, 0.3, 3.55)),
        part("IfcDuctSegment", (0, 1, 2.9), (5, 1.4, 3.3)),
    ]

    places = places_of(Scene.of([model(things, elevations=FLOORS)]))

    assert places.level.tolist() == [0, 1, 1, 1, 0]
    assert places.storey == ("1F", "2F", "2F", "2F", "1F")


def test_a_body_far_from_its_storey_is_where_it_stands():
    things = [
        part("IfcWall", (0, 0, 3.6), (5, 0.2, 6.6), storey="2F"),
        part("IfcWall", (0, 0, 14.4), (5, 0.2, 17.0), storey="1F"),
        part("IfcWall", (0, 0, 14.4), (5, 0.2, 17.0), storey="5F"),
    ]
    scene = Scene.of([model(things, elevations={**FLOORS, "5F": 14.4})])

    assert places_of(scene).level.tolist() == [1, 2, 2]


def test_storeys_without_elevation_are_told_by_what_stands_on_them():
    things = [
        part("IfcWall", (0, 0, 0), (5, 0.2, 3), storey="1F"),
        part("IfcWall", (0, 3, 0), (5, 3.2, 3), storey="1F"),
        part("IfcWall", (0, 0, 3.6), (5, 0.2, 6.6), storey="2F"),
        part("IfcDuctSegment", (0, 1, 6), (5, 1.4, 6.3)),
    ]

    places = places_of(Scene.of([model(things)]))

    assert places.heights.tolist() == [0.0, 3.6]
    assert places.level.tolist() == [0, 0, 1, 1]


def test_without_any_storey_the_large_slabs_are_the_floors():
    things = [
        part("IfcSlab", (0, 0, -0.2), (10, 10, 0)),
        part("IfcSlab", (0, 0, 2.8), (10, 10, 3)),
        part("IfcWall", (0, 0, 3), (5, 0.2, 5.8)),
        part("IfcSlab", (0, 0, 1.4), (1, 1, 1.5)),
    ]

    places = places_of(Scene.of([model(things)]))

    assert places.heights.tolist() == [0.0, 3.0]
    assert places.level.tolist() == [0, 1, 1, 0]
    assert places.storey == ("", "", "", "")


def test_nothing_known_is_no_level():
    places = places_of(Scene.of([model([part("IfcWall", (0, 0, 0), (5, 0.2, 3))])]))

    assert places.level.tolist() == [-1]
    assert places_of(Scene.of([])).level.tolist() == []


def test_rooms_are_zones_where_no_zone_is_named():
    things = [
        part("IfcSpace", (0, 0, 0), (4, 4, 3), name="101", storey="1F"),
        part("IfcSpace", (4.2, 0, 0), (8, 4, 3), name="102", storey="1F"),
        part("IfcDuctSegment", (1, 1, 2.5), (3, 1.3, 2.8), storey="1F"),
        part("IfcDuctSegment", (5, 1, 2.5), (7, 1.3, 2.8), storey="1F"),
        part("IfcSlab", (0, 0, -0.2), (8, 4, 0), storey="1F"),
    ]

    places = places_of(Scene.of([model(things, elevations=FLOORS)]))

    assert places.zone[2:] == ("101", "102", "")


def test_two_towers_on_one_basement_are_apart_above_it():
    things = [
        part("IfcSlab", (0, 0, -0.2), (60, 20, 0), storey="1F"),
        part("IfcWall", (0, 0, 3.6), (20, 0.2, 6.6), storey="2F"),
        part("IfcWall", (0, 0, 3.6), (0.2, 20, 6.6), storey="2F"),
        part("IfcWall", (40, 0, 3.6), (60, 0.2, 6.6), storey="2F"),
    ]
    scene = Scene.of([model(things, elevations=FLOORS)])

    blocks = blocks_of(scene, places_of(scene))

    assert blocks[1] == blocks[2]
    assert len(np.unique(blocks)) == 3


def test_floors_of_another_building_are_no_levels_of_this_one():
    things = [
        part("IfcWall", (0, 0, 0), (5, 0.2, 3), storey="1F"),
        part("IfcDuctSegment", (0, 1, 2.6), (5, 1.4, 2.9)),
        part("IfcWall", (0, 0, 3.6), (5, 0.2, 6.6), storey="2F"),
        part("IfcWall", (100, 0, 1.8), (105, 0.2, 5), storey="annex"),
    ]
    scene = Scene.of([model(things, elevations={**FLOORS, "annex": 1.8})])

    places = places_of(scene)

    assert places.heights.tolist() == [0.0, 1.8, 3.6]
    assert places.level.tolist() == [0, 0, 2, 1]
    ground = ground_of(scene, places, reach=2.0)
    assert ground.level.tolist() == [0, 0, 200, 100]
    assert ground.foot.tolist() == [0.0, 0.0, 3.6, 1.8]
