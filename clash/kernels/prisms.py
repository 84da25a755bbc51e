# mypy: disable-error-code="no-any-return"
# (to mypy an item of an array is Any)
"""Shared volume of two solids, and how far one must slide to leave the other.

Along the third axis a solid is the signed sum of the columns below its triangles: upward
triangles count once, downward ones count minus once. The volume two solids share is then
the signed sum, over all pairs of triangles, of the integral of the lower of both heights
over the overlap of their shadows. Nothing has to be decided about coincident faces: the
sum changes continuously with the vertices.
"""

import numpy as np

from bimcore.arrays import F64, I64
from clash.kernels.compiled import allocating, inner
from clash.kernels.meeting import TOGETHER, boxes, meeting
from clash.kernels.scratch import grid, line
from clash.kernels.sorting import argsort

#: x, y and both heights of a place.
Corner = tuple[float, float, float, float]

#: Shadows thinner than this come from the noise of corners far out on the map (metres).
NOISE = 2e-8
#: Shadows of less area are skipped: their columns hold less than the numerical noise.
THIN = 1e-15


@inner
def shadows(triangles: F64, box: F64, rows: F64) -> int:
    """Describe `triangles` (n, 3, 3) by rows of 18 numbers for the pair loops.

    Shadows beside that of `box` (2, 3) are left out. The `rows` (n, 18) receive
    x0 y0 x1 y1 x2 y2 (counter-clockwise), plane z = c + gx x + gy y (12..14),
    sign, box xlo xhi ylo yhi in 7..10, zlo zhi in 15, 16, area in 17.

    Returns
    -------
    int
        How many rows are filled: triangles that stand upright have no shadow.

    """
    m = 0
    for k in range(len(triangles)):
        t = triangles[k]
        ux = t[1, 0] - t[0, 0]
        uy = t[1, 1] - t[0, 1]
        uz = t[1, 2] - t[0, 2]
        vx = t[2, 0] - t[0, 0]
        vy = t[2, 1] - t[0, 1]
        vz = t[2, 2] - t[0, 2]
        area = ux * vy - uy * vx
        if (
            abs(area) < THIN
            or min(t[0, 0], t[1, 0], t[2, 0]) > box[1, 0]
            or max(t[0, 0], t[1, 0], t[2, 0]) < box[0, 0]
            or min(t[0, 1], t[1, 1], t[2, 1]) > box[1, 1]
            or max(t[0, 1], t[1, 1], t[2, 1]) < box[0, 1]
        ):
            continue
        gx = (uz * vy - vz * uy) / area
        gy = (ux * vz - vx * uz) / area
        r = rows[m]
        m += 1
        second, third = (1, 2) if area > 0 else (2, 1)
        r[0] = t[0, 0]
        r[1] = t[0, 1]
        r[2] = t[second, 0]
        r[3] = t[second, 1]
        r[4] = t[third, 0]
        r[5] = t[third, 1]
        r[6] = 1.0 if area > 0 else -1.0
        r[7] = min(t[0, 0], t[1, 0], t[2, 0])
        r[8] = max(t[0, 0], t[1, 0], t[2, 0])
        r[9] = min(t[0, 1], t[1, 1], t[2, 1])
        r[10] = max(t[0, 1], t[1, 1], t[2, 1])
        r[11] = t[0, 2]
        r[12] = gx
        r[13] = gy
        r[15] = min(t[0, 2], t[1, 2], t[2, 2])
        r[16] = max(t[0, 2], t[1, 2], t[2, 2])
        r[17] = abs(area) / 2
    return m


@allocating
def shadows_of(triangles: F64, box: F64) -> F64:
    """The rows (m, 18) of :func:`shadows`."""
    rows = np.zeros((len(triangles), 18))
    return rows[: shadows(triangles, box, rows)]


@inner
def height_at(r: F64, x: float, y: float) -> float:
    """Height of a shadow's triangle over a place."""
    z = r[11] + r[12] * (x - r[0]) + r[13] * (y - r[1])
    return min(max(z, r[15]), r[16])


@inner
def _clip(p: F64, n: int, q: F64, x0: float, y0: float, x1: float, y1: float) -> int:
    """Keep what of polygon `p` lies left of the line; written to `q`."""
    m = 0
    dx = x1 - x0
    dy = y1 - y0
    last = n - 1
    s_last = dx * (p[last, 1] - y0) - dy * (p[last, 0] - x0)
    for k in range(n):
        s = dx * (p[k, 1] - y0) - dy * (p[k, 0] - x0)
        if (s >= 0.0) != (s_last >= 0.0):
            f = s_last / (s_last - s)
            q[m, 0] = p[last, 0] + f * (p[k, 0] - p[last, 0])
            q[m, 1] = p[last, 1] + f * (p[k, 1] - p[last, 1])
            m += 1
        if s >= 0.0:
            q[m, 0] = p[k, 0]
            q[m, 1] = p[k, 1]
            m += 1
        last = k
        s_last = s
    return m


@inner
def overlap(a: F64, b: F64, p: F64, q: F64) -> int:
    """Corners of the overlap of two shadows, left in `p`; 0 when there is none."""
    for k in range(3):
        p[k, 0] = a[2 * k]
        p[k, 1] = a[2 * k + 1]
    n = _clip(p, 3, q, b[0], b[1], b[2], b[3])
    if n < 3:
        return 0
    n = _clip(q, n, p, b[2], b[3], b[4], b[5])
    if n < 3:
        return 0
    n = _clip(p, n, q, b[4], b[5], b[0], b[1])
    if n < 3:
        return 0
    for k in range(n):
        p[k, 0] = q[k, 0]
        p[k, 1] = q[k, 1]
    return n


@inner
def _moments(
    x0: float, y0: float, f0: float,
    x1: float, y1: float, f1: float,
    x2: float, y2: float, f2: float,
    out: F64, sign: float,
) -> None:  # fmt: skip
    """Add volume and first moments of the column below a linear height over a triangle."""
    area = ((x1 - x0) * (y2 - y0) - (x2 - x0) * (y1 - y0)) / 2
    f = f0 + f1 + f2
    out[0] += sign * area * f / 3
    out[1] += sign * area / 12 * ((x0 + x1 + x2) * f + x0 * f0 + x1 * f1 + x2 * f2)
    out[2] += sign * area / 12 * ((y0 + y1 + y2) * f + y0 * f0 + y1 * f1 + y2 * f2)
    out[3] += sign * area / 12 * (f0 * f0 + f1 * f1 + f2 * f2 + f0 * f1 + f1 * f2 + f2 * f0)
    out[4] += abs(area) * (abs(f0) + abs(f1) + abs(f2))


@inner
def _column(a: F64, b: F64, p: F64, n: int, out: F64) -> None:
    """Add the signed columns below the lower of two triangles over polygon `p`."""
    sign = a[6] * b[6]
    xs = p[0, 0]
    ys = p[0, 1]
    za = height_at(a, xs, ys)
    zb = height_at(b, xs, ys)
    x1 = p[1, 0]
    y1 = p[1, 1]
    za1 = height_at(a, x1, y1)
    zb1 = height_at(b, x1, y1)
    for k in range(2, n):
        x2 = p[k, 0]
        y2 = p[k, 1]
        za2 = height_at(a, x2, y2)
        zb2 = height_at(b, x2, y2)
        d0 = za - zb
        d1 = za1 - zb1
        d2 = za2 - zb2
        if d0 <= 0 and d1 <= 0 and d2 <= 0:
            _moments(xs, ys, za, x1, y1, za1, x2, y2, za2, out, sign)
        elif d0 >= 0 and d1 >= 0 and d2 >= 0:
            _moments(xs, ys, zb, x1, y1, zb1, x2, y2, zb2, out, sign)
        else:
            _split((xs, ys, za, zb), (x1, y1, za1, zb1), (x2, y2, za2, zb2), out, sign)
        x1 = x2
        y1 = y2
        za1 = za2
        zb1 = zb2


@inner
def _split(u: Corner, v: Corner, w: Corner, out: F64, sign: float) -> None:
    """Columns over a triangle where the two heights change order."""
    # turn so that the first corner is alone on its side
    du = u[2] - u[3]
    dv = v[2] - v[3]
    dw = w[2] - w[3]
    if (dv > 0) != (du > 0) and (dv > 0) != (dw > 0):
        u, v, w = v, w, u
        du, dv, dw = dv, dw, du
    elif (dw > 0) != (du > 0) and (dw > 0) != (dv > 0):
        u, v, w = w, u, v
        du, dv, dw = dw, du, dv
    f = du / (du - dv)
    g = du / (du - dw)
    px = u[0] + f * (v[0] - u[0])
    py = u[1] + f * (v[1] - u[1])
    pz = u[2] + f * (v[2] - u[2])
    qx = u[0] + g * (w[0] - u[0])
    qy = u[1] + g * (w[1] - u[1])
    qz = u[2] + g * (w[2] - u[2])
    zu = min(u[2], u[3])
    zv = min(v[2], v[3])
    zw = min(w[2], w[3])
    _moments(u[0], u[1], zu, px, py, pz, qx, qy, qz, out, sign)
    _moments(px, py, pz, v[0], v[1], zv, w[0], w[1], zw, out, sign)
    _moments(px, py, pz, w[0], w[1], zw, qx, qy, qz, out, sign)


@inner
def _shared(a: F64, b: F64, shift: float, pairs: I64, out: F64) -> None:
    p = grid(10, 2)
    q = grid(10, 2)
    moved = line(18)
    for k in range(len(pairs)):
        i = pairs[k, 0]
        j = pairs[k, 1]
        n = overlap(a[i], b[j], p, q)
        if n >= 3:
            for c in range(18):
                moved[c] = b[j, c]
            moved[11] += shift
            moved[15] += shift
            moved[16] += shift
            _column(a[i], moved, p, n, out)


@allocating
def shared(a: F64, b: F64, shift: float, out: F64) -> None:
    """Volume and first moments shared by two solids given by their shadows.

    Parameters
    ----------
    a, b : (n, 18) float64
        From :func:`shadows`.
    shift : float
        Added to the heights of `b`.
    out : (5,) float64
        Receives volume, its first moments in x, y, z, and the sum of absolute terms, of
        which the volume carries an error of a few parts in 1e16.

    """
    for k in range(5):
        out[k] = 0.0
    _shared(a, b, shift, meeting(a, b), out)


@inner
def nothing(out: F64) -> bool:
    """Whether a sum of :func:`shared` is no more than its rounding."""
    return out[0] <= 1e-14 * out[4] + 1e-15


@inner
def _upright(r: F64) -> bool:
    """Whether a triangle stands upright but for the noise of its corners."""
    return 2 * r[17] < NOISE * (r[8] - r[7] + r[10] - r[9])


@inner
def _slim(p: F64, n: int) -> bool:
    """Whether a polygon is thinner than the noise of its corners: nanometres on the map."""
    area = 0.0
    length = 0.0
    for c in range(n):
        e = (c + 1) % n
        area += p[c, 0] * p[e, 1] - p[e, 0] * p[c, 1]
        length += abs(p[c, 0] - p[e, 0]) + abs(p[c, 1] - p[e, 1])
    return area < NOISE * length


@inner
def bounds_of(rows: F64, out: F64) -> None:
    """Boxes ``xlo xhi ylo yhi zlo zhi`` (m, 6) of every ``TOGETHER`` shadows that stand free."""
    for g in range(len(out)):
        for c in range(3):
            out[g, 2 * c] = np.inf
            out[g, 2 * c + 1] = -np.inf
        for i in range(g * TOGETHER, min(g * TOGETHER + TOGETHER, len(rows))):
            r = rows[i]
            if not _upright(r):
                for c in range(2):
                    out[g, 2 * c] = min(out[g, 2 * c], r[7 + 2 * c])
                    out[g, 2 * c + 1] = max(out[g, 2 * c + 1], r[8 + 2 * c])
                out[g, 4] = min(out[g, 4], r[15])
                out[g, 5] = max(out[g, 5], r[16])


@inner
def _beside(a: F64, x0: float, x1: float, y0: float, y1: float) -> bool:
    """Whether a box begins beside what spans x0 to x1 and y0 to y1."""
    return x0 >= a[1] or x1 <= a[0] or y0 >= a[3] or y1 <= a[2]


@inner
def _span_of(a: F64, b: F64, p: F64, q: F64, span: F64) -> bool:
    """Fill `span` (2,) with the shifts of `b` at which two triangles meet, if any."""
    n = overlap(a, b, p, q)
    if n < 3 or _slim(p, n):
        return False
    span[0] = np.inf
    span[1] = -np.inf
    for c in range(n):
        d = height_at(a, p[c, 0], p[c, 1]) - height_at(b, p[c, 0], p[c, 1])
        span[0] = min(span[0], d)
        span[1] = max(span[1], d)
    return True


@inner
def _passed(
    one: F64, two: F64, from_: float, at: float, limit: float, likely: int
) -> bool:  # fmt: skip
    """Whether nothing in two boxes of :func:`bounds_of` can matter to :func:`_meets`."""
    return (
        one[5] - two[4] <= at
        or one[4] - two[5] >= limit
        or (likely and (one[4] - two[5] > from_ or one[5] - two[4] < limit))
        or _beside(one, two[0], two[1], two[2], two[3])
    )


@inner
def _meets(
    a: F64, b: F64, bounds_a: F64, bounds_b: F64, tops_a: F64, tops_b: F64, limit: float,
    at: float, spans: F64, end: F64,
) -> int:  # fmt: skip
    """Fill `spans` (n, 2) with the shifts of `b` at which single triangles meet.

    Spans that begin before the first free shift known are joined to it: it is left in
    `end` (1,). Returns how many spans there are, those beyond the room counted too, or -1
    where no shift below the limit is free.
    """
    p = grid(10, 2)
    q = grid(10, 2)
    span = line(2)
    count = 0
    from_ = at
    # a pair that may meet all the way is likely to: then no other need be looked at
    for likely in (True, False):
        for s in range(len(tops_a)):
            for u in range(len(tops_b)):
                if _passed(tops_a[s], tops_b[u], from_, at, limit, likely):
                    continue
                for g in range(s * TOGETHER, min(s * TOGETHER + TOGETHER, len(bounds_a))):
                    one = bounds_a[g]
                    if _passed(one, tops_b[u], from_, at, limit, likely):
                        continue
                    for h in range(u * TOGETHER, min(u * TOGETHER + TOGETHER, len(bounds_b))):
                        if _passed(one, bounds_b[h], from_, at, limit, likely):
                            continue
                        at, count = _group(
                            a, b, g, h, one, likely, from_, at, limit, spans, count, p, q, span
                        )
                        if at >= limit:
                            return -1
    end[0] = at
    return count


@inner
def _group(
    a: F64, b: F64, g: int, h: int, one: F64, likely: int, from_: float, at: float,
    limit: float, spans: F64, count: int, p: F64, q: F64, span: F64,
) -> tuple[float, int]:  # fmt: skip
    """The part of :func:`_meets` for two groups of triangles; `one` is the box of the first."""
    for j in range(h * TOGETHER, min(h * TOGETHER + TOGETHER, len(b))):
        t = b[j]
        if (
            one[5] - t[15] <= at
            or one[4] - t[16] >= limit
            or (likely and (one[4] - t[16] > from_ or one[5] - t[15] < limit))
            or _beside(one, t[7], t[8], t[9], t[10])
            or _upright(t)
        ):
            continue
        for i in range(g * TOGETHER, min(g * TOGETHER + TOGETHER, len(a))):
            r = a[i]
            lo = r[15] - t[16]
            hi = r[16] - t[15]
            if (
                hi <= at
                or lo >= limit
                or (lo <= from_ and hi >= limit) != likely
                or t[7] >= r[8]
                or t[8] <= r[7]
                or t[9] >= r[10]
                or t[10] <= r[9]
                or _upright(r)
                or not _span_of(r, t, p, q, span)
                or span[1] <= at
                or span[0] >= limit
            ):
                continue
            if span[0] <= at + 1e-9:
                at = span[1]
                if at >= limit:
                    return at, count
                continue
            if count < len(spans):
                spans[count, 0] = span[0]
                spans[count, 1] = span[1]
            count += 1
    return at, count


@allocating
def _tops_of(bounds: F64) -> F64:
    """Boxes (m, 6) round every ``TOGETHER`` boxes."""
    out = np.zeros((-(-len(bounds) // TOGETHER), 6))
    boxes(bounds, 0, out)
    return out


@inner
def _gap(spans: F64, order: I64, at: float, limit: float, known: float, gap: F64) -> bool:
    """The first stretch after `at` that no span covers; at shift `known` the bodies overlap."""
    inside = at == known
    k = 0
    while True:
        while k < len(order) and spans[order[k], 0] <= at + 1e-9:
            at = max(at, spans[order[k], 1])
            inside = False
            k += 1
        if at >= limit:
            return False
        until = spans[order[k], 0] if k < len(order) else limit
        if not inside:
            gap[0] = at
            gap[1] = until
            return True
        if k == len(order):
            return False
        # one lies within the other without their surfaces meeting: they go on to overlap
        at = until
        inside = False


@allocating
def slide(
    a: F64, b: F64, bounds_a: F64, bounds_b: F64, limit: float, from_: float, gap: F64
) -> bool:  # fmt: skip
    """First stretch of shifts of `b` upwards in which no two triangles meet.

    Parameters
    ----------
    a, b : (n, 18) float64
        Shadows, large ones first.
    bounds_a, bounds_b : (m, 6) float64
        From :func:`bounds_of`.
    limit : float
        Shifts beyond are not wanted.
    from_ : float
        A shift at which the bodies are known to share space.
    gap : (2,) float64
        Receives the stretch; its upper end may be `limit`.

    Returns
    -------
    bool
        Whether there is one below `limit`.

    """
    spans = np.zeros((64, 2))
    end = np.zeros(1)
    tops_a = _tops_of(bounds_a)
    tops_b = _tops_of(bounds_b)
    count = _meets(a, b, bounds_a, bounds_b, tops_a, tops_b, limit, from_, spans, end)
    if count > len(spans):
        spans = np.zeros((count, 2))
        count = _meets(a, b, bounds_a, bounds_b, tops_a, tops_b, limit, from_, spans, end)
    if count < 0:
        return False
    found = spans[:count]
    return _gap(found, argsort(found, 0), end[0], limit, from_, gap)
