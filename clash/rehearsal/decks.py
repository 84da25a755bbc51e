"""Floors, roofs and protection decks: what lies between people above and people below."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from bimcore.arrays import F64, I64, Mask
from bimcore.schedule import Action
from clash.rehearsal.crews import Crews
from clash.rehearsal.sitework import named
from clash.rehearsal.standing import Ground
from clash.rehearsal.workspaces import Sheet

#: Flat bodies with a word for a deck: thickest in metres, smallest in square metres.
_FLAT, _LARGE = 0.8, 2.0
#: Part of its box that a floor fills before it counts as the whole box.
_FULL = 0.98
#: Trades that make a floor, against those that work on it.
_MAKERS = ("structure", "foundation", "roof", "temporary")
#: Minutes beyond all plans.
FAR = 2**50
#: Least headroom in metres under a deck, and how far it may stick out over the feet above.
_HEADROOM, FLUSH = 1.5, 0.35


@dataclass(frozen=True, eq=False, kw_only=True)
class Decks:
    """Elements that shield who is below.

    Attributes
    ----------
    rows : (D,) int64
        Scene elements: slabs, roofs, ramps, stairs, and what is called a deck.
    low, high : (D, 3) float64
        Boxes in the frame of the building.
    begin, end : (D,) int64
        Minutes since 1970 between which each is complete; half-open.

    """

    ground: Ground
    rows: I64
    low: F64
    high: F64
    begin: I64
    end: I64

    @classmethod
    def of(cls, ground: Ground, crews: Crews) -> "Decks":
        """All decks of a scene; those that no task builds are there all the time.

        A deck holds what falls once the trades that make it are done: floor finishes that are
        laid on it later do not count.
        """
        lives = crews.stage.lifetimes
        size = ground.boxes[:, 1] - ground.boxes[:, 0]
        flat = (size[:, 2] < _FLAT) & (size[:, 0] * size[:, 1] >= _LARGE)
        wanted = ground.roles.any_of("slab", "stair")
        wanted = wanted | (flat & named(ground.scene, "deck"))
        rows = np.flatnonzero(wanted & ground.known & ground.planned & ground.scene.clash_body)
        return cls(
            ground=ground,
            rows=rows,
            low=ground.boxes[rows, 0],
            high=ground.boxes[rows, 1],
            begin=_made(crews, rows),
            end=_minutes(_first(lives.remove[rows], lives.gone[rows]), otherwise=FAR),
        )

    def between(self, low: F64, high: F64, *, feet: float, above: float) -> I64:
        """Decks over a rectangle of the plan, above the heads of some and under others' feet."""
        keep = (self.low[:, :2] < high[:2]).all(axis=1) & (self.high[:, :2] > low[:2]).all(axis=1)
        keep &= (self.high[:, 2] <= above + FLUSH) & (self.low[:, 2] >= feet + _HEADROOM)
        return np.flatnonzero(keep)

    def covered(self, sheet: Sheet, decks: I64) -> Mask:
        """Cells of a sheet that some of the decks cover."""
        if not len(decks):
            return np.zeros(sheet.shape, dtype=np.bool_)
        whole = self._share[decks] >= _FULL
        boxes = self.ground.boxes[self.rows[decks[whole]]]
        found = sheet.boxes(boxes)
        if not whole.all():
            triangles = [self._triangles(int(d)) for d in decks[~whole].tolist()]
            found |= filled(sheet, np.concatenate(triangles))
        return found

    def since(self, sheet: Sheet, decks: I64) -> I64:
        """Minutes (X, Y) from which each cell is covered for good; far ahead where never."""
        found = np.full(sheet.shape, FAR, dtype=np.int64)
        stays = decks[self.end[decks] >= FAR]
        for begin in np.unique(self.begin[stays])[::-1].tolist():
            found[self.covered(sheet, stays[self.begin[stays] == begin])] = begin
        return found

    @cached_property
    def _share(self) -> F64:
        """Part (D,) of its box that each deck fills, seen from above."""
        area = np.array([_shadow(self._triangles(d)) for d in range(len(self.rows))])
        size = (self.high - self.low)[:, :2].prod(axis=1)
        return np.where(size > 0, area.reshape(-1) / np.where(size > 0, size, 1.0), 0.0)

    def _triangles(self, deck: int) -> F64:
        """Triangles (T, 3, 2) of a deck in plan that look upwards."""
        vertices, faces = self.ground.scene.meshes.body(int(self.rows[deck]))
        corners = vertices[faces]
        normal = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
        length = np.linalg.norm(normal, axis=1)
        # open bodies have no outside: both sides count, which changes nothing but the time
        up = np.abs(normal[:, 2]) > 0.05 * length
        up &= (normal[:, 2] > 0) | ~self.ground.scene.meshes.closed[self.rows[deck]]
        plan: F64 = corners[up][:, :, :2] @ self.ground.axes.T
        return plan


def filled(sheet: Sheet, triangles: F64) -> Mask:
    """Cells of a sheet whose middle is in one of the triangles (T, 3, 2)."""
    found = np.zeros(sheet.shape, dtype=np.bool_)
    low = np.ceil((triangles.min(axis=1) - sheet.origin) / sheet.cell - 0.5 - 1e-6)
    high = np.floor((triangles.max(axis=1) - sheet.origin) / sheet.cell - 0.5 + 1e-6) + 1
    i = np.clip(low, 0, sheet.shape).astype(np.int64)
    j = np.clip(high, 0, sheet.shape).astype(np.int64)
    for k in np.flatnonzero((i < j).all(axis=1)).tolist():
        a, b, c = triangles[k]
        turn = (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])
        x = sheet.origin[0] + (np.arange(i[k, 0], j[k, 0]) + 0.5) * sheet.cell
        y = sheet.origin[1] + (np.arange(i[k, 1], j[k, 1]) + 0.5) * sheet.cell
        inside = np.ones((len(x), len(y)), dtype=np.bool_)
        for p, q in ((a, b), (b, c), (c, a)):
            side = (q[0] - p[0]) * (y[None] - p[1]) - (q[1] - p[1]) * (x[:, None] - p[0])
            inside &= side * np.sign(turn) >= -1e-9
        found[i[k, 0] : j[k, 0], i[k, 1] : j[k, 1]] |= inside
    return found


def _shadow(triangles: F64) -> float:
    """Square metres of triangles (T, 3, 2); of a body seen from above, counted once."""
    a, b, c = triangles[:, 0], triangles[:, 1], triangles[:, 2]
    cross = (b[:, 0] - a[:, 0]) * (c[:, 1] - a[:, 1]) - (b[:, 1] - a[:, 1]) * (c[:, 0] - a[:, 0])
    return float(np.abs(cross).sum()) / 2


def _made(crews: Crews, rows: I64) -> I64:
    """Minutes (D,) by which decks are made; long ago where no task says so."""
    links, lives = crews.stage.links, crews.stage.lifetimes
    made = _minutes(lives.complete[rows], otherwise=-FAR)
    makes = np.array([t in _MAKERS for t in crews.trade], dtype=np.bool_)
    makes &= np.array([a == Action.INSTALL for a in links.action], dtype=np.bool_)
    some = makes[links.task] & np.isin(links.element, rows)
    finish = np.full(len(lives.complete), -FAR, dtype=np.int64)
    np.maximum.at(finish, links.element[some], crews.finish[links.task[some]])
    found: I64 = np.where(finish[rows] > -FAR, finish[rows], made)
    return found


def _first(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    return np.where(np.isnat(a), b, np.where(np.isnat(b), a, np.minimum(a, b)))


def _minutes(moments: np.ndarray, *, otherwise: int) -> I64:
    known = ~np.isnat(moments)
    found = np.full(len(moments), otherwise, dtype=np.int64)
    found[known] = moments[known].astype("datetime64[m]").astype(np.int64)
    return found
