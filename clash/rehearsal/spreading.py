"""Compiled loops over cells: surfaces into cells, how far they reach, and what is joined."""

import numpy as np
from numpy.typing import NDArray

from bimcore.arrays import F64, I32, I64
from bimcore.compiled import compiled

Offsets = NDArray[np.int8]
Axes = tuple[I64, I64, I64]
#: What `escape` gives: level, whether it is known, and the first and last cell on each axis.
LEVEL, KNOWN, ROOM = 0, 1, 2


@compiled
def paint(since: I32, off: Offsets, corners: F64, rank: I32, frame: F64, step: float) -> None:
    """Put triangles into cells; of several in one cell the lowest rank stays.

    Parameters
    ----------
    since : (Z, X, Y) int32
        Changed in place.
    off : (Z, X, Y, 2) int8
        Changed in place: where in the cell the surface runs, in 1/200 of its width.
    corners : (T, 3, 3) float64
    rank : (T,) int32
    frame : (2, 3) float64
        Corner of the grid, and sides of a cell as x, y, z.
    step : float
        Metres between points on a triangle.

    """
    nz, nx, ny = since.shape
    low, size = frame[0], frame[1]
    high = low + size * np.array([nx, ny, nz])
    p, d = np.zeros(3), np.zeros(3)
    for t in range(len(corners)):
        best, turn = np.inf, 0
        for k in range(3):
            edge = np.sum((corners[t, (k + 1) % 3] - corners[t, k]) ** 2)
            if edge < best:
                best, turn = edge, k
        a = corners[t, turn]
        # the shortest edge first, so that slivers get few rows
        u, v = corners[t, (turn + 1) % 3] - a, corners[t, (turn + 2) % 3] - a
        rows = int(np.ceil(np.sqrt(np.sum(u * u)) / step)) + 1
        along = np.sqrt(np.sum(v * v))
        for i in range(rows + 1):
            s = i / rows
            first, last = 0.0, 1.0
            for k in range(3):
                p[k], d[k] = a[k] + s * u[k], (1.0 - s) * v[k]
                if abs(d[k]) > 1e-12:
                    one, two = (low[k] - p[k]) / d[k], (high[k] - p[k]) / d[k]
                    first, last = max(first, min(one, two)), min(last, max(one, two))
                elif p[k] < low[k] or p[k] >= high[k]:
                    last = -1.0
            if last < first:
                continue
            count = int(np.ceil((1.0 - s) * along / step)) + 1
            for j in range(int(first * count), int(np.ceil(last * count)) + 1):
                w = min(j / count, 1.0)
                px = (p[0] + w * d[0] - low[0]) / size[0]
                py = (p[1] + w * d[1] - low[1]) / size[1]
                pz = (p[2] + w * d[2] - low[2]) / size[2]
                x, y, z = int(np.floor(px)), int(np.floor(py)), int(np.floor(pz))
                if 0 <= x < nx and 0 <= y < ny and 0 <= z < nz and rank[t] < since[z, x, y]:
                    since[z, x, y] = rank[t]
                    off[z, x, y, 0] = np.int8(np.round(200 * (px - x - 0.5)))
                    off[z, x, y, 1] = np.int8(np.round(200 * (py - y - 0.5)))


@compiled
def reached(since: I32, off: Offsets, need: float, never: int) -> I32:
    """Lowest rank (Z, X, Y) of the surfaces within `need` cells in plan of each cell.

    `never` where there is none; a cell with a surface has at most its rank.
    """
    nz, nx, ny = since.shape
    found = np.full(since.shape, never, dtype=np.int32)
    for z in range(nz):
        if z and (since[z] == since[z - 1]).all():
            found[z] = found[z - 1]  # walls go straight up
            continue
        for x in range(nx):
            for y in range(ny):
                r = since[z, x, y]
                if r >= never:
                    continue
                found[z, x, y] = min(found[z, x, y], r)
                if (
                    0 < x < nx - 1
                    and 0 < y < ny - 1
                    and since[z, x - 1, y] <= r
                    and since[z, x + 1, y] <= r
                    and since[z, x, y - 1] <= r
                    and since[z, x, y + 1] <= r
                ):
                    continue  # what lies further off is nearer to one of these
                cx, cy = x + off[z, x, y, 0] / 200.0, y + off[z, x, y, 1] / 200.0
                for i in range(
                    max(0, int(np.ceil(cx - need))), min(nx - 1, int(np.floor(cx + need))) + 1
                ):
                    half = np.sqrt(max(need * need - (i - cx) * (i - cx), 0.0))
                    for j in range(
                        max(0, int(np.ceil(cy - half))), min(ny - 1, int(np.floor(cy + half))) + 1
                    ):
                        found[z, i, j] = min(found[z, i, j], r)
    return found


@compiled
def spread(until: I32, seeds: I64, levels: int) -> I32:
    """Until which level each cell is joined with one of the seeds.

    Parameters
    ----------
    until : (Z, X, Y) int32
        Level until which each cell is open, under `levels`; negative for never.
    seeds : (N,) int64
        Flat cells to begin with, the longest open first.
    levels : int
        Count of the levels.

    Returns
    -------
    (Z, X, Y) int32
        Largest over all ways of the smallest level on the way; -1 for no way.

    """
    nz, nx, ny = until.shape
    open_until = until.reshape(-1)
    found = np.full(open_until.size, -1, dtype=np.int32)
    following = np.zeros(open_until.size, dtype=np.int32)
    head = np.full(levels, -1, dtype=np.int32)
    at = 0
    for level in range(levels - 1, -1, -1):
        while True:
            if head[level] >= 0:
                c = head[level]
                head[level] = following[c]
            elif at < len(seeds) and open_until[seeds[at]] >= level:
                c = seeds[at]
                at += 1
                if found[c] >= 0:
                    continue
                found[c] = level
            else:
                break
            y = c % ny
            x = (c // ny) % nx
            z = c // (ny * nx)
            for side in range(6):
                if side == 0 and y > 0:
                    n = c - 1
                elif side == 1 and y < ny - 1:
                    n = c + 1
                elif side == 2 and x > 0:
                    n = c - ny
                elif side == 3 and x < nx - 1:
                    n = c + ny
                elif side == 4 and z > 0:
                    n = c - nx * ny
                elif side == 5 and z < nz - 1:
                    n = c + nx * ny
                else:
                    continue
                if found[n] >= 0 or open_until[n] < 0:
                    continue
                # levels fall, so that the first to come gives the most
                most = min(level, open_until[n])
                found[n] = most
                following[n] = head[most]
                head[most] = n
    return found.reshape(until.shape)


@compiled
def escape(until: I32, goals: I64, known: I32, index: Axes, inner: I64, now: int) -> I64:
    """Until which level one of some cells is joined with what is known to be joined.

    Parameters
    ----------
    until : (Z, X, Y) int32
        Level until which each cell is open; negative for never.
    goals : (N,) int64
        Flat cells to begin with.
    known : (A, B, C) int32
        Level until which the cells of a coarser grid are at least joined with the outside.
    index : three of int64
        Cell of the coarser grid for each z, x and y.
    inner : (3, 4) int64
        For z, x and y: first and last cell that is looked at, and whether there is more
        beyond either, of which nothing is known.
    now : int
        The cells open after this level are the room round the goals.

    Returns
    -------
    (8,) int64
        The level; 1 where it is known, 0 where the way leaves the cells looked at, so that it
        is at most that; first and last cell of the room on z, x and y. Level -1 for no way.

    """
    _, nx, ny = until.shape
    iz, ix, iy = index
    open_until = until.reshape(-1)
    levels = 0
    for g in goals:
        levels = max(levels, open_until[g] + 1)
    found = np.array([-1, 1, 1 << 30, -1, 1 << 30, -1, 1 << 30, -1], dtype=np.int64)
    seen = np.zeros(open_until.size, dtype=np.uint8)
    following = np.zeros(open_until.size, dtype=np.int32)
    head = np.full(levels, -1, dtype=np.int32)
    for g in goals:
        if open_until[g] >= 0 and not seen[g]:
            seen[g] = 1
            following[g] = head[open_until[g]]
            head[open_until[g]] = g
    here = np.zeros(3, dtype=np.int64)
    jump = np.array([nx * ny, ny, 1])
    leaves, best = False, -1
    for level in range(levels - 1, -1, -1):
        if best >= level:
            # a cell seen before is joined with the outside until now
            found[LEVEL], found[KNOWN] = level, 1
            return found
        while head[level] >= 0:
            c = head[level]
            head[level] = following[c]
            here[0], here[1], here[2] = c // (ny * nx), (c // ny) % nx, c % ny
            if level > now:
                for k in range(3):
                    found[2 + 2 * k] = min(found[2 + 2 * k], here[k])
                    found[3 + 2 * k] = max(found[3 + 2 * k], here[k])
            best = max(best, known[iz[here[0]], ix[here[1]], iy[here[2]]])
            if best >= level:
                found[LEVEL], found[KNOWN] = level, 1
                return found
            for k in range(3):
                for end in range(2):
                    if here[k] == inner[k, end]:
                        leaves |= inner[k, 2 + end] == 1
                        continue
                    n = c + (jump[k] if end else -jump[k])
                    if seen[n] or open_until[n] < 0:
                        continue
                    seen[n] = 1
                    most = min(level, open_until[n])
                    following[n] = head[most]
                    head[most] = n
        if leaves:
            # nothing that is known is reached at this level, but there is more beyond
            found[LEVEL], found[KNOWN] = level, 0
            return found
    return found


def warm() -> None:
    """Compile the loops, or load them from the cache directory."""
    since = np.full((3, 4, 5), 9, dtype=np.int32)
    off: Offsets = np.zeros((3, 4, 5, 2), dtype=np.int8)
    corner = np.array([[[0.0, 0.0, 0.0], [1.0, 0.0, 0.0], [0.0, 1.0, 0.0]]])
    paint(since, off, corner, np.zeros(1, dtype=np.int32), np.array([[0.0] * 3, [1.0] * 3]), 0.5)
    until = reached(since, off, 1.0, 9)
    seeds = np.array([59])
    known = spread(until, seeds, 10)
    index = (np.arange(3), np.arange(4), np.arange(5))
    inner = np.array([[0, 2, 0, 0], [0, 3, 0, 0], [0, 4, 0, 1]])
    escape(until, seeds, known, index, inner, 1)
