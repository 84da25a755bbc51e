"""Severity is a sum of factors that are all told."""

from dataclasses import replace

import numpy as np
import pytest

from bimcore.model import Scene
from bimcore.properties import PropertyTable
from clash.result import ClashSet, Measured, Relation
from clash.severity import factors, many, severity_of
from tests.builders import box
from tests.building import Thing, model, scene

PLACE = scene(
    Thing(is_a="IfcBeam", body=box()),
    Thing(is_a="IfcPipeSegment", body=box()),
    Thing(is_a="IfcWall", body=box()),
    Thing(is_a="IfcFurniture", body=box()),
    Thing(is_a="IfcDoor", body=box()),
    Thing(is_a="IfcFooting", body=box()),
    Thing(is_a="IfcSlab", body=box()),
    Thing(is_a="IfcDuctSegment", body=box()),
)


def one(a, b, *, relation=Relation.CROSSING, depth=0.0, distance=0.0, volume=float("nan"),
        measured=Measured.EXACT):  # fmt: skip
    zero = np.zeros((1, 3))
    return ClashSet(
        a=[a],
        b=[b],
        rule=[0],
        relation=[relation],
        depth=[depth],
        distance=[distance],
        volume=[volume],
        measured=[measured],
        point=zero,
        direction=zero,
        point_a=zero,
        point_b=zero,
    )


def test_every_factor_is_told_and_they_add_up():
    clash = one(0, 1, depth=0.05, volume=0.001)

    points = severity_of(PLACE, clash, asked=np.zeros(1))

    assert factors(points, clash, 0) == [
        {
            "factor": "relation",
            "value": "crossing",
            "points": 12,
            "text": {"zh-CN": "实体相交", "en": "The bodies cross"},
        },
        {
            "factor": "matter",
            "value": 0,
            "points": 26,
            "text": {"zh-CN": "管线与受力框架构件", "en": "Services against a load-bearing frame"},
        },
        {
            "factor": "structural_role",
            "value": "frame",
            "points": 16,
            "text": {
                "zh-CN": "其中有柱、梁等框架构件，承受荷载",
                "en": "A column, beam or frame member carries load",
            },
        },
        {
            "factor": "depth_m",
            "value": 0.05,
            "points": 11,
            "text": {"zh-CN": "侵入深度 50 mm", "en": "50 mm deep"},
        },
        {
            "factor": "volume_m3",
            "value": 0.001,
            "points": 6,
            "text": {"zh-CN": "重叠体积 1 L", "en": "1 L of shared volume"},
        },
    ]
    assert points.total.tolist() == [71.0]


@pytest.mark.parametrize(
    ("a", "b", "matter"),
    [
        (0, 1, "Services against a load-bearing frame"),
        (5, 1, "Services against a foundation"),
        (6, 1, "Services against a structural wall or slab"),
        (4, 1, "Services against a door, window or stair"),
        (7, 1, "Services against services"),
        (2, 1, "Services against a wall or floor"),
        (3, 1, "Services against finishes or furniture"),
        (4, 0, "Frame against a door, window or stair"),
        (5, 0, "Load-bearing parts against each other"),
        (2, 0, "Building parts against each other"),
        (3, 2, "Finishes or furniture"),
    ],
)
def test_what_meets_what_has_a_name(a, b, matter):
    clash = one(min(a, b), max(a, b), depth=0.1)

    said = factors(severity_of(PLACE, clash, asked=np.zeros(1)), clash, 0)

    assert said[1]["text"]["en"] == matter


def test_a_missing_gap_counts_instead_of_depth():
    clash = one(1, 5, relation=Relation.CLEARANCE, distance=0.125)

    points = severity_of(PLACE, clash, asked=np.array([0.5]))

    assert [(f["factor"], f["value"], f["points"]) for f in factors(points, clash, 0)] == [
        ("relation", "clearance", 8),
        ("matter", 1, 22),
        ("structural_role", "foundation", 12),
        ("distance_m", 0.125, 16),
    ]


def test_a_depth_that_is_only_a_bound_counts_less():
    exact, bounded = (
        severity_of(PLACE, one(0, 1, depth=0.2, measured=m), asked=np.zeros(1)).total[0]
        for m in (Measured.EXACT, Measured.BOUNDED)
    )

    assert (exact, bounded) == (76.0, 72.0)


def said_bearing(value):
    wall = Thing(is_a="IfcWall", body=box())
    place = model([wall, Thing(is_a="IfcPipeSegment", body=box())])
    bag = (("Pset_WallCommon", (("LoadBearing", value),)),)
    return Scene.of([replace(place, properties=PropertyTable.of([bag, ()]))])


def test_a_property_says_that_a_wall_carries_load():
    points = {
        value: severity_of(said_bearing(value), one(0, 1), asked=np.zeros(1)).total[0]
        for value in ("TRUE", "FALSE")
    }

    assert points == {"TRUE": 38.0, "FALSE": 28.0}


def test_a_property_denies_that_a_column_carries_load():
    column = model([Thing(is_a="IfcColumn", body=box()), Thing(is_a="IfcPipeSegment", body=box())])
    bag = (("Pset_ColumnCommon", (("LoadBearing", "FALSE"),)),)
    place = Scene.of([replace(column, properties=PropertyTable.of([bag, ()]))])
    clash = one(0, 1)

    said = factors(severity_of(place, clash, asked=np.zeros(1)), clash, 0)

    assert [(f["factor"], f["points"]) for f in said] == [("relation", 12), ("matter", 16)]


def test_what_is_built_earlier_counts_more():
    floors = {"B1": -4.0, "1F": 0.0, "2F": 4.0}
    things = [Thing(is_a="IfcWall", body=box(), storey=s) for s in floors]
    place = Scene.of([model(things, elevations=floors)])
    clashes = [replace(one(0, 1), point=np.array([[0, 0, z]])) for z in (-4.2, 1.0, 30.0)]

    said = [factors(severity_of(place, c, asked=np.zeros(1)), c, 0)[-1] for c in clashes]

    assert [(f["factor"], f["value"], f["points"]) for f in said] == [
        ("storey", 1, 4),
        ("storey", 2, 2),
        ("storey", 3, 0),
    ]
    assert said[0]["text"] == {
        "zh-CN": "自下而上第 1 层，共 3 层，越低越早施工",
        "en": "Level 1 of 3 from below; the lower, the earlier it is built",
    }


def test_severity_stays_within_0_and_100():
    worst = severity_of(PLACE, one(0, 1, depth=9, volume=9.0), asked=np.zeros(1)).total[0]

    assert worst == 86.0
    assert (
        severity_of(PLACE, one(0, 1).take(np.zeros(0, np.int64)), asked=np.zeros(0)).total.size == 0
    )


@pytest.mark.parametrize(("count", "points"), [(2, 3), (5, 7), (8, 9), (500, 10)])
def test_repetition_adds_points(count, points):
    said = many(count)

    assert said is not None
    assert (said["value"], said["points"]) == (count, points)
    assert many(1) is None
