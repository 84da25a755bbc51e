# mypy: disable-error-code="no-any-return"
# (to mypy an item of an array is Any)
"""Triangles of a body that come near a box, found by the boxes of short runs of them."""

from typing import NamedTuple

import numpy as np

from bimcore.arrays import F32, F64, I64
from clash.kernels.bodies import RUN, Bodies
from clash.kernels.compiled import allocating, inner
from clash.kernels.scratch import line, line32
from clash.kernels.triangles import gather, normal_of

#: Boxes under one node of the tree over a pack.
GROUP = 8
#: Levels of a tree over more triangles than any memory holds.
LEVELS = 10
#: Nodes of two trees that wait while one way down is followed.
WALK = 2 * LEVELS * GROUP


class Pack(NamedTuple):
    """Room for triangles in the frame of a pair; the first n rows are in use.

    Attributes
    ----------
    faces : (N,) int64
        Faces of the body.
    corners : (N, 3, 3) float64
    boxes : (N, 6) float64
        Lower, then upper corner.
    planes : (N, 4) float64
        Unit normal n and h with n.x = h on the triangle; zeros for a sliver.
    nodes : (M, 6) float64
        Boxes of ``GROUP`` consecutive triangles each, then of as many of these boxes each,
        and so on.
    levels : (``LEVELS``,) int64
        First node of each level, then the end.

    """

    faces: I64
    corners: F64
    boxes: F64
    planes: F64
    nodes: F64
    levels: I64


def room(count: int) -> Pack:
    """A pack for at most `count` triangles; pages that are not used cost nothing."""
    return Pack(
        faces=np.zeros(count, dtype=np.int64),
        corners=np.zeros((count, 3, 3)),
        boxes=np.zeros((count, 6)),
        planes=np.zeros((count, 4)),
        nodes=np.zeros((count // (GROUP - 1) + LEVELS, 6)),
        levels=np.zeros(LEVELS, dtype=np.int64),
    )


@inner
def meets(box: F32, lo: F32, hi: F32) -> bool:
    """Whether a box (6,) reaches into the span from `lo` to `hi` (3,), both included."""
    return not (
        box[0] > hi[0]
        or box[3] < lo[0]
        or box[1] > hi[1]
        or box[4] < lo[1]
        or box[2] > hi[2]
        or box[5] < lo[2]
    )


@inner
def find(b: Bodies, e: int, box: F64, shift: F64, margin: float, out: I64) -> int:
    """Faces of body `e` whose boxes come within `margin` of `box` (2, 3).

    `shift` (3,) turns local coordinates of the body into those of the box. The faces are
    left in `out`; the boxes of the index are rounded outwards, so none is missed.
    """
    lo = line32(3)
    hi = line32(3)
    for k in range(3):
        lo[k] = box[0, k] - shift[k] - margin
        hi[k] = box[1, k] - shift[k] + margin
    first = b.face_start[e]
    last = b.face_start[e + 1]
    run = b.run_start[e]
    m = 0
    for start in range(first, last, RUN):
        if meets(b.runs[run], lo, hi):
            for f in range(start, min(start + RUN, last)):
                if meets(b.hulls[f], lo, hi):
                    out[m] = f
                    m += 1
        run += 1
    return m


@allocating
def gathered(b: Bodies, e: int, v: F64, shift: F64) -> F64:
    """All triangles (n, 3, 3) of a body, moved by `shift`, from the vertices `v`."""
    return gather(
        v[b.vertex_start[e] : b.vertex_start[e + 1]],
        b.faces[b.face_start[e] : b.face_start[e + 1]],
        shift,
    )


@inner
def load_corners(b: Bodies, e: int, v: F64, shift: F64, count: int, pack: Pack) -> None:
    """Fill corners and boxes of the first `count` rows of a pack, whose faces are known.

    `v` are the vertices of all bodies to take.
    """
    base = b.vertex_start[e]
    for i in range(count):
        f = pack.faces[i]
        t = pack.corners[i]
        for k in range(3):
            at = base + b.faces[f, k]
            for c in range(3):
                t[k, c] = v[at, c] + shift[c]
        for c in range(3):
            pack.boxes[i, c] = min(t[0, c], t[1, c], t[2, c])
            pack.boxes[i, 3 + c] = max(t[0, c], t[1, c], t[2, c])


@inner
def load_planes(count: int, pack: Pack) -> None:
    """Fill the planes of the first `count` rows of a pack, whose corners are known."""
    n = line(3)
    for i in range(count):
        t = pack.corners[i]
        normal_of(t[0], t[1], t[2], n)
        h = 0.0
        for c in range(3):
            pack.planes[i, c] = n[c]
            h += n[c] * t[0, c]
        pack.planes[i, 3] = h


@inner
def pack_near(b: Bodies, e: int, v: F64, box: F64, shift: F64, margin: float, pack: Pack) -> int:
    """Find and load in one go; returns how many."""
    count = find(b, e, box, shift, margin, pack.faces)
    load_corners(b, e, v, shift, count, pack)
    load_planes(count, pack)
    plant(count, pack)
    return count


@inner
def plant(count: int, pack: Pack) -> None:
    """Grow the tree of boxes over the first `count` triangles of a pack."""
    boxes = pack.boxes
    first = 0
    below = count
    start = 0
    level = 0
    while True:
        size = (below + GROUP - 1) // GROUP
        pack.levels[level] = start
        for g in range(size):
            node = pack.nodes[start + g]
            for c in range(3):
                node[c] = np.inf
                node[3 + c] = -np.inf
            for i in range(first + g * GROUP, first + min(g * GROUP + GROUP, below)):
                for c in range(3):
                    node[c] = min(node[c], boxes[i, c])
                    node[3 + c] = max(node[3 + c], boxes[i, 3 + c])
        level += 1
        boxes = pack.nodes
        first = start
        start += size
        below = size
        if size <= 1:
            break
    for k in range(level, LEVELS):
        pack.levels[k] = start


@inner
def box_gap(a: F64, b: F64) -> float:
    """Squared distance of two boxes (6,)."""
    total = 0.0
    for k in range(3):
        d = max(a[k] - b[3 + k], b[k] - a[3 + k], 0.0)
        total += d * d
    return total


@inner
def top_of(pack: Pack) -> int:
    """The level of the root."""
    k = 0
    while k + 1 < LEVELS and pack.levels[k + 1] - pack.levels[k] > 1:
        k += 1
    return k


@inner
def start_walk(a: Pack, b: Pack, walk: I64) -> int:
    """Begin at the roots of two packs; `walk` (``WALK``, 4) is room for the way back."""
    if a.levels[1] == 0 or b.levels[1] == 0:
        return 0
    walk[0, 0] = top_of(a)
    walk[0, 1] = 0
    walk[0, 2] = top_of(b)
    walk[0, 3] = 0
    return 1


@inner
def next_groups(a: Pack, b: Pack, gap: float, walk: I64, top: int) -> int:
    """Go on to the next two groups whose boxes' squared distance is at most `gap`.

    Returns
    -------
    int
        Where in `walk` they are: columns 1 and 3 are the groups, and the next search goes
        on from there. -1 at the end.

    """
    while top > 0:
        top -= 1
        la, ia, lb, ib = walk[top, 0], walk[top, 1], walk[top, 2], walk[top, 3]
        if box_gap(a.nodes[a.levels[la] + ia], b.nodes[b.levels[lb] + ib]) > gap:
            continue
        if la == 0 and lb == 0:
            return top
        if la >= lb:
            size = a.levels[la] - a.levels[la - 1]
            for c in range(min(ia * GROUP + GROUP, size) - 1, ia * GROUP - 1, -1):
                walk[top, 0] = la - 1
                walk[top, 1] = c
                walk[top, 2] = lb
                walk[top, 3] = ib
                top += 1
        else:
            size = b.levels[lb] - b.levels[lb - 1]
            for c in range(min(ib * GROUP + GROUP, size) - 1, ib * GROUP - 1, -1):
                walk[top, 0] = la
                walk[top, 1] = ia
                walk[top, 2] = lb - 1
                walk[top, 3] = c
                top += 1
    return -1
