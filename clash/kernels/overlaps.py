# mypy: disable-error-code="no-any-return"
# (to mypy an item of an array is Any)
"""Whether two bodies share space where their hulls leave the question open."""

import numpy as np

from bimcore.arrays import F64, I32, I64, U8
from clash.kernels.bodies import Bodies
from clash.kernels.compiled import entry, inner
from clash.kernels.distance import pierces
from clash.kernels.frames import frame_of, to_scene
from clash.kernels.prisms import nothing, shadows, shared
from clash.kernels.stand import A_IN_B, APART, B_IN_A, OVERLAP, POINT, SLACK
from clash.kernels.triangles import gather, gather_near, winding


@inner
def _crossing(a: F64, b: F64, margin: float, out: F64) -> bool:
    """Whether an edge of one surface passes through a triangle of the other.

    Both ends lie beyond `SLACK` of the triangle, and the point inside it by `margin`.
    """
    for i in range(len(a)):
        for j in range(len(b)):
            clear = False
            for c in range(3):
                if max(a[i, 0, c], a[i, 1, c], a[i, 2, c]) < min(
                    b[j, 0, c], b[j, 1, c], b[j, 2, c]
                ) or max(b[j, 0, c], b[j, 1, c], b[j, 2, c]) < min(
                    a[i, 0, c], a[i, 1, c], a[i, 2, c]
                ):
                    clear = True
                    break
            if clear:
                continue
            for e in range(6):
                s = a[i] if e < 3 else b[j]
                t = b[j] if e < 3 else a[i]
                if pierces(s[e % 3], s[(e + 1) % 3], t, SLACK, margin, out):
                    return True
    return False


@inner
def _in_box(inside: F64, outside: F64) -> bool:
    for k in range(3):
        if inside[0, k] < outside[0, k] - SLACK or inside[1, k] > outside[1, k] + SLACK:
            return False
    return True


@inner
def _wound(v: F64, move: F64, outer: F64, faces: I32, shift: F64, row: F64) -> bool:
    """Whether triangles wind round the first vertex of a body; it becomes the point."""
    point = np.zeros(3)
    for k in range(3):
        point[k] = v[0, k] + move[k]
        row[POINT + k] = point[k]
    return winding(point, gather(outer, faces, shift)) > 0.9


@entry
def overlaps(rows: I64, pairs: I32, b: Bodies, numbers: F64, stands: U8) -> None:
    """Settle the `rows` of `pairs` whose hulls overlap: APART or one of the overlaps.

    Solids share space when one, shrunk by `SLACK`, still shares volume with the other.
    Open surfaces do when they pass through each other, or when a body lies inside
    what another winds round.
    """
    point = np.zeros(3)
    for p in rows:
        one = pairs[p, 0]
        two = pairs[p, 1]
        solids = b.solid[one] and b.solid[two]
        frame = frame_of(b, one, two)
        va = b.vertices[b.vertex_start[one] : b.vertex_start[one + 1]]
        vb = b.vertices[b.vertex_start[two] : b.vertex_start[two + 1]]
        fa = b.faces[b.face_start[one] : b.face_start[one + 1]]
        fb = b.faces[b.face_start[two] : b.face_start[two + 1]]
        near_a = gather_near(va, fa, frame[2, 0], frame[1], SLACK)
        near_b = gather_near(vb, fb, frame[2, 1], frame[0], SLACK)
        stands[p] = APART
        margin = SLACK if solids else -SLACK
        if _crossing(near_a, near_b, margin, point):
            stands[p] = OVERLAP
            for k in range(3):
                numbers[p, POINT + k] = point[k]
        elif solids:
            # the shrunk one must not be convex: only others keep their shrunk vertices
            if b.convex[two]:
                sa = shadows(
                    gather(
                        b.shrunk[b.vertex_start[one] : b.vertex_start[one + 1]], fa, frame[2, 0]
                    ),
                    frame[1],
                )
                sb = shadows(gather(vb, fb, frame[2, 1]), frame[0])
            else:
                sa = shadows(gather(va, fa, frame[2, 0]), frame[1])
                sb = shadows(
                    gather(
                        b.shrunk[b.vertex_start[two] : b.vertex_start[two + 1]], fb, frame[2, 1]
                    ),
                    frame[0],
                )
            if not nothing(shared(sa, sb, 0.0)):
                stands[p] = OVERLAP
        elif _in_box(frame[1], frame[0]) and _wound(
            vb, frame[2, 1], va, fa, frame[2, 0], numbers[p]
        ):
            stands[p] = B_IN_A
        elif _in_box(frame[0], frame[1]) and _wound(
            va, frame[2, 0], vb, fb, frame[2, 1], numbers[p]
        ):
            stands[p] = A_IN_B
        if stands[p] != APART:
            to_scene(numbers[p], POINT, frame)
