"""The load path of nothing, and plans that say nothing of it."""

import pytest

from clash.rehearsal import r03_logic, r04_support, r05_floating, r11_lifetime
from tests.rehearsing import part, stage, work

RULES = (r03_logic, r04_support, r05_floating, r11_lifetime)
SLAB = part("IfcSlab", (0, 0, 0), (4, 4, 0.2), name="slab")
WALL = part("IfcWall", (0, 0, 0.2), (4, 0.2, 3), name="wall")
SPACE = part("IfcSpace", (0, 0, 0.2), (4, 4, 3), name="room")


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize(
    "place",
    [
        ([SLAB, WALL], []),
        ([SLAB, WALL], [work("far off", "06-01", "06-02")]),
        ([SPACE], [work("room", "06-01", "06-02", on=["room"])]),
        ([WALL], [work("undated", None, None, on=["wall"])]),
    ],
)
def test_rules_of_support_are_silent_where_there_is_nothing_to_say(rule, place):
    assert rule.find(stage(*place, rules=RULES)).risks == ()
