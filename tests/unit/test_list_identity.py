"""Elements and clashes keep their names over revisions, rules and copies."""

from dataclasses import replace

import numpy as np

from bimcore.model import Scene
from clash.engine import detect
from clash.identity import clash_ids, element_keys
from clash.matrix import default_rules
from clash.rules import RuleSet
from tests.builders import box, moved
from tests.building import Thing, clashes_of, model, scene

WALL = box((5.0, 0.2, 3.0))


def twins(*, first=0.0, second=10.0):
    """Two walls with one GlobalId."""
    return [
        Thing(is_a="IfcWall", guid="0" * 22, body=moved(WALL, (x, 0, 0))) for x in (first, second)
    ]


def test_one_global_id_in_two_models_names_two_elements():
    place = Scene.of([model(twins()[:1], name=n) for n in ("a", "b")])

    assert element_keys(place) == [f"a\x1f{'0' * 22}", f"b\x1f{'0' * 22}"]


def test_copies_of_a_global_id_are_told_apart_by_place_not_by_order():
    one, other = twins()

    assert element_keys(scene(one, other)) == [f"model\x1f{'0' * 22}\x1f{k}" for k in (0, 1)]
    assert element_keys(scene(other, one)) == [f"model\x1f{'0' * 22}\x1f{k}" for k in (1, 0)]


def test_models_of_one_name_do_not_collide():
    place = Scene.of([model(twins(first=x)[:1], name="a") for x in (0.0, 1.0)])

    assert len(set(element_keys(place))) == 2


def pair():
    return scene(
        Thing(is_a="IfcWall", guid="A" * 22, body=WALL),
        Thing(is_a="IfcWall", guid="B" * 22, body=WALL),
    )


def test_ids_of_a_pair_do_not_depend_on_rule_names_or_order():
    rules = default_rules()
    renamed = RuleSet(rules=tuple(replace(r, id=f"my {r.id}") for r in reversed(rules.rules)))
    place = pair()
    turned = scene(
        Thing(is_a="IfcWall", guid="B" * 22, body=WALL),
        Thing(is_a="IfcWall", guid="A" * 22, body=WALL),
    )

    ids = clash_ids(place, clashes_of(place), rules)

    assert len(ids) == len(set(ids)) == 2  # the hard rule and the duplicate rule
    assert set(clash_ids(place, detect(place, renamed), renamed)) == set(ids)
    assert clash_ids(turned, clashes_of(turned), rules) == ids


def test_the_first_id_of_a_pair_is_fixed_for_good():
    """A change of this value loses the history of every project."""
    place, rules = pair(), default_rules()

    first = clash_ids(place, clashes_of(place).take(np.array([0])), rules)

    assert first == ["1f58ac59-66e2-5708-b790-1a5c55cbaf07"]


def test_a_pair_that_only_one_more_rule_finds_keeps_its_id():
    place, rules = pair(), default_rules()
    hard_only = RuleSet(rules=tuple(r for r in rules.rules if r.kind.value == "hard"))

    ids = clash_ids(place, clashes_of(place), rules)

    assert clash_ids(place, clashes_of(place, hard_only), hard_only) == ids[:1]
