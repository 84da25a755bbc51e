"""Who carries whom, in the ways that buildings are put together."""

import numpy as np
import pytest

from bimcore.frame import rigid
from bimcore.model import Scene
from clash.rehearsal.contacts import contacts_of
from tests.builders import about_z, prism, turned
from tests.rehearsing import names, part, scene_of_parts, solid


def carried(scene) -> list[tuple[str, str, float]]:
    """Carrier, carried, share; sorted."""
    contacts, name = contacts_of(scene), names(scene)
    rows = zip(contacts.below, contacts.above, contacts.share, strict=True)
    return sorted((name[s], name[e], round(float(w), 2)) for s, e, w in rows)


def grounded(scene) -> list[str]:
    return sorted(np.array(names(scene))[contacts_of(scene).grounded].tolist())


BASE = part("IfcSlab", (0, 0, -0.3), (8, 8, 0), name="base")
COLUMNS = [
    part("IfcColumn", (x, y, 0), (x + 0.4, y + 0.4, 3), name=f"C{k}")
    for k, (x, y) in enumerate([(0, 0), (7.6, 0)])
]


def test_a_slab_on_columns_rests_on_each_alike():
    deck = part("IfcSlab", (0, 0, 3), (8, 8, 3.2), name="deck")

    assert carried(scene_of_parts([BASE, *COLUMNS, deck])) == [
        ("C0", "deck", 0.5),
        ("C1", "deck", 0.5),
        ("base", "C0", 1.0),
        ("base", "C1", 1.0),
    ]


def test_a_beam_between_columns_is_carried_at_its_sides():
    beam = part("IfcBeam", (0.4, 0, 2.6), (7.6, 0.4, 3), name="beam")

    found = carried(scene_of_parts([BASE, *COLUMNS, beam]))

    assert [r for r in found if r[1] == "beam"] == [("C0", "beam", 0.5), ("C1", "beam", 0.5)]


def test_a_column_that_runs_through_the_slab_carries_it_and_the_next_stands_on_both():
    lower = part("IfcColumn", (2, 2, 0), (2.4, 2.4, 3.2), name="lower")
    deck = part("IfcSlab", (0, 0, 3), (8, 8, 3.2), name="deck")
    upper = part("IfcColumn", (2, 2, 3.2), (2.4, 2.4, 6), name="upper")

    found = carried(scene_of_parts([BASE, lower, deck, upper]))

    assert found == [
        ("base", "lower", 1.0),
        ("deck", "upper", 0.5),
        ("lower", "deck", 1.0),
        ("lower", "upper", 0.5),
    ]


def test_a_slab_edge_let_into_a_beam_rests_on_the_beam():
    beam = part("IfcBeam", (0, 0, 2.6), (8, 0.4, 3.2), name="beam", discipline="structure")
    deck = part("IfcSlab", (0, 0.2, 3), (8, 8, 3.2), name="deck")

    assert carried(scene_of_parts([beam, deck])) == [("beam", "deck", 1.0)]


def test_a_slab_that_only_meets_the_face_of_a_wall_is_framed_into_it():
    wall = part("IfcWall", (0, 0, 0), (8, 0.2, 6), name="wall")
    deck = part("IfcSlab", (0, 0.2, 3), (8, 8, 3.2), name="deck")

    assert carried(scene_of_parts([wall, deck])) == [("wall", "deck", 1.0)]


def test_of_two_beams_the_one_that_ends_is_carried():
    main = part("IfcBeam", (0, 0, 2.5), (8, 0.3, 3), name="main")
    joist = part("IfcBeam", (3, 0.3, 2.5), (3.2, 5, 3), name="joist")

    assert carried(scene_of_parts([main, joist])) == [("main", "joist", 1.0)]


def test_a_sloping_roof_rests_on_the_wall_where_they_meet():
    gable = part("IfcWall", (0, 0, 0), (0.3, 4, 4.2), name="gable")
    # a roof from 3 m at y = 0 to 5 m at y = 4, 0.2 m thick
    outline = [(0.0, 3.0), (4.0, 5.0), (4.0, 5.2), (0.0, 3.2)]
    vertices, faces = prism(outline, height=6.0)
    roof = (vertices[:, [2, 0, 1]], faces)
    scene = scene_of_parts([gable, solid("IfcSlab", roof, name="roof", predefined="ROOF")])

    assert carried(scene) == [("gable", "roof", 1.0)]


def test_partitions_by_name_and_thin_linings_carry_nothing():
    walls = [
        part("IfcWall", (0, 0, 0), (8, 0.1, 3), name="轻质隔墙"),
        part("IfcWall", (0, 4, 0), (8, 4.05, 3), name="lining"),
    ]
    deck = part("IfcSlab", (0, 0, 3), (8, 8, 3.2), name="deck")

    found = carried(scene_of_parts([BASE, *walls, deck]))

    assert [r for r in found if r[1] == "deck"] == []


def test_silent_walls_between_columns_are_infill():
    beam = part("IfcBeam", (0.4, 0, 2.6), (7.6, 0.4, 3), name="beam")
    wall = part("IfcWall", (0.4, 0.1, 0), (7.6, 0.3, 2.6), name="wall")

    found = carried(scene_of_parts([BASE, *COLUMNS, beam, wall]))

    assert [r for r in found if r[1] == "beam"] == [("C0", "beam", 0.5), ("C1", "beam", 0.5)]


@pytest.mark.parametrize("degrees", [0, 30, 45, 77])
def test_a_turned_building_is_carried_the_same_way(degrees):
    wall = part("IfcWall", (0, 0, 0), (8, 0.2, 3), name="wall")
    cross = part("IfcWall", (0, 3, 0), (0.2, 8, 3), name="cross")
    deck = part("IfcSlab", (0, 0, 3), (8, 8, 3.2), name="deck")
    scene = scene_of_parts([BASE, wall, cross, deck])
    turn = rigid(angle=np.radians(degrees), shift=(400.0, -300.0, 20.0))

    moved = Scene.of([m.moved(turn) for m in scene.models])

    assert carried(moved) == carried(scene)


def test_the_ground_of_one_building_is_not_that_of_another():
    far = part("IfcSlab", (50, 0, -9), (58, 8, -8.7), name="cellar")

    assert grounded(scene_of_parts([BASE, *COLUMNS, far])) == ["base", "cellar"]


def test_a_round_column_under_a_slab_turned_at_will_is_found():
    ring = [(np.cos(t), np.sin(t)) for t in np.linspace(0, 2 * np.pi, 16, endpoint=False)]
    column = prism([(0.3 * x, 0.3 * y) for x, y in ring], height=3.0, at=(4, 4, 0))
    deck = prism([(0, 0), (8, 0), (8, 8), (0, 8)], height=0.2, at=(0, 0, 3))
    turn = about_z(33.0)
    scene = scene_of_parts(
        [
            solid("IfcColumn", turned(column, turn), name="column"),
            solid("IfcSlab", turned(deck, turn), name="deck"),
        ]
    )

    assert carried(scene) == [("column", "deck", 1.0)]


def test_a_floor_beside_a_cellar_lies_on_the_ground_and_a_balcony_does_not():
    house = [
        part("IfcSlab", (0, 0, -3.3), (8, 8, -3), name="cellar"),
        part("IfcWall", (7.7, 0, -3), (8, 8, 6), name="wall"),
        part("IfcSlab", (8, 0, -0.3), (12, 8, 0), name="garage"),
        part("IfcWall", (11.7, 0, 0), (12, 8, 3), name="garage wall"),
        part("IfcSlab", (8, 0, 3), (9.5, 4, 3.2), name="balcony"),
    ]
    scene = scene_of_parts(house)

    assert grounded(scene) == ["cellar", "garage"]
    assert carried(scene) == [
        ("cellar", "wall", 1.0),
        ("garage", "garage wall", 1.0),
        ("wall", "balcony", 1.0),
    ]
