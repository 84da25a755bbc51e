# mypy: disable-error-code="no-any-return"
# (to mypy an item of an array is Any)
"""Whether two bodies share space where their hulls leave the question open."""

import numpy as np

from bimcore.arrays import F64, I32, I64, U8
from clash.kernels.bodies import Bodies
from clash.kernels.columns import OUTSIDE, shares_space
from clash.kernels.compiled import entry, inner
from clash.kernels.distance import pierces
from clash.kernels.frames import frame_of, to_first
from clash.kernels.inscribed import UNKNOWN
from clash.kernels.near import GROUP, WALK, Pack, next_groups, pack_near, start_walk
from clash.kernels.parts import nested
from clash.kernels.scratch import cube, line, numbers
from clash.kernels.stand import A_IN_B, APART, B_IN_A, OVERLAP, POINT, SLACK
from clash.kernels.triangles import winding

#: An edge passes through a face where its ends are farther from it than the noise of corners.
FINE = 2e-9


@inner
def _boxes_apart(a: F64, b: F64) -> bool:
    return a[0] > b[3] or b[0] > a[3] or a[1] > b[4] or b[1] > a[4] or a[2] > b[5] or b[2] > a[5]


@inner
def _straddles(t: F64, plane: F64, slack: float) -> bool:
    """Whether corners of `t` lie beyond `slack` on both sides of a plane."""
    lo = np.inf
    hi = -np.inf
    for k in range(3):
        h = plane[0] * t[k, 0] + plane[1] * t[k, 1] + plane[2] * t[k, 2] - plane[3]
        lo = min(lo, h)
        hi = max(hi, h)
    return lo < -slack and hi > slack


@inner
def _through(s: F64, t: F64, slack: float, margin: float, out: F64) -> bool:
    """Whether an edge of triangle `s` passes through triangle `t`."""
    found = False
    for e in range(3):
        found = found or pierces(s[e], s[(e + 1) % 3], t, slack, margin, out)
    return found


@inner
def crossing(a: Pack, na: int, b: Pack, nb: int, slack: float, margin: float, out: F64) -> bool:
    """Whether an edge of one surface passes through a triangle of the other.

    Both ends lie beyond `slack` of the triangle, and the point inside it by `margin`.
    """
    walk = numbers(WALK, 4)
    top = start_walk(a, b, walk)
    while True:
        top = next_groups(a, b, 0.0, walk, top)
        if top < 0:
            return False
        g = walk[top, 1]
        h = walk[top, 3]
        for i in range(g * GROUP, min(g * GROUP + GROUP, na)):
            if _boxes_apart(a.boxes[i], b.nodes[h]):
                continue
            for j in range(h * GROUP, min(h * GROUP + GROUP, nb)):
                if _boxes_apart(a.boxes[i], b.boxes[j]):
                    continue
                if _straddles(a.corners[i], b.planes[j], slack) and _through(
                    a.corners[i], b.corners[j], slack, margin, out
                ):
                    return True
                if _straddles(b.corners[j], a.planes[i], slack) and _through(
                    b.corners[j], a.corners[i], slack, margin, out
                ):
                    return True


@inner
def _in_box(inside: F64, outside: F64) -> bool:
    for k in range(3):
        if inside[0, k] < outside[0, k] - SLACK or inside[1, k] > outside[1, k] + SLACK:
            return False
    return True


@inner
def _most_central(b: Bodies, other: int, frame: F64, turn: int, point: F64) -> None:
    """The corner of a face of `other` that is nearest to the middle of the outer one's box."""
    nearest = np.inf
    for i in range(b.face_start[other], b.face_start[other + 1]):
        for c in range(3):
            at = b.vertex_start[other] + b.faces[i, c]
            d = 0.0
            for k in range(3):
                place = b.vertices[at, k] + frame[2, 1 - turn, k]
                d += (place - (frame[turn, 0, k] + frame[turn, 1, k]) / 2) ** 2
            if d < nearest:
                nearest = d
                for k in range(3):
                    point[k] = b.vertices[at, k] + frame[2, 1 - turn, k]


@inner
def _wound(b: Bodies, one: int, two: int, frame: F64, turn: int, row: F64) -> bool:
    """Whether a body winds round a corner of the other, the one nearest to its own middle.

    The corner becomes the point. `turn` tells which of the pair is the outer one.
    """
    outer, other = (one, two) if turn == 0 else (two, one)
    if not _in_box(frame[1 - turn], frame[turn]):
        return False
    point = line(3)
    _most_central(b, other, frame, turn, point)
    for k in range(3):
        row[POINT + k] = point[k]
    v = b.vertices[b.vertex_start[outer] : b.vertex_start[outer + 1]]
    f = b.faces[b.face_start[outer] : b.face_start[outer + 1]]
    return winding(point, v, f, frame[2, turn]) > 0.9


@inner
def _solids_meet(
    b: Bodies, one: int, two: int, frame: F64, packs: tuple[Pack, Pack],
    shade: tuple[F64, F64], point: F64,
) -> bool:  # fmt: skip
    """Whether two solids, one of them shrunk by the slack, share space.

    Then their surfaces cross, or a part of one begins in the other. Shrunk, faces in contact
    are apart by far more than the noise of their corners; `point` receives a crossing.
    """
    # the shrunk one must not be convex: only others keep their shrunk vertices
    va = b.shrunk if b.convex[two] else b.vertices
    vb = b.vertices if b.convex[two] else b.shrunk
    na = pack_near(b, one, va, frame[1], frame[2, 0], OUTSIDE, packs[0])
    nb = pack_near(b, two, vb, frame[0], frame[2, 1], OUTSIDE, packs[1])
    if crossing(packs[0], na, packs[1], nb, FINE, -FINE, point):
        return True
    said = nested(b, one, two, frame, line(3), 0.0)
    if said == UNKNOWN:
        return shares_space(b, one, two, frame, packs[0], shade, line(5))[1] >= 0
    return said == 1


@inner
def _surfaces_meet(
    b: Bodies, one: int, two: int, frame: F64, packs: tuple[Pack, Pack], point: F64
) -> bool:
    """Whether open surfaces pass through each other."""
    na = pack_near(b, one, b.vertices, frame[1], frame[2, 0], SLACK, packs[0])
    nb = pack_near(b, two, b.vertices, frame[0], frame[2, 1], SLACK, packs[1])
    return crossing(packs[0], na, packs[1], nb, SLACK, -SLACK, point)


@entry
def overlaps(
    rows: I64, pairs: I32, shifts: F64, b: Bodies, measured: F64, stands: U8,
    packs: tuple[Pack, Pack], shade: tuple[F64, F64],
) -> None:  # fmt: skip
    """Settle the `rows` of `pairs` whose hulls overlap: APART or one of the overlaps.

    Solids share space when one, shrunk by `SLACK`, still shares some with the other.
    Open surfaces do when they pass through each other, or when a body lies inside
    what another winds round.
    """
    point = line(3)
    frame = cube(4, 2, 3)
    for p in rows:
        one = pairs[p, 0]
        two = pairs[p, 1]
        frame_of(b, one, two, shifts[p], frame)
        stands[p] = APART
        if b.solid[one] and b.solid[two]:
            if _solids_meet(b, one, two, frame, packs, shade, point):
                stands[p] = OVERLAP
        elif _surfaces_meet(b, one, two, frame, packs, point):
            stands[p] = OVERLAP
            for k in range(3):
                measured[p, POINT + k] = point[k]
        elif _wound(b, one, two, frame, 0, measured[p]):
            stands[p] = B_IN_A
        elif _wound(b, one, two, frame, 1, measured[p]):
            stands[p] = A_IN_B
        if stands[p] != APART:
            to_first(measured[p], POINT, frame)
