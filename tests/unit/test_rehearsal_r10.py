"""R10: plant that does not fit the widest route left."""

import itertools
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, strategies as st

from bimcore.relations import RelationKind
from clash.rehearsal import r10_openings
from clash.rehearsal.corners import round_corner, through_doorway
from clash.rehearsal.precedence import without_repeats
from clash.rehearsal.widest import widest
from tests.builders import about_z, box, joined, prism, turned
from tests.rehearsing import at, evening, part, solid, stage, told, work

UNIT = "IfcUnitaryEquipment"
HEIGHT = 3.0


class House:
    """Rooms in a row along x, 5 m deep, between walls of 0.2 m; the way in is from the west."""

    def __init__(self) -> None:
        self.things: list = []
        self.relations: list = []

    def wall(self, name, x, *, door=None, height=2.1, sill=0.0, filler="IfcDoor", y=2.0, deep=5.0):
        """A wall across the row at x, with an opening and what fills it."""
        if door is None:
            self.things.append(part("IfcWall", (x, 0, 0), (x + 0.2, deep, HEIGHT), name=name))
            return self
        parts = [
            box((0.2, y, HEIGHT), (x, 0, 0)),
            box((0.2, deep - y - door, HEIGHT), (x, y + door, 0)),
            box((0.2, door, HEIGHT - sill - height), (x, y, sill + height)),
        ]
        parts += [box((0.2, door, sill), (x, y, 0))] if sill else []
        low, high = (x, y, sill), (x + 0.2, y + door, sill + height)
        self.things.append(solid("IfcWall", joined(*parts), name=name))
        self.things.append(part("IfcOpeningElement", low, high, name=f"hole {name}"))
        self.relations.append((RelationKind.VOIDS, f"hole {name}", name))
        if filler:
            low, high = (x + 0.05, y, sill), (x + 0.1, y + door, sill + height)
            self.things.append(part(filler, low, high, name=f"in {name}"))
            self.relations.append((RelationKind.FILLS, f"in {name}", name))
            self.relations.append((RelationKind.OPENING_FILLER, f"in {name}", f"hole {name}"))
        return self

    def room(self, name, first, last, *, deep=5.0):
        self.things.append(part("IfcSpace", (first, 0, 0), (last, deep, HEIGHT - 0.2), name=name))
        return self

    def shell(self, first, last, *, deep=5.0):
        """Floor, roof and long walls."""
        low, high = (first, -0.2), (last, deep + 0.2)
        for name, z in (("floor", -0.2), ("roof", HEIGHT)):
            self.things.append(part("IfcSlab", (*low, z), (*high, z + 0.2), name=name))
        for name, y in (("south", -0.2), ("north", deep)):
            self.things.append(part("IfcWall", (first, y, 0), (last, y + 0.2, HEIGHT), name=name))
        return self


def house(*, first=2.1, second=0.95, filler=""):
    """Hall, store and plant room; two doors between them, one to the outside."""
    row = House().shell(-0.2, 15.4)
    row.wall("west", -0.2, door=2.1).wall("middle", 5.0, door=first)
    row.wall("inner", 10.2, door=second, filler=filler).wall("east", 15.2)
    return row.room("hall", 0, 5.0).room("store", 5.2, 10.2).room("plant", 10.4, 15.2)


SHELL = ("floor", "roof", "south", "north", "east", "west", "in west", "middle", "in middle")


def plan(day, *, inner="06-08", name="Install AHU", rest=(), built=("inner",), **columns):
    """The shell, then the inner wall, then the unit."""
    return [
        work("Shell", "06-01", "06-05", trade="structure", on=SHELL),
        work("Inner wall", inner, inner, trade="envelope", on=built),
        work(name, day, day, trade="mep_first", on=("unit",), **columns),
        *rest,
    ]


def unit(size=(0.95, 0.95, 0.95), *, is_a=UNIT, name="unit", low=(12, 2, 0.02)):
    high = tuple(a + b for a, b in zip(low, size, strict=True))
    return part(is_a, low, high, name=name, storey="1F")


def looked(row, tasks, *, body=None, more=(), **columns):
    things = [*row.things, *more, body or unit()]
    return stage(things, tasks, relations=row.relations, rules=(r10_openings,), **columns)


def found(row, tasks, **columns):
    return r10_openings.find(looked(row, tasks, **columns))


def test_a_unit_that_needs_a_metre_is_kept_out_by_an_opening_of_0_95():
    risks = found(house(second=0.95), plan("06-10")).risks

    assert [(r.rule, r.tasks, r.place, r.window, r.certain) for r in risks] == [
        ("R10", (2, 1), "1F", (at("06-10"), evening("06-10")), True)
    ]
    data = risks[0].data
    assert (data["need_m"], data["have_m"], data["short_of"]) == (1.0, 0.95, "width")
    assert data["closed"] == "2026-06-08T17:00"
    assert risks[0].magnitude == pytest.approx(0.15)
    assert risks[0].titles["zh-CN"] == (
        "1F “unit”6月10日安装时运不进去：最宽的通路要经过洞口“hole inner”，净宽只有 0.95 m，需要 1.00 m"
    )
    assert risks[0].witness == pytest.approx(np.array([[10.2, 2.0, 0.0], [10.4, 2.95, 2.1]]))


def test_a_unit_that_needs_0_90_goes_through_an_opening_of_0_95():
    assert found(house(second=0.95), plan("06-10"), body=unit((0.85, 0.95, 0.95))).risks == ()


@pytest.mark.parametrize(("width", "risks"), [(0.99, 1), (1.00, 0), (1.01, 0)])
def test_a_centimetre_of_the_opening_decides(width, risks):
    assert len(found(house(second=width), plan("06-10")).risks) == risks


@pytest.mark.parametrize(("width", "sure"), [(0.95, [True]), (1.05, [False]), (1.11, [])])
def test_a_door_takes_its_frame_which_has_to_be_measured_where_it_decides(width, sure):
    risks = found(
        house(second=width, filler="IfcDoor"), plan("06-10", built=("inner", "in inner"))
    ).risks

    assert [r.certain for r in risks] == sure
    assert [("实测" in r.descriptions["zh-CN"]) for r in risks] == [not s for s in sure]


def test_before_the_wall_stands_there_is_a_way():
    assert found(house(), plan("06-10", inner="06-11")).risks == ()


def test_before_the_door_is_hung_its_whole_opening_is_a_way():
    hung = work("Hang door", "06-12", "06-12", on=("in inner",))

    assert found(house(second=1.05, filler="IfcDoor"), plan("06-10", rest=(hung,))).risks == ()


@pytest.mark.parametrize(("set_", "risks"), [("06-09", 1), ("06-12", 0)])
def test_a_window_is_a_way_until_it_is_set(set_, risks):
    row = house(second=0.9)
    row.things = [t for t in row.things if t.name != "east"]
    row.wall("east", 15.2, door=1.6, height=1.4, sill=0.9, filler="IfcWindow")
    tasks = plan("06-10")
    tasks.append(work("Windows", set_, set_, on=("in east",)))

    assert len(found(row, tasks).risks) == risks


def test_a_unit_goes_through_on_any_side():
    lying = unit((1.9, 0.85, 1.9))

    assert found(house(second=0.95, first=2.4), plan("06-10"), body=lying).risks == ()


def test_a_unit_too_high_and_too_wide_for_the_door_is_told_by_what_is_short():
    risks = found(house(second=1.2), plan("06-10"), body=unit((1.0, 2.4, 2.4))).risks

    assert [r.data["short_of"] for r in risks] == ["height"]
    assert risks[0].data["have_m"] == pytest.approx(2.05)


@pytest.mark.parametrize("name", ["AHU 现场组装", "水箱分体运输就位", "Assemble AHU in parts"])
def test_a_unit_that_comes_in_parts_is_not_told(name):
    assert found(house(), plan("06-10", name=name)).risks == ()


@pytest.mark.parametrize(("closing", "risks"), [("06-09", 1), ("06-15", 0)])
def test_an_opening_that_the_plan_keeps_for_units_is_a_way(closing, risks):
    kept = work("封堵设备吊装洞口", closing, closing)

    assert len(found(house(), plan("06-10", rest=(kept,))).risks) == risks


def test_an_open_roof_lets_the_crane_in():
    tasks = plan("06-10")
    tasks[0] = work("Shell", "06-01", "06-05", on=[n for n in SHELL if n != "roof"])
    tasks.append(work("Roof", "06-20", "06-22", on=("roof",)))

    assert found(house(), tasks).risks == ()
    assert len(found(house(), tasks, given={"R09.sky": False}).risks) == 1


def test_walls_without_dates_make_it_possible_not_certain():
    risks = found(house(), [plan("06-10")[2]]).risks

    assert [(r.certain, r.tasks, r.data["closed"]) for r in risks] == [(False, (0,), None)]


def test_without_rooms_it_is_said_once_that_nothing_was_looked_at():
    row = house()
    row.things = [t for t in row.things if t.is_a != "IfcSpace"]

    seen = found(row, plan("06-10"))

    assert (seen.risks, len(seen.not_assessed)) == ((), 1)


def test_a_room_without_any_way_for_people_is_not_judged():
    row = house()
    row.things = [t for t in row.things if "inner" not in t.name]
    row.relations = [r for r in row.relations if "inner" not in " ".join(r[1:])]
    row.wall("inner", 10.2)
    tasks = [
        plan("06-10")[0],
        work("Inner wall", "06-08", "06-08", on=("inner",)),
        plan("06-10")[2],
    ]

    seen = found(row, tasks)

    assert (seen.risks, len(seen.not_assessed)) == ((), 1)


def test_rooms_without_a_wall_between_them_are_one():
    row = house(first=2.4)
    row.things = [t for t in row.things if "inner" not in t.name]
    row.relations = [r for r in row.relations if "inner" not in " ".join(r[1:])]
    tasks = [plan("06-10")[0], plan("06-10")[2]]

    assert found(row, tasks, body=unit((1.5, 1.5, 1.5))).risks == ()


def test_rooms_that_two_models_tell_are_the_same_rooms():
    row = house(second=1.0)
    row.room("hall again", 0.02, 4.95).room("plant again", 10.45, 15.15)

    assert found(row, plan("06-10")).risks == ()
    assert len(found(row, plan("06-10"), body=unit((0.96, 1.0, 1.0))).risks) == 1


def test_a_lift_may_come_in_parts_and_its_whole_shaft_is_no_unit():
    car = unit((1.4, 1.4, 2.3), is_a="IfcTransportElement")
    shaft = unit((1.4, 1.4, 9.0), is_a="IfcTransportElement")

    assert [r.certain for r in found(house(), plan("06-10"), body=car).risks] == [False]
    assert found(house(), plan("06-10"), body=shaft).risks == ()


@pytest.mark.parametrize(("width", "risks"), [(0.95, 1), (1.05, 0)])
def test_a_flight_of_stairs_is_as_wide_as_the_way_up(width, risks):
    row = House().shell(-0.2, 6.2)
    row.wall("west", -0.2, door=2.1, filler="").wall("east", 6.0).room("hall", 0, 6.0)
    row.things += [
        part("IfcStairFlight", (1, 0.1, 0), (4, 0.1 + width, 3.2), name="flight"),
        part("IfcSpace", (0, 0, 3.2), (6, 5, 5.8), name="upper"),
        part("IfcSlab", (-0.2, -0.2, 6), (6.2, 5.2, 6.2), name="top"),
        *(
            part("IfcWall", low, high, name=name)
            for name, low, high in (
                ("upper west", (-0.2, -0.2, 3.2), (0, 5.2, 6)),
                ("upper east", (6, -0.2, 3.2), (6.2, 5.2, 6)),
                ("upper south", (0, -0.2, 3.2), (6, 0, 6)),
                ("upper north", (0, 5, 3.2), (6, 5.2, 6)),
            )
        ),
    ]
    built = [t.name for t in row.things if t.is_a in ("IfcWall", "IfcSlab", "IfcStairFlight")]
    tasks = [work("Shell", "06-01", "06-05", on=built), plan("06-10")[2]]

    seen = found(row, tasks, body=unit(low=(3, 3, 3.22)))

    assert [r.data["have_m"] for r in seen.risks] == [width] * risks
    assert seen.not_assessed == ()


def test_two_units_of_one_task_behind_one_door_are_one_risk():
    tasks = plan("06-10")
    tasks[2] = work("AHUs", "06-10", "06-10", on=("unit", "second"))
    more = (unit(name="second", low=(13.2, 2, 0.02)),)
    seen = looked(house(), tasks, more=more)

    risks = r10_openings.find(seen).risks

    assert told(seen, risks) == [("R10", ("AHUs", "Inner wall"), ("second", "unit"))]
    assert "“unit”：最宽的通路要经过洞口“hole inner”" in risks[0].descriptions["zh-CN"]


def corridor(*, width):
    """A corridor along the row, entered at its end; the plant room is to its side."""
    row = House()
    deep = width + 0.2 + 4.0
    for name, z in (("floor", -0.2), ("roof", HEIGHT)):
        row.things.append(part("IfcSlab", (-0.2, -0.2, z), (12.2, deep + 0.2, z + 0.2), name=name))
    for name, y in (("south", -0.2), ("north", deep)):
        row.things.append(part("IfcWall", (-0.2, y, 0), (12.2, y + 0.2, HEIGHT), name=name))
    west = joined(
        box((0.2, 0.05, HEIGHT), (-0.2, 0, 0)),
        box((0.2, deep - width + 0.05, HEIGHT), (-0.2, width - 0.05, 0)),
    )
    row.things.append(solid("IfcWall", west, name="west"))
    row.things.append(
        part("IfcOpeningElement", (-0.2, 0.05, 0), (0, width - 0.05, HEIGHT), name="hole west")
    )
    row.relations.append((RelationKind.VOIDS, "hole west", "west"))
    row.things.append(part("IfcWall", (12.0, 0, 0), (12.2, deep, HEIGHT), name="east"))
    inner = joined(
        box((5.0, 0.2, HEIGHT), (0, width, 0)),
        box((5.9, 0.2, HEIGHT), (6.1, width, 0)),
        box((1.1, 0.2, 0.9), (5.0, width, 2.1)),
    )
    row.things.append(solid("IfcWall", inner, name="inner"))
    row.things.append(
        part("IfcOpeningElement", (5.0, width, 0), (6.1, width + 0.2, 2.1), name="hole inner")
    )
    row.things.append(part("IfcDoor", (5.0, width, 0), (6.1, width + 0.05, 2.1), name="in inner"))
    row.relations += [
        (RelationKind.VOIDS, "hole inner", "inner"),
        (RelationKind.OPENING_FILLER, "in inner", "hole inner"),
    ]
    row.things.append(part("IfcSpace", (0, 0, 0), (12, width, 2.8), name="corridor"))
    row.things.append(part("IfcSpace", (0, width + 0.2, 0), (12, deep, 2.8), name="plant"))
    return row


@pytest.mark.parametrize(("length", "risks"), [(1.5, 0), (1.6, 1)])
def test_a_long_unit_does_not_turn_from_a_narrow_corridor_into_a_door(length, risks):
    row, body = corridor(width=1.4), unit((length, 0.85, 2.0), low=(4, 3, 0.02))
    tasks = plan("06-10", built=("inner", "in inner"))
    tasks[0] = work(
        "Shell", "06-01", "06-05", on=("floor", "roof", "south", "north", "east", "west")
    )

    seen = found(row, tasks, body=body).risks

    assert len(seen) == risks
    assert [r.data["short_of"] for r in seen] == ["turn"] * risks


def bent(*, leg):
    """A room of two legs at a right angle: in at the end of one, the plant room off the other."""
    row = House()
    for name, z in (("floor", -0.2), ("roof", HEIGHT)):
        row.things.append(part("IfcSlab", (-0.2, -0.2, z), (14.2, 14.2, z + 0.2), name=name))
    row.wall("west", -0.2, door=leg - 0.1, height=2.8, y=0.05, deep=leg, filler="")
    head = [
        box((0.05, 0.2, HEIGHT), (8 - leg, 8, 0)),
        box((0.05, 0.2, HEIGHT), (7.95, 8, 0)),
        box((leg - 0.1, 0.2, 0.2), (8.05 - leg, 8, 2.8)),
    ]
    row.things.append(solid("IfcWall", joined(*head), name="head"))
    row.things.append(
        part("IfcOpeningElement", (8.05 - leg, 8, 0), (7.95, 8.2, 2.8), name="hole head")
    )
    row.relations.append((RelationKind.VOIDS, "hole head", "head"))
    outline = [(0, 0), (8, 0), (8, 8), (8 - leg, 8), (8 - leg, leg), (0, leg)]
    row.things.append(solid("IfcSpace", prism(outline, height=2.8), name="corridor"))
    row.things.append(part("IfcSpace", (8 - leg, 8.2, 0), (8, 13, 2.8), name="plant"))
    row.things += [
        part("IfcWall", low, high, name=name)
        for name, low, high in (
            ("south", (0, -0.2, 0), (8.2, 0, HEIGHT)),
            ("east", (8, 0, 0), (8.2, 13.2, HEIGHT)),
            ("north", (0, leg, 0), (8 - leg, leg + 0.2, HEIGHT)),
            ("inside", (7.8 - leg, leg, 0), (8 - leg, 13.2, HEIGHT)),
            ("end", (8 - leg, 13, 0), (8, 13.2, HEIGHT)),
        )
    ]
    return row


@pytest.mark.parametrize(("length", "risks"), [(2.9, 0), (3.0, 1)])
def test_a_long_unit_does_not_get_round_the_corner_of_a_bent_room(length, risks):
    # the longest 0.65 m wide that gets round a corner of 1.5 m is 2 * 1.5 * 2**0.5 - 2 * 0.65
    row, body = bent(leg=1.5), unit((0.6, length, 2.5), low=(6.8, 9, 0.02))
    shell = [t.name for t in row.things if t.is_a in ("IfcWall", "IfcSlab")]
    tasks = [work("Shell", "06-01", "06-05", on=shell), plan("06-10")[2]]

    seen = found(row, tasks, body=body).risks

    assert [r.data["short_of"] for r in seen] == ["turn"] * risks


@pytest.mark.parametrize("degrees", [17, 90])
@pytest.mark.parametrize(("width", "risks"), [(0.99, 1), (1.01, 0)])
def test_a_turned_house_is_judged_like_a_straight_one(degrees, width, risks):
    row = house(second=width)
    row.things = [replace(t, body=turned(t.body, about_z(degrees))) for t in row.things]
    body = unit()

    seen = found(row, plan("06-10"), body=replace(body, body=turned(body.body, about_z(degrees))))

    assert len(seen.risks) == risks


def test_what_r09_tells_is_not_told_again():
    seen = looked(house(), plan("06-10"))
    kept_out = r10_openings.find(seen).risks
    shut_in = [replace(r, rule="R09") for r in kept_out]

    assert [r.rule for r in without_repeats(seen, [*kept_out, *shut_in])] == ["R09"]
    assert [r.rule for r in without_repeats(seen, kept_out)] == ["R10"]


def test_a_square_goes_round_a_corner_of_its_width():
    assert round_corner(1.0, 1.0, legs=(1.0, 1.0))
    assert not round_corner(1.01, 1.01, legs=(1.0, 1.0))


@pytest.mark.parametrize(
    ("legs", "width"), [((1.0, 1.0), 0.2), ((1.2, 1.8), 0.5), ((2.0, 1.0), 0.3)]
)
def test_the_longest_rectangle_round_a_corner_is_as_long_as_reckoned(legs, width):
    a, b = legs
    angle = np.linspace(1e-4, np.pi / 2 - 1e-4, 200_001)
    longest = max(
        float(
            (
                (a * np.sin(angle) + b * np.cos(angle) - width) / (np.sin(angle) * np.cos(angle))
            ).min()
        ),
        a,
        b,
    )

    assert round_corner(longest - 1e-4, width, legs=legs)
    assert not round_corner(longest + 1e-4, width, legs=legs)


def test_straight_through_a_doorway_a_piece_needs_its_length_before_it():
    assert through_doorway(2.0, 0.9, depth=2.0, door=0.9)
    assert not through_doorway(2.0, 0.9, depth=1.99, door=0.9)
    assert through_doorway(2.0, 0.45, depth=1.4, door=0.9)
    assert not through_doorway(2.0, 0.91, depth=9.0, door=0.9)


EDGES = st.lists(
    st.tuples(st.integers(0, 5), st.integers(0, 5), st.integers(1, 6).map(float)), max_size=14
)


@given(edges=EDGES)
def test_the_widest_way_is_that_of_all_ways(edges):
    steps: dict[int, list[tuple[int, float]]] = {k: [] for k in range(6)}
    for a, b, width in edges:
        steps[a].append((b, width))
        steps[b].append((a, width))
    width_of = {}
    for a, b, width in [*edges, *((b, a, w) for a, b, w in edges)]:
        width_of[a, b] = max(width, width_of.get((a, b), 0.0))
    every = [
        min(width_of.get(pair, 0.0) for pair in itertools.pairwise((0, *between, 5)))
        for count in range(5)
        for between in itertools.permutations(range(1, 5), count)
    ]

    width, way = widest(0, goal=lambda node: node == 5, steps=lambda node: steps[node])

    assert width == max(every)
    assert min((w for _, w in way), default=0.0) == width
    assert [node for node, _ in way][-1:] == ([5] if way else [])
