"""R05: what hangs in the air on some days, and what never stood in the finished building."""

from clash.rehearsal import r05_floating as r05
from clash.rehearsal.floats import floats
from tests.rehearsing import at, evening, names, part, stage, told, work

FLOOR = part("IfcSlab", (0, 0, -0.3), (10, 10, 0), name="base", storey="1F")
COLUMNS = [
    part("IfcColumn", (x, y, 0), (x + 0.4, y + 0.4, 3), name=f"C{k}", storey="1F")
    for k, (x, y) in enumerate([(0, 0), (9.6, 0), (0, 9.6), (9.6, 9.6)])
]
DECK = part("IfcSlab", (0, 0, 3), (10, 10, 3.2), name="deck", storey="2F")
WALLS = [
    part("IfcWall", (2 * k, 4, 3.2), (2 * k + 1, 4.2, 6), name=f"W{k}", storey="2F")
    for k in range(5)
]
STRAY = part("IfcWall", (4, 8, 5), (5, 8.2, 6), name="stray", storey="2F")
HOUSE = [FLOOR, *COLUMNS, DECK, *WALLS, STRAY]
FIVE = tuple(f"W{k}" for k in range(5))


def house(*, walls=("06-20", "06-22"), deck=("06-10", "06-15"), **more):
    tasks = [
        work("base", "06-01", "06-02", on=["base"]),
        work("columns", "06-03", "06-05", on=[c.name for c in COLUMNS]),
        work("deck", *deck, on=["deck"]),
        work("walls", *walls, on=[*FIVE, "stray"]),
    ]
    return stage(HOUSE, tasks, rules=[r05], **more)


def test_the_finished_buildings_own_floats_are_never_reported():
    place = house()

    assert r05.find(place).risks == ()


def test_five_walls_before_their_floor_are_exactly_those_five_on_those_dates():
    place = house(walls=("06-04", "06-06"))

    found = r05.find(place)

    assert told(place, found) == [("R05", ("walls", "deck"), FIVE)]
    (risk,) = found.risks
    assert risk.window == (at("06-04"), at("06-10T00:00"))
    assert risk.certain
    assert risk.data["working_days"] == 6.0


def test_walls_that_begin_with_their_floor_do_not_float():
    place = house(walls=("06-10", "06-12"))

    assert r05.find(place).risks == ()


def test_walls_that_are_still_being_built_when_the_floor_begins_may_float_only():
    place = house(walls=("06-08", "06-12"))

    (risk,) = r05.find(place).risks

    assert not risk.certain
    assert risk.window == (at("06-08"), at("06-10T00:00"))


def test_undated_elements_are_taken_as_there():
    place = stage(HOUSE, [work("walls", "06-04", "06-06", on=FIVE)], rules=[r05])

    assert r05.find(place).risks == ()


def test_a_temporary_support_holds_until_it_goes():
    prop = part("IfcBuildingElementProxy", (2, 4, 0), (2.3, 4.2, 3.2), name="prop", storey="1F")
    tasks = [
        work("deck", "06-20", "06-22", on=["deck"]),
        work("wall", "06-04", "06-06", on=["W1"]),
        work("prop", "06-01", "06-10", on=["prop"], action="temporary"),
    ]
    place = stage([*HOUSE, prop], tasks, rules=[r05])

    spans = [(names(place.scene)[f.element], f.start, f.end) for f in floats(place)]

    minutes = [int(m.astype(int)) for m in (evening("06-10"), at("06-20"))]
    assert spans == [("W1", *minutes)]


def test_what_is_held_again_in_time_after_a_demolition_does_not_float():
    new = part("IfcSlab", (0, 3, 3), (10, 5, 3.2), name="new deck", storey="2F")
    tasks = [
        work("new", "06-01", "06-05", on=["new deck"]),
        work("demolition", "06-06", "06-10", on=["deck"], action="remove"),
    ]

    assert r05.find(stage([*HOUSE, new], tasks, rules=[r05])).risks == ()


def test_what_is_held_too_late_after_a_demolition_floats_between():
    new = part("IfcSlab", (0, 3, 3), (10, 5, 3.2), name="new deck", storey="2F")
    post = part("IfcColumn", (5, 3.5, 0), (5.4, 3.9, 3), name="post", storey="1F")
    tasks = [
        work("demolition", "06-06", "06-10", on=["deck"], action="remove"),
        work("new", "06-15", "06-18", on=["new deck", "post"]),
    ]
    place = stage([*HOUSE, new, post], tasks, rules=[r05])

    found = r05.find(place)

    assert {e for _, _, group in told(place, found) for e in group} == set(FIVE)
    assert {r.window for r in found.risks} == {(evening("06-10"), at("06-15T00:00"))}


def test_linings_that_hang_from_a_roof_are_left_alone():
    roof = part("IfcSlab", (0, 0, 6), (10, 10, 6.2), name="roof", storey="RF")
    post = part("IfcColumn", (0, 0, 3.2), (0.4, 0.4, 6), name="post", storey="2F")

    def risks(thick):
        board = part("IfcWall", (4, 4, 5.7), (6, 4 + thick, 6), name="board", storey="2F")
        tasks = [
            work("deck", "06-01", "06-05", on=["base", "deck", *(c.name for c in COLUMNS)]),
            work("walls", "06-08", "06-10", on=["board", "post"]),
            work("roof", "06-15", "06-18", on=["roof"]),
        ]
        made = stage([FLOOR, *COLUMNS, DECK, post, roof, board], tasks, rules=[r05])
        return told(made, r05.find(made))

    assert risks(0.05) == []
    assert risks(0.2) == [("R05", ("walls", "roof"), ("board",))]
