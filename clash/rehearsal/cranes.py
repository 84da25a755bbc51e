"""Cranes as the project file states them: place, reach, heights, time, chart, sectors."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np

from bimcore.arrays import F64, Mask
from bimcore.sketch import Body, bar, joined, ring
from clash.rehearsal.base import Stage
from clash.texts import both

#: Metres in pictures: the sides of mast and jib, the tip over the jib, the mast of unknown height.
_MAST, _JIB, _HEAD, _TALL = 1.8, 1.2, 6.0, 40.0


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Crane:
    """One crane in the project frame.

    Attributes
    ----------
    name : str
    base : (3,) float64
        Foot of the mast.
    reach, reach_min : float
        Radii of the hook in metres.
    jib : float
        Level of the jib above the origin of the frame; NaN where not stated.
    window : pair of datetime64[m]
        When it stands.
    chart : (N, 2) float64
        Radius in metres, load in tonnes, by radius; empty for none.
    blocked : tuple of (float, float)
        Sectors that a limiter keeps the jib out of: bearings in degrees, clockwise from north.
    vane : bool
        Whether the jib swings freely with the wind out of service, in all directions.
    tasks : frozenset of int
        Tasks that it works for; empty for all.
    north : float
        Counter-clockwise angle in radians from the frame's x axis to map east is ``-north``.

    """

    name: str
    base: F64
    reach: float
    reach_min: float
    jib: float
    window: tuple[np.datetime64, np.datetime64]
    chart: F64
    blocked: tuple[tuple[float, float], ...]
    vane: bool
    tasks: frozenset[int]
    north: float

    def free(self, points: F64) -> Mask:
        """Plan points (N, 2) that no limiter keeps the hook away from."""
        way = points - self.base[None, :2]
        angle = np.arctan2(way[:, 1], way[:, 0]) + self.north
        bearing = np.mod(90.0 - np.degrees(angle), 360.0)
        kept = np.ones(len(points), dtype=np.bool_)
        for first, last in self.blocked:
            width = (last - first) % 360.0 or 360.0
            kept &= (bearing - first) % 360.0 > width
        return kept

    def lifts(self, radius: float) -> float:
        """Tonnes that the chart allows at a radius; 0 out of reach, NaN without a chart."""
        if radius > self.reach + 1e-9 or radius < self.reach_min - 1e-9:
            return 0.0
        if not len(self.chart):
            return float("nan")
        if radius > self.chart[-1, 0] + 1e-9:
            return 0.0
        return float(np.interp(radius, self.chart[:, 0], self.chart[:, 1]))


def cranes_of(stage: Stage) -> tuple[list[Crane], list[Mapping[str, Mapping[str, str]]]]:
    """The cranes of a stage, and what is not assessed for lack of a number."""
    cranes: list[Crane] = []
    silent: list[Mapping[str, Mapping[str, str]]] = []
    for number, row in enumerate(stage.equipment, 1):
        if "crane" not in str(row.get("kind", "")).lower() and "塔" not in str(row.get("kind", "")):
            continue
        name = str(row.get("name") or f"crane {number}")
        wrong = _unreadable(row)
        base = None if wrong else _base(stage, row)
        reach = _number(row.get("radius_m"))
        if base is None or not 0.0 < reach < float("inf"):
            silent.append(_silent(name, wrong))
            continue
        cranes.append(_crane(stage, row, name=name, base=base, reach=reach))
    return cranes, silent


def crane_bodies(cranes: Sequence[Crane]) -> list[Body]:
    """What pictures show of cranes: mast, jib to the east and the ring that its end runs along."""
    bodies = []
    for crane in cranes:
        level = crane.jib if np.isfinite(crane.jib) else float(crane.base[2]) + _TALL
        top = np.array([crane.base[0], crane.base[1], level])
        reach = np.array([crane.reach, 0.0, 0.0])
        bodies.append(
            joined(
                [
                    bar(crane.base, top + [0.0, 0.0, _HEAD], thick=_MAST),
                    bar(top - 0.3 * reach, top + reach, thick=_JIB),
                    ring(top, crane.reach, thick=_JIB / 2),
                ]
            )
        )
    return bodies


def _unreadable(row: Mapping[str, Any]) -> list[str]:
    """Keys of a row whose values are not what they should be."""
    found = [k for k in ("chart", "blocked_deg") if not _are_pairs(row.get(k, ()))]
    found += [k for k in ("from", "to") if not _is_day(row.get(k))]
    lists = [k for k in ("base", "base_map") if not isinstance(row.get(k, ""), str)]
    return found + [k for k in lists if not _are_numbers(row[k], 3)]


def _are_pairs(value: object) -> bool:
    if not isinstance(value, Sequence) or isinstance(value, str):
        return False
    return all(_are_numbers(v, 2) for v in value)


def _are_numbers(value: object, count: int) -> bool:
    if not isinstance(value, Sequence) or isinstance(value, str) or len(value) != count:
        return False
    return all(bool(np.isfinite(_number(v))) for v in value)


def _is_day(value: object) -> bool:
    if value is None or value == "" or hasattr(value, "isoformat"):
        return True
    try:
        datetime.fromisoformat(str(value))
    except ValueError:
        return False
    return True


def _silent(name: str, wrong: list[str]) -> Mapping[str, Mapping[str, str]]:
    """Why a crane is not looked at."""
    keys = ", ".join(wrong)
    why = (
        (f"{keys} 的写法不对", f"{keys} cannot be read")
        if wrong
        else (
            "未给出基座位置（base、base_map 或构件 GlobalId）或半径 radius_m",
            "its base (base, base_map or a GlobalId) or radius_m is not given",
        )
    )
    return {"what": both(f"起重机“{name}”", f'Crane "{name}"'), "why": both(*why)}


def _crane(stage: Stage, row: Mapping[str, Any], *, name: str, base: F64, reach: float) -> Crane:
    high = _number(row.get("jib_height_m"))
    chart = np.array(
        sorted([float(r), float(t)] for r, t in row.get("chart", ()) or ()), dtype=np.float64
    ).reshape(-1, 2)
    tasks = frozenset(_tasks(stage, row.get("task", row.get("tasks", ()))))
    return Crane(
        name=name,
        base=base,
        reach=reach,
        reach_min=_number(row.get("radius_min_m"), 0.0),
        jib=float(base[2]) + high,
        window=_window(stage, row, tasks),
        chart=chart,
        blocked=tuple((float(a), float(b)) for a, b in row.get("blocked_deg", ()) or ()),
        vane=bool(row.get("weathervane", False)),
        tasks=tasks,
        north=float(stage.scene.frame.north),
    )


def _number(value: object, default: float = float("nan")) -> float:
    if isinstance(value, int | float) and not isinstance(value, bool):
        return float(value)
    return default


def _base(stage: Stage, row: Mapping[str, Any]) -> F64 | None:
    """Foot of the mast in the project frame: metres there, on the map, or of an element."""
    on_map, base = row.get("base_map"), row.get("base", row.get("element"))
    if isinstance(on_map, Sequence) and not isinstance(on_map, str) and len(on_map) == 3:
        found: F64 = stage.scene.frame.from_map(np.array([on_map], dtype=np.float64))[0]
        return found
    if isinstance(base, str):
        return _of_element(stage, base)
    if isinstance(base, Sequence) and len(base) == 3:
        return np.array([float(v) for v in base])
    return None


def _of_element(stage: Stage, guid: str) -> F64 | None:
    start = stage.scene.element_start
    for m, model in enumerate(stage.scene.models):
        if guid in model.elements.guid:
            box = stage.scene.bounds[int(start[m]) + model.elements.guid.index(guid)]
            if np.isfinite(box).all():
                return np.array([*box.mean(axis=0)[:2], box[0, 2]])
    return None


def _tasks(stage: Stage, words: object) -> list[int]:
    names = (
        [words] if isinstance(words, str) else list(words) if isinstance(words, Sequence) else []
    )
    return [
        t for t, task in enumerate(stage.schedule.tasks) if task.id in names or task.name in names
    ]


def _window(
    stage: Stage, row: Mapping[str, Any], tasks: frozenset[int]
) -> tuple[np.datetime64, np.datetime64]:
    """When the crane stands: from and to, else its tasks, else the whole plan."""
    path, rows = stage.path, sorted(tasks) or list(range(len(stage.schedule.tasks)))
    starts, ends = path.start[rows], path.finish[rows]
    starts, ends = starts[~np.isnat(starts)], ends[~np.isnat(ends)]
    first = starts.min() if len(starts) else np.datetime64(0, "m")
    last = ends.max() if len(ends) else np.datetime64(0, "m")
    given_from, given_to = _day(row.get("from")), _day(row.get("to"))
    if given_from is not None:
        first = given_from
    if given_to is not None:
        last = given_to + np.timedelta64(1440, "m")
    return first, max(last, first)


def _day(value: object) -> np.datetime64 | None:
    """A day of the project file: ISO text or a TOML date."""
    if value is None or value == "":
        return None
    text = value.isoformat() if hasattr(value, "isoformat") else str(value)
    return np.datetime64(datetime.fromisoformat(text).replace(tzinfo=None), "m")
