# mypy: disable-error-code="no-any-return"
# (to mypy an item of an array is Any)
"""What several pairs of inscribed boxes prove of a depth together.

Each pair of boxes must be freed along one of its six ways, so that the shortest translation
that frees all pairs bounds the depth from below. Where solids moved by it still share
space, boxes inscribed there rule it out and the next shortest is longer.
"""

import numpy as np

from bimcore.arrays import F64
from clash.kernels.bodies import Bodies
from clash.kernels.columns import shares_space
from clash.kernels.compiled import inner
from clash.kernels.frames import moved
from clash.kernels.inscribed import in_both, prove
from clash.kernels.near import Pack
from clash.kernels.scratch import cube, grid, line
from clash.kernels.stand import HULL, LEAST, SLACK
from clash.kernels.stretches import stretch

#: Pairs of boxes that are inscribed at most.
PAIRS = 8
#: Choices that wait while one is followed: five for each pair, and the first.
WAITING = 5 * PAIRS + 6
#: Looks at the same translation from other places, before it is left undecided.
TURNS = 3
#: Columns looked at in one turn.
COLUMNS = 64
#: Steps of an even lattice in the plane (Roberts' generalised golden ratio), off round numbers.
STEP = (0.7548776662466927, 0.5698402909980532)
#: Where in a column's stretch a box is grown, off its middle.
AT = 0.4829


@inner
def _held(need: F64, at: F64, slack: float) -> bool:
    """Whether two boxes share more than `slack` when the second is moved by `at` (3,)."""
    free = False
    for c in range(3):
        free = free or at[c] >= need[3 + c] - slack or -at[c] >= need[c] - slack
    return not free


@inner
def _first_held(needs: F64, count: int, at: F64, slack: float) -> int:
    for k in range(count):
        if _held(needs[k], at, slack):
            return k
    return -1


@inner
def shortest(needs: F64, count: int, limit: float, out: F64) -> float:
    """Length of the shortest translation that frees `count` pairs of boxes, at most `limit`.

    Boxes that share no more than the slack count as free: solids that leave one face along
    another must not be held by what rounding lets them share there.

    Parameters
    ----------
    needs : (K, 6) float64
        As of :func:`clash.kernels.inscribed.needed`, all along the same axes.
    count : int
    limit : float
    out : (3,) float64
        Receives the translation along the axes, where it is shorter than `limit`.

    """
    waiting = grid(WAITING, 6)
    at = line(3)
    span = line(6)
    for c in range(3):
        waiting[0, c] = -np.inf
        waiting[0, 3 + c] = np.inf
    top = 1
    best = limit * limit
    while top > 0:
        top -= 1
        size = 0.0
        for c in range(3):
            span[c] = waiting[top, c]
            span[3 + c] = waiting[top, 3 + c]
            at[c] = min(max(0.0, span[c]), span[3 + c])
            size += at[c] * at[c]
        if size >= best:
            continue
        k = _first_held(needs, count, at, SLACK)
        if k < 0:
            best = size
            for c in range(3):
                out[c] = at[c]
            continue
        for way in range(6):
            c = way % 3
            lo = max(span[c], needs[k, way]) if way >= 3 else span[c]
            hi = min(span[3 + c], -needs[k, way]) if way < 3 else span[3 + c]
            if lo <= hi:
                for i in range(6):
                    waiting[top, i] = span[i]
                waiting[top, c] = lo
                waiting[top, 3 + c] = hi
                top += 1
    return np.sqrt(best)


@inner
def least_along(way: F64, sign: float, axes: F64, needs: F64, slack: float) -> float:
    """How far the second body moves up (`sign` 1) or down (-1) a unit `way` to free all boxes.

    Boxes that share no more than `slack` count as free.
    """
    at = line(3)
    part = line(3)
    for c in range(3):
        part[c] = sign * (way[0] * axes[c, 0] + way[1] * axes[c, 1] + way[2] * axes[c, 2])
    far = 0.0
    while True:
        for c in range(3):
            at[c] = far * part[c]
        k = _first_held(needs, len(needs), at, slack)
        if k < 0:
            return far
        least = np.inf
        for c in range(3):
            if part[c] > 0:
                least = min(least, (needs[k, 3 + c] - slack) / part[c])
            elif part[c] < 0:
                least = min(least, (needs[k, c] - slack) / -part[c])
        if not least > far:
            return far
        far = least


@inner
def along(axes: F64, by: F64, out: F64) -> None:
    """A vector (3,) along the axes, from its parts `by` (3,)."""
    for k in range(3):
        out[k] = axes[0, k] * by[0] + axes[1, k] * by[1] + axes[2, k] * by[2]


@inner
def _longest(a: F64, b: F64, frame: F64, axis: int, turn: int, out: F64) -> bool:
    """A point of the longest stretch in both solids among columns spread over the pair."""
    z = line(64)
    sign = line(64)
    at = line(3)
    lo = line(2)
    size = line(2)
    for c in range(2):
        k = (axis + 1 + c) % 3
        lo[c] = max(frame[0, 0, k], frame[1, 0, k])
        size[c] = min(frame[0, 1, k], frame[1, 1, k]) - lo[c]
    longest = 2 * SLACK
    found = False
    for k in range(turn * COLUMNS, turn * COLUMNS + COLUMNS):
        x = lo[0] + (0.5 + k * STEP[0]) % 1.0 * size[0]
        y = lo[1] + (0.5 + k * STEP[1]) % 1.0 * size[1]
        found_here = stretch(a, b, x, y, z, sign, AT, at)
        if found_here > longest:
            longest = found_here
            found = True
            for c in range(3):
                out[(axis + 1 + c) % 3] = at[c]
    return found


@inner
def _point(
    b: Bodies, one: int, two: int, frame: F64, shade: tuple[F64, F64],
    shadows: tuple[int, int, int], found: F64, turn: int, out: F64,
) -> bool:  # fmt: skip
    """A point in both solids: the middle of what they share, else one of a long column."""
    axis, na, nb = shadows
    for k in range(3):
        out[(axis + 1 + k) % 3] = found[1 + k] / found[0]
    return (turn == 0 and in_both(b, one, two, frame, out)) or _longest(
        shade[0][:na], shade[1][:nb], frame, axis, turn, out
    )


@inner
def raise_least(
    b: Bodies, one: int, two: int, frame: F64, row: F64, pack: Pack, turned: F64,
    shade: tuple[F64, F64], axes: F64, needs: F64, count: int, deep: float,
) -> int:  # fmt: skip
    """Add pairs of boxes to the first `count` in `needs` (``PAIRS``, 6) while they raise the bound.

    Raises ``LEAST`` of the row, up to `deep`. Ends where the shortest translation that frees
    the boxes seems to free the solids. Returns how many pairs there are then.
    """
    parts = line(3)
    by = line(3)
    point = line(3)
    found = line(5)
    there = cube(4, 2, 3)
    turn = 0
    while True:
        least = shortest(needs, count, row[HULL], parts)
        row[LEAST] = max(row[LEAST], least)
        if least >= row[HULL] - 2 * SLACK or least > deep or count == len(needs):
            return count
        along(axes, parts, by)
        together = moved(frame, by, there)
        said = shares_space(b, one, two, there, pack, shade, found)
        if not together or said[1] < 0:
            return count
        need = needs[count]
        if (
            _point(b, one, two, there, shade, said, found, turn, point)
            and prove(b, one, two, there, row, point, 1, pack, turned, axes, need) > 0.0
        ):
            for c in range(3):
                need[c] -= parts[c]
                need[3 + c] += parts[c]
            count += 1
            turn = 0
        else:
            turn += 1
            if turn == TURNS:
                return count
