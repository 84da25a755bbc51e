"""Storeys of several buildings and models: which of them a plan means."""

import itertools

import numpy as np
import pytest

from bimcore.model import Scene
from clash.rehearsal.linking import link
from clash.rehearsal.linking_storeys import scene_levels
from tests.building import model
from tests.plans import on, plan
from tests.rehearsing import part


def block(name, heights, *, x=0.0, over=False, told=True, roof="RF"):
    """A column and a slab for each storey; the slab with the storey on it, or below it."""
    floors = np.concatenate([[0.0], np.cumsum(heights)]).tolist()
    words = [*(f"{k + 1}F" for k in range(len(heights))), roof]
    things = []
    for k, (low, high) in enumerate(itertools.pairwise(floors)):
        things += [
            part("IfcColumn", (x, 0, low), (x + 0.5, 0.5, high - 0.2), name=f"{name} Z{k + 1}", storey=words[k]),
            part("IfcSlab", (x, 0, high - 0.2), (x + 6, 6, high), name=f"{name} B{k + 1}", storey=words[k + (not over)]),
        ]  # fmt: skip
    heights_told = dict(zip(words, floors, strict=True)) if told else {}
    return model(things, name=name, elevations=heights_told)


def linked(models, text):
    scene, schedule = Scene.of(models), plan(text)
    return on(scene, schedule, link(scene, schedule))


@pytest.mark.parametrize("high", [3.3, 4.0, 4.5])
@pytest.mark.parametrize("over", [False, True])
def test_a_storey_is_told_within_its_building(high, over):
    models = [
        block("1#楼", [3.0] * 5, over=over),
        block("2#楼", [high] * 5, x=40, over=over),
    ]
    rows = [
        f"{n} {k}F {what}" for k in range(1, 6) for what in ("柱", "梁板") for n in ("1#楼", "2#楼")
    ]

    there = linked(models, "\n".join(rows))

    letter = {"柱": "Z", "梁板": "B"}
    assert there == {r: [f"{r.split()[0]} {letter[r.split()[2]]}{r.split()[1][0]}"] for r in rows}


def test_storeys_that_differ_by_a_screed_are_one():
    models = [block("结构", [3.0, 3.0]), block("建筑", [2.95, 3.05], x=40)]

    levels, _ = scene_levels(Scene.of(models))

    assert levels.heights.tolist() == [0.0, 2.95, 6.0]
    assert levels.starts == (0, 3)


def test_models_that_keep_floors_otherwise_than_most_follow_them():
    models = [block("甲", [3.0] * 4), block("乙", [3.0] * 3, x=40, over=True)]

    there = linked(models, "1F 柱\n1F 梁板\n2F 柱\n2F 梁板")

    assert there["1F 梁板"] == ["乙 B1", "甲 B1"]
    assert there["2F 梁板"] == ["乙 B2", "甲 B2"]


def test_storeys_without_heights_have_those_of_their_columns():
    there = linked([block("甲", [3.0] * 3, told=False)], "1F 柱\n2F 柱\n2F 梁板\n屋面梁板")

    assert there == {
        "1F 柱": ["甲 Z1"],
        "2F 柱": ["甲 Z2"],
        "2F 梁板": ["甲 B2"],
        "屋面梁板": ["甲 B3"],
    }


@pytest.mark.parametrize("over", [False, True])
def test_the_floor_of_the_roof_is_found_by_its_storey(over):
    there = linked([block("甲", [3.0] * 2, over=over)], "2F 梁板\n2F 柱\n屋面梁板")

    assert there == {"2F 梁板": ["甲 B1"], "2F 柱": ["甲 Z2"], "屋面梁板": ["甲 B2"]}
