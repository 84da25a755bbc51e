"""Conditions on properties: how they are written, and which elements meet them."""

from dataclasses import replace

import numpy as np
import pytest

from bimcore.model import Scene
from bimcore.properties import PropertyTable
from clash.conditions import Condition, matcher, parse_condition
from clash.rules import Selector
from clash.select import select
from tests.builders import box
from tests.building import Thing, model

#: Of the type of the first three walls; the second says otherwise, the fourth has none.
TYPE = (
    ("Pset_WallCommon", (("FireRating", "EI60"), ("IsExternal", "TRUE"), ("Reference", ""))),
    ("Qto_WallBaseQuantities", (("Length", "3000.0"), ("Status", "NEW | EXISTING"))),
)
OWN = (("Pset_WallCommon", (("FireRating", "EI90"), ("IsExternal", "FALSE"))),)
WALLS = Scene.of(
    [
        replace(
            model([Thing(is_a="IfcWall", body=box()) for _ in range(4)]),
            properties=PropertyTable.of([(), OWN, (), ()], [TYPE, TYPE, TYPE, ()]),
        )
    ]
)


@pytest.mark.parametrize(
    ("conditions", "expected"),
    [
        (["Pset_WallCommon.FireRating = EI60"], [0, 2]),
        (["pset_wallcommon.firerating=ei90"], [1]),
        (["*.FireRating = EI*"], [0, 1, 2]),
        (["*.FireRating = EI30 | EI90"], [1]),
        (["Pset_WallCommon.FireRating != EI60"], [1]),
        (["not Pset_WallCommon.FireRating = EI60"], [1, 3]),
        (["非 *.FireRating"], [3]),
        (["Pset_WallCommon.Reference"], [0, 1, 2]),
        (["Pset_WallCommon.Reference = ?*"], []),
        (["Pset_WallCommon.IsExternal = 是"], [0, 2]),
        (["Pset_WallCommon.IsExternal = no"], [1]),
        (["Qto*.Length = 3000"], [0, 1, 2]),
        (["Qto*.Length >= 3000"], [0, 1, 2]),
        (["Qto*.Length \uff1e 3000"], []),
        (["Qto*.Length ≤ 3e3"], [0, 1, 2]),
        (["*.FireRating > 10"], []),
        (["Qto*.Status = existing"], [0, 1, 2]),
        (["Qto*.Status != new"], []),
        (["Qto*.Length = 3*"], [0, 1, 2]),
        (["Pset_Other.FireRating"], []),
        (["*.FireRating = EI*", "*.IsExternal = TRUE"], [0, 2]),
    ],
    ids=str,
)
def test_elements_are_selected_by_their_properties(conditions, expected):
    found = select(WALLS, Selector(properties=tuple(conditions)))

    assert np.flatnonzero(found).tolist() == expected


def test_a_condition_has_parts():
    assert parse_condition(" not Qto_*.Net Volume >= 2.5 ") == Condition(
        set_name="Qto_*", name="Net Volume", operator=">=", values=("2.5",), negated=True
    )


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "written as"),
        ("FireRating", "written as"),
        (".x = 1", "written as"),
        ("P. = 1", "written as"),
        ("P.x =", "the value is missing"),
        ("P.x = a |", "the value is missing"),
        ("P.x >= a", "one number"),
        ("P.x < 1 | 2", "one number"),
        ("P.x > nan", "one number"),
    ],
    ids=str,
)
def test_what_is_no_condition_is_refused_with_the_reason(text, reason):
    with pytest.raises(ValueError, match=reason):
        parse_condition(text)


def test_brackets_are_no_wildcards_and_patterns_do_not_run_away():
    assert matcher(["[A] 1?"])("[a] 12")
    assert not matcher(["[A]*"])("A1")
    assert not matcher(["*a" * 40 + "b"])("a" * 5_000)
