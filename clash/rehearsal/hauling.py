"""One building for R09: what stands in the way since when, and what is to be brought in."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from bimcore.arrays import F64, I32, I64
from clash.rehearsal.base import Stage
from clash.rehearsal.bulky import Bulky
from clash.rehearsal.freespace import Grid, Surfaces

#: Minutes of the epoch for what has no date.
ALWAYS = -(1 << 30)
#: Metres of outside round a building.
_PAD = 1.5


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Building:
    """What stands in the way in one building, and the units that come into it.

    Attributes
    ----------
    walls, since : (N,) int64
        Scene elements, and the minute of the epoch at which each stands.
    rows : (M,) int64
        Rows of the bulky units.
    box : (2, 3) float64
        The building with some outside round it.
    looked : list of int
        Cells, each unit counted, of the searches so far.

    """

    stage: Stage
    bulky: Bulky
    walls: I64
    since: I64
    rows: I64
    box: F64
    surfaces: Surfaces
    dates: I64
    looked: list[int] = field(default_factory=list)

    @classmethod
    def of(cls, stage: Stage, bulky: Bulky, walls: I64, rows: I64) -> "Building":
        """A building of some blocking elements."""
        boxes = stage.scene.bounds[np.concatenate([walls, bulky.element[rows]])]
        widest = float(bulky.sides[rows, 1].max(initial=0.0))
        pad = max(_PAD, widest / 2 + _PAD)
        since = minutes(stage.lifetimes.complete[walls])
        return cls(
            stage=stage,
            bulky=bulky,
            walls=walls,
            since=since,
            rows=rows,
            box=np.stack([boxes[:, 0].min(axis=0) - pad, boxes[:, 1].max(axis=0) + pad]),
            surfaces=Surfaces.of(stage.scene.meshes, walls, since, always=ALWAYS),
            dates=minutes(stage.lifetimes.appear[bulky.element]),
        )

    @property
    def sky(self) -> bool:
        """Whether things come in from above and over walls; else along the ground alone."""
        return bool(self.stage.profile["R09.sky"])

    @property
    def ground(self) -> float:
        """Height of the ground outside."""
        return float(self.stage.profile["R09.ground_m"])

    def now(self, row: int) -> int:
        """Rank of the last that stands when a unit comes."""
        return self.surfaces.rank_at(int(self.dates[row]))

    def place(self, row: int) -> F64:
        """Box (2, 3) of a unit at its place."""
        found: F64 = self.stage.scene.bounds[self.bulky.element[row]]
        return found

    def section(self, row: int) -> tuple[float, float]:
        """The two smaller sides of a unit with the margin, to the centimetre."""
        margin = float(self.stage.profile["R09.margin_m"])
        a, b = (round(float(v) + margin, 2) for v in self.bulky.sides[row, :2])
        return a, b

    def carryings(self, row: int) -> tuple[tuple[float, float], tuple[float, float]]:
        """Width and height of the ways of carrying a unit."""
        a, b = self.section(row)
        return (a, b), (b, a)

    def until(self, grid: Grid, width: float, height: float) -> I32:
        """Rank until which a section can be in each cell of a grid."""
        until = grid.open_until(width=width, height=height)
        if not self.sky:
            until[~grid.carried(ground=self.ground)] = -1
        return until

    def closers(self, closed: int | None, room: F64) -> tuple[int, ...]:
        """What was completed at that minute and bounds the space."""
        if closed is None:
            return ()
        rows = self.walls[self.since == closed]
        boxes = self.stage.scene.bounds[rows]
        near = ((boxes[:, 0] <= room[1] + 1.0) & (boxes[:, 1] >= room[0] - 1.0)).all(axis=1)
        return tuple((rows[near] if near.any() else rows).tolist())


def minutes(moments: NDArray[np.datetime64]) -> I64:
    """Minutes of the epoch; `ALWAYS` for no date."""
    found: I64 = np.where(
        np.isnat(moments), ALWAYS, moments.astype("datetime64[m]").astype(np.int64)
    )
    return found


def volume(box: F64) -> float:
    """Cubic metres of a box (2, 3)."""
    return float(np.prod(box[1] - box[0]))


def clipped(box: F64, to: F64) -> F64:
    """Part of a box (2, 3) inside another."""
    return np.stack([np.maximum(box[0], to[0]), np.minimum(box[1], to[1])])


def joint(one: F64, other: F64) -> F64:
    """Box (2, 3) round two boxes."""
    return np.stack([np.minimum(one[0], other[0]), np.maximum(one[1], other[1])])


def fitting(box: F64, most: int, tall: float) -> float:
    """Width of the cells of which `most` fill a box."""
    return float((volume(box) / most / tall) ** (1 / 3))
