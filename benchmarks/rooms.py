"""A building of rooms with plant in them, for the time of R09."""

from datetime import datetime, timedelta

import numpy as np

from bimcore.schedule import Calendar, Schedule, Task
from clash.rehearsal.base import ElementLinks

#: A part: storey, class, lower and upper corner, day on which it is done.
Part = tuple[int, str, tuple[float, float, float], tuple[float, float, float], int]
UNIT = "IfcUnitaryEquipment"
_ROOM, _DEEP, _HALL, _HIGH, _PANEL = 6.0, 9.0, 4.0, 3.6, 1.5
_SIDE = 8
#: Every so many rooms the door is too narrow and the units come when it stands.
_SHUT = 12
_SHIFTS = ((480, 720), (780, 1020))


def rooms(elements: int) -> list[Part]:
    """Storeys of 16 rooms on a hall, until there are that many parts.

    Facades and partitions are panels, each floor a few slabs; in each room stand one or two
    units of many sizes. Most come before the front wall of their room, or fit its door; in
    some rooms they come too late.
    """
    rng = np.random.default_rng(9)
    made: list[Part] = []
    storey = 0
    while len(made) < elements:
        made += _storey(storey, rng)
        storey += 1
    return made[:elements]


def _storey(storey: int, rng: np.random.Generator) -> list[Part]:
    z, day = _HIGH * storey, 12 * storey
    deep, long = 2 * _DEEP + _HALL, _SIDE * _ROOM
    made: list[Part] = [
        (storey, "IfcSlab", (x, y, z - 0.2), (x + 12, y + deep / 2, z), day)
        for x in np.arange(0, long, 12).tolist()
        for y in (0.0, deep / 2)
    ]
    for x in np.arange(0, long + 1, _ROOM).tolist():
        for y in (0.0, _DEEP, _DEEP + _HALL, deep):
            made.append(
                (storey, "IfcColumn", (x - 0.2, y - 0.2, z), (x + 0.2, y + 0.2, z + 3.4), day + 4)
            )
            made.append(
                (
                    storey,
                    "IfcBeam",
                    (x - 5.8, y - 0.1, z + 3.0),
                    (x - 0.2, y + 0.1, z + 3.4),
                    day + 8,
                )
            )
    for x in np.arange(0, long, _PANEL).tolist():
        made += [
            (storey, "IfcWall", (x, y - 0.1, z), (x + _PANEL, y + 0.1, z + 3.4), day + 40)
            for y in (0.0, deep)
        ]
    for y in np.arange(0, deep, _PANEL).tolist():
        for x in np.arange(0, long + 1, _ROOM).tolist():
            if _DEEP - 1 < y < _DEEP + _HALL and x > 0:
                continue
            top = min(y + _PANEL, deep)
            made.append((storey, "IfcWall", (x - 0.1, y, z), (x + 0.1, top, z + 3.4), day + 30))
    for k in range(2 * _SIDE):
        made += _front(storey, k, rng)
    return made


def _front(storey: int, k: int, rng: np.random.Generator) -> list[Part]:
    """The wall of a room to the hall with its door, and the units behind it."""
    z, day = _HIGH * storey, 12 * storey
    shut = (16 * storey + k) % _SHUT == 5
    x = _ROOM * (k % _SIDE)
    y, inner = (_DEEP, _DEEP - 4) if k < _SIDE else (_DEEP + _HALL, _DEEP + _HALL + 2)
    door = 0.8 if shut else float(rng.choice([1.2, 1.6, 2.0]))
    closed = day + 50 + k
    wall = [
        (storey, "IfcWall", (x, y - 0.1, z), (x + 1, y + 0.1, z + 3.4), closed),
        (storey, "IfcWall", (x + 1 + door, y - 0.1, z), (x + 6, y + 0.1, z + 3.4), closed),
        (storey, "IfcWall", (x + 1, y - 0.1, z + 2.2), (x + 1 + door, y + 0.1, z + 3.4), closed),
    ]
    units: list[Part] = []
    for n in range(2 if shut else int(rng.integers(1, 4))):
        wide, long, high = (float(v) for v in np.round(rng.uniform(0.9, 1.9, 3), 2))
        late = shut or (wide + 0.3 < door and high < 2.0)
        came = closed + int(rng.integers(2, 20)) if late else closed - int(rng.integers(1, 10))
        at = (x + 0.8 + 1.6 * n, inner, z + 0.01)
        units.append(
            (storey, UNIT, at, (at[0] + min(wide, 1.4), inner + long, at[2] + high), came)
        )  # fmt: skip
    return [*wall, *units]


def plan_of(parts: list[Part]) -> tuple[Schedule, ElementLinks]:
    """A plan with a task of one day for each storey, class and day."""
    begin = datetime.fromisoformat("2026-01-05T08:00")
    keys = sorted({(p[0], p[1], p[4]) for p in parts})
    row = {key: n for n, key in enumerate(keys)}
    tasks = tuple(
        Task(
            id=f"R{n}",
            name=f"{kind} {storey + 1}F",
            start=begin + timedelta(days=day),
            finish=begin + timedelta(days=day, hours=9),
            duration=480.0,
        )
        for n, (storey, kind, day) in enumerate(keys)
    )
    pairs = sorted((row[p[0], p[1], p[4]], e) for e, p in enumerate(parts))
    schedule = Schedule(
        name="rooms",
        source="0" * 64,
        format="csv",
        tasks=tasks,
        links=(),
        calendars=(Calendar(id="all", name="all", week=(_SHIFTS,) * 7),),
        calendar="all",
    )
    return schedule, ElementLinks(
        task=np.array([p[0] for p in pairs], dtype=np.int32),
        element=np.array([p[1] for p in pairs], dtype=np.int32),
        confidence=np.ones(len(pairs)),
        how=np.zeros(len(pairs), dtype=np.int32),
        ways=("guid",),
        action=("install",) * len(tasks),
        trade=("",) * len(tasks),
    )
