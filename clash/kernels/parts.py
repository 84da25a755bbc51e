"""Whether a part of one solid lies in another, told by single rays."""

from bimcore.arrays import F64
from clash.kernels.bodies import Bodies
from clash.kernels.compiled import inner
from clash.kernels.inscribed import UNKNOWN, winds
from clash.kernels.scratch import line


@inner
def _middle(v: F64, out: F64) -> None:
    """The mean of vertices: inside a convex body."""
    for i in range(len(v)):
        for c in range(3):
            out[c] += v[i, c] / len(v)


@inner
def _leads_into(b: Bodies, inside: int, other: int, apart: F64) -> int:
    """Whether a part of body `inside` begins in solid `other`, `apart` (3,) from it.

    Asked of points inside the part, so that bodies in contact do not count. 1 where one
    does, else ``UNKNOWN`` where a ray cannot say, else 0.
    """
    p = line(3)
    middle = line(3)
    convex = b.convex[inside]
    if convex:
        _middle(b.vertices[b.vertex_start[inside] : b.vertex_start[inside + 1]], middle)
    said = 0
    for i in range(b.vertex_start[inside], b.vertex_start[inside + 1]):
        if b.leads[i]:
            within = True
            for c in range(3):
                if convex:
                    p[c] = b.vertices[i, c] + 0.01 * (middle[c] - b.vertices[i, c]) + apart[c]
                else:
                    p[c] = b.shrunk[i, c] + apart[c]
                within = within and b.boxes[other, 0, c] < p[c] < b.boxes[other, 1, c]
            if within:
                wound = winds(b, other, p)
                if wound == UNKNOWN:
                    said = UNKNOWN
                elif wound >= 1:
                    return 1
    return said


@inner
def nested(b: Bodies, one: int, two: int, frame: F64, d: F64, shift: float) -> int:
    """Whether a part of one solid begins in the other, the second moved along `d` (3,).

    1 where one does, else ``UNKNOWN`` where a ray cannot say, else 0. Where the surfaces do
    not meet, 0 means that the solids share nothing.
    """
    apart = line(3)
    for c in range(3):
        apart[c] = frame[2, 0, c] - frame[2, 1, c] - shift * d[c]
    first = _leads_into(b, one, two, apart)
    if first == 1:
        return 1
    for c in range(3):
        apart[c] = -apart[c]
    second = _leads_into(b, two, one, apart)
    return second if second == 1 else max(first, second)
