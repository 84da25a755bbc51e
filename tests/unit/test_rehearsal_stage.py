"""What rules share of a stage is worked out once."""

import pytest

from clash.rehearsal import base
from clash.rehearsal.looks import Look
from clash.rehearsal.rules import RULES
from tests.rehearsing import part, stage, work

PARTS = [
    part("IfcSlab", (0, 0, -0.2), (6, 5, 0), name="floor", storey="1F"),
    part("IfcWall", (0, 0, 0), (6, 0.2, 3), name="wall", storey="1F"),
    part("IfcDuctSegment", (1, 1, 2.5), (5, 1.4, 2.8), name="duct", storey="1F"),
]
TASKS = [
    work("1F 梁板浇筑", "06-01", "06-05", trade="structure", on=("floor",)),
    work("1F 焊接支架", "06-08", "06-09", trade="envelope", on=("wall",), crew=4),
    work("1F 橡塑保温", "06-08", "06-10", on=("duct",), crew=3),
]


def test_all_rules_ask_once_for_the_roles_of_elements(monkeypatch):
    asked = []
    made = stage(PARTS, TASKS)
    monkeypatch.setattr(
        base, "roles_of", lambda scene, once=base.roles_of: asked.append(scene) or once(scene)
    )

    for rule in RULES:
        rule.find(made)

    assert asked == [made.scene]


@pytest.mark.parametrize("name", ["crews", "ground", "decks", "blocks"])
def test_what_the_rules_on_crews_look_at_is_the_same_for_all_of_them(name):
    made = stage(PARTS, TASKS)

    assert getattr(Look(stage=made), name) is getattr(Look(stage=made), name)


def test_levels_have_the_name_that_most_of_their_elements_have():
    made = stage([*PARTS, part("IfcWall", (0, 3, 0), (6, 3.2, 3), name="other", storey="EG")], [])

    assert made.level_names == {0: "1F"}
