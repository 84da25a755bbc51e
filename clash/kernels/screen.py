"""First look at a pair: boxes and hulls, which settle all pairs of convex bodies.

Two convex bodies are apart when a plane parallel to a face of either, or to an edge of
both, separates them (Gottschalk 1996); the least overlap over these directions is the
shortest translation that separates them.
"""

import numpy as np

from bimcore.arrays import F64, I32, U8, Mask
from clash.kernels.bodies import Bodies
from clash.kernels.compiled import entry, inner
from clash.kernels.stand import APART, DIRECTION, FAR, HULL, OPEN_QUESTION, OVERLAP, SLACK


@inner
def _span(v: F64, x: float, y: float, z: float) -> tuple[float, float]:
    """Least and greatest height of vertices along a direction."""
    lo = np.inf
    hi = -np.inf
    for k in range(len(v)):
        h = v[k, 0] * x + v[k, 1] * y + v[k, 2] * z
        lo = min(lo, h)
        hi = max(hi, h)
    return lo, hi


@inner
def _least(
    best: float,
    alo: float,
    ahi: float,
    blo: float,
    bhi: float,
    x: float,
    y: float,
    z: float,
    way: F64,
) -> float:
    """Lower `best` to the overlap of two spans, with the way out for b."""
    up = ahi - blo
    down = bhi - alo
    if up < best:
        best = up
        way[0] = x
        way[1] = y
        way[2] = z
    if down < best:
        best = down
        way[0] = -x
        way[1] = -y
        way[2] = -z
    return best


@inner
def _boxes(ba: F64, bb: F64, shift: F64, way: F64) -> tuple[float, float]:
    """Least overlap of two boxes with its direction, and their squared gap."""
    best = np.inf
    gap = 0.0
    for k in range(3):
        up = ba[1, k] - (bb[0, k] + shift[k])
        down = (bb[1, k] + shift[k]) - ba[0, k]
        if up < best:
            best = up
            way[0] = 0.0
            way[1] = 0.0
            way[2] = 0.0
            way[k] = 1.0
        if down < best:
            best = down
            way[0] = 0.0
            way[1] = 0.0
            way[2] = 0.0
            way[k] = -1.0
        g = max(-up, -down, 0.0)
        gap += g * g
    return best, gap


@inner
def _faces(
    b: Bodies, owner: int, other: int, sign: int, shift: F64, best: float, way: F64
) -> float:
    """Least overlap along the face normals of `owner`; stops when apart.

    `sign` is 1 when owner is the first body of the pair, -1 when it is the second.
    """
    start = b.slot_start[owner]
    v = b.vertices[b.vertex_start[other] : b.vertex_start[other + 1]]
    for k in range(start, start + b.normal_count[owner]):
        x = b.normals[k, 0]
        y = b.normals[k, 1]
        z = b.normals[k, 2]
        s = shift[0] * x + shift[1] * y + shift[2] * z
        lo, hi = _span(v, x, y, z)
        if sign > 0:
            best = _least(best, b.spans[k, 0], b.spans[k, 1], lo + s, hi + s, x, y, z, way)
        else:
            best = _least(best, lo, hi, b.spans[k, 0] + s, b.spans[k, 1] + s, x, y, z, way)
        if best <= SLACK:
            break
    return best


@inner
def _edges(b: Bodies, one: int, two: int, shift: F64, best: float, way: F64) -> float:
    """Least overlap along the cross products of edge directions; stops when apart."""
    va = b.vertices[b.vertex_start[one] : b.vertex_start[one + 1]]
    vb = b.vertices[b.vertex_start[two] : b.vertex_start[two + 1]]
    for i in range(b.slot_start[one], b.slot_start[one] + b.edge_count[one]):
        for j in range(b.slot_start[two], b.slot_start[two] + b.edge_count[two]):
            x = b.edges[i, 1] * b.edges[j, 2] - b.edges[i, 2] * b.edges[j, 1]
            y = b.edges[i, 2] * b.edges[j, 0] - b.edges[i, 0] * b.edges[j, 2]
            z = b.edges[i, 0] * b.edges[j, 1] - b.edges[i, 1] * b.edges[j, 0]
            size = np.sqrt(x * x + y * y + z * z)
            if size < 1e-7:
                continue
            x /= size
            y /= size
            z /= size
            if max(abs(x), abs(y), abs(z)) >= 1 - 1e-15:
                continue
            s = shift[0] * x + shift[1] * y + shift[2] * z
            alo, ahi = _span(va, x, y, z)
            blo, bhi = _span(vb, x, y, z)
            best = _least(best, alo, ahi, blo + s, bhi + s, x, y, z, way)
            if best <= SLACK:
                return best
    return best


@entry
def screen(
    pairs: I32, shifts: F64, reach: F64, b: Bodies, numbers: F64, stands: U8, exact: Mask
) -> None:
    """Look at `pairs` (P, 2), the second body `shifts` (P, 3) from the first: fill hull overlap and direction, the stand, and exactness."""
    for p in range(len(pairs)):
        one = pairs[p, 0]
        two = pairs[p, 1]
        shift = shifts[p]
        row = numbers[p]
        way = row[DIRECTION : DIRECTION + 3]
        exact[p] = True
        best, gap = _boxes(b.boxes[one], b.boxes[two], shift, way)
        if not gap <= reach[p] * reach[p]:
            stands[p] = FAR
            continue
        if best > SLACK:
            best = _faces(b, one, two, 1, shift, best, way)
        if best > SLACK:
            best = _faces(b, two, one, -1, shift, best, way)
        convex = b.convex[one] and b.convex[two]
        if best > SLACK and convex:
            best = _edges(b, one, two, shift, best, way)
        row[HULL] = best
        if best < -reach[p]:
            stands[p] = FAR
        elif best <= SLACK:
            stands[p] = APART
        elif convex:
            stands[p] = OVERLAP
        else:
            stands[p] = OPEN_QUESTION
            exact[p] = False
