"""Severity is a sum of factors that are all told."""

import numpy as np
import pytest

from clash.result import ClashSet, Measured, Relation
from clash.severity import factors, many, severity_of
from tests.builders import box
from tests.building import Thing, scene

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
            "points": 42,
            "text": {"zh-CN": "管线与受力框架构件", "en": "Services against a load-bearing frame"},
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
        ("matter", 1, 34),
        ("distance_m", 0.125, 16),
    ]


def test_a_depth_that_is_only_a_bound_counts_less():
    exact, bounded = (
        severity_of(PLACE, one(0, 1, depth=0.2, measured=m), asked=np.zeros(1)).total[0]
        for m in (Measured.EXACT, Measured.BOUNDED)
    )

    assert (exact, bounded) == (76.0, 72.0)


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
