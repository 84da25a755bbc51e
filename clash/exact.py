"""The slow, obvious reference of what the kernels answer: the oracle.

Nothing here is shared with ``clash.kernels``: all pairs of triangles, no trees, no culling,
no early exits. Bodies are (vertices, faces); a closed one is decided as a solid, an open one
by its surface.
"""

from dataclasses import dataclass
from itertools import product

import numpy as np

from bimcore.arrays import F64, I32, I64, Mask
from bimcore.mesh import is_closed
from clash.result import Measured, Relation

Body = tuple[F64, I32]

#: Overlaps no deeper than this are rounding, not geometry (metres).
SLACK = 1e-6


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Stance:
    """How two bodies stand to each other.

    Attributes
    ----------
    relation : Relation
        The hard relation at the tolerance, else clearance, else none.
    depth, distance, volume : float
        As in :class:`clash.result.ClashSet`; distance is exact however far apart.
    measured : Measured
        About the depth.
    direction : (3,) float64
        Moving b by ``depth * direction`` separates the pair.
    point_a, point_b : (3,) float64
        Where the distance is taken.

    """

    relation: Relation
    depth: float
    distance: float
    volume: float
    measured: Measured
    direction: F64
    point_a: F64
    point_b: F64


def relate(body_a: Body, body_b: Body, *, tolerance: float, clearance: float) -> Stance:
    """Decide how two bodies stand, comparing everything with everything.

    Parameters
    ----------
    body_a, body_b : tuple of (V, 3) float64 and (F, 3) int32
        Metres, anywhere.
    tolerance, clearance : float
        Metres, of a hard and of a clearance rule.

    """
    centre = (body_a[0].mean(axis=0) + body_b[0].mean(axis=0)) / 2
    one, two = (body_a[0] - centre, body_a[1]), (body_b[0] - centre, body_b[1])
    solid = is_closed(*one) and is_closed(*two)
    depth, direction, measured = hull_depth(one, two)
    overlap = depth > SLACK and (
        _solids_overlap(one, two, measured) if solid else _surfaces_overlap(one, two)
    )
    if overlap and measured is Measured.BOUNDED:
        depth, direction = _slides(one, two, (depth, direction), solid=solid)
    distance, point_a, point_b = (0.0, centre, centre) if overlap else nearest(one, two)
    volume = (shared(one, two) if overlap else 0.0) if solid else np.nan
    stance = Stance(
        relation=Relation.NONE,
        depth=depth if overlap else 0.0,
        distance=distance,
        volume=volume,
        measured=measured,
        direction=direction,
        point_a=point_a + (0.0 if overlap else centre),
        point_b=point_b + (0.0 if overlap else centre),
    )
    relation = _relation(one, two, stance, overlap=overlap, tolerance=tolerance)
    if relation is Relation.NONE and not overlap and distance < clearance - SLACK:
        relation = Relation.CLEARANCE
    return Stance(
        **{name: getattr(stance, name) for name in Stance.__slots__[1:]}, relation=relation
    )


def _relation(one: Body, two: Body, stance: Stance, *, overlap: bool, tolerance: float) -> Relation:
    if _equal(one, two, stance.volume, tolerance + SLACK):
        return Relation.DUPLICATE
    if not overlap:
        return Relation.TOUCH if stance.distance <= tolerance + SLACK else Relation.NONE
    if stance.depth <= tolerance + SLACK:
        return Relation.TOUCH
    if holds(one, two) or holds(two, one):
        return Relation.CONTAINMENT
    return Relation.CROSSING


# --- hulls ---------------------------------------------------------------------------


def triangles(body: Body) -> F64:
    """Corners (F, 3, 3) of the faces of a body."""
    return body[0][body[1]]


def normals(body: Body) -> F64:
    """Unit normals (n, 3) of the faces that are not slivers."""
    t = triangles(body)
    cross = np.cross(t[:, 1] - t[:, 0], t[:, 2] - t[:, 0])
    size = np.linalg.norm(cross, axis=1)
    longest = max((np.linalg.norm(t - np.roll(t, 1, axis=1), axis=2) ** 2).max(initial=0.0), 0.0)
    keep = size > 1e-7 * longest * 1e-3
    found: F64 = cross[keep] / size[keep, None]
    return found


def edges(body: Body) -> F64:
    """Unit directions (n, 3) of all edges of all triangles."""
    t = triangles(body)
    sides = (np.roll(t, -1, axis=1) - t).reshape(-1, 3)
    size = np.linalg.norm(sides, axis=1)
    found: F64 = sides[size > 1e-9] / size[size > 1e-9, None]
    return found


def distinct(directions: F64) -> F64:
    """Directions (n, 3) without repeats, up to sign and rounding."""
    first = np.abs(directions).argmax(axis=1)
    sign = np.sign(directions[np.arange(len(directions)), first])
    _, rows = np.unique(np.round(directions * sign[:, None], 9), axis=0, return_index=True)
    found: F64 = directions[np.sort(rows)]
    return found


def is_convex(body: Body) -> bool:
    """Whether no vertex stands before any face."""
    t = triangles(body)
    cross = np.cross(t[:, 1] - t[:, 0], t[:, 2] - t[:, 0])
    size = np.linalg.norm(cross, axis=1)
    real = size > 1e-12
    n = cross[real] / size[real, None]
    offset = (n * t[real, 0]).sum(axis=1)
    return bool((body[0] @ n.T - offset <= SLACK).all())


def hull_depth(one: Body, two: Body) -> tuple[float, F64, Measured]:
    """Least overlap of the hulls with the way for b, and whether that is the depth."""
    both_convex = all(is_closed(*b) and is_convex(b) for b in (one, two))
    ways = [normals(one), normals(two), np.eye(3)]
    if both_convex:
        crossed = np.cross(distinct(edges(one))[:, None], distinct(edges(two))[None]).reshape(-1, 3)
        size = np.linalg.norm(crossed, axis=1)
        ways.append(crossed[size > 1e-7] / size[size > 1e-7, None])
    d = distinct(np.concatenate(ways))
    a, b = one[0] @ d.T, two[0] @ d.T
    overlap = np.concatenate([a.max(axis=0) - b.min(axis=0), b.max(axis=0) - a.min(axis=0)])
    least = int(overlap.argmin())
    way = np.concatenate([d, -d])[least]
    return float(overlap[least]), way, Measured.EXACT if both_convex else Measured.BOUNDED


# --- columns -------------------------------------------------------------------------


def clip(polygons: F64, count: I64, side: F64) -> tuple[F64, I64]:
    """Keep of each convex polygon the part where the linear `side` (m, k) is not negative.

    Parameters
    ----------
    polygons : (m, k, c) float64
        Corners; every column is interpolated on the cut.
    count : (m,) int64
        Corners in use.
    side : (m, k) float64

    """
    m, k, c = polygons.shape
    slot = np.arange(k)
    live = slot < count[:, None]
    after = np.where(slot + 1 < count[:, None], slot + 1, 0)
    side_after = np.take_along_axis(side, after, axis=1)
    next_ = np.take_along_axis(polygons, after[:, :, None], axis=1)
    keep = live & (side >= 0)
    cut = live & ((side >= 0) != (side_after >= 0))
    share = np.where(cut, side / np.where(cut, side - side_after, 1.0), 0.0)
    corner = polygons + share[:, :, None] * (next_ - polygons)
    both = np.stack([polygons, corner], axis=2).reshape(m, 2 * k, c)
    valid = np.stack([keep, cut], axis=2).reshape(m, 2 * k)
    order = np.argsort(~valid, axis=1, kind="stable")
    new_count = valid.sum(axis=1)
    width = max(int(new_count.max(initial=0)), 1)
    return np.take_along_axis(both, order[:, :width, None], axis=1), new_count


def shadow_overlaps(a: F64, b: F64) -> tuple[F64, I64, F64]:
    """Overlap in plan of all pairs of triangles, with both heights at its corners.

    Returns
    -------
    polygons : (m, k, 4) float64
        x, y, height on a, height on b.
    count : (m,) int64
    sign : (m,) float64
        Product of the triangles' orientations seen from above.

    """
    up_a, up_b = _plan_area(a), _plan_area(b)
    a, up_a = a[np.abs(up_a) > 1e-15], up_a[np.abs(up_a) > 1e-15]
    b, up_b = b[np.abs(up_b) > 1e-15], up_b[np.abs(up_b) > 1e-15]
    lo_a, hi_a = a[:, None, :, :2].min(axis=2), a[:, None, :, :2].max(axis=2)
    lo_b, hi_b = b[None, :, :, :2].min(axis=2), b[None, :, :, :2].max(axis=2)
    i, j = np.nonzero(((lo_a < hi_b) & (lo_b < hi_a)).all(axis=2))
    polygons = a[i][:, :, :2]
    count = np.full(len(i), 3)
    for e in range(3):
        p, q = b[j, e, :2], b[j, (e + 1) % 3, :2]
        d = (q - p) * np.sign(up_b[j])[:, None]
        offset = polygons - p[:, None]
        side = d[:, None, 0] * offset[:, :, 1] - d[:, None, 1] * offset[:, :, 0]
        polygons, count = clip(polygons, count, side)
    some = count >= 3
    polygons, count, i, j = polygons[some], count[some], i[some], j[some]
    heights = [_height(t, polygons) for t in (a[i], b[j])]
    sign = np.sign(up_a[i]) * np.sign(up_b[j])
    return np.concatenate([polygons, *(h[:, :, None] for h in heights)], axis=2), count, sign


def _plan_area(t: F64) -> F64:
    u, v = t[:, 1] - t[:, 0], t[:, 2] - t[:, 0]
    area: F64 = u[:, 0] * v[:, 1] - u[:, 1] * v[:, 0]
    return area


def _height(t: F64, polygons: F64) -> F64:
    """Height (m, k) of the planes of triangles (m, 3, 3) at corners (m, k, 2)."""
    n = np.cross(t[:, 1] - t[:, 0], t[:, 2] - t[:, 0])
    offset = polygons - t[:, None, 0, :2]
    z = t[:, None, 0, 2] - (offset * n[:, None, :2]).sum(axis=2) / n[:, None, 2]
    lo, hi = t[:, :, 2].min(axis=1), t[:, :, 2].max(axis=1)
    clamped: F64 = np.clip(z, lo[:, None], hi[:, None])
    return clamped


def _integral(polygons: F64, count: I64, column: int) -> F64:
    """Integral (m,) of one column over each polygon."""
    total = np.zeros(len(polygons))
    for k in range(2, polygons.shape[1]):
        p, q, r = polygons[:, 0], polygons[:, k - 1], polygons[:, k]
        u, v = q - p, r - p
        area = (u[:, 0] * v[:, 1] - u[:, 1] * v[:, 0]) / 2
        height = (p[:, column] + q[:, column] + r[:, column]) / 3
        total += np.where(k < count, np.abs(area) * height, 0.0)
    return total


def shared_columns(a: F64, b: F64) -> tuple[float, float]:
    """Volume two closed sets of triangles share, and the sum of the absolute terms."""
    polygons, count, sign = shadow_overlaps(a, b)
    pieces, signs = _fans(polygons, count, sign)
    lower = pieces[:, :, 2] - pieces[:, :, 3]
    three = np.full(len(pieces), 3)
    terms_a = _integral(*clip(pieces, three, -lower), 2)
    # where both are equally high the two parts would be the same
    level = (lower == 0).all(axis=1)
    terms_b = np.where(level, 0.0, _integral(*clip(pieces, three, lower), 3))
    total = float((signs * (terms_a + terms_b)).sum())
    return total, float((np.abs(terms_a) + np.abs(terms_b)).sum())


def _fans(polygons: F64, count: I64, sign: F64) -> tuple[F64, F64]:
    """Convex polygons cut into triangles, on which heights are truly linear."""
    pieces = [np.zeros((0, 3, 4))]
    signs = [np.zeros(0)]
    for k in range(2, polygons.shape[1]):
        some = k < count
        pieces.append(polygons[some][:, [0, k - 1, k]])
        signs.append(sign[some])
    return np.concatenate(pieces), np.concatenate(signs)


def shared(one: Body, two: Body) -> float:
    """Volume in cubic metres that two closed bodies share."""
    return max(shared_columns(triangles(one), triangles(two))[0], 0.0)


def shrunk(body: Body, depth: float = SLACK) -> Body:
    """The body with each face moved inwards by at least `depth`."""
    t = triangles(body)
    n = np.cross(t[:, 1] - t[:, 0], t[:, 2] - t[:, 0])
    size = np.linalg.norm(n, axis=1)
    real = size > 1e-12
    n = np.where(real[:, None], n / np.where(real, size, 1.0)[:, None], 0.0)
    way = np.zeros_like(body[0])
    for e in range(3):
        u, v = t[:, (e + 1) % 3] - t[:, e], t[:, (e + 2) % 3] - t[:, e]
        angle = np.arctan2(np.linalg.norm(np.cross(u, v), axis=1), (u * v).sum(axis=1))
        np.add.at(way, body[1][:, e], angle[:, None] * n)
    way /= np.maximum(np.linalg.norm(way, axis=1), 1e-300)[:, None]
    least = np.ones(len(way))
    for e in range(3):
        cosine = np.where(real, (way[body[1][:, e]] * n).sum(axis=1), 1.0)
        np.minimum.at(least, body[1][:, e], np.maximum(cosine, 0.05))
    return body[0] - depth / least[:, None] * way, body[1]


def _nothing(volume: float, terms: float) -> bool:
    return volume <= 1e-14 * terms + 1e-15


def _solids_overlap(one: Body, two: Body, measured: Measured) -> bool:
    """Whether two solids, whose hulls overlap, share more than rounding."""
    if measured is Measured.EXACT:
        return True
    return not _nothing(*shared_columns(triangles(one), triangles(shrunk(two))))


def holds(outer: Body, inner: Body) -> bool:
    """Whether `inner` lies inside `outer`, faces in contact allowed."""
    small = triangles(shrunk(inner))
    if not is_closed(*outer) or not is_closed(*inner):
        low, high = outer[0].min(axis=0), outer[0].max(axis=0)
        if (inner[0] < low - SLACK).any() or (inner[0] > high + SLACK).any():
            return False  # it comes out where the outer one is open
        middle = (low + high) / 2
        corners = inner[0][inner[1].ravel()]
        central = corners[np.linalg.norm(corners - middle, axis=1).argmin()]
        return winding(central, triangles(outer)) > 0.9 and not pierce(outer, inner, margin=-SLACK)
    if is_convex(outer):
        n, t = normals(outer), triangles(outer)
        reach = (t.reshape(-1, 3) @ n.T).max(axis=0)
        return bool((inner[0] @ n.T <= reach + SLACK).all())
    volume, terms = shared_columns(triangles(outer), small)
    own = float(np.einsum("ij,ij->", small[:, 0], np.cross(small[:, 1], small[:, 2])) / 6)
    return own - volume <= 1e-9 * own + 1e-14 * terms


# --- surfaces ------------------------------------------------------------------------


def winding(point: F64, t: F64) -> float:
    """How often triangles wind round a point (van Oosterom and Strackee 1983)."""
    a, b, c = (t[:, k] - point for k in range(3))
    la, lb, lc = (np.linalg.norm(x, axis=1) for x in (a, b, c))
    det = (a * np.cross(b, c)).sum(axis=1)
    den = la * lb * lc + (a * b).sum(1) * lc + (b * c).sum(1) * la + (c * a).sum(1) * lb
    return float(np.arctan2(det, den).sum() / (2 * np.pi))


def pierce(one: Body, two: Body, *, margin: float) -> bool:
    """Whether an edge of either passes through a face of the other, `margin` inside it."""
    return _edges_pierce(one, two, margin) or _edges_pierce(two, one, margin)


def _edges_pierce(one: Body, two: Body, margin: float) -> bool:
    t = triangles(two)
    n = np.cross(t[:, 1] - t[:, 0], t[:, 2] - t[:, 0])
    size = np.linalg.norm(n, axis=1)
    t, n = t[size > 1e-14], n[size > 1e-14] / size[size > 1e-14, None]
    s = triangles(one)
    p, q = s.reshape(-1, 1, 3), np.roll(s, -1, axis=1).reshape(-1, 1, 3)
    dp, dq = ((p - t[:, 0]) * n).sum(axis=2), ((q - t[:, 0]) * n).sum(axis=2)
    through = ((dp > SLACK) & (dq < -SLACK)) | ((dp < -SLACK) & (dq > SLACK))
    share = np.where(through, dp / np.where(through, dp - dq, 1.0), 0.0)
    at = p + share[:, :, None] * (q - p)
    for e in range(3):
        side = np.cross(n, t[:, (e + 1) % 3] - t[:, e])
        side /= np.linalg.norm(side, axis=1, keepdims=True)
        through &= ((at - t[:, e]) * side).sum(axis=2) > margin
    return bool(through.any())


def _surfaces_overlap(one: Body, two: Body) -> bool:
    return pierce(one, two, margin=-SLACK) or holds(one, two) or holds(two, one)


def nearest(one: Body, two: Body) -> tuple[float, F64, F64]:
    """Least distance of two surfaces with the points where it is taken."""
    if pierce(one, two, margin=0.0):
        return 0.0, one[0][0], one[0][0]
    s, t = triangles(one), triangles(two)
    s, t = np.repeat(s, len(t), axis=0), np.tile(t, (len(s), 1, 1))
    best = (np.inf, np.zeros(3), np.zeros(3))
    for k in range(3):
        best = _closer(best, s[:, k], point_to_triangle(s[:, k], t))
        d, q, p = _closer((np.inf, best[1], best[2]), t[:, k], point_to_triangle(t[:, k], s))
        best = min(best, (d, p, q), key=lambda found: found[0])
    for i, j in product(range(3), range(3)):
        best = _closer(best, *_between(s[:, i], s[:, (i + 1) % 3], t[:, j], t[:, (j + 1) % 3]))
    return best


def _closer(best: tuple[float, F64, F64], p: F64, q: F64) -> tuple[float, F64, F64]:
    d = np.linalg.norm(p - q, axis=1)
    k = int(d.argmin())
    return (float(d[k]), p[k], q[k]) if d[k] < best[0] else best


def point_to_triangle(p: F64, t: F64) -> F64:
    """Nearest points (n, 3) to `p` (n, 3) on triangles (n, 3, 3)."""
    u, v, w = t[:, 1] - t[:, 0], t[:, 2] - t[:, 0], p - t[:, 0]
    uu, uv, vv = (u * u).sum(1), (u * v).sum(1), (v * v).sum(1)
    uw, vw = (u * w).sum(1), (v * w).sum(1)
    det = uu * vv - uv * uv
    good = det > 1e-14 * uu * vv
    x = np.where(good, vv * uw - uv * vw, -1.0) / np.where(good, det, 1.0)
    y = np.where(good, uu * vw - uv * uw, -1.0) / np.where(good, det, 1.0)
    inside = (x >= 0) & (y >= 0) & (x + y <= 1)
    best = t[:, 0] + x[:, None] * u + y[:, None] * v
    nearest_ = np.where(inside, np.linalg.norm(p - best, axis=1), np.inf)
    for e in range(3):
        q = _on_segment(p, t[:, e], t[:, (e + 1) % 3])
        d = np.linalg.norm(p - q, axis=1)
        best = np.where((d < nearest_)[:, None], q, best)
        nearest_ = np.minimum(nearest_, d)
    return best


def _on_segment(p: F64, a: F64, b: F64) -> F64:
    d = b - a
    length = (d * d).sum(axis=1)
    share = np.clip(((p - a) * d).sum(axis=1) / np.where(length > 0, length, 1.0), 0.0, 1.0)
    found: F64 = a + share[:, None] * d
    return found


def _between(p: F64, q: F64, r: F64, s: F64) -> tuple[F64, F64]:
    """Nearest points of segments pq and rs where inside both; their ends are tried elsewhere."""
    u, v, w = q - p, s - r, p - r
    a, b, c = (u * u).sum(1), (u * v).sum(1), (v * v).sum(1)
    d, e = (u * w).sum(1), (v * w).sum(1)
    det = a * c - b * b
    good = det > 1e-14 * a * c
    x = np.clip(np.where(good, b * e - c * d, 0.0) / np.where(good, det, 1.0), 0.0, 1.0)
    at = p + x[:, None] * u
    other = _on_segment(at, r, s)
    return _on_segment(other, p, q), other


# --- equality and depth --------------------------------------------------------------


def _equal(one: Body, two: Body, volume: float, limit: float) -> bool:
    """Whether the surfaces deviate by no more than `limit`, vertices against the other."""
    boxes = [np.array([b[0].min(axis=0), b[0].max(axis=0)]) for b in (one, two)]
    if np.abs(boxes[0] - boxes[1]).max() > limit:
        return False
    if not np.isnan(volume) and volume <= max(_volume(one), _volume(two)) / 2:
        return False
    return _deviation(one, two) <= limit and _deviation(two, one) <= limit


def _volume(body: Body) -> float:
    t = triangles(body)
    return float(np.einsum("ij,ij->", t[:, 0], np.cross(t[:, 1], t[:, 2])) / 6)


def _deviation(one: Body, two: Body) -> float:
    t = triangles(two)
    worst = 0.0
    for p in one[0]:
        q = point_to_triangle(np.broadcast_to(p, (len(t), 3)), t)
        worst = max(worst, float(np.linalg.norm(q - p, axis=1).min()))
    return worst


def _slides(one: Body, two: Body, bound: tuple[float, F64], *, solid: bool) -> tuple[float, F64]:
    """Shortest slide of b along a face normal or an axis after which the two share nothing.

    Solids only; for open surfaces the overlap of the hulls is the bound.
    """
    if not solid:
        return bound
    a, b = triangles(one), triangles(shrunk(two))
    ways = distinct(np.concatenate([normals(one), normals(two), np.eye(3)]))
    best, way = bound
    for d in np.concatenate([ways, -ways]):
        axes = _frame(d)
        t = _slide(a @ axes.T, b @ axes.T, best - SLACK) + SLACK
        if t < best:
            best, way = t, d
    return best, way


def _frame(d: F64) -> F64:
    """Rows (3, 3): two directions across `d`, then `d`."""
    u = np.cross(d, np.eye(3)[np.abs(d).argmin()])
    u /= np.linalg.norm(u)
    return np.stack([u, np.cross(d, u), d])


def _slide(a: F64, b: F64, limit: float) -> float:
    """Least shift of `b` upwards that leaves no shared volume; at most `limit`."""
    polygons, count, _ = shadow_overlaps(a, b)
    live: Mask = np.arange(polygons.shape[1]) < count[:, None]
    rise = polygons[:, :, 2] - polygons[:, :, 3]
    lo = np.where(live, rise, np.inf).min(axis=1, initial=np.inf)
    hi = np.where(live, rise, -np.inf).max(axis=1, initial=-np.inf)
    # what meets can only part where a span of meetings ends and no other span goes on
    order = np.argsort(lo)
    lo, reach = lo[order], np.maximum.accumulate(hi[order])
    parted = np.append(lo[1:] > reach[:-1] + 1e-9, np.ones(min(len(lo), 1), dtype=bool))
    ends = reach[parted]
    for at in ends[(ends > 0) & (ends < limit)]:
        if _nothing(*shared_columns(a, b + np.array([0.0, 0.0, at + 1e-9]))):
            return float(at)
    return limit
