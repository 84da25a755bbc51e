"""What must not change what the rehearsal finds: other dates, places, names, units, neighbours."""

from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest

from bimcore.frame import rigid
from bimcore.ifc.sandbox import ingest
from bimcore.model import Model, Scene
from clash.rehearsal.base import Risk
from clash.rehearsal.contacts import contacts_of
from tests.building import model
from tests.ifc_author import Author
from tests.mutation.buildings import tower
from tests.mutation.drafts import Draft, Row, conflict_free
from tests.mutation.operators import OPERATORS
from tests.rehearsing import names, part

FAULTS = ("swap", "late support", "delete link", "early filling", "early leaning", "demolition")
SEEDS = (2, 3)
#: Rules of support, logic and life; the others have their own.
RULES = ("R03", "R04", "R05", "R06", "R11")


def faulty(seed: int, fault: str) -> Draft:
    made = OPERATORS[fault](tower(seed), np.random.default_rng(seed))
    assert made is not None
    return made.draft


def told(draft: Draft, *, shift: int = 0, rules=RULES) -> list[tuple]:
    """Risks in full, by names, with their windows moved back by `shift` days."""
    name, rows = names(draft.building.scene), draft.rows

    def one(risk: Risk) -> tuple:
        back = np.timedelta64(shift, "D")
        window = None if risk.window is None else tuple(str(w - back) for w in risk.window)
        tasks = tuple(rows[t].name for t in risk.tasks)
        elements = tuple(sorted(name[e] for e in risk.elements))
        return risk.rule, tasks, elements, window, round(risk.magnitude, 6), risk.certain

    return sorted(one(r) for r in draft.risks(rules))


def with_scene(draft: Draft, *models: Model) -> Draft:
    return replace(draft, building=replace(draft.building, scene=Scene.of(models)))


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("fault", FAULTS)
def test_every_change_of_dress_leaves_the_risks_as_they_are(fault, seed):
    draft = faulty(seed, fault)
    (made,) = draft.building.scene.models
    turn = rigid(angle=0.7, shift=(1200.0, -350.0, 40.0))
    shuffled = np.random.default_rng(1).permutation(len(made)).tolist()
    guids = tuple(made.elements.guid[k] for k in shuffled)
    expected = told(draft)

    assert expected
    assert told(with_scene(draft, made.moved(turn))) == expected
    other_names = replace(made, elements=replace(made.elements, guid=guids))
    assert told(with_scene(draft, other_names)) == expected
    assert told(with_scene(draft, made, stranger())) == expected


def stranger() -> Model:
    """A building far away and lower down."""
    parts = [
        part("IfcSlab", (900, 0, -30), (920, 9, -29.7), name="far base", storey="1F"),
        part("IfcWall", (900, 0, -29.7), (920, 0.3, -26), name="far wall", storey="1F"),
    ]
    return model(parts, name="stranger")


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("fault", FAULTS)
def test_weeks_later_the_risks_are_the_same_weeks_later(fault, seed):
    draft = faulty(seed, fault)
    # whole weeks keep the weekends; no holiday is in either stretch
    by = timedelta(weeks=1)
    rows = tuple(replace(r, start=r.start + by, finish=r.finish + by) for r in draft.rows)

    assert told(replace(draft, rows=rows), shift=7) == told(draft)


@pytest.mark.parametrize("fault", ["late support", "swap"])
def test_a_task_in_two_halves_gives_the_same_risk(fault):
    draft = faulty(3, fault)
    (risk,) = draft.risks(("R04",))
    late = risk.tasks[1]
    row: Row = draft.rows[late]
    noon = row.start + timedelta(hours=4)
    first = replace(row, finish=noon)
    second = replace(row, start=noon + timedelta(hours=1), name=f"{row.name} rest")
    number = len(draft.rows)
    links = {(number if a == late else a, b) for a, b in draft.links} | {(late, number)}
    rows = (*draft.rows[:late], first, *draft.rows[late + 1 :], second)
    halves = replace(draft, rows=rows, links=frozenset(links))

    (same,) = halves.risks(("R03", "R04", "R05"))

    assert same.elements == risk.elements
    assert same.window == risk.window
    assert same.tasks == (risk.tasks[0], number)


def house(tmp_path, unit: str) -> Scene:
    """Two walls with a slab on them, from a file in `unit`."""
    author = Author(unit=unit)
    storey = author.storey("1F", elevation=0.0)
    author.contain(
        storey,
        author.block("IfcSlab", (6, 6, 0.3), at=(0, 0, -0.3), Name="base"),
        author.block("IfcWall", (6, 0.2, 3), Name="wall"),
        author.block("IfcSlab", (6, 6, 0.2), at=(0, 0, 3), Name="deck"),
    )
    path = tmp_path / f"{unit}.ifc"
    author.write(path)
    made = ingest(path, name=path.name)
    assert made.model is not None
    return Scene.of([made.model])


def carried(scene: Scene) -> list[tuple[str, str]]:
    contacts, name = contacts_of(scene), names(scene)
    return sorted((name[s], name[e]) for s, e in zip(contacts.below, contacts.above, strict=True))


def test_millimetres_and_metres_are_carried_alike(tmp_path):
    found = carried(house(tmp_path, "mm"))

    assert found == carried(house(tmp_path, "m")) == [("base", "wall"), ("wall", "deck")]


def test_the_plan_of_the_tower_has_no_risk_to_begin_with():
    assert told(conflict_free(tower(2))) == []
