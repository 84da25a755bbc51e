"""The slow and obvious way in: at each moment a flood from outside through what is open then."""

import numpy as np
from scipy import ndimage

from clash.rehearsal.base import Stage
from clash.rehearsal.bulky import blocking, bulky_of
from clash.rehearsal.freespace import FINEST, Surfaces, clearance, grid_of
from clash.rehearsal.hauling import ALWAYS, minutes

PAD = 2.5


class Slow:
    """All units of a stage, flooded in one grid."""

    def __init__(self, stage: Stage):
        self.stage = stage
        self.bulky = bulky_of(stage, least=float(stage.profile["R09.size_m"]))
        walls = np.flatnonzero(blocking(stage))
        boxes = stage.scene.bounds[np.concatenate([walls, self.bulky.element])]
        box = np.stack([boxes[:, 0].min(axis=0) - PAD, boxes[:, 1].max(axis=0) + PAD])
        since = minutes(stage.lifetimes.complete[walls])
        self.surfaces = Surfaces.of(stage.scene.meshes, walls, since, always=ALWAYS)
        self.grid = grid_of(self.surfaces, box, cell=FINEST)
        self.floods: dict = {}

    def trapped(self) -> dict[int, int | None]:
        """Elements that do not get in when they come, and the minute that closed the way."""
        found = {}
        for row, element in enumerate(self.bulky.element.tolist()):
            came = minutes(self.stage.lifetimes.appear[[element]])[0]
            now = self.surfaces.rank_at(int(came))
            if self._gets_in(row, now, now):
                continue
            rank = next((r for r in range(now, 0, -1) if self._gets_in(row, now, r - 1)), None)
            found[element] = None if rank is None else int(self.surfaces.moments[rank - 1])
        return found

    def _gets_in(self, row: int, now: int, then: int) -> bool:
        """Whether a unit that comes after rank `now` would get in after rank `then`."""
        box = self.stage.scene.bounds[self.bulky.element[row]]
        margin = float(self.stage.profile["R09.margin_m"])
        a, b = (round(float(v) + margin, 2) for v in self.bulky.sides[row, :2])
        for width, height in ((a, b), (b, a)):
            _, reached = self._flood(then, width, height)
            tight = True
            for grow in (0.0, width / 2 + 0.3):
                window, near = self.grid.around(box, height=height, grow=grow, now=now)
                goal = near & self._flood(now, width, height)[0][window]
                if goal.any():
                    tight = False
                    if (goal & reached[window]).any():
                        return True
                    break
            if tight:
                return True
        return False

    def _flood(self, rank: int, width: float, height: float):
        key = (rank, width, height)
        if key not in self.floods:
            room = clearance(self.grid, rank, height=height)
            free = room > 4 * self.grid.need(width)
            labels, _ = ndimage.label(free)
            sky = bool(self.stage.profile["R09.sky"])
            first = max(self.grid.layer(float(self.stage.profile["R09.ground_m"])), 0)
            if not sky:
                free &= self.grid.carried(ground=float(self.stage.profile["R09.ground_m"]))
                labels, _ = ndimage.label(free)
            sides = labels[first:] if sky else labels[first : first + 6]
            faces = [sides[:, 0], sides[:, -1], sides[:, :, 0], sides[:, :, -1]]
            faces += [labels[-1]] if sky else []
            outer = np.unique(np.concatenate([f.ravel() for f in faces]))
            self.floods[key] = free, np.isin(labels, outer[outer > 0])
        return self.floods[key]
