"""Links that the source, a code or a person states, and the document that shows them."""

from dataclasses import dataclass, replace

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from api.tasks.links import links_document
from bimcore.model import Scene
from bimcore.properties import PropertyTable
from bimcore.schedule import Action
from clash.rehearsal.base import Stage
from clash.rehearsal.confirmed import LinksError, confirmed_of, key_of, pattern_of
from clash.rehearsal.linking import Linked, link
from clash.rehearsal.linking_codes import exact_links, holders
from clash.rehearsal.words import dictionary
from tests.building import model
from tests.plans import named, on, plan, sure
from tests.rehearsing import part, scene_of_parts, stage, work

HEIGHTS = {"1F": 0.0, "2F": 3.0}
PARTS = [
    part(is_a, (x, 0, z), (x + 1, 1, z + 2.7), name=f"{name} {storey}", storey=storey,
         guid=f"{n}{'0' * 21}")
    for n, (is_a, name, x, storey, z) in enumerate(
        (is_a, name, x, storey, z)
        for storey, z in HEIGHTS.items()
        for x, (is_a, name) in enumerate((("IfcColumn", "KZ"), ("IfcWall", "隔墙")))
    )
]  # fmt: skip
SCENE = scene_of_parts(PARTS, elevations=HEIGHTS)


def coded(values, name="4D编码"):
    """The scene with a property on each element."""
    one = model(PARTS, elevations=HEIGHTS)
    rows = [((("P", ((name, v),)),) if v else ()) for v in values]
    return Scene.of([replace(one, properties=PropertyTable.of(rows))])


def test_globalids_of_the_source_come_first_and_unknown_ones_are_told():
    ids = {"Work A": (PARTS[0].guid, PARTS[3].guid), "1F 柱": ("3" + "z" * 21,)}

    schedule = plan("Work A\n1F 柱", source="ifc", elements=ids)
    found = link(SCENE, schedule)

    assert on(SCENE, schedule, found) == {"Work A": ["KZ 1F", "隔墙 2F"], "1F 柱": ["KZ 1F"]}
    assert [found.links.ways[h] for h in found.links.how] == ["ifc", "ifc", "name"]
    assert (sure(found, 0), sure(found, 1)) == ({1.0}, {0.9})
    assert found.unclear == {1: ("unknown_guid",)}


def test_globalids_in_a_column_of_the_table_link_too():
    codes = {"Work A": {"构件": f"{PARTS[0].guid}; {PARTS[1].guid}"}}

    schedule = plan("Work A", codes=codes)
    found = link(SCENE, schedule)

    assert on(SCENE, schedule, found) == {"Work A": ["KZ 1F", "隔墙 1F"]}
    assert {found.links.ways[h] for h in found.links.how} == {"guid"}


def test_a_source_that_names_the_slab_for_striking_its_props_does_not_remove_it():
    schedule = plan("拆除梁板支撑", elements={"拆除梁板支撑": (PARTS[0].guid,)})
    scene = scene_of_parts(
        [part("IfcSlab", (0, 0, 0), (5, 5, 0.2), name="LB", storey="1F", guid=PARTS[0].guid)]
    )

    assert link(scene, schedule).links.action == ("maintain",)


def test_a_4d_property_that_holds_the_code_of_a_task_links_it():
    scene = coded(["A-01", "A-02", "A-01", ""])
    codes = {"Work A": {"Activity ID": "A-01"}, "Work B": {"Activity ID": "A-02"}}

    schedule = plan("Work A\nWork B", codes=codes)
    found = link(scene, schedule)

    assert on(scene, schedule, found) == {"Work A": ["KZ 1F", "KZ 2F"], "Work B": ["隔墙 1F"]}
    assert set(found.links.confidence.tolist()) == {0.95}


def test_any_property_that_agrees_with_a_column_of_codes_links_with_less_confidence():
    scene = coded(["X1-10", "X1-20", "X1-30", "X1-40"], name="Mark 2")
    codes = {f"W{k}": {"Ref": f"X1-{k}0"} for k in (1, 2, 3)}

    schedule = plan("W1\nW2\nW3", codes=codes)
    found = link(scene, schedule)

    assert on(scene, schedule, found) == {"W1": ["KZ 1F"], "W2": ["隔墙 1F"], "W3": ["KZ 2F"]}
    assert set(found.links.confidence.tolist()) == {0.9}


def test_a_4d_property_is_found_beside_thousands_of_other_values_of_the_plan():
    numbers = tuple((f"S{k}", (("Number", str(k)),)) for k in range(4100))
    rows = [(("P", (("4D编码", code),)), *numbers) for code in ("A-01", "A-02", "A-01", "A-03")]
    one = replace(model(PARTS, elevations=HEIGHTS), properties=PropertyTable.of(rows))
    codes = {"Work A": {"Activity ID": "A-01"}, "Work B": {f"C{k}": str(k) for k in range(4100)}}

    found = exact_links(Scene.of([one]), plan("Work A\nWork B", codes=codes), dictionary())

    assert {t: (e.tolist(), sure) for t, (e, _, sure) in found.elements.items()} == {
        0: ([0, 2], 0.95)
    }


@given(st.integers(0, 2**32 - 1))
@settings(deadline=None, max_examples=60)
def test_holders_of_all_values_at_once_are_those_of_each_value(seed):
    rng = np.random.default_rng(seed)

    def bag():
        return tuple(
            (f"S{rng.integers(2)}",
             tuple((f"N{rng.integers(3)}", f"V{rng.integers(3)}") for _ in range(rng.integers(4))))
            for _ in range(rng.integers(3))
        )  # fmt: skip

    kinds = [bag() for _ in range(3)]
    table = PropertyTable.of([bag() for _ in range(9)], [kinds[k] for k in rng.integers(0, 3, 9)])
    wanted = np.flatnonzero(rng.random(len(table.name)) < 0.7)

    pairs, elements, starts = holders(table, wanted)

    told = {tuple(p): elements[a:b].tolist()
            for p, a, b in zip(pairs.tolist(), starts[:-1], starts[1:], strict=True)}  # fmt: skip
    asked = np.zeros(len(table.name), dtype=bool)
    asked[wanted] = True
    for (name, value), held in told.items():
        some = asked & (table.name.codes == name) & (table.value.codes == value)
        assert held == np.flatnonzero(table.having(some)).tolist()
    codes = np.stack([table.name.codes[wanted], table.value.codes[wanted]], axis=1)
    assert set(told) == {tuple(c) for c in codes.tolist()}


def test_plain_numbers_that_agree_by_chance_link_nothing():
    scene = coded(["0", "1", "2", "3"], name="Number")

    schedule = plan("Xa\nXb\nXc")
    found = link(scene, schedule)

    assert len(found.links.task) == 0


def test_what_a_person_confirmed_holds_for_all_tasks_of_the_name_and_for_later_plans():
    choice = {"pattern": "{storey} 三板", "kinds": ["wall"], "trade": "lining"}

    for text in ("1F 三板\n2F 三板", "2F三板\n二层 三板\n1F  三板"):
        schedule = plan(text)
        found = link(SCENE, schedule, confirmed=confirmed_of([choice]))
        there = on(SCENE, schedule, found)
        assert {n: e for n, e in there.items() if "1" in n} == {
            n: ["隔墙 1F"] for n in there if "1" in n
        }
        assert all(e == ["隔墙 2F"] for n, e in there.items() if "1" not in n)
        assert set(found.links.confidence.tolist()) == {1.0}
        assert set(found.links.trade) == {"lining"}
        assert {found.links.ways[h] for h in found.links.how} == {"confirmed"}


def test_a_person_corrects_what_the_words_say():
    rows = [
        {"pattern": "{storey} 柱", "decision": "nothing"},
        {"pattern": "墙体", "classes": ["IfcWall"], "storeys": ["2F"], "action": "maintain"},
        {"pattern": "灯具", "decision": "not_modelled"},
        {"pattern": "{storey} 竖向", "kinds": ["column"], "storey": "all"},
    ]

    schedule = plan("1F 柱\n墙体\n灯具\n1F 竖向")
    found = link(SCENE, schedule, confirmed=confirmed_of(rows))

    assert on(SCENE, schedule, found) == {
        "1F 柱": [],
        "墙体": ["隔墙 2F"],
        "灯具": [],
        "1F 竖向": ["KZ 1F", "KZ 2F"],
    }
    assert list(found.links.action) == ["neutral", "maintain", "neutral", "install"]
    assert found.coverage.empty == {}


def test_patterns_are_equal_however_they_are_spaced():
    assert pattern_of("3F  柱、墙 12") == "{storey} 柱、墙 {n}"
    assert key_of("3F 柱") == key_of("二层柱") == key_of("{storey}柱") != key_of("柱")


@pytest.mark.parametrize(
    ("entries", "fault"),
    [
        ({"pattern": "x"}, "links must be a list"),
        ([1], "[[links]] number 1: must be a table"),
        ([{}], "[[links]] number 1, pattern: is missing"),
        ([{"pattern": "x", "kind": []}], "[[links]] number 1, kind: is unknown"),
        ([{"pattern": "x", "kinds": ["colum"]}], '[[links]] number 1, kinds: "colum" is unknown'),
        ([{"pattern": "x", "kinds": "column"}], "[[links]] number 1, kinds: must be a list"),
        ([{"pattern": "x", "decision": "no"}], '[[links]] number 1, decision: "no" is unknown'),
        ([{"pattern": "x", "action": "build"}], '[[links]] number 1, action: "build" is unknown'),
        ([{"pattern": "1F 柱"}, {"pattern": "2F柱"}], '[[links]] number 2, pattern: "2F柱"'),
    ],
)
def test_faults_of_confirmed_links_name_entry_and_key(entries, fault):
    with pytest.raises(LinksError) as caught:
        confirmed_of(entries)

    assert str(caught.value).startswith(fault)


@dataclass(frozen=True)
class Run:
    """What a run hands to the document."""

    stage: Stage
    linked: Linked


def test_the_document_groups_names_and_puts_those_to_look_at_first():
    text = "1F 柱\n2F 柱\nXyzzy\n竣工验收"
    schedule = plan(text)
    linked = link(SCENE, schedule)
    tasks = [work(t.name, "06-01", "06-02") for t in schedule.tasks]
    there = stage(SCENE, tasks, rules=[], links_of_elements=linked.links)

    document = links_document(Run(there, linked))

    assert [g["pattern"] for g in document["groups"]] == ["Xyzzy", "{storey} 柱", "竣工验收"]
    assert document["groups"][1] == {
        "pattern": "{storey} 柱",
        "names": ["1F 柱", "2F 柱"],
        "tasks": 2,
        "without_elements": 0,
        "trade": "structure",
        "action": "install",
        "kinds": ["column"],
        "elements": 2,
        "classes": ["IfcColumn"],
        "storeys": ["1F", "2F"],
        "confidence": 0.9,
        "ways": ["name"],
        "idle": False,
        "unclear": [],
        "decision": "",
    }
    assert document["coverage"]["elements_linked"] == 2
    assert named(SCENE, linked.links.element.tolist()) == ["KZ 1F", "KZ 2F"]
    assert Action.INSTALL in linked.links.action
