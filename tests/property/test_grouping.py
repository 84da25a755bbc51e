"""Whatever clashes: each shown one is in one group, and the order of rows changes nothing."""

from dataclasses import replace

import numpy as np
from hypothesis import given, settings, strategies as st

from bimcore.model import Scene
from bimcore.relations import RelationKind
from clash.grouping import Groups, group
from clash.relevance import Suppressions
from clash.result import ClashSet, Measured, Relation
from clash.rules import Rule, RuleKind, RuleSet, Selector
from tests.builders import box
from tests.building import Thing, model

ALL = Selector()
RULES = RuleSet(
    rules=tuple(
        Rule(id=k, left=ALL, right=ALL, kind=kind, tolerance=0.01)
        for k, kind in (
            ("hard", RuleKind.HARD),
            ("more", RuleKind.HARD),
            ("gap", RuleKind.CLEARANCE),
        )
    )
)
CLASSES = ("IfcWall", "IfcSlab", "IfcBeam", "IfcPipeSegment", "IfcDuctSegment", "IfcSpace")
COUNT = 14
WORDS = st.sampled_from(("", "a", "b"))

things = st.lists(
    st.builds(
        lambda c, at, t, s, z: Thing(
            is_a=c, body=box((1, 1, 1), at=at), type=t, storey=s, system=z
        ),
        st.sampled_from(CLASSES),
        st.tuples(*[st.integers(0, 3).map(float)] * 3),
        WORDS,
        WORDS,
        WORDS,
    ),
    min_size=COUNT,
    max_size=COUNT,
)
element = st.integers(0, COUNT - 1)
row = st.tuples(
    st.tuples(element, element).filter(lambda p: p[0] < p[1]),
    st.integers(0, len(RULES.rules) - 1),
    st.sampled_from([r for r in Relation if r is not Relation.NONE]),
    st.sampled_from([0.0, 0.01, 0.0115, 0.2]),
    st.tuples(*[st.floats(-1, 5)] * 3),
    st.sampled_from([-1, -1, -1, 0, 3]),
)
rows = st.lists(row, max_size=40, unique_by=lambda r: (r[0], r[1]))
ports = st.lists(st.tuples(element, element).filter(lambda p: p[0] != p[1]), max_size=6)


def clash_set(drawn) -> ClashSet:
    """The rows in the order of the engine."""
    drawn = sorted(drawn, key=lambda r: (r[0], r[1]))
    point = np.array([r[4] for r in drawn], dtype=float).reshape(-1, 3)
    depth = np.array([r[3] for r in drawn])
    return ClashSet(
        a=[r[0][0] for r in drawn],
        b=[r[0][1] for r in drawn],
        rule=[r[1] for r in drawn],
        relation=[r[2] for r in drawn],
        depth=depth,
        distance=np.zeros(len(drawn)),
        volume=np.full(len(drawn), np.nan),
        measured=np.full(len(drawn), Measured.EXACT),
        point=point,
        direction=np.zeros_like(point),
        point_a=point,
        point_b=point,
    )


def grouped(parts, drawn, joints) -> tuple[ClashSet, Suppressions, Groups]:
    place = Scene.of([model(parts, relations=[(RelationKind.PORT, a, b) for a, b in joints])])
    clashes = clash_set(drawn)
    ordered = sorted(drawn, key=lambda r: (r[0], r[1]))
    reason = np.array([r[5] if r[2] is not Relation.TOUCH else -1 for r in ordered], dtype=np.int32)
    suppressed = Suppressions(reason=reason)
    return clashes, suppressed, group(place, clashes, RULES, suppressed)


@settings(max_examples=100, deadline=None)
@given(things, rows, ports)
def test_each_shown_clash_is_in_exactly_one_group_that_says_why(parts, drawn, joints):
    clashes, suppressed, groups = grouped(parts, drawn, joints)
    shown = np.flatnonzero(~suppressed.suppressed & (clashes.relation != Relation.TOUCH))

    assert sorted(r for g in groups.groups for r in g.rows) == shown.tolist()
    hidden = np.setdiff1d(np.arange(len(clashes)), shown)
    assert (groups.group_of[hidden] == -1).all()
    for number, one in enumerate(groups.groups):
        assert (groups.group_of[list(one.rows)] == number).all()
        assert one.lead in one.rows
        assert one.reason["zh-CN"]
        assert one.reason["en"]
    assert groups.said["zh-CN"]
    assert groups.said["en"]


@settings(max_examples=100, deadline=None)
@given(things, rows, ports)
def test_one_pair_under_several_rules_is_one_issue(parts, drawn, joints):
    clashes, suppressed, groups = grouped(parts, drawn, joints)
    shown = ~suppressed.suppressed & (clashes.relation != Relation.TOUCH)
    pairs = np.stack([clashes.a, clashes.b], axis=1)

    for pair in np.unique(pairs[shown], axis=0):
        rows_of = np.flatnonzero(shown & (pairs == pair).all(axis=1))
        assert len(set(groups.group_of[rows_of].tolist())) == 1
    assert sum(g.pairs for g in groups.groups) == len(np.unique(pairs[shown], axis=0))


@settings(max_examples=60, deadline=None)
@given(things, rows, ports, st.floats(-50, 50))
def test_groups_do_not_depend_on_where_the_building_stands(parts, drawn, joints, far):
    shift = np.array([far, 2 * far, 0.0])
    there = [replace(p, body=(p.body[0] + shift, p.body[1])) for p in parts]
    gone = [(*r[:4], tuple(np.add(r[4], shift)), r[5]) for r in drawn]

    _, _, here = grouped(parts, drawn, joints)
    _, _, other = grouped(there, gone, joints)

    assert [(g.kind, g.rows, g.reason) for g in here.groups] == [
        (g.kind, g.rows, g.reason) for g in other.groups
    ]
